//! The one bound on rows in flight, in KiB permits, shared by all readers of a job.
//!
//! A block takes its whole share before the first row is read, so that holders never wait for each other half filled.
//! A row that makes a block larger than its share has no limit but the server's packet: such blocks pass one at a time,
//! outside the shares, so that they cannot lock each other out either. How large a row is shows only when the driver has
//! it in memory, so where such rows are likely a reader asks for its turn before it asks for the row.

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
    /// Says whether a block of so many bytes has outgrown its share.
    pub(super) fn is_oversized(&self, bytes: usize) -> bool {
        bytes > 2 * self.block_bytes
    }
    /// Waits until no other block is under way that outgrows its share.
    pub(super) async fn alone(&self, held: &mut Held) {
        if held.oversized.is_none() {
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
        assert!(budget.is_oversized(64 << 20) && !budget.is_oversized(2 * SMALLEST_BLOCK));
        budget.alone(&mut one).now_or_never().expect("first");
        budget.alone(&mut one).now_or_never().expect("its own turn is no obstacle");
        assert!(budget.alone(&mut two).now_or_never().is_none());
        drop(one);
        budget.alone(&mut two).now_or_never().expect("then the other");
    }
}
