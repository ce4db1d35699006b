//! How bars fit to the series that they are to join: whether they are another paper's, and where the price jumps.
//!
//! Asked by tasks and imports before they write; a validation asks [`moves`] of what is stored. What is refused and what is only
//! told is the caller's to say: crashes happen, and a split looks like one.

use super::compare::{ALIKE, Compared};
use crate::model::bars::{Bar, BarTime, moved, split};
use std::collections::HashSet;

/// As many bars with another close, and this part of all that both have: another paper.
const STRANGERS: u64 = 3;
const ONE_IN: u64 = 5;
/// Where new bars meet stored ones, the close may rise or fall to this multiple and no further.
const FURTHEST: f64 = 1.5;
/// Bars that lie further apart than this do not meet, in seconds.
const APART: i64 = 40 * 86_400;
/// Among new bars: a week's or a month's move may be any.
const DAYS: i64 = 5 * 86_400;
/// Years of one source have days of a split and of a crash in them; a move to more than this multiple, or to less than its part, is
/// neither.
const WILD: f64 = 3.0;
/// A move that takes another one back, but for this part, is no split's.
const BACK: f64 = 0.1;

/// How bars fit; of one symbol, over as many parts as they come in.
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
    moves: Moves,
}

/// Two bars beside each other, one of them stored and one that comes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Jump {
    at: BarTime,
    /// The later close / the earlier one.
    factor: f64,
    /// The one that comes takes the place of a stored one.
    replaces: bool,
    /// Stored bars stay on both sides of what comes, and between those is no such step: the price would have to jump back.
    within: bool,
}

/// Closes that move far from one bar that comes to the next, and did not before.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Moves {
    count: u64,
    furthest: Option<(BarTime, f64)>,
    /// One of them is no day's move.
    is_doubtful: bool,
}

/// A bar as it will stand in the series.
struct Place {
    bar: Bar,
    /// It has the close that it has now.
    stays: bool,
    /// A later part of the same bars replaces it: it is nobody's neighbour.
    is_replaced: bool,
}

/// The closes that move by more than `extreme` (a part, e.g. 0.2): the places of the earlier and the later bar, and later / earlier.
/// A bar without a price is passed over.
pub(super) fn moves<'a>(bars: impl Iterator<Item = &'a Bar>, extreme: f64) -> impl Iterator<Item = (usize, usize, f64)> {
    let mut before: Option<(usize, f64)> = None;
    bars.enumerate().filter(|(_, bar)| !bar.has_no_price()).filter_map(move |(at, bar)| {
        let (earlier, close) = before.replace((at, bar.close()))?;
        let factor = bar.close() / close;
        (close > 0.0 && is_extreme(factor, extreme)).then_some((earlier, at, factor))
    })
}

fn is_extreme(factor: f64, extreme: f64) -> bool {
    (factor - 1.0).abs() > extreme
}

/// How far a price moves, up or down.
fn size(factor: f64) -> f64 {
    if factor > 0.0 { factor.max(factor.recip()) } else { f64::INFINITY }
}

fn step(a: &Bar, b: &Bar) -> Option<f64> {
    (a.close() > 0.0 && b.close() > 0.0).then(|| b.close() / a.close())
}

impl Meeting {
    /// `stored` reaches beyond `fetched` where it can; `found` is what differs between them. `coming` are the times of all bars that
    /// come, where these are a part of them.
    pub(super) fn of(found: &Compared, stored: &[Bar], fetched: &[Bar], extreme: f64, coming: impl Fn(BarTime) -> bool) -> Self {
        let older = |first: &Bar| stored.first().is_some_and(|b| b.time() < first.time() && !coming(b.time()));
        let old_scale = found.factor.and(fetched.first()).is_some_and(older);
        let before = |time: BarTime| stored.binary_search_by_key(&time, Bar::time).ok().map(|at| stored[at]);
        let is_news = !found.added.is_empty() || !found.changed.is_empty();
        let places = if is_news { places(stored, fetched, before, coming) } else { Vec::new() };
        Self {
            both: found.both,
            changed: found.changed.len() as u64,
            rebased: found.rebased,
            strange: found.strange,
            factor: found.factor,
            old_scale,
            jump: jump(&places, before),
            moves: Moves::among(&places, before, extreme),
        }
    }

