//! Requests of `/v2`, read as every dialect reads them (`api/dialect.rs`), with refusals in the family's shape.

use super::error::Error;
use crate::api::dialect;

pub(super) use crate::api::dialect::{Ignored, Read};

/// The request's parameters: body first, query behind it.
pub(super) type Input = dialect::InputOf<Error>;
