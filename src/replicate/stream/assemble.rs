//! Turns logged events into the pump's: transactions, statements, and where the log stands.
//!
//! ```text
//!  idle ──GTID──▶ named ──BEGIN / first row──▶ open ──XID / COMMIT──▶ idle
//!                   └──any other statement──▶ Ddl ──▶ idle
//! ```
//! A pure state machine over records: no I/O, no clock. Invariants: a position moves only behind a whole transaction;
//! what this program does not understand stops the job by name, it is never passed over unless the log says it may be.

use super::cursor::Malformed;
use super::dump::Start;
use super::events::{self, FLAG_ARTIFICIAL, FLAG_IGNORABLE, Header, kind};
use super::spool::Record;
use super::{compressed, table_map};
use crate::model::gtid::Gtid;
use crate::model::position::{Position, TxId};
use crate::model::replicate::TableFilter;
use crate::replicate::event::{Event, RowsEvent, RowsKind, TableMap};
use crate::replicate::{Error, Result};
use bytes::Bytes;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Table ids are handed out anew at each restart of a server and each change of a definition.
const MAX_MAPS: usize = 20_000;

/// A transaction whose first event was read.
#[derive(Debug)]
struct Tx {
    id: TxId,
    time: i64,
    /// `Begin` was given out.
    begun: bool,
    /// Rows or statements were given out.
    changes: bool,
    /// MariaDB: one statement without BEGIN and COMMIT.
    standalone: bool,
}

/// A TABLE_MAP event and what it says; None = the job leaves the table out.
#[derive(Debug)]
struct Mapped {
    body: Bytes,
    map: Option<Arc<TableMap>>,
}

#[derive(Debug)]
pub(super) struct Assembler {
    filter: TableFilter,
    /// Everything that was given out, as a position.
    position: Position,
    file: String,
    /// End of the last event in `file`; the log's own field has 32 bits.
    offset: u64,
    skip_to: Option<u64>,
    tx: Option<Tx>,
    maps: HashMap<u64, Mapped>,
    out: VecDeque<Event>,
    pub(super) transactions: u64,
    pub(super) row_events: u64,
    pub(super) last_time: i64,
}

impl Assembler {
    pub(super) fn new(filter: TableFilter, from: Position, start: &Start) -> Self {
        Self {
            filter,
            position: from,
            file: start.file.clone(),
            offset: if start.skip { 4 } else { start.offset },
            skip_to: start.skip.then_some(start.offset),
            tx: None,
            maps: HashMap::new(),
            out: VecDeque::new(),
            transactions: 0,
            row_events: 0,
            last_time: 0,
        }
    }

