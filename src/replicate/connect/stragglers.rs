//! Sessions of a job at its source that may be there still, though nobody here uses them any more.
//!
//! What reads tables holds a snapshot, or the definition of a table, for as long as its session lives. A server whose line to us
//! went dead without a word keeps the session for hours: old versions of rows pile up, and an ALTER waits for it. Time limits
//! of its own would not do: a session that a throttle or a gate holds back in the middle of a result says nothing for as long.
//!
//! ```text
//!  opened ──▶ listed ──goodbye is answered──▶ off the list
//!               └──run is over, or the next one has begun──▶ ended there, if it is there still ──▶ off the list
//! ```
//! Only what is ours for sure is ended: its number, its user, and the address and port that the server saw it come from, which
//! no other connection has at the same time. After a restart of the server, or at another one behind the same name, none fits.
//! The list lives as long as the daemon, over all runs of a job; what the daemon does not live to end is the server's to notice.

use super::{Conn, MysqlEndpoint, Result};
use crate::replicate::Error;
use crate::replicate::processes::{self, Process};
use mysql_async::Row;
use tokio::sync::watch;

/// The list of one job. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stragglers(watch::Sender<State>);

#[derive(Debug, Default)]
struct State {
    sessions: Vec<Session>,
    /// Goodbyes that are being said.
    leaving: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Session {
    /// Where it is, as we name it.
    server: String,
    id: u64,
    user: String,
    from: String,
}

impl Session {
    fn is(&self, found: &Process) -> bool {
        (self.id, &self.user, &self.from) == (found.id, &found.user, &found.from)
    }
}

/// A session's place on the list.
#[derive(Debug)]
pub(super) struct Listed {
    list: Stragglers,
    session: Session,
}

/// One whose goodbye is being said.
#[derive(Debug)]
pub(super) struct Leaving(Listed);

impl Stragglers {
    /// Lists the session of a connection that holds something at the server while it lives.
    pub(in crate::replicate) async fn list(&self, conn: &mut Conn) -> Result<()> {
        let (id, server, user) = (u64::from(conn.id()), conn.endpoint().address(), conn.endpoint().user.clone());
        let failed = |e| Error::mysql("look for a connection of ours at the source", e);
        let rows: Vec<Row> = conn.query(processes::LIST).await.map_err(failed)?;
        // Behind a proxy that numbers them itself it cannot be told from others.
        let Some(found) = processes::read(&rows).into_iter().find(|p| p.id == id && p.user == user) else { return Ok(()) };
        let session = Session { server, id, user, from: found.from };
        self.0.send_modify(|state| state.sessions.push(session.clone()));
        conn.set_listed(Listed { list: self.clone(), session });
        Ok(())
    }

    /// Waits for the goodbyes that are being said; returns whether anything stays listed.
    pub(in crate::replicate) async fn are_left(&self) -> bool {
        let mut state = self.0.subscribe();
        // The sender is ours.
        state.wait_for(|state| state.leaving == 0).await.is_ok_and(|state| !state.sessions.is_empty())
    }

    /// Ends what is listed of this server. Nobody uses a listed session of the job meanwhile.
    pub(in crate::replicate) async fn end(&self, conn: &mut Conn) -> Result<()> {
        let at = |endpoint: &MysqlEndpoint, s: &Session| s.server == endpoint.address() && s.user == endpoint.user;
        let listed: Vec<Session> = self.0.borrow().sessions.iter().filter(|s| at(conn.endpoint(), s)).cloned().collect();
        if listed.is_empty() {
            return Ok(());
        }
        let failed = |e| Error::mysql("end connections of ours that hang at the source", e);
        let rows: Vec<Row> = conn.query(processes::LIST).await.map_err(failed)?;
        for found in processes::read(&rows).iter().filter(|found| listed.iter().any(|s| s.is(found))) {
            match conn.query_drop(format!("KILL {}", found.id)).await {
                Ok(()) => tracing::info!(session = found.id, state = found.state, "ended a session of the job that hung at the source"),
                // One that is gone by now is ended too.
                Err(mysql_async::Error::Server(_)) => {}
                Err(e) => return Err(failed(e)),
            }
        }
        self.0.send_modify(|state| state.sessions.retain(|s| !listed.contains(s)));
        Ok(())
    }
}

impl Listed {
    pub(super) fn leaves(self) -> Leaving {
        self.list.0.send_modify(|state| state.leaving += 1);
        Leaving(self)
    }
}

impl Leaving {
    /// The server has answered: what follows reaches it too.
    pub(super) fn is_heard(&self) {
        self.0.list.0.send_modify(|state| state.sessions.retain(|s| *s != self.0.session));
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.list.0.send_modify(|state| state.leaving -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_connection_is_ours() {
        let session = Session { server: "db:3306".into(), id: 7, user: "r".into(), from: "10.0.0.5:40112".into() };
        let found = |id, user: &str, from: &str| Process {
            id,
            user: user.into(),
            from: from.into(),
            command: "Sleep".into(),
            seconds: "9".into(),
            state: String::new(),
        };
        assert!(session.is(&found(7, "r", "10.0.0.5:40112")));
        assert!(!session.is(&found(8, "r", "10.0.0.5:40112")));
        assert!(!session.is(&found(7, "app", "10.0.0.5:40112")));
        assert!(!session.is(&found(7, "r", "10.0.0.5:40998")), "the server was started again, and the number is another's");
    }

    #[tokio::test]
    async fn goodbyes_are_waited_for_and_what_nobody_heard_stays() {
        let list = Stragglers::default();
        assert!(!list.are_left().await);
        let one = |id| {
            let session = Session { server: "db:3306".into(), id, user: "r".into(), from: format!("10.0.0.5:{id}") };
            list.0.send_modify(|state| state.sessions.push(session.clone()));
            Listed { list: list.clone(), session }
        };
        let (heard, lost) = (one(1).leaves(), one(2).leaves());
        assert!(futures::FutureExt::now_or_never(list.are_left()).is_none(), "two are being said");
        heard.is_heard();
        drop((heard, lost));
        assert!(list.are_left().await);
        assert_eq!(list.0.borrow().sessions.iter().map(|s| s.id).collect::<Vec<_>>(), [2]);
    }
}
