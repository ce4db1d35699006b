//! Rounds of the comparisons that go on all the time (`scheduler/patrol`): begun when they are due and the job follows its
//! log, cut off with its run, recorded when they end.

use super::super::handle::{By, Selector};
use super::super::jobs::{Entry, resolve};
use super::super::patrol::{Patrol, Place, Round, Standing};
use super::super::record::Plan;
use super::super::verify::{ComparedTable, Mending, Wish};
use super::super::{Error, JobView, Refused, Result};
use super::{Actor, command, now};
use crate::model::finding::Side;
use crate::model::job::{JobId, JobSpec, JobState};
use crate::model::progress::Progress;
use crate::model::run::RunEventKind;
use crate::store::verifications::{State, Verification};
use crate::store::{audit, memory, sequences};
use jiff::Timestamp;
use tokio::sync::watch;

/// Of comparisons, so many of a job are kept where they come by themselves.
pub(super) const KEPT: u64 = 50;
/// A job whose spool is fuller than that catches up first.
const SPOOL_BYTES: u64 = 4 << 20;
/// So does one that is further behind. The log tells whole seconds.
const LAG_SECONDS: f64 = 2.0;

/// Says whether a job may be disturbed now.
fn follows(state: &JobState) -> bool {
    matches!(state, JobState::Streaming | JobState::Throttled)
}

/// Says whether a round has to wait. Figures of a run that has ended do not keep it: it is cut off with the run.
pub(super) fn is_busy(figures: &watch::Receiver<Progress>) -> bool {
    let p = figures.borrow();
    // A job that has just begun does not know yet how far behind it is.
    let behind = p.dest.delay_seconds.is_none_or(|lag| lag > LAG_SECONDS);
    // What holds the job back holds its comparisons back.
    !follows(&p.state) || behind || !p.held_by.is_empty() || p.spool_bytes > SPOOL_BYTES
}

impl Actor {
    /// Sets, changes or ends what goes on all the time.
    pub(super) async fn set_patrol(&mut self, job: &Selector, patrol: Option<Patrol>, by: By) -> Result<JobView> {
        let id = resolve(&self.jobs, job)?;
        let entry = self.jobs.get(&id).ok_or_else(|| Error::NotFound(format!("job {id}")))?;
        let JobSpec::Replicate(spec) = &entry.job.spec;
        if spec.dest.sink.endpoint().is_none() {
            let message = format!("{id} writes messages: there are no tables to compare");
            return Err(Refused::new("nothing_to_compare", message, "a migration or sync can be compared").into());
        }
        let standing = patrol.map(|patrol| match &entry.patrol {
            // The round that it is in goes on where it is.
            Some(before) => Standing { patrol, next: now(), ..before.clone() },
            None => Standing::new(patrol, now()),
        });
        let detail = patrol.map_or("off".to_owned(), |p| {
            let repair = if p.repair { ", with repair" } else { "" };
            format!("every {} seconds{repair}", p.every_seconds)
        });
        let mut plan = Plan::new(now(), entry.job.clone(), entry.run.clone());
        plan.emit_on(Some(Side::Dest), RunEventKind::Signaling, &format!("verify: {detail}"));
        plan.commit(&self.store).await?;
        let audit = audit::Entry { detail, ..command::audit_row("job.verify.always", &id, by) };
        let (name, documents) = (id.0.clone(), Standing::documents(standing.as_ref()));
        self.store
            .write(move |db| {
                memory::put(db, &name, &documents)?;
                sequences::next(db, sequences::Sequence::Index)?;
                audit::add(db, &audit)
            })
            .await?;
        if let Some(entry) = self.jobs.get_mut(&id) {
            entry.patrol = standing;
        }
        // Begins anew by the new setting.
        self.comparisons.cut_off(&id);
        self.changed();
        self.view(job)
    }

    /// When the next round is due.
    pub(super) fn next_round(&self) -> Option<Timestamp> {
        self.jobs.values().filter(|e| self.may_begin(e)).filter_map(|e| e.patrol.as_ref().map(|p| p.next)).min()
    }

