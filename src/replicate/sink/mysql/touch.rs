//! What a row change touches, as hashes: the rule by which changes may pass each other (replication.md §7).
//!
//! Two changes must keep their order if they meet in a key: the same row, a value that one gives up and the other takes in
//! a unique key, or a parent and its child. Both images of a row are looked at, in every unique key and foreign key of
//! the *target's* definition, because the target decides what is equal. Equal keys have equal hashes; that different keys
//! sometimes share one costs only parallelism. What cannot be told from the bytes (a collation's rules beyond ASCII, FLOAT,
//! prefixes, expressions) touches the table as a whole.
//!
//! A table is the target's, by its name there, and its columns are those there: rows of source tables that are merged into
//! one meet in it. A change that a row filter makes an insert or a delete, or nothing, touches what the update touched.

use crate::model::replicate::TableName;
use crate::replicate::collation::ascii_is_plain;
use crate::replicate::event::{MapColumn, TableMap};
use crate::replicate::schema::definition::foreign_keys;
use crate::replicate::stream::Value;
use crate::replicate::table::{Column, Generated, Key, Table, TypeClass};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// What a transaction touches.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Touched {
    pub(super) keys: Vec<u64>,
    /// Tables, and whether as a whole.
    pub(super) tables: Vec<(u64, bool)>,
}

impl Touched {
    /// A table of the target, all of it.
    pub(super) fn touch_whole(&mut self, table: &TableName) {
        self.table(identity(table), true);
    }
    fn table(&mut self, table: u64, whole: bool) {
        match self.tables.iter_mut().find(|(t, _)| *t == table) {
            Some((_, already)) => *already |= whole,
            None => self.tables.push((table, whole)),
        }
    }
}

/// How the values of a key part are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Exact,
    /// Binary strings: the log leaves out trailing zero bytes of BINARY(n).
    Binary,
    /// Texts compared by code: some collations pad with spaces.
    Codes,
    /// Texts of a collation: only ASCII is told apart.
    Ascii,
}

#[derive(Debug)]
struct Unique {
    /// The hash of the table whose key it is; for a foreign key the parent.
    table: u64,
    seed: u64,
    /// Places in a logged row.
    parts: Vec<(usize, How)>,
}

/// The keys of a table.
#[derive(Debug)]
pub(super) struct Keys {
    table: u64,
    /// Nothing tells its rows apart.
    blind: bool,
    unique: Vec<Unique>,
    /// Tables above it whose keys cannot be followed.
    parents: Vec<u64>,
    /// By place in a logged row: which values are looked at.
    wanted: Vec<bool>,
    /// Of `unique`: the key by which a row is found.
    row: Option<usize>,
}

impl Keys {
    /// `places` holds for each column of the target's table its place in a logged row. Of a mapped table some have none: a
    /// key of theirs leaves the table blind. `width`: the columns of a logged row.
    pub(super) fn new(table: &Table, places: &[Option<usize>], width: usize, has_row_key: bool) -> Self {
        let own = identity(&table.name);
        let mut keys =
            Self { table: own, blind: !has_row_key, unique: Vec::new(), parents: Vec::new(), wanted: vec![false; width], row: None };
        let row = table.row_key_of(|column| places[column].is_some()).filter(|_| has_row_key);
        for key in table.keys.iter().filter(|k| k.unique) {
            match parts(table, key, places) {
                Some(parts) => {
                    let names = key.columns.iter().map(|&c| table.columns[c].name.as_str());
                    if row == Some(key) {
                        keys.row = Some(keys.unique.len());
                    }
                    keys.unique.push(Unique { table: own, seed: seed(own, names), parts: sorted(table, key, parts) });
                }
                None => keys.blind = true,
            }
        }
        for foreign in foreign_keys(&table.create, &table.name) {
            let parent = identity(&foreign.parent);
            let mut pairs: Vec<_> = foreign.parent_columns.iter().zip(&foreign.columns).collect();
            pairs.sort_by_key(|(above, _)| above.to_lowercase());
            let part = |name: &String| {
                let at = table.columns.iter().position(|c| c.name.eq_ignore_ascii_case(name))?;
                Some((places[at]?, how(&table.columns[at])?))
            };
            match pairs.iter().map(|(_, own)| part(own)).collect::<Option<Vec<_>>>() {
                Some(parts) => keys.unique.push(Unique { table: parent, seed: seed(parent, pairs.iter().map(|(p, _)| p.as_str())), parts }),
                None => keys.parents.push(parent),
            }
        }
        for (place, _) in keys.unique.iter().flat_map(|u| &u.parts) {
            keys.wanted[*place] = true;
        }
        keys
    }

