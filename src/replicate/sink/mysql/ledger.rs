//! What is durable at the target: the watermark, its counters, and which `applied` rows lie behind it.
//!
//! Source transactions are entered in stream order and closed in any: the watermark stands at the end of the last one
//! before the first that is open. Every target transaction leaves one `applied` row. Folding moves the stored checkpoint to the watermark and deletes the
//! rows behind it, at most once a second or every 1,000 rows, so that no row is updated once per transaction.

use super::takeover::Left;
use crate::model::position::{Position, TxId};
use crate::model::progress::{CONFLICTS, ConflictChange, ConflictDecision, ConflictSeen};
use crate::model::replicate::TableName;
use crate::replicate::event::RowsKind;
use crate::replicate::sink::{Above, Durable, RowCounts};
use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};
use tokio::sync::watch;

const FOLD_AFTER: Duration = Duration::from_secs(1);
/// Where nothing was applied since: two jobs in opposite directions would else keep each other awake by their folds.
const FOLD_PASSED_AFTER: Duration = Duration::from_secs(30);
const FOLD_ROWS: usize = 1000;

/// What one target transaction adds to the counters.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) transactions: u64,
    /// How often it was rolled back and done again because of others' locks.
    pub(super) lock_repeats: u64,
    /// Also those that were left out in the end.
    pub(super) row_events: u64,
    /// Rows that the conflict policy left out.
    pub(super) skipped: u64,
    pub(super) bytes: u64,
    pub(super) tables: HashMap<TableName, RowCounts>,
    /// Rows with numbers of JSON that the target rounds.
    pub(super) inexact: u64,
    pub(super) conflicts: Vec<ConflictSeen>,
}

impl Counts {
    pub(super) fn rows(&mut self, table: &TableName, kind: RowsKind, rows: u64) {
        let at = match kind {
            RowsKind::Insert => 0,
            RowsKind::Update => 1,
            RowsKind::Delete => 2,
        };
        let counts = self.entry(table);
        counts[at] = counts[at].wrapping_add(rows);
        self.row_events += rows;
    }
    /// Rows that the job's row filter leaves out.
    pub(super) fn filtered(&mut self, table: &TableName, rows: u64) {
        if rows > 0 {
            self.entry(table)[4] += rows;
        }
    }
    /// A change that is left out is none that was made at the target.
    pub(super) fn conflict(&mut self, seen: ConflictSeen) {
        let of = match seen.change {
            ConflictChange::Insert => 0,
            ConflictChange::Update => 1,
            ConflictChange::Delete => 2,
        };
        let counts = self.entry(&seen.table);
        counts[3] += 1;
        if seen.decision == ConflictDecision::Skipped {
            // The rows of its event are counted when all of them are done.
            counts[of] = counts[of].wrapping_sub(1);
            self.skipped += 1;
        }
        // More of one transaction than are remembered say nothing new.
        if self.conflicts.len() < CONFLICTS {
            self.conflicts.push(seen);
        }
    }
    fn entry(&mut self, table: &TableName) -> &mut RowCounts {
        if !self.tables.contains_key(table) {
            self.tables.insert(table.clone(), RowCounts::default());
        }
        self.tables.get_mut(table).expect("just put there")
    }
}

#[derive(Debug)]
pub(super) struct Ledger {
    publish: watch::Sender<Durable>,
    index: HashMap<TableName, usize>,
    watermark: Option<Position>,
    /// Entries from `first` on, in stream order: where each ends, its time at the source, and whether it is closed.
    entries: VecDeque<(Position, i64, bool)>,
    first: u64,
    /// How many of them are closed.
    closed: u64,
    /// `applied` rows of this run that do not yet lie behind the watermark, with the last entry of each.
    above: Vec<(u64, (String, u64))>,
    /// `applied` rows of this run that lie behind the watermark.
    behind: Vec<(String, u64)>,
    /// `applied` rows of earlier runs.
    left: Vec<Left>,
    /// The transactions of `left` that are passed over.
    known: HashSet<TxId>,
    dirty: bool,
    /// Something was applied since the last fold.
    applied: bool,
    folded: Instant,
}

/// What a fold writes.
#[derive(Debug)]
pub(super) struct Fold {
    pub(super) watermark: Position,
    pub(super) delete: Vec<(String, u64)>,
}

impl Ledger {
    pub(super) fn new(publish: watch::Sender<Durable>, left: Vec<Left>) -> Self {
        let watermark = publish.borrow().watermark.clone();
        let known = known(&left);
        Self {
            publish,
            index: HashMap::new(),
            watermark,
            entries: VecDeque::new(),
            first: 0,
            closed: 0,
            above: Vec::new(),
            behind: Vec::new(),
            left,
            known,
            dirty: false,
            applied: false,
            folded: Instant::now(),
        }
    }

    /// Enters the next of the stream; returns its number.
    pub(super) fn open(&mut self, end: Position, source_time: i64) -> u64 {
        self.entries.push_back((end, source_time, false));
        self.first + self.entries.len() as u64 - 1
    }

