//! The copy's figures: counted here, published at most five times a second.

use crate::model::job::JobState;
use crate::model::progress::{HeldBy, TablePhase, TableProgress};
use crate::replicate::fingerprint::Fingerprint;
use crate::replicate::inexact;
use crate::replicate::report::Report;
use crate::replicate::sink::{TableState, Written};
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_millis(200);
/// The time over which a rate forgets.
const MEMORY: f64 = 4.0;

/// What keeps the copy back.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) by_limits: bool,
    pub(super) by_gates: Vec<HeldBy>,
}

#[derive(Debug)]
pub(super) struct Meter {
    report: Report,
    /// Those that are copied first, in the engine's order; then what else the job has.
    pub(super) tables: Vec<TableProgress>,
    /// Written so far.
    chunks: u64,
    /// Bytes that the job had written before, but for these tables' copies.
    other_bytes: u64,
    copied_total: u64,
    rows: Rate,
    bytes: Rate,
    published: Option<Instant>,
}

/// An exponentially weighted rate per second.
#[derive(Debug, Default)]
struct Rate {
    value: f64,
    pending: u64,
    seconds: f64,
}

impl Rate {
    fn tick(&mut self, elapsed: f64) -> f64 {
        if elapsed > 0.0 {
            let now = self.pending as f64 / elapsed;
            // Until as much time has passed as it remembers, it is the plain mean.
            self.seconds += elapsed;
            let weight = (elapsed / self.seconds).max(1.0 - (-elapsed / MEMORY).exp());
            self.value += (now - self.value) * weight;
            self.pending = 0;
        }
        self.value
    }
}

impl Meter {
    pub(super) fn new(report: Report, mut tables: Vec<TableProgress>) -> Self {
        let before = report.figures();
        let other_bytes = before.dest.bytes.saturating_sub(before.tables.iter().map(|t| t.bytes_copied).sum());
        for known in before.tables {
            match tables.iter_mut().find(|t| t.table == known.table) {
                Some(t) => {
                    let TableProgress { phase, rows_copied, rows_estimated, held_rows, .. } = *t;
                    *t = TableProgress { phase, rows_copied, rows_estimated, held_rows, ..known };
                }
                None => tables.push(known),
            }
        }
        let (rows, bytes) = (Rate::default(), Rate::default());
        Self { report, tables, other_bytes, copied_total: before.copied_total, chunks: 0, rows, bytes, published: None }
    }

    /// A table's copy goes on after so many rows, or begins, maybe again.
    pub(super) fn begins(&mut self, index: usize, state: &TableState) {
        let table = &mut self.tables[index];
        let rows = state.chunks.iter().map(|c| c.rows).sum();
        (table.rows_copied, table.held_rows) = (rows, Fingerprint::held_rows(&state.fingerprint));
        if rows == 0 {
            self.other_bytes += std::mem::take(&mut table.bytes_copied);
        }
    }

    pub(super) fn wrote(&mut self, index: usize, rows: u64, bytes: u64, written: Written) {
        let table = &mut self.tables[index];
        table.filtered += written.filtered;
        if written.inexact > 0 {
            self.report.update(|p| p.note(inexact::NOTE, |n| n + written.inexact));
        }
        table.rows_copied += rows;
        table.bytes_copied += bytes;
        table.rows_estimated = table.rows_estimated.max(table.rows_copied);
        self.chunks += 1;
        self.copied_total += rows;
        self.rows.pending += rows;
        self.bytes.pending += bytes;
    }

    /// A finished table's estimate is what it had.
    pub(super) fn phase(&mut self, index: usize, phase: TablePhase) {
        let table = &mut self.tables[index];
        table.phase = phase;
        if matches!(phase, TablePhase::Converging | TablePhase::Exact) {
            table.rows_estimated = table.rows_copied;
        }
    }

    pub(super) fn publish(&mut self, now: Instant, force: bool, waiting: Option<String>, held: Held) {
        let elapsed = self.published.map_or(Duration::ZERO, |then| now - then);
        if self.published.is_some() && elapsed < EVERY && !force {
            return;
        }
        self.published = Some(now);
        let (rows_rate, bytes_rate) = (self.rows.tick(elapsed.as_secs_f64()), self.bytes.tick(elapsed.as_secs_f64()));
        let done: u64 = self.tables.iter().map(|t| t.rows_copied).sum();
        let estimated: u64 = self.tables.iter().map(|t| t.rows_estimated.max(t.rows_copied)).sum();
        let bytes = self.other_bytes + self.tables.iter().map(|t| t.bytes_copied).sum::<u64>();
        self.report.update(|p| {
            p.state = waiting.map_or(JobState::Copying, JobState::Waiting);
            (p.held_back, p.held_by) = (held.by_limits, held.by_gates);
            p.tables.clone_from(&self.tables);
            p.copied_total = self.copied_total;
            for side in [&mut p.src, &mut p.dest] {
                (side.rows_done, side.rows_estimated, side.bytes) = (done, estimated, bytes);
                (side.batches, side.batch_bytes) = (self.chunks, bytes);
                side.stage = "Sending data".into();
            }
            (p.copy_rows_per_second, p.copy_bytes_per_second) = (rows_rate, bytes_rate);
            p.eta_seconds = (rows_rate >= 1.0).then(|| ((estimated - done) as f64 / rows_rate).ceil() as u64);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::replicate::TableName;

    #[test]
    fn figures_are_published_with_rate_and_time_left() {
        let (report, seen, _events) = Report::new();
        let table = TableProgress { rows_estimated: 1000, ..TableProgress::new(TableName::new("d", "t"), TablePhase::Copying) };
        let mut meter = Meter::new(report, vec![table]);
        let start = Instant::now();
        meter.publish(start, false, None, Held::default());
        meter.wrote(0, 100, 5000, Written { filtered: 7, inexact: 2 });
        meter.publish(start + Duration::from_millis(50), false, None, Held::default());
        assert_eq!(seen.borrow().src.rows_done, 0);
        meter.publish(start + Duration::from_secs(1), false, Some("x".into()), Held::default());
        let now = seen.borrow().clone();
        assert_eq!((now.src.rows_done, now.src.rows_estimated, now.copy_rows_per_second.round()), (100, 1000, 100.0));
        assert_eq!((now.eta_seconds, now.state), (Some(9), JobState::Waiting("x".into())));
        assert_eq!((now.tables[0].filtered, now.notes), (7, vec![(inexact::NOTE.to_owned(), 2)]));
        meter.phase(0, TablePhase::Converging);
        meter.publish(start + Duration::from_secs(2), false, None, Held::default());
        assert_eq!(seen.borrow().src.rows_estimated, 100);
    }
}
