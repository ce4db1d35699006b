//! Values of both sides as [`Datum`]: what the log decodes (`stream/value.rs`) and what the copy reads (`RowBlock`).

use super::{Datum, TableEncoder, json_text, network};
use crate::model::replicate::TableName;
use crate::replicate::charset::Charset;
use crate::replicate::sink::RowBlock;
use crate::replicate::stream::Value;
use crate::replicate::table::{Column, Table, TypeClass};
use crate::replicate::{Error, Result};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A column as its values are decoded.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) class: TypeClass,
    pub(super) unsigned: bool,
    charset: Charset,
    /// Bytes of a type of fixed length, else 0.
    length: usize,
    /// ENUM and SET members in UTF-8.
    pub(super) members: Vec<String>,
}

impl Field {
    pub(super) fn new(table: &Table, column: &Column) -> Result<Self> {
        let refused = |code, what: String| Err(Error::config(code, format!("column {} of {} has {what}", column.name, table.name)));
        if column.class == TypeClass::Other {
            return refused("column_type_not_supported", format!("the type {}, which cannot be put into messages", column.data_type));
        }
        let textual = matches!(column.class, TypeClass::Char | TypeClass::Text | TypeClass::Enum | TypeClass::Set);
        let charset = match column.charset.as_deref().filter(|_| textual) {
            None => Charset::Utf8,
            Some(name) => match Charset::named(name) {
                Some(charset) => charset,
                None => return refused("charset_not_supported", format!("the character set {name}, which is not known here")),
            },
        };
        let length = match column.class {
            TypeClass::Binary => column.length.and_then(|n| usize::try_from(n).ok()).unwrap_or(0),
            TypeClass::Uuid | TypeClass::Inet6 => 16,
            TypeClass::Inet4 => 4,
            _ => 0,
        };
        let members = column.members.iter().map(|m| charset.decode(m).into_owned()).collect();
        Ok(Self { class: column.class, unsigned: column.unsigned, charset, length, members })
    }

    /// The text of an ENUM's number; '' for 0 and numbers without a member.
    pub(super) fn member(&self, number: u16) -> &str {
        usize::from(number).checked_sub(1).and_then(|i| self.members.get(i)).map_or("", String::as_str)
    }

    /// The members that are in a SET.
    pub(super) fn chosen(&self, set: u64) -> impl Iterator<Item = &str> {
        self.members.iter().take(64).enumerate().filter(move |(i, _)| set >> i & 1 == 1).map(|(_, m)| m.as_str())
    }

    fn logged<'a>(&self, value: &'a Value<'a>) -> Option<Datum<'a>> {
        use TypeClass as C;
        Some(match (self.class, value) {
            (_, Value::Null) => Datum::Null,
            (C::Int, Value::Int(n)) => Datum::Int(*n),
            (C::Int, Value::UInt(n)) => Datum::UInt(*n),
            (C::Float, Value::Float(n)) => Datum::Float(*n),
            (C::Double, Value::Double(n)) => Datum::Double(*n),
            (C::Decimal, Value::Decimal(text)) => Datum::Decimal(text),
            (C::Bit, Value::Bits(bits)) => Datum::Bits(bits),
            (C::Date, Value::Date(text)) => Datum::Date(text.as_str()),
            (C::Time, Value::Time(text)) => Datum::Time(text.as_str()),
            (C::Datetime, Value::Datetime(text)) => Datum::Datetime(text.as_str()),
            (C::Timestamp, Value::Timestamp(text)) => Datum::Timestamp(text.as_str()),
            (C::Year, Value::Year(year)) => Datum::Year(*year),
            (C::Enum, Value::Enum(number)) => Datum::Enum(*number),
            (C::Set, Value::Set(bits)) => Datum::Set(*bits),
            (C::Json, Value::Json(text)) => Datum::Json(json_text::normal(text)),
            (C::Uuid | C::Inet4 | C::Inet6, Value::Bytes(bytes)) => {
                let bytes = padded(bytes, self.length);
                Datum::Text(Cow::Owned(match self.class {
                    C::Uuid => network::uuid(&bytes)?,
                    C::Inet4 => network::inet4(&bytes)?,
                    _ => network::inet6(&bytes)?,
                }))
            }
            (_, Value::Bytes(bytes)) => self.bytes(bytes)?,
            _ => return None,
        })
    }

