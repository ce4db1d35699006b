//! Bars of a source that look wrong: what is taken and told, and what is not taken.

use super::*;

#[tokio::test]
async fn a_source_that_serves_another_paper_overwrites_nothing() {
    let real = real_bars();
    let (fb, ibm) = (symbol("FB"), symbol("IBM"));
    let source = Source::start(real.clone()).await;
    let desk = Desk::new();
    desk.run(spec(TaskKind::Incremental, &["FB"]), Some(source.provider("csv"))).await;
    source.set(&fb, real[&ibm].iter().filter(|b| b.time() >= real[&fb][0].time()).copied().collect());
    let before = desk.store.head().await.unwrap();
    for kind in [TaskKind::Incremental, TaskKind::Repair] {
        let result = desk.run(spec(kind, &["FB"]), Some(source.provider("csv"))).await.remove(0);
        let SymbolOutcome::Failed { code: "bars_do_not_fit", message } = &result.outcome else { panic!("{result:?}") };
        assert!(message.contains("another instrument?") && message.contains("full_sync"), "{message}");
    }
    assert_eq!((desk.store.head().await.unwrap(), &desk.stored("FB").await), (before, &real[&fb]));
    // Who says that the source is right has it taken, and is told.
    let result = desk.run(spec(TaskKind::FullSync, &["FB"]), Some(source.provider("csv"))).await.remove(0);
    assert!(result.changed == 196 && result.note.contains("have quite another close"), "{result:?}");
    // What jumps where it joins is told: here a day's bar that is a hundredth of what it should be.
    let mut jumps = real[&ibm].clone();
    jumps.retain(|b| b.time() >= real[&fb][0].time());
    let last = jumps.len() - 1;
    jumps[last] = split(&jumps[last..], 0.01)[0];
    let desk = Desk::new();
    desk.set_now("2013-03-01T00:00:00Z");
    source.set(&fb, jumps);
    desk.run(spec(TaskKind::Incremental, &["FB"]), Some(source.provider("csv"))).await;
    desk.set_now("2013-03-02T00:00:00Z");
    let result = desk.run(spec(TaskKind::Incremental, &["FB"]), Some(source.provider("csv"))).await.remove(0);
    assert!(result.added == 1 && result.note.contains("the close moves by -99"), "{result:?}");
}

#[tokio::test]
async fn a_source_that_says_a_day_twice_is_told_of() {
    let dir = tempfile::tempdir().unwrap();
    let real = real_bars();
    let fb = &real[&symbol("FB")];
    let other = Bar::new(fb[1].time(), 42.0, 46.0, 38.0, 39.0, Volume::Whole(1)).unwrap();
    // The first day twice with the same figures, which says nothing; the second twice with others.
    let rows = [fb[0], fb[0], other, fb[1], fb[2]];
    std::fs::write(dir.path().join("FB.csv"), as_csv(&rows)).unwrap();
    let files = || Some(Arc::new(Files::new("local", dir.path(), None, Interval::D1, None)) as Arc<dyn Provider>);
    let whole = BarsSpec { range: Some(Range { from: fb[0].time(), to: fb[2].time() }), ..spec(TaskKind::FullSync, &["FB"]) };
    for spec in [spec(TaskKind::Incremental, &["FB"]), whole] {
        let desk = Desk::new();
        desk.set_now("2013-03-02T00:00:00Z");
        let result = desk.run(spec, files()).await.remove(0);
        assert_eq!((result.added, result.note.as_str()), (3, "the source has one bar twice with different figures; the last is taken"));
        assert_eq!(desk.stored("FB").await, fb[..3]);
    }
}
