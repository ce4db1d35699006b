//! `syncline jobs wait`, and the waiting behind every `--wait`.
//!
//! [`Condition::judge`] decides from one look at the job; the loop around it asks, sleeps and gives up. A daemon that
//! goes away for a moment (a restart) does not end the wait; a job that fails does.

use super::{rows, verify};
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::output::{Format, json, warn};
use crate::cli::session::Session;
use crate::client::{self, Client};
use crate::wire::native::jobs::{Job, JobState};
use std::str::FromStr;
use std::time::Duration;
use tokio::time::Instant;

const POLL: Duration = Duration::from_millis(300);
/// How long a daemon that answered before may be away.
const ABSENCE: Duration = Duration::from_secs(60);

#[derive(Debug, clap::Args)]
#[command(after_help = "Conditions:
  running       the copy has begun, or any later stage
  incremental   the copy is done and changes are applied as they come
  caught-up     incremental, and all applied that the source had when the waiting began
  lag<5s        incremental, and less than this behind
  verified      both sides compared and equal (exit 3 if they differ)
  paused        as told by `jobs pause`
  complete      as told by `jobs finish`

Examples:
  syncline jobs wait orders-sync --for caught-up --timeout 10m
  syncline jobs wait orders-sync --for 'lag<5s'

Exit code: 1 when the job fails meanwhile, 6 when --timeout passes first (the job goes on).")]
pub struct Args {
    /// Id, number or name
    #[arg(value_name = "ID")]
    id: String,
    /// What to wait for
    #[arg(long = "for", value_name = "CONDITION")]
    condition: Condition,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::cli) enum Condition {
    Running,
    Incremental,
    CaughtUp,
    LagBelow(Duration),
    Verified,
    Paused,
    Complete,
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(limit) = text.strip_prefix("lag<") {
            return human::parse_duration(limit).map(Self::LagBelow);
        }
        Ok(match text {
            "running" => Self::Running,
            "incremental" => Self::Incremental,
            "caught-up" => Self::CaughtUp,
            "verified" => Self::Verified,
            "paused" => Self::Paused,
            "complete" => Self::Complete,
            _ => return Err("write running, incremental, caught-up, lag<5s, verified, paused or complete".into()),
        })
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Running => f.write_str("running"),
            Self::Incremental => f.write_str("incremental"),
            Self::CaughtUp => f.write_str("caught-up"),
            Self::LagBelow(limit) => write!(f, "lag<{}s", limit.as_secs_f64()),
            Self::Verified => f.write_str("verified"),
            Self::Paused => f.write_str("paused"),
            Self::Complete => f.write_str("complete"),
        }
    }
}

/// What one look at a job says about a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Met,
    NotYet,
    /// The job failed.
    Failed,
    /// The job ended in a way that rules the condition out.
    Never,
}

impl Condition {
    /// `waited`: how long ago the waiting began when the daemon was asked.
    pub(super) fn is_met_by(self, job: &Job, waited: Duration) -> bool {
        self.judge(job, waited) == Verdict::Met
    }

    fn judge(self, job: &Job, waited: Duration) -> Verdict {
        if job.state == JobState::Failed {
            return Verdict::Failed;
        }
        let complete = job.state == JobState::Complete;
        let below = |figure: Option<f64>, limit: Duration| {
            rows::incremental(job.state) && figure.is_some_and(|seconds| seconds <= limit.as_secs_f64())
        };
        let progress = job.progress.as_ref();
        let met = match self {
            Self::Running => complete || job.state == JobState::Copying || rows::incremental(job.state) || job.state == JobState::Stalled,
            // Verifying needs both sides at work, and begins once the copy is through.
            Self::Incremental | Self::Verified => complete || rows::incremental(job.state),
            Self::CaughtUp => complete || below(progress.and_then(|p| p.in_step_seconds), waited),
            Self::LagBelow(limit) => complete || below(progress.and_then(|p| p.lag_seconds), limit),
            Self::Paused => job.state == JobState::Paused,
            Self::Complete => complete,
        };
        match (met, complete) {
            (true, _) => Verdict::Met,
            (false, true) => Verdict::Never,
            (false, false) => Verdict::NotYet,
        }
    }
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    let job = until(session, &args.id, &args.condition).await?;
    session.out.list(&rows::listing(std::slice::from_ref(&job), json(&job), session.out.format == Format::Wide))?;
    Ok(Exit::Ok)
}

/// Waits until the job meets the condition, fails, or the session's patience ends.
pub(in crate::cli) async fn until(session: &Session, id: &str, condition: &Condition) -> Result<Job, Error> {
    let begun = Instant::now();
    let mut observer = Observer::new(session, id)?;
    let spinner = Spinner::new(session);
    let mut last = None;
    loop {
        let waited = begun.elapsed();
        if let Some(job) = observer.look().await? {
            spinner.say(format!("{}: {}; waiting for {condition}", job.id, rows::in_words(&job)));
            match condition.judge(&job, waited) {
                Verdict::Met if *condition == Condition::Verified => {
                    verify::until_equal(session, &observer.client, &job.id).await?;
                    return Ok(job);
                }
                Verdict::Met => return Ok(job),
                Verdict::Failed => return Err(failure(&job)),
                Verdict::Never => {
                    let state = rows::state_word(job.state);
                    return Err(Error::failed("never", format!("job {} is {state}; it will not be {condition}", job.id)));
                }
                Verdict::NotYet => last = Some(job),
            }
        }
        let pause = match session.patience() {
            Some(patience) => {
                let left = patience.saturating_sub(begun.elapsed());
                if left.is_zero() {
                    return Err(timed_out(id, *condition, last.as_ref(), patience));
                }
                POLL.min(left)
            }
            None => POLL,
        };
        tokio::time::sleep(pause).await;
    }
}

