//! What answers where a slave should be, and is none, or does not take bars from here.

use super::{SECONDS, get, post, started};
use crate::support::daemon::Daemon;
use crate::support::influx::influx;
use crate::support::line::Line;
use crate::support::until::{until, until_some};
use serde_json::json;
use std::time::Instant;
use syncline::client;
use syncline::wire::native::error::Code;
use syncline::wire::native::sync::{SyncTarget, SyncTargetCreate};

/// Of a token that nobody here says.
const LOCKED: &str = "[auth]\ntokens = [{ name = 'peer', role = 'operator', token_sha256 = '1f3d0e3bbb4e7fc3b3d3e6a0a4e2f0f1b7d0d9c5d6a86e2bb6bb5ad8fe2c9a3d' }]\n";

fn port(daemon: &Daemon) -> u16 {
    daemon.url().rsplit(':').next().unwrap().parse().unwrap()
}

fn slave(name: &str, port: u16) -> String {
    format!("[[dms.slaves]]\nname = '{name}'\nhost = '127.0.0.1'\nport = {port}\n")
}

async fn target(daemon: &Daemon, name: &str) -> SyncTarget {
    daemon.client().sync_targets().await.unwrap().targets.into_iter().find(|t| t.name == name).unwrap()
}

/// Why a test of a target failed.
async fn tested(daemon: &Daemon, name: &str) -> (Code, String) {
    match daemon.client().test_sync_target(name).await {
        Err(client::Error::Api { body, .. }) => (body.code, body.message),
        other => panic!("{name}: {other:?}"),
    }
}

#[tokio::test]
async fn a_slave_that_refuses_is_said_to_by_the_list_and_by_a_test() {
    let locked = Daemon::configured(&format!("[dms]\nrole = \"slave\"\n{LOCKED}")).await;
    let other = started("").await;
    let twin = started("[dms]\nrole = \"slave\"\n").await;
    let near = Line::to_port(port(&twin)).await;
    let all = [("locked", port(&locked)), ("other", port(&other)), ("one", port(&twin)), ("two", near.port)];
    let slaves: String = all.map(|(name, port)| slave(name, port)).concat();
    let master = started(&format!("[dms]\npush_seconds = 0\n{slaves}")).await;
    for (name, says) in [
        ("locked", format!("locked at 127.0.0.1:{} refuses our token (401)", port(&locked))),
        ("other", format!("other at 127.0.0.1:{} is a master and takes bars from nobody", port(&other))),
    ] {
        let listed = target(&master, name).await;
        assert!(listed.problem.starts_with(&says), "{listed:?}");
        let (code, message) = tested(&master, name).await;
        assert!(code == Code::AccessDenied && message.starts_with(&says), "{code:?} {message}");
    }
    // Who does not wait is told that it is queued; who waits, how it ended.
    assert_eq!(post(&master, "slaves/locked/sync", "").await["result"]["message"], "Sync request queued for locked");
    let waited = post(&master, "slaves/locked/sync?wait=true", "{}").await;
    assert_eq!((&waited["success"], &waited["result"]["success"]), (&json!(false), &json!(false)));
    assert!(waited["result"]["message"].as_str().unwrap().contains("refuses our token (401)"), "{waited}");
    assert_eq!(target(&master, "one").await.problem, "");
    assert_eq!(target(&master, "two").await.problem, "two is the slave one, under another address");
    assert!(master.client().test_sync_target("one").await.unwrap().says.starts_with("dms slave, up for"));
}

#[tokio::test]
async fn what_is_no_dms_process_is_called_so() {
    let Some(influx) = influx() else { return };
    let master = started(&format!("[dms]\npush_seconds = 0\n{}{}", slave("influx", influx.port), slave("gone", 1))).await;
    let (code, message) = tested(&master, "influx").await;
    let says = format!("influx: what answers at 127.0.0.1:{} (InfluxDB 1.", influx.port);
    assert!(
        code == Code::Unreachable && message.starts_with(&says) && message.contains("is no dms process, it said HTTP 404"),
        "{message}"
    );
    assert_eq!(target(&master, "influx").await.problem, message);
    let (code, message) = tested(&master, "gone").await;
    assert!(code == Code::Unreachable && message.starts_with("gone at 127.0.0.1:1 cannot be reached"), "{message}");
    assert_eq!(target(&master, "gone").await.problem, message);
}

