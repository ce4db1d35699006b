//! Tasks over bars, `sync` and `nodes` on the command line, and the port that old clients know.

use super::{Outcome, outcome, syncline};
use crate::support::daemon::Daemon;
use crate::support::until::until;
use serde_json::Value;
use std::time::Duration;

mod gone;
mod held;
mod killed;
mod prune;
mod restored;
mod shown;
mod targets;
mod would;

const SECONDS: Duration = Duration::from_secs(30);

fn run(daemon: &Daemon, args: &[&str]) -> Outcome {
    outcome(syncline(daemon.home()).env("SYNCLINE_SERVER", daemon.url()).args(args))
}

fn ok(daemon: &Daemon, args: &[&str]) -> String {
    let done = run(daemon, args);
    assert_eq!(done.code, 0, "{args:?}: {}{}", done.stdout, done.stderr);
    done.stdout
}

fn table(daemon: &Daemon, args: &[&str]) -> Value {
    serde_json::from_str(&ok(daemon, &[args, &["-o", "json"]].concat())).unwrap()
}

async fn ready(daemon: &Daemon) {
    until(SECONDS, "the bars database is open", async || daemon.client().bar_series(None, None).await.is_ok()).await;
}

fn files() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let rows = "2012-05-18,42.05,45,38,38.2318,573576400\n2012-05-21,36.53,36.66,33,34.03,168192700\n";
    for symbol in ["FB", "IBM"] {
        std::fs::write(dir.path().join(format!("US.{symbol}.csv")), format!("Date,Open,High,Low,Close,Volume\n{rows}")).unwrap();
    }
    dir
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_over_bars_is_a_task_like_any_other() {
    let dir = files();
    let daemon = Daemon::configured(&format!("[[dms.providers]]\nname = 'files'\nkind = 'csv'\ndir = '{}'\n", dir.path().display())).await;
    ready(&daemon).await;
    let made = ok(
        &daemon,
        &[
            "tasks",
            "create",
            "us",
            "--type",
            "incremental",
            "--symbol",
            "FB",
            "--symbol",
            "NOPE",
            "--days",
            "20000",
            "--cron",
            "0 19 * * MON-FRI",
            "--time-zone",
            "America/New_York",
        ],
    );
    assert!(made.contains("incremental of 2 symbols, 1d, 20,000 days"), "{made}");
    assert_eq!(run(&daemon, &["tasks", "create", "x", "--type", "repair", "--range", "7d"]).code, 2, "hosts or bars");
    assert_eq!(run(&daemon, &["tasks", "create", "x", "--symbol", "FB"]).code, 2, "what does it do?");
    // Seven in the evening in New York, whatever the daemon's zone is.
    let times = ok(&daemon, &["tasks", "next", "us", "-n", "3", "-q"]);
    assert!(times.lines().count() == 3 && times.lines().all(|t| t.contains("T19:00:00-0")), "{times}");
    assert!(
        ok(&daemon, &["tasks", "cron-check", "0 19 * * MON-FRI", "--kind", "bars", "--time-zone", "Asia/Hong_Kong"])
            .contains("T19:00:00+08:00")
    );
    assert_eq!(run(&daemon, &["tasks", "cron-check", "0 19 * * MON-FRI", "--kind", "hosts"]).code, 2);
    // Whoever names no kind is told how it was read.
    for (expr, reading) in [("0 19 * * MON-FRI", "five fields, minutes first"), ("0 0 19 * * MON-FRI", "six fields, seconds first")] {
        let read = run(&daemon, &["tasks", "cron-check", expr, "--time-zone", "Asia/Hong_Kong"]);
        assert!(
            read.code == 0 && read.stdout.contains("T19:00:00+08:00") && read.stderr.contains(reading),
            "{} {}",
            read.stdout,
            read.stderr
        );
    }
    for args in [
        &["tasks", "cron-check", "0 0 19 * * ?", "--time-zone", "Mars/X"][..],
        &["tasks", "create", "mars", "--type", "repair", "--cron", "0 19 * * *", "--time-zone", "Mars/X"],
    ] {
        let done = run(&daemon, args);
        assert!(
            done.code == 2 && done.stderr.contains("--time-zone: \"Mars/X\" is no time zone"),
            "{args:?}: {} {}",
            done.code,
            done.stderr
        );
    }
    // One of the two is not to be had: whoever asked for both did not get both.
    let partly = run(&daemon, &["tasks", "run", "us", "--wait", "-o", "json"]);
    assert_eq!(partly.code, 9, "{}{}", partly.stdout, partly.stderr);
    let ran: Value = serde_json::from_str(&partly.stdout).unwrap();
    let message = "Updated 1 symbol, 1 without data at the source";
    assert_eq!((ran["state"].as_str(), ran["message"].as_str()), (Some("partial"), Some(message)), "{ran}");
    assert_eq!((&ran["bars"]["updated"], &ran["bars"]["no_data"]), (&1.into(), &1.into()));
    let number = ran["number"].to_string();
    let items = ok(&daemon, &["logs", "show", &number, "--items", "-o", "csv"]);
    assert!(items.contains("US.FB,1d,updated,2,") && items.contains("US.NOPE,1d,no_data,0,"), "{items}");
    // Neither is: nothing failed, and nothing came.
    ok(&daemon, &["tasks", "create", "none", "--type", "incremental", "--symbol", "NOPE"]);
    let none = run(&daemon, &["tasks", "run", "none", "--wait"]);
    assert!(none.code == 9 && none.stdout.contains("no symbol has data"), "{} {}", none.code, none.stdout);
    ok(&daemon, &["tasks", "delete", "none", "--yes"]);
    ok(&daemon, &["tasks", "update", "us", "--symbol", "IBM", "--sync"]);
    assert!(ok(&daemon, &["tasks", "show", "us"]).contains("incremental of US.IBM, 1d, 20,000 days, then sync"));
    std::fs::write(dir.path().join("US.IBM.csv"), "Date,Open\n").unwrap();
    let failed = run(&daemon, &["tasks", "run", "us", "--wait"]);
    assert_eq!(failed.code, 1, "{}", failed.stdout);
    let list = ok(&daemon, &["tasks", "list", "--kind", "bars", "-o", "csv"]);
    assert!(list.contains(",us,bars,scheduled,") && list.contains(",failed,"), "{list}");
    assert!(ok(&daemon, &["logs", "runs", "--kind", "bars", "-q"]).lines().count() == 3);
    assert_eq!(ok(&daemon, &["tasks", "run", "--all", "--type", "repair", "-q"]), "", "there is none");
    // A task of a file, as `apply` takes it.
    let file = daemon.home().join("task.toml");
    std::fs::write(&file, "name = 'us'\n[bars]\ntype = 'validation'\ndays = 20000\n").unwrap();
    assert!(ok(&daemon, &["tasks", "apply", "-f", file.to_str().unwrap()]).contains("validation of all symbols"));
    ok(&daemon, &["tasks", "delete", "us", "--yes"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_of_the_file_is_changed_in_the_file() {
    let dir = files();
    let config = format!(
        "[[dms.providers]]\nname = 'files'\nkind = 'csv'\ndir = '{}'\n\
         [[dms.tasks]]\nname = 'us'\ntype = 'incremental'\nsymbols = ['FB']\ndays = 20000\nsync = true\n\
         [[dms.tasks]]\nname = 'off'\ntype = 'validation'\nenabled = false\n\
         [[dms.slaves]]\nname = 'gone'\nhost = '127.0.0.1'\nport = 1\n",
        dir.path().display()
    );
    let daemon = Daemon::configured(&config).await;
    ready(&daemon).await;
    let file = daemon.home().join("task.toml");
    std::fs::write(&file, "name = 'us'\n[bars]\ntype = 'validation'\n").unwrap();
    for args in [
        &["tasks", "update", "us", "--cron", "0 1 * * *"][..],
        &["tasks", "update", "us", "--cron", "0 1 * * *", "--dry-run"],
        &["tasks", "delete", "us", "--yes"],
        &["tasks", "delete", "us", "--dry-run"],
        &["tasks", "apply", "-f", file.to_str().unwrap()],
        &["tasks", "enable", "off"],
    ] {
        let done = run(&daemon, args);
        assert!(done.code == 8 && done.stderr.contains("configuration file"), "{args:?}: {} {}", done.code, done.stderr);
    }
    ok(&daemon, &["tasks", "disable", "us"]);
    ok(&daemon, &["tasks", "enable", "us"]);
    assert_eq!(ok(&daemon, &["tasks", "run", "us", "--dry-run"]), "would run us, which is manual\n");
    // Names that paths have no place for.
    for args in [&["tasks", "create", "bad name/..", "--type", "validation"][..], &["tasks", "create", " x", "--type", "validation"]] {
        let done = run(&daemon, args);
        assert!(done.code == 2 && done.stderr.contains("NAME: must be without /"), "{args:?}: {} {}", done.code, done.stderr);
    }
    // What follows from a run is the command's result too.
    let ran = run(&daemon, &["tasks", "run", "us", "--wait", "-o", "json"]);
    let reply: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, reply["state"].as_str(), reply["then"][0]["state"].as_str()), (9, Some("completed"), Some("failed")), "{reply}");
    let error = reply["then"][0]["error"].as_str().unwrap();
    assert!(error.contains("gone at 127.0.0.1:1 cannot be reached"), "{error}");
    assert!(ok(&daemon, &["logs", "show", &reply["number"].to_string()]).contains("gone"), "{reply}");
    // Runs are found by the task's name, also of one that is gone; there are no other states than these.
    ok(&daemon, &["tasks", "create", "short", "--type", "validation", "--days", "1"]);
    // Nothing was traded of late: said of each symbol.
    let validated = run(&daemon, &["tasks", "run", "short", "--wait"]);
    assert_eq!(validated.code, 9, "{}", validated.stdout);
    ok(&daemon, &["tasks", "delete", "short", "--yes"]);
    let found = ok(&daemon, &["logs", "runs", "--job", "short"]);
    assert!(found.lines().count() == 2 && found.contains(" short "), "{found}");
    let items = ok(&daemon, &["logs", "show", ok(&daemon, &["logs", "runs", "--job", "short", "-q"]).trim(), "--items"]);
    assert!(items.contains("US.FB") && items.contains("there are no bars in the range"), "{items}");
    for (args, code, words) in [
        (&["logs", "runs", "--job", "nope"][..], 5, "no job or task \"nope\""),
        (&["logs", "runs", "--state", "moon"], 2, "partial"),
        (&["logs", "show", "1", "--items", "--state", "moon"], 2, "no_data"),
    ] {
        let done = run(&daemon, args);
        assert!(done.code == code && done.stderr.contains(words), "{args:?}: {} {}", done.code, done.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slaves_are_pushed_to_and_pull_and_their_lag_is_shown() {
    let slave = Daemon::configured("[server]\nnode_name = 'hk'\n[dms]\nrole = 'slave'\n").await;
    let port = slave.url().rsplit(':').next().unwrap().to_owned();
    let off = "[dms]\npush_seconds = 0\n[[dms.slaves]]\nname = 'off'\nhost = '127.0.0.1'\nport = 2\nenabled = false\n";
    let backup = "[[dms.backups]]\nname = 'influx'\nhost = '127.0.0.1'\nport = 1\n";
    let config = format!("[server]\nnode_name = 'home'\n{off}[[dms.slaves]]\nname = 'hk'\nhost = '127.0.0.1'\nport = {port}\n{backup}");
    let master = Daemon::configured(&config).await;
    let puller =
        Daemon::configured(&format!("[server]\nnode_name = 'ny'\n[dms]\nrole = 'slave'\nmaster = '{}'\npull_seconds = 0\n", master.url()))
            .await;
    for daemon in [&slave, &master, &puller] {
        ready(daemon).await;
    }
    let csv = files();
    ok(&master, &["bars", "import", "--symbol", "FB", csv.path().join("US.FB.csv").to_str().unwrap()]);
    let lag = |daemon: &Daemon, name: &str| {
        let nodes = table(daemon, &["nodes", "list"])["nodes"].as_array().unwrap().clone();
        let node = nodes.iter().find(|n| n["name"] == name).unwrap_or_else(|| panic!("{name}: {nodes:?}")).clone();
        (node["role"].as_str().unwrap().to_owned(), node["state"].as_str().unwrap().to_owned(), node["lag_seconds"].clone())
    };
    assert_eq!(lag(&master, "home").0, "master");
    assert_eq!(lag(&master, "hk").1, "ready");
    assert!(lag(&master, "hk").2.as_u64().unwrap() > 0, "it has nothing yet");
    let status = table(&master, &["sync", "status"]);
    let hk = status["targets"].as_array().unwrap().iter().find(|t| t["name"] == "hk").unwrap().clone();
    assert_eq!((&hk["behind"], hk["lag_seconds"].as_u64() > Some(0)), (&1.into(), true), "{hk}");
    assert!(ok(&master, &["sync", "history", "--failed"]).is_empty());
    assert!(run(&master, &["sync", "history", "--failed"]).stderr.contains("nothing failed"));
    assert_eq!(ok(&master, &["sync", "push", "hk", "--wait", "-q"]).lines().count(), 1);
    assert_eq!(lag(&master, "hk"), ("slave".to_owned(), "ready".to_owned(), 0.into()));
    let status = table(&master, &["sync", "status"]);
    let of = |name: &str| status["targets"].as_array().unwrap().iter().find(|t| t["name"] == name).unwrap().clone();
    assert_eq!(
        (of("hk")["behind"].clone(), of("influx")["behind"].clone(), of("off")["enabled"].clone()),
        (0.into(), 1.into(), false.into())
    );
    assert!(ok(&master, &["sync", "status"]).contains("up to date"));
    // What is taken out goes there too.
    ok(&master, &["bars", "import", "--symbol", "GONE", csv.path().join("US.FB.csv").to_str().unwrap()]);
    ok(&master, &["sync", "push", "hk", "--wait"]);
    assert!(ok(&slave, &["bars", "symbols", "-q"]).contains("US.GONE"));
    assert_eq!(run(&slave, &["bars", "delete", "GONE", "--yes"]).code, 4, "a slave is read-only");
    ok(&master, &["bars", "delete", "GONE", "--yes"]);
    assert!(lag(&master, "hk").2.as_u64().unwrap() > 0, "it still has it");
    ok(&master, &["sync", "push", "hk", "--wait"]);
    assert_eq!(ok(&slave, &["bars", "symbols", "-q"]), "US.FB\n");
    // What arrived stands in the history of both.
    assert!(ok(&master, &["sync", "history", "--target", "hk", "-o", "csv"]).contains("hk,US.FB,1d,success,2,"));
    assert!(ok(&slave, &["sync", "history", "-o", "csv"]).contains("hk,US.FB,1d,success,2,"));
    assert_eq!(ok(&master, &["sync", "status", "--target", "slave/hk", "-q"]), "hk\n");
    let nobody = run(&master, &["sync", "status", "--target", "backup/hk"]);
    assert!(nobody.code == 5 && nobody.stderr.contains("there is no backup or slave \"backup/hk\""), "{}", nobody.stderr);
    // What is disabled is called so, and a trial says what the daemon would say.
    for (args, code, words) in [
        (&["sync", "push", "off"][..], 8, "the slave off is disabled; the configuration file says so"),
        (&["sync", "push", "nobody"], 5, "\"nobody\""),
        (&["sync", "push", "hk", "--symbol", "ZZZ"], 5, "US.ZZZ"),
        (&["sync", "trigger", "nobody"], 5, "\"nobody\""),
        (&["sync", "request"], 2, "this daemon is a master, and takes bars from nobody; `syncline sync push SLAVE`"),
        (&["sync", "targets", "remove", "nobody", "--yes"], 5, "nobody"),
        (&["sync", "targets", "enable", "off"], 8, "configuration file's"),
        (
            &["sync", "targets", "add", "slave", "twice", "--host", "localhost", "--port", &port],
            8,
            "is the slave hk, under another address",
        ),
        (&["tasks", "create", "t", "--type", "incremental", "--symbol", "FB"], 2, "needs a provider: [[dms.providers]] has none"),
        (&["tasks", "create", "t", "--type", "validation", "--days", "-5"], 2, "from 1 to 73000"),
        (&["tasks", "create", "t", "--type", "repair", "--mode", "full"], 2, "--mode is how bars are brought"),
        (&["tasks", "create", "t", "--type", "validation", "--overlap", "3"], 2, "overlap: only an incremental task"),
        (&["tasks", "create", "t", "--target", "inf", "--days", "5"], 2, "--days says how bars are fetched"),
        (&["tasks", "create", "t", "--target", "inf", "--symbol", "A", "--symbol", "B"], 2, "for one symbol, or for all"),
        (&["tasks", "create", "t", "--target", "nobody"], 5, "\"nobody\""),
    ] {
        for args in [args.to_vec(), [args, &["--dry-run"]].concat()] {
            let done = run(&master, &args);
            assert!(done.code == code && done.stderr.contains(words), "{args:?}: {} {}", done.code, done.stderr);
        }
    }
    let unsaid = run(&master, &["tasks", "create", "t"]);
    assert!(unsaid.code != 0 && unsaid.stderr.contains("has --type incremental"), "{}", unsaid.stderr);
    let own = master.url().rsplit(':').next().unwrap().to_owned();
    let itself = run(&master, &["sync", "targets", "add", "slave", "me", "--host", "127.0.0.1", "--port", &own]);
    assert!(itself.code == 8 && itself.stderr.contains("is this daemon itself"), "{}", itself.stderr);
    ok(&master, &["tasks", "create", "there", "--type", "validation"]);
    for args in [
        &["tasks", "create", "there", "--type", "validation", "--dry-run"][..],
        &["tasks", "update", "there", "--type", "repair", "--dry-run"],
    ] {
        assert_ne!(run(&master, args).code, 0, "{args:?}");
    }
    assert_eq!(ok(&master, &["tasks", "create", "new", "--type", "validation", "--dry-run"]), "would create new\n");
    assert_eq!(ok(&master, &["tasks", "list", "--kind", "bars", "-q"]).lines().count(), 1);
    ok(&master, &["tasks", "delete", "there", "--yes"]);
    // A slave takes it when it is told to; its master is shown with its own lag.
    assert!(!lag(&puller, "ny").2.is_null() || lag(&puller, "ny").1 == "ready");
    ok(&puller, &["sync", "request", "--wait"]);
    assert_eq!(lag(&puller, "ny"), ("slave".to_owned(), "ready".to_owned(), 0.into()));
    assert_eq!(lag(&puller, "home").0, "master", "as it is called, not as what it is");
    assert_eq!(ok(&puller, &["bars", "symbols", "-q"]), "US.FB\n");
    // A backup that is not there: said, and the command fails.
    assert_eq!(run(&master, &["sync", "trigger", "influx", "--wait"]).code, 1);
    assert!(ok(&master, &["sync", "history", "--failed", "-o", "csv"]).contains("influx,,,failed,0,"));
    assert!(ok(&master, &["sync", "status"]).contains("failing"));
    assert_eq!(run(&master, &["sync", "targets", "test", "influx"]).code, 1);
    assert!(ok(&master, &["sync", "targets", "test", "hk"]).contains("dms slave"));
    assert_eq!(run(&master, &["sync", "targets", "test", "nobody"]).code, 5);
    // What is not there is named, with what there is.
    for (daemon, args, words) in [
        (&master, &["sync", "push", "nobody"][..], &["\"nobody\"", "there are backup/influx, slave/hk, slave/off"][..]),
        (&master, &["sync", "push", "hk", "--symbol", "ZZZ"], &["US.ZZZ"]),
        (&master, &["sync", "trigger", "--symbol", "ZZZ"], &["US.ZZZ"]),
        (&puller, &["sync", "request", "--symbol", "ZZZ", "--wait"], &["US.ZZZ", "master"]),
        (&master, &["sync", "history", "--target", "nobody"], &["\"nobody\"", "hk, influx, ny, off"]),
    ] {
        let done = run(daemon, args);
        assert!(done.code == 5 && words.iter().all(|w| done.stderr.contains(w)), "{args:?}: {} {}", done.code, done.stderr);
    }
    // Where nothing answers, and why.
    let failed = ok(&master, &["sync", "history", "--target", "influx"]);
    assert!(failed.contains("127.0.0.1:1 cannot be reached: Connection refused"), "{failed}");
    let leader = |daemon: &Daemon, name: &str| {
        let nodes = table(daemon, &["nodes", "list"])["nodes"].as_array().unwrap().clone();
        let node = nodes.iter().find(|n| n["name"] == name).unwrap();
        (node["role"].as_str().unwrap().to_owned(), node["leader"].as_bool().unwrap())
    };
    // One that is only pushed to knows who pushes.
    assert_eq!((leader(&slave, "hk"), leader(&slave, "home")), (("slave".to_owned(), false), ("master".to_owned(), true)));
    let home = master.url().replace("http://", "home,master,pushes,") + ",";
    assert!(ok(&slave, &["sync", "status", "-o", "csv"]).contains(&home));
    assert_eq!((leader(&puller, "ny").1, leader(&puller, "home").1, leader(&master, "home").1), (false, true, true));
    assert_eq!(run(&puller, &["bars", "import", csv.path().join("US.FB.csv").to_str().unwrap()]).code, 4, "a slave is read-only");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zipped_file_is_told_as_one() {
    let daemon = Daemon::configured("").await;
    ready(&daemon).await;
    let done = run(&daemon, &["bars", "import", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/bars/stocks.csv.gz")]);
    assert!(done.code == 2 && done.stderr.contains("is gzip") && done.stderr.contains("zcat"), "{} {}", done.code, done.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_for_dms_alone_is_enough_for_its_peers_and_serves_nothing_else() {
    // The port that clients of dms know, where nobody has it; else any.
    let port = if std::net::TcpListener::bind("127.0.0.1:11183").is_ok() { 11183 } else { 0 };
    let slave =
        Daemon::configured(&format!("[dms]\nrole = 'slave'\n[[listeners]]\naddress = '127.0.0.1:{port}'\nfamilies = ['dms']\n")).await;
    ready(&slave).await;
    let announced = std::fs::read_to_string(slave.data_dir().join("serve.addr")).unwrap();
    let address = announced.lines().nth(1).unwrap().to_owned();
    assert!(port == 0 || address.ends_with(":11183"), "{address}");
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let status = async |path: &str| client.get(format!("http://{address}{path}")).send().await.unwrap().status().as_u16();
    assert_eq!((status("/api/dms/status").await, status("/api/v1/bars").await, status("/v2/jobs/sync").await), (200, 404, 404));
    let (host, port) = address.rsplit_once(':').unwrap();
    let master = Daemon::configured(&format!("[[dms.slaves]]\nname = 's'\nhost = '{host}'\nport = {port}\n")).await;
    ready(&master).await;
    let csv = files();
    ok(&master, &["bars", "import", "--symbol", "FB", csv.path().join("US.FB.csv").to_str().unwrap()]);
    ok(&master, &["sync", "push", "s", "--wait"]);
    assert_eq!(ok(&slave, &["bars", "symbols", "-q"]), "US.FB\n");
}
