//! Whether bars can be of the length that they are said to have, by when they begin.
//!
//! Asked by imports (of each symbol's whole file) and tasks (of what a source said), before anything is written. Bars of a day or
//! more have one name a day, whatever their time of day: here it is about the shorter ones. Exchanges begin when they like, so
//! there is no grid that all of them keep: an hour's bars begin at 9:30 in New York, at 9:30 and 13:00 in Hong Kong, at full hours
//! and half ones where the hours before and after the session are among them. But a session's bars begin a length apart, and there
//! are few sessions. Refused is what no exchange explains: bars of which every fifth begins while the one before is not over and is
//! itself not over when the next begins; or of which every fifth begins at none of the few offsets that most have (a bar that
//! ends a day does when the day's trading ends); or dates without any time of day.

use crate::model::bars::{BarTime, Interval};
use std::collections::HashMap;

/// This part of the bars makes it certain.
const ONE_IN: u64 = 5;
/// A session has one bar of so many at least.
const SELDOM: u64 = 50;
/// Nothing that follows after this many seconds is of the same day's trading.
const NIGHT: i64 = 4 * 3600;
const HALF_HOUR: i64 = 1800;
/// As many bars say that longer ones were taken for them.
const ENOUGH: u64 = 10;

/// What bars look like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Why they are not of the interval.
    pub(super) refused: Option<String>,
    /// What is remarkable about them if they are.
    pub(super) told: Option<String>,
}

/// Looks at the times of one symbol's bars, which are in order, each once. `only_days`: none was written with a time of day.
pub(super) fn look(interval: Interval, times: impl IntoIterator<Item = BarTime>, only_days: bool) -> Seen {
    let Some(length) = interval.length_seconds() else { return Seen::default() };
    if only_days {
        let refused = Some(format!("not bars of {interval}: their times are days, without a time of day, as those of bars of 1d"));
        return Seen { refused, told: None };
    }
    let mut counts = Counts::new(length);
    times.into_iter().for_each(|time| counts.take(time.seconds()));
    counts.end();
    Seen { refused: counts.refused(interval), told: counts.told(interval) }
}

/// Bars that begin at one offset from the interval's multiples.
#[derive(Debug, Clone, Copy)]
struct Offset {
    seconds: i64,
    bars: u64,
    /// Of those: the last of a day's trading, whose offset says nothing.
    last: u64,
    first: i64,
}

struct Counts {
    length: i64,
    bars: u64,
    before: Option<i64>,
    /// The gap before the last bar is shorter than a bar.
    was_short: bool,
    /// By its seconds.
    offsets: HashMap<i64, Offset>,
    /// Shorter than a bar, how many of each.
    short: HashMap<i64, u64>,
    first_short: Option<i64>,
    /// Bars between two of these, and the first.
    squeezed: u64,
    first_squeezed: Option<i64>,
    /// Of gaps within a day: how many there are, the shortest, how many are as short, and what all are multiples of.
    gaps: u64,
    shortest: i64,
    as_short: u64,
    divisor: i64,
}

impl Counts {
    fn new(length: i64) -> Self {
        Self {
            length,
            bars: 0,
            before: None,
            was_short: false,
            offsets: HashMap::new(),
            short: HashMap::new(),
            first_short: None,
            squeezed: 0,
            first_squeezed: None,
            gaps: 0,
            shortest: i64::MAX,
            as_short: 0,
            divisor: 0,
        }
    }

    fn take(&mut self, time: i64) {
        if let Some(before) = self.before.replace(time) {
            self.gap(before, time - before);
        }
        self.bars += 1;
        let seconds = time.rem_euclid(self.length);
        self.offsets.entry(seconds).or_insert(Offset { seconds, bars: 0, last: 0, first: time }).bars += 1;
    }

    fn gap(&mut self, before: i64, gap: i64) {
        let is_short = gap < self.length;
        if is_short {
            *self.short.entry(gap).or_default() += 1;
            self.first_short.get_or_insert(before + gap);
            if self.was_short {
                self.squeezed += 1;
                self.first_squeezed.get_or_insert(before);
            }
        }
        self.was_short = is_short;
        if gap >= NIGHT {
            return self.last_of_a_day(before);
        }
        self.gaps += 1;
        self.divisor = divisor(self.divisor, gap);
        match gap.cmp(&self.shortest) {
            std::cmp::Ordering::Less => (self.shortest, self.as_short) = (gap, 1),
            std::cmp::Ordering::Equal => self.as_short += 1,
            std::cmp::Ordering::Greater => {}
        }
    }

