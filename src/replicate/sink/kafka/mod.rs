//! The sink that writes to Kafka: at least once, in order per key.
//!
//! ```text
//!  submit ─▶ encode ─▶ producer (idempotent, acks=all) ─▶ brokers
//!     └── entry ──▶ saver ◀── acknowledgements ──┘
//!                     └── prefix acknowledged ─▶ memory (position, table states, definitions) ─▶ durable
//!  copier ─▶ encode ─▶ the same producer, a chunk at a time
//! ```
//! Why nothing is lost: the position that is kept moves over an entry only when every message of it and of all entries
//! before it is acknowledged; a crash repeats what came after. Why the order per key holds: one task submits, the
//! producer keeps the order of a partition over its own retries, a key always goes to one partition, and the copy of a
//! table is one snapshot at its start position, so that no older image comes after a newer one. What a repeat brings
//! again carries the same transaction and row number.
//!
//! [`producer`]: the client. [`ledger`]: what is acknowledged. [`tables`]: definitions and encoders. [`kept`]: what is
//! remembered. [`topics`]: partitions and what came to them. [`figures`]: what is shown. [`copier`]: chunks. [`rate`]: the limit.

mod copier;
mod figures;
mod kept;
mod ledger;
mod producer;
mod rate;
mod tables;
mod topics;

use super::{Copier, Durable, Epoch, Item, Mode, Prepare, Resume, RowCounts, Sink};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::kafka::KafkaSinkSpec;
use crate::model::position::{Position, TxId};
use crate::model::replicate::{SrcTask, TableFilter, TableName};
use crate::replicate::connect::ServerInfo;
use crate::replicate::ddl::{self, Ddl};
use crate::replicate::encode::{Change, Datum, Message, Origin};
use crate::replicate::event::{DdlEvent, RowsEvent, RowsKind};
use crate::replicate::memory::Memory;
use crate::replicate::report::Report;
use crate::replicate::stream::rows::RowReader;
use crate::replicate::{Error, Result};
use async_trait::async_trait;
use figures::Figures;
use ledger::{Entry, Saver};
use producer::Producer;
use rate::Rate;
use std::sync::Arc;
use tables::{Known, Tables};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};
use topics::Topics;

pub use producer::reach;

/// Entries between `submit` and the saver.
const QUEUE_LENGTH: usize = 8192;

pub struct KafkaSink {
    spec: KafkaSinkSpec,
    source: MysqlEndpoint,
    filter: TableFilter,
    info: ServerInfo,
    memory: Memory,
    report: Report,
    cancel: CancellationToken,
    durable: watch::Receiver<Durable>,
    running: Option<Running>,
}

/// What exists between `open` and `close`.
struct Running {
    shared: Arc<Shared>,
    queue: mpsc::Sender<ledger::Work>,
    saver: JoinHandle<()>,
    recount: JoinHandle<()>,
    /// Rows of the open transaction that were sent already.
    rows: u64,
    messages: Vec<Message>,
    _stop: DropGuard,
}

/// What the stream and the copiers share.
pub(super) struct Shared {
    producer: Producer,
    tables: Tables,
    spec: KafkaSinkSpec,
    rate: Option<Rate>,
    server_id: u64,
}

impl KafkaSink {
    /// Prepares a sink; nothing is connected before `open`.
    pub fn new(spec: KafkaSinkSpec, src: &SrcTask, info: ServerInfo, memory: Memory, report: Report, cancel: CancellationToken) -> Self {
        let (source, filter) = (src.endpoint.clone(), src.filter.clone());
        Self { spec, source, filter, info, memory, report, cancel, durable: watch::channel(Durable::default()).1, running: None }
    }

    fn running(&mut self) -> Result<&mut Running> {
        self.running.as_mut().ok_or_else(|| Error::permanent("sink_closed", "the sink is not open"))
    }
}

