//! A connection on which nothing is waited for for ever: the only one that the engine has.
//!
//! Whatever goes through here is an answer that is waited for as [`answer`] does, which tells a server that is long at work
//! from a line that carries nothing any more. That holds for each row of a result too: the next one is an answer of its own,
//! so that a large result over a slow line is not taken for a dead one.
//!
//! A connection is lost once an answer was given up or its waiting was: what comes next on it belongs to something else. It
//! says so to whoever uses it again. One that goes out of scope is hung up: the driver would read what is left of a result
//! first, which may be a table, and on a dead line it would wait for that as long as the process lives.

use super::stragglers::{Leaving, Listed};
use crate::model::endpoint::MysqlEndpoint;
use crate::replicate::answer::answer;
use mysql_async::prelude::{AsQuery, FromRow, Protocol, Queryable as _, StatementLike};
use mysql_async::{BinlogStream, BinlogStreamRequest, DriverError, Error, InfileData, Params, QueryResult, Row, TextProtocol, from_row};
use std::pin::pin;
use std::time::Duration;
use tokio::time::timeout;

type Result<T> = std::result::Result<T, Error>;

/// For the last word: the server notices in any case.
const FAREWELL: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub struct Conn {
    /// Some until it is given away or dropped.
    driver: Option<mysql_async::Conn>,
    wait: Wait,
    /// If the server is to be rid of its session for sure.
    listed: Option<Listed>,
}

/// How answers are waited for.
#[derive(Debug)]
struct Wait {
    endpoint: MysqlEndpoint,
    id: u32,
    lost: bool,
}

impl Wait {
    async fn on<T>(&mut self, moved: impl Fn() -> u64, work: impl Future<Output = Result<T>>) -> Result<T> {
        if self.lost {
            return Err(DriverError::ConnectionClosed.into());
        }
        // Lost until answered: whoever drops this future has read half an answer.
        self.lost = true;
        let outcome = answer(&self.endpoint, self.id, moved, pin!(work)).await;
        self.lost = matches!(&outcome, Err(Error::Io(_)));
        outcome
    }

    async fn answer<T>(&mut self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.on(|| 0, work).await
    }

    /// All rows of a result that has begun.
    async fn all<T: FromRow + Send + 'static, P: Protocol>(&mut self, mut result: QueryResult<'_, 'static, P>) -> Result<Vec<T>> {
        let mut all = Vec::new();
        while let Some(row) = self.answer(result.next()).await? {
            all.push(from_row(row));
        }
        self.answer(result.drop_result()).await?;
        Ok(all)
    }

    /// The first of them.
    async fn first<T: FromRow + Send + 'static, P: Protocol>(&mut self, mut result: QueryResult<'_, 'static, P>) -> Result<Option<T>> {
        let first = if result.is_empty() { None } else { self.answer(result.next()).await? };
        self.answer(result.drop_result()).await?;
        Ok(first.map(from_row))
    }
}

impl Conn {
    pub(super) fn new(driver: mysql_async::Conn, endpoint: &MysqlEndpoint) -> Self {
        let id = driver.id();
        Self { driver: Some(driver), wait: Wait { endpoint: endpoint.clone(), id, lost: false }, listed: None }
    }

    fn parts(&mut self) -> (&mut mysql_async::Conn, &mut Wait) {
        (self.driver.as_mut().expect("it is there until it is given away"), &mut self.wait)
    }

    pub(super) fn endpoint(&self) -> &MysqlEndpoint {
        &self.wait.endpoint
    }

    pub(super) fn set_listed(&mut self, listed: Listed) {
        self.listed = Some(listed);
    }

    /// The server's number of it.
    pub fn id(&self) -> u32 {
        self.wait.id
    }

    /// Says that an answer on it was given up: it is of no use any more.
    pub(in crate::replicate) fn is_lost(&self) -> bool {
        self.wait.lost
    }

    /// What the server said beside its last answer.
    pub(in crate::replicate) fn info(&self) -> String {
        self.driver.as_ref().map_or(String::new(), |driver| driver.info().into_owned())
    }

    /// Runs statements and drops what they return.
    pub async fn query_drop<Q: AsQuery>(&mut self, sql: Q) -> Result<()> {
        let (driver, wait) = self.parts();
        wait.answer(driver.query_drop(sql)).await
    }

