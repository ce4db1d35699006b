//! Runs that a daemon left when it died: ended by the next one, with what they were last seen to have counted.

use super::add_event;
use crate::model::finding::Side;
use crate::model::job::JobKind;
use crate::model::run::{RunEvent, RunEventKind};
use crate::store::jobs::words;
use crate::store::sequences::{self, Sequence};
use crate::store::{Db, Result, document, int, micros, uint};
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
    tell_comparisons(db, now)?;
    let left = db.conn.execute(
        "UPDATE runs SET state = 'interrupted', success = 0, ended = ?1, error = 'the daemon died under it', modify_index = ?2 WHERE state = 'running'",
        params![micros(now), int(index)],
    )?;
    db.conn.execute("UPDATE run_sides SET state = 'dead', ended = ?1 WHERE ended IS NULL", params![micros(now)])?;
    db.conn.execute(
        "UPDATE verifications SET state = 'interrupted', ended = ?1, error = 'the daemon ended before it was done' WHERE state = 'running'",
        params![micros(now)],
    )?;
    Ok(left)
}

/// Whoever did not follow a comparison that was left finds its end among the job's events.
fn tell_comparisons(db: &Db<'_>, now: Timestamp) -> Result<()> {
    let mut query = db.conn.prepare(
        "SELECT v.number, (SELECT MAX(r.number) FROM runs r WHERE r.job_number = v.job_number) FROM verifications v \
         WHERE v.state = 'running' ORDER BY v.number",
    )?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (number, run): (i64, Option<i64>) = (row.get(0)?, row.get(1)?);
        // It was compared before it ever ran.
        let Some(run) = run else { continue };
        let message = format!("comparison {number} ended with the daemon, before it was done");
        let (side, setup_error) = (Some(Side::Dest), String::new());
        add_event(db, &RunEvent { run: uint(run), side, kind: RunEventKind::Note, time: now, message, setup_error })?;
    }
    Ok(())
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
