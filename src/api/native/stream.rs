//! Replies that go on: `POST /jobs/stream` and `GET /jobs/{id}/tap`, a [`Piece`] a line.
//!
//! What is made is only what the connection takes: nothing is spawned, the body is asked for its next block and waits for
//! the job there. Dropping the body is how a reader leaves; both ends then notice by themselves. Between two lines an
//! empty one goes out every few seconds, so that a connection that is dead in silence is found out.

use super::convert;
use super::extract::{Body, Path, Query};
use crate::api::app::App;
use crate::api::auth::Caller;
use crate::api::error::{Error, Result};
use crate::config::Role;
use crate::model::job::{Failure, JobState};
use crate::scheduler::{JobView, Look, Reading, Selector, Tapping};
use crate::wire::native::error::Code;
use crate::wire::native::jobs as wire;
use crate::wire::native::stream::Piece;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use serde::Deserialize;
use std::time::Duration;
use tokio::sync::watch;
use utoipa::IntoParams;

/// How long a connection may be silent.
const BEAT: Duration = Duration::from_secs(5);

/// Creates a job whose lines are the reply; it ends with the connection.
pub(super) async fn create(State(app): State<App>, caller: Caller, Body(body): Body<wire::JobCreate>) -> Result<Response> {
    let new = convert::new_job(body)?;
    let changes = app.scheduler.subscribe();
    let reading = app.scheduler.stream(new, caller.by()).await?;
    let first = job(reading.view.clone())?;
    let state = Follow { app, seen: reading.view.job.state.clone(), id: Selector::Id(reading.view.job.id.clone()), changes, asked: true };
    Ok(body_of(Messages { reading, state, pending: Some(first), over: false }, Messages::next))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TapQuery {
    /// With the rows' values and statements' text: needs the role operator.
    #[serde(default)]
    values: bool,
    /// Only this table: `schema.table`, or a table's name in any schema.
    table: Option<String>,
    /// At most so many rows a second; 100 when absent, 10000 at most.
    rate: Option<u64>,
}

/// Shows the changes of a job as they pass.
pub(super) async fn tap(State(app): State<App>, caller: Caller, Path(id): Path<String>, Query(query): Query<TapQuery>) -> Result<Response> {
    let TapQuery { values, table, rate } = query;
    if values && caller.role < Role::Operator {
        let message = format!("values: the token is {}, values need {}", caller.role.as_str(), Role::Operator.as_str());
        return Err(Error::new(StatusCode::FORBIDDEN, Code::Forbidden, message).field("values").hint("without values a viewer may look"));
    }
    let rate @ 1..=10_000 = rate.unwrap_or(100) else {
        return Err(Error::bad_request("rate: must be 1 to 10000").field("rate"));
    };
    let changes = app.scheduler.subscribe();
    let tapping = app.scheduler.tap(&Selector::Any(id), Look { values, table, rows_per_second: rate }).await?;
    let first = job(tapping.view.clone())?;
    let state = Follow { app, seen: tapping.view.job.state.clone(), id: Selector::Id(tapping.view.job.id.clone()), changes, asked: true };
    Ok(body_of(Changes { tapping, state, pending: Some(first), over: false }, Changes::next))
}

/// A body that is made by asking again and again.
fn body_of<S, F>(state: S, next: impl FnMut(S) -> F + Send + 'static) -> Response
where
    S: Send + 'static,
    F: Future<Output = Option<(Result<Bytes, std::convert::Infallible>, S)>> + Send + 'static,
{
    let body = axum::body::Body::from_stream(futures::stream::unfold(state, next));
    let headers = [(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "no-store")];
    (headers, body).into_response()
}

type Next<S> = Option<(Result<Bytes, std::convert::Infallible>, S)>;

fn block(bytes: Bytes) -> Result<Bytes, std::convert::Infallible> {
    Ok(bytes)
}

/// A job's state, told when it changes.
struct Follow {
    app: App,
    id: Selector,
    seen: JobState,
    changes: watch::Receiver<u64>,
    /// Something changed that was not looked at yet.
    asked: bool,
}

impl Follow {
    /// Waits for another state; None: the job is gone, or the daemon is about to be.
    async fn changed(&mut self) -> Option<JobView> {
        loop {
            // Asked for anew where this was dropped before the answer came.
            if !self.asked {
                self.changes.changed().await.ok()?;
                self.asked = true;
            }
            let view = self.app.scheduler.get(&self.id).await.ok()?;
            self.asked = false;
            if view.job.state != self.seen {
                self.seen = view.job.state.clone();
                return Some(view);
            }
        }
    }
}

struct Messages {
    reading: Reading,
    state: Follow,
    pending: Option<Bytes>,
    over: bool,
}

impl Messages {
    async fn next(mut self) -> Next<Self> {
        if let Some(first) = self.pending.take() {
            return Some((block(first), self));
        }
        if self.over {
            return None;
        }
        loop {
            let out = tokio::select! {
                biased;
                lines = self.reading.lines.next() => match lines {
                    Some(lines) => wrapped(&lines),
                    None => {
                        self.over = true;
                        end((&mut self.reading.ended).await.unwrap_or_else(|_| stopped()))
                    }
                },
                // How it ends is told behind its last line.
                Some(view) = self.state.changed() => match job(view) {
                    Ok(job) => job,
                    Err(_) => continue,
                },
                () = tokio::time::sleep(BEAT) => Bytes::from_static(b"\n"),
            };
            return Some((block(out), self));
        }
    }
}

struct Changes {
    tapping: Tapping,
    state: Follow,
    pending: Option<Bytes>,
    over: bool,
}

impl Changes {
    async fn next(mut self) -> Next<Self> {
        if let Some(first) = self.pending.take() {
            return Some((block(first), self));
        }
        if self.over {
            return None;
        }
        let stopping = self.state.app.stopping.clone();
        let out = tokio::select! {
            biased;
            () = stopping.cancelled() => {
                self.over = true;
                end(stopped())
            }
            view = self.state.changed() => match view {
                Some(view) if Tapping::goes_on(&view) => {
                    self.tapping.follow(&view);
                    job(view).unwrap_or_default()
                }
                view => {
                    self.over = true;
                    end(Tapping::over(view.as_ref()))
                }
            },
            change = self.tapping.viewer.next() => {
                let mut out = line(&Piece::Event(Box::new(convert::change(change))));
                if let Some(missed) = self.tapping.viewer.take_missed() {
                    out.extend_from_slice(&line(&Piece::Missed(convert::missed(missed))));
                }
                out.into()
            }
            () = tokio::time::sleep(BEAT) => match self.tapping.viewer.take_missed() {
                Some(missed) => line(&Piece::Missed(convert::missed(missed))).into(),
                None => Bytes::from_static(b"\n"),
            },
        };
        Some((block(out), self))
    }
}

fn stopped() -> Failure {
    Failure { code: "shutting_down".into(), message: "the daemon was stopped".into(), hint: String::new() }
}

fn job(view: JobView) -> Result<Bytes> {
    let job = convert::job(view).ok_or_else(|| Error::not_found("this job is of a kind that this API does not show"))?;
    Ok(line(&Piece::Job(Box::new(job))).into())
}

fn end(Failure { code, message, hint }: Failure) -> Bytes {
    line(&Piece::End(wire::Failure { code, message, hint })).into()
}

fn line(piece: &Piece) -> Vec<u8> {
    let mut line = serde_json::to_vec(piece).expect("plain data");
    line.push(b'\n');
    line
}

/// Lines as pieces. They are JSON already: they are not read again.
fn wrapped(lines: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(lines.len() + lines.len() / 8);
    for line in lines.split_inclusive(|b| *b == b'\n') {
        out.extend_from_slice(b"{\"message\":");
        out.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
        out.extend_from_slice(b"}\n");
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_as_the_pieces_they_are() {
        let text = wrapped(b"{\"table\":\"a.b\",\"key\":null,\"value\":{\"n\":18446744073709551615}}\n{}\n");
        let pieces: Vec<Piece> =
            text.split(|b| *b == b'\n').filter(|l| !l.is_empty()).map(|l| serde_json::from_slice(l).unwrap()).collect();
        let [Piece::Message(first), Piece::Message(second)] = pieces.as_slice() else { panic!("{pieces:?}") };
        assert_eq!((first.get(), second.get()), ("{\"table\":\"a.b\",\"key\":null,\"value\":{\"n\":18446744073709551615}}", "{}"));
    }
}
