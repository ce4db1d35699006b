//! What this node logs, until it restarts.

use super::error::{Error, Result};
use super::extract::{Ignored, Input};
use crate::api::{App, Caller};
use crate::wire::dtle3::reply;
use axum::Json;
use axum::extract::State;

const LEVELS: [&str; 5] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];
const FIELD: &str = "dtle_log_level";

pub(super) async fn level(State(app): State<App>, caller: Caller, input: Input) -> Result<(Ignored, Json<reply::LogLevel>)> {
    let wanted = input.required(FIELD)?.to_ascii_uppercase();
    if !LEVELS.contains(&wanted.as_str()) {
        return Err(Error::field(FIELD, format!("expected {}", LEVELS.join(", "))));
    }
    let level = wanted.to_ascii_lowercase();
    let before = app.telemetry.set_level(&level).map_err(|problem| Error::field(FIELD, problem))?;
    tracing::warn!(by = caller.name, before, level, "the log level was changed");
    Ok((input.ignored(&[FIELD]), Json(reply::LogLevel { dtle_log_level: wanted, message: reply::OK.to_owned() })))
}
