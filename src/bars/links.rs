//! The targets that count now, and what carries bars to each: one link for each name that is enabled.
//!
//! Held by [`super::Desk`], which everybody asks; changed by the tasks' event loop alone, one change at a time, after the change
//! is on disk. A link that is taken away ends everything that is under way through it and can be waited for; what begins after
//! it knows that the target is gone.
//!
//! Correct because a name has at most one link, made with the entry and taken out with it under one lock, and because whatever
//! works through a link holds its tracker's token: [`Ending::wait`] returns when no bar travels there any more.

use super::backup::InfluxSettings;
use super::follow::{Follower, Pair};
use super::registry::{self, Refusal, Registry};
use super::replica::{Admit, End, Introduced, Peer};
use super::store::Store;
use super::{Error, Result};
use crate::model::bars::{BarsBackup, BarsPlace, BarsTarget};
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
    /// The cluster's.
    pub token: Option<Secret>,
    /// For those that the file does not have; None: as names resolve.
    pub admit: Option<Admit>,
    /// Between two transfers that nobody asked for; None: there are none.
    pub every: Option<Duration>,
}

impl std::fmt::Debug for Common {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Common").field("every", &self.every).finish_non_exhaustive()
    }
}

/// What carries bars to one name: a slave, a backup, or both.
pub(super) struct Link {
    pub(super) name: String,
    pub(super) peer: Option<Peer>,
    pub(super) backup: Option<InfluxSettings>,
    /// One run at a time writes to a backup.
    pub(super) turn: tokio::sync::Mutex<()>,
    /// To the peer; there once the store is open.
    follower: OnceLock<Follower>,
    pub(super) gone: CancellationToken,
    work: TaskTracker,
}

impl Link {
    pub(super) fn new(name: &str, peer: Option<Peer>, backup: Option<InfluxSettings>) -> Arc<Self> {
        let (turn, follower, gone, work) = Default::default();
        Arc::new(Self { name: name.to_owned(), peer, backup, turn, follower, gone, work })
    }

    /// Begins to work through it; an error: it is gone.
    pub(super) fn begin(&self) -> Result<TaskTrackerToken> {
        let token = self.work.token();
        if self.gone.is_cancelled() { Err(self.removed()) } else { Ok(token) }
    }

    pub(super) fn removed(&self) -> Error {
        Error::config("bars_target_removed", format!("{} was removed or disabled before everything was there", self.name))
    }

    /// None: it has no peer.
    pub(super) fn follower(&self) -> Result<Option<&Follower>> {
        match (&self.peer, self.follower.get()) {
            (None, _) => Ok(None),
            (Some(_), Some(follower)) => Ok(Some(follower)),
            (Some(_), None) => Err(Error::transient("bars_not_ready", "market data is not served: the bars database is being opened")),
        }
    }

    /// Lets its follower begin; `all` waits for it with the others.
    pub(super) fn open(&self, pair: Pair, all: &TaskTracker, stop: &CancellationToken) {
        let (follower, carrying) = Follower::new(pair, self.gone.clone());
        if self.follower.set(follower).is_ok() {
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
    stop: CancellationToken,
}

#[derive(Default)]
struct State {
    registry: Registry,
    links: BTreeMap<String, Arc<Link>>,
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
        let names: Vec<String> = state.registry.all().iter().map(|t| t.name.clone()).collect();
        for name in names {
            links.join(&mut state, &name)?;
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

    /// Names those that are enabled, backups first.
    pub(super) fn names(&self) -> Vec<String> {
        let state = self.read();
        let (backups, slaves): (Vec<&Arc<Link>>, Vec<_>) = state.links.values().partition(|link| link.backup.is_some());
        backups.into_iter().chain(slaves).map(|link| link.name.clone()).collect()
    }

    /// Returns what leads to a name that is enabled.
    pub(super) fn to(&self, name: &str) -> Option<Arc<Link>> {
        self.read().links.get(name).cloned()
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
        let admit = self.common.admit.clone().filter(|_| target.origin != Origin::Config);
        Peer::new(&target.name, &registry::url(false, host, *port), self.common.token.clone(), admit).map(Some)
    }

    /// The slaves that are in use.
    pub(super) fn peers(&self) -> Vec<Peer> {
        self.read().links.values().filter_map(|link| link.peer.clone()).collect()
    }

    /// Adds one, and carries to it from now on.
    pub(super) fn add(&self, target: BarsTarget) -> Result<()> {
        let mut state = self.write();
        let name = target.name.clone();
        state.registry.add(target).map_err(refused)?;
        let joined = self.join(&mut state, &name);
        if joined.is_err() {
            state.registry.remove(&name).map_err(refused)?;
        }
        joined
    }

    pub(super) fn remove(&self, name: &str) -> Result<Ending> {
        let mut state = self.write();
        state.registry.remove(name).map_err(refused)?;
        Ok(part(&mut state, name))
    }

    pub(super) fn switch(&self, name: &str, enabled: bool) -> Result<Ending> {
        let mut state = self.write();
        state.registry.switch(name, enabled).map_err(refused)?;
        if enabled {
            self.join(&mut state, name)?;
            return Ok(Ending(None));
        }
        Ok(part(&mut state, name))
    }

    /// From now on bars are carried, until the token ends it.
    pub(super) fn open(&self, store: &Store, stop: &CancellationToken) {
        let mut state = self.write();
        state.open = Some(Open { store: store.clone(), stop: stop.clone() });
        // A slave that was down has to catch up.
        let at_once = self.common.every.is_some();
        for link in state.links.values() {
            self.begin(&state, link, at_once);
        }
    }

    fn begin(&self, state: &State, link: &Link, at_once: bool) {
        if let (Some(peer), Some(Open { store, stop })) = (&link.peer, &state.open) {
            let every = Some(self.common.every.unwrap_or_default());
            let who = Introduced { name: self.common.own.clone(), store: store.id().to_owned(), every };
            let (from, to, own) = (End::Here(store.clone()), End::There(peer.clone().introduced(&who)), store.clone());
            let (peer, target) = (link.name.clone(), link.name.clone());
            link.open(Pair { from, to, peer, target, own, every: self.common.every, at_once }, &self.work, stop);
        }
    }

    /// Makes the link of a name, if any target of that name is enabled and there is none yet.
    fn join(&self, state: &mut State, name: &str) -> Result<()> {
        if state.links.contains_key(name) {
            return Ok(());
        }
        let (mut peer, mut backup) = (None, None);
        for target in state.registry.all().iter().filter(|t| t.name == name && t.enabled) {
            match &target.place {
                BarsPlace::Slave { .. } => peer = self.peer(target)?,
                BarsPlace::Backup(place) => backup = Some(settings(name, place)),
            }
        }
        if peer.is_some() || backup.is_some() {
            let link = Link::new(name, peer, backup);
            // Whoever adds or enables a slave asks for the first transfer.
            self.begin(state, &link, true);
            state.links.insert(name.to_owned(), link);
        }
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

fn part(state: &mut State, name: &str) -> Ending {
    let link = state.links.remove(name);
    if let Some(link) = &link {
        link.gone.cancel();
    }
    Ending(link)
}
