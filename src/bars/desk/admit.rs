//! Whether a slave takes bars from whoever brings them: a refusal comes before anything is written.

use super::{Desk, MEETING};
use crate::bars::replica::{self, Master};
use crate::bars::store::Store;
use crate::bars::{Error, Result};
use crate::model::bars::TargetId;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Ids of stores that were refused, each told once: they come every few seconds.
#[derive(Clone, Default)]
pub(super) struct Told(Arc<Mutex<BTreeSet<String>>>);

impl Told {
    const MOST: usize = 100;

    fn is_news(&self, store: &str) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() >= Self::MOST {
            told.clear();
        }
        told.insert(store.to_owned())
    }
    fn forget(&self, store: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(store);
    }
}

impl Desk {
    /// Refuses whoever is not this slave's master. `brings`: bars come now, and the first one to bring any to a slave that names no
    /// master is that from then on.
    pub async fn admit(&self, own: &Store, store: &str, name: Option<&str>, brings: bool) -> Result<()> {
        let came = Master { store: store.to_owned(), name: name.map(str::to_owned), place: None };
        match self.whom(own, &came, brings).await? {
            Some(master) if master.store != came.store => {
                let refusal = master.refuses(&came);
                // A question without a name is nobody's attempt.
                if came.name.is_some() && self.told.is_news(store) {
                    tracing::warn!(%master, %came, "bars of another master are refused; {}", refusal.hint);
                }
                Err(refusal)
            }
            _ => {
                self.told.forget(store);
                Ok(())
            }
        }
    }

    /// Whose bars are taken; None: whoever's come first.
    async fn whom(&self, own: &Store, came: &Master, brings: bool) -> Result<Option<Master>> {
        let kept = own.master().await?;
        let Some(peer) = self.master() else {
            return match kept {
                None if brings => own.first_master(came).await.map(Some),
                kept => Ok(kept),
            };
        };
        // Of another address it is another's, or a former one's.
        let kept = kept.filter(|master| master.place == Some(peer.place()));
        if kept.as_ref().is_some_and(|master| master.store == came.store) {
            return Ok(kept);
        }
        let target = TargetId::slave(self.own_name());
        let why = match tokio::time::timeout(MEETING / 2, replica::named(own, peer, &target)).await {
            Ok(Ok(master)) => return Ok(Some(master)),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it does not answer in time".to_owned(),
        };
        match kept {
            Some(master) => Ok(Some(master)),
            None => Err(Error::transient(
                "bars_master_unknown",
                format!("whether this is the slave's master ([dms] master, {}) is not known: {why}", peer.place()),
            )),
        }
    }
}
