//! Rows that somebody broke at the target are put right beside the stream, and as statements; the differ judges.

use super::replicate_zoo::{drop_at, expect_equal};
use super::verify::{change_each_column, copies_of_row_one};
use crate::support::job::{Job, Run};
use crate::support::servers::{self, Server, direction};
use crate::support::sql;
use crate::support::zoo;
use futures::FutureExt as _;
use mysql_async::prelude::Queryable as _;
use std::sync::Mutex;
use std::time::Duration;
use syncline::model::replicate::{MappedColumn, Mapping, SchemaRule, TableFilter, TableMatch};
use syncline::replicate::repair::{Damaged, Statements};
use syncline::replicate::verify::{Beside, Options, Outcome, Repair, Repairer, TableVerdict, VerifyReport, verify_copied};
use tokio_util::sync::CancellationToken;

/// Where nobody writes.
pub(super) const SOON: Options = Options { max_differences: 50, recheck_for: Duration::from_millis(300) };

async fn compared(from: &Server, to: &Server, filter: &TableFilter, options: Options, repairer: Repairer<'_>) -> VerifyReport {
    let (cancel, (src, dest)) = (CancellationToken::new(), (from.endpoint(), to.endpoint()));
    let beside = Beside { repairer: Some(repairer), by_sums: true, ..Beside::NOTHING };
    let work = verify_copied(&src, &dest, &[], filter, options, beside, |_| {}, &cancel);
    work.await.expect("both servers answer")
}

/// Compares and has the run repair what differs.
pub(super) async fn repaired(from: &Server, to: &Server, filter: &TableFilter, options: Options, run: &Run) -> VerifyReport {
    let mender = run.mender();
    let repairer = |damaged: Damaged| {
        let mender = mender.clone();
        async move { mender.mend(damaged).await.map(Repair::Done) }.boxed()
    };
    compared(from, to, filter, options, &repairer).await
}

/// Compares and returns what would repair it.
async fn stated(from: &Server, to: &Server, filter: &TableFilter) -> (VerifyReport, String) {
    let statements = Statements::open(&from.endpoint(), &to.endpoint(), filter).await.expect("both servers answer");
    let statements = tokio::sync::Mutex::new(statements);
    let text = Mutex::new(Statements::head("a test"));
    let repairer = |damaged: Damaged| {
        let (statements, text) = (&statements, &text);
        async move {
            let (more, keys) = statements.lock().await.of(&damaged).await?;
            // Names are as they are, values are ASCII.
            let more = String::from_utf8(more).expect("it is text");
            text.lock().unwrap().push_str(&more);
            Ok(Repair::Noted(keys))
        }
        .boxed()
    };
    let report = compared(from, to, filter, SOON, &repairer).await;
    let text = text.lock().unwrap().clone();
    (report, text)
}

pub(super) fn filter_of(schema: &str) -> TableFilter {
    TableFilter { include: vec![SchemaRule::new(schema, [])], ignore: vec![], shadows: true }
}

pub(super) fn verdict<'r>(report: &'r VerifyReport, table: &str) -> &'r TableVerdict {
    report.tables.iter().find(|t| t.table.table == table).expect("it was compared")
}

pub(super) async fn run_script(to: &Server, script: &str) {
    let mut conn = sql::connect(to).await;
    let mut result = conn.query_iter(script).await.expect("the first statement runs");
    while !result.is_empty() || result.columns().is_some() {
        result.collect::<mysql_async::Row>().await.expect("every statement runs");
    }
    result.drop_result().await.expect("the last statement runs");
}

/// Every column of every type, changed and NULL; rows missing and extra. Once by the job, once by the statements.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_type_is_repaired_by_the_job_and_by_statements() {
    for (from, to) in servers::directions() {
        let way = direction(from, to);
        let schema = sql::scratch("mend", &[from]).await;
        drop_at(to, &schema).await;
        let tables = zoo::tables_for(from, to);
        zoo::load(from, &schema, &tables).await;
        for table in tables.iter().filter(|t| t.keyed) {
            copies_of_row_one(from, &schema, table).await;
        }
        let mut job = Job::new(&schema, from, to);
        let mut run = job.start();
        run.streaming().await;
        for by_statements in [false, true] {
            for table in tables.iter().filter(|t| t.keyed) {
                change_each_column(to, &schema, table).await;
            }
            let report = if by_statements {
                let (report, script) = stated(from, to, &filter_of(&schema)).await;
                assert!(report.different_rows() > 0, "{way}: nothing was changed yet");
                run_script(to, &script).await;
                report
            } else {
                repaired(from, to, &filter_of(&schema), SOON, &run).await
            };
            for table in tables.iter().filter(|t| t.keyed && !by_statements) {
                let verdict = verdict(&report, table.name);
                assert_eq!((&verdict.outcome, verdict.different), (&Outcome::Equal, 0), "{way}: {verdict:?}");
                assert!(verdict.repaired > 3, "{way}: {verdict:?}");
            }
            expect_equal(from, to, &schema, tables.len()).await;
        }
        run.finish().await;
        expect_equal(from, to, &schema, tables.len()).await;
    }
}

