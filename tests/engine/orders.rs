//! What a job is ordered to do once: copy tables again, go on from another position. Under writes, and over crashes.

use super::join::{fill, write};
use super::replicate_zoo::{drop_at, expect_equal};
use crate::support::daemon::Daemon;
use crate::support::job::Job;
use crate::support::servers::{self, Server, direction};
use crate::support::sql;
use crate::support::until::until;
use mysql_async::prelude::Queryable as _;
use std::time::Duration;
use syncline::model::gtid::GtidSet;
use syncline::model::position::Position;
use syncline::model::progress::TablePhase;
use syncline::model::replicate::TableName;
use syncline::replicate::Orders;
use syncline::replicate::connect::Flavor;
use syncline::wire::native::jobs as wire;
use tokio_util::sync::CancellationToken;

/// The position of a job's figures.
fn position(server: &Server, text: &str) -> Position {
    let set = if server.is_mysql() { GtidSet::parse_mysql(text) } else { GtidSet::parse_mariadb(text) };
    Position { gtid: Some(set.expect("what a job shows can be read")), file: String::new(), offset: 0 }
}

/// Rows that somebody broke at the target are right again behind it; the other tables are not copied, and the copy is
/// broken off on its way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_is_copied_again_under_writes_and_a_crash() {
    const ROWS: u32 = 5_000;
    for (from, to) in servers::directions() {
        let way = direction(from, to);
        let schema = sql::scratch("reload", &[from]).await;
        drop_at(to, &schema).await;
        fill(from, &schema, ROWS).await;
        let mut job = Job::new(&schema, from, to);
        job.spec.src.chunk_rows = Some(200);
        let stop = CancellationToken::new();
        let (_, run) = tokio::join!(write(from, &schema, ROWS, &stop), async {
            let mut run = job.start();
            run.streaming().await;
            run.until("some of the stream", |p| p.dest.tx_applied > 20).await;
            run.pause().await;
            let mut target = sql::connect(to).await;
            for broken in ["UPDATE `{}`.second SET n = n + 1000000, pad = 'broken' WHERE id % 7 = 0", "DELETE FROM `{}`.bare"] {
                // The server may still be rolling back what the pause cut off.
                let sql = broken.replace("{}", &schema);
                until(Duration::from_secs(60), "somebody breaks rows", async || target.query_drop(&sql).await.is_ok()).await;
            }
            let reload = ["second", "bare"].map(|t| TableName::new(&schema, t)).to_vec();
            job.order(&Orders { reload, position: None });
            let mut run = job.start();
            run.until("a part of it", |p| p.tables.iter().any(|t| t.table.table == "second" && t.rows_copied >= 1_000)).await;
            let first = run.progress.borrow().tables.iter().find(|t| t.table.table == "first").map(|t| t.phase);
            assert!(!matches!(first, Some(TablePhase::Pending | TablePhase::Copying)), "{way}: {first:?}");
            run.crash().await;
            let mut run = job.start();
            run.streaming().await;
            let before = run.progress.borrow().dest.tx_applied;
            run.until("more of the stream", |p| p.dest.tx_applied > before + 20).await;
            stop.cancel();
            run
        });
        run.finish().await;
        expect_equal(from, to, &schema, 3).await;
    }
}

