//! `syncline tasks create|update|apply|delete`.

use super::{Limits, Source, look};
use crate::cli::args::Mutation;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::jobs;
use crate::cli::output::{Cell, Column, Document, Listing, json};
use crate::cli::session::Session;
use crate::wire::native::tasks::{HostWork, Task, TaskChange, TaskCreate, TaskLimits};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline tasks create nightly --cron '0 0 2 * * ?' --time-zone Asia/Shanghai --range 30d
  syncline tasks create web --cron '0 */30 * * * ?' --host 10.1.1.1 --host 10.1.1.2
  syncline tasks create groups --cron '0 0 3 ? * SUN' --full --group DB组
  syncline tasks create -f task.toml")]
pub struct Create {
    /// Its name
    #[arg(value_name = "NAME", required_unless_present = "file", conflicts_with = "file")]
    name: Option<String>,
    /// TOML, YAML or JSON with name, cron, time_zone, enabled, description, limits and hosts; - is stdin
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["cron", "grace", "deadline", "endpoint", "style", "index_pattern", "range", "hosts", "full"])]
    file: Option<PathBuf>,
    /// When it runs, six fields in quotes; without, only when it is told to
    #[arg(long, value_name = "EXPR")]
    cron: Option<String>,
    /// IANA name of the zone of its times; the daemon's when it is left out
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Do not let it run at its times yet
    #[arg(long)]
    disabled: bool,
    #[command(flatten)]
    limits: Limits,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    hosts: Hosts,
    #[command(flatten)]
    mutation: Mutation,
}

/// Which hosts; without any of it all of the pool.
#[derive(Debug, Clone, Default, clap::Args)]
struct Hosts {
    /// Only this host (several times for several)
    #[arg(long = "host", value_name = "IP", conflicts_with = "full")]
    hosts: Vec<String>,
    /// All hosts that Elasticsearch has of a group; new ones are put into the pool
    #[arg(long)]
    full: bool,
    /// The group of --full
    #[arg(long, value_name = "GROUP", requires = "full")]
    group: Option<String>,
}

impl Hosts {
    fn put(self, work: &mut HostWork) {
        let Self { hosts, full, group } = self;
        work.addresses = Some(hosts).filter(|h| !h.is_empty());
        (work.full, work.group) = (full, group);
    }

