//! Statements that change tables, between rows: run in their place, in the other flavour's words where the ends differ, else the
//! job stops and says which statement it was. None is skipped.

use super::replicate_zoo::{drop_at, expect_equal};
use crate::support::job::{Job, Run};
use crate::support::servers::{self, Server, direction};
use crate::support::sql;
use syncline::replicate::Kind;
use syncline::replicate::connect::Flavor;

/// Each is one step; rows follow from the one before. `{s}` is the schema.
const STEPS: &[&str] = &[
    "INSERT INTO a VALUES (10, 1)",
    "ALTER TABLE a ADD COLUMN c VARCHAR(20) DEFAULT 'new' FIRST",
    "INSERT INTO a (id, n, c) VALUES (11, 1, 'x')",
    "ALTER TABLE a MODIFY n BIGINT, ADD COLUMN g INT GENERATED ALWAYS AS (id * 2) STORED",
    "UPDATE a SET n = 9000000000, c = NULL WHERE id = 10",
    "CREATE TABLE b LIKE a",
    "INSERT INTO b (id, n) VALUES (1, 1), (2, 2)",
    "CREATE TABLE c (id INT PRIMARY KEY, n BIGINT)",
    "INSERT INTO c SELECT id, n FROM a",
    "UPDATE c SET n = n + 1",
    "RENAME TABLE b TO swap, c TO b, swap TO c",
    "INSERT INTO b (id, n) VALUES (99, 1)",
    "INSERT INTO c (id, n) VALUES (99, 1)",
    "CREATE UNIQUE INDEX un ON b (id, n)",
    "ALTER TABLE a DROP COLUMN g, RENAME COLUMN c TO d",
    "INSERT INTO a (id, d) VALUES (50, 'after')",
    "TRUNCATE TABLE c",
    "INSERT INTO c (id, n) VALUES (1, 100)",
    "DROP INDEX un ON b",
    "CREATE TABLE gone (id INT PRIMARY KEY)",
    "INSERT INTO gone VALUES (1)",
    "DROP TABLE gone",
    "CREATE TABLE gone (other VARCHAR(5) PRIMARY KEY)",
    "INSERT INTO gone VALUES ('again')",
    "CREATE VIEW v AS SELECT * FROM a",
    "CREATE TABLE `odd ``name` (`a b` INT PRIMARY KEY)",
    "INSERT INTO `odd ``name` VALUES (1)",
    "ALTER TABLE `odd ``name` ADD e ENUM('x;y','/* no */', 'it''s') NOT NULL DEFAULT 'it''s'",
    "INSERT INTO `odd ``name` VALUES (2, '/* no */')",
];

/// A job that has copied one table and follows the log.
pub(super) async fn streaming(name: &str, from: &Server, to: &Server) -> (String, mysql_async::Conn, Job, Run) {
    let schema = sql::scratch(name, &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = sql::connect(from).await;
    sql::exec(&mut conn, &format!("USE `{schema}`")).await;
    sql::exec_all(&mut conn, ["CREATE TABLE a (id INT PRIMARY KEY, n INT)", "INSERT INTO a VALUES (1, 1), (2, 2)"]).await;
    let mut job = Job::new(&schema, from, to);
    let mut run = job.start();
    run.streaming().await;
    (schema, conn, job, run)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ddl_runs_in_its_place() {
    for (from, to) in servers::directions() {
        let (schema, mut conn, mut job, mut run) = streaming("ddl", from, to).await;
        for (n, step) in STEPS.iter().enumerate() {
            sql::exec(&mut conn, step).await;
            // A crash between any two of them must not matter.
            if n % 7 == 6 {
                run.crash().await;
                run = job.start();
            }
        }
        let progress = run.progress.clone();
        run.finish().await;
        expect_equal(from, to, &schema, 5).await;
        let notes = &progress.borrow().notes;
        assert!(notes.iter().any(|(what, n)| what.contains("view") && *n == 1), "the view is counted: {notes:?}");
    }
}

/// MariaDB and MySQL log it as a CREATE inside a transaction of rows. It must be replayed, or stop the job by name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn create_select_is_never_skipped() {
    for (from, to) in servers::directions() {
        let (schema, mut conn, _job, run) = streaming("ctas", from, to).await;
        sql::exec(&mut conn, "CREATE TABLE c (PRIMARY KEY (id)) AS SELECT id, n FROM a").await;
        match run.try_finish().await {
            Ok(()) => expect_equal(from, to, &schema, 2).await,
            Err(error) => {
                assert_eq!(error.kind, Kind::Undecided, "{}: {error:?}", direction(from, to));
                assert!(error.to_string().contains("CREATE TABLE"), "{}: {error}", direction(from, to));
            }
        }
    }
}

/// What a statement brings in with rows that no log has is copied, and killing the job meanwhile changes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_with_rows_that_the_log_lacks_is_copied() {
    for (from, to) in servers::directions() {
        let (schema, mut conn, mut job, mut run) = streaming("brought", from, to).await;
        let outside = sql::scratch("outside", &[from]).await;
        let mut statements = vec![
            format!("CREATE TABLE `{outside}`.x (id INT PRIMARY KEY, n INT)"),
            format!("INSERT INTO `{outside}`.x VALUES (1, 1), (2, 2)"),
            "INSERT INTO a (id, n) VALUES (70, 1)".to_owned(),
            format!("RENAME TABLE `{outside}`.x TO came"),
            "INSERT INTO came VALUES (3, 3)".to_owned(),
        ];
        let mut tables = 2;
        if !from.is_mysql() {
            // Logged with its rows; run again behind them it would take them away.
            statements.push("CREATE OR REPLACE TABLE made (PRIMARY KEY (id)) AS SELECT id, n FROM a".into());
            statements.push("CREATE OR REPLACE TABLE made (PRIMARY KEY (id)) AS SELECT id, n + 1 AS n FROM a".into());
            statements.push("INSERT INTO made VALUES (71, 1)".into());
            statements.push("CREATE OR REPLACE TABLE bare (id INT PRIMARY KEY)".into());
            statements.push("CREATE OR REPLACE TABLE bare (id INT PRIMARY KEY, n INT)".into());
            statements.push("INSERT INTO bare VALUES (1, 1)".into());
            tables = 4;
        }
        for statement in statements {
            sql::exec(&mut conn, &statement).await;
        }
        // Each of them ends a run, which begins again by itself.
        for n in 0.. {
            assert!(n < 9, "{}: it begins again and again", direction(from, to));
            let error = match run.try_finish().await {
                Ok(()) => break,
                Err(error) => error,
            };
            assert_eq!(error.code, "table_reset", "{}: {error:?}", direction(from, to));
            job.start().crash().await;
            run = job.start();
        }
        expect_equal(from, to, &schema, tables).await;
    }
}

