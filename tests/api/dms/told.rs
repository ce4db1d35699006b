//! What is said of the whole: whether there is market data at all, figures for an alarm, uploads and providers that are refused.

use super::{SECONDS, call, get, post, started};
use crate::support::daemon::Daemon;
use crate::support::until::until;
use reqwest::Method;
use serde_json::json;
use syncline::client;
use syncline::wire::native::error::Code;
use syncline::wire::native::tasks::{BarsWork, TaskCreate};

#[tokio::test]
async fn market_data_that_is_switched_off_says_so() {
    let daemon = Daemon::configured("[dms]\nenabled = false\n").await;
    let (status, text) = call(&daemon, Method::GET, "status", "").await;
    assert!(status == 503 && text.contains("[dms] enabled = false"), "{text}");
    for refused in [daemon.client().bar_series(None, None).await.map(drop), daemon.client().sync_targets().await.map(drop)] {
        match refused {
            Err(client::Error::Api { status: 503, body }) => {
                assert!(body.code == Code::Disabled && body.message.contains("[dms] enabled = false"), "{body:?}");
            }
            other => panic!("{other:?}"),
        }
    }
    let task = TaskCreate {
        name: "t".to_owned(),
        bars: Some(BarsWork { kind: "validation".to_owned(), ..BarsWork::default() }),
        ..TaskCreate::default()
    };
    match daemon.client().create_task(&task, false).await {
        Err(client::Error::Api { body, .. }) => {
            assert!(format!("{body:?}").contains("set it to true and restart the daemon"), "{body:?}");
        }
        other => panic!("{other:?}"),
    }
}

/// The metrics that begin so.
async fn metrics(daemon: &Daemon, names: &str) -> Vec<String> {
    let text = String::from_utf8(daemon.client().raw("GET", "/metrics", None).await.unwrap().body).unwrap();
    text.lines().filter(|line| line.starts_with(names)).map(str::to_owned).collect()
}

#[tokio::test]
async fn metrics_tell_of_runs_bars_and_targets() {
    let files = super::per_symbol();
    let master = started(&format!("{}{}", super::tasks_of(files.path()), super::BACKUPS)).await;
    post(&master, "import?symbol=AAPL&overwrite=true", "Date,Open,High,Low,Close,Volume\n1990-03-01,1,2,0.5,1.5,7\n").await;
    post(&master, "import?symbol=AAPL&overwrite=true", "Date,Open,High,Low,Close,Volume\n1990-03-01,1,2,0.5,1.25,7\n").await;
    assert_eq!(metrics(&master, "syncline_bars_added_total").await, ["syncline_bars_added_total 1"]);
    assert_eq!(metrics(&master, "syncline_bars_changed_total").await, ["syncline_bars_changed_total 1"]);
    assert!(
        metrics(&master, "syncline_bars_target_behind_series{")
            .await
            .contains(&"syncline_bars_target_behind_series{target=\"backup1\",kind=\"backup\"} 1".to_owned())
    );
    assert_eq!(metrics(&master, "syncline_bars_target_lag_seconds{").await.len(), 2);
    post(&master, "tasks/trigger?task_name=daily_update_hk", "").await;
    let ran = "syncline_task_runs_total{task=\"daily_update_hk\",kind=\"bars\",outcome=\"partial\"} 1".to_owned();
    until(SECONDS, "the run is counted", async || metrics(&master, "syncline_task_runs_total{").await.contains(&ran)).await;
    // Who imported what stands in the audit log; a trial changes nothing.
    post(&master, "import?symbol=AAPL&dry_run=true", "Date,Open,High,Low,Close,Volume\n1990-03-01,1,2,0.5,1.5,7\n").await;
    let told = String::from_utf8(master.client().raw("GET", "/api/v1/audit", None).await.unwrap().body).unwrap();
    assert_eq!(told.matches("bars.import").count(), 2, "{told}");
    assert!(told.contains("bars/US.AAPL") && told.contains("\"1d: 1 added, 0 changed\""), "{told}");
}

/// Rows enough that no buffer between the two holds them.
fn endless(start: &str) -> impl tokio::io::AsyncRead + Send + Unpin + 'static {
    use tokio::io::AsyncReadExt as _;
    std::io::Cursor::new(start.to_owned().into_bytes()).chain(tokio::io::repeat(b'\n').take(256 << 20))
}

/// The client is still sending when the answer comes.
#[tokio::test]
async fn an_upload_that_is_refused_at_once_says_why() {
    let master = started("").await;
    let slave = started("[dms]\nrole = \"slave\"\n").await;
    let how = client::BarImport::default();
    for _ in 0..3 {
        for (daemon, code, says) in [(&master, Code::BadRequest, "CSV line 1"), (&slave, Code::Forbidden, "this daemon is a slave")] {
            match daemon.client().import_bars(endless("Date,Open\n"), &how).await {
                Err(client::Error::Api { body, .. }) => assert!(body.code == code && body.message.contains(says), "{body:?}"),
                other => panic!("{other:?}"),
            }
        }
    }
}

/// A provider's dates that may be two are not stored; its setting says which they are.
#[tokio::test]
async fn a_providers_dates_are_read_as_it_says_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("US.FB.csv"), "Date,Open,High,Low,Close,Volume\n3/4/2024,1,2,0.5,1.5,7\n").unwrap();
    let provider = |name: &str, dates: &str| {
        let dir = dir.path().display();
        format!(
            "[[dms.providers]]\nname = '{name}'\nkind = 'csv'\ndir = '{dir}'\n{dates}\n\
             [[dms.tasks]]\nname = '{name}'\ntype = 'full_sync'\nprovider = '{name}'\nsymbols = ['FB']\n"
        )
    };
    let daemon = started(&format!("{}{}", provider("guess", ""), provider("day", "dates = 'day-first'"))).await;
    for (name, state) in [("guess", "failed"), ("day", "completed")] {
        post(&daemon, &format!("tasks/trigger?task_name={name}"), "").await;
        until(SECONDS, "the task has run", async || get(&daemon, &format!("tasks/{name}/status")).await["status"] == state).await;
    }
    let run = daemon.client().runs(&client::RunQuery::default()).await.unwrap().runs.into_iter().find(|r| r.name == "guess").unwrap();
    let item = daemon.client().run(run.number).await.unwrap().items.remove(0);
    assert!(item.error.contains("dates like 3/4/2024") && item.error.contains("of the provider guess"), "{item:?}");
    let read = get(&daemon, "read/FB?start_date=2024-01-01&end_date=2024-12-31").await;
    assert_eq!(read["index"], json!(["2024-04-03T00:00:00"]));
}
