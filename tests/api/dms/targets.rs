//! Backups and slaves that are added and removed while the daemon runs.

use super::{SECONDS, call, get, post, started, stocks};
use crate::support::daemon::Daemon;
use crate::support::influx::influx;
use crate::support::until::until;
use reqwest::Method;
use serde_json::{Value, json};
use syncline::client;
use syncline::wire::native::error::Code;
use syncline::wire::native::sync::{SyncTarget, SyncTargetCreate};

fn slave(name: &str, port: u16) -> SyncTargetCreate {
    let (name, kind, host) = (name.to_owned(), "slave".to_owned(), "127.0.0.1".to_owned());
    SyncTargetCreate { name, kind, host, port: Some(port), ..SyncTargetCreate::default() }
}

fn backup(name: &str, port: u16) -> SyncTargetCreate {
    SyncTargetCreate { kind: "backup".to_owned(), ..slave(name, port) }
}

fn port(daemon: &Daemon) -> u16 {
    daemon.url().rsplit(':').next().unwrap().parse().unwrap()
}

async fn listed(daemon: &Daemon) -> Vec<SyncTarget> {
    daemon.client().sync_targets().await.unwrap().targets
}

async fn names(daemon: &Daemon) -> Vec<String> {
    listed(daemon).await.into_iter().map(|t| format!("{} {} {}", t.kind, t.name, t.origin)).collect()
}