/// What stops a statement waits for its turn in the log, also where the table is at the source already as a run begins.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_is_still_ahead_in_the_log_does_not_keep_a_run_from_beginning() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    for (table, code) in [
        ("(id INT PRIMARY KEY) WITH SYSTEM VERSIONING", "system_versioned"),
        ("(id INT, a DATE, b DATE, PERIOD FOR p (a, b), PRIMARY KEY (id, p WITHOUT OVERLAPS))", "period_key"),
    ] {
        let (schema, mut conn, mut job, run) = streaming("ahead", from, to).await;
        run.pause().await;
        sql::exec(&mut conn, "INSERT INTO a (id, n) VALUES (80, 1)").await;
        sql::exec(&mut conn, &format!("CREATE TABLE ahead {table}")).await;
        let error = job.start().error().await;
        assert_eq!((error.kind, error.code), (Kind::Undecided, code), "{error:?}");
        let there = sql::one(&mut sql::connect(to).await, &format!("SELECT COUNT(*) FROM `{schema}`.a WHERE id = 80")).await;
        assert_eq!(there.as_deref(), Some("1"), "what is before it is applied");
    }
}

/// In each flavour's own words; the other says them differently.
const OWN: [(Flavor, &[&str]); 2] = [
    (
        Flavor::Mariadb,
        &[
            "ALTER TABLE a ADD COLUMN j JSON, ADD COLUMN x TEXT DEFAULT 'long' NOT NULL",
            "INSERT INTO a (id, j) VALUES (60, '{\"a\": [1, 2]}')",
            "ALTER ONLINE TABLE a WAIT 5 ADD COLUMN d DATE DEFAULT curdate(), ALGORITHM=INSTANT",
            "INSERT INTO a (id, n) VALUES (61, 1)",
            "ALTER TABLE a ADD COLUMN v INT AS (id + 1) PERSISTENT, ADD KEY hidden (v) IGNORED, ADD CHECK (id > 0)",
            "CREATE TABLE m (id INT PRIMARY KEY, t VARCHAR(9) CHARACTER SET utf8mb4, u CHAR(3)) ENGINE=Aria TRANSACTIONAL=1 DEFAULT CHARSET=latin1",
            "INSERT INTO m VALUES (1, 'straße', 'é'), (2, 'STRASSE', 'E')",
            "ALTER TABLE m CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            "DROP TABLE IF EXISTS nobody WAIT 3",
        ],
    ),
    (
        Flavor::Mysql,
        &[
            "ALTER TABLE a ADD COLUMN j JSON, ADD COLUMN x TEXT DEFAULT ('long') NOT NULL, ALGORITHM=COPY, LOCK=SHARED",
            "INSERT INTO a (id, j) VALUES (60, '{\"a\": [1, 2]}')",
            "ALTER TABLE a ADD COLUMN d DATE DEFAULT (curdate())",
            "INSERT INTO a (id, n) VALUES (61, 1)",
            "ALTER TABLE a ADD COLUMN v INT AS (id + 1) STORED NOT NULL, ADD KEY hidden (v) INVISIBLE, ADD CONSTRAINT c CHECK (id > 0)",
            "CREATE TABLE m (id INT PRIMARY KEY, t VARCHAR(9) CHARACTER SET utf8mb4, u CHAR(3)) ENCRYPTION='N' DEFAULT CHARSET=latin1",
            "INSERT INTO m VALUES (1, 'straße', 'é'), (2, 'STRASSE', 'E')",
            "ALTER TABLE m CONVERT TO CHARACTER SET utf8mb4",
            "ALTER TABLE a DROP CHECK c",
        ],
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ddl_is_said_in_the_other_flavours_words() {
    for (from, to) in servers::directions().into_iter().filter(|(f, t)| f.flavor != t.flavor) {
        let (schema, mut conn, mut job, mut run) = streaming("ddl_own", from, to).await;
        let (_, steps) = OWN.iter().find(|(flavor, _)| *flavor == from.flavor).expect("both are there");
        for (n, step) in steps.iter().enumerate() {
            sql::exec(&mut conn, step).await;
            if n % 4 == 3 {
                run.crash().await;
                run = job.start();
            }
        }
        run.finish().await;
        expect_equal(from, to, &schema, 2).await;
        let mut target = sql::connect(to).await;
        let kind = format!("SELECT DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='{schema}' AND COLUMN_NAME='j'");
        assert_eq!(sql::one(&mut target, &kind).await.as_deref(), Some("longtext"), "{}", direction(from, to));
    }
}

/// What the other flavour has no words for stops the job, with the statement.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ddl_without_words_there_stops_the_job_and_names_the_statement() {
    for (from, to) in servers::directions().into_iter().filter(|(f, t)| f.flavor != t.flavor) {
        let (schema, mut conn, _job, run) = streaming("ddl_stop", from, to).await;
        let (statement, code) = match from.flavor {
            Flavor::Mariadb => ("ALTER TABLE a ADD COLUMN c UUID", "type_not_portable"),
            Flavor::Mysql => ("CREATE INDEX k ON a ((n + 1))", "ddl_not_translatable"),
        };
        sql::exec_all(&mut conn, ["INSERT INTO a VALUES (3, 3)", statement, "INSERT INTO a (id, n) VALUES (4, 4)"]).await;
        let error = run.error().await;
        assert_eq!((error.kind, error.code), (Kind::Undecided, code), "{}: {error:?}", direction(from, to));
        assert!(error.to_string().contains(statement), "{}: {error}", direction(from, to));
        // What came before it is there, what came after it is not.
        let mut target = sql::connect(to).await;
        assert_eq!(sql::count(&mut target, &format!("`{schema}`.a")).await, 3);
    }
}

/// What belongs to no schema of the job is not counted for it: another schema's views, and accounts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_is_in_the_jobs_schemas_is_counted() {
    for (from, to) in [(servers::mariadb(1), servers::mariadb(2)), (servers::mysql(1), servers::mysql(2))] {
        let (Some(from), Some(to)) = (from, to) else { continue };
        let way = direction(from, to);
        let schema = sql::scratch("counted", &[from]).await;
        let other = sql::scratch("uncounted", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = sql::connect(from).await;
        sql::exec_all(&mut conn, [format!("USE `{schema}`"), "CREATE TABLE t (id INT PRIMARY KEY)".to_owned()]).await;
        let mut job = Job::new(&schema, from, to);
        let mut run = job.start();
        run.streaming().await;
        sql::exec_all(
            &mut conn,
            [
                format!("CREATE USER `{schema}`@localhost"),
                format!("GRANT SELECT ON `{schema}`.* TO `{schema}`@localhost"),
                format!("DROP USER `{schema}`@localhost"),
                format!("CREATE VIEW `{other}`.v AS SELECT 1"),
                "CREATE VIEW v AS SELECT 1".to_owned(),
                format!("CREATE TRIGGER `{schema}`.r BEFORE INSERT ON t FOR EACH ROW SET @r = 1"),
                "INSERT INTO t VALUES (1)".to_owned(),
            ],
        )
        .await;
        run.until("the row", |p| p.tables.iter().any(|t| t.inserts == 1)).await;
        let mut notes = run.progress.borrow().notes.clone();
        notes.sort();
        let counted = ["trigger not replicated", "view not replicated"].map(|what| (what.to_owned(), 1));
        assert_eq!(notes, counted, "{way}");
        run.finish().await;
    }
}
