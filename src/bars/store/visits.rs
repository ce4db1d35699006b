//! Who came by itself, kept over restarts (`bars::visits` says whom and when).

use super::{Result, Store};
use crate::bars::replica::Says;
use crate::bars::visits::{LATELY, News, Visit};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use std::time::Duration;

fn forget(conn: &Connection, stores: &[String]) -> Result<()> {
    for store in stores {
        conn.prepare_cached("DELETE FROM visits WHERE store = ?1")?.execute([store])?;
    }
    Ok(())
}

impl Store {
    /// Keeps a visit in the place of the daemon's last one; those that nobody waits for any more go.
    pub(in crate::bars) async fn keep_visit(&self, News { visit, gone }: News) -> Result<()> {
        self.inner
            .writer
            .call(move |work| {
                let Visit { name, store, from, port, at, awaited: _, every, version, in_step, extra: _, called: _, says: _, kept } = visit;
                let every = every.map(|every| i64::try_from(every.as_secs()).unwrap_or(i64::MAX));
                let (version, in_step) = (version.map(u64::cast_signed), in_step.map(Timestamp::as_microsecond));
                let sql = "INSERT OR REPLACE INTO visits (store, name, host, at, every, version, in_step, port) \
                           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
                let row = params![store, name, from.to_string(), at.as_microsecond(), every, version, in_step, port];
                work.conn.prepare_cached(sql)?.execute(row)?;
                work.conn.prepare_cached("DELETE FROM visits WHERE at < ?1")?.execute([(kept - LATELY).as_microsecond()])?;
                forget(work.conn, &gone)
            })
            .await
    }

    pub(in crate::bars) async fn forget_visits(&self, stores: Vec<String>) -> Result<()> {
        self.inner.writer.call(move |work| forget(work.conn, &stores)).await
    }

    pub(in crate::bars) async fn visits(&self) -> Result<Vec<Visit>> {
        self.reading(|conn| {
            let mut query = conn.prepare_cached("SELECT store, name, host, at, every, version, in_step, port FROM visits")?;
            let time = |at: i64| Timestamp::from_microsecond(at).unwrap_or_default();
            let rows = query.query_map([], |row| {
                let at = time(row.get(3)?);
                // One whose address cannot be read is not known.
                let Ok(from) = row.get::<_, String>(2)?.parse() else { return Ok(None) };
                Ok(Some(Visit {
                    store: row.get(0)?,
                    name: row.get(1)?,
                    from,
                    port: row.get(7)?,
                    at,
                    awaited: at,
                    every: row.get::<_, Option<i64>>(4)?.map(|seconds| Duration::from_secs(seconds.cast_unsigned())),
                    version: row.get::<_, Option<i64>>(5)?.map(i64::cast_unsigned),
                    in_step: row.get::<_, Option<i64>>(6)?.map(time),
                    extra: None,
                    called: None,
                    says: Says::default(),
                    kept: at,
                }))
            })?;
            Ok(rows.filter_map(rusqlite::Result::transpose).collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}
