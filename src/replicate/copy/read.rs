//! Reads one range of a table into blocks of raw rows.
//!
//! A range is paged by `… WHERE key > cursor AND key <= upper ORDER BY key LIMIT n`; n follows the time a page takes, so
//! that no read view stays open for long. A page is streamed and cut into blocks as it comes: by bytes, by the job's
//! row limit, or after one row that is larger than a block. A block may span pages, so nothing is read twice or thrown
//! away. A block is handed on only when a row after it was seen or the range has ended: the last one says `complete`.

use super::budget::{Budget, Held};
use super::key::{Bound, ChunkKey};
use super::source_error;
use super::workers::{Part, STOPPED};
use crate::model::live::RateLimit;
use crate::model::replicate::quote;
use crate::replicate::answer::is_alive;
use crate::replicate::connect::Conn;
use crate::replicate::control::Control;
use crate::replicate::gates::Who;
use crate::replicate::sink::{Chunk, ChunkDone, RowBlock};
use crate::replicate::table::{Table, TypeClass};
use crate::replicate::{Error, Result};
use mysql_async::{Row, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// A connection that waits at a gate is used so often.
const AWAKE: Duration = Duration::from_secs(30);
/// So many rows, or one so large, are told as a move.
const MOVES: u64 = 64;
const LARGE: usize = 64 << 10;
const PAGE_TIME: Duration = Duration::from_millis(600);
const PAGE_ROWS: std::ops::RangeInclusive<u64> = 16..=500_000;

/// What stays the same for all ranges of a table.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) table: Arc<Table>,
    /// None: read from a snapshot, in one go.
    pub(super) key: Option<ChunkKey>,
    /// `SELECT … FROM …`.
    select: String,
    /// The target table was empty when its copy began.
    fresh: bool,
    /// Rows that outgrow a block are likely: the last block held one, or before any the table's statistics say so.
    large: AtomicBool,
}

/// Average row from which on a table may hold rows that outgrow a block.
const LARGE_ON_AVERAGE: u64 = 1 << 20;

/// A block on its way to a copier; its memory is held until it is written.
pub(super) struct Block {
    pub(super) chunk: Chunk,
    pub(super) rows: RowBlock,
    pub(super) held: Held,
}

impl Source {
    pub(super) fn new(table: Arc<Table>, key: Option<ChunkKey>, fresh: bool) -> Self {
        let select = select(&table);
        let average = table.data_bytes.checked_div(table.rows_estimated).unwrap_or(table.data_bytes);
        Self { table, key, select, fresh, large: AtomicBool::new(average >= LARGE_ON_AVERAGE) }
    }

    fn page(&self, cursor: Option<&Bound>, upper: Option<&Bound>, limit: u64) -> Result<String> {
        let Some(key) = &self.key else { return Ok(self.select.clone()) };
        let mut conditions = Vec::new();
        if let Some(cursor) = cursor {
            conditions.push(key.above(cursor)?);
        }
        if let Some(upper) = upper {
            conditions.push(key.at_or_below(upper)?);
        }
        let filter = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
        Ok(format!("{}{}{filter}{} LIMIT {limit}", self.select, key.force(), key.order("")))
    }
}

/// `SELECT … FROM …`, without which rows.
pub(super) fn select(table: &Table) -> String {
    let columns: Vec<String> = table.stored_columns().map(|(_, c)| expression(&quote(&c.name), c.class)).collect();
    format!("SELECT {} FROM {}", columns.join(", "), table.name.quoted())
}

/// How a column is selected; see `RowBlock` for what then is in it.
fn expression(name: &str, class: TypeClass) -> String {
    match class {
        TypeClass::Float => format!("{name}+0e0"),
        // As its number: the text of number 0 is that of the member ''.
        TypeClass::Enum => format!("{name}+0"),
        _ => name.to_owned(),
    }
}

