//! `syncline logs`: the daemon's log lines, and the runs that it made.

mod audit;
mod prune;
mod runs;
mod tail;

pub(super) use runs::{done, task_listing as task_runs_listing, tone};

use super::error::Error;
use super::exit::Exit;
use super::session::Session;

#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_precedence_over_arg = true,
    after_help = "Targets: server (the default), node/N, job/ID, task/NAME, run/N

Examples:
  syncline logs -f
  syncline logs job/orders-sync --since 1h --level warn
  syncline logs runs --job orders-sync
  syncline logs show 7"
)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Whose lines
    #[arg(value_name = "TARGET")]
    target: Option<String>,
    #[command(flatten)]
    filter: tail::Filter,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// What ran: attempts at jobs, newest first
    Runs(runs::List),
    /// One run: its figures, items and events
    Show(runs::Show),
    /// Who changed what, newest first
    Audit(audit::Args),
    /// Delete runs that ended long ago
    Prune(prune::Args),
}

/// The arguments of `jobs logs`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline jobs logs orders-sync -f
  syncline jobs logs orders-sync --since 1h --grep timeout")]
pub struct JobArgs {
    /// Id, number or name
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    filter: tail::Filter,
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    match args.command {
        Some(Command::Runs(list)) => runs::list(session, list).await,
        Some(Command::Show(show)) => runs::show(session, show).await,
        Some(Command::Audit(args)) => audit::run(session, args).await,
        Some(Command::Prune(args)) => prune::run(session, args).await,
        None => tail::run(session, args.target, args.filter).await,
    }
}

pub(super) async fn job(session: &Session, args: JobArgs) -> Result<Exit, Error> {
    // The log knows jobs by id; a number or a name is looked up first.
    let job = session.client()?.job(&args.id).await.map_err(|e| Error::from(e).about("job", &args.id))?;
    tail::run(session, Some(format!("job/{}", job.id)), args.filter).await
}
