//! `[dms]`: market data.

use std::path::PathBuf;

#[derive(Debug, Clone)]
pub struct Dms {
    pub enabled: bool,
    pub role: DmsRole,
    /// A slave's master.
    pub master: Option<String>,
    pub cluster_token_file: Option<PathBuf>,
    /// Zero: only when told to.
    pub pull_seconds: u64,
    pub push_seconds: u64,
    pub slaves: Vec<Slave>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DmsRole {
    Master,
    Slave,
}

impl DmsRole {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Slave => "slave",
        }
    }
}

/// Another dms that gets its bars from this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slave {
    pub name: String,
    pub host: String,
    pub port: u16,
    pub enabled: bool,
}
