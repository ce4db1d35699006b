//! Bars in and out as CSV, streamed both ways: what the native API and dms share.

use super::App;
use super::auth::Caller;
use super::error::{Error, Result};
use crate::bars::dates::Dates;
use crate::bars::import::{Import, Imported, Wanted};
use crate::bars::store::{BatchItem, Store};
use crate::bars::{self, csv};
use crate::model::bars::{Interval, Range, Symbol};
use crate::store::audit;
use crate::wire::native::bars::BarsImported;
use crate::wire::native::error::Code;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use tokio::sync::mpsc;

/// What a gzip file begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// How a file is sent.
const RAW: &str = "send the file itself as the body: curl --data-binary @FILE, not -F or -d";
/// A line of a CSV file.
const LONGEST_LINE: usize = 64 * 1024;

/// Reads lines as they come; what they come to is written when all of them are known to be good (`bars/import.rs`).
/// What was stored stands in the audit log. `may_name`: the caller may ask for the symbols' names.
pub(super) async fn import(app: &App, caller: Caller, store: Store, request: Request, may_name: bool) -> Result<BarsImported> {
    let most_bytes = app.config.limits.import_bytes;
    // The last is the native family's.
    const KNOWN: [&str; 8] = ["interval", "symbol", "time_zone", "dates", "dry_run", "lenient", "overwrite", "names"];
    let query: BTreeMap<String, String> =
        form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
    let known = if may_name { &KNOWN[..] } else { &KNOWN[..KNOWN.len() - 1] };
    if let Some(unknown) = query.keys().find(|k| !known.contains(&k.as_str())) {
        return Err(super::dialect::unknown(unknown, known));
    }
    let interval = interval(query.get("interval").map(String::as_str))?;
    let alone = query.get("symbol").map(|s| symbol(s)).transpose()?;
    let zone = match query.get("time_zone") {
        Some(name) => {
            let unknown = |_| Error::bad_request(format!("time_zone: {name:?} is not known")).field("time_zone");
            jiff::tz::TimeZone::get(name).map_err(unknown)?
        }
        None => jiff::tz::TimeZone::UTC,
    };
    let flag = |name: &str| match query.get(name).map(String::as_str) {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(other) => Err(Error::bad_request(format!("{name}: {other:?} is not true or false")).field(name)),
    };
    let dates = match query.get("dates") {
        None => Dates::Guess,
        Some(word) => {
            let unknown = || Error::bad_request(format!("dates: {word:?} is not one of {}", Dates::WORDS.join(", "))).field("dates");
            Dates::parse(word).ok_or_else(unknown)?
        }
    };
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.trim_start().to_ascii_lowercase();
    if kind.starts_with("multipart/") {
        let message = "the body is a multipart form, not CSV; nothing of it was stored";
        return Err(Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::UnsupportedMediaType, message).hint(RAW));
    }
    let is_form = kind.starts_with("application/x-www-form-urlencoded");
    let reading = csv::Reading { interval, zone, dates };
    let (lenient, overwrite, dry_run, named) = (flag("lenient")?, flag("overwrite")?, flag("dry_run")?, flag("names")?);
    let wanted = Wanted { reading, zone_given: query.contains_key("time_zone"), alone, lenient, overwrite, dry_run };
    let mut import = Import::new(store, app.dms.exchanges(), wanted);
    let mut body = request.into_body().into_data_stream();
    let (mut rest, mut bytes) = (Vec::new(), 0u64);
    while let Some(part) = body.next().await {
        let part = part.map_err(|_| Error::bad_request("the body ended early; nothing of it was stored"))?;
        if bytes == 0 && part.starts_with(&GZIP) {
            return Err(Error::bad_request("the body is gzip, not CSV; nothing of it was stored")
                .hint("unzip it on the way: zcat FILE | syncline bars import -"));
        }
        bytes += part.len() as u64;
        if bytes > most_bytes {
            return Err(Error::new(StatusCode::PAYLOAD_TOO_LARGE, Code::PayloadTooLarge, "the body is too large")
                .hint("[limits] import_bytes sets the limit"));
        }
        rest.extend_from_slice(&part);
        let Some(end) = rest.iter().rposition(|b| *b == b'\n') else {
            if rest.len() > LONGEST_LINE {
                return Err(Error::bad_request("the body has a line of more than 64 KiB; is it CSV?"));
            }
            continue;
        };
        let tail = rest.split_off(end + 1);
        lines(&mut import, &std::mem::replace(&mut rest, tail)).await?;
    }
    if is_form && bytes > 0 && rest.len() as u64 == bytes {
        return Err(Error::bad_request("the body is a single line, as curl -d sends a file; nothing of it was stored").hint(RAW));
    }
    lines(&mut import, &rest).await?;
    let done = import.finish().await.map_err(refused)?;
    let Imported { symbols, added, changed, rebased, unchanged, skipped, held_back, suspect, duplicates, warnings } = done;
    let names = if named { symbols.iter().map(ToString::to_string).collect() } else { Vec::new() };
    let symbols = match symbols.as_slice() {
        _ if dry_run => symbols.len(),
        list => {
            let what = format!("bars/{}", if let [only] = list { only.as_str() } else { "" }).trim_end_matches('/').to_owned();
            let count = if list.len() == 1 { String::new() } else { format!("{} symbols, ", list.len()) };
            let detail = format!("{count}{interval}: {added} added, {changed} changed");
            let entry = caller.entry("bars.import", what, detail);
            app.store.write(move |db| audit::add(db, &entry)).await?;
            list.len()
        }
    };
    Ok(BarsImported { symbols, added, changed, rebased, unchanged, skipped, held_back, suspect, duplicates, warnings, names })
}

