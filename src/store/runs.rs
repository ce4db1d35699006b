//! Queries about runs, their sides and their events; `left` ends what a dead daemon left.

mod left;

pub use left::interrupt_running;

use super::document::Kept;
use super::jobs::words;
use super::sequences::{self, Sequence};
use super::{Db, Error, Result, document, int, micros, time, time_opt, uint};
use crate::model::finding::Side;
use crate::model::job::{JobId, JobKind, JobSpec};
use crate::model::run::{Counters, Run, RunEvent, RunEventKind, RunSide, RunState, SideState};
use jiff::Timestamp;
use rusqlite::{Row, params};

const COLUMNS: &str = "number, job_number, job_id, kind, name, trigger_doc, started, ended, state, success, message, error, counters, eval_id, restarts, create_index, modify_index";

/// Which runs to list; None = any.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub job: Option<JobId>,
    /// Also of an earlier job of the same id: no.
    pub job_number: Option<u64>,
    pub kind: Option<JobKind>,
    /// As it was called at that time.
    pub name: Option<String>,
    /// Empty = all.
    pub states: Vec<RunState>,
    pub since: Option<Timestamp>,
    /// Newest first, at most so many.
    pub limit: u32,
    /// So many of the newest are left out.
    pub offset: u32,
}

/// A stored run with what only the scheduler counts: engine starts within it that followed an error.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    pub run: Run,
    /// None: it was told to run once, by somebody.
    pub job_number: Option<u64>,
    pub restarts: u64,
}

