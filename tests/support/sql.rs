//! Plain SQL for the tests, over the same client library that ships, in a session that changes nothing on the way.

use super::servers::Server;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Row, Value};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Opens a session with utf8mb4 text, UTC, and a strict mode that lets odd dates pass.
pub(crate) async fn connect(server: &Server) -> Conn {
    let mut conn = syncline::replicate::connect::open(&server.endpoint(), false).await.expect("the test server answers").into_driver();
    exec(
        &mut conn,
        "SET NAMES utf8mb4, time_zone='+00:00', sql_mode='STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', foreign_key_checks=0",
    )
    .await;
    conn
}

/// Opens a connection of the engine's own kind.
pub(crate) async fn ours(server: &Server) -> syncline::replicate::connect::Conn {
    syncline::replicate::connect::open(&server.endpoint(), false).await.expect("the test server answers")
}

/// Runs one statement; its text is in the panic when it fails.
pub(crate) async fn exec(conn: &mut Conn, statement: &str) {
    if let Err(e) = conn.query_drop(statement).await {
        let shown: String = statement.chars().take(600).collect();
        panic!("{e}\nin: {shown}");
    }
}

pub(crate) async fn exec_all<S: AsRef<str>>(conn: &mut Conn, statements: impl IntoIterator<Item = S>) {
    for statement in statements {
        exec(conn, statement.as_ref()).await;
    }
}

/// Returns all rows as text; NULL is None, bytes that are not UTF-8 are shown as hex.
pub(crate) async fn rows(conn: &mut Conn, query: &str) -> Vec<Vec<Option<String>>> {
    let found: Vec<Row> = conn.query(query).await.unwrap_or_else(|e| panic!("{e}\nin: {query}"));
    found.into_iter().map(|row| row.unwrap().into_iter().map(text).collect()).collect()
}

/// Returns the first column of the first row.
pub(crate) async fn one(conn: &mut Conn, query: &str) -> Option<String> {
    rows(conn, query).await.into_iter().next().and_then(|row| row.into_iter().next()).flatten()
}

pub(crate) async fn count(conn: &mut Conn, table: &str) -> u64 {
    one(conn, &format!("SELECT COUNT(*) FROM {table}")).await.and_then(|n| n.parse().ok()).expect("COUNT(*) is a number")
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::NULL => None,
        Value::Bytes(bytes) => Some(String::from_utf8(bytes).unwrap_or_else(|e| {
            e.into_bytes().iter().fold("0x".to_owned(), |mut hex, b| {
                hex.push_str(&format!("{b:02X}"));
                hex
            })
        })),
        other => Some(other.as_sql(true)),
    }
}

/// Makes a schema of its own for one test, empty, at each of the servers; returns its name.
pub(crate) async fn scratch(name: &str, servers: &[&Server]) -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    let schema = format!("{name}_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    for server in servers {
        let mut conn = connect(server).await;
        exec(&mut conn, &format!("DROP DATABASE IF EXISTS `{schema}`")).await;
        exec(&mut conn, &format!("CREATE DATABASE `{schema}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")).await;
    }
    schema
}
