//! Between dtle's words and the model: `request` reads a config object into a spec, `job` writes jobs, their runs and
//! nodes, `monitor` writes figures, `report` writes validation reports. Pure functions; every model field is destructured, so that a new one does
//! not compile until it is decided here.

pub(super) mod job;
pub(super) mod monitor;
pub(super) mod report;
pub(super) mod request;

/// What the contract's samples print for options that were not sent. The engine stays on auto then.
mod defaults {
    pub(super) const GROUP_MAX_SIZE: u64 = 1;
    pub(super) const CHUNK_SIZE: u64 = 2000;
    pub(super) const REPL_CHAN_BUFFER_SIZE: u64 = 32;
    pub(super) const PARALLEL_WORKERS: u64 = 1;
    pub(super) const MESSAGE_GROUP_MAX_SIZE: u64 = 1;
    pub(super) const MESSAGE_GROUP_TIMEOUT: u64 = 100;
}