    fn says_something(&self) -> bool {
        !self.hosts.is_empty() || self.full
    }
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline tasks update nightly --cron '0 0 3 * * ?'
  syncline tasks update nightly --range 7d --deadline 30m")]
pub struct Update {
    /// Name or number
    #[arg(value_name = "NAME")]
    task: String,
    /// A new name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// When it runs; '' = only when it is told to
    #[arg(long, value_name = "EXPR")]
    cron: Option<String>,
    /// IANA name of the zone of its times
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[command(flatten)]
    limits: Limits,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    hosts: Hosts,
    #[command(flatten)]
    mutation: Mutation,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline tasks show nightly --config > nightly.toml
  syncline tasks apply -f nightly.toml")]
pub struct Apply {
    /// TOML, YAML or JSON with name, cron, time_zone, enabled, description, limits and hosts; - is stdin
    #[arg(short, long, value_name = "FILE", required = true)]
    file: PathBuf,
    #[command(flatten)]
    mutation: Mutation,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline tasks delete nightly --yes")]
pub struct Delete {
    /// Names or numbers
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,
    #[command(flatten)]
    mutation: Mutation,
}

pub(super) async fn create(session: &Session, args: Create) -> Result<Exit, Error> {
    let Create { name, file, cron, time_zone, description, disabled, limits, source, hosts, mutation } = args;
    let task = match file {
        Some(path) => jobs::typed_file::<TaskCreate>(&path)?,
        None => {
            let mut work = source.work();
            hosts.put(&mut work);
            TaskCreate {
                name: name.unwrap_or_default(),
                cron,
                time_zone,
                enabled: Some(!disabled),
                description,
                limits: limits.over(TaskLimits::default()),
                hosts: work,
            }
        }
    };
    if mutation.dry_run {
        check(session, &task).await?;
        session.out.note(&format!("would create {}", task.name));
        return Ok(Exit::Ok);
    }
    let task = session.client()?.create_task(&task).await?;
    shown(session, &task)
}

/// What can be said of a task without creating it.
async fn check(session: &Session, task: &TaskCreate) -> Result<(), Error> {
    if let Some(cron) = task.cron.as_ref().filter(|c| !c.is_empty()) {
        session.client()?.cron(cron, task.time_zone.as_deref(), 1).await?;
    }
    Ok(())
}

fn shown(session: &Session, task: &Task) -> Result<Exit, Error> {
    session.out.document(&Document { reply: json(task), name: format!("task/{}", task.number), text: look::text(task) })?;
    Ok(Exit::Ok)
}

pub(super) async fn update(session: &Session, args: Update) -> Result<Exit, Error> {
    let Update { task, name, cron, time_zone, description, limits, source, hosts, mutation } = args;
    let client = session.client()?;
    let about = |e: crate::client::Error| Error::from(e).about("task", &task);
    let stored = client.task(&task).await.map_err(about)?;
    let work = (source.says_something() || hosts.says_something()).then(|| {
        let mut work = stored.hosts.clone();
        let Source { endpoint, style, index_pattern, range } = source;
        work.endpoint = endpoint.or(work.endpoint);
        work.style = style.or(work.style);
        work.index_pattern = index_pattern.or(work.index_pattern);
        work.range = range.or(work.range);
        if hosts.says_something() {
            hosts.put(&mut work);
        }
        work
    });
    let limits = limits.says_something().then(|| limits.over(stored.limits));
    let change = TaskChange { name, cron, time_zone, enabled: None, description, limits, hosts: work };
    if change == TaskChange::default() {
        return Err(Error::usage("nothing is to be changed").hint("say what: --cron, --range, …"));
    }
    if mutation.dry_run {
        session.out.note(&format!("would update {}", stored.name));
        return Ok(Exit::Ok);
    }
    let task = client.update_task(&stored.number.to_string(), &change).await.map_err(about)?;
    shown(session, &task)
}

pub(super) async fn apply(session: &Session, args: Apply) -> Result<Exit, Error> {
    let wanted: TaskCreate = jobs::typed_file(&args.file)?;
    let client = session.client()?;
    let existing = client.tasks(None, None).await?.tasks.into_iter().find(|t| t.name == wanted.name);
    if args.mutation.dry_run {
        check(session, &wanted).await?;
        session.out.note(&format!("would {} {}", if existing.is_some() { "update" } else { "create" }, wanted.name));
        return Ok(Exit::Ok);
    }
    let task = match existing {
        Some(task) => {
            let TaskCreate { name: _, cron, time_zone, enabled, description, limits, hosts } = wanted;
            let (cron, description) = (Some(cron.unwrap_or_default()), Some(description.unwrap_or_default()));
            let change = TaskChange { name: None, cron, time_zone, enabled, description, limits: Some(limits), hosts: Some(hosts) };
            client.update_task(&task.number.to_string(), &change).await?
        }
        None => client.create_task(&wanted).await?,
    };
    shown(session, &task)
}

pub(super) async fn delete(session: &Session, args: Delete) -> Result<Exit, Error> {
    let Delete { names, mutation } = args;
    let client = session.client()?;
    if !mutation.dry_run && !mutation.yes {
        for name in &names {
            client.task(name).await.map_err(|e| Error::from(e).about("task", name))?;
        }
        session.confirm(&format!("{} will be forgotten; the runs stay in the log. Go on?", names.join(", ")), mutation.yes)?;
    }
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for name in &names {
        if mutation.dry_run {
            match client.task(name).await {
                Ok(task) => session.out.note(&format!("would delete {} ({})", task.name, task.number)),
                Err(e) => failed.push(Error::from(e).about("task", name)),
            }
            continue;
        }
        match client.delete_task(name).await {
            Ok(gone) => done.push(gone),
            Err(e) => failed.push(Error::from(e).about("task", name)),
        }
    }
    if !done.is_empty() {
        session.out.list(&Listing {
            reply: if names.len() == 1 { json(&done[0]) } else { json(&done) },
            items: done.iter().map(json).collect(),
            noun: "task",
            ids: done.iter().map(|d| d.number.to_string()).collect(),
            columns: vec![Column::new("deleted"), Column::new("name")],
            rows: done.iter().map(|d| vec![Cell::new(d.number.to_string()), Cell::new(&d.name)]).collect(),
            empty: "".into(),
        })?;
    }
    jobs::outcome(session, done.len(), failed)
}
