//! A job's spec, in both directions. Passwords go out as the mask.

use super::throttle::{self, throttle};
use crate::api::error::{Error, Result};
use crate::model::endpoint::{MysqlEndpoint, TlsMode};
use crate::model::job::{JobId, Origin};
use crate::model::live::Replacement;
use crate::model::replicate::{
    ConflictDetection, ConflictPolicy, DestTask, ExistingTable, MappedColumn, Mapping, MysqlSinkSpec, ReplicateKind, ReplicateSpec,
    SchemaRule, SinkSpec, SrcTask, TableFilter, TableMatch,
};
use crate::scheduler::NewJob;
use crate::secret::{MASK, Secret};
use crate::wire::native::error::{Code, Detail};
use crate::wire::native::{jobs as wire, later};

pub(in crate::api::native) fn new_job(body: wire::JobCreate) -> Result<NewJob> {
    let wire::JobCreate {
        name,
        id,
        kind,
        description,
        source,
        target,
        kafka,
        lines,
        include,
        ignore,
        existing_tables,
        on_conflict,
        detect_conflicts,
        skip_create,
        start_gtid,
        chunk_rows,
        copy_workers,
        skip,
        replace,
        apply_workers,
        group_bytes,
        queue_length,
        max_rows_per_second,
        burst_rows,
        max_bytes_per_second,
        gates,
        paused,
    } = body;
    let gates = super::gates::gates(gates, kind != wire::JobKind::Subscription)?;
    let throttle = throttle(wire::Throttle { max_rows_per_second, burst_rows, max_bytes_per_second })?;
    let mut wrong = [names("include", &include), names("ignore", &ignore)].concat();
    let (include, ignore) = (rules("include", include), rules("ignore", ignore));
    wrong.extend(include.as_ref().err().into_iter().chain(ignore.as_ref().err()).flatten().cloned());
    let unread = |(at, text): (usize, &String)| {
        (!is_transaction(text)).then(|| bad(format!("skip[{at}]"), format!("{text:?} is not one transaction: a GTID, or file:offset")))
    };
    wrong.extend(skip.iter().enumerate().filter_map(unread));
    wrong.extend(replace.iter().enumerate().flat_map(|(at, r)| replacement(at, r)));
    let replace = replace.into_iter().map(|wire::Replacement { transaction, statement }| Replacement { transaction, statement }).collect();
    let out_of_range = |field: &str, message: &str| bad(field.to_owned(), message.to_owned());
    for (field, given) in [("chunk_rows", chunk_rows), ("group_bytes", group_bytes), ("queue_length", queue_length.map(u64::from))] {
        wrong.extend((given == Some(0)).then(|| out_of_range(field, "must be at least 1")));
    }
    for (field, workers) in [("copy_workers", copy_workers), ("apply_workers", apply_workers)] {
        wrong.extend(workers.is_some_and(|n| n == 0 || n > 64).then(|| out_of_range(field, "must be 1 to 64")));
    }
    for (side, endpoint) in [("source", Some(&source)), ("target", target.as_ref())].into_iter().filter_map(|(s, e)| Some((s, e?))) {
        for (field, bad, message) in [
            ("host", endpoint.host.trim().is_empty(), "must not be empty"),
            ("user", endpoint.user.is_empty(), "must not be empty"),
            ("port", endpoint.port == 0, "must be 1 to 65535"),
        ] {
            wrong.extend(bad.then(|| out_of_range(&format!("{side}.{field}"), message)));
        }
    }
    if let Some(error) = Error::of(wrong, "the job") {
        return Err(error);
    }
    let kind = match kind {
        wire::JobKind::Migration => ReplicateKind::Migration,
        wire::JobKind::Sync => ReplicateKind::Sync,
        wire::JobKind::Subscription => ReplicateKind::Subscription,
    };
    let start = start_gtid.filter(|g| !g.trim().is_empty());
    let from_now = start.as_deref().is_some_and(|at| at.trim().eq_ignore_ascii_case("now"));
    let src = SrcTask {
        task_name: "src".to_owned(),
        node_id: None,
        endpoint: endpoint(source),
        filter: TableFilter {
            include: include.unwrap_or_default(),
            ignore: ignore.unwrap_or_default(),
            shadows: kind != ReplicateKind::Subscription,
        },
        start_gtid: start.filter(|_| !from_now),
        chunk_rows,
        group_bytes,
        queue_length,
        skip_create,
        existing_table: match existing_tables {
            wire::ExistingTable::Refuse => ExistingTable::Refuse,
            wire::ExistingTable::Upsert => ExistingTable::Upsert,
            wire::ExistingTable::Drop => ExistingTable::Drop,
        },
        skip,
        replace,
    };
    let mysql = |target| {
        SinkSpec::Mysql(MysqlSinkSpec {
            endpoint: endpoint(target),
            apply_workers,
            copy_workers,
            conflict: match on_conflict {
                wire::ConflictPolicy::Error => ConflictPolicy::Error,
                wire::ConflictPolicy::Overwrite => ConflictPolicy::Overwrite,
                wire::ConflictPolicy::Skip => ConflictPolicy::Skip,
            },
            detection: match detect_conflicts {
                wire::ConflictDetection::Key => ConflictDetection::Key,
                wire::ConflictDetection::Row => ConflictDetection::Row,
            },
        })
    };
    if kind == ReplicateKind::Subscription {
        for (field, said) in [
            ("existing_tables", existing_tables != wire::ExistingTable::Refuse),
            ("on_conflict", on_conflict != wire::ConflictPolicy::Error),
            ("detect_conflicts", detect_conflicts != wire::ConflictDetection::Key),
            ("group_bytes", group_bytes.is_some()),
        ] {
            if said {
                return Err(Error::bad_request(format!("{field}: a subscription has no tables at a target")).field(field));
            }
        }
    }
    let sink = match (kind, target, kafka, lines) {
        (ReplicateKind::Subscription, None, Some(kafka), None) => SinkSpec::Kafka(super::kafka::spec(kafka)?),
        (ReplicateKind::Subscription, None, None, Some(lines)) => SinkSpec::Lines(super::lines::spec(lines)?),
        (ReplicateKind::Subscription, None, Some(_), Some(_)) => {
            return Err(Error::bad_request("lines: a subscription has one destination, and kafka is there").field("lines"));
        }
        (ReplicateKind::Subscription, Some(_), _, _) => {
            return Err(Error::bad_request("target: a subscription has none; its destination is kafka or lines").field("target"));
        }
        (ReplicateKind::Subscription, None, None, None) => {
            return Err(Error::bad_request("kafka: a subscription needs it, or lines").field("kafka"));
        }
        (_, Some(target), None, None) => mysql(target),
        (_, _, Some(_), _) => return Err(Error::bad_request("kafka: only a subscription has one").field("kafka")),
        (_, _, _, Some(_)) => return Err(Error::bad_request("lines: only a subscription has them").field("lines")),
        (_, None, None, None) => return Err(Error::bad_request("target: field \"target\" is missing").field("target")),
    };
    let dest = DestTask { task_name: "dest".to_owned(), node_id: None, sink };
    Ok(NewJob {
        id: JobId(id.unwrap_or_else(|| format!("{name}-{}", kind.as_str()))),
        name,
        spec: ReplicateSpec { kind, src, dest, failover: None, throttle, gates },
        from_now,
        paused,
        origin: Origin::Native,
        echo: None,
        description,
    })
}

