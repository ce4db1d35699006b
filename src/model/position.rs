//! A place in a source's binary log, in all the forms a server can give it.
//!
//! File and offset are carried in every position, because on one server they are always comparable; the GTID set is
//! there where the source has GTIDs, and then *it* decides, because only it is safe against transactions that are in
//! the log but not yet visible (replication.md §1).

use super::gtid::{Gtid, GtidSet};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// None: GTIDs are off at the source.
    pub gtid: Option<GtidSet>,
    pub file: String,
    /// 64 bit: the server's own 32-bit field wraps past 4 GiB.
    pub offset: u64,
}

/// The id of one source transaction: what `applied` rows and comparisons are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TxId {
    pub gtid: Option<Gtid>,
    /// File and end offset of the transaction's commit event are known only at commit; these are its *start*.
    pub file: String,
    pub start_offset: u64,
}

impl Position {
    /// Says whether the transaction is at or before this position (GTID where there is one, else file and offset:
    /// a transaction that starts before `offset` is contained).
    pub fn contains(&self, _tx: &TxId) -> bool {
        todo!()
    }
    /// Compares file and offset only (same server).
    pub fn coordinates_le(&self, _other: &Self) -> bool {
        todo!()
    }
    /// Every transaction of `other` is in `self`.
    pub fn covers(&self, _other: &Self) -> bool {
        todo!()
    }
    /// The form kept in bookkeeping tables and state: one JSON document with a version.
    pub fn to_document(&self) -> String {
        todo!()
    }
    pub fn from_document(_text: &str) -> Result<Self, super::gtid::ParseGtidError> {
        todo!()
    }
    /// GTIDs if there are any, else `file:offset`.
    pub fn display(&self) -> String {
        todo!()
    }
}
