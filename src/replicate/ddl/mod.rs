//! Reads the statements of the log that are not row changes, just far enough to know what they touch.
//!
//! Called by the log reader for every query event and by the sink for what it is about to run. There is no SQL parser
//! behind it: tokens (`replicate::lexer`), then the positions of the object names per kind of statement (`classify`). The
//! statement itself is run as it was written; byte spans of the names are returned so that one can be replaced and every
//! other byte kept.
//!
//! Invariant: nothing passes unread. What is not a known statement is [`Ddl::Unknown`] or a [`ParseError`], and both stop
//! the job; what is known and left out on purpose has a name ([`Ddl::Ignorable`]) under which it is counted.

mod classify;
mod columns;
mod cursor;
mod secrets;
#[cfg(test)]
mod tests;

pub use super::lexer::Mode;
pub use columns::ChangedColumns;
pub use secrets::{is_hidden, without_secrets};

use super::lexer;
use crate::model::replicate::TableName;
use std::fmt;
use std::ops::Range;

/// A classified statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ddl {
    Table(TableDdl),
    Schema {
        action: SchemaAction,
        schema: String,
        /// Where the name stands; None when the statement means the default schema.
        at: Option<Range<usize>>,
    },
    Transaction(Transaction),
    /// Rows changed by a statement. `tables` may name too much (aliases), never too little; empty = cannot be told.
    Dml {
        tables: Vec<Named>,
    },
    /// Known, and not replicated: views, routines, accounts, administration.
    Ignorable {
        what: &'static str,
        /// What it is about, where that has a name in a schema: accounts and settings have none.
        objects: Vec<TableName>,
    },
    /// Not known. `verb` is its first word.
    Unknown {
        verb: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDdl {
    pub action: TableAction,
    /// Every table that the statement names, in the order of the text.
    pub tables: Vec<Named>,
    /// Of TEMPORARY tables only: not replicated.
    pub temporary: bool,
    /// MySQL 8 logs CREATE TABLE … SELECT as a CREATE with this clause, followed by the rows: it must be cut out to run it alone.
    pub start_transaction_at: Option<Range<usize>>,
}

impl TableDdl {
    /// The tables whose definition, name or existence changes.
    pub fn changed(&self) -> impl Iterator<Item = &TableName> {
        self.tables.iter().filter(|t| !matches!(t.role, Role::Like | Role::Referenced)).map(|t| &t.name)
    }
    /// What was renamed to what, in order.
    pub fn renames(&self) -> impl Iterator<Item = (&TableName, &TableName)> {
        self.tables.iter().enumerate().filter(|(_, t)| t.role == Role::To).filter_map(|(i, to)| {
            let from = self.tables[..i].iter().rev().find(|t| matches!(t.role, Role::From | Role::Main))?;
            Some((&from.name, &to.name))
        })
    }

    /// Returns a DROP TABLE of some of the tables that this one drops, where that makes a difference: each goes by itself.
    pub fn drop_of(&self, statement: &str, wanted: impl Fn(&TableName) -> bool) -> Option<String> {
        let (first, last) = (self.tables.first()?, self.tables.last()?);
        let kept: Vec<&str> = self.tables.iter().filter(|t| wanted(&t.name)).map(|t| &statement[t.span()]).collect();
        let some = self.action == TableAction::Drop && !kept.is_empty() && kept.len() < self.tables.len();
        some.then(|| format!("{}{}{}", &statement[..first.span().start], kept.join(", "), &statement[last.span().end..]))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableAction {
    Create,
    CreateLike,
    CreateSelect,
    Alter,
    Drop,
    Truncate,
    Rename,
    CreateIndex,
    DropIndex,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaAction {
    Create,
    Alter,
    Drop,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transaction {
    Begin,
    Commit,
    Rollback,
    /// SAVEPOINT, RELEASE SAVEPOINT, ROLLBACK TO.
    Savepoint,
    /// XA of any kind.
    Xa,
}

/// A table's part in the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What the statement is about.
    Main,
    From,
    To,
    /// CREATE TABLE … LIKE this one.
    Like,
    /// Exchanged or converted with a partition: its rows move.
    Partner,
    /// Named in REFERENCES or UNION: unchanged.
    Referenced,
}

/// A table name as it stands in the statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub name: TableName,
    pub role: Role,
    /// Spans of the two parts, quotes included; no schema = the default one.
    pub schema_at: Option<Range<usize>>,
    pub table_at: Range<usize>,
}

impl Named {
    /// Where the whole name stands.
    fn span(&self) -> Range<usize> {
        self.schema_at.as_ref().map_or(self.table_at.start, |schema| schema.start)..self.table_at.end
    }
}

/// A statement that cannot be read. The text is not repeated: it may hold values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// Byte offset.
    pub at: usize,
    pub what: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {} of the statement", self.what, self.at)
    }
}

impl std::error::Error for ParseError {}

/// Classifies a statement of a session with backslash escapes.
pub fn classify(statement: &str, default_schema: &str, ansi_quotes: bool) -> Result<Ddl, ParseError> {
    classify_in(statement, default_schema, Mode { ansi_quotes, no_backslash_escapes: false })
}

/// Classifies a statement of a session with this mode.
pub fn classify_in(statement: &str, default_schema: &str, mode: Mode) -> Result<Ddl, ParseError> {
    let (mut tokens, unclosed) = lexer::tokens(statement, mode);
    if let Some(lexer::Unclosed { at, what }) = unclosed {
        return Err(ParseError { at, what: what.to_owned() });
    }
    tokens.retain(|t| !matches!(t.kind, lexer::Kind::Comment | lexer::Kind::ExecOpen | lexer::Kind::ExecClose));
    cursor::Reader::new(statement, &tokens, default_schema).statement()
}
