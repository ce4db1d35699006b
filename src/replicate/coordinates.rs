//! Where a source's log stands: positions to read from, and whether one can still be read from.
//!
//! A *low* position must be visibility-safe: a transaction can be in the log and not yet be visible to a SELECT; were its
//! end taken for a low position, it would be neither replayed nor in the rows that are read next. MySQL with GTIDs: what
//! is in `gtid_executed` is visible, so that set decides (the file and offset beside it only help to compare). MySQL
//! without: `performance_schema.log_status` locks commits for its instant; where that is not allowed, the start of the
//! current file. MariaDB: the position of a consistent snapshot; its GTIDs are those of the log's end as long as that is the
//! same place (both are written under the log's lock), else the server looks for them in the log. A *high* position may be any
//! that is read afterwards.

pub mod place;

use super::connect::{self, Conn, Flavor, ServerInfo};
use super::error::COPY_AGAIN;
use super::{Error, Result};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::gtid::{GtidSet, ParseGtidError};
use crate::model::position::Position;
use mysql_async::Row;
use std::collections::BTreeMap;

/// Returns a position that it is safe to replay from after reading rows from now on.
pub async fn low(conn: &mut Conn, info: &ServerInfo) -> Result<Position> {
    match info.flavor {
        Flavor::Mariadb => snapshot(conn).await,
        // GTIDs off: the log's status is one consistent view, where we may ask for it.
        Flavor::Mysql if !info.gtid => match log_status(conn).await? {
            Some(at) => Ok(at),
            None => Ok(Position { offset: 4, ..high(conn, info).await? }),
        },
        Flavor::Mysql => high(conn, info).await,
    }
}

/// Returns where the log ends now.
pub async fn high(conn: &mut Conn, info: &ServerInfo) -> Result<Position> {
    // File and offset first: whatever they miss of the GTID set only makes comparisons by offset early, never late.
    let show = if info.flavor == Flavor::Mysql && info.version >= (8, 2, 0) { "SHOW BINARY LOG STATUS" } else { SHOW_END };
    let (file, offset) = log_end(conn, show).await?;
    let gtid = match info.flavor {
        Flavor::Mariadb => Some(GtidSet::parse_mariadb(&text(conn, "SELECT @@GLOBAL.gtid_binlog_pos").await?).map_err(unreadable)?),
        Flavor::Mysql if info.gtid => Some(GtidSet::parse_mysql(&text(conn, "SELECT @@GLOBAL.gtid_executed").await?).map_err(unreadable)?),
        Flavor::Mysql => None,
    };
    Ok(Position { gtid, file, offset })
}

/// In all words but those of MySQL 8.2 and later.
const SHOW_END: &str = "SHOW MASTER STATUS";

/// File and offset behind the last event.
async fn log_end(conn: &mut Conn, show: &str) -> Result<(String, u64)> {
    let row: Option<Row> = conn.query_first(show).await.map_err(|e| Error::mysql("ask the server where its log stands", e))?;
    let row = row.ok_or_else(binlog_off)?;
    Ok((row.get(0).unwrap_or_default(), row.get(1).unwrap_or_default()))
}

pub(super) const BINLOG_OFF: &str = "binlog_off";

fn binlog_off() -> Error {
    Error::config(BINLOG_OFF, "the source has no binary log").hint("set log_bin and restart the source")
}

/// How many seconds the source keeps its log; None: for ever, or it does not say.
pub async fn log_kept(conn: &mut Conn) -> Result<Option<f64>> {
    let sql = "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('binlog_expire_logs_seconds', 'expire_logs_days')";
    let found: Vec<(String, String)> = conn.query(sql).await.map_err(|e| Error::mysql("ask the source how long it keeps its log", e))?;
    let of = |name: &str| found.iter().find(|(n, _)| n == name).and_then(|(_, v)| v.parse::<f64>().ok()).filter(|n| *n > 0.0);
    Ok(of("binlog_expire_logs_seconds").or(of("expire_logs_days").map(|days| days * 86_400.0)))
}

