//! The borrowing row decoder: walks the rows of a logged event, value by value.
//!
//! Called by sinks and by whoever looks into rows; the stream itself never decodes them. Our own, because the driver's
//! decoder is wrong for negative MEDIUMINT and TIME(1..2), knows no MariaDB compressed columns, and is ten times slower.
//! Invariant: any bytes give values or an error, never a panic, and a row is taken whole or not at all.

use super::compressed;
use super::cursor::{Cursor, Malformed, Parsed};
use super::value::{ShortText, Value};
use super::{decimal, json, json_parts, temporal};
use crate::replicate::Result;
use crate::replicate::event::{MapColumn, RowsEvent, RowsKind};
use std::borrow::Cow;

/// The type code of MySQL's JSON.
const JSON: u8 = 245;

/// Walks one event's rows.
#[derive(Debug)]
pub struct RowReader<'a> {
    event: &'a RowsEvent,
    unsigned: &'a [bool],
    /// Values that are looked at; None: all.
    wanted: Option<&'a [bool]>,
    rest: Cursor<'a>,
}

impl<'a> RowReader<'a> {
    /// `unsigned` says it per column, as the target's definition has it; columns beyond its end go by the log's own
    /// metadata, and without that are signed.
    pub fn new(event: &'a RowsEvent, unsigned: &'a [bool]) -> Self {
        Self { event, unsigned, wanted: None, rest: Cursor(&event.rows) }
    }

    /// Only these values are looked at: of the others, those that cost time to make come as NULL.
    pub fn only(self, wanted: &'a [bool]) -> Self {
        Self { wanted: Some(wanted), ..self }
    }

    /// Reads the next row; false at the end. An insert fills `after`, a delete `before`, an update both.
    pub fn next(&mut self, before: &mut Vec<Value<'a>>, after: &mut Vec<Value<'a>>) -> Result<bool> {
        before.clear();
        after.clear();
        if self.rest.is_empty() {
            return Ok(false);
        }
        let mut read = || -> Parsed<()> {
            match self.event.kind {
                RowsKind::Insert => self.image(after, None),
                RowsKind::Delete => self.image(before, None),
                RowsKind::Update => {
                    self.image(before, None)?;
                    let parts = if self.event.json_parts { self.parts()? } else { None };
                    self.image(after, parts.map(|parts| (parts, before.as_slice())))
                }
            }
        };
        match read() {
            Ok(()) => Ok(true),
            Err(malformed) => {
                self.rest = Cursor(&[]);
                Err(malformed.in_event(format_args!("a row of {}", self.event.map.table)))
            }
        }
    }

    /// Says whether the row that was read last is the event's last.
    pub fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// What is before an image after an update where documents may be logged in parts: which of them are, a bit for each JSON
    /// column. None: none of them.
    fn parts(&mut self) -> Parsed<Option<&'a [u8]>> {
        const PARTIAL_JSON: u64 = 1;
        if self.rest.lenenc()? & PARTIAL_JSON == 0 {
            return Ok(None);
        }
        let documents = self.event.map.columns.iter().filter(|column| column.type_code == JSON).count();
        self.rest.take(documents.div_ceil(8)).map(Some)
    }

    /// One row image: the NULL bitmap and the values that are there. `parts`: which documents are logged as changes, and the image
    /// that they are changes of.
    fn image(&mut self, values: &mut Vec<Value<'a>>, parts: Option<(&'a [u8], &[Value<'a>])>) -> Parsed<()> {
        let columns = &self.event.map.columns;
        if columns.is_empty() {
            return Err(Malformed("the table has no columns"));
        }
        let nulls = self.rest.take(columns.len().div_ceil(8))?;
        let mut documents = 0;
        for (i, column) in columns.iter().enumerate() {
            let mut in_parts = None;
            if let Some((bits, before)) = parts.filter(|_| column.type_code == JSON) {
                in_parts = (bits[documents / 8] >> (documents % 8) & 1 == 1).then_some(before);
                documents += 1;
            }
            let null = nulls[i / 8] >> (i % 8) & 1 == 1;
            let unwanted = self.wanted.is_some_and(|wanted| !wanted.get(i).copied().unwrap_or(true));
            if null || unwanted && skip(&mut self.rest, column)? {
                values.push(Value::Null);
            } else if let Some(before) = in_parts {
                let Some(Value::Json(document)) = before.get(i) else { return Err(Malformed("parts of a JSON document have none before")) };
                values.push(Value::Json(json_parts::apply(document, self.rest.prefixed(length_width(column.meta)?)?)?));
            } else {
                let unsigned = self.unsigned.get(i).copied().or(column.unsigned).unwrap_or(false);
                values.push(value(&mut self.rest, column, unsigned)?);
            }
        }
        Ok(())
    }
}

