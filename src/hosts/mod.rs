//! Host metrics: CPU, memory and disk figures of hosts, out of Elasticsearch or OpenSearch, into a CMDB's tables.
//!
//! Called by the scheduler with a [`Run`]; knows neither it nor the store nor HTTP types of the API. [`Settings::plan`] puts a
//! stored spec on top of the configuration; the caller lets the endpoint pass its policy and hands over the addresses
//! that passed, so that what is connected to is what was checked.
//!
//! `settings` what is asked where, `es` the client (one request, its answer judged), `query` bodies and answers, `run`
//! the work over all hosts, `inventory` the pool and the figures, `check` what an operator asks before using an endpoint.
//!
//! Invariant: every host of a run gets exactly one result, and that result is what happened: an answer that is not whole
//! (timed out, failed shards, skipped clusters, an error in a 200) is `Failed`, never `NoData`.

mod address;
pub mod check;
mod error;
mod es;
pub mod inventory;
mod query;
mod report;
mod run;
mod settings;

pub use address::{read as read_address, read_list as read_address_list};
pub use error::{Error, Kind, Result};
pub use inventory::Inventory;
pub use report::Report;
pub use settings::{Credentials, Fields, Limits, MetricField, Plan, Settings, Source, check_index_pattern, parse_endpoint};

use crate::model::hosts::HostCounts;
use futures::future::BoxFuture;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Everything that a run is handed.
pub struct Run {
    pub plan: Plan,
    /// Where the endpoint's host was found to be; no other address is connected to. Empty = it does not resolve.
    pub addresses: Vec<SocketAddr>,
    pub inventory: Arc<dyn Inventory>,
    pub report: Report,
    /// Ends the run early; hosts that have no result yet fail with `cancelled`.
    pub cancel: CancellationToken,
}

/// How a run ended that could be carried out, whatever its counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    pub counts: HostCounts,
    pub cancelled: bool,
}

/// Runs to the end. An error means that no host could be worked on: the list of hosts could not be had (Elasticsearch of a
/// full sync, the inventory), or the settings are wrong.
pub fn run(run: Run) -> BoxFuture<'static, Result<Outcome>> {
    Box::pin(run::run(run))
}
