//! The cluster. One daemon is its own leader and only member until the cluster ships.

use super::convert::cluster;
use super::extract::{Ignored, Input};
use crate::api::App;
use crate::wire::dtle2::cluster as wire;
use axum::Json;
use axum::extract::State;

/// Returns the leader's address as a bare JSON text.
pub(super) async fn leader(State(app): State<App>, input: Input) -> (Ignored, Json<String>) {
    (input.ignored(&[]), Json(app.node.http_address.clone()))
}

pub(super) async fn members(State(app): State<App>, input: Input) -> (Ignored, Json<wire::MemberList>) {
    (input.ignored(&[]), Json(cluster::members(&app.node)))
}

pub(super) async fn nodes(State(app): State<App>, input: Input) -> (Ignored, Json<Vec<wire::Node>>) {
    (input.ignored(&[]), Json(vec![cluster::node(&app.node)]))
}
