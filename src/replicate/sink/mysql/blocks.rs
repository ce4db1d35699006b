//! Rows of a block as SQL: which columns of the target they go to, and how each value is written.

use super::filtered::Passing;
use super::literal;
use crate::model::replicate::{MappedColumn, TableFilter, TableName, quote};
use crate::replicate::filter::RowFilters;
use crate::replicate::inexact::is_inexact;
use crate::replicate::sink::RowBlock;
use crate::replicate::table::{Column, Table, TypeClass};
use crate::replicate::{Error, Result};
use mysql_async::Value;

/// How bytes stand in a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As they are, with escapes.
    Raw,
    /// In printable ASCII, for a text that people and other tools handle.
    Ascii,
}

/// How rows of one table are written.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) name: TableName,
    /// What the target calls it.
    pub(super) target: TableName,
    /// Target columns in the order of the block's values; None: it is left out.
    columns: Vec<Option<Column>>,
    /// ENUM columns: they come as numbers, and number 0 is refused by strict mode.
    enums: Vec<usize>,
    /// Which rows are the job's; None = all.
    passing: Option<Passing>,
    /// The columns of the target's key, where it has no other unique one: a replaced row means equal keys.
    pub(super) one_key: Option<String>,
    /// The target has columns that are not written.
    pub(super) own: bool,
}

impl Plan {
    /// Returns how rows of a table of the source are written into the target's, as that is defined now.
    pub(super) fn of(source: &Table, target: Option<&Table>, tables: &TableFilter, filters: &RowFilters) -> Result<Self> {
        let name = tables.target(&source.name);
        let target = target.ok_or_else(|| Error::permanent("no_target_table", format!("table {name} does not exist at the target")))?;
        let pairs = tables.columns(&source.name);
        if pairs.is_empty() {
            // Else the stream goes by the source's definition too.
            filters.same(source, target)?;
        }
        Self::new(source, target, pairs, Passing::copied(filters, source)?)
    }

    fn new(source: &Table, target: &Table, pairs: &[MappedColumn], passing: Option<Passing>) -> Result<Self> {
        let mut columns = Vec::new();
        for (_, column) in source.stored_columns() {
            let pair = pairs.iter().find(|pair| pair.from.to_lowercase() == column.name.to_lowercase());
            if pair.is_none() && !pairs.is_empty() {
                columns.push(None);
                continue;
            }
            let name = pair.map_or(&column.name, |pair| &pair.to);
            let found = target.columns.iter().find(|c| c.name.to_lowercase() == name.to_lowercase() && is_stored(c));
            let found = found.ok_or_else(|| {
                Error::permanent("columns_differ", format!("column {name} of {} does not exist at the target", target.name))
                    .hint("make the table alike at both ends, or let the job create it")
            })?;
            columns.push(Some(found.clone()));
        }
        let enums = columns.iter().enumerate().filter(|(_, c)| c.as_ref().is_some_and(is_enum)).map(|(i, _)| i).collect();
        let mut unique = target.keys.iter().filter(|k| k.unique);
        let one_key = unique.next().filter(|_| unique.next().is_none());
        let one_key = one_key.map(|k| k.columns.iter().map(|&at| target.columns[at].name.as_str()).collect::<Vec<_>>().join(", "));
        let taken = |c: &Column| columns.iter().flatten().any(|t| t.name == c.name);
        let own = target.columns.iter().any(|c| is_stored(c) && !taken(c));
        Ok(Self { name: source.name.clone(), target: target.name.clone(), columns, enums, passing, one_key, own })
    }

    /// The columns that are written, with their places in the block.
    fn written(&self) -> impl Iterator<Item = (usize, &Column)> {
        self.columns.iter().enumerate().filter_map(|(i, c)| Some((i, c.as_ref()?)))
    }

