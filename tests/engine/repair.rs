//! Rows that somebody broke at the target are put right beside the stream, and as statements; the differ judges.

use super::join::{fill, write};
use super::replicate_zoo::{drop_at, expect_equal};
use super::verify::{change_each_column, copies_of_row_one, verify_schema};
use crate::support::daemon::Daemon;
use crate::support::job::{Job, Run};
use crate::support::servers::{self, Server, direction};
use crate::support::sql;
use crate::support::until::{until, until_some};
use crate::support::zoo;
use futures::FutureExt as _;
use mysql_async::prelude::Queryable as _;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;
use syncline::model::replicate::{ConflictPolicy, MappedColumn, Mapping, SchemaRule, SinkSpec, TableFilter, TableMatch, TableName};
use syncline::replicate::repair::{Damaged, Place, Statements};
use syncline::replicate::verify::{Beside, Options, Outcome, Pace, Repair, Repairer, TableVerdict, VerifyReport, verify_copied};
use syncline::wire::native::jobs as wire;
use syncline::wire::native::verify::{VerifyAlways, VerifyRequest};
use tokio_util::sync::CancellationToken;

/// Where nobody writes.
const SOON: Options = Options { max_differences: 50, recheck_for: Duration::from_millis(300) };
const BESIDE_WRITES: Options = Options { max_differences: 50, recheck_for: Duration::from_secs(2) };

async fn compared(from: &Server, to: &Server, filter: &TableFilter, options: Options, repairer: Repairer<'_>) -> VerifyReport {
    let (cancel, (src, dest)) = (CancellationToken::new(), (from.endpoint(), to.endpoint()));
    let beside = Beside { repairer: Some(repairer), ..Beside::NOTHING };
    let work = verify_copied(&src, &dest, &[], filter, options, beside, |_| {}, &cancel);
    work.await.expect("both servers answer")
}

/// Compares and has the run repair what differs.
async fn repaired(from: &Server, to: &Server, filter: &TableFilter, options: Options, run: &Run) -> VerifyReport {
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

fn filter_of(schema: &str) -> TableFilter {
    TableFilter { include: vec![SchemaRule::new(schema, [])], ignore: vec![] }
}

fn verdict<'r>(report: &'r VerifyReport, table: &str) -> &'r TableVerdict {
    report.tables.iter().find(|t| t.table.table == table).expect("it was compared")
}

async fn run_script(to: &Server, script: &str) {
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

/// Nothing is wrong with the rows, and they are repaired all the time while everything changes: an older image that comes
/// over a newer change stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repair_never_overwrites_a_newer_change() {
    const ROWS: u32 = 40;
    for (from, to) in servers::directions() {
        let way = direction(from, to);
        let schema = sql::scratch("hotmend", &[from]).await;
        drop_at(to, &schema).await;
        fill(from, &schema, ROWS).await;
        let mut job = Job::new(&schema, from, to);
        let mut run = job.start();
        run.streaming().await;
        for round in 0..3 {
            let stop = CancellationToken::new();
            let mender = run.mender();
            let keys = |id| Place { target: format!("`id`={id}"), sources: vec![format!("`id`={id}")] };
            let all = |table: &str| {
                let name = TableName::new(&schema, table);
                Damaged { target: name.clone(), sources: vec![name], keys: (0..ROWS).map(keys).collect() }
            };
            let mend = async {
                for _ in 0..12 {
                    for table in ["first", "second"] {
                        let mended = mender.mend(all(table)).await.expect("it is repaired");
                        assert_eq!(mended.keys, ROWS as usize, "{way}");
                    }
                }
                stop.cancel();
            };
            // The ids that are written beside these begin behind them.
            tokio::join!(write_on(from, &schema, ROWS, round, &stop), mend);
        }
        run.finish().await;
        expect_equal(from, to, &schema, 3).await;
    }
}

/// The writer of `join`, whose new rows of a later round are other ones.
async fn write_on(from: &Server, schema: &str, rows: u32, round: u32, stop: &CancellationToken) {
    if round > 0 {
        let mut conn = sql::connect(from).await;
        for table in ["first", "second"] {
            sql::exec(&mut conn, &format!("DELETE FROM `{schema}`.{table} WHERE id >= {rows}")).await;
        }
    }
    write(from, schema, rows, stop).await;
}

