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
    /// Of one symbol: what its sources, or imports, said otherwise than it had been stored; newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<BarsCorrection>,
}

/// Stored history that turned out to differ, and was replaced.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BarsCorrection {
    pub interval: String,
    pub found: String,
    /// `correction` of single bars, or `rebase`: all up to some day by one factor, as after a split or dividend.
    pub kind: String,
    /// How many bars, and the first and last of them.
    pub bars: u64,
    pub first: String,
    pub last: String,
    /// New price / old price of a rebase.
    pub factor: Option<f64>,
    /// The provider that said so; `import`.
    pub source: String,
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

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct BarsImported {
    pub symbols: usize,
    pub added: u64,
    /// Stored bars that have other figures now.
    pub changed: u64,
    /// Of those that changed: by one factor, as after a split or dividend.
    #[serde(default)]
    pub rebased: u64,
    pub unchanged: u64,
    /// Rows without a price, which are no bars.
    pub skipped: u64,
    /// Bars that are not over yet, which are stored with `lenient` alone.
    #[serde(default)]
    pub held_back: u64,
    /// Lenient: bars that contradict themselves, e.g. whose high is below their low.
    #[serde(default)]
    pub suspect: u64,
    /// Lenient: second bars of a symbol and a time, of which the last stays.
    #[serde(default)]
    pub duplicates: u64,
    /// What should be looked at, a sentence each: re-basings, jumps where new bars meet stored ones, what was overwritten.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// The symbols, where they were asked for (`names`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

/// Bars that were taken out, or would be.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BarsDeleted {
    pub symbol: String,
    /// One entry for each interval that bars were taken out of.
    pub series: Vec<BarsGone>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BarsGone {
    pub interval: String,
    /// How many, and the first and last of them.
    pub bars: u64,
    pub first: String,
    pub last: String,
    /// Bars that are still there.
    pub left: u64,
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
    /// What helps against them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
}
