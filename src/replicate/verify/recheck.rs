//! The second look: replication lag is not a difference. Candidates are read again by key at both ends until they are
//! equal, or until the source's row stayed the same between two looks and the job has brought all that was behind the first
//! of them (`reached`); where no job is known, until time is up.

use super::merge::difference;
use super::plan::{End, Plan};
use super::reached::{self, Asks, Mark, Reached, Waiting};
use super::rows::{self, Cell};
use super::{Arrived, Candidate, Conns, Ends, Found, Options, Pace, TableVerdict};
use crate::replicate::Result;
use std::time::{Duration, Instant};

/// Between two looks; shorter where the whole time is.
const PAUSE: Duration = Duration::from_millis(200);
/// Keys per query.
const BATCH: usize = 100;
/// A row that the source changes without a break is given up after this many times `recheck_for`.
const PATIENCE: u32 = 3;

/// Returns what really differs, and how many rows never stood still or never came.
pub(super) async fn settle(
    ends: Ends<'_>,
    plan: &Plan,
    mut found: Found,
    options: Options,
    arrived: Arrived<'_>,
    pace: Option<Pace<'_>>,
    verdict: &mut TableVerdict,
) -> Result<(Found, u64)> {
    if options.recheck_for.is_zero() || found.candidates.is_empty() {
        return Ok((found, 0));
    }
    let begun = Instant::now();
    let first = found.candidates.len();
    let mut open = std::mem::take(&mut found.candidates);
    let tables = reached::tables(plan);
    let (mut looker, mut waiting) = (Looker { ends, plan, conns: None, asks: Asks::default() }, Waiting::new());
    let least = PAUSE.min(options.recheck_for);
    let mut rest = least;
    // Two looks tell whether a row stands still, however short the time is.
    for looks in 1u32.. {
        tokio::time::sleep(rest).await;
        let began = Instant::now();
        let reached = arrived(&tables);
        let time_is_up = reached == Reached::Unknown && begun.elapsed() >= options.recheck_for;
        for candidate in &mut open {
            candidate.ripe = candidate.mark.as_ref().is_some_and(|mark| mark.has_arrived(&reached));
        }
        let looked = looker.patiently(&open, &reached).await?;
        open = vec![];
        let mut late = 0;
        for (candidate, steady) in looked {
            if steady && (time_is_up || candidate.ripe) {
                found.candidates.push(candidate);
            } else {
                late += u64::from(steady);
                open.push(candidate);
            }
        }
        // Many that are in flight must not cost the job more than the first pass does.
        rest = reached::rest(least, began.elapsed());
        rest = pace.map_or(rest, |pace| rest.max(pace.pause(began.elapsed(), 0)));
        let comes = waiting.goes_on(&reached) && late > 0;
        let in_vain = waiting.is_in_vain(&reached) && late == open.len() as u64;
        if open.is_empty() || looks > 2 && (in_vain || begun.elapsed() >= options.recheck_for * PATIENCE && !comes) {
            verdict.late = late;
            break;
        }
    }
    found.different = found.candidates.len() as u64;
    verdict.settled = (first - found.candidates.len() - open.len()) as u64;
    Ok((found, open.len() as u64))
}

/// Reads candidates again.
struct Looker<'a> {
    ends: Ends<'a>,
    plan: &'a Plan,
    conns: Option<Conns>,
    asks: Asks,
}

impl Looker<'_> {
    /// The same as `look`, also when a server is away meanwhile.
    async fn patiently(&mut self, candidates: &[Candidate], reached: &Reached) -> Result<Vec<(Candidate, bool)>> {
        let mut attempts = self.ends.attempts();
        loop {
            match self.look(candidates, reached).await {
                Ok(looked) => return Ok(looked),
                Err(e) => {
                    self.conns = None;
                    attempts.next(e).await?;
                }
            }
        }
    }

    /// Reads all candidates once; returns those that still differ, and whether the source's row was the same as last time.
    async fn look(&mut self, candidates: &[Candidate], reached: &Reached) -> Result<Vec<(Candidate, bool)>> {
        let Self { ends, plan, conns, asks } = self;
        let conns = match conns {
            Some(conns) => conns,
            None => conns.insert(ends.open().await?),
        };
        let doing = format!("read rows of {} again", plan.table);
        let mut out = vec![];
        for batch in candidates.chunks(BATCH) {
            let looked = Instant::now();
            let sql = |end| plan.select_keys(end, batch.iter().map(|c| &c.key));
            let source = rows::query(&mut conns.src, &sql(End::Source), &doing).await?;
            let target = rows::query(&mut conns.dest, &sql(End::Target), &doing).await?;
            for candidate in batch {
                let (s, t) = (with_key(plan, &source, &candidate.key), with_key(plan, &target, &candidate.key));
                // Without a unique key at the target a key can be there twice.
                let differs = if t.len() > 1 {
                    Some((super::DifferenceKind::Extra, vec![]))
                } else {
                    difference(plan, s.first().copied(), t.first().copied())
                };
                let Some((kind, columns)) = differs else { continue };
                let now = s.first().map_or([0; 16], |row| rows::hash(plan, row));
                let steady = candidate.source == Some(now);
                let mark = candidate.mark.clone().filter(|_| steady).unwrap_or_else(|| Mark::new(looked, None));
                let again =
                    Candidate { key: candidate.key.clone(), kind, columns, source: Some(now), mark: Some(mark), ripe: candidate.ripe };
                out.push((again, steady));
            }
        }
        // Behind all of them.
        let behind = asks.position(*ends, &mut conns.src, reached).await?;
        for mark in out.iter_mut().filter_map(|(candidate, _)| candidate.mark.as_mut()) {
            mark.complete(behind.as_ref());
        }
        Ok(out)
    }
}

fn with_key<'r>(plan: &Plan, rows: &'r [Vec<Cell>], key: &[Cell]) -> Vec<&'r [Cell]> {
    let matches =
        |row: &&Vec<Cell>| plan.key.iter().zip(key).all(|(&c, k)| plan.columns[c].class.order(row[c].as_deref(), k.as_deref()).is_eq());
    rows.iter().filter(matches).map(Vec::as_slice).collect()
}
