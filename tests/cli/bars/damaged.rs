//! Bytes of the bars database that somebody, or a disk, changed beside a running daemon.

use super::*;

/// A bar on the second of each month of thirty years.
fn years(first: i32, last: i32) -> String {
    let rows = (first..=last).flat_map(|year| (1..=12).map(move |month| format!("{year}-{month:02}-02,10,12,9,11,5\n")));
    format!("Date,Open,High,Low,Close,Volume\n{}", rows.collect::<String>())
}

/// Changes a byte of a year's block, which is the only series'.
fn damage(daemon: &Daemon, year: u32) {
    let conn = rusqlite::Connection::open(daemon.data_dir().join("bars.sqlite")).unwrap();
    conn.busy_timeout(Duration::from_secs(10)).unwrap();
    let sql = "SELECT id, data FROM blocks ORDER BY id LIMIT 1 OFFSET ?1";
    let (id, mut data): (i64, Vec<u8>) = conn.query_row(sql, [year - 1990], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let middle = data.len() / 2;
    data[middle] ^= 0x10;
    conn.execute("UPDATE blocks SET data = ?2 WHERE id = ?1", (id, data)).unwrap();
}

const NAMED: &str = "the bars of US.A 1d from 2018-01-02 to 2018-12-02 are damaged in the bars database";

async fn with_bars(config: &str) -> Daemon {
    let daemon = Daemon::configured(config).await;
    until(Duration::from_secs(30), "the bars database is open", async || daemon.client().bar_series(None, None).await.is_ok()).await;
    std::fs::write(daemon.home().join("all.csv"), years(1990, 2019)).unwrap();
    daemon
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_bars_are_named_and_can_be_brought_again() {
    let daemon = with_bars("").await;
    let import = |more: &[&str]| at(&daemon, &[&["import", "all.csv", "--symbol", "A"], more].concat());
    assert_eq!(import(&[]).code, 0);
    let digest =
        || serde_json::from_str::<Value>(&at(&daemon, &["digest", "A", "-o", "json"]).stdout).unwrap()["series"][0]["digest"].clone();
    let before = digest();
    damage(&daemon, 2018);
    // All but the year of it, whether or not it is known before.
    for _ in 0..2 {
        let export = at(&daemon, &["export", "A"]);
        assert!(
            export.code == 1 && export.stderr.contains(NAMED) && export.stderr.contains("bars import --overwrite"),
            "{}",
            export.stderr
        );
        assert!(export.stdout.lines().count() == 1 + 12 * 29 && !export.stdout.contains("# error"), "{}", export.stdout);
    }
    assert_ne!(digest(), before);
    let kept = daemon.home().join("kept.csv");
    std::fs::write(&kept, "kept").unwrap();
    for args in [
        &["read", "A"][..],
        &["export", "--out", "kept.csv"],
        &["import", "all.csv", "--symbol", "A"],
        &["delete", "A", "--from", "2018-06-01", "--yes"],
    ] {
        let done = at(&daemon, args);
        assert!(
            done.code == 1 && done.stderr.contains(NAMED) && done.stderr.contains("[bars_block_damaged]"),
            "{args:?}: {} {}",
            done.code,
            done.stderr
        );
    }
    // A file that is there stays: it may be the last that has all of them.
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), "kept");
    assert_eq!(std::fs::read_to_string(daemon.home().join("kept.csv.part")).unwrap().lines().count(), 1 + 12 * 29);
    let export = at(&daemon, &["export", "--out", "new.csv"]);
    assert!(export.code == 1 && export.stderr.contains("everything else came; it is in new.csv"), "{}", export.stderr);
    assert_eq!(std::fs::read_to_string(daemon.home().join("new.csv")).unwrap().lines().count(), 1 + 12 * 29);
    assert_eq!(at(&daemon, &["read", "A", "--from", "2019-01-01"]).code, 0, "the others are read");
    let verified = at(&daemon, &["verify"]);
    assert!(
        verified.code == 3 && verified.stdout.contains(NAMED) && verified.stdout.contains("sync request --full"),
        "{}",
        verified.stdout
    );
    // A part is no substitute, all of it is.
    std::fs::write(daemon.home().join("part.csv"), years(2018, 2018).replace("2018-01-02,10,12,9,11,5\n", "")).unwrap();
    let part = at(&daemon, &["import", "part.csv", "--symbol", "A", "--overwrite"]);
    assert!(part.code == 1 && part.stderr.contains("what comes has those from 2018-02-02 to 2018-12-02 alone"), "{}", part.stderr);
    let done = import(&["--overwrite"]);
    assert!(done.code == 0 && done.stderr.contains("12 damaged bars from 2018-01-02 to 2018-12-02 were replaced"), "{}", done.stderr);
    assert_eq!((at(&daemon, &["verify"]).code, digest()), (0, before.clone()));
    // Or they are taken out, and come again.
    damage(&daemon, 2018);
    let gone = at(&daemon, &["delete", "A", "--from", "2018-01-01", "--to", "2018-12-31", "--yes", "-o", "json"]);
    assert!(gone.code == 0 && gone.stdout.contains("\"bars\": 12"), "{} {}", gone.stdout, gone.stderr);
    assert_eq!((at(&daemon, &["verify"]).code, import(&[]).code, digest()), (0, 0, before));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slave_is_brought_damaged_bars_again() {
    let master = with_bars("[dms]\npush_seconds = 0\n").await;
    assert_eq!(at(&master, &["import", "all.csv", "--symbol", "A"]).code, 0);
    let slave = with_bars(&format!("[dms]\nrole = 'slave'\nmaster = '{}'\npull_seconds = 0\n", master.url())).await;
    let request = |more: &[&str]| {
        let mut command = syncline(slave.home());
        outcome(command.env("SYNCLINE_SERVER", slave.url()).args([&["sync", "request", "--wait"], more].concat()))
    };
    assert_eq!(request(&[]).code, 0);
    // Everything is looked at when it is said; else what was seen.
    for (seen, more) in [(false, &["--full", "--yes"][..]), (true, &[])] {
        damage(&slave, 2018);
        if seen {
            let read = at(&slave, &["read", "A"]);
            assert!(read.code == 1 && read.stderr.contains(NAMED) && read.stderr.contains("sync request --full"), "{}", read.stderr);
        }
        let brought = request(more);
        assert_eq!(brought.code, 0, "{}{}", brought.stdout, brought.stderr);
        assert_eq!((at(&slave, &["verify"]).code, at(&slave, &["digest", "--against", &master.url()]).code), (0, 0), "{more:?}");
    }
    // The master's own: named, and nothing of the slave's is lost.
    damage(&master, 2018);
    assert_eq!(at(&master, &["verify"]).code, 3);
    assert_eq!(at(&slave, &["digest", "--against", &master.url()]).code, 3);
    let nobody = request(&["--full"]);
    assert!(nobody.code == 2 && nobody.stderr.contains("--yes"), "{}", nobody.stderr);
    let refused = request(&["--full", "--yes"]);
    assert_eq!(refused.code, 1, "{}{}", refused.stdout, refused.stderr);
    // The only one that is not equal, at both ends, and nothing else waits for it.
    std::fs::write(master.home().join("other.csv"), years(1990, 1991)).unwrap();
    assert_eq!((at(&master, &["import", "other.csv", "--symbol", "B"]).code, request(&[]).code, request(&[]).code), (0, 9, 1));
    assert_eq!(at(&slave, &["read", "B"]).code, 0);
    for daemon in [&slave, &master] {
        let status = outcome(syncline(daemon.home()).env("SYNCLINE_SERVER", daemon.url()).args(["sync", "status", "-o", "json"]));
        let status: Value = serde_json::from_str(&status.stdout).unwrap();
        assert_eq!(status["targets"][0]["behind"], 1, "{status}");
    }
    let history = outcome(syncline(slave.home()).env("SYNCLINE_SERVER", slave.url()).args(["sync", "history", "--failed", "-o", "csv"]));
    assert!(history.stdout.contains(NAMED), "{}", history.stdout);
    assert_eq!(at(&slave, &["export", "A", "--out", "sound.csv"]).code, 0);
    let file = slave.home().join("sound.csv");
    assert_eq!(at(&master, &["import", file.to_str().unwrap(), "--overwrite"]).code, 0);
    assert_eq!((request(&[]).code, at(&slave, &["digest", "--against", &master.url()]).code), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_be_opened_is_told_by_its_code() {
    let mut daemon = with_bars("").await;
    assert_eq!(at(&daemon, &["import", "all.csv", "--symbol", "A"]).code, 0);
    assert!(daemon.stop().success());
    let file = daemon.data_dir().join("bars.sqlite");
    let mut bytes = std::fs::read(&file).unwrap();
    let end = bytes.len();
    bytes[8192..end.min(5 * 8192)].fill(0x5a);
    std::fs::write(&file, bytes).unwrap();
    daemon.restart().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let readyz = async || {
        let reply = http.get(format!("{}/readyz", daemon.url())).send().await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    };
    until(Duration::from_secs(30), "it is not ready", async || readyz().await.0 == 503).await;
    let told = readyz().await.1;
    assert!(told.contains("bars_store_damaged") && !told.contains("bars.sqlite"), "{told}");
    let symbols = at(&daemon, &["symbols"]);
    assert!(symbols.code == 1 && symbols.stderr.contains("[bars_store_damaged]"), "{} {}", symbols.code, symbols.stderr);
    let dms = http.get(format!("{}/api/dms/symbols", daemon.url())).send().await.unwrap();
    assert_eq!(dms.status().as_u16(), 503);
    // All else goes on.
    assert!(daemon.client().jobs(&syncline::client::JobQuery::default()).await.is_ok());
}
