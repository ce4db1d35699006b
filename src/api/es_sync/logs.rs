//! Runs and what became of each host.

use super::convert;
use super::error::{Error, Result};
use super::extract::{Ignored, Input, Number};
use crate::api::App;
use crate::model::job::{JobKind, TaskSpec};
use crate::store::{items, runs};
use crate::wire::es_sync::reply;
use axum::Json;
use axum::extract::State;

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 1000;

type Reply<T> = Result<(Ignored, Json<T>)>;

pub(super) async fn list(State(app): State<App>, input: Input) -> Reply<reply::LogList> {
    let task = number(&input, "task_id")?.filter(|id| *id != 0);
    let limit = number(&input, "limit")?.filter(|n| *n != 0).map_or(DEFAULT_LIMIT, |n| u32::try_from(n).unwrap_or(MAX_LIMIT));
    let offset = number(&input, "offset")?.map_or(0, |n| u32::try_from(n).unwrap_or(u32::MAX));
    let states = convert::states(input.text("status")?.as_deref())?;
    let filter = runs::Filter {
        job_number: task,
        kind: Some(JobKind::Hosts),
        states,
        limit: limit.min(MAX_LIMIT),
        offset,
        ..runs::Filter::default()
    };
    let read = app.store.read(move |db| {
        let found = runs::list(db, &filter)?;
        found
            .into_iter()
            .map(|stored| Ok((runs::spec::<TaskSpec>(db, stored.run.number)?, stored)))
            .collect::<crate::store::Result<Vec<_>>>()
    });
    let found = read.await?;
    let (active, zone) = (app.tasks.active().await?, app.tasks.zone());
    let execution_logs = found.iter().map(|(spec, stored)| convert::log(stored, spec, &active, &zone)).collect();
    let reply = reply::LogList { success: true, message: "获取成功".into(), execution_logs };
    Ok((input.ignored(&["task_id", "limit", "offset", "status"]), Json(reply)))
}

pub(super) async fn show(State(app): State<App>, Number(run): Number, input: Input) -> Reply<reply::LogDetail> {
    let read = app.store.read(move |db| {
        let stored = runs::get(db, run)?;
        if stored.run.kind != JobKind::Hosts {
            return Err(crate::store::Error::NotFound(format!("run {run}")));
        }
        Ok((runs::spec::<TaskSpec>(db, run)?, stored, items::of_run(db, run)?))
    });
    let (spec, stored, items) = read.await?;
    let (active, zone) = (app.tasks.active().await?, app.tasks.zone());
    let reply = reply::LogDetail {
        success: true,
        message: "获取成功".into(),
        execution_log: convert::log(&stored, &spec, &active, &zone),
        execution_details: items.iter().map(|item| convert::host(item, &zone)).collect(),
    };
    Ok((input.ignored(&[]), Json(reply)))
}

/// A whole number that is not negative.
fn number(input: &Input, name: &str) -> Result<Option<u64>> {
    let Some(text) = input.text(name)? else { return Ok(None) };
    let wrong = |why: &str| Error::field(name, format!("{text:?} {why}"));
    let number: i64 = text.parse().map_err(|_| wrong("不是整数"))?;
    u64::try_from(number).map(Some).map_err(|_| wrong("不能为负数"))
}
