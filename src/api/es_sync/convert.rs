//! Between the family's wire and the model.

use super::error::{Error, Result};
use crate::api::App;
use crate::hosts::{check_index_pattern, parse_endpoint, read_address, read_address_list};
use crate::model::hosts::{HostCounts, HostMetricsSpec, HostSelection, QueryRange};
use crate::model::job::{Desired, Job, JobStats, Task, TaskSpec, Trigger};
use crate::model::run::{Counters, Outcome, Run, RunItem, RunState};
use crate::scheduler::tasks::ActiveRun;
use crate::store::runs::Stored;
use crate::wire::es_sync::reply;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::net::IpAddr;

/// States of a run that is neither skipped nor asked for by name.
const SHOWN: [RunState; 6] =
    [RunState::Running, RunState::Completed, RunState::Partial, RunState::Failed, RunState::Cancelled, RunState::Interrupted];

pub(super) fn name(text: Option<String>) -> Result<String> {
    text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).ok_or_else(Error::no_name)
}

pub(super) fn trigger(expr: &str) -> Result<Trigger> {
    if expr.trim().is_empty() {
        return Err(Error::field("cron_expression", "不能为空"));
    }
    Ok(Trigger::Cron { expr: expr.trim().to_owned(), time_zone: String::new() })
}

/// Returns the spec of a task over the pool. Whoever names no endpoint or pattern needs one in the configuration.
pub(super) fn spec(app: &App, endpoint: Option<String>, pattern: Option<String>, range: Option<String>) -> Result<HostMetricsSpec> {
    let given = |text: Option<String>| text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
    let (endpoint, index_pattern, range) = (given(endpoint), given(pattern), given(range));
    let configured = &app.hosts.settings;
    let need = |own: &Option<String>, default: &Option<String>, field: &str, key: &str| match (own, default) {
        (None, None) => Err(Error::field(field, format!("未指定, 且未配置 [hosts] {key}"))),
        _ => Ok(()),
    };
    need(&endpoint, &configured.endpoint, "es_endpoint", "endpoint")?;
    need(&index_pattern, &configured.index_pattern, "es_index_pattern", "index_pattern")?;
    if let Some(endpoint) = &endpoint {
        parse_endpoint(endpoint).map_err(|e| Error::field("es_endpoint", e))?;
    }
    if let Some(pattern) = &index_pattern {
        check_index_pattern(pattern).map_err(|e| Error::field("es_index_pattern", e))?;
    }
    let range = range.map(|text| QueryRange::parse(&text).map_err(|why| Error::field("query_time_range", why))).transpose()?;
    Ok(HostMetricsSpec { endpoint, style: None, index_pattern, range: range.unwrap_or_default(), selection: HostSelection::Pool })
}

pub(super) fn addresses(texts: Vec<String>) -> Result<Vec<IpAddr>> {
    let wrong = |text: &str| Error::field("host_ip_list", format!("{text:?} 不是有效的IP地址"));
    let hosts = texts.iter().map(|text| read_address(text).ok_or_else(|| wrong(text))).collect::<Result<Vec<_>>>()?;
    if hosts.is_empty() { Err(Error::field("host_ip_list", "不能为空")) } else { Ok(hosts) }
}

pub(super) fn address_file(text: &str) -> Result<Vec<IpAddr>> {
    let wrong = |(line, text): (usize, String)| Error::field("file_content", format!("第{line}行: {text:?} 不是有效的IP地址"));
    let hosts = read_address_list(text).map_err(wrong)?;
    if hosts.is_empty() { Err(Error::field("file_content", "不能为空")) } else { Ok(hosts) }
}

fn time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

