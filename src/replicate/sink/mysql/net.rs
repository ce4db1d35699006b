//! What the exact changes of a group come to, row by row: a row that was changed five times is written once, and rows that
//! are written alike share a statement. Used by `apply.rs` between the rows of a group and its packets, because the target
//! spends most of its time on parsing and beginning statements, not on rows.
//!
//! Why the outcome is that of the changes in their order:
//! - Changes are joined only where one continues the other: the old image of the later is, byte for byte, the new image of
//!   the earlier. Rows are told apart by the hash of their key, of which equal keys have equal ones ([`super::touch`]); where
//!   two keys share one the images differ, and what was collected is written before anything else is taken.
//! - A target transaction is seen as a whole, so only its end counts. At its end every row has its last image in either form.
//! - On the way no unique key is in use twice: what leaves goes first, and a row that changes a value of a unique key
//!   leaves and comes again. So behind the deletes the table holds only unique values that stay, and what comes is
//!   distinct from those and among itself, because the source held both at the end of the group. Checks of foreign keys
//!   are off in these sessions, and their actions are not the server's work.
//! - Where whole rows are compared a changed row leaves as well, whatever it changes: a DELETE looks at all values of many
//!   rows at once, a REPLACE at none, and an UPDATE of each row costs the target three times as much.
//! - Every statement still says how many rows it must hit, for each row once or, where a row takes another's place, twice.
//!   Where a count is wrong the group is run again row by row, without this module, and the policy decides there.
//!
//! Rows for which this cannot be said (no key, a key that only the server can compare, columns that the log does not have)
//! are not taken, nor are changes of the copy's time, which say nothing about what they must hit.

use super::statement::{Change, is_lenient};
use super::targets::Target;
use crate::replicate::event::RowsKind;
use crate::replicate::sink::Mode;
use crate::replicate::stream::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// Rows and bytes of values that are collected before they are written; the bytes of what borrows from the group are in
/// memory in any case, the rows' own cost is not.
const ROWS: usize = 1024;
const BYTES: usize = 1 << 20;

/// A row's images: before the group, and after what was taken of it so far. Empty = not there.
#[derive(Debug)]
struct Row<'a> {
    before: Vec<Value<'a>>,
    after: Vec<Value<'a>>,
}

#[derive(Debug)]
struct Rows<'a> {
    target: Arc<Target>,
    rows: Vec<Row<'a>>,
    places: HashMap<u64, usize>,
}

/// How a row is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Delete,
    /// The images are equal: the row need only be there.
    Keep,
    Overwrite,
    Insert,
}

/// A row to be written.
#[derive(Debug)]
pub(super) struct Written<'a> {
    pub(super) target: Arc<Target>,
    pub(super) step: Step,
    pub(super) before: Vec<Value<'a>>,
    pub(super) after: Vec<Value<'a>>,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Yes,
    /// Not with what is collected of its table: that is to be written first, and the change offered again.
    NotNow,
    /// Never: what is collected of its table is to be written first, and the change by itself.
    Never,
}

/// The collected changes of a group, by table.
#[derive(Debug, Default)]
pub(super) struct Net<'a> {
    tables: Vec<Rows<'a>>,
    rows: usize,
    bytes: usize,
}

