//! Taking a job over: the schema is made, the sessions of the owner before are ended, the epoch rises, and what the
//! target remembers is read.
//!
//! The order matters. A stored epoch that is not below ours, or another owner's that is above the one under which we
//! were asked to run the job, ends the attempt before anything is touched: two owners would take it from each other for ever. (Where
//! it is only by a clock that ours is not above, the next attempt counts on from what stood there.) Sessions are
//! killed before the epoch rises, because their open transactions hold the fence row, and looked for again after it,
//! because one may have been opened in between; none can be opened after that. Nothing is read before they are all gone:
//! an ALTER that is being rolled back would look like one that never ran.

use super::bookkeeping::{self, Books, fenced};
use super::holders;
use super::session::{Session, server_code};
use super::transactions;
use crate::model::gtid::Gtid;
use crate::model::position::{Position, TxId};
use crate::model::progress::TablePhase;
use crate::model::replicate::TableName;
use crate::replicate::connect::Conn;
use crate::replicate::processes::{self, Process};
use crate::replicate::sink::{Ahead, ChunkDone, Claim, Epoch, OpenDdl, Resume, TableState};
use crate::replicate::{Error, Result};
use mysql_async::Row;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a take-over waits for the old owner's work to end (a large transaction that rolls back).
const PATIENCE: Duration = Duration::from_secs(300);
const READ: &str = "read the bookkeeping at the target";
const PAUSE: Duration = Duration::from_millis(100);

/// A row of `applied` that an earlier run left: its key and the transactions it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) key: (String, u64),
    pub(super) ids: Vec<TxId>,
    /// They are not passed over: the checkpoint was set back.
    pub(super) again: bool,
}

/// Makes the bookkeeping schema where it is missing and refuses one of a later version.
pub(super) async fn create(session: &mut Session) -> Result<()> {
    for statement in bookkeeping::CREATE {
        drop_query(session, statement).await?;
    }
    drop_query(session, &format!("INSERT IGNORE INTO syncline.meta (name, value) VALUES ('version', '{}')", bookkeeping::VERSION)).await?;
    let version: Option<String> = session
        .first("SELECT value FROM syncline.meta WHERE name='version'")
        .await
        .map_err(|e| Error::mysql("read the bookkeeping's version at the target", e))?;
    match version.as_deref().map(str::parse::<u32>) {
        Some(Ok(v)) if v <= bookkeeping::VERSION => Ok(()),
        _ => Err(Error::config("bookkeeping_version", "the schema syncline at the target was made by a later version")
            .hint("run this job with that version or a later one")),
    }
}

/// Ends the sessions of earlier owners and raises the epoch.
pub(super) async fn take_over(session: &mut Session, books: &Books, claim: Claim, cancel: &CancellationToken) -> Result<()> {
    let until = tokio::time::Instant::now() + PATIENCE;
    drop_query(session, "SET SESSION innodb_lock_wait_timeout=1").await?;
    let stored: Option<u64> = first(session, &books.fence()).await?;
    if let Some(stored) = stored.map(Epoch).filter(|stored| claim.is_barred_by(*stored)) {
        return Err(barred(claim, stored));
    }
    loop {
        kill(session, books).await?;
        if raise(session, books, claim).await? {
            break;
        }
        wait(until, cancel).await?;
    }
    while kill(session, books).await? {
        wait(until, cancel).await?;
    }
    let forget = format!("DELETE FROM syncline.session WHERE job={}", books.job());
    drop_query(session, &forget).await?;
    // Their sessions are gone, and the numbers may be anybody's next.
    drop_query(session, &books.forget_preparing()).await
}

/// What ends an attempt. Nobody has taken the job from one who asks for it only now: whoever has it counts by a clock that is ahead.
fn barred(claim: Claim, stored: Epoch) -> Error {
    if claim.asked.is_some() {
        return fenced();
    }
    Error::transient("epoch_behind", "the job was started last by a clock that is ahead of this daemon's")
        .hint("nothing is to be done: it starts again behind that; and set the clocks of the daemons")
        .because(Ahead(stored))
}

async fn wait(until: tokio::time::Instant, cancel: &CancellationToken) -> Result<()> {
    if tokio::time::Instant::now() > until {
        return Err(Error::transient("takeover_blocked", "the sessions of the job's earlier owner do not end at the target")
            .hint("look at SHOW PROCESSLIST of the target for statements of this user that are being rolled back"));
    }
    tokio::select! {
        () = cancel.cancelled() => Err(Error::transient("cancelled", "cancelled while taking the job over")),
        () = tokio::time::sleep(PAUSE) => Ok(()),
    }
}

