//! `/api/v1/logs` and `/api/v1/audit`.

use super::{Client, Error};
use crate::wire::native::logs::{AuditList, LogPage};

/// Narrows the log; the default is the newest lines of everything.
#[derive(Debug, Clone, Default)]
pub struct LogQuery {
    pub target: Option<String>,
    pub level: Option<String>,
    /// RFC 3339.
    pub since: Option<String>,
    /// RFC 3339.
    pub until: Option<String>,
    pub grep: Option<String>,
    pub after: Option<u64>,
    pub limit: Option<u64>,
    /// How long the daemon may hold the request open until there is a line.
    pub wait_ms: Option<u64>,
}

impl Client {
    pub async fn logs(&self, query: &LogQuery) -> Result<LogPage, Error> {
        let LogQuery { target, level, since, until, grep, after, limit, wait_ms } = query.clone();
        let texts = [("target", target), ("level", level), ("since", since), ("until", until), ("grep", grep)];
        let numbers = [("after", after), ("limit", limit), ("wait_ms", wait_ms)];
        let mut pairs: Vec<_> = texts.into_iter().filter_map(|(k, v)| Some((k, v?))).collect();
        pairs.extend(numbers.into_iter().filter_map(|(k, v)| Some((k, v?.to_string()))));
        self.get(&["logs"], &pairs).await
    }

    pub async fn audit(&self, object: Option<&str>, who: Option<&str>, since: Option<String>, limit: u64) -> Result<AuditList, Error> {
        let texts = [("object", object.map(str::to_owned)), ("who", who.map(str::to_owned)), ("since", since)];
        let mut pairs: Vec<_> = texts.into_iter().filter_map(|(k, v)| Some((k, v?))).collect();
        pairs.push(("limit", limit.to_string()));
        self.get(&["audit"], &pairs).await
    }
}
