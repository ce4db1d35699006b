//! Creates, lists, shows and steers jobs.

use super::convert::{self, job::RunParts, request};
use super::error::{Error, Result};
use super::extract::{Ignored, Input, Read};
use super::password::{self, Passwords};
use crate::api::{App, Caller};
use crate::model::job::{Job, JobId, JobKind, JobSpec, Origin};
use crate::model::replicate::{ReplicateKind, ReplicateSpec};
use crate::scheduler::{self, Check, JobView, NewJob, Selector};
use crate::store::runs;
use crate::wire::dtle3::{reply, request as wire};
use axum::Json;
use axum::extract::State;

/// Old allocations stay listed, so many of them.
const MOST_RUNS: u32 = 10;

/// A job's config, read and judged, with what is needed to answer.
pub(super) struct Understood {
    pub(super) config: wire::JobConfig,
    pub(super) name: String,
    pub(super) id: JobId,
    pub(super) spec: ReplicateSpec,
    /// The job of that id, if there is one.
    pub(super) existing: Option<Job>,
    pub(super) ignored: Ignored,
}

/// Reads a config object; the passwords of a job that is there stand in for masked ones.
pub(super) async fn understand(app: &App, kind: ReplicateKind, read: Read<wire::JobConfig>) -> Result<Understood> {
    let Read { value: config, ignored } = read;
    let (name, id) = request::identity(&config, kind)?;
    let id = JobId(id);
    let existing = match app.scheduler.get(&Selector::Id(id.clone())).await {
        Ok(view) => Some(view.job),
        Err(scheduler::Error::NotFound(_)) => None,
        Err(e) => return Err(e.into()),
    };
    let encrypted = config.is_mysql_password_encrypted == Some(true);
    let passwords = if encrypted {
        Passwords::Encrypted(password::key(app.config.security.rsa_private_key_file.as_deref()).await?)
    } else {
        Passwords::Clear
    };
    let nodes = [app.node.id.clone()];
    let stored = existing.as_ref().map(|job| {
        let JobSpec::Replicate(spec) = &job.spec;
        spec.as_ref()
    });
    let spec = request::spec(&config, &request::Context { kind, passwords: &passwords, stored, nodes: &nodes })?;
    Ok(Understood { config, name, id, spec, existing, ignored })
}

async fn create(app: App, caller: Caller, input: Input, kind: ReplicateKind, wrapper: &str) -> Result<(Ignored, Json<reply::Created>)> {
    let Understood { config, name, id, spec, existing, ignored } = understand(&app, kind, input.config(&[wrapper])?).await?;
    let job = reply_config(&name, &id, &config, &spec);
    let description = existing.as_ref().map(|j| j.description.clone()).unwrap_or_default();
    let new = NewJob { id: id.clone(), name: name.clone(), spec, paused: false, origin: Origin::Dtle3, echo: None, description };
    let view = match existing {
        None => app.scheduler.create(new, Check::Later, caller.by()).await?,
        Some(job) if job.name != name => {
            return Err(Error::conflict(format!("job {id} has the name {}; another name needs another job_id", job.name)));
        }
        Some(job) if job.kind != JobKind::from(kind) => {
            return Err(Error::conflict(format!("job {id} is of the type {}", job.kind.as_str())));
        }
        Some(_) => app.scheduler.update(new, None, caller.by()).await?,
    };
    let JobView { job: Job { modify_index, job_modify_index, .. }, .. } = view;
    let created = reply::Created {
        job,
        // The index after the write: the evaluation follows the change.
        eval_create_index: modify_index.max(job_modify_index + 1),
        job_modify_index,
        message: reply::OK.to_owned(),
    };
    Ok((ignored, Json(created)))
}

fn reply_config(name: &str, id: &JobId, config: &wire::JobConfig, spec: &ReplicateSpec) -> reply::JobConfig {
    convert::job::echo(name, &id.0, config, spec)
}

pub(super) async fn create_migration(State(app): State<App>, caller: Caller, input: Input) -> Result<(Ignored, Json<reply::Created>)> {
    create(app, caller, input, ReplicateKind::Migration, "migration_job_config").await
}

pub(super) async fn create_sync(State(app): State<App>, caller: Caller, input: Input) -> Result<(Ignored, Json<reply::Created>)> {
    create(app, caller, input, ReplicateKind::Sync, "sync_job_config").await
}

