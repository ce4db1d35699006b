//! Tables whose snapshot into topics was interrupted: what was published of them must not be left to the next one.
//!
//! A topic takes nothing back. Rows that were published and then deleted, or given another key, before the table is read
//! anew are not in the new snapshot, and the log behind it does not tell of them: whoever reads the topic would keep them
//! for ever. So such a table is first brought up to date by the log, from where its first snapshot stood, like a table
//! whose snapshot is whole: changes of rows that were not published yet do no harm, the snapshot brings those rows.
//! Then a snapshot is opened and held, the log is followed to exactly its place, and only then its rows are published: so
//! no older image comes after a newer one here either, and every change is told.
//!
//! Called by `run.rs` before the copy. A file takes back what is behind its kept position, and is not brought up to date.

use super::feed::{Feed, weight};
use super::follow::excused;
use super::gauge::{PIECE_BYTES, SourceWatch};
use super::watchdog::{self, Marker, Watchdog};
use super::{RunContext, source_now};
use crate::model::job::JobState;
use crate::model::position::Position;
use crate::model::progress::TablePhase;
use crate::model::replicate::TableName;
use crate::model::run::RunEventKind;
use crate::replicate::connect::ServerInfo;
use crate::replicate::copy::Held;
use crate::replicate::coverage::Coverage;
use crate::replicate::event::Event;
use crate::replicate::gates::Who;
use crate::replicate::pump::{Pump, Replay, Sequences, Tables};
use crate::replicate::sink::{Durable, Resume, Sink, Standing};
use crate::replicate::{Result, copy};
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::Interval;

const TICK: Duration = Duration::from_millis(500);
const STAGE: &str = "Sending binlog event to slave";

/// Brings interrupted tables up to date; returns the snapshot from which they are to be read.
pub(super) async fn bring_up(
    ctx: &RunContext,
    info: &ServerInfo,
    sink: &mut dyn Sink,
    resume: &mut Resume,
    coverage: &Coverage,
    feed: &mut Feed,
) -> Result<Option<Held>> {
    if ctx.spec.dest.sink.kafka().is_none() || interrupted(resume).is_empty() {
        return Ok(None);
    }
    let what = "the log is followed first, because the snapshot of some tables was interrupted: what was published of them may be gone";
    ctx.report.event(None, RunEventKind::Note, what.to_owned());
    // So that the snapshot is held for a short time only.
    let now = source_now(ctx).await?;
    Box::pin(follow(ctx, info, sink, resume, coverage, feed, &now)).await?;
    let tables = interrupted(resume);
    if tables.is_empty() {
        return Ok(None);
    }
    let held = copy::hold(ctx, info, tables).await?;
    Box::pin(follow(ctx, info, sink, resume, coverage, feed, held.at())).await?;
    Ok(Some(held))
}

/// Those that are not read to their end.
fn interrupted(resume: &Resume) -> Vec<TableName> {
    let begun = resume.tables.iter().filter(|t| t.phase == TablePhase::Copying && t.start.is_some());
    begun.filter(|t| t.chunks.iter().any(|c| !c.complete)).map(|t| t.table.clone()).collect()
}

/// What is shown and looked after while the log is followed; rows and transactions are counted by who follows it afterwards,
/// from the same beginnings.
struct Looks<'a> {
    ctx: &'a RunContext,
    dog: Watchdog,
    source: SourceWatch,
    durable: watch::Receiver<Durable>,
    standing: Standing,
    tick: Interval,
    /// Where the last thing that was handed to the sink ends.
    taken: Option<Position>,
    /// Of the transaction that is open.
    bytes: u64,
}

impl<'a> Looks<'a> {
    fn new(ctx: &'a RunContext, sink: &dyn Sink) -> Self {
        Self {
            ctx,
            dog: Watchdog::new(ctx.limits.stall_seconds, Instant::now()),
            source: SourceWatch::start(ctx.clone()),
            durable: sink.durable(),
            standing: sink.standing(),
            tick: tokio::time::interval(TICK),
            taken: None,
            bytes: 0,
        }
    }

    /// Waits for work of the log's or the sink's, and tells meanwhile where the job stands. `taking`: the sink has it.
    async fn at<T>(&mut self, feed: &Feed, taking: bool, work: impl Future<Output = Result<T>>) -> Result<T> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return done,
                _ = self.tick.tick() => self.look(feed, taking).await?,
            }
        }
    }

    async fn look(&mut self, feed: &Feed, taking: bool) -> Result<()> {
        let durable = self.durable.borrow().clone();
        let (log, source) = (feed.stats(), self.source.now());
        let pending = self.taken.as_ref().is_some_and(|end| durable.watermark.as_ref().is_none_or(|at| !at.covers(end)));
        self.ctx.report.update(|p| {
            p.held_back = self.ctx.control.throttle().holds_back();
            p.held_by = self.ctx.control.gates().held(&[Who::Stream]);
            p.state = durable.waiting.clone().map_or(JobState::Copying, JobState::Waiting);
            p.spool_bytes = log.spool_bytes;
            if let Some(at) = &source {
                p.source_position = at.display();
            }
            for side in [&mut p.src, &mut p.dest] {
                STAGE.clone_into(&mut side.stage);
                side.queue = durable.queued;
                if let Some(at) = &durable.watermark {
                    (side.position, side.file, side.pos) = (at.display(), at.file.clone(), at.offset);
                }
            }
        });
        let marker =
            Marker { watermark: durable.watermark.clone(), pieces: self.bytes / PIECE_BYTES, events_waiting: feed.waiting(), pending };
        match self.dog.look(marker, source.as_ref(), excused(self.ctx), Instant::now()) {
            Some(stood) => Err(watchdog::stalled(self.ctx, stood, taking, feed, &self.standing).await),
            None => Ok(()),
        }
    }
}

/// Publishes the log up to a position.
async fn follow(
    ctx: &RunContext,
    info: &ServerInfo,
    sink: &mut dyn Sink,
    resume: &mut Resume,
    coverage: &Coverage,
    feed: &mut Feed,
    to: &Position,
) -> Result<()> {
    let there = |at: &Position| at.covers(to) && to.coordinates_le(at);
    let mut at = resume.watermark.clone();
    let mut looks = Looks::new(ctx, sink);
    let mut pump = Pump::new(
        ctx,
        sink,
        Tables::new(resume.tables.iter().cloned(), coverage.clone()),
        resume,
        Replay::Tell,
        Sequences::of(info.flavor),
    );
    while !at.as_ref().is_some_and(there) {
        let (event, room) = loop {
            tokio::select! {
                event = feed.next() => break event?,
                _ = looks.tick.tick() => looks.look(feed, false).await?,
            }
        };
        let end = match &event {
            Event::Commit { end, .. } | Event::Ddl { end, .. } | Event::Idle { at: end, .. } => Some(end.clone()),
            Event::Begin { .. } | Event::Rows(_) => None,
        };
        looks.bytes = if end.is_some() { 0 } else { looks.bytes + weight(&event) as u64 };
        if matches!(event, Event::Commit { .. } | Event::Ddl { .. }) {
            looks.taken.clone_from(&end);
        }
        looks.at(feed, true, pump.take(event)).await?;
        drop(room);
        at = end.or(at);
    }
    // Statements may have renamed some.
    resume.tables = pump.into_states();
    looks.at(feed, true, async { sink.drain().await.map(drop) }).await?;
    resume.watermark = at;
    Ok(())
}
