//! The dms family, with the contract's own requests and real bars: a master, a slave that it pushes to, one that pulls.

use super::contract::{assert_shape, json as sample, samples, text};
use crate::support::daemon::Daemon;
use crate::support::until::until;
use flate2::read::GzDecoder;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::io::Read as _;
use std::time::Duration;

mod carried;
mod ends;
mod extras;
mod masters;
mod namesakes;
mod refused;
mod strangers;
mod targets;
mod tasks;
mod told;

const SECONDS: Duration = Duration::from_secs(30);

/// The committed real bars as CSV.
fn stocks() -> String {
    let packed = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/bars/stocks.csv.gz")).unwrap();
    let mut text = String::new();
    GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    text
}

async fn call(daemon: &Daemon, method: Method, path: &str, body: impl Into<String>) -> (StatusCode, String) {
    // Whoever is first in the test binary.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    // As curl's -d has it; a body that begins with a brace is JSON all the same.
    let request = client.request(method, format!("{}/api/dms/{path}", daemon.url())).body(body.into());
    let reply = request.header("content-type", "application/x-www-form-urlencoded").send().await.expect("the daemon answers");
    (reply.status(), reply.text().await.expect("the reply is whole"))
}

async fn get(daemon: &Daemon, path: &str) -> Value {
    let (status, text) = call(daemon, Method::GET, path, "").await;
    assert_eq!(status, 200, "{path}: {text}");
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}: {text}"))
}

async fn post(daemon: &Daemon, path: &str, body: impl Into<String>) -> Value {
    let (status, text) = call(daemon, Method::POST, path, body).await;
    assert_eq!(status, 200, "{path}: {text}");
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}: {text}"))
}

/// Waits until the store is open, which is done beside the rest of the start.
async fn ready(daemon: &Daemon) {
    until(SECONDS, "the bars database is open", async || call(daemon, Method::GET, "status", "").await.0 == 200).await;
}

async fn started(config: &str) -> Daemon {
    // The listener that the test daemon is given serves every family.
    let daemon = Daemon::configured(config).await;
    ready(&daemon).await;
    daemon
}

fn slave_of(master: &Daemon) -> String {
    format!("[dms]\nrole = \"slave\"\nmaster = \"{}\"\npull_seconds = 1\n", master.url())
}

fn master_of(slave: &Daemon) -> String {
    master_at(slave.url().rsplit(':').next().unwrap().parse().unwrap())
}

fn master_at(port: u16) -> String {
    let gone = "[[dms.slaves]]\nname = \"gone\"\nhost = \"127.0.0.1\"\nport = 1\n[[dms.slaves]]\nname = \"off\"\nhost = \"127.0.0.1\"\nenabled = false\n";
    format!("[[dms.slaves]]\nname = \"backup1\"\nhost = \"127.0.0.1\"\nport = {port}\n{gone}")
}

/// A port that is the daemon's also when it is started again, and what the configuration says of it.
fn lasting() -> (u16, String) {
    let port = crate::support::port::unused();
    let listener = format!("[[listeners]]\naddress = \"127.0.0.1:{port}\"\nfamilies = [\"dms\"]\n");
    (port, format!("{listener}[security]\nallow_anonymous_network = true\n"))
}

/// Starts a daemon again with another configuration.
async fn told_anew(daemon: &mut Daemon, config: &str) {
    daemon.stop();
    std::fs::write(daemon.home().join("daemon.toml"), config).unwrap();
    daemon.restart().await;
    ready(daemon).await;
}

/// The real bars as one file for each symbol.
fn per_symbol() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let all = stocks();
    let (heading, rows) = all.split_once('\n').unwrap();
    for symbol in ["AAPL", "FB", "GOOG", "IBM", "MSFT"] {
        let own: Vec<&str> = rows.lines().filter(|l| l.starts_with(&format!("{symbol},"))).collect();
        std::fs::write(dir.path().join(format!("US.{symbol}.csv")), format!("{heading}\n{}\n", own.join("\n"))).unwrap();
    }
    dir
}

/// A provider over these files and two tasks.
fn tasks_of(dir: &std::path::Path) -> String {
    let task = |name: &str, symbols: &str| {
        format!(
            "[[dms.tasks]]\nname = '{name}'\ntype = 'incremental'\nsymbols = [{symbols}]\ncron = '0 19 * * 1-5'\n\
             time_zone = 'America/New_York'\ndays = 20000\n"
        )
    };
    format!(
        "[[dms.providers]]\nname = 'files'\nkind = 'csv'\ndir = '{}'\n{}{}",
        dir.display(),
        task("daily_update_us", "'AAPL', 'FB', 'IBM', 'MSFT', 'GOOG'"),
        task("daily_update_hk", "'HK.00700'"),
    )
}

/// Nobody answers there.
const BACKUPS: &str =
    "[[dms.backups]]\nname = 'backup1'\nhost = '127.0.0.1'\nport = 1\n[[dms.backups]]\nname = 'backup2'\nhost = '127.0.0.1'\nport = 2\n";

