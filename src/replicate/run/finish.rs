//! The end of a job that is told to finish: what it waits for, and what it hands over.
//!
//! `now`: everything up to where the source's log stood when it was told. When the source is read-only: the source is asked
//! every second whether it takes writes, whether transactions that have changed rows are open there (they may yet be committed
//! by an account that read_only does not hold), and where its log stands. The job ends when an answer says "closed" at a position
//! that is applied, and a later one, asked after that, says the same position: nothing came in between.

use super::{RunContext, source_now};
use crate::model::position::Position;
use crate::replicate::connect::{self, Conn, ServerInfo};
use crate::replicate::handover::FinishWhen;
use crate::replicate::{Error, Result, coordinates};
use mysql_async::Row;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

const EVERY: Duration = Duration::from_secs(1);
const ANSWER: Duration = Duration::from_secs(10);

/// What the source says.
#[derive(Debug, Clone, PartialEq)]
enum Seen {
    /// It may still be written to; the text says why.
    Open(String),
    Closed(Position),
}

/// How it ends.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct End {
    /// Where the source's log stood.
    pub(super) at: Position,
    pub(super) read_only: bool,
}

pub(super) struct Finish {
    told: watch::Receiver<bool>,
    waits: Waits,
}

enum Waits {
    /// It was not told to.
    Not,
    For(Position),
    Closing(Closing),
}

struct Closing {
    /// Numbered answers.
    seen: watch::Receiver<(u64, Seen)>,
    /// What was applied when that answer was the last.
    applied: Option<(u64, Position)>,
    task: JoinHandle<()>,
}

impl Drop for Closing {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Finish {
    pub(super) fn new(mut told: watch::Receiver<bool>) -> Self {
        // It may have been told before the run began.
        told.mark_changed();
        Self { told, waits: Waits::Not }
    }

    /// Waits until it is told something.
    pub(super) async fn changed(&mut self) {
        if self.told.changed().await.is_err() {
            // Nobody is left to tell.
            std::future::pending::<()>().await;
        }
        // Looked at by `end`.
        self.told.mark_changed();
    }

    /// Says whether everything that the job is to apply is applied.
    pub(super) async fn end(&mut self, ctx: &RunContext, applied: Option<&Position>) -> Result<Option<End>> {
        if self.told.has_changed().unwrap_or(false) && *self.told.borrow_and_update() {
            self.waits = match FinishWhen::of(&ctx.memory.load().await?) {
                FinishWhen::Now => Waits::For(source_now(ctx).await?),
                FinishWhen::SourceReadOnly => Waits::Closing(Closing::start(ctx.clone())),
            };
        }
        let reached = |to: &Position| applied.is_some_and(|at| at.covers(to) && to.coordinates_le(at));
        let (end, why) = match &mut self.waits {
            Waits::Not => return Ok(None),
            Waits::For(to) => {
                let end = reached(to).then(|| End { at: to.clone(), read_only: false });
                (end, "what the source's log held is applied".to_owned())
            }
            Waits::Closing(closing) => closing.look(reached),
        };
        let why = end.is_none().then_some(why);
        ctx.report.update(|p| p.finishes_when = why);
        Ok(end)
    }
}

impl Closing {
    fn start(ctx: RunContext) -> Self {
        let not_yet = Seen::Open("the source is read-only; it has not been asked yet".to_owned());
        let (tell, seen) = watch::channel((0, not_yet));
        let task = tokio::spawn(async move {
            let mut pause = tokio::time::interval(EVERY);
            let mut open: Option<(Conn, ServerInfo)> = None;
            for number in 1.. {
                pause.tick().await;
                let seen = match tokio::time::timeout(ANSWER, ask(&ctx, &mut open)).await {
                    Ok(Ok(seen)) => seen,
                    Ok(Err(error)) => {
                        open = None;
                        Seen::Open(format!("the source can be asked whether it is read-only: {}", error.message))
                    }
                    Err(_) => {
                        open = None;
                        Seen::Open("the source answers whether it is read-only".to_owned())
                    }
                };
                tell.send_replace((number, seen));
            }
        });
        Self { seen, applied: None, task }
    }

