//! The stored form of one side's figures. Every field has a default: figures of an older build still load.

use super::super::Result;
use super::{read, write};
use crate::model::progress::SideProgress;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct Stored {
    position: String,
    file: String,
    pos: u64,
    rows_done: u64,
    rows_estimated: u64,
    tx_read: u64,
    tx_applied: u64,
    row_events_read: u64,
    row_events_applied: u64,
    queue: u64,
    queue_capacity: u64,
    tx_behind: u64,
    tx_unsent: u64,
    events_queued: u64,
    batches: u64,
    batch_bytes: u64,
    delay_seconds: Option<f64>,
    bytes: u64,
    stage: String,
    at: Option<Timestamp>,
}

pub(in crate::store) fn progress_to(progress: &SideProgress) -> Result<String> {
    let SideProgress {
        position,
        file,
        pos,
        rows_done,
        rows_estimated,
        tx_read,
        tx_applied,
        row_events_read,
        row_events_applied,
        queue,
        queue_capacity,
        tx_behind,
        tx_unsent,
        events_queued,
        batches,
        batch_bytes,
        delay_seconds,
        bytes,
        stage,
        at,
    } = progress.clone();
    write(&Stored {
        position,
        file,
        pos,
        rows_done,
        rows_estimated,
        tx_read,
        tx_applied,
        row_events_read,
        row_events_applied,
        queue,
        queue_capacity,
        tx_behind,
        tx_unsent,
        events_queued,
        batches,
        batch_bytes,
        delay_seconds,
        bytes,
        stage,
        at,
    })
}

pub(in crate::store) fn progress_from(text: &str) -> Result<SideProgress> {
    let Stored {
        position,
        file,
        pos,
        rows_done,
        rows_estimated,
        tx_read,
        tx_applied,
        row_events_read,
        row_events_applied,
        queue,
        queue_capacity,
        tx_behind,
        tx_unsent,
        events_queued,
        batches,
        batch_bytes,
        delay_seconds,
        bytes,
        stage,
        at,
    } = read("progress", text)?;
    Ok(SideProgress {
        position,
        file,
        pos,
        rows_done,
        rows_estimated,
        tx_read,
        tx_applied,
        row_events_read,
        row_events_applied,
        queue,
        queue_capacity,
        tx_behind,
        tx_unsent,
        events_queued,
        batches,
        batch_bytes,
        delay_seconds,
        bytes,
        stage,
        at,
    })
}
