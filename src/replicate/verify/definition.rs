//! What the two ends say of a table, and from it how it is compared. Its own reading of information_schema: an error of
//! `schema/` must not hide here.

use super::plan::{Column, Plan, Walk};
use super::rows::{self, Cell};
use super::value::Class;
use super::{Conns, Ends, session, sums};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::replicate::{MappedColumn, TableFilter, TableName, quote};
use crate::replicate::connect::Conn;
use crate::replicate::{Error, Result};

pub(super) enum Planned {
    /// Its notes say where the two definitions differ.
    Plan(Box<Plan>),
    /// Why nothing of the target's can be compared: every row of the source differs.
    Impossible(String),
}

/// A column as one end describes it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Described {
    name: String,
    data_type: String,
    nullable: bool,
    charset: Option<(String, String)>,
}

/// Lists the tables that a filter includes.
pub(super) async fn list(ends: Ends<'_>, filter: &TableFilter) -> Result<Vec<TableName>> {
    let mut attempts = ends.attempts();
    loop {
        match list_once(ends.src, filter).await {
            Err(e) => attempts.next(e).await?,
            listed => return listed,
        }
    }
}

async fn list_once(endpoint: &MysqlEndpoint, filter: &TableFilter) -> Result<Vec<TableName>> {
    let mut conn = session(endpoint).await?;
    let sql = "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE IN ('BASE TABLE','SYSTEM VERSIONED') ORDER BY 1, 2";
    let rows = rows::query(&mut conn, sql, "list the tables").await?;
    let names = rows.into_iter().map(|row| {
        let mut cells = row.into_iter().map(text);
        TableName::new(cells.next().unwrap_or_default(), cells.next().unwrap_or_default())
    });
    Ok(names.filter(|t| filter.copies(&t.schema, &t.table)).collect())
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

/// Plans the comparison of a table of the target with those of the source whose rows it holds, at least one, from what the two
/// ends say now; also returns what the source said.
pub(super) async fn plan(
    ends: Ends<'_>,
    Conns { src, dest }: &mut Conns,
    target_name: &TableName,
    origins: &[Origin],
) -> Result<(Planned, Vec<Described>)> {
    let [first, more @ ..] = origins else {
        return Err(Error::permanent("unknown_table", format!("nothing goes into {target_name}")));
    };
    let table = if more.is_empty() { &first.table } else { target_name };
    let (source, target) = (describe(src, &first.table).await?, describe(dest, target_name).await?);
    if source.is_empty() {
        return Err(Error::permanent("unknown_table", format!("there is no table {} at {}", first.table, ends.src.address())));
    }
    if target.is_empty() {
        return Ok((Planned::Impossible(format!("the table is missing at {}", ends.dest.address())), source));
    }
    let mut notes = vec![];
    let mut columns = vec![];
    let mut taken = vec![];
    let mut walks = vec![];
    for s in source.iter().filter(|s| first.has(&s.name)) {
        match target.iter().find(|t| first.column(&t.name).to_lowercase() == s.name.to_lowercase()) {
            Some(t) => {
                columns.push(column(s, t));
                walks.push(walk(s, t));
                taken.push(t.name.clone());
            }
            None => notes.push(format!("column {} is missing at the target", s.name)),
        }
    }
    // Where columns are mapped, others may be the target's own.
    let extra = target.iter().filter(|t| !taken.contains(&t.name) && first.columns.is_empty());
    notes.extend(extra.map(|t| format!("column {} is only at the target", t.name)));
    if columns.is_empty() {
        return Ok((Planned::Impossible("the two tables have no column in common".into()), source));
    }
    let key = key(src, &first.table).await?;
    let places: Option<Vec<usize>> = key.iter().map(|name| columns.iter().position(|c: &Column| &c.name == name)).collect();
    let key = places.filter(|k| k.iter().all(|&c| columns[c].class.orders())).unwrap_or_default();
    // Merged tables are read as one, which no index serves.
    let most = if more.is_empty() { Walk::Straight } else { Walk::Crooked };
    let walk = key.iter().map(|&c| walks[c]).chain([most]).min().filter(|_| !key.is_empty()).unwrap_or(Walk::Never);
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
    let plan = Plan { table: table.clone(), columns, key, from, passing, target, origins, notes, walk };
    Ok((Planned::Plan(Box::new(plan)), source))
}

/// Counts the source's rows that belong at the target.
pub(super) async fn rows(ends: Ends<'_>, origins: &[Origin]) -> Result<u64> {
    let mut attempts = ends.attempts();
    'again: loop {
        let mut all = 0;
        for origin in origins {
            let counted = async { count(&mut ends.source().await?, &origin.table, &origin.condition()).await };
            match counted.await {
                Ok(rows) => all += rows,
                Err(e) => {
                    attempts.next(e).await?;
                    continue 'again;
                }
            }
        }
        return Ok(all);
    }
}

