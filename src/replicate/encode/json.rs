//! JSON, written straight into bytes.

use base64::Engine as _;
use serde_json::ser::{CompactFormatter, Formatter as _};
use std::io::Write as _;

/// Appends a quoted string.
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut plain = 0;
    for (i, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[plain..i]);
        plain = i + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            8 => out.extend_from_slice(b"\\b"),
            12 => out.extend_from_slice(b"\\f"),
            control => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[DIGITS[usize::from(control >> 4)], DIGITS[usize::from(control & 15)]]);
            }
        }
    }
    out.extend_from_slice(&bytes[plain..]);
    out.push(b'"');
}

/// Appends a string or null.
pub(super) fn optional(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => string(out, text),
        None => out.extend_from_slice(b"null"),
    }
}

/// Appends a number or null.
pub(super) fn optional_number(out: &mut Vec<u8>, number: Option<u64>) {
    match number {
        Some(number) => unsigned(out, number),
        None => out.extend_from_slice(b"null"),
    }
}

/// A string made once: `"name"`.
pub(super) fn quoted(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    string(&mut out, text);
    out
}

/// Bytes as a quoted string, each byte a character of U+0000 … U+00FF.
pub(super) fn latin1(out: &mut Vec<u8>, bytes: &[u8]) {
    string(out, &bytes.iter().map(|&b| char::from(b)).collect::<String>());
}

const WRITES: &str = "writing to memory does not fail";

pub(super) fn signed(out: &mut Vec<u8>, number: i64) {
    CompactFormatter.write_i64(out, number).expect(WRITES);
}

pub(super) fn unsigned(out: &mut Vec<u8>, number: u64) {
    CompactFormatter.write_u64(out, number).expect(WRITES);
}

pub(super) fn bool(out: &mut Vec<u8>, value: bool) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

/// The shortest text that reads back as the same float.
pub(super) fn float(out: &mut Vec<u8>, number: f32) {
    CompactFormatter.write_f32(out, number).expect(WRITES);
}

pub(super) fn double(out: &mut Vec<u8>, number: f64) {
    CompactFormatter.write_f64(out, number).expect(WRITES);
}

/// Appends a quoted string of base64, with padding.
pub(super) fn base64(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = bytes.len().div_ceil(3) * 4;
    out.push(b'"');
    let start = out.len();
    out.resize(start + length, 0);
    base64::engine::general_purpose::STANDARD.encode_slice(bytes, &mut out[start..]).expect("the room is what base64 takes");
    out.push(b'"');
}

/// Appends formatted text, unquoted.
pub(super) fn raw(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect(WRITES);
}

/// Texts joined by commas, as a SET reads.
pub(super) fn list<'a>(out: &mut Vec<u8>, texts: impl Iterator<Item = &'a str>) {
    let mut joined = String::new();
    for (i, text) in texts.enumerate() {
        if i > 0 {
            joined.push(',');
        }
        joined.push_str(text);
    }
    string(out, &joined);
}
