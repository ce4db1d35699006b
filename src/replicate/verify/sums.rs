//! The servers add up the rows of a range themselves: how many they are, and the sum of their hashes. `walk` asks both, and
//! reads only ranges that differ.
//!
//! What equal sums say. A row's values are written one behind the other in a form that can be read back in one way only
//! (`token`: a value without a comma and a comma, or a length and so many bytes, or N for NULL), with each value as the row
//! differ reads it. So two rows have one text only if the row differ calls them the same: never is a difference lost in a
//! cast, at most is an equal row written in two ways, and then the rows are read. Columns that the two servers do not
//! write alike (MySQL's JSON beside another server's text, types that are mapped) leave their table to the rows.
//!
//! The text's SHA-256 counts with its first 64 bits, added up as an exact DECIMAL. A sum does not depend on the order, and
//! other than with an exclusive or, equal rows do not cancel out: twice a hash is not nothing. Two ranges that differ have
//! one sum by a chance of 2^-64, far below that of a fault in either machine's memory; who stores rows at will could look for
//! such ranges, and who has to fear that reads the rows (`by_rows`). (More bits would be a second hash per row, or a copy of
//! all hashes at the server: twice the work. MD5 and SHA-1 are no longer in every MySQL.)
//!
//! A row without a hash (its text outgrows max_allowed_packet, a function is not allowed) would be left out of a sum in
//! silence: it adds more than all hashes together can, and a sum of that size is equal to nothing.

use super::Conns;
use super::plan::{End, Plan, Range};
use super::rows::{self, Cell};
use super::value::Class;
use crate::replicate::Result;

/// What a row without a hash adds: more than the hashes of 10^10 rows.
const NO_HASH: &str = "1000000000000000000000000000000";

/// What a server says of the rows of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) rows: u64,
    /// None: not every row is in it.
    hashes: Option<Vec<u8>>,
}

impl Sums {
    /// The two ends have the same rows.
    pub(super) fn prove(&self, other: &Self) -> bool {
        self == other && self.is_whole()
    }
    pub(super) fn is_whole(&self) -> bool {
        self.hashes.is_some()
    }
    fn of(row: Option<Vec<Cell>>) -> Self {
        let mut cells = row.into_iter().flatten();
        let mut next = || cells.next().flatten();
        let rows = next().and_then(|b| String::from_utf8(b).ok()?.parse().ok());
        let hashes = match (rows, next()) {
            (Some(0), None) => Some(Vec::new()),
            (Some(1..), sum) => sum.filter(|s| s.len() < NO_HASH.len() && s.iter().all(u8::is_ascii_digit)),
            _ => None,
        };
        Self { rows: rows.unwrap_or(0), hashes }
    }
}

/// Asks both servers at once.
pub(super) async fn ask(conns: &mut Conns, plan: &Plan, range: &Range) -> Result<(Sums, Sums)> {
    let doing = format!("add up rows of {}", plan.table);
    let (source, target) = (select(plan, End::Source, range), select(plan, End::Target, range));
    let (source, target) = tokio::try_join!(rows::query(&mut conns.src, &source, &doing), rows::query(&mut conns.dest, &target, &doing))?;
    Ok((Sums::of(source.into_iter().next()), Sums::of(target.into_iter().next())))
}

/// Whether the servers can add a table up.
pub(super) fn possible(plan: &Plan) -> bool {
    plan.columns.iter().all(|c| c.token.is_some())
}

fn select(plan: &Plan, end: End, range: &Range) -> String {
    let tokens: Vec<&str> = plan.columns.iter().filter_map(|c| Some(c.token.as_ref()?[end as usize].as_str())).collect();
    let hash = format!("CONV(LEFT(SHA2(CONCAT({}),256),16),16,10)", tokens.join(","));
    let from = plan.rows_of(end, range);
    format!("SELECT COUNT(*), SUM(COALESCE(CAST({hash} AS UNSIGNED),{NO_HASH})) FROM {from}")
}

/// Whether both servers write values of a class in one way.
pub(super) fn is_written_alike(class: Class, (source, target): (&str, &str)) -> bool {
    const SHAPES: [&str; 9] = [
        "geometry",
        "point",
        "linestring",
        "polygon",
        "multipoint",
        "multilinestring",
        "multipolygon",
        "geometrycollection",
        "geomcollection",
    ];
    match class {
        Class::Number | Class::Bit | Class::Date | Class::Time | Class::Member | Class::Text | Class::Bytes => true,
        Class::Float | Class::Spelled | Class::Json => source == target,
        Class::Opaque => (source == target && source == "vector") || [source, target].iter().all(|t| SHAPES.contains(t)),
    }
}

