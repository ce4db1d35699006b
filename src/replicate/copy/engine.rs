//! Deals the tables of a job to the workers and keeps their states: the sink's only owner during the copy.
//!
//! Tables start a little before the workers run dry and end as soon as their last chunk is durable, both in batches: a
//! batch costs one position and one drain. The workers' blocks come in through one channel; any worker's error ends all.

use super::Held;
use super::budget::Budget;
use super::deal::Deal;
use super::group::Actions;
use super::indexes::Builds;
use super::meter::{self, Meter};
use super::read::{Reader, Source};
use super::source_connection;
use super::watchdog::Pulse;
use super::work::{Indexes, Stage, Work};
use super::workers::{self, Failed, From, Job, Part, Wrote};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::finding::Side;
use crate::model::progress::TablePhase;
use crate::model::replicate::TableName;
use crate::model::run::RunEventKind;
use crate::replicate::answer::is_alive;
use crate::replicate::connect::{self, Conn, ServerInfo};
use crate::replicate::fingerprint::Fingerprint;
use crate::replicate::gates::Who;
use crate::replicate::run::RunContext;
use crate::replicate::schema::dialect::Dialect;
use crate::replicate::schema::read::{self as definitions, Listed, SchemaInfo};
use crate::replicate::sink::{ChunkDone, Item, Resume, Sink, TableState};
use crate::replicate::{Error, Result, coordinates};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

/// Tables per batch of starts.
const BATCH: usize = 16;
/// Figures go on (rates fall) while nothing arrives.
const TICK: Duration = Duration::from_millis(250);

pub(super) struct Engine<'a> {
    pub(super) ctx: &'a RunContext,
    pub(super) source: &'a ServerInfo,
    pub(super) sink: &'a mut dyn Sink,
    /// Positions, definitions and plans.
    pub(super) conn: Conn,
    pub(super) from: Dialect,
    /// None: the rows go where there are no tables.
    pub(super) target: Option<Target>,
    pub(super) schemas: HashMap<String, SchemaInfo>,
    /// Schemas that were made at the target.
    pub(super) made: HashSet<String>,
    pub(super) workers: usize,
    /// A table begins only when the one before is recorded as copied: what can be cut back, but not in the middle
    /// (`sink/file`), has then nothing of a table that is to be read again.
    one_by_one: bool,
    pub(super) tables: Vec<Work>,
    /// Tables before this one have started.
    pub(super) next: usize,
    /// The snapshot of some tables, that is open already.
    held: Option<&'a Held>,
    /// Where it is said what each part is about.
    pub(super) pulse: Pulse,
    deal: Deal<Job>,
    pub(super) builds: Builds,
    meter: Meter,
}

/// The database that tables are made in.
pub(super) struct Target {
    pub(super) endpoint: MysqlEndpoint,
    pub(super) conn: Conn,
    pub(super) dialect: Dialect,
}

pub(super) async fn run(
    ctx: &RunContext,
    source: &ServerInfo,
    target: Option<&ServerInfo>,
    sink: &mut dyn Sink,
    resume: &Resume,
    held: Option<&Held>,
    pulse: &Pulse,
) -> Result<Vec<TableState>> {
    let spec = ctx.spec.dest.sink.mysql();
    let workers = spec.and_then(|s| s.copy_workers).unwrap_or(ctx.limits.copy_workers).clamp(1, 64) as usize;
    let mut conn = source_connection(&ctx.spec.src.endpoint, source.flavor, &ctx.stragglers).await?;
    let target = match spec.zip(target) {
        Some((spec, info)) => {
            let mut conn = connect::faithful(&spec.endpoint, false).await?;
            let dialect = Dialect::read(&mut conn, info).await?;
            Some(Target { endpoint: spec.endpoint.clone(), conn, dialect })
        }
        None => None,
    };
    let listing = definitions::list(&mut conn, &ctx.spec.src.filter).await?;
    let from = Dialect::read(&mut conn, source).await?;
    // Tables that came later are made by their CREATE in the log.
    let asked = |t: &&Listed| resume.tables.iter().any(|s| s.table == t.name);
    let (tables, figures) = listing.tables.iter().filter(asked).map(|t| Work::new(t, resume)).unzip();
    let builds = Builds::new(sink.builder()?);
    let mut engine = Engine {
        ctx,
        source,
        sink,
        conn,
        from,
        target,
        schemas: listing.schemas.into_iter().map(|s| (s.name.clone(), s)).collect(),
        made: HashSet::new(),
        workers,
        one_by_one: ctx.spec.dest.sink.lines().is_some(),
        tables,
        next: 0,
        held,
        pulse: pulse.clone(),
        deal: Deal::new(workers),
        builds,
        meter: Meter::new(ctx.report.clone(), figures),
    };
    if engine.tables.iter().any(|t| t.stage != Stage::Done) {
        engine.group().await?;
        engine.copy().await?;
    }
    engine.meter.publish(Instant::now(), true, None, meter::Held::default());
    engine.conn.disconnect().await;
    if let Some(target) = engine.target {
        target.conn.disconnect().await;
    }
    Ok(engine.tables.into_iter().filter(|t| t.stage == Stage::Done).filter_map(|t| t.state).collect())
}

