//! The spec of a replication job: from one server to another, which tables, how.

use super::endpoint::MysqlEndpoint;
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

/// One schema of `do` or `ignore`: all its tables, or the named ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaRule {
    pub schema: String,
    /// Empty: every table of the schema, also later ones.
    pub tables: Vec<String>,
}

/// Which tables take part. `ignore` beats `include`; an empty `include` is the whole instance without system schemas.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableFilter {
    pub include: Vec<SchemaRule>,
    pub ignore: Vec<SchemaRule>,
}

/// Schemas that no job ever reads: the servers' own and our bookkeeping.
pub const SYSTEM_SCHEMAS: [&str; 6] = ["mysql", "information_schema", "performance_schema", "sys", "syncline", "dtle"];

impl TableFilter {
    /// Says whether the job replicates this table.
    pub fn includes(&self, schema: &str, table: &str) -> bool {
        if SYSTEM_SCHEMAS.iter().any(|s| s.eq_ignore_ascii_case(schema)) {
            return false;
        }
        let hit = |r: &SchemaRule| r.schema == schema && (r.tables.is_empty() || r.tables.iter().any(|t| t == table));
        !self.ignore.iter().any(hit) && (self.include.is_empty() || self.include.iter().any(hit))
    }
    /// Says whether any table of this schema can take part.
    pub fn touches_schema(&self, schema: &str) -> bool {
        !SYSTEM_SCHEMAS.iter().any(|s| s.eq_ignore_ascii_case(schema))
            && !self.ignore.iter().any(|r| r.schema == schema && r.tables.is_empty())
            && (self.include.is_empty() || self.include.iter().any(|r| r.schema == schema))
    }
}

/// What an exact apply does when the target row is not what the source's log says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConflictPolicy {
    #[default]
    Error,
    Overwrite,
    Skip,
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

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SrcTask {
    pub task_name: String,
    pub node_id: Option<String>,
    pub endpoint: MysqlEndpoint,
    pub filter: TableFilter,
    /// Executed GTIDs to start after, or `file:offset` where the source has none; no copy then. None: full copy first.
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
}

impl SinkSpec {
    pub fn mysql(&self) -> Option<&MysqlSinkSpec> {
        match self {
            Self::Mysql(sink) => Some(sink),
            Self::Kafka(_) => None,
        }
    }
    pub fn kafka(&self) -> Option<&KafkaSinkSpec> {
        match self {
            Self::Kafka(sink) => Some(sink),
            Self::Mysql(_) => None,
        }
    }
    /// The database at the other end, where it is one.
    pub fn endpoint(&self) -> Option<&MysqlEndpoint> {
        self.mysql().map(|sink| &sink.endpoint)
    }
    pub fn endpoint_mut(&mut self) -> Option<&mut MysqlEndpoint> {
        match self {
            Self::Mysql(sink) => Some(&mut sink.endpoint),
            Self::Kafka(_) => None,
        }
    }
    /// The form in which messages name the other end.
    pub fn address(&self) -> String {
        match self {
            Self::Mysql(sink) => sink.endpoint.address(),
            Self::Kafka(sink) => sink.brokers.join(","),
        }
    }
}

/// Row changes as messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KafkaSinkSpec {
    /// `host:port` each.
    pub brokers: Vec<String>,
    pub topic: TopicRule,
    pub format: MessageFormat,
    pub partition_by: PartitionBy,
    /// Columns of any table that are left out of the messages.
    pub exclude_columns: Vec<String>,
    /// Debezium only: a message without a value behind each delete, for compaction.
    pub tombstones: bool,
    /// Where the job's DDL statements go; None = nowhere.
    pub ddl_topic: Option<String>,
    pub rate: Option<RateLimit>,
    /// Bytes of messages sent together; None = auto.
    pub group_bytes: Option<u64>,
    /// Milliseconds that a message waits for others; None = auto.
    pub group_millis: Option<u64>,
}

/// The topic of a table's messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TopicRule {
    /// One for all.
    Fixed(String),
    /// With `{schema}` and `{table}` in it.
    Template(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageFormat {
    /// As Debezium's MySQL connector with Kafka Connect's JSON converter; `schema` puts the schema into every message.
    Debezium {
        schema: bool,
    },
    /// Canal's flat message.
    Canal,
    /// One object per row with the metadata beside the columns.
    Flat,
    Maxwell,
}

/// Which messages share a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartitionBy {
    Table,
    /// Tables without a key go by their name.
    PrimaryKey,
    /// By those of the columns that the table has; if it has none, by the fallback.
    Columns {
        columns: Vec<String>,
        fallback: Fallback,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    Table,
    PrimaryKey,
}

/// A token bucket over rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    pub rows_per_second: u64,
    pub burst: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MysqlSinkSpec {
    pub endpoint: MysqlEndpoint,
    /// Apply connections; None = auto.
    pub apply_workers: Option<u32>,
    /// Copy connections; None = auto.
    pub copy_workers: Option<u32>,
    pub conflict: ConflictPolicy,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicateSpec {
    pub kind: ReplicateKind,
    pub src: SrcTask,
    pub dest: DestTask,
    /// Echoed as sent.
    pub failover: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(schema: &str, tables: &[&str]) -> SchemaRule {
        SchemaRule { schema: schema.into(), tables: tables.iter().map(|t| (*t).to_owned()).collect() }
    }

    #[test]
    fn ignore_beats_include_and_system_schemas_never_take_part() {
        let all = TableFilter::default();
        assert!(all.includes("a", "t") && !all.includes("mysql", "user") && !all.includes("syncline", "fence"));
        let some = TableFilter { include: vec![rule("a", &[]), rule("b", &["x"])], ignore: vec![rule("a", &["secret"])] };
        assert!(some.includes("a", "t") && !some.includes("a", "secret") && some.includes("b", "x"));
        assert!(!some.includes("b", "y") && !some.includes("c", "x"));
        assert!(some.touches_schema("b") && !some.touches_schema("c"));
    }

    #[test]
    fn quoting_doubles_backticks() {
        assert_eq!(TableName::new("a`b", "c").quoted(), "`a``b`.`c`");
    }
}