    /// Of a further part of the same bars.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            both: self.both + other.both,
            changed: self.changed + other.changed,
            rebased: self.rebased + other.rebased,
            strange: self.strange + other.strange,
            factor: self.factor.or(other.factor),
            old_scale: self.old_scale || other.old_scale,
            jump: [self.jump, other.jump].into_iter().flatten().max_by(|a, b| size(a.factor).total_cmp(&size(b.factor))),
            moves: self.moves.and(other.moves),
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
        let percent = ALIKE * 100.0;
        let why = || {
            format!(
                "{strange} of the {both} bars that are stored already have quite another close (by more than {percent} %), \
                 and no split or dividend explains it"
            )
        };
        self.is_another().then(why)
    }

    /// Why it should not be written unless somebody says so: that, or a jump that is no day's move.
    pub(super) fn doubt(&self) -> Option<String> {
        self.another().or_else(|| Some(self.jump.filter(Jump::is_doubtful)?.told()))
    }

    /// Whether the series has two scales of prices then, or looks as if it had.
    pub(super) fn has_two_scales(&self) -> bool {
        self.old_scale || self.doubt().is_some() || self.moves.is_doubtful
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
        told.extend(self.jump.filter(|j| is_extreme(j.factor, extreme)).map(Jump::told));
        told.extend(self.moves.told(extreme));
        (!told.is_empty()).then(|| told.join("; "))
    }
}

fn places(stored: &[Bar], fetched: &[Bar], before: impl Fn(BarTime) -> Option<Bar>, coming: impl Fn(BarTime) -> bool) -> Vec<Place> {
    let known: HashSet<BarTime> = fetched.iter().map(Bar::time).collect();
    let old = stored.iter().filter(|b| !known.contains(&b.time())).map(|b| {
        let is_replaced = coming(b.time());
        Place { bar: *b, stays: !is_replaced, is_replaced }
    });
    let new = |b: &Bar| Place { bar: *b, stays: before(b.time()).is_some_and(|old| old.close() == b.close()), is_replaced: false };
    let mut all: Vec<Place> = old.collect();
    all.extend(fetched.iter().map(new));
    all.sort_by_key(|place| place.bar.time());
    all
}

/// The largest move between a stored bar that stays as it is and a new or changed one beside it; one that was as large before is
/// none.
fn jump(places: &[Place], before: impl Fn(BarTime) -> Option<Bar>) -> Option<Jump> {
    let mut largest: Option<Jump> = None;
    for (at, pair) in places.windows(2).enumerate() {
        let [a, b] = pair else { continue };
        let apart = b.bar.time().seconds() - a.bar.time().seconds();
        if a.stays == b.stays || a.is_replaced || b.is_replaced || apart > APART {
            continue;
        }
        let Some(factor) = step(&a.bar, &b.bar) else { continue };
        let was = before(a.bar.time()).zip(before(b.bar.time())).and_then(|(a, b)| step(&a, &b));
        if was.is_none_or(|was| size(was) < size(factor)) && largest.is_none_or(|l| size(l.factor) < size(factor)) {
            let new = if a.stays { b } else { a };
            let staying = |place: &Place| place.stays.then_some(place.bar);
            let around = if a.stays {
                places[at + 1..].iter().find_map(staying).map(|after| (a.bar, after))
            } else {
                places[..=at].iter().rev().find_map(staying).map(|earlier| (earlier, b.bar))
            };
            let within = around.and_then(|(a, b)| step(&a, &b)).is_some_and(|factor| size(factor) <= FURTHEST);
            largest = Some(Jump { at: b.bar.time(), factor, replaces: before(new.bar.time()).is_some(), within });
        }
    }
    largest
}

