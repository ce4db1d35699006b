//! How a table is compared: its columns, its key, and the statements that are made of them.

use super::rows::Cell;
use super::value::{Class, literal};
use crate::model::replicate::TableName;
use crate::replicate::repair::{Damaged, Place};

#[derive(Debug)]
pub(super) struct Plan {
    pub(super) table: TableName,
    /// The columns that both ends have, in the source's order.
    pub(super) columns: Vec<Column>,
    /// Indexes into `columns`; empty for a keyless table.
    pub(super) key: Vec<usize>,
    /// What the rows are read from at each end.
    pub(super) from: [String; 2],
    /// Which rows of the source the target has; the source decides. None = all.
    pub(super) passing: Option<String>,
    /// What the target calls it.
    pub(super) target: TableName,
    /// The source's tables, with their own names of the columns, quoted.
    pub(super) origins: Vec<(TableName, Vec<String>)>,
    pub(super) notes: Vec<String>,
    pub(super) walk: Walk,
}

/// Whether ranges of the source's key do for a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Walk {
    /// A row could be in none of them.
    Never,
    /// Every row of either end is in one; they may be others at the target, or be found by reading everything.
    Crooked,
    /// They are the same rows at both ends as far as is known, and indexes find them.
    Straight,
}

#[derive(Debug)]
pub(super) struct Column {
    /// At the source.
    pub(super) name: String,
    /// Quoted, at each end.
    pub(super) names: [String; 2],
    pub(super) class: Class,
    /// What to select, at the source and at the target.
    pub(super) select: [String; 2],
    /// What to sort by.
    pub(super) sort: [String; 2],
    /// What goes into a row's hash (`sums`); None where the servers do not write it alike.
    pub(super) token: Option<[String; 2]>,
    /// Charset and collation of a string column, for literals that can use its index.
    pub(super) charset: [Option<(String, String)>; 2],
}

/// Source or target, as an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Source = 0,
    Target = 1,
}

/// Rows behind a key and up to another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) above: Option<Vec<Cell>>,
    pub(super) upto: Option<Vec<Cell>>,
}

impl Plan {
    /// The rows of a range, in key order where there is a key.
    pub(super) fn select_range(&self, end: End, range: &Range) -> String {
        let order: Vec<&str> = self.key.iter().map(|&c| self.columns[c].sort[end as usize].as_str()).collect();
        let order = if order.is_empty() { String::new() } else { format!(" ORDER BY {}", order.join(", ")) };
        format!("{}{}{order}", self.select(end), self.within(end, range))
    }
    /// The rows with these keys; more may come where the target's collation is wider.
    pub(super) fn select_keys<'k>(&self, end: End, keys: impl Iterator<Item = &'k Vec<Cell>>) -> String {
        let one = |key: &'k Vec<Cell>| format!("({})", self.at_key(end, key, |c| &self.columns[c].names[end as usize]));
        let passing = self.passing(end).map_or(String::new(), |condition| format!("{condition} AND "));
        format!("{} WHERE {passing}({})", self.select(end), keys.map(one).collect::<Vec<_>>().join(" OR "))
    }
    /// The key of the row of the source that is so far in a range.
    pub(super) fn select_bound(&self, range: &Range, at: u64) -> String {
        let end = End::Source as usize;
        let cells: Vec<&str> = self.key.iter().map(|&c| self.columns[c].select[end].as_str()).collect();
        let order: Vec<&str> = self.key.iter().map(|&c| self.columns[c].names[end].as_str()).collect();
        let skip = at.saturating_sub(1);
        let (from, within) = (&self.from[end], self.within(End::Source, range));
        format!("SELECT {} FROM {from}{within} ORDER BY {} LIMIT {skip}, 1", cells.join(", "), order.join(", "))
    }
    /// Where the rows of a range come from.
    pub(super) fn rows_of(&self, end: End, range: &Range) -> String {
        format!("{}{}", self.from[end as usize], self.within(end, range))
    }
    fn within(&self, end: End, Range { above, upto }: &Range) -> String {
        let mut conditions: Vec<String> = self.passing(end).map(|c| format!("({c})")).into_iter().collect();
        conditions.extend(above.as_ref().map(|key| self.beyond(end, key, ">")));
        conditions.extend(upto.as_ref().map(|key| self.beyond(end, key, "<")));
        if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) }
    }
    /// `a > 1 OR (a = 1 AND b > 2)`, or from the other side with the key itself, so that of a key's two conditions each row
    /// meets exactly one; with a bound on the first column alone, which an index can serve.
    fn beyond(&self, end: End, key: &[Cell], sign: &str) -> String {
        let parts: Vec<(String, String)> = self
            .key
            .iter()
            .zip(key)
            .map(|(&c, cell)| {
                let column = &self.columns[c];
                let value = literal(column.class, cell.as_deref().unwrap_or_default(), column.charset[end as usize].as_ref());
                (column.names[end as usize].clone(), value)
            })
            .collect();
        let one = |at: usize| {
            let same = parts[..at].iter().map(|(name, value)| format!("{name}={value}"));
            same.chain([format!("{}{sign}{}", parts[at].0, parts[at].1)]).collect::<Vec<_>>().join(" AND ")
        };
        let itself = || parts.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" AND ");
        let any = (0..parts.len()).map(one).chain((sign == "<").then(itself)).collect::<Vec<_>>().join(" OR ");
        parts.first().map_or_else(String::new, |(name, value)| format!("({name}{sign}={value} AND ({any}))"))
    }
    /// The condition for one key, of columns that are called so.
    fn at_key<'n>(&'n self, end: End, key: &[Cell], name: impl Fn(usize) -> &'n String) -> String {
        let parts = self.key.iter().zip(key).map(|(&c, cell)| {
            let column = &self.columns[c];
            let text = cell.as_deref().unwrap_or_default();
            format!("{}={}", name(c), literal(column.class, text, column.charset[end as usize].as_ref()))
        });
        parts.collect::<Vec<_>>().join(" AND ")
    }
    /// The rows with these keys, as a repair looks them up.
    pub(super) fn damaged<'k>(&self, keys: impl Iterator<Item = &'k Vec<Cell>>) -> Damaged {
        let place = |key: &Vec<Cell>| Place {
            target: self.at_key(End::Target, key, |c| &self.columns[c].names[End::Target as usize]),
            sources: self.origins.iter().map(|(_, names)| self.at_key(End::Source, key, |c| &names[c])).collect(),
        };
        let sources = self.origins.iter().map(|(table, _)| table.clone()).collect();
        Damaged { target: self.target.clone(), sources, keys: keys.map(place).collect() }
    }
    fn passing(&self, end: End) -> Option<&str> {
        self.passing.as_deref().filter(|_| end == End::Source)
    }
    pub(super) fn key_of(&self, row: &[Cell]) -> Vec<Cell> {
        self.key.iter().map(|&c| row[c].clone()).collect()
    }
    fn select(&self, end: End) -> String {
        let columns: Vec<&str> = self.columns.iter().map(|c| c.select[end as usize].as_str()).collect();
        format!("SELECT {} FROM {}", columns.join(", "), self.from[end as usize])
    }
}