/// One that hangs is told, and holds up the others no longer than the patience of all.
#[tokio::test]
async fn a_slave_that_hangs_holds_up_no_list() {
    let slave_daemon = started("[dms]\nrole = \"slave\"\n").await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hanging = silent.local_addr().unwrap().port();
    let master = started(&format!("[dms]\npush_seconds = 0\n{}{}", slave("hangs", hanging), slave("near", port(&slave_daemon)))).await;
    let begun = Instant::now();
    assert_eq!(target(&master, "hangs").await.problem, format!("hangs at 127.0.0.1:{hanging} did not answer within 3 s"));
    assert!(begun.elapsed() < SECONDS, "{:?}", begun.elapsed());
    assert_eq!(target(&master, "near").await.problem, "");
    drop(silent);
}

/// Pushes that nobody asked for: a row for all that fail one after another, with their number, and one for the end.
#[tokio::test]
async fn pushes_that_fail_stand_in_the_history_once_and_so_does_their_end() {
    let port = crate::support::port::unused();
    let master = started(&format!("[dms]\npush_seconds = 1\n{}", slave("near", port))).await;
    let rows = async || get(&master, "sync/history?backup_name=near").await["history"].as_array().unwrap().clone();
    until(SECONDS, "it failed three times", async || {
        rows().await.first().is_some_and(|row| row["error_message"].as_str().unwrap().ends_with("(3 times)"))
    })
    .await;
    let failed = rows().await;
    assert_eq!((failed.len(), &failed[0]["status"]), (1, &json!("failed")), "{failed:?}");
    let mut back = format!("[dms]\nrole = \"slave\"\n[[listeners]]\naddress = \"127.0.0.1:{port}\"\nfamilies = [\"dms\"]\n");
    back.push_str("[security]\nallow_anonymous_network = true\n");
    let _slave = started(&back).await;
    until(SECONDS, "the end is told", async || rows().await.len() == 2).await;
    let ended = rows().await;
    assert_eq!((&ended[0]["status"], &ended[0]["error_message"], &ended[1]["id"]), (&json!("success"), &json!(""), &failed[0]["id"]));
    assert_eq!(target(&master, "near").await.problem, "");
}

