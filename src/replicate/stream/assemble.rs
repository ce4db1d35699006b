//! Turns logged events into the pump's: transactions, statements, and where the log stands.
//!
//! ```text
//!  idle ──GTID──▶ named ──BEGIN / first row──▶ open ──XID / COMMIT──▶ idle
//!                   └──any other statement──▶ Ddl ──▶ idle
//! ```
//! A pure state machine over records: no I/O, no clock. Invariants: a position moves only behind a whole transaction;
//! what this program does not understand stops the job by name, it is never passed over unless the log says it may be, or the
//! operator leaves its transaction out: of such a one only beginning and end are given out, whatever is in it.

mod xa;

use super::changes::{Changes, Logged};
use super::cursor::Malformed;
use super::dump::Start;
use super::events::{self, FLAG_ARTIFICIAL, FLAG_IGNORABLE, Header, kind};
use super::own::Own;
use super::spool::Record;
use super::words::Words;
use super::{compressed, refused};
use crate::model::gtid::Gtid;
use crate::model::live::Live;
use crate::model::position::{Position, TxId};
use crate::model::replicate::TableFilter;
use crate::replicate::Result;
use crate::replicate::event::{Event, RowsKind};
use bytes::Bytes;
use std::collections::{HashSet, VecDeque};
use tokio::sync::watch;

/// A transaction whose first event was read.
#[derive(Debug)]
struct Tx {
    id: TxId,
    time: i64,
    /// `Begin` was given out.
    begun: bool,
    /// Rows or statements were given out.
    changes: bool,
    /// It comes from the job's own target.
    own: bool,
    /// The operator said so before it was read.
    left_out: bool,
    /// MariaDB: one statement without BEGIN and COMMIT.
    standalone: bool,
    /// Part of an XA transaction, of this name once it is known.
    xa: bool,
    xa_name: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct Assembler {
    changes: Changes,
    /// What it is told: the transactions that are left out.
    live: watch::Receiver<Live>,
    /// XA transactions without a change of the job's tables that wait for their second part.
    prepared: HashSet<Vec<u8>>,
    /// Everything that was given out, as a position.
    position: Position,
    file: String,
    /// End of the last event in `file`; the log's own field has 32 bits.
    offset: u64,
    skip_to: Option<u64>,
    tx: Option<Tx>,
    out: VecDeque<Event>,
    pub(super) transactions: u64,
    pub(super) row_events: u64,
    pub(super) last_time: i64,
}

impl Assembler {
    pub(super) fn new(filter: TableFilter, target: Option<String>, live: watch::Receiver<Live>, from: Position, start: &Start) -> Self {
        Self {
            changes: Changes::new(filter, target.map(Own::new)),
            live,
            prepared: HashSet::new(),
            position: from,
            file: start.file.clone(),
            offset: if start.skip { 4 } else { start.offset },
            skip_to: start.skip.then_some(start.offset),
            tx: None,
            out: VecDeque::new(),
            transactions: 0,
            row_events: 0,
            last_time: 0,
        }
    }

    pub(super) fn position(&self) -> &Position {
        &self.position
    }

    /// Transactions and statements that came from the job's own target.
    pub(super) fn own(&self) -> u64 {
        self.changes.own.as_ref().map_or(0, |own| own.passed)
    }

    pub(super) fn pop(&mut self) -> Option<Event> {
        self.out.pop_front()
    }

    /// Takes one event of the log.
    pub(super) fn feed(&mut self, record: Record) -> Result<()> {
        let Record { header, body } = record;
        let real = header.end != 0 && header.flags & FLAG_ARTIFICIAL == 0;
        let begin = if real { self.locate(&header) } else { self.offset };
        if let Some(to) = self.skip_to {
            if self.offset <= to && header.kind != kind::ROTATE {
                return Ok(());
            }
            self.skip_to = None;
        }
        if real {
            self.last_time = i64::from(header.time);
        }
        self.take(&header, body, begin, real).map_err(|e| match &self.tx {
            Some(tx) => e.context(format_args!("transaction {}", tx.id)),
            None => e.context(format_args!("log at {}:{begin}", self.file)),
        })
    }

    /// Moves the running offset to the event's end; returns where it starts.
    fn locate(&mut self, header: &Header) -> u64 {
        let mut end = self.offset & !u64::from(u32::MAX) | u64::from(header.end);
        if end + (1 << 31) < self.offset {
            end += 1 << 32;
        }
        // A format description that repeats the file's first bytes does not lead back.
        if end >= self.offset || header.kind != kind::FORMAT_DESCRIPTION {
            self.offset = end;
        }
        end.saturating_sub(u64::from(header.size))
    }

