//! Replies: kratos' envelope and what is in it. The order of fields is the order of keys in the contract's samples.

use serde::Serialize;
use std::borrow::Cow;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// What every reply is; an error, or a success that has nothing to say, has [`Nothing`] in it.
#[derive(Debug, Clone, Serialize)]
pub struct Envelope<T> {
    /// 0, or the HTTP status below zero.
    pub code: i32,
    /// `0`, or what is wrong.
    pub message: String,
    /// Always 1.
    pub ttl: u32,
    pub data: T,
}

// By hand: the derived one leaves the type in it without a schema.
impl<T: ToSchema> PartialSchema for Envelope<T> {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).description(Some("`0`, or what is wrong."));
        let number = |about: &str| ObjectBuilder::new().schema_type(Type::Integer).description(Some(about));
        let object = ObjectBuilder::new()
            .property("code", number("0, or the HTTP status below zero."))
            .property("message", text)
            .property("ttl", number("Always 1."))
            .property("data", Ref::from_schema_name(T::name()));
        ["code", "message", "ttl", "data"].into_iter().fold(object, ObjectBuilder::required).into()
    }
}

impl<T: ToSchema> ToSchema for Envelope<T> {
    fn name() -> Cow<'static, str> {
        format!("{}Reply", T::name()).into()
    }
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
        schemas.push((T::name().into_owned(), T::schema()));
    }
}

/// `{}`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dts::Nothing)]
pub struct Nothing {}

impl<T> Envelope<T> {
    pub fn of(data: T) -> Self {
        Self { code: 0, message: "0".to_owned(), ttl: 1, data }
    }
}

impl Envelope<Nothing> {
    /// Returns the code that stands for an HTTP status.
    pub fn code(status: u16) -> i32 {
        if status < 400 { 0 } else { -i32::from(status) }
    }
    pub fn error(status: u16, message: String) -> Self {
        Self { code: Self::code(status), message, ttl: 1, data: Nothing {} }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dts::Submitted)]
pub struct Submitted {
    /// Where the task runs.
    pub addr: String,
    pub id: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dts::TaskList)]
pub struct TaskList {
    pub tasks: Vec<Row>,
    /// Of all pages.
    pub total: usize,
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dts::Row)]
pub struct Row {
    pub id: u64,
    pub source_addr: String,
    pub dest_addr: String,
    /// `MySQL56/uuid:1-N`, `MariaDB/0-1-100` or `FilePos/file:pos`; empty: nowhere yet.
    pub pos: String,
    pub updated_at: String,
    /// When the last transaction that is done with was committed at the source.
    pub transaction_time: String,
    /// `Init`, `Copying`, `Running`, `Stopped` or `Error`.
    pub state: &'static str,
    pub message: String,
    pub service_addr: String,
    /// What an operator should know and is no error.
    pub note: String,
}

/// A task with its settings.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = dts::Detail)]
pub struct Detail {
    pub id: u64,
    pub source_addr: String,
    pub dest_addr: String,
    pub pos: String,
    pub updated_at: String,
    pub transaction_time: String,
    pub state: &'static str,
    pub message: String,
    pub service_addr: String,
    pub note: String,
    /// Seconds behind the source; null: not known yet.
    pub lag: Option<f64>,
    /// Rows copied, and row changes sent, over all its life.
    pub rows_copied: u64,
    pub rows_sent: u64,
    /// As alter takes it; the password is masked.
    pub task: Task,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dts::Task)]
pub struct Task {
    pub source: Source,
    pub kafka: Kafka,
    pub filters: Vec<Filter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
    pub incr: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dts::Source)]
pub struct Source {
    pub host: String,
    pub port: u16,
    pub username: String,
    pub password: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dts::Kafka)]
pub struct Kafka {
    pub addr: String,
    /// A name, or another family's template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic_mode: Option<u8>,
    pub flat_format: bool,
    pub maxwell_format: bool,
    pub partition_mode: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub partition_columns: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub producer_partition_by_fallback: Option<&'static str>,
    pub exclude_columns: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dts::Filter)]
pub struct Filter {
    pub dbname: String,
    #[serde(rename = "match")]
    pub tables: String,
    pub filter: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dts::RateLimit)]
pub struct RateLimit {
    pub rate: u64,
    pub capacity: u64,
}
