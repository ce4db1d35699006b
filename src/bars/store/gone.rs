//! Symbols of which bars are stored and which their source does not know any more, and since when (`bars::task` finds it out).

use super::{Result, Store};
use crate::model::bars::{Interval, Symbol};
use jiff::Timestamp;
use std::collections::HashMap;

/// What the names of these notes begin with; the symbol follows.
fn note(source: &str, interval: Interval) -> String {
    format!("note:gone:{interval} {source} ")
}

impl Store {
    pub(in crate::bars) async fn gone(&self, source: &str, interval: Interval) -> Result<HashMap<Symbol, Timestamp>> {
        let note = note(source, interval);
        self.reading(move |conn| {
            let mut query =
                conn.prepare_cached("SELECT substr(key, length(?1) + 1), value FROM meta WHERE substr(key, 1, length(?1)) = ?1")?;
            let rows = query.query_map([note], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
            // What cannot be read is found out anew.
            let read = |(symbol, since): (String, String)| Some((Symbol::stored(&symbol)?, since.parse().ok()?));
            Ok(rows.filter_map(|row| row.map(read).transpose()).collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// None: its source knows it again.
    pub(in crate::bars) async fn set_gone(
        &self,
        source: &str,
        interval: Interval,
        symbol: &Symbol,
        since: Option<Timestamp>,
    ) -> Result<()> {
        let key = format!("{}{symbol}", note(source, interval));
        let since = since.map(|since| since.to_string());
        let keep = move |conn: &rusqlite::Connection| match since {
            Some(since) => conn.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)", (key, since)),
            None => conn.execute("DELETE FROM meta WHERE key = ?1", [key]),
        };
        self.writing(move |work| Ok(keep(work.conn).map(drop)?)).await
    }
}