impl<'a> Net<'a> {
    /// Takes a change in, and its images with it; they are left where they are if it is not taken.
    pub(super) fn take(
        &mut self,
        target: &Arc<Target>,
        (kind, mode): (RowsKind, Mode),
        before: &mut Vec<Value<'a>>,
        after: &mut Vec<Value<'a>>,
    ) -> Taken {
        let (old, new) = match kind {
            RowsKind::Insert => (None, target.row_hash(after)),
            RowsKind::Delete => (target.row_hash(before), None),
            RowsKind::Update => (target.row_hash(before), target.row_hash(after)),
        };
        let change = Change { kind, mode, before, after };
        let told = (old.is_some() || kind == RowsKind::Insert) && (new.is_some() || kind == RowsKind::Delete);
        if mode != Mode::Exact || !told || is_lenient(target, after) || !change.large(target).is_empty() {
            return Taken::Never;
        }
        let at = self.tables.iter().position(|t| t.target.table.name == target.table.name);
        let table = match at {
            Some(at) => &mut self.tables[at],
            None => {
                self.tables.push(Rows { target: Arc::clone(target), rows: Vec::new(), places: HashMap::new() });
                self.tables.last_mut().expect("it was pushed")
            }
        };
        // Another source table with this target, or another definition of it.
        if !Arc::ptr_eq(&table.target, target) {
            return Taken::NotNow;
        }
        let weight: usize = before.iter().chain(after.iter()).map(weight).sum();
        let held = table.rows.len();
        if !table.take(old, new, before, after) {
            return Taken::NotNow;
        }
        self.rows += table.rows.len() - held;
        self.bytes += weight;
        Taken::Yes
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows >= ROWS || self.bytes >= BYTES
    }

    /// Hands out everything of one target table.
    pub(super) fn of(&mut self, target: &Target) -> Vec<Written<'a>> {
        match self.tables.iter().position(|t| t.target.table.name == target.table.name) {
            Some(at) => {
                let table = self.tables.swap_remove(at);
                self.rows -= table.rows.len();
                table.written()
            }
            None => Vec::new(),
        }
    }

    /// Hands out everything.
    pub(super) fn all(&mut self) -> Vec<Written<'a>> {
        let Self { tables, .. } = std::mem::take(self);
        tables.into_iter().flat_map(Rows::written).collect()
    }
}

impl<'a> Rows<'a> {
    /// False: it does not continue what is there.
    fn take(&mut self, old: Option<u64>, new: Option<u64>, before: &mut Vec<Value<'a>>, after: &mut Vec<Value<'a>>) -> bool {
        let known = |hash: Option<u64>| hash.and_then(|hash| self.places.get(&hash).copied());
        let (leaves, comes) = (known(old), known(new));
        let continues = leaves.is_none_or(|at| self.rows[at].after == *before);
        // An update in place follows its own old image.
        let free = old == new || comes.is_none_or(|at| self.rows[at].after.is_empty());
        if !continues || !free {
            return false;
        }
        let (before, after) = (std::mem::take(before), std::mem::take(after));
        if old == new {
            match leaves {
                Some(at) => self.rows[at].after = after,
                None => self.push(new, Row { before, after }),
            }
            return true;
        }
        if old.is_some() {
            match leaves {
                Some(at) => self.rows[at].after = Vec::new(),
                None => self.push(old, Row { before, after: Vec::new() }),
            }
        }
        if new.is_some() {
            match comes {
                Some(at) => self.rows[at].after = after,
                None => self.push(new, Row { before: Vec::new(), after }),
            }
        }
        true
    }

    fn push(&mut self, hash: Option<u64>, row: Row<'a>) {
        if let Some(hash) = hash {
            self.places.insert(hash, self.rows.len());
            self.rows.push(row);
        }
    }

    /// What leaves, what changes in its place, what comes.
    fn written(self) -> Vec<Written<'a>> {
        let (mut leaves, mut stays, mut comes) = (Vec::new(), Vec::new(), Vec::new());
        // What overwrites a row does not look at it; what deletes it does.
        let in_place = self.target.compared.is_empty();
        for Row { before, after } in self.rows {
            let written = |step, before, after| Written { target: Arc::clone(&self.target), step, before, after };
            match (before.is_empty(), after.is_empty()) {
                (true, true) => {}
                (false, true) => leaves.push(written(Step::Delete, before, after)),
                (true, false) => comes.push(written(Step::Insert, before, after)),
                (false, false) if before == after => stays.push(written(Step::Keep, before, after)),
                (false, false) if in_place && self.target.keys.same(&before, &after) => stays.push(written(Step::Overwrite, before, after)),
                (false, false) => {
                    leaves.push(written(Step::Delete, before, Vec::new()));
                    comes.push(written(Step::Insert, Vec::new(), after));
                }
            }
        }
        // One kind of statement after the other.
        stays.sort_by_key(|w| w.step == Step::Overwrite);
        leaves.into_iter().chain(stays).chain(comes).collect()
    }
}

