//! A connection on a thread of its own, given work through a channel: SQLite blocks, and one owner needs no lock.

use super::{Error, Result};
use rusqlite::Connection;
use std::sync::Mutex;
use std::sync::mpsc;
use std::thread::JoinHandle;
use tokio::sync::oneshot;

type Work = Box<dyn FnOnce(&mut Connection) + Send>;

pub(super) struct Worker {
    queue: Mutex<Option<mpsc::Sender<Work>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Worker {
    pub(super) fn start(name: &str, mut conn: Connection) -> Result<Self> {
        let (queue, work) = mpsc::channel::<Work>();
        let run = move || {
            while let Ok(job) = work.recv() {
                // A panic in one query must not take the store away; its transaction was rolled back on unwinding.
                let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(&mut conn)));
            }
        };
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(run).map_err(|e| Error::because("start a store thread", e))?;
        Ok(Self { queue: Mutex::new(Some(queue)), thread: Mutex::new(Some(thread)) })
    }

    pub(super) async fn call<T: Send + 'static>(&self, work: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let job: Work = Box::new(move |conn| {
            // Whoever asked may be gone; the work is done all the same.
            let _ = reply.send(work(conn));
        });
        let closed = || Error::io("the state database is closed");
        let sent = {
            let queue = self.queue.lock().map_err(|_| closed())?;
            queue.as_ref().is_some_and(|q| q.send(job).is_ok())
        };
        if !sent {
            return Err(closed());
        }
        answer.await.map_err(|_| Error::io("a state query panicked"))?
    }

    /// Lets queued work finish and ends the thread.
    pub(super) async fn stop(&self) {
        let thread = {
            if let Ok(mut queue) = self.queue.lock() {
                queue.take();
            }
            self.thread.lock().ok().and_then(|mut t| t.take())
        };
        if let Some(thread) = thread {
            // The result is () or a panic that was caught inside.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}
