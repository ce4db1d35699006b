//! The pump: takes events from the log in order, decides for each what it means at the target, and hands it to the sink.
//!
//! Called by `run.rs` after the last chunk (that is the gate of replication.md §2: nothing is applied before).
//! Why it is right:
//! - Every row event is judged by its table's start and end ([`Tables::mode`]): at or before the start it is in the copy
//!   already and dropped; up to the end it converges; beyond it is exact. A table without a row of its own did not exist
//!   when the job listed its tables, so the listing's position is its start and its end.
//! - Order is the log's order: there is one pump, and the sink keeps the order that it is given.
//! - A transaction that the target holds already (`applied` above the watermark) is passed over by id, never by content.
//! - A statement is never passed unread: it is a DDL that is applied, a DDL that cannot be applied (stop), one that does
//!   not concern the job, or an object that is counted as a note.

use super::ddl::{self, Ddl, Role, TableAction, TableDdl};
use super::event::{DdlEvent, Event, RowsEvent};
use super::run::RunContext;
use super::sink::{Item, Mode, Prepare, Resume, Sink, TableState};
use super::{Error, Result};
use crate::model::position::{Position, TxId};
use crate::model::progress::TablePhase;
use crate::model::replicate::{TableName, quote};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A source transaction larger than this is streamed in parts instead of held.
const HOLD_BYTES: usize = 4 << 20;

/// The name under which the job's listing position stands in `table_state`.
pub(super) fn listing() -> TableName {
    TableName::new("", "")
}

/// What the pump knows of the job's tables.
#[derive(Debug, Default)]
pub(super) struct Tables {
    states: HashMap<TableName, TableState>,
}

impl Tables {
    pub(super) fn new(states: impl IntoIterator<Item = TableState>) -> Self {
        Self { states: states.into_iter().map(|s| (s.table.clone(), s)).collect() }
    }

    fn state(&self, table: &TableName) -> Option<&TableState> {
        self.states.get(table).or_else(|| self.states.get(&listing()))
    }

    /// Returns how events of this transaction on this table are applied.
    pub(super) fn mode(&self, table: &TableName, id: &TxId) -> Mode {
        let Some(state) = self.state(table) else { return Mode::Exact };
        let exact = state.phase == TablePhase::Exact && state.table.table == table.table;
        // Asked of an exact table too: after a pause the log begins at the watermark, which a transaction that was dropped
        // does not move, so the one and the same transaction can come again behind the table's end.
        if state.start.as_ref().is_some_and(|start| start.contains(id)) {
            return Mode::Drop;
        }
        match &state.end {
            // Read in one snapshot, a table has nothing to converge; and a keyless one could not.
            Some(end) if state.start.as_ref() != Some(end) && end.may_contain(id) => Mode::Converge,
            None if !exact => Mode::Converge,
            _ => Mode::Exact,
        }
    }

    /// Returns the tables whose end this position has passed, now exact.
    fn passed(&mut self, at: &Position) -> Vec<TableState> {
        let mut passed = Vec::new();
        for state in self.states.values_mut() {
            let open = state.phase == TablePhase::Converging && !state.table.table.is_empty();
            if open && state.end.as_ref().is_some_and(|end| at.covers(end) && end.coordinates_le(at)) {
                state.phase = TablePhase::Exact;
                passed.push(state.clone());
            }
        }
        passed
    }

    fn converging(&self) -> bool {
        self.states.values().any(|s| s.phase == TablePhase::Converging && !s.table.table.is_empty())
    }
}

/// The transaction that the log is in.
struct Open {
    id: TxId,
    rows: Vec<(RowsEvent, Mode)>,
    bytes: usize,
    /// Parts of it went to the sink already.
    streamed: bool,
    /// The target has it.
    applied: bool,
}

