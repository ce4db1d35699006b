//! What a statement does depends on the session it was logged from: its charset, its time to the microsecond, its settings. At the
//! target it does the same, or its table is copied again.

use super::replicate_zoo::{drop_at, expect_equal};
use crate::support::job::Job;
use crate::support::servers::{self, direction};
use crate::support::sql;
use mysql_async::prelude::Queryable as _;

/// `ü` and `é` as a latin1 client says them.
const LATIN1: &[&[u8]] = &[
    b"ALTER TABLE a ADD COLUMN t VARCHAR(9) NOT NULL DEFAULT '\xfc' COMMENT '\x80', ADD COLUMN e ENUM('\xe9', 'b') NOT NULL DEFAULT '\xe9'",
    b"CREATE TABLE n\xe9 (id INT PRIMARY KEY, s VARCHAR(9) DEFAULT '\xfc')",
    b"INSERT INTO n\xe9 (id) VALUES (1)",
    b"DROP TABLE gone",
];

const STEPS: &[&str] = &[
    "SET NAMES utf8mb4",
    "SET timestamp = 1700000000.123456",
    "ALTER TABLE a ADD COLUMN at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)",
    "SET timestamp = DEFAULT",
    "SET explicit_defaults_for_timestamp = 0",
    "ALTER TABLE a ADD COLUMN changed TIMESTAMP",
    "SET explicit_defaults_for_timestamp = 1",
    "ALTER TABLE a ADD COLUMN plain TIMESTAMP",
    "SET auto_increment_increment = 5, auto_increment_offset = 2",
    "ALTER TABLE b ADD COLUMN id INT AUTO_INCREMENT PRIMARY KEY",
    "SET auto_increment_increment = 1, auto_increment_offset = 1",
    "ALTER TABLE b ADD COLUMN j INT DEFAULT 3",
    "INSERT INTO a (id) VALUES (4)",
    // Copied again: the log has no rows of it.
    "ALTER TABLE known ADD COLUMN c BIGINT DEFAULT (CONNECTION_ID())",
    "INSERT INTO known (id) VALUES (4)",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_runs_in_a_session_like_its_own() {
    for (from, to) in servers::directions().into_iter().filter(|(f, t)| f.flavor == t.flavor) {
        let schema = sql::scratch("session", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = sql::connect(from).await;
        sql::exec(&mut conn, &format!("USE `{schema}`")).await;
        let tables = ["a (id INT PRIMARY KEY)", "b (v INT)", "gone (id INT PRIMARY KEY)", "known (id INT PRIMARY KEY)"];
        sql::exec_all(&mut conn, tables.map(|table| format!("CREATE TABLE {table}"))).await;
        sql::exec_all(&mut conn, ["INSERT INTO a VALUES (1), (2), (3)", "INSERT INTO known VALUES (1), (2)", "INSERT INTO b VALUES (7)"])
            .await;
        let mut job = Job::new(&schema, from, to);
        let mut run = job.start();
        run.streaming().await;
        sql::exec(&mut conn, "SET NAMES latin1").await;
        for statement in LATIN1 {
            conn.query_drop(*statement).await.expect("the source runs it");
        }
        sql::exec_all(&mut conn, STEPS.iter().copied()).await;
        let reset = run.error().await;
        assert_eq!(reset.code, "table_reset", "{}: {reset:?}", direction(from, to));
        let mut run = job.start();
        run.streaming().await;
        run.finish().await;
        expect_equal(from, to, &schema, 4).await;
        let definition = |server| {
            let schema = schema.clone();
            async move {
                let columns =
                    "SELECT column_name, column_type, is_nullable, column_default, extra, column_comment FROM information_schema.columns";
                let of_schema = format!("{columns} WHERE table_schema = '{schema}' ORDER BY table_name, ordinal_position");
                sql::rows(&mut sql::connect(server).await, &of_schema).await
            }
        };
        assert_eq!(definition(from).await, definition(to).await, "{}", direction(from, to));
        let labels =
            sql::rows(&mut sql::connect(to).await, &format!("SELECT t, e, at, changed IS NULL FROM `{schema}`.a WHERE id = 2")).await;
        let text = |at: usize| labels[0][at].as_deref().unwrap_or_default();
        assert_eq!((text(0), text(1)), ("ü", "é"));
        assert!(text(2).ends_with(".123456") && text(3) == "0", "{labels:?}");
    }
}
