//! Tables that have other names or other columns at the target: by copy and by stream, over crashes and statements, with
//! row filters, and many that become one. The differ judges.

use super::replicate_zoo::{AT_ONCE, drop_at};
use crate::support::job::Job;
use crate::support::servers::{self, Server, direction};
use crate::support::sql;
use syncline::model::replicate::{MappedColumn, Mapping, SchemaRule, SinkSpec, TableFilter, TableMatch, TableName};
use syncline::replicate::Orders;
use syncline::replicate::verify::{DifferenceKind, Outcome, VerifyReport, verify};
use tokio_util::sync::CancellationToken;

fn rule(schema: &str, tables: &[&str], to_schema: &str, to_table: &str, columns: &[(&str, &str)]) -> SchemaRule {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let columns = columns.iter().map(|(from, to)| MappedColumn { from: (*from).into(), to: (*to).into() }).collect();
    let to = Mapping { schema: some(to_schema), table: some(to_table), columns };
    SchemaRule { to, ..SchemaRule::new(schema, tables.iter().map(|t| TableMatch::parse(t).expect("a good pattern"))) }
}

async fn compared(from: &Server, to: &Server, filter: &TableFilter) -> VerifyReport {
    let cancel = CancellationToken::new();
    verify(&from.endpoint(), &to.endpoint(), &[], filter, AT_ONCE, |_| {}, &cancel).await.expect("both servers answer")
}

