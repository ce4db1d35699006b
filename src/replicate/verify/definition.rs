//! What the two ends say of a table, and from it how it is compared. Its own reading of information_schema: an error of
//! `schema/` must not hide here.

use super::rows::{self, Cell};
use super::value::{Class, literal};
use super::{Ends, session};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::replicate::{MappedColumn, TableFilter, TableName, quote};
use crate::replicate::connect::Conn;
use crate::replicate::repair::{Damaged, Place};
use crate::replicate::{Error, Result};

/// How a table is compared.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) table: TableName,
    /// The columns that both ends have, in the source's order.
    pub(super) columns: Vec<Column>,
    /// Indexes into `columns`; empty for a keyless table.
    pub(super) key: Vec<usize>,
    /// What the rows are read from at each end.
    from: [String; 2],
    /// Which rows of the source the target has; the source decides. None = all.
    passing: Option<String>,
    /// What the target calls it.
    target: TableName,
    /// The source's tables, with their own names of the columns, quoted.
    origins: Vec<(TableName, Vec<String>)>,
    pub(super) notes: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Column {
    /// At the source.
    pub(super) name: String,
    /// Quoted, at each end.
    names: [String; 2],
    pub(super) class: Class,
    /// What to select, at the source and at the target.
    pub(super) select: [String; 2],
    /// What to sort by.
    sort: [String; 2],
    /// Charset and collation of a string column, for literals that can use its index.
    charset: [Option<(String, String)>; 2],
}

pub(super) enum Planned {
    Plan(Box<Plan>),
    /// Nothing of the target's can be compared: every row of the source differs.
    Impossible {
        why: String,
        source_rows: u64,
    },
}

/// Source or target, as an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Source = 0,
    Target = 1,
}

impl Plan {
    /// Every row, in key order where there is a key.
    pub(super) fn select_all(&self, end: End) -> String {
        let order: Vec<&str> = self.key.iter().map(|&c| self.columns[c].sort[end as usize].as_str()).collect();
        let order = if order.is_empty() { String::new() } else { format!(" ORDER BY {}", order.join(", ")) };
        let passing = self.passing(end).map_or(String::new(), |condition| format!(" WHERE {condition}"));
        format!("{}{passing}{order}", self.select(end))
    }
    /// The rows with these keys; more may come where the target's collation is wider.
    pub(super) fn select_keys<'k>(&self, end: End, keys: impl Iterator<Item = &'k Vec<Cell>>) -> String {
        let one = |key: &'k Vec<Cell>| format!("({})", self.at_key(end, key, |c| &self.columns[c].names[end as usize]));
        let passing = self.passing(end).map_or(String::new(), |condition| format!("{condition} AND "));
        format!("{} WHERE {passing}({})", self.select(end), keys.map(one).collect::<Vec<_>>().join(" OR "))
    }
    pub(super) fn table_name(&self) -> &TableName {
        &self.table
    }
    /// Rows behind a key and up to another, in the server's own order of the key.
    pub(super) fn select_page(&self, end: End, above: Option<&Vec<Cell>>, upto: Option<&Vec<Cell>>, limit: Option<u64>) -> String {
        let mut conditions: Vec<String> = self.passing(end).map(|c| format!("({c})")).into_iter().collect();
        conditions.extend(above.map(|key| self.beyond(end, key, ">")));
        conditions.extend(upto.map(|key| self.beyond(end, key, "<")));
        let filter = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
        let order: Vec<&str> = self.key.iter().map(|&c| self.columns[c].names[end as usize].as_str()).collect();
        let limit = limit.map_or(String::new(), |n| format!(" LIMIT {n}"));
        format!("{}{filter} ORDER BY {}{limit}", self.select(end), order.join(", "))
    }
    /// `a > 1 OR (a = 1 AND b > 2)`, or from the other side with the key itself; with a bound on the first column alone, which
    /// an index can serve.
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

/// A column as one end describes it.
#[derive(Debug)]
struct Described {
    name: String,
    data_type: String,
    charset: Option<(String, String)>,
}

