//! Statements that the engine does not run by itself: the pump waits with one until somebody leaves it out, gives another
//! in its place, or has changed the target and lets it be tried again.
//!
//! Why no decision is lost or carried out twice: it is part of the job (`model::live`), on disk before the engine hears of
//! it, and named by the statement's transaction. A run that begins anew meets the statement again, since the watermark is
//! before it, and asks the job first. Left out, it moves the watermark as a transaction without effect does; what runs in
//! its place runs between the markers of any statement (`sink/mysql/ddl`), under the name of the one it stands for.

use super::statement::{stop, told};
use super::translated::UTF8MB4;
use super::{Mode, Names, Pump, Replay};
use crate::model::finding::Side;
use crate::model::job::JobState;
use crate::model::live::Live;
use crate::model::position::{Position, TxId};
use crate::model::progress::Question;
use crate::model::run::RunEventKind;
use crate::replicate::ddl::{self, Ddl};
use crate::replicate::event::{DdlEvent, ExplicitTimestamps};
use crate::replicate::sink::Item;
use crate::replicate::{Error, Kind, Result};
use jiff::Timestamp;

impl Pump<'_> {
    /// Takes a statement to its end, as the engine understands it or as somebody decided.
    pub(super) async fn decided(&mut self, id: TxId, ddl: DdlEvent, end: Position, time: i64) -> Result<()> {
        let mut live = self.ctx.control.watch();
        loop {
            let before = said_of(&live.borrow_and_update(), &id);
            let error = match self.statement(id.clone(), ddl.clone(), end.clone(), time).await {
                Err(e) if e.kind == Kind::Undecided => e.of_transaction(&id),
                other => {
                    self.sequences.follow(&ddl);
                    return other;
                }
            };
            // Who reads a job that ends with them decides by creating another.
            if self.ctx.outlet.is_some() {
                return Err(error);
            }
            // What came before it is applied; parts of a transaction wait with it.
            if !self.open.as_ref().is_some_and(|o| o.streamed) {
                self.sink.drain().await?;
            }
            self.ask(&id, &ddl, &error);
            let changed = live.wait_for(|now| said_of(now, &id) != before).await.is_ok();
            self.ctx.report.update(|p| p.question = None);
            if !changed {
                return Err(error);
            }
        }
    }

    fn ask(&self, id: &TxId, ddl: &DdlEvent, error: &Error) {
        let question = Question {
            transaction: id.to_string(),
            statement: ddl.shown().into_owned(),
            default_schema: ddl.default_schema.clone(),
            code: error.code.to_owned(),
            message: error.message.clone(),
            hint: error.hint.clone(),
            inside: self.open.is_some(),
            since: Timestamp::now(),
        };
        self.ctx.report.update(|p| {
            p.state = JobState::Waiting(question.message.clone());
            p.question = Some(question);
        });
        let text = format!("waits for a decision (jobs ddl skip, replace or retry): {} ({})", error.message, error.code);
        self.ctx.report.event(Some(Side::Src), RunEventKind::Note, text);
    }

    /// Runs what somebody gave in place of the log's statement.
    pub(super) async fn replaced(&mut self, id: TxId, event: &DdlEvent, text: String, end: Position, time: i64) -> Result<()> {
        let mode = ddl::Mode::from_sql_mode(0);
        match ddl::classify_in(&text, &event.default_schema, mode) {
            Ok(Ddl::Table(table)) if !table.temporary => {}
            Ok(Ddl::Schema { .. }) => {}
            _ => return Err(stop(event, "ddl_not_understood", "what was given in its place is no statement on tables or schemas")),
        }
        if self.replay == Replay::Translate {
            Box::pin(self.carries(event)).await?;
        }
        let instead = DdlEvent {
            statement: text,
            charset: Some((UTF8MB4, UTF8MB4, UTF8MB4)),
            // Not the source's session: the target's flavour numbers modes otherwise.
            sql_mode: None,
            explicit_timestamps: ExplicitTimestamps::default(),
            ..event.clone()
        };
        let said = format!("applied in place of the log's statement: {}", told(&instead));
        self.ctx.tap.statement(&id, &instead);
        self.sink.drain().await?;
        Box::pin(self.redefine(event)).await?;
        self.sink.submit(Item::Ddl { id, end: end.clone(), ddl: instead, source_time: time }).await?;
        self.sink.drain().await?;
        self.ctx.report.event(Some(Side::Dest), RunEventKind::Driver, said);
        self.note("statements replaced, as the job says");
        // At the source, names are what the log's statement made them.
        self.follow_names(self.names_in(event)).await?;
        Box::pin(self.redefine(event)).await?;
        self.pass(&end).await
    }

    /// What a statement makes of names, where that can be read.
    pub(super) fn names_in(&self, event: &DdlEvent) -> Names {
        let mode = ddl::Mode::from_sql_mode(event.sql_mode.unwrap_or(0));
        let parsed = ddl::classify_in(&event.statement, &event.default_schema, mode);
        let ours = |ddl: &Ddl| match ddl {
            Ddl::Table(table) => !table.temporary,
            Ddl::Schema { schema, .. } => self.ctx.spec.src.filter.touches_schema(schema),
            _ => false,
        };
        parsed.ok().filter(ours).map(|ddl| Names::of(&ddl)).unwrap_or_default()
    }

    /// Returns what runs in place of a statement. Messages have nothing in its place: the log's own is told.
    pub(super) fn replacement(&self, id: &TxId, event: &DdlEvent) -> Option<String> {
        let live = self.ctx.control.now();
        let runs = |_: &&str| self.open.is_none() && self.replay != Replay::Tell && !self.is_copied(id, event);
        live.replacement(id).filter(runs).map(str::to_owned)
    }

    /// Says whether what a statement did is in the copy of its tables already: nothing runs for it, nor in its place.
    fn is_copied(&self, id: &TxId, event: &DdlEvent) -> bool {
        let mode = ddl::Mode::from_sql_mode(event.sql_mode.unwrap_or(0));
        let Ok(Ddl::Table(table)) = ddl::classify_in(&event.statement, &event.default_schema, mode) else { return false };
        let filter = &self.ctx.spec.src.filter;
        let mut ours = table.changed().filter(|t| filter.includes(&t.schema, &t.table)).peekable();
        ours.peek().is_some() && ours.all(|t| self.tables.mode(t, id) == Mode::Drop)
    }
}

/// What there is to know of a decision about a transaction: a change of anything else is none.
fn said_of(live: &Live, id: &TxId) -> (bool, Option<String>, u64) {
    (live.skips(id), live.replacement(id).map(str::to_owned), live.retries)
}
