//! `/api/v1/sync`: backups and slaves of market data. What brings bars to them are runs (`POST /api/v1/runs`).

use super::bars::store;
use super::extract::{Path, Query};
use crate::api::App;
use crate::api::dms::nodes;
use crate::api::error::{Error, Result};
use crate::bars::store::{Store, Transfer};
use crate::config::DmsRole;
use crate::model::bars::BarsSyncSpec;
use crate::wire::native::sync as wire;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

pub(super) async fn targets(State(app): State<App>) -> Result<Json<wire::SyncTargetList>> {
    let store = store(&app)?;
    let dms = &app.config.dms;
    let mut targets = Vec::new();
    for backup in &dms.lists.backups {
        let behind = store.behind(&backup.name).await?;
        let last = store.transfers(Some(&backup.name), 1, 0).await?.into_iter().next();
        targets.push(wire::SyncTarget {
            name: backup.name.clone(),
            kind: "backup".to_owned(),
            host: backup.host.clone(),
            port: backup.port,
            enabled: backup.enabled,
            last_sync: store.synced(&backup.name).await?.map(|t| t.to_string()),
            behind: Some(behind),
            lag_seconds: None,
            problem: last.map(|t| t.error).unwrap_or_default(),
        });
    }
    // Peers say themselves how far they are.
    let others = nodes::known_nodes(&app).await?;
    let disabled = dms.lists.slaves.iter().filter(|s| !s.enabled).map(|s| (s.name.clone(), s.host.clone(), s.port));
    let own = app.node.name.clone();
    let is_slave = dms.role == DmsRole::Slave;
    let here = others.iter().find(|n| is_slave && n.role == "slave" && n.name == own);
    let here = here.map(|n| (n.last_sync.clone(), n.sync_delay.flatten()));
    let standing = app.dms.standing().map(|s| s.error).unwrap_or_default();
    for node in others.into_iter().filter(|n| n.role != dms.role.as_str()) {
        let (last_sync, lag_seconds) = here.clone().unwrap_or((node.last_sync, node.sync_delay.flatten()));
        let problem = match node.status {
            // Why, if that was met already.
            "offline" => {
                let last = store.transfers(Some(&node.name), 1, 0).await?.into_iter().next();
                last.map(|t| t.error).filter(|e| !e.is_empty()).unwrap_or_else(|| "it does not answer".to_owned())
            }
            _ => standing.clone(),
        };
        let behind = lag_seconds.filter(|s| *s == 0);
        let kind = node.role.to_owned();
        targets.push(wire::SyncTarget {
            name: if is_slave { BarsSyncSpec::MASTER.to_owned() } else { node.name },
            kind,
            host: node.host,
            port: node.port,
            enabled: true,
            last_sync,
            behind,
            lag_seconds,
            problem,
        });
    }
    targets.extend(disabled.map(|(name, host, port)| wire::SyncTarget {
        name,
        kind: "slave".to_owned(),
        host,
        port,
        enabled: false,
        last_sync: None,
        behind: None,
        lag_seconds: None,
        problem: String::new(),
    }));
    Ok(Json(wire::SyncTargetList { targets }))
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
    /// Only what failed.
    failed: bool,
    /// At most so many; 100 when absent, 1000 at most.
    limit: Option<u32>,
    /// So many of the newest are left out.
    offset: u32,
}

pub(super) async fn history(State(app): State<App>, Query(query): Query<HistoryQuery>) -> Result<Json<wire::SyncTransferList>> {
    let HistoryQuery { target, failed, limit, offset } = query;
    let limit = limit.unwrap_or(100).clamp(1, 1000);
    let store = store(&app)?;
    let found = if failed {
        store.failed_transfers(target.as_deref(), limit, offset).await?
    } else {
        store.transfers(target.as_deref(), limit, offset).await?
    };
    if let Some(target) = target.filter(|_| found.is_empty()) {
        known(&app, &store, &target).await?;
    }
    let history = found.into_iter().map(row).collect();
    Ok(Json(wire::SyncTransferList { history }))
}

/// A name that is configured, or that the history has rows of: targets come and go, their history stays.
async fn known(app: &App, store: &Store, target: &str) -> Result<()> {
    let lists = &app.config.dms.lists;
    let mut names: Vec<&str> = lists.backups.iter().map(|b| b.name.as_str()).chain(lists.slaves.iter().map(|s| s.name.as_str())).collect();
    if app.config.dms.role == DmsRole::Slave {
        names.push(app.dms.own_name());
    }
    if names.contains(&target) || !store.transfers(Some(target), 1, 0).await?.is_empty() {
        return Ok(());
    }
    names.sort_unstable();
    names.dedup();
    let hint =
        if names.is_empty() { "no backup and no slave is configured".to_owned() } else { format!("there are: {}", names.join(", ")) };
    Err(Error::not_found(format!("there is no backup or slave {target:?}")).hint(hint))
}

fn row(transfer: Transfer) -> wire::SyncTransfer {
    let Transfer { id, target, series, mode, started, ended, bars, error } = transfer;
    let (symbol, interval) = series.unwrap_or_default();
    wire::SyncTransfer {
        id,
        target,
        symbol,
        interval,
        mode: mode.as_str().to_owned(),
        started: started.to_string(),
        ended: ended.to_string(),
        bars,
        status: if error.is_empty() { "success" } else { "failed" }.to_owned(),
        error,
    }
}
