//! The engine as the scheduler calls it. One arm in the daemon; tests of the event loop script a second one.

use super::handle::CheckedServer;
use crate::model::endpoint::MysqlEndpoint;
use crate::model::finding::{Preflight, Side};
use crate::model::job::JobId;
use crate::model::position::Position;
use crate::model::replicate::{ReplicateSpec, TableName};
use crate::replicate::coordinates::{Asked, Moved};
use crate::replicate::sink::{Epoch, Forgotten};
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

    pub(super) async fn forget(&self, job: &JobId, spec: &ReplicateSpec, asked: Option<Epoch>) -> replicate::Result<Forgotten> {
        match self {
            Self::Real => replicate::forget(job, spec, asked).await,
            #[cfg(test)]
            Self::Scripted(script) => script.forget(job),
        }
    }

    /// `kept`: the daemon keeps something of the job. `back`: jobs in the opposite direction.
    pub(super) async fn preflight(&self, spec: &ReplicateSpec, job: &JobId, kept: bool, back: &[(JobId, ReplicateSpec)]) -> Preflight {
        // A job that was deleted with its progress kept goes on where it was. A target that cannot say is a finding below.
        let recorded = Box::pin(replicate::recorded(job, spec, kept)).await.unwrap_or_default();
        let mut report = Box::pin(replicate::preflight::run(spec, Some(job), &recorded)).await;
        report.findings.extend(Box::pin(replicate::preflight::both_ways(spec, back)).await);
        report
    }

    /// Says where a source's log stands now.
    pub(super) async fn position(&self, source: &MysqlEndpoint) -> replicate::Result<String> {
        match self {
            Self::Real => replicate::coordinates::now(source).await.map(|at| at.display()),
            #[cfg(test)]
            Self::Scripted(_) => Ok("0-1-7".to_owned()),
        }
    }

    /// Says where a job would go on, and what that passes over or repeats against where it stands.
    pub(super) async fn locate(
        &self,
        source: &MysqlEndpoint,
        asked: &Asked,
        at: &str,
        file: &str,
        offset: u64,
    ) -> replicate::Result<Moved> {
        Box::pin(replicate::coordinates::locate(source, asked, at, file, offset)).await
    }

    /// Names the tables whose copy is of later than a position.
    pub(super) async fn copied_later(&self, job: &JobId, spec: &ReplicateSpec, than: &Position) -> replicate::Result<Vec<TableName>> {
        Box::pin(replicate::copied_later(job, spec, than)).await
    }

    /// Names a status variable that a gate is to watch and its server does not have.
    pub(super) async fn lacking(&self, spec: &ReplicateSpec) -> Option<String> {
        match self {
            Self::Real => replicate::gates::lacking(spec).await,
            #[cfg(test)]
            Self::Scripted(_) => None,
        }
    }

    pub(super) async fn check_server(&self, endpoint: &MysqlEndpoint, side: Side) -> CheckedServer {
        let (info, findings, grants) = Box::pin(replicate::preflight::check_server(endpoint, side)).await;
        let (flavor, version) = info.map(|i| (i.flavor.as_str().to_owned(), i.version_text)).unwrap_or_default();
        CheckedServer { flavor, version, findings, grants }
    }
}
