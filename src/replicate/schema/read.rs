//! Reads which tables a job has, and how they are defined.
//!
//! Called by preflight, copy, sink and differ, on any session: names and definitions are UTF-8 at both flavours whatever
//! the session's character set is, because they are asked for as bytes. Nothing a job could mean is left out in
//! silence: what is no base table is counted in [`Listing::notes`].

use super::members::{encode_members, members};
use super::printed::readable;
use super::tokens::Tokens;
use crate::model::replicate::{SYSTEM_SCHEMAS, TableFilter, TableName};
use crate::replicate::connect::{Conn, Flavor, ServerInfo};
use crate::replicate::table::{Column, Generated, Key, Table, TypeClass};
use crate::replicate::{Error, Result};
use mysql_async::{Row, Value};
use std::collections::{BTreeMap, HashMap};

/// The tables of a job, and the objects beside them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Base tables that the job has the rows of, by name.
    pub tables: Vec<Listed>,
    /// Tables and views of the job's schemas that the filter leaves out: for messages.
    pub left_out: Vec<TableName>,
    /// Every schema of the server but the system's, with its character set and collation.
    pub schemas: Vec<SchemaInfo>,
    /// What the job's schemas hold and a job does not move.
    pub notes: Vec<Note>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub name: TableName,
    pub engine: String,
    pub rows_estimated: u64,
    pub data_bytes: u64,
    /// MariaDB: WITH SYSTEM VERSIONING.
    pub versioned: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaInfo {
    pub name: String,
    pub charset: String,
    pub collation: String,
}

/// Objects of one kind in one schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub schema: String,
    /// `view`, `sequence`, `trigger`, `procedure`, `function`, `event` …
    pub kind: String,
    pub names: Vec<String>,
}

/// Lists the tables that the filter includes.
pub async fn list(conn: &mut Conn, filter: &TableFilter) -> Result<Listing> {
    let mut listing = Listing { schemas: schemas(conn).await?, ..Listing::default() };
    let mut others: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for schema in listing.schemas.iter().filter(|s| filter.touches_schema(&s.name)) {
        let sql = format!(
            "SELECT TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_ROWS, DATA_LENGTH FROM information_schema.TABLES WHERE TABLE_SCHEMA = {}",
            literal(&schema.name)
        );
        for row in ask(conn, &sql, "list tables").await? {
            let (table, kind) = (text(&row, 0), text(&row, 1));
            if kind == "BASE TABLE" || kind == "SYSTEM VERSIONED" {
                if filter.copies(&schema.name, &table) {
                    listing.tables.push(Listed {
                        name: TableName::new(schema.name.clone(), table),
                        engine: text(&row, 2),
                        rows_estimated: number(&row, 3),
                        data_bytes: number(&row, 4),
                        versioned: kind == "SYSTEM VERSIONED",
                    });
                } else {
                    listing.left_out.push(TableName::new(schema.name.clone(), table));
                }
            } else if kind != "TEMPORARY" && filter.copies(&schema.name, &table) {
                others.entry((schema.name.clone(), kind.to_ascii_lowercase())).or_default().push(table);
            }
        }
        for (kind, name) in objects(conn, &schema.name).await? {
            others.entry((schema.name.clone(), kind)).or_default().push(name);
        }
    }
    listing.tables.sort_by(|a, b| a.name.cmp(&b.name));
    listing.notes = others.into_iter().map(|((schema, kind), names)| Note { schema, kind, names }).collect();
    Ok(listing)
}