    fn last_of_a_day(&mut self, time: i64) {
        if let Some(offset) = self.offsets.get_mut(&time.rem_euclid(self.length)) {
            offset.last += 1;
        }
    }

    fn end(&mut self) {
        if let Some(last) = self.before {
            self.last_of_a_day(last);
        }
    }

    /// Bars that begin at none of the offsets that most have, and the first of them.
    fn off(&self) -> (u64, i64) {
        // An hour is longer than what lies between some sessions, and before and after them.
        let sessions = if self.length >= 3600 { 3 } else { 2 };
        let mut offsets: Vec<Offset> = self.offsets.values().copied().collect();
        offsets.sort_unstable_by_key(|offset| (std::cmp::Reverse(offset.bars), offset.seconds));
        let is_session = |(place, offset): &(usize, &Offset)| *place < sessions && offset.bars * SELDOM >= self.bars;
        let off = offsets.iter().enumerate().filter(|found| !is_session(found) && found.1.bars > found.1.last);
        off.map(|(_, offset)| offset)
            .fold((0, i64::MAX), |(bars, first), offset| (bars + offset.bars - offset.last, first.min(offset.first)))
    }

    fn refused(&self, interval: Interval) -> Option<String> {
        let Self { bars, squeezed, .. } = self;
        let (off, first_off) = self.off();
        let (what, first) = if *squeezed > 0 && squeezed * ONE_IN >= *bars {
            (format!("{squeezed} of {bars} begin and end while others are not over"), self.first_squeezed?)
        } else if off > 1 && off * ONE_IN >= *bars {
            (format!("{off} of {bars} begin at odd times between them"), first_off)
        } else {
            return None;
        };
        let like = self.like().map_or_else(String::new, |like| format!("; they look like bars of {like}"));
        Some(format!("not bars of {interval}: {what}, the first at {}{like}", written(first)))
    }

    /// The length that explains the gaps.
    fn like(&self) -> Option<Interval> {
        let usual = self.short.iter().max_by_key(|(gap, count)| (**count, -**gap)).map(|(gap, _)| *gap);
        let fits = |of: i64| Interval::ALL.into_iter().rev().find(|i| i.length_seconds().is_some_and(|l| l < self.length && of % l == 0));
        usual.and_then(fits).or_else(|| fits(self.divisor))
    }

    fn told(&self, interval: Interval) -> Option<String> {
        let (off, first) = self.off();
        if off > 0 {
            let bars = if off == 1 { "a bar begins".to_owned() } else { format!("{off} bars begin") };
            return Some(format!("{bars} at an odd time for bars of {interval}, the first at {}", written(first)));
        }
        // Sessions begin at full hours and half ones, so that of longer bars this is none of their faults.
        if let Some(first) = self.first_short.filter(|_| self.length <= HALF_HOUR) {
            let bars = match self.short.values().sum::<u64>() {
                1 => "a bar begins".to_owned(),
                n => format!("{n} bars begin"),
            };
            return Some(format!("{bars} before the one before is over, which bars of {interval} do not, the first at {}", written(first)));
        }
        let longer = Interval::ALL.into_iter().find(|i| i.length_seconds() == Some(self.shortest) && self.shortest > self.length)?;
        let is_like = self.gaps >= ENOUGH && self.divisor == self.shortest && self.as_short * 2 >= self.gaps;
        is_like.then(|| format!("all bars begin {longer} apart, or a multiple of it, as bars of {longer} do: is the interval {interval}?"))
    }
}

fn divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { divisor(b, a % b) }
}

