//! What an operator reads of the stream: lag, rates, state.

use super::RunContext;
use super::age::{Age, End, SourceClock};
use super::feed::Feed;
use super::watchdog::Marker;
use crate::model::job::JobState;
use crate::model::position::Position;
use crate::model::progress::{CONFLICTS, Progress};
use crate::replicate::connect::{self, Conn, ServerInfo};
use crate::replicate::event::Event;
use crate::replicate::gates::Who;
use crate::replicate::sink::Durable;
use crate::replicate::{Error, Result, coordinates, inexact};
use jiff::Timestamp;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Where the source stands, asked every two seconds; a missing answer only makes the figure old.
pub(super) struct SourceWatch {
    seen: watch::Receiver<Seen>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Seen {
    end: Option<End>,
    /// How many seconds the source keeps its log.
    log_kept: Option<f64>,
    clock: Option<SourceClock>,
}

/// What counts as a piece of a large transaction; smaller ones are held as a whole.
pub(super) const PIECE_BYTES: u64 = 4 << 20;
const ANSWER: Duration = Duration::from_secs(10);

impl SourceWatch {
    pub(super) fn start(ctx: RunContext) -> Self {
        let (tell, seen) = watch::channel(Seen::default());
        let task = tokio::spawn(async move {
            let mut pause = tokio::time::interval(Duration::from_secs(2));
            loop {
                let Ok(mut conn) = connect::open(&ctx.spec.src.endpoint, false).await else {
                    pause.tick().await;
                    continue;
                };
                let Ok(info) = connect::inspect(&mut conn, &ctx.spec.src.endpoint).await else { continue };
                // A line that went dead is one more reason to ask over another.
                while let Ok(Ok(seen)) = tokio::time::timeout(ANSWER, look(&mut conn, &info)).await {
                    tell.send_replace(seen);
                    pause.tick().await;
                }
            }
        });
        Self { seen, task }
    }
    pub(super) fn now(&self) -> Option<Position> {
        self.end().map(|end| end.at)
    }

    /// The same, and when it was asked.
    fn end(&self) -> Option<End> {
        self.seen.borrow().end.clone()
    }

    /// How long the source keeps its log.
    pub(super) fn log_kept(&self) -> Option<f64> {
        self.seen.borrow().log_kept
    }

    /// What time it is there, in Unix seconds.
    fn clock(&self) -> Option<f64> {
        self.seen.borrow().clock.map(|clock| clock.at(Instant::now()))
    }
}

async fn look(conn: &mut Conn, info: &ServerInfo) -> Result<Seen> {
    let asked = Instant::now();
    let end = End { at: coordinates::high(conn, info).await?, asked };
    let asked = Instant::now();
    let unix: Option<f64> =
        conn.query_first("SELECT UNIX_TIMESTAMP(NOW(3))").await.map_err(|e| Error::mysql("ask the source for the time", e))?;
    // Each time: an operator who reads that it is too short sets it while the job runs.
    let log_kept = coordinates::log_kept(conn).await.unwrap_or_default();
    Ok(Seen { end: Some(end), log_kept, clock: unix.map(|unix| SourceClock::new(unix, asked)) })
}

impl Drop for SourceWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Turns raw counts into what an operator reads: lag, rates, state.
pub(super) struct Gauge {
    /// The job's figures when this run took the stream up: what the sink counts comes on top.
    before: Progress,
    age: Age,
    /// Where the last thing that was handed to the sink ends.
    taken: Option<Position>,
    last: Option<(Instant, u64)>,
    rate: f64,
    /// How many were handed over by this run.
    sent: u64,
    /// Not told yet.
    batches: u64,
    batch_bytes: u64,
    /// Told already.
    lock_repeats: u64,
    own: u64,
    inexact: u64,
    skipped: u64,
    /// Of the open transaction.
    open_bytes: u64,
}

impl Gauge {
    pub(super) fn new(before: Progress) -> Self {
        Self {
            before,
            age: Age::default(),
            taken: None,
            last: None,
            rate: 0.0,
            sent: 0,
            batches: 0,
            batch_bytes: 0,
            lock_repeats: 0,
            own: 0,
            inexact: 0,
            skipped: 0,
            open_bytes: 0,
        }
    }

