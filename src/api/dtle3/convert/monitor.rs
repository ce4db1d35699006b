//! An allocation's figures → dtle's task status.

use super::defaults;
use crate::model::finding::Side;
use crate::model::job::JobState;
use crate::model::progress::SideProgress;
use crate::model::replicate::{ReplicateSpec, SinkSpec};
use crate::scheduler::AllocationView;
use crate::wire::dtle3::monitor as wire;
use jiff::Timestamp;

/// dtle's source queue holds four groups for each of `repl_chan_buffer_size`.
const QUEUE_GROUPS: u64 = 4;

/// Returns the task's figures at this time.
pub(in crate::api::dtle3) fn figures(view: &AllocationView, now: Timestamp) -> wire::TaskFigures {
    let AllocationView { side, job, current: _, figures, copied_bytes, eta_seconds } = view;
    let SideProgress {
        position,
        file,
        pos,
        rows_done,
        rows_estimated,
        tx_read,
        tx_applied,
        row_events_read: _,
        row_events_applied: _,
        queue,
        queue_capacity: _,
        delay_seconds,
        bytes,
        stage,
        at: _,
    } = figures;
    let behind = tx_read.saturating_sub(*tx_applied).max(*queue);
    let copied = job.as_ref().is_none_or(|j| matches!(j.job.state, JobState::Streaming | JobState::Lagging | JobState::Complete))
        || *tx_read > 0
        || !position.is_empty();
    let moved = if *copied_bytes == *bytes { *bytes } else { copied_bytes + bytes };
    let sent = match side {
        Side::Src => wire::Messages { out_messages: *tx_read, out_bytes: moved, ..wire::Messages::default() },
        Side::Dest => wire::Messages { in_messages: *tx_applied, in_bytes: moved, ..wire::Messages::default() },
    };
    let waiting = match side {
        Side::Src => wire::Buffers { extractor_tx_queue_size: behind.saturating_sub(*queue), ..wire::Buffers::default() },
        Side::Dest => wire::Buffers { applier_tx_queue_size: *queue, ..wire::Buffers::default() },
    };
    wire::TaskFigures {
        current_coordinates: wire::Coordinates {
            file: file.clone(),
            position: *pos,
            gtid_set: gtids(figures).to_owned(),
            ..wire::Coordinates::default()
        },
        delay_count: wire::Delay { num: behind, time: whole_seconds(*delay_seconds) },
        progress_pct: percent(*rows_done, *rows_estimated, copied),
        exec_master_row_count: *rows_done,
        exec_master_tx_count: *tx_applied,
        read_master_row_count: if copied { *rows_done } else { *rows_estimated },
        read_master_tx_count: *tx_read,
        eta: eta(*eta_seconds, copied),
        backlog: format!("{behind}/{}", QUEUE_GROUPS * queue_length(view.spec())),
        throughput_status: None,
        nats_message_status: sent,
        buffer_status: waiting,
        stage: stage.clone(),
        timestamp: i64::try_from(now.as_nanosecond()).unwrap_or(i64::MAX),
    }
}

fn queue_length(spec: Option<&ReplicateSpec>) -> u64 {
    spec.and_then(|s| s.src.queue_length).map_or(defaults::REPL_CHAN_BUFFER_SIZE, u64::from)
}

/// The executed set; nothing where the source has no GTIDs and the position is its file and offset.
fn gtids(figures: &SideProgress) -> &str {
    let by_file = figures.position == format!("{}:{}", figures.file, figures.pos);
    if by_file { "" } else { &figures.position }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float becomes the nearest whole number that there is")]
fn whole_seconds(seconds: Option<f64>) -> u64 {
    seconds.map_or(0, |s| s.max(0.0) as u64)
}

#[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
fn percent(done: u64, estimated: u64, copied: bool) -> String {
    match estimated {
        _ if copied => "100.0".to_owned(),
        0 => "0.0".to_owned(),
        all => format!("{:.1}", (done as f64 * 100.0 / all as f64).min(100.0)),
    }
}

/// A duration as Go prints it.
fn eta(seconds: Option<u64>, copied: bool) -> String {
    match seconds {
        _ if copied => "0s".to_owned(),
        None => "N/A".to_owned(),
        Some(s) if s >= 3600 => format!("{}h{}m{}s", s / 3600, s / 60 % 60, s % 60),
        Some(s) if s >= 60 => format!("{}m{}s", s / 60, s % 60),
        Some(s) => format!("{s}s"),
    }
}

/// Returns the name of the side's task, as the job has it.
pub(in crate::api::dtle3) fn task_name(view: &AllocationView) -> &str {
    match (view.spec(), view.side) {
        (Some(ReplicateSpec { src, .. }), Side::Src) => &src.task_name,
        (Some(ReplicateSpec { dest, .. }), Side::Dest) => {
            // Every sink is a destination by the same name.
            let SinkSpec::Mysql(_) = &dest.sink;
            &dest.task_name
        }
        (None, side) => side.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn view(side: Side, figures: SideProgress) -> AllocationView {
        AllocationView { side, job: None, current: false, figures, copied_bytes: 0, eta_seconds: None }
    }

    #[test]
    fn figures_are_those_of_the_side() {
        let side = SideProgress {
            position: "0-1-9".into(),
            file: "bin.000002".into(),
            pos: 77,
            tx_read: 9,
            tx_applied: 7,
            queue: 1,
            delay_seconds: Some(3.9),
            bytes: 500,
            ..SideProgress::default()
        };
        let now: Timestamp = "2021-05-13T05:15:52.0914417Z".parse().unwrap();
        let reply = serde_json::to_value(figures(&view(Side::Src, side.clone()), now)).unwrap();
        assert_eq!(reply["current_coordinates"]["gtid_set"], "0-1-9");
        assert_eq!((&reply["delay_count"], &reply["backlog"]), (&json!({"num": 2, "time": 3}), &json!("2/128")));
        assert_eq!((&reply["timestamp"], &reply["buffer_status"]["extractor_tx_queue_size"]), (&json!(1620882952091441700_i64), &json!(1)));
        assert_eq!(reply["nats_message_status"]["out_bytes"], 500);
        let dest = serde_json::to_value(figures(&view(Side::Dest, side), now)).unwrap();
        assert_eq!((&dest["nats_message_status"]["in_messages"], &dest["buffer_status"]["applier_tx_queue_size"]), (&json!(7), &json!(1)));
        assert_eq!(dest["throughput_status"], Value::Null);
    }

    #[test]
    fn a_position_by_file_is_no_gtid_set() {
        let by_file = SideProgress { position: "b.1:4".into(), file: "b.1".into(), pos: 4, ..SideProgress::default() };
        assert_eq!(gtids(&by_file), "");
    }

    #[test]
    fn durations_and_shares() {
        let eta = |s| eta(Some(s), false);
        assert_eq!([eta(0), eta(59), eta(61), eta(3723)], ["0s", "59s", "1m1s", "1h2m3s"]);
        assert_eq!([percent(0, 0, false), percent(1, 3, false), percent(9, 3, false), percent(0, 0, true)], ["0.0", "33.3", "100.0", "100.0"]);
    }
}
