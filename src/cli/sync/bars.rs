//! `syncline sync trigger|push|request`: runs that bring bars to others, or take them from the master.

use super::targets::{all_besides, besides, place};
use crate::cli::args::Mutation;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::logs;
use crate::cli::output::json;
use crate::cli::session::Session;
use crate::cli::tasks::{follow, outcome_of};
use crate::client::Client;
use crate::wire::native::runs::RunList;
use crate::wire::native::sync::SyncTarget;
use crate::wire::native::tasks::{RunCreate, SyncWork};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline sync trigger --wait
  syncline sync trigger backup1 --mode repair --wait
  syncline sync trigger backup1 --mode repair --prune --dry-run

Exit code with --wait: 0 when everything is there, 9 when some of it is not, 1 when a run failed.")]
pub struct Trigger {
    /// Backups, also as backup/NAME; all that are enabled when none is named
    #[arg(value_name = "BACKUP")]
    names: Vec<String>,
    /// How: what changed, everything again, or what differs when it is read back
    #[arg(long, value_name = "MODE", value_parser = ["incremental", "full", "repair"])]
    mode: Option<String>,
    /// Only this symbol
    #[arg(long, value_name = "SYMBOL")]
    symbol: Option<String>,
    /// With --mode repair: take series out there that are not here, whoever wrote them
    #[arg(long, conflicts_with = "symbol", requires = "mode")]
    prune: bool,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline sync push backup1 --wait
  syncline sync push backup1 --symbol AAPL --from 2024-01-01 --to 2024-01-23")]
pub struct Push {
    /// The slave, also as slave/NAME
    #[arg(value_name = "SLAVE")]
    name: String,
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline sync request --wait
  syncline sync request --symbol AAPL --from 2024-01-01")]
pub struct Request {
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    run: RunArgs,
}

/// Which bars; what lies in a block with them travels along.
#[derive(Debug, clap::Args)]
struct Part {
    /// Only this symbol
    #[arg(long, value_name = "SYMBOL")]
    symbol: Option<String>,
    /// From this day on
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// Up to this day, included
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// Compare everything instead of what changed since the last time, and take out what the master does not have
    #[arg(long)]
    full: bool,
}

#[derive(Debug, clap::Args)]
struct RunArgs {
    /// Wait until it is done
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    mutation: Mutation,
}

impl Part {
    fn work(self, target: &str, kind: Option<&str>) -> SyncWork {
        let Self { symbol, from, to, full } = self;
        let (target, kind) = (target.to_owned(), kind.map(str::to_owned));
        SyncWork { target, kind, mode: full.then(|| "full".to_owned()), symbol, from, to, prune: false }
    }
}

pub(super) async fn trigger(session: &Session, args: Trigger) -> Result<Exit, Error> {
    let Trigger { names, mode, symbol, prune, run } = args;
    let known = session.client()?.sync_targets().await?.targets;
    let is_slave = known.iter().any(|t| t.kind == "master");
    let names: Vec<String> =
        if names.is_empty() { known.into_iter().filter(|t| t.enabled && t.kind == "backup").map(|t| t.name).collect() } else { names };
    if names.is_empty() && is_slave {
        return Err(Error::usage("this daemon is a slave, it has no backups").hint("`syncline sync request` takes bars from its master"));
    }
    if names.is_empty() {
        return Err(Error::usage("there is no backup")
            .hint("`syncline sync targets add backup` adds one; [[dms.backups]] of the daemon's configuration has others"));
    }
    let names = names.iter().map(|name| of_kind("backup", name).map(str::to_owned)).collect::<Result<Vec<_>, _>>()?;
    let kind = Some("backup".to_owned());
    let work = |target| SyncWork { target, kind: kind.clone(), mode: mode.clone(), symbol: symbol.clone(), prune, ..SyncWork::default() };
    let works: Vec<SyncWork> = names.into_iter().map(work).collect();
    if prune && !run.mutation.dry_run && !run.mutation.yes {
        let client = session.client()?;
        let mut lines = Vec::new();
        for work in &works {
            lines.push(format!("sync {}{}", work.target, would_go(&client, work).await?));
        }
        session.confirm(&format!("This will {}. Go on?", lines.join("; ")), false)?;
    }
    begin(session, works, run).await
}

pub(super) async fn push(session: &Session, args: Push) -> Result<Exit, Error> {
    let Push { name, part, run } = args;
    begin(session, vec![part.work(of_kind("slave", &name)?, Some("slave"))], run).await
}

pub(super) async fn request(session: &Session, args: Request) -> Result<Exit, Error> {
    begin(session, vec![args.part.work("master", None)], args.run).await
}

/// Reads NAME or KIND/NAME, where the kind is this one.
fn of_kind<'a>(kind: &str, text: &'a str) -> Result<&'a str, Error> {
    let (said, name) = place(text);
    match said.filter(|said| *said != kind) {
        None => Ok(name),
        Some(other) => {
            let verb = if other == "slave" { "push" } else { "trigger" };
            Err(Error::usage(format!("{text} is a {other}, no {kind}")).hint(format!("`syncline sync {verb} {name}` brings bars there")))
        }
    }
}

