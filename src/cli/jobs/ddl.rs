//! `syncline jobs ddl`: statements of the source's log that a job does not run by itself, and what becomes of them.

use super::rows;
use super::wait::{self, Condition};
use crate::cli::args::Mutation;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::output::{Cell, Column, Format, Listing, json};
use crate::cli::session::Session;
use crate::wire::native::jobs::{DdlAction, DdlDecision, DdlList, DecidedDdl, WaitingDdl};
use std::io::Read as _;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// The statement that a job waits with, and what was decided about others
    #[command(visible_alias = "ls")]
    List(List),
    /// Leave it out, with its transaction
    Skip(Decide),
    /// Run another statement in its place
    Replace(Replace),
    /// Try it again, after a change at the target
    Retry(Decide),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline jobs ddl list orders-sync
  syncline jobs ddl list orders-sync -o wide                # statements in full, and the log's beside those in their place
  syncline jobs ddl list orders-sync -o json | jq -r .waiting.statement")]
pub struct List {
    /// Id, number or name
    #[arg(value_name = "ID")]
    id: String,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "The job goes on from the statement. What it did at the source is to be at the target by hand, or is not wanted there.

Examples:
  syncline jobs ddl skip orders-sync
  syncline jobs ddl retry orders-sync --wait=caught-up"
)]
pub struct Decide {
    /// Id, number or name
    #[arg(value_name = "ID")]
    id: String,
    /// Wait until the job is there: running (the default), incremental, caught-up, ...
    #[arg(long, value_name = "STATE", num_args = 0..=1, require_equals = true, default_missing_value = "running", conflicts_with = "dry_run")]
    wait: Option<Condition>,
    #[command(flatten)]
    mutation: Mutation,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "One statement that changes tables or schemas, in the target's names. It runs once, as it stands, with the default schema
of the statement that it stands for; a crash between does not repeat it.

Examples:
  syncline jobs ddl replace orders-sync --statement alter.sql
  echo 'ALTER TABLE shop.orders ADD note TEXT' | syncline jobs ddl replace orders-sync --statement -"
)]
pub struct Replace {
    #[command(flatten)]
    decide: Decide,
    /// File with the statement; - is stdin
    #[arg(long, value_name = "FILE")]
    statement: PathBuf,
}

pub(super) async fn run(session: &Session, command: Command) -> Result<Exit, Error> {
    match command {
        Command::List(List { id }) => list(session, &id).await,
        Command::Skip(args) => decide(session, args, DdlAction::Skip, None).await,
        Command::Retry(args) => decide(session, args, DdlAction::Retry, None).await,
        Command::Replace(Replace { decide: args, statement }) => {
            let statement = read(&statement)?;
            decide(session, args, DdlAction::Replace, Some(statement)).await
        }
    }
}

fn read(path: &Path) -> Result<String, Error> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(path).map(|read| text = read)
    };
    read.map_err(|e| Error::usage(format!("cannot read {}: {e}", path.display())))?;
    let statement = text.trim().trim_end_matches(';').trim_end();
    if statement.is_empty() { Err(Error::usage(format!("{} is empty", path.display()))) } else { Ok(statement.to_owned()) }
}

async fn list(session: &Session, id: &str) -> Result<Exit, Error> {
    let found = session.client()?.job_ddl(id).await.map_err(|e| Error::from(e).about("job", id))?;
    if let Some(waiting) = &found.waiting {
        session.out.note(&format!("{} [{}]", waiting.message, waiting.code));
        if !waiting.hint.is_empty() {
            session.out.note(&format!("hint: {}", waiting.hint));
        }
    }
    session.out.list(&listing(&found, session.out.format == Format::Wide))?;
    if let Some(waiting) = &found.waiting {
        session.out.note(&ways_on(id, waiting.in_transaction));
    }
    Ok(Exit::Ok)
}

/// `inside`: nothing can stand in the place of a part of a transaction.
fn ways_on(id: &str, inside: bool) -> String {
    let replace = format!("`syncline jobs ddl replace {id} --statement FILE` (another in its place, - is stdin), ");
    let replace = if inside { "" } else { &replace };
    format!(
        "go on with {replace}`syncline jobs ddl skip {id}` (not at the target) or, after a change there, `syncline jobs ddl retry {id}`"
    )
}

/// `wide`: statements in full, and the log's beside those in their place.
fn listing(found: &DdlList, wide: bool) -> Listing {
    // What was tried in place of the one that waits is told with it.
    let tried = |transaction: &String| found.decided.iter().find(|d| d.decision == "failed" && d.transaction == *transaction);
    let waiting = found.waiting.iter().map(|w| match tried(&w.transaction) {
        Some(failed) => (&w.transaction, "waits, replacement failed", failed.statement.as_ref(), Some(&w.statement)),
        None => (&w.transaction, "waits", None, Some(&w.statement)),
    });
    let waits = |d: &&DecidedDdl| found.waiting.as_ref().is_some_and(|w| d.decision == "failed" && d.transaction == w.transaction);
    let decided = found.decided.iter().filter(|d| !waits(d));
    let decided = decided.map(|d| (&d.transaction, d.decision.as_str(), d.statement.as_ref(), d.original.as_ref()));
    let all: Vec<_> = decided.chain(waiting).collect();
    let text = |statement: &String| {
        let line = statement.split_whitespace().collect::<Vec<_>>().join(" ");
        if wide { line } else { human::short(&line, 100) }
    };
    let row = |(transaction, decision, instead, original): &(&String, &str, Option<&String>, Option<&String>)| {
        // Of a transaction that was named before the job met it only its name is known.
        let original = original.map_or_else(|| "(the whole transaction)".to_owned(), text);
        let instead = instead.map(text);
        let mut cells = vec![Cell::new(*transaction), Cell::new(*decision)];
        if wide {
            cells.extend([Cell::new(original), Cell::new(instead.unwrap_or_default())]);
        } else {
            cells.push(Cell::new(instead.unwrap_or(original)));
        }
        cells
    };
    let mut columns = vec![Column::new("transaction"), Column::new("decision"), Column::new("statement")];
    columns.extend(wide.then(|| Column::new("in its place")));
    Listing {
        reply: json(found),
        items: found.waiting.iter().map(json).chain(found.decided.iter().map(json)).collect(),
        noun: "transaction",
        ids: all.iter().map(|(transaction, ..)| (*transaction).clone()).collect(),
        columns,
        rows: all.iter().map(row).collect(),
        empty: "the job waits with no statement, and nothing was decided about one".into(),
    }
}