    fn take(&mut self, header: &Header, body: Bytes, begin: u64, real: bool) -> Result<()> {
        let malformed = |e: Malformed| e.in_event(format_args!("event type {}", header.kind));
        if self.leaves_out(header.kind) {
            return Ok(());
        }
        match header.kind {
            kind::ROTATE => self.rotate(header, &body, real),
            kind::FORMAT_DESCRIPTION => self.format(&body, real),
            kind::HEARTBEAT | kind::HEARTBEAT_V2 => {
                self.heartbeat(header, &body);
                Ok(())
            }
            kind::GTID => self.start(Some(events::mysql_gtid(&body).map_err(malformed)?), header, begin, false),
            kind::GTID_TAGGED => self.start(Some(events::mysql_gtid_tagged(&body).map_err(malformed)?), header, begin, false),
            kind::ANONYMOUS_GTID => self.start(None, header, begin, false),
            kind::MARIADB_GTID => self.mariadb_gtid(header, &body, begin),
            kind::QUERY => {
                let query = events::query(&body).map_err(malformed)?;
                self.statement(&query, query.text, header, begin)
            }
            kind::MARIADB_QUERY_COMPRESSED => {
                let query = events::query(&body).map_err(malformed)?;
                let text = compressed::event(query.text).map_err(malformed)?;
                self.statement(&query, &text, header, begin)
            }
            kind::XID => self.commit(header, body.first_chunk().map(|xid| u64::from_le_bytes(*xid))),
            kind::TABLE_MAP => self.changes.table_map(body).map_err(malformed),
            kind::WRITE_ROWS_V1 | kind::WRITE_ROWS | kind::MARIADB_WRITE_ROWS_COMPRESSED => self.rows(RowsKind::Insert, header, body),
            kind::UPDATE_ROWS_V1 | kind::UPDATE_ROWS | kind::PARTIAL_UPDATE_ROWS | kind::MARIADB_UPDATE_ROWS_COMPRESSED => {
                self.rows(RowsKind::Update, header, body)
            }
            kind::DELETE_ROWS_V1 | kind::DELETE_ROWS | kind::MARIADB_DELETE_ROWS_COMPRESSED => self.rows(RowsKind::Delete, header, body),
            kind::XA_PREPARE => self.xa_prepare(header, &body),
            kind::INCIDENT => Err(refused::incident()),
            kind::STOP
            | kind::INTVAR
            | kind::RAND
            | kind::USER_VAR
            | kind::IGNORABLE
            | kind::ROWS_QUERY
            | kind::PREVIOUS_GTIDS
            | kind::TRANSACTION_CONTEXT
            | kind::VIEW_CHANGE
            | kind::MARIADB_ANNOTATE_ROWS
            | kind::MARIADB_BINLOG_CHECKPOINT
            | kind::MARIADB_GTID_LIST => Ok(()),
            _ if header.flags & FLAG_IGNORABLE != 0 => Ok(()),
            unknown => Err(refused::unknown(format_args!("an event of type {unknown}"))),
        }
    }

    /// Says whether an event is of what a transaction holds that is left out, and not of its frame.
    fn leaves_out(&self, event: u8) -> bool {
        self.tx.as_ref().is_some_and(|tx| tx.left_out) && !events::is_frame(event)
    }

    fn rotate(&mut self, header: &Header, body: &[u8], real: bool) -> Result<()> {
        let (file, offset) = events::rotate(body).map_err(|e| e.in_event("a rotation"))?;
        (self.file, self.offset) = (file, offset);
        if !real {
            // Said at the start and after each file's end; the maps of a connection's earlier file are of no use.
            self.changes.forget_tables();
        } else if self.tx.is_none() {
            self.idle(header);
        }
        Ok(())
    }

    /// The start of a file: version 4 is the only one since MySQL 5.0.
    fn format(&mut self, body: &[u8], real: bool) -> Result<()> {
        if body.first_chunk().map(|v| u16::from_le_bytes(*v)) != Some(4) || body.get(56) != Some(&(events::HEADER as u8)) {
            return Err(refused::unknown("a format"));
        }
        if real { self.nothing_open() } else { Ok(()) }
    }

    /// A transaction must have ended before the next begins.
    fn nothing_open(&self) -> Result<()> {
        match &self.tx {
            None => Ok(()),
            Some(_) => Err(refused::cut()),
        }
    }

    fn heartbeat(&mut self, header: &Header, body: &[u8]) {
        // The first version carries the file's name and, in the header, the offset.
        if header.kind == kind::HEARTBEAT && header.end != 0 && body == self.file.as_bytes() {
            self.locate(&Header { size: 0, ..*header });
        }
        if self.tx.is_none() {
            self.idle(header);
        }
    }

    fn idle(&mut self, header: &Header) {
        self.position.file.clone_from(&self.file);
        self.position.offset = self.offset;
        self.out.push_back(Event::Idle { at: self.position.clone(), time: i64::from(header.time) });
    }

    /// A transaction's name; in MySQL `BEGIN` or the only statement follows.
    fn start(&mut self, gtid: Option<Gtid>, header: &Header, begin: u64, standalone: bool) -> Result<()> {
        self.nothing_open()?;
        self.changes.transaction_begins();
        let id = TxId { gtid, file: self.file.clone(), start_offset: begin };
        let left_out = self.live.borrow().skips(&id);
        self.tx = Some(Tx {
            id,
            time: i64::from(header.time),
            begun: false,
            changes: false,
            own: false,
            left_out,
            standalone,
            xa: false,
            xa_name: Vec::new(),
        });
        Ok(())
    }

