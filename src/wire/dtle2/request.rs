//! The body of `POST /v1/jobs`. Clients also send back what they were shown, so the fields of replies are known here.
//!
//! Everything is optional: `api/dtle2/convert` says what is missing, with its full name.

use crate::wire::lenient;
use serde::Deserialize;
use serde_json::Value;
use std::fmt;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Job {
    #[serde(rename = "ID", deserialize_with = "lenient::word")]
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient::word")]
    pub name: Option<String>,
    #[serde(rename = "Type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub region: Option<String>,
    #[serde(deserialize_with = "lenient::texts")]
    pub datacenters: Option<Vec<String>>,
    #[serde(deserialize_with = "lenient::flag")]
    pub failover: Option<bool>,
    #[serde(deserialize_with = "lenient::flag")]
    pub enforce_index: Option<bool>,
    #[serde(deserialize_with = "lenient::count")]
    pub job_modify_index: Option<i64>,
    pub orders: Value,
    pub constraints: Value,
    #[serde(deserialize_with = "lenient::objects")]
    pub tasks: Option<Vec<Task>>,
    /// Shown by replies; not for clients to set.
    pub status: Value,
    pub status_description: Value,
    pub create_index: Value,
    pub modify_index: Value,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Task {
    /// `Src` or `Dest`.
    #[serde(rename = "Type", deserialize_with = "lenient::text")]
    pub role: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub driver: Option<String>,
    #[serde(rename = "NodeID", deserialize_with = "lenient::text")]
    pub node_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub node_name: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    pub config: Option<Config>,
    pub constraints: Value,
    /// Shown by replies; not for clients to set.
    pub config_lock: Value,
    pub leader: Value,
}

/// A task's config. Source and target know the same names.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Config {
    #[serde(deserialize_with = "lenient::object")]
    pub connection_config: Option<Connection>,
    #[serde(deserialize_with = "lenient::objects")]
    pub replicate_do_db: Option<Vec<Schema>>,
    #[serde(deserialize_with = "lenient::objects")]
    pub replicate_ignore_db: Option<Vec<Schema>>,
    #[serde(deserialize_with = "lenient::text")]
    pub gtid: Option<String>,
    #[serde(deserialize_with = "lenient::count")]
    pub chunk_size: Option<i64>,
    #[serde(deserialize_with = "lenient::count")]
    pub group_max_size: Option<i64>,
    #[serde(deserialize_with = "lenient::count")]
    pub repl_chan_buffer_size: Option<i64>,
    #[serde(deserialize_with = "lenient::count")]
    pub parallel_workers: Option<i64>,
    #[serde(deserialize_with = "lenient::flag")]
    pub drop_table_if_exists: Option<bool>,
    #[serde(deserialize_with = "lenient::flag")]
    pub skip_create_db_table: Option<bool>,
    #[serde(deserialize_with = "lenient::flag")]
    pub expand_syntax_support: Option<bool>,
    #[serde(deserialize_with = "lenient::count")]
    pub traffic_against_limits: Option<i64>,
    /// Echoed and without effect, as the next four.
    pub nats_addr: Value,
    pub approve_heterogeneous: Value,
    pub sql_mode: Value,
    pub bytes_limit: Value,
    pub msgs_limit: Value,
    /// A Kafka destination, refused by name until that sink ships.
    pub kafka_config: Value,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Connection {
    #[serde(deserialize_with = "lenient::text")]
    pub host: Option<String>,
    #[serde(deserialize_with = "lenient::count")]
    pub port: Option<i64>,
    #[serde(deserialize_with = "lenient::word")]
    pub user: Option<String>,
    #[serde(deserialize_with = "lenient::word")]
    pub password: Option<String>,
    /// Every session of ours carries text unchanged, so any character set that the server knows is the same.
    #[serde(deserialize_with = "lenient::text")]
    pub charset: Option<String>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, user, password: _, charset: _ } = self;
        write!(f, "Connection({user:?} at {host:?}:{port:?})")
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Schema {
    #[serde(deserialize_with = "lenient::word")]
    pub table_schema: Option<String>,
    #[serde(deserialize_with = "lenient::word")]
    pub table_schema_rename: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub table_schema_regex: Option<String>,
    #[serde(deserialize_with = "lenient::objects")]
    pub tables: Option<Vec<Table>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Table {
    #[serde(deserialize_with = "lenient::word")]
    pub table_name: Option<String>,
    #[serde(deserialize_with = "lenient::word")]
    pub table_rename: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub table_regex: Option<String>,
    /// Repeats the schema's, as dtle's own replies do.
    #[serde(deserialize_with = "lenient::word")]
    pub table_schema: Option<String>,
    #[serde(deserialize_with = "lenient::word")]
    pub table_schema_rename: Option<String>,
    #[serde(deserialize_with = "lenient::texts")]
    pub column_map_from: Option<Vec<String>>,
    #[serde(deserialize_with = "lenient::texts")]
    pub column_map_to: Option<Vec<String>>,
    #[serde(rename = "Where", deserialize_with = "lenient::text")]
    pub filter: Option<String>,
}
