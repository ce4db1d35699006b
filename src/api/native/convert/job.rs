//! A job as it stands: state, figures, run.

use super::checks::finding;
use super::spec::config;
use crate::model::job::{Failure, Job, JobKind, JobSpec, JobState};
use crate::model::live::Replacement;
use crate::model::progress::{ConflictSeen, Errors, HeldBy, Progress, Question, SideProgress, TableProgress, TopicProgress};
use crate::model::replicate::TableName;
use crate::scheduler::handover::{Counter, Handover, Missing, Stand};
use crate::scheduler::{Decided, Deletion, JobView, Patrol, PatrolStanding, Place, Repositioned, Round, RunView, shown_replacement};
use crate::wire::native::{jobs as wire, verify};

/// Returns None for kinds that this family does not show.
pub(in crate::api::native) fn job(view: JobView) -> Option<wire::Job> {
    let JobView { job, progress, run, patrol, warnings } = view;
    let Job {
        id,
        number,
        kind,
        name,
        spec: JobSpec::Replicate(spec),
        trigger: _,
        limits: _,
        desired,
        origin,
        echo: _,
        description,
        created_by,
        created,
        updated,
        deleted: _,
        create_index: _,
        modify_index: _,
        job_modify_index,
        next_fire: _,
        state,
        state_since,
        stats: _,
    } = job;
    let kind = match kind {
        JobKind::Migration => wire::JobKind::Migration,
        JobKind::Sync => wire::JobKind::Sync,
        JobKind::Subscription => wire::JobKind::Subscription,
        JobKind::Hosts | JobKind::Bars | JobKind::BarsSync => return None,
    };
    let paused = state == JobState::Paused;
    let held = || progress.held_by.iter().map(|h| h.reason.clone()).collect::<Vec<_>>().join("; ");
    let holds = matches!(state, JobState::Copying | JobState::Throttled);
    let (shown_state, reason, failure) = job_state(state);
    let reason = if holds { held() } else { reason };
    let config = config(&id, kind, &name, &description, *spec, paused);
    Some(wire::Job {
        id: id.0,
        number,
        name,
        kind,
        description,
        state: shown_state,
        reason,
        state_since: state_since.to_string(),
        desired: desired.as_str().to_owned(),
        failure,
        origin: origin.as_str().to_owned(),
        created: created.to_string(),
        updated: updated.to_string(),
        created_by,
        job_modify_index,
        config,
        verify: patrol.map(shown_patrol),
        progress: run.is_some().then(|| shown_progress(progress)),
        run: run.map(|RunView { number, started, src_allocation, dest_allocation, node, restarts }| wire::RunRef {
            number,
            started: started.to_string(),
            src_allocation,
            dest_allocation,
            node,
            restarts,
        }),
        warnings: warnings.into_iter().map(finding).collect(),
    })
}

fn shown_patrol(standing: PatrolStanding) -> verify::VerifyStanding {
    let PatrolStanding { patrol: Patrol { every_seconds, repair, rows_per_second }, next, last, .. } = standing;
    verify::VerifyStanding {
        every_seconds,
        repair,
        max_rows_per_second: rows_per_second,
        next: next.to_string(),
        last: last.map(|Round { number, state, ended, different, repaired }| verify::VerifyRound {
            number,
            state,
            ended: ended.to_string(),
            different,
            repaired,
        }),
    }
}

fn job_state(state: JobState) -> (wire::JobState, String, Option<wire::Failure>) {
    let plain = |state| (state, String::new(), None);
    match state {
        JobState::Pending => plain(wire::JobState::Pending),
        JobState::Copying => plain(wire::JobState::Copying),
        JobState::Streaming => plain(wire::JobState::Streaming),
        JobState::Lagging => plain(wire::JobState::Lagging),
        JobState::Throttled => plain(wire::JobState::Throttled),
        JobState::Waiting(reason) => (wire::JobState::Waiting, reason, None),
        JobState::Stalled(reason) => (wire::JobState::Stalled, reason, None),
        JobState::Paused => plain(wire::JobState::Paused),
        JobState::Failed(Failure { code, message, hint }) => {
            (wire::JobState::Failed, String::new(), Some(wire::Failure { code, message, hint }))
        }
        JobState::Complete => plain(wire::JobState::Complete),
    }
}

