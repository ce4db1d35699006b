//! Requests of es-sync, read as every dialect reads them (`api/dialect.rs`), with refusals in the family's shape.

use super::error::{Error, Result};
use crate::api::dialect;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

pub(super) use crate::api::dialect::{Ignored, Read};

/// The request's parameters: body first, query behind it.
pub(super) type Input = dialect::InputOf<Error>;

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
