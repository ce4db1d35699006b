//! `/api/v1/bars`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What there is, one entry for each symbol and interval.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BarSeriesList {
    pub series: Vec<BarSeries>,
    /// The store's name, and its newest version.
    pub store: String,
    pub version: u64,
    /// Bytes on disk.
    pub bytes: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BarSeries {
    pub symbol: String,
    pub interval: String,
    pub bars: u64,
    pub first: Option<String>,
    pub last: Option<String>,
    pub version: u64,
    pub changed: String,
    /// The same digest at two daemons: the same bars.
    pub digest: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BarList {
    pub symbol: String,
    pub interval: String,
    pub bars: Vec<Bar>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Bar {
    /// The exchange's date at 00:00 of daily and longer bars; UTC with `Z` of intraday ones.
    pub time: String,
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
    #[schema(value_type = f64)]
    pub volume: serde_json::Number,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BarsImported {
    pub symbols: usize,
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
    /// Rows without a price, which are no bars.
    pub skipped: u64,
    /// Lenient: bars that contradict themselves, e.g. whose high is below their low.
    #[serde(default)]
    pub suspect: u64,
    /// Lenient: second bars of a symbol and a time, of which the last stays.
    #[serde(default)]
    pub duplicates: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BarsVerified {
    pub series: u64,
    pub blocks: u64,
    pub bars: u64,
    /// Bytes of the packed blocks.
    pub bytes: u64,
    /// One sentence each; none: all is well.
    pub problems: Vec<String>,
}
