//! What is said of a task whose last run did not go through whole, and of a pull that is under way.

use super::{SECONDS, files, ok, ready, run, table};
use crate::support::daemon::Daemon;
use crate::support::line::Line;
use crate::support::until::{until, until_some};

#[tokio::test(flavor = "multi_thread")]
async fn the_last_run_of_a_task_says_what_went_wrong() {
    let dir = files();
    std::fs::write(dir.path().join("US.BAD.csv"), "Date,Open\n").unwrap();
    let daemon = Daemon::configured(&format!("[[dms.providers]]\nname = 'files'\nkind = 'csv'\ndir = '{}'\n", dir.path().display())).await;
    ready(&daemon).await;
    ok(&daemon, &["tasks", "create", "us", "--type", "incremental", "--symbol", "FB", "--symbol", "BAD", "--days", "20000"]);
    assert!(!ok(&daemon, &["tasks", "show", "us"]).contains("last run"));
    assert_eq!(run(&daemon, &["tasks", "run", "us", "--wait"]).code, 9);
    let number = ok(&daemon, &["tasks", "history", "us", "-q"]).trim().to_owned();
    let shown = ok(&daemon, &["tasks", "show", "us"]);
    for words in [
        format!("run {number}, partial: Updated 1 symbol, 1 failed"),
        "1 symbol failed: US.BAD: ".to_owned(),
        format!("syncline logs show {number} --items"),
    ] {
        assert!(shown.contains(&words), "{words}: {shown}");
    }
    assert_eq!(table(&daemon, &["tasks", "show", "us"])["last_run"]["number"].to_string(), number);
    // As clients of dms see it.
    let status = ok(&daemon, &["api", "GET", "/api/dms/tasks/us/status"]);
    assert!(status.contains("Updated 1 symbols, 1 failed; 1 symbol failed: US.BAD: "), "{status}");
    for (ends, does) in
        [(&["--from", "2024-01-01"][..], ", from 2024-01-01 on\n"), (&["--to", "2024-01-31"], ", the first to 2024-01-31\n")]
    {
        let name = ends[0].trim_start_matches('-');
        ok(&daemon, &[&["tasks", "create", name, "--type", "full_sync", "--symbol", "FB"], ends].concat());
        let shown = ok(&daemon, &["tasks", "show", name]);
        assert!(shown.contains(does), "{shown}");
    }
    // What went through whole has no reason.
    ok(&daemon, &["tasks", "update", "us", "--symbol", "FB"]);
    ok(&daemon, &["tasks", "run", "us", "--wait"]);
    let shown = ok(&daemon, &["tasks", "show", "us"]);
    assert!(shown.contains(", completed: Updated 0 symbols") && !shown.contains("failed:") && !shown.contains("--items"), "{shown}");
}

