//! Classes of values: which can be compared, and how, so that the answer is the servers'. What one of them would decide
//! in its own way is refused (found by asking both of everything: tests/engine/filter.rs).

use super::compare::{How, Scalar};
use super::parse::Operator;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Class {
    Null,
    Number(Kind),
    /// The servers read years below 100 as of this century or the last, and not in every comparison.
    Year,
    /// A string in the filter itself.
    Literal(String),
    /// A column's collation and charset; "" for `BINARY column`.
    Text(String, String),
    Bytes,
    Moment,
    Time,
    /// MariaDB's UUID and INET types.
    Spelled,
    Boolean,
    /// JSON, geometry, vectors.
    Opaque,
}

/// What the servers calculate with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Signed,
    Unsigned,
    Decimal,
    Float,
}

impl Kind {
    pub(super) fn of(literal: &Scalar<'_>) -> Self {
        match literal {
            Scalar::Number(n, 0) if i64::try_from(*n).is_ok() => Self::Signed,
            Scalar::Number(n, 0) if u64::try_from(*n).is_ok() => Self::Unsigned,
            _ => Self::Decimal,
        }
    }

    pub(super) fn with(self, other: Self, operator: Operator) -> Self {
        match (self, other) {
            (Self::Float, _) | (_, Self::Float) => Self::Float,
            (Self::Decimal, _) | (_, Self::Decimal) => Self::Decimal,
            _ if operator == Operator::Divide => Self::Decimal,
            (Self::Unsigned, _) | (_, Self::Unsigned) => Self::Unsigned,
            (Self::Signed, Self::Signed) => Self::Signed,
        }
    }

    /// Says whether the servers have a number for it: beyond their range is an error there.
    pub(super) fn holds(self, result: &Scalar<'_>) -> bool {
        match (self, result) {
            (Self::Signed, Scalar::Number(n, _)) => i64::try_from(*n).is_ok(),
            (Self::Unsigned, Scalar::Number(n, _)) => u64::try_from(*n).is_ok(),
            _ => true,
        }
    }
}

/// Says whether matching the characters of this pattern is matching bytes.
pub(super) fn by_byte(charset: &str, pattern: &str) -> bool {
    match charset {
        "utf8" | "utf8mb3" | "utf8mb4" => !pattern.contains('_'),
        "latin1" | "ascii" => pattern.is_ascii(),
        _ => false,
    }
}

/// Says whether a charset has this text, so that the servers compare it in that charset. `bytes`: whether it is the same
/// bytes in it.
fn has(charset: &str, text: &str, bytes: bool) -> bool {
    match charset {
        "utf8mb4" => true,
        "utf8" | "utf8mb3" if bytes => true,
        "utf8" | "utf8mb3" => text.chars().all(|c| c <= '\u{ffff}'),
        "ucs2" | "utf16" | "utf16le" | "utf32" | "swe7" if bytes => false,
        _ if text.is_ascii() => charset != "swe7",
        "ucs2" if !bytes => text.chars().all(|c| c <= '\u{ffff}'),
        "utf16" | "utf16le" | "utf32" if !bytes => true,
        "latin1" if !bytes => text.chars().all(|c| c.is_ascii() || ('\u{a0}'..='\u{ff}').contains(&c)),
        "gbk" if !bytes => text.chars().all(|c| c.is_ascii() || ('\u{4e00}'..='\u{9fa5}').contains(&c)),
        _ => false,
    }
}

/// The digits of `decimal(p,s)`.
pub(super) fn digits(column_type: &str) -> u32 {
    let inside = column_type.split_once('(').map_or("", |(_, rest)| rest);
    inside.split([',', ')']).next().and_then(|n| n.trim().parse().ok()).unwrap_or(10)
}

/// How two classes are compared, or why they cannot be.
pub(super) fn how(a: &Class, b: &Class, equality: bool) -> std::result::Result<How, String> {
    match (a, b) {
        (Class::Opaque | Class::Boolean, _) | (_, Class::Opaque | Class::Boolean) => {
            Err("JSON, geometry, vectors and conditions cannot be compared, only tested for NULL".into())
        }
        (Class::Null, _) | (_, Class::Null) | (Class::Number(_), Class::Number(_)) => Ok(How::Number),
        (Class::Time, Class::Time) | (Class::Year, Class::Year) => Ok(How::Number),
        (Class::Year, _) | (_, Class::Year) => Err("a year can be compared with years from 1901 to 2155".into()),
        (Class::Moment, Class::Moment) => Ok(How::Moment),
        (Class::Moment, Class::Literal(text)) | (Class::Literal(text), Class::Moment) if is_moment(text) => Ok(How::Moment),
        (Class::Time, Class::Literal(text)) | (Class::Literal(text), Class::Time) if is_time(text) => Ok(How::Number),
        (Class::Moment | Class::Time, Class::Literal(_)) | (Class::Literal(_), Class::Moment | Class::Time) => {
            Err("expected a date as 'YYYY-MM-DD[ hh:mm:ss[.ffffff]]' or a time as '[-]hh:mm:ss[.ffffff]'".into())
        }
        (Class::Bytes, Class::Bytes | Class::Literal(_)) | (Class::Literal(_), Class::Bytes | Class::Literal(_)) => {
            Ok(How::Bytes { pad: false })
        }
        (Class::Spelled, Class::Spelled | Class::Literal(_)) | (Class::Literal(_), Class::Spelled) if equality => {
            Ok(How::Caseless { pad: false })
        }
        (Class::Text(collation, charset), Class::Literal(text)) | (Class::Literal(text), Class::Text(collation, charset)) => {
            let how = collated(collation, charset, equality)?;
            if matches!(how, How::Bytes { .. }) && !has(charset, text, collation.is_empty()) {
                return Err(format!("only the server can compare this string with one in {charset}"));
            }
            if matches!(how, How::Caseless { .. }) && !text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
                return Err(format!(
                    "only the server can compare this string in {collation}; write BINARY before the column to compare bytes"
                ));
            }
            Ok(how)
        }
        (Class::Text(x, charset), Class::Text(y, other)) if x == y && charset == other => collated(x, charset, equality),
        _ => Err("both sides must be of one class: numbers, dates, times, or strings of one collation".into()),
    }
}

