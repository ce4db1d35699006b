//! Runs that are told to stop.

use super::*;

#[tokio::test]
async fn a_cancelled_run_says_so_of_every_symbol() {
    let source = Source::start(real_bars()).await;
    source.script.lock().unwrap().broken.insert(symbol("AAPL"), Fault::Silence);
    let desk = Desk::new();
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    let script = Arc::clone(&source.script);
    let watch = async move {
        while script.lock().unwrap().requests.is_empty() {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    };
    let (results, ()) = tokio::join!(desk.run_until(spec(TaskKind::Incremental, &["AAPL"]), Some(source.provider("csv")), cancel), watch);
    assert_eq!(results[0].outcome, SymbolOutcome::Stopped);
}

/// Whenever it is told to stop, also while a symbol is written.
#[tokio::test]
async fn what_is_stored_when_a_run_is_cancelled_is_told() {
    let source = Source::start(real_bars()).await;
    let mut told = Vec::new();
    for nth in 0..8 {
        let desk = Desk::new();
        let cancel = CancellationToken::new();
        let (stop, looks, now) = (cancel.clone(), std::sync::atomic::AtomicUsize::new(0), *desk.now.lock().unwrap());
        // The clock is looked at before and after every step.
        let clock: Clock = Arc::new(move || {
            if looks.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == nth {
                stop.cancel();
            }
            now
        });
        let (ended, results) = desk.run_by(clock, spec(TaskKind::FullSync, &["FB"]), Some(source.provider("csv")), cancel).await;
        // Behind whatever was still to be written.
        desk.store.set_value("last", "one").await.unwrap();
        let stored = desk.stored("FB").await.len() as u64;
        assert_eq!((results[0].added, ended.counts.bars), (stored, stored), "at look {nth}: {results:?}");
        assert_eq!(results[0].outcome == SymbolOutcome::Stopped, stored == 0, "at look {nth}");
        told.push(stored > 0);
    }
    assert!(told.contains(&true) && told.contains(&false), "{told:?}");
}
