//! The row filters of a job's rules, for each definition that rows are read by.
//!
//! Asked by the stream and the copy alike, of every sink. A filter that does not fit a definition is an error with the
//! first row of it, not before: a log that is read again may begin with an older definition than the filter is for.

use super::{Condition, Filter};
use crate::model::replicate::{TableFilter, TableName};
use crate::replicate::encode::Datum;
use crate::replicate::table::Table;
use crate::replicate::{Error, Result};
use std::sync::Arc;

/// The row filter of a rule.
#[derive(Debug)]
struct RowFilter {
    /// How messages name it.
    name: String,
    filter: Filter,
}

impl RowFilter {
    fn check(&self, table: &Table) -> Result<Condition> {
        let hint = "change the filter (syncline jobs update) or the table, and retry the job";
        self.filter.check(table).map_err(|e| e.context(format!("apply {} to {}", self.name, table.name)).hint(hint))
    }
}

/// Those of all rules.
#[derive(Debug)]
pub(in crate::replicate) struct RowFilters {
    tables: TableFilter,
    /// In the order of the rules.
    filters: Vec<Option<Arc<RowFilter>>>,
}

impl RowFilters {
    pub(in crate::replicate) fn new(tables: &TableFilter) -> Result<Self> {
        let read = |(rule, text): (usize, Option<&String>)| {
            let Some(text) = text else { return Ok(None) };
            let name = format!("the row filter of rule {}", rule + 1);
            let filter = Filter::parse(text).map_err(|e| e.context(&name))?;
            Ok(Some(Arc::new(RowFilter { name, filter })))
        };
        let filters = tables.include.iter().map(|r| r.filter.as_ref()).enumerate().map(read).collect::<Result<_>>()?;
        Ok(Self { tables: tables.clone(), filters })
    }

    /// The filter of the source's table of this name as it is defined here; None = every row.
    pub(in crate::replicate) fn of(&self, name: &TableName, table: &Table) -> Option<Rows> {
        let filter = Arc::clone(self.named(name)?);
        Some(Rows { condition: filter.check(table).ok(), filter })
    }

    /// The rule's name and the filter of a table's rows; None = every row.
    pub(in crate::replicate) fn filter(&self, table: &TableName) -> Option<(&str, &Filter)> {
        self.named(table).map(|f| (f.name.as_str(), &f.filter))
    }

    /// Refuses a table at whose two ends its filter would decide otherwise: another collation or type of its columns.
    pub(in crate::replicate) fn same(&self, source: &Table, target: &Table) -> Result<()> {
        let Some((name, filter)) = self.filter(&source.name) else { return Ok(()) };
        let theirs = |name: &str| target.columns.iter().find(|c| c.name.to_lowercase() == name.to_lowercase());
        let missing = filter.looks_at(source).into_iter().any(|at| theirs(&source.columns[at].name).is_none());
        // With the columns in the source's places; what else the target lacks the filter does not look at.
        let columns = source.columns.iter().map(|c| theirs(&c.name).unwrap_or(c).clone()).collect();
        let aligned = Table { name: source.name.clone(), columns, keys: Vec::new(), ..target.clone() };
        let alike = || filter.check(&aligned).is_ok_and(|there| filter.check(source).is_ok_and(|here| here.decides_as(&there)));
        if !missing && alike() {
            return Ok(());
        }
        let what = format!("{name} decides otherwise about {} by the target's definition than by the source's", source.name);
        Err(Error::config("filter_columns_differ", what).hint("give the filter's columns the same type and collation at both ends"))
    }

    fn named(&self, table: &TableName) -> Option<&Arc<RowFilter>> {
        let rule = self.tables.rule(&table.schema, &table.table)?;
        self.filters[rule].as_ref()
    }
}

/// The row filter of one definition.
#[derive(Debug)]
pub(in crate::replicate) struct Rows {
    filter: Arc<RowFilter>,
    /// None: it does not fit.
    condition: Option<Condition>,
}

impl Rows {
    /// The columns that a projection leaves out.
    pub(in crate::replicate) fn excluded(&self, table: &Table) -> Vec<String> {
        self.filter.filter.excluded(table)
    }

    /// The condition, or why it does not fit.
    pub(in crate::replicate) fn condition(self, table: &Table) -> Result<Condition> {
        self.condition.map_or_else(|| self.filter.check(table), Ok)
    }

    pub(in crate::replicate) fn keep(&self, table: &Table, row: &[Datum<'_>]) -> Result<bool> {
        match &self.condition {
            Some(condition) => condition.keep(row),
            None => self.filter.check(table)?.keep(row),
        }
    }
}
