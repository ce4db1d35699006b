//! The key that a copy pages by: which one, how its values are kept, and the conditions made of them.
//!
//! Values are kept as the server sent them (text protocol, charset binary) and go back as literals that mean exactly
//! the same: numbers bare, temporals quoted, strings as hex with the column's own charset and collation. So the server
//! compares, never we: an order known only to it (collations, padding) cannot be got wrong here.
//!
//! A bound may be a prefix of the key: `(a, b) > (x)` is `a > x`, `(a, b) <= (x)` is `a <= x`.

use crate::model::replicate::quote;
use crate::replicate::table::{Column, Generated, Key, Table, TypeClass};
use crate::replicate::{Error, Result};

/// The layout of `encode`; the first byte of every kept key.
const VERSION: u8 = 1;

/// How a key part's values are written as literals. The discriminant is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Form {
    /// Integers, decimals, years: bare.
    Number = b'n',
    /// Dates, times, UUIDs, network addresses: quoted.
    Quoted = b'q',
    /// Strings in the column's charset: introducer, hex, collation.
    Text = b't',
    Binary = b'b',
}

impl Form {
    fn of(column: &Column) -> Option<Self> {
        match column.class {
            TypeClass::Int | TypeClass::Decimal | TypeClass::Year => Some(Self::Number),
            TypeClass::Date | TypeClass::Time | TypeClass::Datetime | TypeClass::Timestamp => Some(Self::Quoted),
            TypeClass::Uuid | TypeClass::Inet4 | TypeClass::Inet6 => Some(Self::Quoted),
            TypeClass::Char if column.charset.is_some() && column.collation.is_some() => Some(Self::Text),
            TypeClass::Binary | TypeClass::Varbinary => Some(Self::Binary),
            _ => None,
        }
    }
}

/// The values of a key's leading columns (all of them in a cursor), as received.
pub(super) type Bound = Vec<Vec<u8>>;

#[derive(Debug, Clone)]
struct Part {
    /// Quoted name.
    name: String,
    form: Form,
    introducer: String,
    collate: String,
    /// Where the value stands among the stored columns.
    position: usize,
}

/// A key that a table can be copied by.
#[derive(Debug, Clone)]
pub(super) struct ChunkKey {
    parts: Vec<Part>,
    index: String,
    /// The leading column is an integer: ranges can be calculated.
    pub(super) integer_lead: bool,
    /// The leading column's bytes are characters or bytes that can be interpolated.
    pub(super) string_lead: bool,
}

impl ChunkKey {
    /// Returns the primary key if it can be paged by, else the first unique not-null key that can.
    pub(super) fn choose(table: &Table) -> Option<Self> {
        let keys = table.keys.iter().filter(|k| k.primary).chain(table.keys.iter().filter(|k| !k.primary));
        keys.filter(|k| k.unique && k.usable && k.prefix.iter().all(Option::is_none)).find_map(|k| Self::of(table, k))
    }

    fn of(table: &Table, key: &Key) -> Option<Self> {
        let mut parts = Vec::with_capacity(key.columns.len());
        for &at in &key.columns {
            let column = table.columns.get(at)?;
            if column.nullable || column.generated != Generated::No {
                return None;
            }
            let form = Form::of(column)?;
            let text = form == Form::Text;
            // Dates are read from a string of any charset; of a binary string a UUID is taken for its 16 raw bytes.
            let network = matches!(column.class, TypeClass::Uuid | TypeClass::Inet4 | TypeClass::Inet6);
            parts.push(Part {
                name: quote(&column.name),
                form,
                introducer: match (text, network) {
                    (true, _) => format!("_{} ", column.charset.as_deref()?),
                    (false, true) => "_latin1 ".into(),
                    (false, false) => String::new(),
                },
                collate: if text { format!(" COLLATE {}", column.collation.as_deref()?) } else { String::new() },
                position: table.stored_columns().position(|(i, _)| i == at)?,
            });
        }
        let lead = table.columns.get(*key.columns.first()?)?.class;
        Some(Self {
            parts,
            index: quote(&key.name),
            integer_lead: lead == TypeClass::Int,
            string_lead: matches!(lead, TypeClass::Char | TypeClass::Binary | TypeClass::Varbinary),
        })
    }

