//! A place in a source's binary log, in all the forms a server can give it.
//!
//! File and offset are carried in every position, because on one server they are always comparable; the GTID set is
//! there where the source has GTIDs, and then *it* decides, because only it is safe against transactions that are in
//! the log but not yet visible (replication.md §1).

use super::gtid::{Gtid, GtidSet, ParseGtidError};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// None: GTIDs are off at the source.
    pub gtid: Option<GtidSet>,
    /// "" = not known (a position given as GTIDs only); it is before every file.
    pub file: String,
    /// 64 bit: the server's own 32-bit field wraps past 4 GiB.
    pub offset: u64,
}

/// The id of one source transaction: what `applied` rows and comparisons are made of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TxId {
    pub gtid: Option<Gtid>,
    /// File and end offset of the transaction's commit event are known only at commit; these are its *start*.
    pub file: String,
    pub start_offset: u64,
}

/// What is stored of a position. Version 1 must load for ever.
#[derive(Serialize, Deserialize)]
struct Document {
    v: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mysql: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mariadb: Option<String>,
    file: String,
    offset: u64,
}

impl Position {
    /// Says whether the transaction is at or before this position (GTID where there is one, else file and offset:
    /// a transaction that starts before `offset` is contained).
    pub fn contains(&self, tx: &TxId) -> bool {
        match (&self.gtid, &tx.gtid) {
            (Some(set), Some(gtid)) => set.contains(gtid),
            _ => self.starts_before(tx),
        }
    }

    /// Says whether the transaction is at or before this position by its GTID *or* by file and offset.
    ///
    /// For the end of a table only, where too much is right and too little is not: a row may be visible (and thus in
    /// the copy) before the server's executed set has its GTID, but never before it is in the file.
    pub fn may_contain(&self, tx: &TxId) -> bool {
        self.contains(tx) || self.starts_before(tx)
    }

    fn starts_before(&self, tx: &TxId) -> bool {
        match compare_files(&tx.file, &self.file) {
            Ordering::Less => true,
            Ordering::Equal => tx.start_offset < self.offset,
            Ordering::Greater => false,
        }
    }

    /// Compares file and offset only (same server).
    pub fn coordinates_le(&self, other: &Self) -> bool {
        compare_files(&self.file, &other.file).then(self.offset.cmp(&other.offset)) != Ordering::Greater
    }

    /// Every transaction of `other` is in `self`.
    pub fn covers(&self, other: &Self) -> bool {
        match (&self.gtid, &other.gtid) {
            (Some(mine), Some(theirs)) => mine.contains_set(theirs),
            _ => other.coordinates_le(self),
        }
    }

    /// Moves behind a transaction: its GTID is in, file and offset are those of `end`.
    pub fn advance(&mut self, tx: &TxId, end: &Self) {
        if let (Some(set), Some(gtid)) = (&mut self.gtid, &tx.gtid) {
            set.add(gtid);
        }
        self.file.clone_from(&end.file);
        self.offset = end.offset;
    }

    /// The form kept in bookkeeping tables and state: one JSON document with a version.
    pub fn to_document(&self) -> String {
        let text = self.gtid.as_ref().map(ToString::to_string);
        let (mysql, mariadb) = match &self.gtid {
            Some(GtidSet::Mysql(_)) => (text, None),
            Some(GtidSet::Mariadb(_)) => (None, text),
            None => (None, None),
        };
        let document = Document { v: 1, mysql, mariadb, file: self.file.clone(), offset: self.offset };
        serde_json::to_string(&document).expect("strings and numbers always serialise")
    }

    pub fn from_document(text: &str) -> Result<Self, ParseGtidError> {
        let bad = |reason: String| ParseGtidError::new(text, reason);
        let Document { v, mysql, mariadb, file, offset } = serde_json::from_str(text).map_err(|e| bad(e.to_string()))?;
        if v != 1 {
            return Err(bad(format!("position of version {v}, this program knows 1")));
        }
        let gtid = match (mysql, mariadb) {
            (Some(_), Some(_)) => return Err(bad("GTIDs of two flavours".to_owned())),
            (Some(set), None) => Some(GtidSet::parse_mysql(&set)?),
            (None, Some(set)) => Some(GtidSet::parse_mariadb(&set)?),
            (None, None) => None,
        };
        Ok(Self { gtid, file, offset })
    }

    /// GTIDs if there are any, else `file:offset`: also the form in which a job is told where to start.
    pub fn display(&self) -> String {
        match &self.gtid {
            Some(set) if !set.is_empty() || self.file.is_empty() => set.to_string(),
            _ => format!("{}:{}", self.file, self.offset),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.display())
    }
}

