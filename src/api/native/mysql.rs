//! `/api/v1/mysql`.

use super::convert;
use super::extract::Body;
use crate::api::app::App;
use crate::api::error::Result;
use crate::model::replicate::TableName;
use crate::scheduler::{ColumnView, Schema};
use crate::wire::native::mysql as wire;
use axum::Json;
use axum::extract::State;

pub(super) async fn check(State(app): State<App>, Body(body): Body<wire::CheckRequest>) -> Result<Json<wire::CheckReply>> {
    let wire::CheckRequest { endpoint, role } = body;
    let side = match role {
        wire::Role::Source => crate::model::finding::Side::Src,
        wire::Role::Target => crate::model::finding::Side::Dest,
    };
    let checked = app.scheduler.check_server(&convert::endpoint(endpoint), side).await?;
    Ok(Json(convert::check_reply(checked)))
}

pub(super) async fn schemas(State(app): State<App>, Body(body): Body<wire::SchemasRequest>) -> Result<Json<wire::SchemaList>> {
    let wire::SchemasRequest { endpoint } = body;
    let found = app.scheduler.schemas(&convert::endpoint(endpoint)).await?;
    let schema = |Schema { name, tables }| wire::ServerSchema { schema: name, tables };
    Ok(Json(wire::SchemaList { schemas: found.into_iter().map(schema).collect() }))
}

pub(super) async fn columns(State(app): State<App>, Body(body): Body<wire::ColumnsRequest>) -> Result<Json<wire::ColumnList>> {
    let wire::ColumnsRequest { endpoint, schema, table } = body;
    let found = app.scheduler.columns(&convert::endpoint(endpoint), &TableName::new(schema, table)).await?;
    let column = |ColumnView { name, column_type, nullable, generated }| wire::ServerColumn { name, column_type, nullable, generated };
    Ok(Json(wire::ColumnList { columns: found.into_iter().map(column).collect() }))
}
