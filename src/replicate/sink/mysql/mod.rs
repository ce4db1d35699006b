//! The sink that writes to MySQL and MariaDB, exactly once per source transaction.
//!
//! ```text
//!  submit ──(bounded by bytes and count)──▶ worker ──transactions──▶ lanes ──groups──▶ target
//!                                             └──all else──▶ its own session ────────▶ target
//!  copier ──chunks───────────────────────────────────────▶ its own session ──────────▶ target
//! ```
//! - [`takeover`]: a new owner ends the old one's sessions, raises the epoch, reads what the target remembers. [`forget`]: an owner that leaves.
//! - [`worker`]: takes items in stream order, deals transactions to lanes, moves the watermark, folds the bookkeeping.
//! - [`touch`], [`schedule`]: what a transaction touches, and which lane it goes to. [`lane`]: groups, on one session.
//! - [`apply`]: one group as one target transaction; [`parts`]: transactions too large to hold. [`conflict`]: rows that differ.
//! - [`statement`], [`literal`]: rows as SQL. [`targets`]: the target's definitions. [`filtered`]: which rows are the job's.
//! - [`refusal`]: what a server said of a statement with rows, without them.
//! - [`cascade`]: what foreign keys do to rows, where the log does not say it.
//! - [`ddl`]: statements of the log between markers; [`contents`]: whether one that leaves no trace has run. [`copier`], [`blocks`], [`tsv`]: chunks of the full copy; [`repair`]: single rows.
//! - [`bookkeeping`], [`transactions`], [`session`]: the schema `syncline`, ids in it, and one connection.
//!
//! Invariant: no target transaction commits without the job's fence row read under a shared lock at our epoch, nor
//! without the record of what it holds.

mod apply;
mod blocks;
mod bookkeeping;
mod cascade;
mod conflict;
mod contents;
mod copier;
mod ddl;
mod filtered;
mod forget;
mod holders;
mod lane;
mod large;
mod ledger;
mod literal;
mod locate;
mod net;
mod parts;
mod prepare;
mod refusal;
mod repair;
mod schedule;
mod session;
mod settle;
mod shown;
mod statement;
mod takeover;
mod targets;
mod touch;
mod transactions;
mod tsv;
mod turns;
mod worker;

pub(in crate::replicate) use ddl::Mark;
pub(in crate::replicate) use repair::Spelled;

use super::{Builder, Claim, Copier, Durable, Epoch, Item, Prepare, Resume, Sink, Standing, TableState};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::job::JobId;
use crate::model::position::Position;
use crate::model::replicate::{ConflictDetection, ConflictPolicy, MysqlSinkSpec, TableFilter, TableName};
use crate::replicate::connect::{Conn, ServerInfo};
use crate::replicate::event::RowsKind;
use crate::replicate::filter::RowFilters;
use crate::replicate::fingerprint::Fingerprint;
use crate::replicate::{Error, Result};
use async_trait::async_trait;
use bookkeeping::{Books, Slot};
use prepare::Preparer;
use refusal::value_free;
use session::Session;
use std::sync::{Arc, Mutex};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use worker::{Work, Worker};

/// Rows waiting between the pump and the target; one item may be larger and then goes alone.
const QUEUE_BYTES: usize = 16 << 20;
const QUEUE_LENGTH: usize = 1024;

/// For rows that hold ENUM index 0, which strict mode refuses; what else it would let pass shows as a warning.
const LENIENT_MODE: &str = "ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO";

/// How the sink behaves, as the job's spec says.
#[derive(Debug, Clone)]
struct Settings {
    endpoint: MysqlEndpoint,
    info: ServerInfo,
    conflict: ConflictPolicy,
    detection: ConflictDetection,
    group_bytes: usize,
    /// Apply sessions.
    workers: usize,
    /// Which tables, and what becomes of them here.
    tables: Arc<TableFilter>,
    filters: Arc<RowFilters>,
    /// The source's log does not hold what foreign keys do.
    cascades: bool,
    standing: Standing,
    turns: turns::Turns,
}

#[derive(Debug)]
pub struct MysqlSink {
    settings: Settings,
    job: JobId,
    origin: String,
    queue_length: usize,
    cancel: CancellationToken,
    durable: watch::Receiver<Durable>,
    room: Arc<Semaphore>,
    failure: Failure,
    running: Option<Running>,
}

/// What exists between `open` and `close`.
#[derive(Debug)]
struct Running {
    books: Books,
    queue: mpsc::Sender<Work>,
    worker: JoinHandle<()>,
    /// Stops the worker where the sink is dropped without `close`.
    _stop: DropGuard,
}

