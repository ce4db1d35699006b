//! One store after another: a slave that pulls from its master, or a master that pushes to a slave, at a steady pace and when
//! asked to.
//!
//! One task owns it, so that no two transfers of the same pair meet; who asks waits for his own. A peer that cannot be
//! reached costs nothing but the time until the next try: what was followed is kept with the receiver's bars. Every series
//! that travelled, or failed to, becomes a row of the history, and so does an other end that cannot be talked to (`history`).

use super::history::{Failed, Streaks, Whose, record};
use super::replica::{self, Carried, End, Filter, Itself, Says, Transferred};
use super::store::Store;
use super::{Error, Result};
use crate::model::bars::{SyncMode, TargetId};
use jiff::Timestamp;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

/// Where a transfer stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// When the last one of everything ended that went through, and what it came to.
    pub last: Option<Timestamp>,
    pub moved: Transferred,
    /// Why the last one did not go through, or which series it left unequal; empty: all is well.
    pub error: String,
    /// That one end could not be talked to: over as soon as it can be, however long the next one takes.
    is_away: bool,
}

/// What is to be carried.
#[derive(Debug, Clone)]
pub struct Wish {
    pub filter: Filter,
    /// As [`replica::transfer`] has it.
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
    /// How this daemon is, as the other one is told. None: it is not.
    pub itself: Option<Itself>,
    /// The receiver, in the history.
    pub target: TargetId,
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
    let mut streaks = Streaks::default();
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
        let carried = tokio::select! {
            () = gone => continue,
            carried = carry(&pair, &wish, told, &mut streaks, &tell, &cancel) => carried,
        };
        if cancel.is_cancelled() {
            return;
        }
        let (outcome, failed) = match carried {
            Ok((moved, failed)) => (Ok(moved), failed),
            Err(error) => (Err(error), Failed::default()),
        };
        tell.send_modify(|standing| match &outcome {
            Ok(moved) if wish.filter.is_all() => {
                *standing = Standing { last: Some(Timestamp::now()), moved: moved.clone(), error: failed.told(), is_away: false };
            }
            Ok(_) => standing.error = failed.told(),
            Err(error) => (standing.error, standing.is_away) = (error.to_string(), true),
        });
        let peer = &pair.peer;
        let was_away = streaks.is_away();
        if let Err(error) = streaks.ended(&pair.own, &pair.target, started, &outcome, wish.filter.is_all(), reply.is_some()).await {
            tracing::warn!(peer, %error, "the history of transfers was not written");
        }
        match (&outcome, reply) {
            (_, Some(reply)) => drop(reply.send(outcome)),
            (Err(error), None) if was_away => tracing::debug!(peer, %error, "bars are still not carried"),
            (Err(error), None) => tracing::warn!(peer, %error, "bars were not carried"),
            (Ok(moved), None) if moved.carried > 0 => {
                tracing::info!(peer, series = moved.carried, bars = moved.bars, failed = moved.failed, "bars were carried");
            }
            _ => {}
        }
    }
}

/// What was told until it is cancelled stands in the history.
async fn carry(
    pair: &Pair,
    wish: &Wish,
    told: Option<mpsc::Sender<Carried>>,
    streaks: &mut Streaks,
    standing: &watch::Sender<Standing>,
    cancel: &CancellationToken,
) -> Result<(Transferred, Failed)> {
    if let End::Here(own) = &pair.to {
        // Of a transfer that was ended in the midst, or a daemon that was.
        own.tell_untold(&pair.target).await?;
    }
    let (tell, heard) = mpsc::channel::<Carried>(256);
    let transferring = async move {
        let (mut from, mut to) = (pair.from.clone(), pair.to.clone());
        if let Some(itself) = &pair.itself {
            let says = itself.says().await;
            // By what was brought, until the other one says what it has.
            let behind = match &to {
                End::There(_) => pair.own.waiting(pair.own.brought(&pair.target.name).await?.unwrap_or(0)).await?.map(|w| w.series),
                End::Here(_) | End::Trial(_) => None,
            };
            (from, to) = (from.saying(says), to.saying(Says { behind, ..says }));
        }
        if let (End::There(master), End::Here(own)) = (&from, &to) {
            replica::named(own, master, &pair.target).await?;
        }
        let begun = replica::begin(&from, &to, &wish.filter).await?;
        standing.send_modify(|standing| {
            if std::mem::take(&mut standing.is_away) {
                standing.error.clear();
            }
        });
        begun.carry(&wish.filter, wish.mode, &tell).await
    };
    let moving = async move {
        tokio::select! {
            () = cancel.cancelled() => Err(stopping()),
            done = transferring => done,
        }
    };
    streaks.begin();
    let whose = if told.is_some() { Whose::Asked(Some(streaks)) } else { Whose::Lasting(streaks) };
    let (moved, kept) = tokio::join!(moving, record(&pair.own, &pair.target, wish.mode, heard, told, whose));
    let (moved, failed) = (moved?, kept?);
    if let (true, End::There(_)) = (wish.filter.is_all(), &pair.to) {
        pair.own.set_brought(&pair.target.name, moved.version).await?;
    }
    if wish.filter.is_all() && moved.failed == 0 {
        pair.own.set_synced(&pair.target, Timestamp::now()).await?;
    }
    Ok((moved, failed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bars::store::TransferFilter;
    use crate::bars::testing::{closes, symbol};
    use crate::model::bars::Interval;

    #[tokio::test]
    async fn what_came_and_was_not_told_is_told_by_the_next_transfer() {
        let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [master, slave] = [0, 1].map(|n: usize| Store::open(dirs[n].path()).unwrap());
        master.upsert(&symbol("FB"), Interval::D1, closes(0, &[1.0, 2.0, 3.0])).await.unwrap();
        // The bars are on disk, and the daemon is killed before it says so.
        let (from, to) = (End::Here(master.clone()), End::Here(slave.clone()));
        let (tell, heard) = mpsc::channel(100);
        replica::transfer(&from, &to, &Filter::default(), SyncMode::Incremental, &tell).await.unwrap();
        drop(heard);
        let rows = async || slave.transfers(TransferFilter::default(), 9, 0).await.unwrap();
        assert!(rows().await.is_empty());
        let target = TargetId::slave("ny");
        let peer = "master".to_owned();
        let pair = Pair { from, to, peer, itself: None, target, own: slave.clone(), every: None, at_once: false };
        let cancel = CancellationToken::new();
        let (follower, work) = Follower::new(pair, cancel.clone());
        let working = tokio::spawn(work);
        let (told, _heard) = mpsc::channel(100);
        for n in [1, 1, 2] {
            if n == 2 {
                master.upsert(&symbol("IBM"), Interval::D1, closes(0, &[1.0])).await.unwrap();
            }
            follower.now(Wish::default(), told.clone()).await.unwrap();
            let rows = rows().await;
            let row = rows.last().unwrap();
            let series = row.series.clone().unwrap();
            assert_eq!((rows.len(), series.0.as_str(), row.bars, row.error.as_str()), (n, "US.FB", 3, ""), "{rows:?}");
            assert!(row.note.contains("before it was told"), "{row:?}");
        }
        cancel.cancel();
        working.await.unwrap();
    }
}
