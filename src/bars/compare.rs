//! What differs between stored and fetched bars, and whether that is a correction or a re-basing.
//!
//! Sources that adjust their history multiply all prices before a split or dividend by one factor. Then the oldest bars differ
//! and the ones after the day do not; the factor is the same for all, but for the rounding of the source. Everything else that
//! differs is a correction of single bars; where that is much of what both have, it is another paper's history, and where new
//! bars jump away from the stored ones beside them it may be. Asked by tasks and imports before they write ([`Meeting`]).

use super::store::{Correction, CorrectionKind};
use crate::model::bars::{Bar, BarTime, moved, split};
use jiff::Timestamp;
use std::collections::HashSet;

/// Prices that differ by no more than this part of a unit are rounding, whatever the factor.
const ROUNDING: f64 = 0.011;
/// The same as a part of the price, for large ones.
const RELATIVE: f64 = 2e-4;
/// A factor closer to one than this is no re-basing: it could not be told from rounding.
const LEAST: f64 = 5e-4;
/// A close that is further from the stored one than this part of it (after a re-basing) is not the same paper's close of that day.
const ALIKE: f64 = 0.02;
/// As many such closes, and this part of all that both have: another paper.
const STRANGERS: u64 = 3;
const ONE_IN: u64 = 5;
/// Where new bars meet stored ones, the close may rise or fall to this multiple and no further.
const FURTHEST: f64 = 1.5;
/// Bars that lie further apart than this do not meet, in seconds.
const APART: i64 = 40 * 86_400;

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

/// How bars fit to the series that they are to join; of one symbol, over as many parts as they come in.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Meeting {
    both: u64,
    changed: u64,
    pub(super) rebased: u64,
    strange: u64,
    factor: Option<f64>,
    /// There are stored bars before the re-based ones, which keep their old prices.
    old_scale: bool,
    jump: Option<Jump>,
}

/// Two bars beside each other, one of them stored and one that comes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Jump {
    at: BarTime,
    /// The later close / the earlier one.
    factor: f64,
    /// The one that comes takes the place of a stored one.
    replaces: bool,
    /// Stored bars stay on both sides of what comes, and between those is no such step: the price would have to jump back.
    within: bool,
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
    /// How the bars fit to `stored`, which reaches beyond them where it can. `coming` are the times of all bars that come, where
    /// these are a part of them.
    pub(super) fn meeting(&self, stored: &[Bar], fetched: &[Bar], coming: impl Fn(BarTime) -> bool) -> Meeting {
        let older = |first: &Bar| stored.first().is_some_and(|b| b.time() < first.time() && !coming(b.time()));
        Meeting {
            both: self.both,
            changed: self.changed.len() as u64,
            rebased: self.rebased,
            strange: self.strange,
            factor: self.factor,
            old_scale: self.factor.and(fetched.first()).is_some_and(older),
            jump: jump(stored, fetched, coming),
        }
    }
    fn changed_bounds(&self) -> Option<(BarTime, BarTime)> {
        Some((self.changed.first()?.1.time(), self.changed.last()?.1.time()))
    }
}

