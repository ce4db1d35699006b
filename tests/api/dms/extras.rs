//! What a slave has that its master does not have: another master's bars. They are told wherever somebody asks how a slave stands, and
//! go when somebody asks for a mirror, not before.

use super::{SECONDS, get, lasting, master_at, post, slave_of, started, stocks, told_anew};
use crate::support::daemon::Daemon;
use crate::support::until::until;
use serde_json::{Value, json};
use syncline::wire::native::runs::Run;
use syncline::wire::native::sync::SyncTarget;
use syncline::wire::native::tasks::{RunCreate, SyncWork};

const ONE: &str = "Date,Open,High,Low,Close,Volume\n2024-03-01,1,2,0.5,1.5,7\n";

async fn symbols(daemon: &Daemon) -> Value {
    get(daemon, "symbols").await["symbols"].clone()
}

async fn target(daemon: &Daemon, is_it: impl Fn(&SyncTarget) -> bool) -> Option<SyncTarget> {
    daemon.client().sync_targets().await.unwrap().targets.into_iter().find(is_it)
}

/// A run over everything, to its end.
async fn mirrored(daemon: &Daemon, target: &str) -> Run {
    let work = SyncWork { target: target.to_owned(), mode: Some("full".to_owned()), ..SyncWork::default() };
    let run = RunCreate { name: target.to_owned(), bars_sync: Some(work), ..RunCreate::default() };
    let number = daemon.client().start_run(&run).await.unwrap().number;
    let run = async || daemon.client().run(number).await.unwrap().run;
    until(SECONDS, "it has ended", async || run().await.ended.is_some()).await;
    run().await
}

#[tokio::test]
async fn bars_that_only_a_slave_has_are_told_and_stay_until_a_mirror_is_asked_for() {
    let (port, listener) = lasting();
    let mut slave = started(&format!("[dms]\nrole = \"slave\"\n{listener}")).await;
    let by_hand = format!("[dms]\npush_seconds = 0\n{}", master_at(port));
    let right = started(&by_hand).await;
    post(&right, "import", stocks()).await;
    post(&right, "slaves/backup1/sync?wait=true", "").await;
    // The slave is given to another master, which has one of its series, and of that another time.
    let wrong = started(&by_hand).await;
    let config = format!("[dms]\nrole = \"slave\"\nmaster = \"{}\"\npull_seconds = 0\n{listener}", wrong.url());
    told_anew(&mut slave, &config).await;
    post(&wrong, "import?symbol=AAPL", ONE).await;
    let pushed = post(&wrong, "slaves/backup1/sync?wait=true", "").await;
    assert_eq!(pushed["result"], json!({"success": true, "message": "Sync completed"}));
    assert_eq!(symbols(&slave).await, symbols(&right).await, "nothing is lost");
    let bars = async |paper: &str| get(&slave, &format!("symbol/{paper}/info")).await["data_count"].as_u64().unwrap();
    let all = get(&right, "symbol/AAPL/info").await["data_count"].as_u64().unwrap() + 1;
    assert_eq!(bars("AAPL").await, all);
    // Everybody who asks is told.
    let names = ["US.AAPL 1d", "US.FB 1d", "US.GOOG 1d", "US.IBM 1d", "US.MSFT 1d"];
    let near = target(&wrong, |t| t.name == "backup1").await.unwrap();
    assert_eq!((near.behind, near.extra, near.problem.as_str()), (Some(0), Some(5), ""), "{near:?}");
    assert_eq!(near.extra_names, names);
    let node = wrong.client().node("backup1").await.unwrap();
    assert_eq!((node.extra, node.extra_names.len()), (Some(5), 5));
    assert_eq!(get(&wrong, "nodes").await["nodes"][1]["extra_series"], 5);
    let metrics = wrong.client().metrics().await.unwrap();
    assert!(metrics.contains("syncline_bars_target_extra_series{target=\"backup1\",kind=\"slave\"} 5"), "{metrics}");
    // An unchanged pair is not looked at again, and says the same.
    post(&wrong, "slaves/backup1/sync?wait=true", "").await;
    assert_eq!(target(&wrong, |t| t.name == "backup1").await.unwrap().extra, Some(5));
    // What that master deletes goes there as ever.
    wrong.client().delete_bars("US.AAPL", &syncline::client::BarQuery::default(), false).await.unwrap();
    post(&wrong, "slaves/backup1/sync?wait=true", "").await;
    assert_eq!(bars("AAPL").await, all - 1);
    // Whoever wants a mirror says so.
    post(&wrong, "import?symbol=FB", ONE).await;
    let run = mirrored(&wrong, "backup1").await;
    assert!(run.state == "completed" && run.message.ends_with(" removed") && run.bars_sync.unwrap().removed > all, "{}", run.message);
    assert_eq!(symbols(&slave).await, json!(["US.FB"]));
    assert_eq!(bars("FB").await, 1);
    assert_eq!(target(&wrong, |t| t.name == "backup1").await.unwrap().extra, Some(0));
}

/// The same at a slave that takes bars itself, told to a master that does not list it; and a slave whose bars others take is a relay.
#[tokio::test]
async fn a_slave_that_pulls_tells_its_master_what_it_has_besides() {
    let master = started("[server]\nnode_name = 'top'\n[dms]\npush_seconds = 0\n").await;
    post(&master, "import?symbol=AAPL", ONE).await;
    let other = started("[dms]\npush_seconds = 0\n").await;
    post(&other, "import?symbol=IBM", ONE).await;
    let middle = |master: &Daemon| format!("[server]\nnode_name = 'middle'\n{}", slave_of(master));
    let mut slave = started(&middle(&other)).await;
    until(SECONDS, "it has bars of a former master", async || symbols(&slave).await == json!(["US.IBM"])).await;
    told_anew(&mut slave, &middle(&master)).await;
    let extra = async |daemon: &Daemon, kind: &str| target(daemon, |t| t.kind == kind && t.origin != "pushes").await.and_then(|t| t.extra);
    for (daemon, kind) in [(&slave, "master"), (&master, "slave")] {
        until(SECONDS, "it is told", async || extra(daemon, kind).await == Some(1)).await;
    }
    assert_eq!(slave.client().node("middle").await.unwrap().extra_names, ["US.IBM 1d"]);
    // One that takes its bars from there is another slave's slave.
    let low = started(&format!("[server]\nnode_name = 'low'\n{}", slave_of(&slave))).await;
    until(SECONDS, "it has come", async || slave.client().node("low").await.is_ok()).await;
    let role = async |daemon: &Daemon, name: &str| {
        let node = daemon.client().nodes().await.unwrap().nodes.into_iter().find(|n| n.name == name).unwrap();
        (node.role, node.leader)
    };
    assert_eq!(role(&slave, "middle").await, ("relay".to_owned(), false));
    let above = async || low.client().nodes().await.unwrap().nodes.into_iter().any(|n| n.role == "relay" && !n.leader && n.name != "low");
    assert!(above().await, "{:?}", low.client().nodes().await);
    assert_eq!(role(&low, "low").await, ("slave".to_owned(), false));
    let run = mirrored(&slave, "master").await;
    assert!(run.message.ends_with("1 removed"), "{}", run.message);
    assert_eq!(symbols(&slave).await, json!(["US.AAPL"]));
    until(SECONDS, "the master knows", async || extra(&master, "slave").await == Some(0)).await;
    until(SECONDS, "and so it goes on", async || symbols(&low).await == json!(["US.AAPL"])).await;
}
