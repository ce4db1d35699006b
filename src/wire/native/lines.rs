//! A destination of lines, as part of a job (`/api/v1/jobs`).

use super::kafka::MessageFormat;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Messages as lines of JSON, `{"table":…,"key":…,"value":…}` each: into a file of the daemon's, or to whoever creates the
/// job (`POST /api/v1/jobs/stream`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Lines {
    /// A plain file name in the daemon's `[files] dir`; absent = to the caller, with whom the job ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    #[serde(default)]
    pub format: MessageFormat,
    /// Debezium: each message carries its schema.
    #[serde(default)]
    pub message_schema: bool,
    /// A line without a value behind each delete, of tables with a key.
    #[serde(default)]
    pub tombstones: bool,
    /// Columns of any table that are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_columns: Vec<String>,
}
