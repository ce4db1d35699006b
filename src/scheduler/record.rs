//! A decision's traces on disk: the job's row, its runs, events and the audit line, in one transaction.

use super::jobs::{OpenRun, Totals};
use crate::model::finding::Side;
use crate::model::job::{Job, JobSpec};
use crate::model::progress::Progress;
use crate::model::run::{Counters, Run, RunEvent, RunEventKind, RunSide, RunState, SideState};
use crate::replicate::sink::{Claim, Epoch};
use crate::store::sequences::{self, Sequence};
use crate::store::{self, Store, audit, figures, jobs, kept, memory, runs};
use jiff::Timestamp;

/// Events kept per run: a job that retries for a month must not fill the disk.
const EVENTS_PER_RUN: u32 = 500;

/// What will be written, built up action by action.
#[derive(Clone)]
pub(super) struct Plan {
    now: Timestamp,
    pub(super) job: Job,
    pub(super) run: Option<OpenRun>,
    closed: Option<OpenRun>,
    opened: bool,
    events: Vec<Pending>,
    pub(super) new_job: bool,
    pub(super) anew: bool,
    pub(super) spec_changed: bool,
    /// An engine starts.
    starts: Option<Start>,
    audit: Option<audit::Entry>,
    before: Option<Job>,
    run_changed: bool,
    figures: Option<Progress>,
    /// What the engine finds at its next start.
    pub(super) documents: Vec<(String, Option<String>)>,
}

#[derive(Clone)]
struct Pending {
    /// None: the run that this plan opens.
    run: Option<u64>,
    side: Option<Side>,
    kind: RunEventKind,
    message: String,
}

/// An engine's start.
#[derive(Clone)]
pub(super) struct Start {
    /// The daemon.
    pub(super) node: String,
    /// Nobody asked for it: it takes the job from nobody who has it by now.
    pub(super) by_itself: bool,
}

/// What came of it.
pub(super) struct Written {
    pub(super) job: Job,
    pub(super) run: Option<OpenRun>,
    /// Of the start that goes with it.
    pub(super) claim: Option<Claim>,
}

impl Plan {
    pub(super) fn new(now: Timestamp, job: Job, run: Option<OpenRun>) -> Self {
        Self {
            now,
            before: Some(job.clone()),
            job,
            run,
            closed: None,
            opened: false,
            events: Vec::new(),
            new_job: false,
            anew: false,
            spec_changed: false,
            starts: None,
            audit: None,
            run_changed: false,
            figures: None,
            documents: Vec::new(),
        }
    }

    pub(super) fn audit(&mut self, entry: audit::Entry) {
        self.audit = Some(entry);
    }

    pub(super) fn open_run(&mut self, node: &str, before: &Progress) {
        let side = |side| RunSide {
            run: 0,
            side,
            allocation_id: uuid::Uuid::new_v4().to_string(),
            node: node.to_owned(),
            state: SideState::Pending,
            started: None,
            ended: None,
            progress: crate::model::progress::SideProgress::default(),
        };
        let run = Run {
            number: 0,
            job: Some(self.job.id.clone()),
            kind: self.job.kind,
            name: self.job.name.clone(),
            trigger: self.job.trigger.clone(),
            started: self.now,
            ended: None,
            state: RunState::Running,
            success: None,
            message: String::new(),
            error: String::new(),
            counters: None,
            eval_id: uuid::Uuid::new_v4().to_string(),
            create_index: 0,
            modify_index: 0,
        };
        self.run = Some(OpenRun { run, sides: [side(Side::Src), side(Side::Dest)], restarts: 0, before: Totals::of(before) });
        self.opened = true;
        self.emit(RunEventKind::Received, "Task received by client");
        self.emit(RunEventKind::TaskSetup, "Building Task Directory");
    }

    pub(super) fn engine_starts(&mut self, start: Start) {
        self.starts = Some(start);
        if let Some(open) = &mut self.run {
            for side in &mut open.sides {
                side.state = SideState::Running;
                side.started = side.started.or(Some(self.now));
            }
            self.run_changed = true;
        }
        self.emit(RunEventKind::Started, "Task started by client");
    }

    pub(super) fn count_restart(&mut self) {
        if let Some(open) = &mut self.run {
            open.restarts += 1;
            self.run_changed = true;
        }
    }

    pub(super) fn save_figures(&mut self, progress: &Progress) {
        if let Some(open) = &mut self.run {
            let [src, dest] = &mut open.sides;
            src.progress = progress.src.clone();
            dest.progress = progress.dest.clone();
            open.run.counters = Some(Totals::of(progress).since(open.before));
            self.run_changed = true;
        }
        self.figures = Some(progress.clone());
    }

    /// The job's figures are stored too.
    pub(super) fn keep_figures(&mut self, progress: &Progress) {
        self.figures = Some(progress.clone());
    }

