//! What no bar can be, whatever is stored, and what a bar seldom is: each kind has its own words.

use crate::bars::odd_hours::Hour;
use crate::model::bars::{Bar, Interval, Symbol};
use jiff::Timestamp;

/// A bar that begins later than so many seconds from now is none, whatever the time zone.
const AHEAD: i64 = 86_400;

/// What a bar cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doubt {
    Future,
    NotPositive,
    HighLow,
    /// A file is taken with these, and they are told.
    Open,
    Weekend,
    TimeOfDay,
    OddHour(Hour),
}

/// What is remarkable about a bar that is one: a day on which no exchange that its symbol names is open, a time that is not kept.
pub(super) fn remark(symbol: &Symbol, interval: Interval, bar: &Bar, cuts_time: bool) -> Option<(Doubt, String)> {
    if cuts_time {
        return Some((Doubt::TimeOfDay, format!("bars of {interval} have no time of day: that of {} is left out", bar.time())));
    }
    // 1970-01-01 was a Thursday. Asked first: of most rows it is all that is asked.
    let day = match bar.time().days().rem_euclid(7) {
        2 if interval == Interval::D1 => "Saturday",
        3 if interval == Interval::D1 => "Sunday",
        _ => return None,
    };
    let market = symbol.market()?;
    Some((Doubt::Weekend, format!("{} is a {day}, on which the market {} is closed", bar.time(), market.as_str())))
}

pub(super) fn contradiction(bar: &Bar, now: Timestamp) -> Option<(Doubt, String)> {
    if bar.time().seconds() > now.as_second() + AHEAD {
        return Some((Doubt::Future, format!("{} has not come yet", bar.time())));
    }
    let [open, high, low, close] = bar.prices();
    if bar.prices().iter().any(|p| *p <= 0.0) {
        let prices = format!("a price is zero or negative (open {open}, high {high}, low {low}, close {close})");
        return Some((Doubt::NotPositive, prices));
    }
    let prices = || format!("high {high} is not the highest or low {low} not the lowest (open {open}, close {close})");
    (!bar.is_consistent()).then(|| (Doubt::HighLow, prices()))
}
