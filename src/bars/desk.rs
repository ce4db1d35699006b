//! What a daemon holds for market data: the store, sources, backups, peers, and who carries bars between them.
//!
//! Called by the API (what there is) and the scheduler (runs). Settings come from outside; addresses that a host may have are
//! given by whoever knows the policy, each time that something is opened. `sync` brings bars somewhere now, `admit` says whose are taken.

mod admit;
mod sync;
mod targets;

use super::backup::InfluxSettings;
use super::follow::Pair;
use super::links::{Common, Link, Links};
use super::provider::Provider;
use super::registry::{self, Registry};
use super::replica::{End, Itself, Peer};
use super::slot::{Missing, Slot};
use super::source::{self, Source};
use super::store::Store;
use super::task::{self, Clock, Report};
use super::{Error, Result, Visits, symbols_file};
use crate::model::bars::{BarsSpec, BarsSyncSpec, BarsTarget, Exchanges, TargetId, TargetKind};
use crate::model::job::Origin;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::SetOnce;
use tokio_util::sync::CancellationToken;

/// How long who is to be a slave is waited for.
const MEETING: Duration = Duration::from_secs(3);

#[derive(Debug, Default)]
pub struct Settings {
    pub enabled: bool,
    /// What was received here is called so in the history.
    pub name: String,
    /// None: this is a master, or a slave that is only pushed to.
    pub master: Option<Peer>,
    /// Where bars are brought to, when the daemon starts.
    pub targets: Registry,
    pub common: Common,
    pub sources: BTreeMap<String, Source>,
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
    /// From the master.
    master: Option<Arc<Link>>,
    links: Arc<Links>,
    pub visits: Visits,
    /// The store is open and its links are, or nothing ever will be.
    begun: Arc<SetOnce<()>>,
    told: admit::Told,
}

/// Where a run brings bars: to each that has a name, or one of these. It stays what it is while the run is at it, whatever becomes
/// of the name meanwhile.
pub struct Aim(Vec<Arc<Link>>);

impl Aim {
    /// The backup; None: there is a replica alone.
    pub fn backup(&self) -> Option<&InfluxSettings> {
        self.0.iter().find_map(|link| link.backup())
    }

    pub fn has_replica(&self) -> bool {
        self.0.iter().any(|link| link.peer().is_some())
    }
}

impl Desk {
    /// An error: the time zone database lacks an exchange's zone, or a target cannot be used.
    pub fn new(mut settings: Settings) -> Result<Self, String> {
        let exchanges = match settings.exchanges.take() {
            Some(exchanges) => exchanges,
            None => Exchanges::new(&crate::model::bars::Holidays::default())?,
        };
        let (targets, common) = (std::mem::take(&mut settings.targets), std::mem::take(&mut settings.common));
        Ok(Self {
            bars: if settings.enabled { Slot::default() } else { Slot::disabled() },
            master: settings.master.as_ref().map(|peer| Link::to_peer(BarsSyncSpec::MASTER, peer.clone())),
            links: Arc::new(Links::new(targets, common).map_err(|e| e.to_string())?),
            exchanges: Arc::new(exchanges),
            visits: Visits::default(),
            told: admit::Told::default(),
            begun: Arc::new(SetOnce::new_with((!settings.enabled).then_some(()))),
            settings: Arc::new(settings),
        })
    }

    pub fn master(&self) -> Option<&Peer> {
        self.settings.master.as_ref()
    }

    /// A slave that is enabled.
    pub fn slave(&self, name: &str) -> Option<Peer> {
        self.links.to(&TargetId::slave(name))?.peer().cloned()
    }

    /// Where this daemon serves dms.
    pub fn port(&self) -> Option<u16> {
        self.links.port()
    }

    /// When those trade that symbols are of.
    pub fn exchanges(&self) -> Arc<Exchanges> {
        Arc::clone(&self.exchanges)
    }
    pub fn own_name(&self) -> &str {
        &self.settings.name
    }

    /// How the transfers from the master stand.
    pub fn standing(&self) -> Option<super::Standing> {
        self.master.as_ref()?.standing()
    }

    /// The same of those to a slave.
    pub fn standing_of(&self, slave: &str) -> Option<super::Standing> {
        self.links.to(&TargetId::slave(slave))?.standing()
    }

    /// Names everything that bars are brought to, backups first.
    pub fn targets(&self) -> Vec<TargetId> {
        self.links.ids()
    }

