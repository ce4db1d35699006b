//! Keeps an engine's documents in the store (`replicate::Memory`), under the epoch of the start that it belongs to.

use crate::model::job::JobId;
use crate::replicate::memory::Request;
use crate::store::{Store, memory};
use tokio::sync::mpsc;

/// Answers until the engine is gone. Each answer comes after the store has it on disk.
pub(super) async fn keep(store: Store, job: JobId, epoch: u64, mut asked: mpsc::Receiver<Request>) {
    while let Some(request) = asked.recv().await {
        let id = job.0.clone();
        // A reply that nobody waits for any more: the engine was cancelled.
        match request {
            Request::Load(reply) => {
                let _ = reply.send(store.read(move |db| memory::load(db, &id)).await.map_err(|e| e.to_string()));
            }
            Request::Save(changes, reply) => {
                let _ = reply.send(store.write(move |db| memory::save(db, &id, epoch, &changes)).await.map_err(|e| e.to_string()));
            }
        }
    }
}
