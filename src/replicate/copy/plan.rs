//! Cuts a table into key ranges, so that many readers can share one large table.
//!
//! The plan is made once, after the table's start position was taken, and kept at the target. Its last bound is the
//! largest key of that moment: rows with larger keys came later, so the stream brings them, and the copy always ends.

use super::key::{Bound, ChunkKey};
use crate::replicate::connect::Conn;
use crate::replicate::sink::ChunkDone;
use crate::replicate::table::Table;
use crate::replicate::{Error, Result};
use mysql_async::Row;

/// Below this a range is not worth its queries.
const ROWS_PER_RANGE: u64 = 20_000;
const BYTES_PER_RANGE: u64 = 8 << 20;
/// Ranges per worker at most: enough to even out ranges of unlike size.
const RANGES_PER_WORKER: u64 = 8;

/// Plans a keyed table's ranges; none if it holds no row.
pub(super) async fn plan(conn: &mut Conn, table: &Table, key: &ChunkKey, workers: usize) -> Result<Vec<ChunkDone>> {
    let Some(last) = edge(conn, table, key, " DESC").await? else { return Ok(Vec::new()) };
    let wanted = wanted(table.rows_estimated, table.data_bytes, workers);
    let mut bounds = Vec::new();
    if wanted > 1
        && (key.integer_lead || key.string_lead)
        && let Some(first) = edge(conn, table, key, "").await?
    {
        bounds = if key.integer_lead {
            integers(&first[0], &last[0], wanted).into_iter().map(|lead| vec![lead]).collect()
        } else {
            walk(conn, table, key, &strings(&first[0], &last[0], wanted), &last).await?
        };
    }
    bounds.push(last);
    Ok(ranges(key, &bounds))
}

/// The one range of a table that is read from a snapshot.
pub(super) fn whole() -> Vec<ChunkDone> {
    vec![ChunkDone { range: 0, lower: None, upper: None, cursor: None, complete: false, rows: 0 }]
}

fn wanted(rows: u64, bytes: u64, workers: usize) -> u64 {
    (rows / ROWS_PER_RANGE).max(bytes / BYTES_PER_RANGE).clamp(1, RANGES_PER_WORKER * workers.max(1) as u64)
}

fn ranges(key: &ChunkKey, bounds: &[Bound]) -> Vec<ChunkDone> {
    let encoded: Vec<Vec<u8>> = bounds.iter().map(|b| key.encode(b)).collect();
    let lower = std::iter::once(None).chain(encoded.iter().cloned().map(Some));
    let make = |(n, (lower, upper)): (usize, (Option<Vec<u8>>, Vec<u8>))| ChunkDone {
        range: n as u32,
        lower,
        upper: Some(upper),
        cursor: None,
        complete: false,
        rows: 0,
    };
    lower.zip(encoded.clone()).enumerate().map(make).collect()
}

/// Returns the first or last key, all its columns.
async fn edge(conn: &mut Conn, table: &Table, key: &ChunkKey, direction: &str) -> Result<Option<Bound>> {
    let sql = format!("SELECT {} FROM {}{}{} LIMIT 1", key.columns(), table.name.quoted(), key.force(), key.order(direction));
    let row: Option<Row> = conn.query_first(sql).await.map_err(|e| super::source_error(&table.name, e))?;
    row.map(values).transpose()
}

fn values(row: Row) -> Result<Bound> {
    let bytes = |v| match v {
        mysql_async::Value::Bytes(b) => Ok(b),
        _ => Err(Error::permanent("key_value", "read a key: it holds a NULL")),
    };
    row.unwrap().into_iter().map(bytes).collect()
}

/// Inner bounds that cut [first, last] evenly; fewer where the span is small.
fn integers(first: &[u8], last: &[u8], wanted: u64) -> Vec<Vec<u8>> {
    let number = |bytes: &[u8]| std::str::from_utf8(bytes).ok().and_then(|t| t.parse::<i128>().ok());
    let (Some(first), Some(last)) = (number(first), number(last)) else { return Vec::new() };
    let span = last - first + 1;
    let wanted = i128::from(wanted).min(span);
    (1..wanted).map(|n| (first + span * n / wanted - 1).to_string().into_bytes()).collect()
}

