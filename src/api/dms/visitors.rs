//! Daemons that came by themselves, shown beside those that are known by name; and who is known at all.

use super::nodes::{self, Lag};
use super::time;
use crate::api::App;
use crate::api::error::{Error, Result};
use crate::bars::Visit;
use crate::bars::replica::Says;
use crate::bars::replica::message::{Extra, Followed};
use crate::bars::store::{Store, TransferFilter};
use crate::config::DmsRole;
use crate::model::bars::TargetId;
use crate::wire::dms as wire;
use jiff::Timestamp;
use std::net::IpAddr;

/// A slave that pulls from here, or a master that pushes.
pub(in crate::api) struct Visitor {
    pub(in crate::api) name: String,
    pub(in crate::api) role: &'static str,
    /// `pulls` or `pushes`.
    pub(in crate::api) way: &'static str,
    /// Where its last connection came from, and when.
    pub(in crate::api) from: IpAddr,
    /// Where it says that it listens; zero: it does not say.
    pub(in crate::api) port: u16,
    pub(in crate::api) at: Timestamp,
    pub(in crate::api) last_sync: Option<Timestamp>,
    pub(in crate::api) lag: Lag,
    /// That it should have come again by now; empty: it is in time.
    pub(in crate::api) problem: String,
    /// What one that pushes calls this daemon; None: it did not say.
    pub(in crate::api) called: Option<String>,
    /// How it was when it last came.
    says: Says,
}

impl Visitor {
    /// How long it has been running, as far as it said so; None: not known, or it has not come when it should have.
    pub(in crate::api) fn uptime(&self, now: Timestamp) -> Option<u64> {
        let since = u64::try_from(now.duration_since(self.at).as_secs()).unwrap_or(0);
        self.says.uptime.filter(|_| self.problem.is_empty()).map(|uptime| uptime + since)
    }
}

/// Who pushes to this slave, and came last: the one whose bars are taken.
pub(super) fn pushing(app: &App, now: Timestamp) -> Option<Visit> {
    app.dms.visits.lately(now).into_iter().filter(|visit| visit.version.is_none()).max_by_key(|visit| visit.at)
}

/// How far this slave is behind one that pushes, as the contract counts it too, by what that said when it last came; `last` is when
/// everything was last seen to be here. One that is to come only when somebody says so leaves it open.
pub(super) async fn behind(
    store: &Store,
    visit: &Visit,
    last: Option<Timestamp>,
    now: Timestamp,
) -> crate::bars::Result<(Option<u64>, Lag)> {
    Ok(behind_one(store.followed(&visit.store).await?, visit, last, now))
}

fn behind_one(followed: Followed, visit: &Visit, last: Option<Timestamp>, now: Timestamp) -> (Option<u64>, Lag) {
    let Says { head, head_at, behind, .. } = visit.says;
    let (delay, lag) = match head {
        _ if visit.problem(now).is_some() => (None, Lag::alone(last, now)),
        // True until more comes, however often that does.
        Some(head) if head > followed.version => {
            let behind = behind.filter(|behind| *behind > 0);
            (nodes::delay(&followed, head, head_at), Lag { behind, ..Lag::alone(last, now) })
        }
        Some(_) if visit.keeps_coming() => (Some(0), Lag::NONE),
        _ => (None, Lag::default()),
    };
    (delay, lag.lacking(&followed.lacking, now).and(followed.extra))
}

/// Those that came lately and are none of those that are listed: what these last said of their stores counts.
pub(in crate::api) async fn visitors(app: &App) -> Result<Vec<Visitor>> {
    let store = app.dms.bars.get().map_err(crate::bars::Error::from)?;
    // A slave that names its master lists it in any case.
    let names_master = app.config.dms.role == DmsRole::Slave && app.dms.master().is_some();
    let mut listed = Vec::new();
    for slave in app.dms.slaves().into_iter().filter(|slave| slave.enabled) {
        listed.extend(store.met(&slave.name).await?);
    }
    let is_known = |visit: &Visit| names_master && visit.version.is_none() || listed.contains(&visit.store);
    let now = Timestamp::now();
    let mut all = Vec::new();
    for visit in app.dms.visits.lately(now).into_iter().filter(|visit| !is_known(visit)) {
        let problem = visit.problem(now).unwrap_or_default();
        let (role, way, last_sync, lag) = match visit.version {
            Some(version) => {
                let extra = visit.extra.map(|series| Extra { series, ..Extra::default() });
                let lag = Lag::seen(store.waiting(version).await?, problem.is_empty(), now);
                let lag = lag.lacking_some(visit.says.lacking.unwrap_or(0), visit.in_step, now).and(extra);
                (DmsRole::Slave, "pulls", visit.in_step, lag)
            }
            None => {
                let last = store.synced(&TargetId::slave(app.dms.own_name())).await?;
                (DmsRole::Master, "pushes", last, behind(store, &visit, last, now).await?.1)
            }
        };
        let Visit { name, from, port, at, called, says, .. } = visit;
        let port = port.unwrap_or_default();
        all.push(Visitor { name, role: role.as_str(), way, from, port, at, last_sync, lag, problem, called, says });
    }
    Ok(all)
}

