//! What a job keeps when its destination keeps nothing for it: documents by name.
//!
//! A database remembers a job's position in the transactions that it commits; a topic cannot. The engine asks through
//! this handle, and whoever runs the engine (the scheduler, with the daemon's store) answers. A `save` that has returned
//! is on disk, all of it or nothing, and only while no later start of the job has saved: that is the fence.

use super::{Error, Result};
use std::collections::BTreeMap;
use tokio::sync::{mpsc, oneshot};

/// The engine's end.
#[derive(Debug, Clone)]
pub struct Memory(mpsc::Sender<Request>);

/// What the engine asks of whoever keeps the documents. An answer that is an error carries its text.
#[derive(Debug)]
pub enum Request {
    Load(oneshot::Sender<Result<BTreeMap<String, String>, String>>),
    /// None takes a document away.
    Save(Vec<(String, Option<String>)>, oneshot::Sender<Result<(), String>>),
}

impl Memory {
    /// Returns the engine's end and the keeper's.
    pub fn new() -> (Self, mpsc::Receiver<Request>) {
        let (ask, asked) = mpsc::channel(1);
        (Self(ask), asked)
    }

    pub(super) async fn load(&self) -> Result<BTreeMap<String, String>> {
        let (reply, answer) = oneshot::channel();
        self.ask(Request::Load(reply), answer).await
    }

    pub(super) async fn save(&self, changes: Vec<(String, Option<String>)>) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        self.ask(Request::Save(changes, reply), answer).await
    }

    async fn ask<T>(&self, request: Request, answer: oneshot::Receiver<Result<T, String>>) -> Result<T> {
        let gone = || Error::transient("memory_gone", "nobody keeps the job's position");
        self.0.send(request).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?.map_err(|why| Error::transient("memory_failed", format!("keep the job's position: {why}")))
    }
}