/// Times as the samples have them, which old clients read by that very form.
fn assert_whole_seconds(reply: &Value) {
    match reply {
        Value::String(text) if text.ends_with('Z') && text.get(10..11) == Some("T") => assert_eq!(text.len(), 20, "{text}"),
        Value::Array(items) => items.iter().for_each(assert_whole_seconds),
        Value::Object(fields) => fields.values().for_each(assert_whole_seconds),
        _ => {}
    }
}

#[tokio::test]
async fn every_sample_that_is_served_is_answered_in_its_shape() {
    let pushed = started("[dms]\nrole = \"slave\"\n").await;
    let files = per_symbol();
    let master = started(&format!("{}{}{}", tasks_of(files.path()), BACKUPS, master_of(&pushed))).await;
    let pulling = started(&slave_of(&master)).await;
    let stored = post(&master, "import", stocks().replace("IBM,", "TSLA,").replace("GOOG,", "GOOGL,")).await;
    assert_eq!(stored["added"].as_u64().unwrap() as usize, stocks().lines().count() - 1);
    let when = "start_date=2012-06-01T00:00:00&end_date=2012-06-30T00:00:00";
    let batch = text("dms", "read_batch.request").replace("2024-01-01", "2012-06-01").replace("2024-01-23", "2012-06-30");
    let mut seen = Vec::new();
    let mut check = |name: &str, reply: &Value, nullable: &[&str]| {
        assert_whole_seconds(reply);
        assert_shape(reply, &sample("dms", &format!("{name}.response")), nullable);
        seen.push(format!("{name}.response"));
    };
    check("status", &get(&master, "status").await, &[]);
    check("read", &get(&master, &format!("read/US.AAPL?{when}")).await, &[]);
    let read = post(&master, "read/batch", batch).await;
    check("read_batch", &read, &[]);
    assert_eq!(read["US.GOOGL"]["data"].as_array().unwrap().len(), 21);
    check("slaves", &get(&master, "slaves").await, &[]);
    check("slave_status", &get(&master, "slaves/backup1/status").await, &[]);
    check("slave_sync", &post(&master, "slaves/backup1/sync", text("dms", "slave_sync.request").replace("2024", "2012")).await, &[]);
    check("sync_request", &post(&pulling, "sync/request", text("dms", "sync_request.request").replace("2024", "2012")).await, &[]);
    check("master_status", &get(&pulling, "master/status").await, &[]);
    // The slave has been told of once it followed.
    post(&master, "slaves/backup1/sync", "").await;
    until(SECONDS, "the slave has followed", async || get(&master, "nodes").await["nodes"][1]["sync_delay"] == 0).await;
    let nodes = get(&master, "nodes").await;
    check(
        "nodes",
        &json!({"nodes": [nodes["nodes"][0], nodes["nodes"][1]], "total_nodes": nodes["total_nodes"], "online_nodes": nodes["online_nodes"]}),
        &[],
    );
    // One is offline and counted as such, a disabled one is not there; one that pulls without being listed is.
    assert_eq!((nodes["total_nodes"].clone(), nodes["online_nodes"].clone()), (json!(4), json!(3)));
    assert_eq!((nodes["nodes"][2]["name"].clone(), nodes["nodes"][2]["status"].clone()), (json!("gone"), json!("offline")));
    assert_eq!(get(&master, "slaves").await.as_array().unwrap().len(), 3);
    assert_eq!(get(&master, "slaves/gone/status").await["status"], "offline");
    let own = get(&pulling, "nodes").await;
    assert_eq!((own["nodes"][0]["role"].clone(), own["nodes"][1]["role"].clone()), (json!("master"), json!("slave")));
    // Tasks of the file, and backups that cannot be reached.
    let triggered = post(&master, "tasks/trigger?task_name=daily_update_us", "").await;
    check("task_trigger", &triggered, &[]);
    until(SECONDS, "the task has run", async || get(&master, "tasks/daily_update_us/status").await["status"] == "completed").await;
    check("task_status", &get(&master, "tasks/daily_update_us/status").await, &[]);
    check("task_trigger_all", &post(&master, "tasks/trigger-all", "").await, &[]);
    until(SECONDS, "both have run", async || get(&master, "tasks/daily_update_hk/status").await["status"] != "running").await;
    check("tasks", &get(&master, "tasks").await, &[]);
    let log = get(&master, "maintenance/log?task_name=daily_update_us").await;
    check("maintenance_log", &log, &[]);
    check("sync_trigger", &post(&master, "sync/trigger", "").await, &[]);
    check("sync_history", &get(&master, "sync/history?backup_name=backup1").await, &[]);
    check("sync_status", &get(&master, "sync/status").await, &["last_sync"]);
    seen.sort();
    assert_eq!(seen, samples("dms"));
}

