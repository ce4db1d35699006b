//! Real nodes: what a run makes of a month of real documents is what the documents say.

use super::{addresses, pool, run, settings};
use crate::support::elastic::{self, Node, line};
use crate::support::series::{self, Expected, Form};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::net::SocketAddr;
use syncline::hosts::{self, Fields, Limits, MetricField, Settings};
use syncline::model::hosts::{HostSelection, Measure, QueryRange};

/// Explicit types, as a well-kept index has them.
pub(super) fn typed() -> Value {
    json!({
        "@timestamp": {"type": "date"}, "hostIp": {"type": "ip"}, "hostName": {"type": "keyword"}, "group": {"type": "keyword"},
        "cpu": {"type": "double"}, "available_memory": {"type": "double"}, "total_disk_space_all": {"type": "double"},
    })
}

/// What dynamic mapping makes of everything but the time: texts with `.keyword`.
fn dynamic() -> Value {
    json!({"@timestamp": {"type": "date"}})
}

/// Writes the series of these hosts; returns what is expected of each.
pub(super) async fn fill(node: &Node, index: &str, ips: &[String], days: u16, form: Form) -> Vec<[Expected; 3]> {
    let end = Timestamp::now().as_millisecond() - 60_000;
    let (mut all, mut body) = (Vec::new(), String::new());
    for (number, ip) in (0..).zip(ips) {
        all.push(series::host(number, ip, days, end, form, |document| line(&mut body, document)));
        if body.len() > 8 << 20 {
            node.bulk(index, std::mem::take(&mut body)).await;
        }
    }
    if !body.is_empty() {
        node.bulk(index, body).await;
    }
    node.refresh(index).await;
    all
}

pub(super) fn at(node: &Node, pattern: &str) -> Settings {
    Settings { index_pattern: Some(pattern.into()), ..settings(&node.endpoint()) }
}

fn close(measure: Measure, expected: &Expected) -> bool {
    // Dynamic mapping keeps numbers as floats of 32 bits.
    let near = |a: Option<f64>, b: f64| a.is_some_and(|a| (a - b).abs() <= 1e-6 * b.max(1.0));
    near(measure.max, expected.max) && near(measure.avg, expected.avg())
}

