//! Runs that a daemon left when it died: ended by the next one, with what they were last seen to have counted.

use crate::model::job::JobKind;
use crate::store::jobs::words;
use crate::store::sequences::{self, Sequence};
use crate::store::{Db, Result, document, int, micros};
use jiff::Timestamp;
use rusqlite::params;

/// Ends what a dead daemon left running. Returns how many runs there were.
pub fn interrupt_running(db: &Db<'_>, now: Timestamp) -> Result<usize> {
    let index = sequences::next(db, Sequence::Index)?;
    // A task's totals move with the end of its run, in the same transaction as ever; what a job had counted it brings along.
    db.conn.execute(
        &format!(
            "UPDATE jobs SET runs = runs + 1, failures = failures + 1, last_result = 'interrupted' WHERE kind IN ({}) \
             AND number IN (SELECT job_number FROM runs WHERE state = 'running')",
            words(JobKind::TASKS.iter().map(|k| k.as_str()))
        ),
        [],
    )?;
    for (job, counted) in counted_by_running(db)? {
        db.conn.execute("UPDATE jobs SET data_count = data_count + ?2 WHERE number = ?1", params![job, int(counted)])?;
    }
    let left = db.conn.execute(
        "UPDATE runs SET state = 'interrupted', success = 0, ended = ?1, error = 'the daemon died under it', modify_index = ?2 WHERE state = 'running'",
        params![micros(now), int(index)],
    )?;
    db.conn.execute("UPDATE run_sides SET state = 'dead', ended = ?1 WHERE ended IS NULL", params![micros(now)])?;
    db.conn.execute(
        "UPDATE verifications SET state = 'failed', ended = ?1, error = 'the daemon died under it' WHERE state = 'running'",
        params![micros(now)],
    )?;
    Ok(left)
}

/// Tasks that run, with what their runs were last seen to have counted.
fn counted_by_running(db: &Db<'_>) -> Result<Vec<(i64, u64)>> {
    let tasks = words(JobKind::TASKS.iter().map(|k| k.as_str()));
    let mut query = db.conn.prepare(&format!(
        "SELECT job_number, counters FROM runs \
         WHERE state = 'running' AND job_number IS NOT NULL AND counters IS NOT NULL AND kind IN ({tasks})"
    ))?;
    let mut rows = query.query([])?;
    let mut counted = Vec::new();
    while let Some(row) = rows.next()? {
        counted.push((row.get(0)?, document::counters_from(&row.get::<_, String>(1)?)?.data_count()));
    }
    Ok(counted)
}
