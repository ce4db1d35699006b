//! Writing what was found: hosts that are new into the pool (full sync), figures to their hosts, a result for each.
//!
//! An inventory that does not answer fails the hosts of this batch and no others: the next batch tries again.

use super::{Batch, failure, result};
use crate::hosts::inventory::{Recorded, Sample};
use crate::hosts::query::Found;
use crate::hosts::{Error, Inventory, Kind, Report, Result};
use crate::model::hosts::{Host, HostFacts, HostFailure, HostMetrics, HostOutcome, HostResult};
use jiff::Timestamp;
use std::net::IpAddr;

pub(super) struct Writer<'a> {
    pub(super) inventory: &'a dyn Inventory,
    pub(super) report: &'a Report,
    /// The group of a full sync, which new hosts are put into.
    pub(super) group: Option<&'a str>,
}

/// A host with figures to write.
struct Ready {
    started: Timestamp,
    host: Host,
    new: bool,
    found: Found,
}

impl Writer<'_> {
    pub(super) async fn batches(&self, batches: Vec<Batch>) {
        let (mut ready, mut new) = (Vec::new(), Vec::new());
        let hosts = batches.into_iter().flat_map(|batch| batch.hosts.into_iter().map(move |asked| (batch.started, asked)));
        for (started, (target, figures)) in hosts {
            match (judge(figures), target.host) {
                (Judged::Write(found), Some(host)) => ready.push(Ready { started, host, new: false, found }),
                (Judged::Write(found), None) => new.push((started, target.ip, found)),
                (Judged::Over(outcome, metrics), host) => self.tell(started, target.ip, host, outcome, metrics).await,
            }
        }
        if !new.is_empty() {
            ready.extend(self.register(new).await);
        }
        if !ready.is_empty() {
            self.record(ready).await;
        }
    }

    async fn tell(&self, started: Timestamp, ip: IpAddr, host: Option<Host>, outcome: HostOutcome, metrics: HostMetrics) {
        let name = host.map_or_else(String::new, |h| h.facts.name);
        self.report.host(result(ip.to_string(), name, started, outcome, metrics)).await;
    }

    /// Puts hosts into the pool, and tells of those where that failed.
    async fn register(&self, new: Vec<(Timestamp, IpAddr, Found)>) -> Vec<Ready> {
        let group = self.group.unwrap_or_default();
        let facts = |found: &Found| HostFacts { name: found.name.clone(), group: group.to_owned(), ..HostFacts::default() };
        let hosts: Vec<(IpAddr, HostFacts)> = new.iter().map(|(_, ip, found)| (*ip, facts(found))).collect();
        let outcome = twice(|| self.inventory.register(&hosts)).await;
        let outcomes = match outcome {
            Ok(outcomes) => outcomes.into_iter().map(|o| o.map_err(|e| failure(&e))).collect(),
            Err(error) => vec![Err(failure(&error)); new.len()],
        };
        let mut ready = Vec::with_capacity(new.len());
        for ((started, ip, found), outcome) in new.into_iter().zip(outcomes) {
            match outcome {
                Ok((host, new)) => ready.push(Ready { started, host, new, found }),
                Err(failed) => {
                    let result = result(ip.to_string(), found.name, started, HostOutcome::Failed(failed), found.metrics);
                    self.report.host(result).await;
                }
            }
        }
        ready
    }

    async fn record(&self, ready: Vec<Ready>) {
        let samples: Vec<Sample> =
            ready.iter().map(|r| Sample { pool_id: r.host.id, ip: r.host.ip, metrics: r.found.metrics.clone() }).collect();
        let outcome = twice(|| self.inventory.record(&samples)).await;
        let outcomes: Vec<Result<Recorded, HostFailure>> = match outcome {
            Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
            Err(error) => ready.iter().map(|_| Err(failure(&error))).collect(),
        };
        for (ready, outcome) in ready.into_iter().zip(outcomes) {
            let Ready { started, host, new, found } = ready;
            let outcome = match outcome {
                Ok(Recorded::Written) if new => HostOutcome::Inserted,
                Ok(Recorded::Written) => HostOutcome::Updated,
                Ok(Recorded::Gone) => HostOutcome::NotInPool,
                Ok(Recorded::Refused(error)) => HostOutcome::Failed(failure(&error)),
                Err(failed) => HostOutcome::Failed(failed),
            };
            let name = if host.facts.name.is_empty() { found.name } else { host.facts.name };
            let note = missing_values(&found.metrics);
            let note = if outcome.is_success() && !note.is_empty() { format!("no values of {}", note.join(", ")) } else { String::new() };
            self.report.host(HostResult { note, ..result(host.ip.to_string(), name, started, outcome, found.metrics) }).await;
        }
    }
}

/// What there is to do about a host's figures.
enum Judged {
    Write(Found),
    /// Nothing to write: a result already.
    Over(HostOutcome, HostMetrics),
}

/// Lets through what has at least one value.
fn judge(figures: Result<Option<Found>, HostFailure>) -> Judged {
    match figures {
        Err(failed) => Judged::Over(HostOutcome::Failed(failed), HostMetrics::default()),
        Ok(None) => Judged::Over(HostOutcome::NoData, HostMetrics::default()),
        Ok(Some(found)) if missing_values(&found.metrics).len() == 3 => {
            let message = format!("{} documents, and no number in any of the three metric fields", found.metrics.points);
            Judged::Over(HostOutcome::Failed(HostFailure { code: "es_no_values", message }), found.metrics)
        }
        Ok(Some(found)) => Judged::Write(found),
    }
}

fn missing_values(metrics: &HostMetrics) -> Vec<&'static str> {
    let HostMetrics { cpu, memory, disk, points: _ } = metrics;
    [("cpu", cpu), ("memory", memory), ("disk", disk)].into_iter().filter(|(_, m)| m.max.is_none()).map(|(name, _)| name).collect()
}

/// Once more after a failure that may pass: a pooled connection may have been closed meanwhile. Writing twice ends like
/// writing once.
async fn twice<T, W: Future<Output = Result<T>>>(work: impl Fn() -> W) -> Result<T, Error> {
    match work().await {
        Err(error) if error.kind == Kind::Transient => work().await,
        other => other,
    }
}
