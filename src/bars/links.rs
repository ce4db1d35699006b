//! The targets that count now, and what carries bars to each: one link for each that is enabled.
//!
//! Held by [`super::Desk`], which everybody asks; changed by the tasks' event loop alone, one change at a time, after the change
//! is on disk. A link that is taken away ends everything that is under way through it and can be waited for; what begins after
//! it knows that the target is gone.
//!
//! Correct because a target has at most one link, made with the entry and taken out with it under one lock, and because whatever
//! works through a link holds its tracker's token: [`Ending::wait`] returns when no bar travels there any more.

use super::backup::{self, Influx, InfluxSettings};
use super::follow::{Follower, Pair, Standing};
use super::registry::{self, Refusal, Registry};
use super::replica::{Admit, End, Introduced, Itself, Peer, Says};
use super::store::Store;
use super::{Error, Result};
use crate::model::bars::{BarsBackup, BarsPlace, BarsTarget, TargetId, TargetKind};
use crate::model::job::Origin;
use crate::secret::Secret;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// What is the same for all slaves.
#[derive(Default)]
pub struct Common {
    /// What this daemon is called.
    pub own: String,
    /// Where it serves dms; None: it does not.
    pub port: Option<u16>,
    /// The cluster's.
    pub token: Option<Secret>,
    /// For those that the file does not have; None: as names resolve.
    pub admit: Option<Admit>,
    /// Between two transfers that nobody asked for; None: there are none.
    pub every: Option<Duration>,
}

impl Common {
    /// Who asks in transfers.
    fn introduced(&self, store: &Store) -> Introduced {
        let every = Some(self.every.unwrap_or_default());
        let (name, store, says) = (self.own.clone(), store.id().to_owned(), Says::default());
        Introduced { name, store, every, port: self.port, extra: None, called: None, says }
    }
}

impl std::fmt::Debug for Common {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Common").field("every", &self.every).finish_non_exhaustive()
    }
}

/// How bars get there.
pub(super) enum Way {
    Peer {
        peer: Peer,
        /// There once the store is open.
        follower: OnceLock<Follower>,
    },
    Backup {
        settings: InfluxSettings,
        /// One run at a time writes to a backup.
        turn: tokio::sync::Mutex<()>,
    },
}

/// What carries bars to one target, or from the master.
pub(super) struct Link {
    pub(super) name: String,
    pub(super) way: Way,
    pub(super) gone: CancellationToken,
    work: TaskTracker,
}

impl Link {
    pub(super) fn to_peer(name: &str, peer: Peer) -> Arc<Self> {
        Self::new(name, Way::Peer { peer, follower: OnceLock::new() })
    }

    fn to_backup(settings: InfluxSettings) -> Arc<Self> {
        Self::new(&settings.name.clone(), Way::Backup { settings, turn: tokio::sync::Mutex::default() })
    }

    fn new(name: &str, way: Way) -> Arc<Self> {
        let (gone, work) = Default::default();
        Arc::new(Self { name: name.to_owned(), way, gone, work })
    }

    pub(super) fn peer(&self) -> Option<&Peer> {
        match &self.way {
            Way::Peer { peer, .. } => Some(peer),
            Way::Backup { .. } => None,
        }
    }

    pub(super) fn backup(&self) -> Option<&InfluxSettings> {
        match &self.way {
            Way::Peer { .. } => None,
            Way::Backup { settings, .. } => Some(settings),
        }
    }

    /// Begins to work through it; an error: it is gone.
    pub(super) fn begin(&self) -> Result<TaskTrackerToken> {
        let token = self.work.token();
        if self.gone.is_cancelled() { Err(self.removed()) } else { Ok(token) }
    }

    pub(super) fn removed(&self) -> Error {
        Error::config("bars_target_removed", format!("{} was removed or disabled before everything was there", self.name))
    }

    /// How the transfers of its peer stand; None: it has none, or does not carry yet.
    pub(super) fn standing(&self) -> Option<Standing> {
        match &self.way {
            Way::Peer { follower, .. } => Some(follower.get()?.standing()),
            Way::Backup { .. } => None,
        }
    }

