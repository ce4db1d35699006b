//! Times that a zone's clock has twice or not at all, on the days when it goes back or forward.
//!
//! Whoever writes naive times of such a zone has lost which instant was meant. One is taken, and it is told: readers of CSV and JSON
//! find them, imports name the line, tasks what the source said.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Error, Timestamp};
use std::collections::BTreeMap;

/// What a naive time of a zone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hour {
    Plain,
    /// The clock went forward over it: what it would have been is taken.
    Skipped,
    /// The clock went back over it: the first is taken.
    Twice,
}

/// One that is not as any other, and what is to be said of it.
pub(super) type Odd = (Hour, String);

/// Of one source: how many of each kind, and what is said of the first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OddHours(BTreeMap<Hour, (u64, String)>);

/// Returns the instant of a naive time.
pub(super) fn instant(zone: &TimeZone, shown: DateTime) -> Result<(Timestamp, Hour), Error> {
    let found = zone.to_ambiguous_timestamp(shown);
    let hour = match found.offset() {
        AmbiguousOffset::Unambiguous { .. } => Hour::Plain,
        AmbiguousOffset::Gap { .. } => Hour::Skipped,
        AmbiguousOffset::Fold { .. } => Hour::Twice,
    };
    Ok((found.compatible()?, hour))
}

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
            Self::Twice => Some(format!("{written} is there twice in {name} (clocks go back): the first is taken")),
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
