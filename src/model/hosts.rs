//! Host metrics: what a task pulls out of Elasticsearch, the hosts it is about, and what became of each.
//!
//! Pure values. A stored spec leaves out what the configuration says (`None` = the default at run time), so that a task
//! follows a changed default; [`crate::hosts`] puts both together.

use super::run::Outcome;
use jiff::Timestamp;
use std::fmt;
use std::net::IpAddr;

/// What a host-metrics task does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostMetricsSpec {
    /// None: `[hosts] endpoint`.
    pub endpoint: Option<String>,
    /// None: `[hosts] style`.
    pub style: Option<EsStyle>,
    /// None: `[hosts] index_pattern`.
    pub index_pattern: Option<String>,
    pub range: QueryRange,
    pub selection: HostSelection,
}

/// Which hosts a run is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostSelection {
    /// All hosts of the pool that are not deleted.
    Pool,
    /// These; one that is not in the pool is not asked for. Duplicates are merged.
    List(Vec<IpAddr>),
    /// All hosts that Elasticsearch has of a group (None: `[hosts] group`); one that is not in the pool is put there.
    FullSync { group: Option<String> },
}

/// How an endpoint wants to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EsStyle {
    /// `POST {endpoint}/{index}/_search`: Elasticsearch and OpenSearch themselves.
    Search,
    /// `POST {endpoint}` with the index in the body.
    Proxy,
}

impl EsStyle {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Proxy => "proxy",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Search, Self::Proxy].into_iter().find(|s| s.as_str() == text)
    }
}

/// How far back a query looks: a number and one of s, m (minutes), h, d, w, M (months), y.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryRange {
    count: u32,
    unit: char,
}

/// Longest range: more is a slip of the hand, and the servers' own date arithmetic ends somewhere.
const MOST_SECONDS: u64 = 100 * 366 * 86_400;

impl QueryRange {
    /// Reads `30d`; an error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a range: a number and one of s, m, h, d, w, M (months), y");
        let unit = text.chars().last().ok_or_else(wrong)?;
        let digits = &text[..text.len() - unit.len_utf8()];
        let seconds: u64 = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 7 * 86_400,
            'M' => 31 * 86_400,
            'y' => 366 * 86_400,
            _ => return Err(wrong()),
        };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let count: u32 = digits.parse().map_err(|_| format!("{text:?} reaches further back than 100 years"))?;
        if count == 0 {
            return Err(format!("{text:?} is an empty range"));
        }
        if u64::from(count) * seconds > MOST_SECONDS {
            return Err(format!("{text:?} reaches further back than 100 years"));
        }
        Ok(Self { count, unit })
    }
}

impl Default for QueryRange {
    fn default() -> Self {
        Self { count: 30, unit: 'd' }
    }
}

/// Elasticsearch's date arithmetic knows the same words.
impl fmt::Display for QueryRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit)
    }
}

/// One host of the pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// `hosts_pool.id`, the `pool_id` of `server_resources`.
    pub id: u64,
    pub ip: IpAddr,
    pub facts: HostFacts,
    pub created: Option<Timestamp>,
    pub updated: Option<Timestamp>,
}

/// What is known of a host besides its address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostFacts {
    pub name: String,
    /// Physical, virtual, …: the CMDB's own word.
    pub host_type: String,
    pub group: String,
    pub cpus: Option<u32>,
    pub memory_gb: Option<u32>,
    pub disk_gb: Option<u32>,
    pub remark: String,
}

/// A change of a host; None keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostChange {
    pub ip: Option<IpAddr>,
    pub name: Option<String>,
    pub host_type: Option<String>,
    pub group: Option<String>,
    pub cpus: Option<Option<u32>>,
    pub memory_gb: Option<Option<u32>>,
    pub disk_gb: Option<Option<u32>>,
    pub remark: Option<String>,
}

impl HostFacts {
    /// Returns these facts under others: what the others leave empty stays.
    pub fn under(&self, other: &Self) -> Self {
        let text = |old: &String, new: &String| if new.is_empty() { old.clone() } else { new.clone() };
        let Self { name, host_type, group, cpus, memory_gb, disk_gb, remark } = self;
        Self {
            name: text(name, &other.name),
            host_type: text(host_type, &other.host_type),
            group: text(group, &other.group),
            cpus: other.cpus.or(*cpus),
            memory_gb: other.memory_gb.or(*memory_gb),
            disk_gb: other.disk_gb.or(*disk_gb),
            remark: text(remark, &other.remark),
        }
    }
}