    /// Lets the follower of a peer begin; `all` waits for it with the others.
    pub(super) fn open(&self, pair: Pair, all: &TaskTracker, stop: &CancellationToken) {
        let Way::Peer { follower: place, .. } = &self.way else { return };
        let (follower, carrying) = Follower::new(pair, self.gone.clone());
        if place.set(follower).is_ok() {
            let (gone, stop) = (self.gone.clone(), stop.clone());
            // The daemon's end is every link's.
            all.spawn(self.work.track_future(async move {
                tokio::pin!(carrying);
                tokio::select! {
                    () = &mut carrying => return,
                    () = stop.cancelled() => gone.cancel(),
                }
                carrying.await;
            }));
        }
    }
}

/// A link that was taken away; by default none was.
#[derive(Default)]
pub struct Ending(Option<Arc<Link>>);

impl Ending {
    /// Returns when nothing is under way through it.
    pub async fn wait(self) {
        if let Some(link) = self.0 {
            link.work.close();
            link.work.wait().await;
        }
    }
}

struct Open {
    store: Store,
    itself: Itself,
    stop: CancellationToken,
}

#[derive(Default)]
struct State {
    registry: Registry,
    /// Backups first.
    links: BTreeMap<TargetId, Arc<Link>>,
    open: Option<Open>,
}

pub(super) struct Links {
    common: Common,
    state: RwLock<State>,
    pub(super) work: TaskTracker,
}

impl Links {
    /// An error: a target of the registry cannot be used.
    pub(super) fn new(registry: Registry, common: Common) -> Result<Self> {
        let links = Self { common, state: RwLock::default(), work: TaskTracker::new() };
        let mut state = State { registry, ..State::default() };
        for target in state.registry.all().to_vec() {
            links.join(&mut state, &target)?;
        }
        Ok(Self { state: RwLock::new(state), ..links })
    }

