//! What a finished job leaves to its operator: where both ends stand, and what it did not bring.
//!
//! Kept among the job's documents (`memory`), with how the job is to finish: `run/finish` writes the one and reads the other,
//! the scheduler does the opposite.

use super::{Error, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const WHEN: &str = "finish when";
const READ_ONLY: &str = "source read-only";
const HANDOVER: &str = "handover";
const VERSION: u32 = 1;

/// When a job that is told to finish does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FinishWhen {
    /// It has applied what the source's log held when it was told.
    #[default]
    Now,
    /// The source takes no writes any more, and everything that its log holds is applied.
    SourceReadOnly,
}

impl FinishWhen {
    pub fn of(documents: &BTreeMap<String, String>) -> Self {
        if documents.get(WHEN).is_some_and(|text| text == READ_ONLY) { Self::SourceReadOnly } else { Self::Now }
    }

    /// The documents that say it; None takes one away.
    pub fn documents(self) -> Vec<(String, Option<String>)> {
        vec![(WHEN.to_owned(), (self == Self::SourceReadOnly).then(|| READ_ONLY.to_owned()))]
    }
}

/// Where a server's log stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stand {
    /// `host:port`
    pub server: String,
    /// Executed GTIDs; empty: it has none.
    pub gtid: String,
    /// Empty: it has no binary log, or did not say.
    pub file: String,
    pub offset: u64,
    /// It did not say where its log stands.
    #[serde(default)]
    pub unsaid: bool,
}

/// An object of the job's schemas that is not at the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// `TRIGGER`, `EVENT`, `PROCEDURE`, `FUNCTION`, `VIEW`, `SEQUENCE`, as SHOW CREATE names it.
    pub kind: String,
    pub schema: String,
    pub name: String,
}

/// A number that a server would give next, where the target's is behind the source's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// `AUTO_INCREMENT` of a table, or a `SEQUENCE`.
    pub kind: String,
    pub schema: String,
    pub name: String,
    pub source: i64,
    /// None: it is not there.
    pub target: Option<i64>,
    /// What raises it at the target; empty in handovers of before it was said.
    #[serde(default)]
    pub statement: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    pub at: Timestamp,
    /// The source took no writes at the end, and was asked again when everything was applied.
    pub source_read_only: bool,
    pub source: Stand,
    pub target: Stand,
    pub missing: Vec<Missing>,
    pub counters: Vec<Counter>,
    /// What could not be found out, and why.
    pub unknown: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    handover: Handover,
}

impl Handover {
    /// Reads the one of a job that has finished.
    pub fn of(documents: &BTreeMap<String, String>) -> Result<Option<Self>> {
        let Some(text) = documents.get(HANDOVER) else { return Ok(None) };
        let unreadable = |why: String| Error::permanent("memory_unreadable", format!("read how the job ended: {why}"));
        let Stored { version, handover } = serde_json::from_str(text).map_err(|e| unreadable(e.to_string()))?;
        if version == VERSION { Ok(Some(handover)) } else { Err(unreadable(format!("it is of version {version}"))) }
    }

    /// The documents that say it; what was to be waited for is over.
    pub(super) fn documents(&self) -> Vec<(String, Option<String>)> {
        let stored = Stored { version: VERSION, handover: self.clone() };
        let text = serde_json::to_string(&stored).expect("texts and numbers always serialise");
        vec![(HANDOVER.to_owned(), Some(text)), (WHEN.to_owned(), None)]
    }

    /// The same for a line among the job's events.
    pub(super) fn line(&self) -> String {
        let Self { at: _, source_read_only, source, target, missing, counters, unknown: _ } = self;
        let stand = |stand: &Stand| {
            let gtid = if stand.gtid.is_empty() { String::new() } else { format!(" (GTIDs {})", stand.gtid) };
            let place = match (stand.unsaid, stand.file.is_empty()) {
                (true, _) => " (where its log stands is not known)".to_owned(),
                (false, true) => " (no binary log)".to_owned(),
                (false, false) => format!(" at {}:{}", stand.file, stand.offset),
            };
            format!("{}{place}{gtid}", stand.server)
        };
        let frozen = if *source_read_only { ", read-only" } else { "" };
        let (missing, counters) = (missing.len(), counters.len());
        format!(
            "handover: source {}{frozen}; target {}; {missing} objects not brought, {counters} counters behind (jobs handover lists them)",
            stand(source),
            stand(target)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(changes: Vec<(String, Option<String>)>) -> BTreeMap<String, String> {
        changes.into_iter().filter_map(|(name, text)| Some((name, text?))).collect()
    }

    #[test]
    fn how_a_job_finishes_is_read_as_it_was_written() {
        for when in [FinishWhen::Now, FinishWhen::SourceReadOnly] {
            assert_eq!(FinishWhen::of(&documents(when.documents())), when);
        }
    }

    #[test]
    fn a_handover_of_version_1_is_read_for_ever() {
        let text = r#"{"version":1,"handover":{"at":"2026-11-21T20:00:00Z","source_read_only":true,
            "source":{"server":"a:3306","gtid":"0-1-7","file":"bin.000002","offset":77},
            "target":{"server":"b:3306","gtid":"","file":"","offset":0},
            "missing":[{"kind":"TRIGGER","schema":"shop","name":"t"}],
            "counters":[{"kind":"SEQUENCE","schema":"shop","name":"s","source":12,"target":null}],"unknown":[]}}"#;
        let handover = Handover::of(&BTreeMap::from([(HANDOVER.to_owned(), text.to_owned())])).unwrap().unwrap();
        assert_eq!(Handover::of(&documents(handover.documents())).unwrap().unwrap(), handover);
        assert_eq!(
            handover.line(),
            "handover: source a:3306 at bin.000002:77 (GTIDs 0-1-7), read-only; target b:3306 (no binary log); 1 objects not brought, 1 counters \
             behind (jobs handover lists them)"
        );
        assert_eq!(Handover::of(&BTreeMap::new()).unwrap(), None);
    }
}
