//! The bars database as the daemon holds it: opened beside everything else, since its integrity check reads the whole file.
//!
//! Until then, or if the file is damaged, who asks is told why; replication and all other work go on without it.

use super::store::Store;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// A cheap handle.
#[derive(Clone, Default)]
pub struct Slot(Arc<OnceLock<Result<Store, String>>>);

impl Slot {
    /// Opens the database of a directory, on a thread that may block. Awaiting the handle awaits the end of it.
    pub fn open(&self, dir: PathBuf) -> tokio::task::JoinHandle<()> {
        let slot = self.clone();
        tokio::task::spawn_blocking(move || {
            let opened = Store::open(&dir).map_err(|e| e.to_string());
            if let Err(error) = &opened {
                tracing::error!(%error, "market data is not served");
            }
            let _ = slot.0.set(opened);
        })
    }

    /// Holds what is not to be opened, and why.
    pub fn closed(why: &str) -> Self {
        let slot = Self::default();
        let _ = slot.0.set(Err(why.to_owned()));
        slot
    }

    /// Returns the store, or why there is none.
    pub fn get(&self) -> Result<&Store, &str> {
        match self.0.get() {
            None => Err("the bars database is being opened"),
            Some(Ok(store)) => Ok(store),
            Some(Err(why)) => Err(why),
        }
    }
}
