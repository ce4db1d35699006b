//! `dest_task` → where a job's rows go.

use super::super::super::error::{Error, Result};
use super::{Context, count, endpoint, node, required, task_role, wire};
use crate::api::dtle;
use crate::model::kafka::{Broker, KafkaSinkSpec, PartitionBy};
use crate::model::replicate::{ConflictDetection, ConflictPolicy, DestTask, MysqlSinkSpec, ReplicateKind, SinkSpec};

pub(super) fn destination(task: &wire::DestTask, context: &Context<'_>) -> Result<DestTask> {
    let wire::DestTask {
        task_name,
        node_id,
        parallel_workers,
        mysql_connection_config,
        kafka_broker_addrs,
        kafka_topic,
        message_group_max_size,
        message_group_timeout,
    } = task;
    if context.kind == ReplicateKind::Subscription {
        if context.stored.is_some_and(|s| s.dest.sink.lines().is_some()) {
            let why = "this job writes lines of JSON, for which this API has no words; change it by `syncline jobs update`";
            return Err(Error::unfit("dest_task.kafka_topic", why));
        }
        return Ok(DestTask {
            task_name: task_role("dest_task.task_name", task_name.as_deref(), &["dest", "dst", "destination"])?,
            node_id: node("dest_task.node_id", node_id.as_deref(), context)?,
            sink: SinkSpec::Kafka(kafka(task, context.stored.and_then(|s| s.dest.sink.kafka()))?),
        });
    }
    for (field, given) in [("message_group_max_size", message_group_max_size), ("message_group_timeout", message_group_timeout)] {
        if given.is_some() {
            return Err(Error::unfit(&format!("dest_task.{field}"), format!("a {} job has no messages", context.kind.as_str())));
        }
    }
    if kafka_broker_addrs.is_some() || kafka_topic.is_some() {
        let field = if kafka_topic.is_some() { "dest_task.kafka_topic" } else { "dest_task.kafka_broker_addrs" };
        return Err(Error::unfit(field, format!("a {} job has no Kafka destination", context.kind.as_str())));
    }
    let apply_workers = match count("dest_task.parallel_workers", *parallel_workers)? {
        Some(n @ 1..=64) => u32::try_from(n).ok(),
        None => None,
        Some(_) => return Err(Error::unfit("dest_task.parallel_workers", "at most 64 apply connections")),
    };
    let stored = context.stored.and_then(|s| s.dest.sink.mysql());
    Ok(DestTask {
        task_name: task_role("dest_task.task_name", task_name.as_deref(), &["dest", "dst", "destination"])?,
        node_id: node("dest_task.node_id", node_id.as_deref(), context)?,
        sink: SinkSpec::Mysql(MysqlSinkSpec {
            endpoint: endpoint("dest_task", mysql_connection_config.as_ref(), context.passwords, stored.map(|s| &s.endpoint))?,
            apply_workers,
            // No words of this dialect: what an update finds stays.
            copy_workers: stored.and_then(|s| s.copy_workers),
            // What dtle's REPLACE does.
            conflict: stored.map_or(ConflictPolicy::Overwrite, |s| s.conflict),
            detection: stored.map_or(ConflictDetection::Key, |s| s.detection),
        }),
    })
}

/// A subscription's destination: dtle's messages have Debezium's form, one topic per table, a key per row.
fn kafka(task: &wire::DestTask, stored: Option<&KafkaSinkSpec>) -> Result<KafkaSinkSpec> {
    for (field, given) in
        [("parallel_workers", task.parallel_workers.is_some()), ("mysql_connection_config", task.mysql_connection_config.is_some())]
    {
        if given {
            return Err(Error::unfit(&format!("dest_task.{field}"), "a subscription's destination is Kafka"));
        }
    }
    let brokers = task.kafka_broker_addrs.iter().flatten().map(|b| Broker::parse(b)).collect::<Result<Vec<_>, _>>();
    let brokers = brokers.map_err(|why| Error::field("dest_task.kafka_broker_addrs", why))?;
    let topic = required("dest_task.kafka_topic", task.kafka_topic.as_deref())?;
    let topic = dtle::topic_rule(topic, true).map_err(|why| Error::field("dest_task.kafka_topic", why))?;
    Ok(KafkaSinkSpec {
        brokers,
        topic,
        group_bytes: count("dest_task.message_group_max_size", task.message_group_max_size)?,
        group_millis: count("dest_task.message_group_timeout", task.message_group_timeout)?,
        // No words of this dialect: what an update finds stays.
        messages: stored.map_or_else(dtle::own_messages, |s| s.messages.clone()),
        partition_by: stored.map_or(PartitionBy::PrimaryKey, |s| s.partition_by.clone()),
        ddl_topic: stored.and_then(|s| s.ddl_topic.clone()),
        transaction_topic: stored.and_then(|s| s.transaction_topic.clone()),
        heartbeat: stored.and_then(|s| s.heartbeat.clone()),
    })
}
