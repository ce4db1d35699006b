//! Runs over market data: what tasks do with symbols, and bars brought to backups and slaves.

use super::cause::CANCELLED;
use super::handle::NewRun;
use super::worker::{Finished, Hands, Tell};
use crate::bars::Aim;
use crate::bars::Would;
use crate::bars::provider::Provider;
use crate::bars::replica::Carried;
use crate::bars::task::Report;
use crate::model::bars::{BarsSpec, BarsSyncSpec, BarsTarget, Gone, Issue, SymbolOutcome, SymbolResult, SyncCounts, SyncMode, TargetId};
use crate::model::job::TaskSpec;
use crate::model::run::{Counters, Outcome, RunItem};
use crate::scheduler::{Error, Result};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

impl Hands {
    /// Says what keeps a task over symbols from running, without asking a server.
    pub(super) async fn check_bars(&self, spec: &BarsSpec) -> Result<()> {
        self.provider(spec).await.map(drop)
    }

    /// The provider as it is now: its host's addresses are those that the policy lets pass.
    async fn provider(&self, spec: &BarsSpec) -> Result<Option<Arc<dyn Provider>>> {
        let Some(source) = self.bars.source(spec)? else { return Ok(None) };
        let addresses = match source.server()? {
            Some((host, port)) => self.admit(&host, port).await?,
            None => Vec::new(),
        };
        Ok(Some(source.open(&addresses)?))
    }

