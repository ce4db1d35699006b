//! What a statement of the log means for the job. None is passed unread: it runs at the target, stops the job by name,
//! is counted as a note, or does not concern the job.

use super::brought;
use super::mapped::Mapped;
use super::names::Names;
use super::sequences;
use super::{Mode, Pump, Replay};
use crate::model::finding::Side;
use crate::model::position::{Position, TxId};
use crate::model::replicate::{TableName, quote};
use crate::model::run::RunEventKind;
use crate::replicate::ddl::{self, ChangedColumns, Ddl, Role, TableAction, TableDdl};
use crate::replicate::event::DdlEvent;
use crate::replicate::filter::RowFilters;
use crate::replicate::lexer;
use crate::replicate::sink::{Item, Prepare};
use crate::replicate::{Error, Kind, Result};

impl Pump<'_> {
    pub(super) async fn statement(&mut self, id: TxId, event: DdlEvent, end: Position, time: i64) -> Result<()> {
        // A statement inside an open transaction belongs to it: its commit moves the watermark, not this.
        let inside = self.open.is_some();
        let applied = match self.open.as_ref().map(|o| o.applied || o.again) {
            None if [&self.applied, &self.again].iter().any(|had| had.contains(&id.to_string())) => true,
            None if self.is_skipped(&id, false) => return self.left_out(id, &event, end, time).await,
            None => false,
            Some(true) => true,
            Some(false) => self.is_left_out(&id)?,
        };
        if !applied && let Some(text) = self.replacement(&id, &event) {
            return self.replaced(id, &event, text, end, time).await;
        }
        let mut event = event;
        let mut parsed = read(&event)?;
        if let Some(ours) = self.drop_of_ours(&parsed, &event) {
            event.statement = ours;
            parsed = read(&event)?;
        }
        let names = Names::of(&parsed);
        // What it is about, at the source; a schema has no table.
        let about = match &parsed {
            Ddl::Table(table) => table.tables.first().map(|t| t.name.clone()),
            Ddl::Schema { schema, .. } => Some(TableName::new(schema, "")),
            _ => None,
        };
        // The statement in the target's names, and words.
        let mut there = None;
        let run = if applied {
            self.is_applied(&id);
            false
        } else {
            match parsed {
                Ddl::Table(table) if !table.temporary && Box::pin(self.table_ddl(&table, &id, &event)).await? => {
                    match self.mapped(&table, &event)? {
                        Mapped::Run(said) => {
                            there = Some(said);
                            true
                        }
                        Mapped::Done => {
                            Box::pin(self.joins(&table, &event)).await?;
                            self.note("tables that joined a merged one");
                            false
                        }
                    }
                }
                Ddl::Table(_) => false,
                Ddl::Schema { schema, .. } => self.schema_ddl(&schema, &id, &event)?,
                Ddl::Dml { tables } => self.dml(tables.iter().map(|t| &t.name), &event)?,
                Ddl::Transaction(_) => false,
                Ddl::Ignorable { what, objects } => {
                    if self.ctx.spec.src.filter.concerns(&objects) {
                        self.note(&format!("{what} not replicated"));
                    }
                    false
                }
                Ddl::Unknown { verb } => return Err(unread(&event, &format!("{verb} is not known here"))),
            }
        };
        if run {
            if inside && self.replay == Replay::Tell {
                return Ok(());
            }
            if self.replay == Replay::Run && event.statement.contains(char::REPLACEMENT_CHARACTER) {
                return Err(unread(&event, "its text is in a character set that is not read here"));
            }
            if self.replay == Replay::Translate {
                let schema = about.as_ref().map_or("", |about| &about.schema);
                let said = self.translated(&event, there.as_ref().unwrap_or(&event), schema).await?;
                there = Some(said);
            }
            let told = format!("applied: {}", told(there.as_ref().unwrap_or(&event)));
            if inside {
                let made = about.unwrap_or_else(|| TableName::new("", ""));
                self.create_select(&made, there.as_ref().unwrap_or(&event)).await?;
                self.ctx.report.event(Some(Side::Dest), RunEventKind::Driver, told);
                return Ok(());
            }
            self.claim(&names).await?;
            self.ctx.tap.statement(&id, &event);
            self.sink.submit(Item::Ddl { id, end: end.clone(), ddl: there.unwrap_or(event), source_time: time }).await?;
            self.sink.drain().await?;
            self.ctx.report.event(Some(Side::Dest), RunEventKind::Driver, told);
            self.follow_names(names).await?;
            return self.pass(&end).await;
        }
        if inside {
            return Ok(());
        }
        self.sink.submit(Item::Skip { id: Some(id), end: end.clone(), source_time: time }).await?;
        self.pass(&end).await
    }

    /// A DROP TABLE that also names tables outside of the job, without those: they are not the job's at the target either.
    fn drop_of_ours(&self, parsed: &Ddl, event: &DdlEvent) -> Option<String> {
        let Ddl::Table(table) = parsed else { return None };
        let filter = &self.ctx.spec.src.filter;
        table.drop_of(&event.statement, |t| filter.includes(&t.schema, &t.table))
    }

    /// Passes over a statement that somebody leaves out. At the source, names are what it made them.
    async fn left_out(&mut self, id: TxId, event: &DdlEvent, end: Position, time: i64) -> Result<()> {
        self.sink.drain().await?;
        Box::pin(self.redefine(event)).await?;
        self.sink.submit(Item::Skip { id: Some(id), end: end.clone(), source_time: time }).await?;
        self.sink.drain().await?;
        self.follow_names(self.names_in(event)).await?;
        // Names may have changed hands.
        Box::pin(self.redefine(event)).await?;
        self.pass(&end).await
    }

    /// Leaves the open transaction out if somebody said so meanwhile.
    fn is_left_out(&mut self, id: &TxId) -> Result<bool> {
        if !self.is_skipped(id, false) {
            return Ok(false);
        }
        let Some(open) = self.open.as_mut() else { return Ok(true) };
        if open.streamed {
            // Its first parts are at the target, uncommitted: the next run leaves out the whole.
            return Err(Error::transient("skip_begun", format!("transaction {id} is to be left out and was begun; the run begins again")));
        }
        (open.applied, open.bytes) = (true, 0);
        open.rows.clear();
        Ok(true)
    }

    /// Decides about a DDL on tables: true = it runs at the target.
    async fn table_ddl(&mut self, table: &TableDdl, id: &TxId, event: &DdlEvent) -> Result<bool> {
        let sequences = self.sequences_in(table, event).await?;
        let filter = &self.ctx.spec.src.filter;
        let ours = |t: &&TableName| filter.includes(&t.schema, &t.table) && !sequences.contains(*t);
        let (ours, others): (Vec<_>, Vec<_>) = table.changed().partition(ours);
        if ours.is_empty() && !sequences.is_empty() {
            self.note(sequences::NOTE);
            return Ok(false);
        }
        if ours.is_empty() {
            if others.iter().any(|t| filter.left_out_with(&t.schema, &t.table).is_some()) {
                self.note("statements of online changes of ignored tables");
            }
            return Ok(false);
        }
        // What a table was before an online change is the job's from the statement on that makes it so.
        let ours: Vec<_> = ours.into_iter().filter(|t| !self.tables.leaves(t)).collect();
        let modes: Vec<Mode> = ours.iter().map(|t| self.tables.mode(t, id)).collect();
        if modes.iter().all(|m| *m == Mode::Drop) {
            return Ok(false);
        }
        if self.replay == Replay::Tell {
            if table.action == TableAction::Truncate {
                self.note("TRUNCATE TABLE: its rows have no messages");
            }
            let came: Vec<TableName> =
                brought::renamed_in(table, filter).filter(|t| self.tables.mode(t, id) != Mode::Drop).cloned().collect();
            if !came.is_empty() {
                // What it held under its other name was in no message: it is copied, as what an update brings in.
                return Err(self.reset(&came).await?);
            }
            return Ok(true);
        }
        // What is made like a table that is at the target as it was later is not what the source made: it is read from there.
        let like = table.tables.iter().filter(|t| t.role == Role::Like && self.ctx.spec.src.filter.includes(&t.name.schema, &t.name.table));
        let is_later = like.map(|t| self.tables.mode(&t.name, id)).any(|m| m != Mode::Exact);
        if is_later || modes.iter().any(|m| *m != Mode::Exact) {
            // Before a table's end its copy may hold rows of either definition. A statement that is in one table's copy
            // and not in the other's (a rename) cannot run either: those that do not have it yet are copied again.
            let reset: Vec<TableName> = ours.into_iter().zip(&modes).filter(|(_, m)| **m != Mode::Drop).map(|(t, _)| t.clone()).collect();
            self.keeps_merged(&reset, event)?;
            return Err(self.reset(&reset).await?);
        }
        let like_outside = table.tables.iter().any(|t| t.role == Role::Like && !filter.includes(&t.name.schema, &t.name.table));
        let came: Vec<TableName> = brought::renamed_in(table, filter).cloned().collect();
        if !came.is_empty() && ours.iter().all(|t| came.contains(t)) && brought::are_absent(&self.ctx.spec, &came).await? {
            // What it held under its other name is in no log that the job reads.
            self.keeps_merged(&came, event)?;
            self.ctx.report.event(
                Some(Side::Src),
                RunEventKind::Note,
                format!("brings tables into the job, they are copied: {}", told(event)),
            );
            return Err(self.reset(&came).await?);
        }
        if !others.is_empty() || like_outside {
            return Err(stop(event, "ddl_crosses_filter", "it names tables inside and outside of the job").hint(
                "make the change at the target by hand and leave the statement out, or give another in its place: syncline jobs ddl",
            ));
        }
        if table.action == TableAction::CreateSelect {
            return Err(stop(event, "ddl_not_supported", "CREATE TABLE … SELECT was logged as a statement, without its rows"));
        }
        if makes_versioned(event) {
            let why = "it makes a system-versioned table: the history that the target would keep is not the source's";
            return Err(stop(event, "system_versioned", why)
                .hint("leave the table out of the job (syncline jobs update --ignore), or take the versioning away again and leave both statements out"));
        }
        if says(event, |w| w[0] == "WITHOUT" && w[1] == "OVERLAPS") {
            let why = "it makes a key WITHOUT OVERLAPS: MariaDB takes no statement that overwrites rows into such a table";
            return Err(stop(event, "period_key", why).hint(
                "leave the table out of the job (syncline jobs update --ignore), or give a definition without that key in its place: syncline jobs ddl",
            ));
        }
        self.row_filters(table, event)?;
        let why = if table.action == TableAction::Alter && fills_otherwise(event) {
            // The log has no rows of what it filled a new column with.
            "what fills a new column is known to the source only"
        } else if self.replaces_with_rows(table, event) {
            "it replaces the table"
        } else {
            return Ok(true);
        };
        let ours: Vec<TableName> = ours.into_iter().cloned().collect();
        self.keeps_merged(&ours, event)?;
        let why = format!("{why}, its rows are copied again: {}", told(event));
        self.ctx.report.event(Some(Side::Src), RunEventKind::Note, why);
        Err(self.reset(&ours).await?)
    }

    /// CREATE OR REPLACE TABLE as MariaDB logs it with the rows of its SELECT: run again behind their commit it would take them
    /// away. And in any form where MySQL is to say it, which has no such statement.
    fn replaces_with_rows(&self, table: &TableDdl, event: &DdlEvent) -> bool {
        let fresh = self.open.as_ref().is_none_or(|o| o.rows.is_empty() && !o.streamed);
        let asked = self.open.is_some() || self.replay == Replay::Translate;
        fresh && asked && table.action == TableAction::Create && says(event, |w| w[0] == "CREATE" && w[1] == "OR" && w[2] == "REPLACE")
    }

    /// Stops before a statement behind which the rows at the target would not be those that pass: it changes a column that
    /// a row filter looks at, or moves rows from under one filter to under another.
    fn row_filters(&self, table: &TableDdl, event: &DdlEvent) -> Result<()> {
        let tables = &self.ctx.spec.src.filter;
        if !tables.filters_rows() {
            return Ok(());
        }
        let rows = |t: &TableName| tables.rows(&t.schema, &t.table);
        let partners = table.tables.iter().filter(|t| t.role == Role::Partner).flat_map(|t| Some((&table.tables.first()?.name, &t.name)));
        if let Some((a, b)) = table.renames().chain(partners).find(|(a, b)| rows(a) != rows(b)) {
            let what = format!("it moves rows between {a} and {b}, which have different row filters");
            return Err(stop(event, "ddl_crosses_row_filter", &what)
                .hint("give both tables the same filter (syncline jobs update: its tables are copied again), and retry the job"));
        }
        let changed = ChangedColumns::of(table, &event.statement, ddl::Mode::from_sql_mode(event.sql_mode.unwrap_or(0)));
        let filters = RowFilters::new(tables)?;
        let Some((rule, filter)) = table.tables.first().and_then(|t| filters.filter(&t.name)) else { return Ok(()) };
        let column = changed.named.iter().find(|c| filter.names(c));
        if column.is_none() && !(changed.all_text && filter.compares_text()) {
            return Ok(());
        }
        let what = column.map_or_else(|| "the strings".to_owned(), |c| format!("column {c}"));
        Err(stop(event, "filter_column_changed", &format!("it changes {what} that {rule} looks at"))
            .hint("change the filter (syncline jobs update: its tables are copied again, from behind the statement), and resume the job"))
    }

    /// CREATE TABLE … SELECT is logged as a CREATE inside the transaction that holds its rows. The CREATE runs by itself,
    /// and only where the table is absent: repeating it after a crash meets an empty table, since the rows commit as one.
    /// `made`: the table at the source; the event is in the target's names.
    async fn create_select(&mut self, made: &TableName, event: &DdlEvent) -> Result<()> {
        let refuse = || stop(event, "ddl_in_transaction", "this statement inside a transaction cannot be replayed");
        let Ddl::Table(table) = read(event)? else { return Err(refuse()) };
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
        // The session's default schema may be another one there, or none; under its new name the table has its own before it.
        let mapped = main.name != *made;
        let schema = if event.default_schema.is_empty() || mapped { &main.name.schema } else { &event.default_schema };
        let statements = vec!["SET NAMES utf8mb4".to_owned(), format!("USE {}", quote(schema)), format!("{head}{guard}{tail}")];
        self.sink.drain().await?;
        self.sink.prepare(made, Prepare::Run(statements)).await
    }

    fn schema_ddl(&self, schema: &str, id: &TxId, event: &DdlEvent) -> Result<bool> {
        if !self.ctx.spec.src.filter.touches_schema(schema) || self.tables.mode(&TableName::new(schema, ""), id) == Mode::Drop {
            return Ok(false);
        }
        let filter = &self.ctx.spec.src.filter;
        if self.replay != Replay::Tell && filter.include.iter().any(|rule| rule.schema == schema && rule.to.schema.is_some()) {
            return Err(stop(event, "ddl_on_mapped_schema", "tables of this schema are in another one at the target").hint(
                "make the change at the target by hand if it is wanted there and leave the statement out, or give another in its place: syncline jobs ddl",
            ));
        }
        Ok(true)
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
                .hint(
                    "set binlog_format=ROW for every session of the source; make the change at the target by hand and leave its transaction out \
                     (syncline jobs ddl skip), or copy its tables again; a table that need not be at the target can be left out of the job \
                     (syncline jobs update --ignore)",
                ));
        }
        Ok(false)
    }

    /// Takes tables back to "not copied": a DDL came before their end. Returns the error that ends this run; the next
    /// one copies them anew from behind the DDL.
    async fn reset(&mut self, names: &[TableName]) -> Result<Error> {
        let at = crate::replicate::run::source_now(self.ctx).await?;
        self.sink.drain().await?;
        for name in names {
            self.sink.prepare(name, Prepare::Drop).await?;
            self.sink.submit(Item::Table(crate::replicate::run::reset(name.clone(), &at))).await?;
        }
        self.sink.drain().await?;
        let list = names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        Ok(Error::transient("table_reset", format!("the definition of {list} changed while it was copied; it is copied again")))
    }
}