impl Engine<'_> {
    async fn copy(&mut self) -> Result<()> {
        let mut set = JoinSet::new();
        let (jobs, mut wrote) = self.spawn(&mut set).await?;
        let mut tick = tokio::time::interval(TICK);
        loop {
            self.start_tables().await?;
            self.take_ends().await?;
            self.build_indexes().await?;
            self.end_tables().await?;
            let waiting = self.sink.durable().borrow().waiting.clone();
            let control = &self.ctx.control;
            let held = meter::Held { by_limits: control.throttle().holds_back(), by_gates: control.gates().held(&[Who::Read, Who::Write]) };
            self.meter.publish(Instant::now(), false, waiting, held);
            if self.tables.iter().all(|t| matches!(t.stage, Stage::Done | Stage::Gone)) {
                break;
            }
            tokio::select! {
                Some(ended) = set.join_next() => {
                    let Failed { index, error } = Failed::of(ended);
                    set.abort_all();
                    return Err(match index {
                        Some(index) => self.collided(index, error).await,
                        None => error,
                    });
                }
                Some(wrote) = wrote.recv() => self.wrote(wrote),
                Some(built) = self.builds.running.join_next() => self.built(built)?,
                room = jobs.reserve(), if !self.deal.is_empty() => {
                    let room = room.map_err(|_| Error::transient("copy_stopped", "the copy's workers have ended"))?;
                    if let Some(job) = self.deal.next() {
                        room.send(job);
                    }
                }
                _ = tick.tick() => {}
            }
        }
        drop(jobs);
        while let Some(ended) = set.join_next().await {
            if !matches!(ended, Ok(Ok(()))) {
                return Err(Failed::of(ended).error);
            }
        }
        Ok(())
    }

    async fn spawn(&mut self, set: &mut JoinSet<Result<(), Failed>>) -> Result<(mpsc::Sender<Job>, mpsc::Receiver<Wrote>)> {
        let (jobs, taken) = mpsc::channel(1);
        let (wrote, heard) = mpsc::channel(64);
        let taken = Arc::new(Mutex::new(taken));
        let budget = Budget::new(self.ctx.limits.memory_bytes, self.workers);
        let rows_per_block = self.ctx.spec.src.chunk_rows.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX).max(1));
        for number in 1..=self.workers {
            let (out, blocks) = mpsc::channel(1);
            let reader = Reader {
                budget: budget.clone(),
                rows_per_block,
                control: self.ctx.control.clone(),
                out,
                part: Part::new(&self.pulse.standing, number),
            };
            let (endpoint, stragglers) = (self.ctx.spec.src.endpoint.clone(), self.ctx.stragglers.clone());
            let from = From { endpoint, flavor: self.source.flavor, stragglers };
            set.spawn(workers::work(
                from,
                reader,
                blocks,
                self.sink.copier().await?,
                Arc::clone(&taken),
                wrote.clone(),
                self.ctx.tap.clone(),
            ));
        }
        Ok((jobs, heard))
    }

    /// Finds the tables that are to be copied together.
    async fn group(&mut self) -> Result<()> {
        if self.target.is_none() || self.source.logs_cascades {
            return Ok(());
        }
        let names: Vec<_> = self.tables.iter().map(|t| t.name.clone()).collect();
        let actions = Actions::among(&names, &definitions::read_tables(&mut self.conn, self.source, &names).await?);
        let mut open: Vec<bool> = self.tables.iter().map(|t| t.stage != Stage::Done).collect();
        actions.descend(&mut open);
        for ((work, group), open) in self.tables.iter_mut().zip(actions.groups(names.len())).zip(open) {
            work.group = group;
            if open && work.stage == Stage::Done {
                work.stage = Stage::Waiting;
                let what = format!("{} is copied again, with the tables above it that its foreign keys follow", work.name);
                self.ctx.report.event(Some(Side::Dest), RunEventKind::Note, what);
            }
        }
        Ok(())
    }

    /// The next tables to start: all of a group, or some that are in none. None: there are no more.
    fn batch(&mut self) -> Option<Vec<usize>> {
        let waiting = |t: &Work| t.stage == Stage::Waiting;
        let first = (self.next..self.tables.len()).find(|&i| waiting(&self.tables[i]))?;
        let most = if self.one_by_one { 1 } else { BATCH };
        let batch: Vec<usize> = match self.tables[first].group {
            None => {
                let alone =
                    (first..self.tables.len()).filter(|&i| waiting(&self.tables[i])).take_while(|&i| self.tables[i].group.is_none());
                alone.take(most).collect()
            }
            group => (first..self.tables.len()).filter(|&i| waiting(&self.tables[i]) && self.tables[i].group == group).collect(),
        };
        // Of a group, what is between them has not begun.
        self.next = if self.tables[first].group.is_none() { batch.last().map_or(first, |last| last + 1) } else { first + 1 };
        Some(batch)
    }

    /// Starts tables while there is not enough to deal.
    async fn start_tables(&mut self) -> Result<()> {
        while self.deal.is_short() && self.next < self.tables.len() {
            if self.one_by_one && self.tables.iter().any(|t| matches!(t.stage, Stage::Running | Stage::Read)) {
                break;
            }
            let Some(batch) = self.batch() else {
                self.next = self.tables.len();
                break;
            };
            self.wake().await?;
            let names: Vec<_> = batch.iter().map(|&i| self.tables[i].name.clone()).collect();
            let low = coordinates::low(&mut self.conn, self.source).await?;
            let grouped = batch.first().is_some_and(|&i| self.tables[i].group.is_some());
            let group = if grouped { Some(self.snapshot(&names, self.workers).await?) } else { None };
            // Behind the snapshot: reading a table whose definition changed since fails.
            let mut read: HashMap<_, _> =
                definitions::read_tables(&mut self.conn, self.source, &names).await?.into_iter().map(|t| (t.name.clone(), t)).collect();
            let mut jobs = Vec::new();
            let mut new = false;
            for index in batch {
                let Some(table) = read.remove(&self.tables[index].name) else {
                    self.tables[index].stage = Stage::Gone;
                    continue;
                };
                let kept = self.tables[index].state.take();
                let held = self.held.and_then(|held| held.of(&table.name));
                let started = self.start(table, kept, &low, held.or(group.as_ref())).await?;
                if started.new {
                    self.sink.submit(Item::Table(started.state.clone())).await?;
                    new = true;
                }
                let snapshot = started.snapshot;
                let open = started.state.chunks.iter().filter(|c| !c.complete);
                let job =
                    |done: &ChunkDone| Job { index, source: Arc::clone(&started.source), done: done.clone(), snapshot: snapshot.clone() };
                jobs.push((index, open.map(job).collect::<Vec<_>>()));
                self.running(index, started.state, started.source);
            }
            if new {
                self.sink.drain().await?;
            }
            for (index, jobs) in jobs {
                self.deal.add(index, jobs);
            }
        }
        Ok(())
    }

    /// The other tables of the job that have the same name at the target.
    pub(super) fn merged_with(&self, table: &TableName) -> Vec<TableName> {
        let filter = &self.ctx.spec.src.filter;
        let others = self.tables.iter().map(|t| &t.name).filter(|other| filter.merges(table, std::iter::once(*other)));
        others.cloned().collect()
    }

    /// Says whether all rows of a table of this name at the target are the job's; None: no copy into it has begun.
    pub(super) fn begun(&self, target: &TableName) -> Option<bool> {
        let begun = |t: &&Work| t.stage != Stage::Waiting || t.state.as_ref().is_some_and(|s| s.start.is_some());
        let into = self.tables.iter().filter(begun).filter(|t| self.ctx.spec.src.filter.target(&t.name) == *target);
        let ours = |t: &Work| t.state.as_ref().is_none_or(|s| Fingerprint::parse(&s.fingerprint).ours);
        into.map(ours).reduce(|all, ours| all && ours)
    }

    fn running(&mut self, index: usize, state: TableState, source: Arc<Source>) {
        let work = &mut self.tables[index];
        work.open = state.chunks.iter().filter(|c| !c.complete).count();
        work.stage = if work.open == 0 { Stage::Read } else { Stage::Running };
        self.meter.begins(index, &state);
        work.state = Some(state);
        work.source = Some(source);
        self.meter.phase(index, TablePhase::Copying);
    }

    fn wrote(&mut self, Wrote { index, done, rows, bytes, written }: Wrote) {
        self.meter.wrote(index, rows, bytes, written);
        let work = &mut self.tables[index];
        let complete = done.complete;
        if let Some(chunk) = work.state.iter_mut().flat_map(|s| &mut s.chunks).find(|c: &&mut ChunkDone| c.range == done.range) {
            *chunk = done;
        }
        if complete {
            self.deal.done(index);
            work.open -= 1;
            if work.open == 0 {
                work.stage = Stage::Read;
            }
        }
    }

    /// Reads the end position of the tables whose last chunk is durable.
    async fn take_ends(&mut self) -> Result<()> {
        let at_end = |t: &Work| t.stage == Stage::Read && t.end.is_none();
        if !self.tables.iter().any(at_end) {
            return Ok(());
        }
        self.wake().await?;
        let high = coordinates::high(&mut self.conn, self.source).await?;
        self.tables.iter_mut().filter(|t| at_end(t)).for_each(|t| t.end = Some(high.clone()));
        Ok(())
    }

    /// Ends the tables that are complete.
    async fn end_tables(&mut self) -> Result<()> {
        let complete = |t: &Work| t.stage == Stage::Read && t.indexes == Indexes::Built;
        let ready: Vec<usize> = (0..self.tables.len()).filter(|&i| complete(&self.tables[i])).collect();
        if ready.is_empty() {
            return Ok(());
        }
        for &index in &ready {
            let work = &mut self.tables[index];
            let (Some(source), Some(mut state), Some(high)) = (work.source.take(), work.state.take(), work.end.take()) else { continue };
            // A snapshot's end is its start.
            let converges = source.key.is_some() && self.tables[index].group.is_none();
            state.end = if converges { Some(high) } else { state.start.clone() };
            state.phase = TablePhase::Converging;
            state.rows = state.chunks.iter().map(|c| c.rows).sum();
            self.sink.submit(Item::Table(state.clone())).await?;
            self.tables[index].state = Some(state);
        }
        self.sink.drain().await?;
        let (mut names, mut rows, mut filtered) = (Vec::new(), 0, 0);
        for index in ready {
            self.tables[index].stage = Stage::Done;
            self.meter.phase(index, TablePhase::Converging);
            names.push(self.tables[index].name.to_string());
            rows += self.meter.tables[index].rows_copied;
            filtered += self.meter.tables[index].filtered;
        }
        let filtered = if filtered > 0 { format!(" read, {filtered} of them left out by row filters") } else { String::new() };
        let more = if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
        names.truncate(5);
        self.ctx.report.event(Some(Side::Dest), RunEventKind::Driver, format!("copied {}{more}: {rows} rows{filtered}", names.join(", ")));
        Ok(())
    }

    /// Our own two connections may have been idle for longer than a server allows.
    pub(super) async fn wake(&mut self) -> Result<()> {
        if !is_alive(&mut self.conn).await {
            self.conn = source_connection(&self.ctx.spec.src.endpoint, self.source.flavor, &self.ctx.stragglers).await?;
        }
        if let Some(target) = &mut self.target
            && !is_alive(&mut target.conn).await
        {
            target.conn = connect::faithful(&target.endpoint, false).await?;
        }
        Ok(())
    }
}
