//! A slave has one master, told by its bars database: whoever else brings bars there is refused, and says so.

use super::{SECONDS, get, lasting, master_at, post, ready, slave_of, started, told_anew};
use crate::support::daemon::Daemon;
use crate::support::until::{until, until_some};
use serde_json::{Value, json};
use syncline::client;
use syncline::wire::native::error::Code;
use syncline::wire::native::sync::{SyncTarget, SyncTargetCreate};

async fn target(daemon: &Daemon, name: &str) -> SyncTarget {
    daemon.client().sync_targets().await.unwrap().targets.into_iter().find(|t| t.name == name).unwrap()
}

/// The one bar that all of them have, at another price.
async fn price(master: &Daemon, close: &str) {
    post(master, "import?symbol=AAPL&overwrite=true", format!("Date,Open,High,Low,Close,Volume\n2024-03-01,5,9,0.5,{close},7\n")).await;
}

async fn close(daemon: &Daemon) -> Value {
    let path = "read/AAPL?start_date=2024-03-01&end_date=2024-03-01";
    let (status, text) = super::call(daemon, reqwest::Method::GET, path, "").await;
    if status == 200 { serde_json::from_str::<Value>(&text).unwrap()["data"][0]["Close"].clone() } else { Value::Null }
}

/// A master that pushes each second. Whom the configuration names nobody asks.
async fn master(name: &str, slave: u16, close: &str) -> Daemon {
    let slave = format!("[[dms.slaves]]\nname = 's'\nhost = '127.0.0.1'\nport = {slave}\n");
    let master = started(&format!("[server]\nnode_name = '{name}'\n[dms]\npush_seconds = 1\n{slave}")).await;
    price(&master, close).await;
    master
}

async fn bring(master: &Daemon, port: u16) {
    master.client().add_sync_target(&slave_at(port), false).await.unwrap();
}

/// That a slave takes bars from another.
fn is_refusal(answer: Result<SyncTarget, client::Error>) {
    match answer {
        Err(client::Error::Api { body, .. }) => {
            assert_eq!(body.code, Code::AccessDenied, "{body:?}");
            assert!(body.message.contains("this slave takes bars from one (bars database "), "{body:?}");
        }
        other => panic!("{other:?}"),
    }
}

fn slave_at(port: u16) -> SyncTargetCreate {
    let (name, kind, host) = ("s".into(), "slave".into(), "127.0.0.1".into());
    SyncTargetCreate { name, kind, host, port: Some(port), ..SyncTargetCreate::default() }
}

#[tokio::test]
async fn a_slave_of_another_master_is_refused_as_it_is_added() {
    let (port, listener) = lasting();
    let config = format!("[dms]\nrole = \"slave\"\n{listener}");
    let mut slave = started(&config).await;
    let _one = master("one", port, "1.5").await;
    until(SECONDS, "the first one's bar is there", async || close(&slave).await == 1.5).await;
    let two = started("[dms]\npush_seconds = 0\n").await;
    for dry_run in [true, false] {
        is_refusal(two.client().add_sync_target(&slave_at(port), dry_run).await);
    }
    assert_eq!(two.client().sync_targets().await.unwrap().targets.len(), 0);
    // Nor by a way around.
    two.client().add_sync_target(&SyncTargetCreate { enabled: Some(false), ..slave_at(port) }, false).await.unwrap();
    for dry_run in [true, false] {
        is_refusal(two.client().enable_sync_target("s", true, dry_run).await);
    }
    assert!(!target(&two, "s").await.enabled);
    two.client().remove_sync_target("s", false).await.unwrap();
    // One that does not answer is added, with a word.
    slave.stop();
    let added = two.client().add_sync_target(&slave_at(port), false).await.unwrap();
    assert!(added.problem.contains("cannot be reached"), "{added:?}");
    assert_eq!(two.client().sync_targets().await.unwrap().targets.len(), 1);
}

/// Waits until a master is refused, and returns why.
async fn refused(master: &Daemon) -> String {
    let last = until_some(SECONDS, "it is refused", async || {
        let history = get(master, "sync/history?backup_name=s").await["history"].clone();
        history[0]["error_message"].as_str().filter(|why| why.contains("refuses it (403)")).map(str::to_owned)
    })
    .await;
    let listed = target(master, "s").await;
    assert!(listed.problem.contains("refuses it (403): this slave takes bars from") && listed.behind != Some(0), "{listed:?}");
    last
}

#[tokio::test]
async fn a_slave_that_names_no_master_keeps_the_first_one() {
    let (port, listener) = lasting();
    let mut slave = started(&format!("[dms]\nrole = \"slave\"\n{listener}")).await;
    let one = master("one", port, "1.5").await;
    until(SECONDS, "the first one's bar is there", async || close(&slave).await == 1.5).await;
    let two = master("two", port, "2.5").await;
    let why = refused(&two).await;
    assert!(why.contains("from one (bars database ") && why.contains("and this is two (bars database "), "{why}");
    assert!(why.contains("[dms] master") && why.contains("sync targets remove"), "{why}");
    assert_eq!(close(&slave).await, 1.5);
    let log = slave.log();
    assert!(log.contains("WARN") && log.contains("bars of another master are refused"), "{log}");
    assert_eq!(log.matches("bars of another master are refused").count(), 1, "once for each");
    // The first one goes on, also when the slave comes back.
    slave.stop();
    slave.restart().await;
    ready(&slave).await;
    price(&one, "3.5").await;
    until(SECONDS, "its correction is there", async || close(&slave).await == 3.5).await;
    refused(&two).await;
    // Until the slave is told of another one.
    told_anew(&mut slave, &format!("{}{listener}", slave_of(&two))).await;
    until(SECONDS, "the other one's bar is there", async || close(&slave).await == 2.5).await;
    refused(&one).await;
    until(SECONDS, "and it is refused no more", async || target(&two, "s").await.problem.is_empty()).await;
    assert_eq!(close(&slave).await, 2.5);
}

