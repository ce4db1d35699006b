//! Bars of a source that look wrong: what is taken and told, and what is not taken.

use super::*;
use jiff::tz::TimeZone;

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
        assert!(result.doubtful);
        assert_eq!(desk.stored("FB").await, fb[..3]);
    }
}

#[tokio::test]
async fn a_series_of_two_scales_is_doubtful() {
    let real = real_bars();
    let fb = symbol("FB");
    let source = Source::start(real.clone()).await;
    let desk = Desk::new();
    let first = desk.run(spec(TaskKind::Incremental, &["FB"]), Some(source.provider("csv"))).await.remove(0);
    assert!(!first.doubtful && first.added == 196);
    // The source re-bases its history, and a part of it is taken.
    source.set(&fb, split(&real[&fb], 0.98));
    let part = Range { from: real[&fb][100].time(), to: real[&fb][195].time() };
    let part = BarsSpec { range: Some(part), ..spec(TaskKind::FullSync, &["FB"]) };
    let result = desk.run(part, Some(source.provider("csv"))).await.remove(0);
    assert!(result.doubtful && result.changed == 96, "{result:?}");
    assert!(result.note.contains("those before them keep their old prices"), "{}", result.note);
    // All of it is one scale again; a source that no longer has the beginning leaves two.
    let result = desk.run(spec(TaskKind::FullSync, &["FB"]), Some(source.provider("csv"))).await.remove(0);
    assert!(!result.doubtful && result.changed == 100, "{result:?}");
    source.set(&fb, split(&split(&real[&fb][50..], 0.98), 0.5));
    let result = desk.run(spec(TaskKind::Incremental, &["FB"]), Some(source.provider("csv"))).await.remove(0);
    assert!(result.doubtful && result.note.contains("the 50 oldest bars: they keep their old prices"), "{result:?}");
}

fn files(dir: &std::path::Path) -> Option<Arc<dyn Provider>> {
    Some(Arc::new(Files::new("local", dir, None, Interval::D1, None)))
}

#[tokio::test]
async fn a_jump_among_new_bars_is_told_once() {
    let dir = tempfile::tempdir().unwrap();
    let real = real_bars();
    let mut bars = real[&symbol("FB")].clone();
    let write = |bars: &[Bar]| std::fs::write(dir.path().join("FB.csv"), as_csv(bars)).unwrap();
    let desk = Desk::new();
    let task = || spec(TaskKind::Incremental, &["FB"]);
    let count = bars.len();
    write(&bars[..count - 5]);
    let first = desk.run(task(), files(dir.path())).await.remove(0);
    assert_eq!((first.added, first.note.as_str()), (191, ""));
    // Five days come at once, and from the third on they are another price's.
    let low = split(&bars[count - 3..], 0.55);
    bars.splice(count - 3.., low);
    write(&bars);
    let result = desk.run(task(), files(dir.path())).await.remove(0);
    assert_eq!((result.added, result.changed), (5, 0));
    assert_eq!(result.note, "the close moves by -46.0 % at 2013-02-27, among the new bars");
    assert_eq!(desk.stored("FB").await, bars, "it is taken as the source has it");
    // What was told is not told again.
    bars[0] = Bar::new(bars[0].time(), 42.0, 46.0, 37.0, 38.0, Volume::Whole(1)).unwrap();
    write(&bars);
    let result = desk.run(task(), files(dir.path())).await.remove(0);
    assert_eq!((result.changed, result.note.as_str()), (1, ""));
    // A whole history at once: those of it are counted.
    std::fs::write(dir.path().join("AAPL.csv"), as_csv(&real[&symbol("AAPL")])).unwrap();
    let result = desk.run(spec(TaskKind::Incremental, &["AAPL"]), files(dir.path())).await.remove(0);
    let note = "3 closes among the new bars move by more than 20 %, the furthest by -51.9 % (as after a split 2:1) at 2000-09-29";
    assert_eq!(result.note, note);
}