/// Kills the recorded sessions that still live and says whether there were any. Only those of our own user are touched:
/// after a restart of the server the same number may be anybody's.
async fn kill(session: &mut Session, books: &Books) -> Result<bool> {
    let doing = "end the sessions of the job's earlier owner";
    let recorded = format!("SELECT connection_id FROM syncline.session WHERE job={}", books.job());
    let recorded: Vec<u64> = session.query(recorded.as_bytes()).await.map_err(|e| Error::mysql(doing, e))?;
    if recorded.is_empty() {
        return Ok(false);
    }
    let own = u64::from(session.conn.id());
    let living: Vec<Row> = session.query(processes::LIST.as_bytes()).await.map_err(|e| Error::mysql(doing, e))?;
    let living = processes::read(&living);
    let user = living.iter().find(|p| p.id == own).map(|p| &p.user);
    let mut any = false;
    for Process { id, .. } in living.iter().filter(|p| p.id != own && recorded.contains(&p.id) && Some(&p.user) == user) {
        any = true;
        match session.query_drop(&format!("KILL {id}")).await {
            Ok(()) => {}
            // Gone since.
            Err(e) if server_code(&e) == Some(1094) => {}
            Err(e) => return Err(Error::mysql(doing, e)),
        }
    }
    Ok(any)
}

/// What the job's sessions are doing, as the server sees it, and who keeps them from it. Statements are left out: they hold values.
pub(super) async fn sessions(session: &mut Session, books: &Books) -> Result<Vec<String>> {
    let recorded = format!("SELECT connection_id FROM syncline.session WHERE job={}", books.job());
    let recorded: Vec<u64> = session.query(recorded.as_bytes()).await.map_err(|e| Error::mysql(READ, e))?;
    let living: Vec<Row> = session.query(processes::LIST.as_bytes()).await.map_err(|e| Error::mysql(READ, e))?;
    let living = processes::read(&living);
    let told = |Process { id, command, seconds, state, .. }: &Process| {
        let busy = recorded.contains(id) && command != "Sleep";
        busy.then(|| format!("connection {id} at the target: {} for {seconds} s", if state.is_empty() { command } else { state }))
    };
    let mut lines: Vec<String> = living.iter().filter_map(told).collect();
    lines.extend(holders::told(session, &recorded, &living).await);
    Ok(lines)
}

/// Raises the epoch; false if somebody still holds the row.
async fn raise(session: &mut Session, books: &Books, claim: Claim) -> Result<bool> {
    match try_raise(session, books, claim).await {
        Ok(Some(stored)) if claim.is_barred_by(Epoch(stored)) => {
            session.rollback().await?;
            Err(barred(claim, Epoch(stored)))
        }
        Ok(_) => {
            session.commit().await?;
            Ok(true)
        }
        // A lock timeout, a deadlock, or another owner's first row in the same instant.
        Err(e) if matches!(server_code(&e), Some(1205 | 1213 | 1062)) => {
            session.rollback().await?;
            Ok(false)
        }
        Err(e) => Err(Error::mysql("raise the job's epoch at the target", e)),
    }
}

async fn try_raise(session: &mut Session, books: &Books, claim: Claim) -> std::result::Result<Option<u64>, mysql_async::Error> {
    let (job, epoch) = (books.job(), claim.epoch.0);
    session.query_drop("START TRANSACTION").await?;
    let stored: Option<u64> = session.first(&books.lock_fence()).await?;
    match stored {
        Some(stored) if claim.is_barred_by(Epoch(stored)) => {}
        Some(_) => session.query_drop(&format!("UPDATE syncline.fence SET epoch={epoch} WHERE job={job}")).await?,
        None => session.query_drop(&format!("INSERT INTO syncline.fence (job, epoch) VALUES ({job}, {epoch})")).await?,
    }
    Ok(stored)
}

/// Reads what the target remembers of the job.
pub(super) async fn read(session: &mut Session, books: &Books) -> Result<(Resume, Vec<Left>)> {
    let job = books.job();
    let mut resume = Resume { watermark: checkpoint(session, job).await?, ..Resume::default() };

    let mut left = Vec::new();
    for (source, first, ids) in
        rows::<(String, u64, Vec<u8>)>(session, &format!("SELECT source, first, ids FROM syncline.applied WHERE job={job}")).await?
    {
        let ids = transactions::decode(&String::from_utf8_lossy(&ids)).ok_or_else(|| damaged("applied"))?;
        let again = source.starts_with(bookkeeping::AGAIN);
        if again {
            resume.again.extend(ids.iter().cloned());
        }
        for tx in ids.iter().filter(|_| !again) {
            match &tx.gtid {
                Some(gtid) => resume.applied.push(Gtid::clone(gtid)),
                None => resume.applied_offsets.push((tx.file.clone(), tx.start_offset)),
            }
        }
        left.push(Left { key: (source, first), ids, again });
    }

    resume.tables = session.states(job).await?;
    read_chunks(session, books, &mut resume.tables).await?;

    let sql = format!("SELECT tx, statement, fingerprints FROM syncline.ddl WHERE job={job}");
    if let Some((tx, statement, fingerprints)) = first::<(Vec<u8>, Vec<u8>, Vec<u8>)>(session, &sql).await? {
        let tx = transactions::decode(&String::from_utf8_lossy(&tx)).and_then(|t| t.into_iter().next()).ok_or_else(|| damaged("ddl"))?;
        let mark = super::Mark::decode(&fingerprints).ok_or_else(|| damaged("ddl"))?;
        resume.open_ddl = Some(OpenDdl {
            tx,
            statement: String::from_utf8_lossy(&statement).into_owned(),
            fingerprints: mark.before,
            contents: mark.contents,
        });
    }
    Ok((resume, left))
}

