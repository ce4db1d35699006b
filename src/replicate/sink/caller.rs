//! The caller as a carrier of messages (`sink/messages`): lines go into the job's `Outlet`, whose reader is the client
//! that asked for the job.
//!
//! A message is delivered when the outlet has taken it: the outlet lives as long as the job does, and the job no longer
//! than its reader. So nothing is lost and the order holds, over retries of the job too; a retry may send again what it
//! had sent since the last kept position, and a table whose copy it cut.

use super::messages::ledger::Entry;
use super::messages::line;
use super::messages::signals::Signals;
use crate::replicate::encode::Message;
use crate::replicate::outlet::Outlet;
use crate::replicate::{Error, Result};
use std::sync::Arc;
use tokio::sync::Mutex;

/// Lines go together up to here.
const BLOCK: usize = 64 << 10;

#[derive(Clone)]
pub(super) struct CallerWriter(Arc<Inner>);

struct Inner {
    outlet: Outlet,
    signals: Signals,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    block: Vec<u8>,
    /// An entry per message in the block.
    entries: Vec<Arc<Entry>>,
}

impl CallerWriter {
    /// None: the caller has gone.
    pub(super) fn open(outlet: Option<Outlet>, signals: Signals) -> Result<Self> {
        let outlet = outlet.ok_or_else(gone)?;
        Ok(Self(Arc::new(Inner { outlet, signals, waiting: Mutex::default() })))
    }

    pub(super) async fn send(&self, table: &str, message: &Message, entry: &Arc<Entry>) -> Result<usize> {
        let mut waiting = self.0.waiting.lock().await;
        let before = waiting.block.len();
        line::append(&mut waiting.block, table, message);
        let added = waiting.block.len() - before;
        entry.sent();
        waiting.entries.push(Arc::clone(entry));
        if waiting.block.len() >= BLOCK {
            self.hand_over(&mut waiting).await?;
        }
        Ok(added)
    }

    pub(super) async fn flush(&self) -> Result<()> {
        self.hand_over(&mut *self.0.waiting.lock().await).await
    }

    async fn hand_over(&self, waiting: &mut Waiting) -> Result<()> {
        if waiting.block.is_empty() {
            return Ok(());
        }
        let Waiting { block, entries } = std::mem::take(waiting);
        self.0.outlet.send(block.into()).await.map_err(|_| gone())?;
        entries.iter().for_each(|entry| self.0.signals.delivered(entry));
        Ok(())
    }
}

fn gone() -> Error {
    Error::permanent("caller_gone", "whoever asked for the job does not read it any more")
}
