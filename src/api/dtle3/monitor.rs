//! How one task of a running job stands.

use super::convert::monitor;
use super::error::{Error, Result};
use super::extract::{Ignored, Input};
use crate::api::App;
use crate::api::figures::figures;
use crate::scheduler;
use crate::wire::dtle3::{monitor as wire, reply};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;

/// `nomad_http_address` is dtle's own business between its nodes, and has none here.
const KNOWN: [&str; 3] = ["allocation_id", "task_name", "nomad_http_address"];

pub(super) async fn task(State(app): State<App>, input: Input) -> Result<(Ignored, Json<wire::Monitor>)> {
    let [allocation, task] = input.all_of(["allocation_id", "task_name"])?;
    let unknown = || Error::new(StatusCode::NOT_FOUND, format!("there is no task {task} of an allocation {allocation}"));
    let view = match app.scheduler.allocation(&allocation).await {
        Err(scheduler::Error::NotFound(_)) => return Err(unknown()),
        other => other?,
    };
    if !monitor::task_name(&view).eq_ignore_ascii_case(&task) {
        return Err(unknown());
    }
    let tasks_status = monitor::status(figures(&view, Timestamp::now()));
    Ok((input.ignored(&KNOWN), Json(wire::Monitor { tasks_status, message: reply::OK.to_owned() })))
}
