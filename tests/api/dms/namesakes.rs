//! A backup and a slave of one name, as the contract's own samples have them: two places, and what is told of one is not the other's.

use super::{SECONDS, get, post, started};
use crate::support::daemon::Daemon;
use crate::support::until::until;
use serde_json::{Value, json};
use syncline::client::RunQuery;
use syncline::wire::native::tasks::{RunCreate, SyncWork, TaskChange, TaskCreate};

fn port(daemon: &Daemon) -> u16 {
    daemon.url().rsplit(':').next().unwrap().parse().unwrap()
}

/// A master whose slave is there and whose backup of the same name is not.
async fn both(slave: &Daemon, more: &str) -> Daemon {
    let text = format!(
        "[dms]\npush_seconds = 0\n[[dms.slaves]]\nname = 'both'\nhost = '127.0.0.1'\nport = {}\n\
         [[dms.backups]]\nname = 'both'\nhost = '127.0.0.1'\nport = 1\n{more}",
        port(slave)
    );
    started(&text).await
}

/// Kind and status of each row of the history, oldest first.
async fn told(master: &Daemon) -> Vec<(String, String)> {
    let history = get(master, "sync/history?backup_name=both").await;
    let word = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    history["history"].as_array().unwrap().iter().rev().map(|row| (word(row, "target_kind"), word(row, "status"))).collect()
}

fn row(kind: &str, status: &str) -> (String, String) {
    (kind.to_owned(), status.to_owned())
}

#[tokio::test]
async fn what_is_told_of_a_backup_is_not_its_namesakes() {
    let slave = started("[dms]\nrole = \"slave\"\n").await;
    let master = both(&slave, "").await;
    post(&master, "import?symbol=AAPL", "Date,Open,High,Low,Close,Volume\n2024-03-01,1,2,0.5,1.5,7\n").await;
    // The slave is brought its bars, whatever becomes of the backup; and the backup has none of it.
    let pushed = post(&master, "slaves/both/sync?wait=true", "").await;
    assert_eq!(pushed, json!({"success": true, "result": {"success": true, "message": "Sync completed"}}));
    assert_eq!(told(&master).await, [row("slave", "success")]);
    let status = get(&master, "sync/status").await;
    assert_eq!(status["backups"][0]["last_sync"], Value::Null, "{status}");
    let targets = master.client().sync_targets().await.unwrap().targets;
    let of = |kind: &str| targets.iter().find(|t| t.kind == kind).unwrap();
    assert_eq!((of("backup").problem.as_str(), of("backup").last_sync.as_deref(), of("backup").behind), ("", None, Some(1)));
    assert!(of("slave").last_sync.is_some() && of("slave").behind == Some(0), "{targets:?}");
    // The other way about: the backup fails alone, and nothing is pushed for it.
    post(&master, "import?symbol=IBM", "Date,Open,High,Low,Close,Volume\n2024-03-01,1,2,0.5,1.5,7\n").await;
    let done = post(&master, "sync/trigger?wait=true&backup_name=both", "").await;
    assert_eq!(done["result"], json!({"success": false, "results": {"both": false}}));
    assert_eq!(told(&master).await, [row("slave", "success"), row("backup", "failed")]);
    assert_eq!(get(&slave, "symbols").await["symbols"], json!(["US.AAPL"]));
    let targets = master.client().sync_targets().await.unwrap().targets;
    let of = |kind: &str| targets.iter().find(|t| t.kind == kind).unwrap();
    assert!(of("backup").problem.contains("cannot be reached") && of("slave").problem.is_empty(), "{targets:?}");
    // Natively a name alone means both, each for itself, and the history says which.
    let rows = master.client().sync_history(Some("both"), None, false, 9).await.unwrap().history;
    assert_eq!(rows.iter().map(|r| r.target_kind.as_str()).collect::<Vec<_>>(), ["backup", "slave"]);
    let rows = master.client().sync_history(Some("both"), Some("slave"), false, 9).await.unwrap().history;
    assert_eq!(rows.iter().map(|r| r.target_kind.as_str()).collect::<Vec<_>>(), ["slave"]);
    // What a slave took in is a slave's.
    let rows = slave.client().sync_history(None, None, false, 9).await.unwrap().history;
    assert_eq!(rows.iter().map(|r| r.target_kind.as_str()).collect::<Vec<_>>(), ["slave"]);
}

