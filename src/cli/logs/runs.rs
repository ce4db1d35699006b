//! Runs: the attempts that a daemon made at its jobs.

use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::jobs;
use crate::cli::output::{self, Cell, Column, Document, Listing, Tone, json};
use crate::cli::session::Session;
use crate::cli::sync;
use crate::cli::tasks;
use crate::client::RunQuery;
use crate::wire::native::runs::{self, BarCounts, HostCounts, Run, RunDetail, RunItem, RunList};
use jiff::Timestamp;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline logs runs --job orders
  syncline logs runs --task nightly
  syncline logs runs --state failed --since 1d -o csv")]
pub(super) struct List {
    /// Only runs of this job or task: its name, number or id; also of one that is gone
    #[arg(long, value_name = "NAME")]
    job: Option<String>,
    /// Only runs of this task
    #[arg(long, value_name = "NAME", conflicts_with = "job")]
    task: Option<String>,
    /// Only runs of this kind
    #[arg(long, value_parser = runs::KINDS)]
    kind: Option<String>,
    /// Only runs in this state
    #[arg(long, value_parser = runs::STATES)]
    state: Option<String>,
    /// Only runs that started after this time: 1h (ago), RFC 3339 or @epoch
    #[arg(long, value_name = "TIME", value_parser = |text: &str| human::parse_time(text, Timestamp::now()))]
    since: Option<Timestamp>,
    /// Most runs
    #[arg(short = 'n', long, value_name = "N", default_value_t = 50)]
    limit: u64,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline logs show 7
  syncline logs show 7 --items -o csv")]
pub(super) struct Show {
    /// Number of the run
    #[arg(value_name = "RUN")]
    number: u64,
    /// Only its items, e.g. hosts, as one table
    #[arg(long)]
    items: bool,
    /// Only items with this outcome
    #[arg(long, value_name = "OUTCOME", requires = "items", value_parser = runs::OUTCOMES)]
    state: Option<String>,
}

pub(super) async fn list(session: &Session, args: List) -> Result<Exit, Error> {
    let List { job, task, kind, state, since, limit } = args;
    let of_task = task.is_some();
    let job = match task {
        Some(name) => Some(session.client()?.task(&name).await.map_err(|e| Error::from(e).about("task", &name))?.id),
        None => job,
    };
    let query = RunQuery { job, kind, state, since: since.map(|t| t.to_string()), limit: Some(limit) };
    let list = session.client()?.runs(&query).await?;
    session.out.list(&if of_task { task_listing(&list) } else { listing(&list) })?;
    Ok(Exit::Ok)
}

fn listing(list: &RunList) -> Listing {
    let columns = vec![
        Column::new("run"),
        Column::new("job"),
        Column::new("kind"),
        Column::new("state"),
        Column::new("started"),
        Column::new("took"),
        Column::figures("done"),
        Column::figures("copied"),
        Column::figures("applied"),
        Column::new("message"),
        Column::wide("transactions"),
        Column::wide("ended"),
        Column::wide("name"),
    ];
    made(list, columns, |run, now| {
        let Seen { number, job, kind, name, state, started, took, done, message, ended } = seen(run, now);
        // A task is known by its name.
        let job = if is_replication(run) { job } else { Cell::new(&run.name) };
        let [copied, applied] = [run.rows_copied, run.rows_applied].map(|rows| figure(rows, is_replication(run)));
        vec![number, job, kind, state, started, took, done, copied, applied, message, Cell::count(run.transactions), ended, name]
    })
}

/// The same of tasks, which copy no rows and are known by name.
pub(in crate::cli) fn task_listing(list: &RunList) -> Listing {
    let columns = vec![
        Column::new("run"),
        Column::new("task"),
        Column::new("kind"),
        Column::new("state"),
        Column::new("started"),
        Column::new("took"),
        Column::figures("done"),
        Column::new("message"),
        Column::wide("ended"),
        Column::wide("id"),
    ];
    made(list, columns, |run, now| {
        let Seen { number, job, kind, name, state, started, took, done, message, ended } = seen(run, now);
        vec![number, name, kind, state, started, took, done, message, ended, job]
    })
}

fn made(list: &RunList, columns: Vec<Column>, row: impl Fn(&Run, Timestamp) -> Vec<Cell>) -> Listing {
    let now = Timestamp::now();
    Listing {
        reply: json(&list),
        items: list.runs.iter().map(json).collect(),
        noun: "run",
        ids: list.runs.iter().map(|r| r.number.to_string()).collect(),
        columns,
        rows: list.runs.iter().map(|run| row(run, now)).collect(),
        empty: "no runs".into(),
    }
}

/// A run's cells that every listing has.
struct Seen {
    number: Cell,
    job: Cell,
    kind: Cell,
    name: Cell,
    state: Cell,
    started: Cell,
    took: Cell,
    done: Cell,
    message: Cell,
    ended: Cell,
}

fn seen(run: &Run, now: Timestamp) -> Seen {
    let Run {
        number,
        job,
        kind,
        name,
        target: _,
        target_kind,
        state,
        started,
        ended,
        message,
        error,
        hosts,
        bars,
        bars_sync,
        rows_copied: _,
        rows_applied: _,
        transactions: _,
    } = run;
    let took = took(started, ended.as_deref(), now);
    Seen {
        number: Cell::new(number.to_string()),
        job: Cell::new(job.clone().unwrap_or_default()),
        kind: sync::kind(kind, target_kind),
        name: Cell::new(name),
        state: Cell::new(state).tone(tone(state)),
        started: Cell::pair(human::ago(started, now), started),
        took: took.map_or_else(|| Cell::new(""), |s| Cell::decimal(human::seconds(s), s)),
        done: match (hosts, bars, bars_sync) {
            (Some(h), _, _) => Cell::pair(synced(h), h.inserted + h.updated),
            (_, Some(b), _) => Cell::pair(symbols(b), b.total - b.failed - b.no_data),
            (_, _, Some(s)) => Cell::pair(format!("{} series", human::count(s.carried - s.failed)), s.carried - s.failed),
            _ => Cell::new(""),
        },
        message: Cell::new(if error.is_empty() { message } else { error }),
        ended: Cell::new(ended.clone().unwrap_or_default()),
    }
}

/// Rows are not what other runs are about.
fn figure(rows: u64, counts: bool) -> Cell {
    if counts { Cell::count(rows) } else { Cell::new("") }
}

fn is_replication(run: &Run) -> bool {
    !matches!(run.kind.as_str(), "hosts" | "bars" | "bars_sync")
}

/// Symbols that have their result.
pub(in crate::cli) fn done(bars: &BarCounts) -> u64 {
    let BarCounts { total: _, updated, unchanged, no_data, sound, faulty, failed, bars: _, doubtful: _, gone: _ } = bars;
    updated + unchanged + no_data + sound + faulty + failed
}

fn symbols(bars: &BarCounts) -> String {
    let no_data = if bars.no_data == 0 { String::new() } else { format!(", {} without data", human::count(bars.no_data)) };
    format!("{} of {}{no_data}", human::count(done(bars) - bars.failed - bars.no_data), human::count(bars.total))
}

fn synced(hosts: &HostCounts) -> String {
    format!("{} of {}", human::count(hosts.inserted + hosts.updated), human::count(hosts.total))
}

pub(in crate::cli) fn tone(state: &str) -> Tone {
    match state {
        "" => Tone::Plain,
        "completed" => Tone::Good,
        "failed" | "interrupted" => Tone::Bad,
        _ => Tone::Busy,
    }
}

fn took(started: &str, ended: Option<&str>, now: Timestamp) -> Option<f64> {
    let end = match ended {
        Some(ended) => ended.parse().ok()?,
        None => now,
    };
    human::age_seconds(started, end)
}

pub(super) async fn show(session: &Session, args: Show) -> Result<Exit, Error> {
    if !args.items {
        session.out.refuse_csv("a run")?;
    }
    let number = args.number.to_string();
    let detail = session.client()?.run(args.number).await.map_err(|e| Error::from(e).about("run", &number))?;
    if args.items {
        let items: Vec<RunItem> =
            detail.items.into_iter().filter(|item| args.state.as_ref().is_none_or(|state| item.outcome == *state)).collect();
        session.out.list(&item_listing(&items, &detail.run))?;
        return Ok(Exit::Ok);
    }
    session.out.document(&Document { reply: json(&detail), name: format!("run/{number}"), text: text(&detail) })?;
    Ok(Exit::Ok)
}

fn item_columns() -> Vec<Column> {
    vec![
        Column::new("item"),
        Column::new("label"),
        Column::new("outcome"),
        Column::figures("count"),
        Column::new("error"),
        Column::new("note"),
    ]
}

fn item_row(item: &RunItem) -> Vec<Cell> {
    let RunItem { key, label, outcome, count, measures: _, error } = item;
    // What is said of one that did not fail is no error.
    let (error, note) = if outcome == "failed" { (error.as_str(), "") } else { ("", error.as_str()) };
    vec![Cell::new(key), Cell::new(label), Cell::new(outcome), Cell::count(*count), Cell::new(error), Cell::new(note)]
}

/// What became of the bars of each symbol.
fn bar_columns() -> Vec<Column> {
    let mut columns = item_columns();
    columns.splice(4..4, ["added", "changed", "re-based"].map(Column::figures));
    columns
}

fn bar_row(item: &RunItem) -> Vec<Cell> {
    let mut row = item_row(item);
    let figure = |name: &str| item.measures[name].as_u64().map_or_else(|| Cell::new(""), Cell::count);
    row.splice(4..4, ["added", "changed", "rebased_bars"].map(figure));
    row
}

fn item_listing(items: &[RunItem], run: &Run) -> Listing {
    type Row = fn(&RunItem) -> Vec<Cell>;
    let (columns, row): (Vec<Column>, Row) = match (&run.hosts, &run.bars) {
        (Some(_), _) => (tasks::items_columns(), tasks::items_row),
        (_, Some(_)) => (bar_columns(), bar_row),
        _ => (item_columns(), item_row),
    };
    Listing {
        reply: json(&items),
        items: items.iter().map(json).collect(),
        noun: "item",
        ids: items.iter().map(|i| i.key.clone()).collect(),
        columns,
        rows: items.iter().map(row).collect(),
        empty: "no items".into(),
    }
}

fn text(detail: &RunDetail) -> String {
    let RunDetail { run, then, items, events } = detail;
    let Run {
        number,
        job,
        kind,
        name,
        target,
        target_kind,
        state,
        started,
        ended,
        message,
        error,
        hosts,
        bars,
        bars_sync,
        rows_copied,
        rows_applied,
        transactions,
    } = run;
    let now = Timestamp::now();
    let rows = |n: u64| if is_replication(run) { human::count(n) } else { String::new() };
    let mut text = output::pairs(&[
        ("run", number.to_string()),
        ("job", job.clone().unwrap_or_default()),
        ("name", name.clone()),
        ("kind", kind.clone()),
        ("target", sync::placed(target_kind, target)),
        ("state", state.clone()),
        ("started", human::when(started, now)),
        ("ended", human::when(ended.as_deref().unwrap_or_default(), now)),
        ("took", took(started, ended.as_deref(), now).map(human::seconds).unwrap_or_default()),
        ("hosts", hosts.as_ref().map(synced).unwrap_or_default()),
        ("symbols", bars.as_ref().map(symbols).unwrap_or_default()),
        ("bars", bars.as_ref().map(|b| b.bars).or(bars_sync.as_ref().map(|s| s.bars)).map(human::count).unwrap_or_default()),
        ("rows copied", rows(*rows_copied)),
        ("rows applied", rows(*rows_applied)),
        ("transactions", rows(*transactions)),
        ("message", message.clone()),
        ("error", error.clone()),
    ]);
    if !then.is_empty() {
        let listing = task_listing(&RunList { runs: then.clone() });
        text.push_str(&format!("\n{}", output::aligned(&listing.columns, &listing.rows)));
    }
    if !items.is_empty() {
        let (columns, row): (_, fn(&RunItem) -> Vec<Cell>) =
            if hosts.is_some() { (tasks::items_columns(), tasks::items_row) } else { (item_columns(), item_row) };
        let rows: Vec<Vec<Cell>> = items.iter().map(row).collect();
        text.push_str(&format!("\n{}", output::aligned(&columns, &rows)));
    }
    if !events.is_empty() {
        let listing = jobs::events(events, serde_json::Value::Null);
        text.push_str(&format!("\n{}", output::aligned(&listing.columns, &listing.rows)));
    }
    text
}
