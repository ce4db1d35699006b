//! Why the scheduler said no.

use super::cron;
use super::policy::Barred;
use crate::model::finding::Preflight;
use crate::{bars, hosts, replicate, store};

/// A transition that the job's state does not allow, or a request that contradicts the job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    /// Stable, e.g. `job_complete`.
    pub code: &'static str,
    pub message: String,
    pub hint: String,
}

impl Refused {
    pub(super) fn new(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: hint.into() }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0} does not exist")]
    NotFound(String),
    /// The id or the name is taken, or the compare-and-set index is old.
    #[error("{0}")]
    Exists(String),
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The request is wrong in itself.
    #[error("{0}")]
    Invalid(String),
    /// What a field of the request holds cannot be, and why.
    #[error("{field}: {why}")]
    BadField { field: &'static str, why: String },
    /// A field of a target of bars is wrong.
    #[error("{}: {}", .0.field, .0.why)]
    BadTarget(bars::registry::Wrong),
    /// The text of a rule's row filter cannot be read.
    #[error("the row filter of rule {}: {cause}", .rule + 1)]
    RowFilter { rule: usize, cause: String },
    #[error("the preflight found {} that must be solved first", problems(.0))]
    Preflight(Box<Preflight>),
    #[error("{0}")]
    EndpointRefused(String),
    #[error("the daemon is shutting down")]
    Stopping,
    #[error(transparent)]
    Store(store::Error),
    #[error(transparent)]
    Engine(#[from] replicate::Error),
    #[error(transparent)]
    BadCron(cron::Wrong),
    #[error(transparent)]
    Hosts(#[from] hosts::Error),
    #[error(transparent)]
    Bars(#[from] bars::Error),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound(what) => Self::NotFound(what),
            store::Error::Conflict(what) => Self::Exists(what),
            io @ store::Error::Io { .. } => Self::Store(io),
        }
    }
}

impl From<Barred> for Error {
    fn from(barred: Barred) -> Self {
        match barred {
            Barred::Refused(why) => Self::EndpointRefused(why),
            unresolved @ Barred::Unresolved(_) => Self::Engine(unresolved.into()),
        }
    }
}

/// A refusal is the operator's to end; a name may resolve again.
impl From<Barred> for replicate::Error {
    fn from(barred: Barred) -> Self {
        match barred {
            Barred::Refused(why) => Self::config("endpoint_refused", why),
            Barred::Unresolved(why) => Self::transient("unreachable", why).hint("check the host name, and this machine's DNS"),
        }
    }
}

impl From<bars::registry::Wrong> for Error {
    fn from(wrong: bars::registry::Wrong) -> Self {
        Self::BadTarget(wrong)
    }
}

impl From<bars::registry::Refusal> for Error {
    fn from(refusal: bars::registry::Refusal) -> Self {
        use bars::registry::Refusal as R;
        let text = refusal.to_string();
        match refusal {
            R::Taken { .. } | R::SamePlace { .. } => Self::Exists(text),
            R::OfFile { .. } => Refused::new("target_of_file", text, "change it in the file and restart the daemon").into(),
            R::Unknown(_) => Self::NotFound(text),
        }
    }
}

impl Error {
    /// Says whether a server did not answer, rather than that the request is wrong.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Engine(e) => e.kind == replicate::Kind::Transient,
            Self::Hosts(e) => e.kind == hosts::Kind::Transient,
            Self::Bars(e) => e.kind == bars::Kind::Transient,
            _ => false,
        }
    }
}

fn problems(preflight: &Preflight) -> String {
    match preflight.errors().count() {
        1 => "1 problem".to_owned(),
        n => format!("{n} problems"),
    }
}
