//! Bars between daemons: pushed and pulled, through kills and while the other one is away.

use super::{SECONDS, get, master_of, post, slave_of, started, stocks};
use crate::support::daemon::Daemon;
use crate::support::line::Line;
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
    post(&master, "import?symbol=AAPL&overwrite=true", "Date,Open,High,Low,Close,Volume\n2000-03-01,1,2,0.5,1.5,7\n").await;
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

fn port(daemon: &Daemon) -> u16 {
    daemon.url().rsplit(':').next().unwrap().parse().unwrap()
}

/// One correction of one bar, which travels like anything else.
async fn correct(master: &Daemon, n: u32) {
    let row = format!("Date,Open,High,Low,Close,Volume\n2000-03-01,1,2,0.5,1.5,{n}\n");
    post(master, "import?symbol=AAPL&overwrite=true", row).await;
}

/// A master, a slave that it pushes to and one that pulls, each over a line that is cut.
#[tokio::test]
async fn a_partition_loses_nothing_whoever_dies_in_it() {
    let mut pushed = started("[dms]\nrole = \"slave\"\n").await;
    let mut to_pushed = Line::to_port(port(&pushed)).await;
    let slave = format!("[[dms.slaves]]\nname = \"pushed\"\nhost = \"127.0.0.1\"\nport = {}\n", to_pushed.port);
    let master = started(&format!("[dms]\npush_seconds = 1\n{slave}")).await;
    let mut to_master = Line::to_port(port(&master)).await;
    let pulling = started(&format!("[dms]\nrole = \"slave\"\nmaster = \"http://127.0.0.1:{}\"\npull_seconds = 1\n", to_master.port)).await;
    post(&master, "import", half(false)).await;
    equal(&master, &pushed).await;
    equal(&master, &pulling).await;
    // Both are away while backfills and a correction come; they serve what they have, and say that they do not know more.
    to_pushed.cut().await;
    to_master.cut().await;
    post(&master, "import", half(true)).await;
    correct(&master, 1).await;
    let (there, _) =
        stocks().split_once('\n').map(|(_, rows)| rows.split_once('\n').unwrap()).map(|(a, b)| (a.to_owned(), b.len())).unwrap();
    let day = there.split(',').nth(1).unwrap().to_owned();
    let symbol = there.split(',').next().unwrap().to_owned();
    let read = get(&pulling, &format!("read/{symbol}?start_date={day}&end_date={day}")).await;
    assert_eq!(read["data"].as_array().unwrap().len(), 1);
    let nodes = get(&pulling, "nodes").await;
    assert_eq!((nodes["nodes"][0]["status"].clone(), nodes["nodes"][1]["sync_delay"].clone()), (Value::from("offline"), Value::Null));
    assert_eq!(get(&master, "nodes").await["nodes"][1]["status"], "offline");
    // The longer it waits the further behind it is, whatever else comes: known of one that does not answer.
    let client = master.client();
    let lag = async || client.sync_targets().await.unwrap().targets.remove(0).lag_seconds;
    let first = lag().await.expect("what was brought is known");
    correct(&master, 50).await;
    until(SECONDS, "the lag grows", async || lag().await > Some(first + 1)).await;
    let behind = client.sync_targets().await.unwrap().targets.remove(0).behind;
    assert!(behind > Some(0), "{behind:?}");
    // One of them dies besides.
    pushed.kill9();
    pushed.restart().await;
    super::ready(&pushed).await;
    to_pushed.lead_to(port(&pushed));
    to_pushed.mend().await;
    to_master.mend().await;
    equal(&master, &pushed).await;
    equal(&master, &pulling).await;
    // The lines are cut while things travel, again and again.
    for n in 2..12 {
        correct(&master, n).await;
        to_pushed.cut().await;
        to_master.cut().await;
        to_pushed.mend().await;
        to_master.mend().await;
    }
    equal(&master, &pushed).await;
    equal(&master, &pulling).await;
    until(SECONDS, "the lag is gone", async || {
        get(&master, "nodes").await["nodes"][1]["sync_delay"] == 0 && get(&pulling, "nodes").await["nodes"][1]["sync_delay"] == 0
    })
    .await;
}

