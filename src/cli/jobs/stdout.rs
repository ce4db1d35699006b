//! `syncline jobs create --sink stdout`: the job's messages on stdout, and nothing else there.
//!
//! The job is this command's: when it ends, by itself, by a signal or because nobody reads its output, the connection
//! closes and the daemon removes the job.

use super::{create, rows};
use crate::cli::error::Error;
use crate::cli::exit::{DAEMON_UNREACHABLE, Exit};
use crate::cli::output::{self, Format, warn};
use crate::cli::session::Session;
use crate::client;
use crate::wire::native::jobs::{Failure, Job, JobCreate, JobState};
use crate::wire::native::stream::Piece;
use std::time::Duration;
use tokio::time::Instant;

/// How often it is looked whether somebody still reads.
const LOOK: Duration = Duration::from_millis(500);

/// When it is enough.
pub(super) struct Until {
    pub(super) limit: Option<u64>,
    pub(super) lasts: Option<Duration>,
}

pub(super) async fn run(session: &Session, job: &JobCreate, until: Until) -> Result<Exit, Error> {
    if !matches!(session.out.format, Format::Table | Format::Ndjson) {
        return Err(Error::usage("messages on stdout are lines of JSON").hint("leave -o out"));
    }
    let Until { limit, lasts } = until;
    let mut left = limit.unwrap_or(u64::MAX);
    let mut pieces = session.patient_client()?.stream_job(job).await.map_err(|e| create::explain(e, job))?;
    let end = lasts.map(|lasts| Instant::now() + lasts);
    let mut look = tokio::time::interval(LOOK);
    let mut lines = String::new();
    while left > 0 {
        // All that has come goes out together.
        if !pieces.has_more() {
            output::print(&std::mem::take(&mut lines))?;
        }
        let piece = tokio::select! {
            piece = pieces.next() => piece.map_err(lost)?,
            () = at(end) => break,
            _ = look.tick() => {
                if output::unread() {
                    return Ok(Exit::Ok);
                }
                continue;
            }
        };
        match piece {
            Some(Piece::Message(line)) => {
                lines.push_str(line.get());
                lines.push('\n');
                left -= 1;
            }
            Some(Piece::Job(job)) => tell(session, &job),
            Some(Piece::Event(_) | Piece::Missed(_)) => {}
            Some(Piece::End(failure)) => {
                output::print(&lines)?;
                return Err(over(failure));
            }
            None => {
                output::print(&lines)?;
                return Err(lost_by("the connection ended without a word"));
            }
        }
    }
    output::print(&lines)?;
    Ok(Exit::Ok)
}

async fn at(end: Option<Instant>) {
    match end {
        Some(end) => tokio::time::sleep_until(end).await,
        None => std::future::pending().await,
    }
}

/// Where the job stands, on stderr.
fn tell(session: &Session, job: &Job) {
    if session.out.quiet {
        return;
    }
    match job.state {
        JobState::Pending => warn(&format!("job {}: it ends with this command", job.id)),
        JobState::Waiting => warn(&format!("job {}: waits: {}", job.id, job.reason)),
        _ => warn(&format!("job {}: {}", job.id, rows::state_word(job.state))),
    }
}

/// The job's own end.
pub(super) fn over(failure: Failure) -> Error {
    let Failure { code, message, hint } = failure;
    let exit = if code == "shutting_down" { Exit::Unreachable } else { Exit::Failed };
    Error::new(exit, &code, format!("the job is over: {message}")).hint(hint)
}

fn lost(error: client::Error) -> Error {
    match error {
        client::Error::Unreachable { reason, .. } => lost_by(&reason),
        other => other.into(),
    }
}

fn lost_by(reason: &str) -> Error {
    Error::new(Exit::Unreachable, DAEMON_UNREACHABLE, format!("the daemon was lost, and the job has ended with the connection: {reason}"))
        .hint("what was printed is whole; begin it again when the daemon is back")
}
