//! `/api/v1/mysql`.

use super::convert;
use super::extract::Body;
use crate::api::app::App;
use crate::api::error::Result;
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
