//! Which rule each table's events are judged by (replication.md §2).

use crate::model::position::{Position, TxId};
use crate::model::progress::TablePhase;
use crate::model::replicate::{TableFilter, TableName};
use crate::replicate::coverage::{Coverage, listing};
use crate::replicate::fingerprint::Fingerprint;
use crate::replicate::sink::{Mode, TableState};
use std::collections::HashMap;

/// What the pump knows of the job's tables.
#[derive(Debug)]
pub(in crate::replicate) struct Tables {
    states: HashMap<TableName, TableState>,
    coverage: Coverage,
}

impl Tables {
    pub(in crate::replicate) fn new(states: impl IntoIterator<Item = TableState>, coverage: Coverage) -> Self {
        let states = states.into_iter().filter(|s| s.table != listing()).map(|s| (s.table.clone(), s));
        Self { states: states.collect(), coverage }
    }

    pub(super) fn into_states(self) -> impl Iterator<Item = TableState> {
        self.states.into_values()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &TableName> {
        self.states.keys()
    }

    /// Says whether it is one that was copied, or came of such a one.
    pub(super) fn has(&self, table: &TableName) -> bool {
        self.states.contains_key(table)
    }

    pub(super) fn take(&mut self, table: &TableName) -> Option<TableState> {
        self.states.remove(table)
    }

    /// Puts a state under another name.
    pub(super) fn put(&mut self, state: TableState, table: TableName) -> TableState {
        let state = TableState { table: table.clone(), ..state };
        self.states.insert(table, state.clone());
        state
    }

    /// Says whether it is of an online change that the job has no part in: what a table was, and no statement that ran at
    /// the target made it so.
    pub(super) fn leaves(&self, table: &TableName) -> bool {
        !self.states.contains_key(table) && self.coverage.filter().is_trash(&table.schema, &table.table)
    }

    /// Returns how events of this transaction on this table are applied.
    pub(in crate::replicate) fn mode(&self, table: &TableName, id: &TxId) -> Mode {
        let Some(state) = self.states.get(table) else {
            if self.leaves(table) {
                return Mode::Drop;
            }
            let before = self.coverage.since(table).is_some_and(|at| at.contains(id));
            return if before { Mode::Drop } else { Mode::Exact };
        };
        // It will be read as of later than this.
        if state.phase == TablePhase::Pending && state.start.is_none() {
            return Mode::Drop;
        }
        let exact = state.phase == TablePhase::Exact;
        // Asked of an exact table too: after a pause the log begins at the watermark, which a transaction that was dropped
        // does not move, so the one and the same transaction can come again behind the table's end.
        if state.start.as_ref().is_some_and(|start| start.contains(id)) {
            return Mode::Drop;
        }
        match &state.end {
            // Read in one snapshot, a table has nothing to converge; and a keyless one could not.
            Some(end) if state.start.as_ref() != Some(end) && end.may_contain(id) => Mode::Converge,
            None if !exact => Mode::Converge,
            _ => Mode::Exact,
        }
    }

    /// Returns those of the tables that were compared whose rows were not known to be the source's; of merged ones a comparison names
    /// the target's.
    pub(super) fn alike(&mut self, compared: &[TableName], filter: &TableFilter) -> Vec<TableState> {
        let merged = |name: &TableName| !self.states.contains_key(name);
        let merged: Vec<_> = compared.iter().filter(|name| merged(name)).cloned().collect();
        let named = |table: &TableName| compared.contains(table) || merged.contains(&filter.target(table));
        let found = self.states.values_mut().filter(|state| named(&state.table)).filter_map(|state| {
            state.fingerprint = Fingerprint::compared(&state.fingerprint)?;
            Some(state.clone())
        });
        found.collect()
    }

    /// Returns the tables whose end this position has passed, now exact.
    pub(super) fn passed(&mut self, at: &Position) -> Vec<TableState> {
        let mut passed = Vec::new();
        for state in self.states.values_mut() {
            let open = state.phase == TablePhase::Converging;
            if open && state.end.as_ref().is_some_and(|end| at.covers(end) && end.coordinates_le(at)) {
                state.phase = TablePhase::Exact;
                passed.push(state.clone());
            }
        }
        passed
    }

    pub(super) fn converging(&self) -> bool {
        self.states.values().any(|s| s.phase == TablePhase::Converging)
    }
}
