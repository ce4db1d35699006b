//! The schema `syncline` at the target: what a job must remember next to the rows it writes (replication.md §6).
//!
//! Every row is keyed by job. `checkpoint` is the low watermark: everything before it is committed. `applied` is what is
//! committed above it, one row per target transaction; where the operator has set the checkpoint back, also what was. Every target transaction reads the job's `fence` row with a
//! shared lock and does nothing unless its own epoch stands there, so an owner that was taken over from cannot write.

use super::literal::text;
use super::session::Answer;
use super::transactions::Source;
use crate::model::job::JobId;
use crate::model::position::Position;
use crate::model::replicate::TableName;
use crate::replicate::sink::{Above, ChunkDone, Epoch, TableState};
use crate::replicate::{Error, Kind, Result};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Version of the tables below; a newer one at the target is refused.
pub(super) const VERSION: u32 = 1;

/// Statements that make the schema. Keys stay below 3072 bytes; ids are ASCII or UTF-8 compared byte by byte.
pub(super) const CREATE: [&str; 9] = [
    "CREATE DATABASE IF NOT EXISTS syncline DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "CREATE TABLE IF NOT EXISTS syncline.meta (name varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY, value varchar(255) NOT NULL) ENGINE=InnoDB",
    "CREATE TABLE IF NOT EXISTS syncline.fence (job varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY, epoch bigint unsigned NOT NULL) ENGINE=InnoDB",
    "CREATE TABLE IF NOT EXISTS syncline.checkpoint (job varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY, position longblob NOT NULL, updated datetime NOT NULL) ENGINE=InnoDB",
    "CREATE TABLE IF NOT EXISTS syncline.applied (job varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, source varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, first bigint unsigned NOT NULL, ids longblob NOT NULL, origin varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, PRIMARY KEY (job, source, first)) ENGINE=InnoDB",
    "CREATE TABLE IF NOT EXISTS syncline.table_state (job varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, schema_name varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, table_name varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, phase varchar(16) NOT NULL, start longblob NULL, end longblob NULL, fingerprint longblob NOT NULL, `rows` bigint unsigned NOT NULL, PRIMARY KEY (job, schema_name, table_name)) ENGINE=InnoDB",
    "CREATE TABLE IF NOT EXISTS syncline.chunk (job varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, schema_name varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, table_name varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, range_no int unsigned NOT NULL, `lower` longblob NULL, `upper` longblob NULL, `cursor` longblob NULL, complete tinyint NOT NULL, `rows` bigint unsigned NOT NULL, PRIMARY KEY (job, schema_name, table_name, range_no)) ENGINE=InnoDB",
    "CREATE TABLE IF NOT EXISTS syncline.session (job varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, connection_id bigint unsigned NOT NULL, PRIMARY KEY (job, connection_id)) ENGINE=InnoDB",
    "CREATE TABLE IF NOT EXISTS syncline.ddl (job varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY, tx longblob NOT NULL, statement longblob NOT NULL, fingerprints longblob NOT NULL, origin varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL) ENGINE=InnoDB",
];

/// How the sources of `applied` rows begin whose transactions are applied again. No log file's name has a space here.
pub(super) const AGAIN: &str = "again ";

/// Tables that hold rows of a job.
pub(super) const JOB_TABLES: [&str; 7] = ["ddl", "session", "chunk", "table_state", "applied", "checkpoint", "fence"];

/// The bookkeeping of one job under one epoch, as SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Books {
    job: String,
    /// The keys of its marks for statements that are not the log's. No job's id has a slash.
    preparing: [String; 2],
    pub(super) epoch: Epoch,
    /// Where the rows come from; lets another job leave them out.
    origin: String,
}

impl Books {
    pub(super) fn new(job: &JobId, epoch: Epoch, origin: &str) -> Self {
        Self {
            job: text(&job.0),
            preparing: [Slot::Room, Slot::Indexes].map(|slot| text(&preparing(&job.0, slot))),
            epoch,
            origin: text(origin),
        }
    }
    /// The job's id as a literal.
    pub(super) fn job(&self) -> &str {
        &self.job
    }

    fn fenced(&self) -> String {
        format!("FROM syncline.fence WHERE job={} AND epoch={} LOCK IN SHARE MODE", self.job, self.epoch.0)
    }

    /// Reads the epoch that stands there.
    pub(super) fn fence(&self) -> String {
        format!("SELECT epoch FROM syncline.fence WHERE job={}", self.job)
    }
    /// The same, and nobody raises it until the transaction's end.
    pub(super) fn lock_fence(&self) -> String {
        format!("{} FOR UPDATE", self.fence())
    }

