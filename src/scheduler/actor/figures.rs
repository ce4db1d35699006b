//! Figures on their way to disk: every few seconds for the jobs that run, so that a daemon which dies loses the counts of
//! its last seconds only, and its runs are closed with what they had counted.

use super::super::jobs::{Entry, Totals};
use super::{Actor, now};
use crate::model::progress::Progress;
use crate::model::run::{Counters, RunSide};
use crate::store::{figures, runs};
use std::time::{Duration, Instant};

pub(super) const EVERY: Duration = if cfg!(test) { Duration::from_millis(20) } else { Duration::from_secs(5) };
const IDLE_EVERY: Duration = Duration::from_secs(60);

/// What is stored of one job.
struct Picture {
    job_number: u64,
    progress: Progress,
    run: Option<(u64, Counters, [RunSide; 2])>,
}

impl Actor {
    /// Stores the figures of the jobs that moved since the last time, in one transaction.
    pub(super) async fn save_figures(&mut self) {
        let time = now();
        let pictures: Vec<Picture> = self.jobs.values_mut().filter(|e| e.reins.is_some()).filter_map(picture).collect();
        if pictures.is_empty() {
            return;
        }
        let written = self.store.write(move |db| {
            for Picture { job_number, progress, run } in pictures {
                figures::put(db, job_number, &progress, time)?;
                if let Some((run, counters, sides)) = run {
                    runs::put_counters(db, run, &counters)?;
                    sides.iter().try_for_each(|side| runs::put_side(db, side))?;
                }
            }
            Ok(())
        });
        if let Err(e) = written.await {
            tracing::warn!(error = %e, "the jobs' figures could not be stored");
        }
    }
}

/// None: nothing was counted since, and the time at which it was last in step is not old either.
fn picture(entry: &mut Entry) -> Option<Picture> {
    let progress = entry.figures();
    let seen = Totals::of(&progress);
    if entry.saved.is_some_and(|(totals, at)| totals == seen && at.elapsed() < IDLE_EVERY) {
        return None;
    }
    entry.saved = Some((seen, Instant::now()));
    let run = entry.run.as_mut().map(|open| {
        let counters = seen.since(open.before);
        open.run.counters = Some(counters.clone());
        let [src, dest] = &mut open.sides;
        (src.progress, dest.progress) = (progress.src.clone(), progress.dest.clone());
        (open.run.number, counters, open.sides.clone())
    });
    Some(Picture { job_number: entry.job.number, progress, run })
}
