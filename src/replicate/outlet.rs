//! Where the messages of a job go that somebody reads while it runs (`jobs create --sink stdout`): a short queue of
//! blocks of lines. Whoever runs the engine makes it and hands the other end to the reader.
//!
//! Invariant: what waits is bounded (a few blocks, each a block's size or one message), a full queue holds the job up,
//! and a reader that is gone is known on the engine's side at once.

use bytes::Bytes;
use tokio::sync::mpsc;

/// Blocks that wait for the reader.
const BLOCKS: usize = 8;

/// The engine's end. It outlives a start of the engine: the reader does not see a retry.
#[derive(Debug, Clone)]
pub struct Outlet(mpsc::Sender<Bytes>);

/// The reader's end: blocks of whole lines. Dropping it ends the job.
#[derive(Debug)]
pub struct Lines(mpsc::Receiver<Bytes>);

/// The reader is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone;

impl Outlet {
    pub fn new() -> (Self, Lines) {
        let (send, receive) = mpsc::channel(BLOCKS);
        (Self(send), Lines(receive))
    }

    /// Hands a block over, waiting for room.
    pub(super) async fn send(&self, block: Bytes) -> Result<(), Gone> {
        self.0.send(block).await.map_err(|_| Gone)
    }

    /// Waits until the reader is gone.
    pub async fn closed(&self) {
        self.0.closed().await;
    }
}

impl Lines {
    /// Returns the next block; None when the job is over.
    pub async fn next(&mut self) -> Option<Bytes> {
        self.0.recv().await
    }
}
