//! Which lane applies a transaction, and what it waits for there. Pure: no I/O, no clock.
//!
//! A lane applies its transactions in stream order. A transaction that meets others in a key goes to the lane of one of
//! them, where order is kept by itself, and waits for the rest to be committed; one that meets nothing goes to the lane with
//! the least to do.
//!
//! Why nothing waits for ever: a transaction waits only for earlier ones, and a lane waits only before it begins a target
//! transaction (it never takes into a group what still waits). The earliest transaction that is not committed is therefore
//! the first of its lane, and all that it waits for is committed.
//!
//! Why order is kept: whoever touches a key becomes its last; who touches it next goes behind it in its lane or waits for it,
//! so the chain of all who ever touched the key is applied in stream order.

use super::touch::Touched;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

/// A place in a lane: the lane and the number that the transaction has there, from 1.
pub(super) type Place = (usize, u64);

/// Keys are hashes already.
#[derive(Debug, Default)]
struct Already(u64);

impl Hasher for Already {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {
        unreachable!("only u64 are hashed");
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

type ByHash<T> = HashMap<u64, T, BuildHasherDefault<Already>>;

#[derive(Debug)]
struct Lane {
    placed: u64,
    done: u64,
    /// What its transactions touch that are not committed.
    open: VecDeque<(u64, Touched)>,
}

/// Who last changed a table in each lane, and who last touched it as a whole.
#[derive(Debug)]
struct Table {
    rows: Vec<u64>,
    whole: Option<Place>,
}

#[derive(Debug)]
pub(super) struct Schedule {
    lanes: Vec<Lane>,
    keys: ByHash<Place>,
    tables: ByHash<Table>,
}

/// Where a transaction goes, and for whom it waits there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) place: Place,
    pub(super) after: Vec<Place>,
}

impl Schedule {
    pub(super) fn new(lanes: usize) -> Self {
        let lane = || Lane { placed: 0, done: 0, open: VecDeque::new() };
        Self { lanes: (0..lanes.max(1)).map(|_| lane()).collect(), keys: HashMap::default(), tables: HashMap::default() }
    }

    /// Whether there is a choice, so that it matters what a transaction touches.
    pub(super) fn is_parallel(&self) -> bool {
        self.lanes.len() > 1
    }

    /// Transactions that are placed and not committed.
    pub(super) fn open(&self) -> u64 {
        self.lanes.iter().map(|l| l.placed - l.done).sum()
    }

    pub(super) fn place(&mut self, touched: Touched) -> Placed {
        let mut after = vec![0; self.lanes.len()];
        let mut wait = |(lane, number): Place| after[lane] = after[lane].max(number);
        for key in &touched.keys {
            self.keys.get(key).copied().into_iter().for_each(&mut wait);
        }
        for (table, whole) in &touched.tables {
            let Some(table) = self.tables.get(table) else { continue };
            table.whole.into_iter().for_each(&mut wait);
            if *whole {
                table.rows.iter().copied().enumerate().for_each(&mut wait);
            }
        }
        let open = |lane: usize| after[lane].saturating_sub(self.lanes[lane].done);
        let met = (0..self.lanes.len()).filter(|&l| open(l) > 0).max_by_key(|&l| open(l));
        let lane = met.unwrap_or_else(|| {
            let free = (0..self.lanes.len()).min_by_key(|&l| self.lanes[l].placed - self.lanes[l].done);
            free.expect("there is a lane")
        });
        let after = (0..self.lanes.len()).filter(|&l| l != lane && open(l) > 0).map(|l| (l, after[l])).collect();
        self.lanes[lane].placed += 1;
        let place = (lane, self.lanes[lane].placed);
        self.enter(place, touched);
        Placed { place, after }
    }

    fn enter(&mut self, place: Place, touched: Touched) {
        for key in &touched.keys {
            self.keys.insert(*key, place);
        }
        let lanes = self.lanes.len();
        for (table, whole) in &touched.tables {
            let table = self.tables.entry(*table).or_insert_with(|| Table { rows: vec![0; lanes], whole: None });
            if *whole {
                table.whole = Some(place);
            } else {
                table.rows[place.0] = place.1;
            }
        }
        self.lanes[place.0].open.push_back((place.1, touched));
    }

