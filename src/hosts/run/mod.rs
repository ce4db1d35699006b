//! One run: find out which hosts it is about, ask for them in batches, write and tell what came.
//!
//! ```text
//! pool / list / group ─► batches ─► ask (10 in flight, falls back to smaller pieces) ─► write (pool, figures) ─► report
//! ```
//! Asking and writing go on at the same time, joined in one task: when the run's future is dropped, all of it ends.
//! `targets` makes the list, `ask` gets the figures, `shape` finds how the documents are built when an answer is odd,
//! `write` brings the figures into the inventory.

mod ask;
pub(in crate::hosts) mod shape;
mod targets;
mod write;

use super::es::Client;
use super::query::{Found, Scope};
use super::{Error, Inventory, Outcome, Plan, Report, Result, Run};
use crate::model::hosts::{Host, HostFailure, HostMetrics, HostOutcome, HostResult, HostSelection};
use ask::Asker;
use futures::StreamExt as _;
use futures::future::BoxFuture;
use jiff::Timestamp;
use std::collections::HashMap;
use std::net::IpAddr;
use targets::Targets;
use tokio::sync::mpsc;

/// Hosts that may wait for the inventory; asking is held up behind them.
const WAITING: usize = 2000;

/// One host of the run.
#[derive(Debug, Clone)]
struct Target {
    ip: IpAddr,
    /// None: not in the pool yet, this is a full sync.
    host: Option<Host>,
}

/// What asking found of a target. None: nothing.
type Asked = (Target, Result<Option<Found>, HostFailure>);

/// A batch after asking.
struct Batch {
    started: Timestamp,
    hosts: Vec<Asked>,
}

pub(super) async fn run(run: Run) -> Result<Outcome> {
    let Run { plan, addresses, inventory, report, cancel } = run;
    let Plan { source, range, selection, group } = plan;
    inventory.check().await?;
    let client = Client::new(&source, &addresses, cancel.clone())?;
    let full = matches!(selection, HostSelection::FullSync { .. });
    let scope = Scope { fields: source.fields.clone(), range, group: full.then(|| group.clone()) };
    let asker = Asker::new(&client, scope);
    let targets = tokio::select! {
        () = cancel.cancelled() => Err(Error::transient("cancelled", "the run was cancelled before it knew its hosts")),
        targets = targets::find(&selection, &asker, inventory.as_ref()) => targets,
    };
    count_requests(&report, &client);
    let Targets { ask, not_in_pool, nameless } = targets?;
    report.update(|c| c.total = (ask.len() + not_in_pool.len() + nameless.len()) as u64);
    let now = Timestamp::now();
    for ip in not_in_pool {
        report.host(result(ip.to_string(), String::new(), now, HostOutcome::NotInPool, HostMetrics::default())).await;
    }
    for (text, place) in nameless {
        let failure = HostFailure { code: "bad_address", message: format!("{place} holds {text:?}, which is no address") };
        report.host(result(text, String::new(), now, HostOutcome::Failed(failure), HostMetrics::default())).await;
    }
    let (send, receive) = mpsc::channel((WAITING / source.limits.batch.max(1)).max(2));
    let writer = write::Writer { inventory: inventory.as_ref(), report: &report, group: full.then_some(group.as_str()) };
    tokio::join!(produce(&asker, ask, source.limits, send), consume(&client, &writer, receive));
    count_requests(&report, &client);
    Ok(Outcome { counts: report.counts(), cancelled: cancel.is_cancelled() })
}

/// Asks for all targets, batch by batch, and hands over what came. Dropping the sender ends the consumer.
async fn produce(asker: &Asker<'_>, targets: Vec<Target>, limits: super::Limits, send: mpsc::Sender<Batch>) {
    let batches: Vec<Vec<Target>> = targets.chunks(limits.batch.max(1)).map(<[Target]>::to_vec).collect();
    let send = &send;
    // Boxed: the compiler does not see that the future of such a closure can go to another thread.
    let one = |targets: Vec<Target>| -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let started = Timestamp::now();
            let hosts = asker.ask(targets).await;
            // The consumer lives as long as this: both are joined.
            let _ = send.send(Batch { started, hosts }).await;
        })
    };
    futures::stream::iter(batches).for_each_concurrent(limits.in_flight.max(1), one).await;
}

/// Writes what has come meanwhile at once: small batches do not cost a transaction each.
async fn consume(client: &Client, writer: &write::Writer<'_>, mut receive: mpsc::Receiver<Batch>) {
    let mut batches = Vec::new();
    while receive.recv_many(&mut batches, WAITING).await > 0 {
        count_requests(writer.report, client);
        writer.batches(std::mem::take(&mut batches)).await;
    }
}

fn count_requests(report: &Report, client: &Client) {
    let (requests, retries) = client.sent();
    report.update(|c| (c.requests, c.retries) = (requests, retries));
}

fn result(ip: String, name: String, started: Timestamp, outcome: HostOutcome, metrics: HostMetrics) -> HostResult {
    HostResult { ip, name, outcome, metrics, note: String::new(), started, ended: Timestamp::now() }
}

fn failure(error: &Error) -> HostFailure {
    HostFailure { code: error.code, message: error.message.clone() }
}

/// The pool by address.
async fn pool(inventory: &dyn Inventory) -> Result<HashMap<IpAddr, Host>> {
    Ok(inventory.pool().await?.hosts.into_iter().map(|h| (h.ip, h)).collect())
}
