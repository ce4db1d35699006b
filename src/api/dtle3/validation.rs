//! Validates a config without creating anything.

use super::convert::{report, request};
use super::error::Result;
use super::extract::{Ignored, Input};
use super::jobs::{Understood, understand};
use crate::api::App;
use crate::model::replicate::ReplicateKind;
use crate::wire::dtle3::reply;
use axum::Json;
use axum::extract::State;

/// Where a config may stand, in a body or in the query (a browser sends no body with GET).
const WRAPPERS: [&str; 4] = ["job_config", "migration_job_config", "sync_job_config", "subscription_job_config"];

pub(super) async fn job(State(app): State<App>, input: Input) -> Result<(Ignored, Json<reply::Validation>)> {
    let read = input.config(&WRAPPERS)?;
    // The checks of a sync are a migration's; dtle knows only that one's form here.
    let kind = if request::is_into_kafka(&read.value) { ReplicateKind::Subscription } else { ReplicateKind::Migration };
    let (names, ignored) = (report::task_names(&read.value), read.ignored.clone());
    let Understood { config, id, name, spec, .. } = match understand(&app, kind, read).await {
        Ok(understood) => understood,
        Err(error) if error.unfit => return Ok((ignored, Json(report::unfit(names, error.message)))),
        Err(error) => return Err(error),
    };
    if let Err(error) = app.scheduler.judge(&name, &spec) {
        return Ok((ignored, Json(report::unfit(names, error.to_string()))));
    }
    let preflight = app.scheduler.preflight(&spec, &id).await?;
    Ok((ignored, Json(report::report(&spec, preflight, &config))))
}
