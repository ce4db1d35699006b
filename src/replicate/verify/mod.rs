//! The differ: reads both servers row by row and says where they are not the same. The oracle of the tests, and
//! `jobs verify`.
//!
//! It shares no code with copy and decoder, on purpose: own reading of the definitions (`definition`), plain SELECTs on
//! both sides, values compared by what they mean per type (`value`), so that what one of those gets wrong shows here.
//! Only opening a connection is shared, and how a row filter
//! is read: which rows pass it the source's server says.
//!
//! ```text
//!  keyed table    ranges of the key, added up by both servers ──differ──▶ merge ──▶ candidates ──▶ recheck ──▶ verdict
//!  keyless table  hash of every row at both ends ──▶ multiset ──▶ looked at again as a whole ──▶ verdict
//! ```
//! Sums only ever say that rows are equal (`sums`, `walk`), and only where they are asked for: the oracle reads every row.
//!
//! While writers run, a row that differs is only a candidate: both ends are read again until they agree, or until the job that
//! brings changes has applied all that the source had done when the row was read there (`reached`); where no job is known, until
//! `recheck_for` is over and the source row did not change between two looks. What differs then can be handed on to be repaired
//! (`repair`), and is read once more. Definitions that differ are judged in the same way (`settled`). Servers that are away are asked again (`again`). Reports hold keys and column names, never
//! other values. Memory is bounded: one row per side, the candidates and the hashes.

mod again;
mod definition;
mod json;
mod merge;
mod multiset;
mod paced;
mod plan;
mod reached;
mod recheck;
mod repair;
mod rows;
mod settled;
mod sums;
mod value;
mod verdict;
mod walk;

use super::filter::Filter;
use super::repair::{Damaged, Mended};
use super::{Error, Kind, Result, connect};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::replicate::{TableFilter, TableName};
use crate::replicate::connect::Conn;
pub use again::Again;
use again::Attempts;
use definition::Origin;
use futures::future::BoxFuture;
pub use paced::Pace;
use plan::Plan;
use reached::Mark;
pub use reached::{Arrived, Reached};
use settled::Settled;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
pub use verdict::{Difference, DifferenceKind, Outcome, TableVerdict, VerifyReport};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Differences listed per table; all are counted.
    pub max_differences: usize,
    /// How long a row that differs may take to become equal where nobody knows who copies: more than the replication lag. So long
    /// a row may go on changing, too. Zero: no second look.
    pub recheck_for: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_differences: 20, recheck_for: Duration::from_secs(30) }
    }
}

/// What one pass over a table found.
#[derive(Debug, Default)]
struct Found {
    source_rows: u64,
    target_rows: u64,
    /// Rows of the source that were read one by one.
    read: u64,
    candidates: Vec<Candidate>,
    /// All that differ, also those that are not in `candidates`.
    different: u64,
}

impl Found {
    /// The target's rows as of the last look, told from the source's: the first pass met rows that were on their way.
    fn target_rows_now(&self, options: &Options) -> u64 {
        if options.recheck_for.is_zero() {
            return self.target_rows;
        }
        let kind = |kind| self.candidates.iter().filter(|c| c.kind == kind).count() as u64;
        if self.candidates.len() as u64 != self.different {
            return self.target_rows;
        }
        (self.source_rows + kind(DifferenceKind::Extra)).saturating_sub(kind(DifferenceKind::Missing))
    }
}

/// A row that differs at this look.
#[derive(Debug, Clone)]
struct Candidate {
    key: Vec<rows::Cell>,
    kind: DifferenceKind,
    /// Indexes into the plan's columns.
    columns: Vec<usize>,
    /// A hash of the source row at the last look.
    source: Option<rows::Hash>,
    /// Of what it was when it was seen to be that first; None: it was not looked at a second time.
    mark: Option<Mark>,
    /// What the source had then was at the target before this look began.
    ripe: bool,
}

/// What a comparison has beside the two servers.
#[derive(Clone, Copy)]
pub struct Beside<'a> {
    pub arrived: Arrived<'a>,
    pub again: Again<'a>,
    pub repairer: Option<Repairer<'a>>,
    /// The servers add up their rows, and those of sums that differ are read; else every row is.
    pub by_sums: bool,
    /// None: as fast as the servers answer.
    pub pace: Option<Pace<'a>>,
    /// Begins behind this table, as it is called in a verdict.
    pub after: Option<&'a TableName>,
}

