//! Row filters: a closed grammar of SQL, decided here, in copy and stream alike.
//!
//! Called when a job is checked (`Filter::parse`, `Filter::check` against each table), for every row (`Condition::keep`), and
//! by `verify`, which lets the source decide by itself (`spelled`). `rules`: the filters of a job's rules.
//! Invariant: a filter that passed the check decides as the source's server would, or stops the job: it never guesses.
//!
//! ```text
//! condition:  a = b  <> != < <= > >= <=>  IN (…)  BETWEEN … AND …  LIKE '…'  IS [NOT] NULL  AND OR NOT  + - * / %  BINARY column
//! or:         SELECT a, b FROM t [WHERE condition]     the columns are a projection; another table's name is warned of
//! ```
//! Both sides are of one class. Numbers are exact up to 38 digits. Dates and times are compared with strings in their full
//! notation; TIMESTAMP is UTC. Strings compare byte by byte in `_bin` collations, else without case where both sides are
//! printable ASCII; a value that only the server could compare stops the job (`BINARY column` compares bytes).

mod check;
mod class;
mod compare;
mod parse;
mod rules;
mod spelled;

pub use check::Condition;
pub(super) use rules::{RowFilters, Rows};

use super::table::Table;
use super::{Error, Result};
use crate::model::replicate::TableName;

/// A filter that can be read, before it is checked against a table.
#[derive(Debug, Clone)]
pub struct Filter {
    text: String,
    statement: parse::Statement,
}

/// Why a filter is refused.
#[derive(Debug, Clone)]
enum Cause {
    Syntax(String),
    Function(String),
    Column(String),
    /// What cannot be compared, and why.
    Class(String),
}

fn refused(text: &str, at: usize, cause: &Cause) -> Error {
    let place = text.get(..at).map_or(0, |before| before.chars().count()) + 1;
    let (code, what) = match cause {
        Cause::Syntax(what) => ("filter_syntax", what.clone()),
        Cause::Function(name) => ("filter_function", format!("{name} cannot be used: only columns and literals can")),
        Cause::Column(what) => ("filter_column", what.clone()),
        Cause::Class(what) => ("filter_class", what.clone()),
    };
    Error::config(code, format!("read the filter at character {place}: {what}"))
}

impl Filter {
    /// Reads a filter; an empty one keeps every row.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(Self { text: text.to_owned(), statement: parse::statement(text)? })
    }

    /// Checks it against a table's columns and their types.
    pub fn check(&self, table: &Table) -> Result<Condition> {
        check::Checker { text: &self.text, table }.condition(&self.statement)
    }

    /// Says whether it names the columns that are taken.
    pub fn chooses_columns(&self) -> bool {
        self.statement.columns.is_some()
    }

    /// Says whether it is said to be about another table.
    pub fn names_another(&self, table: &TableName) -> bool {
        let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
        let named = self.statement.table.as_ref();
        named.is_some_and(|(schema, name)| !same(name, &table.table) || schema.as_ref().is_some_and(|s| !same(s, &table.schema)))
    }

    /// The columns of the table that a projection leaves out.
    pub fn excluded(&self, table: &Table) -> Vec<String> {
        let Some(columns) = &self.statement.columns else { return Vec::new() };
        let wanted = |name: &str| columns.iter().any(|(_, c)| c.to_lowercase() == name.to_lowercase());
        table.columns.iter().filter(|c| !wanted(&c.name)).map(|c| c.name.clone()).collect()
    }
}

#[cfg(test)]
mod tests;
