//! What a daemon holds for market data: the store, sources, backups, peers, and who carries bars between them.
//!
//! Called by the API (what there is) and the scheduler (runs). Settings come from outside; addresses that a host may have are
//! given by whoever knows the policy, each time that something is opened.

use super::backup::{Influx, InfluxSettings};
use super::follow::{Follower, Pair, record};
use super::provider::{Files, Http, HttpSettings, Pace, Provider};
use super::replica::{Carried, End, Peer};
use super::slot::Slot;
use super::store::{Store, Transfer};
use super::task::{self, Clock, Ended, Report};
use super::{Error, Result, Wish, backup};
use crate::model::bars::{BarsSpec, BarsSyncSpec, Exchanges, SyncCounts, SyncMode, TaskKind};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Where bars come from, as it is configured.
#[derive(Debug, Clone)]
pub enum Source {
    Files(Files),
    /// The pace is shared by all that is opened of it.
    Http(Box<HttpSettings>, Pace),
}

#[derive(Debug, Default)]
pub struct Settings {
    pub enabled: bool,
    /// What was received here is called so in the history.
    pub name: String,
    /// None: this is a master, or a slave that is only pushed to.
    pub master: Option<Peer>,
    /// By name; none that is disabled.
    pub slaves: BTreeMap<String, Peer>,
    /// Between two transfers that nobody asked for; None: there are none.
    pub every: Option<Duration>,
    pub sources: BTreeMap<String, Source>,
    /// By name; none that is disabled.
    pub backups: BTreeMap<String, InfluxSettings>,
    pub exchanges: Option<Exchanges>,
    /// How long sources take after a bar is over.
    pub settle: SignedDuration,
    /// Symbols that a task works on at the same time.
    pub parallel: usize,
    pub is_slave: bool,
}

/// A cheap handle.
#[derive(Clone)]
pub struct Desk {
    pub bars: Slot,
    settings: Arc<Settings>,
    exchanges: Arc<Exchanges>,
    /// To each slave, and from the master; there once the store is open.
    carriers: Arc<OnceLock<BTreeMap<String, Follower>>>,
    /// One run at a time writes to a backup.
    turns: Arc<BTreeMap<String, tokio::sync::Mutex<()>>>,
}

impl Desk {
    /// An error: the time zone database lacks an exchange's zone.
    pub fn new(mut settings: Settings) -> Result<Self, String> {
        let exchanges = match settings.exchanges.take() {
            Some(exchanges) => exchanges,
            None => Exchanges::new(&crate::model::bars::Holidays::default())?,
        };
        Ok(Self {
            bars: if settings.enabled { Slot::default() } else { Slot::closed("[dms] enabled = false") },
            turns: Arc::new(settings.backups.keys().map(|name| (name.clone(), tokio::sync::Mutex::default())).collect()),
            exchanges: Arc::new(exchanges),
            carriers: Arc::default(),
            settings: Arc::new(settings),
        })
    }

    pub fn master(&self) -> Option<&Peer> {
        self.settings.master.as_ref()
    }

    /// A slave that is enabled.
    pub fn slave(&self, name: &str) -> Option<&Peer> {
        self.settings.slaves.get(name)
    }

    pub fn own_name(&self) -> &str {
        &self.settings.name
    }

    /// How the transfers from the master stand.
    pub fn standing(&self) -> Option<super::Standing> {
        self.carrier(BarsSyncSpec::MASTER).map(|f| f.standing())
    }

    fn carrier(&self, name: &str) -> Option<&Follower> {
        self.carriers.get()?.get(name)
    }

    /// Names everything that bars are brought to, backups first.
    pub fn targets(&self) -> Vec<String> {
        let Settings { backups, slaves, .. } = &*self.settings;
        backups.keys().chain(slaves.keys().filter(|name| !backups.contains_key(*name))).cloned().collect()
    }

