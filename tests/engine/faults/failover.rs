//! The source fails over to a replica of it, with other files and another server id: the job goes on by GTID, without a
//! second copy; where the replica lacks what the target has, it stops and says so.

use super::bench::long;
use crate::engine::kill::{job, numbers, verified};
use crate::engine::replicate_zoo::{drop_at, expect_equal};
use crate::support::daemon::Daemon;
use crate::support::job::Job;
use crate::support::line::Line;
use crate::support::servers::{self, PASSWORD, Server, USER};
use crate::support::sql::{connect, count, exec, exec_all, one, scratch};
use crate::support::until::until;
use std::time::Duration;
use syncline::model::position::Position;
use syncline::model::progress::TablePhase;
use syncline::replicate::connect::Flavor;
use syncline::replicate::{Orders, coordinates};
use syncline::wire::native::jobs::{JobState, TlsMode};

const PATIENCE: Duration = Duration::from_secs(60);

/// A source and a replica of it.
pub(crate) async fn chain(flavor: Flavor, name: &str) -> Option<(Server, Server)> {
    let primary = servers::own(flavor, &format!("{name}-old"))?;
    let replica = servers::own_with(flavor, &format!("{name}-new"), &["--log-bin=other"])?;
    let (mut from, mut to) = (connect(&primary).await, connect(&replica).await);
    let mysql = flavor == Flavor::Mysql;
    for conn in [&mut from, &mut to] {
        exec(conn, if mysql { "RESET BINARY LOGS AND GTIDS" } else { "RESET MASTER" }).await;
    }
    // Its files are not of the replica's numbers.
    exec_all(&mut from, ["FLUSH BINARY LOGS"; 5]).await;
    let port = primary.port;
    let change = if mysql {
        format!(
            "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT={port}, SOURCE_USER='{USER}', SOURCE_PASSWORD='{PASSWORD}', \
             SOURCE_AUTO_POSITION=1, GET_SOURCE_PUBLIC_KEY=1, SOURCE_CONNECT_RETRY=1"
        )
    } else {
        exec(&mut to, "SET GLOBAL gtid_slave_pos = ''").await;
        format!(
            "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={port}, MASTER_USER='{USER}', MASTER_PASSWORD='{PASSWORD}', \
             MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1"
        )
    };
    exec_all(&mut to, [change.as_str(), if mysql { "START REPLICA" } else { "START SLAVE" }]).await;
    Some((primary, replica))
}

async fn executed(server: &Server) -> Option<String> {
    let mut conn = connect(server).await;
    one(&mut conn, if server.is_mysql() { "SELECT @@GLOBAL.gtid_executed" } else { "SELECT @@GLOBAL.gtid_binlog_pos" }).await
}

/// Waits until the replica has everything.
async fn in_step(primary: &Server, replica: &Server) {
    until(PATIENCE, "the replica has everything", async || executed(primary).await == executed(replica).await).await;
}

async fn stop_replica(replica: &Server) {
    let mut conn = connect(replica).await;
    exec(&mut conn, if replica.is_mysql() { "STOP REPLICA" } else { "STOP SLAVE" }).await;
}

async fn load(server: &Server, schema: &str) {
    let mut conn = connect(server).await;
    exec_all(
        &mut conn,
        [
            format!("CREATE DATABASE `{schema}`"),
            format!("CREATE TABLE `{schema}`.a (id INT PRIMARY KEY, n INT NOT NULL)"),
            format!("CREATE TABLE `{schema}`.c (n INT NOT NULL)"),
            format!("INSERT INTO `{schema}`.a SELECT i, i FROM ({}) AS s", numbers(10_000)),
            format!("INSERT INTO `{schema}`.c VALUES (0)"),
        ],
    )
    .await;
}

