//! `/api/v1/sync`: backups and slaves of market data. What brings bars to them are runs (`POST /api/v1/runs`).

use super::bars::store;
use super::extract::{Body, Nothing, Path, Query};
use super::tasks::Trying;
use crate::api::App;
use crate::api::auth::Caller;
use crate::api::dms::nodes;
use crate::api::dms::visitors::{self, Visitor};
use crate::api::error::{Error, Result};
use crate::api::openapi::Op;
use crate::api::route::{Permission, Route};
use crate::bars::backup::{Besides, Strays};
use crate::bars::store::{Store, Transfer, TransferFilter};
use crate::bars::{self, Visit};
use crate::config::{DmsRole, Role};
use crate::model::bars::{BarsBackup, BarsPlace, BarsSyncSpec, BarsTarget, TargetKind};
use crate::model::job::Origin;
use crate::scheduler::tasks::Trial;
use crate::secret::Secret;
use crate::wire::native::sync as wire;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use utoipa::IntoParams;

pub(super) fn routes() -> Vec<Route> {
    let (get, post) = (Method::GET, Method::POST);
    let [view, operate, admin] = [Role::Viewer, Role::Operator, Role::Admin].map(Permission::Role);
    let example =
        json!({ "name": "backup1", "kind": "backup", "host": "influx.example.com", "user": "syncline", "password": "<the password>" });
    vec![
        Route::new(&get, "/sync/targets", view, targets).doc(
            Op::new("Lists where bars are brought to")
                .about("Backups and slaves; at a slave its master. `POST /api/v1/runs` with `bars_sync` brings bars there.")
                .reply::<wire::SyncTargetList>(200, "The targets, and how far each is."),
        ),
        Route::new(&post, "/sync/targets", admin, add).doc(
            Op::new("Adds a place that bars are brought to")
                .about(
                    "From now on and over restarts, in a master. With `dry_run` it is only judged. A slave is sent the cluster's token: \
                     hence the role. 409 where a backup or slave has the name; 400 at a slave, which has none; 403 where the slave \
                     takes its bars from another master. One that does not answer is added, and `problem` says why it did not.",
                )
                .query::<Trying>()
                .body::<wire::SyncTargetCreate>(example)
                .reply::<wire::SyncTarget>(201, "The target; bars are on the way there.")
                .reply::<wire::SyncTarget>(200, "Dry run: the target as it would be."),
        ),
        Route::new(&Method::DELETE, "/sync/targets/{target}", admin, remove).doc(
            Op::new("Removes a place that bars are brought to")
                .about(
                    "What is under way there is ended and waited for. What is there stays, and so does its history. 409 where it \
                     stands in the configuration file. A slave that pulls by itself is listed no more, until it comes again.",
                )
                .query::<Trying>()
                .reply::<wire::SyncTargetRemoved>(200, "It is gone."),
        ),
        Route::new(&post, "/sync/targets/{target}/enable", admin, enable).doc(
            Op::new("Enables a target")
                .about("Idempotent. What changed meanwhile is brought there. 409 where it stands in the configuration file.")
                .query::<Trying>()
                .reply::<wire::SyncTarget>(200, "The target."),
        ),
        Route::new(&post, "/sync/targets/{target}/disable", admin, disable).doc(
            Op::new("Disables a target")
                .about("Idempotent. It stays in the list, and nothing is brought there. 409 where it stands in the configuration file.")
                .query::<Trying>()
                .reply::<wire::SyncTarget>(200, "The target."),
        ),
        Route::new(&post, "/sync/targets/{target}/test", operate, test)
            .doc(Op::new("Asks a target whether it answers").reply::<wire::SyncTested>(200, "What it said.")),
        Route::new(&get, "/sync/history", view, history).doc(
            Op::new("Lists what was brought where")
                .query::<HistoryQuery>()
                .reply::<wire::SyncTransferList>(200, "A row for each series, newest first."),
        ),
    ]
}

