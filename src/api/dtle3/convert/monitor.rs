//! An allocation's figures → dtle's task status.

use super::defaults;
use crate::api::figures::Figures;
use crate::model::finding::Side;
use crate::model::replicate::ReplicateSpec;
use crate::scheduler::AllocationView;
use crate::wire::dtle3::monitor as wire;

/// dtle's source queue holds so many groups for each of `repl_chan_buffer_size`.
const QUEUE_GROUPS: u64 = 4;

pub(in crate::api::dtle3) fn status(figures: Figures) -> wire::TaskFigures {
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
        event_queue,
        extractor_queue,
        applier_queue,
        sent: (out_messages, out_bytes),
        received: (in_messages, in_bytes),
        queue_length,
        stage,
        timestamp,
    } = figures;
    wire::TaskFigures {
        current_coordinates: wire::Coordinates { file, position: pos, gtid_set: gtids, ..wire::Coordinates::default() },
        delay_count: wire::Delay { num: behind, time: behind_seconds },
        progress_pct: percent,
        exec_master_row_count: rows_done,
        exec_master_tx_count: tx_done,
        read_master_row_count: rows_total,
        read_master_tx_count: tx_read,
        eta,
        backlog: format!("{behind}/{}", QUEUE_GROUPS * queue_length.unwrap_or(defaults::REPL_CHAN_BUFFER_SIZE)),
        throughput_status: None,
        nats_message_status: wire::Messages { in_messages, out_messages, in_bytes, out_bytes, reconnects: 0 },
        buffer_status: wire::Buffers {
            binlog_event_queue_size: event_queue,
            extractor_tx_queue_size: extractor_queue,
            applier_tx_queue_size: applier_queue,
            ..wire::Buffers::default()
        },
        stage,
        timestamp,
    }
}

/// Returns the name of the side's task, as the job has it.
pub(in crate::api::dtle3) fn task_name(view: &AllocationView) -> &str {
    match (view.spec(), view.side) {
        (Some(ReplicateSpec { src, .. }), Side::Src) => &src.task_name,
        (Some(ReplicateSpec { dest, .. }), Side::Dest) => &dest.task_name,
        (None, side) => side.as_str(),
    }
}
