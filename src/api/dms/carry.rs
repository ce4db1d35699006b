//! Bars in and out as CSV.

use super::error::Result;
use super::extract::{Input, only, store};
use crate::api::auth::Caller;
use crate::api::{App, carry};
use crate::config::DmsRole;
use crate::wire::dms::Imported;
use crate::wire::native::bars::BarsImported;
use axum::Json;
use axum::extract::{Request, State};
use axum::response::Response;

pub(super) async fn import(State(app): State<App>, caller: Caller, request: Request) -> Result<Json<Imported>> {
    let store = only(&app, DmsRole::Master)?;
    let done = carry::import(&app, caller, store, request, false).await?;
    let BarsImported { symbols, added, changed, rebased, unchanged, skipped, held_back, suspect, duplicates, warnings, names: _ } = done;
    Ok(Json(Imported { success: true, symbols, added, changed, rebased, unchanged, skipped, held_back, suspect, duplicates, warnings }))
}

pub(super) async fn export(State(app): State<App>, input: Input) -> Result<Response> {
    let store = store(&app)?;
    input.only(&["symbols", "interval", "start_date", "end_date"])?;
    let interval = input.interval()?;
    let range = input.open_range(interval)?;
    let papers = carry::papers(&store, input.text("symbols")?.as_deref(), interval).await?;
    Ok(carry::export(&store, papers, interval, range).await?)
}