/// Reads ranges and hands their blocks to a writer.
pub(super) struct Reader {
    pub(super) budget: Budget,
    pub(super) rows_per_block: usize,
    pub(super) control: Control,
    pub(super) out: mpsc::Sender<(usize, Block)>,
    pub(super) part: Part,
}

/// The block being filled.
struct Filling {
    rows: RowBlock,
    held: Held,
}

impl Reader {
    /// Reads what is left of a range.
    pub(super) async fn range(&mut self, conn: &mut Conn, index: usize, source: &Source, mut done: ChunkDone) -> Result<()> {
        let decode = |bytes: &Option<Vec<u8>>| match (&source.key, bytes) {
            (Some(key), Some(bytes)) => key.decode(bytes).map(Some),
            _ => Ok(None),
        };
        let upper = decode(&done.upper)?;
        let mut cursor = match decode(&done.cursor)? {
            Some(cursor) => Some(cursor),
            None => decode(&done.lower)?,
        };
        let columns = source.table.stored_columns().count();
        let mut limit = first_page(&source.table);
        let mut filling = self.begin(columns).await;
        loop {
            self.pass(conn).await;
            self.part.reads(format_args!("reads {} over connection {}", source.table.name, conn.id()));
            let sql = source.page(cursor.as_ref(), upper.as_ref(), limit)?;
            let began = Instant::now();
            let failed = |e| source_error(&source.table.name, e);
            let mut result = conn.rows(sql).await.map_err(failed)?;
            let mut read = 0;
            loop {
                if source.large.load(Ordering::Relaxed) {
                    self.budget.alone(&mut filling.held).await;
                }
                let Some(row) = result.next().await.map_err(failed)? else { break };
                if self.is_full(&filling.rows) {
                    let full = std::mem::replace(&mut filling.rows, RowBlock { columns, ..RowBlock::default() });
                    source.large.store(self.budget.is_oversized(full.bytes()), Ordering::Relaxed);
                    cursor = send(&self.out, index, source, &mut done, full, filling.held, false).await?.or(cursor);
                    filling.held = self.budget.block().await;
                }
                // Its turn first: the row is in memory once now, and would be twice.
                if self.budget.is_oversized(filling.rows.bytes() + bytes(&row)) {
                    self.budget.alone(&mut filling.held).await;
                }
                // Not each row: all readers count in one place.
                if read % MOVES == 0 || bytes(&row) > LARGE {
                    self.part.moves();
                }
                push(&mut filling.rows, row)?;
                read += 1;
            }
            drop(result);
            if source.key.is_none() || read < limit {
                break;
            }
            cursor = last_key(source, &filling.rows)?.or(cursor);
            limit = next_page(limit, began.elapsed());
        }
        send(&self.out, index, source, &mut done, filling.rows, filling.held, true).await?;
        self.part.reads("has nothing to read");
        Ok(())
    }

    /// Waits at the gates. The server must not take the connection, nor the snapshot that it holds, for forgotten meanwhile.
    async fn pass(&self, conn: &mut Conn) {
        while timeout(AWAKE, self.control.gates().pass(Who::Read)).await.is_err() {
            // One that is gone is an error of the page.
            is_alive(conn).await;
        }
    }

    /// Says whether a block is to be written. With a throttle it holds what may go at once: the rate is not kept by long
    /// pauses between large ones.
    fn is_full(&self, rows: &RowBlock) -> bool {
        let limits = self.control.throttle().limits();
        let over = |limit: Option<RateLimit>, has: usize| limit.is_some_and(|l| has as u64 >= l.burst.min(l.per_second).max(1));
        rows.bytes() >= self.budget.block_bytes()
            || rows.rows() >= self.rows_per_block
            || rows.rows() > 0 && (over(limits.rows, rows.rows()) || over(limits.bytes, rows.bytes()))
    }

    async fn begin(&self, columns: usize) -> Filling {
        Filling { rows: RowBlock { columns, ..RowBlock::default() }, held: self.budget.block().await }
    }
}

