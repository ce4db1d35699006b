//! `/api/v1/runs`.

use super::{Client, Error};
use crate::wire::native::runs::{Pruned, RunDetail, RunList};

/// Narrows the list of runs; the default is the newest of everything.
#[derive(Debug, Clone, Default)]
pub struct RunQuery {
    pub job: Option<String>,
    pub kind: Option<String>,
    pub state: Option<String>,
    /// RFC 3339.
    pub since: Option<String>,
    pub limit: Option<u64>,
}

impl Client {
    pub async fn runs(&self, query: &RunQuery) -> Result<RunList, Error> {
        let RunQuery { job, kind, state, since, limit } = query.clone();
        let texts = [("job", job), ("kind", kind), ("state", state), ("since", since)];
        let mut pairs: Vec<_> = texts.into_iter().filter_map(|(k, v)| Some((k, v?))).collect();
        pairs.extend(limit.map(|n| ("limit", n.to_string())));
        self.get(&["runs"], &pairs).await
    }

    pub async fn run(&self, number: u64) -> Result<RunDetail, Error> {
        self.get(&["runs", &number.to_string()], &[]).await
    }

    /// Deletes runs that ended before this time (RFC 3339), or says how many there are.
    pub async fn prune_runs(&self, before: &str, dry_run: bool) -> Result<Pruned, Error> {
        self.delete(&["runs"], &[("before", before.to_owned()), ("dry_run", dry_run.to_string())]).await
    }
}
