//! `/api/v1/tasks`, `/api/v1/cron`, and runs that are told to begin or to stop.

use super::{Client, Error};
use crate::wire::native::runs::Run;
use crate::wire::native::tasks::{RunCreate, Task, TaskChange, TaskCreate, TaskDeleted, TaskList, Times};

impl Client {
    pub async fn tasks(&self, kind: Option<&str>, enabled: Option<bool>) -> Result<TaskList, Error> {
        let mut pairs: Vec<(&str, String)> = kind.map(|k| ("kind", k.to_owned())).into_iter().collect();
        pairs.extend(enabled.map(|e| ("enabled", e.to_string())));
        self.get(&["tasks"], &pairs).await
    }
    pub async fn task(&self, id: &str) -> Result<Task, Error> {
        self.get(&["tasks", id], &[]).await
    }
    pub async fn create_task(&self, task: &TaskCreate) -> Result<Task, Error> {
        self.post(&["tasks"], &[], task).await
    }
    pub async fn update_task(&self, id: &str, change: &TaskChange) -> Result<Task, Error> {
        self.put(&["tasks", id], &[], change).await
    }
    pub async fn delete_task(&self, id: &str) -> Result<TaskDeleted, Error> {
        self.delete(&["tasks", id], &[]).await
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
    pub async fn start_run(&self, run: &RunCreate) -> Result<Run, Error> {
        self.post(&["runs"], &[], run).await
    }
    pub async fn cancel_run(&self, number: u64) -> Result<Run, Error> {
        self.post(&["runs", &number.to_string(), "cancel"], &[], &serde_json::json!({})).await
    }
}
