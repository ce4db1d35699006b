//! Bringing bars to where else they are kept: a backup or a slave, or (at a slave) from the master.

use super::{Range, Symbol, TargetKind};
use crate::model::words::counted;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncMode {
    /// What changed since it was last seen there.
    Incremental,
    /// Everything again; a slave has nothing then that its master does not have.
    Full,
    /// Reads everything back and writes what differs.
    Repair,
}

impl SyncMode {
    pub const ALL: [Self; 3] = [Self::Incremental, Self::Full, Self::Repair];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incremental => "incremental",
            Self::Full => "full",
            Self::Repair => "repair",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.as_str() == text)
    }
}

/// What a run carries, and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarsSyncSpec {
    /// A backup's or slave's name, or [`Self::MASTER`].
    pub target: String,
    /// Which of two that may have one name. None: the master, or (of a task of an earlier version) each that has it.
    pub kind: Option<TargetKind>,
    pub mode: SyncMode,
    /// None: all.
    pub symbol: Option<Symbol>,
    /// Of replicas only; blocks that overlap it are whole.
    pub range: Option<Range>,
    /// Of a backup that is repaired: series that are not here go there, too.
    pub prune: bool,
}

impl BarsSyncSpec {
    /// At a slave: brings bars from its master.
    pub const MASTER: &str = "master";

    pub fn new(target: &str) -> Self {
        Self { target: target.to_owned(), kind: None, mode: SyncMode::Incremental, symbol: None, range: None, prune: false }
    }
}

/// Counts of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SyncCounts {
    /// Series that were looked at, and those of them that had to travel (the failed included).
    pub series: u64,
    pub carried: u64,
    pub bars: u64,
    /// Bars that were taken out of a target, because its master does not have them.
    pub removed: u64,
    pub failed: u64,
}

impl SyncCounts {
    pub fn add(&mut self, other: Self) {
        let Self { series, carried, bars, removed, failed } = other;
        self.series += series;
        self.carried += carried;
        self.bars += bars;
        self.removed += removed;
        self.failed += failed;
    }
    /// The sentence that a run is kept with.
    pub fn message(&self) -> String {
        let Self { series: _, carried, bars, removed, failed } = self;
        let removed = if *removed == 0 { String::new() } else { format!(", {removed} removed") };
        let failed = if *failed == 0 { String::new() } else { format!(", {failed} failed") };
        format!("Synced {} series, {}{removed}{failed}", carried - self.failed, counted(*bars, "bar"))
    }
}
