//! What differs between stored and fetched bars, and whether that is a correction or a re-basing.
//!
//! Sources that adjust their history multiply all prices before a split or dividend by one factor. Then the oldest bars differ
//! and the ones after the day do not; the factor is the same for all, but for the rounding of the source. Everything else that
//! differs is a correction of single bars, and so is one bar alone: any two prices have a factor. What it means for the series is
//! `meeting`'s to say.

use super::store::{Correction, CorrectionKind};
use crate::model::bars::{Bar, BarTime};
use jiff::Timestamp;

/// Prices that differ by no more than this part of a unit are rounding, whatever the factor.
const ROUNDING: f64 = 0.011;
/// The same as a part of the price, for large ones.
const RELATIVE: f64 = 2e-4;
/// A factor closer to one than this is no re-basing: it could not be told from rounding.
const LEAST: f64 = 5e-4;
/// A close that is further from the stored one than this part of it (after a re-basing) is not the same paper's close of that day.
pub(super) const ALIKE: f64 = 0.02;

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Compared {
    /// Bars that are not stored.
    pub(super) added: Vec<Bar>,
    /// Stored bars that are said differently now: as they were, as they are.
    pub(super) changed: Vec<(Bar, Bar)>,
    /// Stored bars between the first and last fetched one that the source does not have.
    pub(super) missing: u64,
    /// The oldest bar that both have differs: older ones may as well.
    pub(super) oldest_differs: bool,
    /// New price / old price, if the oldest bars differ by one factor.
    pub(super) factor: Option<f64>,
    /// Bars that both have.
    pub(super) both: u64,
    /// Of those that changed: by the factor, and by so much else that they look like another paper's.
    pub(super) rebased: u64,
    pub(super) strange: u64,
}

/// Compares two lists in order of time; `stored` holds all that is stored between the ends of `fetched`, or more.
pub(super) fn compare(stored: &[Bar], fetched: &[Bar]) -> Compared {
    let mut all = Compared::default();
    let mut common: Vec<(Bar, Bar)> = Vec::new();
    let mut rest = stored;
    for new in fetched {
        let before = rest.partition_point(|old| old.time() < new.time());
        if !common.is_empty() || !all.added.is_empty() {
            all.missing += before as u64;
        }
        rest = &rest[before..];
        match rest.split_first() {
            Some((old, after)) if old.time() == new.time() => {
                rest = after;
                common.push((*old, *new));
                if !old.says_the_same(new) {
                    all.changed.push((*old, *new));
                }
            }
            _ => all.added.push(*new),
        }
    }
    all.oldest_differs = common.first().is_some_and(|(old, new)| !old.says_the_same(new));
    all.factor = if all.oldest_differs { factor(&common) } else { None };
    all.both = common.len() as u64;
    let strange = |(old, new): &&(Bar, Bar)| !alike(old.close(), new.close());
    let scaled = |(old, new): &&(Bar, Bar)| all.factor.is_some_and(|factor| alike(old.close() * factor, new.close()));
    all.rebased = all.changed.iter().filter(scaled).count() as u64;
    all.strange = all.changed.iter().filter(strange).filter(|pair| !scaled(pair)).count() as u64;
    all
}

fn alike(old: f64, new: f64) -> bool {
    (new - old).abs() <= ALIKE * old.abs().max(new.abs())
}

impl Compared {
    /// Everything that is to be written.
    pub(super) fn writes(&self) -> Vec<Bar> {
        self.added.iter().copied().chain(self.changed.iter().map(|(_, new)| *new)).collect()
    }
    /// What is recorded of stored bars that change; None: none does. `factor` is all history's, where this is a part of it.
    pub(super) fn correction(&self, found: Timestamp, factor: Option<f64>, source: &str) -> Option<Correction> {
        let (first, last) = self.changed_bounds()?;
        let kind = if factor.is_some() { CorrectionKind::Rebase } else { CorrectionKind::Correction };
        Some(Correction { found, kind, first, last, bars: self.changed.len() as u64, factor, source: source.to_owned() })
    }
    fn changed_bounds(&self) -> Option<(BarTime, BarTime)> {
        Some((self.changed.first()?.1.time(), self.changed.last()?.1.time()))
    }
}