    /// Lists every slave and backup, also those that are not enabled.
    pub fn known_targets(&self) -> Vec<BarsTarget> {
        self.links.all()
    }

    /// The same of the slaves alone.
    pub fn slaves(&self) -> Vec<BarsTarget> {
        self.known_targets().into_iter().filter(BarsTarget::is_slave).collect()
    }

    /// The same of the backups alone.
    pub fn backups(&self) -> Vec<BarsTarget> {
        self.known_targets().into_iter().filter(|t| !t.is_slave()).collect()
    }

    /// Says what is wrong with a target that is to be added; whether its name is free is another question.
    pub fn judge_target(&self, target: &BarsTarget) -> Result<(), registry::Wrong> {
        registry::judge(target)
    }

    /// Refuses where this daemon brings nothing anywhere: it is a slave, or serves no market data.
    pub fn may_have_targets(&self) -> Result<()> {
        if self.settings.is_slave {
            return Err(Error::config("bars_slave", "this daemon is a slave ([dms] role): it has no backups and no slaves of its own"));
        }
        self.store().map(drop)
    }

    /// Opens the store and carries bars until the token ends it; others are told how this daemon is.
    pub async fn run(self, data_dir: PathBuf, itself: Itself, cancel: CancellationToken) {
        if !self.settings.enabled {
            return;
        }
        // Not awaited any longer than the daemon runs: the check of a large file may outlast it.
        let opening = self.bars.open(data_dir);
        tokio::select! {
            () = cancel.cancelled() => return,
            _ = opening => {}
        }
        let Ok(store) = self.bars.get().cloned() else {
            let _ = self.begun.set(());
            return;
        };
        self.visits.recall(&store).await;
        for source in self.settings.sources.values() {
            source.keep_in(&store).await;
        }
        if let Err(error) = store.tell_untold(&TargetId::slave(&self.settings.name)).await {
            tracing::warn!(%error, "what came before and was not told stays untold");
        }
        if let (Some(link), Some(peer)) = (&self.master, &self.settings.master) {
            let who = self.links.introduced(&store);
            let pair = Pair {
                from: End::There(peer.clone().introduced(&who)),
                to: End::Here(store.clone()),
                peer: BarsSyncSpec::MASTER.to_owned(),
                itself: Some(itself.clone()),
                target: TargetId::slave(&self.settings.name),
                own: store.clone(),
                every: self.links.every(),
                at_once: self.links.every().is_some(),
            };
            link.open(pair, &self.links.work, &cancel);
        }
        self.links.open(&store, itself, &cancel);
        let _ = self.begun.set(());
        cancel.cancelled().await;
        self.links.close().await;
        store.close().await;
    }

    /// Waits until the store is open, or cannot be: a run whose time passed while no daemon ran begins with the daemon.
    pub async fn begun(&self) {
        self.begun.wait().await;
    }

    /// Refuses where market data is switched off: that daemon is neither master nor slave.
    fn is_served(&self) -> Result<()> {
        if self.settings.enabled { Ok(()) } else { Err(Missing::Disabled.into()) }
    }

    fn store(&self) -> Result<&Store> {
        Ok(self.bars.get()?)
    }

    /// Returns the source that a task uses; None: it uses none.
    pub fn source(&self, spec: &BarsSpec) -> Result<Option<&Source>> {
        self.is_served()?;
        if self.settings.is_slave {
            return Err(Error::config("bars_slave", "this daemon is a slave: its bars come from its master, and so do tasks"));
        }
        let sources = &self.settings.sources;
        let names: Vec<&str> = sources.keys().map(String::as_str).collect();
        Ok(source::choose(spec, &names)?.and_then(|name| sources.get(name)))
    }

    /// Runs a task; `provider` is the one of [`Self::source`], opened.
    pub async fn task(
        &self,
        mut spec: BarsSpec,
        provider: Option<Arc<dyn Provider>>,
        report: Report,
        cancel: CancellationToken,
    ) -> Result<task::Ended> {
        symbols_file::renew(&mut spec).await?;
        let clock: Clock = Arc::new(Timestamp::now);
        let Settings { settle, parallel, .. } = *self.settings;
        let exchanges = Arc::clone(&self.exchanges);
        let run = task::Run { spec, store: self.store()?.clone(), provider, exchanges, clock, settle, parallel, report, cancel };
        task::run(run).await
    }

