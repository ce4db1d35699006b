//! The definition of a table by what the log alone says of it, for one that is at the source no more under the name that
//! its rows were logged with: dropped, or renamed since.
//!
//! Called by `tables.rs` when neither the source nor the memory has a definition that fits. With binlog_row_metadata=FULL
//! the log says names, types, charsets, members and the primary key. It is refused where that leaves a choice: MariaDB's
//! UUID and INET6 are logged as BINARY(16) is, INET4 as BINARY(4), and geometries do not say which they are. Not said are
//! keys other than the primary one, and which columns are generated: those are in the messages like any other.

use super::fitting::{BINARY, Charsets, code, modern, set_members};
use crate::replicate::Result;
use crate::replicate::connect::Flavor;
use crate::replicate::event::{MapColumn, TableMap};
use crate::replicate::table::{Column, Generated, Key, Table, TypeClass};

/// Returns the definition; None where the log does not say it whole.
pub(super) fn by_log(map: &TableMap, charsets: &Charsets, flavor: Flavor) -> Result<Option<Table>> {
    let Some(columns) = map.columns.iter().map(|c| column(c, charsets, flavor)).collect::<Option<Vec<Column>>>() else { return Ok(None) };
    let keys = map.primary.iter().map(|columns| Key {
        name: "PRIMARY".into(),
        primary: true,
        unique: true,
        columns: columns.clone(),
        prefix: vec![None; columns.len()],
        usable: true,
    });
    let mut table = Table {
        name: map.table.clone(),
        columns,
        keys: keys.collect(),
        engine: String::new(),
        rows_estimated: 0,
        data_bytes: 0,
        auto_increment: None,
        create: String::new(),
    };
    for (at, logged) in map.columns.iter().enumerate() {
        table.columns[at].nullable &= !map.primary.as_ref().is_some_and(|p| p.contains(&at));
        if let Some(members) = &logged.members {
            set_members(&mut table, at, members)?;
        }
    }
    Ok(Some(table))
}

fn column(logged: &MapColumn, charsets: &Charsets, flavor: Flavor) -> Option<Column> {
    use TypeClass as T;
    let name = logged.name.clone()?;
    let code = code(logged);
    let meta = logged.meta;
    let (high, low) = (u64::from(meta >> 8), u64::from(meta & 0xff));
    let charset = logged.charset.and_then(|id| charsets.get(&id)).map(|name| modern(name));
    let binary = charset == Some(BINARY);
    let fraction = if matches!(code, 17..=19) { u8::try_from(meta).ok()? } else { 0 };
    let exact = |class, name: &str| (class, name.to_owned(), name.to_owned(), None);
    let sized = |class, name: &str, inside: String| (class, name.to_owned(), format!("{name}({inside})"), None);
    let timed = |class, name: &str| if fraction > 0 { sized(class, name, fraction.to_string()) } else { exact(class, name) };
    // A text says its bytes; its characters are what the definition has.
    let text = |class, name: &str, bytes: u64| {
        let length = if binary { bytes } else { bytes / longest(charset?) };
        Some((class, name.to_owned(), format!("{name}({length})"), Some(length)))
    };
    let (class, data_type, column_type, length) = match code {
        1 => exact(T::Int, "tinyint"),
        2 => exact(T::Int, "smallint"),
        9 => exact(T::Int, "mediumint"),
        3 => exact(T::Int, "int"),
        8 => exact(T::Int, "bigint"),
        4 => exact(T::Float, "float"),
        5 => exact(T::Double, "double"),
        246 => sized(T::Decimal, "decimal", format!("{high},{low}")),
        16 => sized(T::Bit, "bit", (high * 8 + low).to_string()),
        13 => exact(T::Year, "year"),
        10 | 14 => exact(T::Date, "date"),
        11 | 19 => timed(T::Time, "time"),
        12 | 18 => timed(T::Datetime, "datetime"),
        7 | 17 => timed(T::Timestamp, "timestamp"),
        15 | 253 if binary => text(T::Varbinary, "varbinary", u64::from(meta))?,
        15 | 253 => text(T::Char, "varchar", u64::from(meta))?,
        254 => {
            let bytes = ((high & 0x30) ^ 0x30) << 4 | low;
            match binary {
                // Or a UUID, an INET6, an INET4.
                true if flavor == Flavor::Mariadb && matches!(bytes, 4 | 16) => return None,
                true => text(T::Binary, "binary", bytes)?,
                false => text(T::Char, "char", bytes)?,
            }
        }
        249..=252 => {
            charset?;
            let size = ["tiny", "", "medium", "long"].get(usize::from(meta).checked_sub(1)?)?;
            if binary { exact(T::Blob, &format!("{size}blob")) } else { exact(T::Text, &format!("{size}text")) }
        }
        245 => exact(T::Json, "json"),
        242 => exact(T::Vector, "vector"),
        // Their members follow.
        247 => exact(T::Enum, "enum"),
        248 => exact(T::Set, "set"),
        _ => return None,
    };
    if matches!(code, 247 | 248) && logged.members.is_none() {
        return None;
    }
    let has_sign = matches!(class, T::Int | T::Decimal | T::Float | T::Double);
    let unsigned = has_sign && logged.unsigned?;
    Some(Column {
        name,
        class,
        column_type: if unsigned { format!("{column_type} unsigned") } else { column_type },
        data_type,
        unsigned,
        nullable: true,
        charset: charset.filter(|_| !binary && matches!(class, T::Char | T::Text | T::Enum | T::Set)).map(str::to_owned),
        collation: None,
        length,
        fraction,
        generated: Generated::No,
        invisible: false,
        auto_increment: false,
        members: Vec::new(),
    })
}