    /// ` FORCE INDEX (…)`: a scan in another order would sort the whole table for every page.
    pub(super) fn force(&self) -> String {
        format!(" FORCE INDEX ({})", self.index)
    }
    pub(super) fn order(&self, direction: &str) -> String {
        let parts: Vec<_> = self.parts.iter().map(|p| format!("{}{direction}", p.name)).collect();
        format!(" ORDER BY {}", parts.join(", "))
    }
    /// The key's columns, in its order.
    pub(super) fn columns(&self) -> String {
        self.parts.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(", ")
    }
    /// Where the key's values stand among the stored columns.
    pub(super) fn positions(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().map(|p| p.position)
    }

    /// `key > bound`, written so that both servers read a range of the index: a bound on the leading column, then the
    /// lexicographic order spelled out (row comparisons are not used as ranges).
    pub(super) fn above(&self, bound: &Bound) -> Result<String> {
        self.compare(bound, ">", ">", ">=")
    }
    pub(super) fn at_or_below(&self, bound: &Bound) -> Result<String> {
        self.compare(bound, "<", "<=", "<=")
    }
    pub(super) fn at_or_above(&self, bound: &Bound) -> Result<String> {
        self.compare(bound, ">", ">=", ">=")
    }

    fn compare(&self, bound: &Bound, strict: &str, last: &str, leading: &str) -> Result<String> {
        let literals: Vec<String> = self.parts.iter().zip(bound).map(|(p, v)| p.literal(v)).collect::<Result<_>>()?;
        let Some((tail, heads)) = literals.split_last() else { return Err(unreadable("it has no values")) };
        let mut out = format!("{} {last} {tail}", self.parts[heads.len()].name);
        for (part, literal) in self.parts.iter().zip(heads).rev() {
            out = format!("({0} {strict} {literal} OR ({0} = {literal} AND {out}))", part.name);
        }
        if !heads.is_empty() {
            out = format!("{} {leading} {} AND {out}", self.parts[0].name, literals[0]);
        }
        Ok(out)
    }

    /// Packs a bound for the target's bookkeeping: version, count, then form, length and bytes of every value.
    pub(super) fn encode(&self, bound: &Bound) -> Vec<u8> {
        let mut out = vec![VERSION, bound.len() as u8];
        for (part, value) in self.parts.iter().zip(bound) {
            out.push(part.form as u8);
            out.extend_from_slice(&(value.len() as u32).to_be_bytes());
            out.extend_from_slice(value);
        }
        out
    }

    /// Unpacks what [`Self::encode`] made, for the same key.
    pub(super) fn decode(&self, bytes: &[u8]) -> Result<Bound> {
        let [VERSION, count, rest @ ..] = bytes else { return Err(unreadable("unknown version")) };
        let count = usize::from(*count);
        if count == 0 || count > self.parts.len() {
            return Err(unreadable("another number of columns"));
        }
        let mut rest = rest;
        let mut bound = Vec::with_capacity(count);
        for part in &self.parts[..count] {
            let (&form, tail) = rest.split_first().ok_or_else(|| unreadable("cut short"))?;
            if form != part.form as u8 {
                return Err(unreadable("another column type"));
            }
            let (length, tail) = tail.split_first_chunk::<4>().ok_or_else(|| unreadable("cut short"))?;
            let (value, tail) = tail.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or_else(|| unreadable("cut short"))?;
            bound.push(value.to_vec());
            rest = tail;
        }
        if rest.is_empty() { Ok(bound) } else { Err(unreadable("too long")) }
    }
}

fn unreadable(why: &str) -> Error {
    Error::permanent("copy_state_unreadable", format!("read a kept copy key: {why}"))
        .hint("start the job's copy again with an empty target")
}

