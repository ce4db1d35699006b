//! A receiver that undoes what it takes: what a pull would do is what the same transfer says of it (`would`). No bar is written.
//!
//! What was tried stands for the rest of that transfer as if it had been taken in, so that no series is brought twice.

use super::message::{self, Applied, Delivery, Entry, Need};
use super::taken_out;
use crate::bars::store::Store;
use crate::bars::{Result, Would};
use crate::model::words::counted;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub struct Trial {
    pub(super) store: Store,
    /// By symbol and interval: a later delivery has what an earlier one had.
    tried: Mutex<BTreeMap<(String, String), Tried>>,
}

struct Tried {
    /// The series' then.
    digest: String,
    /// None: it would be as it is.
    would: Option<Would>,
}

impl Trial {
    pub(super) fn new(store: Store) -> Self {
        Self { store, tried: Mutex::default() }
    }

    /// Returns what would become of the series, by name.
    pub(super) fn told(&self) -> Vec<Would> {
        self.tried().values().filter_map(|tried| tried.would.clone()).collect()
    }

    fn tried(&self) -> MutexGuard<'_, BTreeMap<(String, String), Tried>> {
        self.tried.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn would_have(&self, entry: &Entry) -> bool {
        self.tried().get(&(entry.symbol.clone(), entry.interval.clone())).is_some_and(|tried| tried.digest == entry.digest)
    }

    pub(super) async fn needs(&self, entries: &[Entry]) -> Result<Vec<Need>> {
        let others: Vec<Entry> = entries.iter().filter(|entry| !self.would_have(entry)).cloned().collect();
        self.store.replica_needs(&others).await
    }

    pub(super) async fn apply(&self, delivery: Delivery) -> Result<Applied> {
        let (symbol, interval) = message::name(&delivery.entry.symbol, &delivery.entry.interval)?;
        let (applied, first) = self.store.replica_try(&delivery).await?;
        let Applied { bars, removed, missing: _, digest } = &applied;
        let came = (*bars > 0).then(|| {
            let at = first.map(|time| format!(", the first of {time}")).unwrap_or_default();
            format!("{} carried{at}", counted(*bars, "bar"))
        });
        let note: Vec<String> = came.into_iter().chain((*removed > 0).then(|| taken_out(*removed))).collect();
        let series = format!("{symbol} {interval}");
        let would = (!note.is_empty()).then(|| Would {
            series,
            written: *bars,
            removed: *removed,
            deletes: false,
            first: first.filter(|_| *bars > 0),
            note: note.join("; "),
        });
        let Entry { symbol, interval, .. } = delivery.entry;
        self.tried().insert((symbol, interval), Tried { digest: digest.clone(), would });
        Ok(applied)
    }
}
