//! A job file's gates: those of the wire, and passwords of replicas by reference.

use crate::cli::endpoint::Password;
use crate::cli::error::Error;
use crate::wire::native::jobs::{Gates, Replica};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GatesFile {
    #[serde(default)]
    max_source_load: BTreeMap<String, u64>,
    #[serde(default)]
    max_target_load: BTreeMap<String, u64>,
    max_replica_lag_ms: Option<u64>,
    #[serde(default)]
    replicas: Vec<ReplicaFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplicaFile {
    host: String,
    #[serde(default = "super::default_port")]
    port: u16,
    user: String,
    password: Option<String>,
    /// Relative to the job file's folder.
    password_file: Option<PathBuf>,
    password_env: Option<String>,
}

impl GatesFile {
    pub(super) fn resolve(self, folder: &Path) -> Result<Gates, Error> {
        let Self { max_source_load, max_target_load, max_replica_lag_ms, replicas } = self;
        let replica = |ReplicaFile { host, port, user, password, password_file, password_env }: ReplicaFile| {
            let given = [password.is_some(), password_file.is_some(), password_env.is_some()];
            if given.into_iter().filter(|given| *given).count() > 1 {
                return Err(Error::usage("gates.replicas: give one of password, password_file and password_env"));
            }
            let path = password_file.map(|p| folder.join(p));
            let named = Password { file: path.as_deref(), env: password_env.as_deref() };
            let read = named.read().map_err(|e| e.about("in", "gates.replicas"))?;
            Ok(Replica { host, port, user, password: password.or(read).unwrap_or_default() })
        };
        let replicas = replicas.into_iter().map(replica).collect::<Result<_, Error>>()?;
        Ok(Gates { max_source_load, max_target_load, max_replica_lag_ms, replicas })
    }
}
