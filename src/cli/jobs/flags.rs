//! A job as a person gives it on the command line: a file, or flags for the simple case. `create`, `validate`, `apply`
//! and `update` take it.

mod kafka;
mod rules;
mod words;

use super::file;
use super::throttle::LimitArgs;
use crate::cli::endpoint::{self, Password, Tls};
use crate::cli::error::Error;
use crate::wire::native::jobs::{ConflictDetection, ConflictPolicy, Endpoint, ExistingTable, Gates, JobCreate};
use kafka::{KafkaArgs, Sink};
use rules::{filter, rules};
use std::path::PathBuf;
use words::{Conflict, Detection, Existing, Kind};

/// A job that is to be made.
#[derive(Debug, clap::Args)]
pub(super) struct JobArgs {
    /// Job file in TOML, YAML or JSON; - is stdin
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten, next_help_heading = "Without a file")]
    name: NameArgs,
    #[command(flatten)]
    simple: SimpleArgs,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Without a file")]
struct NameArgs {
    /// The job's name; its id is NAME-KIND
    #[arg(long)]
    name: Option<String>,
    /// A migration ends when told to; a sync goes on; a subscription publishes messages
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// Follow the source's log from there on, without a copy: now, GTIDs that are done, or file:offset
    #[arg(long, value_name = "WHERE")]
    start_gtid: Option<String>,
}

/// What a job does, as flags; all that is given replaces what a job had.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Without a file")]
pub(super) struct SimpleArgs {
    /// Where rows come from: user@host or user@host:port
    #[arg(long, value_name = "USER@HOST")]
    source: Option<String>,
    /// Where rows go: user@host or user@host:port
    #[arg(long, value_name = "USER@HOST")]
    target: Option<String>,
    #[command(flatten)]
    kafka: KafkaArgs,
    /// A schema or table to replicate: db, db.table or db./regex/; may be repeated; absent: every schema
    #[arg(long, value_name = "DB[.TABLE]")]
    include: Vec<String>,
    /// Take only the rows of a schema or table that pass a condition: 'db.table=id > 5', or
    /// 'db.table=select a, b from t where id > 5'; includes the table; an empty condition takes every row again
    #[arg(long = "where", value_name = "DB[.TABLE]=CONDITION")]
    filters: Vec<String>,
    /// A schema or table to leave out
    #[arg(long, value_name = "DB[.TABLE]")]
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
    /// How such a row is found: by its key, or by every value, as sync both ways needs it [default: key]
    #[arg(long, value_enum, value_name = "BY")]
    detect_conflicts: Option<Detection>,
    #[command(flatten)]
    limits: LimitArgs,
}

impl JobArgs {
    /// Reads the file or puts the flags together; asks for passwords that are nowhere named.
    pub(super) fn build(self) -> Result<JobCreate, Error> {
        let Self { file, name: NameArgs { name, kind, start_gtid }, simple } = self;
        let named = [("--name", name.is_some()), ("--kind", kind.is_some()), ("--start-gtid", start_gtid.is_some())];
        if let Some(path) = file {
            let named = named.into_iter().filter(|(_, given)| *given).map(|(flag, _)| flag);
            refuse_beside_file(&named.chain(simple.given()).collect::<Vec<_>>())?;
            return file::load(&path);
        }
        // One that nobody finds again needs no name.
        let name = name.or_else(|| (simple.kafka.sink == Some(Sink::Stdout)).then(unnamed));
        let named = [("--name", name.is_some()), ("--kind", kind.is_some())];
        let source = ("--source", simple.source.is_some());
        let sides = match kind {
            Some(Kind::Subscription) => vec![source].into_iter().chain(simple.kafka.needed()).collect(),
            Some(Kind::Migration | Kind::Sync) | None => vec![source, ("--target", simple.target.is_some())],
        };
        let missing: Vec<&str> = named.into_iter().chain(sides).filter(|(_, given)| !given).map(|(flag, _)| flag).collect();
        let (Some(name), Some(kind)) = (name, kind) else { return Err(lacks(&missing)) };
        if !missing.is_empty() {
            return Err(lacks(&missing));
        }
        let nowhere = || Endpoint {
            host: String::new(),
            port: 0,
            user: String::new(),
            password: String::new(),
            tls: Tls::default().into(),
            tls_ca: None,
        };
        let lines = simple.kafka.unsaid_lines(&name);
        let mut job = JobCreate {
            name,
            id: None,
            kind: kind.into(),
            description: String::new(),
            source: nowhere(),
            target: (!matches!(kind, Kind::Subscription)).then(nowhere),
            kafka: (matches!(kind, Kind::Subscription) && lines.is_none()).then(kafka::unsaid),
            lines,
            include: Vec::new(),
            ignore: Vec::new(),
            existing_tables: ExistingTable::default(),
            on_conflict: ConflictPolicy::default(),
            detect_conflicts: ConflictDetection::default(),
            skip_create: false,
            start_gtid,
            chunk_rows: None,
            copy_workers: None,
            skip: Vec::new(),
            replace: Vec::new(),
            apply_workers: None,
            group_bytes: None,
            queue_length: None,
            max_rows_per_second: None,
            burst_rows: None,
            max_bytes_per_second: None,
            gates: Gates::default(),
            paused: false,
        };
        simple.put_into(&mut job, true)?;
        Ok(job)
    }
}

