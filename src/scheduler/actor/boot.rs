//! Coming up: what a dead daemon left is closed, figures are brought back, and jobs that should run begin again.

use super::super::Result;
use super::super::decide::Event;
use super::super::jobs::Entry;
use super::super::patrol::Standing;
use super::super::view::RunView;
use super::{Actor, now};
use crate::model::progress::Progress;
use crate::model::run::RunSide;
use crate::store::runs::{self, Stored};
use crate::store::{self, Db, figures, jobs, kept, memory};

impl Actor {
    pub(super) async fn boot(&mut self) -> Result<()> {
        let time = now();
        let left = self.store.write(move |db| runs::interrupt_running(db, time)).await?;
        if left > 0 {
            tracing::warn!(runs = left, "the last daemon did not end in order; its runs are marked interrupted");
        }
        for entry in self.store.read(load).await? {
            self.jobs.insert(entry.job.id.clone(), entry);
        }
        for id in self.jobs.keys().cloned().collect::<Vec<_>>() {
            self.happened(&id, Event::Boot).await;
        }
        Ok(())
    }
}

fn load(db: &Db<'_>) -> store::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let anew = kept::beginning_anew(db)?;
    for job in jobs::living(db)? {
        let last = runs::of_job(db, job.number, 1)?.pop();
        let mut progress = Progress::default();
        let mut view = None;
        if let Some(Stored { run, job_number: _, restarts }) = last {
            let sides = runs::sides(db, run.number)?;
            if let [src, dest] = sides.as_slice() {
                progress = match figures::get(db, job.number)? {
                    Some(figures) => figures,
                    None => Progress { src: src.progress.clone(), dest: dest.progress.clone(), ..Progress::default() },
                };
                let allocation = |side: &RunSide| side.allocation_id.clone();
                view = Some(RunView {
                    number: run.number,
                    started: run.started,
                    src_allocation: allocation(src),
                    dest_allocation: allocation(dest),
                    node: src.node.clone(),
                    restarts,
                });
            }
        }
        let mut entry = Entry::new(job, progress);
        entry.last_run = view;
        entry.anew = anew.contains(&entry.job.number);
        entry.patrol = Standing::of(&memory::load(db, &entry.job.id.0)?);
        entries.push(entry);
    }
    Ok(entries)
}
