//! `syncline bars` against real daemons.

use super::{Outcome, outcome, syncline};
use crate::support::daemon::Daemon;
use crate::support::until::until;
use serde_json::Value;
use std::time::Duration;

mod damaged;

fn at(daemon: &Daemon, args: &[&str]) -> Outcome {
    outcome(syncline(daemon.home()).env("SYNCLINE_SERVER", daemon.url()).args([&["bars"], args].concat()))
}

async fn started() -> Daemon {
    let daemon = Daemon::start(&[]).await;
    until(Duration::from_secs(30), "the bars database is open", async || daemon.client().bar_series(None, None).await.is_ok()).await;
    let csv = "Ticker,Date,Open,High,Low,Close,Volume\nFB,2012-05-18,42.05,45,38,38.2318,573576400\nFB,2012-05-21,36.53,36.66,33,34.03,168192700\nFB,2012-05-22,,,,,\n";
    std::fs::write(daemon.home().join("fb.csv"), csv).unwrap();
    daemon
}

#[tokio::test(flavor = "multi_thread")]
async fn bars_come_in_and_go_out() {
    let daemon = started().await;
    let trial = at(&daemon, &["import", "fb.csv", "--dry-run"]);
    assert!(trial.code == 0 && trial.stdout.contains("would add     2"), "{}", trial.stdout);
    assert!(at(&daemon, &["symbols"]).stderr.contains("no bars yet"));
    let done = at(&daemon, &["import", "fb.csv", "-o", "json"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let done: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!((done["added"].clone(), done["skipped"].clone()), (2.into(), 1.into()));
    assert_eq!(at(&daemon, &["symbols", "-q"]).stdout, "US.FB\n");
    let csv = at(&daemon, &["read", "fb", "--from", "2012-05-18", "--to", "2012-05-18", "-o", "csv"]).stdout;
    assert_eq!(csv, "time,open,high,low,close,volume\n2012-05-18,42.05,45,38,38.2318,573576400\n");
    let table = at(&daemon, &["read", "FB"]).stdout;
    assert!(table.starts_with("TIME ") && table.lines().count() == 3, "{table}");
    let plot = at(&daemon, &["read", "FB", "--plot"]).stdout;
    assert!(plot.contains("┤") && plot.contains("2012-05-18") && !plot.contains('\x1b'), "{plot}");
    let info = at(&daemon, &["info", "FB"]).stdout;
    assert!(info.contains("2012-05-21"), "{info}");
    // Out to a file, and in again: nothing changes.
    assert_eq!(at(&daemon, &["export", "--out", "all.csv"]).code, 0);
    let back: Value = serde_json::from_str(&at(&daemon, &["import", "all.csv", "-o", "json"]).stdout).unwrap();
    assert_eq!((back["unchanged"].clone(), back["added"].clone()), (2.into(), 0.into()));
    let verified = at(&daemon, &["verify"]);
    assert_eq!(verified.code, 0);
    assert!(verified.stdout.contains("problems") && verified.stdout.contains("none"), "{}", verified.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_has_its_exit_code() {
    let (daemon, other) = (started().await, started().await);
    assert_eq!(at(&daemon, &["read", "NOPE"]).code, 5);
    assert_eq!(at(&daemon, &["info", "NOPE"]).code, 5);
    assert_eq!(at(&daemon, &["read", "FB", "--interval", "2d"]).code, 2);
    assert_eq!(at(&daemon, &["import", "gone.csv"]).code, 2);
    std::fs::write(daemon.home().join("bad.csv"), "Date,Open\n").unwrap();
    let bad = at(&daemon, &["import", "bad.csv", "--symbol", "X"]);
    assert!(bad.code != 0 && bad.stderr.contains("CSV line 1"), "{}", bad.stderr);
    // All or nothing of a file: the good rows before the bad one are not stored either.
    std::fs::write(daemon.home().join("bad.csv"), "Date,Open,High,Low,Close\n2012-05-18,1,1,1,1\n2012-05-21,2,1,1,1\n").unwrap();
    let bad = at(&daemon, &["import", "bad.csv", "--symbol", "X"]);
    assert!(
        bad.code == 2 && bad.stderr.contains("CSV line 3: high 1 is not the highest") && bad.stderr.contains("--lenient"),
        "{}",
        bad.stderr
    );
    assert!(at(&daemon, &["symbols"]).stderr.contains("no bars yet"));
    let lenient = at(&daemon, &["import", "bad.csv", "--symbol", "X", "--lenient", "--dry-run"]);
    assert!(lenient.code == 0 && lenient.stderr.contains("CSV line 3: high 1 is not the highest"), "{}", lenient.stderr);
    // Each kind of doubt in its own words.
    let doubtful = "Date,Open,High,Low,Close\n2012-05-18,1,1,-1,1\n2012-05-21,1,1,-2,1\n2199-01-02,1,1,1,1\n";
    std::fs::write(daemon.home().join("doubtful.csv"), doubtful).unwrap();
    let lenient = at(&daemon, &["import", "doubtful.csv", "--symbol", "X", "--lenient", "--dry-run"]);
    for words in ["CSV line 2: a price is zero or negative", "(the first of 2 like it)", "CSV line 4: 2199-01-02 has not come yet"] {
        assert!(lenient.code == 0 && lenient.stderr.contains(words) && !lenient.stderr.contains("contradict"), "{}", lenient.stderr);
    }
    // What is seldom so is taken and told: a Saturday at an exchange (crypto trades then), a time of day that a day has not.
    let seldom = "Symbol,Date,Open,High,Low,Close\nMSFT,2024-03-02,1,1,1,1\nBTC-USD,2024-03-02,1,1,1,1\nMSFT,2024-03-04 15:30,1,1,1,1\nMSFT,2024-03-05 00:00:00,1,1,1,1\n";
    std::fs::write(daemon.home().join("seldom.csv"), seldom).unwrap();
    let told = at(&daemon, &["import", "seldom.csv", "--dry-run"]);
    assert!(told.code == 0 && told.stderr.lines().count() == 2, "{}", told.stderr);
    for words in ["CSV line 2: 2024-03-02 is a Saturday, on which the market US is closed", "CSV line 4: bars of 1d have no time of day"] {
        assert!(told.stderr.contains(words), "{}", told.stderr);
    }
    std::fs::write(daemon.home().join("path.csv"), "Symbol,Date,Open,High,Low,Close\n../../etc,2024-03-01,1,1,1,1\n").unwrap();
    let path = at(&daemon, &["import", "path.csv"]);
    assert!(path.code == 2 && path.stderr.contains("CSV line 2: symbol \"../../etc\" reads like a path"), "{}", path.stderr);
    let json = at(&daemon, &["export", "-o", "json"]);
    assert!(json.code == 2 && json.stdout.is_empty() && json.stderr.contains("bars export writes CSV"), "{}", json.stderr);
    let nameless = at(&daemon, &["import", "bad.csv"]);
    assert!(nameless.code == 2 && nameless.stderr.contains("--symbol") && !nameless.stderr.contains('?'), "{}", nameless.stderr);
    let zone = at(&daemon, &["import", "bad.csv", "--symbol", "X", "--time-zone", "Mars"]);
    assert!(zone.stderr.contains("--time-zone: \"Mars\" is not known"), "{}", zone.stderr);
    // Two daemons: equal, then not.
    for d in [&daemon, &other] {
        assert_eq!(at(d, &["import", "fb.csv"]).code, 0);
    }
    assert_eq!(at(&daemon, &["digest", "--against", &other.url()]).code, 0);
    std::fs::write(other.home().join("more.csv"), "Date,Open,High,Low,Close\n2012-05-18,1,1,1,1\n").unwrap();
    // A jump by that much is no day's move: refused, in a trial too, unless it is said to be right.
    for args in [&["import", "more.csv", "--symbol", "FB"][..], &["import", "more.csv", "--symbol", "FB", "--dry-run"]] {
        let jump = at(&other, args);
        assert!(
            jump.code == 2 && jump.stderr.contains("US.FB: the close moves by") && jump.stderr.contains("--overwrite"),
            "{}",
            jump.stderr
        );
    }
    let over = at(&other, &["import", "more.csv", "--symbol", "FB", "--overwrite"]);
    assert!(over.code == 0 && over.stderr.contains("more.csv: US.FB: the close moves by"), "{}", over.stderr);
    let nobody = at(&daemon, &["digest", "NOPE"]);
    assert!(nobody.code == 5 && nobody.stderr.contains("there are no bars of NOPE"), "{}", nobody.stderr);
    let differs = at(&daemon, &["digest", "--against", &other.url()]);
    assert!(differs.code == 3 && differs.stdout.contains("differs"), "{}", differs.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_symbol_is_refused_and_a_split_is_told() {
    let daemon = started().await;
    let write = |name: &str, base: f64, scale: f64| {
        let row = |day: u32| {
            let p = (base + f64::from(day % 5)) * scale;
            format!("2012-05-{day:02},{p},{},{},{p},7\n", p + scale, p - scale)
        };
        let text: String = (1..=20).map(row).collect();
        std::fs::write(daemon.home().join(name), format!("Date,Open,High,Low,Close,Volume\n{text}")).unwrap();
    };
    write("a.csv", 100.0, 1.0);
    write("half.csv", 100.0, 0.5);
    write("b.csv", 60.0, 1.0);
    assert_eq!(at(&daemon, &["import", "a.csv", "--symbol", "A"]).code, 0);
    let wrong = at(&daemon, &["import", "b.csv", "--symbol", "A"]);
    assert!(
        wrong.code == 2 && wrong.stderr.contains("US.A: 20 of the 20 bars that are stored already") && wrong.stderr.contains("bars delete"),
        "{}",
        wrong.stderr
    );
    let split = at(&daemon, &["import", "half.csv", "--symbol", "A", "-o", "json"]);
    let told: Value = serde_json::from_str(&split.stdout).unwrap();
    assert_eq!((&told["added"], &told["changed"], &told["rebased"]), (&0.into(), &20.into(), &20.into()), "{told}");
    assert!(told["warnings"].as_array().unwrap().iter().any(|w| w.as_str().unwrap().contains("re-based by 0.5")), "{told}");
    // It stays on record.
    let info = at(&daemon, &["info", "A"]).stdout;
    assert!(info.contains("1d: 20 bars re-based by 0.500000, 2012-05-01 to 2012-05-20 (import)"), "{info}");
    let info: Value = serde_json::from_str(&at(&daemon, &["info", "A", "-o", "json"]).stdout).unwrap();
    assert_eq!((&info["corrections"][0]["kind"], &info["corrections"][0]["factor"]), (&"rebase".into(), &0.5.into()), "{info}");
    // Of several files each symbol counts once.
    let both = at(&daemon, &["import", "half.csv", "half.csv", "--symbol", "A", "-o", "json"]);
    let told: Value = serde_json::from_str(&both.stdout).unwrap();
    assert_eq!((&told["symbols"], &told["unchanged"]), (&1.into(), &40.into()), "{told}");
    // A column that is no number, a symbol that is another's, and dates that may be two.
    for (text, words, not) in [
        ("Date,Open,High,Low,Close,Volume\n2012-05-18,1,1,one,1,1\n", "Low: \"one\" is not a number", "--lenient"),
        ("Ticker,Date,Open,High,Low,Close\nB,2012-05-18,1,1,1,1\n", "leave --symbol out", "--lenient"),
        ("Date,Open,High,Low,Close\n3/4/2024,1,1,1,1\n", "--dates month-first or --dates day-first", "--lenient"),
        ("Date,Open,High,Low,Close\n13/4/2024,1,1,1,1\n", "--dates day-first", "--lenient"),
    ] {
        std::fs::write(daemon.home().join("bad.csv"), text).unwrap();
        let bad = at(&daemon, &["import", "bad.csv", "--symbol", "Z"]);
        assert!(bad.code == 2 && bad.stderr.contains(words) && !bad.stderr.contains(not), "{text}: {}", bad.stderr);
    }
    assert_eq!(at(&daemon, &["import", "bad.csv", "--symbol", "Z", "--dates", "day-first"]).code, 0);
    assert!(at(&daemon, &["read", "Z", "-o", "csv"]).stdout.contains("2024-04-13,"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_hours_an_import_has_is_said() {
    let daemon = started().await;
    let words = "times without a zone are taken as UTC; --time-zone (in the API time_zone) names another";
    let write = |row: &str| std::fs::write(daemon.home().join("h.csv"), format!("Time,Open,High,Low,Close\n{row},1,1,1,1\n")).unwrap();
    let import = |more: &[&str]| at(&daemon, &[&["import", "h.csv", "--symbol", "X", "--interval", "1h", "--dry-run"], more].concat());
    write("2024-03-11 09:30");
    let told = import(&[]);
    assert!(told.code == 0 && told.stderr.contains(&format!("h.csv: {words}")), "{}", told.stderr);
    let json: Value = serde_json::from_str(&import(&["-o", "json"]).stdout).unwrap();
    assert_eq!(json["warnings"], serde_json::json!([words]));
    // Where it was said, or there is nothing to say.
    assert_eq!(import(&["--time-zone", "UTC"]).stderr, "");
    write("2024-03-11T09:30:00Z");
    assert_eq!(import(&[]).stderr, "");
    write("1710149400");
    assert_eq!(import(&[]).stderr, "");
    write("2024-03-10 02:30");
    let told = import(&["--time-zone", "America/New_York"]);
    assert!(told.stderr.contains("CSV line 2: 2024-03-10 02:30 is no time in America/New_York"), "{}", told.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn bars_are_deleted_by_name_and_range() {
    let daemon = started().await;
    assert_eq!(at(&daemon, &["import", "fb.csv"]).code, 0);
    let unasked = at(&daemon, &["delete", "FB"]);
    assert!(unasked.code == 2 && unasked.stderr.contains("--yes"), "{}", unasked.stderr);
    let trial = at(&daemon, &["delete", "FB", "--from", "2012-05-21", "--dry-run"]);
    assert_eq!((trial.code, trial.stdout.as_str()), (0, "would delete 1 bar of US.FB 1d (2012-05-21 to 2012-05-21)\n"));
    let gone = at(&daemon, &["delete", "fb", "--interval", "1d", "--from", "2012-05-21", "--yes", "-o", "json"]);
    let gone: Value = serde_json::from_str(&gone.stdout).unwrap();
    assert_eq!(
        (&gone["symbol"], &gone["series"][0]["bars"], &gone["series"][0]["left"]),
        (&"US.FB".into(), &1.into(), &1.into()),
        "{gone}"
    );
    for args in [
        &["delete", "FB", "--from", "2012-05-21", "--yes"][..],
        &["delete", "NOPE", "--dry-run"],
        &["delete", "FB", "--interval", "1m", "-y"],
    ] {
        assert_eq!(at(&daemon, args).code, 5, "{args:?}");
    }
    assert_eq!(at(&daemon, &["delete", "FB", "--yes"]).code, 0);
    assert_eq!(at(&daemon, &["read", "FB"]).code, 5);
    assert!(at(&daemon, &["symbols"]).stderr.contains("no bars yet") && at(&daemon, &["info", "FB"]).code == 5);
    assert_eq!(at(&daemon, &["verify"]).code, 0);
    let export = at(&daemon, &["export", "FB"]);
    assert!(export.code == 5 && export.stderr.contains("there are no bars of US.FB 1d") && export.stdout.is_empty(), "{}", export.stderr);
    // What cannot be exported leaves the file that is there alone.
    let kept = daemon.home().join("kept.csv");
    std::fs::write(&kept, "kept").unwrap();
    assert_eq!(at(&daemon, &["export", "FB", "--out", kept.to_str().unwrap()]).code, 5);
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), "kept");
    assert!(!daemon.home().join("kept.csv.part").exists());
    // Who did it is told, and it may come again.
    let told = outcome(syncline(daemon.home()).env("SYNCLINE_SERVER", daemon.url()).args(["logs", "audit"])).stdout;
    assert!(told.contains("bars.delete") && told.contains("bars/US.FB"), "{told}");
    assert_eq!(at(&daemon, &["import", "fb.csv"]).code, 0);
    assert_eq!(at(&daemon, &["read", "FB", "-o", "csv"]).stdout.lines().count(), 3);
}