    pub(super) fn position(&self) -> &Position {
        &self.position
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
            kind::XID => self.commit(header),
            kind::TABLE_MAP => self.table_map(body).map_err(malformed),
            kind::WRITE_ROWS_V1 | kind::WRITE_ROWS | kind::MARIADB_WRITE_ROWS_COMPRESSED => self.rows(RowsKind::Insert, header, body),
            kind::UPDATE_ROWS_V1 | kind::UPDATE_ROWS | kind::MARIADB_UPDATE_ROWS_COMPRESSED => self.rows(RowsKind::Update, header, body),
            kind::DELETE_ROWS_V1 | kind::DELETE_ROWS | kind::MARIADB_DELETE_ROWS_COMPRESSED => self.rows(RowsKind::Delete, header, body),
            kind::PARTIAL_UPDATE_ROWS => self.partial_rows(&body).map_err(malformed)?,
            kind::XA_PREPARE => Err(xa()),
            kind::INCIDENT => Err(Error::permanent("source_incident", "the source's log says that it lost events")
                .hint("reload the job: changes are missing from the log")),
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
            unknown => {
                Err(Error::permanent("unknown_event", format!("the source's log has an event of type {unknown}, which is not known here"))
                    .hint("the source may be newer than this program; upgrade it"))
            }
        }
    }

    fn rotate(&mut self, header: &Header, body: &[u8], real: bool) -> Result<()> {
        let (file, offset) = events::rotate(body).map_err(|e| e.in_event("a rotation"))?;
        (self.file, self.offset) = (file, offset);
        if !real {
            // Said at the start and after each file's end; the maps of a connection's earlier file are of no use.
            self.maps.clear();
        } else if self.tx.is_none() {
            self.idle(header);
        }
        Ok(())
    }

    /// The start of a file: version 4 is the only one since MySQL 5.0.
    fn format(&mut self, body: &[u8], real: bool) -> Result<()> {
        if body.first_chunk().map(|v| u16::from_le_bytes(*v)) != Some(4) || body.get(56) != Some(&(events::HEADER as u8)) {
            return Err(Error::permanent("unknown_event", "the source's log has a format that is not known here"));
        }
        if real { self.nothing_open() } else { Ok(()) }
    }

    /// A transaction must have ended before the next begins.
    fn nothing_open(&self) -> Result<()> {
        match &self.tx {
            None => Ok(()),
            Some(tx) => Err(Error::permanent("transaction_cut", format!("transaction {} has no end in the source's log", tx.id))
                .hint("the source crashed while writing it; reload the job or start it at a later position")),
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
        let id = TxId { gtid, file: self.file.clone(), start_offset: begin };
        self.tx = Some(Tx { id, time: i64::from(header.time), begun: false, changes: false, standalone });
        Ok(())
    }

    fn mariadb_gtid(&mut self, header: &Header, body: &[u8], begin: u64) -> Result<()> {
        let gtid = events::mariadb_gtid(body).map_err(|e| e.in_event("a GTID"))?;
        if gtid.xa {
            return Err(xa());
        }
        if gtid.two_phase_alter {
            return Err(Error::permanent("two_phase_alter_not_supported", "the source logs ALTER TABLE in two phases")
                .hint("set binlog_alter_two_phase=OFF at the source, and start the job anew"));
        }
        let name = Gtid::Mariadb { domain: gtid.domain, server: header.server, seq: gtid.seq };
        self.start(Some(name), header, begin, gtid.standalone)?;
        if !gtid.standalone {
            self.begin();
        }
        Ok(())
    }

    /// Gives out the transaction's beginning.
    fn begin(&mut self) {
        if let Some(tx) = self.tx.as_mut().filter(|tx| !tx.begun) {
            tx.begun = true;
            self.out.push_back(Event::Begin { id: tx.id.clone(), time: tx.time });
        }
    }

    fn commit(&mut self, header: &Header) -> Result<()> {
        if self.tx.is_none() {
            return Err(Malformed("a transaction ends that did not begin").in_event("a commit"));
        }
        self.begin();
        let end = self.advance();
        self.out.push_back(Event::Commit { end, time: i64::from(header.time) });
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
            Words::Commit => self.commit(header),
            Words::Xa => Err(xa()),
            Words::Rollback => match &self.tx {
                Some(tx) if tx.changes => Err(rolled_back()),
                Some(_) => self.commit(header),
                None => Ok(()),
            },
            Words::RollbackTo if self.tx.as_ref().is_some_and(|tx| tx.changes) => Err(rolled_back()),
            Words::RollbackTo | Words::Savepoint => Ok(()),
            Words::Temporary => match &self.tx {
                Some(tx) if tx.begun => Ok(()),
                Some(_) => self.commit(header),
                None => Ok(()),
            },
            Words::Other => {
                let ddl = query.ddl(text, i64::from(header.time));
                let time = i64::from(header.time);
                if self.tx.is_none() {
                    self.start(None, header, begin, true)?;
                }
                let Some(tx) = &mut self.tx else { return Ok(()) };
                let id = tx.id.clone();
                let inside = tx.begun && !tx.standalone;
                tx.changes = true;
                let end = if inside { self.position.clone() } else { self.advance() };
                self.out.push_back(Event::Ddl { id, ddl, end, time });
                Ok(())
            }
        }
    }

    fn table_map(&mut self, body: Bytes) -> Result<(), Malformed> {
        let (id, name) = table_map::name(&body)?;
        if self.maps.get(&id).is_some_and(|known| known.body == body) {
            return Ok(());
        }
        if self.maps.len() >= MAX_MAPS {
            self.maps.clear();
        }
        let map = match self.filter.includes(&name.schema, &name.table) {
            true => Some(Arc::new(table_map::parse(&body)?)),
            false => None,
        };
        self.maps.insert(id, Mapped { body, map });
        Ok(())
    }

    fn rows(&mut self, change: RowsKind, header: &Header, body: Bytes) -> Result<()> {
        let malformed = |e: Malformed| e.in_event("a rows event");
        let version_2 = matches!(header.kind, kind::WRITE_ROWS | kind::UPDATE_ROWS | kind::DELETE_ROWS);
        let head = events::rows_head(&body, version_2, change == RowsKind::Update).map_err(malformed)?;
        let Some(mapped) = self.maps.get(&head.table_id) else {
            // A statement that touched no row ends with an event that belongs to no table.
            let empty = head.columns == 0 && head.rows_at == body.len();
            return if empty { Ok(()) } else { Err(malformed(Malformed("its table was not named"))) };
        };
        let Some(map) = &mapped.map else { return Ok(()) };
        if head.columns != map.columns.len() {
            return Err(malformed(Malformed("it has another number of columns than its table")));
        }
        if !head.full {
            return Err(Error::permanent("row_image_not_full", format!("a change of {} was logged without all its columns", map.table))
                .hint("set binlog_row_image=FULL at the source (also for open sessions), and reload the table"));
        }
        let packed = matches!(
            header.kind,
            kind::MARIADB_WRITE_ROWS_COMPRESSED | kind::MARIADB_UPDATE_ROWS_COMPRESSED | kind::MARIADB_DELETE_ROWS_COMPRESSED
        );
        let rows = body.slice(head.rows_at..);
        let rows = if packed { compressed::event(&rows).map_err(malformed)?.into() } else { rows };
        if rows.is_empty() {
            return Ok(());
        }
        let event = RowsEvent { kind: change, map: Arc::clone(map), rows };
        match &mut self.tx {
            Some(tx) => tx.changes = true,
            None => return Err(malformed(Malformed("it stands outside of a transaction"))),
        }
        self.begin();
        self.row_events += 1;
        self.out.push_back(Event::Rows(event));
        Ok(())
    }

    /// Partial JSON updates: refused where the table takes part.
    fn partial_rows(&self, body: &[u8]) -> Result<Result<()>, Malformed> {
        let head = events::rows_head(body, true, true)?;
        Ok(match self.maps.get(&head.table_id).and_then(|m| m.map.as_ref()) {
            None => Ok(()),
            Some(map) => Err(Error::permanent(
                "partial_json_not_supported",
                format!("a change of {} was logged with parts of its JSON values only", map.table),
            )
            .hint("set binlog_row_value_options='' at the source (also for open sessions), and reload the table")),
        })
    }
}

