//! One store after another: a slave that pulls from its master, or a master that pushes to a slave, at a steady pace and when
//! asked to.
//!
//! One task owns it, so that no two transfers of the same pair meet; who asks waits for his own. A peer that cannot be
//! reached costs nothing but the time until the next try: what was followed is kept with the receiver's bars.

use super::replica::{Carried, End, Filter, Transferred, transfer};
use super::{Error, Result};
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

type Asked = (Filter, Option<oneshot::Sender<Result<Transferred>>>);

/// Asks the follower; cheap to clone.
#[derive(Clone)]
pub struct Follower {
    ask: mpsc::Sender<Asked>,
    standing: watch::Receiver<Standing>,
}

impl Follower {
    /// Returns the handle and the work, which ends with the token. `peer` names the other daemon in the log; `every` of
    /// None: only when asked.
    pub fn new(
        (from, to): (End, End),
        peer: &str,
        every: Option<Duration>,
        cancel: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + Send + use<>) {
        let (ask, asked) = mpsc::channel(16);
        let (tell, standing) = watch::channel(Standing::default());
        (Self { ask, standing }, run((from, to), peer.to_owned(), every, asked, tell, cancel))
    }

    pub fn standing(&self) -> Standing {
        self.standing.borrow().clone()
    }

    /// Carries now what differs; returns when it is done.
    pub async fn now(&self, filter: Filter) -> Result<Transferred> {
        let (reply, answer) = oneshot::channel();
        self.ask.send((filter, Some(reply))).await.map_err(|_| stopping())?;
        answer.await.map_err(|_| stopping())?
    }

    /// The same without waiting; an error: too many wait already.
    pub fn queue(&self, filter: Filter) -> Result<()> {
        self.ask.try_send((filter, None)).map_err(|e| match e {
            mpsc::error::TrySendError::Full(_) => {
                Error::transient("bars_peer_busy", "transfers to this daemon wait already; ask again later")
            }
            mpsc::error::TrySendError::Closed(_) => stopping(),
        })
    }
}

fn stopping() -> Error {
    Error::transient("bars_stopping", "the daemon is about to stop")
}

async fn run(
    (from, to): (End, End),
    peer: String,
    every: Option<Duration>,
    mut asked: mpsc::Receiver<Asked>,
    tell: watch::Sender<Standing>,
    cancel: CancellationToken,
) {
    let pause = || async {
        match every {
            Some(every) => tokio::time::sleep(every).await,
            None => std::future::pending().await,
        }
    };
    // The first comes at once: a slave that was down has to catch up.
    let mut wanted: Option<Asked> = None;
    let mut first = every.is_some();
    loop {
        if !first {
            tokio::select! {
                () = cancel.cancelled() => return,
                ask = asked.recv() => match ask { Some(ask) => wanted = Some(ask), None => return },
                () = pause() => {}
            }
        }
        first = false;
        let (filter, reply) = wanted.take().unwrap_or_default();
        let outcome = tokio::select! {
            () = cancel.cancelled() => return,
            outcome = carry(&from, &to, &filter) => outcome,
        };
        tell.send_modify(|standing| match &outcome {
            Ok(moved) => *standing = Standing { last: Some(Timestamp::now()), moved: moved.clone(), error: String::new() },
            Err(error) => standing.error = error.to_string(),
        });
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

async fn carry(from: &End, to: &End, filter: &Filter) -> Result<Transferred> {
    let (told, mut heard) = mpsc::channel::<Carried>(64);
    let telling = async move {
        while let Some(carried) = heard.recv().await {
            if !carried.error.is_empty() {
                tracing::warn!(symbol = %carried.symbol, interval = %carried.interval, error = carried.error, "bars are not equal at both ends");
            }
        }
    };
    let moving = async move {
        let done = transfer(from, to, filter, &told).await;
        drop(told);
        done
    };
    tokio::join!(moving, telling).0
}
