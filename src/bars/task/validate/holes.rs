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
mod tests;
