//! A writer at a source, for as long as a test needs load: the same transactions in every run, without a pause.

use super::servers::Server;
use super::sql::{connect, exec};
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

/// Any error of its is a failure of the test that finishes it.
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
                exec(&mut conn, "START TRANSACTION").await;
                for statement in transaction(&mut pick) {
                    exec(&mut conn, &statement).await;
                }
                exec(&mut conn, "COMMIT").await;
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
