//! Values as SQL text under `SET NAMES binary`.
//!
//! Bytes are never transcoded: a binary literal assigned to a character column is stored as it is. A comparison is
//! another matter: there the literal carries the column's character set, so that the column's collation decides and its
//! index is used; a binary literal would turn the comparison into one of bytes and the index off. Numbers of FLOAT columns
//! are compared as doubles, because the column rounds and a literal does not. Tried on MariaDB 10.11 and MySQL 9.7.

use crate::model::replicate::quote;
use crate::replicate::stream::Value;
use crate::replicate::table::{Column, TypeClass};
use std::borrow::Cow;
use std::io::Write as _;

/// Appends bytes as the inside of a quoted literal.
pub(super) fn escape(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|b| matches!(b, 0 | b'\'' | b'\\' | b'\n' | b'\r' | 0x1a)) {
        out.extend_from_slice(&rest[..at]);
        out.push(b'\\');
        out.push(match rest[at] {
            0 => b'0',
            b'\n' => b'n',
            b'\r' => b'r',
            0x1a => b'Z',
            other => other,
        });
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// Appends a quoted literal with an introducer, e.g. `_binary'…'`.
pub(super) fn quoted(out: &mut Vec<u8>, introducer: &str, bytes: &[u8]) {
    out.extend_from_slice(introducer.as_bytes());
    out.push(b'\'');
    escape(out, bytes);
    out.push(b'\'');
}

/// Appends `x'…'`.
pub(super) fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.reserve(bytes.len() * 2 + 3);
    out.extend_from_slice(b"x'");
    for b in bytes {
        out.push(DIGITS[usize::from(b >> 4)]);
        out.push(DIGITS[usize::from(b & 15)]);
    }
    out.push(b'\'');
}

/// Returns `x'…'`.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut out = Vec::new();
    push_hex(&mut out, bytes);
    String::from_utf8(out).expect("hex digits are ASCII")
}

/// Returns text of ours as a literal.
pub(super) fn text(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len() + 12);
    quoted(&mut out, "_utf8mb4", text.as_bytes());
    String::from_utf8(out).expect("escapes of UTF-8 text are UTF-8")
}

/// Appends a value as it is assigned to a column; `variable` is where its bytes stand if they are not to be written.
pub(super) fn assign(out: &mut Vec<u8>, column: &Column, value: &Value<'_>, variable: Option<&str>) {
    match value {
        Value::Bytes(bytes) => bytes_or_json(out, column, &padded(column, bytes), variable),
        Value::Json(text) => bytes_or_json(out, column, text.as_bytes(), variable),
        other => number_or_time(out, other),
    }
}

fn bytes_or_json(out: &mut Vec<u8>, column: &Column, bytes: &[u8], variable: Option<&str>) {
    if column.class == TypeClass::Json {
        out.extend_from_slice(b"CONVERT(");
        bytes_or_variable(out, bytes, variable);
        out.extend_from_slice(b" USING utf8mb4)");
    } else {
        bytes_or_variable(out, bytes, variable);
    }
}

fn bytes_or_variable(out: &mut Vec<u8>, bytes: &[u8], variable: Option<&str>) {
    match variable {
        Some(name) => out.extend_from_slice(name.as_bytes()),
        None => quoted(out, "_binary", bytes),
    }
}

/// The text of a value that does not depend on its column.
pub(super) fn plain(value: &Value<'_>) -> String {
    let mut out = Vec::new();
    number_or_time(&mut out, value);
    String::from_utf8(out).expect("numbers and times are ASCII")
}

/// Values whose text does not depend on the column.
fn number_or_time(out: &mut Vec<u8>, value: &Value<'_>) {
    if let Some(text) = value.temporal() {
        out.push(b'\'');
        out.extend_from_slice(text.as_bytes());
        out.push(b'\'');
        return;
    }
    let written = match value {
        Value::Int(n) => write!(out, "{n}"),
        Value::UInt(n) | Value::Set(n) => write!(out, "{n}"),
        // As a double: the shortest text of a float is read as a double first and may round twice.
        Value::Float(n) => write!(out, "{:e}", f64::from(*n)),
        Value::Double(n) => write!(out, "{n:e}"),
        Value::Decimal(text) => write!(out, "{text}"),
        Value::Bits(bytes) => write!(out, "{}", bytes.iter().fold(0_u64, |n, b| n << 8 | u64::from(*b))),
        Value::Year(n) | Value::Enum(n) => write!(out, "{n}"),
        _ => write!(out, "NULL"),
    };
    written.expect("writing to memory does not fail");
}

