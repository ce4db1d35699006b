//! Keyless tables: the rows of both ends as multisets of hashes. Both ends are read side by side, so that rows that come
//! in the same order cancel out at once; a table whose order differs is read in several passes, each for a part of the
//! hashes, so that memory stays bounded.

use super::plan::{End, Plan, Range};
use super::rows::{self, Hash};
use super::{Arrived, Candidate, DifferenceKind, Ends, Found, Options, TableVerdict};
use crate::replicate::connect::Rows;
use crate::replicate::{Error, Result};
use std::collections::HashMap;
use std::time::{Duration, Instant};

const MOST_HASHES: usize = 500_000;
/// Between two looks; shorter where the whole time is.
const PAUSE: Duration = Duration::from_millis(200);
const PATIENCE: u32 = 3;

/// Returns what differs, and how many rows that is when the source never stood still (then none counts as different).
pub(super) async fn compare(
    ends: Ends<'_>,
    plan: &Plan,
    options: Options,
    arrived: Arrived<'_>,
    verdict: &mut TableVerdict,
) -> Result<(Found, u64)> {
    let begun = Instant::now();
    // Since when the source has what it has.
    let mut still = begun;
    let mut last = None;
    let mut first = None;
    let mut looks = 0;
    loop {
        looks += 1;
        let looked = Instant::now();
        // Asked before the target is read: what arrives during a look is not in it.
        let ripe = arrived(still.elapsed());
        let (found, source) = look(ends, plan, options).await?;
        let most = *first.get_or_insert(found.different);
        let steady = last == Some(source);
        if !steady {
            still = looked;
        }
        let time_is_up = begun.elapsed() >= options.recheck_for || ripe;
        if found.different == 0 {
            verdict.settled = most;
            return Ok((found, 0));
        }
        if options.recheck_for.is_zero() || time_is_up && steady {
            return Ok((found, 0));
        }
        if looks > 2 && begun.elapsed() >= options.recheck_for * PATIENCE {
            let unsettled = found.different;
            return Ok((Found { different: 0, candidates: vec![], ..found }, unsettled));
        }
        last = Some(source);
        tokio::time::sleep(PAUSE.min(options.recheck_for)).await;
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
                found.candidates.push(Candidate {
                    key: vec![],
                    kind,
                    columns: vec![],
                    source: Some(hash),
                    still: Instant::now(),
                    ripe: false,
                });
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