impl Beside<'_> {
    /// Who copies is not known: only time tells.
    pub const NOTHING: Self =
        Self { arrived: &|_| Reached::Unknown, again: &|_, _| None, repairer: None, by_sums: false, pace: None, after: None };
}

/// Takes rows that differ and has them repaired, or says how that would be done.
pub type Repairer<'a> = &'a (dyn Fn(Damaged) -> BoxFuture<'a, Result<Repair>> + Sync);

/// What has become of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// They should be equal now.
    Done(Mended),
    /// Nothing was changed; so many of the first keys are done with.
    Noted(usize),
}

/// Compares tables of two servers: the named ones, or with an empty list all that `filter` includes at the source.
/// `progress` gets each table's verdict as it is reached. Ends with an error only when a server cannot be asked or on
/// `cancel`; what is wrong with one table is its verdict.
pub async fn verify(
    src: &MysqlEndpoint,
    dest: &MysqlEndpoint,
    tables: &[TableName],
    filter: &TableFilter,
    options: Options,
    progress: impl Fn(TableVerdict) + Send,
    cancel: &CancellationToken,
) -> Result<VerifyReport> {
    verify_copied(src, dest, tables, filter, options, Beside::NOTHING, progress, cancel).await
}

/// The same of a job that is known: a difference that its own lag cannot explain any more is not waited for.
#[expect(clippy::too_many_arguments, reason = "each is another thing, and the two callers name them in this order")]
pub async fn verify_copied(
    src: &MysqlEndpoint,
    dest: &MysqlEndpoint,
    tables: &[TableName],
    filter: &TableFilter,
    options: Options,
    beside: Beside<'_>,
    progress: impl Fn(TableVerdict) + Send,
    cancel: &CancellationToken,
) -> Result<VerifyReport> {
    let work = async {
        let ends = Ends { src, dest, again: beside.again };
        let named = |of: &TableName| tables.is_empty() || tables.iter().any(|t| filter.target(t) == filter.target(of));
        // Tables that are not there any more may be asked for too.
        let listed = if tables.is_empty() || filter.maps() { definition::list(ends, filter).await? } else { tables.to_vec() };
        let mut groups: Vec<(TableName, Vec<TableName>)> = Vec::new();
        for table in listed.into_iter().filter(|t| named(t)) {
            let target = filter.target(&table);
            match groups.iter_mut().find(|(name, _)| *name == target) {
                Some((_, group)) => group.push(table),
                None => groups.push((target, vec![table])),
            }
        }
        let mut report = VerifyReport::default();
        let called =
            |(target, group): &(TableName, Vec<TableName>)| if let [only] = group.as_slice() { only.clone() } else { target.clone() };
        let passed = |name: &TableName| groups.iter().position(|g| called(g) == *name).map_or(0, |at| at + 1);
        for (target, group) in &groups[beside.after.map_or(0, passed)..] {
            let table = if let [only] = group.as_slice() { only } else { target };
            let verdict = match Box::pin(compare(ends, (table, target, group), filter, options, beside)).await {
                Ok(verdict) => verdict,
                // Servers that are away or refuse us are not this table's fault.
                Err(e) if e.kind != Kind::Permanent => return Err(e.context(format!("verify {table}"))),
                // Nobody named it, and it was dropped since it was listed.
                Err(_) if tables.is_empty() && !definition::list(ends, filter).await?.iter().any(|t| group.contains(t)) => continue,
                Err(e) => TableVerdict::failed(table, e),
            };
            progress(verdict.clone());
            report.tables.push(verdict);
        }
        Ok(report)
    };
    cancel.run_until_cancelled(work).await.unwrap_or_else(|| Err(Error::transient("cancelled", "verification was cancelled")))
}