/// What is wrong with a file, and what helps.
fn refused(error: crate::bars::Error) -> Error {
    let code = error.code;
    let error = Error::from(error);
    match code {
        "bars_row_contradicts" | "bars_row_twice" => {
            error.hint("correct the row, or take rows like it as they are: --lenient (in the API lenient=true)")
        }
        "bars_wrong_interval" => {
            error.hint("--interval (in the API interval=…) names another; --lenient (lenient=true) takes them as they are")
        }
        "bars_row_of_another" => error.hint("leave --symbol out (in the API symbol=…) where the rows name their own"),
        "bars_symbol_missing" => error.field("symbol").hint("name it: --symbol (in the API symbol=…)"),
        "bars_dates_ambiguous" => error.hint("--dates month-first or --dates day-first (in the API dates=…)"),
        "bars_do_not_fit" => error.hint(
            "is it the right symbol? Where the file is right: --overwrite (in the API overwrite=true), or take out what is \
             stored first: syncline bars delete",
        ),
        _ => error,
    }
}

async fn lines(import: &mut Import, bytes: &[u8]) -> Result<()> {
    let text = std::str::from_utf8(bytes).map_err(|_| Error::bad_request("the body is not UTF-8; nothing of it was stored"))?;
    let done = import.lines(text.trim_start_matches('\u{feff}')).await;
    done.map_err(refused)
}

/// What a body begins its last line with that was cut short; an error as JSON follows.
const BROKEN: &str = "# error ";

/// Bars that are still to be sent.
struct Rest {
    /// Read already.
    next: Option<BatchItem>,
    items: mpsc::Receiver<bars::Result<BatchItem>>,
    papers: Arc<[Symbol]>,
    interval: Interval,
    /// It was told why there is no more.
    failed: bool,
}

/// Streams the bars of these symbols as CSV. What fails at once has a status of its own; later the last line says what it was, and
/// the connection is cut, so that nobody takes it for the whole. Damaged bars are left out and told so, behind all others.
pub(super) async fn export(store: &Store, papers: Arc<[Symbol]>, interval: Interval, range: Range) -> Result<Response> {
    let mut items = store.read_sound_batch(Arc::clone(&papers), interval, range);
    let next = items.recv().await.transpose()?;
    let rest = Rest { next, items, papers, interval, failed: false };
    let stream = futures::stream::unfold(rest, |mut rest| async move { Some((rest.piece().await?, rest)) });
    let heading = futures::stream::iter([Ok(Bytes::from_static(csv::HEADING.as_bytes()))]);
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, "attachment; filename=\"bars.csv\"")];
    Ok((headers, Body::from_stream(heading.chain(stream))).into_response())
}

impl Rest {
    async fn piece(&mut self) -> Option<std::io::Result<Bytes>> {
        if self.failed {
            // The line before goes out first.
            tokio::task::yield_now().await;
            return Some(Err(std::io::Error::other("the bars database failed")));
        }
        // Symbols without bars make no piece of their own.
        loop {
            let item = match self.next.take() {
                Some(item) => item,
                None => match self.items.recv().await? {
                    Ok(item) => item,
                    Err(error) => {
                        self.failed = true;
                        let told = serde_json::to_string(&Error::from(error).body()).unwrap_or_default();
                        return Some(Ok(Bytes::from(format!("{BROKEN}{told}\n"))));
                    }
                },
            };
            if !item.bars.is_empty() {
                let mut text = String::new();
                item.bars.iter().for_each(|bar| csv::write(&mut text, &self.papers[item.index], self.interval, bar));
                return Some(Ok(Bytes::from(text)));
            }
        }
    }
}

/// Returns the symbols of a list with commas, all of which must have bars of an interval; or all that have.
pub(super) async fn papers(store: &Store, list: Option<&str>, interval: Interval) -> Result<Arc<[Symbol]>> {
    match list {
        Some(list) => {
            let papers: Arc<[Symbol]> = symbols("symbols", list.split(','))?.into();
            let known: HashSet<Symbol> = store.list(Some(interval)).await?.into_iter().map(|s| s.symbol).collect();
            let unknown: Vec<&str> = papers.iter().filter(|p| !known.contains(*p)).map(Symbol::as_str).collect();
            if unknown.is_empty() {
                return Ok(papers);
            }
            let message = format!("there are no bars of {} {interval}", unknown.join(", "));
            Err(Error::not_found(message).hint("syncline bars symbols lists what there is"))
        }
        None => Ok(store.list(Some(interval)).await?.into_iter().map(|s| s.symbol).collect()),
    }
}

pub(super) fn symbol(text: &str) -> Result<Symbol> {
    Symbol::parse(text).map_err(|e| Error::bad_request(format!("symbol: {e}")).field("symbol"))
}

/// Reads a list; an error says which one is wrong.
pub(super) fn symbols<'a>(field: &str, list: impl Iterator<Item = &'a str>) -> Result<Vec<Symbol>> {
    let read = |(number, text): (usize, &str)| {
        let at = format!("{field}[{number}]");
        Symbol::parse(text).map_err(|e| Error::bad_request(format!("{at}: {e}")).field(at))
    };
    list.enumerate().map(read).collect()
}

/// One day, if none is said.
pub(super) fn interval(text: Option<&str>) -> Result<Interval> {
    let text = text.unwrap_or("1d");
    let words = || Interval::ALL.map(Interval::as_str).join(", ");
    Interval::parse(text).ok_or_else(|| Error::bad_request(format!("interval: {text:?} is not one of {}", words())).field("interval"))
}