#[async_trait]
impl Sink for KafkaSink {
    async fn open(&mut self, _epoch: Epoch) -> Result<Resume, Error> {
        self.close().await;
        let kept = kept::read(&self.memory.load().await?)?;
        let resume = Resume { watermark: kept.position.clone(), tables: kept.tables, ..Resume::default() };
        let producer = Producer::open(&self.spec, Topics::new(self.report.clone(), kept.topics))?;
        let shared = Arc::new(Shared {
            tables: Tables::new(self.source.clone(), &self.filter, self.info.clone(), &self.spec, kept.definitions)?,
            rate: self.spec.rate.map(Rate::new),
            spec: self.spec.clone(),
            server_id: u64::from(self.info.server_id),
            producer: producer.clone(),
        });
        let stop = self.cancel.child_token();
        let (queue, work) = mpsc::channel(QUEUE_LENGTH);
        let (publish, durable) = watch::channel(Durable { watermark: kept.position, ..Durable::default() });
        self.durable = durable;
        let figures = Figures::new(self.report.clone(), Instant::now());
        let recount = {
            let (producer, stop) = (producer.clone(), stop.clone());
            tokio::spawn(async move { stop.run_until_cancelled(producer.recount()).await.unwrap_or_default() })
        };
        let saver = tokio::spawn(Saver::new(work, producer, self.memory.clone(), publish, figures, stop.clone()).run());
        self.running = Some(Running { shared, queue, saver, recount, rows: 0, messages: Vec::new(), _stop: stop.drop_guard() });
        Ok(resume)
    }

    /// There are no tables to change.
    async fn prepare(&mut self, table: &TableName, _what: Prepare) -> Result<(), Error> {
        self.running()?.shared.tables.forget(table);
        Ok(())
    }

    async fn copier(&self) -> Result<Box<dyn Copier>, Error> {
        let running = self.running.as_ref().ok_or_else(|| Error::permanent("sink_closed", "the sink is not open"))?;
        Ok(Box::new(copier::KafkaCopier::new(Arc::clone(&running.shared))))
    }

    async fn submit(&mut self, item: Item) -> Result<(), Error> {
        let running = self.running()?;
        match item {
            Item::Tx { id, end, rows, source_time } => {
                running.rows = 0;
                running.rows(&id, rows, source_time, Some(end)).await
            }
            Item::TxPart { id, rows, end, source_time } => {
                let last = end.is_some();
                running.rows(&id, rows, source_time, end).await?;
                if last {
                    running.rows = 0;
                }
                Ok(())
            }
            Item::Ddl { id, end, ddl, source_time } => running.ddl(&id, &ddl, source_time, end).await,
            Item::Skip { id: _, end, source_time } => {
                let entry = running.entry(Some(end), source_time);
                running.send(entry).await
            }
            Item::Table(state) => {
                let mut entry = running.entry(None, 0);
                entry.documents.push(kept::table(&state));
                running.send(entry).await
            }
            Item::LetGo(table) => {
                running.shared.tables.forget(&table);
                let mut entry = running.entry(None, 0);
                entry.documents.extend(kept::gone(&table));
                running.send(entry).await
            }
        }
    }

    fn durable(&self) -> watch::Receiver<Durable> {
        self.durable.clone()
    }

    async fn drain(&mut self) -> Result<Position, Error> {
        let running = self.running()?;
        let (done, reply) = oneshot::channel();
        running.queue.send(ledger::Work::Drain(done)).await.map_err(|_| running.shared.producer.failure())?;
        let watermark = reply.await.map_err(|_| running.shared.producer.failure())?;
        watermark.ok_or_else(|| Error::permanent("sink_empty", "nothing was ever submitted to the sink"))
    }

    async fn close(&mut self) {
        if let Some(Running { shared, queue, saver, recount, .. }) = self.running.take() {
            recount.abort();
            drop(queue);
            // Without senders it ends by itself; a panic has been logged.
            let _ = saver.await;
            shared.producer.close().await;
        }
    }
}

impl Running {
    /// Begins an entry; what became known of tables since the last one is kept with it.
    fn entry(&self, end: Option<Position>, source_time: i64) -> Entry {
        Entry::new(end, source_time, self.shared.tables.take_changed())
    }

    async fn send(&mut self, entry: Entry) -> Result<()> {
        let sent = self.queue.send(ledger::Work::Entry(Arc::new(entry))).await;
        sent.map_err(|_| self.shared.producer.failure())
    }