    /// Says whether what was handed to the sink is not all durable: by positions, not by the sink's counts, since a target that
    /// hangs counts nothing.
    fn pending(&self, durable: &Durable) -> bool {
        self.taken.as_ref().is_some_and(|end| durable.watermark.as_ref().is_none_or(|at| !at.covers(end)))
    }

    /// What moves when the job does.
    pub(super) fn marker(&self, durable: &Durable, feed: &Feed) -> Marker {
        Marker {
            watermark: durable.watermark.clone(),
            pieces: self.open_bytes / PIECE_BYTES,
            events_waiting: feed.waiting(),
            pending: self.pending(durable),
        }
    }

    pub(super) fn seen(&mut self, event: &Event, bytes: usize) {
        self.batch_bytes += bytes as u64;
        self.open_bytes += bytes as u64;
        match event {
            Event::Begin { time, .. } => self.age.begun(*time),
            Event::Commit { end, .. } => self.age.committed(end),
            Event::Ddl { end, time, .. } => self.age.handed(end, *time),
            Event::Rows(_) | Event::Idle { .. } => {}
        }
        if !matches!(event, Event::Begin { .. } | Event::Rows(_)) {
            self.age.heard(Instant::now());
        }
        if let Event::Commit { end, .. } | Event::Ddl { end, .. } = event {
            self.taken = Some(end.clone());
            self.open_bytes = 0;
            self.sent += 1;
            self.batches += 1;
        }
    }

    /// Shows the conflicts that this run has met; also when it ends with one.
    pub(super) fn conflicts(&self, ctx: &RunContext, durable: &Durable) {
        let before = self.before.conflicts.iter();
        let all: Vec<_> = before.chain(&durable.conflicts).cloned().collect();
        let newest = all.len().saturating_sub(CONFLICTS);
        if !durable.conflicts.is_empty() {
            ctx.report.update(|p| p.conflicts = all[newest..].to_vec());
        }
    }

