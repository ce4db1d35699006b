//! Wire ⇄ model for the native family. Both sides are destructured, so that a new field does not compile until it is
//! decided here.

mod bars;
mod checks;
mod gates;
mod job;
mod kafka;
mod lines;
mod records;
mod spec;
mod stream;
pub(super) mod tasks;
mod throttle;

pub(super) use checks::{check_reply, validation, verification};
pub(super) use gates::gates;
pub(super) use job::{conflicts, ddl, deleted, handover, job, place, repositioned, tables};
pub(super) use records::{event, item, log_page, node, run, time};
pub(super) use spec::{endpoint, keep_unsaid, new_job};
pub(super) use stream::{change, missed};
pub(super) use throttle::throttle;
