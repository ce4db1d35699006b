//! A posted job → spec. Every known field has its effect, is refused by its full name, or is named as without effect.

mod kafka;
mod rules;
mod tasks;

use super::super::error::{Error, Result};
use super::job::TYPE;
use crate::api::dtle::May;
use crate::model::endpoint::{MysqlEndpoint, TlsMode};
use crate::model::gtid::GtidSet;
use crate::model::job::JobId;
use crate::model::node::Node;
use crate::model::replicate::{
    ConflictDetection, ConflictPolicy, DestTask, ExistingTable, MysqlSinkSpec, ReplicateKind, ReplicateSpec, SinkSpec, SrcTask, TableFilter,
};
use crate::secret::{MASK, Secret};
use crate::wire::dtle2::request as wire;
use rules::rules;
use serde_json::Value;
use tasks::{Named, both, placed, tables_at_target, without_effect};

/// What a request is judged by, besides itself.
pub(in crate::api::dtle2) struct Context<'a> {
    /// The job of that ID, when there is one: its passwords stand in for masked ones.
    pub(in crate::api::dtle2) stored: Option<&'a ReplicateSpec>,
    pub(in crate::api::dtle2) node: &'a Node,
}

pub(in crate::api::dtle2) fn name(job: &wire::Job) -> Result<String> {
    let name = given(job.name.as_deref()).ok_or_else(|| Error::field("Name", "required"))?;
    checked("Name", name).map(str::to_owned)
}

/// Returns the kind that a job is of by its destination; what is stored decides between those that go into a database.
pub(in crate::api::dtle2) fn kind(job: &wire::Job, stored: Option<ReplicateKind>) -> ReplicateKind {
    let dest = |task: &&wire::Task| task.role.as_deref().is_some_and(|role| role.eq_ignore_ascii_case("dest"));
    if job.tasks.iter().flatten().find(dest).is_some_and(kafka::is_meant) {
        return ReplicateKind::Subscription;
    }
    stored.filter(|kind| *kind != ReplicateKind::Subscription).unwrap_or(ReplicateKind::Sync)
}

pub(in crate::api::dtle2) fn id(job: &wire::Job) -> Result<Option<String>> {
    given(job.id.as_deref()).map(|id| checked("ID", id).map(str::to_owned)).transpose()
}

/// In this family an id may be asked for by the name.
fn checked<'a>(field: &str, name: &'a str) -> Result<&'a str> {
    match JobId::wrong(name) {
        Some(why) => Err(Error::field(field, why)),
        None => Ok(name),
    }
}

/// Returns the index that the stored job must have for this change.
pub(in crate::api::dtle2) fn if_index(job: &wire::Job) -> Result<Option<u64>> {
    if job.enforce_index != Some(true) {
        return Ok(None);
    }
    let index = job.job_modify_index.unwrap_or(0);
    u64::try_from(index).map(Some).map_err(|_| Error::field("JobModifyIndex", "expected a number of 0 or more"))
}

/// Returns the spec, and the fields that were sent and have no effect.
pub(in crate::api::dtle2) fn spec(job: &wire::Job, context: &Context<'_>) -> Result<(ReplicateSpec, Vec<String>)> {
    let work = kind(job, context.stored.map(|s| s.kind));
    let wire::Job {
        id: _,
        name: _,
        kind,
        region,
        datacenters,
        failover,
        enforce_index: _,
        job_modify_index: _,
        orders,
        constraints,
        tasks,
        // What replies show is not for clients to set.
        status: _,
        status_description: _,
        create_index: _,
        modify_index: _,
    } = job;
    let Node { region: our_region, datacenter, .. } = context.node;
    one_of("Type", kind.as_deref(), &[TYPE])?;
    one_of("Region", region.as_deref(), &[our_region, "global"])?;
    if datacenters.as_ref().is_some_and(|d| !d.is_empty() && !d.contains(datacenter)) {
        return Err(Error::field("Datacenters", format!("the only node is in {datacenter}")));
    }
    nothing("Orders", orders)?;
    nothing("Constraints", constraints)?;
    let (src, dest) = both(tasks.as_deref().unwrap_or_default(), context.stored.is_some())?;
    let mut ignored = Vec::new();
    let src_node = placed(&src, context.node, &mut ignored)?;
    let dest_node = placed(&dest, context.node, &mut ignored)?;
    without_effect(&src, &mut ignored);
    without_effect(&dest, &mut ignored);
    if kafka::is_meant(dest.task) {
        tables_at_target(&src, &mut ignored);
        tables_at_target(&dest, &mut ignored);
    }
    let spec = ReplicateSpec {
        kind: work,
        src: source(&src, &dest, src_node, context)?,
        dest: destination(&src, &dest, dest_node, context)?,
        failover: *failover,
        // No word of this dialect: what an update finds stays.
        throttle: context.stored.map(|s| s.throttle).unwrap_or_default(),
        gates: context.stored.map(|s| s.gates.clone()).unwrap_or_default(),
    };
    Ok((spec, ignored))
}

