//! What goes wrong around a job: servers, lines, disks and logs. Nothing is lost and nothing is done twice, or the job stops
//! with the reason and the way out. SYNCLINE_TEST_LONG=1 has every fault on both flavours, and more of them.

mod bench;
mod cascades;
mod clock;
mod dead;
pub(crate) mod failover;
mod lines;
mod log;
mod restarts;
mod state;
mod stragglers;
mod target;
