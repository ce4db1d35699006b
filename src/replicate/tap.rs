//! Looking at a running job's changes as they pass.
//!
//! ```text
//!  pump, copy ──offer──▶ ring of each viewer (bounded; full: counted and dropped) ──▶ Viewer::next: decode, sample
//! ```
//! Called by the pump and the copy with what they are about to hand to the sink, and by whoever looks (through
//! [`Viewer`]). Invariant: the job never waits for a viewer and keeps nothing for one beyond its ring; nobody looking
//! costs one atomic load per transaction or block. What is shown is what is sent: behind the job's row filters, projections
//! and excluded columns. All the work (definitions, decoding, text) is done in the viewer's own
//! time, over a connection of its own to the source.

mod shown;
mod viewer;

pub use shown::{Op, Shown};
pub use viewer::{Missed, Viewer};

use super::event::{DdlEvent, RowsEvent};
use super::sink::{Mode, RowBlock};
use super::table::Table;
use crate::model::position::TxId;
use crate::model::replicate::TableName;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;

/// What a ring holds, by events and by the bytes of their rows.
const RING_EVENTS: usize = 512;
const RING_BYTES: usize = 4 << 20;
/// Rows of a copied block that a viewer may see.
const BLOCK_SAMPLE: usize = 50;

/// The job's end: kept over its runs.
#[derive(Debug, Clone, Default)]
pub struct Tap(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    looking: AtomicUsize,
    rings: Mutex<Vec<Ring>>,
}

/// What one viewer gets.
#[derive(Debug, Clone)]
struct Ring {
    table: Option<Wanted>,
    passed: mpsc::Sender<Passed>,
    /// Shared with the viewer, who takes away what it has read.
    bytes: Arc<AtomicUsize>,
    lost: Arc<AtomicU64>,
}

/// A table by its full name, or by its own in any schema.
#[derive(Debug, Clone)]
struct Wanted(String);

impl Wanted {
    fn is(&self, table: &TableName) -> bool {
        self.0 == table.table || self.0.split_once('.').is_some_and(|(schema, name)| schema == table.schema && name == table.table)
    }
}

/// Something that passed, as it was.
#[derive(Debug, Clone)]
enum Passed {
    Rows { id: TxId, unix_time: i64, event: RowsEvent },
    Copied { table: Arc<Table>, rows: RowBlock, more: u64, unix_ms: i64 },
    Statement { id: TxId, ddl: DdlEvent },
}

impl Passed {
    fn bytes(&self) -> usize {
        match self {
            Self::Rows { event, .. } => event.rows.len(),
            Self::Copied { rows, .. } => rows.bytes(),
            Self::Statement { ddl, .. } => ddl.statement.len(),
        }
    }
}

impl Tap {
    fn nobody(&self) -> bool {
        self.0.looking.load(Ordering::Relaxed) == 0
    }

    /// How many look.
    pub fn viewers(&self) -> usize {
        self.0.looking.load(Ordering::Relaxed)
    }

    /// Rows of a transaction that go to the sink now.
    pub(super) fn rows(&self, id: &TxId, unix_time: i64, rows: &[(RowsEvent, Mode)]) {
        if self.nobody() {
            return;
        }
        for (event, _) in rows {
            self.offer(Some(&event.map.table), || Passed::Rows { id: id.clone(), unix_time, event: event.clone() });
        }
    }

    /// A block of copied rows that goes to the sink now.
    pub(super) fn copied(&self, table: &Arc<Table>, rows: &RowBlock) {
        if self.nobody() {
            return;
        }
        self.offer(Some(&table.name), || {
            let shown = rows.rows().min(BLOCK_SAMPLE);
            let mut sample = RowBlock { columns: rows.columns, ..RowBlock::default() };
            for row in 0..shown {
                (0..rows.columns).for_each(|column| sample.push(rows.value(row, column)));
            }
            let more = (rows.rows() - shown) as u64;
            Passed::Copied { table: Arc::clone(table), rows: sample, more, unix_ms: jiff::Timestamp::now().as_millisecond() }
        });
    }

