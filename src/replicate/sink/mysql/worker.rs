//! The task that takes items in stream order, deals transactions to the lanes, and moves the watermark.
//!
//! Everything that is not a whole transaction is a barrier: it waits until every lane is idle and runs on this task's own
//! session. The task ends at its first error, or a lane's, and with it the `durable` watch.

mod fold;

use super::apply::Applier;
use super::bookkeeping::Books;
use super::lane::{Handle, Lane, Rows, Told, Tx, touched};
use super::ledger::{Counts, Ledger};
use super::parts::Part;
use super::schedule::Schedule;
use super::session::{PING_AFTER, Session};
use super::takeover::Left;
use super::targets::{Target, Targets};
use super::touch::Touched;
use super::{Failure, Settings};
use crate::model::position::{Position, TxId};
use crate::model::replicate::TableName;
use crate::replicate::event::{RowsEvent, TableMap};
use crate::replicate::sink::{Durable, Item, Mode, OpenDdl, Standing};
use crate::replicate::table::Table;
use crate::replicate::{Error, Kind, Result};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

#[derive(Debug)]
pub(super) enum Work {
    Item(Box<Item>, OwnedSemaphorePermit),
    /// A table was changed by the copy: its definition is to be read again.
    Forget(TableName),
    Drain(oneshot::Sender<Result<Option<Position>>>),
}

/// What an item takes of the queue's bytes.
pub(super) fn cost(item: &Item) -> usize {
    let rows = |rows: &[(RowsEvent, Mode)]| rows.iter().map(|(event, _)| event.rows.len() + 32).sum();
    64 + match item {
        Item::Tx { rows: all, .. } | Item::TxPart { rows: all, .. } => rows(all),
        Item::Ddl { ddl, .. } => ddl.statement.len(),
        Item::Skip { .. } | Item::Move { .. } | Item::Table(_) | Item::LetGo(_) => 0,
    }
}

/// Its name where it says what it is about.
const WORKER: &str = "the apply worker";

/// What ends a wait.
enum Woken {
    Work(Option<Work>),
    Told(Told),
    Time,
}

