//! A column's value as the log has it: exact, typed, borrowing from the event where it can.

use std::borrow::Cow;
use std::fmt;

/// One decoded value. Temporal values are the server's own text, so that zero and invalid dates stay what they are.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    Null,
    Int(i64),
    UInt(u64),
    Float(f32),
    Double(f64),
    /// As text with all its digits, e.g. `-0.50`.
    Decimal(String),
    /// Strings, blobs, geometry, vectors: the bytes as stored. BINARY(n) comes without its trailing zero bytes.
    Bytes(Cow<'a, [u8]>),
    /// BIT(n), big endian.
    Bits(&'a [u8]),
    Date(ShortText),
    Time(ShortText),
    Datetime(ShortText),
    /// In UTC.
    Timestamp(ShortText),
    /// 0 is the year `0000`.
    Year(u16),
    /// 0 is the error value ''.
    Enum(u16),
    Set(u64),
    /// JSON text of MySQL's binary JSON.
    Json(String),
}

/// A temporal value's text, kept inline: the longest is `YYYY-MM-DD hh:mm:ss.ffffff`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ShortText {
    length: u8,
    bytes: [u8; 27],
}

impl ShortText {
    pub(super) fn new() -> Self {
        Self { length: 0, bytes: [0; 27] }
    }
    /// Appends a byte; what does not fit is dropped, which no text made here reaches.
    pub(super) fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(usize::from(self.length)) {
            *place = byte;
            self.length += 1;
        }
    }
    /// Appends a number with leading zeros.
    pub(super) fn digits(&mut self, number: u64, width: u32) {
        for i in (0..width).rev() {
            self.push(b'0' + (number / 10_u64.pow(i) % 10) as u8);
        }
    }
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).expect("only ASCII is pushed")
    }
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl fmt::Debug for ShortText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl From<&str> for ShortText {
    fn from(text: &str) -> Self {
        let mut short = Self::new();
        text.bytes().for_each(|b| short.push(b));
        short
    }
}
