//! One run of a replication job: preflight, take-over, copy, stream, until cancelled, finished or failed.
//!
//! ```text
//! preflight ─▶ open the sink (epoch, resume) ─▶ P0 ─▶ log reader on ─▶ list ─▶ copy (gate shut) ─▶ pump until told to end
//! ```
//! Why a crash at any point is harmless: what was done is recorded at the target in the transaction that did it, and
//! this function reads nothing else. P0 is recorded before the first row is read; the listing before the first chunk;
//! what an update of the job's tables brings in, before it is copied (`list`).
//!
//! `again`: copies into topics that were interrupted. `failover`: the source is another server than before. `orders`: what the operator wants done once. `list`: the job's tables.
//! `repair`: rows that are put right meanwhile.
//! `feed`: the log on its way here. `follow`: applying it. `gauge`: the figures of that. `finish`: when it is over.
//! `handover`: what it leaves to the operator. `silence`, `watchdog`: when it does not move.

mod again;
mod age;
mod failover;
mod feed;
mod finish;
mod follow;
mod gauge;
mod handover;
mod list;
mod orders;
mod repair;
mod silence;
mod watchdog;

use super::connect::{self, Conn, ServerInfo, Stragglers};
use super::control::Control;
use super::copy::Held;
use super::memory::Memory;
use super::orders::Orders;
use super::outlet::Outlet;
use super::report::Report;
use super::sink::messages::{Around, MessageSink};
use super::sink::mysql::MysqlSink;
use super::sink::{Claim, Epoch, Forgotten, Item, Prepare, Resume, Sink};
use super::tap::Tap;
use super::{Error, Kind, Result, coordinates, copy, error, gates, preflight, recorded};
use crate::model::finding::Side;
use crate::model::job::{JobId, JobState};
use crate::model::position::Position;
use crate::model::progress::TablePhase;
use crate::model::replicate::{ReplicateSpec, SinkSpec};
use crate::model::run::RunEventKind;
use failover::Source;
use feed::Feed;
pub(super) use list::reset;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
pub(super) use watchdog::told;

/// Bounds, by bytes and counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rows in flight between source and target, all of the job together.
    pub memory_bytes: u64,
    /// The log spool on disk.
    pub spool_bytes: u64,
    /// Seconds behind the source from which a job counts as lagging.
    pub lag_seconds: u64,
    /// Seconds without progress, while the source makes some, after which a job begins again.
    pub stall_seconds: u64,
    /// Copy connections when the job does not say.
    pub copy_workers: u32,
    /// Apply connections when the job does not say.
    pub apply_workers: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_bytes: 64 << 20, spool_bytes: 8 << 30, lag_seconds: 10, stall_seconds: 60, copy_workers: 2, apply_workers: 4 }
    }
}

/// All that a run needs from outside.
#[derive(Debug, Clone)]
pub struct RunContext {
    pub job: JobId,
    pub spec: ReplicateSpec,
    pub claim: Claim,
    /// The job's own folder; wiped and filled by the run.
    pub spool_dir: PathBuf,
    /// The server id that we register with at the source, unique per job.
    pub server_id: u32,
    pub limits: Limits,
    pub report: Report,
    /// What the destination cannot keep for the job.
    pub memory: Memory,
    /// The folder that files may be written to, if there is one.
    pub files_dir: Option<PathBuf>,
    /// Whoever looks at what passes.
    pub tap: Tap,
    /// What it is told while it runs; beside it the spec says how the run began.
    pub control: Control,
    /// Whoever reads what the job writes, if it is somebody's.
    pub outlet: Option<Outlet>,
    /// Its sessions at the source that may hang there, over all runs.
    pub stragglers: Stragglers,
    /// Turns true when the operator says `finish`, and is told again when they say it otherwise: the documents say how.
    pub finish: watch::Receiver<bool>,
    pub cancel: CancellationToken,
}

/// How long a sink may take to close when its run has failed; then it is dropped.
const CLOSE: Duration = Duration::from_secs(2);

/// How long a run that is over may look for sessions of its own that hang at the source; then the next one does.
const TIDY: Duration = Duration::from_secs(5);

/// How a run ends when it does not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The cancel token: paused, deleted or shut down. Everything applied is recorded.
    Cancelled,
    /// Finished as asked.
    Complete,
}

/// Runs the job until it ends. Cancelling drains nothing: what is durable is recorded, the rest is asked for again.
pub async fn run(ctx: RunContext) -> Result<Outcome> {
    let cancel = ctx.cancel.clone();
    let outcome = tokio::select! {
        () = cancel.cancelled() => Ok(Outcome::Cancelled),
        outcome = Box::pin(work(&ctx)) => outcome,
        error = gates::keep(&ctx) => Err(error),
    };
    drop(tokio::time::timeout(TIDY, Box::pin(tidy(&ctx))).await);
    // Parts that saw the token first end with errors of their own.
    if outcome.is_err() && cancel.is_cancelled() { Ok(Outcome::Cancelled) } else { outcome }
}

