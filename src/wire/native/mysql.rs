//! `POST /api/v1/mysql/check`: inspects one server before it is used.

use super::jobs::{Endpoint, Finding};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Source,
    Target,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckRequest {
    pub endpoint: Endpoint,
    pub role: Role,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckReply {
    pub ok: bool,
    /// `mysql` or `mariadb`.
    pub flavor: String,
    pub version: String,
    pub findings: Vec<Finding>,
    pub grants: Vec<String>,
}
