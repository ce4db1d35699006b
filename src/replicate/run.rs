//! One run of a replication job: preflight, take-over, copy, stream, until cancelled, finished or failed.

//!
//! ```text
//! preflight ─▶ open the sink (epoch, resume) ─▶ P0 ─▶ log reader on ─▶ list ─▶ copy (gate shut) ─▶ pump until told to end
//! ```
//! Why a crash at any point is harmless: what was done is recorded at the target in the transaction that did it, and
//! this function reads nothing else. P0 is recorded before the first row is read; the listing before the first chunk.

use super::connect::{self, ServerInfo};
use super::event::Event;
use super::pump::{self, Pump, Tables};
use super::report::Report;
use super::sink::mysql::MysqlSink;
use super::sink::{Durable, Epoch, Item, Prepare, Resume, Sink, TableState};
use super::stream::{Log, LogConfig, LogStats};
use super::{Error, Kind, Result, coordinates, copy, preflight, schema};
use crate::model::finding::Side;
use crate::model::gtid::GtidSet;
use crate::model::job::{JobId, JobState};
use crate::model::position::Position;
use crate::model::progress::{TablePhase, TableProgress};
use crate::model::replicate::{ReplicateSpec, SinkSpec};
use crate::model::run::RunEventKind;
use jiff::Timestamp;
use mysql_async::prelude::Queryable as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Bounds, by bytes and counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rows in flight between source and target, all of the job together.
    pub memory_bytes: u64,
    /// The log spool on disk.
    pub spool_bytes: u64,
    /// Seconds behind the source from which a job counts as lagging.
    pub lag_seconds: u64,
    /// Copy connections when the job does not say.
    pub copy_workers: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_bytes: 64 << 20, spool_bytes: 8 << 30, lag_seconds: 10, copy_workers: 2 }
    }
}

/// All that a run needs from outside.
#[derive(Debug, Clone)]
pub struct RunContext {
    pub job: JobId,
    pub spec: ReplicateSpec,
    /// Higher than any earlier start of this job.
    pub epoch: Epoch,
    /// The job's own folder; wiped and filled by the run.
    pub spool_dir: PathBuf,
    /// The server id that we register with at the source, unique per job.
    pub server_id: u32,
    pub limits: Limits,
    pub report: Report,
    /// Turns true when the operator says `finish`: catch up with the source as of then, and end.
    pub finish: watch::Receiver<bool>,
    pub cancel: CancellationToken,
}

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
        () = cancel.cancelled() => return Ok(Outcome::Cancelled),
        outcome = Box::pin(work(&ctx)) => outcome,
    };
    // Parts that saw the token first end with errors of their own.
    if outcome.is_err() && cancel.is_cancelled() { Ok(Outcome::Cancelled) } else { outcome }
}

async fn work(ctx: &RunContext) -> Result<Outcome> {
    let SinkSpec::Mysql(target_spec) = &ctx.spec.dest.sink;
    ctx.report.update(|p| p.src.stage = "Registering slave on master".to_owned());
    check(ctx).await?;

    let mut source = connect::faithful(&ctx.spec.src.endpoint, false).await?;
    let info = connect::inspect(&mut source, &ctx.spec.src.endpoint).await?;
    let mut target = connect::faithful(&target_spec.endpoint, false).await?;
    let target_info = connect::inspect(&mut target, &target_spec.endpoint).await?;
    target.disconnect().await.ok();
    let same_flavor = info.flavor == target_info.flavor;

    let origin = if info.uuid.is_empty() { format!("server-id {}", info.server_id) } else { info.uuid.clone() };
    let mut sink = MysqlSink::new(
        target_spec.endpoint.clone(),
        ctx.job.clone(),
        &origin,
        target_spec,
        ctx.spec.src.group_bytes,
        ctx.spec.src.queue_length,
        target_info.clone(),
        same_flavor,
        ctx.cancel.child_token(),
    );
    let resume = sink.open(ctx.epoch).await?;
    let outcome = replicate(ctx, &mut source, &info, &target_info, &mut sink, resume).await;
    sink.close().await;
    source.disconnect().await.ok();
    outcome
}