    /// Classes whose values are bytes on both sides.
    fn bytes<'a>(&self, bytes: &'a [u8]) -> Option<Datum<'a>> {
        Some(match self.class {
            TypeClass::Char | TypeClass::Text if self.charset == Charset::Binary => Datum::Bytes(Cow::Borrowed(bytes)),
            TypeClass::Char | TypeClass::Text => Datum::Text(self.charset.decode(bytes)),
            TypeClass::Binary => Datum::Bytes(padded(bytes, self.length)),
            TypeClass::Varbinary | TypeClass::Blob => Datum::Bytes(Cow::Borrowed(bytes)),
            TypeClass::Geometry => Datum::Geometry(bytes),
            TypeClass::Vector => Datum::Vector(bytes),
            _ => return None,
        })
    }

    fn copied<'a>(&self, bytes: &'a [u8]) -> Option<Datum<'a>> {
        use TypeClass as C;
        if self.class == C::Bit {
            return Some(Datum::Bits(bytes));
        }
        if let Some(datum) = self.bytes(bytes) {
            return Some(datum);
        }
        if self.class == C::Set {
            return self.set(&self.charset.decode(bytes)).map(Datum::Set);
        }
        let text = std::str::from_utf8(bytes).ok()?;
        Some(match self.class {
            C::Int if self.unsigned => Datum::UInt(text.parse().ok()?),
            C::Int => Datum::Int(text.parse().ok()?),
            // Read as a double, which holds every float.
            C::Float => Datum::Float(text.parse::<f64>().ok()? as f32),
            C::Double => Datum::Double(text.parse().ok()?),
            C::Decimal => Datum::Decimal(without_zeros(text)),
            C::Date => Datum::Date(text),
            C::Time => Datum::Time(text),
            C::Datetime => Datum::Datetime(text),
            C::Timestamp => Datum::Timestamp(text),
            C::Year => Datum::Year(year(text)?),
            C::Enum => Datum::Enum(text.parse().ok()?),
            C::Json => Datum::Json(json_text::normal(text)),
            C::Uuid | C::Inet4 | C::Inet6 => Datum::Text(Cow::Borrowed(text)),
            _ => return None,
        })
    }

    /// The bits of a SET's text. Members beyond Unicode's basic plane are known with `?` in their place.
    fn set(&self, text: &str) -> Option<u64> {
        if text.is_empty() {
            return Some(0);
        }
        let place = |name: &str| {
            let plain = || name.chars().map(|c| if c > '\u{ffff}' { '?' } else { c }).collect::<String>();
            self.members.iter().position(|m| m == name).or_else(|| {
                let plain = plain();
                self.members.iter().position(|m| *m == plain)
            })
        };
        text.split(',').try_fold(0, |bits, name| place(name).filter(|i| *i < 64).map(|i| bits | 1 << i))
    }
}

/// The members of an ENUM or SET in UTF-8.
pub(in crate::replicate) fn members(table: &Table, column: &Column) -> Result<Vec<String>> {
    Ok(Field::new(table, column)?.members)
}

fn padded(bytes: &[u8], length: usize) -> Cow<'_, [u8]> {
    if bytes.len() >= length {
        return Cow::Borrowed(bytes);
    }
    let mut full = Vec::with_capacity(length);
    full.extend_from_slice(bytes);
    full.resize(length, 0);
    Cow::Owned(full)
}

/// ZEROFILL columns read with zeros in front, which the log does not have.
fn without_zeros(text: &str) -> &str {
    let zeros = text.bytes().take_while(|b| *b == b'0').count();
    match text.as_bytes().get(zeros) {
        Some(b) if b.is_ascii_digit() => &text[zeros..],
        _ => &text[zeros.saturating_sub(1)..],
    }
}