    pub(super) fn close_run(&mut self, state: RunState, error: &str, progress: &Progress) {
        self.save_figures(progress);
        let Some(mut open) = self.run.take() else { return };
        for side in &mut open.sides {
            side.state = SideState::Dead;
            side.ended = Some(self.now);
        }
        let success = state == RunState::Completed;
        open.run.ended = Some(self.now);
        open.run.state = state;
        open.run.success = Some(success);
        error.clone_into(&mut open.run.error);
        let stats = &mut self.job.stats;
        stats.runs += 1;
        stats.successes += u64::from(success);
        stats.failures += u64::from(state == RunState::Failed);
        if let Some(Counters::Rows { copied, applied, .. }) = open.run.counters {
            stats.data_count += copied + applied;
        }
        stats.duration_ms += u64::try_from(self.now.duration_since(open.run.started).as_millis()).unwrap_or(0);
        stats.last_run = Some(open.run.started);
        stats.last_result = Some(state.as_str().to_owned());
        self.closed = Some(open);
    }

    /// Emits on both sides of the current run, if there is one.
    pub(super) fn emit(&mut self, kind: RunEventKind, message: &str) {
        for side in [Side::Src, Side::Dest] {
            self.emit_on(Some(side), kind, message);
        }
    }

    pub(super) fn emit_on(&mut self, side: Option<Side>, kind: RunEventKind, message: &str) {
        let Some(open) = &self.run else { return };
        let run = Some(open.run.number).filter(|n| *n > 0);
        self.events.push(Pending { run, side, kind, message: message.to_owned() });
    }

    /// Nothing to write?
    pub(super) fn is_idle(&self) -> bool {
        let quiet = self.events.is_empty()
            && self.closed.is_none()
            && self.audit.is_none()
            && !self.run_changed
            && !self.opened
            && self.figures.is_none()
            && self.documents.is_empty();
        quiet && !self.new_job && !self.spec_changed && self.before.as_ref() == Some(&self.job)
    }

    /// Says whether what the job is to do is another.
    pub(super) fn changes_spec(&self) -> bool {
        self.before.as_ref().is_none_or(|b| b.spec != self.job.spec || b.description != self.job.description || b.echo != self.job.echo)
    }

    pub(super) async fn commit(self, store: &Store) -> store::Result<Written> {
        store.write(move |db| self.write(db)).await
    }

    fn write(self, db: &store::Db<'_>) -> store::Result<Written> {
        let Self {
            now,
            mut job,
            mut run,
            closed,
            opened,
            events,
            new_job,
            anew,
            spec_changed,
            starts,
            audit,
            before,
            run_changed,
            figures,
            documents,
        } = self;
        if new_job {
            jobs::insert(db, &mut job)?;
            kept::set_anew(db, job.number, anew)?;
        } else if spec_changed || before.as_ref() != Some(&job) {
            jobs::update(db, &mut job, spec_changed)?;
        }
        if let Some(mut closed) = closed {
            runs::update(db, &mut closed.run, closed.restarts)?;
            closed.sides.iter().try_for_each(|side| runs::put_side(db, side))?;
        }
        if let Some(open) = &mut run {
            if opened {
                let spec: &JobSpec = &job.spec;
                runs::insert(db, &mut open.run, Some(job.number), spec)?;
                let number = open.run.number;
                open.sides.iter_mut().for_each(|side| side.run = number);
            } else if run_changed {
                runs::update(db, &mut open.run, open.restarts)?;
            }
            if opened || run_changed {
                open.sides.iter().try_for_each(|side| runs::put_side(db, side))?;
            }
        }
        memory::put(db, &job.id.0, &documents)?;
        if let Some(figures) = figures {
            figures::put(db, job.number, &figures, now)?;
        }
        let current = run.as_ref().map(|open| open.run.number);
        for Pending { run, side, kind, message } in events {
            let Some(run) = run.or(current) else { continue };
            runs::add_event(db, &RunEvent { run, side, kind, time: now, message, setup_error: String::new() })?;
            runs::trim_events(db, run, EVENTS_PER_RUN)?;
        }
        // Never below the clock: a state directory that was lost must not fence its own successors out.
        let floor = u64::try_from(now.as_millisecond()).unwrap_or(1);
        let claim = match starts {
            None => None,
            Some(Start { node, by_itself }) => {
                let epoch = Epoch::of(sequences::next_from(db, Sequence::Epoch, floor)?, &node);
                let before = if by_itself { jobs::asked_epoch(db, job.number)? } else { None };
                if before.is_none() {
                    jobs::set_asked_epoch(db, job.number, epoch.0)?;
                }
                Some(Claim { epoch, asked: before.map(Epoch) })
            }
        };
        if let Some(entry) = audit {
            audit::add(db, &entry)?;
        }
        Ok(Written { job, run, claim })
    }
}
