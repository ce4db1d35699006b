//! What no bar can be, whatever is stored: each kind has its own words.

use crate::model::bars::Bar;

/// What a bar cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doubt {
    Future,
    NotPositive,
    HighLow,
}

pub(super) fn contradiction(bar: &Bar, latest: i64) -> Option<(Doubt, String)> {
    if bar.time().seconds() > latest {
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
