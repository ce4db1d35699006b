//! A subscription's destination, in both directions.

use crate::api::error::{Error, Result};
use crate::model::kafka::{Broker, Fallback, KafkaSinkSpec, MessageFormat, PartitionBy, RateLimit, TopicRule, check_topic};
use crate::wire::native::kafka as wire;

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
        rows_per_second,
        burst_rows,
    } = kafka;
    let bad = |field: &str, why: &str| Error::bad_request(format!("kafka.{field}: {why}")).field(format!("kafka.{field}"));
    if brokers.is_empty() {
        return Err(bad("brokers", "must name at least one broker"));
    }
    let brokers = brokers.iter().map(|b| Broker::parse(b)).collect::<Result<_, _>>().map_err(|why| bad("brokers", &why))?;
    let topic = TopicRule::parse(&topic).map_err(|why| bad("topic", &format!("{why}; {{schema}} and {{table}} are replaced")))?;
    ddl_topic.as_deref().map_or(Ok(()), check_topic).map_err(|why| bad("ddl_topic", &why))?;
    if (partition_by == wire::PartitionBy::Columns) == partition_columns.is_empty() {
        return Err(bad("partition_columns", "goes with partition_by = \"columns\", and only with that"));
    }
    if burst_rows.is_some() && rows_per_second.is_none() {
        return Err(bad("burst_rows", "goes with rows_per_second"));
    }
    Ok(KafkaSinkSpec {
        brokers,
        topic,
        format: match format {
            wire::MessageFormat::Debezium => MessageFormat::Debezium { schema: message_schema },
            wire::MessageFormat::Canal => MessageFormat::Canal,
            wire::MessageFormat::Flat => MessageFormat::Flat,
            wire::MessageFormat::Maxwell => MessageFormat::Maxwell,
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
        exclude_columns,
        tombstones,
        ddl_topic,
        rate: rows_per_second
            .filter(|n| *n > 0)
            .map(|rows_per_second| RateLimit { rows_per_second, burst: burst_rows.unwrap_or(rows_per_second).max(1) }),
        group_bytes: None,
        group_millis: None,
    })
}

/// What only other families say stays.
pub(super) fn keep_unsaid(new: &mut KafkaSinkSpec, stored: KafkaSinkSpec) {
    let KafkaSinkSpec {
        brokers: _,
        topic: _,
        format: _,
        partition_by: _,
        exclude_columns: _,
        tombstones: _,
        ddl_topic: _,
        rate: _,
        group_bytes,
        group_millis,
    } = stored;
    (new.group_bytes, new.group_millis) = (group_bytes, group_millis);
}

pub(super) fn shown(sink: KafkaSinkSpec) -> wire::Kafka {
    let KafkaSinkSpec {
        brokers,
        topic,
        format,
        partition_by,
        exclude_columns,
        tombstones,
        ddl_topic,
        rate,
        group_bytes: _,
        group_millis: _,
    } = sink;
    let (format, message_schema) = match format {
        MessageFormat::Debezium { schema } => (wire::MessageFormat::Debezium, schema),
        MessageFormat::Canal => (wire::MessageFormat::Canal, true),
        MessageFormat::Flat => (wire::MessageFormat::Flat, true),
        MessageFormat::Maxwell => (wire::MessageFormat::Maxwell, true),
    };
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
        tombstones,
        partition_by,
        partition_columns,
        partition_fallback: match fallback {
            Fallback::Table => wire::PartitionFallback::Table,
            Fallback::PrimaryKey => wire::PartitionFallback::PrimaryKey,
        },
        exclude_columns,
        ddl_topic,
        rows_per_second: rate.map(|r| r.rows_per_second),
        burst_rows: rate.map(|r| r.burst),
    }
}