    fn may_begin(&self, entry: &Entry) -> bool {
        self.stopping.is_none() && entry.reins.is_some() && follows(&entry.job.state) && !self.comparisons.is_comparing(&entry.job.id)
    }

    /// Begins the rounds that are due.
    pub(super) async fn begin_rounds(&mut self) {
        let time = now();
        let due = |e: &&Entry| self.may_begin(e) && e.patrol.as_ref().is_some_and(|p| p.next <= time);
        let due: Vec<(JobId, Patrol)> =
            self.jobs.values().filter(due).filter_map(|e| Some((e.job.id.clone(), e.patrol.as_ref()?.patrol))).collect();
        for (id, patrol) in due {
            let mending = if patrol.repair { Mending::Repair } else { Mending::Nothing };
            let wish = Wish { tables: Vec::new(), max_differences: 0, mending, by_rows: false };
            if let Err(e) = Box::pin(self.compare(&id, wish, None, true)).await {
                tracing::warn!(job.id = %id, error = %e, "a comparison could not begin");
                if let Some(standing) = self.jobs.get_mut(&id).and_then(|e| e.patrol.as_mut()) {
                    let place = standing.place.take();
                    standing.cut_off(time, place, true);
                }
            }
        }
    }

    /// What somebody asked for looked at every table, too, and later than the round before: it is that one's verdict no more.
    pub(super) async fn stands_for_a_round(&mut self, id: &JobId, row: &Verification, tables: &[ComparedTable]) {
        if let Some(standing) = self.jobs.get_mut(id).and_then(|e| e.patrol.as_mut()) {
            standing.place = None;
        }
        self.round_ended(id, row, tables, false).await;
    }

    /// Records what became of a round.
    pub(super) async fn round_ended(&mut self, id: &JobId, row: &Verification, tables: &[ComparedTable], cut_off: bool) {
        let time = now();
        let Some(standing) = self.jobs.get_mut(id).and_then(|e| e.patrol.as_mut()) else { return };
        let before = standing.place.take().unwrap_or_default();
        let different = before.different + tables.iter().map(|t| t.different).sum::<u64>();
        let repaired = before.repaired + tables.iter().map(|t| t.repaired).sum::<u64>();
        // Servers that were away are asked again from the same place, what one table is refused for is its verdict.
        if cut_off || (row.state == State::Failed && tables.is_empty()) {
            let place = match tables.last() {
                Some(last) => Some(Place { schema: last.schema.clone(), table: last.table.clone(), different, repaired }),
                None => Some(before).filter(|b| !b.table.is_empty()),
            };
            standing.cut_off(time, place, !cut_off);
        } else {
            let state = if different > 0 { State::Different } else { row.state };
            let round = Round { number: row.number, state: state.as_str().to_owned(), ended: time, different, repaired };
            standing.ended(row.started, round);
        }
        let (name, documents) = (id.0.clone(), Standing::documents(Some(standing)));
        let job_number = row.job_number;
        let written = self.store.write(move |db| {
            memory::put(db, &name, &documents)?;
            crate::store::verifications::trim(db, job_number, KEPT)
        });
        if let Err(e) = written.await {
            tracing::error!(job.id = %id, error = %e, "what a comparison found could not be recorded");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_catches_up_is_left_alone() {
        let busy = |change: fn(&mut Progress)| {
            let mut p = Progress { state: JobState::Streaming, ..Progress::default() };
            p.dest.delay_seconds = Some(0.4);
            change(&mut p);
            is_busy(&watch::channel(p).1)
        };
        assert!(!busy(|_| ()));
        assert!(!busy(|p| p.state = JobState::Throttled));
        assert!(busy(|p| p.dest.delay_seconds = None));
        assert!(busy(|p| p.dest.delay_seconds = Some(8.0)));
        assert!(busy(|p| p.spool_bytes = 5 << 20));
        assert!(busy(|p| p.state = JobState::Copying));
    }
}
