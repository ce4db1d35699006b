//! `/api/v1/runs`.

use super::convert;
use super::extract::{Path, Query};
use crate::api::app::App;
use crate::api::auth::Caller;
use crate::api::error::{Error, Result};
use crate::model::bars::{BarsSyncSpec, TargetKind};
use crate::model::job::{JobId, JobKind, TaskSpec};
use crate::model::run::{Run, RunState};
use crate::scheduler::Selector;
use crate::scheduler::tasks::ActiveRun;
use crate::store::{audit, items, runs};
use crate::wire::native::runs as wire;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 1000;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// A job's id, number or name; the id also of a job that is gone.
    job: Option<String>,
    /// Only runs of jobs of this kind.
    kind: Option<String>,
    /// Only runs in this state.
    state: Option<String>,
    /// RFC 3339: only runs that began at that time or later.
    since: Option<String>,
    /// At most so many; 50 when absent, 1000 at most.
    limit: Option<u32>,
}

pub(super) async fn list(State(app): State<App>, Query(query): Query<ListQuery>) -> Result<Json<wire::RunList>> {
    let ListQuery { job, kind, state, since, limit } = query;
    let (job, name) = match job {
        Some(text) => of(&app, text).await?,
        None => (None, None),
    };
    let filter = runs::Filter {
        job,
        name,
        kind: kind.map(|k| JobKind::parse(&k).ok_or_else(|| unknown("kind", &k, &wire::KINDS))).transpose()?,
        states: state.map(|s| RunState::parse(&s).ok_or_else(|| unknown("state", &s, &wire::STATES))).transpose()?.into_iter().collect(),
        since: since.map(|t| convert::time(&t, "since")).transpose()?,
        limit: limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT),
        ..runs::Filter::default()
    };
    let found = app.store.read(move |db| runs::list(db, &filter)).await?;
    let active = app.tasks.active().await?;
    let runs = shown(&app, found.into_iter().map(|s| live(s.run, &active)).collect()).await?;
    Ok(Json(wire::RunList { runs }))
}

/// Runs as they are listed, with whom they bring bars to.
pub(super) async fn shown(app: &App, runs: Vec<Run>) -> Result<Vec<wire::Run>> {
    let read = app.store.read(move |db| {
        let target = |run: &Run| match run.kind {
            JobKind::BarsSync => runs::spec::<TaskSpec>(db, run.number).map(target),
            _ => Ok(None),
        };
        runs.into_iter().map(|run| target(&run).map(|target| (run, target))).collect::<crate::store::Result<Vec<_>>>()
    });
    Ok(read.await?.into_iter().map(|(run, target)| convert::run(run, target)).collect())
}

/// The same of one.
pub(super) async fn one(app: &App, run: Run) -> Result<wire::Run> {
    let number = run.number;
    shown(app, vec![run]).await?.pop().ok_or_else(|| Error::not_found(format!("there is no run {number}")))
}

fn target(spec: TaskSpec) -> Option<(String, Option<TargetKind>)> {
    match spec {
        TaskSpec::BarsSync(BarsSyncSpec { target, kind, .. }) => Some((target, kind)),
        TaskSpec::HostMetrics(_) | TaskSpec::Bars(_) => None,
    }
}

pub(super) fn unknown(field: &str, text: &str, words: &[&str]) -> Error {
    Error::bad_request(format!("{field}: {text:?} is not one of {}", words.join(", "))).field(field)
}

/// Whose runs are meant: a job's or a task's. What is gone keeps its runs, under its id and under its name.
async fn of(app: &App, text: String) -> Result<(Option<JobId>, Option<String>)> {
    use crate::scheduler::Error as E;
    let wanted = Selector::Any(text.clone());
    match app.scheduler.get(&wanted).await {
        Ok(view) => return Ok((Some(view.job.id), None)),
        Err(E::NotFound(_)) => {}
        Err(error) => return Err(error.into()),
    }
    match app.tasks.get(&wanted).await {
        Ok(view) => return Ok((Some(view.job.id), None)),
        Err(E::NotFound(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let one = runs::Filter { limit: 1, ..runs::Filter::default() };
    let by_id = runs::Filter { job: Some(JobId(text.clone())), ..one.clone() };
    let by_name = runs::Filter { name: Some(text.clone()), ..one };
    let has = app.store.read(move |db| Ok((!runs::list(db, &by_id)?.is_empty(), !runs::list(db, &by_name)?.is_empty())));
    match has.await? {
        (true, _) => Ok((Some(JobId(text)), None)),
        (false, true) => Ok((None, Some(text))),
        (false, false) => Err(Error::not_found(format!("there is no job or task {text:?}, and no run of one"))),
    }
}

/// A run that has not ended shows what it has counted up to now.
fn live(mut run: Run, active: &[ActiveRun]) -> Run {
    if let Some(counters) = active.iter().find(|a| a.number == run.number).and_then(|a| a.counters.clone()) {
        run.counters = Some(counters);
    }
    run
}

pub(super) async fn show(State(app): State<App>, Path(number): Path<u64>) -> Result<Json<wire::RunDetail>> {
    let read = app.store.read(move |db| {
        let run = runs::get(db, number)?.run;
        let then = runs::followers(db, &run)?;
        Ok((run, then, items::of_run(db, number)?, runs::events(db, number)?))
    });
    let (run, then, items, events) = read.await?;
    let active = app.tasks.active().await?;
    Ok(Json(wire::RunDetail {
        run: one(&app, live(run, &active)).await?,
        then: shown(&app, then.into_iter().map(|run| live(run, &active)).collect()).await?,
        items: items.into_iter().map(convert::item).collect(),
        events: events.into_iter().map(convert::event).collect(),
    }))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PruneQuery {
    /// RFC 3339: only runs that ended before.
    before: String,
    /// Only say how many there are.
    #[serde(default)]
    dry_run: bool,
}

pub(super) async fn prune(State(app): State<App>, caller: Caller, Query(query): Query<PruneQuery>) -> Result<Json<wire::Pruned>> {
    let PruneQuery { before, dry_run } = query;
    let before = convert::time(&before, "before")?;
    let entry = caller.entry("runs.prune", "runs".to_owned(), format!("before {before}"));
    let runs = if dry_run {
        app.store.read(move |db| runs::older(db, before)).await?
    } else {
        let pruned = app.store.write(move |db| {
            audit::add(db, &entry)?;
            // By age alone.
            runs::prune(db, u32::MAX, before)
        });
        pruned.await? as u64
    };
    Ok(Json(wire::Pruned { before: before.to_string(), runs }))
}
