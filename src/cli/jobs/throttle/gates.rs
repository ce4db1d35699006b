//! The flags that say what a job holds back for.

use crate::cli::endpoint::{self, Password};
use crate::cli::error::Error;
use crate::cli::human;
use crate::wire::native::jobs::{Gates, Replica};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Takes a gate away.
const NONE: &str = "none";

#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Gates")]
pub(super) struct GateArgs {
    /// Status variables of the source and the most that each may be, e.g. Threads_running=25,Threads_connected=500; none takes
    /// them away
    #[arg(long, value_name = "VARIABLE=N")]
    max_source_load: Vec<String>,
    /// The same of the target; the stream waits too
    #[arg(long, value_name = "VARIABLE=N")]
    max_target_load: Vec<String>,
    /// Status variables of the source, and what is critical of each: above it, twice in a row, the job lets go of both servers
    /// and comes again later; none takes them away
    #[arg(long, value_name = "VARIABLE=N")]
    critical_source_load: Vec<String>,
    /// The same of the target
    #[arg(long, value_name = "VARIABLE=N")]
    critical_target_load: Vec<String>,
    /// How far behind the target's replicas may be, e.g. 5s; none asks no replica any more. It holds the copy only, not the stream:
    /// the changes of the source have to be borne by them anyway
    #[arg(long, value_name = "TIME")]
    max_replica_lag: Option<String>,
    /// A replica of the target that is asked for its lag; may be repeated, and replaces those named before
    #[arg(long = "replica", value_name = "USER@HOST[:PORT]")]
    replicas: Vec<String>,
    /// File that holds the password of USER
    #[arg(long, value_name = "FILE", conflicts_with = "replica_password_env")]
    replica_password_file: Option<PathBuf>,
    /// Environment variable that holds the password of USER
    #[arg(long, value_name = "VARIABLE")]
    replica_password_env: Option<String>,
}