    /// Opens the store and carries bars until the token ends it.
    pub async fn run(self, data_dir: PathBuf, cancel: CancellationToken) {
        if !self.settings.enabled {
            return;
        }
        // Not awaited any longer than the daemon runs: the check of a large file may outlast it.
        let opening = self.bars.open(data_dir);
        tokio::select! {
            () = cancel.cancelled() => return,
            _ = opening => {}
        }
        let Ok(store) = self.bars.get().cloned() else { return };
        let Settings { master, slaves, every, name, .. } = &*self.settings;
        let (here, every) = (|| End::Here(store.clone()), *every);
        let mut work = JoinSet::new();
        let pull = master.iter().map(|peer| Pair {
            from: End::There(peer.clone()),
            to: here(),
            peer: BarsSyncSpec::MASTER.to_owned(),
            target: name.clone(),
            own: store.clone(),
            every,
        });
        let push = slaves.iter().map(|(name, peer)| Pair {
            from: here(),
            to: End::There(peer.clone()),
            peer: name.clone(),
            target: name.clone(),
            own: store.clone(),
            every,
        });
        let mut carriers = BTreeMap::new();
        for pair in pull.chain(push) {
            let name = pair.peer.clone();
            let (follower, carrying) = Follower::new(pair, cancel.clone());
            carriers.insert(name, follower);
            work.spawn(carrying);
        }
        let _ = self.carriers.set(carriers);
        while work.join_next().await.is_some() {}
        cancel.cancelled().await;
        store.close().await;
    }

    fn store(&self) -> Result<&Store> {
        self.bars.get().map_err(|why| Error::transient("bars_not_ready", format!("market data is not served: {why}")))
    }

    /// Returns the source that a task uses; None: it uses none.
    pub fn source(&self, spec: &BarsSpec) -> Result<Option<&Source>> {
        let missing = |message: String| Error::config("bars_provider_missing", message);
        if self.settings.is_slave {
            return Err(Error::config("bars_slave", "this daemon is a slave: its bars come from its master, and so do tasks"));
        }
        let sources = &self.settings.sources;
        let names = || sources.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        match &spec.provider {
            Some(name) => match sources.get(name) {
                Some(source) => Ok(Some(source)),
                None if sources.is_empty() => Err(missing(format!("there is no provider {name:?}: [[dms.providers]] has none"))),
                None => Err(missing(format!("there is no provider {name:?}; [[dms.providers]] has {}", names()))),
            },
            None if spec.kind == TaskKind::Validation => Ok(None),
            None => match sources.len() {
                1 => Ok(sources.values().next()),
                0 => Err(missing("a provider is needed: [[dms.providers]] has none".to_owned())),
                _ => Err(missing(format!("name a provider: [[dms.providers]] has {}", names()))),
            },
        }
    }

    /// Runs a task; `provider` is the one of [`Self::source`], opened.
    pub async fn task(
        &self,
        spec: BarsSpec,
        provider: Option<Arc<dyn Provider>>,
        report: Report,
        cancel: CancellationToken,
    ) -> Result<Ended> {
        let clock: Clock = Arc::new(Timestamp::now);
        let Settings { settle, parallel, .. } = *self.settings;
        let exchanges = Arc::clone(&self.exchanges);
        let run = task::Run { spec, store: self.store()?.clone(), provider, exchanges, clock, settle, parallel, report, cancel };
        task::run(run).await
    }

    /// Returns the backup of that name, which is enabled; None: it is a replica alone. An error: nothing is called so.
    pub fn target(&self, name: &str) -> Result<Option<&InfluxSettings>> {
        let Settings { backups, slaves, master, is_slave, .. } = &*self.settings;
        if *is_slave {
            return match name {
                BarsSyncSpec::MASTER if master.is_some() => Ok(None),
                BarsSyncSpec::MASTER => Err(Error::config("bars_master_missing", "no master is configured ([dms] master)")),
                _ => Err(Error::config("bars_slave", "this daemon is a slave; it takes bars from its master alone")),
            };
        }
        match backups.get(name) {
            Some(backup) => Ok(Some(backup)),
            None if slaves.contains_key(name) => Ok(None),
            None => {
                let known = match self.targets().as_slice() {
                    [] => "none is configured".to_owned(),
                    known => format!("there are {}", known.join(", ")),
                };
                let message = format!("there is no backup or slave {name:?} that is enabled ([[dms.backups]], [[dms.slaves]]): {known}");
                Err(Error::not_found("bars_target_unknown", message))
            }
        }
    }

