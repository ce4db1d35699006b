//! Routes as data: method, path, permission, handler and description in one declaration, so that none can be without a
//! permission, or missing from the OpenAPI document.

use super::app::App;
use super::auth::{self, Guard};
use super::error::{self, Shape};
use super::openapi::Op;
use crate::config::Role;
use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Anybody: liveness only.
    Public,
    /// A token of this role or a higher one; everybody where no tokens are configured.
    Role(Role),
}

pub(super) struct Route {
    method: Method,
    path: &'static str,
    permission: Permission,
    handler: MethodRouter<App>,
    op: Op,
}

/// A route that nobody has described yet: [`Bare::doc`] makes it one that can be served.
pub(super) struct Bare(Route);

impl Bare {
    pub(super) fn doc(self, op: Op) -> Route {
        Route { op, ..self.0 }
    }
}

/// A route without its handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    pub method: Method,
    pub path: String,
    pub permission: Permission,
}

impl Route {
    #[expect(clippy::new_ret_no_self, reason = "a route is complete with its description only")]
    pub(super) fn new<T: 'static>(method: &Method, path: &'static str, permission: Permission, handler: impl Handler<T, App>) -> Bare {
        let filter = MethodFilter::try_from(method.clone()).expect("routes use standard methods");
        Bare(Self { method: method.clone(), path, permission, handler: on(filter, handler), op: Op::default() })
    }

    pub(super) fn declared(self, prefix: &str) -> (Declared, Op) {
        (Declared { method: self.method, path: format!("{prefix}{}", self.path), permission: self.permission }, self.op)
    }
}

/// Adds routes to a router, each behind its guard.
pub(super) fn build(mut router: Router<App>, app: &App, shape: Shape, routes: Vec<Route>) -> Router<App> {
    for Route { method, path, permission, handler, op: _ } in routes {
        let guard = Guard { app: app.clone(), shape, permission, write: method != Method::GET };
        router = router.route(path, handler.layer(from_fn_with_state(guard, auth::guard)));
    }
    router
}

/// Returns a family's router, with its own answers for unknown paths and methods.
pub(super) fn family(app: &App, shape: Shape, routes: Vec<Route>) -> Router<App> {
    let router = build(Router::new(), app, shape, routes);
    match shape {
        Shape::Native => router.fallback(error::native_not_found).method_not_allowed_fallback(error::native_method_not_allowed),
        Shape::Dtle2 => router.fallback(error::dtle2_not_found).method_not_allowed_fallback(error::dtle2_method_not_allowed),
        Shape::Dtle3 => router.fallback(error::dtle3_not_found).method_not_allowed_fallback(error::dtle3_method_not_allowed),
        Shape::Dms => router.fallback(error::dms_not_found).method_not_allowed_fallback(error::dms_method_not_allowed),
        Shape::EsSync => router.fallback(error::es_sync_not_found).method_not_allowed_fallback(error::es_sync_method_not_allowed),
        Shape::Dts => router.fallback(error::dts_not_found).method_not_allowed_fallback(error::dts_method_not_allowed),
    }
}
