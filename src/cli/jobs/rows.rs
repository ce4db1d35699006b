//! Jobs as rows of a table, and the words and figures that every view of a job shares.

use crate::cli::human;
use crate::cli::output::{Cell, Column, Listing, Tone, json};
use crate::wire::native::jobs::{Endpoint, Job, JobCreate, JobKind, JobState, Progress};
use jiff::Timestamp;
use serde_json::Value;

const COLUMNS: [Column; 14] = [
    Column::new("id"),
    Column::new("kind"),
    Column::new("state"),
    Column::new("since"),
    Column::new("copied"),
    Column::figures("lag"),
    Column::figures("rows/s"),
    Column::new("last error"),
    Column::wide("reason"),
    Column::wide("number"),
    Column::wide("name"),
    Column::wide("source"),
    Column::wide("target"),
    Column::wide("position"),
];

/// Most characters of an error in a row; `-o wide` and `jobs show` have it whole.
const SHORT_ERROR: usize = 48;

pub(super) fn listing(jobs: &[Job], reply: Value, wide: bool) -> Listing {
    let now = Timestamp::now();
    Listing {
        reply,
        items: jobs.iter().map(json).collect(),
        noun: "job",
        ids: jobs.iter().map(|job| job.id.clone()).collect(),
        columns: COLUMNS.into(),
        rows: jobs.iter().map(|job| row(job, now, wide)).collect(),
        empty: "no jobs yet; `syncline jobs create --help` shows how to make one".into(),
    }
}

fn row(job: &Job, now: Timestamp, wide: bool) -> Vec<Cell> {
    let progress = job.progress.clone().unwrap_or_default();
    let copied = match copy_fraction(&progress) {
        Some(fraction) => Cell::decimal(percent(fraction), fraction),
        None => Cell::new(""),
    };
    let lag = match progress.lag_seconds.filter(|_| !ended(job.state)) {
        Some(lag) => Cell::decimal(human::seconds(lag), lag),
        None => Cell::new(""),
    };
    let speed = rows_per_second(job);
    let error = last_error(job);
    let shown = if wide { error.clone() } else { human::short(&error, SHORT_ERROR) };
    vec![
        Cell::new(&job.id),
        Cell::new(kind_word(job.kind)),
        Cell::new(state_word(job.state)).tone(tone(job.state)),
        Cell::pair(human::ago(&job.state_since, now), &job.state_since),
        copied,
        lag,
        Cell::decimal(human::rate(speed), speed),
        Cell::pair(shown, &error).tone(if job.failure.is_some() { Tone::Bad } else { Tone::Plain }),
        Cell::new(&job.reason),
        Cell::new(job.number.to_string()),
        Cell::new(&job.name),
        Cell::new(address(&job.config.source)),
        Cell::new(destination(&job.config)),
        Cell::new(&progress.position),
    ]
}

pub(super) fn state_word(state: JobState) -> &'static str {
    match state {
        JobState::Pending => "pending",
        JobState::Copying => "copying",
        JobState::Streaming => "streaming",
        JobState::Lagging => "lagging",
        JobState::Throttled => "throttled",
        JobState::Waiting => "waiting",
        JobState::Stalled => "stalled",
        JobState::Paused => "paused",
        JobState::Failed => "failed",
        JobState::Complete => "complete",
    }
}

pub(super) fn kind_word(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Migration => "migration",
        JobKind::Sync => "sync",
        JobKind::Subscription => "subscription",
    }
}

fn tone(state: JobState) -> Tone {
    match state {
        JobState::Streaming | JobState::Complete => Tone::Good,
        JobState::Pending | JobState::Copying | JobState::Lagging | JobState::Throttled | JobState::Waiting | JobState::Paused => {
            Tone::Busy
        }
        JobState::Stalled | JobState::Failed => Tone::Bad,
    }
}

/// Says whether the job has come to an end.
pub(super) fn ended(state: JobState) -> bool {
    matches!(state, JobState::Failed | JobState::Complete)
}