/// Hands a block on; returns its last key.
async fn send(
    out: &mpsc::Sender<(usize, Block)>,
    index: usize,
    source: &Source,
    done: &mut ChunkDone,
    rows: RowBlock,
    held: Held,
    complete: bool,
) -> Result<Option<Bound>> {
    let last = last_key(source, &rows)?;
    if let (Some(key), Some(last)) = (&source.key, &last) {
        done.cursor = Some(key.encode(last));
    }
    done.rows += rows.rows() as u64;
    done.complete = complete;
    let chunk = Chunk { table: Arc::clone(&source.table), done: done.clone(), fresh: source.fresh };
    out.send((index, Block { chunk, rows, held })).await.map_err(|_| Error::transient(STOPPED, "the copy's writer has ended"))?;
    Ok(last)
}

fn last_key(source: &Source, rows: &RowBlock) -> Result<Option<Bound>> {
    let (Some(key), Some(last)) = (&source.key, rows.rows().checked_sub(1)) else { return Ok(None) };
    let value = |at| rows.value(last, at).map(<[u8]>::to_vec).ok_or_else(|| Error::permanent("key_value", "read a key: it holds a NULL"));
    key.positions().map(value).collect::<Result<Bound>>().map(Some)
}

fn bytes(row: &Row) -> usize {
    let value = |i| row.as_ref(i).map_or(0, |v| if let Value::Bytes(bytes) = v { bytes.len() } else { 0 });
    (0..row.len()).map(value).sum()
}

pub(super) fn push(rows: &mut RowBlock, row: Row) -> Result<()> {
    for value in row.unwrap() {
        match value {
            Value::NULL => rows.push(None),
            Value::Bytes(bytes) => rows.push(Some(&bytes)),
            // The text protocol knows only these two.
            _ => return Err(Error::permanent("mysql_client", "read a row: a value that is not text")),
        }
    }
    Ok(())
}

/// About 4 MB by the server's own statistics, which may be far off.
fn first_page(table: &Table) -> u64 {
    let row = table.data_bytes.checked_div(table.rows_estimated).unwrap_or(1024).max(64);
    ((4 << 20) / row).clamp(*PAGE_ROWS.start(), 20_000)
}

/// At most four times more or less than before: one stall must not make pages tiny.
fn next_page(limit: u64, took: Duration) -> u64 {
    let factor = (PAGE_TIME.as_secs_f64() / took.as_secs_f64().max(1e-6)).clamp(0.25, 4.0);
    ((limit as f64 * factor) as u64).clamp(*PAGE_ROWS.start(), *PAGE_ROWS.end())
}

#[cfg(test)]
mod tests {
    use super::super::key::tests::{column, table};
    use super::*;

    #[test]
    fn pages_follow_time_within_bounds() {
        assert_eq!(next_page(1000, PAGE_TIME), 1000);
        assert_eq!(next_page(1000, Duration::from_secs(60)), 250);
        assert_eq!(next_page(1000, Duration::ZERO), 4000);
        assert_eq!((next_page(16, Duration::from_secs(9)), next_page(500_000, Duration::ZERO)), (16, 500_000));
    }

    #[test]
    fn columns_are_selected_so_that_nothing_is_lost() {
        let t = Arc::new(table(vec![column("a", TypeClass::Int), column("b", TypeClass::Binary)]));
        let key = ChunkKey::choose(&t);
        let mut wide = (*t).clone();
        wide.columns.extend([column("f", TypeClass::Float), column("e", TypeClass::Enum), column("j", TypeClass::Json)]);
        let source = Source::new(Arc::new(wide), key, true);
        assert_eq!(
            source.page(Some(&vec![b"1".to_vec(), vec![0]]), None, 10).unwrap(),
            "SELECT `a`, `b`, `f`+0e0, `e`+0, `j` FROM `d`.`t` FORCE INDEX (`PRIMARY`) \
             WHERE `a` >= 1 AND (`a` > 1 OR (`a` = 1 AND `b` > _binary X'00')) ORDER BY `a`, `b` LIMIT 10"
        );
    }
}