/// Candidates between two strings, by their bytes: the eight bytes after the common prefix are read as a number. They
/// are aims only; [`walk`] turns them into keys in the column's own order.
fn strings(first: &[u8], last: &[u8], wanted: u64) -> Vec<Vec<u8>> {
    let common = first.iter().zip(last).take_while(|(a, b)| a == b).count();
    let number = |s: &[u8]| (0..8).fold(0u128, |n, i| n << 8 | u128::from(s.get(common + i).copied().unwrap_or(0)));
    let (low, high) = (number(first), number(last));
    if high <= low {
        return Vec::new();
    }
    let aim = |n: u64| {
        let point = low + (high - low) * u128::from(n) / u128::from(wanted);
        let ascii = first.is_ascii() && last.is_ascii();
        // One byte in all charsets of one or more bytes, so that the literal stays valid.
        let tail = (point as u64).to_be_bytes().map(|b| if ascii { b.clamp(0x20, 0x7e) } else { b });
        [&last[..common], &tail[..if ascii { 4 } else { 8 }]].concat()
    };
    (1..wanted).map(aim).collect()
}

/// Finds a key at or above each aim and above the one before it: always rising, whatever the collation makes of an aim.
async fn walk(conn: &mut Conn, table: &Table, key: &ChunkKey, aims: &[Vec<u8>], last: &Bound) -> Result<Vec<Bound>> {
    let mut found: Vec<Bound> = Vec::new();
    for aim in aims {
        let mut conditions = vec![key.at_or_above(&vec![aim.clone()])?];
        if let Some(before) = found.last() {
            conditions.push(key.above(before)?);
        }
        let (columns, name) = (key.columns(), table.name.quoted());
        let sql = format!("SELECT {columns} FROM {name}{} WHERE {}{} LIMIT 1", key.force(), conditions.join(" AND "), key.order(""));
        // An aim may be no valid string in the column's charset; the plan is then coarser, never wrong.
        let row: Option<Row> = match conn.query_first(sql).await {
            Ok(row) => row,
            Err(mysql_async::Error::Server(_)) => continue,
            Err(e) => return Err(super::source_error(&table.name, e)),
        };
        match row.map(values).transpose()? {
            Some(bound) if bound != *last => found.push(bound),
            _ => {}
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::key::tests::{column, table};
    use super::*;
    use crate::replicate::table::TypeClass;
    use proptest::prelude::*;

    fn texts(bounds: Vec<Vec<u8>>) -> Vec<String> {
        bounds.into_iter().map(|b| String::from_utf8(b).unwrap()).collect()
    }

    #[test]
    fn integer_spans_are_cut_evenly_and_never_into_empty_ranges() {
        assert_eq!(texts(integers(b"1", b"100", 4)), ["25", "50", "75"]);
        assert_eq!(texts(integers(b"-3", b"0", 10)), ["-3", "-2", "-1"]);
        assert_eq!(texts(integers(b"7", b"7", 10)), [""; 0]);
        assert_eq!(integers(b"-9223372036854775808", b"18446744073709551615", 16).len(), 15);
        assert!(integers(b"x", b"9", 4).is_empty());
    }

    #[test]
    fn string_aims_lie_between_the_edges() {
        let aims = texts(strings(b"user-0000", b"user-9999", 4));
        assert_eq!(aims.len(), 3);
        assert!(aims.iter().all(|a| a.as_str() > "user-0" && a.as_str() < "user-9~"), "{aims:?}");
        assert!(strings(b"same", b"same", 4).is_empty());
    }

    #[test]
    fn small_tables_stay_whole_and_large_ones_feed_all_workers() {
        assert_eq!((wanted(100, 1000, 4), wanted(100_000, 0, 4), wanted(1 << 40, 0, 4), wanted(0, 1 << 40, 2)), (1, 5, 32, 16));
    }

    proptest! {
        #[test]
        fn ranges_join_without_gaps(first in any::<i64>(), span in 0i128..1_000_000, wanted in 1u64..64) {
            let key = ChunkKey::choose(&table(vec![column("a", TypeClass::Int)])).unwrap();
            let last = i128::from(first) + span;
            let mut bounds: Vec<Bound> =
                integers(first.to_string().as_bytes(), last.to_string().as_bytes(), wanted).into_iter().map(|b| vec![b]).collect();
            bounds.push(vec![last.to_string().into_bytes()]);
            let numbers: Vec<i128> = bounds.iter().map(|b| std::str::from_utf8(&b[0]).unwrap().parse().unwrap()).collect();
            prop_assert!(numbers.windows(2).all(|w| w[0] < w[1]));
            let made = ranges(&key, &bounds);
            prop_assert_eq!(&made[0].lower, &None);
            prop_assert!(made.windows(2).all(|w| w[0].upper == w[1].lower));
        }
    }
}