/// Lists the tables that a filter includes.
pub(super) async fn list(endpoint: &MysqlEndpoint, filter: &TableFilter) -> Result<Vec<TableName>> {
    let mut conn = session(endpoint).await?;
    let sql = "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE IN ('BASE TABLE','SYSTEM VERSIONED') ORDER BY 1, 2";
    let rows = rows::query(&mut conn, sql, "list the tables").await?;
    let names = rows.into_iter().map(|row| {
        let mut cells = row.into_iter().map(text);
        TableName::new(cells.next().unwrap_or_default(), cells.next().unwrap_or_default())
    });
    Ok(names.filter(|t| filter.includes(&t.schema, &t.table)).collect())
}

/// A table of the source whose rows are in a table of the target.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) table: TableName,
    /// The condition for its rows.
    pub(super) passing: Option<String>,
    /// Its columns that the target has; empty: all, by their own names.
    pub(super) columns: Vec<MappedColumn>,
}

impl Origin {
    /// The source's name of a column of the target.
    fn column<'a>(&'a self, to: &'a str) -> &'a str {
        self.columns.iter().find(|c| c.to.to_lowercase() == to.to_lowercase()).map_or(to, |c| &c.from)
    }
    fn has(&self, from: &str) -> bool {
        self.columns.is_empty() || self.columns.iter().any(|c| c.from.to_lowercase() == from.to_lowercase())
    }
    fn condition(&self) -> String {
        self.passing.as_ref().map_or(String::new(), |condition| format!(" WHERE {condition}"))
    }
}

/// Plans the comparison of a table of the target with those of the source whose rows it holds, at least one.
pub(super) async fn plan(ends: Ends<'_>, target_name: &TableName, origins: &[Origin]) -> Result<Planned> {
    let (mut src, mut dest) = ends.open().await?;
    let [first, more @ ..] = origins else {
        return Err(Error::permanent("unknown_table", format!("nothing goes into {target_name}")));
    };
    let table = if more.is_empty() { &first.table } else { target_name };
    let (source, target) = (describe(&mut src, &first.table).await?, describe(&mut dest, target_name).await?);
    if source.is_empty() {
        return Err(Error::permanent("unknown_table", format!("there is no table {} at {}", first.table, ends.src.address())));
    }
    let impossible = async |src: &mut Conn, why: String| {
        let mut source_rows = 0;
        for origin in origins {
            source_rows += count(src, &origin.table, &origin.condition()).await?;
        }
        Ok(Planned::Impossible { why, source_rows })
    };
    if target.is_empty() {
        return impossible(&mut src, format!("the table is missing at {}", ends.dest.address())).await;
    }
    let mut notes = vec![];
    let mut columns = vec![];
    let mut taken = vec![];
    for s in source.iter().filter(|s| first.has(&s.name)) {
        match target.iter().find(|t| first.column(&t.name).to_lowercase() == s.name.to_lowercase()) {
            Some(t) => {
                columns.push(column(s, t));
                taken.push(t.name.clone());
            }
            None => notes.push(format!("column {} is missing at the target", s.name)),
        }
    }
    // Where columns are mapped, others may be the target's own.
    let extra = target.iter().filter(|t| !taken.contains(&t.name) && first.columns.is_empty());
    notes.extend(extra.map(|t| format!("column {} is only at the target", t.name)));
    if columns.is_empty() {
        return impossible(&mut src, "the two tables have no column in common".into()).await;
    }
    let key = key(&mut src, &first.table).await?;
    let places: Option<Vec<usize>> = key.iter().map(|name| columns.iter().position(|c: &Column| &c.name == name)).collect();
    let key = places.filter(|k| k.iter().all(|&c| columns[c].class.orders())).unwrap_or_default();
    let (from, passing) = if more.is_empty() {
        (first.table.quoted(), first.passing.clone())
    } else {
        // All of them as one, under the first one's names.
        let one = |origin: &Origin| {
            let list: Vec<String> =
                columns.iter().zip(&taken).map(|(c, to)| format!("{} AS {}", quote(origin.column(to)), c.names[0])).collect();
            format!("SELECT {} FROM {}{}", list.join(", "), origin.table.quoted(), origin.condition())
        };
        (format!("({}) AS merged", origins.iter().map(one).collect::<Vec<_>>().join(" UNION ALL ")), None)
    };
    let own = |origin: &Origin| match more {
        [] => columns.iter().map(|c| c.names[0].clone()).collect(),
        _ => taken.iter().map(|to| quote(origin.column(to))).collect(),
    };
    let origins = origins.iter().map(|origin| (origin.table.clone(), own(origin))).collect();
    let (from, target) = ([from, target_name.quoted()], target_name.clone());
    Ok(Planned::Plan(Box::new(Plan { table: table.clone(), columns, key, from, passing, target, origins, notes })))
}