/// Names, columns, row filters, shards: a column that is the target's own keeps its value. A table without a key is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mapped_filtered_and_merged_rows_are_repaired_in_the_targets_names() {
    for (from, to) in servers::directions() {
        let way = direction(from, to);
        let schema = sql::scratch("mendmap", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = sql::connect(from).await;
        sql::exec(&mut conn, &format!("USE `{schema}`")).await;
        sql::exec_all(
            &mut conn,
            [
                "CREATE TABLE people (id INT PRIMARY KEY, nm VARCHAR(20) CHARACTER SET utf8mb4, secret INT)",
                "CREATE TABLE s1 (id INT PRIMARY KEY, n INT)",
                "CREATE TABLE s2 (id INT PRIMARY KEY, n INT)",
                "CREATE TABLE some (id INT PRIMARY KEY, n INT)",
                "CREATE TABLE bare (n INT)",
                "INSERT INTO people VALUES (1, 'ä''\\\\', 1), (2, 'two', 2), (3, 'three', 3)",
                "INSERT INTO s1 VALUES (1, 1), (2, 2), (3, 3)",
                "INSERT INTO s2 VALUES (11, 11), (12, 12)",
                "INSERT INTO some VALUES (1, 1), (2, 200), (3, 300)",
                "INSERT INTO bare VALUES (1), (2)",
            ],
        )
        .await;
        let mut target = sql::connect(to).await;
        sql::exec_all(
            &mut target,
            [
                format!("CREATE DATABASE `{schema}`"),
                format!("CREATE TABLE `{schema}`.folk (nr INT PRIMARY KEY, name VARCHAR(20) CHARACTER SET utf8mb4, ours INT NULL)"),
                format!("CREATE TABLE `{schema}`.everyone (id INT PRIMARY KEY, n INT)"),
                format!("CREATE TABLE `{schema}`.some (id INT PRIMARY KEY, n INT)"),
                format!("CREATE TABLE `{schema}`.bare (n INT)"),
            ],
        )
        .await;
        let pair = |(from, to): (&str, &str)| MappedColumn { from: from.into(), to: to.into() };
        let rule = |tables: &[&str], to: &str, columns: &[(&str, &str)]| {
            let to = Mapping { schema: None, table: Some(to.into()), columns: columns.iter().copied().map(pair).collect() };
            SchemaRule { to, ..SchemaRule::new(&schema, tables.iter().map(|t| TableMatch::from(*t))) }
        };
        let filtered = SchemaRule { filter: Some("n > 100".into()), ..SchemaRule::new(&schema, [TableMatch::from("some")]) };
        let mut job = Job::new(&schema, from, to);
        job.spec.src.skip_create = true;
        job.spec.src.filter.include = vec![
            rule(&["people"], "folk", &[("id", "nr"), ("nm", "name")]),
            rule(&["s1", "s2"], "everyone", &[]),
            filtered,
            SchemaRule::new(&schema, [TableMatch::from("bare")]),
        ];
        let mut run = job.start();
        run.streaming().await;
        let break_it = [
            "UPDATE `{}`.folk SET ours = 7",
            "UPDATE `{}`.folk SET name = 'broken' WHERE nr = 1",
            "DELETE FROM `{}`.folk WHERE nr = 2",
            "INSERT INTO `{}`.folk VALUES (9, 'nine', 9)",
            "UPDATE `{}`.everyone SET n = 0 WHERE id IN (1, 11)",
            "DELETE FROM `{}`.everyone WHERE id IN (2, 12)",
            "INSERT INTO `{}`.everyone VALUES (99, 99)",
            "INSERT INTO `{}`.some VALUES (1, 1), (7, 700)",
            "UPDATE `{}`.some SET n = 201 WHERE id = 2",
        ]
        .map(|s| s.replace("{}", &schema));
        let filter = job.spec.src.filter.clone();
        for by_statements in [false, true] {
            sql::exec_all(&mut target, &break_it).await;
            if by_statements {
                let (_, script) = stated(from, to, &filter).await;
                assert!(!script.contains("people") && !script.contains("secret"), "{way}: {script}");
                run_script(to, &script).await;
            } else {
                let report = repaired(from, to, &filter, SOON, &run).await;
                let all: u64 = report.tables.iter().map(|t| t.repaired).sum();
                assert_eq!((report.equal(), all), (true, 11), "{way}: {report:#?}");
            }
            let rows = sql::rows(&mut target, &format!("SELECT nr, ours FROM `{schema}`.folk ORDER BY nr")).await;
            let ours: Vec<_> = rows.iter().map(|r| r[1].as_deref()).collect();
            assert_eq!(ours, [Some("7"), None, Some("7")], "{way}: what the target has of its own");
            let left = repaired(from, to, &filter, SOON, &run).await;
            assert_eq!((left.equal(), left.different_rows()), (true, 0), "{way}: {left:#?}");
        }
        sql::exec(&mut target, &format!("DELETE FROM `{schema}`.bare LIMIT 1")).await;
        let report = repaired(from, to, &filter, SOON, &run).await;
        let bare = verdict(&report, "bare");
        assert_eq!((&bare.outcome, bare.repaired), (&Outcome::Different, 0), "{way}: {bare:?}");
        assert!(bare.unrepaired.as_ref().is_some_and(|why| why.contains("jobs tables reload")), "{way}: {bare:?}");
        run.pause().await;
    }
}
