//! The one writing connection, on a thread of its own, which commits whatever waits in one transaction.
//!
//! An fsync costs milliseconds and a block microseconds: ten thousand symbols that are updated one by one share a few
//! commits. Each piece of work stands in a savepoint, so that one that fails takes nothing of the others with it; nobody
//! is answered before the commit.

use super::{Error, Result, closed};
use rusqlite::{Connection, OptionalExtension as _, Transaction};
use std::sync::Mutex;
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Pieces of work that may wait; whoever brings more waits himself.
const WAITING: usize = 256;
/// Most pieces in one commit.
const TOGETHER: usize = 256;

/// Seconds with changes of which the time is known: more than a day of nothing else.
const TIMES_KEPT: i64 = 100_000;

/// What a piece of work is given: the savepoint, and the version counter.
pub(super) struct Work<'a> {
    pub(super) conn: &'a Connection,
    version: &'a mut u64,
}

impl Work<'_> {
    /// Takes the next version. One that is not used (the work fails) is only a gap.
    pub(super) fn next_version(&mut self) -> u64 {
        *self.version += 1;
        *self.version
    }
}

/// Answers once the commit is known to have succeeded (None) or failed.
type Answer = Box<dyn FnOnce(Option<String>) + Send>;
type Piece = Box<dyn FnOnce(&mut Transaction<'_>, &mut u64) -> Answer + Send>;

pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Piece>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(mut conn: Connection) -> Result<Self> {
        let mut version = stored_version(&conn)?;
        let (queue, mut pieces) = mpsc::channel::<Piece>(WAITING);
        let run = move || {
            while let Some(first) = pieces.blocking_recv() {
                let mut together = vec![first];
                while together.len() < TOGETHER
                    && let Ok(next) = pieces.try_recv()
                {
                    together.push(next);
                }
                commit(&mut conn, &mut version, together);
            }
            // The log is folded in at the next start otherwise.
            let _ = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        };
        let thread = std::thread::Builder::new()
            .name("bars-write".to_owned())
            .spawn(run)
            .map_err(|e| Error::permanent("bars_store_failed", "start the thread of the bars database").because(e))?;
        Ok(Self { queue: Mutex::new(Some(queue)), thread: Mutex::new(Some(thread)) })
    }

    /// Runs the closure in a transaction that it may share; what it returns is on disk when this returns.
    pub(super) async fn call<T: Send + 'static>(&self, work: impl FnOnce(&mut Work<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let piece: Piece = Box::new(move |tx, version| {
            let done = in_savepoint(tx, version, work);
            Box::new(move |failed| {
                let outcome = match failed {
                    Some(why) if done.is_ok() => Err(Error::permanent("bars_store_failed", format!("bars database: {why}"))),
                    _ => done,
                };
                // Whoever asked may be gone; the work is done all the same.
                let _ = reply.send(outcome);
            })
        });
        let queue = self.queue.lock().map_err(|_| closed())?.clone().ok_or_else(closed)?;
        queue.send(piece).await.map_err(|_| closed())?;
        answer.await.map_err(|_| Error::permanent("bars_store_failed", "a write to the bars database panicked"))?
    }

    /// Runs the closure and undoes what it did; returns what it says.
    pub(super) async fn trial<T: Send + 'static>(&self, work: impl FnOnce(&mut Work<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        let (tell, told) = oneshot::channel();
        let undone = self.call(move |tried| {
            // Whoever asked may be gone.
            let _ = tell.send(work(tried)?);
            Err::<(), _>(Error::permanent("bars_dry_run", "this was a trial"))
        });
        let outcome = undone.await;
        told.await.map_err(|_| outcome.err().unwrap_or_else(closed))
    }

    pub(super) async fn stop(&self) {
        let thread = {
            if let Ok(mut queue) = self.queue.lock() {
                queue.take();
            }
            self.thread.lock().ok().and_then(|mut t| t.take())
        };
        if let Some(thread) = thread {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

fn in_savepoint<T>(tx: &mut Transaction<'_>, version: &mut u64, work: impl FnOnce(&mut Work<'_>) -> Result<T>) -> Result<T> {
    let (savepoint, before) = (tx.savepoint()?, *version);
    // A panic must not take the thread away; the savepoint is rolled back as it unwinds.
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let value = work(&mut Work { conn: &savepoint, version })?;
        savepoint.commit()?;
        Ok(value)
    }));
    let done = done.unwrap_or_else(|_| Err(Error::permanent("bars_store_failed", "a write to the bars database panicked")));
    if done.is_err() {
        // What is undone has made no version: a trial is no change that anybody waits for.
        *version = before;
    }
    done
}

fn commit(conn: &mut Connection, version: &mut u64, pieces: Vec<Piece>) {
    let before = *version;
    let mut answers = Vec::with_capacity(pieces.len());
    let done = (|| {
        let mut tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for piece in pieces {
            answers.push(piece(&mut tx, version));
        }
        if *version != before {
            let counted = i64::try_from(*version).unwrap_or(i64::MAX);
            tx.execute("INSERT INTO meta (key, value) VALUES ('version', ?1) ON CONFLICT (key) DO UPDATE SET value = ?1", [counted])?;
            note_time(&tx, i64::try_from(before).unwrap_or(i64::MAX - 1) + 1)?;
        }
        tx.commit()
    })();
    let failed = done.err().map(|e| e.to_string());
    for answer in answers {
        answer(failed.clone());
    }
}

/// Keeps when versions were made, at most once a second; a clock that was set back is no reason to stop.
fn note_time(tx: &Transaction<'_>, version: i64) -> rusqlite::Result<()> {
    let sql = "INSERT OR IGNORE INTO changes (version, at) SELECT ?1, ?2
               WHERE coalesce((SELECT at FROM changes ORDER BY version DESC LIMIT 1), 0) NOT BETWEEN ?2 - 1000000 AND ?2";
    let added = tx.prepare_cached(sql)?.execute((version, jiff::Timestamp::now().as_microsecond()))?;
    if added > 0 && version % 64 == 0 {
        let sql = "DELETE FROM changes WHERE version < (SELECT version FROM changes ORDER BY version DESC LIMIT 1 OFFSET ?1)";
        tx.prepare_cached(sql)?.execute([TIMES_KEPT])?;
    }
    Ok(())
}

fn stored_version(conn: &Connection) -> Result<u64> {
    let counted: Option<i64> = conn.query_row("SELECT value FROM meta WHERE key = 'version'", [], |row| row.get(0)).optional()?;
    Ok(u64::try_from(counted.unwrap_or(0)).unwrap_or(0))
}