/// Has it judged, and says what would go.
async fn would_go(client: &Client, work: &SyncWork) -> Result<String, Error> {
    client.judge_run(&run_of(work)).await.map_err(|e| Error::from(e).about("target", &work.target))?;
    goes(client, work).await
}

fn run_of(work: &SyncWork) -> RunCreate {
    RunCreate { name: work.target.clone(), bars_sync: Some(work.clone()), ..RunCreate::default() }
}

/// What a pruning repair would take out of a backup, as the daemon has seen it when it judged that, and what a full sync of
/// everything would take out of a replica, as far as it is known.
async fn goes(client: &Client, work: &SyncWork) -> Result<String, Error> {
    let SyncWork { target, kind, mode, symbol, prune, .. } = work;
    if *prune {
        let known = client.sync_targets().await?.targets;
        let besides = known.iter().find(|t| t.name == *target && t.kind == "backup").and_then(|t| all_besides(t.extra, &t.extra_names));
        return Ok(besides.map_or_else(|| " and find nothing to take out".to_owned(), |besides| format!(" and take out {besides}")));
    }
    if mode.as_deref() != Some("full") || kind.as_deref() == Some("backup") {
        return Ok(String::new());
    }
    let known = client.sync_targets().await?.targets;
    let is_meant = |t: &&SyncTarget| t.name == *target && t.kind != "backup";
    let extra = known.iter().find(is_meant).and_then(|t| besides(t.extra, &t.extra_names));
    Ok(match extra {
        Some(extra) if symbol.is_none() => format!(" and take out {extra}"),
        _ => " and take out what the master does not have".to_owned(),
    })
}

async fn begin(session: &Session, works: Vec<SyncWork>, args: RunArgs) -> Result<Exit, Error> {
    let client = session.client()?;
    let (mut runs, mut would) = (Vec::new(), Vec::new());
    for work in works {
        let target = work.target.clone();
        if args.mutation.dry_run {
            would.push(format!("sync {target}{}", would_go(&client, &work).await?));
            continue;
        }
        runs.push(client.start_run(&run_of(&work)).await.map_err(|e| Error::from(e).about("target", &target))?);
    }
    if args.mutation.dry_run {
        return session.out.would(&would);
    }
    let mut exit = Exit::Ok;
    if args.wait {
        for run in &mut runs {
            *run = follow(session, &client, run.number).await?.run;
            exit = if exit == Exit::Ok { outcome_of(run) } else { exit };
        }
    }
    let list = RunList { runs };
    let mut listing = logs::task_runs_listing(&list);
    if let [one] = list.runs.as_slice() {
        listing.reply = json(one);
    }
    session.out.list(&listing)?;
    Ok(exit)
}