fn written(seconds: i64) -> String {
    BarTime::new(seconds).map(|time| format!("{time}Z")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Interval::{D1, H1, M1, M5, M15, M30};

    /// Minutes of days, each day the same.
    fn days(count: i64, minutes: impl IntoIterator<Item = i64> + Clone) -> Vec<BarTime> {
        (19_000..19_000 + count)
            .flat_map(|day| minutes.clone().into_iter().map(move |m| BarTime::new(day * 86_400 + m * 60).unwrap()))
            .collect()
    }
    fn every(step: i64, from: i64, to: i64) -> Vec<i64> {
        (from..to).step_by(usize::try_from(step).unwrap()).collect()
    }
    const BELL: i64 = 9 * 60 + 30;
    const CLOSE: i64 = 16 * 60;

    #[test]
    fn what_exchanges_do_is_legal() {
        let hong_kong = |step| [every(step, BELL, 12 * 60), every(step, 13 * 60, CLOSE)].concat();
        let around = |step| [every(step, 4 * 60, BELL), every(step, BELL, CLOSE), every(step, CLOSE, 20 * 60)].concat();
        for interval in [M1, M5, M15, M30, H1] {
            let step = interval.length_seconds().unwrap() / 60;
            for count in [1, 2, 30] {
                for minutes in [every(step, BELL, CLOSE), every(step, 3, 1440), hong_kong(step), around(step)] {
                    assert_eq!(look(interval, days(count, minutes), false), Seen::default(), "{interval}");
                }
            }
            assert_eq!(look(interval, [], false), Seen::default());
        }
        // A bar that ends the day when trading ends, to the second; an auction before it begins; four hours' bars of hours.
        let ended = |n: i64| BarTime::new((19_000 + n) * 86_400 + CLOSE * 60 - 2 - n).unwrap();
        let mut partial: Vec<BarTime> = (0..20).map(ended).chain(days(20, every(60, BELL, CLOSE - 30))).collect();
        partial.sort_unstable();
        assert_eq!(look(H1, partial, false), Seen::default());
        assert_eq!(look(H1, days(20, [9 * 60 + 25, BELL, BELL + 60, 13 * 60, 14 * 60]), false), Seen::default());
        assert_eq!(look(H1, days(20, [BELL, BELL + 240]), false).refused, None);
        // A thin paper, and one that is only traded at an auction.
        assert_eq!(look(M5, days(9, [BELL, BELL + 5, BELL + 65, CLOSE - 5]), false), Seen::default());
        assert_eq!(look(M1, days(50, [CLOSE]), false), Seen::default());
    }

    #[test]
    fn shorter_bars_are_refused_and_named() {
        for (interval, step, like) in [(M5, 1, "1m"), (H1, 1, "1m"), (H1, 5, "5m"), (H1, 30, "30m"), (M30, 15, "15m"), (H1, 10, "5m")] {
            let why = look(interval, days(1, every(step, BELL, CLOSE)), false).refused.unwrap();
            assert!(why.starts_with(&format!("not bars of {interval}: ")) && why.ends_with(&format!("look like bars of {like}")), "{why}");
        }
        let why = look(M5, days(1, [BELL, BELL + 1, BELL + 2]), false).refused.unwrap();
        assert_eq!(
            why,
            "not bars of 5m: 1 of 3 begin and end while others are not over, the first at 2022-01-08T09:31:00Z; they look like bars of 1m"
        );
        // Minutes of a thin paper seldom follow each other.
        let thin: Vec<i64> = (0..40).map(|n| BELL + n * 9 + (n * n) % 4).collect();
        let why = look(M5, days(3, thin), false).refused.unwrap();
        assert!(why.contains("begin at odd times between them") && why.ends_with("they look like bars of 1m"), "{why}");
        assert!(look(M5, days(3, [0]), true).refused.unwrap().contains("as those of bars of 1d"));
        assert_eq!(look(D1, days(3, [0]), true), Seen::default());
    }

    #[test]
    fn what_is_odd_and_not_wrong_is_told() {
        let mut minutes = every(5, BELL, CLOSE);
        minutes.extend([BELL + 7, BELL + 11, BELL + 23]);
        minutes.sort_unstable();
        let seen = look(M5, days(1, minutes), false);
        assert_eq!(
            (seen.refused, seen.told.as_deref()),
            (None, Some("3 bars begin at an odd time for bars of 5m, the first at 2022-01-08T09:37:00Z"))
        );
        // Too few to say which of them is wrong.
        let many = [every(5, BELL, BELL + 40), vec![BELL + 37, BELL + 40]].concat();
        for (mut minutes, first) in [(vec![BELL, BELL + 1], "09:31"), (many, "10:07")] {
            minutes.sort_unstable();
            let seen = look(M5, days(1, minutes), false);
            let told = seen.told.unwrap_or_default();
            assert_eq!(seen.refused, None);
            assert!(told.contains("before the one before is over, which bars of 5m do not") && told.contains(first), "{told}");
        }
        let told = look(M1, days(3, every(60, BELL, CLOSE)), false).told.unwrap();
        assert!(told.starts_with("all bars begin 1h apart"), "{told}");
    }
}
