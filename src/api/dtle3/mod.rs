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
//! | `GET /v2/nodes` | lists nodes |
//!
//! `extract` reads requests, `convert` stands between wire and model, `password` decrypts, `error` has the family's
//! error shape; `jobs`, `validation` and `nodes` are the handlers, and hold no logic of their own.

mod convert;
mod error;
mod extract;
mod jobs;
mod nodes;
mod password;
mod validation;

use super::app::App;
use super::error::Shape;
use super::openapi::Op;
use super::route::{self, Permission, Route};
use crate::config::Role;
use crate::wire::dtle3::{reply, request};
use axum::Router;
use axum::http::Method;
use axum::middleware::from_fn_with_state;

/// Returns the family's router.
pub(super) fn router(app: &App) -> Router<App> {
    route::family(app, Shape::Dtle3, routes()).layer(from_fn_with_state(app.clone(), error::compat))
}

pub(super) fn routes() -> Vec<Route> {
    let (get, post) = (Method::GET, Method::POST);
    let [view, operate] = [Role::Viewer, Role::Operator].map(Permission::Role);
    let id = &[("job_id", "The job's id.", "shop-sync")];
    let detail = |summary| {
        Op::new(summary)
            .parameter("job_id", "The job's id.", true, "shop-sync")
            .reply::<reply::JobDetail>(200, "The job with its allocations.")
    };
    let create = |summary, kind| {
        Op::new(summary)
            .about("The id is `job_id` or `job_name` with the type behind it; a job of that id is updated. The same object under `<type>_job_config` is taken too.")
            .body::<request::JobConfig>(example::config(kind))
            .reply::<reply::Created>(200, "The job as it was understood, with the defaults.")
    };
    let validation = || {
        Op::new("Checks a job without creating it")
            .reply::<reply::Validation>(200, "One report per task; a section that does not apply is null.")
    };
    vec![
        Route::new(&get, "/jobs", view, jobs::list).doc(
            Op::new("Lists jobs")
                .parameter("filter_job_type", "`migration`, `sync` or `subscription`.", false, "")
                .reply::<reply::JobList>(200, "The jobs."),
        ),
        Route::new(&post, "/job/migration", operate, jobs::create_migration).doc(create("Creates or updates a migration", "migration")),
        Route::new(&post, "/job/sync", operate, jobs::create_sync).doc(create("Creates or updates a sync", "sync")),
        Route::new(&post, "/job/subscription", operate, jobs::create_subscription)
            .doc(create("Refused: this release has no Kafka destination", "subscription")),
        Route::new(&get, "/job/migration/detail", view, jobs::migration_detail).doc(detail("Shows a migration")),
        Route::new(&get, "/job/sync/detail", view, jobs::sync_detail).doc(detail("Shows a sync")),
        Route::new(&get, "/job/subscription/detail", view, jobs::subscription_detail).doc(detail("Shows a subscription")),
        Route::new(&post, "/job/pause", operate, jobs::pause)
            .doc(Op::new("Pauses a job").about("Idempotent; the position is kept.").form(id).reply::<reply::Message>(200, "It is paused.")),
        Route::new(&post, "/job/resume", operate, jobs::resume)
            .doc(Op::new("Resumes a job").about("Idempotent.").form(id).reply::<reply::Message>(200, "It runs.")),
        Route::new(&post, "/job/delete", operate, jobs::delete).doc(
            Op::new("Deletes a job").about("Forgets its position; user data stays.").form(id).reply::<reply::Message>(200, "It is gone."),
        ),
        // It connects outward, so it is not for viewers.
        Route::new(&get, "/validation/job", operate, validation::job).doc(validation().parameter(
            "job_config",
            "The config as JSON: a browser sends no body with GET.",
            true,
            &example::config("sync").to_string(),
        )),
        Route::new(&post, "/validation/job", operate, validation::job)
            .doc(validation().body::<request::JobConfig>(example::config("sync"))),
        Route::new(&get, "/nodes", view, nodes::list).doc(Op::new("Lists nodes").reply::<reply::NodeList>(200, "The nodes.")),
    ]
}

/// Bodies that the document shows, and that the Swagger page fills in.
mod example {
    use serde_json::{Value, json};

    pub(super) fn config(kind: &str) -> Value {
        let connection =
            |host| json!({ "mysql_host": host, "mysql_port": 3306, "mysql_user": "syncline", "mysql_password": "<the password>" });
        json!({
            "job_name": format!("shop-{kind}"),
            "src_task": {
                "task_name": "src",
                "replicate_do_db": [{ "table_schema": "shop", "tables": [{ "table_name": "orders" }] }],
                "mysql_connection_config": connection("db1.example.com"),
            },
            "dest_task": { "task_name": "dest", "mysql_connection_config": connection("db2.example.com") },
        })
    }
}