    /// The first statement of a target transaction that applies source transactions: exactly one row, or fenced.
    pub(super) fn insert_applied(&self, source: &Source, first: u64, ids: &str) -> String {
        format!(
            "INSERT INTO syncline.applied (job, source, first, ids, origin) SELECT {}, {}, {first}, {}, {} {}",
            self.job,
            text(&source.to_string()),
            text(ids),
            self.origin,
            self.fenced()
        )
    }
    pub(super) fn applied_ids(&self, source: &Source, first: u64) -> String {
        format!("SELECT ids FROM syncline.applied WHERE job={} AND source={} AND first={first}", self.job, text(&source.to_string()))
    }
    /// The same row, in a transaction whose fence stands in front.
    pub(super) fn insert_applied_values(&self, source: &Source, first: u64, ids: &str) -> String {
        format!(
            "REPLACE INTO syncline.applied (job, source, first, ids, origin) VALUES ({}, {}, {first}, {}, {})",
            self.job,
            text(&source.to_string()),
            text(ids),
            self.origin
        )
    }
    pub(super) fn delete_applied(&self, keys: &[(String, u64)]) -> String {
        let keys: Vec<String> =
            keys.iter().map(|(source, first)| format!("(job={} AND source={} AND first={first})", self.job, text(source))).collect();
        format!("DELETE FROM syncline.applied WHERE {}", keys.join(" OR "))
    }
    /// What going on elsewhere makes of the rows: those to be applied again are kept under names that applying them does not meet.
    pub(super) fn move_applied(&self, above: Above) -> Option<String> {
        let job = &self.job;
        match above {
            Above::Applied => None,
            Above::Again => Some(format!(
                "UPDATE syncline.applied SET source=CONCAT({}, source) WHERE job={job} AND source NOT LIKE '{AGAIN}%'",
                text(&self.set_back())
            )),
            Above::Foreign => Some(format!("DELETE FROM syncline.applied WHERE job={job}")),
        }
    }
    /// What stands before their sources; a run sets back once.
    pub(super) fn set_back(&self) -> String {
        format!("{AGAIN}{} ", self.epoch.0)
    }
    /// The first statement of a repair: one row, or fenced. It tells the job of the other direction where the rows come from,
    /// and is gone with `repaired` before the transaction's end.
    pub(super) fn insert_repair(&self) -> String {
        format!(
            "INSERT INTO syncline.applied (job, source, first, ids, origin) SELECT {}, 'repair', 0, '', {} {}",
            self.job,
            self.origin,
            self.fenced()
        )
    }
    pub(super) fn repaired(&self) -> String {
        self.delete_applied(&[("repair".to_owned(), 0)])
    }
    /// The same for a chunk of a copy, which several connections write at a time: `connection` keeps them apart.
    pub(super) fn insert_copy(&self, connection: u32) -> String {
        format!(
            "INSERT INTO syncline.applied (job, source, first, ids, origin) SELECT {}, 'copy', {connection}, '', {} {}",
            self.job,
            self.origin,
            self.fenced()
        )
    }
    pub(super) fn copied(&self, connection: u32) -> String {
        self.delete_applied(&[("copy".to_owned(), u64::from(connection))])
    }
    pub(super) fn set_checkpoint(&self, position: &Position) -> String {
        let position = text(&position.to_document());
        format!(
            "INSERT INTO syncline.checkpoint (job, position, updated) VALUES ({}, {position}, UTC_TIMESTAMP()) ON DUPLICATE KEY UPDATE position={position}, updated=UTC_TIMESTAMP()",
            self.job
        )
    }
    pub(super) fn record_session(&self, id: u32) -> String {
        format!("REPLACE INTO syncline.session (job, connection_id) VALUES ({}, {id})", self.job)
    }
    pub(super) fn forget_session(&self, id: u32) -> String {
        format!("DELETE FROM syncline.session WHERE job={} AND connection_id={id}", self.job)
    }

    fn table_key(&self, table: &TableName) -> String {
        format!("job={} AND schema_name={} AND table_name={}", self.job, text(&table.schema), text(&table.table))
    }

    /// Stores a table's state. A new start means a new copy: the chunks of the one before it go.
    pub(super) fn set_table(&self, state: &TableState) -> Vec<String> {
        let key = self.table_key(&state.table);
        let position = |p: &Option<Position>| p.as_ref().map_or("NULL".to_owned(), |p| text(&p.to_document()));
        let (start, end) = (position(&state.start), position(&state.end));
        let (phase, fingerprint) = (text(state.phase.as_str()), text(&state.fingerprint));
        let mut sql = vec![
            format!(
                "DELETE FROM syncline.chunk WHERE {key} AND NOT EXISTS (SELECT 1 FROM syncline.table_state s WHERE s.job={} AND s.schema_name={} AND s.table_name={} AND s.start <=> {start})",
                self.job,
                text(&state.table.schema),
                text(&state.table.table)
            ),
            format!(
                "REPLACE INTO syncline.table_state (job, schema_name, table_name, phase, start, end, fingerprint, `rows`) VALUES ({}, {}, {}, {phase}, {start}, {end}, {fingerprint}, {})",
                self.job,
                text(&state.table.schema),
                text(&state.table.table),
                state.rows
            ),
        ];
        if state.phase == crate::model::progress::TablePhase::Exact {
            sql.push(format!("DELETE FROM syncline.chunk WHERE {key}"));
        } else {
            // What a copier has recorded since the plan was made is newer than the plan.
            sql.extend(state.chunks.iter().map(|c| self.chunk_row("INSERT IGNORE", &state.table, c)));
        }
        sql
    }
    /// Takes a table's state away.
    pub(super) fn drop_table(&self, table: &TableName) -> Vec<String> {
        let key = self.table_key(table);
        ["chunk", "table_state"].iter().map(|name| format!("DELETE FROM syncline.{name} WHERE {key}")).collect()
    }
    pub(super) fn set_chunk(&self, table: &TableName, chunk: &ChunkDone) -> String {
        self.chunk_row("REPLACE", table, chunk)
    }
    fn chunk_row(&self, verb: &str, table: &TableName, chunk: &ChunkDone) -> String {
        let bytes = |b: &Option<Vec<u8>>| b.as_ref().map_or("NULL".to_owned(), |b| super::literal::hex(b));
        format!(
            "{verb} INTO syncline.chunk (job, schema_name, table_name, range_no, `lower`, `upper`, `cursor`, complete, `rows`) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {})",
            self.job,
            text(&table.schema),
            text(&table.table),
            chunk.range,
            bytes(&chunk.lower),
            bytes(&chunk.upper),
            bytes(&chunk.cursor),
            u8::from(chunk.complete),
            chunk.rows
        )
    }