pub(super) async fn targets(State(app): State<App>, Query(Nothing {}): Query<Nothing>) -> Result<Json<wire::SyncTargetList>> {
    let store = store(&app)?;
    let known = app.dms.known_targets();
    let mut targets = Vec::new();
    for backup in known.iter().filter(|t| !t.is_slave()) {
        targets.push(self::backup(&store, backup).await?);
    }
    // Peers say themselves how far they are.
    let others = nodes::known_nodes(&app).await?;
    let role = app.config.dms.role;
    let own = app.node.name.clone();
    let is_slave = role == DmsRole::Slave;
    let here = others.iter().find(|n| is_slave && n.node.role == "slave" && n.node.name == own);
    let here = here.map(|n| (n.last_sync, n.lag.clone()));
    let visitors = visitors::visitors(&app).await?;
    for nodes::Known { node, last_sync, lag, problem, store: _, is_relay: _ } in others.into_iter().filter(|n| n.node.role != role.as_str())
    {
        let (last_sync, lag) = here.clone().unwrap_or((last_sync, lag));
        let origin = known.iter().find(|t| t.is_slave() && t.name == node.name).map_or(Origin::Config, |t| t.origin);
        let target = wire::SyncTarget {
            name: if is_slave { BarsSyncSpec::MASTER.to_owned() } else { node.name },
            kind: node.role.to_owned(),
            host: node.host,
            port: node.port,
            enabled: true,
            last_sync: last_sync.map(|t| t.to_string()),
            problem,
            origin: origin.as_str().to_owned(),
            ..lagging(lag)
        };
        targets.push(target);
    }
    targets.extend(visitors.into_iter().map(visitor));
    for target in known.iter().filter(|t| t.is_slave() && !t.enabled) {
        let last_sync = store.synced(&target.id()).await?.map(|t| t.to_string());
        targets.push(wire::SyncTarget { last_sync, ..plain(target) });
    }
    Ok(Json(wire::SyncTargetList { targets }))
}

/// A daemon that comes by itself.
fn visitor(visitor: Visitor) -> wire::SyncTarget {
    let Visitor { name, role, way, from, port, at, last_sync, lag, problem, called, .. } = visitor;
    let (kind, origin, host) = (role.to_owned(), way.to_owned(), from.to_string());
    let (last_sync, last_seen) = (last_sync.map(|t| t.to_string()), Some(at.to_string()));
    wire::SyncTarget { name, kind, host, port, enabled: true, origin, last_sync, last_seen, problem, called, ..lagging(lag) }
}

/// How far it is, and nothing else.
fn lagging(lag: nodes::Lag) -> wire::SyncTarget {
    let nodes::Lag { waited: lag_seconds, behind, lacking, extra } = lag;
    let (extra, extra_names) = super::nodes::more(extra);
    wire::SyncTarget { behind, lacking, lag_seconds, extra, extra_names, ..blank() }
}

/// A backup, and what is known of it here.
async fn backup(store: &Store, target: &BarsTarget) -> Result<wire::SyncTarget> {
    let lag = nodes::Lag::of(store.lacks(&target.name).await?, Timestamp::now());
    let wire::SyncTarget { behind, lacking, lag_seconds, .. } = lagging(lag);
    let besides = bars::backup::extra(store, &target.id()).await?;
    let (extra, extra_names) = besides.as_ref().map(|besides| (besides.series, besides.names.clone())).unzip();
    Ok(wire::SyncTarget {
        last_sync: store.synced(&target.id()).await?.map(|t| t.to_string()),
        behind,
        lacking,
        lag_seconds,
        extra,
        extra_names: extra_names.unwrap_or_default(),
        besides: besides.as_ref().map(self::besides),
        problem: store.failing(&target.id()).await?.unwrap_or_default(),
        ..plain(target)
    })
}

