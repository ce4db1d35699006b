//! Queries about jobs. Deleted jobs keep their row (runs refer to it) without their secrets.

use super::document::{self, Kept};
use super::sequences::{self, Sequence};
use super::{Db, Error, Result, int, micros, time, time_opt, uint};
use crate::model::job::{Desired, Job, JobId, JobKind, JobStats, Origin, Task, TaskLimits};
use rusqlite::{OptionalExtension as _, Row, params};

pub(super) const COLUMNS: &str = "number, id, kind, name, spec, trigger_doc, desired, origin, echo, description, created_by, created, updated, deleted, \
     create_index, modify_index, job_modify_index, next_fire, state_doc, state_since, runs, successes, failures, data_count, duration_ms, last_run, last_result, grace_seconds, deadline_seconds";

/// Returns the next job's number, for an id that is made of it. One that is not used is never used.
pub fn next_number(db: &Db<'_>) -> Result<u64> {
    sequences::next(db, Sequence::Job)
}

/// Stores a new job and gives it its indexes, and its number unless it has one. A living job of the same id, or of the
/// same kind and name, is a conflict. A job without an id is called `task-NUMBER`: tasks are known by name and number, and
/// a name can change.
pub fn insert<S: Kept>(db: &Db<'_>, job: &mut Job<S>) -> Result<()> {
    if job.number == 0 {
        job.number = next_number(db)?;
    }
    if job.id.0.is_empty() {
        job.id = JobId(format!("task-{}", job.number));
    }
    let taken: i64 = db.conn.query_row("SELECT count(*) FROM jobs WHERE deleted IS NULL AND id = ?1", [&job.id.0], |r| r.get(0))?;
    if taken > 0 {
        return Err(Error::Conflict(format!("a job with the id {:?} exists already", job.id.0)));
    }
    let taken: i64 = db.conn.query_row(
        "SELECT count(*) FROM jobs WHERE deleted IS NULL AND kind = ?1 AND name = ?2",
        params![job.kind.as_str(), job.name],
        |r| r.get(0),
    )?;
    if taken > 0 {
        return Err(Error::Conflict(format!("a {} job named {:?} exists already", job.kind.as_str(), job.name)));
    }
    let index = sequences::next(db, Sequence::Index)?;
    (job.create_index, job.modify_index, job.job_modify_index) = (index, index, index);
    write(db, job, "INSERT INTO")
}

/// Stores all of the job's fields; `modify_index` moves, and `job_modify_index` with it if the spec changed.
pub fn update<S: Kept>(db: &Db<'_>, job: &mut Job<S>, spec_changed: bool) -> Result<()> {
    job.modify_index = sequences::next(db, Sequence::Index)?;
    if spec_changed {
        job.job_modify_index = job.modify_index;
    }
    write(db, job, "UPDATE")
}

fn write<S: Kept>(db: &Db<'_>, job: &Job<S>, verb: &str) -> Result<()> {
    let Job {
        id,
        number,
        kind,
        name,
        spec,
        trigger,
        limits: TaskLimits { grace_seconds, deadline_seconds },
        desired,
        origin,
        echo,
        description,
        created_by,
        created,
        updated,
        deleted,
        create_index,
        modify_index,
        job_modify_index,
        next_fire,
        state,
        state_since,
        stats: JobStats { runs, successes, failures, data_count, duration_ms, last_run, last_result },
    } = job;
    let sql = if verb == "UPDATE" {
        "UPDATE jobs SET id = ?2, kind = ?3, name = ?4, spec = ?5, trigger_doc = ?6, desired = ?7, origin = ?8, echo = ?9, description = ?10, \
         created_by = ?11, created = ?12, updated = ?13, deleted = ?14, create_index = ?15, modify_index = ?16, job_modify_index = ?17, \
         next_fire = ?18, state = ?19, state_doc = ?20, state_since = ?21, runs = ?22, successes = ?23, failures = ?24, data_count = ?25, \
         duration_ms = ?26, last_run = ?27, last_result = ?28, grace_seconds = ?29, deadline_seconds = ?30 WHERE number = ?1"
    } else {
        "INSERT INTO jobs (number, id, kind, name, spec, trigger_doc, desired, origin, echo, description, created_by, created, updated, deleted, \
         create_index, modify_index, job_modify_index, next_fire, state, state_doc, state_since, runs, successes, failures, data_count, \
         duration_ms, last_run, last_result, grace_seconds, deadline_seconds) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, \
         ?29, ?30)"
    };
    let changed = db.conn.prepare_cached(sql)?.execute(params![
        int(*number),
        id.0,
        kind.as_str(),
        name,
        spec.write(&id.0, db.cipher)?,
        document::trigger_to(trigger)?,
        desired.as_str(),
        origin.as_str(),
        echo.as_ref().map(ToString::to_string),
        description,
        created_by,
        micros(*created),
        micros(*updated),
        deleted.map(micros),
        int(*create_index),
        int(*modify_index),
        int(*job_modify_index),
        next_fire.map(micros),
        state.as_str(),
        document::state_to(state)?,
        micros(*state_since),
        int(*runs),
        int(*successes),
        int(*failures),
        int(*data_count),
        int(*duration_ms),
        last_run.map(micros),
        last_result,
        grace_seconds,
        deadline_seconds,
    ])?;
    if changed == 1 { Ok(()) } else { Err(Error::NotFound(format!("job {id}"))) }
}

