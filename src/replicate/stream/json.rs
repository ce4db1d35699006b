//! MySQL's binary JSON as JSON text, as the server itself would print it (without its blanks).
//!
//! Numbers keep their kind: a double that is whole is printed with `.0`, or it would come back as an integer. Temporal
//! and binary values inside a document have no JSON form; they are printed as the strings the server prints for them.

use super::cursor::{Cursor, Malformed, Parsed};
use super::decimal::decimal;
use base64::Engine as _;
use std::fmt::Write as _;

/// The server refuses documents deeper than 100.
const MAX_DEPTH: usize = 101;

/// Reads a whole document. An empty one is `null`, as the server takes it.
pub(super) fn text(document: &[u8]) -> Parsed<String> {
    let mut out = String::with_capacity(document.len() + 16);
    match document.split_first() {
        None => out.push_str("null"),
        Some((&kind, body)) => value(&mut out, kind, body, 0)?,
    }
    Ok(out)
}

fn value(out: &mut String, kind: u8, body: &[u8], depth: usize) -> Parsed<()> {
    if depth > MAX_DEPTH {
        return Err(Malformed("a JSON document is nested too deep"));
    }
    let mut bytes = Cursor(body);
    match kind {
        0 | 1 => return container(out, body, Shape { large: kind == 1, object: true }, depth),
        2 | 3 => return container(out, body, Shape { large: kind == 3, object: false }, depth),
        4 => out.push_str(match bytes.u8()? {
            0 => "null",
            1 => "true",
            2 => "false",
            _ => return Err(Malformed("a JSON literal is unknown")),
        }),
        5 => append(out, bytes.u16()? as i16),
        6 => append(out, bytes.u16()?),
        7 => append(out, bytes.u32()? as i32),
        8 => append(out, bytes.u32()?),
        9 => append(out, bytes.u64()? as i64),
        10 => append(out, bytes.u64()?),
        11 => {
            let number = f64::from_bits(bytes.u64()?);
            if !number.is_finite() {
                return Err(Malformed("a JSON number is not finite"));
            }
            let _ = write!(out, "{number:?}");
        }
        12 => quoted(out, string(&mut bytes)?)?,
        15 => {
            let kind = bytes.u8()?;
            opaque(out, kind, string(&mut bytes)?)?;
        }
        _ => return Err(Malformed("a JSON value has an unknown type")),
    }
    Ok(())
}

fn append(out: &mut String, number: impl std::fmt::Display) {
    let _ = write!(out, "{number}");
}

#[derive(Clone, Copy)]
struct Shape {
    large: bool,
    object: bool,
}

/// Arrays and objects: count, size, key entries (offset, length), value entries (type, offset or the value itself).
fn container(out: &mut String, body: &[u8], shape: Shape, depth: usize) -> Parsed<()> {
    let offset_size = if shape.large { 4 } else { 2 };
    let mut header = Cursor(body);
    let count = header.uint(offset_size)? as usize;
    let size = header.uint(offset_size)? as usize;
    let body = body.get(..size).ok_or(Malformed("a JSON container is longer than its document"))?;
    let mut keys = Cursor(body.get(2 * offset_size..).ok_or(Malformed("a JSON container is too short"))?);
    let mut entries = keys;
    if shape.object {
        entries.take(count.saturating_mul(offset_size + 2))?;
    }
    out.push(if shape.object { '{' } else { '[' });
    for i in 0..count {
        if i > 0 {
            out.push_str(", ");
        }
        if shape.object {
            let (offset, length) = (keys.uint(offset_size)? as usize, keys.u16()? as usize);
            let key = body.get(offset..).and_then(|b| b.get(..length)).ok_or(Malformed("a JSON key is outside its object"))?;
            quoted(out, key)?;
            out.push_str(": ");
        }
        let kind = entries.u8()?;
        let inline = entries.take(offset_size)?;
        let inlined = matches!(kind, 4..=6) || (shape.large && matches!(kind, 7 | 8));
        if inlined {
            value(out, kind, inline, depth + 1)?;
        } else {
            let offset = Cursor(inline).uint(offset_size)? as usize;
            value(out, kind, body.get(offset..).ok_or(Malformed("a JSON value is outside its container"))?, depth + 1)?;
        }
    }
    out.push(if shape.object { '}' } else { ']' });
    Ok(())
}

