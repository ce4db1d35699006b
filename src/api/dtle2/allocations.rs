//! A job's runs, and the figures of one side of one.

use super::convert::allocation;
use super::error::{Error, Result};
use super::extract::{Id, Ignored, Input};
use super::jobs::unknown;
use crate::api::App;
use crate::api::figures::figures;
use crate::scheduler;
use crate::wire::dtle2::allocation as wire;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;

/// Old allocations stay listed, so many of them.
const MOST_RUNS: u32 = 10;

pub(super) async fn list(State(app): State<App>, id: Id, input: Input) -> Result<(Ignored, Json<Vec<wire::Allocation>>)> {
    let job = app.scheduler.get(&id.job()).await.map_err(unknown)?.job;
    let runs = app.scheduler.runs(job.number, MOST_RUNS).await?;
    Ok((input.ignored(&[]), Json(allocation::allocations(&job, &runs))))
}

pub(super) async fn stats(State(app): State<App>, id: Id, input: Input) -> Result<(Ignored, Json<wire::Stats>)> {
    let view = match app.scheduler.allocation(&id.0).await {
        Err(scheduler::Error::NotFound(_)) => return Err(Error::no_allocation()),
        other => other?,
    };
    Ok((input.ignored(&[]), Json(allocation::stats(view.side, figures(&view, Timestamp::now())))))
}
