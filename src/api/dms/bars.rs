//! Bars as JSON, written while they are read: a batch of any size, and a series of any length, needs the
//! memory of a few blocks of the store, and of the times of one series, which the contract has behind its bars.

use super::error::{Error, Result};
use super::extract::{Input, Named, store, symbol};
use crate::api::{App, carry, dialect};
use crate::bars::store::BatchItem;
use crate::model::bars::{Bar, BarTime, Interval, Range, Symbol, Volume};
use crate::wire::dms::BatchRequest;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::mpsc;

const MOST_SYMBOLS: usize = 1000;
/// Those of a batch that there is no bar of at all, whose null is not that of an empty range.
const UNKNOWN: HeaderName = HeaderName::from_static("x-syncline-unknown-symbols");
/// A piece of the body.
const PIECE: usize = 64 * 1024;

pub(super) async fn one(State(app): State<App>, Named(name): Named, input: Input) -> Result<Response> {
    let store = store(&app)?;
    let interval = input.interval()?;
    let [start, end] = input.all_of(["start_date", "end_date"])?;
    let range = Range::parse(interval, &start, &end).map_err(Error::bad)?;
    let papers: Arc<[Symbol]> = Arc::new([symbol(&name)?]);
    if !store.lacking(Arc::clone(&papers), interval).await?.is_empty() {
        return Err(Error::not_found(format!("there are no bars of {} {interval}", papers[0])));
    }
    let mut items = store.read_batch(papers, interval, range);
    let first = items.recv().await.transpose()?;
    let mut text = String::from("{\"symbol\":");
    quote(&mut text, &name);
    text.push(',');
    let (out, body) = body();
    tokio::spawn(async move {
        let mut out = Writer { out, text, times: Vec::new() };
        let _ = out.one(interval, first, items).await;
    });
    Ok((input.ignored(&["interval", "start_date", "end_date"]), body).into_response())
}

pub(super) async fn batch(State(app): State<App>, input: Input) -> Result<Response> {
    let store = store(&app)?;
    let read = input.config::<BatchRequest>(&[])?;
    // What stands in the query would have no effect.
    if let Some(name) = input.beside().find(|name| ["symbols", "start_date", "end_date", "interval"].contains(name)) {
        return Err(Error::bad(format!("{name}: belongs into the body")));
    }
    let ignored = read.ignored.and(input.beside().map(str::to_owned));
    let BatchRequest { symbols, start_date, end_date, interval } = read.value;
    let interval = super::extract::interval(interval.as_deref())?;
    let range = Range::parse(interval, &start_date, &end_date).map_err(Error::bad)?;
    let mut known = HashSet::new();
    let names: Vec<String> = symbols.into_iter().filter(|s| known.insert(s.clone())).collect();
    if names.is_empty() || names.len() > MOST_SYMBOLS {
        return Err(Error::bad(format!("symbols: expected 1 to {MOST_SYMBOLS}, not {}", names.len())));
    }
    let papers: Arc<[Symbol]> = carry::symbols("symbols", names.iter().map(String::as_str))?.into();
    let lacking = store.lacking(Arc::clone(&papers), interval).await?;
    let unknown: Vec<String> = lacking.into_iter().map(|index| names[index].clone()).collect();
    let mut items = store.read_batch(papers, interval, range);
    // What fails at once still has a status of its own.
    let first = items.recv().await.transpose()?;
    let (out, body) = body();
    tokio::spawn(async move {
        let mut out = Writer { out, text: String::from("{"), times: Vec::new() };
        // The client is gone, or the store failed in the middle: the body ends where it is, which is no JSON.
        let _ = out.batch(&names, interval, first, items).await;
    });
    let mut reply = (ignored, body).into_response();
    dialect::list(reply.headers_mut(), UNKNOWN, &unknown);
    Ok(reply)
}

type Items = mpsc::Receiver<crate::bars::Result<BatchItem>>;

struct Writer {
    out: mpsc::Sender<Result<Bytes, std::io::Error>>,
    text: String,
    /// Of the bars of the symbol that is being written: they come once more behind them.
    times: Vec<BarTime>,
}

struct Gone;

impl Writer {
    async fn one(&mut self, interval: Interval, first: Option<BatchItem>, mut items: Items) -> Result<(), Gone> {
        self.text.push_str("\"data\":[");
        let mut next = first;
        while let Some(item) = next {
            self.points(interval, &item.bars).await?;
            next = self.next(&mut items).await?;
        }
        self.index(interval).await?;
        self.flush().await
    }

