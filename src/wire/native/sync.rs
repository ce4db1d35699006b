//! `/api/v1/sync/targets` and what hangs below, `GET /api/v1/sync/history`: where bars are brought to.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncTarget {
    pub name: String,
    /// `backup`, `slave`, or (at a slave) `master`.
    pub kind: String,
    pub host: String,
    /// Of a daemon that came by itself the one that it says it listens on (zero: it did not say); its host is where its connections
    /// come from, a proxy's if there is one.
    pub port: u16,
    pub enabled: bool,
    /// When all of it was last seen there, also where nothing had to travel for it.
    pub last_sync: Option<String>,
    /// Series of which the newest change is not there; absent: not known, the other side did not say.
    pub behind: Option<u64>,
    /// Some of those series, e.g. `US.AAPL 1d`, the oldest change first.
    #[serde(default)]
    pub lacking: Vec<String>,
    /// Series of which the target has bars that its master does not have. At a slave they stay until a full sync takes them out; at a
    /// backup series of others stay, and it is as far as somebody looked: runs count some series in turn. Absent: not known.
    #[serde(default)]
    pub extra: Option<u64>,
    /// Some of those series; none of a slave that comes by itself.
    #[serde(default)]
    pub extra_names: Vec<String>,
    /// The same of a backup, parted into series and bars. Absent: nobody looked, or it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub besides: Option<SyncBesides>,
    /// Seconds that the oldest change has been waiting that is not there; at a slave whose master does not answer, since it last
    /// had all. Absent: not known.
    pub lag_seconds: Option<u64>,
    /// Of a daemon that came by itself: when it last did. Absent: this daemon brings bars there, or asks for them.
    #[serde(default)]
    pub last_seen: Option<String>,
    /// Why the last transfer failed, or that it does not answer; of one that comes by itself, that it has not come for three of its
    /// own intervals (a minute at least). Empty: all is well.
    pub problem: String,
    /// At a slave, of a master that pushes: what that calls this daemon. Absent: it did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called: Option<String>,
    /// `config`: it stands in the configuration file and is changed there; `native`: it was added. Of a daemon that came by itself
    /// within the last week: `pulls` (a slave that is not listed here) or `pushes` (a slave's master that it does not name).
    #[serde(default)]
    pub origin: String,
    /// Of a backup; empty for others.
    #[serde(default)]
    pub database: String,
    /// Whom a backup knows us as; empty: it is not asked.
    #[serde(default)]
    pub user: String,
    #[serde(default)]
    pub tls: bool,
}

/// What a backup has that is not here, as it was last seen: by a run, which counts some series in turn, or by a dry run of `prune`,
/// which counts all. What others put in the place of a bar is in no count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncBesides {
    /// Series that are not here, which a repair with `prune` takes out, and the names of some.
    pub series: u64,
    pub names: Vec<String>,
    /// Bars that are not here, of series that are: any repair takes them out. Of so many series; and some of these.
    pub bars: u64,
    pub among: u64,
    pub strays: Vec<SyncStrays>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncStrays {
    /// E.g. `US.AAPL 1d`.
    pub series: String,
    /// Zero: there are some, and nobody counted them.
    pub bars: u64,
    /// The time of the first. Absent: it was not looked for.
    #[serde(default)]
    pub first: Option<String>,
}

/// A place that bars are to be brought to, from now on. `tls`, `database`, `user`, `password` and `timeout_seconds` are a
/// backup's alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SyncTargetCreate {
    /// No other backup or slave has it.
    pub name: String,
    /// `backup` (an InfluxDB 1.x) or `slave` (another daemon whose role is slave).
    pub kind: String,
    pub host: String,
    /// Absent: 8086 of a backup, 11183 of a slave.
    #[serde(default)]
    pub port: Option<u16>,
    /// Absent: true. Of one that is not nothing is asked, and nothing is brought there.
    #[serde(default)]
    pub enabled: Option<bool>,
    #[serde(default)]
    pub tls: Option<bool>,
    /// Made there if it is missing. Absent: dms_data.
    #[serde(default)]
    pub database: Option<String>,
    /// Needs a password.
    #[serde(default)]
    pub user: Option<String>,
    /// In no reply.
    #[serde(default)]
    pub password: Option<String>,
    /// How long an answer is waited for; 30 when absent.
    #[serde(default)]
    pub timeout_seconds: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncTargetRemoved {
    pub name: String,
    pub kind: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncTargetList {
    pub targets: Vec<SyncTarget>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncTested {
    pub name: String,
    /// What it said.
    pub says: String,
}

/// One series that was brought somewhere, or could not be. Without symbol the target could not be talked to at all. What goes on by
/// itself and fails time after time has one row for as long as that lasts, whose `error` ends with the number of times and whose
/// `ended` is the last of them, and one (of status `success`) for its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncTransfer {
    /// Rising, and given once in a bars database. One that was restored from an older copy has the history of that copy, and goes on
    /// with its numbers: what was kept since is in the file that it took the place of, `started` tells the rows apart.
    pub id: u64,
    pub target: String,
    /// `backup` or `slave` (also what a slave took in), which may have one name. Empty: an earlier version kept the row, and did
    /// not say.
    #[serde(default)]
    pub target_kind: String,
    pub symbol: String,
    pub interval: String,
    pub mode: String,
    pub started: String,
    pub ended: String,
    pub bars: u64,
    /// `success` or `failed`.
    pub status: String,
    pub error: String,
    /// What there is to say besides: that somebody else had taken bars out of a backup, or that bars were taken out. Empty: nothing.
    #[serde(default)]
    pub note: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncTransferList {
    /// Newest first.
    pub history: Vec<SyncTransfer>,
    /// Where the history of a slave that pulls is to be found: not here. Empty: this is all there is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}