/// With the value's own room: a wide table of small values has little else.
fn weight(value: &Value<'_>) -> usize {
    size_of::<Value<'_>>()
        + match value {
            Value::Bytes(bytes) => bytes.len(),
            Value::Json(text) | Value::Decimal(text) => text.len(),
            _ => 0,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::replicate::{TableFilter, TableName};
    use crate::replicate::event::{MapColumn, TableMap};
    use crate::replicate::filter::RowFilters;
    use crate::replicate::table::{Column, Key, Table, TypeClass};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn column(name: &str) -> Column {
        Column { column_type: "int".into(), data_type: "int".into(), ..Column::plain(name, TypeClass::Int) }
    }

    /// `t (id PRIMARY KEY, u UNIQUE, v)`.
    fn target(compared: bool) -> Arc<Target> {
        let key = |name: &str, column| Key {
            name: name.into(),
            columns: vec![column],
            prefix: vec![None],
            unique: true,
            primary: name == "PRIMARY",
            usable: true,
        };
        let table = Table {
            name: TableName::new("d", "t"),
            columns: ["id", "u", "v"].map(column).into(),
            keys: vec![key("PRIMARY", 0), key("u", 1)],
            engine: "InnoDB".into(),
            rows_estimated: 0,
            data_bytes: 0,
            auto_increment: None,
            create: String::new(),
        };
        let column = |name: &str| MapColumn { type_code: 3, name: Some(name.into()), ..MapColumn::default() };
        let map = TableMap { table: TableName::new("d", "t"), columns: ["id", "u", "v"].map(column).into(), primary: None };
        let mut target = Target::new(table, &map, &[], None, &RowFilters::new(&TableFilter::default()).unwrap(), None).unwrap();
        if compared {
            target.compare();
        }
        Arc::new(target)
    }

    type Image = [i64; 3];

    fn values(image: Option<Image>) -> Vec<Value<'static>> {
        image.iter().flatten().map(|n| Value::Int(*n)).collect()
    }
    fn image(values: &[Value<'_>]) -> Image {
        let number = |v: &Value<'_>| if let Value::Int(n) = v { *n } else { panic!("not of these rows") };
        [number(&values[0]), number(&values[1]), number(&values[2])]
    }

    /// A table as a server keeps it: refuses what its keys refuse, and says what was hit.
    #[derive(Debug, Clone, Default, PartialEq)]
    struct Server(BTreeMap<i64, Image>);

    impl Server {
        fn insert(&mut self, row: Image) -> bool {
            !self.0.values().any(|r| r[0] == row[0] || r[1] == row[1]) && self.0.insert(row[0], row).is_none()
        }
        fn written(&mut self, written: &Written<'_>) -> bool {
            let Written { step, before, after, .. } = written;
            match step {
                Step::Delete => self.0.remove(&image(before)[0]) == Some(image(before)),
                Step::Insert => self.insert(image(after)),
                Step::Keep => self.0.get(&image(before)[0]) == Some(&image(before)),
                Step::Overwrite => {
                    let row = image(after);
                    self.0.remove(&row[0]).is_some() && self.insert(row)
                }
            }
        }
    }

    /// The change that a random wish comes to, if the source would take it.
    fn wish(source: &mut Server, (kind, row, to): (u8, Image, Image)) -> Option<(Option<Image>, Option<Image>)> {
        let old = source.0.get(&row[0]).copied();
        match (kind, old) {
            (0, None) => source.insert(row).then_some((None, Some(row))),
            (1, Some(old)) => {
                source.0.remove(&old[0]);
                Some((Some(old), None))
            }
            (_, Some(old)) => {
                source.0.remove(&old[0]);
                if source.insert(to) {
                    return Some((Some(old), Some(to)));
                }
                source.0.insert(old[0], old);
                None
            }
            _ => None,
        }
    }

    fn kind(change: (Option<Image>, Option<Image>)) -> RowsKind {
        match change {
            (None, _) => RowsKind::Insert,
            (_, None) => RowsKind::Delete,
            _ => RowsKind::Update,
        }
    }

    proptest! {
        /// Any history of rows that give keys and unique values to each other comes to the same table, statement by
        /// statement within its keys, and never in more rows than were changed.
        #[test]
        fn the_outcome_is_that_of_the_changes_in_their_order(
            compared: bool,
            start in proptest::collection::vec([0..6_i64, 0..6, 0..3], 0..6),
            wishes in proptest::collection::vec((0..4_u8, [0..6_i64, 0..6, 0..3], [0..6_i64, 0..6, 0..3]), 1..60),
        ) {
            let (target, mut net) = (target(compared), Net::default());
            let mut source = Server::default();
            for row in start {
                source.insert(row);
            }
            let mut replica = source.clone();
            let (mut changes, mut rows) = (0, 0);
            for one in wishes {
                let Some(change) = wish(&mut source, one) else { continue };
                let (mut before, mut after) = (values(change.0), values(change.1));
                prop_assert_eq!(net.take(&target, (kind(change), Mode::Exact), &mut before, &mut after), Taken::Yes);
                changes += 2;
            }
            for written in net.all() {
                prop_assert!(!compared || written.step != Step::Overwrite, "it does not look at the row");
                prop_assert!(replica.written(&written), "{written:?} cannot be applied to {replica:?}");
                rows += 1;
            }
            prop_assert_eq!(&replica, &source);
            prop_assert!(rows <= changes);
        }
    }

    #[test]
    fn what_does_not_continue_is_not_joined() {
        let (target, mut net) = (target(false), Net::default());
        let offer = |net: &mut Net<'static>, before: Option<Image>, after: Option<Image>| {
            net.take(&target, (kind((before, after)), Mode::Exact), &mut values(before), &mut values(after))
        };
        assert_eq!(offer(&mut net, None, Some([1, 1, 1])), Taken::Yes);
        assert_eq!(offer(&mut net, None, Some([1, 2, 2])), Taken::NotNow, "it is there already");
        assert_eq!(offer(&mut net, Some([1, 1, 9]), None), Taken::NotNow, "it was another row");
        assert_eq!(offer(&mut net, Some([2, 2, 2]), Some([1, 3, 3])), Taken::NotNow, "its new key is in use");
        let steps: Vec<_> = net.of(&target).iter().map(|w| (w.step, image(&w.after))).collect();
        assert_eq!(steps, [(Step::Insert, [1, 1, 1])], "what was not taken has left no trace");
        assert_eq!(offer(&mut net, Some([1, 1, 9]), None), Taken::Yes);
        let copying = net.take(&target, (RowsKind::Insert, Mode::Converge), &mut vec![], &mut values(Some([4, 4, 4])));
        assert_eq!(copying, Taken::Never);
    }

    #[test]
    fn a_row_that_ends_as_it_began_must_still_be_there() {
        let (target, mut net) = (target(false), Net::default());
        for (before, after) in [([1, 1, 1], [1, 1, 2]), ([1, 1, 2], [1, 1, 1])] {
            net.take(&target, (RowsKind::Update, Mode::Exact), &mut values(Some(before)), &mut values(Some(after)));
        }
        assert_eq!(net.all().iter().map(|w| w.step).collect::<Vec<_>>(), [Step::Keep]);
        assert!(net.all().is_empty());
    }
}
