//! What may be changed of a job while it runs: the engine is told, and goes on where it is.

use super::gates::Gates;
use super::position::TxId;
use super::replicate::ReplicateSpec;
use std::fmt;

/// A token bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// At least 1.
    pub per_second: u64,
    /// What may go at once after a rest.
    pub burst: u64,
}

impl RateLimit {
    /// A second's worth may go at once.
    pub fn even(per_second: u64) -> Self {
        Self { per_second, burst: per_second }
    }
}

/// How much a job moves at most, copy and stream together. Rows and bytes as they come from the source; none = no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Throttle {
    pub rows: Option<RateLimit>,
    pub bytes: Option<RateLimit>,
}

impl Throttle {
    pub fn is_off(&self) -> bool {
        self.rows.is_none() && self.bytes.is_none()
    }
}

impl fmt::Display for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limits = [(self.rows, "rows"), (self.bytes, "bytes")];
        let said: Vec<String> =
            limits.iter().filter_map(|(limit, what)| limit.map(|l| format!("at most {} {what} per second", l.per_second))).collect();
        f.write_str(if said.is_empty() { "no limit" } else { "" })?;
        f.write_str(&said.join(", "))
    }
}

/// The part of a job that its running engine follows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Live {
    pub throttle: Throttle,
    pub gates: Gates,
    /// Transactions of the log that are passed over.
    pub skip: Vec<String>,
    /// Statements that run at the target in place of the log's.
    pub replace: Vec<Replacement>,
    /// Moves when what the job waits with is to be tried again. Not the spec's.
    pub retries: u64,
}

/// What stands for a statement of the log at the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The statement's: a GTID, or `file:offset` of its beginning.
    pub transaction: String,
    pub statement: String,
}

impl Live {
    pub fn of(spec: &ReplicateSpec) -> Self {
        Self {
            throttle: spec.throttle,
            gates: spec.gates.clone(),
            skip: spec.src.skip.clone(),
            replace: spec.src.replace.clone(),
            retries: 0,
        }
    }

    /// Puts it into a spec, in place of what that says.
    pub fn put_into(self, spec: &mut ReplicateSpec) {
        let Self { throttle, gates, skip, replace, retries: _ } = self;
        (spec.throttle, spec.gates, spec.src.skip, spec.src.replace) = (throttle, gates, skip, replace);
    }

    /// Says whether the operator leaves a transaction out.
    pub fn skips(&self, tx: &TxId) -> bool {
        self.skip.iter().any(|said| names(said, tx))
    }

    /// Returns the statement that the operator gave for one of the log; the last one said counts.
    pub fn replacement(&self, tx: &TxId) -> Option<&str> {
        self.replace.iter().rev().find(|r| names(&r.transaction, tx)).map(|r| r.statement.as_str())
    }
}

/// By its GTID, or by where it begins.
fn names(said: &str, tx: &TxId) -> bool {
    said.eq_ignore_ascii_case(&tx.to_string()) || said == format!("{}:{}", tx.file, tx.start_offset)
}
