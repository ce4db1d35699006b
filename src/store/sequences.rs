//! Numbers that only rise.

use super::{Db, Result, int, uint};
use rusqlite::params;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sequence {
    Job,
    Run,
    Item,
    Verification,
    /// Moves with every change.
    Index,
    /// Fences earlier starts of a job at its target.
    Epoch,
    /// Moves with every transaction.
    Write,
}

impl Sequence {
    fn name(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::Run => "run",
            Self::Item => "item",
            Self::Verification => "verification",
            Self::Index => "index",
            Self::Epoch => "epoch",
            Self::Write => "write",
        }
    }
}

/// Returns the next number.
pub fn next(db: &Db<'_>, sequence: Sequence) -> Result<u64> {
    next_from(db, sequence, 1)
}

/// Returns the next number, and at least `floor`.
pub fn next_from(db: &Db<'_>, sequence: Sequence, floor: u64) -> Result<u64> {
    let number: i64 = db.conn.query_row(
        "INSERT INTO sequences (name, last) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET last = max(last + 1, excluded.last) RETURNING last",
        params![sequence.name(), int(floor)],
        |row| row.get(0),
    )?;
    Ok(uint(number))
}

/// Lets the next number be above `last`.
pub fn at_least(db: &Db<'_>, sequence: Sequence, last: u64) -> Result<()> {
    db.conn.execute(
        "INSERT INTO sequences (name, last) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET last = max(last, excluded.last)",
        params![sequence.name(), int(last)],
    )?;
    Ok(())
}

/// Takes `count` numbers in a row and returns the first.
pub fn reserve(db: &Db<'_>, sequence: Sequence, count: u64) -> Result<u64> {
    let last: i64 = db.conn.query_row(
        "INSERT INTO sequences (name, last) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET last = last + excluded.last RETURNING last",
        params![sequence.name(), int(count)],
        |row| row.get(0),
    )?;
    Ok(uint(last).saturating_sub(count) + 1)
}
