//! Row changes as packets of SQL statements, and what each statement is expected to do.
//!
//! Exact changes say how many rows they must hit; converging ones do not, because the copy may or may not have had them.
//! Consecutive inserts and deletes of one table share a statement; their order against everything else is kept.
//! Where a job detects conflicts by whole rows, an exact change finds its row by every value that it had at the source, so
//! that the count shows a row that somebody else has changed; what is to converge goes by the key alone.

use super::literal;
use super::locate::{find, key, row_as_it_was, same_key};
use super::net::{Step, Written};
use super::session::strict;
use super::targets::{Slot, Target};
use crate::model::replicate::quote;
use crate::replicate::event::RowsKind;
use crate::replicate::sink::Mode;
use crate::replicate::stream::Value;
use std::sync::Arc;

/// Rows of one statement.
const INSERT_ROWS: u64 = 1000;
const DELETE_ROWS: u64 = 200;

/// What a statement must do.
#[derive(Debug, Clone)]
pub(super) struct Expect {
    pub(super) target: Arc<Target>,
    pub(super) kind: RowsKind,
    /// Rows that it must hit; None = any number.
    pub(super) rows: Option<u64>,
    /// Warnings that it must give: one for each ENUM value 0; None = not looked at.
    pub(super) warnings: Option<u16>,
}

/// Statements to be sent at once.
#[derive(Debug, Default)]
pub(super) struct Packet {
    pub(super) sql: Vec<u8>,
    /// One for each statement; None = only not to fail.
    pub(super) expects: Vec<Option<Expect>>,
    /// The statement that proves the fence: exactly one row.
    pub(super) fence: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Insert,
    Replace,
    /// A REPLACE of rows that are there: each counts twice, once as it goes and once as it comes.
    Overwrite,
    Delete,
}

/// A statement that takes more rows.
#[derive(Debug)]
struct Open {
    target: Arc<Target>,
    shape: Shape,
    exact: bool,
    rows: u64,
}

/// One row of a rows event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change<'a> {
    pub(super) kind: RowsKind,
    pub(super) mode: Mode,
    /// Empty for an insert.
    pub(super) before: &'a [Value<'a>],
    /// Empty for a delete.
    pub(super) after: &'a [Value<'a>],
}

/// From this size on a value is not written into the statement: it stands in a variable of the session, which is filled
/// in pieces before (`apply.rs`). Otherwise a row of 64 MB would be held four times: as logged, as SQL, and twice on its
/// way through the driver.
pub(super) const LARGE: usize = 1 << 20;

/// The bytes of a value that goes through a variable.
pub(super) fn large<'v>(value: &'v Value<'_>) -> Option<&'v [u8]> {
    let bytes: &[u8] = match value {
        Value::Bytes(bytes) => bytes,
        Value::Json(text) => text.as_bytes(),
        _ => return None,
    };
    (bytes.len() >= LARGE).then_some(bytes)
}

/// The two images of a row, as names of variables tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Image {
    Before,
    After,
}

pub(super) fn variable(image: Image, ordinal: usize) -> String {
    match image {
        Image::Before => format!("@before{ordinal}"),
        Image::After => format!("@after{ordinal}"),
    }
}

impl<'a> Change<'a> {
    /// The values that go through variables, with the variables' names. The old image's only where it is compared.
    pub(super) fn large(&self, target: &Target) -> Vec<(String, &'a [u8])> {
        let of = |image, row: &'a [Value<'a>]| {
            row.iter().enumerate().filter_map(move |(i, v)| large(v).map(|bytes| (variable(image, i), bytes)))
        };
        let compared = target.key.is_empty() || (self.mode == Mode::Exact && !target.compared.is_empty());
        let before = if compared { self.before } else { &[] };
        of(Image::Before, before).chain(of(Image::After, self.after)).collect()
    }
}

/// Turns changes into packets.
#[derive(Debug, Default)]
pub(super) struct Composer {
    packet: Packet,
    open: Option<Open>,
}

impl Composer {
    /// Adds a statement of the bookkeeping.
    pub(super) fn plain(&mut self, sql: &str) {
        self.begin(None);
        self.packet.sql.extend_from_slice(sql.as_bytes());
    }

