//! Submits, lists, shows, changes and steers tasks.

use super::convert::{request, task};
use super::error::{Error, Result};
use super::extract::{Ignored, Input, Number, Read, count};
use crate::api::{App, Caller};
use crate::config::Family;
use crate::model::job::{JobId, JobSpec, JobState, Origin};
use crate::scheduler::{self, Check, JobView, NewJob, Selector};
use crate::wire::dts::reply::{Detail, Envelope, Nothing, Submitted, TaskList};
use crate::wire::dts::request as sent;
use axum::Json;
use axum::extract::State;
use jiff::tz::TimeZone;

const PER_PAGE: usize = 10;
const MOST_PER_PAGE: usize = 1000;
const MOST_PAGES: usize = u32::MAX as usize;

type Reply<T> = Result<(Ignored, Json<Envelope<T>>)>;

pub(super) async fn submit(State(app): State<App>, caller: Caller, input: Input) -> Reply<Submitted> {
    let (task, ignored) = read(&input)?;
    let asked = request::submit(&task)?;
    let named = |number: u64| (JobId(format!("dts-{number}-subscription")), format!("dts-{number}"));
    let new = NewJob {
        id: JobId(String::new()),
        name: String::new(),
        spec: asked.spec,
        from_now: asked.from_now,
        paused: false,
        origin: Origin::Dts,
        echo: None,
        description: asked.note,
    };
    let created = app.scheduler.create_numbered(new, named, caller.by()).await;
    let view = created.map_err(|error| Error::of_task(error, request::filters_name(&task)))?;
    ignored.warn(&view.job.id);
    ok(ignored, Submitted { addr: address(&app), id: view.job.number })
}

pub(super) async fn alter(State(app): State<App>, caller: Caller, Number(number): Number, input: Input) -> Reply<Nothing> {
    let (task, ignored) = read(&input)?;
    let view = find(&app, number).await?;
    let JobSpec::Replicate(stored) = &view.job.spec;
    let altered = request::alter(&task, stored)?;
    let check = if altered.new_password { Check::Answering } else { Check::Preflight };
    let new = NewJob {
        id: view.job.id,
        name: view.job.name,
        spec: altered.spec,
        from_now: false,
        paused: false,
        origin: view.job.origin,
        echo: view.job.echo,
        // What was noted of the topic is of the topic that was.
        description: if view.job.origin == Origin::Dts { altered.note } else { view.job.description },
    };
    let if_index = Some(view.job.job_modify_index);
    let view = app.scheduler.update(new, if_index, check, caller.by()).await.map_err(|error| match error {
        error @ scheduler::Error::NotFound(_) => gone(error, number),
        error => Error::of_task(error, request::filters_name(&task)),
    })?;
    ignored.warn(&view.job.id);
    ok(ignored, Nothing {})
}

pub(super) async fn pause(State(app): State<App>, caller: Caller, Number(number): Number, input: Input) -> Reply<Nothing> {
    let view = find(&app, number).await?;
    app.scheduler.pause(&Selector::Id(view.job.id), caller.by()).await.map_err(|e| gone(e, number))?;
    ok(input.ignored(&[]), Nothing {})
}

pub(super) async fn recover(State(app): State<App>, caller: Caller, Number(number): Number, input: Input) -> Reply<Nothing> {
    let view = find(&app, number).await?;
    let job = Selector::Id(view.job.id);
    let recovered = match view.job.state {
        // One that waits out its back-off begins at once.
        JobState::Failed(_) | JobState::Waiting(_) => app.scheduler.retry(&job, caller.by()).await,
        _ => app.scheduler.resume(&job, caller.by()).await,
    };
    recovered.map_err(|e| gone(e, number))?;
    ok(input.ignored(&[]), Nothing {})
}

pub(super) async fn delete(State(app): State<App>, caller: Caller, Number(number): Number, input: Input) -> Reply<Nothing> {
    let view = find(&app, number).await?;
    app.scheduler.delete(&Selector::Id(view.job.id), false, caller.by()).await.map_err(|e| gone(e, number))?;
    ok(input.ignored(&[]), Nothing {})
}

pub(super) async fn list(State(app): State<App>, input: Input) -> Reply<TaskList> {
    let per_page = count(&input, "per_page", PER_PAGE, MOST_PER_PAGE)?;
    let page = count(&input, "page", 1, MOST_PAGES)?;
    let mut views = app.scheduler.list().await?;
    views.retain(task::is_one);
    let (address, zone) = (address(&app), TimeZone::system());
    let shown = views.iter().skip((page - 1).saturating_mul(per_page)).take(per_page);
    let tasks = shown.map(|view| task::row(view, &address, &zone)).collect();
    ok(input.ignored(&["per_page", "page"]), TaskList { tasks, total: views.len() })
}

pub(super) async fn detail(State(app): State<App>, Number(number): Number, input: Input) -> Reply<Detail> {
    let view = find(&app, number).await?;
    ok(input.ignored(&[]), task::detail(&view, &address(&app), &TimeZone::system()))
}

fn ok<T>(ignored: Ignored, data: T) -> Reply<T> {
    Ok((ignored, Json(Envelope::of(data))))
}

fn read(input: &Input) -> Result<(sent::Task, Ignored)> {
    let Read { value: sent::Body { task }, ignored } = input.config(&[])?;
    Ok((task.ok_or_else(|| Error::field("task", "required"))?, ignored))
}

/// Finds a task by its id; a job that goes elsewhere is none.
async fn find(app: &App, number: u64) -> Result<JobView> {
    let views = app.scheduler.list().await?;
    views.into_iter().find(|view| view.job.number == number && task::is_one(view)).ok_or_else(|| Error::no_task(number))
}

/// A task that went away meanwhile is said in the family's own words.
fn gone(error: scheduler::Error, number: u64) -> Error {
    match error {
        scheduler::Error::NotFound(_) => Error::no_task(number),
        error => error.into(),
    }
}

/// Where this node serves the family: the listener that serves the least besides.
fn address(app: &App) -> String {
    let serving = app.listeners.iter().filter(|l| l.families.contains(&Family::Dts));
    serving.min_by_key(|l| l.families.len()).map_or_else(|| app.node.http_address.clone(), |l| l.address.clone())
}
