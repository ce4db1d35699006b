//! One end of a transfer: the own store, another daemon's, or the own as it would be.

use super::here::{Filter, query};
use super::message::{Applied, Block, Delivery, Entry, Followed, Need, Page};
use super::trial::Trial;
use super::{Peer, Says};
use crate::bars::Result;
use crate::bars::store::Store;
use jiff::Timestamp;
use std::sync::Arc;

#[derive(Clone)]
pub enum End {
    Here(Store),
    There(Peer),
    /// The own store, which says what would become of it.
    Trial(Arc<Trial>),
}

impl End {
    /// The same, which is told what the other end has besides, and what it lacks.
    pub(super) fn telling(self, followed: &Followed) -> Self {
        match self {
            Self::There(peer) => Self::There(peer.telling(followed)),
            own @ (Self::Here(_) | Self::Trial(_)) => own,
        }
    }
    /// The same, which is told what is the newest at the other end, and of how many series that has more.
    pub(super) fn heading(self, head: u64, head_at: Option<Timestamp>, behind: Option<u64>) -> Self {
        match self {
            Self::There(peer) => Self::There(peer.heading(head, head_at, behind)),
            own @ (Self::Here(_) | Self::Trial(_)) => own,
        }
    }
    /// The same, which is told how who asks is.
    pub(in crate::bars) fn saying(self, says: Says) -> Self {
        match self {
            Self::There(peer) => Self::There(peer.saying(says)),
            own @ (Self::Here(_) | Self::Trial(_)) => own,
        }
    }
    /// The same, to which nobody says who asks.
    pub(super) fn unknown(self) -> Self {
        match self {
            Self::There(peer) => Self::There(peer.unknown()),
            own @ (Self::Here(_) | Self::Trial(_)) => own,
        }
    }
    pub(super) async fn page(&self, since: u64, filter: &Filter) -> Result<Page> {
        match self {
            Self::Here(store) => store.replica_page(since, filter).await,
            Self::Trial(trial) => trial.store.replica_page(since, filter).await,
            Self::There(peer) => peer.page(since, &query(filter)).await,
        }
    }
    pub(super) async fn needs(&self, entries: &[Entry]) -> Result<Vec<Need>> {
        match self {
            _ if entries.is_empty() => Ok(Vec::new()),
            Self::Here(store) => store.replica_needs(entries).await,
            Self::Trial(trial) => trial.needs(entries).await,
            Self::There(peer) => peer.needs(entries).await,
        }
    }
    pub(super) async fn blocks(&self, need: &Need) -> Result<Vec<Block>> {
        match self {
            Self::Here(store) => store.replica_blocks(need).await,
            Self::Trial(trial) => trial.store.replica_blocks(need).await,
            Self::There(peer) => peer.blocks(need).await,
        }
    }
    pub(super) async fn apply(&self, delivery: Delivery) -> Result<Applied> {
        match self {
            Self::Here(store) => store.replica_apply(delivery).await,
            Self::Trial(trial) => trial.apply(delivery).await,
            Self::There(peer) => peer.apply(&delivery).await,
        }
    }
    pub(super) async fn followed(&self, store: &str) -> Result<Followed> {
        match self {
            Self::Here(own) => own.followed(store).await,
            Self::Trial(trial) => trial.store.followed(store).await,
            Self::There(peer) => peer.followed(store).await,
        }
    }
    pub(super) async fn set_followed(&self, store: &str, followed: Followed) -> Result<()> {
        match self {
            Self::Here(own) => own.set_followed(store, followed).await,
            Self::Trial(_) => Ok(()),
            Self::There(peer) => peer.set_followed(store, followed).await,
        }
    }
}