/// The largest move between a stored bar that stays as it is and a new or changed one beside it; one that was as large before is
/// none.
fn jump(stored: &[Bar], fetched: &[Bar], coming: impl Fn(BarTime) -> bool) -> Option<Jump> {
    let known: HashSet<BarTime> = fetched.iter().map(Bar::time).collect();
    let before = |time: BarTime| stored.binary_search_by_key(&time, Bar::time).ok().map(|at| stored[at]);
    let mut merged: Vec<(Bar, bool)> = stored.iter().filter(|b| !known.contains(&b.time())).map(|b| (*b, !coming(b.time()))).collect();
    merged.extend(fetched.iter().map(|b| (*b, before(b.time()).is_some_and(|old| old.close() == b.close()))));
    merged.sort_by_key(|(bar, _)| bar.time());
    let size = |factor: f64| factor.max(factor.recip());
    let step = |a: &Bar, b: &Bar| (a.close() > 0.0 && b.close() > 0.0).then(|| b.close() / a.close());
    let mut largest: Option<Jump> = None;
    for (at, pair) in merged.windows(2).enumerate() {
        let [(a, a_stays), (b, b_stays)] = pair else { continue };
        // What a later part of the same bars replaces is no neighbour.
        let replaced = |bar: &Bar, stays: bool| !stays && !known.contains(&bar.time());
        if a_stays == b_stays || replaced(a, *a_stays) || replaced(b, *b_stays) || b.time().seconds() - a.time().seconds() > APART {
            continue;
        }
        let Some(factor) = step(a, b) else { continue };
        let was = before(a.time()).zip(before(b.time())).and_then(|(a, b)| step(&a, &b));
        if was.is_none_or(|was| size(was) < size(factor)) && largest.is_none_or(|l| size(l.factor) < size(factor)) {
            let new = if *a_stays { b } else { a };
            let staying = |(bar, stays): &(Bar, bool)| stays.then_some(*bar);
            let around = if *a_stays {
                merged[at + 1..].iter().find_map(staying).map(|after| (*a, after))
            } else {
                merged[..=at].iter().rev().find_map(staying).map(|earlier| (earlier, *b))
            };
            let within = around.and_then(|(a, b)| step(&a, &b)).is_some_and(|factor| size(factor) <= FURTHEST);
            largest = Some(Jump { at: b.time(), factor, replaces: before(new.time()).is_some(), within });
        }
    }
    largest
}

impl Meeting {
    /// Of a further part of the same bars.
    pub(super) fn and(self, other: Self) -> Self {
        let size = |jump: &Jump| jump.factor.max(jump.factor.recip());
        Self {
            both: self.both + other.both,
            changed: self.changed + other.changed,
            rebased: self.rebased + other.rebased,
            strange: self.strange + other.strange,
            factor: self.factor.or(other.factor),
            old_scale: self.old_scale || other.old_scale,
            jump: [self.jump, other.jump].into_iter().flatten().max_by(|a, b| size(a).total_cmp(&size(b))),
        }
    }

    /// New price / old price of all that was re-based.
    pub(super) fn factor(&self) -> Option<f64> {
        self.factor
    }

    fn is_another(&self) -> bool {
        self.strange >= STRANGERS && self.strange * ONE_IN >= self.both
    }

    /// Why the stored bars look like another paper's.
    pub(super) fn another(&self) -> Option<String> {
        let Self { both, strange, .. } = self;
        let why = || {
            format!("{strange} of the {both} bars that are stored already have quite another close, and no split or dividend explains it")
        };
        self.is_another().then(why)
    }

    /// Why it should not be written unless somebody says so: that, or a jump that is no day's move.
    pub(super) fn doubt(&self) -> Option<String> {
        self.another().or_else(|| Some(self.jump.filter(Jump::is_doubtful)?.told()))
    }

    /// What an operator should hear of it in any case; `extreme` is the move that is told.
    pub(super) fn told(&self, extreme: f64) -> Option<String> {
        let mut told = Vec::new();
        told.extend(self.another());
        if let Some(factor) = self.factor {
            told.push(format!("{} stored bars were re-based by {factor:.6}", self.rebased));
            if self.old_scale {
                told.push("the bars before them keep their old prices".to_owned());
            }
        } else if !self.is_another() && self.changed >= 20 && self.changed * 2 > self.both {
            told.push(format!("{} of the {} bars that are stored already change", self.changed, self.both));
        }
        told.extend(self.jump.filter(|j| (j.factor - 1.0).abs() > extreme).map(Jump::told));
        (!told.is_empty()).then(|| told.join("; "))
    }
}

