//! The target's own definitions of the tables that the stream writes, and how a logged row maps onto them.
//!
//! Read at a table's first row and again after each statement that may change it. A logged row has every column of the
//! source, generated ones too; columns are found by name where the log has names, else by their order. Where it has names the
//! target may have columns besides, which are left to their defaults: its own, or those that a statement at this end of a
//! two-way sync has made and the other end not yet. Anything else than the same columns stops the job: guessing would shift
//! values, and a column less would lose them.
//!
//! A table whose columns are mapped has others than the log: there the log's names, else the source's definition as of the
//! copy say where a value is, and the row filter goes by that definition too.

use super::Settings;
use super::cascade::{Below, Graph};
use super::filtered::Passing;
use super::session::Session;
use super::touch::Keys;
use crate::model::position::{Position, TxId};
use crate::model::replicate::{ConflictDetection, MappedColumn, TableFilter, TableName, quote};
use crate::replicate::connect::ServerInfo;
use crate::replicate::event::{MapColumn, TableMap};
use crate::replicate::filter::RowFilters;
use crate::replicate::inexact::is_inexact;
use crate::replicate::sink::messages::fitting::agrees;
use crate::replicate::stream::Value;
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
    /// What the source calls it.
    pub(super) source: TableName,
    pub(super) table: Table,
    /// Columns that are written: all but the generated ones; of a mapped table those that are mapped.
    pub(super) written: Vec<Slot>,
    /// Those of them that are documents to the target, which has numbers of its own.
    json: Vec<Slot>,
    /// Columns by which a row is found; empty = no key, all written columns decide.
    pub(super) key: Vec<Slot>,
    /// Columns besides the key that must be as they were at the source before a change; empty = none, or all decide already.
    pub(super) compared: Vec<Slot>,
    /// `(a,b,c)` of the written columns.
    pub(super) columns: String,
    pub(super) quoted: String,
    /// By place in a logged row: which integers are unsigned.
    pub(super) unsigned: Vec<bool>,
    /// Which of its rows are the job's; None = all.
    pub(super) rows: Option<Passing>,
    pub(super) keys: Keys,
    /// Columns that the log does not have.
    has_own_columns: bool,
    /// What its changes lead to by foreign keys whose actions are not logged.
    pub(super) below: Option<Below>,
}

