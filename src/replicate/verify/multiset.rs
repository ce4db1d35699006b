//! Keyless tables: the rows of both ends as multisets of hashes. Both ends are read side by side, so that rows that come
//! in the same order cancel out at once; a table whose order differs is read in several passes, each for a part of the
//! hashes, so that memory stays bounded.

use super::plan::{End, Plan, Range};
use super::reached::{self, Asks, Mark, Reached, Waiting};
use super::rows::{self, Hash};
use super::{Arrived, Candidate, DifferenceKind, Ends, Found, Options, TableVerdict};
use crate::model::position::Position;
use crate::replicate::connect::Rows;
use crate::replicate::{Error, Result};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

const MOST_HASHES: usize = 500_000;
/// Between two looks; shorter where the whole time is.
const PAUSE: Duration = Duration::from_millis(200);
const PATIENCE: u32 = 3;

/// Returns what differs, and how many rows that is when the source never stood still, or the job did not bring them (then none
/// counts as different).
pub(super) async fn compare(
    ends: Ends<'_>,
    plan: &Plan,
    options: Options,
    arrived: Arrived<'_>,
    verdict: &mut TableVerdict,
) -> Result<(Found, u64)> {
    let begun = Instant::now();
    let tables = reached::tables(plan);
    let mut waiting = Waiting::new();
    // What the source had at the last look, and since when.
    let mut last: Option<((u64, u128), Mark)> = None;
    let mut first = None;
    let mut looks = 0;
    loop {
        looks += 1;
        let looked = Instant::now();
        let reached = arrived(&tables);
        let ripe = last.as_ref().is_some_and(|(_, mark)| mark.has_arrived(&reached));
        let (found, source, behind) = patiently(ends, plan, options, &reached).await?;
        let most = *first.get_or_insert(found.different);
        let steady = last.as_ref().is_some_and(|(before, _)| *before == source);
        if found.different == 0 {
            verdict.settled = most;
            return Ok((found, 0));
        }
        let time_is_up = reached == Reached::Unknown && begun.elapsed() >= options.recheck_for;
        if options.recheck_for.is_zero() || (time_is_up || ripe) && steady {
            return Ok((found, 0));
        }
        let comes = waiting.goes_on(&reached) && steady;
        let in_vain = waiting.is_in_vain(&reached) && steady;
        if looks > 2 && (in_vain || begun.elapsed() >= options.recheck_for * PATIENCE && !comes) {
            let unsettled = found.different;
            verdict.late = if steady { unsettled } else { 0 };
            return Ok((Found { different: 0, candidates: vec![], ..found }, unsettled));
        }
        match &mut last {
            Some((_, mark)) if steady => mark.complete(behind.as_ref()),
            last => *last = Some((source, Mark::new(looked, behind))),
        }
        tokio::time::sleep(reached::rest(PAUSE.min(options.recheck_for), looked.elapsed())).await;
    }
}

/// Looks once, and asks the source behind it where its log stands.
async fn patiently(
    ends: Ends<'_>,
    plan: &Plan,
    options: Options,
    reached: &Reached,
) -> Result<(Found, (u64, u128), Option<Arc<Position>>)> {
    let mut attempts = ends.attempts();
    loop {
        let looked = async {
            let (found, source) = look(ends, plan, options).await?;
            let mut conn = ends.source().await?;
            let behind = Asks::default().position(ends, &mut conn, reached).await?;
            Ok((found, source, behind))
        };
        match Box::pin(looked).await {
            Err(e) => attempts.next(e).await?,
            looked => return looked,
        }
    }
}

/// One comparison of the whole table; also returns a digest of the source's rows.
async fn look(ends: Ends<'_>, plan: &Plan, options: Options) -> Result<(Found, (u64, u128))> {
    let mut passes = 1u64;
    loop {
        if let Some(found) = look_in(ends, plan, options, passes).await? {
            return Ok(found);
        }
        passes *= 4;
    }
}

async fn look_in(ends: Ends<'_>, plan: &Plan, options: Options, passes: u64) -> Result<Option<(Found, (u64, u128))>> {
    let mut whole = Found::default();
    let mut digest = 0u128;
    for pass in 0..passes {
        let Some((part, sum)) = Box::pin(read(ends, plan, options, pass, passes)).await? else { return Ok(None) };
        // Each pass sees every row; one digest is enough.
        digest = sum;
        whole.source_rows = part.source_rows;
        whole.read = part.source_rows;
        whole.target_rows = part.target_rows;
        whole.different += part.different;
        let room = options.max_differences.saturating_sub(whole.candidates.len());
        whole.candidates.extend(part.candidates.into_iter().take(room));
    }
    let rows = whole.source_rows;
    Ok(Some((whole, (rows, digest))))
}

/// Reads both ends once and compares the hashes that belong to this pass; None when there are too many of them.
async fn read(ends: Ends<'_>, plan: &Plan, options: Options, pass: u64, passes: u64) -> Result<Option<(Found, u128)>> {
    let mut conns = ends.open().await?;
    let failed = |e| Error::mysql(format!("read {}", plan.table), e);
    let all = |end| plan.select_range(end, &Range::default());
    let mut source = Some(conns.src.rows(all(End::Source)).await.map_err(failed)?);
    let mut target = Some(conns.dest.rows(all(End::Target)).await.map_err(failed)?);
    let mut found = Found::default();
    let mut counts: HashMap<Hash, i64> = HashMap::new();
    let mut digest = 0u128;
    let mut count = |hash: Hash, by: i64| {
        if u64::from_le_bytes(hash[..8].try_into().expect("8 of 16 bytes")) % passes != pass {
            return true;
        }
        let entry = counts.entry(hash).or_insert(0);
        *entry += by;
        if *entry == 0 {
            counts.remove(&hash);
        }
        counts.len() <= MOST_HASHES
    };
    while source.is_some() || target.is_some() {
        if let Some(hash) = next(&mut source, plan).await? {
            found.source_rows += 1;
            digest = digest.wrapping_add(u128::from_le_bytes(hash));
            if !count(hash, 1) {
                return Ok(None);
            }
        }
        if let Some(hash) = next(&mut target, plan).await? {
            found.target_rows += 1;
            if !count(hash, -1) {
                return Ok(None);
            }
        }
    }
    found.different = counts.values().map(|n| n.unsigned_abs()).sum();
    let mut left: Vec<(Hash, i64)> = counts.into_iter().collect();
    left.sort_unstable();
    for (hash, n) in left {
        let kind = if n > 0 { DifferenceKind::Missing } else { DifferenceKind::Extra };
        for _ in 0..n.unsigned_abs() {
            if found.candidates.len() < options.max_differences {
                found.candidates.push(Candidate { key: vec![], kind, columns: vec![], source: Some(hash), mark: None, ripe: false });
            }
        }
    }
    Ok(Some((found, digest)))
}

/// The hash of the next row; at the end the result goes away.
async fn next(result: &mut Option<Rows<'_>>, plan: &Plan) -> Result<Option<Hash>> {
    let Some(open) = result else { return Ok(None) };
    let row = open.next().await.map_err(|e| Error::mysql(format!("read {}", plan.table), e))?;
    if row.is_none() {
        *result = None;
    }
    Ok(row.map(|row| rows::hash(plan, &rows::cells(row))))
}