/// Both forms of asking give what the documents say.
pub(super) async fn agrees(settings: &Settings, ips: &[String], expected: &[[Expected; 3]]) {
    let (inventory, _dir) = pool(ips).await;
    for batch in [1, 500] {
        let settings = Settings { limits: Limits { batch, ..settings.limits }, ..settings.clone() };
        let ended = run(&settings, HostSelection::Pool, &inventory).await;
        let count = ips.len() as u64;
        assert_eq!(ended.counts(), (count, count, 0, 0), "{:?}", ended.results[0]);
        for (ip, [cpu, memory, disk]) in ips.iter().zip(expected) {
            let metrics = &ended.of(ip).metrics;
            assert_eq!(metrics.points, cpu.points(), "{ip}");
            assert!(
                close(metrics.cpu, cpu) && close(metrics.memory, memory) && close(metrics.disk, disk),
                "{ip}: {metrics:?} {expected:?}"
            );
            let (_, written) = inventory.find(ip.parse().unwrap()).await.unwrap().unwrap();
            assert_eq!((written.cpu_load, written.total_disk), (metrics.cpu.max, metrics.disk.max));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_of_twenty_hosts_is_summed_up_exactly() {
    let Some(node) = elastic::opensearch() else { return };
    node.index("month-1", typed()).await;
    let ips = addresses(20);
    // 30 days and a minute ago is outside of the range: the documents begin five minutes later.
    let expected = fill(node, "month-1", &ips, 30, Form::Number).await;
    assert!(expected.iter().all(|e| e[0].points() > 8000), "a month has 8640 points, less the gaps");
    agrees(&at(node, "month-*"), &ips, &expected).await;
}

fn objects() -> Fields {
    let object = |name: &str| MetricField { max: format!("{name}.value_max"), avg: format!("{name}.value_avg") };
    Fields { cpu: object("cpu"), memory: object("available_memory"), disk: object("total_disk_space_all"), ..Fields::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn object_shaped_metrics_with_dynamic_mapping_are_read_on_both_servers() {
    for (node, name) in [(elastic::opensearch(), "o"), (elastic::elasticsearch(), "e")] {
        let Some(node) = node else { continue };
        let index = format!("objects-{name}");
        node.index(&index, dynamic()).await;
        let mut ips = addresses(5);
        ips.push("2001:db8::7".into());
        let expected = fill(node, &index, &ips, 2, Form::Object).await;
        let settings = Settings { fields: objects(), ..at(node, "objects-*") };
        agrees(&settings, &ips, &expected).await;
        // Full sync finds them, names included, though host and name are texts here.
        let (inventory, _dir) = pool(&ips[..1]).await;
        let ended = run(&settings, HostSelection::FullSync { group: None }, &inventory).await;
        assert_eq!(ended.counts(), (6, 6, 0, 0), "{:?}", ended.results);
        assert_eq!(
            (ended.word(&ips[0]), ended.word("2001:db8::7"), ended.of("2001:db8::7").name.as_str()),
            ("updated", "inserted", "db-server-005")
        );
        // Asked as numbers, objects have no value: that is not "no data".
        let (inventory, _dir) = pool(&ips).await;
        let ended = run(&at(node, "objects-*"), HostSelection::Pool, &inventory).await;
        assert_eq!((ended.counts(), ended.word(&ips[0])), ((6, 0, 6, 0), "es_no_values"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn real_servers_refusals_are_told_apart_from_no_data() {
    for (node, name) in [(elastic::opensearch(), "o"), (elastic::elasticsearch(), "e")] {
        let Some(node) = node else { continue };
        let index = format!("refusals-{name}");
        node.index(&index, typed()).await;
        let ips = addresses(3);
        fill(node, &index, &ips[..2], 1, Form::Number).await;
        let (inventory, _dir) = pool(&ips).await;
        let word = async |settings: &Settings| run(settings, HostSelection::Pool, &inventory).await.word(&ips[2]);
        assert_eq!(word(&at(node, "refusals-*")).await, "no_data");
        assert_eq!(word(&at(node, "nothing-like-this-*")).await, "es_no_index");
        assert_eq!(word(&at(node, "nothing-like-this")).await, "es_no_index");
        let ended = run(&at(node, "no-such-cluster:refusals-*"), HostSelection::Pool, &inventory).await;
        assert!(["es_no_index", "es_refused", "es_partial"].contains(&ended.word(&ips[0])), "{:?}", ended.results[0]);
        let mut other = at(node, "refusals-*");
        other.fields.ip = "host.address".into();
        assert_eq!(word(&other).await, "es_no_field");
        let mut untimed = at(node, "refusals-*");
        untimed.fields.time = "timestamp".into();
        assert_eq!(word(&untimed).await, "es_no_field");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_says_what_is_behind_an_endpoint_and_which_field_to_name() {
    for (node, name) in [(elastic::opensearch(), "opensearch 2."), (elastic::elasticsearch(), "elasticsearch 7.17")] {
        let Some(node) = node else { continue };
        let index = format!("check-{}", &name[..1]);
        node.index(&index, dynamic()).await;
        let ips = addresses(2);
        let expected = fill(node, &index, &ips, 1, Form::Object).await;
        let source = at(node, &index).source(None, None, None).unwrap();
        let (host, port) = source.server();
        let addresses: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await.unwrap().collect();
        let checked = hosts::check::check(&source, &addresses).await.unwrap();
        assert!(checked.version.as_ref().unwrap().starts_with(name), "{checked:?}");
        assert_eq!((checked.shards, checked.documents), (Some(2), Some(expected.iter().map(|e| e[0].points()).sum())));
        assert!(checked.newest.unwrap() > checked.oldest.unwrap());
        let fields = hosts::check::fields(&source, &addresses, QueryRange::default()).await.unwrap();
        let role = |role: &str| fields.expected.iter().find(|e| e.role == role).unwrap();
        assert_eq!(role("cpu").suggestion.as_deref(), Some("cpu.value_max"));
        assert_eq!(role("ip").suggestion.as_deref(), Some("hostIp.keyword"));
        assert_eq!((role("group").suggestion.as_deref(), role("group").documents), (None, fields.documents));
        let cpu = fields.present.iter().find(|p| p.path == "cpu.value_avg").unwrap();
        assert_eq!(cpu.types, ["float"]);
        assert!(cpu.sample.parse::<f64>().is_ok(), "{cpu:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_beyond_ten_thousand_is_found_whole_on_both_servers() {
    const HOSTS: u32 = 10_500;
    for (node, name) in [(elastic::opensearch(), "o"), (elastic::elasticsearch(), "e")] {
        let Some(node) = node else { continue };
        let index = format!("fleet-{name}");
        node.index(&index, typed()).await;
        let (mut body, time) = (String::new(), Timestamp::now().as_millisecond() - 60_000);
        for (n, ip) in addresses(HOSTS).iter().enumerate() {
            let cpu = n % 100;
            line(
                &mut body,
                &json!({"@timestamp": time, "hostIp": ip, "hostName": format!("h{n}"), "group": "DB组", "cpu": cpu,
                "available_memory": 1, "total_disk_space_all": 2}),
            );
        }
        node.bulk(&index, body).await;
        node.refresh(&index).await;
        let (inventory, _dir) = pool(&[]).await;
        let ended = run(&at(node, "fleet-*"), HostSelection::FullSync { group: None }, &inventory).await;
        let all = u64::from(HOSTS);
        assert_eq!(ended.counts(), (all, all, 0, 0));
        assert_eq!(ended.of("10.0.41.3").metrics.cpu.max, Some(99.0));
        assert!(ended.outcome.unwrap().counts.requests < 50, "pages, probes of the fields, and batches of 500");
    }
}
