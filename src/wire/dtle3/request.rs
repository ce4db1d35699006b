//! The config object of `POST /v2/job/{migration,sync,subscription}` and of `/v2/validation/job`.
//!
//! Everything is optional here: `api/dtle3/convert` says what is missing, with its full name. Fields that dtle has and
//! this release has not are listed too, so that they are refused by name and not ignored.

use crate::wire::lenient;
use serde::Deserialize;
use std::fmt;
use utoipa::ToSchema;

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = dtle3::request::JobConfig)]
pub struct JobConfig {
    #[serde(default, deserialize_with = "lenient::text")]
    pub job_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub job_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub failover: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_mysql_password_encrypted: Option<bool>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub src_task: Option<SrcTask>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub dest_task: Option<DestTask>,
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = dtle3::request::SrcTask)]
pub struct SrcTask {
    #[serde(default, deserialize_with = "lenient::text")]
    pub task_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub node_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub gtid: Option<String>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub group_max_size: Option<i64>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub chunk_size: Option<i64>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub drop_table_if_exists: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub skip_create_db_table: Option<bool>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub repl_chan_buffer_size: Option<i64>,
    #[serde(default, deserialize_with = "lenient::objects")]
    pub replicate_do_db: Option<Vec<Schema>>,
    #[serde(default, deserialize_with = "lenient::objects")]
    pub replicate_ignore_db: Option<Vec<Schema>>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub mysql_connection_config: Option<Connection>,
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = dtle3::request::DestTask)]
pub struct DestTask {
    #[serde(default, deserialize_with = "lenient::text")]
    pub task_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub node_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub parallel_workers: Option<i64>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub mysql_connection_config: Option<Connection>,
    /// A subscription's destination, as is what follows.
    #[serde(default, deserialize_with = "lenient::texts")]
    pub kafka_broker_addrs: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub kafka_topic: Option<String>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub message_group_max_size: Option<i64>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub message_group_timeout: Option<i64>,
}

/// One element of `replicate_do_db` or `replicate_ignore_db`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = dtle3::request::Schema)]
pub struct Schema {
    #[serde(default, deserialize_with = "lenient::text")]
    pub table_schema: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub table_schema_rename: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub table_schema_regex: Option<String>,
    #[serde(default, deserialize_with = "lenient::objects")]
    pub tables: Option<Vec<Table>>,
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = dtle3::request::Table)]
pub struct Table {
    #[serde(default, deserialize_with = "lenient::text")]
    pub table_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub table_rename: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub table_regex: Option<String>,
    #[serde(default, deserialize_with = "lenient::texts")]
    pub column_map_from: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient::texts")]
    pub column_map_to: Option<Vec<String>>,
    #[serde(rename = "where", default, deserialize_with = "lenient::text")]
    pub filter: Option<String>,
}

#[derive(Clone, Default, Deserialize, ToSchema)]
#[schema(as = dtle3::request::Connection)]
pub struct Connection {
    #[serde(default, deserialize_with = "lenient::text")]
    pub mysql_host: Option<String>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub mysql_port: Option<i64>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub mysql_user: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub mysql_password: Option<String>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mysql_host, mysql_port, mysql_user, mysql_password: _ } = self;
        write!(f, "Connection({mysql_user:?} at {mysql_host:?}:{mysql_port:?})")
    }
}
