//! The tasks that move rows: each reads ranges over a connection of its own and writes them with a copier of its own.
//! Reading the next block goes on while the last one is written, on another thread where there is one: what a sink makes
//! of the rows costs as much as reading them.

use super::read::{Block, Reader, Source};
use super::snapshot::Snapshot;
use super::source_connection;
use crate::model::endpoint::MysqlEndpoint;
use crate::replicate::answer::is_alive;
use crate::replicate::connect::{Conn, Flavor, Stragglers};
use crate::replicate::gates::Who;
use crate::replicate::sink::{ChunkDone, Copier, Standing, Written};
use crate::replicate::tap::Tap;
use crate::replicate::{Error, Result};
use std::fmt;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};
use tokio::task::{JoinError, JoinSet};

/// One range to read.
pub(super) struct Job {
    /// The table's place in the engine's list.
    pub(super) index: usize,
    pub(super) source: Arc<Source>,
    pub(super) done: ChunkDone,
    /// The snapshot that it is read from; None = read what is there now.
    pub(super) snapshot: Option<Snapshot>,
}

/// A block is durable at the target.
#[derive(Debug)]
pub(super) struct Wrote {
    pub(super) index: usize,
    pub(super) done: ChunkDone,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) written: Written,
}

/// Where a worker says what its two sides are about.
#[derive(Debug, Clone)]
pub(super) struct Part {
    standing: Standing,
    reader: String,
    writer: String,
}

impl Part {
    pub(super) fn new(standing: &Standing, number: usize) -> Self {
        Self { standing: standing.clone(), reader: format!("copy reader {number}"), writer: format!("copy writer {number}") }
    }
    pub(super) fn reads(&self, what: impl fmt::Display) {
        self.standing.say(&self.reader, what);
    }
    pub(super) fn writes(&self, what: impl fmt::Display) {
        self.standing.say(&self.writer, what);
    }
    pub(super) fn moves(&self) {
        self.standing.moves();
    }
}

/// The code of a reader's error that has its cause in the writer's.
pub(super) const STOPPED: &str = "copy_stopped";

/// What ended a worker, and the table whose rows it wrote.
pub(super) struct Failed {
    pub(super) index: Option<usize>,
    pub(super) error: Error,
}

impl std::convert::From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { index: None, error }
    }
}

impl Failed {
    /// A worker ends before its queue is closed only by an error.
    pub(super) fn of(ended: Result<Result<(), Self>, JoinError>) -> Self {
        match ended {
            Ok(Err(failed)) => failed,
            Ok(Ok(())) => Error::transient("copy_stopped", "a copy worker ended early").into(),
            Err(e) => Error::permanent("panic", format!("a copy worker: {e}")).into(),
        }
    }
}

/// The source's side of a worker.
#[derive(Debug, Clone)]
pub(super) struct From {
    pub(super) endpoint: MysqlEndpoint,
    pub(super) flavor: Flavor,
    pub(super) stragglers: Stragglers,
}

/// Works until there are no more jobs. The first error ends it; the engine then stops the others.
pub(super) async fn work(
    from: From,
    mut reader: Reader,
    mut blocks: mpsc::Receiver<(usize, Block)>,
    mut copier: Box<dyn Copier>,
    jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
    wrote: mpsc::Sender<Wrote>,
    tap: Tap,
) -> Result<(), Failed> {
    let (control, part) = (reader.control.clone(), reader.part.clone());
    let read = async move {
        let mut own: Option<Conn> = None;
        while let Some(Job { index, source, done, snapshot }) = next(&jobs).await {
            if let Some(snapshot) = snapshot {
                let mut conn = snapshot.take().await;
                reader.range(&mut conn, index, &source, done).await?;
                snapshot.put(conn);
                snapshot.release().await;
                continue;
            }
            // The server may have closed it while there was nothing to do.
            if let Some(conn) = &mut own
                && !is_alive(conn).await
            {
                own = None;
            }
            let conn = match &mut own {
                Some(conn) => conn,
                None => own.insert(source_connection(&from.endpoint, from.flavor, &from.stragglers).await?),
            };
            reader.range(conn, index, &source, done).await?;
        }
        if let Some(conn) = own {
            conn.disconnect().await;
        }
        Ok::<(), Failed>(())
    };
    let mut writing = JoinSet::new();
    writing.spawn(async move {
        while let Some((index, block)) = blocks.recv().await {
            let Block { chunk, rows, held } = block;
            let (count, bytes) = (rows.rows() as u64, rows.data.len() as u64);
            control.gates().pass(Who::Write).await;
            control.throttle().take(count, bytes).await;
            tap.copied(&chunk.table, &rows);
            part.writes(format_args!("writes {count} rows of {}", chunk.table.name));
            let written = copier.write(&chunk, rows).await.map_err(|error| Failed { index: Some(index), error })?;
            part.moves();
            part.writes("has nothing to write");
            drop(held);
            // The engine ends first only when it is stopped.
            let _ = wrote.send(Wrote { index, done: chunk.done, rows: count, bytes, written }).await;
        }
        Ok(())
    });
    // Dropped with this task, the set takes its own along.
    let written = async {
        match writing.join_next().await {
            Some(Ok(outcome)) => outcome,
            Some(Err(e)) => Err(Error::permanent("panic", format!("the writer of a copy: {e}")).into()),
            None => Ok(()),
        }
    };
    let read = async {
        match read.await {
            // Its blocks are not taken any more: the writer says why, in a moment.
            Err(e) if e.error.code == STOPPED => std::future::pending().await,
            other => other,
        }
    };
    tokio::try_join!(read, written).map(|_| ())
}

async fn next(jobs: &Mutex<mpsc::Receiver<Job>>) -> Option<Job> {
    jobs.lock().await.recv().await
}
