//! The native API under `/api/v1`: typed and uniform, what our own command line speaks.

pub mod bars;
pub mod codes;
pub mod error;
pub mod hosts;
pub mod jobs;
pub mod kafka;
pub mod later;
pub mod lines;
pub mod logs;
pub mod mysql;
pub mod nodes;
pub mod policies;
pub mod progress;
pub mod runs;
pub mod server;
pub mod steer;
pub mod stream;
pub mod sync;
pub mod tasks;
pub mod verify;