#[tokio::test]
async fn a_bar_without_a_price_replaces_none_and_is_not_stored() {
    let dir = tempfile::tempdir().unwrap();
    let real = real_bars();
    let fb = &real[&symbol("FB")];
    let write = |bars: &[Bar]| std::fs::write(dir.path().join("FB.csv"), as_csv(bars)).unwrap();
    let zero = |bar: &Bar| Bar::new(bar.time(), 0.0, 0.0, 0.0, 0.0, Volume::Whole(0)).unwrap();
    let mut halted = fb.clone();
    (halted[40], halted[195]) = (zero(&fb[40]), zero(&fb[195]));
    let desk = Desk::new();
    let task = || spec(TaskKind::Incremental, &["FB"]);
    write(&halted[..1]);
    desk.run(task(), files(dir.path())).await;
    write(&halted);
    let result = desk.run(task(), files(dir.path())).await.remove(0);
    let note = "2 bars of the source have no price (all four are 0) and are not stored, the first is 2012-07-17";
    assert_eq!((result.added, result.note.as_str()), (193, note));
    write(fb);
    desk.run(task(), files(dir.path())).await;
    assert_eq!(&desk.stored("FB").await, fb);
    // Nor does one take the place of a bar that has a price.
    for kind in [TaskKind::Incremental, TaskKind::FullSync] {
        write(&halted);
        let result = desk.run(spec(kind, &["FB"]), files(dir.path())).await.remove(0);
        assert!(result.changed == 0 && result.note.contains("2 bars of the source have no price"), "{result:?}");
        assert_eq!(&desk.stored("FB").await, fb);
    }
    write(&[zero(&fb[195])]);
    let result = desk.run(task(), files(dir.path())).await.remove(0);
    assert_eq!(result.outcome, SymbolOutcome::NoData);
    assert!(result.note.starts_with("one bar of the source has no price (all four are 0) and is not stored"), "{}", result.note);
}

#[tokio::test]
async fn one_bar_alone_proves_no_re_basing() {
    let dir = tempfile::tempdir().unwrap();
    let real = real_bars();
    let fb = &real[&symbol("FB")];
    let write = |bars: &[Bar]| std::fs::write(dir.path().join("FB.csv"), as_csv(bars)).unwrap();
    let desk = Desk::new();
    let task = || spec(TaskKind::Incremental, &["FB"]);
    write(fb);
    desk.run(task(), files(dir.path())).await;
    write(&split(&fb[195..], 0.98));
    let result = desk.run(task(), files(dir.path())).await.remove(0);
    assert_eq!((result.changed, result.rebased, result.rebased_bars, result.note.as_str()), (1, None, 0, ""));
    let noted = desk.store.corrections(&symbol("FB"), Interval::D1).await.unwrap();
    assert_eq!((noted.len(), noted[0].kind, noted[0].factor), (1, CorrectionKind::Correction, None));
}

#[tokio::test]
async fn hours_that_a_clock_has_twice_or_not_at_all_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let rows = ["2024-03-10 01:30", "2024-03-10 02:30", "2024-11-03 00:30", "2024-11-03 01:30", "2024-11-03 02:30"];
    let text: String = rows.iter().map(|time| format!("{time},1,2,0.5,1,5\n")).collect();
    std::fs::create_dir(dir.path().join("1h")).unwrap();
    std::fs::write(dir.path().join("1h/FB.csv"), format!("Time,Open,High,Low,Close,Volume\n{text}")).unwrap();
    let desk = Desk::new();
    desk.set_now("2024-11-05T00:00:00Z");
    let task = BarsSpec { interval: Interval::H1, ..spec(TaskKind::Incremental, &["FB"]) };
    let zone = TimeZone::get("America/New_York").unwrap();
    let local = Files::new("local", dir.path(), None, Interval::D1, Some(zone));
    let result = desk.run(task, Some(Arc::new(local))).await.remove(0);
    assert_eq!(result.added, 5);
    for part in [
        "2024-03-10 02:30 is no time in America/New_York (clocks go forward): taken as 03:30",
        "2024-11-03 01:30 is there twice in America/New_York (clocks go back): taken as the order of the rows has it",
    ] {
        assert!(result.note.contains(part), "{}", result.note);
    }
}

