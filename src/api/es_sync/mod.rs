//! The es-sync family: `/api/cmdb/v1/*`, a view over the one job model: tasks that bring host metrics out of Elasticsearch
//! into a CMDB, and their runs.
//!
//! | route | what it does |
//! |---|---|
//! | `POST`, `GET /es-sync-tasks` | creates a task, disabled; lists |
//! | `GET`, `PUT`, `DELETE /es-sync-tasks/{id}` | shows, changes in part, deletes softly |
//! | `PUT /es-sync-tasks/enable` | enables or disables |
//! | `POST /es-sync-tasks/{id}/run` | runs a stored task now, in the background |
//! | `POST /es-sync-execute`, `/es-sync-execute-file` | runs over a list of hosts, answers when it has ended |
//! | `POST /es-sync-full-sync` | the same over all hosts that Elasticsearch has of a group |
//! | `GET /es-sync-execution-logs`, `/es-sync-execution-detail/{id}` | runs, and what became of each host |
//!
//! `extract` reads requests, `convert` stands between wire and model, `error` has the family's words; `tasks`, `execute`
//! and `logs` are the handlers.

mod convert;
mod error;
mod execute;
mod extract;
mod logs;
mod tasks;

pub(super) use error::words;

use super::openapi::Op;
use super::route::{Permission, Route};
use crate::config::Role;
use crate::wire::es_sync::{reply, request};
use axum::http::Method;
use serde_json::{Value, json};

pub(super) const PREFIX: &str = "/api/cmdb/v1";

/// Says whether a call answers when its work is done, however long that is.
pub(super) fn waits(path: &str) -> bool {
    matches!(path.strip_prefix(PREFIX), Some("/es-sync-execute" | "/es-sync-execute-file" | "/es-sync-full-sync"))
}

pub(super) fn routes() -> Vec<Route> {
    let (get, post, put) = (Method::GET, Method::POST, Method::PUT);
    let [view, operate] = [Role::Viewer, Role::Operator].map(Permission::Role);
    vec![
        Route::new(&post, "/es-sync-tasks", operate, tasks::create).doc(
            Op::new("Creates a task")
                .about("It is created disabled; enabling gives it its next time.")
                .body::<request::NewTask>(task())
                .reply::<reply::Created>(200, "Its number."),
        ),
        Route::new(&get, "/es-sync-tasks", view, tasks::list).doc(
            Op::new("Lists tasks")
                .parameter("enabled_only", "true: only those that are enabled.", false, "true")
                .reply::<reply::TaskList>(200, "The tasks, with their real last and next times."),
        ),
        Route::new(&put, "/es-sync-tasks/enable", operate, tasks::enable).doc(
            Op::new("Enables or disables a task")
                .about("Idempotent.")
                .body::<request::Enable>(json!({ "id": 1, "is_enabled": true }))
                .reply::<reply::Message>(200, "It is so."),
        ),
        Route::new(&get, "/es-sync-tasks/{id}", view, tasks::show)
            .doc(Op::new("Shows a task").reply::<reply::TaskDetail>(200, "The task.")),
        Route::new(&put, "/es-sync-tasks/{id}", operate, tasks::update).doc(
            Op::new("Changes a task")
                .about("What is absent stays; \"\" is the default. A run that is under way ends with its old settings.")
                .body::<request::Task>(task())
                .reply::<reply::Message>(200, "It is changed."),
        ),
        Route::new(&Method::DELETE, "/es-sync-tasks/{id}", operate, tasks::delete)
            .doc(Op::new("Deletes a task").about("Its name is free again; its runs stay.").reply::<reply::Message>(200, "It is gone.")),
        Route::new(&post, "/es-sync-tasks/{id}/run", operate, tasks::run)
            .doc(Op::new("Runs a task now").about("In the background.").reply::<reply::Begun>(200, "It has begun.")),
        Route::new(&post, "/es-sync-execute", operate, execute::list).doc(
            Op::new("Syncs a list of hosts")
                .about("Answers when the run has ended; the run outlives a client that does not wait.")
                .body::<request::Execute>(json!({
                    "task_name": "manual-sync", "host_ip_list": ["10.1.1.1", "10.1.1.2"], "query_time_range": "30d",
                }))
                .reply::<reply::Executed>(200, "What became of the hosts."),
        ),
        Route::new(&post, "/es-sync-execute-file", operate, execute::file).doc(
            Op::new("Syncs the hosts of a file")
                .about("Answers when the run has ended.")
                .body::<request::ExecuteFile>(json!({ "task_name": "file-sync", "file_content": "10.1.1.1\n10.1.1.2 # web" }))
                .reply::<reply::Executed>(200, "What became of the hosts."),
        ),
        Route::new(&post, "/es-sync-full-sync", operate, execute::full).doc(
            Op::new("Syncs all hosts of a group")
                .about("Those that Elasticsearch has; new ones are put into the pool. Every field is optional.")
                .body::<request::FullSync>(json!({ "group_name": "DB组", "query_time_range": "30d", "task_name": "ES全量同步" }))
                .reply::<reply::FullSynced>(200, "What became of the hosts."),
        ),
        Route::new(&get, "/es-sync-execution-logs", view, logs::list).doc(
            Op::new("Lists runs")
                .about("Newest first. Skipped fires only with `status=skipped`.")
                .parameter("task_id", "Only runs of this task; 0 = all.", false, "1")
                .parameter("status", "running, success, partial, failed or skipped.", false, "failed")
                .parameter("limit", "At most so many; 50 when absent or 0, 1000 at most.", false, "50")
                .parameter("offset", "So many of the newest are left out.", false, "0")
                .reply::<reply::LogList>(200, "The runs."),
        ),
        Route::new(&get, "/es-sync-execution-detail/{id}", view, logs::show)
            .doc(Op::new("Shows a run").reply::<reply::LogDetail>(200, "The run, and what became of each host up to now.")),
    ]
}

fn task() -> Value {
    json!({
        "task_name": "daily-sync-task",
        "description": "每日数据同步任务",
        "es_endpoint": "http://es.example.com:9200",
        "es_index_pattern": "cluster*:data-zabbix-host-monitor-*",
        "cron_expression": "0 0 2 * * ?",
        "query_time_range": "30d",
    })
}
