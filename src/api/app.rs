//! What every handler can reach.

use crate::config::{Config, Listener};
use crate::model::node::Node;
use crate::scheduler::Handle;
use crate::scheduler::tasks::{HostWork, Tasks};
use crate::store::Store;
use crate::telemetry::Telemetry;
use jiff::Timestamp;
use std::ops::Deref;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// A cheap handle.
#[derive(Clone)]
pub struct App(Arc<Parts>);

pub struct Parts {
    pub scheduler: Handle,
    pub tasks: Tasks,
    pub hosts: HostWork,
    pub store: Store,
    pub config: Arc<Config>,
    pub telemetry: Telemetry,
    /// Market data.
    pub dms: crate::bars::Desk,
    pub node: Node,
    pub started: Timestamp,
    /// As bound, so that port 0 shows its number.
    pub listeners: Vec<Listener>,
    pub warnings: Vec<String>,
    /// Requests that may be served at a time.
    pub slots: Semaphore,
    /// Cancelled when the daemon stops: nobody waits for news any more.
    pub stopping: CancellationToken,
}

impl App {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}