/// One series that cannot be brought there: a row for as long as that lasts and one for its end, and the others travel.
#[tokio::test]
async fn a_series_that_stays_unequal_stands_in_the_history_once_and_holds_up_no_other() {
    let near = started("[dms]\nrole = \"slave\"\n").await;
    let master = started("[dms]\npush_seconds = 1\n").await;
    for symbol in ["AAPL", "IBM"] {
        post(&master, &format!("import?symbol={symbol}"), "Date,Open,High,Low,Close,Volume\n2024-03-01,1,2,0.5,1.5,7\n").await;
    }
    let db = rusqlite::Connection::open(master.data_dir().join("bars.sqlite")).unwrap();
    // What was stored first.
    db.execute("UPDATE blocks SET data = zeroblob(length(data)) WHERE id = (SELECT min(id) FROM blocks)", []).unwrap();
    let slave = SyncTargetCreate {
        name: "near".into(),
        kind: "slave".into(),
        host: "127.0.0.1".into(),
        port: Some(port(&near)),
        ..Default::default()
    };
    master.client().add_sync_target(&slave, false).await.unwrap();
    let rows = async || {
        let all = get(&master, "sync/history?backup_name=near").await["history"].as_array().unwrap().clone();
        all.into_iter().filter(|row| row["symbol"] != "US.IBM").collect::<Vec<_>>()
    };
    until(SECONDS, "it failed three times", async || {
        rows().await.first().is_some_and(|row| row["error_message"].as_str().unwrap().ends_with("(3 times)"))
    })
    .await;
    let failed = rows().await;
    assert_eq!((failed.len(), &failed[0]["symbol"], &failed[0]["status"]), (1, &json!("US.AAPL"), &json!("failed")), "{failed:?}");
    let (why, ended) = (failed[0]["error_message"].as_str().unwrap(), failed[0]["end_time"].as_str().unwrap());
    assert!(why.contains("the bars of US.AAPL 1d from 2024-03-01 to 2024-03-01 are damaged"), "{why}");
    assert!(ended > failed[0]["start_time"].as_str().unwrap(), "{failed:?}");
    assert_eq!(get(&near, "symbols").await["symbols"], json!(["US.IBM"]));
    let problem = target(&master, "near").await.problem;
    assert!(problem.starts_with("a series is not equal at both ends: US.AAPL 1d: the bars of"), "{problem}");
    post(&master, "import?symbol=AAPL&overwrite=true", "Date,Open,High,Low,Close,Volume\n2024-03-01,1,2,0.5,1.5,7\n").await;
    until(SECONDS, "the end is told", async || rows().await.len() == 2).await;
    let ended = rows().await;
    assert_eq!((&ended[0]["status"], &ended[0]["symbol"], &ended[1]["id"]), (&json!("success"), &json!("US.AAPL"), &failed[0]["id"]));
    assert_eq!(target(&master, "near").await.problem, "");
}

#[tokio::test]
async fn what_a_target_lacks_is_named_and_how_long_it_waits() {
    let text = format!("[dms]\npush_seconds = 0\n{}{}", super::BACKUPS, slave("away", 1));
    let master = started(&text).await;
    let backup = target(&master, "backup1").await;
    assert_eq!((backup.behind, backup.lag_seconds, backup.lacking.len()), (Some(0), Some(0), 0));
    post(&master, "import?symbol=AAPL", "Date,Open,High,Low,Close,Volume\n2024-03-01,1,2,0.5,1.5,7\n").await;
    let backup = target(&master, "backup1").await;
    assert_eq!((backup.behind, backup.lacking), (Some(1), vec!["US.AAPL 1d".to_owned()]));
    until(SECONDS, "the lag grows", async || target(&master, "backup1").await.lag_seconds > Some(1)).await;
    // A slave that has all, and whose master goes: since when is what it knows.
    let near = started(&super::slave_of(&master)).await;
    until(SECONDS, "it has all", async || target(&near, "master").await.behind == Some(0)).await;
    drop(master);
    until(SECONDS, "it says how long", async || target(&near, "master").await.lag_seconds > Some(1)).await;
    let alone = target(&near, "master").await;
    assert!(alone.behind.is_none() && alone.problem.contains("cannot be reached"), "{alone:?}");
}

