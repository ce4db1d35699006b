//! The one bound on rows in flight, in KiB permits, shared by all readers of a job.
//!
//! A block takes its whole share before the first row is read, so that holders never wait for each other half filled.
//! A row that makes a block larger than its share has no limit but the server's packet: such blocks pass one at a time,
//! outside the shares, so that they cannot lock each other out either.

use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

const LARGEST_BLOCK: usize = 8 << 20;
const SMALLEST_BLOCK: usize = 256 << 10;

#[derive(Debug, Clone)]
pub(super) struct Budget {
    shares: Arc<Semaphore>,
    oversized: Arc<Mutex<()>>,
    block_bytes: usize,
}

/// The memory of one block; given back when dropped.
#[derive(Debug)]
pub(super) struct Held {
    _share: Option<OwnedSemaphorePermit>,
    oversized: Option<OwnedMutexGuard<()>>,
}

impl Budget {
    /// Three blocks a worker: one being read, one waiting, one being written.
    pub(super) fn new(memory_bytes: u64, workers: usize) -> Self {
        let memory = usize::try_from(memory_bytes).unwrap_or(usize::MAX);
        let block_bytes = (memory / (3 * workers.max(1)) / 2).clamp(SMALLEST_BLOCK, LARGEST_BLOCK);
        // A block may grow to twice its size by its last row before it counts as oversized.
        let permits = memory.max(2 * block_bytes) >> 10;
        Self { shares: Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS))), oversized: Arc::default(), block_bytes }
    }
    pub(super) fn block_bytes(&self) -> usize {
        self.block_bytes
    }
    /// Waits for room for one block.
    pub(super) async fn block(&self) -> Held {
        // Never closed; if it were, an unaccounted block is better than a lost one.
        let share = Arc::clone(&self.shares).acquire_many_owned(((2 * self.block_bytes) >> 10) as u32).await;
        Held { _share: share.ok(), oversized: None }
    }
    /// Waits, if the block has outgrown its share, until no other such block is under way.
    pub(super) async fn grow(&self, held: &mut Held, bytes: usize) {
        if bytes > 2 * self.block_bytes && held.oversized.is_none() {
            held.oversized = Some(Arc::clone(&self.oversized).lock_owned().await);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    #[test]
    fn blocks_wait_for_room_and_get_it_back() {
        let budget = Budget::new(1 << 20, 1);
        assert_eq!(budget.block_bytes(), SMALLEST_BLOCK);
        let first = budget.block().now_or_never().expect("room for one");
        let second = budget.block().now_or_never().expect("room for two");
        assert!(budget.block().now_or_never().is_none());
        drop(first);
        assert!(budget.block().now_or_never().is_some());
        drop(second);
    }

    #[test]
    fn a_row_larger_than_all_memory_passes_alone() {
        let budget = Budget::new(1 << 20, 1);
        let mut one = budget.block().now_or_never().expect("room");
        let mut two = budget.block().now_or_never().expect("room");
        budget.grow(&mut one, 64 << 20).now_or_never().expect("first");
        assert!(budget.grow(&mut two, 64 << 20).now_or_never().is_none());
        drop(one);
        budget.grow(&mut two, 64 << 20).now_or_never().expect("then the other");
    }
}