/// Back: what is applied again converges, keyless tables take nothing twice, and a crash does not move it back once more.
/// Ahead: what lies between is passed over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_goes_on_from_where_it_is_told_to() {
    for (from, to) in servers::directions() {
        let way = direction(from, to);
        let schema = sql::scratch("moved", &[from]).await;
        drop_at(to, &schema).await;
        fill(from, &schema, 200).await;
        let mut conn = sql::connect(from).await;
        sql::exec(&mut conn, &format!("USE `{schema}`")).await;
        let mut job = Job::new(&schema, from, to);
        let mut run = job.start();
        run.streaming().await;
        let same = from.flavor == to.flavor;
        if same {
            // Made by the log, so it has no state of its own.
            sql::exec_all(&mut conn, ["CREATE TABLE later (id INT PRIMARY KEY, n INT)", "INSERT INTO later VALUES (1, 1)"]).await;
        }
        sql::exec(&mut conn, "INSERT INTO first VALUES (9001, 1, 'before', NULL)").await;
        run.until("the row", |p| p.tables.iter().any(|t| t.table.table == "first" && t.inserts == 1)).await;
        run.pause().await;
        let mut run = job.start();
        run.streaming().await;
        run.until("its position", |p| !p.dest.position.is_empty()).await;
        let back = position(from, &run.progress.borrow().dest.position);
        sql::exec_all(
            &mut conn,
            [
                "INSERT INTO first VALUES (9002, 1, 'once', NULL)",
                "UPDATE first SET n = n + 1 WHERE id < 50",
                "DELETE FROM second WHERE id BETWEEN 10 AND 20",
                "INSERT INTO bare VALUES ('one', 1), ('one', 1)",
            ],
        )
        .await;
        if same {
            sql::exec(&mut conn, "INSERT INTO later VALUES (2, 2)").await;
        }
        let all = if same { 5 } else { 4 };
        run.until("all of it", |p| p.dest.tx_applied >= all).await;
        // What the bookkeeping still knows by its transactions would not be applied again.
        let mut target = sql::connect(to).await;
        let known = format!("SELECT COUNT(*) FROM syncline.applied WHERE job = '{}'", job.id.0);
        until(Duration::from_secs(30), "it is folded", async || sql::one(&mut target, &known).await.as_deref() == Some("0")).await;
        run.pause().await;
        job.order(&Orders { reload: Vec::new(), position: Some(back) });
        let mut run = job.start();
        run.until("what rows can be is applied again", |p| p.dest.tx_applied >= all - 1).await;
        run.crash().await;
        let mut run = job.start();
        run.streaming().await;
        sql::exec(&mut conn, "UPDATE first SET n = n + 1 WHERE id < 20").await;
        run.finish().await;
        expect_equal(from, to, &schema, if same { 4 } else { 3 }).await;

        // Ahead of a change that is not wanted.
        sql::exec(&mut conn, "DELETE FROM second").await;
        let asked = if from.is_mysql() { "SELECT @@GLOBAL.gtid_executed" } else { "SELECT @@GLOBAL.gtid_binlog_pos" };
        let ahead = sql::one(&mut conn, asked).await.expect("the source has GTIDs");
        job.order(&Orders { reload: Vec::new(), position: Some(position(from, &ahead)) });
        let mut run = job.start();
        run.streaming().await;
        sql::exec(&mut conn, "UPDATE first SET n = 7").await;
        run.finish().await;
        let mut target = sql::connect(to).await;
        assert!(sql::count(&mut target, &format!("`{schema}`.second")).await > 0, "{way}: the delete is passed over");
        let sevens = format!("(SELECT * FROM `{schema}`.first WHERE n = 7) AS s");
        assert_eq!(sql::count(&mut target, &sevens).await, sql::count(&mut conn, "first").await, "{way}");
    }
}

/// What was committed above the checkpoint, by lanes that were ahead of another, is newer than what is repeated before it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_above_the_checkpoint_is_repeated_too() {
    for (from, to) in [(servers::mariadb(1), servers::mariadb(2)), (servers::mysql(1), servers::mysql(2))] {
        let (Some(from), Some(to)) = (from, to) else { continue };
        let schema = sql::scratch("setback", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = sql::connect(from).await;
        sql::exec_all(
            &mut conn,
            [
                &format!("USE `{schema}`"),
                "CREATE TABLE t (id INT PRIMARY KEY, n INT)",
                "CREATE TABLE bare (n INT)",
                "INSERT INTO t VALUES (1, 0), (2, 0), (3, 0)",
            ],
        )
        .await;
        let mut job = Job::new(&schema, from, to);
        let mut run = job.start();
        run.streaming().await;
        sql::exec(&mut conn, "INSERT INTO t VALUES (4, 0)").await;
        run.until("it is behind its copy", |p| p.dest.tx_applied >= 1).await;
        let asked = if from.is_mysql() { "SELECT @@GLOBAL.gtid_executed" } else { "SELECT @@GLOBAL.gtid_binlog_pos" };
        let back = position(from, &sql::one(&mut conn, asked).await.expect("the source has GTIDs"));
        sql::exec_all(&mut conn, ["UPDATE t SET n = 10 WHERE id IN (2, 3)", "INSERT INTO bare VALUES (1)"]).await;
        run.until("what is repeated later", |p| p.dest.tx_applied >= 3).await;
        // One lane waits for a row; the others commit what came behind it.
        let mut holder = sql::connect(to).await;
        sql::exec_all(&mut holder, ["BEGIN", &format!("DELETE FROM `{schema}`.t WHERE id = 1")]).await;
        sql::exec(&mut conn, "UPDATE t SET n = 10 WHERE id = 1").await;
        let mut target = sql::connect(to).await;
        let waits = "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'";
        run.makes("a lane waits", async || sql::one(&mut target, waits).await.as_deref() != Some("0")).await;
        sql::exec_all(&mut conn, ["UPDATE t SET n = 20 WHERE id = 2", "DELETE FROM t WHERE id = 3", "INSERT INTO bare VALUES (2)"]).await;
        let ahead = format!(
            "SELECT (SELECT n FROM `{schema}`.t WHERE id = 2) + (SELECT COUNT(*) FROM `{schema}`.bare) - \
             (SELECT COUNT(*) FROM `{schema}`.t WHERE id = 3)"
        );
        run.makes("others are ahead of it", async || sql::one(&mut target, &ahead).await.as_deref() == Some("22")).await;
        run.crash().await;
        sql::exec(&mut holder, "ROLLBACK").await;
        let known = format!("SELECT COUNT(*) FROM syncline.applied WHERE job = '{}'", job.id.0);
        assert_ne!(sql::one(&mut target, &known).await.as_deref(), Some("0"));
        job.order(&Orders { reload: Vec::new(), position: Some(back) });
        let mut run = job.start();
        run.until("a part of it again", |p| p.dest.tx_applied >= 1).await;
        run.crash().await;
        job.start().finish().await;
        expect_equal(from, to, &schema, 2).await;
        until(Duration::from_secs(30), "nothing is kept of it", async || sql::one(&mut target, &known).await.as_deref() == Some("0")).await;
    }
}

