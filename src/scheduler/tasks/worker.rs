//! Who does the work of a spec. One arm per engine in the daemon (`market` has those over bars); tests of the event loop script
//! another.

use super::handle::NewRun;
use crate::bars::Desk;
use crate::bars::Would;
use crate::hosts::{self, Inventory};
use crate::model::bars::BarsTarget;
use crate::model::hosts::{HostMetrics, HostMetricsSpec, HostOutcome, HostResult, Measure};
use crate::model::job::TaskSpec;
use crate::model::run::{Counters, RunItem};
use crate::scheduler::policy::Policy;
use crate::scheduler::{Error, Result};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// What host metrics are worked on with.
#[derive(Clone)]
pub struct HostWork {
    pub settings: hosts::Settings,
    pub inventory: Arc<dyn Inventory>,
}

#[derive(Clone)]
pub(super) enum Worker {
    Real(Arc<Hands>),
    #[cfg(test)]
    Scripted(Arc<super::actor::tests::Script>),
}

pub(super) struct Hands {
    pub(super) hosts: HostWork,
    pub(super) bars: Desk,
    pub(super) policy: Policy,
}

/// The worker's way to tell what it does.
pub(super) struct Tell {
    pub(super) counters: watch::Sender<Option<Counters>>,
    /// Without numbers and run.
    pub(super) items: mpsc::Sender<RunItem>,
}

/// It was carried out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Finished {
    /// Not ended early because it was told to.
    pub(super) whole: bool,
    /// Runs that follow from it.
    pub(super) then: Vec<NewRun>,
}

impl Worker {
    /// Returns a spec as it is to be kept, or says what keeps it from running at all, without asking a server.
    pub(super) async fn settle(&self, spec: TaskSpec) -> Result<TaskSpec> {
        match self {
            Self::Real(hands) => match &spec {
                TaskSpec::HostMetrics(metrics) => hands.plan(metrics).await.map(|_| spec),
                TaskSpec::Bars(bars) => hands.check_bars(bars).await.map(|()| spec),
                TaskSpec::BarsSync(sync) => hands.settle_sync(sync.clone()).map(TaskSpec::BarsSync),
            },
            #[cfg(test)]
            Self::Scripted(_) => Ok(spec),
        }
    }

    /// Says that what a run now is about is nowhere to be found; a task's may come later. What cannot be asked is left to the run.
    pub(super) async fn know(&self, spec: &TaskSpec) -> Result<()> {
        match (self, spec) {
            (Self::Real(hands), TaskSpec::BarsSync(spec)) => hands.know_sync(spec).await,
            _ => Ok(()),
        }
    }

    /// Says what a run would do to bars elsewhere; None: nothing, or nobody knows before.
    pub(super) async fn would(&self, spec: &TaskSpec) -> Result<Option<Vec<Would>>> {
        match (self, spec) {
            (Self::Real(hands), TaskSpec::BarsSync(spec)) => hands.would_sync(spec).await,
            _ => Ok(None),
        }
    }

    /// Asks where bars are brought to whether it answers.
    pub(super) async fn test_target(&self, name: &str) -> Result<String> {
        match self {
            Self::Real(hands) => hands.test_target(name).await,
            #[cfg(test)]
            Self::Scripted(_) => Ok(String::new()),
        }
    }

    /// Says what is wrong with a target that is to be added, whether or not its name is free.
    pub(super) async fn check_target(&self, target: &BarsTarget) -> Result<()> {
        match self {
            Self::Real(hands) => hands.check_target(target).await,
            #[cfg(test)]
            Self::Scripted(_) => Ok(()),
        }
    }

    /// Where targets of bars are.
    pub(super) fn desk(&self) -> Result<&Desk> {
        match self {
            Self::Real(hands) => Ok(&hands.bars),
            #[cfg(test)]
            Self::Scripted(_) => Err(Error::Invalid("a script has no market data".to_owned())),
        }
    }

    /// Does the work, to its end or until it is told to stop.
    pub(super) async fn run(&self, spec: &TaskSpec, cancel: CancellationToken, tell: Tell) -> Result<Finished> {
        match self {
            Self::Real(hands) => match spec {
                TaskSpec::HostMetrics(spec) => hands.hosts(spec, cancel, tell).await,
                TaskSpec::Bars(_) | TaskSpec::BarsSync(_) if cancel.run_until_cancelled(hands.bars.begun()).await.is_none() => {
                    Ok(Finished { whole: false, then: Vec::new() })
                }
                TaskSpec::Bars(spec) => hands.bars(spec, cancel, tell).await,
                TaskSpec::BarsSync(spec) => hands.sync(spec, cancel, tell).await,
            },
            #[cfg(test)]
            Self::Scripted(script) => script.run(spec, cancel, tell).await,
        }
    }
}

impl Hands {
    /// Puts spec and settings together; the endpoint's addresses are those that the policy lets pass.
    async fn plan(&self, spec: &HostMetricsSpec) -> Result<(hosts::Plan, Vec<std::net::SocketAddr>)> {
        let plan = self.hosts.settings.plan(spec)?;
        let (host, port) = plan.source.server();
        let addresses = self.policy.admit(host, port, plan.source.url()).await.map_err(Error::EndpointRefused)?;
        Ok((plan, addresses))
    }

    async fn hosts(&self, spec: &HostMetricsSpec, cancel: CancellationToken, tell: Tell) -> Result<Finished> {
        let (plan, addresses) = self.plan(spec).await?;
        let (report, mut counts, mut results) = hosts::Report::new();
        let inventory = Arc::clone(&self.hosts.inventory);
        let run = hosts::Run { plan, addresses, inventory, report, cancel };
        let work = hosts::run(run);
        let forward = async {
            loop {
                tokio::select! {
                    result = results.recv() => match result {
                        Some(result) => {
                            // What is kept with an item has it counted.
                            let now = *counts.borrow_and_update();
                            tell.counters.send_replace(Some(Counters::Hosts(now)));
                            // The keeper is gone only with the run's owner.
                            drop(tell.items.send(item(result)).await);
                        }
                        None => break,
                    },
                    Ok(()) = counts.changed() => {
                        let now = *counts.borrow_and_update();
                        tell.counters.send_replace(Some(Counters::Hosts(now)));
                    }
                }
            }
        };
        let (outcome, ()) = tokio::join!(work, forward);
        // A failure keeps what was counted before it.
        let seen = *counts.borrow();
        tell.counters.send_replace(Some(Counters::Hosts(seen)));
        let hosts::Outcome { counts, cancelled } = outcome?;
        tell.counters.send_replace(Some(Counters::Hosts(counts)));
        Ok(Finished { whole: !cancelled, then: Vec::new() })
    }
}

/// The form in which a host's result is kept.
fn item(result: HostResult) -> RunItem {
    let HostResult { ip, name, outcome, metrics, note, started, ended } = result;
    let HostMetrics { cpu, memory, disk, points } = metrics;
    let mut measures = json!({ "cpu": measure(cpu), "memory": measure(memory), "disk": measure(disk) });
    let kind = outcome.kind();
    let error = match outcome {
        HostOutcome::Failed(failure) => {
            measures["code"] = json!(failure.code);
            failure.message
        }
        _ => note,
    };
    RunItem {
        number: 0,
        run: 0,
        key: ip,
        label: name,
        outcome: kind,
        measures,
        started: Some(started),
        ended: Some(ended),
        count: points,
        error,
    }
}

fn measure(Measure { max, avg }: Measure) -> Value {
    json!({ "max": max, "avg": avg })
}
