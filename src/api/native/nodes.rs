//! `/api/v1/nodes`.

use super::convert;
use super::extract::Path;
use crate::api::app::App;
use crate::api::error::{Error, Result};
use crate::wire::native::nodes as wire;
use axum::Json;
use axum::extract::State;

pub(super) async fn list(State(app): State<App>) -> Result<Json<wire::NodeList>> {
    let jobs = app.scheduler.list().await?.len() as u64;
    Ok(Json(wire::NodeList { nodes: vec![convert::node(app.node.clone(), jobs)] }))
}

pub(super) async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Json<wire::Node>> {
    if id != app.node.id && id != app.node.name {
        return Err(Error::not_found(format!("node {id:?} does not exist")));
    }
    let jobs = app.scheduler.list().await?.len() as u64;
    Ok(Json(convert::node(app.node.clone(), jobs)))
}
