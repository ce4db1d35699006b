//! The second look: replication lag is not a difference. Candidates are read again by key at both ends until they are
//! equal, or until time is up (or the job's own lag cannot explain them any more) and the source's row stayed the same
//! between two looks.

use super::merge::difference;
use super::plan::{End, Plan};
use super::rows::{self, Cell};
use super::{Arrived, Candidate, Conns, Ends, Found, Options, TableVerdict};
use crate::replicate::Result;
use std::time::{Duration, Instant};

/// Between two looks; shorter where the whole time is.
const PAUSE: Duration = Duration::from_millis(200);
/// Keys per query.
const BATCH: usize = 100;
/// A row that the source changes without a break is given up after this many times `recheck_for`.
const PATIENCE: u32 = 3;

/// Returns what really differs, and how many rows never stood still.
pub(super) async fn settle(
    ends: Ends<'_>,
    plan: &Plan,
    mut found: Found,
    options: Options,
    arrived: Arrived<'_>,
    verdict: &mut TableVerdict,
) -> Result<(Found, u64)> {
    if options.recheck_for.is_zero() || found.candidates.is_empty() {
        return Ok((found, 0));
    }
    let begun = Instant::now();
    let first = found.candidates.len();
    let mut open = std::mem::take(&mut found.candidates);
    let mut conns = ends.open().await?;
    // Two looks tell whether a row stands still, however short the time is.
    for looks in 1u32.. {
        tokio::time::sleep(PAUSE.min(options.recheck_for)).await;
        let time_is_up = begun.elapsed() >= options.recheck_for;
        // Asked before the target is read: what arrives during a look is not in it.
        for candidate in &mut open {
            candidate.ripe = arrived(candidate.still.elapsed());
        }
        let looked = look(&mut conns, plan, open).await?;
        open = vec![];
        for (candidate, steady) in looked {
            if steady && (time_is_up || candidate.ripe) {
                found.candidates.push(candidate);
            } else {
                open.push(candidate);
            }
        }
        if open.is_empty() || looks > 2 && begun.elapsed() >= options.recheck_for * PATIENCE {
            break;
        }
    }
    found.different = found.candidates.len() as u64;
    verdict.settled = (first - found.candidates.len() - open.len()) as u64;
    Ok((found, open.len() as u64))
}

/// Reads all candidates once; returns those that still differ, and whether the source's row was the same as last time.
async fn look(conns: &mut Conns, plan: &Plan, candidates: Vec<Candidate>) -> Result<Vec<(Candidate, bool)>> {
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
            let still = if steady { candidate.still } else { looked };
            out.push((Candidate { key: candidate.key.clone(), kind, columns, source: Some(now), still, ripe: candidate.ripe }, steady));
        }
    }
    Ok(out)
}

fn with_key<'r>(plan: &Plan, rows: &'r [Vec<Cell>], key: &[Cell]) -> Vec<&'r [Cell]> {
    let matches =
        |row: &&Vec<Cell>| plan.key.iter().zip(key).all(|(&c, k)| plan.columns[c].class.order(row[c].as_deref(), k.as_deref()).is_eq());
    rows.iter().filter(matches).map(Vec::as_slice).collect()
}
