//! Where bars come from. Three kinds ship: a directory of CSV files, and over HTTP CSV or JSON from a templated URL, of which
//! Yahoo's chart API is one shape.
//!
//! Called by the tasks, one symbol at a time; a provider knows nothing of the store. The caller has let the URL's host pass
//! its policy and hands over the addresses that passed. `template` how a URL or file name is made of a symbol, `http` the
//! requests (tried again, bounded), `pace` when they may begin, `json` and `yahoo` what answers mean, `files` the directory.
//!
//! Invariant: what a provider returns is what its source said, in whatever order; closed or not, wanted or not, is judged
//! by the task.

mod files;
mod http;
mod json;
mod pace;
mod template;
mod yahoo;

pub use files::Files;
pub use http::{Format, Http, HttpSettings};
pub use json::Shape;
pub use pace::{Held, Keep, Pace};
pub use template::Template;

use super::clocks::Clocks;
use super::odd_hours::OddHours;
use super::{Error, Result};
use crate::model::bars::{Bar, BarTime, Interval, Symbol};
use async_trait::async_trait;
use jiff::tz::TimeZone;

/// What is wanted: a symbol's bars from one to another, both included.
#[derive(Debug, Clone)]
pub struct Want {
    pub symbol: Symbol,
    pub interval: Interval,
    pub from: BarTime,
    pub to: BarTime,
    /// The exchange's, which has the day of an instant.
    pub zone: TimeZone,
}

impl Want {
    /// The zone of what a source writes: the one that somebody said, else of intraday times UTC, as everywhere.
    fn zone(&self, said: Option<&TimeZone>) -> TimeZone {
        let usual = || if self.interval.is_intraday() { TimeZone::UTC } else { self.zone.clone() };
        said.cloned().unwrap_or_else(usual)
    }
}

/// What a source said.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Got {
    pub bars: Vec<Bar>,
    /// Rows that were no bars since a price was missing.
    pub incomplete: u64,
    /// It has dates like 3/4/2024, which were read month first, and none that shows it: nobody is to store them.
    pub guessed_dates: bool,
    /// Times that its zone's clock has twice or not at all.
    pub odd_hours: OddHours,
    /// Intraday bars, more than one, of which none had a time of day.
    pub only_days: bool,
    /// It has intraday times without a zone, and nobody said which is theirs: they were taken as UTC.
    pub assumed_utc: bool,
    /// The times that bars of a day or more were written with.
    pub clocks: Clocks,
}

/// What a gzip file begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Reads what should be CSV as text.
fn text(bytes: Vec<u8>, what: &str) -> Result<String> {
    if bytes.starts_with(&GZIP) {
        return Err(Error::permanent("bars_answer_unreadable", format!("{what} is gzip, not CSV: unzip it")));
    }
    String::from_utf8(bytes).map_err(|_| Error::permanent("bars_answer_unreadable", format!("{what} is not CSV: it is not UTF-8 text")))
}

/// A source of bars. An error of kind `NotFound` says that it has no such symbol.
#[async_trait]
pub trait Provider: Send + Sync {
    fn name(&self) -> &str;

    /// Whether all of a symbol's history costs no more than its last days: then corrections of any age are looked for.
    fn gives_all(&self) -> bool;

    /// Returns what the source looks like, where that can be had without reading it; the same again means the same bars.
    async fn mark(&self, symbol: &Symbol, interval: Interval) -> Result<Option<String>>;

    async fn fetch(&self, want: &Want) -> Result<Got>;
}

#[cfg(test)]
mod tests;
