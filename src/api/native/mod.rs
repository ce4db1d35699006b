//! The native family under `/api/v1`: typed and uniform, what our own client speaks. One file per noun.

mod convert;
mod extract;
mod jobs;
mod logs;
mod mysql;
mod nodes;
mod runs;
mod server;

use super::route::{Permission, Route};
use crate::config::Role;
use axum::http::Method;

pub(super) fn routes() -> Vec<Route> {
    let (get, post) = (Method::GET, Method::POST);
    let [view, operate, admin] = [Role::Viewer, Role::Operator, Role::Admin].map(Permission::Role);
    vec![
        Route::new(&get, "/jobs", view, jobs::list),
        Route::new(&post, "/jobs", operate, jobs::create),
        Route::new(&post, "/jobs/validate", operate, jobs::validate),
        Route::new(&get, "/jobs/{id}", view, jobs::show),
        Route::new(&Method::PUT, "/jobs/{id}", operate, jobs::update),
        Route::new(&Method::DELETE, "/jobs/{id}", operate, jobs::delete),
        Route::new(&post, "/jobs/{id}/pause", operate, jobs::pause),
        Route::new(&post, "/jobs/{id}/resume", operate, jobs::resume),
        Route::new(&post, "/jobs/{id}/finish", operate, jobs::finish),
        Route::new(&post, "/jobs/{id}/retry", operate, jobs::retry),
        Route::new(&get, "/jobs/{id}/events", view, jobs::events),
        Route::new(&post, "/jobs/{id}/verify", operate, jobs::verify),
        Route::new(&get, "/jobs/{id}/verify/{number}", view, jobs::verification),
        Route::new(&get, "/runs", view, runs::list),
        Route::new(&get, "/runs/{number}", view, runs::show),
        Route::new(&get, "/nodes", view, nodes::list),
        Route::new(&get, "/nodes/{id}", view, nodes::show),
        Route::new(&get, "/server", view, server::status),
        Route::new(&get, "/server/config", admin, server::config),
        Route::new(&get, "/log-level", admin, server::log_level),
        Route::new(&Method::PUT, "/log-level", admin, server::set_log_level),
        Route::new(&get, "/logs", view, logs::read),
        Route::new(&post, "/mysql/check", operate, mysql::check),
    ]
}
