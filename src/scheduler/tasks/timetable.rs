//! What is due when: a heap of next fires and deadlines. An entry that has lost its meaning (the task was changed, the run
//! has ended) stays until its time and is recognised then; a heap that consists of such entries mostly is made anew.

use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Alarm {
    /// The task's time has come, if that is still its next one.
    Fire { task: u64, planned: Timestamp },
    /// The run has taken as long as it may.
    Deadline { run: u64 },
    /// The run was told to stop and had time to.
    Abandon { run: u64 },
    /// The end of a run could not be recorded: once more.
    Close { run: u64 },
}

#[derive(Debug, Default)]
pub(super) struct Timetable {
    heap: BinaryHeap<Reverse<(Timestamp, Alarm)>>,
}

/// Below this, stale entries are not worth a thought.
const SMALL: usize = 1024;

impl Timetable {
    pub(super) fn push(&mut self, at: Timestamp, alarm: Alarm) {
        self.heap.push(Reverse((at, alarm)));
    }

    /// When to look again.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes one alarm whose time has come.
    pub(super) fn due(&mut self, now: Timestamp) -> Option<Alarm> {
        let Reverse((at, _)) = self.heap.peek()?;
        if *at > now {
            return None;
        }
        self.heap.pop().map(|Reverse((_, alarm))| alarm)
    }

    /// Drops what has lost its meaning, if that is most of it. `living` is how many entries can have one.
    pub(super) fn tidy(&mut self, living: usize, means: impl Fn(&Alarm) -> bool) {
        if self.heap.len() > SMALL + 4 * living {
            self.heap.retain(|Reverse((_, alarm))| means(alarm));
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.heap.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_come_in_order_and_stale_ones_are_dropped_when_they_are_many() {
        let mut table = Timetable::default();
        let at = |second| Timestamp::from_second(second).unwrap();
        for run in [3u64, 1, 2] {
            table.push(at(run as i64), Alarm::Deadline { run });
        }
        assert_eq!((table.next(), table.due(at(0))), (Some(at(1)), None));
        assert_eq!(table.due(at(2)), Some(Alarm::Deadline { run: 1 }));
        assert_eq!((table.due(at(2)), table.due(at(2))), (Some(Alarm::Deadline { run: 2 }), None));
        for run in 0..5000 {
            table.push(at(9), Alarm::Deadline { run });
        }
        table.tidy(1, |alarm| matches!(alarm, Alarm::Deadline { run: 3 }));
        assert_eq!(table.len(), 2, "both that mean the run 3");
    }
}
