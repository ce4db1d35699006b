//! The dtle 2.x family: `/v1/*`, a view over the one job model in the words of dtle's older API.
//!
//! | route | what it does |
//! |---|---|
//! | `GET /v1/jobs`, `POST`/`PUT /v1/jobs` | lists; creates a job, or updates the one of that ID |
//! | `GET /v1/job/{ID}` | shows one |
//! | `DELETE /v1/job/{ID}` | removes it and keeps its position: the same job posted again goes on |
//! | `POST`/`PUT /v1/job/{ID}/pause`, `/resume` | what this API could not do in dtle |
//! | `GET /v1/job/{ID}/allocations`, `/v1/agent/allocation/{ID}/stats` | its runs; the figures of one side of one |
//! | `GET /v1/leader`, `/v1/members`, `/v1/nodes` | the cluster |
//!
//! `extract` reads requests, `convert` stands between wire and model, `error` is plain text; `jobs`, `allocations` and
//! `cluster` are the handlers. A job of another dialect is shown from the model; one of this dialect echoes its `Config`
//! as it came, from the echo document that is stored with it.

mod allocations;
mod cluster;
mod convert;
mod error;
mod extract;
mod jobs;

use super::route::{Permission, Route};
use crate::config::Role;
use axum::http::Method;

pub(super) fn routes() -> Vec<Route> {
    let (get, post, put) = (Method::GET, Method::POST, Method::PUT);
    let [view, operate] = [Role::Viewer, Role::Operator].map(Permission::Role);
    vec![
        Route::new(&get, "/jobs", view, jobs::list),
        Route::new(&post, "/jobs", operate, jobs::post),
        Route::new(&put, "/jobs", operate, jobs::post),
        Route::new(&get, "/job/{id}", view, jobs::show),
        Route::new(&Method::DELETE, "/job/{id}", operate, jobs::delete),
        Route::new(&post, "/job/{id}/pause", operate, jobs::pause),
        Route::new(&put, "/job/{id}/pause", operate, jobs::pause),
        Route::new(&post, "/job/{id}/resume", operate, jobs::resume),
        Route::new(&put, "/job/{id}/resume", operate, jobs::resume),
        Route::new(&get, "/job/{id}/allocations", view, allocations::list),
        Route::new(&get, "/agent/allocation/{id}/stats", view, allocations::stats),
        Route::new(&get, "/leader", view, cluster::leader),
        Route::new(&get, "/members", view, cluster::members),
        Route::new(&get, "/nodes", view, cluster::nodes),
    ]
}