/// Under writes, and with a run that is dropped in the middle of a repair.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_rows_are_repaired_under_writes_and_over_crashes() {
    const ROWS: u32 = 2_000;
    for (from, to) in servers::directions().into_iter().take(2) {
        let way = direction(from, to);
        let schema = sql::scratch("mended", &[from]).await;
        drop_at(to, &schema).await;
        fill(from, &schema, ROWS).await;
        let mut job = Job::new(&schema, from, to);
        let SinkSpec::Mysql(sink) = &mut job.spec.dest.sink else { unreachable!("a job into a database") };
        // The writer meets rows that were broken.
        sink.conflict = ConflictPolicy::Overwrite;
        let stop = CancellationToken::new();
        let (_, run) = tokio::join!(write(from, &schema, ROWS, &stop), async {
            let mut run = job.start();
            run.streaming().await;
            let mut target = sql::connect(to).await;
            let broken = [
                "UPDATE `{}`.second SET n = n + 1000000, pad = 'broken' WHERE id % 3 = 0",
                "DELETE FROM `{}`.second WHERE id % 3 = 1",
                "INSERT INTO `{}`.second SELECT id + 5000000, n, CONCAT('x', id), pad FROM `{}`.first WHERE id < 100",
                "UPDATE `{}`.first SET u = CONCAT('v', id) WHERE id BETWEEN 50 AND 60",
            ];
            for sql in broken {
                let sql = sql.replace("{}", &schema);
                until(Duration::from_secs(60), "somebody breaks rows", async || target.query_drop(&sql).await.is_ok()).await;
            }
            // Cut off as soon as some of them are right.
            let filter = filter_of(&schema);
            tokio::select! {
                report = repaired(from, to, &filter, BESIDE_WRITES, &run) => panic!("{way}: it was not cut off: {report:?}"),
                () = async {
                    let first = async || run.progress.borrow().notes.iter().any(|(what, _)| what == "rows repaired");
                    until(Duration::from_secs(100), "a first repair", first).await;
                } => {}
            }
            run.crash().await;
            let mut run = job.start();
            run.streaming().await;
            repaired(from, to, &filter_of(&schema), BESIDE_WRITES, &run).await;
            stop.cancel();
            run
        });
        let report = repaired(from, to, &filter_of(&schema), BESIDE_WRITES, &run).await;
        let second = verdict(&report, "second");
        assert_eq!((&second.outcome, second.different), (&Outcome::Equal, 0), "{way}: {second:?}");
        run.finish().await;
        expect_equal(from, to, &schema, 3).await;
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
        assert!(bare.unrepaired.as_ref().is_some_and(|why| why.contains("jobs reload")), "{way}: {bare:?}");
        run.pause().await;
    }
}

/// Tables that actions of foreign keys connect, whose effects MariaDB does not log: the actions are made again beside repairs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_below_cascades_are_repaired_beside_them() {
    for (from, to) in servers::directions().into_iter().take(2) {
        let way = direction(from, to);
        let schema = sql::scratch("mendfk", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = sql::connect(from).await;
        sql::exec(&mut conn, &format!("USE `{schema}`")).await;
        let child = |name: &str, parent: &str| {
            format!(
                "CREATE TABLE {name} (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES {parent} (id) ON DELETE CASCADE ON UPDATE CASCADE)"
            )
        };
        sql::exec(&mut conn, "SET foreign_key_checks=1").await;
        sql::exec_all(&mut conn, ["CREATE TABLE a (id INT PRIMARY KEY)".to_owned(), child("b", "a"), child("c", "b")]).await;
        let mut job = Job::new(&schema, from, to);
        let mut run = job.start();
        run.streaming().await;
        let (stop, mender) = (CancellationToken::new(), run.mender());
        let load = async {
            let mut round = 0;
            while !stop.is_cancelled() {
                round += 1;
                let n = round % 5 * 10;
                let steps = [
                    format!("INSERT INTO a VALUES ({n}), ({})", n + 1),
                    format!("INSERT INTO b VALUES ({n}, {n}), ({}, {})", n + 1, n + 1),
                    format!("INSERT INTO c VALUES ({n}, {n}), ({}, {})", n + 1, n + 1),
                    format!("UPDATE a SET id = {} WHERE id = {n}", n + 5),
                    format!("UPDATE b SET id = {} WHERE id = {n}", n + 7),
                ];
                sql::exec_all(&mut conn, steps).await;
                if round % 2 == 0 {
                    sql::exec(&mut conn, "DELETE FROM a WHERE id % 10 = 5").await;
                }
                sql::exec(&mut conn, "DELETE FROM a").await;
            }
            sql::exec_all(&mut conn, ["INSERT INTO a VALUES (1)", "INSERT INTO b VALUES (1, 1)", "INSERT INTO c VALUES (1, 1)"]).await;
        };
        let mend = async {
            for _ in 0..15 {
                for table in ["a", "b", "c"] {
                    let name = TableName::new(&schema, table);
                    let keys = |id| Place { target: format!("`id`={id}"), sources: vec![format!("`id`={id}")] };
                    let damaged = Damaged { target: name.clone(), sources: vec![name], keys: (0..60).map(keys).collect() };
                    mender.mend(damaged).await.unwrap_or_else(|e| panic!("{way}: {e:?}"));
                }
            }
            stop.cancel();
        };
        tokio::join!(load, mend);
        run.finish().await;
        expect_equal(from, to, &schema, 3).await;
    }
}

