//! JSON documents that a session has MySQL log as their changes (binlog_row_value_options=PARTIAL_JSON) arrive as the whole ones do.

use super::replicate_zoo::drop_at;
use super::replicate_zoo::expect_equal;
use crate::support::job::Job;
use crate::support::servers;
use crate::support::sql::{exec, exec_all, rows, scratch};

/// Paths into documents as `fill` makes them: deep ones, names that must be quoted, cells in the middle, behind the end and past it.
const PATHS: [&str; 12] = [
    "$.n",
    "$.a",
    "$.obj.deep[1].x",
    "$.obj.\"a b\"",
    "$.obj.\"q\\\"].é\"",
    "$.list[0]",
    "$.list[2]",
    "$.list[9]",
    "$.new",
    "$.obj.new",
    "$.list[1][0]",
    "$.zz",
];
const VALUES: [&str; 9] = [
    "1",
    "-3.5",
    "'text'",
    "NULL",
    "TRUE",
    "CAST('2020-01-02 03:04:05.5' AS DATETIME(6))",
    "JSON_OBJECT('x', 1, 'aa', JSON_ARRAY())",
    "18446744073709551615",
    "1.50",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_that_are_logged_in_parts_arrive_whole() {
    for (from, to) in servers::directions().into_iter().filter(|(from, _)| from.is_mysql()) {
        let schema = scratch("parts", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = crate::support::sql::connect(from).await;
        let many: Vec<String> = (0..9).map(|n| format!("d{n} JSON")).collect();
        let document = "JSON_OBJECT('n', 1, 'a', REPEAT('x', 200), 'zz', 1.0, 'list', JSON_ARRAY(1, JSON_ARRAY(2), 'three'), \
                        'obj', JSON_OBJECT('deep', JSON_ARRAY(0, JSON_OBJECT('x', 'y')), 'a b', 2, 'q\\\"].é', 3))";
        let fill = [document; 9].join(", ");
        exec_all(
            &mut conn,
            [
                format!("USE `{schema}`"),
                format!("CREATE TABLE t (id INT PRIMARY KEY, {}, v INT)", many.join(", ")),
                "CREATE TABLE plain (id INT PRIMARY KEY, v VARCHAR(9))".to_owned(),
                format!("INSERT INTO t VALUES (1, {fill}, 1), (2, {fill}, 1), (3, {fill}, 1)"),
                "INSERT INTO plain VALUES (1, 'a')".to_owned(),
            ],
        )
        .await;
        let mut job = Job::new(&schema, from, to);
        let mut run = job.start();
        run.streaming().await;
        exec(&mut conn, "SET SESSION binlog_row_value_options = PARTIAL_JSON").await;
        let end = rows(&mut conn, "SHOW BINARY LOG STATUS").await;
        let (file, at) = (end[0][0].clone().expect("a name"), end[0][1].clone().expect("an offset"));
        let mut seed = 7_usize;
        let mut pick = |n: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % n
        };
        for round in 0..150 {
            let (id, one, other) = (pick(3) + 1, pick(9), pick(9));
            let (path, second, value) = (PATHS[pick(PATHS.len())], PATHS[pick(PATHS.len())], VALUES[pick(VALUES.len())]);
            let change = match pick(6) {
                0 => format!("UPDATE t SET d{one} = JSON_REMOVE(d{one}, '{path}') WHERE id = {id}"),
                1 => format!("UPDATE t SET d{one} = JSON_REPLACE(d{one}, '{path}', {value}), v = v + 1 WHERE id = {id}"),
                2 => {
                    format!("UPDATE t SET d{one} = JSON_SET(d{one}, '{path}', {value}), d{other} = JSON_SET(d{other}, '{second}', {value})")
                }
                3 => format!("UPDATE t SET d{one} = JSON_SET(JSON_REMOVE(d{one}, '{path}'), '{second}', {value}) WHERE id = {id}"),
                4 => format!("UPDATE t SET d{one} = {document}, v = {round} WHERE id = {id}"),
                _ => format!("UPDATE t SET v = {round} WHERE id = {id}"),
            };
            // Of one column, one change; not every path leads somewhere.
            if !(change.starts_with("UPDATE t SET d") && one == other) {
                let _ = mysql_async::prelude::Queryable::query_drop(&mut conn, change.replace("'$.obj.\"q\\\"", "'$.obj.\"q\\\\\"")).await;
            }
        }
        exec(&mut conn, "UPDATE t SET d0 = NULL WHERE id = 2").await;
        exec(&mut conn, "UPDATE plain SET v = 'b'").await;
        run.finish().await;
        let events = rows(&mut conn, &format!("SHOW BINLOG EVENTS IN '{file}' FROM {at}")).await;
        let parts = events.iter().filter(|event| event[2].as_deref() == Some("Update_rows_partial")).count();
        assert!(parts > 50, "only {parts} events are partial");
        expect_equal(from, to, &schema, 2).await;
    }
}
