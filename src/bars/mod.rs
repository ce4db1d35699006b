//! Market data: bars from providers into a store of our own, kept true, and carried on to replicas and backups.
//!
//! Called by the scheduler (tasks, pulls, pushes, backups) and the API (reads, imports); knows neither, nor the state
//! store. A caller hands over a [`store::Store`], a provider, a clock's reading and a [`task::Report`]; what came of every
//! single symbol comes back.
//!
//! `store` the file of packed blocks, `provider` where bars come from, `task` incremental, full sync, validation and repair,
//! `csv` the one reader and writer of that format, `import` bars that somebody sends as such, `times` what both and others write as
//! a time (`dates` those with slashes, `odd_hours` those that a clock has twice or not at all, `grid` whether
//! they can be the interval's, and `clocks` of days), `compare` what differs from stored
//! bars and `meeting` how they fit to those, `replica` what two daemons say to each other, `follow` who has them say it and
//! `history` what is kept of it, `registry` where bars are brought to and `links` what carries them there, `backup` InfluxDB,
//! `source` where they come from, `symbols_file` which symbols a task is about, `visits` who came by itself, `would` what a
//! sync would do, `desk` all of it
//! together.
//!
//! Invariants. A task stores a bar only when it is closed, and what is acknowledged is on disk. Every change of a series has a
//! version above all before it, so that corrections of old bars travel as surely as new bars do; no wall clock decides what
//! is copied. A result says what happened: a symbol that failed never counts as updated, and never stops the others.

pub mod backup;
mod client;
mod clocks;
mod compare;
pub mod csv;
pub mod dates;
mod desk;
mod error;
mod follow;
mod grid;
mod history;
pub mod import;
mod links;
mod meeting;
mod odd_hours;
pub mod provider;
pub mod registry;
pub mod replica;
mod slot;
mod source;
pub mod store;
mod symbols_file;
pub mod task;
#[cfg(test)]
mod testing;
mod times;
mod visits;
mod would;

pub use desk::{Aim, Desk, Settings};
pub use error::{Error, Kind, Result};
pub use follow::{Follower, Standing, Wish};
pub use links::{Common, Ending};
pub use slot::{Missing, Slot};
pub use source::{Source, choose as choose_source};
pub use symbols_file::read_symbols;
pub use visits::{Errand, Visit, Visits};
pub use would::Would;

/// A time as the databases keep it, to the microsecond: what is told from memory is no finer.
fn micros(at: jiff::Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}