/// Counts an event's rows without making values; the figures in reports are rows, not events.
pub fn count(event: &RowsEvent) -> Result<u64> {
    let (mut reader, mut before, mut after, mut rows) = (RowReader::new(event, &[]), Vec::new(), Vec::new(), 0);
    while reader.next(&mut before, &mut after)? {
        rows += 1;
    }
    Ok(rows)
}

fn value<'a>(bytes: &mut Cursor<'a>, column: &MapColumn, unsigned: bool) -> Parsed<Value<'a>> {
    let meta = column.meta;
    Ok(match column.type_code {
        1 => integer(bytes, 1, unsigned)?,
        2 => integer(bytes, 2, unsigned)?,
        9 => integer(bytes, 3, unsigned)?,
        3 => integer(bytes, 4, unsigned)?,
        8 => integer(bytes, 8, unsigned)?,
        4 => Value::Float(f32::from_bits(bytes.u32()?)),
        5 => Value::Double(f64::from_bits(bytes.u64()?)),
        246 => Value::Decimal(decimal::decimal(bytes, usize::from(meta >> 8), usize::from(meta & 0xff))?),
        6 => Value::Null,
        13 => match bytes.u8()? {
            0 => Value::Year(0),
            year => Value::Year(1900 + u16::from(year)),
        },
        10 | 14 => Value::Date(temporal::date(bytes)?),
        11 => Value::Time(temporal::time_old(bytes)?),
        12 => Value::Datetime(temporal::datetime_old(bytes)?),
        7 => Value::Timestamp(temporal::timestamp_old(bytes)?),
        19 => Value::Time(temporal::time2(bytes, meta)?),
        18 => Value::Datetime(temporal::datetime2(bytes, meta)?),
        17 => Value::Timestamp(temporal::timestamp2(bytes, meta)?),
        15 | 253 => borrowed(bytes.prefixed(if meta > 255 { 2 } else { 1 })?),
        16 => Value::Bits(bytes.take(usize::from(meta >> 8) + usize::from(meta & 0xff != 0))?),
        249..=252 | 255 | 242 => borrowed(bytes.prefixed(length_width(meta)?)?),
        JSON => Value::Json(json::text(bytes.prefixed(length_width(meta)?)?)?),
        247 => enumeration(bytes, meta & 0xff)?,
        248 => Value::Set(bytes.uint(usize::from(meta & 0xff))?),
        254 => fixed_string(bytes, meta)?,
        140 => Value::Bytes(compressed::column(bytes.prefixed(length_width(meta)?)?)?),
        141 => Value::Bytes(compressed::column(bytes.prefixed(if meta > 255 { 2 } else { 1 })?)?),
        _ => return Err(Malformed("a column has a type that this program does not know")),
    })
}

/// Passes over a value whose making costs time; false: it is made like any other.
fn skip(bytes: &mut Cursor<'_>, column: &MapColumn) -> Parsed<bool> {
    match column.type_code {
        JSON | 140 => bytes.prefixed(length_width(column.meta)?)?,
        141 => bytes.prefixed(if column.meta > 255 { 2 } else { 1 })?,
        _ => return Ok(false),
    };
    Ok(true)
}

fn borrowed(bytes: &[u8]) -> Value<'_> {
    Value::Bytes(Cow::Borrowed(bytes))
}

fn integer<'a>(bytes: &mut Cursor<'a>, width: usize, unsigned: bool) -> Parsed<Value<'a>> {
    let raw = bytes.uint(width)?;
    if unsigned {
        return Ok(Value::UInt(raw));
    }
    let shift = 64 - 8 * width;
    Ok(Value::Int((raw << shift) as i64 >> shift))
}

