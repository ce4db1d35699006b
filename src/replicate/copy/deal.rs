//! Which range a worker reads next.
//!
//! Writers of one table wait for each other at the latches of its pages, and a server spends its processors on that waiting. So
//! the ranges of several tables are dealt in turn, as long as there are several: half as many tables as workers, since of two
//! workers one reads while the other writes. Not all tables at once: those that are complete first have their indexes built
//! beside the copy of the others, and tables that all end together leave nothing to do beside that.
//!
//! Nor are a table's ranges dealt as they follow each other, but each worker's from a part of its own: the pages above neighbouring
//! leaves are the same, and a leaf that is split holds up everybody who passes there.

use std::collections::{HashMap, VecDeque};

/// Ranges that wait for a worker, by table.
pub(super) struct Deal<R> {
    lanes: usize,
    workers: usize,
    waiting: VecDeque<(usize, VecDeque<R>)>,
    /// How many of a table's ranges workers have.
    out: HashMap<usize, usize>,
}

impl<R> Deal<R> {
    pub(super) fn new(workers: usize) -> Self {
        Self { lanes: workers.div_ceil(2), workers, waiting: VecDeque::new(), out: HashMap::new() }
    }

    pub(super) fn add(&mut self, table: usize, ranges: impl IntoIterator<Item = R>) {
        let ranges = apart(ranges.into_iter().collect(), self.workers);
        if !ranges.is_empty() {
            self.waiting.push_back((table, ranges));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Says whether workers might soon have nothing to do, or only one table.
    pub(super) fn is_short(&self) -> bool {
        self.waiting.len() < self.lanes || self.waiting.iter().map(|(_, ranges)| ranges.len()).sum::<usize>() < self.workers
    }

    /// The next range: of the tables whose turn it is, one of that which the fewest workers are at.
    pub(super) fn next(&mut self) -> Option<R> {
        let out = |table: &usize| self.out.get(table).copied().unwrap_or_default();
        let (at, _) = self.waiting.iter().take(self.lanes).enumerate().min_by_key(|(_, (table, _))| out(table))?;
        let (table, ranges) = self.waiting.get_mut(at)?;
        *self.out.entry(*table).or_default() += 1;
        let range = ranges.pop_front();
        if ranges.is_empty() {
            self.waiting.remove(at);
        }
        range
    }

    /// A range of the table is durable.
    pub(super) fn done(&mut self, table: usize) {
        if let Some(out) = self.out.get_mut(&table) {
            *out -= 1;
            if *out == 0 {
                self.out.remove(&table);
            }
        }
    }
}

/// The first of each of so many parts of a list, then the second of each, and so on.
fn apart<R>(mut list: VecDeque<R>, parts: usize) -> VecDeque<R> {
    let all = list.len();
    let mut lists: Vec<_> = (0..parts).rev().map(|part| list.split_off((all * part).div_ceil(parts)).into_iter()).collect();
    let rounds = all.div_ceil(parts);
    (0..rounds).flat_map(|_| lists.iter_mut().rev().filter_map(Iterator::next).collect::<Vec<_>>()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(workers: usize, tables: &[&'static str]) -> Deal<&'static str> {
        let mut deal = Deal::new(workers);
        for (table, ranges) in tables.iter().enumerate() {
            deal.add(table, ranges.split_whitespace());
        }
        deal
    }

    #[test]
    fn ranges_of_two_tables_are_dealt_in_turn_to_four_workers() {
        let mut deal = of(4, &["a1 a2 a3", "b1 b2 b3", "c1 c2"]);
        let mut dealt = Vec::new();
        for _ in 0..4 {
            dealt.push(deal.next().unwrap());
        }
        assert_eq!(dealt, ["a1", "b1", "a2", "b2"]);
        deal.done(1);
        assert_eq!(deal.next(), Some("b3"), "one worker is left at b");
        deal.done(0);
        assert_eq!(deal.next(), Some("c1"), "b has no more: c's turn");
        deal.done(0);
        assert_eq!(deal.next(), Some("a3"));
        assert_eq!(deal.next(), Some("c2"));
        assert_eq!(deal.next(), None);
    }

    #[test]
    fn a_table_alone_has_all_workers() {
        let mut deal = of(4, &["a1 a2 a3 a4 a5"]);
        for range in ["a1", "a3", "a4", "a5", "a2"] {
            assert_eq!(deal.next(), Some(range));
        }
        assert!(deal.is_empty());
    }

    #[test]
    fn ranges_are_dealt_far_from_each_other_and_each_once() {
        assert_eq!(apart((0..8).collect(), 4), [0, 2, 4, 6, 1, 3, 5, 7]);
        assert_eq!(apart((0..3).collect(), 1), [0, 1, 2]);
        for (all, parts) in [(0, 1), (1, 4), (2, 4), (7, 3), (32, 4), (33, 5), (5, 64)] {
            let mut dealt = Vec::from(apart((0..all).collect(), parts));
            dealt.sort_unstable();
            assert_eq!(dealt, Vec::from_iter(0..all), "{all} in {parts}");
        }
    }

    #[test]
    fn more_tables_are_wanted_before_a_worker_has_nothing_and_before_only_one_table_is_left() {
        assert!(of(4, &["a1 a2 a3 a4 a5 a6 a7"]).is_short(), "one table");
        assert!(of(4, &["a1", "b1", "c1"]).is_short(), "three ranges");
        assert!(!of(4, &["a1 a2", "b1 b2"]).is_short());
        assert!(!of(1, &["a1"]).is_short());
        assert!(of(1, &[]).is_short());
    }
}
