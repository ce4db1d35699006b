//! Chunks of a table's snapshot as messages.

use super::Shared;
use super::ledger::Entry;
use crate::replicate::encode::{Change, Origin, Snapshot};
use crate::replicate::repair::Mended;
use crate::replicate::sink::{Chunk, Copier, Mend, RowBlock, Written};
use crate::replicate::{Error, Result};
use async_trait::async_trait;
use std::sync::Arc;

pub(super) struct MessageCopier {
    shared: Arc<Shared>,
}

impl MessageCopier {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

#[async_trait]
impl Copier for MessageCopier {
    /// The chunk's record is the table's state, which the copy engine submits at the table's end: a snapshot is read
    /// whole or again.
    async fn write(&mut self, chunk: &Chunk, rows: RowBlock) -> Result<Written, Error> {
        let shared = &self.shared;
        let known = shared.tables.copied(&chunk.table)?;
        let entry = Arc::new(Entry::new(None, 0, Vec::new()));
        entry.hold();
        let topic = shared.carrier.topic(&shared.topics, &known.topic).await?;
        let (mut sent, mut bytes) = (0, 0);
        let columns: Vec<usize> = chunk.table.stored_columns().map(|(i, _)| i).collect();
        let now = jiff::Timestamp::now().as_millisecond();
        // The chunk's rows come behind those that were written of its range.
        let first = chunk.done.rows.saturating_sub(rows.rows() as u64);
        let mut messages = Vec::new();
        let mut filtered = 0;
        for row in 0..rows.rows() {
            let origin = Origin {
                server_id: shared.server_id,
                row: first + row as u64,
                snapshot: Snapshot::Yes,
                source_ms: now,
                now_us: now.saturating_mul(1000),
                ..Origin::default()
            };
            messages.clear();
            {
                let datums = known.encoder.from_copy(&rows, row, &columns)?;
                if !known.keeps(&datums)? {
                    filtered += 1;
                    continue;
                }
                known.encoder.encode(&Change::Read(&datums), &origin, &mut messages)?;
            }
            for message in &messages {
                bytes += shared.carrier.send(&topic, message, now, &entry).await? as u64;
                sent += 1;
            }
        }
        entry.wrote(&topic, sent, bytes);
        entry.release();
        shared.carrier.flush().await?;
        tokio::select! {
            () = entry.complete() => {
                entry.delivered();
                Ok(Written { filtered, inexact: 0 })
            }
            error = shared.signals.failed() => Err(error),
        }
    }

    async fn mend(&mut self, mend: &Mend) -> Result<Mended, Error> {
        Err(Error::permanent("nothing_to_repair", format!("repair {}: what is sent as messages is never taken back", mend.target)))
    }
}
