//! A task with one apply session: makes the transactions that it is given durable, in their order.
//!
//! Consecutive transactions that are already waiting share one target transaction, because on safe settings the target's
//! fsync per commit is the limit; nothing waits for a group to fill. A transaction that waits for another lane ends the
//! group before it ([`super::schedule`] says why). The session is opened with the first transaction, so that a quiet job has
//! one. A lane ends at its first error.

use super::apply::Applier;
use super::bookkeeping::Books;
use super::ledger::Counts;
use super::schedule::Place;
use super::session::PING_AFTER;
use super::targets::Target;
use super::touch::Touched;
use super::{Settings, cancelled};
use crate::model::position::TxId;
use crate::model::progress::ConflictSeen;
use crate::model::replicate::TableName;
use crate::replicate::Result;
use crate::replicate::event::RowsEvent;
use crate::replicate::sink::{Mode, Standing};
use crate::replicate::stream::RowReader;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};

/// Bounds of a group when the job does not say.
pub(super) const GROUP_BYTES: usize = 1 << 20;
const GROUP_EVENTS: usize = 2000;
/// Transactions that wait in a lane; their bytes are bounded by the sink's queue.
const WAITING: usize = 4096;

/// An event's rows and the table that they go to; None where they are dropped.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) event: RowsEvent,
    pub(super) mode: Mode,
    pub(super) target: Option<Arc<Target>>,
    /// Tables that its foreign keys' actions leave alone (`cascade`).
    pub(super) behind: Vec<TableName>,
}

/// A whole source transaction on its way to the target.
#[derive(Debug)]
pub(super) struct Tx {
    pub(super) id: TxId,
    pub(super) rows: Vec<Rows>,
    /// Where it stands in the ledger.
    pub(super) entry: u64,
    /// Its number in the lane.
    pub(super) number: u64,
    pub(super) after: Vec<Place>,
    pub(super) _room: OwnedSemaphorePermit,
}

impl Tx {
    fn bytes(&self) -> usize {
        self.rows.iter().map(|r| r.event.rows.len() + 32).sum()
    }
}

/// Source transactions that become one target transaction.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) transactions: Vec<Tx>,
    bytes: usize,
    events: usize,
}

impl Group {
    fn push(&mut self, tx: Tx) {
        self.bytes += tx.bytes();
        self.events += tx.rows.len();
        self.transactions.push(tx);
    }
    fn is_full(&self, bytes: usize) -> bool {
        bytes <= 1 || self.bytes >= bytes || self.events >= GROUP_EVENTS
    }
}

/// What a lane tells.
#[derive(Debug)]
pub(super) enum Told {
    Committed {
        place: Place,
        entries: Vec<u64>,
        /// Rows in `applied`.
        keys: Vec<(String, u64)>,
        counts: Counts,
        /// The group was full, rather than nothing more waiting.
        full: bool,
    },
    /// A change did not fit; `Failed` follows.
    Conflict(Box<ConflictSeen>),
    Failed(crate::replicate::Error),
    /// The task is no more; after `Failed`, at its close, or because it panicked.
    Ended,
}

/// What the lane's owner holds.
#[derive(Debug)]
pub(super) struct Handle {
    queue: mpsc::Sender<Tx>,
}

impl Handle {
    /// False: the lane has ended.
    pub(super) async fn send(&self, tx: Tx) -> bool {
        self.queue.send(tx).await.is_ok()
    }
}

#[derive(Debug)]
pub(super) struct Lane {
    number: usize,
    settings: Settings,
    books: Books,
    queue: mpsc::Receiver<Tx>,
    /// How far each lane has committed.
    others: Vec<watch::Receiver<u64>>,
    committed: watch::Sender<u64>,
    tell: mpsc::UnboundedSender<Told>,
    standing: Standing,
    /// Its name where it says what it is about.
    name: String,
}

impl Drop for Lane {
    fn drop(&mut self) {
        let _ = self.tell.send(Told::Ended);
    }
}

impl Lane {
    pub(super) fn new(
        number: usize,
        settings: Settings,
        books: Books,
        others: Vec<watch::Receiver<u64>>,
        committed: watch::Sender<u64>,
        tell: mpsc::UnboundedSender<Told>,
        standing: Standing,
    ) -> (Self, Handle) {
        let (send, queue) = mpsc::channel(WAITING);
        let name = format!("lane {}", number + 1);
        (Self { number, settings, books, queue, others, committed, tell, standing, name }, Handle { queue: send })
    }

