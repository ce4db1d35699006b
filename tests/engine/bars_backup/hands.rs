//! What another hand does in a backup.

use super::{bars, open, run};
use syncline::bars::backup::{self, Influx, Wanted};
use syncline::bars::store::Store;
use syncline::model::bars::{BarTime, Interval, Range, Symbol, SyncMode, TargetId};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Sends a statement as that hand would.
async fn by_hand(influx: &Influx, statement: &str) {
    let url = format!("http://127.0.0.1:{}/query", crate::support::influx::influx().unwrap().port);
    let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs([("db", influx.name()), ("q", statement)]).finish();
    let request = reqwest::Client::builder().no_proxy().build().unwrap().post(url).body(body);
    let answer = request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap().text().await.unwrap();
    assert!(!answer.contains("error"), "{statement}: {answer}");
}

/// Writes points as that hand would: fields and tags of its own.
pub(super) async fn write_by_hand(influx: &Influx, lines: &[String]) {
    let url = format!("http://127.0.0.1:{}/write?db={}&precision=s", crate::support::influx::influx().unwrap().port, influx.name());
    let wrote = reqwest::Client::builder().no_proxy().build().unwrap().post(url).body(lines.join("\n")).send().await.unwrap();
    assert!(wrote.status().is_success(), "{lines:?}: {}", wrote.text().await.unwrap());
}

#[tokio::test]
async fn a_point_that_is_no_bar_is_put_right_like_any_other() {
    let Some(influx) = open("half_bars") else { return };
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let paper = Symbol::parse("US.AAPL").unwrap();
    store.upsert(&paper, Interval::D1, bars(15_000, (0..300).map(f64::from))).await.unwrap();
    run(&store, &influx, SyncMode::Incremental).await;
    let at = |day: i64| BarTime::new(day * 86_400).unwrap();
    let info = store.info(&paper).await.unwrap().remove(0);
    // A close alone: between bars, in the place of one, beside one (with a tag of its own), and after all of them; and one that has no
    // close, before them.
    influx.delete(&paper, Interval::D1, Range { from: at(15_060), to: at(15_060) }).await.unwrap();
    let line = |tags: &str, field: &str, time: BarTime| format!("stock_data,{tags}interval=1d,symbol=US.AAPL {field}=7 {}", time.seconds());
    let [hour, year] = [at(15_030).plus_seconds(3600), at(15_400)];
    let half = [line("", "close", hour), line("", "close", at(15_060)), line("exchange=N,", "close", at(15_050)), line("", "close", year)];
    write_by_hand(&influx, &half).await;
    write_by_hand(&influx, &[line("", "open", at(14_000))]).await;
    let found = backup::compare(&store, &influx, &info).await.unwrap();
    assert!(found.wrong.contains(&at(15_060)) && [at(14_000), hour, year].iter().all(|time| found.extra.contains(time)), "{found:?}");
    let (done, told) = run(&store, &influx, SyncMode::Incremental).await;
    assert_eq!((done.carried, done.failed), (1, 0), "{told:?}");
    assert!(
        told[0].note.starts_with("somebody else had changed it there: ") && told[0].note.ends_with("the first of 2011-02-25T01:00:00"),
        "{told:?}"
    );
    // What lies outside stays, and is told by its series and time.
    let found = backup::compare(&store, &influx, &info).await.unwrap();
    assert_eq!((found.wrong, found.extra), (vec![], vec![at(14_000), year]));
    let (done, told) = run(&store, &influx, SyncMode::Repair).await;
    assert_eq!((done.failed, done.removed), (0, 2), "{told:?}");
    assert!(backup::compare(&store, &influx, &info).await.unwrap().is_empty());
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
    let says = ["300 bars written again, the first of 2011-01-26", "10 bars written again, the first of 2011-11-12"];
    assert_eq!(notes[..2], [(300, says[0]), (10, says[1])]);
    assert_eq!(notes[2], (2, "2 bars written again, 1 bar taken out, the first of 2011-05-06"));
    // Those of the year that had changed were no longer missing.
    assert_eq!(notes[3], (501, "175 bars written again, the first of 2010-07-10"));
    for info in store.list(None).await.unwrap() {
        assert!(backup::compare(&store, &influx, &info).await.unwrap().is_empty(), "{}", info.symbol);
    }
    assert_eq!(run(&store, &influx, SyncMode::Incremental).await.0.carried, 0);
    // All at once, and of one symbol alone.
    by_hand(&influx, "DROP MEASUREMENT stock_data").await;
    let (done, _) = run(&store, &influx, SyncMode::Incremental).await;
    assert_eq!((done.carried, done.bars, done.failed), (4, 1401, 0));
}

/// What a run has found it has yet to do when it is ended.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_found_lacking_is_known_when_it_is_cut_off() {
    let Some(influx) = open("found_lacking") else { return };
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    for n in 0..12 {
        store.upsert(&Symbol::parse(&format!("US.K{n:02}")).unwrap(), Interval::D1, bars(15_000, (0..300).map(f64::from))).await.unwrap();
    }
    run(&store, &influx, SyncMode::Incremental).await;
    by_hand(&influx, "DELETE FROM stock_data WHERE \"symbol\" =~ /US.K.*/").await;
    let (told, mut heard) = mpsc::channel(1);
    let cut = tokio::spawn({
        let (store, influx) = (store.clone(), influx.clone());
        let wanted = Wanted { mode: SyncMode::Incremental, only: None, prune: false };
        async move { backup::run(&store, &influx, wanted, &told, &CancellationToken::new()).await }
    });
    // Nobody hears of the second one, so it does not get beyond the third.
    heard.recv().await.unwrap();
    cut.abort();
    assert!(cut.await.unwrap_err().is_cancelled());
    let lacks = store.lacks(influx.name()).await.unwrap().expect("most of it");
    assert!((9..12).contains(&lacks.series) && !lacks.names.is_empty(), "{lacks:?}");
    let (done, told) = run(&store, &influx, SyncMode::Incremental).await;
    assert!(done.failed == 0 && (8..12).contains(&done.carried), "{told:?}");
    let why = "somebody else had changed it there: 300 bars written again, the first of 2011-01-26";
    assert!(told.iter().all(|carried| carried.note == why), "{told:?}");
    assert_eq!(store.lacks(influx.name()).await.unwrap(), None);
    for info in store.list(None).await.unwrap() {
        assert!(backup::compare(&store, &influx, &info).await.unwrap().is_empty(), "{}", info.symbol);
    }
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
