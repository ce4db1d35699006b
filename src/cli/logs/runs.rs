//! Runs: the attempts that a daemon made at its jobs.

use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::jobs;
use crate::cli::output::{self, Cell, Column, Document, Listing, Tone, json};
use crate::cli::session::Session;
use crate::client::RunQuery;
use crate::wire::native::runs::{Run, RunDetail, RunItem};
use jiff::Timestamp;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline logs runs --job orders-sync
  syncline logs runs --state failed --since 1d -o csv")]
pub(super) struct List {
    /// Only runs of this job
    #[arg(long, value_name = "ID")]
    job: Option<String>,
    /// Only runs of this kind: migration or sync
    #[arg(long)]
    kind: Option<String>,
    /// Only runs in this state, e.g. failed
    #[arg(long)]
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
    /// Only its items, e.g. tables, as one table
    #[arg(long)]
    items: bool,
    /// Only items with this outcome, e.g. failed
    #[arg(long, requires = "items")]
    state: Option<String>,
}

pub(super) async fn list(session: &Session, args: List) -> Result<Exit, Error> {
    let List { job, kind, state, since, limit } = args;
    let query = RunQuery { job, kind, state, since: since.map(|t| t.to_string()), limit: Some(limit) };
    let list = session.client()?.runs(&query).await?;
    let now = Timestamp::now();
    session.out.list(&Listing {
        reply: json(&list),
        items: list.runs.iter().map(json).collect(),
        noun: "run",
        ids: list.runs.iter().map(|r| r.number.to_string()).collect(),
        columns: vec![
            Column::new("run"),
            Column::new("job"),
            Column::new("kind"),
            Column::new("state"),
            Column::new("started"),
            Column::new("took"),
            Column::figures("copied"),
            Column::figures("applied"),
            Column::new("message"),
            Column::wide("transactions"),
            Column::wide("ended"),
            Column::wide("name"),
        ],
        rows: list.runs.iter().map(|run| row(run, now)).collect(),
        empty: "no runs".into(),
    })?;
    Ok(Exit::Ok)
}

fn row(run: &Run, now: Timestamp) -> Vec<Cell> {
    let Run { number, job, kind, name, state, started, ended, message, error, rows_copied, rows_applied, transactions } = run;
    let took = took(started, ended.as_deref(), now);
    vec![
        Cell::new(number.to_string()),
        Cell::new(job.clone().unwrap_or_default()),
        Cell::new(kind),
        Cell::new(state).tone(tone(state)),
        Cell::pair(human::ago(started, now), started),
        took.map_or_else(|| Cell::new(""), |s| Cell::decimal(human::seconds(s), s)),
        Cell::count(*rows_copied),
        Cell::count(*rows_applied),
        Cell::new(if error.is_empty() { message } else { error }),
        Cell::count(*transactions),
        Cell::new(ended.clone().unwrap_or_default()),
        Cell::new(name),
    ]
}

fn tone(state: &str) -> Tone {
    match state {
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
        session.out.list(&item_listing(&items))?;
        return Ok(Exit::Ok);
    }
    session.out.document(&Document { reply: json(&detail), name: format!("run/{number}"), text: text(&detail) })?;
    Ok(Exit::Ok)
}

fn item_columns() -> Vec<Column> {
    vec![Column::new("item"), Column::new("label"), Column::new("outcome"), Column::figures("count"), Column::new("error")]
}

fn item_row(item: &RunItem) -> Vec<Cell> {
    let RunItem { key, label, outcome, count, error } = item;
    vec![Cell::new(key), Cell::new(label), Cell::new(outcome), Cell::count(*count), Cell::new(error)]
}

fn item_listing(items: &[RunItem]) -> Listing {
    Listing {
        reply: json(&items),
        items: items.iter().map(json).collect(),
        noun: "item",
        ids: items.iter().map(|i| i.key.clone()).collect(),
        columns: item_columns(),
        rows: items.iter().map(item_row).collect(),
        empty: "no items".into(),
    }
}

fn text(detail: &RunDetail) -> String {
    let RunDetail { run, items, events } = detail;
    let Run { number, job, kind, name, state, started, ended, message, error, rows_copied, rows_applied, transactions } = run;
    let now = Timestamp::now();
    let mut text = output::pairs(&[
        ("run", number.to_string()),
        ("job", job.clone().unwrap_or_default()),
        ("name", name.clone()),
        ("kind", kind.clone()),
        ("state", state.clone()),
        ("started", started.clone()),
        ("ended", ended.clone().unwrap_or_default()),
        ("took", took(started, ended.as_deref(), now).map(human::seconds).unwrap_or_default()),
        ("rows copied", human::count(*rows_copied)),
        ("rows applied", human::count(*rows_applied)),
        ("transactions", human::count(*transactions)),
        ("message", message.clone()),
        ("error", error.clone()),
    ]);
    if !items.is_empty() {
        let rows: Vec<Vec<Cell>> = items.iter().map(item_row).collect();
        text.push_str(&format!("\n{}", output::aligned(&item_columns(), &rows)));
    }
    if !events.is_empty() {
        let listing = jobs::events(events, serde_json::Value::Null);
        text.push_str(&format!("\n{}", output::aligned(&listing.columns, &listing.rows)));
    }
    text
}
