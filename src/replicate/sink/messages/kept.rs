//! What is remembered of a job, as documents: the position, each table's state, each table's definition.
//!
//! The definition is kept as of the position: a log that is read again from there needs it, not the source's present one.
//! So is the word that a statement has changed the table since: types alone would not show a new member of an ENUM.

use crate::model::position::Position;
use crate::model::progress::TablePhase;
use crate::model::replicate::TableName;
use crate::replicate::sink::{ChunkDone, TableState};
use crate::replicate::table::Table;
use crate::replicate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) position: Option<Position>,
    pub(super) tables: Vec<TableState>,
    /// With whether a statement has changed the table since.
    pub(super) definitions: Vec<(Table, bool)>,
    /// Partitions by topic.
    pub(super) topics: BTreeMap<String, u32>,
}

/// Version 1 must load for ever.
#[derive(Serialize, Deserialize)]
struct State {
    v: u32,
    schema: String,
    table: String,
    phase: String,
    start: Option<String>,
    end: Option<String>,
    fingerprint: String,
    rows: u64,
    /// Per range of the copy: whether it is read whole, and its rows.
    ranges: Vec<(bool, u64)>,
}

#[derive(Serialize, Deserialize)]
struct Definition {
    v: u32,
    definition: Table,
    outdated: bool,
}

#[derive(Serialize, Deserialize)]
struct Topic {
    v: u32,
    partitions: u32,
}

const TOPIC: &str = "topic ";
const POSITION: &str = "position";

pub(super) fn read(documents: &BTreeMap<String, String>) -> Result<Kept> {
    let mut kept = Kept::default();
    for (name, text) in documents {
        if name == POSITION {
            kept.position = Some(place(text)?);
        } else if name.starts_with("table ") {
            kept.tables.push(state(text)?);
        } else if name.starts_with("definition ") {
            let Definition { v: _, definition, outdated } = serde_json::from_str(text).map_err(|e| unreadable(name, &e))?;
            kept.definitions.push((definition, outdated));
        } else if let Some(topic) = name.strip_prefix(TOPIC) {
            let Topic { v: _, partitions } = serde_json::from_str(text).map_err(|e| unreadable(name, &e))?;
            kept.topics.insert(topic.to_owned(), partitions);
        }
    }
    Ok(kept)
}

fn place(text: &str) -> Result<Position> {
    Position::from_document(text).map_err(|e| unreadable(POSITION, &e))
}

fn state(text: &str) -> Result<TableState> {
    let State { v: _, schema, table, phase, start, end, fingerprint, rows, ranges } =
        serde_json::from_str(text).map_err(|e| unreadable("table", &e))?;
    let phases = [TablePhase::Pending, TablePhase::Copying, TablePhase::Converging, TablePhase::Exact];
    let chunk = |(range, (complete, rows)): (usize, (bool, u64))| ChunkDone {
        range: u32::try_from(range).unwrap_or(u32::MAX),
        lower: None,
        upper: None,
        cursor: None,
        complete,
        rows,
    };
    Ok(TableState {
        phase: phases.into_iter().find(|p| p.as_str() == phase).ok_or_else(|| unreadable(&format!("phase {phase}"), &"unknown"))?,
        table: TableName::new(schema, table),
        start: start.as_deref().map(place).transpose()?,
        end: end.as_deref().map(place).transpose()?,
        fingerprint,
        chunks: ranges.into_iter().enumerate().map(chunk).collect(),
        rows,
    })
}

fn unreadable(what: &str, error: &dyn std::fmt::Display) -> Error {
    Error::permanent("memory_unreadable", format!("read what is kept of the job ({what}): {error}"))
}

pub(super) fn position(at: &Position) -> (String, Option<String>) {
    (POSITION.to_owned(), Some(at.to_document()))
}

pub(super) fn table(state: &TableState) -> (String, Option<String>) {
    let TableState { table, phase, start, end, fingerprint, chunks, rows } = state;
    let stored = State {
        v: 1,
        schema: table.schema.clone(),
        table: table.table.clone(),
        phase: phase.as_str().to_owned(),
        start: start.as_ref().map(Position::to_document),
        end: end.as_ref().map(Position::to_document),
        fingerprint: fingerprint.clone(),
        rows: *rows,
        ranges: chunks.iter().map(|c| (c.complete, c.rows)).collect(),
    };
    (name("table", table), Some(serde_json::to_string(&stored).expect("plain data")))
}

pub(super) fn definition(definition: &Table, outdated: bool) -> (String, Option<String>) {
    let stored = Definition { v: 1, definition: definition.clone(), outdated };
    (name("definition", &definition.name), Some(serde_json::to_string(&stored).expect("plain data")))
}

pub(super) fn topic(name: &str, partitions: u32) -> (String, Option<String>) {
    (format!("{TOPIC}{name}"), Some(serde_json::to_string(&Topic { v: 1, partitions }).expect("plain data")))
}

/// What is forgotten with a table.
pub(super) fn gone(table: &TableName) -> [(String, Option<String>); 2] {
    [(name("table", table), None), (name("definition", table), None)]
}

/// A slash cannot be mistaken: the parts are escaped as JSON texts.
fn name(kind: &str, table: &TableName) -> String {
    format!("{kind} {}", serde_json::json!([table.schema, table.table]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_reads_back() {
        let at = |offset| Position { gtid: None, file: "b.1".into(), offset };
        let one = TableState {
            table: TableName::new("s/\"", "t"),
            phase: TablePhase::Copying,
            start: Some(at(1)),
            end: None,
            fingerprint: "ours:x".into(),
            chunks: vec![ChunkDone { range: 0, lower: None, upper: None, cursor: None, complete: false, rows: 7 }],
            rows: 7,
        };
        let documents: BTreeMap<String, String> =
            [position(&at(9)), table(&one), topic("a b", 3)].into_iter().map(|(n, t)| (n, t.unwrap())).collect();
        let kept = read(&documents).unwrap();
        assert_eq!(kept.topics, BTreeMap::from([("a b".to_owned(), 3)]));
        assert_eq!((kept.position, kept.tables), (Some(at(9)), vec![one]));
        assert!(read(&BTreeMap::from([("position".to_owned(), "{}".to_owned())])).is_err());
    }

    #[test]
    fn the_first_version_still_loads() {
        let text = r#"{"v":1,"schema":"s","table":"t","phase":"exact","start":"{\"v\":1,\"file\":\"b.1\",\"offset\":4}","end":null,"fingerprint":"","rows":3,"ranges":[[true,3]]}"#;
        let loaded = state(text).unwrap();
        assert_eq!((loaded.phase, loaded.rows, loaded.chunks[0].complete), (TablePhase::Exact, 3, true));
    }
}
