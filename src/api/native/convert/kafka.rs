//! A subscription's destination, in both directions.

use super::lines;
use crate::api::error::{Error, Result};
use crate::model::kafka::{Broker, Fallback, Heartbeat, KafkaSinkSpec, PartitionBy, TopicRule, check_topic};
use crate::model::messages::MessageSpec;
use crate::wire::native::kafka as wire;

const HEARTBEAT_SECONDS: u32 = 10;

pub(super) fn spec(kafka: wire::Kafka) -> Result<KafkaSinkSpec> {
    let wire::Kafka {
        brokers,
        topic,
        format,
        message_schema,
        tombstones,
        partition_by,
        partition_columns,
        partition_fallback,
        exclude_columns,
        ddl_topic,
        transaction_topic,
        heartbeat_topic,
        heartbeat_seconds,
    } = kafka;
    let bad = |field: &str, why: &str| Error::bad_request(format!("kafka.{field}: {why}")).field(format!("kafka.{field}"));
    if brokers.is_empty() {
        return Err(bad("brokers", "must name at least one broker"));
    }
    let brokers = brokers.iter().map(|b| Broker::parse(b)).collect::<Result<_, _>>().map_err(|why| bad("brokers", &why))?;
    let topic = TopicRule::parse(&topic).map_err(|why| bad("topic", &format!("{why}; {{schema}} and {{table}} are replaced")))?;
    for (field, topic) in [("ddl_topic", &ddl_topic), ("transaction_topic", &transaction_topic), ("heartbeat_topic", &heartbeat_topic)] {
        topic.as_deref().map_or(Ok(()), check_topic).map_err(|why| bad(field, &why))?;
    }
    if transaction_topic.is_some() && format != wire::MessageFormat::Debezium {
        return Err(bad("transaction_topic", "goes with format = \"debezium\", and only with that"));
    }
    let heartbeat = match (heartbeat_topic, heartbeat_seconds) {
        (Some(topic), seconds) => Some(Heartbeat { topic, seconds: seconds.unwrap_or(HEARTBEAT_SECONDS) }),
        (None, Some(_)) => return Err(bad("heartbeat_seconds", "goes with heartbeat_topic")),
        (None, None) => None,
    };
    if heartbeat.as_ref().is_some_and(|h| h.seconds == 0) {
        return Err(bad("heartbeat_seconds", "must be at least 1"));
    }
    if (partition_by == wire::PartitionBy::Columns) == partition_columns.is_empty() {
        return Err(bad("partition_columns", "goes with partition_by = \"columns\", and only with that"));
    }
    Ok(KafkaSinkSpec {
        brokers,
        topic,
        messages: MessageSpec {
            format: lines::format(format, message_schema),
            exclude_columns,
            tombstones: tombstones.unwrap_or(format == wire::MessageFormat::Debezium),
        },
        partition_by: match partition_by {
            wire::PartitionBy::Table => PartitionBy::Table,
            wire::PartitionBy::PrimaryKey => PartitionBy::PrimaryKey,
            wire::PartitionBy::Columns => PartitionBy::Columns {
                columns: partition_columns,
                fallback: match partition_fallback {
                    wire::PartitionFallback::Table => Fallback::Table,
                    wire::PartitionFallback::PrimaryKey => Fallback::PrimaryKey,
                },
            },
        },
        ddl_topic,
        transaction_topic,
        heartbeat,
        group_bytes: None,
        group_millis: None,
    })
}

/// What only other families say stays.
pub(super) fn keep_unsaid(new: &mut KafkaSinkSpec, stored: KafkaSinkSpec) {
    let KafkaSinkSpec {
        brokers: _,
        topic: _,
        messages: _,
        partition_by: _,
        ddl_topic: _,
        transaction_topic: _,
        heartbeat: _,
        group_bytes,
        group_millis,
    } = stored;
    (new.group_bytes, new.group_millis) = (group_bytes, group_millis);
}

pub(super) fn shown(sink: KafkaSinkSpec) -> wire::Kafka {
    let KafkaSinkSpec {
        brokers,
        topic,
        messages: MessageSpec { format, exclude_columns, tombstones },
        partition_by,
        ddl_topic,
        transaction_topic,
        heartbeat,
        group_bytes: _,
        group_millis: _,
    } = sink;
    let (format, message_schema) = lines::shown_format(format, true);
    let (partition_by, partition_columns, fallback) = match partition_by {
        PartitionBy::Table => (wire::PartitionBy::Table, Vec::new(), Fallback::Table),
        PartitionBy::PrimaryKey => (wire::PartitionBy::PrimaryKey, Vec::new(), Fallback::Table),
        PartitionBy::Columns { columns, fallback } => (wire::PartitionBy::Columns, columns, fallback),
    };
    wire::Kafka {
        brokers: brokers.iter().map(ToString::to_string).collect(),
        topic: topic.text().to_owned(),
        format,
        message_schema,
        tombstones: Some(tombstones),
        partition_by,
        partition_columns,
        partition_fallback: match fallback {
            Fallback::Table => wire::PartitionFallback::Table,
            Fallback::PrimaryKey => wire::PartitionFallback::PrimaryKey,
        },
        exclude_columns,
        ddl_topic,
        transaction_topic,
        heartbeat_topic: heartbeat.as_ref().map(|h| h.topic.clone()),
        heartbeat_seconds: heartbeat.map(|h| h.seconds),
    }
}
