//! Config object → spec. Every known field has its effect or is refused by its full name.

use super::super::error::{Error, Result};
use super::super::password::Passwords;
mod destination;
mod rules;

use crate::api::dtle::May;
use crate::model::endpoint::{MysqlEndpoint, TlsMode};
use crate::model::gtid::GtidSet;
use crate::model::job::JobId;
use crate::model::replicate::{ExistingTable, ReplicateKind, ReplicateSpec, SrcTask, TableFilter};
use crate::wire::dtle3::request as wire;
use rules::rules;

/// What a request is judged by, besides itself.
pub(in crate::api::dtle3) struct Context<'a> {
    pub(in crate::api::dtle3) kind: ReplicateKind,
    pub(in crate::api::dtle3) passwords: &'a Passwords,
    /// The job of that id, when there is one: its passwords stand in for masked ones.
    pub(in crate::api::dtle3) stored: Option<&'a ReplicateSpec>,
    /// Ids of the nodes that tasks can be placed on.
    pub(in crate::api::dtle3) nodes: &'a [String],
}

/// Refuses a config that lacks what every job must have; all that is missing is named in one answer. Only a job that
/// is there can do without passwords.
pub(in crate::api::dtle3) fn complete(config: &wire::JobConfig, kind: ReplicateKind, stored: Option<&ReplicateSpec>) -> Result<()> {
    fn sent<T>(field: &Option<T>) -> bool {
        field.is_some()
    }
    fn connection(task: &str, config: Option<&wire::Connection>, keeps: bool, missing: &mut Vec<String>) {
        let prefix = format!("{task}.mysql_connection_config");
        let Some(wire::Connection { mysql_host, mysql_port, mysql_user, mysql_password }) = config else { return missing.push(prefix) };
        let there = [text(mysql_host), mysql_port.is_some_and(|p| p != 0), text(mysql_user), keeps || sent(mysql_password)];
        let names = ["mysql_host", "mysql_port", "mysql_user", "mysql_password"];
        missing.extend(names.iter().zip(there).filter(|(_, there)| !there).map(|(name, _)| format!("{prefix}.{name}")));
    }
    fn text(field: &Option<String>) -> bool {
        field.as_ref().is_some_and(|t| !t.is_empty())
    }
    let mut missing = Vec::new();
    if !text(&config.job_name) {
        missing.push("job_name".to_owned());
    }
    match &config.src_task {
        None => missing.push("src_task".to_owned()),
        Some(task) => {
            if !text(&task.task_name) {
                missing.push("src_task.task_name".to_owned());
            }
            connection("src_task", task.mysql_connection_config.as_ref(), stored.is_some(), &mut missing);
        }
    }
    match &config.dest_task {
        None => missing.push("dest_task".to_owned()),
        Some(task) => {
            if !text(&task.task_name) {
                missing.push("dest_task.task_name".to_owned());
            }
            if kind == ReplicateKind::Subscription {
                if !text(&task.kafka_topic) {
                    missing.push("dest_task.kafka_topic".to_owned());
                }
                if task.kafka_broker_addrs.as_ref().is_none_or(Vec::is_empty) {
                    missing.push("dest_task.kafka_broker_addrs".to_owned());
                }
            } else if task.kafka_topic.is_none() && task.kafka_broker_addrs.is_none() {
                // A Kafka destination of another type is refused by that name.
                connection("dest_task", task.mysql_connection_config.as_ref(), stored.is_some(), &mut missing);
            }
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(Error::field(&missing.join(", "), "required")) }
}

/// Returns the id that a config means: what was sent, and the type behind it.
pub(in crate::api::dtle3) fn id(config: &wire::JobConfig, kind: ReplicateKind) -> Option<String> {
    let sent = |text: &Option<String>| text.clone().filter(|t| !t.is_empty());
    let suffix = format!("-{}", kind.as_str());
    match sent(&config.job_id) {
        Some(id) if id.ends_with(&suffix) && id.len() > suffix.len() => Some(id),
        Some(id) => Some(format!("{id}{suffix}")),
        None => Some(format!("{}{suffix}", sent(&config.job_name)?)),
    }
}

/// Returns the job's name and its id.
pub(in crate::api::dtle3) fn identity(config: &wire::JobConfig, kind: ReplicateKind) -> Result<(String, String)> {
    let name = required("job_name", config.job_name.as_deref())?;
    // Ids are made of names.
    if let Some(why) = JobId::wrong(name) {
        return Err(Error::field("job_name", why));
    }
    let id = id(config, kind).unwrap_or_default();
    if let Some(why) = JobId::wrong(&id) {
        let made = if config.job_id.as_ref().is_none_or(String::is_empty) {
            "; without one it is the job_name with the type behind it"
        } else {
            ""
        };
        return Err(Error::field("job_id", format!("{why}{made}")));
    }
    Ok((name.to_owned(), id))
}

/// Returns the spec that a config object asks for.
pub(in crate::api::dtle3) fn spec(config: &wire::JobConfig, context: &Context<'_>) -> Result<ReplicateSpec> {
    // The name is `identity`'s, the password flag is in `context.passwords`.
    let wire::JobConfig { job_name: _, job_id: _, failover, is_mysql_password_encrypted: _, src_task, dest_task } = config;
    let src = src_task.as_ref().ok_or_else(|| Error::unfit("src_task", "required"))?;
    let dest = dest_task.as_ref().ok_or_else(|| Error::unfit("dest_task", "required"))?;
    let spec = ReplicateSpec {
        kind: context.kind,
        src: source(src, context)?,
        dest: destination::destination(dest, context)?,
        failover: *failover,
        // No word of this dialect: what an update finds stays.
        throttle: context.stored.map(|s| s.throttle).unwrap_or_default(),
        gates: context.stored.map(|s| s.gates.clone()).unwrap_or_default(),
    };
    if *failover == Some(false) {
        for (field, node) in [("src_task.node_id", &spec.src.node_id), ("dest_task.node_id", &spec.dest.node_id)] {
            if node.is_none() {
                return Err(Error::unfit(field, "required when failover is false"));
            }
        }
    }
    Ok(spec)
}

/// Says whether a config names a Kafka destination.
pub(in crate::api::dtle3) fn is_into_kafka(config: &wire::JobConfig) -> bool {
    config.dest_task.as_ref().is_some_and(|task| task.kafka_topic.is_some() || task.kafka_broker_addrs.is_some())
}

/// Returns where the row filter of each of the job's rules stands in the config.
pub(super) fn row_filter_fields(config: &wire::JobConfig) -> Vec<String> {
    let schemas = config.src_task.as_ref().and_then(|task| task.replicate_do_db.as_deref());
    rules::row_filter_fields("src_task.replicate_do_db", schemas)
}

fn source(task: &wire::SrcTask, context: &Context<'_>) -> Result<SrcTask> {
    let wire::SrcTask {
        task_name,
        node_id,
        gtid,
        group_max_size,
        chunk_size,
        drop_table_if_exists,
        skip_create_db_table,
        repl_chan_buffer_size,
        replicate_do_db,
        replicate_ignore_db,
        mysql_connection_config,
    } = task;
    let drop = drop_table_if_exists.unwrap_or(false);
    let skip_create = skip_create_db_table.unwrap_or(false);
    if drop && skip_create {
        return Err(Error::unfit(
            "src_task.drop_table_if_exists",
            "cannot be combined with skip_create_db_table: nobody would make the tables again",
        ));
    }
    let queue = count("src_task.repl_chan_buffer_size", *repl_chan_buffer_size)?;
    Ok(SrcTask {
        task_name: task_role("src_task.task_name", task_name.as_deref(), &["src", "source"])?,
        node_id: node("src_task.node_id", node_id.as_deref(), context)?,
        endpoint: endpoint("src_task", mysql_connection_config.as_ref(), context.passwords, context.stored.map(|s| &s.src.endpoint))?,
        filter: TableFilter {
            include: rules(
                "src_task.replicate_do_db",
                replicate_do_db.as_deref(),
                May { filter: true, map: context.kind != ReplicateKind::Subscription },
            )?,
            ignore: rules("src_task.replicate_ignore_db", replicate_ignore_db.as_deref(), May { filter: false, map: false })?,
            shadows: context.kind != ReplicateKind::Subscription,
        },
        start_gtid: gtid.as_deref().map(str::trim).filter(|g| !g.is_empty()).map(start_gtid).transpose()?,
        chunk_rows: count("src_task.chunk_size", *chunk_size)?,
        group_bytes: count("src_task.group_max_size", *group_max_size)?,
        queue_length: queue
            .map(|q| u32::try_from(q).map_err(|_| Error::unfit("src_task.repl_chan_buffer_size", "too large")))
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

/// Whether the source's flavour is the set's is for the preflight.
fn start_gtid(text: &str) -> Result<String> {
    if GtidSet::parse_mysql(text).is_ok() || GtidSet::parse_mariadb(text).is_ok() {
        return Ok(text.to_owned());
    }
    Err(Error::unfit("src_task.gtid", "expected a GTID set, like uuid:1-5 (MySQL) or 0-1-5 (MariaDB)"))
}

/// dtle places tasks by their names, so they are not free.
fn task_role(field: &str, name: Option<&str>, roles: &[&str]) -> Result<String> {
    let name = required(field, name)?;
    if roles.iter().any(|role| role.eq_ignore_ascii_case(name)) {
        Ok(name.to_owned())
    } else {
        Err(Error::unfit(field, format!("expected {}", roles.join(" or "))))
    }
}

fn node(field: &str, id: Option<&str>, context: &Context<'_>) -> Result<Option<String>> {
    match id.filter(|id| !id.is_empty()) {
        None => Ok(None),
        Some(id) if context.nodes.iter().any(|n| n == id) => Ok(Some(id.to_owned())),
        Some(id) => Err(Error::unfit(field, format!("no node has the id {id}"))),
    }
}

fn endpoint(task: &str, config: Option<&wire::Connection>, passwords: &Passwords, stored: Option<&MysqlEndpoint>) -> Result<MysqlEndpoint> {
    let prefix = format!("{task}.mysql_connection_config");
    let wire::Connection { mysql_host, mysql_port, mysql_user, mysql_password } =
        config.ok_or_else(|| Error::unfit(&prefix, "required"))?;
    let field = |name: &str| format!("{prefix}.{name}");
    let port = mysql_port.filter(|p| *p != 0).ok_or_else(|| Error::unfit(&field("mysql_port"), "required"))?;
    let port = u16::try_from(port).map_err(|_| Error::unfit(&field("mysql_port"), "expected a port from 1 to 65535"))?;
    let host = required(&field("mysql_host"), mysql_host.as_deref())?;
    let user = required(&field("mysql_user"), mysql_user.as_deref())?;
    // A stored password is for the server and account it was given for, and is never sent elsewhere.
    let stored = stored.filter(|s| s.host == host && s.port == port && s.user == user);
    let password = passwords.read(&field("mysql_password"), mysql_password.as_deref(), stored.map(|s| &s.password))?;
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

fn refuse_text(field: &str, name: &str, text: Option<&str>) -> Result<()> {
    refuse(field, name, text.is_some_and(|t| !t.is_empty()))
}

fn refuse(field: &str, name: &str, sent: bool) -> Result<()> {
    if sent { Err(Error::unfit(&format!("{field}.{name}"), "not supported yet")) } else { Ok(()) }
}

/// Zero is dtle's "not sent".
fn count(field: &str, sent: Option<i64>) -> Result<Option<u64>> {
    match sent.unwrap_or(0) {
        0 => Ok(None),
        n => u64::try_from(n).map(Some).map_err(|_| Error::unfit(field, "expected a number above 0")),
    }
}

fn required<'a>(field: &str, text: Option<&'a str>) -> Result<&'a str> {
    text.filter(|t| !t.is_empty()).ok_or_else(|| Error::field(field, "required"))
}

#[cfg(test)]
mod tests;
