//! Writes chunks of copied rows: rows and chunk record in one target transaction.
//!
//! LOAD DATA LOCAL skips duplicates and clips values even in strict mode, so after each chunk the server's counts are
//! compared with what was sent, and anything but "all rows, nothing replaced, no warning" rolls the chunk back.

use super::Settings;
use super::bookkeeping::{Books, Guard};
use super::filtered::Passing;
use super::literal;
use super::session::{Failed, LOCK_REPEATS, PING_AFTER, Session};
use super::tsv::Pieces;
use crate::model::replicate::{MappedColumn, TableName, quote};
use crate::replicate::sink::{Chunk, Copier, RowBlock};
use crate::replicate::table::{Column, Table, TypeClass};
use crate::replicate::{Error, Result};
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Bound of one statement where LOAD DATA is switched off at the target.
const STATEMENT_BYTES: usize = 4 << 20;

#[derive(Debug)]
pub(super) struct MysqlCopier {
    settings: Settings,
    books: Books,
    session: Session,
    local_infile: bool,
    tables: HashMap<TableName, Arc<Plan>>,
}

/// How rows of one table are written.
#[derive(Debug)]
struct Plan {
    name: TableName,
    /// What the target calls it.
    target: TableName,
    /// Target columns in the order of the block's values; None: it is left out.
    columns: Vec<Option<Column>>,
    /// ENUM columns: they come as numbers, and number 0 is refused by strict mode.
    enums: Vec<usize>,
    /// Which rows are the job's; None = all.
    passing: Option<Passing>,
    /// No other unique key than the one the rows are cut by: a replaced row means equal keys.
    one_key: bool,
}

/// What the server says of a chunk it took in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Taken {
    records: u64,
    deleted: u64,
    skipped: u64,
    warnings: u64,
}

impl MysqlCopier {
    pub(super) async fn open(settings: &Settings, books: &Books) -> Result<Self> {
        let mut session = Session::open(&settings.endpoint, books).await?;
        let local: Option<u8> =
            session.first("SELECT @@local_infile").await.map_err(|e| Error::mysql("ask the target for local_infile", e))?;
        Ok(Self { settings: settings.clone(), books: books.clone(), session, local_infile: local == Some(1), tables: HashMap::new() })
    }

    /// The server drops a session after five idle seconds, and reading a chunk may take longer.
    async fn wake(&mut self) -> Result<()> {
        if self.session.idle() >= PING_AFTER && self.session.ping().await.is_err() {
            self.session = Session::open(&self.settings.endpoint, &self.books).await?;
        }
        Ok(())
    }

    async fn plan(&mut self, source: &Table) -> Result<Arc<Plan>> {
        if let Some(plan) = self.tables.get(&source.name) {
            return Ok(Arc::clone(plan));
        }
        let name = self.settings.tables.target(&source.name);
        let target = self
            .session
            .table(&self.settings.info, &name)
            .await?
            .ok_or_else(|| Error::permanent("no_target_table", format!("table {name} does not exist at the target")))?;
        let pairs = self.settings.tables.columns(&source.name);
        if pairs.is_empty() {
            // Else the stream goes by the source's definition too.
            self.settings.filters.same(source, &target)?;
        }
        let passing = Passing::copied(&self.settings.filters, source)?;
        let plan = Arc::new(Plan::new(source, &target, pairs, passing)?);
        self.tables.insert(source.name.clone(), Arc::clone(&plan));
        Ok(plan)
    }

    async fn attempt(&mut self, chunk: &Chunk, plan: &Plan, block: &Arc<RowBlock>, rows: &[usize]) -> Result<(), Problem> {
        let guard = Guard::check(&self.books);
        let begin = format!("START TRANSACTION;{guard};{}", self.books.set_chunk(&plan.name, &chunk.done));
        let answers = self.session.batch(begin.as_bytes()).await?;
        guard.passed(&answers, 1)?;
        let (plain, zero) = plan.split(block, rows);
        let mut taken = Taken::default();
        if !plain.is_empty() {
            taken = self.send(plan, block, plain).await?;
        }
        plan.judge(taken, chunk.fresh)?;
        for row in zero {
            self.send_enum_zero(plan, block, row).await?;
        }
        self.session.commit().await?;
        Ok(())
    }

