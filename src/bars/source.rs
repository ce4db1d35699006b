//! Where bars come from, as it is configured; opened for each run, at the addresses that its host may have.

use super::Result;
use super::provider::{Files, Http, HttpSettings, Pace, Provider};
use std::net::SocketAddr;
use std::sync::Arc;

#[derive(Debug, Clone)]
pub enum Source {
    Files(Files),
    /// The pace is shared by all that is opened of it.
    Http(Box<HttpSettings>, Pace),
}

impl Source {
    /// Returns the host and port that it asks, and how they are shown; None: it asks nobody.
    pub fn server(&self) -> Result<Option<(String, u16)>> {
        match self {
            Self::Files(_) => Ok(None),
            Self::Http(settings, _) => settings.host().map(Some),
        }
    }

    pub fn open(&self, addresses: &[SocketAddr]) -> Result<Arc<dyn Provider>> {
        Ok(match self {
            Self::Files(files) => Arc::new(files.clone()),
            Self::Http(settings, pace) => Arc::new(Http::paced((**settings).clone(), addresses, pace.clone())?),
        })
    }
}
