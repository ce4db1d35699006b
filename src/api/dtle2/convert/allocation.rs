//! Runs and their figures → allocations and stats.

use super::{defaults, role};
use crate::api::figures::Figures;
use crate::model::finding::Side;
use crate::model::job::{Desired, Job};
use crate::model::run::{Run, RunEvent, RunEventKind, RunSide, RunState, SideState};
use crate::scheduler::RunParts;
use crate::wire::dtle2::allocation as wire;
use std::collections::BTreeMap;

/// Returns the allocations of these runs, oldest first.
pub(in crate::api::dtle2) fn allocations(job: &Job, runs: &[RunParts]) -> Vec<wire::Allocation> {
    runs.iter().flat_map(|parts| parts.sides.iter().map(|side| allocation(job, parts, side))).collect()
}

fn allocation(job: &Job, parts: &RunParts, side: &RunSide) -> wire::Allocation {
    let RunParts { run, sides: _, events } = parts;
    let Run {
        number: _,
        job: _,
        kind: _,
        name: _,
        trigger: _,
        started: created,
        ended: _,
        state: run_state,
        success: _,
        message: _,
        error,
        counters: _,
        eval_id,
        create_index,
        modify_index,
    } = run;
    let RunSide { run: _, side: which, allocation_id, node, state, started, ended, progress: _ } = side;
    let task = role(*which);
    let mine = |e: &&RunEvent| e.side.is_none_or(|s| s == *which);
    let state_of_task = wire::TaskState {
        events: events.iter().filter(mine).map(event).collect(),
        failed: *run_state == RunState::Failed,
        finished_at: ended.map(|t| t.to_string()),
        started_at: started.map(|t| t.to_string()),
        state: state.as_str(),
    };
    wire::Allocation {
        client_description: error.clone(),
        client_status: client_status(*state, *run_state),
        create_index: *create_index,
        create_time: i64::try_from(created.as_nanosecond()).unwrap_or(i64::MAX),
        desired_description: String::new(),
        desired_status: match (run_state, job.desired) {
            (RunState::Running, Desired::Paused) => "pause",
            (RunState::Running, Desired::Running | Desired::Finished) => "run",
            _ => "stop",
        },
        eval_id: eval_id.clone(),
        id: allocation_id.clone(),
        job_id: job.id.0.clone(),
        modify_index: *modify_index,
        name: format!("{}.{task}", job.name),
        node_id: node.clone(),
        task,
        task_states: BTreeMap::from([(task, state_of_task)]),
    }
}

fn client_status(side: SideState, run: RunState) -> &'static str {
    match (side, run) {
        (SideState::Pending, _) => "pending",
        (SideState::Running, _) => "running",
        (SideState::Dead, RunState::Failed | RunState::Partial) => "failed",
        (SideState::Dead, RunState::Interrupted) => "lost",
        (SideState::Dead, RunState::Running | RunState::Completed | RunState::Cancelled | RunState::Skipped) => "complete",
    }
}

fn event(event: &RunEvent) -> wire::Event {
    let RunEvent { run: _, side: _, kind, time, message, setup_error } = event;
    let text = || message.clone();
    let mut out = wire::Event {
        message: text(),
        setup_error: setup_error.clone(),
        time: time.to_string(),
        kind: kind.as_str(),
        ..wire::Event::default()
    };
    match kind {
        RunEventKind::Driver => out.driver_message = text(),
        RunEventKind::DriverFailure => out.driver_error = text(),
        RunEventKind::Signaling => out.task_signal = text(),
        RunEventKind::Restarting => out.restart_reason = text(),
        RunEventKind::Killed => out.kill_reason = text(),
        RunEventKind::Received | RunEventKind::TaskSetup | RunEventKind::Started | RunEventKind::Terminated | RunEventKind::Note => {}
    }
    out
}

pub(in crate::api::dtle2) fn stats(side: Side, figures: Figures) -> wire::Stats {
    let Figures {
        file,
        pos,
        gtids,
        behind,
        behind_seconds,
        rows_done,
        rows_total,
        tx_read,
        tx_done,
        percent,
        eta,
        // No word of this dialect.
        event_queue: _,
        extractor_queue,
        applier_queue,
        sent: (out_msgs, out_bytes),
        received: (in_msgs, in_bytes),
        queue_length,
        stage,
        timestamp,
    } = figures;
    let figures = wire::Figures {
        backlog: format!("{behind}/{}", queue_length.unwrap_or(defaults::REPL_CHAN_BUFFER_SIZE)),
        buffer_stat: wire::BufferStat {
            applier_tx_queue_size: applier_queue,
            extractor_tx_queue_size: extractor_queue,
            ..wire::BufferStat::default()
        },
        current_coordinates: wire::Coordinates { file, gtid_set: gtids, position: pos, ..wire::Coordinates::default() },
        delay_count: wire::DelayCount { num: behind, time: behind_seconds },
        eta,
        exec_master_row_count: rows_done,
        exec_master_tx_count: tx_done,
        msg_stat: wire::MsgStat { in_bytes, in_msgs, out_bytes, out_msgs, reconnects: 0 },
        progress_pct: percent,
        read_master_row_count: rows_total,
        read_master_tx_count: tx_read,
        stage,
        table_stats: None,
        throughput_stat: None,
        timestamp,
    };
    wire::Stats { tasks: BTreeMap::from([(role(side), figures)]) }
}
