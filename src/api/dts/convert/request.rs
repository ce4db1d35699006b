//! A posted task → spec. Every known field has its effect or is refused by its full name.

use super::super::error::{Error, Result};
use super::kafka;
use crate::model::endpoint::{MysqlEndpoint, TlsMode};
use crate::model::gates::Gates;
use crate::model::live::Throttle;
use crate::model::replicate::{
    DestTask, ExistingTable, ReplicateKind, ReplicateSpec, SchemaRule, SinkSpec, SrcTask, TableFilter, TableMatch,
};
use crate::secret::{MASK, Secret};
use crate::wire::dts::request as wire;

/// What a submit asks for.
#[derive(Debug)]
pub(in crate::api::dts) struct Asked {
    pub(in crate::api::dts) spec: ReplicateSpec,
    /// It begins at this moment, without a copy.
    pub(in crate::api::dts) from_now: bool,
    /// What the operator should know of it; empty if nothing.
    pub(in crate::api::dts) note: String,
}

/// What an alter asks for.
#[derive(Debug)]
pub(in crate::api::dts) struct Altered {
    pub(in crate::api::dts) spec: ReplicateSpec,
    pub(in crate::api::dts) note: String,
    /// A password that nobody has connected with yet: it is stored after somebody has.
    pub(in crate::api::dts) new_password: bool,
}

pub(in crate::api::dts) fn submit(task: &wire::Task) -> Result<Asked> {
    let wire::Task { source, kafka: to, filters: _, filter: _, rate_limit, incr } = task;
    let source = source.as_ref().ok_or_else(|| Error::field("task.source", "required"))?;
    let wire::Source { host, port: sent_port, username, password } = source;
    let required = |name: &str, text: &Option<String>| {
        given(text.as_deref()).map(str::to_owned).ok_or_else(|| Error::field(&format!("task.source.{name}"), "required"))
    };
    let password = password.as_deref().ok_or_else(|| Error::field("task.source.password", "required"))?;
    if password == MASK {
        return Err(Error::field("task.source.password", "password is masked, send it"));
    }
    let endpoint = MysqlEndpoint {
        host: required("host", host)?,
        port: port(*sent_port)?,
        user: required("username", username)?,
        password: Secret::new(password),
        tls: TlsMode::Preferred,
        tls_ca: None,
    };
    let include = rules(task)?;
    let to = to.as_ref().ok_or_else(|| Error::field("task.kafka", "required"))?;
    let (sink, note) = kafka::spec(to, None)?;
    let spec = ReplicateSpec {
        kind: ReplicateKind::Subscription,
        src: SrcTask {
            task_name: "src".to_owned(),
            node_id: None,
            endpoint,
            filter: TableFilter { include, ignore: Vec::new(), shadows: false },
            start_gtid: None,
            chunk_rows: None,
            group_bytes: None,
            queue_length: None,
            skip_create: false,
            existing_table: ExistingTable::default(),
            skip: Vec::new(),
            replace: Vec::new(),
        },
        dest: DestTask { task_name: "dest".to_owned(), node_id: None, sink: SinkSpec::Kafka(sink) },
        failover: None,
        throttle: kafka::throttle(rate_limit.as_ref(), Throttle::default())?,
        gates: Gates::default(),
    };
    Ok(Asked { spec, from_now: *incr == Some(true), note })
}

/// Puts what was sent over what is stored: source and incr stay, kafka and filters are replaced.
pub(in crate::api::dts) fn alter(task: &wire::Task, stored: &ReplicateSpec) -> Result<Altered> {
    let wire::Task { source, kafka: to, filters: _, filter: _, rate_limit, incr } = task;
    if incr.is_some_and(|incr| incr != began_without_copy(stored)) {
        return Err(Error::field("task.incr", "cannot be changed"));
    }
    let new_password = source.as_ref().map(|source| same_source(source, &stored.src.endpoint)).transpose()?.flatten();
    let to = to.as_ref().ok_or_else(|| Error::field("task.kafka", "required"))?;
    let mut spec = stored.clone();
    // What these filters leave out is all that there is to leave out.
    spec.src.filter = TableFilter { include: rules(task)?, ignore: Vec::new(), shadows: false };
    let (sink, note) = kafka::spec(to, stored.dest.sink.kafka())?;
    spec.throttle = kafka::throttle(rate_limit.as_ref(), stored.throttle)?;
    spec.dest.sink = SinkSpec::Kafka(sink);
    let is_new = new_password.is_some();
    if let Some(password) = new_password {
        spec.src.endpoint.password = password;
    }
    Ok(Altered { spec, note, new_password: is_new })
}

