//! The dtle 3.x family: `/v2/*`, a view over the one job model. What old clients rely on and what is different is in
//! the contract's samples (`tests/api/contracts/dtle3`).
//!
//! | route | what it does |
//! |---|---|
//! | `POST /v2/job/{migration,sync}` | creates a job, or updates the one of that id |
//! | `POST /v2/job/subscription` | refused until the Kafka sink ships |
//! | `POST /v2/job/{pause,resume,delete}` | steers a job of any type; the parameter may be form, query or JSON |
//! | `GET /v2/jobs[?filter_job_type=]` | lists |
//! | `GET /v2/job/{migration,sync,subscription}/detail?job_id=` | shows one with its allocations |
//! | `GET`, `POST /v2/validation/job` | runs the preflight, stores nothing |
//! | `GET /v2/monitor/task?allocation_id=&task_name=` | figures of one side of a run |
//! | `GET /v2/mysql/schemas` | lists a server's schemas and tables |
//! | `GET /v2/nodes` | lists nodes |
//! | `POST /v2/job/{type}/{create,update,pause,resume,delete}` | dtle's later names: only so, only of this type |
//! | `GET /v2/jobs/{type}`, `/v2/job/position`, `/v2/mysql/{columns,instance_connection}` | dtle's later reads |
//!
//! `extract` reads requests, `convert` stands between wire and model, `password` decrypts, `error` has the family's
//! error shape; `jobs`, `validation`, `monitor`, `mysql` and `nodes` are the handlers, and hold no logic of their own.

mod convert;
mod error;
mod extract;
mod jobs;
mod monitor;
mod mysql;
mod nodes;
mod password;
mod validation;

use super::app::App;
use super::error::Shape;
use super::route::{self, Permission, Route};
use crate::config::Role;
use crate::model::job::JobKind;
use crate::model::replicate::ReplicateKind;
use axum::Router;
use axum::extract::State;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use jobs::{Verb, Write};

/// Returns the family's router.
pub(super) fn router(app: &App) -> Router<App> {
    route::family(app, Shape::Dtle3, routes()).layer(from_fn_with_state(app.clone(), error::compat))
}

pub(super) fn routes() -> Vec<Route> {
    let (get, post) = (Method::GET, Method::POST);
    let [view, operate] = [Role::Viewer, Role::Operator].map(Permission::Role);
    let mut routes = vec![
        Route::new(&get, "/jobs", view, jobs::list),
        Route::new(&post, "/job/subscription", operate, jobs::no_subscription),
        Route::new(&post, "/job/subscription/create", operate, jobs::no_subscription),
        Route::new(&post, "/job/subscription/update", operate, jobs::no_subscription),
        Route::new(&get, "/job/position", view, jobs::position),
        // They connect outward, so they are not for viewers.
        Route::new(&get, "/validation/job", operate, validation::job),
        Route::new(&post, "/validation/job", operate, validation::job),
        Route::new(&get, "/mysql/schemas", operate, mysql::schemas),
        Route::new(&get, "/mysql/columns", operate, mysql::columns),
        Route::new(&get, "/mysql/instance_connection", operate, mysql::instance_connection),
        Route::new(&get, "/monitor/task", view, monitor::task),
        Route::new(&get, "/nodes", view, nodes::list),
    ];
    for (kind, paths) in [
        (ReplicateKind::Migration, ["/job/migration", "/job/migration/create", "/job/migration/update"]),
        (ReplicateKind::Sync, ["/job/sync", "/job/sync/create", "/job/sync/update"]),
    ] {
        for (path, write) in paths.into_iter().zip([Write::Either, Write::Create, Write::Update]) {
            let handler = move |State(app), caller, input| jobs::put(app, caller, input, kind, write);
            routes.push(Route::new(&post, path, operate, handler));
        }
    }
    for (verb, paths) in [
        (Verb::Pause, ["/job/pause", "/job/migration/pause", "/job/sync/pause", "/job/subscription/pause"]),
        (Verb::Resume, ["/job/resume", "/job/migration/resume", "/job/sync/resume", "/job/subscription/resume"]),
        (Verb::Delete, ["/job/delete", "/job/migration/delete", "/job/sync/delete", "/job/subscription/delete"]),
    ] {
        for (path, kind) in paths.into_iter().zip([None, Some(JobKind::Migration), Some(JobKind::Sync), Some(JobKind::Subscription)]) {
            let handler = move |State(app), caller, input| jobs::steer(app, caller, input, verb, kind);
            routes.push(Route::new(&post, path, operate, handler));
        }
    }
    for (kind, list, detail) in [
        (JobKind::Migration, "/jobs/migration", "/job/migration/detail"),
        (JobKind::Sync, "/jobs/sync", "/job/sync/detail"),
        (JobKind::Subscription, "/jobs/subscription", "/job/subscription/detail"),
    ] {
        routes.push(Route::new(&get, list, view, move |State(app), input| jobs::list_of(app, input, kind)));
        routes.push(Route::new(&get, detail, view, move |State(app), input| jobs::detail(app, input, kind)));
    }
    routes
}
