//! What is said of a row at the target that is not what the source's log says.
//!
//! Names the table, the key's columns and the source's transaction, so that the change can be looked up there. Errors, which
//! are logged, have no value of the row; what is remembered of a conflict has those of its key and no other.

use super::statement::Expect;
use super::verb;
use crate::model::position::TxId;
use crate::model::progress::{ConflictChange, ConflictDecision, ConflictSeen};
use crate::replicate::Error;
use crate::replicate::event::RowsKind;
use crate::replicate::table::{Key, Table};
use jiff::Timestamp;

/// A change that does not fit the target.
#[derive(Debug)]
pub(super) struct Conflict {
    pub(super) expect: Expect,
    pub(super) found: Found,
    /// The values of the row's key, where it is known which row it is.
    pub(super) values: Vec<Option<String>>,
}

/// What the target had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// A row with the same value of a unique key.
    Duplicate,
    /// The row, with other values in these columns.
    Differs(Vec<String>),
    /// Another number of rows than the change is of.
    Rows(u64),
}

impl Conflict {
    /// What is remembered of it.
    pub(super) fn seen(&self, at: &TxId, decision: ConflictDecision) -> ConflictSeen {
        let Self { expect: Expect { target, kind, .. }, found, values } = self;
        ConflictSeen {
            time: Timestamp::now(),
            table: target.source.clone(),
            key: target.key.iter().map(|slot| target.column(*slot).name.clone()).collect(),
            values: values.clone(),
            transaction: at.to_string(),
            change: match kind {
                RowsKind::Insert => ConflictChange::Insert,
                RowsKind::Update => ConflictChange::Update,
                RowsKind::Delete => ConflictChange::Delete,
            },
            decision,
            differs: if let Found::Differs(columns) = found { columns.clone() } else { Vec::new() },
        }
    }

    /// What is remembered of a row with this key that goes because it is in the way of the one that comes.
    pub(super) fn removed(&self, at: &TxId, values: Vec<Option<String>>) -> ConflictSeen {
        ConflictSeen { values, differs: Vec::new(), ..self.seen(at, ConflictDecision::Removed) }
    }

    /// As an error; `at` is the source's transaction where it is known.
    pub(super) fn into_error(self, at: Option<&TxId>) -> Error {
        let Self { expect: Expect { target, kind, .. }, found, values: _ } = self;
        let (table, wanted) = (&target.table, wanted(kind));
        let what = match found {
            Found::Duplicate => format!("{wanted}, and the target has another row of the same key: {}", unique_keys(table)),
            Found::Differs(columns) => {
                format!("{wanted}, and the target's row by {} has other values in {}", row_key(table), columns.join(", "))
            }
            Found::Rows(0) => format!("{wanted}, and the target has no such row by {}", row_key(table)),
            Found::Rows(n) => format!("{wanted}, and the target has {n} rows by {}", row_key(table)),
        };
        let of = at.map_or(String::new(), |at| format!(" in transaction {at}{}", place(at)));
        Error::permanent("conflict", format!("{} of {}{of} cannot be applied: {what}", verb(kind), table.name)).hint(format!(
            "{}find out who else writes to this table at the target; set its row right and retry the job, or let \
             `jobs update JOB --on-conflict` say overwrite (the source wins) or skip (the target wins)",
            at.map_or(String::new(), look)
        ))
    }
}

/// What the change needs of the target.
fn wanted(kind: RowsKind) -> &'static str {
    match kind {
        RowsKind::Insert => "it needs a free key",
        RowsKind::Update => "it needs the row as it was before, and the new key free",
        RowsKind::Delete => "it needs the row",
    }
}

/// `PRIMARY (id), u (a, b)`.
fn unique_keys(table: &Table) -> String {
    let keys: Vec<String> = table.keys.iter().filter(|k| k.unique).map(|k| format!("{} ({})", k.name, columns(table, k))).collect();
    keys.join(", ")
}

fn row_key(table: &Table) -> String {
    table.row_key().map_or_else(|| "all its columns (the table has no key)".to_owned(), |k| format!("{} ({})", k.name, columns(table, k)))
}

fn columns(table: &Table, key: &Key) -> String {
    key.columns.iter().map(|&c| table.columns[c].name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Where the transaction stands in the log, where its name does not say it.
fn place(at: &TxId) -> String {
    if at.gtid.is_some() && !at.file.is_empty() { format!(" ({}:{})", at.file, at.start_offset) } else { String::new() }
}

/// How to see the change at the source.
fn look(at: &TxId) -> String {
    if at.file.is_empty() {
        return String::new();
    }
    let (file, offset) = (&at.file, at.start_offset);
    format!(
        "look at the change at the source (mysqlbinlog -v --start-position={offset} {file}, or SHOW BINLOG EVENTS IN '{file}' FROM {offset} LIMIT 20); "
    )
}