async fn schemas(conn: &mut Conn) -> Result<Vec<SchemaInfo>> {
    let sql = "SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA";
    let mut found: Vec<_> = ask(conn, sql, "list schemas")
        .await?
        .iter()
        .map(|row| SchemaInfo { name: text(row, 0), charset: text(row, 1), collation: text(row, 2) })
        .filter(|s| !SYSTEM_SCHEMAS.iter().any(|system| system.eq_ignore_ascii_case(&s.name)))
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Returns (kind, name) of the routines, triggers and events of a schema that the account may see.
async fn objects(conn: &mut Conn, schema: &str) -> Result<Vec<(String, String)>> {
    let schema = literal(schema);
    let mut out = Vec::new();
    for sql in [
        format!("SELECT ROUTINE_TYPE, ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = {schema}"),
        format!("SELECT 'trigger', TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = {schema}"),
        format!("SELECT 'event', EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = {schema}"),
    ] {
        out.extend(
            ask(conn, &sql, "list routines, triggers and events")
                .await?
                .iter()
                .map(|row| (text(row, 0).to_ascii_lowercase(), text(row, 1))),
        );
    }
    Ok(out)
}

/// Reads one table's definition; None if there is no such table.
pub async fn read_table(conn: &mut Conn, info: &ServerInfo, name: &TableName) -> Result<Option<Table>> {
    Ok(read_tables(conn, info, std::slice::from_ref(name)).await?.pop())
}

/// Reads definitions in the order asked for; tables that do not exist are left out.
pub async fn read_tables(conn: &mut Conn, info: &ServerInfo, names: &[TableName]) -> Result<Vec<Table>> {
    // MySQL keeps row counts for a day; other modes would change what SHOW CREATE TABLE prints.
    let fresh = if info.flavor == Flavor::Mysql && info.version.0 >= 8 { ", information_schema_stats_expiry=0" } else { "" };
    let sql = format!("SET SESSION sql_quote_show_create=1{fresh}");
    conn.query_drop(sql).await.map_err(|e| Error::mysql("set up the session to read definitions", e))?;
    let sql = "SELECT @@lower_case_table_names";
    let folds = ask(conn, sql, "ask how names are compared").await?.first().is_some_and(|row| text(row, 0) != "0");
    let mut by_schema: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in names {
        by_schema.entry(&name.schema).or_default().push(&name.table);
    }
    let mut found = HashMap::new();
    for (schema, tables) in by_schema {
        for batch in tables.chunks(200) {
            found.extend(read_batch(conn, info, folds, schema, batch).await?);
        }
    }
    Ok(names.iter().filter_map(|name| found.remove(name)).collect())
}

async fn read_batch(conn: &mut Conn, info: &ServerInfo, folds: bool, schema: &str, tables: &[&str]) -> Result<HashMap<TableName, Table>> {
    let there = |name: &str| if folds { name.to_lowercase() } else { name.to_owned() };
    let schema_there = there(schema);
    let list = tables.iter().map(|t| literal(&there(t))).collect::<Vec<_>>().join(", ");
    let which = if tables.len() == 1 { format!("= {list}") } else { format!("IN ({list})") };
    let which = format!("WHERE TABLE_SCHEMA = {} AND TABLE_NAME {which}", literal(&schema_there));
    let doing = format!("read definitions of {schema}");

    let sql = format!(
        "SELECT TABLE_NAME, ENGINE, TABLE_ROWS, DATA_LENGTH, AUTO_INCREMENT FROM information_schema.TABLES {which} AND TABLE_TYPE IN ('BASE TABLE','SYSTEM VERSIONED')"
    );
    let mut found = HashMap::new();
    for row in ask(conn, &sql, &doing).await? {
        // MariaDB compares these columns without regard to case, so more may come than was asked for. A server that
        // folds names answers in its own spelling; ours is the one that was asked with.
        let table = text(&row, 0);
        let Some(asked) = tables.iter().find(|t| **t == table || folds && t.to_lowercase() == table.to_lowercase()) else { continue };
        let name = TableName::new(schema, *asked);
        let Some(create) = show_create(conn, &name).await? else { continue };
        let read = Table {
            name,
            columns: Vec::new(),
            keys: Vec::new(),
            engine: text(&row, 1),
            rows_estimated: number(&row, 2),
            data_bytes: number(&row, 3),
            auto_increment: opt(&row, 4).and_then(|n| n.parse().ok()),
            create,
        };
        found.insert(table, read);
    }

    let generation = if info.flavor == Flavor::Mysql || info.version >= (10, 2, 0) { "GENERATION_EXPRESSION" } else { "''" };
    let sql = format!(
        "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, CHARACTER_SET_NAME, COLLATION_NAME, CHARACTER_MAXIMUM_LENGTH, \
         DATETIME_PRECISION, EXTRA, {generation} FROM information_schema.COLUMNS {which} ORDER BY TABLE_NAME, ORDINAL_POSITION"
    );
    for row in ask(conn, &sql, &doing).await? {
        if let Some(table) = found.get_mut(&text(&row, 0)) {
            table.columns.push(column(&row));
        }
    }

    let (expression, hidden) = match (info.flavor, info.version) {
        (Flavor::Mysql, v) if v >= (8, 0, 13) => ("EXPRESSION", "IS_VISIBLE = 'NO'"),
        (Flavor::Mysql, v) if v >= (8, 0, 0) => ("NULL", "IS_VISIBLE = 'NO'"),
        (Flavor::Mariadb, v) if v >= (10, 6, 0) => ("NULL", "IGNORED = 'YES'"),
        _ => ("NULL", "0"),
    };
    let sql = format!(
        "SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, SUB_PART, INDEX_TYPE, {expression}, {hidden} \
         FROM information_schema.STATISTICS {which} ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX"
    );
    let mut hidden_keys = Vec::new();
    for row in ask(conn, &sql, &doing).await? {
        if let Some(table) = found.get_mut(&text(&row, 0)) {
            if text(&row, 7) == "1" {
                hidden_keys.push((table.name.table.clone(), text(&row, 1)));
            }
            key_part(table, &row);
        }
    }
    for table in found.values_mut() {
        // Primary first, then unique keys; those that the optimizer does not use come last of their kind.
        let name = table.name.table.clone();
        table.keys.sort_by_key(|k| (!k.primary, !k.unique, hidden_keys.iter().any(|(t, key)| *t == name && *key == k.name)));
    }
    for table in found.values_mut() {
        encode_members(conn, table).await?;
    }
    Ok(found.into_values().map(|t| (t.name.clone(), t)).collect())
}

/// Returns SHOW CREATE TABLE without its AUTO_INCREMENT; None if there is no such table.
async fn show_create(conn: &mut Conn, name: &TableName) -> Result<Option<String>> {
    let row: Option<Row> = match conn.query_first(format!("SHOW CREATE TABLE {}", name.quoted())).await {
        Ok(row) => row,
        // ER_NO_SUCH_TABLE, ER_BAD_DB_ERROR: dropped since it was listed.
        Err(mysql_async::Error::Server(e)) if e.code == 1146 || e.code == 1049 => return Ok(None),
        Err(e) => return Err(Error::mysql(format!("read the definition of {name}"), e)),
    };
    let Some(Value::Bytes(bytes)) = row.as_ref().and_then(|r| r.as_ref(1)) else { return Ok(None) };
    let create =
        readable(bytes).ok_or_else(|| Error::permanent("definition_not_utf8", format!("the definition of {name} is no valid UTF-8")))?;
    Ok(Some(without_auto_increment(&create)))
}

/// Takes the counter out of the table options, which are behind the list of columns.
pub fn without_auto_increment(create: &str) -> String {
    let tokens = Tokens::of(create);
    let Some((_, close)) = tokens.body() else { return create.to_owned() };
    let Some(at) = (close + 1..tokens.list.len()).find(|&at| tokens.is_word(at, "AUTO_INCREMENT")) else { return create.to_owned() };
    let last = if tokens.is_symbol(at + 1, "=") { at + 2 } else { at + 1 };
    let end = tokens.list.get(last).map_or(create.len(), |t| t.at.end);
    format!("{}{}", create[..tokens.list[at].at.start].trim_end_matches(' '), &create[end..])
}

fn column(row: &Row) -> Column {
    let (data_type, column_type) = (text(row, 2).to_ascii_lowercase(), text(row, 3));
    let extra = text(row, 9).to_ascii_uppercase();
    let class = class(&data_type);
    // MariaDB: "VIRTUAL GENERATED" and "STORED GENERATED" too since 10.2, "PERSISTENT" before.
    let generated = if extra.contains("VIRTUAL GENERATED") {
        Generated::Virtual
    } else if extra.contains("STORED GENERATED") || extra.contains("PERSISTENT") {
        Generated::Stored
    } else {
        Generated::No
    };
    Column {
        name: text(row, 1),
        class,
        unsigned: matches!(class, TypeClass::Int | TypeClass::Decimal | TypeClass::Float | TypeClass::Double)
            && column_type.to_ascii_lowercase().contains("unsigned"),
        nullable: text(row, 4) == "YES",
        charset: opt(row, 5),
        collation: opt(row, 6),
        length: opt(row, 7).and_then(|n| n.parse().ok()),
        fraction: opt(row, 8).and_then(|n| n.parse().ok()).unwrap_or(0),
        generated,
        invisible: extra.split([',', ' ']).any(|word| word == "INVISIBLE"),
        auto_increment: extra.contains("AUTO_INCREMENT"),
        members: if matches!(class, TypeClass::Enum | TypeClass::Set) { members(&column_type) } else { Vec::new() },
        column_type,
        data_type,
    }
}

/// Sorts a `DATA_TYPE` into its class.
pub fn class(data_type: &str) -> TypeClass {
    match data_type {
        "tinyint" | "smallint" | "mediumint" | "int" | "integer" | "bigint" => TypeClass::Int,
        "decimal" | "numeric" => TypeClass::Decimal,
        "float" => TypeClass::Float,
        "double" | "real" => TypeClass::Double,
        "bit" => TypeClass::Bit,
        "year" => TypeClass::Year,
        "date" => TypeClass::Date,
        "time" => TypeClass::Time,
        "datetime" => TypeClass::Datetime,
        "timestamp" => TypeClass::Timestamp,
        "char" | "varchar" => TypeClass::Char,
        "tinytext" | "text" | "mediumtext" | "longtext" => TypeClass::Text,
        "binary" => TypeClass::Binary,
        "varbinary" => TypeClass::Varbinary,
        "tinyblob" | "blob" | "mediumblob" | "longblob" => TypeClass::Blob,
        "enum" => TypeClass::Enum,
        "set" => TypeClass::Set,
        "json" => TypeClass::Json,
        "geometry" | "point" | "linestring" | "polygon" | "multipoint" | "multilinestring" | "multipolygon" | "geometrycollection"
        | "geomcollection" => TypeClass::Geometry,
        "uuid" => TypeClass::Uuid,
        "inet4" => TypeClass::Inet4,
        "inet6" => TypeClass::Inet6,
        "vector" => TypeClass::Vector,
        _ => TypeClass::Other,
    }
}

fn key_part(table: &mut Table, row: &Row) {
    let (name, column, prefix) = (text(row, 1), opt(row, 3), opt(row, 4).and_then(|n| n.parse().ok()));
    let (unique, kind) = (text(row, 2) == "0", text(row, 5));
    if table.keys.last().is_none_or(|k| k.name != name) {
        table.keys.push(Key {
            primary: name == "PRIMARY",
            unique,
            columns: Vec::new(),
            prefix: Vec::new(),
            // HASH: MariaDB's unique key over long columns, which no range can be read by.
            usable: kind == "BTREE",
            name,
        });
    }
    let at = column.and_then(|column| table.columns.iter().position(|c| c.name == column));
    let key = table.keys.last_mut().expect("pushed above if there was none");
    match at {
        Some(at) if row_is_null(row, 6) => {
            key.columns.push(at);
            key.prefix.push(prefix);
        }
        _ => key.usable = false,
    }
}

/// Quotes a string for SQL, whatever the session's charset is.
pub fn literal(text: &str) -> String {
    format!("_utf8mb4'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

pub(crate) async fn ask(conn: &mut Conn, sql: &str, doing: &str) -> Result<Vec<Row>> {
    conn.query(sql).await.map_err(|e| Error::mysql(doing, e))
}

/// A value as text, "" for NULL.
pub(crate) fn text(row: &Row, at: usize) -> String {
    opt(row, at).unwrap_or_default()
}

pub(crate) fn opt(row: &Row, at: usize) -> Option<String> {
    match row.as_ref(at)? {
        Value::NULL => None,
        Value::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        Value::Int(n) => Some(n.to_string()),
        Value::UInt(n) => Some(n.to_string()),
        other => Some(other.as_sql(true)),
    }
}

pub(crate) fn number(row: &Row, at: usize) -> u64 {
    opt(row, at).and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn row_is_null(row: &Row, at: usize) -> bool {
    matches!(row.as_ref(at), None | Some(Value::NULL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_is_taken_out_of_the_options_only() {
        let head = "CREATE TABLE `AUTO_INCREMENT` (\n  `id` int NOT NULL AUTO_INCREMENT COMMENT ' AUTO_INCREMENT=4 '\n) ENGINE=InnoDB";
        let tail = " DEFAULT CHARSET=utf8mb4 COMMENT='x) AUTO_INCREMENT=5'";
        assert_eq!(without_auto_increment(&format!("{head} AUTO_INCREMENT=77{tail}")), format!("{head}{tail}"));
        assert_eq!(without_auto_increment(&format!("{head}{tail}")), format!("{head}{tail}"));
    }

    #[test]
    fn literals_cannot_be_left() {
        assert_eq!(literal("a'b\\"), "_utf8mb4'a''b\\\\'");
    }
}