/// The log leaves trailing zero bytes of fixed-length binaries away.
fn padded<'a>(column: &Column, bytes: &'a [u8]) -> Cow<'a, [u8]> {
    let length = match column.class {
        TypeClass::Binary => column.length.and_then(|n| usize::try_from(n).ok()).unwrap_or(0),
        TypeClass::Uuid | TypeClass::Inet6 => 16,
        TypeClass::Inet4 => 4,
        _ => 0,
    };
    if bytes.len() >= length {
        return Cow::Borrowed(bytes);
    }
    let mut full = bytes.to_vec();
    full.resize(length, 0);
    Cow::Owned(full)
}

/// Appends a value as a key column is compared with it: the column's collation decides and its index is used.
pub(super) fn compared(out: &mut Vec<u8>, column: &Column, value: &Value<'_>) {
    match (value, &column.charset) {
        (Value::Bytes(bytes), Some(charset)) if matches!(column.class, TypeClass::Char | TypeClass::Text) && charset != "binary" => {
            out.extend_from_slice(format!("_{charset} ").as_bytes());
            push_hex(out, bytes);
        }
        (Value::Bytes(bytes), _) => push_hex(out, &padded(column, bytes)),
        (other, _) => number_or_time(out, other),
    }
}

/// Says whether a key column is compared by itself, without an expression around it.
pub(super) fn is_plain_key(column: &Column) -> bool {
    column.class != TypeClass::Float
}

/// Appends the condition that a key column has this value.
pub(super) fn key(out: &mut Vec<u8>, column: &Column, value: &Value<'_>) {
    let name = quote(&column.name);
    let left = if is_plain_key(column) { format!("{name}=") } else { format!("({name}+0e0)=") };
    out.extend_from_slice(left.as_bytes());
    compared(out, column, value);
}

/// The same of a column of another key, of which it may hold the first characters (of binaries: bytes) only.
pub(super) fn in_key(out: &mut Vec<u8>, column: &Column, value: &Value<'_>, prefix: Option<u32>) {
    let Some(length) = prefix else { return key(out, column, value) };
    out.extend_from_slice(format!("LEFT({},{length})=LEFT(", quote(&column.name)).as_bytes());
    compared(out, column, value);
    out.extend_from_slice(format!(",{length})").as_bytes());
}

/// Appends the condition that any column has exactly this value, byte for byte.
pub(super) fn same(out: &mut Vec<u8>, column: &Column, value: &Value<'_>, variable: Option<&str>) {
    let name = quote(&column.name);
    if *value == Value::Null {
        out.extend_from_slice(format!("{name} IS NULL").as_bytes());
        return;
    }
    let left = match column.class {
        TypeClass::Char | TypeClass::Text | TypeClass::Geometry | TypeClass::Vector => format!("CAST({name} AS BINARY)"),
        TypeClass::Float => format!("({name}+0e0)"),
        // A sum of it is a double, which does not hold 64 members.
        TypeClass::Set => format!("CAST({name} AS UNSIGNED)"),
        TypeClass::Enum | TypeClass::Bit | TypeClass::Year => format!("({name}+0)"),
        _ => name,
    };
    out.extend_from_slice(left.as_bytes());
    out.extend_from_slice(b" <=> ");
    match value {
        Value::Bytes(bytes) if column.class != TypeClass::Json => bytes_or_variable(out, &padded(column, bytes), variable),
        Value::Bytes(_) | Value::Json(_) if column.class == TypeClass::Json => {
            out.extend_from_slice(b"CAST(");
            assign(out, column, value, variable);
            out.extend_from_slice(b" AS JSON)");
        }
        other => assign(out, column, other, variable),
    }
}

