//! Has the rows repaired that still differ after the second look, and looks at them again: the verdict is of afterwards.

use super::plan::Plan;
use super::{Arrived, Candidate, Ends, Found, Options, Repair, Repairer, TableVerdict, recheck, walk};
use crate::replicate::Result;

/// Keys that are repaired at once: a snapshot of the source and a transaction at the target are for all of them.
const BATCH: usize = 200;
/// A row may have been changed by hand again, or its value of another key be in the way of a row not seen before.
const ROUNDS: usize = 3;

/// Returns what differs afterwards, and how many rows never stood still.
pub(super) async fn repair(
    ends: Ends<'_>,
    plan: &Plan,
    (mut found, mut unsettled): (Found, u64),
    (options, manner): (Options, walk::Manner<'_>),
    (arrived, repairer): (Arrived<'_>, Repairer<'_>),
    verdict: &mut TableVerdict,
) -> Result<(Found, u64)> {
    for _ in 0..ROUNDS {
        if found.candidates.is_empty() {
            break;
        }
        let (mut displaced, mut repaired) = (0, 0);
        let mut open = found.candidates.as_slice();
        while !open.is_empty() {
            let batch = plan.damaged(open.iter().take(BATCH).map(|c| &c.key));
            match repairer(batch).await {
                Ok(Repair::Done(mended)) => {
                    repaired += mended.keys;
                    displaced += mended.displaced;
                    open = &open[mended.keys.clamp(1, open.len())..];
                }
                Ok(Repair::Noted(keys)) => open = &open[keys.clamp(1, open.len())..],
                Err(e) => {
                    verdict.unrepaired = Some(format!("{} ({})", e.message, e.code));
                    break;
                }
            }
        }
        if repaired == 0 {
            break;
        }
        verdict.repaired += repaired as u64;
        let settled = verdict.settled;
        let again = if displaced > 0 {
            walk::compare(ends, plan, options, manner).await?
        } else {
            let fresh = |c: Candidate| Candidate { source: None, mark: None, ripe: false, ..c };
            Found { candidates: found.candidates.into_iter().map(fresh).collect(), ..found }
        };
        (found, unsettled) = recheck::settle(ends, plan, again, options, arrived, manner.pace, verdict).await?;
        // What is equal now has not become so by itself.
        verdict.settled = settled;
        // Counted once: what still differs was not repaired.
        verdict.repaired = verdict.repaired.saturating_sub(found.different);
        if verdict.unrepaired.is_some() {
            break;
        }
    }
    Ok((found, unsettled))
}