/// An update by this family leaves alone what only others can say.
pub(in crate::api::native) fn keep_unsaid(new: &mut ReplicateSpec, stored: ReplicateSpec) {
    let ReplicateSpec { kind: _, src, dest, failover, throttle: _, gates: _ } = stored;
    let SrcTask {
        task_name,
        node_id,
        endpoint: _,
        filter: _,
        start_gtid: _,
        chunk_rows: _,
        group_bytes,
        queue_length: _,
        skip_create: _,
        existing_table: _,
        skip: _,
        replace: _,
    } = src;
    (new.src.task_name, new.src.node_id) = (task_name, node_id);
    if !matches!(new.dest.sink, SinkSpec::Mysql(_)) {
        new.src.group_bytes = group_bytes;
    }
    let DestTask { task_name, node_id, sink: stored } = dest;
    (new.dest.task_name, new.dest.node_id, new.failover) = (task_name, node_id, failover);
    match (&mut new.dest.sink, stored) {
        (SinkSpec::Kafka(sink), SinkSpec::Kafka(stored)) => super::kafka::keep_unsaid(sink, stored),
        // Other families have no words for it; another kind of destination is refused by the scheduler.
        (SinkSpec::Mysql(_) | SinkSpec::Kafka(_) | SinkSpec::Lines(_), _) => {}
    }
}