    /// How many of the rows have numbers that the target rounds.
    pub(super) fn inexact(&self, block: &RowBlock, rows: &[usize]) -> u64 {
        let json: Vec<usize> = self.written().filter(|(_, c)| c.class == TypeClass::Json).map(|(i, _)| i).collect();
        let rounds = |row: &&usize| json.iter().any(|&i| block.value(**row, i).is_some_and(is_inexact));
        if json.is_empty() { 0 } else { rows.iter().filter(rounds).count() as u64 }
    }

    pub(super) fn load_statement(&self) -> String {
        let place = |(i, column): (usize, &Option<Column>)| match column {
            Some(c) if !wants_text(c) && !is_enum(c) => quote(&c.name),
            // Set from the variable below, or left out.
            _ => format!("@v{i}"),
        };
        let list = self.columns.iter().enumerate().map(place).collect::<Vec<_>>().join(",");
        let set = self.written().filter_map(|(i, c)| {
            let name = quote(&c.name);
            if wants_text(c) { Some(format!("{name}=CONVERT(@v{i} USING utf8mb4)")) } else { is_enum(c).then(|| format!("{name}=@v{i}+0")) }
        });
        let set: Vec<String> = set.collect();
        let set = if set.is_empty() { String::new() } else { format!(" SET {}", set.join(",")) };
        format!(
            "LOAD DATA LOCAL INFILE 'rows' REPLACE INTO TABLE {} CHARACTER SET binary FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' ({list}){set}",
            self.target.quoted()
        )
    }

    /// REPLACE of one row, whose values are [`Plan::params`].
    pub(super) fn bulk_statement(&self) -> String {
        let place = |(_, column): (usize, &Column)| match column {
            c if wants_text(c) => "CONVERT(? USING utf8mb4)",
            c if is_enum(c) => "?+0",
            _ => "?",
        };
        format!("{}({})", self.replace_head("REPLACE"), self.written().map(place).collect::<Vec<_>>().join(","))
    }

    /// A row's values as text, which the server reads as it does those of LOAD DATA.
    pub(super) fn params(&self, block: &RowBlock, row: usize) -> Vec<Value> {
        self.written().map(|(i, _)| block.value(row, i).map_or(Value::NULL, |bytes| Value::Bytes(bytes.to_vec()))).collect()
    }

    pub(super) fn replace_head(&self, verb: &str) -> String {
        format!("{verb} INTO {} ({}) VALUES ", self.target.quoted(), self.names())
    }

    fn names(&self) -> String {
        self.written().map(|(_, c)| quote(&c.name)).collect::<Vec<_>>().join(",")
    }

    pub(super) fn row(&self, sql: &mut Vec<u8>, block: &RowBlock, row: usize, spelling: Spelling) {
        sql.push(b'(');
        self.values(sql, block, row, spelling);
        sql.push(b')');
    }

    fn values(&self, sql: &mut Vec<u8>, block: &RowBlock, row: usize, spelling: Spelling) {
        for (n, (i, column)) in self.written().enumerate() {
            if n > 0 {
                sql.push(b',');
            }
            value(sql, column, block.value(row, i), spelling);
        }
    }

    /// Makes the row with this key what it is in the block and leaves the target's own columns alone: an update, and an insert
    /// that does nothing where the update has met the row.
    pub(super) fn upsert(&self, block: &RowBlock, row: usize, key: &str, spelling: Spelling) -> [Vec<u8>; 2] {
        let table = self.target.quoted();
        let mut update = format!("UPDATE {table} SET ").into_bytes();
        for (n, (i, column)) in self.written().enumerate() {
            if n > 0 {
                update.push(b',');
            }
            update.extend_from_slice(quote(&column.name).as_bytes());
            update.push(b'=');
            value(&mut update, column, block.value(row, i), spelling);
        }
        update.extend_from_slice(format!(" WHERE {key}").as_bytes());
        let mut insert = format!("INSERT INTO {table} ({}) SELECT ", self.names()).into_bytes();
        self.values(&mut insert, block, row, spelling);
        insert.extend_from_slice(format!(" FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE {key})").as_bytes());
        [update, insert]
    }