/// As the contract shows a daemon.
pub(super) fn node(visitor: Visitor) -> wire::Node {
    let uptime = visitor.uptime(Timestamp::now());
    let Visitor { name, role, way: _, from, port, at: _, last_sync, lag, problem, called: _, says } = visitor;
    let is_slave = role == DmsRole::Slave.as_str();
    wire::Node {
        name,
        role,
        host: from.to_string(),
        port,
        status: if problem.is_empty() { "running" } else { "offline" },
        uptime: if problem.is_empty() { uptime } else { Some(0) },
        tasks_count: (!is_slave).then_some(says.tasks),
        last_sync: last_sync.map(time),
        sync_delay: is_slave.then_some(lag.waited),
        extra_series: lag.extra.filter(|_| is_slave).map(|extra| extra.series),
    }
}

/// A name that is configured, that the history has rows of (targets come and go, their history stays), or of one that comes by
/// itself; returns what is to be said of that.
pub(in crate::api) async fn known_target(app: &App, store: &Store, target: &str) -> Result<String> {
    let targets = app.dms.known_targets();
    let mut names: Vec<&str> = targets.iter().map(|t| t.name.as_str()).collect();
    if app.config.dms.role == DmsRole::Slave {
        names.push(app.dms.own_name());
    }
    let rows = TransferFilter { target: Some(target.to_owned()), ..TransferFilter::default() };
    if names.contains(&target) || !store.transfers(rows, 1, 0).await?.is_empty() {
        return Ok(String::new());
    }
    let visits = app.dms.visits.lately(Timestamp::now());
    match visits.iter().find(|visit| visit.name == target).map(|visit| visit.version) {
        Some(Some(_)) => return Ok(format!("{target} pulls: what it takes stands in its own history, `syncline sync history` there")),
        Some(None) => return Ok(format!("{target} pushes: what it brings here stands under {}", app.dms.own_name())),
        None => {}
    }
    names.extend(visits.iter().map(|visit| visit.name.as_str()));
    names.sort_unstable();
    names.dedup();
    let hint =
        if names.is_empty() { "no backup and no slave is configured".to_owned() } else { format!("there are: {}", names.join(", ")) };
    Err(Error::not_found(format!("there is no backup or slave {target:?}")).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bars::replica::Introduced;
    use crate::bars::{Errand, Visits};
    use jiff::SignedDuration;
    use std::time::Duration;

    #[test]
    fn one_that_is_late_is_offline() {
        let (ago, late) = (Timestamp::now() - SignedDuration::from_secs(9), "it has not come since yesterday");
        // What it did not say is not known; whoever does not come has not been running for any time.
        for (problem, said, status, uptime) in
            [("", None, "running", None), ("", Some(60), "running", Some(69)), (late, Some(60), "offline", Some(0))]
        {
            let visitor = Visitor {
                name: "ny".to_owned(),
                role: "slave",
                way: "pulls",
                from: "::1".parse().unwrap(),
                port: 0,
                at: ago,
                last_sync: None,
                lag: Lag::default(),
                problem: problem.to_owned(),
                called: None,
                says: Says { uptime: said, ..Says::default() },
            };
            let node = node(visitor);
            assert_eq!((node.status, node.uptime.map(|seconds| seconds / 10)), (status, uptime.map(|seconds| seconds / 10)));
        }
    }

    #[test]
    fn one_that_is_pushed_to_is_as_far_behind_as_it_was_told() {
        let now = Timestamp::from_second(1000).unwrap();
        let at = |seconds| Timestamp::from_second(seconds).ok();
        // How often the master comes, when it last did, its head and what it said waits; what the slave says of itself.
        for (every, came, head, behind, says) in [
            (1, 999, Some(5), None, (Some(0), Some(0))),
            (1, 999, Some(5), Some(3), (Some(0), Some(0))),
            (1, 999, Some(8), Some(3), (Some(3), Some(900))),
            // One of an older version, or one that believed it to have more than it has.
            (1, 999, Some(8), None, (None, Some(900))),
            (1, 999, Some(8), Some(0), (None, Some(900))),
            // It does not come any more.
            (1, 900, Some(5), None, (None, Some(900))),
            (1, 900, Some(8), Some(3), (None, Some(900))),
            // It comes when somebody says so: what it had then is known, not what it has now.
            (0, 100, Some(5), None, (None, None)),
            (0, 100, Some(8), Some(3), (Some(3), Some(900))),
            (1, 999, None, None, (None, None)),
        ] {
            let visits = Visits::default();
            let says_it = Says { head, head_at: at(950), behind, ..Says::default() };
            let who = Introduced {
                name: "home".to_owned(),
                store: "s".to_owned(),
                every: Some(Duration::from_secs(every)),
                port: None,
                extra: None,
                called: None,
                says: says_it,
            };
            visits.note(who, "::1".parse().unwrap(), Errand::Push, at(came).unwrap());
            let followed = Followed { version: 5, at: at(90), ..Followed::default() };
            let (_, lag) = behind_one(followed, &visits.lately(now)[0], at(100), now);
            assert_eq!((lag.behind, lag.waited), says, "{every} {came} {head:?} {behind:?}");
        }
    }
}