async fn checkpoint(session: &mut Session, job: &str) -> Result<Option<Position>> {
    let position: Option<Vec<u8>> = first(session, &format!("SELECT position FROM syncline.checkpoint WHERE job={job}")).await?;
    position.map(|p| self::position(&p)).transpose()
}

/// The same, where the job may never have been.
pub(super) async fn watermark(session: &mut Session, books: &Books) -> Result<Option<Position>> {
    let sql = "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA='syncline' AND TABLE_NAME='checkpoint'";
    match first::<u8>(session, sql).await? {
        Some(_) => checkpoint(session, books.job()).await,
        None => Ok(None),
    }
}

/// Reads the job's table states without their chunks.
pub(super) async fn states(conn: &mut Conn, job: &str) -> std::result::Result<Vec<Result<TableState>>, mysql_async::Error> {
    type State = (String, String, String, Option<Vec<u8>>, Option<Vec<u8>>, Vec<u8>, u64);
    let sql = format!("SELECT schema_name, table_name, phase, start, end, fingerprint, `rows` FROM syncline.table_state WHERE job={job}");
    let rows: Vec<State> = conn.query(sql).await?;
    let state = |(schema, table, phase, start, end, fingerprint, rows): State| {
        Ok(TableState {
            table: TableName::new(schema, table),
            phase: phase_of(&phase)?,
            start: start.map(|p| self::position(&p)).transpose()?,
            end: end.map(|p| self::position(&p)).transpose()?,
            fingerprint: String::from_utf8_lossy(&fingerprint).into_owned(),
            chunks: Vec::new(),
            rows,
        })
    };
    Ok(rows.into_iter().map(state).collect())
}

async fn read_chunks(session: &mut Session, books: &Books, tables: &mut [TableState]) -> Result<()> {
    type Chunk = (String, String, u32, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>, bool, u64);
    let sql = format!(
        "SELECT schema_name, table_name, range_no, `lower`, `upper`, `cursor`, complete, `rows` FROM syncline.chunk WHERE job={} ORDER BY 1, 2, 3",
        books.job()
    );
    for (schema, table, range, lower, upper, cursor, complete, rows) in rows::<Chunk>(session, &sql).await? {
        if let Some(state) = tables.iter_mut().find(|t| t.table.schema == schema && t.table.table == table) {
            state.chunks.push(ChunkDone { range, lower, upper, cursor, complete, rows });
        }
    }
    Ok(())
}

fn position(document: &[u8]) -> Result<Position> {
    Position::from_document(&String::from_utf8_lossy(document)).map_err(|e| damaged("position").because(e))
}

fn phase_of(text: &str) -> Result<TablePhase> {
    [TablePhase::Pending, TablePhase::Copying, TablePhase::Converging, TablePhase::Exact]
        .into_iter()
        .find(|p| p.as_str() == text)
        .ok_or_else(|| damaged("table_state"))
}

fn damaged(what: &str) -> Error {
    Error::permanent("bookkeeping_damaged", format!("a row of syncline.{what} at the target cannot be read"))
        .hint("delete the job and create it again, or restore the schema syncline")
}

async fn first<T: mysql_async::prelude::FromRow + Send + 'static>(session: &mut Session, sql: &str) -> Result<Option<T>> {
    session.first(sql).await.map_err(|e| Error::mysql(READ, e))
}

async fn rows<T: mysql_async::prelude::FromRow + Send + 'static>(session: &mut Session, sql: &str) -> Result<Vec<T>> {
    session.query(sql.as_bytes()).await.map_err(|e| Error::mysql(READ, e))
}

async fn drop_query(session: &mut Session, sql: &str) -> Result<()> {
    session.query_drop(sql).await.map_err(|e| Error::mysql("set up the bookkeeping at the target", e))
}
