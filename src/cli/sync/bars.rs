//! `syncline sync trigger|push|request`: runs that bring bars to others, or take them from the master.

use super::targets::{besides, place, strangers};
use crate::cli::args::Mutation;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::logs;
use crate::cli::output::json;
use crate::cli::session::Session;
use crate::cli::tasks::{follow, outcome_of};
use crate::client::Client;
use crate::wire::native::runs::RunList;
use crate::wire::native::sync::{SyncBesides, SyncTarget};
use crate::wire::native::tasks::{RunCreate, SyncChange, SyncWork};
use std::time::Duration;

/// A backup is read as a whole before it is said what would be done to it; `--timeout` says how long that may take.
const COMPARING: Duration = Duration::from_secs(30 * 60);
/// Series that people are told of one by one; other forms have all.
const SHOWN: usize = 20;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline sync trigger --wait
  syncline sync trigger backup1 --mode repair --wait
  syncline sync trigger backup1 --mode repair --prune --dry-run

What a backup has and this daemon has not: incremental compares a series that has more or fewer bars there than here, takes out what
lies between its first and last bar, and leaves and tells what lies outside; after an older bars database was restored, or where a
series was told to have others' bars outside, it takes nothing out. Repair and full take all of it out of series that are here, but for
what the bars database lost; only --prune takes out that, and series that are not here. With --dry-run repair and full read all that they would read (--timeout says how long that
may take) and tell what they would write and take out; incremental tells what changed here since the last time.

Exit code with --wait: 0 when everything is there, 9 when some of it is not, 1 when a run failed.")]
pub struct Trigger {
    /// Backups, also as backup/NAME; all that are enabled when none is named
    #[arg(value_name = "BACKUP")]
    names: Vec<String>,
    /// How: what changed, everything again, or what differs when it is read back; the last two take bars out that are not here
    #[arg(long, value_name = "MODE", value_parser = ["incremental", "full", "repair"])]
    mode: Option<String>,
    /// Only this symbol
    #[arg(long, value_name = "SYMBOL")]
    symbol: Option<String>,
    /// With --mode repair: take series out there that are not here, whoever wrote them: asks first
    #[arg(long, conflicts_with = "symbol", requires = "mode")]
    prune: bool,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline sync push backup1 --wait
  syncline sync push backup1 --symbol AAPL --from 2024-01-01 --to 2024-01-23
  syncline sync push backup1 --full --dry-run")]
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
    /// Compare everything instead of what changed since the last time, and take out what the master does not have: asks first
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

/// Whether it takes out what is not here, whoever wrote it.
fn takes_out(work: &SyncWork) -> bool {
    work.prune || work.mode.as_deref() == Some("full") && work.kind.as_deref() != Some("backup")
}

/// Asks before anything is taken out.
async fn ask(session: &Session, works: &[SyncWork], mutation: &Mutation) -> Result<(), Error> {
    if mutation.dry_run || mutation.yes {
        return Ok(());
    }
    let mut lines = Vec::new();
    for work in works.iter().filter(|work| takes_out(work)) {
        lines.extend(would_do(session, work, SHOWN).await?);
    }
    if lines.is_empty() { Ok(()) } else { session.confirm(&format!("This will {}. Go on?", lines.join("; ")), false) }
}

/// Has it judged, and says what it would do: the whole, then so many of the series.
async fn would_do(session: &Session, work: &SyncWork, most: usize) -> Result<Vec<String>, Error> {
    let client = session.client_with(session.patience().unwrap_or(COMPARING))?;
    let judged = client.judge_run(&run_of(work)).await.map_err(|e| Error::from(e).about("target", &work.target))?;
    let target = &work.target;
    let Some(changes) = judged.changes else { return Ok(vec![format!("sync {target}{}", goes(&client, work).await?)]) };
    let what = whole(&changes, foreign(&client, work).await?).unwrap_or_else(|| nothing(work).to_owned());
    let mut lines = vec![format!("sync {target} and {what}")];
    lines.extend(changes.iter().take(most).map(|SyncChange { series, note, .. }| format!("change {series}: {note}")));
    if changes.len() > most {
        lines.push(format!("change {} series more", human::count((changes.len() - most) as u64)));
    }
    Ok(lines)
}

/// All that a run would do; `foreign` are the series that would go. None: nothing.
fn whole(changes: &[SyncChange], foreign: Option<String>) -> Option<String> {
    let sum = |bars: fn(&SyncChange) -> u64, verb: &str, which: [&str; 2]| {
        let series = changes.iter().filter(|change| bars(change) > 0).count() as u64;
        let which = which[usize::from(series != 1)];
        let all = human::counted(changes.iter().map(bars).sum(), "bar");
        (series > 0).then(|| format!("{verb} {all} of {} series{which}", human::count(series)))
    };
    let unknown = changes.iter().filter(|change| change.written + change.removed == 0 && !change.deletes).count() as u64;
    let deleted = changes.iter().filter(|change| change.deletes).count() as u64;
    let does = [
        sum(|change| change.written, "write", [""; 2]),
        sum(|change| change.removed, "take out", [" that is here", " that are here"]),
        (deleted > 0).then(|| format!("take out what was deleted here of {} series", human::count(deleted))),
        foreign.map(|foreign| format!("take out {foreign}")),
        (unknown > 0).then(|| format!("fail at {} series", human::count(unknown))),
    ];
    let does: Vec<String> = does.into_iter().flatten().collect();
    (!does.is_empty()).then(|| does.join(" and "))
}

/// What a run finds that changes nothing.
fn nothing(work: &SyncWork) -> &'static str {
    match work.mode.as_deref() {
        None | Some("incremental") => "find nothing that changed",
        Some(_) => "find nothing to put right",
    }
}

