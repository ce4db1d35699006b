//! What a run would do: its reads without its writes, for who asks before.
//!
//! A repair or a full run compares or writes every series. An incremental one brings what changed since the marks; where the backup is
//! not as it was left, it compares all, and takes nothing out. What others did to series that did not change here, it sees only as it
//! runs. Nothing is written at either end.

use super::{Influx, Wanted, compare, look, put_right, stamp};
use crate::bars::store::{Mark, SeriesInfo, Store};
use crate::bars::{Kind, Result, Would};
use crate::model::bars::{BarTime, SyncMode};

/// Names the series that a run would change.
pub async fn would(store: &Store, influx: &Influx, wanted: Wanted<'_>) -> Result<Vec<Would>> {
    let Wanted { mode, only, prune } = wanted;
    let (is_there, marks) = (influx.is_there().await?, store.marks(influx.name()).await?);
    let is_left = is_there && stamp::is_left(store, influx).await?;
    let mut all = Vec::new();
    for info in store.with_emptied(only).await? {
        let mark = marks.get(&(info.symbol.clone(), info.interval)).copied();
        let stood = mark.is_some_and(|mark| mark.version >= info.version);
        let found = match mode {
            // All of it was taken out before any of it came there.
            SyncMode::Incremental if info.bars == 0 && mark.is_none() => continue,
            SyncMode::Incremental if is_left => changed(store, influx, &info, mark).await,
            // What is lost here stays there.
            _ if is_there && !prune && store.lost(&info.symbol, info.interval).await? > 0 => {
                one(store, influx, &info, SyncMode::Incremental).await
            }
            _ if is_there => one(store, influx, &info, mode).await,
            _ => Ok((info.bars, 0, info.first)),
        };
        let series = look::name(&info);
        match found {
            Ok((0, 0, _)) => {}
            Ok((written, removed, first)) => {
                let at = first.map(|time| format!(", the first of {time}")).unwrap_or_default();
                let note = format!("{}{at}", put_right((written, removed), if stood { "written again" } else { "written" }));
                all.push(Would { series, written, removed, deletes: false, first, note });
            }
            // The run would go on with the next one.
            Err(e) if !matches!(e.kind, Kind::Transient | Kind::Config) => {
                all.push(Would { series, written: 0, removed: 0, deletes: false, first: None, note: e.to_string() });
            }
            Err(e) => return Err(e),
        }
    }
    Ok(all)
}

type Found = (u64, u64, Option<BarTime>);

/// Counts what changed since the mark: blocks are written whole, and what was deleted here goes.
async fn changed(store: &Store, influx: &Influx, info: &SeriesInfo, mark: Option<Mark>) -> Result<Found> {
    let since = mark.map_or(0, |mark| mark.version);
    if since >= info.version {
        return Ok((0, 0, None));
    }
    let (mut written, mut removed, mut first) = (0, 0, None);
    for range in store.changed_ranges(&info.symbol, info.interval, since).await? {
        let bars = store.read(&info.symbol, info.interval, range).await?.unwrap_or_default();
        written += bars.len() as u64;
        first = first.or(bars.first().map(|bar| bar.time()));
        if since > 0 {
            let there: u64 = influx.counts(&[(&info.symbol, info.interval, range)]).await?.iter().sum();
            removed += there.saturating_sub(bars.len() as u64);
            first = first.or((there > 0).then_some(range.from));
        }
    }
    Ok((written, removed, first))
}

async fn one(store: &Store, influx: &Influx, info: &SeriesInfo, mode: SyncMode) -> Result<Found> {
    let found = compare(store, influx, info).await?;
    let removed = found.extra.len() as u64;
    Ok(match mode {
        SyncMode::Full => (info.bars, removed, info.first.into_iter().chain(found.first()).min()),
        SyncMode::Repair => (found.wrong.len() as u64, removed, found.first()),
        SyncMode::Incremental => (found.wrong.len() as u64, 0, found.wrong.first().copied()),
    })
}
