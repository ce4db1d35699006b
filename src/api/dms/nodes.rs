//! This daemon and its peers. Peers are asked by the contract's own `GET /api/dms/status`, all at once.

use super::error::{Error, Result};
use super::extract::{Input, Master, Named, Slave, store};
use super::time;
use crate::api::App;
use crate::bars::replica::message::{Extra, Followed, Lacking};
use crate::bars::replica::{Met, Peer, Status};
use crate::bars::store::{NAMED, Store, Waiting};
use crate::config::DmsRole;
use crate::model::bars::{BarsTarget, TargetId};
use crate::wire::dms as wire;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use jiff::Timestamp;
use std::time::Duration;

/// For all peers together.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) async fn status(State(app): State<App>, input: Input) -> Result<impl IntoResponse> {
    store(&app)?;
    Ok((input.ignored(&[]), Json(here(&app).await?)))
}

async fn here(app: &App) -> Result<wire::Status> {
    let tasks_count = super::tasks::count(app).await?;
    Ok(wire::Status { role: app.config.dms.role.as_str(), running: true, uptime: uptime(app), tasks_count })
}

fn uptime(app: &App) -> u64 {
    u64::try_from(Timestamp::now().duration_since(app.started).as_secs()).unwrap_or(0)
}

/// What a peer said of itself; an error: it did not, in time.
pub(super) async fn ask(peer: &Peer) -> Result<wire::Status, String> {
    peer.status_within(PATIENCE).await.map(said).map_err(|e| e.to_string())
}

fn said(status: Status) -> wire::Status {
    let Status { is_master, running, uptime, tasks_count } = status;
    wire::Status { role: if is_master { "master" } else { "slave" }, running, uptime, tasks_count }
}

/// The same for the native family.
pub(in crate::api) async fn known_nodes(app: &App) -> crate::api::error::Result<Vec<Known>> {
    all(app).await.map_err(Into::into)
}

/// A daemon as this family shows it, and what the native one shows besides.
pub(in crate::api) struct Known {
    pub(in crate::api) node: wire::Node,
    /// As exactly as it is known.
    pub(in crate::api) last_sync: Option<Timestamp>,
    /// Of a slave.
    pub(in crate::api) lag: Lag,
    /// Why bars do not come there, or from there; empty: they do.
    pub(in crate::api) problem: String,
    /// The name of its store; None: it did not say.
    pub(in crate::api) store: Option<String>,
    /// It is a slave that others take their bars from.
    pub(in crate::api) is_relay: bool,
}

/// How far a slave is behind; None: not known. The contract's `sync_delay` lies between two changes and does not grow while a
/// slave waits: the native family shows this.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::api) struct Lag {
    /// How long the oldest change has been waiting for it, in seconds; zero where there is none.
    pub(in crate::api) waited: Option<u64>,
    /// Series of which it lacks a change, and the names of some.
    pub(in crate::api) behind: Option<u64>,
    pub(in crate::api) lacking: Vec<String>,
    /// What it has that its master does not have; None: nobody looked.
    pub(in crate::api) extra: Option<Extra>,
}

impl Lag {
    pub(super) const NONE: Self = Self { waited: Some(0), behind: Some(0), lacking: Vec::new(), extra: None };

