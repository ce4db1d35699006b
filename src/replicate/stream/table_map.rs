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
        columns.push(MapColumn { type_code, meta: column_meta(&mut meta, type_code)?, unsigned: None, name: None });
    }
    c.take(count.div_ceil(8))?;
    optional(&mut c, &mut columns)?;
    Ok(TableMap { table, columns })
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

/// binlog_row_metadata: signedness (MINIMAL) and names (FULL). The rest is passed over.
fn optional(c: &mut Cursor<'_>, columns: &mut [MapColumn]) -> Parsed<()> {
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
            4 => {
                for column in columns.iter_mut() {
                    let length = field.lenenc_usize()?;
                    column.name = Some(String::from_utf8_lossy(field.take(length)?).into_owned());
                }
            }
            _ => {}
        }
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
        let of = |type_code, meta, unsigned, name: &str| MapColumn { type_code, meta, unsigned, name: Some(name.into()) };
        assert_eq!(map.columns, [of(8, 0, Some(true), "a"), of(15, 300, None, "b"), of(246, 10 << 8 | 2, Some(false), "c")]);
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