async fn compare(
    ends: Ends<'_>,
    (table, target, group): (&TableName, &TableName, &[TableName]),
    filter: &TableFilter,
    options: Options,
    Beside { arrived, again: _, repairer, by_sums, pace, after: _ }: Beside<'_>,
) -> Result<TableVerdict> {
    let mut verdict = TableVerdict::new(table);
    if arrived(group) == Reached::Uncopied {
        return Ok(TableVerdict { outcome: Outcome::Uncopied, ..verdict });
    }
    // The source itself says which rows pass: what our own filter gets wrong shows as a difference.
    let origin = |table: &TableName| {
        let passing = filter.rows(&table.schema, &table.table).map(Filter::parse).transpose()?.and_then(|f| f.sql());
        Ok(Origin { table: table.clone(), passing, columns: filter.columns(table).to_vec() })
    };
    let origins = group.iter().map(origin).collect::<Result<Vec<_>>>()?;
    let plan = match settled::settle(ends, target, &origins, options, arrived, pace).await? {
        Settled::Judged(definition::Planned::Plan(plan)) => plan,
        Settled::Judged(definition::Planned::Impossible(why)) => {
            verdict.definition.push(why);
            let rows = definition::rows(ends, &origins).await?;
            verdict.source_rows = Some(rows);
            // An empty table that is missing is a difference too.
            verdict.different = rows.max(1);
            verdict.outcome = Outcome::Different;
            return Ok(verdict);
        }
        Settled::Late(notes) => {
            (verdict.definition, verdict.outcome) = (notes, Outcome::Unsettled);
            return Ok(verdict);
        }
    };
    verdict.definition.clone_from(&plan.notes);
    let (found, unsettled) = if plan.key.is_empty() {
        let began = Instant::now();
        let found = multiset::compare(ends, &plan, options, arrived, &mut verdict).await?;
        verdict.read = found.0.read;
        if let Some(pace) = pace {
            pace.rest(began.elapsed(), found.0.source_rows).await;
        }
        if repairer.is_some() && found.0.different > 0 {
            verdict.unrepaired =
                Some("rows without a key cannot be told apart: copy the whole table again (jobs tables reload)".to_owned());
        }
        found
    } else {
        let manner = walk::Manner { by_sums, pace };
        let found = walk::compare(ends, &plan, options, manner).await?;
        verdict.read = found.read;
        let settled = recheck::settle(ends, &plan, found, options, arrived, pace, &mut verdict).await?;
        match repairer {
            Some(repairer) => repair::repair(ends, &plan, settled, (options, manner), (arrived, repairer), &mut verdict).await?,
            None => settled,
        }
    };
    verdict.source_rows = Some(found.source_rows);
    // Rows that are put aside as unsettled are no candidates any more: the target may or may not have them.
    verdict.target_rows = (unsettled == 0).then(|| found.target_rows_now(&options));
    verdict.different = found.different;
    verdict.unsettled = unsettled;
    verdict.differences = found.candidates.iter().take(options.max_differences).map(|c| describe(&plan, c)).collect();
    verdict.outcome = if verdict.different > 0 || !verdict.definition.is_empty() {
        Outcome::Different
    } else if unsettled > 0 {
        Outcome::Unsettled
    } else {
        Outcome::Equal
    };
    Ok(verdict)
}

/// The two servers.
#[derive(Clone, Copy)]
struct Ends<'a> {
    src: &'a MysqlEndpoint,
    dest: &'a MysqlEndpoint,
    again: Again<'a>,
}

/// A session at each.
struct Conns {
    src: Conn,
    dest: Conn,
}

impl<'a> Ends<'a> {
    async fn open(self) -> Result<Conns> {
        Ok(Conns { src: session(self.src).await?, dest: session(self.dest).await? })
    }
    async fn source(self) -> Result<Conn> {
        session(self.src).await
    }
    fn attempts(self) -> Attempts<'a> {
        Attempts::new(self.again)
    }
}

impl Conns {
    /// None where one of them was closed during a rest.
    async fn awake(mut self) -> Option<Self> {
        (self.src.ping().await.is_ok() && self.dest.ping().await.is_ok()).then_some(self)
    }
}

async fn session(endpoint: &MysqlEndpoint) -> Result<Conn> {
    let mut conn = connect::faithful(endpoint, false).await?;
    // Longer keys would otherwise be sorted by their first kilobyte only.
    rows::execute(&mut conn, "SET SESSION max_sort_length=8192", "prepare the comparison").await?;
    Ok(conn)
}

fn describe(plan: &Plan, candidate: &Candidate) -> Difference {
    let key = if plan.key.is_empty() {
        let hash = candidate.source.as_ref().map_or(String::new(), rows::hex);
        format!("row {hash}")
    } else {
        let parts = plan.key.iter().zip(&candidate.key);
        parts.map(|(&c, cell)| format!("{}={}", plan.columns[c].name, value::key_text(cell.as_deref()))).collect::<Vec<_>>().join(", ")
    };
    Difference { kind: candidate.kind, key, columns: candidate.columns.iter().map(|&c| plan.columns[c].name.clone()).collect() }
}
