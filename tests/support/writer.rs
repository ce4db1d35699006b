//! A writer at a source, for as long as a test needs load: the same transactions in every run, without a pause.

use super::servers::Server;
use super::sql::connect;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Error};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::task::JoinHandle;

/// Numbers from 1 to n, the same in every run.
pub(crate) struct Pick(u64);

impl Pick {
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n + 1
    }
}

/// Commits the statements together. A deadlock with whatever else works at the table (a trigger of pt-online-schema-change,
/// say) is an application's everyday life: the transaction is rolled back and comes again.
async fn commit(conn: &mut Conn, statements: &[String]) {
    'again: loop {
        for statement in std::iter::once("START TRANSACTION").chain(statements.iter().map(String::as_str)).chain(["COMMIT"]) {
            match conn.query_drop(statement).await {
                Ok(()) => {}
                Err(Error::Server(e)) if matches!(e.code, 1205 | 1213) => {
                    conn.query_drop("ROLLBACK").await.expect("a transaction can be rolled back");
                    continue 'again;
                }
                Err(e) => panic!("{e}\nin: {statement}"),
            }
        }
        return;
    }
}

/// Any error of its but a deadlock or a lock's time-out is a failure of the test that finishes it.
pub(crate) struct Writer {
    stop: Arc<AtomicBool>,
    done: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Writer {
    /// Runs the statements of one transaction after the other.
    pub(crate) fn start(server: &'static Server, mut transaction: impl FnMut(&mut Pick) -> Vec<String> + Send + 'static) -> Self {
        let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (halt, count) = (Arc::clone(&stop), Arc::clone(&done));
        let task = tokio::spawn(async move {
            let mut conn = connect(server).await;
            let mut pick = Pick(0x9E37_79B9_7F4A_7C15);
            while !halt.load(Ordering::Relaxed) {
                commit(&mut conn, &transaction(&mut pick)).await;
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self { stop, done, task }
    }

    /// How many transactions there were so far.
    pub(crate) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Returns how many transactions there were.
    pub(crate) async fn finish(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.expect("the writer met no error");
        self.done.load(Ordering::Relaxed)
    }
}