/// Runs the preflight; an error finding ends the run.
async fn check(ctx: &RunContext) -> Result<()> {
    let resuming = has_progress(&ctx.job, &ctx.spec).await.unwrap_or(false);
    let report = preflight::run(&ctx.spec, Some(&ctx.job), resuming).await;
    let errors: Vec<_> = report.errors().collect();
    let Some(first) = errors.first() else { return Ok(()) };
    let more = if errors.len() > 1 { format!(" (and {} more findings)", errors.len() - 1) } else { String::new() };
    // A server that is away is no mistake of the operator's settings.
    let kind = if first.code == "unreachable" { Kind::Transient } else { Kind::Config };
    let code = if first.code == "unreachable" { "unreachable" } else { "preflight_failed" };
    Err(Error::new(kind, code, format!("{}: {}: {}{more}", first.code, first.object, first.message)).hint(first.hint.clone()))
}

/// Says whether the target already holds progress of this job.
pub async fn has_progress(job: &JobId, spec: &ReplicateSpec) -> Result<bool> {
    let SinkSpec::Mysql(target) = &spec.dest.sink;
    let mut conn = connect::open(&target.endpoint, false).await?;
    let row: Option<u64> = conn
        .exec_first("SELECT 1 FROM syncline.checkpoint WHERE job = ?", (&job.0,))
        .await
        .map_err(|e| Error::mysql("read the job's checkpoint", e))?;
    conn.disconnect().await.ok();
    Ok(row.is_some())
}

async fn replicate(
    ctx: &RunContext,
    source: &mut mysql_async::Conn,
    info: &ServerInfo,
    target_info: &ServerInfo,
    sink: &mut MysqlSink,
    mut resume: Resume,
) -> Result<Outcome> {
    let from = match &resume.watermark {
        Some(at) => {
            coordinates::validate_resume(source, info, at).await?;
            at.clone()
        }
        None => begin(ctx, source, info, sink).await?,
    };
    let feed = Feed::open(ctx, info, &from).await?;
    let copies = ctx.spec.src.start_gtid.is_none();
    if copies {
        list(ctx, source, info, sink, &mut resume).await?;
        let open = resume.tables.iter().any(|t| !t.table.table.is_empty() && matches!(t.phase, TablePhase::Pending | TablePhase::Copying));
        if open {
            ctx.report.update(|p| p.state = JobState::Copying);
            ctx.report.event(Some(Side::Dest), RunEventKind::Driver, "job_stage_full");
            copy_tables(ctx, info, target_info, sink, &mut resume, &feed).await?;
        }
    }
    ctx.report.event(Some(Side::Dest), RunEventKind::Driver, "job_stage_incr");
    stream(ctx, info, sink, &resume, feed, target_info).await
}

