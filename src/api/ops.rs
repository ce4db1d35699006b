//! `/livez`, `/readyz`, `/metrics`. The metrics are written by hand: they are a view of figures that the scheduler
//! holds anyway, and a recorder would keep a second copy of them. `bars` has those of tasks and market data.

mod bars;

use super::app::App;
use super::error::{Error, Result};
use super::openapi::Op;
use super::route::{Permission, Route};
use crate::config::Role;
use crate::model::job::JobKind;
use crate::scheduler::JobView;
use crate::wire::native::error::Code;
use axum::extract::State;
use axum::http::{Method, StatusCode, header};
use axum::response::IntoResponse;
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

/// The store answers and has room, the scheduler listens, and the bars database is no other than one that is being opened or switched off.
async fn readyz(State(app): State<App>) -> Result<&'static str> {
    let not_ready = |what| Error::new(StatusCode::SERVICE_UNAVAILABLE, Code::ShuttingDown, format!("not ready: {what}"));
    app.store.ping().await.map_err(|_| not_ready("the state database does not answer"))?;
    if app.store.is_full() {
        // Who may not ask for anything else is not told where it is.
        let message = "not ready: the disk of the data directory is full";
        return Err(Error::new(StatusCode::SERVICE_UNAVAILABLE, Code::DiskFull, message).hint("make room there"));
    }
    app.scheduler.list().await.map_err(|_| not_ready("the scheduler does not answer"))?;
    if let Some(code) = app.dms.bars.get().err().and_then(|missing| missing.lasting()) {
        let message = format!("not ready: market data is not served: the bars database cannot be used [{code}]; jobs and tasks run on");
        return Err(Error { reason: code, ..Error::new(StatusCode::SERVICE_UNAVAILABLE, Code::Damaged, message) });
    }
    Ok("ok\n")
}

async fn metrics(State(app): State<App>) -> Result<impl IntoResponse> {
    let views = app.scheduler.list().await?;
    let up = jiff::Timestamp::now().duration_since(app.started).as_secs_f64();
    let started = app.started.as_duration().as_secs_f64();
    let mut text = render(&views, started, up);
    bars::render(&app, &mut text).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}

/// One metric: name, type, help, and its value per job.
type Figure = (&'static str, &'static str, &'static str, fn(&JobView) -> Option<f64>);

#[expect(clippy::cast_precision_loss, reason = "Prometheus values are floats")]
const FIGURES: [Figure; 19] = [
    ("syncline_job_lag_seconds", "gauge", "Seconds behind the source; while nothing is applied, since it was last in step.", |v| {
        v.progress.dest.delay_seconds
    }),
    ("syncline_job_copied_rows", "gauge", "Rows of the job's tables that are copied.", |v| Some(v.progress.dest.rows_done as f64)),
    ("syncline_job_estimated_rows", "gauge", "Rows that the full copy is expected to move.", |v| {
        Some(v.progress.dest.rows_estimated.max(v.progress.src.rows_estimated) as f64)
    }),
    (
        "syncline_job_spool_bytes",
        "gauge",
        "Bytes of log that are received and not decoded yet: they wait behind syncline_job_queued_transactions.",
        |v| Some(v.progress.spool_bytes as f64),
    ),
    ("syncline_job_queued_transactions", "gauge", "Transactions that are decoded and not applied yet.", |v| {
        Some(v.progress.dest.queue as f64)
    }),
    ("syncline_job_rows_copied_total", "counter", "Rows copied, a table that is copied again counted again.", |v| {
        Some(v.progress.copied_total as f64)
    }),
    ("syncline_job_row_events_applied_total", "counter", "Row events of the stream applied.", |v| {
        Some(v.progress.dest.row_events_applied as f64)
    }),
    ("syncline_job_transactions_read_total", "counter", "Transactions read.", |v| Some(v.progress.src.tx_read as f64)),
    ("syncline_job_transactions_applied_total", "counter", "Transactions applied.", |v| Some(v.progress.dest.tx_applied as f64)),
    ("syncline_job_written_bytes_total", "counter", "Bytes written to the target.", |v| Some(v.progress.dest.bytes as f64)),
    ("syncline_job_messages_total", "counter", "Messages that the brokers have acknowledged; of subscriptions.", |v| {
        of_subscription(v, v.progress.topics.iter().map(|t| t.messages).sum::<u64>() as f64)
    }),
    ("syncline_job_message_bytes_total", "counter", "Bytes of those messages, keys and values.", |v| {
        of_subscription(v, v.progress.topics.iter().map(|t| t.bytes).sum::<u64>() as f64)
    }),
    ("syncline_job_topics", "gauge", "Topics that have got messages of the job.", |v| of_subscription(v, v.progress.topics.len() as f64)),
    ("syncline_job_conflicts_total", "counter", "Target rows that were not what the source's log said.", |v| {
        Some(v.progress.tables.iter().map(|t| t.conflicts).sum::<u64>() as f64)
    }),
    ("syncline_job_verify_different_rows", "gauge", "Rows that differed in the last comparison of those that go on all the time.", |v| {
        v.patrol.as_ref()?.last.as_ref().map(|last| last.different as f64)
    }),
    ("syncline_job_verify_ended_seconds", "gauge", "When that comparison ended, as a Unix time.", |v| {
        v.patrol.as_ref()?.last.as_ref().map(|last| last.ended.as_second() as f64)
    }),
    ("syncline_job_gates_held", "gauge", "Gates (load, replica lag) that the job waits at.", |v| {
        Some(if v.job.state.is_active() { v.progress.held_by.len() as f64 } else { 0.0 })
    }),
    ("syncline_job_errors_total", "counter", "Errors that ended a run or a part of one.", |v| Some(v.progress.errors.count as f64)),
    ("syncline_job_restarts_total", "counter", "Engine starts that followed an error.", |v| Some(v.progress.errors.restarts as f64)),
];

fn of_subscription(view: &JobView, value: f64) -> Option<f64> {
    (view.job.kind == JobKind::Subscription).then_some(value)
}

/// All states, in their order of life.
const STATES: [&str; 10] =
    ["pending", "copying", "streaming", "lagging", "throttled", "waiting", "stalled", "paused", "failed", "complete"];

fn render(views: &[JobView], started: f64, up: f64) -> String {
    let mut out = String::new();
    head(&mut out, "syncline_build_info", "gauge", "Always 1; the labels say what runs.");
    let _ = writeln!(out, "syncline_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"));
    head(&mut out, "syncline_uptime_seconds", "gauge", "Seconds since the daemon started.");
    let _ = writeln!(out, "syncline_uptime_seconds {up}");
    head(&mut out, "process_start_time_seconds", "gauge", "When the daemon started, in Unix seconds.");
    let _ = writeln!(out, "process_start_time_seconds {started}");
    head(&mut out, "syncline_jobs", "gauge", "Jobs by state.");
    for state in STATES {
        let count = views.iter().filter(|v| v.job.state.as_str() == state).count();
        let _ = writeln!(out, "syncline_jobs{{state=\"{state}\"}} {count}");
    }
    head(&mut out, "syncline_job_state", "gauge", "1 for the state that a job is in, 0 for the others.");
    for view in views {
        for state in STATES {
            let is = u8::from(view.job.state.as_str() == state);
            let _ = writeln!(out, "syncline_job_state{{{},state=\"{state}\"}} {is}", labels(view));
        }
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

/// Begins a metric. Writing into a String cannot fail.
fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn labels(view: &JobView) -> String {
    format!("job=\"{}\",kind=\"{}\"", escape(&view.job.id.0), view.job.kind.as_str())
}
