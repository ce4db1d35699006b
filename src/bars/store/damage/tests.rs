use super::*;
use crate::bars::store::tests::{damage, days, symbol};
use crate::bars::store::{IfDamaged, Noted, SeriesInfo};
use std::sync::Arc;

/// Three years, of which the second is damaged; with what was told of them before.
async fn damaged() -> (Store, tempfile::TempDir, Vec<Bar>, SeriesInfo) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let all = days(0, &[5.0; 1000]);
    store.upsert(&symbol("US.A"), Interval::D1, all.clone()).await.unwrap();
    let before = store.list(None).await.unwrap().remove(0);
    damage(&dir, 1);
    (store, dir, all, before)
}

fn day(text: &str) -> BarTime {
    BarTime::of_date(text.parse().unwrap()).unwrap()
}

const DAMAGED: &str = "the bars of US.A 1d from 2021-01-01 to 2021-12-31 are damaged in the bars database";

#[tokio::test]
async fn what_was_seen_to_be_damaged_is_known_and_the_rest_is_read() {
    let (store, dir, all, before) = damaged().await;
    let paper = symbol("US.A");
    let sound = store.read_sound(&paper, Interval::D1, Range::ALL).await.unwrap();
    assert_eq!((sound.bars.len(), sound.damaged.len(), sound.damaged[0].bars), (all.len() - 365, 1, 365));
    // Its digest is nobody's, and there is no version to follow.
    let after = store.list(None).await.unwrap().remove(0);
    assert!(after.digest != before.digest && (after.version, after.bars) == (before.version, before.bars), "{after:?}");
    // A long answer is refused at its beginning; what does not lie there is not.
    let mut batch = store.read_batch(Arc::new([paper.clone()]), Interval::D1, Range::ALL);
    assert_eq!(batch.recv().await.unwrap().unwrap_err().message, DAMAGED);
    let later = Range { from: day("2022-01-01"), to: BarTime::MAX };
    assert_eq!(store.read(&paper, Interval::D1, later).await.unwrap().unwrap().len(), all.len() - 366 - 365);
    assert_eq!(store.tail(&paper, Interval::D1, 10).await.unwrap().unwrap().1.len(), 10);
    assert_eq!(store.tail(&paper, Interval::D1, 400).await.unwrap_err().message, DAMAGED);
    // Also after a restart, and where the checksum of the bytes alone would say nothing.
    store.close().await;
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(store.damaged_series().await.unwrap(), [(paper.clone(), Interval::D1)]);
    store
        .inner
        .writer
        .call(|work| {
            Ok(work.conn.execute("UPDATE blocks SET data = (SELECT data FROM blocks WHERE id = (SELECT min(id) FROM blocks))", [])?)
        })
        .await
        .unwrap();
    assert_eq!(store.read(&paper, Interval::D1, Range::ALL).await.unwrap_err().code, Damage::CODE);
}

#[tokio::test]
async fn damaged_bars_are_taken_out_as_a_whole() {
    let (store, _dir, all, before) = damaged().await;
    let paper = symbol("US.A");
    let range = |from: &str, to: &str| vec![(Interval::D1, Range { from: day(from), to: day(to) })];
    for part in [range("2021-02-01", "2021-12-31"), range("2020-03-01", "2021-05-05")] {
        for error in [store.would_remove(&paper, part.clone()).await.unwrap_err(), store.remove(&paper, part.clone()).await.unwrap_err()] {
            assert_eq!(error.message, format!("{DAMAGED}, and go as a whole: the range has a part of them alone"));
        }
    }
    let gone = store.remove(&paper, range("2020-12-31", "2021-12-31")).await.unwrap();
    assert_eq!((gone[0].bars, gone[0].left), (366, all.len() as u64 - 366));
    assert!(store.verify().await.unwrap().problems.is_empty() && store.damaged_series().await.unwrap().is_empty());
    store.upsert(&paper, Interval::D1, all.clone()).await.unwrap();
    assert_eq!(store.list(None).await.unwrap()[0].digest, before.digest);
}