fn xa() -> Error {
    Error::permanent("xa_not_supported", "the source's log has an XA transaction")
        .hint("commit or roll back prepared XA transactions (XA RECOVER) and start the job at a later position")
}

fn rolled_back() -> Error {
    Error::permanent("rollback_not_supported", "the source's log rolls back changes that it holds")
        .hint("a transaction mixed transactional and other tables; convert those to InnoDB, and reload the job")
}

/// What a logged statement is, as far as transactions go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    Begin,
    Commit,
    Rollback,
    RollbackTo,
    Savepoint,
    Xa,
    /// On temporary tables, or nothing at all.
    Temporary,
    Other,
}

impl Words {
    fn of(text: &[u8]) -> Self {
        let text = text.trim_ascii();
        let text = text.strip_suffix(b";").unwrap_or(text);
        let starts = |word: &str| text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()));
        match text {
            _ if text.eq_ignore_ascii_case(b"BEGIN") => Self::Begin,
            _ if text.eq_ignore_ascii_case(b"COMMIT") => Self::Commit,
            _ if text.eq_ignore_ascii_case(b"ROLLBACK") => Self::Rollback,
            _ if starts("ROLLBACK ") => Self::RollbackTo,
            _ if starts("SAVEPOINT ") || starts("RELEASE SAVEPOINT ") => Self::Savepoint,
            _ if starts("XA ") => Self::Xa,
            _ if starts("DROP TEMPORARY ") || starts("CREATE TEMPORARY ") || starts("CREATE OR REPLACE TEMPORARY ") => Self::Temporary,
            _ if starts("DROP /*!40005 TEMPORARY */ ") || starts("# Dummy event") || text.is_empty() => Self::Temporary,
            _ => Self::Other,
        }
    }
}
