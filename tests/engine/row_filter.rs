//! Row filters into a server: what passes is there, what does not is not, over copy and stream, crashes, updates that
//! cross the filter, filters that change and statements that would change what one means. The differ judges: there the
//! source's server says which rows pass.

use super::replicate_zoo::{AT_ONCE, drop_at};
use crate::support::job::Job;
use crate::support::servers::{self, Server, direction};
use crate::support::sql;
use syncline::model::progress::TablePhase;
use syncline::model::replicate::{ExistingTable, SchemaRule, TableFilter, TableMatch};
use syncline::replicate::Kind;
use syncline::replicate::verify::{Outcome, verify};
use tokio_util::sync::CancellationToken;

fn rule(schema: &str, table: &str, filter: &str) -> SchemaRule {
    SchemaRule { filter: (!filter.is_empty()).then(|| filter.to_owned()), ..SchemaRule::new(schema, [TableMatch::from(table)]) }
}

async fn expect_passing(from: &Server, to: &Server, filter: &TableFilter, tables: usize) {
    let cancel = CancellationToken::new();
    let report = verify(&from.endpoint(), &to.endpoint(), &[], filter, AT_ONCE, |_| {}, &cancel).await.expect("both servers answer");
    let wrong: Vec<_> = report.tables.iter().filter(|t| t.outcome != Outcome::Equal).collect();
    assert!(wrong.is_empty(), "{}: {wrong:#?}", direction(from, to));
    assert_eq!(report.tables.len(), tables, "{}", direction(from, to));
}

const KEYED: &str = "(grp % 3 = 1 or grp is null) and not name = 'hidden' and d < '2030-01-01'";
const KEYLESS: &str = "grp between 2 and 7";

async fn fill(server: &Server, schema: &str, rows: u32) {
    let mut conn = sql::connect(server).await;
    let make = [
        format!(
            "CREATE TABLE `{schema}`.t (u VARCHAR(40) NOT NULL UNIQUE, id BIGINT PRIMARY KEY, grp INT, d DATETIME NOT NULL, \
             name VARCHAR(20)) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
        ),
        format!("CREATE TABLE `{schema}`.log (what VARCHAR(20), grp INT)"),
        format!("INSERT INTO `{schema}`.log VALUES ('a', 1), ('b', 2), ('b', 2), (NULL, 7), ('c', 8), ('d', NULL)"),
        format!("INSERT INTO `{schema}`.t VALUES ('u0', 0, 0, '2020-01-01', 'x')"),
    ];
    sql::exec_all(&mut conn, make).await;
    let mut have = 1;
    while have < rows {
        let more = have.min(rows - have);
        let double = format!(
            "INSERT INTO `{schema}`.t SELECT CONCAT('u', id + {have}), id + {have}, IF(id % 17 = 0, NULL, id + {have}), d, \
             IF((id + {have}) % 5 = 0, 'HIDDEN', 'x') FROM `{schema}`.t WHERE id < {more}"
        );
        sql::exec(&mut conn, &double).await;
        have += more;
    }
}

