//! Sequences of MariaDB. They are not moved, and what they do to their one row is in the log like a table's change.
//!
//! No event says that its table is a sequence. What tells: its shape, which few tables have, and the values, which no table
//! has that is not made for it; then what the log has said of the name, and at last what the source says of it now. A
//! sequence that is gone from there is still known by shape and values, so nothing need be kept over a restart.
//! A table that was copied, or that the log makes, is none: a name is asked about only where neither is known of it.

use super::Pump;
use crate::model::replicate::TableName;
use crate::replicate::connect::{self, Flavor};
use crate::replicate::ddl::{self, Ddl, Role, SchemaAction, TableAction, TableDdl};
use crate::replicate::event::{DdlEvent, RowsEvent, RowsKind};
use crate::replicate::run::RunContext;
use crate::replicate::schema::read::{ask, literal, text};
use crate::replicate::stream::Value;
use crate::replicate::stream::rows::RowReader;
use crate::replicate::{Error, Result};
use std::collections::{HashMap, HashSet};

pub(super) const NOTE: &str = "sequence not replicated";

/// What is known of names, at this place in the log: true = a sequence.
#[derive(Debug)]
pub(in crate::replicate) struct Sequences {
    known: HashMap<TableName, bool>,
    /// MySQL has none.
    possible: bool,
}

impl Sequences {
    pub(in crate::replicate) fn of(source: Flavor) -> Self {
        Self { known: HashMap::new(), possible: source == Flavor::Mariadb }
    }

    /// Takes what a statement of the log makes of names.
    pub(super) fn follow(&mut self, event: &DdlEvent) {
        if !self.possible {
            return;
        }
        let mode = ddl::Mode::from_sql_mode(event.sql_mode.unwrap_or(0));
        match ddl::classify_in(&event.statement, &event.default_schema, mode) {
            Ok(Ddl::Ignorable { what: "sequence", objects }) => self.known.extend(objects.into_iter().map(|name| (name, true))),
            Ok(Ddl::Table(table)) if !table.temporary => self.follow_table(&table),
            Ok(Ddl::Schema { action: SchemaAction::Drop, schema, .. }) => self.known.retain(|name, _| name.schema != schema),
            _ => {}
        }
    }

    fn forget<'t>(&mut self, names: impl IntoIterator<Item = &'t TableName>) {
        for name in names {
            self.known.remove(name);
        }
    }

    fn follow_table(&mut self, table: &TableDdl) {
        match table.action {
            TableAction::Create | TableAction::CreateSelect => {
                self.known.extend(table.changed().take(1).map(|name| (name.clone(), false)));
            }
            TableAction::CreateLike | TableAction::Drop => self.forget(table.changed()),
            _ => {
                for (from, to) in table.renames() {
                    let from = self.known.remove(from);
                    self.forget([to]);
                    self.known.extend(from.map(|is| (to.clone(), is)));
                }
            }
        }
    }
}

