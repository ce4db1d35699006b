//! How old what is not durable yet is: the lag.
//!
//! The log says in whole seconds when a transaction began, by the clock of its source, or of its session if that set one. So the
//! source's clock is what it is measured against, asked for every two seconds and carried on by a clock that nobody sets: the
//! daemon's own may differ from it, and may be set. A transaction from the future has no age, and hides those behind it only until
//! it is durable: what counts is the last one that became durable, not the newest time that was ever seen.

use std::time::Instant;

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

/// Source times, in Unix seconds.
#[derive(Debug, Default)]
pub(super) struct Age {
    /// Of the oldest event that is not durable, about.
    oldest: Option<i64>,
    /// Of the last one that is.
    durable: Option<i64>,
}

impl Age {
    pub(super) fn seen(&mut self, time: i64) {
        if time > 0 && self.oldest.is_none() {
            self.oldest = Some(time);
        }
    }

    /// What became durable, and whether anything is left.
    pub(super) fn durable(&mut self, time: Option<i64>, behind: bool) {
        let time = time.filter(|time| *time > 0);
        // The same as before says nothing of what was seen since.
        if let Some(time) = time.filter(|_| behind && time != self.durable) {
            self.oldest = Some(time);
        }
        if !behind {
            self.oldest = None;
        }
        self.durable = time;
    }

    /// In seconds; None: nothing is under way.
    pub(super) fn at(&self, now: f64) -> Option<f64> {
        self.oldest.map(|time| (now - time as f64).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn what_is_under_way_is_as_old_as_its_oldest() {
        let mut age = Age::default();
        assert_eq!(age.at(100.0), None);
        age.durable(Some(10), false);
        // After a quiet time: not as old as what was durable before it.
        age.seen(95);
        age.seen(99);
        age.durable(Some(10), true);
        assert_eq!(age.at(100.0), Some(5.0));
        age.durable(Some(97), true);
        assert_eq!(age.at(100.0), Some(3.0));
        age.durable(Some(99), false);
        assert_eq!(age.at(100.0), None);
    }

    #[test]
    fn a_clock_that_was_set_back_hides_nothing() {
        let mut age = Age::default();
        age.seen(5_000);
        age.durable(None, true);
        assert_eq!(age.at(1_400.0), Some(0.0), "it is from the future");
        age.durable(Some(5_000), true);
        age.durable(Some(1_394), true);
        assert_eq!(age.at(1_400.0), Some(6.0));
    }

    #[test]
    fn the_sources_clock_goes_on_by_itself() {
        let asked = Instant::now();
        let clock = SourceClock::new(1_000.0, asked);
        assert_eq!(clock.at(asked + Duration::from_secs(3)), 1_003.0);
        assert_eq!(clock.at(asked - Duration::from_secs(3)), 1_000.0);
    }
}