    async fn send(&mut self, plan: &Plan, block: &Arc<RowBlock>, rows: Vec<usize>) -> Result<Taken, Problem> {
        let sent = rows.len() as u64;
        let taken = if self.local_infile { self.load(plan, block, rows).await? } else { self.replace(plan, block, &rows).await? };
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
            plan.row(&mut sql, block, row);
            open += 1;
            if sql.len() > bound || i + 1 == rows.len() {
                let answer = self.session.run(&sql).await?;
                self.settings.standing.moves();
                taken.records += open;
                taken.deleted += answer.affected.saturating_sub(open);
                taken.warnings += u64::from(answer.warnings);
                sql.clear();
                open = 0;
            }
        }
        Ok(taken)
    }

    /// Strict mode refuses ENUM index 0, so such a row is written without it: every warning must be one of those values.
    async fn send_enum_zero(&mut self, plan: &Plan, block: &RowBlock, row: usize) -> Result<(), Problem> {
        let mut sql = format!("SET sql_mode='{}';{}", super::LENIENT_MODE, plan.replace_head("REPLACE")).into_bytes();
        plan.row(&mut sql, block, row);
        sql.extend_from_slice(format!(";{}", super::session::strict()).as_bytes());
        let answers = self.session.batch(&sql).await?;
        let zeros = plan.enums.iter().filter(|&&c| plan.is_enum_zero(block, row, c)).count();
        if answers.get(1).is_some_and(|a| usize::from(a.warnings) == zeros) {
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
        let texts: Vec<String> =
            rows.iter().map(|(_, code, message)| format!("code {code}{}", super::of_column(&String::from_utf8_lossy(message)))).collect();
        texts.join(", ")
    }
}