    async fn admit(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>> {
        self.policy.admit(host, port, &format!("{host}:{port}")).await.map_err(Error::EndpointRefused)
    }

    pub(super) async fn bars(&self, spec: &BarsSpec, cancel: CancellationToken, tell: Tell) -> Result<Finished> {
        let provider = self.provider(spec).await?;
        let (report, mut counts, mut results) = Report::new();
        let counted = |counts| Some(Counters::Bars { task: spec.kind, counts });
        let forward = async {
            loop {
                tokio::select! {
                    result = results.recv() => match result {
                        Some(result) => {
                            // What is kept with an item has it counted.
                            let now = *counts.borrow_and_update();
                            tell.counters.send_replace(counted(now));
                            // The keeper is gone only with the run's owner.
                            drop(tell.items.send(symbol(result)).await);
                        }
                        None => break,
                    },
                    Ok(()) = counts.changed() => {
                        let now = *counts.borrow_and_update();
                        tell.counters.send_replace(counted(now));
                    }
                }
            }
        };
        let work = self.bars.task(spec.clone(), provider, report, cancel);
        let (outcome, ()) = tokio::join!(work, forward);
        let seen = *counts.borrow();
        tell.counters.send_replace(counted(seen));
        let ended = outcome?;
        tell.counters.send_replace(counted(ended.counts));
        // What was written by then is brought on, whatever failed besides; also where nothing was new, because a target may have
        // been away the last time.
        let follow = spec.sync && !ended.cancelled;
        let sync = |TargetId { kind, name }: TargetId| {
            let spec = BarsSyncSpec { kind: Some(kind), ..BarsSyncSpec::new(&name) };
            NewRun { name, spec: TaskSpec::BarsSync(spec) }
        };
        let then = if follow { self.bars.targets().into_iter().map(sync).collect() } else { Vec::new() };
        Ok(Finished { whole: !ended.cancelled, then })
    }

    /// A name that two have is refused; what is kept says which is meant, also when another one has the name some day.
    pub(super) fn settle_sync(&self, spec: BarsSyncSpec) -> Result<BarsSyncSpec> {
        let spec = BarsSyncSpec { kind: self.bars.meant(&spec.target, spec.kind)?, ..spec };
        let aim = self.bars.target(&spec.target, spec.kind)?;
        if spec.range.is_some() && !aim.has_replica() {
            let message = format!("from, to: the backup {} is brought whole series; name a symbol alone", spec.target);
            return Err(crate::bars::Error::config("bars_backup_range", message).into());
        }
        let wrong = match (&aim.backup(), &spec) {
            _ if !spec.prune => None,
            (None, _) => Some("is about backups; a slave is made the same by mode full"),
            (_, spec) if spec.mode != SyncMode::Repair => Some("goes with mode repair alone, which reads all back"),
            (_, spec) if spec.symbol.is_some() => Some("is about all of a backup; leave the symbol out"),
            _ => None,
        };
        match wrong {
            Some(why) => Err(crate::bars::Error::config("bars_backup_prune", format!("prune: {why}")).into()),
            None => Ok(spec),
        }
    }

    /// Says that what a run is about is nowhere to be found. Before series are taken out of a backup it is looked which they are.
    pub(super) async fn know_sync(&self, spec: &BarsSyncSpec) -> Result<()> {
        self.bars.know(spec).await?;
        if spec.prune {
            let aim = self.bars.target(&spec.target, spec.kind)?;
            let addresses = self.addresses(&aim).await?;
            if let Some(backup) = aim.backup() {
                self.bars.has_bars().await?;
                self.bars.look_besides(backup, &addresses).await?;
            }
        }
        Ok(())
    }

    /// Says what a sync would do; None: nobody knows before.
    pub(super) async fn would_sync(&self, spec: &BarsSyncSpec) -> Result<Option<Vec<Would>>> {
        let aim = self.bars.target(&spec.target, spec.kind)?;
        let addresses = self.addresses(&aim).await?;
        Ok(self.bars.would(&aim, spec, &addresses).await?)
    }

    pub(super) async fn test_target(&self, name: &str) -> Result<String> {
        let aim = self.bars.target(name, None)?;
        let addresses = self.addresses(&aim).await?;
        Ok(self.bars.test(&aim, &addresses).await?)
    }

    /// What the host of a backup may be; nothing of a replica.
    async fn addresses(&self, aim: &Aim) -> Result<Vec<SocketAddr>> {
        let Some(backup) = aim.backup() else { return Ok(Vec::new()) };
        let (host, port) = backup.server()?;
        self.admit(&host, port).await
    }

    /// Says what is wrong with a target that is to be added, whether or not its name is free.
    pub(super) async fn check_target(&self, target: &BarsTarget) -> Result<()> {
        self.bars.may_have_targets()?;
        self.bars.judge_target(target)?;
        let (host, port) = target.address();
        self.admit(host, port).await.map(drop)
    }

    pub(super) async fn sync(&self, spec: &BarsSyncSpec, cancel: CancellationToken, tell: Tell) -> Result<Finished> {
        let aim = self.bars.target(&spec.target, spec.kind)?;
        let addresses = self.addresses(&aim).await?;
        let (told, mut heard) = mpsc::channel::<Carried>(64);
        let mut counts = SyncCounts::default();
        let forward = async {
            while let Some(carried) = heard.recv().await {
                counts.carried += 1;
                counts.bars += carried.bars;
                counts.failed += u64::from(!carried.error.is_empty());
                tell.counters.send_replace(Some(Counters::BarsSync(counts)));
                let _ = tell.items.send(series(carried)).await;
            }
        };
        let work = self.bars.sync(&aim, spec, &addresses, told, cancel.clone());
        let (outcome, ()) = tokio::join!(work, forward);
        tell.counters.send_replace(Some(Counters::BarsSync(outcome?)));
        Ok(Finished { whole: !cancel.is_cancelled(), then: Vec::new() })
    }
}

/// The form in which a symbol's result is kept.
fn symbol(result: SymbolResult) -> RunItem {
    let SymbolResult {
        symbol,
        interval,
        outcome,
        added,
        changed,
        rebased,
        rebased_bars,
        held_back,
        doubtful,
        issues,
        gone,
        note,
        started,
        ended,
    } = result;
    let issue = |issue: &Issue| json!({ "code": issue.code(), "text": issue.to_string() });
    let mut measures = json!({ "added": added, "changed": changed, "held_back": held_back });
    if let Some(factor) = rebased {
        measures["rebased"] = json!(factor);
        measures["rebased_bars"] = json!(rebased_bars);
    }
    if doubtful {
        measures["doubtful"] = json!(true);
    }
    if let Some(Gone { since, is_news: _ }) = gone {
        measures["gone_since"] = json!(since.to_string());
    }
    if !issues.is_empty() {
        measures["issues"] = issues.iter().map(issue).collect();
    }
    let kind = outcome.kind();
    let error = match outcome {
        SymbolOutcome::Failed { code, message } => {
            measures["code"] = json!(code);
            message
        }
        SymbolOutcome::Stopped => {
            measures["code"] = json!(CANCELLED);
            "the run was cancelled".to_owned()
        }
        SymbolOutcome::Faulty if note.is_empty() => issues.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        _ => note,
    };
    RunItem {
        number: 0,
        run: 0,
        key: symbol.to_string(),
        label: interval.to_string(),
        outcome: kind,
        measures,
        started: Some(started),
        ended: Some(ended),
        count: added + changed,
        error,
    }
}

fn series(carried: Carried) -> RunItem {
    let Carried { symbol, interval, bars, started, ended, error, note } = carried;
    RunItem {
        number: 0,
        run: 0,
        key: symbol.to_string(),
        label: interval.to_string(),
        outcome: if error.is_empty() { Outcome::Copied } else { Outcome::Failed },
        measures: json!({}),
        started: Some(started),
        ended: Some(ended),
        count: bars,
        error: if error.is_empty() { note } else { error },
    }
}
