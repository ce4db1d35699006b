//! Writes chunks of copied rows: rows and chunk record in one target transaction.
//!
//! Its first row is one in `applied` that says where the rows come from, for the job of the other direction (`stream/own`);
//! it is taken away again before the end.
//!
//! Three ways lead in, the fastest that there is for a block:
//! - MariaDB takes many rows for one prepared REPLACE (COM_STMT_BULK_EXECUTE). It costs the server what LOAD DATA costs and leaves
//!   alone the lock on a table's AUTO_INCREMENT counter, which LOAD DATA holds to its end (innodb_autoinc_lock_mode=1): several
//!   writers get into one table at once;
//! - LOAD DATA LOCAL, for MySQL and for rows that might not go into one packet;
//! - REPLACE of many rows as text, where LOAD DATA is switched off.
//!
//! LOAD DATA LOCAL skips duplicates and clips values even in strict mode, so after each chunk the server's counts are
//! compared with what was sent, and anything but "all rows, nothing replaced, no warning" rolls the chunk back.

use super::Settings;
use super::blocks::{Plan, Spelling};
use super::bookkeeping::{self, Books};
use super::session::{Answer, Failed, LOCK_REPEATS, PING_AFTER, Session};
use super::tsv::Pieces;
use crate::model::replicate::TableName;
use crate::replicate::connect::Flavor;
use crate::replicate::repair::Mended;
use crate::replicate::sink::{Chunk, Copier, Mend, RowBlock, Written};
use crate::replicate::table::Table;
use crate::replicate::{Error, Result};
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::OwnedSemaphorePermit;

/// Bound of what one statement brings, other than LOAD DATA.
const STATEMENT_BYTES: usize = 1 << 20;

#[derive(Debug)]
pub(super) struct MysqlCopier {
    pub(super) settings: Settings,
    pub(super) books: Books,
    pub(super) session: Session,
    /// How many writers insert at once, where the server takes bulk statements.
    bulk: Option<usize>,
    local_infile: bool,
    tables: HashMap<TableName, Arc<Plan>>,
}

/// What the server says of a chunk it took in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Taken {
    records: u64,
    pub(super) deleted: u64,
    skipped: u64,
    warnings: u64,
}

impl Taken {
    /// A REPLACE of so many rows.
    fn add(&mut self, rows: usize, answer: Answer) {
        self.records += rows as u64;
        self.deleted += answer.affected.saturating_sub(rows as u64);
        self.warnings += u64::from(answer.warnings);
    }
}

impl MysqlCopier {
    pub(super) async fn open(settings: &Settings, books: &Books) -> Result<Self> {
        let mut session = Session::open(&settings.endpoint, books).await?;
        let local: Option<u8> =
            session.first("SELECT @@local_infile").await.map_err(|e| Error::mysql("ask the target for local_infile", e))?;
        let bulk = match settings.info.flavor {
            Flavor::Mariadb if session.takes_bulk().await? => Some(session.processors().await?),
            _ => None,
        };
        let local_infile = local == Some(1);
        Ok(Self { settings: settings.clone(), books: books.clone(), session, bulk, local_infile, tables: HashMap::new() })
    }

    /// The server drops a session after five idle seconds, and reading a chunk may take longer.
    pub(super) async fn wake(&mut self) -> Result<()> {
        if self.session.idle() >= PING_AFTER && self.session.ping().await.is_err() {
            self.session = Session::open(&self.settings.endpoint, &self.books).await?;
        }
        Ok(())
    }

    async fn plan(&mut self, source: &Table) -> Result<Arc<Plan>> {
        if let Some(plan) = self.tables.get(&source.name) {
            return Ok(Arc::clone(plan));
        }
        let Settings { info, tables, filters, .. } = &self.settings;
        let target = self.session.table(info, &tables.target(&source.name)).await?;
        let plan = Arc::new(Plan::of(source, target.as_ref(), tables, filters)?);
        self.tables.insert(source.name.clone(), Arc::clone(&plan));
        Ok(plan)
    }

