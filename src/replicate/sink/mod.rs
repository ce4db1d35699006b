//! Where changes go. `Sink` and `Copier` are the engine's only traits, because tables at a server and messages
//! (to Kafka, a file or a caller) ship and are chosen at run time; no default bodies, so that a sink which forgets a method does not compile.
//!
//! Contract: `submit` may be repeated after a crash and must converge; what `durable` publishes is durable and has no
//! holes: one value serves as status and as checkpoint.

mod caller;
mod file;
pub mod kafka;
pub mod messages;
pub mod mysql;
mod standing;

pub use file::check as check_files;
pub use standing::Standing;

use super::event::{DdlEvent, RowsEvent};
use super::table::Table;
use super::{Error, Result};
use crate::model::position::{Position, TxId};
use crate::model::progress::{ConflictSeen, TablePhase};
use crate::model::replicate::TableName;
use crate::replicate::repair::Mended;
use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Rises with every take-over of a job; the sink fences older ones. Its last bits tell whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(pub u64);

impl Epoch {
    const OWNER_BITS: u32 = 20;

    /// The `count`th of this owner. Counts of milliseconds fit until the year 2248.
    pub fn of(count: u64, owner: &str) -> Self {
        let digest = Sha256::digest(owner);
        let owner = u64::from(u32::from_be_bytes([0, digest[0], digest[1], digest[2]])) & ((1 << Self::OWNER_BITS) - 1);
        Self((count << Self::OWNER_BITS) | owner)
    }
    /// The count that it was made of.
    pub fn count(self) -> u64 {
        self.0 >> Self::OWNER_BITS
    }
    /// Two owners in a million are taken for one: they take jobs from each other.
    fn has_owner_of(self, other: Self) -> bool {
        (self.0 ^ other.0).trailing_zeros() >= Self::OWNER_BITS
    }
    /// Says whether another owner has taken the job over since this one was asked to run it.
    pub(in crate::replicate) fn lost_to(self, stored: Self) -> bool {
        stored > self && !stored.has_owner_of(self)
    }
}

/// What a start goes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Higher than any earlier start of the job here.
    pub epoch: Epoch,
    /// The epoch of the latest start that somebody asked this owner for: who has taken the job over since keeps it, for a start
    /// that comes by itself takes it from nobody. None: whoever has it loses it.
    pub asked: Option<Epoch>,
}

impl Claim {
    /// Takes the job from whoever has it.
    pub fn any(epoch: u64) -> Self {
        Self { epoch: Epoch(epoch), asked: None }
    }
    /// Says whether the epoch that stands there ends the attempt.
    pub(in crate::replicate) fn is_barred_by(self, stored: Epoch) -> bool {
        stored >= self.epoch || self.asked.is_some_and(|asked| asked.lost_to(stored))
    }
}

/// Why a start that somebody asked for did not take its job: the epoch that stands there is of a clock that is ahead. Who starts
/// jobs counts on from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ahead(pub Epoch);

impl fmt::Display for Ahead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the epoch there is {}", self.0.count())
    }
}

impl std::error::Error for Ahead {}

/// What became of a job's bookkeeping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgotten {
    Gone,
    /// Another owner has taken the job over, and goes on from it.
    Anothers,
}

/// What the target remembers of a job.
#[derive(Debug, Clone, Default)]
pub struct Resume {
    /// Everything at or before it is committed. None: the job never started here.
    pub watermark: Option<Position>,
    /// Source transactions committed above the watermark; the pump skips them.
    pub applied: Vec<crate::model::gtid::Gtid>,
    /// The same where GTIDs are off: (file, start offset) pairs.
    pub applied_offsets: Vec<(String, u64)>,
    /// Source transactions above a watermark that was set back: they are applied again as far as their tables converge.
    pub again: Vec<TxId>,
    pub tables: Vec<TableState>,
    /// A DDL that was begun and whose end is not recorded.
    pub open_ddl: Option<OpenDdl>,
}

/// One row of `syncline.table_state` (replication.md §2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableState {
    pub table: TableName,
    pub phase: TablePhase,
    /// Safe position before the first chunk; events at or before it are dropped.
    pub start: Option<Position>,
    /// Position after the last chunk; up to it events converge, beyond it they are exact.
    pub end: Option<Position>,
    /// Fingerprint of the source's definition when the copy began.
    pub fingerprint: String,
    /// The copy plan and how far each range got; the copy resumes there.
    pub chunks: Vec<ChunkDone>,
    pub rows: u64,
}

/// A key range of a table's copy plan and how far it got. Keys are encoded by the copy engine; to the sink they are bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkDone {
    pub range: u32,
    /// Exclusive; None = from the start.
    pub lower: Option<Vec<u8>>,
    /// Inclusive; None = to the end.
    pub upper: Option<Vec<u8>>,
    /// Key of the last row written; None = nothing yet.
    pub cursor: Option<Vec<u8>>,
    pub complete: bool,
    /// Rows written in this range so far.
    pub rows: u64,
}