pub(super) struct Pump<'a> {
    ctx: &'a RunContext,
    sink: &'a mut dyn Sink,
    tables: Tables,
    /// DDL runs at the target as it is; false: the flavours differ.
    same_flavor: bool,
    applied: HashSet<String>,
    open: Option<Open>,
    notes: BTreeMap<String, u64>,
    converging: bool,
}

impl<'a> Pump<'a> {
    pub(super) fn new(ctx: &'a RunContext, sink: &'a mut dyn Sink, tables: Tables, resume: &Resume, same_flavor: bool) -> Self {
        let gtids = resume.applied.iter().map(ToString::to_string);
        let offsets = resume.applied_offsets.iter().map(|(file, offset)| format!("{file}:{offset}"));
        let converging = tables.converging();
        Self { ctx, sink, tables, same_flavor, applied: gtids.chain(offsets).collect(), open: None, notes: BTreeMap::new(), converging }
    }

    pub(super) fn sink(&mut self) -> &mut dyn Sink {
        self.sink
    }

    /// Takes one event to its end: accepted by the sink, or passed over.
    pub(super) async fn take(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Begin { id, .. } => {
                let applied = self.is_applied(&id);
                self.open = Some(Open { id, rows: Vec::new(), bytes: 0, streamed: false, applied });
                Ok(())
            }
            Event::Rows(rows) => self.rows(rows).await,
            Event::Commit { end, time } => self.commit(end, time).await,
            Event::Ddl { id, ddl, end, time } => self.statement(id, ddl, end, time).await,
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

    async fn rows(&mut self, rows: RowsEvent) -> Result<()> {
        let Some(open) = self.open.as_mut() else {
            return Err(Error::permanent("log_out_of_order", format!("row event on {} outside a transaction", rows.map.table)));
        };
        let table = &rows.map.table;
        if open.applied || !self.ctx.spec.src.filter.includes(&table.schema, &table.table) {
            return Ok(());
        }
        let mode = self.tables.mode(table, &open.id);
        if mode == Mode::Drop {
            return Ok(());
        }
        open.bytes += rows.rows.len();
        open.rows.push((rows, mode));
        if open.bytes < HOLD_BYTES {
            return Ok(());
        }
        open.streamed = true;
        open.bytes = 0;
        let part = Item::TxPart { id: open.id.clone(), rows: std::mem::take(&mut open.rows), end: None, source_time: 0 };
        self.sink.submit(part).await
    }

    async fn commit(&mut self, end: Position, time: i64) -> Result<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let at = end.clone();
        let item = if open.streamed {
            Item::TxPart { id: open.id, rows: open.rows, end: Some(end), source_time: time }
        } else if open.rows.is_empty() {
            Item::Skip { id: Some(open.id), end, source_time: time }
        } else {
            Item::Tx { id: open.id, end, rows: open.rows, source_time: time }
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

    async fn statement(&mut self, id: TxId, event: DdlEvent, end: Position, time: i64) -> Result<()> {
        // A statement inside an open transaction belongs to it: its commit moves the watermark, not this.
        let inside = self.open.is_some();
        let applied = self.open.as_ref().map_or_else(|| self.applied.contains(&name_of(&id)), |o| o.applied);
        let mode = ddl::Mode::from_sql_mode(event.sql_mode.unwrap_or(0));
        let parsed = ddl::classify_in(&event.statement, &event.default_schema, mode).map_err(|e| unread(&event, &e.to_string()))?;
        let run = if applied {
            self.is_applied(&id);
            false
        } else {
            match parsed {
                Ddl::Table(table) => !table.temporary && self.table_ddl(&table, &id, &event).await?,
                Ddl::Schema { schema, .. } => self.schema_ddl(&schema, &id, &event)?,
                Ddl::Dml { tables } => self.dml(tables.iter().map(|t| &t.name), &event)?,
                Ddl::Transaction(_) => false,
                Ddl::Ignorable { what } => {
                    self.note(format!("{what} not replicated"));
                    false
                }
                Ddl::Unknown { verb } => return Err(unread(&event, &format!("{verb} is not known here"))),
            }
        };
        if run {
            if inside {
                return self.create_select(&event).await;
            }
            self.sink.submit(Item::Ddl { id, end: end.clone(), ddl: event, source_time: time }).await?;
            self.sink.drain().await?;
            return self.pass(&end).await;
        }
        if inside {
            return Ok(());
        }
        self.sink.submit(Item::Skip { id: Some(id), end: end.clone(), source_time: time }).await?;
        self.pass(&end).await
    }

    /// Decides about a DDL on tables: true = it runs at the target.
    async fn table_ddl(&mut self, table: &TableDdl, id: &TxId, event: &DdlEvent) -> Result<bool> {
        let filter = &self.ctx.spec.src.filter;
        let (ours, others): (Vec<_>, Vec<_>) = table.changed().partition(|t| filter.includes(&t.schema, &t.table));
        if ours.is_empty() {
            return Ok(false);
        }
        let modes: Vec<Mode> = ours.iter().map(|t| self.tables.mode(t, id)).collect();
        if modes.iter().all(|m| *m == Mode::Drop) {
            return Ok(false);
        }
        if modes.iter().any(|m| *m != Mode::Exact) {
            // Before a table's end its copy may hold rows of either definition. A statement that is in one table's copy
            // and not in the other's (a rename) cannot run either: those that do not have it yet are copied again.
            let reset: Vec<TableName> = ours.into_iter().zip(&modes).filter(|(_, m)| **m != Mode::Drop).map(|(t, _)| t.clone()).collect();
            return Err(self.reset(&reset).await?);
        }
        let like_outside = table.tables.iter().any(|t| t.role == Role::Like && !filter.includes(&t.name.schema, &t.name.table));
        if !others.is_empty() || like_outside {
            return Err(stop(event, "ddl_crosses_filter", "it names tables inside and outside of the job")
                .hint("make the change at the target by hand and create the job anew with start_gtid after this statement"));
        }
        if table.action == TableAction::CreateSelect {
            return Err(stop(event, "ddl_not_supported", "CREATE TABLE … SELECT was logged as a statement, without its rows"));
        }
        self.applicable(event)
    }

    /// CREATE TABLE … SELECT is logged as a CREATE inside the transaction that holds its rows. The CREATE runs by itself,
    /// and only where the table is absent: repeating it after a crash meets an empty table, since the rows commit as one.
    async fn create_select(&mut self, event: &DdlEvent) -> Result<()> {
        let refuse = || stop(event, "ddl_in_transaction", "this statement inside a transaction cannot be replayed");
        let mode = ddl::Mode::from_sql_mode(event.sql_mode.unwrap_or(0));
        let parsed = ddl::classify_in(&event.statement, &event.default_schema, mode).map_err(|e| unread(event, &e.to_string()))?;
        let Ddl::Table(table) = parsed else { return Err(refuse()) };
        let fresh = self.open.as_ref().is_some_and(|o| o.rows.is_empty() && !o.streamed);
        let (Some(main), true, TableAction::Create) = (table.tables.first(), fresh, table.action) else { return Err(refuse()) };
        let at = main.schema_at.as_ref().unwrap_or(&main.table_at).start;
        let (head, mut tail) = (event.statement[..at].to_owned(), event.statement[at..].to_owned());
        if let Some(clause) = &table.start_transaction_at {
            tail.replace_range(clause.start - at..clause.end - at, "");
        }
        let words = head.to_ascii_uppercase();
        if words.split_whitespace().any(|w| w == "REPLACE") {
            return Err(refuse());
        }
        let guard = if words.trim_end().ends_with("EXISTS") { "" } else { "IF NOT EXISTS " };
        let schema = if event.default_schema.is_empty() { &main.name.schema } else { &event.default_schema };
        let statements = vec!["SET NAMES utf8mb4".to_owned(), format!("USE {}", quote(schema)), format!("{head}{guard}{tail}")];
        self.sink.drain().await?;
        self.sink.prepare(&main.name, Prepare::Run(statements)).await
    }

    fn schema_ddl(&self, schema: &str, id: &TxId, event: &DdlEvent) -> Result<bool> {
        if !self.ctx.spec.src.filter.touches_schema(schema) || self.tables.mode(&TableName::new(schema, ""), id) == Mode::Drop {
            return Ok(false);
        }
        self.applicable(event)
    }

    fn applicable(&self, event: &DdlEvent) -> Result<bool> {
        if self.same_flavor {
            return Ok(true);
        }
        Err(stop(event, "ddl_not_translatable", "source and target are of different flavours").hint(
            "this release does not translate a DDL: make the change at the target by hand, delete the job and create it again with start_gtid = the source's GTIDs up to and with this statement; or let it copy again",
        ))
    }

    /// Changes logged as statements: on the job's tables they stop it, since their effect at the target cannot be known.
    fn dml<'t>(&self, tables: impl Iterator<Item = &'t TableName>, event: &DdlEvent) -> Result<bool> {
        let filter = &self.ctx.spec.src.filter;
        let (mut any, mut ours) = (false, false);
        for t in tables {
            any = true;
            ours |= filter.includes(&t.schema, &t.table);
        }
        if ours || (!any && filter.touches_schema(&event.default_schema)) {
            return Err(stop(event, "statement_based_event", "a change of the job's tables was logged as a statement, not as rows")
                .hint("set binlog_format=ROW for every session of the source, then delete the job and create it again"));
        }
        Ok(false)
    }

    /// Takes tables back to "not copied": a DDL came before their end. Returns the error that ends this run; the next
    /// one copies them anew from behind the DDL.
    async fn reset(&mut self, names: &[TableName]) -> Result<Error> {
        let at = super::run::source_now(self.ctx).await?;
        self.sink.drain().await?;
        for name in names {
            self.sink.prepare(name, Prepare::Drop).await?;
            let state = TableState {
                table: name.clone(),
                phase: TablePhase::Pending,
                start: Some(at.clone()),
                end: Some(at.clone()),
                fingerprint: String::new(),
                chunks: Vec::new(),
                rows: 0,
            };
            self.sink.submit(Item::Table(state)).await?;
        }
        self.sink.drain().await?;
        let list = names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        Ok(Error::transient("table_reset", format!("the definition of {list} changed while it was copied; it is copied again")))
    }

    fn note(&mut self, what: String) {
        *self.notes.entry(what).or_default() += 1;
        let notes: Vec<(String, u64)> = self.notes.iter().map(|(k, v)| (k.clone(), *v)).collect();
        self.ctx.report.update(|p| {
            for (what, count) in notes {
                match p.notes.iter_mut().find(|n| n.0 == what) {
                    Some(n) => n.1 = n.1.max(count),
                    None => p.notes.push((what, count)),
                }
            }
        });
    }
}

fn name_of(id: &TxId) -> String {
    id.gtid.as_ref().map_or_else(|| format!("{}:{}", id.file, id.start_offset), ToString::to_string)
}

/// Shortens a statement for messages.
fn shown(statement: &str) -> String {
    const MOST: usize = 400;
    let mut text: String = statement.chars().take(MOST).collect();
    if statement.chars().count() > MOST {
        text.push('…');
    }
    text
}

fn stop(event: &DdlEvent, code: &'static str, why: &str) -> Error {
    Error::permanent(
        code,
        format!("stopped at the statement {:?} (default schema {:?}): {why}", shown(&event.statement), event.default_schema),
    )
}

fn unread(event: &DdlEvent, why: &str) -> Error {
    stop(event, "ddl_not_understood", why).hint("report the statement; until then delete the job and create it anew behind the statement")
}