    async fn batch(&mut self, names: &[String], interval: Interval, first: Option<BatchItem>, mut items: Items) -> Result<(), Gone> {
        let mut next = first;
        let (mut comma, mut inside) = (false, false);
        while let Some(BatchItem { index, bars, more }) = next {
            if !inside {
                if std::mem::replace(&mut comma, true) {
                    self.text.push(',');
                }
                quote(&mut self.text, &names[index]);
                self.text.push_str(if bars.is_empty() { ":null" } else { ":{\"data\":[" });
            }
            self.points(interval, &bars).await?;
            if !more && !self.times.is_empty() {
                self.index(interval).await?;
            }
            inside = more;
            next = self.next(&mut items).await?;
        }
        self.text.push('}');
        self.flush().await
    }

    async fn next(&mut self, items: &mut Items) -> Result<Option<BatchItem>, Gone> {
        match items.recv().await.transpose() {
            Ok(next) => Ok(next),
            Err(error) => {
                tracing::error!(%error, "a read of bars failed");
                let _ = self.out.send(Err(std::io::Error::other("the bars database failed"))).await;
                Err(Gone)
            }
        }
    }

    async fn points(&mut self, interval: Interval, bars: &[Bar]) -> Result<(), Gone> {
        for bar in bars {
            if !self.times.is_empty() {
                self.text.push(',');
            }
            self.times.push(bar.time());
            point(&mut self.text, interval, bar);
            self.piece().await?;
        }
        Ok(())
    }

    /// Writes `],"index":[…]}`.
    async fn index(&mut self, interval: Interval) -> Result<(), Gone> {
        self.text.push_str("],\"index\":[");
        for (n, at) in std::mem::take(&mut self.times).into_iter().enumerate() {
            if n > 0 {
                self.text.push(',');
            }
            time(&mut self.text, interval, at);
            self.piece().await?;
        }
        self.text.push_str("]}");
        Ok(())
    }

    async fn piece(&mut self) -> Result<(), Gone> {
        if self.text.len() >= PIECE { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        let text = std::mem::replace(&mut self.text, String::with_capacity(PIECE + 256));
        self.out.send(Ok(Bytes::from(text))).await.map_err(|_| Gone)
    }
}

fn body() -> (mpsc::Sender<Result<Bytes, std::io::Error>>, Response) {
    let (out, heard) = mpsc::channel(4);
    let stream = futures::stream::unfold(heard, |mut heard| async move { heard.recv().await.map(|piece| (piece, heard)) });
    (out, ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(stream)).into_response())
}

fn quote(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

fn time(out: &mut String, interval: Interval, at: BarTime) {
    out.push('"');
    at.write(out);
    out.push_str(if interval.is_intraday() { "Z\"" } else { "\"" });
}

fn point(out: &mut String, interval: Interval, bar: &Bar) {
    out.push_str("{\"time\":");
    time(out, interval, bar.time());
    for (name, price) in [",\"Open\":", ",\"High\":", ",\"Low\":", ",\"Close\":"].into_iter().zip(bar.prices()) {
        out.push_str(name);
        number(out, price);
    }
    out.push_str(",\"Volume\":");
    match bar.volume() {
        Volume::Whole(n) => {
            use std::fmt::Write as _;
            let _ = write!(out, "{n}");
        }
        Volume::Part(n) => number(out, n),
        Volume::Unknown => out.push('0'),
    }
    out.push('}');
}

/// A bar has no NaN: what serde writes is always a number, with its point (`150.0`) as the sample shows.
fn number(out: &mut String, n: f64) {
    struct Text<'a>(&'a mut String);
    impl std::io::Write for Text<'_> {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.push_str(std::str::from_utf8(bytes).map_err(std::io::Error::other)?);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    serde_json::to_writer(Text(out), &n).expect("digits are text");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_written_as_the_contract_shows() {
        let bar = |volume| Bar::new(BarTime::new(1_704_067_200).unwrap(), 150.0, 155.25, 1e-7, 154.0, volume).unwrap();
        let mut text = String::new();
        point(&mut text, Interval::D1, &bar(Volume::Whole(1_000_000)));
        assert_eq!(
            text,
            "{\"time\":\"2024-01-01T00:00:00\",\"Open\":150.0,\"High\":155.25,\"Low\":1e-7,\"Close\":154.0,\"Volume\":1000000}"
        );
        text.clear();
        point(&mut text, Interval::M1, &bar(Volume::Part(0.5)));
        assert!(text.starts_with("{\"time\":\"2024-01-01T00:00:00Z\"") && text.ends_with("\"Volume\":0.5}"), "{text}");
    }
}
