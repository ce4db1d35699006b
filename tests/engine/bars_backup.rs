//! Backups of bars to a real InfluxDB 1.x.

mod hands;
mod late;

use crate::support::influx::influx;
use crate::support::until::until;
use std::sync::Arc;
use std::time::Duration;
use syncline::bars::backup::{self, Influx, InfluxSettings, Wanted};
use syncline::bars::replica::Carried;
use syncline::bars::store::Store;
use syncline::model::bars::{Bar, BarTime, Interval, Range, Symbol, SyncCounts, SyncMode, TargetId, Volume};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

fn bars(first: i64, closes: impl IntoIterator<Item = f64>) -> Vec<Bar> {
    let bar =
        |(day, c): (i64, f64)| Bar::new(BarTime::new(day * 86_400).unwrap(), c, c + 0.1, c - 1e-7, c, Volume::Whole(580_587_700)).unwrap();
    (first..).zip(closes).map(bar).collect()
}

fn open(database: &str) -> Option<Influx> {
    let url = format!("http://127.0.0.1:{}", influx()?.port);
    let settings =
        InfluxSettings { name: database.to_owned(), url, database: database.to_owned(), user: None, timeout: Duration::from_secs(10) };
    Some(Influx::new(settings, &[]).unwrap())
}

async fn run(store: &Store, influx: &Influx, mode: SyncMode) -> (SyncCounts, Vec<Carried>) {
    let (told, mut heard) = mpsc::channel(1000);
    let done = backup::run(store, influx, Wanted { mode, only: None, prune: false }, &told, &CancellationToken::new()).await.unwrap();
    drop(told);
    let mut all = Vec::new();
    while let Some(carried) = heard.recv().await {
        all.push(carried);
    }
    (done, all)
}

#[tokio::test]
async fn what_is_marked_as_backed_up_was_read_back() {
    let Some(influx) = open("backed_up") else { return };
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let papers = ["US.AAPL", "EURUSD=X", "^GSPC", "BTC/USD", "BRK.B"].map(|s| Symbol::parse(s).unwrap());
    for paper in &papers {
        // From before 1970, over many years.
        store.upsert(paper, Interval::D1, bars(-800, (0..2000).map(|n| f64::from(n) / 7.0 + 1.0))).await.unwrap();
    }
    let fraction = Bar::new(BarTime::new(1_700_000_000).unwrap(), 0.1 + 0.2, 1e21, 1e-9, 38.0, Volume::Part(0.123_456_789)).unwrap();
    store.upsert(&papers[3], Interval::M1, vec![fraction]).await.unwrap();
    let (done, told) = run(&store, &influx, SyncMode::Incremental).await;
    assert_eq!((done.series, done.carried, done.bars, done.failed), (6, 6, 10_001, 0), "{told:?}");
    for info in store.list(None).await.unwrap() {
        assert!(backup::compare(&store, &influx, &info).await.unwrap().is_empty(), "{}", info.symbol);
    }
    // Nothing changed: nothing is written. Then a bar of the sixties is put right: only its block is.
    assert_eq!(run(&store, &influx, SyncMode::Incremental).await.0.carried, 0);
    store.upsert(&papers[0], Interval::D1, bars(-700, [99.5])).await.unwrap();
    let (done, told) = run(&store, &influx, SyncMode::Incremental).await;
    assert_eq!((done.carried, told[0].symbol.as_str()), (1, "US.AAPL"));
    assert!(done.bars < 400, "{done:?}");
    let read =
        influx.read(&papers[0], Interval::D1, BarTime::new(-700 * 86_400).unwrap(), BarTime::new(-700 * 86_400).unwrap()).await.unwrap();
    assert_eq!(read[0].bar.unwrap().close(), 99.5);
    // What is taken out goes there too: a part of a block, many blocks, a whole series; one that never came is no matter.
    let day = |n: i64| BarTime::new(n * 86_400).unwrap();
    store.upsert(&Symbol::parse("US.NEW").unwrap(), Interval::D1, bars(0, [1.0])).await.unwrap();
    store.remove(&Symbol::parse("US.NEW").unwrap(), vec![(Interval::D1, Range::ALL)]).await.unwrap();
    store.remove(&papers[0], vec![(Interval::D1, Range { from: day(-700), to: day(-690) })]).await.unwrap();
    store.remove(&papers[1], vec![(Interval::D1, Range { from: day(-700), to: day(700) })]).await.unwrap();
    store.remove(&papers[2], vec![(Interval::D1, Range::ALL)]).await.unwrap();
    let lacks = store.lacks(influx.name()).await.unwrap().unwrap();
    assert_eq!((lacks.series, lacks.names.len()), (3, 3), "{lacks:?}");
    let (done, told) = run(&store, &influx, SyncMode::Incremental).await;
    assert_eq!((done.carried, done.failed, store.lacks(influx.name()).await.unwrap()), (3, 0, None), "{told:?}");
    for paper in &papers[..3] {
        let here = store.read(paper, Interval::D1, Range::ALL).await.unwrap().unwrap_or_default();
        let there = influx.read(paper, Interval::D1, day(-900), day(20_000)).await.unwrap();
        assert!(here.len() == there.len() && here.iter().zip(&there).all(|(bar, point)| point.is(bar)), "{paper}");
    }
}

