//! `syncline sync status|history`, `syncline sync targets list|test`; `add` has what changes them.

use super::add::{self, Add, Remove, Switch};
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::output::{self, Cell, Column, Document, Listing, Tone, json};
use crate::cli::session::Session;
use crate::wire::native::sync::{SyncBesides, SyncStrays, SyncTarget, SyncTransfer};
use jiff::Timestamp;

/// Series that a person is shown of those that a target lacks.
const NAMES: usize = 2;
/// Characters of an error in a table; other forms have all of it.
const WIDEST: usize = 160;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Backups and slaves: those of the daemon's configuration, and those that were added
    #[command(visible_alias = "ls", after_help = "Examples:\n  syncline sync targets list -o wide")]
    List,
    /// Ask a target whether it answers
    #[command(after_help = "Examples:\n  syncline sync targets test backup1")]
    Test {
        /// Backup or slave; at a slave: master
        #[arg(value_name = "TARGET")]
        name: String,
    },
    /// Bring bars to another place too, from now on
    #[command(subcommand)]
    Add(Add),
    /// Bring bars to a place no more
    #[command(visible_alias = "rm")]
    Remove(Remove),
    /// Bring bars again to a place that was disabled
    #[command(after_help = "Examples:\n  syncline sync targets enable berlin")]
    Enable(Switch),
    /// Keep a place in the list, and bring nothing there
    #[command(after_help = "Examples:\n  syncline sync targets disable berlin")]
    Disable(Switch),
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "A slave that pulls without standing in the list is shown for a week after it last came (-o wide: last seen), and as failing
when it has not come for three of its own intervals, a minute at least. `sync targets remove` takes it off until it comes again.
Last sync is when all bars were last seen to be there, also where nothing had to travel for it; a transfer that failed, or of some
bars alone, does not move it. A slave that differs has all that its master has, and bars besides: they stay until --full takes them
out. A backup that differs has series or bars that are not here (`sync trigger --help` says which stay). Up to date is what was
brought there and read back; since then runs count some series in turn, and only --mode repair reads all of them: figures and bars
that others changed may be seen by it alone.