/// YEAR(2) of MariaDB reads with two digits.
fn year(text: &str) -> Option<u16> {
    let number = text.parse().ok()?;
    Some(match (text.len(), number) {
        (2, 0..70) => 2000 + number,
        (2, _) => 1900 + number,
        _ => number,
    })
}

/// Decodes some columns of a table, for whoever decides by their values; what it is not asked for may be of any type.
#[derive(Debug)]
pub(in crate::replicate) struct Decoder {
    table: TableName,
    /// By the columns' places; None: not asked for.
    fields: Vec<Option<Field>>,
}

impl Decoder {
    pub(in crate::replicate) fn new(table: &Table, columns: &BTreeSet<usize>) -> Result<Self> {
        let field = |(i, c): (usize, &Column)| columns.contains(&i).then(|| Field::new(table, c)).transpose();
        Ok(Self { table: table.name.clone(), fields: table.columns.iter().enumerate().map(field).collect::<Result<_>>()? })
    }

    /// Takes over the values of a logged row; `at` says a column's. What is not asked for is NULL.
    pub(in crate::replicate) fn logged<'a>(&self, at: impl Fn(usize) -> Option<&'a Value<'a>>) -> Result<Vec<Datum<'a>>> {
        self.row(at, |field, value| match (field.logged(value), value) {
            // JSON at one end is text at the other: only asked whether it is NULL.
            (None, Value::Bytes(bytes)) if field.class == TypeClass::Json => Some(Datum::Json(String::from_utf8_lossy(bytes))),
            (datum, _) => datum,
        })
    }

    /// The same of a copied row.
    pub(in crate::replicate) fn copied<'a>(&self, at: impl Fn(usize) -> Option<&'a [u8]>) -> Result<Vec<Datum<'a>>> {
        self.row(at, Field::copied)
    }

    fn row<'a, V: ?Sized + 'a>(
        &self,
        at: impl Fn(usize) -> Option<&'a V>,
        decode: impl Fn(&Field, &'a V) -> Option<Datum<'a>>,
    ) -> Result<Vec<Datum<'a>>> {
        let one = |(i, field): (usize, &Option<Field>)| match (field, at(i)) {
            (Some(field), Some(value)) => decode(field, value).ok_or_else(|| {
                let what = format!("decide about a row of {}: a column holds what its type does not allow", self.table);
                Error::permanent("columns_differ", what).hint("the table's definition changed; retry the job")
            }),
            _ => Ok(Datum::Null),
        };
        self.fields.iter().enumerate().map(one).collect()
    }
}

impl TableEncoder {
    /// Takes over a logged row: the values of all columns of the table, in its order.
    pub fn from_log<'a>(&self, values: &'a [Value<'a>]) -> Result<Vec<Datum<'a>>> {
        if values.len() != self.layout.fields.len() {
            return Err(self.differ(values.len()));
        }
        let read = |(i, (field, value)): (usize, (&Field, &'a Value<'a>))| field.logged(value).ok_or_else(|| self.unreadable(i));
        self.layout.fields.iter().zip(values).enumerate().map(read).collect()
    }

    /// Takes over a copied row; `columns` are the indexes in the table of the block's columns. Others become NULL.
    pub fn from_copy<'a>(&self, block: &'a RowBlock, row: usize, columns: &[usize]) -> Result<Vec<Datum<'a>>> {
        if columns.len() != block.columns {
            return Err(self.differ(block.columns));
        }
        let mut data = vec![Datum::Null; self.layout.fields.len()];
        for (at, &column) in columns.iter().enumerate() {
            let (Some(field), Some(place)) = (self.layout.fields.get(column), data.get_mut(column)) else {
                return Err(self.differ(block.columns));
            };
            if let Some(bytes) = block.value(row, at) {
                *place = field.copied(bytes).ok_or_else(|| self.unreadable(column))?;
            }
        }
        Ok(data)
    }

    fn unreadable(&self, column: usize) -> Error {
        let name = self.table.columns.get(column).map_or("?", |c| c.name.as_str());
        let what = format!("encode a row of {}: column {name} holds what its type does not allow", self.table.name);
        Error::permanent("columns_differ", what).hint("the table's definition changed; retry the job")
    }
}
