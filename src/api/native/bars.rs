//! `/api/v1/bars`: the bars store, for the command line.

use super::extract::{Path, Query};
use crate::api::App;
use crate::api::auth::Caller;
use crate::api::carry::{self, interval, symbol};
use crate::api::error::{Error, Result};
use crate::api::openapi::Op;
use crate::api::route::{Permission, Route};
use crate::bars::store::{Correction, HEAL, Removed, SeriesInfo, Store, Verified};
use crate::config::{DmsRole, Role};
use crate::model::bars::{self, BarTime, Interval, Range, Volume};
use crate::store::audit;
use crate::wire::native::bars as wire;
use crate::wire::native::error::Code;
use axum::Json;
use axum::extract::Request;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

pub(super) fn routes() -> Vec<Route> {
    let (get, post) = (Method::GET, Method::POST);
    let [view, operate] = [Role::Viewer, Role::Operator].map(Permission::Role);
    vec![
        Route::new(&get, "/bars", view, list).doc(
            Op::new("Lists what there is of market data")
                .query::<ListQuery>()
                .reply::<wire::BarSeriesList>(200, "One for each symbol and interval."),
        ),
        Route::new(&post, "/bars/import", operate, import).doc(
            Op::new("Reads bars from CSV")
                .about("The body is CSV with a heading, up to `[limits] import_bytes`. Nothing is stored of one with a wrong row.")
                .parameter("interval", "Absent: 1d.", false, "1d")
                .parameter("symbol", "Of all rows, if there is no column Symbol.", false, "US.AAPL")
                .parameter("time_zone", "Of naive intraday times; absent: UTC, which is told.", false, "America/New_York")
                .parameter(
                    "lenient",
                    "Take rows that contradict themselves or say a bar twice, bars that are not over, and those of another interval.",
                    false,
                    "false",
                )
                .parameter("overwrite", "Take bars that do not fit to those that are stored, and replace damaged ones.", false, "false")
                .parameter("dates", "month-first or day-first: how 3/4/2024 is read.", false, "month-first")
                .parameter("dry_run", "Only count what would be stored.", false, "false")
                .parameter("names", "Name the symbols in the reply.", false, "false")
                .reply::<wire::BarsImported>(200, "What it came to."),
        ),
        Route::new(&get, "/bars/export", view, export).doc(Op::new("Writes bars as CSV").query::<ExportQuery>().text(
            200,
            "text/csv",
            "With a heading.",
        )),
        Route::new(&get, "/bars/{symbol}", view, read)
            .doc(Op::new("Reads bars").query::<ReadQuery>().reply::<wire::BarList>(200, "The bars, oldest first.")),
        Route::new(&Method::DELETE, "/bars/{symbol}", operate, delete).doc(
            Op::new("Takes bars out")
                .about(
                    "In a master; slaves and backups lose them when they are brought up to date the next time. 404 where there are none.",
                )
                .query::<DeleteQuery>()
                .reply::<wire::BarsDeleted>(200, "What is gone, or would be."),
        ),
        Route::new(&post, "/bars/verify", operate, verify)
            .doc(Op::new("Checks every stored bar").about("Reads the whole database.").reply::<wire::BarsVerified>(200, "What it found.")),
    ]
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListQuery {
    /// Only this symbol, in any spelling.
    symbol: Option<String>,
    /// Only this interval.
    interval: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ReadQuery {
    /// 1m 5m 15m 30m 1h 1d 1wk 1mo; absent: 1d.
    interval: Option<String>,
    /// A date or time, included; absent: from the first bar on.
    from: Option<String>,
    /// A date or time, included; a date means all of that day. Absent: to the last bar.
    to: Option<String>,
}

pub(super) fn store(app: &App) -> Result<Store> {
    Ok(app.dms.bars.get().cloned().map_err(crate::bars::Error::from)?)
}

pub(super) async fn list(State(app): State<App>, Query(query): Query<ListQuery>) -> Result<Json<wire::BarSeriesList>> {
    let store = store(&app)?;
    let only = query.interval.as_deref().map(|i| interval(Some(i))).transpose()?;
    let infos = match &query.symbol {
        Some(text) => store.info(&symbol(text)?).await?.into_iter().filter(|i| only.is_none_or(|o| o == i.interval)).collect(),
        None => store.list(only).await?,
    };
    let (version, _) = store.head().await?;
    let mut corrections = Vec::new();
    for info in infos.iter().filter(|_| query.symbol.is_some()) {
        let found = store.corrections(&info.symbol, info.interval).await?;
        corrections.extend(found.into_iter().map(|c| correction(info.interval, c)));
    }
    let series = infos.into_iter().map(series).collect();
    Ok(Json(wire::BarSeriesList { series, store: store.id().to_owned(), version, bytes: store.size(), corrections }))
}

fn correction(interval: Interval, found: Correction) -> wire::BarsCorrection {
    let Correction { found, kind, first, last, bars, factor, source } = found;
    wire::BarsCorrection {
        interval: interval.to_string(),
        found: found.to_string(),
        kind: kind.as_str().to_owned(),
        bars,
        first: written(interval, first),
        last: written(interval, last),
        factor,
        source,
    }
}

pub(super) async fn read(State(app): State<App>, Path(name): Path<String>, Query(query): Query<ReadQuery>) -> Result<Json<wire::BarList>> {
    let interval = interval(query.interval.as_deref())?;
    let range = range(interval, query.from.as_deref(), query.to.as_deref())?;
    let paper = symbol(&name)?;
    let missing = || Error::not_found(format!("there are no bars of {paper} {interval}")).hint("syncline bars symbols lists what there is");
    let bars = store(&app)?.read(&paper, interval, range).await?.ok_or_else(missing)?;
    let bars = bars.iter().map(|b| bar(interval, b)).collect::<Result<_>>()?;
    Ok(Json(wire::BarList { symbol: paper.to_string(), interval: interval.to_string(), bars }))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ExportQuery {
    /// Separated by commas; absent: all.
    symbols: Option<String>,
    /// Absent: 1d.
    interval: Option<String>,
    /// A date or time, included.
    from: Option<String>,
    /// A date or time, included.
    to: Option<String>,
}

pub(super) async fn export(State(app): State<App>, Query(query): Query<ExportQuery>) -> Result<Response> {
    let store = store(&app)?;
    let interval = interval(query.interval.as_deref())?;
    let range = range(interval, query.from.as_deref(), query.to.as_deref())?;
    let papers = carry::papers(&store, query.symbols.as_deref(), interval).await?;
    carry::export(&store, papers, interval, range).await
}

pub(super) async fn import(State(app): State<App>, caller: Caller, request: Request) -> Result<Json<wire::BarsImported>> {
    let store = store(&app)?;
    if app.config.dms.role == DmsRole::Slave {
        return Err(read_only("import them there"));
    }
    Ok(Json(carry::import(&app, caller, store, request, true).await?))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DeleteQuery {
    /// Only bars of this length; absent: of every length.
    interval: Option<String>,
    /// A date or time, included; absent: from the first bar on.
    from: Option<String>,
    /// A date or time, included; a date means all of that day. Absent: to the last bar.
    to: Option<String>,
    /// Only say what would be taken out.
    dry_run: bool,
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    Query(query): Query<DeleteQuery>,
) -> Result<Json<wire::BarsDeleted>> {
    let DeleteQuery { interval: only, from, to, dry_run } = query;
    let store = store(&app)?;
    if app.config.dms.role == DmsRole::Slave {
        return Err(read_only("take them out there"));
    }
    let paper = symbol(&name)?;
    let only = only.as_deref().map(|i| interval(Some(i))).transpose()?;
    let wanted = Interval::ALL.into_iter().filter(|i| only.is_none_or(|o| o == *i));
    let wanted = wanted.map(|i| Ok((i, range(i, from.as_deref(), to.as_deref())?))).collect::<Result<Vec<_>>>()?;
    let would = store.would_remove(&paper, wanted.clone()).await?;
    if would.is_empty() {
        let of = only.map(|i| format!(" {i}")).unwrap_or_default();
        let range = if from.is_some() || to.is_some() { " in this range" } else { "" };
        let message = format!("there are no bars of {paper}{of}{range}");
        return Err(Error::not_found(message).hint("syncline bars info SYMBOL says what there is"));
    }
    let gone = if dry_run {
        would
    } else {
        let told = |r: &Removed| format!("{} {} {} to {}", r.interval, r.bars, r.first, r.last);
        let detail = would.iter().map(told).collect::<Vec<_>>().join(", ");
        // Before it is done: what has gone is told, whatever happens in between.
        let entry = caller.entry("bars.delete", format!("bars/{paper}"), detail);
        app.store.write(move |db| audit::add(db, &entry)).await?;
        store.remove(&paper, wanted).await?
    };
    let one = |Removed { interval, bars, first, last, left }: Removed| wire::BarsGone {
        interval: interval.to_string(),
        bars,
        first: written(interval, first),
        last: written(interval, last),
        left,
    };
    Ok(Json(wire::BarsDeleted { symbol: paper.to_string(), series: gone.into_iter().map(one).collect() }))
}

fn read_only(hint: &str) -> Error {
    let message = "this daemon is a slave: its bars come from its master";
    Error::new(StatusCode::FORBIDDEN, Code::Forbidden, message).hint(hint)
}

pub(super) async fn verify(State(app): State<App>) -> Result<Json<wire::BarsVerified>> {
    let Verified { series, blocks, bars, bytes, problems } = store(&app)?.verify().await?;
    let hint = if problems.is_empty() { String::new() } else { HEAL.to_owned() };
    Ok(Json(wire::BarsVerified { series, blocks, bars, bytes, problems, hint }))
}

fn range(interval: Interval, from: Option<&str>, to: Option<&str>) -> Result<Range> {
    let mut range = Range::ALL;
    if let Some(from) = from {
        range.from = bars::read_time(interval, from).map_err(|e| Error::bad_request(format!("from: {e}")).field("from"))?;
    }
    if let Some(to) = to {
        let end = Range::parse(interval, "1800-01-01", to).map_err(|e| Error::bad_request(e.replacen("end_date", "to:", 1)).field("to"))?;
        range.to = end.to;
    }
    if range.from > range.to {
        let (from, to) = (from.unwrap_or_default(), to.unwrap_or_default());
        return Err(Error::bad_request(format!("from: {from} is after `to`, {to}")).field("from"));
    }
    Ok(range)
}

fn written(interval: Interval, time: BarTime) -> String {
    let mut text = String::with_capacity(20);
    time.write(&mut text);
    if interval.is_intraday() { text + "Z" } else { text }
}

fn series(info: SeriesInfo) -> wire::BarSeries {
    let SeriesInfo { symbol, interval, version, changed, bars, first, last, digest } = info;
    wire::BarSeries {
        symbol: symbol.to_string(),
        interval: interval.to_string(),
        bars,
        first: first.map(|t| written(interval, t)),
        last: last.map(|t| written(interval, t)),
        version,
        changed: changed.to_string(),
        digest: digest.to_string(),
    }
}

fn bar(interval: Interval, bar: &bars::Bar) -> Result<wire::Bar> {
    let [open, high, low, close] = bar.prices();
    let volume = match bar.volume() {
        Volume::Whole(n) => n.into(),
        Volume::Unknown => 0.into(),
        Volume::Part(n) => serde_json::Number::from_f64(n).ok_or_else(|| Error::internal(&"a bar's volume is no number"))?,
    };
    Ok(wire::Bar { time: written(interval, bar.time()), open, high, low, close, volume })
}
