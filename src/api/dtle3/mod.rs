//! The dtle 3.x family: `/v2/*`, a view over the one job model. What old clients rely on and what is different is in
//! the contract's samples (`tests/api/contracts/dtle3`).
//!
//! | route | what it does |
//! |---|---|
//! | `POST /v2/job/{migration,sync}` | creates a job, or updates the one of that id |
//! | `POST /v2/job/subscription` | the same into Kafka, one topic per table: `<topic>.<schema>.<table>` |
//! | `POST /v2/job/{pause,resume,delete}` | steers a job of any type; the parameter may be form, query or JSON |
//! | `GET /v2/jobs[?filter_job_type=]` | lists |
//! | `GET /v2/job/{migration,sync,subscription}/detail?job_id=` | shows one with its allocations |
//! | `GET`, `POST /v2/validation/job` | runs the preflight, stores nothing |
//! | `GET /v2/monitor/task?allocation_id=&task_name=` | figures of one side of a run |
//! | `GET /v2/mysql/schemas` | lists a server's schemas and tables |
//! | `GET /v2/nodes` | lists nodes |
//! | `POST /v2/log/level` | changes what this node logs, until it restarts |
//! | `POST /v2/job/{type}/{create,update,pause,resume,delete}` | dtle's later names: only so, only of this type |
//! | `GET /v2/jobs/{type}`, `/v2/job/position`, `/v2/mysql/{columns,instance_connection}` | dtle's later reads |
//!
//! `extract` reads requests, `convert` stands between wire and model, `password` decrypts, `error` has the family's
//! error shape; `jobs`, `validation`, `monitor`, `mysql`, `log` and `nodes` are the handlers,
//! and hold no logic of their own; `doc` is what the OpenAPI document says of several routes alike.

mod convert;
mod doc;
mod error;
mod extract;
mod jobs;
mod log;
mod monitor;
mod mysql;
mod nodes;
mod password;
mod validation;

use super::app::App;
use super::error::Shape;
use super::openapi::Op;
use super::route::{self, Permission, Route};
use crate::config::Role;
use crate::model::job::JobKind;
use crate::model::replicate::ReplicateKind;
use crate::wire::dtle3::{monitor as figures, mysql as server, reply, request};
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
    let [view, operate, admin] = [Role::Viewer, Role::Operator, Role::Admin].map(Permission::Role);
    // They connect outward, so they are not for viewers.
    let mut routes = vec![
        Route::new(&get, "/validation/job", operate, validation::job).doc(doc::validation().parameter(
            "job_config",
            "The config as JSON: a browser sends no body with GET.",
            true,
            &doc::config("sync").to_string(),
        )),
        Route::new(&post, "/validation/job", operate, validation::job)
            .doc(doc::validation().body::<request::JobConfig>(doc::config("sync"))),
        Route::new(&get, "/mysql/schemas", operate, mysql::schemas)
            .doc(doc::server("Lists a server's schemas and tables").reply::<server::SchemaList>(200, "The schemas, without views.")),
        Route::new(&get, "/mysql/columns", operate, mysql::columns).doc(
            doc::server("Lists a table's columns")
                .parameter("mysql_schema", "The table's schema.", true, "shop")
                .parameter("mysql_table", "The table.", true, "orders")
                .reply::<server::ColumnList>(200, "Their names, in order."),
        ),
        Route::new(&get, "/mysql/instance_connection", operate, mysql::instance_connection)
            .doc(doc::server("Tries a connection to a server").reply::<reply::Message>(200, "It can be reached with these credentials.")),
        Route::new(&get, "/monitor/task", view, monitor::task).doc(
            Op::new("Shows the figures of one task")
                .about("Of a run that has ended: those that it ended with.")
                .parameter("allocation_id", "The allocation, as a job's detail shows it.", true, "")
                .parameter("task_name", "The task's name, as the job has it.", true, "src")
                .parameter("nomad_http_address", "Without effect: dtle's own business between its nodes.", false, "")
                .reply::<figures::Monitor>(200, "Coordinates, delay, progress and queues."),
        ),
        Route::new(&get, "/nodes", view, nodes::list).doc(Op::new("Lists nodes").reply::<reply::NodeList>(200, "The nodes.")),
        Route::new(&post, "/log/level", admin, log::level).doc(
            Op::new("Changes what is logged, at once")
                .about("On this node, until it restarts.")
                .form(&[("dtle_log_level", "TRACE, DEBUG, INFO, WARN or ERROR, in any case.", "DEBUG")])
                .reply::<reply::LogLevel>(200, "The level now."),
        ),
        Route::new(&get, "/job/position", view, jobs::position).doc(
            Op::new("Says where a job is in its source's log")
                .parameter("job_id", "The job's id.", true, "shop-sync")
                .reply::<server::Position>(200, "GTIDs, or file and offset."),
        ),
    ];
    routes.extend(writes(&post, operate));
    routes.extend(verbs(&post, operate));
    routes.extend(reads(&get, view));
    routes
}