    /// Returns what a name stands for that bars are brought to; `kind` where one of two that have it is meant. An error: nothing is
    /// called so, or it is not enabled.
    pub fn target(&self, name: &str, kind: Option<TargetKind>) -> Result<Aim> {
        self.is_served()?;
        if self.settings.is_slave {
            return match (name, &self.master) {
                (BarsSyncSpec::MASTER, Some(master)) => Ok(Aim(vec![Arc::clone(master)])),
                (BarsSyncSpec::MASTER, None) => Err(Error::config("bars_master_missing", "no master is configured ([dms] master)")),
                _ => Err(Error::config("bars_slave", "this daemon is a slave; it takes bars from its master alone")),
            };
        }
        match self.links.named(name, kind) {
            none if none.is_empty() => Err(self.no_target(name, kind)),
            links => Ok(Aim(links)),
        }
    }

    /// Returns which of those that may have a name is meant by it, before something is kept that says so; None: the master. An error
    /// also: two have it, and nobody says which.
    pub fn meant(&self, name: &str, kind: Option<TargetKind>) -> Result<Option<TargetKind>> {
        self.is_served()?;
        if self.settings.is_slave {
            return Ok(kind);
        }
        let named: Vec<TargetId> =
            self.targets().into_iter().filter(|id| id.name == name && kind.is_none_or(|kind| kind == id.kind)).collect();
        match named.as_slice() {
            [] => Err(self.no_target(name, kind)),
            [one] => Ok(Some(one.kind)),
            [one, other, ..] => {
                let message =
                    format!("{name} is the name of a backup and of a slave; kind says which (--target {one} or --target {other})");
                Err(Error::config("bars_target_ambiguous", message))
            }
        }
    }

    /// Why nothing is brought to a name.
    fn no_target(&self, name: &str, kind: Option<TargetKind>) -> Error {
        if name == BarsSyncSpec::MASTER {
            let message = "this daemon is a master, and takes bars from nobody; `syncline sync push SLAVE` brings them to a slave, \
                           `syncline sync trigger` to backups";
            return Error::config("bars_no_slave", message);
        }
        let known = self.known_targets();
        let mut named = known.iter().filter(|t| t.name == name);
        if let Some(target) = named.clone().find(|t| kind.is_none_or(|kind| kind == t.kind())) {
            let way = match target.origin {
                Origin::Config => {
                    "the configuration file says so: enabled = true there, and a restart of the daemon, bring bars there".to_owned()
                }
                _ => format!("`syncline sync targets enable {name}` brings bars there again"),
            };
            let message = format!("the {} {name} is disabled; {way}", target.kind());
            return Error::config("bars_target_disabled", message);
        }
        if let (Some(other), Some(kind)) = (named.next(), kind) {
            let verb = match other.kind() {
                TargetKind::Backup => "trigger",
                TargetKind::Slave => "push",
            };
            let message = format!("{name} is a {}, no {kind}: `syncline sync {verb} {name}` brings bars there", other.kind());
            return Error::not_found("bars_target_unknown", message);
        }
        let known: BTreeSet<TargetId> = known.iter().map(BarsTarget::id).collect();
        let known: Vec<String> = known.iter().map(ToString::to_string).collect();
        let known = if known.is_empty() { "there is none".to_owned() } else { format!("there are {}", known.join(", ")) };
        let what = kind.map_or("backup or slave", TargetKind::as_str);
        Error::not_found("bars_target_unknown", format!("there is no {what} {name:?}: {known}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    #[tokio::test]
    async fn whoever_waits_for_it_finds_an_open_store() {
        let desk = Desk::new(Settings { enabled: true, ..Settings::default() }).unwrap();
        assert!(desk.begun().now_or_never().is_none());
        let (dir, cancel) = (tempfile::tempdir().unwrap(), CancellationToken::new());
        let itself = Itself { started: Timestamp::now(), tasks: Arc::new(|| Box::pin(std::future::ready(Some(0)))) };
        let daemon = tokio::spawn(desk.clone().run(dir.path().to_owned(), itself.clone(), cancel.clone()));
        desk.begun().await;
        desk.store().unwrap();
        cancel.cancel();
        daemon.await.unwrap();
        // Where there never is a store nobody waits for it.
        let damaged = Desk::new(Settings { enabled: true, ..Settings::default() }).unwrap();
        std::fs::write(dir.path().join("bars.sqlite"), "none").unwrap();
        damaged.clone().run(dir.path().to_owned(), itself, CancellationToken::new()).await;
        damaged.begun().await;
        Desk::new(Settings::default()).unwrap().begun().await;
    }
}
