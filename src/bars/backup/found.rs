//! Series that a run's look found to be other there than they were left, until they are put right.
//!
//! A run that is ended in the midst knew more than it had done. So before it writes anything, the marks of all of these are set back
//! in one transaction: `sync status` counts and names them. They are noted as well, so that the next run compares them as this one
//! would have done, and says why.

use super::Influx;
use super::look::Looked;
use crate::bars::Result;
use crate::bars::store::{Mark, SeriesInfo, Store};
use crate::model::bars::{Interval, Symbol};
use std::collections::{BTreeMap, BTreeSet, HashMap};

type Series = (Symbol, Interval);

/// What was found, and which version of each series that was. Of one that changed since it is not known what was deleted here.
#[derive(Debug)]
pub(super) struct Found {
    place: String,
    all: BTreeMap<Series, u64>,
    /// Those that an earlier run had found, and left.
    earlier: BTreeSet<Series>,
    /// As the bars database has it.
    kept: BTreeMap<Series, u64>,
}

impl Found {
    /// What earlier runs left. A series that has a mark again was brought there since.
    pub(super) async fn of(store: &Store, influx: &Influx, marks: &HashMap<Series, Mark>) -> Result<Self> {
        let place = place(influx);
        let text = store.value(&place).await?.unwrap_or_default();
        let read =
            |(symbol, interval, version): (String, String, u64)| Some(((Symbol::stored(&symbol)?, Interval::parse(&interval)?), version));
        let noted: Vec<_> = serde_json::from_str(&text).unwrap_or_default();
        let kept: BTreeMap<Series, u64> = noted.into_iter().filter_map(read).collect();
        let mut all = kept.clone();
        all.retain(|series, _| marks.get(series).is_some_and(|mark| mark.version == 0));
        Ok(Self { place, earlier: all.keys().cloned().collect(), all, kept })
    }

    /// Notes what this run's look has seen besides, and takes back that it is there.
    pub(super) async fn note(&mut self, store: &Store, influx: &Influx, looked: &Looked) -> Result<()> {
        if looked.other.is_empty() {
            return Ok(());
        }
        self.all.extend(looked.other.clone());
        store.set_back(influx.name(), looked.other.keys().cloned().collect(), &self.place, text(&self.all)).await?;
        self.kept.clone_from(&self.all);
        Ok(())
    }

    pub(super) fn has(&self, info: &SeriesInfo) -> bool {
        self.all.get(&key(info)) == Some(&info.version)
    }

    /// Whether an earlier run had found it.
    pub(super) fn was_left(&self, info: &SeriesInfo) -> bool {
        self.has(info) && self.earlier.contains(&key(info))
    }

    /// It is there as it is here.
    pub(super) fn done(&mut self, info: &SeriesInfo) {
        self.all.remove(&key(info));
    }

    pub(super) async fn keep(&mut self, store: &Store) -> Result<()> {
        if self.kept != self.all {
            store.set_value(&self.place, &text(&self.all)).await?;
            self.kept.clone_from(&self.all);
        }
        Ok(())
    }
}

fn place(influx: &Influx) -> String {
    format!("found:{}", influx.name())
}

/// No mark says any more which of them were done since.
pub(super) async fn forget(store: &Store, influx: &Influx) -> Result<()> {
    store.set_value(&place(influx), "").await
}

fn key(info: &SeriesInfo) -> Series {
    (info.symbol.clone(), info.interval)
}

fn text(all: &BTreeMap<Series, u64>) -> String {
    let noted: Vec<_> = all.iter().map(|((symbol, interval), version)| (symbol.as_str(), interval.as_str(), version)).collect();
    serde_json::to_string(&noted).expect("names and numbers")
}