async fn count(conn: &mut Conn, table: &TableName, passing: &str) -> Result<u64> {
    let sql = format!("SELECT COUNT(*) FROM {}{passing}", table.quoted());
    let rows: Option<u64> = conn.query_first(sql).await.map_err(|e| Error::mysql(format!("count the rows of {table}"), e))?;
    Ok(rows.unwrap_or(0))
}

fn column(source: &Described, target: &Described) -> Column {
    let class = Class::of(&source.data_type, &target.data_type);
    // Bytes are compared as stored where both ends store the same encoding, else as utf8mb4.
    let family = |c: &(String, String)| if c.0.starts_with("utf8") { "utf8".to_owned() } else { c.0.clone() };
    let convert = match (&source.charset, &target.charset) {
        (Some(s), Some(t)) => family(s) != family(t),
        _ => false,
    };
    let ends = [source, target];
    Column {
        name: source.name.clone(),
        names: ends.map(|d| quote(&d.name)),
        class,
        select: ends.map(|d| class.select(&quote(&d.name), convert)),
        sort: ends.map(|d| class.sort(&quote(&d.name), convert)),
        charset: if convert { [None, None] } else { ends.map(|d| d.charset.clone()) },
    }
}

async fn describe(conn: &mut Conn, table: &TableName) -> Result<Vec<Described>> {
    let sql = format!(
        "SELECT COLUMN_NAME, LOWER(DATA_TYPE), CHARACTER_SET_NAME, COLLATION_NAME FROM information_schema.COLUMNS WHERE {} ORDER BY ORDINAL_POSITION",
        place(table)
    );
    let rows = rows::query(conn, &sql, &format!("read the definition of {table}")).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let mut cells = row.into_iter();
            let mut next = || cells.next().flatten().map(|b| String::from_utf8_lossy(&b).into_owned());
            let (name, data_type) = (next().unwrap_or_default(), next().unwrap_or_default());
            Described { name, data_type, charset: next().zip(next()) }
        })
        .collect())
}

/// The columns of the primary key, else of a unique key without NULLs and prefixes; none: the table is keyless.
async fn key(conn: &mut Conn, table: &TableName) -> Result<Vec<String>> {
    let sql = format!(
        "SELECT INDEX_NAME, COLUMN_NAME, IF(NULLABLE='YES' OR SUB_PART IS NOT NULL OR COLUMN_NAME IS NULL, 'no', 'yes') \
         FROM information_schema.STATISTICS WHERE {} AND NON_UNIQUE=0 ORDER BY INDEX_NAME<>'PRIMARY', INDEX_NAME, SEQ_IN_INDEX",
        place(table)
    );
    let rows = rows::query(conn, &sql, &format!("read the keys of {table}")).await?;
    let mut keys: Vec<(String, Vec<String>, bool)> = vec![];
    for row in rows {
        let mut cells = row.into_iter().map(text);
        let mut next = || cells.next().unwrap_or_default();
        let (index, column, usable) = (next(), next(), next() == "yes");
        match keys.last_mut() {
            Some(last) if last.0 == index => {
                last.1.push(column);
                last.2 &= usable;
            }
            _ => keys.push((index, vec![column], usable)),
        }
    }
    Ok(keys.into_iter().find(|k| k.2).map(|k| k.1).unwrap_or_default())
}

fn place(table: &TableName) -> String {
    let hex = |s: &str| format!("CONVERT(x'{}' USING utf8mb4)", s.bytes().map(|b| format!("{b:02x}")).collect::<String>());
    format!("TABLE_SCHEMA={} AND TABLE_NAME={}", hex(&table.schema), hex(&table.table))
}

fn text(cell: Cell) -> String {
    cell.map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default()
}
