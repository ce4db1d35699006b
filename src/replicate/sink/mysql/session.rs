//! One connection to the target, as the worker and the copiers use it.
//!
//! A session is READ COMMITTED (the fold deletes by exact keys without gap locks), is dropped by the server after five idle
//! seconds, and after thirty (MySQL waits twice) in which nothing more comes of what it is being sent: a frozen owner would
//! otherwise keep its locks for hours. MySQL says of a LOAD DATA that waits for its data that it is executing, so nothing but
//! its own limit shows that the line died. The session's connection id is recorded in `syncline.session`, so that the next
//! owner of the job can kill it. It counts matched rows as affected. A batch and whatever else goes over it is waited for as
//! `connect::Conn` does.

use super::bookkeeping::{Books, Guard};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::replicate::TableName;
use crate::replicate::connect::{self, Conn, ServerInfo};
use crate::replicate::schema::read;
use crate::replicate::sink::TableState;
use crate::replicate::table::Table;
use crate::replicate::{Error, Kind, Result};
use mysql_async::Value;
use mysql_async::prelude::{FromRow, Queryable as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Idle time after which the owner of a session pings it; the server's limit is five seconds.
pub(super) const PING_AFTER: Duration = Duration::from_secs(2);

/// A server that takes longer for a ping is as good as gone.
const PING_PATIENCE: Duration = Duration::from_secs(10);

/// How often a transaction that is still in memory is repeated after a deadlock or lock timeout.
pub(super) const LOCK_REPEATS: u32 = 10;

/// What the server answered to one statement of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) affected: u64,
    pub(super) warnings: u16,
    /// Rows of a result set; 0 for a statement without one.
    pub(super) rows: u64,
}

/// A packet of statements that failed at one of them; the server ran none of the later ones.
#[derive(Debug)]
pub(super) struct Failed {
    /// Index of the statement in the packet.
    pub(super) at: usize,
    pub(super) error: mysql_async::Error,
}

impl Failed {
    pub(super) fn code(&self) -> Option<u16> {
        server_code(&self.error)
    }
    /// Deadlock or lock wait timeout: nothing is wrong with the statement, and the whole transaction may be repeated.
    pub(super) fn is_lock_conflict(&self) -> bool {
        matches!(self.code(), Some(1205 | 1213))
    }
    pub(super) fn into_error(self, doing: impl std::fmt::Display) -> Error {
        Error::mysql(doing, self.error)
    }
}

pub(super) fn server_code(error: &mysql_async::Error) -> Option<u16> {
    match error {
        mysql_async::Error::Server(e) => Some(e.code),
        _ => None,
    }
}

/// Puts the session back into the mode that refuses what it cannot store.
pub(super) fn strict() -> String {
    format!("SET sql_mode='{}'", connect::SQL_MODE)
}

#[derive(Debug)]
pub(super) struct Session {
    pub(super) conn: Conn,
    /// The target's own bound for one packet.
    pub(super) max_packet: usize,
    used: Instant,
    /// Pieces of a LOAD DATA that were taken for sending.
    pub(super) moved: Arc<AtomicU64>,
}

impl Session {
    /// Opens a session and records its connection id under the job's epoch.
    pub(super) async fn open(endpoint: &MysqlEndpoint, books: &Books) -> Result<Self> {
        let mut session = Self::unrecorded(endpoint).await?;
        let record = books.record_session(session.conn.id());
        session.fenced(books, &[record]).await?;
        Ok(session)
    }

    /// Opens a session that no take-over knows of; for the take-over itself.
    pub(super) async fn unrecorded(endpoint: &MysqlEndpoint) -> Result<Self> {
        let mut conn = connect::faithful(endpoint, true).await?;
        let set_up = async {
            conn.query_drop("SET SESSION wait_timeout=5, net_read_timeout=15, innodb_lock_wait_timeout=10").await?;
            conn.query_drop("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").await?;
            conn.query_first::<u64, _>("SELECT @@max_allowed_packet").await
        };
        let max = set_up.await.map_err(|e| Error::mysql(format!("set up the session at {}", endpoint.address()), e))?;
        let max_packet = usize::try_from(max.unwrap_or(1 << 20)).unwrap_or(1 << 20);
        let moved = Arc::new(AtomicU64::new(0));
        Ok(Self { conn, max_packet, used: Instant::now(), moved })
    }

