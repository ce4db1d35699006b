//! Which places bars are brought to: those of the configuration file and those that were added while the daemon ran, in one list.
//!
//! A value; [`super::links`] holds the one that counts, and makes it true. Invariants: what is added has a name of its own, of
//! all kinds and origins (the file alone may call a slave and a backup alike, as the machine that both stand on); what is the
//! file's is changed in the file alone.

use crate::model::bars::{BarsBackup, BarsPlace, BarsTarget, TargetKind};
use crate::model::job::Origin;
use reqwest::Url;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

const LONGEST_WAIT: Duration = Duration::from_secs(3600);
const LONGEST_NAME: usize = 200;

/// Why a change is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("a {kind} named {name:?} exists already{of_file}", of_file = of_file(.file))]
    Taken { kind: TargetKind, name: String, file: bool },
    #[error("the {kind} {name} is at the same place")]
    SamePlace { kind: TargetKind, name: String },
    #[error("the {kind} {name} is the configuration file's ([[dms.{kind}s]]), which every start follows")]
    OfFile { kind: TargetKind, name: String },
    #[error("backup or slave {0:?}")]
    Unknown(String),
}

fn of_file(file: &bool) -> &'static str {
    if *file { ", in the configuration file" } else { "" }
}

/// What is wrong with a target in itself: the field, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub field: &'static str,
    pub why: String,
}

fn wrong<T>(field: &'static str, why: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { field, why: why.into() })
}

/// Says what is wrong with a target that can be said without asking anybody.
pub fn judge(target: &BarsTarget) -> Result<(), Wrong> {
    let BarsTarget { name, place, enabled: _, origin: _ } = target;
    // Names stand in paths of the API.
    if name.contains('/') || name.contains(char::is_control) || name.trim() != name || matches!(name.as_str(), "" | "." | "..") {
        return wrong("name", "must be without / and control characters, without blanks at either end, and not empty, . or ..");
    }
    if name.chars().count() > LONGEST_NAME {
        return wrong("name", format!("must have at most {LONGEST_NAME} characters"));
    }
    match place {
        BarsPlace::Slave { host, port } => judge_address(host, *port),
        BarsPlace::Backup(BarsBackup { host, port, tls: _, database, account, timeout }) => {
            judge_address(host, *port)?;
            if database.is_empty() || database.chars().any(|c| c.is_control() || matches!(c, '"' | '\'' | '\\' | '/')) {
                return wrong("database", "must be a name without quotes, slashes and control characters");
            }
            if let Some((user, password)) = account {
                if user.is_empty() || user.contains(|c: char| c.is_control() || c == ':') {
                    return wrong("user", "must be a name without colon and control characters");
                }
                if password.is_empty() {
                    return wrong("password", "is empty");
                }
            }
            if timeout.is_zero() || *timeout > LONGEST_WAIT {
                return wrong("timeout_seconds", format!("must be from 1 to {}", LONGEST_WAIT.as_secs()));
            }
            Ok(())
        }
    }
}

fn judge_address(host: &str, port: u16) -> Result<(), Wrong> {
    if port == 0 {
        return wrong("port", "must be from 1 to 65535");
    }
    // What a URL would take for its path or its user is no host.
    let is_none = host.is_empty() || host.starts_with('-');
    if is_none || host.contains(|c: char| c.is_whitespace() || c.is_control() || "/\\@?#%".contains(c)) {
        return wrong("host", format!("{host:?} is no host name and no address"));
    }
    if let Some((name, port)) = with_port(host) {
        return wrong("host", format!("{host:?} has a port in it, which stands apart: host {name}, port {port}"));
    }
    match Url::parse(&url(false, host, port)) {
        Ok(_) => Ok(()),
        Err(e) => wrong("host", format!("{host:?} is no host name and no address: {e}")),
    }
}

/// Takes an address apart that has its port in it; None: it has none, or is an address of IPv6 as it is.
fn with_port(host: &str) -> Option<(&str, u16)> {
    let (name, port) = host.rsplit_once(':')?;
    let is_whole = if name.contains(':') { name.starts_with('[') && name.ends_with(']') } else { !name.is_empty() };
    Some((name, port.parse().ok().filter(|_| is_whole)?))
}

/// Writes an address; one of IPv6 may come with its brackets or without.
pub(super) fn url(tls: bool, host: &str, port: u16) -> String {
    let scheme = if tls { "https" } else { "http" };
    let host = if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() };
    format!("{scheme}://{host}:{port}")
}

