//! Tasks over real bars that a real HTTP server serves. `doubts` what is told of bars that are stored all the same, or are not,
//! `validation` what is found in stored ones.

mod ended;

use super::*;
use crate::bars::provider::Files;
use crate::bars::store::CorrectionKind;
use crate::bars::testing::{Fault, Source, as_csv, day, real_bars, split, symbol};
use crate::model::bars::{Holidays, Interval, Range, Volume};
use std::sync::Mutex;

mod doubts;
mod validation;

struct Desk {
    _dir: tempfile::TempDir,
    store: Store,
    now: Arc<Mutex<Timestamp>>,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        Self { _dir: dir, store, now: Arc::new(Mutex::new("2013-03-02T00:00:00Z".parse().unwrap())) }
    }
    fn set_now(&self, text: &str) {
        *self.now.lock().unwrap() = text.parse().unwrap();
    }
    async fn run(&self, spec: BarsSpec, provider: Option<Arc<dyn Provider>>) -> Vec<SymbolResult> {
        self.run_until(spec, provider, CancellationToken::new()).await
    }
    async fn run_until(&self, spec: BarsSpec, provider: Option<Arc<dyn Provider>>, cancel: CancellationToken) -> Vec<SymbolResult> {
        let now = Arc::clone(&self.now);
        self.run_by(Arc::new(move || *now.lock().unwrap()), spec, provider, cancel).await.1
    }
    async fn run_by(
        &self,
        clock: Clock,
        spec: BarsSpec,
        provider: Option<Arc<dyn Provider>>,
        cancel: CancellationToken,
    ) -> (Ended, Vec<SymbolResult>) {
        let (report, _counts, mut results) = Report::new();
        let run = Run {
            store: self.store.clone(),
            provider,
            exchanges: Arc::new(Exchanges::new(&Holidays::default()).unwrap()),
            clock,
            settle: SignedDuration::from_mins(15),
            // Enough that writes share commits.
            parallel: if spec.symbols.as_ref().is_some_and(|s| s.len() > 1000) { 64 } else { 4 },
            spec,
            report,
            cancel,
        };
        let mut all = Vec::new();
        let drain = async {
            while let Some(result) = results.recv().await {
                all.push(result);
            }
        };
        let (ended, ()) = tokio::join!(super::run(run), drain);
        let ended = ended.unwrap();
        let stopped = all.iter().filter(|r| r.outcome == SymbolOutcome::Stopped).count() as u64;
        assert_eq!((ended.counts.left(), ended.counts.total), (stopped, all.len() as u64));
        all.sort_by(|a, b| a.symbol.cmp(&b.symbol));
        (ended, all)
    }
    async fn stored(&self, name: &str) -> Vec<Bar> {
        self.store.read(&symbol(name), Interval::D1, Range::ALL).await.unwrap().unwrap_or_default()
    }
}

fn spec(kind: TaskKind, symbols: &[&str]) -> BarsSpec {
    BarsSpec { symbols: Some(symbols.iter().map(|s| symbol(s)).collect()), days: Some(5000), ..BarsSpec::new(kind, Interval::D1) }
}

#[tokio::test]
async fn every_shape_gives_the_same_bars() {
    let real = real_bars();
    let source = Source::start(real.clone()).await;
    for shape in ["csv", "json", "yahoo"] {
        let desk = Desk::new();
        let results = desk.run(spec(TaskKind::Incremental, &["AAPL", "FB", "us.aapl"]), Some(source.provider(shape))).await;
        assert_eq!(results.len(), 2, "one result for each paper, however often it is named");
        for result in results {
            let bars = &real[&result.symbol];
            assert_eq!((result.outcome, result.added), (SymbolOutcome::Updated, bars.len() as u64), "{shape}");
            assert_eq!(&desk.stored(result.symbol.as_str()).await, bars);
        }
        source.requests();
        // Once more: only the overlap is asked for, and nothing changes.
        let again = desk.run(spec(TaskKind::Incremental, &["AAPL"]), Some(source.provider(shape))).await;
        assert_eq!((again[0].outcome.clone(), again[0].added), (SymbolOutcome::Unchanged, 0));
        let asked = source.requests();
        assert!(asked.len() == 1 && asked[0].contains("from=2013-02-15&to=2013-03-01"), "{asked:?}");
    }
}

