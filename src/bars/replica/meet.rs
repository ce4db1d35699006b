//! Who a peer is: asked before bars are brought there, and whenever somebody wants to know how it stands.
//!
//! Called by the desk (a target that is added or tested) and the API (lists of targets). What it says of itself is the contract's
//! own `status`; whether it takes bars from this daemon shows in two of the five answers, which want the cluster's token.

use super::Peer;
use super::message::Followed;
use crate::bars::{Error, Result};
use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// What a dms says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    pub is_master: bool,
    pub running: bool,
    /// Seconds.
    pub uptime: u64,
    pub tasks_count: u64,
}

impl Status {
    /// None: it is not what a dms says.
    pub(super) fn read(said: &Value) -> Option<Self> {
        let is_master = match said["role"].as_str()? {
            "master" => true,
            "slave" => false,
            _ => return None,
        };
        let [uptime, tasks_count] = ["uptime", "tasks_count"].map(|key| said[key].as_u64().unwrap_or(0));
        Some(Self { is_master, running: said["running"].as_bool().unwrap_or(true), uptime, tasks_count })
    }
}

/// Who asks in a transfer. Its store is the one by which a slave knows its master; the rest is shown where it is not known otherwise,
/// and never believed for more than that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Introduced {
    pub name: String,
    /// Of its store.
    pub store: String,
    /// How often it comes; zero: when it is told to. None: it does not say.
    pub every: Option<Duration>,
    /// Where it listens itself. None: it does not say.
    pub port: Option<u16>,
    /// Series of which it has bars that the store it takes from does not have. None: it does not say.
    pub extra: Option<u64>,
    /// What it calls the one that it asks. None: it does not say.
    pub called: Option<String>,
    pub says: Says,
}

/// What one says of itself as it comes, to whoever has no address to ask it at. None: it does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Says {
    /// How long it has been running, in seconds.
    pub uptime: Option<u64>,
    /// Tasks that are enabled.
    pub tasks: Option<u64>,
    /// The newest change of its store, and when it was made: of one that brings bars.
    pub head: Option<u64>,
    pub head_at: Option<Timestamp>,
    /// Series of which the one that is asked lacks a change: of one that brings bars.
    pub behind: Option<u64>,
    /// Series that could not be brought to it: of one that takes bars.
    pub lacking: Option<u64>,
}

/// What a daemon can say of itself, each time that it comes somewhere.
#[derive(Clone)]
pub struct Itself {
    pub started: Timestamp,
    pub tasks: CountTasks,
}

/// Counts the tasks that are enabled; None: they cannot be counted now.
pub type CountTasks = Arc<dyn Fn() -> BoxFuture<'static, Option<u64>> + Send + Sync>;

impl Itself {
    pub(in crate::bars) async fn says(&self) -> Says {
        let uptime = u64::try_from(Timestamp::now().duration_since(self.started).as_secs()).unwrap_or(0);
        Says { uptime: Some(uptime), tasks: (self.tasks)().await, ..Says::default() }
    }
}

impl Introduced {
    pub const HEADER: &str = "x-syncline-dms";
    const LONGEST: usize = 200;

    pub(super) fn header(&self) -> String {
        let Self { name, store, every, port, extra, called, says } = self;
        let Says { uptime, tasks, head, head_at, behind, lacking } = says;
        let mut header = form_urlencoded::Serializer::new(String::new());
        header.append_pair("name", name).append_pair("store", store);
        if let Some(every) = every {
            header.append_pair("every", &every.as_secs().to_string());
        }
        if let Some(port) = port {
            header.append_pair("port", &port.to_string());
        }
        if let Some(extra) = extra {
            header.append_pair("extra", &extra.to_string());
        }
        if let Some(called) = called {
            header.append_pair("called", called);
        }
        for (field, number) in [("up", uptime), ("tasks", tasks), ("head", head), ("behind", behind), ("lacking", lacking)] {
            if let Some(number) = number {
                header.append_pair(field, &number.to_string());
            }
        }
        if let Some(at) = head_at {
            header.append_pair("head_at", &at.to_string());
        }
        header.finish()
    }