    pub(in crate::api) fn of(waiting: Option<Waiting>, now: Timestamp) -> Self {
        let Some(Waiting { since, series, names }) = waiting else { return Self::NONE };
        Self { waited: Some(seconds(since, now)), behind: Some(series), lacking: names, extra: None }
    }
    /// The same of one that may not answer: what it was once brought may be there or not.
    pub(in crate::api) fn seen(waiting: Option<Waiting>, answers: bool, now: Timestamp) -> Self {
        if waiting.is_none() && !answers { Self::default() } else { Self::of(waiting, now) }
    }
    pub(in crate::api) fn and(self, extra: Option<Extra>) -> Self {
        Self { extra, ..self }
    }
    /// The same of one to which series could not be brought. One of which a change waits, too, counts twice where it is not named.
    pub(super) fn lacking(self, series: &[Lacking], now: Timestamp) -> Self {
        let name = |lacking: &Lacking| format!("{} {}", lacking.symbol, lacking.interval);
        let mut new: Vec<&Lacking> = series.iter().filter(|lacking| !self.lacking.contains(&name(lacking))).collect();
        new.sort_by_key(|lacking| lacking.since);
        let Some(first) = new.first() else { return self };
        let (waited, behind) = (self.waited.max(Some(seconds(first.since, now))), self.behind.map(|behind| behind + new.len() as u64));
        let lacking = new.iter().map(|lacking| name(lacking)).chain(self.lacking).take(NAMED).collect();
        Self { waited, behind, lacking, ..self }
    }
    /// The same of one that says how many these are, and has had everything at `last`.
    pub(super) fn lacking_some(self, series: u64, last: Option<Timestamp>, now: Timestamp) -> Self {
        if series == 0 {
            return self;
        }
        let waited = if self.behind == Some(0) { last.map(|last| seconds(last, now)) } else { self.waited };
        Self { waited, behind: self.behind.map(|behind| behind + series), ..self }
    }

    /// Of a slave whose master does not say what there is: since it was last in step.
    pub(super) fn alone(last: Option<Timestamp>, now: Timestamp) -> Self {
        Self { waited: last.map(|last| seconds(last, now)), ..Self::default() }
    }
}

/// Behind is never zero.
fn seconds(since: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.duration_since(since).as_secs()).unwrap_or(0).max(1)
}

/// This daemon and the others that it knows.
async fn all(app: &App) -> Result<Vec<Known>> {
    let store = store(app)?;
    let nodes = match app.config.dms.role {
        DmsRole::Master => {
            let enabled: Vec<BarsTarget> = app.dms.slaves().into_iter().filter(|s| s.enabled).collect();
            let mut others = futures::future::join_all(enabled.iter().map(|slave| slave_node(app, &store, slave))).await;
            tell_twins(&mut others);
            std::iter::once(own(app, None).await?).chain(others).collect()
        }
        DmsRole::Slave => {
            let last = store.synced(&TargetId::slave(app.dms.own_name())).await?;
            let (master, (delay, lag)) = match app.dms.master() {
                Some(peer) => {
                    let behind = tokio::time::timeout(PATIENCE, behind_master(&store, peer));
                    let (node, behind) = tokio::join!(master_node(app, peer), behind);
                    let (mut node, problem, is_relay) = node;
                    let (name, delay, lag) =
                        behind.ok().and_then(Result::ok).unwrap_or_else(|| (None, None, Lag::alone(last, Timestamp::now())));
                    node.name = name.unwrap_or(node.name);
                    // The last pull says more than an answer of now: why nothing comes.
                    let stands = app.dms.standing().map(|s| s.error).filter(|e| !e.is_empty());
                    let problem = stands.unwrap_or(problem);
                    (vec![Known { node, last_sync: None, lag: Lag::default(), problem, store: None, is_relay }], (delay, lag))
                }
                None => match super::visitors::pushing(app, Timestamp::now()) {
                    Some(visit) => (Vec::new(), super::visitors::behind(&store, &visit, last, Timestamp::now()).await?),
                    None => (Vec::new(), Default::default()),
                },
            };
            master.into_iter().chain([own(app, Some((last, delay, lag))).await?]).collect::<Vec<_>>()
        }
    };
    Ok(nodes)
}

pub(super) async fn list(State(app): State<App>, input: Input) -> Result<impl IntoResponse> {
    let known = all(&app).await?;
    let visitors = super::visitors::visitors(&app).await?;
    let nodes: Vec<wire::Node> = known.into_iter().map(|known| known.node).chain(visitors.into_iter().map(super::visitors::node)).collect();
    let online_nodes = nodes.iter().filter(|n| n.status == "running").count();
    Ok((input.ignored(&[]), Json(wire::Nodes { total_nodes: nodes.len(), online_nodes, nodes })))
}

