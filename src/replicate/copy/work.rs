//! A table's place in the copy: what the engine knows of it beside its figures.

use super::read::Source;
use crate::model::position::Position;
use crate::model::progress::{TablePhase, TableProgress};
use crate::model::replicate::TableName;
use crate::replicate::fingerprint::Fingerprint;
use crate::replicate::schema::read::Listed;
use crate::replicate::sink::{Resume, TableState};
use std::sync::Arc;

/// A table's place in the copy.
pub(super) struct Work {
    pub(super) name: TableName,
    pub(super) state: Option<TableState>,
    pub(super) source: Option<Arc<Source>>,
    /// Ranges that are not complete.
    pub(super) open: usize,
    pub(super) stage: Stage,
    pub(super) indexes: Indexes,
    /// The source's position behind its last row.
    pub(super) end: Option<Position>,
    /// Those with the same number are copied in one snapshot.
    pub(super) group: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Waiting,
    Running,
    /// All ranges are durable; its indexes may be missing.
    Read,
    Done,
    /// Not at the source any more.
    Gone,
}

/// The indexes that wait for a table's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Indexes {
    Waiting,
    /// The server does not build them beside writers.
    Late,
    Building,
    Built,
}

/// What may still come of a table whose indexes are begun; keys are a part of it.
const STILL_COMING: u64 = 128 << 20;

impl Work {
    pub(super) fn new(listed: &Listed, resume: &Resume) -> (Self, TableProgress) {
        let state = resume.tables.iter().find(|s| s.table == listed.name).cloned();
        let done = state.as_ref().is_some_and(|s| matches!(s.phase, TablePhase::Converging | TablePhase::Exact));
        let rows = state.as_ref().map_or(0, |s| s.rows.max(s.chunks.iter().map(|c| c.rows).sum()));
        let figures = TableProgress {
            rows_copied: rows,
            rows_estimated: if done { rows } else { listed.rows_estimated.max(rows) },
            held_rows: state.as_ref().is_some_and(|s| Fingerprint::held_rows(&s.fingerprint)),
            ..TableProgress::new(listed.name.clone(), state.as_ref().map_or(TablePhase::Pending, |s| s.phase))
        };
        let stage = if done { Stage::Done } else { Stage::Waiting };
        (
            Self { name: listed.name.clone(), state, source: None, open: 0, stage, indexes: Indexes::Waiting, end: None, group: None },
            figures,
        )
    }

    /// Says whether so few rows are missing that its indexes may be begun.
    pub(super) fn is_nearly_read(&self) -> bool {
        let (Some(source), Some(state)) = (&self.source, &self.state) else { return false };
        let ranges = state.chunks.len().max(1);
        self.open * 5 <= ranges && source.table.data_bytes / ranges as u64 * self.open as u64 <= STILL_COMING
    }
}
