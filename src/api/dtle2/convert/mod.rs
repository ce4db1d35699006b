//! Between dtle 2.x's words and the model: `request` reads a job into a spec, `echo` keeps its configs as they came, `job`,
//! `allocation` and `cluster` write replies. Pure functions; every model field is destructured, so that a new one does not
//! compile until it is decided here.

pub(super) mod allocation;
pub(super) mod cluster;
pub(super) mod echo;
pub(super) mod job;
pub(super) mod request;

/// What the contract's samples print for options that were not sent. The engine stays on auto then.
mod defaults {
    pub(super) const CHUNK_SIZE: u64 = 2000;
    pub(super) const REPL_CHAN_BUFFER_SIZE: u64 = 60;
}

/// A side's name in this dialect.
fn role(side: crate::model::finding::Side) -> &'static str {
    match side {
        crate::model::finding::Side::Src => "Src",
        crate::model::finding::Side::Dest => "Dest",
    }
}
