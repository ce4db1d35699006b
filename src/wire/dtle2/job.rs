//! Replies about jobs. `Config` objects are free JSON: they echo what was sent, with the types that came in.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A line of the job list.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::Row)]
pub struct Row {
    pub create_index: u64,
    #[serde(rename = "ID")]
    pub id: String,
    pub job_modify_index: u64,
    pub job_summary: Job,
    pub modify_index: u64,
    pub name: String,
    pub status: &'static str,
    pub status_description: String,
    #[serde(rename = "Type")]
    pub kind: &'static str,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::Job)]
pub struct Job {
    /// Always null: no constraints are supported.
    #[schema(value_type = Option<Object>)]
    pub constraints: Option<()>,
    pub create_index: u64,
    pub datacenters: Vec<String>,
    pub enforce_index: bool,
    pub failover: bool,
    #[serde(rename = "ID")]
    pub id: String,
    pub job_modify_index: u64,
    pub modify_index: u64,
    pub name: String,
    /// Always empty: there are no quotas.
    #[schema(value_type = Vec<Object>)]
    pub orders: [(); 0],
    pub region: String,
    /// `pending`, `running`, `pause`, `dead` or `complete`.
    pub status: &'static str,
    pub status_description: String,
    pub tasks: Vec<Task>,
    #[serde(rename = "Type")]
    pub kind: &'static str,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::Task)]
pub struct Task {
    #[schema(value_type = Object)]
    pub config: Map<String, Value>,
    #[schema(value_type = Object)]
    pub config_lock: Map<String, Value>,
    #[schema(value_type = Option<Object>)]
    pub constraints: Option<()>,
    pub driver: &'static str,
    pub leader: bool,
    #[serde(rename = "NodeID")]
    pub node_id: String,
    pub node_name: String,
    /// `Src` or `Dest`.
    #[serde(rename = "Type")]
    pub role: &'static str,
}

/// The reply to every write.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::Written)]
pub struct Written {
    pub success: bool,
    pub index: u64,
    pub known_leader: bool,
    pub last_contact: u64,
}
