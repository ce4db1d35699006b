//! What both dtle dialects show of an allocation, before either puts it into its own words.

use crate::model::finding::Side;
use crate::model::job::{Failure, JobState};
use crate::model::progress::SideProgress;
use crate::scheduler::AllocationView;
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) file: String,
    pub(super) pos: u64,
    /// Empty where the source has no GTIDs.
    pub(super) gtids: String,
    /// Transactions that are read and not applied.
    pub(super) behind: u64,
    pub(super) behind_seconds: u64,
    pub(super) rows_done: u64,
    /// Estimated until the copy is over.
    pub(super) rows_total: u64,
    pub(super) tx_read: u64,
    /// Applied, or found to be of no table of the job.
    pub(super) tx_done: u64,
    /// Of the copy, in percent with one decimal.
    pub(super) percent: String,
    /// Of the copy, as Go prints a duration; `N/A` while nothing can be said.
    pub(super) eta: String,
    /// Events, then transactions, that wait at the source's side, and transactions at the target's.
    pub(super) event_queue: u64,
    pub(super) extractor_queue: u64,
    pub(super) applier_queue: u64,
    /// Batches and bytes that this side has given to the other (source) or got from it (target).
    pub(super) sent: (u64, u64),
    pub(super) received: (u64, u64),
    /// Groups of transactions that the target's side sent because they were full, and because no more was waiting.
    pub(super) groups: (u64, u64),
    /// Starts of the engine in this run that followed an error.
    pub(super) reconnects: u64,
    /// As configured.
    pub(super) queue_length: Option<u64>,
    pub(super) stage: String,
    /// Nanoseconds.
    pub(super) timestamp: i64,
}

/// Returns the figures of an allocation at this time.
pub(super) fn figures(view: &AllocationView, now: Timestamp) -> Figures {
    let AllocationView { side, job, current: _, figures, eta_seconds } = view;
    let SideProgress {
        position,
        file,
        pos,
        rows_done,
        rows_estimated,
        tx_read,
        // Of the job's tables only; what is behind is counted over all that was read.
        tx_applied: _,
        row_events_read: _,
        row_events_applied: _,
        queue: _,
        queue_capacity: _,
        tx_behind,
        tx_unsent,
        events_queued,
        batches,
        batch_bytes,
        groups_full,
        groups_idle,
        delay_seconds,
        bytes: _,
        stage,
        at: _,
        source_time: _,
    } = figures;
    // A stream has a position; until there is one the copy is not over.
    let streaming = job.as_ref().is_some_and(|j| matches!(j.job.state, JobState::Streaming | JobState::Lagging | JobState::Complete));
    let copied = streaming || !position.is_empty();
    let here = |wanted: Side, n: u64| if *side == wanted { n } else { 0 };
    Figures {
        file: file.clone(),
        pos: *pos,
        gtids: gtids(figures).to_owned(),
        behind: *tx_behind,
        behind_seconds: whole_seconds(*delay_seconds),
        rows_done: *rows_done,
        rows_total: if copied { *rows_done } else { *rows_estimated },
        tx_read: *tx_read,
        tx_done: tx_read.saturating_sub(*tx_behind),
        percent: percent(*rows_done, *rows_estimated, copied),
        eta: eta(*eta_seconds, copied),
        event_queue: here(Side::Src, *events_queued),
        extractor_queue: here(Side::Src, *tx_unsent),
        applier_queue: here(Side::Dest, tx_behind.saturating_sub(*tx_unsent)),
        sent: (here(Side::Src, *batches), here(Side::Src, *batch_bytes)),
        received: (here(Side::Dest, *batches), here(Side::Dest, *batch_bytes)),
        groups: (here(Side::Dest, *groups_full), here(Side::Dest, *groups_idle)),
        reconnects: job.as_ref().filter(|_| view.current).and_then(|j| j.run.as_ref()).map_or(0, |r| r.restarts),
        queue_length: view.spec().and_then(|s| s.src.queue_length).map(u64::from),
        stage: stage.clone(),
        timestamp: i64::try_from(now.as_nanosecond()).unwrap_or(i64::MAX),
    }
}

/// Says why a job is in its state, where its word does not say it all.
pub(super) fn description(state: &JobState) -> String {
    match state {
        JobState::Pending => "waiting to be started".to_owned(),
        JobState::Copying | JobState::Streaming | JobState::Complete => String::new(),
        JobState::Lagging => "behind the source by more than the lag limit".to_owned(),
        JobState::Throttled => "throttled".to_owned(),
        JobState::Waiting(reason) => format!("waiting: {reason}"),
        JobState::Stalled(why) => format!("stalled: {why}"),
        JobState::Paused => "paused by an operator".to_owned(),
        JobState::Failed(Failure { code, message, hint }) => {
            let hint = if hint.is_empty() { String::new() } else { format!(" ({hint})") };
            format!("{code}: {message}{hint}")
        }
    }
}

/// The executed set; nothing where the source has no GTIDs and the position is its file and offset.
pub(super) fn gtids(figures: &SideProgress) -> &str {
    let by_file = figures.position == format!("{}:{}", figures.file, figures.pos);
    if by_file { "" } else { &figures.position }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole seconds are shown, and no lag is below zero")]
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

fn eta(seconds: Option<u64>, copied: bool) -> String {
    match seconds {
        _ if copied => "0s".to_owned(),
        None => "N/A".to_owned(),
        Some(s) if s >= 3600 => format!("{}h{}m{}s", s / 3600, s / 60 % 60, s % 60),
        Some(s) if s >= 60 => format!("{}m{}s", s / 60, s % 60),
        Some(s) => format!("{s}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_the_side() {
        let side = SideProgress {
            position: "0-1-9".into(),
            file: "bin.000002".into(),
            pos: 77,
            tx_read: 9,
            tx_behind: 2,
            tx_unsent: 1,
            batches: 7,
            batch_bytes: 500,
            delay_seconds: Some(3.9),
            ..SideProgress::default()
        };
        let view = |side, figures| AllocationView { side, job: None, current: false, figures, eta_seconds: None };
        let now: Timestamp = "2021-05-13T05:15:52.0914417Z".parse().unwrap();
        let src = figures(&view(Side::Src, side.clone()), now);
        assert_eq!((src.gtids.as_str(), src.behind, src.behind_seconds, src.timestamp), ("0-1-9", 2, 3, 1620882952091441700));
        assert_eq!((src.extractor_queue, src.applier_queue, src.sent, src.received), (1, 0, (7, 500), (0, 0)));
        assert_eq!((src.percent.as_str(), src.eta.as_str(), src.queue_length), ("100.0", "0s", None));
        let dest = figures(&view(Side::Dest, side), now);
        assert_eq!((dest.extractor_queue, dest.applier_queue, dest.sent, dest.received), (0, 1, (0, 0), (7, 500)));
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
        assert_eq!(
            [percent(0, 0, false), percent(1, 3, false), percent(9, 3, false), percent(0, 0, true)],
            ["0.0", "33.3", "100.0", "100.0"]
        );
    }
}
