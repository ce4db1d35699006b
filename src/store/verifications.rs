//! Queries about verifications: one row each, the per-table result as a document.

use super::sequences::{self, Sequence};
use super::{Db, Error, Result, int, micros, time, time_opt, uint};
use jiff::Timestamp;
use rusqlite::params;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Running,
    Equal,
    Different,
    Failed,
    /// Somebody ended it.
    Cancelled,
    /// The daemon ended before it was done.
    Interrupted,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Equal => "equal",
            Self::Different => "different",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Running, Self::Equal, Self::Different, Self::Failed, Self::Cancelled, Self::Interrupted]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Verification {
    pub number: u64,
    pub job_number: u64,
    pub state: State,
    pub started: Timestamp,
    pub ended: Option<Timestamp>,
    pub error: String,
    /// A versioned document; its form is the scheduler's.
    pub result: String,
}

pub fn insert(db: &Db<'_>, verification: &mut Verification) -> Result<()> {
    verification.number = sequences::next(db, Sequence::Verification)?;
    let Verification { number, job_number, state, started, ended, error, result } = &*verification;
    db.conn.execute(
        "INSERT INTO verifications (number, job_number, state, started, ended, error, result) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![int(*number), int(*job_number), state.as_str(), micros(*started), ended.map(micros), error, result],
    )?;
    Ok(())
}

pub fn update(db: &Db<'_>, verification: &Verification) -> Result<()> {
    let Verification { number, job_number: _, state, started: _, ended, error, result } = verification;
    db.conn.execute(
        "UPDATE verifications SET state = ?2, ended = ?3, error = ?4, result = ?5 WHERE number = ?1",
        params![int(*number), state.as_str(), ended.map(micros), error, result],
    )?;
    Ok(())
}

/// Forgets all but the newest that have ended.
pub fn trim(db: &Db<'_>, job_number: u64, keep: u64) -> Result<()> {
    let sql = "DELETE FROM verifications WHERE job_number = ?1 AND state <> 'running' AND number <= \
        (SELECT number FROM verifications WHERE job_number = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)";
    db.conn.execute(sql, params![int(job_number), int(keep)])?;
    Ok(())
}

pub fn get(db: &Db<'_>, job_number: u64, number: u64) -> Result<Verification> {
    let mut query = db.conn.prepare_cached(
        "SELECT number, job_number, state, started, ended, error, result FROM verifications WHERE job_number = ?1 AND number = ?2",
    )?;
    let mut rows = query.query(params![int(job_number), int(number)])?;
    let row = rows.next()?.ok_or_else(|| Error::NotFound(format!("verification {number}")))?;
    let state: String = row.get(2)?;
    Ok(Verification {
        number: uint(row.get(0)?),
        job_number: uint(row.get(1)?),
        state: State::parse(&state).ok_or_else(|| Error::io(format!("stored verification state {state:?}")))?,
        started: time(row.get(3)?)?,
        ended: time_opt(row.get(4)?)?,
        error: row.get(5)?,
        result: row.get(6)?,
    })
}
