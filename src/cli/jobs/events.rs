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
        columns: vec![
            Column::new("time"),
            Column::new("run"),
            Column::new("side"),
            Column::new("event"),
            Column::wide("kind"),
            Column::wide("message"),
        ],
        rows: events.iter().map(|e| row(e, now)).collect(),
        empty: "no events yet".into(),
    }
}

fn row(event: &Event, now: Timestamp) -> Vec<Cell> {
    let Event { run, side, kind, time, message } = event;
    let side = match side.as_str() {
        "src" => "source",
        "dest" => "target",
        other => other,
    };
    let time = Cell::pair(human::ago(time, now), time);
    vec![time, Cell::new(run.to_string()), Cell::new(side), Cell::new(said(kind, message)), Cell::new(kind), Cell::new(message)]
}

/// An event in a sentence: its words are those that clients of dtle know.
fn said(kind: &str, message: &str) -> String {
    match (kind, message) {
        ("Received", _) => "a run was taken up".to_owned(),
        ("Task Setup", _) => "it was prepared".to_owned(),
        ("Started", _) => "it has started".to_owned(),
        ("Signaling", "") => "it was told something".to_owned(),
        ("Signaling", order) => format!("told to: {order}"),
        ("Restarting", "") => "it starts again".to_owned(),
        ("Restarting", why) => format!("it starts again: {why}"),
        ("Terminated", how) => format!("it has ended: {how}"),
        ("Killed", why) => format!("it was ended: {why}"),
        ("Driver Failure", why) => format!("failed: {why}"),
        ("Driver" | "Note", text) if !text.is_empty() => text.to_owned(),
        (kind, "") => kind.to_lowercase(),
        (kind, text) => format!("{}: {text}", kind.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_sentences() {
        for (kind, message, text) in [
            ("Received", "Task received by client", "a run was taken up"),
            ("Task Setup", "Building Task Directory", "it was prepared"),
            ("Signaling", "pause", "told to: pause"),
            ("Restarting", "", "it starts again"),
            ("Terminated", "finished", "it has ended: finished"),
            ("Driver Failure", "no (x)", "failed: no (x)"),
            ("Note", "created by ops", "created by ops"),
            ("Moon", "", "moon"),
            ("Moon", "full", "moon: full"),
        ] {
            assert_eq!(said(kind, message), text);
        }
    }
}
