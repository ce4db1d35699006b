//! Positions that belong to a read: the one before it, and the one of a consistent snapshot.
//!
//! A snapshot's position needs nobody between the binary log and the engine (replication.md §1, §2): MariaDB says the
//! snapshot's own position, MySQL is held still for milliseconds with a read lock on the one table.

use super::WAITS;
use crate::model::position::Position;
use crate::model::replicate::TableName;
use crate::replicate::connect::{Conn, Flavor, ServerInfo};
use crate::replicate::{Error, Result, coordinates};
use std::time::Duration;
use tokio::time::Instant;

/// How long a table may stay too busy for its snapshot before the run gives up for now.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(200);

/// Opens one consistent snapshot of the tables on all of `conns` and returns its exact position. `other` is a connection
/// more. Without the privilege to hold the tables still only the first connection has it: the others are given up.
pub(super) async fn snapshot(conns: &mut Vec<Conn>, other: &mut Conn, info: &ServerInfo, tables: &[TableName]) -> Result<Position> {
    if let ([conn], Flavor::Mariadb) = (conns.as_mut_slice(), info.flavor) {
        begin(conn).await?;
        return coordinates::of_snapshot(conn).await;
    }
    let until = Instant::now() + PATIENCE;
    loop {
        match locked(conns, other, info, tables).await {
            Err(e) if e.code == "lock_conflict" && Instant::now() < until => tokio::time::sleep(PAUSE).await,
            Err(e) if e.code == "missing_privilege" || e.code == "access_denied" => break,
            other => return other,
        }
    }
    conns.truncate(1);
    let Some(conn) = conns.first_mut() else { return Err(Error::permanent("snapshot_busy", "a snapshot without a connection")) };
    if info.flavor == Flavor::Mysql {
        return unlocked(conn, other, info, tables, until).await;
    }
    begin(conn).await?;
    coordinates::of_snapshot(conn).await
}

async fn begin(conn: &mut Conn) -> Result<()> {
    let sql = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION WITH CONSISTENT SNAPSHOT";
    conn.query_drop(sql).await.map_err(|e| Error::mysql("open a snapshot at the source", e))
}

/// While the lock is held, no transaction on the tables is between binlog and engine, and none is made: what the snapshots
/// and the position see of them is the same, whatever happens elsewhere meanwhile.
async fn locked(conns: &mut [Conn], other: &mut Conn, info: &ServerInfo, tables: &[TableName]) -> Result<Position> {
    let names: Vec<_> = tables.iter().map(|t| format!("{} READ", t.quoted())).collect();
    let table = some(tables);
    // Whoever goes away without a word while it is held leaves it to the server to notice, and that is to be soon.
    let sql = format!("SET SESSION lock_wait_timeout=2; LOCK TABLES {}; SET SESSION wait_timeout=10", names.join(", "));
    other.query_drop(sql).await.map_err(|e| Error::mysql(format!("lock table {table} at the source for a moment"), e))?;
    let taken = async {
        for conn in conns.iter_mut() {
            begin(conn).await?;
        }
        match (info.flavor, conns.first_mut()) {
            (Flavor::Mariadb, Some(conn)) => coordinates::of_snapshot(conn).await,
            (_, Some(conn)) => coordinates::high(conn, info).await,
            (_, None) => Err(Error::permanent("snapshot_busy", "a snapshot without a connection")),
        }
    }
    .await;
    let unlocked = other.query_drop(format!("UNLOCK TABLES; SET SESSION lock_wait_timeout=DEFAULT, {WAITS}")).await;
    let position = taken?;
    unlocked.map_err(|e| Error::mysql(format!("unlock table {table} at the source"), e))?;
    Ok(position)
}

/// Without LOCK TABLES: a snapshot taken while no transaction was under way and the position stood still.
async fn unlocked(conn: &mut Conn, other: &mut Conn, info: &ServerInfo, tables: &[TableName], until: Instant) -> Result<Position> {
    while Instant::now() < until {
        let before = coordinates::low(other, info).await?;
        let owned: Option<String> =
            other.query_first("SELECT @@GLOBAL.gtid_owned").await.map_err(|e| Error::mysql("ask the source for gtid_owned", e))?;
        if owned.is_some_and(|o| o.is_empty()) {
            begin(conn).await?;
            if coordinates::low(other, info).await?.gtid == before.gtid {
                return Ok(before);
            }
            conn.query_drop("ROLLBACK").await.map_err(|e| Error::mysql("close a snapshot at the source", e))?;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(Error::transient("source_too_busy", format!("found no quiet moment for a snapshot of {}", some(tables)))
        .hint("grant LOCK TABLES on the source; tables with a primary key and without foreign keys that cascade need no snapshot"))
}

/// The first of them, for messages.
fn some(tables: &[TableName]) -> String {
    let more = if tables.len() > 1 { format!(" and {} more", tables.len() - 1) } else { String::new() };
    tables.first().map_or_else(String::new, |t| format!("{t}{more}"))
}
