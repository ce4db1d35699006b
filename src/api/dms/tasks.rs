//! Tasks over bars, in this family's words. They are the scheduler's; the same stand in the native list.

use super::error::{Error, Result};
use super::extract::{Input, Master, Named, page};
use super::time;
use crate::api::App;
use crate::api::auth::Caller;
use crate::model::bars::TaskKind;
use crate::model::job::{Desired, JobKind, JobStats, TaskSpec};
use crate::model::run::{Counters, Run, RunState};
use crate::scheduler::tasks::{ActiveRun, TaskView};
use crate::scheduler::{self, Selector};
use crate::store::runs;
use crate::wire::dms as wire;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What the log shows: a fire that found its predecessor active did nothing.
const SHOWN: [RunState; 6] =
    [RunState::Running, RunState::Completed, RunState::Partial, RunState::Failed, RunState::Cancelled, RunState::Interrupted];

/// Returns how many tasks run at their times, or when they are told to.
pub(super) async fn count(app: &App) -> Result<u64> {
    Ok(app.tasks.enabled(JobKind::Bars).await?)
}

fn type_of(view: &TaskView) -> Option<TaskKind> {
    match &view.job.spec {
        TaskSpec::Bars(spec) => Some(spec.kind),
        TaskSpec::HostMetrics(_) | TaskSpec::BarsSync(_) => None,
    }
}

/// Carried out, whatever became of single symbols, is completed.
fn word(state: RunState) -> &'static str {
    match state {
        RunState::Running => "running",
        RunState::Completed | RunState::Partial => "completed",
        RunState::Failed | RunState::Cancelled | RunState::Interrupted | RunState::Skipped => "failed",
    }
}

fn status(view: &TaskView) -> &'static str {
    match (&view.active, &view.job.stats.last_result) {
        (Some(_), _) => "running",
        (None, None) => "idle",
        (None, Some(last)) => RunState::parse(last).map_or("failed", word),
    }
}

fn last_run(view: &TaskView) -> Option<String> {
    view.job.stats.last_run.map(time)
}

pub(super) async fn list(State(app): State<App>, _: Master, input: Input) -> Result<impl IntoResponse> {
    let task = |view: &TaskView| wire::Task { name: view.job.name.clone(), status: status(view), last_run_time: last_run(view) };
    let tasks: Vec<wire::Task> = app.tasks.list(Some(JobKind::Bars)).await?.iter().map(task).collect();
    Ok((input.ignored(&[]), Json(tasks)))
}

/// Finds a task of this family by name alone: others may have the same one.
async fn find(app: &App, name: &str) -> Result<TaskView> {
    let tasks = app.tasks.list(Some(JobKind::Bars)).await?;
    tasks.into_iter().find(|t| t.job.name == name).ok_or_else(|| Error::not_found(format!("there is no task {name:?}")))
}

/// The contract's sentence of what was carried out; of what was not, why, and of what was ended how far it had come.
fn told(run: &Run) -> String {
    if let Some(Counters::Bars { task, counts }) = &run.counters {
        // What the contract's sentence keeps to itself is said behind it: nothing of these symbols came.
        let lacking = if counts.no_data == 0 { String::new() } else { format!(", {} without data", counts.no_data) };
        let sentence = counts.contract_message(*task) + &lacking;
        match run.state {
            RunState::Completed | RunState::Partial => return sentence,
            RunState::Cancelled | RunState::Interrupted | RunState::Failed if counts.left() > 0 => {
                return format!("{}; {sentence}", run.error);
            }
            _ => {}
        }
    }
    if run.message.is_empty() || run.state == RunState::Failed && !run.error.is_empty() { run.error.clone() } else { run.message.clone() }
}

/// The same, with the symbols that did not come out well, and why.
fn told_why(run: &Run) -> String {
    match run.state {
        RunState::Partial if !run.error.is_empty() => format!("{}; {}", told(run), run.error),
        _ => told(run),
    }
}

pub(super) async fn show(State(app): State<App>, Named(name): Named, _: Master, input: Input) -> Result<impl IntoResponse> {
    let view = find(&app, &name).await?;
    let number = view.job.number;
    let read = app.store.read(move |db| Ok((runs::last_ended(db, number)?, runs::average_seconds(db, number)?)));
    let (last, average) = read.await?;
    let JobStats { runs, successes, failures: _, data_count, duration_ms: _, last_run: _, last_result: _ } = view.job.stats;
    let shown = wire::TaskStatus {
        status: status(&view),
        last_run_time: last_run(&view),
        last_result: last.map(|run| wire::TaskResult {
            success: run.success.unwrap_or(false),
            message: told_why(&run),
            data_count: run.counters.as_ref().map_or(0, Counters::data_count),
        }),
        stats: wire::TaskStats {
            total_runs: runs,
            success_count: successes,
            failed_count: runs.saturating_sub(successes),
            total_data_count: data_count,
            avg_duration: average.unwrap_or_default(),
        },
        name: view.job.name,
    };
    Ok((input.ignored(&[]), Json(shown)))
}