impl Jump {
    /// Prices as they were traded fall by a split's ratio on its day; bars that are replaced up to there do not, nor do bars that
    /// come between others, which would have to jump back.
    fn is_doubtful(&self) -> bool {
        !(FURTHEST.recip()..=FURTHEST).contains(&self.factor) && (self.replaces || self.within || split(self.factor).is_none())
    }

    fn told(self) -> String {
        format!("the close moves by {}, where new bars meet stored ones", by(self.factor, self.at))
    }
}

impl Moves {
    fn among(places: &[Place], before: impl Fn(BarTime) -> Option<Bar>, extreme: f64) -> Self {
        let mut all = Self::default();
        let mut far: Option<f64> = None;
        for (a, b, factor) in moves(places.iter().map(|place| &place.bar), extreme) {
            let (a, b) = (&places[a], &places[b]);
            if a.stays || b.stays || a.is_replaced || b.is_replaced {
                continue;
            }
            let was = before(a.bar.time()).zip(before(b.bar.time())).and_then(|(a, b)| step(&a, &b));
            if was.is_none_or(|was| !is_extreme(was, extreme)) {
                let is_near = b.bar.time().seconds() - a.bar.time().seconds() <= DAYS;
                let is_far = is_near && !(FURTHEST.recip()..=FURTHEST).contains(&factor);
                // A stretch of another scale begins and ends; prices as they were traded stay where a split took them.
                let is_back = is_far && far.is_some_and(|before| (before * factor - 1.0).abs() <= BACK);
                let is_doubtful = is_back || is_near && size(factor) > WILD && split(factor).is_none();
                far = Some(factor).filter(|_| is_far).or(far);
                all = all.and(Self { count: 1, furthest: Some((b.bar.time(), factor)), is_doubtful });
            }
        }
        all
    }

    fn and(self, other: Self) -> Self {
        let furthest = [self.furthest, other.furthest].into_iter().flatten().max_by(|a, b| size(a.1).total_cmp(&size(b.1)));
        Self { count: self.count + other.count, furthest, is_doubtful: self.is_doubtful || other.is_doubtful }
    }

    fn told(self, extreme: f64) -> Option<String> {
        let (at, factor) = self.furthest?;
        let percent = (extreme * 1e4).round() / 100.0;
        Some(match self.count {
            1 => format!("the close moves by {}, among the new bars", by(factor, at)),
            n => format!("{n} closes among the new bars move by more than {percent} %, the furthest by {}", by(factor, at)),
        })
    }
}

