//! `syncline tasks create|update|apply|delete`.

use super::bars::Bars;
use super::{Limits, Source, look};
use crate::cli::args::Mutation;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::jobs;
use crate::cli::output::{Cell, Column, Document, Listing, json};
use crate::cli::session::Session;
use crate::wire::native::tasks::{BarsWork, HostWork, SyncWork, Task, TaskChange, TaskCreate, TaskLimits};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline tasks create nightly --cron '0 0 2 * * ?' --time-zone Asia/Shanghai --range 30d
  syncline tasks create web --cron '0 */30 * * * ?' --host 10.1.1.1 --host 10.1.1.2
  syncline tasks create groups --cron '0 0 3 ? * SUN' --full --group DB组
  syncline tasks create us --type incremental --symbol AAPL --symbol IBM --cron '0 19 * * MON-FRI' --time-zone America/New_York --sync
  syncline tasks create offsite --target backup1 --cron '*/30 * * * *'
  syncline tasks create -f task.toml")]
pub struct Create {
    /// Its name
    #[arg(value_name = "NAME", required_unless_present = "file", conflicts_with = "file")]
    name: Option<String>,
    /// TOML, YAML or JSON with name, cron, time_zone, enabled, description, limits and hosts, bars or bars_sync; - is stdin
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["cron", "grace", "deadline", "endpoint", "style", "index_pattern", "range", "hosts", "full", "kind", "target"])]
    file: Option<PathBuf>,
    /// When it runs, six fields in quotes (over bars also five); without, only when it is told to
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
    bars: Bars,
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
    bars: Bars,
    #[command(flatten)]
    mutation: Mutation,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline tasks show nightly --config > nightly.toml
  syncline tasks apply -f nightly.toml")]
pub struct Apply {
    /// TOML, YAML or JSON with name, cron, time_zone, enabled, description, limits and hosts, bars or bars_sync; - is stdin
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
    let Create { name, file, cron, time_zone, description, disabled, limits, source, hosts, bars, mutation } = args;
    let is_open = file.is_none() && bars.kind().is_none() && !source.says_something() && !hosts.says_something();
    let task = match file {
        Some(path) => jobs::typed_file::<TaskCreate>(&path)?,
        None => {
            let kind = bars.kind().unwrap_or("hosts");
            if kind != "hosts" && (source.says_something() || hosts.says_something()) {
                return Err(both());
            }
            let name = name.unwrap_or_default();
            let limits = limits.over(TaskLimits::default());
            let mut task = TaskCreate { name, cron, time_zone, enabled: Some(!disabled), description, limits, ..TaskCreate::default() };
            match kind {
                "bars" => bars.put(task.bars.insert(BarsWork::default()))?,
                "bars_sync" => bars.put_sync(task.bars_sync.insert(SyncWork::default()))?,
                _ => hosts.put(task.hosts.insert(source.work())),
            }
            if task.bars.as_ref().is_some_and(|work| work.kind.is_empty()) {
                return Err(
                    Error::usage("what the task does with bars is not said").hint("--type incremental, full_sync, validation or repair")
                );
            }
            task
        }
    };
    let created = session.client()?.create_task(&task, mutation.dry_run).await;
    let task = created.map_err(|e| if is_open { unsaid(Error::from(e)) } else { e.into() })?;
    if mutation.dry_run {
        return session.out.would(&[format!("create {}", task.name)]);
    }
    shown(session, &task)
}

/// Nothing said of what the task does: it was taken as one over hosts.
fn unsaid(error: Error) -> Error {
    let bars = "a task over bars has --type incremental, full_sync, validation or repair, or --target";
    let hint = if error.hint.is_empty() { bars.to_owned() } else { format!("{}; {bars}", error.hint) };
    error.hint(hint)
}

fn both() -> Error {
    Error::usage("a task is over hosts or over bars, not both").hint("leave out --endpoint, --range, --host, …, or --type, --symbol, …")
}

fn shown(session: &Session, task: &Task) -> Result<Exit, Error> {
    session.out.document(&Document { reply: json(task), name: format!("task/{}", task.number), text: look::text(task) })?;
    Ok(Exit::Ok)
}

pub(super) async fn update(session: &Session, args: Update) -> Result<Exit, Error> {
    let Update { task, name, cron, time_zone, description, limits, source, hosts, bars, mutation } = args;
    let client = session.client()?;
    let about = |e: crate::client::Error| Error::from(e).about("task", &task);
    let stored = client.task(&task).await.map_err(about)?;
    let limits = limits.says_something().then(|| limits.over(stored.limits));
    let mut change = TaskChange { name, cron, time_zone, description, limits, ..TaskChange::default() };
    let is_over_hosts = source.says_something() || hosts.says_something();
    match (&stored.hosts, &stored.bars, &stored.bars_sync) {
        (Some(_), _, _) if bars.kind().is_some() => return Err(both()),
        (None, _, _) if is_over_hosts => return Err(both()),
        (Some(work), _, _) if is_over_hosts => {
            let mut work = work.clone();
            let Source { endpoint, style, index_pattern, range } = source;
            work.endpoint = endpoint.or(work.endpoint);
            work.style = style.or(work.style);
            work.index_pattern = index_pattern.or(work.index_pattern);
            work.range = range.or(work.range);
            if hosts.says_something() {
                hosts.put(&mut work);
            }
            change.hosts = Some(work);
        }
        (_, Some(work), _) if bars.kind().is_some() => bars.put(change.bars.insert(work.clone()))?,
        (_, _, Some(work)) if bars.kind().is_some() => bars.put_sync(change.bars_sync.insert(work.clone()))?,
        _ => {}
    }
    if change == TaskChange::default() {
        return Err(Error::usage("nothing is to be changed").hint("say what: --cron, --range, …"));
    }
    let task = client.update_task(&stored.number.to_string(), &change, mutation.dry_run).await.map_err(about)?;
    if mutation.dry_run {
        return session.out.would(&[format!("update {}", stored.name)]);
    }
    shown(session, &task)
}

pub(super) async fn apply(session: &Session, args: Apply) -> Result<Exit, Error> {
    let wanted: TaskCreate = jobs::typed_file(&args.file)?;
    let client = session.client()?;
    let existing = client.tasks(None, None).await?.tasks.into_iter().find(|t| t.name == wanted.name);
    let dry_run = args.mutation.dry_run;
    let would = format!("{} {}", if existing.is_some() { "update" } else { "create" }, wanted.name);
    let task = match existing {
        Some(task) => {
            let TaskCreate { name: _, cron, time_zone, enabled, description, limits, mut hosts, bars, bars_sync } = wanted;
            let (cron, description) = (Some(cron.unwrap_or_default()), Some(description.unwrap_or_default()));
            if bars.is_none() && bars_sync.is_none() {
                hosts.get_or_insert_default();
            }
            let change = TaskChange { name: None, cron, time_zone, enabled, description, limits: Some(limits), hosts, bars, bars_sync };
            client.update_task(&task.number.to_string(), &change, dry_run).await?
        }
        None => client.create_task(&wanted, dry_run).await?,
    };
    if dry_run {
        return session.out.would(&[would]);
    }
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
    let (mut done, mut failed, mut would) = (Vec::new(), Vec::new(), Vec::new());
    for name in &names {
        match client.delete_task(name, mutation.dry_run).await {
            Ok(gone) if mutation.dry_run => would.push(format!("delete {} ({})", gone.name, gone.number)),
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
    if mutation.dry_run && !would.is_empty() {
        session.out.would(&would)?;
    }
    jobs::outcome(session, done.len() + would.len(), failed)
}
