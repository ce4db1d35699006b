//! Tables that join a job that has begun, or leave it: by an update of its rules, or by creating it anew with progress
//! that was kept.

use super::replicate_zoo::{drop_at, expect_equal};
use crate::support::daemon::Daemon;
use crate::support::job::Job;
use crate::support::servers::{self, Server, direction};
use crate::support::sql;
use crate::support::until::until;
use mysql_async::prelude::Queryable as _;
use std::time::Duration;
use syncline::model::finding::Severity;
use syncline::model::progress::{Progress, TablePhase};
use syncline::model::replicate::{ExistingTable, SchemaRule, TableFilter};
use syncline::replicate::connect::Flavor;
use syncline::replicate::preflight;
use syncline::wire::native::jobs::JobState;
use tokio_util::sync::CancellationToken;

pub(super) fn tables(schema: &str, tables: &[&str]) -> TableFilter {
    TableFilter { include: vec![SchemaRule::new(schema, tables.iter().map(|t| (*t).into()))], ignore: vec![], shadows: true }
}

/// `first` and `second` with keys, `bare` without.
pub(super) async fn fill(server: &Server, schema: &str, rows: u32) {
    let mut conn = sql::connect(server).await;
    for name in ["first", "second"] {
        let columns = "(id BIGINT PRIMARY KEY, n INT NOT NULL, u VARCHAR(40) NOT NULL UNIQUE, pad VARCHAR(200))";
        sql::exec(&mut conn, &format!("CREATE TABLE `{schema}`.{name} {columns}")).await;
        sql::exec(&mut conn, &format!("INSERT INTO `{schema}`.{name} VALUES (0, 0, 'u0', REPEAT('p', 150))")).await;
        let mut have = 1;
        while have < rows {
            let more = have.min(rows - have);
            let double = format!(
                "INSERT INTO `{schema}`.{name} SELECT id + {have}, n, CONCAT('u', id + {have}), pad FROM `{schema}`.{name} WHERE id < {more}"
            );
            sql::exec(&mut conn, &double).await;
            have += more;
        }
    }
    sql::exec_all(
        &mut conn,
        [
            format!("CREATE TABLE `{schema}`.bare (what VARCHAR(20), n INT)"),
            format!("INSERT INTO `{schema}`.bare VALUES ('x', 0), ('x', 0)"),
        ],
    )
    .await;
}

/// Changes all three tables until told to stop; transactions span the tables.
pub(super) async fn write(server: &Server, schema: &str, rows: u32, stop: &CancellationToken) -> u32 {
    let mut conn = sql::connect(server).await;
    let mut round = 0u32;
    while !stop.is_cancelled() {
        round += 1;
        let at = |k: u32| (round.wrapping_mul(7919).wrapping_add(k.wrapping_mul(104_729))) % rows;
        sql::exec(&mut conn, "BEGIN").await;
        for name in ["first", "second"] {
            let statements = [
                format!("UPDATE `{schema}`.{name} SET n = n + 1 WHERE id IN ({}, {})", at(1), at(2)),
                format!("DELETE FROM `{schema}`.{name} WHERE id = {}", at(3)),
                format!("INSERT INTO `{schema}`.{name} VALUES ({}, 1, 'f{round}', NULL)", rows + round),
                format!("REPLACE INTO `{schema}`.{name} VALUES ({}, {round}, 'r{}', 'replaced')", at(4), at(4)),
            ];
            sql::exec_all(&mut conn, statements).await;
        }
        sql::exec_all(
            &mut conn,
            [
                format!("INSERT INTO `{schema}`.bare VALUES ('round', {})", round % 10),
                format!("DELETE FROM `{schema}`.bare WHERE what = 'round' AND n = {} LIMIT 1", (round + 5) % 10),
                "COMMIT".to_owned(),
            ],
        )
        .await;
    }
    round
}

fn phase(progress: &Progress, table: &str) -> Option<TablePhase> {
    progress.tables.iter().find(|t| t.table.table == table).map(|t| t.phase)
}