/// Through the API: what is refused, the file of statements, a kill in the middle, and what is told of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comparison_repairs_and_states_through_the_api() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("mendapi", &[from]).await;
    drop_at(to, &schema).await;
    fill(from, &schema, 3_000).await;
    let mut daemon = Daemon::start(&[]).await;
    let client = daemon.client();
    let id = client.create_job(&super::kill::job(&schema, from, to, &schema)).await.expect("the job is created").id;
    let streams = async |daemon: &Daemon| {
        until(Duration::from_secs(60), "it streams", async || {
            daemon.client().job(&id).await.is_ok_and(|j| j.state == wire::JobState::Streaming)
        })
        .await;
    };
    let ended = async |daemon: &Daemon, number| {
        let client = daemon.client();
        until(Duration::from_secs(120), "the comparison ends", async || {
            client.verification(&id, number).await.is_ok_and(|v| v.state != "running")
        })
        .await;
        client.verification(&id, number).await.unwrap()
    };
    streams(&daemon).await;
    let mut target = sql::connect(to).await;
    let breaks =
        [format!("UPDATE `{schema}`.second SET n = 5 WHERE id < 50"), format!("DELETE FROM `{schema}`.second WHERE id BETWEEN 50 AND 59")];
    sql::exec_all(&mut target, &breaks).await;

    let stating = VerifyRequest { statements: true, ..VerifyRequest::default() };
    let both = VerifyRequest { repair: true, ..stating.clone() };
    assert!(format!("{:?}", client.verify_job(&id, &both).await.expect_err("one or the other")).contains("repair"));
    let begun = client.verify_job(&id, &stating).await.expect("it begins");
    let found = ended(&daemon, begun.number).await;
    assert_eq!((found.state.as_str(), found.tables.iter().map(|t| t.different).sum::<u64>()), ("different", 60), "{found:?}");
    let mut download = client.verification_statements(&id, begun.number).await.expect("there is a file");
    let mut script = Vec::new();
    while let Some(block) = download.next().await.expect("it comes") {
        script.extend_from_slice(&block);
    }
    let script = String::from_utf8(script).unwrap();
    assert_eq!((script.matches("DELETE FROM").count(), script.matches("REPLACE INTO").count()), (60, 60), "{script}");
    run_script(to, &script).await;
    expect_equal(from, to, &schema, 3).await;

    sql::exec_all(&mut target, &breaks).await;
    client.pause_job(&id).await.expect("it is paused");
    until(Duration::from_secs(30), "it rests", async || client.job(&id).await.is_ok_and(|j| j.state == wire::JobState::Paused)).await;
    let repair = VerifyRequest { repair: true, ..VerifyRequest::default() };
    let refused = client.verify_job(&id, &repair).await.expect_err("it does not run");
    assert!(format!("{refused:?}").contains("beside the stream"), "{refused:?}");
    client.resume_job(&id).await.expect("it is resumed");
    streams(&daemon).await;

    // Killed while it repairs, and asked again.
    sql::exec(&mut target, &format!("UPDATE `{schema}`.first SET pad = 'broken'")).await;
    let begun = client.verify_job(&id, &repair).await.expect("it begins");
    let some = format!("SELECT COUNT(*) FROM `{schema}`.first WHERE pad = 'broken'");
    until(Duration::from_secs(60), "some are right", async || sql::one(&mut target, &some).await.as_deref() != Some("3000")).await;
    daemon.kill9();
    daemon.restart().await;
    streams(&daemon).await;
    let client = daemon.client();
    assert_eq!(client.verification(&id, begun.number).await.unwrap().state, "failed", "the kill ended it");
    let begun = client.verify_job(&id, &repair).await.expect("it begins");
    let done = ended(&daemon, begun.number).await;
    assert_eq!(done.state, "equal", "{done:?}");
    assert!(done.tables.iter().any(|t| t.repaired > 0), "{done:?}");
    expect_equal(from, to, &schema, 3).await;
    let events = client.job_events(&id).await.unwrap().events;
    assert!(events.iter().any(|e| e.message.contains("were repaired")), "{events:?}");
}

