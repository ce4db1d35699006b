//! kill -9 loses nothing: the daemon is killed inside the copy and inside the stream, under writes that never pause, and
//! both sides are equal in the end by the differ.
//!
//! A kill counts only if the state on disk shows that it fell inside: chunks done and chunks left; or transactions in
//! `applied` above `checkpoint`, written by that daemon and not folded yet: between a commit at the target and any note of it
//! here. Ordinary run: 20 and 50; SYNCLINE_TEST_LONG=1: 200 and 500.
//!
//! Most changes may be applied twice unseen while their table converges. So one table has no key (a repeated insert is a
//! row too many), and most kills of the stream wait until every table is exact (a repeated insert or delete is a conflict).
//! Tried once: with the job's `applied` rows deleted at each take-over, this test goes red on both flavours.

use crate::support::daemon::Daemon;
use crate::support::line::Line;
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, exec, scratch};
use crate::support::until::{until, until_some};
use crate::support::writer::Writer;
use mysql_async::prelude::Queryable as _;
use std::time::Duration;
use syncline::wire::native::jobs::{JobCreate, JobState};
use syncline::wire::native::verify::{Verification, VerifyRequest};

const ROWS: u64 = 120_000;

/// In the copy, and in the stream.
fn kills() -> (u32, u32) {
    if std::env::var_os("SYNCLINE_TEST_LONG").is_some() { (200, 500) } else { (20, 50) }
}

/// Bytes a second that a reader of the copy gets from the source: it is to last for all kills.
fn rate() -> u64 {
    if std::env::var_os("SYNCLINE_TEST_LONG").is_some() { 60_000 } else { 400_000 }
}

/// Changes rows of all three tables.
fn writer(server: &'static Server, schema: String) -> Writer {
    let mut fresh = ROWS * 10;
    Writer::start(server, move |pick| {
        fresh += 1;
        let (a, b, c, d) = (pick.below(ROWS), pick.below(ROWS), pick.below(ROWS), pick.below(ROWS));
        vec![
            format!("UPDATE `{schema}`.a SET n = n + 1, v = CONCAT('w', {fresh}) WHERE id = {a}"),
            format!("DELETE FROM `{schema}`.a WHERE id = {b}"),
            format!("INSERT INTO `{schema}`.a (id, n, v) VALUES ({fresh}, 1, 'new')"),
            // A row that moves across the key space: a copy by ranges may see it twice or not at all.
            format!("UPDATE IGNORE `{schema}`.a SET id = id + {} WHERE id = {c}", ROWS * 3),
            format!("UPDATE `{schema}`.b SET n = n + 1 WHERE k = 'k{d:08}'"),
            format!("REPLACE INTO `{schema}`.b (k, n, u) VALUES ('k{a:08}', {fresh}, {})", pick.below(ROWS * 4)),
            format!("INSERT INTO `{schema}`.c (n) VALUES ({fresh})"),
        ]
    })
}

/// SQL that yields the numbers 1..=n as `i`, on both flavours.
pub(super) fn numbers(n: u64) -> String {
    let digit = "(SELECT 0 d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";
    format!(
        "SELECT i FROM (SELECT 1 + a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 100000 * g.d AS i \
         FROM {digit} a, {digit} b, {digit} c, {digit} e, {digit} f, {digit} g) AS n WHERE i <= {n}"
    )
}

async fn load(server: &Server, schema: &str) {
    let mut conn = connect(server).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.a (id BIGINT PRIMARY KEY, n INT NOT NULL, v VARCHAR(64), KEY (n))")).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.b (k VARCHAR(20) PRIMARY KEY, n BIGINT NOT NULL, u BIGINT, UNIQUE KEY (u))")).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.c (n BIGINT NOT NULL)")).await;
    let n = numbers(ROWS);
    exec(&mut conn, &format!("INSERT INTO `{schema}`.a SELECT i, i % 1000, CONCAT('row ', i) FROM ({n}) AS s")).await;
    exec(&mut conn, &format!("INSERT INTO `{schema}`.b SELECT CONCAT('k', LPAD(i, 8, '0')), i, i FROM ({n}) AS s")).await;
}

pub(super) fn job(name: &str, source: &Server, target: &Server, schema: &str) -> JobCreate {
    let side = |server: &Server| {
        let e = server.endpoint();
        serde_json::json!({ "host": e.host, "port": e.port, "user": e.user, "password": e.password.expose() })
    };
    let job = serde_json::json!({
        "name": name, "kind": "sync", "source": side(source), "target": side(target),
        "include": [{ "schema": schema }],
        // Small chunks: many places to be killed at.
        "chunk_rows": 400, "existing_tables": "upsert",
    });
    serde_json::from_value(job).expect("a job as operators write it")
}

async fn number(target: &mut mysql_async::Conn, query: &str) -> u64 {
    // The bookkeeping is made by the first start: before it, there is nothing to count.
    let found: Result<Option<Option<u64>>, _> = target.query_first(query).await;
    found.ok().flatten().flatten().unwrap_or(0)
}