    async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        self.settings.turns.take(self.bulk?).await
    }

    async fn attempt(
        &mut self,
        chunk: &Chunk,
        plan: &Plan,
        block: &Arc<RowBlock>,
        rows: &[usize],
        turn: Option<OwnedSemaphorePermit>,
    ) -> Result<(), Problem> {
        let connection = self.session.conn.id();
        let begin = format!("START TRANSACTION;{};{}", self.books.insert_copy(connection), self.books.set_chunk(&plan.name, &chunk.done));
        let answers = self.session.batch(begin.as_bytes()).await?;
        if answers.get(1).is_none_or(|a| a.affected != 1) {
            return Err(bookkeeping::fenced().into());
        }
        let (plain, zero) = plan.split(block, rows);
        let mut taken = Taken::default();
        if !plain.is_empty() {
            taken = self.send(plan, block, plain).await?;
        }
        // A commit waits for a disk, not for a processor.
        drop(turn);
        judge(plan, taken, chunk.fresh)?;
        for row in zero {
            self.send_enum_zero(plan, block, row).await?;
        }
        self.session.run(self.books.copied(connection).as_bytes()).await?;
        self.session.commit().await?;
        Ok(())
    }

    pub(super) async fn send(&mut self, plan: &Plan, block: &Arc<RowBlock>, rows: Vec<usize>) -> Result<Taken, Problem> {
        let sent = rows.len() as u64;
        let bound = STATEMENT_BYTES.min(self.session.max_packet / 2);
        let taken = if self.bulk.is_some() && rows.iter().all(|&row| block.row_bytes(row) < bound) {
            self.bulk(plan, block, &rows, bound).await?
        } else if self.local_infile {
            self.load(plan, block, rows).await?
        } else {
            self.replace(plan, block, &rows).await?
        };
        if taken.warnings > 0 {
            let text = self.warnings().await;
            return Err(Error::permanent(
                "load_warnings",
                format!("the target changed values of {} while loading them: {text}", plan.name),
            )
            .hint("compare the column types of both ends")
            .into());
        }
        if taken.records != sent || taken.skipped > 0 {
            let message = format!("the target took {} of {sent} rows of {} and skipped {}", taken.records, plan.name, taken.skipped);
            return Err(Error::permanent("load_rows", message).into());
        }
        Ok(taken)
    }

    async fn bulk(&mut self, plan: &Plan, block: &RowBlock, rows: &[usize], bound: usize) -> Result<Taken, Problem> {
        let statement = plan.bulk_statement();
        let mut taken = Taken::default();
        let mut rest = rows;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = |row: &&usize| {
                bytes += block.row_bytes(**row);
                bytes < bound
            };
            let (now, later) = rest.split_at(rest.iter().take_while(fits).count());
            let answer = self.session.bulk(&statement, now.iter().map(|&row| plan.params(block, row))).await?;
            self.settings.standing.moves();
            taken.add(now.len(), answer);
            rest = later;
        }
        Ok(taken)
    }

    async fn load(&mut self, plan: &Plan, block: &Arc<RowBlock>, rows: Vec<usize>) -> Result<Taken, Problem> {
        let (moved, standing) = (Arc::clone(&self.session.moved), self.settings.standing.clone());
        let pieces = Pieces::new(Arc::clone(block), rows.into()).inspect(move |_| {
            moved.fetch_add(1, Ordering::Relaxed);
            standing.moves();
        });
        self.session.conn.set_infile_handler(async move { Ok(Box::pin(futures::stream::iter(pieces)) as mysql_async::InfileData) });
        let answer = self.session.run(plan.load_statement().as_bytes()).await?;
        let mut taken = parse_info(&self.session.conn.info())
            .ok_or_else(|| Error::permanent("load_rows", format!("the target does not say how many rows of {} it took", plan.name)))?;
        taken.warnings = taken.warnings.max(u64::from(answer.warnings));
        Ok(taken)
    }

    /// Multi-row REPLACE, in packets that the target accepts.
    async fn replace(&mut self, plan: &Plan, block: &RowBlock, rows: &[usize]) -> Result<Taken, Problem> {
        let bound = STATEMENT_BYTES.min(self.session.max_packet * 3 / 4);
        let mut taken = Taken::default();
        let (mut sql, mut open) = (Vec::new(), 0);
        for (i, &row) in rows.iter().enumerate() {
            if open == 0 {
                sql.extend_from_slice(plan.replace_head("REPLACE").as_bytes());
            } else {
                sql.push(b',');
            }
            plan.row(&mut sql, block, row, Spelling::Raw);
            open += 1;
            if sql.len() > bound || i + 1 == rows.len() {
                let answer = self.session.run(&sql).await?;
                self.settings.standing.moves();
                taken.add(open, answer);
                sql.clear();
                open = 0;
            }
        }
        Ok(taken)
    }

    /// Strict mode refuses ENUM index 0, so such a row is written without it: every warning must be one of those values.
    pub(super) async fn send_enum_zero(&mut self, plan: &Plan, block: &RowBlock, row: usize) -> Result<(), Problem> {
        let mut sql = format!("SET sql_mode='{}';{}", super::LENIENT_MODE, plan.replace_head("REPLACE")).into_bytes();
        plan.row(&mut sql, block, row, Spelling::Raw);
        sql.extend_from_slice(format!(";{}", super::session::strict()).as_bytes());
        let answers = self.session.batch(&sql).await?;
        if answers.get(1).is_some_and(|a| usize::from(a.warnings) == plan.enum_zeros(block, row)) {
            Ok(())
        } else {
            Err(Error::permanent(
                "load_warnings",
                format!("the target changed values of a row of {} with an invalid ENUM value", plan.name),
            )
            .into())
        }
    }

    /// Codes and columns of the last statement's warnings; values that the texts quote are cut out.
    async fn warnings(&mut self) -> String {
        let rows: Vec<(String, u16, Vec<u8>)> = self.session.query(b"SHOW WARNINGS LIMIT 3").await.unwrap_or_default();
        let texts: Vec<String> = rows
            .iter()
            .map(|(_, code, message)| format!("code {code}{}", super::refusal::of_column(&String::from_utf8_lossy(message))))
            .collect();
        texts.join(", ")
    }
}

