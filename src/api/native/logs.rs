//! `/api/v1/logs` and `/api/v1/audit`.

use super::convert;
use super::extract::Query;
use crate::api::app::App;
use crate::api::error::{Error, Result};
use crate::scheduler::Selector;
use crate::store::audit;
use crate::telemetry::{Query as LogQuery, Target};
use crate::wire::native::logs as wire;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use std::time::Duration;
use tokio::time::Instant;
use utoipa::IntoParams;

const MAX_WAIT: Duration = Duration::from_secs(30);

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReadQuery {
    /// `server`, `node`, `job/ID`, `task/NAME` or `run/N`.
    target: Option<String>,
    /// `error`, `warn`, `info`, `debug` or `trace`: this and graver.
    level: Option<String>,
    /// RFC 3339.
    since: Option<String>,
    /// RFC 3339.
    until: Option<String>,
    /// Only lines that contain this text.
    grep: Option<String>,
    /// Only lines behind this number: `next` of the page before.
    after: Option<u64>,
    /// At most so many; 200 when absent, 5000 at most.
    limit: Option<usize>,
    /// Where there is none, wait so long for one; 30000 at most.
    wait_ms: Option<u64>,
}

pub(super) async fn read(State(app): State<App>, Query(query): Query<ReadQuery>) -> Result<Json<wire::LogPage>> {
    let ReadQuery { target, level, since, until, grep, after, limit, wait_ms } = query;
    let wanted = LogQuery {
        target: match target {
            Some(text) => find_target(&app, &text).await?,
            None => Target::Server,
        },
        level: level
            .map(|l| l.parse().map_err(|_| Error::bad_request("level: must be error, warn, info, debug or trace").field("level")))
            .transpose()?,
        since: since.map(|t| convert::time(&t, "since")).transpose()?,
        until: until.map(|t| convert::time(&t, "until")).transpose()?,
        grep,
        after,
        limit: limit.unwrap_or(200).clamp(1, 5000),
    };
    let ring = app.telemetry.ring();
    let mut newest = ring.subscribe();
    let deadline = Instant::now() + Duration::from_millis(wait_ms.unwrap_or(0)).min(MAX_WAIT);
    loop {
        newest.mark_unchanged();
        let page = ring.read(&wanted);
        let more = async {
            tokio::select! {
                () = app.stopping.cancelled() => false,
                line = tokio::time::timeout_at(deadline, newest.changed()) => line.is_ok(),
            }
        };
        if !page.lines.is_empty() || !more.await {
            return Ok(Json(convert::log_page(page)));
        }
    }
}

async fn find_target(app: &App, text: &str) -> Result<Target> {
    let unknown = || {
        Error::bad_request(format!("target: unknown target {text:?}")).field("target").hint("server, node, job/ID, task/NAME or run/NUMBER")
    };
    match text.split_once('/') {
        None if text == "server" || text == "node" => Ok(Target::Server),
        Some(("node", id)) if id == app.node.id || id == app.node.name => Ok(Target::Server),
        // A job that is gone has lines all the same.
        Some(("job", id)) => {
            let known = app.scheduler.get(&Selector::Any(id.to_owned())).await;
            Ok(Target::Job(known.map_or_else(|_| id.to_owned(), |v| v.job.id.0)))
        }
        Some(("task", id)) => {
            let known = app.tasks.get(&Selector::Any(id.to_owned())).await;
            Ok(Target::Job(known.map_or_else(|_| id.to_owned(), |v| v.job.id.0)))
        }
        Some(("run", number)) => number.parse().map(Target::Run).map_err(|_| unknown()),
        _ => Err(unknown()),
    }
}

const DEFAULT_LINES: u32 = 50;
const MAX_LINES: u32 = 1000;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// Only changes of this object.
    object: Option<String>,
    /// Only changes by the token of this name.
    who: Option<String>,
    /// RFC 3339.
    since: Option<String>,
    /// At most so many; 50 when absent, 1000 at most.
    limit: Option<u32>,
}

pub(super) async fn audit(State(app): State<App>, Query(query): Query<AuditQuery>) -> Result<Json<wire::AuditList>> {
    let AuditQuery { object, who, since, limit } = query;
    let since = since.map(|t| convert::time(&t, "since")).transpose()?;
    let filter = audit::Filter { object, who, since, limit: limit.unwrap_or(DEFAULT_LINES).clamp(1, MAX_LINES) };
    let found = app.store.read(move |db| audit::list(db, &filter)).await?;
    let line = |audit::Line { time, who, action, object, request_id, detail }| wire::AuditLine {
        time: time.to_string(),
        who,
        action,
        object,
        request_id,
        detail,
    };
    Ok(Json(wire::AuditList { lines: found.into_iter().map(line).collect() }))
}
