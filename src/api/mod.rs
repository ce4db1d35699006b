//! HTTP: one router per listener, made of one router per API family, each with its own extractors, error shape and
//! fallbacks.
//!
//! ```text
//!  frame (request id, limits, time, panics) ─▶ /livez /readyz /metrics /openapi.json /swagger
//!                                           ├▶ /api/v1 native ─ guard(permission) ─ handler ─▶ scheduler, store
//!                                           ├▶ /v1 dtle 2.x   ─ guard(permission) ─ handler ─▶ scheduler, store
//!                                           ├▶ /v2 dtle 3.x   ─ guard(permission) ─ handler ─▶ scheduler, store
//!                                           ├▶ /api/dms dms   ─ guard(permission) ─ handler ─▶ bars
//!                                           └▶ /v1/{dispatch,task} dts ─ guard(permission) ─ handler ─▶ scheduler, store
//! ```
//! Called by `serve`. Invariants: every route is declared in a family's `routes()` with its permission (a test walks
//! [`routes`]); a handler only waits for work, which belongs to the scheduler; an unknown path is a 404, credentials or
//! not; only the path of a request is ever logged.
//!
//! A new family: `wire/<fam>.rs`, `api/<fam>/{mod,extract,convert}.rs`, `tests/api/<fam>.rs`; here a `mod` line, an arm
//! in [`router`] and [`routes`], a shape in `error`, and its name in `config/families.rs`.
//! A new verb: a line in the family's `routes()` with its `Op`, a handler, the wire type, the client's method, two tests.

mod app;
mod auth;
mod carry;
mod dialect;
mod dms;
mod dtle;
mod dtle2;
mod dtle3;
mod dts;
mod error;
mod es_sync;
mod figures;
mod frame;
mod linger;
mod listen;
mod native;
mod openapi;
mod ops;
mod route;
mod swagger;

pub use app::{App, Parts};
pub use auth::Caller;
pub use error::Error;
pub use listen::listen;
pub use route::{Declared, Permission};

use crate::config::Family;
use axum::extract::DefaultBodyLimit;
use axum::http::Uri;
use axum::middleware::from_fn_with_state;
use axum::{Extension, Router};

/// Returns the router of a listener that serves these families.
pub fn router(app: &App, families: &[Family]) -> Router {
    let document = openapi::document(&described(families)).to_json().expect("the document is plain data");
    let paths = common().into_iter().map(|route| route.declared("").0.path).collect();
    let shapes = error::Shapes::new(families, paths);
    let mut router = route::build(Router::new(), app, error::Shape::Native, common());
    for family in families {
        router = match family {
            Family::Native => router.nest("/api/v1", route::family(app, error::Shape::Native, native::routes())),
            Family::Dtle2 => router.nest("/v1", route::family(app, error::Shape::Dtle2, dtle2::routes())),
            Family::Dtle3 => router.nest("/v2", dtle3::router(app)),
            Family::Dms => router.nest("/api/dms", route::family(app, error::Shape::Dms, dms::routes())),
            Family::EsSync => router.nest(es_sync::PREFIX, route::family(app, error::Shape::EsSync, es_sync::routes())),
            Family::Dts => dts::ROUTES
                .into_iter()
                .fold(router, |router, (prefix, routes)| router.nest(prefix, route::family(app, error::Shape::Dts, routes()))),
        };
    }
    let (unknown, method) = (shapes.clone(), shapes.clone());
    router
        .fallback(move |uri: Uri| std::future::ready(unknown.not_found(&uri)))
        .method_not_allowed_fallback(move |uri: Uri| std::future::ready(method.method_not_allowed(&uri)))
        .layer(Extension(swagger::Document(document.into())))
        .layer(DefaultBodyLimit::max(usize::try_from(app.config.limits.body_bytes).unwrap_or(usize::MAX)))
        .layer(from_fn_with_state((app.clone(), shapes), frame::frame))
        .with_state(app.clone())
}

/// What every listener serves.
fn common() -> Vec<route::Route> {
    [ops::routes(), swagger::routes()].into_iter().flatten().collect()
}

fn described(families: &[Family]) -> Vec<(Declared, openapi::Op)> {
    let list = |prefix: &str, routes: Vec<route::Route>| routes.into_iter().map(|r| r.declared(prefix)).collect::<Vec<_>>();
    let mut all = list("", common());
    for family in families {
        all.extend(match family {
            Family::Native => list("/api/v1", native::routes()),
            Family::Dtle2 => list("/v1", dtle2::routes()),
            Family::Dtle3 => list("/v2", dtle3::routes()),
            Family::Dms => list("/api/dms", dms::routes()),
            Family::EsSync => list(es_sync::PREFIX, es_sync::routes()),
            Family::Dts => dts::ROUTES.into_iter().flat_map(|(prefix, routes)| list(prefix, routes())).collect(),
        });
    }
    all
}

/// Returns every route of every family as declared, for the test that walks them.
pub fn routes() -> Vec<Declared> {
    described(&Family::ALL).into_iter().map(|(route, _)| route).collect()
}
