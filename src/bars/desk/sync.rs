//! Bars brought somewhere because somebody, or a task, wants it now: the scheduler's runs. What goes on by itself is `follow`'s.

use super::{Aim, Desk};
use crate::bars::backup::{self, Influx, InfluxSettings, Wanted};
use crate::bars::follow::{Follower, Wish};
use crate::bars::history::{self, Whose, record};
use crate::bars::links::{Link, Way};
use crate::bars::replica::{self, Carried, Filter, Peer, Transferred};
use crate::bars::{Error, Result, Would};
use crate::model::bars::{BarsSyncSpec, SyncCounts, SyncMode, TargetId};
use jiff::Timestamp;
use std::net::SocketAddr;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

impl Desk {
    /// NotFound where a sync is about a symbol that there are no bars of, here or (at a slave) at the master. A master that does
    /// not answer is told by the sync itself.
    pub async fn know(&self, spec: &BarsSyncSpec) -> Result<()> {
        let Some(symbol) = &spec.symbol else { return Ok(()) };
        let (has, whose) = match self.master() {
            // What is here alone can go.
            Some(_) if spec.mode == SyncMode::Full && !self.store()?.info(symbol).await?.is_empty() => return Ok(()),
            Some(master) => (master.has(symbol).await.unwrap_or(true), "at the master"),
            None => (!self.store()?.info(symbol).await?.is_empty(), "here"),
        };
        if has {
            return Ok(());
        }
        Err(Error::not_found(
            "bars_symbol_unknown",
            format!("there are no bars of {symbol} {whose}; `syncline bars symbols` lists what there is"),
        ))
    }

    /// Refuses where there are no bars at all: all that a backup has would be strange to a store that was lost.
    pub async fn has_bars(&self) -> Result<()> {
        if !self.store()?.list(None).await?.is_empty() {
            return Ok(());
        }
        Err(Error::config("bars_backup_prune", "prune: there are no bars here, so that all of the backup would go"))
    }

    /// Looks what a backup has besides, as it is told from then on.
    pub async fn look_besides(&self, backup: &InfluxSettings, addresses: &[SocketAddr]) -> Result<()> {
        backup::look_besides(self.store()?, &Influx::new(backup.clone(), addresses)?).await
    }

    /// Says what a run would do to a backup, to a slave that is brought what changed, or to this slave. None: of another it says nothing.
    pub async fn would(&self, aim: &Aim, spec: &BarsSyncSpec, addresses: &[SocketAddr]) -> Result<Option<Vec<Would>>> {
        let BarsSyncSpec { target: _, kind: _, mode, symbol, range, prune } = spec;
        let (store, mut all) = (self.store()?, None);
        for link in &aim.0 {
            let found = match &link.way {
                Way::Backup { settings, .. } => {
                    let wanted = Wanted { mode: *mode, only: symbol.as_ref(), prune: *prune };
                    backup::would(store, &Influx::new(settings.clone(), addresses)?, wanted).await?
                }
                Way::Peer { peer, .. } if self.settings.is_slave => {
                    replica::would_take(peer, store, &Filter { symbol: symbol.clone(), range: *range }, *mode).await?
                }
                Way::Peer { peer, .. } if *mode == SyncMode::Incremental => {
                    replica::would(store, peer, &Filter { symbol: symbol.clone(), range: *range }).await?
                }
                Way::Peer { .. } => continue,
            };
            all.get_or_insert_with(Vec::new).extend(found);
        }
        Ok(all)
    }

    /// Asks a target whether it answers; returns what it said.
    pub async fn test(&self, aim: &Aim, addresses: &[SocketAddr]) -> Result<String> {
        let mut said = Vec::new();
        for link in &aim.0 {
            said.push(match &link.way {
                Way::Backup { settings, .. } => format!("InfluxDB {}", Influx::new(settings.clone(), addresses)?.ping().await?),
                Way::Peer { peer, .. } => self.test_peer(peer).await?,
            });
        }
        Ok(said.join("; "))
    }

