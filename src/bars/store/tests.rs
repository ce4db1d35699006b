use super::block::tests::{a_bar, any_bar};
use super::*;
use crate::model::bars::{Bar, BarTime, Interval, Range, Symbol, Volume};
use proptest::prelude::*;
use std::collections::BTreeMap;

pub(super) fn symbol(text: &str) -> Symbol {
    Symbol::parse(text).unwrap()
}

/// Days from the first of 2020, closing at the given prices.
pub(super) fn days(from: i64, closes: &[f64]) -> Vec<Bar> {
    let first = 18_262 + from;
    (first..).zip(closes).map(|(day, close)| a_bar(day * 86_400, [*close, close + 1.0, close - 1.0, *close], Volume::Whole(100))).collect()
}

/// Changes a byte of one of the blocks, as a disk may that nobody told.
pub(super) fn damage(dir: &tempfile::TempDir, block: u32) {
    crate::bars::testing::damage(&dir.path().join("bars.sqlite"), block);
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Any sequence of upserts equals a map, in all that a reader can see: bars, counts, bounds, ranges, digests.
    #[test]
    fn the_store_is_a_map(
        interval in proptest::sample::select(&Interval::ALL[..]),
        writes in proptest::collection::vec(proptest::collection::vec((0i64..2_000_000_000, any_bar()), 0..40), 1..6),
        (from, to) in (0i64..2_000_000_000, 0i64..2_000_000_000),
    ) {
        let dir = tempfile::tempdir().unwrap();
        runtime().block_on(async {
            let store = Store::open(dir.path()).unwrap();
            let paper = symbol("US.TEST");
            let mut model: BTreeMap<BarTime, Bar> = BTreeMap::new();
            for write in &writes {
                let bars: Vec<Bar> = write.iter().map(|(time, (prices, volume))| a_bar(*time, *prices, *volume)).collect();
                let before = model.clone();
                for bar in &bars {
                    let name = interval.canonical(bar.time());
                    model.insert(name, bar.at(name));
                }
                let done = store.upsert(&paper, interval, bars).await.unwrap();
                let added = model.len() - before.len();
                let changed = before.iter().filter(|(time, bar)| model[time] != **bar).count();
                prop_assert_eq!((done.added, done.changed), (added as u64, changed as u64));
            }
            let all: Vec<Bar> = model.values().copied().collect();
            let found = store.read(&paper, interval, Range::ALL).await.unwrap();
            prop_assert_eq!(found.clone().unwrap_or_default(), all.clone());
            let range = Range { from: BarTime::new(from.min(to)).unwrap(), to: BarTime::new(from.max(to)).unwrap() };
            let part = store.read(&paper, interval, range).await.unwrap().unwrap_or_default();
            prop_assert_eq!(part, all.iter().filter(|b| range.contains(b.time())).copied().collect::<Vec<_>>());
            let verified = store.verify().await.unwrap();
            prop_assert_eq!((verified.bars, verified.problems), (all.len() as u64, Vec::<String>::new()));
            // The same bars brought in one piece give the same digest, whatever way they came.
            store.upsert(&symbol("US.OTHER"), interval, all.clone()).await.unwrap();
            let digests: Vec<Digest> = store.list(None).await.unwrap().into_iter().map(|s| s.digest).collect();
            prop_assert!(digests.windows(2).all(|pair| pair[0] == pair[1]));
            if let Some((info, tail)) = store.tail(&paper, interval, 7).await.unwrap() {
                prop_assert_eq!((info.first, info.last), (all.first().map(Bar::time), all.last().map(Bar::time)));
                prop_assert_eq!(&tail[..], &all[all.len().saturating_sub(7)..]);
            }
            store.close().await;
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn a_trial_makes_no_version() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let (symbol, bars) = (symbol("US.TEST"), days(0, &[1.0, 2.0, 3.0]));
    store.upsert(&symbol, Interval::D1, bars[..2].to_vec()).await.unwrap();
    let (before, _) = store.head().await.unwrap();
    store.would_upsert(&symbol, Interval::D1, bars.clone(), IfDamaged::Refuse).await.unwrap();
    store.would_remove(&symbol, vec![(Interval::D1, Range::ALL)]).await.unwrap();
    assert_eq!(store.waiting(before).await.unwrap(), None);
    store.upsert(&symbol, Interval::D1, bars).await.unwrap();
    assert_eq!(store.head().await.unwrap().0, before + 1);
}

#[tokio::test]
async fn versions_rise_with_changes_only() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let (a, b) = (symbol("US.A"), symbol("US.B"));
    let first = store.upsert(&a, Interval::D1, days(0, &[10.0, 11.0])).await.unwrap();
    let second = store.upsert(&b, Interval::D1, days(0, &[20.0])).await.unwrap();
    let again = store.upsert(&a, Interval::D1, days(0, &[10.0, 11.0])).await.unwrap();
    assert_eq!((again.version, again.unchanged), (first.version, 2));
    assert!(second.version > first.version);
    // A bar of years ago travels as surely as a new one.
    let backfill = store.upsert(&a, Interval::D1, days(-3000, &[5.0])).await.unwrap();
    let changed = store.changed_since(second.version, 10).await.unwrap();
    assert_eq!(changed.iter().map(|s| (s.symbol.as_str(), s.version)).collect::<Vec<_>>(), [("US.A", backfill.version)]);
    store.close().await;
    // The counter goes on after a restart.
    let store = Store::open(dir.path()).unwrap();
    assert!(store.upsert(&b, Interval::D1, days(0, &[21.0])).await.unwrap().version > backfill.version);
}

#[tokio::test]
async fn a_reader_is_not_blocked_and_sees_one_moment() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let all: Arc<[Symbol]> = (0..50).map(|n| symbol(&format!("US.S{n}"))).collect();
    for s in all.iter() {
        store.upsert(s, Interval::D1, days(0, &[1.0])).await.unwrap();
    }
    // The stream is begun and not read on: the writer gets through, and what it wrote is not seen.
    let mut batch = store.read_batch(Arc::clone(&all), Interval::D1, Range::ALL);
    assert!(!batch.recv().await.unwrap().unwrap().bars.is_empty());
    for s in all.iter() {
        store.upsert(s, Interval::D1, days(0, &[2.0])).await.unwrap();
    }
    let mut seen = 1;
    while let Some(item) = batch.recv().await {
        assert_eq!(item.unwrap().bars[0].close(), 1.0);
        seen += 1;
    }
    assert_eq!(seen, 50);
    // The next reader sees the correction at once.
    assert_eq!(store.read(&all[7], Interval::D1, Range::ALL).await.unwrap().unwrap()[0].close(), 2.0);
    // Unknown is None, known and empty is an empty list.
    assert_eq!(store.read(&symbol("US.NONE"), Interval::D1, Range::ALL).await.unwrap(), None);
    let later = Range { from: BarTime::new(1_900_000_000).unwrap(), to: BarTime::MAX };
    assert_eq!(store.read(&all[0], Interval::D1, later).await.unwrap(), Some(Vec::new()));
}

#[tokio::test]
async fn a_write_that_fails_takes_nothing_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let paper = symbol("US.A");
    let good = store.upsert(&paper, Interval::D1, days(0, &[1.0]));
    let bad = store.inner.writer.call(|work| {
        upsert::upsert(work, &symbol("US.B"), Interval::D1, days(0, &[1.0]), IfDamaged::Refuse)?;
        Err::<(), _>(Error::permanent("test", "no"))
    });
    let panics = store.inner.writer.call(|work| -> Result<()> {
        upsert::upsert(work, &symbol("US.C"), Interval::D1, days(0, &[1.0]), IfDamaged::Refuse)?;
        panic!("on purpose")
    });
    let (good, bad, panics) = tokio::join!(good, bad, panics);
    assert!(good.is_ok() && bad.is_err() && panics.is_err());
    let left: Vec<String> = store.list(None).await.unwrap().into_iter().map(|s| s.symbol.to_string()).collect();
    assert_eq!(left, ["US.A"]);
}

