//! The dms family under `/api/dms`. The order of fields is the order of keys in the contract's samples.
//!
//! Bars themselves are not among these types: they are written as text while they are read (`api/dms/bars.rs`); [`Point`] and
//! [`Series`] describe them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Every error.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Failure)]
pub struct Failure {
    pub detail: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Status)]
pub struct Status {
    /// `master` or `slave`.
    pub role: &'static str,
    pub running: bool,
    /// Seconds.
    pub uptime: u64,
    pub tasks_count: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Nodes)]
pub struct Nodes {
    pub nodes: Vec<Node>,
    pub total_nodes: usize,
    pub online_nodes: usize,
}

/// A master has `tasks_count`, a slave `sync_delay`.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Node)]
pub struct Node {
    pub name: String,
    pub role: &'static str,
    pub host: String,
    pub port: u16,
    /// `running` or `offline`.
    pub status: &'static str,
    pub uptime: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tasks_count: Option<u64>,
    pub last_sync: Option<String>,
    /// Seconds between the master's newest change and the slave's; null: not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync_delay: Option<Option<u64>>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Slave)]
pub struct Slave {
    pub name: String,
    pub host: String,
    pub port: u16,
    pub enabled: bool,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::SlaveStatus)]
pub struct SlaveStatus {
    pub name: String,
    pub role: &'static str,
    pub host: String,
    pub port: u16,
    pub status: &'static str,
    pub uptime: u64,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = dms::BatchRequest)]
pub struct BatchRequest {
    /// At most 1,000.
    pub symbols: Vec<String>,
    pub start_date: String,
    /// Included; a date or midnight means all of that day.
    pub end_date: String,
    /// 1m 5m 15m 30m 1h 1d 1wk 1mo; absent: 1d.
    #[serde(default)]
    pub interval: Option<String>,
}

/// All fields are optional: absent means everything.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = dms::SyncRequest)]
pub struct SyncRequest {
    #[serde(default)]
    pub symbol: Option<String>,
    #[serde(default)]
    pub start_date: Option<String>,
    #[serde(default)]
    pub end_date: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Done)]
pub struct Done {
    pub success: bool,
    pub result: Outcome,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Outcome)]
pub struct Outcome {
    pub success: bool,
    pub message: String,
}

/// One bar.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Point)]
#[serde(rename_all = "PascalCase")]
pub struct Point {
    /// The exchange's date at 00:00 of daily and longer bars; UTC with `Z` of intraday ones.
    #[serde(rename = "time")]
    pub time: String,
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
    pub volume: f64,
}

/// The bars of one symbol; in a batch null where there are none.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Series)]
pub struct Series {
    pub symbol: String,
    pub data: Vec<Point>,
    /// The times of `data`.
    pub index: Vec<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Symbols)]
pub struct Symbols {
    pub symbols: Vec<String>,
    pub total: usize,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::SymbolInfo)]
pub struct SymbolInfo {
    pub symbol: String,
    pub interval: String,
    pub has_data: bool,
    pub data_count: u64,
    pub earliest_date: Option<String>,
    pub latest_date: Option<String>,
    /// When anything of it changed last.
    pub last_update: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[schema(as = dms::Imported)]
pub struct Imported {
    pub success: bool,
    pub symbols: usize,
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
    /// Rows without a price, which are no bars.
    pub skipped: u64,
}
