//! Requests of es-sync, read as every dialect reads them (`api/dialect.rs`), with refusals in the family's shape.

use super::error::{Error, Result};
use crate::api::dialect;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use std::ops::Deref;

pub(super) use crate::api::dialect::{Ignored, Read};

/// The request's parameters: body first, query behind it.
pub(super) struct Input(dialect::Input);

impl Deref for Input {
    type Target = dialect::Input;
    fn deref(&self) -> &dialect::Input {
        &self.0
    }
}

impl<S: Send + Sync> FromRequest<S> for Input {
    type Rejection = Error;
    async fn from_request(request: Request, state: &S) -> Result<Self> {
        Ok(Self(dialect::Input::read(request, state).await?))
    }
}

/// The number in a path.
pub(super) struct Number(pub(super) u64);

impl<S: Send + Sync> FromRequestParts<S> for Number {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let text = axum::extract::Path::<String>::from_request_parts(parts, state).await.map(|p| p.0).unwrap_or_default();
        // Signed, as the contract has it: a negative number is one, and names nothing.
        let number: i64 = text.parse().map_err(|_| Error::field("id", format!("{text:?} 不是整数")))?;
        Ok(Self(u64::try_from(number).unwrap_or(0)))
    }
}
