//! Runs with their events and items, nodes, log lines.

use crate::api::error::{Error, Result};
use crate::model::bars::TargetKind;
use crate::model::node::Node;
use crate::model::run::{Counters, Run, RunEvent, RunItem};
use crate::telemetry::{Line, Page};
use crate::wire::native::{jobs as wire, logs, nodes, runs};
use jiff::Timestamp;

pub(in crate::api::native) fn event(event: RunEvent) -> wire::Event {
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

/// `target`: whom it brings bars to.
pub(in crate::api::native) fn run(run: Run, target: Option<(String, Option<TargetKind>)>) -> runs::Run {
    let (target, target_kind) = target.unwrap_or_default();
    let Run { number, job, kind, name, trigger: _, started, ended, state, success: _, message, error, counters, .. } = run;
    let (rows_copied, rows_applied, transactions) = match counters {
        Some(Counters::Rows { copied, applied, transactions, bytes: _ }) => (copied, applied, transactions),
        Some(Counters::Hosts(_) | Counters::Bars { .. } | Counters::BarsSync(_)) | None => (0, 0, 0),
    };
    let (hosts, bars, bars_sync) = super::bars::counts(counters.as_ref());
    runs::Run {
        number,
        job: job.map(|j| j.0),
        kind: kind.as_str().to_owned(),
        name,
        target,
        target_kind: target_kind.map(|kind| kind.to_string()).unwrap_or_default(),
        state: state.as_str().to_owned(),
        started: started.to_string(),
        ended: ended.map(|t| t.to_string()),
        message,
        error,
        hosts,
        bars,
        bars_sync,
        rows_copied,
        rows_applied,
        transactions,
    }
}

pub(in crate::api::native) fn item(item: RunItem) -> runs::RunItem {
    let RunItem { number: _, run: _, key, label, outcome, measures, started: _, ended: _, count, error } = item;
    runs::RunItem { key, label, outcome: outcome.as_str().to_owned(), count, measures, error }
}

pub(in crate::api::native) fn node(node: Node, jobs: u64) -> nodes::Node {
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
        lag_seconds: None,
        extra: None,
        extra_names: Vec::new(),
        last_sync: None,
        last_seen: None,
    }
}

pub(in crate::api::native) fn log_page(page: Page) -> logs::LogPage {
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
pub(in crate::api::native) fn time(text: &str, field: &str) -> Result<Timestamp> {
    text.parse().map_err(|_| Error::bad_request(format!("{field}: {text:?} is not a time such as 2026-01-31T12:00:00Z")).field(field))
}