/// Page by page it finds what the whole reading finds, in every key of the zoo and beyond the ends of the source's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comparison_by_pages_finds_the_same() {
    for (from, to) in servers::directions() {
        let way = direction(from, to);
        let schema = sql::scratch("paced", &[from, to]).await;
        let tables = zoo::tables_for(from, to);
        for server in [from, to] {
            zoo::load(server, &schema, &tables).await;
            let mut conn = sql::connect(server).await;
            let two = format!(
                "CREATE TABLE `{schema}`.two (a INT, b VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci, n INT, PRIMARY KEY (a, b))"
            );
            let rows: Vec<String> = (0..900).map(|n| format!("({}, '{}{}', {n})", n / 7, ["a", "B", "ä"][n % 3], n % 7)).collect();
            sql::exec_all(&mut conn, [two, format!("INSERT INTO `{schema}`.two VALUES {}", rows.join(", "))]).await;
        }
        let mut target = sql::connect(to).await;
        let paced = async || {
            let (cancel, (src, dest), filter) = (CancellationToken::new(), (from.endpoint(), to.endpoint()), filter_of(&schema));
            let pace = Pace { share: 1.0, rows_per_second: None, busy: &|| false };
            let beside = Beside { pace: Some(pace), ..Beside::NOTHING };
            verify_copied(&src, &dest, &[], &filter, SOON, beside, |_| {}, &cancel).await.expect("both servers answer")
        };
        let report = paced().await;
        let wrong: Vec<_> = report.tables.iter().filter(|t| t.outcome != Outcome::Equal).collect();
        assert!(wrong.is_empty(), "{way}: {wrong:#?}");
        assert_eq!((verdict(&report, "two").source_rows, verdict(&report, "two").target_rows), (900, 900), "{way}");
        let breaks = [
            "UPDATE `{}`.two SET n = -1 WHERE a IN (0, 71, 128)",
            "DELETE FROM `{}`.two WHERE a = 50",
            "INSERT INTO `{}`.two VALUES (-5, 'x', 1), (60, 'zz', 1), (999, 'x', 1)",
        ]
        .map(|s| s.replace("{}", &schema));
        sql::exec_all(&mut target, &breaks).await;
        let whole = verify_schema(from, to, &schema, super::replicate_zoo::AT_ONCE).await;
        let (report, at_once) = (paced().await, verdict(&whole, "two"));
        let two = verdict(&report, "two");
        let listed =
            |v: &TableVerdict| v.differences.iter().map(|d| (d.key.clone(), d.kind.as_str(), d.columns.clone())).collect::<BTreeSet<_>>();
        assert_eq!((two.different, listed(two)), (at_once.different, listed(at_once)), "{way}");
        assert!(two.different > 10, "{way}: {two:?}");
    }
}

/// All the time, with repair: set, found, repaired, told, kept over a kill, and ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn comparisons_go_on_all_the_time_and_over_a_kill() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("patrol", &[from]).await;
    drop_at(to, &schema).await;
    fill(from, &schema, 300).await;
    let mut daemon = Daemon::start(&[]).await;
    let id = daemon.client().create_job(&super::kill::job(&schema, from, to, &schema)).await.expect("the job is created").id;
    let always = |every_seconds, repair| VerifyAlways { every_seconds, repair, max_rows_per_second: None };
    let last = async |daemon: &Daemon| daemon.client().job(&id).await.ok()?.verify?.last;
    let ended = async |daemon: &Daemon, after: u64| {
        until_some(Duration::from_secs(120), "a round ends", async || last(daemon).await.filter(|l| l.number > after)).await
    };
    daemon.client().verify_always(&id, &always(Some(3600), false)).await.expect("it is set");
    let first = ended(&daemon, 0).await;
    assert_eq!((first.state.as_str(), first.different), ("equal", 0), "{first:?}");
    let mut target = sql::connect(to).await;
    sql::exec(&mut target, &format!("UPDATE `{schema}`.first SET n = 77 WHERE id < 9")).await;
    // A setting that is said again begins at once.
    daemon.client().verify_always(&id, &always(Some(3600), false)).await.expect("it is set");
    let second = ended(&daemon, first.number).await;
    assert_eq!((second.state.as_str(), second.different), ("different", 9), "{second:?}");
    let events = daemon.client().job_events(&id).await.unwrap().events;
    assert!(events.iter().any(|e| e.message.contains("9 rows differ")), "{events:?}");
    daemon.kill9();
    daemon.restart().await;
    assert_eq!(last(&daemon).await, Some(second.clone()), "it is kept");
    daemon.client().verify_always(&id, &always(Some(0), true)).await.expect("it is set");
    let third = ended(&daemon, second.number).await;
    assert_eq!((third.state.as_str(), third.different, third.repaired), ("equal", 0, 9), "{third:?}");
    expect_equal(from, to, &schema, 3).await;
    let job = daemon.client().verify_always(&id, &always(None, false)).await.expect("it is ended");
    assert_eq!(job.verify, None);
}
