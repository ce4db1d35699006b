//! An older bars.sqlite, restored at a master that has a slave.

use super::{SECONDS, ok, ready, run, table};
use crate::support::daemon::Daemon;
use crate::support::until::until;

#[tokio::test(flavor = "multi_thread")]
async fn bars_that_a_slave_alone_still_has_stay_there_and_are_told() {
    let slave = Daemon::configured("[server]\nnode_name = 'hk'\n[dms]\nrole = 'slave'\n").await;
    let mut master = Daemon::configured("[dms]\npush_seconds = 1\n").await;
    for daemon in [&slave, &master] {
        ready(daemon).await;
    }
    let port = slave.url().rsplit(':').next().unwrap().to_owned();
    let dir = tempfile::tempdir().unwrap();
    let (csv, copy) = (dir.path().join("bars.csv"), dir.path().join("copy.sqlite"));
    let import = |master: &Daemon, days: &[&str], close: &str| {
        let rows: String = days.iter().map(|day| format!("{day},1,3,1,{close},7\n")).collect();
        std::fs::write(&csv, format!("Date,Open,High,Low,Close,Volume\n{rows}")).unwrap();
        ok(master, &["bars", "import", "--symbol", "FB", "--overwrite", csv.to_str().unwrap()]);
    };
    // Until there is anything it fails.
    let exported = || run(&slave, &["bars", "export", "FB"]).stdout;
    let at_slave = async || exported().lines().skip(1).count();
    import(&master, &["2012-05-18", "2012-05-21"], "2");
    assert!(master.stop().success());
    let file = master.data_dir().join("bars.sqlite");
    std::fs::copy(&file, &copy).unwrap();
    master.restart().await;
    ready(&master).await;
    ok(&master, &["sync", "targets", "add", "slave", "hk", "--host", "127.0.0.1", "--port", &port]);
    for day in ["2012-05-22", "2012-05-23", "2012-05-24"] {
        import(&master, &[day], "2");
    }
    until(SECONDS, "the slave has all", async || at_slave().await == 5).await;
    assert!(master.stop().success());
    std::fs::copy(&copy, &file).unwrap();
    master.restart().await;
    ready(&master).await;
    // A correction in the very year: the block travels.
    import(&master, &["2012-05-18"], "2.5");
    until(SECONDS, "the correction is there", async || exported().contains(",2.5,")).await;
    assert_eq!(at_slave().await, 5);
    let says = "bars of 1 series that the master does not have (US.FB 1d)";
    until(SECONDS, "it is told", async || ok(&master, &["sync", "status"]).contains(says)).await;
    assert!(ok(&master, &["sync", "status"]).contains("differs") && ok(&master, &["nodes", "list"]).contains(says));
    assert!(ok(&slave, &["sync", "status"]).contains(says));
    // Who wants a mirror is told at both ends how many went.
    ok(&master, &["sync", "push", "hk", "--full", "--wait", "--yes"]);
    assert_eq!(at_slave().await, 2);
    for (daemon, target) in [(&master, "hk"), (&slave, "hk")] {
        let history = table(daemon, &["sync", "history", "--target", target])["history"].clone();
        let notes: Vec<&str> = history.as_array().unwrap().iter().map(|row| row["note"].as_str().unwrap()).collect();
        assert!(notes.contains(&"3 bars taken out that the sender does not have"), "{history}");
    }
    until(SECONDS, "both are equal", async || ok(&master, &["sync", "status"]).contains("up to date")).await;
}
