//! The definitions that logged rows are read by, and their encoders.
//!
//! The log's own table map says types, and with binlog_row_metadata=FULL names; charsets, members and keys it leaves to
//! the definition. A definition that does not fit the map is never guessed around: the source is asked again, and where
//! its present one does not fit either, the map's names choose the columns; without names the job stops.

use super::rows::{RowFilters, Rows};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::kafka::{PartitionBy, TopicRule};
use crate::model::messages::{MessageFormat, MessageSpec};
use crate::model::replicate::{TableFilter, TableName};
use crate::replicate::connect::{self, Flavor, ServerInfo};
use crate::replicate::encode::{Datum, Options, TableEncoder};
use crate::replicate::event::{MapColumn, TableMap};
use crate::replicate::schema::read::read_table;
use crate::replicate::table::{Column, Key, Table, TypeClass};
use crate::replicate::{Error, Result};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

/// A table as its rows are read now.
pub(in crate::replicate) struct Known {
    pub(in crate::replicate) topic: String,
    pub(in crate::replicate) encoder: TableEncoder,
    pub(in crate::replicate) table: Arc<Table>,
    /// Which of its rows are the job's; None = all.
    rows: Option<Rows>,
}

impl Known {
    /// Says whether a row is the job's.
    pub(in crate::replicate) fn keeps(&self, row: &[Datum<'_>]) -> Result<bool> {
        self.rows.as_ref().map_or(Ok(true), |rows| rows.keep(&self.table, row))
    }
}

/// What a table's messages go by.
#[derive(Debug, Clone)]
pub(in crate::replicate) enum Naming {
    Topics {
        rule: TopicRule,
        partition_by: PartitionBy,
    },
    /// The table's name as it is.
    Tables,
}

pub(in crate::replicate) struct Tables {
    source: MysqlEndpoint,
    rows: RowFilters,
    info: ServerInfo,
    naming: Naming,
    options: Options,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    known: HashMap<TableName, Entry>,
    /// What is known of these differs from what is kept.
    changed: BTreeSet<TableName>,
}

struct Entry {
    known: Arc<Known>,
    /// The map that it was last seen to fit.
    fits: Option<Arc<TableMap>>,
    /// A statement changed the table since.
    outdated: bool,
}

impl Tables {
    pub(in crate::replicate) fn new(
        source: MysqlEndpoint,
        filter: &TableFilter,
        info: ServerInfo,
        naming: Naming,
        messages: &MessageSpec,
        definitions: Vec<(Table, bool)>,
    ) -> Result<Self> {
        let rows = RowFilters::new(filter)?;
        let tables = Self { options: options(&naming, messages, &info), naming, source, rows, info, state: Mutex::default() };
        for (table, outdated) in definitions {
            let known = tables.make(Arc::new(table))?;
            let name = known.table.name.clone();
            tables.put(known, None, false);
            if outdated {
                tables.outdated(&name);
            }
        }
        Ok(tables)
    }

    /// Returns how the rows behind this map are read.
    pub(in crate::replicate) async fn of(&self, map: &Arc<TableMap>) -> Result<Arc<Known>> {
        let (mut old, mut outdated) = (None, true);
        if let Some(entry) = self.state.lock().expect("nothing panics while holding it").known.get_mut(&map.table) {
            if !entry.outdated && entry.fits.as_ref().is_some_and(|f| Arc::ptr_eq(f, map) || **f == **map) {
                entry.fits = Some(Arc::clone(map));
                return Ok(Arc::clone(&entry.known));
            }
            (old, outdated) = (Some(Arc::clone(&entry.known)), entry.outdated);
        }
        if let Some(old) = old.as_ref().filter(|old| !outdated && fits(&old.table, map)) {
            self.put(Arc::clone(old), Some(map), false);
            return Ok(Arc::clone(old));
        }
        let present = self.ask(&map.table).await?;
        let either: Vec<&Table> = present.iter().chain(old.as_ref().map(|o| &*o.table)).collect();
        let Some(table) = fitted(&either, map) else { return Err(unreadable(map)) };
        let known = self.make(Arc::new(table))?;
        self.put(Arc::clone(&known), Some(map), true);
        Ok(known)
    }

    /// Returns how copied rows of this definition are encoded; the log that follows is read by it too.
    pub(in crate::replicate) fn copied(&self, table: &Arc<Table>) -> Result<Arc<Known>> {
        if let Some(entry) = self.state.lock().expect("nothing panics while holding it").known.get(&table.name)
            && *entry.known.table == **table
        {
            return Ok(Arc::clone(&entry.known));
        }
        let known = self.make(Arc::clone(table))?;
        self.put(Arc::clone(&known), None, true);
        Ok(known)
    }