/// Says whether the stream has taken over from the copy.
pub(super) fn incremental(state: JobState) -> bool {
    matches!(state, JobState::Streaming | JobState::Lagging | JobState::Throttled)
}

/// How much of the copy is done, 0 to 1; None before there is an estimate. Estimates are rough, so it is 1 only when
/// no table has any left to do.
pub(super) fn copy_fraction(progress: &Progress) -> Option<f64> {
    if progress.rows_copied == 0 && progress.rows_estimated == 0 {
        return None;
    }
    let done = !progress.tables.is_empty() && progress.tables.iter().all(|t| t.is_copied());
    if done {
        return Some(1.0);
    }
    Some((progress.rows_copied as f64 / progress.rows_estimated.max(progress.rows_copied).max(1) as f64).min(0.99))
}

pub(super) fn percent(fraction: f64) -> String {
    format!("{} %", (fraction * 100.0) as u64)
}

pub(super) fn rows_per_second(job: &Job) -> f64 {
    match (&job.progress, job.state) {
        (Some(progress), JobState::Copying) => progress.copy_rows_per_second.max(progress.apply_rows_per_second),
        (Some(progress), state) if incremental(state) => progress.apply_rows_per_second,
        _ => 0.0,
    }
}

/// The failure if there is one, else the last error, until the job works again.
fn last_error(job: &Job) -> String {
    let progress = job.progress.as_ref().filter(|p| p.last_error_recovered_at.is_none());
    match (&job.failure, progress.and_then(|p| p.last_error.as_ref())) {
        (Some(failure), _) => failure.message.clone(),
        (None, Some(error)) => error.clone(),
        // A difference that nobody looked for is news too.
        (None, None) => different(job).or_else(|| purge(job)).unwrap_or_default(),
    }
}

/// A warning once the job is behind by half of the time for which the source keeps its log.
pub(super) fn purge(job: &Job) -> Option<String> {
    let progress = job.progress.as_ref().filter(|_| job.state != JobState::Complete)?;
    let (kept, left) = (progress.log_kept_seconds?, progress.purge_in_seconds?);
    if left <= 0.0 {
        return Some("what the job needs next may be gone already".to_owned());
    }
    (left < kept / 2.0).then(|| format!("what the job needs next may be gone in {}", human::seconds(left)))
}

/// What the last of the comparisons that go on all the time found.
pub(super) fn different(job: &Job) -> Option<String> {
    let last = job.verify.as_ref()?.last.as_ref().filter(|last| last.different > 0)?;
    Some(format!("{} at the target (comparison {})", human::counted(last.different, "different row"), last.number))
}

pub(super) fn address(endpoint: &Endpoint) -> String {
    let Endpoint { host, port, .. } = endpoint;
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// Where the job's rows go.
pub(super) fn destination(config: &JobCreate) -> String {
    match (&config.target, &config.kafka, &config.lines) {
        (Some(target), _, _) => address(target),
        (None, Some(kafka), _) => format!("{} topic {}", kafka.brokers.join(","), kafka.topic),
        (None, None, Some(lines)) => lines.file.as_ref().map_or_else(|| "stdout".to_owned(), |name| format!("file {name}")),
        (None, None, None) => String::new(),
    }
}

/// The job in a few words: `copying 45 %`, `streaming, 0.4 s behind`.
pub(super) fn in_words(job: &Job) -> String {
    let state = state_word(job.state);
    let progress = job.progress.as_ref();
    if job.state == JobState::Copying
        && let Some(fraction) = progress.and_then(copy_fraction)
    {
        return format!("{state}, {}", percent(fraction));
    }
    if incremental(job.state)
        && let Some(lag) = progress.and_then(|p| p.lag_seconds)
    {
        return format!("{state}, {} behind", human::seconds(lag));
    }
    if job.reason.is_empty() { state.into() } else { format!("{state}: {}", job.reason) }
}
