//! `POST /api/v1/mysql/{check,schemas,columns}`: a look at one server before a job uses it. They are POST because they
//! carry a password.

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

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SchemasRequest {
    pub endpoint: Endpoint,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SchemaList {
    /// Without the system's and Syncline's own.
    pub schemas: Vec<ServerSchema>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServerSchema {
    pub schema: String,
    /// Base tables that the account may see.
    pub tables: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnsRequest {
    pub endpoint: Endpoint,
    pub schema: String,
    pub table: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ColumnList {
    /// In the table's order.
    pub columns: Vec<ServerColumn>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServerColumn {
    pub name: String,
    /// As the server spells it, e.g. `int(10) unsigned`.
    #[serde(rename = "type")]
    pub column_type: String,
    pub nullable: bool,
    pub generated: bool,
}
