//! `syncline jobs`: create, change, look at and steer migration and sync jobs.

mod bars;
mod conflicts;
mod create;
mod ddl;
mod delete;
mod events;
mod file;
mod flags;
mod handover;
mod lines;
mod list;
mod position;
mod rows;
mod show;
mod stdout;
mod steer;
mod tables;
mod tap;
mod throttle;
mod update;
mod validate;
mod verify;
mod wait;
mod watch;

pub(super) use events::listing as events;
pub(super) use file::typed as typed_file;
pub(super) use steer::outcome;
pub(super) use validate::findings;

use super::error::Error;
use super::exit::Exit;
use super::session::Session;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Create a job from a file or from flags
    Create(create::Args),
    /// Check a job against both servers, and create nothing
    Validate(validate::Args),
    /// Change what a job is to do, by a file or by flags
    Update(update::Update),
    /// Create the job of a file, or update it to what the file says
    Apply(update::Apply),
    /// All jobs: state, lag, speed, last error
    #[command(visible_alias = "ls")]
    List(list::Args),
    /// One job: is it moving, how far behind, what went wrong
    Show(show::Args),
    /// Follow jobs live until they end
    Watch(watch::Args),
    /// Look at a running job's changes as they pass
    Tap(tap::Args),
    /// Wait until a job is where it should be
    Wait(wait::Args),
    /// Stop a job and keep its position
    Pause(steer::Pause),
    /// Continue a paused job
    Resume(steer::Resume),
    /// End a job once it has applied what the source has now
    Finish(steer::Finish),
    /// What a finished job left to do, and where both ends stood
    Handover(handover::Args),
    /// Start a failed job again, from its position
    Retry(steer::Retry),
    /// Limit what a job moves per second, and hold it back for busy servers, while it runs
    Throttle(throttle::Args),
    /// A job's tables: list, copy again, take in, take out
    #[command(subcommand)]
    Tables(tables::Command),
    /// Where a job stands in its source's log, and where it goes on
    #[command(subcommand)]
    Position(position::Command),
    /// Changes that did not fit the target, and what became of them
    Conflicts(conflicts::Args),
    /// Statements that a job does not run by itself: leave out, replace, try again
    #[command(subcommand)]
    Ddl(ddl::Command),
    /// Leave a transaction of the source's log out
    Skip(update::Skip),
    /// Compare source and target row by row
    Verify(verify::Args),
    /// Forget jobs; data at the target stays
    #[command(visible_alias = "rm")]
    Delete(delete::Args),
    /// What happened to a job
    Events(events::Args),
    /// Log lines of a job (the same as `syncline logs job/ID`)
    Logs(super::logs::JobArgs),
}

pub(super) async fn run(session: &Session, command: Command) -> Result<Exit, Error> {
    match command {
        Command::Create(args) => Box::pin(create::run(session, args)).await,
        Command::Validate(args) => Box::pin(validate::run(session, args)).await,
        Command::Update(args) => Box::pin(update::update(session, args)).await,
        Command::Apply(args) => Box::pin(update::apply(session, args)).await,
        Command::List(args) => list::run(session, args).await,
        Command::Show(args) => show::run(session, args).await,
        Command::Watch(args) => watch::run(session, args).await,
        Command::Tap(args) => Box::pin(tap::run(session, args)).await,
        Command::Wait(args) => wait::run(session, args).await,
        Command::Pause(args) => steer::pause(session, args).await,
        Command::Resume(args) => steer::resume(session, args).await,
        Command::Finish(args) => steer::finish(session, args).await,
        Command::Handover(args) => handover::run(session, args).await,
        Command::Retry(args) => steer::retry(session, args).await,
        Command::Throttle(args) => throttle::run(session, args).await,
        Command::Tables(command) => Box::pin(tables::run(session, command)).await,
        Command::Position(command) => position::run(session, command).await,
        Command::Conflicts(args) => conflicts::run(session, args).await,
        Command::Ddl(command) => Box::pin(ddl::run(session, command)).await,
        Command::Skip(args) => Box::pin(update::skip(session, args)).await,
        Command::Verify(args) => verify::run(session, args).await,
        Command::Delete(args) => delete::run(session, args).await,
        Command::Events(args) => events::run(session, args).await,
        Command::Logs(args) => super::logs::job(session, args).await,
    }
}
