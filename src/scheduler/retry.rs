//! The one place that decides about an error: again, or stop. Engines never loop.

use crate::model::job::Failure;
use crate::replicate::{self, Kind};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

const FIRST: SignedDuration = SignedDuration::from_secs(1);
const LONGEST: SignedDuration = SignedDuration::from_secs(30);
/// An engine that lasted this long had recovered: its next failure starts the back-off anew.
const RECOVERED: SignedDuration = SignedDuration::from_secs(120);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Try again at that time, for ever.
    Again {
        until: Timestamp,
        code: &'static str,
        message: String,
        hint: String,
    },
    Stop(Failure),
    /// Another owner; ends quietly.
    TakenOver,
}

/// Judges an error. `attempt` counts failures in a row, from 0; `luck` in 0..1 spreads jobs that failed together.
pub(super) fn judge(error: &replicate::Error, attempt: u32, now: Timestamp, luck: f64) -> Verdict {
    match error.kind {
        Kind::Transient => {
            let until = now + back_off(attempt, luck);
            Verdict::Again { until, code: error.code, message: error.message.clone(), hint: error.hint.clone() }
        }
        Kind::Permanent | Kind::Undecided | Kind::Config => {
            Verdict::Stop(Failure { code: error.code.to_owned(), message: error.message.clone(), hint: error.hint.clone() })
        }
        Kind::Fenced => Verdict::TakenOver,
    }
}

/// 1 s, 2 s, 4 s … 30 s, less up to a quarter.
pub(super) fn back_off(attempt: u32, luck: f64) -> SignedDuration {
    let whole = FIRST.checked_mul(1 << attempt.min(10)).map_or(LONGEST, |d| d.min(LONGEST));
    whole.mul_f64(1.0 - 0.25 * luck.clamp(0.0, 1.0))
}

/// So often in a row a server that is away is asked again by what only looks at it.
const ATTEMPTS: u32 = 9;

/// When something that goes on beside a job is tried again after an error; None: it ends with it.
pub(super) fn beside(error: &replicate::Error, failed: u32) -> Option<Duration> {
    let again = error.kind == Kind::Transient && failed + 1 < ATTEMPTS;
    again.then(|| back_off(failed, 0.0).unsigned_abs())
}

/// Says whether a wait is over. No wait is longer than the longest: one that is was counted by a clock that was set back since.
pub(super) fn is_over(until: Timestamp, now: Timestamp) -> bool {
    until <= now || until.duration_since(now) > LONGEST
}

/// How long to sleep for it: then the clock is looked at again.
pub(super) fn left(until: Timestamp, now: Timestamp) -> SignedDuration {
    if is_over(until, now) { SignedDuration::ZERO } else { until.duration_since(now) }
}

/// Returns the number of failures in a row after an engine that ran for so long, and brought anything or not: on a line that breaks
/// again and again, what is between two breaks is used, not slept through.
pub(super) fn attempts(before: u32, ran_for: SignedDuration, brought: bool) -> u32 {
    if brought || ran_for >= RECOVERED { 0 } else { before.saturating_add(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles_to_half_a_minute_and_never_exceeds_it() {
        let seconds: Vec<i64> = [0, 1, 2, 4, 5, 6, 40].into_iter().map(|n| back_off(n, 0.0).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 16, 30, 30, 30]);
        assert_eq!(back_off(6, 1.0).as_millis(), 22_500);
    }

    #[test]
    fn what_goes_on_beside_a_job_gives_up_after_two_minutes() {
        let lost = replicate::Error::transient("connection_lost", "");
        let rests: Vec<u64> = (0..).map_while(|failed| beside(&lost, failed)).map(|rest| rest.as_secs()).collect();
        assert_eq!(rests, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(beside(&replicate::Error::permanent("unknown_table", ""), 0), None);
    }

    #[test]
    fn a_clock_that_jumps_keeps_no_job_waiting() {
        let at = |second| Timestamp::from_second(second).unwrap();
        for (until, now, over, left_for) in [
            (1000, 990, false, 10),
            (1000, 1000, true, 0),
            (1000, 90_000, true, 0),
            // Set back by half a minute and by a day.
            (1000, 970, false, 30),
            (1000, 969, true, 0),
            (100_000, 10_000, true, 0),
        ] {
            assert_eq!((is_over(at(until), at(now)), left(at(until), at(now)).as_secs()), (over, left_for), "{until} at {now}");
        }
    }

    #[test]
    fn kinds_decide_and_text_does_not() {
        let now = Timestamp::UNIX_EPOCH;
        let transient = replicate::Error::transient("connection_lost", "access denied");
        assert!(matches!(judge(&transient, 0, now, 0.0), Verdict::Again { until, .. } if until.as_second() == 1));
        let config = replicate::Error::config("access_denied", "connection lost").hint("check");
        assert!(matches!(judge(&config, 0, now, 0.0), Verdict::Stop(f) if f.code == "access_denied" && f.hint == "check"));
        assert_eq!(judge(&replicate::Error::new(Kind::Fenced, "fenced", ""), 0, now, 0.0), Verdict::TakenOver);
        for (ran_for, brought, next) in [(3, false, 6), (600, false, 0), (3, true, 0)] {
            assert_eq!(attempts(5, SignedDuration::from_secs(ran_for), brought), next, "{ran_for} s, {brought}");
        }
    }
}
