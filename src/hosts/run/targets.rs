//! Which hosts a run is about.

use super::ask::Asker;
use super::{Target, pool};
use crate::hosts::address::read;
use crate::hosts::inventory::Pool;
use crate::hosts::query::read_addresses;
use crate::hosts::{Inventory, Result};
use crate::model::hosts::HostSelection;
use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;

pub(super) struct Targets {
    pub(super) ask: Vec<Target>,
    /// Hosts of a list that the pool does not have: they are not asked for.
    pub(super) not_in_pool: Vec<IpAddr>,
    /// What stands where an address should, and where that is.
    pub(super) nameless: Vec<(String, &'static str)>,
}

pub(super) async fn find(selection: &HostSelection, asker: &Asker<'_>, inventory: &dyn Inventory) -> Result<Targets> {
    let (mut not_in_pool, mut nameless) = (Vec::new(), Vec::new());
    let ask = match selection {
        HostSelection::Pool => {
            let Pool { hosts, unreadable } = inventory.pool().await?;
            nameless.extend(unreadable.into_iter().map(|text| (text, "hosts_pool.host_ip")));
            hosts.into_iter().map(|h| Target { ip: h.ip, host: Some(h) }).collect()
        }
        HostSelection::List(list) => {
            let (mut pool, mut seen) = (pool(inventory).await?, HashSet::new());
            let mut known = Vec::new();
            for ip in list.iter().map(IpAddr::to_canonical).filter(|ip| seen.insert(*ip)) {
                match pool.remove(&ip) {
                    Some(host) => known.push(Target { ip, host: Some(host) }),
                    None => not_in_pool.push(ip),
                }
            }
            known
        }
        HostSelection::FullSync { .. } => {
            let mut pool = pool(inventory).await?;
            let mut found = BTreeSet::new();
            for text in of_group(asker).await? {
                match read(&text) {
                    Some(ip) => drop(found.insert(ip)),
                    None => nameless.push((text, "the host field of documents")),
                }
            }
            found.into_iter().map(|ip| Target { ip, host: pool.remove(&ip) }).collect()
        }
    };
    Ok(Targets { ask, not_in_pool, nameless })
}

/// All addresses that the range has of the group, page by page. An empty list is only believed once the fields are known to
/// be there.
async fn of_group(asker: &Asker<'_>) -> Result<Vec<String>> {
    match pages(asker).await {
        Ok(found) if !found.is_empty() => Ok(found),
        Err(error) if error.code != "es_refused" => Err(error),
        odd => {
            if asker.adapt().await? {
                pages(asker).await
            } else {
                odd
            }
        }
    }
}

async fn pages(asker: &Asker<'_>) -> Result<Vec<String>> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let answer = asker.client().ask(asker.scope().addresses(&asker.shape(), after.as_ref())).await?;
        let (page, next) = read_addresses(&answer)?;
        all.extend(page);
        match next {
            // A server that does not move on would be asked for ever.
            Some(next) if after.as_ref() != Some(&next) => after = Some(next),
            _ => return Ok(all),
        }
    }
}