    /// The connection's number as the server's log has it; behind a proxy it is not the one that the client was told.
    pub(super) async fn logged_as(&mut self) -> Result<u32> {
        let number = self.first::<u32>("SELECT @@pseudo_thread_id").await.map_err(|e| Error::mysql("read the connection's number", e))?;
        Ok(number.unwrap_or_else(|| self.conn.id()))
    }

    /// Sends one packet of statements and reads every answer.
    pub(super) async fn batch(&mut self, sql: &[u8]) -> std::result::Result<Vec<Answer>, Failed> {
        let mut answers = Vec::new();
        let moved = Arc::clone(&self.moved);
        let read = async |conn: &mut mysql_async::Conn| read_answers(conn, sql, &mut answers).await;
        let outcome = self.conn.over(|| moved.load(Ordering::Relaxed), read).await;
        self.used = Instant::now();
        match outcome {
            Ok(()) => Ok(answers),
            Err(error) => Err(Failed { at: answers.len(), error }),
        }
    }

    /// Runs one statement.
    pub(super) async fn run(&mut self, sql: &[u8]) -> std::result::Result<Answer, Failed> {
        let answers = self.batch(sql).await?;
        Ok(answers.last().copied().unwrap_or(Answer { affected: 0, warnings: 0, rows: 0 }))
    }

    /// Says whether the server takes many rows for one prepared statement. The driver asks the server in its greeting and tells
    /// nobody; it sends row for row where it may not. A SELECT is refused for many.
    pub(super) async fn takes_bulk(&mut self) -> Result<bool> {
        const NOT_IN_BULK: u16 = 1295;
        match self.bulk("SELECT ?", [vec![Value::Int(1)]].into_iter()).await {
            Ok(_) => Ok(false),
            Err(failed) if failed.code() == Some(NOT_IN_BULK) => Ok(true),
            Err(failed) => Err(failed.into_error("ask the target for bulk statements")),
        }
    }

    /// How many processors a MariaDB server has: nothing says it but this default.
    pub(super) async fn processors(&mut self) -> Result<usize> {
        let size: Option<u64> = self.first("SELECT @@thread_pool_size").await.map_err(|e| Error::mysql("ask for thread_pool_size", e))?;
        Ok(size.and_then(|n| usize::try_from(n).ok()).unwrap_or(1))
    }

    /// Runs one prepared statement for many rows, which go into one packet.
    pub(super) async fn bulk(&mut self, sql: &str, rows: impl Iterator<Item = Vec<Value>> + Send) -> std::result::Result<Answer, Failed> {
        let run = async |conn: &mut mysql_async::Conn| {
            conn.exec_batch(sql, rows).await?;
            Ok(Answer { affected: conn.affected_rows(), warnings: conn.get_warnings(), rows: 0 })
        };
        let outcome = self.conn.over(|| 0, run).await;
        self.used = Instant::now();
        outcome.map_err(|error| Failed { at: 0, error })
    }

    /// Runs statements of our bookkeeping as one transaction behind the fence.
    pub(super) async fn fenced(&mut self, books: &Books, statements: &[String]) -> Result<()> {
        let doing = "write the bookkeeping at the target";
        let mut repeats = 0;
        loop {
            let guard = Guard::check(books);
            let packet = format!("START TRANSACTION;{guard};{}", statements.join(";"));
            match self.batch(packet.as_bytes()).await {
                Ok(answers) => {
                    if let Err(error) = guard.passed(&answers, 1) {
                        self.rollback().await?;
                        return Err(error);
                    }
                    return self.commit().await;
                }
                Err(failed) if failed.is_lock_conflict() && repeats < LOCK_REPEATS => {
                    repeats += 1;
                    self.rollback().await?;
                }
                Err(failed) => return Err(failed.into_error(doing)),
            }
        }
    }