fn shown_progress(progress: Progress) -> wire::Progress {
    let purge_in_seconds = progress.purge_in();
    let Progress {
        state: _,
        src,
        dest,
        tables,
        topics,
        messages_per_second,
        source_position,
        applied: _,
        in_step,
        spool_bytes,
        copy_rows_per_second,
        copy_bytes_per_second,
        apply_rows_per_second,
        eta_seconds,
        notes,
        copied_total: _,
        log_kept_seconds,
        conflicts: _,
        held_back,
        held_by,
        finishes_when,
        // The state's reason says it; asked for by itself, it is shown in full.
        question: _,
        // So does that.
        busy: _,
        target_stands,
        errors: Errors { last, last_at, recovered_at, count, restarts: _ },
    } = progress;
    let SideProgress {
        position,
        file,
        pos,
        rows_done,
        rows_estimated,
        tx_read: _,
        tx_applied,
        row_events_read: _,
        row_events_applied,
        queue,
        queue_capacity,
        tx_behind: _,
        tx_unsent: _,
        events_queued: _,
        batches: _,
        batch_bytes: _,
        groups_full: _,
        groups_idle: _,
        delay_seconds,
        bytes,
        stage,
        at,
        // The lag says it.
        source_time: _,
    } = dest;
    wire::Progress {
        stage: if stage.is_empty() { src.stage } else { stage },
        position,
        source_position,
        file,
        file_position: pos,
        lag_seconds: delay_seconds,
        in_step_seconds: in_step.map(|at| at.elapsed().as_secs_f64()),
        rows_copied: rows_done,
        // The source's side knows the estimate before the target's does.
        rows_estimated: rows_estimated.max(src.rows_estimated),
        bytes_copied: bytes,
        copy_rows_per_second,
        copy_bytes_per_second,
        eta_seconds,
        transactions_read: src.tx_read,
        transactions_applied: tx_applied,
        row_events_applied,
        apply_rows_per_second,
        queue,
        queue_capacity,
        spool_bytes,
        target_stands,
        held_back,
        held_by: held_by.into_iter().map(|HeldBy { reason, since }| wire::HeldBy { reason, since: since.to_string() }).collect(),
        finishes_when,
        log_kept_seconds,
        purge_in_seconds,
        tables: tables.into_iter().map(table).collect(),
        topics: topics.into_iter().map(topic).collect(),
        messages_per_second,
        notes: notes.into_iter().map(|(what, count)| wire::Note { what, count }).collect(),
        last_error: last,
        last_error_at: last_at.map(|t| t.to_string()),
        last_error_recovered_at: recovered_at.map(|t| t.to_string()),
        errors: count,
        at: at.or(src.at).map(|t| t.to_string()),
    }
}

fn topic(progress: TopicProgress) -> wire::TopicProgress {
    let TopicProgress { topic, partitions, messages, bytes } = progress;
    wire::TopicProgress { topic, partitions, messages, bytes }
}

fn table(progress: TableProgress) -> wire::TableProgress {
    let TableProgress {
        table,
        phase,
        rows_copied,
        rows_estimated,
        bytes_copied,
        inserts,
        updates,
        deletes,
        conflicts,
        filtered,
        held_rows,
    } = progress;
    wire::TableProgress {
        schema: table.schema,
        table: table.table,
        phase: phase.as_str().to_owned(),
        rows_copied,
        rows_estimated,
        bytes_copied,
        inserts,
        updates,
        deletes,
        conflicts,
        filtered,
        held_rows,
    }
}

pub(in crate::api::native) fn deleted(gone: Deletion) -> wire::Deleted {
    let Deletion { id, note, index: _ } = gone;
    wire::Deleted { id: id.0, note }
}

