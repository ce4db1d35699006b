//! The target's own definitions of the tables that the stream writes, and how a logged row maps onto them.
//!
//! Read at a table's first row and again after each statement that may change it. A logged row has every column of the
//! source, generated ones too; columns are found by name where the log has names, else by their order. Anything but the
//! same set of columns stops the job: guessing would shift values.

use super::filtered::Passing;
use super::session::Session;
use crate::model::replicate::{TableName, quote};
use crate::replicate::connect::ServerInfo;
use crate::replicate::event::TableMap;
use crate::replicate::filter::RowFilters;
use crate::replicate::schema::read;
use crate::replicate::table::{Column, Table, TypeClass};
use crate::replicate::{Error, Result};
use std::collections::HashMap;
use std::sync::Arc;

/// A column of the target and where a logged row has its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) column: usize,
    pub(super) ordinal: usize,
}

/// A table of the target, ready to be written.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) table: Table,
    /// Columns that are written: all but the generated ones.
    pub(super) written: Vec<Slot>,
    /// Columns by which a row is found; empty = no key, all written columns decide.
    pub(super) key: Vec<Slot>,
    /// `(a,b,c)` of the written columns.
    pub(super) columns: String,
    pub(super) quoted: String,
    /// By place in a logged row: which integers are unsigned.
    pub(super) unsigned: Vec<bool>,
    /// Which of its rows are the job's; None = all.
    pub(super) rows: Option<Passing>,
}

impl Target {
    pub(super) fn new(table: Table, map: &TableMap, filters: &RowFilters) -> Result<Self> {
        let ordinals = ordinals(&table, map)?;
        let slot = |column: usize| Slot { column, ordinal: ordinals[column] };
        let written: Vec<Slot> = table.stored_columns().map(|(i, _)| slot(i)).collect();
        let key = table.row_key().map(|k| k.columns.iter().map(|&c| slot(c)).collect()).unwrap_or_default();
        let columns: Vec<String> = written.iter().map(|s| quote(&table.columns[s.column].name)).collect();
        let quoted = table.name.quoted();
        let mut unsigned = vec![false; ordinals.len()];
        for (column, &ordinal) in table.columns.iter().zip(&ordinals) {
            unsigned[ordinal] = column.unsigned;
        }
        let rows = Passing::logged(filters, &map.table, &table, &written)?;
        Ok(Self { unsigned, written, key, columns: format!("({})", columns.join(",")), quoted, table, rows })
    }
    pub(super) fn column(&self, slot: Slot) -> &Column {
        &self.table.columns[slot.column]
    }
    /// Slots of written ENUM columns, whose value 0 strict mode refuses.
    pub(super) fn enums(&self) -> impl Iterator<Item = Slot> {
        self.written.iter().copied().filter(|s| self.column(*s).class == TypeClass::Enum)
    }
}

/// For each target column the place of its value in a logged row.
fn ordinals(table: &Table, map: &TableMap) -> Result<Vec<usize>> {
    let differ = |what: String| {
        Error::permanent("columns_differ", format!("table {} is not the same at both ends: {what}", table.name))
            .hint("make the columns alike at both ends and retry the job")
    };
    if table.columns.len() != map.columns.len() {
        return Err(differ(format!("{} columns at the target, {} in the log", table.columns.len(), map.columns.len())));
    }
    if map.columns.iter().any(|c| c.name.is_none()) {
        return Ok((0..table.columns.len()).collect());
    }
    let place = |column: &Column| {
        let same = |name: &Option<String>| name.as_ref().is_some_and(|n| n.to_lowercase() == column.name.to_lowercase());
        map.columns.iter().position(|c| same(&c.name)).ok_or_else(|| differ(format!("the log has no column {}", column.name)))
    };
    table.columns.iter().map(place).collect()
}

/// Definitions in use.
#[derive(Debug)]
pub(super) struct Targets {
    info: ServerInfo,
    filters: Arc<RowFilters>,
    known: HashMap<TableName, (Arc<TableMap>, Arc<Target>)>,
}

impl Targets {
    pub(super) fn new(info: ServerInfo, filters: Arc<RowFilters>) -> Self {
        Self { info, filters, known: HashMap::new() }
    }
    pub(super) fn forget(&mut self, table: &TableName) {
        self.known.remove(table);
    }
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }

    /// Returns the target of a logged table.
    pub(super) async fn get(&mut self, session: &mut Session, map: &Arc<TableMap>) -> Result<Arc<Target>> {
        if let Some((known, target)) = self.known.get(&map.table)
            && (Arc::ptr_eq(known, map) || known == map)
        {
            return Ok(Arc::clone(target));
        }
        let table = read::read_table(&mut session.conn, &self.info, &map.table).await?.ok_or_else(|| {
            Error::permanent("no_target_table", format!("table {} does not exist at the target", map.table))
                .hint("create it there, or leave it out of the job")
        })?;
        let target = Arc::new(Target::new(table, map, &self.filters)?);
        self.known.insert(map.table.clone(), (Arc::clone(map), Arc::clone(&target)));
        Ok(target)
    }
}
