//! Whose bars were read: a bit for each minute or day, so that a second bar of the same time is found in a file of any size.

use crate::model::bars::{BarTime, Interval, Symbol};
use std::collections::{HashMap, HashSet};

#[derive(Default)]
pub(super) struct Seen {
    pub(super) symbols: HashMap<Symbol, u32>,
    last: Option<(Symbol, u32)>,
    bits: HashMap<(u32, i64), [u64; 16]>,
    /// Intraday times between two minutes.
    odd: HashSet<(u32, i64)>,
}

impl Seen {
    pub(super) fn is_new(&mut self, interval: Interval, symbol: &Symbol, time: BarTime) -> bool {
        let number = match &self.last {
            Some((last, number)) if last == symbol => *number,
            _ => {
                let next = u32::try_from(self.symbols.len()).unwrap_or(u32::MAX);
                let number = *self.symbols.entry(symbol.clone()).or_insert(next);
                self.last = Some((symbol.clone(), number));
                number
            }
        };
        let Some(slot) = slot(interval, time) else { return self.odd.insert((number, time.seconds())) };
        let bits = self.bits.entry((number, slot.div_euclid(1024))).or_default();
        let bit = usize::try_from(slot.rem_euclid(1024)).expect("0 to 1023");
        let before = bits[bit / 64];
        bits[bit / 64] |= 1 << (bit % 64);
        bits[bit / 64] != before
    }

    /// Hands out the times of each symbol's intraday bars, in order; one symbol's are in memory at a time.
    pub(super) fn each(&self, mut told: impl FnMut(&Symbol, Vec<BarTime>)) {
        let mut chunks: Vec<(u32, i64)> = self.bits.keys().copied().collect();
        let mut odd: Vec<(u32, i64)> = self.odd.iter().copied().collect();
        [&mut chunks, &mut odd].into_iter().for_each(|all| all.sort_unstable());
        for (symbol, number) in &self.symbols {
            let mut times: Vec<BarTime> = of(&odd, *number).iter().filter_map(|(_, seconds)| BarTime::new(*seconds)).collect();
            for place in of(&chunks, *number) {
                let bits = self.bits[place];
                let minutes = (0..1024).zip(0i64..).filter(|(bit, _)| bits[bit / 64] & (1 << (bit % 64)) != 0);
                times.extend(minutes.filter_map(|(_, minute)| BarTime::new((place.1 * 1024 + minute) * 60)));
            }
            if !of(&odd, *number).is_empty() {
                times.sort_unstable();
            }
            told(symbol, times);
        }
    }

    /// Says whether a bar of that time was read.
    pub(super) fn has(&self, interval: Interval, symbol: &Symbol, time: BarTime) -> bool {
        let Some(number) = self.symbols.get(symbol).copied() else { return false };
        let Some(slot) = slot(interval, time) else { return self.odd.contains(&(number, time.seconds())) };
        let bit = usize::try_from(slot.rem_euclid(1024)).expect("0 to 1023");
        self.bits.get(&(number, slot.div_euclid(1024))).is_some_and(|bits| bits[bit / 64] & (1 << (bit % 64)) != 0)
    }
}

/// Those of one symbol, of all in order.
fn of(all: &[(u32, i64)], number: u32) -> &[(u32, i64)] {
    &all[all.partition_point(|(n, _)| *n < number)..all.partition_point(|(n, _)| *n <= number)]
}

/// The day or minute; None: between two minutes.
fn slot(interval: Interval, time: BarTime) -> Option<i64> {
    match (interval.is_intraday(), time.seconds().rem_euclid(60)) {
        (false, _) => Some(time.days()),
        (true, 0) => Some(time.seconds().div_euclid(60)),
        (true, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_of_a_symbol_is_new_once() {
        let mut seen = Seen::default();
        let (a, b) = (Symbol::parse("A").unwrap(), Symbol::parse("B").unwrap());
        let at = |seconds| BarTime::new(seconds).unwrap();
        for time in [0, 60, 61, 86_400, -60, -61, 1024 * 60] {
            for symbol in [&a, &b] {
                assert!(seen.is_new(Interval::M1, symbol, at(time)), "{time}");
                assert!(!seen.is_new(Interval::M1, symbol, at(time)), "{time}");
                assert!(seen.has(Interval::M1, symbol, at(time)) && !seen.has(Interval::M1, symbol, at(time + 180)), "{time}");
            }
        }
        let mut told = 0;
        seen.each(|_, times| {
            assert_eq!(times, [-61, -60, 0, 60, 61, 1024 * 60, 86_400].map(at));
            told += 1;
        });
        assert_eq!(told, 2);
    }
}
