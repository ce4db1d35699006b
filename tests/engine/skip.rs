//! Transactions that a job leaves out because what is in them cannot be replayed: what the refusals' hints say is done.

use super::replicate_zoo::{drop_at, expect_equal};
use crate::support::job::Job;
use crate::support::servers::{self, Server};
use crate::support::sql;
use mysql_async::Conn;
use syncline::model::replicate::TableName;
use syncline::replicate::connect::Flavor;
use syncline::replicate::{Error, Orders};

/// The transaction that an error is about, as `jobs skip` takes it.
fn named(error: &Error) -> String {
    let rest = error.message.strip_prefix("transaction ").expect("it names the transaction first");
    rest.split_once(": ").expect("then it says what it is").0.to_owned()
}

/// What a session does that cannot be replayed, and the code under which it is refused.
fn refused() -> Vec<(&'static str, Vec<&'static str>)> {
    vec![
        (
            "row_image_not_full",
            vec!["SET SESSION binlog_row_image = MINIMAL", "UPDATE t SET n = n + 1 WHERE id = 1", "SET SESSION binlog_row_image = FULL"],
        ),
        ("xa_not_supported", vec!["XA START 'a'", "UPDATE t SET n = n + 1 WHERE id = 1", "XA END 'a'", "XA PREPARE 'a'", "XA COMMIT 'a'"]),
    ]
}

async fn fill(conn: &mut Conn, schema: &str, server: &Server) {
    sql::exec(conn, &format!("USE `{schema}`")).await;
    sql::exec_all(conn, ["CREATE TABLE t (id INT PRIMARY KEY, n INT, pad INT)", "INSERT INTO t VALUES (1, 1, 1)"]).await;
    let json = if server.is_mysql() { "JSON" } else { "TEXT" };
    sql::exec(conn, &format!("CREATE TABLE j (id INT PRIMARY KEY, doc {json})")).await;
    sql::exec(conn, "INSERT INTO j VALUES (1, JSON_OBJECT('a', REPEAT('x', 100), 'b', 1))").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_replayed_is_left_out_and_its_table_copied_again() {
    for flavor in [Flavor::Mariadb, Flavor::Mysql] {
        // XA stops jobs of other tests.
        let Some(from) = servers::own(flavor, "skip") else { continue };
        let Some(to) = (if from.is_mysql() { servers::mysql(2) } else { servers::mariadb(2) }) else { continue };
        for (code, statements) in refused() {
            let schema = sql::scratch("leftout", &[&from]).await;
            drop_at(to, &schema).await;
            let mut conn = sql::connect(&from).await;
            fill(&mut conn, &schema, &from).await;
            let mut job = Job::new(&schema, &from, to);
            let mut run = job.start();
            run.streaming().await;
            sql::exec_all(&mut conn, statements).await;
            sql::exec(&mut conn, "INSERT INTO t VALUES (2, 2, 2)").await;
            let error = run.error().await;
            assert_eq!(error.code, code, "{error:?}");
            assert!(error.hint.contains("jobs skip") && error.hint.contains("jobs tables reload"), "{error:?}");
            job.spec.src.skip.push(named(&error));
            let mut run = job.start();
            run.until("what follows", |p| p.tables.iter().any(|t| t.table.table == "t" && t.inserts == 1)).await;
            let notes = run.progress.borrow().notes.clone();
            assert!(notes.iter().any(|(what, n)| what == "transactions left out, as the job says" && *n == 1), "{code}: {notes:?}");
            run.pause().await;
            let reload = ["t", "j"].map(|t| TableName::new(&schema, t)).to_vec();
            job.order(&Orders { reload, position: None });
            if let Err(end) = job.start().try_finish().await {
                // What ends an XA transaction, where the log is read from behind its first part.
                assert_eq!((end.code, code), ("xa_not_supported", "xa_not_supported"), "{end:?}");
                job.spec.src.skip.push(named(&end));
                job.start().finish().await;
            }
            expect_equal(&from, to, &schema, 2).await;
        }
    }
}
