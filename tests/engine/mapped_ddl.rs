//! Statements on a table that has other columns at the target, another name and a row filter: the job waits with each, and
//! behind one that was left out rows are read as they were logged, or not at all.

use super::replicate_zoo::{AT_ONCE, drop_at};
use crate::support::job::{Job, PATIENCE, Run};
use crate::support::servers::{self, Server, direction};
use crate::support::sql;
use crate::support::until::until;
use syncline::model::replicate::{MappedColumn, Mapping, SchemaRule, TableName};
use syncline::replicate::connect::Flavor;
use syncline::replicate::orders::Orders;
use syncline::replicate::verify::{Outcome, verify};
use tokio_util::sync::CancellationToken;

/// `t` with four columns, of which two are at the target, and a filter by a third.
async fn mapped(name: &str, from: &Server, to: &Server) -> (String, mysql_async::Conn, Job) {
    let schema = sql::scratch(name, &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = sql::connect(from).await;
    sql::exec(&mut conn, &format!("USE `{schema}`")).await;
    sql::exec_all(
        &mut conn,
        [
            "CREATE TABLE t (id INT PRIMARY KEY, kind INT, v INT, spare INT)",
            "INSERT INTO t VALUES (1, 1, 10, 1), (2, 2, 20, 2), (3, 2, 30, 1)",
        ],
    )
    .await;
    let mut job = Job::new(&schema, from, to);
    let column = |(from, to): (&str, &str)| MappedColumn { from: from.into(), to: to.into() };
    let to = Mapping { schema: None, table: Some("kept".into()), columns: [("v", "val"), ("id", "nr")].map(column).to_vec() };
    job.spec.src.filter.include = vec![SchemaRule { filter: Some("kind = 2".into()), to, ..SchemaRule::new(&schema, ["t".into()]) }];
    (schema, conn, job)
}

async fn expect_equal(from: &Server, to: &Server, job: &Job) {
    let report = verify(&from.endpoint(), &to.endpoint(), &[], &job.spec.src.filter, AT_ONCE, |_| {}, &CancellationToken::new()).await;
    let report = report.expect("both answer");
    assert!(report.tables.len() == 1 && report.tables[0].outcome == Outcome::Equal, "{}: {report:#?}", direction(from, to));
}

/// Leaves the statement out that the job waits with, for this reason.
async fn leave_out(job: &mut Job, run: &Run, code: &str) {
    let progress = run.progress.clone();
    until(PATIENCE, "the job waits with the statement", async || progress.borrow().question.is_some()).await;
    let question = progress.borrow().question.clone().expect("it has one");
    assert_eq!(question.code, code, "{question:?}");
    job.spec.src.skip.push(question.transaction.clone());
    run.tell(|live| live.skip.push(question.transaction));
    until(PATIENCE, "it goes on", async || progress.borrow().question.is_none()).await;
}

/// The columns have moved, and as many are left: by their order another one would be the filter's.
const MOVED: &str = "ALTER TABLE t ADD COLUMN front INT FIRST, DROP COLUMN spare";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_behind_a_change_are_read_by_the_names_in_the_log() {
    for (from, to) in servers::directions().into_iter().filter(|(f, t)| f.flavor == t.flavor) {
        let (_, mut conn, mut job) = mapped("mappednames", from, to).await;
        let mut run = job.start();
        run.streaming().await;
        sql::exec_all(&mut conn, ["UPDATE t SET v = 21 WHERE id = 2", MOVED, "INSERT INTO t VALUES (2, 4, 1, 40), (1, 5, 2, 50)"]).await;
        leave_out(&mut job, &run, "ddl_on_mapped_columns").await;
        run.crash().await;
        let mut run = job.start();
        sql::exec_all(&mut conn, ["ALTER TABLE t ADD COLUMN more INT AFTER id", "UPDATE t SET kind = 3 - kind WHERE id IN (1, 2)"]).await;
        leave_out(&mut job, &run, "ddl_on_mapped_columns").await;
        run.makes("what was logged", async || {
            let rows = sql::rows(&mut sql::connect(to).await, &format!("SELECT nr FROM {}.kept ORDER BY nr", schema_of(&job))).await;
            rows.iter().map(|r| r[0].as_deref().unwrap_or_default()).collect::<Vec<_>>() == ["1", "3", "5"]
        })
        .await;
        // The filter's own column: clear, whatever is done with it.
        sql::exec_all(&mut conn, ["ALTER TABLE t RENAME COLUMN kind TO sort", "INSERT INTO t (id, sort, v) VALUES (6, 2, 60)"]).await;
        leave_out(&mut job, &run, "filter_column_changed").await;
        let error = run.error().await;
        assert!(error.code == "filter_column", "{error:?}");
        job.spec.src.filter.include[0].filter = Some("sort = 2".into());
        let mut run = job.start();
        run.streaming().await;
        run.finish().await;
        expect_equal(from, to, &job).await;
        let mut run = job.start();
        run.streaming().await;
        sql::exec(&mut conn, "ALTER TABLE t DROP COLUMN sort").await;
        assert_eq!(run.error().await.code, "filter_column_changed");
    }
}

fn schema_of(job: &Job) -> String {
    format!("`{}`", job.spec.src.filter.include[0].schema)
}

/// Where the log does not name columns nobody knows which they are: the job says so instead of taking others for them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_behind_a_change_stop_the_job_where_the_log_names_no_columns() {
    for flavor in [Flavor::Mariadb, Flavor::Mysql] {
        // The tests' servers name them.
        let source = servers::own_with(flavor, "mapped-order", &["--binlog-row-metadata=MINIMAL"]);
        let target = if flavor == Flavor::Mysql { servers::mysql(2) } else { servers::mariadb(2) };
        let (Some(from), Some(to)) = (source, target) else { continue };
        let (schema, mut conn, mut job) = mapped("mappedorder", &from, to).await;
        let mut run = job.start();
        run.streaming().await;
        // An index changes nothing of that.
        sql::exec(&mut conn, "ALTER TABLE t ADD INDEX (v)").await;
        leave_out(&mut job, &run, "ddl_on_mapped_columns").await;
        sql::exec(&mut conn, "INSERT INTO t VALUES (7, 2, 70, 1)").await;
        let mut target = sql::connect(to).await;
        run.makes("the row", async || sql::count(&mut target, &format!("`{schema}`.kept")).await == 3).await;
        sql::exec(&mut conn, MOVED).await;
        leave_out(&mut job, &run, "ddl_on_mapped_columns").await;
        sql::exec(&mut conn, "INSERT INTO t VALUES (2, 4, 1, 40), (1, 5, 2, 50)").await;
        let error = run.error().await;
        assert!(error.code == "definition_unknown" && error.hint.contains("jobs tables reload"), "{}: {error:?}", direction(&from, to));
        // The way out.
        job.order(&Orders { reload: vec![TableName::new(&schema, "t")], ..Orders::default() });
        let mut run = job.start();
        run.streaming().await;
        sql::exec(&mut conn, "INSERT INTO t VALUES (2, 8, 1, 80), (1, 9, 2, 90)").await;
        run.finish().await;
        expect_equal(&from, to, &job).await;
    }
}