    pub(super) async fn run(mut self) {
        if let Err(error) = self.work().await {
            let _ = self.tell.send(Told::Failed(error));
        }
    }

    async fn work(&mut self) -> Result<()> {
        let Some(first) = self.queue.recv().await else { return Ok(()) };
        let mut applier = Applier::open(self.settings.clone(), self.books.clone()).await?;
        let mut next = Some(first);
        loop {
            let first = match next.take() {
                Some(tx) => tx,
                None => match self.wait(&mut applier).await? {
                    Some(tx) => tx,
                    None => break,
                },
            };
            for (lane, number) in &first.after {
                // An error there ends this one too.
                self.standing.say(&self.name, format_args!("has {} and waits for lane {}", first.id, lane + 1));
                self.others[*lane].wait_for(|done| done >= number).await.map_err(|_| cancelled())?;
            }
            let mut group = Group::default();
            group.push(first);
            while !group.is_full(self.settings.group_bytes) {
                match self.queue.try_recv() {
                    Ok(tx) if self.is_free(&tx) => group.push(tx),
                    Ok(tx) => {
                        next = Some(tx);
                        break;
                    }
                    Err(_) => break,
                }
            }
            self.apply(&mut applier, group).await?;
        }
        applier.close().await;
        Ok(())
    }

    /// Waits for work and keeps the session alive meanwhile. None: nothing more will come.
    async fn wait(&mut self, applier: &mut Applier) -> Result<Option<Tx>> {
        loop {
            match tokio::time::timeout(PING_AFTER.saturating_sub(applier.session.idle()), self.queue.recv()).await {
                Ok(tx) => return Ok(tx),
                Err(_) => applier.wake().await?,
            }
        }
    }

    fn is_free(&self, tx: &Tx) -> bool {
        tx.after.iter().all(|(lane, number)| *self.others[*lane].borrow() >= *number)
    }

    async fn apply(&mut self, applier: &mut Applier, group: Group) -> Result<()> {
        let entries: Vec<u64> = group.transactions.iter().map(|tx| tx.entry).collect();
        let number = group.transactions.last().map_or(0, |tx| tx.number);
        let full = group.is_full(self.settings.group_bytes);
        let first = group.transactions.first().map(|tx| tx.id.to_string()).unwrap_or_default();
        let (count, connection) = (group.transactions.len(), applier.session.conn.id());
        self.standing.say(&self.name, format_args!("applies {count} transactions from {first} on, over connection {connection}"));
        applier.wake().await?;
        let applied = applier.apply(group).await;
        if let Some(seen) = applier.stopped.take().filter(|_| applied.is_err()) {
            let _ = self.tell.send(Told::Conflict(Box::new(seen)));
        }
        let (counts, keys) = applied?;
        self.standing.say(&self.name, "has nothing to apply");
        self.committed.send_replace(number);
        let _ = self.tell.send(Told::Committed { place: (self.number, number), entries, keys, counts, full });
        Ok(())
    }
}

/// What the rows touch.
pub(super) fn touched(rows: &[Rows]) -> Result<Touched> {
    let mut touched = Touched::default();
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for Rows { event, target, .. } in rows {
        let Some(target) = target else { continue };
        target.keys.touch_table(&mut touched);
        let below = target.below.as_ref().filter(|_| !event.foreign_keys_off);
        if below.is_none() && target.keys.is_blind() && target.keys.wanted().iter().all(|w| !w) {
            continue;
        }
        let mut set_off = false;
        // What foreign keys refer to is of types that are always made.
        let mut reader = RowReader::new(event, &target.unsigned).only(target.keys.wanted());
        while reader.next(&mut before, &mut after)? {
            target.keys.touch(&before, &mut touched);
            target.keys.touch(&after, &mut touched);
            set_off = set_off || below.is_some_and(|below| below.is_set_off(event.kind, &before, &after));
        }
        for table in below.iter().filter(|_| set_off).flat_map(|below| &below.tables) {
            touched.touch_whole(table);
        }
    }
    Ok(touched)
}