/// What the copy needs done to a target table before its rows come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prepare {
    /// Runs these statements (CREATE DATABASE/TABLE IF NOT EXISTS …).
    Run(Vec<String>),
    /// Empties the table.
    Truncate,
    Drop,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDdl {
    pub tx: TxId,
    pub statement: String,
    /// Target fingerprints at the begin marker; None = the table was absent.
    pub fingerprints: Vec<(TableName, Option<String>)>,
    /// Sums of the rows of tables whose definitions do not say whether it has run.
    pub contents: Vec<(TableName, u32)>,
}

/// How a transaction's events on one table are to be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// At or before the table's start position: already in the copy.
    Drop,
    /// DELETE old key + REPLACE new image.
    Converge,
    /// Affected rows are checked against the conflict policy.
    Exact,
}

/// One piece of the stream, in stream order.
#[derive(Debug)]
pub enum Item {
    /// A whole source transaction.
    Tx {
        id: TxId,
        end: Position,
        rows: Vec<(RowsEvent, Mode)>,
        source_time: i64,
        /// The storage engine's number of it, where one took part that has some.
        xid: Option<u64>,
    },
    /// A transaction too large to hold: parts, the last with `end`. A barrier on both sides.
    TxPart {
        id: TxId,
        rows: Vec<(RowsEvent, Mode)>,
        end: Option<Position>,
        source_time: i64,
    },
    Ddl {
        id: TxId,
        end: Position,
        ddl: DdlEvent,
        source_time: i64,
    },
    /// A transaction or event without effect at the target: moves the watermark only.
    Skip {
        id: Option<TxId>,
        end: Position,
        source_time: i64,
    },
    /// The stream goes on elsewhere, as the operator says; nothing is under way.
    Move {
        to: Position,
        above: Above,
    },
    /// A table reaches a new phase; stored in stream order.
    Table(TableState),
    /// A table is no longer the job's: its state goes, its rows stay.
    LetGo(TableName),
}

/// What becomes of what is committed above the watermark when the stream goes on elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Above {
    /// It is passed over.
    Applied,
    /// Older changes come before it: it is applied again, as `Resume::again` says.
    Again,
    /// It is of another log; the same names may stand for other transactions in this one.
    Foreign,
}

/// Rows of a table's stream: inserted, updated, deleted, in conflict, left out by the job's row filter.
pub type RowCounts = [u64; 5];

/// What is durable at the target.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Durable {
    pub watermark: Option<Position>,
    pub transactions: u64,
    /// Groups of transactions that were full, and those that were sent because no more was waiting.
    pub groups_full: u64,
    pub groups_idle: u64,
    /// Groups that were rolled back and done again because of others' locks.
    pub lock_repeats: u64,
    pub row_events: u64,
    /// Row changes that the conflict policy left out; they are none of `row_events`.
    pub skipped: u64,
    pub bytes: u64,
    /// Unix seconds of the last durable transaction at the source.
    pub source_time: Option<i64>,
    pub tables: Vec<(TableName, RowCounts)>,
    /// Rows with numbers of JSON that the target rounds.
    pub inexact: u64,
    /// The newest, oldest first.
    pub conflicts: Vec<ConflictSeen>,
    /// Transactions that are durable beyond the watermark: lanes bring them in any order.
    pub above: u64,
    /// Of topics and files: pieces accepted and not acknowledged yet.
    pub queued: u64,
    /// What the target keeps the job waiting for.
    pub waiting: Option<String>,
    /// Since when the target runs a statement of the source's log.
    pub running: Option<Instant>,
}

/// A statement that runs so long is told: most are over before anybody looks.
const LONG: Duration = Duration::from_secs(5);

impl Durable {
    /// Says what keeps the job waiting, and whether that is work that takes its time, where nothing is wrong.
    pub fn waits(&self, now: Instant) -> Option<(String, bool)> {
        let long = |since: Instant| now.saturating_duration_since(since) >= LONG;
        let runs =
            || self.running.filter(|since| long(*since)).map(|_| ("a statement of the source's log runs at the target".to_owned(), true));
        self.waiting.clone().map(|what| (what, false)).or_else(runs)
    }
}

/// A chunk of copied rows, as the readers make it and a copier writes it.
#[derive(Debug, Clone)]
pub struct Chunk {
    pub table: Arc<Table>,
    pub done: ChunkDone,
    /// The target table was empty when this copy began and the stream has not written to it: nothing can be replaced,
    /// unless the target takes two keys for one.
    pub fresh: bool,
}

/// Rows as received from the source's text protocol: one buffer and offsets, no value is looked at.
///
/// The columns are `Table::stored_columns()` of the source in that order. Values are what SELECT sends to a session of
/// ours (`connect::faithful`: charset binary, UTC): text in the column's own charset, BINARY(n) padded, BIT and GEOMETRY
/// raw, MySQL JSON as UTF-8 text; but FLOAT as `f+0e0` (its own text loses digits) and ENUM as its number `e+0` (the text
/// of number 0 is that of the member ''). SET is its text.
/// A block may hold no row: then only its chunk's record is to be written.
#[derive(Debug, Clone, Default)]
pub struct RowBlock {
    pub data: Vec<u8>,
    /// (start, end) of every value in row-major order; `u32::MAX` as start = NULL.
    pub values: Vec<(u32, u32)>,
    pub columns: usize,
}

