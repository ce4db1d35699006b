//! Places that bars are brought to, added and removed on the command line.

use super::{SECONDS, files, ok, ready, run, table};
use crate::support::daemon::Daemon;
use crate::support::until::until;

#[tokio::test(flavor = "multi_thread")]
async fn a_slave_and_a_backup_are_added_and_removed_by_hand() {
    let slave = Daemon::configured("[server]\nnode_name = 'hk'\n[dms]\nrole = 'slave'\n").await;
    let master = Daemon::configured("[dms]\npush_seconds = 1\n").await;
    for daemon in [&slave, &master] {
        ready(daemon).await;
    }
    let none = run(&master, &["sync", "trigger"]);
    assert!(none.code == 2 && none.stderr.contains("sync targets add backup"), "{}", none.stderr);
    assert_eq!(ok(&master, &["sync", "targets", "list", "-q"]), "");
    let port = slave.url().rsplit(':').next().unwrap().to_owned();
    let add = ["sync", "targets", "add", "slave", "hk", "--host", "127.0.0.1", "--port", &port];
    assert_eq!(ok(&master, &[&add[..], &["--dry-run"]].concat()), format!("would add slave hk at 127.0.0.1:{port}\n"));
    let shown = ok(&master, &add);
    assert!(shown.contains(&format!("127.0.0.1:{port}")) && shown.contains("enabled"), "{shown}");
    let again = run(&master, &add);
    assert!(again.code == 8 && again.stderr.contains("a slave named \"hk\" exists already"), "{} {}", again.code, again.stderr);
    // Bars arrive without anybody asking.
    let csv = files();
    ok(&master, &["bars", "import", "--symbol", "FB", csv.path().join("US.FB.csv").to_str().unwrap()]);
    until(SECONDS, "the slave has the symbol", async || ok(&slave, &["bars", "symbols", "-q"]) == "US.FB\n").await;
    assert_eq!(ok(&master, &["sync", "targets", "disable", "hk", "-q"]), "hk\n");
    assert!(ok(&master, &["sync", "targets", "list"]).contains("disabled"));
    assert_eq!(run(&master, &["sync", "push", "hk", "--wait"]).code, 8);
    ok(&master, &["sync", "targets", "enable", "hk"]);
    ok(&master, &["sync", "push", "hk", "--wait"]);
    assert_eq!(run(&master, &["sync", "targets", "remove", "hk"]).code, 2, "nobody to ask, and no --yes");
    assert_eq!(ok(&master, &["sync", "targets", "remove", "hk", "--dry-run"]), "would remove slave hk\n");
    ok(&master, &["sync", "targets", "remove", "hk", "--yes"]);
    assert_eq!(run(&master, &["sync", "targets", "rm", "hk", "--yes"]).code, 5);
    assert_eq!(run(&master, &["sync", "targets", "test", "hk"]).code, 5);
    ok(&master, &["bars", "import", "--symbol", "IBM", csv.path().join("US.IBM.csv").to_str().unwrap()]);
    assert!(ok(&master, &["sync", "history", "--target", "hk", "-o", "csv"]).contains("hk,US.FB,1d,success,2,"));
    // Errors name what was typed.
    for (args, code, words) in [
        (&["slave", "a/b", "--host", "h"][..], 2, "NAME: must be without /"),
        (&["slave", "x", "--host", "a b"], 2, "--host: \"a b\" is no host name"),
        (&["backup", "x", "--host", "h", "--timeout-seconds", "0"], 2, "--timeout-seconds: must be from 1"),
        (&["backup", "x", "--host", "h", "--user", "u"], 2, "--password-file FILE"),
        (&["backup", "x", "--host", "h", "--password-file", "f"], 2, "--user"),
        (&["backup", "x", "--host", "169.254.169.254"], 2, "metadata"),
    ] {
        let done = run(&master, &[&["sync", "targets", "add"], args].concat());
        assert!(done.code == code && done.stderr.contains(words), "{args:?}: {} {}", done.code, done.stderr);
    }
    let at_a_slave = run(&slave, &["sync", "targets", "add", "slave", "x", "--host", "h"]);
    assert!(at_a_slave.code == 2 && at_a_slave.stderr.contains("this daemon is a slave"), "{}", at_a_slave.stderr);
    assert!(!ok(&slave, &["bars", "symbols", "-q"]).contains("IBM"));
}

