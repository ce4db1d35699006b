//! Statements that are not the log's: tables that are made, emptied or dropped before their rows come, and indexes that waited
//! for them.
//!
//! DDL cannot share a transaction with the fence: its session is recorded, so a later owner ends it. It is marked, because the
//! job of the other direction reads it in the target's log and must not run it at our source. A mark is one row for each
//! [`Slot`], so whoever uses a slot waits for the end of what is in it.

use super::bookkeeping::{Books, Slot};
use super::ddl::Mark;
use super::session::Session;
use super::worker::Work;
use super::{Failure, Settings, cancelled};
use crate::model::replicate::TableName;
use crate::replicate::sink::{Builder, Prepare};
use crate::replicate::{Error, Kind, Result};
use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Runs statements in one slot.
#[derive(Debug)]
pub(super) struct Preparer {
    pub(super) settings: Settings,
    pub(super) books: Books,
    pub(super) slot: Slot,
    pub(super) cancel: CancellationToken,
    /// The worker ends when the sink is closed, whoever else has this.
    pub(super) queue: mpsc::WeakSender<Work>,
    pub(super) failure: Failure,
}

pub(super) fn statements(target: &TableName, what: Prepare) -> Vec<String> {
    match what {
        Prepare::Run(statements) => statements,
        Prepare::Truncate => vec![format!("TRUNCATE TABLE {}", target.quoted())],
        Prepare::Drop => vec![format!("DROP TABLE IF EXISTS {}", target.quoted())],
    }
}

impl Preparer {
    pub(super) async fn run(&mut self, table: &TableName, statements: Vec<String>) -> Result<()> {
        let books = &self.books;
        let mut session = Session::open(&self.settings.endpoint, books).await?;
        let mark = Mark::of(session.logged_as().await?, &self.settings.tables.target(table), &statements).encode();
        session.fenced(books, &[books.begin_preparing(self.slot, &mark)]).await?;
        for statement in statements {
            let outcome = tokio::select! {
                () = self.cancel.cancelled() => return Err(cancelled()),
                outcome = session.run(statement.as_bytes()) => outcome,
            };
            if let Err(failed) = outcome {
                let error = failed.into_error(format!("prepare table {table} at the target with {statement:?}"));
                if error.kind != Kind::Permanent {
                    return Err(error);
                }
                // Refused: the slot is free for another.
                session.fenced(books, &[books.end_preparing(self.slot)]).await?;
                session.close(books).await;
                return Err(Error { code: "prepare_failed", ..error });
            }
        }
        session.fenced(books, &[books.end_preparing(self.slot)]).await?;
        session.close(books).await;
        let queue = self.queue.upgrade().ok_or_else(|| self.failure.get())?;
        queue.send(Work::Forget(table.clone())).await.map_err(|_| self.failure.get())
    }
}

#[async_trait]
impl Builder for Preparer {
    async fn build(&mut self, table: &TableName, statements: Vec<String>) -> Result<(), Error> {
        self.run(table, statements).await
    }
}