impl HostChange {
    /// Returns address and facts as the change makes them.
    pub fn applied(&self, ip: IpAddr, facts: &HostFacts) -> (IpAddr, HostFacts) {
        let Self { ip: to, name, host_type, group, cpus, memory_gb, disk_gb, remark } = self;
        let text = |old: &String, new: &Option<String>| new.as_ref().unwrap_or(old).clone();
        let facts = HostFacts {
            name: text(&facts.name, name),
            host_type: text(&facts.host_type, host_type),
            group: text(&facts.group, group),
            cpus: cpus.unwrap_or(facts.cpus),
            memory_gb: memory_gb.unwrap_or(facts.memory_gb),
            disk_gb: disk_gb.unwrap_or(facts.disk_gb),
            remark: text(&facts.remark, remark),
        };
        (to.map_or(ip, |ip| ip.to_canonical()), facts)
    }
}

/// What `server_resources` has of a host. Percent, gigabytes, gigabytes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HostResources {
    pub cpu_load: Option<f64>,
    pub used_memory: Option<f64>,
    pub total_disk: Option<f64>,
    pub updated: Option<Timestamp>,
}

/// One metric over the range. None: no document had a value (which is not zero).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Measure {
    pub max: Option<f64>,
    pub avg: Option<f64>,
}

/// What Elasticsearch knows of a host over the range.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HostMetrics {
    pub cpu: Measure,
    pub memory: Measure,
    pub disk: Measure,
    /// Documents, exactly.
    pub points: u64,
}

/// What became of one host in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostOutcome {
    /// A full sync put it into the pool, and its figures with it.
    Inserted,
    /// It was in the pool; its figures were written.
    Updated,
    /// Elasticsearch answered well and has nothing of it in the range.
    NoData,
    NotInPool,
    Failed(HostFailure),
}

/// Why a host failed: a stable code (`es_timeout`, `es_partial`, …) and words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostFailure {
    pub code: &'static str,
    pub message: String,
}

impl HostOutcome {
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Inserted | Self::Updated)
    }
    /// Returns the word that run items are kept with.
    pub fn kind(&self) -> Outcome {
        match self {
            Self::Inserted => Outcome::Inserted,
            Self::Updated => Outcome::Updated,
            Self::NoData => Outcome::NoData,
            Self::NotInPool => Outcome::NotInPool,
            Self::Failed(_) => Outcome::Failed,
        }
    }
}

/// One host's result, told as soon as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct HostResult {
    /// The address; of a document whose host field holds none, what stands there.
    pub ip: String,
    /// From the pool, else from Elasticsearch, else empty.
    pub name: String,
    pub outcome: HostOutcome,
    pub metrics: HostMetrics,
    /// What an operator should know of a success, e.g. a metric without values. Empty: nothing.
    pub note: String,
    pub started: Timestamp,
    pub ended: Timestamp,
}

/// Counts of a run. `total = inserted + updated + failed + not_in_pool` once it has ended; no data counts as failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HostCounts {
    /// Hosts that the run is about, as far as they are known.
    pub total: u64,
    pub inserted: u64,
    pub updated: u64,
    pub failed: u64,
    /// Those of the failed that Elasticsearch has nothing of.
    pub no_data: u64,
    pub not_in_pool: u64,
    /// Requests that were sent to Elasticsearch, and those of them that were sent again.
    pub requests: u64,
    pub retries: u64,
}

impl HostCounts {
    pub fn success(&self) -> u64 {
        self.inserted + self.updated
    }
    pub fn done(&self) -> u64 {
        self.success() + self.failed + self.not_in_pool
    }
    pub fn add(&mut self, outcome: &HostOutcome) {
        match outcome {
            HostOutcome::Inserted => self.inserted += 1,
            HostOutcome::Updated => self.updated += 1,
            HostOutcome::NoData => {
                self.failed += 1;
                self.no_data += 1;
            }
            HostOutcome::Failed(_) => self.failed += 1,
            HostOutcome::NotInPool => self.not_in_pool += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_said_again() {
        for good in ["1s", "15m", "24h", "7d", "2w", "6M", "1y", "100y"] {
            assert_eq!(QueryRange::parse(good).unwrap().to_string(), good);
        }
        for bad in ["", "d", "0d", "-1d", "+1d", "1.5h", "30", "30D", "30 d", "d30", "101y", "99999999999d", "30天", "１d"] {
            assert!(QueryRange::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(QueryRange::default().to_string(), "30d");
    }

    #[test]
    fn every_outcome_is_counted_once() {
        let failed = HostOutcome::Failed(HostFailure { code: "es_timeout", message: String::new() });
        let mut counts = HostCounts::default();
        for outcome in [HostOutcome::Inserted, HostOutcome::Updated, HostOutcome::NoData, HostOutcome::NotInPool, failed] {
            counts.add(&outcome);
        }
        assert_eq!((counts.done(), counts.success(), counts.failed, counts.no_data, counts.not_in_pool), (5, 2, 2, 1, 1));
    }
}