/// Copies what is not copied yet; a log that dies meanwhile ends it.
async fn copy_tables(
    ctx: &RunContext,
    info: &ServerInfo,
    target: &ServerInfo,
    sink: &mut MysqlSink,
    resume: &mut Resume,
    feed: &Feed,
) -> Result<()> {
    let before = source_now(ctx).await?;
    let stop = ctx.cancel.child_token();
    let copied = tokio::select! {
        copied = copy::copy(ctx, info, target, sink, resume, &stop) => copied?,
        error = feed.failed() => return Err(error),
    };
    let copied = copied.ok_or_else(|| Error::transient("cancelled", "the copy was cancelled"))?;
    for known in &mut resume.tables {
        let open = !known.table.table.is_empty() && matches!(known.phase, TablePhase::Pending | TablePhase::Copying);
        if let Some(state) = copied.iter().find(|s| s.table == known.table) {
            *known = state.clone();
        } else if open {
            // Gone from the source since it was listed: what is in the log about it up to here leads to nothing.
            sink.prepare(&known.table, Prepare::Drop).await?;
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
async fn begin(ctx: &RunContext, source: &mut mysql_async::Conn, info: &ServerInfo, sink: &mut MysqlSink) -> Result<Position> {
    let mut at = coordinates::low(source, info).await?;
    if let Some(text) = &ctx.spec.src.start_gtid {
        let parsed = match info.flavor {
            connect::Flavor::Mysql => GtidSet::parse_mysql(text),
            connect::Flavor::Mariadb => GtidSet::parse_mariadb(text),
        };
        let set = parsed.map_err(|e| Error::config("bad_gtid", format!("read start_gtid: {e}")))?;
        // File and offset of "now" say nothing about an older set: the set alone counts until the log is read.
        at = Position { gtid: Some(set), file: String::new(), offset: 0 };
        coordinates::validate_resume(source, info, &at).await?;
    }
    sink.submit(Item::Skip { id: None, end: at.clone(), source_time: 0 }).await?;
    sink.drain().await?;
    Ok(at)
}

/// Lists the job's tables once, at the first start, and records them as pending together with the listing's position.
async fn list(
    ctx: &RunContext,
    source: &mut mysql_async::Conn,
    info: &ServerInfo,
    sink: &mut MysqlSink,
    resume: &mut Resume,
) -> Result<()> {
    let mut estimates = std::collections::HashMap::new();
    if !resume.tables.iter().any(|t| t.table == pump::listing()) {
        let at = coordinates::low(source, info).await?;
        let listing = schema::read::list(source, &ctx.spec.src.filter).await?;
        let blank = |table, phase, at: Option<Position>| TableState {
            table,
            phase,
            start: at.clone(),
            end: at,
            fingerprint: String::new(),
            chunks: Vec::new(),
            rows: 0,
        };
        for table in listing.tables {
            let state = blank(table.name, TablePhase::Pending, None);
            estimates.insert(state.table.clone(), table.rows_estimated);
            sink.submit(Item::Table(state.clone())).await?;
            resume.tables.retain(|t| t.table != state.table);
            resume.tables.push(state);
        }
        let mark = blank(pump::listing(), TablePhase::Converging, Some(at));
        sink.submit(Item::Table(mark.clone())).await?;
        sink.drain().await?;
        resume.tables.push(mark);
        ctx.report.update(|p| {
            p.notes.extend(listing.notes.iter().map(|n| (format!("{} of {} not copied", n.kind, n.schema), n.names.len() as u64)));
        });
    }
    let tables = resume.tables.iter().filter(|t| !t.table.table.is_empty());
    let rows: Vec<TableProgress> = tables
        .map(|t| TableProgress {
            table: t.table.clone(),
            phase: t.phase,
            rows_copied: t.rows.max(t.chunks.iter().map(|c| c.rows).sum()),
            rows_estimated: estimates.get(&t.table).copied().unwrap_or(t.rows),
            bytes_copied: 0,
            inserts: 0,
            updates: 0,
            deletes: 0,
            conflicts: 0,
        })
        .collect();
    ctx.report.update(|p| p.tables = rows);
    Ok(())
}

/// Applies the log until cancelled, finished or failed.
async fn stream(
    ctx: &RunContext,
    info: &ServerInfo,
    sink: &mut MysqlSink,
    resume: &Resume,
    mut feed: Feed,
    target: &ServerInfo,
) -> Result<Outcome> {
    ctx.report.update(|p| {
        p.state = JobState::Streaming;
        p.src.stage = "Sending binlog event to slave".to_owned();
    });
    let mut durable = sink.durable();
    let mut finish = ctx.finish.clone();
    let mut source = SourceWatch::start(ctx.clone());
    let mut gauge = Gauge::default();
    let mut goal: Option<Position> = None;
    let mut tick = tokio::time::interval(Duration::from_millis(500));
    let mut pump = Pump::new(ctx, sink, Tables::new(resume.tables.iter().cloned()), resume, info.flavor == target.flavor);
    loop {
        if *finish.borrow() && goal.is_none() {
            goal = Some(source_now(ctx).await?);
        }
        let reached =
            goal.as_ref().is_some_and(|g| durable.borrow().watermark.as_ref().is_some_and(|w| w.covers(g) && g.coordinates_le(w)));
        if reached {
            pump.sink().drain().await?;
            gauge.publish(ctx, &durable.borrow(), &feed.stats(), &source.now());
            return Ok(Outcome::Complete);
        }
        tokio::select! {
            event = feed.next() => {
                let (event, room) = event?;
                gauge.seen(&event);
                let mut taking = Box::pin(pump.take(event));
                // A target that hangs must not keep the figures from being told.
                loop {
                    tokio::select! {
                        taken = &mut taking => break taken?,
                        _ = tick.tick() => gauge.publish(ctx, &durable.borrow(), &feed.stats(), &source.now()),
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
            _ = finish.changed(), if goal.is_none() => {}
            _ = tick.tick() => gauge.publish(ctx, &durable.borrow(), &feed.stats(), &source.now()),
        }
    }
}

/// Asks the source where its log stands, over a connection of its own.
pub(super) async fn source_now(ctx: &RunContext) -> Result<Position> {
    let mut conn = connect::open(&ctx.spec.src.endpoint, false).await?;
    let info = connect::inspect(&mut conn, &ctx.spec.src.endpoint).await?;
    let at = coordinates::high(&mut conn, &info).await?;
    conn.disconnect().await.ok();
    Ok(at)
}

/// The log on a task of its own: decoding runs beside the pump, and receiving can be cancelled at any await.
struct Feed {
    events: mpsc::Receiver<(Event, OwnedSemaphorePermit)>,
    stats: watch::Receiver<LogStats>,
    error: watch::Receiver<Option<Arc<Error>>>,
    task: JoinHandle<()>,
}

/// Decoded events waiting for the pump.
const FEED_BYTES: usize = 4 << 20;
const PERMIT: usize = 1024;

impl Feed {
    async fn open(ctx: &RunContext, info: &ServerInfo, from: &Position) -> Result<Self> {
        let config = LogConfig {
            endpoint: ctx.spec.src.endpoint.clone(),
            info: info.clone(),
            server_id: ctx.server_id,
            spool_dir: ctx.spool_dir.clone(),
            spool_bytes: ctx.limits.spool_bytes,
            filter: ctx.spec.src.filter.clone(),
        };
        let mut log = Log::open(config, from, ctx.cancel.child_token()).await?;
        let (tell, stats) = watch::channel(log.stats());
        let (send, events) = mpsc::channel(ctx.spec.src.queue_length.map_or(256, |n| n.max(1) as usize));
        let (fail, error) = watch::channel(None);
        let room = Arc::new(Semaphore::new(FEED_BYTES / PERMIT));
        let task = tokio::spawn(async move {
            loop {
                let event = tokio::select! {
                    event = log.next() => event,
                    () = send.closed() => break,
                };
                tell.send_replace(log.stats());
                match event {
                    Ok(event) => {
                        let permits = weight(&event).div_ceil(PERMIT).clamp(1, FEED_BYTES / PERMIT) as u32;
                        let Ok(permit) = Arc::clone(&room).acquire_many_owned(permits).await else { break };
                        if send.send((event, permit)).await.is_err() {
                            break;
                        }
                    }
                    Err(e) => {
                        fail.send_replace(Some(Arc::new(e)));
                        break;
                    }
                }
            }
            log.close().await;
        });
        Ok(Self { events, stats, error, task })
    }

    async fn next(&mut self) -> Result<(Event, OwnedSemaphorePermit)> {
        match self.events.recv().await {
            Some(event) => Ok(event),
            None => Err(self.failed().await),
        }
    }

    /// Waits for the log's error. While tables are copied nobody receives events, and yet a dead log must be noticed.
    async fn failed(&self) -> Error {
        let mut error = self.error.clone();
        let found = match error.wait_for(Option::is_some).await {
            Ok(found) => found.clone(),
            Err(_) => None,
        };
        match found {
            Some(e) => Error { kind: e.kind, code: e.code, message: e.message.clone(), hint: e.hint.clone(), source: None },
            None => Error::transient("log_ended", "the log reader ended without a word"),
        }
    }

    fn stats(&self) -> LogStats {
        self.stats.borrow().clone()
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Bytes that an event keeps in memory, about.
fn weight(event: &Event) -> usize {
    match event {
        Event::Rows(rows) => rows.rows.len() + 256,
        Event::Ddl { ddl, .. } => ddl.statement.len() + 256,
        _ => 256,
    }
}

/// Where the source stands, asked every two seconds; a missing answer only makes the figure old.
struct SourceWatch {
    seen: watch::Receiver<Option<Position>>,
    task: JoinHandle<()>,
}

impl SourceWatch {
    fn start(ctx: RunContext) -> Self {
        let (tell, seen) = watch::channel(None);
        let task = tokio::spawn(async move {
            let mut pause = tokio::time::interval(Duration::from_secs(2));
            loop {
                let Ok(mut conn) = connect::open(&ctx.spec.src.endpoint, false).await else {
                    pause.tick().await;
                    continue;
                };
                let Ok(info) = connect::inspect(&mut conn, &ctx.spec.src.endpoint).await else { continue };
                while let Ok(at) = coordinates::high(&mut conn, &info).await {
                    tell.send_replace(Some(at));
                    pause.tick().await;
                }
            }
        });
        Self { seen, task }
    }
    fn now(&mut self) -> Option<Position> {
        self.seen.borrow().clone()
    }
}

impl Drop for SourceWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Turns raw counts into what an operator reads: lag, rates, state.
#[derive(Default)]
struct Gauge {
    /// Source time of the oldest event that is not durable yet, about.
    oldest: Option<i64>,
    /// Where the last thing that was handed to the sink ends.
    taken: Option<Position>,
    /// This run has been where the source was: from then on an empty queue means no lag. Before, it means that nothing
    /// has been read yet.
    met: bool,
    last: Option<(Timestamp, u64)>,
    rate: f64,
}

impl Gauge {
    fn seen(&mut self, event: &Event) {
        let time = match event {
            Event::Begin { time, .. } | Event::Ddl { time, .. } => *time,
            _ => 0,
        };
        if time > 0 && self.oldest.is_none() {
            self.oldest = Some(time);
        }
        if let Event::Commit { end, .. } | Event::Ddl { end, .. } = event {
            self.taken = Some(end.clone());
        }
    }

    fn publish(&mut self, ctx: &RunContext, durable: &Durable, log: &LogStats, source: &Option<Position>) {
        let now = Timestamp::now();
        // Asked of positions, not of the sink's counts: a target that hangs counts nothing.
        let pending = self.taken.as_ref().is_some_and(|end| durable.watermark.as_ref().is_none_or(|at| !at.covers(end)));
        let behind = pending || log.spool_bytes > 0;
        if behind {
            if let Some(time) = durable.source_time.filter(|t| *t > 0) {
                self.oldest = Some(self.oldest.map_or(time, |o| o.max(time)));
            }
        } else {
            self.oldest = None;
        }
        self.met |= source.as_ref().zip(durable.watermark.as_ref()).is_some_and(|(source, at)| at.covers(source));
        let age = |time: i64| (now.as_millisecond() as f64 / 1000.0 - time as f64).max(0.0);
        let lag = self.oldest.map(age).or(self.met.then_some(0.0));
        if let Some((then, events)) = self.last {
            let seconds = (now.as_millisecond() - then.as_millisecond()) as f64 / 1000.0;
            if seconds > 0.0 {
                let fresh = durable.row_events.saturating_sub(events) as f64 / seconds;
                self.rate = self.rate * 0.7 + fresh * 0.3;
            }
        }
        self.last = Some((now, durable.row_events));
        let rate = self.rate;
        let stage = if behind {
            "Waiting for slave workers to process their queues"
        } else {
            "Master has sent all binlog to slave; waiting for more updates"
        };
        ctx.report.update(|p| {
            p.state = if lag.is_some_and(|lag| lag > ctx.limits.lag_seconds as f64) { JobState::Lagging } else { JobState::Streaming };
            if let Some(at) = &durable.watermark {
                for side in [&mut p.src, &mut p.dest] {
                    side.position = at.display();
                    side.file = at.file.clone();
                    side.pos = at.offset;
                }
            }
            for side in [&mut p.src, &mut p.dest] {
                side.delay_seconds = lag;
                side.tx_read = log.transactions;
                side.tx_applied = durable.transactions;
                side.row_events_read = log.row_events;
                side.row_events_applied = durable.row_events;
                side.queue = durable.queued.max(u64::from(pending));
                side.bytes = durable.bytes;
                side.stage = stage.to_owned();
                side.at = Some(now);
            }
            p.spool_bytes = log.spool_bytes;
            p.apply_rows_per_second = rate;
            p.eta_seconds = None;
            if let Some(at) = source {
                p.source_position = at.display();
            }
            for (table, [inserts, updates, deletes, conflicts]) in &durable.tables {
                match p.tables.iter_mut().find(|t| t.table == *table) {
                    Some(t) => (t.inserts, t.updates, t.deletes, t.conflicts) = (*inserts, *updates, *deletes, *conflicts),
                    None => p.tables.push(TableProgress {
                        table: table.clone(),
                        phase: TablePhase::Exact,
                        rows_copied: 0,
                        rows_estimated: 0,
                        bytes_copied: 0,
                        inserts: *inserts,
                        updates: *updates,
                        deletes: *deletes,
                        conflicts: *conflicts,
                    }),
                }
            }
        });
    }
}

/// Takes the job's bookkeeping rows out of the target; user data stays.
pub async fn forget(job: &JobId, spec: &ReplicateSpec) -> Result<()> {
    let SinkSpec::Mysql(target) = &spec.dest.sink;
    MysqlSink::forget(&target.endpoint, job).await
}
