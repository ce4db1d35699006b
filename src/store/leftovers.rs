//! Bookkeeping of deleted jobs at targets that could not be reached then: a to-do that lives until it is done.

use super::document::Kept as _;
use super::{Db, Result, int, micros, time, uint};
use crate::model::job::{JobId, JobSpec};
use jiff::Timestamp;
use rusqlite::params;

#[derive(Debug, Clone, PartialEq)]
pub struct Leftover {
    pub job_number: u64,
    pub job: JobId,
    /// With its secrets: they are what the target is reached with.
    pub spec: JobSpec,
    pub since: Timestamp,
}

pub fn put(db: &Db<'_>, leftover: &Leftover) -> Result<()> {
    let Leftover { job_number, job, spec, since } = leftover;
    db.conn.execute(
        "INSERT OR REPLACE INTO leftovers (job_number, job_id, spec, since) VALUES (?1, ?2, ?3, ?4)",
        params![int(*job_number), job.0, spec.write(&job.0, db.cipher)?, micros(*since)],
    )?;
    Ok(())
}

/// Returns all, oldest first.
pub fn all(db: &Db<'_>) -> Result<Vec<Leftover>> {
    let mut query = db.conn.prepare_cached("SELECT job_number, job_id, spec, since FROM leftovers ORDER BY since")?;
    let mut rows = query.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let id: String = row.get(1)?;
        found.push(Leftover {
            job_number: uint(row.get(0)?),
            spec: JobSpec::read(&row.get::<_, String>(2)?, &id, db.cipher)?,
            since: time(row.get(3)?)?,
            job: JobId(id),
        });
    }
    Ok(found)
}

pub fn remove(db: &Db<'_>, job_number: u64) -> Result<()> {
    db.conn.execute("DELETE FROM leftovers WHERE job_number = ?1", [int(job_number)])?;
    Ok(())
}