#[tokio::test]
async fn damage_is_found_and_named() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    store.upsert(&symbol("US.A"), Interval::D1, days(0, &[1.0; 300])).await.unwrap();
    damage(&dir, 0);
    let problems = store.verify().await.unwrap().problems;
    let named = "the bars of US.A 1d from 2020-01-01 to 2020-10-26 are damaged in the bars database";
    assert_eq!(problems, [format!("{named}: its bytes are not those of its digest")]);
    let error = store.read(&symbol("US.A"), Interval::D1, Range::ALL).await.unwrap_err();
    assert!(error.message == named && error.code == Damage::CODE && error.to_string().contains("`syncline bars delete`"), "{error}");
    store.close().await;
    // A file that SQLite itself cannot follow is refused at the start.
    let file = dir.path().join("bars.sqlite");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = 8192 * 2;
    bytes[middle..middle + 4000].fill(0xff);
    std::fs::write(&file, bytes).unwrap();
    assert!(Store::open(dir.path()).err().unwrap().to_string().contains("is damaged"));
}

#[tokio::test]
async fn blocks_make_an_equal_series_elsewhere() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (master, slave) = (Store::open(here.path()).unwrap(), Store::open(there.path()).unwrap());
    let paper = symbol("US.A");
    master.upsert(&paper, Interval::D1, days(0, &[1.0; 800])).await.unwrap();
    // What only the slave has goes: it is a copy.
    slave.upsert(&paper, Interval::D1, days(-3000, &[9.0])).await.unwrap();
    let list = master.blocks(&paper, Interval::D1, 0).await.unwrap().unwrap();
    let bare = slave.receive(&paper, Interval::D1, list.blocks.clone(), Besides::Gone, Vec::new()).await.unwrap();
    assert_eq!(bare.missing, [2020, 2021, 2022]);
    let data = master.block_data(&paper, Interval::D1, bare.missing).await.unwrap();
    let done = slave.receive(&paper, Interval::D1, list.blocks.clone(), Besides::Gone, data.clone()).await.unwrap();
    assert_eq!((done.missing.len(), done.changed, done.bars, done.digest), (0, 3, 800, list.info.digest));
    assert_eq!(slave.read(&paper, Interval::D1, Range::ALL).await.unwrap(), master.read(&paper, Interval::D1, Range::ALL).await.unwrap());
    assert_eq!(slave.verify().await.unwrap().problems, Vec::<String>::new());
    // Twice is once; a damaged or misplaced block is refused whole.
    assert_eq!(slave.receive(&paper, Interval::D1, list.blocks.clone(), Besides::Gone, data.clone()).await.unwrap().changed, 0);
    let mut broken = data[0].clone();
    broken.data[9] ^= 1;
    assert!(slave.receive(&paper, Interval::D1, list.blocks.clone(), Besides::Gone, vec![broken]).await.is_err());
    let misplaced = BlockData { period: 1999, data: data[0].data.clone() };
    assert!(slave.receive(&paper, Interval::D1, list.blocks, Besides::Gone, vec![misplaced]).await.is_err());
}

