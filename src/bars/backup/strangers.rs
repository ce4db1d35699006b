//! What a backup has and this database has not: told, and left alone unless somebody wants it pruned. Another program, or another
//! database of ours, may write to the same InfluxDB, and what a database lost may be there alone.
//!
//! Series that are there and not here are looked for by each run. Bars of series that are here, and are only there, are seen
//! where a series is counted or compared, and are kept in mind until that series is looked at again. Which series were not looked at
//! yet nobody says: `sync status` has what was found, and a repair reads all.

use super::look::{self, Looked};
use super::{Influx, Tell};
use crate::bars::Result;
use crate::bars::replica::Carried;
use crate::bars::store::{NAMED, SeriesInfo, Store};
use crate::model::bars::{BarTime, Interval, Range, Symbol, SyncCounts, TargetId};
use crate::model::words::counted;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Bars of a series that are there and not here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Strays {
    /// Zero: there are some, and nobody counted them.
    pub bars: u64,
    /// None: nobody looked when it is.
    pub first: Option<BarTime>,
}

impl Strays {
    pub(super) fn of(times: &[BarTime]) -> Self {
        Self { bars: times.len() as u64, first: times.first().copied() }
    }

    /// Of an earlier and a later stretch.
    pub(super) fn and(self, later: Self) -> Self {
        Self { bars: self.bars + later.bars, first: self.first.or(later.first) }
    }
}

/// As it is noted: how many, and the seconds of the first.
type Noted = (u64, Option<i64>);

/// What a backup has besides, as it was last seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Besides {
    /// Series of which there are bars that are not here, and the names of some.
    pub series: u64,
    pub names: Vec<String>,
    /// Those of them that are not here at all, and the names of some.
    pub foreign: u64,
    pub foreign_names: Vec<String>,
    /// Bars of the others, as far as they were counted, and some of these series.
    pub bars: u64,
    strays: Vec<(String, Noted)>,
}

impl Besides {
    fn of(strays: &BTreeMap<String, Strays>, foreign: &BTreeSet<String>) -> Self {
        let all: BTreeSet<&String> = strays.keys().chain(foreign).collect();
        let some = |names: &mut dyn Iterator<Item = &String>| names.take(NAMED).cloned().collect();
        Self {
            series: all.len() as u64,
            names: some(&mut all.into_iter()),
            foreign: foreign.len() as u64,
            foreign_names: some(&mut foreign.iter()),
            bars: strays.values().map(|strays| strays.bars).sum(),
            strays: noted_form(strays.iter().take(NAMED)),
        }
    }

    /// Some of the series that are here and have other bars there.
    pub fn strays(&self) -> impl Iterator<Item = (&str, Strays)> {
        self.strays.iter().map(|(name, noted)| (name.as_str(), read(*noted)))
    }
}

fn noted_form<'a, C: FromIterator<(String, Noted)>>(strays: impl Iterator<Item = (&'a String, &'a Strays)>) -> C {
    strays.map(|(name, Strays { bars, first })| (name.clone(), (*bars, first.map(BarTime::seconds)))).collect()
}

fn read((bars, first): Noted) -> Strays {
    Strays { bars, first: first.and_then(BarTime::new) }
}

/// Series with such bars, as far as a run has looked.
#[derive(Debug, Default)]
pub(super) struct Beyond {
    looked: BTreeSet<String>,
    found: BTreeMap<String, Strays>,
}

impl Beyond {
    pub(super) fn of(seen: &Looked) -> Self {
        Self { looked: seen.counted.clone(), found: seen.beyond.clone() }
    }

    pub(super) fn hear(&mut self, name: String, strays: Strays) {
        if strays.bars > 0 {
            self.found.insert(name.clone(), strays);
        } else {
            self.found.remove(&name);
        }
        self.looked.insert(name);
    }
}

fn place(influx: &Influx) -> String {
    format!("beyond:{}", influx.name())
}

