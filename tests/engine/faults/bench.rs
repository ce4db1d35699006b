//! A job of the shipping daemon under writes that never pause, with lines that can break between it and its servers.

use crate::engine::kill::{job, numbers, verified};
use crate::support::daemon::Daemon;
use crate::support::line::Line;
use crate::support::servers::Server;
use crate::support::sql::{connect, exec, exec_all, scratch};
use crate::support::until::until;
use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use syncline::model::endpoint::MysqlEndpoint;
use syncline::wire::native::jobs::{Job, JobCreate, JobState, TlsMode};
use tokio::task::JoinHandle;

pub(super) const PATIENCE: Duration = Duration::from_secs(120);
const ROWS: u64 = 40_000;
/// While a copy is to last: more than ten seconds for all rows, on a machine that does much else.
const SLOW: u64 = 40_000;

pub(super) struct Bench {
    pub(super) daemon: Daemon,
    pub(super) id: String,
    pub(super) schema: String,
    pub(super) source: Line,
    pub(super) target: Line,
    load: Load,
    create: JobCreate,
    from: MysqlEndpoint,
    to: MysqlEndpoint,
    marks: u32,
}

/// Changes rows of the tables whatever becomes of their server.
struct Load {
    stop: Arc<AtomicBool>,
    done: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

async fn session(endpoint: &MysqlEndpoint) -> Option<Conn> {
    let mut conn = syncline::replicate::connect::open(endpoint, false).await.ok()?.into_driver();
    conn.query_drop("SET time_zone = '+00:00'").await.ok()?;
    Some(conn)
}

impl Load {
    fn start(endpoint: MysqlEndpoint, schema: String) -> Self {
        let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (halt, count) = (Arc::clone(&stop), Arc::clone(&done));
        let task = tokio::spawn(async move {
            let mut conn = None;
            let mut fresh = ROWS * 10;
            while !halt.load(Ordering::Relaxed) {
                let Some(open) = &mut conn else {
                    conn = session(&endpoint).await;
                    tokio::task::yield_now().await;
                    continue;
                };
                fresh += 1;
                let at = |k: u64| (fresh * 7919 + k * 104_729) % ROWS + 1;
                let all = [
                    "START TRANSACTION".to_owned(),
                    format!("UPDATE `{schema}`.a SET n = n + 1 WHERE id = {}", at(1)),
                    format!("DELETE FROM `{schema}`.a WHERE id = {}", at(2)),
                    format!("REPLACE INTO `{schema}`.a VALUES ({fresh}, 1, 'new')"),
                    format!("INSERT INTO `{schema}`.c VALUES ({fresh})"),
                    "COMMIT".to_owned(),
                ];
                let mut lost = false;
                for sql in all {
                    lost = lost || open.query_drop(sql).await.is_err();
                }
                if lost {
                    conn = None;
                } else {
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        Self { stop, done, task }
    }
}

impl Bench {
    /// Both servers hold nothing of the schema but the source's tables; the copy has begun and lasts.
    pub(super) async fn start(name: &str, from: &Server, to: &Server) -> Self {
        Self::start_by(Daemon::start(&[]).await, name, from, to).await
    }

    pub(super) async fn start_by(daemon: Daemon, name: &str, from: &Server, to: &Server) -> Self {
        let schema = scratch(name, &[from, to]).await;
        let mut conn = connect(from).await;
        exec(&mut conn, &format!("CREATE TABLE `{schema}`.a (id BIGINT PRIMARY KEY, n INT NOT NULL, v VARCHAR(64), KEY (n))")).await;
        // Repeated or lost, a row of these shows: nothing converges.
        exec(&mut conn, &format!("CREATE TABLE `{schema}`.c (n BIGINT NOT NULL)")).await;
        exec(&mut conn, &format!("CREATE TABLE `{schema}`.mark (id INT PRIMARY KEY)")).await;
        exec(&mut conn, &format!("INSERT INTO `{schema}`.a SELECT i, i % 1000, CONCAT('row ', i) FROM ({}) AS s", numbers(ROWS))).await;
        let (source, target) = (Line::to(from).await, Line::to(to).await);
        source.slow(SLOW);
        let mut create = job(&format!("fault-{schema}"), from, to, &schema);
        for (side, port) in [(&mut create.source, source.port), (create.target.as_mut().expect("a sync has one"), target.port)] {
            side.port = port;
            // The lines read what passes.
            side.tls = TlsMode::Disabled;
        }
        let id = daemon.client().create_job(&create).await.expect("the job is created").id;
        let load = Load::start(from.endpoint(), schema.clone());
        Self { daemon, id, schema, source, target, load, create, from: from.endpoint(), to: to.endpoint(), marks: 0 }
    }

    pub(super) async fn job(&self) -> Job {
        let job = self.daemon.client().job(&self.id).await.expect("the job is there");
        assert!(job.failure.is_none(), "{:?}", job.failure);
        job
    }

    /// For a daemon that knows nothing of it.
    pub(super) async fn create_again(&self) {
        self.daemon.client().create_job(&self.create).await.expect("the job is created");
    }

    /// Waits until more rows are copied, and there are some left.
    pub(super) async fn in_copy(&self) {
        let mut before = None;
        until(PATIENCE, "more of the copy is done", async || {
            let Some(rows) = self.copied().await else { return false };
            let begun = *before.get_or_insert(rows);
            rows > begun
        })
        .await;
        assert_eq!(self.job().await.state, JobState::Copying, "the copy was over too soon");
    }

    async fn copied(&self) -> Option<u64> {
        let mut conn = session(&self.to).await?;
        conn.query_first(format!("SELECT CAST(SUM(`rows`) AS UNSIGNED) FROM syncline.chunk WHERE job = '{}'", self.id))
            .await
            .ok()
            .flatten()
            .flatten()
    }

    /// Lets the copy end and waits until the log is followed and has brought what is written now.
    pub(super) async fn in_stream(&mut self) {
        self.source.slow(0);
        until(PATIENCE, "the job streams", async || matches!(self.job().await.state, JobState::Streaming | JobState::Lagging)).await;
        self.brings().await;
    }

    /// Waits until what is written now has arrived.
    pub(super) async fn brings(&mut self) {
        self.marks += 1;
        let (marks, schema) = (self.marks, self.schema.clone());
        until(PATIENCE, "the source takes a mark", async || {
            let Some(mut conn) = session(&self.from).await else { return false };
            conn.query_drop(format!("INSERT IGNORE INTO `{schema}`.mark VALUES ({marks})")).await.is_ok()
        })
        .await;
        until(PATIENCE, "the mark arrives", async || {
            self.job().await;
            let Some(mut conn) = session(&self.to).await else { return false };
            let found: Result<Option<u32>, _> = conn.query_first(format!("SELECT id FROM `{schema}`.mark WHERE id = {marks}")).await;
            found.is_ok_and(|found| found.is_some())
        })
        .await;
    }

    /// Waits until the job says that it waits; returns for what.
    pub(super) async fn waits(&self) -> String {
        let mut reason = String::new();
        until(PATIENCE, "the job waits", async || {
            let job = self.job().await;
            reason = job.reason;
            job.state == JobState::Waiting && !reason.is_empty()
        })
        .await;
        reason
    }

    pub(super) async fn ends_equal(mut self) {
        self.in_stream().await;
        self.load.stop.store(true, Ordering::Relaxed);
        self.load.task.await.expect("the writer does not panic");
        assert!(self.load.done.load(Ordering::Relaxed) > 20, "the writer was at work");
        let verdict = verified(&self.daemon, &self.id).await;
        assert_eq!(verdict.state, "equal", "{verdict:#?}");
        self.daemon.client().delete_job(&self.id, false).await.expect("the job is deleted");
        for endpoint in [&self.from, &self.to] {
            let mut conn = session(endpoint).await.expect("the server is there");
            exec_all(&mut conn, [format!("DROP DATABASE `{}`", self.schema)]).await;
        }
    }
}

/// Whether the long versions run.
pub(super) fn long() -> bool {
    std::env::var_os("SYNCLINE_TEST_LONG").is_some()
}