#[async_trait]
impl Copier for MysqlCopier {
    async fn write(&mut self, chunk: &Chunk, rows: RowBlock) -> Result<u64, Error> {
        self.wake().await?;
        let plan = self.plan(&chunk.table).await?;
        let all = rows.rows();
        let passing = plan.passing(&rows)?;
        let block = Arc::new(rows);
        let mut repeats = 0;
        loop {
            match self.attempt(chunk, &plan, &block, &passing).await {
                Ok(()) => return Ok((all - passing.len()) as u64),
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
}

/// Why a chunk was not written: the server refused a statement, or we do not accept what it did.
#[derive(Debug)]
enum Problem {
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
    fn into_error(self, table: &TableName) -> Error {
        match self {
            Self::Failed(f) => super::value_free(f, &format!("write rows of {table}")),
            Self::Refused(error) => error,
        }
    }
}

impl Plan {
    fn new(source: &Table, target: &Table, pairs: &[MappedColumn], passing: Option<Passing>) -> Result<Self> {
        let mut columns = Vec::new();
        for (_, column) in source.stored_columns() {
            let pair = pairs.iter().find(|pair| pair.from.to_lowercase() == column.name.to_lowercase());
            if pair.is_none() && !pairs.is_empty() {
                columns.push(None);
                continue;
            }
            let name = pair.map_or(&column.name, |pair| &pair.to);
            let found = target.columns.iter().find(|c| c.name.to_lowercase() == name.to_lowercase() && is_stored(c));
            let found = found.ok_or_else(|| {
                Error::permanent("columns_differ", format!("column {name} of {} does not exist at the target", target.name))
                    .hint("make the table alike at both ends, or let the job create it")
            })?;
            columns.push(Some(found.clone()));
        }
        let enums = columns.iter().enumerate().filter(|(_, c)| c.as_ref().is_some_and(is_enum)).map(|(i, _)| i).collect();
        let one_key = target.keys.iter().filter(|k| k.unique).count() == 1;
        Ok(Self { name: source.name.clone(), target: target.name.clone(), columns, enums, passing, one_key })
    }

    /// The columns that are written, with their places in the block.
    fn written(&self) -> impl Iterator<Item = (usize, &Column)> {
        self.columns.iter().enumerate().filter_map(|(i, c)| Some((i, c.as_ref()?)))
    }

    fn load_statement(&self) -> String {
        let place = |(i, column): (usize, &Option<Column>)| match column {
            Some(c) if !wants_text(c) && !is_enum(c) => quote(&c.name),
            // Set from the variable below, or left out.
            _ => format!("@v{i}"),
        };
        let list = self.columns.iter().enumerate().map(place).collect::<Vec<_>>().join(",");
        let set = self.written().filter_map(|(i, c)| {
            let name = quote(&c.name);
            if wants_text(c) { Some(format!("{name}=CONVERT(@v{i} USING utf8mb4)")) } else { is_enum(c).then(|| format!("{name}=@v{i}+0")) }
        });
        let set: Vec<String> = set.collect();
        let set = if set.is_empty() { String::new() } else { format!(" SET {}", set.join(",")) };
        format!(
            "LOAD DATA LOCAL INFILE 'rows' REPLACE INTO TABLE {} CHARACTER SET binary FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' ({list}){set}",
            self.target.quoted()
        )
    }

    fn replace_head(&self, verb: &str) -> String {
        let columns = self.written().map(|(_, c)| quote(&c.name)).collect::<Vec<_>>().join(",");
        format!("{verb} INTO {} ({columns}) VALUES ", self.target.quoted())
    }

    fn row(&self, sql: &mut Vec<u8>, block: &RowBlock, row: usize) {
        sql.push(b'(');
        for (n, (i, column)) in self.written().enumerate() {
            if n > 0 {
                sql.push(b',');
            }
            match block.value(row, i) {
                None => sql.extend_from_slice(b"NULL"),
                Some(value) if wants_text(column) => {
                    literal::quoted(sql, "CONVERT(_binary", value);
                    sql.extend_from_slice(b" USING utf8mb4)");
                }
                Some(value) if is_enum(column) => {
                    literal::quoted(sql, "_binary", value);
                    sql.extend_from_slice(b"+0");
                }
                Some(value) => literal::quoted(sql, "_binary", value),
            }
        }
        sql.push(b')');
    }

    fn is_enum_zero(&self, block: &RowBlock, row: usize, column: usize) -> bool {
        block.value(row, column) == Some(b"0")
    }

    /// The rows that are the job's.
    fn passing(&self, block: &RowBlock) -> Result<Vec<usize>> {
        let Some(passing) = &self.passing else { return Ok((0..block.rows()).collect()) };
        let kept = (0..block.rows()).map(|row| passing.keeps_copied(block, row).map(|keep| keep.then_some(row)));
        kept.filter_map(Result::transpose).collect()
    }

    /// Rows that go as they are, and rows that hold ENUM index 0.
    fn split(&self, block: &RowBlock, rows: &[usize]) -> (Vec<usize>, Vec<usize>) {
        rows.iter().copied().partition(|row| !self.enums.iter().any(|&c| self.is_enum_zero(block, *row, c)))
    }

    /// A fresh table holds nothing that could be replaced, unless two source keys are one to the target.
    fn judge(&self, taken: Taken, fresh: bool) -> Result<()> {
        if fresh && self.one_key && taken.deleted > 0 {
            return Err(Error::permanent(
                "key_collision",
                format!("{} rows of {} have keys that the target takes for equal", taken.deleted, self.name),
            )
            .hint("give the key columns the same collation at both ends"));
        }
        Ok(())
    }
}

/// Types that read bytes without a character set as something else than their text: JSON refuses them, the others take
/// them for their binary form.
fn wants_text(column: &Column) -> bool {
    matches!(column.class, TypeClass::Json | TypeClass::Uuid | TypeClass::Inet4 | TypeClass::Inet6)
}

fn is_enum(column: &Column) -> bool {
    column.class == TypeClass::Enum
}

fn is_stored(column: &Column) -> bool {
    column.generated == crate::replicate::table::Generated::No
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
