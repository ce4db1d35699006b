//! Changes that a running engine follows: recorded first, then told; its run goes on.

use super::super::decide::Event;
use super::super::handle::{By, Selector};
use super::super::jobs::resolve;
use super::super::live::{DdlChoice, Told};
use super::super::record::Plan;
use super::super::{Error, JobView, Refused, Result};
use super::Actor;
use super::command::{audit_row, keep_secrets};
use crate::model::job::{Desired, Job, JobId, JobSpec, JobState};
use crate::model::live::{Live, Replacement};
use crate::model::progress::Question;
use crate::model::replicate::ReplicateSpec;
use crate::model::run::RunEventKind;
use crate::replicate::Orders;
use crate::store::{audit, memory};

/// Says whether the engine can go on with the new spec as it goes with the stored one.
pub(super) fn same_work(new: &ReplicateSpec, stored: &ReplicateSpec) -> bool {
    let mut told = stored.clone();
    Live::of(new).put_into(&mut told);
    told == *new
}

impl Actor {
    pub(super) async fn tell(&mut self, job: &Selector, told: Told, by: By) -> Result<JobView> {
        let id = resolve(&self.jobs, job)?;
        let entry = self.jobs.get(&id).ok_or_else(|| Error::NotFound(format!("job {id}")))?;
        let JobSpec::Replicate(mut spec) = entry.job.spec.clone();
        let (action, detail) = match told {
            Told::Throttle(throttle) => {
                spec.throttle = throttle;
                ("job.throttle", throttle.to_string())
            }
            Told::Gates(gates) => {
                let stored = spec.clone();
                spec.gates = gates;
                if let Some((part, why)) = spec.gates.wrong(spec.dest.sink.endpoint().is_some()) {
                    return Err(Error::Invalid(format!("gates.{part}: {why}")));
                }
                keep_secrets(&mut spec, &stored)?;
                ("job.gates", spec.gates.to_string())
            }
            Told::Ddl(choice, of) => {
                let asked = entry.progress.borrow().question.clone();
                let Question { transaction, inside, .. } = asked.ok_or_else(|| nothing_waits(&entry.job))?;
                if let Some(other) = of.filter(|of| *of != transaction) {
                    let message = format!("the job waits with the statement of transaction {transaction}, and not of {other}");
                    return Err(
                        Refused::new("other_statement", message, "look at `syncline jobs ddl list`, and decide about that one").into()
                    );
                }
                match choice {
                    DdlChoice::Skip => {
                        // One that failed never ran: what is listed of the transaction is that it was left out.
                        spec.src.replace.retain(|r| r.transaction != transaction);
                        spec.src.skip.push(transaction.clone());
                        ("job.ddl.skip", transaction)
                    }
                    DdlChoice::Replace(_) if inside => {
                        let message = format!("the statement is a part of transaction {transaction}");
                        let hint = "do at the target what the transaction did, and leave it out: `syncline jobs ddl skip`";
                        return Err(Refused::new("statement_in_transaction", message, hint).into());
                    }
                    DdlChoice::Replace(statement) => {
                        spec.src.replace.retain(|r| r.transaction != transaction);
                        spec.src.replace.push(Replacement { transaction: transaction.clone(), statement });
                        ("job.ddl.replace", transaction)
                    }
                    DdlChoice::Retry => ("job.ddl.retry", transaction),
                }
            }
        };
        let again = action == "job.ddl.retry";
        let audit = audit::Entry { detail: detail.clone(), ..audit_row(action, &id, by) };
        let documents = entry.decided(&spec);
        let edit = |plan: &mut Plan| {
            plan.job.spec = JobSpec::Replicate(spec);
            plan.documents = documents;
            plan.emit(RunEventKind::Signaling, &format!("{}: {detail}", action.trim_start_matches("job.").replace('.', " ")));
        };
        self.follow(&id, audit, edit).await?;
        if again {
            self.again(&id);
        }
        self.view(job)
    }

    /// Lets a running engine try again what it waits with.
    pub(super) fn again(&self, id: &JobId) {
        if let Some(reins) = self.jobs.get(id).and_then(|e| e.reins.as_ref()) {
            reins.live.send_modify(|live| live.retries += 1);
        }
    }

    /// Lets a running engine look at how it is to finish.
    pub(super) fn tell_finish(&self, id: &JobId) {
        if let Some(entry) = self.jobs.get(id).filter(|e| e.job.desired == Desired::Finished)
            && let Some(reins) = &entry.reins
        {
            reins.finish.send_replace(true);
        }
    }

    /// Records what the engine is to do once. Orders that wait already are joined by new ones, or replaced.
    pub(super) async fn order(&mut self, job: &Selector, orders: Orders, by: By) -> Result<JobView> {
        let id = resolve(&self.jobs, job)?;
        let entry = self.jobs.get(&id).ok_or_else(|| Error::NotFound(format!("job {id}")))?;
        if orders.position.is_some() && entry.job.state != JobState::Paused {
            return Err(Refused::new("job_not_paused", "the job was resumed meanwhile", "pause it first").into());
        }
        let name = id.0.clone();
        let waiting = Orders::of(&self.store.read(move |db| memory::load(db, &name)).await?)?;
        let mut reload = waiting.reload;
        reload.extend(orders.reload.iter().cloned());
        reload.sort();
        reload.dedup();
        let (action, detail) = match &orders.position {
            Some(to) => ("job.position", to.display()),
            None => ("job.reload", orders.reload.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        };
        let orders = Orders { reload, position: orders.position.or(waiting.position) };
        let audit = audit::Entry { detail: detail.clone(), ..audit_row(action, &id, by) };
        let edit = |plan: &mut Plan| {
            plan.documents = orders.documents();
            plan.emit(RunEventKind::Signaling, &format!("{}: {detail}", action.trim_start_matches("job.")));
        };
        Box::pin(self.apply(&id, Event::Again, Some(audit), edit)).await?;
        self.view(job)
    }

    /// Records what `edit` changes of the job and tells its engine.
    pub(super) async fn follow(&mut self, id: &JobId, audit: audit::Entry, edit: impl FnOnce(&mut Plan)) -> Result<()> {
        let edit = |plan: &mut Plan| {
            edit(plan);
            if plan.changes_spec() {
                plan.job.updated = super::now();
                plan.spec_changed = true;
            }
        };
        Box::pin(self.apply(id, Event::Told, Some(audit), edit)).await?;
        let Some(entry) = self.jobs.get(id) else { return Ok(()) };
        let JobSpec::Replicate(spec) = &entry.job.spec;
        if let Some(reins) = &entry.reins {
            reins.live.send_modify(|live| *live = Live { retries: live.retries, ..Live::of(spec) });
        }
        Ok(())
    }
}

fn nothing_waits(job: &Job) -> Refused {
    let message = format!("the job is {} and waits with no statement", job.state.as_str());
    Refused::new("no_statement_waits", message, "to leave a transaction out that is still to come: `syncline jobs skip`")
}
