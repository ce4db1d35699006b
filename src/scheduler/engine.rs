//! The engine as the scheduler calls it. One arm in the daemon; tests of the event loop script a second one.

use crate::model::finding::Preflight;
use crate::model::job::JobId;
use crate::model::replicate::ReplicateSpec;
use crate::replicate::{self, Outcome, RunContext};

#[derive(Clone)]
pub(super) enum Engine {
    Real,
    #[cfg(test)]
    Scripted(std::sync::Arc<super::actor::tests::Script>),
}

impl Engine {
    pub(super) async fn run(&self, ctx: RunContext) -> replicate::Result<Outcome> {
        match self {
            Self::Real => replicate::run(ctx).await,
            #[cfg(test)]
            Self::Scripted(script) => script.run(ctx).await,
        }
    }

    pub(super) async fn forget(&self, job: &JobId, spec: &ReplicateSpec) -> replicate::Result<()> {
        match self {
            Self::Real => replicate::forget(job, spec).await,
            #[cfg(test)]
            Self::Scripted(script) => script.forget(job),
        }
    }

    pub(super) async fn preflight(&self, _spec: &ReplicateSpec, _job: &JobId, _resuming: bool) -> replicate::Result<Preflight> {
        Ok(Preflight::default())
    }
}
