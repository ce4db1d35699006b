//! Targets that are added, removed and switched while the daemon runs: who a new one is, and from when on bars are brought there.

use super::{Desk, MEETING};
use crate::bars::links::Ending;
use crate::bars::registry::Refusal;
use crate::bars::replica::{Met, Peer};
use crate::bars::{Error, Kind, Result};
use crate::model::bars::BarsTarget;

impl Desk {
    /// Says whether a target's name and place are another's.
    pub fn fits(&self, target: &BarsTarget) -> Result<(), Refusal> {
        self.links.fits(target)
    }

    /// Asks a slave that is to be added who it is: one that is this daemon or another master, or one that is a slave here already
    /// under another name or address, is refused, and so is one that takes no bars from here (it has another master). One that does
    /// not answer yet is taken at its word; returns why it did not. Empty: it did, or there is nobody to ask.
    pub async fn meet(&self, target: &BarsTarget) -> Result<String> {
        let Some(peer) = self.links.peer(target)? else { return Ok(String::new()) };
        let id = async |peer: &Peer| tokio::time::timeout(MEETING, peer.head()).await.ok()?.ok().map(|head| head.store);
        let others = self.links.peers();
        let own = self.store()?.id();
        let (met, known) = tokio::join!(peer.meet(own, MEETING), futures::future::join_all(others.iter().map(&id)));
        let problem = |met: Met| met.problem.map(|problem| problem.to_string()).unwrap_or_default();
        let Some(asked) = &met.store else { return Ok(problem(met)) };
        if asked == own || met.status.is_some_and(|status| status.is_master) {
            return met.problem.map_or(Ok(String::new()), Err);
        }
        match others.iter().zip(known).find(|(_, known)| known.as_ref() == Some(asked)) {
            Some((other, _)) => {
                let message = format!("{} at {} is the slave {}, under another address", target.name, peer.place(), other.name());
                Err(Error::config("bars_target_twice", message))
            }
            // It says what it has, and not how far it has followed: whose it is does not change by itself.
            None if met.followed.is_none() => match met.problem {
                Some(refusal) if refusal.kind == Kind::Config => Err(refusal),
                problem => Ok(problem.map(|problem| problem.to_string()).unwrap_or_default()),
            },
            None => Ok(problem(met)),
        }
    }

    /// Returns a target that is not the file's.
    pub fn added_target(&self, name: &str) -> Result<BarsTarget, Refusal> {
        self.links.added(name)
    }

    /// Forgets what one of its kind and name was given before: a new one has nothing of it. Its history stays.
    pub async fn forget_target(&self, target: &BarsTarget) -> Result<()> {
        self.store()?.forget_target(&target.id()).await
    }

    /// Brings bars there from now on. The caller has judged it and keeps it.
    pub fn add_target(&self, target: BarsTarget) -> Result<()> {
        self.links.add(target)
    }

    /// Brings bars there no more; what was under way is ended, and [`Ending::wait`] waits for it.
    pub fn remove_target(&self, name: &str) -> Result<Ending> {
        self.links.remove(name)
    }

    pub fn switch_target(&self, name: &str, enabled: bool) -> Result<Ending> {
        self.links.switch(name, enabled)
    }
}