/// Stores a new run and gives it its number and indexes. The spec is kept as a snapshot, secrets taken out.
pub fn insert<S: Kept>(db: &Db<'_>, run: &mut Run, job_number: Option<u64>, spec: &S) -> Result<()> {
    run.number = sequences::next(db, Sequence::Run)?;
    let index = sequences::next(db, Sequence::Index)?;
    (run.create_index, run.modify_index) = (index, index);
    let Run {
        number,
        job,
        kind,
        name,
        trigger,
        started,
        ended,
        state,
        success,
        message,
        error,
        counters,
        eval_id,
        create_index,
        modify_index,
    } = &*run;
    db.conn
        .prepare_cached(
            "INSERT INTO runs (number, job_number, job_id, kind, name, spec, trigger_doc, started, ended, state, success, message, error, counters, \
             eval_id, create_index, modify_index) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        )?
        .execute(params![
            int(*number),
            job_number.map(int),
            job.as_ref().map(|j| j.0.clone()),
            kind.as_str(),
            name,
            spec.without_secrets().write("", db.cipher)?,
            document::trigger_to(trigger)?,
            micros(*started),
            ended.map(micros),
            state.as_str(),
            success,
            message,
            error,
            counters.as_ref().map(document::counters_to).transpose()?,
            eval_id,
            int(*create_index),
            int(*modify_index),
        ])?;
    Ok(())
}

/// Returns the spec as history may keep it.
pub fn without_secrets(spec: &JobSpec) -> JobSpec {
    let JobSpec::Replicate(spec) = spec;
    let mut spec = spec.clone();
    spec.src.endpoint.password = crate::secret::Secret::new("");
    if let Some(endpoint) = spec.dest.sink.endpoint_mut() {
        endpoint.password = crate::secret::Secret::new("");
    }
    for replica in &mut spec.gates.replicas {
        replica.password = crate::secret::Secret::new("");
    }
    JobSpec::Replicate(spec)
}

/// Stores what changes while a run lives and when it ends.
pub fn update(db: &Db<'_>, run: &mut Run, restarts: u64) -> Result<()> {
    run.modify_index = sequences::next(db, Sequence::Index)?;
    let changed = db
        .conn
        .prepare_cached(
            "UPDATE runs SET ended = ?2, state = ?3, success = ?4, message = ?5, error = ?6, counters = ?7, restarts = ?8, modify_index = ?9 WHERE number = ?1",
        )?
        .execute(params![
            int(run.number),
            run.ended.map(micros),
            run.state.as_str(),
            run.success,
            run.message,
            run.error,
            run.counters.as_ref().map(document::counters_to).transpose()?,
            int(restarts),
            int(run.modify_index),
        ])?;
    if changed == 1 { Ok(()) } else { Err(Error::NotFound(format!("run {}", run.number))) }
}

/// Returns the runs that followed from one: later ones of the same evaluation.
pub fn followers(db: &Db<'_>, run: &Run) -> Result<Vec<Run>> {
    let sql = format!("SELECT {COLUMNS} FROM runs WHERE number > ?1 AND eval_id = ?2 AND job_number IS NULL ORDER BY number");
    let mut query = db.conn.prepare_cached(&sql)?;
    let mut rows = query.query(params![int(run.number), run.eval_id])?;
    let mut runs = Vec::new();
    while let Some(row) = rows.next()? {
        runs.push(read(row)?.run);
    }
    Ok(runs)
}

/// Stores what a run has counted so far; no index moves, because nothing was decided.
pub fn put_counters(db: &Db<'_>, run: u64, counters: &Counters) -> Result<()> {
    db.conn
        .prepare_cached("UPDATE runs SET counters = ?2 WHERE number = ?1")?
        .execute(params![int(run), document::counters_to(counters)?])?;
    Ok(())
}

/// Returns how many seconds the runs of a job took that were carried out and are still kept; None: there is none.
pub fn average_seconds(db: &Db<'_>, job_number: u64) -> Result<Option<f64>> {
    let sql = "SELECT avg(ended - started) / 1e6 FROM runs WHERE job_number = ?1 AND state IN ('completed', 'partial')";
    Ok(db.conn.prepare_cached(sql)?.query_row([int(job_number)], |row| row.get(0))?)
}

/// Returns a job's newest run that was carried out or begun, and has ended: a fire that was skipped did nothing.
pub fn last_ended(db: &Db<'_>, job_number: u64) -> Result<Option<Run>> {
    let states = [RunState::Completed, RunState::Partial, RunState::Failed, RunState::Cancelled, RunState::Interrupted];
    let filter = Filter { job_number: Some(job_number), states: states.to_vec(), limit: 1, ..Filter::default() };
    Ok(list(db, &filter)?.into_iter().next().map(|stored| stored.run))
}

/// Returns one run.
pub fn get(db: &Db<'_>, number: u64) -> Result<Stored> {
    let mut query = db.conn.prepare_cached(&format!("SELECT {COLUMNS} FROM runs WHERE number = ?1"))?;
    let mut rows = query.query([int(number)])?;
    let row = rows.next()?.ok_or_else(|| Error::NotFound(format!("run {number}")))?;
    read(row)
}

/// Returns runs, newest first.
pub fn list(db: &Db<'_>, filter: &Filter) -> Result<Vec<Stored>> {
    let Filter { job, job_number, kind, name, states, since, limit, offset } = filter;
    let states = if states.is_empty() { String::new() } else { format!("AND state IN ({})", words(states.iter().map(|s| s.as_str()))) };
    let mut query = db.conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM runs WHERE (?1 IS NULL OR job_id = ?1) AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR job_number = ?3) \
         AND (?4 IS NULL OR started >= ?4) AND (?7 IS NULL OR name = ?7) {states} ORDER BY number DESC LIMIT ?5 OFFSET ?6"
    ))?;
    let mut rows = query.query(params![
        job.as_ref().map(|j| j.0.clone()),
        kind.map(JobKind::as_str),
        job_number.map(int),
        since.map(micros),
        limit,
        offset,
        name
    ])?;
    let mut runs = Vec::new();
    while let Some(row) = rows.next()? {
        runs.push(read(row)?);
    }
    Ok(runs)
}

/// Returns the newest runs of one job (not of an earlier job with the same id), newest first.
pub fn of_job(db: &Db<'_>, job_number: u64, limit: u32) -> Result<Vec<Stored>> {
    let mut query = db.conn.prepare_cached(&format!("SELECT {COLUMNS} FROM runs WHERE job_number = ?1 ORDER BY number DESC LIMIT ?2"))?;
    let mut rows = query.query(params![int(job_number), limit])?;
    let mut runs = Vec::new();
    while let Some(row) = rows.next()? {
        runs.push(read(row)?);
    }
    Ok(runs)
}

