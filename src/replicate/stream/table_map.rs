//! TABLE_MAP events: a table's name and how its columns are laid out in the rows that follow.

use super::cursor::{Cursor, Malformed, Parsed};
use crate::model::replicate::TableName;
use crate::replicate::event::{MapColumn, TableMap};

/// The id and the name alone, so that a table the job leaves out costs nothing more.
pub(super) fn name(body: &[u8]) -> Parsed<(u64, TableName)> {
    let mut c = Cursor(body);
    head(&mut c)
}

fn head(c: &mut Cursor<'_>) -> Parsed<(u64, TableName)> {
    let id = c.uint(6)?;
    c.u16()?;
    let schema = c.prefixed(1)?;
    c.u8()?;
    let length = c.lenenc_usize()?;
    let table = c.take(length)?;
    c.u8()?;
    let text = |bytes| String::from_utf8(Vec::from(bytes)).map_err(|_| Malformed("a table's name is not UTF-8"));
    Ok((id, TableName { schema: text(schema)?, table: text(table)? }))
}

pub(super) fn parse(body: &[u8]) -> Parsed<TableMap> {
    let mut c = Cursor(body);
    let (_, table) = head(&mut c)?;
    let count = c.lenenc_usize()?;
    let types = c.take(count)?;
    let length = c.lenenc_usize()?;
    let mut meta = Cursor(c.take(length)?);
    let mut columns = Vec::with_capacity(count);
    for &type_code in types {
        columns.push(MapColumn { type_code, meta: column_meta(&mut meta, type_code)?, ..MapColumn::default() });
    }
    c.take(count.div_ceil(8))?;
    let primary = optional(&mut c, &mut columns)?;
    Ok(TableMap { table, columns, primary })
}

/// How many bytes of metadata a type has, and in which order they make a number.
fn column_meta(meta: &mut Cursor<'_>, type_code: u8) -> Parsed<u16> {
    match type_code {
        // FLOAT, DOUBLE, the blobs, GEOMETRY, JSON, VECTOR, temporal types with fraction, MariaDB's compressed blob.
        4 | 5 | 249..=252 | 255 | 245 | 242 | 17 | 18 | 19 | 140 => meta.u8().map(u16::from),
        // VARCHAR (length), BIT (bits, bytes), MariaDB's compressed varchar.
        15 | 253 | 16 | 141 => meta.u16(),
        // NEWDECIMAL (precision, scale), STRING, ENUM, SET (real type, length).
        246 | 254 | 247 | 248 => meta.array().map(u16::from_be_bytes),
        0..=3 | 6..=14 => Ok(0),
        _ => Err(Malformed("a column has a type that this program does not know")),
    }
}

/// binlog_row_metadata: signedness and charsets (MINIMAL), names, members and the primary key (FULL). The rest is passed
/// over.
fn optional(c: &mut Cursor<'_>, columns: &mut [MapColumn]) -> Parsed<Option<Vec<usize>>> {
    let mut primary = None;
    let (mut text, mut enums, mut visibility) = (None, None, false);
    while !c.is_empty() {
        let kind = c.u8()?;
        let length = c.lenenc_usize()?;
        let mut field = Cursor(c.take(length)?);
        match kind {
            1 => {
                let numeric = columns.iter_mut().filter(|c| matches!(c.type_code, 1..=5 | 8 | 9 | 13 | 246));
                for (i, column) in numeric.enumerate() {
                    column.unsigned = field.0.get(i / 8).map(|byte| byte >> (7 - i % 8) & 1 == 1);
                }
            }
            2 | 3 => text = Some((kind == 2, numbers(&mut field)?)),
            4 => {
                for column in columns.iter_mut() {
                    let length = field.lenenc_usize()?;
                    column.name = Some(String::from_utf8_lossy(field.take(length)?).into_owned());
                }
            }
            5 => members(&mut field, columns.iter_mut().filter(|c| real_type(c) == SET))?,
            6 => members(&mut field, columns.iter_mut().filter(|c| real_type(c) == ENUM))?,
            8 => {
                primary = Some(numbers(&mut field)?.into_iter().map(usize::from).collect::<Vec<_>>())
                    .filter(|p| p.iter().all(|&i| i < columns.len()));
            }
            10 | 11 => enums = Some((kind == 10, numbers(&mut field)?)),
            12 => visibility = true,
            _ => {}
        }
    }
    if let Some((by_default, ids)) = enums {
        let of = columns.iter_mut().filter(|c| matches!(real_type(c), ENUM | SET));
        charsets(by_default, &ids, of.collect());
    }
    if let Some((by_default, ids)) = text {
        // MariaDB counts GEOMETRY among the texts, MySQL does not; only MySQL says which columns can be seen.
        let shapes = columns.iter().filter(|c| c.type_code == GEOMETRY).count();
        let texts = columns.iter().filter(|c| is_text(c)).count();
        let with_shapes = match (by_default, shapes) {
            (_, 0) => Some(false),
            (false, _) => [(texts, false), (texts + shapes, true)].iter().find(|(n, _)| *n == ids.len()).map(|(_, with)| *with),
            (true, _) => visibility.then_some(false),
        };
        if let Some(with) = with_shapes {
            charsets(by_default, &ids, columns.iter_mut().filter(|c| is_text(c) || with && c.type_code == GEOMETRY).collect());
        }
    }
    Ok(primary)
}

const ENUM: u8 = 247;
const SET: u8 = 248;
const GEOMETRY: u8 = 255;

/// CHAR's type hides ENUM and SET.
fn real_type(column: &MapColumn) -> u8 {
    match (column.type_code, (column.meta >> 8) as u8) {
        (254, real @ (ENUM | SET)) => real,
        (code, _) => code,
    }
}

