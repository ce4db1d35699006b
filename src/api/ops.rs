//! `/livez`, `/readyz`, `/metrics`. The metrics are written by hand: they are a view of figures that the scheduler
//! holds anyway, and a recorder would keep a second copy of them.

use super::app::App;
use super::error::{Error, Result};
use super::openapi::Op;
use super::route::{Permission, Route};
use crate::config::Role;
use crate::model::job::JobState;
use crate::scheduler::JobView;
use crate::wire::native::error::Code;
use axum::extract::State;
use axum::http::{Method, StatusCode, header};
use axum::response::IntoResponse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(&Method::GET, "/livez", Permission::Public, livez).doc(Op::new("Says that the process lives").text(
            200,
            "text/plain",
            "It does.",
        )),
        Route::new(&Method::GET, "/readyz", Permission::Public, readyz).doc(Op::new("Says whether it is ready to serve").text(
            200,
            "text/plain",
            "It is.",
        )),
        Route::new(&Method::GET, "/metrics", Permission::Role(Role::Viewer), metrics).doc(Op::new("Returns the metrics").text(
            200,
            "text/plain",
            "Prometheus text format 0.0.4.",
        )),
    ]
}

async fn livez() -> &'static str {
    "ok\n"
}

/// The store answers and the scheduler listens.
async fn readyz(State(app): State<App>) -> Result<&'static str> {
    let not_ready = |what| Error::new(StatusCode::SERVICE_UNAVAILABLE, Code::ShuttingDown, format!("not ready: {what}"));
    app.store.ping().await.map_err(|_| not_ready("the state database does not answer"))?;
    app.scheduler.list().await.map_err(|_| not_ready("the scheduler does not answer"))?;
    Ok("ok\n")
}

async fn metrics(State(app): State<App>) -> Result<impl IntoResponse> {
    let views = app.scheduler.list().await?;
    let up = jiff::Timestamp::now().duration_since(app.started).as_secs_f64();
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], render(&views, up)))
}

/// One metric: name, type, help, and its value per job.
type Figure = (&'static str, &'static str, &'static str, fn(&JobView) -> Option<f64>);

#[expect(clippy::cast_precision_loss, reason = "Prometheus values are floats")]
const FIGURES: [Figure; 9] = [
    ("syncline_job_lag_seconds", "gauge", "Seconds behind the source.", |v| v.progress.dest.delay_seconds),
    ("syncline_job_rows_copied", "gauge", "Rows of the full copy so far.", |v| Some(v.progress.dest.rows_done as f64)),
    ("syncline_job_rows_estimated", "gauge", "Rows that the full copy is expected to move.", |v| {
        Some(v.progress.dest.rows_estimated as f64)
    }),
    ("syncline_job_row_events_applied", "gauge", "Row events of the stream applied by this run.", |v| {
        Some(v.progress.dest.row_events_applied as f64)
    }),
    ("syncline_job_transactions_read", "gauge", "Transactions read by this run.", |v| Some(v.progress.src.tx_read as f64)),
    ("syncline_job_transactions_applied", "gauge", "Transactions applied by this run.", |v| Some(v.progress.dest.tx_applied as f64)),
    ("syncline_job_bytes", "gauge", "Bytes written to the target by this run.", |v| Some(v.progress.dest.bytes as f64)),
    ("syncline_job_spool_bytes", "gauge", "Bytes of log that are read and not applied yet.", |v| Some(v.progress.spool_bytes as f64)),
    ("syncline_job_restarts", "gauge", "Engine starts of this run that followed an error.", |v| v.run.as_ref().map(|r| r.restarts as f64)),
];

fn render(views: &[JobView], up: f64) -> String {
    let mut out = String::new();
    // Writing into a String cannot fail.
    let head = |out: &mut String, name: &str, kind: &str, help: &str| {
        let _ = write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    };
    head(&mut out, "syncline_build_info", "gauge", "Always 1; the labels say what runs.");
    let _ = writeln!(out, "syncline_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"));
    head(&mut out, "syncline_uptime_seconds", "gauge", "Seconds since the daemon started.");
    let _ = writeln!(out, "syncline_uptime_seconds {up}");
    head(&mut out, "syncline_jobs", "gauge", "Jobs by state.");
    for (state, count) in by_state(views) {
        let _ = writeln!(out, "syncline_jobs{{state=\"{state}\"}} {count}");
    }
    head(&mut out, "syncline_job_state", "gauge", "1 for the state that a job is in.");
    for view in views {
        let _ = writeln!(out, "syncline_job_state{{{},state=\"{}\"}} 1", labels(view), view.job.state.as_str());
    }
    for (name, kind, help, value) in FIGURES {
        head(&mut out, name, kind, help);
        for view in views {
            if let Some(value) = value(view) {
                let _ = writeln!(out, "{name}{{{}}} {value}", labels(view));
            }
        }
    }
    out
}

fn by_state(views: &[JobView]) -> BTreeMap<&'static str, u64> {
    let all = [
        JobState::Pending,
        JobState::Copying,
        JobState::Streaming,
        JobState::Lagging,
        JobState::Throttled,
        JobState::Waiting(String::new()),
        JobState::Stalled,
        JobState::Paused,
        JobState::Complete,
    ];
    let mut counts: BTreeMap<&str, u64> = all.iter().map(|s| (s.as_str(), 0)).collect();
    counts.insert("failed", 0);
    for view in views {
        *counts.entry(view.job.state.as_str()).or_default() += 1;
    }
    counts
}

fn labels(view: &JobView) -> String {
    let escape = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("job=\"{}\",kind=\"{}\"", escape(&view.job.id.0), view.job.kind.as_str())
}