/// Asks a source where its log stands now, over a connection of its own.
pub async fn now(source: &MysqlEndpoint) -> Result<Position> {
    let mut conn = connect::open(source, false).await?;
    let info = connect::inspect(&mut conn, source).await?;
    let at = high(&mut conn, &info).await?;
    conn.disconnect().await;
    Ok(at)
}

/// Where a job is asked to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Behind these executed GTIDs.
    Gtids(String),
    File(String, u64),
}

/// Another position, against where a job stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub to: Position,
    /// What is passed over, in words; empty: nothing.
    pub skipped: String,
    pub repeated: String,
}

/// Finds the position that is asked for in the source's log, which must still have it. `at`, `file` and `offset` are where the
/// job stands, as its figures say it.
pub async fn locate(source: &MysqlEndpoint, asked: &Asked, at: &str, file: &str, offset: u64) -> Result<Moved> {
    let mut conn = connect::faithful(source, false).await?;
    let info = connect::inspect(&mut conn, source).await?;
    let to = find(&mut conn, &info, asked).await?;
    if let Some(Lost::Purged(why) | Lost::NotExecuted(why)) = lost(&mut conn, &info, &to).await? {
        return Err(Error::config("position_lost", format!("the source cannot continue from {}: {why}", to.display()))
            .hint("name one that its log still has"));
    }
    conn.disconnect().await;
    let was = match info.flavor {
        Flavor::Mysql => GtidSet::parse_mysql(at),
        Flavor::Mariadb => GtidSet::parse_mariadb(at),
    };
    let (skipped, repeated) = match (&to.gtid, was) {
        (Some(to), Ok(was)) => (between(to, &was), between(&was, to)),
        _ => {
            let was = Position { gtid: None, file: file.to_owned(), offset };
            let (a, b) = (format!("{file}:{offset}"), format!("{}:{}", to.file, to.offset));
            match (was.coordinates_le(&to), to.coordinates_le(&was)) {
                (true, true) => (String::new(), String::new()),
                (true, false) => (format!("{a} to {b}"), String::new()),
                _ => (String::new(), format!("{b} to {a}")),
            }
        }
    };
    Ok(Moved { to, skipped, repeated })
}

async fn find(conn: &mut Conn, info: &ServerInfo, asked: &Asked) -> Result<Position> {
    match asked {
        Asked::Gtids(text) if info.flavor == Flavor::Mysql && !info.gtid => {
            Err(Error::config("bad_gtid", format!("the source has no GTIDs, {text:?} cannot be found")).hint("name a file and a position"))
        }
        Asked::Gtids(text) => {
            let set = if info.flavor == Flavor::Mysql { GtidSet::parse_mysql(text) } else { GtidSet::parse_mariadb(text) };
            let set = set.map_err(|e| Error::config("bad_gtid", format!("read the GTIDs: {e}")).hint(form(info.flavor)))?;
            Ok(Position { gtid: Some(set), file: String::new(), offset: 0 })
        }
        Asked::File(..) if info.flavor == Flavor::Mysql && info.gtid => {
            Err(Error::config("gtids_needed", "the source has GTIDs, and a job follows them").hint(form(info.flavor)))
        }
        Asked::File(file, offset) if info.flavor == Flavor::Mariadb => {
            let known: Option<Option<String>> = conn
                .exec_first("SELECT BINLOG_GTID_POS(?, ?)", (file, offset))
                .await
                .map_err(|e| Error::mysql("ask the source for the GTIDs at a place of its log", e))?;
            let known = known.flatten().ok_or_else(|| {
                Error::config("position_unknown", format!("the source has no event at {file}:{offset}"))
                    .hint("SHOW BINARY LOGS; shows its files")
            })?;
            Ok(Position { gtid: Some(GtidSet::parse_mariadb(&known).map_err(unreadable)?), file: file.clone(), offset: *offset })
        }
        Asked::File(file, offset) => Ok(Position { gtid: None, file: file.clone(), offset: *offset }),
    }
}

/// What one set has and the other has not, with its number.
fn between(has: &GtidSet, not: &GtidSet) -> String {
    match has.count_missing(not) {
        0 => String::new(),
        1 => format!("1 transaction ({})", has.subtract(not)),
        n => format!("{n} transactions (up to and with {})", has.subtract(not)),
    }
}

