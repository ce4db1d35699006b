//! A task of the driver Kafka → where a job's rows go. Its options stand in `Config` itself or under `KafkaConfig`.

use super::super::super::error::{Error, Result};
use super::{Context, Named, agreed, given};
use crate::api::dtle;
use crate::model::kafka::{Broker, KafkaSinkSpec, PartitionBy};
use crate::wire::dtle2::request as wire;

/// Says whether a task goes into Kafka: it says so, or has a `KafkaConfig` and says nothing.
pub(super) fn is_meant(task: &wire::Task) -> bool {
    let named = given(task.driver.as_deref());
    named.map_or_else(|| task.config.as_ref().is_some_and(|c| c.kafka_config.is_some()), |d| d.eq_ignore_ascii_case("kafka"))
}

/// Names what is missing.
pub(super) fn complete(path: &str, config: &wire::Config, missing: &mut Vec<String>) {
    let (prefix, wire::Kafka { topic, brokers, .. }) = options(config);
    let there = [given(topic.as_deref()).is_some(), brokers.as_ref().is_some_and(|b| !b.is_empty())];
    missing.extend(
        ["Topic", "Brokers"].iter().zip(there).filter(|(_, there)| !there).map(|(name, _)| format!("{path}.Config.{prefix}{name}")),
    );
}

/// Returns the options and what stands before their names.
fn options(config: &wire::Config) -> (&'static str, wire::Kafka) {
    let wire::Config {
        kafka_config,
        topic,
        brokers,
        converter,
        time_zone,
        message_group_max_size,
        message_group_timeout,
        topic_with_schema_table,
        ..
    } = config;
    match kafka_config {
        Some(nested) => ("KafkaConfig.", nested.clone()),
        None => (
            "",
            wire::Kafka {
                topic: topic.clone(),
                brokers: brokers.clone(),
                converter: converter.clone(),
                time_zone: time_zone.clone(),
                message_group_max_size: *message_group_max_size,
                message_group_timeout: *message_group_timeout,
                topic_with_schema_table: *topic_with_schema_table,
            },
        ),
    }
}

/// Returns the destination.
pub(super) fn sink(src: &Named<'_>, dest: &Named<'_>, context: &Context<'_>) -> Result<KafkaSinkSpec> {
    let (prefix, options) = options(dest.config);
    let field = |name: &str| dest.field(&format!("{prefix}{name}"));
    if dest.config.connection_config.is_some() {
        return Err(Error::field(&dest.field("ConnectionConfig"), "a Kafka destination is reached by its Brokers"));
    }
    if agreed("ParallelWorkers", src, dest, |c| c.parallel_workers)?.is_some_and(|w| w > 1) {
        return Err(Error::field(&dest.field("ParallelWorkers"), "messages are sent by one producer"));
    }
    let wire::Kafka { topic, brokers, converter, time_zone, message_group_max_size, message_group_timeout, topic_with_schema_table } =
        options;
    if given(converter.as_deref()).is_some_and(|c| c != "json") {
        return Err(Error::field(&field("Converter"), "expected json"));
    }
    if given(time_zone.as_deref()).is_some_and(|z| z != "UTC") {
        return Err(Error::field(&field("TimeZone"), "expected UTC: other zones are not supported yet"));
    }
    let brokers = brokers.iter().flatten().map(|b| Broker::parse(b)).collect::<Result<Vec<_>, _>>();
    let topic = dtle::topic_rule(given(topic.as_deref()).unwrap_or_default(), topic_with_schema_table.unwrap_or(true));
    // 0 is dtle's "not sent".
    let count = |name: &str, sent: Option<i64>| match sent.filter(|n| *n != 0).map(u64::try_from) {
        Some(Err(_)) => Err(Error::field(&field(name), "expected a number above 0")),
        sent => Ok(sent.and_then(std::result::Result::ok)),
    };
    let stored = context.stored.and_then(|s| s.dest.sink.kafka());
    Ok(KafkaSinkSpec {
        brokers: brokers.map_err(|why| Error::field(&field("Brokers"), why))?,
        topic: topic.map_err(|why| Error::field(&field("Topic"), why))?,
        group_bytes: count("MessageGroupMaxSize", message_group_max_size)?,
        group_millis: count("MessageGroupTimeout", message_group_timeout)?,
        // No words of this dialect: what an update finds stays.
        messages: stored.map_or_else(dtle::own_messages, |s| s.messages.clone()),
        partition_by: stored.map_or(PartitionBy::PrimaryKey, |s| s.partition_by.clone()),
        ddl_topic: stored.and_then(|s| s.ddl_topic.clone()),
        transaction_topic: stored.and_then(|s| s.transaction_topic.clone()),
        heartbeat: stored.and_then(|s| s.heartbeat.clone()),
    })
}