fn read(row: &Row<'_>) -> Result<Stored> {
    let kind: String = row.get("kind")?;
    let state: String = row.get("state")?;
    let counters: Option<String> = row.get("counters")?;
    let run = Run {
        number: uint(row.get("number")?),
        job: row.get::<_, Option<String>>("job_id")?.map(JobId),
        kind: JobKind::parse(&kind).ok_or_else(|| Error::io(format!("stored run of unknown kind {kind:?}")))?,
        name: row.get("name")?,
        trigger: document::trigger_from(&row.get::<_, String>("trigger_doc")?)?,
        started: time(row.get("started")?)?,
        ended: time_opt(row.get("ended")?)?,
        state: RunState::parse(&state).ok_or_else(|| Error::io(format!("stored run in unknown state {state:?}")))?,
        success: row.get("success")?,
        message: row.get("message")?,
        error: row.get("error")?,
        counters: counters.as_deref().map(document::counters_from).transpose()?,
        eval_id: row.get("eval_id")?,
        create_index: uint(row.get("create_index")?),
        modify_index: uint(row.get("modify_index")?),
    };
    Ok(Stored { run, job_number: row.get::<_, Option<i64>>("job_number")?.map(uint), restarts: uint(row.get("restarts")?) })
}

/// Stores a side, new or changed.
pub fn put_side(db: &Db<'_>, side: &RunSide) -> Result<()> {
    let RunSide { run, side, allocation_id, node, state, started, ended, progress } = side;
    db.conn
        .prepare_cached(
            "INSERT INTO run_sides (run, side, allocation_id, node, state, started, ended, progress) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
             ON CONFLICT (run, side) DO UPDATE SET state = excluded.state, started = excluded.started, ended = excluded.ended, progress = excluded.progress",
        )?
        .execute(params![
            int(*run),
            side.as_str(),
            allocation_id,
            node,
            state.as_str(),
            started.map(micros),
            ended.map(micros),
            document::progress_to(progress)?
        ])?;
    Ok(())
}

/// Returns the number of the run that has this allocation.
pub fn of_allocation(db: &Db<'_>, allocation: &str) -> Result<u64> {
    let mut query = db.conn.prepare_cached("SELECT run FROM run_sides WHERE allocation_id = ?1")?;
    let mut rows = query.query([allocation])?;
    let row = rows.next()?.ok_or_else(|| Error::NotFound(format!("allocation {allocation:?}")))?;
    Ok(uint(row.get(0)?))
}

/// Returns a run's sides, src before dest.
pub fn sides(db: &Db<'_>, run: u64) -> Result<Vec<RunSide>> {
    let mut query = db.conn.prepare_cached(
        "SELECT side, allocation_id, node, state, started, ended, progress FROM run_sides WHERE run = ?1 ORDER BY side DESC",
    )?;
    let mut rows = query.query([int(run)])?;
    let mut sides = Vec::new();
    while let Some(row) = rows.next()? {
        let side: String = row.get(0)?;
        let state: String = row.get(3)?;
        sides.push(RunSide {
            run,
            side: Side::parse(&side).ok_or_else(|| Error::io(format!("stored side {side:?}")))?,
            allocation_id: row.get(1)?,
            node: row.get(2)?,
            state: side_state(&state)?,
            started: time_opt(row.get(4)?)?,
            ended: time_opt(row.get(5)?)?,
            progress: document::progress_from(&row.get::<_, String>(6)?)?,
        });
    }
    Ok(sides)
}

fn side_state(text: &str) -> Result<SideState> {
    [SideState::Pending, SideState::Running, SideState::Dead]
        .into_iter()
        .find(|s| s.as_str() == text)
        .ok_or_else(|| Error::io(format!("stored side state {text:?}")))
}