/// The bytes of a charset's longest character.
fn longest(charset: &str) -> u64 {
    match charset {
        "utf8mb4" | "utf16" | "utf16le" | "utf32" | "gb18030" => 4,
        "utf8mb3" | "ujis" | "eucjpms" => 3,
        "ucs2" | "big5" | "gbk" | "gb2312" | "euckr" | "sjis" | "cp932" => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::replicate::TableName;

    fn map(columns: Vec<MapColumn>) -> TableMap {
        TableMap { table: TableName::new("s", "gone"), columns, primary: Some(vec![0]) }
    }

    fn logged(name: &str, type_code: u8, meta: u16, charset: Option<u16>) -> MapColumn {
        MapColumn { type_code, meta, unsigned: Some(false), name: Some(name.into()), charset, ..MapColumn::default() }
    }

    fn charsets() -> Charsets {
        Charsets::from([(63, "binary".to_owned()), (46, "utf8mb4".to_owned())])
    }

    #[test]
    fn a_full_map_is_a_definition() {
        let columns = vec![
            MapColumn { unsigned: Some(true), ..logged("id", 8, 0, None) },
            logged("v", 15, 80, Some(46)),
            logged("b", 254, 254 << 8 | 9, Some(63)),
            logged("d", 246, 10 << 8 | 2, None),
            logged("at", 18, 3, None),
            logged("t", 252, 2, Some(46)),
            logged("bits", 16, 1 << 8 | 2, None),
            MapColumn { members: Some(vec![b"a".to_vec(), b"b,c".to_vec()]), ..logged("e", 254, 247 << 8 | 1, Some(46)) },
        ];
        let table = by_log(&map(columns), &charsets(), Flavor::Mariadb).unwrap().unwrap();
        let types: Vec<&str> = table.columns.iter().map(|c| c.column_type.as_str()).collect();
        assert_eq!(
            types,
            ["bigint unsigned", "varchar(20)", "binary(9)", "decimal(10,2)", "datetime(3)", "text", "bit(10)", "enum('a','b,c')"]
        );
        assert_eq!((table.row_key().unwrap().columns.as_slice(), table.columns[0].nullable), ([0].as_slice(), false));
    }

    #[test]
    fn what_leaves_a_choice_is_no_definition() {
        let one = |column: MapColumn, flavor| by_log(&map(vec![column]), &charsets(), flavor).unwrap().is_some();
        assert!(!one(MapColumn { name: None, ..logged("", 3, 0, None) }, Flavor::Mysql), "without names");
        assert!(!one(logged("u", 254, 254 << 8 | 16, Some(63)), Flavor::Mariadb), "BINARY(16), UUID or INET6");
        assert!(one(logged("u", 254, 254 << 8 | 16, Some(63)), Flavor::Mysql));
        assert!(!one(logged("g", 255, 4, None), Flavor::Mysql), "a geometry");
        assert!(!one(logged("v", 15, 80, None), Flavor::Mysql), "a text without its charset");
    }
}
