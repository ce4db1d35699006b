//! What the daemon holds for market data: the store, the peers, and who carries bars between them.

use crate::bars::replica::{End, Peer};
use crate::bars::{Follower, Result, Slot};
use crate::config::{Config, DmsRole};
use crate::secret::Secret;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// A cheap handle.
#[derive(Clone)]
pub struct Desk {
    pub bars: Slot,
    /// A slave's.
    pub(super) master: Option<Peer>,
    /// A master's, by name.
    pub(super) slaves: Arc<BTreeMap<String, Peer>>,
    /// To each peer; there once the store is open.
    carriers: Arc<OnceLock<BTreeMap<String, Follower>>>,
    every: Option<Duration>,
}

/// How the one of a slave is called among the carriers.
const MASTER: &str = "master";

impl Desk {
    /// Reads the settings; an error is one of them.
    pub fn new(config: &Config) -> Result<Self, String> {
        let dms = &config.dms;
        let token = match &dms.cluster_token_file {
            None => None,
            Some(file) => {
                let text = std::fs::read_to_string(file).map_err(|e| format!("dms.cluster_token_file {}: {e}", file.display()))?;
                Some(Secret::new(text.trim()))
            }
        };
        let peer = |name: &str, address: &str| Peer::new(name, address, token.clone()).map_err(|e| e.to_string());
        let master = match (&dms.master, dms.role) {
            (Some(address), DmsRole::Slave) => Some(peer(MASTER, address)?),
            (Some(_), DmsRole::Master) => return Err("dms.master: a master has none; set dms.role = \"slave\"".to_owned()),
            (None, _) => None,
        };
        if dms.role == DmsRole::Slave && !dms.slaves.is_empty() {
            return Err("dms.slaves: a slave has none".to_owned());
        }
        let enabled = dms.slaves.iter().filter(|s| s.enabled);
        let host = |host: &str| if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() };
        let slaves: Result<_, String> =
            enabled.map(|s| Ok((s.name.clone(), peer(&s.name, &format!("http://{}:{}", host(&s.host), s.port))?))).collect();
        let seconds = if dms.role == DmsRole::Slave { dms.pull_seconds } else { dms.push_seconds };
        Ok(Self {
            bars: if dms.enabled { Slot::default() } else { Slot::closed("[dms] enabled = false") },
            master,
            slaves: Arc::new(slaves?),
            carriers: Arc::default(),
            every: (seconds > 0).then(|| Duration::from_secs(seconds)),
        })
    }

    /// Opens the store and carries bars until the token ends it.
    pub async fn run(self, data_dir: std::path::PathBuf, cancel: CancellationToken) {
        if self.bars.get().err() == Some("[dms] enabled = false") {
            return;
        }
        // Not awaited any longer than the daemon runs: the check of a large file may outlast it.
        let opening = self.bars.open(data_dir);
        tokio::select! {
            () = cancel.cancelled() => return,
            _ = opening => {}
        }
        let Ok(store) = self.bars.get().cloned() else { return };
        let mut work = JoinSet::new();
        let pairs = self.master.iter().map(|m| (MASTER.to_owned(), (End::There(m.clone()), End::Here(store.clone()))));
        let pairs = pairs.chain(self.slaves.iter().map(|(name, s)| (name.clone(), (End::Here(store.clone()), End::There(s.clone())))));
        let mut carriers = BTreeMap::new();
        for (name, ends) in pairs {
            let (follower, carrying) = Follower::new(ends, &name, self.every, cancel.clone());
            carriers.insert(name, follower);
            work.spawn(carrying);
        }
        let _ = self.carriers.set(carriers);
        while work.join_next().await.is_some() {}
        cancel.cancelled().await;
        store.close().await;
    }

    /// Who carries bars to a slave.
    pub(super) fn to_slave(&self, name: &str) -> Option<Follower> {
        self.carriers.get()?.get(name).cloned()
    }

    /// Who carries bars from the master.
    pub(super) fn masters_carrier(&self) -> Option<Follower> {
        self.to_slave(MASTER)
    }
}
