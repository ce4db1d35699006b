//! A job's spec, in both directions. Passwords go out as the mask.

use crate::api::error::{Error, Result};
use crate::model::endpoint::{MysqlEndpoint, TlsMode};
use crate::model::job::{JobId, Origin};
use crate::model::replicate::{
    ConflictPolicy, DestTask, ExistingTable, MysqlSinkSpec, ReplicateKind, ReplicateSpec, SchemaRule, SinkSpec, SrcTask, TableFilter,
};
use crate::scheduler::NewJob;
use crate::secret::{MASK, Secret};
use crate::wire::native::jobs as wire;

pub(in crate::api::native) fn new_job(body: wire::JobCreate) -> Result<NewJob> {
    let wire::JobCreate {
        name,
        id,
        kind,
        description,
        source,
        target,
        kafka,
        include,
        ignore,
        existing_tables,
        on_conflict,
        skip_create,
        start_gtid,
        chunk_rows,
        copy_workers,
        paused,
    } = body;
    if chunk_rows == Some(0) {
        return Err(Error::bad_request("chunk_rows: must be at least 1").field("chunk_rows"));
    }
    if copy_workers.is_some_and(|n| n == 0 || n > 64) {
        return Err(Error::bad_request("copy_workers: must be 1 to 64").field("copy_workers"));
    }
    let kind = match kind {
        wire::JobKind::Migration => ReplicateKind::Migration,
        wire::JobKind::Sync => ReplicateKind::Sync,
        wire::JobKind::Subscription => ReplicateKind::Subscription,
    };
    let src = SrcTask {
        task_name: "src".to_owned(),
        node_id: None,
        endpoint: endpoint(source),
        filter: TableFilter { include: rules(include), ignore: rules(ignore) },
        start_gtid: start_gtid.filter(|g| !g.trim().is_empty()),
        chunk_rows,
        group_bytes: None,
        queue_length: None,
        skip_create,
        existing_table: match existing_tables {
            wire::ExistingTable::Refuse => ExistingTable::Refuse,
            wire::ExistingTable::Upsert => ExistingTable::Upsert,
            wire::ExistingTable::Drop => ExistingTable::Drop,
        },
    };
    let mysql = |target| {
        SinkSpec::Mysql(MysqlSinkSpec {
            endpoint: endpoint(target),
            apply_workers: None,
            copy_workers,
            conflict: match on_conflict {
                wire::ConflictPolicy::Error => ConflictPolicy::Error,
                wire::ConflictPolicy::Overwrite => ConflictPolicy::Overwrite,
                wire::ConflictPolicy::Skip => ConflictPolicy::Skip,
            },
        })
    };
    let sink = match (kind, target, kafka) {
        (ReplicateKind::Subscription, None, Some(kafka)) => SinkSpec::Kafka(super::kafka::spec(kafka)?),
        (ReplicateKind::Subscription, Some(_), _) => {
            return Err(Error::bad_request("target: a subscription has none; its destination is kafka").field("target"));
        }
        (ReplicateKind::Subscription, None, None) => return Err(Error::bad_request("kafka: a subscription needs it").field("kafka")),
        (_, Some(target), None) => mysql(target),
        (_, _, Some(_)) => return Err(Error::bad_request("kafka: only a subscription has one").field("kafka")),
        (_, None, None) => return Err(Error::bad_request("target: field \"target\" is missing").field("target")),
    };
    let dest = DestTask { task_name: "dest".to_owned(), node_id: None, sink };
    Ok(NewJob {
        id: JobId(id.unwrap_or_else(|| format!("{name}-{}", kind.as_str()))),
        name,
        spec: ReplicateSpec { kind, src, dest, failover: None },
        paused,
        origin: Origin::Native,
        echo: None,
        description,
    })
}

fn rules(rules: Vec<wire::SchemaRule>) -> Vec<SchemaRule> {
    rules.into_iter().map(|wire::SchemaRule { schema, tables }| SchemaRule { schema, tables }).collect()
}

pub(in crate::api::native) fn endpoint(endpoint: wire::Endpoint) -> MysqlEndpoint {
    let wire::Endpoint { host, port, user, password, tls, tls_ca } = endpoint;
    MysqlEndpoint {
        host,
        port,
        user,
        password: Secret::new(password),
        tls: match tls {
            wire::TlsMode::Disabled => TlsMode::Disabled,
            wire::TlsMode::Preferred => TlsMode::Preferred,
            wire::TlsMode::Required => TlsMode::Required,
            wire::TlsMode::VerifyIdentity => TlsMode::VerifyIdentity,
        },
        tls_ca,
    }
}

fn shown_endpoint(endpoint: MysqlEndpoint) -> wire::Endpoint {
    let MysqlEndpoint { host, port, user, password, tls, tls_ca } = endpoint;
    wire::Endpoint {
        host,
        port,
        user,
        password: if password.is_empty() { String::new() } else { MASK.to_owned() },
        tls: match tls {
            TlsMode::Disabled => wire::TlsMode::Disabled,
            TlsMode::Preferred => wire::TlsMode::Preferred,
            TlsMode::Required => wire::TlsMode::Required,
            TlsMode::VerifyIdentity => wire::TlsMode::VerifyIdentity,
        },
        tls_ca,
    }
}

/// The spec as its operator would write it.
pub(super) fn config(id: &JobId, kind: wire::JobKind, name: &str, description: &str, spec: ReplicateSpec, paused: bool) -> wire::JobCreate {
    let ReplicateSpec { kind: _, src, dest, failover: _ } = spec;
    let SrcTask {
        task_name: _,
        node_id: _,
        endpoint: source,
        filter: TableFilter { include, ignore },
        start_gtid,
        chunk_rows,
        group_bytes: _,
        queue_length: _,
        skip_create,
        existing_table,
    } = src;
    let DestTask { task_name: _, node_id: _, sink } = dest;
    let (target, kafka, copy_workers, conflict) = match sink {
        SinkSpec::Mysql(MysqlSinkSpec { endpoint, apply_workers: _, copy_workers, conflict }) => {
            (Some(shown_endpoint(endpoint)), None, copy_workers, conflict)
        }
        SinkSpec::Kafka(sink) => (None, Some(super::kafka::shown(sink)), None, ConflictPolicy::Error),
    };
    let shown =
        |rules: Vec<SchemaRule>| rules.into_iter().map(|SchemaRule { schema, tables }| wire::SchemaRule { schema, tables }).collect();
    wire::JobCreate {
        name: name.to_owned(),
        id: Some(id.0.clone()),
        kind,
        description: description.to_owned(),
        source: shown_endpoint(source),
        target,
        kafka,
        include: shown(include),
        ignore: shown(ignore),
        existing_tables: match existing_table {
            ExistingTable::Refuse => wire::ExistingTable::Refuse,
            ExistingTable::Upsert => wire::ExistingTable::Upsert,
            ExistingTable::Drop => wire::ExistingTable::Drop,
        },
        on_conflict: match conflict {
            ConflictPolicy::Error => wire::ConflictPolicy::Error,
            ConflictPolicy::Overwrite => wire::ConflictPolicy::Overwrite,
            ConflictPolicy::Skip => wire::ConflictPolicy::Skip,
        },
        skip_create,
        start_gtid,
        chunk_rows,
        copy_workers,
        paused,
    }
}
