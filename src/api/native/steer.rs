//! Steering a job while it lives: its limits, statements that wait, its tables, its position, its conflicts.

use super::convert;
use super::extract::{Body, Path};
use super::jobs::shown;
use crate::api::app::App;
use crate::api::auth::Caller;
use crate::api::error::{Error, Result};
use crate::api::openapi::Op;
use crate::api::route::{Permission, Route};
use crate::config::Role;
use crate::model::job::JobKind;
use crate::scheduler::{Asked, DdlChoice, Selector};
use crate::wire::native::jobs as wire;
use axum::Json;
use axum::extract::State;
use axum::http::Method;
use serde_json::json;

pub(super) fn routes() -> Vec<Route> {
    let (get, post) = (Method::GET, Method::POST);
    let [view, operate] = [Role::Viewer, Role::Operator].map(Permission::Role);
    vec![
        Route::new(&post, "/jobs/{id}/throttle", operate, throttle).doc(
            Op::new("Limits what a job moves")
                .about("At once: the run goes on. What is absent is unlimited. The limits are part of the job.")
                .body::<wire::Throttle>(json!({ "max_rows_per_second": 1000 }))
                .reply::<wire::Job>(200, "The job."),
        ),
        Route::new(&post, "/jobs/{id}/gates", operate, gates).doc(
            Op::new("Sets what a job holds back for")
                .about("At once: the run goes on. All gates are replaced: what is absent holds nothing. They are part of the job.")
                .body::<wire::Gates>(json!({ "max_source_load": { "Threads_running": 25 } }))
                .reply::<wire::Job>(200, "The job."),
        ),
        Route::new(&get, "/jobs/{id}/conflicts", view, conflicts).doc(
            Op::new("Lists changes that did not fit the target")
                .about("The newest hundred, without a value of their rows; all are counted.")
                .reply::<wire::ConflictList>(200, "Newest first."),
        ),
        Route::new(&get, "/jobs/{id}/tables", view, tables)
            .doc(Op::new("Lists a job's tables").reply::<wire::TableList>(200, "The tables with their figures.")),
        Route::new(&post, "/jobs/{id}/tables/reload", operate, reload).doc(
            Op::new("Copies tables of a job again")
                .about(
                    "A job that runs begins again from its position, in the same run; the stream waits until they are copied. What they \
                     have at a database is dropped first, if it is all the job's.",
                )
                .body::<wire::Reload>(json!({ "tables": ["shop.orders"] }))
                .reply::<wire::Job>(200, "The job."),
        ),
        Route::new(&get, "/jobs/{id}/position", view, position).doc(
            Op::new("Says where a job stands in its source's log")
                .reply::<wire::JobPosition>(200, "The position, and where the job goes on if that was set."),
        ),
        Route::new(&post, "/jobs/{id}/position", operate, set_position).doc(
            Op::new("Lets a paused job go on from another position")
                .about(
                    "The source's log must still have it. What lies between is passed over, or repeated: rows of tables with a key \
                     converge, so that repeating changes nothing. It holds when the job is resumed.",
                )
                .body::<wire::PositionSet>(json!({ "gtid": "0-1-4711", "dry_run": true }))
                .reply::<wire::PositionMoved>(200, "What it means."),
        ),
        Route::new(&get, "/jobs/{id}/ddl", view, ddl).doc(
            Op::new("Lists statements that a job does not run by itself")
                .reply::<wire::DdlList>(200, "The one that it waits with, and what was decided about others."),
        ),
        Route::new(&post, "/jobs/{id}/ddl", operate, decide).doc(
            Op::new("Decides about the statement that a job waits with")
                .about(
                    "`skip` leaves its transaction out, `replace` runs another statement at the target, once and as it stands, `retry` \
                     tries it again. The run goes on; a decision is part of the job and is carried out once, over a crash too.",
                )
                .body::<wire::DdlDecision>(json!({ "action": "skip", "transaction": "0-1-4711" }))
                .reply::<wire::Job>(200, "The job."),
        ),
    ]
}

async fn throttle(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(body): Body<wire::Throttle>,
) -> Result<Json<wire::Job>> {
    shown(app.scheduler.throttle(&Selector::Any(id), convert::throttle(body)?, caller.by()).await?).map(Json)
}

async fn gates(State(app): State<App>, caller: Caller, Path(id): Path<String>, Body(body): Body<wire::Gates>) -> Result<Json<wire::Job>> {
    let id = Selector::Any(id);
    let target = app.scheduler.get(&id).await?.job.kind != JobKind::Subscription;
    shown(app.scheduler.gates(&id, convert::gates(body, target)?, caller.by()).await?).map(Json)
}

async fn conflicts(State(app): State<App>, Path(id): Path<String>) -> Result<Json<wire::ConflictList>> {
    Ok(Json(convert::conflicts(app.scheduler.get(&Selector::Any(id)).await?)))
}

async fn tables(State(app): State<App>, Path(id): Path<String>) -> Result<Json<wire::TableList>> {
    Ok(Json(convert::tables(app.scheduler.get(&Selector::Any(id)).await?)))
}

async fn reload(State(app): State<App>, caller: Caller, Path(id): Path<String>, Body(body): Body<wire::Reload>) -> Result<Json<wire::Job>> {
    let wire::Reload { tables } = body;
    shown(app.scheduler.reload(&Selector::Any(id), &tables, caller.by()).await?).map(Json)
}

async fn position(State(app): State<App>, Path(id): Path<String>) -> Result<Json<wire::JobPosition>> {
    Ok(Json(convert::place(app.scheduler.place(&Selector::Any(id)).await?)))
}

async fn set_position(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(body): Body<wire::PositionSet>,
) -> Result<Json<wire::PositionMoved>> {
    let wire::PositionSet { gtid, file, file_position, dry_run } = body;
    let asked = match (gtid, file, file_position) {
        (Some(gtid), None, None) => Asked::Gtids(gtid),
        (None, Some(file), Some(at)) => Asked::File(file, at),
        _ => return Err(Error::bad_request("gtid: needed, or file and file_position instead").field("gtid")),
    };
    Ok(Json(convert::repositioned(app.scheduler.reposition(&Selector::Any(id), asked, dry_run, caller.by()).await?)))
}

async fn ddl(State(app): State<App>, Path(id): Path<String>) -> Result<Json<wire::DdlList>> {
    Ok(Json(convert::ddl(app.scheduler.decided(&Selector::Any(id)).await?)))
}

async fn decide(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(body): Body<wire::DdlDecision>,
) -> Result<Json<wire::Job>> {
    let wire::DdlDecision { action, transaction, statement } = body;
    let wrong = |why: &str| Err(Error::bad_request(format!("statement: {why}")).field("statement"));
    let choice = match (action, statement) {
        (wire::DdlAction::Replace, Some(statement)) => DdlChoice::Replace(statement),
        (wire::DdlAction::Replace, None) => return wrong("action replace needs it"),
        (_, Some(_)) => return wrong("goes with action replace, and only with that"),
        (wire::DdlAction::Skip, None) => DdlChoice::Skip,
        (wire::DdlAction::Retry, None) => DdlChoice::Retry,
    };
    shown(app.scheduler.decide(&Selector::Any(id), choice, transaction, caller.by()).await?).map(Json)
}
