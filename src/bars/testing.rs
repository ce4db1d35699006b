//! For the tests of this engine: real bars, and a real HTTP server that serves them in every shape, with faults by script.

use crate::bars::provider::{Format, Http, HttpSettings, Provider, Shape, Template};
use crate::model::bars::{Bar, BarTime, Interval, Symbol, Volume};
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use jiff::civil::date;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io::Read as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(super) fn symbol(text: &str) -> Symbol {
    Symbol::parse(text).unwrap()
}

pub(super) fn day(text: &str) -> BarTime {
    BarTime::of_date(text.parse().unwrap()).unwrap()
}

/// The committed real bars by symbol, oldest first.
pub(super) fn real_bars() -> BTreeMap<Symbol, Vec<Bar>> {
    let packed = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/bars/stocks.csv.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    let mut parser = super::csv::Parser::new(super::csv::Reading {
        interval: Interval::D1,
        zone: jiff::tz::TimeZone::UTC,
        dates: super::dates::Dates::Guess,
    });
    let mut all: BTreeMap<Symbol, Vec<Bar>> = BTreeMap::new();
    for row in text.lines().filter_map(|line| parser.line(line).unwrap()) {
        all.entry(row.symbol.unwrap()).or_default().push(row.bar);
    }
    all
}

/// Changes a byte of the block of this number in a bars database, as a disk may that nobody told.
pub(super) fn damage(file: &std::path::Path, block: u32) {
    let conn = rusqlite::Connection::open(file).unwrap();
    let sql = "SELECT id, data FROM blocks ORDER BY id LIMIT 1 OFFSET ?1";
    let (id, mut data): (i64, Vec<u8>) = conn.query_row(sql, [block], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let middle = data.len() / 2;
    data[middle] ^= 0x10;
    conn.execute("UPDATE blocks SET data = ?2 WHERE id = ?1", (id, data)).unwrap();
}

/// Bars of days that follow one another, with these closes; the first day is counted from 1970 on.
pub(super) fn closes(from: i64, closes: &[f64]) -> Vec<Bar> {
    (from..)
        .zip(closes)
        .map(|(day, c)| Bar::new(BarTime::new(day * 86_400).unwrap(), c - 0.5, c + 1.0, c - 1.0, *c, Volume::Whole(10)).unwrap())
        .collect()
}

/// Prices times a factor and rounded to cents, volumes divided: what a source says after a split.
pub(super) fn split(bars: &[Bar], factor: f64) -> Vec<Bar> {
    let cents = |p: f64| (p * factor * 100.0).round() / 100.0;
    let volume = |v: Volume| Volume::Whole((v.as_f64() / factor) as u64);
    bars.iter()
        .map(|b| Bar::new(b.time(), cents(b.open()), cents(b.high()), cents(b.low()), cents(b.close()), volume(b.volume())).unwrap())
        .collect()
}

/// What the next answer is instead of bars.
#[derive(Debug, Clone)]
pub(super) enum Fault {
    Status(u16, Option<&'static str>),
    /// Answers nothing until the client leaves.
    Silence,
    /// Promises more than it sends.
    Cut,
    Text(&'static str),
    Endless,
}

#[derive(Default)]
pub(super) struct Script {
    pub(super) bars: BTreeMap<Symbol, Vec<Bar>>,
    /// Taken by the next requests, one each.
    pub(super) faults: VecDeque<Fault>,
    /// Answers of one symbol, always.
    pub(super) broken: HashMap<Symbol, Fault>,
    /// Paths with queries, as they came.
    pub(super) requests: Vec<String>,
    pub(super) keys: Vec<Option<String>>,
}

/// Serves until it is dropped.
pub(super) struct Source {
    pub(super) script: Arc<Mutex<Script>>,
    pub(super) port: u16,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Source {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Source {
    pub(super) async fn start(bars: BTreeMap<Symbol, Vec<Bar>>) -> Self {
        let script = Arc::new(Mutex::new(Script { bars, ..Script::default() }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let routes = axum::Router::new().route("/{shape}/{symbol}", axum::routing::get(answer)).with_state(Arc::clone(&script));
        let task = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { script, port, task }
    }

    pub(super) fn settings(&self, shape: &str) -> HttpSettings {
        let format = match shape {
            "csv" => Format::Csv,
            "yahoo" => Format::Yahoo,
            _ => Format::Json(Shape { rows: vec!["data".into()], fields: Default::default() }),
        };
        let url = format!("http://127.0.0.1:{}/{shape}/{{code}}?from={{from}}&to={{to}}&p1={{from_epoch}}&p2={{to_epoch}}", self.port);
        let quick = Duration::from_millis(1);
        HttpSettings { spacing: Duration::ZERO, backoff: quick, ..HttpSettings::new("web", Template::parse(&url).unwrap(), format) }
    }

    pub(super) fn provider(&self, shape: &str) -> Arc<dyn Provider> {
        Arc::new(Http::new(self.settings(shape), &[]).unwrap())
    }

    pub(super) fn set(&self, symbol: &Symbol, bars: Vec<Bar>) {
        self.script.lock().unwrap().bars.insert(symbol.clone(), bars);
    }

    pub(super) fn fault(&self, fault: Fault) {
        self.script.lock().unwrap().faults.push_back(fault);
    }

    /// Returns the requests since the last call.
    pub(super) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.script.lock().unwrap().requests)
    }
}

async fn answer(
    State(script): State<Arc<Mutex<Script>>>,
    Path((shape, code)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    uri: axum::http::Uri,
) -> Response {
    let name = symbol(&code);
    let (fault, bars) = {
        let mut script = script.lock().unwrap();
        script.requests.push(uri.to_string());
        script.keys.push(headers.get("x-key").map(|k| k.to_str().unwrap().to_owned()));
        let fault = script.faults.pop_front().or_else(|| script.broken.get(&name).cloned());
        (fault, script.bars.get(&name).cloned())
    };
    match fault {
        Some(Fault::Status(status, wait)) => {
            let mut answer = StatusCode::from_u16(status).unwrap().into_response();
            if let Some(wait) = wait {
                answer.headers_mut().insert("retry-after", wait.parse().unwrap());
            }
            return answer;
        }
        Some(Fault::Silence) => std::future::pending().await,
        Some(Fault::Cut) => {
            let broken = futures::stream::iter([Ok("Date,Open,High,Low,Close\n2012-0"), Err(std::io::Error::other("cut"))]);
            return Body::from_stream(broken).into_response();
        }
        Some(Fault::Text(text)) => return text.into_response(),
        Some(Fault::Endless) => {
            let endless = futures::stream::repeat_with(|| Ok::<_, std::io::Error>("2012-05-18,1,1,1,1,1\n".repeat(1000)));
            return Body::from_stream(endless).into_response();
        }
        None => {}
    }
    let Some(bars) = bars else { return StatusCode::NOT_FOUND.into_response() };
    let (from, to) = (day(&query["from"]), day(&query["to"]));
    let wanted: Vec<Bar> = bars.into_iter().filter(|b| from <= b.time() && b.time() <= to).collect();
    match shape.as_str() {
        "csv" => as_csv(&wanted).into_response(),
        "yahoo" => as_yahoo(&wanted).into_response(),
        _ => as_json(&wanted).into_response(),
    }
}

pub(super) fn as_csv(bars: &[Bar]) -> String {
    let mut text = "Date,Open,High,Low,Close,Volume\n".to_owned();
    for b in bars {
        text += &format!("{},{},{},{},{},{}\n", b.time(), b.open(), b.high(), b.low(), b.close(), b.volume().as_f64());
    }
    text
}

fn as_json(bars: &[Bar]) -> String {
    let row = |b: &Bar| serde_json::json!({"date": b.time().to_string(), "open": b.open(), "high": b.high(), "low": b.low(), "close": b.close(), "volume": b.volume().as_f64() as u64});
    serde_json::json!({"data": bars.iter().map(row).collect::<Vec<_>>()}).to_string()
}

/// Times are those of New York's opening bell, as Yahoo has them.
fn as_yahoo(bars: &[Bar]) -> String {
    let zone = jiff::tz::TimeZone::get("America/New_York").unwrap();
    let bell = |b: &Bar| b.time().date().at(9, 30, 0, 0).to_zoned(zone.clone()).unwrap().timestamp().as_second();
    let column = |f: fn(&Bar) -> f64| bars.iter().map(f).collect::<Vec<_>>();
    serde_json::json!({"chart": {"error": null, "result": [{
        "meta": {"exchangeTimezoneName": "America/New_York"},
        "timestamp": bars.iter().map(bell).collect::<Vec<_>>(),
        "indicators": {"quote": [{"open": column(Bar::open), "high": column(Bar::high), "low": column(Bar::low), "close": column(Bar::close),
            "volume": bars.iter().map(|b| b.volume().as_f64() as u64).collect::<Vec<_>>()}]},
    }]}})
    .to_string()
}

/// New York's calendar against thirteen years of what was traded.
#[test]
fn the_calendar_of_new_york_is_that_of_the_real_bars() {
    use crate::model::bars::{Exchanges, Holidays};
    let all = Exchanges::new(&Holidays::default()).unwrap();
    let aapl = symbol("AAPL");
    let traded: Vec<_> = real_bars()[&aapl].iter().map(|b| b.time().date()).collect();
    let mut expected = Vec::new();
    let mut at = date(2000, 3, 1);
    while at <= date(2013, 3, 1) {
        if all.of(&aapl).trades_on(at) {
            expected.push(at);
        }
        at = at.tomorrow().unwrap();
    }
    assert_eq!(traded, expected);
}
