use super::*;
use crate::bars::dates::Dates;
use crate::model::bars::{BarTime, Interval, Volume};
use jiff::tz::TimeZone;

const HEADING: &str = "Symbol,Date,Open,High,Low,Close,Volume\n";

fn wanted(lenient: bool) -> Wanted {
    let reading = Reading { interval: Interval::D1, zone: TimeZone::UTC, dates: Dates::Guess };
    Wanted { reading, zone_given: true, alone: None, lenient, overwrite: false, dry_run: false }
}

fn intraday(interval: Interval, zone: &str) -> Wanted {
    let reading = Reading { interval, zone: TimeZone::get(zone).unwrap(), dates: Dates::Guess };
    Wanted { reading, ..wanted(false) }
}

/// Imports with batches of three bars.
async fn import(store: &Store, wanted: Wanted, rows: &str) -> Result<Imported> {
    let mut import = Import { together: 3, ..Import::new(store.clone(), exchanges(), wanted) };
    import.lines(&format!("{HEADING}{rows}")).await?;
    import.finish().await
}

fn exchanges() -> Arc<Exchanges> {
    Arc::new(Exchanges::new(&crate::model::bars::Holidays::default()).unwrap())
}

fn store() -> (Store, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (Store::open(dir.path()).unwrap(), dir)
}

#[tokio::test]
async fn a_file_without_volumes_leaves_those_that_are_stored() {
    let (store, _dir) = store();
    import(&store, wanted(false), "A,2024-01-02,10,12,9,11,500\nA,2024-01-03,10,12,9,11,600\n").await.unwrap();
    let mut second = Import::new(store.clone(), exchanges(), wanted(false));
    second.lines("Symbol,Date,Open,High,Low,Close\nA,2024-01-03,10,13,9,12\nA,2024-01-04,10,12,9,11\n").await.unwrap();
    let done = second.finish().await.unwrap();
    assert_eq!((done.added, done.changed), (1, 1));
    let bars = store.read(&Symbol::parse("A").unwrap(), Interval::D1, Range::ALL).await.unwrap().unwrap();
    let told: Vec<_> = bars.iter().map(|b| (b.close(), b.volume())).collect();
    assert_eq!(told, [(11.0, Volume::Whole(500)), (12.0, Volume::Whole(600)), (11.0, Volume::Whole(0))]);
}

#[tokio::test]
async fn a_row_without_a_volume_leaves_the_one_that_is_stored() {
    let (store, _dir) = store();
    import(&store, wanted(false), "A,2024-01-02,10,12,9,11,500\nA,2024-01-03,10,12,9,11,600\n").await.unwrap();
    // B is new, and so is a day of A's; the spool is passed as well.
    let rows = "A,2024-01-02,10,12,9,11,\nA,2024-01-03,10,13,9,12,null\nA,2024-01-04,10,12,9,11,\nB,2024-01-02,10,12,9,11,-\n";
    let done = import(&store, wanted(false), rows).await.unwrap();
    assert_eq!((done.added, done.changed, done.unchanged), (2, 1, 1));
    let volumes = async |symbol: &str| -> Vec<Volume> {
        let bars = store.read(&Symbol::parse(symbol).unwrap(), Interval::D1, Range::ALL).await.unwrap().unwrap();
        bars.iter().map(Bar::volume).collect()
    };
    assert_eq!(volumes("A").await, [500, 600, 0].map(Volume::Whole));
    assert_eq!(volumes("B").await, [Volume::Whole(0)]);
}

