//! Bars that are missing within a day of an intraday series.
//!
//! Which bars a day may have is learned from the other days of the same series (of one day alone, from the hours of its exchange):
//! so lunch breaks, auctions, trading before and after hours and around the clock need no calendar. How often each of them is
//! missing on ordinary days says how likely a day lacks a stretch of them: it is told where chance does not make one in all that
//! is looked at. So a minute of a thin paper is no news and its hour is, and in a series that is whole otherwise every single bar.
//!
//! What every day lacks is not seen, nor what a fifth of the days lack alike. Days without trading are no days here.

use crate::model::bars::{Bar, BarTime, Exchange, Interval, Issue, Range};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use std::collections::BTreeMap;
use std::ops;

/// Bars are looked at that one of so many other days has: what is seldom there says nothing when it is not.
const SELDOM: usize = 5;
/// Chance takes nothing out of what lacks no more than this part.
const WHOLE: f64 = 1e-3;
/// Stretches that chance may make in all that is looked at.
const BY_CHANCE: f64 = 0.1;
const DAY: i32 = 86_400;

/// Seconds since midnight at the exchange.
type Slot = i32;

struct Day {
    date: Date,
    /// When its bars begin.
    slots: Vec<Slot>,
    /// Where bars may be expected of it.
    window: ops::Range<Slot>,
}

/// `is_over` says of the last day whether its last bar is to be there.
pub(super) fn holes(exchange: &Exchange, interval: Interval, bars: &[Bar], range: Range, is_over: impl Fn(Date) -> bool) -> Vec<Issue> {
    let Some(length) = interval.length_seconds().and_then(|l| Slot::try_from(l).ok()) else { return Vec::new() };
    let days = days(exchange, bars, range, is_over);
    let usual = usual(exchange, &days, length);
    let lacks: Vec<Vec<Run>> = days.iter().map(|day| lacks(exchange, day, &usual, length)).collect();
    let judge = Judge::new(&days, &usual, &lacks);
    let mut found = Vec::new();
    for (number, day) in days.iter().enumerate() {
        for (run, missing) in judge.told(number) {
            let [Some(from), Some(to)] = [run.start, run.end - 1].map(|index| at(exchange, day.date, usual[index])) else { continue };
            found.push(Issue::Gap { from, to, missing });
        }
    }
    found
}

fn days(exchange: &Exchange, bars: &[Bar], range: Range, is_over: impl Fn(Date) -> bool) -> Vec<Day> {
    let local = |time: BarTime| Timestamp::from_second(time.seconds()).map(|t| exchange.zone().to_datetime(t)).ok();
    let times: Vec<DateTime> = bars.iter().filter_map(|bar| local(bar.time())).collect();
    let mut days: Vec<Day> = times
        .chunk_by(|a, b| a.date() == b.date())
        .filter(|times| !exchange.rests_on(times[0].date()))
        .map(|times| {
            let date = times[0].date();
            let mut slots: Vec<Slot> = times.iter().map(|t| slot(t.time())).collect();
            // An hour that the clock has twice.
            slots.sort_unstable();
            slots.dedup();
            Day { date, slots, window: 0..exchange.ends_early(date).map_or(DAY, slot) }
        })
        .collect();
    // What stands before the first bar is not looked at, nor what has not come yet.
    if let Some(first) = days.first_mut() {
        first.window.start = first.slots[0];
    }
    if let Some(last) = days.last_mut() {
        if !is_over(last.date) {
            last.window.end = last.window.end.min(last.slots[last.slots.len() - 1] + 1);
        }
        if let Some(end) = local(range.to).filter(|end| end.date() == last.date) {
            last.window.end = last.window.end.min(slot(end.time()) + 1);
        }
    }
    days
}

fn slot(time: Time) -> Slot {
    Slot::from(time.hour()) * 3600 + Slot::from(time.minute()) * 60 + Slot::from(time.second())
}

