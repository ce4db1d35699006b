//! One server that is asked: its status variables, or how far it is behind as a replica.

use super::Of;
use crate::model::endpoint::MysqlEndpoint;
use crate::model::gates::{Gates, LoadLimit};
use crate::model::replicate::ReplicateSpec;
use crate::replicate::connect::{self, Conn, Flavor};
use crate::replicate::{Error, Kind, Result};
use mysql_async::Row;
use std::collections::BTreeMap;
use std::time::Duration;

const SOURCE: &str = "the source";
const TARGET: &str = "the target";

pub(super) struct Server {
    name: String,
    of: Of,
    endpoint: MysqlEndpoint,
    question: Question,
    conn: Option<Conn>,
    /// What a replica is asked for its lag with; found out with the connection.
    flavor: Flavor,
    old: bool,
}

enum Question {
    Load { most: Vec<LoadLimit>, critical: Vec<LoadLimit> },
    Lag(Duration),
}

/// What a server says of itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    /// Why the job is to wait.
    pub(super) shut: Option<String>,
    /// Why it is to let go of its servers.
    pub(super) critical: Option<String>,
}

/// The servers that are asked.
pub(super) fn named(wanted: &Gates) -> BTreeMap<String, Of> {
    let Gates { source, target, critical_source, critical_target, lag: _, replicas } = wanted;
    let ends = [(SOURCE, source, critical_source, Of::Source), (TARGET, target, critical_target, Of::Target)].into_iter();
    let ends = ends.filter(|(_, most, critical, _)| !most.is_empty() || !critical.is_empty());
    let ends = ends.map(|(name, _, _, of)| (name.to_owned(), of));
    ends.chain(replicas.iter().map(|r| (format!("replica {r}"), Of::Replica))).collect()
}

impl Server {
    pub(super) fn all(wanted: &Gates, spec: &ReplicateSpec) -> Vec<Self> {
        let Gates { source, target, critical_source, critical_target, lag, replicas } = wanted;
        let new = |name: String, of, endpoint: MysqlEndpoint, question| Self {
            name,
            of,
            endpoint,
            question,
            conn: None,
            flavor: Flavor::Mysql,
            old: false,
        };
        let mut all = Vec::new();
        let load = |most: &[LoadLimit], critical: &[LoadLimit]| {
            let any = !most.is_empty() || !critical.is_empty();
            any.then(|| Question::Load { most: most.to_vec(), critical: critical.to_vec() })
        };
        if let Some(question) = load(source, critical_source) {
            all.push(new(SOURCE.to_owned(), Of::Source, spec.src.endpoint.clone(), question));
        }
        let Some(at) = spec.dest.sink.endpoint() else { return all };
        if let Some(question) = load(target, critical_target) {
            all.push(new(TARGET.to_owned(), Of::Target, at.clone(), question));
        }
        let lag = lag.unwrap_or_default();
        all.extend(replicas.iter().map(|r| new(format!("replica {r}"), Of::Replica, r.endpoint(at), Question::Lag(lag))));
        all
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn of(&self) -> Of {
        self.of
    }

    /// Names a status variable that the server does not have, or why it can be asked for no lag. One that cannot be reached now is
    /// asked again by the job.
    pub(super) async fn lacks(&mut self) -> Option<String> {
        let Question::Load { most, critical } = &self.question else { return self.says_no_lag().await };
        let mut conn = connect::open(&self.endpoint, false).await.ok()?;
        let found = status(&mut conn, most.iter().chain(critical)).await.ok()?;
        conn.disconnect().await;
        let silent = most.iter().chain(critical).find_map(|limit| found.silent(limit))?;
        Some(format!("{} {silent}", self.name))
    }

    async fn says_no_lag(&mut self) -> Option<String> {
        let asked = self.ask().await;
        self.hang_up();
        match asked {
            // A replica whose replication rests is one all the same.
            Ok(Look { shut, .. }) => shut.filter(|why| why == NO_REPLICA).map(|why| format!("{} {why}", self.name)),
            Err(error) if error.kind == Kind::Transient => None,
            Err(error) => Some(format!("{} cannot be asked for its lag: {}", self.name, error.message)),
        }
    }

    pub(super) fn hang_up(&mut self) {
        self.conn = None;
    }

    /// Asks.
    pub(super) async fn look(&mut self) -> Look {
        match self.ask().await {
            Ok(Look { shut, critical }) => {
                let named = |why: Option<String>| why.map(|why| format!("{} {why}", self.name));
                Look { shut: named(shut), critical: named(critical) }
            }
            Err(error) => {
                self.hang_up();
                Look { shut: Some(format!("{} cannot be asked: {}", self.name, error.message)), critical: None }
            }
        }
    }

    async fn ask(&mut self) -> Result<Look> {
        let conn = match &mut self.conn {
            Some(conn) => conn,
            None => {
                let mut conn = connect::open(&self.endpoint, false).await?;
                let version: Option<String> =
                    conn.query_first("SELECT VERSION()").await.map_err(|e| Error::mysql("ask for the version", e))?;
                self.flavor = connect::flavor(version.as_deref().unwrap_or_default());
                self.old = false;
                self.conn.insert(conn)
            }
        };
        match &self.question {
            Question::Load { most, critical } => load(conn, most, critical).await,
            Question::Lag(most) => Ok(Look { shut: lag(conn, self.flavor, &mut self.old, *most).await?, critical: None }),
        }
    }
}

/// A server that replicates from nobody.
const NO_REPLICA: &str = "is no replica";

/// Status variables as a server has them.
struct Status(Vec<(String, String)>);

async fn status(conn: &mut Conn, limits: impl Iterator<Item = &LoadLimit>) -> Result<Status> {
    // Names are checked where they come in: no character of theirs needs quoting.
    let names = limits.map(|l| format!("'{}'", l.variable)).collect::<Vec<_>>().join(",");
    let asked = format!("SHOW GLOBAL STATUS WHERE Variable_name IN ({names})");
    conn.query(asked).await.map(Status).map_err(|e| Error::mysql("ask for its status", e))
}

impl Status {
    fn value(&self, variable: &str) -> Option<Option<f64>> {
        self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(variable)).map(|(_, value)| value.parse().ok())
    }
    fn above(&self, LoadLimit { variable, most }: &LoadLimit) -> Option<String> {
        let value = self.value(variable).flatten()?;
        (value > *most as f64).then(|| format!("has {variable} {value}, which is more than {most}"))
    }
    fn silent(&self, LoadLimit { variable, most: _ }: &LoadLimit) -> Option<String> {
        match self.value(variable) {
            None => Some(format!("has no status variable {variable}")),
            Some(None) => Some(format!("has no number in status variable {variable}")),
            Some(Some(_)) => None,
        }
    }
}

