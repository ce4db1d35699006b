//! What goes wrong around a job: servers, lines, disks and logs. Nothing is lost and nothing is done twice, or the job stops
//! with the reason and the way out.

mod bench;
mod cascades;
mod failover;
mod lines;
mod restarts;
