//! Config object → spec. Every known field has its effect or is refused by its full name.

use super::super::error::{Error, Result};
use super::super::password::Passwords;
mod destination;
mod rules;

use crate::model::endpoint::{MysqlEndpoint, TlsMode};
use crate::model::gtid::GtidSet;
use crate::model::replicate::{ExistingTable, ReplicateKind, ReplicateSpec, SrcTask, TableFilter};
use crate::wire::dtle3::request as wire;
use rules::{May, rules};

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
    checked_name("job_name", name)?;
    let id = id(config, kind).unwrap_or_default();
    checked_name("job_id", &id)?;
    Ok((name.to_owned(), id))
}

/// Names stand in paths, logs and bookkeeping rows.
fn checked_name(field: &str, name: &str) -> Result<()> {
    const MOST_CHARACTERS: usize = 128;
    if name.chars().any(|c| c.is_control() || c == '/') || name.trim() != name {
        return Err(Error::field(field, "control characters, / and blanks at either end are not allowed"));
    }
    if name.chars().count() > MOST_CHARACTERS {
        return Err(Error::field(field, format!("longer than {MOST_CHARACTERS} characters")));
    }
    Ok(())
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
mod tests {
    use super::*;
    use crate::model::replicate::ConflictPolicy;
    use serde_json::{Value, json};

    const SAMPLE: &str = include_str!("../../../../tests/api/contracts/dtle3/migration.request.json");

    fn sample() -> Value {
        serde_json::from_str(SAMPLE).unwrap()
    }

    fn read(config: &Value, stored: Option<&ReplicateSpec>) -> Result<ReplicateSpec> {
        let config: wire::JobConfig = serde_json::from_value(config.clone()).unwrap();
        let nodes = ["n1".to_owned()];
        spec(&config, &Context { kind: ReplicateKind::Migration, passwords: &Passwords::Clear, stored, nodes: &nodes })
    }

    /// The sample with the value at a pointer replaced (or added).
    fn with(pointer: &str, value: Value) -> Value {
        let mut config = sample();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        config.pointer_mut(parent).unwrap()[key] = value;
        config
    }

    #[test]
    fn the_sample_becomes_a_spec_with_dtles_ways() {
        let spec = read(&sample(), None).unwrap();
        assert_eq!((spec.src.endpoint.port, spec.src.endpoint.password.expose()), (3307, "test"));
        assert_eq!((spec.src.chunk_rows, spec.src.group_bytes, spec.src.queue_length), (None, None, None));
        assert_eq!((spec.src.existing_table, spec.failover), (ExistingTable::Upsert, Some(true)));
        let sink = spec.dest.sink.mysql().unwrap();
        assert_eq!((sink.conflict, sink.apply_workers, sink.endpoint.port), (ConflictPolicy::Overwrite, None, 3308));
    }

    #[test]
    fn options_that_are_sent_mean_what_they_say() {
        let mut config = sample();
        config["src_task"] = json!({
            "task_name": "Source", "node_id": "n1", "gtid": " 0-1-5 ", "group_max_size": 100, "chunk_size": 7, "repl_chan_buffer_size": 9,
            "drop_table_if_exists": true,
            "replicate_do_db": [{"table_schema": "a", "table_schema_rename": "", "tables": [{"table_name": "t", "where": "id>1", "column_map_from": []}]}, {"table_schema": "b"}],
            "replicate_ignore_db": [{"table_schema": "a", "tables": [{"table_name": "u"}]}],
            "mysql_connection_config": config["src_task"]["mysql_connection_config"],
        });
        config["dest_task"]["parallel_workers"] = json!(3);
        let ReplicateSpec { src, dest, .. } = read(&config, None).unwrap();
        assert_eq!((src.chunk_rows, src.group_bytes, src.queue_length), (Some(7), Some(100), Some(9)));
        assert_eq!((src.start_gtid.as_deref(), src.node_id.as_deref()), (Some("0-1-5"), Some("n1")));
        assert_eq!((src.existing_table, src.skip_create), (ExistingTable::Drop, false));
        assert_eq!((src.filter.rows("a", "t"), src.filter.rows("b", "x")), (Some("id>1"), None));
        assert!(src.filter.includes("a", "t") && src.filter.includes("b", "x") && !src.filter.includes("a", "u"));
        let sink = dest.sink.mysql().unwrap();
        assert_eq!(sink.apply_workers, Some(3));
    }

    #[test]
    fn what_is_wrong_or_not_there_yet_is_refused_by_name() {
        let table = |extra: Value| {
            let mut table = json!({"table_name": "t"});
            table.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            json!([{"table_schema": "a", "tables": [table]}])
        };
        for (pointer, value, field) in [
            ("/src_task", Value::Null, "src_task"),
            ("/dest_task/mysql_connection_config", Value::Null, "dest_task.mysql_connection_config"),
            ("/src_task/mysql_connection_config/mysql_port", json!(70000), "src_task.mysql_connection_config.mysql_port"),
            ("/src_task/mysql_connection_config/mysql_host", json!(""), "src_task.mysql_connection_config.mysql_host"),
            ("/src_task/mysql_connection_config/mysql_password", json!("*"), "src_task.mysql_connection_config.mysql_password"),
            ("/dest_task/mysql_connection_config/mysql_password", Value::Null, "dest_task.mysql_connection_config.mysql_password"),
            ("/src_task/task_name", json!("dest"), "src_task.task_name"),
            ("/dest_task/task_name", json!("sink"), "dest_task.task_name"),
            ("/dest_task/parallel_workers", json!(65), "dest_task.parallel_workers"),
            ("/dest_task/kafka_topic", json!("t"), "dest_task.kafka_topic"),
            ("/src_task/chunk_size", json!(-1), "src_task.chunk_size"),
            ("/src_task/repl_chan_buffer_size", json!(5_000_000_000u64), "src_task.repl_chan_buffer_size"),
            ("/src_task/node_id", json!("nowhere"), "src_task.node_id"),
            ("/failover", json!(false), "src_task.node_id"),
            ("/src_task/gtid", json!("yesterday"), "src_task.gtid"),
            ("/src_task/replicate_do_db", json!([{"tables": []}]), "src_task.replicate_do_db[0].table_schema"),
            (
                "/src_task/replicate_ignore_db",
                json!([{"table_schema": "a", "table_schema_rename": "b"}]),
                "src_task.replicate_ignore_db[0].table_schema_rename",
            ),
            ("/src_task/replicate_ignore_db", json!([{"table_schema_regex": "b"}]), "src_task.replicate_ignore_db[0].table_schema_regex"),
            ("/src_task/replicate_do_db", table(json!({"where": "now()>1"})), "src_task.replicate_do_db[0].tables[0].where"),
            ("/src_task/replicate_ignore_db", table(json!({"where": "id>1"})), "src_task.replicate_ignore_db[0].tables[0].where"),
            (
                "/src_task/replicate_ignore_db",
                table(json!({"table_rename": "x"})),
                "src_task.replicate_ignore_db[0].tables[0].table_rename",
            ),
            ("/src_task/replicate_do_db", table(json!({"table_regex": "x"})), "src_task.replicate_do_db[0].tables[0].table_regex"),
            (
                "/src_task/replicate_do_db",
                table(json!({"column_map_from": ["x", "x"]})),
                "src_task.replicate_do_db[0].tables[0].column_map_from",
            ),
            ("/src_task/replicate_do_db", table(json!({"table_name": ""})), "src_task.replicate_do_db[0].tables[0].table_name"),
        ] {
            let error = read(&with(pointer, value.clone()), None).expect_err(pointer);
            assert_eq!(error.status.as_u16(), 400);
            assert!(error.message.starts_with(&format!("{field}: ")), "{pointer} {value}: {}", error.message);
        }
    }

    #[test]
    fn an_update_keeps_the_stored_password() {
        let stored = read(&sample(), None).unwrap();
        let masked = with("/src_task/mysql_connection_config/mysql_password", json!("*"));
        assert_eq!(read(&masked, Some(&stored)).unwrap(), stored);
        let mut absent = sample();
        absent["dest_task"]["mysql_connection_config"].as_object_mut().unwrap().remove("mysql_password");
        assert_eq!(read(&absent, Some(&stored)).unwrap(), stored);
        let mut elsewhere = masked;
        elsewhere["src_task"]["mysql_connection_config"]["mysql_host"] = json!("evil.invalid");
        assert!(read(&elsewhere, Some(&stored)).is_err());
    }

    #[test]
    fn the_id_carries_the_type_once() {
        let id = |job_name: &str, job_id: &str, kind| {
            let config = wire::JobConfig { job_name: Some(job_name.into()), job_id: Some(job_id.into()), ..Default::default() };
            identity(&config, kind).map(|(_, id)| id).map_err(|e| e.message)
        };
        use ReplicateKind::{Migration, Sync};
        assert_eq!(id("job1", "", Migration).unwrap(), "job1-migration");
        assert_eq!(id("job1", "x", Sync).unwrap(), "x-sync");
        assert_eq!(id("job1", "x-sync", Sync).unwrap(), "x-sync");
        assert_eq!(id("job1", "x-sync", Migration).unwrap(), "x-sync-migration");
        assert_eq!(id("a-sync", "", Sync).unwrap(), "a-sync-sync");
        assert_eq!(id("作业", "", Sync).unwrap(), "作业-sync");
        assert_eq!(id("", "x", Sync).unwrap_err(), "job_name: required");
        assert!(id("a\nb", "", Sync).is_err());
    }
}
