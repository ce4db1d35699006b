//! Which tables a job covers, and since when: its filter as of each listing, with the listing's position.
//!
//! Written by `run/list.rs` into the target's `table_state`, under the empty name; read by the pump and the preflight.
//! A table that has a state of its own is judged by that. One that has none did not exist when it came to be covered: a
//! statement of the log made it later, so what comes after that listing's position is all there is of it. Without the
//! filters of old, a table that an update brought in could not be told from one that the log will make.

use super::sink::TableState;
use super::{Error, Result};
use crate::model::position::Position;
use crate::model::progress::TablePhase;
use crate::model::replicate::{MappedColumn, Mapping, SchemaRule, TableFilter, TableMatch, TableName};
use serde::{Deserialize, Serialize};

/// The name under which it stands in `table_state`.
pub(super) fn listing() -> TableName {
    TableName::new("", "")
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Coverage {
    /// Oldest first, never empty.
    listings: Vec<Listing>,
    /// The server that the positions are of; None: not known.
    source: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Listing {
    filter: TableFilter,
    at: Position,
}

/// What is stored. Version 1 must load for ever.
#[derive(Serialize, Deserialize)]
struct Document {
    v: u32,
    listings: Vec<StoredListing>,
    /// Absent: a build that did not keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredListing {
    include: Vec<StoredRule>,
    ignore: Vec<StoredRule>,
    /// Absent: without those of online changes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    shadows: bool,
    /// The document of a position.
    at: String,
}

#[derive(Serialize, Deserialize)]
struct StoredRule {
    schema: String,
    tables: Vec<String>,
    /// Absent: every row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to_schema: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to_table: Option<String>,
    /// Each with its name at the target.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    columns: Vec<(String, String)>,
}

impl Coverage {
    pub(super) fn new(filter: TableFilter, at: Position) -> Self {
        Self { listings: vec![Listing { filter, at }], source: None }
    }

    /// The server whose files the positions are of.
    pub(super) fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }
    pub(super) fn set_source(&mut self, source: &str) {
        self.source = Some(source.to_owned());
    }

    fn newest(&self) -> &Listing {
        self.listings.last().expect("never empty")
    }

    /// The filter as of the newest listing.
    pub(super) fn filter(&self) -> &TableFilter {
        &self.newest().filter
    }

    /// Takes in a listing under another filter. Older ones are kept while the stream may still be before them.
    pub(super) fn listed(&mut self, filter: TableFilter, at: Position, watermark: &Position) {
        let passed = &self.newest().at;
        if watermark.covers(passed) && passed.coordinates_le(watermark) {
            self.listings.drain(..self.listings.len() - 1);
        }
        self.listings.push(Listing { filter, at });
    }

    /// Returns the position of the listing from which on a table without a state of its own was covered without a gap;
    /// with an empty table name, the same of a schema.
    pub(super) fn since(&self, name: &TableName) -> Option<&Position> {
        let covers = |l: &&Listing| {
            if name.table.is_empty() { l.filter.touches_schema(&name.schema) } else { l.filter.includes(&name.schema, &name.table) }
        };
        self.listings.iter().rev().take_while(covers).last().map(|l| &l.at)
    }

    /// The row that keeps it.
    pub(super) fn state(&self) -> TableState {
        let at = Some(self.newest().at.clone());
        TableState {
            table: listing(),
            phase: TablePhase::Converging,
            start: at.clone(),
            end: at,
            fingerprint: self.to_document(),
            chunks: Vec::new(),
            rows: 0,
        }
    }

    /// Reads the row back. One of a build that did not keep the filter is taken to be of this one.
    pub(super) fn of(state: &TableState, filter: &TableFilter) -> Result<Self> {
        match &state.start {
            Some(at) if state.fingerprint.is_empty() => Ok(Self::new(filter.clone(), at.clone())),
            _ => Self::from_document(&state.fingerprint),
        }
    }

    fn to_document(&self) -> String {
        let rules = |rules: &[SchemaRule]| {
            let stored = |SchemaRule { schema, tables, filter, to }: &SchemaRule| StoredRule {
                schema: schema.clone(),
                tables: tables.iter().map(ToString::to_string).collect(),
                filter: filter.clone(),
                to_schema: to.schema.clone(),
                to_table: to.table.clone(),
                columns: to.columns.iter().map(|c| (c.from.clone(), c.to.clone())).collect(),
            };
            rules.iter().map(stored).collect()
        };
        let stored = |Listing { filter: TableFilter { include, ignore, shadows }, at }: &Listing| StoredListing {
            include: rules(include),
            ignore: rules(ignore),
            shadows: *shadows,
            at: at.to_document(),
        };
        let document = Document { v: 1, listings: self.listings.iter().map(stored).collect(), source: self.source.clone() };
        serde_json::to_string(&document).expect("strings and numbers always serialise")
    }

    fn from_document(text: &str) -> Result<Self> {
        let damaged = || {
            Error::permanent("bookkeeping_damaged", "the job's listing in syncline.table_state at the target cannot be read")
                .hint("delete the job and create it again, or restore the schema syncline")
        };
        let rules = |rules: Vec<StoredRule>| {
            let rule = |StoredRule { schema, tables, filter, to_schema, to_table, columns }| {
                let tables = tables.iter().map(|t: &String| TableMatch::parse(t)).collect::<Result<_, _>>();
                let columns = columns.into_iter().map(|(from, to)| MappedColumn { from, to }).collect();
                let to = Mapping { schema: to_schema, table: to_table, columns };
                Ok(SchemaRule { schema, tables: tables.map_err(|e| damaged().because(e))?, filter, to })
            };
            rules.into_iter().map(rule).collect::<Result<Vec<_>>>()
        };
        let Document { v, listings, source } = serde_json::from_str(text).map_err(|e| damaged().because(e))?;
        if v != 1 || listings.is_empty() {
            return Err(damaged());
        }
        let listing = |StoredListing { include, ignore, shadows, at }| {
            let at = Position::from_document(&at).map_err(|e| damaged().because(e))?;
            Ok(Listing { filter: TableFilter { include: rules(include)?, ignore: rules(ignore)?, shadows }, at })
        };
        Ok(Self { listings: listings.into_iter().map(listing).collect::<Result<_>>()?, source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset: u64) -> Position {
        Position { gtid: None, file: "bin.000001".into(), offset }
    }
    fn filter(schema: &str, tables: &[&str]) -> TableFilter {
        let rule = SchemaRule::new(schema, tables.iter().map(|t| TableMatch::parse(t).unwrap()));
        TableFilter { include: vec![rule], ignore: vec![], shadows: false }
    }

    #[test]
    fn a_table_is_covered_since_the_first_listing_after_its_last_gap() {
        let mut coverage = Coverage::new(filter("a", &["x", "y"]), at(10));
        // The stream stands before the listings: all of them still count.
        coverage.listed(filter("a", &["x", "z"]), at(20), &at(5));
        coverage.listed(filter("a", &["x", "y", "z"]), at(30), &at(5));
        let since = |table| coverage.since(&TableName::new("a", table)).map(|p| p.offset);
        assert_eq!((since("x"), since("y"), since("z"), since("other")), (Some(10), Some(30), Some(20), None));
        assert_eq!(coverage.since(&TableName::new("a", "")).map(|p| p.offset), Some(10));
        let back = Coverage::of(&coverage.state(), &TableFilter::default()).unwrap();
        assert_eq!(back, coverage);
        coverage.listed(filter("a", &[]), at(50), &at(30));
        coverage.set_source("some server");
        assert_eq!(Coverage::of(&coverage.state(), &TableFilter::default()).unwrap().source(), Some("some server"));
        assert_eq!(coverage.listings.len(), 2, "what the stream has passed is let go");
    }

    #[test]
    fn documents_of_version_1_load_for_ever() {
        let text = r#"{"v":1,"listings":[{"include":[{"schema":"a","tables":["x"]}],"ignore":[],"at":"{\"v\":1,\"file\":\"b.1\",\"offset\":4}"}]}"#;
        let coverage = Coverage::from_document(text).unwrap();
        assert_eq!(coverage.to_document(), text);
        assert_eq!(coverage.since(&TableName::new("a", "x")).map(|p| p.offset), Some(4));
        let text = text.replace(
            r#""tables":["x"]}"#,
            r#""tables":["/x\\d+/"],"filter":"id > 5","to_schema":"b","to_table":"y","columns":[["i","j"]]}"#,
        );
        let coverage = Coverage::from_document(&text).unwrap();
        assert_eq!((coverage.to_document(), coverage.filter().rows("a", "x1")), (text, Some("id > 5")));
        assert_eq!(coverage.filter().target(&TableName::new("a", "x1")).to_string(), "b.y");
        assert!(Coverage::from_document("").is_err() && Coverage::from_document(r#"{"v":1,"listings":[]}"#).is_err());
    }
}
