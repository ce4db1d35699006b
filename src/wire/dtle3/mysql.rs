//! Replies of `GET /v2/mysql/{schemas,columns}` and `GET /v2/job/position`.

use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dtle3::SchemaList)]
pub struct SchemaList {
    pub schemas: Vec<Schema>,
    pub message: String,
}

/// The contract's sample says `Tables`, its table says `tables`: clients of either find theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dtle3::Schema)]
pub struct Schema {
    pub schema_name: String,
    #[serde(rename = "Tables")]
    pub tables_of_sample: Vec<Table>,
    pub tables: Vec<Table>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dtle3::Table)]
pub struct Table {
    pub table_name: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dtle3::ColumnList)]
pub struct ColumnList {
    pub columns: Vec<String>,
    pub message: String,
}

/// Where a job is in its source's log: GTIDs, or `file:offset` where there are none.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dtle3::Position)]
pub struct Position {
    pub position: String,
    pub message: String,
}
