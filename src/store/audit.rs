//! Who changed what, and when. Rows are written in the transaction of the change they tell of.

use super::{Db, Result, micros};
use jiff::Timestamp;
use rusqlite::params;

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub time: Timestamp,
    /// The token's name; empty where nobody has to say who they are.
    pub who: String,
    /// Verb of the change, e.g. `job.pause`.
    pub action: &'static str,
    pub object: String,
    pub request_id: String,
    pub detail: String,
}

pub fn add(db: &Db<'_>, entry: &Entry) -> Result<()> {
    let Entry { time, who, action, object, request_id, detail } = entry;
    db.conn.execute(
        "INSERT INTO audit (time, who, action, object, request_id, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![micros(*time), who, action, object, request_id, detail],
    )?;
    Ok(())
}

/// Returns (time, who, action) of what was done to an object since then, oldest first, at most the newest `limit`.
pub fn of_object(db: &Db<'_>, object: &str, since: Timestamp, limit: u32) -> Result<Vec<(Timestamp, String, String)>> {
    let sql = "SELECT time, who, action FROM audit WHERE object = ?1 AND time >= ?2 ORDER BY number DESC LIMIT ?3";
    let mut query = db.conn.prepare_cached(sql)?;
    let mut rows = query.query(params![object, micros(since), limit])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((super::time(row.get(0)?)?, row.get(1)?, row.get(2)?));
    }
    found.reverse();
    Ok(found)
}

/// Returns (who, action, object) of the newest entries.
pub fn newest(db: &Db<'_>, limit: u32) -> Result<Vec<(String, String, String)>> {
    let mut query = db.conn.prepare_cached("SELECT who, action, object FROM audit ORDER BY number DESC LIMIT ?1")?;
    let rows = query.query_map([limit], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
