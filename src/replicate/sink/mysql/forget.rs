//! Taking a job's bookkeeping out of the target, unless it is another owner's by now.
//!
//! Epochs only rise, so one that is lost is lost for good: that is seen without a lock, under which the other owner's transactions
//! would wait. Only what seems to be ours is locked and looked at again, so that nobody takes it over while it goes.

use super::bookkeeping::{self, Books};
use super::session::{Session, server_code};
use super::{Epoch, MysqlSink};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::job::JobId;
use crate::replicate::sink::Forgotten;
use crate::replicate::{Error, Result};

const DOING: &str = "take the job's bookkeeping out of the target";

/// The job never came as far as making its bookkeeping.
fn is_absent(code: Option<u16>) -> bool {
    matches!(code, Some(1146 | 1049))
}

async fn is_lost(session: &mut Session, fence: &str, asked: Option<Epoch>) -> Result<bool> {
    let stored: Option<u64> = match session.first(fence).await {
        Err(e) if is_absent(server_code(&e)) => None,
        stored => stored.map_err(|e| Error::mysql(DOING, e))?,
    };
    Ok(asked.zip(stored).is_some_and(|(asked, stored)| asked.lost_to(Epoch(stored))))
}

impl MysqlSink {
    /// `asked` is the epoch under which its owner was asked to run the job at last; None: nobody else has it. User data stays.
    pub async fn forget(endpoint: &MysqlEndpoint, job: &JobId, asked: Option<Epoch>) -> Result<Forgotten> {
        let mut session = Session::unrecorded(endpoint).await?;
        let books = Books::new(job, Epoch(0), "");
        let forgotten = forget(&mut session, &books, asked).await?;
        session.close(&books).await;
        Ok(forgotten)
    }
}

async fn forget(session: &mut Session, books: &Books, asked: Option<Epoch>) -> Result<Forgotten> {
    if is_lost(session, &books.fence(), asked).await? {
        return Ok(Forgotten::Anothers);
    }
    session.run(b"START TRANSACTION").await.map_err(|f| f.into_error(DOING))?;
    if is_lost(session, &books.lock_fence(), asked).await? {
        session.rollback().await?;
        return Ok(Forgotten::Anothers);
    }
    let own = |table| format!("DELETE FROM syncline.{table} WHERE job={}", books.job());
    for sql in bookkeeping::JOB_TABLES.into_iter().map(own).chain([books.forget_preparing()]) {
        match session.run(sql.as_bytes()).await {
            Ok(_) => {}
            Err(f) if is_absent(f.code()) => {}
            Err(f) => return Err(f.into_error(DOING)),
        }
    }
    session.commit().await?;
    Ok(Forgotten::Gone)
}
