//! The body of submit and alter.
//!
//! Everything is optional here: `api/dts/convert` says what is missing or wrong, with its full name.

use crate::wire::lenient;
use serde::Deserialize;
use std::fmt;
use utoipa::ToSchema;

/// The whole body: everything stands under `task`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = dts::request::Body)]
pub struct Body {
    #[serde(default, deserialize_with = "lenient::object")]
    pub task: Option<Task>,
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = dts::request::Task)]
pub struct Task {
    #[serde(default, deserialize_with = "lenient::object")]
    pub source: Option<Source>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub kafka: Option<Kafka>,
    /// The first that names a table decides about it.
    #[serde(default, deserialize_with = "lenient::objects")]
    pub filters: Option<Vec<Filter>>,
    /// Another name of `filters`.
    #[serde(default, deserialize_with = "lenient::objects")]
    pub filter: Option<Vec<Filter>>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub rate_limit: Option<RateLimit>,
    /// true: from now on. false, and absent: what is there first.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub incr: Option<bool>,
}

#[derive(Clone, Default, Deserialize, ToSchema)]
#[schema(as = dts::request::Source)]
pub struct Source {
    #[serde(default, deserialize_with = "lenient::text")]
    pub host: Option<String>,
    /// Absent: 3306.
    #[serde(default, deserialize_with = "lenient::count")]
    pub port: Option<i64>,
    #[serde(default, deserialize_with = "lenient::word")]
    pub username: Option<String>,
    #[serde(default, deserialize_with = "lenient::word")]
    pub password: Option<String>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, username, password: _ } = self;
        write!(f, "Source({username:?} at {host:?}:{port:?})")
    }
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = dts::request::Kafka)]
pub struct Kafka {
    /// `host:port`, several separated by commas.
    #[serde(default, deserialize_with = "lenient::text")]
    pub addr: Option<String>,
    /// One topic for everything; `topic_mode` wins over it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub topic: Option<String>,
    /// 0: `dbname`, 1: `dbname_tablename`.
    #[serde(default, deserialize_with = "lenient::count")]
    pub topic_mode: Option<i64>,
    /// Each row as one flat object, instead of Canal's message.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub flat_format: Option<bool>,
    /// Maxwell's message.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub maxwell_format: Option<bool>,
    /// `table`, `column` or `primary_key`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub partition_mode: Option<String>,
    /// For `column`.
    #[serde(default, deserialize_with = "lenient::texts")]
    pub partition_columns: Option<Vec<String>>,
    /// `table` or `primary_key`: for tables that have none of the columns.
    #[serde(default, deserialize_with = "lenient::text")]
    pub producer_partition_by_fallback: Option<String>,
    /// Columns of any table that are left out.
    #[serde(default, deserialize_with = "lenient::texts")]
    pub exclude_columns: Option<Vec<String>>,
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = dts::request::Filter)]
pub struct Filter {
    /// One schema, exactly.
    #[serde(default, deserialize_with = "lenient::word")]
    pub dbname: Option<String>,
    /// A table, several separated by commas, or `/a regular expression/` for whole names.
    #[serde(rename = "match", default, deserialize_with = "lenient::word")]
    pub tables: Option<String>,
    /// Which rows: an SQL condition, or `select … from … where condition`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub filter: Option<String>,
}

/// A token bucket over rows.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[schema(as = dts::request::RateLimit)]
pub struct RateLimit {
    /// Rows per second; 0: unlimited.
    #[serde(default, deserialize_with = "lenient::count")]
    pub rate: Option<i64>,
    /// Rows that may go at once; absent: `rate`.
    #[serde(default, deserialize_with = "lenient::count")]
    pub capacity: Option<i64>,
}
