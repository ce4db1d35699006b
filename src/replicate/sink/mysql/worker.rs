//! The task that owns the apply session: takes items in stream order and makes them durable.
//!
//! Consecutive transactions that are already waiting share one target transaction, because on safe settings the target's
//! fsync per commit is the limit; nothing waits for a group to fill. Everything that is not a whole transaction is a
//! barrier. The worker ends at its first error, and with it the `durable` watch.

use super::apply::Part;
use super::bookkeeping::Books;
use super::ledger::{Counts, Fold, Ledger};
use super::session::{PING_AFTER, Session};
use super::takeover::Left;
use super::targets::Targets;
use super::transactions::Source;
use super::{Failure, Settings};
use crate::model::position::{Position, TxId};
use crate::model::replicate::TableName;
use crate::replicate::event::RowsEvent;
use crate::replicate::fingerprint::Fingerprint;
use crate::replicate::sink::{Durable, Item, Mode, OpenDdl, TableState};
use crate::replicate::table::Table;
use crate::replicate::{Error, Result};
use std::collections::HashMap;
use std::time::Instant;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

/// Bounds of a group when the job does not say.
pub(super) const GROUP_BYTES: usize = 1 << 20;
const GROUP_EVENTS: usize = 2000;

#[derive(Debug)]
pub(super) enum Work {
    Tx(Box<Tx>),
    Other(Box<Item>, OwnedSemaphorePermit),
    /// A table was changed by the copy: its definition is to be read again.
    Forget(TableName),
    Drain(oneshot::Sender<Option<Position>>),
}

/// What an item takes of the queue's bytes.
pub(super) fn cost(item: &Item) -> usize {
    64 + match item {
        Item::Tx { rows, .. } | Item::TxPart { rows, .. } => rows_bytes(rows),
        Item::Ddl { ddl, .. } => ddl.statement.len(),
        Item::Skip { .. } | Item::Table(_) | Item::LetGo(_) => 0,
    }
}

fn rows_bytes(rows: &[(RowsEvent, Mode)]) -> usize {
    rows.iter().map(|(event, _)| event.rows.len() + 32).sum()
}

/// A whole source transaction.
#[derive(Debug)]
pub(super) struct Tx {
    pub(super) id: TxId,
    pub(super) end: Position,
    pub(super) rows: Vec<(RowsEvent, Mode)>,
    pub(super) source_time: i64,
    _room: OwnedSemaphorePermit,
}

impl Work {
    pub(super) fn of(item: Item, room: OwnedSemaphorePermit) -> Self {
        match item {
            Item::Tx { id, end, rows, source_time, xid: _ } => Self::Tx(Box::new(Tx { id, end, rows, source_time, _room: room })),
            other => Self::Other(Box::new(other), room),
        }
    }
}

/// Consecutive source transactions that become one target transaction.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) transactions: Vec<Tx>,
    bytes: usize,
    events: usize,
}

impl Group {
    fn push(&mut self, tx: Tx) {
        self.bytes += rows_bytes(&tx.rows);
        self.events += tx.rows.len();
        self.transactions.push(tx);
    }
    fn is_full(&self, bytes: usize) -> bool {
        bytes <= 1 || self.bytes >= bytes || self.events >= GROUP_EVENTS
    }
}

#[derive(Debug)]
pub(super) struct Worker {
    pub(super) settings: Settings,
    pub(super) books: Books,
    pub(super) session: Session,
    pub(super) targets: Targets,
    pub(super) ledger: Ledger,
    pub(super) open_ddl: Option<OpenDdl>,
    pub(super) cancel: CancellationToken,
    pub(super) part: Option<Part>,
    queue: mpsc::Receiver<Work>,
}

impl Worker {
    #[expect(clippy::too_many_arguments, reason = "all of it is made by open, once")]
    pub(super) fn new(
        settings: Settings,
        books: Books,
        session: Session,
        queue: mpsc::Receiver<Work>,
        publish: watch::Sender<Durable>,
        left: Vec<Left>,
        definitions: HashMap<TableName, Table>,
        open_ddl: Option<OpenDdl>,
        cancel: CancellationToken,
    ) -> Self {
        let targets = Targets::new(&settings, definitions);
        Self { settings, books, session, targets, ledger: Ledger::new(publish, left), open_ddl, cancel, part: None, queue }
    }

    pub(super) async fn run(mut self, failure: Failure) {
        let cancel = self.cancel.clone();
        let outcome = tokio::select! {
            () = cancel.cancelled() => Err(super::cancelled()),
            outcome = self.work() => outcome,
        };
        match outcome {
            Ok(()) => self.session.close(&self.books).await,
            // The queue and the watch end with this task, and whoever waits on them finds the reason.
            Err(error) => failure.set(error),
        }
    }

    async fn work(&mut self) -> Result<()> {
        let mut next = None;
        loop {
            let work = match next.take() {
                Some(work) => work,
                None => match self.wait().await? {
                    Some(work) => work,
                    None => break,
                },
            };
            next = match work {
                Work::Tx(tx) => self.group(*tx).await?,
                Work::Other(item, _room) => {
                    self.single(*item).await?;
                    None
                }
                Work::Forget(table) => {
                    self.targets.forget(&table);
                    None
                }
                Work::Drain(done) => {
                    self.wake().await?;
                    self.no_open_part()?;
                    self.fold().await?;
                    // Who asked may have been cancelled since.
                    let _ = done.send(self.ledger.watermark().cloned());
                    None
                }
            };
            if self.part.is_none() && self.ledger.fold_at().is_some_and(|at| at <= Instant::now()) {
                self.fold().await?;
            }
        }
        if self.part.is_none() { self.fold().await } else { Ok(()) }
    }

