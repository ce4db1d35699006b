//! Rows that are to be repaired while the log is followed (`replicate/repair` says why that is right).
//!
//! ```text
//! idle ──wish, between two transactions──▶ reading (the pump rests) ──snapshot at S──▶ ready (the pump goes on)
//!  ▲                                            └──failed──▶ idle          │ all up to S taken: drained, written
//!  └────────────────────────────────────────────────────────────────────────┘
//! ```
//! What goes wrong with a repair is told to who asked for it, and never ends the run.

use super::RunContext;
use crate::model::finding::Side;
use crate::model::position::Position;
use crate::model::run::RunEventKind;
use crate::replicate::connect::ServerInfo;
use crate::replicate::event::Event;
use crate::replicate::pump::Pump;
use crate::replicate::repair::{Mended, Request};
use crate::replicate::sink::{Copier, Mend, Sink};
use crate::replicate::{Error, Result, copy};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use std::time::{Duration, Instant};

/// How long the log may wait for a snapshot.
const REST: Duration = Duration::from_secs(15);
/// How long it may take to get to where the snapshot is, and to write.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is under way.
#[derive(Default)]
pub(super) enum Repair<'a> {
    #[default]
    Idle,
    Reading(BoxFuture<'a, Read>),
    Ready(Box<Ready>),
}

pub(super) struct Read {
    request: Request,
    was: Position,
    rows: Result<(Position, Mend)>,
}

pub(super) struct Ready {
    request: Request,
    to: Position,
    mend: Mend,
    until: Instant,
}

/// The repairs of one run.
pub(super) struct Repairs<'a> {
    ctx: &'a RunContext,
    info: &'a ServerInfo,
    pub(super) now: Repair<'a>,
    copier: Option<Box<dyn Copier>>,
    /// Where the log is taken to, known while one is ready.
    at: Option<Position>,
}

impl<'a> Repairs<'a> {
    pub(super) fn new(ctx: &'a RunContext, info: &'a ServerInfo) -> Self {
        Self { ctx, info, now: Repair::Idle, copier: None, at: None }
    }

    pub(super) fn is_idle(&self) -> bool {
        matches!(self.now, Repair::Idle)
    }

    pub(super) fn is_reading(&self) -> bool {
        matches!(self.now, Repair::Reading(_))
    }

    /// Begins one. The pump is between two transactions and rests until the rows are read.
    pub(super) async fn begin(&mut self, request: Request, sink: &mut dyn Sink) -> Result<()> {
        let was = sink.drain().await?;
        let (ctx, info) = (self.ctx, self.info);
        let read = async move {
            let rows = tokio::time::timeout(REST, Box::pin(copy::rows_behind(ctx, info, &was, &request.damaged))).await;
            let busy = |_| {
                let what = format!("found no snapshot of {} to repair it from in {} seconds", request.damaged.target, REST.as_secs());
                Error::transient("source_too_busy", what).hint("end long transactions on it at the source, and verify again")
            };
            let rows = rows.map_err(busy).and_then(|rows| rows);
            Read { request, was, rows }
        };
        self.now = Repair::Reading(read.boxed());
        Ok(())
    }

    /// Waits for the rows; for ever where none are read.
    pub(super) async fn read(&mut self) -> Read {
        match &mut self.now {
            Repair::Reading(read) => read.await,
            _ => std::future::pending().await,
        }
    }

    /// The pump may go on, up to where the rows are from.
    pub(super) fn ready(&mut self, read: Read) {
        let Read { request, was, rows } = read;
        self.now = match rows {
            Ok((to, mend)) => {
                self.at = Some(was);
                Repair::Ready(Box::new(Ready { request, to, mend, until: Instant::now() + PATIENCE }))
            }
            Err(e) => {
                answer(request, Err(e));
                Repair::Idle
            }
        };
    }

    /// Notes where an event ends that the pump takes.
    pub(super) fn seen(&mut self, event: &Event) {
        if let (Event::Commit { end, .. } | Event::Ddl { end, .. } | Event::Idle { at: end, .. }, Some(at)) = (event, &mut self.at) {
            at.clone_from(end);
        }
    }

    /// Writes the rows if the pump is where they are from.
    pub(super) async fn write(&mut self, pump: &mut Pump<'_>) -> Result<()> {
        let Repair::Ready(ready) = &self.now else { return Ok(()) };
        let there = self.at.as_ref().is_some_and(|at| at.covers(&ready.to) && ready.to.coordinates_le(at)) && pump.rests();
        let late = ready.until <= Instant::now();
        if !there && !late {
            return Ok(());
        }
        let Repair::Ready(ready) = std::mem::take(&mut self.now) else { return Ok(()) };
        self.at = None;
        let Ready { request, to, mend, .. } = *ready;
        if !there {
            let what = format!("repair {}: the job did not come to {to} in {} seconds", mend.target, PATIENCE.as_secs());
            answer(request, Err(Error::transient("repair_late", what).hint("verify again when the job lags less")));
            return Ok(());
        }
        pump.sink().drain().await?;
        let done = match tokio::time::timeout(PATIENCE, self.put(pump.sink(), &mend)).await {
            Ok(done) => done,
            Err(_) => {
                self.copier = None;
                Err(Error::transient("repair_late", format!("repair {}: the target did not answer", mend.target)))
            }
        };
        if let Ok(Mended { keys, written, .. }) = &done {
            let (written, deleted) = (*written as u64, keys.saturating_sub(*written) as u64);
            self.ctx.report.update(|p| {
                for (what, rows) in [("rows written again by a repair", written), ("rows deleted by a repair", deleted)] {
                    if rows > 0 {
                        p.note(what, |n| n + rows);
                    }
                }
            });
            let said = format!("repaired {} as of {to}: {written} rows written again, {deleted} deleted", mend.target);
            self.ctx.report.event(Some(Side::Dest), RunEventKind::Note, said);
        }
        answer(request, done);
        Ok(())
    }

    async fn put(&mut self, sink: &mut dyn Sink, mend: &Mend) -> Result<Mended> {
        let copier = match &mut self.copier {
            Some(copier) => copier,
            None => self.copier.insert(sink.copier().await?),
        };
        copier.mend(mend).await
    }
}

/// Who asked may have gone.
fn answer(request: Request, done: Result<Mended>) {
    let _ = request.reply.send(done);
}