/// Leaves no session that holds a snapshot or a table behind at the source. A paused job does not come back to end it.
async fn tidy(ctx: &RunContext) -> Result<()> {
    if ctx.stragglers.are_left().await {
        let mut conn = connect::open(&ctx.spec.src.endpoint, false).await?;
        ctx.stragglers.end(&mut conn).await?;
        conn.disconnect().await;
    }
    Ok(())
}

async fn work(ctx: &RunContext) -> Result<Outcome> {
    ctx.report.update(|p| p.src.stage = "Registering slave on master".to_owned());
    check(ctx).await?;

    let mut source = connect::faithful(&ctx.spec.src.endpoint, false).await?;
    // Those of the run before, that it could not reach.
    ctx.stragglers.end(&mut source).await?;
    let info = connect::inspect(&mut source, &ctx.spec.src.endpoint).await?;
    let (mut sink, target) = build(ctx, &info).await?;
    let resume = sink.open(ctx.claim).await?;
    let outcome = Box::pin(replicate(ctx, &mut source, &info, target.as_ref(), sink.as_mut(), resume)).await;
    match &outcome {
        Ok(_) => sink.close().await,
        // What it still has is asked for again. A part of it may hang at the target, as the run may have ended for.
        Err(_) => drop(tokio::time::timeout(CLOSE, sink.close()).await),
    }
    source.disconnect().await;
    outcome
}

/// Makes the sink that the job names, and says what server it writes to, where it is one.
async fn build(ctx: &RunContext, source: &ServerInfo) -> Result<(Box<dyn Sink>, Option<ServerInfo>)> {
    match &ctx.spec.dest.sink {
        SinkSpec::Mysql(spec) => {
            let mut conn = connect::faithful(&spec.endpoint, false).await?;
            let info = connect::inspect(&mut conn, &spec.endpoint).await?;
            conn.disconnect().await;
            let sink = MysqlSink::new(
                spec.endpoint.clone(),
                ctx.job.clone(),
                &source.origin,
                spec,
                &ctx.spec.src.filter,
                ctx.spec.src.group_bytes,
                ctx.spec.src.queue_length,
                ctx.limits.apply_workers,
                info.clone(),
                ctx.cancel.child_token(),
            )?;
            Ok((Box::new(sink.making_cascades(!source.logs_cascades)), Some(info)))
        }
        SinkSpec::Kafka(spec) => Ok((Box::new(MessageSink::kafka(spec.clone(), around(ctx, source))), None)),
        SinkSpec::Lines(spec) => Ok((Box::new(MessageSink::lines(spec.clone(), around(ctx, source))), None)),
    }
}

fn around(ctx: &RunContext, source: &ServerInfo) -> Around {
    Around {
        source: ctx.spec.src.endpoint.clone(),
        filter: ctx.spec.src.filter.clone(),
        info: source.clone(),
        memory: ctx.memory.clone(),
        report: ctx.report.clone(),
        cancel: ctx.cancel.child_token(),
        files_dir: ctx.files_dir.clone(),
        outlet: ctx.outlet.clone(),
    }
}

/// Runs the preflight; an error finding ends the run.
async fn check(ctx: &RunContext) -> Result<()> {
    // A target that cannot say is a finding of the preflight.
    let kept = match &ctx.spec.dest.sink {
        SinkSpec::Mysql(_) => false,
        SinkSpec::Kafka(_) | SinkSpec::Lines(_) => !ctx.memory.load().await?.is_empty(),
    };
    let recorded = recorded::recorded(&ctx.job, &ctx.spec, kept).await.unwrap_or_default();
    let report = preflight::run(&ctx.spec, Some(&ctx.job), &recorded).await;
    let errors: Vec<_> = report.errors().collect();
    let Some(first) = errors.first() else { return Ok(()) };
    // Each stands for itself among the job's events; the error that ends the run is the first.
    for finding in errors.iter().skip(1) {
        let hint = if finding.hint.is_empty() { String::new() } else { format!(" (hint: {})", finding.hint) };
        let text = format!("preflight: {}: {}: {}{hint}", finding.code, finding.object, finding.message);
        ctx.report.event(Some(finding.side), RunEventKind::Note, text);
    }
    let more = match errors.len() - 1 {
        0 => String::new(),
        n => format!(" (the first of {} problems, the others are among the job's events)", n + 1),
    };
    // A server that is away is no mistake of the operator's settings, nor is a target that turned read-only under the job.
    let passes = errors.iter().all(|f| error::passes(f.code) && (f.code != "target_read_only" || recorded.started()));
    let (kind, code) = if passes { (Kind::Transient, first.code) } else { (Kind::Config, "preflight_failed") };
    Err(Error::new(kind, code, format!("{}: {}: {}{more}", first.code, first.object, first.message)).hint(first.hint.clone()))
}

