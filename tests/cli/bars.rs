//! `syncline bars` against real daemons.

use super::{Outcome, outcome, syncline};
use crate::support::daemon::Daemon;
use crate::support::until::until;
use serde_json::Value;
use std::time::Duration;

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
    assert!(lenient.code == 0 && lenient.stderr.contains("1 bar with figures that contradict"), "{}", lenient.stderr);
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
    assert_eq!(at(&other, &["import", "more.csv", "--symbol", "FB"]).code, 0);
    let differs = at(&daemon, &["digest", "--against", &other.url()]);
    assert!(differs.code == 3 && differs.stdout.contains("differs"), "{}", differs.stdout);
}
