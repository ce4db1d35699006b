//! What each job has counted over all its runs. Saved every few seconds while it runs and whenever it stops: a daemon
//! that dies loses the counts of its last seconds, never a position, which is the target's.

use super::{Db, Result, document, int, micros};
use crate::model::progress::Progress;
use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

pub fn put(db: &Db<'_>, job_number: u64, figures: &Progress, now: Timestamp) -> Result<()> {
    db.conn
        .prepare_cached(
            "INSERT INTO job_figures (job_number, figures, updated) VALUES (?1, ?2, ?3) \
             ON CONFLICT (job_number) DO UPDATE SET figures = excluded.figures, updated = excluded.updated",
        )?
        .execute(params![int(job_number), document::figures_to(figures)?, micros(now)])?;
    Ok(())
}

/// Returns a job's figures; None: it never ran, or under a build that did not keep them.
pub fn get(db: &Db<'_>, job_number: u64) -> Result<Option<Progress>> {
    let found: Option<String> =
        db.conn.query_row("SELECT figures FROM job_figures WHERE job_number = ?1", [int(job_number)], |r| r.get(0)).optional()?;
    found.as_deref().map(document::figures_from).transpose()
}

/// Forgets a deleted job's.
pub fn remove(db: &Db<'_>, job_number: u64) -> Result<()> {
    db.conn.execute("DELETE FROM job_figures WHERE job_number = ?1", [int(job_number)])?;
    Ok(())
}
