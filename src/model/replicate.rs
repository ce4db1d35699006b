//! The spec of a replication job: from one server to another, which tables, how.

use super::endpoint::MysqlEndpoint;
use super::gates::Gates;
use super::kafka::KafkaSinkSpec;
use super::live::{Replacement, Throttle};
pub use super::mapping::{MappedColumn, Mapping};
use super::messages::{LinesSinkSpec, LinesTo};
pub use super::tables::{BadPattern, Pattern, SYSTEM_SCHEMAS, SchemaRule, TableFilter, TableMatch};
use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReplicateKind {
    /// Ends when it has caught up and is told to (`jobs finish`).
    Migration,
    /// Runs on.
    Sync,
    /// Into Kafka.
    Subscription,
}

impl ReplicateKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Migration => "migration",
            Self::Sync => "sync",
            Self::Subscription => "subscription",
        }
    }
}

/// A table's full name, as the source spells it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TableName {
    pub schema: String,
    pub table: String,
}

impl TableName {
    pub fn new(schema: impl Into<String>, table: impl Into<String>) -> Self {
        Self { schema: schema.into(), table: table.into() }
    }
    /// Returns the name quoted for SQL.
    pub fn quoted(&self) -> String {
        format!("{}.{}", quote(&self.schema), quote(&self.table))
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.table)
    }
}

/// Quotes one identifier for MySQL and MariaDB. The only place that does.
pub fn quote(identifier: &str) -> String {
    format!("`{}`", identifier.replace('`', "``"))
}

/// What an exact apply does when the target row is not what the source's log says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConflictPolicy {
    #[default]
    Error,
    Overwrite,
    Skip,
}

/// What shows that a target row is not what the source's log says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConflictDetection {
    /// No row with the key of the one that is changed, or another with the key of the one that comes.
    #[default]
    Key,
    /// Any value of the row as well: it is compared with what the source's row was before the change.
    Row,
}

/// What to do with a target table that already holds rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExistingTable {
    /// Rows in it are an error finding.
    #[default]
    Refuse,
    /// Rows are upserted over (dtle's behaviour).
    Upsert,
    /// The table is dropped and made anew (`drop_table_if_exists`).
    Drop,
}

/// The start of a job that begins where the source's log stands when it is stored.
pub const NOW: &str = "now";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SrcTask {
    pub task_name: String,
    pub node_id: Option<String>,
    pub endpoint: MysqlEndpoint,
    pub filter: TableFilter,
    /// Executed GTIDs to start after, or `file:offset` where the source has none (yet); no copy then. None: full copy first.
    /// [`NOW`] where a job that is not stored yet is judged.
    pub start_gtid: Option<String>,
    /// Most rows per copy chunk; None = sized by bytes and time.
    pub chunk_rows: Option<u64>,
    /// Bytes of source transactions grouped into one target transaction: 1 = none, None = auto.
    pub group_bytes: Option<u64>,
    /// Length of the queue between log reader and sink, in transactions; None = auto.
    pub queue_length: Option<u32>,
    /// Do not create schemas and tables at the target.
    pub skip_create: bool,
    pub existing_table: ExistingTable,
    /// Transactions of the log that are passed over: a GTID each, or `file:offset` of the beginning where there are none.
    pub skip: Vec<String>,
    /// Statements of the log for which others run at the target.
    pub replace: Vec<Replacement>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DestTask {
    pub task_name: String,
    pub node_id: Option<String>,
    pub sink: SinkSpec,
}

/// Where changes go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkSpec {
    Mysql(MysqlSinkSpec),
    Kafka(KafkaSinkSpec),
    Lines(LinesSinkSpec),
}

impl SinkSpec {
    pub fn mysql(&self) -> Option<&MysqlSinkSpec> {
        match self {
            Self::Mysql(sink) => Some(sink),
            Self::Kafka(_) | Self::Lines(_) => None,
        }
    }
    pub fn kafka(&self) -> Option<&KafkaSinkSpec> {
        match self {
            Self::Kafka(sink) => Some(sink),
            Self::Mysql(_) | Self::Lines(_) => None,
        }
    }
    pub fn lines(&self) -> Option<&LinesSinkSpec> {
        match self {
            Self::Lines(sink) => Some(sink),
            Self::Mysql(_) | Self::Kafka(_) => None,
        }
    }
    /// Says whether the job is somebody's who reads what it writes, and ends with them.
    pub fn is_callers(&self) -> bool {
        self.lines().is_some_and(|sink| sink.to == LinesTo::Caller)
    }
    /// The database at the other end, where it is one.
    pub fn endpoint(&self) -> Option<&MysqlEndpoint> {
        self.mysql().map(|sink| &sink.endpoint)
    }
    pub fn endpoint_mut(&mut self) -> Option<&mut MysqlEndpoint> {
        match self {
            Self::Mysql(sink) => Some(&mut sink.endpoint),
            Self::Kafka(_) | Self::Lines(_) => None,
        }
    }
    /// The form in which messages name the other end.
    pub fn address(&self) -> String {
        match self {
            Self::Mysql(sink) => sink.endpoint.address(),
            Self::Kafka(sink) => sink.addresses(),
            Self::Lines(sink) => sink.address(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MysqlSinkSpec {
    pub endpoint: MysqlEndpoint,
    /// Apply connections; None = auto.
    pub apply_workers: Option<u32>,
    /// Copy connections; None = auto.
    pub copy_workers: Option<u32>,
    pub conflict: ConflictPolicy,
    pub detection: ConflictDetection,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicateSpec {
    pub kind: ReplicateKind,
    pub src: SrcTask,
    pub dest: DestTask,
    /// Echoed as sent.
    pub failover: Option<bool>,
    pub throttle: Throttle,
    pub gates: Gates,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_doubles_backticks() {
        assert_eq!(TableName::new("a`b", "c").quoted(), "`a``b`.`c`");
    }
}