/// Verifies a job through the API and waits for the outcome.
pub(super) async fn verified(daemon: &Daemon, id: &str) -> Verification {
    let client = daemon.client();
    let begun = client.verify_job(id, &VerifyRequest::default()).await.expect("the verification begins");
    until_some(Duration::from_secs(240), "the verification ends", async || {
        let now = client.verification(id, begun.number).await.expect("it is there");
        (now.state != "running").then_some(now)
    })
    .await
}

async fn killed_everywhere(source: &'static Server, target: &'static Server) {
    let schema = scratch("kill", &[source, target]).await;
    load(source, &schema).await;
    let writer = writer(source, schema.clone());
    let mut daemon = Daemon::start(&[]).await;
    let name = format!("kill-{schema}");
    let id = format!("{name}-sync");
    let line = Line::to(source).await;
    line.slow(rate());
    let mut create = job(&name, source, target, &schema);
    create.source.port = line.port;
    daemon.client().create_job(&create).await.expect("the job is created");
    let (kills_in_copy, kills_in_stream) = kills();
    let mut at = connect(target).await;
    let chunks = |what: &str| format!("SELECT {what} FROM syncline.chunk WHERE job = '{id}'");

    let mut in_copy = 0;
    let mut copied_before = 0;
    while in_copy < kills_in_copy {
        until(Duration::from_secs(120), "more of the copy is done", async || {
            number(&mut at, &chunks("COALESCE(SUM(`rows`), 0)")).await > copied_before + 400
        })
        .await;
        daemon.kill9();
        copied_before = number(&mut at, &chunks("COALESCE(SUM(`rows`), 0)")).await;
        let left = number(&mut at, &chunks("COUNT(*) - SUM(complete)")).await
            + number(&mut at, &format!("SELECT COUNT(*) FROM syncline.table_state WHERE job = '{id}' AND phase = 'pending'")).await;
        assert!(left > 0, "the copy was over before {kills_in_copy} kills fell inside: make it longer");
        in_copy += 1;
        daemon.restart().await;
    }

    line.slow(0);
    until(Duration::from_secs(240), "the stream runs", async || {
        matches!(daemon.client().job(&id).await.expect("the job is there").state, JobState::Streaming | JobState::Lagging)
    })
    .await;
    let mut in_stream = 0;
    let mut tries = 0;
    let applied = format!(
        "SELECT COUNT(*), CAST(COALESCE(SUM(CRC32(CONCAT(source, first))), 0) AS UNSIGNED) FROM syncline.applied WHERE job = '{id}'"
    );
    let mut left = None;
    let inexact =
        format!("SELECT COUNT(*) FROM syncline.table_state WHERE job = '{id}' AND table_name IN ('a', 'b', 'c') AND phase <> 'exact'");
    while in_stream < kills_in_stream {
        if in_stream == kills_in_stream / 5 {
            // What was written during the copy is to be applied first, and 200 kills make that long.
            let patience = Duration::from_secs(u64::from(kills_in_copy) * 12);
            until(patience, "all tables are exact", async || number(&mut at, &inexact).await == 0).await;
        }
        let above = async |at: &mut mysql_async::Conn| {
            let found: Option<(u64, u64)> = at.query_first(&applied).await.ok().flatten();
            found.filter(|(rows, _)| *rows > 0)
        };
        // Others than those that the kill before left: this daemon has been at work.
        let mut seen = None;
        until(Duration::from_secs(120), "transactions above the checkpoint", async || {
            seen = above(&mut at).await;
            seen.is_some() && seen != left
        })
        .await;
        daemon.kill9();
        // Only a kill that left such work above the checkpoint counts.
        let now = above(&mut at).await;
        in_stream += u32::from(now.is_some() && now != left);
        left = now;
        tries += 1;
        assert!(tries < 20 * kills_in_stream, "kills never fall between a commit and its fold");
        daemon.restart().await;
    }

    let written = writer.finish().await;
    assert!(written > 100, "the writer was at work: {written} transactions");
    // The writer was ahead of a daemon that died again and again; the differ looks at rows again, not at a whole backlog.
    until(Duration::from_secs(600), "the job catches up", async || {
        let job = daemon.client().job(&id).await.expect("the job is there");
        assert!(job.failure.is_none(), "{:?}", job.failure);
        job.state == JobState::Streaming && job.progress.is_some_and(|p| p.source_position == p.position)
    })
    .await;
    let verdict = verified(&daemon, &id).await;
    assert_eq!(verdict.state, "equal", "{verdict:#?}");
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_copy_and_stream_end_equal_mariadb() {
    let (Some(source), Some(target)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    killed_everywhere(source, target).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_copy_and_stream_end_equal_mysql() {
    let (Some(source), Some(target)) = (servers::mysql(1), servers::mysql(2)) else { return };
    killed_everywhere(source, target).await;
}
