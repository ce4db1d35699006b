//! The sink that publishes row changes as messages, and what all its carriers have in common.
//!
//! ```text
//!  submit ─▶ encode ─▶ carrier: Kafka | a file | the caller
//!     └── entry ──▶ saver ◀── delivered ──┘
//!                     └── prefix delivered ─▶ memory (position, table states, definitions) ─▶ durable
//!  copier ─▶ encode ─▶ the same carrier, a chunk at a time
//! ```
//! Why nothing is lost: the position that is kept moves over an entry only when every message of it and of all entries
//! before it is delivered; a crash repeats what came after. Why the order per key holds: one task submits, the carrier
//! keeps the order of a key's messages, and the copy of a table is one snapshot at its start position, so that no older
//! image comes after a newer one. What a repeat brings again carries the same transaction and row number; where the
//! carrier can take back what came behind the kept position (`sink/file`), nothing comes twice.
//!
//! [`carrier`]: who takes the messages away. [`ledger`]: what is delivered. [`tables`]: definitions and encoders; [`fitting`]:
//! which one fits; [`logged`]: one that the log alone says. [`rows`]: row filters. [`statement`]: DDL. [`transaction`]: where it begins and ends. [`kept`]: what is
//! remembered. [`copier`]: chunks. [mod@line]: a message as a line of text. [`signals`]: what the parts tell each other.
//! [`topics`]: what came to which topic. [`figures`]: what is shown.

mod carrier;
mod copier;
mod figures;
pub(super) mod fitting;
mod kept;
pub(super) mod ledger;
pub(super) mod line;
mod logged;
mod rows;
pub(super) mod signals;
mod statement;
mod tables;
pub(super) mod topics;
mod transaction;

use super::caller::CallerWriter;
use super::file::{FileWriter, Place};
use super::kafka::Producer;
use super::{Builder, Claim, Copier, Durable, Item, Mode, Prepare, Resume, RowCounts, Sink, Standing};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::kafka::KafkaSinkSpec;
use crate::model::messages::{FileName, LinesSinkSpec, LinesTo, MessageSpec};
use crate::model::position::{Position, TxId};
use crate::model::replicate::{TableFilter, TableName};
use crate::replicate::connect::ServerInfo;
use crate::replicate::encode::{Beside, Message, Origin, transaction_id};
use crate::replicate::event::RowsEvent;
use crate::replicate::memory::Memory;
use crate::replicate::outlet::Outlet;
use crate::replicate::report::Report;
use crate::replicate::stream::rows::RowReader;
use crate::replicate::{Error, Result};
use async_trait::async_trait;
use carrier::Carrier;
use figures::Figures;
use ledger::{Entry, Saver};
pub(in crate::replicate) use rows::passing;
use rows::{FILTERED, Last};
use signals::Signals;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
pub(in crate::replicate) use tables::{Known, Naming, Tables};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};
use topics::Topics;
use transaction::Told;

/// Entries between `submit` and the saver.
const QUEUE_LENGTH: usize = 8192;

pub struct MessageSink {
    to: Destination,
    messages: MessageSpec,
    around: Around,
    durable: watch::Receiver<Durable>,
    running: Option<Running>,
}

/// What a message sink is given of the run that it is in.
#[derive(Debug)]
pub struct Around {
    pub source: MysqlEndpoint,
    /// Which tables and rows are the job's.
    pub filter: TableFilter,
    pub info: ServerInfo,
    pub memory: Memory,
    pub report: Report,
    pub cancel: CancellationToken,
    /// The folder that files may be written to.
    pub files_dir: Option<PathBuf>,
    /// Whoever reads what the job writes.
    pub outlet: Option<Outlet>,
}

enum Destination {
    Kafka(Box<KafkaSinkSpec>),
    File(FileName),
    Caller,
}