#[tokio::test]
async fn what_differs_there_is_found_and_repaired() {
    let Some(influx) = open("repaired") else { return };
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let paper = Symbol::parse("US.AAPL").unwrap();
    store.upsert(&paper, Interval::D1, bars(15_000, (0..300).map(f64::from))).await.unwrap();
    run(&store, &influx, SyncMode::Incremental).await;
    let info = store.info(&paper).await.unwrap().remove(0);
    // Somebody changed one bar, removed another and added a third.
    let at = |day: i64| BarTime::new(day * 86_400).unwrap();
    influx.write(&paper, Interval::D1, &bars(15_010, [7.5])).await.unwrap();
    influx.delete(&paper, Interval::D1, Range { from: at(15_020), to: at(15_020) }).await.unwrap();
    influx.write(&paper, Interval::D1, &[bars(15_030, [1.0])[0].at(at(15_030).plus_seconds(3600))]).await.unwrap();
    let found = backup::compare(&store, &influx, &info).await.unwrap();
    assert_eq!((found.wrong, found.extra), (vec![at(15_010), at(15_020)], vec![at(15_030).plus_seconds(3600)]));
    // As many as there should be: an incremental run cannot know; a repair does.
    assert_eq!(run(&store, &influx, SyncMode::Incremental).await.0.carried, 0);
    // Who asks before is told what the run says then, and nothing is done.
    let would = async |mode| backup::would(&store, &influx, Wanted { mode, only: None, prune: false }).await.unwrap();
    assert_eq!(would(SyncMode::Incremental).await, vec![]);
    for (mode, written) in [(SyncMode::Full, 300), (SyncMode::Repair, 2), (SyncMode::Repair, 2)] {
        let found = would(mode).await;
        assert!(matches!(&found[..], [one] if (one.series.as_str(), one.written, one.removed) == ("US.AAPL 1d", written, 1)), "{found:?}");
    }
    let before = would(SyncMode::Repair).await.remove(0).note;
    let (done, told) = run(&store, &influx, SyncMode::Repair).await;
    assert_eq!((done.carried, done.bars, done.removed, done.failed), (1, 2, 1, 0));
    assert_eq!(before, "2 bars written again, 1 bar taken out, the first of 2011-02-05");
    assert_eq!(told[0].note, format!("somebody else had changed it there: {before}"));
    assert!(backup::compare(&store, &influx, &info).await.unwrap().is_empty());
    assert_eq!(would(SyncMode::Repair).await, vec![]);
    assert_eq!(store.read(&paper, Interval::D1, Range::ALL).await.unwrap().unwrap().len(), 300);
}