/// Why the worker ended; the first reader gets the error with its source.
#[derive(Debug, Clone, Default)]
struct Failure(Arc<Mutex<Option<Error>>>);

impl Failure {
    fn set(&self, error: Error) {
        *self.0.lock().expect("nothing panics while holding it") = Some(error);
    }
    fn get(&self) -> Error {
        let mut held = self.0.lock().expect("nothing panics while holding it");
        match held.as_mut() {
            Some(e) => Error { kind: e.kind, code: e.code, message: e.message.clone(), hint: e.hint.clone(), source: e.source.take() },
            None => cancelled(),
        }
    }
}

fn cancelled() -> Error {
    Error::transient("cancelled", "the run was cancelled")
}

fn verb(kind: RowsKind) -> &'static str {
    match kind {
        RowsKind::Insert => "insert",
        RowsKind::Update => "update",
        RowsKind::Delete => "delete",
    }
}

impl MysqlSink {
    /// Prepares a sink; nothing is connected before `open`. `source` names where the rows come from (server uuid or id).
    #[expect(clippy::too_many_arguments, reason = "the run hands over what it knows, once")]
    pub fn new(
        endpoint: MysqlEndpoint,
        job: JobId,
        source: &str,
        spec: &MysqlSinkSpec,
        tables: &TableFilter,
        group_bytes: Option<u64>,
        queue_length: Option<u32>,
        apply_workers: u32,
        info: ServerInfo,
        cancel: CancellationToken,
    ) -> Result<Self> {
        let filters = Arc::new(RowFilters::new(tables)?);
        let group_bytes = group_bytes.map_or(lane::GROUP_BYTES, |b| usize::try_from(b).unwrap_or(lane::GROUP_BYTES));
        let workers = spec.apply_workers.unwrap_or(apply_workers).max(1) as usize;
        Ok(Self {
            settings: Settings {
                endpoint,
                info,
                conflict: spec.conflict,
                detection: spec.detection,
                group_bytes,
                workers,
                tables: Arc::new(tables.clone()),
                filters,
                cascades: false,
                standing: Standing::default(),
                turns: turns::Turns::default(),
            },
            job,
            origin: source.to_owned(),
            queue_length: queue_length.map_or(QUEUE_LENGTH, |n| n.max(1) as usize),
            cancel,
            durable: watch::channel(Durable::default()).1,
            room: Arc::new(Semaphore::new(QUEUE_BYTES)),
            failure: Failure::default(),
            running: None,
        })
    }

    /// Makes what foreign keys do to rows here, because the source's log does not hold it.
    pub fn making_cascades(mut self, on: bool) -> Self {
        self.settings.cascades = on;
        self
    }

    /// Reads the job's table states on a session of the caller's; None: the job was never here.
    pub async fn states(conn: &mut Conn, job: &JobId) -> Result<Option<Vec<TableState>>> {
        let books = Books::new(job, Epoch(0), "");
        let failed = |e| Error::mysql("look for the job's bookkeeping at the target", e);
        let absent = |e: &mysql_async::Error| matches!(session::server_code(e), Some(1146 | 1049));
        let sql = format!("SELECT 1 FROM syncline.checkpoint WHERE job={}", books.job());
        match conn.query_first::<u8, _>(sql).await {
            Ok(Some(_)) => {}
            Ok(None) => return Ok(None),
            Err(e) if absent(&e) => return Ok(None),
            Err(e) => return Err(failed(e)),
        }
        let states = takeover::states(conn, books.job()).await.map_err(failed)?;
        Ok(Some(states.into_iter().collect::<Result<_>>()?))
    }

    /// Up to where the target has all of the job's changes, as it says itself; None: the job was never here.
    pub async fn watermark(endpoint: &MysqlEndpoint, job: &JobId) -> Result<Option<Position>> {
        let mut session = Session::unrecorded(endpoint).await?;
        let books = Books::new(job, Epoch(0), "");
        let found = takeover::watermark(&mut session, &books).await;
        session.close(&books).await;
        found
    }

    /// What the target says its sessions of the job are doing.
    pub async fn sessions(endpoint: &MysqlEndpoint, job: &JobId) -> Result<Vec<String>> {
        let mut session = Session::unrecorded(endpoint).await?;
        let books = Books::new(job, Epoch(0), "");
        let found = takeover::sessions(&mut session, &books).await;
        session.close(&books).await;
        found
    }