/// kill -9 while a large file is read in: what was acknowledged before is there, and reading it in again completes it.
#[tokio::test]
async fn a_daemon_that_is_killed_while_it_takes_bars_in_is_whole_afterwards() {
    let mut daemon = started("").await;
    post(&daemon, "import", half(false)).await;
    let acknowledged = digests(&daemon).await;
    let all = stocks();
    let (heading, rows) = all.split_once('\n').unwrap();
    let aapl: Vec<&str> = rows.lines().filter(|l| l.starts_with("AAPL,")).collect();
    let mut large = format!("{heading}\n");
    for n in 0..120 {
        aapl.iter().for_each(|line| large.push_str(&format!("S{n}{}\n", &line[4..])));
    }
    let url = format!("{}/api/dms/import", daemon.url());
    let body = large.clone();
    let sending = tokio::spawn(async move {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        client.post(url).body(body).send().await.map(|r| r.status())
    });
    until(SECONDS, "some of it is there", async || digests(&daemon).await.len() > 10).await;
    daemon.kill9();
    // Whatever the client heard, it was no success.
    assert!(!sending.await.unwrap().is_ok_and(|status| status.is_success()), "it was killed in the middle");
    daemon.restart().await;
    super::ready(&daemon).await;
    let after = digests(&daemon).await;
    assert!(after.len() < 125 && acknowledged.iter().all(|series| after.contains(series)), "{} series", after.len());
    assert_eq!(daemon.client().verify_bars().await.unwrap().problems, Vec::<String>::new());
    let done = post(&daemon, "import", large).await;
    let count = |key: &str| done[key].as_u64().unwrap();
    assert!(count("unchanged") > 0 && count("added") > 0);
    assert_eq!((count("added") + count("unchanged"), count("changed")), (120 * aapl.len() as u64, 0));
}

/// A run that its daemon did not survive is failed, says so, and the next one goes through.
#[tokio::test]
async fn a_task_that_its_daemon_did_not_survive_is_failed_and_runs_again() {
    let files = super::per_symbol();
    let slow = "[[dms.providers]]\nname = 'slow'\nkind = 'http'\nformat = 'csv'\nurl = 'http://127.0.0.1:1/{symbol}'\nbackoff_ms = 60000\n\
                [[dms.tasks]]\nname = 'slow'\ntype = 'incremental'\nprovider = 'slow'\nsymbols = ['AAPL']\n";
    let text = super::tasks_of(files.path()).replace("type = 'incremental'", "type = 'incremental'\nprovider = 'files'");
    let mut daemon = started(&format!("{text}{slow}")).await;
    post(&daemon, "tasks/trigger?task_name=slow", "").await;
    assert_eq!(get(&daemon, "tasks/slow/status").await["status"], "running");
    let again = post(&daemon, "tasks/trigger?task_name=slow", "").await;
    assert_eq!((again["success"].clone(), again["result"]["success"].clone()), (Value::from(true), Value::from(false)), "{again}");
    daemon.kill9();
    daemon.restart().await;
    super::ready(&daemon).await;
    let status = get(&daemon, "tasks/slow/status").await;
    assert_eq!(
        (status["status"].clone(), status["last_result"]["success"].clone()),
        (Value::from("failed"), Value::from(false)),
        "{status}"
    );
    let log = get(&daemon, "maintenance/log").await;
    assert!(log["logs"][0]["end_time"].is_string() && log["logs"][0]["error_message"].as_str().unwrap().contains("died"), "{log}");
    post(&daemon, "tasks/trigger?task_name=slow", "").await;
    assert_eq!(get(&daemon, "tasks/slow/status").await["status"], "running");
}
