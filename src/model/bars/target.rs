//! Where a master brings its bars: other daemons of market data (slaves) and InfluxDB stores (backups).

use crate::model::job::Origin;
use crate::secret::Secret;
use std::time::Duration;

/// One of them. Of the configuration file ([`Origin::Config`]), or added while the daemon runs ([`Origin::Native`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarsTarget {
    pub name: String,
    pub place: BarsPlace,
    /// One that is not is listed, and nothing is brought there.
    pub enabled: bool,
    pub origin: Origin,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BarsPlace {
    Slave { host: String, port: u16 },
    Backup(BarsBackup),
}

/// An InfluxDB 1.x.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarsBackup {
    pub host: String,
    pub port: u16,
    pub tls: bool,
    pub database: String,
    /// User and password.
    pub account: Option<(String, Secret)>,
    pub timeout: Duration,
}

impl BarsTarget {
    /// Where old clients and the contract have a slave.
    pub const SLAVE_PORT: u16 = 11183;
    pub const BACKUP_PORT: u16 = 8086;
    pub const DATABASE: &str = "dms_data";
    pub const TIMEOUT: Duration = Duration::from_secs(30);

    /// Returns host and port.
    pub fn address(&self) -> (&str, u16) {
        match &self.place {
            BarsPlace::Slave { host, port } => (host, *port),
            BarsPlace::Backup(BarsBackup { host, port, .. }) => (host, *port),
        }
    }

    pub fn is_slave(&self) -> bool {
        matches!(self.place, BarsPlace::Slave { .. })
    }

    /// The word for what it is.
    pub fn kind(&self) -> &'static str {
        if self.is_slave() { "slave" } else { "backup" }
    }
}
