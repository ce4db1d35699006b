//! Replies of `/v1/members` and `/v1/nodes`. `/v1/leader` is a bare text.

use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::MemberList)]
pub struct MemberList {
    pub members: Vec<Member>,
    #[serde(rename = "ServerDC")]
    pub server_dc: String,
    pub server_name: String,
    pub server_region: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::Member)]
pub struct Member {
    pub addr: String,
    pub delegate_cur: u8,
    pub delegate_max: u8,
    pub delegate_min: u8,
    pub name: String,
    pub port: u16,
    pub protocol_cur: u8,
    pub protocol_max: u8,
    pub protocol_min: u8,
    pub status: &'static str,
    pub tags: Tags,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dtle2::Tags)]
pub struct Tags {
    pub port: String,
    pub bootstrap: &'static str,
    pub role: &'static str,
    pub region: String,
    pub dc: String,
    pub build: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::Node)]
pub struct Node {
    pub create_index: u64,
    pub datacenter: String,
    #[serde(rename = "HTTPAddr")]
    pub http_addr: String,
    #[serde(rename = "ID")]
    pub id: String,
    pub modify_index: u64,
    pub name: String,
    pub status: &'static str,
    pub status_description: String,
}
