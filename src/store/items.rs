//! Queries about what runs handled: hosts, tables, symbols. They go when their run goes.

use super::sequences::{self, Sequence};
use super::{Db, Error, Result, int, micros, time_opt, uint};
use crate::model::run::{Outcome, RunItem};
use rusqlite::params;

/// Stores new items of a run and gives them their numbers.
pub fn add(db: &Db<'_>, items: &mut [RunItem]) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let first = sequences::reserve(db, Sequence::Item, items.len() as u64)?;
    let mut query = db.conn.prepare_cached(
        "INSERT INTO run_items (number, run, key, label, outcome, measures, started, ended, count, error) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    for (item, number) in items.iter_mut().zip(first..) {
        item.number = number;
        let RunItem { number, run, key, label, outcome, measures, started, ended, count, error } = &*item;
        query.execute(params![
            int(*number),
            int(*run),
            key,
            label,
            outcome.as_str(),
            measures.to_string(),
            started.map(micros),
            ended.map(micros),
            int(*count),
            error
        ])?;
    }
    Ok(())
}

/// Returns the things that a run handled, in the order in which they ended.
pub fn of_run(db: &Db<'_>, run: u64) -> Result<Vec<RunItem>> {
    let mut query = db.conn.prepare_cached(
        "SELECT number, run, key, label, outcome, measures, started, ended, count, error FROM run_items WHERE run = ?1 ORDER BY number",
    )?;
    let mut rows = query.query([int(run)])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        let outcome: String = row.get(4)?;
        let measures: String = row.get(5)?;
        items.push(RunItem {
            number: uint(row.get(0)?),
            run: uint(row.get(1)?),
            key: row.get(2)?,
            label: row.get(3)?,
            outcome: Outcome::parse(&outcome).ok_or_else(|| Error::io(format!("stored item with the outcome {outcome:?}")))?,
            measures: serde_json::from_str(&measures).map_err(|e| Error::because("stored measures", e))?,
            started: time_opt(row.get(6)?)?,
            ended: time_opt(row.get(7)?)?,
            count: uint(row.get(8)?),
            error: row.get(9)?,
        });
    }
    Ok(items)
}