fn unnamed() -> String {
    format!("stdout-{}", jiff::Zoned::now().strftime("%H%M%S%3f"))
}

fn lacks(flags: &[&str]) -> Error {
    let verb = if flags.len() == 1 { "is" } else { "are" };
    Error::usage(format!("{} {verb} missing", flags.join(", "))).hint("or give the job as a file: -f FILE")
}

/// A file says everything about a job: a flag beside it would be one of two truths.
pub(super) fn refuse_beside_file(flags: &[&str]) -> Result<(), Error> {
    if flags.is_empty() {
        return Ok(());
    }
    Err(Error::usage(format!("--file cannot be used with {}", flags.join(", "))).hint("put it into the file"))
}

impl SimpleArgs {
    /// Returns the flags that are given, in their order.
    pub(super) fn given(&self) -> Vec<&'static str> {
        let sides = [("--source", self.source.is_some()), ("--target", self.target.is_some())];
        let others = [
            ("--include", !self.include.is_empty()),
            ("--where", !self.filters.is_empty()),
            ("--ignore", !self.ignore.is_empty()),
            ("--source-password-file", self.source_password_file.is_some()),
            ("--source-password-env", self.source_password_env.is_some()),
            ("--target-password-file", self.target_password_file.is_some()),
            ("--target-password-env", self.target_password_env.is_some()),
            ("--source-tls", self.source_tls.is_some()),
            ("--source-tls-ca", self.source_tls_ca.is_some()),
            ("--target-tls", self.target_tls.is_some()),
            ("--target-tls-ca", self.target_tls_ca.is_some()),
            ("--existing-tables", self.existing_tables.is_some()),
            ("--on-conflict", self.on_conflict.is_some()),
            ("--detect-conflicts", self.detect_conflicts.is_some()),
        ];
        let flags = sides.into_iter().chain(self.kafka.flags()).chain(others).chain(self.limits.flags());
        flags.filter(|(_, given)| *given).map(|(flag, _)| flag).collect()
    }

    /// Puts what the flags say into a job. `ask`: a password that is nowhere named is asked for.
    pub(super) fn put_into(self, job: &mut JobCreate, ask: bool) -> Result<(), Error> {
        self.refuse_of_another_kind(job)?;
        let Self {
            source,
            target,
            kafka,
            include,
            filters,
            ignore,
            source_password_file,
            source_password_env,
            target_password_file,
            target_password_env,
            source_tls,
            source_tls_ca,
            target_tls,
            target_tls_ca,
            existing_tables,
            on_conflict,
            detect_conflicts,
            limits,
        } = self;
        // What can be wrong without a question comes first.
        limits.put_into(job)?;
        address("source", source, &mut job.source)?;
        if let Some(endpoint) = &mut job.target {
            address("target", target, endpoint)?;
        }
        match (&mut job.kafka, &mut job.lines) {
            (Some(destination), _) => kafka.put_into(destination),
            (None, Some(lines)) => kafka.put_into_lines(lines),
            (None, None) => {}
        }
        let (mut include, ignore) = (rules(&include)?, rules(&ignore)?);
        if !filters.is_empty() && include.is_empty() {
            include.clone_from(&job.include);
        }
        for text in &filters {
            filter(&mut include, text)?;
        }
        password("source", source_password_file, source_password_env, ask, &mut job.source)?;
        if let Some(endpoint) = &mut job.target {
            password("target", target_password_file, target_password_env, ask, endpoint)?;
        }
        let sides = [(Some(&mut job.source), source_tls, source_tls_ca), (job.target.as_mut(), target_tls, target_tls_ca)];
        for (endpoint, tls, ca) in sides.into_iter().filter_map(|(endpoint, tls, ca)| Some((endpoint?, tls, ca))) {
            endpoint.tls = tls.map_or(endpoint.tls, Into::into);
            endpoint.tls_ca = ca.map(|p| p.to_string_lossy().into_owned()).or(endpoint.tls_ca.take());
        }
        if !include.is_empty() {
            job.include = include;
        }
        if !ignore.is_empty() {
            job.ignore = ignore;
        }
        job.existing_tables = existing_tables.map_or(job.existing_tables, Into::into);
        job.on_conflict = on_conflict.map_or(job.on_conflict, Into::into);
        job.detect_conflicts = detect_conflicts.map_or(job.detect_conflicts, Into::into);
        Ok(())
    }

    /// A flag that says nothing about this kind of job is a mistake.
    fn refuse_of_another_kind(&self, job: &JobCreate) -> Result<(), Error> {
        const OF_A_TARGET: [&str; 7] = [
            "--existing-tables",
            "--on-conflict",
            "--detect-conflicts",
            "--max-target-load",
            "--critical-target-load",
            "--max-replica-lag",
            "--replica",
        ];
        let fits = match self.kafka.sink {
            None => true,
            Some(Sink::Mysql) => job.target.is_some(),
            Some(Sink::Kafka) => job.kafka.is_some(),
            Some(Sink::Stdout) => job.lines.as_ref().is_some_and(|l| l.file.is_none()),
            Some(Sink::File) => job.lines.as_ref().is_some_and(|l| l.file.is_some()),
        };
        if !fits {
            let hint = "kafka, stdout and file go with --kind subscription, mysql with the others; a job keeps the kind of its destination";
            return Err(Error::usage("--sink does not fit this job").hint(hint));
        }
        let foreign: Vec<&str> = self.kafka.foreign(job.kafka.is_some(), job.lines.is_some()).collect();
        let wrong = |flag: &&str| {
            let target = flag.starts_with("--target") || OF_A_TARGET.contains(flag);
            (target && job.target.is_none()) || foreign.contains(flag)
        };
        let wrong: Vec<&str> = self.given().into_iter().filter(wrong).collect();
        if wrong.is_empty() {
            return Ok(());
        }
        let kind = match (&job.kafka, &job.lines) {
            (Some(_), _) => "a subscription that writes to Kafka",
            (None, Some(_)) => "a subscription that writes lines",
            (None, None) => "a job that writes to a target",
        };
        Err(Error::usage(format!("{} cannot be used with {kind}", wrong.join(", "))))
    }
}

fn address(side: &str, given: Option<String>, endpoint: &mut Endpoint) -> Result<(), Error> {
    if let Some(text) = given {
        let endpoint::Address { user, host, port } = endpoint::address(&format!("--{side}"), &text)?;
        (endpoint.user, endpoint.host, endpoint.port) = (user, host, port);
    }
    Ok(())
}

fn password(side: &str, file: Option<PathBuf>, env: Option<String>, ask: bool, endpoint: &mut Endpoint) -> Result<(), Error> {
    let named = Password { file: file.as_deref(), env: env.as_deref() };
    if ask {
        let address = endpoint::Address { user: endpoint.user.clone(), host: endpoint.host.clone(), port: endpoint.port };
        endpoint.password = named.read_or_ask(&address, &format!("{side}-password-"))?;
    } else if let Some(password) = named.read()? {
        endpoint.password = password;
    }
    Ok(())
}
