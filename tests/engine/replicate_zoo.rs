//! Copy and stream carry every type unchanged, in all four directions, judged by the differ.

use super::verify::verify_schema;
use crate::support::job::Job;
use crate::support::servers::{self, Pair, Server, direction};
use crate::support::sql;
use crate::support::zoo::{self, Table};
use std::time::Duration;
use syncline::model::replicate::quote;
use syncline::replicate::verify::{Options, Outcome};

pub(super) const AT_ONCE: Options = Options { max_differences: 50, recheck_for: Duration::ZERO };

/// Both ends must hold the same, and something.
pub(super) async fn expect_equal(from: &Server, to: &Server, schema: &str, tables: usize) {
    let report = verify_schema(from, to, schema, AT_ONCE).await;
    let wrong: Vec<_> = report.tables.iter().filter(|t| t.outcome != Outcome::Equal).collect();
    assert!(wrong.is_empty(), "{} {schema}: {wrong:#?}", direction(from, to));
    assert_eq!(report.tables.len(), tables, "{} {schema}", direction(from, to));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_type_arrives_by_copy_and_by_stream() {
    for pair in servers::directions() {
        carry(pair).await;
    }
}

async fn carry((from, to): Pair) {
    let schema = sql::scratch("carry", &[from]).await;
    drop_at(to, &schema).await;
    let tables = zoo::tables_for(from, to);
    zoo::load(from, &schema, &tables).await;
    let mut job = Job::new(&schema, from, to);
    let mut run = job.start();
    run.streaming().await;
    expect_copied(to, &schema, &tables).await;
    let mut conn = sql::connect(from).await;
    for table in &tables {
        table.insert(&mut conn, &schema, 501).await;
        change(&mut conn, &schema, table).await;
    }
    run.finish().await;
    expect_equal(from, to, &schema, tables.len()).await;
}

/// MySQL makes doubles of the decimals in a document that it reads: rows where that changes a number are counted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn digits_that_json_loses_are_counted() {
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mysql(2)) else { return };
    let schema = sql::scratch("digits", &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = sql::connect(from).await;
    sql::exec(&mut conn, &format!("USE `{schema}`")).await;
    let insert = |id: u8, number: &str| format!("INSERT INTO t VALUES ({id}, JSON_OBJECT('n', {number}, 's', '12345678901234567890.5'))");
    let decimal = "CAST('12345678901234567890.123456789' AS DECIMAL(40,9))";
    sql::exec_all(&mut conn, ["CREATE TABLE t (id INT PRIMARY KEY, j JSON)", &insert(1, decimal), &insert(2, "1.50")]).await;
    let mut job = Job::new(&schema, from, to);
    let mut run = job.start();
    run.streaming().await;
    let counted = |p: &syncline::model::progress::Progress| p.notes.iter().find(|n| n.0.contains("JSON")).map(|n| n.1);
    assert_eq!(counted(&run.progress.borrow()), Some(1), "of the copy");
    sql::exec_all(
        &mut conn,
        [insert(3, decimal), insert(4, "2.5"), format!("UPDATE t SET j = JSON_SET(j, '$.n', {decimal}) WHERE id = 2")],
    )
    .await;
    run.until("those of the stream", |p| counted(p) == Some(3)).await;
    run.finish().await;
    let mut target = sql::connect(to).await;
    let kept = format!("SELECT GROUP_CONCAT(id) FROM `{schema}`.t WHERE JSON_UNQUOTE(j->'$.s') = '12345678901234567890.5'");
    assert_eq!(sql::one(&mut target, &kept).await.as_deref(), Some("1,2,3,4"));
}

/// The job makes the schema itself.
pub(super) async fn drop_at(server: &Server, schema: &str) {
    let mut conn = sql::connect(server).await;
    sql::exec(&mut conn, &format!("DROP DATABASE IF EXISTS {}", quote(schema))).await;
}

async fn expect_copied(to: &Server, schema: &str, tables: &[Table]) {
    let mut conn = sql::connect(to).await;
    for table in tables {
        assert_ne!(sql::count(&mut conn, &table.quoted(schema)).await, 0, "{} was not copied", table.name);
    }
}

/// Updates each column of the streamed rows to another value and to NULL and back, moves a key, deletes rows.
async fn change(conn: &mut mysql_async::Conn, schema: &str, table: &Table) {
    let name = table.quoted(schema);
    sql::exec(conn, "SET @strict = @@sql_mode, sql_mode='ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'").await;
    let one_row = if table.keyed { "WHERE `id` = 501" } else { "LIMIT 1" };
    for column in table.columns.iter().filter(|c| !c.values.is_empty()) {
        let column_name = quote(column.name);
        for value in column.values.iter().rev() {
            sql::exec(conn, &format!("UPDATE {name} SET {column_name} = {value} {one_row}")).await;
        }
        if column.nullable {
            let other = if table.keyed { "WHERE `id` = 1" } else { "LIMIT 1" };
            sql::exec(conn, &format!("UPDATE {name} SET {column_name} = NULL {other}")).await;
        }
    }
    sql::exec(conn, "SET sql_mode = @strict").await;
    if table.keyed {
        sql::exec_all(conn, [format!("UPDATE {name} SET `id` = 9001 WHERE `id` = 502"), format!("DELETE FROM {name} WHERE `id` = 2")])
            .await;
    } else {
        sql::exec_all(conn, [format!("DELETE FROM {name} LIMIT 1"), format!("DELETE FROM {name} WHERE a = 2")]).await;
    }
}
