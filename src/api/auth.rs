//! Who calls, and whether they may. Runs per route, so that unknown paths stay 404.
//!
//! Without tokens everybody who reaches a listener is admin; then a browser must not be made to call us by a page of
//! somebody else: the `Host` must be an address or this machine (DNS rebinding), and a write from another origin is
//! refused (CSRF). dts has users of its own (HTTP Basic) and takes no token; it is open where there is neither.

use super::app::App;
use super::error::{Error, Shape};
use super::frame::RequestId;
use super::route::Permission;
use crate::config::{Role, Token, User};
use crate::scheduler::By;
use crate::store::audit;
use crate::wire::native::error::Code;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use jiff::Timestamp;
use std::net::IpAddr;

/// The caller, as handlers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The token's or user's name; empty where none are configured.
    pub name: String,
    pub role: Role,
    pub request_id: String,
}

impl Caller {
    pub fn by(self) -> By {
        By { who: self.name, request_id: self.request_id }
    }

    /// Returns the line of the audit log for a change that is not the scheduler's.
    pub(super) fn entry(self, action: &'static str, object: String, detail: String) -> audit::Entry {
        audit::Entry { time: Timestamp::now(), who: self.name, action, object, request_id: self.request_id, detail }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Error> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Error::internal(&"a route has no guard"))
    }
}

#[derive(Clone)]
pub(super) struct Guard {
    pub(super) app: App,
    pub(super) shape: Shape,
    pub(super) permission: Permission,
    pub(super) write: bool,
}

pub(super) async fn guard(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    match admit(&guard, request.headers()) {
        Ok((name, role)) => {
            request.extensions_mut().insert(Caller { name, role, request_id });
            next.run(request).await.into_response()
        }
        Err(refusal) => refusal.render(guard.shape),
    }
}

fn admit(guard: &Guard, headers: &HeaderMap) -> Result<(String, Role), Error> {
    let Permission::Role(needed) = guard.permission else { return Ok((String::new(), Role::Viewer)) };
    let config = &guard.app.config;
    let dts = guard.shape == Shape::Dts;
    if config.tokens.is_empty() && (!dts || config.dts_users.is_empty()) {
        if !config.security.allow_anonymous_network {
            check_host(headers)?;
        }
        if guard.write {
            check_origin(headers)?;
        }
        return Ok((String::new(), Role::Admin));
    }
    if dts {
        return user(&config.dts_users, headers, needed);
    }
    let text = credential(headers, guard.shape).ok_or_else(|| unauthorized("a token is needed"))?;
    let token = find(&config.tokens, &text).ok_or_else(|| unauthorized("the token is not known"))?;
    if token.role < needed {
        return Err(Error::new(
            StatusCode::FORBIDDEN,
            Code::Forbidden,
            format!("the token {:?} is {}, this needs {}", token.name, token.role.as_str(), needed.as_str()),
        ));
    }
    Ok((token.name.clone(), token.role))
}

/// Finds the dts user who calls. Every user is compared with, so that the time says nothing about which one came near.
fn user(users: &[User], headers: &HeaderMap, needed: Role) -> Result<(String, Role), Error> {
    let refused = |message: &str| Error::new(StatusCode::UNAUTHORIZED, Code::Unauthorized, message);
    if users.is_empty() {
        return Err(refused("nobody may call this: the daemon has tokens and no [dts] users"));
    }
    let (name, password) = basic(headers).ok_or_else(|| refused("a user and a password are needed").hint("send Authorization: Basic"))?;
    let found = users.iter().fold(None, |found, user| if user.matches(&name, &password) { Some(user) } else { found });
    let User { name, role, sha256: _ } = found.ok_or_else(|| refused("the user or the password is wrong"))?;
    if *role < needed {
        let message = format!("the user {name:?} is {}, this needs {}", role.as_str(), needed.as_str());
        return Err(Error::new(StatusCode::FORBIDDEN, Code::Forbidden, message));
    }
    Ok((name.clone(), *role))
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, rest) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = base64::engine::general_purpose::STANDARD.decode(rest.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.split_once(':').map(|(name, password)| (name.to_owned(), password.to_owned()))
}

fn unauthorized(message: &str) -> Error {
    Error::new(StatusCode::UNAUTHORIZED, Code::Unauthorized, message).hint("send Authorization: Bearer TOKEN")
}

/// Compares with every token, so that the time says nothing about which one came near.
fn find<'a>(tokens: &'a [Token], text: &str) -> Option<&'a Token> {
    tokens.iter().fold(None, |found, token| if token.matches(text) { Some(token) } else { found })
}

/// The families that take a token as the password of Basic too, for old curl (`-u x:TOKEN`).
pub(super) fn takes_basic(shape: Shape) -> bool {
    match shape {
        Shape::Dtle2 | Shape::Dtle3 | Shape::Dms => true,
        Shape::Native | Shape::EsSync | Shape::Dts => false,
    }
}

/// Bearer everywhere.
fn credential(headers: &HeaderMap, shape: Shape) -> Option<String> {
    let (scheme, rest) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if takes_basic(shape) {
        return basic(headers).map(|(_, password)| password);
    }
    None
}

/// Refuses names that somebody else's DNS may have pointed at us.
fn check_host(headers: &HeaderMap) -> Result<(), Error> {
    let Some(host) = headers.get(header::HOST) else { return Ok(()) };
    let host = host.to_str().unwrap_or_default();
    let name = host_name(host);
    let local = name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost");
    if local || name.parse::<IpAddr>().is_ok() {
        return Ok(());
    }
    let message = format!("the host {host:?} is not an address of this daemon");
    Err(Error::new(StatusCode::FORBIDDEN, Code::Forbidden, message).hint("call it by IP address or localhost, or configure [auth] tokens"))
}

fn check_origin(headers: &HeaderMap) -> Result<(), Error> {
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    let foreign_site = matches!(text("sec-fetch-site"), Some(site) if site != "same-origin" && site != "none");
    let foreign_origin = match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").is_none_or(|(_, rest)| !rest.eq_ignore_ascii_case(host)),
        (Some(_), None) => true,
        (None, _) => false,
    };
    if foreign_site || foreign_origin {
        return Err(Error::new(StatusCode::FORBIDDEN, Code::Forbidden, "a page of another origin may not change anything here"));
    }
    Ok(())
}

/// Takes the port and the brackets off.
fn host_name(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split_once(']').map_or(rest, |(name, _)| name);
    }
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}
