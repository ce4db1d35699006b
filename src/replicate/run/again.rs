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

use super::feed::Feed;
use super::{RunContext, source_now};
use crate::model::position::Position;
use crate::model::progress::TablePhase;
use crate::model::replicate::TableName;
use crate::model::run::RunEventKind;
use crate::replicate::connect::ServerInfo;
use crate::replicate::copy::Held;
use crate::replicate::coverage::Coverage;
use crate::replicate::event::Event;
use crate::replicate::pump::{Pump, Replay, Tables};
use crate::replicate::sink::{Resume, Sink};
use crate::replicate::{Result, copy};

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
    follow(ctx, sink, resume, coverage, feed, &now).await?;
    let tables = interrupted(resume);
    if tables.is_empty() {
        return Ok(None);
    }
    let held = copy::hold(ctx, info, tables).await?;
    follow(ctx, sink, resume, coverage, feed, held.at()).await?;
    Ok(Some(held))
}

/// Those that are not read to their end.
fn interrupted(resume: &Resume) -> Vec<TableName> {
    let begun = resume.tables.iter().filter(|t| t.phase == TablePhase::Copying && t.start.is_some());
    begun.filter(|t| t.chunks.iter().any(|c| !c.complete)).map(|t| t.table.clone()).collect()
}

/// Publishes the log up to a position.
async fn follow(
    ctx: &RunContext,
    sink: &mut dyn Sink,
    resume: &mut Resume,
    coverage: &Coverage,
    feed: &mut Feed,
    to: &Position,
) -> Result<()> {
    let there = |at: &Position| at.covers(to) && to.coordinates_le(at);
    let mut at = resume.watermark.clone();
    let mut pump = Pump::new(ctx, sink, Tables::new(resume.tables.iter().cloned(), coverage.clone()), resume, Replay::Tell);
    while !at.as_ref().is_some_and(there) {
        let (event, room) = feed.next().await?;
        let end = match &event {
            Event::Commit { end, .. } | Event::Ddl { end, .. } | Event::Idle { at: end, .. } => Some(end.clone()),
            Event::Begin { .. } | Event::Rows(_) => None,
        };
        pump.take(event).await?;
        drop(room);
        at = end.or(at);
    }
    // Statements may have renamed some.
    resume.tables = pump.into_states();
    sink.drain().await?;
    resume.watermark = at;
    Ok(())
}