/// What a backup has besides, in words of the wire.
fn besides(besides: &Besides) -> wire::SyncBesides {
    let Besides { series, names: _, foreign, foreign_names, bars, .. } = besides;
    let stray = |(series, Strays { bars, first }): (&str, Strays)| wire::SyncStrays {
        series: series.to_owned(),
        bars,
        first: first.map(|time| time.to_string()),
    };
    wire::SyncBesides {
        series: *foreign,
        names: foreign_names.clone(),
        bars: *bars,
        among: series.saturating_sub(*foreign),
        strays: besides.strays().map(stray).collect(),
    }
}

/// What it is, without how far it is.
fn plain(target: &BarsTarget) -> wire::SyncTarget {
    let (host, port) = target.address();
    let BarsTarget { name, place, enabled, origin } = target;
    let (database, user, tls) = match place {
        BarsPlace::Slave { .. } => (String::new(), String::new(), false),
        BarsPlace::Backup(BarsBackup { database, account, tls, .. }) => {
            let user = account.as_ref().map(|(user, _)| user.clone()).unwrap_or_default();
            (database.clone(), user, *tls)
        }
    };
    let (name, kind, host, origin) = (name.clone(), target.kind().to_string(), host.to_owned(), origin.as_str().to_owned());
    wire::SyncTarget { name, kind, host, port, enabled: *enabled, origin, database, user, tls, ..blank() }
}

fn blank() -> wire::SyncTarget {
    wire::SyncTarget {
        name: String::new(),
        kind: String::new(),
        host: String::new(),
        port: 0,
        enabled: false,
        last_sync: None,
        behind: None,
        lacking: Vec::new(),
        extra: None,
        extra_names: Vec::new(),
        besides: None,
        called: None,
        lag_seconds: None,
        last_seen: None,
        problem: String::new(),
        origin: String::new(),
        database: String::new(),
        user: String::new(),
        tls: false,
    }
}

pub(super) async fn add(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<Trying>,
    Body(body): Body<wire::SyncTargetCreate>,
) -> Result<(StatusCode, Json<wire::SyncTarget>)> {
    let Trying { dry_run } = query;
    let (added, problem) = app.tasks.add_target(target(body)?, dry_run, caller.by()).await?;
    let status = if dry_run { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(wire::SyncTarget { problem, ..plain(&added) })))
}

fn target(body: wire::SyncTargetCreate) -> Result<BarsTarget> {
    let wire::SyncTargetCreate { name, kind, host, port, enabled, tls, database, user, password, timeout_seconds } = body;
    let wrong = |field: &str, why: &str| Err(Error::bad_request(format!("{field}: {why}")).field(field));
    let place = match kind.as_str() {
        "backup" => {
            let user = user.filter(|u| !u.is_empty());
            let account = match (user, password.filter(|p| !p.is_empty())) {
                (None, None) => None,
                (Some(user), Some(password)) => Some((user, Secret::new(password))),
                (Some(_), None) => return wrong("user", "needs a password"),
                (None, Some(_)) => return wrong("password", "needs a user"),
            };
            BarsPlace::Backup(BarsBackup {
                host,
                port: port.unwrap_or(BarsTarget::BACKUP_PORT),
                tls: tls.unwrap_or(false),
                database: database.unwrap_or_else(|| BarsTarget::DATABASE.to_owned()),
                account,
                timeout: timeout_seconds.map_or(BarsTarget::TIMEOUT, Duration::from_secs),
            })
        }
        "slave" => {
            let fields = [
                ("tls", tls.is_some()),
                ("database", database.is_some()),
                ("user", user.is_some()),
                ("password", password.is_some()),
                ("timeout_seconds", timeout_seconds.is_some()),
            ];
            if let Some((field, _)) = fields.into_iter().find(|(_, is_said)| *is_said) {
                return wrong(field, "a slave has none");
            }
            BarsPlace::Slave { host, port: port.unwrap_or(BarsTarget::SLAVE_PORT) }
        }
        _ => return Err(super::runs::unknown("kind", &kind, &["backup", "slave"])),
    };
    Ok(BarsTarget { name, place, enabled: enabled.unwrap_or(true), origin: Origin::Native })
}

