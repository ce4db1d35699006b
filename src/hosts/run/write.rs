//! Writing what was found: hosts that are new into the pool (full sync), figures to their hosts, a result for each.
//!
//! An inventory that does not answer fails the hosts of this batch and no others: the next batch tries again.

use super::{Batch, Target, failure, result};
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
    host: Host,
    new: bool,
    found: Found,
}

impl Writer<'_> {
    pub(super) async fn batch(&self, batch: Batch) {
        let started = batch.started;
        let (mut known, mut new) = (Vec::new(), Vec::new());
        for (target, figures) in batch.hosts {
            match with_values(figures) {
                Ok(found) => match target.host {
                    Some(host) => known.push(Ready { host, new: false, found }),
                    None => new.push((target.ip, found)),
                },
                Err(outcome) => self.tell(started, &target, outcome.0, outcome.1).await,
            }
        }
        let mut ready = known;
        if !new.is_empty() {
            ready.extend(self.register(started, new).await);
        }
        if !ready.is_empty() {
            self.record(started, ready).await;
        }
    }

    async fn tell(&self, started: Timestamp, target: &Target, outcome: HostOutcome, metrics: HostMetrics) {
        let name = target.host.as_ref().map_or_else(String::new, |h| h.facts.name.clone());
        self.report.host(result(target.ip.to_string(), name, started, outcome, metrics)).await;
    }

    /// Puts hosts into the pool, and tells of those where that failed.
    async fn register(&self, started: Timestamp, new: Vec<(IpAddr, Found)>) -> Vec<Ready> {
        let group = self.group.unwrap_or_default();
        let facts = |found: &Found| HostFacts { name: found.name.clone(), group: group.to_owned(), ..HostFacts::default() };
        let hosts: Vec<(IpAddr, HostFacts)> = new.iter().map(|(ip, found)| (*ip, facts(found))).collect();
        let outcome = twice(|| self.inventory.register(&hosts)).await;
        let outcomes = match outcome {
            Ok(outcomes) => outcomes.into_iter().map(|o| o.map_err(|e| failure(&e))).collect(),
            Err(error) => vec![Err(failure(&error)); new.len()],
        };
        let mut ready = Vec::with_capacity(new.len());
        for ((ip, found), outcome) in new.into_iter().zip(outcomes) {
            match outcome {
                Ok((host, new)) => ready.push(Ready { host, new, found }),
                Err(failed) => {
                    let result = result(ip.to_string(), found.name, started, HostOutcome::Failed(failed), found.metrics);
                    self.report.host(result).await;
                }
            }
        }
        ready
    }

    async fn record(&self, started: Timestamp, ready: Vec<Ready>) {
        let samples: Vec<Sample> =
            ready.iter().map(|r| Sample { pool_id: r.host.id, ip: r.host.ip, metrics: r.found.metrics.clone() }).collect();
        let outcome = twice(|| self.inventory.record(&samples)).await;
        let outcomes: Vec<Result<Recorded, HostFailure>> = match outcome {
            Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
            Err(error) => ready.iter().map(|_| Err(failure(&error))).collect(),
        };
        for (ready, outcome) in ready.into_iter().zip(outcomes) {
            let Ready { host, new, found } = ready;
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

/// Lets through what has at least one value; all else is a result already.
fn with_values(figures: Result<Option<Found>, HostFailure>) -> Result<Found, (HostOutcome, HostMetrics)> {
    match figures {
        Err(failed) => Err((HostOutcome::Failed(failed), HostMetrics::default())),
        Ok(None) => Err((HostOutcome::NoData, HostMetrics::default())),
        Ok(Some(found)) if missing_values(&found.metrics).len() == 3 => {
            let message = format!("{} documents, and no number in any of the three metric fields", found.metrics.points);
            Err((HostOutcome::Failed(HostFailure { code: "es_no_values", message }), found.metrics))
        }
        Ok(Some(found)) => Ok(found),
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
