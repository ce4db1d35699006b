//! Wire ⇄ model for the native family. Both sides are destructured, so that a new field does not compile until it is
//! decided here.

use crate::api::error::{Error, Result};
use crate::model::endpoint::{MysqlEndpoint, TlsMode};
use crate::model::finding::{Finding, Preflight, Severity, Side};
use crate::model::job::{Failure, Job, JobId, JobKind, JobSpec, JobState, Origin};
use crate::model::node::Node;
use crate::model::progress::{Progress, SideProgress, TableProgress};
use crate::model::replicate::{
    ConflictPolicy, DestTask, ExistingTable, MysqlSinkSpec, ReplicateKind, ReplicateSpec, SchemaRule, SinkSpec, SrcTask, TableFilter,
};
use crate::model::run::{Counters, Outcome, Run, RunEvent, RunItem};
use crate::scheduler::{CheckedServer, ComparedTable, Comparison, Deletion, JobView, NewJob, RowDifference, RunView};
use crate::secret::{MASK, Secret};
use crate::telemetry::{Line, Page};
use crate::wire::native::{jobs as wire, logs, mysql, nodes, runs};
use jiff::Timestamp;

pub(super) fn new_job(body: wire::JobCreate) -> Result<NewJob> {
    let wire::JobCreate {
        name,
        id,
        kind,
        description,
        source,
        target,
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
    let sink = MysqlSinkSpec {
        endpoint: endpoint(target),
        apply_workers: None,
        copy_workers,
        conflict: match on_conflict {
            wire::ConflictPolicy::Error => ConflictPolicy::Error,
            wire::ConflictPolicy::Overwrite => ConflictPolicy::Overwrite,
            wire::ConflictPolicy::Skip => ConflictPolicy::Skip,
        },
    };
    let dest = DestTask { task_name: "dest".to_owned(), node_id: None, sink: SinkSpec::Mysql(sink) };
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

pub(super) fn endpoint(endpoint: wire::Endpoint) -> MysqlEndpoint {
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

/// Returns None for kinds that this family does not show.
pub(super) fn job(view: JobView) -> Option<wire::Job> {
    let JobView { job, progress, run } = view;
    let Job {
        id,
        number,
        kind,
        name,
        spec: JobSpec::Replicate(spec),
        trigger: _,
        desired,
        origin,
        echo: _,
        description,
        created_by,
        created,
        updated,
        deleted: _,
        create_index: _,
        modify_index: _,
        job_modify_index,
        next_fire: _,
        state,
        state_since,
        stats: _,
    } = job;
    let kind = match kind {
        JobKind::Migration => wire::JobKind::Migration,
        JobKind::Sync => wire::JobKind::Sync,
        JobKind::Subscription | JobKind::Dts => wire::JobKind::Subscription,
        JobKind::Hosts | JobKind::Bars | JobKind::BarsSync => return None,
    };
    let paused = state == JobState::Paused;
    let (shown_state, reason, failure) = job_state(state);
    let config = config(&id, kind, &name, &description, *spec, paused);
    Some(wire::Job {
        id: id.0,
        number,
        name,
        kind,
        description,
        state: shown_state,
        reason,
        state_since: state_since.to_string(),
        desired: desired.as_str().to_owned(),
        failure,
        origin: origin.as_str().to_owned(),
        created: created.to_string(),
        updated: updated.to_string(),
        created_by,
        job_modify_index,
        config,
        progress: run.is_some().then(|| shown_progress(progress)),
        run: run.map(|RunView { number, started, src_allocation, dest_allocation, node, restarts }| wire::RunRef {
            number,
            started: started.to_string(),
            src_allocation,
            dest_allocation,
            node,
            restarts,
        }),
    })
}

fn job_state(state: JobState) -> (wire::JobState, String, Option<wire::Failure>) {
    let plain = |state| (state, String::new(), None);
    match state {
        JobState::Pending => plain(wire::JobState::Pending),
        JobState::Copying => plain(wire::JobState::Copying),
        JobState::Streaming => plain(wire::JobState::Streaming),
        JobState::Lagging => plain(wire::JobState::Lagging),
        JobState::Throttled => plain(wire::JobState::Throttled),
        JobState::Waiting(reason) => (wire::JobState::Waiting, reason, None),
        JobState::Stalled => plain(wire::JobState::Stalled),
        JobState::Paused => plain(wire::JobState::Paused),
        JobState::Failed(Failure { code, message, hint }) => {
            (wire::JobState::Failed, String::new(), Some(wire::Failure { code, message, hint }))
        }
        JobState::Complete => plain(wire::JobState::Complete),
    }
}

/// The spec as its operator would write it.
fn config(id: &JobId, kind: wire::JobKind, name: &str, description: &str, spec: ReplicateSpec, paused: bool) -> wire::JobCreate {
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
    let DestTask { task_name: _, node_id: _, sink: SinkSpec::Mysql(sink) } = dest;
    let MysqlSinkSpec { endpoint: target, apply_workers: _, copy_workers, conflict } = sink;
    let shown =
        |rules: Vec<SchemaRule>| rules.into_iter().map(|SchemaRule { schema, tables }| wire::SchemaRule { schema, tables }).collect();
    wire::JobCreate {
        name: name.to_owned(),
        id: Some(id.0.clone()),
        kind,
        description: description.to_owned(),
        source: shown_endpoint(source),
        target: shown_endpoint(target),
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

fn shown_progress(progress: Progress) -> wire::Progress {
    let Progress {
        state: _,
        src,
        dest,
        tables,
        source_position,
        spool_bytes,
        copy_rows_per_second,
        copy_bytes_per_second,
        apply_rows_per_second,
        eta_seconds,
        notes,
        last_error,
        last_error_at,
    } = progress;
    let SideProgress {
        position,
        file,
        pos,
        rows_done,
        rows_estimated,
        tx_read: _,
        tx_applied,
        row_events_read: _,
        row_events_applied,
        queue,
        queue_capacity,
        delay_seconds,
        bytes,
        stage,
        at,
    } = dest;
    wire::Progress {
        stage: if stage.is_empty() { src.stage } else { stage },
        position,
        source_position,
        file,
        file_position: pos,
        lag_seconds: delay_seconds,
        rows_copied: rows_done,
        // The source's side knows the estimate before the target's does.
        rows_estimated: rows_estimated.max(src.rows_estimated),
        bytes_copied: bytes,
        copy_rows_per_second,
        copy_bytes_per_second,
        eta_seconds,
        transactions_read: src.tx_read,
        transactions_applied: tx_applied,
        row_events_applied,
        apply_rows_per_second,
        queue,
        queue_capacity,
        spool_bytes,
        tables: tables.into_iter().map(table).collect(),
        notes: notes.into_iter().map(|(what, count)| wire::Note { what, count }).collect(),
        last_error,
        last_error_at: last_error_at.map(|t| t.to_string()),
        at: at.or(src.at).map(|t| t.to_string()),
    }
}

fn table(progress: TableProgress) -> wire::TableProgress {
    let TableProgress { table, phase, rows_copied, rows_estimated, bytes_copied, inserts, updates, deletes, conflicts } = progress;
    wire::TableProgress {
        schema: table.schema,
        table: table.table,
        phase: phase.as_str().to_owned(),
        rows_copied,
        rows_estimated,
        bytes_copied,
        inserts,
        updates,
        deletes,
        conflicts,
    }
}

pub(super) fn validation(report: Preflight) -> wire::Validation {
    let valid = report.passed();
    let Preflight { findings, src_grants, dest_grants } = report;
    wire::Validation { valid, findings: findings.into_iter().map(finding).collect(), source_grants: src_grants, target_grants: dest_grants }
}

fn finding(finding: Finding) -> wire::Finding {
    let Finding { code, severity, side, check: _, object, message, hint } = finding;
    wire::Finding {
        code: code.to_owned(),
        severity: match severity {
            Severity::Info => wire::Severity::Info,
            Severity::Warning => wire::Severity::Warning,
            Severity::Error => wire::Severity::Error,
        },
        side: match side {
            Side::Src => "source".to_owned(),
            Side::Dest => "target".to_owned(),
        },
        object,
        message,
        hint,
    }
}

pub(super) fn check_reply(checked: CheckedServer) -> mysql::CheckReply {
    let CheckedServer { flavor, version, findings, grants } = checked;
    let findings: Vec<wire::Finding> = findings.into_iter().map(finding).collect();
    let ok = findings.iter().all(|f| f.severity != wire::Severity::Error);
    mysql::CheckReply { ok, flavor, version, findings, grants }
}

pub(super) fn event(event: RunEvent) -> wire::Event {
    let RunEvent { run, side, kind, time, message, setup_error } = event;
    let message = if setup_error.is_empty() { message } else { format!("{message}: {setup_error}") };
    wire::Event {
        run,
        side: side.map(|s| s.as_str().to_owned()).unwrap_or_default(),
        kind: kind.as_str().to_owned(),
        time: time.to_string(),
        message,
    }
}

pub(super) fn deleted(gone: Deletion) -> wire::Deleted {
    let Deletion { id, note } = gone;
    wire::Deleted { id: id.0, note }
}

pub(super) fn verification(comparison: Comparison) -> wire::Verification {
    let Comparison { number, job, state, started, ended, error, tables } = comparison;
    wire::Verification {
        number,
        job: job.0,
        state: state.as_str().to_owned(),
        started: started.to_string(),
        ended: ended.map(|t| t.to_string()),
        error,
        tables: tables.into_iter().map(compared).collect(),
    }
}

fn compared(table: ComparedTable) -> wire::VerifiedTable {
    let ComparedTable { schema, table, state, source_rows, target_rows, different, differences, error } = table;
    let difference = |RowDifference { kind, key, columns }| wire::Difference { kind, key, columns };
    wire::VerifiedTable {
        schema,
        table,
        state,
        source_rows,
        target_rows,
        different,
        differences: differences.into_iter().map(difference).collect(),
        error,
    }
}

pub(super) fn run(run: Run) -> runs::Run {
    let Run { number, job, kind, name, trigger: _, started, ended, state, success: _, message, error, counters, .. } = run;
    let (rows_copied, rows_applied, transactions) = match counters {
        Some(Counters::Rows { copied, applied, transactions, bytes: _ }) => (copied, applied, transactions),
        Some(Counters::Hosts { .. } | Counters::Bars { .. }) | None => (0, 0, 0),
    };
    runs::Run {
        number,
        job: job.map(|j| j.0),
        kind: kind.as_str().to_owned(),
        name,
        state: state.as_str().to_owned(),
        started: started.to_string(),
        ended: ended.map(|t| t.to_string()),
        message,
        error,
        rows_copied,
        rows_applied,
        transactions,
    }
}

pub(super) fn item(item: RunItem) -> runs::RunItem {
    let RunItem { number: _, run: _, key, label, outcome, measures: _, started: _, ended: _, count, error } = item;
    let outcome = match outcome {
        Outcome::Running => "running",
        Outcome::Inserted => "inserted",
        Outcome::Updated => "updated",
        Outcome::Unchanged => "unchanged",
        Outcome::NoData => "no_data",
        Outcome::NotInPool => "not_in_pool",
        Outcome::Copied => "copied",
        Outcome::Equal => "equal",
        Outcome::Different => "different",
        Outcome::Failed => "failed",
    };
    runs::RunItem { key, label, outcome: outcome.to_owned(), count, error }
}

pub(super) fn node(node: Node, jobs: u64) -> nodes::Node {
    let Node { id, name, http_address, region, datacenter, role, started_at, state, reason, build, leader, source: _ } = node;
    nodes::Node {
        id,
        name,
        address: http_address,
        region,
        datacenter,
        role,
        state: state.as_str().to_owned(),
        reason,
        build,
        leader,
        started: started_at.to_string(),
        jobs,
    }
}

pub(super) fn log_page(page: Page) -> logs::LogPage {
    let Page { lines, next, lost } = page;
    let line = |Line { seq, time, level, target, message, job, run: _, fields }| logs::LogLine {
        seq,
        time: Timestamp::to_string(&time),
        level: level.as_str().to_ascii_lowercase(),
        target,
        message,
        job,
        fields,
    };
    logs::LogPage { lines: lines.into_iter().map(line).collect(), next, lost }
}

/// Reads an RFC 3339 time of a query.
pub(super) fn time(text: &str, field: &str) -> Result<Timestamp> {
    text.parse().map_err(|_| Error::bad_request(format!("{field}: {text:?} is not a time such as 2026-01-31T12:00:00Z")).field(field))
}