pub(super) async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    Query(Trying { dry_run }): Query<Trying>,
) -> Result<Json<wire::SyncTargetRemoved>> {
    if !app.dms.known_targets().iter().any(|target| target.name == name) && forget(&app, &name, dry_run).await? {
        return Ok(Json(wire::SyncTargetRemoved { kind: DmsRole::Slave.as_str().to_owned(), name }));
    }
    let gone = app.tasks.remove_target(&name, Trial::of(dry_run), caller.by()).await?;
    Ok(Json(wire::SyncTargetRemoved { kind: gone.kind().to_string(), name: gone.name }))
}

/// Waits no more for a slave that came by itself; false: none of that name did.
async fn forget(app: &App, name: &str, dry_run: bool) -> Result<bool> {
    let pulls = |visit: &Visit| visit.name == name && visit.version.is_some();
    let has_come = app.dms.visits.lately(Timestamp::now()).iter().any(pulls);
    if has_come && !dry_run {
        app.dms.visits.forget(&store(app)?, name).await?;
    }
    Ok(has_come)
}

pub(super) async fn enable(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    Query(Trying { dry_run }): Query<Trying>,
) -> Result<Json<wire::SyncTarget>> {
    switch(&app, caller, &name, true, Trial::of(dry_run)).await
}

pub(super) async fn disable(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    Query(Trying { dry_run }): Query<Trying>,
) -> Result<Json<wire::SyncTarget>> {
    switch(&app, caller, &name, false, Trial::of(dry_run)).await
}

async fn switch(app: &App, caller: Caller, name: &str, enabled: bool, trial: Trial) -> Result<Json<wire::SyncTarget>> {
    let (target, problem) = app.tasks.enable_target(name, enabled, trial, caller.by()).await?;
    Ok(Json(wire::SyncTarget { problem, ..plain(&target) }))
}

pub(super) async fn test(State(app): State<App>, Path(name): Path<String>) -> Result<Json<wire::SyncTested>> {
    let says = app.tasks.test_target(&name).await?;
    Ok(Json(wire::SyncTested { name, says }))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct HistoryQuery {
    /// Only to this backup or slave; a slave's own name is what it received.
    target: Option<String>,
    /// `backup` or `slave`: only to those. A name that both have is each of them otherwise.
    kind: Option<String>,
    /// Only what failed.
    failed: bool,
    /// At most so many; 100 when absent, 1000 at most.
    limit: Option<u32>,
    /// So many of the newest are left out.
    offset: u32,
}

pub(super) async fn history(State(app): State<App>, Query(query): Query<HistoryQuery>) -> Result<Json<wire::SyncTransferList>> {
    let HistoryQuery { target, kind, failed, limit, offset } = query;
    let words = TargetKind::ALL.map(TargetKind::as_str);
    let kind = kind.map(|text| TargetKind::parse(&text).ok_or_else(|| super::runs::unknown("kind", &text, &words))).transpose()?;
    let limit = limit.unwrap_or(100).clamp(1, 1000);
    let store = store(&app)?;
    let found = store.transfers(TransferFilter { target: target.clone(), kind, failed }, limit, offset).await?;
    let note = match target.filter(|_| found.is_empty()) {
        Some(target) => visitors::known_target(&app, &store, &target).await?,
        None => String::new(),
    };
    let history = found.into_iter().map(row).collect();
    Ok(Json(wire::SyncTransferList { history, note }))
}

fn row(transfer: Transfer) -> wire::SyncTransfer {
    let Transfer { id, target, kind, series, mode, started, ended, bars, error, note } = transfer;
    let (symbol, interval) = series.unwrap_or_default();
    wire::SyncTransfer {
        id,
        target,
        target_kind: kind.map_or_else(String::new, |kind| kind.to_string()),
        symbol,
        interval,
        mode: mode.as_str().to_owned(),
        started: started.to_string(),
        ended: ended.to_string(),
        bars,
        status: if error.is_empty() { "success" } else { "failed" }.to_owned(),
        error,
        note,
    }
}
