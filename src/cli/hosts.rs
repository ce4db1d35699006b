//! `syncline hosts`: the pool of hosts and the figures last written of each.

use super::args::Mutation;
use super::error::Error;
use super::exit::Exit;
use super::human;
use super::jobs;
use super::output::{self, Cell, Column, Document, Listing, json};
use super::session::Session;
use crate::wire::native::hosts::{Host, HostChange, HostImported};
use jiff::Timestamp;
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// All hosts with their figures
    #[command(visible_alias = "ls")]
    List(List),
    /// One host
    Show(Show),
    /// Add a host
    Add(Add),
    /// Change a host; what is not said stays
    Update(Update),
    /// Remove hosts; adding one again brings it back
    #[command(visible_alias = "rm")]
    Remove(Remove),
    /// Add and update hosts from a CSV file
    Import(Import),
    /// All hosts as CSV, to stdout or a file
    Export(Export),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline hosts list --group DB组
  syncline hosts list --grep db- -o csv")]
pub struct List {
    /// Only hosts of this group
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// Only hosts with this in their name or address
    #[arg(long, value_name = "TEXT")]
    grep: Option<String>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline hosts show 10.1.1.1")]
pub struct Show {
    /// Address or id
    #[arg(value_name = "HOST")]
    host: String,
}

#[derive(Debug, Clone, clap::Args)]
struct Facts {
    /// Its name
    #[arg(long)]
    name: Option<String>,
    /// Physical, virtual, …: a word of your own
    #[arg(long = "type", value_name = "TYPE")]
    host_type: Option<String>,
    /// The group it belongs to
    #[arg(long)]
    group: Option<String>,
    /// Its processors
    #[arg(long, value_name = "N")]
    cpus: Option<u32>,
    /// Its memory
    #[arg(long, value_name = "GB")]
    memory_gb: Option<u32>,
    /// Its disk space
    #[arg(long, value_name = "GB")]
    disk_gb: Option<u32>,
    /// Anything else
    #[arg(long, value_name = "TEXT")]
    remark: Option<String>,
}

impl Facts {
    fn change(self, ip: Option<String>) -> HostChange {
        let Self { name, host_type, group, cpus, memory_gb, disk_gb, remark } = self;
        HostChange { ip, name, host_type, group, cpus, memory_gb, disk_gb, remark }
    }
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline hosts add 10.1.1.1 --name db-1 --group DB组")]
pub struct Add {
    /// Its address
    #[arg(value_name = "IP")]
    ip: String,
    #[command(flatten)]
    facts: Facts,
    #[command(flatten)]
    mutation: Mutation,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline hosts update 10.1.1.1 --name db-1
  syncline hosts update 10.1.1.1 --ip 10.1.1.9")]
pub struct Update {
    /// Address or id
    #[arg(value_name = "HOST")]
    host: String,
    /// A new address
    #[arg(long)]
    ip: Option<String>,
    #[command(flatten)]
    facts: Facts,
    #[command(flatten)]
    mutation: Mutation,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline hosts remove 10.1.1.1 --yes")]
pub struct Remove {
    /// Addresses or ids
    #[arg(value_name = "HOST", required = true)]
    hosts: Vec<String>,
    #[command(flatten)]
    mutation: Mutation,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "The header line names the columns: host_ip (needed), host_name, host_type, group_name, vcpus, ram, disk_size, remark.
All or nothing; an empty field keeps what is there.

Examples:
  syncline hosts import hosts.csv"
)]
pub struct Import {
    /// CSV file; - is stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    mutation: Mutation,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline hosts export > hosts.csv
  syncline hosts export --file hosts.csv")]
pub struct Export {
    /// Write it there instead of to stdout
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

pub(super) async fn run(session: &Session, command: Command) -> Result<Exit, Error> {
    match command {
        Command::List(args) => list(session, args).await,
        Command::Show(args) => {
            session.out.refuse_csv("a host")?;
            let host = session.client()?.host(&args.host).await.map_err(|e| Error::from(e).about("host", &args.host))?;
            shown(session, &host)
        }
        Command::Add(args) => add(session, args).await,
        Command::Update(args) => update(session, args).await,
        Command::Remove(args) => remove(session, args).await,
        Command::Import(args) => import(session, args).await,
        Command::Export(args) => export(session, args).await,
    }
}

async fn list(session: &Session, args: List) -> Result<Exit, Error> {
    let List { group, grep } = args;
    let list = session.client()?.hosts(group.as_deref(), grep.as_deref()).await?;
    let empty = match (group, grep) {
        (None, None) => "no hosts; add some, or `syncline sync hosts --full`".to_owned(),
        (Some(group), None) => format!("no host of the pool is in the group {group:?}"),
        (None, Some(text)) => format!("no host of the pool has {text:?} in its name or address"),
        (Some(group), Some(text)) => format!("no host of the group {group:?} has {text:?} in its name or address"),
    };
    let now = Timestamp::now();
    session.out.list(&Listing {
        reply: json(&list),
        items: list.hosts.iter().map(json).collect(),
        noun: "host",
        ids: list.hosts.iter().map(|h| h.ip.clone()).collect(),
        columns: vec![
            Column::new("id"),
            Column::new("ip"),
            Column::new("name"),
            Column::new("group"),
            Column::figures("cpu %"),
            Column::figures("memory gb"),
            Column::figures("disk gb"),
            Column::new("measured"),
            Column::wide("type"),
            Column::wide("cpus"),
            Column::wide("remark"),
        ],
        rows: list.hosts.iter().map(|h| row(h, now)).collect(),
        empty: empty.into(),
    })?;
    Ok(Exit::Ok)
}

fn row(host: &Host, now: Timestamp) -> Vec<Cell> {
    let figure = |n: Option<f64>| n.map_or_else(|| Cell::new(""), |n| Cell::decimal(format!("{n:.1}"), n));
    vec![
        Cell::new(host.id.to_string()),
        Cell::new(&host.ip),
        Cell::new(&host.name),
        Cell::new(&host.group),
        figure(host.cpu_load),
        figure(host.used_memory),
        figure(host.total_disk),
        host.measured.as_ref().map_or_else(|| Cell::new(""), |t| Cell::pair(human::ago(t, now), t)),
        Cell::new(&host.host_type),
        Cell::new(host.cpus.map(|n| n.to_string()).unwrap_or_default()),
        Cell::new(&host.remark),
    ]
}

fn shown(session: &Session, host: &Host) -> Result<Exit, Error> {
    let whole = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
    let figure = |n: Option<f64>, unit: &str| n.map(|n| format!("{n:.2} {unit}")).unwrap_or_default();
    let text = output::pairs(&[
        ("host", host.id.to_string()),
        ("ip", host.ip.clone()),
        ("name", host.name.clone()),
        ("type", host.host_type.clone()),
        ("group", host.group.clone()),
        ("cpus", whole(host.cpus)),
        ("memory (GB)", whole(host.memory_gb)),
        ("disk (GB)", whole(host.disk_gb)),
        ("remark", host.remark.clone()),
        ("cpu load", figure(host.cpu_load, "%")),
        ("used memory", figure(host.used_memory, "GB")),
        ("total disk", figure(host.total_disk, "GB")),
        ("measured", human::when(host.measured.as_deref().unwrap_or_default(), Timestamp::now())),
    ]);
    session.out.document(&Document { reply: json(host), name: format!("host/{}", host.ip), text })?;
    Ok(Exit::Ok)
}

async fn add(session: &Session, args: Add) -> Result<Exit, Error> {
    let change = args.facts.change(Some(args.ip.clone()));
    if args.mutation.dry_run {
        return session.out.would(&[format!("add {}", args.ip)]);
    }
    shown(session, &session.client()?.add_host(&change).await?)
}

async fn update(session: &Session, args: Update) -> Result<Exit, Error> {
    let change = args.facts.change(args.ip);
    if change == HostChange::default() {
        return Err(Error::usage("nothing is to be changed").hint("say what: --name, --group, …"));
    }
    let client = session.client()?;
    let about = |e: crate::client::Error| Error::from(e).about("host", &args.host);
    if args.mutation.dry_run {
        let host = client.host(&args.host).await.map_err(about)?;
        return session.out.would(&[format!("update {}", host.ip)]);
    }
    shown(session, &client.update_host(&args.host, &change).await.map_err(about)?)
}

async fn remove(session: &Session, args: Remove) -> Result<Exit, Error> {
    let Remove { hosts, mutation } = args;
    let client = session.client()?;
    if !mutation.dry_run {
        session.confirm(&format!("{} will be removed from the pool. Go on?", hosts.join(", ")), mutation.yes)?;
    }
    let (mut done, mut failed, mut would) = (Vec::new(), Vec::new(), Vec::new());
    for host in &hosts {
        if mutation.dry_run {
            match client.host(host).await {
                Ok(host) => would.push(format!("remove {}", host.ip)),
                Err(e) => failed.push(Error::from(e).about("host", host)),
            }
            continue;
        }
        match client.remove_host(host).await {
            Ok(gone) => done.push(gone),
            Err(e) => failed.push(Error::from(e).about("host", host)),
        }
    }
    if !done.is_empty() {
        session.out.list(&Listing {
            reply: if hosts.len() == 1 { json(&done[0]) } else { json(&done) },
            items: done.iter().map(json).collect(),
            noun: "host",
            ids: done.iter().map(|d| d.ip.clone()).collect(),
            columns: vec![Column::new("removed"), Column::new("id")],
            rows: done.iter().map(|d| vec![Cell::new(&d.ip), Cell::new(d.id.to_string())]).collect(),
            empty: "".into(),
        })?;
    }
    if !would.is_empty() {
        session.out.would(&would)?;
    }
    jobs::outcome(session, done.len() + would.len(), failed)
}

async fn import(session: &Session, args: Import) -> Result<Exit, Error> {
    let name = args.file.display();
    let stdin = args.file == std::path::Path::new("-");
    let csv = if stdin { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(&args.file) };
    let csv = csv.map_err(|e| Error::usage(format!("{name} cannot be read: {e}")))?;
    let dry_run = args.mutation.dry_run;
    let done = session.client()?.import_hosts(csv, dry_run).await?;
    let HostImported { inserted, updated, unchanged, ignored } = &done;
    if !ignored.is_empty() {
        output::warn(&format!("columns that are not read: {}", ignored.join(", ")));
    }
    let text = if dry_run {
        format!("would add {inserted}, update {updated}, leave {unchanged} unchanged\n")
    } else {
        format!("{inserted} added, {updated} updated, {unchanged} unchanged\n")
    };
    session.out.document(&Document { reply: json(&done), name: "hosts/import".into(), text })?;
    Ok(Exit::Ok)
}

async fn export(session: &Session, args: Export) -> Result<Exit, Error> {
    let export = session.client()?.export_hosts().await?;
    match args.file {
        Some(path) => {
            std::fs::write(&path, &export.csv).map_err(|e| Error::usage(format!("{} cannot be written: {e}", path.display())))?;
        }
        None => output::print(&export.csv)?,
    }
    Ok(Exit::Ok)
}