/// The update adds tables while writes go on; the copy of the new ones is broken off twice.
async fn joins(from: &'static Server, to: &'static Server) {
    const ROWS: u32 = 20_000;
    let way = direction(from, to);
    let schema = sql::scratch("join", &[from]).await;
    drop_at(to, &schema).await;
    fill(from, &schema, ROWS).await;
    let mut job = Job::new(&schema, from, to);
    job.spec.src.chunk_rows = Some(200);
    job.spec.src.filter = tables(&schema, &["first"]);
    let stop = CancellationToken::new();
    let (_, run) = tokio::join!(write(from, &schema, ROWS, &stop), async {
        let mut run = job.start();
        run.streaming().await;
        run.until("first is copied", |p| p.dest.tx_applied > 20).await;
        run.pause().await;
        // What was made and dropped meanwhile lies in the log before the listing, and leads to nothing.
        let mut conn = sql::connect(from).await;
        let brief = format!("`{schema}`.brief");
        sql::exec_all(
            &mut conn,
            [
                format!("CREATE TABLE {brief} (id INT PRIMARY KEY)"),
                format!("INSERT INTO {brief} VALUES (1)"),
                format!("DROP TABLE {brief}"),
                format!("CREATE TABLE `{schema}`.third (id INT PRIMARY KEY)"),
                format!("INSERT INTO `{schema}`.third VALUES (1), (2)"),
            ],
        )
        .await;
        job.spec.src.filter = tables(&schema, &[]);
        for share in [4_000, 12_000] {
            let mut run = job.start();
            run.until("a part of the new table", |p| p.tables.iter().any(|t| t.table.table == "second" && t.rows_copied >= share)).await;
            assert_ne!(phase(&run.progress.borrow(), "first"), Some(TablePhase::Copying), "{way}: the first is not copied again");
            run.crash().await;
        }
        let mut run = job.start();
        run.streaming().await;
        let before = run.progress.borrow().dest.tx_applied;
        run.until("more of the stream", |p| p.dest.tx_applied > before + 50).await;
        run.crash().await;
        let mut run = job.start();
        run.streaming().await;
        stop.cancel();
        run
    });
    // Made by the log, not by a listing: never copied.
    let mut conn = sql::connect(from).await;
    let same_flavour = from.flavor == to.flavor;
    if same_flavour {
        sql::exec(&mut conn, &format!("CREATE TABLE `{schema}`.later (id INT PRIMARY KEY)")).await;
        sql::exec(&mut conn, &format!("INSERT INTO `{schema}`.later VALUES (1), (2)")).await;
    }
    run.finish().await;
    expect_equal(from, to, &schema, if same_flavour { 5 } else { 4 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_that_an_update_adds_are_copied_under_writes_and_crashes() {
    for (from, to) in servers::directions() {
        joins(from, to).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_join_a_job_that_reads_by_file_and_offset() {
    let (Some(from), Some(to)) = (servers::own(Flavor::Mysql, "join"), servers::mysql(2)) else { return };
    let mut conn = sql::connect(&from).await;
    sql::exec_all(&mut conn, ["ON_PERMISSIVE", "OFF_PERMISSIVE", "OFF"].map(|mode| format!("SET GLOBAL gtid_mode = {mode}"))).await;
    let schema = sql::scratch("joinfile", &[&from]).await;
    drop_at(to, &schema).await;
    fill(&from, &schema, 3_000).await;
    let mut job = Job::new(&schema, &from, to);
    job.spec.src.filter = tables(&schema, &["first"]);
    let stop = CancellationToken::new();
    let (_, run) = tokio::join!(write(&from, &schema, 3_000, &stop), async {
        let mut run = job.start();
        run.streaming().await;
        run.until("some of the stream", |p| p.dest.tx_applied > 20).await;
        run.crash().await;
        job.spec.src.filter = tables(&schema, &[]);
        let mut run = job.start();
        run.streaming().await;
        stop.cancel();
        run
    });
    run.finish().await;
    expect_equal(&from, to, &schema, 3).await;
}

/// A job that began at a given position copied nothing then; what joins it is copied all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_join_a_job_that_began_without_a_copy() {
    for (from, to) in servers::directions() {
        let schema = sql::scratch("joinstart", &[from, to]).await;
        fill(from, &schema, 500).await;
        let mut conn = sql::connect(from).await;
        let asked = if from.is_mysql() { "SELECT @@GLOBAL.gtid_executed" } else { "SELECT @@GLOBAL.gtid_binlog_pos" };
        // Both ends hold the first table as of now.
        let mut target = sql::connect(to).await;
        let make = "(id BIGINT PRIMARY KEY, n INT NOT NULL, u VARCHAR(40) NOT NULL UNIQUE, pad VARCHAR(200))";
        sql::exec(&mut target, &format!("CREATE TABLE `{schema}`.first {make}")).await;
        sql::exec(&mut conn, &format!("DELETE FROM `{schema}`.first")).await;
        let start = sql::one(&mut conn, asked).await;
        let mut job = Job::new(&schema, from, to);
        job.spec.src.start_gtid = start;
        job.spec.src.filter = tables(&schema, &["first"]);
        let mut run = job.start();
        run.streaming().await;
        sql::exec(&mut conn, &format!("INSERT INTO `{schema}`.first VALUES (1, 1, 'a', NULL)")).await;
        run.until("the row", |p| p.dest.row_events_applied == 1).await;
        run.pause().await;
        job.spec.src.filter = tables(&schema, &["first", "second", "bare"]);
        let mut run = job.start();
        run.streaming().await;
        sql::exec(&mut conn, &format!("UPDATE `{schema}`.second SET n = 5")).await;
        run.finish().await;
        expect_equal(from, to, &schema, 3).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_excluded_table_rests_and_is_copied_anew_when_it_comes_back() {
    for (from, to) in servers::directions() {
        let way = direction(from, to);
        let schema = sql::scratch("leave", &[from]).await;
        drop_at(to, &schema).await;
        fill(from, &schema, 100).await;
        let mut job = Job::new(&schema, from, to);
        let mut run = job.start();
        run.streaming().await;
        run.pause().await;

        let recorded = syncline::replicate::recorded(&job.id, &job.spec, false).await.expect("the target answers");
        let found = preflight::run(&job.spec, Some(&job.id), &recorded).await;
        assert!(found.passed(), "{way}: rows of its own are no finding: {found:#?}");

        job.spec.src.filter = tables(&schema, &["first", "bare"]);
        let mut run = job.start();
        run.streaming().await;
        let mut conn = sql::connect(from).await;
        sql::exec(&mut conn, &format!("DELETE FROM `{schema}`.second WHERE id < 50")).await;
        sql::exec(&mut conn, &format!("DELETE FROM `{schema}`.first WHERE id < 10")).await;
        run.finish().await;
        let mut target = sql::connect(to).await;
        assert_eq!(sql::count(&mut target, &format!("`{schema}`.second")).await, 100, "{way}: no event of it was applied");
        assert_eq!(sql::count(&mut target, &format!("`{schema}`.first")).await, 90, "{way}");

        // Back in: its rows at the target are nobody's, so the policy decides.
        job.spec.src.filter = tables(&schema, &[]);
        let recorded = syncline::replicate::recorded(&job.id, &job.spec, false).await.expect("the target answers");
        let found = preflight::run(&job.spec, Some(&job.id), &recorded).await;
        let full: Vec<_> = found.findings.iter().filter(|f| f.code == "target_not_empty").map(|f| (f.object.clone(), f.severity)).collect();
        assert_eq!(full, [(format!("{schema}.second"), Severity::Error)], "{way}");
        let error = job.start().error().await;
        assert!(error.to_string().contains("second"), "{way}: {error}");
        job.spec.src.existing_table = ExistingTable::Drop;
        let mut run = job.start();
        run.streaming().await;
        run.finish().await;
        expect_equal(from, to, &schema, 3).await;
    }
}

/// `jobs delete --keep-progress`, then `jobs create` with more tables; the daemon is killed inside the copy of the new.
#[tokio::test(flavor = "multi_thread")]
async fn kept_progress_and_wider_rules_copy_the_new_table_over_a_kill() {
    const ROWS: u32 = 40_000;
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("kept", &[from]).await;
    drop_at(to, &schema).await;
    fill(from, &schema, ROWS).await;
    let mut daemon = Daemon::start(&[]).await;
    let side = |server: &Server| {
        let e = server.endpoint();
        serde_json::json!({ "host": e.host, "port": e.port, "user": e.user, "password": e.password.expose() })
    };
    let job = |tables: &[&str]| {
        let job = serde_json::json!({
            "name": schema, "kind": "sync", "source": side(from), "target": side(to), "chunk_rows": 200,
            "include": [{ "schema": schema, "tables": tables }],
        });
        serde_json::from_value(job).expect("a job as operators write it")
    };
    let id = format!("{schema}-sync");
    let streams = async |daemon: &Daemon| {
        until(Duration::from_secs(120), "it streams", async || {
            matches!(daemon.client().job(&id).await.expect("it is there").state, JobState::Streaming | JobState::Lagging)
        })
        .await;
    };
    let stop = CancellationToken::new();
    let (_, ()) = tokio::join!(write(from, &schema, ROWS, &stop), async {
        daemon.client().create_job(&job(&["first"])).await.expect("it is created");
        streams(&daemon).await;
        daemon.client().delete_job(&id, true).await.expect("it is deleted");
        daemon.client().create_job(&job(&["first", "second", "bare"])).await.expect("it is created again");
        let mut target = sql::connect(to).await;
        let chunks = format!("SELECT COALESCE(SUM(`rows`), 0) FROM syncline.chunk WHERE job = '{id}' AND table_name = 'second'");
        until(Duration::from_secs(120), "a part of the new table", async || {
            target.query_first::<u64, _>(&chunks).await.expect("the bookkeeping is there").is_some_and(|n| n > 1000)
        })
        .await;
        daemon.kill9();
        let phase = format!("SELECT phase FROM syncline.table_state WHERE job = '{id}' AND table_name = 'second'");
        assert_eq!(sql::one(&mut target, &phase).await.as_deref(), Some("copying"), "killed inside the copy");
        daemon.restart().await;
        streams(&daemon).await;
        stop.cancel();
    });
    let client = daemon.client();
    let begun = client.verify_job(&id, &Default::default()).await.expect("the verification begins");
    let mut state = String::new();
    until(Duration::from_secs(120), "the verification ends", async || {
        state = client.verification(&id, begun.number).await.expect("it is there").state;
        state != "running"
    })
    .await;
    assert_eq!(state, "equal");
    client.delete_job(&id, false).await.expect("it is deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_cannot_run_is_refused_and_the_job_runs_on() {
    let (Some(source), Some(target)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("joinrefused", &[source]).await;
    drop_at(target, &schema).await;
    sql::exec(&mut sql::connect(source).await, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY)")).await;
    let daemon = Daemon::start(&[]).await;
    let client = daemon.client();
    let wanted = super::kill::job(&schema, source, target, &schema);
    let id = client.create_job(&wanted).await.expect("the job is created").id;
    until(Duration::from_secs(60), "it streams", async || client.job(&id).await.unwrap().state == JobState::Streaming).await;
    let mut change = wanted.clone();
    change.include.push(serde_json::from_value(serde_json::json!({ "schema": "nosuch" })).unwrap());
    let refused = client.update_job(&id, &change, None).await.expect_err("there is no such schema");
    assert!(format!("{refused:?}").contains("unknown_schema"), "{refused:?}");
    let after = client.job(&id).await.unwrap();
    assert_eq!((after.state, after.config.include.len()), (JobState::Streaming, 1));
    client.delete_job(&id, false).await.expect("the job is deleted");
}