    /// A group of transactions goes to the target: because it is full, or because no more was waiting.
    pub(super) fn grouped(&mut self, full: bool) {
        self.publish.send_modify(|durable| *(if full { &mut durable.groups_full } else { &mut durable.groups_idle }) += 1);
    }

    /// These are committed, and have left these rows in `applied`.
    pub(super) fn close(&mut self, entries: &[u64], keys: Vec<(String, u64)>, counts: Counts) {
        for entry in entries {
            if let Some((_, _, closed)) = entry.checked_sub(self.first).and_then(|at| self.entries.get_mut(at as usize)) {
                self.closed += u64::from(!std::mem::replace(closed, true));
            }
        }
        self.applied |= counts.transactions > 0 || !keys.is_empty();
        if let Some(last) = entries.iter().max() {
            self.above.extend(keys.into_iter().map(|key| (*last, key)));
        }
        let mut source_time = None;
        let closed = self.entries.iter().take_while(|(_, _, closed)| *closed).count();
        for (end, time, _) in self.entries.drain(..closed) {
            self.first += 1;
            self.closed -= 1;
            self.watermark = Some(end);
            self.dirty = true;
            source_time = (time > 0).then_some(time).or(source_time);
        }
        let first = self.first;
        self.behind.extend(self.above.extract_if(.., |(last, _)| *last < first).map(|(_, key)| key));
        let above = self.closed;
        let Self { publish, index, watermark, .. } = self;
        publish.send_modify(|durable| {
            durable.watermark.clone_from(watermark);
            durable.transactions += counts.transactions;
            durable.lock_repeats += counts.lock_repeats;
            durable.row_events += counts.row_events.saturating_sub(counts.skipped);
            durable.skipped += counts.skipped;
            durable.inexact += counts.inexact;
            durable.bytes += counts.bytes;
            // The last, not the newest: clocks are set back.
            durable.source_time = source_time.or(durable.source_time);
            durable.above = above;
            remember(&mut durable.conflicts, counts.conflicts);
            for (table, add) in counts.tables {
                let at = *index.entry(table.clone()).or_insert_with(|| {
                    durable.tables.push((table, RowCounts::default()));
                    durable.tables.len() - 1
                });
                durable.tables[at].1.iter_mut().zip(add).for_each(|(sum, more)| *sum += more);
            }
        });
    }

    /// A change did not fit, and the job ends with it.
    pub(super) fn stopped(&self, seen: ConflictSeen) {
        self.publish.send_modify(|durable| remember(&mut durable.conflicts, [seen]));
    }

    /// Says that the target runs a statement of the log from now on, or that it has ended.
    pub(super) fn runs_statement(&self, runs: bool) {
        self.publish.send_modify(|durable| durable.running = runs.then(Instant::now));
    }

    pub(super) fn watermark(&self) -> Option<&Position> {
        self.watermark.as_ref()
    }

    /// When the next fold is due; None if there is nothing to fold.
    pub(super) fn fold_at(&self) -> Option<Instant> {
        let full = self.behind.len() >= FOLD_ROWS;
        let after = if self.applied { FOLD_AFTER } else { FOLD_PASSED_AFTER };
        self.dirty.then(|| if full { self.folded } else { self.folded + after })
    }

    pub(super) fn fold(&self) -> Option<Fold> {
        let watermark = self.watermark.clone().filter(|_| self.dirty)?;
        let behind = |left: &&Left| left.ids.iter().all(|id| watermark.contains(id));
        let left = self.left.iter().filter(behind).map(|left| left.key.clone());
        let delete = self.behind.iter().cloned().chain(left).collect();
        Some(Fold { watermark, delete })
    }

    pub(super) fn folded(&mut self, fold: &Fold) {
        self.behind.clear();
        if !self.left.is_empty() {
            self.left.retain(|left| !fold.delete.contains(&left.key));
            self.known = known(&self.left);
        }
        self.dirty = false;
        self.applied = false;
        self.folded = Instant::now();
    }

    /// The checkpoint was put elsewhere; nothing is under way.
    pub(super) fn moved(&mut self, to: Position, above: Above, set_back: &str) {
        match above {
            Above::Applied => {}
            Above::Again => {
                for left in self.left.iter_mut().filter(|left| !left.again) {
                    left.key.0.insert_str(0, set_back);
                    left.again = true;
                }
            }
            Above::Foreign => self.left.clear(),
        }
        self.known = known(&self.left);
        self.publish.send_modify(|durable| durable.watermark = Some(to.clone()));
        self.watermark = Some(to);
    }

    /// Says whether an earlier run has committed this transaction.
    pub(super) fn has(&self, id: &TxId) -> bool {
        !self.known.is_empty() && self.known.contains(&identity(id))
    }
}

/// What is passed over.
fn known(left: &[Left]) -> HashSet<TxId> {
    left.iter().filter(|left| !left.again).flat_map(|left| &left.ids).map(identity).collect()
}

