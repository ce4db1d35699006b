//! Stand-in until the log reader's branch brings the real one: positions before and after a read.

use super::connect::{Flavor, ServerInfo};
use super::{Error, Result};
use crate::model::gtid::GtidSet;
use crate::model::position::Position;
use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;

/// A position that is safe to read after.
pub async fn low(conn: &mut Conn, info: &ServerInfo) -> Result<Position> {
    high(conn, info).await
}

/// Any position read after a chunk.
pub async fn high(conn: &mut Conn, info: &ServerInfo) -> Result<Position> {
    let failed = |e| Error::mysql("ask the source for its position", e);
    let show = if info.flavor == Flavor::Mysql && info.version >= (8, 2, 0) { "SHOW BINARY LOG STATUS" } else { "SHOW MASTER STATUS" };
    let row: mysql_async::Row =
        conn.query_first(show).await.map_err(failed)?.ok_or_else(|| Error::config("binlog_off", "the source has no binary log"))?;
    let (file, offset): (String, u64) = (row.get(0).unwrap_or_default(), row.get(1).unwrap_or_default());
    let set = if info.flavor == Flavor::Mysql { "SELECT @@GLOBAL.gtid_executed" } else { "SELECT @@GLOBAL.gtid_binlog_pos" };
    let text: String = conn.query_first(set).await.map_err(failed)?.unwrap_or_default();
    let gtid = if info.flavor == Flavor::Mysql { GtidSet::parse_mysql(&text) } else { GtidSet::parse_mariadb(&text) };
    Ok(Position { gtid: gtid.ok(), file, offset })
}