fn source(src: &Named<'_>, dest: &Named<'_>, node_id: Option<String>, context: &Context<'_>) -> Result<SrcTask> {
    for named in [src, dest] {
        if named.config.expand_syntax_support == Some(true) {
            return Err(Error::field(&named.field("ExpandSyntaxSupport"), "not supported yet"));
        }
        if named.config.traffic_against_limits.is_some_and(|n| n != 0) {
            return Err(Error::field(&named.field("TrafficAgainstLimits"), "not supported yet"));
        }
    }
    for (name, sent) in [("ReplicateDoDb", &dest.config.replicate_do_db), ("ReplicateIgnoreDb", &dest.config.replicate_ignore_db)] {
        if sent.as_ref().is_some_and(|s| !s.is_empty()) {
            return Err(Error::field(&dest.field(name), "stands in the task of the type Src"));
        }
    }
    let flag = |name: &str, of: fn(&wire::Config) -> Option<bool>| agreed(name, src, dest, of).map(|f| f.unwrap_or(false));
    let drop = flag("DropTableIfExists", |c| c.drop_table_if_exists)?;
    let skip_create = flag("SkipCreateDbTable", |c| c.skip_create_db_table)?;
    if drop && skip_create {
        let field = src.field("DropTableIfExists");
        return Err(Error::field(&field, "cannot be combined with SkipCreateDbTable: nobody would make the tables again"));
    }
    let queue = count("ReplChanBufferSize", src, dest, |c| c.repl_chan_buffer_size)?;
    // The target's repeats the source's in every reply, so the source's is the one that counts.
    let gtid = given(src.config.gtid.as_deref().map(str::trim));
    Ok(SrcTask {
        task_name: "src".to_owned(),
        node_id,
        endpoint: endpoint(src, context.stored.map(|s| &s.src.endpoint))?,
        filter: TableFilter {
            include: rules(
                &src.field("ReplicateDoDb"),
                src.config.replicate_do_db.as_deref(),
                May { filter: true, map: !kafka::is_meant(dest.task) },
            )?,
            ignore: rules(&src.field("ReplicateIgnoreDb"), src.config.replicate_ignore_db.as_deref(), May { filter: false, map: false })?,
            shadows: !kafka::is_meant(dest.task),
        },
        start_gtid: gtid.map(|text| start_gtid(&src.field("Gtid"), text)).transpose()?,
        chunk_rows: count("ChunkSize", src, dest, |c| c.chunk_size)?,
        group_bytes: count("GroupMaxSize", src, dest, |c| c.group_max_size)?,
        queue_length: queue
            .map(|q| u32::try_from(q).map_err(|_| Error::field(&src.field("ReplChanBufferSize"), "too large")))
            .transpose()?,
        skip_create,
        // No word of this dialect: what an update finds stays.
        skip: context.stored.map(|s| s.src.skip.clone()).unwrap_or_default(),
        replace: context.stored.map(|s| s.src.replace.clone()).unwrap_or_default(),
        existing_table: match context.stored.map(|s| s.src.existing_table) {
            _ if drop => ExistingTable::Drop,
            Some(ExistingTable::Refuse) => ExistingTable::Refuse,
            Some(ExistingTable::Upsert | ExistingTable::Drop) | None => ExistingTable::Upsert,
        },
    })
}

fn destination(src: &Named<'_>, dest: &Named<'_>, node_id: Option<String>, context: &Context<'_>) -> Result<DestTask> {
    if kafka::is_meant(dest.task) {
        let sink = SinkSpec::Kafka(kafka::sink(src, dest, context)?);
        return Ok(DestTask { task_name: "dest".to_owned(), node_id, sink });
    }
    let apply_workers = match count("ParallelWorkers", src, dest, |c| c.parallel_workers)? {
        Some(n @ 1..=64) => u32::try_from(n).ok(),
        None => None,
        Some(_) => return Err(Error::field(&dest.field("ParallelWorkers"), "at most 64 apply connections")),
    };
    let stored = context.stored.and_then(|s| s.dest.sink.mysql());
    Ok(DestTask {
        task_name: "dest".to_owned(),
        node_id,
        sink: SinkSpec::Mysql(MysqlSinkSpec {
            endpoint: endpoint(dest, stored.map(|s| &s.endpoint))?,
            apply_workers,
            // No words of this dialect: what an update finds stays.
            copy_workers: stored.and_then(|s| s.copy_workers),
            // What dtle's REPLACE does.
            conflict: stored.map_or(ConflictPolicy::Overwrite, |s| s.conflict),
            detection: stored.map_or(ConflictDetection::Key, |s| s.detection),
        }),
    })
}