#[async_trait]
impl Copier for MysqlCopier {
    async fn write(&mut self, chunk: &Chunk, rows: RowBlock) -> Result<Written, Error> {
        self.wake().await?;
        let plan = self.plan(&chunk.table).await?;
        let all = rows.rows();
        let passing = plan.passing(&rows)?;
        let block = Arc::new(rows);
        let mut repeats = 0;
        loop {
            let turn = self.turn().await;
            self.wake().await?;
            match self.attempt(chunk, &plan, &block, &passing, turn).await {
                Ok(()) => return Ok(Written { filtered: (all - passing.len()) as u64, inexact: plan.inexact(&block, &passing) }),
                Err(Problem::Failed(f)) if f.is_lock_conflict() && repeats < LOCK_REPEATS => {
                    repeats += 1;
                    self.session.rollback().await?;
                }
                Err(problem) => {
                    // Where the connection is gone the server rolls back by itself.
                    let _ = self.session.rollback().await;
                    return Err(problem.into_error(&plan.name));
                }
            }
        }
    }

    async fn mend(&mut self, mend: &Mend) -> Result<Mended, Error> {
        self.put(mend).await
    }
}

/// Why a chunk was not written: the server refused a statement, or we do not accept what it did.
#[derive(Debug)]
pub(super) enum Problem {
    Failed(Failed),
    Refused(Error),
}

impl From<Failed> for Problem {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}
impl Problem {
    pub(super) fn into_error(self, table: &TableName) -> Error {
        match self {
            Self::Failed(f) => super::value_free(f, &format!("write rows of {table}")),
            Self::Refused(error) => error,
        }
    }
}

/// A fresh table holds nothing that could be replaced, unless two source keys are one to the target.
fn judge(plan: &Plan, taken: Taken, fresh: bool) -> Result<()> {
    if let (true, Some(key), 1..) = (fresh, &plan.one_key, taken.deleted) {
        return Err(Error::permanent(
            "key_collision",
            format!("{} rows of {} have keys ({key}) that the target takes for equal", taken.deleted, plan.name),
        )
        .hint("give the key columns the same collation at both ends"));
    }
    Ok(())
}

/// Reads `Records: 3  Deleted: 0  Skipped: 0  Warnings: 0` by its numbers: the words are the server's language.
fn parse_info(info: &str) -> Option<Taken> {
    let mut numbers = info.split(|c: char| !c.is_ascii_digit()).filter(|s| !s.is_empty()).map(|s| s.parse().ok());
    let mut next = || numbers.next().flatten();
    Some(Taken { records: next()?, deleted: next()?, skipped: next()?, warnings: next()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_counts_are_read() {
        let taken = parse_info("Records: 12  Deleted: 1  Skipped: 2  Warnings: 3");
        assert_eq!(taken, Some(Taken { records: 12, deleted: 1, skipped: 2, warnings: 3 }));
        assert_eq!(parse_info("OK"), None);
    }
}