    /// Adds the statement that proves the fence.
    pub(super) fn fence(&mut self, sql: &str) {
        self.plain(sql);
        self.packet.fence = Some(self.packet.expects.len() - 1);
    }

    /// Adds a statement that may touch any number of rows.
    pub(super) fn action(&mut self, sql: &[u8]) {
        self.begin(None);
        self.packet.sql.extend_from_slice(sql);
    }

    pub(super) fn bytes(&self) -> usize {
        self.packet.sql.len()
    }

    /// Takes the packet out; None if it is empty.
    pub(super) fn take(&mut self) -> Option<Packet> {
        self.close();
        let packet = std::mem::take(&mut self.packet);
        (!packet.expects.is_empty()).then_some(packet)
    }

    pub(super) fn change(&mut self, target: &Arc<Target>, change: &Change<'_>) {
        let exact = match change.mode {
            Mode::Drop => return,
            Mode::Converge => false,
            Mode::Exact => true,
        };
        match (change.kind, exact) {
            (RowsKind::Insert, true) => self.insert(target, Shape::Insert, change.after),
            (RowsKind::Insert, false) => {
                if target.key.is_empty() {
                    self.insert(target, Shape::Insert, change.after);
                } else {
                    self.insert(target, Shape::Replace, change.after);
                }
            }
            (RowsKind::Delete, _) => self.delete(target, change.before, exact),
            (RowsKind::Update, false) if !target.key.is_empty() => self.replace(target, change.before, change.after),
            (RowsKind::Update, _) => self.update(target, change.before, change.after),
        }
    }

    /// A row that [`super::net`] has made of its changes.
    pub(super) fn written(&mut self, written: &Written<'_>) {
        let Written { target, step, before, after } = written;
        match step {
            Step::Delete => self.delete(target, before, true),
            Step::Keep => self.update(target, before, after),
            Step::Overwrite => self.insert(target, Shape::Overwrite, after),
            Step::Insert => self.insert(target, Shape::Insert, after),
        }
    }

    /// The new image in the place of the old row and of everything that it collides with.
    pub(super) fn replace(&mut self, target: &Arc<Target>, before: &[Value<'_>], after: &[Value<'_>]) {
        if !same_key(target, before, after) {
            self.delete(target, before, false);
        }
        self.insert(target, Shape::Replace, after);
    }