/// What the refusal says is done: behind it the job goes on, with the table copied again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_goes_on_behind_an_xa_transaction() {
    for flavor in [Flavor::Mariadb, Flavor::Mysql] {
        // The end of one whose beginning they have not seen stops jobs of other tests.
        let Some(from) = servers::own(flavor, "xa-passed") else { continue };
        let Some(to) = (if from.is_mysql() { servers::mysql(2) } else { servers::mariadb(2) }) else { continue };
        let schema = sql::scratch("xapassed", &[&from]).await;
        drop_at(to, &schema).await;
        let mut conn = sql::connect(&from).await;
        sql::exec_all(&mut conn, [format!("USE `{schema}`"), "CREATE TABLE t (id INT PRIMARY KEY)".to_owned()]).await;
        let mut job = Job::new(&schema, &from, to);
        let mut run = job.start();
        run.streaming().await;
        sql::exec_all(&mut conn, ["XA START 'a'", "INSERT INTO t VALUES (1)", "XA END 'a'", "XA PREPARE 'a'"]).await;
        let error = run.error().await;
        assert_eq!(error.code, "xa_not_supported", "{error:?}");
        let (named, why) = error.message.split_once(": ").expect("the transaction, and what it is about it");
        assert!(named.starts_with("transaction "), "{error:?}");
        assert_eq!(why, format!("a change of {schema}.t is part of an XA transaction, which is not supported"));
        sql::exec(&mut conn, "XA COMMIT 'a'").await;
        let asked = if from.is_mysql() { "SELECT @@GLOBAL.gtid_executed" } else { "SELECT @@GLOBAL.gtid_binlog_pos" };
        let behind = sql::one(&mut conn, asked).await.expect("the source has GTIDs");
        job.order(&Orders { reload: vec![TableName::new(&schema, "t")], position: Some(position(&from, &behind)) });
        let mut run = job.start();
        run.streaming().await;
        sql::exec(&mut conn, "INSERT INTO t VALUES (2)").await;
        run.finish().await;
        expect_equal(&from, to, &schema, 1).await;
    }
}

