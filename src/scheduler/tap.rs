//! Looking at the changes of a running job (`replicate::tap`).

use super::actor::Message;
use super::handle::{Handle, Selector};
use super::view::JobView;
use super::{Refused, Result};
use crate::model::job::{Failure, JobSpec, JobState};
use crate::replicate::tap::{Tap, Viewer};

/// Viewers of one job at a time.
const MOST: usize = 16;

/// How somebody looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub values: bool,
    /// `schema.table`, or a table's name in any schema.
    pub table: Option<String>,
    pub rows_per_second: u64,
}

/// A look that has begun; dropping it ends it.
#[derive(Debug)]
pub struct Tapping {
    pub view: JobView,
    pub viewer: Viewer,
}

impl Handle {
    /// Begins to look at a job that is at work, or about to be again.
    pub async fn tap(&self, job: &Selector, look: Look) -> Result<Tapping> {
        let (view, tap): (JobView, Tap) = self.ask(|reply| Message::Tap(job.clone(), reply)).await?;
        if !Tapping::goes_on(&view) {
            let message = format!("the job is {}: no changes pass", view.job.state.as_str());
            return Err(Refused::new("job_rests", message, "`syncline jobs show` says how it goes on").into());
        }
        if tap.viewers() >= MOST {
            return Err(Refused::new("too_many_viewers", format!("{MOST} look at this job already"), "end one of them").into());
        }
        let JobSpec::Replicate(spec) = &view.job.spec;
        let Look { values, table, rows_per_second } = look;
        let viewer = Viewer::new(tap, spec, table, values, rows_per_second);
        Ok(Tapping { view, viewer })
    }
}

impl Tapping {
    /// Says whether changes will pass without somebody's doing.
    pub fn goes_on(view: &JobView) -> bool {
        view.job.state == JobState::Pending || view.job.state.is_active()
    }

    /// Takes up what the job is to do by now.
    pub fn follow(&mut self, view: &JobView) {
        let JobSpec::Replicate(spec) = &view.job.spec;
        self.viewer.follow(spec);
    }

    /// Why there is nothing more to see. None: the job is gone.
    pub fn over(view: Option<&JobView>) -> Failure {
        let said = |code: &str, message: &str| Failure { code: code.into(), message: message.into(), hint: String::new() };
        match view.map(|v| &v.job.state) {
            None => said("job_deleted", "the job was deleted"),
            Some(JobState::Failed(failure)) => failure.clone(),
            Some(JobState::Complete) => said("job_complete", "the job is complete"),
            Some(_) => said("job_paused", "the job was paused"),
        }
    }
}
