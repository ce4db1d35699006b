//! Bars that only the receiver has, in years of which the sender has others.

use super::*;
use crate::bars::testing::closes;

/// A master that was restored from a copy of its first hundred days, and a slave that has all 196.
async fn restored() -> (Two, Symbol, Vec<Bar>) {
    let Two { _dirs: [dir, slave_dir], master, slave } = Two::new();
    let fb = symbol("FB");
    let bars = real_bars().remove(&fb).unwrap();
    master.upsert(&fb, Interval::D1, bars[..100].to_vec()).await.unwrap();
    master.close().await;
    let copy = tempfile::tempdir().unwrap();
    std::fs::copy(dir.path().join("bars.sqlite"), copy.path().join("bars.sqlite")).unwrap();
    let before = Two { master: Store::open(dir.path()).unwrap(), slave, _dirs: [dir, slave_dir] };
    // More than one change: what is restored is behind what was followed.
    for part in bars[100..].chunks(48) {
        before.master.upsert(&fb, Interval::D1, part.to_vec()).await.unwrap();
    }
    before.go(&Filter::default()).await;
    let Two { _dirs: [_, slave_dir], slave, .. } = before;
    let two = Two { master: Store::open(copy.path()).unwrap(), slave, _dirs: [copy, slave_dir] };
    (two, fb, bars)
}

impl Two {
    async fn at_slave(&self, symbol: &Symbol) -> Vec<Bar> {
        self.slave.read(symbol, Interval::D1, Range::ALL).await.unwrap().unwrap_or_default()
    }
}

#[tokio::test]
async fn what_a_restored_master_does_not_know_of_stays_also_within_a_year() {
    let (two, fb, mut bars) = restored().await;
    let all = Filter::default();
    bars[5] = split(&bars[5..6], 0.99)[0];
    two.master.upsert(&fb, Interval::D1, vec![bars[5]]).await.unwrap();
    let (done, told) = two.go(&all).await;
    assert_eq!((done.carried, done.failed, done.removed, done.version), (1, 0, 0, done.head), "{told:?}");
    assert_eq!(two.at_slave(&fb).await, bars, "what both have is the master's, and the rest stays");
    assert_eq!(two.extra().await, (1, vec!["US.FB 1d".to_owned()]));
    assert_eq!(two.slave.verify().await.unwrap().problems, Vec::<String>::new());
    // Again, and a repair: nothing travels, and it is still told.
    for mode in [SyncMode::Incremental, SyncMode::Repair] {
        let (done, _) = two.carry(&all, mode).await;
        assert_eq!((done.carried, done.failed, two.extra().await.0), (0, 0, 1));
    }
    // What changes at the master from now on comes, and what it takes out goes; of nothing else.
    bars[6] = split(&bars[6..7], 0.99)[0];
    two.master.upsert(&fb, Interval::D1, vec![bars[6]]).await.unwrap();
    two.go(&all).await;
    let gone = bars.remove(7).time();
    two.master.remove(&fb, vec![(Interval::D1, Range { from: gone, to: gone })]).await.unwrap();
    let (done, told) = two.go(&all).await;
    assert_eq!((done.failed, done.removed, told[0].note.as_str()), (0, 1, "1 bar taken out that the sender does not have"));
    assert_eq!((two.at_slave(&fb).await, two.extra().await.0), (bars.clone(), 1));
    // The bars come back to the master: both are equal.
    two.master.upsert(&fb, Interval::D1, bars).await.unwrap();
    two.go(&all).await;
    two.assert_equal().await;
    assert_eq!(two.extra().await.0, 0);
}

#[tokio::test]
async fn a_mirror_takes_out_what_only_the_slave_has_and_says_how_much() {
    for of_symbol in [true, false] {
        let (two, fb, _) = restored().await;
        two.go(&Filter::default()).await;
        assert_eq!(two.at_slave(&fb).await.len(), 196);
        let filter = Filter { symbol: of_symbol.then(|| fb.clone()), range: None };
        let (done, told) = two.carry(&filter, SyncMode::Full).await;
        assert_eq!((done.failed, done.removed, told[0].note.as_str()), (0, 96, "96 bars taken out that the sender does not have"));
        two.assert_equal().await;
        two.go(&Filter::default()).await;
        assert_eq!(two.extra().await.0, 0);
    }
}

/// A year that the master has no bar of any more; and a part that is asked for alone.
#[tokio::test]
async fn what_the_master_takes_out_goes_from_beside_what_stays() {
    for part in [false, true] {
        let (two, fb, bars) = restored().await;
        let all = Filter::default();
        two.go(&all).await;
        let range = if part { Range { from: bars[10].time(), to: bars[19].time() } } else { Range::ALL };
        two.master.remove(&fb, vec![(Interval::D1, range)]).await.unwrap();
        if part {
            two.go(&Filter { symbol: Some(fb.clone()), range: Some(range) }).await;
        }
        let (done, told) = two.go(&all).await;
        let left: Vec<Bar> = if part { [&bars[..10], &bars[20..]].concat() } else { bars[100..].to_vec() };
        assert_eq!((done.failed, two.at_slave(&fb).await), (0, left), "{told:?}");
        assert_eq!((two.extra().await.0, two.slave.verify().await.unwrap().problems.len()), (1, 0));
    }
}

/// A slave of another life that is brought many years, some of which both have.
#[tokio::test]
async fn a_block_that_is_damaged_is_replaced_whatever_it_had_besides() {
    let two = Two::new();
    let fb = symbol("FB");
    two.slave.upsert(&fb, Interval::D1, closes(15_000, &[1.0, 2.0, 3.0])).await.unwrap();
    two.master.upsert(&fb, Interval::D1, closes(15_003, &[4.0, 5.0])).await.unwrap();
    two.go(&Filter::default()).await;
    assert_eq!((two.at_slave(&fb).await, two.extra().await.0), (closes(15_000, &[1.0, 2.0, 3.0, 4.0, 5.0]), 1));
    crate::bars::testing::damage(&two._dirs[1].path().join("bars.sqlite"), 0);
    two.slave.read(&fb, Interval::D1, Range::ALL).await.unwrap_err();
    let (done, _) = two.go(&Filter::default()).await;
    assert_eq!((done.failed, done.carried), (0, 1));
    two.assert_equal().await;
}
