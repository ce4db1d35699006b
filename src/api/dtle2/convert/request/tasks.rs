//! A job's two tasks: found by their roles, with all that is missing named in one answer.

use super::super::super::error::{Error, Result};
use super::{given, kafka, nothing};
use crate::model::node::Node;
use crate::wire::dtle2::request as wire;

/// A task with its config and its full name.
pub(super) struct Named<'a> {
    pub(super) path: String,
    pub(super) task: &'a wire::Task,
    pub(super) config: &'a wire::Config,
}

impl Named<'_> {
    pub(super) fn field(&self, name: &str) -> String {
        format!("{}.Config.{name}", self.path)
    }
}

/// Finds the two tasks; what is missing in them is named in one answer. Only a job that is there can do without passwords.
pub(super) fn both(tasks: &[wire::Task], keeps: bool) -> Result<(Named<'_>, Named<'_>)> {
    let mut missing = Vec::new();
    let mut found = [None, None];
    for (i, task) in tasks.iter().enumerate() {
        let path = format!("Tasks[{i}]");
        let role = task.role.as_deref().unwrap_or_default();
        let at = match role.to_ascii_lowercase().as_str() {
            "src" => 0,
            "dest" => 1,
            _ => return Err(Error::field(&format!("{path}.Type"), "expected Src or Dest")),
        };
        driver(&path, task, at == 0)?;
        match &task.config {
            None => missing.push(format!("{path}.Config")),
            Some(config) if kafka::is_meant(task) => kafka::complete(&path, config, &mut missing),
            Some(config) => complete(&path, config, keeps, &mut missing),
        }
        if found[at].replace((path, task)).is_some() {
            return Err(Error::field("Tasks", format!("there are two of the type {role}")));
        }
    }
    let [src, dest] = found;
    if src.is_none() || dest.is_none() {
        missing.push("Tasks (one of the type Src and one of the type Dest)".to_owned());
    }
    match (src, dest) {
        (Some((src_path, src)), Some((dest_path, dest))) if missing.is_empty() => match (&src.config, &dest.config) {
            (Some(a), Some(b)) => Ok((Named { path: src_path, task: src, config: a }, Named { path: dest_path, task: dest, config: b })),
            _ => Err(Error::field("Tasks", "required")),
        },
        _ => Err(Error::field(&missing.join(", "), "required")),
    }
}

fn complete(path: &str, config: &wire::Config, keeps: bool, missing: &mut Vec<String>) {
    let prefix = format!("{path}.Config.ConnectionConfig");
    let Some(wire::Connection { host, port, user, password, charset: _ }) = &config.connection_config else { return missing.push(prefix) };
    let there =
        [given(host.as_deref()).is_some(), port.is_some_and(|p| p != 0), given(user.as_deref()).is_some(), keeps || password.is_some()];
    let names = ["Host", "Port", "User", "Password"];
    missing.extend(names.iter().zip(there).filter(|(_, there)| !there).map(|(name, _)| format!("{prefix}.{name}")));
}

fn driver(path: &str, task: &wire::Task, source: bool) -> Result<()> {
    let field = format!("{path}.Driver");
    match task.driver.as_deref().map(str::to_ascii_lowercase).as_deref() {
        None | Some("" | "mysql") => {}
        Some("kafka") if source => return Err(Error::field(&field, "expected MySQL: rows come from a database")),
        Some("kafka") => {}
        Some(_) => return Err(Error::field(&field, "expected MySQL or Kafka")),
    }
    if task.config.as_ref().is_some_and(|c| c.kafka_config.is_some()) && (source || !kafka::is_meant(task)) {
        return Err(Error::field(&format!("{path}.Config.KafkaConfig"), "goes with the driver Kafka, of the task of the type Dest"));
    }
    nothing(&format!("{path}.Constraints"), &task.constraints)
}

/// Returns the node that a task is bound to. A name is a wish, as it was in dtle.
pub(super) fn placed(named: &Named<'_>, node: &Node, ignored: &mut Vec<String>) -> Result<Option<String>> {
    let wire::Task { role: _, driver: _, node_id, node_name, config: _, constraints: _, config_lock: _, leader: _ } = named.task;
    if given(node_name.as_deref()).is_some_and(|name| name != node.name) {
        ignored.push(format!("{}.NodeName", named.path));
    }
    match given(node_id.as_deref()) {
        None => Ok(None),
        Some(id) if id == node.id => Ok(Some(id.to_owned())),
        Some(id) => Err(Error::field(&format!("{}.NodeID", named.path), format!("no node has the id {id}"))),
    }
}

/// The options that dtle itself had given up: echoed, and named.
pub(super) fn without_effect(named: &Named<'_>, ignored: &mut Vec<String>) {
    let wire::Config { nats_addr, approve_heterogeneous, sql_mode, bytes_limit, msgs_limit, .. } = named.config;
    for (name, value) in [
        ("NatsAddr", nats_addr),
        ("ApproveHeterogeneous", approve_heterogeneous),
        ("SqlMode", sql_mode),
        ("BytesLimit", bytes_limit),
        ("MsgsLimit", msgs_limit),
    ] {
        if !value.is_null() {
            ignored.push(named.field(name));
        }
    }
}

/// A topic has no tables that could be made or dropped.
pub(super) fn tables_at_target(named: &Named<'_>, ignored: &mut Vec<String>) {
    let wire::Config { drop_table_if_exists, skip_create_db_table, .. } = named.config;
    for (name, flag) in [("DropTableIfExists", drop_table_if_exists), ("SkipCreateDbTable", skip_create_db_table)] {
        if *flag == Some(true) {
            ignored.push(named.field(name));
        }
    }
}
