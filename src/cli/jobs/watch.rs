//! `syncline jobs watch`: jobs live until they end.
//!
//! On a terminal a bar per table while it is copied, then one line with the lag; elsewhere a plain line a few seconds
//! apart, or one JSON document per look with `-o ndjson`.

use super::bars::Bars;
use super::wait::{self, Observer};
use super::{rows, steer};
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::output::{self, Format, json};
use crate::cli::session::Session;
use crate::wire::native::jobs::{Job, JobList, JobState};
use std::time::Duration;
use tokio::time::Instant;

const LIVE: Duration = Duration::from_millis(500);

#[derive(Debug, clap::Args)]
#[command(after_help = "Ends when every job is complete or failed (exit 1), with --timeout, or with Ctrl-C; the jobs go on.

Examples:
  syncline jobs watch orders-sync
  syncline jobs watch $(syncline jobs list --state copying -q)
  syncline jobs watch orders-sync -o ndjson | jq -c '[.state, .progress.lag_seconds]'")]
pub struct Args {
    /// Ids, numbers or names
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Time between two lines where there is no terminal
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = human::parse_duration)]
    interval: Duration,
    /// Stop watching as soon as the jobs are there: incremental, caught-up, ...
    #[arg(long, value_name = "STATE", value_parser = ["incremental", "caught-up"])]
    until: Option<String>,
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    let Args { ids, interval, until } = args;
    session.out.refuse_csv("a watch")?;
    let until: Option<wait::Condition> = until.map(|text| text.parse().expect("clap lets only conditions through"));
    let mut observers = ids.iter().map(|id| Observer::new(session, id)).collect::<Result<Vec<_>, _>>()?;
    let mut bars = session.out.live().then(Bars::new);
    let mut jobs: Vec<Option<Job>> = vec![None; observers.len()];
    let mut told: Vec<Option<(Instant, JobState)>> = vec![None; observers.len()];
    let mut there = vec![false; observers.len()];
    let begun = Instant::now();
    loop {
        let waited = begun.elapsed();
        for (i, observer) in observers.iter_mut().enumerate() {
            if jobs[i].as_ref().is_some_and(|job| rows::ended(job.state)) {
                continue;
            }
            let Some(job) = observer.look().await? else { continue };
            // A change of state is always told; figures only once per interval.
            let due = told[i].is_none_or(|(at, state)| state != job.state || at.elapsed() >= interval);
            match &mut bars {
                Some(bars) => bars.update(i, &job),
                None if due => {
                    told[i] = Some((Instant::now(), job.state));
                    tell(session, &job)?;
                }
                None => {}
            }
            there[i] = rows::ended(job.state) || until.is_some_and(|condition| condition.is_met_by(&job, waited));
            jobs[i] = Some(job);
        }
        if there.iter().all(|there| *there) {
            break;
        }
        if session.patience().is_some_and(|patience| begun.elapsed() >= patience) {
            drop(bars);
            return Err(Error::new(Exit::TimedOut, "wait_timed_out", "--timeout passed while watching").hint("the jobs go on"));
        }
        tokio::time::sleep(LIVE.min(interval)).await;
    }
    drop(bars);
    end(session, jobs.into_iter().flatten().collect())
}

/// The last word: the jobs as they ended, and an error for each that failed.
fn end(session: &Session, jobs: Vec<Job>) -> Result<Exit, Error> {
    match session.out.format {
        Format::Json | Format::Yaml if jobs.len() == 1 => session.out.value(&json(&jobs[0]))?,
        Format::Json | Format::Yaml => session.out.value(&json(&JobList { jobs: jobs.clone() }))?,
        _ if session.out.live() => jobs.iter().try_for_each(|job| output::print(&format!("{}\n", line(job))))?,
        _ => {}
    }
    let failed: Vec<Error> = jobs.iter().filter(|job| job.state == JobState::Failed).map(wait::failure).collect();
    if failed.is_empty() {
        return Ok(Exit::Ok);
    }
    // Jobs that ended well do not soften it: a watch that saw a failure failed.
    match steer::outcome(session, 0, failed)? {
        Exit::Ok => Ok(Exit::Ok),
        _ => Ok(Exit::Failed),
    }
}

fn tell(session: &Session, job: &Job) -> Result<(), Error> {
    match session.out.format {
        Format::Ndjson => session.out.value(&json(job)),
        Format::Json | Format::Yaml => Ok(()),
        _ if session.out.quiet => Ok(()),
        Format::Name => output::print(&format!("job/{}\n", job.id)),
        _ => output::print(&format!("{} {}\n", jiff::Zoned::now().strftime("%H:%M:%S"), line(job))),
    }
}

/// One job in one plain line.
pub(super) fn line(job: &Job) -> String {
    let progress = job.progress.clone().unwrap_or_default();
    let words = rows::in_words(job);
    let sent =
        if job.config.kafka.is_some() { format!(", {} messages/s", human::rate(progress.messages_per_second)) } else { String::new() };
    if job.state == JobState::Copying {
        let eta = progress.eta_seconds.map(|eta| format!(", {} left", human::seconds(eta as f64))).unwrap_or_default();
        return format!(
            "{}: {words}: {} of about {} rows, {}, {} rows/s{sent}{eta}",
            job.id,
            human::count(progress.rows_copied),
            human::count(progress.rows_estimated.max(progress.rows_copied)),
            human::bytes(progress.bytes_copied),
            human::rate(progress.copy_rows_per_second),
        );
    }
    if rows::incremental(job.state) {
        return format!(
            "{}: {words}, {} row changes/s{sent}, {} applied",
            job.id,
            human::rate(progress.apply_rows_per_second),
            human::count(progress.row_events_applied)
        );
    }
    match &job.failure {
        Some(failure) => format!("{}: {words}: {}", job.id, failure.message),
        None => format!("{}: {words}", job.id),
    }
}

#[cfg(test)]
mod tests {
    use super::super::show::tests::job;
    use super::*;

    #[test]
    fn plain_lines() {
        assert_eq!(
            line(&job(JobState::Copying)),
            "orders-sync: copying, 40 %: 400,000 of about 1,000,000 rows, 80.0 MiB, 50,000 rows/s, 12 s left"
        );
        let mut streaming = job(JobState::Streaming);
        streaming.progress.get_or_insert_default().lag_seconds = Some(0.25);
        assert_eq!(line(&streaming), "orders-sync: streaming, 0.2 s behind, 0 row changes/s, 0 applied");
        assert_eq!(line(&job(JobState::Paused)), "orders-sync: paused");
    }
}
