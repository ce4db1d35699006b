//! Single rows by their keys, as the copy reads them: for a repair (`replicate/repair`), from a snapshot of its own or as
//! they are now.

use super::read::{push, select};
use super::snapshot::Snapshot;
use super::{source_connection, source_error};
use crate::model::position::Position;
use crate::model::replicate::TableName;
use crate::replicate::connect::{Conn, ServerInfo};
use crate::replicate::repair::{Damaged, Place};
use crate::replicate::run::RunContext;
use crate::replicate::schema::read as definitions;
use crate::replicate::sink::{Mend, RowBlock};
use crate::replicate::table::Table;
use crate::replicate::{Error, Result};
use mysql_async::Row;
use std::sync::Arc;
use std::time::Duration;

/// Rows of one request; the row that goes over it is the last.
const BYTES: usize = 8 << 20;
/// Between two snapshots, when the first does not have what is in the log.
const PAUSE: Duration = Duration::from_millis(50);

/// Reads the rows of a snapshot that has everything up to `was`, and returns them with its position.
pub(in crate::replicate) async fn rows_behind(
    ctx: &RunContext,
    source: &ServerInfo,
    was: &Position,
    damaged: &Damaged,
) -> Result<(Position, Mend)> {
    let mut other = source_connection(&ctx.spec.src.endpoint, source.flavor, &ctx.stragglers).await?;
    let snapshot = loop {
        let snapshot = Snapshot::open(ctx, source, &mut other, &damaged.sources, 1).await?;
        if snapshot.at.covers(was) && was.coordinates_le(&snapshot.at) {
            break snapshot;
        }
        snapshot.release().await;
        tokio::time::sleep(PAUSE).await;
    };
    let at = snapshot.at.clone();
    // Behind the snapshot: reading a table whose definition changed since fails.
    let tables = definitions(&mut other, source, &damaged.sources).await?;
    let mut conn = snapshot.take().await;
    let mend = read(&mut conn, tables, damaged).await;
    snapshot.put(conn);
    snapshot.release().await;
    other.disconnect().await;
    Ok((at, mend?))
}

/// Reads the rows as they are now.
pub(in crate::replicate) async fn rows_now(conn: &mut Conn, source: &ServerInfo, damaged: &Damaged) -> Result<Mend> {
    let tables = definitions(conn, source, &damaged.sources).await?;
    read(conn, tables, damaged).await
}

async fn definitions(conn: &mut Conn, source: &ServerInfo, names: &[TableName]) -> Result<Vec<Arc<Table>>> {
    let mut read = definitions::read_tables(conn, source, names).await?;
    let mut take = |name: &TableName| {
        let at = read.iter().position(|t| t.name == *name);
        let gone = || Error::transient("table_changed", format!("read table {name}: it is not at the source any more"));
        at.map(|at| Arc::new(read.swap_remove(at))).ok_or_else(gone)
    };
    names.iter().map(&mut take).collect()
}

async fn read(conn: &mut Conn, tables: Vec<Arc<Table>>, damaged: &Damaged) -> Result<Mend> {
    let mut mend = Mend { target: damaged.target.clone(), keys: Vec::new(), parts: Vec::new() };
    let selects: Vec<String> = tables.iter().map(|t| select(t)).collect();
    for table in tables {
        let rows = RowBlock { columns: table.stored_columns().count(), ..RowBlock::default() };
        mend.parts.push((table, rows, Vec::new()));
    }
    let mut bytes = 0;
    for (number, Place { target, sources }) in damaged.keys.iter().enumerate() {
        if bytes >= BYTES {
            break;
        }
        mend.keys.push(target.clone());
        for (((table, rows, of), select), condition) in mend.parts.iter_mut().zip(&selects).zip(sources) {
            let sql = format!("{select} WHERE {condition}");
            let found: Vec<Row> = conn.query(sql).await.map_err(|e| source_error(&table.name, e))?;
            let before = rows.bytes();
            for row in found {
                push(rows, row)?;
                of.push(number);
            }
            bytes += rows.bytes() - before;
        }
    }
    Ok(mend)
}
