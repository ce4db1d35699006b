//! The daemon's settings: defaults < file < `SYNCLINE_*` < flags. Unknown keys are refused, and all complaints come at
//! once with the keys' names, so that nobody fixes a file one error at a time.
//!
//! `keys` is the one table of every scalar key (default, form, why); the example file, the environment names and
//! `config show --effective --origin` are made from it. `load` reads the sources; `families` and `auth` are what its lists are made of.

mod auth;
mod dms;
mod example;
mod families;
mod keys;
mod load;
mod size;

pub use auth::{Role, Token, User};
pub use dms::{Backup, BarsTask, Dms, DmsLists, DmsRole, Format, Provider, ProviderKind, Slave};
pub use example::example;
pub use families::Family;
pub use load::{Complaints, Entry, Flags, check_level};
pub use size::Size;

use std::path::PathBuf;

/// What a daemon runs with. Built only by [`Config::load`].
#[derive(Debug, Clone)]
pub struct Config {
    pub server: Server,
    pub listeners: Vec<Listener>,
    pub tokens: Vec<Token>,
    /// HTTP Basic, for the dts family.
    pub dts_users: Vec<User>,
    pub security: Security,
    pub log: Log,
    pub compat: Compat,
    pub replication: Replication,
    /// Where jobs may write files of messages; None = nowhere.
    pub files_dir: Option<PathBuf>,
    pub tasks: Tasks,
    pub hosts: Hosts,
    pub history: History,
    pub dms: Dms,
    pub limits: Limits,
    entries: Vec<Entry>,
    file: Option<PathBuf>,
}

#[derive(Debug, Clone)]
pub struct Server {
    pub data_dir: PathBuf,
    pub shutdown_seconds: u64,
    /// Empty: the machine's host name.
    pub node_name: String,
    pub region: String,
    pub datacenter: String,
}

/// An address and the API families that answer there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    pub address: String,
    pub families: Vec<Family>,
}

#[derive(Debug, Clone)]
pub struct Security {
    pub allow_anonymous_network: bool,
    pub allow_endpoints: Vec<String>,
    pub rsa_private_key_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
    /// Text on a terminal, JSON elsewhere.
    Auto,
}

#[derive(Debug, Clone)]
pub struct Log {
    /// A tracing filter: `info`, or `warn,syncline::replicate=debug`.
    pub level: String,
    pub format: LogFormat,
    pub memory_bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DtleErrors {
    /// 400, 401, 403, 404, 409, 500 as they are.
    Http,
    /// What old clients had.
    Always500,
}

#[derive(Debug, Clone)]
pub struct Compat {
    pub dtle_errors: DtleErrors,
}

#[derive(Debug, Clone)]
pub struct Replication {
    pub memory_bytes: u64,
    pub spool_bytes: u64,
    pub lag_seconds: u64,
    pub stall_seconds: u64,
    pub copy_workers: u32,
    pub apply_workers: u32,
}

/// Host metrics: where they come from and where they go. Empty texts are unset.
#[derive(Debug, Clone)]
pub struct Hosts {
    pub endpoint: String,
    /// `search` or `proxy`.
    pub style: String,
    pub index_pattern: String,
    pub group: String,
    pub user: String,
    pub password_file: Option<PathBuf>,
    pub api_key_file: Option<PathBuf>,
    pub bearer_file: Option<PathBuf>,
    pub ca_file: Option<PathBuf>,
    pub batch_hosts: u32,
    pub in_flight: u32,
    pub request_seconds: u64,
    pub response_bytes: u64,
    pub database: String,
    pub database_password_file: Option<PathBuf>,
    /// `disabled`, `preferred`, `required` or `verify_identity`.
    pub database_tls: String,
    pub database_ca_file: Option<PathBuf>,
    pub fields: HostFields,
}

/// Paths in the documents; an empty average is that of the field itself.
#[derive(Debug, Clone)]
pub struct HostFields {
    pub time: String,
    pub ip: String,
    pub name: String,
    pub group: String,
    pub cpu: String,
    pub cpu_avg: String,
    pub memory: String,
    pub memory_avg: String,
    pub disk: String,
    pub disk_avg: String,
}

#[derive(Debug, Clone)]
pub struct Tasks {
    /// IANA name; empty = the machine's.
    pub time_zone: String,
    pub grace_seconds: u64,
    pub deadline_seconds: u64,
    pub concurrent_runs: u32,
}

#[derive(Debug, Clone)]
pub struct History {
    pub keep_runs: u32,
    pub keep_days: u32,
}

#[derive(Debug, Clone)]
pub struct Limits {
    pub body_bytes: u64,
    pub import_bytes: u64,
    pub request_seconds: u64,
    pub concurrent_requests: u32,
}

impl Config {
    /// Returns every key with its value and where that came from, in the order of the example file. No value is secret.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
    /// Returns the file that was read, if there was one.
    pub fn file(&self) -> Option<&PathBuf> {
        self.file.as_ref()
    }
}