/// The same through the API, with what it refuses and what it says beforehand.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_are_given_looked_at_and_kept_over_a_kill() {
    // Nobody else writes there: transactions are counted.
    let (Some(from), Some(to)) = (servers::own(Flavor::Mariadb, "orders"), servers::mariadb(2)) else { return };
    let from = &from;
    let schema = sql::scratch("ordered", &[from]).await;
    drop_at(to, &schema).await;
    fill(from, &schema, 500).await;
    let mut conn = sql::connect(from).await;
    let early = sql::one(&mut conn, "SELECT @@GLOBAL.gtid_binlog_pos").await.unwrap();
    sql::exec(&mut conn, &format!("UPDATE `{schema}`.first SET n = n + 1")).await;
    let mut daemon = Daemon::start(&[]).await;
    let client = daemon.client();
    let id = client.create_job(&super::kill::job(&schema, from, to, &schema)).await.expect("the job is created").id;
    let streams = async |daemon: &Daemon| {
        until(Duration::from_secs(60), "it streams", async || {
            daemon
                .client()
                .job(&id)
                .await
                .is_ok_and(|j| j.state == wire::JobState::Streaming && j.progress.is_some_and(|p| !p.position.is_empty()))
        })
        .await;
    };
    streams(&daemon).await;
    let run = client.job(&id).await.unwrap().run.unwrap().number;
    let gates = wire::Gates { max_target_load: [("Nonsense".to_owned(), 3)].into(), ..wire::Gates::default() };
    let refused = client.gate_job(&id, &gates).await.expect_err("the target does not have it");
    let lacks = |refused: syncline::client::Error| {
        let refused = format!("{refused:?}");
        assert!(refused.contains("gates: the target has no status variable Nonsense") && refused.contains("BadRequest"), "{refused}");
    };
    lacks(refused);
    // Nor is it taken with a job, new or changed, or one that is only looked at.
    let gated = wire::JobCreate { gates, ..super::kill::job(&format!("{schema}-gated"), from, to, &schema) };
    lacks(client.create_job(&gated).await.expect_err("the same"));
    lacks(client.validate_job(&gated).await.expect_err("the same"));
    let changed = wire::JobCreate { gates: gated.gates, ..client.job(&id).await.unwrap().config };
    lacks(client.update_job(&id, &changed, None).await.expect_err("the same"));
    // A statement that runs is no error that somebody got over.
    sql::exec_all(&mut conn, [format!("ALTER TABLE `{schema}`.bare ADD x INT"), format!("INSERT INTO `{schema}`.bare VALUES ('x', 1, 1)")])
        .await;
    until(Duration::from_secs(60), "it is run", async || {
        let tables = client.job_tables(&id).await.unwrap().tables;
        tables.iter().any(|t| t.table == "bare" && t.inserts == 1)
    })
    .await;
    assert_eq!(client.job(&id).await.unwrap().progress.unwrap().last_error, None);
    let reload = |table: &str| wire::Reload { tables: vec![format!("{schema}.{table}")] };
    let refused = client.reload_tables(&id, &reload("nosuch")).await.expect_err("it has no such table");
    assert!(format!("{refused:?}").contains("is no table of the job"), "{refused:?}");
    let mut target = sql::connect(to).await;
    sql::exec(&mut target, &format!("DELETE FROM `{schema}`.second WHERE id < 100")).await;
    client.reload_tables(&id, &reload("second")).await.expect("it is ordered");
    until(Duration::from_secs(60), "its rows are there again", async || {
        let rows: Option<u64> = sql_count(&mut target, &format!("`{schema}`.second")).await;
        rows == Some(500)
    })
    .await;
    streams(&daemon).await;
    let now = client.job(&id).await.unwrap();
    assert_eq!((now.run.as_ref().unwrap().number, now.run.unwrap().restarts), (run, 0), "in the same run, and no error");
    assert_eq!(client.job_tables(&id).await.unwrap().tables.len(), 3);

    // The position of a job that runs is its own.
    let to_gtid = |gtid: &str, dry_run| wire::PositionSet { gtid: Some(gtid.to_owned()), dry_run, ..wire::PositionSet::default() };
    let refused = client.set_job_position(&id, &to_gtid("0-1-1", true)).await.expect_err("it runs");
    assert!(format!("{refused:?}").contains("of a paused one"), "{refused:?}");
    let end = sql::one(&mut conn, "SELECT @@GLOBAL.gtid_binlog_pos").await.unwrap();
    until(Duration::from_secs(60), "it is at the log's end", async || client.job_position(&id).await.unwrap().position == end).await;
    client.pause_job(&id).await.expect("it is paused");
    let stood = client.job_position(&id).await.unwrap();
    sql::exec(&mut conn, &format!("DELETE FROM `{schema}`.first WHERE id < 10")).await;
    let end = sql::one(&mut conn, "SELECT @@GLOBAL.gtid_binlog_pos").await.unwrap();
    let rests = client.job_position(&id).await.unwrap();
    assert_eq!((rests.source_position.as_str(), &rests.position), (end.as_str(), &stood.position), "the source is asked, not remembered");
    assert!(rests.source_position_at.is_some(), "{rests:?}");
    let never = client.set_job_position(&id, &to_gtid("0-1-99999999", true)).await.expect_err("the source has not been there");
    assert!(format!("{never:?}").contains("cannot continue"), "{never:?}");
    let means = client.set_job_position(&id, &to_gtid(&end, true)).await.unwrap();
    assert!(means.skipped.contains("1 transaction") && means.repeated.is_empty() && means.warnings.len() == 1, "{means:?}");
    let back = client.set_job_position(&id, &to_gtid(&early, true)).await.unwrap();
    let copy =
        format!("older than its copy is not applied to a table again, and so it is with {schema}.bare, {schema}.first, {schema}.second;");
    assert!(!back.repeated.is_empty() && back.warnings.iter().any(|w| w.contains(&copy)), "{back:?}");
    assert_eq!(client.job_position(&id).await.unwrap().ordered, None, "a dry run orders nothing");
    let file = sql::rows(&mut conn, "SHOW MASTER STATUS").await[0].clone();
    let by_file = wire::PositionSet {
        file: file[0].clone(),
        file_position: file[1].as_ref().and_then(|p| p.parse().ok()),
        ..wire::PositionSet::default()
    };
    let set = client.set_job_position(&id, &by_file).await.expect("it is ordered");
    assert_eq!(set.to, end);
    daemon.kill9();
    daemon.restart().await;
    let client = daemon.client();
    let now = client.job_position(&id).await.unwrap();
    assert_eq!((now.position, now.ordered.as_deref()), (stood.position, Some(end.as_str())), "it waits for the job to be resumed");
    client.resume_job(&id).await.expect("it is resumed");
    streams(&daemon).await;
    sql::exec(&mut conn, &format!("DELETE FROM `{schema}`.first WHERE id BETWEEN 100 AND 109")).await;
    until(Duration::from_secs(60), "what follows is applied", async || {
        sql_count(&mut target, &format!("`{schema}`.first")).await == Some(490)
    })
    .await;
    assert_eq!(client.job_position(&id).await.unwrap().ordered, None);
    let told: Vec<String> = client.job_events(&id).await.unwrap().events.into_iter().map(|e| e.message).collect();
    for what in ["is copied again, as ordered", "goes on from", "job.reload", "job.position"] {
        assert!(told.iter().any(|m| m.contains(what)), "{what}: {told:?}");
    }
    client.delete_job(&id, false).await.expect("the job is deleted");
}