/// The series that had bars there which are not here when somebody looked.
pub(super) async fn noted(store: &Store, influx: &Influx) -> Result<BTreeMap<String, Strays>> {
    let Some(text) = store.value(&place(influx)).await? else { return Ok(BTreeMap::new()) };
    if let Ok(noted) = serde_json::from_str::<BTreeMap<String, Noted>>(&text) {
        return Ok(noted.into_iter().map(|(name, noted)| (name, read(noted))).collect());
    }
    // An earlier version kept the names alone.
    let names: BTreeSet<String> = serde_json::from_str(&text).unwrap_or_default();
    Ok(names.into_iter().map(|name| (name, Strays::default())).collect())
}

/// Notes the series that are there (`named`) and not here, and those of which bars are only there.
pub(super) async fn note(store: &Store, influx: &Influx, named: &BTreeSet<String>, beyond: Beyond) -> Result<()> {
    let found = keep(store, influx, named, beyond).await?;
    tell(store, influx, named, &found).await
}

/// Keeps in mind which series have bars of others; returns all of them.
async fn keep(store: &Store, influx: &Influx, named: &BTreeSet<String>, beyond: Beyond) -> Result<BTreeMap<String, Strays>> {
    let before = noted(store, influx).await?;
    let Beyond { looked, mut found } = beyond;
    // What was taken out of there since is not there.
    found.extend(before.iter().filter(|(name, _)| !looked.contains(*name) && named.contains(*name)).map(|(n, s)| (n.clone(), *s)));
    if found != before {
        let text: BTreeMap<String, Noted> = noted_form(found.iter());
        store.set_value(&place(influx), &serde_json::to_string(&text).expect("names and numbers")).await?;
    }
    Ok(found)
}

async fn tell(store: &Store, influx: &Influx, named: &BTreeSet<String>, strays: &BTreeMap<String, Strays>) -> Result<()> {
    let besides = Besides::of(strays, &foreign(store, influx, named).await?);
    store.set_extra(&TargetId::backup(influx.name()), &serde_json::to_string(&besides).expect("names and numbers")).await
}

/// Looks what is there now, and notes it: all series are counted. What lies between a series' own bars is told and not kept in
/// mind: the next run puts it right.
pub async fn look(store: &Store, influx: &Influx) -> Result<()> {
    let (named, known) = (influx.series_names().await?, store.with_emptied(None).await?);
    let there: Vec<&SeriesInfo> = known.iter().filter(|info| named.contains(&look::name(info))).collect();
    let mut seen = Looked::default();
    seen.count(store, influx, &there).await?;
    let mut found = keep(store, influx, &named, Beyond::of(&seen)).await?;
    found.extend(seen.between);
    tell(store, influx, &named, &found).await
}

/// Takes series out that are there (`named`) and not here, but for those that nobody here could have written: these cannot be asked
/// for by their name.
pub(super) async fn prune(store: &Store, influx: &Influx, named: &BTreeSet<String>, done: &mut SyncCounts, tell: &Tell<'_>) -> Result<()> {
    for (symbol, interval) in foreign(store, influx, named).await?.iter().filter_map(|name| ours(name)) {
        let started = Timestamp::now();
        let bars = influx.counts(&[(&symbol, interval, Range::ALL)]).await?.iter().sum();
        influx.drop_series(&symbol, interval).await?;
        done.add(SyncCounts { series: 0, carried: 1, bars: 0, removed: bars, failed: 0 });
        let note = format!("{} taken out: the series is not here", counted(bars, "bar"));
        let (ended, error) = (Timestamp::now(), String::new());
        tell.tell(Carried { symbol, interval, bars: 0, started, ended, error, note }, None).await?;
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
pub async fn extra(store: &Store, backup: &TargetId) -> Result<Option<Besides>> {
    Ok(store.extra(backup).await?.and_then(|text| serde_json::from_str(&text).ok()))
}
