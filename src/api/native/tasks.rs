//! `/api/v1/tasks`, `/api/v1/cron`, and runs that are told to begin or to stop.

use super::convert::tasks as convert_tasks;
use super::extract::{Body, Path, Query};
use crate::api::app::App;
use crate::api::auth::Caller;
use crate::api::error::{Error, Result};
use crate::model::job::{Desired, JobKind, Origin, TaskSpec, Trigger};
use crate::scheduler::Selector;
use crate::scheduler::cron::Reading;
use crate::scheduler::tasks::{NewRun, NewTask, TaskChange, Trial};
use crate::store::runs;
use crate::wire::native::error::Code;
use crate::wire::native::runs::Run;
use crate::wire::native::tasks as wire;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;

const DEFAULT_TIMES: u32 = 5;
const MAX_TIMES: u32 = 1000;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Only tasks of this kind.
    kind: Option<String>,
    /// Only those that are enabled, or those that are not.
    enabled: Option<bool>,
}

pub(super) async fn list(State(app): State<App>, Query(query): Query<ListQuery>) -> Result<Json<wire::TaskList>> {
    let ListQuery { kind, enabled } = query;
    let kind = kind.map(|k| task_kind(&k)).transpose()?;
    let mut found = app.tasks.list(kind).await?;
    found.retain(|view| enabled.is_none_or(|enabled| enabled == (view.job.desired == Desired::Running)));
    Ok(Json(wire::TaskList { tasks: found.into_iter().map(convert_tasks::task).collect() }))
}

fn task_kind(text: &str) -> Result<JobKind> {
    let unknown = || super::runs::unknown("kind", text, &crate::wire::native::runs::TASK_KINDS);
    JobKind::parse(text).filter(|k| k.is_task()).ok_or_else(unknown)
}

/// Of what can be tried.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Trying {
    /// Check only, as it would be checked; change nothing.
    #[serde(default)]
    pub(super) dry_run: bool,
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Query(Trying { dry_run }): Query<Trying>,
    Body(body): Body<wire::TaskCreate>,
) -> Result<(StatusCode, Json<wire::Task>)> {
    let wire::TaskCreate { name, cron, time_zone, enabled, description, limits, hosts, bars, bars_sync } = body;
    let new = NewTask {
        name,
        spec: convert_tasks::spec(hosts, bars, bars_sync)?,
        trigger: trigger(cron, time_zone),
        limits: convert_tasks::limits(limits)?,
        enabled: enabled.unwrap_or(true),
        origin: Origin::Native,
        description: description.unwrap_or_default(),
        created_by: None,
    };
    let view = app.tasks.create_or_try(new, Trial::of(dry_run), caller.by()).await?;
    let status = if dry_run { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(convert_tasks::task(view))))
}

fn trigger(cron: Option<String>, time_zone: Option<String>) -> Trigger {
    match cron.filter(|c| !c.trim().is_empty()) {
        Some(expr) => Trigger::Cron { expr, time_zone: time_zone.unwrap_or_default() },
        None => Trigger::Manual,
    }
}

pub(super) async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Json<wire::Task>> {
    let view = app.tasks.get(&Selector::Any(id)).await?;
    let number = view.job.number;
    let last = app.store.read(move |db| runs::last_ended(db, number)).await?;
    Ok(Json(wire::Task { last_run: last.map(convert_tasks::last_run), ..convert_tasks::task(view) }))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UpdateQuery {
    /// Compare-and-set on `job_modify_index`.
    index: Option<u64>,
    /// Check only, as it would be checked; change nothing.
    #[serde(default)]
    dry_run: bool,
}

pub(super) async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(UpdateQuery { index, dry_run }): Query<UpdateQuery>,
    Body(body): Body<wire::TaskChange>,
) -> Result<Json<wire::Task>> {
    let wire::TaskChange { name, cron, time_zone, enabled, description, limits, hosts, bars, bars_sync } = body;
    let task = Selector::Any(id);
    let trigger = if cron.is_none() && time_zone.is_none() {
        None
    } else {
        let stored = match app.tasks.get(&task).await?.job.trigger {
            Trigger::Cron { expr, time_zone } => (Some(expr), Some(time_zone)),
            Trigger::Manual | Trigger::Continuous => (None, None),
        };
        Some(trigger(cron.or(stored.0), time_zone.or(stored.1)))
    };
    let is_said = hosts.is_some() || bars.is_some() || bars_sync.is_some();
    let spec = is_said.then(|| convert_tasks::spec(hosts, bars, bars_sync)).transpose()?;
    let limits = limits.map(convert_tasks::limits).transpose()?;
    let change = TaskChange { name, description, spec, trigger, limits, enabled };
    Ok(Json(convert_tasks::task(app.tasks.update_or_try(&task, change, index, Trial::of(dry_run), caller.by()).await?)))
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(Trying { dry_run }): Query<Trying>,
) -> Result<Json<wire::TaskDeleted>> {
    let gone = app.tasks.delete(&Selector::Any(id), Trial::of(dry_run), caller.by()).await?;
    Ok(Json(wire::TaskDeleted { number: gone.number, name: gone.name }))
}