    /// A lane has committed everything up to this place.
    pub(super) fn committed(&mut self, (lane, number): Place) {
        let entry = &mut self.lanes[lane];
        entry.done = entry.done.max(number);
        while let Some((n, touched)) = entry.open.front()
            && *n <= number
        {
            for key in &touched.keys {
                if self.keys.get(key) == Some(&(lane, *n)) {
                    self.keys.remove(key);
                }
            }
            entry.open.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn touched(keys: &[u64], tables: &[(u64, bool)]) -> Touched {
        Touched { keys: keys.to_vec(), tables: tables.to_vec() }
    }

    #[test]
    fn who_meets_one_follows_it_and_who_meets_two_waits() {
        let mut schedule = Schedule::new(3);
        assert_eq!(schedule.place(touched(&[1], &[(9, false)])).place, (0, 1));
        assert_eq!(schedule.place(touched(&[2], &[(9, false)])).place, (1, 1));
        assert_eq!(schedule.place(touched(&[1], &[(9, false)])), Placed { place: (0, 2), after: vec![] });
        let both = schedule.place(touched(&[1, 2], &[(9, false)]));
        assert_eq!(both, Placed { place: (0, 3), after: vec![(1, 1)] });
        assert_eq!(schedule.place(touched(&[2], &[(9, false)])).place.0, 0, "its last is now there");
        // As a whole: behind everything on the table; and what comes then behind it.
        let whole = schedule.place(touched(&[], &[(9, true)]));
        assert_eq!(whole, Placed { place: (0, 5), after: vec![(1, 1)] });
        assert_eq!(schedule.place(touched(&[77], &[(9, false)])).place, (0, 6));
        assert_eq!(schedule.place(touched(&[], &[])).place, (2, 1));
        for place in [(0, 6), (1, 1), (2, 1)] {
            schedule.committed(place);
        }
        assert_eq!((schedule.open(), schedule.keys.len()), (0, 0));
        assert_eq!(schedule.place(touched(&[1, 2], &[(9, true)])).after, []);
    }

    proptest! {
        /// Lanes that work in any order, in groups of any size: every key sees its changes in stream order, and all end.
        #[test]
        fn order_is_kept_per_key_and_nothing_waits_for_ever(
            txs in proptest::collection::vec((proptest::collection::vec(0..12_u64, 0..4), proptest::option::weighted(0.1, 0..3_u64)), 1..80),
            lanes in 1..5_usize,
            choices in proptest::collection::vec((0..5_usize, 1..6_usize, any::<bool>()), 600),
        ) {
            let mut schedule = Schedule::new(lanes);
            let mut queues: Vec<VecDeque<(usize, u64, Vec<Place>)>> = vec![VecDeque::new(); lanes];
            let mut done = vec![0; lanes];
            let mut order = Vec::new();
            let mut next = 0;
            // A lane takes a group: the first waits for its places, the rest must be free.
            let mut turn = |lane: usize, most: usize, queues: &mut Vec<VecDeque<(usize, u64, Vec<Place>)>>, schedule: &mut Schedule, order: &mut Vec<usize>| {
                let free = |after: &[Place], done: &[u64]| after.iter().all(|&(l, n)| done[l] >= n);
                let mut last = None;
                for _ in 0..most {
                    let Some((tx, number, _)) = queues[lane].front().filter(|(_, _, after)| free(after, &done)).cloned() else { break };
                    queues[lane].pop_front();
                    order.push(tx);
                    last = Some(number);
                }
                if let Some(number) = last {
                    done[lane] = number;
                    schedule.committed((lane, number));
                }
                last.is_some()
            };
            for (lane, most, deal) in choices {
                if deal && next < txs.len() {
                    let (keys, whole) = &txs[next];
                    let mut touched = Touched { keys: keys.clone(), tables: vec![] };
                    for key in keys {
                        let table = (key % 3, false);
                        if !touched.tables.contains(&table) { touched.tables.push(table); }
                    }
                    if let Some(whole) = whole {
                        touched.tables.retain(|(t, _)| t != whole);
                        touched.tables.push((*whole, true));
                    }
                    let placed = schedule.place(touched);
                    queues[placed.place.0].push_back((next, placed.place.1, placed.after));
                    next += 1;
                } else {
                    turn(lane % lanes, most, &mut queues, &mut schedule, &mut order);
                }
            }
            while queues.iter().any(|q| !q.is_empty()) {
                let moved = (0..lanes).filter(|&lane| turn(lane, 1, &mut queues, &mut schedule, &mut order)).count();
                prop_assert!(moved > 0, "every lane waits");
            }
            let meet = |a: usize, b: usize| {
                let ((a, whole_a), (b, whole_b)) = (&txs[a], &txs[b]);
                let whole = |w: &Option<u64>, keys: &[u64], other: &Option<u64>| w.is_some() && (w == other || keys.iter().any(|k| Some(k % 3) == *w));
                a.iter().any(|k| b.contains(k)) || whole(whole_a, b, whole_b) || whole(whole_b, a, whole_a)
            };
            for (at, &first) in order.iter().enumerate() {
                for &then in &order[at + 1..] {
                    prop_assert!(then > first || !meet(then, first), "{first} passed {then}");
                }
            }
        }
    }
}
