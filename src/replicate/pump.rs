//! The pump: takes events from the log in order, decides for each what it means at the target, and hands it to the sink.
//!
//! Called by `run.rs` after the last chunk (that is the gate of replication.md §2: nothing is applied before).
//! Why it is right:
//! - Every row event is judged by its table's start and end ([`Tables::mode`]): at or before the start it is in the copy
//!   already and dropped; up to the end it converges; beyond it is exact. A table without a row of its own did not exist
//!   when it came to be covered, so the position of that listing is its start and its end (`coverage.rs`).
//! - Order is the log's order: there is one pump, and the sink keeps the order that it is given.
//! - A transaction that the target holds already (`applied` above the watermark) is passed over by id, never by content.
//! - A statement is never passed unread: it is a DDL that is applied (in the target's words, `translated`), a DDL that cannot be applied (stop), one that does
//!   not concern the job, or an object that is counted as a note. With one that cannot be applied the pump waits until
//!   somebody has decided about it (`choice`); the log is read on into its spool meanwhile.

mod brought;
mod choice;
mod mapped;
mod names;
mod sequences;
mod statement;
mod tables;
mod translated;

use names::Names;
pub(super) use sequences::Sequences;
pub(super) use tables::Tables;

use super::event::{Event, RowsEvent};
use super::gates::Who;
use super::run::RunContext;
use super::sink::{Item, Mode, Resume, Sink, TableState};
use super::stream::rows::count;
use super::{Error, Result};
use crate::model::finding::Side;
use crate::model::position::{Position, TxId};
use crate::model::progress::{TablePhase, TableProgress};
use crate::model::replicate::TableName;
use crate::model::run::RunEventKind;
use std::collections::HashSet;

/// A source transaction larger than this is streamed in parts instead of held.
const HOLD_BYTES: usize = 4 << 20;

/// The transaction that the log is in.
struct Open {
    id: TxId,
    rows: Vec<(RowsEvent, Mode)>,
    bytes: usize,
    time: i64,
    /// Parts of it went to the sink already.
    streamed: bool,
    /// The target has it.
    applied: bool,
    /// The same, before the watermark was set back.
    again: bool,
}

/// What a DDL of the job's tables leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replay {
    /// It runs at the target as it is.
    Run,
    /// It runs there in the target's words: the flavours differ.
    Translate,
    /// There are no tables to change: the sink is told.
    Tell,
}

pub(super) struct Pump<'a> {
    ctx: &'a RunContext,
    sink: &'a mut dyn Sink,
    tables: Tables,
    replay: Replay,
    applied: HashSet<String>,
    /// Those that the watermark was set back over: their rows are applied again where the table converges.
    again: HashSet<String>,
    open: Option<Open>,
    /// Tables that the figures list.
    shown: HashSet<TableName>,
    converging: bool,
    dialects: Option<Box<translated::Dialects>>,
    sequences: Sequences,
}

impl<'a> Pump<'a> {
    pub(super) fn new(
        ctx: &'a RunContext,
        sink: &'a mut dyn Sink,
        tables: Tables,
        resume: &Resume,
        replay: Replay,
        sequences: Sequences,
    ) -> Self {
        let gtids = resume.applied.iter().map(ToString::to_string);
        let offsets = resume.applied_offsets.iter().map(|(file, offset)| format!("{file}:{offset}"));
        let converging = tables.converging();
        let shown = ctx.report.figures().tables.into_iter().map(|t| t.table).collect();
        Self {
            ctx,
            sink,
            tables,
            replay,
            applied: gtids.chain(offsets).collect(),
            again: resume.again.iter().map(ToString::to_string).collect(),
            open: None,
            shown,
            converging,
            dialects: None,
            sequences,
        }
    }

    /// Tables that held rows before their copy were compared: what they hold is the source's.
    pub(super) async fn alike(&mut self, compared: &[TableName]) -> Result<()> {
        let states = self.tables.alike(compared, &self.ctx.spec.src.filter);
        for state in states {
            self.ctx.report.update(|p| {
                for shown in p.tables.iter_mut().filter(|t| t.table == state.table) {
                    shown.held_rows = false;
                }
            });
            self.sink.submit(Item::Table(state)).await?;
        }
        Ok(())
    }

    /// What has become of the job's tables.
    pub(super) fn into_states(self) -> Vec<TableState> {
        self.tables.into_states().collect()
    }

    pub(super) fn sink(&mut self) -> &mut dyn Sink {
        self.sink
    }

    /// Says whether it is between two transactions.
    pub(super) fn rests(&self) -> bool {
        self.open.is_none()
    }

