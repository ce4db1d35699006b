use crate::model::job::JobId;
use crate::replicate::{self, Outcome, RunContext};

/// A scripted engine.
pub(in super::super) struct Script;

impl Script {
    pub(in super::super) async fn run(&self, ctx: RunContext) -> replicate::Result<Outcome> {
        ctx.cancel.cancelled().await;
        Ok(Outcome::Cancelled)
    }
    pub(in super::super) fn forget(&self, _job: &JobId) -> replicate::Result<()> {
        Ok(())
    }
}
