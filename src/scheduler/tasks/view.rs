//! What readers see of a task.

use crate::model::job::{JobKind, Task};
use crate::model::run::Counters;
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq)]
pub struct TaskView {
    pub job: Task,
    /// The zone that its times are in: its own, or the daemon's. Empty where the machine's has no name.
    pub zone: String,
    pub active: Option<ActiveRun>,
    /// Why its times cannot be told any more, e.g. a time zone that this machine does not know. Empty: all is well.
    pub problem: String,
}

/// A run that has not ended.
#[derive(Debug, Clone, PartialEq)]
pub struct ActiveRun {
    pub number: u64,
    pub kind: JobKind,
    pub name: String,
    pub started: Timestamp,
    /// What it has counted up to now.
    pub counters: Option<Counters>,
}
