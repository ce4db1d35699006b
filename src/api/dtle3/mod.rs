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
use super::route::{self, Permission, Route};
use crate::config::Role;
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
    vec![
        Route::new(&get, "/jobs", view, jobs::list),
        Route::new(&post, "/job/migration", operate, jobs::create_migration),
        Route::new(&post, "/job/sync", operate, jobs::create_sync),
        Route::new(&post, "/job/subscription", operate, jobs::create_subscription),
        Route::new(&get, "/job/migration/detail", view, jobs::migration_detail),
        Route::new(&get, "/job/sync/detail", view, jobs::sync_detail),
        Route::new(&get, "/job/subscription/detail", view, jobs::subscription_detail),
        Route::new(&post, "/job/pause", operate, jobs::pause),
        Route::new(&post, "/job/resume", operate, jobs::resume),
        Route::new(&post, "/job/delete", operate, jobs::delete),
        // It connects outward, so it is not for viewers.
        Route::new(&get, "/validation/job", operate, validation::job),
        Route::new(&post, "/validation/job", operate, validation::job),
        Route::new(&get, "/nodes", view, nodes::list),
    ]
}
