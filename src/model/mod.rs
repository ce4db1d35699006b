//! The domain: what an operator asks for and what became of it. Pure values, no I/O, no clock, no HTTP, no SQL.
//!
//! One [`job::Job`] stands behind every dialect; the five HTTP families are views over it (`api/*/convert.rs`), and
//! the store keeps it (`store/`). Conversions destructure every field, so that a new one does not compile until each
//! dialect has decided about it.

pub mod bars;
pub mod endpoint;
pub mod fault;
pub mod finding;
pub mod gates;
pub mod gtid;
pub mod hosts;
pub mod job;
pub mod kafka;
pub mod live;
pub mod mapping;
pub mod messages;
pub mod node;
pub mod position;
pub mod progress;
pub mod replicate;
pub mod run;
pub mod shadows;
pub mod tables;
pub mod words;
