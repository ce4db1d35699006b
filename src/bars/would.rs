//! What a sync would do to one series, for who asks before (`backup::would`, `replica::would`).

use crate::model::bars::BarTime;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Would {
    /// E.g. `US.AAPL 1d`.
    pub series: String,
    pub written: u64,
    pub removed: u64,
    /// Bars that were deleted here go there too, and nobody says how many there are.
    pub deletes: bool,
    /// The first bar that would be written, put right or taken out.
    pub first: Option<BarTime>,
    /// In words, or why it cannot be said.
    pub note: String,
}
