//! `GET /api/v1/runs?job=&kind=&state=&since=&limit=`, `GET /api/v1/runs/{number}`.

use super::jobs::Event;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Run {
    pub number: u64,
    pub job: Option<String>,
    pub kind: String,
    pub name: String,
    pub state: String,
    pub started: String,
    pub ended: Option<String>,
    pub message: String,
    #[serde(default)]
    pub error: String,
    pub rows_copied: u64,
    pub rows_applied: u64,
    pub transactions: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunItem {
    pub key: String,
    pub label: String,
    pub outcome: String,
    pub count: u64,
    #[serde(default)]
    pub error: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunList {
    pub runs: Vec<Run>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunDetail {
    pub run: Run,
    pub items: Vec<RunItem>,
    pub events: Vec<Event>,
}