/// Rows cross the filter both ways, keys and secondary unique values move between rows that pass and rows that do not.
async fn write(server: &Server, schema: &str, rows: u32, stop: &CancellationToken) {
    let mut conn = sql::connect(server).await;
    let mut round = 0u32;
    while !stop.is_cancelled() {
        round += 1;
        let at = |k: u32| (round.wrapping_mul(7919).wrapping_add(k.wrapping_mul(104_729))) % rows;
        let fresh = rows + round;
        let (a, b) = (at(1), at(2));
        let statements = [
            "BEGIN".to_owned(),
            format!("UPDATE `{schema}`.t SET grp = COALESCE(grp, 0) + 1 WHERE id IN ({a}, {b}, {})", at(3)),
            format!("UPDATE `{schema}`.t SET grp = NULL, name = 'x' WHERE id = {}", at(4)),
            format!("UPDATE `{schema}`.t SET name = IF(name = 'x', 'Hidden', 'x') WHERE id = {}", at(5)),
            format!("UPDATE `{schema}`.t SET d = IF(YEAR(d) > 2029, '2029-12-31 23:59:59', '2030-01-01') WHERE id = {}", at(6)),
            format!("DELETE FROM `{schema}`.t WHERE id = {}", at(7)),
            format!("INSERT INTO `{schema}`.t VALUES ('f{fresh}', {fresh}, {round}, '2021-02-03', NULL)"),
            format!("UPDATE `{schema}`.t SET name = 'y' WHERE id = {fresh}"),
            format!("REPLACE INTO `{schema}`.t VALUES ('r{0}', {0}, {round}, '2021-02-03', 'x')", at(8)),
            format!("INSERT INTO `{schema}`.log VALUES ('round', {})", round % 10),
            format!("UPDATE `{schema}`.log SET grp = grp + 1 WHERE what = 'round' AND grp = {} LIMIT 1", round % 7),
            "COMMIT".to_owned(),
            "BEGIN".to_owned(),
            format!("UPDATE `{schema}`.t SET u = CONCAT('tmp', {round}) WHERE id = {fresh}"),
            format!("UPDATE `{schema}`.t SET u = 'f{fresh}' WHERE id = {a}"),
            format!("UPDATE `{schema}`.t SET id = -{round}, grp = {round} + 1 WHERE id = {fresh}"),
            format!("DELETE FROM `{schema}`.log WHERE what = 'round' AND grp = {} LIMIT 1", (round + 5) % 10),
            "COMMIT".to_owned(),
        ];
        sql::exec_all(&mut conn, statements).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_holds_over_copy_stream_and_crashes() {
    const ROWS: u32 = 20_000;
    for (from, to) in servers::directions() {
        let schema = sql::scratch("rows", &[from]).await;
        drop_at(to, &schema).await;
        fill(from, &schema, ROWS).await;
        let stop = CancellationToken::new();
        let mut job = Job::new(&schema, from, to);
        job.spec.src.chunk_rows = Some(200);
        job.spec.src.filter.include = vec![rule(&schema, "t", KEYED), rule(&schema, "log", KEYLESS)];
        let ((), run) = tokio::join!(write(from, &schema, ROWS, &stop), async {
            for share in 1..=2u64 {
                let mut run = job.start();
                run.until("a part of the copy", |p| {
                    p.tables.iter().any(|t| t.rows_copied >= share * 1_500 || t.phase == TablePhase::Exact)
                })
                .await;
                run.crash().await;
            }
            for n in 0..3 {
                let mut run = job.start();
                run.streaming().await;
                let before = run.progress.borrow().dest.tx_applied;
                run.until(&format!("50 transactions, crash {n}, {}", direction(from, to)), |p| p.dest.tx_applied > before + 50).await;
                run.crash().await;
            }
            let mut run = job.start();
            run.streaming().await;
            let before = run.progress.borrow().dest.tx_applied;
            run.until("exact tables", |p| p.tables.iter().all(|t| t.phase == TablePhase::Exact) && p.dest.tx_applied > before + 100).await;
            stop.cancel();
            run
        });
        let progress = run.progress.clone();
        run.finish().await;
        expect_passing(from, to, &job.spec.src.filter, 2).await;
        let mut conn = sql::connect(to).await;
        let there = sql::count(&mut conn, &format!("`{schema}`.t")).await;
        assert!(there > 500 && there < u64::from(ROWS) * 2 / 3, "{there} rows pass");
        let filtered = progress.borrow().tables.iter().map(|t| t.filtered).sum::<u64>();
        assert!(filtered > 0, "what is left out is counted");
    }
}

/// A filter that changes takes its table's rows along: they are copied again, what others hold stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_filter_copies_its_tables_again() {
    for (from, to) in servers::directions() {
        let schema = sql::scratch("refilter", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = sql::connect(from).await;
        sql::exec_all(
            &mut conn,
            [
                format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, n INT)"),
                format!("CREATE TABLE `{schema}`.other (id INT PRIMARY KEY, n INT)"),
                format!("INSERT INTO `{schema}`.t VALUES (1, 1), (2, 2), (3, 3)"),
                format!("INSERT INTO `{schema}`.other VALUES (1, 1), (2, 2)"),
            ],
        )
        .await;
        let mut job = Job::new(&schema, from, to);
        job.spec.src.filter.include = vec![rule(&schema, "t", "n > 1"), rule(&schema, "other", "")];
        let mut run = job.start();
        run.streaming().await;
        sql::exec(&mut conn, &format!("UPDATE `{schema}`.t SET n = n + 10 WHERE id < 3")).await;
        run.finish().await;
        expect_passing(from, to, &job.spec.src.filter, 2).await;
        // At the target only: a copy of this table would find it.
        let mut target = sql::connect(to).await;
        sql::exec(&mut target, &format!("INSERT INTO `{schema}`.other VALUES (99, 99)")).await;
        sql::exec(&mut conn, &format!("INSERT INTO `{schema}`.t VALUES (4, 4), (5, 50)")).await;
        job.spec.src.filter.include[0].filter = Some("n < 12".into());
        let mut run = job.start();
        run.streaming().await;
        sql::exec(&mut conn, &format!("UPDATE `{schema}`.t SET n = 5 WHERE id IN (2, 5)")).await;
        run.finish().await;
        sql::exec(&mut target, &format!("DELETE FROM `{schema}`.other WHERE id = 99 AND n = 99")).await;
        expect_passing(from, to, &job.spec.src.filter, 2).await;
        assert_eq!(sql::count(&mut target, &format!("`{schema}`.t")).await, 5, "{}", direction(from, to));
        // And none at all.
        job.spec.src.filter.include[0].filter = None;
        let mut run = job.start();
        run.streaming().await;
        run.finish().await;
        expect_passing(from, to, &job.spec.src.filter, 2).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_that_change_what_a_filter_means_stop_the_job() {
    for (from, to) in servers::directions().into_iter().filter(|(f, t)| f.flavor == t.flavor) {
        let schema = sql::scratch("filter_ddl", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = sql::connect(from).await;
        sql::exec(&mut conn, &format!("USE `{schema}`")).await;
        sql::exec_all(
            &mut conn,
            ["CREATE TABLE t (id INT PRIMARY KEY, n INT, m INT)", "INSERT INTO t VALUES (1, 1, 1), (2, 2, 2)", "CREATE TABLE u LIKE t"],
        )
        .await;
        let mut job = Job::new(&schema, from, to);
        job.spec.src.filter.include = vec![rule(&schema, "t", "n > 1"), SchemaRule::new(&schema, [])];
        let mut run = job.start();
        run.streaming().await;
        sql::exec_all(
            &mut conn,
            [
                "ALTER TABLE t ADD COLUMN front INT FIRST, ADD INDEX (n), DROP COLUMN m",
                "INSERT INTO t (id, n) VALUES (3, 3), (4, 0)",
                "ALTER TABLE t RENAME COLUMN n TO amount",
                "INSERT INTO t (id, amount) VALUES (5, 5), (6, 0)",
            ],
        )
        .await;
        let error = run.error().await;
        assert_eq!((error.kind, error.code), (Kind::Undecided, "filter_column_changed"), "{error:?}");
        assert!(error.message.contains("column n that the row filter of rule 1 looks at"), "{error}");
        let mut target = sql::connect(to).await;
        assert_eq!(sql::count(&mut target, &format!("`{schema}`.t")).await, 2);
        // The way out.
        job.spec.src.filter.include[0].filter = Some("amount > 1".into());
        let mut run = job.start();
        run.streaming().await;
        run.finish().await;
        expect_passing(from, to, &job.spec.src.filter, 2).await;
        let mut run = job.start();
        run.streaming().await;
        sql::exec(&mut conn, "RENAME TABLE t TO swap, u TO t, swap TO u").await;
        let error = run.error().await;
        assert_eq!(error.code, "ddl_crosses_row_filter", "{error:?}");
    }
}

/// A row that stops the job is said with its transaction, which is what `skip` takes: one that only a server could judge, and
/// one that the target does not take, whatever was applied along with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_stops_the_job_names_its_transaction() {
    for (from, to) in servers::directions() {
        let schema = sql::scratch("undecided", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = sql::connect(from).await;
        let make = "(id INT PRIMARY KEY, v VARCHAR(9)) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci";
        sql::exec_all(&mut conn, [format!("CREATE TABLE `{schema}`.t {make}"), format!("CREATE TABLE `{schema}`.u {make}")]).await;
        let mut job = Job::new(&schema, from, to);
        job.spec.src.filter.include = vec![rule(&schema, "t", "v <> 'eu'"), rule(&schema, "u", "")];
        for (table, value, code) in [("t", "éu", "filter_undecided"), ("u", "toolong", "value_refused")] {
            let mut run = job.start();
            run.streaming().await;
            if table == "u" {
                let narrow = format!("ALTER TABLE `{schema}`.u MODIFY v VARCHAR(3) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci");
                sql::exec(&mut sql::connect(to).await, &narrow).await;
            }
            sql::exec(&mut conn, "BEGIN").await;
            sql::exec(&mut conn, &format!("INSERT INTO `{schema}`.{table} VALUES (1, '{value}')")).await;
            sql::exec(&mut conn, "COMMIT").await;
            let asked = if from.is_mysql() { "SELECT @@GLOBAL.gtid_executed" } else { "SELECT @@last_gtid" };
            let gtid = sql::one(&mut conn, asked).await.expect("GTIDs are on");
            let error = run.error().await;
            assert_eq!(error.code, code, "{}: {error:?}", direction(from, to));
            let (message, skipped) = error.message.rsplit_once(" (transaction ").expect("it is named");
            let skipped = skipped.trim_end_matches(')');
            assert!(from.is_mysql() || skipped == gtid, "{error} is not of {gtid}");
            assert!(!message.contains(value), "{error}");
            job.spec.src.skip.push(skipped.to_owned());
        }
        job.start().streaming().await;
    }
}

/// The server compares strings by the column's collation: where it is not the same at both ends, nobody knows which counts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ends_that_would_decide_otherwise_are_refused() {
    for (from, to) in servers::directions() {
        let schema = sql::scratch("collated", &[from, to]).await;
        let make = |collation: &str| {
            format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, v VARCHAR(9) CHARACTER SET utf8mb4 COLLATE {collation})")
        };
        sql::exec(&mut sql::connect(from).await, &make("utf8mb4_bin")).await;
        sql::exec(&mut sql::connect(to).await, &make("utf8mb4_general_ci")).await;
        let mut job = Job::new(&schema, from, to);
        job.spec.src.existing_table = ExistingTable::Upsert;
        job.spec.src.filter.include = vec![rule(&schema, "t", "v = 'a'")];
        let error = job.start().error().await;
        assert!(error.message.contains("filter_columns_differ"), "{}: {error:?}", direction(from, to));
        job.spec.src.filter.include = vec![rule(&schema, "t", "select id from t where v is null")];
        let error = job.start().error().await;
        assert!(error.message.contains("filter_projection"), "{}: {error:?}", direction(from, to));
    }
}
