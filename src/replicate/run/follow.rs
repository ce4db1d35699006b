//! The last phase of a run: the log is applied until it is told to end.

use super::feed::{Feed, weight};
use super::finish::Finish;
use super::gauge::{Gauge, SourceWatch};
use super::repair::Repairs;
use super::silence::Silence;
use super::watchdog::{self, Watchdog};
use super::{Outcome, RunContext, handover};
use crate::model::job::JobState;
use crate::replicate::connect::ServerInfo;
use crate::replicate::coverage::Coverage;
use crate::replicate::pump::{Pump, Replay, Sequences, Tables};
use crate::replicate::repair::Wish;
use crate::replicate::sink::{Durable, Resume, Sink, Standing};
use crate::replicate::{Error, Result};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Applies the log until cancelled, finished or failed.
pub(super) async fn follow(
    ctx: &RunContext,
    info: &ServerInfo,
    sink: &mut dyn Sink,
    resume: &Resume,
    coverage: Coverage,
    feed: Feed,
    target: Option<&ServerInfo>,
) -> Result<Outcome> {
    ctx.report.update(|p| {
        p.state = JobState::Streaming;
        p.src.stage = "Sending binlog event to slave".to_owned();
    });
    let durable = sink.durable();
    let mut gauge = Gauge::new(ctx.report.figures());
    let standing = sink.standing();
    let replay = match target {
        None => Replay::Tell,
        Some(target) if target.flavor == info.flavor => Replay::Run,
        Some(_) => Replay::Translate,
    };
    let pump = Pump::new(ctx, sink, Tables::new(resume.tables.iter().cloned(), coverage), resume, replay, Sequences::of(info.flavor));
    let outcome = Box::pin(keep_up(ctx, info, pump, feed, &mut gauge, durable.clone(), &standing)).await;
    ctx.report.update(|p| p.target_stands = None);
    // What ended it was not told yet.
    gauge.conflicts(ctx, &durable.borrow());
    outcome
}

/// What is looked at while the log is applied, and told.
struct Watch<'a> {
    ctx: &'a RunContext,
    gauge: &'a mut Gauge,
    source: SourceWatch,
    dog: Watchdog,
    silence: Silence,
    standing: &'a Standing,
}

impl Watch<'_> {
    fn publish(&mut self, durable: &watch::Receiver<Durable>, feed: &Feed) {
        self.gauge.publish(self.ctx, &durable.borrow(), feed, &self.source);
    }

    /// Tells the figures; fails where the job does not move although it should. `taking`: the pump has a change in hand.
    async fn look(&mut self, durable: &watch::Receiver<Durable>, feed: &Feed, taking: bool) -> Result<()> {
        self.publish(durable, feed);
        let (marker, now) = (self.gauge.marker(&durable.borrow(), feed), Instant::now());
        let pending = marker.pending;
        let Some(stood) = self.dog.look(marker, self.source.now().as_ref(), excused(self.ctx), now) else {
            self.silence.look(self.ctx, self.dog.stood(pending, now), now);
            return Ok(());
        };
        Err(watchdog::stalled(self.ctx, stood, taking, feed, self.standing).await)
    }
}

async fn keep_up(
    ctx: &RunContext,
    info: &ServerInfo,
    mut pump: Pump<'_>,
    mut feed: Feed,
    gauge: &mut Gauge,
    mut durable: watch::Receiver<Durable>,
    standing: &Standing,
) -> Result<Outcome> {
    let dog = Watchdog::new(ctx.limits.stall_seconds, Instant::now());
    let mut watch = Watch { ctx, gauge, source: SourceWatch::start(ctx.clone()), dog, silence: Silence::default(), standing };
    let mut finish = Finish::new(ctx.finish.clone());
    let mut tick = tokio::time::interval(Duration::from_millis(500));
    let mut repairs = Repairs::new(ctx, info);
    loop {
        repairs.write(&mut pump).await?;
        let applied = durable.borrow().watermark.clone();
        if let Some(end) = finish.end(ctx, applied.as_ref()).await? {
            pump.sink().drain().await?;
            watch.publish(&durable, &feed);
            handover::record(ctx, &end).await?;
            return Ok(Outcome::Complete);
        }
        tokio::select! {
            event = feed.next(), if !repairs.is_reading() => {
                let (event, room) = event?;
                repairs.seen(&event);
                watch.gauge.seen(&event, weight(&event));
                let mut taking = Box::pin(pump.take(event));
                // A target that hangs must not keep the figures from being told.
                loop {
                    tokio::select! {
                        taken = &mut taking => break taken?,
                        _ = tick.tick() => watch.look(&durable, &feed, true).await?,
                    }
                }
                drop(taking);
                drop(room);
            }
            changed = durable.changed() => {
                if changed.is_err() {
                    pump.sink().drain().await?;
                    return Err(Error::transient("sink_ended", "the sink's worker ended without a word"));
                }
            }
            wish = ctx.control.wishes().next(), if repairs.is_idle() && pump.rests() => match wish {
                Wish::Mend(request) => repairs.begin(request, pump.sink()).await?,
                Wish::Alike(tables) => pump.alike(&tables).await?,
            },
            read = repairs.read(), if repairs.is_reading() => repairs.ready(read),
            () = finish.changed() => {}
            _ = tick.tick() => watch.look(&durable, &feed, false).await?,
        }
    }
}

/// Says whether the job shows what it waits for.
pub(super) fn excused(ctx: &RunContext) -> bool {
    ctx.report.peek(|p| p.question.is_some() || p.held_back || !p.held_by.is_empty() || matches!(p.state, JobState::Waiting(_)))
}
