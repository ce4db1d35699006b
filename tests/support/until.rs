//! Waits for a condition instead of sleeping. The short poll in here is the only sleep of the tests.

use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(20);

/// Waits until `probe` returns something, and returns it; panics with `what` at the deadline.
pub(crate) async fn until_some<T>(deadline: Duration, what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = probe().await {
            return found;
        }
        assert!(begun.elapsed() < deadline, "not within {deadline:?}: {what}");
        tokio::time::sleep(POLL).await;
    }
}

/// Waits until `probe` says yes; panics with `what` at the deadline.
pub(crate) async fn until(deadline: Duration, what: &str, mut probe: impl AsyncFnMut() -> bool) {
    until_some(deadline, what, async || probe().await.then_some(())).await;
}

#[tokio::test]
async fn until_returns_as_soon_as_the_condition_holds() {
    let mut looks = 0;
    until(Duration::from_secs(5), "third look", async || {
        looks += 1;
        looks == 3
    })
    .await;
    assert_eq!(looks, 3);
}