    // Nothing panics under the lock; if something did, the registry is whole: it changes in one step.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn all(&self) -> Vec<BarsTarget> {
        self.read().registry.all().to_vec()
    }

    pub(super) fn every(&self) -> Option<Duration> {
        self.common.every
    }

    pub(super) fn port(&self) -> Option<u16> {
        self.common.port
    }

    pub(super) fn introduced(&self, store: &Store) -> Introduced {
        self.common.introduced(store)
    }

    /// Names those that are enabled, backups first.
    pub(super) fn ids(&self) -> Vec<TargetId> {
        self.read().links.keys().cloned().collect()
    }

    /// Returns what leads to a target that is enabled.
    pub(super) fn to(&self, target: &TargetId) -> Option<Arc<Link>> {
        self.read().links.get(target).cloned()
    }

    /// The same of all that have a name, or the one of them that is of this kind; backups first.
    pub(super) fn named(&self, name: &str, kind: Option<TargetKind>) -> Vec<Arc<Link>> {
        let state = self.read();
        let is_meant = |id: &TargetId| id.name == name && kind.is_none_or(|kind| kind == id.kind);
        state.links.iter().filter(|(id, _)| is_meant(id)).map(|(_, link)| Arc::clone(link)).collect()
    }

    pub(super) fn fits(&self, target: &BarsTarget) -> Result<(), Refusal> {
        self.read().registry.fits(target)
    }
    pub(super) fn added(&self, name: &str) -> Result<BarsTarget, Refusal> {
        self.read().registry.added(name).cloned()
    }

    /// What a slave that is not in use yet would be asked through.
    pub(super) fn peer(&self, target: &BarsTarget) -> Result<Option<Peer>> {
        let BarsPlace::Slave { host, port } = &target.place else { return Ok(None) };
        self.slave(target, host, *port).map(Some)
    }

    fn slave(&self, target: &BarsTarget, host: &str, port: u16) -> Result<Peer> {
        let admit = self.common.admit.clone().filter(|_| target.origin != Origin::Config);
        Peer::new(&target.name, &registry::url(false, host, port), self.common.token.clone(), admit)
    }

    /// The slaves that are in use.
    pub(super) fn peers(&self) -> Vec<Peer> {
        self.read().links.values().filter_map(|link| link.peer().cloned()).collect()
    }

    /// Adds one, and carries to it from now on.
    pub(super) fn add(&self, target: BarsTarget) -> Result<()> {
        let mut state = self.write();
        state.registry.add(target.clone()).map_err(refused)?;
        let joined = self.join(&mut state, &target);
        if joined.is_err() {
            state.registry.remove(&target.name).map_err(refused)?;
        }
        joined
    }

    pub(super) fn remove(&self, name: &str) -> Result<Ending> {
        let mut state = self.write();
        let target = state.registry.remove(name).map_err(refused)?;
        Ok(part(&mut state, &target.id()))
    }

    pub(super) fn switch(&self, name: &str, enabled: bool) -> Result<Ending> {
        let mut state = self.write();
        let target = state.registry.switch(name, enabled).map_err(refused)?;
        if enabled {
            self.join(&mut state, &target)?;
            return Ok(Ending(None));
        }
        Ok(part(&mut state, &target.id()))
    }

    /// From now on bars are carried, until the token ends it.
    pub(super) fn open(&self, store: &Store, itself: Itself, stop: &CancellationToken) {
        let mut state = self.write();
        state.open = Some(Open { store: store.clone(), itself, stop: stop.clone() });
        // A slave that was down has to catch up.
        let at_once = self.common.every.is_some();
        for link in state.links.values() {
            self.begin(&state, link, at_once);
        }
    }

    /// Waits for what is at work, and forgets who this daemon is: what says it may own this.
    pub(super) async fn close(&self) {
        self.work.close();
        self.work.wait().await;
        self.write().open = None;
    }

    fn begin(&self, state: &State, link: &Arc<Link>, at_once: bool) {
        self.look(state, link);
        if let (Some(peer), Some(Open { store, itself, stop })) = (link.peer(), &state.open) {
            let who = self.common.introduced(store);
            let (from, to, own) = (End::Here(store.clone()), End::There(peer.clone().introduced(&who)), store.clone());
            let (peer, itself, target) = (link.name.clone(), Some(itself.clone()), TargetId::slave(&link.name));
            link.open(Pair { from, to, peer, itself, target, own, every: self.common.every, at_once }, &self.work, stop);
        }
    }

    /// Looks whether a backup is as it was left: until then nobody knows what it lacks. One that does not answer is looked at when
    /// something is brought there.
    fn look(&self, state: &State, link: &Arc<Link>) {
        let (Some(Open { store, itself: _, stop }), Way::Backup { .. }) = (&state.open, &link.way) else { return };
        let (store, stop, admit, link) = (store.clone(), stop.clone(), self.common.admit.clone(), Arc::clone(link));
        self.work.spawn(async move {
            let Ok(_at_work) = link.begin() else { return };
            let looking = async {
                let Way::Backup { settings, turn } = &link.way else { return Ok(()) };
                let (host, port) = settings.server()?;
                let addresses = match admit {
                    Some(admit) => admit(host, port).await.map_err(|why| Error::config("bars_backup_address", why))?,
                    None => Vec::new(),
                };
                let _turn = turn.lock().await;
                backup::look(&store, &Influx::new(settings.clone(), &addresses)?).await
            };
            let looked = tokio::select! {
                () = stop.cancelled() => return,
                () = link.gone.cancelled() => return,
                looked = looking => looked,
            };
            if let Err(error) = looked {
                tracing::debug!(target_name = link.name, %error, "it was not looked whether a backup is as it was left");
            }
        });
    }

    /// Makes the link of a target, if it is enabled and there is none yet.
    fn join(&self, state: &mut State, target: &BarsTarget) -> Result<()> {
        let id = target.id();
        if !target.enabled || state.links.contains_key(&id) {
            return Ok(());
        }
        let link = match &target.place {
            BarsPlace::Slave { host, port } => Link::to_peer(&target.name, self.slave(target, host, *port)?),
            BarsPlace::Backup(place) => Link::to_backup(settings(&target.name, place)),
        };
        // Whoever adds or enables a slave asks for the first transfer.
        self.begin(state, &link, true);
        state.links.insert(id, link);
        Ok(())
    }
}

fn settings(name: &str, place: &BarsBackup) -> InfluxSettings {
    let BarsBackup { host, port, tls, database, account, timeout } = place.clone();
    InfluxSettings { name: name.to_owned(), url: registry::url(tls, &host, port), database, user: account, timeout }
}

/// Whoever changes the list has judged it before.
fn refused(refusal: Refusal) -> Error {
    Error::config("bars_target_unknown", refusal.to_string())
}

fn part(state: &mut State, target: &TargetId) -> Ending {
    let link = state.links.remove(target);
    if let Some(link) = &link {
        link.gone.cancel();
    }
    Ending(link)
}
