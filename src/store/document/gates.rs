//! The stored form of a job's gates, passwords sealed.

use super::super::Result;
use super::super::cipher::Cipher;
use crate::model::gates as model;
use serde::{Deserialize, Serialize};
use std::time::Duration;

#[derive(Serialize, Deserialize)]
pub(super) struct Gates {
    /// Variables and their most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    source: Vec<(String, u64)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    target: Vec<(String, u64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lag_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replicas: Vec<Replica>,
}

#[derive(Serialize, Deserialize)]
struct Replica {
    host: String,
    port: u16,
    user: String,
    /// Sealed; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

impl Gates {
    /// None: there are none.
    pub(super) fn seal(gates: &model::Gates, job: &str, cipher: &Cipher) -> Result<Option<Self>> {
        if gates.is_empty() {
            return Ok(None);
        }
        let model::Gates { source, target, lag, replicas } = gates;
        let pairs = |limits: &[model::LoadLimit]| limits.iter().map(|l| (l.variable.clone(), l.most)).collect();
        let replica = |replica: &model::Replica| {
            let model::Replica { host, port, user, password } = replica;
            let sealed = || cipher.seal(password, &place(job, host, *port));
            let password = (!password.is_empty()).then(sealed).transpose()?;
            Ok(Replica { host: host.clone(), port: *port, user: user.clone(), password })
        };
        Ok(Some(Self {
            source: pairs(source),
            target: pairs(target),
            lag_ms: lag.map(|lag| u64::try_from(lag.as_millis()).unwrap_or(u64::MAX)),
            replicas: replicas.iter().map(replica).collect::<Result<_>>()?,
        }))
    }

    pub(super) fn open(self, job: &str, cipher: &Cipher) -> Result<model::Gates> {
        let Self { source, target, lag_ms, replicas } = self;
        let limits = |pairs: Vec<(String, u64)>| pairs.into_iter().map(|(variable, most)| model::LoadLimit { variable, most }).collect();
        let replica = |Replica { host, port, user, password }: Replica| {
            let opened = password.map(|sealed| cipher.open(&sealed, &place(job, &host, port))).transpose()?;
            let password = opened.unwrap_or_else(|| crate::secret::Secret::new(""));
            Ok(model::Replica { host, port, user, password })
        };
        Ok(model::Gates {
            source: limits(source),
            target: limits(target),
            lag: lag_ms.map(Duration::from_millis),
            replicas: replicas.into_iter().map(replica).collect::<Result<_>>()?,
        })
    }
}

fn place(job: &str, host: &str, port: u16) -> String {
    format!("job {job} replica {host}:{port}")
}
