//! Between dts's words and the model: `request` reads a task into a spec, `kafka` its destination in both directions,
//! `task` writes replies. Pure functions; every model field is destructured, so that a new one does not compile until it
//! is decided here.

mod kafka;
pub(super) mod request;
pub(super) mod task;