    /// Which values of a logged row `touch` looks at.
    pub(super) fn wanted(&self) -> &[bool] {
        &self.wanted
    }

    /// Whether rows need not be looked at: the table is touched as a whole in any case.
    pub(super) fn is_blind(&self) -> bool {
        self.blind
    }

    /// The values that are looked at, as they are logged, in an order that only the target's definition decides.
    pub(super) fn logged<'m>(&self, map: &'m TableMap) -> Vec<Option<&'m MapColumn>> {
        self.unique.iter().flat_map(|u| &u.parts).map(|(place, _)| map.columns.get(*place)).collect()
    }

    /// Nothing can be told from here on.
    pub(super) fn give_up(&mut self) {
        self.blind = true;
    }

    /// The table itself, whatever its rows are.
    pub(super) fn touch_table(&self, touched: &mut Touched) {
        touched.table(self.table, self.blind);
        for parent in &self.parents {
            touched.table(*parent, true);
        }
    }

    /// One image of a row; an empty one touches nothing.
    pub(super) fn touch(&self, row: &[Value<'_>], touched: &mut Touched) {
        for unique in self.unique.iter().filter(|_| !row.is_empty()) {
            match unique.hash(row) {
                Some(Some(hash)) => {
                    touched.keys.push(hash);
                    touched.table(unique.table, false);
                }
                // A key with NULL in it meets nothing.
                Some(None) => {}
                None => touched.table(unique.table, true),
            }
        }
    }

    /// The hash of the key by which a row is found; None: what the rows touch cannot be told from their bytes.
    pub(super) fn row_hash(&self, row: &[Value<'_>]) -> Option<u64> {
        let unique = &self.unique[self.row.filter(|_| !self.blind)?];
        unique.hash(row).flatten()
    }

    /// Whether two images of a row have the same bytes in every unique key of the table's own.
    pub(super) fn same(&self, before: &[Value<'_>], after: &[Value<'_>]) -> bool {
        let own = self.unique.iter().filter(|u| u.table == self.table);
        own.flat_map(|u| &u.parts).all(|(place, _)| before.get(*place) == after.get(*place))
    }
}

impl Unique {
    /// None: it cannot be told from the bytes; Some(None): a NULL is in it.
    fn hash(&self, row: &[Value<'_>]) -> Option<Option<u64>> {
        let mut hasher = DefaultHasher::new();
        self.seed.hash(&mut hasher);
        for (place, how) in &self.parts {
            if !add(&mut hasher, row.get(*place).unwrap_or(&Value::Null), *how)? {
                return Some(None);
            }
        }
        Some(Some(hasher.finish()))
    }
}

/// None: it cannot be told; false: NULL.
fn add(hasher: &mut DefaultHasher, value: &Value<'_>, how: How) -> Option<bool> {
    match (value, how) {
        (Value::Null, _) => return Some(false),
        (Value::Bytes(bytes), How::Binary) => trimmed(bytes, 0).hash(hasher),
        (Value::Bytes(bytes), How::Codes) => trimmed(bytes, b' ').hash(hasher),
        (Value::Bytes(bytes), How::Ascii) => {
            let text = trimmed(bytes, b' ');
            if !text.iter().all(|b| (b' '..=b'~').contains(b)) {
                return None;
            }
            text.to_ascii_uppercase().hash(hasher);
        }
        (Value::Int(n), _) => n.hash(hasher),
        // The same number whatever the sign of its type: -1 and 2^64-1 share a hash, which does no harm.
        (Value::UInt(n), _) => (*n as i64).hash(hasher),
        (Value::Decimal(text), _) => text.hash(hasher),
        (Value::Bits(bytes), _) => bytes.hash(hasher),
        (Value::Date(text) | Value::Time(text) | Value::Datetime(text) | Value::Timestamp(text), _) => text.as_str().hash(hasher),
        (Value::Year(n) | Value::Enum(n), _) => n.hash(hasher),
        (Value::Set(n), _) => n.hash(hasher),
        (Value::Bytes(_) | Value::Float(_) | Value::Double(_) | Value::Json(_), _) => return None,
    }
    Some(true)
}

fn trimmed(mut bytes: &[u8], pad: u8) -> &[u8] {
    while let Some((last, rest)) = bytes.split_last()
        && *last == pad
    {
        bytes = rest;
    }
    bytes
}

/// The parts of a key that can be followed; None: it cannot.
fn parts(table: &Table, key: &Key, places: &[Option<usize>]) -> Option<Vec<(usize, How)>> {
    if !key.usable || key.prefix.iter().any(Option::is_some) {
        return None;
    }
    key.columns.iter().map(|&c| Some((places[c]?, how(&table.columns[c])?))).collect()
}

/// In the order of the names, so that a foreign key that names them in another order hashes the same.
fn sorted(table: &Table, key: &Key, parts: Vec<(usize, How)>) -> Vec<(usize, How)> {
    let mut named: Vec<_> = key.columns.iter().map(|&c| table.columns[c].name.to_lowercase()).zip(parts).collect();
    named.sort_by(|a, b| a.0.cmp(&b.0));
    named.into_iter().map(|(_, part)| part).collect()
}

fn how(column: &Column) -> Option<How> {
    if column.generated != Generated::No {
        return None;
    }
    match column.class {
        TypeClass::Int
        | TypeClass::Decimal
        | TypeClass::Bit
        | TypeClass::Year
        | TypeClass::Date
        | TypeClass::Time
        | TypeClass::Datetime
        | TypeClass::Timestamp
        | TypeClass::Enum
        | TypeClass::Set => Some(How::Exact),
        TypeClass::Binary | TypeClass::Varbinary | TypeClass::Blob | TypeClass::Uuid | TypeClass::Inet4 | TypeClass::Inet6 => {
            Some(How::Binary)
        }
        TypeClass::Char | TypeClass::Text => {
            let (charset, collation) = (column.charset.as_deref()?, column.collation.as_deref()?);
            if collation.ends_with("_bin") {
                // A space has several bytes in these.
                return (!["ucs2", "utf16", "utf16le", "utf32"].contains(&charset)).then_some(How::Codes);
            }
            ascii_is_plain(charset, collation).then_some(How::Ascii)
        }
        TypeClass::Float | TypeClass::Double | TypeClass::Json | TypeClass::Geometry | TypeClass::Vector | TypeClass::Other => None,
    }
}

fn identity(table: &TableName) -> u64 {
    let mut hasher = DefaultHasher::new();
    (table.schema.to_lowercase(), table.table.to_lowercase()).hash(&mut hasher);
    hasher.finish()
}

fn seed<'a>(table: u64, names: impl Iterator<Item = &'a str>) -> u64 {
    let mut names: Vec<String> = names.map(str::to_lowercase).collect();
    names.sort();
    let mut hasher = DefaultHasher::new();
    (table, names).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    fn column(name: &str, class: TypeClass, collation: Option<&str>) -> Column {
        Column {
            nullable: true,
            charset: collation.map(|c| c.split('_').next().unwrap().to_owned()),
            collation: collation.map(str::to_owned),
            ..Column::plain(name, class)
        }
    }
    fn key(columns: &[usize], prefix: Option<u32>) -> Key {
        Key { name: "k".into(), primary: false, unique: true, columns: columns.to_vec(), prefix: vec![prefix; columns.len()], usable: true }
    }
    fn table(name: &str, columns: Vec<Column>, keys: Vec<Key>, create: &str) -> Table {
        let name = TableName::new("s", name);
        Table {
            name,
            columns,
            keys,
            engine: "InnoDB".into(),
            rows_estimated: 0,
            data_bytes: 0,
            auto_increment: None,
            create: create.into(),
        }
    }
    fn of(table: &Table, rows: &[&[Value<'_>]]) -> Touched {
        let places: Vec<Option<usize>> = (0..table.columns.len()).map(Some).collect();
        let keys = Keys::new(table, &places, places.len(), true);
        let mut touched = Touched::default();
        keys.touch_table(&mut touched);
        rows.iter().for_each(|row| keys.touch(row, &mut touched));
        touched
    }
    fn text(text: &str) -> Value<'static> {
        Value::Bytes(Cow::Owned(text.as_bytes().to_vec()))
    }
    fn whole(touched: &Touched) -> bool {
        touched.tables.iter().any(|(_, whole)| *whole)
    }

    #[test]
    fn equal_keys_have_equal_hashes() {
        let with = |class, collation| table("t", vec![column("a", class, collation)], vec![key(&[0], None)], "");
        for (class, collation, equal, other) in [
            (TypeClass::Int, None, [Value::Int(7), Value::UInt(7)], Some(Value::Int(8))),
            (TypeClass::Char, Some("utf8mb4_general_ci"), [text("Straße9"), text("x")], None),
            (TypeClass::Char, Some("utf8mb4_general_ci"), [text("aB c"), text("Ab C  ")], Some(text("abc"))),
            (TypeClass::Char, Some("utf8mb4_bin"), [text("aü"), text("aü ")], Some(text("Aü"))),
            (TypeClass::Binary, None, [text("a"), text("a\0\0")], Some(text("a\0b"))),
        ] {
            let table = with(class, collation);
            let [a, b] = [of(&table, &[&equal[..1]]), of(&table, &[&equal[1..]])];
            match other {
                Some(other) => {
                    assert_eq!(a, b, "{class:?}");
                    assert_ne!(of(&table, &[&[other]]).keys, a.keys, "{class:?}");
                }
                None => assert!(whole(&a) && !whole(&b), "what is not ASCII is not told apart"),
            }
        }
    }

    #[test]
    fn what_cannot_be_told_touches_the_whole_table() {
        let blind = |column: Column, prefix| whole(&of(&table("t", vec![column], vec![key(&[0], prefix)], ""), &[]));
        assert!(!blind(column("a", TypeClass::Int, None), None));
        assert!(!blind(column("a", TypeClass::Text, Some("latin1_swedish_ci")), None));
        assert!(blind(column("a", TypeClass::Text, Some("latin1_swedish_ci")), Some(9)));
        assert!(blind(column("a", TypeClass::Text, Some("gbk_chinese_ci")), None));
        assert!(blind(column("a", TypeClass::Text, Some("utf8mb4_lithuanian_ci")), None));
        assert!(blind(column("a", TypeClass::Text, Some("utf16_bin")), None));
        assert!(blind(column("a", TypeClass::Double, None), None));
        assert!(blind(Column { generated: Generated::Virtual, ..column("a", TypeClass::Int, None) }, None));
        let keys = Keys::new(&table("t", vec![column("a", TypeClass::Int, None)], vec![], ""), &[Some(0)], 1, false);
        assert!(keys.is_blind());
    }

    #[test]
    fn both_images_every_key_and_no_null() {
        let columns = || vec![column("id", TypeClass::Int, None), column("u", TypeClass::Int, None)];
        let table = table("t", columns(), vec![key(&[0], None), key(&[1], None)], "");
        let (before, after) = ([Value::Int(1), Value::Int(5)], [Value::Int(1), Value::Null]);
        let both = of(&table, &[&before, &after, &[]]);
        assert_eq!(both.keys.len(), 3);
        assert_eq!(both.keys[0], both.keys[2], "the same id");
        assert_ne!(both.keys[0], both.keys[1]);
        // Another row takes the value that this one gave up.
        assert!(both.keys.contains(&of(&table, &[&[Value::Null, Value::Int(5)]]).keys[0]));
    }

    #[test]
    fn a_child_meets_its_parent() {
        let ids = || vec![column("x", TypeClass::Int, None), column("y", TypeClass::Int, None)];
        let parent = table("p", ids(), vec![key(&[0, 1], None)], "");
        let create = "CREATE TABLE `c` (\n `a` int, `b` int,\n CONSTRAINT `f` FOREIGN KEY (`b`,`a`) REFERENCES `p` (`y`,`x`)\n)";
        let child = table("c", vec![column("a", TypeClass::Int, None), column("b", TypeClass::Int, None)], vec![], create);
        let row = [Value::Int(3), Value::Int(4)];
        let (above, below) = (of(&parent, &[&row]), of(&child, &[&row]));
        assert_eq!(above.keys, below.keys);
        assert!(above.tables.iter().all(|t| below.tables.contains(t)));
        assert!(of(&child, &[&[Value::Int(3), Value::Null]]).keys.is_empty());
    }
}