#[tokio::test]
async fn a_full_sync_replaces_damaged_bars_and_nothing_else_does() {
    let real = real_bars();
    let (aapl, fb) = (symbol("AAPL"), symbol("FB"));
    let source = Source::start(real.clone()).await;
    let desk = Desk::new();
    let all = |kind| spec(kind, &["AAPL", "FB"]);
    // One after the other, so that the blocks stand in this order.
    for paper in ["AAPL", "FB"] {
        desk.run(spec(TaskKind::Incremental, &[paper]), Some(source.provider("csv"))).await;
    }
    let digest = async || desk.store.info(&aapl).await.unwrap().remove(0).digest;
    let before = digest().await;
    // The year of 2001, and 2012: the last but one.
    for block in [1, 12] {
        crate::bars::testing::damage(&desk._dir.path().join("bars.sqlite"), block);
    }
    let result = desk.run(all(TaskKind::Validation), None).await.remove(0);
    let SymbolOutcome::Failed { code: "bars_block_damaged", message } = &result.outcome else { panic!("{result:?}") };
    assert!(
        message.starts_with("the bars of US.AAPL 1d from 2001-01-02 to 2001-12-31 are damaged") && message.contains("full_sync"),
        "{message}"
    );
    // A part of a year is no substitute for it, and fails one symbol.
    let part = BarsSpec { days: Some(200), ..all(TaskKind::FullSync) };
    let results = desk.run(part, Some(source.provider("csv"))).await;
    let SymbolOutcome::Failed { code: "bars_block_damaged", message } = &results[0].outcome else { panic!("{results:?}") };
    assert!(
        message.contains("from 2012-01-03 to 2012-12-31 are damaged") && message.contains("what comes has those from 2012-08-13"),
        "{message}"
    );
    assert_eq!(results[1].outcome, SymbolOutcome::Unchanged);
    let results = desk.run(all(TaskKind::FullSync), Some(source.provider("csv"))).await;
    assert_eq!((results[0].added, results[0].changed, results[1].added), (248 + 250, 0, 0));
    assert!(results[0].note.contains("248 damaged bars from 2001-01-02 to 2001-12-31 were replaced"), "{}", results[0].note);
    assert_eq!((&desk.stored("AAPL").await, &desk.stored("FB").await, digest().await), (&real[&aapl], &real[&fb], before));
    assert!(desk.store.verify().await.unwrap().problems.is_empty());
}

#[tokio::test]
async fn a_source_of_shorter_bars_fails_its_symbol_alone() {
    let dir = tempfile::tempdir().unwrap();
    let heading = "Date,Open,High,Low,Close,Volume\n";
    let rows = |step: usize| -> String {
        let minutes = (0..30).map(|n| n * step).take_while(|m| *m < 390).map(|m| 9 * 60 + 30 + m);
        minutes.map(|m| format!("2013-02-27 {:02}:{:02},1,2,1,1,5\n", m / 60, m % 60)).collect()
    };
    std::fs::create_dir(dir.path().join("5m")).unwrap();
    std::fs::write(dir.path().join("5m/FB.csv"), format!("{heading}{}", rows(1))).unwrap();
    std::fs::write(dir.path().join("5m/IBM.csv"), format!("{heading}{}", rows(5))).unwrap();
    let hours: String = rows(60).replace(",1,5", ",1.5,5").replace("09:30,1,2,1,1.5", "09:30,1,2,1,1");
    let uneven: String = hours.lines().enumerate().map(|(n, line)| format!("{}{}\n", line, n + 1)).collect();
    std::fs::write(dir.path().join("AAPL.csv"), format!("{heading}{uneven}")).unwrap();
    let files = || Some(Arc::new(Files::new("local", dir.path(), None, Interval::D1, None)) as Arc<dyn Provider>);
    let desk = Desk::new();
    let five = BarsSpec { interval: Interval::M5, ..spec(TaskKind::Incremental, &["FB", "IBM"]) };
    let results = desk.run(five, files()).await;
    let SymbolOutcome::Failed { code: "bars_wrong_interval", message } = &results[0].outcome else { panic!("{results:?}") };
    assert!(message.starts_with("these are not bars of 5m: ") && message.contains("they look like bars of 1m"), "{message}");
    assert_eq!((results[1].outcome.clone(), results[1].added), (SymbolOutcome::Updated, 30));
    let results = desk.run(spec(TaskKind::Incremental, &["AAPL"]), files()).await;
    let SymbolOutcome::Failed { code: "bars_wrong_interval", message } = &results[0].outcome else { panic!("{results:?}") };
    assert!(
        message.starts_with("these are not bars of 1d: the source has rows of several times for 2013-02-27 (09:30:00 and 10:30:00)"),
        "{message}"
    );
}

