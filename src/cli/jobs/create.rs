//! `syncline jobs create`.

use super::flags::JobArgs;
use super::wait::{self, Condition};
use super::{rows, stdout, validate};
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::output::{Format, json};
use crate::cli::session::Session;
use crate::wire::native::error::Code;
use crate::wire::native::jobs::{ExistingTable, Finding, Job, JobCreate};
use std::time::Duration;

/// The daemon looks at both servers before it answers.
pub(super) const PREFLIGHT_TIMEOUT: Duration = Duration::from_secs(120);

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline jobs create -f orders.toml --wait=incremental --timeout 2h
  syncline jobs create --name orders --kind sync --source repl@db1 --target app@db2:3307 \\
      --source-password-file src.pw --target-password-env TARGET_PW \\
      --include shop --ignore shop.audit
  syncline jobs create --name feed --kind subscription --source repl@db1 --source-password-file src.pw \\
      --kafka kafka1:9092,kafka2:9092 --topic 'shop.{table}' --include shop
  syncline jobs create --kind subscription --sink stdout --source repl@db1 --source-password-file src.pw \\
      --include shop --limit 10 | jq .value.after
  syncline jobs create --name log --kind subscription --sink file --source repl@db1 \\
      --source-password-file src.pw --include shop

With --sink stdout the job's messages are the output, a line of JSON each: {\"table\":…,\"key\":…,\"value\":…}; notes go
to stderr. The job ends with this command, however that ends; a slow reader slows it.

A job file (TOML, YAML or JSON):
  name = \"orders\"
  kind = \"sync\"                      # or migration, subscription
  include = [{ schema = \"shop\", tables = [\"orders\", \"items\"] }]
  [source]
  host = \"db1\"
  user = \"repl\"
  password_file = \"src.pw\"            # or password_env
  [target]
  host = \"db2\"
  user = \"app\"
  password_env = \"TARGET_PW\"

A subscription has no [target] but
  [kafka]
  brokers = [\"kafka1:9092\"]
  topic = \"shop.{table}\"             # or one name for all
  format = \"debezium\"               # or canal, flat, maxwell
  message_schema = false              # of debezium: true puts it into every message
  partition_by = \"primary_key\"       # or table, columns with partition_columns = [...]
or
  [lines]                             # lines of JSON: to stdout, or with file
  file = \"shop.ndjson\"              # into a file in the daemon's [files] dir
  format = \"debezium\"               # or canal, flat, maxwell")]
pub struct Args {
    #[command(flatten)]
    job: JobArgs,
    /// Create it paused
    #[arg(long)]
    paused: bool,
    /// Wait until the job is there: running (the default), incremental, caught-up, ...
    #[arg(long, value_name = "STATE", num_args = 0..=1, require_equals = true, default_missing_value = "running", conflicts_with_all = ["paused", "dry_run"])]
    wait: Option<Condition>,
    /// With --sink stdout: end after so many messages
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// With --sink stdout: end after this time
    #[arg(long = "for", value_name = "TIME", value_parser = human::parse_timeout)]
    lasts: Option<Duration>,
    /// Check the job as validate does, and create nothing
    #[arg(long)]
    dry_run: bool,
    /// Answer every question with yes
    #[arg(short, long)]
    yes: bool,
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    let Args { job, paused, wait, limit, lasts, dry_run, yes } = args;
    let mut job = job.build()?;
    job.paused |= paused;
    if job.lines.as_ref().is_some_and(|lines| lines.file.is_none()) && !dry_run {
        let given = [("--wait", wait.is_some()), ("--paused", job.paused)];
        if let Some((flag, _)) = given.into_iter().find(|(_, given)| *given) {
            return Err(
                Error::usage(format!("{flag} cannot be used with --sink stdout")).hint("the job begins now and ends with this command")
            );
        }
        return stdout::run(session, &job, stdout::Until { limit, lasts: lasts.or(session.patience()) }).await;
    }
    if limit.is_some() || lasts.is_some() {
        return Err(Error::usage("--limit and --for go with --sink stdout"));
    }
    make(session, job, wait, dry_run, yes).await
}

/// Creates the job; `jobs apply` does the same where there is none yet.
pub(super) async fn make(session: &Session, job: JobCreate, wait: Option<Condition>, dry_run: bool, yes: bool) -> Result<Exit, Error> {
    if dry_run {
        let client = session.client_with(session.patience().unwrap_or(PREFLIGHT_TIMEOUT))?;
        let validation = client.create_job_dry_run(&job).await?;
        return validate::report(session, &job, &validation);
    }
    // A job with a start position takes the tables as they are.
    let copies = job.start_gtid.as_deref().is_none_or(|at| at.trim().is_empty());
    if job.existing_tables == ExistingTable::Drop && copies {
        session.confirm(&format!("Tables at {} that the job includes are dropped. Go on?", rows::destination(&job)), yes)?;
    }
    let client = session.client_with(session.patience().unwrap_or(PREFLIGHT_TIMEOUT))?;
    let mut created = client.create_job(&job).await.map_err(|e| explain(e, &job))?;
    warn(session, &created);
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

/// Warnings that are told one by one.
const TOLD: usize = 10;

/// Tells what the preflight warned of.
pub(super) fn warn(session: &Session, stored: &Job) {
    for Finding { message, hint, .. } in stored.warnings.iter().take(TOLD) {
        let hint = if hint.is_empty() { String::new() } else { format!("; {hint}") };
        session.out.note(&format!("warning: {message}{hint}"));
    }
    let more = stored.warnings.len().saturating_sub(TOLD);
    if more > 0 {
        session.out.note(&format!("{more} more warnings: `syncline jobs validate` with the same arguments lists every finding"));
    }
}

pub(super) fn explain(error: crate::client::Error, job: &JobCreate) -> Error {
    let preflight = matches!(&error, crate::client::Error::Api { body, .. } if body.code == Code::PreflightFailed && body.hint.is_empty());
    let error = Error::from(error).about("job", &job.name);
    if preflight { error.hint("`syncline jobs validate` with the same arguments lists every finding") } else { error }
}