/// What `incr` was.
pub(super) fn began_without_copy(spec: &ReplicateSpec) -> bool {
    spec.src.start_gtid.is_some()
}

/// Refuses another source; returns the password if it is another.
fn same_source(source: &wire::Source, stored: &MysqlEndpoint) -> Result<Option<Secret>> {
    let wire::Source { host, port: sent_port, username, password } = source;
    let MysqlEndpoint { host: our_host, port: our_port, user, password: our_password, tls: _, tls_ca: _ } = stored;
    let fixed =
        |name: &str| Error::field(&format!("task.source.{name}"), "the source cannot be changed: delete the task and submit another");
    if host.as_deref().is_none_or(|host| !host.eq_ignore_ascii_case(our_host)) {
        return Err(fixed("host"));
    }
    if port(*sent_port)? != *our_port {
        return Err(fixed("port"));
    }
    if username.as_deref() != Some(user) {
        return Err(fixed("username"));
    }
    let password = password.as_deref().filter(|p| *p != MASK && !p.is_empty()).map(Secret::new);
    Ok(password.filter(|p| p != our_password))
}

fn port(sent: Option<i64>) -> Result<u16> {
    const DEFAULT: u16 = 3306;
    // 0 is what clients write that have not set it.
    match sent.filter(|p| *p != 0) {
        None => Ok(DEFAULT),
        Some(port) => u16::try_from(port).map_err(|_| Error::field("task.source.port", "expected a port from 1 to 65535")),
    }
}

/// What the task calls its filters.
pub(in crate::api::dts) fn filters_name(task: &wire::Task) -> &'static str {
    if task.filters.is_some() { "filters" } else { "filter" }
}

/// A rule for each filter.
fn rules(task: &wire::Task) -> Result<Vec<SchemaRule>> {
    let name = filters_name(task);
    let filters = match (&task.filters, &task.filter) {
        (Some(_), Some(_)) => return Err(Error::field("task.filter", "is another name of task.filters; send one of them")),
        (Some(filters), None) | (None, Some(filters)) => filters,
        (None, None) => return Err(Error::field("task.filters", "required")),
    };
    if filters.is_empty() {
        return Err(Error::field(&format!("task.{name}"), "must name at least one schema and its tables"));
    }
    filters.iter().enumerate().map(|(i, filter)| rule(&format!("task.{name}[{i}]"), filter)).collect()
}

fn rule(field: &str, filter: &wire::Filter) -> Result<SchemaRule> {
    let wire::Filter { dbname, tables, filter } = filter;
    let schema = given(dbname.as_deref()).ok_or_else(|| Error::field(&format!("{field}.dbname"), "required"))?;
    let at = format!("{field}.match");
    let text = given(tables.as_deref()).ok_or_else(|| Error::field(&at, "required; /.*/ takes every table"))?;
    let filter = given(filter.as_deref().map(str::trim)).map(str::to_owned);
    Ok(SchemaRule { filter, ..SchemaRule::new(schema, matches(&at, text)?) })
}

/// A pattern between slashes, which may hold commas; else one name, or several between commas.
fn matches(field: &str, text: &str) -> Result<Vec<TableMatch>> {
    let whole = TableMatch::parse(text).map_err(|e| Error::field(field, e))?;
    if whole.name().is_none() || !text.contains(',') {
        return Ok(vec![whole]);
    }
    let name = |name: &str| match TableMatch::parse(name.trim()) {
        Ok(name) if name.name().is_some_and(|n| !n.is_empty()) => Ok(name),
        Ok(TableMatch::Name(_)) => Err(Error::field(field, "there is an empty name in the list")),
        _ => Err(Error::field(field, format!("{:?} is a pattern, which cannot stand in a list: give it a filter of its own", name.trim()))),
    };
    text.split(',').map(name).collect()
}

pub(super) fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|t| !t.is_empty())
}

#[cfg(test)]
mod tests;
