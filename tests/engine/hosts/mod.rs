//! Host metrics: the engine against a scripted Elasticsearch, against real nodes, and both inventories.

mod clusters;
mod faults;
mod full_sync;
mod inventory;
mod nodes;
mod outage;
mod run;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use syncline::hosts::inventory::SqliteInventory;
use syncline::hosts::{self, Inventory, Limits, Outcome, Report, Run, Settings};
use syncline::model::hosts::{HostFacts, HostMetricsSpec, HostOutcome, HostResult, HostSelection, QueryRange};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// An embedded inventory with these hosts, and the folder that it lives as long as.
pub(super) async fn pool(addresses: &[String]) -> (Arc<dyn Inventory>, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let inventory = SqliteInventory::open(&dir.path().join("hosts.sqlite")).unwrap();
    let named = |ip: &String| (ip.parse().unwrap(), HostFacts { name: format!("pool-{ip}"), ..HostFacts::default() });
    let hosts: Vec<(IpAddr, HostFacts)> = addresses.iter().map(named).collect();
    inventory.import(&hosts).await.unwrap();
    (Arc::new(inventory), dir)
}

pub(super) fn addresses(count: u32) -> Vec<String> {
    (0..count).map(|n| format!("10.{}.{}.{}", n >> 16, n >> 8 & 255, n & 255)).collect()
}

pub(super) fn settings(endpoint: &str) -> Settings {
    Settings {
        endpoint: Some(endpoint.to_owned()),
        index_pattern: Some("c1:zabbix-*".into()),
        limits: Limits { request: Duration::from_secs(20), ..Limits::default() },
        ..Settings::default()
    }
}

pub(super) fn spec(selection: HostSelection) -> HostMetricsSpec {
    HostMetricsSpec { endpoint: None, style: None, index_pattern: None, range: QueryRange::default(), selection }
}

pub(super) fn list(addresses: &[String]) -> HostSelection {
    HostSelection::List(addresses.iter().map(|a| a.parse().unwrap()).collect())
}

/// A run that ended: how, and what it told of each host.
pub(super) struct Ended {
    pub(super) outcome: hosts::Result<Outcome>,
    pub(super) results: Vec<HostResult>,
}

impl Ended {
    pub(super) fn counts(&self) -> (u64, u64, u64, u64) {
        let c = self.outcome.as_ref().unwrap().counts;
        assert_eq!(c.total, c.done(), "every host has a result: {c:?}");
        assert_eq!(c.total, self.results.len() as u64, "{c:?}");
        (c.total, c.success(), c.failed, c.not_in_pool)
    }
    pub(super) fn of(&self, ip: &str) -> &HostResult {
        let mut found = self.results.iter().filter(|r| r.ip == ip);
        let one = found.next().unwrap_or_else(|| panic!("no result of {ip}"));
        assert!(found.next().is_none(), "{ip} has two results");
        one
    }
    /// The code of a host's failure, or how else it ended.
    pub(super) fn word(&self, ip: &str) -> &'static str {
        match &self.of(ip).outcome {
            HostOutcome::Failed(failure) => failure.code,
            HostOutcome::Inserted => "inserted",
            HostOutcome::Updated => "updated",
            HostOutcome::NoData => "no_data",
            HostOutcome::NotInPool => "not_in_pool",
        }
    }
}

pub(super) async fn run(settings: &Settings, selection: HostSelection, inventory: &Arc<dyn Inventory>) -> Ended {
    run_until(settings, selection, inventory, CancellationToken::new()).await
}

pub(super) async fn run_until(
    settings: &Settings,
    selection: HostSelection,
    inventory: &Arc<dyn Inventory>,
    cancel: CancellationToken,
) -> Ended {
    let plan = settings.plan(&spec(selection)).unwrap();
    let (host, port) = plan.source.server();
    let addresses: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await.unwrap().collect();
    let (report, _counts, mut heard) = Report::new();
    let run = hosts::run(Run { plan, addresses, inventory: Arc::clone(inventory), report, cancel });
    let listen = async {
        let mut results = Vec::new();
        while let Some(result) = heard.recv().await {
            results.push(result);
        }
        results
    };
    let (outcome, results) = tokio::join!(run, listen);
    Ended { outcome, results }
}
