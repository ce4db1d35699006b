//! The bars database as the daemon holds it: opened beside everything else, since its integrity check reads the whole file.
//!
//! Until then, if the file is damaged, or where market data is switched off, who asks is told which of these it is ([`Missing`]);
//! replication and all other work go on without it.

use super::Error;
use super::store::Store;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// Why there is no database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    #[error("the bars database is being opened")]
    Opening,
    #[error("[dms] enabled = false")]
    Disabled,
    /// The code is that of what went wrong, where that says what to do.
    #[error("{why}")]
    Broken { code: &'static str, why: String },
}

impl Missing {
    /// The errors that it becomes.
    pub const CODES: [&str; 5] = ["bars_not_ready", "bars_disabled", "bars_store_unusable", "bars_store_damaged", "bars_store_newer"];

    fn broken(error: &Error) -> Self {
        let code = if Self::CODES.contains(&error.code) { error.code } else { "bars_store_unusable" };
        Self::Broken { code, why: error.to_string() }
    }

    /// What keeps market data from being served until somebody does something; to be told to anybody.
    pub fn lasting(&self) -> Option<&'static str> {
        match self {
            Self::Opening | Self::Disabled => None,
            Self::Broken { code, why: _ } => Some(code),
        }
    }
}

/// A cheap handle.
#[derive(Clone, Default)]
pub struct Slot(Arc<OnceLock<Result<Store, Missing>>>);

impl Slot {
    /// Opens the database of a directory, on a thread that may block. Awaiting the handle awaits the end of it.
    pub fn open(&self, dir: PathBuf) -> tokio::task::JoinHandle<()> {
        let slot = self.clone();
        tokio::task::spawn_blocking(move || {
            let opened = Store::open(&dir).map_err(|e| Missing::broken(&e));
            if let Err(error) = &opened {
                tracing::error!(%error, "market data is not served");
            }
            let _ = slot.0.set(opened);
        })
    }

    /// Holds what is not to be opened.
    pub fn disabled() -> Self {
        let slot = Self::default();
        let _ = slot.0.set(Err(Missing::Disabled));
        slot
    }

    /// Returns the store, or why there is none.
    pub fn get(&self) -> Result<&Store, Missing> {
        match self.0.get() {
            None => Err(Missing::Opening),
            Some(Ok(store)) => Ok(store),
            Some(Err(why)) => Err(why.clone()),
        }
    }
}

impl From<Missing> for Error {
    fn from(missing: Missing) -> Self {
        let message = format!("market data is not served: {missing}");
        match missing {
            Missing::Opening => Self::transient("bars_not_ready", message),
            Missing::Disabled => Self::config("bars_disabled", message).hint("set it to true and restart the daemon"),
            Missing::Broken { code, why: _ } => Self::permanent(code, message),
        }
    }
}