impl Pump<'_> {
    /// Says whether rows are of a sequence.
    pub(super) async fn is_of_sequence(&mut self, rows: &RowsEvent) -> Result<bool> {
        let table = &rows.map.table;
        if !self.sequences.possible || !has_shape(rows) || self.tables.has(table) {
            return Ok(false);
        }
        if let Some(known) = self.sequences.known.get(table) {
            return Ok(*known);
        }
        let is = has_values(rows)? && kind_at_source(self.ctx, table).await?.is_none_or(|kind| kind == SEQUENCE);
        self.sequences.known.insert(table.clone(), is);
        Ok(is)
    }

    /// Returns the sequences that a statement on tables is about: servers rename them as tables.
    pub(super) async fn sequences_in(&mut self, table: &TableDdl, event: &DdlEvent) -> Result<HashSet<TableName>> {
        let mut found = HashSet::new();
        if !self.sequences.possible || !matches!(table.action, TableAction::Alter | TableAction::Rename | TableAction::Drop) {
            return Ok(found);
        }
        for named in table.tables.iter().filter(|t| matches!(t.role, Role::Main | Role::From)) {
            let name = &named.name;
            let to: Vec<&TableName> = table.renames().filter(|(from, _)| *from == name).map(|(_, to)| to).collect();
            if self.changes_sequence((table.action, &event.statement), name, to.first().copied()).await? {
                found.extend(to.into_iter().chain([name]).cloned());
            }
        }
        Ok(found)
    }

    async fn changes_sequence(
        &mut self,
        (action, statement): (TableAction, &str),
        name: &TableName,
        to: Option<&TableName>,
    ) -> Result<bool> {
        let filter = &self.ctx.spec.src.filter;
        if self.tables.has(name) || ![Some(name), to].into_iter().flatten().any(|t| filter.includes(&t.schema, &t.table)) {
            return Ok(false);
        }
        if let Some(known) = self.sequences.known.get(name) {
            return Ok(*known);
        }
        // What the source has now under a name that is dropped here came later. A table of the job would be at the target; what may
        // be absent can be dropped there, whatever it was.
        if action == TableAction::Drop {
            return Ok(!statement.to_ascii_uppercase().contains("IF EXISTS") && !is_at_target(self.ctx, name).await?);
        }
        if let Some(kind) = match to {
            Some(to) => kind_at_source(self.ctx, to).await?,
            None => None,
        } {
            return Ok(kind == SEQUENCE);
        }
        Ok(kind_at_source(self.ctx, name).await?.is_some_and(|kind| kind == SEQUENCE))
    }
}

/// Asks what has this name now.
async fn kind_at_source(ctx: &RunContext, name: &TableName) -> Result<Option<String>> {
    let mut conn = connect::faithful(&ctx.spec.src.endpoint, false).await?;
    let (schema, table) = (literal(&name.schema), literal(&name.table));
    let sql = format!("SELECT TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table}");
    let rows = ask(&mut conn, &sql, &format!("ask what {name} is")).await?;
    conn.disconnect().await;
    Ok(rows.first().map(|row| text(row, 0)))
}

/// Says whether the target has something of this name; of messages nobody knows.
async fn is_at_target(ctx: &RunContext, name: &TableName) -> Result<bool> {
    let Some(endpoint) = ctx.spec.dest.sink.endpoint() else { return Ok(true) };
    let name = ctx.spec.src.filter.target(name);
    let mut conn = connect::faithful(endpoint, false).await?;
    // Not by the names that are listed: a server may keep others' spelling.
    let found = conn.query_drop(format!("SELECT 1 FROM {} LIMIT 0", name.quoted())).await;
    conn.disconnect().await;
    match found {
        Err(mysql_async::Error::Server(e)) if matches!(e.code, 1146 | 1049) => Ok(false),
        other => other.map(|()| true).map_err(|e| Error::mysql(format!("look for {name} at the target"), e)),
    }
}

const SEQUENCE: &str = "SEQUENCE";

/// The types of MYSQL_TYPE_TINY, SHORT, LONG, LONGLONG, INT24.
const INTEGERS: [u8; 5] = [1, 2, 3, 8, 9];

/// next_not_cached_value, minimum_value, maximum_value, start_value: of the sequence's own type; increment, cache_size,
/// cycle_option, cycle_count. Rows of it are only ever written.
fn has_shape(rows: &RowsEvent) -> bool {
    let columns = &rows.map.columns;
    if rows.kind != RowsKind::Insert || columns.len() != 8 {
        return false;
    }
    let own = columns[0].type_code;
    let types = [own, own, own, own, 8, 8, 1, 8];
    INTEGERS.contains(&own) && columns.iter().zip(types).all(|(column, code)| column.type_code == code)
}

