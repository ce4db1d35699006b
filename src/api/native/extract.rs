//! Extractors whose refusals have the native shape.

use crate::api::error::{Error, Result};
use crate::api::frame::read_body;
use crate::wire::native::error::{Code, Detail};
use crate::wire::native::later;
use crate::wire::strict;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A JSON body; an empty one is `{}`.
pub(super) struct Body<T>(pub(super) T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Error;
    async fn from_request(request: Request, _state: &S) -> Result<Self> {
        let kind = request.headers().get(header::CONTENT_TYPE).map(|v| v.to_str().unwrap_or("?").to_ascii_lowercase());
        if kind.is_some_and(|k| !k.starts_with("application/json")) {
            let error = Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::UnsupportedMediaType, "the body must be JSON");
            return Err(error.hint("send Content-Type: application/json"));
        }
        let bytes = read_body(request).await?;
        let text: &[u8] = if bytes.trim_ascii().is_empty() { b"{}" } else { &bytes };
        let value = serde_json::from_slice(text).map_err(|e| Error::bad_request(format!("the body is not JSON: {}", place(&e))))?;
        strict::from_value(&value).map(Self).map_err(|wrong| {
            let details = wrong.iter().map(later::judge).collect();
            Error::of(details, "the body").unwrap_or_else(|| Error::bad_request("the body is wrong"))
        })
    }
}

fn place(error: &serde_json::Error) -> String {
    let what = if error.is_eof() { "it ends too early" } else { "wrong syntax" };
    format!("{what} at line {} column {}", error.line(), error.column())
}

/// Query parameters; unknown ones are refused by the type.
pub(super) struct Query<T>(pub(super) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let pairs = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned();
        strict::from_query(pairs).map(Self).map_err(|wrong| {
            let detail = |w: strict::Wrong| {
                let code = if w.unknown_field { Code::UnknownField } else { Code::BadRequest };
                Detail { code: code.word(), field: Some(w.path.to_string()), message: w.message, ..Detail::default() }
            };
            let error = Error::of(wrong.into_iter().map(detail).collect(), "the query");
            error.unwrap_or_else(|| Error::bad_request("the query is wrong"))
        })
    }
}

/// The query of what has no parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// The one parameter of a path.
pub(super) struct Path<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        axum::extract::Path::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(value)| Self(value))
            .map_err(|_| Error::not_found("there is nothing at this path"))
    }
}
