//! Runs that end before their time: what they had stored by then is told, and that they were ended.

use super::{SECONDS, call, get, post, started};
use crate::support::daemon::Daemon;
use crate::support::until::until;
use reqwest::Method;
use serde_json::{Value, json};
use syncline::client::RunQuery;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A source that has two bars of FB and IBM each, and says nothing when it is asked for any other.
async fn source() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0u8; 2048];
            let read = stream.read(&mut head).await.unwrap_or(0);
            let asked = String::from_utf8_lossy(&head[..read]).into_owned();
            if asked.starts_with("GET /FB ") || asked.starts_with("GET /IBM ") {
                let body = "Date,Open,High,Low,Close,Volume\n2012-06-01,1,2,0.5,1.5,7\n2012-06-04,1,2,0.5,1.25,7\n";
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
                // Whoever asked may be gone.
                let _ = stream.write_all(answer.as_bytes()).await;
            } else {
                held.push(stream);
            }
        }
    });
    port
}

/// A daemon whose task `slow` has stored two of its six symbols, and waits for the others.
async fn in_the_midst() -> (Daemon, u64) {
    let port = source().await;
    let daemon = started(&format!(
        "[[dms.providers]]\nname = 'web'\nkind = 'http'\nformat = 'csv'\nurl = 'http://127.0.0.1:{port}/{{code}}'\nspacing_ms = 0\n\
         [[dms.tasks]]\nname = 'slow'\ntype = 'full_sync'\ndays = 20000\nsymbols = ['FB', 'IBM', 'AAPL', 'MSFT', 'GOOG', 'TSLA']\n"
    ))
    .await;
    post(&daemon, "tasks/trigger?task_name=slow", "").await;
    let query = RunQuery { kind: Some("bars".into()), ..RunQuery::default() };
    let number = daemon.client().runs(&query).await.unwrap().runs[0].number;
    until(SECONDS, "two symbols have their results", async || daemon.client().run(number).await.unwrap().items.len() == 2).await;
    let items = daemon.client().run(number).await.unwrap().items;
    assert!(items.iter().all(|item| item.outcome == "updated" && item.count == 2), "{items:?}");
    (daemon, number)
}

async fn log(daemon: &Daemon) -> Value {
    get(daemon, "maintenance/log?task_name=slow").await["logs"][0].clone()
}

#[tokio::test]
async fn a_cancelled_run_says_that_it_was_and_how_far_it_came() {
    let (daemon, number) = in_the_midst().await;
    daemon.client().cancel_run(number).await.unwrap();
    until(SECONDS, "it has ended", async || log(&daemon).await["status"] == "failed").await;
    let told = "it was cancelled; Synced 2 symbols, 4 not done";
    let row = log(&daemon).await;
    assert_eq!((&row["result_message"], &row["data_count"]), (&json!(told), &json!(4)), "{row}");
    assert_eq!(row["error_message"], "it was cancelled");
    let status = get(&daemon, "tasks/slow/status").await;
    assert_eq!(status["last_result"], json!({"success": false, "message": told, "data_count": 4}));
    assert_eq!((&status["stats"]["total_data_count"], &status["stats"]["avg_duration"]), (&json!(4), &json!(0.0)), "{status}");
    let native = daemon.client().run(number).await.unwrap();
    assert_eq!(native.run.message, "Synced 2 symbols, 4 not done");
    let counts = native.run.bars.unwrap();
    assert_eq!((counts.total, counts.updated, counts.failed, counts.bars), (6, 2, 0, 4));
}

#[tokio::test]
async fn a_run_whose_daemon_was_killed_says_what_it_had_stored() {
    let (mut daemon, _) = in_the_midst().await;
    daemon.kill9();
    daemon.restart().await;
    super::ready(&daemon).await;
    let row = log(&daemon).await;
    let told = "the daemon died under it; Synced 2 symbols, 4 not done";
    assert_eq!((&row["status"], &row["data_count"], &row["result_message"]), (&json!("failed"), &json!(4), &json!(told)), "{row}");
    let status = get(&daemon, "tasks/slow/status").await;
    assert_eq!((&status["last_result"]["data_count"], &status["stats"]["total_data_count"]), (&json!(4), &json!(4)), "{status}");
    let (code, _) = call(&daemon, Method::GET, "read/FB?start_date=2012-06-01&end_date=2012-06-04", "").await;
    assert_eq!(code, 200);
}

/// Runs that were ended say nothing of how long one takes.
#[tokio::test]
async fn the_average_is_that_of_runs_that_were_carried_out() {
    let (mut daemon, _) = in_the_midst().await;
    daemon.kill9();
    let config = daemon.home().join("daemon.toml");
    let text = std::fs::read_to_string(&config).unwrap().replace(", 'AAPL', 'MSFT', 'GOOG', 'TSLA'", "");
    std::fs::write(&config, text).unwrap();
    daemon.restart().await;
    super::ready(&daemon).await;
    post(&daemon, "tasks/trigger?task_name=slow", "").await;
    until(SECONDS, "it has run", async || get(&daemon, "tasks/slow/status").await["status"] == "completed").await;
    let status = get(&daemon, "tasks/slow/status").await;
    let (average, took) = (status["stats"]["avg_duration"].as_f64().unwrap(), log(&daemon).await["duration"].as_f64().unwrap());
    assert_eq!(status["stats"]["total_runs"], 2);
    assert!(took > 0.0 && (average - took).abs() < 0.002, "{average} of one run that took {took}");
}