/// Who comes without being named: a slave that pulls is known to its master, and a master that pushes to its slave.
#[tokio::test]
async fn who_comes_by_itself_is_listed() {
    let pushed = started("[server]\nnode_name = 'lone'\n[dms]\nrole = \"slave\"\n").await;
    let config = format!("[server]\nnode_name = '香港'\n[dms]\npush_seconds = 1\n{}", slave("pushed", port(&pushed)));
    let master = started(&config).await;
    let pulling = started(&format!("[server]\nnode_name = 'ny'\n{}", super::slave_of(&master))).await;
    post(&master, "import?symbol=AAPL", "Date,Open,High,Low,Close,Volume\n2024-03-01,1,2,0.5,1.5,7\n").await;
    let listed = async |daemon: &Daemon, name: &str| {
        let all = daemon.client().sync_targets().await.unwrap().targets;
        all.into_iter().find(|t| t.name == name && t.last_sync.is_some() && t.behind == Some(0))
    };
    let ny = until_some(SECONDS, "the master knows it", async || listed(&master, "ny").await).await;
    assert_eq!((ny.kind.as_str(), ny.origin.as_str(), ny.behind, ny.lag_seconds), ("slave", "pulls", Some(0), Some(0)));
    assert_eq!((ny.host.as_str(), ny.port), ("127.0.0.1", port(&pulling)), "where it comes from, and where it says that it listens");
    let home = until_some(SECONDS, "the slave knows its master", async || listed(&pushed, "香港").await).await;
    assert_eq!((home.kind.as_str(), home.origin.as_str(), home.behind, home.host.as_str()), ("master", "pushes", Some(0), "127.0.0.1"));
    assert_eq!(home.port, port(&master));
    for (daemon, name, role, state, at) in
        [(&master, "ny", "slave", "pulls", port(&pulling)), (&pushed, "香港", "master", "pushes", port(&master))]
    {
        let node = daemon.client().node(name).await.unwrap();
        let address = format!("127.0.0.1:{at}");
        assert_eq!((node.role.as_str(), node.state.as_str(), node.address), (role, state, address));
    }
    // Nobody stands there twice.
    let names =
        async |daemon: &Daemon| daemon.client().sync_targets().await.unwrap().targets.into_iter().map(|t| t.name).collect::<Vec<_>>();
    assert_eq!(names(&master).await, ["pushed", "ny"]);
    assert_eq!(names(&pulling).await, ["master"]);
    assert_eq!(names(&pushed).await, ["香港"]);
    // dms' own list has both; the history of one that pulls is its own.
    let nodes = get(&master, "nodes").await;
    let ny = nodes["nodes"].as_array().unwrap().iter().find(|n| n["name"] == "ny").unwrap().clone();
    assert_eq!(
        (&ny["role"], &ny["status"], &ny["host"], &ny["port"]),
        (&json!("slave"), &json!("running"), &json!("127.0.0.1"), &json!(port(&pulling)))
    );
    assert_eq!((&nodes["total_nodes"], &nodes["online_nodes"]), (&json!(3), &json!(3)));
    let history = master.client().sync_history(Some("ny"), None, false, 9).await.unwrap();
    assert!(history.history.is_empty() && history.note.starts_with("ny pulls: what it takes stands in its own history"), "{history:?}");
    // One that pulls and is gone falls behind.
    drop(pulling);
    post(&master, "import?symbol=IBM", "Date,Open,High,Low,Close,Volume\n2024-03-01,1,2,0.5,1.5,7\n").await;
    assert_eq!(target(&master, "ny").await.lacking, ["US.IBM 1d"]);
    let metrics = master.client().metrics().await.unwrap();
    assert!(metrics.contains("syncline_bars_target_behind_series{target=\"ny\",kind=\"pulls\"} 1"), "{metrics}");
}

/// Also over a restart of the master, and until somebody says that nobody waits for it.
#[tokio::test]
async fn a_slave_that_pulls_is_remembered() {
    let mut master = started("[dms]\npush_seconds = 0\n").await;
    let pulling = started(&format!("[server]\nnode_name = 'ny'\n{}", super::slave_of(&master))).await;
    until(SECONDS, "it came", async || !master.client().sync_targets().await.unwrap().targets.is_empty()).await;
    drop(pulling);
    master.kill9();
    master.restart().await;
    super::ready(&master).await;
    let ny = target(&master, "ny").await;
    assert!((ny.behind, ny.origin.as_str()) == (Some(0), "pulls") && ny.last_seen.is_some(), "{ny:?}");
    assert_eq!(master.client().node("ny").await.unwrap().last_seen, ny.last_seen);
    for dry_run in [true, false] {
        assert_eq!(master.client().remove_sync_target("ny", dry_run).await.unwrap().kind, "slave");
        assert_eq!(master.client().sync_targets().await.unwrap().targets.len(), usize::from(dry_run));
    }
}

