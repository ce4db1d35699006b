//! `/api/v1/server` and `/api/v1/log-level`.

use super::extract::Body;
use crate::api::app::App;
use crate::api::auth::Caller;
use crate::api::error::{Error, Result};
use crate::config::Entry;
use crate::wire::native::server as wire;
use axum::Json;
use axum::extract::State;
use std::collections::BTreeMap;

pub(super) async fn status(State(app): State<App>) -> Result<Json<wire::ServerStatus>> {
    let mut states: BTreeMap<&'static str, u64> = BTreeMap::new();
    for view in app.scheduler.list().await? {
        *states.entry(view.job.state.as_str()).or_default() += 1;
    }
    let uptime = jiff::Timestamp::now().duration_since(app.started).as_secs();
    Ok(Json(wire::ServerStatus {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        node_id: app.node.id.clone(),
        started: app.started.to_string(),
        uptime_seconds: u64::try_from(uptime).unwrap_or(0),
        data_dir: app.config.server.data_dir.display().to_string(),
        pid: std::process::id(),
        rss_bytes: rss_bytes(),
        listeners: app
            .listeners
            .iter()
            .map(|l| wire::Listener { address: l.address.clone(), families: l.families.iter().map(|f| f.as_str().to_owned()).collect() })
            .collect(),
        authentication: !app.config.tokens.is_empty(),
        jobs: states.into_iter().map(|(state, count)| wire::StateCount { state: state.to_owned(), count }).collect(),
        warnings: app.warnings.clone(),
    }))
}

pub(super) async fn config(State(app): State<App>) -> Json<wire::ConfigList> {
    let entry = |e: &Entry| {
        let Entry { key, value, origin } = e.clone();
        wire::ConfigEntry { key, value, origin }
    };
    Json(wire::ConfigList { entries: app.config.entries().iter().map(entry).collect() })
}

pub(super) async fn log_level(State(app): State<App>) -> Json<wire::LogLevel> {
    Json(level(&app))
}

pub(super) async fn set_log_level(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<wire::LogLevelChange>,
) -> Result<Json<wire::LogLevel>> {
    let wire::LogLevelChange { level: wanted } = body;
    let before = app.telemetry.set_level(&wanted).map_err(|problem| {
        Error::bad_request(format!("level: {problem}")).field("level").hint("also per module: \"info,syncline::replicate=debug\"")
    })?;
    tracing::warn!(by = caller.name, before, level = wanted, "the log level was changed");
    Ok(Json(level(&app)))
}

fn level(app: &App) -> wire::LogLevel {
    wire::LogLevel { level: app.telemetry.level(), configured: app.config.log.level.clone() }
}

/// What the kernel says this process holds in memory; None where there is no /proc.
fn rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kb| kb * 1024)
}