#[tokio::test]
async fn an_unclosed_bar_is_never_stored() {
    let real = real_bars();
    let source = Source::start(real.clone()).await;
    let desk = Desk::new();
    // 15:00 in New York on the first of March.
    desk.set_now("2013-03-01T20:00:00Z");
    let task = || spec(TaskKind::Incremental, &["FB"]);
    let first = desk.run(task(), Some(source.provider("yahoo"))).await;
    assert_eq!((first[0].added, first[0].held_back), (195, 1));
    assert_eq!(desk.stored("FB").await.last().unwrap().time(), day("2013-02-28"));
    desk.set_now("2013-03-01T21:16:00Z");
    let second = desk.run(task(), Some(source.provider("yahoo"))).await;
    assert_eq!((second[0].added, second[0].held_back), (1, 0));
    assert_eq!(desk.stored("FB").await, real[&symbol("FB")]);
}

#[tokio::test]
async fn corrections_and_splits_are_found_and_recorded() {
    let (fb, real) = (symbol("FB"), real_bars());
    let source = Source::start(real.clone()).await;
    let desk = Desk::new();
    let task = || spec(TaskKind::Incremental, &["FB"]);
    desk.run(task(), Some(source.provider("csv"))).await;
    // A bar of three days ago is put right.
    let mut corrected = real[&fb].clone();
    let wrong = corrected[193];
    corrected[193] = Bar::new(wrong.time(), wrong.open(), wrong.high(), wrong.low(), wrong.close() + 0.07, wrong.volume()).unwrap();
    source.set(&fb, corrected.clone());
    let result = desk.run(task(), Some(source.provider("csv"))).await;
    assert_eq!((result[0].changed, result[0].rebased), (1, None));
    assert_eq!(desk.stored("FB").await, corrected);
    // A split of three for one: all history is another.
    let halved = split(&corrected, 1.0 / 3.0);
    source.set(&fb, halved.clone());
    source.requests();
    let result = desk.run(task(), Some(source.provider("csv"))).await;
    assert_eq!(result[0].changed, 196);
    assert!((result[0].rebased.unwrap() - 1.0 / 3.0).abs() < 1e-3 && result[0].rebased_bars == 196, "{:?}", result[0]);
    assert!(result[0].note.contains("196 stored bars were re-based by 0.33"), "{}", result[0].note);
    assert_eq!(desk.stored("FB").await, halved, "no two scales in one series");
    assert_eq!(source.requests().len(), 2, "the overlap, then everything");
    let notes = desk.store.corrections(&fb, Interval::D1).await.unwrap();
    let told: Vec<_> = notes.iter().map(|n| (n.kind, n.bars, n.source.as_str())).collect();
    assert_eq!(told, [(CorrectionKind::Rebase, 196, "web"), (CorrectionKind::Correction, 1, "web")]);
    // If the history cannot be had, nothing is written and the symbol has failed.
    source.set(&fb, corrected.clone());
    source
        .script
        .lock()
        .unwrap()
        .faults
        .extend([Fault::Text("Date,Open,High,Low,Close,Volume\n2013-02-15,1,1,1,1,1\n"), Fault::Status(400, None)]);
    let result = desk.run(task(), Some(source.provider("csv"))).await;
    assert!(matches!(&result[0].outcome, SymbolOutcome::Failed { message, .. } if message.contains("history changed")), "{result:?}");
    assert_eq!(desk.stored("FB").await, halved);
}

#[tokio::test]
async fn one_symbol_that_fails_stops_no_other() {
    let source = Source::start(real_bars()).await;
    source
        .script
        .lock()
        .unwrap()
        .broken
        .extend([(symbol("IBM"), Fault::Status(503, None)), (symbol("MSFT"), Fault::Text("<html>sorry</html>"))]);
    let desk = Desk::new();
    let results = desk.run(spec(TaskKind::Incremental, &["IBM", "AAPL", "MSFT", "NOPE", "FB"]), Some(source.provider("json"))).await;
    let told: Vec<(&str, &str)> = results
        .iter()
        .map(|r| match &r.outcome {
            SymbolOutcome::Updated => (r.symbol.as_str(), "updated"),
            SymbolOutcome::NoData => (r.symbol.as_str(), "no_data"),
            SymbolOutcome::Failed { code, .. } => (r.symbol.as_str(), *code),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        told,
        [
            ("US.AAPL", "updated"),
            ("US.FB", "updated"),
            ("US.IBM", "bars_provider_failed"),
            ("US.MSFT", "bars_answer_unreadable"),
            ("US.NOPE", "no_data")
        ]
    );
    // The failing one was tried four times, the unreadable and the unknown once.
    let asked = source.requests();
    let times = |code: &str| asked.iter().filter(|r| r.contains(&format!("/{code}?"))).count();
    assert_eq!((times("IBM"), times("MSFT"), times("NOPE")), (4, 1, 1));
}

#[tokio::test]
async fn files_that_did_not_change_are_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let real = real_bars();
    let fb = &real[&symbol("FB")];
    let file = dir.path().join("FB.csv");
    std::fs::write(&file, as_csv(fb)).unwrap();
    let files = || Some(Arc::new(Files::new("local", dir.path(), None, Interval::D1, None)) as Arc<dyn Provider>);
    let desk = Desk::new();
    let task = || spec(TaskKind::Incremental, &["FB"]);
    desk.set_now("2013-03-01T20:00:00Z");
    assert_eq!(desk.run(task(), files()).await[0].added, 195);
    // Today's bar was held back: the same file is read again once it is closed.
    desk.set_now("2013-03-02T00:00:00Z");
    assert_eq!(desk.run(task(), files()).await[0].added, 1);
    // Unreadable now, were it read: its size and time are the same.
    let seen = desk.store.all_seen("local", Interval::D1).await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(desk.run(task(), files()).await[0].outcome, SymbolOutcome::Unchanged);
    // A bar of the first day is put right: found, however old, since the file is read whole.
    let mut corrected = fb.clone();
    corrected[0] = Bar::new(fb[0].time(), 42.0, 46.0, 38.0, 38.23, Volume::Whole(1)).unwrap();
    std::fs::write(&file, as_csv(&corrected)).unwrap();
    assert_eq!(desk.run(task(), files()).await[0].changed, 1);
    assert_eq!(desk.stored("FB").await, corrected);
}