/// The series that are not here, which a pruning repair takes out of a backup, as the daemon has seen them when it judged that.
async fn foreign(client: &Client, work: &SyncWork) -> Result<Option<String>, Error> {
    if !work.prune {
        return Ok(None);
    }
    let known = client.sync_targets().await?.targets;
    let besides = known.into_iter().find(|t| t.name == work.target && t.kind == "backup").and_then(|t| t.besides).unwrap_or_default();
    // What series that are here have besides is in what would be changed.
    Ok(strangers(&SyncBesides { bars: 0, among: 0, strays: Vec::new(), ..besides }, usize::MAX))
}

fn run_of(work: &SyncWork) -> RunCreate {
    RunCreate { name: work.target.clone(), bars_sync: Some(work.clone()), ..RunCreate::default() }
}

/// What a full sync of everything would take out of a replica, as far as it is known.
async fn goes(client: &Client, work: &SyncWork) -> Result<String, Error> {
    let SyncWork { target, symbol, .. } = work;
    if !takes_out(work) {
        return Ok(String::new());
    }
    let known = client.sync_targets().await?.targets;
    let is_meant = |t: &&SyncTarget| t.name == *target && t.kind != "backup";
    let meant = known.iter().find(is_meant);
    Ok(match meant.and_then(|t| besides(t.extra, &t.extra_names)) {
        Some(extra) if symbol.is_none() => format!(" and take out {extra}"),
        None if meant.is_some_and(|t| t.extra == Some(0)) => " and take out nothing, as far as it has said".to_owned(),
        _ => " and take out what the master does not have".to_owned(),
    })
}

async fn begin(session: &Session, works: Vec<SyncWork>, args: RunArgs) -> Result<Exit, Error> {
    let client = session.client()?;
    ask(session, &works, &args.mutation).await?;
    let (mut runs, mut would) = (Vec::new(), Vec::new());
    for work in works {
        let target = work.target.clone();
        if args.mutation.dry_run {
            would.extend(would_do(session, &work, if session.out.for_people() { SHOWN } else { usize::MAX }).await?);
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