impl Part {
    /// The value as a literal. What does not look like its type is refused: nothing from a table's rows may reach SQL.
    fn literal(&self, value: &[u8]) -> Result<String> {
        let plain = |allowed: fn(u8) -> bool| {
            let text = std::str::from_utf8(value).ok().filter(|t| !t.is_empty() && t.bytes().all(allowed));
            text.ok_or_else(|| Error::permanent("key_value", format!("page by column {}: a value is not of its type", self.name)))
        };
        Ok(match self.form {
            Form::Number => plain(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.'))?.to_owned(),
            Form::Quoted => format!("{}'{}'", self.introducer, plain(|b| b.is_ascii_hexdigit() || matches!(b, b'-' | b':' | b'.' | b' '))?),
            Form::Binary => format!("_binary X'{}'", hex(value)),
            Form::Text => format!("{}X'{}'{}", self.introducer, hex(value), self.collate),
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from(b"0123456789ABCDEF"[usize::from(n)]);
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

#[cfg(test)]
pub(in crate::replicate::copy) mod tests {
    use super::*;
    use crate::model::replicate::TableName;
    use proptest::prelude::*;

    pub(in crate::replicate::copy) fn column(name: &str, class: TypeClass) -> Column {
        let text = class == TypeClass::Char;
        Column { charset: text.then(|| "latin1".into()), collation: text.then(|| "latin1_swedish_ci".into()), ..Column::plain(name, class) }
    }
    fn key(name: &str, columns: &[usize]) -> Key {
        let prefix = vec![None; columns.len()];
        Key { name: name.into(), primary: name == "PRIMARY", unique: true, columns: columns.to_vec(), prefix, usable: true }
    }
    /// A table `d.t` whose primary key is all its columns.
    pub(in crate::replicate::copy) fn table(columns: Vec<Column>) -> Table {
        let keys = vec![key("PRIMARY", &(0..columns.len()).collect::<Vec<_>>())];
        let create = "CREATE TABLE `t` …".into();
        Table {
            name: TableName::new("d", "t"),
            columns,
            keys,
            engine: "InnoDB".into(),
            rows_estimated: 0,
            data_bytes: 0,
            auto_increment: None,
            create,
        }
    }
    fn bound(values: &[&str]) -> Bound {
        values.iter().map(|v| v.as_bytes().to_vec()).collect()
    }

    #[test]
    fn conditions_spell_out_the_order_of_all_key_columns() {
        use TypeClass::{Char, Date, Int};
        let key = ChunkKey::choose(&table(vec![column("a", Int), column("b", Char), column("c", Date)])).unwrap();
        let b = bound(&["-5", "x", "2020-01-01"]);
        assert_eq!(
            key.above(&b).unwrap(),
            "`a` >= -5 AND (`a` > -5 OR (`a` = -5 AND (`b` > _latin1 X'78' COLLATE latin1_swedish_ci OR \
             (`b` = _latin1 X'78' COLLATE latin1_swedish_ci AND `c` > '2020-01-01'))))"
        );
        assert_eq!(key.at_or_below(&bound(&["7"])).unwrap(), "`a` <= 7");
        assert_eq!(
            key.at_or_below(&bound(&["7", "x"])).unwrap(),
            "`a` <= 7 AND (`a` < 7 OR (`a` = 7 AND `b` <= _latin1 X'78' COLLATE latin1_swedish_ci))"
        );
    }

    #[test]
    fn values_that_are_not_of_their_type_never_reach_sql() {
        let key = ChunkKey::choose(&table(vec![column("a", TypeClass::Int)])).unwrap();
        assert!(key.above(&bound(&["1 OR 1"])).is_err() && key.above(&bound(&[""])).is_err());
        let key = ChunkKey::choose(&table(vec![column("a", TypeClass::Date)])).unwrap();
        assert!(key.above(&bound(&["' OR '"])).is_err());
    }

    #[test]
    fn a_key_that_cannot_be_paged_by_gives_way_to_the_next_or_to_none() {
        let mut t = table(vec![column("f", TypeClass::Float), column("i", TypeClass::Int)]);
        t.keys = vec![key("PRIMARY", &[0]), key("u", &[1])];
        assert_eq!(ChunkKey::choose(&t).unwrap().index, "`u`");
        t.columns[1].nullable = true;
        assert!(ChunkKey::choose(&t).is_none());
        t.columns[1].nullable = false;
        t.keys[1].prefix = vec![Some(3)];
        assert!(ChunkKey::choose(&t).is_none());
    }

    proptest! {
        #[test]
        fn kept_keys_come_back_and_broken_ones_are_refused(
            values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..4), cut in 0usize..20,
        ) {
            let key = ChunkKey::choose(&table(vec![column("a", TypeClass::Int), column("b", TypeClass::Char), column("c", TypeClass::Binary)])).unwrap();
            let bytes = key.encode(&values);
            prop_assert_eq!(key.decode(&bytes).unwrap(), values);
            if cut < bytes.len() {
                prop_assert!(key.decode(&bytes[..cut]).is_err());
            }
        }
    }
}