/// `WITH SYSTEM VERSIONING` of a new table, `ADD SYSTEM VERSIONING` to one that is there.
fn makes_versioned(event: &DdlEvent) -> bool {
    says(event, |w| matches!(w[0].as_str(), "WITH" | "ADD") && w[1] == "SYSTEM" && w[2] == "VERSIONING")
}

/// Says whether these words follow each other somewhere: three are shown, empty behind the last.
fn says(event: &DdlEvent, these: impl FnMut(&[String]) -> bool) -> bool {
    let tokens = lexer::tokens(&event.statement, ddl::Mode::from_sql_mode(event.sql_mode.unwrap_or(0))).0;
    let words = tokens.iter().filter(|t| t.kind == lexer::Kind::Word).map(|t| event.statement[t.at.clone()].to_ascii_uppercase());
    let words: Vec<String> = words.chain([String::new(), String::new()]).collect();
    words.windows(3).any(these)
}

/// A statement that was applied, for the job's events: its beginning.
pub(super) fn told(event: &DdlEvent) -> String {
    let one_line = event.shown().split_whitespace().collect::<Vec<_>>().join(" ");
    if event.default_schema.is_empty() { short(&one_line, 160) } else { format!("{} (in {})", short(&one_line, 160), event.default_schema) }
}