#[tokio::test]
async fn damaged_bars_are_replaced_by_whoever_may() {
    let (store, _dir, all, before) = damaged().await;
    let paper = symbol("US.A");
    let mut second: Vec<Bar> = all.iter().filter(|b| b.time().year() == 2021).copied().collect();
    let upsert = async |bars: &[Bar], damaged| store.upsert_noted(&paper, Interval::D1, bars.to_vec(), Noted::default(), damaged).await;
    assert_eq!(upsert(&second[..1], IfDamaged::Refuse).await.unwrap_err().message, DAMAGED);
    let damage = store.read_sound(&paper, Interval::D1, Range::ALL).await.unwrap().damaged.remove(0);
    damage.replaced_by(second[0].time(), second[364].time()).unwrap();
    let part = damage.replaced_by(second[1].time(), second[364].time()).unwrap_err();
    assert_eq!(part.message, format!("{DAMAGED}, and what comes has those from 2021-01-02 to 2021-12-31 alone"));
    // Fewer than there were: those that are gone are compared by whoever has them.
    let lost = second.remove(7);
    let would = store.would_upsert(&paper, Interval::D1, second.clone(), IfDamaged::Replace).await.unwrap();
    let done = upsert(&second, IfDamaged::Replace).await.unwrap();
    assert_eq!((would.added, done.added, done.version > before.version), (364, 364, true));
    assert!(store.verify().await.unwrap().problems.is_empty() && store.damaged_series().await.unwrap().is_empty());
    assert!(store.changed_ranges(&paper, Interval::D1, before.version).await.unwrap().iter().any(|r| r.contains(lost.time())));
    upsert(&[lost], IfDamaged::Refuse).await.unwrap();
    let now = store.list(None).await.unwrap().remove(0);
    assert_eq!((now.digest, now.bars, now.first, now.last), (before.digest, before.bars, before.first, before.last));
}

#[tokio::test]
async fn a_row_that_is_damaged_is_a_block_that_is() {
    let (store, dir, _, before) = damaged().await;
    for change in ["first = -1, last = 9223372036854775807", "bars = -5", "digest = x'00'"] {
        let sql = format!("UPDATE blocks SET {change} WHERE id = (SELECT id FROM blocks ORDER BY id LIMIT 1 OFFSET 2)");
        store.inner.writer.call(move |work| Ok(work.conn.execute(&sql, [])?)).await.unwrap();
        let seen = store.verify().await.unwrap();
        assert_eq!(seen.problems.iter().filter(|p| p.contains("are damaged")).count(), 2, "{change}: {:?}", seen.problems);
    }
    drop((dir, before));
    let gone = store.remove(&symbol("US.A"), vec![(Interval::D1, Range::ALL)]).await.unwrap();
    assert_eq!(gone[0].left, 0);
    assert!(store.verify().await.unwrap().problems.is_empty());
}

#[tokio::test]
async fn what_is_damaged_is_left_out_of_a_stream_and_named_behind_all_others() {
    let (store, _dir, all, _) = damaged().await;
    store.upsert(&symbol("US.B"), Interval::D1, all.clone()).await.unwrap();
    let papers: Arc<[Symbol]> = Arc::new([symbol("US.A"), symbol("US.B")]);
    // Whether or not it is known before.
    for _ in 0..2 {
        let mut stream = store.read_sound_batch(Arc::clone(&papers), Interval::D1, Range::ALL);
        let (mut came, mut error) = ([0, 0], None);
        while let Some(item) = stream.recv().await {
            assert!(error.is_none(), "nothing follows");
            match item {
                Ok(item) => came[item.index] += item.bars.len(),
                Err(e) => error = Some(e),
            }
        }
        assert_eq!(came, [all.len() - 365, all.len()]);
        let error = error.unwrap();
        assert_eq!((error.code, error.message), (Damage::CODE, format!("{DAMAGED}; everything else came")));
    }
}

#[tokio::test]
async fn a_series_that_tells_of_other_blocks_than_it_has_is_told_once_and_put_right() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let (paper, all) = (symbol("US.A"), days(0, &[5.0; 1000]));
    store.upsert(&paper, Interval::D1, all.clone()).await.unwrap();
    let info = async || store.info(&paper).await.unwrap().remove(0);
    let (before, contents) = (info().await, store.contents().await.unwrap());
    let ask = async |sql: &'static str| store.inner.writer.call(move |work| Ok(work.conn.execute(sql, [])?)).await.unwrap();
    ask("DELETE FROM blocks WHERE id = (SELECT min(id) + 1 FROM blocks)").await;
    assert_eq!(store.verify().await.unwrap().problems, ["US.A 1d: 365 bars of 1000 are lost; from now on it tells of what is there"]);
    let after = info().await;
    assert_eq!((after.bars, after.version), (all.len() as u64 - 365, before.version));
    assert!(
        after.digest != before.digest && store.contents().await.unwrap() != contents && store.verify().await.unwrap().problems.is_empty()
    );
    store.upsert(&paper, Interval::D1, all).await.unwrap();
    ask("UPDATE series SET digest = zeroblob(16)").await;
    assert_eq!(
        store.verify().await.unwrap().problems,
        ["US.A 1d: it told of other blocks than it has; from now on it tells of what is there"]
    );
    assert_eq!((info().await.digest, store.verify().await.unwrap().problems.len()), (before.digest, 0));
}