async fn replicate(
    ctx: &RunContext,
    source: &mut Conn,
    info: &ServerInfo,
    target: Option<&ServerInfo>,
    sink: &mut dyn Sink,
    mut resume: Resume,
) -> Result<Outcome> {
    let orders = Orders::of(&ctx.memory.load().await?)?;
    let from = match (resume.watermark.clone(), &orders.position) {
        (None, _) => begin(ctx, source, info, sink).await?,
        // Where the operator has said where to go on, the old place need not be there.
        (Some(was), Some(to)) => {
            coordinates::validate_resume(source, info, to).await?;
            orders::reposition(ctx, source, info, sink, &mut resume, &was, to).await?;
            to.clone()
        }
        (Some(was), None) => {
            let from = match failover::adopt(ctx, source, info, sink, &mut resume, &was).await? {
                Source::Another => failover::anywhere(&was),
                Source::Same => {
                    coordinates::validate_same(source, info, &was).await?;
                    was
                }
                Source::Unknown => was,
            };
            coordinates::validate_resume(source, info, &from).await?;
            resume.watermark = Some(from.clone());
            from
        }
    };
    let mut feed = Feed::open(ctx, info, target, &from).await?;
    orders::reload(ctx, source, info, sink, &mut resume, &orders).await?;
    let coverage = list::list(ctx, source, info, sink, &mut resume, &from).await?;
    // Not before it is recorded whose place the ordered one is.
    if !orders.is_empty() {
        ctx.memory.save(Orders::default().documents()).await?;
    }
    if resume.tables.iter().any(|t| matches!(t.phase, TablePhase::Pending | TablePhase::Copying)) {
        ctx.report.update(|p| p.state = JobState::Copying);
        ctx.report.event(Some(Side::Dest), RunEventKind::Driver, "job_stage_full");
        let held = again::bring_up(ctx, info, sink, &mut resume, &coverage, &mut feed).await?;
        copy_tables(ctx, info, target, sink, &mut resume, &feed, held.as_ref()).await?;
    }
    ctx.report.event(Some(Side::Dest), RunEventKind::Driver, "job_stage_incr");
    follow::follow(ctx, info, sink, &resume, coverage, feed, target).await
}

/// Copies what is not copied yet; a log that dies meanwhile ends it.
async fn copy_tables(
    ctx: &RunContext,
    info: &ServerInfo,
    target: Option<&ServerInfo>,
    sink: &mut dyn Sink,
    resume: &mut Resume,
    feed: &Feed,
    held: Option<&Held>,
) -> Result<()> {
    let before = source_now(ctx).await?;
    let stop = ctx.cancel.child_token();
    let copied = tokio::select! {
        copied = copy::copy(ctx, info, target, sink, resume, held, &stop) => copied?,
        error = feed.failed() => return Err(error),
    };
    let copied = copied.ok_or_else(|| Error::transient("cancelled", "the copy was cancelled"))?;
    let names: Vec<_> = resume.tables.iter().map(|t| t.table.clone()).collect();
    for known in &mut resume.tables {
        let open = matches!(known.phase, TablePhase::Pending | TablePhase::Copying);
        if let Some(state) = copied.iter().find(|s| s.table == known.table) {
            *known = state.clone();
        } else if open {
            // Gone from the source since it was listed: what is in the log about it up to here leads to nothing.
            if known.start.is_some() && !ctx.spec.src.filter.merges(&known.table, names.iter()) {
                sink.prepare(&known.table, Prepare::Drop).await?;
            }
            known.phase = TablePhase::Converging;
            known.start = Some(before.clone());
            known.end = Some(before.clone());
            known.chunks.clear();
            sink.submit(Item::Table(known.clone())).await?;
            sink.drain().await?;
        }
    }
    Ok(())
}

/// Finds and records P0, before anything is read.
async fn begin(ctx: &RunContext, source: &mut Conn, info: &ServerInfo, sink: &mut dyn Sink) -> Result<Position> {
    let mut at = coordinates::low(source, info).await?;
    if let Some(text) = &ctx.spec.src.start_gtid {
        at = coordinates::parse_start(info, text)?;
        coordinates::validate_resume(source, info, &at).await?;
    }
    sink.submit(Item::Skip { id: None, end: at.clone(), source_time: 0 }).await?;
    sink.drain().await?;
    Ok(at)
}

/// Asks the source where its log stands, over a connection of its own.
pub(super) async fn source_now(ctx: &RunContext) -> Result<Position> {
    coordinates::now(&ctx.spec.src.endpoint).await
}

/// Takes the job's bookkeeping rows out of the target, unless another took the job over since its owner was asked for it at last
/// (`asked`); user data stays.
pub async fn forget(job: &JobId, spec: &ReplicateSpec, asked: Option<Epoch>) -> Result<Forgotten> {
    match &spec.dest.sink {
        SinkSpec::Mysql(target) => MysqlSink::forget(&target.endpoint, job, asked).await,
        // What it keeps is the runner's to forget; messages stay.
        SinkSpec::Kafka(_) | SinkSpec::Lines(_) => Ok(Forgotten::Gone),
    }
}
