//! Two stores in one process; over HTTP the same is tried in tests/api. `besides` what only the receiver has.

mod besides;
mod would;

use super::*;
use crate::bars::store::Store;
use crate::bars::testing::{real_bars, split, symbol};
use crate::model::bars::{Bar, Range};
use proptest::prelude::*;

struct Two {
    _dirs: [tempfile::TempDir; 2],
    master: Store,
    slave: Store,
}

impl Two {
    fn new() -> Self {
        let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [master, slave] = [0, 1].map(|n: usize| Store::open(dirs[n].path()).unwrap());
        Self { _dirs: dirs, master, slave }
    }
    async fn go(&self, filter: &Filter) -> (Transferred, Vec<Carried>) {
        self.carry(filter, SyncMode::Incremental).await
    }
    async fn carry(&self, filter: &Filter, mode: SyncMode) -> (Transferred, Vec<Carried>) {
        let (told, mut heard) = mpsc::channel(10_000);
        let done = transfer(&End::Here(self.master.clone()), &End::Here(self.slave.clone()), filter, mode, &told).await.unwrap();
        drop(told);
        let mut all = Vec::new();
        while let Some(carried) = heard.recv().await {
            all.push(carried);
        }
        (done, all)
    }
    /// What the slave is known to have besides.
    async fn extra(&self) -> (u64, Vec<String>) {
        let extra = self.slave.followed(self.master.id()).await.unwrap().extra.unwrap();
        (extra.series, extra.names)
    }
    async fn assert_equal(&self) {
        let digests = |list: Vec<crate::bars::store::SeriesInfo>| {
            list.into_iter().map(|s| (s.symbol, s.interval, s.digest, s.bars, s.first, s.last)).collect::<Vec<_>>()
        };
        assert_eq!(digests(self.slave.list(None).await.unwrap()), digests(self.master.list(None).await.unwrap()));
        assert_eq!(self.slave.verify().await.unwrap().problems, Vec::<String>::new());
    }
}

#[tokio::test]
async fn corrections_and_backfills_travel_and_nothing_else_does() {
    let two = Two::new();
    let real = real_bars();
    for (symbol, bars) in &real {
        two.master.upsert(symbol, Interval::D1, bars[bars.len() / 2..].to_vec()).await.unwrap();
    }
    let (first, carried) = two.go(&Filter::default()).await;
    assert_eq!((first.carried, first.failed, first.version, carried.len()), (5, 0, first.head, 5));
    two.assert_equal().await;
    // Again: nothing is looked at.
    let (again, _) = two.go(&Filter::default()).await;
    assert_eq!((again.series, again.carried, again.version), (0, 0, first.version));
    // A backfill of thirteen years ago and a correction of one bar.
    let (aapl, fb) = (symbol("AAPL"), symbol("FB"));
    two.master.upsert(&aapl, Interval::D1, real[&aapl][..10].to_vec()).await.unwrap();
    two.master.upsert(&fb, Interval::D1, split(&real[&fb][150..151], 0.5)).await.unwrap();
    let (third, carried) = two.go(&Filter::default()).await;
    let bars: Vec<(&str, u64)> = carried.iter().map(|c| (c.symbol.as_str(), c.bars)).collect();
    assert_eq!(third.carried, 2);
    assert_eq!(bars[0], ("US.AAPL", 10), "only the block that is new travels");
    two.assert_equal().await;
}

