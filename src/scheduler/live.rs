//! What a running job is told, and goes on with: its limits, and what becomes of a statement that it waits with.

use super::actor::Message;
use super::handle::{By, Handle, Selector};
use super::view::JobView;
use super::{Error, Result};
use crate::model::gates::Gates;
use crate::model::job::{JobSpec, JobState};
use crate::model::live::Throttle;
use crate::replicate::ddl::{self, Ddl, TableAction};
use std::borrow::Cow;
use std::time::Duration;

/// What a running job is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    Throttle(Throttle),
    Gates(Gates),
    /// About the statement that it waits with; with a transaction, only if that still is it.
    Ddl(DdlChoice, Option<String>),
}

/// What is decided about a statement of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DdlChoice {
    Skip,
    Replace(String),
    Retry,
}

/// How long a decision may take to show.
const TAKEN_UP: Duration = Duration::from_secs(3);

impl Handle {
    /// Limits what the job moves, at once; it is not started again.
    pub async fn throttle(&self, job: &Selector, throttle: Throttle, by: By) -> Result<JobView> {
        self.ask(|reply| Message::Tell(job.clone(), Told::Throttle(throttle), by, reply)).await
    }

    /// Sets what the job holds back for, at once. Replicas may be reached only where endpoints may.
    pub async fn gates(&self, job: &Selector, gates: Gates, by: By) -> Result<JobView> {
        let JobSpec::Replicate(mut spec) = self.get(job).await?.job.spec;
        spec.gates = gates.clone();
        self.policy.check_spec(&spec).await?;
        self.check_gates(&spec).await?;
        self.ask(|reply| Message::Tell(job.clone(), Told::Gates(gates), by, reply)).await
    }

    /// Decides about the statement that the job waits with. `of`: only if it still is that transaction's.
    pub async fn decide(&self, job: &Selector, choice: DdlChoice, of: Option<String>, by: By) -> Result<JobView> {
        if let DdlChoice::Replace(statement) = &choice {
            replacement(statement).map_err(|why| Error::Invalid(format!("statement: {why}")))?;
        }
        let view = self.ask(|reply| Message::Tell(job.clone(), Told::Ddl(choice, of), by, reply)).await?;
        // One that is tried again may be refused again.
        self.settled(view, TAKEN_UP, |v| !matches!(v.job.state, JobState::Waiting(_))).await
    }
}

/// A statement that is to run in place of one of the log, as people are told of it.
pub fn shown_replacement(text: &str) -> Cow<'_, str> {
    ddl::without_secrets(text, ddl::Mode::default())
}

/// Says what is wrong with a statement that is to run at the target in place of one of the log.
pub fn replacement(text: &str) -> Result<(), String> {
    // It runs with the default schema of the statement that it stands for.
    match ddl::classify(text, "default", false) {
        Ok(Ddl::Table(table)) if !table.temporary && table.action != TableAction::CreateSelect => Ok(()),
        Ok(Ddl::Schema { .. }) => Ok(()),
        Ok(_) => Err("only a statement that changes tables or schemas can stand for one".to_owned()),
        Err(e) => Err(e.to_string()),
    }
}
