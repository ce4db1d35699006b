//! How much a job moves at most: one pair of buckets, rows and bytes, from which the copy's workers and the pump take what
//! they are about to hand to the sink, of whatever kind that is.
//!
//! Nothing is held at either end while somebody waits here: the pump waits before a row event joins its transaction, a
//! copy's writer before its chunk's target transaction begins. Who takes more than there is goes into debt and waits until
//! it is paid, so that one large block keeps the rate too. A changed limit is looked at at once, also by who waits.

use crate::model::live::{Live, RateLimit, Throttle as Limits};
use std::sync::{Arc, Mutex as Held};
use tokio::sync::{Mutex, watch};
use tokio::time::{Duration, Instant};

/// After the last wait a job counts as held back for so long: between two of them it is, too.
const LINGERS: Duration = Duration::from_secs(2);

#[derive(Debug, Clone)]
pub(crate) struct Throttle(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    live: watch::Receiver<Live>,
    /// Rows and bytes. Locked while one waits: the lock is fair, so callers queue up.
    buckets: Mutex<[Option<Bucket>; 2]>,
    /// Who waits, and when the last one had done.
    waits: Held<(usize, Option<Instant>)>,
}

/// A token bucket.
#[derive(Debug)]
pub(super) struct Bucket {
    limit: RateLimit,
    tokens: f64,
    at: Instant,
}

/// Somebody waits as long as this lives.
struct Waiting<'a>(&'a Shared);

impl Throttle {
    pub(super) fn new(live: watch::Receiver<Live>) -> Self {
        Self(Arc::new(Shared { live, buckets: Mutex::default(), waits: Held::default() }))
    }

    /// The limits that hold now.
    pub(super) fn limits(&self) -> Limits {
        self.0.live.borrow().throttle
    }

    /// Waits until so much may go.
    pub(super) async fn take(&self, rows: u64, bytes: u64) {
        if self.limits().is_off() {
            return;
        }
        let shared = &self.0;
        let mut live = shared.live.clone();
        let mut waiting = None;
        let mut buckets = shared.buckets.lock().await;
        let mut taken = [rows, bytes];
        loop {
            let limits = live.borrow_and_update().throttle;
            let now = Instant::now();
            let mut wait = Duration::ZERO;
            for ((bucket, limit), taken) in buckets.iter_mut().zip([limits.rows, limits.bytes]).zip(&mut taken) {
                Bucket::limit_to(bucket, limit, now);
                if let Some(bucket) = bucket {
                    // A limit that comes while we wait is none of what we have.
                    wait = wait.max(bucket.take(std::mem::take(taken), now));
                }
            }
            if wait.is_zero() {
                return;
            }
            waiting.get_or_insert_with(|| Waiting::new(shared));
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                changed = live.changed() => if changed.is_err() {
                    // Nobody is left to change it.
                    tokio::time::sleep(wait).await;
                }
            }
        }
    }

    /// Says whether the job could go faster but for its limits.
    pub(super) fn holds_back(&self) -> bool {
        let (waiting, last) = *self.0.waits.lock().expect("nothing panics while holding it");
        !self.limits().is_off() && (waiting > 0 || last.is_some_and(|at| at.elapsed() < LINGERS))
    }
}

impl<'a> Waiting<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.waits.lock().expect("nothing panics while holding it").0 += 1;
        Self(shared)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut waits = self.0.waits.lock().expect("nothing panics while holding it");
        *waits = (waits.0 - 1, Some(Instant::now()));
    }
}

impl Bucket {
    pub(super) fn new(limit: RateLimit, now: Instant) -> Self {
        Self { limit, tokens: limit.burst as f64, at: now }
    }

    /// Makes a bucket what its limit says now; a debt stays, and is paid at the new rate.
    fn limit_to(bucket: &mut Option<Self>, limit: Option<RateLimit>, now: Instant) {
        match (bucket.as_mut(), limit) {
            (Some(bucket), Some(limit)) => {
                bucket.take(0, now);
                bucket.limit = limit;
            }
            (None, Some(limit)) => *bucket = Some(Self::new(limit, now)),
            (_, None) => *bucket = None,
        }
    }

    /// Takes one token if it is there.
    pub(super) fn try_take(&mut self, now: Instant) -> bool {
        let there = self.tokens + now.duration_since(self.at).as_secs_f64() * self.limit.per_second as f64 >= 1.0;
        if there {
            self.take(1, now);
        }
        there
    }

    /// Takes tokens; says how long they are still on their way.
    fn take(&mut self, tokens: u64, now: Instant) -> Duration {
        let per_second = self.limit.per_second as f64;
        let gained = now.duration_since(self.at).as_secs_f64() * per_second;
        self.tokens = (self.tokens + gained).min(self.limit.burst as f64) - tokens as f64;
        self.at = now;
        // Less than a token is missing only by rounding.
        if self.tokens < -1e-6 { Duration::from_secs_f64(-self.tokens / per_second) } else { Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_at_once_and_the_rest_at_the_rate() {
        let mut now = Instant::now();
        let mut bucket = Bucket::new(RateLimit { per_second: 100, burst: 50 }, now);
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
        let mut bucket = Bucket::new(RateLimit::even(100), began);
        let got = (0..20_000).filter(|n| bucket.try_take(began + Duration::from_micros(n * 100))).count();
        assert!((295..=300).contains(&got), "{got} in two seconds");
    }

    #[test]
    fn rest_saves_no_more_than_a_burst() {
        let began = Instant::now();
        let mut bucket = Bucket::new(RateLimit { per_second: 10, burst: 5 }, began);
        let later = began + Duration::from_secs(3600);
        assert!(bucket.take(5, later).is_zero());
        assert_eq!(bucket.take(1, later), Duration::from_millis(100));
    }

    fn limited(rows: Option<u64>, bytes: Option<u64>) -> Live {
        Live { throttle: Limits { rows: rows.map(RateLimit::even), bytes: bytes.map(RateLimit::even) }, ..Live::default() }
    }

    #[tokio::test]
    async fn the_tighter_limit_decides_and_a_change_is_felt_by_who_waits() {
        let millis = Duration::from_millis;
        let (tell, live) = watch::channel(limited(Some(100), Some(10_000)));
        let throttle = Throttle::new(live);
        let began = Instant::now();
        throttle.take(100, 0).await;
        throttle.take(10, 13_000).await;
        assert!(began.elapsed() >= millis(300), "10,000 bytes were there, 3,000 came in 0.3 s: {:?}", began.elapsed());
        assert!(throttle.holds_back());
        // An hour's debt, and the limit is taken away.
        let (waiter, began) = (throttle.clone(), Instant::now());
        let wait = tokio::spawn(async move { waiter.take(360_000, 0).await });
        while throttle.0.waits.lock().unwrap().0 == 0 {
            tokio::task::yield_now().await;
        }
        assert!(!wait.is_finished() && throttle.holds_back());
        tell.send_replace(limited(None, None));
        wait.await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(60) && !throttle.holds_back());
        // It comes back as if it were new.
        tell.send_replace(limited(Some(50), None));
        throttle.take(50, 1 << 40).await;
        assert!(!throttle.holds_back() || throttle.0.waits.lock().unwrap().0 == 0);
        let began = Instant::now();
        throttle.take(25, 0).await;
        assert!(began.elapsed() >= millis(400), "{:?}", began.elapsed());
    }
}