/// Why a source cannot continue from a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// The log behind it is gone.
    Purged(String),
    /// The source has not been there.
    NotExecuted(String),
}

/// Reads where a job is told to start: after these executed GTIDs, or, where there are none (yet), at `file:offset`.
pub fn parse_start(info: &ServerInfo, text: &str) -> Result<Position> {
    let parsed = match info.flavor {
        Flavor::Mysql => GtidSet::parse_mysql(text),
        Flavor::Mariadb => GtidSet::parse_mariadb(text),
    };
    if parsed.is_err()
        && let Some((file, offset)) = text.rsplit_once(':')
        && let Ok(offset) = offset.parse()
    {
        return Ok(Position { gtid: None, file: file.to_owned(), offset });
    }
    let set = parsed.map_err(|e| Error::config("bad_gtid", format!("read start_gtid: {e}")).hint(form(info.flavor)))?;
    // File and offset of "now" say nothing about an older set: the set alone counts until the log is read.
    Ok(Position { gtid: Some(set), file: String::new(), offset: 0 })
}

/// How a flavour writes its executed GTIDs, for hints.
fn form(flavor: Flavor) -> &'static str {
    match flavor {
        Flavor::Mysql => "MySQL's form is UUID:1-9[,UUID:1-3]; SELECT @@GLOBAL.gtid_executed; shows it",
        Flavor::Mariadb => "MariaDB's form is DOMAIN-SERVER-NUMBER[,…]; SELECT @@GLOBAL.gtid_binlog_pos; shows it",
    }
}

/// Says why a position cannot be resumed from, as an error; Ok = as far as the source's variables tell, it can.
pub async fn validate_resume(conn: &mut Conn, info: &ServerInfo, at: &Position) -> Result<()> {
    let Some(Lost::Purged(why) | Lost::NotExecuted(why)) = lost(conn, info, at).await? else { return Ok(()) };
    Err(Error::permanent("position_lost", format!("the source cannot continue from {}: {why}", at.display()))
        .hint(format!(
            "the log before it was purged, or the source was reset, restored, or is another server that lacks transactions (a replica that is still \
             catching up? then retry the job when it has): otherwise {COPY_AGAIN}. To go on all the same, pause it, and name a position that \
             the log still has: `syncline jobs position set`",
        )))
}

/// Says, as an error, that the log of the server that a position was taken from has begun anew since. Its GTIDs may have come
/// past the position's again, with other transactions under the same names; its files have not.
pub async fn validate_same(conn: &mut Conn, info: &ServerInfo, at: &Position) -> Result<()> {
    let now = high(conn, info).await?;
    if !begins_anew(at, &now) {
        return Ok(());
    }
    let message = format!("the source's log ends at {}:{}, before {}:{}, where the job stands", now.file, now.offset, at.file, at.offset);
    Err(Error::permanent("position_lost", message).hint(format!("the source was reset or restored: {COPY_AGAIN}")))
}

/// Says whether a log that ends at `now` is another than the one that a position of the same server was taken from. Files of another name are another matter: `log_bin` was changed.
pub fn begins_anew(at: &Position, now: &Position) -> bool {
    let base = |file: &str| file.rsplit_once('.').map(|(base, _)| base.to_owned());
    !at.file.is_empty() && base(&at.file) == base(&now.file) && !at.coordinates_le(now)
}

