//! Queries about what deleted jobs left behind under their ids: whether a successor goes on from it or begins anew.

use super::jobs::words;
use super::{Db, Result, int, jobs, micros, uint};
use crate::model::job::{Job, JobId, JobKind};
use jiff::Timestamp;
use rusqlite::params;
use std::collections::BTreeSet;

/// Records that a deleted job's position stays at its target.
pub fn keep(db: &Db<'_>, number: u64) -> Result<()> {
    db.conn.execute("UPDATE jobs SET progress_kept = 1 WHERE number = ?1", [int(number)])?;
    Ok(())
}

/// Returns the last job that was deleted under this id, without its secrets, and whether its position was to stay.
pub fn last_deleted(db: &Db<'_>, id: &JobId) -> Result<Option<(Job, bool)>> {
    // A task may have had the id too; it leaves nothing anywhere.
    let sql = format!(
        "SELECT {}, progress_kept FROM jobs WHERE deleted IS NOT NULL AND id = ?1 AND kind IN ({}) ORDER BY number DESC LIMIT 1",
        jobs::COLUMNS,
        words(JobKind::CONTINUOUS.iter().map(|k| k.as_str()))
    );
    let mut query = db.conn.prepare_cached(&sql)?;
    let mut rows = query.query([&id.0])?;
    match rows.next()? {
        Some(row) => Ok(Some((jobs::read(db, row)?, row.get("progress_kept")?))),
        None => Ok(None),
    }
}

/// Returns the id of the job of this name that was deleted last, since then, with its position kept.
pub fn id_of(db: &Db<'_>, kind: JobKind, name: &str, since: Timestamp) -> Result<Option<JobId>> {
    let mut query = db.conn.prepare_cached(
        "SELECT id FROM jobs WHERE progress_kept = 1 AND kind = ?1 AND name = ?2 AND deleted >= ?3 \
         AND id NOT IN (SELECT id FROM jobs WHERE deleted IS NULL) ORDER BY number DESC LIMIT 1",
    )?;
    let mut rows = query.query(params![kind.as_str(), name, micros(since)])?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?.map(JobId))
}

/// Records whether the job has still to clear away what its target holds under its id.
pub fn set_anew(db: &Db<'_>, number: u64, anew: bool) -> Result<()> {
    db.conn.execute("UPDATE jobs SET begins_anew = ?2 WHERE number = ?1", params![int(number), anew])?;
    Ok(())
}

/// Returns the numbers of the living jobs that have.
pub fn beginning_anew(db: &Db<'_>) -> Result<BTreeSet<u64>> {
    let mut query = db.conn.prepare_cached("SELECT number FROM jobs WHERE begins_anew = 1 AND deleted IS NULL")?;
    let numbers = query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    Ok(numbers.into_iter().map(uint).collect())
}