pub(super) async fn enable(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<wire::Task>> {
    let job = app.tasks.get(&Selector::Any(id.clone())).await?.job;
    if job.origin == Origin::Config && app.config.dms.lists.tasks.iter().any(|t| t.name == job.name && !t.enabled) {
        let message = format!("the task {} is disabled in the configuration file ([[dms.tasks]]), which every start follows", job.name);
        let error = Error::new(StatusCode::CONFLICT, Code::WrongState, message);
        return Err(error.hint("take enabled = false out of the file and restart the daemon; `syncline tasks run` runs it once"));
    }
    Ok(Json(convert_tasks::task(app.tasks.enable(&Selector::Any(id), true, caller.by()).await?)))
}

pub(super) async fn disable(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<wire::Task>> {
    Ok(Json(convert_tasks::task(app.tasks.enable(&Selector::Any(id), false, caller.by()).await?)))
}

pub(super) async fn run(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<(StatusCode, Json<Run>)> {
    let run = app.tasks.run(&Selector::Any(id), caller.by()).await?;
    Ok((StatusCode::ACCEPTED, Json(super::runs::one(&app, run).await?)))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct NextQuery {
    /// How many times to tell; 5 when absent, 1000 at most.
    count: Option<u32>,
}

pub(super) async fn next(State(app): State<App>, Path(id): Path<String>, Query(query): Query<NextQuery>) -> Result<Json<wire::Times>> {
    let job = app.tasks.get(&Selector::Any(id)).await?.job;
    Ok(Json(times(&app, job.kind, &job.trigger, query.count)?))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CronQuery {
    /// The expression: six fields, seconds first; five, minutes first, are for tasks over bars.
    cron: String,
    /// The kind of task that it is for; absent: what any kind takes.
    kind: Option<String>,
    /// IANA name; the daemon's when absent.
    time_zone: Option<String>,
    /// How many times to tell; 5 when absent, 1000 at most.
    count: Option<u32>,
}

pub(super) async fn cron(State(app): State<App>, Query(query): Query<CronQuery>) -> Result<Json<wire::Times>> {
    let CronQuery { cron, kind, time_zone, count } = query;
    // Those over bars take all that there is.
    let kind = kind.map(|k| task_kind(&k)).transpose()?.unwrap_or(JobKind::Bars);
    let trigger = Trigger::Cron { expr: cron, time_zone: time_zone.unwrap_or_default() };
    Ok(Json(times(&app, kind, &trigger, count)?))
}

fn times(app: &App, kind: JobKind, trigger: &Trigger, count: Option<u32>) -> Result<wire::Times> {
    let count = count.unwrap_or(DEFAULT_TIMES).clamp(1, MAX_TIMES);
    let found = app.tasks.upcoming(kind, trigger, Timestamp::now(), count as usize)?;
    let zone = match trigger {
        Trigger::Cron { time_zone, .. } if !time_zone.is_empty() => {
            crate::scheduler::cron::zone(time_zone).map_err(crate::scheduler::Error::BadCron)?
        }
        _ => app.tasks.zone(),
    };
    let fields = match trigger {
        Trigger::Cron { expr, .. } => Reading::of(expr).map(|reading| match reading {
            Reading::Six => 6,
            Reading::Five => 5,
        }),
        Trigger::Manual | Trigger::Continuous => None,
    };
    let time = |t: &Timestamp| t.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    Ok(wire::Times { time_zone: zone.iana_name().unwrap_or_default().to_owned(), fields, times: found.iter().map(time).collect() })
}

pub(super) async fn start(
    State(app): State<App>,
    caller: Caller,
    Query(Trying { dry_run }): Query<Trying>,
    Body(body): Body<wire::RunCreate>,
) -> Result<Response> {
    let wire::RunCreate { name, hosts, bars, bars_sync } = body;
    let spec = convert_tasks::spec(hosts, bars, bars_sync)?;
    if let TaskSpec::HostMetrics(spec) = &spec {
        super::hosts::know_group(&app, spec).await?;
    }
    let new = NewRun { name, spec };
    if dry_run {
        let new = app.tasks.judge_run(new).await?;
        let changes = app.tasks.would(&new).await?.map(|all| all.into_iter().map(convert_tasks::change).collect());
        return Ok(Json(wire::RunJudged { name: new.name, changes }).into_response());
    }
    let run = app.tasks.start(new, caller.by()).await?;
    Ok((StatusCode::ACCEPTED, Json(super::runs::one(&app, run).await?)).into_response())
}

pub(super) async fn cancel(State(app): State<App>, caller: Caller, Path(number): Path<u64>) -> Result<(StatusCode, Json<Run>)> {
    app.tasks.cancel(number, caller.by()).await?;
    let stored = app.store.read(move |db| runs::get(db, number)).await?;
    Ok((StatusCode::ACCEPTED, Json(super::runs::one(&app, stored.run).await?)))
}