    /// How many values of the row are ENUM index 0.
    pub(super) fn enum_zeros(&self, block: &RowBlock, row: usize) -> usize {
        self.enums.iter().filter(|&&c| self.is_enum_zero(block, row, c)).count()
    }

    fn is_enum_zero(&self, block: &RowBlock, row: usize, column: usize) -> bool {
        block.value(row, column) == Some(b"0")
    }

    /// The rows that are the job's.
    pub(super) fn passing(&self, block: &RowBlock) -> Result<Vec<usize>> {
        let Some(passing) = &self.passing else { return Ok((0..block.rows()).collect()) };
        let kept = (0..block.rows()).map(|row| passing.keeps_copied(block, row).map(|keep| keep.then_some(row)));
        kept.filter_map(Result::transpose).collect()
    }

    /// Rows that go as they are, and rows that hold ENUM index 0.
    pub(super) fn split(&self, block: &RowBlock, rows: &[usize]) -> (Vec<usize>, Vec<usize>) {
        rows.iter().copied().partition(|row| !self.enums.iter().any(|&c| self.is_enum_zero(block, *row, c)))
    }
}

/// Types that read bytes without a character set as something else than their text: JSON refuses them, the others take
/// them for their binary form.
fn wants_text(column: &Column) -> bool {
    matches!(column.class, TypeClass::Json | TypeClass::Uuid | TypeClass::Inet4 | TypeClass::Inet6)
}

fn is_enum(column: &Column) -> bool {
    column.class == TypeClass::Enum
}

/// A whole number or a decimal as digits: read as what it is, without a detour over a string.
fn is_plain_number(column: &Column, value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    let first = digits.first().is_some_and(u8::is_ascii_digit);
    match column.class {
        TypeClass::Int => first && digits.iter().all(u8::is_ascii_digit),
        TypeClass::Decimal => first && digits.iter().all(|b| b.is_ascii_digit() || *b == b'.'),
        _ => false,
    }
}

fn is_stored(column: &Column) -> bool {
    column.generated == crate::replicate::table::Generated::No
}