    /// NotFound where a sync is about a symbol that there are no bars of, here or (at a slave) at the master. A master that does
    /// not answer is told by the sync itself.
    pub async fn know(&self, spec: &BarsSyncSpec) -> Result<()> {
        let Some(symbol) = &spec.symbol else { return Ok(()) };
        let (has, whose) = match self.master() {
            Some(master) => (master.has(symbol).await.unwrap_or(true), "at the master"),
            None => (!self.store()?.info(symbol).await?.is_empty(), "here"),
        };
        if has {
            return Ok(());
        }
        Err(Error::not_found(
            "bars_symbol_unknown",
            format!("there are no bars of {symbol} {whose}; `syncline bars symbols` lists what there is"),
        ))
    }

    /// Asks a target whether it answers; returns what it said.
    pub async fn test(&self, name: &str, addresses: &[SocketAddr]) -> Result<String> {
        let mut said = Vec::new();
        if let Some(settings) = self.target(name)? {
            said.push(format!("InfluxDB {}", Influx::new(settings.clone(), addresses)?.ping().await?));
        }
        let peer = if self.settings.is_slave { self.master() } else { self.slave(name) };
        if let Some(peer) = peer {
            let status = peer.status().await?;
            said.push(format!("dms {}, up for {} s", status["role"].as_str().unwrap_or("?"), status["uptime"].as_u64().unwrap_or(0)));
        }
        Ok(said.join("; "))
    }

    /// Brings bars to a target: its backup (`addresses` are what its host may be) and its slave, where it is both; neither waits
    /// for the other's success. Each series is told; the history has it then.
    pub async fn sync(
        &self,
        spec: &BarsSyncSpec,
        addresses: &[SocketAddr],
        told: mpsc::Sender<Carried>,
        cancel: CancellationToken,
    ) -> Result<SyncCounts> {
        let store = self.store()?;
        self.know(spec).await?;
        let mut counts = SyncCounts::default();
        let mut failed = None;
        let BarsSyncSpec { target, mode, symbol, range } = spec;
        if let Some(settings) = self.target(target)? {
            let turn = self.turns.get(target).ok_or_else(|| Error::config("bars_target_unknown", "the backup has no turn"))?;
            let _turn = turn.lock().await;
            let (tell, heard) = mpsc::channel(256);
            let running = async {
                let influx = Influx::new(settings.clone(), addresses)?;
                let done = backup::run(store, &influx, *mode, symbol.as_ref(), &tell, &cancel).await;
                drop(tell);
                done
            };
            let started = Timestamp::now();
            let (done, rows) = tokio::join!(running, record(store, target, *mode, heard, Some(told.clone())));
            let rows = rows?;
            match done {
                Ok(done) => counts = done,
                Err(error) => {
                    // It could not even be begun with: that stands in the history all the same.
                    if rows == 0 {
                        store.add_transfers(vec![unreachable(target, *mode, started, &error)]).await?;
                    }
                    failed = Some(error);
                }
            }
        }
        if let Some(carrier) = self.carrier(target) {
            let wish = Wish { filter: super::replica::Filter { symbol: symbol.clone(), range: *range }, mode: *mode };
            let started = Timestamp::now();
            let moving = carrier.now(wish, told);
            let done = tokio::select! {
                () = cancel.cancelled() => return Ok(counts),
                done = moving => done,
            };
            if let Err(error) = done.as_ref().map_err(|e| e.to_string()) {
                let target = if self.settings.is_slave { &self.settings.name } else { target };
                store.add_transfers(vec![unreachable(target, *mode, started, &error)]).await?;
            }
            let moved = done?;
            counts.series += moved.series;
            counts.carried += moved.carried;
            counts.bars += moved.bars;
            counts.failed += moved.failed;
        }
        failed.map_or(Ok(counts), Err)
    }
}

fn unreachable(target: &str, mode: SyncMode, started: Timestamp, error: &impl ToString) -> Transfer {
    let error = error.to_string();
    Transfer { id: 0, target: target.to_owned(), series: None, mode, started, ended: Timestamp::now(), bars: 0, error }
}

impl Source {
    /// Returns the host and port that it asks, and how they are shown; None: it asks nobody.
    pub fn server(&self) -> Result<Option<(String, u16)>> {
        match self {
            Self::Files(_) => Ok(None),
            Self::Http(settings, _) => settings.host().map(Some),
        }
    }

    pub fn open(&self, addresses: &[SocketAddr]) -> Result<Arc<dyn Provider>> {
        Ok(match self {
            Self::Files(files) => Arc::new(files.clone()),
            Self::Http(settings, pace) => Arc::new(Http::paced((**settings).clone(), addresses, pace.clone())?),
        })
    }
}
