//! `syncline sync targets add|remove|enable|disable`: places that bars are brought to, changed while the daemon runs.

use super::targets;
use crate::cli::args::Mutation;
use crate::cli::endpoint::Password;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::jobs;
use crate::cli::output::{Cell, Column, Listing, json};
use crate::cli::prompt;
use crate::cli::session::Session;
use crate::wire::native::sync::{SyncTarget, SyncTargetCreate};
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub enum Add {
    /// An InfluxDB 1.x that bars are written to and read back from
    #[command(after_help = "Examples:
  syncline sync targets add backup influx1 --host influx1.example.com
  syncline sync targets add backup influx1 --host influx1.example.com --user syncline --password-file influx.pw")]
    Backup(Backup),
    /// Another daemon, configured as a slave
    #[command(
        after_help = "It is brought bars at once and then every dms.push_seconds (30), so that it catches up by itself when it was away; where that is
0, when it is told to: `syncline sync push NAME`.

Examples:
  syncline sync targets add slave berlin --host 10.0.0.2
  syncline sync targets add slave berlin --host 10.0.0.2 --port 8190 --disabled"
    )]
    Slave(Slave),
}

#[derive(Debug, clap::Args)]
pub struct Backup {
    /// What it is called
    #[arg(value_name = "NAME")]
    name: String,
    /// Its host name or address
    #[arg(long, value_name = "HOST")]
    host: String,
    /// Its port [default: 8086]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Its database, made there if it is missing [default: dms_data]
    #[arg(long, value_name = "NAME")]
    database: Option<String>,
    /// Log in as this user
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// File that holds the password
    #[arg(long, value_name = "FILE", requires = "user", conflicts_with_all = ["password_env", "password_stdin"])]
    password_file: Option<PathBuf>,
    /// Environment variable that holds the password
    #[arg(long, value_name = "VARIABLE", requires = "user", conflicts_with = "password_stdin")]
    password_env: Option<String>,
    /// Read the password from stdin, one line
    #[arg(long, requires = "user")]
    password_stdin: bool,
    /// https instead of http
    #[arg(long)]
    tls: bool,
    /// How long an answer of it is waited for [default: 30]
    #[arg(long, value_name = "SECONDS")]
    timeout_seconds: Option<u64>,
    /// List it, and bring nothing there yet
    #[arg(long)]
    disabled: bool,
    #[command(flatten)]
    mutation: Mutation,
}