Examples:
  syncline sync status -o wide
  syncline sync status --target slave/hk"
)]
pub struct Status {
    /// Only this backup or slave; backup/NAME or slave/NAME where both have the name
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline sync history --target backup1
  syncline sync history --failed -o csv")]
pub struct History {
    /// Only to this backup or slave; backup/NAME or slave/NAME where both have the name
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
    /// Only what failed
    #[arg(long)]
    failed: bool,
    /// Most rows
    #[arg(short = 'n', long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

pub(super) async fn run(session: &Session, command: Command) -> Result<Exit, Error> {
    match command {
        Command::List => status(session, Status { target: None }).await,
        Command::Add(what) => add::add(session, what).await,
        Command::Remove(args) => add::remove(session, args).await,
        Command::Enable(args) => add::switch(session, args, true).await,
        Command::Disable(args) => add::switch(session, args, false).await,
        Command::Test { name } => {
            session.out.refuse_csv("a target")?;
            let reply = session.client()?.test_sync_target(&name).await.map_err(|e| Error::from(e).about("target", &name))?;
            session.out.document(&Document { reply: json(&reply), name: format!("target/{name}"), text: format!("{}\n", reply.says) })?;
            Ok(Exit::Ok)
        }
    }
}

/// One target, after it was changed.
pub(super) fn shown(session: &Session, target: &SyncTarget) -> Result<Exit, Error> {
    let mut pairs = vec![
        ("target", target.name.clone()),
        ("kind", target.kind.clone()),
        ("address", format!("{}{}:{}", if target.tls { "https://" } else { "" }, target.host, target.port)),
        ("enabled", if target.enabled { "yes" } else { "no" }.to_owned()),
    ];
    if target.kind == "backup" {
        pairs.extend([("database", target.database.clone()), ("user", target.user.clone())]);
    }
    session.out.document(&Document { reply: json(target), name: format!("target/{}", target.name), text: output::pairs(&pairs) })?;
    Ok(Exit::Ok)
}

pub(super) async fn status(session: &Session, Status { target }: Status) -> Result<Exit, Error> {
    let mut list = session.client()?.sync_targets().await?;
    if let Some(target) = &target {
        let (kind, name) = place(target);
        list.targets.retain(|t| t.name == name && kind.is_none_or(|kind| t.kind == kind));
        if list.targets.is_empty() {
            let unknown = format!("there is no backup or slave {target:?}");
            return Err(Error::new(Exit::NotFound, "not_found", unknown).hint("`syncline sync status` lists them"));
        }
    }
    let now = Timestamp::now();
    let row = |target: &SyncTarget| {
        let SyncTarget { name, kind, host, port, enabled, last_sync, behind, lacking, lag_seconds, problem, .. } = target;
        let SyncTarget { origin, database, user, last_seen, extra, extra_names, .. } = target;
        let more = match &target.besides {
            Some(besides) => strangers(besides, NAMES),
            None => besides(*extra, extra_names),
        };
        let more = more.map(|more| format!("{more}; {}", mirror(target)));
        let state = match (enabled, problem.is_empty(), behind) {
            (false, ..) => ("disabled", Tone::Plain),
            (true, false, _) => ("failing", Tone::Bad),
            (true, true, Some(0)) if more.is_some() => ("differs", Tone::Bad),
            (true, true, None) if more.is_some() && origin == "pushes" => ("differs", Tone::Bad),
            (true, true, None) if origin == "pushes" => ("pushes", Tone::Plain),
            (true, true, Some(0)) => ("up to date", Tone::Good),
            (true, true, _) => ("behind", Tone::Busy),
        };
        vec![
            Cell::new(name),
            Cell::new(kind),
            Cell::new(state.0).tone(state.1),
            Cell::new(if *port == 0 { host.clone() } else { format!("{host}:{port}") }),
            last_sync.as_ref().map_or_else(|| Cell::new("never"), |t| Cell::pair(human::ago(t, now), t)),
            behind.map_or_else(|| Cell::new(""), Cell::count),
            Cell::lag(*lag_seconds),
            Cell::new(some(lacking, *behind)),
            if problem.is_empty() { Cell::new(more.unwrap_or_default()) } else { Cell::pair(human::short(problem, WIDEST), problem) },
            last_seen.as_ref().map_or_else(|| Cell::new(""), |t| Cell::pair(human::ago(t, now), t)),
            Cell::new(origin),
            Cell::new(database),
            Cell::new(user),
        ]
    };
    session.out.list(&Listing {
        reply: json(&list),
        items: list.targets.iter().map(json).collect(),
        noun: "target",
        ids: list.targets.iter().map(|t| t.name.clone()).collect(),
        columns: vec![
            Column::new("target"),
            Column::new("kind"),
            Column::new("state"),
            Column::new("address"),
            Column::new("last sync"),
            Column::figures("behind"),
            Column::figures("lag"),
            Column::new("lacks"),
            Column::new("problem"),
            Column::wide("last seen"),
            Column::wide("origin"),
            Column::wide("database"),
            Column::wide("user"),
        ],
        rows: list.targets.iter().map(row).collect(),
        empty: "no backups and no slaves".into(),
    })?;
    Ok(Exit::Ok)
}

/// Reads NAME, backup/NAME or slave/NAME: names have no slash.
pub(in crate::cli) fn place(text: &str) -> (Option<&str>, &str) {
    match text.split_once('/') {
        Some((kind @ ("backup" | "slave"), name)) => (Some(kind), name),
        _ => (None, text),
    }
}

/// The same, written.
pub(in crate::cli) fn placed(kind: &str, name: &str) -> String {
    if kind.is_empty() { name.to_owned() } else { format!("{kind}/{name}") }
}

/// The kind of a run or task; where it brings bars somewhere, with the kind of place: of two, either may have the name.
pub(in crate::cli) fn kind(kind: &str, target_kind: &str) -> Cell {
    if target_kind.is_empty() { Cell::new(kind) } else { Cell::pair(format!("{kind} to {target_kind}"), kind) }
}

/// What a target has that its master does not have, in words; None: nothing, as far as is known.
pub(in crate::cli) fn besides(extra: Option<u64>, names: &[String]) -> Option<String> {
    let extra = extra.filter(|extra| *extra > 0)?;
    Some(format!("bars of {} series that the master does not have{}", human::count(extra), bracketed(names, extra, NAMES)))
}

/// What a backup has that is not here, with so many names of each; None: nothing, as far as is known.
pub(super) fn strangers(besides: &SyncBesides, most: usize) -> Option<String> {
    let SyncBesides { series, names, bars, among, strays } = besides;
    let are = |n: u64| if n == 1 { "is" } else { "are" };
    let stray = |SyncStrays { series, bars, first }: &SyncStrays| {
        let first = first.as_ref().map(|time| format!(", the first of {time}")).unwrap_or_default();
        if *bars == 0 { series.clone() } else { format!("{series}: {}{first}", human::counted(*bars, "bar")) }
    };
    let strays: Vec<String> = strays.iter().map(stray).collect();
    let mut told = Vec::new();
    if *series > 0 {
        told.push(format!("{} series that {} not here{}", human::count(*series), are(*series), bracketed(names, *series, most)));
    }
    if *among > 0 {
        let bars = if *bars == 0 { "bars".to_owned() } else { human::counted(*bars, "bar") };
        told.push(format!("{bars} of {} series that {} here{}", human::count(*among), are(*among), bracketed(&strays, *among, most)));
    }
    (!told.is_empty()).then(|| told.join(" and "))
}

/// A slave may have the last copy.
const LOST: &str = " (where the master lost them, `syncline bars export` at the slave has them)";

/// What makes a target the mirror of its master.
fn mirror(target: &SyncTarget) -> String {
    let SyncTarget { name, kind, origin, besides, called, .. } = target;
    match (kind.as_str(), origin.as_str()) {
        ("master", "pushes") => {
            let called = called.as_deref().unwrap_or("SLAVE");
            format!("`syncline sync push {called} --full` at the master removes them{LOST}")
        }
        ("master", _) => format!("`syncline sync request --full` removes them{LOST}"),
        (_, "pulls") => format!("`syncline sync request --full` there removes them{LOST}"),
        // Others may write to the same database.
        ("backup", _) => {
            let trigger = format!("syncline sync trigger {name} --mode repair");
            match besides.as_ref().map(|besides| (besides.series, besides.among)) {
                // Of series that are here, and as far as it was not the bars database that lost them.
                Some((0, _)) => format!("`{trigger}` removes them, but for what was lost here"),
                Some((_, 0)) => format!("`{trigger} --prune` removes them"),
                _ => format!("`{trigger}` removes the bars, `{trigger} --prune` the series, too"),
            }
        }
        _ => format!("`syncline sync push {name} --full` removes them{LOST}"),
    }
}

/// The first names of a list, and how many more there are. Empty: nobody names any, and the number alone stands where it stands.
fn some(names: &[String], count: Option<u64>) -> String {
    first_of(names, count.unwrap_or(names.len() as u64), NAMES)
}

/// The same after a number of them.
fn bracketed(names: &[String], count: u64, most: usize) -> String {
    if names.is_empty() { String::new() } else { format!(" ({})", first_of(names, count, most)) }
}

fn first_of(names: &[String], count: u64, most: usize) -> String {
    let shown = &names[..names.len().min(most)];
    let more = count.saturating_sub(shown.len() as u64);
    let more = if more > 0 && !shown.is_empty() { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &more
}

pub(super) async fn history(session: &Session, args: History) -> Result<Exit, Error> {
    let History { target, failed, limit } = args;
    let (kind, target) = target.as_deref().map(place).unzip();
    let list = session.client()?.sync_history(target, kind.flatten(), failed, limit).await?;
    let now = Timestamp::now();
    let row = |transfer: &SyncTransfer| {
        let SyncTransfer { id, target, target_kind, symbol, interval, mode, started, ended, bars, status, error, note } = transfer;
        let took = ended.parse().ok().and_then(|end| human::age_seconds(started, end));
        vec![
            Cell::new(id.to_string()),
            Cell::new(target),
            Cell::new(symbol),
            Cell::new(interval),
            Cell::new(status).tone(if error.is_empty() { Tone::Good } else { Tone::Bad }),
            Cell::count(*bars),
            Cell::pair(human::ago(ended, now), ended),
            took.map_or_else(|| Cell::new(""), |s| Cell::decimal(human::seconds(s), s)),
            Cell::new(target_kind),
            Cell::pair(human::short(error, WIDEST), error),
            Cell::pair(human::short(note, WIDEST), note),
            Cell::new(mode),
        ]
    };
    session.out.list(&Listing {
        reply: json(&list),
        items: list.history.iter().map(json).collect(),
        noun: "transfer",
        ids: list.history.iter().map(|t| t.id.to_string()).collect(),
        columns: vec![
            Column::new("id"),
            Column::new("target"),
            Column::new("symbol"),
            Column::new("interval"),
            Column::new("status"),
            Column::figures("bars"),
            Column::new("ended"),
            Column::new("took"),
            Column::new("kind"),
            Column::new("error"),
            Column::new("note"),
            Column::wide("mode"),
        ],
        rows: list.history.iter().map(row).collect(),
        empty: match list.note.as_str() {
            "" if failed => "nothing failed",
            "" => "nothing was brought anywhere yet",
            note => note,
        }
        .to_owned()
        .into(),
    })?;
    Ok(Exit::Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_series_that_nobody_names_has_no_names() {
        let names = ["US.FB 1d", "US.IBM 1d", "US.T 1d"].map(str::to_owned);
        for (named, count, shown) in [
            (0, Some(4), ""),
            (0, None, ""),
            (1, Some(1), "US.FB 1d"),
            (1, Some(4), "US.FB 1d and 3 more"),
            (3, None, "US.FB 1d, US.IBM 1d and 1 more"),
        ] {
            assert_eq!(some(&names[..named], count), shown);
        }
        assert_eq!(besides(Some(4), &[]).as_deref(), Some("bars of 4 series that the master does not have"));
        let unnamed = SyncBesides { series: 2, names: Vec::new(), bars: 0, among: 0, strays: Vec::new() };
        assert_eq!(strangers(&unnamed, NAMES).as_deref(), Some("2 series that are not here"));
    }
}
