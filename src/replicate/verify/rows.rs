//! Rows as the differ reads them: text protocol, one cell per column, and a hash of a whole row.

use super::plan::Plan;
use super::value;
use crate::replicate::connect::Conn;
use crate::replicate::{Error, Result};
use mysql_async::{Row, Value};
use sha2::{Digest as _, Sha256};

pub(super) type Cell = Option<Vec<u8>>;
pub(super) type Hash = [u8; 16];

pub(super) fn cells(row: Row) -> Vec<Cell> {
    let cell = |value| match value {
        Value::NULL => None,
        Value::Bytes(bytes) => Some(bytes),
        // The text protocol sends bytes only.
        other => Some(other.as_sql(true).into_bytes()),
    };
    row.unwrap().into_iter().map(cell).collect()
}

/// Hashes a row's canonical values; NULL and lengths are part of it.
pub(super) fn hash(plan: &Plan, row: &[Cell]) -> Hash {
    let mut hasher = Sha256::new();
    for (column, cell) in plan.columns.iter().zip(row) {
        match cell {
            None => hasher.update([0]),
            Some(bytes) => {
                let text = value::canonical(column.class, bytes);
                hasher.update([1]);
                hasher.update((text.len() as u64).to_le_bytes());
                hasher.update(&text);
            }
        }
    }
    hasher.finalize()[..16].try_into().expect("a SHA-256 has 32 bytes")
}

pub(super) fn hex(hash: &Hash) -> String {
    hash.iter().map(|b| format!("{b:02x}")).collect()
}

pub(super) async fn execute(conn: &mut Conn, sql: &str, doing: &str) -> Result<()> {
    conn.query_drop(sql).await.map_err(|e| Error::mysql(doing, e))
}

pub(super) async fn query(conn: &mut Conn, sql: &str, doing: &str) -> Result<Vec<Vec<Cell>>> {
    let rows: Vec<Row> = conn.query(sql).await.map_err(|e| Error::mysql(doing, e))?;
    Ok(rows.into_iter().map(cells).collect())
}