/// Shortens a statement for messages.
fn short(statement: &str, most: usize) -> String {
    let mut text: String = statement.chars().take(most).collect();
    if statement.chars().count() > most {
        text.push('…');
    }
    text
}

pub(super) fn stop(event: &DdlEvent, code: &'static str, why: &str) -> Error {
    Error::new(
        Kind::Undecided,
        code,
        format!("stopped at the statement {:?} (default schema {:?}): {why}", short(&event.shown(), 400), event.default_schema),
    )
}

/// Functions that are another at the target, or another each time.
const UNLIKE: [&str; 18] = [
    "UUID",
    "UUID_SHORT",
    "UUID_V4",
    "UUID_V7",
    "SYS_GUID",
    "RAND",
    "RANDOM_BYTES",
    "CONNECTION_ID",
    "SYSDATE",
    "LAST_INSERT_ID",
    "USER",
    "SESSION_USER",
    "SYSTEM_USER",
    "CURRENT_USER",
    "CURRENT_ROLE",
    "VERSION",
    "NEXTVAL",
    "LASTVAL",
];

/// Says whether a statement fills a new column of rows that are there with what it would not fill it with at the target.
fn fills_otherwise(event: &DdlEvent) -> bool {
    let tokens = lexer::tokens(&event.statement, ddl::Mode::from_sql_mode(event.sql_mode.unwrap_or(0))).0;
    let words: Vec<_> =
        tokens.iter().filter(|t| !matches!(t.kind, lexer::Kind::Comment | lexer::Kind::ExecOpen | lexer::Kind::ExecClose)).collect();
    let is = |at: usize, named: &str| {
        words.get(at).is_some_and(|t| t.kind == lexer::Kind::Word && event.statement[t.at.clone()].eq_ignore_ascii_case(named))
    };
    let called = |at: usize| words.get(at + 1).is_some_and(|t| t.kind == lexer::Kind::Symbol(b'('));
    let adds = (0..words.len()).any(|at| is(at, "ADD"));
    adds && (0..words.len()).any(|at| (called(at) && UNLIKE.iter().any(|name| is(at, name))) || is(at, "CURRENT_USER"))
}

fn read(event: &DdlEvent) -> Result<Ddl> {
    let mode = ddl::Mode::from_sql_mode(event.sql_mode.unwrap_or(0));
    ddl::classify_in(&event.statement, &event.default_schema, mode).map_err(|e| unread(event, &e.to_string()))
}

fn unread(event: &DdlEvent, why: &str) -> Error {
    stop(event, "ddl_not_understood", why)
        .hint("do at the target what it did and leave it out, or give another in its place (syncline jobs ddl); and report the statement")
}