    pub(super) fn publish(&mut self, ctx: &RunContext, durable: &Durable, feed: &Feed, source: &SourceWatch) {
        let (kept, clock) = (source.log_kept(), source.clock());
        let end = source.end();
        let now = Timestamp::now();
        let (log, events_queued) = (feed.stats(), feed.waiting());
        self.age.durable(durable.watermark.as_ref(), end.as_ref());
        let unsent = log.transactions.saturating_sub(self.sent);
        let tx_behind = unsent + self.age.waiting().saturating_sub(durable.above);
        let (batches, batch_bytes) = (std::mem::take(&mut self.batches), std::mem::take(&mut self.batch_bytes));
        let own = log.own - std::mem::replace(&mut self.own, log.own);
        let repeats = durable.lock_repeats - std::mem::replace(&mut self.lock_repeats, durable.lock_repeats);
        let rounded = durable.inexact - std::mem::replace(&mut self.inexact, durable.inexact);
        let skipped = durable.skipped - std::mem::replace(&mut self.skipped, durable.skipped);
        let pending = self.pending(durable);
        let behind = pending || self.age.is_behind() || events_queued > 0 || log.spool_bytes > 0;
        let there = clock.unwrap_or(now.as_millisecond() as f64 / 1000.0);
        let looked = Instant::now();
        // Once this run has been where the source was, an empty queue means no lag. Before, it means that nothing has been read yet.
        let met = self.age.in_step().map(|_| 0.0);
        let lag = self.age.at(there, looked).or(met).or_else(|| self.before.lag_at(now));
        if let Some((then, events)) = self.last {
            let seconds = looked.duration_since(then).as_secs_f64();
            if seconds > 0.0 {
                let fresh = durable.row_events.saturating_sub(events) as f64 / seconds;
                self.rate = self.rate * 0.7 + fresh * 0.3;
            }
        }
        self.last = Some((looked, durable.row_events));
        let rate = self.rate;
        self.conflicts(ctx, durable);
        let stage = if behind {
            "Waiting for slave workers to process their queues"
        } else {
            "Master has sent all binlog to slave; waiting for more updates"
        };
        ctx.report.update(|p| {
            p.held_back = ctx.control.throttle().holds_back();
            p.held_by = ctx.control.gates().held(&[Who::Stream]);
            let asked = p.question.as_ref().map(|q| q.message.clone());
            let waits = asked.map(|what| (what, false)).or_else(|| durable.waits(looked));
            p.busy = waits.as_ref().is_some_and(|(_, busy)| *busy);
            p.state = match waits {
                Some((reason, _)) => JobState::Waiting(reason),
                None if p.held_back || !p.held_by.is_empty() => JobState::Throttled,
                None if lag.is_some_and(|lag| lag > ctx.limits.lag_seconds as f64) => JobState::Lagging,
                None => JobState::Streaming,
            };
            if let Some(at) = &durable.watermark {
                for side in [&mut p.src, &mut p.dest] {
                    side.position = at.display();
                    side.file = at.file.clone();
                    side.pos = at.offset;
                }
            }
            for (side, before) in [(&mut p.src, &self.before.src), (&mut p.dest, &self.before.dest)] {
                side.delay_seconds = lag;
                side.tx_read = before.tx_read + log.transactions;
                side.tx_applied = before.tx_applied + durable.transactions;
                side.row_events_read = before.row_events_read + log.row_events;
                side.row_events_applied = before.row_events_applied + durable.row_events;
                side.queue = tx_behind.max(u64::from(pending));
                (side.tx_behind, side.tx_unsent, side.events_queued) = (tx_behind, unsent, events_queued);
                side.batches += batches;
                side.batch_bytes += batch_bytes;
                side.groups_full = before.groups_full + durable.groups_full;
                side.groups_idle = before.groups_idle + durable.groups_idle;
                side.bytes = before.bytes + durable.bytes;
                side.stage = stage.to_owned();
                side.at = Some(now);
                side.source_time = durable.source_time.filter(|t| *t > 0).and_then(|t| Timestamp::from_second(t).ok()).or(side.source_time);
            }
            if own > 0 {
                p.note("transactions and statements passed over that came from the target itself", |n| n + own);
            }
            if repeats > 0 {
                p.note("groups applied again after a deadlock or lock wait at the target", |n| n + repeats);
            }
            if skipped > 0 {
                p.note("row changes left out in favour of the target's rows (on_conflict = \"skip\")", |n| n + skipped);
            }
            if rounded > 0 {
                p.note(inexact::NOTE, |n| n + rounded);
            }
            p.spool_bytes = log.spool_bytes;
            if end.is_some() {
                p.log_kept_seconds = kept;
            }
            p.apply_rows_per_second = rate;
            p.eta_seconds = None;
            p.in_step = self.age.in_step();
            p.applied.clone_from(&durable.watermark);
            if let Some(end) = &end {
                p.source_position = end.at.display();
            }
            for (table, counts) in &durable.tables {
                let before = self.before.tables.iter().find(|t| t.table == *table);
                let before = before.map_or([0; 5], |t| [t.inserts, t.updates, t.deletes, t.conflicts, t.filtered]);
                // The pump lists tables as they come and go.
                let Some(shown) = p.tables.iter_mut().find(|t| t.table == *table) else { continue };
                let sum = |at: usize| before[at] + counts[at];
                (shown.inserts, shown.updates, shown.deletes) = (sum(0), sum(1), sum(2));
                (shown.conflicts, shown.filtered) = (sum(3), sum(4));
            }
        });
    }
}
