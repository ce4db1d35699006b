//! What goes wrong is told of the host that it went wrong for, and never as "no data".

use super::{addresses, list, pool, run, settings};
use crate::support::scripted::{Asked, Fleet, Reply, Scripted};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use syncline::hosts::inventory::{HostFilter, Imported, Pool, Recorded, Sample};
use syncline::hosts::{Error, Inventory, Limits, Result, Settings};
use syncline::model::hosts::{Host, HostChange, HostFacts, HostResources, HostSelection};

fn partial(kind: &str) -> Value {
    json!({"_shards": {"total": 3, "successful": 2, "failed": 1, "failures": [{"reason": {"type": kind}}]}})
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_host_fails_alone_whatever_is_wrong_with_it() {
    const BAD: &str = "10.0.0.13";
    let error = json!({"error": {"type": "x_exception", "reason": "boom"}, "status": 500}).to_string();
    let faults = [
        (Reply::TruthWith(json!({"timed_out": true})), "es_timeout"),
        (Reply::TruthWith(partial("script_exception")), "es_partial"),
        (Reply::TruthWith(json!({"_clusters": {"total": 2, "successful": 1, "skipped": 1}})), "es_partial"),
        (Reply::Status(200, "", error.clone()), "es_failed"),
        (Reply::Status(500, "", error), "es_failed"),
        (Reply::Status(400, "", json!({"error": {"type": "too_many_clauses"}}).to_string()), "es_refused"),
        (Reply::Status(200, "", "{\"took\": 1, \"hits\": {".into()), "es_bad_answer"),
        (Reply::Status(200, "", "<html>hello</html>".into()), "es_bad_answer"),
        (Reply::Status(200, "", " ".repeat(300_000)), "es_too_large"),
        (Reply::Status(413, "", String::new()), "es_too_large"),
        (Reply::Drip, "es_timeout"),
        (Reply::Silence, "es_timeout"),
        (Reply::Reset, "es_connection_lost"),
    ];
    let ips = addresses(20);
    let mut tests = tokio::task::JoinSet::new();
    for (fault, code) in faults {
        let ips = ips.clone();
        tests.spawn(async move {
            let wrong = fault.clone();
            let script = move |_, asked: &Asked| if asked.about(BAD) { wrong.clone() } else { Reply::Truth };
            let server = Scripted::start(Fleet::of(ips.clone()), script).await;
            let (inventory, _dir) = pool(&ips).await;
            let limits = Limits { request: Duration::from_secs(1), response_bytes: 200_000, ..Limits::default() };
            let ended = run(&Settings { limits, ..settings(&server.endpoint()) }, HostSelection::Pool, &inventory).await;
            assert_eq!(ended.counts(), (20, 19, 1, 0), "{fault:?}");
            assert_eq!(ended.word(BAD), code, "{fault:?}");
            assert_eq!(ended.of(BAD).metrics.points, 0);
        });
    }
    while let Some(done) = tests.join_next().await {
        done.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_server_is_asked_again_when_it_says() {
    let ips = addresses(3);
    for (first, least) in [
        (Reply::Status(429, "retry-after: 1\r\n", "{}".into()), Duration::from_secs(1)),
        (Reply::Status(503, "", "busy".into()), Duration::from_millis(50)),
        (Reply::Status(502, "retry-after: 0\r\n", String::new()), Duration::ZERO),
        (Reply::TruthWith(partial("es_rejected_execution_exception")), Duration::from_millis(50)),
        (Reply::Reset, Duration::from_millis(50)),
    ] {
        let shown = format!("{first:?}");
        let server = Scripted::start(Fleet::of(ips.clone()), move |n, _| if n < 2 { first.clone() } else { Reply::Truth }).await;
        let (inventory, _dir) = pool(&ips).await;
        let begun = Instant::now();
        let ended = run(&settings(&server.endpoint()), HostSelection::Pool, &inventory).await;
        assert_eq!(ended.counts(), (3, 3, 0, 0), "{shown}");
        let counts = ended.outcome.as_ref().unwrap().counts;
        assert_eq!((counts.requests, counts.retries), (3, 2), "{shown}");
        assert!(begun.elapsed() >= 2 * least, "{shown}: {:?}", begun.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_fails_at_everything_is_given_up() {
    let ips = addresses(2000);
    let server = Scripted::start(Fleet::of(ips.clone()), |_, _| Reply::Status(500, "", "{}".into())).await;
    let (inventory, _dir) = pool(&ips).await;
    let ended = run(&settings(&server.endpoint()), HostSelection::Pool, &inventory).await;
    assert_eq!(ended.counts(), (2000, 0, 2000, 0));
    assert!(server.asked().len() < 100, "{}", server.asked().len());
    assert!(ended.results.iter().all(|r| ended.word(&r.ip) == "es_failed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_for_all_is_asked_once() {
    let ips = addresses(1200);
    let missing = json!({"error": {"type": "index_not_found_exception", "reason": "no such index [x]"}, "status": 404}).to_string();
    for (reply, code) in [
        (Reply::Status(404, "", missing), "es_no_index"),
        (Reply::TruthWith(json!({"_shards": {"total": 0, "successful": 0, "failed": 0}})), "es_no_index"),
        (Reply::Status(401, "", String::new()), "es_denied"),
        (Reply::Status(404, "", "nothing here".into()), "es_not_found"),
        (Reply::Status(302, "location: http://169.254.169.254/\r\n", String::new()), "es_redirect"),
    ] {
        let server = Scripted::start(Fleet::of(ips.clone()), move |_, _| reply.clone()).await;
        let (inventory, _dir) = pool(&ips).await;
        let ended = run(&settings(&server.endpoint()), HostSelection::Pool, &inventory).await;
        assert_eq!(ended.counts(), (1200, 0, 1200, 0), "{code}");
        assert!(ended.results.iter().all(|r| ended.word(&r.ip) == code), "{code}");
        assert!(server.asked().len() <= 3, "{code}: {}", server.asked().len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_fails_every_host_and_soon() {
    let ips = addresses(5);
    let (inventory, _dir) = pool(&ips).await;
    let gone = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let begun = Instant::now();
    let ended = run(&settings(&format!("http://127.0.0.1:{gone}")), HostSelection::Pool, &inventory).await;
    assert_eq!(ended.counts(), (5, 0, 5, 0));
    assert_eq!(ended.word("10.0.0.0"), "es_unreachable");
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_not_there_is_no_missing_data() {
    let ips = addresses(3);
    let (inventory, _dir) = pool(&ips).await;
    // Mapped as text: its exact values are below .keyword.
    let text = Fleet { ip_field: "hostIp.keyword", text_field: Some("hostIp"), ..Fleet::of(ips.clone()) };
    let server = Scripted::start(text, |_, _| Reply::Truth).await;
    assert_eq!(run(&settings(&server.endpoint()), HostSelection::Pool, &inventory).await.counts(), (3, 3, 0, 0));
    // Configured as .keyword, and there is none: a filter on it matches nothing.
    let server = Scripted::start(Fleet::of(ips.clone()), |_, _| Reply::Truth).await;
    let mut keyword = settings(&server.endpoint());
    keyword.fields.ip = "hostIp.keyword".into();
    assert_eq!(run(&keyword, HostSelection::Pool, &inventory).await.counts(), (3, 3, 0, 0));
    // Called something else.
    let other = Fleet { ip_field: "host.ip", ..Fleet::of(ips.clone()) };
    let server = Scripted::start(other, |_, _| Reply::Truth).await;
    let ended = run(&settings(&server.endpoint()), HostSelection::Pool, &inventory).await;
    assert_eq!((ended.counts(), ended.word("10.0.0.1")), ((3, 0, 3, 0), "es_no_field"));
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_without_a_number_are_no_missing_data_either() {
    let ips = addresses(2);
    let (inventory, _dir) = pool(&ips).await;
    let mut fleet = Fleet::of(ips.clone());
    fleet.hosts.get_mut("10.0.0.1").unwrap().cpu = None;
    let server = Scripted::start(fleet, |_, _| Reply::Truth).await;
    let ended = run(&settings(&server.endpoint()), list(&ips), &inventory).await;
    assert_eq!((ended.word("10.0.0.0"), ended.word("10.0.0.1")), ("updated", "es_no_values"));
    assert_eq!(ended.of("10.0.0.1").metrics.points, 8640);
}

/// An inventory that stops answering after some batches.
struct Failing {
    inner: Arc<dyn Inventory>,
    good: usize,
    calls: AtomicUsize,
}

#[async_trait]
impl Inventory for Failing {
    fn place(&self) -> String {
        "failing".into()
    }
    async fn check(&self) -> Result<()> {
        self.inner.check().await
    }
    async fn list(&self, filter: &HostFilter) -> Result<Vec<(Host, HostResources)>> {
        self.inner.list(filter).await
    }
    async fn pool(&self) -> Result<Pool> {
        self.inner.pool().await
    }
    async fn get(&self, id: u64) -> Result<(Host, HostResources)> {
        self.inner.get(id).await
    }
    async fn find(&self, ip: IpAddr) -> Result<Option<(Host, HostResources)>> {
        self.inner.find(ip).await
    }
    async fn add(&self, ip: IpAddr, facts: &HostFacts) -> Result<Host> {
        self.inner.add(ip, facts).await
    }
    async fn update(&self, id: u64, change: &HostChange) -> Result<Host> {
        self.inner.update(id, change).await
    }
    async fn remove(&self, id: u64) -> Result<()> {
        self.inner.remove(id).await
    }
    async fn import(&self, hosts: &[(IpAddr, HostFacts)]) -> Result<Imported> {
        self.inner.import(hosts).await
    }
    async fn register(&self, hosts: &[(IpAddr, HostFacts)]) -> Result<Vec<Result<(Host, bool)>>> {
        self.inner.register(hosts).await
    }
    async fn record(&self, samples: &[Sample]) -> Result<Vec<Recorded>> {
        if self.calls.fetch_add(1, Ordering::SeqCst) >= self.good {
            return Err(Error::transient("inventory_unreachable", "the database has gone away"));
        }
        self.inner.record(samples).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inventory_that_goes_away_fails_the_hosts_that_are_left() {
    let ips = addresses(40);
    let server = Scripted::start(Fleet::of(ips.clone()), |_, _| Reply::Truth).await;
    let (inner, _dir) = pool(&ips).await;
    let inventory: Arc<dyn Inventory> = Arc::new(Failing { inner: Arc::clone(&inner), good: 2, calls: AtomicUsize::new(0) });
    let limits = Limits { batch: 10, in_flight: 1, ..Limits::default() };
    let ended = run(&Settings { limits, ..settings(&server.endpoint()) }, HostSelection::Pool, &inventory).await;
    assert_eq!(ended.counts(), (40, 20, 20, 0));
    assert_eq!((ended.word("10.0.0.0"), ended.word("10.0.0.39")), ("updated", "inventory_unreachable"));
    let written = inner.list(&HostFilter::default()).await.unwrap().iter().filter(|(_, r)| r.cpu_load.is_some()).count();
    assert_eq!(written, 20, "what is told is what is written");
}