/// What exists between `open` and `close`.
struct Running {
    shared: Arc<Shared>,
    queue: mpsc::Sender<ledger::Work>,
    saver: JoinHandle<()>,
    /// Looks after the carrier.
    attendant: JoinHandle<()>,
    /// None: transactions are not told.
    told: Option<Told>,
    /// Rows of the open transaction that were sent already.
    rows: u64,
    messages: Vec<Message>,
    _stop: DropGuard,
}

/// What the stream and the copiers share.
pub(super) struct Shared {
    carrier: Carrier,
    signals: Signals,
    topics: Arc<Topics>,
    tables: Tables,
    ddl_topic: Option<String>,
    server_id: u64,
}

impl MessageSink {
    /// Prepares a sink; nothing is connected before `open`.
    pub fn kafka(spec: KafkaSinkSpec, around: Around) -> Self {
        let messages = spec.messages.clone();
        Self::new(Destination::Kafka(Box::new(spec)), messages, around)
    }

    /// The same for lines of JSON.
    pub fn lines(spec: LinesSinkSpec, around: Around) -> Self {
        let LinesSinkSpec { to, messages } = spec;
        let to = match to {
            LinesTo::File(name) => Destination::File(name),
            LinesTo::Caller => Destination::Caller,
        };
        Self::new(to, messages, around)
    }

    fn new(to: Destination, messages: MessageSpec, around: Around) -> Self {
        Self { to, messages, around, durable: watch::channel(Durable::default()).1, running: None }
    }

    fn running(&mut self) -> Result<&mut Running> {
        self.running.as_mut().ok_or_else(|| Error::permanent("sink_closed", "the sink is not open"))
    }

    async fn carrier(&self, documents: &BTreeMap<String, String>, topics: &Arc<Topics>, signals: &Signals) -> Result<Carrier> {
        let Around { memory, files_dir, outlet, .. } = &self.around;
        Ok(match &self.to {
            Destination::Kafka(spec) => Carrier::Kafka(Producer::open(spec, Arc::clone(topics), signals.clone())?),
            Destination::File(name) => {
                let place = Place::new(files_dir.clone(), name.clone())?;
                Carrier::File(FileWriter::open(place, documents, memory, signals.clone()).await?)
            }
            Destination::Caller => Carrier::Caller(CallerWriter::open(outlet.clone(), signals.clone())?),
        })
    }

    fn told(&self) -> Option<Told> {
        match &self.to {
            Destination::Kafka(spec) => spec.transaction_topic.clone().map(|topic| Told::new(topic, Beside::of(spec.messages.format))),
            Destination::File(_) | Destination::Caller => None,
        }
    }

    fn naming(&self) -> Naming {
        match &self.to {
            Destination::Kafka(spec) => Naming::Topics { rule: spec.topic.clone(), partition_by: spec.partition_by.clone() },
            Destination::File(_) | Destination::Caller => Naming::Tables,
        }
    }
}

#[async_trait]
impl Sink for MessageSink {
    async fn open(&mut self, _claim: Claim) -> Result<Resume, Error> {
        self.close().await;
        let documents = self.around.memory.load().await?;
        let kept = kept::read(&documents)?;
        let resume = Resume { watermark: kept.position.clone(), tables: kept.tables, ..Resume::default() };
        let signals = Signals::new();
        let Around { source, filter, info, memory, report, cancel, .. } = &self.around;
        let topics = Arc::new(Topics::new(report.clone(), kept.topics));
        let carrier = self.carrier(&documents, &topics, &signals).await?;
        let shared = Arc::new(Shared {
            tables: Tables::new(source.clone(), filter, info.clone(), self.naming(), &self.messages, kept.definitions)?,
            ddl_topic: match &self.to {
                Destination::Kafka(spec) => spec.ddl_topic.clone(),
                Destination::File(_) | Destination::Caller => None,
            },
            server_id: u64::from(info.server_id),
            carrier: carrier.clone(),
            signals: signals.clone(),
            topics: Arc::clone(&topics),
        });
        let stop = cancel.child_token();
        let (queue, work) = mpsc::channel(QUEUE_LENGTH);
        let (publish, durable) = watch::channel(Durable { watermark: kept.position, ..Durable::default() });
        self.durable = durable;
        let figures = Figures::new(report.clone(), topics, signals.clone(), Instant::now());
        let attendant = {
            let (carrier, stop) = (carrier.clone(), stop.clone());
            // Cancelled is how it ends.
            tokio::spawn(async move { stop.run_until_cancelled(carrier.attend()).await.unwrap_or_default() })
        };
        let saver = tokio::spawn(Saver::new(work, carrier, signals, memory.clone(), publish, figures, stop.clone()).run());
        self.running =
            Some(Running { shared, queue, saver, attendant, told: self.told(), rows: 0, messages: Vec::new(), _stop: stop.drop_guard() });
        Ok(resume)
    }