pub(super) async fn create_subscription() -> Error {
    Error::bad("subscription jobs are not supported yet: this release has no Kafka destination")
}

pub(super) async fn pause(State(app): State<App>, caller: Caller, input: Input) -> Result<(Ignored, Json<reply::Message>)> {
    let (job, ignored) = named(&input)?;
    app.scheduler.pause(&job, caller.by()).await.map_err(|e| about(&job, e))?;
    Ok(done(ignored, String::new()))
}

pub(super) async fn resume(State(app): State<App>, caller: Caller, input: Input) -> Result<(Ignored, Json<reply::Message>)> {
    let (job, ignored) = named(&input)?;
    app.scheduler.resume(&job, caller.by()).await.map_err(|e| about(&job, e))?;
    Ok(done(ignored, String::new()))
}

pub(super) async fn delete(State(app): State<App>, caller: Caller, input: Input) -> Result<(Ignored, Json<reply::Message>)> {
    let (job, ignored) = named(&input)?;
    let deletion = app.scheduler.delete(&job, false, caller.by()).await.map_err(|e| about(&job, e))?;
    Ok(done(ignored, deletion.note))
}

fn named(input: &Input) -> Result<(Selector, Ignored)> {
    Ok((Selector::Id(JobId(input.required("job_id")?)), input.ignored(&["job_id"])))
}

fn done(ignored: Ignored, note: String) -> (Ignored, Json<reply::Message>) {
    let message = if note.is_empty() { reply::OK.to_owned() } else { note };
    (ignored, Json(reply::Message { message }))
}

/// An unknown job is said in the family's own words.
fn about(job: &Selector, error: scheduler::Error) -> Error {
    match (job, error) {
        (Selector::Id(id), scheduler::Error::NotFound(_)) => Error::unknown_job(&id.0),
        (_, error) => error.into(),
    }
}

pub(super) async fn list(State(app): State<App>, input: Input) -> Result<(Ignored, Json<reply::JobList>)> {
    let wanted = input.text("filter_job_type")?;
    let mut views = app.scheduler.list().await?;
    views.sort_by(|a, b| a.job.id.cmp(&b.job.id));
    let jobs = views
        .iter()
        .map(|v| &v.job)
        .filter(|job| wanted.as_deref().is_none_or(|w| w == job.kind.as_str()))
        .map(convert::job::row)
        .collect();
    Ok((input.ignored(&["filter_job_type"]), Json(reply::JobList { jobs, message: reply::OK.to_owned() })))
}

pub(super) async fn migration_detail(State(app): State<App>, input: Input) -> Result<(Ignored, Json<reply::JobDetail>)> {
    detail(app, input, JobKind::Migration).await
}

pub(super) async fn sync_detail(State(app): State<App>, input: Input) -> Result<(Ignored, Json<reply::JobDetail>)> {
    detail(app, input, JobKind::Sync).await
}

pub(super) async fn subscription_detail(State(app): State<App>, input: Input) -> Result<(Ignored, Json<reply::JobDetail>)> {
    detail(app, input, JobKind::Subscription).await
}

async fn detail(app: App, input: Input, kind: JobKind) -> Result<(Ignored, Json<reply::JobDetail>)> {
    let (selector, ignored) = named(&input)?;
    let job = app.scheduler.get(&selector).await.map_err(|e| about(&selector, e))?.job;
    if job.kind != kind {
        return Err(Error::bad(format!("job {} is of the type {}, not {}", job.id, job.kind.as_str(), kind.as_str())));
    }
    let runs = runs_of(&app, job.number).await?;
    Ok((ignored, Json(convert::job::detail(&job, &runs))))
}

/// Returns the job's last runs, oldest first.
async fn runs_of(app: &App, job_number: u64) -> Result<Vec<RunParts>> {
    let read = app.store.read(move |db| {
        let mut parts = Vec::new();
        for stored in runs::of_job(db, job_number, MOST_RUNS)?.into_iter().rev() {
            let number = stored.run.number;
            parts.push(RunParts { sides: runs::sides(db, number)?, events: runs::events(db, number)? });
        }
        Ok(parts)
    });
    Ok(read.await.map_err(scheduler::Error::from)?)
}
