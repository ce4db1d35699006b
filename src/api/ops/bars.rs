//! What `/metrics` says of tasks and of market data. Nobody is asked for it: a scrape waits for no peer, and what is known here of
//! a target that is away is what an alarm needs.

use super::{escape, head};
use crate::api::App;
use crate::api::dms::nodes::Lag;
use crate::api::dms::visitors::{self, Visitor};
use crate::api::error::Result;
use crate::bars::backup;
use crate::bars::store::{Store, Waiting};
use crate::config::DmsRole;
use crate::model::bars::{BarsSyncSpec, TargetId};
use crate::model::job::JobStats;
use crate::scheduler::tasks::TaskView;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How far one target is.
struct Target {
    name: String,
    kind: &'static str,
    /// Seconds, series, seconds; None: not known.
    lag: Option<f64>,
    behind: Option<u64>,
    age: Option<f64>,
    /// Series.
    extra: Option<u64>,
}

/// Appends it. While the bars database is not there, its part is missing.
pub(super) async fn render(app: &App, out: &mut String) -> Result<()> {
    runs(out, &app.tasks.list(None).await?);
    let Ok(store) = app.dms.bars.get().cloned() else { return Ok(()) };
    let (added, changed) = store.written();
    for (name, value, help) in [
        ("added", added, "Bars stored since the daemon started that were new."),
        ("changed", changed, "Stored bars that others replaced since the daemon started."),
    ] {
        let name = format!("syncline_bars_{name}_total");
        head(out, &name, "counter", help);
        let _ = writeln!(out, "{name} {value}");
    }
    let targets = match app.config.dms.role {
        DmsRole::Master => targets(app, &store).await?,
        DmsRole::Slave => own(app, &store).await?.into_iter().collect(),
    };
    type Figure = (&'static str, &'static str, fn(&Target) -> Option<f64>);
    #[expect(clippy::cast_precision_loss, reason = "Prometheus values are floats")]
    const FIGURES: [Figure; 4] = [
        ("lag_seconds", "How long the oldest change has been waiting that a target lacks, as far as is known here.", |t| t.lag),
        ("behind_series", "Series of which a target lacks a change, as far as is known here.", |t| t.behind.map(|n| n as f64)),
        ("sync_age_seconds", "Seconds since all was last seen to be there.", |t| t.age),
        ("extra_series", "Series of which a target has bars that its master does not have, as was last seen.", |t| {
            t.extra.map(|n| n as f64)
        }),
    ];
    for (name, help, value) in FIGURES {
        let name = format!("syncline_bars_target_{name}");
        head(out, &name, "gauge", help);
        for target in &targets {
            if let Some(value) = value(target) {
                let _ = writeln!(out, "{name}{{target=\"{}\",kind=\"{}\"}} {value}", escape(&target.name), target.kind);
            }
        }
    }
    Ok(())
}

fn runs(out: &mut String, tasks: &[TaskView]) {
    let name = "syncline_task_runs_total";
    head(
        out,
        name,
        "counter",
        "Runs of a task that have ended, by how; completed: nothing failed; partial: something did, or no symbol has data.",
    );
    for TaskView { job, .. } in tasks {
        let JobStats { runs, successes, failures, .. } = job.stats;
        let (task, kind) = (escape(&job.name), job.kind.as_str());
        for (outcome, count) in [("completed", successes), ("partial", runs.saturating_sub(successes + failures)), ("failed", failures)] {
            let _ = writeln!(out, "{name}{{task=\"{task}\",kind=\"{kind}\",outcome=\"{outcome}\"}} {count}");
        }
    }
}

async fn targets(app: &App, store: &Store) -> Result<Vec<Target>> {
    let mut all = Vec::new();
    for target in app.dms.known_targets().into_iter().filter(|t| t.enabled) {
        let waiting = if target.is_slave() {
            // One that nothing was brought to lacks everything.
            store.waiting(store.brought(&target.name).await?.unwrap_or(0)).await?
        } else {
            store.lacks(&target.name).await?
        };
        let now = Timestamp::now();
        let age = store.synced(&target.id()).await?.map(|at| seconds(at, now));
        let kind = target.kind().as_str();
        let (lag, behind) = waiting.map_or((0.0, 0), |Waiting { since, series, .. }| (seconds(since, now), series));
        let moved = app.dms.standing_of(&target.name).map(|standing| standing.moved);
        let lacking = moved.as_ref().map_or(0, |moved| moved.lacking);
        // Since when those are not there is the slave's to know.
        let lag = if behind == 0 && lacking > 0 { age } else { Some(lag) };
        let behind = behind + lacking;
        let extra = if target.is_slave() {
            moved.and_then(|moved| moved.extra)
        } else {
            backup::extra(store, &target.id()).await?.map(|extra| extra.series)
        };
        all.push(Target { name: target.name, kind, lag, behind: Some(behind), age, extra });
    }
    // Of two of one name the one that is further behind: a name stands there once.
    let mut pulling = BTreeMap::new();
    for visitor in visitors::visitors(app).await? {
        let Visitor { name, role: _, way, from: _, port: _, at: _, last_sync, lag: Lag { waited, behind, lacking: _, extra }, .. } =
            visitor;
        let age = last_sync.map(|at| seconds(at, Timestamp::now()));
        #[expect(clippy::cast_precision_loss, reason = "Prometheus values are floats")]
        let target =
            Target { name: name.clone(), kind: way, lag: waited.map(|n| n as f64), behind, age, extra: extra.map(|extra| extra.series) };
        if pulling.get(&name).is_none_or(|other: &Target| other.behind < target.behind) {
            pulling.insert(name, target);
        }
    }
    all.extend(pulling.into_values());
    Ok(all)
}

/// A slave's own, which its master is the measure of: since it was last in step, unless its last pull says that it is.
async fn own(app: &App, store: &Store) -> Result<Option<Target>> {
    let Some(standing) = app.dms.standing() else { return Ok(None) };
    let age = store.synced(&TargetId::slave(app.dms.own_name())).await?.map(|at| seconds(at, Timestamp::now()));
    let in_step = standing.last.is_some() && standing.error.is_empty() && standing.moved.version >= standing.moved.head;
    let lag = if in_step { Some(0.0) } else { age };
    Ok(Some(Target { name: BarsSyncSpec::MASTER.to_owned(), kind: "master", lag, behind: None, age, extra: standing.moved.extra }))
}

fn seconds(since: Timestamp, now: Timestamp) -> f64 {
    now.duration_since(since).as_secs_f64().max(0.0)
}