    /// A statement changed the table: its definition is read again with the next row.
    pub(super) fn outdated(&self, table: &TableName) {
        let mut state = self.state.lock().expect("nothing panics while holding it");
        if let Some(entry) = state.known.get_mut(table) {
            entry.outdated = true;
            state.changed.insert(table.clone());
        }
    }

    pub(super) fn forget(&self, table: &TableName) {
        let mut state = self.state.lock().expect("nothing panics while holding it");
        state.known.remove(table);
        state.changed.remove(table);
    }

    /// Takes what has changed since the last call, as documents.
    pub(super) fn take_changed(&self) -> Vec<(String, Option<String>)> {
        let mut state = self.state.lock().expect("nothing panics while holding it");
        let changed = std::mem::take(&mut state.changed);
        let entries = changed.iter().filter_map(|name| state.known.get(name));
        entries.map(|entry| super::kept::definition(&entry.known.table, entry.outdated)).collect()
    }

    fn put(&self, known: Arc<Known>, map: Option<&Arc<TableMap>>, changed: bool) {
        let mut state = self.state.lock().expect("nothing panics while holding it");
        if changed {
            state.changed.insert(known.table.name.clone());
        }
        state.known.insert(known.table.name.clone(), Entry { known, fits: map.map(Arc::clone), outdated: false });
    }

    fn make(&self, table: Arc<Table>) -> Result<Arc<Known>> {
        let topic = match &self.naming {
            Naming::Topics { rule, partition_by: _ } => rule.topic(&table.name),
            Naming::Tables => table.name.to_string(),
        };
        let rows = self.rows.of(&table);
        let encoder = match rows.as_ref().map(|rows| rows.excluded(&table)) {
            Some(more) if !more.is_empty() => {
                let exclude_columns = [self.options.exclude_columns.clone(), more].concat();
                TableEncoder::new(Arc::clone(&table), &Options { exclude_columns, ..self.options.clone() })?
            }
            _ => TableEncoder::new(Arc::clone(&table), &self.options)?,
        };
        Ok(Arc::new(Known { topic, encoder, table, rows }))
    }

