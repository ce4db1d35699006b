//! Bars between daemons: pushed and pulled, through kills and while the other one is away.

use super::{SECONDS, get, master_of, post, slave_of, started, stocks};
use crate::support::daemon::Daemon;
use crate::support::until::until;
use serde_json::Value;

/// Symbol, interval and digest of all that a daemon has.
async fn digests(daemon: &Daemon) -> Vec<(String, String, String)> {
    let list = daemon.client().bar_series(None, None).await.unwrap();
    list.series.into_iter().map(|s| (s.symbol, s.interval, s.digest)).collect()
}

async fn equal(a: &Daemon, b: &Daemon) {
    until(SECONDS, "both have the same bars", async || digests(a).await == digests(b).await).await;
    assert_eq!(b.client().verify_bars().await.unwrap().problems, Vec::<String>::new());
}

/// Half of the real bars, every second line.
fn half(second: bool) -> String {
    let all = stocks();
    let (heading, rows) = all.split_once('\n').unwrap();
    let rows: Vec<&str> = rows.lines().enumerate().filter(|(n, _)| (n % 2 == 1) == second).map(|(_, l)| l).collect();
    format!("{heading}\n{}\n", rows.join("\n"))
}

#[tokio::test]
async fn a_slave_that_was_killed_and_away_loses_nothing() {
    let mut master = started("").await;
    let mut slave = started(&slave_of(&master)).await;
    post(&master, "import", half(false)).await;
    equal(&master, &slave).await;
    // The slave dies while the master gets backfills between every two days that it has, and a correction.
    slave.kill9();
    post(&master, "import", half(true)).await;
    post(&master, "import?symbol=AAPL", "Date,Open,High,Low,Close,Volume\n2000-03-01,1,2,0.5,1.5,7\n").await;
    slave.restart().await;
    super::ready(&slave).await;
    equal(&master, &slave).await;
    // The master goes: the slave serves what it has and says so.
    let url = master.url();
    master.kill9();
    let bar = get(&slave, "read/AAPL?start_date=2000-03-01&end_date=2000-03-01").await;
    assert_eq!(bar["data"][0]["Close"], 1.5);
    let nodes = get(&slave, "nodes").await;
    assert_eq!((nodes["nodes"][0]["status"].clone(), nodes["online_nodes"].clone()), (Value::from("offline"), Value::from(1)), "{url}");
}

#[tokio::test]
async fn a_master_pushes_what_its_slave_lacks() {
    let slave = started("[dms]\nrole = \"slave\"\n").await;
    let master = started(&master_of(&slave)).await;
    post(&master, "import", half(false)).await;
    post(&master, "slaves/backup1/sync", "{\"symbol\": \"FB\"}").await;
    until(SECONDS, "one symbol is there", async || digests(&slave).await.len() == 1).await;
    post(&master, "slaves/backup1/sync", "").await;
    equal(&master, &slave).await;
    post(&master, "import", half(true)).await;
    let nodes = get(&master, "nodes").await;
    assert!(nodes["nodes"][1]["sync_delay"].as_u64().unwrap() >= 1, "{nodes}");
    post(&master, "slaves/backup1/sync", "").await;
    equal(&master, &slave).await;
    // Bars are brought to slaves only.
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let body = serde_json::json!({"entry": {"symbol": "X", "interval": "1d", "version": 1, "changed": "2024-01-01T00:00:00Z", "digest": "0".repeat(32), "blocks": [], "whole": true}, "blocks": []});
    let reply = client.post(format!("{}/api/dms/replica/apply", master.url())).json(&body).send().await.unwrap();
    assert_eq!(reply.status(), 403);
}
