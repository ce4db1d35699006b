//! `syncline jobs events`.

use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::output::{Cell, Column, Listing, json};
use crate::cli::session::Session;
use crate::wire::native::jobs::Event;
use jiff::Timestamp;
use serde_json::Value;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline jobs events orders-sync
  syncline jobs events orders-sync -o ndjson")]
pub struct Args {
    /// Id, number or name
    #[arg(value_name = "ID")]
    id: String,
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    let list = session.client()?.job_events(&args.id).await.map_err(|e| Error::from(e).about("job", &args.id))?;
    session.out.list(&listing(&list.events, json(&list)))?;
    Ok(Exit::Ok)
}

/// Events as a table; `logs show` shows the same.
pub(in crate::cli) fn listing(events: &[Event], reply: Value) -> Listing {
    let now = Timestamp::now();
    Listing {
        reply,
        items: events.iter().map(json).collect(),
        noun: "event",
        ids: events.iter().map(|e| e.time.clone()).collect(),
        columns: vec![Column::new("time"), Column::new("run"), Column::new("side"), Column::new("kind"), Column::new("message")],
        rows: events.iter().map(|e| row(e, now)).collect(),
        empty: "no events yet".into(),
    }
}

fn row(event: &Event, now: Timestamp) -> Vec<Cell> {
    let Event { run, side, kind, time, message } = event;
    vec![Cell::pair(human::ago(time, now), time), Cell::new(run.to_string()), Cell::new(side), Cell::new(kind), Cell::new(message)]
}