/// Says whether one of these is at the same place: it would be brought everything twice.
pub fn apart(others: &[BarsTarget], target: &BarsTarget) -> Result<(), Refusal> {
    let is_same = |other: &&BarsTarget| match (&other.place, &target.place) {
        (BarsPlace::Backup(one), BarsPlace::Backup(other)) if one.database != other.database => false,
        (BarsPlace::Slave { .. }, BarsPlace::Slave { .. }) | (BarsPlace::Backup(_), BarsPlace::Backup(_)) => {
            other.address() == target.address()
        }
        _ => false,
    };
    // One of the same name is told by it.
    match others.iter().filter(|other| other.id() != target.id()).find(is_same) {
        Some(other) => Err(Refusal::SamePlace { kind: other.kind(), name: other.name.clone() }),
        None => Ok(()),
    }
}

/// Says whether a listener (`0.0.0.0:11183`) is what an address of this machine means, without asking for names.
pub fn is_at(listener: &str, host: &str, port: u16) -> bool {
    let ip = |text: &str| match text.trim_matches(['[', ']']) {
        "localhost" => Some(IpAddr::from(Ipv4Addr::LOCALHOST)),
        text => text.parse::<IpAddr>().ok().map(|ip| ip.to_canonical()),
    };
    let Some((own, own_port)) = listener.rsplit_once(':') else { return false };
    if own_port.parse() != Ok(port) || port == 0 {
        return false;
    }
    match (ip(own), ip(host)) {
        (Some(own), Some(there)) => own == there || own.is_unspecified() && (there.is_loopback() || there.is_unspecified()),
        _ => own.eq_ignore_ascii_case(host),
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registry {
    /// The file's in its order, then the others as they came.
    targets: Vec<BarsTarget>,
}

impl Registry {
    /// Puts both together; also returns the stored ones whose names the file has: those are not used.
    pub fn new(file: Vec<BarsTarget>, stored: Vec<BarsTarget>) -> (Self, Vec<BarsTarget>) {
        let (hidden, stored): (Vec<_>, Vec<_>) = stored.into_iter().partition(|s| file.iter().any(|f| f.name == s.name));
        (Self { targets: file.into_iter().chain(stored).collect() }, hidden)
    }

    pub fn all(&self) -> &[BarsTarget] {
        &self.targets
    }

    /// Says whether a name is free.
    pub fn free(&self, name: &str) -> Result<(), Refusal> {
        match self.targets.iter().find(|t| t.name == name) {
            Some(t) => Err(Refusal::Taken { kind: t.kind(), name: name.to_owned(), file: t.origin == Origin::Config }),
            None => Ok(()),
        }
    }

    /// Says whether name and place are another's: one daemon under two names would be brought everything twice.
    pub fn fits(&self, target: &BarsTarget) -> Result<(), Refusal> {
        self.free(&target.name)?;
        apart(&self.targets, target)
    }

    /// Returns the one of that name that was added; the file's is refused.
    pub fn added(&self, name: &str) -> Result<&BarsTarget, Refusal> {
        match self.targets.iter().find(|t| t.name == name) {
            Some(t) if t.origin == Origin::Config => Err(Refusal::OfFile { kind: t.kind(), name: name.to_owned() }),
            Some(t) => Ok(t),
            None => Err(Refusal::Unknown(name.to_owned())),
        }
    }

    pub fn add(&mut self, target: BarsTarget) -> Result<(), Refusal> {
        self.fits(&target)?;
        self.targets.push(target);
        Ok(())
    }

    pub fn remove(&mut self, name: &str) -> Result<BarsTarget, Refusal> {
        let target = self.added(name)?.clone();
        self.targets.retain(|t| t.name != name);
        Ok(target)
    }

    /// Enables or disables one; returns what it is then.
    pub fn switch(&mut self, name: &str, enabled: bool) -> Result<BarsTarget, Refusal> {
        self.added(name)?;
        let target = self.targets.iter_mut().find(|t| t.name == name).ok_or_else(|| Refusal::Unknown(name.to_owned()))?;
        target.enabled = enabled;
        Ok(target.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn slave(name: &str, origin: Origin) -> BarsTarget {
        let place = BarsPlace::Slave { host: "10.0.0.2".to_owned(), port: 11183 };
        BarsTarget { name: name.to_owned(), place, enabled: true, origin }
    }

    fn backup(change: impl FnOnce(&mut BarsBackup)) -> BarsTarget {
        let (host, database) = ("influx".to_owned(), "dms_data".to_owned());
        let mut place = BarsBackup { host, port: 8086, tls: false, database, account: None, timeout: Duration::from_secs(30) };
        change(&mut place);
        BarsTarget { name: "b".to_owned(), place: BarsPlace::Backup(place), enabled: true, origin: Origin::Native }
    }

    #[test]
    fn the_file_wins_and_is_changed_in_the_file() {
        let (mut all, hidden) = Registry::new(
            vec![slave("a", Origin::Config)],
            vec![slave("b", Origin::Native), BarsTarget { enabled: false, ..slave("a", Origin::Native) }],
        );
        let names = |r: &Registry| r.all().iter().map(|t| t.name.clone()).collect::<Vec<_>>();
        assert_eq!((names(&all), hidden.len(), hidden[0].name.as_str()), (vec!["a".into(), "b".into()], 1, "a"));
        assert!(all.all()[0].enabled, "the file's word");
        let text = all.remove("a").unwrap_err().to_string();
        assert_eq!(text, "the slave a is the configuration file's ([[dms.slaves]]), which every start follows");
        assert_eq!(all.switch("a", false).unwrap_err().to_string(), text);
        assert_eq!(all.remove("c"), Err(Refusal::Unknown("c".into())));
        // Names are one space, whatever the kind.
        let taken = all.add(backup(|_| {})).unwrap_err().to_string();
        assert_eq!(taken, "a slave named \"b\" exists already");
        let taken = all.add(slave("a", Origin::Native)).unwrap_err().to_string();
        assert_eq!(taken, "a slave named \"a\" exists already, in the configuration file");
        assert!(!all.switch("b", false).unwrap().enabled && !all.all()[1].enabled);
        // One place under two names is one too many; another database is another place.
        let twice = all.add(slave("z", Origin::Native)).unwrap_err().to_string();
        assert_eq!(twice, "the slave a is at the same place");
        assert_eq!(all.remove("b").unwrap().name, "b");
        all.add(backup(|_| {})).unwrap();
        assert_eq!(names(&all), ["a", "b"]);
        let named = |name: &str, database: &str| BarsTarget { name: name.to_owned(), ..backup(|b| b.database = database.to_owned()) };
        assert!(all.fits(&named("c", "dms_data")).is_err() && all.fits(&named("c", "other")).is_ok());
    }

    #[test]
    fn a_listener_is_known_by_every_address_that_means_it() {
        for (listener, host, port, is_it) in [
            ("127.0.0.1:11183", "localhost", 11183, true),
            ("127.0.0.1:11183", "127.0.0.1", 11184, false),
            ("0.0.0.0:11183", "127.0.0.1", 11183, true),
            ("[::]:11183", "::1", 11183, true),
            ("[::]:11183", "[::1]", 11183, true),
            ("10.0.0.1:11183", "10.0.0.2", 11183, false),
            ("0.0.0.0:11183", "10.0.0.2", 11183, false),
            ("dms.example.com:11183", "DMS.example.com", 11183, true),
            ("127.0.0.1:0", "127.0.0.1", 0, false),
        ] {
            assert_eq!(is_at(listener, host, port), is_it, "{listener} {host}:{port}");
        }
    }

    #[test]
    fn what_is_wrong_names_its_field() {
        let field = |t: BarsTarget| judge(&t).err().map(|w| w.field);
        for host in ["influx", "10.0.0.1", "::1", "[::1]", "db.example.com"] {
            assert_eq!(field(backup(|b| b.host = host.to_owned())), None, "{host}");
        }
        for host in ["", "-x", "a b", "a/b", "u@h", "h?x", "h#x", "1.2.3.4.5", "[::1", "h:80", "h\n"] {
            assert_eq!(field(backup(|b| b.host = host.to_owned())), Some("host"), "{host}");
        }
        for (host, says) in [
            ("h:80", "\"h:80\" has a port in it, which stands apart: host h, port 80"),
            ("[::1]:8086", "\"[::1]:8086\" has a port in it, which stands apart: host [::1], port 8086"),
        ] {
            let wrong = judge(&backup(|b| b.host = host.to_owned())).unwrap_err();
            assert_eq!((wrong.field, wrong.why.as_str()), ("host", says));
        }
        for name in ["", " x", "a/b", "..", "x\n", &"x".repeat(201)] {
            assert_eq!(field(slave(name, Origin::Native)), Some("name"), "{name}");
        }
        let account = |user: &str, password: &str| Some((user.to_owned(), Secret::new(password)));
        assert_eq!(field(backup(|b| b.account = account("u", "p"))), None);
        assert_eq!(field(backup(|b| b.account = account("", "p"))), Some("user"));
        assert_eq!(field(backup(|b| b.account = account("u:x", "p"))), Some("user"));
        assert_eq!(field(backup(|b| b.account = account("u", ""))), Some("password"));
        assert_eq!(field(backup(|b| b.database = String::new())), Some("database"));
        assert_eq!(field(backup(|b| b.port = 0)), Some("port"));
        assert_eq!(field(backup(|b| b.timeout = Duration::ZERO)), Some("timeout_seconds"));
        assert_eq!(field(backup(|b| b.timeout = Duration::from_secs(3601))), Some("timeout_seconds"));
    }
}