/// What is wrong with the names of these rules.
fn names(list: &str, rules: &[wire::SchemaRule]) -> Vec<Detail> {
    let check = |name: &str, field: String, later: fn(&str, &str) -> Option<Detail>| {
        if name.is_empty() { Some(bad(field, "must not be empty".to_owned())) } else { later(name, &field) }
    };
    let of_rule = |(n, rule): (usize, &wire::SchemaRule)| {
        let wire::SchemaRule { schema, tables, filter, to_schema: _, to_table: _, columns: _, to_columns: _ } = rule;
        let tables = tables
            .iter()
            .enumerate()
            .filter_map(|(t, table)| check(table, format!("{list}[{n}].tables[{t}]"), later::table))
            .collect::<Vec<_>>();
        let filter = filter.as_deref().and_then(|text| row_filter(list, text).err());
        let filter = filter.map(|message| bad(format!("{list}[{n}].where"), message));
        check(schema, format!("{list}[{n}].schema"), later::schema).into_iter().chain(tables).chain(filter).collect::<Vec<_>>()
    };
    rules.iter().enumerate().flat_map(of_rule).collect()
}

/// What is wrong with a statement in place of another.
fn replacement(at: usize, said: &wire::Replacement) -> Vec<Detail> {
    let wire::Replacement { transaction, statement } = said;
    let name = (!is_transaction(transaction))
        .then(|| bad(format!("replace[{at}].transaction"), format!("{transaction:?} is not one transaction: a GTID, or file:offset")));
    let unfit = crate::scheduler::replacement(statement).err().map(|why| bad(format!("replace[{at}].statement"), why));
    name.into_iter().chain(unfit).collect()
}

/// A statement in place of another, without what may be a secret: given back, it stands for what was given (`keep_secrets`).
fn shown_replacement(said: &Replacement) -> wire::Replacement {
    wire::Replacement {
        transaction: said.transaction.clone(),
        statement: crate::scheduler::shown_replacement(&said.statement).into_owned(),
    }
}

/// `domain-server-number`, `uuid:number` (with a tag or without), `file:offset`.
fn is_transaction(text: &str) -> bool {
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    match text.rsplit_once(':') {
        Some((before, number)) => !before.is_empty() && !before.contains([',', ' ']) && digits(number),
        None => text.split('-').count() == 3 && text.split('-').all(digits),
    }
}

fn row_filter(list: &str, text: &str) -> Result<(), String> {
    if list == "ignore" {
        return Err("a rule that leaves tables out has no rows to choose from".to_owned());
    }
    crate::scheduler::row_filter(text)
}