/// Returns the factor by which the first bars differ, if the rest is the same; one bar proves none.
fn factor(common: &[(Bar, Bar)]) -> Option<f64> {
    let same = |(old, new): &(Bar, Bar)| old.prices() == new.prices();
    let differing = &common[..common.iter().rposition(|pair| !same(pair))? + 1];
    if differing.len() < 2 {
        return None;
    }
    // Of the largest prices: rounding weighs least there.
    let (old, new) = differing.iter().max_by(|a, b| a.0.close().abs().total_cmp(&b.0.close().abs()))?;
    let factor = new.close() / old.close();
    if !factor.is_finite() || factor <= 0.0 || (factor - 1.0).abs() < LEAST {
        return None;
    }
    let fits = |old: f64, new: f64| (new - old * factor).abs() <= ROUNDING.max(new.abs() * RELATIVE) * factor.max(1.0);
    let fitting = differing.iter().filter(|(old, new)| old.prices().iter().zip(new.prices()).all(|(o, n)| fits(*o, n))).count();
    // One bar in fifty may have been corrected at the same time.
    (fitting * 50 >= differing.len() * 49).then_some(factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bars::testing::{closes, split};

    #[test]
    fn new_bars_are_added_and_equal_ones_are_not() {
        let stored = closes(0, &[50.0, 51.0, 52.0]);
        let fetched = closes(1, &[51.0, 52.0, 53.0, 54.0]);
        let found = compare(&stored, &fetched);
        assert_eq!((found.added.len(), found.changed.len(), found.missing, found.oldest_differs), (2, 0, 0, false));
        assert_eq!(compare(&[], &fetched).added, fetched);
        assert_eq!(compare(&closes(0, &[1.0, 2.0, 3.0]), &[closes(0, &[1.0])[0], closes(2, &[3.0])[0]]).missing, 1);
    }

    #[test]
    fn one_wrong_bar_is_a_correction() {
        let stored = closes(0, &[50.0, 51.0, 52.0, 53.0]);
        let found = compare(&stored, &closes(0, &[50.0, 51.0, 25.0, 53.0]));
        assert_eq!((found.changed.len(), found.oldest_differs, found.factor), (1, false, None));
        // The newest alone, whatever it is multiplied by: one bar proves no factor.
        let found = compare(&stored, &split(&stored[3..], 0.5));
        assert_eq!((found.changed.len(), found.oldest_differs, found.factor, found.rebased), (1, true, None, 0));
        // Even the oldest, if others differ in other ways or the factor is none.
        let found = compare(&stored, &closes(0, &[50.01, 51.0, 25.0, 53.0]));
        assert_eq!((found.oldest_differs, found.factor), (true, None));
    }

    #[test]
    fn splits_and_dividends_are_one_factor() {
        let stored = closes(0, &[103.07, 99.99, 101.5, 104.22, 98.13]);
        let all = compare(&stored, &split(&stored, 0.5));
        assert!((all.factor.unwrap() - 0.5).abs() < 1e-3, "{all:?}");
        // A dividend of half a percent, known after two more days: only what was before it differs.
        let mut partly = split(&stored[..3], 0.995);
        partly.extend_from_slice(&stored[3..]);
        let some = compare(&stored, &partly);
        assert!((some.factor.unwrap() - 0.995).abs() < 1e-3 && some.changed.len() == 3, "{some:?}");
        // A reverse split makes prices larger, and their rounding too.
        assert!((compare(&stored, &split(&stored, 10.0)).factor.unwrap() - 10.0).abs() < 1e-2);
    }
}
