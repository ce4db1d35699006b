//! What a server holds, for people who choose tables before there is a job.
//!
//! Called by the scheduler for `mysql schemas`, `mysql columns` and the dialects' forms of them. Reads definitions only.

use super::Result;
use super::connect::{self, Conn, ServerInfo};
use super::schema::read;
use crate::model::endpoint::MysqlEndpoint;
use crate::model::replicate::{TableFilter, TableName};
use crate::replicate::table::Column;

/// A schema and its base tables, both by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    pub name: String,
    pub tables: Vec<String>,
}

/// Lists every schema but the system's and ours, with its base tables. What the account may not see is not there.
pub async fn schemas(endpoint: &MysqlEndpoint) -> Result<Vec<Schema>> {
    let mut conn = connect::faithful(endpoint, false).await?;
    let listed = read::list(&mut conn, &TableFilter::default()).await;
    leave(conn).await;
    let read::Listing { tables, left_out: _, schemas, notes: _ } = listed?;
    let mut found: Vec<Schema> = schemas.into_iter().map(|s| Schema { name: s.name, tables: Vec::new() }).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    for table in tables {
        if let Ok(at) = found.binary_search_by(|s| s.name.cmp(&table.name.schema)) {
            found[at].tables.push(table.name.table);
        }
    }
    found.iter_mut().for_each(|s| s.tables.sort());
    Ok(found)
}

/// Returns a table's columns in their order; None if there is no such base table.
pub async fn columns(endpoint: &MysqlEndpoint, table: &TableName) -> Result<Option<Vec<Column>>> {
    let mut conn = connect::faithful(endpoint, false).await?;
    let found = async {
        let info = connect::inspect(&mut conn, endpoint).await?;
        read::read_table(&mut conn, &info, table).await
    };
    let found = found.await;
    leave(conn).await;
    Ok(found?.map(|table| table.columns))
}

/// Connects and asks the server what it is.
pub async fn ping(endpoint: &MysqlEndpoint) -> Result<ServerInfo> {
    let mut conn = connect::open(endpoint, false).await?;
    let info = connect::inspect(&mut conn, endpoint).await;
    leave(conn).await;
    info
}

async fn leave(conn: Conn) {
    conn.disconnect().await;
}
