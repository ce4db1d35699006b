//! The stored forms of what is done with market data.

use crate::model::bars::{BarTime, BarsSpec, BarsSyncSpec, Interval, Range, Symbol, SyncMode, TargetKind, TaskKind};
use crate::store::{Error, Result};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(Serialize, Deserialize)]
pub(super) struct Bars {
    kind: String,
    provider: Option<String>,
    symbols: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    symbols_file: Option<PathBuf>,
    interval: String,
    days: Option<u32>,
    range: Option<(i64, i64)>,
    overlap: u32,
    extreme_move: f64,
    sync: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct BarsSync {
    target: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    mode: String,
    symbol: Option<String>,
    range: Option<(i64, i64)>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    prune: bool,
}

fn unknown(what: &str, text: &str) -> Error {
    Error::io(format!("stored task: unknown {what} {text:?}"))
}

fn symbol(text: &str) -> Result<Symbol> {
    Symbol::parse(text).map_err(|_| unknown("symbol", text))
}

fn seconds(range: Range) -> (i64, i64) {
    (range.from.seconds(), range.to.seconds())
}

fn range((from, to): (i64, i64)) -> Result<Range> {
    let time = |seconds: i64| BarTime::new(seconds).ok_or_else(|| unknown("time", &seconds.to_string()));
    Ok(Range { from: time(from)?, to: time(to)? })
}

impl Bars {
    pub(super) fn of(spec: &BarsSpec) -> Self {
        let BarsSpec { kind, provider, symbols, symbols_file, interval, days, range, overlap, extreme_move, sync } = spec.clone();
        Self {
            kind: kind.as_str().to_owned(),
            provider,
            symbols: symbols.map(|list| list.iter().map(ToString::to_string).collect()),
            symbols_file,
            interval: interval.as_str().to_owned(),
            days,
            range: range.map(seconds),
            overlap,
            extreme_move,
            sync,
        }
    }

    pub(super) fn model(self) -> Result<BarsSpec> {
        let Self { kind, provider, symbols, symbols_file, interval, days, range: bounds, overlap, extreme_move, sync } = self;
        Ok(BarsSpec {
            kind: TaskKind::parse(&kind).ok_or_else(|| unknown("type", &kind))?,
            provider,
            symbols: symbols.map(|list| list.iter().map(|s| symbol(s)).collect()).transpose()?,
            symbols_file,
            interval: Interval::parse(&interval).ok_or_else(|| unknown("interval", &interval))?,
            days,
            range: bounds.map(range).transpose()?,
            overlap,
            extreme_move,
            sync,
        })
    }
}

impl BarsSync {
    pub(super) fn of(spec: &BarsSyncSpec) -> Self {
        let BarsSyncSpec { target, kind, mode, symbol, range, prune } = spec.clone();
        let kind = kind.map(|kind| kind.as_str().to_owned());
        let (symbol, range) = (symbol.map(|s| s.to_string()), range.map(seconds));
        Self { target, kind, mode: mode.as_str().to_owned(), symbol, range, prune }
    }

    pub(super) fn model(self) -> Result<BarsSyncSpec> {
        let Self { target, kind, mode, symbol: paper, range: bounds, prune } = self;
        let parsed = |text: String| TargetKind::parse(&text).ok_or_else(|| unknown("target's kind", &text));
        Ok(BarsSyncSpec {
            target,
            kind: kind.map(parsed).transpose()?,
            mode: SyncMode::parse(&mode).ok_or_else(|| unknown("mode", &mode))?,
            symbol: paper.map(|s| symbol(&s)).transpose()?,
            range: bounds.map(range).transpose()?,
            prune,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs_round_trip_and_those_of_version_1_load_for_ever() {
        let mut spec = BarsSpec::new(TaskKind::FullSync, Interval::H1);
        spec.symbols = Some(vec![Symbol::parse("0700.HK").unwrap(), Symbol::parse("BRK.B").unwrap()]);
        spec.range = Some(Range { from: BarTime::new(0).unwrap(), to: BarTime::MAX });
        (spec.provider, spec.days, spec.extreme_move, spec.sync) = (Some("yahoo".into()), Some(7), 0.25, true);
        spec.symbols_file = Some("/etc/us.txt".into());
        let text = serde_json::to_string(&Bars::of(&spec)).unwrap();
        assert_eq!(serde_json::from_str::<Bars>(&text).unwrap().model().unwrap(), spec);
        let old = r#"{"kind":"incremental","provider":null,"symbols":["HK.00700"],"interval":"1d","days":null,"range":null,"overlap":10,"extreme_move":0.2,"sync":false}"#;
        let loaded = serde_json::from_str::<Bars>(old).unwrap().model().unwrap();
        assert_eq!(loaded.symbols_file, None);
        assert_eq!((loaded.kind, loaded.symbols.unwrap()[0].as_str()), (TaskKind::Incremental, "HK.00700"));
        let sync = BarsSyncSpec { mode: SyncMode::Repair, symbol: Some(Symbol::parse("AAPL").unwrap()), ..BarsSyncSpec::new("b") };
        let text = serde_json::to_string(&BarsSync::of(&sync)).unwrap();
        assert_eq!(text, r#"{"target":"b","mode":"repair","symbol":"US.AAPL","range":null}"#);
        assert_eq!(serde_json::from_str::<BarsSync>(&text).unwrap().model().unwrap(), sync);
        let slave = BarsSyncSpec { kind: Some(TargetKind::Slave), prune: true, ..sync };
        let text = serde_json::to_string(&BarsSync::of(&slave)).unwrap();
        assert_eq!(serde_json::from_str::<BarsSync>(&text).unwrap().model().unwrap(), slave);
    }
}