    /// There are no tables to change.
    async fn prepare(&mut self, table: &TableName, _what: Prepare) -> Result<(), Error> {
        self.running()?.shared.tables.forget(table);
        Ok(())
    }

    fn builder(&self) -> Result<Option<Box<dyn Builder>>, Error> {
        Ok(None)
    }

    async fn copier(&self) -> Result<Box<dyn Copier>, Error> {
        let running = self.running.as_ref().ok_or_else(|| Error::permanent("sink_closed", "the sink is not open"))?;
        Ok(Box::new(copier::MessageCopier::new(Arc::clone(&running.shared))))
    }

    async fn submit(&mut self, item: Item) -> Result<(), Error> {
        let running = self.running()?;
        match item {
            Item::Tx { id, end, rows, source_time, xid } => {
                running.rows = 0;
                running.rows(&id, rows, source_time, xid, Some(end)).await
            }
            Item::TxPart { id, rows, end, source_time } => {
                let last = end.is_some();
                running.rows(&id, rows, source_time, None, end).await?;
                if last {
                    running.rows = 0;
                }
                Ok(())
            }
            Item::Ddl { id, end, ddl, source_time } => running.ddl(&id, &ddl, source_time, end).await,
            // Who reads messages knows them by their transaction.
            Item::Move { to, above: _ } => {
                let entry = running.entry(Some(to), 0);
                running.send(Arc::new(entry), true).await
            }
            Item::Skip { id: _, end, source_time } => {
                let entry = running.entry(Some(end), source_time);
                running.send(Arc::new(entry), true).await
            }
            Item::Table(state) => {
                let mut entry = running.entry(None, 0);
                entry.documents.push(kept::table(&state));
                running.send(Arc::new(entry), true).await
            }
            Item::LetGo(table) => {
                running.shared.tables.forget(&table);
                let mut entry = running.entry(None, 0);
                entry.documents.extend(kept::gone(&table));
                running.send(Arc::new(entry), true).await
            }
        }
    }

    fn standing(&self) -> Standing {
        // A destination that takes nothing says so itself (`Durable::waiting`).
        Standing::default()
    }

    fn durable(&self) -> watch::Receiver<Durable> {
        self.durable.clone()
    }

    async fn drain(&mut self) -> Result<Position, Error> {
        let running = self.running()?;
        let (done, reply) = oneshot::channel();
        running.queue.send(ledger::Work::Drain(done)).await.map_err(|_| running.shared.signals.failure())?;
        let watermark = reply.await.map_err(|_| running.shared.signals.failure())?;
        watermark.ok_or_else(|| Error::permanent("sink_empty", "nothing was ever submitted to the sink"))
    }

    async fn close(&mut self) {
        if let Some(Running { shared, queue, saver, attendant, .. }) = self.running.take() {
            attendant.abort();
            drop(queue);
            // Without senders it ends by itself; a panic has been logged.
            let _ = saver.await;
            shared.carrier.close().await;
        }
    }
}

impl Running {
    /// Begins an entry; what became known of tables since the last one is kept with it.
    fn entry(&self, end: Option<Position>, source_time: i64) -> Entry {
        Entry::new(end, source_time, self.shared.tables.take_changed())
    }