async fn count(conn: &mut Conn, table: &TableName, passing: &str) -> Result<u64> {
    let sql = format!("SELECT COUNT(*) FROM {}{passing}", table.quoted());
    let rows: Option<u64> = conn.query_first(sql).await.map_err(|e| Error::mysql(format!("count the rows of {table}"), e))?;
    Ok(rows.unwrap_or(0))
}

fn column(source: &Described, target: &Described) -> Column {
    let class = Class::of(&source.data_type, &target.data_type);
    // Bytes are compared as stored where both ends store the same encoding, else as utf8mb4.
    let convert = match (&source.charset, &target.charset) {
        (Some(s), Some(t)) => family(s) != family(t),
        _ => false,
    };
    let ends = [source, target];
    let types = (source.data_type.as_str(), target.data_type.as_str());
    Column {
        name: source.name.clone(),
        names: ends.map(|d| quote(&d.name)),
        class,
        token: sums::is_written_alike(class, types).then(|| ends.map(|d| sums::token(class, &d.data_type, &quote(&d.name), convert))),
        select: ends.map(|d| class.select(&quote(&d.name), convert)),
        sort: ends.map(|d| class.sort(&quote(&d.name), convert)),
        charset: if convert { [None, None] } else { ends.map(|d| d.charset.clone()) },
    }
}

/// What a column of the key allows.
fn walk(source: &Described, target: &Described) -> Walk {
    // A NULL is in no range. Where bytes have to be converted, what is behind a value is not what is sorted behind it.
    if target.nullable || source.charset.as_ref().map(family) != target.charset.as_ref().map(family) {
        return Walk::Never;
    }
    let collation = |d: &Described| d.charset.as_ref().map(|(_, name)| name.replace("utf8_", "utf8mb3_"));
    match Class::of(&source.data_type, &target.data_type) {
        Class::Text if collation(source) != collation(target) => Walk::Crooked,
        Class::Number | Class::Bit | Class::Date | Class::Time | Class::Text | Class::Bytes => Walk::Straight,
        // No index serves a member's number; what is spelled is sorted by each version in its own way.
        Class::Float | Class::Member | Class::Spelled | Class::Json | Class::Opaque => Walk::Crooked,
    }
}

/// Charsets of a family store the same bytes.
fn family((charset, _): &(String, String)) -> &str {
    if charset.starts_with("utf8") { "utf8" } else { charset }
}

async fn describe(conn: &mut Conn, table: &TableName) -> Result<Vec<Described>> {
    let sql = format!(
        "SELECT COLUMN_NAME, LOWER(DATA_TYPE), IS_NULLABLE, CHARACTER_SET_NAME, COLLATION_NAME FROM information_schema.COLUMNS WHERE {} ORDER BY ORDINAL_POSITION",
        place(table)
    );
    let rows = rows::query(conn, &sql, &format!("read the definition of {table}")).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let mut cells = row.into_iter();
            let mut next = || cells.next().flatten().map(|b| String::from_utf8_lossy(&b).into_owned());
            let (name, data_type, nullable) = (next().unwrap_or_default(), next().unwrap_or_default(), next().unwrap_or_default());
            Described { name, data_type, nullable: nullable != "NO", charset: next().zip(next()) }
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