#[tokio::test]
async fn what_is_taken_out_goes_there_too() {
    let two = Two::new();
    let (aapl, fb) = (symbol("AAPL"), symbol("FB"));
    for (symbol, bars) in &real_bars() {
        two.master.upsert(symbol, Interval::D1, bars.clone()).await.unwrap();
    }
    two.go(&Filter::default()).await;
    let day = crate::bars::testing::day;
    let some = Range { from: day("2003-02-03"), to: day("2006-08-08") };
    two.master.remove(&aapl, vec![(Interval::D1, some)]).await.unwrap();
    two.master.remove(&fb, vec![(Interval::D1, Range::ALL)]).await.unwrap();
    let followed = two.slave.followed(two.master.id()).await.unwrap();
    assert_eq!(two.master.waiting(followed.version).await.unwrap().unwrap().series, 2);
    let (done, _) = two.go(&Filter::default()).await;
    assert_eq!((done.carried, done.failed), (2, 0));
    assert_eq!(two.slave.read(&fb, Interval::D1, Range::ALL).await.unwrap(), None);
    two.assert_equal().await;
    assert_eq!((two.go(&Filter::default()).await.0.carried, two.master.waiting(done.head).await.unwrap()), (0, None));
    // A slave that comes anew never hears of it.
    let other = Two::new();
    let fresh = Two { master: two.master.clone(), ..other };
    let (done, carried) = fresh.go(&Filter::default()).await;
    assert!(done.failed == 0 && carried.iter().all(|c| c.symbol != fb), "{carried:?}");
    fresh.assert_equal().await;
}

#[tokio::test]
async fn a_sender_that_was_set_back_is_compared_whole() {
    let two = Two::new();
    let fb = symbol("FB");
    let bars = real_bars().remove(&fb).unwrap();
    two.master.upsert(&fb, Interval::D1, bars.clone()).await.unwrap();
    two.slave.set_followed(two.master.id(), Followed { version: 9_999, ..Followed::default() }).await.unwrap();
    // The slave has what the master never had, or has no more: nobody knows.
    two.slave.upsert(&fb, Interval::D1, vec![bars[0].at(crate::bars::testing::day("1999-01-04"))]).await.unwrap();
    let (done, _) = two.go(&Filter::default()).await;
    assert_eq!((done.carried, done.removed, done.version), (1, 0, done.head));
    assert_eq!(two.extra().await, (1, vec!["US.FB 1d".to_owned()]));
    let (done, _) = two.carry(&Filter::default(), SyncMode::Full).await;
    assert_eq!((done.carried, done.removed), (1, 1));
    two.assert_equal().await;
}

#[tokio::test]
async fn what_a_slave_has_besides_stays_and_is_told_until_a_mirror_is_asked_for() {
    let two = Two::new();
    let real = real_bars();
    let [aapl, fb, ibm] = ["AAPL", "FB", "IBM"].map(symbol);
    // A store that has lived, and a master that it has never seen: half of one series, and another one.
    let (old, new) = real[&aapl].split_at(real[&aapl].len() / 2);
    for (symbol, bars) in [(&aapl, &real[&aapl]), (&fb, &real[&fb]), (&ibm, &real[&fb])] {
        two.slave.upsert(symbol, Interval::D1, bars.clone()).await.unwrap();
    }
    two.master.upsert(&aapl, Interval::D1, new.to_vec()).await.unwrap();
    two.master.upsert(&fb, Interval::D1, split(&real[&fb], 0.5)).await.unwrap();
    let (done, carried) = two.go(&Filter::default()).await;
    assert!(done.failed == 0 && done.removed == 0 && done.version == done.head, "{done:?}");
    assert!(carried.iter().any(|c| c.symbol == fb), "what both have is the master's");
    assert_eq!(two.extra().await, (2, vec!["US.AAPL 1d".to_owned(), "US.IBM 1d".to_owned()]));
    let there = two.slave.read(&aapl, Interval::D1, Range::ALL).await.unwrap().unwrap();
    assert_eq!(there.first(), old.first(), "years that the master lacks");
    // Again: nothing travels, and nobody looks again.
    let (again, _) = two.go(&Filter::default()).await;
    assert_eq!((again.series, again.carried), (0, 0));
    // What the master takes out from now on goes, and no more.
    let some = Range { from: new[0].time(), to: new[new.len() / 2].time() };
    two.master.remove(&aapl, vec![(Interval::D1, some)]).await.unwrap();
    let (done, _) = two.go(&Filter::default()).await;
    assert!(done.failed == 0 && done.removed > 0, "{done:?}");
    let there = two.slave.read(&aapl, Interval::D1, Range::ALL).await.unwrap().unwrap();
    assert!(there.first() == old.first() && there.iter().all(|b| b.time() < some.from.plus_days(366) || b.time() > some.to));
    assert_eq!(two.extra().await.0, 2);
    // Of one symbol alone, and of all.
    let only = Filter { symbol: Some(ibm.clone()), range: None };
    let (done, _) = two.carry(&only, SyncMode::Repair).await;
    assert_eq!((done.carried, done.removed), (0, 0));
    let (done, _) = two.carry(&only, SyncMode::Full).await;
    assert_eq!((done.carried, done.removed), (1, real[&fb].len() as u64));
    two.go(&Filter::default()).await;
    assert_eq!(two.extra().await, (1, vec!["US.AAPL 1d".to_owned()]));
    two.carry(&Filter::default(), SyncMode::Full).await;
    assert_eq!(two.extra().await, (0, Vec::new()));
    two.assert_equal().await;
}

