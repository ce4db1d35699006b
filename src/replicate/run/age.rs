//! How old what is not durable yet is: the lag.
//!
//! ```text
//!  source's end ──unread──▶ begun ──▶ handed to the sink ──▶ durable
//! ```
//! As long as anything is begun or handed over, the lag is the age of the oldest of it. The log says in whole seconds when a
//! transaction began, by the clock of its source, or of its session if that set one. So the source's clock is what it is measured
//! against, asked for every two seconds and carried on by a clock that nobody sets: the daemon's own may differ from it, and may
//! be set. A transaction from the future has no age, and hides those behind it until it is durable.
//!
//! Where nothing is begun, the source may still be ahead of what was read (a line that is dead, a log that is decoded and not
//! taken): then what it has said of its end is as old as that answer. Where neither its log nor its answers come any more, nobody
//! knows what it has: the lag is the time since both were last in step then, for there may be as much.

use crate::model::position::Position;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A source at rest says where its log stands every five seconds; until then a file that was rotated looks like work.
const AT_REST: Duration = Duration::from_secs(6);

/// What the source's clock says, from one answer on.
#[derive(Debug, Clone, Copy)]
pub(super) struct SourceClock {
    unix: f64,
    asked: Instant,
}

impl SourceClock {
    pub(super) fn new(unix: f64, asked: Instant) -> Self {
        Self { unix, asked }
    }

    pub(super) fn at(&self, now: Instant) -> f64 {
        self.unix + now.saturating_duration_since(self.asked).as_secs_f64()
    }
}

/// Where the source's log ended when it was asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct End {
    pub(super) at: Position,
    /// Before the answer.
    pub(super) asked: Instant,
}

/// Source times, in Unix seconds.
#[derive(Debug, Default)]
pub(super) struct Age {
    /// When the transaction began that is being taken.
    open: Option<i64>,
    /// Ends of the transactions that were handed to the sink and are not behind the watermark, by file and offset, and when they
    /// began.
    handed: VecDeque<(Position, i64)>,
    /// The oldest known end of the source that is not durable.
    ahead: Option<End>,
    /// When the newest one was asked for that was.
    in_step: Option<Instant>,
    /// When its log was last heard of.
    heard: Option<Instant>,
}

impl Age {
    pub(super) fn begun(&mut self, time: i64) {
        self.open = Some(time);
    }

    /// The transaction that was begun ends here.
    pub(super) fn committed(&mut self, end: &Position) {
        let time = self.open.take().unwrap_or_default();
        self.handed(end, time);
    }

    /// It is whole: a statement, or a transaction.
    pub(super) fn handed(&mut self, end: &Position, time: i64) {
        self.handed.push_back((Position { gtid: None, file: end.file.clone(), offset: end.offset }, time));
    }

