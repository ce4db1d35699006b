//! Rows of merged tables with equal keys: says whose they are, and lets the job's next start copy all of these tables again.
//!
//! Whatever is done about it at the source is then in the log, as changes of rows that the target does not tell apart: a row that one
//! table gives up would take the other's along. So nothing is kept of the copies that were made before.

use super::engine::Engine;
use crate::model::replicate::{TableName, quote};
use crate::replicate::connect::Flavor;
use crate::replicate::orders::Orders;
use crate::replicate::run::RunContext;
use crate::replicate::schema::read::{ask, read_tables};
use crate::replicate::table::Table;
use crate::replicate::{Error, Result};
use std::time::{Duration, Instant};

/// The copier's code.
pub(super) const CODE: &str = "key_collision";

/// How long the source is asked whose rows they are.
const SEARCH: Duration = Duration::from_secs(10);

impl Engine<'_> {
    /// Returns what a copy ended with in words that name the tables.
    pub(super) async fn collided(&mut self, index: usize, error: Error) -> Error {
        let table = self.tables[index].name.clone();
        let mut others = self.merged_with(&table);
        if error.code != CODE || others.is_empty() {
            return error;
        }
        let _patient = self.pulse.be_patient();
        let target = self.ctx.spec.src.filter.target(&table);
        // Who it is with is for the message only.
        let found = self.sharing(&table, &others).await.unwrap_or_default();
        let keys = found.key.map_or_else(String::new, |key| format!(" ({key})"));
        let message = match found.with {
            Some(other) => format!("{table} and {other} are merged into {target} and have rows of equal keys{keys}"),
            None => {
                format!("{table} is merged into {target} and has rows whose keys{keys} are others' there, of {} or its own", some(&others))
            }
        };
        others.push(table);
        let again = match order(self.ctx, others).await {
            Ok(()) => format!("then `syncline jobs retry`: all that are merged into {target} are copied again"),
            Err(_) => "delete the job and the table at the target, and create the job again".to_owned(),
        };
        let hint = format!("make the keys disjoint at the source, as the collation at the target compares them; {again}");
        Error { message, hint, ..error }
    }

    /// Looks for another table that has a key of this one, by the source's collations.
    async fn sharing(&mut self, table: &TableName, others: &[TableName]) -> Result<Found> {
        self.wake().await?;
        let mut names = vec![table.clone()];
        names.extend_from_slice(others);
        let mut read = read_tables(&mut self.conn, self.source, &names).await?.into_iter();
        let Some(table) = read.next().filter(|t| t.name == *table) else { return Ok(Found::default()) };
        let (Some(key), until) = (self.key(&table), Instant::now() + SEARCH) else { return Ok(Found::default()) };
        let mut found = Found { key: Some(key.iter().map(|(here, _)| *here).collect::<Vec<_>>().join(", ")), with: None };
        for other in read {
            let left = until.saturating_duration_since(Instant::now());
            let Some(theirs) = self.key(&other).filter(|_| !left.is_zero()) else { break };
            if self.filtered(&table) || self.filtered(&other) {
                continue;
            }
            let Some(sql) = in_common(self.source.flavor, left, (&table, &key), (&other, &theirs)) else { continue };
            if !ask(&mut self.conn, &sql, "look for keys in common").await?.is_empty() {
                found.with = Some(other.name.clone());
                break;
            }
        }
        Ok(found)
    }

    /// Says whether only some of a table's rows count.
    fn filtered(&self, table: &Table) -> bool {
        self.ctx.spec.src.filter.rows(&table.name.schema, &table.name.table).is_some()
    }

    /// The columns of a table's key, here and at the target.
    fn key<'t>(&self, table: &'t Table) -> Option<Vec<(&'t str, String)>> {
        let pairs = self.ctx.spec.src.filter.columns(&table.name);
        let there = |name: &str| pairs.iter().find(|p| p.from.eq_ignore_ascii_case(name)).map_or(name, |p| &p.to).to_lowercase();
        Some(table.row_key()?.columns.iter().map(|&at| table.columns[at].name.as_str()).map(|name| (name, there(name))).collect())
    }
}

async fn order(ctx: &RunContext, tables: Vec<TableName>) -> Result<()> {
    let mut orders = Orders::of(&ctx.memory.load().await?)?;
    orders.reload.extend(tables);
    orders.reload.sort();
    orders.reload.dedup();
    ctx.memory.save(orders.documents()).await
}

#[derive(Debug, Default)]
struct Found {
    /// The key's columns at the source.
    key: Option<String>,
    with: Option<TableName>,
}

/// Asks for one key that both tables have. None: their keys are not of the same columns.
fn in_common(flavor: Flavor, patience: Duration, one: (&Table, &[(&str, String)]), other: (&Table, &[(&str, String)])) -> Option<String> {
    let mut pairs = Vec::new();
    for (here, there) in one.1 {
        let (theirs, _) = other.1.iter().find(|(_, name)| name == there)?;
        pairs.push(format!("a.{} = b.{}", quote(here), quote(theirs)));
    }
    let (before, hint) = match flavor {
        Flavor::Mysql => (String::new(), format!("/*+ MAX_EXECUTION_TIME({}) */ ", patience.as_millis())),
        Flavor::Mariadb => (format!("SET STATEMENT max_statement_time={} FOR ", patience.as_secs_f32()), String::new()),
    };
    let (a, b) = (one.0.name.quoted(), other.0.name.quoted());
    Some(format!("{before}SELECT {hint}1 FROM {a} AS a JOIN {b} AS b ON {} LIMIT 1", pairs.join(" AND ")))
}

/// The first few.
fn some(names: &[TableName]) -> String {
    let first: Vec<_> = names.iter().take(5).map(ToString::to_string).collect();
    let more = names.len() - first.len();
    if more == 0 { first.join(", ") } else { format!("{} and {more} more", first.join(", ")) }
}