#[tokio::test]
async fn what_was_written_at_a_slave_is_put_right_though_the_master_did_not_change() {
    let two = Two::new();
    let real = real_bars();
    let [aapl, fb] = ["AAPL", "FB"].map(symbol);
    for symbol in [&aapl, &fb] {
        two.master.upsert(symbol, Interval::D1, real[symbol].clone()).await.unwrap();
    }
    two.go(&Filter::default()).await;
    // It was a master for a while: bars of its own, changed ones, and some taken out.
    two.slave.upsert(&fb, Interval::D1, split(&real[&fb][..1], 0.5)).await.unwrap();
    two.slave.upsert(&fb, Interval::H1, real[&fb][..3].to_vec()).await.unwrap();
    two.slave.remove(&aapl, vec![(Interval::D1, Range::ALL)]).await.unwrap();
    let (done, _) = two.go(&Filter::default()).await;
    assert_eq!((done.carried, done.failed, done.removed), (2, 0, 0));
    assert_eq!(two.extra().await, (1, vec!["US.FB 1h".to_owned()]));
    two.carry(&Filter::default(), SyncMode::Full).await;
    two.assert_equal().await;
}

#[tokio::test]
async fn part_of_a_store_is_carried_alone() {
    let two = Two::new();
    let real = real_bars();
    for (symbol, bars) in &real {
        two.master.upsert(symbol, Interval::D1, bars.clone()).await.unwrap();
    }
    let range = Range::parse(Interval::D1, "2011-01-01", "2012-12-31").unwrap();
    let (done, carried) = two.go(&Filter { symbol: Some(symbol("AAPL")), range: Some(range) }).await;
    assert_eq!((done.carried, done.failed, carried[0].bars), (1, 0, 502));
    let bars: Vec<Bar> = two.slave.read(&symbol("AAPL"), Interval::D1, Range::ALL).await.unwrap().unwrap();
    assert_eq!(bars.len(), 502);
    // It does not count as followed: everything still comes.
    assert_eq!(two.slave.followed(two.master.id()).await.unwrap(), Followed::default());
    two.go(&Filter::default()).await;
    two.assert_equal().await;
}

#[tokio::test]
async fn a_slave_that_lost_a_block_gets_it_back() {
    let two = Two::new();
    let aapl = symbol("AAPL");
    let bars = real_bars().remove(&aapl).unwrap();
    two.master.upsert(&aapl, Interval::D1, bars.clone()).await.unwrap();
    two.go(&Filter::default()).await;
    // Something else stands there now, and the master changes another block: the changed one alone would not make them equal.
    two.slave.upsert(&aapl, Interval::D1, split(&bars[..1], 0.5)).await.unwrap();
    two.master.upsert(&aapl, Interval::D1, split(&bars[3000..3001], 0.5)).await.unwrap();
    let (done, _) = two.go(&Filter::default()).await;
    assert_eq!((done.carried, done.failed), (1, 0));
    two.assert_equal().await;
}