/// Whoever restores an older bars database restores marks that agree with it.
#[tokio::test]
async fn a_database_that_was_restored_is_compared_with_its_backup() {
    let Some(influx) = open("restored") else { return };
    let [dir, copy] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [one, two, new] = ["US.ONE", "US.TWO", "US.NEW"].map(|s| Symbol::parse(s).unwrap());
    let at = |day: i64| BarTime::new(day * 86_400).unwrap();
    let store = Store::open(dir.path()).unwrap();
    for paper in [&one, &two] {
        store.upsert(paper, Interval::D1, bars(15_000, (0..300).map(f64::from))).await.unwrap();
    }
    store.remove(&two, vec![(Interval::D1, Range { from: at(15_050), to: at(15_050) })]).await.unwrap();
    run(&store, &influx, SyncMode::Incremental).await;
    store.close().await;
    std::fs::copy(dir.path().join("bars.sqlite"), copy.path().join("bars.sqlite")).unwrap();
    // Life goes on: bars are taken out, put right, and new.
    let store = Store::open(dir.path()).unwrap();
    store.remove(&one, vec![(Interval::D1, Range { from: at(15_010), to: at(15_020) })]).await.unwrap();
    store.upsert(&two, Interval::D1, bars(15_100, [7.5])).await.unwrap();
    store.upsert(&one, Interval::D1, bars(15_400, [1.0, 2.0])).await.unwrap();
    // In the midst of the series: what a copy from before has not.
    store.upsert(&two, Interval::D1, bars(15_050, [1.0])).await.unwrap();
    store.upsert(&new, Interval::D1, bars(15_000, [1.0])).await.unwrap();
    assert_eq!(run(&store, &influx, SyncMode::Incremental).await.0.carried, 3);
    store.close().await;
    let store = Store::open(copy.path()).unwrap();
    assert_eq!(store.lacks(influx.name()).await.unwrap(), None, "so it says");
    backup::look(&store, &influx).await.unwrap();
    assert_eq!(store.lacks(influx.name()).await.unwrap().unwrap().series, 2);
    let (done, told) = run(&store, &influx, SyncMode::Incremental).await;
    assert_eq!((done.carried, done.bars, done.removed, done.failed), (2, 12, 0, 0), "{told:?}");
    let compared = async |paper: &Symbol| {
        let info = store.info(paper).await.unwrap().remove(0);
        backup::compare(&store, &influx, &info).await.unwrap()
    };
    // What is there alone may be the last of it: it stays, and is told.
    let extra = async || backup::extra(&store, &TargetId::backup(influx.name())).await.unwrap().unwrap().names;
    let alone = (vec![at(15_400), at(15_401)], vec![at(15_050)]);
    assert_eq!((compared(&one).await.extra, compared(&two).await.extra), alone);
    assert_eq!(extra().await, ["US.NEW 1d", "US.ONE 1d", "US.TWO 1d"]);
    for n in 0..2 {
        assert_eq!((run(&store, &influx, SyncMode::Incremental).await.0.carried, store.lacks(influx.name()).await.unwrap()), (n, None));
        assert_eq!((compared(&one).await.extra, compared(&two).await.extra), alone, "also when the series is written");
        store.upsert(&two, Interval::D1, bars(15_300, [8.0])).await.unwrap();
    }
    let (done, told) = run(&store, &influx, SyncMode::Repair).await;
    assert_eq!((done.carried, done.bars, done.removed), (2, 0, 3));
    let notes: Vec<&str> = told.iter().map(|c| c.note.as_str()).collect();
    let says = ["2 bars taken out that are not here, the first of 2012-03-01", "1 bar taken out that is not here, the first of 2011-03-17"];
    assert_eq!(notes, says);
    assert!(compared(&one).await.is_empty());
    assert_eq!(extra().await, ["US.NEW 1d"]);
}