    fn begin(&mut self, expect: Option<Expect>) {
        self.close();
        if !self.packet.sql.is_empty() {
            self.packet.sql.push(b';');
        }
        self.packet.expects.push(expect);
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            if open.shape == Shape::Delete {
                self.packet.sql.push(b')');
            }
            let (kind, each) = match open.shape {
                Shape::Insert | Shape::Replace => (RowsKind::Insert, 1),
                Shape::Overwrite => (RowsKind::Update, 2),
                Shape::Delete => (RowsKind::Delete, 1),
            };
            let expect = Expect { target: open.target, kind, rows: open.exact.then_some(open.rows * each), warnings: None };
            if let Some(last) = self.packet.expects.last_mut() {
                *last = Some(expect);
            }
        }
    }

    /// Continues the open statement if it is of this table and shape; true if it was.
    fn join(&mut self, target: &Arc<Target>, shape: Shape, exact: bool, most: u64) -> bool {
        if let Some(open) = &mut self.open
            && open.shape == shape
            && open.exact == exact
            && open.rows < most
            && Arc::ptr_eq(&open.target, target)
        {
            open.rows += 1;
            self.packet.sql.push(b',');
            return true;
        }
        self.begin(None);
        self.open = Some(Open { target: Arc::clone(target), shape, exact, rows: 1 });
        false
    }

    fn insert(&mut self, target: &Arc<Target>, shape: Shape, after: &[Value<'_>]) {
        let exact = shape != Shape::Replace;
        let zeros = enum_zeros(target, after);
        if zeros > 0 {
            let expect = Expect { target: Arc::clone(target), kind: RowsKind::Insert, rows: exact.then_some(1), warnings: Some(zeros) };
            self.lenient(expect, |sql| {
                head(sql, target, shape);
                row(sql, target, after);
            });
            return;
        }
        if !self.join(target, shape, exact, INSERT_ROWS) {
            head(&mut self.packet.sql, target, shape);
        }
        row(&mut self.packet.sql, target, after);
    }

    fn update(&mut self, target: &Arc<Target>, before: &[Value<'_>], after: &[Value<'_>]) {
        let zeros = enum_zeros(target, after);
        let warnings = (zeros > 0).then_some(zeros);
        let expect = Expect { target: Arc::clone(target), kind: RowsKind::Update, rows: Some(1), warnings };
        let write = |sql: &mut Vec<u8>| {
            sql.extend_from_slice(format!("UPDATE {} SET ", target.quoted).as_bytes());
            for (i, slot) in target.written.iter().enumerate() {
                let separator = if i > 0 { "," } else { "" };
                sql.extend_from_slice(format!("{separator}{}=", quote(&target.column(*slot).name)).as_bytes());
                assign(sql, target, *slot, after);
            }
            find(sql, target, before);
        };
        if warnings.is_some() {
            self.lenient(expect, write);
        } else {
            self.begin(Some(expect));
            write(&mut self.packet.sql);
        }
    }

    fn delete(&mut self, target: &Arc<Target>, before: &[Value<'_>], exact: bool) {
        if target.key.is_empty() {
            let rows = exact.then_some(1);
            self.begin(Some(Expect { target: Arc::clone(target), kind: RowsKind::Delete, rows, warnings: None }));
            self.packet.sql.extend_from_slice(format!("DELETE FROM {}", target.quoted).as_bytes());
            find(&mut self.packet.sql, target, before);
            return;
        }
        // A row of keys, so that the optimiser sees ranges: k IN (…), or (a,b) spelled out with OR.
        let whole = exact && !target.compared.is_empty();
        let single = !whole && target.key.len() == 1 && literal::is_plain_key(target.column(target.key[0]));
        let joined = self.join(target, Shape::Delete, exact, DELETE_ROWS);
        let sql = &mut self.packet.sql;
        if single {
            if !joined {
                let name = quote(&target.column(target.key[0]).name);
                sql.extend_from_slice(format!("DELETE FROM {} WHERE {name} IN (", target.quoted).as_bytes());
            }
            literal::compared(sql, target.column(target.key[0]), value(before, target.key[0]));
        } else {
            if joined {
                sql.pop();
                sql.extend_from_slice(b" OR ");
            } else {
                sql.extend_from_slice(format!("DELETE FROM {} WHERE (", target.quoted).as_bytes());
            }
            if whole { row_as_it_was(sql, target, before) } else { key(sql, target, before) }
        }
    }

    /// Runs one statement outside strict mode.
    fn lenient(&mut self, expect: Expect, write: impl FnOnce(&mut Vec<u8>)) {
        self.plain(&format!("SET sql_mode='{}'", super::LENIENT_MODE));
        self.begin(Some(expect));
        write(&mut self.packet.sql);
        self.plain(&strict());
    }
}

pub(super) fn value<'a>(row: &'a [Value<'a>], slot: Slot) -> &'a Value<'a> {
    row.get(slot.ordinal).unwrap_or(&Value::Null)
}

fn assign(sql: &mut Vec<u8>, target: &Target, slot: Slot, after: &[Value<'_>]) {
    let value = value(after, slot);
    let variable = large(value).map(|_| variable(Image::After, slot.ordinal));
    literal::assign(sql, target.column(slot), value, variable.as_deref());
}

fn head(sql: &mut Vec<u8>, target: &Target, shape: Shape) {
    let verb = if shape == Shape::Insert { "INSERT" } else { "REPLACE" };
    sql.extend_from_slice(format!("{verb} INTO {} {} VALUES ", target.quoted, target.columns).as_bytes());
}

fn row(sql: &mut Vec<u8>, target: &Target, after: &[Value<'_>]) {
    sql.push(b'(');
    for (i, slot) in target.written.iter().enumerate() {
        if i > 0 {
            sql.push(b',');
        }
        assign(sql, target, *slot, after);
    }
    sql.push(b')');
}

/// Whether a row needs a statement of its own outside strict mode.
pub(super) fn is_lenient(target: &Target, after: &[Value<'_>]) -> bool {
    enum_zeros(target, after) > 0
}

fn enum_zeros(target: &Target, after: &[Value<'_>]) -> u16 {
    let zeros = target.enums().filter(|s| literal::is_enum_zero(value(after, *s))).count();
    u16::try_from(zeros).unwrap_or(u16::MAX)
}
