//! One server that is asked: its status variables, or how far it is behind as a replica.

use super::Of;
use crate::model::endpoint::MysqlEndpoint;
use crate::model::gates::{Gates, LoadLimit};
use crate::model::replicate::ReplicateSpec;
use crate::replicate::connect::{self, Conn, Flavor};
use crate::replicate::{Error, Result};
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
    Load(Vec<LoadLimit>),
    Lag(Duration),
}

/// The servers that are asked.
pub(super) fn named(wanted: &Gates) -> BTreeMap<String, Of> {
    let Gates { source, target, lag: _, replicas } = wanted;
    let ends = [(SOURCE, source, Of::Source), (TARGET, target, Of::Target)].into_iter().filter(|(_, limits, _)| !limits.is_empty());
    let ends = ends.map(|(name, _, of)| (name.to_owned(), of));
    ends.chain(replicas.iter().map(|r| (format!("replica {r}"), Of::Replica))).collect()
}

impl Server {
    pub(super) fn all(wanted: &Gates, spec: &ReplicateSpec) -> Vec<Self> {
        let Gates { source, target, lag, replicas } = wanted;
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
        if !source.is_empty() {
            all.push(new(SOURCE.to_owned(), Of::Source, spec.src.endpoint.clone(), Question::Load(source.clone())));
        }
        let Some(at) = spec.dest.sink.endpoint() else { return all };
        if !target.is_empty() {
            all.push(new(TARGET.to_owned(), Of::Target, at.clone(), Question::Load(target.clone())));
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

    pub(super) fn hang_up(&mut self) {
        self.conn = None;
    }

    /// Asks, and returns why the job is to wait.
    pub(super) async fn look(&mut self) -> Option<String> {
        match self.ask().await {
            Ok(reason) => reason.map(|why| format!("{} {why}", self.name)),
            Err(error) => {
                self.hang_up();
                Some(format!("{} cannot be asked: {}", self.name, error.message))
            }
        }
    }

    async fn ask(&mut self) -> Result<Option<String>> {
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
            Question::Load(limits) => load(conn, limits).await,
            Question::Lag(most) => lag(conn, self.flavor, &mut self.old, *most).await,
        }
    }
}

async fn load(conn: &mut Conn, limits: &[LoadLimit]) -> Result<Option<String>> {
    // Names are checked where they come in: no character of theirs needs quoting.
    let names = limits.iter().map(|l| format!("'{}'", l.variable)).collect::<Vec<_>>().join(",");
    let asked = format!("SHOW GLOBAL STATUS WHERE Variable_name IN ({names})");
    let found: Vec<(String, String)> = conn.query(asked).await.map_err(|e| Error::mysql("ask for its status", e))?;
    let over = limits.iter().find_map(|LoadLimit { variable, most }| {
        let value = found.iter().find(|(name, _)| name.eq_ignore_ascii_case(variable)).map(|(_, value)| value.parse::<f64>());
        match value {
            None => Some(format!("has no status variable {variable}")),
            Some(Err(_)) => Some(format!("has no number in status variable {variable}")),
            Some(Ok(value)) => (value > *most as f64).then(|| format!("has {variable} {value}, which is more than {most}")),
        }
    });
    Ok(over)
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
        return Ok(Some("is no replica".to_owned()));
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
