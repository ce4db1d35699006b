//! `syncline jobs conflicts`: changes that did not fit the target, and what became of them.

use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::output::{Cell, Column, Listing, json};
use crate::cli::session::Session;
use crate::wire::native::jobs::{Conflict, ConflictList};
use jiff::Timestamp;

#[derive(Debug, clap::Args)]
#[command(after_help = "The newest hundred, newest first; `jobs show` counts them all. Of a row its key is kept and no other value: look a
transaction up at the source (mysqlbinlog -v). A row that was removed had a value of an overwriting row that can be there
once; what it held is at the source of a job of the other direction, if anywhere.

Examples:
  syncline jobs conflicts orders-sync
  syncline jobs conflicts orders-sync -o ndjson | jq -r .transaction")]
pub struct Args {
    /// Id, number or name
    #[arg(value_name = "ID")]
    id: String,
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    let list = session.client()?.job_conflicts(&args.id).await.map_err(|e| Error::from(e).about("job", &args.id))?;
    if list.total > list.conflicts.len() as u64 {
        session.out.note(&format!("{} in all", human::counted(list.total, "row")));
    }
    session.out.list(&listing(&list))?;
    Ok(Exit::Ok)
}

fn listing(list: &ConflictList) -> Listing {
    let now = Timestamp::now();
    let names = ["time", "table", "key", "change", "differs", "decision", "transaction"];
    Listing {
        reply: json(list),
        items: list.conflicts.iter().map(json).collect(),
        noun: "conflict",
        ids: list.conflicts.iter().map(|c| c.transaction.clone()).collect(),
        columns: names.map(Column::new).into(),
        rows: list.conflicts.iter().map(|c| row(c, now)).collect(),
        empty: "no conflicts".into(),
    }
}

fn row(conflict: &Conflict, now: Timestamp) -> Vec<Cell> {
    let Conflict { time, schema, table, key, values, transaction, change, decision, differs } = conflict;
    let value = |at: usize| values.get(at).map(|value| format!("={}", value.as_deref().unwrap_or("NULL"))).unwrap_or_default();
    let key: Vec<_> = key.iter().enumerate().map(|(at, name)| format!("{name}{}", value(at))).collect();
    vec![
        Cell::pair(human::ago(time, now), time),
        Cell::new(format!("{schema}.{table}")),
        Cell::new(key.join(" ")),
        Cell::new(change),
        Cell::new(differs.join(" ")),
        Cell::new(decision),
        Cell::new(transaction),
    ]
}