impl GateArgs {
    /// Its flags, and which are given.
    pub(super) fn flags(&self) -> [(&'static str, bool); 8] {
        let Self {
            max_source_load,
            max_target_load,
            critical_source_load,
            critical_target_load,
            max_replica_lag,
            replicas,
            replica_password_file,
            replica_password_env,
        } = self;
        [
            ("--max-source-load", !max_source_load.is_empty()),
            ("--max-target-load", !max_target_load.is_empty()),
            ("--critical-source-load", !critical_source_load.is_empty()),
            ("--critical-target-load", !critical_target_load.is_empty()),
            ("--max-replica-lag", max_replica_lag.is_some()),
            ("--replica", !replicas.is_empty()),
            ("--replica-password-file", replica_password_file.is_some()),
            ("--replica-password-env", replica_password_env.is_some()),
        ]
    }

    /// Puts what is given over what the job has; `off`: nothing stays that is not named.
    pub(super) fn over(self, stored: &Gates, off: bool) -> Result<Gates, Error> {
        let mut gates = if off { Gates::default() } else { stored.clone() };
        if !self.max_source_load.is_empty() {
            gates.max_source_load = load("--max-source-load", &self.max_source_load)?;
        }
        if !self.max_target_load.is_empty() {
            gates.max_target_load = load("--max-target-load", &self.max_target_load)?;
        }
        if !self.critical_source_load.is_empty() {
            gates.critical_source_load = load("--critical-source-load", &self.critical_source_load)?;
        }
        if !self.critical_target_load.is_empty() {
            gates.critical_target_load = load("--critical-target-load", &self.critical_target_load)?;
        }
        let named = Password { file: self.replica_password_file.as_deref(), env: self.replica_password_env.as_deref() };
        let password = named.read()?;
        if !self.replicas.is_empty() {
            gates.replicas = self.replicas.iter().map(|text| replica(text, password.as_deref(), stored)).collect::<Result<_, _>>()?;
        } else if password.is_some() {
            return Err(Error::usage("a password goes with --replica USER@HOST"));
        }
        match self.max_replica_lag.as_deref() {
            Some(NONE) => (gates.max_replica_lag_ms, gates.replicas) = (None, Vec::new()),
            Some(text) => {
                let lag = human::parse_duration(text).map_err(|e| Error::usage(format!("--max-replica-lag: {e}")))?;
                gates.max_replica_lag_ms = Some(u64::try_from(lag.as_millis()).unwrap_or(u64::MAX));
            }
            None => {}
        }
        match (gates.max_replica_lag_ms.is_some(), gates.replicas.is_empty()) {
            (true, true) => Err(Error::usage("--max-replica-lag needs replicas to ask").hint("name them: --replica USER@HOST:PORT")),
            (false, false) => Err(Error::usage("--replica needs how far behind it may be").hint("say it: --max-replica-lag 5s")),
            _ => Ok(gates),
        }
    }
}

/// `Threads_running=25,Threads_connected=500`, or none.
fn load(flag: &str, given: &[String]) -> Result<BTreeMap<String, u64>, Error> {
    if given == [NONE] {
        return Ok(BTreeMap::new());
    }
    let pair = |text: &str| {
        let (variable, most) = text.split_once('=')?;
        Some((variable.trim().to_owned(), most.trim().parse().ok()?)).filter(|(variable, _)| !variable.is_empty())
    };
    let texts = given.iter().flat_map(|list| list.split(',')).map(str::trim).filter(|text| !text.is_empty());
    texts.map(|text| pair(text).ok_or_else(|| Error::usage(format!("{flag}: {text:?} is not VARIABLE=N")))).collect()
}

/// `user@host`, `user@host:port`; a password that is nowhere named stays as the daemon has it.
fn replica(text: &str, password: Option<&str>, stored: &Gates) -> Result<Replica, Error> {
    let endpoint::Address { user, host, port } = endpoint::address("--replica", text)?;
    let known = || stored.replicas.iter().find(|r| r.host == host && r.port == port && r.user == user).map(|r| r.password.clone());
    let password = password.map(str::to_owned).or_else(known).unwrap_or_default();
    Ok(Replica { host, port, user, password })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args() -> GateArgs {
        GateArgs::default()
    }

    #[test]
    fn what_is_given_replaces_its_part() {
        let list = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        let given = GateArgs {
            max_source_load: list(&["Threads_running=25, Threads_connected=500"]),
            max_replica_lag: Some("1500ms".into()),
            replicas: list(&["you@db3", "me@[::1]:3307"]),
            ..args()
        };
        let flags: Vec<_> = given.flags().into_iter().filter(|(_, given)| *given).map(|(flag, _)| flag).collect();
        assert_eq!(flags, ["--max-source-load", "--max-replica-lag", "--replica"]);
        let set = given.over(&Gates::default(), false).unwrap();
        assert_eq!(set.max_source_load, BTreeMap::from([("Threads_running".into(), 25), ("Threads_connected".into(), 500)]));
        assert_eq!(set.max_replica_lag_ms, Some(1500));
        let named: Vec<_> = set.replicas.iter().map(|r| (r.host.as_str(), r.port, r.user.as_str())).collect();
        assert_eq!(named, [("db3", 3306, "you"), ("::1", 3307, "me")]);
        let more = GateArgs { max_target_load: list(&["Threads_running=9"]), max_source_load: list(&["none"]), ..args() };
        let more = more.over(&set, false).unwrap();
        assert_eq!((more.max_source_load.len(), more.max_target_load.len(), &more.replicas), (0, 1, &set.replicas));
        let none = GateArgs { max_replica_lag: Some("none".into()), ..args() }.over(&more, false).unwrap();
        assert_eq!((none.max_target_load.len(), none.replicas.len(), none.max_replica_lag_ms), (1, 0, None));
        let critical = GateArgs { critical_target_load: list(&["Threads_running=200"]), ..args() }.over(&more, false).unwrap();
        assert_eq!((critical.critical_target_load.len(), &critical.max_target_load), (1, &more.max_target_load));
        assert_eq!(args().over(&more, true).unwrap(), Gates::default());
        for bad in [
            GateArgs { max_source_load: list(&["Threads_running"]), ..args() },
            GateArgs { replicas: list(&["me@db3"]), ..args() },
            GateArgs { replicas: list(&["db3"]), max_replica_lag: Some("5s".into()), ..args() },
            GateArgs { max_replica_lag: Some("5s".into()), ..args() },
        ] {
            assert!(bad.over(&Gates::default(), false).is_err());
        }
    }
}
