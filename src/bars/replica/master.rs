//! Whose bars a slave takes: those of one master, told by the id of its bars database.
//!
//! Called before a pull (`follow`) and as others bring bars (`desk`). Who it is stands with the slave's own bars: a copy or an older
//! backup of the master's database is the same master, a database that was made anew is another one, and so is the first one that comes
//! to a slave's database that was made anew. What a configuration names is the master whatever database answers there.

use super::Peer;
use super::message::Head;
use crate::bars::store::{Store, Transfer};
use crate::bars::{Error, Result};
use crate::model::bars::{SyncMode, TargetId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

const NOTE: &str = "master";

/// A master, as its slave knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Master {
    /// The id of its store.
    pub store: String,
    /// What its daemon is called. None: it does not say.
    pub name: Option<String>,
    /// Where it was asked, which is where the configuration has it. None: it came by itself.
    pub place: Option<String>,
}

impl fmt::Display for Master {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { store, name, place } = self;
        // As much as tells two apart.
        let id: String = store.chars().take(8).collect();
        let named = if place.is_some() { "[dms] master, " } else { "" };
        write!(f, "{} ({named}bars database {id})", name.as_deref().unwrap_or("another one"))
    }
}

impl Master {
    pub const OTHER: &str = "bars_other_master";

    /// Why bars of one that came are not taken.
    pub(in crate::bars) fn refuses(&self, came: &Self) -> Error {
        let anew =
            if self.name.is_some() && self.name == came.name { " (a bars database that was made anew is another master)" } else { "" };
        let message = format!("this slave takes bars from {self} alone, and this is {came}{anew}");
        Error::config(Self::OTHER, message).hint(
            "if that one is to be its master, set [dms] master at the slave to its address and restart the slave; if not, take the \
             slave out of its list (`syncline sync targets remove`, or [[dms.slaves]])",
        )
    }
}

impl Store {
    /// Whose bars this slave takes. None: nobody has brought it any yet.
    pub(in crate::bars) async fn master(&self) -> Result<Option<Master>> {
        self.value(NOTE).await?.as_deref().map(read).transpose()
    }

    /// Makes one the master unless there is one already; returns who it is then.
    pub(in crate::bars) async fn first_master(&self, came: &Master) -> Result<Master> {
        read(&self.value_or(NOTE, &written(came)).await?)
    }
}

fn read(text: &str) -> Result<Master> {
    serde_json::from_str(text).map_err(|e| Error::permanent("bars_store_damaged", "what is noted of the master cannot be read").because(e))
}

fn written(master: &Master) -> String {
    serde_json::to_string(master).expect("texts")
}

/// Makes whoever answers where the configuration has the master this slave's master, and tells that it is another one than before;
/// returns who it is. Its history is `target`'s.
pub(in crate::bars) async fn named(own: &Store, peer: &Peer, target: &TargetId) -> Result<Master> {
    let Head { store, name, opening, .. } = peer.head().await?;
    if opening.as_deref() == Some(own.opening()) {
        return Err(peer.is_oneself());
    }
    let now = Master { store, name, place: Some(peer.place()) };
    let before = own.master().await?;
    if before.as_ref() == Some(&now) {
        return Ok(now);
    }
    own.set_value(NOTE, &written(&now)).await?;
    if let Some(before) = before.filter(|before| before.store != now.store) {
        let is_renewed = before.place == now.place;
        let what = if is_renewed { "the master has another bars database" } else { "the master is another one" };
        tracing::warn!(master = %now, %before, "{what}; its bars are taken from now on");
        let (at, TargetId { kind, name }) = (Timestamp::now(), target.clone());
        let note = format!("{what}: {now} instead of {before}");
        let (series, error, mode) = (None, String::new(), SyncMode::Incremental);
        let row = Transfer { id: 0, target: name, kind: Some(kind), series, mode, started: at, ended: at, bars: 0, error, note };
        own.keep_transfers(vec![row]).await?;
    }
    Ok(now)
}