    /// All rows of a query.
    pub(super) async fn query<T: FromRow + Send + 'static>(&mut self, sql: &[u8]) -> std::result::Result<Vec<T>, mysql_async::Error> {
        self.used = Instant::now();
        self.conn.query(sql).await
    }

    /// The first row of a query.
    pub(super) async fn first<T: FromRow + Send + 'static>(&mut self, sql: &str) -> std::result::Result<Option<T>, mysql_async::Error> {
        self.used = Instant::now();
        self.conn.query_first(sql).await
    }

    /// Runs one statement.
    pub(super) async fn query_drop(&mut self, sql: &str) -> std::result::Result<(), mysql_async::Error> {
        self.used = Instant::now();
        self.conn.query_drop(sql).await
    }

    /// Reads definitions of tables; those that do not exist are left out.
    pub(super) async fn tables(&mut self, info: &ServerInfo, names: &[TableName]) -> Result<Vec<Table>> {
        self.used = Instant::now();
        read::read_tables(&mut self.conn, info, names).await
    }

    /// The same of one.
    pub(super) async fn table(&mut self, info: &ServerInfo, name: &TableName) -> Result<Option<Table>> {
        Ok(self.tables(info, std::slice::from_ref(name)).await?.into_iter().next())
    }

    /// The job's table states, without their chunks.
    pub(super) async fn states(&mut self, job: &str) -> Result<Vec<TableState>> {
        let read = super::takeover::states(&mut self.conn, job).await;
        read.map_err(|e| Error::mysql("read the bookkeeping at the target", e))?.into_iter().collect()
    }

    /// The first value of a query's first row.
    pub(super) async fn first_bytes(&mut self, sql: &str) -> Result<Option<Vec<u8>>> {
        self.first(sql).await.map_err(|e| Error::mysql("read the bookkeeping at the target", e))
    }

    /// Gives up the open transaction. A statement that failed outside strict mode has left the session there.
    pub(super) async fn rollback(&mut self) -> Result<()> {
        self.run(format!("ROLLBACK;{}", strict()).as_bytes()).await.map(drop).map_err(|f| f.into_error("roll back at the target"))
    }

    /// Commits. A connection lost here leaves open whether the commit happened: the `applied` key decides after a restart.
    pub(super) async fn commit(&mut self) -> Result<()> {
        self.run(b"COMMIT").await.map(drop).map_err(|f| {
            let lost = f.code().is_none();
            let error = f.into_error("commit at the target");
            if lost { Error { kind: Kind::Transient, code: "connection_lost", ..error } } else { error }
        })
    }

    /// Keeps an idle session alive.
    pub(super) async fn ping(&mut self) -> Result<()> {
        let doing = "keep the connection to the target alive";
        self.used = Instant::now();
        let answered = tokio::time::timeout(PING_PATIENCE, self.conn.ping()).await;
        let answered = answered.map_err(|_| Error::transient("connection_lost", format!("{doing}: no answer")))?;
        answered.map_err(|e| Error::mysql(doing, e))
    }

    pub(super) fn idle(&self) -> Duration {
        self.used.elapsed()
    }

    /// Ends the connection and forgets its id.
    pub(super) async fn close(mut self, books: &Books) {
        if self.conn.is_lost() {
            return;
        }
        let forget = books.forget_session(self.conn.id());
        // Both are a courtesy: the next take-over ignores ids that nobody has any more.
        let goodbye = async {
            let _ = self.conn.query_drop(forget).await;
            self.conn.disconnect().await;
        };
        let _ = tokio::time::timeout(PING_PATIENCE, goodbye).await;
    }
}

async fn read_answers(conn: &mut mysql_async::Conn, sql: &[u8], answers: &mut Vec<Answer>) -> std::result::Result<(), mysql_async::Error> {
    let mut result = conn.query_iter(sql).await?;
    while let Some(columns) = result.columns() {
        if columns.is_empty() {
            answers.push(Answer { affected: result.affected_rows(), warnings: result.warnings(), rows: 0 });
            result.next().await?;
        } else {
            let mut rows = 0;
            while result.next().await?.is_some() {
                rows += 1;
            }
            answers.push(Answer { affected: 0, warnings: 0, rows });
        }
    }
    // The error of a later statement waits here.
    result.drop_result().await
}
