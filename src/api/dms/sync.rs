//! Bars brought to backups and slaves, and taken from the master. Each call is a run of the scheduler's; the history has a row
//! for each series that travelled.

use super::error::{Error, Result};
use super::extract::{Input, Master, Named, Slave, filter, page, store};
use super::nodes::{ask, done, known};
use super::time;
use super::visitors::known_target;
use crate::api::App;
use crate::api::auth::Caller;
use crate::bars::replica::Filter;
use crate::bars::store::{Transfer, TransferFilter};
use crate::model::bars::{BarsSyncSpec, SyncMode, TargetKind};
use crate::model::job::{JobKind, TaskSpec};
use crate::model::run::{Counters, Run, RunState};
use crate::scheduler::tasks::NewRun;
use crate::store::runs;
use crate::wire::dms as wire;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use std::collections::BTreeMap;

const FIELDS: [&str; 3] = ["symbol", "start_date", "end_date"];

pub(super) async fn status(State(app): State<App>, input: Input) -> Result<impl IntoResponse> {
    let store = store(&app)?;
    let mut backups = Vec::new();
    for backup in app.dms.backups().into_iter().filter(|b| b.enabled) {
        let last_sync = store.synced(&backup.id()).await?.map(time);
        let (host, port) = backup.address();
        backups.push(wire::Backup { host: host.to_owned(), port, last_sync, name: backup.name });
    }
    Ok((input.ignored(&[]), Json(wire::SyncStatus { total_backups: backups.len(), backups })))
}

pub(super) async fn history(State(app): State<App>, input: Input) -> Result<impl IntoResponse> {
    let store = store(&app)?;
    let (limit, offset) = page(&input)?;
    let filter = TransferFilter { target: input.text("backup_name")?, ..TransferFilter::default() };
    let found = store.transfers(filter.clone(), limit, offset).await?;
    if let Some(name) = filter.target.filter(|_| found.is_empty()) {
        known_target(&app, &store, &name).await?;
    }
    let history = found.into_iter().map(row).collect();
    Ok((input.ignored(&["backup_name", "limit", "offset"]), Json(wire::SyncHistory { history })))
}

fn row(transfer: Transfer) -> wire::SyncRow {
    let Transfer { id, target, kind, series, mode, started, ended, bars, error, note } = transfer;
    let (symbol, interval) = series.unwrap_or_default();
    wire::SyncRow {
        id,
        backup_name: target,
        target_kind: kind.map_or("", TargetKind::as_str),
        symbol,
        interval,
        sync_mode: mode.as_str(),
        start_time: time(started),
        end_time: time(ended),
        data_count: bars,
        status: if error.is_empty() { "success" } else { "failed" },
        error_message: error,
        note,
    }
}

pub(super) async fn trigger(State(app): State<App>, caller: Caller, _: Master, input: Input) -> Result<impl IntoResponse> {
    let wait = input.flag("wait")?.unwrap_or(false);
    let backups = app.dms.backups();
    let names: Vec<String> = match input.text("backup_name")?.filter(|t| !t.is_empty()) {
        Some(name) => match backups.iter().find(|b| b.name == name) {
            Some(backup) if backup.enabled => vec![name],
            Some(_) => return Err(Error::bad(format!("backup {name} is not enabled"))),
            None if app.dms.slaves().iter().any(|slave| slave.name == name) => {
                return Err(Error::not_found(format!("{name} is a slave, no backup: POST slaves/{name}/sync brings bars there")));
            }
            None => return Err(Error::not_found(format!("there is no backup {name:?}"))),
        },
        None => backups.iter().filter(|b| b.enabled).map(|b| b.name.clone()).collect(),
    };
    if names.is_empty() {
        return Err(Error::bad("no backup is configured ([[dms.backups]], `syncline sync targets add backup`)"));
    }
    let active = under_way(&app).await?;
    let mut begun = Vec::new();
    let mut results = BTreeMap::new();
    for name in names {
        if active.iter().any(|spec| spec.target == name && spec.kind != Some(TargetKind::Slave)) {
            results.insert(name, false);
            continue;
        }
        let run = start(&app, caller.clone(), spec(&name, Some(TargetKind::Backup), Filter::default())).await?;
        results.insert(name.clone(), true);
        begun.push((name, run.number));
    }
    if wait {
        for (name, run) in begun {
            results.insert(name, ended(&app, run).await?.state == RunState::Completed);
        }
    }
    let failed: Vec<&str> = results.iter().filter(|(_, is_well)| !**is_well).map(|(name, _)| name.as_str()).collect();
    let message = match (wait, failed.is_empty()) {
        (true, true) => "Sync completed".to_owned(),
        (true, false) => format!("Sync failed or was under way already: {}; sync/history says why", failed.join(", ")),
        (false, true) => "Sync triggered".to_owned(),
        (false, false) => format!("Sync triggered; under way already: {}", failed.join(", ")),
    };
    let result = wire::Started { success: failed.is_empty(), results };
    // Who does not wait is told that the call was carried out.
    let reply = wire::SyncTriggered { success: !wait || result.success, message, result };
    Ok((input.ignored(&["backup_name", "wait"]), Json(reply)))
}

