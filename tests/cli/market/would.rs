//! What a sync of what changed would do, said before.

use super::{files, ok, ready, run};
use crate::support::daemon::Daemon;

/// A dry run before anything is there, after it is, and after a bar was deleted; the latter says `goes`.
async fn would(master: &Daemon, sync: &[&str], name: &str, [comes, goes]: [&str; 2]) {
    let csv = files();
    let dry = || ok(master, &[sync, &["--dry-run"]].concat());
    let nothing = format!("would sync {name} and find nothing that changed\n");
    assert_eq!(dry(), nothing);
    ok(master, &["bars", "import", "--symbol", "FB", csv.path().join("US.FB.csv").to_str().unwrap()]);
    let said = format!("would sync {name} and write 2 bars of 1 series\nwould change US.FB 1d: 2 bars {comes}, the first of 2012-05-18\n");
    for _ in 0..2 {
        assert_eq!(dry(), said, "nothing was done");
    }
    ok(master, &[sync, &["--wait"]].concat());
    assert_eq!(dry(), nothing);
    ok(master, &["bars", "delete", "FB", "--from", "2012-05-21", "--yes"]);
    assert_eq!(dry().lines().next(), Some(format!("would sync {name} and write 1 bar of 1 series and take out {goes}").as_str()));
    ok(master, &[sync, &["--wait"]].concat());
    assert_eq!(dry(), nothing);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_of_what_changed_says_what_would_travel() {
    let slave = Daemon::configured("[dms]\nrole = 'slave'\n").await;
    ready(&slave).await;
    let port = slave.url().rsplit(':').next().unwrap().to_owned();
    let listed = format!("[dms]\npush_seconds = 0\n[[dms.slaves]]\nname = 'hk'\nhost = '127.0.0.1'\nport = {port}\n");
    let master = Daemon::configured(&listed).await;
    ready(&master).await;
    would(&master, &["sync", "push", "hk"], "hk", ["carried", "what was deleted here of 1 series"]).await;
    // One that cannot be read holds up no other.
    ok(&master, &["bars", "import", "--symbol", "IBM", files().path().join("US.IBM.csv").to_str().unwrap()]);
    let bars = rusqlite::Connection::open(master.data_dir().join("bars.sqlite")).unwrap();
    bars.execute("UPDATE blocks SET data = zeroblob(length(data)) WHERE id = (SELECT max(id) FROM blocks)", []).unwrap();
    let said = ok(&master, &["sync", "push", "hk", "--dry-run"]);
    assert!(said.starts_with("would sync hk and fail at 1 series\nwould change US.IBM 1d: the bars of US.IBM 1d from "), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_says_what_would_be_taken_and_that_its_master_is_down() {
    let mut master = Daemon::configured("[dms]\nrole = 'master'\n").await;
    ready(&master).await;
    let slave = Daemon::configured(&format!("[dms]\nrole = 'slave'\nmaster = '{}'\npull_seconds = 86400\n", master.url())).await;
    ready(&slave).await;
    let csv = files();
    let import = |symbol: &str| {
        ok(&master, &["bars", "import", "--symbol", symbol, csv.path().join("US.FB.csv").to_str().unwrap()]);
    };
    let dry = |args: &[&str]| ok(&slave, &[&["sync", "request", "--dry-run"], args].concat());
    ok(&slave, &["sync", "request", "--wait"]);
    import("FB");
    let said = "would sync master and write 2 bars of 1 series\nwould change US.FB 1d: 2 bars carried, the first of 2012-05-18\n";
    for args in [&[][..], &[], &["--full"], &["--symbol", "FB"]] {
        assert_eq!(dry(args), said, "{args:?}: nothing was done");
    }
    assert_eq!(ok(&slave, &["bars", "symbols", "-q"]), "");
    ok(&slave, &["sync", "request", "--wait"]);
    assert_eq!(dry(&[]), "would sync master and find nothing that changed\n");
    assert_eq!(dry(&["--full"]), "would sync master and find nothing to put right\n");
    ok(&master, &["bars", "delete", "FB", "--from", "2012-05-21", "--yes"]);
    let gone = "write 1 bar of 1 series and take out 1 bar of 1 series that is here";
    assert_eq!(dry(&[]).lines().next(), Some(format!("would sync master and {gone}").as_str()));
    // As the run itself.
    let address = master.url().replace("http://", "");
    master.kill9();
    let [trial, real] = [&["sync", "request", "--dry-run"][..], &["sync", "request", "--wait"]].map(|args| run(&slave, args));
    assert!(trial.code != 0 && trial.stderr.contains(&format!("{address} cannot be reached")), "{} {}", trial.code, trial.stderr);
    assert_ne!(real.code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_what_changed_says_what_would_be_written() {
    let Some(influx) = crate::support::influx::influx() else { return };
    let listed = format!("[[dms.backups]]\nname = 'influx'\nhost = '127.0.0.1'\nport = {}\ndatabase = 'would'\n", influx.port);
    let master = Daemon::configured(&listed).await;
    ready(&master).await;
    would(&master, &["sync", "trigger", "influx"], "influx", ["written", "1 bar of 1 series that is here"]).await;
}