async fn load(conn: &mut Conn, most: &[LoadLimit], critical: &[LoadLimit]) -> Result<Look> {
    let found = status(conn, most.iter().chain(critical)).await?;
    let critical_now = critical.iter().find_map(|limit| found.above(limit));
    let silent = most.iter().chain(critical).find_map(|limit| found.silent(limit));
    let shut = silent.or_else(|| most.iter().find_map(|limit| found.above(limit)));
    // Nothing more is asked of it until it was asked again.
    Ok(Look { shut: shut.or_else(|| critical_now.clone()), critical: critical_now })
}

/// Says what is wrong with a replica. It says itself how far it is behind, in whole seconds.
async fn lag(conn: &mut Conn, flavor: Flavor, old: &mut bool, most: Duration) -> Result<Option<String>> {
    let failed = |e| Error::mysql("ask for its lag", e);
    let rows: Vec<Row> = match flavor {
        Flavor::Mariadb => conn.query("SHOW ALL SLAVES STATUS").await.map_err(failed)?,
        Flavor::Mysql if *old => conn.query("SHOW SLAVE STATUS").await.map_err(failed)?,
        Flavor::Mysql => match conn.query("SHOW REPLICA STATUS").await {
            // Before 8.0.22 the word is not known (1064: syntax).
            Err(mysql_async::Error::Server(e)) if e.code == 1064 => {
                *old = true;
                conn.query("SHOW SLAVE STATUS").await.map_err(failed)?
            }
            other => other.map_err(failed)?,
        },
    };
    if rows.is_empty() {
        return Ok(Some(NO_REPLICA.to_owned()));
    }
    let mut behind = 0;
    for row in &rows {
        let at = row.columns_ref().iter().position(|c| matches!(c.name_str().as_ref(), "Seconds_Behind_Source" | "Seconds_Behind_Master"));
        let seconds = at.and_then(|at| row.get_opt::<Option<u64>, _>(at)).and_then(std::result::Result::ok).flatten();
        let Some(seconds) = seconds else { return Ok(Some("does not replicate: it does not say how far it is behind".to_owned())) };
        behind = behind.max(seconds);
    }
    Ok((Duration::from_secs(behind) > most).then(|| format!("is {behind} s behind, which is more than {} s", most.as_secs_f64())))
}