    /// A statement on the job's tables.
    pub(super) fn statement(&self, id: &TxId, ddl: &DdlEvent) {
        if !self.nobody() {
            self.offer(None, || Passed::Statement { id: id.clone(), ddl: ddl.clone() });
        }
    }

    fn offer(&self, table: Option<&TableName>, passed: impl Fn() -> Passed) {
        let rings = self.0.rings.lock().expect("nothing panics while holding it");
        for ring in rings.iter() {
            if ring.table.as_ref().is_some_and(|wanted| table.is_none_or(|table| !wanted.is(table))) {
                continue;
            }
            let room = ring.bytes.load(Ordering::Relaxed) < RING_BYTES && ring.passed.capacity() > 0;
            if !room {
                ring.lost.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let passed = passed();
            let bytes = passed.bytes();
            ring.bytes.fetch_add(bytes, Ordering::Relaxed);
            if ring.passed.try_send(passed).is_err() {
                ring.bytes.fetch_sub(bytes, Ordering::Relaxed);
                ring.lost.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn join(&self, table: Option<Wanted>) -> (Ring, mpsc::Receiver<Passed>) {
        let (passed, seen) = mpsc::channel(RING_EVENTS);
        let ring = Ring { table, passed, bytes: Arc::default(), lost: Arc::default() };
        self.0.rings.lock().expect("nothing panics while holding it").push(ring.clone());
        self.0.looking.fetch_add(1, Ordering::Relaxed);
        (ring, seen)
    }

    fn leave(&self, ring: &Ring) {
        self.0.rings.lock().expect("nothing panics while holding it").retain(|r| !Arc::ptr_eq(&r.bytes, &ring.bytes));
        self.0.looking.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> TableName {
        TableName::new("shop", "orders")
    }

    fn id() -> TxId {
        TxId { gtid: None, file: "b.1".into(), start_offset: 4 }
    }

    fn rows(bytes: usize) -> (RowsEvent, Mode) {
        let map = Arc::new(crate::replicate::event::TableMap { table: table(), columns: Vec::new(), primary: None });
        let event = RowsEvent {
            kind: crate::replicate::event::RowsKind::Insert,
            map,
            rows: vec![0; bytes].into(),
            json_parts: false,
            foreign_keys_off: false,
        };
        (event, Mode::Exact)
    }

    #[test]
    fn a_ring_that_is_full_counts_what_it_drops_and_nobody_waits() {
        let tap = Tap::default();
        tap.rows(&id(), 1, &[rows(1)]);
        let (ring, mut seen) = tap.join(None);
        for _ in 0..RING_EVENTS + 7 {
            tap.rows(&id(), 1, &[rows(1)]);
        }
        assert_eq!((ring.lost.load(Ordering::Relaxed), tap.viewers()), (7, 1));
        let mut held = 0;
        while seen.try_recv().is_ok() {
            held += 1;
        }
        assert_eq!(held, RING_EVENTS, "what passed before is not seen");
        ring.bytes.store(0, Ordering::Relaxed);
        tap.rows(&id(), 1, &[rows(RING_BYTES), rows(1)]);
        assert_eq!(ring.lost.load(Ordering::Relaxed), 8, "bytes bound it too");
        tap.leave(&ring);
        assert!(tap.nobody());
        tap.rows(&id(), 1, &[rows(1)]);
        assert!(seen.try_recv().is_ok() && seen.try_recv().is_err());
    }

    #[test]
    fn a_viewer_names_a_table_with_or_without_its_schema() {
        for (text, hit) in [("orders", true), ("shop.orders", true), ("shop", false), ("x.orders", false), ("order", false)] {
            assert_eq!(Wanted(text.into()).is(&table()), hit, "{text}");
        }
    }
}
