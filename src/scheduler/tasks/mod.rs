//! Tasks: jobs that run at their times, or when they are told to.
//!
//! ```text
//!  Tasks ──commands──▶ actor (one event loop, owns every task) ──▶ work (one per open run) ──▶ worker ──▶ hosts, bars
//!                        │  timetable: next fires and deadlines       │ items, in batches ──▶ store
//!                        │  decide(what has come, now) → what follows  │ counters, end
//!                        └──▶ record: one transaction per decision ◀──┘
//! ```
//! A loop of its own beside that of the continuous jobs, because their lives have nothing in common: an engine that runs
//! for ever and is restarted after errors there, a run per fire here. Both keep their jobs and runs in the same tables.
//!
//! What follows from what (`decide` is pure, and has it as a table in its tests):
//! - a fire while the task's last run is still active is recorded as a run of state skipped;
//! - fires that were missed (the daemon was down, the machine asleep) run once, if the last of them is younger than the
//!   grace time, else one skipped run tells of them;
//! - a run that is cancelled or past its deadline is told to stop, and abandoned if it does not;
//! - a run that a dead daemon left behind is failed (interrupted) at boot, and the next fire is unaffected.
//!
//! Invariants: a run's row is there, as running, before its work begins; what a decision changes is on disk before its
//! effects are seen outside; every open run ends with exactly one state.

mod actor;
mod cause;
mod clock;
mod decide;
mod entry;
mod handle;
mod market;
mod record;
mod timetable;
mod view;
mod work;
mod worker;

pub use actor::start;
pub use handle::{NewRun, NewTask, TaskChange, Tasks, Trial};
pub use view::{ActiveRun, TaskView};
pub use worker::HostWork;

use crate::model::job::{JobKind, Trigger};
use crate::scheduler::cron::Wrong;
use jiff::SignedDuration;

/// Says what is wrong with a trigger; `zone` is the daemon's.
pub fn judge(kind: JobKind, trigger: &Trigger, zone: &str) -> Result<(), Wrong> {
    entry::schedule(kind, trigger, zone).map(drop)
}

/// What the loop needs to know of the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// IANA name for tasks that name no zone; empty = the machine's.
    pub zone: String,
    /// A fire that was missed for longer than this does not run any more.
    pub grace: SignedDuration,
    /// Longest time that a run may take.
    pub deadline: SignedDuration,
    /// Runs that work at a time; others wait with their row open.
    pub concurrent: usize,
    /// Ended runs kept per task.
    pub keep_runs: u32,
}
