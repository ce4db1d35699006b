//! Creates, lists, shows and steers jobs.

use super::convert::{self, request};
use super::error::{Error, Result};
use super::extract::{Ignored, Input, Read};
use super::password::{self, Passwords};
use crate::api::{App, Caller};
use crate::model::job::{Job, JobId, JobKind, JobSpec, Origin};
use crate::model::replicate::{ReplicateKind, ReplicateSpec};
use crate::scheduler::{self, Check, JobView, NewJob, Selector};
use crate::wire::dtle3::{mysql, reply, request as wire};
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
    let existing = match request::id(&config, kind) {
        Some(id) => living(app, &JobId(id)).await?,
        None => None,
    };
    let stored = existing.as_ref().map(|job| {
        let JobSpec::Replicate(spec) = &job.spec;
        spec.as_ref()
    });
    request::complete(&config, kind, stored)?;
    let (name, id) = request::identity(&config, kind)?;
    let passwords = if config.is_mysql_password_encrypted == Some(true) {
        Passwords::Encrypted(password::key(app.config.security.rsa_private_key_file.as_deref()).await?)
    } else {
        Passwords::Clear
    };
    let nodes = [app.node.id.clone()];
    let spec = request::spec(&config, &request::Context { kind, passwords: &passwords, stored, nodes: &nodes })?;
    Ok(Understood { config, name, id: JobId(id), spec, existing, ignored })
}

async fn living(app: &App, id: &JobId) -> Result<Option<Job>> {
    match app.scheduler.get(&Selector::Id(id.clone())).await {
        Ok(view) => Ok(Some(view.job)),
        Err(scheduler::Error::NotFound(_)) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// What a config may do. The contract's own routes do either; later ones say which they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Write {
    Either,
    Create,
    Update,
}

pub(super) async fn put(
    app: App,
    caller: Caller,
    input: Input,
    kind: ReplicateKind,
    write: Write,
) -> Result<(Ignored, Json<reply::Created>)> {
    let wrapper = format!("{}_job_config", kind.as_str());
    let Understood { config, name, id, spec, existing, ignored } = understand(&app, kind, input.config(&[&wrapper])?).await?;
    let job = convert::job::echo(&name, &id.0, &config, &spec);
    let description = existing.as_ref().map(|j| j.description.clone()).unwrap_or_default();
    let new =
        NewJob { id: id.clone(), name: name.clone(), spec, from_now: false, paused: false, origin: Origin::Dtle3, echo: None, description };
    let view = match (existing, write) {
        (None, Write::Update) => return Err(Error::unknown_job(&id.0)),
        (None, Write::Either | Write::Create) => app.scheduler.create(new, Check::Later, caller.by()).await?,
        (Some(_), Write::Create) => return Err(Error::conflict(format!("job {id} exists already"))),
        (Some(job), _) if job.name != name => {
            return Err(Error::conflict(format!("job {id} has the name {}; another name needs another job_id", job.name)));
        }
        (Some(job), _) if job.kind != JobKind::from(kind) => {
            return Err(Error::conflict(format!("job {id} is of the type {}", job.kind.as_str())));
        }
        (Some(_), Write::Either | Write::Update) => app.scheduler.update(new, None, Check::Later, caller.by()).await?,
    };
    ignored.warn(&id);
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

/// What steers a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Pause,
    Resume,
    Delete,
}

/// `kind` is given by routes that are for jobs of one type only.
pub(super) async fn steer(
    app: App,
    caller: Caller,
    input: Input,
    verb: Verb,
    kind: Option<JobKind>,
) -> Result<(Ignored, Json<reply::Message>)> {
    let (job, ignored) = named(&input)?;
    if let Some(kind) = kind {
        of_kind(&app.scheduler.get(&job).await.map_err(|e| about(&job, e))?.job, kind)?;
    }
    let by = caller.by();
    let note = match verb {
        Verb::Pause => app.scheduler.pause(&job, by).await.map(|_| String::new()),
        Verb::Resume => app.scheduler.resume(&job, by).await.map(|_| String::new()),
        Verb::Delete => app.scheduler.delete(&job, false, by).await.map(|deletion| deletion.note),
    };
    let note = note.map_err(|e| about(&job, e))?;
    let message = if note.is_empty() { reply::OK.to_owned() } else { note };
    Ok((ignored, Json(reply::Message { message })))
}

fn of_kind(job: &Job, kind: JobKind) -> Result<()> {
    if job.kind == kind {
        return Ok(());
    }
    Err(Error::bad(format!("job {} is of the type {}, not {}", job.id, job.kind.as_str(), kind.as_str())))
}

fn named(input: &Input) -> Result<(Selector, Ignored)> {
    Ok((Selector::Id(JobId(input.required("job_id")?)), input.ignored(&["job_id"])))
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
    let jobs = listed(&app, |job| wanted.as_deref().is_none_or(|w| w == job.kind.as_str())).await?;
    Ok((input.ignored(&["filter_job_type"]), Json(jobs)))
}

/// The later routes' list: jobs of one type, by any of these.
pub(super) const FILTERS: [&str; 7] = [
    "filter_job_id",
    "filter_job_status",
    "filter_job_src_ip",
    "filter_job_src_port",
    "filter_job_dest_ip",
    "filter_job_dest_port",
    "order_by",
];

pub(super) async fn list_of(app: App, input: Input, kind: JobKind) -> Result<(Ignored, Json<reply::JobList>)> {
    let [id, status, src_ip, src_port, dest_ip, dest_port, order] = FILTERS.map(|name| input.text(name));
    let filter = convert::job::Filter { kind, id: id?, status: status?, src: (src_ip?, src_port?), dest: (dest_ip?, dest_port?) };
    let mut jobs = listed(&app, |job| filter.takes(job)).await?;
    match order?.as_deref() {
        None | Some("job_id") => {}
        Some("job_name") => jobs.jobs.sort_by(|a, b| a.job_name.cmp(&b.job_name)),
        Some("job_status") => jobs.jobs.sort_by(|a, b| a.job_status.cmp(b.job_status)),
        Some(_) => return Err(Error::field("order_by", "expected job_id, job_name or job_status")),
    }
    Ok((input.ignored(&FILTERS), Json(jobs)))
}

async fn listed(app: &App, takes: impl Fn(&Job) -> bool) -> Result<reply::JobList> {
    let mut views = app.scheduler.list().await?;
    views.sort_by(|a, b| a.job.id.cmp(&b.job.id));
    let jobs = views.iter().map(|v| &v.job).filter(|job| takes(job)).map(convert::job::row).collect();
    Ok(reply::JobList { jobs, message: reply::OK.to_owned() })
}

pub(super) async fn detail(app: App, input: Input, kind: JobKind) -> Result<(Ignored, Json<reply::JobDetail>)> {
    let (selector, ignored) = named(&input)?;
    let job = app.scheduler.get(&selector).await.map_err(|e| about(&selector, e))?.job;
    of_kind(&job, kind)?;
    let runs = app.scheduler.runs(job.number, MOST_RUNS).await?;
    Ok((ignored, Json(convert::job::detail(&job, &runs))))
}

pub(super) async fn position(State(app): State<App>, input: Input) -> Result<(Ignored, Json<mysql::Position>)> {
    let (selector, ignored) = named(&input)?;
    let view = app.scheduler.get(&selector).await.map_err(|e| about(&selector, e))?;
    Ok((ignored, Json(mysql::Position { position: view.progress.dest.position, message: reply::OK.to_owned() })))
}
