//! Where bars come from, as it is configured; opened for each run, at the addresses that its host may have.

use super::provider::{Files, Held, Http, HttpSettings, Keep, Pace, Provider};
use super::store::Store;
use super::{Error, Result};
use crate::model::bars::{BarsSpec, TaskKind};
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

    /// Keeps with the bars how long a source asked to be left alone, and takes in what is kept there. It is one server's: another one
    /// under the same name has asked for nothing.
    pub(super) async fn keep_in(&self, store: &Store) {
        let Self::Http(settings, pace) = self else { return };
        let Ok((host, port)) = settings.host() else { return };
        let note = format!("held:{} {host}:{port}", settings.name);
        let known = match store.value(&note).await {
            Ok(text) => text.and_then(|text| serde_json::from_str::<Held>(&text).ok()),
            Err(error) => {
                tracing::warn!(provider = settings.name, %error, "whether a provider asked to be left alone is not known");
                None
            }
        };
        let (store, provider) = (store.clone(), settings.name.clone());
        let keep: Keep = Arc::new(move |held| {
            let (store, provider, note) = (store.clone(), provider.clone(), note.clone());
            Box::pin(async move {
                let text = serde_json::to_string(&held).expect("a time and a number");
                if let Err(error) = store.set_value(&note, &text).await {
                    tracing::warn!(provider, %error, "how long a provider asked to be left alone was not kept");
                }
            })
        });
        pace.keep(known, keep).await;
    }

    pub fn open(&self, addresses: &[SocketAddr]) -> Result<Arc<dyn Provider>> {
        Ok(match self {
            Self::Files(files) => Arc::new(files.clone()),
            Self::Http(settings, pace) => Arc::new(Http::paced((**settings).clone(), addresses, pace.clone())?),
        })
    }
}

/// Names the provider that a task uses, among those that there are; None: it uses none. The one judge of it: of a running daemon's
/// tasks, and of the file's before a daemon starts.
pub fn choose<'a>(spec: &'a BarsSpec, names: &[&'a str]) -> Result<Option<&'a str>> {
    let missing = |message: String| Err(Error::config("bars_provider_missing", message));
    let list = || names.join(", ");
    match (&spec.provider, names) {
        (Some(name), names) if names.contains(&name.as_str()) => Ok(Some(name)),
        (Some(name), []) => missing(format!("there is no provider {name:?}: [[dms.providers]] has none")),
        (Some(name), _) => missing(format!("there is no provider {name:?}; [[dms.providers]] has {}", list())),
        (None, _) if spec.kind == TaskKind::Validation => Ok(None),
        (None, [only]) => Ok(Some(only)),
        (None, []) => missing(format!("a task of the type {} needs a provider: [[dms.providers]] has none", spec.kind.as_str())),
        (None, _) => missing(format!("name a provider: [[dms.providers]] has {}", list())),
    }
}