#[tokio::test]
async fn rows_of_several_times_are_no_daily_bar_also_where_they_are_equal() {
    let dir = tempfile::tempdir().unwrap();
    let write = |rows: &str| std::fs::write(dir.path().join("FB.csv"), format!("Date,Open,High,Low,Close,Volume\n{rows}")).unwrap();
    let desk = Desk::new();
    // The last day is not over, and said anew.
    desk.set_now("2013-03-01T20:00:00Z");
    for kind in [TaskKind::Incremental, TaskKind::FullSync] {
        write("2013-02-26 09:30,1,1,1,1,5\n2013-02-27 09:30,1,1,1,1,5\n2013-02-27 09:31,1,1,1,1,5\n");
        let result = desk.run(spec(kind, &["FB"]), files(dir.path())).await.remove(0);
        let SymbolOutcome::Failed { code: "bars_wrong_interval", message } = &result.outcome else { panic!("{result:?}") };
        let why = "these are not bars of 1d: the source has rows of several times for 2013-02-27 (09:30:00 and 09:31:00)";
        assert!(message.starts_with(why), "{message}");
        assert_eq!(desk.stored("FB").await, []);
    }
    // The same time again is the same bar, or a correction of it.
    write(
        "2013-02-26 09:30,1,1,1,1,5\n2013-02-26 09:30,1,1,1,1,5\n2013-02-27 09:30,1,1,1,1,5\n2013-02-27 09:30,1,2,1,2,5\n\
           2013-03-01 09:30,2,2,2,2,5\n2013-03-01 14:59,2,3,2,3,5\n",
    );
    let result = desk.run(spec(TaskKind::Incremental, &["FB"]), files(dir.path())).await.remove(0);
    assert_eq!((result.added, result.held_back), (2, 1), "{result:?}");
    assert!(result.note.contains("one bar twice with different figures") && desk.stored("FB").await[1].close() == 2.0, "{result:?}");
}

#[tokio::test]
async fn times_without_a_zone_are_utc_and_told_where_the_provider_has_none() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("1h")).unwrap();
    let rows = "Date,Open,High,Low,Close,Volume\n2013-02-27 09:30,1,1,1,1,1\n2013-02-27 10:30,1,1,1,1,1\n";
    std::fs::write(dir.path().join("1h/FB.csv"), rows).unwrap();
    let told = "times without a zone are taken as UTC; time_zone of the provider local names another";
    let zone = |name: &str| Some(TimeZone::get(name).unwrap());
    for (zone, first, note) in
        [(None, "09:30", told), (zone("UTC"), "09:30", ""), (zone("America/New_York"), "14:30", ""), (zone("Asia/Hong_Kong"), "01:30", "")]
    {
        let desk = Desk::new();
        let task = BarsSpec { interval: Interval::H1, ..spec(TaskKind::Incremental, &["FB"]) };
        let local = Files::new("local", dir.path(), None, Interval::D1, zone);
        let result = desk.run(task, Some(Arc::new(local))).await.remove(0);
        assert_eq!((result.added, result.note.as_str()), (2, note));
        let bars = desk.store.read(&symbol("FB"), Interval::H1, Range::ALL).await.unwrap().unwrap();
        assert_eq!(bars[0].time().to_string(), format!("2013-02-27T{first}:00"));
    }
}

#[tokio::test]
async fn two_scales_in_one_answer_are_doubtful_as_they_are_in_two() {
    let dir = tempfile::tempdir().unwrap();
    let real = real_bars();
    let fb = &real[&symbol("FB")];
    let write = |bars: &[Bar]| std::fs::write(dir.path().join("FB.csv"), as_csv(bars)).unwrap();
    let first = async || Desk::new().run(spec(TaskKind::Incremental, &["FB"]), files(dir.path())).await.remove(0);
    let of = |parts: [&[Bar]; 3]| parts.concat();
    // The second half is in another unit.
    write(&of([&fb[..100], &split(&fb[100..], 0.01), &[]]));
    let result = first().await;
    assert!(result.doubtful && result.added == 196 && result.note.contains("among the new bars"), "{result:?}");
    // A stretch of it is, and the price is back after it: no split is taken back.
    write(&of([&fb[..100], &split(&fb[100..120], 0.5), &fb[120..]]));
    let result = first().await;
    assert!(result.doubtful && result.note.contains("(as after a split"), "{result:?}");
    // Prices as they were traded, over a split; and those of years, with a day of half the price.
    write(&of([&fb[..100], &split(&fb[100..], 0.5), &[]]));
    let result = first().await;
    assert!(!result.doubtful && result.note.contains("(as after a split 2:1)"), "{result:?}");
    std::fs::write(dir.path().join("AAPL.csv"), as_csv(&real[&symbol("AAPL")])).unwrap();
    let years = Desk::new().run(spec(TaskKind::Incremental, &["AAPL"]), files(dir.path())).await.remove(0);
    assert!(!years.doubtful && !years.note.is_empty(), "{years:?}");
}