#[tokio::test]
async fn a_slave_that_names_its_master_follows_that_one_alone_also_when_its_database_is_new() {
    let (at, listener) = lasting();
    let mut named = started(&format!("[server]\nnode_name = 'named'\n[dms]\npush_seconds = 1\n{listener}")).await;
    price(&named, "1.5").await;
    let (port, listener) = lasting();
    let config = format!("[dms]\nrole = \"slave\"\nmaster = \"http://127.0.0.1:{at}\"\npull_seconds = 1\n");
    let slave = started(&format!("{config}{listener}")).await;
    until(SECONDS, "its bar is there", async || close(&slave).await == 1.5).await;
    let other = master("other", port, "2.5").await;
    let why = refused(&other).await;
    assert!(why.contains("from named ([dms] master, bars database ") && why.contains("and this is other (bars database "), "{why}");
    let itself = named.client().node("named").await.unwrap();
    assert_eq!(itself.role, "master", "whose slave only pulls is one");
    // Its master pushes as well.
    bring(&named, port).await;
    price(&named, "1.75").await;
    until(SECONDS, "it goes on", async || close(&slave).await == 1.75).await;
    assert_eq!(target(&named, "s").await.problem, "");
    named.stop();
    for file in ["bars.sqlite", "bars.sqlite-wal", "bars.sqlite-shm"] {
        let _ = std::fs::remove_file(named.data_dir().join(file));
    }
    named.restart().await;
    ready(&named).await;
    price(&named, "4.5").await;
    until(SECONDS, "the new one's bar is there", async || close(&slave).await == 4.5).await;
    let history = slave.client().sync_history(None, None, false, 50).await.unwrap().history;
    assert!(history.iter().any(|row| row.error.is_empty() && row.note.contains("has another bars database")), "{history:?}");
    assert!(slave.log().contains("the master has another bars database"), "{}", slave.log());
    refused(&other).await;
    until(SECONDS, "its pushes go on", async || target(&named, "s").await.problem.is_empty()).await;
}

/// A slave that only waits to be told asks the one that it names who it is.
#[tokio::test]
async fn a_slave_that_has_not_pulled_yet_knows_whom_it_names() {
    let named = started("[server]\nnode_name = 'named'\n[dms]\npush_seconds = 1\n").await;
    price(&named, "1.5").await;
    let (port, listener) = lasting();
    let config = format!("[dms]\nrole = \"slave\"\nmaster = \"{}\"\npull_seconds = 0\n", named.url());
    let slave = started(&format!("{config}{listener}")).await;
    let other = started(&format!("[dms]\npush_seconds = 0\n{}", master_at(port))).await;
    price(&other, "2.5").await;
    let pushed = post(&other, "slaves/backup1/sync?wait=true", "").await;
    assert!(pushed["result"]["message"].as_str().unwrap().contains("this slave takes bars from named ([dms] master"), "{pushed}");
    bring(&named, port).await;
    until(SECONDS, "its master's are taken", async || close(&slave).await == 1.5).await;
}

/// It has no address to ask it at: what it says as it comes is all that there is.
#[tokio::test]
async fn a_slave_that_is_pushed_to_shows_its_master_as_that_is_and_how_far_it_is_behind() {
    let (port, listener) = lasting();
    let mut slave = started(&format!("[server]\nnode_name = 'lone'\n[dms]\nrole = \"slave\"\n{listener}")).await;
    let files = super::per_symbol();
    let config = format!("[server]\nnode_name = 'home'\n[dms]\npush_seconds = 1\n{}", super::tasks_of(files.path()));
    let master = started(&config).await;
    price(&master, "1.5").await;
    bring(&master, port).await;
    let nodes = async |daemon: &Daemon| {
        let nodes = get(daemon, "nodes").await["nodes"].clone();
        let named = |name: &str| nodes.as_array().unwrap().iter().find(|node| node["name"] == name).cloned().unwrap_or_default();
        (named("home"), named("lone"))
    };
    let (home, _) = until_some(SECONDS, "it has all", async || {
        let (home, lone) = nodes(&slave).await;
        (lone["sync_delay"] == 0 && home["uptime"].as_u64() > Some(0)).then_some((home, lone))
    })
    .await;
    assert_eq!((&home["tasks_count"], &home["status"]), (&json!(2), &json!("running")), "{home}");
    // The native lists say the same.
    let (listed, lone) = (target(&slave, "home").await, slave.client().node("lone").await.unwrap());
    assert_eq!((listed.behind, listed.lag_seconds, lone.lag_seconds), (Some(0), Some(0), Some(0)), "{listed:?}");
    assert!(!slave.client().node("home").await.unwrap().started.is_empty());
    // What nobody has said is not said to be nothing.
    drop(master);
    slave.kill9();
    slave.restart().await;
    ready(&slave).await;
    let (home, lone) = nodes(&slave).await;
    assert_eq!([&home["uptime"], &home["tasks_count"], &lone["sync_delay"]], [&Value::Null; 3], "{home} {lone}");
    assert!(home.as_object().unwrap().contains_key("uptime") && lone.as_object().unwrap().contains_key("sync_delay"));
}