/// Says whether every row could be a sequence's.
fn has_values(rows: &RowsEvent) -> Result<bool> {
    let (mut reader, mut before, mut after) = (RowReader::new(rows, &[false; 8]), Vec::new(), Vec::new());
    while reader.next(&mut before, &mut after)? {
        let numbers: Vec<i64> = after.iter().filter_map(|v| if let Value::Int(n) = v { Some(*n) } else { None }).collect();
        let [_, least, most, start, _, _, cycle, _] = numbers[..] else { return Ok(false) };
        // Whether the type is unsigned is not in every log; its order is kept when its bits are read so.
        let unsigned = |n: i64| n.cast_unsigned();
        let ordered = least < most && (least..=most).contains(&start);
        let ordered_unsigned = unsigned(least) < unsigned(most) && (unsigned(least)..=unsigned(most)).contains(&unsigned(start));
        if !(ordered || ordered_unsigned) || !(0..=1).contains(&cycle) {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replicate::event::{MapColumn, TableMap};
    use std::sync::Arc;

    fn rows(types: [u8; 8], values: [i64; 8]) -> RowsEvent {
        let columns = types.iter().map(|&type_code| MapColumn { type_code, ..MapColumn::default() }).collect();
        let mut bytes = vec![0];
        for (code, value) in types.iter().zip(values) {
            let width = match code {
                1 => 1,
                3 => 4,
                _ => 8,
            };
            bytes.extend_from_slice(&value.to_le_bytes()[..width]);
        }
        let map = TableMap { table: TableName::new("d", "s"), columns, primary: None };
        RowsEvent { kind: RowsKind::Insert, map: Arc::new(map), rows: bytes.into(), json_parts: false, foreign_keys_off: false }
    }

    #[test]
    fn a_sequence_is_known_by_shape_and_values() {
        let plain = [8, 8, 8, 8, 8, 8, 1, 8];
        for (types, values, shape, fits) in [
            (plain, [1, 1, i64::MAX - 1, 1, 1, 1000, 0, 0], true, true),
            (plain, [-1, i64::MIN + 1, -1, -1, -1, 0, 1, 3], true, true),
            // BIGINT UNSIGNED: its largest value is -2 read as signed.
            (plain, [1, 1, -2, 1, 1, 1000, 0, 0], true, true),
            ([3, 3, 3, 3, 8, 8, 1, 8], [5, 1, 100, 1, 1, 10, 0, 0], true, true),
            (plain, [1, 7, 7, 7, 1, 1, 0, 0], true, false),
            (plain, [1, 1, 9, 10, 1, 1, 0, 0], true, false),
            (plain, [1, 1, 9, 5, 1, 1, 2, 0], true, false),
            ([8, 8, 8, 3, 8, 8, 1, 8], [1, 1, 9, 5, 1, 1, 0, 0], false, true),
        ] {
            let event = rows(types, values);
            assert_eq!((has_shape(&event), has_values(&event).unwrap()), (shape, fits), "{types:?} {values:?}");
        }
        let update = RowsEvent { kind: RowsKind::Update, ..rows(plain, [1, 1, 9, 5, 1, 1, 0, 0]) };
        assert!(!has_shape(&update));
    }

    #[test]
    fn names_follow_the_log() {
        let mut known = Sequences::of(Flavor::Mariadb);
        let mut after = |statement: &str| {
            known.follow(&DdlEvent {
                statement: statement.to_owned(),
                default_schema: "d".to_owned(),
                sql_mode: None,
                charset: None,
                time_zone: None,
                foreign_key_checks_off: false,
                unix_time: 0,
                unix_micros: 0,
                increments: None,
                explicit_timestamps: Default::default(),
            });
            let mut names: Vec<_> = known.known.iter().map(|(name, is)| (name.table.clone(), *is)).collect();
            names.sort();
            names
        };
        let is = |name: &str, is| (name.to_owned(), is);
        assert_eq!(after("CREATE SEQUENCE s"), [is("s", true)]);
        assert_eq!(after("RENAME TABLE s TO t"), [is("t", true)]);
        assert_eq!(after("CREATE TABLE s (a INT)"), [is("s", false), is("t", true)]);
        assert_eq!(after("ALTER TABLE t RENAME u"), [is("s", false), is("u", true)]);
        assert_eq!(after("RENAME TABLE nobody TO u"), [is("s", false)], "it is asked about");
        assert_eq!(after("DROP TABLE s"), []);
        after("CREATE SEQUENCE s");
        assert_eq!(after("DROP DATABASE d"), []);
    }
}