pub fn add_event(db: &Db<'_>, event: &RunEvent) -> Result<()> {
    let RunEvent { run, side, kind, time, message, setup_error } = event;
    db.conn
        .prepare_cached("INSERT INTO run_events (run, side, kind, time, message, setup_error) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![int(*run), side.map(Side::as_str), kind.as_str(), micros(*time), message, setup_error])?;
    Ok(())
}

/// Returns a run's events, oldest first.
pub fn events(db: &Db<'_>, run: u64) -> Result<Vec<RunEvent>> {
    let mut query =
        db.conn.prepare_cached("SELECT run, side, kind, time, message, setup_error FROM run_events WHERE run = ?1 ORDER BY number")?;
    let mut rows = query.query([int(run)])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(read_event(row)?);
    }
    Ok(events)
}

/// Returns the newest events of a job's runs, oldest first.
pub fn job_events(db: &Db<'_>, job_number: u64, limit: u32) -> Result<Vec<RunEvent>> {
    let mut query = db.conn.prepare_cached(
        "SELECT e.run, e.side, e.kind, e.time, e.message, e.setup_error FROM run_events e JOIN runs r ON r.number = e.run \
         WHERE r.job_number = ?1 ORDER BY e.number DESC LIMIT ?2",
    )?;
    let mut rows = query.query(params![int(job_number), limit])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(read_event(row)?);
    }
    events.reverse();
    Ok(events)
}

fn read_event(row: &Row<'_>) -> Result<RunEvent> {
    let side: Option<String> = row.get(1)?;
    let kind: String = row.get(2)?;
    Ok(RunEvent {
        run: uint(row.get(0)?),
        side: side.as_deref().and_then(Side::parse),
        kind: RunEventKind::parse(&kind).ok_or_else(|| Error::io(format!("stored event {kind:?}")))?,
        time: time(row.get(3)?)?,
        message: row.get(4)?,
        setup_error: row.get(5)?,
    })
}

/// Keeps the newest events of a run: a job that retries for a month must not fill the disk.
pub fn trim_events(db: &Db<'_>, run: u64, keep: u32) -> Result<()> {
    db.conn.execute(
        "DELETE FROM run_events WHERE run = ?1 AND number <= (SELECT number FROM run_events WHERE run = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)",
        params![int(run), keep],
    )?;
    Ok(())
}

/// Returns the snapshot of a run's spec.
pub fn spec<S: Kept>(db: &Db<'_>, run: u64) -> Result<S> {
    let mut query = db.conn.prepare_cached("SELECT spec FROM runs WHERE number = ?1")?;
    let mut rows = query.query([int(run)])?;
    let row = rows.next()?.ok_or_else(|| Error::NotFound(format!("run {run}")))?;
    S::read(&row.get::<_, String>(0)?, "", db.cipher)
}

/// Deletes ended runs beyond the newest `keep` of each job (skipped fires are counted by themselves: a task that is slower
/// than its times must not lose its runs to them), and those older than `before`. Aggregates stay in the job.
pub fn prune(db: &Db<'_>, keep: u32, before: Timestamp) -> Result<usize> {
    let gone = db.conn.execute(
        "DELETE FROM runs WHERE ended IS NOT NULL AND (ended < ?2 OR number IN (SELECT number FROM \
         (SELECT number, row_number() OVER (PARTITION BY job_number, state = 'skipped' ORDER BY number DESC) AS place FROM runs) \
         WHERE place > ?1))",
        params![keep, micros(before)],
    )?;
    Ok(gone)
}

/// Says how many ended runs are older.
pub fn older(db: &Db<'_>, before: Timestamp) -> Result<u64> {
    let count = db.conn.query_row("SELECT count(*) FROM runs WHERE ended < ?1", [micros(before)], |row| row.get(0))?;
    Ok(uint(count))
}

/// The same by count, of one job: at the end of each run it costs nothing.
pub fn trim(db: &Db<'_>, job_number: u64, keep: u32) -> Result<()> {
    for skipped in ["state = 'skipped'", "state <> 'skipped'"] {
        db.conn
            .prepare_cached(&format!(
                "DELETE FROM runs WHERE job_number = ?1 AND ended IS NOT NULL AND {skipped} AND number <= \
                 (SELECT number FROM runs WHERE job_number = ?1 AND ended IS NOT NULL AND {skipped} ORDER BY number DESC LIMIT 1 OFFSET ?2)"
            ))?
            .execute(params![int(job_number), keep])?;
    }
    Ok(())
}
