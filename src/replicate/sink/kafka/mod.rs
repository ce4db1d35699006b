//! Kafka as a carrier of messages (`sink/messages`): at least once, in order per key.
//!
//! A message counts as delivered when all in-sync replicas have acknowledged it (`acks=all`, idempotent): the client
//! keeps the order of a partition over its own retries, and a key always goes to one partition. What a repeat after a
//! crash brings again carries the same transaction and row number.

mod producer;

pub(super) use producer::Producer;
pub use producer::reach;
