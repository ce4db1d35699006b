//! The servers add up the rows of a range themselves: how many they are, and the sum of their hashes. `walk` asks both, and
//! reads only ranges that differ.
//!
//! What equal sums say. A row's values are written one behind the other in a form that can be read back in one way only
//! (`token`: a value without a comma and a comma, or a length and so many bytes, or N for NULL), with each value as the row
//! differ reads it. So two rows have one text only if the row differ calls them the same: never is a difference lost in a
//! cast, at most is an equal row written in two ways, and then the rows are read. Columns that the two servers do not
//! write alike (MySQL's JSON beside another server's text, types that are mapped) leave their table to the rows.
//!
//! The text's SHA-256 counts with its first two 64 bits, each added up as an exact DECIMAL. A sum does not depend on the
//! order, and other than with an exclusive or, equal rows do not cancel out: twice a hash is not nothing. Two sets of rows
//! that differ have the same two sums by a chance of 2^-128; who stores rows at will would have to find such a set.
//!
//! A row without a hash (its text outgrows max_allowed_packet, a function is not allowed) would be left out of a sum in
//! silence: the hashes are counted too, and sums that lack one are equal to nothing.

use super::Conns;
use super::plan::{End, Plan, Range};
use super::rows::{self, Cell};
use super::value::Class;
use crate::replicate::Result;

/// What a server says of the rows of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) rows: u64,
    pub(super) hashed: u64,
    halves: [Cell; 2],
}

impl Sums {
    /// The two ends have the same rows.
    pub(super) fn prove(&self, other: &Self) -> bool {
        self == other && self.is_whole()
    }
    /// No row was left out.
    pub(super) fn is_whole(&self) -> bool {
        self.rows == self.hashed && (self.rows == 0 || self.halves.iter().all(Option::is_some))
    }
    fn of(row: Option<Vec<Cell>>) -> Self {
        let mut cells = row.into_iter().flatten();
        let mut next = || cells.next().flatten();
        let number = |cell: Cell| cell.and_then(|b| String::from_utf8(b).ok()?.parse().ok());
        // What cannot be read proves nothing: there are fewer hashes than rows.
        let (rows, hashed) = (number(next()), number(next()));
        Self { rows: rows.unwrap_or(1), hashed: rows.and(hashed).unwrap_or(0), halves: [next(), next()] }
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
    // The limit keeps the hash from being worked out once for each mention of it.
    format!(
        "SELECT COUNT(*), COUNT(h), SUM(CAST(CONV(LEFT(h,16),16,10) AS UNSIGNED)), SUM(CAST(CONV(SUBSTR(h,17,16),16,10) AS UNSIGNED)) \
         FROM (SELECT SHA2(CONCAT({}),256) AS h FROM {} LIMIT 18446744073709551615) AS hashed",
        tokens.join(","),
        plan.rows_of(end, range)
    )
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
        Class::Text => format!("CAST({value} AS BINARY)"),
        Class::Spelled | Class::Json => format!("CAST(CAST({value} AS CHAR CHARACTER SET utf8mb4) AS BINARY)"),
        Class::Opaque => format!("HEX({value})"),
    };
    format!("COALESCE(CONCAT(LENGTH({bytes}),':',{bytes}),'N')")
}
