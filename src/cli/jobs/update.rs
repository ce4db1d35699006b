//! `syncline jobs update`, `syncline jobs apply` and `syncline jobs skip`: what a job is to do, changed.
//!
//! All read the job first and write with its index, so that a change by somebody else in between is a conflict (exit 8)
//! and not lost. A password that is nowhere named stays as the daemon has it.

use super::create::{self, PREFLIGHT_TIMEOUT};
use super::flags::{self, SimpleArgs};
use super::wait::{self, Condition};
use super::{file, rows};
use crate::cli::args::Mutation;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::output::{Format, json};
use crate::cli::session::Session;
use crate::client::{self, Client};
use crate::wire::native::error::Code;
use crate::wire::native::jobs::{ExistingTable, Gates, Job, JobCreate, JobState};
use serde_json::Value;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(after_help = "A file replaces everything but the job's name and kind; flags change what they name and leave the rest.
A running job starts again from its position with what is new.

Examples:
  syncline jobs update orders-sync --source-password-file new.pw
  syncline jobs update orders-sync --include shop,crm --wait=caught-up
  syncline jobs update orders-sync -f orders.toml --dry-run")]
pub struct Update {
    /// Id, number or name
    #[arg(value_name = "ID")]
    id: String,
    /// Job file in TOML, YAML or JSON; - is stdin
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    simple: SimpleArgs,
    /// Wait until the job is there: running (the default), incremental, caught-up, ...
    #[arg(long, value_name = "STATE", num_args = 0..=1, require_equals = true, default_missing_value = "running", conflicts_with = "dry_run")]
    wait: Option<Condition>,
    #[command(flatten)]
    mutation: Mutation,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Doing it again changes nothing.

Examples:
  syncline jobs apply -f orders.toml
  syncline jobs apply -f orders.toml --dry-run

Exit code: 0 whether the job was created, updated or unchanged; stderr says which.")]
pub struct Apply {
    /// Job file in TOML, YAML or JSON; - is stdin
    #[arg(short, long, value_name = "FILE")]
    file: PathBuf,
    /// Wait until the job is there: running (the default), incremental, caught-up, ...
    #[arg(long, value_name = "STATE", num_args = 0..=1, require_equals = true, default_missing_value = "running", conflicts_with = "dry_run")]
    wait: Option<Condition>,
    #[command(flatten)]
    mutation: Mutation,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "For a statement or change that cannot be applied, once what it did is done at the target by hand, or is not
wanted there. The job's error names the transaction; a failed job starts again.

Examples:
  syncline jobs skip orders-sync 0-1-4711
  syncline jobs skip orders-sync 3e11fa47-71ca-11e1-9e33-c80aa9429562:23 --wait
  syncline jobs skip orders-sync bin.000042:7719 --dry-run")]
pub struct Skip {
    /// Id, number or name
    #[arg(value_name = "ID")]
    id: String,
    /// GTIDs, or FILE:OFFSET of the beginning where the source has none
    #[arg(value_name = "TRANSACTION", required = true)]
    transactions: Vec<String>,
    /// Wait until the job is there: running (the default), incremental, caught-up, ...
    #[arg(long, value_name = "STATE", num_args = 0..=1, require_equals = true, default_missing_value = "running", conflicts_with = "dry_run")]
    wait: Option<Condition>,
    #[command(flatten)]
    mutation: Mutation,
}

/// What a transaction changed is missing at the target: asked first.
pub(super) async fn skip(session: &Session, args: Skip) -> Result<Exit, Error> {
    let Skip { id, transactions, wait, mutation } = args;
    let client = session.client_with(session.patience().unwrap_or(PREFLIGHT_TIMEOUT))?;
    let job = client.job(&id).await.map_err(|e| Error::from(e).about("job", &id))?;
    let mut wanted = job.config.clone();
    let new = transactions.into_iter().filter(|t| !job.config.skip.contains(t));
    wanted.skip.extend(new);
    if !mutation.dry_run {
        let question = format!("What these transactions changed will not be at the target of {}. Go on?", job.id);
        session.confirm(&question, mutation.yes)?;
    }
    if mutation.dry_run || job.state != JobState::Failed {
        return change(session, &client, &job, wanted, wait, &mutation).await;
    }
    change(session, &client, &job, wanted, None, &mutation).await?;
    let mut job = client.job(&job.id).await.map_err(|e| Error::from(e).about("job", &job.id))?;
    if job.state == JobState::Failed {
        job = client.retry_job(&job.id).await.map_err(|e| Error::from(e).about("job", &job.id))?;
    }
    if let Some(condition) = wait {
        wait::until(session, &job.id, &condition).await?;
    }
    Ok(Exit::Ok)
}

pub(super) async fn update(session: &Session, args: Update) -> Result<Exit, Error> {
    let Update { id, file, simple, wait, mutation } = args;
    let given = simple.given();
    if file.is_none() && given.is_empty() {
        return Err(Error::usage("there is nothing to change").hint("give -f FILE, or flags for what is to be different"));
    }
    let client = session.client_with(session.patience().unwrap_or(PREFLIGHT_TIMEOUT))?;
    if file.is_some() {
        flags::refuse_beside_file(&given)?;
    }
    let from_file = file.as_deref().map(file::load).transpose()?;
    let job = client.job(&id).await.map_err(|e| Error::from(e).about("job", &id))?;
    let wanted = match from_file {
        Some(wanted) => wanted,
        None => {
            let mut wanted = job.config.clone();
            simple.put_into(&mut wanted, false)?;
            wanted
        }
    };
    change(session, &client, &job, wanted, wait, &mutation).await
}

pub(super) async fn apply(session: &Session, args: Apply) -> Result<Exit, Error> {
    let Apply { file, wait, mutation } = args;
    let wanted = file::load(&file)?;
    let client = session.client_with(session.patience().unwrap_or(PREFLIGHT_TIMEOUT))?;
    let id = wanted.id.clone().unwrap_or_else(|| format!("{}-{}", wanted.name, rows::kind_word(wanted.kind)));
    match client.job(&id).await {
        Ok(job) => change(session, &client, &job, wanted, wait, &mutation).await,
        Err(client::Error::Api { body, .. }) if body.code == Code::NotFound => {
            create::make(session, wanted, wait, mutation.dry_run, mutation.yes).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn change(
    session: &Session,
    client: &Client,
    job: &Job,
    wanted: JobCreate,
    wait: Option<Condition>,
    mutation: &Mutation,
) -> Result<Exit, Error> {
    if mutation.dry_run {
        let fields = differences(&job.config, &wanted);
        let what = if fields.is_empty() { "nothing".to_owned() } else { fields.join(", ") };
        session.out.note(&format!("would change {what} of {}", job.id));
        return print(session, job);
    }
    if comes_to_drop(&job.config, &wanted) {
        let target = rows::destination(&wanted);
        session.confirm(&format!("Tables at {target} that the job comes to include are dropped. Go on?"), mutation.yes)?;
    }
    let mut updated =
        client.update_job(&job.id, &wanted, Some(job.job_modify_index)).await.map_err(|e| Error::from(e).about("job", &job.id))?;
    let word = if updated.job_modify_index == job.job_modify_index { "unchanged" } else { "updated" };
    session.out.note(&format!("{word} {}", updated.id));
    create::warn(session, &updated);
    for gone in taken_away(&job.config, &updated.config) {
        session.out.note(&format!("taken away, as it is not among what was said: {gone}"));
    }
    if let Some(condition) = wait {
        updated = wait::until(session, &updated.id, &condition).await?;
    }
    print(session, &updated)
}

fn print(session: &Session, job: &Job) -> Result<Exit, Error> {
    session.out.list(&rows::listing(std::slice::from_ref(job), json(job), session.out.format == Format::Wide))?;
    Ok(Exit::Ok)
}

/// Names what an update changes. A password that stays is no change; of one that is sent nobody can tell.
fn differences(stored: &JobCreate, wanted: &JobCreate) -> Vec<String> {
    let mut wanted = wanted.clone();
    (wanted.id, wanted.paused) = (stored.id.clone(), stored.paused);
    // A job that began somewhere began there; "now" was then.
    if stored.start_gtid.is_some() && wanted.start_gtid.as_deref().is_some_and(|at| at.trim().eq_ignore_ascii_case("now")) {
        wanted.start_gtid.clone_from(&stored.start_gtid);
    }
    let sides = [(Some(&mut wanted.source), Some(&stored.source)), (wanted.target.as_mut(), stored.target.as_ref())];
    for (new, old) in sides.into_iter().filter_map(|(new, old)| new.zip(old)) {
        if new.password.is_empty() {
            new.password.clone_from(&old.password);
        }
    }
    let (stored, wanted) = (json(stored), json(&wanted));
    let mut fields = Vec::new();
    compare(&stored, &wanted, "", &mut fields);
    fields
}

/// Says whether tables may be dropped of which nobody was asked yet: who creates a job that begins at a position is not, since it
/// copies nothing.
fn comes_to_drop(before: &JobCreate, wanted: &JobCreate) -> bool {
    let unasked = before.start_gtid.is_some() && (before.include != wanted.include || before.ignore != wanted.ignore);
    wanted.existing_tables == ExistingTable::Drop && (before.existing_tables != ExistingTable::Drop || unasked)
}

/// What a job was told while it ran, or that a limit was set for, and that it has no more.
fn taken_away(before: &JobCreate, now: &JobCreate) -> Vec<String> {
    let mut gone = Vec::new();
    let mut of = |what: &str, pending: Vec<&String>| {
        if !pending.is_empty() {
            gone.push(format!("{what} {}", pending.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ")));
        }
    };
    of("what is to be left out:", before.skip.iter().filter(|t| !now.skip.contains(t)).collect());
    let replaced = |job: &JobCreate, transaction: &String| job.replace.iter().any(|r| r.transaction == *transaction);
    of("what is to run in place of", before.replace.iter().map(|r| &r.transaction).filter(|t| !replaced(now, t)).collect());
    let limits = [
        ("max_rows_per_second", before.max_rows_per_second, now.max_rows_per_second),
        ("burst_rows", before.burst_rows, now.burst_rows),
        ("max_bytes_per_second", before.max_bytes_per_second, now.max_bytes_per_second),
    ];
    let limits = limits.into_iter().filter(|(_, before, now)| now.is_none() && before.is_some());
    gone.extend(limits.filter_map(|(name, before, _)| Some(format!("{name} = {}", before?))));
    if before.gates != Gates::default() && now.gates == Gates::default() {
        gone.push("gates".to_owned());
    }
    gone
}

fn compare(old: &Value, new: &Value, at: &str, fields: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(before), Value::Object(after)) => {
            let gone = before.keys().filter(|k| !after.contains_key(*k));
            for key in after.keys().chain(gone) {
                let name = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                compare(&before.get(key).cloned().unwrap_or_default(), &after.get(key).cloned().unwrap_or_default(), &name, fields);
            }
        }
        (old, new) if old != new => fields.push(at.to_owned()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::show::tests::job;
    use super::*;

    #[test]
    fn tables_are_dropped_only_where_somebody_was_asked() {
        let mut stored = job(JobState::Streaming).config;
        let mut wanted = JobCreate { existing_tables: ExistingTable::Drop, ..stored.clone() };
        assert!(comes_to_drop(&stored, &wanted));
        stored.existing_tables = ExistingTable::Drop;
        wanted.include[0].tables.push("more".into());
        assert!(!comes_to_drop(&stored, &wanted), "that was asked when it was created");
        stored.start_gtid = Some("0-1-7".into());
        assert!(comes_to_drop(&stored, &wanted) && !comes_to_drop(&stored, &stored));
    }

    #[test]
    fn what_a_file_takes_away_unsaid_is_told() {
        let mut stored = job(JobState::Streaming).config;
        stored.skip = vec!["0-1-7".into(), "0-1-8".into()];
        stored.max_rows_per_second = Some(50);
        stored.gates.max_source_load.insert("Threads_running".into(), 25);
        assert!(taken_away(&stored, &stored).is_empty());
        let mut wanted = stored.clone();
        (wanted.skip, wanted.max_rows_per_second, wanted.gates) = (vec!["0-1-8".into()], None, Gates::default());
        assert_eq!(taken_away(&stored, &wanted), ["what is to be left out: 0-1-7", "max_rows_per_second = 50", "gates"]);
        wanted.max_rows_per_second = Some(60);
        assert_eq!(taken_away(&stored, &wanted), ["what is to be left out: 0-1-7", "gates"]);
    }

    #[test]
    fn a_dry_run_names_the_fields_and_no_values() {
        let stored = job(JobState::Streaming).config;
        assert!(differences(&stored, &stored).is_empty());
        let mut wanted = stored.clone();
        (wanted.id, wanted.source.password) = (None, String::new());
        wanted.target.as_mut().unwrap().port = 3308;
        wanted.include[0].tables.push("orders".into());
        wanted.start_gtid = Some("x".into());
        assert_eq!(differences(&stored, &wanted), ["target.port", "include", "start_gtid"]);
        let mut begun = stored.clone();
        (begun.start_gtid, wanted.start_gtid) = (Some("0-1-7".into()), Some("now".into()));
        assert_eq!(differences(&begun, &wanted), ["target.port", "include"]);
        wanted.target.as_mut().unwrap().password = "new".into();
        assert!(differences(&stored, &wanted).contains(&"target.password".to_owned()));
    }
}
