//! The transactions, one for each method of the inventory.

use super::rows::Rows;
use super::{HostFilter, Imported, MysqlInventory, Pool, Recorded, Sample};
use crate::hosts::{Error, Kind, Result};
use crate::model::hosts::{Host, HostChange, HostFacts, HostResources};
use mysql_async::prelude::Queryable as _;
use std::net::IpAddr;

impl MysqlInventory {
    fn rows<'a>(&'a self, columns: &'a super::Columns) -> Rows<'a> {
        Rows { db: self, columns }
    }

    pub(super) async fn ping(&self) -> Result<()> {
        self.columns().await?;
        self.conn().await?.ping().await.map_err(|e| self.failed("check the inventory", e))
    }

    pub(super) async fn list_once(&self, filter: &HostFilter) -> Result<Vec<(Host, HostResources)>> {
        let (mut tx, columns) = self.begin("list hosts").await?;
        let outcome = self.rows(columns).list(&mut tx, filter).await;
        Ok(self.end("list hosts", tx, outcome).await?.into_iter().filter_map(Result::ok).collect())
    }

    pub(super) async fn pool_once(&self) -> Result<Pool> {
        let (mut tx, columns) = self.begin("read the pool").await?;
        let outcome = self.rows(columns).pool(&mut tx).await;
        Ok(Pool::of(self.end("read the pool", tx, outcome).await?))
    }

    pub(super) async fn get_once(&self, id: u64) -> Result<(Host, HostResources)> {
        let (mut tx, columns) = self.begin("read a host").await?;
        let outcome = self.rows(columns).by_id(&mut tx, id).await;
        self.end("read a host", tx, outcome).await
    }

    pub(super) async fn find_once(&self, ip: IpAddr) -> Result<Option<(Host, HostResources)>> {
        let (mut tx, columns) = self.begin("find a host").await?;
        let rows = self.rows(columns);
        let outcome = match rows.row_of(&mut tx, ip).await {
            Ok(Some((id, false))) => rows.by_id(&mut tx, id).await.map(Some),
            Ok(_) => Ok(None),
            Err(error) => Err(error),
        };
        self.end("find a host", tx, outcome).await
    }

    pub(super) async fn add_once(&self, ip: IpAddr, facts: &HostFacts) -> Result<Host> {
        let (mut tx, columns) = self.begin("add a host").await?;
        columns.take(facts)?;
        let outcome = match self.rows(columns).register(&mut tx, ip, facts).await {
            Ok((host, true)) => Ok(host),
            Ok((_, false)) => Err(Error::host_exists(ip)),
            Err(error) => Err(error),
        };
        self.end("add a host", tx, outcome).await
    }

    pub(super) async fn update_once(&self, id: u64, change: &HostChange) -> Result<Host> {
        let (mut tx, columns) = self.begin("update a host").await?;
        let rows = self.rows(columns);
        let outcome = async {
            let (old, _) = rows.by_id(&mut tx, id).await?;
            let (ip, facts) = change.applied(old.ip, &old.facts);
            columns.take(&facts)?;
            match rows.row_of(&mut tx, ip).await? {
                Some((other, false)) if other != id => return Err(Error::host_exists(ip)),
                Some((other, true)) if other != id => return Err(Error::deleted_host_has(ip, other)),
                _ => {}
            }
            rows.save(&mut tx, id, ip, &facts).await?;
            Ok(rows.by_id(&mut tx, id).await?.0)
        }
        .await;
        self.end("update a host", tx, outcome).await
    }

    pub(super) async fn remove_once(&self, id: u64) -> Result<()> {
        let (mut tx, columns) = self.begin("remove a host").await?;
        let rows = self.rows(columns);
        let outcome = async {
            rows.by_id(&mut tx, id).await?;
            rows.delete(&mut tx, id).await
        }
        .await;
        self.end("remove a host", tx, outcome).await
    }

    pub(super) async fn import_once(&self, hosts: &[(IpAddr, HostFacts)]) -> Result<Imported> {
        let (mut tx, columns) = self.begin("import hosts").await?;
        let rows = self.rows(columns);
        let outcome = async {
            let mut imported = Imported::default();
            for (ip, facts) in hosts {
                columns.take(facts)?;
                let (host, new) = rows.register(&mut tx, ip.to_canonical(), facts).await?;
                let merged = host.facts.under(facts);
                if new {
                    imported.inserted += 1;
                } else if merged == host.facts {
                    imported.unchanged += 1;
                } else {
                    rows.save(&mut tx, host.id, host.ip, &merged).await?;
                    imported.updated += 1;
                }
            }
            Ok(imported)
        }
        .await;
        self.end("import hosts", tx, outcome).await
    }

    pub(super) async fn register_once(&self, hosts: &[(IpAddr, HostFacts)]) -> Result<Vec<Result<(Host, bool)>>> {
        let (mut tx, columns) = self.begin("add hosts").await?;
        let rows = self.rows(columns);
        let outcome = async {
            let mut outcomes = Vec::with_capacity(hosts.len());
            for (ip, facts) in hosts {
                match rows.register(&mut tx, ip.to_canonical(), &columns.known(facts)).await {
                    // The statement alone was undone; the transaction goes on.
                    Err(error) if error.kind == Kind::Transient => return Err(error),
                    outcome => outcomes.push(outcome),
                }
            }
            Ok(outcomes)
        }
        .await;
        self.end("add hosts", tx, outcome).await
    }

    pub(super) async fn record_once(&self, samples: &[Sample]) -> Result<Vec<Recorded>> {
        let (mut tx, columns) = self.begin("write figures").await?;
        let outcome = self.rows(columns).record(&mut tx, samples).await;
        self.end("write figures", tx, outcome).await
    }
}
