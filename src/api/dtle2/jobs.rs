//! Creates, lists, shows and steers jobs.

use super::convert::{echo, job, request};
use super::error::{Error, Result};
use super::extract::{Id, Ignored, Input, Read};
use crate::api::{App, Caller};
use crate::model::job::{Job, JobId, JobKind, JobSpec, Origin};
use crate::scheduler::{self, Check, JobView, NewJob, Selector};
use crate::wire::dtle2::job as wire;
use crate::wire::dtle2::request as sent;
use axum::Json;
use axum::extract::State;

/// A job may stand in the body itself or under this name.
const WRAPPER: &str = "Job";

pub(super) async fn list(State(app): State<App>, input: Input) -> Result<(Ignored, Json<Vec<wire::Row>>)> {
    let views = app.scheduler.list().await?;
    Ok((input.ignored(&[]), Json(views.iter().map(|view| job::row(view, &app.node)).collect())))
}

pub(super) async fn show(State(app): State<App>, id: Id, input: Input) -> Result<(Ignored, Json<wire::Job>)> {
    let view = app.scheduler.get(&id.job()).await.map_err(unknown)?;
    Ok((input.ignored(&[]), Json(job::job(&view, &app.node))))
}

pub(super) async fn post(State(app): State<App>, caller: Caller, input: Input) -> Result<(Ignored, Json<wire::Written>)> {
    let Read { value: body, ignored } = input.config::<sent::Job>(&[WRAPPER])?;
    let name = request::name(&body)?;
    let id = match request::id(&body)? {
        Some(id) => JobId(id),
        None => match app.scheduler.kept_id(JobKind::from(request::kind(&body, None)), &name).await? {
            Some(id) => id,
            None => JobId(uuid::Uuid::new_v4().to_string()),
        },
    };
    let existing = match app.scheduler.get(&Selector::Id(id.clone())).await {
        Ok(view) => Some(view.job),
        Err(scheduler::Error::NotFound(_)) => None,
        Err(e) => return Err(e.into()),
    };
    let stored = existing.as_ref().map(|job| {
        let JobSpec::Replicate(spec) = &job.spec;
        spec.as_ref()
    });
    let context = request::Context { stored, node: &app.node };
    let (spec, without_effect) = request::spec(&body, &context)?;
    let new = NewJob {
        id,
        name,
        spec,
        from_now: false,
        paused: false,
        origin: Origin::Dtle2,
        echo: input.object(WRAPPER).map(echo::document),
        description: existing.as_ref().map(|j| j.description.clone()).unwrap_or_default(),
    };
    let if_index = request::if_index(&body)?;
    let view = match (&existing, if_index) {
        (Some(_), if_index) => app.scheduler.update(new, if_index, Check::Later, caller.by()).await?,
        (None, Some(1..)) => return Err(gone(&new.id)),
        (None, Some(0) | None) => app.scheduler.create(new, Check::Later, caller.by()).await?,
    };
    let ignored = ignored.and(without_effect);
    ignored.warn(&view.job.id);
    Ok((ignored, written(&view)))
}

/// A change was meant for a job that is there.
fn gone(id: &JobId) -> Error {
    Error(scheduler::Error::Exists(format!("job {id} does not exist, so it has no index to compare with")).into())
}

pub(super) async fn delete(State(app): State<App>, caller: Caller, id: Id, input: Input) -> Result<(Ignored, Json<wire::Written>)> {
    let deletion = app.scheduler.delete(&id.job(), true, caller.by()).await.map_err(unknown)?;
    Ok((input.ignored(&[]), answer(deletion.index)))
}

pub(super) async fn pause(State(app): State<App>, caller: Caller, id: Id, input: Input) -> Result<(Ignored, Json<wire::Written>)> {
    let view = app.scheduler.pause(&id.job(), caller.by()).await.map_err(unknown)?;
    Ok((input.ignored(&[]), written(&view)))
}

pub(super) async fn resume(State(app): State<App>, caller: Caller, id: Id, input: Input) -> Result<(Ignored, Json<wire::Written>)> {
    let view = app.scheduler.resume(&id.job(), caller.by()).await.map_err(unknown)?;
    Ok((input.ignored(&[]), written(&view)))
}

fn written(view: &JobView) -> Json<wire::Written> {
    let JobView { job: Job { modify_index, .. }, .. } = view;
    answer(*modify_index)
}

fn answer(index: u64) -> Json<wire::Written> {
    Json(wire::Written { success: true, index, known_leader: true, last_contact: 0 })
}

/// An unknown job is said in the family's own words.
pub(super) fn unknown(error: scheduler::Error) -> Error {
    match error {
        scheduler::Error::NotFound(_) => Error::no_job(),
        error => error.into(),
    }
}
