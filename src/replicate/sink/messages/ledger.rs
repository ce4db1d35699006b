//! What is delivered, and from there what is kept: the prefix of entries whose every message is.

use super::carrier::Carrier;
use super::figures::{self, Figures};
use super::signals::Signals;
use super::topics::Topic;
use crate::model::position::Position;
use crate::model::replicate::TableName;
use crate::replicate::Result;
use crate::replicate::memory::Memory;
use crate::replicate::sink::{Durable, RowCounts};
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The kept position is at most so much older than the acknowledged one.
const SAVE_EVERY: Duration = Duration::from_millis(250);
/// Entries that wait for acknowledgements; more are left in the queue, which holds `submit` up.
const MOST_PENDING: usize = 65_536;

/// One piece of the stream, or one chunk of the copy.
#[derive(Debug)]
pub(in crate::replicate::sink) struct Entry {
    /// Messages that are not acknowledged, and one more while messages are added.
    left: AtomicUsize,
    end: Option<Position>,
    source_time: i64,
    /// Where the carrier stands behind it; 0 in the middle of a transaction, where nothing may be kept of that.
    mark: AtomicU64,
    counts: Mutex<Vec<(TableName, RowCounts)>>,
    /// Messages and their bytes.
    sent: Mutex<Vec<(Arc<Topic>, u64, u64)>>,
    pub(super) documents: Vec<(String, Option<String>)>,
    all_in: Notify,
}

impl Entry {
    pub(in crate::replicate::sink) fn new(end: Option<Position>, source_time: i64, documents: Vec<(String, Option<String>)>) -> Self {
        Self {
            left: AtomicUsize::new(0),
            end,
            source_time,
            mark: AtomicU64::new(0),
            counts: Mutex::default(),
            sent: Mutex::default(),
            documents,
            all_in: Notify::new(),
        }
    }
    /// All of its messages are handed over, and it ends where something may be kept.
    pub(super) fn ends_at(&self, mark: u64) {
        self.mark.store(mark, Ordering::Release);
    }
    /// Messages are going to be added: it is not complete before `release`.
    pub(super) fn hold(&self) {
        self.left.fetch_add(1, Ordering::AcqRel);
    }
    pub(super) fn release(&self) {
        self.acknowledged();
    }
    pub(in crate::replicate::sink) fn sent(&self) {
        self.left.fetch_add(1, Ordering::AcqRel);
    }
    /// Says how much of it went to a topic, for the figures.
    pub(super) fn wrote(&self, topic: &Arc<Topic>, messages: u64, bytes: u64) {
        self.sent.lock().expect("nothing panics while holding it").push((Arc::clone(topic), messages, bytes));
    }
    /// Counts all of it as delivered; returns the bytes.
    pub(super) fn delivered(&self) -> u64 {
        let sent = std::mem::take(&mut *self.sent.lock().expect("nothing panics while holding it"));
        sent.iter().for_each(|(topic, messages, bytes)| topic.got(*messages, *bytes));
        sent.iter().map(|(_, _, bytes)| bytes).sum()
    }
    /// Returns true when it was the last.
    pub(in crate::replicate::sink) fn acknowledged(&self) -> bool {
        let last = self.left.fetch_sub(1, Ordering::AcqRel) == 1;
        if last {
            self.all_in.notify_one();
        }
        last
    }
    pub(super) fn is_complete(&self) -> bool {
        self.left.load(Ordering::Acquire) == 0
    }
    /// Waits until every message is acknowledged. One waiter at a time.
    pub(in crate::replicate::sink) async fn complete(&self) {
        while !self.is_complete() {
            self.all_in.notified().await;
        }
    }
    /// Takes a later one up that did nothing but move on, where both are complete: a log without rows of the job does not
    /// pile up behind a message that waits.
    fn absorb(&mut self, later: &Self) -> bool {
        let plain = later.is_complete() && later.counts.lock().is_ok_and(|c| c.is_empty()) && later.sent.lock().is_ok_and(|s| s.is_empty());
        if !plain || !self.is_complete() {
            return false;
        }
        if let Some(end) = &later.end {
            self.end = Some(end.clone());
            self.source_time = if later.source_time > 0 { later.source_time } else { self.source_time };
        }
        self.mark.fetch_max(later.mark.load(Ordering::Acquire), Ordering::AcqRel);
        self.documents.extend(later.documents.iter().cloned());
        true
    }
    pub(super) fn count(&self, table: &TableName, counts: RowCounts) {
        self.counts.lock().expect("nothing panics while holding it").push((table.clone(), counts));
    }
}

pub(super) enum Work {
    Entry(Arc<Entry>),
    Drain(oneshot::Sender<Option<Position>>),
}

/// Takes entries in stream order and keeps what their prefix comes to.
pub(super) struct Saver {
    work: mpsc::Receiver<Work>,
    carrier: Carrier,
    signals: Signals,
    memory: Memory,
    publish: watch::Sender<Durable>,
    figures: Figures,
    stop: CancellationToken,
    pending: VecDeque<Work>,
    /// What the next save brings.
    documents: BTreeMap<String, Option<String>>,
    next: Durable,
    mark: u64,
    moved: bool,
    tables: BTreeMap<TableName, RowCounts>,
}

