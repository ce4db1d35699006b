//! Waits for a server's answer, and notices where there will be none.
//!
//! A connection whose other end went away without a word (a machine that lost its power, a firewall that forgot) is never
//! told so, and a statement may rightly take hours (an ALTER, a lock). So the time alone decides nothing: a statement that
//! is not answered for a while is looked for at the server over another connection. If the server cannot be asked, or does
//! not know the connection, or has nothing to do for it, the answer is lost; so it is where the server is waiting to send or
//! to receive and nothing has moved here for a while.
//!
//! A connection that was given up is broken for good. Called by [`connect::Conn`] for all that goes over connections.

use super::connect::{self, Conn};
use super::processes::{self, Process};
use crate::model::endpoint::MysqlEndpoint;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Error, Row};
use std::io;
use std::pin::pin;
use std::time::Duration;
use tokio::time::timeout;

/// Silence after which the server is asked.
const SILENCE: Duration = Duration::from_secs(10);
/// For an answer that was under way while the server was asked.
const GRACE: Duration = Duration::from_secs(3);
/// For the asking.
const PATIENCE: Duration = Duration::from_secs(10);
/// So many times in a row the server may wait for the network and nothing have come: one row may be 64 MB, and a line slow.
const QUIET: u32 = 3;

/// What the server says of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    AtWork,
    /// It waits for the network: for us.
    Waiting,
    /// It has nothing to do for us, or will have nothing soon.
    Idle,
    /// It does not know us, or cannot be asked.
    Gone,
}

/// Waits for `work` on connection `id` of this server. `moved` counts what has moved meanwhile, where that can be told.
pub(super) async fn answer<T>(
    endpoint: &MysqlEndpoint,
    id: u32,
    moved: impl Fn() -> u64,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let mut work = pin!(work);
    let (mut before, mut quiet) = (moved(), 0);
    loop {
        if let Ok(answer) = timeout(SILENCE, &mut work).await {
            return answer;
        }
        let now = moved();
        let still = std::mem::replace(&mut before, now) == now;
        let seen = match timeout(PATIENCE, Box::pin(look(endpoint, id))).await {
            Ok(Ok(seen)) => seen,
            // Whoever cannot be asked does not answer either.
            Ok(Err(_)) | Err(_) => Seen::Gone,
        };
        quiet = if seen == Seen::Waiting && still { quiet + 1 } else { 0 };
        if matches!(seen, Seen::Gone | Seen::Idle) || quiet == QUIET {
            let nothing = "no answer, and the server is not at work for this connection";
            if let Ok(answer) = timeout(GRACE, &mut work).await {
                return answer;
            }
            if seen != Seen::Gone {
                // A refusal changes nothing for us: the server ends it when it notices.
                drop(timeout(PATIENCE, Box::pin(end(endpoint, id))).await);
            }
            return Err(io::Error::new(io::ErrorKind::TimedOut, nothing).into());
        }
    }
}

/// Says whether an idle connection is still of use.
pub(super) async fn is_alive(conn: &mut Conn) -> bool {
    matches!(timeout(PATIENCE, conn.ping()).await, Ok(Ok(())))
}

/// Ends what hangs there: it may hold locks and a snapshot, and the server may not notice for hours.
async fn end(endpoint: &MysqlEndpoint, id: u32) -> super::Result<()> {
    let mut conn = connect::dial(endpoint, false).await?;
    let ended = conn.query_drop(format!("KILL {id}")).await;
    conn.disconnect().await.ok();
    ended.map_err(|e| super::Error::mysql("end a connection of ours", e))
}

/// Ends connections of our user that the server has killed and that hang in sending all the same: nobody is at their other end.
/// MariaDB kills a reader of its log whose id comes again so that it goes on sending what it has begun.
pub(super) async fn end_killed(endpoint: &MysqlEndpoint) -> super::Result<()> {
    let doing = |e| super::Error::mysql("end connections of ours that hang", e);
    let mut conn = connect::dial(endpoint, false).await?;
    let rows: Vec<Row> = conn.query(processes::LIST).await.map_err(doing)?;
    let hangs = |p: &&Process| p.user == endpoint.user && p.command == "Killed" && seen("Query", &p.state) == Seen::Waiting;
    for Process { id, .. } in processes::read(&rows).iter().filter(hangs) {
        // One that is gone by now is ended too.
        drop(conn.query_drop(format!("KILL {id}")).await);
    }
    conn.disconnect().await.ok();
    Ok(())
}

async fn look(endpoint: &MysqlEndpoint, id: u32) -> super::Result<Seen> {
    // Bounded as a whole by who asks.
    let mut conn = connect::dial(endpoint, false).await?;
    let doing = |e| super::Error::mysql("look for a connection of ours", e);
    let rows: Vec<Row> = conn.query(processes::LIST).await.map_err(doing)?;
    // A failed farewell leaves nothing behind at the server.
    conn.disconnect().await.ok();
    // After a restart of the server the same number may be anybody's.
    let ours = processes::read(&rows).into_iter().find(|p| p.id == u64::from(id) && p.user == endpoint.user);
    Ok(ours.map_or(Seen::Gone, |p| seen(&p.command, &p.state)))
}

fn seen(command: &str, state: &str) -> Seen {
    match (command, state) {
        // Also while its last words are on their way.
        ("Sleep" | "Killed", _) => Seen::Idle,
        (_, "Writing to net" | "Sending to client" | "Reading from net" | "Reading file") => Seen::Waiting,
        _ => Seen::AtWork,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_at_work_is_waited_for() {
        assert_eq!(seen("Query", "altering table"), Seen::AtWork);
        assert_eq!(seen("Query", "Writing to net"), Seen::Waiting);
        assert_eq!(seen("Sleep", ""), Seen::Idle);
    }
}
