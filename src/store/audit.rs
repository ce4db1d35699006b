//! Who changed what, and when. Rows are written in the transaction of the change they tell of.

use super::{Db, Result, micros, time};
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

/// Which lines to read; None = any.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub object: Option<String>,
    pub who: Option<String>,
    pub since: Option<Timestamp>,
    pub limit: u32,
}

/// A line as it is kept; its action may be one that only an older release knew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub time: Timestamp,
    pub who: String,
    pub action: String,
    pub object: String,
    pub request_id: String,
    pub detail: String,
}

/// Returns lines, newest first.
pub fn list(db: &Db<'_>, filter: &Filter) -> Result<Vec<Line>> {
    let Filter { object, who, since, limit } = filter;
    let mut query = db.conn.prepare_cached(
        "SELECT time, who, action, object, request_id, detail FROM audit WHERE (?1 IS NULL OR object = ?1) AND (?2 IS NULL OR who = ?2) \
         AND (?3 IS NULL OR time >= ?3) ORDER BY number DESC LIMIT ?4",
    )?;
    let mut rows = query.query(params![object, who, since.map(micros), limit])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(Line {
            time: time(row.get(0)?)?,
            who: row.get(1)?,
            action: row.get(2)?,
            object: row.get(3)?,
            request_id: row.get(4)?,
            detail: row.get(5)?,
        });
    }
    Ok(lines)
}
