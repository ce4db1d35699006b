//! Lists nodes. One daemon is its own only node until the cluster ships.

use super::convert;
use super::extract::{Ignored, Input};
use crate::api::App;
use crate::wire::dtle3::reply;
use axum::Json;
use axum::extract::State;

pub(super) async fn list(State(app): State<App>, input: Input) -> (Ignored, Json<reply::NodeList>) {
    let nodes = vec![convert::job::node(&app.node)];
    (input.ignored(&[]), Json(reply::NodeList { nodes, message: reply::OK.to_owned() }))
}
