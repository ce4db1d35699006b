//! Which definition a logged row is read by: one that is known and fits the log's table map, or what the two say together.
//!
//! Called by `tables.rs`. Pure but for the list of charsets.

use crate::replicate::connect::Conn;
use crate::replicate::encode;
use crate::replicate::event::{MapColumn, TableMap};
use crate::replicate::table::{Column, Key, Table, TypeClass};
use crate::replicate::{Error, Result};
use std::collections::HashMap;

/// Charsets by the ids of their collations.
pub(super) type Charsets = HashMap<u16, String>;

/// MariaDB 10.10 and later lists some collations with their ids here alone; older ones, and MySQL, have no ids in it.
pub(super) async fn charset_names(conn: &mut Conn) -> Result<Charsets> {
    let applicable = "SELECT id, character_set_name FROM information_schema.collation_character_set_applicability WHERE id IS NOT NULL";
    let all = "SELECT id, character_set_name FROM information_schema.collations WHERE id IS NOT NULL";
    let found: Vec<(u16, String)> = match conn.query(applicable).await {
        // 1054: no such column.
        Err(mysql_async::Error::Server(e)) if e.code == 1054 => conn.query(all).await,
        other => other,
    }
    .map_err(|e| Error::mysql("ask the source for its character sets", e))?;
    Ok(found.into_iter().collect())
}

/// The definition that fits. A row between two changes of its table is of neither: then each column that the log names is
/// taken from the first definition that has it, and made what the log says of it.
pub(super) fn fitted(tables: &[&Table], map: &TableMap, charsets: &Charsets) -> Result<Option<Table>> {
    if let Some(table) = tables.iter().find(|t| fits(t, map, charsets)) {
        return Ok(Some((*table).clone()));
    }
    let named = |logged: &MapColumn| {
        let name = logged.name.as_deref()?;
        let known = || tables.iter().flat_map(|t| &t.columns).filter(|c| c.name == name && agrees(c, logged));
        known().find(|c| says(c, logged, charsets)).or_else(|| known().next()).cloned()
    };
    let Some(columns) = map.columns.iter().map(named).collect::<Option<Vec<Column>>>() else { return Ok(None) };
    let place = |name: &str| columns.iter().position(|c| c.name == name);
    let moved = |table: &Table, key: &Key| {
        let places = key.columns.iter().map(|&c| place(&table.columns[c].name)).collect::<Option<_>>()?;
        Some(Key { columns: places, ..key.clone() })
    };
    // A key whose columns are not all in the rows is none.
    let whole = tables.iter().find(|t| t.row_key().is_some_and(|key| moved(t, key).is_some()));
    let keys = whole.map(|t| t.keys.iter().filter_map(|key| moved(t, key)).collect()).unwrap_or_default();
    let Some(first) = tables.first() else { return Ok(None) };
    let mut table = Table { columns, keys, ..(*first).clone() };
    for (i, logged) in map.columns.iter().enumerate() {
        if !says(&table.columns[i], logged, charsets) {
            told(&mut table, i, logged, charsets)?;
        }
    }
    if let Some(primary) = map.primary.as_ref().filter(|p| !has_primary(&table, p)) {
        primary.iter().for_each(|&c| table.columns[c].nullable = false);
        table.keys.retain(|k| !k.primary);
        let prefix = vec![None; primary.len()];
        table.keys.insert(0, Key { name: "PRIMARY".into(), primary: true, unique: true, columns: primary.clone(), prefix, usable: true });
    }
    Ok(Some(table))
}

pub(super) fn fits(table: &Table, map: &TableMap, charsets: &Charsets) -> bool {
    let same = |(c, m): (&Column, &MapColumn)| agrees(c, m) && m.name.as_ref().is_none_or(|n| *n == c.name) && says(c, m, charsets);
    table.columns.len() == map.columns.len()
        && table.columns.iter().zip(&map.columns).all(same)
        && map.primary.as_ref().is_none_or(|p| has_primary(table, p))
}

fn has_primary(table: &Table, columns: &[usize]) -> bool {
    table.keys.iter().any(|k| k.primary && k.columns == columns)
}

/// Says whether a column has the members and the charset that the log says, if it says them.
fn says(column: &Column, logged: &MapColumn, charsets: &Charsets) -> bool {
    logged.members.as_ref().is_none_or(|m| *m == column.members)
        && charset(column, logged, charsets).is_none_or(|name| name == column.charset.as_deref().map_or(BINARY, modern))
}

pub(super) const BINARY: &str = "binary";

/// The charset by the log, where the column is of a kind that has one.
fn charset<'a>(column: &Column, logged: &MapColumn, charsets: &'a Charsets) -> Option<&'a str> {
    use TypeClass as T;
    let has = matches!(column.class, T::Char | T::Text | T::Binary | T::Varbinary | T::Blob | T::Enum | T::Set);
    let name = logged.charset.filter(|_| has).and_then(|id| charsets.get(&id))?;
    Some(modern(name))
}

pub(super) fn modern(charset: &str) -> &str {
    if charset == "utf8" { "utf8mb3" } else { charset }
}

