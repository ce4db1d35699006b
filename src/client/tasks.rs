//! `/api/v1/tasks`, `/api/v1/cron`, and runs that are told to begin or to stop.

use super::{Client, Error};
use crate::wire::native::runs::Run;
use crate::wire::native::tasks::{RunCreate, RunJudged, Task, TaskChange, TaskCreate, TaskDeleted, TaskList, Times};

/// Daemons of before know no such parameter: it is sent where it says something.
pub(super) fn trying(dry_run: bool) -> Vec<(&'static str, String)> {
    if dry_run { vec![("dry_run", "true".to_owned())] } else { Vec::new() }
}

impl Client {
    pub async fn tasks(&self, kind: Option<&str>, enabled: Option<bool>) -> Result<TaskList, Error> {
        let mut pairs: Vec<(&str, String)> = kind.map(|k| ("kind", k.to_owned())).into_iter().collect();
        pairs.extend(enabled.map(|e| ("enabled", e.to_string())));
        self.get(&["tasks"], &pairs).await
    }
    pub async fn task(&self, id: &str) -> Result<Task, Error> {
        self.get(&["tasks", id], &[]).await
    }
    /// `dry_run`: it is judged, and not stored.
    pub async fn create_task(&self, task: &TaskCreate, dry_run: bool) -> Result<Task, Error> {
        self.post(&["tasks"], &trying(dry_run), task).await
    }
    pub async fn update_task(&self, id: &str, change: &TaskChange, dry_run: bool) -> Result<Task, Error> {
        self.put(&["tasks", id], &trying(dry_run), change).await
    }
    pub async fn delete_task(&self, id: &str, dry_run: bool) -> Result<TaskDeleted, Error> {
        self.delete(&["tasks", id], &trying(dry_run)).await
    }
    pub async fn enable_task(&self, id: &str, enabled: bool) -> Result<Task, Error> {
        self.post(&["tasks", id, if enabled { "enable" } else { "disable" }], &[], &serde_json::json!({})).await
    }
    pub async fn run_task(&self, id: &str) -> Result<Run, Error> {
        self.post(&["tasks", id, "run"], &[], &serde_json::json!({})).await
    }
    pub async fn task_times(&self, id: &str, count: u32) -> Result<Times, Error> {
        self.get(&["tasks", id, "next"], &[("count", count.to_string())]).await
    }
    pub async fn cron(&self, cron: &str, kind: Option<&str>, time_zone: Option<&str>, count: u32) -> Result<Times, Error> {
        let mut pairs = vec![("cron", cron.to_owned()), ("count", count.to_string())];
        pairs.extend(kind.map(|kind| ("kind", kind.to_owned())));
        pairs.extend(time_zone.map(|zone| ("time_zone", zone.to_owned())));
        self.get(&["cron"], &pairs).await
    }
    /// Says what [`Self::start_run`] would refuse.
    pub async fn judge_run(&self, run: &RunCreate) -> Result<RunJudged, Error> {
        self.post(&["runs"], &trying(true), run).await
    }
    pub async fn start_run(&self, run: &RunCreate) -> Result<Run, Error> {
        self.post(&["runs"], &[], run).await
    }
    pub async fn cancel_run(&self, number: u64) -> Result<Run, Error> {
        self.post(&["runs", &number.to_string(), "cancel"], &[], &serde_json::json!({})).await
    }
}
