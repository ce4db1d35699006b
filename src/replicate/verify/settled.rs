//! Definitions that differ: a table or column that the log has still to bring, or to take away, is no difference. Both ends are
//! asked again until they agree, or until the source says the same as when the job had still to come to where it was said
//! (`reached`); where no job is known, until time is up. Only then a difference is one, and rows are looked at.

use super::definition::{self, Described, Origin, Planned};
use super::reached::{self, Asks, Mark, Reached, Waiting};
use super::{Arrived, Ends, Options, Pace};
use crate::model::position::Position;
use crate::model::replicate::TableName;
use crate::replicate::Result;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Between two looks; shorter where the whole time is.
const PAUSE: Duration = Duration::from_millis(200);
/// A table that the source changes without a break is given up after this many times `recheck_for`.
const PATIENCE: u32 = 3;

pub(super) enum Settled {
    /// What the two ends say stands.
    Judged(Planned),
    /// What the job did not bring while it was waited for, or the source kept changing.
    Late(Vec<String>),
}

pub(super) async fn settle(
    ends: Ends<'_>,
    target: &TableName,
    origins: &[Origin],
    options: Options,
    arrived: Arrived<'_>,
    pace: Option<Pace<'_>>,
) -> Result<Settled> {
    let begun = Instant::now();
    let tables: Vec<TableName> = origins.iter().map(|origin| origin.table.clone()).collect();
    let mut waiting = Waiting::new();
    // What the source said at the last look, and since when.
    let mut last: Option<(Vec<Described>, Mark)> = None;
    let mut looks = 0;
    loop {
        looks += 1;
        let looked = Instant::now();
        let reached = arrived(&tables);
        let ripe = last.as_ref().is_some_and(|(_, mark)| mark.has_arrived(&reached));
        let Look { planned, source, behind } = patiently(ends, target, origins, &reached).await?;
        let differences = differences(&planned);
        let steady = last.as_ref().is_some_and(|(before, _)| *before == source);
        let time_is_up = reached == Reached::Unknown && begun.elapsed() >= options.recheck_for;
        if differences.is_empty() || options.recheck_for.is_zero() || steady && (ripe || time_is_up) {
            return Ok(Settled::Judged(planned));
        }
        let comes = waiting.goes_on(&reached) && steady;
        let in_vain = waiting.is_in_vain(&reached) && steady;
        if looks > 2 && (in_vain || begun.elapsed() >= options.recheck_for * PATIENCE && !comes) {
            return Ok(Settled::Late(differences));
        }
        match &mut last {
            Some((_, mark)) if steady => mark.complete(behind.as_ref()),
            last => *last = Some((source, Mark::new(looked, behind))),
        }
        let rest = reached::rest(PAUSE.min(options.recheck_for), looked.elapsed());
        tokio::time::sleep(pace.map_or(rest, |pace| rest.max(pace.pause(looked.elapsed(), 0)))).await;
    }
}

fn differences(planned: &Planned) -> Vec<String> {
    match planned {
        Planned::Plan(plan) => plan.notes.clone(),
        Planned::Impossible(why) => vec![why.clone()],
    }
}

struct Look {
    planned: Planned,
    source: Vec<Described>,
    /// Where the source's log was behind that.
    behind: Option<Arc<Position>>,
}

async fn patiently(ends: Ends<'_>, target: &TableName, origins: &[Origin], reached: &Reached) -> Result<Look> {
    let mut attempts = ends.attempts();
    loop {
        let looked = async {
            let mut conns = ends.open().await?;
            let (planned, source) = definition::plan(ends, &mut conns, target, origins).await?;
            let agree = differences(&planned).is_empty();
            let behind = if agree { None } else { Asks::default().position(ends, &mut conns.src, reached).await? };
            Ok(Look { planned, source, behind })
        };
        match Box::pin(looked).await {
            Err(e) => attempts.next(e).await?,
            looked => return looked,
        }
    }
}