    /// Reads a header; None: it is none of ours.
    pub fn read(header: &str) -> Option<Self> {
        let field = |wanted: &str| {
            let (_, value) = form_urlencoded::parse(header.as_bytes()).find(|(name, _)| name == wanted)?;
            Some(value.chars().filter(|c| !c.is_control()).take(Self::LONGEST).collect::<String>()).filter(|value| !value.is_empty())
        };
        let every = field("every").and_then(|text| text.parse().ok()).map(Duration::from_secs);
        let port = field("port").and_then(|text| text.parse().ok()).filter(|port| *port > 0);
        let extra = field("extra").and_then(|text| text.parse().ok());
        let number = |name| field(name).and_then(|text| text.parse().ok());
        let head_at = field("head_at").and_then(|text| text.parse().ok());
        let [uptime, tasks, head, behind, lacking] = ["up", "tasks", "head", "behind", "lacking"].map(number);
        let says = Says { uptime, tasks, head, head_at, behind, lacking };
        Some(Self { name: field("name")?, store: field("store")?, every, port, extra, called: field("called"), says })
    }
}

/// How a slave stands to this daemon.
#[derive(Debug, Default)]
pub struct Met {
    /// None: it did not say.
    pub status: Option<Status>,
    /// The name of its store.
    pub store: Option<String>,
    /// How far it has followed the own store.
    pub followed: Option<Followed>,
    /// Why bars cannot be brought there.
    pub problem: Option<Error>,
}

impl Peer {
    /// Asks one that is to be a slave of the store `own`; nothing is waited for longer than `patience`.
    pub async fn meet(&self, own: &str, patience: Duration) -> Met {
        let asked = async { tokio::join!(self.status(), self.head(), self.has_followed(own)) };
        let Ok((status, head, followed)) = tokio::time::timeout(patience, asked).await else {
            // What one of them said is worth little while another one hangs.
            return Met { problem: Some(self.silent(patience)), ..Met::default() };
        };
        let store = head.map(|head| head.store);
        let itself = store.as_ref().is_ok_and(|store| store == own);
        let is_master = status.as_ref().is_ok_and(|status| status.is_master);
        let (name, place) = (self.name(), self.place());
        let problem = if itself {
            Some(self.is_oneself())
        } else if is_master {
            let message = format!("{name} at {place} is a master and takes bars from nobody; a slave has [dms] role = \"slave\"");
            Some(Error::config("bars_peer_denied", message))
        } else {
            None
        };
        let (mut met, mut errors) = (Met::default(), Vec::from_iter(problem));
        met.status = status.map_err(|e| errors.push(e)).ok();
        met.store = store.map_err(|e| errors.push(e)).ok();
        met.followed = followed.map_err(|e| errors.push(e)).ok();
        met.problem = errors.into_iter().next();
        met
    }

    /// Asks how it is; an error also where it takes longer.
    pub async fn status_within(&self, patience: Duration) -> Result<Status> {
        tokio::time::timeout(patience, self.status()).await.unwrap_or_else(|_| Err(self.silent(patience)))
    }

    pub(super) fn is_oneself(&self) -> Error {
        Error::config("bars_target_itself", format!("{} at {} is this daemon itself", self.name(), self.place()))
    }

    fn silent(&self, patience: Duration) -> Error {
        let (name, place, seconds) = (self.name(), self.place(), patience.as_secs());
        Error::transient("bars_peer_unreachable", format!("{name} at {place} did not answer within {seconds} s"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_is_said_in_any_language() {
        let (every, port, extra) = (Some(Duration::from_secs(30)), Some(11183), Some(3));
        let head_at = Some(Timestamp::UNIX_EPOCH);
        let says = Says { uptime: Some(9), tasks: Some(0), head: Some(7), head_at, behind: Some(4), lacking: Some(2) };
        let called = Some("上海".to_owned());
        let who = Introduced { name: "香港 & co".to_owned(), store: "s".to_owned(), every, port, extra, called, says };
        assert!(who.header().is_ascii());
        assert_eq!(Introduced::read(&who.header()), Some(who));
        assert_eq!(Introduced::read("name=x"), None);
        let older = Introduced::read("name=a%0Ab&store=s").unwrap();
        assert_eq!((older.name.as_str(), older.every, older.port, older.extra), ("ab", None, None, None));
        assert_eq!(older.says, Says::default());
    }
}
