//! `syncline jobs create`.

use super::flags::JobArgs;
use super::wait::{self, Condition};
use super::{rows, validate};
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::output::{Format, json};
use crate::cli::session::Session;
use crate::wire::native::error::Code;
use crate::wire::native::jobs::{ExistingTable, JobCreate};
use std::time::Duration;

/// The daemon looks at both servers before it answers.
pub(super) const PREFLIGHT_TIMEOUT: Duration = Duration::from_secs(120);

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline jobs create -f orders.toml --wait=incremental --timeout 2h
  syncline jobs create --name orders --kind sync --source repl@db1 --target app@db2:3307 \\
      --source-password-file src.pw --target-password-env TARGET_PW \\
      --include shop --ignore shop.audit

A job file (TOML, YAML or JSON):
  name = \"orders\"
  kind = \"sync\"                      # or migration
  include = [{ schema = \"shop\", tables = [\"orders\", \"items\"] }]
  [source]
  host = \"db1\"
  user = \"repl\"
  password_file = \"src.pw\"            # or password_env
  [target]
  host = \"db2\"
  user = \"app\"
  password_env = \"TARGET_PW\"")]
pub struct Args {
    #[command(flatten)]
    job: JobArgs,
    /// Create it paused
    #[arg(long)]
    paused: bool,
    /// Wait until the job is there: running (the default), incremental, caught-up, ...
    #[arg(long, value_name = "STATE", num_args = 0..=1, require_equals = true, default_missing_value = "running", conflicts_with_all = ["paused", "dry_run"])]
    wait: Option<Condition>,
    /// Check the job as validate does, and create nothing
    #[arg(long)]
    dry_run: bool,
    /// Answer every question with yes
    #[arg(short, long)]
    yes: bool,
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    let Args { job, paused, wait, dry_run, yes } = args;
    let mut job = job.build()?;
    job.paused |= paused;
    make(session, job, wait, dry_run, yes).await
}

/// Creates the job; `jobs apply` does the same where there is none yet.
pub(super) async fn make(session: &Session, job: JobCreate, wait: Option<Condition>, dry_run: bool, yes: bool) -> Result<Exit, Error> {
    if dry_run {
        let client = session.client_with(session.patience().unwrap_or(PREFLIGHT_TIMEOUT))?;
        let validation = client.create_job_dry_run(&job).await?;
        return validate::report(session, &job, &validation);
    }
    if job.existing_tables == ExistingTable::Drop {
        session.confirm(&format!("Tables at {} that the job includes are dropped. Go on?", rows::address(&job.target)), yes)?;
    }
    let client = session.client_with(session.patience().unwrap_or(PREFLIGHT_TIMEOUT))?;
    let mut created = client.create_job(&job).await.map_err(|e| explain(e, &job))?;
    if let Some(condition) = wait {
        session.out.note(&format!("created {}", created.id));
        created = wait::until(session, &created.id, &condition).await?;
    } else {
        let next = if created.config.paused { "resume" } else { "watch" };
        session.out.note(&format!("created {0}; next: syncline jobs {next} {0}", created.id));
    }
    session.out.list(&rows::listing(std::slice::from_ref(&created), json(&created), session.out.format == Format::Wide))?;
    Ok(Exit::Ok)
}

fn explain(error: crate::client::Error, job: &JobCreate) -> Error {
    let preflight = matches!(&error, crate::client::Error::Api { body, .. } if body.code == Code::PreflightFailed && body.hint.is_empty());
    let error = Error::from(error).about("job", &job.name);
    if preflight { error.hint("`syncline jobs validate` with the same arguments lists every finding") } else { error }
}
