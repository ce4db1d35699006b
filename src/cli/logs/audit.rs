//! `syncline logs audit`: who changed what.

use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::output::{Cell, Column, Listing, json};
use crate::cli::session::Session;
use crate::wire::native::logs::AuditLine;
use jiff::Timestamp;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline logs audit --since 1d
  syncline logs audit --object host/10.1.1.1
  syncline logs audit --who ci -o csv")]
pub(super) struct Args {
    /// Only changes of this object: a job's or task's id, run/N, host/ADDRESS
    #[arg(long, value_name = "OBJECT")]
    object: Option<String>,
    /// Only changes by the token of this name
    #[arg(long, value_name = "NAME")]
    who: Option<String>,
    /// Only changes after this time: 1h (ago), RFC 3339 or @epoch
    #[arg(long, value_name = "TIME", value_parser = |text: &str| human::parse_time(text, Timestamp::now()))]
    since: Option<Timestamp>,
    /// Most lines
    #[arg(short = 'n', long, value_name = "N", default_value_t = 50)]
    limit: u64,
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    let Args { object, who, since, limit } = args;
    let list = session.client()?.audit(object.as_deref(), who.as_deref(), since.map(|t| t.to_string()), limit).await?;
    let now = Timestamp::now();
    session.out.list(&Listing {
        reply: json(&list),
        items: list.lines.iter().map(json).collect(),
        noun: "change",
        ids: list.lines.iter().map(|line| line.object.clone()).collect(),
        columns: ["time", "who", "action", "object", "detail"].map(Column::new).into_iter().chain([Column::wide("request")]).collect(),
        rows: list.lines.iter().map(|line| row(line, now)).collect(),
        empty: "no changes".into(),
    })?;
    Ok(Exit::Ok)
}

fn row(line: &AuditLine, now: Timestamp) -> Vec<Cell> {
    let AuditLine { time, who, action, object, request_id, detail } = line;
    vec![
        Cell::pair(human::ago(time, now), time),
        Cell::new(who),
        Cell::new(action),
        Cell::new(object),
        Cell::new(detail),
        Cell::new(request_id),
    ]
}