    fn mariadb_gtid(&mut self, header: &Header, body: &[u8], begin: u64) -> Result<()> {
        let gtid = events::mariadb_gtid(body).map_err(|e| e.in_event("a GTID"))?;
        let name = Gtid::Mariadb { domain: gtid.domain, server: header.server, seq: gtid.seq };
        self.start(Some(name), header, begin, gtid.standalone)?;
        if let Some(tx) = &mut self.tx {
            if gtid.two_phase_alter && !tx.left_out {
                return Err(refused::two_phase_alter());
            }
            tx.xa = gtid.xa;
        }
        if !gtid.standalone {
            self.begin();
        }
        Ok(())
    }

    /// Gives out the transaction's beginning.
    fn begin(&mut self) {
        if let Some(tx) = self.tx.as_mut().filter(|tx| !tx.begun) {
            tx.begun = true;
            self.out.push_back(Event::Begin { id: tx.id.clone(), time: tx.time, left_out: tx.left_out });
        }
    }

    fn commit(&mut self, header: &Header, xid: Option<u64>) -> Result<()> {
        if self.tx.is_none() {
            return Err(Malformed("a transaction ends that did not begin").in_event("a commit"));
        }
        self.begin();
        let end = self.advance();
        self.out.push_back(Event::Commit { end, time: i64::from(header.time), xid });
        Ok(())
    }

    /// Moves the position behind the open transaction and closes it.
    fn advance(&mut self) -> Position {
        let end = Position { gtid: None, file: self.file.clone(), offset: self.offset };
        if let Some(tx) = self.tx.take() {
            self.position.advance(&tx.id, &end);
            self.transactions += 1;
        }
        self.position.clone()
    }

    fn statement(&mut self, query: &events::Query<'_>, text: &[u8], header: &Header, begin: u64) -> Result<()> {
        let words = Words::of(text);
        match words {
            Words::Begin => {
                if self.tx.is_none() {
                    // A server without GTID events (MySQL 5.6 and before).
                    self.start(None, header, begin, false)?;
                }
                self.begin();
                Ok(())
            }
            Words::Commit => self.commit(header, None),
            Words::Xa(step, name) => self.xa(step, name, header),
            Words::Rollback => match &self.tx {
                Some(tx) if tx.changes => Err(refused::rolled_back()),
                Some(_) => self.commit(header, None),
                None => Ok(()),
            },
            Words::RollbackTo if self.tx.as_ref().is_some_and(|tx| tx.changes) => Err(refused::rolled_back()),
            Words::RollbackTo | Words::Savepoint => Ok(()),
            Words::Temporary => match &self.tx {
                Some(tx) if tx.begun => Ok(()),
                Some(_) => self.commit(header, None),
                None => Ok(()),
            },
            Words::Other => {
                let ddl = query.ddl(text, i64::from(header.time));
                let time = i64::from(header.time);
                if self.tx.is_none() {
                    self.start(None, header, begin, true)?;
                }
                let Some(tx) = &mut self.tx else { return Ok(()) };
                let inside = tx.begun && !tx.standalone;
                if inside && tx.left_out {
                    return Ok(());
                }
                if tx.xa {
                    return Err(refused::xa("a statement is part of"));
                }
                let id = tx.id.clone();
                if let Some(own) = self.changes.own.as_mut().filter(|own| !inside && own.is_marked(&ddl, query.session)) {
                    own.passed += 1;
                    let at = self.advance();
                    self.out.push_back(Event::Idle { at, time });
                    return Ok(());
                }
                tx.changes = true;
                let end = if inside { self.position.clone() } else { self.advance() };
                self.out.push_back(Event::Ddl { id, ddl, end, time });
                Ok(())
            }
        }
    }

    fn rows(&mut self, change: RowsKind, header: &Header, body: Bytes) -> Result<()> {
        let event = match self.changes.rows(change, header.kind, body)? {
            Logged::Rows(event) => event,
            Logged::Book(book, event) => {
                if let (Some(tx), Some(own)) = (&mut self.tx, &mut self.changes.own)
                    && own.rows(book, &event)?
                    && !tx.own
                {
                    tx.own = true;
                    own.passed += 1;
                }
                return Ok(());
            }
            Logged::Nothing => return Ok(()),
        };
        if self.tx.as_ref().is_some_and(|tx| tx.own) {
            return Ok(());
        }
        match &mut self.tx {
            Some(tx) if tx.xa => return Err(refused::xa(&format!("a change of {} is part of", event.map.table))),
            Some(tx) => tx.changes = true,
            None => return Err(Malformed("it stands outside of a transaction").in_event("a rows event")),
        }
        self.begin();
        self.row_events += 1;
        self.out.push_back(Event::Rows(event));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
