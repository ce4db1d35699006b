//! What readers see of a job: its row, its figures and its open or last run.

use super::patrol::Standing;
use crate::model::finding::Finding;
use crate::model::job::Job;
use crate::model::progress::Progress;
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq)]
pub struct RunView {
    pub number: u64,
    pub started: Timestamp,
    pub src_allocation: String,
    pub dest_allocation: String,
    pub node: String,
    /// Engine starts within it that followed an error.
    pub restarts: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct JobView {
    pub job: Job,
    /// The last figures known; `job.state` is the state that counts.
    pub progress: Progress,
    pub run: Option<RunView>,
    /// The comparisons that go on all the time.
    pub patrol: Option<Standing>,
    /// What the preflight warned of, where the job was just stored after one.
    pub warnings: Vec<Finding>,
}
