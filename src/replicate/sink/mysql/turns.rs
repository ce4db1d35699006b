//! Turns of the copy's writers at a server, for as long as they insert; not while they commit, which waits for a disk. Writers of
//! more threads than the server has processors wait for each other at latches, and waiting costs processors too: on two, four
//! writers took 2.5 CPU seconds more for two million rows than two.

use std::sync::{Arc, OnceLock};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

#[derive(Debug, Clone, Default)]
pub(super) struct Turns(Arc<OnceLock<Arc<Semaphore>>>);

impl Turns {
    /// Waits for one of `most` turns. The first who comes says how many there are: all ask the same server.
    pub(super) async fn take(&self, most: usize) -> Option<OwnedSemaphorePermit> {
        let turns = self.0.get_or_init(|| Arc::new(Semaphore::new(most.max(1))));
        // Nobody closes it.
        Arc::clone(turns).acquire_owned().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    #[tokio::test]
    async fn there_are_so_many_turns() {
        let turns = Turns::default();
        let first = turns.take(2).await;
        let second = turns.take(2).await;
        assert!(turns.take(2).now_or_never().is_none(), "both are taken");
        drop((first, second));
        assert!(turns.take(2).now_or_never().is_some(), "one is free again");
    }
}