impl Jump {
    /// Prices as they were traded fall by a split's ratio on its day; bars that are replaced up to there do not, nor do bars that
    /// come between others, which would have to jump back.
    fn is_doubtful(&self) -> bool {
        !(FURTHEST.recip()..=FURTHEST).contains(&self.factor) && (self.replaces || self.within || split(self.factor).is_none())
    }

    fn told(self) -> String {
        let like = split(self.factor).map(|(new, old)| format!(" (as after a split {new}:{old})")).unwrap_or_default();
        format!("the close moves by {}{like} at {}, where new bars meet stored ones", moved(self.factor), self.at)
    }
}

/// Returns the factor by which the first bars differ, if the rest is the same.
fn factor(common: &[(Bar, Bar)]) -> Option<f64> {
    let same = |(old, new): &(Bar, Bar)| old.prices() == new.prices();
    let differing = &common[..common.iter().rposition(|pair| !same(pair))? + 1];
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
    use crate::model::bars::Volume;

    fn bars(from: i64, closes: &[f64]) -> Vec<Bar> {
        (from..)
            .zip(closes)
            .map(|(day, c)| Bar::new(BarTime::new(day * 86_400).unwrap(), c - 0.5, c + 1.0, c - 1.0, *c, Volume::Whole(10)).unwrap())
            .collect()
    }
    fn rounded(bars: &[Bar], factor: f64) -> Vec<Bar> {
        let round = |p: f64| (p * factor * 100.0).round() / 100.0;
        bars.iter()
            .map(|b| Bar::new(b.time(), round(b.open()), round(b.high()), round(b.low()), round(b.close()), b.volume()).unwrap())
            .collect()
    }

    #[test]
    fn new_bars_are_added_and_equal_ones_are_not() {
        let stored = bars(0, &[50.0, 51.0, 52.0]);
        let fetched = bars(1, &[51.0, 52.0, 53.0, 54.0]);
        let found = compare(&stored, &fetched);
        assert_eq!((found.added.len(), found.changed.len(), found.missing, found.oldest_differs), (2, 0, 0, false));
        assert_eq!(compare(&[], &fetched).added, fetched);
        assert_eq!(compare(&bars(0, &[1.0, 2.0, 3.0]), &[bars(0, &[1.0])[0], bars(2, &[3.0])[0]]).missing, 1);
    }

    #[test]
    fn one_wrong_bar_is_a_correction() {
        let stored = bars(0, &[50.0, 51.0, 52.0, 53.0]);
        let found = compare(&stored, &bars(0, &[50.0, 51.0, 25.0, 53.0]));
        assert_eq!((found.changed.len(), found.oldest_differs, found.factor), (1, false, None));
        // Even the oldest, if others differ in other ways or the factor is none.
        let found = compare(&stored, &bars(0, &[50.01, 51.0, 25.0, 53.0]));
        assert_eq!((found.oldest_differs, found.factor), (true, None));
    }

    fn met(stored: &[Bar], fetched: &[Bar]) -> Meeting {
        compare(stored, fetched).meeting(stored, fetched, |_| false)
    }

    #[test]
    fn another_paper_is_told_from_corrections_and_splits() {
        let stored = bars(0, &[50.0, 51.0, 52.0, 53.0, 54.0, 55.0, 54.0, 53.0, 52.0, 51.0]);
        // Its bars are like nothing that is stored.
        let other = bars(4, &[20.0, 25.0, 21.0, 20.5, 20.0, 19.0, 18.0]);
        let why = met(&stored, &other).doubt().unwrap();
        assert_eq!(why, "6 of the 6 bars that are stored already have quite another close, and no split or dividend explains it");
        // A split is, whether all of it or the days before a dividend.
        assert_eq!(met(&stored, &rounded(&stored, 0.5)).doubt(), None);
        assert!(met(&stored, &rounded(&stored, 0.5)).told(0.2).unwrap().starts_with("10 stored bars were re-based by 0.5"));
        // Two bars that are put right, however wrong they were.
        let mut wrong = stored.clone();
        (wrong[4], wrong[9]) = (bars(4, &[3.7])[0], bars(9, &[510.0])[0]);
        assert_eq!(met(&wrong, &stored).doubt(), None);
        assert_eq!(met(&wrong, &stored[4..5]).doubt(), None, "it mends a jump");
        assert!(met(&stored, &wrong[4..5]).doubt().unwrap().contains("% at 1970-01-0"), "and that makes one");
    }

    #[test]
    fn a_split_lies_at_an_end_and_not_between() {
        let stored = [bars(0, &[100.0, 101.0]), bars(3, &[100.5, 100.0])].concat();
        // 5:1 down, and up again on the next day.
        let spike = bars(2, &[20.0]);
        assert!(met(&stored, &spike).doubt().unwrap().contains("(as after a split"));
        assert_eq!(met(&stored[..2], &spike).doubt(), None, "at the end it may be one");
        let halved = [bars(0, &[100.0, 101.0]), bars(3, &[20.5, 20.0])].concat();
        assert_eq!(met(&halved, &spike).doubt(), None, "so it may where what is stored has it");
        assert_eq!(met(&stored[2..], &spike).doubt(), None, "and at the beginning");
    }

    #[test]
    fn what_joins_with_a_jump_is_doubted_and_an_ordinary_day_is_not() {
        let stored = bars(0, &[50.0, 51.0, 52.0]);
        assert_eq!(met(&stored, &bars(3, &[60.0, 61.0])).told(0.2), None);
        let fell = met(&stored, &bars(3, &[38.0, 37.0]));
        assert_eq!(fell.doubt(), None);
        assert_eq!(fell.told(0.2).unwrap(), "the close moves by -26.9 % at 1970-01-04, where new bars meet stored ones");
        assert!(met(&stored, &bars(3, &[20.0])).doubt().is_some() && met(&bars(3, &[20.0]), &stored).doubt().is_some());
        assert_eq!(met(&stored, &bars(60, &[20.0])).doubt(), None, "months later anything may be");
        // Prices as they were traded, on the day of a split.
        let day = met(&stored, &bars(3, &[26.1]));
        assert!(day.doubt().is_none() && day.told(0.2).unwrap().contains("-49.8 % (as after a split 2:1)"), "{day:?}");
        // Half of a split: two scales in one series.
        let half = met(&bars(0, &[50.0, 51.0, 52.0, 53.0, 52.0, 51.0]), &rounded(&bars(3, &[53.0, 52.0, 51.0]), 0.5));
        assert!(half.doubt().unwrap().contains("where new bars meet stored ones"), "{half:?}");
        // Unless the rest of the same file has the others.
        let all = bars(0, &[50.0, 51.0, 52.0, 53.0, 52.0, 51.0]);
        let part = rounded(&all[..3], 0.5);
        assert_eq!(compare(&all, &part).meeting(&all, &part, |time| time >= all[3].time()).doubt(), None);
    }

    #[test]
    fn splits_and_dividends_are_one_factor() {
        let stored = bars(0, &[103.07, 99.99, 101.5, 104.22, 98.13]);
        let all = compare(&stored, &rounded(&stored, 0.5));
        assert!((all.factor.unwrap() - 0.5).abs() < 1e-3, "{all:?}");
        // A dividend of half a percent, known after two more days: only what was before it differs.
        let mut partly = rounded(&stored[..3], 0.995);
        partly.extend_from_slice(&stored[3..]);
        let some = compare(&stored, &partly);
        assert!((some.factor.unwrap() - 0.995).abs() < 1e-3 && some.changed.len() == 3, "{some:?}");
        // A reverse split makes prices larger, and their rounding too.
        assert!((compare(&stored, &rounded(&stored, 10.0)).factor.unwrap() - 10.0).abs() < 1e-2);
    }
}
