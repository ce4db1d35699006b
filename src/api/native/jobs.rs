//! `/api/v1/jobs`.

use super::convert;
use super::extract::{Body, Path, Query};
use crate::api::app::App;
use crate::api::auth::Caller;
use crate::api::error::{Error, Result};
use crate::model::job::JobSpec;
use crate::scheduler::{Check, FinishWhen, Mending, Patrol, Selector, Wish};
use crate::wire::native::jobs as wire;
use crate::wire::native::verify::{Verification, VerifyAlways, VerifyRequest};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Only jobs of this kind.
    kind: Option<wire::JobKind>,
    /// Only jobs in this state.
    state: Option<wire::JobState>,
    /// Only the job with exactly this name or id.
    name: Option<String>,
}

pub(super) async fn list(State(app): State<App>, Query(query): Query<ListQuery>) -> Result<Json<wire::JobList>> {
    let ListQuery { kind, state, name } = query;
    let views = app.scheduler.list().await?;
    let jobs = views.into_iter().filter_map(convert::job).filter(|job| {
        kind.is_none_or(|k| job.kind == k)
            && state.is_none_or(|s| job.state == s)
            && name.as_ref().is_none_or(|n| job.name == *n || job.id == *n)
    });
    Ok(Json(wire::JobList { jobs: jobs.collect() }))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CreateQuery {
    /// Check only, store nothing.
    #[serde(default)]
    dry_run: bool,
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<CreateQuery>,
    Body(body): Body<wire::JobCreate>,
) -> Result<Response> {
    let new = convert::new_job(body)?;
    if query.dry_run {
        app.scheduler.check_id(&new.id, &new.name, new.spec.kind).await?;
        let report = app.scheduler.preflight(&new.to_check(), &new.id).await?;
        return Ok(Json(convert::validation(report)).into_response());
    }
    let check = if new.paused { Check::Later } else { Check::Preflight };
    let view = app.scheduler.create(new, check, caller.by()).await?;
    Ok((StatusCode::CREATED, Json(shown(view)?)).into_response())
}

pub(super) async fn validate(State(app): State<App>, Body(body): Body<wire::JobCreate>) -> Result<Json<wire::Validation>> {
    let new = convert::new_job(body)?;
    app.scheduler.check_id(&new.id, &new.name, new.spec.kind).await?;
    let report = app.scheduler.preflight(&new.to_check(), &new.id).await?;
    Ok(Json(convert::validation(report)))
}

pub(super) async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Json<wire::Job>> {
    shown(app.scheduler.get(&Selector::Any(id)).await?).map(Json)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UpdateQuery {
    /// Only if the job's `job_modify_index` still is this.
    index: Option<u64>,
}

/// Replaces what the job is to do. What this family cannot say of a job stays as it is.
pub(super) async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<UpdateQuery>,
    headers: HeaderMap,
    Body(mut body): Body<wire::JobCreate>,
) -> Result<Json<wire::Job>> {
    let index = query.index.or(if_match(&headers)?);
    let stored = app.scheduler.get(&Selector::Any(id)).await?.job;
    let own = stored.id.0.clone();
    if body.id.get_or_insert_with(|| own.clone()) != &own {
        return Err(Error::bad_request(format!("id: this is the job {own:?}; an id does not change")).field("id"));
    }
    let mut new = convert::new_job(body)?;
    let JobSpec::Replicate(spec) = stored.spec;
    convert::keep_unsaid(&mut new.spec, *spec);
    new.echo = stored.echo;
    shown(app.scheduler.update(new, index, Check::Preflight, caller.by()).await?).map(Json)
}

/// The job's index in `If-Match`, with quotes as HTTP has them or without.
fn if_match(headers: &HeaderMap) -> Result<Option<u64>> {
    let Some(value) = headers.get(header::IF_MATCH).map(|v| v.to_str().unwrap_or_default().trim()) else { return Ok(None) };
    if value == "*" {
        return Ok(None);
    }
    let wrong = |_| Error::bad_request("If-Match: must be the job's job_modify_index").hint("If-Match: \"7\", or ?index=7");
    value.trim_matches('"').parse().map(Some).map_err(wrong)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DeleteQuery {
    /// A job that is created under the same id later goes on from here.
    #[serde(default)]
    keep_progress: bool,
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<DeleteQuery>,
) -> Result<Json<wire::Deleted>> {
    let gone = app.scheduler.delete(&Selector::Any(id), query.keep_progress, caller.by()).await?;
    Ok(Json(convert::deleted(gone)))
}

pub(super) async fn pause(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<wire::Job>> {
    shown(app.scheduler.pause(&Selector::Any(id), caller.by()).await?).map(Json)
}

pub(super) async fn resume(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<wire::Job>> {
    shown(app.scheduler.resume(&Selector::Any(id), caller.by()).await?).map(Json)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FinishQuery {
    /// Wait until the source takes no writes any more (`read_only`) and everything is applied that its log holds.
    #[serde(default)]
    when_source_read_only: bool,
}

pub(super) async fn finish(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<FinishQuery>,
) -> Result<Json<wire::Job>> {
    let when = if query.when_source_read_only { FinishWhen::SourceReadOnly } else { FinishWhen::Now };
    shown(app.scheduler.finish(&Selector::Any(id), when, caller.by()).await?).map(Json)
}

pub(super) async fn handover(State(app): State<App>, Path(id): Path<String>) -> Result<Json<wire::Handover>> {
    let found = app.scheduler.handover(&Selector::Any(id.clone())).await?;
    let none = || crate::scheduler::Error::NotFound(format!("a handover of job {id:?}: it has not finished"));
    Ok(Json(convert::handover(found.ok_or_else(none)?)))
}

pub(super) async fn retry(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<wire::Job>> {
    shown(app.scheduler.retry(&Selector::Any(id), caller.by()).await?).map(Json)
}

pub(super) async fn events(State(app): State<App>, Path(id): Path<String>) -> Result<Json<wire::EventList>> {
    let events = app.scheduler.events(&Selector::Any(id)).await?;
    Ok(Json(wire::EventList { events: events.into_iter().map(convert::event).collect() }))
}

pub(super) async fn verify(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(body): Body<VerifyRequest>,
) -> Result<(StatusCode, Json<Verification>)> {
    let VerifyRequest { tables, max_differences, repair, statements, by_rows } = body;
    let mending = match (repair, statements) {
        (false, false) => Mending::Nothing,
        (false, true) => Mending::Statements,
        (true, false) => Mending::Repair,
        (true, true) => return Err(Error::bad_request("statements: not together with repair").field("statements")),
    };
    let begun = app.scheduler.verify(&Selector::Any(id), Wish { tables, max_differences, mending, by_rows }, caller.by()).await?;
    Ok((StatusCode::ACCEPTED, Json(convert::verification(begun))))
}

pub(super) async fn verify_always(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(body): Body<VerifyAlways>,
) -> Result<Json<wire::Job>> {
    let VerifyAlways { every_seconds, repair, max_rows_per_second } = body;
    if max_rows_per_second == Some(0) {
        return Err(Error::bad_request("max_rows_per_second: must be at least 1").field("max_rows_per_second"));
    }
    let patrol = every_seconds.map(|every_seconds| Patrol { every_seconds, repair, rows_per_second: max_rows_per_second });
    shown(app.scheduler.patrol(&Selector::Any(id), patrol, caller.by()).await?).map(Json)
}

pub(super) async fn cancel_verify(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<Verification>> {
    let ended = app.scheduler.cancel_verify(&Selector::Any(id), caller.by()).await?;
    Ok(Json(convert::verification(ended)))
}

/// The statements of a comparison that was asked for them: they hold values.
pub(super) async fn statements(State(app): State<App>, caller: Caller, Path((id, number)): Path<(String, u64)>) -> Result<Response> {
    let file = app.scheduler.statements(&Selector::Any(id), number, caller.by()).await?;
    let gone = |_| Error::not_found(format!("comparison {number} has no statements any more"));
    let file = tokio::fs::File::open(file).await.map_err(gone)?;
    let body = axum::body::Body::from_stream(tokio_util::io::ReaderStream::with_capacity(file, 64 << 10));
    let headers = [(header::CONTENT_TYPE, "application/sql"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, body).into_response())
}

pub(super) async fn verification(State(app): State<App>, Path((id, number)): Path<(String, u64)>) -> Result<Json<Verification>> {
    let found = app.scheduler.verification(&Selector::Any(id), number).await?;
    Ok(Json(convert::verification(found)))
}

pub(super) fn shown(view: crate::scheduler::JobView) -> Result<wire::Job> {
    convert::job(view).ok_or_else(|| Error::not_found("this job is of a kind that this API does not show"))
}