fn rules(list: &str, rules: Vec<wire::SchemaRule>) -> Result<Vec<SchemaRule>, Vec<Detail>> {
    let mut wrong = Vec::new();
    let mut out = Vec::new();
    for (n, wire::SchemaRule { schema, tables, filter, to_schema, to_table, columns, to_columns }) in rules.into_iter().enumerate() {
        // One that says nothing keeps every row.
        let filter = filter.filter(|text| !text.trim().is_empty());
        let same = to_columns.is_empty();
        if !same && to_columns.len() != columns.len() {
            wrong.push(bad(format!("{list}[{n}].to_columns"), format!("{} names for {} columns", to_columns.len(), columns.len())));
        }
        let to_columns = if same { columns.clone() } else { to_columns };
        let columns = columns.into_iter().zip(to_columns).map(|(from, to)| MappedColumn { from, to }).collect();
        let to = Mapping { schema: to_schema, table: to_table, columns };
        if list == "ignore" && !to.is_empty() {
            wrong.push(bad(format!("{list}[{n}]"), "a rule that leaves tables out has no names for them".to_owned()));
        }
        let mut rule = SchemaRule { schema, tables: Vec::new(), filter, to };
        for (t, table) in tables.iter().enumerate() {
            match TableMatch::parse(table) {
                Ok(table) => rule.tables.push(table),
                Err(e) => wrong.push(bad(format!("{list}[{n}].tables[{t}]"), e.to_string())),
            }
        }
        wrong.extend(rule.to.wrong(&rule).map(|(field, why)| bad(format!("{list}[{n}].{field}"), why)));
        out.push(rule);
    }
    if wrong.is_empty() { Ok(out) } else { Err(wrong) }
}

fn bad(field: String, message: String) -> Detail {
    Detail { code: Code::BadRequest.word(), field: Some(field), message, ..Detail::default() }
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
    let ReplicateSpec { kind: _, src, dest, failover: _, throttle, gates } = spec;
    let wire::Throttle { max_rows_per_second, burst_rows, max_bytes_per_second } = throttle::shown(throttle);
    let SrcTask {
        task_name: _,
        node_id: _,
        endpoint: source,
        // The last follows from the sink.
        filter: TableFilter { include, ignore, shadows: _ },
        start_gtid,
        chunk_rows,
        group_bytes,
        queue_length,
        skip_create,
        existing_table,
        skip,
        replace,
    } = src;
    let DestTask { task_name: _, node_id: _, sink } = dest;
    let (target, kafka, lines, copy_workers, apply_workers, conflict, detection) = match sink {
        SinkSpec::Mysql(MysqlSinkSpec { endpoint, apply_workers, copy_workers, conflict, detection }) => {
            (Some(shown_endpoint(endpoint)), None, None, copy_workers, apply_workers, conflict, detection)
        }
        SinkSpec::Kafka(sink) => (None, Some(super::kafka::shown(sink)), None, None, None, ConflictPolicy::Error, ConflictDetection::Key),
        SinkSpec::Lines(sink) => (None, None, Some(super::lines::shown(sink)), None, None, ConflictPolicy::Error, ConflictDetection::Key),
    };
    // Another family's subscription may have been told one, to no effect.
    let group_bytes = group_bytes.filter(|_| target.is_some());
    let shown = |SchemaRule { schema, tables, filter, to: Mapping { schema: to_schema, table: to_table, columns } }: SchemaRule| {
        let same = columns.iter().all(|c| c.from == c.to);
        let to_columns = if same { Vec::new() } else { columns.iter().map(|c| c.to.clone()).collect() };
        let columns = columns.into_iter().map(|c| c.from).collect();
        wire::SchemaRule {
            schema,
            tables: tables.iter().map(ToString::to_string).collect(),
            filter,
            to_schema,
            to_table,
            columns,
            to_columns,
        }
    };
    let shown = |rules: Vec<SchemaRule>| rules.into_iter().map(shown).collect();
    wire::JobCreate {
        name: name.to_owned(),
        id: Some(id.0.clone()),
        kind,
        description: description.to_owned(),
        source: shown_endpoint(source),
        target,
        kafka,
        lines,
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
        detect_conflicts: match detection {
            ConflictDetection::Key => wire::ConflictDetection::Key,
            ConflictDetection::Row => wire::ConflictDetection::Row,
        },
        skip_create,
        start_gtid,
        chunk_rows,
        copy_workers,
        skip,
        replace: replace.iter().map(shown_replacement).collect(),
        apply_workers,
        group_bytes,
        queue_length,
        max_rows_per_second,
        burst_rows,
        max_bytes_per_second,
        gates: super::gates::shown(gates),
        paused,
    }
}
