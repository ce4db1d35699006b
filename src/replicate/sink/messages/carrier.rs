//! Who takes messages away. Each promises: a message that is handed over counts for its entry until it is delivered, in
//! the order of handing over where the order matters (a key's messages; a file's lines).

use super::ledger::Entry;
use super::topics::{Topic, Topics};
use crate::replicate::Result;
use crate::replicate::encode::Message;
use crate::replicate::sink::caller::CallerWriter;
use crate::replicate::sink::file::FileWriter;
use crate::replicate::sink::kafka::Producer;
use std::sync::Arc;

#[derive(Clone)]
pub(super) enum Carrier {
    Kafka(Producer),
    File(FileWriter),
    Caller(CallerWriter),
}

impl Carrier {
    /// Returns what to send to: the topic, or the table's name, which is one of the figures' topics too.
    pub(super) async fn topic(&self, topics: &Topics, name: &str) -> Result<Arc<Topic>> {
        if let Some(known) = topics.get(name) {
            return Ok(known);
        }
        match self {
            Self::Kafka(producer) => producer.topic(name).await,
            Self::File(_) | Self::Caller(_) => Ok(topics.counted(name, 1)),
        }
    }

    /// Hands one message over, waiting for room; returns its size.
    pub(super) async fn send(&self, topic: &Topic, message: &Message, time_ms: i64, entry: &Arc<Entry>) -> Result<usize> {
        match self {
            Self::Kafka(producer) => producer.send(topic, message, time_ms, entry).await,
            Self::File(file) => file.send(&topic.name, message, entry).await,
            Self::Caller(caller) => caller.send(&topic.name, message, entry).await,
        }
    }

    /// Messages that wait to be delivered.
    pub(super) fn waiting(&self) -> usize {
        match self {
            Self::Kafka(producer) => producer.waiting(),
            // A file takes them at once; a caller may read as slowly as it likes.
            Self::File(_) | Self::Caller(_) => 0,
        }
    }

    /// Does what is to be done at regular intervals, until it is cancelled.
    pub(super) async fn attend(&self) {
        match self {
            Self::Kafka(producer) => producer.attend().await,
            Self::File(_) | Self::Caller(_) => {}
        }
    }

    /// Nothing follows for now: what was held back to go with more may go.
    pub(super) async fn flush(&self) -> Result<()> {
        match self {
            Self::Caller(caller) => caller.flush().await,
            // A producer has its own clock; a file is written at the latest before the position behind it is kept.
            Self::Kafka(_) | Self::File(_) => Ok(()),
        }
    }

    /// Where the carrier stands now, to be kept with a position: the length of the file.
    pub(super) fn mark(&self) -> u64 {
        match self {
            Self::File(file) => file.mark(),
            Self::Kafka(_) | Self::Caller(_) => 0,
        }
    }

    /// Makes durable what was handed over: comes before a position that is behind it is kept. Returns the document that is
    /// kept with the position.
    pub(super) async fn sync(&self, mark: u64) -> Result<Option<(String, Option<String>)>> {
        match self {
            Self::File(file) => file.sync(mark).await.map(Some),
            // What is not acknowledged keeps its entry open.
            Self::Kafka(_) | Self::Caller(_) => Ok(None),
        }
    }

    /// Drops what is not delivered: it is asked for again from the kept position.
    pub(super) async fn close(&self) {
        match self {
            Self::Kafka(producer) => producer.close().await,
            Self::File(_) | Self::Caller(_) => {}
        }
    }
}
