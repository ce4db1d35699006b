//! What a backup has and this database has not: told, and left alone unless somebody wants it pruned. Another program, or another
//! database of ours, may write to the same InfluxDB, and what a database lost may be there alone.
//!
//! Series that are there and not here are looked for by each run. Bars of ours that lie before the first or after the last are seen
//! where a series is counted or compared, and are kept in mind until that series is looked at again.

use super::Influx;
use super::look::Looked;
use crate::bars::Result;
use crate::bars::replica::Carried;
use crate::bars::replica::message::Extra;
use crate::bars::store::{NAMED, Store};
use crate::model::bars::{Interval, Range, Symbol, SyncCounts, TargetId};
use crate::model::words::counted;
use jiff::Timestamp;
use std::collections::BTreeSet;
use tokio::sync::mpsc;

/// Series with such bars, as far as a run has looked.
#[derive(Debug, Default)]
pub(super) struct Beyond {
    pub(super) looked: BTreeSet<String>,
    pub(super) found: BTreeSet<String>,
}

impl Beyond {
    pub(super) fn of(seen: &Looked) -> Self {
        Self { looked: seen.counted.clone(), found: seen.beyond.clone() }
    }

    pub(super) fn hear(&mut self, name: String, has_more: bool) {
        if has_more {
            self.found.insert(name.clone());
        } else {
            self.found.remove(&name);
        }
        self.looked.insert(name);
    }
}

fn place(influx: &Influx) -> String {
    format!("beyond:{}", influx.name())
}

/// Names the series that had bars there which are not here when somebody looked.
pub(super) async fn noted(store: &Store, influx: &Influx) -> Result<BTreeSet<String>> {
    Ok(store.value(&place(influx)).await?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// Notes the series that are there (`named`) and not here, and those that have bars there before the first or after the last.
pub(super) async fn note(store: &Store, influx: &Influx, named: &BTreeSet<String>, beyond: Beyond) -> Result<()> {
    let before = noted(store, influx).await?;
    let Beyond { looked, mut found } = beyond;
    // What was taken out of there since is not there.
    found.extend(before.iter().filter(|name| !looked.contains(*name) && named.contains(*name)).cloned());
    if found != before {
        store.set_value(&place(influx), &serde_json::to_string(&found).expect("names")).await?;
    }
    let mut names = found;
    names.extend(foreign(store, influx, named).await?);
    let extra = Extra { series: names.len() as u64, names: names.into_iter().take(NAMED).collect(), ..Extra::default() };
    let text = serde_json::to_string(&extra).expect("numbers and names");
    store.set_extra(&TargetId::backup(influx.name()), &text).await
}

/// Looks what is there now, and notes it.
pub async fn look(store: &Store, influx: &Influx) -> Result<()> {
    note(store, influx, &influx.series_names().await?, Beyond::default()).await
}

/// Takes series out that are there (`named`) and not here, but for those that nobody here could have written: these cannot be asked
/// for by their name.
pub(super) async fn prune(
    store: &Store,
    influx: &Influx,
    named: &BTreeSet<String>,
    done: &mut SyncCounts,
    told: &mpsc::Sender<Carried>,
) -> Result<()> {
    for (symbol, interval) in foreign(store, influx, named).await?.iter().filter_map(|name| ours(name)) {
        let started = Timestamp::now();
        let bars = influx.counts(&[(&symbol, interval, Range::ALL)]).await?.iter().sum();
        influx.drop_series(&symbol, interval).await?;
        done.add(SyncCounts { series: 0, carried: 1, bars: 0, removed: bars, failed: 0 });
        let note = format!("{} taken out: the series is not here", counted(bars, "bar"));
        let (ended, error) = (Timestamp::now(), String::new());
        let _ = told.send(Carried { symbol, interval, bars: 0, started, ended, error, note }).await;
    }
    Ok(())
}

/// Names the series that are there and not here.
async fn foreign(store: &Store, influx: &Influx, named: &BTreeSet<String>) -> Result<BTreeSet<String>> {
    let known: BTreeSet<String> = store.with_emptied(None).await?.iter().map(|s| format!("{} {}", s.symbol, s.interval)).collect();
    let (mut foreign, mut asked) = (BTreeSet::new(), Vec::new());
    for name in named.difference(&known) {
        match ours(name) {
            Some(series) => asked.push((name, series)),
            // What is none of ours cannot be asked for.
            None => drop(foreign.insert(name.clone())),
        }
    }
    let (names, series): (Vec<&String>, Vec<(Symbol, Interval)>) = asked.into_iter().unzip();
    // A series that has lost all its points is still listed there.
    let have = influx.have(&series).await?;
    foreign.extend(names.into_iter().zip(have).filter(|(_, has)| *has).map(|(name, _)| name.clone()));
    Ok(foreign)
}

/// Reads a name that we could have written.
fn ours(name: &str) -> Option<(Symbol, Interval)> {
    let (symbol, interval) = name.split_once(' ')?;
    let whole = Symbol::parse(symbol).ok().filter(|parsed| parsed.as_str() == symbol)?;
    Some((whole, Interval::parse(interval)?))
}

/// Returns what was noted; None: nobody looked.
pub async fn extra(store: &Store, backup: &TargetId) -> Result<Option<Extra>> {
    Ok(store.extra(backup).await?.and_then(|text| serde_json::from_str(&text).ok()))
}
