//! Syncline: one binary that moves databases, feeds streams and keeps them in step. The layers and their direction are
//! in `main.rs`'s header; `tests/repo` keeps them.

pub mod api;
pub mod bars;
pub mod cli;
pub mod client;
pub mod cluster;
pub mod config;
pub mod hosts;
pub mod model;
pub mod replicate;
pub mod scheduler;
pub mod secret;
pub mod serve;
pub mod shutdown;
pub mod store;
pub mod telemetry;
pub mod wire;
