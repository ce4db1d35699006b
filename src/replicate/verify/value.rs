//! What a value is, per class of its column: how it is selected so that nothing gets lost, when two of them are the
//! same, and in which order a key column sorts at both servers alike.

use super::json;
use std::borrow::Cow;
use std::cmp::Ordering;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Whole and decimal numbers, and BIT as a number.
    Number,
    Bit,
    Float,
    /// DATE, DATETIME, TIMESTAMP, YEAR: fixed-width text that sorts as it reads.
    Date,
    Time,
    /// Its number and its text: index 0 and the member '' read alike.
    Member,
    /// Strings in a charset.
    Text,
    /// Bytes that sort as they are.
    Bytes,
    /// MariaDB's UUID and INET types: as their text.
    Spelled,
    /// MySQL's JSON at one end at least, whatever the other is: by what it means.
    Json,
    /// Geometry, vectors and what is not known: their bytes, never sorted.
    Opaque,
}

impl Class {
    pub(super) fn of(source: &str, target: &str) -> Self {
        if source == "json" || target == "json" {
            return Self::Json;
        }
        let (s, t) = (Self::of_one(source), Self::of_one(target));
        match (s, t) {
            (s, t) if s == t => s,
            (Self::Float, Self::Number) | (Self::Number, Self::Float) => Self::Float,
            // A mapped type (UUID into CHAR): equal when it reads equal.
            _ => Self::Opaque,
        }
    }

    fn of_one(data_type: &str) -> Self {
        match data_type {
            "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "decimal" => Self::Number,
            "bit" => Self::Bit,
            "float" | "double" => Self::Float,
            "date" | "datetime" | "timestamp" | "year" => Self::Date,
            "time" => Self::Time,
            "enum" | "set" => Self::Member,
            "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" => Self::Text,
            "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => Self::Bytes,
            "uuid" | "inet4" | "inet6" => Self::Spelled,
            _ => Self::Opaque,
        }
    }

    /// May a key column of this class be sorted by?
    pub(super) fn orders(self) -> bool {
        !matches!(self, Self::Json | Self::Opaque)
    }

    pub(super) fn select(self, column: &str, convert: bool) -> String {
        let text = if convert { format!("CONVERT({column} USING utf8mb4)") } else { column.to_owned() };
        match self {
            // The text protocol rounds FLOAT to six digits; as DOUBLE it is exact.
            Self::Float => format!("{column}+0e0"),
            Self::Bit => format!("CAST({column} AS UNSIGNED)"),
            Self::Member => format!("CONCAT(CAST({column} AS UNSIGNED), 0x3A, CAST({text} AS BINARY))"),
            Self::Text => text,
            _ => column.to_owned(),
        }
    }

    pub(super) fn sort(self, column: &str, convert: bool) -> String {
        match self {
            Self::Text => format!("CAST({} AS BINARY)", self.select(column, convert)),
            Self::Spelled => format!("CAST(CAST({column} AS CHAR) AS BINARY)"),
            Self::Member => format!("CAST({column} AS UNSIGNED)"),
            _ => column.to_owned(),
        }
    }

    pub(super) fn same(self, a: Option<&[u8]>, b: Option<&[u8]>) -> bool {
        match (a, b) {
            (None, None) => true,
            (Some(a), Some(b)) => a == b || canonical(self, a) == canonical(self, b),
            _ => false,
        }
    }

    /// The order in which the servers return key values of this class.
    pub(super) fn order(self, a: Option<&[u8]>, b: Option<&[u8]>) -> Ordering {
        let (Some(a), Some(b)) = (a, b) else { return a.cmp(&b) };
        match self {
            Self::Number | Self::Bit => number_order(a, b),
            Self::Float => float(a).total_cmp(&float(b)),
            Self::Time => time_order(a, b),
            Self::Member => number_order(member_number(a), member_number(b)),
            _ => a.cmp(b),
        }
    }
}