    fn look(&mut self, reached: impl Fn(&Position) -> bool) -> (Option<End>, String) {
        let (number, seen) = self.seen.borrow().clone();
        match seen {
            Seen::Open(why) => {
                self.applied = None;
                (None, why)
            }
            Seen::Closed(at) => {
                if self.applied.as_ref().is_some_and(|(asked, applied)| number > *asked && at == *applied) {
                    return (Some(End { at, read_only: true }), String::new());
                }
                if reached(&at) && self.applied.as_ref().is_none_or(|(_, applied)| *applied != at) {
                    // The answer that is under way may have been asked for before now.
                    self.applied = Some((number + 1, at));
                }
                (None, "everything is applied that the log of the source, which is read-only, holds".to_owned())
            }
        }
    }
}

/// Asks the source; the words go behind "finishes when".
async fn ask(ctx: &RunContext, open: &mut Option<(Conn, ServerInfo)>) -> Result<Seen> {
    let endpoint = &ctx.spec.src.endpoint;
    let (conn, info) = match open {
        Some(known) => known,
        None => {
            let mut conn = connect::open(endpoint, false).await?;
            let info = connect::inspect(&mut conn, endpoint).await?;
            open.insert((conn, info))
        }
    };
    let failed = |e| Error::mysql("ask the source whether it takes writes", e);
    let found: Option<(String, String)> = conn.query_first("SHOW GLOBAL VARIABLES LIKE 'read_only'").await.map_err(failed)?;
    // MariaDB has more words for it than one.
    if found.is_none_or(|(_, value)| value.eq_ignore_ascii_case("OFF") || value == "0") {
        return Ok(Seen::Open("the source is read-only (SET GLOBAL read_only = ON there); it takes writes".to_owned()));
    }
    let at = coordinates::high(conn, info).await?;
    // Behind the position: what is open now and was committed since is in a later one.
    let writers =
        allowed(conn.query_first::<u64, _>("SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_rows_modified > 0").await)
            .map_err(failed)?
            .flatten()
            .unwrap_or(0);
    if writers > 0 {
        return Ok(Seen::Open(format!("the {writers} transactions are over that have changed rows at the source and are open")));
    }
    let prepared: Vec<Row> = allowed(conn.query("XA RECOVER").await).map_err(failed)?.unwrap_or_default();
    if !prepared.is_empty() {
        return Ok(Seen::Open(format!("the {} XA transactions are decided that are prepared at the source", prepared.len())));
    }
    Ok(Seen::Closed(at))
}

/// What the account may not ask is not asked: PROCESS and XA_RECOVER_ADMIN are no privileges that a job needs.
fn allowed<T>(answer: std::result::Result<T, mysql_async::Error>) -> std::result::Result<Option<T>, mysql_async::Error> {
    match answer {
        Err(mysql_async::Error::Server(e)) if matches!(e.code, 1227 | 1142 | 1044 | 1401) => Ok(None),
        other => other.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_source_is_closed_when_it_says_so_again_behind_what_is_applied() {
        let at = |offset| Position { gtid: None, file: "b.000001".into(), offset };
        let (tell, seen) = watch::channel((0, Seen::Open("x".into())));
        let mut closing = Closing { seen, applied: None, task: tokio::spawn(async {}) };
        let mut look = |number, seen: Seen, applied| {
            tell.send_replace((number, seen));
            closing.look(|to| to.coordinates_le(&at(applied))).0.map(|end| end.at.offset)
        };
        assert_eq!(look(1, Seen::Closed(at(10)), 9), None, "not applied");
        assert_eq!(look(2, Seen::Closed(at(10)), 10), None, "asked before it was applied");
        assert_eq!(look(3, Seen::Closed(at(10)), 10), None, "maybe asked before it was applied");
        assert_eq!(look(4, Seen::Closed(at(11)), 11), None, "something came");
        assert_eq!(look(5, Seen::Open("x".into()), 11), None);
        assert_eq!(look(6, Seen::Closed(at(11)), 11), None, "begins anew");
        assert_eq!(look(7, Seen::Closed(at(11)), 11), None);
        assert_eq!(look(8, Seen::Closed(at(11)), 11), Some(11));
    }
}
