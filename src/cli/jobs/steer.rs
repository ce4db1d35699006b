//! `syncline jobs pause|resume|finish|retry`: the four verbs that change where a job is going, on one job or many.

use super::wait::{self, Condition};
use super::{handover, rows};
use crate::cli::args::Mutation;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::output::{Format, json};
use crate::cli::session::Session;
use crate::client::Client;
use crate::wire::native::jobs::{Job, JobKind, JobList};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline jobs pause orders-sync --wait
  syncline jobs list --state streaming -q | xargs -r syncline jobs pause")]
pub struct Pause {
    #[command(flatten)]
    jobs: Jobs,
    /// Wait until it stands still
    #[arg(long, value_name = "STATE", num_args = 0..=1, require_equals = true, default_missing_value = "paused")]
    wait: Option<Condition>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline jobs resume orders-sync
  syncline jobs resume orders-sync --wait=caught-up --timeout 10m")]
pub struct Resume {
    #[command(flatten)]
    jobs: Jobs,
    /// Wait until the job is there: running (the default), incremental, caught-up, ...
    #[arg(long, value_name = "STATE", num_args = 0..=1, require_equals = true, default_missing_value = "running")]
    wait: Option<Condition>,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Stop the writers at the source first: what is written after the job has ended is not at the target. For a cut-over,
--when-source-read-only waits for that itself: the job goes on until the source is read-only (read_only = ON), no transaction
that has changed rows is open there, and everything that its log holds is applied. Said without, it ends now.

Where both ends stood then, and what the job did not bring, is shown by `syncline jobs handover`. With --wait, --timeout ends
the waiting of this command, not the job's.

Examples:
  syncline jobs finish orders-migration --wait --timeout 10m
  syncline jobs finish orders-migration --when-source-read-only --yes --wait --timeout 1h
  mysql -h db1 -e 'SET GLOBAL read_only = ON'         # super_read_only on MySQL keeps administrators from writing, too"
)]
pub struct Finish {
    #[command(flatten)]
    jobs: Jobs,
    /// End when the source takes no writes any more and all of them are applied
    #[arg(long)]
    when_source_read_only: bool,
    /// Wait until it is complete
    #[arg(long, value_name = "STATE", num_args = 0..=1, require_equals = true, default_missing_value = "complete")]
    wait: Option<Condition>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline jobs retry orders-sync --wait
  syncline jobs list --state failed -q | xargs -r syncline jobs retry")]
pub struct Retry {
    #[command(flatten)]
    jobs: Jobs,
    /// Wait until the job is there: running (the default), incremental, caught-up, ...
    #[arg(long, value_name = "STATE", num_args = 0..=1, require_equals = true, default_missing_value = "running")]
    wait: Option<Condition>,
}

#[derive(Debug, clap::Args)]
struct Jobs {
    /// Ids, numbers or names
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    #[command(flatten)]
    mutation: Mutation,
}

#[derive(Debug, Clone, Copy)]
enum Verb {
    Pause,
    Resume,
    Finish { when_source_read_only: bool },
    Retry,
}

impl Verb {
    fn word(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Finish { .. } => "finish",
            Self::Retry => "retry",
        }
    }

    async fn send(self, client: &Client, id: &str) -> Result<Job, crate::client::Error> {
        match self {
            Self::Pause => client.pause_job(id).await,
            Self::Resume => client.resume_job(id).await,
            Self::Finish { when_source_read_only } => client.finish_job(id, when_source_read_only).await,
            Self::Retry => client.retry_job(id).await,
        }
    }
}

pub(super) async fn pause(session: &Session, args: Pause) -> Result<Exit, Error> {
    steer(session, Verb::Pause, args.jobs, args.wait).await
}

pub(super) async fn resume(session: &Session, args: Resume) -> Result<Exit, Error> {
    steer(session, Verb::Resume, args.jobs, args.wait).await
}

pub(super) async fn finish(session: &Session, args: Finish) -> Result<Exit, Error> {
    if !args.jobs.mutation.dry_run && !args.jobs.mutation.yes {
        let client = session.client()?;
        let mut ids = Vec::new();
        for id in &args.jobs.ids {
            // Nobody is asked about what the daemon refuses.
            let job = client.job(id).await.map_err(|e| Error::from(e).about("job", id))?;
            ids.extend((job.kind == JobKind::Migration).then_some(id.as_str()));
        }
        if !ids.is_empty() {
            let (ids, when) = (ids.join(", "), if args.when_source_read_only { " once it is read-only" } else { "" });
            session.confirm(&format!("{ids} will end and not follow the source any longer{when}. Go on?"), args.jobs.mutation.yes)?;
        }
    }
    let Finish { jobs, when_source_read_only, wait } = args;
    let ids = if wait.is_some() && !jobs.mutation.dry_run { jobs.ids.clone() } else { Vec::new() };
    let exit = steer(session, Verb::Finish { when_source_read_only }, jobs, wait).await?;
    for id in ids {
        // One that failed has none, and was told of.
        if let Ok(handover) = session.client()?.job_handover(&id).await {
            session.out.note(handover::text(&handover).trim_end());
        }
    }
    Ok(exit)
}

pub(super) async fn retry(session: &Session, args: Retry) -> Result<Exit, Error> {
    steer(session, Verb::Retry, args.jobs, args.wait).await
}

/// Looks for the jobs before a question about them is asked.
pub(super) async fn exist(session: &Session, ids: &[String]) -> Result<(), Error> {
    let client = session.client()?;
    for id in ids {
        client.job(id).await.map_err(|e| Error::from(e).about("job", id))?;
    }
    Ok(())
}

async fn steer(session: &Session, verb: Verb, jobs: Jobs, wait: Option<Condition>) -> Result<Exit, Error> {
    let client = session.client()?;
    let mut done = Vec::new();
    let mut failed = Vec::new();
    for id in &jobs.ids {
        match one(session, &client, verb, id, jobs.mutation.dry_run, wait).await {
            Ok(job) => done.push(job),
            Err(error) => failed.push(error),
        }
    }
    if !done.is_empty() {
        // One job is answered as one job, as the API does; many as a list.
        let reply = if jobs.ids.len() == 1 { json(&done[0]) } else { json(&JobList { jobs: done.clone() }) };
        session.out.list(&rows::listing(&done, reply, session.out.format == Format::Wide))?;
    }
    outcome(session, done.len(), failed)
}

async fn one(session: &Session, client: &Client, verb: Verb, id: &str, dry_run: bool, wait: Option<Condition>) -> Result<Job, Error> {
    let about = |e: crate::client::Error| Error::from(e).about("job", id);
    if dry_run {
        let job = client.job(id).await.map_err(about)?;
        session.out.note(&format!("would {} {}, which is {}", verb.word(), job.id, rows::in_words(&job)));
        return Ok(job);
    }
    let job = verb.send(client, id).await.map_err(about)?;
    match wait {
        Some(condition) => wait::until(session, &job.id, &condition).await,
        None => Ok(job),
    }
}

/// All went well, some did, or none did: then the first error decides.
pub(in crate::cli) fn outcome(session: &Session, done: usize, mut failed: Vec<Error>) -> Result<Exit, Error> {
    if failed.is_empty() {
        return Ok(Exit::Ok);
    }
    let first = failed.remove(0);
    if done == 0 && failed.is_empty() {
        return Err(first);
    }
    let exit = if done > 0 { Exit::Partial } else { first.exit };
    for error in std::iter::once(first).chain(failed) {
        error.print(session.out.format);
    }
    Ok(exit)
}