/// A move in words, and when.
fn by(factor: f64, at: BarTime) -> String {
    let like = split(factor).map(|(new, old)| format!(" (as after a split {new}:{old})")).unwrap_or_default();
    format!("{}{like} at {at}", moved(factor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bars::compare::compare;
    use crate::bars::testing::{closes, split};
    use crate::model::bars::Volume;

    fn met(stored: &[Bar], fetched: &[Bar]) -> Meeting {
        Meeting::of(&compare(stored, fetched), stored, fetched, 0.2, |_| false)
    }

    #[test]
    fn another_paper_is_told_from_corrections_and_splits() {
        let stored = closes(0, &[50.0, 51.0, 52.0, 53.0, 54.0, 55.0, 54.0, 53.0, 52.0, 51.0]);
        // Its bars are like nothing that is stored.
        let other = closes(4, &[20.0, 25.0, 21.0, 20.5, 20.0, 19.0, 18.0]);
        let why = met(&stored, &other).doubt().unwrap();
        let words =
            "6 of the 6 bars that are stored already have quite another close (by more than 2 %), and no split or dividend explains it";
        assert_eq!(why, words);
        // A split is, whether all of it or the days before a dividend.
        assert_eq!(met(&stored, &split(&stored, 0.5)).doubt(), None);
        assert!(met(&stored, &split(&stored, 0.5)).told(0.2).unwrap().starts_with("10 stored bars were re-based by 0.5"));
        // Two bars that are put right, however wrong they were.
        let mut wrong = stored.clone();
        (wrong[4], wrong[9]) = (closes(4, &[3.7])[0], closes(9, &[510.0])[0]);
        assert_eq!(met(&wrong, &stored).doubt(), None);
        assert_eq!(met(&wrong, &stored[4..5]).doubt(), None, "it mends a jump");
        assert!(met(&stored, &wrong[4..5]).doubt().unwrap().contains("% at 1970-01-0"), "and that makes one");
    }

    #[test]
    fn a_split_lies_at_an_end_and_not_between() {
        let stored = [closes(0, &[100.0, 101.0]), closes(3, &[100.5, 100.0])].concat();
        // 5:1 down, and up again on the next day.
        let spike = closes(2, &[20.0]);
        assert!(met(&stored, &spike).doubt().unwrap().contains("(as after a split"));
        assert_eq!(met(&stored[..2], &spike).doubt(), None, "at the end it may be one");
        let halved = [closes(0, &[100.0, 101.0]), closes(3, &[20.5, 20.0])].concat();
        assert_eq!(met(&halved, &spike).doubt(), None, "so it may where what is stored has it");
        assert_eq!(met(&stored[2..], &spike).doubt(), None, "and at the beginning");
    }

    #[test]
    fn what_joins_with_a_jump_is_doubted_and_an_ordinary_day_is_not() {
        let stored = closes(0, &[50.0, 51.0, 52.0]);
        assert_eq!(met(&stored, &closes(3, &[60.0, 61.0])).told(0.2), None);
        let fell = met(&stored, &closes(3, &[38.0, 37.0]));
        assert_eq!(fell.doubt(), None);
        assert_eq!(fell.told(0.2).unwrap(), "the close moves by -26.9 % at 1970-01-04, where new bars meet stored ones");
        assert!(met(&stored, &closes(3, &[20.0])).doubt().is_some() && met(&closes(3, &[20.0]), &stored).doubt().is_some());
        assert_eq!(met(&stored, &closes(60, &[20.0])).doubt(), None, "months later anything may be");
        // Prices as they were traded, on the day of a split.
        let day = met(&stored, &closes(3, &[26.1]));
        assert!(day.doubt().is_none() && day.told(0.2).unwrap().contains("-49.8 % (as after a split 2:1)"), "{day:?}");
        // Half of a split: two scales in one series.
        let half = met(&closes(0, &[50.0, 51.0, 52.0, 53.0, 52.0, 51.0]), &split(&closes(3, &[53.0, 52.0, 51.0]), 0.5));
        assert!(half.doubt().unwrap().contains("where new bars meet stored ones"), "{half:?}");
        // Unless the rest of the same file has the others.
        let all = closes(0, &[50.0, 51.0, 52.0, 53.0, 52.0, 51.0]);
        let part = split(&all[..3], 0.5);
        assert_eq!(Meeting::of(&compare(&all, &part), &all, &part, 0.2, |time| time >= all[3].time()).doubt(), None);
    }

    #[test]
    fn jumps_among_new_bars_are_told_and_those_that_were_there_are_not() {
        let stored = closes(0, &[50.0, 51.0, 20.0, 21.0]);
        let told = |fetched: &[Bar]| met(&stored, fetched).told(0.2);
        assert_eq!(told(&closes(3, &[21.0, 22.0])), None);
        let one = "the close moves by -49.1 % (as after a split 2:1) at 1970-01-06, among the new bars";
        assert_eq!(told(&closes(4, &[22.0, 11.2])).unwrap(), one);
        let two = "2 closes among the new bars move by more than 20 %, the furthest by -72.7 % at 1970-01-06";
        assert_eq!(told(&closes(4, &[22.0, 6.0, 5.0, 7.0])).unwrap(), two);
        // Bars that change a little jump no further than they did.
        assert_eq!(told(&closes(1, &[51.1, 20.1, 21.0])), None);
        // A bar without a price is no move.
        let mut halted = closes(4, &[22.0, 22.0, 22.5]);
        halted[1] = Bar::new(halted[1].time(), 0.0, 0.0, 0.0, 0.0, Volume::Whole(0)).unwrap();
        assert_eq!(moves(halted.iter(), 0.2).count(), 0);
    }
}
