//! Whether a place in a log file is one where a transaction begins, or the log ends: a reader that begins elsewhere would take
//! the bytes of a row for an event, or half a transaction for a whole one.
//!
//! Asked of places that people give; where a job itself has stopped is always such a place.

use crate::replicate::connect::Conn;
use crate::replicate::{Error, Result};
use mysql_async::Row;

/// A log begins with four bytes that are no event.
const FIRST: u64 = 4;
/// So many events are looked through for the beginning of the next transaction.
const AHEAD: u64 = 1000;

/// What is wrong with a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    pub why: String,
    /// Where the next transaction of the file begins, if that was found.
    pub next: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Event {
    at: u64,
    kind: String,
    end: u64,
}

impl Event {
    fn of(row: &Row) -> Option<Self> {
        Some(Self { at: row.get_opt(1)?.ok()?, kind: row.get_opt(2)?.ok()?, end: row.get_opt(4)?.ok()? })
    }

    /// Says whether it begins what is applied as a whole, or stands between two such.
    fn begins(&self) -> bool {
        // `Gtid`, `Anonymous_Gtid`, `Gtid_tagged`, `Gtid_list`: either flavour begins every transaction with one.
        self.kind.to_ascii_lowercase().contains("gtid")
            || matches!(self.kind.as_str(), "Format_desc" | "Rotate" | "Stop" | "Binlog_checkpoint" | "Start_encryption" | "Heartbeat")
    }
}

/// Says what is wrong with a place of a file; None: nothing, or nobody may ask.
pub async fn inside(conn: &mut Conn, file: &str, offset: u64) -> Result<Option<Inside>> {
    if offset <= FIRST {
        return Ok(None);
    }
    let no_event = || Ok(Some(Inside { why: "it is inside an event".to_owned(), next: None }));
    let Some(events) = events(conn, file, offset, 2).await? else { return no_event() };
    match events.as_deref() {
        None | Some([]) => Ok(None),
        // What follows an event begins where it ends: the bytes of a row do not say so by chance.
        Some([first, next, ..]) if first.at != offset || first.end != next.at => no_event(),
        Some([first]) if first.at != offset || first.end <= first.at => no_event(),
        Some([first, ..]) if first.begins() => Ok(None),
        Some([first, ..]) => {
            let why = format!("it is inside a transaction, before its event {}", first.kind);
            let ahead = self::events(conn, file, offset, AHEAD).await?.flatten().unwrap_or_default();
            Ok(Some(Inside { why, next: ahead.iter().find(|e| e.begins()).map(|e| e.at) }))
        }
    }
}

/// The events from there on; Some(None): the account may not ask. None: the server finds none there.
async fn events(conn: &mut Conn, file: &str, offset: u64, most: u64) -> Result<Option<Option<Vec<Event>>>> {
    let file = file.replace(['\'', '\\'], "");
    let sql = format!("SHOW BINLOG EVENTS IN '{file}' FROM {offset} LIMIT {most}");
    match conn.query::<Row, _>(sql).await {
        Ok(rows) => Ok(Some(Some(rows.iter().filter_map(Event::of).collect()))),
        Err(mysql_async::Error::Server(e)) if matches!(e.code, 1044 | 1142 | 1227) => Ok(Some(None)),
        // The command's own failure: no event can be read there.
        Err(mysql_async::Error::Server(e)) if e.code == 1220 => Ok(None),
        Err(e) => Err(Error::mysql("look at the source's log", e)),
    }
}