/// Says whether the source can continue from a position, as far as its variables tell; None: it can.
pub async fn lost(conn: &mut Conn, info: &ServerInfo, at: &Position) -> Result<Option<Lost>> {
    let not_executed = |why: String| Ok(Some(Lost::NotExecuted(why)));
    let purged_away = |why: String| Ok(Some(Lost::Purged(why)));
    match (&at.gtid, info.flavor) {
        (Some(ours @ GtidSet::Mysql(_)), Flavor::Mysql) => {
            let purged = GtidSet::parse_mysql(&text(conn, "SELECT @@GLOBAL.gtid_purged").await?).map_err(unreadable)?;
            let executed = GtidSet::parse_mysql(&text(conn, "SELECT @@GLOBAL.gtid_executed").await?).map_err(unreadable)?;
            if !executed.contains_set(ours) {
                return not_executed(format!("it never executed {}", ours.subtract(&executed)));
            }
            if !ours.contains_set(&purged) {
                return purged_away(format!("it has purged {}", purged.subtract(ours)));
            }
        }
        (Some(set @ GtidSet::Mariadb(ours)), Flavor::Mariadb) => {
            let state = text(conn, "SELECT @@GLOBAL.gtid_binlog_state").await?;
            let (newest, of_servers) = (domains(&state), servers(&state));
            for (domain, (server, seq)) in ours {
                match newest.get(domain) {
                    Some(_) if of_servers.get(&(*domain, *server)).is_some_and(|last| last < seq) => {
                        let last = of_servers.get(&(*domain, *server)).copied().unwrap_or_default();
                        return not_executed(format!(
                            "the histories have parted: what it has of server {server} in domain {domain} ends with {last}, ours is {domain}-{server}-{seq}"
                        ));
                    }
                    Some(last) if last >= seq => {}
                    Some(last) => {
                        return not_executed(format!("its last transaction in domain {domain} is {last}, ours is {domain}-{server}-{seq}"));
                    }
                    None => return not_executed(format!("it has no transaction in domain {domain}")),
                }
            }
            if let Some(first) = before_first_log(conn).await?
                && !set.contains_set(&first)
            {
                return purged_away(format!("its oldest log begins after {}", first.subtract(set)));
            }
        }
        (Some(_), _) => return not_executed("it is of the other flavour".to_owned()),
        (None, _) => {
            let files: Vec<Row> = conn.query("SHOW BINARY LOGS").await.map_err(|e| Error::mysql("list the source's logs", e))?;
            let found = files.iter().find(|r| r.get::<String, _>(0).is_some_and(|f| f == at.file));
            match found.and_then(|r| r.get::<u64, _>(1)) {
                None => return purged_away(format!("it no longer has the file {}", at.file)),
                Some(size) if size < at.offset => return not_executed(format!("its file {} ends at {size}", at.file)),
                Some(_) => {}
            }
        }
    }
    Ok(None)
}

/// MariaDB: what was executed before the oldest log that is left; None where the account may not ask.
async fn before_first_log(conn: &mut Conn) -> Result<Option<GtidSet>> {
    let files: std::result::Result<Vec<Row>, _> = conn.query("SHOW BINARY LOGS").await;
    let files = match files {
        Err(mysql_async::Error::Server(e)) if matches!(e.code, 1142 | 1227 | 1044) => return Ok(None),
        other => other.map_err(|e| Error::mysql("list the source's logs", e))?,
    };
    let Some(first) = files.first().and_then(|r| r.get::<String, _>(0)) else { return Ok(None) };
    let known: Option<Option<String>> = conn
        .exec_first("SELECT BINLOG_GTID_POS(?, 4)", (first,))
        .await
        .map_err(|e| Error::mysql("ask the source what its oldest log begins after", e))?;
    known.flatten().map(|text| GtidSet::parse_mariadb(&text).map_err(unreadable)).transpose()
}

/// MariaDB: the last sequence number per domain and server of `gtid_binlog_state`.
fn servers(state: &str) -> BTreeMap<(u32, u32), u64> {
    let parse = |gtid: &str| {
        let mut parts = gtid.trim().split('-');
        let mut next = || parts.next();
        Some(((next()?.parse().ok()?, next()?.parse().ok()?), next()?.parse().ok()?))
    };
    state.split(',').filter_map(parse).collect()
}

/// MariaDB: the newest sequence number per domain of `gtid_binlog_state`, which has one entry per server in a domain.
fn domains(state: &str) -> BTreeMap<u32, u64> {
    let mut newest = BTreeMap::new();
    for gtid in state.split(',') {
        let mut parts = gtid.trim().split('-');
        let (Some(Ok(domain)), Some(Ok(seq))) = (parts.next().map(str::parse::<u32>), parts.nth(1).map(str::parse::<u64>)) else {
            continue;
        };
        let last = newest.entry(domain).or_insert(seq);
        *last = seq.max(*last);
    }
    newest
}

