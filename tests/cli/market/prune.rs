//! Series of others, taken out of a backup.

use super::{files, ok, ready, run};
use crate::support::daemon::Daemon;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_here_goes_from_a_backup_when_somebody_wants_it() {
    let Some(influx) = crate::support::influx::influx() else { return };
    let slave = Daemon::configured("[dms]\nrole = 'slave'\n").await;
    let [one, other, empty] =
        [Daemon::configured("").await, Daemon::configured("").await, Daemon::configured("[dms]\npush_seconds = 0\n").await];
    let (csv, port) = (files(), influx.port.to_string());
    ready(&slave).await;
    for (daemon, symbols) in [(&one, &["FB", "GONE"][..]), (&other, &["FB"]), (&empty, &[])] {
        ready(daemon).await;
        let add = ["sync", "targets", "add", "backup", "influx", "--host", "127.0.0.1", "--port", &port, "--database", "pruned"];
        ok(daemon, &add);
        for symbol in symbols {
            ok(daemon, &["bars", "import", "--symbol", symbol, csv.path().join("US.FB.csv").to_str().unwrap()]);
        }
    }
    ok(&one, &["sync", "trigger", "influx", "--wait"]);
    ok(&other, &["sync", "trigger", "influx", "--wait"]);
    let status = ok(&other, &["sync", "status"]);
    assert!(status.contains("differs") && status.contains("--mode repair --prune` removes them"), "{status}");
    let prune = ["sync", "trigger", "backup/influx", "--mode", "repair", "--prune"];
    let with = |more: &[&'static str]| [&prune[..], more].concat();
    let would = ok(&other, &with(&["--dry-run"]));
    assert_eq!(would, "would sync influx and take out 1 series that is not here (US.GONE 1d)\n");
    let nobody = run(&other, &prune);
    assert!(nobody.code == 2 && nobody.stderr.contains("US.GONE 1d") && nobody.stderr.contains("--yes"), "{}", nobody.stderr);
    // Where it makes no sense.
    for (args, words) in [
        (&["sync", "trigger", "influx", "--mode", "full", "--prune", "--yes"][..], "goes with mode repair alone"),
        (&["sync", "trigger", "influx", "--prune", "--yes"], "--mode"),
        (&["sync", "trigger", "influx", "--mode", "repair", "--prune", "--symbol", "FB", "--yes"], "--symbol"),
    ] {
        let refused = run(&other, args);
        assert!(refused.code == 2 && refused.stderr.contains(words), "{args:?}: {}", refused.stderr);
    }
    let port = slave.url().rsplit(':').next().unwrap().to_owned();
    ok(&other, &["sync", "targets", "add", "slave", "hk", "--host", "127.0.0.1", "--port", &port]);
    let body = r#"{"name": "hk", "bars_sync": {"target": "hk", "mode": "repair", "prune": true}}"#;
    let refused = run(&other, &["api", "POST", "runs", "-d", body]);
    assert!(refused.code != 0 && format!("{}{}", refused.stdout, refused.stderr).contains("is about backups"), "{}", refused.stderr);
    let nothing = run(&empty, &with(&["--yes"]));
    assert!(nothing.code == 2 && nothing.stderr.contains("there are no bars here"), "{}", nothing.stderr);
    assert_eq!(ok(&other, &with(&["--dry-run"])), would, "nothing went so far");
    let done = ok(&other, &with(&["--yes", "--wait"]));
    assert!(done.contains("Synced 1 series, 0 bars, 2 removed"), "{done}");
    let history = ok(&other, &["sync", "history", "-n", "1"]);
    assert!(history.contains("US.GONE") && history.contains("2 bars taken out: the series is not here"), "{history}");
    assert!(ok(&other, &["sync", "status"]).contains("up to date"));
    // Its own database sees that it lacks there, and brings it again.
    let again = ok(&one, &["sync", "trigger", "influx", "--wait"]);
    assert!(again.contains("Synced 1 series, 2 bars"), "{again}");
    assert!(ok(&one, &["sync", "history", "-n", "1"]).contains("somebody else had changed it there: 2 bars written again"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_go_is_said_as_it_is() {
    let Some(influx) = crate::support::influx::influx() else { return };
    let [one, other] = [Daemon::configured("").await, Daemon::configured("").await];
    let (csv, port) = (files(), influx.port.to_string());
    let more = csv.path().join("more.csv");
    std::fs::write(&more, "Date,Open,High,Low,Close,Volume\n2012-05-23,31,32,30,31.5,5\n2012-05-24,31,32,30,31.5,5\n").unwrap();
    for daemon in [&one, &other] {
        ready(daemon).await;
        let add = ["sync", "targets", "add", "backup", "influx", "--host", "127.0.0.1", "--port", &port, "--database", "said"];
        ok(daemon, &add);
        ok(daemon, &["bars", "import", "--symbol", "FB", csv.path().join("US.FB.csv").to_str().unwrap()]);
    }
    ok(&one, &["bars", "import", "--symbol", "FB", more.to_str().unwrap()]);
    ok(&one, &["sync", "trigger", "influx", "--wait"]);
    ok(&other, &["sync", "trigger", "influx", "--wait"]);
    let prune = ["sync", "trigger", "backup/influx", "--mode", "repair", "--prune"];
    let with = |more: &[&'static str]| [&prune[..], more].concat();
    // Nothing of it is a series that is not here.
    let bars = "2 bars of 1 series that is here (US.FB 1d: 2 bars, the first of 2012-05-23)";
    let change = "would change US.FB 1d: 2 bars taken out, the first of 2012-05-23\n";
    let would = format!("would sync influx and take out 2 bars of 1 series that is here\n{change}");
    assert_eq!(ok(&other, &with(&["--dry-run"])), would);
    // Also without what is not here, and in other modes.
    let repair = ["sync", "trigger", "influx", "--mode", "repair", "--dry-run"];
    assert_eq!(ok(&other, &repair), would);
    assert!(ok(&other, &[&repair[..], &["-o", "json"]].concat()).contains("US.FB 1d: 2 bars taken out, the first of 2012-05-23"));
    let full = ok(&other, &["sync", "trigger", "influx", "--mode", "full", "--dry-run"]);
    assert!(full.starts_with("would sync influx and write 2 bars of 1 series and take out 2 bars of 1 series that is here\n"), "{full}");
    assert_eq!(ok(&other, &["sync", "trigger", "influx", "--dry-run"]), "would sync influx and find nothing that changed\n");
    let status = ok(&other, &["sync", "status"]);
    assert!(status.contains(bars) && status.contains("--mode repair` removes them") && !status.contains("--prune"), "{status}");
    ok(&one, &["bars", "import", "--symbol", "GONE", csv.path().join("US.FB.csv").to_str().unwrap()]);
    ok(&one, &["sync", "trigger", "influx", "--wait"]);
    let both = format!("1 series that is not here (US.GONE 1d) and {bars}");
    let out = "take out 2 bars of 1 series that is here and take out 1 series that is not here (US.GONE 1d)";
    assert_eq!(ok(&other, &with(&["--dry-run"])), format!("would sync influx and {out}\n{change}"));
    assert!(ok(&other, &["sync", "status"]).contains(&both));
    ok(&other, &with(&["--yes", "--wait"]));
    let history = ok(&other, &["sync", "history", "-n", "2"]);
    assert!(history.contains("2 bars taken out that are not here, the first of 2012-05-23"), "{history}");
    assert!(history.contains("2 bars taken out: the series is not here"), "{history}");
    assert_eq!(ok(&other, &with(&["--dry-run"])), "would sync influx and find nothing to put right\n");
}