/// When bars begin that other days have, too.
fn usual(exchange: &Exchange, days: &[Day], length: Slot) -> Vec<Slot> {
    let mut counts: BTreeMap<Slot, usize> = BTreeMap::new();
    for day in days {
        for slot in day.slots.iter().filter(|slot| day.window.contains(slot)) {
            *counts.entry(*slot).or_default() += 1;
        }
    }
    let mut all = days.len();
    if all == 1 {
        // The hours of the exchange are the other day.
        all += 1;
        let slots = |(open, close): &(Time, Time)| (slot(*open)..slot(*close)).step_by(usize::try_from(length).unwrap_or(usize::MAX));
        for slot in exchange.hours().iter().flat_map(slots) {
            *counts.entry(slot).or_default() += 1;
        }
    }
    let limited: Vec<&Day> = days.iter().filter(|day| day.window != (0..DAY)).collect();
    let is_usual = |(slot, count): &(Slot, usize)| {
        // Of days that could have it, but for the one that lacks it.
        let others = all - limited.iter().filter(|day| !day.window.contains(slot)).count() - 1;
        others > 0 && *count * SELDOM >= others
    };
    counts.into_iter().filter(is_usual).map(|(slot, _)| slot).collect()
}

/// Bars that follow one another, as places among the usual ones.
type Run = ops::Range<usize>;

fn expected(day: &Day, usual: &[Slot]) -> Run {
    let place = |end: Slot| usual.partition_point(|slot| *slot < end);
    place(day.window.start)..place(day.window.end).max(place(day.window.start))
}

/// The stretches of usual bars that a day has none of.
fn lacks(exchange: &Exchange, day: &Day, usual: &[Slot], length: Slot) -> Vec<Run> {
    let expected = expected(day, usual);
    let has = |slot: &Slot| day.slots.binary_search(slot).is_ok();
    let (mut runs, mut end) = (Vec::new(), expected.start);
    for part in usual[expected.clone()].chunk_by(|a, b| has(a) == has(b)) {
        let start = end;
        end += part.len();
        if !has(&part[0]) && (exchange.is_known() || !is_shifted(day, &usual[expected.clone()], part, length)) {
            runs.push(start..end);
        }
    }
    runs
}

/// Whether a day begins as much earlier as it ends, or ends as much later as it begins: where the zone is not known, clocks that
/// go forward or back move the whole session.
fn is_shifted(day: &Day, expected: &[Slot], run: &[Slot], length: Slot) -> bool {
    let ([first, ..], [.., last]) = (expected, expected) else { return false };
    let reach = Slot::try_from(run.len()).unwrap_or(DAY).saturating_mul(length);
    let has = |slots: ops::Range<Slot>| day.slots.iter().filter(|slot| slots.contains(slot)).count() >= run.len();
    (run.last() == Some(last) && has(first - reach..*first)) || (run.first() == Some(first) && has(last + 1..last + reach + 1))
}

/// Tells what is missing from what was not traded, by the ordinary days: all but the worst fifth, and those no worse than they.
struct Judge<'a> {
    days: &'a [Day],
    usual: &'a [Slot],
    lacks: &'a [Vec<Run>],
    ordinary: Vec<bool>,
    /// Of each usual bar: how many of the ordinary days might have it, and how many of these lack it.
    counts: Vec<(usize, usize)>,
    /// How often any bar is missing on them.
    rate: f64,
    /// What is less likely is told.
    limit: f64,
}

impl<'a> Judge<'a> {
    fn new(days: &'a [Day], usual: &'a [Slot], lacks: &'a [Vec<Run>]) -> Self {
        let expected: Vec<Run> = days.iter().map(|day| expected(day, usual)).collect();
        let shares: Vec<f64> = lacks.iter().zip(&expected).map(|(runs, all)| length(runs) as f64 / all.len().max(1) as f64).collect();
        let mut sorted = shares.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.truncate((sorted.len() * 4 / 5).max(1));
        let worst = sorted.last().copied().unwrap_or_default();
        let ordinary: Vec<bool> = shares.iter().map(|share| *share <= worst).collect();
        let mut counts = vec![(0, 0); usual.len()];
        for number in (0..days.len()).filter(|number| ordinary[*number]) {
            expected[number].clone().for_each(|index| counts[index].0 += 1);
            lacks[number].iter().cloned().flatten().for_each(|index| counts[index].1 += 1);
        }
        let rate = shares.iter().filter(|share| **share <= worst).sum::<f64>() / ordinary.iter().filter(|is| **is).count().max(1) as f64;
        let limit = BY_CHANCE / expected.iter().map(ExactSizeIterator::len).sum::<usize>().max(1) as f64;
        Self { days, usual, lacks, ordinary, counts, rate: by_chance(rate), limit }
    }