/// Returns the epoch of the latest start of the job that somebody asked for; None: it never started, or nobody kept it.
pub fn asked_epoch(db: &Db<'_>, number: u64) -> Result<Option<u64>> {
    let mut query = db.conn.prepare_cached("SELECT asked_epoch FROM jobs WHERE number = ?1")?;
    let epoch: Option<i64> = query.query_row([int(number)], |row| row.get(0)).optional()?;
    Ok(epoch.map(uint).filter(|epoch| *epoch > 0))
}

pub fn set_asked_epoch(db: &Db<'_>, number: u64, epoch: u64) -> Result<()> {
    db.conn.prepare_cached("UPDATE jobs SET asked_epoch = ?2 WHERE number = ?1")?.execute([int(number), int(epoch)])?;
    Ok(())
}

/// Lets the next start of the job be above an epoch, as if it had been asked for since that.
pub fn count_on(db: &Db<'_>, job: &JobId, count: u64, epoch: u64) -> Result<()> {
    sequences::at_least(db, Sequence::Epoch, count)?;
    let sql = "UPDATE jobs SET asked_epoch = max(asked_epoch, ?2) WHERE deleted IS NULL AND id = ?1";
    db.conn.prepare_cached(sql)?.execute(params![job.0, int(epoch)])?;
    Ok(())
}

/// Returns all living continuous jobs, by number.
pub fn living(db: &Db<'_>) -> Result<Vec<Job>> {
    of_kinds(db, &JobKind::CONTINUOUS)
}

/// Returns all living tasks, by number.
pub fn tasks(db: &Db<'_>) -> Result<Vec<Task>> {
    of_kinds(db, &JobKind::TASKS)
}

fn of_kinds<S: Kept>(db: &Db<'_>, kinds: &[JobKind]) -> Result<Vec<Job<S>>> {
    let mut query = db.conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM jobs WHERE deleted IS NULL AND kind IN ({}) ORDER BY number",
        words(kinds.iter().map(|k| k.as_str()))
    ))?;
    let mut rows = query.query([])?;
    let mut jobs = Vec::new();
    while let Some(row) = rows.next()? {
        jobs.push(read(db, row)?);
    }
    Ok(jobs)
}

/// Returns words of ours as an SQL list.
pub(super) fn words(words: impl Iterator<Item = &'static str>) -> String {
    words.map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ")
}

pub(super) fn read<S: Kept>(db: &Db<'_>, row: &Row<'_>) -> Result<Job<S>> {
    let id: String = row.get("id")?;
    let unknown = |what: &str, text: &str| Error::io(format!("job {id:?}: unknown {what} {text:?}"));
    let kind: String = row.get("kind")?;
    let desired: String = row.get("desired")?;
    let origin: String = row.get("origin")?;
    let echo: Option<String> = row.get("echo")?;
    Ok(Job {
        number: uint(row.get("number")?),
        kind: JobKind::parse(&kind).ok_or_else(|| unknown("kind", &kind))?,
        name: row.get("name")?,
        spec: S::read(&row.get::<_, String>("spec")?, &id, db.cipher)?,
        trigger: document::trigger_from(&row.get::<_, String>("trigger_doc")?)?,
        limits: TaskLimits { grace_seconds: row.get("grace_seconds")?, deadline_seconds: row.get("deadline_seconds")? },
        desired: Desired::parse(&desired).ok_or_else(|| unknown("desired state", &desired))?,
        origin: Origin::parse(&origin).ok_or_else(|| unknown("origin", &origin))?,
        echo: echo.map(|text| serde_json::from_str(&text)).transpose().map_err(|e| Error::because("stored echo", e))?,
        description: row.get("description")?,
        created_by: row.get("created_by")?,
        created: time(row.get("created")?)?,
        updated: time(row.get("updated")?)?,
        deleted: time_opt(row.get("deleted")?)?,
        create_index: uint(row.get("create_index")?),
        modify_index: uint(row.get("modify_index")?),
        job_modify_index: uint(row.get("job_modify_index")?),
        next_fire: time_opt(row.get("next_fire")?)?,
        state: document::state_from(&row.get::<_, String>("state_doc")?)?,
        state_since: time(row.get("state_since")?)?,
        stats: JobStats {
            runs: uint(row.get("runs")?),
            successes: uint(row.get("successes")?),
            failures: uint(row.get("failures")?),
            data_count: uint(row.get("data_count")?),
            duration_ms: uint(row.get("duration_ms")?),
            last_run: time_opt(row.get("last_run")?)?,
            last_result: row.get("last_result")?,
        },
        id: JobId(id),
    })
}