/// A value of a column as a part of its row's text.
pub(super) fn token(class: Class, data_type: &str, column: &str, convert: bool) -> String {
    let value = class.select(column, convert);
    let bytes = match class {
        // MySQL writes the result of a calculation in 22 characters at most, which are too few for a DOUBLE; of a column it
        // writes all digits. A FLOAT is the other way round: the column's six digits are too few, those of the result are not.
        Class::Float if data_type == "double" => return format!("COALESCE(CAST({column} AS CHAR),'N'),','"),
        Class::Number | Class::Bit | Class::Float | Class::Date | Class::Time => {
            return format!("COALESCE(CAST({value} AS CHAR),'N'),','");
        }
        Class::Bytes | Class::Member => value,
        // Of the same bytes, without another copy of them.
        Class::Text => return format!("COALESCE(CONCAT(LENGTH({value}),':',CAST({value} AS BINARY)),'N')"),
        Class::Spelled | Class::Json => format!("CAST(CAST({value} AS CHAR CHARACTER SET utf8mb4) AS BINARY)"),
        Class::Opaque => format!("HEX({value})"),
    };
    format!("COALESCE(CONCAT(LENGTH({bytes}),':',{bytes}),'N')")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sums(rows: &str, sum: Option<&str>) -> Sums {
        Sums::of(Some(vec![Some(rows.as_bytes().to_vec()), sum.map(|s| s.as_bytes().to_vec())]))
    }

    #[test]
    fn only_whole_and_equal_sums_prove() {
        let whole = sums("2", Some("36893488147419103230"));
        assert!(whole.prove(&whole.clone()) && sums("0", None).prove(&sums("0", None)));
        for other in [sums("2", Some("36893488147419103231")), sums("3", Some("36893488147419103230")), sums("0", None)] {
            assert!(!whole.prove(&other) && !other.prove(&whole), "{other:?}");
        }
        let lacks_one = format!("{}", 10u128.pow(30) + 5);
        for torn in [
            sums("2", Some(&lacks_one)),
            sums("2", None),
            sums("0", Some("1")),
            sums("?", Some("1")),
            Sums::of(None),
            Sums::of(Some(vec![])),
        ] {
            assert!(!torn.prove(&torn.clone()), "{torn:?}");
        }
    }

    /// The form that `token` gives values, made here.
    fn written(row: &[Option<Vec<u8>>], plain: &[bool]) -> Vec<u8> {
        let mut out = Vec::new();
        for (value, plain) in row.iter().zip(plain) {
            match (value, plain) {
                (None, _) => out.push(b'N'),
                (Some(value), true) => out.extend_from_slice(value),
                (Some(value), false) => {
                    out.extend_from_slice(format!("{}:", value.len()).as_bytes());
                    out.extend_from_slice(value);
                }
            }
            if *plain {
                out.push(b',');
            }
        }
        out
    }

    fn read_back(mut text: &[u8], plain: &[bool]) -> Option<Vec<Option<Vec<u8>>>> {
        let mut row = Vec::new();
        for plain in plain {
            if *plain {
                let end = text.iter().position(|b| *b == b',')?;
                row.push((&text[..end] != b"N").then(|| text[..end].to_vec()));
                text = &text[end + 1..];
            } else if text.first() == Some(&b'N') {
                row.push(None);
                text = &text[1..];
            } else {
                let colon = text.iter().position(|b| *b == b':')?;
                let length: usize = std::str::from_utf8(&text[..colon]).ok()?.parse().ok()?;
                row.push(Some(text.get(colon + 1..colon + 1 + length)?.to_vec()));
                text = &text[colon + 1 + length..];
            }
        }
        text.is_empty().then_some(row)
    }

    proptest! {
        #[test]
        fn a_rows_text_is_read_back_in_one_way(
            row in prop::collection::vec((any::<bool>(), prop::option::of(prop::collection::vec(prop::sample::select(&b"N,:0123-."[..]), 0..12))), 1..6),
        ) {
            let plain: Vec<bool> = row.iter().map(|(plain, _)| *plain).collect();
            // Numbers and times have neither commas nor letters.
            let clean = |(plain, value): (bool, Option<Vec<u8>>)| value.map(|v| v.into_iter().filter(|b| !plain || !b"N,".contains(b)).collect());
            let row: Vec<Option<Vec<u8>>> = row.into_iter().map(clean).collect();
            prop_assert_eq!(read_back(&written(&row, &plain), &plain), Some(row));
        }
    }

    #[test]
    fn a_value_is_written_by_its_class() {
        assert_eq!(token(Class::Number, "int", "`n`", false), "COALESCE(CAST(`n` AS CHAR),'N'),','");
        assert_eq!(token(Class::Float, "float", "`f`", false), "COALESCE(CAST(`f`+0e0 AS CHAR),'N'),','");
        assert_eq!(token(Class::Float, "double", "`f`", false), "COALESCE(CAST(`f` AS CHAR),'N'),','");
        assert_eq!(
            token(Class::Text, "text", "`t`", true),
            "COALESCE(CONCAT(LENGTH(CONVERT(`t` USING utf8mb4)),':',CAST(CONVERT(`t` USING utf8mb4) AS BINARY)),'N')"
        );
        assert!(!is_written_alike(Class::Json, ("json", "longtext")) && is_written_alike(Class::Json, ("json", "json")));
        assert!(!is_written_alike(Class::Float, ("float", "double")) && !is_written_alike(Class::Opaque, ("uuid", "char")));
    }
}