fn value(sql: &mut Vec<u8>, column: &Column, value: Option<&[u8]>, spelling: Spelling) {
    let Some(value) = value else { return sql.extend_from_slice(b"NULL") };
    if is_plain_number(column, value) {
        return sql.extend_from_slice(value);
    }
    let binary = |sql: &mut Vec<u8>| match spelling {
        Spelling::Ascii if !value.iter().all(|b| matches!(b, 0x20..=0x7e)) => {
            sql.extend_from_slice(b"_binary ");
            literal::push_hex(sql, value);
        }
        _ => literal::quoted(sql, "_binary", value),
    };
    if wants_text(column) {
        sql.extend_from_slice(b"CONVERT(");
        binary(sql);
        sql.extend_from_slice(b" USING utf8mb4)");
    } else if is_enum(column) {
        binary(sql);
        sql.extend_from_slice(b"+0");
    } else {
        binary(sql);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replicate::table::Key;
    use proptest::prelude::*;

    fn column(name: &str, class: TypeClass) -> Column {
        Column { nullable: name != "id", ..Column::plain(name, class) }
    }

    fn table(name: &str, columns: Vec<Column>) -> Table {
        let key = Key { name: "PRIMARY".into(), primary: true, unique: true, columns: vec![0], prefix: vec![None], usable: true };
        Table {
            name: TableName::new("s", name),
            columns,
            keys: vec![key],
            engine: "InnoDB".into(),
            rows_estimated: 0,
            data_bytes: 0,
            auto_increment: None,
            create: String::new(),
        }
    }

    fn block(values: &[Option<&[u8]>]) -> RowBlock {
        let mut block = RowBlock { columns: values.len(), ..RowBlock::default() };
        values.iter().for_each(|value| block.push(*value));
        block
    }

    #[test]
    fn rows_are_spelled_in_the_targets_names_and_its_own_columns_are_left_alone() {
        let source = table("t", vec![column("id", TypeClass::Int), column("secret", TypeClass::Int), column("nm", TypeClass::Char)]);
        let own = vec![column("nr", TypeClass::Int), column("na`me", TypeClass::Char), column("ours", TypeClass::Int)];
        let pairs = [("id", "nr"), ("nm", "na`me")].map(|(from, to)| MappedColumn { from: from.into(), to: to.into() });
        let plan = Plan::new(&source, &table("folk", own), &pairs, None).unwrap();
        assert!(plan.own);
        let block = block(&[Some(b"7"), Some(b"1"), Some("ä'".as_bytes())]);
        let [update, insert] = plan.upsert(&block, 0, "`nr`=7", Spelling::Ascii).map(|s| String::from_utf8(s).unwrap());
        assert_eq!(update, "UPDATE `s`.`folk` SET `nr`=7,`na``me`=_binary x'C3A427' WHERE `nr`=7");
        assert_eq!(
            insert,
            "INSERT INTO `s`.`folk` (`nr`,`na``me`) SELECT 7,_binary x'C3A427' FROM DUAL \
             WHERE NOT EXISTS (SELECT 1 FROM `s`.`folk` WHERE `nr`=7)"
        );
    }

    #[test]
    fn every_class_has_its_literal() {
        let classes = [TypeClass::Int, TypeClass::Json, TypeClass::Enum, TypeClass::Blob, TypeClass::Char];
        let columns: Vec<Column> = ["id", "j", "e", "b", "c"].iter().zip(classes).map(|(name, class)| column(name, class)).collect();
        let both = table("t", columns);
        let plan = Plan::new(&both, &both, &[], None).unwrap();
        let block = block(&[Some(b"-5"), Some(b"{\"a\": 1}"), Some(b"2"), Some(&[0, 0xff]), None]);
        let mut sql = plan.replace_head("REPLACE").into_bytes();
        plan.row(&mut sql, &block, 0, Spelling::Ascii);
        assert_eq!(
            String::from_utf8(sql).unwrap(),
            "REPLACE INTO `s`.`t` (`id`,`j`,`e`,`b`,`c`) VALUES \
             (-5,CONVERT(_binary'{\"a\": 1}' USING utf8mb4),_binary'2'+0,_binary x'00FF',NULL)"
        );
        assert!(!plan.own);
        assert_eq!(plan.bulk_statement(), "REPLACE INTO `s`.`t` (`id`,`j`,`e`,`b`,`c`) VALUES (?,CONVERT(? USING utf8mb4),?+0,?,?)");
        let bytes = |b: &[u8]| Value::Bytes(b.to_vec());
        assert_eq!(plan.params(&block, 0), [bytes(b"-5"), bytes(b"{\"a\": 1}"), bytes(b"2"), bytes(&[0, 0xff]), Value::NULL]);
    }

    proptest! {
        /// A line stays a line, and nothing of a value ends its literal.
        #[test]
        fn what_people_handle_is_printable_and_holds_the_bytes(bytes: Vec<u8>) {
            let mut sql = Vec::new();
            value(&mut sql, &column("b", TypeClass::Blob), Some(&bytes), Spelling::Ascii);
            let text = String::from_utf8(sql).unwrap();
            prop_assert!(text.bytes().all(|b| matches!(b, 0x20..=0x7e)));
            let back = match text.strip_prefix("_binary x'").and_then(|t| t.strip_suffix('\'')) {
                Some(hex) => (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect(),
                None => {
                    let inside = text.strip_prefix("_binary'").and_then(|t| t.strip_suffix('\'')).unwrap();
                    let mut out = Vec::new();
                    let mut rest = inside.bytes();
                    while let Some(b) = rest.next() {
                        prop_assert_ne!(b, b'\'');
                        out.push(if b == b'\\' { rest.next().unwrap() } else { b });
                    }
                    out
                }
            };
            prop_assert_eq!(back, bytes);
        }
    }
}