/// Collations that are known to compare printable ASCII without case.
const CASELESS: &[&str] = &[
    "general_ci",
    "unicode_ci",
    "unicode_520_ci",
    "0900_ai_ci",
    "0900_as_ci",
    "uca1400_ai_ci",
    "uca1400_as_ci",
    "swedish_ci",
    "general_nopad_ci",
    "unicode_nopad_ci",
    "unicode_520_nopad_ci",
    "uca1400_nopad_ai_ci",
    "uca1400_nopad_as_ci",
    "gbk_chinese_ci",
    "chinese_ci",
    "japanese_ci",
    "korean_ci",
];

fn collated(collation: &str, charset: &str, equality: bool) -> std::result::Result<How, String> {
    let pad = !collation.contains("0900") && !collation.contains("nopad") && !collation.is_empty();
    let unordered = |what: &str| Err(format!("only the server can order strings of {what}; equality, IN and LIKE work"));
    if collation.is_empty() || collation.ends_with("_bin") || collation == "binary" {
        let by_code = matches!(charset, "utf8" | "utf8mb3" | "utf8mb4" | "ascii");
        return if equality || by_code { Ok(How::Bytes { pad }) } else { unordered(charset) };
    }
    let name = collation.strip_prefix(charset).and_then(|rest| rest.strip_prefix('_')).unwrap_or(collation);
    if !CASELESS.contains(&name) {
        return Err(format!("only the server can compare strings in {collation}; write BINARY before the column to compare bytes"));
    }
    let unicode = matches!(charset, "utf8" | "utf8mb3" | "utf8mb4" | "ucs2" | "utf16" | "utf32");
    if equality || (name == "general_ci" && unicode) || (name == "swedish_ci" && charset == "latin1") {
        Ok(How::Caseless { pad })
    } else {
        unordered(collation)
    }
}

fn shaped(text: &str, shape: &str) -> bool {
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(|(b, s)| if s == b'0' { b.is_ascii_digit() } else { b == s })
}

fn fraction(text: &str) -> bool {
    text.is_empty() || text.strip_prefix('.').is_some_and(|f| (1..=6).contains(&f.len()) && f.bytes().all(|b| b.is_ascii_digit()))
}

/// A date that exists: of others each server thinks what its sql_mode says.
fn is_moment(text: &str) -> bool {
    let (date, clock) = (text.get(..10).unwrap_or_default(), text.get(10..).unwrap_or_default());
    let part = |at: std::ops::Range<usize>| date.get(at).and_then(|n| n.parse::<i16>().ok()).unwrap_or_default();
    let month_and_day = || (i8::try_from(part(5..7)).unwrap_or_default(), i8::try_from(part(8..10)).unwrap_or_default());
    let exists = || part(0..4) > 0 && jiff::civil::Date::new(part(0..4), month_and_day().0, month_and_day().1).is_ok();
    let time = || clock.strip_prefix(' ').is_some_and(|clock| clock.len() >= 8 && hours(clock).is_some_and(|h| h < 24));
    shaped(date, "0000-00-00") && exists() && (clock.is_empty() || time())
}

/// The hours of `hh:mm:ss[.ffffff]`, if the rest is right.
fn hours(clock: &str) -> Option<u16> {
    let (whole, rest) = clock.split_at_checked(clock.find('.').unwrap_or(clock.len()))?;
    let (hours, below) = whole.split_at_checked(whole.len().checked_sub(6)?)?;
    let sixty = |at: std::ops::Range<usize>| below.get(at).and_then(|n| n.parse::<u8>().ok()).is_some_and(|n| n < 60);
    let fits = shaped(below, ":00:00") && sixty(1..3) && sixty(4..6) && fraction(rest) && (2..=3).contains(&hours.len());
    hours.parse().ok().filter(|_| fits && hours.bytes().all(|b| b.is_ascii_digit()))
}

fn is_time(text: &str) -> bool {
    hours(text.strip_prefix('-').unwrap_or(text)).is_some_and(|h| h < 838)
}
