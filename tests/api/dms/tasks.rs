//! Tasks and backups over HTTP: what is configured, what is told to run, and what the logs say of it.

use super::{BACKUPS, SECONDS, call, get, per_symbol, post, started, stocks, tasks_of};
use crate::support::influx::influx;
use crate::support::until::{until, until_some};
use reqwest::Method;
use serde_json::{Value, json};
use syncline::client::RunQuery;
use syncline::wire::native::tasks::{BarsWork, TaskCreate};

/// Waits until a task's run has ended and returns its status.
async fn ended(daemon: &crate::support::daemon::Daemon, task: &str) -> Value {
    until_some(SECONDS, "the task has run", async || {
        let status = get(daemon, &format!("tasks/{task}/status")).await;
        (!["idle", "running"].contains(&status["status"].as_str().unwrap())).then_some(status)
    })
    .await
}

#[tokio::test]
async fn a_task_of_the_file_fetches_compares_and_tells_of_each_symbol() {
    let files = per_symbol();
    let mut daemon = started(&tasks_of(files.path())).await;
    assert_eq!(get(&daemon, "status").await["tasks_count"], 2);
    assert_eq!(get(&daemon, "tasks").await[0], json!({"name": "daily_update_us", "status": "idle", "last_run_time": null}));
    assert_eq!(get(&daemon, "tasks/daily_update_us/status").await["last_result"], Value::Null);
    post(&daemon, "tasks/trigger", json!({"task_name": "daily_update_us"}).to_string()).await;
    let status = ended(&daemon, "daily_update_us").await;
    let bars = stocks().lines().count() - 1;
    assert_eq!(status["last_result"], json!({"success": true, "message": "Updated 5 symbols", "data_count": bars}));
    assert_eq!(status["stats"]["total_runs"], 1);
    let read = get(&daemon, "read/FB?start_date=2012-05-18&end_date=2012-05-18").await;
    assert_eq!(read["data"][0]["Close"], 38.2318);
    // A symbol that the source does not have is neither updated nor failed.
    post(&daemon, "tasks/trigger?task_name=daily_update_hk", "").await;
    let status = ended(&daemon, "daily_update_hk").await;
    let message = status["last_result"]["message"].as_str().unwrap();
    let says = "Updated 0 symbols, 1 without data; no symbol has data: ";
    assert!(status["status"] == "completed" && message.starts_with(says) && message.contains("HK.00700"), "{status}");
    // It was carried out; that it had no data of any symbol is no success, here as natively.
    assert_eq!((status["last_result"]["success"].clone(), status["stats"]["success_count"].clone()), (json!(false), json!(0)));
    let native = daemon.client().task("daily_update_hk").await.unwrap();
    assert_eq!(native.last_result.as_deref(), Some("partial"));
    // The source corrects one, and breaks another.
    let fb = files.path().join("US.FB.csv");
    let text = std::fs::read_to_string(&fb).unwrap().replace("38.2318", "38.25");
    std::fs::write(&fb, text).unwrap();
    std::fs::write(files.path().join("US.IBM.csv"), "Date,Open\n").unwrap();
    post(&daemon, "tasks/trigger?task_name=daily_update_us", "").await;
    until(SECONDS, "it has run again", async || get(&daemon, "tasks/daily_update_us/status").await["stats"]["total_runs"] == 2).await;
    let status = ended(&daemon, "daily_update_us").await;
    let last = &status["last_result"];
    assert_eq!((&last["success"], &last["data_count"]), (&json!(false), &json!(1)));
    let message = last["message"].as_str().unwrap();
    assert!(message.starts_with("Updated 1 symbols, 1 failed; 1 symbol failed: US.IBM: ") && message.contains("CSV line 1"), "{message}");
    assert_eq!((status["status"].clone(), status["stats"]["success_count"].clone()), (json!("completed"), json!(1)));
    assert_eq!(status["stats"]["failed_count"], 1);
    // Each symbol has its result, with the reason.
    let runs = daemon.client().runs(&RunQuery { kind: Some("bars".into()), limit: Some(1), ..RunQuery::default() }).await.unwrap().runs;
    let items = daemon.client().run(runs[0].number).await.unwrap().items;
    let of = |symbol: &str| items.iter().find(|i| i.key == symbol).unwrap();
    assert_eq!((of("US.FB").outcome.as_str(), of("US.FB").count), ("updated", 1));
    assert_eq!(of("US.AAPL").outcome, "unchanged");
    assert!(of("US.IBM").outcome == "failed" && of("US.IBM").error.contains("CSV line 1"), "{:?}", of("US.IBM"));
    // The log names what failed, beside the word for a run that was carried out.
    let row = get(&daemon, "maintenance/log?limit=1").await["logs"][0].clone();
    let why = row["error_message"].as_str().unwrap();
    assert!(row["status"] == "completed" && why.starts_with("1 symbol failed: US.IBM: ") && why.contains("CSV line 1"), "{row}");
    let log = get(&daemon, "maintenance/log?limit=1&offset=1").await;
    assert_eq!(
        (log["logs"][0]["task_name"].clone(), log["logs"][0]["task_type"].clone()),
        (json!("daily_update_hk"), json!("incremental"))
    );
    // The file is followed at the next start: one task goes, the other keeps its totals.
    let config = daemon.home().join("daemon.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    let cut = text.rfind("[[dms.tasks]]").unwrap();
    std::fs::write(&config, &text[..cut]).unwrap();
    daemon.kill9();
    daemon.restart().await;
    super::ready(&daemon).await;
    assert_eq!(get(&daemon, "status").await["tasks_count"], 1);
    assert_eq!(get(&daemon, "tasks/daily_update_us/status").await["stats"]["total_runs"], 2);
}

/// A run that took what contradicts itself is not whole, and says so without anybody looking at its items.
#[tokio::test]
async fn what_is_stored_and_doubtful_is_told_by_the_run() {
    let files = per_symbol();
    let daemon = started(&tasks_of(files.path())).await;
    let fb = files.path().join("US.FB.csv");
    let text = std::fs::read_to_string(&fb).unwrap();
    let again = text.lines().nth(1).unwrap().replace("38.2318", "38.9");
    std::fs::write(&fb, format!("{}\n{again}\n", text.trim_end())).unwrap();
    post(&daemon, "tasks/trigger?task_name=daily_update_us", "").await;
    let status = ended(&daemon, "daily_update_us").await;
    assert_eq!((&status["status"], &status["last_result"]["success"]), (&json!("completed"), &json!(true)));
    let message = status["last_result"]["message"].as_str().unwrap();
    assert!(message.starts_with("Updated 5 symbols, 1 doubtful; 1 symbol doubtful: US.FB: the source has one bar twice"), "{message}");
    let run = daemon.client().runs(&RunQuery { kind: Some("bars".into()), ..RunQuery::default() }).await.unwrap().runs.remove(0);
    assert_eq!((run.state.as_str(), run.message.as_str()), ("partial", "Updated 5 symbols, 1 doubtful"));
    assert_eq!(run.error, "1 symbol doubtful: US.FB: the source has one bar twice with different figures; the last is taken");
    assert_eq!(run.bars.unwrap().doubtful, 1);
}

#[tokio::test]
async fn tasks_of_every_origin_stand_in_one_list() {
    let files = per_symbol();
    let daemon = started(&tasks_of(files.path())).await;
    post(&daemon, "import", stocks()).await;
    let work = BarsWork { kind: "validation".into(), days: Some(10_000), ..BarsWork::default() };
    let task = TaskCreate { name: "check".into(), cron: Some("30 2 * * 6".into()), bars: Some(work), ..TaskCreate::default() };
    let made = daemon.client().create_task(&task, false).await.unwrap();
    assert_eq!((made.kind.as_str(), made.origin.as_str(), made.state.as_str()), ("bars", "native", "scheduled"));
    let hosts = TaskCreate { name: "check".into(), cron: Some("30 2 * * 6".into()), ..TaskCreate::default() };
    assert!(daemon.client().create_task(&hosts, false).await.is_err(), "five fields are for tasks over bars");
    let names: Vec<String> = daemon.client().tasks(None, None).await.unwrap().tasks.into_iter().map(|t| t.name).collect();
    assert_eq!(names, ["daily_update_us", "daily_update_hk", "check"]);
    assert_eq!(get(&daemon, "tasks").await.as_array().unwrap().len(), 3);
    let triggered = post(&daemon, "tasks/trigger-all?task_type=validation", "").await;
    assert_eq!(triggered["result"]["results"], json!({"check": {"success": true, "status": "running"}}));
    let status = ended(&daemon, "check").await;
    // Real prices have splits in them: what is found is told, and the run was carried out.
    assert_eq!((status["status"].clone(), status["last_result"]["success"].clone()), (json!("completed"), json!(false)));
    let message = status["last_result"]["message"].as_str().unwrap();
    assert!(message.contains(" with issues; 5 symbols with issues: US."), "{status}");
    // No such provider, none at all, and a slave has no tasks.
    let missing = BarsWork { kind: "incremental".into(), provider: Some("nope".into()), ..BarsWork::default() };
    let refused = daemon.client().create_task(&TaskCreate { name: "x".into(), bars: Some(missing), ..TaskCreate::default() }, false).await;
    assert!(refused.unwrap_err().to_string().contains("nope"));
    let slave = started(&super::slave_of(&daemon)).await;
    let work = BarsWork { kind: "validation".into(), ..BarsWork::default() };
    let refused = slave.client().create_task(&TaskCreate { name: "x".into(), bars: Some(work), ..TaskCreate::default() }, false).await;
    assert!(refused.unwrap_err().to_string().contains("slave"));
}

#[tokio::test]
async fn the_history_tells_the_truth_of_backups() {
    let Some(influx) = influx() else { return };
    let files = per_symbol();
    let text = format!(
        "{}sync = true\n[[dms.backups]]\nname = 'real'\nhost = '127.0.0.1'\nport = {}\ndatabase = 'api_backup'\n{BACKUPS}",
        tasks_of(files.path()).replace("name = 'daily_update_us'", "name = 'daily_update_us'\nsync = true"),
        influx.port
    );
    let daemon = started(&text).await;
    // The task brings its backups up to date when it is done.
    post(&daemon, "tasks/trigger?task_name=daily_update_us", "").await;
    until(SECONDS, "the backup is up to date", async || get(&daemon, "sync/status").await["backups"][0]["last_sync"].is_string()).await;
    let history = get(&daemon, "sync/history?backup_name=real").await;
    let rows = history["history"].as_array().unwrap();
    let bars: u64 = rows.iter().map(|r| r["data_count"].as_u64().unwrap()).sum();
    assert_eq!((rows.len(), bars), (5, stocks().lines().count() as u64 - 1));
    assert!(rows.iter().all(|r| r["status"] == "success" && r["sync_mode"] == "incremental" && r["error_message"] == ""), "{history}");
    // One that cannot be reached stands there as failed, and is not said to be synced.
    let row = until_some(SECONDS, "the failure is recorded", async || {
        get(&daemon, "sync/history?backup_name=backup1&limit=1").await["history"].get(0).cloned()
    })
    .await;
    assert_eq!((row["status"].clone(), row["symbol"].clone()), (json!("failed"), json!("")));
    assert!(row["error_message"].as_str().unwrap().contains("cannot be reached"), "{row}");
    let status = get(&daemon, "sync/status").await;
    assert_eq!((status["total_backups"].clone(), status["backups"][1]["last_sync"].clone()), (json!(3), Value::Null));
    // A correction travels; nothing else does.
    post(&daemon, "import?symbol=FB", "Date,Open,High,Low,Close,Volume\n2012-05-18,42.05,45,38,38.5,7\n").await;
    let done = post(&daemon, "sync/trigger?wait=true&backup_name=real", "").await;
    assert_eq!(done["result"], json!({"success": true, "results": {"real": true}}));
    let newest = get(&daemon, "sync/history?limit=1").await["history"][0].clone();
    assert_eq!((newest["symbol"].clone(), newest["status"].clone()), (json!("US.FB"), json!("success")));
    let all = post(&daemon, "sync/trigger?wait=true", "").await;
    assert_eq!(all["result"]["results"], json!({"real": true, "backup1": false, "backup2": false}));
    assert_eq!(
        (&all["success"], &all["message"]),
        (&json!(false), &json!("Sync failed or was under way already: backup1, backup2; sync/history says why"))
    );
    let (status, _) = call(&daemon, Method::POST, "sync/trigger?backup_name=nope", "").await;
    assert_eq!(status, 404);
}

/// The allow-list is the same as that of databases and Elasticsearch.
#[tokio::test]
async fn a_source_or_backup_that_the_policy_refuses_is_never_asked() {
    let text = "[security]\nallow_endpoints = ['10.0.0.0/8']\n\
         [[dms.providers]]\nname = 'web'\nkind = 'http'\nformat = 'csv'\nurl = 'http://127.0.0.1:1/{symbol}'\n\
         [[dms.providers]]\nname = 'metadata'\nkind = 'http'\nformat = 'csv'\nurl = 'http://169.254.169.254/{symbol}'\n\
         [[dms.backups]]\nname = 'b'\nhost = '127.0.0.1'\nport = 1\n";
    let daemon = started(text).await;
    for provider in ["web", "metadata"] {
        let work = BarsWork { kind: "incremental".into(), provider: Some(provider.into()), ..BarsWork::default() };
        let refused = daemon.client().create_task(&TaskCreate { name: "x".into(), bars: Some(work), ..TaskCreate::default() }, false).await;
        assert!(refused.unwrap_err().to_string().contains("is refused"), "{provider}");
    }
    let done = post(&daemon, "sync/trigger?wait=true", "").await;
    assert_eq!(done["result"]["success"], false);
    let runs = daemon.client().runs(&RunQuery { kind: Some("bars_sync".into()), ..RunQuery::default() }).await.unwrap().runs;
    assert!(runs[0].error.contains("allow_endpoints"), "{:?}", runs[0]);
}
