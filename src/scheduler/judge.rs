//! What can be said of a job in itself, and of a change, without asking a server.

use super::{Error, Result};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::finding::Side;
use crate::model::job::JobId;
use crate::model::replicate::{ReplicateKind, ReplicateSpec, SinkSpec};
use crate::replicate::filter::Filter;

/// Says whether one side of a job is another server than before.
pub(super) fn elsewhere(new: &ReplicateSpec, stored: &ReplicateSpec, side: Side) -> bool {
    let other = |new: &MysqlEndpoint, stored: &MysqlEndpoint| new.address() != stored.address();
    match side {
        Side::Src => other(&new.src.endpoint, &stored.src.endpoint),
        Side::Dest => match (&new.dest.sink, &stored.dest.sink) {
            (SinkSpec::Mysql(new), SinkSpec::Mysql(stored)) => other(&new.endpoint, &stored.endpoint),
            (SinkSpec::Kafka(new), SinkSpec::Kafka(stored)) => new.brokers != stored.brokers,
            (SinkSpec::Lines(new), SinkSpec::Lines(stored)) => new.to != stored.to,
            _ => true,
        },
    }
}

/// Says what is wrong with the text of a row filter, and where. Whether it fits a table is the preflight's.
pub fn row_filter(text: &str) -> Result<(), String> {
    Filter::parse(text).map(|_| ()).map_err(|e| e.message)
}

/// Refuses an id that a new job may not have. Jobs that have it from before keep it.
pub(super) fn new_id(id: &JobId, name: &str, kind: ReplicateKind) -> Result<()> {
    let Some(why) = JobId::wrong(&id.0) else { return Ok(()) };
    let is_made = id.0 == format!("{name}-{}", kind.as_str());
    let made = if is_made { "; without one it is the name with the kind behind it" } else { "" };
    Err(Error::BadField { field: "id", why: format!("{why}{made}") })
}

/// What can be said of a job without asking a server.
pub(super) fn judge(name: &str, spec: &ReplicateSpec) -> Result<()> {
    let bad = |text: &str| Err(Error::Invalid(text.to_owned()));
    if name.trim().is_empty() || name.chars().count() > 200 {
        return Err(Error::BadField { field: "name", why: "must have 1 to 200 characters".to_owned() });
    }
    let subscribes = spec.kind == ReplicateKind::Subscription;
    match &spec.dest.sink {
        SinkSpec::Kafka(_) | SinkSpec::Lines(_) if !subscribes => return bad("a destination of messages makes the kind a subscription"),
        SinkSpec::Mysql(_) if subscribes => return bad("a subscription needs a destination of messages"),
        SinkSpec::Kafka(sink) if sink.brokers.is_empty() => return bad("kafka.brokers must name at least one broker"),
        _ => {}
    }
    let target = spec.dest.sink.endpoint();
    for (side, endpoint) in [("source", Some(&spec.src.endpoint)), ("target", target)] {
        let Some(endpoint) = endpoint else { continue };
        if endpoint.host.trim().is_empty() || endpoint.port == 0 || endpoint.user.is_empty() {
            return Err(Error::Invalid(format!("{side}: host, port and user are needed")));
        }
    }
    for (at, rule) in spec.src.filter.include.iter().enumerate() {
        let Some(text) = &rule.filter else { continue };
        row_filter(text).map_err(|cause| Error::RowFilter { rule: at, cause })?;
    }
    for (at, rule) in spec.src.filter.include.iter().enumerate() {
        if let Some((field, why)) = rule.to.wrong(rule) {
            return Err(Error::Invalid(format!("include[{at}].{field}: {why}")));
        }
        if subscribes && !rule.to.is_empty() {
            return Err(Error::Invalid(format!(
                "include[{at}]: other names and columns are for tables of a database, and the job writes messages"
            )));
        }
    }
    if let Some(at) = spec.src.filter.ignore.iter().position(|rule| rule.filter.is_some()) {
        return Err(Error::Invalid(format!("ignore[{at}].where: a rule that leaves tables out has no rows to choose from")));
    }
    if let Some((part, why)) = spec.gates.wrong(target.is_some()) {
        return Err(Error::Invalid(format!("gates.{part}: {why}")));
    }
    if target.is_some_and(|t| spec.src.endpoint.is_at(t)) {
        return Err(Error::BadField { field: "target", why: "source and target are the same server".to_owned() });
    }
    Ok(())
}

/// Says whether a job brings changes from where the other one writes to where that one reads. Which tables, the preflight sees.
pub(super) fn goes_back(spec: &ReplicateSpec, other: &ReplicateSpec) -> bool {
    let meets = |from: &ReplicateSpec, to: &ReplicateSpec| to.dest.sink.endpoint().is_some_and(|end| end.is_at(&from.src.endpoint));
    meets(spec, other) && meets(other, spec)
}
