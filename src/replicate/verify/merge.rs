//! Keyed tables row by row: both ends are read in key order at once, one row of each in memory. The whole table, or a range.

use super::plan::{End, Plan, Range};
use super::rows::{self, Cell};
use super::{Candidate, Conns, DifferenceKind, Found, Options};
use crate::replicate::connect::{Conn, Rows};
use crate::replicate::{Error, Result};
use std::cmp::Ordering;

/// Candidates kept for a second look. A table that is further off needs repair, not a longer list.
const MOST_CANDIDATES: usize = 100_000;
const MOST_CANDIDATE_BYTES: usize = 64 << 20;

pub(super) async fn compare(conns: &mut Conns, plan: &Plan, range: &Range, collector: &mut Collector) -> Result<()> {
    let mut source = Side::open(&mut conns.src, plan, End::Source, range).await?;
    let mut target = Side::open(&mut conns.dest, plan, End::Target, range).await?;
    loop {
        let order = match (&source.row, &target.row) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(s), Some(t)) => key_order(plan, s, t),
        };
        match order {
            Ordering::Less => {
                collector.add(plan, source.row.as_deref(), None)?;
                source.advance(plan).await?;
            }
            Ordering::Greater => {
                collector.add(plan, None, target.row.as_deref())?;
                target.advance(plan).await?;
            }
            Ordering::Equal => {
                collector.add(plan, source.row.as_deref(), target.row.as_deref())?;
                source.advance(plan).await?;
                target.advance(plan).await?;
            }
        }
    }
    let found = &mut collector.found;
    found.source_rows += source.count;
    found.target_rows += target.count;
    found.read += source.count;
    Ok(())
}

/// What differs between two versions of a row, if anything.
pub(super) fn difference(plan: &Plan, source: Option<&[Cell]>, target: Option<&[Cell]>) -> Option<(DifferenceKind, Vec<usize>)> {
    match (source, target) {
        (Some(s), Some(t)) => {
            let differs = |c: &usize| !plan.columns[*c].class.same(s[*c].as_deref(), t[*c].as_deref());
            let columns: Vec<usize> = (0..plan.columns.len()).filter(differs).collect();
            (!columns.is_empty()).then_some((DifferenceKind::Changed, columns))
        }
        (Some(_), None) => Some((DifferenceKind::Missing, vec![])),
        (None, Some(_)) => Some((DifferenceKind::Extra, vec![])),
        (None, None) => None,
    }
}

fn key_order(plan: &Plan, a: &[Cell], b: &[Cell]) -> Ordering {
    let one = |&c: &usize| plan.columns[c].class.order(a[c].as_deref(), b[c].as_deref());
    plan.key.iter().map(one).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
}

pub(super) struct Collector {
    pub(super) found: Found,
    bytes: usize,
    options: Options,
}

/// What was found before a range, to go back to when it is read again.
#[derive(Clone, Copy)]
pub(super) struct Before {
    counts: [u64; 4],
    candidates: usize,
    bytes: usize,
}

impl Collector {
    pub(super) fn before(&self) -> Before {
        let Found { source_rows, target_rows, read, candidates, different } = &self.found;
        Before { counts: [*source_rows, *target_rows, *read, *different], candidates: candidates.len(), bytes: self.bytes }
    }

    pub(super) fn back_to(&mut self, before: Before) {
        let Before { counts: [source_rows, target_rows, read, different], candidates, bytes } = before;
        self.found.candidates.truncate(candidates);
        let candidates = std::mem::take(&mut self.found.candidates);
        (self.found, self.bytes) = (Found { source_rows, target_rows, read, candidates, different }, bytes);
    }

    pub(super) fn new(options: Options) -> Self {
        Self { found: Found::default(), bytes: 0, options }
    }

    fn add(&mut self, plan: &Plan, source: Option<&[Cell]>, target: Option<&[Cell]>) -> Result<()> {
        let Some((kind, columns)) = difference(plan, source, target) else { return Ok(()) };
        self.found.different += 1;
        let Some(row) = source.or(target) else { return Ok(()) };
        let kept = self.found.candidates.len();
        if self.options.recheck_for.is_zero() {
            // Nothing is looked at again: only what will be shown is kept.
            if kept >= self.options.max_differences {
                return Ok(());
            }
        } else if kept >= MOST_CANDIDATES || self.bytes >= MOST_CANDIDATE_BYTES {
            let message = format!("more than {kept} rows of {} differ, too many to look at each again", plan.table);
            return Err(Error::permanent("too_many_differences", message).hint("reload the table, or verify without a second look"));
        }
        let key = plan.key_of(row);
        self.bytes += 96 + key.iter().flatten().map(|k| k.len() + 24).sum::<usize>();
        self.found.candidates.push(Candidate { key, kind, columns, source: None, mark: None, ripe: false });
        Ok(())
    }
}

/// One end's rows, the current one at hand.
struct Side<'c> {
    result: Rows<'c>,
    row: Option<Vec<Cell>>,
    count: u64,
    end: End,
}

impl<'c> Side<'c> {
    async fn open(conn: &'c mut Conn, plan: &Plan, end: End, range: &Range) -> Result<Self> {
        let result = conn.rows(plan.select_range(end, range)).await.map_err(|e| Error::mysql(format!("read {}", plan.table), e))?;
        let mut side = Self { result, row: None, count: 0, end };
        side.advance(plan).await?;
        Ok(side)
    }

    async fn advance(&mut self, plan: &Plan) -> Result<()> {
        let next = self.result.next().await.map_err(|e| Error::mysql(format!("read {}", plan.table), e))?;
        let next = next.map(rows::cells);
        self.count += u64::from(next.is_some());
        // A server that sorts otherwise than we do would make every row a difference: say that instead.
        if let (Some(before), Some(now)) = (&self.row, &next)
            && key_order(plan, before, now).is_gt()
        {
            let message = format!("the {:?} returned {} in another order than expected", self.end, plan.table);
            return Err(Error::permanent("verify_order", message));
        }
        self.row = next;
        Ok(())
    }
}