/// A row of the bars database that is lost was taken out by nobody: the backup may be all that has its bars.
#[tokio::test]
async fn what_the_bars_database_lost_stays_there() {
    let Some(influx) = open("lostrow") else { return };
    let paper = Symbol::parse("US.LOST").unwrap();
    let range = Range::ALL;
    for (n, mode) in [SyncMode::Incremental, SyncMode::Repair, SyncMode::Full].into_iter().enumerate() {
        for seen in [true, false] {
            let dir = tempfile::tempdir().unwrap();
            let store = Store::open(dir.path()).unwrap();
            let all = bars(15_000, (0..1000).map(f64::from));
            store.upsert(&paper, Interval::D1, all.clone()).await.unwrap();
            run(&store, &influx, SyncMode::Full).await;
            let file = rusqlite::Connection::open(dir.path().join("bars.sqlite")).unwrap();
            file.busy_timeout(Duration::from_secs(10)).unwrap();
            file.execute("DELETE FROM blocks WHERE id = (SELECT min(id) + 1 FROM blocks)", []).unwrap();
            if seen {
                assert_eq!(store.verify().await.unwrap().problems.len(), 1);
            }
            // Into the year that is gone.
            store.upsert(&paper, Interval::D1, bars(15_200, [7.5])).await.unwrap();
            for again in 0..2 {
                let (done, told) = run(&store, &influx, mode).await;
                assert_eq!((done.removed, done.failed), (0, 0), "{n} {seen} {again}: {told:?}");
                if again == 0 {
                    assert!(told[0].note.contains("bars are lost in the bars database here") && told[0].bars == 1, "{told:?}");
                }
                let there = influx.counts(&[(&paper, Interval::D1, range)]).await.unwrap();
                assert_eq!(there, [1000], "{n} {seen} {again}");
            }
            // Whole again, it is a series like any other.
            store.upsert(&paper, Interval::D1, all).await.unwrap();
            assert_eq!(store.lost(&paper, Interval::D1).await.unwrap(), 0);
            store
                .remove(&paper, vec![(Interval::D1, Range { from: BarTime::new(15_500 * 86_400).unwrap(), to: BarTime::MAX })])
                .await
                .unwrap();
            run(&store, &influx, SyncMode::Repair).await;
            assert_eq!(influx.counts(&[(&paper, Interval::D1, range)]).await.unwrap(), [500]);
        }
    }
}

#[tokio::test]
async fn what_others_wrote_there_is_taken_out_or_told_and_costs_no_bar() {
    let Some(influx) = open("others") else { return };
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let paper = Symbol::parse("US.AAPL").unwrap();
    let at = |day: i64| BarTime::new(day * 86_400).unwrap();
    store.upsert(&paper, Interval::D1, bars(15_000, (0..300).map(f64::from))).await.unwrap();
    run(&store, &influx, SyncMode::Incremental).await;
    // Points before, after and between, one with a tag of its own beside a bar, and a series of somebody else's.
    influx.write(&paper, Interval::D1, &bars(14_000, [1.0, 2.0])).await.unwrap();
    influx.write(&paper, Interval::D1, &bars(16_000, [1.0])).await.unwrap();
    influx.write(&paper, Interval::D1, &[bars(15_030, [1.0])[0].at(at(15_030).plus_seconds(3600))]).await.unwrap();
    influx.write(&Symbol::parse("US.OTHER").unwrap(), Interval::H1, &bars(15_000, [1.0])).await.unwrap();
    let line = format!("stock_data,exchange=N,interval=1d,symbol=US.AAPL open=1,high=1,low=1,close=1,volume=1 {}", at(15_050).seconds());
    let url = format!("http://127.0.0.1:{}/write?db=others&precision=s", crate::support::influx::influx().unwrap().port);
    let wrote = reqwest::Client::builder().no_proxy().build().unwrap().post(url).body(line).send().await.unwrap();
    assert!(wrote.status().is_success());
    let (done, told) = run(&store, &influx, SyncMode::Repair).await;
    assert_eq!((done.failed, done.removed), (0, 5), "{told:?}");
    let info = store.info(&paper).await.unwrap().remove(0);
    assert!(backup::compare(&store, &influx, &info).await.unwrap().is_empty());
    assert_eq!(store.lacks(influx.name()).await.unwrap(), None);
    let extra = async || backup::extra(&store, &TargetId::backup(influx.name())).await.unwrap().unwrap();
    assert_eq!((extra().await.series, extra().await.names), (1, vec!["US.OTHER 1h".to_owned()]));
    // The index keeps the name of what has gone.
    influx.delete(&Symbol::parse("US.OTHER").unwrap(), Interval::H1, Range::ALL).await.unwrap();
    run(&store, &influx, SyncMode::Repair).await;
    assert_eq!(extra().await.series, 0);
}