pub(in crate::api::native) fn ddl(decided: Decided) -> wire::DdlList {
    let Decided { view, mut statements } = decided;
    let JobSpec::Replicate(spec) = view.job.spec;
    let shown = |Question { transaction, statement, default_schema, code, message, hint, inside, since }| wire::WaitingDdl {
        transaction,
        statement,
        default_schema,
        code,
        message,
        hint,
        in_transaction: inside,
        since: since.to_string(),
    };
    let skipped = spec.src.skip.into_iter().map(|transaction| (transaction, "skip", None, None));
    // It waits with what was given, or still with what that was given for.
    let asked = view.progress.question.clone();
    let failed = |transaction: &str| asked.as_ref().filter(|q| q.transaction.eq_ignore_ascii_case(transaction)).map(|q| q.message.clone());
    let replaced = spec.src.replace.iter().map(|Replacement { transaction, statement }| {
        let failed = failed(transaction);
        let decision = if failed.is_some() { "failed" } else { "replace" };
        (transaction.clone(), decision, Some(shown_replacement(statement).into_owned()), failed)
    });
    let decided = |(transaction, decision, statement, error): (String, &str, _, Option<String>)| wire::DecidedDdl {
        original: statements.remove(&transaction),
        transaction,
        decision: decision.to_owned(),
        statement,
        error: error.unwrap_or_default(),
    };
    wire::DdlList { waiting: view.progress.question.map(shown), decided: skipped.chain(replaced).map(decided).collect() }
}

pub(in crate::api::native) fn tables(view: JobView) -> wire::TableList {
    wire::TableList { tables: view.progress.tables.into_iter().map(table).collect() }
}

pub(in crate::api::native) fn place(place: Place) -> wire::JobPosition {
    let Place { view: JobView { job, progress, run: _, patrol: _, warnings: _ }, ordered, source: (source_position, asked) } = place;
    let at = progress.dest;
    wire::JobPosition {
        id: job.id.0,
        position: at.position,
        file: at.file,
        file_position: at.pos,
        source_position,
        source_position_at: asked.map(|at| at.to_string()),
        lag_seconds: at.delay_seconds,
        ordered,
    }
}

pub(in crate::api::native) fn repositioned(moved: Repositioned) -> wire::PositionMoved {
    let Repositioned { place: from, to, skipped, repeated, warnings } = moved;
    wire::PositionMoved { from: place(from), to, skipped, repeated, warnings }
}

pub(in crate::api::native) fn conflicts(view: JobView) -> wire::ConflictList {
    let total = view.progress.tables.iter().map(|t| t.conflicts).sum();
    let shown = |ConflictSeen { time, table, key, values, transaction, change, decision, differs }| wire::Conflict {
        time: time.to_string(),
        schema: table.schema,
        table: table.table,
        key,
        values,
        transaction,
        change: change.as_str().to_owned(),
        decision: decision.as_str().to_owned(),
        differs,
    };
    wire::ConflictList { total, conflicts: view.progress.conflicts.into_iter().rev().map(shown).collect() }
}

pub(in crate::api::native) fn handover(found: Handover) -> wire::Handover {
    let Handover { at, source_read_only, source, target, missing, counters, unknown } = found;
    let end = |Stand { server, gtid, file, offset, unsaid }| wire::LogEnd { server, gtid, file, file_position: offset, unsaid };
    let object = |Missing { kind, schema, name }: Missing| {
        let statement = format!("SHOW CREATE {kind} {}", TableName::new(&schema, &name).quoted());
        wire::MissingObject { kind, schema, name, statement }
    };
    let counter = |c: Counter| {
        let Counter { kind, schema, name, source, target, statement } = c;
        wire::BehindCounter { kind, schema, name, source, target, statement }
    };
    wire::Handover {
        at: at.to_string(),
        source_read_only,
        source: end(source),
        target: end(target),
        missing: missing.into_iter().map(object).collect(),
        counters: counters.into_iter().map(counter).collect(),
        unknown,
    }
}
