//! One value, canonical: the same from the log and from the copy.

use std::borrow::Cow;

/// Temporal values are the server's own text: zero and invalid dates stay what they are.
#[derive(Debug, Clone, PartialEq)]
pub enum Datum<'a> {
    Null,
    Int(i64),
    UInt(u64),
    Float(f32),
    Double(f64),
    /// All digits of the scale, no zeros in front.
    Decimal(&'a str),
    /// UTF-8, whatever the column's charset is. MariaDB's UUID and INET types too.
    Text(Cow<'a, str>),
    /// BINARY(n) with its n bytes, VARBINARY, BLOB.
    Bytes(Cow<'a, [u8]>),
    /// BIT(n), big endian.
    Bits(&'a [u8]),
    Date(&'a str),
    Time(&'a str),
    Datetime(&'a str),
    /// In UTC.
    Timestamp(&'a str),
    /// 0 is the year `0000`.
    Year(u16),
    /// The member's number; 0 is the error value ''.
    Enum(u16),
    /// A bit per member.
    Set(u64),
    /// MySQL's JSON as text, numbers in one notation.
    Json(Cow<'a, str>),
    /// The server's own form: four bytes of SRID, little endian, and WKB.
    Geometry(&'a [u8]),
    /// Four-byte floats, little endian.
    Vector(&'a [u8]),
}
