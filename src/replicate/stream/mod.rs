//! The source's log: read from the socket, spooled to disk, decoded into the pump's events.
//!
//! ```text
//!  source ──dump──▶ reader task (checksum) ──▶ spool ──▶ assemble ──▶ Event ──▶ pump
//! ```
//! [`Log`] belongs to one run and is asked by its pump. The reader always drains the socket, because the server drops a
//! replica that does not read for its net_write_timeout; the spool takes what the target has no room for. Rows stay raw
//! ([`RowsEvent`](super::event::RowsEvent)); [`RowReader`] decodes them where they are used. A failed connection ends the
//! `Log`: the next run asks again from its watermark.

mod assemble;
mod changes;
mod compressed;
mod cursor;
mod decimal;
mod dump;
mod events;
mod json;
mod json_parts;
mod own;
mod reader;
mod refused;
pub mod rows;
mod spool;
mod table_map;
mod temporal;
mod value;
mod words;

pub use rows::RowReader;
pub use spool::Spooled;
pub use value::{ShortText, Value};

use super::connect::ServerInfo;
use super::event::Event;
use super::{Error, Result};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::live::Live;
use crate::model::position::Position;
use crate::model::replicate::TableFilter;
use assemble::Assembler;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What a log is read with.
#[derive(Debug, Clone)]
pub struct LogConfig {
    pub endpoint: MysqlEndpoint,
    pub info: ServerInfo,
    /// Unique among the source's replicas: the source drops the older of two.
    pub server_id: u32,
    /// This log's own folder.
    pub spool_dir: PathBuf,
    /// Bytes on disk at which reading stops until some are consumed.
    pub spool_bytes: u64,
    /// Rows of other tables are dropped as they are decoded.
    pub filter: TableFilter,
    /// The identity of the target, if that is a server: what comes from it is passed over.
    pub target: Option<String>,
    /// What the job is told while it runs: of a transaction that it leaves out nothing is looked at.
    pub live: watch::Receiver<Live>,
}

/// How far a log was read.
#[derive(Debug, Clone, PartialEq)]
pub struct LogStats {
    /// Received and not decoded yet.
    pub spool_bytes: u64,
    /// Decoded: what is received meanwhile is behind it ([`Spooled`]).
    pub decoded_bytes: u64,
    /// Reading stopped at the bound.
    pub spool_full: bool,
    /// Behind the last transaction that was given out.
    pub position: Position,
    pub transactions: u64,
    pub row_events: u64,
    /// Transactions and statements that came from the job's own target.
    pub own: u64,
    /// Unix seconds of the last decoded event; 0 = none yet.
    pub last_event_time: i64,
    /// Everything received is decoded, and the source has sent nothing more.
    pub caught_up: bool,
}

/// What the reader task says of itself.
#[derive(Debug, Default)]
struct Shared {
    full: AtomicBool,
    /// The socket is empty.
    waiting: AtomicBool,
}

/// A source's log from a position on.
#[derive(Debug)]
pub struct Log {
    spool: spool::Reader,
    assembler: Assembler,
    shared: Arc<Shared>,
    reader: Option<JoinHandle<Result<()>>>,
    cancel: CancellationToken,
    /// After an error nothing more is given out, or a caller could pass over what failed.
    failed: bool,
}

impl Log {
    /// Connects and begins to read behind `from`. `coordinates::validate_resume` says before whether the source can.
    pub async fn open(cfg: LogConfig, from: &Position, cancel: CancellationToken) -> Result<Self> {
        let (writer, spool) = spool::open(&cfg.spool_dir, cfg.spool_bytes).await?;
        let (stream, start) = dump::open(&cfg, from).await?;
        let shared = Arc::new(Shared::default());
        let cancel = cancel.child_token();
        let task = reader::Task {
            stream,
            spool: writer,
            shared: Arc::clone(&shared),
            endpoint: cfg.endpoint,
            server_id: cfg.server_id,
            cancel: cancel.clone(),
        };
        let assembler = Assembler::new(cfg.filter, cfg.target, cfg.live, from.clone(), &start);
        Ok(Self { spool, assembler, shared, reader: Some(tokio::spawn(task.run())), cancel, failed: false })
    }

    /// Returns the next event, waiting for it. Dropping the future loses nothing. After an error the log is done.
    pub async fn next(&mut self) -> Result<Event> {
        if self.failed {
            return Err(Error::transient("log_failed", "the log has failed before"));
        }
        let next = self.read().await;
        self.failed = next.is_err();
        next
    }

    async fn read(&mut self) -> Result<Event> {
        loop {
            if let Some(event) = self.assembler.pop() {
                return Ok(event);
            }
            match self.spool.next().await? {
                Some(record) => self.assembler.feed(record)?,
                None => return Err(self.ended().await),
            }
        }
    }

    /// Why the reader task is gone.
    async fn ended(&mut self) -> Error {
        let Some(reader) = &mut self.reader else { return Error::transient("log_failed", "the log was closed") };
        let ended = reader.await;
        self.reader = None;
        match ended {
            Ok(Err(error)) => error,
            Ok(Ok(())) => Error::transient("cancelled", "reading the log was cancelled"),
            Err(panic) => Error::transient("log_reader_panicked", "the log reader panicked").because(panic),
        }
    }

    /// What is received, also while nobody asks for the next event.
    pub fn spooled(&self) -> Spooled {
        self.spool.spooled()
    }

    pub fn stats(&self) -> LogStats {
        let decoded = self.spool.given();
        let pending = self.spooled().behind(decoded);
        LogStats {
            spool_bytes: pending,
            decoded_bytes: decoded,
            spool_full: self.shared.full.load(Ordering::Relaxed),
            position: self.assembler.position().clone(),
            transactions: self.assembler.transactions,
            row_events: self.assembler.row_events,
            own: self.assembler.own(),
            last_event_time: self.assembler.last_time,
            caught_up: pending == 0 && self.shared.waiting.load(Ordering::Relaxed),
        }
    }

    /// Ends the reader task and its connection.
    pub async fn close(mut self) {
        self.cancel.cancel();
        if let Some(reader) = self.reader.take() {
            // Its error is of no interest any more.
            let _ = reader.await;
        }
    }
}

/// A log that is dropped without `close` leaves no task behind.
impl Drop for Log {
    fn drop(&mut self) {
        self.cancel.cancel();
        if let Some(reader) = &self.reader {
            reader.abort();
        }
    }
}
