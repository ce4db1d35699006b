//! One store after another: a slave that pulls from its master, or a master that pushes to a slave, at a steady pace and when
//! asked to.
//!
//! One task owns it, so that no two transfers of the same pair meet; who asks waits for his own. A peer that cannot be
//! reached costs nothing but the time until the next try: what was followed is kept with the receiver's bars. Every series
//! that travelled, or failed to, becomes a row of the history; so does the other end that cannot be talked to, once for as long
//! as that lasts.

use super::replica::{Carried, End, Filter, Transferred, transfer};
use super::store::{Store, Transfer};
use super::{Error, Result};
use crate::model::bars::SyncMode;
use jiff::Timestamp;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

/// Where a transfer stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// When the last one ended that went through.
    pub last: Option<Timestamp>,
    pub moved: Transferred,
    /// Why the last one did not go through; empty: it did.
    pub error: String,
}

/// What is to be carried.
#[derive(Debug, Clone)]
pub struct Wish {
    pub filter: Filter,
    /// Incremental: from where it was followed on; the others compare everything.
    pub mode: SyncMode,
}

impl Default for Wish {
    fn default() -> Self {
        Self { filter: Filter::default(), mode: SyncMode::Incremental }
    }
}

struct Asked {
    wish: Wish,
    told: mpsc::Sender<Carried>,
    /// Whoever stops waiting stops the transfer.
    reply: oneshot::Sender<Result<Transferred>>,
}

/// Between whom, and what that is called.
pub struct Pair {
    pub from: End,
    pub to: End,
    /// The other daemon, in the log.
    pub peer: String,
    /// The receiver, in the history.
    pub target: String,
    /// Where the history is kept: this daemon's own store.
    pub own: Store,
    /// None: only when asked.
    pub every: Option<Duration>,
    /// Begins with a transfer that nobody asks for.
    pub at_once: bool,
}

/// Asks the follower; cheap to clone.
#[derive(Clone)]
pub struct Follower {
    ask: mpsc::Sender<Asked>,
    standing: watch::Receiver<Standing>,
}

impl Follower {
    /// Returns the handle and the work, which ends with the token.
    pub fn new(pair: Pair, cancel: CancellationToken) -> (Self, impl Future<Output = ()> + Send + use<>) {
        let (ask, asked) = mpsc::channel(16);
        let (tell, standing) = watch::channel(Standing::default());
        (Self { ask, standing }, run(pair, asked, tell, cancel))
    }

    pub fn standing(&self) -> Standing {
        self.standing.borrow().clone()
    }

    /// Carries now what differs; returns when it is done. Each series that travelled is told, to whoever listens.
    pub async fn now(&self, wish: Wish, told: mpsc::Sender<Carried>) -> Result<Transferred> {
        let (reply, answer) = oneshot::channel();
        self.ask.send(Asked { wish, told, reply }).await.map_err(|_| stopping())?;
        answer.await.map_err(|_| stopping())?
    }
}

fn stopping() -> Error {
    Error::transient("bars_stopping", "the daemon is about to stop")
}

async fn run(pair: Pair, mut asked: mpsc::Receiver<Asked>, tell: watch::Sender<Standing>, cancel: CancellationToken) {
    let pause = || async {
        match pair.every {
            Some(every) => tokio::time::sleep(every).await,
            None => std::future::pending().await,
        }
    };
    let mut wanted: Option<Asked> = None;
    let mut streak: Option<Streak> = None;
    let mut first = pair.at_once;
    loop {
        if !first {
            tokio::select! {
                () = cancel.cancelled() => return,
                ask = asked.recv() => match ask { Some(ask) => wanted = Some(ask), None => return },
                () = pause() => {}
            }
        }
        first = false;
        let (wish, told, mut reply) = match wanted.take() {
            Some(Asked { wish, told, reply }) => (wish, Some(told), Some(reply)),
            None => (Wish::default(), None, None),
        };
        let gone = async {
            match &mut reply {
                Some(reply) => reply.closed().await,
                None => std::future::pending().await,
            }
        };
        let started = Timestamp::now();
        let outcome = tokio::select! {
            () = gone => continue,
            outcome = carry(&pair, &wish, told, &cancel) => outcome,
        };
        if cancel.is_cancelled() {
            return;
        }
        tell.send_modify(|standing| match &outcome {
            Ok(moved) => *standing = Standing { last: Some(Timestamp::now()), moved: moved.clone(), error: String::new() },
            Err(error) => standing.error = error.to_string(),
        });
        let peer = &pair.peer;
        match note(&pair, streak.take(), started, &outcome, reply.is_some()).await {
            Ok(now) => streak = now,
            Err(error) => tracing::warn!(peer, %error, "the history of transfers was not written"),
        }
        match (&outcome, reply) {
            (_, Some(reply)) => drop(reply.send(outcome)),
            (Err(error), None) => tracing::warn!(peer, %error, "bars were not carried"),
            (Ok(moved), None) if moved.carried > 0 => {
                tracing::info!(peer, series = moved.carried, bars = moved.bars, failed = moved.failed, "bars were carried");
            }
            _ => {}
        }
    }
}