/// Routes that create and update jobs. Those that say which of it came later.
fn writes(post: &Method, operate: Permission) -> Vec<Route> {
    let mut routes = Vec::new();
    for (kind, paths) in [
        (ReplicateKind::Migration, ["/job/migration", "/job/migration/create", "/job/migration/update"]),
        (ReplicateKind::Sync, ["/job/sync", "/job/sync/create", "/job/sync/update"]),
        (ReplicateKind::Subscription, ["/job/subscription", "/job/subscription/create", "/job/subscription/update"]),
    ] {
        for (path, write) in paths.into_iter().zip([Write::Either, Write::Create, Write::Update]) {
            let handler = move |State(app), caller, input| jobs::put(app, caller, input, kind, write);
            routes.push(Route::new(post, path, operate, handler).doc(doc::write(kind, write)));
        }
    }
    routes
}

/// Routes that steer jobs: of any type, and, later, of one only.
fn verbs(post: &Method, operate: Permission) -> Vec<Route> {
    let mut routes = Vec::new();
    for (verb, paths) in [
        (Verb::Pause, ["/job/pause", "/job/migration/pause", "/job/sync/pause", "/job/subscription/pause"]),
        (Verb::Resume, ["/job/resume", "/job/migration/resume", "/job/sync/resume", "/job/subscription/resume"]),
        (Verb::Delete, ["/job/delete", "/job/migration/delete", "/job/sync/delete", "/job/subscription/delete"]),
    ] {
        for (path, kind) in paths.into_iter().zip([None, Some(JobKind::Migration), Some(JobKind::Sync), Some(JobKind::Subscription)]) {
            let handler = move |State(app), caller, input| jobs::steer(app, caller, input, verb, kind);
            routes.push(Route::new(post, path, operate, handler).doc(doc::verb(verb)));
        }
    }
    routes
}

fn reads(get: &Method, view: Permission) -> Vec<Route> {
    let all = Op::new("Lists jobs")
        .parameter("filter_job_type", "`migration`, `sync` or `subscription`.", false, "")
        .reply::<reply::JobList>(200, "The jobs.");
    let mut routes = vec![Route::new(get, "/jobs", view, jobs::list).doc(all)];
    for (kind, list, detail) in [
        (JobKind::Migration, "/jobs/migration", "/job/migration/detail"),
        (JobKind::Sync, "/jobs/sync", "/job/sync/detail"),
        (JobKind::Subscription, "/jobs/subscription", "/job/subscription/detail"),
    ] {
        routes.push(Route::new(get, list, view, move |State(app), input| jobs::list_of(app, input, kind)).doc(doc::list()));
        let op = Op::new("Shows a job of this type").parameter("job_id", "The job's id.", true, "shop-sync");
        let op = op.reply::<reply::JobDetail>(200, "The job with its allocations.");
        routes.push(Route::new(get, detail, view, move |State(app), input| jobs::detail(app, input, kind)).doc(op));
    }
    routes
}