/// Keeps the newest.
fn remember(seen: &mut Vec<ConflictSeen>, more: impl IntoIterator<Item = ConflictSeen>) {
    seen.extend(more);
    seen.drain(..seen.len().saturating_sub(CONFLICTS));
}

/// A transaction's GTID, or its file and offset where there is none.
fn identity(id: &TxId) -> TxId {
    match &id.gtid {
        Some(gtid) => TxId { gtid: Some(gtid.clone()), file: String::new(), start_offset: 0 },
        None => id.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset: u64) -> Position {
        Position { gtid: None, file: "bin.000001".into(), offset }
    }
    fn tx(start_offset: u64) -> TxId {
        TxId { gtid: None, file: "bin.000001".into(), start_offset }
    }

    fn key(first: u64) -> (String, u64) {
        ("bin.000001".to_owned(), first)
    }

    #[test]
    fn a_fold_takes_only_rows_behind_the_watermark() {
        let (publish, seen) = watch::channel(Durable::default());
        let left =
            vec![Left { key: key(4), ids: vec![tx(4), tx(9)], again: false }, Left { key: key(50), ids: vec![tx(50)], again: false }];
        let mut ledger = Ledger::new(publish, left);
        assert!(ledger.fold().is_none() && ledger.fold_at().is_none());
        assert!(ledger.has(&tx(9)) && !ledger.has(&tx(10)));
        let entry = ledger.open(at(30), 5);
        ledger.close(&[entry], vec![key(20)], Counts { transactions: 1, ..Counts::default() });
        let fold = ledger.fold().unwrap();
        assert_eq!(fold.delete, [key(20), key(4)]);
        ledger.folded(&fold);
        assert!(ledger.fold().is_none() && ledger.has(&tx(50)) && !ledger.has(&tx(9)));
        assert_eq!((seen.borrow().watermark.clone(), seen.borrow().source_time), (Some(at(30)), Some(5)));
    }

    #[test]
    fn the_time_is_that_of_the_last() {
        let (publish, seen) = watch::channel(Durable::default());
        let mut ledger = Ledger::new(publish, Vec::new());
        for (time, shown) in [(50, 50), (7, 7), (0, 7)] {
            let entry = ledger.open(at(time as u64 + 10), time);
            ledger.close(&[entry], Vec::new(), Counts::default());
            assert_eq!(seen.borrow().source_time, Some(shown));
        }
    }

    #[test]
    fn the_watermark_waits_for_the_first_that_is_open() {
        let (publish, seen) = watch::channel(Durable::default());
        let mut ledger = Ledger::new(publish, Vec::new());
        let entries: Vec<u64> = (1..=5).map(|n| ledger.open(at(10 * n), n as i64)).collect();
        // One lane has the second and the fourth, another the third, a third one the first.
        ledger.close(&[entries[1], entries[3]], vec![key(2)], Counts::default());
        assert!(ledger.fold().is_none() && seen.borrow().watermark.is_none());
        assert_eq!(seen.borrow().above, 2);
        ledger.close(&[entries[0]], vec![key(1)], Counts::default());
        assert_eq!((seen.borrow().watermark.clone(), seen.borrow().source_time, seen.borrow().above), (Some(at(20)), Some(2), 1));
        // The row of the second stands for the fourth too, which is above the watermark: it stays.
        let fold = ledger.fold().unwrap();
        assert_eq!((fold.watermark.clone(), fold.delete.clone()), (at(20), vec![key(1)]));
        ledger.folded(&fold);
        ledger.close(&[entries[2]], vec![key(3)], Counts::default());
        let fold = ledger.fold().unwrap();
        assert_eq!((fold.watermark, fold.delete), (at(40), vec![key(2), key(3)]));
        ledger.close(&[entries[4]], vec![key(5)], Counts::default());
        assert_eq!(seen.borrow().watermark, Some(at(50)));
    }

    #[test]
    fn counters_are_kept_per_table_and_what_is_left_out_is_no_change() {
        let (publish, seen) = watch::channel(Durable::default());
        let mut ledger = Ledger::new(publish, Vec::new());
        for _ in 0..2 {
            let mut counts = Counts::default();
            counts.conflict(ConflictSeen {
                time: jiff::Timestamp::UNIX_EPOCH,
                table: TableName::new("a", "b"),
                key: vec!["id".into()],
                values: vec![Some("7".into())],
                transaction: "0-1-7".into(),
                change: ConflictChange::Update,
                decision: ConflictDecision::Skipped,
                differs: Vec::new(),
            });
            counts.rows(&TableName::new("a", "b"), RowsKind::Update, 3);
            ledger.close(&[], Vec::new(), counts);
        }
        assert_eq!(seen.borrow().tables, [(TableName::new("a", "b"), [0, 4, 0, 2, 0])]);
        assert_eq!(seen.borrow().conflicts.len(), 2);
        let durable = seen.borrow().clone();
        assert_eq!((durable.row_events, durable.skipped, durable.watermark), (4, 2, None));
    }
}
