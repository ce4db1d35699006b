//! The stored form of a replication spec, passwords sealed.

use super::super::cipher::Cipher;
use super::super::{Error, Result};
use super::gates::Gates;
use super::lines::Rate;
use crate::model::endpoint::{MysqlEndpoint, TlsMode};
use crate::model::live;
use crate::model::replicate as model;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct Replicate {
    kind: Kind,
    src: Src,
    dest: Dest,
    failover: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    throttle: Option<Throttle>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gates: Option<Gates>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Throttle {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rows: Option<Rate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes: Option<Rate>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Migration,
    Sync,
    Subscription,
}

#[derive(Serialize, Deserialize)]
struct Endpoint {
    host: String,
    port: u16,
    user: String,
    /// Sealed; absent when there is none.
    password: Option<String>,
    tls: Tls,
    tls_ca: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Tls {
    Disabled,
    Preferred,
    Required,
    VerifyIdentity,
}

#[derive(Serialize, Deserialize)]
struct Rule {
    schema: String,
    /// Names, and patterns between slashes.
    tables: Vec<String>,
    /// Absent: every row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to_schema: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to_table: Option<String>,
    /// Each with its name at the target.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    columns: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Existing {
    Refuse,
    Upsert,
    Drop,
}

#[derive(Serialize, Deserialize)]
struct Src {
    task_name: String,
    node_id: Option<String>,
    mysql: Endpoint,
    include: Vec<Rule>,
    ignore: Vec<Rule>,
    start_gtid: Option<String>,
    chunk_rows: Option<u64>,
    group_bytes: Option<u64>,
    queue_length: Option<u32>,
    skip_create: bool,
    existing_table: Existing,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    skip: Vec<String>,
    /// Transactions and statements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replace: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct Dest {
    task_name: String,
    node_id: Option<String>,
    sink: Sink,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sink {
    Mysql {
        endpoint: Endpoint,
        apply_workers: Option<u32>,
        copy_workers: Option<u32>,
        conflict: Conflict,
        #[serde(default)]
        detection: Detection,
    },
    Kafka(super::kafka::Kafka),
    Lines(super::lines::Lines),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Conflict {
    Error,
    Overwrite,
    Skip,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum Detection {
    #[default]
    Key,
    Row,
}

impl Replicate {
    pub(super) fn seal(spec: &model::ReplicateSpec, job: &str, cipher: &Cipher) -> Result<Self> {
        let model::ReplicateSpec { kind, src, dest, failover, throttle, gates } = spec;
        let model::SrcTask {
            task_name,
            node_id,
            endpoint,
            // Follows from the sink.
            filter: model::TableFilter { include, ignore, shadows: _ },
            start_gtid,
            chunk_rows,
            group_bytes,
            queue_length,
            skip_create,
            existing_table,
            skip,
            replace,
        } = src;
        let stored_src = Src {
            task_name: task_name.clone(),
            node_id: node_id.clone(),
            mysql: Endpoint::seal(endpoint, &place(job, "src"), cipher)?,
            include: include.iter().map(Rule::of).collect(),
            ignore: ignore.iter().map(Rule::of).collect(),
            start_gtid: start_gtid.clone(),
            chunk_rows: *chunk_rows,
            group_bytes: *group_bytes,
            queue_length: *queue_length,
            skip_create: *skip_create,
            skip: skip.clone(),
            replace: replace.iter().map(|r| (r.transaction.clone(), r.statement.clone())).collect(),
            existing_table: match existing_table {
                model::ExistingTable::Refuse => Existing::Refuse,
                model::ExistingTable::Upsert => Existing::Upsert,
                model::ExistingTable::Drop => Existing::Drop,
            },
        };
        let model::DestTask { task_name, node_id, sink } = dest;
        let stored_sink = match sink {
            model::SinkSpec::Mysql(model::MysqlSinkSpec { endpoint, apply_workers, copy_workers, conflict, detection }) => Sink::Mysql {
                endpoint: Endpoint::seal(endpoint, &place(job, "dest"), cipher)?,
                apply_workers: *apply_workers,
                copy_workers: *copy_workers,
                conflict: match conflict {
                    model::ConflictPolicy::Error => Conflict::Error,
                    model::ConflictPolicy::Overwrite => Conflict::Overwrite,
                    model::ConflictPolicy::Skip => Conflict::Skip,
                },
                detection: match detection {
                    model::ConflictDetection::Key => Detection::Key,
                    model::ConflictDetection::Row => Detection::Row,
                },
            },
            model::SinkSpec::Kafka(sink) => Sink::Kafka(super::kafka::Kafka::of(sink)),
            model::SinkSpec::Lines(sink) => Sink::Lines(super::lines::Lines::of(sink)),
        };
        let kind = match kind {
            model::ReplicateKind::Migration => Kind::Migration,
            model::ReplicateKind::Sync => Kind::Sync,
            model::ReplicateKind::Subscription => Kind::Subscription,
        };
        let dest = Dest { task_name: task_name.clone(), node_id: node_id.clone(), sink: stored_sink };
        let live::Throttle { rows, bytes } = throttle;
        let throttle = Throttle { rows: rows.map(Rate::of), bytes: bytes.map(Rate::of) };
        let throttle = Some(throttle).filter(|t| t.rows.is_some() || t.bytes.is_some());
        let gates = Gates::seal(gates, job, cipher)?;
        Ok(Self { kind, src: stored_src, dest, failover: *failover, throttle, gates })
    }

    pub(super) fn open(self, job: &str, cipher: &Cipher) -> Result<model::ReplicateSpec> {
        let Self { kind, src, dest, failover, throttle, gates } = self;
        let Src {
            task_name,
            node_id,
            mysql,
            include,
            ignore,
            start_gtid,
            chunk_rows,
            group_bytes,
            queue_length,
            skip_create,
            existing_table,
            skip,
            replace,
        } = src;
        let src = model::SrcTask {
            task_name,
            node_id,
            endpoint: mysql.open(&place(job, "src"), cipher)?,
            filter: model::TableFilter {
                include: include.into_iter().map(Rule::into_model).collect::<Result<_>>()?,
                ignore: ignore.into_iter().map(Rule::into_model).collect::<Result<_>>()?,
                shadows: matches!(dest.sink, Sink::Mysql { .. }),
            },
            start_gtid,
            chunk_rows,
            group_bytes,
            queue_length,
            skip_create,
            skip,
            replace: replace.into_iter().map(|(transaction, statement)| live::Replacement { transaction, statement }).collect(),
            existing_table: match existing_table {
                Existing::Refuse => model::ExistingTable::Refuse,
                Existing::Upsert => model::ExistingTable::Upsert,
                Existing::Drop => model::ExistingTable::Drop,
            },
        };
        let Dest { task_name, node_id, sink } = dest;
        let former = match &sink {
            Sink::Kafka(sink) => sink.rate,
            Sink::Lines(sink) => sink.rate,
            Sink::Mysql { .. } => None,
        };
        let throttle = throttle.unwrap_or(Throttle { rows: former, bytes: None });
        let throttle = live::Throttle { rows: throttle.rows.map(Rate::into_model), bytes: throttle.bytes.map(Rate::into_model) };
        let sink = match sink {
            Sink::Mysql { endpoint, apply_workers, copy_workers, conflict, detection } => model::SinkSpec::Mysql(model::MysqlSinkSpec {
                endpoint: endpoint.open(&place(job, "dest"), cipher)?,
                apply_workers,
                copy_workers,
                conflict: match conflict {
                    Conflict::Error => model::ConflictPolicy::Error,
                    Conflict::Overwrite => model::ConflictPolicy::Overwrite,
                    Conflict::Skip => model::ConflictPolicy::Skip,
                },
                detection: match detection {
                    Detection::Key => model::ConflictDetection::Key,
                    Detection::Row => model::ConflictDetection::Row,
                },
            }),
            Sink::Kafka(sink) => {
                model::SinkSpec::Kafka(sink.into_model().map_err(|why| Error::io(format!("stored Kafka destination: {why}")))?)
            }
            Sink::Lines(sink) => model::SinkSpec::Lines(sink.into_model()?),
        };
        let kind = match kind {
            Kind::Migration => model::ReplicateKind::Migration,
            Kind::Sync => model::ReplicateKind::Sync,
            Kind::Subscription => model::ReplicateKind::Subscription,
        };
        let dest = model::DestTask { task_name, node_id, sink };
        let gates = gates.map_or_else(|| Ok(crate::model::gates::Gates::default()), |gates| gates.open(job, cipher))?;
        Ok(model::ReplicateSpec { kind, src, dest, failover, throttle, gates })
    }
}

fn place(job: &str, side: &str) -> String {
    format!("job {job} {side}")
}

impl Rule {
    fn of(rule: &model::SchemaRule) -> Self {
        let model::SchemaRule { schema, tables, filter, to: model::Mapping { schema: to_schema, table: to_table, columns } } = rule;
        Self {
            schema: schema.clone(),
            tables: tables.iter().map(ToString::to_string).collect(),
            filter: filter.clone(),
            to_schema: to_schema.clone(),
            to_table: to_table.clone(),
            columns: columns.iter().map(|c| (c.from.clone(), c.to.clone())).collect(),
        }
    }
    fn into_model(self) -> Result<model::SchemaRule> {
        let Self { schema, tables, filter, to_schema, to_table, columns } = self;
        let columns = columns.into_iter().map(|(from, to)| model::MappedColumn { from, to }).collect();
        let tables = tables.iter().map(|t| model::TableMatch::parse(t)).collect::<Result<_, _>>();
        let tables = tables.map_err(|e| Error::because("stored job spec", e))?;
        Ok(model::SchemaRule { schema, tables, filter, to: model::Mapping { schema: to_schema, table: to_table, columns } })
    }
}

impl Endpoint {
    fn seal(endpoint: &MysqlEndpoint, place: &str, cipher: &Cipher) -> Result<Self> {
        let MysqlEndpoint { host, port, user, password, tls, tls_ca } = endpoint;
        Ok(Self {
            host: host.clone(),
            port: *port,
            user: user.clone(),
            password: if password.is_empty() { None } else { Some(cipher.seal(password, place)?) },
            tls: match tls {
                TlsMode::Disabled => Tls::Disabled,
                TlsMode::Preferred => Tls::Preferred,
                TlsMode::Required => Tls::Required,
                TlsMode::VerifyIdentity => Tls::VerifyIdentity,
            },
            tls_ca: tls_ca.clone(),
        })
    }

    fn open(self, place: &str, cipher: &Cipher) -> Result<MysqlEndpoint> {
        let Self { host, port, user, password, tls, tls_ca } = self;
        Ok(MysqlEndpoint {
            host,
            port,
            user,
            password: password.map_or_else(|| Ok(crate::secret::Secret::new("")), |sealed| cipher.open(&sealed, place))?,
            tls: match tls {
                Tls::Disabled => TlsMode::Disabled,
                Tls::Preferred => TlsMode::Preferred,
                Tls::Required => TlsMode::Required,
                Tls::VerifyIdentity => TlsMode::VerifyIdentity,
            },
            tls_ca,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_of_tables_is_stored() {
        let columns = vec![model::MappedColumn { from: "id".into(), to: "nr".into() }];
        let to = model::Mapping { schema: Some("there".into()), table: Some("t_$1".into()), columns };
        let table = model::TableMatch::parse(r"/t(\d)/").unwrap();
        let rule = model::SchemaRule { to, ..model::SchemaRule::new("shop", [table]) };
        let text = serde_json::to_string(&Rule::of(&rule)).unwrap();
        assert_eq!(serde_json::from_str::<Rule>(&text).unwrap().into_model().unwrap(), rule);
    }
}