/// What came there by a run that ended in the midst, or in another life of the backup, is taken out with the series.
#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_series_does_not_stay_there() {
    let Some(influx) = open("deleted").map(Arc::new) else { return };
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let [paper, other] = ["US.AAPL", "US.MSFT"].map(|s| Symbol::parse(s).unwrap());
    let there = async |paper: &Symbol| influx.read(paper, Interval::D1, BarTime::MIN, BarTime::MAX).await.unwrap_or_default().len();
    store.upsert(&paper, Interval::D1, bars(-30_000, (0..60_000).map(f64::from))).await.unwrap();
    let cut = tokio::spawn({
        let (store, influx) = (store.clone(), Arc::clone(&influx));
        async move { run(&store, &influx, SyncMode::Incremental).await }
    });
    until(Duration::from_secs(60), "some of it is there", async || there(&paper).await > 0).await;
    cut.abort();
    // Whatever the request that was under way still does.
    drop(cut.await);
    store.remove(&paper, vec![(Interval::D1, Range::ALL)]).await.unwrap();
    // It may land behind the run that takes them out; the next one sees it.
    until(Duration::from_secs(60), "all of it is gone", async || {
        let (done, told) = run(&store, &influx, SyncMode::Incremental).await;
        assert_eq!(done.failed, 0, "{told:?}");
        there(&paper).await == 0
    })
    .await;
    // A backup that is taken from the list and put on it again.
    store.upsert(&other, Interval::D1, bars(15_000, [1.0, 2.0])).await.unwrap();
    run(&store, &influx, SyncMode::Incremental).await;
    store.forget_target(&TargetId::backup(influx.name())).await.unwrap();
    store.remove(&other, vec![(Interval::D1, Range::ALL)]).await.unwrap();
    run(&store, &influx, SyncMode::Incremental).await;
    assert_eq!(there(&other).await, 2, "it has no mark, and nobody asks");
    let (done, told) = run(&store, &influx, SyncMode::Repair).await;
    assert_eq!((done.carried, done.failed, there(&other).await), (1, 0, 0), "{told:?}");
    assert_eq!(run(&store, &influx, SyncMode::Full).await.0.carried, 0, "nothing is told of what is nowhere");
}

#[tokio::test]
async fn a_backup_that_cannot_be_reached_moves_no_mark() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let paper = Symbol::parse("US.AAPL").unwrap();
    store.upsert(&paper, Interval::D1, bars(15_000, [1.0])).await.unwrap();
    let settings = InfluxSettings {
        name: "gone".into(),
        url: "http://127.0.0.1:1".into(),
        database: "x".into(),
        user: None,
        timeout: Duration::from_secs(2),
    };
    let influx = Influx::new(settings, &[]).unwrap();
    let (told, _heard) = mpsc::channel(10);
    let wanted = Wanted { mode: SyncMode::Incremental, only: None, prune: false };
    let error = backup::run(&store, &influx, wanted, &told, &CancellationToken::new()).await.unwrap_err();
    assert_eq!(error.code, "bars_backup_unreachable");
    assert_eq!(store.mark("gone", &paper, Interval::D1).await.unwrap(), None);
}