/// What the runs that have not ended bring somewhere.
async fn under_way(app: &App) -> Result<Vec<BarsSyncSpec>> {
    let filter =
        runs::Filter { kind: Some(JobKind::BarsSync), states: vec![RunState::Running], limit: u32::MAX, ..runs::Filter::default() };
    let read = app.store.read(move |db| {
        let found = runs::list(db, &filter)?;
        found.into_iter().map(|stored| runs::spec::<TaskSpec>(db, stored.run.number)).collect::<crate::store::Result<Vec<_>>>()
    });
    let sync = |spec| match spec {
        TaskSpec::BarsSync(spec) => Some(spec),
        TaskSpec::HostMetrics(_) | TaskSpec::Bars(_) => None,
    };
    Ok(read.await?.into_iter().filter_map(sync).collect())
}

async fn start(app: &App, caller: Caller, spec: BarsSyncSpec) -> Result<Run> {
    let new = NewRun { name: spec.target.clone(), spec: TaskSpec::BarsSync(spec) };
    Ok(app.tasks.start(new, caller.by()).await?)
}

async fn ended(app: &App, run: u64) -> Result<Run> {
    app.tasks.wait(run).await?;
    Ok(app.store.read(move |db| runs::get(db, run)).await?.run)
}

fn spec(target: &str, kind: Option<TargetKind>, Filter { symbol, range }: Filter) -> BarsSyncSpec {
    BarsSyncSpec { target: target.to_owned(), kind, mode: SyncMode::Incremental, symbol, range, prune: false }
}

pub(super) async fn push(State(app): State<App>, Named(name): Named, caller: Caller, _: Master, input: Input) -> Result<impl IntoResponse> {
    if !known(&app, &name)?.enabled {
        return Err(Error::bad(format!("slave {name} is not enabled")));
    }
    let wait = input.flag("wait")?.unwrap_or(false);
    let begun = start(&app, caller, spec(&name, Some(TargetKind::Slave), filter(&input)?)).await?;
    let reply = if wait { came_to(&ended(&app, begun.number).await?) } else { done(format!("Sync request queued for {name}")) };
    Ok((input.ignored(&[&FIELDS[..], &["wait"]].concat()), Json(reply)))
}

fn failed(run: &Run) -> u64 {
    match run.counters {
        Some(Counters::BarsSync(counts)) => counts.failed,
        _ => 0,
    }
}

/// How a run ended that was waited for.
fn came_to(run: &Run) -> wire::Done {
    let message = match (run.state, failed(run)) {
        (RunState::Completed, _) => return done("Sync completed".to_owned()),
        (_, 0) => run.error.clone(),
        (_, failed) => format!("Sync completed, {failed} series failed"),
    };
    wire::Done { success: false, result: wire::Outcome { success: false, message } }
}

pub(super) async fn pull(State(app): State<App>, caller: Caller, _: Slave, input: Input) -> Result<impl IntoResponse> {
    let filter = filter(&input)?;
    let peer = app.dms.master().ok_or_else(|| Error::bad("no master is configured ([dms] master)"))?;
    ask(peer).await.map_err(Error::unavailable)?;
    let begun = start(&app, caller, spec(BarsSyncSpec::MASTER, None, filter)).await?;
    let run = ended(&app, begun.number).await?;
    if run.state != RunState::Completed && failed(&run) == 0 {
        return Err(Error::unavailable(run.error));
    }
    Ok((input.ignored(&FIELDS), Json(came_to(&run))))
}