/// What its master is called, and how far this slave is behind it, as the contract counts it too. An error: that does not answer.
async fn behind_master(store: &Store, peer: &Peer) -> crate::bars::Result<(Option<String>, Option<u64>, Lag)> {
    let head = peer.head().await?;
    let followed = store.followed(&head.store).await?;
    let now = Timestamp::now();
    if followed.version >= head.version {
        return Ok((head.name, Some(0), Lag::NONE.lacking(&followed.lacking, now).and(followed.extra)));
    }
    let delay = delay(&followed, head.version, head.at);
    // One of an older version does not say it.
    let lag = peer.waiting(followed.version).await?.map_or_else(Lag::default, |waiting| Lag::of(Some(waiting), now));
    Ok((head.name, delay, lag.lacking(&followed.lacking, now).and(followed.extra)))
}

/// Seconds between the newest change at the master and the one that was followed; zero when it is the same.
pub(super) fn delay(followed: &Followed, head: u64, head_at: Option<Timestamp>) -> Option<u64> {
    if followed.version >= head {
        return Some(0);
    }
    let seconds = head_at?.duration_since(followed.at?).as_secs();
    // Behind is never zero.
    Some(u64::try_from(seconds).unwrap_or(0).max(1))
}

/// This daemon; a slave's comes with its last sync, its delay and its lag.
async fn own(app: &App, slave: Option<(Option<Timestamp>, Option<u64>, Lag)>) -> Result<Known> {
    let (host, port) = split(&app.node.http_address);
    let port = app.dms.port().unwrap_or(port);
    let status = here(app).await?;
    let last_sync = slave.as_ref().and_then(|(last, ..)| *last);
    let extra = slave.as_ref().and_then(|(.., lag)| lag.extra.as_ref());
    let node = wire::Node {
        name: app.node.name.clone(),
        role: status.role,
        host,
        port,
        status: "running",
        uptime: Some(status.uptime),
        tasks_count: slave.is_none().then_some(Some(status.tasks_count)),
        last_sync: last_sync.map(time),
        sync_delay: slave.as_ref().map(|(_, delay, _)| *delay),
        extra_series: extra.map(|extra| extra.series),
    };
    let lag = slave.map(|(.., lag)| lag).unwrap_or_default();
    let is_pulled_from = || app.dms.visits.lately(Timestamp::now()).iter().any(|visit| visit.version.is_some());
    let is_relay = app.config.dms.role == DmsRole::Slave && is_pulled_from();
    Ok(Known { node, last_sync, lag, problem: String::new(), store: None, is_relay })
}

fn split(address: &str) -> (String, u16) {
    let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
    (host.trim_matches(['[', ']']).to_owned(), port.parse().unwrap_or(0))
}

/// One daemon under two names is brought everything twice: the second of them says so.
fn tell_twins(slaves: &mut [Known]) {
    for n in 1..slaves.len() {
        let (before, behind) = slaves.split_at_mut(n);
        let Some(slave) = behind.first_mut().filter(|slave| slave.store.is_some() && slave.problem.is_empty()) else { continue };
        if let Some(twin) = before.iter().find(|other| other.store == slave.store) {
            slave.problem = format!("{} is the slave {}, under another address", slave.node.name, twin.node.name);
        }
    }
}

