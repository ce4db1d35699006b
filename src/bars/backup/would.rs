//! What a run that reads all would do: its reads without its writes, for who asks before.
//!
//! Called before a repair or a full run, which compare or write every series. Nothing is written at either end.

use super::{Influx, Wanted, compare, look, put_right};
use crate::bars::store::{SeriesInfo, Store};
use crate::bars::{Kind, Result};
use crate::model::bars::{BarTime, SyncMode};

/// What would be done to one series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Would {
    /// E.g. `US.AAPL 1d`.
    pub series: String,
    pub written: u64,
    pub removed: u64,
    /// The first bar that would be put right or taken out.
    pub first: Option<BarTime>,
    /// In words, or why it cannot be said.
    pub note: String,
}

/// Names the series that a run would change. None: it does not read all, so this does not either.
pub async fn would(store: &Store, influx: &Influx, wanted: Wanted<'_>) -> Result<Option<Vec<Would>>> {
    let Wanted { mode, only, prune: _ } = wanted;
    if mode == SyncMode::Incremental {
        return Ok(None);
    }
    let (is_there, marks) = (influx.is_there().await?, store.marks(influx.name()).await?);
    let mut all = Vec::new();
    for info in store.with_emptied(only).await? {
        let stood = marks.get(&(info.symbol.clone(), info.interval)).is_some_and(|mark| mark.version >= info.version);
        let found = if is_there { one(store, influx, &info, mode).await } else { Ok((info.bars, 0, info.first)) };
        let series = look::name(&info);
        match found {
            Ok((0, 0, _)) => {}
            Ok((written, removed, first)) => {
                let at = first.map(|time| format!(", the first of {time}")).unwrap_or_default();
                let note = format!("{}{at}", put_right((written, removed), if stood { "written again" } else { "written" }));
                all.push(Would { series, written, removed, first, note });
            }
            // The run would go on with the next one.
            Err(e) if !matches!(e.kind, Kind::Transient | Kind::Config) => {
                all.push(Would { series, written: 0, removed: 0, first: None, note: e.to_string() });
            }
            Err(e) => return Err(e),
        }
    }
    Ok(Some(all))
}

async fn one(store: &Store, influx: &Influx, info: &SeriesInfo, mode: SyncMode) -> Result<(u64, u64, Option<BarTime>)> {
    let found = compare(store, influx, info).await?;
    let removed = found.extra.len() as u64;
    Ok(match mode {
        SyncMode::Full => (info.bars, removed, info.first.into_iter().chain(found.first()).min()),
        SyncMode::Incremental | SyncMode::Repair => (found.wrong.len() as u64, removed, found.first()),
    })
}