#[tokio::test]
async fn a_slave_s_damaged_block_is_brought_again() {
    let two = Two::new();
    for (symbol, bars) in &real_bars() {
        two.master.upsert(symbol, Interval::D1, bars.clone()).await.unwrap();
    }
    two.go(&Filter::default()).await;
    let file = two._dirs[1].path().join("bars.sqlite");
    let aapl = Filter { symbol: Some(symbol("AAPL")), range: None };
    let days = Filter { range: Some(Range::parse(Interval::D1, "2001-02-01", "2001-03-01").unwrap()), ..aapl.clone() };
    // Nobody has seen it: what changed is nothing, and everything is all.
    crate::bars::testing::damage(&file, 1);
    assert_eq!(two.go(&Filter::default()).await.0.carried, 0);
    for filter in [&Filter::default(), &aapl, &days] {
        let (done, carried) = two.carry(filter, SyncMode::Full).await;
        assert_eq!((done.carried, done.failed, carried[0].symbol.as_str()), (1, 0, "US.AAPL"), "{filter:?}");
        two.assert_equal().await;
        crate::bars::testing::damage(&file, 1);
    }
    two.carry(&Filter::default(), SyncMode::Full).await;
    // Once it is seen, any transfer brings it.
    crate::bars::testing::damage(&file, 2);
    two.slave.read(&symbol("AAPL"), Interval::D1, Range::ALL).await.unwrap_err();
    let (done, carried) = two.go(&Filter::default()).await;
    assert_eq!((done.carried, done.failed, carried[0].bars), (1, 0, 252));
    two.assert_equal().await;
    assert_eq!(two.go(&Filter::default()).await.0.carried, 0);
}

/// What a row of the database says that somebody changed beside the daemon.
fn change(two: &Two, end: usize, sql: &str) {
    let conn = rusqlite::Connection::open(two._dirs[end].path().join("bars.sqlite")).unwrap();
    assert_eq!(conn.execute(sql, []).unwrap(), 1);
}

#[tokio::test]
async fn a_series_that_tells_of_other_blocks_than_it_has_is_compared_by_its_blocks() {
    const LOST: &str = "DELETE FROM blocks WHERE id = (SELECT min(id) + 1 FROM blocks)";
    const STALE: &str = "UPDATE series SET digest = zeroblob(16)";
    let aapl = symbol("AAPL");
    let bars = real_bars().remove(&aapl).unwrap();
    // Of the slave's blocks one is lost, or its digest is another; the same of the master's digest.
    for (end, sql) in [(1, LOST), (1, STALE), (0, STALE)] {
        let two = Two::new();
        two.master.upsert(&aapl, Interval::D1, bars.clone()).await.unwrap();
        two.go(&Filter::default()).await;
        change(&two, end, sql);
        let (done, carried) = two.carry(&Filter::default(), SyncMode::Full).await;
        assert_eq!((done.failed, done.carried), (0, u64::from(sql == LOST)), "{end} {sql} {carried:?}");
        two.assert_equal().await;
        // Once it is seen, any transfer puts it right.
        change(&two, 1, LOST);
        assert_eq!(two.slave.verify().await.unwrap().problems.len(), 1);
        let (done, _) = two.go(&Filter::default()).await;
        assert_eq!((done.carried, done.failed), (1, 0));
        two.assert_equal().await;
    }
    // What a master lost stays at its slave, and is told.
    let two = Two::new();
    two.master.upsert(&aapl, Interval::D1, bars.clone()).await.unwrap();
    two.go(&Filter::default()).await;
    change(&two, 0, LOST);
    two.master.verify().await.unwrap();
    let (done, _) = two.go(&Filter::default()).await;
    assert_eq!((done.failed, done.removed, two.extra().await.0), (0, 0, 1));
    assert_eq!(two.slave.read(&aapl, Interval::D1, Range::ALL).await.unwrap().unwrap(), bars);
}

