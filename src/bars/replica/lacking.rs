//! Series that cannot be brought (their bars are damaged at the sender, say): they are noted beside the version that was followed, so
//! that they hold nothing else up, and are tried again by each transfer that goes on from there.

use super::message::{Entry, Followed, Lacking, Name};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// With more of them the version stays where it is, and all is compared again.
const MOST: usize = 1000;

type Series = (String, String);

/// Those of a transfer that is under way.
pub(super) struct Lacks {
    /// Of the transfers before, and since when.
    before: BTreeMap<Series, Timestamp>,
    now: BTreeMap<Series, Timestamp>,
}

impl Lacks {
    /// Begins with none: each is tried again.
    pub(super) fn after(followed: &Followed) -> Self {
        let series = |lacking: &Lacking| ((lacking.symbol.clone(), lacking.interval.clone()), lacking.since);
        Self { before: followed.lacking.iter().map(series).collect(), now: BTreeMap::new() }
    }

    /// Takes in what became of a series.
    pub(super) fn note(&mut self, entry: &Entry, is_well: bool) {
        let series = (entry.symbol.clone(), entry.interval.clone());
        if is_well {
            self.now.remove(&series);
        } else {
            let since = self.before.get(&series).copied().unwrap_or_else(|| crate::bars::micros(Timestamp::now()));
            self.now.insert(series, since);
        }
    }

    /// Whether it was tried in this transfer, and could not be brought.
    pub(super) fn has(&self, entry: &Entry) -> bool {
        self.now.contains_key(&(entry.symbol.clone(), entry.interval.clone()))
    }

    pub(super) fn count(&self) -> u64 {
        self.now.len() as u64
    }

    /// Nothing can be followed beside so many.
    pub(super) fn are_too_many(&self) -> bool {
        self.now.len() > MOST
    }

    pub(super) fn list(&self) -> Vec<Lacking> {
        let lacking = |((symbol, interval), since): (&Series, &Timestamp)| {
            let (symbol, interval) = (symbol.clone(), interval.clone());
            Lacking { symbol, interval, since: *since }
        };
        self.now.iter().map(lacking).collect()
    }
}

impl Followed {
    /// Series that are to be looked at whatever was followed.
    pub(super) fn again(&self) -> Vec<Name> {
        let lacking = self.lacking.iter().map(|lacking| (&lacking.symbol, &lacking.interval));
        let series: BTreeSet<_> = self.damaged.iter().map(|name| (&name.symbol, &name.interval)).chain(lacking).collect();
        series.into_iter().map(|(symbol, interval)| Name { symbol: symbol.clone(), interval: interval.clone() }).collect()
    }
}
