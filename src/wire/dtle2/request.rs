//! The body of `POST /v1/jobs`. Clients also send back what they were shown, so the fields of replies are known here.
//!
//! Everything is optional: `api/dtle2/convert` says what is missing, with its full name.

use crate::wire::lenient;
use serde::Deserialize;
use serde_json::Value;
use std::fmt;
use utoipa::ToSchema;

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::request::Job)]
pub struct Job {
    #[serde(rename = "ID", default, deserialize_with = "lenient::word")]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "lenient::word")]
    pub name: Option<String>,
    #[serde(rename = "Type", default, deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub region: Option<String>,
    #[serde(default, deserialize_with = "lenient::texts")]
    pub datacenters: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub failover: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub enforce_index: Option<bool>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub job_modify_index: Option<i64>,
    #[serde(default)]
    pub orders: Value,
    #[serde(default)]
    pub constraints: Value,
    #[serde(default, deserialize_with = "lenient::objects")]
    pub tasks: Option<Vec<Task>>,
    /// Shown by replies; not for clients to set.
    #[serde(default)]
    pub status: Value,
    #[serde(default)]
    pub status_description: Value,
    #[serde(default)]
    pub create_index: Value,
    #[serde(default)]
    pub modify_index: Value,
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::request::Task)]
pub struct Task {
    /// `Src` or `Dest`.
    #[serde(rename = "Type", default, deserialize_with = "lenient::text")]
    pub role: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub driver: Option<String>,
    #[serde(rename = "NodeID", default, deserialize_with = "lenient::text")]
    pub node_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub node_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub config: Option<Config>,
    #[serde(default)]
    pub constraints: Value,
    /// Shown by replies; not for clients to set.
    #[serde(default)]
    pub config_lock: Value,
    #[serde(default)]
    pub leader: Value,
}

/// A task's config. Source and target know the same names.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::request::Config)]
pub struct Config {
    #[serde(default, deserialize_with = "lenient::object")]
    pub connection_config: Option<Connection>,
    #[serde(default, deserialize_with = "lenient::objects")]
    pub replicate_do_db: Option<Vec<Schema>>,
    #[serde(default, deserialize_with = "lenient::objects")]
    pub replicate_ignore_db: Option<Vec<Schema>>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub gtid: Option<String>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub chunk_size: Option<i64>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub group_max_size: Option<i64>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub repl_chan_buffer_size: Option<i64>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub parallel_workers: Option<i64>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub drop_table_if_exists: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub skip_create_db_table: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub expand_syntax_support: Option<bool>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub traffic_against_limits: Option<i64>,
    /// Echoed and without effect, as the next four.
    #[serde(default)]
    pub nats_addr: Value,
    #[serde(default)]
    pub approve_heterogeneous: Value,
    #[serde(default)]
    pub sql_mode: Value,
    #[serde(default)]
    pub bytes_limit: Value,
    #[serde(default)]
    pub msgs_limit: Value,
    /// Where a task of the driver Kafka writes; the same options may stand beside it instead, as the next seven.
    #[serde(default, deserialize_with = "lenient::object")]
    pub kafka_config: Option<Kafka>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub topic: Option<String>,
    #[serde(default, deserialize_with = "lenient::texts")]
    pub brokers: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub converter: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub time_zone: Option<String>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub message_group_max_size: Option<i64>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub message_group_timeout: Option<i64>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub topic_with_schema_table: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::request::Kafka)]
pub struct Kafka {
    /// The first part of each table's topic: `Topic.schema.table`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub topic: Option<String>,
    /// `host:port` each.
    #[serde(default, deserialize_with = "lenient::texts")]
    pub brokers: Option<Vec<String>>,
    /// `json`, as Debezium writes it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub converter: Option<String>,
    /// `UTC`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub time_zone: Option<String>,
    /// Bytes of messages sent together.
    #[serde(default, deserialize_with = "lenient::count")]
    pub message_group_max_size: Option<i64>,
    /// Milliseconds that a message waits for others.
    #[serde(default, deserialize_with = "lenient::count")]
    pub message_group_timeout: Option<i64>,
    /// false: everything into the one topic.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub topic_with_schema_table: Option<bool>,
}

#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::request::Connection)]
pub struct Connection {
    #[serde(default, deserialize_with = "lenient::text")]
    pub host: Option<String>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub port: Option<i64>,
    #[serde(default, deserialize_with = "lenient::word")]
    pub user: Option<String>,
    #[serde(default, deserialize_with = "lenient::word")]
    pub password: Option<String>,
    /// Every session of ours carries text unchanged, so any character set that the server knows is the same.
    #[serde(default, deserialize_with = "lenient::text")]
    pub charset: Option<String>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, user, password: _, charset: _ } = self;
        write!(f, "Connection({user:?} at {host:?}:{port:?})")
    }
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::request::Schema)]
pub struct Schema {
    #[serde(default, deserialize_with = "lenient::word")]
    pub table_schema: Option<String>,
    #[serde(default, deserialize_with = "lenient::word")]
    pub table_schema_rename: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub table_schema_regex: Option<String>,
    #[serde(default, deserialize_with = "lenient::objects")]
    pub tables: Option<Vec<Table>>,
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::request::Table)]
pub struct Table {
    #[serde(default, deserialize_with = "lenient::word")]
    pub table_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::word")]
    pub table_rename: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub table_regex: Option<String>,
    /// Repeats the schema's, as dtle's own replies do.
    #[serde(default, deserialize_with = "lenient::word")]
    pub table_schema: Option<String>,
    #[serde(default, deserialize_with = "lenient::word")]
    pub table_schema_rename: Option<String>,
    #[serde(default, deserialize_with = "lenient::texts")]
    pub column_map_from: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient::texts")]
    pub column_map_to: Option<Vec<String>>,
    #[serde(rename = "Where", default, deserialize_with = "lenient::text")]
    pub filter: Option<String>,
}