/// Bytes behind a length of 7-bit groups, lowest first.
fn string<'a>(bytes: &mut Cursor<'a>) -> Parsed<&'a [u8]> {
    let mut length = 0_u64;
    for i in 0..5 {
        let byte = bytes.u8()?;
        length |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return bytes.take(usize::try_from(length).map_err(|_| Malformed("a JSON string is too long"))?);
        }
    }
    Err(Malformed("a JSON string has no length"))
}

pub(super) fn quoted(out: &mut String, text: &[u8]) -> Parsed<()> {
    let text = std::str::from_utf8(text).map_err(|_| Malformed("a JSON string is not UTF-8"))?;
    out.push('"');
    let mut plain = 0;
    for (i, byte) in text.bytes().enumerate().filter(|(_, b)| *b < 0x20 || matches!(b, b'"' | b'\\')) {
        out.push_str(&text[plain..i]);
        plain = i + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            8 => out.push_str("\\b"),
            12 => out.push_str("\\f"),
            control => {
                let _ = write!(out, "\\u{control:04x}");
            }
        }
    }
    out.push_str(&text[plain..]);
    out.push('"');
    Ok(())
}

/// A value of an SQL type inside a document.
fn opaque(out: &mut String, kind: u8, data: &[u8]) -> Parsed<()> {
    let mut bytes = Cursor(data);
    match kind {
        246 => {
            let (precision, scale) = (bytes.u8()?, bytes.u8()?);
            out.push_str(&decimal(&mut bytes, usize::from(precision), usize::from(scale))?);
        }
        7 | 10 | 11 | 12 | 17 | 18 | 19 => {
            // The in-memory packing: (year·13 + month, day, hour, minute, second) above 24 bits of microseconds.
            let packed = bytes.u64()? as i64;
            let (sign, packed) = (if packed < 0 { "-" } else { "" }, packed.unsigned_abs());
            let (whole, micros) = (packed >> 24, packed & 0xff_ffff);
            let (day, clock) = (whole >> 17, whole & 0x1_ffff);
            let (year, month, day) = ((day >> 5) / 13, (day >> 5) % 13, day & 31);
            let (minute, second) = (clock >> 6 & 63, clock & 63);
            let _ = match kind {
                10 => write!(out, "\"{year:04}-{month:02}-{day:02}\""),
                11 | 19 => write!(out, "\"{sign}{:02}:{minute:02}:{second:02}.{micros:06}\"", whole >> 12 & 0x3ff),
                _ => write!(out, "\"{year:04}-{month:02}-{day:02} {:02}:{minute:02}:{second:02}.{micros:06}\"", clock >> 12),
            };
        }
        _ => {
            let _ = write!(out, "\"base64:type{kind}:{}\"", base64::engine::general_purpose::STANDARD.encode(data));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scalars_keep_their_kind() {
        assert_eq!(text(&[]).unwrap(), "null");
        assert_eq!(text(&[4, 1]).unwrap(), "true");
        assert_eq!(text(&[5, 0xff, 0xff]).unwrap(), "-1");
        assert_eq!(text(&[[10].as_slice(), &u64::MAX.to_le_bytes()].concat()).unwrap(), u64::MAX.to_string());
        assert_eq!(text(&[[11].as_slice(), &1_f64.to_bits().to_le_bytes()].concat()).unwrap(), "1.0");
        assert_eq!(text(&[12, 3, b'a', b'"', 1]).unwrap(), r#""a\"\u0001""#);
        assert!(text(&[12, 2, 0xff, 0xff]).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80), kind in 0_u8..4) {
            let _ = text(&bytes);
            let _ = text(&[&[kind, 2, 0, 20, 0], bytes.as_slice()].concat());
        }
    }
}
