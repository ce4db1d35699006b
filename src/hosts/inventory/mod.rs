//! The host inventory: the pool of hosts and the figures last written of each, in `hosts_pool` and `server_resources`.
//!
//! [`Inventory`] has two shipping implementations: an embedded SQLite file and the CMDB's own MySQL or MariaDB. Both run
//! one contract suite (`tests/engine/inventory.rs`). Called by the run (`run/`) and by the API's handlers.
//!
//! Invariants: an address names one living host (duplicates are merged, addresses compared as addresses, not as text);
//! a deleted host keeps its row and gets it back when it is added again; there is one row of figures per host
//! (`pool_id`), so writing twice ends like writing once.

mod csv;
mod mysql;
mod sqlite;

pub use self::csv::{CsvHosts, read_csv, write_csv};
pub use self::mysql::MysqlInventory;
pub use self::sqlite::SqliteInventory;

use super::Result;
use crate::model::hosts::{Host, HostChange, HostFacts, HostMetrics, HostResources};
use async_trait::async_trait;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

/// Which hosts to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostFilter {
    pub group: Option<String>,
    /// Part of the name or of the address.
    pub text: Option<String>,
    /// Only hosts with ids above this one: the last of the page before.
    pub after: Option<u64>,
    /// 0 = all.
    pub limit: usize,
}

/// All living hosts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pool {
    /// By id, one for each address: the smallest id.
    pub hosts: Vec<Host>,
    /// What stands for an address in rows of others' making, and is none.
    pub unreadable: Vec<String>,
}

impl Pool {
    /// Sorts rows (in the order of their ids) into hosts and what cannot be read.
    fn of(rows: impl IntoIterator<Item = std::result::Result<Host, String>>) -> Self {
        let (mut pool, mut seen) = (Self::default(), HashSet::new());
        for row in rows {
            match row {
                Ok(host) if seen.insert(host.ip) => pool.hosts.push(host),
                Ok(_) => {}
                Err(text) => pool.unreadable.push(text),
            }
        }
        pool
    }

    /// Says what an import of these hosts, one for each address, would do.
    pub fn importing(&self, hosts: &[(IpAddr, HostFacts)]) -> Imported {
        let known: HashMap<IpAddr, &HostFacts> = self.hosts.iter().map(|host| (host.ip, &host.facts)).collect();
        let mut imported = Imported::default();
        for (ip, facts) in hosts {
            match known.get(&ip.to_canonical()) {
                None => imported.inserted += 1,
                Some(old) if old.under(facts) == **old => imported.unchanged += 1,
                Some(_) => imported.updated += 1,
            }
        }
        imported
    }
}

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    pub inserted: u64,
    pub updated: u64,
    pub unchanged: u64,
}

/// Figures to write of a host.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub pool_id: u64,
    pub ip: IpAddr,
    pub metrics: HostMetrics,
}

/// What became of a sample.
#[derive(Debug)]
pub enum Recorded {
    Written,
    /// The host is no longer in the pool.
    Gone,
    /// This one alone could not be written.
    Refused(super::Error),
}

/// A store of hosts. Errors of the connection are Transient; every method is one transaction.
#[async_trait]
pub trait Inventory: Send + Sync {
    /// Says in one line where it is, without secrets: `embedded FILE`, `mysql://user@host:port/db`.
    fn place(&self) -> String;

    /// Says whether it answers and its tables are as needed; makes them where they are missing.
    async fn check(&self) -> Result<()>;

    /// Returns the living hosts that pass the filter with their figures, by id.
    async fn list(&self, filter: &HostFilter) -> Result<Vec<(Host, HostResources)>>;

    /// Returns all living hosts, for a run.
    async fn pool(&self) -> Result<Pool>;

    /// NotFound where there is none, or it is deleted.
    async fn get(&self, id: u64) -> Result<(Host, HostResources)>;

    async fn find(&self, ip: IpAddr) -> Result<Option<(Host, HostResources)>>;

    /// Adds a host. Conflict (`host_exists`) where a living one has the address.
    async fn add(&self, ip: IpAddr, facts: &HostFacts) -> Result<Host>;

    /// Conflict (`host_exists`) where another living one has the new address.
    async fn update(&self, id: u64, change: &HostChange) -> Result<Host>;

    /// Deletes softly: the row stays, marked. NotFound where it is not there.
    async fn remove(&self, id: u64) -> Result<()>;

    /// Adds the new ones and updates the known ones, all or nothing. Empty facts keep what is there.
    async fn import(&self, hosts: &[(IpAddr, HostFacts)]) -> Result<Imported>;

    /// Puts those that are not there yet into the pool, each for itself, and returns its host or why not, in order.
    /// The flag says whether it is new.
    async fn register(&self, hosts: &[(IpAddr, HostFacts)]) -> Result<Vec<Result<(Host, bool)>>>;

    /// Writes figures by pool id, in order; a metric without a value keeps what is there. An error as a whole means that
    /// nothing of it was written.
    async fn record(&self, samples: &[Sample]) -> Result<Vec<Recorded>>;
}