#[tokio::test]
async fn reads_are_inclusive_and_say_what_is_not_there() {
    let daemon = started("").await;
    post(&daemon, "import", stocks()).await;
    let one = get(&daemon, "read/fb?start_date=2012-05-18&end_date=2012-05-21").await;
    assert_eq!(
        one,
        json!({
            "symbol": "fb",
            "data": [
                {"time": "2012-05-18T00:00:00", "Open": 42.05, "High": 45.0, "Low": 38.0, "Close": 38.2318, "Volume": 573_576_400},
                {"time": "2012-05-21T00:00:00", "Open": 36.53, "High": 36.66, "Low": 33.0, "Close": 34.03, "Volume": 168_192_700},
            ],
            "index": ["2012-05-18T00:00:00", "2012-05-21T00:00:00"],
        })
    );
    let empty = get(&daemon, "read/FB?start_date=2011-01-01&end_date=2011-12-31").await;
    assert_eq!(empty, json!({"symbol": "FB", "data": [], "index": []}));
    // Keys as requested; the same paper twice if it is written twice; what is not there is null.
    let body = json!({"symbols": ["FB", "US.FB", "FB", "^GSPC", "IBM"], "start_date": "2012-05-18", "end_date": "2012-05-18"});
    let batch = post(&daemon, "read/batch", body.to_string()).await;
    assert_eq!(batch.as_object().unwrap().keys().collect::<Vec<_>>(), ["FB", "US.FB", "^GSPC", "IBM"]);
    assert_eq!((&batch["FB"], &batch["^GSPC"]), (&batch["US.FB"], &Value::Null));
    // Null is also what has no bar in the range; what there is no bar of at all is named.
    let body = json!({"symbols": ["FB", "^GSPC", "BTC/USD"], "start_date": "2001-05-18", "end_date": "2001-05-18"}).to_string();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let reply = client.post(format!("{}/api/dms/read/batch", daemon.url())).body(body).send().await.unwrap();
    assert_eq!(reply.headers().get("x-syncline-unknown-symbols").unwrap(), "^GSPC, BTC/USD");
    assert_eq!(reply.json::<Value>().await.unwrap(), json!({"FB": null, "^GSPC": null, "BTC/USD": null}));
    // A correction is seen by the next reader.
    post(&daemon, "import?symbol=FB", "Date,Open,High,Low,Close,Volume\n2012-05-18,42.05,45,38,38.5,1.5\n").await;
    let again = get(&daemon, "read/FB?start_date=2012-05-18&end_date=2012-05-18").await;
    assert_eq!((again["data"][0]["Close"].clone(), again["data"][0]["Volume"].clone()), (json!(38.5), json!(1.5)));
    // Symbols with a slash and a caret.
    post(&daemon, "import?symbol=BTC/USD&interval=1m", "Time,Open,High,Low,Close,Volume\n2024-01-01T10:00:00Z,1,2,0.5,1.5,0.25\n").await;
    let minute = get(&daemon, "read/BTC%2FUSD?start_date=2024-01-01&end_date=2024-01-01&interval=1m").await;
    assert_eq!((minute["symbol"].clone(), minute["index"].clone()), (json!("BTC/USD"), json!(["2024-01-01T10:00:00Z"])));
    let symbols = get(&daemon, "symbols").await;
    assert_eq!(symbols, json!({"symbols": ["BTC/USD", "US.AAPL", "US.FB", "US.GOOG", "US.IBM", "US.MSFT"], "total": 6}));
    let info = get(&daemon, "symbol/FB/info").await;
    assert_eq!(
        (info["has_data"].clone(), info["data_count"].clone(), info["latest_date"].clone()),
        (json!(true), json!(196), json!("2013-03-01T00:00:00"))
    );
    assert_eq!(get(&daemon, "symbol/NOPE/info").await["has_data"], json!(false));
    // What is written out is read in again and changes nothing.
    let (_, csv) = call(&daemon, Method::GET, "export?symbols=FB,AAPL", "").await;
    assert!(csv.starts_with("Symbol,Interval,Time,Open,High,Low,Close,Volume\nUS.FB,1d,2012-05-18,42.05,"), "{}", &csv[..200]);
    let back = post(&daemon, "import", csv).await;
    assert_eq!((back["added"].clone(), back["changed"].clone(), back["unchanged"].clone()), (json!(0), json!(0), json!(196 + 3270)));
}

/// RSS and time of large replies are bounded by what is read ahead, not by the reply.
#[tokio::test]
async fn a_large_batch_is_streamed() {
    let daemon = started("").await;
    let bars: Vec<String> = stocks().lines().filter(|l| l.starts_with("AAPL,")).map(str::to_owned).collect();
    for n in 0..100 {
        let text: String = bars.iter().map(|l| format!("S{n}{}\n", &l[4..])).collect();
        post(&daemon, "import", format!("{}\n{text}", stocks().lines().next().unwrap())).await;
    }
    let before = daemon.peak_memory();
    let symbols: Vec<String> = (0..100).map(|n| format!("S{n}")).collect();
    let body = json!({"symbols": symbols, "start_date": "2000-01-01", "end_date": "2013-12-31"});
    let (status, text) = call(&daemon, Method::POST, "read/batch", body.to_string()).await;
    assert_eq!((status, text.matches("\"time\"").count()), (StatusCode::OK, 100 * bars.len()));
    let grown = daemon.peak_memory().saturating_sub(before);
    assert!(grown < text.len() as u64 / 4, "{grown} bytes for a reply of {}", text.len());
}