/// Bars that were taken out and came again lie in a block that changed and in what was taken out: a backup gets them once.
#[tokio::test]
async fn what_changed_is_told_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let (paper, all) = (symbol("US.TEST"), days(0, &[5.0; 2000]));
    store.upsert(&paper, Interval::D1, all.clone()).await.unwrap();
    for range in [Range::ALL, Range { from: all[3].time(), to: all[700].time() }] {
        store.remove(&paper, vec![(Interval::D1, range)]).await.unwrap();
        store.upsert(&paper, Interval::D1, all.clone()).await.unwrap();
    }
    let ranges = store.changed_ranges(&paper, Interval::D1, 0).await.unwrap();
    let told: usize = ranges.iter().map(|range| all.iter().filter(|bar| range.contains(bar.time())).count()).sum();
    assert_eq!(told, all.len(), "{ranges:?}");
}

#[tokio::test]
async fn who_came_is_kept_over_a_restart() {
    use crate::bars::replica::{Introduced, Says};
    use crate::bars::{Errand, Visits};
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let visits = Visits::default();
    let who = Introduced {
        name: "香港".to_owned(),
        store: "s".to_owned(),
        every: Some(Duration::from_secs(30)),
        port: Some(11183),
        extra: None,
        called: None,
        says: Says::default(),
    };
    visits.came(&store, who, "::1".parse().unwrap(), Errand::Pull { version: 7, head: 7 }).await;
    store.close().await;
    let store = Store::open(dir.path()).unwrap();
    let again = Visits::default();
    again.recall(&store).await;
    let now = jiff::Timestamp::now();
    let kept = again.lately(now).remove(0);
    assert_eq!((kept.name.as_str(), kept.version, kept.every), ("香港", Some(7), Some(Duration::from_secs(30))));
    assert_eq!(kept.port, Some(11183));
    assert!(kept.in_step.is_some() && kept.problem(now).is_none());
    assert!(again.forget(&store, "香港").await.unwrap() && !again.forget(&store, "香港").await.unwrap());
    assert!(again.lately(now).is_empty() && store.visits().await.unwrap().is_empty());
}

/// Its row stays for backups and slaves that still have it.
#[tokio::test]
async fn a_series_that_was_deleted_is_not_counted() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    for name in ["US.A", "US.B"] {
        store.upsert(&symbol(name), Interval::D1, days(0, &[1.0])).await.unwrap();
    }
    store.remove(&symbol("US.A"), vec![(Interval::D1, Range::ALL)]).await.unwrap();
    let seen = store.verify().await.unwrap();
    assert_eq!((seen.series, seen.blocks, seen.bars, seen.problems.len()), (1, 1, 1, 0));
}