    /// Passes on an entry whose messages are handed over. `whole`: it is no transaction's first part.
    async fn send(&mut self, entry: Arc<Entry>, whole: bool) -> Result<()> {
        if whole {
            entry.ends_at(self.shared.carrier.mark());
        }
        let sent = self.queue.send(ledger::Work::Entry(entry)).await;
        sent.map_err(|_| self.shared.signals.failure())?;
        self.shared.carrier.flush().await
    }

    /// Encodes and sends the rows of a transaction, or of a part of one. One too large to hold has no xid: it comes last.
    async fn rows(
        &mut self,
        id: &TxId,
        rows: Vec<(RowsEvent, Mode)>,
        source_time: i64,
        xid: Option<u64>,
        end: Option<Position>,
    ) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        // Asked for before the entry, so that it carries what is learnt of them.
        for (event, _) in &rows {
            shared.tables.of(&event.map).await?;
        }
        let whole = end.is_some();
        let entry = Arc::new(self.entry(end, source_time));
        entry.hold();
        let gtid = id.gtid.as_ref().map(ToString::to_string);
        let now = jiff::Timestamp::now().as_microsecond();
        let source_ms = source_time.saturating_mul(1000);
        let last = if whole { Last::of(&shared.tables, &rows).await? } else { Last::default() };
        for (i, (event, _)) in rows.iter().enumerate() {
            let mut place = 0;
            let known = shared.tables.of(&event.map).await?;
            let topic = shared.carrier.topic(&shared.topics, &known.topic).await?;
            let (mut sent, mut bytes) = (0, 0);
            let (mut before, mut after) = (Vec::new(), Vec::new());
            let mut reader = RowReader::new(event, known.encoder.unsigned());
            let mut counts = RowCounts::default();
            while reader.next(&mut before, &mut after)? {
                // Rows that a filter leaves out count: the number names the change, whatever filter there is.
                let row = self.rows;
                self.rows += 1;
                let is_last = last.is_last(i, place, &reader);
                place += 1;
                // Which images there are is the event's kind.
                let old = if before.is_empty() { Vec::new() } else { known.encoder.from_log(&before)? };
                let new = if after.is_empty() { Vec::new() } else { known.encoder.from_log(&after)? };
                let Some((change, counted)) = rows::passing(&known, event.kind, &old, &new)? else {
                    counts[FILTERED] += 1;
                    continue;
                };
                let begun = self.told.as_mut().and_then(|told| {
                    let name = || transaction_id(gtid.as_deref(), &id.file, id.start_offset);
                    told.begin(name, source_ms).map(|message| (told.topic.clone(), message))
                });
                if let Some((topic, message)) = begun {
                    self.beside(&topic, &message, source_ms, &entry).await?;
                }
                let origin = Origin {
                    server_id: shared.server_id,
                    gtid: gtid.as_deref(),
                    file: &id.file,
                    offset: id.start_offset,
                    row,
                    last_row: is_last,
                    xid,
                    transaction: self.told.as_ref().and_then(|told| told.place(&event.map.table)),
                    source_ms,
                    now_us: now,
                    ..Origin::default()
                };
                self.messages.clear();
                known.encoder.encode(&change, &origin, &mut self.messages)?;
                for message in &self.messages {
                    bytes += shared.carrier.send(&topic, message, source_ms, &entry).await? as u64;
                    sent += 1;
                }
                if let Some(told) = &mut self.told {
                    told.sent(&event.map.table, self.messages.iter().filter(|m| m.value.is_some()).count() as u64);
                }
                counts[counted] += 1;
            }
            entry.wrote(&topic, sent, bytes);
            entry.count(&event.map.table, counts);
        }
        if let Some((topic, message)) = self.told.as_mut().filter(|_| whole).and_then(|t| Some((t.topic.clone(), t.end(source_ms)?))) {
            self.beside(&topic, &message, source_ms, &entry).await?;
        }
        entry.release();
        self.send(entry, whole).await
    }
}
