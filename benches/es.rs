//! Host metrics at size: one batched request for many hosts beside the contract's one request for each, at ten in flight,
//! against a real node. `bench/es` starts the node and runs this; `cargo bench` without its endpoint does nothing.

#![expect(clippy::print_stdout, reason = "a report for people")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on stops")]

#[path = "../tests/support/series.rs"]
mod series;

use serde_json::json;
use series::Form;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use syncline::hosts::inventory::SqliteInventory;
use syncline::hosts::{self, Inventory, Limits, Report, Run, Settings};
use syncline::model::hosts::{HostCounts, HostFacts, HostMetricsSpec, HostSelection, QueryRange};
use tokio_util::sync::CancellationToken;

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
    println!("{}", peak());
}

/// Fills an index and asks for its hosts in both forms.
async fn compare(http: &reqwest::Client, endpoint: &str, index: &str, count: u32, days: Option<u16>) {
    let begun = Instant::now();
    let documents = fill(http, endpoint, index, count, days).await;
    println!("\n{index}: {count} hosts, {documents} documents (indexed in {:.0} s)", begun.elapsed().as_secs_f64());
    let mut figures = Vec::new();
    for (form, batch) in [("one request per host", 1), ("batched", 500)] {
        // The first asking warms the node's caches for both alike.
        let (_, _) = ask(endpoint, index, count, 500).await;
        let (counts, took) = ask(endpoint, index, count, batch).await;
        assert_eq!((counts.total, counts.success()), (u64::from(count), u64::from(count)), "{counts:?}");
        let seconds = took.as_secs_f64();
        println!("  {form:<22} {seconds:>8.2} s  {:>8.0} hosts/s  {:>6} requests", f64::from(count) / seconds, counts.requests);
        figures.push((seconds, counts.requests));
    }
    let [(slow, more), (fast, less)] = figures[..] else { return };
    println!(
        "  batched: {:.1} times as fast, {:.0} times fewer requests",
        slow / fast,
        f64::from(u32::try_from(more).unwrap()) / f64::from(u32::try_from(less).unwrap())
    );
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
    let settings = json!({"number_of_shards": 2, "number_of_replicas": 0, "refresh_interval": "-1", "translog.durability": "async"});
    let url = format!("{endpoint}/{index}");
    let made = http.put(&url).json(&json!({"settings": settings, "mappings": {"properties": fields}})).send().await.unwrap();
    assert!(made.status().is_success(), "{}", made.text().await.unwrap());
    let end = jiff::Timestamp::now().as_millisecond() - 60_000;
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
    bulk(http, &url, body).await;
    http.post(format!("{url}/_refresh")).send().await.unwrap();
    documents
}

async fn bulk(http: &reqwest::Client, url: &str, body: String) {
    let reply = http.post(format!("{url}/_bulk")).header("content-type", "application/x-ndjson").body(body).send().await.unwrap();
    let text = reply.text().await.unwrap();
    assert!(text.contains("\"errors\":false"), "{}", &text[..text.len().min(500)]);
}

async fn ask(endpoint: &str, index: &str, count: u32, batch: usize) -> (HostCounts, Duration) {
    let dir = tempfile::tempdir().unwrap();
    let inventory = SqliteInventory::open(&dir.path().join("hosts.sqlite")).unwrap();
    let named = |n: u32| (IpAddr::V4(address(n)), HostFacts { name: format!("h{n}"), ..HostFacts::default() });
    inventory.import(&(0..count).map(named).collect::<Vec<_>>()).await.unwrap();
    let inventory: Arc<dyn Inventory> = Arc::new(inventory);
    let settings = Settings {
        endpoint: Some(endpoint.to_owned()),
        index_pattern: Some(index.to_owned()),
        limits: Limits { batch, ..Limits::default() },
        ..Settings::default()
    };
    let spec =
        HostMetricsSpec { endpoint: None, style: None, index_pattern: None, range: QueryRange::default(), selection: HostSelection::Pool };
    let plan = settings.plan(&spec).unwrap();
    let (host, port) = plan.source.server();
    let addresses = tokio::net::lookup_host((host, port)).await.unwrap().collect();
    let (report, _counts, mut results) = Report::new();
    let listen = async { while results.recv().await.is_some() {} };
    let begun = Instant::now();
    let (outcome, ()) = tokio::join!(hosts::run(Run { plan, addresses, inventory, report, cancel: CancellationToken::new() }), listen);
    (outcome.unwrap().counts, begun.elapsed())
}

/// The most memory that this process had, the generator's bulk bodies included.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or("VmHWM: unknown");
    format!("\nlargest resident size of this process: {}", line.trim_start_matches("VmHWM:").trim())
}
