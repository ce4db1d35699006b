//! A Kafka destination as it is stored.

use crate::model::kafka as model;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct Kafka {
    brokers: Vec<String>,
    topic: Topic,
    format: Format,
    partition_by: PartitionBy,
    exclude_columns: Vec<String>,
    tombstones: bool,
    ddl_topic: Option<String>,
    rate: Option<Rate>,
    group_bytes: Option<u64>,
    group_millis: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Topic {
    Fixed(String),
    Template(String),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    Debezium { schema: bool },
    Canal,
    Flat,
    Maxwell,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PartitionBy {
    Table,
    PrimaryKey,
    Columns { columns: Vec<String>, fallback: Fallback },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Fallback {
    Table,
    PrimaryKey,
}

#[derive(Serialize, Deserialize)]
struct Rate {
    rows_per_second: u64,
    burst: u64,
}

impl Kafka {
    pub(super) fn of(sink: &model::KafkaSinkSpec) -> Self {
        let model::KafkaSinkSpec {
            brokers,
            topic,
            format,
            partition_by,
            exclude_columns,
            tombstones,
            ddl_topic,
            rate,
            group_bytes,
            group_millis,
        } = sink;
        Self {
            brokers: brokers.iter().map(ToString::to_string).collect(),
            topic: match topic {
                model::TopicRule::Fixed(name) => Topic::Fixed(name.clone()),
                model::TopicRule::Template(text) => Topic::Template(text.clone()),
            },
            format: match format {
                model::MessageFormat::Debezium { schema } => Format::Debezium { schema: *schema },
                model::MessageFormat::Canal => Format::Canal,
                model::MessageFormat::Flat => Format::Flat,
                model::MessageFormat::Maxwell => Format::Maxwell,
            },
            partition_by: match partition_by {
                model::PartitionBy::Table => PartitionBy::Table,
                model::PartitionBy::PrimaryKey => PartitionBy::PrimaryKey,
                model::PartitionBy::Columns { columns, fallback } => PartitionBy::Columns {
                    columns: columns.clone(),
                    fallback: match fallback {
                        model::Fallback::Table => Fallback::Table,
                        model::Fallback::PrimaryKey => Fallback::PrimaryKey,
                    },
                },
            },
            exclude_columns: exclude_columns.clone(),
            tombstones: *tombstones,
            ddl_topic: ddl_topic.clone(),
            rate: rate.map(|model::RateLimit { rows_per_second, burst }| Rate { rows_per_second, burst }),
            group_bytes: *group_bytes,
            group_millis: *group_millis,
        }
    }

    pub(super) fn into_model(self) -> Result<model::KafkaSinkSpec, String> {
        let Self { brokers, topic, format, partition_by, exclude_columns, tombstones, ddl_topic, rate, group_bytes, group_millis } = self;
        Ok(model::KafkaSinkSpec {
            brokers: brokers.iter().map(|b| model::Broker::parse(b)).collect::<Result<_, _>>()?,
            topic: match topic {
                Topic::Fixed(name) => model::TopicRule::Fixed(name),
                Topic::Template(text) => model::TopicRule::Template(text),
            },
            format: match format {
                Format::Debezium { schema } => model::MessageFormat::Debezium { schema },
                Format::Canal => model::MessageFormat::Canal,
                Format::Flat => model::MessageFormat::Flat,
                Format::Maxwell => model::MessageFormat::Maxwell,
            },
            partition_by: match partition_by {
                PartitionBy::Table => model::PartitionBy::Table,
                PartitionBy::PrimaryKey => model::PartitionBy::PrimaryKey,
                PartitionBy::Columns { columns, fallback } => model::PartitionBy::Columns {
                    columns,
                    fallback: match fallback {
                        Fallback::Table => model::Fallback::Table,
                        Fallback::PrimaryKey => model::Fallback::PrimaryKey,
                    },
                },
            },
            exclude_columns,
            tombstones,
            ddl_topic,
            rate: rate.map(|Rate { rows_per_second, burst }| model::RateLimit { rows_per_second, burst }),
            group_bytes,
            group_millis,
        })
    }
}