async fn change(server: &Server, schema: &str, n: u32) {
    let mut conn = connect(server).await;
    for i in n..n + 20 {
        exec_all(
            &mut conn,
            [
                format!("UPDATE `{schema}`.a SET n = n + 1 WHERE id = {i}"),
                format!("DELETE FROM `{schema}`.a WHERE id = {}", 5000 + i),
                format!("INSERT INTO `{schema}`.a VALUES ({}, 1)", 20_000 + i),
                format!("INSERT INTO `{schema}`.c VALUES ({i})"),
            ],
        )
        .await;
    }
}

/// By an update of the job, and behind the same address.
async fn goes_on(flavor: Flavor, target: &'static Server) {
    let Some((mut primary, replica)) = chain(flavor, "failover").await else { return };
    let schema = scratch("failover", &[target]).await;
    drop_at(target, &schema).await;
    load(&primary, &schema).await;
    let daemon = Daemon::start(&[]).await;
    let mut create = job(&format!("failover-{schema}"), &primary, target, &schema);
    create.source.tls = TlsMode::Disabled;
    let mut line = Line::to(&primary).await;
    create.source.port = line.port;
    let id = daemon.client().create_job(&create).await.expect("the job is created").id;
    let mut at = connect(target).await;
    let state = async || {
        let job = daemon.client().job(&id).await.expect("the job is there");
        assert!(job.failure.is_none(), "{:?}", job.failure);
        job.state
    };
    until(PATIENCE, "the job streams", async || state().await == JobState::Streaming).await;
    change(&primary, &schema, 100).await;
    in_step(&primary, &replica).await;
    // No second copy: who copies a table makes it anew.
    exec(&mut at, &format!("ALTER TABLE `{schema}`.a COMMENT = 'made once'")).await;
    primary.kill9().await;
    stop_replica(&replica).await;
    change(&replica, &schema, 200).await;
    line.lead_to(replica.port);
    line.cut().await;
    line.mend().await;
    let arrives = async |rows: u64, at: &mut mysql_async::Conn| {
        until(PATIENCE, "the changes arrive", async || {
            state().await;
            count(at, &format!("`{schema}`.c")).await == rows
        })
        .await;
    };
    arrives(41, &mut at).await;
    // And by its own address.
    create.source.port = replica.port;
    daemon.client().update_job(&id, &create, None).await.expect("the job is updated");
    change(&replica, &schema, 300).await;
    arrives(61, &mut at).await;
    let verdict = verified(&daemon, &id).await;
    assert_eq!(verdict.state, "equal", "{verdict:#?}");
    let comment = format!("SELECT table_comment FROM information_schema.tables WHERE table_schema = '{schema}' AND table_name = 'a'");
    assert_eq!(one(&mut at, &comment).await.as_deref(), Some("made once"));
    let phases = format!("SELECT COUNT(*) FROM syncline.table_state WHERE job = '{id}' AND table_name <> '' AND phase <> 'exact'");
    assert_eq!(one(&mut at, &phases).await.as_deref(), Some("0"));
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promoted_replica_is_followed_by_gtid_mariadb() {
    let Some(target) = servers::mariadb(2) else { return };
    goes_on(Flavor::Mariadb, target).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promoted_replica_is_followed_by_gtid_mysql() {
    let Some(target) = servers::mysql(2) else { return };
    goes_on(Flavor::Mysql, target).await;
}

/// In the copy, while tables converge, and with transactions that only the old source had.
async fn from_the_copy_on(flavor: Flavor, target: &'static Server) {
    let Some((primary, replica)) = chain(flavor, "gap").await else { return };
    let schema = scratch("gap", &[target]).await;
    drop_at(target, &schema).await;
    load(&primary, &schema).await;
    in_step(&primary, &replica).await;
    let mut job = Job::new(&schema, &primary, target);
    job.spec.src.chunk_rows = Some(100);
    let mut run = job.start();
    run.until("a part of the copy", |p| p.tables.iter().any(|t| t.rows_copied > 300)).await;
    run.crash().await;
    change(&primary, &schema, 100).await;
    in_step(&primary, &replica).await;
    stop_replica(&replica).await;
    change(&replica, &schema, 200).await;
    job.spec.src.endpoint = replica.endpoint();
    let mut run = job.start();
    run.streaming().await;
    change(&replica, &schema, 300).await;
    run.until("all tables are exact", |p| p.tables.iter().all(|t| t.phase == TablePhase::Exact)).await;
    run.finish().await;
    expect_equal(&replica, target, &schema, 2).await;

    // The old source has none of what the new one wrote, and something that nobody else has.
    change(&primary, &schema, 400).await;
    job.spec.src.endpoint = primary.endpoint();
    let error = job.start().error().await;
    assert_eq!(error.code, "position_lost", "{error:?}");
    let says = ["never executed", "parted", "its last transaction"];
    assert!(says.iter().any(|words| error.message.contains(words)), "{error}");
    assert!(error.hint.contains("another server"), "{error:?}");
    // Nothing of it was applied, and the right server is still followed.
    job.spec.src.endpoint = replica.endpoint();
    let mut run = job.start();
    run.streaming().await;
    change(&replica, &schema, 500).await;
    run.finish().await;
    expect_equal(&replica, target, &schema, 2).await;

    // Or the operator says where it goes on all the same: the ordered place counts, not the old one.
    let fork = coordinates::now(&primary.endpoint()).await.expect("it answers");
    change(&primary, &schema, 600).await;
    job.spec.src.endpoint = primary.endpoint();
    job.order(&Orders { reload: Vec::new(), position: Some(Position { file: String::new(), offset: 0, ..fork }) });
    let mut run = job.start();
    run.streaming().await;
    change(&primary, &schema, 700).await;
    run.finish().await;
    let mut at = connect(target).await;
    for (table, rows) in
        [("c", "n BETWEEN 600 AND 720"), ("a", "id BETWEEN 20600 AND 20720"), ("a", "id BETWEEN 600 AND 720 AND n = id + 1")]
    {
        assert_eq!(count(&mut at, &format!("(SELECT * FROM `{schema}`.{table} WHERE {rows}) AS s")).await, 40, "{table}: {rows}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failover_in_the_copy_and_one_with_a_gap_mariadb() {
    let Some(target) = servers::mariadb(2) else { return };
    from_the_copy_on(Flavor::Mariadb, target).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failover_in_the_copy_and_one_with_a_gap_mysql() {
    if !long() {
        return;
    }
    let Some(target) = servers::mysql(2) else { return };
    from_the_copy_on(Flavor::Mysql, target).await;
}

/// Without GTIDs another server's files mean nothing, even if they have the same names.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_server_without_gtids_is_refused() {
    let Some(target) = servers::mysql(2) else { return };
    let flags = ["--gtid-mode=OFF", "--enforce-gtid-consistency=OFF"];
    let (Some(one), Some(two)) = (servers::own_with(Flavor::Mysql, "plain-1", &flags), servers::own_with(Flavor::Mysql, "plain-2", &flags))
    else {
        return;
    };
    let schema = scratch("plain", &[target]).await;
    drop_at(target, &schema).await;
    load(&one, &schema).await;
    load(&two, &schema).await;
    let mut job = Job::new(&schema, &one, target);
    let mut run = job.start();
    run.streaming().await;
    run.pause().await;
    job.spec.src.endpoint = two.endpoint();
    let error = job.start().error().await;
    assert_eq!(error.code, "source_changed", "{error:?}");
    job.spec.src.endpoint = one.endpoint();
    job.start().finish().await;
    expect_equal(&one, target, &schema, 2).await;

    // Both have the same: the operator says where it goes on in the other's log.
    let to = coordinates::now(&two.endpoint()).await.expect("it answers");
    change(&two, &schema, 100).await;
    job.spec.src.endpoint = two.endpoint();
    job.order(&Orders { reload: Vec::new(), position: Some(to) });
    let mut run = job.start();
    run.streaming().await;
    run.crash().await;
    let mut run = job.start();
    run.streaming().await;
    change(&two, &schema, 200).await;
    run.finish().await;
    expect_equal(&two, target, &schema, 2).await;
}
