//! `syncline logs prune`: forgets runs that ended long ago.

use crate::cli::args::Mutation;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::output::{Document, json};
use crate::cli::session::Session;
use jiff::Timestamp;

#[derive(Debug, clap::Args)]
#[command(after_help = "By itself the daemon keeps what [history] says. The totals of jobs and tasks stay, and so does the audit log.

Examples:
  syncline logs prune --older-than 30d --dry-run
  syncline logs prune --older-than 30d --yes")]
pub(super) struct Args {
    /// Runs that ended before this time: 30d (ago), RFC 3339 or @epoch
    #[arg(long, value_name = "TIME", value_parser = |text: &str| human::parse_time(text, Timestamp::now()))]
    older_than: Timestamp,
    #[command(flatten)]
    mutation: Mutation,
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    session.out.refuse_csv("a count")?;
    let Args { older_than, mutation } = args;
    let (client, before) = (session.client()?, older_than.to_string());
    let there = client.prune_runs(&before, true).await?;
    let runs = human::counted(there.runs, "run");
    if mutation.dry_run {
        let text = format!("would delete {runs}\n");
        session.out.document(&Document { reply: json(&there), name: there.runs.to_string(), text })?;
        return Ok(Exit::Ok);
    }
    if there.runs > 0 {
        session.confirm(&format!("{runs} that ended before {before} will be deleted with all that they say. Go on?"), mutation.yes)?;
    }
    let gone = client.prune_runs(&before, false).await?;
    let text = format!("{} deleted\n", human::counted(gone.runs, "run"));
    session.out.document(&Document { reply: json(&gone), name: gone.runs.to_string(), text })?;
    Ok(Exit::Ok)
}
