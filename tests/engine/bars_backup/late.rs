//! Requests that nobody waited for any more, and what they still do.
//!
//! A server carries out a write whose client has hung up, when its turn comes: here the test does it in its stead.

use super::{bars, open, run};
use crate::support::until::until;
use std::sync::Arc;
use std::time::Duration;
use syncline::bars::backup::{self, Influx};
use syncline::bars::store::Store;
use syncline::model::bars::{BarTime, Interval, Range, Symbol, SyncMode};

/// A run that is cut off while a long series is on its way.
async fn cut_off(store: &Store, influx: &Arc<Influx>, seen: impl AsyncFn() -> bool) {
    let cut = tokio::spawn({
        let (store, influx) = (store.clone(), Arc::clone(influx));
        async move { run(&store, &influx, SyncMode::Incremental).await }
    });
    until(Duration::from_secs(60), "some of it is there", async || seen().await).await;
    assert!(!cut.is_finished(), "there is more to come");
    cut.abort();
    drop(cut.await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lands_late_in_a_deleted_series_is_taken_out() {
    let Some(influx) = open("late_deleted").map(Arc::new) else { return };
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let paper = Symbol::parse("US.AAPL").unwrap();
    let there = async || influx.read(&paper, Interval::D1, BarTime::MIN, BarTime::MAX).await.unwrap_or_default().len();
    let all = bars(-30_000, (0..60_000).map(f64::from));
    store.upsert(&paper, Interval::D1, all.clone()).await.unwrap();
    cut_off(&store, &influx, async || there().await > 0).await;
    store.remove(&paper, vec![(Interval::D1, Range::ALL)]).await.unwrap();
    until(Duration::from_secs(60), "it is gone", async || {
        run(&store, &influx, SyncMode::Incremental).await;
        there().await == 0
    })
    .await;
    // Now the request of then lands.
    influx.write(&paper, Interval::D1, &all[20_000..25_000]).await.unwrap();
    let (done, told) = run(&store, &influx, SyncMode::Incremental).await;
    assert_eq!((done.failed, done.removed, there().await), (0, 5_000, 0), "{told:?}");
    let note = "what an earlier run had sent came late: 5000 bars taken out, the first of 1942-08-16";
    assert_eq!(told[0].note, note);
    assert_eq!(store.lacks(influx.name()).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lands_late_over_newer_figures_is_put_right() {
    let Some(influx) = open("late_over").map(Arc::new) else { return };
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let paper = Symbol::parse("US.AAPL").unwrap();
    let at = |day: i64| BarTime::new(day * 86_400).unwrap();
    let all = bars(-30_000, (0..60_000).map(|n| f64::from(n) + 1.0));
    store.upsert(&paper, Interval::D1, all.clone()).await.unwrap();
    cut_off(&store, &influx, async || !influx.read(&paper, Interval::D1, BarTime::MIN, BarTime::MAX).await.unwrap_or_default().is_empty())
        .await;
    store.upsert(&paper, Interval::D1, bars(-20_000, [7.5])).await.unwrap();
    let (done, told) = run(&store, &influx, SyncMode::Incremental).await;
    assert_eq!((done.carried, done.failed), (1, 0), "{told:?}");
    let info = store.info(&paper).await.unwrap().remove(0);
    let old = all.iter().find(|bar| bar.time() == at(-20_000)).unwrap();
    influx.write(&paper, Interval::D1, &[*old]).await.unwrap();
    let (done, told) = run(&store, &influx, SyncMode::Incremental).await;
    assert_eq!((done.bars, done.failed), (1, 0), "{told:?}");
    assert!(backup::compare(&store, &influx, &info).await.unwrap().is_empty());
    // It is compared again for a while; where that finds nothing there is nothing to tell.
    let (done, told) = run(&store, &influx, SyncMode::Incremental).await;
    assert!(done.carried == 0 && told.is_empty(), "{told:?}");
}

/// Nobody can say whose they are, long after: told, and not taken out.
#[tokio::test]
async fn bars_of_a_series_that_was_deleted_here_are_told() {
    let Some(influx) = open("deleted_told") else { return };
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let [paper, other] = ["US.AAPL", "US.MSFT"].map(|s| Symbol::parse(s).unwrap());
    for paper in [&paper, &other] {
        store.upsert(paper, Interval::D1, bars(15_000, [1.0, 2.0])).await.unwrap();
    }
    run(&store, &influx, SyncMode::Incremental).await;
    store.remove(&paper, vec![(Interval::D1, Range::ALL)]).await.unwrap();
    run(&store, &influx, SyncMode::Incremental).await;
    influx.write(&paper, Interval::D1, &bars(15_000, [1.0])).await.unwrap();
    assert_eq!(run(&store, &influx, SyncMode::Incremental).await.0.carried, 0);
    let extra = backup::extra(&store, &syncline::model::bars::TargetId::backup(influx.name())).await.unwrap().unwrap();
    assert!(format!("{extra:?}").contains("US.AAPL 1d"), "{extra:?}");
}
