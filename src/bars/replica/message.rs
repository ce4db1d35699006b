//! What two daemons say to each other about bars. Bytes of blocks are base64 in JSON.

use crate::bars::store::{Besides, BlockData, BlockDigest, Digest, Listed, Removal};
use crate::bars::{Error, Result};
use crate::model::bars::{BarTime, Interval, Range, Symbol};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Series that changed after a version, oldest change first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// The store that the versions are of.
    pub store: String,
    pub since: u64,
    /// The last version that this page tells of.
    pub upto: u64,
    /// The store's newest, and when it was made.
    pub head: u64,
    pub head_at: Option<Timestamp>,
    /// When the oldest change after `since` was made, and how many series have one.
    #[serde(default)]
    pub waiting_since: Option<Timestamp>,
    #[serde(default)]
    pub behind: Option<u64>,
    /// The digest of all that there is at `head`, where nothing came after `since`.
    #[serde(default)]
    pub contents: Option<String>,
    /// Who says it, while it runs.
    #[serde(default)]
    pub opening: Option<String>,
    /// What its daemon is called. None: it does not say.
    #[serde(default)]
    pub name: Option<String>,
    pub series: Vec<Entry>,
}

/// A store's newest change.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    pub store: String,
    pub version: u64,
    pub at: Option<Timestamp>,
    /// What its daemon is called. None: it does not say.
    pub name: Option<String>,
    /// Who says it, while it runs.
    pub opening: Option<String>,
}

/// A series and the names of its blocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub symbol: String,
    pub interval: String,
    pub version: u64,
    pub changed: Timestamp,
    /// Of the whole series.
    pub digest: String,
    pub blocks: Vec<BlockName>,
    /// All blocks are named, not only those that changed. In a delivery: others are to go.
    pub whole: bool,
    /// Everything is compared: whoever has it looks at its bytes, not only at what is written of them.
    #[serde(default)]
    pub thorough: bool,
    /// It is to be the same at the receiver: what that has besides goes.
    #[serde(default)]
    pub mirror: bool,
    /// Where bars were taken out. In a delivery: what the receiver has there, and its blocks do not have, is to go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<TakenOut>,
}

/// Bars that were taken out by a change of this version; the ends are their times in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenOut {
    pub version: u64,
    pub from: i64,
    pub to: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockName {
    pub period: i32,
    pub digest: String,
}

/// Blocks that are wanted of a series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    pub symbol: String,
    pub interval: String,
    pub periods: Vec<i32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    pub period: i32,
    pub data: String,
}

/// A series as it should be, with blocks that it lacks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    pub entry: Entry,
    pub blocks: Vec<Block>,
}

/// What a delivery led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    pub bars: u64,
    #[serde(default)]
    pub removed: u64,
    pub missing: Vec<i32>,
    /// The series' digest now.
    pub digest: String,
}

/// How far a replica has followed a store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    pub version: u64,
    /// When the change was made that this version is of.
    pub at: Option<Timestamp>,
    /// When all of it was last seen to be there, whether or not anything had to travel for it. None of a message: it is not all.
    #[serde(default)]
    pub synced: Option<Timestamp>,
    /// What it has besides. None: nobody looked; of a message: it stays what it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Extra>,
    /// Series of which blocks are known to be damaged at the replica, whatever it has followed. Told, never kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub damaged: Vec<Name>,
    /// Series that are not equal up to that version either: they could not be brought.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacking: Vec<Lacking>,
}

/// A series that could not be brought, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lacking {
    pub symbol: String,
    pub interval: String,
    pub since: Timestamp,
}

/// What a replica has that the store which it follows does not have, and did not take out either: it is left from another life.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extra {
    /// Series with such bars, and the names of some: `US.AAPL 1d`.
    pub series: u64,
    pub names: Vec<String>,
    /// The contents of both, the followed one first, when that was seen.
    pub seen: [String; 2],
}

/// A series by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    pub symbol: String,
    pub interval: String,
}

fn unreadable(what: &str) -> Error {
    Error::permanent("bars_peer_unreadable", format!("what the other daemon said cannot be read: {what}"))
}

/// Reads the name of a series.
pub(super) fn name(symbol: &str, interval: &str) -> Result<(Symbol, Interval)> {
    let interval = Interval::parse(interval).ok_or_else(|| unreadable("an interval"))?;
    Ok((Symbol::parse(symbol).map_err(|_| unreadable("a symbol"))?, interval))
}

pub(super) fn digest(text: &str) -> Result<Digest> {
    Digest::parse(text).ok_or_else(|| unreadable("a digest"))
}

impl Entry {
    /// `thorough`: all that is asked for is named, and not only what changed.
    pub(super) fn new(Listed { info, blocks, removed }: Listed, whole: bool, thorough: bool) -> Self {
        let taken_out = |Removal { version, range }: Removal| TakenOut { version, from: range.from.seconds(), to: range.to.seconds() };
        Self {
            symbol: info.symbol.to_string(),
            interval: info.interval.to_string(),
            version: info.version,
            changed: info.changed,
            digest: info.digest.to_string(),
            blocks: blocks.iter().map(|b| BlockName { period: b.period, digest: b.digest.to_string() }).collect(),
            whole,
            removed: removed.into_iter().map(taken_out).collect(),
            thorough,
            mirror: false,
        }
    }
    /// There are no bars in it.
    pub(super) fn is_empty(&self) -> bool {
        self.digest == Digest::default().to_string()
    }
    /// The same without its blocks; `whole`: none of them is to stay.
    pub(super) fn bare(&self, whole: bool) -> Self {
        Self { blocks: Vec::new(), removed: Vec::new(), whole, thorough: false, ..self.clone() }
    }
    /// Of a delivery: what becomes of bars that it does not have.
    pub(super) fn besides(&self) -> Besides {
        let range = |t: &TakenOut| BarTime::new(t.from).zip(BarTime::new(t.to)).map(|(from, to)| Range { from, to });
        match (self.whole, self.mirror) {
            (true, _) => Besides::Gone,
            (false, true) => Besides::Replaced,
            (false, false) => Besides::Within(self.removed.iter().filter_map(range).collect()),
        }
    }
    /// Whether bars were taken out of a period.
    pub(super) fn takes_from(&self, interval: Interval, period: i32) -> bool {
        let period_of = |seconds| BarTime::new(seconds).map(|time| interval.period(time));
        let within = |t: &TakenOut| Some(period_of(t.from)? <= period && period <= period_of(t.to)?);
        self.removed.iter().any(|t| within(t).unwrap_or(true))
    }
    pub(super) fn digests(&self) -> Result<Vec<BlockDigest>> {
        self.blocks.iter().map(|b| Ok(BlockDigest { period: b.period, digest: digest(&b.digest)? })).collect()
    }
}

impl Block {
    pub(super) fn new(block: &BlockData) -> Self {
        Self { period: block.period, data: STANDARD.encode(&block.data) }
    }
    pub(super) fn read(&self) -> Result<BlockData> {
        let data = STANDARD.decode(&self.data).map_err(|_| unreadable("a block"))?;
        Ok(BlockData { period: self.period, data })
    }
}
