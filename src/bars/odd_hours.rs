//! Times that a zone's clock has twice or not at all, on the days when it goes back or forward.
//!
//! Whoever writes naive times of such a zone has lost which instant was meant, but for the order: where rows that come in the order of
//! time come to an hour again, its second time is meant, and its first where they come from the newest back ([`Order`]). Else one is
//! taken. Either is told: readers of CSV and JSON find them, imports name the line, tasks what the source said.

use crate::model::bars::Symbol;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Error, SignedDuration, Timestamp};
use std::collections::{BTreeMap, HashMap};

/// What a naive time of a zone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hour {
    Plain,
    /// The clock went forward over it: what it would have been is taken.
    Skipped,
    /// The clock went back over it: the rows' order says which it is.
    Twice,
}

/// One that is not as any other, and what is to be said of it.
pub(super) type Odd = (Hour, String);

/// Of one source: how many of each kind, and what is said of the first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OddHours(BTreeMap<Hour, (u64, String)>);

/// How far the rows of each symbol are.
#[derive(Debug, Clone, Default)]
pub(super) struct Order(HashMap<Option<Symbol>, Option<Last>>);

#[derive(Debug, Clone, Copy)]
struct Last {
    at: Timestamp,
    /// It is older than the row before.
    falls: bool,
}

/// An hour that a clock has twice is not as far from itself.
const FAR: SignedDuration = SignedDuration::from_hours(12);

impl Order {
    /// Returns the instant of a symbol's next naive time; `of` is None where all rows are of one.
    pub(super) fn instant(&mut self, zone: &TimeZone, shown: DateTime, of: Option<&Symbol>) -> Result<(Timestamp, Hour), Error> {
        let found = zone.to_ambiguous_timestamp(shown);
        let last = self.0.entry(of.cloned()).or_default();
        let taken = match found.offset() {
            AmbiguousOffset::Unambiguous { .. } => (found.compatible()?, Hour::Plain),
            AmbiguousOffset::Gap { .. } => (found.compatible()?, Hour::Skipped),
            AmbiguousOffset::Fold { .. } => {
                let (first, second) = (found.earlier()?, found.later()?);
                let near = last.filter(|last| last.at.duration_since(first).abs() < FAR);
                // Whoever comes from a later time meets the second first.
                let is_second = near.is_some_and(|Last { at, falls }| second < at || !falls && first <= at);
                (if is_second { second } else { first }, Hour::Twice)
            }
        };
        let falls = last.is_some_and(|last| if taken.0 == last.at { last.falls } else { taken.0 < last.at });
        *last = Some(Last { at: taken.0, falls });
        Ok(taken)
    }
}

/// Why two rows are of one time where a clock has it twice, and what helps.
pub(super) const TWICE_AGAIN: &str = "clocks go back over this hour: its second time is told from the first only where the \
    rows of a symbol come in the order of time; sort them so, or write times in UTC or with an offset (01:30-05:00)";

impl Hour {
    /// In words, of a time as it was written; `taken` is the instant. None: it is as any other.
    pub(super) fn told(self, written: &str, zone: &TimeZone, taken: Timestamp) -> Option<String> {
        let name = zone.iana_name().unwrap_or("the zone");
        match self {
            Self::Plain => None,
            Self::Skipped => {
                let clock = zone.to_datetime(taken).strftime("%H:%M");
                Some(format!("{written} is no time in {name} (clocks go forward): taken as {clock}"))
            }
            Self::Twice => Some(format!(
                "{written} is there twice in {name} (clocks go back): taken as the order of the rows has it, the first where it is there once"
            )),
        }
    }
}

impl OddHours {
    pub(super) fn see(&mut self, (hour, told): Odd) {
        self.0.entry(hour).or_insert((0, told)).0 += 1;
    }

    /// A sentence for each kind.
    pub(super) fn told(&self) -> Vec<String> {
        self.0.values().map(|(count, first)| counted(*count, first)).collect()
    }
}

/// The first of some that are alike, in words.
pub(super) fn counted(count: u64, first: &str) -> String {
    if count == 1 { first.to_owned() } else { format!("{first} (the first of {count} like it)") }
}