#[derive(Debug, clap::Args)]
pub struct Slave {
    /// What it is called
    #[arg(value_name = "NAME")]
    name: String,
    /// Its host name or address
    #[arg(long, value_name = "HOST")]
    host: String,
    /// Its port [default: 11183]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// List it, and bring nothing there yet
    #[arg(long)]
    disabled: bool,
    #[command(flatten)]
    mutation: Mutation,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "What is under way there is ended; the bars that it has stay there, and its history stays here.

Examples:
  syncline sync targets remove berlin --yes")]
pub struct Remove {
    /// Backups or slaves
    #[arg(value_name = "TARGET", required = true)]
    names: Vec<String>,
    #[command(flatten)]
    mutation: Mutation,
}

#[derive(Debug, clap::Args)]
pub struct Switch {
    /// Backups or slaves
    #[arg(value_name = "TARGET", required = true)]
    names: Vec<String>,
    #[command(flatten)]
    mutation: Mutation,
}

pub(super) async fn add(session: &Session, what: Add) -> Result<Exit, Error> {
    let (create, mutation) = match what {
        Add::Backup(args) => args.read()?,
        Add::Slave(Slave { name, host, port, disabled, mutation }) => {
            let kind = "slave".to_owned();
            (SyncTargetCreate { name, kind, host, port, enabled: Some(!disabled), ..SyncTargetCreate::default() }, mutation)
        }
    };
    let added = session.client()?.add_sync_target(&create, mutation.dry_run).await?;
    tell_unasked(session, &added, "added", mutation.dry_run);
    if mutation.dry_run {
        return session.out.would(&[format!("add {} {} at {}:{}", added.kind, added.name, added.host, added.port)]);
    }
    targets::shown(session, &added)
}

/// Whether it takes bars from here is then seen later.
fn tell_unasked(session: &Session, target: &SyncTarget, done: &str, dry_run: bool) {
    if !target.problem.is_empty() {
        let verb = if dry_run { "would be" } else { "is" };
        let name = &target.name;
        session.out.note(&format!(
            "{name} {verb} {done} as it was said, and could not be asked whether it takes bars from here: {}",
            target.problem
        ));
    }
}

impl Backup {
    fn read(self) -> Result<(SyncTargetCreate, Mutation), Error> {
        let Self { name, host, port, database, user, password_file, password_env, password_stdin, tls, timeout_seconds, .. } = self;
        let password = if password_stdin {
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).map_err(|e| Error::usage(format!("stdin cannot be read: {e}")))?;
            Some(line.trim_end_matches(['\n', '\r']).to_owned())
        } else {
            Password { file: password_file.as_deref(), env: password_env.as_deref() }.read()?
        };
        let password = match (&user, password) {
            (Some(user), None) if prompt::possible() => Some(prompt::password(&format!("Password of {user} at {host}"))?),
            (Some(user), None) => {
                return Err(Error::usage(format!("the password of {user} is missing, and there is no terminal to ask on"))
                    .hint("name it with --password-file FILE, --password-env VARIABLE or --password-stdin"));
            }
            (_, password) => password,
        };
        let create = SyncTargetCreate {
            name,
            kind: "backup".to_owned(),
            host,
            port,
            enabled: Some(!self.disabled),
            tls: Some(tls),
            database,
            user,
            password,
            timeout_seconds,
        };
        Ok((create, self.mutation))
    }
}

pub(super) async fn remove(session: &Session, args: Remove) -> Result<Exit, Error> {
    let Remove { names, mutation } = args;
    if !mutation.dry_run {
        session.confirm(&format!("Bars will be brought to {} no more. Go on?", names.join(", ")), mutation.yes)?;
    }
    let client = session.client()?;
    let (mut done, mut failed, mut would) = (Vec::new(), Vec::new(), Vec::new());
    for name in &names {
        match client.remove_sync_target(name, mutation.dry_run).await {
            Ok(gone) if mutation.dry_run => would.push(format!("remove {} {name}", gone.kind)),
            Ok(gone) => done.push(gone),
            Err(e) => failed.push(Error::from(e).about("target", name)),
        }
    }
    if !would.is_empty() {
        session.out.would(&would)?;
    }
    if !done.is_empty() {
        session.out.list(&Listing {
            reply: if names.len() == 1 { json(&done[0]) } else { json(&done) },
            items: done.iter().map(json).collect(),
            noun: "target",
            ids: done.iter().map(|d| d.name.clone()).collect(),
            columns: vec![Column::new("removed"), Column::new("kind")],
            rows: done.iter().map(|d| vec![Cell::new(&d.name), Cell::new(&d.kind)]).collect(),
            empty: "".into(),
        })?;
    }
    jobs::outcome(session, done.len() + would.len(), failed)
}

pub(super) async fn switch(session: &Session, args: Switch, enabled: bool) -> Result<Exit, Error> {
    let Switch { names, mutation } = args;
    let client = session.client()?;
    let (mut done, mut failed, mut would) = (Vec::new(), Vec::new(), Vec::new());
    let verb = if enabled { "enable" } else { "disable" };
    for name in &names {
        match client.enable_sync_target(name, enabled, mutation.dry_run).await {
            Ok(target) if mutation.dry_run => {
                tell_unasked(session, &target, "enabled", true);
                would.push(format!("{verb} {} {name}", target.kind));
            }
            Ok(target) => done.push(target),
            Err(e) => failed.push(Error::from(e).about("target", name)),
        }
    }
    if !would.is_empty() {
        session.out.would(&would)?;
    }
    for target in &done {
        tell_unasked(session, target, "enabled", false);
        targets::shown(session, target)?;
    }
    jobs::outcome(session, done.len() + would.len(), failed)
}
