//! What the log reader hands to the pump.

use crate::model::position::{Position, TxId};
use crate::model::replicate::TableName;
use crate::replicate::connect::Flavor;
use crate::replicate::ddl::{Mode, without_secrets};
use bytes::Bytes;
use std::borrow::Cow;
use std::sync::Arc;

#[derive(Debug, Clone)]
pub enum Event {
    Begin {
        id: TxId,
        time: i64,
        /// The operator said so before it was read: what it held does not come.
        left_out: bool,
    },
    Rows(RowsEvent),
    /// Position after the transaction.
    Commit {
        end: Position,
        time: i64,
        /// Of the storage engine.
        xid: Option<u64>,
    },
    /// A statement that is not a row change; a transaction of its own.
    Ddl {
        id: TxId,
        ddl: DdlEvent,
        end: Position,
        time: i64,
    },
    /// Nothing to apply, but the log moved on (heartbeat, rotate, GTID list).
    Idle {
        at: Position,
        time: i64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowsKind {
    Insert,
    Update,
    Delete,
}

/// One rows event as logged: the rows stay raw until the sink decodes them (`stream/rows.rs`).
#[derive(Debug, Clone)]
pub struct RowsEvent {
    pub kind: RowsKind,
    pub map: Arc<TableMap>,
    /// The rows section: null bitmaps and values, checksum taken off, MariaDB compression undone.
    pub rows: Bytes,
    /// In images after an update, documents may be logged as their changes (MySQL, PARTIAL_JSON).
    pub json_parts: bool,
    /// The session had them switched off: nothing that foreign keys would have done was done.
    pub foreign_keys_off: bool,
}

/// A TABLE_MAP event: how to read the rows that refer to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableMap {
    pub table: TableName,
    /// Raw type byte and its metadata per column.
    pub columns: Vec<MapColumn>,
    /// The primary key's columns in its order, where the log says them and the key has whole columns.
    pub primary: Option<Vec<usize>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MapColumn {
    pub type_code: u8,
    pub meta: u16,
    /// From binlog_row_metadata (MINIMAL has signedness and charsets of text, FULL has the rest).
    pub unsigned: Option<bool>,
    pub name: Option<String>,
    /// The id of the collation of text, ENUM and SET; 63 is that of bytes.
    pub charset: Option<u16>,
    /// Of ENUM and SET, in the column's charset.
    pub members: Option<Vec<Vec<u8>>>,
}

/// A DDL statement from the log, with the session it ran in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DdlEvent {
    pub statement: String,
    pub default_schema: String,
    pub sql_mode: Option<u64>,
    /// (client charset, connection collation, server collation) ids.
    pub charset: Option<(u16, u16, u16)>,
    pub time_zone: Option<String>,
    pub foreign_key_checks_off: bool,
    /// When it began, and the fraction of that second.
    pub unix_time: i64,
    pub unix_micros: u32,
    /// auto_increment_increment and auto_increment_offset; None: 1 and 1.
    pub increments: Option<(u16, u16)>,
    pub explicit_timestamps: ExplicitTimestamps,
}

/// explicit_defaults_for_timestamp of a session, where each flavour writes it. The other one's place has something else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExplicitTimestamps {
    pub mysql: Option<bool>,
    /// Of a log before 10.8 it is off, as MariaDB itself takes it to be.
    pub mariadb: Option<bool>,
}

impl ExplicitTimestamps {
    /// What a source of this flavour has said.
    pub fn of(self, source: Flavor) -> Option<bool> {
        match source {
            Flavor::Mysql => self.mysql,
            Flavor::Mariadb => self.mariadb,
        }
    }
}

impl DdlEvent {
    /// The statement as people are told of it.
    pub fn shown(&self) -> Cow<'_, str> {
        without_secrets(&self.statement, self.sql_mode.map(Mode::from_sql_mode).unwrap_or_default())
    }
}