/// Makes a column what the log says of it.
fn told(table: &mut Table, at: usize, logged: &MapColumn, charsets: &Charsets) -> Result<()> {
    use TypeClass as T;
    let column = &mut table.columns[at];
    if let Some(name) = charset(column, logged, charsets) {
        column.class = match (column.class, name == BINARY) {
            (T::Char, true) => T::Varbinary,
            (T::Text, true) => T::Blob,
            (T::Binary | T::Varbinary, false) => T::Char,
            (T::Blob, false) => T::Text,
            (class, _) => class,
        };
        column.charset = Some(name.to_owned());
        column.collation = None;
    }
    if let Some(members) = &logged.members {
        set_members(table, at, members)?;
    }
    Ok(())
}

/// Gives an ENUM or SET the members that the log says.
pub(super) fn set_members(table: &mut Table, at: usize, members: &[Vec<u8>]) -> Result<()> {
    table.columns[at].members = members.to_vec();
    let texts = encode::members(table, &table.columns[at])?;
    let texts: Vec<String> = texts.iter().map(|m| format!("'{}'", m.replace('\'', "''"))).collect();
    let column = &mut table.columns[at];
    column.column_type = format!("{}({})", column.data_type, texts.join(","));
    Ok(())
}

/// The type of a logged column. CHAR's hides ENUM and SET.
pub(super) fn code(logged: &MapColumn) -> u8 {
    match logged.type_code {
        254 if logged.meta >> 8 == 247 || logged.meta >> 8 == 248 => (logged.meta >> 8) as u8,
        code => code,
    }
}

/// Says whether logged values of a column can be of this definition.
pub(in crate::replicate::sink) fn agrees(column: &Column, logged: &MapColumn) -> bool {
    use TypeClass as T;
    let code = code(logged);
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

pub(super) fn unreadable(map: &TableMap) -> Error {
    let message = format!("rows of {} were logged by a definition that is neither the one kept nor the source's present one", map.table);
    let hint = "set binlog_row_metadata=FULL at the source for the future; to go on now, leave the table out of the job (`syncline jobs \
                update --ignore`) and retry it, or delete the job and create it anew";
    Error::permanent("definition_unknown", message).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::replicate::TableName;

    fn column(name: &str) -> Column {
        Column { column_type: "int".into(), data_type: "int".into(), ..Column::plain(name, TypeClass::Int) }
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
                .map(|n| MapColumn {
                    type_code: 3,
                    unsigned: Some(false),
                    name: (!n.is_empty()).then(|| (*n).to_owned()),
                    ..MapColumn::default()
                })
                .collect(),
            primary: None,
        };
        let (present, kept) = (table(&["more", "id", "last"], &[1, 2]), table(&["id", "v"], &[0]));
        let read = |names: &[&str]| {
            let table = fitted(&[&present, &kept], &logged(names), &Charsets::new()).unwrap()?;
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

    #[test]
    fn what_the_log_says_of_a_column_holds_for_its_rows() {
        let list = |members: &[&str]| Column {
            class: TypeClass::Enum,
            data_type: "enum".into(),
            charset: Some("utf8mb4".into()),
            members: members.iter().map(|m| m.as_bytes().to_vec()).collect(),
            ..column("e")
        };
        let text = Column { class: TypeClass::Char, data_type: "char".into(), charset: Some("utf8".into()), ..column("c") };
        let present = Table { columns: vec![column("id"), list(&["x", "a"]), text], ..table(&[], &[0]) };
        let charsets =
            Charsets::from([(8, "latin1".to_owned()), (33, "utf8mb3".to_owned()), (46, "utf8mb4".to_owned()), (63, "binary".to_owned())]);
        let logged = |members: &[&[u8]], charset: u16, primary: usize| TableMap {
            table: TableName::new("s", "t"),
            columns: vec![
                MapColumn { type_code: 3, name: Some("id".into()), ..MapColumn::default() },
                MapColumn {
                    type_code: 254,
                    meta: 247 << 8 | 1,
                    name: Some("e".into()),
                    charset: Some(46),
                    members: Some(members.iter().map(|m| m.to_vec()).collect()),
                    ..MapColumn::default()
                },
                MapColumn { type_code: 254, meta: 254 << 8 | 10, name: Some("c".into()), charset: Some(charset), ..MapColumn::default() },
            ],
            primary: Some(vec![primary]),
        };
        let read = |map: &TableMap| fitted(&[&present], map, &charsets).unwrap().unwrap();
        assert_eq!(read(&logged(&[b"x", b"a"], 33, 0)), present);
        let other = read(&logged(&[b"it's", b"x"], 8, 2));
        assert_eq!((other.columns[1].column_type.as_str(), other.columns[2].charset.as_deref()), ("enum('it''s','x')", Some("latin1")));
        assert_eq!((other.row_key().unwrap().columns.as_slice(), other.columns[2].class), ([2].as_slice(), TypeClass::Char));
        assert!(fits(&other, &logged(&[b"it's", b"x"], 8, 2), &charsets), "kept, it is found again");
        assert_eq!(read(&logged(&[b"x"], 63, 0)).columns[2].class, TypeClass::Varbinary);
        assert_eq!(read(&logged(&[b"x"], 999, 0)).columns[2].charset.as_deref(), Some("utf8"), "an id that nobody knows says nothing");
    }
}