/// A time that passed while no daemon ran: its run begins with the daemon, and waits for the bars database.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_due_while_no_daemon_ran_is_done_once_at_its_start() {
    let Some(influx) = crate::support::influx::influx() else { return };
    let backup = format!("[[dms.backups]]\nname = 'influx'\nhost = '127.0.0.1'\nport = {}\ndatabase = 'missed'\n", influx.port);
    let mut daemon = Daemon::configured(&backup).await;
    ready(&daemon).await;
    let csv = files();
    ok(&daemon, &["bars", "import", "--symbol", "FB", csv.path().join("US.FB.csv").to_str().unwrap()]);
    let yearly = ["--cron", "0 0 0 1 1 ?", "--time-zone", "UTC"];
    for args in
        [&["tasks", "create", "check", "--type", "validation", "--days", "20000"][..], &["tasks", "create", "bring", "--target", "influx"]]
    {
        ok(&daemon, &[args, &yearly].concat());
    }
    assert!(daemon.stop().success());
    // As if it had been due an instant after the daemon went.
    let state = rusqlite::Connection::open(daemon.data_dir().join("state.sqlite")).unwrap();
    let before = jiff::Timestamp::now().as_microsecond() - 1_000_000;
    assert_eq!(state.execute("UPDATE jobs SET next_fire = ?1 WHERE name IN ('check', 'bring')", [before]).unwrap(), 2);
    drop(state);
    daemon.restart().await;
    // Two bars are not all of a year.
    for (name, state) in [("check", "partial"), ("bring", "completed")] {
        let ended = async || {
            let runs = table(&daemon, &["tasks", "history", name])["runs"].as_array().unwrap().clone();
            runs.first().filter(|run| run["state"] != "running").map(|_| runs.clone())
        };
        let runs = until_some(SECONDS, "it ran", ended).await;
        assert_eq!((runs.len(), runs[0]["state"].as_str()), (1, Some(state)), "{name}: {runs:?}");
    }
    assert!(ok(&daemon, &["sync", "history", "--target", "influx", "-o", "csv"]).contains("influx,US.FB,1d,success,2,"));
    // The next time is the timetable's again.
    assert!(ok(&daemon, &["tasks", "next", "check", "-n", "1", "-q"]).contains("-01-01T00:00:00"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slave_that_catches_up_does_not_tell_why_it_could_not_before() {
    let (csv, master) = (files(), Daemon::configured("").await);
    let port = master.url().rsplit(':').next().unwrap().parse().unwrap();
    let mut line = Line::to_port(port).await;
    line.cut().await;
    let config = format!("[dms]\nrole = 'slave'\nmaster = 'http://127.0.0.1:{}'\npull_seconds = 1\n", line.port);
    let slave = Daemon::configured(&config).await;
    for daemon in [&master, &slave] {
        ready(daemon).await;
    }
    ok(&master, &["bars", "import", "--symbol", "FB", csv.path().join("US.FB.csv").to_str().unwrap()]);
    let target = || table(&slave, &["sync", "status"])["targets"][0].clone();
    until(SECONDS, "nobody is there", async || target()["problem"].as_str().is_some_and(|p| p.contains("cannot be reached"))).await;
    // In the midst of it, which may take long.
    line.dies_at("POST /api/dms/replica/blocks");
    line.mend().await;
    until(SECONDS, "it is under way", async || line.swallowed() == 1).await;
    assert_eq!((target()["problem"].clone(), target()["behind"].clone()), ("".into(), 1.into()));
}

/// What it says of itself is never better than what its master told it last, also in the midst of a push that began before the changes.
#[tokio::test(flavor = "multi_thread")]
async fn a_slave_that_is_pushed_to_says_how_far_it_is_behind_while_bars_come() {
    let slave = Daemon::configured("[dms]\nrole = 'slave'\n").await;
    let line = Line::to_port(slave.url().rsplit(':').next().unwrap().parse().unwrap()).await;
    let config = format!("[dms]\npush_seconds = 1\n[[dms.slaves]]\nname = 'hk'\nhost = '127.0.0.1'\nport = {}\n", line.port);
    let master = Daemon::configured(&config).await;
    for daemon in [&master, &slave] {
        ready(daemon).await;
    }
    let csv = files();
    ok(&master, &["bars", "import", "--symbol", "FB", csv.path().join("US.FB.csv").to_str().unwrap()]);
    let behind = || table(&slave, &["sync", "status"])["targets"][0]["behind"].clone();
    until(SECONDS, "it has all", async || ok(&slave, &["bars", "symbols", "-q"]).contains("US.FB") && behind() == 0).await;
    // A push sets out with nothing to bring, and waits on its way while 250 series change.
    line.holds("GET /api/dms/replica/followed");
    until(SECONDS, "it waits", async || line.held() == 1).await;
    let many = csv.path().join("many.csv");
    let rows = (0..250).map(|n| format!("US.M{n},2012-05-18,42.05,45,38,38.2318,573576400\n"));
    std::fs::write(&many, format!("Symbol,Date,Open,High,Low,Close,Volume\n{}", rows.collect::<String>())).unwrap();
    ok(&master, &["bars", "import", many.to_str().unwrap()]);
    assert_eq!(behind(), 0, "nobody told it");
    for (held, at, left) in [(2, "PUT /api/dms/replica/followed", 250), (3, "POST /api/dms/replica/apply", 50)] {
        line.holds(at);
        line.lets_go();
        until(SECONDS, "it is under way", async || line.held() == held).await;
        let target = table(&slave, &["sync", "status"])["targets"][0].clone();
        assert_eq!((&target["behind"], target["lag_seconds"].as_u64() > Some(0)), (&left.into(), true), "{target}");
        assert!(!ok(&slave, &["sync", "status"]).contains("up to date"));
        let nodes = table(&slave, &["nodes", "list"])["nodes"].as_array().unwrap().clone();
        assert!(nodes.iter().any(|node| node["lag_seconds"].as_u64() > Some(0)), "{nodes:?}");
    }
    line.lets_go();
    until(SECONDS, "it has all", async || behind() == 0).await;
}
