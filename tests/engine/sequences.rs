//! Tables whose columns count by a sequence: what is not moved is named before the copy begins, and once it is there the job
//! brings the rows.

use super::replicate_zoo::{drop_at, expect_equal};
use crate::support::job::Job;
use crate::support::servers::{direction, mariadb, mysql};
use crate::support::sql::{connect, count, exec, exec_all, scratch};
use syncline::model::finding::Severity;
use syncline::replicate::{Recorded, preflight};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sequence_that_a_default_needs_is_asked_for_by_name() {
    let (Some(from), Some(to)) = (mariadb(1), mariadb(2)) else { return };
    let schema = scratch("sequences", &[from, to]).await;
    let (mut source, mut target) = (connect(from).await, connect(to).await);
    let table = format!("CREATE TABLE `{schema}`.t (id INT NOT NULL DEFAULT NEXT VALUE FOR `{schema}`.numbers PRIMARY KEY, v INT)");
    exec_all(&mut source, [format!("CREATE SEQUENCE `{schema}`.numbers"), table, format!("INSERT INTO `{schema}`.t (v) VALUES (7), (8)")])
        .await;
    let mut job = Job::new(&schema, from, to);
    let found = preflight::run(&job.spec, None, &Recorded::default()).await;
    let errors: Vec<_> = found.findings.iter().filter(|f| f.severity == Severity::Error).collect();
    assert_eq!(errors.iter().map(|f| f.code).collect::<Vec<_>>(), ["sequence_missing"], "{errors:?}");
    assert!(errors[0].message.contains(&format!("{schema}.numbers")) && errors[0].hint.contains("SHOW CREATE SEQUENCE"), "{errors:?}");
    // Beside that, every sequence of the schemas is named.
    let note = found.findings.iter().find(|f| f.code == "objects_not_moved").expect("it is noted");
    assert!(note.object.contains("numbers"), "{note:?}");
    exec(&mut target, &format!("CREATE SEQUENCE `{schema}`.numbers")).await;
    let mut run = job.start();
    run.streaming().await;
    exec(&mut source, &format!("INSERT INTO `{schema}`.t (v) VALUES (9)")).await;
    run.finish().await;
    expect_equal(from, to, &schema, 1).await;
}

/// What a sequence does is in the log as a change of its row, under any name that it has had, also of one that is gone when the
/// log is read, and whatever has its name at the target.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_sequences_do_is_passed_over_and_counted() {
    let Some(from) = mariadb(1) else { return };
    for to in [mariadb(2), mysql(2)].into_iter().flatten() {
        let way = direction(from, to);
        let schema = scratch("counting", &[from]).await;
        drop_at(to, &schema).await;
        let (mut source, mut target) = (connect(from).await, connect(to).await);
        let setup = [
            "CREATE TABLE t (id INT PRIMARY KEY)",
            "CREATE SEQUENCE s NOCACHE",
            "CREATE SEQUENCE dropped NOCACHE",
            "CREATE SEQUENCE quiet",
        ];
        exec(&mut source, &format!("USE `{schema}`")).await;
        exec_all(&mut source, setup).await;
        let mut job = Job::new(&schema, from, to);
        let mut run = job.start();
        run.streaming().await;
        // Of its name, and of its shape.
        let columns = "a BIGINT, b BIGINT, c BIGINT, d BIGINT, e BIGINT, f BIGINT UNSIGNED, g TINYINT UNSIGNED, h BIGINT";
        exec(&mut target, &format!("CREATE TABLE `{schema}`.s ({columns})")).await;
        exec_all(
            &mut source,
            [
                "SELECT NEXTVAL(s)",
                "CREATE SEQUENCE late NOCACHE",
                "SELECT NEXTVAL(late)",
                "RENAME TABLE s TO renamed",
                "SELECT NEXTVAL(renamed)",
                "ALTER SEQUENCE renamed RESTART 50",
                "SELECT SETVAL(renamed, 77)",
                "CREATE SEQUENCE small MAXVALUE 3 CYCLE NOCACHE",
                "SELECT NEXTVAL(small), NEXTVAL(small)",
                "DROP SEQUENCE small",
                // Of which the log has said nothing.
                "DROP TABLE quiet",
                // The same shape, and a table.
                &format!("CREATE TABLE alike ({columns})"),
                "INSERT INTO alike VALUES (1, 1, 9, 1, 1, 0, 0, 0)",
                "INSERT INTO t VALUES (1)",
            ],
        )
        .await;
        run.until("the table's row", |p| p.tables.iter().any(|t| t.table.table == "t" && t.inserts == 1)).await;
        let notes = run.progress.borrow().notes.clone();
        let counted = notes.iter().find(|(what, _)| what.as_str() == "sequence not replicated").map_or(0, |(_, n)| *n);
        assert!(counted >= 9, "{way}: {notes:?}");
        run.pause().await;
        exec_all(
            &mut source,
            [
                "SELECT NEXTVAL(late)",
                "SELECT NEXTVAL(dropped)",
                "DROP SEQUENCE dropped",
                "RENAME TABLE renamed TO again",
                "SELECT NEXTVAL(again)",
                "INSERT INTO alike VALUES (2, 1, 9, 1, 1, 0, 0, 0)",
                "INSERT INTO t VALUES (2)",
            ],
        )
        .await;
        let run = job.start();
        run.finish().await;
        for (table, rows) in [("t", 2), ("alike", 2), ("s", 0)] {
            assert_eq!(count(&mut target, &format!("`{schema}`.{table}")).await, rows, "{way}: {table}");
        }
    }
}
