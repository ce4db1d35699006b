//! Which rows are the job's, by its row filters, and what a change of a row means behind one.
//!
//! The target holds exactly the source's rows that pass. An update that crosses the filter brings the row in (an insert)
//! or takes it out (a delete). Converging changes stay right: what is passed over because neither image passes changes
//! nothing of what the target is to hold, and a row that the copy has read from behind it came in by a change that is
//! still ahead in the log, with its full image.
//!
//! Copied rows are judged by the source's definition, logged ones by the target's, whose columns are those of the log.
//! Both must decide alike, which `RowFilters::same` sees to before the first row is written.

use super::statement::Change;
use crate::model::replicate::TableName;
use crate::replicate::Result;
use crate::replicate::encode::Decoder;
use crate::replicate::event::RowsKind;
use crate::replicate::filter::{Condition, RowFilters};
use crate::replicate::sink::RowBlock;
use crate::replicate::stream::Value;
use crate::replicate::table::Table;

/// A table's row filter.
#[derive(Debug)]
pub(super) struct Passing {
    condition: Condition,
    decoder: Decoder,
    /// By the table's columns: where a row has their values.
    places: Vec<Option<usize>>,
}

impl Passing {
    /// Returns the filter for logged rows of the source's table `name`, as `table` defines them; `place` says where a row has
    /// a column's value. None = every row.
    pub(super) fn logged(
        filters: &RowFilters,
        name: &TableName,
        table: &Table,
        place: impl Fn(usize) -> Option<usize>,
    ) -> Result<Option<Self>> {
        let places = (0..table.columns.len()).map(place).collect();
        Self::new(filters, name, table, places)
    }

    /// The same for copied rows.
    pub(super) fn copied(filters: &RowFilters, table: &Table) -> Result<Option<Self>> {
        let mut places = vec![None; table.columns.len()];
        for (at, (column, _)) in table.stored_columns().enumerate() {
            places[column] = Some(at);
        }
        Self::new(filters, &table.name, table, places)
    }

    fn new(filters: &RowFilters, name: &TableName, table: &Table, places: Vec<Option<usize>>) -> Result<Option<Self>> {
        let (Some(rows), Some((_, filter))) = (filters.of(name, table), filters.filter(name)) else { return Ok(None) };
        let decoder = Decoder::new(table, &filter.looks_at(table))?;
        Ok(Some(Self { condition: rows.condition(table)?, decoder, places }))
    }

    pub(super) fn keeps_copied(&self, block: &RowBlock, row: usize) -> Result<bool> {
        self.condition.keep(&self.decoder.copied(|column| block.value(row, self.places[column]?))?)
    }

    fn keeps(&self, row: &[Value<'_>]) -> Result<bool> {
        self.condition.keep(&self.decoder.logged(|column| row.get(self.places[column]?))?)
    }

    /// What a change is behind the filter; None: nothing.
    pub(super) fn change<'a>(&self, change: Change<'a>) -> Result<Option<Change<'a>>> {
        Ok(match change.kind {
            RowsKind::Insert => self.keeps(change.after)?.then_some(change),
            RowsKind::Delete => self.keeps(change.before)?.then_some(change),
            RowsKind::Update => match (self.keeps(change.before)?, self.keeps(change.after)?) {
                (true, true) => Some(change),
                (false, true) => Some(Change { kind: RowsKind::Insert, before: &[], ..change }),
                (true, false) => Some(Change { kind: RowsKind::Delete, after: &[], ..change }),
                (false, false) => None,
            },
        })
    }
}
