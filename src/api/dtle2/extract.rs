//! Requests of `/v1`, read as every dialect reads them (`api/dialect.rs`), with refusals in the family's shape.

use super::error::{Error, Result};
use crate::api::dialect;
use crate::model::job::JobId;
use crate::scheduler::Selector;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

pub(super) use crate::api::dialect::{Ignored, Read};

/// The request's parameters: body first, query behind it.
pub(super) type Input = dialect::InputOf<Error>;

/// The ID in the path.
pub(super) struct Id(pub(super) String);

impl Id {
    pub(super) fn job(self) -> Selector {
        Selector::Id(JobId(self.0))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let path = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(id)| Self(id)).map_err(|_| Error::bad("the ID in the path is not UTF-8"))
    }
}