    /// Encodes and sends the rows of a transaction, or of a part of one.
    async fn rows(&mut self, id: &TxId, rows: Vec<(RowsEvent, Mode)>, source_time: i64, end: Option<Position>) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        // Asked for before the entry, so that it carries what is learnt of them.
        for (event, _) in &rows {
            shared.tables.of(&event.map).await?;
        }
        let entry = Arc::new(self.entry(end, source_time));
        entry.hold();
        let gtid = id.gtid.as_ref().map(ToString::to_string);
        let now = jiff::Timestamp::now().as_microsecond();
        for (event, _) in &rows {
            let known = shared.tables.of(&event.map).await?;
            let topic = shared.producer.topic(&known.topic).await?;
            let (mut sent, mut bytes) = (0, 0);
            let (mut before, mut after) = (Vec::new(), Vec::new());
            let mut reader = RowReader::new(event, known.encoder.unsigned());
            let mut counts = RowCounts::default();
            while reader.next(&mut before, &mut after)? {
                let origin = Origin {
                    server_id: shared.server_id,
                    gtid: gtid.as_deref(),
                    file: &id.file,
                    offset: id.start_offset,
                    // Rows that a filter leaves out count: the number names the change, whatever filter there is.
                    row: self.rows,
                    source_ms: source_time.saturating_mul(1000),
                    now_us: now,
                    ..Origin::default()
                };
                self.rows += 1;
                let counted = {
                    // Which images there are is the event's kind.
                    let old = if before.is_empty() { Vec::new() } else { known.encoder.from_log(&before)? };
                    let new = if after.is_empty() { Vec::new() } else { known.encoder.from_log(&after)? };
                    let Some((change, counted)) = passing(&known, event.kind, &old, &new)? else {
                        counts[4] += 1;
                        continue;
                    };
                    self.messages.clear();
                    known.encoder.encode(&change, &origin, &mut self.messages)?;
                    counted
                };
                if let Some(rate) = &shared.rate {
                    rate.take(1).await;
                }
                for message in &self.messages {
                    bytes += shared.producer.send(&topic, message, origin.source_ms, &entry).await? as u64;
                    sent += 1;
                }
                counts[counted] += 1;
            }
            entry.wrote(&topic, sent, bytes);
            entry.count(&event.map.table, counts);
        }
        entry.release();
        self.queue.send(ledger::Work::Entry(entry)).await.map_err(|_| shared.producer.failure())
    }

    /// A statement changes definitions, and is told where the job says so.
    async fn ddl(&mut self, id: &TxId, event: &DdlEvent, source_time: i64, end: Position) -> Result<()> {
        let mode = ddl::Mode::from_sql_mode(event.sql_mode.unwrap_or(0));
        if let Ok(Ddl::Table(table)) = ddl::classify_in(&event.statement, &event.default_schema, mode) {
            for name in table.changed() {
                self.shared.tables.outdated(name);
            }
        }
        let entry = Arc::new(self.entry(Some(end), source_time));
        if let Some(topic) = &self.shared.spec.ddl_topic {
            let message = Message {
                key: Some(event.default_schema.clone().into_bytes()),
                value: Some(
                    serde_json::json!({
                        "ddl": event.statement,
                        "databaseName": event.default_schema,
                        "ts_ms": source_time.saturating_mul(1000),
                        "gtid": id.gtid.as_ref().map(ToString::to_string),
                        "file": id.file,
                        "pos": id.start_offset,
                    })
                    .to_string()
                    .into_bytes(),
                ),
                partition: Vec::new(),
            };
            let topic = self.shared.producer.topic(topic).await?;
            entry.hold();
            let bytes = self.shared.producer.send(&topic, &message, source_time.saturating_mul(1000), &entry).await?;
            entry.wrote(&topic, 1, bytes as u64);
            entry.release();
        }
        self.queue.send(ledger::Work::Entry(entry)).await.map_err(|_| self.shared.producer.failure())
    }
}

/// What a row change means behind the row filter, and where it is counted; None: nothing. An update that crosses the
/// filter brings the row in or takes it out.
fn passing<'a>(known: &Known, kind: RowsKind, old: &'a [Datum<'a>], new: &'a [Datum<'a>]) -> Result<Option<(Change<'a>, usize)>> {
    let (inserted, updated, deleted) =
        ((Change::Insert(new), 0), (Change::Update { before: old, after: new }, 1), (Change::Delete(old), 2));
    Ok(match kind {
        RowsKind::Insert => known.keeps(new)?.then_some(inserted),
        RowsKind::Delete => known.keeps(old)?.then_some(deleted),
        RowsKind::Update => match (known.keeps(old)?, known.keeps(new)?) {
            (true, true) => Some(updated),
            (false, true) => Some(inserted),
            (true, false) => Some(deleted),
            (false, false) => None,
        },
    })
}
