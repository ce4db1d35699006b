//! `syncline sync hosts`: figures of hosts, brought over now.

use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::output::{Document, Listing, json};
use crate::cli::session::Session;
use crate::cli::tasks::{self, Source};
use crate::wire::native::runs::RunDetail;
use crate::wire::native::tasks::RunCreate;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline sync hosts 10.1.1.1 10.1.1.2 --range 7d
  syncline sync hosts --file hosts.txt -o csv
  syncline sync hosts --full --group DB组

A file has one address a line; # begins a comment.

Exit code: 0 when every host was synced, 9 when some were, 1 when none was.")]
pub struct Hosts {
    /// Addresses
    #[arg(value_name = "IP", required_unless_present_any = ["file", "full", "pool"], conflicts_with_all = ["file", "full", "pool"])]
    addresses: Vec<String>,
    /// File with one address a line; - is stdin
    #[arg(long, value_name = "FILE", conflicts_with_all = ["full", "pool"])]
    file: Option<PathBuf>,
    /// All hosts that Elasticsearch has of a group; new ones are put into the pool
    #[arg(long)]
    full: bool,
    /// The group of --full
    #[arg(long, value_name = "GROUP", requires = "full")]
    group: Option<String>,
    /// All hosts of the pool
    #[arg(long, conflicts_with = "full")]
    pool: bool,
    /// What the run is called in the log
    #[arg(long, value_name = "NAME", default_value = "sync hosts")]
    name: String,
    /// Say the run's number and do not wait for its end
    #[arg(long)]
    detach: bool,
    #[command(flatten)]
    source: Source,
}

pub(super) async fn run(session: &Session, args: Hosts) -> Result<Exit, Error> {
    let Hosts { addresses, file, full, group, pool: _, name, detach, source } = args;
    let addresses = match file {
        Some(path) => read(&path)?,
        None => addresses,
    };
    let mut work = source.work();
    work.addresses = Some(addresses).filter(|a| !a.is_empty());
    (work.full, work.group) = (full, group);
    let client = session.client()?;
    let begun = client.start_run(&RunCreate { name, hosts: Some(work), ..RunCreate::default() }).await?;
    if detach {
        session.out.document(&Document {
            reply: json(&begun),
            name: format!("run/{}", begun.number),
            text: format!("run {}\n", begun.number),
        })?;
        return Ok(Exit::Ok);
    }
    let detail = tasks::follow(session, &client, begun.number).await?;
    let RunDetail { run, then: _, items, events: _ } = &detail;
    session.out.list(&Listing {
        reply: json(&detail),
        items: items.iter().map(json).collect(),
        noun: "host",
        ids: items.iter().map(|i| i.key.clone()).collect(),
        columns: tasks::items_columns(),
        rows: items.iter().map(tasks::items_row).collect(),
        empty: "no hosts".into(),
    })?;
    let told = if run.error.is_empty() { &run.message } else { &run.error };
    session.out.note(&format!("run {} {}: {told}", run.number, run.state));
    Ok(tasks::outcome_of(run))
}

/// Reads addresses, one a line; what they are worth is the daemon's to say, but for the line.
fn read(path: &std::path::Path) -> Result<Vec<String>, Error> {
    let name = path.display();
    let text = if path == std::path::Path::new("-") { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(path) };
    let text = text.map_err(|e| Error::usage(format!("{name} cannot be read: {e}")))?;
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        if line.parse::<std::net::IpAddr>().is_err() {
            return Err(Error::usage(format!("{name}: line {number}: {line:?} is no IP address")));
        }
        found.push(line.to_owned());
    }
    if found.is_empty() { Err(Error::usage(format!("{name} holds no address"))) } else { Ok(found) }
}
