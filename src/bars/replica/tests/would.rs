//! What a pull would do is what it does.

use super::super::would::would_bring;
use super::*;
use crate::bars::Would;

impl Two {
    async fn would(&self, filter: &Filter, mode: SyncMode) -> Vec<Would> {
        would_bring(&End::Here(self.master.clone()), &self.slave, filter, mode).await.unwrap()
    }

    /// Both, in this order: series, bars, and bars that went.
    async fn would_and_does(&self, filter: &Filter, mode: SyncMode) -> [(u64, u64, u64); 2] {
        let before = self.slave.contents().await.unwrap();
        let would = self.would(filter, mode).await;
        assert_eq!(self.slave.contents().await.unwrap(), before, "nothing was done");
        let (done, told) = self.carry(filter, mode).await;
        assert_eq!(done.failed, 0, "{told:?}");
        let sum = |count: fn(&Would) -> u64| would.iter().map(count).sum();
        [(would.len() as u64, sum(|w| w.written), sum(|w| w.removed)), (done.carried, done.bars, done.removed)]
    }
}

#[tokio::test]
async fn a_trial_says_what_the_pull_does() {
    let two = Two::new();
    let real = real_bars();
    for (symbol, bars) in &real {
        two.master.upsert(symbol, Interval::D1, bars[bars.len() / 2..].to_vec()).await.unwrap();
    }
    let (aapl, all) = (symbol("AAPL"), Filter::default());
    let one = Filter { symbol: Some(symbol("IBM")), range: None };
    let incremental = async |filter: &Filter| {
        let [would, does] = two.would_and_does(filter, SyncMode::Incremental).await;
        assert_eq!(would, does);
        does
    };
    assert_eq!(incremental(&one).await.0, 1);
    assert_eq!(incremental(&all).await.0, real.len() as u64 - 1);
    assert_eq!(incremental(&all).await, (0, 0, 0));
    // A change, a backfill, and bars that went.
    two.master.upsert(&aapl, Interval::D1, real[&aapl].clone()).await.unwrap();
    let (fb, december) = (symbol("FB"), Range::parse(Interval::D1, "2012-12-01", "2012-12-31").unwrap());
    let gone = two.master.remove(&fb, vec![(Interval::D1, december)]).await.unwrap()[0];
    let (series, _, removed) = incremental(&all).await;
    assert_eq!((series, removed), (2, gone.bars));
    // What the slave has otherwise and besides goes with a full one alone, among it a whole series.
    two.slave.upsert(&aapl, Interval::D1, split(&real[&aapl][..1], 0.5)).await.unwrap();
    two.slave.upsert(&fb, Interval::D1, real[&fb].clone()).await.unwrap();
    two.slave.upsert(&symbol("OLD"), Interval::D1, real[&aapl].clone()).await.unwrap();
    assert_eq!(two.would(&one, SyncMode::Full).await, []);
    let [would, does] = two.would_and_does(&all, SyncMode::Full).await;
    assert_eq!(would, does);
    assert_eq!((does.0, does.2), (3, real[&fb].len() as u64 - gone.left + real[&aapl].len() as u64));
    two.assert_equal().await;
}

#[tokio::test]
async fn a_block_that_cannot_be_read_is_told_and_holds_up_no_other() {
    let two = Two::new();
    let real = real_bars();
    for (symbol, bars) in &real {
        two.master.upsert(symbol, Interval::D1, bars.clone()).await.unwrap();
    }
    crate::bars::testing::damage(&two._dirs[0].path().join("bars.sqlite"), 1);
    two.master.verify().await.unwrap();
    let would = two.would(&Filter::default(), SyncMode::Incremental).await;
    let failed: Vec<&Would> = would.iter().filter(|w| w.written == 0).collect();
    assert!(would.len() == real.len() && failed.len() == 1 && failed[0].note.contains("are damaged"), "{failed:?}");
}