/// Status, code and message of what is refused.
fn why<T: std::fmt::Debug>(reply: Result<T, client::Error>) -> (Code, String) {
    match reply {
        Err(client::Error::Api { body, .. }) => (body.code, format!("{} {}", body.message, body.hint)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_target_that_was_answered_is_there_whatever_happens_next() {
    let mut master = started("[[dms.slaves]]\nname = 'file'\nhost = '127.0.0.1'\nport = 3\nenabled = false\n").await;
    let client = master.client();
    let secret =
        SyncTargetCreate { user: Some("u".into()), password: Some("hunter2-is-it".into()), tls: Some(true), ..backup("influx", 1) };
    // A trial leaves nothing.
    assert!(client.add_sync_target(&secret, true).await.unwrap().enabled);
    assert_eq!(names(&master).await, ["slave file config"]);
    let added = client.add_sync_target(&secret, false).await.unwrap();
    assert_eq!((added.origin.as_str(), added.user.as_str(), added.database.as_str(), added.tls), ("native", "u", "dms_data", true));
    client.add_sync_target(&slave("far", 1), false).await.unwrap();
    master.kill9();
    master.restart().await;
    super::ready(&master).await;
    let client = master.client();
    assert_eq!(names(&master).await, ["backup influx native", "slave far native", "slave file config"]);
    // The contract has them as if the file had.
    let slaves = get(&master, "slaves").await;
    assert_eq!(slaves[0], json!({"name": "file", "host": "127.0.0.1", "port": 3, "enabled": false}));
    assert_eq!(slaves[1], json!({"name": "far", "host": "127.0.0.1", "port": 1, "enabled": true}));
    let status = get(&master, "sync/status").await;
    assert_eq!((&status["total_backups"], &status["backups"][0]["name"]), (&json!(1), &json!("influx")));
    assert_eq!(get(&master, "slaves/far/status").await["status"], "offline");
    assert_eq!(get(&master, "nodes").await["total_nodes"], 2);
    // A failure leaves a row; the row outlives the target.
    post(&master, "sync/trigger?wait=true&backup_name=influx", "").await;
    client.enable_sync_target("far", false, false).await.unwrap();
    client.enable_sync_target("far", false, false).await.unwrap();
    assert_eq!(get(&master, "nodes").await["total_nodes"], 1);
    assert_eq!(client.remove_sync_target("influx", false).await.unwrap().kind, "backup");
    master.kill9();
    master.restart().await;
    super::ready(&master).await;
    let client = master.client();
    let all = listed(&master).await;
    assert_eq!(all.iter().map(|t| (t.name.as_str(), t.enabled)).collect::<Vec<_>>(), [("file", false), ("far", false)]);
    assert_eq!(get(&master, "sync/status").await["total_backups"], 0);
    assert_eq!(get(&master, "sync/history?backup_name=influx").await["history"][0]["status"], "failed");
    assert!(!client.sync_history(Some("influx"), None, true, 10).await.unwrap().history.is_empty());
    client.enable_sync_target("far", true, false).await.unwrap();
    assert_eq!(get(&master, "nodes").await["total_nodes"], 2);
    // Who did what is told; the password is nowhere.
    let (_, told) = call_native(&master, "audit").await;
    for action in ["target.add", "target.remove", "target.disable", "target.enable"] {
        assert!(told.contains(action), "{action}: {told}");
    }
    assert!(!told.contains("hunter2") && !master.log().contains("hunter2"));
    for file in ["state.sqlite", "state.sqlite-wal"] {
        let bytes = std::fs::read(master.data_dir().join(file)).unwrap_or_default();
        assert!(!bytes.windows(7).any(|w| w == b"hunter2"), "{file}");
    }
}

async fn call_native(daemon: &Daemon, path: &str) -> (u16, String) {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let reply = client.get(format!("{}/api/v1/{path}", daemon.url())).send().await.unwrap();
    (reply.status().as_u16(), reply.text().await.unwrap())
}

#[tokio::test]
async fn what_is_wrong_with_a_target_names_its_field() {
    let text = "[security]\nallow_endpoints = ['127.0.0.1', '10.0.0.0/8']\n\
         [[dms.slaves]]\nname = 'both'\nhost = '127.0.0.1'\nport = 1\n[[dms.backups]]\nname = 'both'\nhost = '127.0.0.1'\nport = 1\n";
    let master = started(text).await;
    let client = master.client();
    let said = |user: &str, password: &str| SyncTargetCreate {
        user: Some(user.to_owned()),
        password: Some(password.to_owned()).filter(|p| !p.is_empty()),
        ..backup("b", 1)
    };
    for (wrong, code, words) in [
        (SyncTargetCreate { name: "a/b".into(), ..slave("", 1) }, Code::BadRequest, "name: must be without /"),
        (slave("", 1), Code::BadRequest, "name: "),
        (SyncTargetCreate { kind: "mirror".into(), ..slave("x", 1) }, Code::BadRequest, "kind: \"mirror\" is not one of backup, slave"),
        (SyncTargetCreate { host: "a b".into(), ..slave("x", 1) }, Code::BadRequest, "host: "),
        (SyncTargetCreate { host: "u@10.0.0.1".into(), ..backup("x", 1) }, Code::BadRequest, "host: "),
        (slave("x", 0), Code::BadRequest, "port: "),
        (SyncTargetCreate { database: Some("d".into()), ..slave("x", 1) }, Code::BadRequest, "database: a slave has none"),
        (SyncTargetCreate { database: Some("a\"b".into()), ..backup("x", 1) }, Code::BadRequest, "database: "),
        (SyncTargetCreate { timeout_seconds: Some(0), ..backup("x", 1) }, Code::BadRequest, "timeout_seconds: "),
        (said("u", ""), Code::BadRequest, "user: needs a password"),
        (said("", "p"), Code::BadRequest, "password: needs a user"),
        // As everywhere: what may be reached is for the policy to say.
        (SyncTargetCreate { host: "169.254.169.254".into(), ..slave("x", 80) }, Code::EndpointRefused, "metadata"),
        (SyncTargetCreate { host: "192.0.2.1".into(), ..backup("x", 80) }, Code::EndpointRefused, "allow_endpoints"),
        (slave("both", 1), Code::AlreadyExists, "in the configuration file"),
    ] {
        for dry_run in [true, false] {
            let (found, text) = why(client.add_sync_target(&wrong, dry_run).await);
            assert!(found == code && text.contains(words), "{wrong:?}: {found:?} {text}");
        }
    }
    client.add_sync_target(&slave("x", 2), false).await.unwrap();
    assert_eq!(why(client.add_sync_target(&backup("x", 1), false).await).0, Code::AlreadyExists);
    // One place under two names is one too many, of either kind.
    for twice in [slave("y", 2), backup("y", 1)] {
        let (code, text) = why(client.add_sync_target(&twice, true).await);
        assert!(code == Code::AlreadyExists && text.contains("is at the same place"), "{text}");
    }
    // What is the file's is changed in the file.
    for reply in [why(client.remove_sync_target("both", false).await), why(client.enable_sync_target("both", false, false).await)] {
        assert!(reply.0 == Code::WrongState && reply.1.contains("configuration file's") && reply.1.contains("restart"), "{reply:?}");
    }
    assert_eq!(why(client.remove_sync_target("nobody", false).await).0, Code::NotFound);
    assert_eq!(why(client.enable_sync_target("nobody", true, false).await).0, Code::NotFound);
    assert_eq!(names(&master).await, ["backup both config", "slave both config", "slave x native"]);
    // A slave brings nothing anywhere.
    let lone = started("[dms]\nrole = 'slave'\n").await;
    let (code, text) = why(lone.client().add_sync_target(&slave("x", 1), false).await);
    assert!(code == Code::BadRequest && text.contains("this daemon is a slave"), "{text}");
    let closed = Daemon::configured("[dms]\nenabled = false\n").await;
    let (_, text) = why(closed.client().add_sync_target(&slave("x", 1), false).await);
    assert!(text.contains("[dms] enabled = false"), "{text}");
}

#[tokio::test]
async fn the_file_wins_over_what_is_stored_and_says_so() {
    let mut master = started("").await;
    master.client().add_sync_target(&slave("far", 1), false).await.unwrap();
    assert!(master.stop().success());
    let file = master.home().join("daemon.toml");
    std::fs::write(&file, "[[dms.backups]]\nname = 'far'\nhost = '127.0.0.1'\nport = 2\n").unwrap();
    master.restart().await;
    super::ready(&master).await;
    assert_eq!(names(&master).await, ["backup far config"]);
    let log = master.log();
    assert!(log.contains("the configuration file and the store both have a target of this name") && log.contains("far"), "{log}");
    assert!(master.stop().success());
    // Without the file's it is what it was.
    std::fs::write(&file, "").unwrap();
    master.restart().await;
    super::ready(&master).await;
    assert_eq!(names(&master).await, ["slave far native"]);
}

#[tokio::test]
async fn bars_go_to_a_slave_from_when_it_is_added_until_it_is_removed() {
    let slave_daemon = started("[dms]\nrole = \"slave\"\n").await;
    let master = started("[dms]\npush_seconds = 1\n").await;
    let client = master.client();
    let bar = |day: u32| format!("Date,Open,High,Low,Close,Volume\n2024-03-{day:02},1,2,0.5,1.5,7\n");
    let has = async |day: u32| {
        let path = format!("read/AAPL?start_date=2024-03-{day:02}&end_date=2024-03-{day:02}");
        let (status, text) = call(&slave_daemon, Method::GET, &path, "").await;
        status == 200 && serde_json::from_str::<Value>(&text).unwrap()["data"] != json!([])
    };
    post(&master, "import?symbol=AAPL", bar(1)).await;
    client.add_sync_target(&slave("near", port(&slave_daemon)), false).await.unwrap();
    until(SECONDS, "what there was is there", async || has(1).await).await;
    post(&master, "import?symbol=AAPL", bar(4)).await;
    until(SECONDS, "what came later is there", async || has(4).await).await;
    client.remove_sync_target("near", false).await.unwrap();
    let asked = received(&slave_daemon).await;
    post(&master, "import?symbol=AAPL", bar(5)).await;
    // Another one is pushed to meanwhile, at the same pace: the master had the time.
    let other = started("[dms]\nrole = \"slave\"\n").await;
    let named = SyncTargetCreate { host: "localhost".into(), ..slave("other", port(&other)) };
    client.add_sync_target(&named, false).await.unwrap();
    until(SECONDS, "the other one has all", async || {
        client.bar_series(None, None).await.unwrap().series[0].digest
            == other.client().bar_series(None, None).await.unwrap().series.first().map(|s| s.digest.clone()).unwrap_or_default()
    })
    .await;
    assert!(!has(5).await && received(&slave_daemon).await == asked, "nothing was sent to it");
    let (status, text) = call(&master, Method::POST, "slaves/near/sync", "").await;
    assert_eq!(status, 404, "{text}");
    assert!(!client.sync_history(Some("near"), None, false, 10).await.unwrap().history.is_empty(), "its history stays");
    // When it comes back it gets what it lacks.
    client.add_sync_target(&slave("near", port(&slave_daemon)), false).await.unwrap();
    until(SECONDS, "it has caught up", async || has(5).await).await;
}

/// Also where a master pushes only when it is told to: adding a slave, or enabling it, tells it once.
#[tokio::test]
async fn a_slave_is_given_what_there_is_when_it_is_added() {
    let near = started("[dms]\nrole = \"slave\"\n").await;
    let master = started("[dms]\npush_seconds = 0\n").await;
    let client = master.client();
    let series = async |daemon: &Daemon| daemon.client().bar_series(None, None).await.unwrap().series.len();
    post(&master, "import?symbol=AAPL", "Date,Open,High,Low,Close,Volume\n2024-03-01,1,2,0.5,1.5,7\n").await;
    let waits = SyncTargetCreate { enabled: Some(false), ..slave("near", port(&near)) };
    client.add_sync_target(&waits, false).await.unwrap();
    client.enable_sync_target("near", true, false).await.unwrap();
    until(SECONDS, "what there was is there", async || series(&near).await == 1).await;
    client.remove_sync_target("near", false).await.unwrap();
    post(&master, "import?symbol=IBM", "Date,Open,High,Low,Close,Volume\n2024-03-01,1,2,0.5,1.5,7\n").await;
    client.add_sync_target(&slave("near", port(&near)), false).await.unwrap();
    until(SECONDS, "what came meanwhile is there", async || series(&near).await == 2).await;
}

/// Rows of what it was given.
async fn received(daemon: &Daemon) -> u64 {
    let history = daemon.client().sync_history(None, None, false, 1000).await.unwrap().history;
    history.len() as u64
}

/// Judged when it is added, and at every connection: a policy may have become narrower.
#[tokio::test]
async fn what_was_added_is_reached_only_where_the_policy_still_lets_it() {
    let [near, other] = [started("[dms]\nrole = \"slave\"\n").await, started("[dms]\nrole = \"slave\"\n").await];
    let mut master = started("").await;
    let client = master.client();
    for (host, at) in [("localhost", &near), ("127.0.0.1", &other)] {
        let target = SyncTargetCreate { host: host.into(), ..slave(host, port(at)) };
        client.add_sync_target(&target, false).await.unwrap();
        assert_eq!(get(&master, &format!("slaves/{host}/status")).await["status"], "running");
    }
    assert!(master.stop().success());
    std::fs::write(master.home().join("daemon.toml"), "[security]\nallow_endpoints = ['10.0.0.0/8']\n").unwrap();
    master.restart().await;
    super::ready(&master).await;
    for host in ["localhost", "127.0.0.1"] {
        let said = get(&master, &format!("slaves/{host}/status")).await;
        assert!(said["status"] == "offline" && said["error"].as_str().unwrap().contains("allow_endpoints"), "{said}");
    }
}

#[tokio::test]
async fn a_backup_that_comes_again_under_its_name_is_given_everything() {
    let Some(influx) = influx() else { return };
    let master = started("").await;
    let client = master.client();
    post(&master, "import", stocks()).await;
    let all = stocks().lines().count() as u64 - 1;
    let mut written = Vec::new();
    for database in ["added_first", "added_again"] {
        let target = SyncTargetCreate { database: Some(database.into()), ..backup("influx", influx.port) };
        client.add_sync_target(&target, false).await.unwrap();
        assert_eq!(get(&master, "sync/status").await["backups"][0]["last_sync"], Value::Null, "nothing is there yet");
        let done = post(&master, "sync/trigger?wait=true&backup_name=influx", "").await;
        assert_eq!(done["result"], json!({"success": true, "results": {"influx": true}}));
        let target = listed(&master).await.remove(0);
        assert_eq!((target.behind, target.problem.as_str(), target.last_sync.is_some()), (Some(0), "", true));
        let rows = client.sync_history(Some("influx"), None, false, 1000).await.unwrap().history;
        written.push(rows.iter().map(|r| r.bars).sum::<u64>());
        client.remove_sync_target("influx", false).await.unwrap();
    }
    assert_eq!(written, [all, 2 * all], "what the first one had, the second one had not");
}

#[tokio::test]
async fn a_backup_that_is_removed_while_it_is_written_to_lets_go_at_once() {
    // It takes the connection and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let master = started("").await;
    let client = master.client();
    post(&master, "import", stocks()).await;
    let target = SyncTargetCreate { timeout_seconds: Some(3000), ..backup("hung", silent.local_addr().unwrap().port()) };
    client.add_sync_target(&target, false).await.unwrap();
    post(&master, "sync/trigger?backup_name=hung", "").await;
    let held = silent.accept().await.unwrap();
    client.remove_sync_target("hung", false).await.unwrap();
    until(SECONDS, "the run has ended", async || {
        let query = client::RunQuery { kind: Some("bars_sync".into()), ..client::RunQuery::default() };
        let run = client.runs(&query).await.unwrap().runs.remove(0);
        run.state == "failed" && run.error.contains("hung was removed or disabled")
    })
    .await;
    let row = client.sync_history(Some("hung"), None, true, 1).await.unwrap().history.remove(0);
    assert!(row.error.contains("was removed"), "{row:?}");
    drop(held);
}
