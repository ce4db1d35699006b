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
    assert!(denied.code == 1 && denied.stderr.contains("[access_denied]"), "{} {}", denied.code, denied.stderr);
    ok(&master, &["sync", "trigger", "influx", "--wait"]);
    assert_eq!(run(&master, &["sync", "trigger", "denied", "--wait"]).code, 1);
    let status = table(&master, &["sync", "status"]);
    let of = |name: &str| status["targets"].as_array().unwrap().iter().find(|t| t["name"] == name).unwrap().clone();
    assert_eq!((&of("influx")["behind"], &of("denied")["behind"]), (&0.into(), &1.into()), "{status}");
    assert!(of("denied")["problem"].as_str().unwrap().contains("user and password"), "{status}");
    let everything = format!("{}{status}", master.log());
    assert!(!everything.contains("s3cret") && !everything.contains("guessed"));
}