/// The value in the one form that equal values share.
pub(super) fn canonical(class: Class, bytes: &[u8]) -> Cow<'_, [u8]> {
    match class {
        Class::Float => Cow::Owned(float(bytes).to_bits().to_be_bytes().to_vec()),
        Class::Json => json::canonical(bytes).map_or(Cow::Borrowed(bytes), Cow::Owned),
        _ => Cow::Borrowed(bytes),
    }
}

fn float(bytes: &[u8]) -> f64 {
    std::str::from_utf8(bytes).ok().and_then(|t| t.parse().ok()).unwrap_or(f64::NAN)
}

fn member_number(cell: &[u8]) -> &[u8] {
    cell.split(|b| *b == b':').next().unwrap_or_default()
}

/// Compares decimal numbers of any length, as text.
fn number_order(a: &[u8], b: &[u8]) -> Ordering {
    fn parts(n: &[u8]) -> (bool, &[u8], &[u8]) {
        let (negative, digits) = n.strip_prefix(b"-").map_or((false, n), |rest| (true, rest));
        let (whole, fraction) = digits.iter().position(|b| *b == b'.').map_or((digits, &[][..]), |p| (&digits[..p], &digits[p + 1..]));
        let zeros = whole.iter().take_while(|b| **b == b'0').count();
        (negative, &whole[zeros..], fraction)
    }
    let ((a_negative, a_whole, a_fraction), (b_negative, b_whole, b_fraction)) = (parts(a), parts(b));
    let magnitude = a_whole.len().cmp(&b_whole.len()).then_with(|| a_whole.cmp(b_whole)).then_with(|| a_fraction.cmp(b_fraction));
    match (a_negative, b_negative) {
        (false, false) => magnitude,
        (true, true) => magnitude.reverse(),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    }
}

/// `[-]HHH:MM:SS[.ffffff]`
fn time_order(a: &[u8], b: &[u8]) -> Ordering {
    let number = |t: &[u8]| t.iter().copied().filter(|b| *b != b':').collect::<Vec<u8>>();
    number_order(&number(a), &number(b))
}

/// A key value as a literal that its column's index can serve.
pub(super) fn literal(class: Class, text: &[u8], charset: Option<&(String, String)>) -> String {
    let hex = || text.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let plain = String::from_utf8_lossy(text);
    match class {
        Class::Number | Class::Bit | Class::Float => plain.into_owned(),
        Class::Member => String::from_utf8_lossy(member_number(text)).into_owned(),
        Class::Date | Class::Time | Class::Spelled => format!("'{}'", plain.replace(['\'', '\\'], "")),
        Class::Text => match charset {
            Some((charset, collation)) => format!("_{charset} x'{}' COLLATE {collation}", hex()),
            None => format!("CONVERT(x'{}' USING utf8mb4)", hex()),
        },
        _ => format!("x'{}'", hex()),
    }
}

/// A key value for people: text where it is text, at most 120 characters.
pub(super) fn key_text(cell: Option<&[u8]>) -> String {
    let Some(bytes) = cell else { return "NULL".into() };
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(char::is_control) => text.chars().take(120).collect(),
        _ => format!("0x{}", bytes.iter().take(60).map(|b| format!("{b:02x}")).collect::<String>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_order_by_value() {
        let sorted = ["-18446744073709551616", "-10.5", "-10.25", "-2", "0", "0.001", "0.01", "7", "10", "18446744073709551615"];
        for pair in sorted.windows(2) {
            assert_eq!(number_order(pair[0].as_bytes(), pair[1].as_bytes()), Ordering::Less, "{pair:?}");
        }
        assert_eq!(number_order(b"007", b"7"), Ordering::Equal);
    }

    #[test]
    fn times_order_by_value() {
        let sorted = ["-838:59:59", "-100:00:00", "-99:00:00.500000", "-00:00:00.1", "00:00:00", "09:59:59", "25:00:00", "100:00:00"];
        for pair in sorted.windows(2) {
            assert_eq!(time_order(pair[0].as_bytes(), pair[1].as_bytes()), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn floats_are_equal_by_value_whatever_their_text() {
        assert!(Class::Float.same(Some(b"1e20"), Some(b"100000000000000000000")));
        assert!(!Class::Float.same(Some(b"1.100000023841858"), Some(b"1.1000001430511475")));
    }
}
