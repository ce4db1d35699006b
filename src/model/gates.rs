//! Gates: what keeps a job back for the sake of the servers that it works at, beside how much it may move at all
//! ([`Throttle`](super::live::Throttle)). A part of the job, changed while it runs.

use super::endpoint::MysqlEndpoint;
use crate::secret::Secret;
use std::fmt;
use std::time::Duration;

/// A number that a server says of itself (`SHOW GLOBAL STATUS`), and the most that it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadLimit {
    pub variable: String,
    pub most: u64,
}

impl LoadLimit {
    /// Says whether a status variable can have this name.
    pub fn is_variable(text: &str) -> bool {
        (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.')
    }
}

impl fmt::Display for LoadLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.variable, self.most)
    }
}

/// A replica of the target. It always has an account of its own: the target's stored password must not go to a host that a
/// request names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replica {
    pub host: String,
    pub port: u16,
    pub user: String,
    pub password: Secret,
}

impl Replica {
    /// How to reach it; TLS as towards the target.
    pub fn endpoint(&self, target: &MysqlEndpoint) -> MysqlEndpoint {
        let Self { host, port, user, password } = self.clone();
        MysqlEndpoint { host, port, user, password, ..target.clone() }
    }

    pub fn is_same_server(&self, other: &Self) -> bool {
        self.port == other.port && self.host.eq_ignore_ascii_case(&other.host)
    }
}

impl fmt::Display for Replica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        write!(f, "{host}:{}", self.port)
    }
}

/// All gates of a job. The copy waits while one of them is shut, the stream while the target's is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gates {
    pub source: Vec<LoadLimit>,
    pub target: Vec<LoadLimit>,
    /// How far behind the replicas may be. Goes with them.
    pub lag: Option<Duration>,
    pub replicas: Vec<Replica>,
}

/// Limits of one server, and replicas.
const MOST: usize = 16;

impl Gates {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Says what is wrong, and with which part of it. `target`: the job has a database as its target.
    pub fn wrong(&self, target: bool) -> Option<(&'static str, String)> {
        let Self { source, target: of_target, lag, replicas } = self;
        for (part, limits) in [("max_source_load", source), ("max_target_load", of_target)] {
            if limits.len() > MOST {
                return Some((part, format!("at most {MOST} variables")));
            }
            if let Some(limit) = limits.iter().find(|l| !LoadLimit::is_variable(&l.variable)) {
                return Some((part, format!("{:?} is no status variable", limit.variable)));
            }
        }
        if !target && (!of_target.is_empty() || lag.is_some() || !replicas.is_empty()) {
            let part = if of_target.is_empty() { "replicas" } else { "max_target_load" };
            return Some((part, "a subscription has no target database".to_owned()));
        }
        if replicas.len() > MOST {
            return Some(("replicas", format!("at most {MOST}")));
        }
        if replicas.iter().any(|r| r.host.trim().is_empty() || r.port == 0 || r.user.is_empty()) {
            return Some(("replicas", "each needs its host, port and user".to_owned()));
        }
        if let Some(twice) = replicas.iter().enumerate().find(|(n, r)| replicas[..*n].iter().any(|o| o.is_same_server(r))) {
            return Some(("replicas", format!("{} is there twice", twice.1)));
        }
        match (lag, replicas.is_empty()) {
            (Some(_), true) => Some(("replicas", "max_replica_lag_ms needs replicas to ask".to_owned())),
            (None, false) => Some(("max_replica_lag_ms", "needed: how far behind the replicas may be".to_owned())),
            _ => None,
        }
    }
}

impl fmt::Display for Gates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, target, lag, replicas } = self;
        let list = |limits: &[LoadLimit]| limits.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let mut said = Vec::new();
        said.extend((!source.is_empty()).then(|| format!("source load {}", list(source))));
        said.extend((!target.is_empty()).then(|| format!("target load {}", list(target))));
        let named = replicas.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        said.extend(lag.map(|lag| format!("lag {} s of {named}", lag.as_secs_f64())));
        f.write_str(if said.is_empty() { "no gates" } else { "" })?;
        f.write_str(&said.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_refused_by_its_part() {
        let limit = |variable: &str| LoadLimit { variable: variable.into(), most: 25 };
        let replica = |host: &str| Replica { host: host.into(), port: 3306, user: "me".into(), password: Secret::new("") };
        let nobody = Replica { user: String::new(), ..replica("a") };
        let lag = Some(Duration::from_secs(5));
        let part = |gates: Gates, target| gates.wrong(target).map(|(part, _)| part);
        assert_eq!(part(Gates { source: vec![limit("Threads_running")], ..Gates::default() }, false), None);
        assert_eq!(part(Gates { source: vec![limit("x' OR 1")], ..Gates::default() }, true), Some("max_source_load"));
        assert_eq!(part(Gates { target: vec![limit("Threads_running")], ..Gates::default() }, false), Some("max_target_load"));
        assert_eq!(part(Gates { lag, ..Gates::default() }, true), Some("replicas"));
        assert_eq!(part(Gates { replicas: vec![replica("a")], ..Gates::default() }, true), Some("max_replica_lag_ms"));
        assert_eq!(part(Gates { lag, replicas: vec![replica("a"), replica("A")], ..Gates::default() }, true), Some("replicas"));
        assert_eq!(part(Gates { lag, replicas: vec![nobody], ..Gates::default() }, true), Some("replicas"));
        let all =
            Gates { source: vec![limit("Threads_running")], target: vec![limit("a"), limit("b")], lag, replicas: vec![replica("::1")] };
        assert_eq!(part(all.clone(), true), None);
        assert_eq!(all.to_string(), "source load Threads_running=25; target load a=25,b=25; lag 5 s of [::1]:3306");
        assert_eq!(Gates::default().to_string(), "no gates");
    }
}
