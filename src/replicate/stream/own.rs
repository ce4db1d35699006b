//! What the job's own target has written at the source: the other half of a two-way sync, which must not go back.
//!
//! A job that writes into a server leaves in every transaction there, before its rows, a row in `syncline.applied` that
//! says at which server the changes were made first, and marks the statements that it runs with a row in `syncline.ddl`
//! while they run. The job of the other direction meets these rows in the log. What was made first at its target is there
//! already: such a transaction is read and passed over as one without changes, and counted. Of statements those are ours
//! that run on the connection that an open mark names, and on nothing but what it names: a mark stays open for a moment after
//! its statement, and what somebody else does to the same table meanwhile is his. A chunk of a copy and a repair have such a
//! row for as long as their transaction lasts, and what prepares a table for a copy is marked as a statement of the log is.
//!
//! So a table that is copied again does not go back. But what is written at the end that is copied to, while that goes on,
//! is passed over on its way back there and may come after its chunk was read: that end must take no writes of its own to
//! the table meanwhile. For the same reason the second job is to begin when the first is past its copy, with
//! `start_gtid = "now"`.
//!
//! A pure state over rows. What cannot be read as bookkeeping is an error: to go on would be to send changes in a circle.

use super::cursor::Malformed;
use super::rows::RowReader;
use super::value::Value;
use crate::replicate::Result;
use crate::replicate::event::{DdlEvent, RowsEvent, RowsKind};
use crate::replicate::sink::mysql::Mark;
use std::collections::HashMap;

/// The bookkeeping's tables that are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Book {
    Applied,
    Ddl,
}

impl Book {
    pub(super) fn of(schema: &str, table: &str) -> Option<Self> {
        match (schema, table) {
            ("syncline", "applied") => Some(Self::Applied),
            ("syncline", "ddl") => Some(Self::Ddl),
            _ => None,
        }
    }
}

#[derive(Debug)]
pub(super) struct Own {
    /// The target's origin.
    target: String,
    /// By job: the statement that it runs now.
    marks: HashMap<Vec<u8>, Mark>,
    /// Transactions and statements that were passed over.
    pub(super) passed: u64,
}

impl Own {
    pub(super) fn new(target: String) -> Self {
        Self { target, marks: HashMap::new(), passed: 0 }
    }

    /// Takes rows of the bookkeeping; returns whether their transaction comes from the target.
    pub(super) fn rows(&mut self, book: Book, event: &RowsEvent) -> Result<bool> {
        let malformed = || Malformed("it is not as this release writes it").in_event(format_args!("a row of {}", event.map.table));
        let (mut reader, mut before, mut after) = (RowReader::new(event, &[]), Vec::new(), Vec::new());
        let mut own = false;
        while reader.next(&mut before, &mut after)? {
            let row = if event.kind == RowsKind::Delete { &before } else { &after };
            let text = |at: usize| match row.get(at) {
                Some(Value::Bytes(bytes)) => Ok(bytes),
                _ => Err(malformed()),
            };
            match (book, event.kind) {
                (Book::Applied, RowsKind::Insert) => own |= text(4)?.as_ref() == self.target.as_bytes(),
                // What lies behind a watermark is cleared away.
                (Book::Applied, RowsKind::Update | RowsKind::Delete) => {}
                (Book::Ddl, RowsKind::Delete) => drop(self.marks.remove(text(0)?.as_ref())),
                (Book::Ddl, RowsKind::Insert | RowsKind::Update) if text(4)?.as_ref() == self.target.as_bytes() => {
                    let mark = Mark::decode(text(3)?).ok_or_else(malformed)?;
                    self.marks.insert(text(0)?.to_vec(), mark);
                }
                (Book::Ddl, RowsKind::Insert | RowsKind::Update) => {}
            }
        }
        Ok(own)
    }

    /// Says whether a statement is one that a job from the target runs now.
    pub(super) fn is_marked(&self, ddl: &DdlEvent, session: u32) -> bool {
        self.marks.values().any(|mark| mark.is_of(ddl, session))
    }
}