/// The error of a job that failed while it was waited for or watched.
pub(super) fn failure(job: &Job) -> Error {
    match &job.failure {
        Some(failure) => {
            Error::failed(&failure.code, format!("job {} failed: {}", job.id, failure.message)).hint(if failure.hint.is_empty() {
                format!("syncline jobs show {0}; after the cause is gone: syncline jobs retry {0}", job.id)
            } else {
                failure.hint.clone()
            })
        }
        None => Error::failed("job_failed", format!("job {} failed", job.id)),
    }
}

fn timed_out(id: &str, condition: Condition, last: Option<&Job>, patience: Duration) -> Error {
    let stands = last.map_or_else(|| "it could not be seen".to_owned(), |job| format!("it is {}", rows::in_words(job)));
    let waited = human::seconds(patience.as_secs_f64());
    Error::new(Exit::TimedOut, "wait_timed_out", format!("job {id} was not {condition} within {waited}: {stands}"))
        .hint(format!("the job goes on; wait on with: syncline jobs wait {id} --for '{condition}'"))
}

/// Looks at one job again and again, and bears a daemon that is away for a while.
pub(super) struct Observer {
    pub client: Client,
    id: String,
    answered: bool,
    away_since: Option<Instant>,
}

impl Observer {
    pub(super) fn new(session: &Session, id: &str) -> Result<Self, Error> {
        Ok(Self { client: session.patient_client()?, id: id.to_owned(), answered: false, away_since: None })
    }

    /// Returns the job, or None while the daemon is away.
    pub(super) async fn look(&mut self) -> Result<Option<Job>, Error> {
        match self.client.job(&self.id).await {
            Ok(job) => {
                if self.away_since.take().is_some() {
                    warn("the daemon is back");
                }
                self.answered = true;
                // A name can become ambiguous while we look; an id cannot.
                self.id.clone_from(&job.id);
                Ok(Some(job))
            }
            Err(error) if self.answered && away(&error) => {
                let since = *self.away_since.get_or_insert_with(|| {
                    warn(&format!("{error}; trying on"));
                    Instant::now()
                });
                if since.elapsed() > ABSENCE { Err(error.into()) } else { Ok(None) }
            }
            Err(error) => Err(Error::from(error).about("job", &self.id)),
        }
    }
}

fn away(error: &client::Error) -> bool {
    match error {
        client::Error::Unreachable { .. } | client::Error::Broken { .. } => true,
        client::Error::Api { status, body } => Exit::of(body.code, *status) == Exit::Unreachable,
        client::Error::BadServer { .. } | client::Error::Decode { .. } => false,
    }
}

/// A line that moves while people wait; nothing elsewhere.
pub(super) struct Spinner(Option<indicatif::ProgressBar>);

impl Spinner {
    pub(super) fn new(session: &Session) -> Self {
        Self(session.out.live().then(|| {
            let bar = indicatif::ProgressBar::new_spinner();
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        }))
    }

    pub(super) fn say(&self, text: String) {
        if let Some(bar) = &self.0 {
            bar.set_message(text);
        }
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::jobs::show::tests::job;

    #[test]
    fn conditions_parse_and_print() {
        for text in ["running", "incremental", "caught-up", "lag<5s", "lag<0.5s", "verified", "paused", "complete"] {
            assert_eq!(text.parse::<Condition>().unwrap().to_string(), text);
        }
        for text in ["", "lag<", "lag<x", "lag>5s", "done"] {
            assert!(text.parse::<Condition>().is_err(), "{text}");
        }
    }

    #[test]
    fn verdicts() {
        use JobState::*;
        let five = Condition::LagBelow(Duration::from_secs(5));
        for (condition, state, lag, verdict) in [
            (Condition::Running, Pending, None, Verdict::NotYet),
            (Condition::Running, Copying, None, Verdict::Met),
            (Condition::Running, Waiting, None, Verdict::NotYet),
            (Condition::Running, Complete, None, Verdict::Met),
            (Condition::Incremental, Copying, None, Verdict::NotYet),
            (Condition::Incremental, Lagging, Some(90.0), Verdict::Met),
            (Condition::Incremental, Throttled, None, Verdict::Met),
            (Condition::Incremental, Failed, None, Verdict::Failed),
            (Condition::CaughtUp, Streaming, Some(0.0), Verdict::NotYet),
            (five, Lagging, Some(7.0), Verdict::NotYet),
            (five, Streaming, Some(4.0), Verdict::Met),
            (Condition::Paused, Complete, None, Verdict::Never),
            (Condition::Complete, Streaming, Some(0.0), Verdict::NotYet),
            (Condition::Complete, Complete, None, Verdict::Met),
        ] {
            let mut job = job(state);
            job.progress.get_or_insert_default().lag_seconds = lag;
            assert_eq!(condition.judge(&job, Duration::from_secs(9)), verdict, "{condition} {state:?}");
        }
    }

    #[test]
    fn caught_up_is_who_has_what_the_source_had_when_the_waiting_began() {
        let waited = Duration::from_secs(2);
        for (state, in_step, met) in [
            (JobState::Streaming, None, false),
            (JobState::Streaming, Some(2.1), false),
            (JobState::Streaming, Some(1.9), true),
            (JobState::Throttled, Some(1.9), true),
            (JobState::Paused, Some(1.9), false),
        ] {
            let mut job = job(state);
            job.progress.get_or_insert_default().in_step_seconds = in_step;
            assert_eq!(Condition::CaughtUp.is_met_by(&job, waited), met, "{state:?} {in_step:?}");
        }
    }
}