/// One that wants an account; the account is made as its operator would make it.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_with_an_account_is_added_with_its_password_file() {
    let Some((port, _influx)) = crate::support::influx::with_account("syncline", "s3cret-of-influx").await else { return };
    let master = Daemon::configured("").await;
    ready(&master).await;
    let csv = files();
    ok(&master, &["bars", "import", "--symbol", "FB", csv.path().join("US.FB.csv").to_str().unwrap()]);
    let (right, wrong) = (csv.path().join("right"), csv.path().join("wrong"));
    std::fs::write(&right, "s3cret-of-influx\n").unwrap();
    std::fs::write(&wrong, "guessed\n").unwrap();
    let port = port.to_string();
    let add = |name: &'static str, file: &std::path::Path| {
        let file = file.to_str().unwrap().to_owned();
        let args =
            ["sync", "targets", "add", "backup", name, "--host", "127.0.0.1", "--port", &port, "--user", "syncline", "--password-file"];
        // Each with a database of its own: one place under two names is refused.
        ok(&master, &[&args[..], &[file.as_str(), "--database", name, "-o", "json"]].concat())
    };
    let added = add("influx", &right) + &add("denied", &wrong);
    assert!(!added.contains("s3cret") && !added.contains("guessed"), "{added}");
    assert!(ok(&master, &["sync", "targets", "test", "influx"]).contains("InfluxDB 1."));
    let denied = run(&master, &["sync", "targets", "test", "denied"]);
    assert!(denied.code == 1 && denied.stderr.contains("[bars_backup_denied]"), "{} {}", denied.code, denied.stderr);
    ok(&master, &["sync", "trigger", "influx", "--wait"]);
    assert_eq!(run(&master, &["sync", "trigger", "denied", "--wait"]).code, 1);
    let status = table(&master, &["sync", "status"]);
    let of = |name: &str| status["targets"].as_array().unwrap().iter().find(|t| t["name"] == name).unwrap().clone();
    assert_eq!((&of("influx")["behind"], &of("denied")["behind"]), (&0.into(), &1.into()), "{status}");
    assert!(of("denied")["problem"].as_str().unwrap().contains("user and password"), "{status}");
    // The password is right, and the rights are not.
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for statement in ["CREATE DATABASE readable", "CREATE USER reader WITH PASSWORD 'guessed'", "GRANT READ ON readable TO reader"] {
        let asked = http.post(format!("http://127.0.0.1:{port}/query")).query(&[("q", statement)]);
        assert!(asked.basic_auth("syncline", Some("s3cret-of-influx")).send().await.unwrap().status().is_success(), "{statement}");
    }
    let reader = ["sync", "targets", "add", "backup", "readable", "--host", "127.0.0.1", "--port", &port, "--user", "reader"];
    ok(&master, &[&reader[..], &["--password-file", wrong.to_str().unwrap(), "--database", "readable"]].concat());
    let refused = run(&master, &["sync", "targets", "test", "readable"]);
    assert!(refused.code == 1 && refused.stderr.contains("403") && refused.stderr.contains("GRANT ALL ON"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("user and password"), "{}", refused.stderr);
    let everything = format!("{}{status}", master.log());
    assert!(!everything.contains("s3cret") && !everything.contains("guessed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_slave_has_besides_is_told_with_what_takes_it_away() {
    let csv = files();
    let file = csv.path().join("US.FB.csv");
    let import = |daemon: &Daemon, symbol: &str| ok(daemon, &["bars", "import", "--symbol", symbol, file.to_str().unwrap()]);
    // A slave that was a master itself.
    let settings = |role: &str| format!("[server]\nnode_name = 'hk'\n[dms]\nrole = '{role}'\n");
    let mut slave = Daemon::configured(&settings("master")).await;
    ready(&slave).await;
    import(&slave, "FB");
    assert!(slave.stop().success());
    std::fs::write(slave.data_dir().parent().unwrap().join("daemon.toml"), settings("slave")).unwrap();
    slave.restart().await;
    ready(&slave).await;
    let master = Daemon::configured("[dms]\npush_seconds = 0\n").await;
    ready(&master).await;
    import(&master, "IBM");
    let port = slave.url().rsplit(':').next().unwrap().to_owned();
    ok(&master, &["sync", "targets", "add", "slave", "香港", "--host", "127.0.0.1", "--port", &port]);
    ok(&master, &["sync", "push", "香港", "--wait"]);
    let says = "bars of 1 series that the master does not have (US.FB 1d)";
    let status = ok(&master, &["sync", "status"]);
    assert!(status.contains("differs") && status.contains(&format!("{says}; `syncline sync push 香港 --full` removes them")), "{status}");
    let nodes = ok(&master, &["nodes", "list"]);
    assert!(nodes.contains(&format!("ready ({says})")), "{nodes}");
    let at_the_slave = ok(&slave, &["sync", "status"]);
    // As the master calls it, whatever it calls itself.
    assert!(at_the_slave.contains("`syncline sync push 香港 --full` at the master removes them"), "{at_the_slave}");
    let full = ok(&master, &["sync", "push", "香港", "--full", "--dry-run"]);
    assert_eq!(full, format!("would sync 香港 and take out {says}\n"));
    let nobody = run(&master, &["sync", "push", "香港", "--full", "--wait"]);
    assert!(nobody.code == 2 && nobody.stderr.contains(says) && nobody.stderr.contains("--yes"), "{}", nobody.stderr);
    assert!(ok(&slave, &["bars", "symbols", "-q"]).contains("US.FB"), "nothing went");
    // What takes nothing out asks nobody.
    ok(&master, &["sync", "push", "香港", "--wait"]);
    let done = ok(&master, &["sync", "push", "香港", "--full", "--wait", "--yes"]);
    assert!(done.contains("Synced 1 series, 0 bars, 2 removed"), "{done}");
    let status = ok(&master, &["sync", "status"]);
    assert!(status.contains("up to date") && !status.contains("removes them"), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_behind_as_soon_as_an_older_database_is_restored() {
    let Some(influx) = crate::support::influx::influx() else { return };
    let place = format!("name = 'influx'\nhost = '127.0.0.1'\nport = {}\ndatabase = 'behind'\n", influx.port);
    let mut master = Daemon::configured(&format!("[[dms.backups]]\n{place}")).await;
    ready(&master).await;
    let csv = files();
    let import = |master: &Daemon, symbol: &str| {
        let file = csv.path().join("US.FB.csv");
        ok(master, &["bars", "import", "--symbol", symbol, file.to_str().unwrap()]);
        ok(master, &["sync", "trigger", "--wait"]);
    };
    let (file, copy) = (master.data_dir().join("bars.sqlite"), csv.path().join("copy.sqlite"));
    import(&master, "FB");
    assert!(master.stop().success());
    std::fs::copy(&file, &copy).unwrap();
    master.restart().await;
    ready(&master).await;
    ok(&master, &["bars", "delete", "FB", "--from", "2012-05-21", "--yes"]);
    import(&master, "IBM");
    assert!(master.stop().success());
    std::fs::copy(&copy, &file).unwrap();
    master.restart().await;
    ready(&master).await;
    let status = async || table(&master, &["sync", "status"])["targets"][0].clone();
    until(SECONDS, "it is behind", async || status().await["behind"] == 1).await;
    let done = ok(&master, &["sync", "trigger", "--wait"]);
    assert!(done.contains("Synced 1 series, 1 bar"), "{done}");
    assert_eq!((&status().await["behind"], &status().await["extra_names"]), (&0.into(), &serde_json::json!(["US.IBM 1d"])));
    assert!(ok(&master, &["sync", "status"]).contains("`syncline sync trigger influx --mode repair --prune` removes them"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slave_of_its_own_is_told_so() {
    let port = crate::support::port::unused();
    let listener = format!("[[listeners]]\naddress = '127.0.0.1:{port}'\nfamilies = ['dms']\n");
    let slave = Daemon::configured(&format!("[dms]\nrole = 'slave'\nmaster = 'http://127.0.0.1:{port}'\n{listener}")).await;
    ready(&slave).await;
    let says = format!("master at 127.0.0.1:{port} is this daemon itself");
    until(SECONDS, "it says so", async || {
        let status = ok(&slave, &["sync", "status"]);
        status.contains("failing") && status.contains(&says)
    })
    .await;
    let asked = run(&slave, &["sync", "request", "--wait"]);
    assert!(asked.code == 1 && format!("{}{}", asked.stdout, asked.stderr).contains(&says), "{} {}", asked.stdout, asked.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_meant_is_said_in_one_way_everywhere() {
    let slave = Daemon::configured("[server]\nnode_name = 'hk'\n[dms]\nrole = 'slave'\n").await;
    ready(&slave).await;
    let port = slave.url().rsplit(':').next().unwrap().to_owned();
    let place = |port: &str| format!("name = 'hk'\nhost = '127.0.0.1'\nport = {port}\n");
    let config = format!("[dms]\npush_seconds = 0\n[[dms.slaves]]\n{}[[dms.backups]]\n{}", place(&port), place("1"));
    let master = Daemon::configured(&config).await;
    ready(&master).await;
    let none = run(&master, &["tasks", "create", "x", "--target", "hk"]);
    assert!(none.code != 0 && none.stderr.contains("--target backup/hk or --target slave/hk"), "{}", none.stderr);
    ok(&master, &["tasks", "create", "x", "--target", "slave/hk"]);
    let shown = ok(&master, &["tasks", "show", "x"]);
    assert!(shown.contains("all bars to slave/hk, incremental"), "{shown}");
    ok(&master, &["tasks", "run", "x", "--wait"]);
    run(&master, &["sync", "trigger", "hk", "--wait"]);
    let runs = ok(&master, &["logs", "runs"]);
    let lines: Vec<&str> = runs.lines().collect();
    assert!(lines[1].contains("bars_sync to backup") && lines[2].contains("bars_sync to slave"), "{runs}");
    assert!(ok(&master, &["tasks", "list"]).contains("bars_sync to slave"));
    let shown = ok(&master, &["tasks", "show", "x"]);
    assert!(shown.contains(" a run, ") && shown.contains(" in all"), "{shown}");
    assert!(ok(&master, &["sync", "history", "--target", "backup/hk", "-o", "csv"]).lines().all(|l| !l.contains(",slave,")));
    // A place is written in one way, and what would go is said before it does.
    run(&master, &["sync", "trigger", "backup/hk", "--wait"]);
    ok(&master, &["sync", "push", "slave/hk", "--wait"]);
    let other = run(&master, &["sync", "push", "backup/hk"]);
    assert!(other.code == 2 && other.stderr.contains("backup/hk is a backup, no slave"), "{}", other.stderr);
    let full = ok(&master, &["sync", "push", "hk", "--full", "--dry-run"]);
    assert_eq!(full, "would sync hk and take out nothing, as far as it has said\n");
    let unknown = run(&master, &["sync", "push", "slave2"]);
    let says = "there is no slave \"slave2\": there are backup/hk, slave/hk [bars_target_unknown]";
    assert!(unknown.code == 5 && unknown.stderr.contains(says), "{}", unknown.stderr);
    for path in ["sync/targets?colour=1", "nodes?colour=1"] {
        let refused = run(&master, &["api", "GET", path]);
        assert!(refused.code == 2 && refused.stderr.contains("colour"), "{path}: {} {}", refused.code, refused.stderr);
    }
    // Who is not there is told from who is; and a daemon without market data is neither master nor slave.
    let nope = run(&master, &["sync", "trigger", "nope"]);
    assert!(nope.stderr.contains("there are backup/hk, slave/hk"), "{}", nope.stderr);
    let off = Daemon::configured("[dms]\nenabled = false\n").await;
    let request = run(&off, &["sync", "request"]);
    assert!(request.stderr.contains("[dms] enabled = false") && !request.stderr.contains("is a master"), "{}", request.stderr);
}
