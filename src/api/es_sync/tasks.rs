//! Tasks: create, list, show, change, delete, enable, run now.

use super::convert;
use super::error::{Error, Result};
use super::extract::{Ignored, Input, Number, Read};
use crate::api::{App, Caller};
use crate::model::job::{Desired, JobKind, Origin, Task, TaskLimits, TaskSpec};
use crate::scheduler::Selector;
use crate::scheduler::tasks::{NewTask, TaskChange, TaskView, Trial};
use crate::wire::es_sync::{reply, request};
use axum::Json;
use axum::extract::State;

type Reply<T> = Result<(Ignored, Json<T>)>;

pub(super) async fn create(State(app): State<App>, caller: Caller, input: Input) -> Reply<reply::Created> {
    let Read { value: body, ignored } = input.body::<request::NewTask>()?;
    let request::NewTask { task_name, description, es_endpoint, es_index_pattern, cron_expression, query_time_range, created_by } = body;
    let new = NewTask {
        name: convert::name(task_name)?,
        trigger: convert::trigger(cron_expression.as_deref().unwrap_or_default())?,
        spec: TaskSpec::HostMetrics(convert::spec(&app, es_endpoint, es_index_pattern, query_time_range)?),
        limits: TaskLimits::default(),
        enabled: false,
        origin: Origin::EsSync,
        description: description.unwrap_or_default(),
        created_by,
    };
    let task = app.tasks.create(new, caller.by()).await?.job;
    Ok((ignored, Json(reply::Created { success: true, message: "创建任务成功".into(), task_id: task.number })))
}

pub(super) async fn list(State(app): State<App>, input: Input) -> Reply<reply::TaskList> {
    let enabled_only = input.flag("enabled_only")?.unwrap_or(false);
    let zone = app.tasks.zone();
    let mut tasks = app.tasks.list(Some(JobKind::Hosts)).await?;
    tasks.retain(|view| !enabled_only || view.job.desired == Desired::Running);
    let tasks = tasks.iter().map(|view| convert::task(&view.job, &zone)).collect();
    Ok((input.ignored(&["enabled_only"]), Json(reply::TaskList { success: true, message: "获取成功".into(), tasks })))
}

/// Returns the task of that number, if this family shows it.
async fn find(app: &App, number: u64) -> Result<TaskView> {
    let view = app.tasks.get(&Selector::Any(format!("task-{number}"))).await?;
    if view.job.kind == JobKind::Hosts { Ok(view) } else { Err(Error::no_task()) }
}

fn selector(task: &Task) -> Selector {
    Selector::Id(task.id.clone())
}

pub(super) async fn show(State(app): State<App>, Number(id): Number, input: Input) -> Reply<reply::TaskDetail> {
    let view = find(&app, id).await?;
    let task = convert::task(&view.job, &app.tasks.zone());
    Ok((input.ignored(&[]), Json(reply::TaskDetail { success: true, message: "获取成功".into(), task })))
}

pub(super) async fn update(State(app): State<App>, caller: Caller, Number(id): Number, input: Input) -> Reply<reply::Message> {
    let Read { value: body, ignored } = input.body::<request::Task>()?;
    let request::Task { task_name, description, es_endpoint, es_index_pattern, cron_expression, query_time_range } = body;
    let task = find(&app, id).await?.job;
    // `find` gives no other.
    let Some(mut spec) = task.spec.hosts().cloned() else { return Err(Error::no_task()) };
    let changed = convert::spec(
        &app,
        es_endpoint.clone().or_else(|| spec.endpoint.clone()),
        es_index_pattern.clone().or_else(|| spec.index_pattern.clone()),
        Some(query_time_range.unwrap_or_else(|| spec.range.to_string())),
    )?;
    (spec.endpoint, spec.index_pattern, spec.range) = (changed.endpoint, changed.index_pattern, changed.range);
    let change = TaskChange {
        name: task_name.map(|name| convert::name(Some(name))).transpose()?,
        description,
        trigger: cron_expression.map(|expr| convert::trigger(&expr)).transpose()?,
        spec: Some(TaskSpec::HostMetrics(spec)),
        limits: None,
        enabled: None,
    };
    app.tasks.update(&selector(&task), change, None, caller.by()).await?;
    Ok((ignored, Json(done("更新任务成功"))))
}

pub(super) async fn delete(State(app): State<App>, caller: Caller, Number(id): Number, input: Input) -> Reply<reply::Message> {
    let task = find(&app, id).await?.job;
    app.tasks.delete(&selector(&task), Trial::No, caller.by()).await?;
    Ok((input.ignored(&[]), Json(done("删除任务成功"))))
}

pub(super) async fn enable(State(app): State<App>, caller: Caller, input: Input) -> Reply<reply::Message> {
    let Read { value: request::Enable { id, is_enabled }, ignored } = input.body()?;
    let id = id.ok_or_else(|| Error::field("id", "不能为空"))?;
    let enabled = is_enabled.ok_or_else(|| Error::field("is_enabled", "不能为空"))?;
    let task = find(&app, u64::try_from(id).unwrap_or(0)).await?.job;
    app.tasks.enable(&selector(&task), enabled, caller.by()).await?;
    Ok((ignored, Json(done(if enabled { "任务已启用" } else { "任务已禁用" }))))
}

pub(super) async fn run(State(app): State<App>, caller: Caller, Number(id): Number, input: Input) -> Reply<reply::Begun> {
    let task = find(&app, id).await?.job;
    let run = app.tasks.run(&selector(&task), caller.by()).await?;
    Ok((input.ignored(&[]), Json(reply::Begun { success: true, message: "任务已开始执行".into(), execution_id: run.number })))
}

fn done(message: &str) -> reply::Message {
    reply::Message { success: true, message: message.to_owned() }
}