pub(super) fn task(job: &Task, zone: &TimeZone) -> reply::Task {
    let Job {
        id: _,
        number,
        kind: _,
        name,
        spec,
        trigger,
        limits: _,
        desired,
        origin: _,
        echo: _,
        description,
        created_by,
        created,
        updated,
        deleted: _,
        create_index: _,
        modify_index: _,
        job_modify_index: _,
        next_fire,
        state: _,
        state_since: _,
        stats: JobStats { last_run, .. },
    } = job;
    let at = |t: &Option<Timestamp>| t.map(|t| time(t, zone)).unwrap_or_default();
    // This family shows tasks over hosts alone.
    let spec = spec.hosts();
    let text = |of: fn(&HostMetricsSpec) -> Option<&String>| spec.and_then(of).cloned().unwrap_or_default();
    reply::Task {
        id: *number,
        task_name: name.clone(),
        description: description.clone(),
        es_endpoint: text(|s| s.endpoint.as_ref()),
        es_index_pattern: text(|s| s.index_pattern.as_ref()),
        cron_expression: match trigger {
            Trigger::Cron { expr, time_zone: _ } => expr.clone(),
            Trigger::Manual | Trigger::Continuous => String::new(),
        },
        query_time_range: spec.map(|s| s.range.to_string()).unwrap_or_default(),
        is_enabled: *desired == Desired::Running,
        created_by: created_by.clone(),
        created_at: time(*created, zone),
        updated_at: time(*updated, zone),
        last_execution_time: at(last_run),
        next_execution_time: at(next_fire),
    }
}

fn status(state: RunState) -> &'static str {
    match state {
        RunState::Running => "running",
        RunState::Completed => "success",
        RunState::Partial => "partial",
        RunState::Failed | RunState::Cancelled | RunState::Interrupted => "failed",
        RunState::Skipped => "skipped",
    }
}

/// Returns the states that a status stands for; skipped fires are shown to who asks for them.
pub(super) fn states(wanted: Option<&str>) -> Result<Vec<RunState>> {
    let Some(wanted) = wanted else { return Ok(SHOWN.to_vec()) };
    let found: Vec<RunState> = SHOWN.into_iter().chain([RunState::Skipped]).filter(|state| status(*state) == wanted).collect();
    if found.is_empty() { Err(Error::field("status", "可选值: running, success, partial, failed, skipped")) } else { Ok(found) }
}

pub(super) fn log(stored: &Stored, spec: &TaskSpec, active: &[ActiveRun], zone: &TimeZone) -> reply::Log {
    let Stored { run, job_number, restarts: _ } = stored;
    let Run { number, name, started, ended, state, message, error, counters, .. } = run;
    let live = active.iter().find(|a| a.number == *number).and_then(|a| a.counters.clone());
    let counts = match live.as_ref().or(counters.as_ref()) {
        Some(Counters::Hosts(counts)) => *counts,
        _ => HostCounts::default(),
    };
    let took = ended.unwrap_or_else(Timestamp::now).duration_since(*started).as_millis();
    reply::Log {
        id: *number,
        task_id: job_number.unwrap_or(0),
        task_name: name.clone(),
        execution_time: time(*started, zone),
        execution_status: status(*state),
        total_hosts: counts.total,
        success_count: counts.success(),
        failed_count: counts.failed,
        not_in_pool_count: counts.not_in_pool,
        error_message: if *state == RunState::Skipped { message.clone() } else { error.clone() },
        duration_ms: u64::try_from(took).unwrap_or(0),
        query_time_range: spec.hosts().map(|s| s.range.to_string()).unwrap_or_default(),
        created_at: time(*started, zone),
    }
}

pub(super) fn host(item: &RunItem, zone: &TimeZone) -> reply::Host {
    let RunItem { number: _, run: _, key, label, outcome, measures, started: _, ended, count, error } = item;
    // As the original's DECIMAL(…, 2): an index that keeps floats of 32 bits has 89.9 as 89.9000015258789.
    let figure = |metric: &str, of: &str| (measures[metric][of].as_f64().unwrap_or(0.0) * 100.0).round() / 100.0;
    let (sync_status, error_message) = match outcome {
        Outcome::NoData => ("no_data", "ES中无数据".to_owned()),
        Outcome::NotInPool => ("not_in_pool", "主机不在hosts_pool中".to_owned()),
        Outcome::Failed if measures["code"] == "es_timeout" => ("failed", format!("ES查询超时: {error}")),
        Outcome::Failed => ("failed", format!("同步失败: {error}")),
        _ => ("success", error.clone()),
    };
    reply::Host {
        host_ip: key.clone(),
        host_name: label.clone(),
        sync_status,
        error_message,
        max_cpu: figure("cpu", "max"),
        avg_cpu: figure("cpu", "avg"),
        max_memory: figure("memory", "max"),
        avg_memory: figure("memory", "avg"),
        max_disk: figure("disk", "max"),
        avg_disk: figure("disk", "avg"),
        data_point_count: *count,
        created_at: ended.map(|t| time(t, zone)).unwrap_or_default(),
    }
}
