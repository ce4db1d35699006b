//! A job's gates, in both directions. Passwords go out as the mask.

use crate::api::error::{Error, Result};
use crate::model::gates::{Gates, LoadLimit, Replica};
use crate::secret::{MASK, Secret};
use crate::wire::native::jobs as wire;
use std::collections::BTreeMap;
use std::time::Duration;

/// `target`: the job has a database as its target.
pub(in crate::api::native) fn gates(gates: wire::Gates, target: bool) -> Result<Gates> {
    let wire::Gates { max_source_load, max_target_load, max_replica_lag_ms, replicas } = gates;
    let limits = |load: BTreeMap<String, u64>| load.into_iter().map(|(variable, most)| LoadLimit { variable, most }).collect();
    let replica =
        |wire::Replica { host, port, user, password }: wire::Replica| Replica { host, port, user, password: Secret::new(password) };
    let gates = Gates {
        source: limits(max_source_load),
        target: limits(max_target_load),
        lag: max_replica_lag_ms.map(Duration::from_millis),
        replicas: replicas.into_iter().map(replica).collect(),
    };
    match gates.wrong(target) {
        Some((part, why)) => {
            let field = format!("gates.{part}");
            Err(Error::bad_request(format!("{field}: {why}")).field(&field))
        }
        None => Ok(gates),
    }
}

pub(super) fn shown(gates: Gates) -> wire::Gates {
    let Gates { source, target, lag, replicas } = gates;
    let load = |limits: Vec<LoadLimit>| limits.into_iter().map(|LoadLimit { variable, most }| (variable, most)).collect();
    let replica = |Replica { host, port, user, password }: Replica| {
        let password = if password.is_empty() { String::new() } else { MASK.to_owned() };
        wire::Replica { host, port, user, password }
    };
    wire::Gates {
        max_source_load: load(source),
        max_target_load: load(target),
        max_replica_lag_ms: lag.map(|lag| u64::try_from(lag.as_millis()).unwrap_or(u64::MAX)),
        replicas: replicas.into_iter().map(replica).collect(),
    }
}