/// The GTID if there is one, else `file:offset` of its start.
impl fmt::Display for TxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.gtid {
            Some(gtid) => gtid.fmt(f),
            None => write!(f, "{}:{}", self.file, self.start_offset),
        }
    }
}

/// Compares binary log names by their number: `bin.1000000` follows `bin.999999`. No name is before all.
pub fn compare_files(a: &str, b: &str) -> Ordering {
    match (number(a), number(b)) {
        (Some(x), Some(y)) => x.cmp(&y),
        _ => a.cmp(b),
    }
}

fn number(file: &str) -> Option<u64> {
    file.rsplit_once('.').and_then(|(_, suffix)| suffix.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const A: &str = "3e11fa47-71ca-11e1-9e33-c80aa9429562";

    fn at(file: &str, offset: u64) -> Position {
        Position { gtid: None, file: file.into(), offset }
    }

    fn tx(gtid: Option<&str>, file: &str, start_offset: u64) -> TxId {
        TxId { gtid: gtid.map(|g| g.parse().unwrap()), file: file.into(), start_offset }
    }

    #[test]
    fn documents_of_version_1_load_for_ever() {
        for (text, position) in [
            (r#"{"v":1,"file":"bin.000007","offset":5000000000}"#.to_owned(), at("bin.000007", 5_000_000_000)),
            (
                format!(r#"{{"v":1,"mysql":"{A}:1-9:mytag:1-3","file":"bin.000001","offset":4}}"#),
                Position { gtid: Some(GtidSet::parse_mysql(&format!("{A}:1-9:mytag:1-3")).unwrap()), ..at("bin.000001", 4) },
            ),
            (
                r#"{"v":1,"mariadb":"0-1-12,5-1-1","file":"","offset":0}"#.to_owned(),
                Position { gtid: Some(GtidSet::parse_mariadb("0-1-12,5-1-1").unwrap()), ..at("", 0) },
            ),
            (
                r#"{"v":1,"mariadb":"","file":"b.000001","offset":4}"#.to_owned(),
                Position { gtid: Some(GtidSet::parse_mariadb("").unwrap()), ..at("b.000001", 4) },
            ),
        ] {
            assert_eq!(Position::from_document(&text).unwrap(), position);
            assert_eq!(position.to_document(), text);
        }
        for text in ["", "{}", r#"{"v":2,"file":"","offset":0}"#, r#"{"v":1,"mysql":"x","file":"","offset":0}"#] {
            assert!(Position::from_document(text).is_err(), "{text}");
        }
    }

    #[test]
    fn files_compare_by_number() {
        assert_eq!(compare_files("bin.999999", "bin.1000000"), Ordering::Less);
        assert_eq!(compare_files("bin.000002", "bin.000010"), Ordering::Less);
        assert_eq!(compare_files("", "bin.000001"), Ordering::Less);
        assert!(at("b.000001", 9).coordinates_le(&at("b.000002", 4)) && !at("b.000002", 5).coordinates_le(&at("b.000002", 4)));
    }

    #[test]
    fn gtid_decides_where_both_have_one() {
        let p = Position { gtid: Some(GtidSet::parse_mariadb("0-1-5").unwrap()), ..at("b.000002", 100) };
        assert!(p.contains(&tx(Some("0-1-5"), "b.000009", 0)));
        // In the file and not in the executed set: a parked commit. Not contained, but a table's end takes it in.
        assert!(!p.contains(&tx(Some("0-1-6"), "b.000002", 50)));
        assert!(p.may_contain(&tx(Some("0-1-6"), "b.000002", 50)));
        assert!(!p.may_contain(&tx(Some("0-1-6"), "b.000002", 100)));
        assert!(at("b.000002", 100).contains(&tx(None, "b.000002", 99)) && !at("b.000002", 100).contains(&tx(None, "b.000002", 100)));
    }

    #[test]
    fn advance_adds_the_transaction_and_moves_on() {
        let mut p = Position { gtid: Some(GtidSet::parse_mariadb("0-1-5").unwrap()), ..at("b.000002", 100) };
        p.advance(&tx(Some("0-1-6"), "b.000002", 100), &at("b.000002", 200));
        assert_eq!(p.to_document(), r#"{"v":1,"mariadb":"0-1-6","file":"b.000002","offset":200}"#);
        assert!(p.covers(&at("b.000002", 150)));
    }

    proptest! {
        #[test]
        fn documents_round_trip(file in "[a-z.\"\\\\]{0,8}", offset: u64, seq in proptest::option::of(0..9_u64)) {
            let gtid = seq.map(|n| GtidSet::parse_mariadb(&format!("0-1-{n}")).unwrap());
            let p = Position { gtid, file, offset };
            prop_assert_eq!(Position::from_document(&p.to_document()).unwrap(), p);
        }
    }
}
