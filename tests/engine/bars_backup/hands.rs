//! What another hand does in a backup.

use super::{bars, open, run};
use syncline::bars::backup::{self, Influx};
use syncline::bars::store::Store;
use syncline::model::bars::{BarTime, Interval, Range, Symbol, SyncMode, TargetId};

/// Sends a statement as that hand would.
async fn by_hand(influx: &Influx, statement: &str) {
    let url = format!("http://127.0.0.1:{}/query", crate::support::influx::influx().unwrap().port);
    let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs([("db", influx.name()), ("q", statement)]).finish();
    let request = reqwest::Client::builder().no_proxy().build().unwrap().post(url).body(body);
    let answer = request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap().text().await.unwrap();
    assert!(!answer.contains("error"), "{statement}: {answer}");
}

#[tokio::test]
async fn what_another_hand_took_out_is_seen_and_written_again() {
    let Some(influx) = open("other_hands") else { return };
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let papers = ["US.ALL", "US.LAST", "US.MIDDLE", "US.WRITTEN"].map(|s| Symbol::parse(s).unwrap());
    for paper in &papers {
        store.upsert(paper, Interval::D1, bars(15_000, (0..300).map(f64::from))).await.unwrap();
    }
    // Of the year before, which is another block.
    store.upsert(&papers[3], Interval::D1, bars(14_800, (0..200).map(f64::from))).await.unwrap();
    run(&store, &influx, SyncMode::Incremental).await;
    assert_eq!(run(&store, &influx, SyncMode::Incremental).await.0.carried, 0);
    let at = |day: i64| BarTime::new(day * 86_400).unwrap();
    by_hand(&influx, "DROP SERIES FROM stock_data WHERE \"symbol\" = 'US.ALL' OR \"symbol\" = 'US.WRITTEN'").await;
    influx.delete(&papers[1], Interval::D1, Range { from: at(15_290), to: BarTime::MAX }).await.unwrap();
    influx.delete(&papers[2], Interval::D1, Range { from: at(15_100), to: at(15_101) }).await.unwrap();
    influx.write(&papers[2], Interval::D1, &[bars(15_200, [1.0])[0].at(at(15_200).plus_seconds(60))]).await.unwrap();
    // Of one of them a bar is new at the same time.
    store.upsert(&papers[3], Interval::D1, bars(15_300, [7.0])).await.unwrap();
    let (done, told) = run(&store, &influx, SyncMode::Incremental).await;
    assert_eq!((done.carried, done.failed, done.removed), (4, 0, 1), "{told:?}");
    let notes: Vec<(u64, &str)> =
        told.iter().map(|c| (c.bars, c.note.trim_start_matches("somebody else had changed it there: "))).collect();
    assert_eq!(notes[..3], [(300, "300 bars written again"), (10, "10 bars written again"), (2, "2 bars written again, 1 bar taken out")]);
    // Those of the year that had changed were no longer missing.
    assert_eq!(notes[3], (501, "175 bars written again"));
    for info in store.list(None).await.unwrap() {
        assert!(backup::compare(&store, &influx, &info).await.unwrap().is_empty(), "{}", info.symbol);
    }
    assert_eq!(run(&store, &influx, SyncMode::Incremental).await.0.carried, 0);
    // All at once, and of one symbol alone.
    by_hand(&influx, "DROP MEASUREMENT stock_data").await;
    let (done, _) = run(&store, &influx, SyncMode::Incremental).await;
    assert_eq!((done.carried, done.bars, done.failed), (4, 1401, 0));
}

#[tokio::test]
async fn what_a_backup_has_besides_is_looked_at_by_each_run() {
    let Some(influx) = open("besides") else { return };
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let [paper, other] = ["US.AAPL", "US.OTHER"].map(|s| Symbol::parse(s).unwrap());
    store.upsert(&paper, Interval::D1, bars(15_000, [1.0, 2.0])).await.unwrap();
    run(&store, &influx, SyncMode::Incremental).await;
    let extra = async || {
        run(&store, &influx, SyncMode::Incremental).await;
        backup::extra(&store, &TargetId::backup(influx.name())).await.unwrap().unwrap().names
    };
    assert_eq!(extra().await, [""; 0]);
    influx.write(&other, Interval::H1, &bars(15_000, [1.0])).await.unwrap();
    influx.write(&paper, Interval::D1, &bars(16_000, [1.0])).await.unwrap();
    assert_eq!(extra().await, ["US.AAPL 1d", "US.OTHER 1h"]);
    influx.delete(&other, Interval::H1, Range::ALL).await.unwrap();
    assert_eq!(extra().await, ["US.AAPL 1d"]);
    // A bar that is written there beside what is not ours.
    store.upsert(&paper, Interval::D1, bars(15_002, [3.0])).await.unwrap();
    assert_eq!(extra().await, ["US.AAPL 1d"]);
    influx.write(&other, Interval::H1, &bars(15_000, [1.0])).await.unwrap();
    assert_eq!(extra().await.len(), 2);
    by_hand(&influx, "DROP DATABASE besides").await;
    assert_eq!(extra().await, [""; 0]);
    assert!(backup::compare(&store, &influx, &store.info(&paper).await.unwrap()[0]).await.unwrap().is_empty());
}