    /// All rows of the first result.
    pub async fn query<T: FromRow + Send + 'static, Q: AsQuery>(&mut self, sql: Q) -> Result<Vec<T>> {
        let (driver, wait) = self.parts();
        let result = wait.answer(driver.query_iter(sql)).await?;
        wait.all(result).await
    }

    /// The first row of the first result.
    pub async fn query_first<T: FromRow + Send + 'static, Q: AsQuery>(&mut self, sql: Q) -> Result<Option<T>> {
        let (driver, wait) = self.parts();
        let result = wait.answer(driver.query_iter(sql)).await?;
        wait.first(result).await
    }

    /// The rows of a result as they come.
    pub async fn rows<'c, Q: AsQuery + 'c>(&'c mut self, sql: Q) -> Result<Rows<'c>> {
        let (driver, wait) = self.parts();
        let result = wait.answer(driver.query_iter(sql)).await?;
        Ok(Rows { result, wait, ended: false })
    }

    /// All rows of a prepared statement.
    pub async fn exec<T: FromRow + Send + 'static, S: StatementLike, P: Into<Params> + Send>(&mut self, sql: S, with: P) -> Result<Vec<T>> {
        let (driver, wait) = self.parts();
        let result = wait.answer(driver.exec_iter(sql, with)).await?;
        wait.all(result).await
    }

    /// Its first row.
    pub async fn exec_first<T: FromRow + Send + 'static, S: StatementLike, P: Into<Params> + Send>(
        &mut self,
        sql: S,
        with: P,
    ) -> Result<Option<T>> {
        let (driver, wait) = self.parts();
        let result = wait.answer(driver.exec_iter(sql, with)).await?;
        wait.first(result).await
    }

    pub async fn ping(&mut self) -> Result<()> {
        let (driver, wait) = self.parts();
        wait.answer(driver.ping()).await
    }

    /// Does what has no method here, as one answer; `moved` counts what has moved meanwhile.
    pub(in crate::replicate) async fn over<T>(
        &mut self,
        moved: impl Fn() -> u64,
        work: impl AsyncFnOnce(&mut mysql_async::Conn) -> Result<T>,
    ) -> Result<T> {
        let (driver, wait) = self.parts();
        wait.on(moved, work(driver)).await
    }

    /// Where the next LOAD DATA LOCAL has its data from.
    pub(in crate::replicate) fn set_infile_handler(&mut self, handler: impl Future<Output = Result<InfileData>> + Send + Sync + 'static) {
        self.parts().0.set_infile_handler(handler);
    }

    /// Turns into the source's log. Its events are waited for by their reader.
    pub(in crate::replicate) async fn into_log(mut self, request: BinlogStreamRequest<'_>) -> Result<BinlogStream> {
        let driver = self.driver.take().expect("it is there until it is given away");
        self.wait.answer(driver.get_binlog_stream(request)).await
    }

    /// The driver's own connection, on which everything is waited for.
    pub fn into_driver(mut self) -> mysql_async::Conn {
        self.driver.take().expect("it is there until it is given away")
    }

    /// Says goodbye.
    pub async fn disconnect(mut self) {
        if let Some(goodbye) = self.goodbye() {
            goodbye.await;
        }
    }

    fn goodbye(&mut self) -> Option<impl Future<Output = ()> + use<>> {
        let leaving = self.listed.take().map(Listed::leaves);
        let (driver, lost) = (self.driver.take()?, self.wait.lost);
        Some(hang_up(driver, leaving, lost))
    }
}

/// An error has nothing to say any more: what was done over the connection was answered before.
async fn hang_up(mut driver: mysql_async::Conn, leaving: Option<Leaving>, lost: bool) {
    // The last word has no answer; the one before it has. What comes on a lost one belongs to something else.
    if let Some(leaving) = leaving.filter(|_| !lost)
        && matches!(timeout(FAREWELL, driver.ping()).await, Ok(Ok(())))
    {
        leaving.is_heard();
    }
    drop(timeout(FAREWELL, driver.disconnect()).await);
}

impl Drop for Conn {
    fn drop(&mut self) {
        if let Some(goodbye) = self.goodbye()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            // Nobody has to wait for it: it ends by itself, with or without the server.
            runtime.spawn(goodbye);
        }
    }
}

/// A result that is read row by row. What is left of it is not read: without its end the connection is lost.
#[derive(Debug)]
pub struct Rows<'c> {
    result: QueryResult<'c, 'static, TextProtocol>,
    wait: &'c mut Wait,
    ended: bool,
}

impl Rows<'_> {
    pub async fn next(&mut self) -> Result<Option<Row>> {
        let next = self.wait.answer(self.result.next()).await;
        self.ended = matches!(&next, Ok(None) | Err(Error::Server(_)));
        next
    }
}

impl Drop for Rows<'_> {
    fn drop(&mut self) {
        self.wait.lost |= !self.ended;
    }
}
