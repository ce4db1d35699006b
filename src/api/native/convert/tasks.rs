//! Tasks and what they do.

use crate::api::error::{Error, Result};
use crate::bars::Would;
use crate::hosts::read_address;
use crate::model::hosts::{EsStyle, HostMetricsSpec, HostSelection, QueryRange};
use crate::model::job::{Desired, Job, JobStats, TaskLimits, TaskSpec, Trigger};
use crate::model::run::Run;
use crate::scheduler::tasks::{ActiveRun, TaskView};
use crate::wire::native::tasks as wire;

pub(in crate::api::native) fn change(would: Would) -> wire::SyncChange {
    let Would { series, written, removed, deletes, first, note } = would;
    wire::SyncChange { series, written, removed, deletes, first: first.map(|time| time.to_string()), note }
}

pub(in crate::api::native) fn task(view: TaskView) -> wire::Task {
    let TaskView { job, zone, active, problem } = view;
    let Job {
        id,
        number,
        kind,
        name,
        spec,
        trigger,
        limits,
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
        next_fire,
        state: _,
        state_since: _,
        stats: JobStats { runs, successes, failures, data_count: _, duration_ms, last_run, last_result },
    } = job;
    let enabled = desired == Desired::Running;
    let cron = match trigger {
        Trigger::Cron { expr, time_zone: _ } => Some(expr),
        Trigger::Manual | Trigger::Continuous => None,
    };
    let state = match (&active, enabled) {
        (Some(_), _) => "running",
        _ if !problem.is_empty() => "broken",
        (None, false) => "disabled",
        (None, true) if cron.is_some() => "scheduled",
        (None, true) => "manual",
    };
    let (mut hosts, mut bars, mut bars_sync) = (None, None, None);
    match spec {
        TaskSpec::HostMetrics(spec) => hosts = Some(work(spec)),
        TaskSpec::Bars(spec) => bars = Some(super::bars::work(spec)),
        TaskSpec::BarsSync(spec) => bars_sync = Some(super::bars::sync_work(spec)),
    }
    wire::Task {
        number,
        id: id.0,
        name,
        kind: kind.as_str().to_owned(),
        enabled,
        state: state.to_owned(),
        cron,
        time_zone: zone,
        next: next_fire.map(|t| t.to_string()),
        last: last_run.map(|t| t.to_string()),
        last_result,
        last_run: None,
        running: active.map(|ActiveRun { number, kind: _, name: _, started, counters: seen }| {
            let (hosts, bars, bars_sync) = super::bars::counts(seen.as_ref());
            wire::Active { run: number, started: started.to_string(), hosts, bars, bars_sync }
        }),
        runs,
        successes,
        failures,
        duration_ms,
        description,
        created_by,
        origin: origin.as_str().to_owned(),
        created: created.to_string(),
        updated: updated.to_string(),
        job_modify_index,
        problem,
        limits: told(limits),
        hosts,
        bars,
        bars_sync,
    }
}

pub(in crate::api::native) fn last_run(run: Run) -> wire::LastRun {
    let Run { number, state, message, error, .. } = run;
    wire::LastRun { number, state: state.as_str().to_owned(), message, error }
}

fn told(limits: TaskLimits) -> wire::TaskLimits {
    let TaskLimits { grace_seconds, deadline_seconds } = limits;
    wire::TaskLimits { grace_seconds, deadline_seconds }
}

pub(in crate::api::native) fn limits(limits: wire::TaskLimits) -> Result<TaskLimits> {
    let wire::TaskLimits { grace_seconds, deadline_seconds } = limits;
    if deadline_seconds == Some(0) {
        return Err(Error::bad_request("limits.deadline_seconds: 0 leaves no time at all").field("limits.deadline_seconds"));
    }
    Ok(TaskLimits { grace_seconds, deadline_seconds })
}

fn work(spec: HostMetricsSpec) -> wire::HostWork {
    let HostMetricsSpec { endpoint, style, index_pattern, range, selection } = spec;
    let (addresses, full, group) = match selection {
        HostSelection::Pool => (None, false, None),
        HostSelection::List(list) => (Some(list.iter().map(ToString::to_string).collect()), false, None),
        HostSelection::FullSync { group } => (None, true, group),
    };
    let style = style.map(|s| s.as_str().to_owned());
    wire::HostWork { endpoint, style, index_pattern, range: Some(range.to_string()), addresses, full, group }
}

/// Reads what a task or a run is to do; nothing said is all hosts of the pool.
pub(in crate::api::native) fn spec(
    hosts: Option<wire::HostWork>,
    bars: Option<wire::BarsWork>,
    bars_sync: Option<wire::SyncWork>,
) -> Result<TaskSpec> {
    match (hosts, bars, bars_sync) {
        (hosts, None, None) => host_work(hosts.unwrap_or_default()).map(TaskSpec::HostMetrics),
        (None, Some(work), None) => super::bars::spec(work).map(TaskSpec::Bars),
        (None, None, Some(work)) => super::bars::sync_spec(work).map(TaskSpec::BarsSync),
        _ => Err(Error::bad_request("give one of hosts, bars and bars_sync").field("bars")),
    }
}

fn host_work(work: wire::HostWork) -> Result<HostMetricsSpec> {
    let wire::HostWork { endpoint, style, index_pattern, range, addresses, full, group } = work;
    let wrong = |field: &str, why: String| Error::bad_request(format!("hosts.{field}: {why}")).field(format!("hosts.{field}"));
    let selection = match (addresses, full) {
        (Some(_), true) => return Err(wrong("full", "either full, or addresses".into())),
        (Some(list), false) => {
            let read = |text: &String| read_address(text).ok_or_else(|| wrong("addresses", format!("{text:?} is no IP address")));
            let list = list.iter().map(read).collect::<Result<Vec<_>>>()?;
            if list.is_empty() {
                return Err(wrong("addresses", "the list is empty; leave it out for all of the pool".into()));
            }
            HostSelection::List(list)
        }
        (None, true) => HostSelection::FullSync { group },
        (None, false) if group.is_some() => return Err(wrong("group", "only a full sync has a group; set full".into())),
        (None, false) => HostSelection::Pool,
    };
    let range = range.map(|text| QueryRange::parse(&text).map_err(|why| wrong("range", why))).transpose()?.unwrap_or_default();
    let (endpoint, index_pattern) = (endpoint.filter(|t| !t.trim().is_empty()), index_pattern.filter(|t| !t.trim().is_empty()));
    Ok(HostMetricsSpec { endpoint, style: style.map(|text| es_style(&text, "hosts.style")).transpose()?, index_pattern, range, selection })
}

pub(in crate::api::native) fn es_style(text: &str, field: &str) -> Result<EsStyle> {
    EsStyle::parse(text).ok_or_else(|| Error::bad_request(format!("{field}: {text:?} is not search or proxy")).field(field))
}