async fn expect_equal(from: &Server, to: &Server, filter: &TableFilter, tables: usize) {
    let report = compared(from, to, filter).await;
    let wrong: Vec<_> = report.tables.iter().filter(|t| t.outcome != Outcome::Equal).collect();
    assert!(wrong.is_empty(), "{}: {wrong:#?}", direction(from, to));
    assert_eq!(report.tables.len(), tables, "{}", direction(from, to));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn renamed_tables_take_their_statements_along() {
    for (from, to) in servers::directions() {
        let schema = sql::scratch("renamed", &[from]).await;
        let there = format!("{schema}_there");
        drop_at(to, &schema).await;
        drop_at(to, &there).await;
        let mut conn = sql::connect(from).await;
        sql::exec(&mut conn, &format!("USE `{schema}`")).await;
        sql::exec_all(
            &mut conn,
            [
                "CREATE TABLE parent (id INT PRIMARY KEY)",
                "CREATE TABLE old_1 (id INT PRIMARY KEY, p INT, n INT, KEY (n), FOREIGN KEY (p) REFERENCES parent (id))",
                "CREATE TABLE log (n INT)",
                "INSERT INTO parent VALUES (1), (2)",
                "INSERT INTO old_1 VALUES (1, 1, 1), (2, 2, 2)",
                "INSERT INTO log VALUES (1), (1), (NULL)",
            ],
        )
        .await;
        let mut job = Job::new(&schema, from, to);
        job.spec.src.filter.include = vec![rule(&schema, &[r"/old_(\d+)/"], &there, "new_${1}", &[]), rule(&schema, &[], &there, "", &[])];
        let mut run = job.start();
        run.streaming().await;
        sql::exec_all(
            &mut conn,
            [
                "UPDATE old_1 SET n = n + 1",
                "DELETE FROM log WHERE n = 1 LIMIT 1",
                "INSERT INTO parent VALUES (3)",
                "INSERT INTO old_1 VALUES (3, 3, 3)",
            ],
        )
        .await;
        let mut tables = 3;
        if from.flavor == to.flavor {
            let steps = [
                "ALTER TABLE old_1 ADD COLUMN c VARCHAR(9) DEFAULT 'x', ADD INDEX (c)",
                "INSERT INTO old_1 (id, p, n) VALUES (4, 1, 4)",
                "CREATE TABLE old_22 LIKE old_1",
                "INSERT INTO old_22 SELECT * FROM old_1",
                "CREATE TABLE child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES parent (id))",
                "INSERT INTO child VALUES (1, 3)",
                "RENAME TABLE log TO old_3, old_22 TO later",
                "UPDATE later SET n = 7 WHERE id = 4",
                "TRUNCATE TABLE old_1",
                "INSERT INTO old_1 (id, p, n) VALUES (9, 1, 9)",
                "DROP TABLE child",
                "CREATE TABLE made (PRIMARY KEY (id)) AS SELECT id, n FROM old_1",
            ];
            for (n, step) in steps.iter().enumerate() {
                sql::exec(&mut conn, step).await;
                if n % 4 == 3 {
                    run.crash().await;
                    run = job.start();
                    // Not while definitions are read.
                    run.streaming().await;
                }
            }
            tables = 5;
        }
        run.finish().await;
        expect_equal(from, to, &job.spec.src.filter, tables).await;
        let mut target = sql::connect(to).await;
        assert_ne!(sql::count(&mut target, &format!("`{there}`.new_1")).await, 0);
        let schemas = sql::rows(&mut target, &format!("SHOW DATABASES LIKE '{schema}'")).await;
        assert!(schemas.is_empty(), "nothing is made under the old name");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn columns_are_mapped_by_copy_and_stream() {
    for (from, to) in servers::directions() {
        let schema = sql::scratch("columns", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = sql::connect(from).await;
        sql::exec(&mut conn, &format!("USE `{schema}`")).await;
        sql::exec_all(
            &mut conn,
            [
                "CREATE TABLE t (secret VARCHAR(20), id INT UNSIGNED PRIMARY KEY, kind ENUM('a','b') NOT NULL, n TINYINT UNSIGNED, twice BIGINT AS (id * 2) STORED, \
                 body LONGBLOB, UNIQUE KEY (n), KEY (secret))",
                "CREATE TABLE k (a INT, b VARCHAR(9), c INT)",
                "INSERT INTO t (secret, id, kind, n, body) VALUES ('s', 1, 'a', 200, x'00FF'), ('t', 4000000000, 'b', NULL, NULL), ('u', 3, 'a', 255, 'x')",
                "INSERT INTO k VALUES (1, 'x', 1), (2, 'x', 1), (3, NULL, 2)",
            ],
        )
        .await;
        let mut job = Job::new(&schema, from, to);
        let keyed = SchemaRule {
            // By a column that is not at the target.
            filter: Some("secret is null or secret <> 'hidden'".into()),
            ..rule(&schema, &["t"], "", "u", &[("body", "content"), ("id", "nr"), ("n", "n"), ("kind", "kind")])
        };
        job.spec.src.filter.include = vec![keyed, rule(&schema, &["k"], "", "", &[("c", "c"), ("b", "a")])];
        let mut run = job.start();
        run.streaming().await;
        let body = "x".repeat(3 << 20);
        let steps = [
            "INSERT INTO t (secret, id, kind, n, body) VALUES (NULL, 5, 'b', 128, 'y'), ('hidden', 6, 'b', 1, 'y')".to_owned(),
            "UPDATE t SET n = n - 1, kind = 'b' WHERE id IN (1, 3)".to_owned(),
            format!("UPDATE t SET body = '{body}' WHERE id = 5"),
            "UPDATE t SET secret = 'hidden' WHERE id = 1".to_owned(),
            "UPDATE t SET secret = 'seen' WHERE id = 6".to_owned(),
            "UPDATE t SET secret = 'nothing else changes' WHERE id = 3".to_owned(),
            "UPDATE t SET id = 4100000000 WHERE id = 4000000000".to_owned(),
            "UPDATE k SET a = 9 WHERE a = 1".to_owned(),
            "DELETE FROM k WHERE a = 2".to_owned(),
            "INSERT INTO k VALUES (7, 'y', 8)".to_owned(),
        ];
        for (n, step) in steps.into_iter().enumerate() {
            sql::exec(&mut conn, &step).await;
            if n % 4 == 3 {
                run.crash().await;
                run = job.start();
            }
        }
        run.finish().await;
        expect_equal(from, to, &job.spec.src.filter, 2).await;
        let mut target = sql::connect(to).await;
        let columns = sql::rows(
            &mut target,
            &format!("SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='{schema}' AND TABLE_NAME='u' ORDER BY ORDINAL_POSITION"),
        )
        .await;
        let columns: Vec<_> = columns.iter().filter_map(|row| row[0].as_deref()).collect();
        assert_eq!(columns, ["content", "nr", "n", "kind"]);
        let rows = sql::rows(&mut target, &format!("SELECT nr, n FROM `{schema}`.u ORDER BY nr")).await;
        let rows: Vec<_> = rows.iter().map(|r| format!("{:?} {:?}", r[0].as_deref(), r[1].as_deref())).collect();
        assert_eq!(
            rows,
            ["Some(\"3\") Some(\"254\")", "Some(\"5\") Some(\"128\")", "Some(\"6\") Some(\"1\")", "Some(\"4100000000\") None"]
        );
        // A difference is seen, and named by the source's column.
        sql::exec(&mut target, &format!("UPDATE `{schema}`.u SET content = 'other' WHERE nr = 3")).await;
        let report = compared(from, to, &job.spec.src.filter).await;
        let wrong = report.tables.iter().find(|t| t.outcome == Outcome::Different).expect("it is found");
        assert_eq!(
            (wrong.differences[0].kind, wrong.differences[0].columns.as_slice()),
            (DifferenceKind::Changed, &["body".to_owned()][..])
        );
        sql::exec(&mut target, &format!("UPDATE `{schema}`.u SET content = 'x' WHERE nr = 3")).await;
        // A statement on it means something else there.
        let mut run = job.start();
        run.streaming().await;
        sql::exec(&mut conn, "ALTER TABLE t ADD COLUMN more INT").await;
        let error = run.error().await;
        assert_eq!(error.code, "ddl_on_mapped_columns", "{error:?}");
        job.spec.src.filter.include = vec![rule(&schema, &["k"], "", "", &[("c", "c"), ("nowhere", "a")])];
        let error = job.start().error().await;
        assert!(error.message.contains("mapped_column_unknown"), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shards_become_one_table() {
    for (from, to) in servers::directions() {
        let schema = sql::scratch("shards", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = sql::connect(from).await;
        sql::exec(&mut conn, &format!("USE `{schema}`")).await;
        for shard in 0..3 {
            sql::exec(&mut conn, &format!("CREATE TABLE orders_{shard} (id INT PRIMARY KEY, n INT, KEY (n))")).await;
            let rows: Vec<String> = (0..400).map(|i| format!("({}, {i})", i * 3 + shard)).collect();
            sql::exec(&mut conn, &format!("INSERT INTO orders_{shard} VALUES {}", rows.join(","))).await;
        }
        let mut job = Job::new(&schema, from, to);
        job.spec.src.chunk_rows = Some(50);
        job.spec.src.filter.include = vec![rule(&schema, &[r"/orders_\d+/"], "", "orders", &[]), SchemaRule::new(&schema, [])];
        let mut run = job.start();
        run.until("a part of the copy", |p| p.tables.iter().any(|t| t.rows_copied >= 100)).await;
        run.crash().await;
        let mut run = job.start();
        run.streaming().await;
        sql::exec_all(
            &mut conn,
            [
                "UPDATE orders_0 SET n = n + 1",
                "DELETE FROM orders_1 WHERE id > 600",
                "INSERT INTO orders_2 VALUES (100001, 1)",
                "UPDATE orders_2 SET id = 100004 WHERE id = 2",
            ],
        )
        .await;
        run.crash().await;
        job.start().finish().await;
        expect_equal(from, to, &job.spec.src.filter, 1).await;
        let mut target = sql::connect(to).await;
        let there = sql::count(&mut target, &format!("`{schema}`.orders")).await;
        assert!(there > 900, "{there}");
        sql::exec(&mut target, &format!("DELETE FROM `{schema}`.orders WHERE id = 3")).await;
        sql::exec(&mut target, &format!("INSERT INTO `{schema}`.orders VALUES (200000, 1)")).await;
        let report = compared(from, to, &job.spec.src.filter).await;
        assert_eq!((report.tables[0].table.table.as_str(), report.tables[0].different), ("orders", 2), "{report:#?}");
        sql::exec(&mut target, &format!("DELETE FROM `{schema}`.orders WHERE id = 200000")).await;
        sql::exec(&mut target, &format!("INSERT INTO `{schema}`.orders VALUES (3, 2)")).await;
        let mut run = job.start();
        run.streaming().await;
        if from.flavor == to.flavor {
            // One more is no statement at the target; another definition is a stop.
            sql::exec_all(&mut conn, ["CREATE TABLE orders_7 LIKE orders_1", "INSERT INTO orders_7 VALUES (300000, 7)"]).await;
            run.finish().await;
            expect_equal(from, to, &job.spec.src.filter, 1).await;
            run = job.start();
            run.streaming().await;
            sql::exec(&mut conn, "TRUNCATE TABLE orders_0").await;
            let error = run.error().await;
            assert_eq!(error.code, "ddl_on_merged_table", "{error:?}");
            assert!(error.hint.contains("jobs ddl"), "{error:?}");
            // The way out: by hand what it did, and the job without it. Others around it are there.
            sql::exec(&mut conn, "INSERT INTO orders_0 VALUES (300003, 1)").await;
            sql::exec(&mut target, &format!("DELETE FROM `{schema}`.orders WHERE id % 3 = 0 AND id < 1200")).await;
            let name = error.message.rsplit_once("(transaction ").and_then(|(_, rest)| rest.strip_suffix(')')).expect("it is named");
            job.spec.src.skip = vec![name.to_ascii_uppercase()];
            job.start().finish().await;
            expect_equal(from, to, &job.spec.src.filter, 1).await;
        } else {
            // A key that is there already.
            sql::exec(&mut conn, "INSERT INTO orders_0 VALUES (1, 1)").await;
            assert_eq!(run.error().await.code, "conflict");
        }
    }
}

/// Tables that become one meet in its rows, whatever they call its columns: with several apply sessions a row that leaves one
/// of them, deleted or through the row filter, and comes in by another is there once, and as the last of them had it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_move_between_merged_tables_keep_their_order() {
    const ROWS: u32 = 40;
    for (from, to) in servers::directions().into_iter().filter(|(f, t)| f.flavor == t.flavor) {
        let schema = sql::scratch("moving", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = sql::connect(from).await;
        sql::exec(&mut conn, &format!("USE `{schema}`")).await;
        sql::exec_all(
            &mut conn,
            ["CREATE TABLE plain (id INT PRIMARY KEY, n INT)", "CREATE TABLE swapped (n INT, other INT, nr INT PRIMARY KEY)"],
        )
        .await;
        let ids: Vec<String> = (0..ROWS).map(|id| format!("({id}, 0)")).collect();
        sql::exec(&mut conn, &format!("INSERT INTO plain VALUES {}", ids.join(","))).await;
        let mut job = Job::new(&schema, from, to);
        let plain = rule(&schema, &["plain"], "", "together", &[("id", "id"), ("n", "n")]);
        job.spec.src.filter.include = vec![
            SchemaRule { filter: Some("n < 1000".into()), ..plain },
            rule(&schema, &["swapped"], "", "together", &[("nr", "id"), ("n", "n")]),
        ];
        if let SinkSpec::Mysql(sink) = &mut job.spec.dest.sink {
            sink.apply_workers = Some(4);
        }
        let mut run = job.start();
        run.streaming().await;
        run.finish().await;
        // While nobody reads, so that the sessions have enough to do at once.
        for round in 0..8 {
            for id in (0..ROWS).rev() {
                let [out, back] = if (round + id) % 2 == 0 {
                    [format!("DELETE FROM plain WHERE id = {id}"), format!("INSERT INTO plain VALUES ({id}, {round})")]
                } else {
                    ["n + 1000".to_owned(), round.to_string()].map(|n| format!("UPDATE plain SET n = {n} WHERE id = {id}"))
                };
                let there = [format!("INSERT INTO swapped VALUES ({round}, 0, {id})"), format!("DELETE FROM swapped WHERE nr = {id}")];
                sql::exec_all(&mut conn, [&out, &there[0], &there[1], &back]).await;
            }
        }
        job.start().finish().await;
        expect_equal(from, to, &job.spec.src.filter, 1).await;
    }
}

/// Keys that are not disjoint are seen by the copy, whichever of them comes first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shards_with_a_key_in_common_are_refused() {
    for (from, to) in servers::directions().into_iter().filter(|(f, t)| f.flavor == t.flavor) {
        let schema = sql::scratch("shared_keys", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = sql::connect(from).await;
        sql::exec(&mut conn, &format!("USE `{schema}`")).await;
        for shard in 0..2 {
            sql::exec(&mut conn, &format!("CREATE TABLE s{shard} (id INT PRIMARY KEY, n INT)")).await;
            sql::exec(&mut conn, &format!("INSERT INTO s{shard} VALUES ({shard}, 1), (5, {shard})")).await;
        }
        let mut job = Job::new(&schema, from, to);
        job.spec.src.filter.include = vec![rule(&schema, &[r"/s\d/"], "", "s", &[])];
        let error = job.start().error().await;
        assert_eq!(error.code, "key_collision", "{error:?}");
        for what in [format!("{schema}.s0"), format!("{schema}.s1"), "equal keys (id)".to_owned()] {
            assert!(error.message.contains(&what), "{what}: {error:?}");
        }
        assert!(error.hint.contains("jobs retry"), "{error:?}");
        // The log has the change behind what was copied before, and of a row that the target takes for the other's.
        sql::exec(&mut conn, "DELETE FROM s0 WHERE id = 5").await;
        let mut run = job.start();
        run.streaming().await;
        run.finish().await;
        expect_equal(from, to, &job.spec.src.filter, 1).await;
        let mut target = sql::connect(to).await;
        assert_eq!(sql::count(&mut target, &format!("`{schema}`.s")).await, 3, "of both");

        // Of merged tables all are copied again, since nobody knows whose a row is.
        sql::exec(&mut target, &format!("UPDATE `{schema}`.s SET n = 99")).await;
        job.order(&Orders { reload: vec![TableName::new(&schema, "s0")], position: None });
        let mut run = job.start();
        run.streaming().await;
        run.finish().await;
        expect_equal(from, to, &job.spec.src.filter, 1).await;
        sql::exec(&mut conn, "ALTER TABLE s1 DROP PRIMARY KEY").await;
        let error = job.renamed("again").start().error().await;
        assert!(error.message.contains("merged_no_key"), "{error:?}");
    }
}

/// A table that comes later joins the others if its columns are theirs; else somebody is asked before a row of it comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shard_with_other_columns_is_asked_about_when_it_is_made() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("latecomer", &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = sql::connect(from).await;
    sql::exec_all(
        &mut conn,
        [
            format!("USE `{schema}`"),
            "CREATE TABLE s1 (id INT PRIMARY KEY, n INT)".to_owned(),
            "CREATE TABLE s2 LIKE s1".to_owned(),
            "INSERT INTO s1 VALUES (1, 1)".to_owned(),
        ],
    )
    .await;
    let mut job = Job::new(&schema, from, to);
    job.spec.src.filter.include = vec![rule(&schema, &[r"/s\d/"], "", "s", &[])];
    let mut run = job.start();
    run.streaming().await;
    sql::exec(&mut conn, "CREATE TABLE s3 (id INT PRIMARY KEY, n INT, more INT)").await;
    run.until("somebody is asked", |p| p.question.is_some()).await;
    let question = run.progress.borrow().question.clone().expect("it is there");
    assert!(question.code == "merged_columns_differ" && question.message.contains("s3"), "{question:?}");
    assert!(question.hint.contains("jobs ddl retry"), "{question:?}");
    // The way out: it has what the others have, before it holds rows.
    sql::exec(&mut conn, "DROP TABLE s3").await;
    sql::exec_all(&mut conn, ["CREATE TABLE s3 LIKE s1", "INSERT INTO s3 VALUES (3, 3)"]).await;
    run.tell(|live| live.retries += 1);
    // What is dropped among merged tables stays a question of its own.
    run.until("the next is asked", |p| p.question.as_ref().is_some_and(|q| q.code == "ddl_on_merged_table")).await;
    run.pause().await;
    // While one has a column and the others have not, it begins again all the same, and waits with the statement.
    sql::exec(&mut conn, "ALTER TABLE s1 ADD more INT").await;
    let mut run = job.start();
    run.until("it is asked again", |p| p.question.as_ref().is_some_and(|q| q.code == "ddl_on_merged_table")).await;
    run.pause().await;
}