/// A listed slave that pulls as well stands there once, also when it does not answer.
#[tokio::test]
async fn a_listed_slave_that_pulls_and_is_gone_stands_there_once() {
    let listener = crate::support::port::unused();
    let master = started(&format!("[dms]\npush_seconds = 0\n{}", slave("near", listener))).await;
    let both = format!(
        "[server]\nnode_name = 'ny'\n{}[[listeners]]\naddress = \"127.0.0.1:{listener}\"\nfamilies = [\"dms\"]\n",
        super::slave_of(&master)
    );
    let near = started(&format!("{both}[security]\nallow_anonymous_network = true\n")).await;
    let names = async || master.client().sync_targets().await.unwrap().targets.into_iter().map(|t| t.name).collect::<Vec<_>>();
    until(SECONDS, "it is met, and has come", async || {
        names().await == ["near"]
            && target(&master, "near").await.problem.is_empty()
            && near.client().sync_targets().await.unwrap().targets[0].last_sync.is_some()
    })
    .await;
    drop(near);
    assert_eq!(names().await, ["near"]);
    assert!(target(&master, "near").await.problem.contains("cannot be reached"));
}

/// One meaning for all: when everything was last seen there, also where nothing had to travel for it.
#[tokio::test]
async fn last_sync_goes_on_while_nothing_changes() {
    let pushed = started("[server]\nnode_name = 'hk'\n[dms]\nrole = \"slave\"\n").await;
    let master = started(&format!("[dms]\npush_seconds = 1\n{}", slave("hk", port(&pushed)))).await;
    let pulling = started(&format!("[server]\nnode_name = 'ny'\n{}", super::slave_of(&master))).await;
    post(&master, "import?symbol=AAPL", "Date,Open,High,Low,Close,Volume\n2024-03-01,1,2,0.5,1.5,7\n").await;
    for (daemon, at) in [(&master, "hk"), (&master, "ny"), (&pushed, "hk"), (&pulling, "ny"), (&pulling, "master")] {
        let seen = async || {
            let own = daemon.client().sync_targets().await.unwrap().targets.into_iter().find(|t| t.name == at);
            match own {
                Some(target) => target.last_sync.filter(|_| target.behind == Some(0)),
                None => daemon.client().node(at).await.ok()?.last_sync,
            }
        };
        let first = until_some(SECONDS, &format!("{at} has all"), seen).await;
        until(SECONDS, &format!("{at} is seen to have all again"), async || seen().await.is_some_and(|at| at > first)).await;
    }
    assert_eq!(get(&master, "sync/history").await["history"].as_array().unwrap().len(), 1, "nothing travelled for it");
    // One that is gone lacked nothing when it was last seen; how far it is behind now, nobody knows.
    drop(pushed);
    until(SECONDS, "it is seen to be away", async || !target(&master, "hk").await.problem.is_empty()).await;
    let away = target(&master, "hk").await;
    assert_eq!((away.behind, away.lag_seconds), (None, None), "{away:?}");
}

/// Also while the one before could still come.
#[tokio::test]
async fn a_slave_that_is_set_up_anew_takes_its_own_place() {
    let master = started("[dms]\npush_seconds = 0\n").await;
    let listener = crate::support::port::unused();
    let config = format!(
        "[server]\nnode_name = 'ny'\n{}[[listeners]]\naddress = \"127.0.0.1:{listener}\"\nfamilies = [\"dms\"]\n\
         [security]\nallow_anonymous_network = true\n",
        super::slave_of(&master)
    );
    let ours = async || {
        let all = master.client().sync_targets().await.unwrap().targets;
        all.into_iter().map(|t| (t.name, t.last_seen)).collect::<Vec<_>>()
    };
    let first = started(&config).await;
    let seen = until_some(SECONDS, "it came", async || ours().await.pop()).await;
    drop(first);
    // On an empty disk.
    let _second = started(&config).await;
    until(SECONDS, "it came again", async || ours().await.iter().any(|(_, at)| *at > seen.1)).await;
    assert_eq!(ours().await.len(), 1, "{:?}", ours().await);
    let nodes = get(&master, "nodes").await;
    assert_eq!(nodes["total_nodes"], json!(2), "{nodes}");
}
