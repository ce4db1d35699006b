//! Host metrics at size: one batched request for many hosts beside the contract's one request for each, at ten in flight,
//! by the shipping daemon against a real node. `bench/es` starts the node and runs this; `cargo bench` without its endpoint
//! does nothing.

#![expect(clippy::print_stdout, reason = "a report for people")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on stops")]

#[path = "../tests/support/series.rs"]
mod series;

use jiff::Timestamp;
use serde_json::json;
use series::Form;
use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use syncline::client::{Client, RunQuery};
use syncline::wire::native::tasks::RunCreate;

const BULK: usize = 6 << 20;

#[tokio::main]
async fn main() {
    let Ok(endpoint) = std::env::var("SYNCLINE_BENCH_ES") else { return println!("run bench/es") };
    let number = |name: &str, usual: u32| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(usual);
    let (many, few, days) =
        (number("SYNCLINE_BENCH_HOSTS", 10_000), number("SYNCLINE_BENCH_SERIES", 200), number("SYNCLINE_BENCH_DAYS", 30));
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    compare(&http, &endpoint, "few", many, None).await;
    compare(&http, &endpoint, "full", few, Some(u16::try_from(days).unwrap())).await;
}

/// Fills an index and asks for its hosts in both forms.
async fn compare(http: &reqwest::Client, endpoint: &str, index: &str, count: u32, days: Option<u16>) {
    let begun = Instant::now();
    let documents = fill(http, endpoint, index, count, days).await;
    println!("\n{index}: {count} hosts, {documents} documents (indexed in {:.0} s)", begun.elapsed().as_secs_f64());
    // The first asking warms the node's caches for both alike.
    ask(endpoint, index, count, 500).await;
    let slow = ask(endpoint, index, count, 1).await;
    let fast = ask(endpoint, index, count, 500).await;
    for (form, Ran { seconds, requests, resident }) in [("one request per host", &slow), ("batched", &fast)] {
        let speed = f64::from(count) / seconds;
        println!("  {form:<22} {seconds:>8.2} s  {speed:>8.0} hosts/s  {requests:>6} requests  {resident:>4} MB resident at most");
    }
    let fewer = slow.requests / fast.requests.max(1);
    println!("  batched: {:.1} times as fast, {fewer} times fewer requests", slow.seconds / fast.seconds);
}

fn address(n: u32) -> Ipv4Addr {
    Ipv4Addr::from(0x0A00_0000 | n)
}

/// Full series over these days, or twelve points of the last hour.
async fn fill(http: &reqwest::Client, endpoint: &str, index: &str, count: u32, days: Option<u16>) -> u64 {
    let fields = json!({
        "@timestamp": {"type": "date"}, "hostIp": {"type": "ip"}, "hostName": {"type": "keyword"}, "group": {"type": "keyword"},
        "cpu": {"type": "double"}, "available_memory": {"type": "double"}, "total_disk_space_all": {"type": "double"},
    });
    // Without the cache of answers: the batched form asks the same twice here, which a real fleet's next day does not.
    let settings = json!({"number_of_shards": 2, "number_of_replicas": 0, "refresh_interval": "-1", "translog.durability": "async",
        "requests.cache.enable": false});
    let url = format!("{endpoint}/{index}");
    let made = http.put(&url).json(&json!({"settings": settings, "mappings": {"properties": fields}})).send().await.unwrap();
    assert!(made.status().is_success(), "{}", made.text().await.unwrap());
    let end = Timestamp::now().as_millisecond() - 60_000;
    let (mut documents, mut body) = (0, String::new());
    for n in 0..count {
        let ip = address(n).to_string();
        let mut take = |document: &serde_json::Value| {
            documents += 1;
            let _ = write!(body, "{{\"index\":{{}}}}\n{document}\n");
        };
        match days {
            Some(days) => {
                let [cpu, _, _] = series::host(u64::from(n), &ip, days, end, Form::Number, take);
                assert!(cpu.points() > 0 && cpu.avg() <= cpu.max, "the generator's own figures hold");
            }
            None => {
                // A day's series would be mostly thrown away: points of one value do for counting.
                for point in 0..12_i64 {
                    take(&json!({"@timestamp": end - point * 300_000, "hostIp": ip, "hostName": format!("h{n}"), "group": "DB组",
                        "cpu": f64::from(n % 100), "available_memory": 64.5, "total_disk_space_all": 500.0}));
                }
            }
        }
        if body.len() > BULK {
            bulk(http, &url, std::mem::take(&mut body)).await;
        }
    }
    if !body.is_empty() {
        bulk(http, &url, body).await;
    }
    http.post(format!("{url}/_refresh")).send().await.unwrap();
    documents
}

async fn bulk(http: &reqwest::Client, url: &str, body: String) {
    let reply = http.post(format!("{url}/_bulk")).header("content-type", "application/x-ndjson").body(body).send().await.unwrap();
    let text = reply.text().await.unwrap();
    assert!(text.contains("\"errors\":false"), "{}", &text[..text.len().min(500)]);
}

/// What a run over the whole pool took, and the most memory that its daemon had resident, in MB.
struct Ran {
    seconds: f64,
    requests: u64,
    resident: u64,
}

/// Has the shipping daemon ask for all hosts, in requests of this many.
async fn ask(endpoint: &str, index: &str, count: u32, batch: u32) -> Ran {
    let dir = tempfile::tempdir().unwrap();
    let settings = format!("[hosts]\nendpoint = '{endpoint}'\nindex_pattern = '{index}'\nbatch_hosts = {batch}\nin_flight = 10\n");
    let daemon = Daemon::start(dir.path(), &settings).await;
    let client = Client::new(&format!("http://{}", daemon.address), None, Duration::from_secs(60)).unwrap();
    let csv = (0..count).fold("host_ip,host_name\n".to_owned(), |csv, n| csv + &format!("{},h{n}\n", address(n)));
    client.import_hosts(csv, false).await.unwrap();
    let run = client.start_run(&RunCreate { name: "bench".into(), ..RunCreate::default() }).await.unwrap();
    let ended = loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let seen = client.runs(&RunQuery { limit: Some(1), ..RunQuery::default() }).await.unwrap().runs.remove(0);
        if seen.state != "running" {
            break seen;
        }
    };
    let hosts = ended.hosts.unwrap();
    assert_eq!((ended.number, ended.state.as_str(), hosts.updated), (run.number, "completed", u64::from(count)), "{}", ended.error);
    let time = |text: &str| text.parse::<Timestamp>().unwrap();
    let seconds = time(&ended.ended.unwrap()).duration_since(time(&ended.started)).as_secs_f64();
    Ran { seconds, requests: hosts.requests, resident: daemon.resident() }
}

/// The shipping binary on a folder of its own; it goes when this is dropped.
struct Daemon {
    child: Child,
    address: String,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Daemon {
    async fn start(dir: &Path, settings: &str) -> Self {
        let (config, data) = (dir.join("c.toml"), dir.join("data"));
        std::fs::write(&config, settings).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_syncline"))
            .args(["serve", "--listen", "127.0.0.1:0", "--config"])
            .arg(&config)
            .arg("--data-dir")
            .arg(&data)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut daemon = Self { child, address: String::new() };
        while daemon.address.is_empty() {
            assert!(daemon.child.try_wait().unwrap().is_none(), "the daemon does not start");
            tokio::time::sleep(Duration::from_millis(20)).await;
            let announced = std::fs::read_to_string(data.join("serve.addr")).unwrap_or_default();
            daemon.address = announced.lines().next().unwrap_or_default().to_owned();
        }
        daemon
    }

    fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or_default();
        peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() / 1024
    }
}
