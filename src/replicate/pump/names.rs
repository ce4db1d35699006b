//! What a statement that ran at the target makes of the job's list of tables: dropped ones leave it, renamed ones keep
//! what is known of them.
//!
//! Called behind the statement, when its place in the log is durable: what comes later is exact for either name.

use super::Pump;
use crate::model::progress::TablePhase;
use crate::model::replicate::TableName;
use crate::replicate::Result;
use crate::replicate::ddl::{Ddl, SchemaAction, TableAction};
use crate::replicate::sink::{Item, TableState};
use std::collections::BTreeSet;

/// Names that go and names that change.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    dropped: Vec<TableName>,
    dropped_schema: Option<String>,
    renamed: Vec<(TableName, TableName)>,
}

impl Names {
    pub(super) fn of(ddl: &Ddl) -> Self {
        match ddl {
            Ddl::Table(table) if table.action == TableAction::Drop => {
                Self { dropped: table.changed().cloned().collect(), ..Self::default() }
            }
            Ddl::Table(table) => {
                Self { renamed: table.renames().map(|(from, to)| (from.clone(), to.clone())).collect(), ..Self::default() }
            }
            Ddl::Schema { action: SchemaAction::Drop, schema, .. } => Self { dropped_schema: Some(schema.clone()), ..Self::default() },
            _ => Self::default(),
        }
    }
}

/// A table that came by a statement.
pub(super) fn exact(table: &TableName) -> TableState {
    TableState {
        table: table.clone(),
        phase: TablePhase::Exact,
        start: None,
        end: None,
        fingerprint: String::new(),
        chunks: Vec::new(),
        rows: 0,
    }
}

impl Pump<'_> {
    /// Records that what a table was before an online change is the job's, before the statement that makes it so runs: one
    /// that drops it would else be passed over, if a crash came between the statement and what is made of its names.
    /// It has no place in the log: met again, the statement finds it as it finds the tables that it renames.
    pub(super) async fn claim(&mut self, names: &Names) -> Result<()> {
        let filter = &self.ctx.spec.src.filter;
        let made: Vec<TableName> =
            names.renamed.iter().map(|(_, to)| to.clone()).filter(|to| filter.is_trash(&to.schema, &to.table)).collect();
        for table in made {
            let state = exact(&table);
            self.sink.submit(Item::Table(self.tables.put(state, table))).await?;
        }
        Ok(())
    }

    pub(super) async fn follow_names(&mut self, names: Names) -> Result<()> {
        let Names { mut dropped, dropped_schema, renamed } = names;
        if let Some(schema) = dropped_schema {
            let shown = self.shown.iter().chain(self.tables.names());
            dropped.extend(shown.filter(|t| t.schema == schema).cloned().collect::<BTreeSet<_>>());
        }
        for table in dropped {
            self.shown.remove(&table);
            if self.tables.take(&table).is_some() {
                self.sink.submit(Item::LetGo(table.clone())).await?;
            }
            self.ctx.report.update(|p| p.tables.retain(|t| t.table != table));
        }
        for (from, to) in renamed {
            if !self.ctx.spec.src.filter.includes(&to.schema, &to.table) {
                if self.tables.take(&from).is_some() {
                    self.sink.submit(Item::LetGo(from.clone())).await?;
                }
                if self.shown.remove(&from) {
                    self.note("tables that were renamed out of the job");
                }
                self.ctx.report.update(|p| p.tables.retain(|t| t.table != from));
                continue;
            }
            if let Some(state) = self.tables.take(&from) {
                self.sink.submit(Item::LetGo(from.clone())).await?;
                self.sink.submit(Item::Table(self.tables.put(state, to.clone()))).await?;
            }
            if self.shown.remove(&from) {
                self.shown.insert(to.clone());
            }
            self.ctx.report.update(|p| p.tables.iter_mut().filter(|t| t.table == from).for_each(|t| t.table = to.clone()));
        }
        Ok(())
    }
}
