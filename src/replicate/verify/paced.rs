//! How a comparison that goes on all the time beside a job keeps out of its way: it rests after each range of a table, so that no
//! read view stays open, it works for its share of the time only, and not at all while the job is busy.

use std::time::Duration;

/// How a comparison keeps out of the way.
#[derive(Clone, Copy)]
pub struct Pace<'a> {
    /// Rests so that it works for this part of the time.
    pub share: f64,
    /// Most rows of the source per second.
    pub rows_per_second: Option<u64>,
    /// Says whether the job has better things to do.
    pub busy: &'a (dyn Fn() -> bool + Sync),
}

/// Between two looks at a busy job.
const PAUSE: Duration = Duration::from_millis(200);

impl Pace<'_> {
    /// How long it rests after some work.
    pub(super) fn pause(&self, worked: Duration, rows: u64) -> Duration {
        let by_share = worked.mul_f64((1.0 / self.share.clamp(0.01, 1.0) - 1.0).max(0.0));
        let by_rows = self.rows_per_second.map_or(Duration::ZERO, |n| Duration::from_secs_f64(rows as f64 / n.max(1) as f64));
        by_share.max(by_rows.saturating_sub(worked))
    }

    /// Rests after some work, and until the job is not busy.
    pub(crate) async fn rest(&self, worked: Duration, rows: u64) {
        tokio::time::sleep(self.pause(worked, rows)).await;
        while (self.busy)() {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_works_for_its_share_of_the_time_and_no_faster_than_its_rate() {
        let work = Duration::from_millis(100);
        let pace = Pace { share: 0.1, rows_per_second: None, busy: &|| false };
        assert_eq!(pace.pause(work, 10).as_millis(), 900);
        assert_eq!(Pace { rows_per_second: Some(10), ..pace }.pause(work, 30).as_millis(), 2_900);
        assert_eq!(Pace { rows_per_second: Some(10), ..pace }.pause(work, 1).as_millis(), 900);
        assert_eq!(Pace { share: 1.0, ..pace }.pause(work, 10), Duration::ZERO);
    }
}
