//! Daemons that came by themselves, as the native family shows them beside those that are known by name.

use super::nodes::{Known, Lag};
use crate::api::App;
use crate::api::error::Result;
use crate::bars::Visit;
use crate::config::DmsRole;
use jiff::Timestamp;
use std::net::IpAddr;

/// A slave that pulls from here, or a master that pushes.
pub(in crate::api) struct Visitor {
    pub(in crate::api) name: String,
    pub(in crate::api) role: &'static str,
    /// `pulls` or `pushes`.
    pub(in crate::api) way: &'static str,
    /// Where its last connection came from, and when.
    pub(in crate::api) from: IpAddr,
    pub(in crate::api) at: Timestamp,
    pub(in crate::api) last_sync: Option<Timestamp>,
    pub(in crate::api) lag: Lag,
}

/// Those that came lately and are none of the known ones.
pub(in crate::api) async fn visitors(app: &App, known: &[Known]) -> Result<Vec<Visitor>> {
    let store = app.dms.bars.get().map_err(crate::bars::Error::from)?;
    // A slave that names its master lists it in any case.
    let names_master = app.config.dms.role == DmsRole::Slave && app.dms.master().is_some();
    let is_known = |visit: &Visit| names_master && visit.version.is_none() || known.iter().any(|k| k.store.as_ref() == Some(&visit.store));
    let now = Timestamp::now();
    let mut all = Vec::new();
    for visit in app.dms.visits.lately(now).into_iter().filter(|visit| !is_known(visit)) {
        let Visit { name, store: _, from, at, version, in_step } = visit;
        all.push(match version {
            Some(version) => {
                let lag = Lag::of(store.waiting(version).await?, now);
                Visitor { name, role: DmsRole::Slave.as_str(), way: "pulls", from, at, last_sync: in_step, lag }
            }
            None => {
                let last_sync = store.synced(app.dms.own_name()).await?;
                Visitor { name, role: DmsRole::Master.as_str(), way: "pushes", from, at, last_sync, lag: Lag::default() }
            }
        });
    }
    Ok(all)
}