#[tokio::test]
async fn a_file_that_lost_its_bars_is_no_file_without_news() {
    let dir = tempfile::tempdir().unwrap();
    let real = real_bars();
    let fb = &real[&symbol("FB")];
    let file = dir.path().join("FB.csv");
    let files = || Some(Arc::new(Files::new("local", dir.path(), None, Interval::D1, None)) as Arc<dyn Provider>);
    let desk = Desk::new();
    let task = || spec(TaskKind::Incremental, &["FB"]);
    std::fs::write(&file, as_csv(fb)).unwrap();
    desk.run(task(), files()).await;
    let empty = "an empty file, or a heading alone?";
    for (text, said) in [
        ("", empty),
        ("Date,Open,High,Low,Close,Volume\n", empty),
        ("Date,Open,High,Low,Close,Volume\n2013-03-01,1,2,1,,5\n", "no row of the source has all four prices"),
    ] {
        std::fs::write(&file, text).unwrap();
        // The second reading finds the file as it was at the first.
        for _ in 0..2 {
            let result = desk.run(task(), files()).await.remove(0);
            assert_eq!(result.outcome, SymbolOutcome::NoData);
            assert!(result.note.contains(said), "{}", result.note);
        }
        assert_eq!(&desk.stored("FB").await, fb);
    }
}

#[tokio::test]
async fn full_sync_takes_the_source_s_word_and_reports_nothing_as_failure() {
    let real = real_bars();
    let source = Source::start(real.clone()).await;
    let desk = Desk::new();
    let fb = symbol("FB");
    desk.store.upsert(&fb, Interval::D1, split(&real[&fb][..20], 0.5)).await.unwrap();
    source.set(&symbol("EMPTY"), Vec::new());
    let results = desk.run(spec(TaskKind::FullSync, &["FB", "EMPTY"]), Some(source.provider("yahoo"))).await;
    assert!(matches!(results[0].outcome, SymbolOutcome::Failed { code: "bars_no_data", .. }));
    assert_eq!((results[1].added, results[1].changed), (176, 20));
    assert_eq!(desk.stored("FB").await, real[&fb]);
}

/// The goal is two seconds for ten thousand symbols, of an optimised build; this one is not.
#[tokio::test]
async fn ten_thousand_symbols_without_news_take_no_time() {
    let dir = tempfile::tempdir().unwrap();
    let text = as_csv(&real_bars()[&symbol("FB")][..5]);
    let names: Vec<String> = (0..10_000).map(|n| format!("US.N{n}")).collect();
    for name in &names {
        std::fs::write(dir.path().join(format!("{name}.csv")), &text).unwrap();
    }
    let files = || Some(Arc::new(Files::new("local", dir.path(), None, Interval::D1, None)) as Arc<dyn Provider>);
    let desk = Desk::new();
    let task = || spec(TaskKind::Incremental, &names.iter().map(String::as_str).collect::<Vec<_>>());
    let version = async || desk.store.head().await.unwrap().0;
    assert!(desk.run(task(), files()).await.iter().all(|r| r.added == 5));
    let before = version().await;
    let begun = std::time::Instant::now();
    assert!(desk.run(task(), files()).await.iter().all(|r| r.outcome == SymbolOutcome::Unchanged));
    let took = begun.elapsed();
    assert!(took < std::time::Duration::from_secs(2), "{took:?}");
    assert_eq!(version().await, before);
}