#[tokio::test]
async fn nothing_is_stored_of_a_file_with_a_wrong_row() {
    let (store, _dir) = store();
    let good: String = (1..=9).map(|day| format!("A{},2024-01-0{day},10,12,9,11,{day}.5\n", day % 2)).collect();
    for (row, why) in [
        ("B,2024-01-10,10,9,12,11,1\n", "CSV line 11: high 9 is not the highest or low 12 not the lowest"),
        ("B,2024-01-10,10,12,-9,11,1\n", "CSV line 11: a price is zero or negative"),
        ("A1,2024-01-03,10,12,9,11,1\n", "CSV line 11: a second bar of A1 at 2024-01-03"),
        ("B,2199-01-10,10,12,9,11,1\n", "CSV line 11: 2199-01-10 has not come yet"),
        ("B,2024-01-10,x,12,9,11,1\n", "CSV line 11: Open: \"x\" is not a number"),
    ] {
        let error = import(&store, wanted(false), &format!("{good}{row}")).await.unwrap_err();
        assert!(error.message.starts_with(why) && error.message.ends_with("nothing of it was stored"), "{error}");
        assert_eq!(error.kind, Kind::Config);
    }
    assert!(store.list(None).await.unwrap().is_empty());
    // Without it all of the file is there, what waited in the scratch file as it was.
    let done = import(&store, wanted(false), &good).await.unwrap();
    assert_eq!((done.symbols.len(), done.added, done.suspect, done.duplicates), (2, 9, 0, 0));
    let symbol = Symbol::parse("A1").unwrap();
    let bars = store.read(&symbol, Interval::D1, crate::model::bars::Range::ALL).await.unwrap().unwrap();
    assert_eq!(bars.iter().map(Bar::volume).collect::<Vec<_>>(), [1.5, 3.5, 5.5, 7.5, 9.5].map(Volume::Part));
    assert_eq!(import(&store, wanted(false), &good).await.unwrap().unchanged, 9);
}

