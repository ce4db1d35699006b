//! `/api/v1/hosts`: the pool of hosts and the figures last written of each. `/api/v1/es/{check,fields}`: a look at an
//! endpoint before a task uses it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Host {
    pub id: u64,
    pub ip: String,
    pub name: String,
    #[serde(rename = "type")]
    pub host_type: String,
    pub group: String,
    pub cpus: Option<u32>,
    pub memory_gb: Option<u32>,
    pub disk_gb: Option<u32>,
    pub remark: String,
    /// Percent.
    pub cpu_load: Option<f64>,
    /// Gigabytes.
    pub used_memory: Option<f64>,
    /// Gigabytes.
    pub total_disk: Option<f64>,
    /// When the figures were written.
    pub measured: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HostList {
    pub hosts: Vec<Host>,
}

/// A new host, or a change: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HostChange {
    #[serde(default)]
    pub ip: Option<String>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default, rename = "type")]
    pub host_type: Option<String>,
    #[serde(default)]
    pub group: Option<String>,
    #[serde(default)]
    pub cpus: Option<u32>,
    #[serde(default)]
    pub memory_gb: Option<u32>,
    #[serde(default)]
    pub disk_gb: Option<u32>,
    #[serde(default)]
    pub remark: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HostRemoved {
    pub id: u64,
    pub ip: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HostImport {
    /// With a header line that has at least `host_ip`.
    pub csv: String,
    /// Only say what it would do.
    #[serde(default)]
    pub dry_run: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HostImported {
    pub inserted: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// Columns that were not read.
    pub ignored: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HostExport {
    pub csv: String,
}

/// Absent: what `[hosts]` of the configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EsRequest {
    #[serde(default)]
    pub endpoint: Option<String>,
    #[serde(default)]
    pub style: Option<String>,
    #[serde(default)]
    pub index_pattern: Option<String>,
    #[serde(default)]
    pub range: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EsChecked {
    pub endpoint: String,
    pub index_pattern: String,
    pub style: String,
    /// None: it does not say.
    pub version: Option<String>,
    pub shards: Option<u64>,
    pub documents: Option<u64>,
    pub oldest: Option<String>,
    pub newest: Option<String>,
    pub took_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EsFields {
    /// Documents in the range.
    pub documents: u64,
    pub fields: Vec<EsField>,
}

/// A field that the settings name, or one that there is (`role` is empty).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EsField {
    pub role: String,
    pub path: String,
    pub types: Vec<String>,
    /// Documents that have it, of a field that the settings name.
    pub documents: Option<u64>,
    /// A field that there is instead.
    pub suggestion: Option<String>,
    #[serde(default)]
    pub sample: String,
}