    /// What a day lacks but not by chance, and how many bars were to be expected there.
    fn told(&self, number: usize) -> Vec<(Run, u64)> {
        let runs = &self.lacks[number];
        let all = expected(&self.days[number], self.usual);
        let missing: Vec<f64> = self.missing(number, &all);
        let here = |run: &Run| run.start - all.start..run.end - all.start;
        // No bar is more certain than all are together: what few days say of one is little.
        let rates: Vec<f64> = missing.iter().map(|part| by_chance(*part).max(self.rate)).collect();
        let (lacked, usually): (usize, f64) = (length(runs), rates.iter().sum());
        let is_told = |run: &&Run| {
            let rates = &rates[here(run)];
            // On a quiet day, as the rest of it says, more is missing everywhere.
            let rest = (usually - rates.iter().sum::<f64>()).max(0.0);
            let quiet = ((lacked - run.len() + 1) as f64 / (rest + 1.0)).max(1.0);
            rates.iter().map(|rate| (rate * quiet).min(1.0)).product::<f64>() < self.limit
                && by_chance(self.alike(number, run)) < self.limit
        };
        let bars = |run: &Run| missing[here(run)].iter().map(|part| 1.0 - part).sum::<f64>().round().max(1.0) as u64;
        runs.iter().filter(is_told).map(|run| (run.clone(), bars(run))).collect()
    }

    /// How often each of a day's bars is missing on the other ordinary days.
    fn missing(&self, number: usize, all: &Run) -> Vec<f64> {
        let own = usize::from(self.ordinary[number]);
        let mut parts: Vec<f64> = self.counts[all.clone()].iter().map(|(days, lacking)| part(*lacking, days - own)).collect();
        if own == 1 {
            for index in self.lacks[number].iter().cloned().flatten() {
                let (days, lacking) = self.counts[index];
                parts[index - all.start] = part(lacking - own, days - own);
            }
        }
        parts
    }

    /// On how many of the other ordinary days a stretch is as good as missing: its bars hang together there.
    fn alike(&self, number: usize, run: &Run) -> f64 {
        let (first, last) = (self.usual[run.start], self.usual[run.end - 1]);
        let others =
            self.days.iter().enumerate().filter(|(other, day)| {
                *other != number && self.ordinary[*other] && day.window.contains(&first) && day.window.contains(&last)
            });
        let place = |day: &Day, end: Slot| day.slots.partition_point(|slot| *slot < end);
        let (mut all, mut alike) = (0, 0);
        for (_, day) in others {
            all += 1;
            alike += usize::from((place(day, last + 1) - place(day, first)) * 10 <= run.len());
        }
        part(alike, all)
    }
}

fn length(runs: &[Run]) -> usize {
    runs.iter().map(ExactSizeIterator::len).sum()
}

fn part(some: usize, all: usize) -> f64 {
    some as f64 / all.max(1) as f64
}

fn by_chance(part: f64) -> f64 {
    if part <= WHOLE { 0.0 } else { part }
}

