//! Notices that a job does not move although its source does, says what each part waits for, and ends the run: the scheduler
//! begins it again. A job that waits for something with a name (a decision, a statement that runs, its throttle or gates, brokers) is
//! not stalled.

use super::RunContext;
use super::feed::Feed;
use crate::model::finding::Side;
use crate::model::job::JobState;
use crate::model::position::Position;
use crate::model::run::RunEventKind;
use crate::replicate::Error;
use crate::replicate::sink::Standing;
use crate::replicate::sink::mysql::MysqlSink;
use std::time::{Duration, Instant};

/// How long the target may take to say what its sessions do.
const ASK: Duration = Duration::from_secs(5);

/// What moves when a job does: its watermark. What is applied above it is not counted, nor what others write into the
/// source's log: a transaction that nobody finishes is no less stuck beside others that pass it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Marker {
    pub(super) watermark: Option<Position>,
    /// How many large pieces of the open transaction were taken.
    pub(super) pieces: u64,
    pub(super) events_waiting: u64,
    /// Something was handed to the sink and is not durable.
    pub(super) pending: bool,
}

pub(super) struct Watchdog {
    limit: Duration,
    last: Marker,
    since: Instant,
    /// Where the source stood when the job moved last.
    source: Option<Position>,
}

impl Watchdog {
    pub(super) fn new(limit_seconds: u64, now: Instant) -> Self {
        Self { limit: Duration::from_secs(limit_seconds.max(1)), last: Marker::default(), since: now, source: None }
    }

    /// Looks at the job; returns for how long it has not moved once that is too long. `excused`: it waits for something that
    /// is shown by name.
    pub(super) fn look(&mut self, marker: Marker, source: Option<&Position>, excused: bool, now: Instant) -> Option<Duration> {
        let in_step = match (&marker.watermark, source) {
            (Some(at), Some(source)) => at.covers(source),
            // Nobody knows whether the source moves.
            _ => true,
        };
        let moved = (&marker.watermark, marker.pieces) != (&self.last.watermark, self.last.pieces);
        if excused || in_step || moved {
            (self.last, self.since, self.source) = (marker, now, source.cloned());
            return None;
        }
        let stood = now.duration_since(self.since);
        // Work that nobody does is waited for by somebody, also where the source rests by now.
        let moves = source != self.source.as_ref() || marker.events_waiting > 0 || marker.pending;
        (moves && stood >= self.limit).then_some(stood)
    }

    /// For how long something that was handed to the sink has not become durable, at the last look.
    pub(super) fn stood(&self, pending: bool, now: Instant) -> Duration {
        if pending { now.duration_since(self.since) } else { Duration::ZERO }
    }
}

/// Tells what each part waits for, and returns the error that ends the run.
pub(super) async fn stalled(ctx: &RunContext, stood: Duration, taking: bool, feed: &Feed, standing: &Standing) -> Error {
    let log = feed.stats();
    let mut parts = vec![format!("the log reader has read {} transactions, {} bytes are in its spool", log.transactions, log.spool_bytes)];
    parts.push(match (taking, feed.waiting()) {
        (true, waiting) => format!("the pump waits for the sink to take a change, {waiting} events wait behind it"),
        (false, 0) => "the pump waits for the log".to_owned(),
        (false, waiting) => format!("the pump has {waiting} events before it"),
    });
    parts.push(format!("{} transactions wait to be applied", ctx.report.peek(|p| p.dest.queue)));
    parts.extend(standing.lines());
    told(ctx, Side::Dest, format!("no progress for {} s while the source goes on", stood.as_secs()), parts)
        .await
        .hint("what holds a session at the target (a lock, a full disk) is to be found there; the job begins again by itself")
}

/// Tells among the events what all parts wait for, which is long, and in the state and the error who is waited for at the target.
pub(in crate::replicate) async fn told(ctx: &RunContext, side: Side, what: String, mut parts: Vec<String>) -> Error {
    let sessions = sessions(ctx).await;
    parts.extend(sessions.iter().cloned());
    ctx.report.event(Some(side), RunEventKind::Note, format!("stalled: {what}: {}", parts.join("; ")));
    let why = if sessions.is_empty() { what } else { format!("{what}: {}", sessions.join("; ")) };
    ctx.report.update(|p| p.state = JobState::Stalled(why.clone()));
    Error::transient("stalled", why)
}

/// What the target says that the job's sessions are at there, where it says so in time.
pub(super) async fn sessions(ctx: &RunContext) -> Vec<String> {
    let Some(spec) = ctx.spec.dest.sink.mysql() else { return Vec::new() };
    let asked = tokio::time::timeout(ASK, MysqlSink::sessions(&spec.endpoint, &ctx.job)).await;
    asked.ok().and_then(Result::ok).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset: u64) -> Position {
        Position { gtid: None, file: "bin.000001".into(), offset }
    }

    #[test]
    fn a_job_is_stalled_when_only_its_source_moves() {
        let began = Instant::now();
        let after = |seconds| began + Duration::from_secs(seconds);
        let marker = |pieces| Marker { watermark: Some(at(10)), pieces, ..Marker::default() };
        let mut dog = Watchdog::new(60, began);
        assert_eq!(dog.look(marker(1), Some(&at(20)), false, after(0)), None);
        assert_eq!(dog.look(marker(1), Some(&at(30)), false, after(59)), None);
        assert_eq!(dog.look(marker(2), Some(&at(40)), false, after(60)), None, "a piece of a large transaction is progress");
        assert_eq!(dog.look(marker(2), Some(&at(40)), false, after(600)), None, "the source rests, and nothing waits");
        assert_eq!(dog.look(marker(2), Some(&at(50)), true, after(601)), None, "it waits by name");
        assert_eq!(dog.look(marker(2), Some(&at(60)), false, after(660)), None, "from then on it counts");
        assert_eq!(dog.look(marker(2), Some(&at(60)), false, after(661)), Some(Duration::from_secs(60)));
        assert_eq!(dog.look(marker(2), Some(&at(10)), false, after(700)), None, "in step");
        assert_eq!(dog.look(marker(2), None, false, after(900)), None, "nobody knows of the source");
        let waits = Marker { events_waiting: 1, ..marker(3) };
        assert_eq!(dog.look(waits.clone(), Some(&at(70)), false, after(1000)), None);
        assert!(dog.look(waits, Some(&at(70)), false, after(1060)).is_some(), "events that nobody takes");
        let pending = Marker { pending: true, ..marker(4) };
        assert_eq!(dog.look(pending.clone(), Some(&at(70)), false, after(2000)), None);
        assert!(dog.look(pending, Some(&at(70)), false, after(2060)).is_some(), "a transaction that does not become durable");
    }
}