/// What has an entry among the charsets: texts and bytes of all lengths, MariaDB's compressed ones, VECTOR.
fn is_text(column: &MapColumn) -> bool {
    matches!(real_type(column), 15 | 140 | 141 | 242 | 249..=254)
}

fn numbers(field: &mut Cursor<'_>) -> Parsed<Vec<u16>> {
    let mut numbers = Vec::new();
    while !field.is_empty() {
        numbers.push(u16::try_from(field.lenenc_usize()?).map_err(|_| Malformed("a number of a table's metadata is too large"))?);
    }
    Ok(numbers)
}

/// One per column; or the one of most columns, then pairs of a column's place and its own.
fn charsets(by_default: bool, ids: &[u16], mut columns: Vec<&mut MapColumn>) {
    if !by_default {
        if ids.len() == columns.len() {
            columns.into_iter().zip(ids).for_each(|(column, id)| column.charset = Some(*id));
        }
        return;
    }
    let Some((most, others)) = ids.split_first() else { return };
    columns.iter_mut().for_each(|column| column.charset = Some(*most));
    for pair in others.chunks_exact(2) {
        if let Some(column) = columns.get_mut(usize::from(pair[0])) {
            column.charset = Some(pair[1]);
        }
    }
}

fn members<'a>(field: &mut Cursor<'_>, columns: impl Iterator<Item = &'a mut MapColumn>) -> Parsed<()> {
    for column in columns {
        let mut members = Vec::new();
        for _ in 0..field.lenenc_usize()? {
            let length = field.lenenc_usize()?;
            members.push(field.take(length)?.to_vec());
        }
        column.members = Some(members);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// id 7, `d`.`t` (a BIGINT UNSIGNED, b VARCHAR(300), c DECIMAL(10,2)) with full metadata.
    fn event() -> Vec<u8> {
        let mut e = vec![7, 0, 0, 0, 0, 0, 1, 0, 1, b'd', 0, 1, b't', 0, 3, 8, 15, 246, 4, 0x2c, 1, 10, 2, 0b110];
        e.extend([1, 1, 0b1000_0000, 4, 6, 1, b'a', 1, b'b', 1, b'c', 8, 1, 0]);
        e
    }

    #[test]
    fn columns_carry_metadata_signs_and_names() {
        let map = parse(&event()).unwrap();
        assert_eq!(name(&event()).unwrap(), (7, TableName::new("d", "t")));
        let of = |type_code, meta, unsigned, name: &str| MapColumn {
            type_code,
            meta,
            unsigned,
            name: Some(name.into()),
            ..MapColumn::default()
        };
        assert_eq!(map.columns, [of(8, 0, Some(true), "a"), of(15, 300, None, "b"), of(246, 10 << 8 | 2, Some(false), "c")]);
        assert_eq!(map.primary, Some(vec![0]));
    }

    /// As MariaDB 10.11 and MySQL 9.7 log it: an INT, a GEOMETRY, CHARs, ENUMs.
    fn charsets_of(types: &[u8], meta: &[u8], fields: &[u8]) -> Vec<Option<u16>> {
        let mut e = vec![7, 0, 0, 0, 0, 0, 1, 0, 1, b'd', 0, 1, b't', 0, types.len() as u8];
        e.extend(types);
        e.push(meta.len() as u8);
        e.extend(meta);
        e.extend(vec![0; types.len().div_ceil(8)]);
        e.extend(fields);
        parse(&e).unwrap().columns.into_iter().map(|c| c.charset).collect()
    }

    #[test]
    fn charsets_are_those_of_the_columns_that_each_server_counts() {
        let (types, meta) = ([3, 255, 254, 254, 252], [4, 0xfe, 3, 0xf7, 1, 2]);
        let mariadb = [3, 3, 63, 8, 46, 10, 1, 9];
        assert_eq!(charsets_of(&types, &meta, &mariadb), [None, Some(63), Some(8), Some(9), Some(46)]);
        let mysql = [3, 4, 8, 0xfc, 0xff, 0, 10, 1, 9, 12, 1, 0xff];
        assert_eq!(charsets_of(&types, &meta, &mysql), [None, None, Some(8), Some(9), Some(255)]);
        let mysql = [2, 3, 8, 1, 63, 11, 1, 9, 12, 1, 0xff];
        assert_eq!(charsets_of(&types, &meta, &mysql), [None, None, Some(8), Some(9), Some(63)]);
        let either = [2, 3, 8, 1, 63];
        assert_eq!(charsets_of(&types, &meta, &either), [None; 5], "nothing is guessed");
        assert_eq!(charsets_of(&types[2..], &meta[1..], &either), [Some(8), None, Some(63)]);
    }

    #[test]
    fn members_stand_with_their_columns() {
        let mut e = vec![7, 0, 0, 0, 0, 0, 1, 0, 1, b'd', 0, 1, b't', 0, 3, 254, 254, 254, 6, 0xf7, 1, 0xf8, 1, 0xf7, 1, 0];
        e.extend([5, 4, 1, 2, b'x', b'y', 6, 7, 2, 1, b'a', 0, 1, 1, b'b']);
        let members: Vec<_> = parse(&e).unwrap().columns.into_iter().map(|c| c.members.unwrap()).collect();
        assert_eq!(members, [vec![b"a".to_vec(), vec![]], vec![b"xy".to_vec()], vec![b"b".to_vec()]]);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(at in 0_usize..38, byte: u8, cut in 0_usize..39) {
            let mut e = event();
            e[at] = byte;
            e.truncate(cut);
            let _ = (parse(&e), name(&e));
        }
    }
}