    /// Something came of the source's log; of a source at rest, every five seconds that it is.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard = Some(now);
    }

    /// What became durable, and where the source's log ended when it was asked last.
    pub(super) fn durable(&mut self, watermark: Option<&Position>, source: Option<&End>) {
        let Some(at) = watermark else { return };
        while self.handed.front().is_some_and(|(end, _)| end.coordinates_le(at)) {
            self.handed.pop_front();
        }
        if self.ahead.as_ref().is_some_and(|end| at.covers(&end.at)) {
            self.ahead = None;
        }
        match source {
            Some(end) if at.covers(&end.at) => self.in_step = Some(end.asked),
            // The older answer stays: what it speaks of has been waiting for longer.
            Some(end) if self.ahead.is_none() => self.ahead = Some(end.clone()),
            _ => {}
        }
    }

    /// How many transactions are handed over and not durable.
    pub(super) fn waiting(&self) -> u64 {
        self.handed.len() as u64
    }

    /// Says whether anything is under way.
    pub(super) fn is_behind(&self) -> bool {
        self.open.is_some() || !self.handed.is_empty()
    }

    /// When the source had nothing that is not durable by now.
    pub(super) fn in_step(&self) -> Option<Instant> {
        self.in_step
    }

    /// In seconds, at `unix` of the source's clock, which is `now`; None: nothing is known to be under way.
    pub(super) fn at(&self, unix: f64, now: Instant) -> Option<f64> {
        let oldest = self.handed.front().map(|(_, time)| *time).or(self.open).filter(|time| *time > 0);
        let long = |then: Instant| Some(now.saturating_duration_since(then)).filter(|age| *age > AT_REST);
        let silent = || self.heard.is_none_or(|heard| long(heard).is_some());
        let unread = || match (&self.ahead, self.in_step) {
            (Some(end), _) => long(end.asked),
            (None, in_step) => in_step.and_then(long).filter(|_| silent()),
        };
        oldest.map(|time| (unix - time as f64).max(0.0)).or_else(|| unread().map(|age| age.as_secs_f64()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset: u64) -> Position {
        Position { gtid: None, file: "bin.000001".into(), offset }
    }

    #[test]
    fn what_is_under_way_is_as_old_as_its_oldest() {
        let (mut age, now) = (Age::default(), Instant::now());
        assert_eq!(age.at(100.0, now), None);
        // It is begun, and held: nothing of it is handed over.
        age.begun(95);
        age.durable(Some(&at(4)), None);
        assert_eq!((age.at(100.0, now), age.is_behind()), (Some(5.0), true));
        age.committed(&at(10));
        age.begun(99);
        assert_eq!(age.at(100.0, now), Some(5.0));
        age.durable(Some(&at(10)), None);
        assert_eq!(age.at(100.0, now), Some(1.0), "not as old as what is durable");
        age.committed(&at(20));
        age.durable(Some(&at(20)), None);
        assert_eq!((age.at(100.0, now), age.waiting(), age.is_behind()), (None, 0, false));
    }

    #[test]
    fn a_clock_that_was_set_back_hides_nothing() {
        let (mut age, now) = (Age::default(), Instant::now());
        age.begun(5_000);
        age.committed(&at(10));
        age.handed(&at(20), 1_394);
        assert_eq!(age.at(1_400.0, now), Some(0.0), "it is from the future");
        age.durable(Some(&at(10)), None);
        assert_eq!(age.at(1_400.0, now), Some(6.0));
    }

    #[test]
    fn a_source_that_is_ahead_is_behind_though_nothing_is_read() {
        let (mut age, asked) = (Age::default(), Instant::now());
        let end = |offset, seconds| End { at: at(offset), asked: asked + Duration::from_secs(seconds) };
        age.durable(Some(&at(10)), Some(&end(10, 0)));
        assert_eq!((age.in_step(), age.ahead.clone()), (Some(asked), None));
        age.durable(Some(&at(10)), Some(&end(30, 2)));
        age.durable(Some(&at(10)), Some(&end(40, 4)));
        assert_eq!(age.at(0.0, asked + Duration::from_secs(5)), None, "its log may have got a new file");
        assert_eq!(age.at(0.0, asked + Duration::from_secs(12)), Some(10.0));
        age.durable(Some(&at(30)), Some(&end(40, 4)));
        assert_eq!((age.at(0.0, asked + Duration::from_secs(12)), age.in_step()), (Some(8.0), Some(asked)));
        age.durable(Some(&at(50)), Some(&end(40, 4)));
        assert_eq!((age.at(0.0, asked + Duration::from_secs(9)), age.in_step()), (None, Some(asked + Duration::from_secs(4))));
    }

    #[test]
    fn a_source_that_says_nothing_may_be_ahead() {
        let (mut age, begun) = (Age::default(), Instant::now());
        let after = |seconds| begun + Duration::from_secs(seconds);
        assert_eq!(age.at(0.0, after(60)), None, "they have not met yet");
        age.durable(Some(&at(10)), Some(&End { at: at(10), asked: begun }));
        assert_eq!((age.at(0.0, after(6)), age.at(0.0, after(7))), (None, Some(7.0)));
        // It takes no more connections, and the log's still brings that there is nothing.
        age.heard(after(5));
        assert_eq!((age.at(0.0, after(11)), age.at(0.0, after(12))), (None, Some(12.0)));
    }

    #[test]
    fn the_sources_clock_goes_on_by_itself() {
        let asked = Instant::now();
        let clock = SourceClock::new(1_000.0, asked);
        assert_eq!(clock.at(asked + Duration::from_secs(3)), 1_003.0);
        assert_eq!(clock.at(asked - Duration::from_secs(3)), 1_000.0);
    }
}