/// A file of form 4, whose history and state were kept by the name alone.
#[tokio::test]
async fn what_was_kept_by_a_name_alone_is_whose_it_was() {
    use crate::model::bars::{TargetId, TargetKind};
    let dir = tempfile::tempdir().unwrap();
    let conn = connect(&dir.path().join("bars.sqlite"), false).unwrap();
    SCRIPTS[..4].iter().for_each(|script| conn.execute_batch(script).unwrap());
    conn.pragma_update(None, "user_version", 4).unwrap();
    let at = "2026-01-02T03:04:05.123456Z";
    for name in ["influx", "berlin", "both", "gone"] {
        let row = "INSERT INTO transfers (target, symbol, interval, mode, started, ended, bars, error)
                   VALUES (?1, 'US.A', '1d', 'full', 1, 2, 3, '')";
        conn.execute(row, [name]).unwrap();
        if name != "gone" {
            conn.execute("INSERT INTO meta (key, value) VALUES ('note:synced:' || ?1, ?2)", [name, at]).unwrap();
        }
        if ["influx", "both"].contains(&name) {
            conn.execute("INSERT INTO marks (target, series, version, at) VALUES (?1, 1, 1, 1)", [name]).unwrap();
        }
        if ["berlin", "both"].contains(&name) {
            conn.execute("INSERT INTO meta (key, value) VALUES ('note:brought:' || ?1, '7')", [name]).unwrap();
        }
    }
    drop(conn);
    let store = Store::open(dir.path()).unwrap();
    let rows = store.transfers(TransferFilter::default(), 9, 0).await.unwrap();
    let kinds: Vec<_> = rows.iter().rev().map(|row| (row.target.as_str(), row.kind)).collect();
    let (backup, slave) = (Some(TargetKind::Backup), Some(TargetKind::Slave));
    assert_eq!(kinds, [("influx", backup), ("berlin", slave), ("both", None), ("gone", None)]);
    let mut synced = Vec::new();
    for id in [TargetId::backup("influx"), TargetId::slave("influx"), TargetId::slave("berlin"), TargetId::backup("both")] {
        synced.push(store.synced(&id).await.unwrap());
    }
    let now: jiff::Timestamp = at.parse().unwrap();
    let at = Some(now);
    assert_eq!(synced, [at, None, at, None]);
    assert_eq!(store.brought("both").await.unwrap(), Some(7));
    // From now on each has its own, and one that is forgotten takes nothing of its namesake along.
    for id in [TargetId::backup("both"), TargetId::slave("both")] {
        store.set_synced(&id, now).await.unwrap();
    }
    store.forget_target(&TargetId::backup("both")).await.unwrap();
    assert_eq!((store.synced(&TargetId::backup("both")).await.unwrap(), store.synced(&TargetId::slave("both")).await.unwrap()), (None, at));
    assert_eq!(store.brought("both").await.unwrap(), Some(7));
}

#[tokio::test]
async fn a_failure_stands_until_what_failed_is_there() {
    use crate::model::bars::{SyncMode, TargetId, TargetKind};
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let id = TargetId::backup("influx");
    let told = async |symbol: &str, error: &str| {
        let now = jiff::Timestamp::now();
        let row = Transfer {
            id: 0,
            target: "influx".into(),
            kind: Some(TargetKind::Backup),
            series: (!symbol.is_empty()).then(|| (symbol.into(), "1d".into())),
            mode: SyncMode::Incremental,
            started: now,
            ended: now,
            bars: 1,
            error: error.into(),
            note: String::new(),
        };
        store.keep_transfers(vec![row]).await.unwrap();
        store.failing(&id).await.unwrap()
    };
    assert_eq!(told("US.A", "").await, None);
    // Others that come after it do not hide it, and what it is about is said.
    assert_eq!(told("US.B", "a bar differs").await.as_deref(), Some("US.B 1d: a bar differs"));
    assert_eq!(told("US.C", "").await.as_deref(), Some("US.B 1d: a bar differs"));
    assert_eq!(told("US.B", "").await, None);
    // One that cannot be talked to can be as soon as anything came.
    assert_eq!(told("", "it broke the connection").await.as_deref(), Some("it broke the connection"));
    assert_eq!(told("US.A", "").await, None);
    assert_eq!(told("", "it broke the connection").await.as_deref(), Some("it broke the connection"));
    // All of it was seen there, and nothing had to be brought.
    store.set_synced(&id, jiff::Timestamp::now() + jiff::SignedDuration::from_secs(1)).await.unwrap();
    assert_eq!(store.failing(&id).await.unwrap(), None);
    assert_eq!(store.failing(&TargetId::slave("influx")).await.unwrap(), None);
}
