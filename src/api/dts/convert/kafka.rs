//! A task's destination, in both directions.

use super::super::error::{Error, Result};
use super::request::given;
use crate::model::kafka::{Broker, Fallback, KafkaSinkSpec, PartitionBy, TopicRule};
use crate::model::live::{RateLimit, Throttle};
use crate::model::messages::{MessageFormat, MessageSpec};
use crate::wire::dts::{reply, request as wire};

/// What `topic_mode` stands for.
const BY_SCHEMA: &str = "{schema}";
const BY_TABLE: &str = "{schema}_{table}";

/// Returns the destination, and what the operator should know of it.
pub(super) fn spec(kafka: &wire::Kafka, stored: Option<&KafkaSinkSpec>) -> Result<(KafkaSinkSpec, String)> {
    let wire::Kafka {
        addr,
        topic,
        topic_mode,
        flat_format,
        maxwell_format,
        partition_mode,
        partition_columns,
        producer_partition_by_fallback,
        exclude_columns,
    } = kafka;
    let addr = given(addr.as_deref()).ok_or_else(|| Error::field("task.kafka.addr", "required"))?;
    let brokers =
        addr.split(',').map(|one| Broker::parse(one.trim()).map_err(|why| Error::field("task.kafka.addr", why))).collect::<Result<_>>()?;
    let (topic, note) = topic_rule(given(topic.as_deref()), *topic_mode)?;
    let columns = partition_columns.as_deref().unwrap_or_default();
    let partition_by = partition(given(partition_mode.as_deref()), columns, given(producer_partition_by_fallback.as_deref()))?;
    let sink = KafkaSinkSpec {
        brokers,
        topic,
        messages: MessageSpec {
            format: format(*flat_format, *maxwell_format, stored.map(|s| s.messages.format))?,
            exclude_columns: exclude_columns.clone().unwrap_or_default(),
            // No word of this dialect: what an alter finds stays.
            tombstones: stored.is_some_and(|s| s.messages.tombstones),
        },
        partition_by,
        // Nor are these.
        ddl_topic: stored.and_then(|s| s.ddl_topic.clone()),
        transaction_topic: stored.and_then(|s| s.transaction_topic.clone()),
        heartbeat: stored.and_then(|s| s.heartbeat.clone()),
        group_bytes: stored.and_then(|s| s.group_bytes),
        group_millis: stored.and_then(|s| s.group_millis),
    };
    Ok((sink, note))
}

fn topic_rule(topic: Option<&str>, mode: Option<i64>) -> Result<(TopicRule, String)> {
    let named = topic.map(|text| TopicRule::parse(text).map_err(|why| Error::field("task.kafka.topic", why))).transpose()?;
    let template = |text: &str| TopicRule::Template(text.to_owned());
    let rule = match (mode, named) {
        (None, Some(named)) => return Ok((named, String::new())),
        (None | Some(0), _) => template(BY_SCHEMA),
        (Some(1), _) => template(BY_TABLE),
        (Some(_), _) => return Err(Error::field("task.kafka.topic_mode", "expected 0 (dbname) or 1 (dbname_tablename)")),
    };
    let note = match (topic, mode) {
        (Some(topic), Some(mode)) => format!("the topic {topic:?} is not used: topic_mode {mode} names the topics"),
        _ => String::new(),
    };
    Ok((rule, note))
}

/// Canal's message, unless another is asked for; the one that this dialect has no word for stays until one is.
fn format(flat: Option<bool>, maxwell: Option<bool>, stored: Option<MessageFormat>) -> Result<MessageFormat> {
    match (flat, maxwell, stored) {
        (Some(true), Some(true), _) => Err(Error::field("task.kafka.maxwell_format", "flat_format and maxwell_format are two formats")),
        (Some(true), _, _) => Ok(MessageFormat::Flat),
        (_, Some(true), _) => Ok(MessageFormat::Maxwell),
        (None, None, Some(other @ MessageFormat::Debezium { .. })) => Ok(other),
        _ => Ok(MessageFormat::Canal),
    }
}

fn partition(mode: Option<&str>, columns: &[String], fallback: Option<&str>) -> Result<PartitionBy> {
    let fallback = match fallback {
        None | Some("table") => Fallback::Table,
        Some("primary_key") => Fallback::PrimaryKey,
        Some(_) => return Err(Error::field("task.kafka.producer_partition_by_fallback", "expected table or primary_key")),
    };
    let by_column = mode == Some("column");
    if by_column != columns.is_empty() {
        let columns = || columns.to_vec();
        return match mode {
            None | Some("primary_key") => Ok(PartitionBy::PrimaryKey),
            Some("table") => Ok(PartitionBy::Table),
            Some("column") => Ok(PartitionBy::Columns { columns: columns(), fallback }),
            Some(_) => Err(Error::field("task.kafka.partition_mode", "expected table, column or primary_key")),
        };
    }
    let why = if by_column { "required for partition_mode column" } else { "goes with partition_mode column" };
    Err(Error::field("task.kafka.partition_columns", why))
}

/// A limit that was sent replaces the task's; `stored` stays without one.
pub(super) fn throttle(limit: Option<&wire::RateLimit>, stored: Throttle) -> Result<Throttle> {
    // Bytes are no word of this dialect.
    limit.map_or(Ok(stored), |limit| Ok(Throttle { rows: rate(limit)?, ..stored }))
}

fn rate(limit: &wire::RateLimit) -> Result<Option<RateLimit>> {
    let wire::RateLimit { rate, capacity } = limit;
    let count = |name: &str, sent: Option<i64>| {
        let number = u64::try_from(sent.unwrap_or(0));
        number.map_err(|_| Error::field(&format!("task.rate_limit.{name}"), "expected 0 or more"))
    };
    let (per_second, burst) = (count("rate", *rate)?, count("capacity", *capacity)?);
    let burst = if burst == 0 { per_second } else { burst };
    Ok((per_second > 0).then_some(RateLimit { per_second, burst }))
}

pub(super) fn shown(sink: &KafkaSinkSpec) -> reply::Kafka {
    let KafkaSinkSpec {
        brokers: _,
        topic,
        messages: MessageSpec { format, exclude_columns, tombstones: _ },
        partition_by,
        ddl_topic: _,
        transaction_topic: _,
        heartbeat: _,
        group_bytes: _,
        group_millis: _,
    } = sink;
    let (topic, topic_mode) = match topic.text() {
        BY_SCHEMA => (None, Some(0)),
        BY_TABLE => (None, Some(1)),
        text => (Some(text.to_owned()), None),
    };
    let (partition_mode, partition_columns, fallback) = match partition_by {
        PartitionBy::Table => ("table", Vec::new(), None),
        PartitionBy::PrimaryKey => ("primary_key", Vec::new(), None),
        PartitionBy::Columns { columns, fallback } => {
            let fallback = match fallback {
                Fallback::Table => "table",
                Fallback::PrimaryKey => "primary_key",
            };
            ("column", columns.clone(), Some(fallback))
        }
    };
    reply::Kafka {
        addr: sink.addresses(),
        topic,
        topic_mode,
        flat_format: *format == MessageFormat::Flat,
        maxwell_format: *format == MessageFormat::Maxwell,
        partition_mode,
        partition_columns,
        producer_partition_by_fallback: fallback,
        exclude_columns: exclude_columns.clone(),
    }
}

pub(super) fn shown_limit(throttle: &Throttle) -> Option<reply::RateLimit> {
    throttle.rows.map(|RateLimit { per_second, burst }| reply::RateLimit { rate: per_second, capacity: burst })
}
