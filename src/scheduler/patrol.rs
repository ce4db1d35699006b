//! Comparisons that go on all the time: what the operator set of one job, and where it stands.
//!
//! Kept as two documents of the job: the setting with the last verdict, and within a round the table that it is past, so that a
//! daemon or a run that begins again goes on there and not at the first table. A round is a comparison like any other; it goes
//! with the job's run and rests so that it works for a tenth of the time (`verify::Pace`).
//!
//! When the next round begins is decided here, from the clock and what became of the last.

use crate::model::replicate::TableName;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const SETTING: &str = "verify always";
const PLACE: &str = "verify place";

/// Two rounds are so far apart at least.
const LEAST: SignedDuration = SignedDuration::from_secs(60);
/// A round that was cut off is taken up again so soon.
const AGAIN: SignedDuration = SignedDuration::from_secs(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patrol {
    /// From the beginning of a round to that of the next; 0: without a break.
    pub every_seconds: u64,
    /// Rows that differ are repaired.
    pub repair: bool,
    /// Most rows of the source that are read per second.
    pub rows_per_second: Option<u64>,
}

/// The last round that came to an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    pub number: u64,
    /// As of a comparison.
    pub state: String,
    pub ended: Timestamp,
    pub different: u64,
    pub repaired: u64,
}

/// Where a round is: past this table, having found so much before it was cut off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) different: u64,
    pub(super) repaired: u64,
}

impl Place {
    pub(super) fn name(&self) -> TableName {
        TableName::new(&self.schema, &self.table)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub patrol: Patrol,
    pub next: Timestamp,
    pub last: Option<Round>,
    pub(super) place: Option<Place>,
}

#[derive(Serialize, Deserialize)]
struct Document {
    v: u32,
    patrol: Patrol,
    next: Timestamp,
    last: Option<Round>,
}

impl Standing {
    pub(super) fn new(patrol: Patrol, now: Timestamp) -> Self {
        Self { patrol, next: now, last: None, place: None }
    }

    /// Reads it from a job's documents; one of a later release, or that cannot be read, is as none.
    pub(super) fn of(documents: &BTreeMap<String, String>) -> Option<Self> {
        let read = documents.get(SETTING).map(|text| serde_json::from_str::<Document>(text));
        let Document { patrol, next, last, .. } = match read? {
            Ok(document) if document.v == 1 => document,
            _ => return None,
        };
        Some(Self { patrol, next, last, place: documents.get(PLACE).and_then(|text| serde_json::from_str(text).ok()) })
    }

    /// The documents that say it; None takes one away.
    pub(super) fn documents(standing: Option<&Self>) -> Vec<(String, Option<String>)> {
        let text = |s: &Self| {
            let document = Document { v: 1, patrol: s.patrol, next: s.next, last: s.last.clone() };
            serde_json::to_string(&document).expect("times, texts and numbers always serialise")
        };
        vec![(SETTING.to_owned(), standing.map(text)), Self::place_document(standing.and_then(|s| s.place.as_ref()))]
    }

    /// What is kept after each table.
    pub(super) fn place_document(place: Option<&Place>) -> (String, Option<String>) {
        (PLACE.to_owned(), place.map(|place| serde_json::to_string(place).expect("texts and numbers always serialise")))
    }

    /// A round came to its end.
    pub(super) fn ended(&mut self, began: Timestamp, round: Round) {
        let every = SignedDuration::from_secs(i64::try_from(self.patrol.every_seconds).unwrap_or(i64::MAX / 2));
        self.next = (began.saturating_add(every).unwrap_or(Timestamp::MAX)).max(round.ended + LEAST);
        self.place = None;
        self.last = Some(round);
    }

    /// A round was cut off, past this table.
    pub(super) fn cut_off(&mut self, now: Timestamp, place: Option<Place>, failed: bool) {
        self.next = now + if failed { LEAST } else { AGAIN };
        self.place = place;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_round_is_due_by_the_beginning_of_the_last_and_never_at_once() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let round = |ended| Round { number: 1, state: "equal".into(), ended: at(ended), different: 0, repaired: 0 };
        let patrol = Patrol { every_seconds: 600, repair: false, rows_per_second: None };
        let mut standing = Standing::new(patrol, at(1000));
        assert_eq!(standing.next, at(1000));
        standing.ended(at(1000), round(1010));
        assert_eq!(standing.next, at(1600));
        standing.ended(at(1600), round(9000));
        assert_eq!(standing.next, at(9060), "a round that took longer");
        standing.cut_off(at(9100), Some(Place { schema: "a".into(), table: "b".into(), different: 1, repaired: 0 }), false);
        assert_eq!((standing.next, standing.place.as_ref().map(Place::name)), (at(9110), Some(TableName::new("a", "b"))));
        let documents = Standing::documents(Some(&standing)).into_iter().filter_map(|(name, text)| Some((name, text?))).collect();
        assert_eq!(Standing::of(&documents), Some(standing));
        assert!(Standing::documents(None).iter().all(|(_, text)| text.is_none()) && Standing::of(&BTreeMap::new()).is_none());
    }

    #[test]
    fn documents_of_version_1_load_for_ever() {
        let text = r#"{"v":1,"patrol":{"every_seconds":3600,"repair":true,"rows_per_second":500},"next":"2026-11-21T20:00:00Z","last":{"number":4,"state":"equal","ended":"2026-11-21T19:00:00Z","different":0,"repaired":0}}"#;
        let place = r#"{"schema":"s","table":"t","different":1,"repaired":1}"#;
        let read = Standing::of(&[(SETTING.to_owned(), text.to_owned()), (PLACE.to_owned(), place.to_owned())].into()).unwrap();
        assert_eq!((read.patrol.every_seconds, read.patrol.rows_per_second, read.last.unwrap().number), (3600, Some(500), 4));
        assert_eq!(read.place.unwrap().name(), TableName::new("s", "t"));
    }
}
