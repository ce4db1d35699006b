//! Bars in and out as CSV, streamed both ways: what the native API and dms share.

use super::error::{Error, Result};
use crate::bars::csv;
use crate::bars::store::Store;
use crate::model::bars::{Bar, Interval, Range, Symbol};
use crate::wire::native::bars::BarsImported;
use crate::wire::native::error::Code;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// Bars that are held before they are written.
const TOGETHER: usize = 100_000;
/// A line of a CSV file.
const LONGEST_LINE: usize = 64 * 1024;

/// Reads lines and writes bars as they come. What stands before a line that cannot be read is stored: importing twice is
/// importing once.
pub(super) async fn import(store: Store, most_bytes: u64, request: Request) -> Result<BarsImported> {
    let query: BTreeMap<String, String> =
        form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
    if let Some(unknown) = query.keys().find(|k| !["interval", "symbol", "time_zone", "dry_run"].contains(&k.as_str())) {
        let message = format!("{unknown}: unknown; there are interval, symbol, time_zone, dry_run");
        return Err(Error::new(StatusCode::BAD_REQUEST, Code::UnknownField, message).field(unknown));
    }
    let interval = interval(query.get("interval").map(String::as_str))?;
    let alone = query.get("symbol").map(|s| symbol(s)).transpose()?;
    let zone = match query.get("time_zone") {
        Some(name) => jiff::tz::TimeZone::get(name).map_err(|_| Error::bad_request(format!("time_zone: {name:?} is not known")))?,
        None => jiff::tz::TimeZone::UTC,
    };
    let dry_run = match query.get("dry_run").map(String::as_str) {
        None | Some("false" | "0") => false,
        Some("true" | "1") => true,
        Some(other) => return Err(Error::bad_request(format!("dry_run: {other:?} is not true or false")).field("dry_run")),
    };
    let mut import = Import {
        store,
        dry_run,
        interval,
        alone,
        parser: csv::Parser::new(csv::Reading { interval, zone }),
        held: BTreeMap::new(),
        count: 0,
        symbols: HashSet::new(),
        done: BarsImported { symbols: 0, added: 0, changed: 0, unchanged: 0, skipped: 0 },
    };
    let mut body = request.into_body().into_data_stream();
    let (mut rest, mut bytes) = (Vec::new(), 0u64);
    while let Some(part) = body.next().await {
        let part = part.map_err(|_| Error::bad_request("the body ended early"))?;
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
        import.lines(&std::mem::replace(&mut rest, tail)).await?;
    }
    import.lines(&rest).await?;
    import.write().await?;
    import.done.skipped = import.parser.incomplete();
    import.done.symbols = import.symbols.len();
    Ok(import.done)
}

struct Import {
    store: Store,
    /// Only counts what it would do.
    dry_run: bool,
    interval: Interval,
    /// The symbol of all rows.
    alone: Option<Symbol>,
    parser: csv::Parser,
    held: BTreeMap<Symbol, Vec<Bar>>,
    count: usize,
    symbols: HashSet<Symbol>,
    done: BarsImported,
}

impl Import {
    async fn lines(&mut self, bytes: &[u8]) -> Result<()> {
        let text = std::str::from_utf8(bytes).map_err(|_| Error::bad_request("the body is not UTF-8"))?;
        for line in text.trim_start_matches('\u{feff}').lines() {
            let row = match self.parser.line(line) {
                Ok(row) => row,
                Err(error) => {
                    // What was read before stays, as the error says.
                    self.write().await?;
                    let BarsImported { added, changed, .. } = self.done;
                    return Err(Error::bad_request(format!(
                        "{error}; {} bars before it {}",
                        added + changed,
                        if self.dry_run { "are well" } else { "were stored" }
                    )));
                }
            };
            let Some(row) = row else { continue };
            let symbol = match (&self.alone, row.symbol) {
                (Some(symbol), _) => symbol.clone(),
                (None, Some(symbol)) => symbol,
                (None, None) => return Err(Error::bad_request("the heading has no column Symbol: name one with ?symbol=")),
            };
            self.held.entry(symbol).or_default().push(row.bar);
            self.count += 1;
            if self.count >= TOGETHER {
                self.write().await?;
            }
        }
        Ok(())
    }

    async fn write(&mut self) -> Result<()> {
        self.count = 0;
        let held = std::mem::take(&mut self.held);
        // All at once: they share a commit.
        let write = async |symbol: &Symbol, bars: &Vec<Bar>| {
            let (store, bars) = (&self.store, bars.clone());
            if self.dry_run {
                store.would_upsert(symbol, self.interval, bars).await
            } else {
                store.upsert(symbol, self.interval, bars).await
            }
        };
        let writes = held.iter().map(|(symbol, bars)| write(symbol, bars));
        for written in futures::future::join_all(writes).await {
            let written = written?;
            self.done.added += written.added;
            self.done.changed += written.changed;
            self.done.unchanged += written.unchanged;
        }
        self.symbols.extend(held.into_keys());
        Ok(())
    }
}

/// Streams the bars of these symbols as CSV.
pub(super) fn export(store: &Store, papers: Arc<[Symbol]>, interval: Interval, range: Range) -> Response {
    let items = store.read_batch(Arc::clone(&papers), interval, range);
    let stream = futures::stream::unfold((items, papers), move |(mut items, papers)| async move {
        let mut text = String::new();
        // Symbols without bars make no piece of their own.
        while let Some(item) = items.recv().await {
            match item {
                Ok(item) => item.bars.iter().flatten().for_each(|bar| csv::write(&mut text, &papers[item.index], interval, bar)),
                Err(error) => {
                    tracing::error!(%error, "an export failed");
                    return Some((Err(std::io::Error::other("the bars database failed")), (items, papers)));
                }
            }
            if !text.is_empty() {
                return Some((Ok(Bytes::from(text)), (items, papers)));
            }
        }
        None
    });
    let heading = futures::stream::iter([Ok(Bytes::from_static(csv::HEADING.as_bytes()))]);
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, "attachment; filename=\"bars.csv\"")];
    (headers, Body::from_stream(heading.chain(stream))).into_response()
}

/// Returns the symbols of a list with commas, or all that have bars of an interval.
pub(super) async fn papers(store: &Store, list: Option<&str>, interval: Interval) -> Result<Arc<[Symbol]>> {
    match list {
        Some(list) => list.split(',').map(symbol).collect(),
        None => Ok(store.list(Some(interval)).await?.into_iter().map(|s| s.symbol).collect()),
    }
}

pub(super) fn symbol(text: &str) -> Result<Symbol> {
    Symbol::parse(text).map_err(|e| Error::bad_request(e).field("symbol"))
}

/// One day, if none is said.
pub(super) fn interval(text: Option<&str>) -> Result<Interval> {
    let text = text.unwrap_or("1d");
    let words = || Interval::ALL.map(Interval::as_str).join(", ");
    Interval::parse(text).ok_or_else(|| Error::bad_request(format!("interval: {text:?} is not one of {}", words())))
}
