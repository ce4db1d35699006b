//! Requests of `/v2`, read as every dialect reads them (`api/dialect.rs`), with refusals in the family's shape.

use super::error::{Error, Result};
use crate::api::dialect;
use axum::extract::{FromRequest, Request};
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