#[tokio::test]
async fn a_symbol_for_all_rows_contradicts_no_column_and_an_empty_file_is_none() {
    let (store, _dir) = store();
    for lenient in [false, true] {
        let alone = Wanted { alone: Some(Symbol::parse("X").unwrap()), ..wanted(lenient) };
        let error = import(&store, alone.clone(), "Y,2024-01-02,1,1,1,1,1\n").await.unwrap_err();
        assert!(error.message.starts_with("CSV line 2: this is a bar of US.Y, and all rows are to be of US.X"), "{error}");
        assert_eq!(import(&store, Wanted { dry_run: true, ..alone }, "X,2024-01-02,1,1,1,1,1\n").await.unwrap().symbols.len(), 1);
    }
    let empty = Import::new(store.clone(), exchanges(), wanted(false)).finish().await.unwrap_err();
    assert!(empty.message.starts_with("the body is empty") && empty.kind == Kind::Config, "{empty}");
    for (rows, why) in [("", "there is a heading and no row"), ("X,2024-01-02,1,1,1,,1\n", "none of the 1 rows has all four prices")] {
        let error = import(&store, wanted(true), rows).await.unwrap_err();
        assert!(error.message.starts_with(why) && error.code == "bars_no_rows", "{error}");
    }
    assert!(store.list(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn lenient_takes_what_is_doubtful_and_counts_it() {
    let (store, _dir) = store();
    // Crude oil, as it was; a bar that contradicts itself; one that is there twice, far apart.
    let rows = "CL,2020-04-20,17.73,17.85,-40.32,-37.63,1\nX,2024-01-02,10,9,12,11,1\nX,2024-01-03,1,1,1,1,1\nX,2024-01-04,1,1,1,1,1\nX,2024-01-03,2,2,2,2,2\n";
    assert!(import(&store, wanted(false), rows).await.is_err());
    let done = import(&store, wanted(true), rows).await.unwrap();
    assert_eq!((done.symbols.len(), done.suspect, done.duplicates), (2, 2, 1));
    let bars = store.read(&Symbol::parse("X").unwrap(), Interval::D1, crate::model::bars::Range::ALL).await.unwrap().unwrap();
    assert_eq!(bars.iter().map(Bar::close).collect::<Vec<_>>(), [11.0, 2.0, 1.0], "the last one stays");
    // What is no number stays none.
    assert!(import(&store, wanted(true), "X,2024-01-05,1,1,x,1,1\n").await.is_err());
}

/// A year of days from a price on.
fn rows(symbol: &str, price: f64) -> String {
    let day = |n: i64| BarTime::new(n * 86_400).unwrap();
    (19_000..19_040)
        .map(|n| (n, price + f64::from(i32::try_from(n % 7).unwrap())))
        .fold(String::new(), |text, (n, p)| format!("{text}{symbol},{},{p},{},{},{p},5\n", day(n), p + 1.0, p - 1.0))
}

#[tokio::test]
async fn a_file_of_another_symbol_overwrites_nothing_unless_it_is_told_to() {
    let (store, _dir) = store();
    import(&store, wanted(false), &(rows("A", 100.0) + &rows("B", 30.0))).await.unwrap();
    let before = store.head().await.unwrap();
    // B is as it was, A has the figures of somebody else; batches of three bars see it as well as one that has all.
    let wrong = rows("A", 61.0) + &rows("B", 30.0);
    for dry_run in [true, false] {
        let error = import(&store, Wanted { dry_run, ..wanted(false) }, &wrong).await.unwrap_err();
        assert!(error.message.starts_with("US.A: 40 of the 40 bars that are stored already have quite another close"), "{error}");
        assert!(error.code == "bars_do_not_fit" && error.message.ends_with("nothing of it was stored"), "{error}");
    }
    assert_eq!(store.head().await.unwrap(), before);
    let done = import(&store, Wanted { overwrite: true, ..wanted(false) }, &wrong).await.unwrap();
    assert_eq!((done.changed, done.rebased, done.unchanged), (40, 0, 40));
    assert!(done.warnings[0].starts_with("US.A: 40 of the 40"), "{:?}", done.warnings);
    // What only meets it at its end does not fit either.
    let later = "B,2022-03-01,90,91,89,90,1\n";
    let error = import(&store, wanted(false), later).await.unwrap_err();
    assert!(error.message.contains("US.B: the close moves by +") && error.code == "bars_do_not_fit", "{error}");
}

#[tokio::test]
async fn a_split_is_re_based_and_recorded() {
    let (store, _dir) = store();
    let original = rows("A", 100.0);
    import(&store, wanted(false), &original).await.unwrap();
    let halved: String = original
        .lines()
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let half = |n: usize| cells[n].parse::<f64>().unwrap() / 2.0;
            format!("A,{},{},{},{},{},10\n", cells[1], half(2), half(3), half(4), half(5))
        })
        .collect();
    let mut whole = Import::new(store.clone(), exchanges(), wanted(false));
    whole.lines(&format!("{HEADING}{halved}")).await.unwrap();
    let done = whole.finish().await.unwrap();
    assert_eq!((done.added, done.changed, done.rebased), (0, 40, 40));
    assert!(done.warnings[0].contains("40 stored bars were re-based by 0.5"), "{:?}", done.warnings);
    let noted = store.corrections(&Symbol::parse("A").unwrap(), Interval::D1).await.unwrap();
    assert_eq!((noted.len(), noted[0].bars, noted[0].factor, noted[0].source.as_str()), (1, 40, Some(0.5), "import"));
    // Half of it would leave two scales in one series.
    let half: String = original.lines().skip(20).map(|line| format!("{line}\n")).collect();
    assert_eq!(import(&store, wanted(false), &half).await.unwrap_err().code, "bars_do_not_fit");
}

#[tokio::test]
async fn dates_that_may_be_two_are_not_guessed() {
    let (store, _dir) = store();
    let error = import(&store, wanted(false), "A,3/4/2024,1,1,1,1,1\n").await.unwrap_err();
    assert_eq!(error.code, "bars_dates_ambiguous");
    for (dates, first) in [(Dates::MonthFirst, "2024-03-04"), (Dates::DayFirst, "2024-04-03")] {
        let reading = Reading { dates, ..wanted(false).reading };
        import(&store, Wanted { reading, ..wanted(false) }, "A,3/4/2024,1,1,1,1,1\n").await.unwrap();
        let bars = store.read(&Symbol::parse("A").unwrap(), Interval::D1, Range::ALL).await.unwrap().unwrap();
        assert!(bars.iter().any(|b| b.time().to_string() == first), "{bars:?}");
    }
    assert_eq!(import(&store, wanted(false), "B,3/4/2024,1,1,1,1,1\nB,3/14/2024,1,1,1,1,1\n").await.unwrap().added, 2);
}

#[tokio::test]
async fn hours_that_a_clock_has_twice_or_not_at_all_are_named_and_counted() {
    let (store, _dir) = store();
    let reading = Reading { interval: Interval::M30, zone: TimeZone::get("America/New_York").unwrap(), dates: Dates::Guess };
    let rows = "A,2024-03-10 02:00,1,1,1,1,1\nA,2024-03-10 02:30,1,1,1,1,1\nA,2024-11-03 01:30,1,1,1,1,1\nA,2024-11-04T01:30Z,1,1,1,1,1\n";
    let done = import(&store, Wanted { reading, ..wanted(false) }, rows).await.unwrap();
    assert_eq!(done.added, 4);
    assert_eq!(
        done.warnings,
        [
            "CSV line 2: 2024-03-10 02:00 is no time in America/New_York (clocks go forward): taken as 03:00 (the first of 2 like it)",
            "CSV line 4: 2024-11-03 01:30 is there twice in America/New_York (clocks go back): taken as the order of the \
             rows has it, the first where it is there once",
        ]
    );
    // A day has none.
    let daily = Reading { interval: Interval::D1, zone: TimeZone::get("America/New_York").unwrap(), dates: Dates::Guess };
    assert_eq!(import(&store, Wanted { reading: daily, ..wanted(false) }, "A,2024-03-11,1,1,1,1,1\n").await.unwrap().warnings, [""; 0]);
}

#[tokio::test]
async fn an_hour_that_comes_twice_in_order_is_read_twice() {
    let (store, _dir) = store();
    // 00:30 to 02:30, as the clock in New York showed it; two symbols in turn, in batches of three.
    let clock = ["00:30", "01:00", "01:30", "01:00", "01:30", "02:00", "02:30"];
    let rows: String = clock.iter().map(|at| format!("A,2024-11-03 {at},1,1,1,1,1\nB,2024-11-03 {at},1,1,1,1,1\n")).collect();
    let done = import(&store, intraday(Interval::M30, "America/New_York"), &rows).await.unwrap();
    assert_eq!((done.added, done.duplicates), (14, 0));
    assert!(done.warnings.len() == 1 && done.warnings[0].contains("is there twice in America/New_York"), "{:?}", done.warnings);
    for paper in ["A", "B"] {
        let bars = store.read(&Symbol::parse(paper).unwrap(), Interval::M30, Range::ALL).await.unwrap().unwrap();
        let gaps: Vec<i64> = bars.windows(2).map(|pair| pair[1].time().seconds() - pair[0].time().seconds()).collect();
        assert_eq!((bars[0].time().to_string().as_str(), gaps), ("2024-11-03T04:30:00", vec![1800; 6]));
    }
    // The newest first.
    let backwards: String = clock.iter().rev().enumerate().map(|(n, at)| format!("D,2024-11-03 {at},1,1,1,1,{}\n", 7 - n)).collect();
    assert_eq!(import(&store, intraday(Interval::M30, "America/New_York"), &backwards).await.unwrap().added, 7);
    let hours = "E,2024-11-03 02:00,1,1,1,1,4\nE,2024-11-03 01:00,1,1,1,1,3\nE,2024-11-03 01:00,1,1,1,1,2\nE,2024-11-03 00:00,1,1,1,1,1\n";
    assert_eq!(import(&store, intraday(Interval::H1, "America/New_York"), hours).await.unwrap().added, 4);
    for (paper, interval, count) in [("D", Interval::M30, 7), ("E", Interval::H1, 4)] {
        let bars = store.read(&Symbol::parse(paper).unwrap(), interval, Range::ALL).await.unwrap().unwrap();
        let volumes: Vec<Volume> = bars.iter().map(|bar| bar.volume()).collect();
        assert_eq!(volumes, (1..=count).map(Volume::Whole).collect::<Vec<_>>(), "{paper}");
    }
    // Only one of it: the first. In no order: nothing says which, and the refusal says why.
    let once =
        import(&store, intraday(Interval::M30, "America/New_York"), "C,2024-11-03 01:30,1,1,1,1,1\nC,2024-11-03 02:00,1,1,1,1,1\n").await;
    assert_eq!(once.unwrap().added, 2);
    let mixed: String = ["01:00", "01:30", "00:30", "01:00"].iter().map(|at| format!("F,2024-11-03 {at},1,1,1,1,1\n")).collect();
    let error = import(&store, intraday(Interval::M30, "America/New_York"), &mixed).await.unwrap_err();
    assert!(error.message.contains("a second bar of US.F at") && error.message.contains("clocks go back over this hour"), "{error}");
}

#[tokio::test]
async fn an_hour_that_never_was_is_told_where_it_meets_the_next() {
    let (store, _dir) = store();
    let hours = ["01:30", "02:00", "02:30", "03:00"].map(|at| format!("GAP,2026-03-08 {at},1,1,1,1,1\n"));
    for rows in [hours.concat(), hours.iter().rev().cloned().collect()] {
        let error = import(&store, intraday(Interval::M30, "America/New_York"), &rows).await.unwrap_err();
        let said = "a second bar of US.GAP at 2026-03-08T07:00:00Z: 2026-03-08 02:00 is no time in America/New_York (clocks go forward): \
            taken as 03:00";
        assert!(error.message.contains(said), "{error}");
    }
    // Another hour's is not its reason.
    let rows = hours[1].clone() + &hours[0] + &hours[0];
    let error = import(&store, intraday(Interval::M30, "America/New_York"), &rows).await.unwrap_err();
    assert!(error.message.contains("US.GAP at 2026-03-08T06:30:00Z;"), "{error}");
}

#[tokio::test]
async fn bars_of_another_length_are_refused_unless_it_is_told_to_be_lenient() {
    let (store, _dir) = store();
    let minutes: String = (0..30).map(|n| format!("A,2024-01-02 09:{:02},1,1,1,1,1\n", 30 + n)).collect();
    let error = import(&store, intraday(Interval::M5, "America/New_York"), &minutes).await.unwrap_err();
    assert!(error.code == "bars_wrong_interval" && error.message.starts_with("US.A: not bars of 5m: 28 of 30"), "{error}");
    assert!(error.message.contains("the first at 2024-01-02T14:31:00Z; they look like bars of 1m"), "{error}");
    let days = "A,2024-01-02,1,1,1,1,1\nA,2024-01-03,1,1,1,1,1\n";
    let error = import(&store, intraday(Interval::M1, "UTC"), days).await.unwrap_err();
    assert!(error.message.starts_with("US.A: not bars of 1m: their times are days"), "{error}");
    let hours = "A,2024-01-02 09:30,1,1,1,1,1\nA,2024-01-02 10:30,1,1,1,1,1\n";
    let error = import(&store, wanted(false), hours).await.unwrap_err();
    assert!(error.message.contains("a second bar of US.A at 2024-01-02 (bars of 1d have no time of day"), "{error}");
    assert!(store.list(None).await.unwrap().is_empty());
    let lenient = Wanted { lenient: true, ..intraday(Interval::M5, "America/New_York") };
    let done = import(&store, lenient, &minutes).await.unwrap();
    assert!(done.added == 30 && done.warnings.iter().any(|w| w.contains("not bars of 5m")), "{:?}", done.warnings);
}

#[tokio::test]
async fn damaged_bars_are_replaced_by_a_file_that_has_all_of_them() {
    let (store, dir) = store();
    let year = |year: i32| -> String {
        let days = (1..=12).flat_map(|month| [2, 9, 16].map(|day| format!("BTC-USD,{year}-{month:02}-{day:02},10,12,9,11,5\n")));
        days.collect()
    };
    let all = format!("{}{}{}", year(2020), year(2021), year(2022));
    import(&store, wanted(false), &all).await.unwrap();
    let before = store.list(None).await.unwrap().remove(0).digest;
    crate::bars::testing::damage(&dir.path().join("bars.sqlite"), 1);
    let overwrite = || Wanted { overwrite: true, ..wanted(false) };
    let named = "the bars of BTC-USD 1d from 2021-01-02 to 2021-12-16 are damaged in the bars database";
    let refused = import(&store, wanted(false), &all).await.unwrap_err();
    assert!(refused.code == "bars_block_damaged" && refused.message == named, "{refused}");
    let half: String = year(2021).lines().skip(3).map(|line| format!("{line}\n")).collect();
    let part = import(&store, overwrite(), &half).await.unwrap_err();
    assert_eq!(part.message, format!("{named}, and what comes has those from 2021-02-02 to 2021-12-16 alone"));
    // Beside it everything goes on.
    assert_eq!(import(&store, wanted(false), &year(2022)).await.unwrap().unchanged, 36);
    let trial = import(&store, Wanted { dry_run: true, ..overwrite() }, &year(2021)).await.unwrap();
    let done = import(&store, overwrite(), &year(2021)).await.unwrap();
    for done in [&trial, &done] {
        assert_eq!(done.warnings, ["BTC-USD: 36 damaged bars from 2021-01-02 to 2021-12-16 were replaced"]);
    }
    assert_eq!((done.added, done.unchanged, store.list(None).await.unwrap().remove(0).digest), (36, 0, before));
    assert!(store.verify().await.unwrap().problems.is_empty());
}

#[tokio::test]
async fn a_bar_that_is_not_over_is_left_out_unless_it_is_told_to_be_lenient() {
    let (store, _dir) = store();
    // A Monday, an hour before New York closes; Hong Kong's day is over, and no crypto's is.
    let at = async |now: &str, wanted: Wanted, rows: &str| {
        let mut import = Import { now: now.parse().unwrap(), ..Import::new(store.clone(), exchanges(), wanted) };
        import.lines(&format!("{HEADING}{rows}")).await?;
        import.finish().await
    };
    let rows = "AAPL,2026-11-20,1,1,1,1,1\n00700.HK,2026-11-23,1,1,1,1,1\nAAPL,2026-11-23,1,1,1,1,1\nBTC-USD,2026-11-23,1,1,1,1,1\n";
    let now = "2026-11-23T20:00:00Z";
    let done = at(now, wanted(false), rows).await.unwrap();
    assert_eq!((done.added, done.held_back, done.symbols.len()), (2, 2, 2));
    let left = "CSV line 4: the bar of 2026-11-23 1d is not over yet and is left out (--lenient, in the API lenient=true, stores it) (the \
                first of 2 like it)";
    assert_eq!(done.warnings, [left]);
    let alone = at(now, wanted(false), "AAPL,2026-11-23,1,1,1,1,1\nAAPL,2026-11-24,1,1,1,1,1\n").await.unwrap_err();
    assert!(alone.code == "bars_no_rows" && alone.message.starts_with("there is no bar that is over"), "{alone}");
    let done = at(now, wanted(true), rows).await.unwrap();
    assert_eq!((done.added, done.held_back, done.suspect), (2, 0, 0));
    assert!(done.warnings[0].contains("is not over yet and is stored as it is (the first of 2 like it)"), "{:?}", done.warnings);
    // The running week and hour, and New York's day once it is over.
    let weekly = Wanted { reading: Reading { interval: Interval::W1, ..wanted(false).reading }, ..wanted(false) };
    let done = at(now, weekly, "AAPL,2026-11-16,1,1,1,1,1\nAAPL,2026-11-23,1,1,1,1,1\n").await.unwrap();
    assert_eq!((done.added, done.held_back), (1, 1));
    let hours = "AAPL,2026-11-23T18:30Z,1,1,1,1,1\nAAPL,2026-11-23T19:30Z,1,1,1,1,1\n";
    assert_eq!(at(now, intraday(Interval::H1, "UTC"), hours).await.unwrap().held_back, 1);
    let later = at("2026-11-23T21:00:00Z", wanted(false), "AAPL,2026-11-23,1.1,1.1,1.1,1.1,1\n").await.unwrap();
    assert_eq!((later.changed, later.held_back, later.warnings.len()), (1, 0, 0), "{later:?}");
}
