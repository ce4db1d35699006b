//! Values of a key as people are told them, with the conflict that a row had: short, and never another value of the row.

use super::literal;
use super::statement::value;
use super::targets::{Slot, Target};
use crate::replicate::stream::Value;
use crate::replicate::table::{Column, TypeClass};

/// Characters of one value; keys that are told apart by more are rare.
const MOST: usize = 64;

/// The values of the key by which a row is found.
pub(super) fn key(target: &Target, row: &[Value<'_>]) -> Vec<Option<String>> {
    target.key.iter().map(|slot| logged(target.column(*slot), value(row, *slot))).collect()
}

/// The same of a row that the target was asked for, in the text protocol's bytes.
pub(super) fn answered(target: &Target, row: Vec<Option<Vec<u8>>>) -> Vec<Option<String>> {
    target.key.iter().zip(row).map(|(slot, bytes): (&Slot, _)| bytes.map(|bytes| text(target.column(*slot), &bytes))).collect()
}

fn logged(column: &Column, value: &Value<'_>) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Bytes(bytes) if matches!(column.class, TypeClass::Uuid | TypeClass::Inet4 | TypeClass::Inet6) => short(literal::hex(bytes)),
        Value::Bytes(bytes) => text(column, bytes),
        Value::Json(text) => short(text.clone()),
        Value::Enum(number) => match number.checked_sub(1).and_then(|at| column.members.get(usize::from(at))) {
            Some(member) => text(column, member),
            None => number.to_string(),
        },
        other => literal::plain(other).trim_matches('\'').to_owned(),
    })
}

fn text(column: &Column, bytes: &[u8]) -> String {
    let binary = matches!(column.class, TypeClass::Binary | TypeClass::Varbinary | TypeClass::Blob | TypeClass::Bit);
    match std::str::from_utf8(bytes) {
        Ok(text) if !binary && !text.contains(char::is_control) => short(text.to_owned()),
        _ => short(literal::hex(bytes)),
    }
}

fn short(text: String) -> String {
    if text.chars().count() <= MOST { text } else { text.chars().take(MOST).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    #[test]
    fn a_keys_values_are_short_and_readable() {
        let bytes = |b: &'static [u8]| Value::Bytes(Cow::Borrowed(b));
        let long: &'static [u8] = &[b'x'; 100];
        let cut = format!("{}…", "x".repeat(64));
        for (class, value, says) in [
            (TypeClass::Int, Value::Int(-5), Some("-5")),
            (TypeClass::Decimal, Value::Decimal("1.50".into()), Some("1.50")),
            (TypeClass::Char, bytes("ä'b".as_bytes()), Some("ä'b")),
            (TypeClass::Char, bytes(b"\xff"), Some("x'FF'")),
            (TypeClass::Char, bytes(b"a\nb"), Some("x'610A62'")),
            (TypeClass::Char, bytes(long), Some(cut.as_str())),
            (TypeClass::Varbinary, bytes(b"ab"), Some("x'6162'")),
            (TypeClass::Int, Value::Null, None),
        ] {
            assert_eq!(logged(&Column::plain("c", class), &value).as_deref(), says);
        }
        let kinds = Column { members: vec![b"one".to_vec(), b"two".to_vec()], ..Column::plain("c", TypeClass::Enum) };
        assert_eq!(logged(&kinds, &Value::Enum(2)).as_deref(), Some("two"));
    }
}