impl Target {
    /// `pairs`: the columns that are mapped, none = all by their own names; `source`: the definition that they are of.
    pub(super) fn new(
        table: Table,
        map: &TableMap,
        pairs: &[MappedColumn],
        source: Option<&Table>,
        filters: &RowFilters,
        graph: Option<&Arc<Graph>>,
    ) -> Result<Self> {
        let ordinals = if pairs.is_empty() { ordinals(&table, map)? } else { mapped_ordinals(&table, map, pairs, source)? };
        let slot = |column: usize| ordinals[column].map(|ordinal| Slot { column, ordinal });
        let written: Vec<Slot> = table.stored_columns().filter_map(|(i, _)| slot(i)).collect();
        let key = table.row_key_of(|column| ordinals[column].is_some());
        let key: Vec<Slot> = key.map(|k| k.columns.iter().filter_map(|&c| slot(c)).collect()).unwrap_or_default();
        let json = written.iter().copied().filter(|s| table.columns[s.column].class == TypeClass::Json).collect();
        let columns: Vec<String> = written.iter().map(|s| quote(&table.columns[s.column].name)).collect();
        let quoted = table.name.quoted();
        let mut unsigned = vec![false; map.columns.len()];
        let places = source.and_then(|s| places(s, map)).unwrap_or_default();
        for (column, place) in source.iter().flat_map(|s| &s.columns).zip(&places) {
            if let Some(at) = place {
                unsigned[*at] = column.unsigned;
            }
        }
        for (column, ordinal) in table.columns.iter().zip(&ordinals) {
            if let Some(ordinal) = ordinal {
                unsigned[*ordinal] = column.unsigned;
            }
        }
        let rows = match filters.filter(&map.table) {
            None => None,
            Some((_, filter)) => {
                let by_log = source.filter(|_| !places.is_empty());
                let (of, at) = if pairs.is_empty() { (&table, &ordinals) } else { (by_log.ok_or_else(|| unknown(map))?, &places) };
                // What the log does not have, or has as something else, decides nothing.
                let logged = |c: usize| at[c].is_some_and(|place| pairs.is_empty() || agrees(&of.columns[c], &map.columns[place]));
                match filter.looks_at(of).into_iter().find(|&c| !logged(c)) {
                    Some(column) if pairs.is_empty() => return Err(undecided(map, &table.columns[column].name)),
                    Some(_) => return Err(unknown(map)),
                    None => Passing::logged(filters, &map.table, of, |c| at[c])?,
                }
            }
        };
        let (source, columns) = (map.table.clone(), format!("({})", columns.join(",")));
        let keys = Keys::new(&table, &ordinals, map.columns.len(), !key.is_empty());
        let below = graph.map(|graph| Graph::below(graph, &table, |c| ordinals[c])).transpose()?.flatten();
        let has_own_columns = table.stored_columns().any(|(column, _)| ordinals[column].is_none());
        Ok(Self { source, unsigned, written, json, key, compared: Vec::new(), columns, quoted, keys, has_own_columns, table, rows, below })
    }
    /// Has whole rows compared with what the source's were before a change.
    pub(super) fn compare(&mut self) {
        if !self.key.is_empty() {
            self.compared = self.written.iter().copied().filter(|slot| !self.key.contains(slot)).collect();
        }
    }
    /// The hash of a row's key, if changes of its rows may be joined ([`super::net`]).
    pub(super) fn row_hash(&self, row: &[Value<'_>]) -> Option<u64> {
        // A column of the target's own would be lost with a row that is written anew.
        if self.has_own_columns { None } else { self.keys.row_hash(row) }
    }
    pub(super) fn column(&self, slot: Slot) -> &Column {
        &self.table.columns[slot.column]
    }
    /// Says whether this is the same table as the other and has its keys logged in another form.
    fn differs(&self, map: &TableMap, other: &Self, theirs: &TableMap) -> bool {
        let form = |column: Option<&MapColumn>| column.map(|c| (c.type_code, c.meta));
        let forms = |keys: &Keys, map: &TableMap| keys.logged(map).into_iter().map(form).collect::<Vec<_>>();
        self.table.name == other.table.name && forms(&self.keys, map) != forms(&other.keys, theirs)
    }
    /// Says whether the target rounds a number of this row.
    pub(super) fn rounds(&self, row: &[Value<'_>]) -> bool {
        self.json.iter().any(|s| match row.get(s.ordinal) {
            Some(Value::Json(text)) => is_inexact(text.as_bytes()),
            Some(Value::Bytes(bytes)) => is_inexact(bytes),
            _ => false,
        })
    }
    /// Slots of written ENUM columns, whose value 0 strict mode refuses.
    pub(super) fn enums(&self) -> impl Iterator<Item = Slot> {
        self.written.iter().copied().filter(|s| self.column(*s).class == TypeClass::Enum)
    }
}

/// For each target column the place of its value in a logged row.
fn ordinals(table: &Table, map: &TableMap) -> Result<Vec<Option<usize>>> {
    let differ = |what: String| {
        Error::permanent("columns_differ", format!("table {} is not the same at both ends: {what}", table.name)).hint(
            "make the columns alike at both ends and retry the job; the target may have more where the log names its columns \
             (binlog_row_metadata=FULL at the source)",
        )
    };
    let names: Option<Vec<String>> = map.columns.iter().map(|c| c.name.as_ref().map(|n| n.to_lowercase())).collect();
    let Some(names) = names else {
        if table.columns.len() != map.columns.len() {
            return Err(differ(format!("{} columns at the target, {} in the log", table.columns.len(), map.columns.len())));
        }
        return Ok((0..table.columns.len()).map(Some).collect());
    };
    let at_target: Vec<String> = table.columns.iter().map(|c| c.name.to_lowercase()).collect();
    if let Some(lacks) = names.iter().find(|name| !at_target.contains(name)) {
        return Err(differ(format!("the target has no column {lacks}")));
    }
    Ok(at_target.iter().map(|column| names.iter().position(|name| name == column)).collect())
}

/// The same of a table whose columns are mapped; None: it is the target's own.
fn mapped_ordinals(table: &Table, map: &TableMap, pairs: &[MappedColumn], source: Option<&Table>) -> Result<Vec<Option<usize>>> {
    let differ = |what: String| {
        Error::permanent("columns_differ", format!("the columns of {} cannot be mapped onto {}: {what}", map.table, table.name))
            .hint("change the columns of its rule, or the table, and retry the job")
    };
    let named = map.columns.iter().all(|c| c.name.is_some());
    let names: Vec<&str> = match source.filter(|s| s.columns.len() == map.columns.len()) {
        _ if named => map.columns.iter().filter_map(|c| c.name.as_deref()).collect(),
        Some(source) => source.columns.iter().map(|c| c.name.as_str()).collect(),
        None => return Err(unknown(map)),
    };
    let place = |name: &str| names.iter().position(|n| n.to_lowercase() == name.to_lowercase());
    let mut ordinals = vec![None; table.columns.len()];
    for MappedColumn { from, to } in pairs {
        let column = table.columns.iter().position(|c| c.name.to_lowercase() == to.to_lowercase());
        let column = column.ok_or_else(|| differ(format!("the target has no column {to}")))?;
        ordinals[column] = Some(place(from).ok_or_else(|| differ(format!("the log has no column {from}")))?);
    }
    Ok(ordinals)
}

/// By the source's columns: where a logged row has their values. None: the log does not say.
fn places(source: &Table, map: &TableMap) -> Option<Vec<Option<usize>>> {
    let named = map.columns.iter().all(|c| c.name.is_some());
    let same = |name: &str, logged: &MapColumn| logged.name.as_ref().is_some_and(|n| n.to_lowercase() == name.to_lowercase());
    match named {
        true => Some(source.columns.iter().map(|column| map.columns.iter().position(|c| same(&column.name, c))).collect()),
        false => (source.columns.len() == map.columns.len()).then(|| (0..map.columns.len()).map(Some).collect()),
    }
}

fn unknown(map: &TableMap) -> Error {
    let what = format!("rows of {}, whose columns are mapped, were logged by a definition that is not known", map.table);
    Error::permanent("definition_unknown", what)
        .hint("set binlog_row_metadata=FULL at the source, and copy the table again (syncline jobs tables reload)")
}

/// The target has a column that the source had not yet, or has not any more, when it logged the row.
fn undecided(map: &TableMap, column: &str) -> Error {
    let what = format!("the filter of {} looks at column {column}, which the source's log does not have there", map.table);
    Error::permanent("columns_differ", what).hint(
        "make the columns alike at both ends, or change the rule's where, and retry the job; rows logged without the column pass \
         after the table is copied again (syncline jobs tables reload)",
    )
}

/// Definitions in use.
#[derive(Debug)]
pub(super) struct Targets {
    info: ServerInfo,
    tables: Arc<TableFilter>,
    filters: Arc<RowFilters>,
    /// The source's, of tables whose columns are mapped.
    definitions: HashMap<TableName, Table>,
    known: HashMap<TableName, (Arc<TableMap>, Arc<Target>)>,
    /// Whether actions of foreign keys are to be made here.
    cascades: bool,
    detection: ConflictDetection,
    graph: Option<Arc<Graph>>,
    /// By their names here: from where on in the log what happened to a table is not in its copy.
    starts: HashMap<TableName, Position>,
}

impl Targets {
    pub(super) fn new(settings: &Settings, definitions: HashMap<TableName, Table>, starts: HashMap<TableName, Position>) -> Self {
        let Settings { info, tables, filters, cascades, detection, .. } = settings;
        let (tables, filters) = (Arc::clone(tables), Arc::clone(filters));
        Self {
            info: info.clone(),
            tables,
            filters,
            definitions,
            known: HashMap::new(),
            cascades: *cascades,
            detection: *detection,
            graph: None,
            starts,
        }
    }
    /// A table of the source was changed at the target, and with it all that are merged with it.
    pub(super) fn forget(&mut self, table: &TableName) {
        let name = self.tables.target(table);
        self.known.retain(|source, _| self.tables.target(source) != name);
        // What others lead to may be that table.
        if self.graph.take().is_some() {
            self.known.retain(|_, (_, target)| target.below.is_none());
        }
    }
    /// The table is in another phase, and its source's definition is what is kept of it now.
    pub(super) fn defined(&mut self, table: &TableName, definition: Option<Table>) {
        self.forget(table);
        match definition {
            Some(definition) => drop(self.definitions.insert(table.clone(), definition)),
            None => drop(self.definitions.remove(table)),
        }
    }
    pub(super) fn clear(&mut self) {
        self.known.clear();
        self.graph = None;
    }
    /// The table's copy begins there.
    pub(super) fn starts(&mut self, table: &TableName, at: Option<&Position>) {
        if let Some(at) = at {
            self.starts.insert(self.tables.target(table), at.clone());
        }
    }
    /// Which tables below this one have the effect of that transaction in their copy.
    pub(super) fn behind(&self, target: &Target, id: &TxId) -> Vec<TableName> {
        let contains = |t: &&TableName| self.starts.get(t).is_some_and(|start| start.contains(id));
        target.below.iter().flat_map(|below| &below.tables).filter(contains).cloned().collect()
    }

    /// The target of a logged table, if it was read.
    pub(super) fn known(&self, map: &Arc<TableMap>) -> Option<Arc<Target>> {
        let (known, target) = self.known.get(&map.table)?;
        (Arc::ptr_eq(known, map) || known == map).then(|| Arc::clone(target))
    }

    /// Reads the target of a logged table.
    pub(super) async fn read(&mut self, session: &mut Session, map: &Arc<TableMap>) -> Result<Arc<Target>> {
        let name = self.tables.target(&map.table);
        let table = session.table(&self.info, &name).await?.ok_or_else(|| {
            Error::permanent("no_target_table", format!("table {name} does not exist at the target"))
                .hint("create it there, or leave it out of the job")
        })?;
        if self.cascades && self.graph.is_none() {
            self.graph = Some(Arc::new(Graph::read(session, &self.info, &self.tables).await?));
        }
        let (columns, definition) = (self.tables.columns(&map.table), self.definitions.get(&map.table));
        let mut target = Target::new(table, map, columns, definition, &self.filters, self.graph.as_ref())?;
        // A merged table's key values are only compared with others that are logged as they are.
        if self.known.iter().any(|(source, (other, known))| *source != map.table && known.differs(other, &target, map)) {
            target.keys.give_up();
        }
        if self.detection == ConflictDetection::Row {
            target.compare();
        }
        let target = Arc::new(target);
        self.known.insert(map.table.clone(), (Arc::clone(map), Arc::clone(&target)));
        Ok(target)
    }
}

#[cfg(test)]
mod tests;