    async fn ask(&self, name: &TableName) -> Result<Option<Table>> {
        let mut conn = connect::faithful(&self.source, false).await?;
        let table = read_table(&mut conn, &self.info, name).await;
        // A failed farewell leaves nothing behind.
        let _ = conn.disconnect().await;
        table
    }
}

fn options(naming: &Naming, messages: &MessageSpec, info: &ServerInfo) -> Options {
    let MessageSpec { format, exclude_columns, tombstones, rate: _ } = messages;
    let (server_name, partition_by) = match naming {
        Naming::Topics { rule, partition_by } => (rule.prefix(), partition_by.clone()),
        Naming::Tables => ("syncline", PartitionBy::PrimaryKey),
    };
    Options {
        format: *format,
        partition_by,
        exclude_columns: exclude_columns.clone(),
        tombstones: *tombstones && matches!(format, MessageFormat::Debezium { .. }),
        server_name: server_name.to_owned(),
        connector: match info.flavor {
            Flavor::Mysql => "mysql",
            Flavor::Mariadb => "mariadb",
        },
    }
}

/// The definition that fits. A row between two changes of its table is of neither: then each column that the log names is
/// taken from the first definition that has it.
fn fitted(tables: &[&Table], map: &TableMap) -> Option<Table> {
    if let Some(table) = tables.iter().find(|t| fits(t, map)) {
        return Some((*table).clone());
    }
    let named = |logged: &MapColumn| {
        let name = logged.name.as_deref()?;
        tables.iter().flat_map(|t| &t.columns).find(|c| c.name == name && agrees(c, logged)).cloned()
    };
    let columns = map.columns.iter().map(named).collect::<Option<Vec<Column>>>()?;
    let place = |name: &str| columns.iter().position(|c| c.name == name);
    let moved = |table: &Table, key: &Key| {
        let places = key.columns.iter().map(|&c| place(&table.columns[c].name)).collect::<Option<_>>()?;
        Some(Key { columns: places, ..key.clone() })
    };
    // A key whose columns are not all in the rows is none.
    let whole = tables.iter().find(|t| t.row_key().is_some_and(|key| moved(t, key).is_some()));
    let keys = whole.map(|t| t.keys.iter().filter_map(|key| moved(t, key)).collect()).unwrap_or_default();
    Some(Table { columns, keys, ..(*tables.first()?).clone() })
}

fn fits(table: &Table, map: &TableMap) -> bool {
    table.columns.len() == map.columns.len()
        && table.columns.iter().zip(&map.columns).all(|(c, m)| agrees(c, m) && m.name.as_ref().is_none_or(|n| *n == c.name))
}

/// Says whether logged values of a column can be of this definition.
fn agrees(column: &Column, logged: &MapColumn) -> bool {
    use TypeClass as T;
    let code = match logged.type_code {
        // CHAR's type hides ENUM and SET.
        254 if logged.meta >> 8 == 247 || logged.meta >> 8 == 248 => (logged.meta >> 8) as u8,
        code => code,
    };
    if logged.unsigned.is_some_and(|unsigned| unsigned != column.unsigned) && matches!(column.class, T::Int | T::Decimal) {
        return false;
    }
    match column.class {
        T::Int => {
            code == match column.data_type.as_str() {
                "tinyint" => 1,
                "smallint" => 2,
                "mediumint" => 9,
                "bigint" => 8,
                _ => 3,
            }
        }
        T::Decimal => code == 246,
        T::Float => code == 4,
        T::Double => code == 5,
        T::Bit => code == 16,
        T::Year => code == 13,
        T::Date => code == 10 || code == 14,
        T::Time => code == 11 || (code == 19 && logged.meta == u16::from(column.fraction)),
        T::Datetime => code == 12 || (code == 18 && logged.meta == u16::from(column.fraction)),
        T::Timestamp => code == 7 || (code == 17 && logged.meta == u16::from(column.fraction)),
        T::Char | T::Varbinary => matches!(code, 15 | 253 | 254 | 141),
        T::Binary => matches!(code, 254),
        T::Text | T::Blob => matches!(code, 249..=252 | 140),
        T::Enum => code == 247,
        T::Set => code == 248,
        T::Json => code == 245,
        T::Geometry => code == 255,
        T::Vector => matches!(code, 242 | 252 | 15 | 253),
        T::Uuid | T::Inet4 | T::Inet6 => code == 254,
        T::Other => true,
    }
}

fn unreadable(map: &TableMap) -> Error {
    let message = format!("rows of {} were logged by a definition that is neither the one kept nor the source's present one", map.table);
    Error::permanent("definition_unknown", message)
        .hint("set binlog_row_metadata=FULL at the source for the future; to go on now, delete the job and create it anew")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replicate::table::Generated;

    fn column(name: &str) -> Column {
        Column {
            name: name.into(),
            class: TypeClass::Int,
            column_type: "int".into(),
            data_type: "int".into(),
            unsigned: false,
            nullable: false,
            charset: None,
            collation: None,
            length: None,
            fraction: 0,
            generated: Generated::No,
            invisible: false,
            auto_increment: false,
            members: vec![],
        }
    }

    fn table(columns: &[&str], key: &[usize]) -> Table {
        let key =
            Key { name: "PRIMARY".into(), primary: true, unique: true, columns: key.to_vec(), prefix: vec![None; key.len()], usable: true };
        Table {
            name: TableName::new("s", "t"),
            columns: columns.iter().map(|c| column(c)).collect(),
            keys: vec![key],
            engine: "InnoDB".into(),
            rows_estimated: 0,
            data_bytes: 0,
            auto_increment: None,
            create: String::new(),
        }
    }

    #[test]
    fn a_row_between_two_changes_has_columns_of_both_definitions() {
        let logged = |names: &[&str]| TableMap {
            table: TableName::new("s", "t"),
            columns: names
                .iter()
                .map(|n| MapColumn { type_code: 3, meta: 0, unsigned: Some(false), name: (!n.is_empty()).then(|| (*n).to_owned()) })
                .collect(),
        };
        let (present, kept) = (table(&["more", "id", "last"], &[1, 2]), table(&["id", "v"], &[0]));
        let read = |names: &[&str]| {
            let table = fitted(&[&present, &kept], &logged(names))?;
            let names: Vec<String> = table.columns.into_iter().map(|c| c.name).collect();
            Some((names.join(" "), table.keys.into_iter().flat_map(|k| k.columns).collect::<Vec<_>>()))
        };
        assert_eq!(read(&["more", "id", "last"]), Some(("more id last".into(), vec![1, 2])));
        assert_eq!(read(&["id", "v"]), Some(("id v".into(), vec![0])));
        assert_eq!(read(&["more", "id", "v"]), Some(("more id v".into(), vec![1])), "the key that is whole");
        assert_eq!(read(&["more", "v"]), Some(("more v".into(), vec![])));
        assert_eq!(read(&["more", "id", "other"]), None);
        assert_eq!(read(&["", "", "", ""]), None, "nothing is guessed");
    }
}
