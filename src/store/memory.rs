//! Documents that a job's engine keeps here because its destination cannot (`replicate::Memory`).

use super::{Db, Error, Result};
use rusqlite::{OptionalExtension as _, params};
use std::collections::BTreeMap;

/// Returns a job's documents by name.
pub fn load(db: &Db<'_>, job: &str) -> Result<BTreeMap<String, String>> {
    let mut query = db.conn.prepare_cached("SELECT name, document FROM memory WHERE job = ?1")?;
    let rows = query.query_map([job], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Stores and removes documents under an epoch; refuses when a later one has stored already.
pub fn save(db: &Db<'_>, job: &str, epoch: u64, changes: &[(String, Option<String>)]) -> Result<()> {
    let epoch = i64::try_from(epoch).map_err(|_| Error::io("the epoch is out of range"))?;
    let newest: Option<i64> =
        db.conn.prepare_cached("SELECT MAX(epoch) FROM memory WHERE job = ?1")?.query_row([job], |row| row.get(0)).optional()?.flatten();
    if newest.is_some_and(|newest| newest > epoch) {
        return Err(Error::Conflict(format!("job {job} was taken over by a later start")));
    }
    for (name, document) in changes {
        match document {
            Some(document) => {
                let sql = "INSERT INTO memory (job, name, epoch, document) VALUES (?1, ?2, ?3, ?4)
                    ON CONFLICT (job, name) DO UPDATE SET epoch = ?3, document = ?4";
                db.conn.prepare_cached(sql)?.execute(params![job, name, epoch, document])?;
            }
            None => {
                db.conn.prepare_cached("DELETE FROM memory WHERE job = ?1 AND name = ?2")?.execute(params![job, name])?;
            }
        }
    }
    Ok(())
}

/// Stores documents that somebody else than an engine has for a job: no start's, so they fence none.
pub fn put(db: &Db<'_>, job: &str, changes: &[(String, Option<String>)]) -> Result<()> {
    for (name, document) in changes {
        db.conn.prepare_cached("DELETE FROM memory WHERE job = ?1 AND name = ?2")?.execute(params![job, name])?;
        if let Some(document) = document {
            let sql = "INSERT INTO memory (job, name, epoch, document) VALUES (?1, ?2, 0, ?3)";
            db.conn.prepare_cached(sql)?.execute(params![job, name, document])?;
        }
    }
    Ok(())
}

/// Forgets all of a job.
pub fn forget(db: &Db<'_>, job: &str) -> Result<()> {
    db.conn.execute("DELETE FROM memory WHERE job = ?1", [job])?;
    Ok(())
}