    async fn test_peer(&self, peer: &Peer) -> Result<String> {
        let status = if self.settings.is_slave {
            // Whoever has bars may be a slave's master.
            peer.head().await?;
            peer.status().await?
        } else {
            let met = peer.meet(self.store()?.id(), super::MEETING).await;
            met.problem.map_or(Ok(()), Err)?;
            met.status.ok_or_else(|| Error::permanent("bars_peer_unreadable", "it did not say how it is"))?
        };
        Ok(format!("dms {}, up for {} s", if status.is_master { "master" } else { "slave" }, status.uptime))
    }

    /// Brings bars there: to a backup (`addresses` are what its host may be), to a slave, or to both that have the name, of which
    /// neither waits for the other's success. Each series is told; the history has it then. An error too where the target is
    /// removed meanwhile.
    pub async fn sync(
        &self,
        aim: &Aim,
        spec: &BarsSyncSpec,
        addresses: &[SocketAddr],
        told: mpsc::Sender<Carried>,
        cancel: CancellationToken,
    ) -> Result<SyncCounts> {
        self.know(spec).await?;
        let (mut counts, mut failed) = (SyncCounts::default(), None);
        for link in &aim.0 {
            let _at_work = link.begin()?;
            let done = match &link.way {
                Way::Backup { settings, turn } => {
                    let _turn = turn.lock().await;
                    self.to_backup(link, settings, spec, addresses, &told, &cancel).await
                }
                Way::Peer { follower, .. } => match follower.get() {
                    Some(follower) => self.to_peer(link, follower, spec, &told, &cancel).await,
                    None => Err(Error::transient("bars_not_ready", "market data is not served: the bars database is being opened")),
                },
            };
            match done {
                Ok(done) => counts.add(done),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(counts), Err)
    }

    async fn to_backup(
        &self,
        link: &Link,
        settings: &InfluxSettings,
        spec: &BarsSyncSpec,
        addresses: &[SocketAddr],
        told: &mpsc::Sender<Carried>,
        cancel: &CancellationToken,
    ) -> Result<SyncCounts> {
        let BarsSyncSpec { target: _, kind: _, mode, symbol, range: _, prune } = spec;
        let (store, id) = (self.store()?, TargetId::backup(&link.name));
        let wanted = Wanted { mode: *mode, only: symbol.as_ref(), prune: *prune };
        let (tell, heard) = mpsc::channel(256);
        let running = async {
            let writing = async {
                let influx = Influx::new(settings.clone(), addresses)?;
                backup::run(store, &influx, wanted, &tell, cancel).await
            };
            let done = tokio::select! {
                () = link.gone.cancelled() => Err(link.removed()),
                done = writing => done,
            };
            drop(tell);
            done
        };
        let started = Timestamp::now();
        let (done, kept) = tokio::join!(running, record(store, &id, *mode, heard, Some(told.clone()), Whose::Kept));
        let recorded = kept?;
        if let Err(error) = done.as_ref().map_err(ToString::to_string)
            && recorded.series == 0
        {
            // It could not even be begun with: that stands in the history all the same.
            store.keep_transfers(vec![history::not_begun(&id, *mode, started, &error)]).await?;
        }
        done
    }

    async fn to_peer(
        &self,
        link: &Link,
        follower: &Follower,
        spec: &BarsSyncSpec,
        told: &mpsc::Sender<Carried>,
        cancel: &CancellationToken,
    ) -> Result<SyncCounts> {
        let BarsSyncSpec { target: _, kind: _, mode, symbol, range, prune: _ } = spec;
        let wish = Wish { filter: Filter { symbol: symbol.clone(), range: *range }, mode: *mode };
        let started = Timestamp::now();
        let moving = follower.now(wish, told.clone());
        let done = tokio::select! {
            () = cancel.cancelled() => return Ok(SyncCounts::default()),
            done = moving => done,
        };
        let done = done.map_err(|e| if link.gone.is_cancelled() { link.removed() } else { e });
        if let Err(error) = done.as_ref().map_err(ToString::to_string) {
            let id = TargetId::slave(if self.settings.is_slave { &self.settings.name } else { &link.name });
            self.store()?.keep_transfers(vec![history::not_begun(&id, *mode, started, &error)]).await?;
        }
        let Transferred { series, carried, bars, removed, failed, version: _, lacking: _, head: _, extra: _ } = done?;
        Ok(SyncCounts { series, carried, bars, removed, failed })
    }
}