fn at(exchange: &Exchange, date: Date, slot: Slot) -> Option<BarTime> {
    let part = |n: Slot| i8::try_from(n).ok();
    let time = Time::new(part(slot / 3600)?, part(slot / 60 % 60)?, part(slot % 60)?, 0).ok()?;
    let instant = exchange.zone().to_ambiguous_timestamp(date.to_datetime(time)).compatible().ok()?;
    BarTime::new(instant.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bars::testing::symbol;
    use crate::model::bars::{Exchanges, Holidays, Volume};
    use jiff::ToSpan as _;
    use jiff::civil::{date, time};

    /// A series: which bars of which days it has, by the zone's own clock.
    fn series(zone: &str, length: Slot, days: std::ops::RangeInclusive<Date>, mut has: impl FnMut(Date, Slot) -> bool) -> Vec<Bar> {
        let zone = jiff::tz::TimeZone::get(zone).unwrap();
        let all = days.start().series(1.day()).take_while(|day| day <= days.end());
        let mut bars = Vec::new();
        for day in all {
            for slot in (0..DAY).step_by(length as usize).filter(|slot| has(day, *slot)).collect::<Vec<_>>() {
                let clock = time((slot / 3600) as i8, (slot / 60 % 60) as i8, 0, 0);
                let second = day.to_datetime(clock).to_zoned(zone.clone()).unwrap().timestamp().as_second();
                bars.push(Bar::new(BarTime::new(second).unwrap(), 1.0, 2.0, 0.5, 1.5, Volume::Whole(7)).unwrap());
            }
        }
        bars
    }

    fn told(holidays: &str, paper: &str, interval: Interval, bars: &[Bar]) -> Vec<String> {
        let all = Exchanges::new(&Holidays::parse(holidays).unwrap()).unwrap();
        holes(all.of(&symbol(paper)), interval, bars, Range::ALL, |_| true).iter().map(ToString::to_string).collect()
    }

    fn hm(hour: Slot, minute: Slot) -> Slot {
        hour * 3600 + minute * 60
    }

    fn is_weekday(day: Date) -> bool {
        day.weekday().to_monday_zero_offset() < 5
    }

    #[test]
    fn a_lunch_break_is_none_and_an_early_close_is_known() {
        let open = |slot: Slot| (hm(9, 30)..hm(12, 0)).contains(&slot) || (hm(13, 0)..hm(16, 0)).contains(&slot);
        let eve = date(2024, 2, 9);
        let bars = series("Asia/Hong_Kong", 300, date(2024, 1, 22)..=eve, |day, slot| {
            is_weekday(day) && open(slot) && (day != eve || slot < hm(12, 0))
        });
        assert_eq!(told("HK 2024-02-09 12:00", "HK.00700", Interval::M5, &bars), [""; 0]);
        let whole = told("", "HK.00700", Interval::M5, &bars);
        assert_eq!(whole, ["2024-02-09T05:00:00 to 2024-02-09T07:55:00: 36 bars missing"]);
        // New York's are known by rule, and trading after hours that ends early as well.
        let late = date(2024, 11, 29);
        let bars = series("America/New_York", 1800, date(2024, 11, 11)..=late, |day, slot| {
            is_weekday(day) && day != date(2024, 11, 28) && (hm(4, 0)..if day == late { hm(17, 0) } else { hm(20, 0) }).contains(&slot)
        });
        assert_eq!(told("", "US.AAPL", Interval::M30, &bars), [""; 0]);
    }

    #[test]
    fn one_day_alone_is_held_against_the_hours_of_its_exchange() {
        let day = date(2024, 3, 5);
        let bars = |zone: &str| {
            series(zone, 60, day..=day, |_, slot| {
                ((hm(9, 30)..hm(11, 30)).contains(&slot) || (hm(13, 0)..hm(15, 0)).contains(&slot))
                    && !(hm(10, 10)..hm(10, 15)).contains(&slot)
            })
        };
        let shanghai = bars("Asia/Shanghai");
        assert_eq!(told("", "600519", Interval::M1, &shanghai), ["2024-03-05T02:10:00 to 2024-03-05T02:14:00: 5 bars missing"]);
        // Of a place that nobody knows one day says nothing, two do.
        assert_eq!(told("", "X.L", Interval::M1, &shanghai), [""; 0]);
        let two =
            series("UTC", 60, day..=date(2024, 3, 6), |d, slot| (600..6000).contains(&slot) && (d != day || !(1200..1500).contains(&slot)));
        assert_eq!(told("", "X.L", Interval::M1, &two), ["2024-03-05T00:20:00 to 2024-03-05T00:24:00: 5 bars missing"]);
    }

    /// A paper of New York that trades in so many of its minutes, from the eleventh of March 2024 on.
    fn thin(traded: f64, sessions: usize, lost: &ops::Range<DateTime>, quiet: Option<Date>) -> Vec<Bar> {
        let mut seed = 7u64;
        let mut chance = move || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as f64 / f64::from(1u32 << 31)
        };
        let all = Exchanges::new(&Holidays::default()).unwrap();
        let us = all.of(&symbol("US.THIN"));
        let first = date(2024, 3, 11);
        let days: Vec<Date> = first.series(1.day()).filter(|day| us.trades_on(*day)).take(sessions).collect();
        series("America/New_York", 60, first..=days[sessions - 1], |day, slot| {
            let is_lost = lost.contains(&day.at((slot / 3600) as i8, (slot / 60 % 60) as i8, 0, 0));
            let traded = if quiet == Some(day) { traded / 2.0 } else { traded };
            days.contains(&day) && (hm(9, 30)..hm(16, 0)).contains(&slot) && chance() < traded && !is_lost
        })
    }

    #[test]
    fn minutes_without_a_trade_are_no_gap_and_hours_without_data_are() {
        let hours = |from: i8, to: i8| date(2024, 3, 20).at(from, 0, 0, 0)..date(2024, 3, 20).at(to, 0, 0, 0);
        let quiet = Some(date(2024, 3, 19));
        let none = [(0.3, 55), (0.6, 24), (0.6, 55), (0.8, 55), (0.85, 10), (0.9, 25), (0.95, 25), (0.98, 25), (0.995, 25), (1.0, 25)];
        for (traded, sessions) in none {
            let found = told("", "US.THIN", Interval::M1, &thin(traded, sessions, &hours(0, 0), None));
            assert_eq!(found, [""; 0], "{traded} {sessions}");
        }
        for traded in [0.6, 0.9] {
            let found = told("", "US.THIN", Interval::M1, &thin(traded, 55, &hours(0, 0), quiet));
            assert_eq!(found, [""; 0], "{traded}, and half as much on one day");
        }
        let lost = [
            (0.6, 55, 12, 13),
            (0.8, 55, 12, 13),
            (0.6, 55, 12, 16),
            (0.3, 55, 12, 16),
            (0.85, 10, 12, 13),
            (0.6, 24, 13, 14),
            (0.95, 25, 12, 13),
            (0.995, 25, 12, 13),
            (1.0, 25, 12, 13),
        ];
        for (traded, sessions, from, to) in lost {
            let all = Exchanges::new(&Holidays::default()).unwrap();
            let (lost, bars) = (hours(from, to), thin(traded, sessions, &hours(from, to), quiet.filter(|_| traded == 0.9)));
            let found = holes(all.of(&symbol("US.THIN")), Interval::M1, &bars, Range::ALL, |_| true);
            let [Issue::Gap { from, to, missing }] = found[..] else { panic!("{traded} {lost:?}: {found:?}") };
            // Minutes beside the hole that were not traded cannot be told from it, nor those that hardly any day has.
            let second = |time: DateTime| time.in_tz("America/New_York").unwrap().timestamp().as_second();
            let (begin, end) = (second(lost.start), second(lost.end) - 60);
            let near = if traded < 0.5 { 15 * 60 } else { 8 * 60 };
            assert!((from.seconds() - begin).abs() <= near && (to.seconds() - end).abs() <= near, "{traded} {lost:?}: {found:?}");
            let expected = traded * ((end - begin) / 60 + 1) as f64;
            assert!((missing as f64 - expected).abs() <= 4.0 + expected * 0.1, "{traded} {lost:?}: {found:?}, {expected} expected");
        }
    }

    #[test]
    fn hours_that_a_part_of_the_days_has_are_no_gap_of_the_others() {
        // From some day on the source has what is traded before the session, too.
        for since in [date(2024, 3, 22), date(2024, 3, 28), date(2024, 4, 8)] {
            for (zone, paper) in [("America/New_York", "US.AAPL"), ("UTC", "X.L")] {
                let bars = series(zone, 300, date(2024, 3, 11)..=date(2024, 4, 12), |day, slot| {
                    is_weekday(day) && day != date(2024, 3, 29) && (hm(if day < since { 9 } else { 4 }, 30)..hm(16, 0)).contains(&slot)
                });
                assert_eq!(told("", paper, Interval::M5, &bars), [""; 0], "{since} {paper}");
            }
        }
    }

    #[test]
    fn a_day_without_trading_is_neither_judged_nor_counted() {
        // Saturdays with one bar each, and a Friday that lacks one.
        let bars = series("America/New_York", 300, date(2024, 3, 4)..=date(2024, 3, 23), |day, slot| {
            let weekday = (hm(9, 30)..hm(16, 0)).contains(&slot) && !(day == date(2024, 3, 15) && slot == hm(11, 0));
            if is_weekday(day) { weekday } else { day.weekday() == jiff::civil::Weekday::Saturday && slot == hm(12, 0) }
        });
        assert_eq!(told("", "US.AAPL", Interval::M5, &bars), ["2024-03-15T15:00:00: no bar"]);
        // Beside one session alone it is no other day.
        let two = series("America/New_York", 300, date(2024, 3, 15)..=date(2024, 3, 16), |day, slot| {
            if is_weekday(day) {
                (hm(9, 30)..hm(16, 0)).contains(&slot) && !(hm(11, 0)..hm(12, 0)).contains(&slot)
            } else {
                slot == hm(12, 0)
            }
        });
        assert_eq!(told("", "US.AAPL", Interval::M5, &two), ["2024-03-15T15:00:00 to 2024-03-15T15:55:00: 12 bars missing"]);
    }

    #[test]
    fn a_session_that_a_clock_moves_is_whole() {
        // London's hours, in UTC: an hour earlier from the end of March on.
        for last in [date(2024, 4, 3), date(2024, 4, 8), date(2024, 4, 12), date(2024, 4, 30), date(2024, 7, 30)] {
            let bars = series("Europe/London", 300, date(2024, 3, 4)..=last, |day, slot| {
                is_weekday(day) && (hm(8, 0)..hm(16, 30)).contains(&slot)
            });
            assert_eq!(told("", "VOD.L", Interval::M5, &bars), [""; 0], "{last}");
        }
    }

    #[test]
    fn a_day_that_is_not_over_lacks_nothing_yet() {
        let bars = series("America/New_York", 300, date(2024, 3, 11)..=date(2024, 3, 15), |day, slot| {
            (hm(9, 30)..hm(16, 0)).contains(&slot)
                && !(day == date(2024, 3, 15) && slot >= hm(12, 0))
                && !(day == date(2024, 3, 11) && slot < hm(11, 0))
                && !(day == date(2024, 3, 15) && (hm(10, 0)..hm(10, 10)).contains(&slot))
        });
        let all = Exchanges::new(&Holidays::default()).unwrap();
        let us = all.of(&symbol("US.AAPL"));
        let now = holes(us, Interval::M5, &bars, Range::ALL, |_| false);
        assert_eq!(now.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2024-03-15T14:00:00 to 2024-03-15T14:05:00: 2 bars missing"]);
        assert_eq!(holes(us, Interval::M5, &bars, Range::ALL, |_| true).len(), 2);
        let noon = BarTime::new("2024-03-15T16:30:00Z".parse::<Timestamp>().unwrap().as_second()).unwrap();
        let part = holes(us, Interval::M5, &bars, Range { to: noon, ..Range::ALL }, |_| true);
        assert!(part[1].to_string().ends_with("2024-03-15T16:30:00: 7 bars missing"), "{part:?}");
    }
}