/// Begins a run; false: it is running already.
async fn begin(app: &App, caller: Caller, view: &TaskView) -> Result<bool> {
    match app.tasks.run(&Selector::Id(view.job.id.clone()), caller.by()).await {
        Ok(_) => Ok(true),
        Err(scheduler::Error::Refused(refused)) if refused.code == "task_running" => Ok(false),
        Err(e) => Err(e.into()),
    }
}

pub(super) async fn trigger(State(app): State<App>, caller: Caller, _: Master, input: Input) -> Result<impl IntoResponse> {
    let name = input.required("task_name")?;
    let view = find(&app, &name).await?;
    let begun = begin(&app, caller, &view).await?;
    let message = if begun {
        format!("Task {name} triggered successfully, running in background")
    } else {
        format!("Task {name} is already running")
    };
    let result = wire::Triggered { success: begun, message, status: "running", task_name: name };
    Ok((input.ignored(&["task_name"]), Json(wire::TriggeredReply { success: true, result })))
}

fn kind(text: &str) -> Result<TaskKind> {
    let words = || TaskKind::ALL.map(TaskKind::as_str).join(", ");
    TaskKind::parse(text).ok_or_else(|| Error::bad(format!("task_type: {text:?} is not one of {}", words())))
}

pub(super) async fn trigger_all(State(app): State<App>, caller: Caller, _: Master, input: Input) -> Result<impl IntoResponse> {
    let wanted = input.text("task_type")?.filter(|t| !t.is_empty()).map(|text| kind(&text)).transpose()?;
    let mut results = BTreeMap::new();
    for view in app.tasks.list(Some(JobKind::Bars)).await? {
        let is_wanted = wanted.is_none_or(|wanted| type_of(&view) == Some(wanted));
        if is_wanted && view.job.desired == Desired::Running {
            let success = begin(&app, caller.clone(), &view).await?;
            results.insert(view.job.name, wire::Begun { success, status: "running" });
        }
    }
    let (triggered_count, success_count) = (results.len(), results.values().filter(|r| r.success).count());
    let message = format!("Triggered {triggered_count} task(s), {success_count} succeeded");
    let result = wire::TriggeredAll { success: true, message, triggered_count, success_count, results };
    Ok((input.ignored(&["task_type"]), Json(wire::TriggeredAllReply { success: true, result })))
}

pub(super) async fn log(State(app): State<App>, _: Master, input: Input) -> Result<impl IntoResponse> {
    let (limit, offset) = page(&input)?;
    let name = input.text("task_name")?.filter(|t| !t.is_empty());
    let filter = runs::Filter { kind: Some(JobKind::Bars), name, states: SHOWN.to_vec(), limit, offset, ..runs::Filter::default() };
    let read = app.store.read(move |db| {
        let found = runs::list(db, &filter)?;
        found.into_iter().map(|s| Ok((runs::spec::<TaskSpec>(db, s.run.number)?, s.run))).collect::<crate::store::Result<Vec<_>>>()
    });
    let found = read.await?;
    let active = app.tasks.active().await?;
    let logs = found.into_iter().map(|(spec, run)| row(&spec, &run, &active)).collect();
    Ok((input.ignored(&["task_name", "limit", "offset"]), Json(wire::MaintenanceLog { logs })))
}

fn row(spec: &TaskSpec, run: &Run, active: &[ActiveRun]) -> wire::MaintenanceRow {
    let live = active.iter().find(|a| a.number == run.number).and_then(|a| a.counters.as_ref());
    let seconds = |end: Timestamp| end.duration_since(run.started).as_secs_f64();
    wire::MaintenanceRow {
        id: run.number,
        task_name: run.name.clone(),
        task_type: match spec {
            TaskSpec::Bars(spec) => spec.kind.as_str(),
            TaskSpec::HostMetrics(_) | TaskSpec::BarsSync(_) => "",
        },
        start_time: time(run.started),
        end_time: run.ended.map(time),
        duration: run.ended.map(seconds),
        status: word(run.state),
        result_message: told(run),
        data_count: live.or(run.counters.as_ref()).map_or(0, Counters::data_count),
        error_message: run.error.clone(),
    }
}
