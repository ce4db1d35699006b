//! Runs that somebody asks for and waits for. They belong to the scheduler: who does not wait finds them in the log.

use super::convert;
use super::error::{Error, Result};
use super::extract::{Ignored, Input, Read};
use crate::api::{App, Caller};
use crate::model::hosts::{HostCounts, HostMetricsSpec, HostSelection};
use crate::model::job::TaskSpec;
use crate::model::run::{Counters, Outcome, RunItem, RunState};
use crate::scheduler::tasks::NewRun;
use crate::store::runs::Stored;
use crate::store::{items, runs};
use crate::wire::es_sync::reply::{Begun, Executed, FullSynced};
use crate::wire::es_sync::request;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

/// As the contract calls a full sync that nobody has named.
const FULL: &str = "ES全量同步";

pub(super) async fn list(State(app): State<App>, caller: Caller, input: Input) -> Result<Response> {
    let Read { value: body, ignored } = input.body()?;
    let request::Execute { task_name, host_ip_list, query_time_range, es_endpoint, es_index_pattern } = body;
    let name = convert::name(task_name)?;
    let hosts = convert::addresses(host_ip_list.unwrap_or_default())?;
    let spec = convert::spec(&app, es_endpoint, es_index_pattern, query_time_range)?;
    over_list(&app, caller, ignored, name, HostMetricsSpec { selection: HostSelection::List(hosts), ..spec }).await
}

pub(super) async fn file(State(app): State<App>, caller: Caller, input: Input) -> Result<Response> {
    let Read { value: body, ignored } = input.body()?;
    let request::ExecuteFile { task_name, file_content, query_time_range, es_endpoint, es_index_pattern } = body;
    let name = convert::name(task_name)?;
    let hosts = convert::address_file(&file_content.unwrap_or_default())?;
    let spec = convert::spec(&app, es_endpoint, es_index_pattern, query_time_range)?;
    over_list(&app, caller, ignored, name, HostMetricsSpec { selection: HostSelection::List(hosts), ..spec }).await
}

async fn over_list(app: &App, caller: Caller, ignored: Ignored, name: String, spec: HostMetricsSpec) -> Result<Response> {
    let Ended { run, counts, items } = match run(app, caller, name, spec).await {
        Ok(ended) => ended,
        Err(reply) => return Ok(reply),
    };
    let with = |wanted: &[Outcome]| addresses(&items, wanted);
    let reply = Executed {
        success: true,
        message: format!("同步完成: 成功{}个, 失败{}个", counts.success(), counts.failed),
        execution_id: run,
        total_hosts: counts.total,
        success_count: counts.success(),
        failed_count: counts.failed,
        not_in_pool_count: counts.not_in_pool,
        success_ip_list: with(&[Outcome::Inserted, Outcome::Updated]),
        failed_ip_list: with(&[Outcome::Failed, Outcome::NoData]),
        not_in_pool_ip_list: with(&[Outcome::NotInPool]),
    };
    Ok((ignored, Json(reply)).into_response())
}

pub(super) async fn full(State(app): State<App>, caller: Caller, input: Input) -> Result<Response> {
    let Read { value: body, ignored } = input.body()?;
    let request::FullSync { group_name, query_time_range, es_endpoint, es_index_pattern, task_name } = body;
    let name = task_name.filter(|n| !n.trim().is_empty()).unwrap_or_else(|| FULL.to_owned());
    let spec = convert::spec(&app, es_endpoint, es_index_pattern, query_time_range)?;
    let group = group_name.filter(|g| !g.is_empty());
    let spec = HostMetricsSpec { selection: HostSelection::FullSync { group }, ..spec };
    let Ended { run, counts, items } = match run(&app, caller, name, spec).await {
        Ok(ended) => ended,
        Err(reply) => return Ok(reply),
    };
    let reply = FullSynced {
        success: true,
        message: format!("同步完成: 新增{}个, 更新{}个, 失败{}个", counts.inserted, counts.updated, counts.failed),
        execution_id: run,
        total_hosts: counts.total,
        new_hosts_count: counts.inserted,
        updated_hosts_count: counts.updated,
        failed_count: counts.failed,
        new_host_ip_list: addresses(&items, &[Outcome::Inserted]),
        updated_host_ip_list: addresses(&items, &[Outcome::Updated]),
        failed_ip_list: addresses(&items, &[Outcome::Failed, Outcome::NoData]),
    };
    Ok((ignored, Json(reply)).into_response())
}

/// A run that was carried out.
struct Ended {
    run: u64,
    counts: HostCounts,
    items: Vec<RunItem>,
}

/// Begins a run and waits for its end, however long that is: its deadline bounds it.
async fn run(app: &App, caller: Caller, name: String, spec: HostMetricsSpec) -> Result<Ended, Response> {
    let refused = |e: Error| e.into_response();
    let begun = app.tasks.start(NewRun { name, spec: TaskSpec::HostMetrics(spec) }, caller.by()).await;
    let run = begun.map_err(|e| refused(e.into()))?.number;
    app.tasks.wait(run).await.map_err(|e| refused(e.into()))?;
    let read = app.store.read(move |db| Ok((runs::get(db, run)?, items::of_run(db, run)?))).await;
    let (Stored { run: ended, .. }, items) = read.map_err(|e| refused(e.into()))?;
    let counts = match ended.counters {
        Some(Counters::Hosts(counts)) => counts,
        _ => HostCounts::default(),
    };
    // Carried out, if badly: every host has a result.
    let whole = counts.total > 0 && counts.done() == counts.total;
    match ended.state {
        RunState::Completed | RunState::Partial => Ok(Ended { run, counts, items }),
        RunState::Failed if whole => Ok(Ended { run, counts, items }),
        _ => {
            let message = format!("服务器内部错误: {}", ended.error);
            Err((StatusCode::INTERNAL_SERVER_ERROR, Json(Begun { success: false, message, execution_id: run })).into_response())
        }
    }
}

fn addresses(items: &[RunItem], wanted: &[Outcome]) -> Vec<String> {
    items.iter().filter(|item| wanted.contains(&item.outcome)).map(|item| item.key.clone()).collect()
}