impl RowBlock {
    pub fn rows(&self) -> usize {
        self.values.len().checked_div(self.columns).unwrap_or(0)
    }
    pub fn value(&self, row: usize, column: usize) -> Option<&[u8]> {
        let (start, end) = self.values[row * self.columns + column];
        (start != u32::MAX).then(|| &self.data[start as usize..end as usize])
    }
    pub fn push(&mut self, value: Option<&[u8]>) {
        match value {
            None => self.values.push((u32::MAX, 0)),
            Some(bytes) => {
                let start = self.data.len() as u32;
                self.data.extend_from_slice(bytes);
                self.values.push((start, self.data.len() as u32));
            }
        }
    }
    pub fn bytes(&self) -> usize {
        self.data.len() + self.values.len() * 8
    }
    /// An upper bound of what a row takes in a packet: its values, each with its length.
    pub fn row_bytes(&self, row: usize) -> usize {
        let values = &self.values[row * self.columns..][..self.columns];
        values.iter().map(|(start, end)| end.saturating_sub(*start) as usize + 10).sum()
    }
}

/// What rows of one table of the target are to be (`repair`): of these keys it is to have these rows and no others.
pub struct Mend {
    pub target: TableName,
    /// Conditions on the target's key.
    pub keys: Vec<String>,
    /// The source's tables with their rows, and for each row the place of its key.
    pub parts: Vec<(Arc<Table>, RowBlock, Vec<usize>)>,
}

#[async_trait]
pub trait Sink: Send {
    /// Takes the job over under a new epoch and says where it stands.
    async fn open(&mut self, claim: Claim) -> Result<Resume, Error>;
    /// Changes a target table for the copy; checks the fence first.
    async fn prepare(&mut self, table: &TableName, what: Prepare) -> Result<(), Error>;
    /// Returns what builds indexes beside the copy, on a session of its own; there is to be one at a time. None: there are no
    /// tables here.
    fn builder(&self) -> Result<Option<Box<dyn Builder>>, Error>;
    /// Returns a writer of chunks; one per connection, driven by its own task.
    async fn copier(&self) -> Result<Box<dyn Copier>, Error>;
    /// Accepts an item, waiting for room. Ok = accepted, not durable.
    async fn submit(&mut self, item: Item) -> Result<(), Error>;
    /// Watermark and counters; ends when a worker failed (`drain` or `submit` then return its error).
    fn durable(&self) -> watch::Receiver<Durable>;
    /// What its parts are about, kept up to date by them: read where nothing moves any more.
    fn standing(&self) -> Standing;
    /// Waits until everything submitted is durable. A statement that the target refused is told here, by an error of the kind
    /// `Undecided`: it has done nothing, and the sink goes on.
    async fn drain(&mut self) -> Result<Position, Error>;
    /// Ends workers and connections.
    async fn close(&mut self);
}

#[async_trait]
pub trait Builder: Send {
    /// Runs statements that add indexes to a table of the source's name. Checks the fence first.
    async fn build(&mut self, table: &TableName, statements: Vec<String>) -> Result<(), Error>;
}

/// Rows of a chunk that are at the target otherwise than as they were read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Left out by the job's row filter.
    pub filtered: u64,
    /// With numbers of JSON that the target rounds.
    pub inexact: u64,
}

#[async_trait]
pub trait Copier: Send {
    /// Writes one chunk. Ok = rows and chunk record are durable.
    async fn write(&mut self, chunk: &Chunk, rows: RowBlock) -> Result<Written, Error>;
    /// Puts rows in the place of those with the same keys, in one transaction of the target. Nothing of the stream may be
    /// under way.
    async fn mend(&mut self, mend: &Mend) -> Result<Mended, Error>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_lost_to_a_later_start_of_another() {
        let (asked, owner) = (Epoch::of(1_795_000_000_000, "a"), |count, owner: &str| Epoch::of(count, owner));
        assert!(asked.lost_to(owner(1_795_000_000_001, "b")));
        assert!(!asked.lost_to(owner(1_795_000_000_001, "a")), "its own next start");
        assert!(!asked.lost_to(owner(1_794_999_999_999, "b")), "it was asked for later");
        assert!(Claim { epoch: owner(1_795_000_000_002, "a"), asked: Some(asked) }.is_barred_by(owner(1_795_000_000_001, "b")));
        assert!(!Claim::any(owner(1_795_000_000_002, "a").0).is_barred_by(owner(1_795_000_000_001, "b")));
        assert!(owner(2, "a") > owner(1, "z"), "the count decides");
    }
}