    fn preparer(&self, slot: Slot) -> Result<Preparer> {
        let Running { books, queue, .. } = self.running()?;
        Ok(Preparer {
            settings: self.settings.clone(),
            books: books.clone(),
            slot,
            cancel: self.cancel.clone(),
            queue: queue.downgrade(),
            failure: self.failure.clone(),
        })
    }

    fn running(&self) -> Result<&Running> {
        self.running.as_ref().ok_or_else(|| Error::permanent("sink_closed", "the sink is not open"))
    }

    async fn send(&self, work: Work) -> Result<()> {
        self.running()?.queue.send(work).await.map_err(|_| self.failure.get())
    }
}

#[async_trait]
impl Sink for MysqlSink {
    async fn open(&mut self, claim: Claim) -> Result<Resume, Error> {
        self.close().await;
        let books = Books::new(&self.job, claim.epoch, &self.origin);
        let mut session = Session::unrecorded(&self.settings.endpoint).await?;
        takeover::create(&mut session).await?;
        takeover::take_over(&mut session, &books, claim, &self.cancel).await?;
        let (resume, left) = takeover::read(&mut session, &books).await?;
        session.close(&books).await;

        let session = Session::open(&self.settings.endpoint, &books).await?;
        let stop = self.cancel.child_token();
        let (queue, work) = mpsc::channel(self.queue_length);
        let start = Durable { watermark: resume.watermark.clone(), ..Durable::default() };
        let (publish, durable) = watch::channel(start);
        self.durable = durable;
        self.room = Arc::new(Semaphore::new(QUEUE_BYTES));
        self.failure = Failure::default();
        let definitions =
            resume.tables.iter().filter_map(|t| Some((t.table.clone(), Fingerprint::parse(&t.fingerprint).into_definition()?)));
        let definitions = definitions.collect();
        let starts = resume.tables.iter().filter_map(|t| Some((self.settings.tables.target(&t.table), t.start.clone()?))).collect();
        let worker = Worker::new(
            self.settings.clone(),
            books.clone(),
            session,
            work,
            publish,
            left,
            definitions,
            starts,
            resume.open_ddl.clone(),
            self.settings.standing.clone(),
            stop.clone(),
        );
        let failure = self.failure.clone();
        let worker = tokio::spawn(worker.run(failure));
        self.running = Some(Running { books, queue, worker, _stop: stop.drop_guard() });
        Ok(resume)
    }

    async fn prepare(&mut self, table: &TableName, what: Prepare) -> Result<(), Error> {
        let statements = prepare::statements(&self.settings.tables.target(table), what);
        self.preparer(Slot::Room)?.run(table, statements).await
    }

    fn builder(&self) -> Result<Option<Box<dyn Builder>>, Error> {
        Ok(Some(Box::new(self.preparer(Slot::Indexes)?)))
    }

    async fn copier(&self) -> Result<Box<dyn Copier>, Error> {
        let copier = copier::MysqlCopier::open(&self.settings, &self.running()?.books).await?;
        Ok(Box::new(copier))
    }

    async fn submit(&mut self, item: Item) -> Result<(), Error> {
        let bytes = worker::cost(&item).min(QUEUE_BYTES);
        let permits = u32::try_from(bytes).expect("bounded by the queue's size");
        let room = Arc::clone(&self.room);
        let queue = &self.running()?.queue;
        let room = tokio::select! {
            () = queue.closed() => return Err(self.failure.get()),
            room = room.acquire_many_owned(permits) => room.map_err(|_| cancelled())?,
        };
        self.send(Work::Item(Box::new(item), room)).await
    }

    fn standing(&self) -> Standing {
        self.settings.standing.clone()
    }

    fn durable(&self) -> watch::Receiver<Durable> {
        self.durable.clone()
    }

    async fn drain(&mut self) -> Result<Position, Error> {
        let (done, reply) = oneshot::channel();
        self.send(Work::Drain(done)).await?;
        let watermark = reply.await.map_err(|_| self.failure.get())??;
        watermark.ok_or_else(|| Error::permanent("sink_empty", "nothing was ever submitted to the sink"))
    }

    async fn close(&mut self) {
        if let Some(Running { queue, worker, _stop: stop, .. }) = self.running.take() {
            // Without senders the worker ends by itself, after what it was given; a cancelled run drops that.
            drop(queue);
            // A panic has been logged, and the failure stays unset: the callers see a closed sink.
            let _ = worker.await;
            drop(stop);
        }
    }
}
