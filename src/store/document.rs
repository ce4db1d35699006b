//! The stored forms of values that have no columns of their own: JSON with a version. What is written once must load
//! for ever: a change of meaning makes a new version beside the old one, and `fixtures/` keeps one file per version.
//!
//! These structs are the store's own, so that a renamed field of the model cannot rename what is on disk. Conversions
//! destructure both sides.

mod bars;
mod figures;
mod gates;
mod hosts;
mod kafka;
mod lines;
mod parts;
mod progress;
mod target;

pub(super) use figures::{figures_from, figures_to};
pub(super) use progress::{progress_from, progress_to};
pub(super) use target::{target_from, target_to};

use super::cipher::Cipher;
use super::{Error, Result};
use crate::model::bars::{BarCounts, SyncCounts, TaskKind};
use crate::model::hosts::HostCounts;
use crate::model::job::{Failure, JobSpec, JobState, TaskSpec, Trigger};
use crate::model::run::Counters;
use serde::{Deserialize, Serialize};

const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Spec {
    version: u32,
    replicate: parts::Replicate,
}

#[derive(Serialize, Deserialize)]
struct Task {
    version: u32,
    work: Work,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Work {
    HostMetrics(hosts::HostMetrics),
    Bars(bars::Bars),
    BarsSync(bars::BarsSync),
}

/// A spec as the store keeps it: those of continuous jobs and those of tasks have rows in one table.
pub trait Kept: Sized {
    fn write(&self, job: &str, cipher: &Cipher) -> Result<String>;
    fn read(text: &str, job: &str, cipher: &Cipher) -> Result<Self>;
    /// Returns the spec as history may keep it.
    fn without_secrets(&self) -> Self;
}

impl Kept for JobSpec {
    fn write(&self, job: &str, cipher: &Cipher) -> Result<String> {
        let Self::Replicate(spec) = self;
        write(&Spec { version: VERSION, replicate: parts::Replicate::seal(spec, job, cipher)? })
    }
    fn read(text: &str, job: &str, cipher: &Cipher) -> Result<Self> {
        let Spec { version, replicate } = read("job spec", text)?;
        check(version, "job spec")?;
        Ok(Self::Replicate(Box::new(replicate.open(job, cipher)?)))
    }
    fn without_secrets(&self) -> Self {
        super::runs::without_secrets(self)
    }
}

impl Kept for TaskSpec {
    fn write(&self, _job: &str, _cipher: &Cipher) -> Result<String> {
        let work = match self {
            Self::HostMetrics(spec) => Work::HostMetrics(hosts::HostMetrics::of(spec)),
            Self::Bars(spec) => Work::Bars(bars::Bars::of(spec)),
            Self::BarsSync(spec) => Work::BarsSync(bars::BarsSync::of(spec)),
        };
        write(&Task { version: VERSION, work })
    }
    fn read(text: &str, _job: &str, _cipher: &Cipher) -> Result<Self> {
        let Task { version, work } = read("task spec", text)?;
        check(version, "task spec")?;
        Ok(match work {
            Work::HostMetrics(spec) => Self::HostMetrics(spec.model()?),
            Work::Bars(spec) => Self::Bars(spec.model()?),
            Work::BarsSync(spec) => Self::BarsSync(spec.model()?),
        })
    }
    /// It has none: credentials are the configuration's.
    fn without_secrets(&self) -> Self {
        self.clone()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredTrigger {
    Continuous,
    Cron { expr: String, time_zone: String },
    Manual,
}

pub(super) fn trigger_to(trigger: &Trigger) -> Result<String> {
    write(&match trigger.clone() {
        Trigger::Continuous => StoredTrigger::Continuous,
        Trigger::Cron { expr, time_zone } => StoredTrigger::Cron { expr, time_zone },
        Trigger::Manual => StoredTrigger::Manual,
    })
}

pub(super) fn trigger_from(text: &str) -> Result<Trigger> {
    Ok(match read("trigger", text)? {
        StoredTrigger::Continuous => Trigger::Continuous,
        StoredTrigger::Cron { expr, time_zone } => Trigger::Cron { expr, time_zone },
        StoredTrigger::Manual => Trigger::Manual,
    })
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredState {
    Pending,
    Copying,
    Streaming,
    Lagging,
    Throttled,
    Waiting {
        reason: String,
    },
    /// As it stood here without a reason.
    Stalled,
    StalledAt {
        reason: String,
    },
    Paused,
    Failed {
        code: String,
        message: String,
        hint: String,
    },
    Complete,
}

pub(super) fn state_to(state: &JobState) -> Result<String> {
    write(&match state.clone() {
        JobState::Pending => StoredState::Pending,
        JobState::Copying => StoredState::Copying,
        JobState::Streaming => StoredState::Streaming,
        JobState::Lagging => StoredState::Lagging,
        JobState::Throttled => StoredState::Throttled,
        JobState::Waiting(reason) => StoredState::Waiting { reason },
        JobState::Stalled(reason) => StoredState::StalledAt { reason },
        JobState::Paused => StoredState::Paused,
        JobState::Failed(Failure { code, message, hint }) => StoredState::Failed { code, message, hint },
        JobState::Complete => StoredState::Complete,
    })
}

pub(super) fn state_from(text: &str) -> Result<JobState> {
    Ok(match read("job state", text)? {
        StoredState::Pending => JobState::Pending,
        StoredState::Copying => JobState::Copying,
        StoredState::Streaming => JobState::Streaming,
        StoredState::Lagging => JobState::Lagging,
        StoredState::Throttled => JobState::Throttled,
        StoredState::Waiting { reason } => JobState::Waiting(reason),
        StoredState::Stalled => JobState::Stalled(String::new()),
        StoredState::StalledAt { reason } => JobState::Stalled(reason),
        StoredState::Paused => JobState::Paused,
        StoredState::Failed { code, message, hint } => JobState::Failed(Failure { code, message, hint }),
        StoredState::Complete => JobState::Complete,
    })
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredCounters {
    Hosts {
        total: u64,
        inserted: u64,
        updated: u64,
        failed: u64,
        no_data: u64,
        not_in_pool: u64,
        requests: u64,
        retries: u64,
    },
    BarsTask {
        task: String,
        total: u64,
        updated: u64,
        unchanged: u64,
        no_data: u64,
        sound: u64,
        faulty: u64,
        failed: u64,
        bars: u64,
        #[serde(default)]
        doubtful: u64,
        #[serde(default)]
        gone: u64,
    },
    BarsSync {
        series: u64,
        carried: u64,
        bars: u64,
        #[serde(default)]
        removed: u64,
        failed: u64,
    },
    Rows {
        copied: u64,
        applied: u64,
        transactions: u64,
        bytes: u64,
    },
}

pub(super) fn counters_to(counters: &Counters) -> Result<String> {
    write(&match *counters {
        Counters::Hosts(HostCounts { total, inserted, updated, failed, no_data, not_in_pool, requests, retries }) => {
            StoredCounters::Hosts { total, inserted, updated, failed, no_data, not_in_pool, requests, retries }
        }
        Counters::Bars { task, counts: BarCounts { total, updated, unchanged, no_data, sound, faulty, failed, bars, doubtful, gone } } => {
            let task = task.as_str().to_owned();
            StoredCounters::BarsTask { task, total, updated, unchanged, no_data, sound, faulty, failed, bars, doubtful, gone }
        }
        Counters::BarsSync(SyncCounts { series, carried, bars, removed, failed }) => {
            StoredCounters::BarsSync { series, carried, bars, removed, failed }
        }
        Counters::Rows { copied, applied, transactions, bytes } => StoredCounters::Rows { copied, applied, transactions, bytes },
    })
}

pub(super) fn counters_from(text: &str) -> Result<Counters> {
    Ok(match read("counters", text)? {
        StoredCounters::Hosts { total, inserted, updated, failed, no_data, not_in_pool, requests, retries } => {
            Counters::Hosts(HostCounts { total, inserted, updated, failed, no_data, not_in_pool, requests, retries })
        }
        StoredCounters::BarsTask { task, total, updated, unchanged, no_data, sound, faulty, failed, bars, doubtful, gone } => {
            Counters::Bars {
                task: TaskKind::parse(&task).ok_or_else(|| Error::io(format!("stored counters of the task type {task:?}")))?,
                counts: BarCounts { total, updated, unchanged, no_data, sound, faulty, failed, bars, doubtful, gone },
            }
        }
        StoredCounters::BarsSync { series, carried, bars, removed, failed } => {
            Counters::BarsSync(SyncCounts { series, carried, bars, removed, failed })
        }
        StoredCounters::Rows { copied, applied, transactions, bytes } => Counters::Rows { copied, applied, transactions, bytes },
    })
}

fn write<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::because("write a document", e))
}

fn read<T: for<'de> Deserialize<'de>>(what: &str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| Error::because(format!("stored {what}"), e))
}

fn check(version: u32, what: &str) -> Result<()> {
    if version == VERSION {
        return Ok(());
    }
    Err(Error::io(format!("stored {what} has version {version}; this build knows {VERSION}")))
}

#[cfg(test)]
mod tests;
