//! What a backup has is known, and told, at once: nothing lies between the two.

use super::{files, ok, ready, run, table};
use crate::support::daemon::Daemon;
use crate::support::influx::influx;

#[tokio::test(flavor = "multi_thread")]
async fn what_a_backup_is_known_to_have_stands_in_the_history() {
    let Some(influx) = influx() else { return };
    let backup = format!("[[dms.backups]]\nname = 'influx'\nhost = '127.0.0.1'\nport = {}\ndatabase = 'told'\n", influx.port);
    let daemon = Daemon::configured(&backup).await;
    ready(&daemon).await;
    let csv = files();
    ok(&daemon, &["bars", "import", "--symbol", "FB", csv.path().join("US.FB.csv").to_str().unwrap()]);
    // As if the daemon were killed before the row is on disk.
    let bars = rusqlite::Connection::open(daemon.data_dir().join("bars.sqlite")).unwrap();
    bars.execute_batch("CREATE TRIGGER cut BEFORE INSERT ON transfers WHEN NEW.symbol <> '' BEGIN SELECT RAISE(ABORT, 'cut'); END")
        .unwrap();
    assert_ne!(run(&daemon, &["sync", "trigger", "influx", "--wait"]).code, 0);
    bars.execute_batch("DROP TRIGGER cut").unwrap();
    let behind = || table(&daemon, &["sync", "status"])["targets"][0]["behind"].clone();
    assert_eq!(behind(), 1, "what was not told is not there");
    ok(&daemon, &["sync", "trigger", "influx", "--wait"]);
    assert_eq!(behind(), 0);
    let history = ok(&daemon, &["sync", "history", "--target", "influx", "-o", "csv"]);
    assert!(history.contains("influx,US.FB,1d,success,2,"), "{history}");
}
