//! The checks of a job that writes messages: the source as for any job, and the brokers.

use super::report::Findings;
use super::server::Server;
use super::{log_grants, reached, source, start, system_schemas, tables};
use crate::model::finding::{Check, Preflight, Severity, Side};
use crate::model::job::JobId;
use crate::model::kafka::{KafkaSinkSpec, TopicRule};
use crate::model::replicate::ReplicateSpec;
use crate::replicate::Recorded;
use crate::replicate::connect::Flavor;
use crate::replicate::sink::kafka;

pub(super) async fn run(spec: &ReplicateSpec, job: Option<&JobId>, recorded: &Recorded) -> Preflight {
    let filter = &spec.src.filter;
    let mut found = Findings::default();
    system_schemas(filter, &mut found);
    let sink = spec.dest.sink.kafka();
    let brokers = async { if let Some(sink) = sink { kafka::reach(sink).await.map_err(|e| (sink.addresses(), e)) } else { Ok(()) } };
    let (source, brokers) = tokio::join!(Server::ask(&spec.src.endpoint), brokers);
    let mut source = reached(source, Side::Src, &spec.src.endpoint, &mut found);
    if let Err((addresses, e)) = brokers {
        super::failed(&e, Side::Dest, &addresses, &mut found);
    }
    let mut schemas = Vec::new();
    if let Some(source) = &mut source {
        source::check(source, &mut found).await;
        metadata(source, &mut found);
        // `now` is asked for when the job starts.
        if let Some(gtid) = spec.src.start_gtid.as_ref().filter(|_| !recorded.started()) {
            start::check(source, gtid, &mut found).await;
        }
        match tables::check(spec, source, None, &Recorded::default(), &mut found).await {
            Ok(keyless) => schemas = keyless,
            Err(e) => super::failed(&e, Side::Src, "the job's tables", &mut found),
        }
        // The copy of every table is a snapshot, as that of a table without a key elsewhere.
        schemas.extend(filter.include.iter().map(|rule| rule.schema.clone()));
        schemas.sort();
        schemas.dedup();
    }
    cascades(&mut found);
    if let Some(sink) = sink {
        topics(sink, &mut found);
    }
    let src_grants = log_grants(source.as_ref(), &spec.src.endpoint, filter, &schemas);
    if let Some(server) = source {
        // A failed farewell leaves nothing behind at the server.
        server.conn.disconnect().await;
    }
    tracing::debug!(job.id = job.map(|j| j.0.as_str()), findings = found.0.len(), "preflight");
    Preflight { findings: found.0, src_grants, dest_grants: Vec::new() }
}

/// With names in the log, rows stay readable when the definition has changed since.
fn metadata(source: &Server, found: &mut Findings) {
    if source.variables.get("binlog_row_metadata").is_some_and(|m| m.eq_ignore_ascii_case("FULL")) {
        return;
    }
    let message =
        "the log does not name columns: rows logged before a change of their table that comes while the job is behind cannot be read";
    let statement = match source.info.flavor {
        Flavor::Mysql | Flavor::Mariadb => "SET GLOBAL binlog_row_metadata = 'FULL'; and in the server's configuration",
    };
    found.warning(Side::Src, Check::Binlog, "binlog_row_metadata_not_full", "binlog_row_metadata", message, statement);
}

/// A database would break by what its log does not say; a topic only lacks the children's messages.
fn cascades(found: &mut Findings) {
    for finding in found.0.iter_mut().filter(|f| f.code.contains("foreign_key") && f.severity == Severity::Error) {
        finding.severity = Severity::Warning;
        finding.message.push_str("; changes of its children that the server makes itself are in no message");
    }
}

fn topics(sink: &KafkaSinkSpec, found: &mut Findings) {
    let TopicRule::Fixed(rows) = &sink.topic else { return };
    let others = [
        (&sink.ddl_topic, "the topic of DDL statements is that of the rows", "name another ddl_topic"),
        (&sink.transaction_topic, "the topic of transactions is that of the rows", "name another transaction_topic"),
        (&sink.heartbeat.as_ref().map(|h| h.topic.clone()), "the topic of heartbeats is that of the rows", "name another heartbeat_topic"),
    ];
    for (topic, message, hint) in others {
        if let Some(topic) = topic.as_ref().filter(|t| *t == rows) {
            found.error(Side::Dest, Check::Other, "topic_taken", topic.clone(), message, hint);
        }
    }
}