#[tokio::test]
async fn a_task_brings_its_bars_to_each_of_two_namesakes() {
    let slave = started("[dms]\nrole = \"slave\"\n").await;
    let files = super::per_symbol();
    let tasks = super::tasks_of(files.path()).replace("type = 'incremental'", "type = 'incremental'\nsync = true");
    let master = both(&slave, &tasks).await;
    post(&master, "tasks/trigger?task_name=daily_update_us", "").await;
    let query = RunQuery { kind: Some("bars_sync".into()), ..RunQuery::default() };
    until(SECONDS, "a run for each has ended", async || {
        let runs = master.client().runs(&query).await.unwrap().runs;
        let mut states: Vec<&str> = runs.iter().map(|r| r.state.as_str()).collect();
        states.sort_unstable();
        states == ["completed", "failed"]
    })
    .await;
    assert_eq!(get(&slave, "symbols").await["total"], 5);
}

#[tokio::test]
async fn who_is_meant_is_said_where_two_have_the_name() {
    let slave = started("[dms]\nrole = \"slave\"\n").await;
    let more = format!("[[dms.slaves]]\nname = 'near'\nhost = '127.0.0.2'\nport = {}\n", port(&slave));
    let master = both(&slave, &more).await;
    let client = master.client();
    let work =
        |target: &str, kind: Option<&str>| SyncWork { target: target.to_owned(), kind: kind.map(str::to_owned), ..SyncWork::default() };
    let task = |name: &str, work| TaskCreate { name: name.to_owned(), bars_sync: Some(work), ..TaskCreate::default() };
    // Both have it, and nobody says which: neither a task nor a run is begun with.
    let says = "both is the name of a backup and of a slave; kind says which (--target backup/both or --target slave/both)";
    let refused = client.create_task(&task("x", work("both", None)), false).await.unwrap_err().to_string();
    assert!(refused.contains(says), "{refused}");
    let run = RunCreate { name: "both".to_owned(), bars_sync: Some(work("both", None)), ..RunCreate::default() };
    let refused = client.start_run(&run).await.unwrap_err().to_string();
    assert!(refused.contains(says), "{refused}");
    let made = client.create_task(&task("x", work("both", Some("slave"))), false).await.unwrap();
    assert_eq!(made.bars_sync.unwrap().kind.as_deref(), Some("slave"));
    let change = TaskChange { bars_sync: Some(work("both", None)), ..TaskChange::default() };
    assert!(client.update_task("x", &change, false).await.is_err());
    // One that has its name alone is kept as what it is: another may come.
    let made = client.create_task(&task("y", work("near", None)), false).await.unwrap();
    assert_eq!(made.bars_sync.unwrap().kind.as_deref(), Some("slave"));
    // Its runs say whom they are for.
    client.run_task("x").await.unwrap();
    post(&master, "sync/trigger?wait=true&backup_name=both", "").await;
    let runs = client.runs(&RunQuery { kind: Some("bars_sync".into()), ..RunQuery::default() }).await.unwrap().runs;
    let seen: Vec<_> = runs.iter().map(|r| (r.name.as_str(), r.target.as_str(), r.target_kind.as_str())).collect();
    assert_eq!(seen, [("both", "both", "backup"), ("x", "both", "slave")]);
    let refused = client.start_run(&RunCreate { bars_sync: Some(work("nope", Some("backup"))), ..run }).await.unwrap_err().to_string();
    assert!(refused.contains("there is no backup \"nope\": there are backup/both, slave/both, slave/near"), "{refused}");
}
