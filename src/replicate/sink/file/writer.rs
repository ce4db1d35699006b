//! Appending lines: collected in memory, written in large pieces, made durable when a position is to be kept.

use super::place::{self, Place, blocking};
use crate::replicate::Result;
use crate::replicate::encode::Message;
use crate::replicate::memory::Memory;
use crate::replicate::sink::messages::ledger::Entry;
use crate::replicate::sink::messages::line;
use crate::replicate::sink::messages::signals::Signals;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Mutex;

/// Lines are written together up to here.
const BUFFER: usize = 256 << 10;

#[derive(Clone)]
pub(in crate::replicate::sink) struct FileWriter(Arc<Inner>);

struct Inner {
    place: Place,
    file: Arc<File>,
    /// Of the file with all that is in the buffer.
    length: AtomicU64,
    signals: Signals,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    buffer: Vec<u8>,
    /// Something was written since the last fdatasync.
    dirty: bool,
}

impl FileWriter {
    pub(in crate::replicate::sink) async fn open(
        place: Place,
        documents: &BTreeMap<String, String>,
        memory: &Memory,
        signals: Signals,
    ) -> Result<Self> {
        let (file, length) = place.open(documents, memory).await?;
        Ok(Self(Arc::new(Inner { place, file: Arc::new(file), length: AtomicU64::new(length), signals, waiting: Mutex::default() })))
    }

    /// A line counts as delivered at once: no position behind it is kept before `sync`.
    pub(in crate::replicate::sink) async fn send(&self, table: &str, message: &Message, entry: &Arc<Entry>) -> Result<usize> {
        let mut waiting = self.0.waiting.lock().await;
        let before = waiting.buffer.len();
        line::append(&mut waiting.buffer, table, message);
        let added = waiting.buffer.len() - before;
        self.0.length.fetch_add(added as u64, Ordering::AcqRel);
        entry.sent();
        self.0.signals.delivered(entry);
        if waiting.buffer.len() >= BUFFER {
            self.write(&mut waiting).await?;
        }
        Ok(added)
    }

    /// The length of the file behind all that was sent.
    pub(in crate::replicate::sink) fn mark(&self) -> u64 {
        self.0.length.load(Ordering::Acquire)
    }

    /// Makes all that was sent durable, and returns the document that says so of the first `length` bytes.
    pub(in crate::replicate::sink) async fn sync(&self, length: u64) -> Result<(String, Option<String>)> {
        let dirty = {
            let mut waiting = self.0.waiting.lock().await;
            self.write(&mut waiting).await?;
            std::mem::take(&mut waiting.dirty)
        };
        // Lines that come meanwhile do not wait for it. Where it fails the run is over.
        if dirty {
            let this = self.clone();
            blocking(move || this.0.file.sync_data().map_err(|e| this.0.place.failed("write", &e))).await?;
        }
        Ok(place::document(&self.0.place.name, length))
    }

    async fn write(&self, waiting: &mut Waiting) -> Result<()> {
        if waiting.buffer.is_empty() {
            return Ok(());
        }
        waiting.dirty = true;
        let buffer = std::mem::take(&mut waiting.buffer);
        let this = self.clone();
        // A piece that is written in part is cut off by the next open.
        let mut buffer = blocking(move || {
            (&*this.0.file).write_all(&buffer).map_err(|e| this.0.place.failed("write", &e))?;
            Ok(buffer)
        })
        .await?;
        // Its room is used again, but for that of a giant row.
        buffer.clear();
        buffer.shrink_to(2 * BUFFER);
        waiting.buffer = buffer;
        Ok(())
    }
}
