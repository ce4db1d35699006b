//! `syncline jobs position`: where a job stands in its source's log, and where it is to go on.

use crate::cli::args::Mutation;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::output::{Document, json};
use crate::cli::session::Session;
use crate::wire::native::jobs::{JobPosition, PositionMoved, PositionSet};
use jiff::Timestamp;
use std::fmt::Write as _;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Where the job stands, and where its source does
    Show(Show),
    /// Let a paused job go on from another position
    Set(Set),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline jobs position show orders-sync
  syncline jobs position show orders-sync -o json | jq -r .position")]
pub struct Show {
    /// Id, number or name
    #[arg(value_name = "ID")]
    id: String,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Of a paused job; it holds when the job is resumed. What lies before a later position will be missing at the destination;
what lies behind an earlier one is applied again, and rows of tables with a key converge. The question names both.

Examples:
  syncline jobs pause orders-sync --wait
  syncline jobs position set orders-sync --gtid 0-1-4711 --dry-run
  syncline jobs position set orders-sync --file bin.000042 --pos 7719
  syncline jobs resume orders-sync"
)]
pub struct Set {
    /// Id, number or name
    #[arg(value_name = "ID")]
    id: String,
    /// Executed GTIDs behind which it goes on
    #[arg(long, value_name = "SET", conflicts_with_all = ["file", "pos"], required_unless_present = "file")]
    gtid: Option<String>,
    /// A file of the source's log
    #[arg(long, value_name = "FILE", requires = "pos")]
    file: Option<String>,
    /// The place in that file
    #[arg(long, value_name = "N", requires = "file")]
    pos: Option<u64>,
    #[command(flatten)]
    mutation: Mutation,
}

pub(super) async fn run(session: &Session, command: Command) -> Result<Exit, Error> {
    match command {
        Command::Show(Show { id }) => {
            session.out.refuse_csv("a position")?;
            let found = session.client()?.job_position(&id).await.map_err(|e| Error::from(e).about("job", &id))?;
            session.out.document(&Document { reply: json(&found), name: format!("job/{}", found.id), text: shown(&found) })?;
            Ok(Exit::Ok)
        }
        Command::Set(args) => set(session, args).await,
    }
}

fn shown(at: &JobPosition) -> String {
    let mut text = String::new();
    let asked = at.source_position_at.as_deref().filter(|_| !at.source_position.is_empty());
    let source = at.source_position.clone() + &asked.map_or(String::new(), |when| format!(" ({})", human::ago(when, Timestamp::now())));
    let lines = [
        ("position", at.position.clone()),
        ("file", if at.file.is_empty() { String::new() } else { format!("{}:{}", at.file, at.file_position) }),
        ("source", source),
        ("behind", at.lag_seconds.map(human::seconds).unwrap_or_default()),
        ("goes on from", at.ordered.clone().unwrap_or_default()),
    ];
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(text, "{name:<14}{value}");
    }
    if text.is_empty() { "the job has not begun to read its source's log\n".to_owned() } else { text }
}

async fn set(session: &Session, args: Set) -> Result<Exit, Error> {
    let Set { id, gtid, file, pos, mutation } = args;
    session.out.refuse_csv("a position")?;
    let client = session.client()?;
    let about = |e: crate::client::Error| Error::from(e).about("job", &id);
    let mut to = PositionSet { gtid, file, file_position: pos, dry_run: true };
    let means = client.set_job_position(&id, &to).await.map_err(about)?;
    for warning in &means.warnings {
        session.out.note(&format!("warning: {warning}"));
    }
    if mutation.dry_run {
        session.out.note(&format!("would let {} go on from {}", means.from.id, means.to));
        return print(session, &means);
    }
    session.confirm(&format!("{} goes on from {} and not from {}. Go on?", means.from.id, means.to, means.from.position), mutation.yes)?;
    to.dry_run = false;
    print(session, &client.set_job_position(&id, &to).await.map_err(about)?)
}

fn print(session: &Session, moved: &PositionMoved) -> Result<Exit, Error> {
    let mut text = shown(&moved.from);
    for (name, value) in [("to", &moved.to), ("skips", &moved.skipped), ("repeats", &moved.repeated)] {
        if !value.is_empty() {
            let _ = writeln!(text, "{name:<14}{value}");
        }
    }
    session.out.document(&Document { reply: json(moved), name: format!("job/{}", moved.from.id), text })?;
    Ok(Exit::Ok)
}