/// A copy that failed has tables that can be copied again, before anything of the log was read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_of_a_copy_that_failed_are_copied_again() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("collided", &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = sql::connect(from).await;
    sql::exec(&mut conn, &format!("USE `{schema}`")).await;
    for shard in 0..2 {
        sql::exec(&mut conn, &format!("CREATE TABLE s{shard} (id INT PRIMARY KEY, n INT)")).await;
        sql::exec(&mut conn, &format!("INSERT INTO s{shard} VALUES ({shard}, 1), (5, {shard})")).await;
    }
    let daemon = Daemon::start(&[]).await;
    let client = daemon.client();
    let mut create = super::kill::job(&schema, from, to, &schema);
    (create.include[0].tables, create.include[0].to_table) = (vec![r"/s\d/".into()], Some("s".into()));
    let id = client.create_job(&create).await.expect("the job is created").id;
    let is = async |state: wire::JobState| client.job(&id).await.is_ok_and(|j| j.state == state);
    until(Duration::from_secs(60), "it fails", async || is(wire::JobState::Failed).await).await;
    sql::exec(&mut conn, "DELETE FROM s1 WHERE id = 5").await;
    client.reload_tables(&id, &wire::Reload { tables: vec![format!("{schema}.s1")] }).await.expect("it is ordered");
    client.retry_job(&id).await.expect("it starts again");
    until(Duration::from_secs(60), "it streams", async || is(wire::JobState::Streaming).await).await;
    let mut target = sql::connect(to).await;
    assert_eq!(sql_count(&mut target, &format!("`{schema}`.s")).await, Some(3));
    client.delete_job(&id, false).await.expect("the job is deleted");
}

/// None while the table is being made.
async fn sql_count(conn: &mut mysql_async::Conn, table: &str) -> Option<u64> {
    conn.query_first(format!("SELECT COUNT(*) FROM {table}")).await.ok().flatten()
}
