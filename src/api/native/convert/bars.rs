//! What is done with market data, and what it counts.

use crate::api::carry;
use crate::api::error::{Error, Result};
use crate::model::bars::{BarCounts, BarTime, BarsSpec, BarsSyncSpec, Interval, Range, Symbol, SyncCounts, SyncMode, TargetKind, TaskKind};
use crate::model::hosts::HostCounts;
use crate::model::run::Counters;
use crate::wire::native::{runs, tasks as wire};

/// The counts of a run, by the kind of its work.
pub(super) fn counts(counters: Option<&Counters>) -> (Option<runs::HostCounts>, Option<runs::BarCounts>, Option<runs::SyncCounts>) {
    match counters {
        Some(Counters::Hosts(counts)) => {
            let HostCounts { total, inserted, updated, failed, no_data, not_in_pool, requests, retries } = *counts;
            (Some(runs::HostCounts { total, inserted, updated, failed, no_data, not_in_pool, requests, retries }), None, None)
        }
        Some(Counters::Bars { task: _, counts }) => {
            let BarCounts { total, updated, unchanged, no_data, sound, faulty, failed, bars, doubtful, gone } = *counts;
            (None, Some(runs::BarCounts { total, updated, unchanged, no_data, sound, faulty, failed, bars, doubtful, gone }), None)
        }
        Some(Counters::BarsSync(counts)) => {
            let SyncCounts { series, carried, bars, removed, failed } = *counts;
            (None, None, Some(runs::SyncCounts { series, carried, bars, removed, failed }))
        }
        Some(Counters::Rows { .. }) | None => (None, None, None),
    }
}

fn wrong(at: &str, field: &str, why: impl std::fmt::Display) -> Error {
    Error::bad_request(format!("{at}.{field}: {why}")).field(format!("{at}.{field}"))
}

pub(super) fn work(spec: BarsSpec) -> wire::BarsWork {
    let BarsSpec { kind, provider, symbols, symbols_file, interval, days, range, overlap, extreme_move, sync } = spec;
    let (from, to) = ends(range);
    wire::BarsWork {
        kind: kind.as_str().to_owned(),
        provider,
        symbols: symbols.map(|list| list.iter().map(ToString::to_string).collect()),
        symbols_file: symbols_file.map(|file| file.display().to_string()),
        interval: Some(interval.to_string()),
        days,
        from,
        to,
        overlap: Some(overlap),
        extreme_move: Some(extreme_move),
        sync,
    }
}

pub(super) fn spec(work: wire::BarsWork) -> Result<BarsSpec> {
    let wire::BarsWork { kind, provider, symbols, symbols_file, interval, days, from, to, overlap, extreme_move, sync } = work;
    if symbols_file.is_some() {
        return Err(wrong("bars", "symbols_file", "only a task of the configuration file has one ([[dms.tasks]]); send symbols"));
    }
    let words = || TaskKind::ALL.map(TaskKind::as_str).join(", ");
    let kind = TaskKind::parse(&kind).ok_or_else(|| wrong("bars", "type", format!("{kind:?} is not one of {}", words())))?;
    let mut spec = BarsSpec::new(kind, carry::interval(interval.as_deref())?);
    spec.symbols = symbols.map(|list| carry::symbols("bars.symbols", list.iter().map(String::as_str))).transpose()?;
    spec.range = range("bars", spec.interval, from.as_deref(), to.as_deref())?;
    (spec.provider, spec.days, spec.sync) = (provider, days, sync);
    spec.overlap = overlap.unwrap_or(spec.overlap);
    spec.extreme_move = extreme_move.unwrap_or(spec.extreme_move);
    if let Some(why) = spec.judge().first() {
        let (field, why) = why.split_once(": ").unwrap_or(("type", why));
        return Err(wrong("bars", field, why));
    }
    Ok(spec)
}

pub(super) fn sync_work(spec: BarsSyncSpec) -> wire::SyncWork {
    let BarsSyncSpec { target, kind, mode, symbol, range, prune } = spec;
    let (from, to) = ends(range);
    let kind = kind.map(|kind| kind.as_str().to_owned());
    wire::SyncWork { target, kind, mode: Some(mode.as_str().to_owned()), symbol: symbol.map(|s| s.to_string()), from, to, prune }
}

pub(super) fn sync_spec(work: wire::SyncWork) -> Result<BarsSyncSpec> {
    let wire::SyncWork { target, kind, mode, symbol, from, to, prune } = work;
    let unknown =
        |field: &str, text: &str, words: &[&str]| wrong("bars_sync", field, format!("{text:?} is not one of {}", words.join(", ")));
    let kinds = |text: String| TargetKind::parse(&text).ok_or_else(|| unknown("kind", &text, &TargetKind::ALL.map(TargetKind::as_str)));
    let modes = |text: String| SyncMode::parse(&text).ok_or_else(|| unknown("mode", &text, &SyncMode::ALL.map(SyncMode::as_str)));
    Ok(BarsSyncSpec {
        target,
        kind: kind.map(kinds).transpose()?,
        mode: mode.map(modes).transpose()?.unwrap_or(SyncMode::Incremental),
        symbol: symbol.map(|s| Symbol::parse(&s).map_err(|e| wrong("bars_sync", "symbol", e))).transpose()?,
        range: range("bars_sync", Interval::D1, from.as_deref(), to.as_deref())?,
        prune,
    })
}

fn range(at: &str, interval: Interval, from: Option<&str>, to: Option<&str>) -> Result<Option<Range>> {
    if from.is_none() && to.is_none() {
        return Ok(None);
    }
    let read = Range::parse(interval, from.unwrap_or("1800-01-01"), to.unwrap_or("2199-12-31"));
    read.map(Some).map_err(|why| {
        let (field, why) = match why.strip_prefix("end_date ") {
            Some(why) => ("to", why),
            None => ("from", why.strip_prefix("start_date ").unwrap_or(&why)),
        };
        wrong(at, field, why.replace("end_date", "`to`"))
    })
}

/// An end that was not said is the first or the last day that there is.
fn ends(range: Option<Range>) -> (Option<String>, Option<String>) {
    let is_open = |time: BarTime| [BarTime::MIN, BarTime::MAX].iter().any(|end| end.date() == time.date());
    let written = |time: BarTime| (!is_open(time)).then(|| time.to_string());
    range.map_or((None, None), |r| (written(r.from), written(r.to)))
}