    /// Takes one event to its end: accepted by the sink, or passed over.
    pub(super) async fn take(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Begin { id, time, left_out } => {
                self.ctx.control.gates().pass(Who::Stream).await;
                let applied = self.is_applied(&id) || self.is_skipped(&id, left_out);
                let again = !self.again.is_empty() && self.again.remove(&id.to_string());
                self.open = Some(Open { id, rows: Vec::new(), bytes: 0, time, streamed: false, applied, again });
                Ok(())
            }
            Event::Rows(rows) => self.rows(rows).await,
            Event::Commit { end, time, xid } => self.commit(end, time, xid).await,
            Event::Ddl { id, ddl, end, time } => {
                self.ctx.control.gates().pass(Who::Stream).await;
                self.decided(id, ddl, end, time).await
            }
            Event::Idle { at, time } if self.open.is_none() => {
                self.sink.submit(Item::Skip { id: None, end: at.clone(), source_time: time }).await?;
                self.pass(&at).await
            }
            Event::Idle { .. } => Ok(()),
        }
    }

    fn is_applied(&mut self, id: &TxId) -> bool {
        if self.applied.is_empty() {
            return false;
        }
        let name = id.gtid.as_ref().map_or_else(|| format!("{}:{}", id.file, id.start_offset), ToString::to_string);
        self.applied.remove(&name)
    }

    /// Says whether the operator leaves it out. `already`: its content is left out, whatever is said since.
    fn is_skipped(&self, id: &TxId, already: bool) -> bool {
        if !already && !self.ctx.control.now().skips(id) {
            return false;
        }
        self.ctx.report.event(Some(Side::Src), RunEventKind::Note, format!("left out, as the job says (skip): transaction {id}"));
        self.note("transactions left out, as the job says");
        true
    }

    async fn rows(&mut self, rows: RowsEvent) -> Result<()> {
        let Some(open) = self.open.as_mut() else {
            return Err(Error::permanent("log_out_of_order", format!("row event on {} outside a transaction", rows.map.table)));
        };
        let table = &rows.map.table;
        if open.applied || !self.ctx.spec.src.filter.includes(&table.schema, &table.table) {
            return Ok(());
        }
        let mode = self.tables.mode(table, &open.id);
        // What cannot converge has had it.
        if mode == Mode::Drop || open.again && mode != Mode::Converge {
            return Ok(());
        }
        if self.is_of_sequence(&rows).await? {
            self.note(sequences::NOTE);
            return Ok(());
        }
        throttle(self.ctx, &rows).await?;
        let table = &rows.map.table;
        let Some(open) = self.open.as_mut() else { return Ok(()) };
        if !self.shown.contains(table) {
            self.shown.insert(table.clone());
            // One without a state was made by the log; or, of a job that began at a position, it was there before.
            let phase = if self.ctx.spec.src.start_gtid.is_some() { TablePhase::Followed } else { TablePhase::Exact };
            self.ctx.report.update(|p| p.tables.push(TableProgress::new(table.clone(), phase)));
        }
        let size = rows.rows.len();
        open.bytes += size;
        open.rows.push((rows, mode));
        if open.bytes < HOLD_BYTES {
            return Ok(());
        }
        // The last event stays, so that the last part says which row was the last; but not a giant: the reader waits with
        // the next event until there is room, and the transaction's end may lie behind it.
        let kept = if size < HOLD_BYTES { open.rows.pop() } else { None };
        open.streamed = true;
        open.bytes = kept.as_ref().map_or(0, |_| size);
        let part = std::mem::replace(&mut open.rows, kept.into_iter().collect());
        self.ctx.tap.rows(&open.id, open.time, &part);
        let part = Item::TxPart { id: open.id.clone(), rows: part, end: None, source_time: open.time };
        self.sink.submit(part).await
    }

    async fn commit(&mut self, end: Position, time: i64, xid: Option<u64>) -> Result<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let at = end.clone();
        self.ctx.tap.rows(&open.id, time, &open.rows);
        let item = if open.streamed {
            Item::TxPart { id: open.id, rows: open.rows, end: Some(end), source_time: time }
        } else if open.rows.is_empty() {
            Item::Skip { id: Some(open.id), end, source_time: time }
        } else {
            Item::Tx { id: open.id, end, rows: open.rows, source_time: time, xid }
        };
        self.sink.submit(item).await?;
        self.pass(&at).await
    }

    /// Records the tables whose end has been passed.
    async fn pass(&mut self, at: &Position) -> Result<()> {
        if !self.converging {
            return Ok(());
        }
        for state in self.tables.passed(at) {
            let name = state.table.clone();
            self.sink.submit(Item::Table(state)).await?;
            self.ctx.report.update(|p| {
                if let Some(t) = p.tables.iter_mut().find(|t| t.table == name) {
                    t.phase = TablePhase::Exact;
                }
            });
        }
        self.converging = self.tables.converging();
        Ok(())
    }
    fn note(&self, what: &str) {
        self.ctx.report.update(|p| p.note(what, |n| n + 1));
    }
}

/// Waits until so many rows may go.
async fn throttle(ctx: &RunContext, rows: &RowsEvent) -> Result<()> {
    let throttle = ctx.control.throttle();
    let limits = throttle.limits();
    if limits.is_off() {
        return Ok(());
    }
    let count = if limits.rows.is_some() { count(rows)? } else { 0 };
    throttle.take(count, rows.rows.len() as u64).await;
    Ok(())
}
