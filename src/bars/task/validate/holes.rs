//! Bars that are missing within a day of an intraday series.
//!
//! Which bars a day has is learned from the other days of the same series (of one day alone, from the hours of its exchange): so
//! lunch breaks, auctions, trading before and after hours and around the clock need no calendar. Where nine of ten days have a
//! bar, the tenth lacks it. In a thin paper minutes without a trade are no news: there only stretches are told that chance does
//! not explain, from how often each bar is missing on other days; in a series that is whole otherwise every single bar.
//!
//! What every day lacks is not seen.

use crate::model::bars::{Bar, BarTime, Exchange, Interval, Issue, Range};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use std::collections::{BTreeMap, HashSet};
use std::ops;

/// A series that lacks no more than this part of its bars, but for its worst days, is whole: chance takes nothing out of it.
const WHOLE: f64 = 1e-3;
/// Stretches of other series that chance may make in all that is looked at, and the fewest bars of one.
const BY_CHANCE: f64 = 0.1;
const FEWEST: usize = 3;
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
    let lacks: Vec<Vec<&[Slot]>> = days.iter().map(|day| lacks(exchange, day, &usual, length)).collect();
    let judge = Judge::new(&lacks, days.iter().map(|day| expected(day, &usual).len()).collect());
    let mut found = Vec::new();
    for (number, day) in days.iter().enumerate() {
        for run in lacks[number].iter().filter(|run| !judge.is_chance(number, run)) {
            let [Some(from), Some(to)] = [run.first(), run.last()].map(|slot| at(exchange, day.date, *slot?)) else { continue };
            found.push(Issue::Gap { from, to, missing: run.len() as u64 });
        }
    }
    found
}

fn days(exchange: &Exchange, bars: &[Bar], range: Range, is_over: impl Fn(Date) -> bool) -> Vec<Day> {
    let local = |time: BarTime| Timestamp::from_second(time.seconds()).map(|t| exchange.zone().to_datetime(t)).ok();
    let times: Vec<DateTime> = bars.iter().filter_map(|bar| local(bar.time())).collect();
    let mut days: Vec<Day> = times
        .chunk_by(|a, b| a.date() == b.date())
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

/// When bars begin that nine of ten days have.
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
        others > 0 && others.saturating_sub(*count) * 10 <= others
    };
    counts.into_iter().filter(is_usual).map(|(slot, _)| slot).collect()
}

fn expected<'a>(day: &Day, usual: &'a [Slot]) -> &'a [Slot] {
    let start = usual.partition_point(|slot| *slot < day.window.start);
    let end = usual.partition_point(|slot| *slot < day.window.end);
    &usual[start..end.max(start)]
}

/// The stretches of usual bars that a day has none of.
fn lacks<'a>(exchange: &Exchange, day: &Day, usual: &'a [Slot], length: Slot) -> Vec<&'a [Slot]> {
    let expected = expected(day, usual);
    let has = |slot: &Slot| day.slots.binary_search(slot).is_ok();
    let mut runs: Vec<&[Slot]> = expected.chunk_by(|a, b| has(a) == has(b)).filter(|run| !has(&run[0])).collect();
    if !exchange.is_known() {
        runs.retain(|run| !is_shifted(day, expected, run, length));
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

/// Tells what is missing from what was not traded, by the ordinary days: the worst fifth is what is judged.
struct Judge {
    ordinary: HashSet<usize>,
    /// How many of the ordinary days lack a bar.
    lacking: BTreeMap<Slot, usize>,
    /// How often any bar is missing on them.
    rate: f64,
    /// As likely as this a stretch may be and is told all the same.
    limit: f64,
}

impl Judge {
    /// What each day lacks, and how many bars it should have.
    fn new(lacks: &[Vec<&[Slot]>], expected: Vec<usize>) -> Self {
        let total: usize = expected.iter().sum();
        let share =
            |(lacks, expected): (&Vec<&[Slot]>, usize)| lacks.iter().map(|run| run.len()).sum::<usize>() as f64 / expected.max(1) as f64;
        let mut shares: Vec<(usize, f64)> = lacks.iter().zip(expected).map(share).enumerate().collect();
        shares.sort_by(|a, b| a.1.total_cmp(&b.1));
        shares.truncate((shares.len() * 4 / 5).max(1));
        let rate = shares.iter().map(|(_, share)| share).sum::<f64>() / shares.len().max(1) as f64;
        let limit = if rate <= WHOLE { WHOLE } else { BY_CHANCE / total.max(1) as f64 };
        let ordinary: HashSet<usize> = shares.into_iter().map(|(number, _)| number).collect();
        let mut lacking = BTreeMap::new();
        for slot in ordinary.iter().flat_map(|number| lacks[*number].iter().copied().flatten()) {
            *lacking.entry(*slot).or_default() += 1;
        }
        Self { ordinary, lacking, rate, limit }
    }

    /// Whether a day may lack a stretch by chance, for all that the other days say.
    fn is_chance(&self, number: usize, run: &[Slot]) -> bool {
        let own = usize::from(self.ordinary.contains(&number));
        let others = (self.ordinary.len() - own).max(1) as f64;
        let rate = |slot: &Slot| (self.lacking.get(slot).copied().unwrap_or(own) - own) as f64 / others;
        let chance: f64 = run.iter().map(|slot| rate(slot).max(self.rate)).product();
        chance > self.limit || (self.rate > WHOLE && run.len() < FEWEST)
    }
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

    #[test]
    fn minutes_without_a_trade_are_no_gap_and_an_hour_without_data_is() {
        let mut seed = 7u64;
        let mut chance = move || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as f64 / f64::from(1u32 << 31)
        };
        for traded in [0.3, 0.9, 0.95, 0.98, 0.995] {
            for (hole, expected) in [(0, 0), (60, 1)] {
                let lost = hm(13, 0)..hm(13, hole);
                let bars = series("America/New_York", 60, date(2024, 3, 11)..=date(2024, 4, 12), |day, slot| {
                    let is_lost = day == date(2024, 4, 2) && lost.contains(&slot);
                    is_weekday(day) && (hm(9, 30)..hm(16, 0)).contains(&slot) && chance() < traded && !is_lost
                });
                let found = told("", "US.THIN", Interval::M1, &bars);
                // What is seldom traded has no usual bars.
                let expected = if traded < 0.5 { 0 } else { expected };
                assert_eq!(found.len(), expected, "{traded} {hole}: {found:?}");
            }
        }
    }

    #[test]
    fn a_session_that_a_clock_moves_is_whole() {
        // London's hours, in UTC: an hour earlier from the end of March on.
        let bars = series("Europe/London", 300, date(2024, 3, 4)..=date(2024, 4, 3), |day, slot| {
            is_weekday(day) && (hm(8, 0)..hm(16, 30)).contains(&slot)
        });
        assert_eq!(told("", "VOD.L", Interval::M5, &bars), [""; 0]);
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