#[tokio::test]
async fn a_master_s_damaged_block_takes_nothing_from_a_slave_and_keeps_nothing_else_back() {
    let two = Two::new();
    let (aapl, fb) = (symbol("AAPL"), symbol("FB"));
    let mut real = real_bars();
    let bars = real.remove(&aapl).unwrap();
    two.master.upsert(&aapl, Interval::D1, bars[..3000].to_vec()).await.unwrap();
    two.go(&Filter::default()).await;
    crate::bars::testing::damage(&two._dirs[0].path().join("bars.sqlite"), 1);
    two.master.verify().await.unwrap();
    // What is new of the same paper and of others travels all the same.
    two.master.upsert(&aapl, Interval::D1, bars[3000..].to_vec()).await.unwrap();
    two.master.upsert(&fb, Interval::D1, real.remove(&fb).unwrap()).await.unwrap();
    let (done, carried) = two.go(&Filter::default()).await;
    // It is followed all the same, and that series is noted.
    assert_eq!((done.carried, done.failed, done.lacking, done.version), (2, 1, 1, done.head));
    let error = &carried.iter().find(|c| c.symbol == aapl).unwrap().error;
    let says = "the bars of US.AAPL 1d from 2001-01-02 to 2001-12-31 are damaged in the bars database of the sender";
    assert!(error.starts_with(says), "{error}");
    assert_eq!(two.slave.read(&aapl, Interval::D1, Range::ALL).await.unwrap().unwrap(), bars);
    // A slave that comes anew has what is sound.
    let fresh = Two { master: two.master.clone(), ..Two::new() };
    for series in [2, 1, 1] {
        let (done, _) = fresh.go(&Filter::default()).await;
        assert_eq!((done.series, done.failed, done.lacking, done.version), (series, 1, 1, done.head), "only that one is tried again");
    }
    assert_eq!(fresh.slave.read(&aapl, Interval::D1, Range::ALL).await.unwrap().unwrap().len(), bars.len() - 248);
    // Mended, all are equal.
    use crate::bars::store::{IfDamaged, Noted};
    two.master.upsert_noted(&aapl, Interval::D1, bars, Noted::default(), IfDamaged::Replace).await.unwrap();
    for two in [&two, &fresh] {
        let (done, _) = two.go(&Filter::default()).await;
        assert_eq!((done.failed, done.lacking, done.version), (0, 0, done.head));
        assert!(two.slave.followed(two.master.id()).await.unwrap().lacking.is_empty());
        two.assert_equal().await;
    }
}

#[tokio::test]
async fn what_cannot_be_put_right_is_told_each_time() {
    let two = Two::new();
    let (aapl, all) = (symbol("AAPL"), Filter::default());
    two.master.upsert(&aapl, Interval::D1, real_bars().remove(&aapl).unwrap()).await.unwrap();
    two.go(&all).await;
    let synced = async || two.slave.followed(two.master.id()).await.unwrap().synced;
    let before = synced().await;
    // Nothing changed since, but a block of the master is no longer what the slave has.
    crate::bars::testing::damage(&two._dirs[0].path().join("bars.sqlite"), 1);
    two.master.verify().await.unwrap();
    let mut since = None;
    for _ in 0..2 {
        let (done, carried) = two.go(&all).await;
        assert_eq!((done.carried, done.failed, done.removed), (1, 1, 0), "{carried:?}");
        assert_eq!((synced().await, two.extra().await.0), (before, 0));
        // Since when stays.
        let lacking = two.slave.followed(two.master.id()).await.unwrap().lacking;
        assert_eq!(
            (lacking.len(), lacking[0].symbol.as_str(), since.get_or_insert(lacking[0].since)),
            (1, "US.AAPL", &mut lacking[0].since.clone())
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Whatever is written in between, a transfer ends in equality.
    #[test]
    fn every_history_ends_equal(rounds in proptest::collection::vec(proptest::collection::vec((0usize..6, 0i64..9_000, 1u32..500), 0..8), 1..5)) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let two = Two::new();
            for round in &rounds {
                for (paper, day, cents) in round {
                    let close = f64::from(*cents) / 100.0;
                    let bar = Bar::new(crate::model::bars::BarTime::new(day * 86_400).unwrap(), close, close, close, close, crate::model::bars::Volume::Whole(1)).unwrap();
                    two.master.upsert(&symbol(&format!("US.S{paper}")), Interval::D1, vec![bar]).await.unwrap();
                }
                let (done, _) = two.go(&Filter::default()).await;
                prop_assert_eq!((done.failed, done.version), (0, done.head));
                two.assert_equal().await;
            }
            Ok(())
        })?;
    }
}
