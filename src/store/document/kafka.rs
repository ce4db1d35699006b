//! A Kafka destination as it is stored.

use super::lines::{Format, Rate};
use crate::model::kafka as model;
use crate::model::messages::MessageSpec;
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
    #[serde(default)]
    transaction_topic: Option<String>,
    #[serde(default)]
    heartbeat: Option<Heartbeat>,
    /// Stood here once; the spec has it now.
    #[serde(default, skip_serializing)]
    pub(super) rate: Option<Rate>,
    group_bytes: Option<u64>,
    group_millis: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct Heartbeat {
    topic: String,
    seconds: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Topic {
    Fixed(String),
    Template(String),
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

impl Kafka {
    pub(super) fn of(sink: &model::KafkaSinkSpec) -> Self {
        let model::KafkaSinkSpec {
            brokers,
            topic,
            messages,
            partition_by,
            ddl_topic,
            transaction_topic,
            heartbeat,
            group_bytes,
            group_millis,
        } = sink;
        Self {
            brokers: brokers.iter().map(ToString::to_string).collect(),
            topic: match topic {
                model::TopicRule::Fixed(name) => Topic::Fixed(name.clone()),
                model::TopicRule::Template(text) => Topic::Template(text.clone()),
            },
            format: Format::of(messages.format),
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
            exclude_columns: messages.exclude_columns.clone(),
            tombstones: messages.tombstones,
            ddl_topic: ddl_topic.clone(),
            transaction_topic: transaction_topic.clone(),
            heartbeat: heartbeat.clone().map(|model::Heartbeat { topic, seconds }| Heartbeat { topic, seconds }),
            rate: None,
            group_bytes: *group_bytes,
            group_millis: *group_millis,
        }
    }

    pub(super) fn into_model(self) -> Result<model::KafkaSinkSpec, String> {
        let Self {
            brokers,
            topic,
            format,
            partition_by,
            exclude_columns,
            tombstones,
            ddl_topic,
            transaction_topic,
            heartbeat,
            rate: _,
            group_bytes,
            group_millis,
        } = self;
        Ok(model::KafkaSinkSpec {
            brokers: brokers.iter().map(|b| model::Broker::parse(b)).collect::<Result<_, _>>()?,
            topic: match topic {
                Topic::Fixed(name) => model::TopicRule::Fixed(name),
                Topic::Template(text) => model::TopicRule::Template(text),
            },
            messages: MessageSpec { format: format.into_model(), exclude_columns, tombstones },
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
            ddl_topic,
            transaction_topic,
            heartbeat: heartbeat.map(|Heartbeat { topic, seconds }| model::Heartbeat { topic, seconds }),
            group_bytes,
            group_millis,
        })
    }
}
