//! Where the messages of a job go that somebody reads while it runs (`jobs create --sink stdout`): a short queue of
//! blocks of lines. Whoever runs the engine makes it and hands the other end to the reader.
//!
//! Invariant: what waits is bounded (a few blocks, each a block's size or one message), a full queue holds the job up,
//! and that a reader is gone is known at once.

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Blocks that wait for the reader.
const BLOCKS: usize = 8;

/// The engine's end. It outlives a start of the engine: the reader does not see a retry.
#[derive(Debug, Clone)]
pub struct Outlet {
    blocks: mpsc::Sender<Bytes>,
    gone: CancellationToken,
}

/// The reader's end: blocks of whole lines. Dropping it ends the job.
#[derive(Debug)]
pub struct Lines {
    blocks: mpsc::Receiver<Bytes>,
    _gone: DropGuard,
}

/// The reader is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone;

impl Outlet {
    pub fn new() -> (Self, Lines) {
        let (send, receive) = mpsc::channel(BLOCKS);
        let gone = CancellationToken::new();
        (Self { blocks: send, gone: gone.clone() }, Lines { blocks: receive, _gone: gone.drop_guard() })
    }

    /// Hands a block over, waiting for room.
    pub(super) async fn send(&self, block: Bytes) -> Result<(), Gone> {
        self.blocks.send(block).await.map_err(|_| Gone)
    }

    /// Cancelled when the reader goes. Holding it keeps nothing open.
    pub fn gone(&self) -> CancellationToken {
        self.gone.clone()
    }
}

impl Lines {
    /// Returns the next block; None when the job is over.
    pub async fn next(&mut self) -> Option<Bytes> {
        self.blocks.recv().await
    }
}
