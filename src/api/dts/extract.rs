//! Requests of the family, read as every dialect reads them (`api/dialect.rs`), with refusals in the envelope.

use super::error::{Error, Result};
use crate::api::dialect;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

pub(super) use crate::api::dialect::{Ignored, Read};

/// The request's parameters: body first, query behind it.
pub(super) type Input = dialect::InputOf<Error, false>;

/// The task's id in the path.
pub(super) struct Number(pub(super) u64);

impl<S: Send + Sync> FromRequestParts<S> for Number {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let path = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        // A sign is not part of a number in a path.
        let text = path.ok().filter(|path| path.bytes().all(|b| b.is_ascii_digit()));
        let number = text.and_then(|path| path.parse().ok());
        number.map(Self).ok_or_else(|| Error::bad("the id in the path is not a number"))
    }
}

/// Returns a number of the query: the default if it is absent or 0, as clients write what they have not set.
pub(super) fn count(input: &Input, name: &str, default: usize, most: usize) -> Result<usize> {
    let Some(text) = input.text(name)? else { return Ok(default) };
    match text.trim().parse() {
        Ok(0) => Ok(default),
        Ok(number) if number <= most => Ok(number),
        _ => Err(Error::field(name, format!("expected a whole number from 1 to {most}"))),
    }
}