/// Names the transaction that was looked at, so that the decision is about that one and no later one.
async fn decide(session: &Session, args: Decide, action: DdlAction, statement: Option<String>) -> Result<Exit, Error> {
    let Decide { id, wait, mutation } = args;
    let client = session.client()?;
    let about = |e: crate::client::Error| Error::from(e).about("job", &id);
    let waiting = client.job_ddl(&id).await.map_err(about)?.waiting;
    if let Some(WaitingDdl { transaction, statement: there, .. }) = &waiting {
        let word = match action {
            DdlAction::Skip => "leave out",
            DdlAction::Replace => "replace",
            DdlAction::Retry => "try again",
        };
        let what = format!("{} (transaction {transaction})", human::short(there, 200));
        if mutation.dry_run {
            session.out.note(&format!("would {word}: {what}"));
            return show(session, &client.job(&id).await.map_err(about)?);
        }
        if action == DdlAction::Skip {
            session.confirm(&format!("Not run at the target: {what}. Go on?"), mutation.yes)?;
        }
    }
    let decision = DdlDecision { action, transaction: waiting.map(|w| w.transaction), statement };
    let mut job = client.decide_ddl(&id, &decision).await.map_err(about)?;
    if let Some(condition) = wait {
        job = wait::until(session, &job.id, &condition).await?;
    }
    show(session, &job)
}

fn show(session: &Session, job: &crate::wire::native::jobs::Job) -> Result<Exit, Error> {
    session.out.list(&rows::listing(std::slice::from_ref(job), json(job), session.out.format == Format::Wide))?;
    Ok(Exit::Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_waits_after_a_failed_try_is_one_row() {
        let original = "ALTER TABLE t ADD u UUID".to_owned();
        let failed = DecidedDdl {
            transaction: "0-1-7".into(),
            decision: "failed".into(),
            statement: Some("ALTER TABLE t ADD u CHAR(36)".into()),
            original: Some(original.clone()),
            error: "refused".into(),
        };
        let waiting = WaitingDdl {
            transaction: "0-1-7".into(),
            statement: original,
            default_schema: String::new(),
            code: "type_not_portable".into(),
            message: String::new(),
            hint: String::new(),
            in_transaction: false,
            since: String::new(),
        };
        let shown = |waiting: Option<WaitingDdl>| {
            let Listing { columns, rows, ids, .. } = listing(&DdlList { waiting, decided: vec![failed.clone()] }, true);
            (ids, anstream::adapter::strip_str(&crate::cli::output::aligned(&columns, &rows)).to_string())
        };
        let (ids, table) = shown(Some(waiting));
        assert_eq!((ids.len(), table.lines().count()), (1, 2), "{table}");
        assert!(table.contains("waits, replacement failed") && table.contains("CHAR(36)"), "{table}");
        assert!(shown(None).1.contains("failed"), "of one that the job is past it is told alone");
    }

    #[test]
    fn what_was_decided_about_is_told_with_the_statement_of_the_log() {
        let decided = |decision: &str, statement: Option<&str>, original: Option<&str>| DecidedDdl {
            transaction: "0-1-7".into(),
            decision: decision.into(),
            statement: statement.map(str::to_owned),
            original: original.map(str::to_owned),
            error: String::new(),
        };
        let long = format!("ALTER TABLE t\n  ADD c INT COMMENT '{}'", "x".repeat(200));
        let decided = vec![
            decided("skip", None, Some(&long)),
            decided("skip", None, None),
            decided("replace", Some("CREATE INDEX b ON t (b)"), Some("CREATE INDEX a ON t (a)")),
        ];
        let found = DdlList { waiting: None, decided };
        let shown = |wide| {
            let Listing { columns, rows, .. } = listing(&found, wide);
            crate::cli::output::aligned(&columns, &rows)
        };
        let narrow = anstream::adapter::strip_str(&shown(false)).to_string();
        assert!(narrow.contains("ALTER TABLE t ADD c INT") && !narrow.contains(&"x".repeat(200)), "{narrow}");
        assert!(narrow.contains("(the whole transaction)") && narrow.contains("INDEX b") && !narrow.contains("INDEX a"), "{narrow}");
        let wide = anstream::adapter::strip_str(&shown(true)).to_string();
        assert!(wide.contains(&"x".repeat(200)) && wide.contains("INDEX b") && wide.contains("INDEX a"), "{wide}");
    }
}