fn length_width(meta: u16) -> Parsed<usize> {
    if (1..=4).contains(&meta) { Ok(usize::from(meta)) } else { Err(Malformed("a column's length has an impossible width")) }
}

fn enumeration<'a>(bytes: &mut Cursor<'a>, width: u16) -> Parsed<Value<'a>> {
    match width {
        1 => Ok(Value::Enum(u16::from(bytes.u8()?))),
        2 => Ok(Value::Enum(bytes.u16()?)),
        _ => Err(Malformed("an ENUM has an impossible width")),
    }
}

/// CHAR and BINARY, and in their disguise ENUM and SET: the first metadata byte is the real type, two of its bits hold
/// the high bits of the length, inverted.
fn fixed_string<'a>(bytes: &mut Cursor<'a>, meta: u16) -> Parsed<Value<'a>> {
    let (first, second) = (meta >> 8, meta & 0xff);
    let (real, length) = if first & 0x30 == 0x30 { (first, second) } else { (first | 0x30, second | ((first & 0x30) ^ 0x30) << 4) };
    match real {
        247 => enumeration(bytes, second),
        248 => Ok(Value::Set(bytes.uint(usize::from(second))?)),
        _ => Ok(borrowed(bytes.prefixed(if length > 255 { 2 } else { 1 })?)),
    }
}

impl Value<'_> {
    /// The text of a temporal value.
    pub fn temporal(&self) -> Option<&ShortText> {
        match self {
            Self::Date(text) | Self::Time(text) | Self::Datetime(text) | Self::Timestamp(text) => Some(text),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::replicate::TableName;
    use crate::replicate::event::TableMap;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn event(kind: RowsKind, columns: &[(u8, u16)], rows: Vec<u8>) -> RowsEvent {
        let columns = columns.iter().map(|&(type_code, meta)| MapColumn { type_code, meta, ..MapColumn::default() }).collect();
        RowsEvent {
            kind,
            map: Arc::new(TableMap { table: TableName::new("d", "t"), columns, primary: None }),
            rows: rows.into(),
            json_parts: false,
            foreign_keys_off: false,
        }
    }

    /// Every type, and some that do not exist, with metadata that may be impossible.
    fn column() -> impl Strategy<Value = (u8, u16)> {
        let known = proptest::sample::select((0..=20_u8).chain([140, 141, 242]).chain(245..=255).collect::<Vec<_>>());
        (known, prop_oneof![0..8_u16, any::<u16>()])
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(
            columns in proptest::collection::vec(column(), 0..12),
            rows in proptest::collection::vec(prop_oneof![Just(0_u8), Just(0x80), any::<u8>()], 0..200),
            kind in proptest::sample::select(vec![RowsKind::Insert, RowsKind::Update, RowsKind::Delete]),
            unsigned: bool,
        ) {
            let event = event(kind, &columns, rows);
            let signs = vec![unsigned; columns.len() / 2];
            let (mut reader, mut before, mut after) = (RowReader::new(&event, &signs), Vec::new(), Vec::new());
            while let Ok(true) = reader.next(&mut before, &mut after) {
                let expected = if kind == RowsKind::Update { 2 } else { 1 } * columns.len();
                prop_assert_eq!(before.len() + after.len(), expected);
            }
            // After an error there are no more rows, or a caller could pass over the damage.
            prop_assert!(!reader.next(&mut before, &mut after).unwrap());
            let _ = count(&event);
        }
    }

    #[test]
    fn a_row_cut_short_is_an_error() {
        let whole = event(RowsKind::Insert, &[(9, 0), (3, 0)], vec![0, 0xfb, 0xff, 0xff, 1, 0, 0, 0, 2, 1, 0, 0x80]);
        let (mut reader, mut before, mut after) = (RowReader::new(&whole, &[]), vec![], vec![]);
        assert!(reader.next(&mut before, &mut after).unwrap());
        assert_eq!(after, [Value::Int(-5), Value::Int(1)]);
        assert!(reader.next(&mut before, &mut after).unwrap());
        assert_eq!(after, [Value::Int(-8_388_607), Value::Null]);
        assert!(!reader.next(&mut before, &mut after).unwrap());
        assert!(count(&event(RowsKind::Insert, &[(9, 0)], vec![0, 0xfb])).is_err());
    }
}
