//! Daemons that came by themselves, shown beside those that are known by name; and who is known at all.

use super::nodes::Lag;
use super::time;
use crate::api::App;
use crate::api::error::{Error, Result};
use crate::bars::Visit;
use crate::bars::replica::message::Extra;
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
                (DmsRole::Slave, "pulls", visit.in_step, Lag::seen(store.waiting(version).await?, problem.is_empty(), now).and(extra))
            }
            None => {
                // What is here, it told itself.
                let lag = Lag::default().and(store.followed(&visit.store).await?.extra);
                (DmsRole::Master, "pushes", store.synced(&TargetId::slave(app.dms.own_name())).await?, lag)
            }
        };
        let Visit { name, from, port, at, called, .. } = visit;
        let port = port.unwrap_or_default();
        all.push(Visitor { name, role: role.as_str(), way, from, port, at, last_sync, lag, problem, called });
    }
    Ok(all)
}

/// As the contract shows a daemon; nobody knows since when it runs.
pub(super) fn node(visitor: Visitor) -> wire::Node {
    let Visitor { name, role, way: _, from, port, at: _, last_sync, lag, problem, called: _ } = visitor;
    let is_slave = role == DmsRole::Slave.as_str();
    wire::Node {
        name,
        role,
        host: from.to_string(),
        port,
        status: if problem.is_empty() { "running" } else { "offline" },
        uptime: 0,
        tasks_count: (!is_slave).then_some(0),
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

    #[test]
    fn one_that_is_late_is_offline() {
        for (problem, status) in [("", "running"), ("it has not come since yesterday", "offline")] {
            let visitor = Visitor {
                name: "ny".to_owned(),
                role: "slave",
                way: "pulls",
                from: "::1".parse().unwrap(),
                port: 0,
                at: Timestamp::now(),
                last_sync: None,
                lag: Lag::default(),
                problem: problem.to_owned(),
                called: None,
            };
            assert_eq!(node(visitor).status, status);
        }
    }
}