/// MariaDB: the position of a consistent snapshot, which no transaction between log and engine can be before.
async fn snapshot(conn: &mut Conn) -> Result<Position> {
    let failed = |e| Error::mysql("take a snapshot at the source", e);
    conn.query_drop("START TRANSACTION WITH CONSISTENT SNAPSHOT").await.map_err(failed)?;
    let at = of_snapshot(conn).await;
    conn.query_drop("COMMIT").await.map_err(failed)?;
    at
}

/// MariaDB: the position that belongs to the snapshot that is open on this connection.
pub(super) async fn of_snapshot(conn: &mut Conn) -> Result<Position> {
    let failed = |e| Error::mysql("ask the source for its snapshot's position", e);
    let rows: Vec<(String, String)> = conn.query("SHOW STATUS LIKE 'binlog_snapshot_%'").await.map_err(failed)?;
    let get = |name: &str| rows.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.clone()).unwrap_or_default();
    let file = get("binlog_snapshot_file");
    let offset: u64 = get("binlog_snapshot_position").parse().map_err(|_| binlog_off())?;
    // What is logged up to the snapshot is in the first answer. If the log still ends there after it, nothing else is.
    let logged = text(conn, "SELECT @@GLOBAL.gtid_binlog_pos").await?;
    let known = if log_end(conn, SHOW_END).await? == (file.clone(), offset) {
        logged
    } else {
        // For this the server reads the file from its start, which may take seconds.
        let asked: Option<Option<String>> = conn.exec_first("SELECT BINLOG_GTID_POS(?, ?)", (&file, offset)).await.map_err(failed)?;
        asked.flatten().ok_or_else(|| Error::transient("position_moved", "the source has lost the log of its snapshot meanwhile"))?
    };
    Ok(Position { gtid: Some(GtidSet::parse_mariadb(&known).map_err(unreadable)?), file, offset })
}

/// MySQL without GTIDs: None where the account may not ask.
async fn log_status(conn: &mut Conn) -> Result<Option<Position>> {
    let asked: std::result::Result<Option<(String, u64)>, _> = conn
        .query_first(
            // A path in the session's character set, binary, is refused.
            "SELECT JSON_UNQUOTE(JSON_EXTRACT(local, _utf8mb4'$.binary_log_file')), \
             CAST(JSON_UNQUOTE(JSON_EXTRACT(local, _utf8mb4'$.binary_log_position')) AS UNSIGNED) FROM performance_schema.log_status",
        )
        .await;
    match asked {
        Ok(found) => Ok(found.map(|(file, offset)| Position { gtid: None, file, offset })),
        Err(mysql_async::Error::Server(e)) if matches!(e.code, 1142 | 1143 | 1227 | 1146 | 1044) => Ok(None),
        Err(e) => Err(Error::mysql("ask the source for its log's status", e)),
    }
}

async fn text(conn: &mut Conn, query: &str) -> Result<String> {
    let found: Option<Option<String>> = conn.query_first(query).await.map_err(|e| Error::mysql("ask the source for its position", e))?;
    Ok(found.flatten().unwrap_or_default())
}

fn unreadable(error: ParseGtidError) -> Error {
    Error::permanent("position_unreadable", error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_ends_before_a_position_has_begun_anew() {
        let at = |file: &str, offset| Position { gtid: None, file: file.into(), offset };
        for (then, now, anew) in [
            (at("bin.000007", 9), at("bin.000007", 9), false),
            (at("bin.000007", 9), at("bin.000008", 4), false),
            (at("bin.000007", 9), at("bin.000001", 900), true),
            (at("bin.000007", 9), at("bin.000007", 4), true),
            (at("bin.000007", 9), at("other.000001", 4), false),
            (at("", 0), at("bin.000001", 4), false),
        ] {
            assert_eq!(begins_anew(&then, &now), anew, "{then:?} {now:?}");
        }
    }

    #[test]
    fn a_domain_is_as_far_as_its_furthest_server() {
        let state = domains("0-1-12,0-2-40, 5-1-1");
        assert_eq!(state, BTreeMap::from([(0, 40), (5, 1)]));
        assert!(domains("").is_empty());
        assert_eq!(servers("0-1-12, 0-2-40"), BTreeMap::from([((0, 1), 12), ((0, 2), 40)]));
    }
}
