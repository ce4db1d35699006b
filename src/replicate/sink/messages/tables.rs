//! The definitions that logged rows are read by, and their encoders.
//!
//! The log's own table map says types, and with binlog_row_metadata=FULL names, charsets, members and the primary key: what
//! it says is what its rows were written by, whatever the table has become since. The rest (precision, NULLs, other
//! keys) is the definition's. A definition that does not fit the map is never guessed around: the source is asked again,
//! and where its present one does not fit either, the map's names choose the columns; where there is none, the map is all
//! that the definition is made of (`logged.rs`); without names the job stops.

use super::fitting::{Charsets, charset_names, fits, fitted, unreadable};
use super::logged::by_log;
use crate::model::endpoint::MysqlEndpoint;
use crate::model::kafka::{PartitionBy, TopicRule};
use crate::model::messages::MessageSpec;
use crate::model::replicate::{TableFilter, TableName};
use crate::replicate::Result;
use crate::replicate::connect::{self, Flavor, ServerInfo};
use crate::replicate::encode::{Datum, Options, TableEncoder};
use crate::replicate::event::TableMap;
use crate::replicate::filter::{RowFilters, Rows};
use crate::replicate::schema::read::read_table;
use crate::replicate::table::Table;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex};
use tokio::sync::OnceCell;

/// A table as its rows are read now.
pub(in crate::replicate) struct Known {
    pub(in crate::replicate) topic: String,
    pub(in crate::replicate) encoder: TableEncoder,
    pub(in crate::replicate) table: Arc<Table>,
    /// Which of its rows are the job's; None = all.
    rows: Option<Rows>,
}

impl Known {
    pub(in crate::replicate) fn is_filtered(&self) -> bool {
        self.rows.is_some()
    }

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
    charsets: OnceCell<Charsets>,
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
        let options = options(&naming, messages, &info);
        let tables = Self { options, naming, source, rows, info, charsets: OnceCell::new(), state: Mutex::default() };
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
        let charsets = self.charsets(map).await?;
        if let Some(old) = old.as_ref().filter(|old| !outdated && fits(&old.table, map, charsets)) {
            self.put(Arc::clone(old), Some(map), false);
            return Ok(Arc::clone(old));
        }
        let present = self.ask(&map.table).await?;
        let either: Vec<&Table> = present.iter().chain(old.as_ref().map(|o| &*o.table)).collect();
        let table = match fitted(&either, map, charsets)? {
            Some(table) => Some(table),
            // Dropped, or under another name by now.
            None => by_log(map, charsets, self.info.flavor)?,
        };
        let Some(table) = table else { return Err(unreadable(map)) };
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
        let rows = self.rows.of(&table.name, &table);
        let encoder = match rows.as_ref().map(|rows| rows.excluded(&table)) {
            Some(more) if !more.is_empty() => {
                let exclude_columns = [self.options.exclude_columns.clone(), more].concat();
                TableEncoder::new(Arc::clone(&table), &Options { exclude_columns, ..self.options.clone() })?
            }
            _ => TableEncoder::new(Arc::clone(&table), &self.options)?,
        };
        Ok(Arc::new(Known { topic, encoder, table, rows }))
    }

    /// The source's charsets by the ids of their collations; asked for with the first map that names one.
    async fn charsets(&self, map: &TableMap) -> Result<&Charsets> {
        static NONE: LazyLock<Charsets> = LazyLock::new(Charsets::new);
        if map.columns.iter().all(|c| c.charset.is_none()) {
            return Ok(&NONE);
        }
        let ask = async {
            let mut conn = connect::faithful(&self.source, false).await?;
            let charsets = charset_names(&mut conn).await;
            // A failed farewell leaves nothing behind.
            conn.disconnect().await;
            charsets
        };
        self.charsets.get_or_try_init(|| ask).await
    }

    async fn ask(&self, name: &TableName) -> Result<Option<Table>> {
        let mut conn = connect::faithful(&self.source, false).await?;
        let table = read_table(&mut conn, &self.info, name).await;
        // A failed farewell leaves nothing behind.
        conn.disconnect().await;
        table
    }
}

fn options(naming: &Naming, messages: &MessageSpec, info: &ServerInfo) -> Options {
    let MessageSpec { format, exclude_columns, tombstones } = messages;
    let (server_name, partition_by) = match naming {
        Naming::Topics { rule, partition_by } => (rule.prefix(), partition_by.clone()),
        Naming::Tables => ("syncline", PartitionBy::PrimaryKey),
    };
    Options {
        format: *format,
        partition_by,
        exclude_columns: exclude_columns.clone(),
        tombstones: *tombstones,
        server_name: server_name.to_owned(),
        connector: match info.flavor {
            Flavor::Mysql => "mysql",
            Flavor::Mariadb => "mariadb",
        },
    }
}