impl Saver {
    pub(super) fn new(
        work: mpsc::Receiver<Work>,
        carrier: Carrier,
        signals: Signals,
        memory: Memory,
        publish: watch::Sender<Durable>,
        figures: Figures,
        stop: CancellationToken,
    ) -> Self {
        let (next, mark) = (publish.borrow().clone(), carrier.mark());
        Self {
            work,
            carrier,
            signals,
            memory,
            publish,
            figures,
            stop,
            pending: VecDeque::new(),
            documents: BTreeMap::new(),
            next,
            mark,
            moved: false,
            tables: BTreeMap::new(),
        }
    }

    /// Runs until its senders are gone or something fails; `durable` ends with it.
    pub(super) async fn run(mut self) {
        let stop = self.stop.clone();
        let outcome = stop.run_until_cancelled(self.work()).await;
        if let Some(Err(error)) = outcome {
            self.signals.fail(error);
        }
    }

    async fn work(&mut self) -> Result<()> {
        let acknowledged = self.signals.acknowledged();
        let mut saved = Instant::now();
        let mut open = true;
        let mut tick = tokio::time::interval(figures::EVERY);
        while open || !self.pending.is_empty() {
            tokio::select! {
                work = self.work.recv(), if open && self.pending.len() < MOST_PENDING => match work {
                    Some(work) => self.push(work),
                    None => open = false,
                },
                () = acknowledged.notified() => {}
                () = tokio::time::sleep_until(saved + SAVE_EVERY), if self.moved => {}
                _ = tick.tick() => self.tell(),
                error = self.signals.failed() => return Err(error),
            }
            // A sender that is gone gives up what is not acknowledged: it is asked for again.
            if !open && !self.pending.front().is_some_and(ready) {
                self.pending.clear();
            }
            loop {
                while let Some(Work::Entry(entry)) = self.pending.front()
                    && entry.is_complete()
                {
                    let entry = Arc::clone(entry);
                    self.pending.pop_front();
                    self.fold(&entry);
                }
                let drain = matches!(self.pending.front(), Some(Work::Drain(_)));
                if self.moved && (drain || !open || saved.elapsed() >= SAVE_EVERY) {
                    self.save().await?;
                    saved = Instant::now();
                }
                if !drain {
                    break;
                }
                if let Some(Work::Drain(done)) = self.pending.pop_front() {
                    // Whoever asked may be gone.
                    let _ = done.send(self.next.watermark.clone());
                }
            }
            self.publish.send_if_modified(|shown| {
                let queued = self.pending.len() as u64;
                let changed = shown.queued != queued || shown.waiting != self.next.waiting;
                shown.queued = queued;
                shown.waiting.clone_from(&self.next.waiting);
                changed
            });
        }
        self.tell();
        Ok(())
    }

    fn push(&mut self, work: Work) {
        if let (Work::Entry(later), Some(Work::Entry(last))) = (&work, self.pending.back_mut())
            && Arc::get_mut(last).is_some_and(|last| last.absorb(later))
        {
            return;
        }
        self.pending.push_back(work);
    }

    fn tell(&mut self) {
        self.next.waiting = self.figures.tick(&self.carrier, Instant::now());
    }

    fn fold(&mut self, entry: &Entry) {
        self.moved = true;
        self.documents.extend(entry.documents.iter().cloned());
        self.mark = self.mark.max(entry.mark.load(Ordering::Acquire));
        if let Some(end) = &entry.end {
            self.next.watermark = Some(end.clone());
            if entry.source_time > 0 {
                self.next.source_time = Some(entry.source_time);
            }
        }
        self.next.bytes += entry.delivered();
        let counts = entry.counts.lock().expect("nothing panics while holding it");
        if entry.end.is_some() && !counts.is_empty() {
            self.next.transactions += 1;
        }
        for (table, counts) in counts.iter() {
            let sums = self.tables.entry(table.clone()).or_default();
            for (sum, count) in sums.iter_mut().zip(counts) {
                *sum += count;
            }
            self.next.row_events += counts[..4].iter().sum::<u64>();
        }
    }

    async fn save(&mut self) -> Result<()> {
        let mut changes: Vec<_> = std::mem::take(&mut self.documents).into_iter().collect();
        if let Some(at) = &self.next.watermark {
            changes.push(super::kept::position(at));
        }
        changes.extend(self.figures.topics().take_changed().iter().map(|(name, count)| super::kept::topic(name, *count)));
        changes.extend(self.carrier.sync(self.mark).await?);
        self.memory.save(changes).await?;
        self.moved = false;
        self.next.tables = self.tables.iter().map(|(t, c)| (t.clone(), *c)).collect();
        self.next.queued = self.pending.len() as u64;
        self.publish.send_replace(self.next.clone());
        Ok(())
    }
}

fn ready(work: &Work) -> bool {
    match work {
        Work::Entry(entry) => entry.is_complete(),
        Work::Drain(_) => true,
    }
}
