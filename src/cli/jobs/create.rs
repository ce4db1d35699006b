//! `syncline jobs create`, and the job that its flags or file describe (`jobs validate` takes the same).

use super::wait::{self, Condition};
use super::{file, rows, validate};
use crate::cli::endpoint::{self, Password, Tls};
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::output::{Format, json};
use crate::cli::session::Session;
use crate::wire::native::error::Code;
use crate::wire::native::jobs::{ConflictPolicy, ExistingTable, JobCreate, JobKind, SchemaRule};
use std::path::PathBuf;
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

/// A job: a file, or flags for the simple case.
#[derive(Debug, clap::Args)]
pub(super) struct JobArgs {
    /// Job file in TOML, YAML or JSON; - is stdin
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    simple: SimpleArgs,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Without a file")]
#[group(id = "simple", multiple = true, conflicts_with = "file")]
struct SimpleArgs {
    /// The job's name; its id is NAME-KIND
    #[arg(long, required_unless_present = "file")]
    name: Option<String>,
    /// A migration ends when told to; a sync goes on
    #[arg(long, value_enum, required_unless_present = "file")]
    kind: Option<Kind>,
    /// Where rows come from: user@host or user@host:port
    #[arg(long, value_name = "USER@HOST", required_unless_present = "file")]
    source: Option<String>,
    /// Where rows go: user@host or user@host:port
    #[arg(long, value_name = "USER@HOST", required_unless_present = "file")]
    target: Option<String>,
    /// A schema or table to replicate, db or db.table; may be repeated; absent: every schema
    #[arg(long, value_name = "DB[.TABLE]", value_delimiter = ',')]
    include: Vec<String>,
    /// A schema or table to leave out
    #[arg(long, value_name = "DB[.TABLE]", value_delimiter = ',')]
    ignore: Vec<String>,
    /// File that holds the source's password
    #[arg(long, value_name = "FILE", conflicts_with = "source_password_env")]
    source_password_file: Option<PathBuf>,
    /// Environment variable that holds the source's password
    #[arg(long, value_name = "VARIABLE")]
    source_password_env: Option<String>,
    /// File that holds the target's password
    #[arg(long, value_name = "FILE", conflicts_with = "target_password_env")]
    target_password_file: Option<PathBuf>,
    /// Environment variable that holds the target's password
    #[arg(long, value_name = "VARIABLE")]
    target_password_env: Option<String>,
    /// TLS towards the source
    #[arg(long, value_enum, value_name = "MODE")]
    source_tls: Option<Tls>,
    /// PEM file with the authorities to trust, on the daemon's machine
    #[arg(long, value_name = "FILE")]
    source_tls_ca: Option<PathBuf>,
    /// TLS towards the target
    #[arg(long, value_enum, value_name = "MODE")]
    target_tls: Option<Tls>,
    /// PEM file with the authorities to trust, on the daemon's machine
    #[arg(long, value_name = "FILE")]
    target_tls_ca: Option<PathBuf>,
    /// Target tables that hold rows already: do not start, write over, or make anew [default: refuse]
    #[arg(long, value_enum, value_name = "HOW")]
    existing_tables: Option<Existing>,
    /// A target row that is not what the source's log says: stop, source wins, or target wins [default: error]
    #[arg(long, value_enum, value_name = "HOW")]
    on_conflict: Option<Conflict>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Kind {
    // Copies, follows, and ends when told to finish
    Migration,
    // Copies and follows on
    Sync,
    #[value(hide = true)]
    Subscription,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Existing {
    // Do not start
    Refuse,
    // Write over rows with the same key
    Upsert,
    // Drop the table and make it anew
    Drop,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Conflict {
    // Stop the job
    Error,
    // The source wins
    Overwrite,
    // The target wins
    Skip,
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    let Args { job, paused, wait, dry_run, yes } = args;
    let mut job = job.build()?;
    job.paused |= paused;
    if dry_run {
        let client = session.client_with(session.patience().unwrap_or(PREFLIGHT_TIMEOUT))?;
        let validation = client.create_job_dry_run(&job).await?;
        return validate::report(session, &job, &validation);
    }
    if job.existing_tables == ExistingTable::Drop {
        session.confirm(&format!("Tables at {} that the job includes are dropped. Go on?", rows::destination(&job)), yes)?;
    }
    let client = session.client_with(session.patience().unwrap_or(PREFLIGHT_TIMEOUT))?;
    let mut created = client.create_job(&job).await.map_err(|e| explain(e, &job))?;
    if let Some(condition) = wait {
        session.out.note(&format!("created {}", created.id));
        created = wait::until(session, &created.id, &condition).await?;
    } else {
        let next = if created.config.paused { "resume" } else { "watch" };
        session.out.note(&format!("created; next: syncline jobs {next} {}", created.id));
    }
    session.out.list(&rows::listing(std::slice::from_ref(&created), json(&created), session.out.format == Format::Wide))?;
    Ok(Exit::Ok)
}

fn explain(error: crate::client::Error, job: &JobCreate) -> Error {
    let preflight = matches!(&error, crate::client::Error::Api { body, .. } if body.code == Code::PreflightFailed && body.hint.is_empty());
    let error = Error::from(error).about("job", &job.name);
    if preflight { error.hint("`syncline jobs validate` with the same arguments lists every finding") } else { error }
}

/// Kafka targets come with a later release; the kind is known and says so.
pub(super) fn refuse_subscription(kind: JobKind) -> Result<(), Error> {
    if kind == JobKind::Subscription {
        return Err(Error::new(Exit::Usage, "not_supported", "kind subscription needs a Kafka target, which this release does not have")
            .hint("migration and sync move MySQL and MariaDB to MySQL and MariaDB"));
    }
    Ok(())
}

impl JobArgs {
    /// Reads the file or puts the flags together; asks for passwords that are nowhere named.
    pub(super) fn build(self) -> Result<JobCreate, Error> {
        match self.file {
            Some(path) => file::load(&path),
            None => self.simple.build(),
        }
    }
}

impl SimpleArgs {
    fn build(self) -> Result<JobCreate, Error> {
        let (Some(name), Some(kind), Some(source), Some(target)) = (self.name, self.kind, self.source, self.target) else {
            return Err(Error::usage("give -f FILE, or --name, --kind, --source and --target"));
        };
        let kind = kind.into();
        refuse_subscription(kind)?;
        let source = endpoint::address("--source", &source)?;
        let target = endpoint::address("--target", &target)?;
        let source_password = Password { file: self.source_password_file.as_deref(), env: self.source_password_env.as_deref() };
        let source_password = source_password.read_or_ask(&source, "source-password-")?;
        let target_password = Password { file: self.target_password_file.as_deref(), env: self.target_password_env.as_deref() };
        let target_password = target_password.read_or_ask(&target, "target-password-")?;
        Ok(JobCreate {
            name,
            id: None,
            kind,
            description: String::new(),
            source: endpoint::endpoint(source, source_password, self.source_tls.unwrap_or_default(), self.source_tls_ca),
            target: Some(endpoint::endpoint(target, target_password, self.target_tls.unwrap_or_default(), self.target_tls_ca)),
            kafka: None,
            include: rules(&self.include)?,
            ignore: rules(&self.ignore)?,
            existing_tables: self.existing_tables.map_or(ExistingTable::default(), Into::into),
            on_conflict: self.on_conflict.map_or(ConflictPolicy::default(), Into::into),
            skip_create: false,
            start_gtid: None,
            chunk_rows: None,
            copy_workers: None,
            paused: false,
        })
    }
}

/// Groups `db` and `db.table` by schema; a schema named alone means all of it.
fn rules(names: &[String]) -> Result<Vec<SchemaRule>, Error> {
    let mut rules: Vec<SchemaRule> = Vec::new();
    let mut whole: Vec<&str> = Vec::new();
    for name in names {
        let (schema, table) = name.split_once('.').map_or((name.as_str(), None), |(schema, table)| (schema, Some(table)));
        if schema.is_empty() || table.is_some_and(|t| t.is_empty() || t.contains('.')) {
            return Err(Error::usage(format!("{name:?} is not db or db.table")).hint("names with a dot in them can be given in a job file"));
        }
        let rule = match rules.iter().position(|r| r.schema == schema) {
            Some(at) => &mut rules[at],
            None => {
                rules.push(SchemaRule { schema: schema.into(), tables: Vec::new() });
                rules.last_mut().expect("it was just pushed")
            }
        };
        match table {
            Some(table) if !rule.tables.iter().any(|t| t == table) => rule.tables.push(table.into()),
            Some(_) => {}
            None => whole.push(schema),
        }
    }
    for rule in &mut rules {
        if whole.contains(&rule.schema.as_str()) {
            rule.tables.clear();
        }
    }
    Ok(rules)
}

impl From<Kind> for JobKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Migration => Self::Migration,
            Kind::Sync => Self::Sync,
            Kind::Subscription => Self::Subscription,
        }
    }
}

impl From<Existing> for ExistingTable {
    fn from(existing: Existing) -> Self {
        match existing {
            Existing::Refuse => Self::Refuse,
            Existing::Upsert => Self::Upsert,
            Existing::Drop => Self::Drop,
        }
    }
}

impl From<Conflict> for ConflictPolicy {
    fn from(conflict: Conflict) -> Self {
        match conflict {
            Conflict::Error => Self::Error,
            Conflict::Overwrite => Self::Overwrite,
            Conflict::Skip => Self::Skip,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_grouped_by_schema_and_a_schema_alone_means_all_of_it() {
        let group = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
            rules(&names).map(|rules| rules.into_iter().map(|r| (r.schema, r.tables.join("+"))).collect::<Vec<_>>())
        };
        let pair = |s: &str, t: &str| (s.to_owned(), t.to_owned());
        assert_eq!(group(&["a.x", "b", "a.y", "a.x"]).unwrap(), [pair("a", "x+y"), pair("b", "")]);
        assert_eq!(group(&["a", "a.x"]).unwrap(), [pair("a", "")]);
        assert!(group(&["a.b.c"]).is_err() && group(&[".x"]).is_err() && group(&["a."]).is_err());
    }
}