    /// Waits for work; folds and keeps the session alive meanwhile. None: nothing more will come.
    async fn wait(&mut self) -> Result<Option<Work>> {
        loop {
            let ping = Instant::now() + PING_AFTER.saturating_sub(self.session.idle());
            let fold = self.ledger.fold_at().filter(|_| self.part.is_none());
            let wake = fold.map_or(ping, |at| at.min(ping));
            tokio::select! {
                work = self.queue.recv() => return Ok(work),
                () = tokio::time::sleep_until(wake.into()) => {}
            }
            if fold.is_some_and(|at| at <= Instant::now()) {
                self.wake().await?;
                self.fold().await?;
            } else if self.session.idle() >= PING_AFTER {
                self.wake().await?;
            }
        }
    }

    /// Pings an idle session and opens a new one where it is gone; inside a transaction that ends the run.
    pub(super) async fn wake(&mut self) -> Result<()> {
        if self.session.idle() < PING_AFTER {
            return Ok(());
        }
        match self.session.ping().await {
            Err(error) if self.part.is_some() => Err(error),
            Err(_) => {
                self.session = Session::open(&self.settings.endpoint, &self.books).await?;
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Gathers what already waits behind this transaction and applies it; returns the work that ended the group.
    async fn group(&mut self, first: Tx) -> Result<Option<Work>> {
        let mut group = Group::default();
        group.push(first);
        let mut next = None;
        while !group.is_full(self.settings.group_bytes) {
            match self.queue.try_recv() {
                Ok(Work::Tx(tx)) => group.push(*tx),
                Ok(other) => {
                    next = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        self.no_open_part()?;
        self.wake().await?;
        self.ledger.grouped(group.is_full(self.settings.group_bytes));
        self.apply(group).await?;
        Ok(next)
    }

    /// Statements of any other transaction would commit an open one unseen.
    fn no_open_part(&self) -> Result<()> {
        if self.part.is_none() {
            Ok(())
        } else {
            Err(Error::permanent("stream_order", "a transaction was submitted in parts and not to its end"))
        }
    }

    async fn single(&mut self, item: Item) -> Result<()> {
        if !matches!(item, Item::TxPart { .. }) {
            self.no_open_part()?;
        }
        match item {
            Item::Tx { .. } => unreachable!("transactions are grouped"),
            Item::TxPart { id, rows, end, source_time } => self.part(id, rows, end, source_time).await,
            Item::Ddl { id, end, ddl, source_time } => {
                if !self.ledger.has(&id) {
                    self.ddl(&id, &ddl).await?;
                }
                let counts = Counts { transactions: 1, source_time: Some(source_time), queued: self.queued(), ..Counts::default() };
                self.ledger.advance(Some(end), counts);
                Ok(())
            }
            Item::Skip { end, source_time, .. } => {
                let counts = Counts { source_time: Some(source_time), queued: self.queued(), ..Counts::default() };
                self.ledger.advance(Some(end), counts);
                Ok(())
            }
            Item::Table(state) => self.table(&state).await,
            Item::LetGo(table) => {
                self.wake().await?;
                let statements = self.books.drop_table(&table);
                self.session.fenced(&self.books, &statements).await.map(drop)
            }
        }
    }

    /// The checkpoint moves with the state: a table whose stored phase lies ahead of the stored watermark would meet
    /// events again, after a crash, that it takes for behind it.
    async fn table(&mut self, state: &TableState) -> Result<()> {
        self.wake().await?;
        let fold = self.ledger.fold();
        let mut statements = self.books.set_table(state);
        statements.extend(fold.iter().flat_map(|fold| self.fold_statements(fold)));
        self.session.fenced(&self.books, &statements).await?;
        if let Some(fold) = &fold {
            self.ledger.folded(fold);
        }
        self.targets.defined(&state.table, Fingerprint::parse(&state.fingerprint).into_definition());
        Ok(())
    }

    /// Items that wait.
    pub(super) fn queued(&self) -> u64 {
        self.queue.len() as u64
    }

    pub(super) fn committed_key(&mut self, source: &Source, first: u64) {
        self.ledger.committed_key(source.to_string(), first);
    }

    /// Moves the stored checkpoint to the watermark and deletes the `applied` rows behind it, in one transaction.
    async fn fold(&mut self) -> Result<()> {
        let Some(fold) = self.ledger.fold() else { return Ok(()) };
        let statements = self.fold_statements(&fold);
        self.session.fenced(&self.books, &statements).await?;
        self.ledger.folded(&fold);
        Ok(())
    }

    fn fold_statements(&self, fold: &Fold) -> Vec<String> {
        let delete = fold.delete.chunks(200).map(|keys| self.books.delete_applied(keys));
        std::iter::once(self.books.set_checkpoint(&fold.watermark)).chain(delete).collect()
    }
}
