//! Rows of the target that differ are made what the source has, beside a running stream.
//!
//! ```text
//!  verify ──keys──▶ Mender ──▶ run/repair: pump rests at W ─▶ snapshot of the source at S ≥ W, rows by key (copy/rows)
//!                                          pump goes on to S, and not past it ─▶ one target transaction (sink/mysql/repair)
//! ```
//! Why no newer change is overwritten with an older image: the rows are those of a consistent snapshot whose exact position
//! S is known, and they are written when everything up to S is durable at the target and nothing behind it was handed to
//! the sink. So the target stands exactly where the rows were read: each row becomes what the log up to S has made of it,
//! and what comes behind S finds it as it does any other. No table changes its phase, nothing is replayed and nothing is kept
//! of a repair, so tables that foreign keys' actions reach need nothing of their own. A snapshot can miss what is in the log
//! and not in the engine yet: one whose position does not cover W is thrown away, and another is opened.
//!
//! A crash before the transaction's commit leaves the rows as they were, one behind it as the source had them at S, which is
//! before anything that the next run applies. A transaction that was cut off while it commits holds its rows' locks, so that
//! the next writer of them comes after it. It begins with the fence and with a row in `applied` that says where its rows come
//! from, as any of the stream's does, so that the job of the other direction leaves it out; the row goes in the same transaction.
//!
//! Called by `verify` with what it found; `statements` writes the same as a file for the operator, without a stream.
//! Conditions hold values of keys: nothing of them is logged.

mod statements;

use super::connect::{self, Conn, ServerInfo};
use super::{Error, Result};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::replicate::TableName;
pub use statements::Statements;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc, oneshot};

/// Rows of one table of the target.
#[derive(Clone)]
pub struct Damaged {
    pub target: TableName,
    /// The tables of the source whose rows it holds.
    pub sources: Vec<TableName>,
    pub keys: Vec<Place>,
}

/// Where a row is found: conditions on its key, at each end.
#[derive(Clone)]
pub struct Place {
    pub target: String,
    /// By the source's tables.
    pub sources: Vec<String>,
}

/// What a repair has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mended {
    /// So many of the first keys are done with; the others are to be asked for again.
    pub keys: usize,
    /// Those of them of which the source has a row. The others are gone from the target.
    pub written: usize,
    /// Rows that were in the way of others by a key that they were not looked up by, and are gone.
    pub displaced: u64,
}

/// One wish, with who waits for the answer.
pub(super) struct Request {
    pub(super) damaged: Damaged,
    pub(super) reply: oneshot::Sender<Result<Mended>>,
}

/// What an engine is asked for between two transactions.
pub(super) enum Wish {
    Mend(Request),
    /// These tables were compared and hold what the source has.
    Alike(Vec<TableName>),
}

/// Asks a running engine. One that has ended answers with an error.
#[derive(Clone)]
pub struct Mender(mpsc::Sender<Wish>);

/// The engine's end.
#[derive(Clone)]
pub(super) struct Wishes(Arc<Mutex<mpsc::Receiver<Wish>>>);

pub(super) fn channel() -> (Mender, Wishes) {
    let (send, receive) = mpsc::channel(1);
    (Mender(send), Wishes(Arc::new(Mutex::new(receive))))
}

impl Mender {
    /// Repairs rows; waits until the job follows the log.
    pub async fn mend(&self, damaged: Damaged) -> Result<Mended> {
        let gone = || Error::transient("repair_interrupted", "the job's run ended before the rows were repaired").hint("verify again");
        let (reply, answer) = oneshot::channel();
        self.0.send(Wish::Mend(Request { damaged, reply })).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Tells it of tables that were found to hold what the source has. One that has ended is told by the next comparison.
    pub async fn alike(&self, tables: Vec<TableName>) {
        drop(self.0.send(Wish::Alike(tables)).await);
    }
}

impl Wishes {
    /// Waits for the next; for ever where nobody can ask any more.
    pub(super) async fn next(&self) -> Wish {
        match self.0.lock().await.recv().await {
            Some(wish) => wish,
            None => std::future::pending().await,
        }
    }
}

/// Asks both servers what they are.
async fn inspect(endpoint: &MysqlEndpoint) -> Result<(Conn, ServerInfo)> {
    let mut conn = connect::faithful(endpoint, false).await?;
    let info = connect::inspect(&mut conn, endpoint).await?;
    Ok((conn, info))
}

impl std::fmt::Debug for Mender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mender")
    }
}

impl std::fmt::Debug for Wishes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wishes")
    }
}
