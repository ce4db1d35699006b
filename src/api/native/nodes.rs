//! `/api/v1/nodes`: this daemon, and the daemons of market data that it knows.

use super::convert;
use super::extract::{Nothing, Path, Query};
use crate::api::app::App;
use crate::api::dms;
use crate::api::dms::visitors::Visitor;
use crate::api::error::{Error, Result};
use crate::bars::replica::message::Extra;
use crate::config::DmsRole;
use crate::wire::dms::Node as Peer;
use crate::wire::native::nodes as wire;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use std::net::SocketAddr;

/// A slave that others take their bars from.
const RELAY: &str = "relay";

pub(super) async fn list(State(app): State<App>, Query(Nothing {}): Query<Nothing>) -> Result<Json<wire::NodeList>> {
    Ok(Json(wire::NodeList { nodes: all(&app).await? }))
}

async fn all(app: &App) -> Result<Vec<wire::Node>> {
    let jobs = app.scheduler.list().await?.len() as u64;
    let mut nodes = vec![convert::node(app.node.clone(), jobs)];
    if app.config.dms.role == DmsRole::Slave {
        // Its master leads, whether it is named here or only pushes.
        (nodes[0].role, nodes[0].leader) = (DmsRole::Slave.as_str().to_owned(), false);
    }
    // A slave has something to say of itself, also one that names no master.
    let is_alone = app.config.dms.role == DmsRole::Master && app.dms.slaves().iter().all(|s| !s.enabled);
    let known = if is_alone { Ok(Vec::new()) } else { dms::nodes::known_nodes(app).await };
    // While the bars database opens, what is known of the others is not.
    let Ok(peers) = known else { return Ok(nodes) };
    let visitors = dms::visitors::visitors(app).await.unwrap_or_default();
    let own = app.config.dms.role.as_str();
    for dms::nodes::Known { node: peer, last_sync, lag, problem, store: _, is_relay } in peers {
        let Peer { name, role, host, port, status, uptime, tasks_count: _, last_sync: _, sync_delay: _, extra_series: _ } = peer;
        let last_sync = last_sync.map(|t| t.to_string());
        let (lag_seconds, (extra, extra_names)) = (lag.waited, more(lag.extra));
        let is_own = role == own && name == app.node.name;
        let role = if is_relay { RELAY } else { role };
        if is_own {
            let node = &mut nodes[0];
            (node.role, node.lag_seconds, node.last_sync) = (role.to_owned(), lag_seconds, last_sync);
            (node.extra, node.extra_names) = (extra, extra_names);
            continue;
        }
        let is_up = status == "running";
        // It says whole seconds.
        nodes.push(wire::Node {
            id: name.clone(),
            name,
            address: format!("{host}:{port}"),
            region: String::new(),
            datacenter: String::new(),
            role: role.to_owned(),
            state: if is_up { "ready" } else { "offline" }.to_owned(),
            reason: problem,
            build: String::new(),
            leader: role == DmsRole::Master.as_str(),
            started: uptime.filter(|_| is_up).map(since).unwrap_or_default(),
            jobs: 0,
            lag_seconds,
            extra,
            extra_names,
            last_sync,
            last_seen: None,
        });
    }
    if app.config.dms.role == DmsRole::Master && !visitors.is_empty() {
        // It names none of them, and they take their bars from it.
        nodes[0].role = DmsRole::Master.as_str().to_owned();
    }
    nodes.extend(visitors.into_iter().map(visitor));
    Ok(nodes)
}

/// When one began that says how long it has been running, in whole seconds.
fn since(uptime: u64) -> String {
    let began = Timestamp::now().as_second().saturating_sub_unsigned(uptime);
    Timestamp::from_second(began).unwrap_or_default().to_string()
}

/// What a slave has besides, as it is listed.
pub(super) fn more(extra: Option<Extra>) -> (Option<u64>, Vec<String>) {
    let (extra, names) = extra.map(|Extra { series, names, seen: _ }| (series, names)).unzip();
    (extra, names.unwrap_or_default())
}

/// One that comes by itself, and is asked nothing.
fn visitor(visitor: Visitor) -> wire::Node {
    let started = visitor.uptime(Timestamp::now()).map(since).unwrap_or_default();
    let Visitor { name, role, way, from, port, at, last_sync, lag, problem, .. } = visitor;
    let (extra, extra_names) = more(lag.extra);
    wire::Node {
        id: name.clone(),
        name,
        address: if port == 0 { from.to_string() } else { SocketAddr::new(from, port).to_string() },
        region: String::new(),
        datacenter: String::new(),
        role: role.to_owned(),
        state: if problem.is_empty() { way } else { "offline" }.to_owned(),
        reason: problem,
        build: String::new(),
        leader: role == DmsRole::Master.as_str(),
        started,
        jobs: 0,
        lag_seconds: lag.waited,
        extra,
        extra_names,
        last_sync: last_sync.map(|t| t.to_string()),
        last_seen: Some(at.to_string()),
    }
}

pub(super) async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Json<wire::Node>> {
    let found = all(&app).await?.into_iter().find(|n| n.id == id || n.name == id);
    found.map(Json).ok_or_else(|| Error::not_found(format!("node {id:?} does not exist")))
}