async fn slave_node(app: &App, store: &Store, slave: &BarsTarget) -> Known {
    let (name, (host, port)) = (&slave.name, slave.address());
    let Met { status: said, store: id, followed, problem } = match app.dms.slave(name) {
        Some(peer) => peer.meet(store.id(), PATIENCE).await,
        None => Met::default(),
    };
    if let Some(id) = &id {
        // While it does not answer it is known to be the same that may come by itself.
        let _ = store.set_met(name, id).await;
    }
    let (status, uptime) = said.map_or(("offline", 0), |said| ("running", said.uptime));
    let stands = || app.dms.standing_of(name).map(|s| s.error).unwrap_or_default();
    let problem = problem.map_or_else(stands, |e| e.to_string());
    let brought = store.synced(&slave.id()).await.ok().flatten();
    // One that does not answer lacks what came since it last did.
    let version = match &followed {
        Some(followed) => Some(followed.version),
        None => store.brought(name).await.ok().flatten(),
    };
    let head = store.head().await.ok();
    let delay = followed.as_ref().zip(head).and_then(|(followed, (head, head_at))| delay(followed, head, head_at));
    let lag = match version {
        Some(version) => {
            let waiting = store.waiting(version).await;
            waiting.map(|waiting| Lag::seen(waiting, followed.is_some(), Timestamp::now())).unwrap_or_default()
        }
        None => Lag::default(),
    };
    // One that does not answer is known by what was brought there.
    let last_sync = followed.as_ref().and_then(|f| f.synced).max(brought);
    let lag = match followed {
        Some(Followed { lacking, extra, .. }) => lag.lacking(&lacking, Timestamp::now()).and(extra),
        None => lag,
    };
    let node = wire::Node {
        name: name.clone(),
        role: "slave",
        host: host.to_owned(),
        port,
        status,
        uptime: Some(uptime),
        tasks_count: None,
        last_sync: last_sync.map(time),
        sync_delay: Some(delay),
        extra_series: lag.extra.as_ref().map(|extra| extra.series),
    };
    Known { node, last_sync, lag, problem, store: id, is_relay: false }
}

/// The master, why it does not say how it is, and whether it is a slave itself.
async fn master_node(app: &App, peer: &Peer) -> (wire::Node, String, bool) {
    let (said, problem) = match ask(peer).await {
        Ok(said) => (Some(said), String::new()),
        Err(problem) => (None, problem),
    };
    let said_role = said.as_ref().map(|said| said.role);
    let address = app.config.dms.master.as_deref().unwrap_or_default();
    let (host, port) = split(address.trim_end_matches('/').rsplit("://").next().unwrap_or_default());
    let node = wire::Node {
        // Until it says what it is called.
        name: format!("{host}:{port}"),
        role: "master",
        host,
        port,
        status: if said.is_some() { "running" } else { "offline" },
        uptime: Some(said.as_ref().map_or(0, |s| s.uptime)),
        tasks_count: Some(said.map(|s| s.tasks_count)),
        last_sync: None,
        sync_delay: None,
        extra_series: None,
    };
    (node, problem, said_role == Some(DmsRole::Slave.as_str()))
}

pub(super) async fn slaves(State(app): State<App>, _: Master, input: Input) -> Result<impl IntoResponse> {
    let convert = |slave: BarsTarget| {
        let (host, port) = slave.address();
        wire::Slave { host: host.to_owned(), port, enabled: slave.enabled, name: slave.name }
    };
    let slaves: Vec<wire::Slave> = app.dms.slaves().into_iter().map(convert).collect();
    Ok((input.ignored(&[]), Json(slaves)))
}

pub(super) fn known(app: &App, name: &str) -> Result<BarsTarget> {
    app.dms.slaves().into_iter().find(|s| s.name == name).ok_or_else(|| Error::not_found(format!("there is no slave {name}")))
}

pub(super) async fn slave(State(app): State<App>, Named(name): Named, _: Master, input: Input) -> Result<impl IntoResponse> {
    let slave = known(&app, &name)?;
    let (host, port) = slave.address();
    let host = host.to_owned();
    let said = match app.dms.slave(&name) {
        Some(peer) => ask(&peer).await,
        None => Err("it is not enabled".to_owned()),
    };
    let (status, uptime, error) = match said {
        Ok(said) => ("running", said.uptime, String::new()),
        Err(error) => ("offline", 0, error),
    };
    Ok((input.ignored(&[]), Json(wire::SlaveStatus { name, role: "slave", host, port, status, uptime, error })))
}

pub(super) fn done(message: String) -> wire::Done {
    wire::Done { success: true, result: wire::Outcome { success: true, message } }
}

pub(super) async fn master(State(app): State<App>, _: Slave, input: Input) -> Result<impl IntoResponse> {
    let peer = app.dms.master().ok_or_else(|| Error::bad("no master is configured ([dms] master)"))?;
    let said = ask(peer).await.map_err(Error::unavailable)?;
    Ok((input.ignored(&[]), Json(said)))
}