    pub(super) fn begin_ddl(&self, tx: &str, statement: &str, fingerprints: &str) -> String {
        format!(
            "REPLACE INTO syncline.ddl (job, tx, statement, fingerprints, origin) VALUES ({}, {}, {}, {}, {})",
            self.job,
            text(tx),
            text(statement),
            text(fingerprints),
            self.origin
        )
    }
    pub(super) fn end_ddl(&self) -> String {
        format!("DELETE FROM syncline.ddl WHERE job={}", self.job)
    }
    /// Marks statements that prepare a table as the job's, for the job of the other direction.
    pub(super) fn begin_preparing(&self, slot: Slot, mark: &str) -> String {
        format!(
            "REPLACE INTO syncline.ddl (job, tx, statement, fingerprints, origin) VALUES ({}, '', '', {}, {})",
            self.preparing[slot as usize],
            text(mark),
            self.origin
        )
    }
    pub(super) fn end_preparing(&self, slot: Slot) -> String {
        format!("DELETE FROM syncline.ddl WHERE job={}", self.preparing[slot as usize])
    }
    /// For when their sessions are gone.
    pub(super) fn forget_preparing(&self) -> String {
        format!("DELETE FROM syncline.ddl WHERE job IN ({})", self.preparing.join(", "))
    }
}

/// What may go on at the same time: each has one statement under way at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// Tables that are made, emptied or dropped.
    Room,
    /// Indexes that waited for the rows.
    Indexes,
}

/// A character or two more than the id where that fits.
fn preparing(job: &str, slot: Slot) -> String {
    let slashes = match slot {
        Slot::Room => "/",
        Slot::Indexes => "//",
    };
    if job.chars().count() + slashes.len() <= JobId::LONGEST {
        format!("{slashes}{job}")
    } else {
        format!("{slashes}{:x}", Sha256::digest(job))
    }
}

/// The fence as a statement of its own, for transactions that insert no `applied` row.
#[derive(Debug)]
pub(super) struct Guard(String);

impl Guard {
    pub(super) fn check(books: &Books) -> Self {
        Self(format!("SELECT 1 {}", books.fenced()))
    }
    /// Looks at the guard's answer.
    pub(super) fn passed(&self, answers: &[Answer], at: usize) -> Result<()> {
        if answers.get(at).is_some_and(|a| a.rows == 1) { Ok(()) } else { Err(fenced()) }
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Another owner has taken the job over.
pub(super) fn fenced() -> Error {
    Error::new(Kind::Fenced, "fenced", "another owner has taken the job over at the target")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_that_a_job_may_have_fits_and_so_does_its_mark() {
        let room = format!("job varchar({})", JobId::LONGEST);
        assert!(CREATE.iter().filter(|sql| sql.contains("(job ")).all(|sql| sql.contains(&room)));
        let long = |last: char| format!("{}{last}", "é".repeat(JobId::LONGEST - 1));
        for slot in [Slot::Room, Slot::Indexes] {
            let (a, b) = (preparing(&long('a'), slot), preparing(&long('b'), slot));
            assert!(a != b && a.chars().count() <= JobId::LONGEST, "{a}");
        }
        assert_eq!([Slot::Room, Slot::Indexes].map(|slot| preparing("orders-sync", slot)), ["/orders-sync", "//orders-sync"]);
    }

    #[test]
    fn a_job_id_cannot_leave_its_literal() {
        let books = Books::new(&JobId("a'b\\".into()), Epoch(7), "src");
        assert_eq!(books.forget_session(5), "DELETE FROM syncline.session WHERE job=_utf8mb4'a\\'b\\\\' AND connection_id=5");
        assert!(Guard::check(&books).to_string().ends_with("epoch=7 LOCK IN SHARE MODE"));
    }
}
