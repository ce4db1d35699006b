//! A token bucket over rows.

use crate::model::messages::RateLimit;
use tokio::sync::Mutex;
use tokio::time::{Duration, Instant};

pub(super) struct Rate(Mutex<Bucket>);

#[derive(Debug)]
pub(super) struct Bucket {
    limit: RateLimit,
    tokens: f64,
    at: Instant,
}

impl Rate {
    pub(super) fn new(limit: RateLimit) -> Self {
        Self(Mutex::new(Bucket::new(limit, Instant::now())))
    }

    /// Waits until so many rows may go. Callers queue up: the lock is fair, and held while one waits.
    pub(super) async fn take(&self, rows: u64) {
        let mut bucket = self.0.lock().await;
        let wait = bucket.take(rows, Instant::now());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }
}

impl Bucket {
    pub(super) fn new(limit: RateLimit, now: Instant) -> Self {
        Self { limit, tokens: limit.burst as f64, at: now }
    }

    /// Takes a row's token if it is there.
    pub(super) fn try_take(&mut self, now: Instant) -> bool {
        let there = self.tokens + now.duration_since(self.at).as_secs_f64() * self.limit.rows_per_second as f64 >= 1.0;
        if there {
            self.take(1, now);
        }
        there
    }

    /// Takes the rows' tokens; says how long they are still on their way.
    fn take(&mut self, rows: u64, now: Instant) -> Duration {
        let per_second = self.limit.rows_per_second as f64;
        let gained = now.duration_since(self.at).as_secs_f64() * per_second;
        self.tokens = (self.tokens + gained).min(self.limit.burst as f64) - rows as f64;
        self.at = now;
        if self.tokens < 0.0 { Duration::from_secs_f64(-self.tokens / per_second) } else { Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_at_once_and_the_rest_at_the_rate() {
        let mut now = Instant::now();
        let mut bucket = Bucket::new(RateLimit { rows_per_second: 100, burst: 50 }, now);
        let began = now;
        let mut take = |rows| {
            let wait = bucket.take(rows, now);
            now += wait;
            wait
        };
        assert!((0..50).all(|_| take(1).is_zero()));
        for _ in 0..200 {
            take(1);
        }
        let took = now.duration_since(began);
        assert!(took >= Duration::from_millis(1990) && took <= Duration::from_millis(2010), "{took:?}");
    }

    #[test]
    fn who_does_not_wait_gets_no_more_than_the_rate() {
        let began = Instant::now();
        let mut bucket = Bucket::new(RateLimit { rows_per_second: 100, burst: 100 }, began);
        let got = (0..20_000).filter(|n| bucket.try_take(began + Duration::from_micros(n * 100))).count();
        assert!((295..=300).contains(&got), "{got} in two seconds");
    }

    #[test]
    fn rest_saves_no_more_than_a_burst() {
        let began = Instant::now();
        let mut bucket = Bucket::new(RateLimit { rows_per_second: 10, burst: 5 }, began);
        let later = began + Duration::from_secs(3600);
        assert!(bucket.take(5, later).is_zero());
        assert_eq!(bucket.take(1, later), Duration::from_millis(100));
    }
}
