//! The replication engine: moves a MySQL or MariaDB database to another and keeps it in step.
//!
//! ```text
//!  source ──log──▶ stream (reader ▶ spool ▶ decode) ──▶ pump ──submit──▶ sink ──▶ target
//!     └───chunks──▶ copy (N readers) ─────────────────write──▶ copier ──┘
//! ```
//! Called by the scheduler with a [`RunContext`]; reports through [`report::Report`]; never sees the store or HTTP.
//! It never retries: a run ends with an [`Error`] whose kind says what a retry could do (`scheduler/retry.rs` decides).
//!
//! A new sink: `sink/<name>.rs`, a variant of `model::replicate::SinkSpec`, one arm in `run.rs`, the wire variants.

mod answer;
pub mod catalog;
mod charset;
pub mod collation;
pub mod connect;
pub mod control;
pub mod coordinates;
pub mod copy;
mod coverage;
pub mod ddl;
pub mod encode;
pub mod error;
pub mod event;
pub mod filter;
mod fingerprint;
pub mod gates;
pub mod handover;
mod inexact;
mod lexer;
pub mod memory;
pub mod orders;
pub mod outlet;
pub mod preflight;
mod processes;
mod pump;
pub mod recorded;
pub mod repair;
pub mod report;
pub mod run;
pub mod schema;
pub mod sink;
pub mod stream;
pub mod table;
pub mod tap;
pub(crate) mod throttle;
pub mod verify;

pub use control::Control;
pub use error::{Error, Kind, Result};
pub use memory::Memory;
pub use orders::Orders;
pub use outlet::Outlet;
pub use recorded::{Recorded, copied_later, recorded};
pub use run::{Outcome, RunContext, forget, run};
