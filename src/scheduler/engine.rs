//! The engine as the scheduler calls it. One arm in the daemon; tests of the event loop script a second one.

use super::handle::CheckedServer;
use crate::model::endpoint::MysqlEndpoint;
use crate::model::finding::{Preflight, Side};
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

    pub(super) async fn preflight(&self, spec: &ReplicateSpec, job: &JobId, resuming: bool) -> replicate::Result<Preflight> {
        match self {
            Self::Real => Ok(Box::pin(replicate::preflight::run(spec, Some(job), resuming)).await),
            #[cfg(test)]
            Self::Scripted(_) => Ok(Preflight::default()),
        }
    }

    pub(super) async fn check_server(&self, endpoint: &MysqlEndpoint, _side: Side) -> replicate::Result<CheckedServer> {
        let mut conn = replicate::connect::open(endpoint, false).await?;
        let info = replicate::connect::inspect(&mut conn, endpoint).await?;
        // What it said is in hand; a connection that does not close in order is no finding.
        let _ = conn.disconnect().await;
        Ok(CheckedServer { flavor: info.flavor.as_str().to_owned(), version: info.version_text, findings: Vec::new(), grants: Vec::new() })
    }
}