#[derive(Debug)]
pub(super) struct Worker {
    /// For everything but whole transactions.
    pub(super) own: Applier,
    pub(super) targets: Targets,
    pub(super) ledger: Ledger,
    pub(super) open_ddl: Option<OpenDdl>,
    pub(super) cancel: CancellationToken,
    part: Option<Part>,
    standing: Standing,
    /// The target refused a statement; told by the drain that follows it.
    refused: Option<Error>,
    queue: mpsc::Receiver<Work>,
    schedule: Schedule,
    /// Opened where they are first needed.
    lanes: Vec<Option<Handle>>,
    /// How far each lane has committed; the sender is its lane's once that is there.
    committed: Vec<(Option<watch::Sender<u64>>, watch::Receiver<u64>)>,
    tasks: JoinSet<()>,
    tell: mpsc::UnboundedSender<Told>,
    told: mpsc::UnboundedReceiver<Told>,
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
        starts: HashMap<TableName, Position>,
        open_ddl: Option<OpenDdl>,
        standing: Standing,
        cancel: CancellationToken,
    ) -> Self {
        let targets = Targets::new(&settings, definitions, starts);
        let lanes = settings.workers;
        let (tell, told) = mpsc::unbounded_channel();
        Self {
            own: Applier::new(settings, books, session),
            targets,
            ledger: Ledger::new(publish, left),
            open_ddl,
            cancel,
            part: None,
            refused: None,
            standing,
            queue,
            schedule: Schedule::new(lanes),
            lanes: (0..lanes).map(|_| None).collect(),
            committed: (0..lanes).map(|_| watch::channel(0)).map(|(send, receive)| (Some(send), receive)).collect(),
            tasks: JoinSet::new(),
            tell,
            told,
        }
    }

    pub(super) async fn run(mut self, failure: Failure) {
        let cancel = self.cancel.clone();
        let outcome = tokio::select! {
            () = cancel.cancelled() => Err(super::cancelled()),
            outcome = self.work() => outcome,
        };
        match outcome {
            Ok(()) => {
                self.lanes.clear();
                while self.tasks.join_next().await.is_some() {}
                self.own.close().await;
            }
            // The queue and the watch end with this task, and whoever waits on them finds the reason; the lanes with it.
            Err(error) => failure.set(error),
        }
    }

    async fn work(&mut self) -> Result<()> {
        loop {
            match self.wait(true).await? {
                Woken::Work(None) => break,
                Woken::Work(Some(Work::Item(item, room))) => self.item(*item, room).await?,
                Woken::Work(Some(Work::Forget(table))) => {
                    self.settle().await?;
                    self.targets.forget(&table);
                }
                Woken::Work(Some(Work::Drain(done))) => {
                    self.settle().await?;
                    self.no_open_part()?;
                    self.own.wake().await?;
                    self.fold().await?;
                    // Who asked may have been cancelled since.
                    let _ = done.send(match self.refused.take() {
                        Some(refused) => Err(refused),
                        None => Ok(self.ledger.watermark().cloned()),
                    });
                }
                Woken::Told(told) => self.note(told)?,
                Woken::Time => {}
            }
            if self.part.is_none() && self.ledger.fold_at().is_some_and(|at| at <= Instant::now()) {
                self.own.wake().await?;
                self.fold().await?;
            }
        }
        self.settle().await?;
        if self.part.is_none() { self.fold().await } else { Ok(()) }
    }

    /// Waits for work or for a lane; keeps the session alive meanwhile.
    async fn wait(&mut self, work: bool) -> Result<Woken> {
        loop {
            let ping = Instant::now() + PING_AFTER.saturating_sub(self.own.session.idle());
            let fold = self.ledger.fold_at().filter(|_| self.part.is_none() && work);
            tokio::select! {
                biased;
                Some(told) = self.told.recv() => return Ok(Woken::Told(told)),
                work = self.queue.recv(), if work => return Ok(Woken::Work(work)),
                () = tokio::time::sleep_until(fold.map_or(ping, |at| at.min(ping)).into()) => {}
            }
            if fold.is_some_and(|at| at <= Instant::now()) {
                return Ok(Woken::Time);
            }
            self.wake().await?;
        }
    }

    /// Pings an idle session and opens a new one where it is gone; inside a transaction that ends the run.
    pub(super) async fn wake(&mut self) -> Result<()> {
        if self.part.is_some() { self.own.ping().await } else { self.own.wake().await }
    }

    /// Waits until everything that was dealt to the lanes is committed.
    async fn settle(&mut self) -> Result<()> {
        if self.schedule.open() > 0 {
            self.standing.say(WORKER, "waits until the lanes are done with what they have");
        }
        while self.schedule.open() > 0 {
            if let Woken::Told(told) = self.wait(false).await? {
                self.note(told)?;
            }
        }
        Ok(())
    }

    fn note(&mut self, told: Told) -> Result<()> {
        match told {
            Told::Committed { place, entries, keys, counts, full } => {
                self.schedule.committed(place);
                self.ledger.grouped(full);
                self.ledger.close(&entries, keys, counts);
                Ok(())
            }
            Told::Conflict(seen) => {
                self.ledger.stopped(*seen);
                Ok(())
            }
            Told::Failed(error) => Err(error),
            Told::Ended => Err(Error::transient("lane_ended", "a task of the job ended without a reason; its panic is in the log")),
        }
    }

    async fn item(&mut self, item: Item, room: OwnedSemaphorePermit) -> Result<()> {
        if let Some(refused) = self.refused.take() {
            return Err(refused);
        }
        if !matches!(item, Item::TxPart { .. }) {
            self.no_open_part()?;
        }
        match item {
            Item::Tx { id, end, rows, source_time, xid: _ } => {
                let entry = self.ledger.open(end, source_time);
                if self.ledger.has(&id) {
                    self.pass(entry, Vec::new(), 0);
                    return Ok(());
                }
                self.deal(id, rows, entry, room).await
            }
            Item::TxPart { id, rows, end, source_time } => self.part(id, rows, end, source_time).await,
            Item::Ddl { id, end, ddl, source_time } => {
                self.settle().await?;
                self.ledger.runs_statement(true);
                self.standing.say(WORKER, format_args!("runs the statement of transaction {id}"));
                let keys = match self.ledger.has(&id) {
                    true => Vec::new(),
                    false => match self.ddl(&id, &ddl).await {
                        // It has done nothing: there is no trace of it, and what follows it waits for a decision.
                        Err(refused) if refused.kind == Kind::Undecided => {
                            self.refused = Some(refused);
                            self.ledger.runs_statement(false);
                            return Ok(());
                        }
                        done => done?,
                    },
                };
                self.ledger.runs_statement(false);
                let entry = self.ledger.open(end, source_time);
                self.pass(entry, keys, 1);
                Ok(())
            }
            Item::Skip { end, source_time, .. } => {
                let entry = self.ledger.open(end, source_time);
                self.pass(entry, Vec::new(), 0);
                Ok(())
            }
            Item::Move { to, above } => {
                self.settle().await?;
                self.go_to(to, above).await
            }
            Item::Table(state) => {
                self.settle().await?;
                self.table(&state).await
            }
            Item::LetGo(table) => {
                self.settle().await?;
                self.own.wake().await?;
                let statements = self.own.books.drop_table(&table);
                self.own.fenced(&statements).await?;
                self.targets.defined(&table, None);
                Ok(())
            }
        }
    }

    fn pass(&mut self, entry: u64, keys: Vec<(String, u64)>, transactions: u64) {
        self.ledger.close(&[entry], keys, Counts { transactions, ..Counts::default() });
    }

    /// Gives a transaction to the lane where it keeps its order.
    async fn deal(&mut self, id: TxId, rows: Vec<(RowsEvent, Mode)>, entry: u64, room: OwnedSemaphorePermit) -> Result<()> {
        let rows = self.targeted(&id, rows).await?;
        let touched = if self.schedule.is_parallel() { touched(&rows)? } else { Touched::default() };
        // What was committed meanwhile need not be waited for.
        while let Ok(told) = self.told.try_recv() {
            self.note(told)?;
        }
        self.standing.say(WORKER, format_args!("hands out transaction {id}"));
        let placed = self.schedule.place(touched);
        let (lane, number) = placed.place;
        if self.lanes[lane].is_none() {
            self.start(lane);
        }
        let tx = Tx { id, rows, entry, number, after: placed.after, _room: room };
        let sent = match &self.lanes[lane] {
            Some(handle) => handle.send(tx).await,
            None => false,
        };
        if !sent {
            // It has ended and said why.
            while let Some(told) = self.told.recv().await {
                self.note(told)?;
            }
        }
        Ok(())
    }

    fn start(&mut self, number: usize) {
        let Some(committed) = self.committed[number].0.take() else { return };
        let others = self.committed.iter().map(|(_, receive)| receive.clone()).collect();
        let (settings, books) = (self.own.settings.clone(), self.own.books.clone());
        let (lane, handle) = Lane::new(number, settings, books, others, committed, self.tell.clone(), self.standing.clone());
        self.tasks.spawn(lane.run());
        self.lanes[number] = Some(handle);
    }

    /// Looks up the tables that the rows go to.
    async fn targeted(&mut self, id: &TxId, rows: Vec<(RowsEvent, Mode)>) -> Result<Vec<Rows>> {
        let mut out = Vec::with_capacity(rows.len());
        for (event, mode) in rows {
            let target = if mode == Mode::Drop { None } else { Some(self.target(&event.map).await?) };
            let behind = target.as_ref().map_or_else(Vec::new, |target| self.targets.behind(target, id));
            out.push(Rows { event, mode, target, behind });
        }
        Ok(out)
    }

    async fn target(&mut self, map: &Arc<TableMap>) -> Result<Arc<Target>> {
        if let Some(known) = self.targets.known(map) {
            return Ok(known);
        }
        // What is on its way was read with the definition before.
        self.settle().await?;
        self.wake().await?;
        self.targets.read(&mut self.own.session, map).await
    }

    /// Statements of any other transaction would commit an open one unseen.
    fn no_open_part(&self) -> Result<()> {
        if self.part.is_none() {
            Ok(())
        } else {
            Err(Error::permanent("stream_order", "a transaction was submitted in parts and not to its end"))
        }
    }

    /// Applies one part of a transaction that is too large to hold. Nothing is repeated here: on a lock conflict the run
    /// ends and begins again from the watermark.
    async fn part(&mut self, id: TxId, rows: Vec<(RowsEvent, Mode)>, end: Option<Position>, source_time: i64) -> Result<()> {
        self.settle().await?;
        let applied = self.ledger.has(&id);
        if self.part.as_ref().is_some_and(|part| part.id != id) {
            return Err(Error::permanent("stream_order", "parts of two transactions are mixed"));
        }
        let rows = if applied { Vec::new() } else { self.targeted(&id, rows).await? };
        let mut part = match self.part.take() {
            Some(part) => part,
            None => {
                self.own.wake().await?;
                Part { id, counts: Counts::default(), begun: false }
            }
        };
        if !applied {
            let applied = self.own.part(&mut part, &rows).await;
            if let Some(seen) = self.own.stopped.take() {
                self.ledger.stopped(seen);
            }
            applied?;
        }
        let Some(end) = end else {
            self.part = Some(part);
            return Ok(());
        };
        let keys = if applied { Vec::new() } else { vec![self.own.end_part(&part).await?] };
        let entry = self.ledger.open(end, source_time);
        self.ledger.close(&[entry], keys, Counts { transactions: 1, ..part.counts });
        Ok(())
    }
}
