//! One side of a run by its allocation id: how it stands now, or how it stood when it ended.

use super::{Error, Handle, JobView, Result, Selector};
use crate::model::finding::Side;
use crate::model::job::{JobId, JobSpec};
use crate::model::progress::{Progress, SideProgress};
use crate::model::replicate::ReplicateSpec;
use crate::model::run::{Run, RunEvent, RunSide};
use crate::store::{Db, runs};

/// A run with its sides and what happened in it.
#[derive(Debug, Clone, PartialEq)]
pub struct RunParts {
    pub run: Run,
    /// Source, then target.
    pub sides: Vec<RunSide>,
    pub events: Vec<RunEvent>,
}

/// An allocation's figures.
#[derive(Debug, Clone, PartialEq)]
pub struct AllocationView {
    pub side: Side,
    /// The job, if it lives.
    pub job: Option<JobView>,
    /// This is the job's current or last run, so its figures are the job's own.
    pub current: bool,
    /// The engine's own figures while it runs, else those it ended with.
    pub figures: SideProgress,
    pub eta_seconds: Option<u64>,
}

impl AllocationView {
    pub fn spec(&self) -> Option<&ReplicateSpec> {
        let JobSpec::Replicate(spec) = &self.job.as_ref()?.job.spec;
        Some(spec)
    }
}

impl Handle {
    /// Returns the job's newest runs, oldest first.
    pub async fn runs(&self, job_number: u64, most: u32) -> Result<Vec<RunParts>> {
        let read = self.store.read(move |db| {
            let newest = runs::of_job(db, job_number, most)?;
            newest.into_iter().rev().map(|stored| parts(db, stored.run)).collect()
        });
        Ok(read.await?)
    }

    /// Finds an allocation of any job, also of one that is gone, as long as history keeps its run.
    pub async fn allocation(&self, id: &str) -> Result<AllocationView> {
        let wanted = id.to_owned();
        let (run, side) = self
            .store
            .read(move |db| {
                let number = runs::of_allocation(db, &wanted)?;
                let run = runs::get(db, number)?.run;
                let side = runs::sides(db, number)?.into_iter().find(|s| s.allocation_id == wanted);
                Ok((run, side))
            })
            .await?;
        let side = side.ok_or_else(|| Error::NotFound(format!("allocation {id:?}")))?;
        let job = match &run.job {
            Some(job) => self.living(job).await?,
            None => None,
        };
        let current = job.as_ref().and_then(|j| j.run.as_ref()).is_some_and(|r| r.number == run.number);
        let live = job.as_ref().filter(|_| current).map(|view| &view.progress);
        let figures = live.map_or(side.progress, |p| of_side(p, side.side).clone());
        let eta_seconds = live.and_then(|p| p.eta_seconds);
        Ok(AllocationView { side: side.side, job, current, figures, eta_seconds })
    }

    async fn living(&self, job: &JobId) -> Result<Option<JobView>> {
        match self.get(&Selector::Id(job.clone())).await {
            Ok(view) => Ok(Some(view)),
            Err(Error::NotFound(_)) => Ok(None),
            Err(e) => Err(e),
        }
    }
}

fn of_side(progress: &Progress, side: Side) -> &SideProgress {
    match side {
        Side::Src => &progress.src,
        Side::Dest => &progress.dest,
    }
}

fn parts(db: &Db<'_>, run: Run) -> crate::store::Result<RunParts> {
    let number = run.number;
    Ok(RunParts { run, sides: runs::sides(db, number)?, events: runs::events(db, number)? })
}
