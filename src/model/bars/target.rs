//! Where a master brings its bars: other daemons of market data (slaves) and InfluxDB stores (backups).

use crate::model::job::Origin;
use crate::secret::Secret;
use std::time::Duration;

/// Which of the two sorts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TargetKind {
    Backup,
    Slave,
}

impl TargetKind {
    pub const ALL: [Self; 2] = [Self::Backup, Self::Slave];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Slave => "slave",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl std::fmt::Display for TargetKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which one is meant, written `slave/NAME`. A backup and a slave may have one name, as the machine that both stand on; what is known
/// of one of them is not the other's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TargetId {
    pub kind: TargetKind,
    pub name: String,
}

impl TargetId {
    pub fn backup(name: &str) -> Self {
        Self { kind: TargetKind::Backup, name: name.to_owned() }
    }
    /// Also a slave's own, which is where what it takes in is brought.
    pub fn slave(name: &str) -> Self {
        Self { kind: TargetKind::Slave, name: name.to_owned() }
    }
}

impl std::fmt::Display for TargetId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, name } = self;
        write!(f, "{kind}/{name}")
    }
}

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

    pub fn kind(&self) -> TargetKind {
        if self.is_slave() { TargetKind::Slave } else { TargetKind::Backup }
    }

    pub fn id(&self) -> TargetId {
        TargetId { kind: self.kind(), name: self.name.clone() }
    }
}