/// ENUM's error value, which strict mode does not let be written.
pub(super) fn is_enum_zero(value: &Value<'_>) -> bool {
    *value == Value::Enum(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads an escaped literal as the server does.
    fn unescape(text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut bytes = text.iter().copied();
        while let Some(b) = bytes.next() {
            out.push(match b {
                b'\\' => match bytes.next().unwrap() {
                    b'0' => 0,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b'Z' => 0x1a,
                    other => other,
                },
                b'\'' => panic!("a quote ends the literal early"),
                other => other,
            });
        }
        out
    }

    proptest! {
        #[test]
        fn escaping_is_undone_by_the_server(bytes: Vec<u8>) {
            let mut out = Vec::new();
            escape(&mut out, &bytes);
            prop_assert_eq!(unescape(&out), bytes);
        }
    }

    fn column(class: TypeClass, charset: Option<&str>, length: Option<u64>) -> Column {
        Column { nullable: true, charset: charset.map(Into::into), length, ..Column::plain("c`1", class) }
    }

    #[test]
    fn values_as_assigned_and_as_compared() {
        let bytes = |b: &'static [u8]| Value::Bytes(Cow::Borrowed(b));
        let gbk = column(TypeClass::Char, Some("gbk"), None);
        let cases = [
            (gbk.clone(), bytes(b"a'"), "_binary'a\\''", "`c``1`=_gbk x'6127'", "CAST(`c``1` AS BINARY) <=> _binary'a\\''"),
            (column(TypeClass::Binary, None, Some(3)), bytes(b"a"), "_binary'a\\0\\0'", "`c``1`=x'610000'", "`c``1` <=> _binary'a\\0\\0'"),
            (
                column(TypeClass::Float, None, None),
                Value::Float(1.1),
                "1.100000023841858e0",
                "(`c``1`+0e0)=1.100000023841858e0",
                "(`c``1`+0e0) <=> 1.100000023841858e0",
            ),
            (column(TypeClass::Bit, None, None), Value::Bits(&[2, 1]), "513", "`c``1`=513", "(`c``1`+0) <=> 513"),
            (column(TypeClass::Enum, Some("gbk"), None), Value::Enum(2), "2", "`c``1`=2", "(`c``1`+0) <=> 2"),
            (
                column(TypeClass::Set, Some("gbk"), None),
                Value::Set(u64::MAX),
                "18446744073709551615",
                "`c``1`=18446744073709551615",
                "CAST(`c``1` AS UNSIGNED) <=> 18446744073709551615",
            ),
            (column(TypeClass::Int, None, None), Value::Int(-5), "-5", "`c``1`=-5", "`c``1` <=> -5"),
            (gbk, Value::Null, "NULL", "`c``1`=NULL", "`c``1` IS NULL"),
            (
                column(TypeClass::Json, None, None),
                Value::Json("{}".into()),
                "CONVERT(_binary'{}' USING utf8mb4)",
                "`c``1`=NULL",
                "`c``1` <=> CAST(CONVERT(_binary'{}' USING utf8mb4) AS JSON)",
            ),
        ];
        for (column, value, assigned, compared, exactly) in cases {
            let mut out = [Vec::new(), Vec::new(), Vec::new()];
            assign(&mut out[0], &column, &value, None);
            key(&mut out[1], &column, &value);
            same(&mut out[2], &column, &value, None);
            assert_eq!(out.map(|o| String::from_utf8(o).unwrap()), [assigned, compared, exactly]);
        }
    }

    #[test]
    fn a_large_value_is_named_instead_of_written() {
        let (mut out, value) = (Vec::new(), Value::Bytes(Cow::Borrowed(b"x")));
        assign(&mut out, &column(TypeClass::Json, None, None), &value, Some("@a1"));
        out.push(b' ');
        same(&mut out, &column(TypeClass::Text, Some("gbk"), None), &value, Some("@b1"));
        assert_eq!(String::from_utf8(out).unwrap(), "CONVERT(@a1 USING utf8mb4) CAST(`c``1` AS BINARY) <=> @b1");
    }

    #[test]
    fn hex_and_text() {
        assert_eq!(hex(&[0, 0xab]), "x'00AB'");
        assert_eq!(text("a'\u{1F600}\n"), "_utf8mb4'a\\'\u{1F600}\\n'");
    }
}