/// Whether the source's flavour is the set's is for the preflight.
fn start_gtid(field: &str, text: &str) -> Result<String> {
    if GtidSet::parse_mysql(text).is_ok() || GtidSet::parse_mariadb(text).is_ok() {
        return Ok(text.to_owned());
    }
    Err(Error::field(field, "expected a GTID set, like uuid:1-5 (MySQL) or 0-1-5 (MariaDB)"))
}

/// An option that both tasks may carry, as dtle's own samples do; they must not say different things.
fn agreed<T: PartialEq>(name: &str, src: &Named<'_>, dest: &Named<'_>, of: impl Fn(&wire::Config) -> Option<T>) -> Result<Option<T>> {
    match (of(src.config), of(dest.config)) {
        (Some(a), Some(b)) if a != b => Err(Error::field(&dest.field(name), format!("is not what {} says", src.field(name)))),
        (a, b) => Ok(a.or(b)),
    }
}

/// Zero is dtle's "not sent".
fn count(name: &str, src: &Named<'_>, dest: &Named<'_>, of: fn(&wire::Config) -> Option<i64>) -> Result<Option<u64>> {
    match agreed(name, src, dest, |c| of(c).filter(|n| *n != 0))? {
        None => Ok(None),
        Some(n) => u64::try_from(n).map(Some).map_err(|_| Error::field(&src.field(name), "expected a number above 0")),
    }
}

fn endpoint(named: &Named<'_>, stored: Option<&MysqlEndpoint>) -> Result<MysqlEndpoint> {
    let field = |name: &str| named.field(&format!("ConnectionConfig.{name}"));
    let required = |name: &str| Error::field(&field(name), "required");
    let connection = named.config.connection_config.as_ref().ok_or_else(|| Error::field(&named.field("ConnectionConfig"), "required"))?;
    let wire::Connection { host, port, user, password, charset: _ } = connection;
    let host = given(host.as_deref()).ok_or_else(|| required("Host"))?;
    let user = given(user.as_deref()).ok_or_else(|| required("User"))?;
    let port = port.and_then(|p| u16::try_from(p).ok()).filter(|p| *p != 0);
    let port = port.ok_or_else(|| Error::field(&field("Port"), "expected a port from 1 to 65535"))?;
    // A stored password is for the server and account it was given for, and is never sent elsewhere.
    let stored = stored.filter(|s| s.host == host && s.port == port && s.user == user);
    let password = match password.as_deref() {
        Some(MASK) | None => {
            stored.map(|s| s.password.clone()).ok_or_else(|| Error::field(&field("Password"), "password is masked, send it"))?
        }
        Some(clear) => Secret::new(clear),
    };
    Ok(MysqlEndpoint {
        host: host.to_owned(),
        port,
        user: user.to_owned(),
        password,
        // The dialect has no word for TLS: what an update finds stays.
        tls: stored.map_or(TlsMode::Preferred, |s| s.tls),
        tls_ca: stored.and_then(|s| s.tls_ca.clone()),
    })
}

fn unsupported(field: &str, name: &str, sent: Option<&str>) -> Result<()> {
    match given(sent) {
        None => Ok(()),
        Some(_) => Err(Error::field(&format!("{field}.{name}"), "not supported yet")),
    }
}

/// Refuses anything but null, false, 0, "", [] and {}.
fn nothing(field: &str, value: &Value) -> Result<()> {
    let empty = match value {
        Value::Null => true,
        Value::Bool(b) => !b,
        Value::Number(n) => n.as_f64() == Some(0.0),
        Value::String(s) => s.is_empty(),
        Value::Array(a) => a.is_empty(),
        Value::Object(o) => o.is_empty(),
    };
    if empty { Ok(()) } else { Err(Error::field(field, "not supported")) }
}

fn one_of(field: &str, sent: Option<&str>, words: &[&str]) -> Result<()> {
    match given(sent) {
        Some(text) if !words.iter().any(|w| w.eq_ignore_ascii_case(text)) => Err(Error::field(field, format!("expected {}", words[0]))),
        _ => Ok(()),
    }
}

fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|t| !t.is_empty())
}