/// Transfers that failed one after the other: one row of the history, however long it lasts.
struct Streak {
    row: u64,
    count: u64,
}

/// Keeps that nobody's transfers fail, and that they go through again: a row for the first failure, which then tells how many there
/// were until when, and one for the end. Who asks for a transfer keeps its failure himself.
async fn note(
    pair: &Pair,
    streak: Option<Streak>,
    started: Timestamp,
    outcome: &Result<Transferred>,
    is_asked: bool,
) -> Result<Option<Streak>> {
    let row = |error: String| {
        let target = pair.target.clone();
        Transfer { id: 0, target, series: None, mode: SyncMode::Incremental, started, ended: Timestamp::now(), bars: 0, error }
    };
    match (outcome, streak) {
        (Ok(_), None) => Ok(None),
        (Ok(_), Some(_)) => pair.own.add_transfer(row(String::new())).await.map(|_| None),
        (Err(_), None) if is_asked => Ok(None),
        (Err(error), None) => Ok(Some(Streak { row: pair.own.add_transfer(row(error.to_string())).await?, count: 1 })),
        (Err(error), Some(Streak { row, count })) => {
            let count = count + 1;
            pair.own.amend_transfer(row, Timestamp::now(), format!("{error} ({count} times)")).await?;
            Ok(Some(Streak { row, count }))
        }
    }
}

/// What was told until it is cancelled stands in the history.
async fn carry(pair: &Pair, wish: &Wish, told: Option<mpsc::Sender<Carried>>, cancel: &CancellationToken) -> Result<Transferred> {
    let (tell, heard) = mpsc::channel::<Carried>(256);
    let moving = async move {
        let done = tokio::select! {
            () = cancel.cancelled() => Err(stopping()),
            done = transfer(&pair.from, &pair.to, &wish.filter, wish.mode != SyncMode::Incremental, &tell) => done,
        };
        drop(tell);
        done
    };
    let (moved, kept) = tokio::join!(moving, record(&pair.own, &pair.target, wish.mode, heard, told));
    let moved = moved?;
    kept?;
    if let (true, End::There(_)) = (wish.filter.is_all(), &pair.to) {
        pair.own.set_brought(&pair.target, moved.version).await?;
    }
    if wish.filter.is_all() && moved.failed == 0 {
        pair.own.set_synced(&pair.target, Timestamp::now()).await?;
    }
    Ok(moved)
}

/// Keeps what is told as rows of the history, tells it on, and counts what failed. An error comes after everything was heard.
pub(super) async fn record(
    store: &Store,
    target: &str,
    mode: SyncMode,
    mut heard: mpsc::Receiver<Carried>,
    told: Option<mpsc::Sender<Carried>>,
) -> Result<u64> {
    let mut outcome = Ok(());
    let mut failed = 0;
    let mut some = Vec::new();
    while heard.recv_many(&mut some, 256).await > 0 {
        let rows = some.iter().map(|carried| row(target, mode, carried)).collect();
        if let Err(error) = store.add_transfers(rows).await
            && outcome.is_ok()
        {
            outcome = Err(error);
        }
        for carried in some.drain(..) {
            if !carried.error.is_empty() {
                failed += 1;
                let Carried { symbol, interval, error, .. } = &carried;
                tracing::warn!(target_name = target, %symbol, %interval, error, "bars are not equal at both ends");
            }
            if let Some(told) = &told {
                // Who listened may be gone.
                let _ = told.send(carried).await;
            }
        }
    }
    outcome.map(|()| failed)
}

fn row(target: &str, mode: SyncMode, carried: &Carried) -> Transfer {
    let Carried { symbol, interval, bars, started, ended, error } = carried;
    Transfer {
        id: 0,
        target: target.to_owned(),
        series: Some((symbol.to_string(), interval.to_string())),
        mode,
        started: *started,
        ended: *ended,
        bars: *bars,
        error: error.clone(),
    }
}
