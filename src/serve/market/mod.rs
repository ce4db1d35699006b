//! Market data out of the configuration: the desk with its backups and peers, `providers` where bars come from; `tasks` has those
//! that the file has.

mod providers;
mod tasks;

pub(super) use tasks::settle_tasks;

use crate::bars::registry::{self, Registry};
use crate::bars::replica::{Itself, Peer};
use crate::bars::{Common, Desk, Settings};
use crate::config::{self, Backup, Config, DmsRole, Slave};
use crate::model::bars::{BarsBackup, BarsPlace, BarsTarget, Exchanges, Holidays, Interval};
use crate::model::job::{JobKind, Origin};
use crate::scheduler::policy::Policy;
use crate::scheduler::tasks::Tasks;
use crate::secret::Secret;
use jiff::SignedDuration;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Everything that is wrong with `[dms]`; None: the policy is wrong itself.
pub(super) fn judge(config: &Config, policy: Option<&Policy>) -> Vec<String> {
    let (settings, tasks) = (settings(config), tasks::tasks(config));
    if let (Ok(settings), Ok(tasks), Some(policy)) = (&settings, &tasks, policy) {
        return tasks::refused(tasks, settings, policy);
    }
    let is_said = |complaint: &String| !config.dms.lists.made_up.iter().any(|key| complaint.starts_with(key));
    [settings.err(), tasks.err()].into_iter().flatten().flatten().filter(is_said).collect()
}

/// `[dms]` as the engine wants it; an error is every complaint about it.
pub(super) fn settings(config: &Config) -> Result<Settings, Vec<String>> {
    let dms = &config.dms;
    let mut complaints = Vec::new();
    let mut keep = |problem: Result<(), String>| complaints.extend(problem.err());
    let is_slave = dms.role == DmsRole::Slave;
    let token = dms.cluster_token_file.as_ref().map(|file| secret("dms.cluster_token_file", file)).transpose();
    let token = token.unwrap_or_else(|e| {
        keep(Err(e));
        None
    });
    let mut settings = Settings {
        enabled: dms.enabled,
        name: own_name(config),
        settle: SignedDuration::from_mins(i64::try_from(dms.settle_minutes).unwrap_or(i64::MAX / 60)),
        parallel: dms.concurrent_symbols as usize,
        is_slave,
        ..Settings::default()
    };
    let seconds = if is_slave { dms.pull_seconds } else { dms.push_seconds };
    settings.common =
        Common { own: settings.name.clone(), token, every: (seconds > 0).then(|| Duration::from_secs(seconds)), ..Common::default() };
    match (&dms.master, is_slave) {
        (Some(address), true) => match Peer::new("master", address, settings.common.token.clone(), None) {
            Ok(master) => settings.master = Some(master),
            Err(e) => keep(Err(format!("dms.master: {e}"))),
        },
        (Some(_), false) => keep(Err("dms.master: a master has none; set dms.role = \"slave\"".to_owned())),
        (None, _) => {}
    }
    let lists = &dms.lists;
    let given = [("slaves", lists.slaves.len()), ("backups", lists.backups.len()), ("tasks", lists.tasks.len())];
    for (name, _) in given.iter().filter(|(_, count)| is_slave && *count > 0) {
        keep(Err(format!("dms.{name}: a slave has none")));
    }
    let mut targets = Vec::new();
    let slaves = lists.slaves.iter().map(slave).enumerate().map(|(n, read)| ("slaves", n, Ok(read)));
    let backups = lists.backups.iter().map(backup).enumerate().map(|(n, read)| ("backups", n, read));
    for (list, number, read) in slaves.chain(backups).filter(|_| !is_slave) {
        let judged = read.and_then(|target| match registry::judge(&target) {
            Ok(()) => Ok(target),
            // Whatever it is to be some day; a host is one all the same.
            Err(wrong) if !target.enabled && wrong.field != "host" => Ok(target),
            Err(registry::Wrong { field, why }) => Err(format!("{field}: {why}")),
        });
        match judged {
            Ok(target) => match place(config, &targets, &target) {
                Ok(()) => targets.push(target),
                Err(e) => keep(Err(at(list, number, format!("host: {e}")))),
            },
            Err(e) => keep(Err(at(list, number, e))),
        }
    }
    settings.targets = Registry::new(targets, Vec::new()).0;
    for (number, provider) in lists.providers.iter().enumerate() {
        match providers::source(provider) {
            Ok(read) => drop(settings.sources.insert(provider.name.clone(), read)),
            Err(all) => all.into_iter().for_each(|e| keep(Err(at("providers", number, e)))),
        }
    }
    match exchanges(config) {
        Ok(exchanges) => settings.exchanges = Some(exchanges),
        Err(e) => keep(Err(e)),
    }
    if complaints.is_empty() { Ok(settings) } else { Err(complaints) }
}

/// Says that a target is this daemon, or stands in front of it in the list, as far as addresses show it; what names hide is told
/// when it is asked (`api/dms/nodes`).
fn place(config: &Config, before: &[BarsTarget], target: &BarsTarget) -> Result<(), String> {
    registry::apart(before, target).map_err(|refusal| refusal.to_string())?;
    let (host, port) = target.address();
    let is_own = |listener: &config::Listener| registry::is_at(&listener.address, host, port);
    match target.is_slave() && config.listeners.iter().any(is_own) {
        true => Err(format!("{host}:{port} is this daemon itself")),
        false => Ok(()),
    }
}

/// What is wrong with an entry of a list, behind the key that it stands in; `why` begins with the entry's own.
fn at(list: &str, number: usize, why: impl std::fmt::Display) -> String {
    format!("dms.{list}[{number}].{why}")
}

/// What is wrong with one entry: every mistake, each begins with its key.
#[derive(Default)]
struct Wrong(Vec<String>);

impl Wrong {
    /// None: it is a mistake, and kept.
    fn keep<T>(&mut self, read: Result<T, String>) -> Option<T> {
        read.map_err(|why| self.0.push(why)).ok()
    }

    /// What was made of the entry, if nothing is wrong with it.
    fn unless<T>(self, made: Option<T>) -> Result<T, Vec<String>> {
        made.filter(|_| self.0.is_empty()).ok_or(self.0)
    }
}

/// What this daemon is called among dms daemons.
fn own_name(config: &Config) -> String {
    Some(config.server.node_name.clone()).filter(|n| !n.is_empty()).unwrap_or_else(crate::cluster::host_name)
}

fn read(key: &str, file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|e| format!("{key}: cannot read {}: {e}", file.display()))
}

fn secret(key: &str, file: &Path) -> Result<Secret, String> {
    Ok(Secret::new(read(key, file)?.trim()))
}

fn exchanges(config: &Config) -> Result<Exchanges, String> {
    let holidays = match &config.dms.holidays_file {
        Some(file) => Holidays::parse(&read("dms.holidays_file", file)?).map_err(|e| format!("dms.holidays_file: {e}"))?,
        None => Holidays::default(),
    };
    Exchanges::new(&holidays)
}

fn slave(slave: &Slave) -> BarsTarget {
    let Slave { name, host, port, enabled } = slave.clone();
    BarsTarget { name, place: BarsPlace::Slave { host, port }, enabled, origin: Origin::Config }
}

fn backup(backup: &Backup) -> Result<BarsTarget, String> {
    let Backup { name, host, port, tls, database, user, password_file, timeout_seconds, enabled } = backup.clone();
    let account = match (user.is_empty(), password_file) {
        (true, None) => None,
        // Nothing is asked of one that is not in use.
        _ if !enabled => None,
        (false, Some(file)) => Some((user, secret("password_file", &file)?)),
        (false, None) => return Err("user: needs password_file".to_owned()),
        (true, Some(_)) => return Err("password_file: needs user".to_owned()),
    };
    let place = BarsBackup { host, port, tls, database, account, timeout: Duration::from_secs(timeout_seconds) };
    Ok(BarsTarget { name, place: BarsPlace::Backup(place), enabled, origin: Origin::Config })
}

fn interval(key: &str, text: Option<&String>) -> Result<Interval, String> {
    let text = text.map_or("1d", String::as_str);
    Interval::parse(text).ok_or_else(|| format!("{key}: {text:?} is not one of {}", Interval::ALL.map(Interval::as_str).join(", ")))
}

/// Opens everything. The file was judged before; `stored` are the targets that were added while a daemon ran, `port` is where dms
/// is served. Nothing that is stored keeps a daemon from starting.
pub(super) fn desk(config: &Config, stored: Vec<BarsTarget>, policy: &Policy, port: Option<u16>) -> Result<Desk, Vec<String>> {
    let mut settings = settings(config)?;
    settings.common.port = port;
    let (usable, others): (Vec<_>, Vec<_>) = stored.into_iter().partition(|t| !settings.is_slave && registry::judge(t).is_ok());
    for target in others {
        tracing::warn!(
            target_name = target.name,
            kind = target.kind().as_str(),
            "a stored target is not used: a slave has none, or it is wrong"
        );
    }
    let (targets, hidden) = Registry::new(settings.targets.all().to_vec(), usable);
    settings.targets = targets;
    for target in hidden {
        let (name, kind) = (target.name.as_str(), target.kind().as_str());
        tracing::warn!(
            target_name = name,
            kind,
            "the configuration file and the store both have a target of this name; the file's is used"
        );
    }
    let policy = policy.clone();
    settings.common.admit = Some(Arc::new(move |host: String, port: u16| {
        let policy = policy.clone();
        Box::pin(async move { policy.admit(&host, port, &format!("{host}:{port}")).await })
    }));
    Desk::new(settings).map_err(|e| vec![e])
}

/// What this daemon tells others of itself as it comes there.
pub(super) fn itself(started: jiff::Timestamp, tasks: &Tasks) -> Itself {
    let tasks = tasks.clone();
    let count = move || -> futures::future::BoxFuture<'static, Option<u64>> {
        let tasks = tasks.clone();
        Box::pin(async move { tasks.enabled(JobKind::Bars).await.ok() })
    };
    Itself { started, tasks: Arc::new(count) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;
    use crate::model::bars::Symbol;
    use crate::model::job::TaskSpec;

    fn load(text: &str) -> Config {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("c.toml");
        std::fs::write(&file, text).unwrap();
        std::fs::write(dir.path().join("us.txt"), "# ours\nsymbols:\n  - US.AAPL\nIBM, 0700.HK\n").unwrap();
        std::fs::write(dir.path().join("key"), "k\n").unwrap();
        std::fs::create_dir(dir.path().join("bars")).unwrap();
        let mut config = Config::load(Some(&file), [], &Flags::default()).unwrap();
        // What is in files is read before the directory goes.
        config.server.data_dir = dir.keep();
        config
    }

    #[test]
    fn the_section_becomes_settings_and_tasks() {
        let config = load(
            "[dms]\nsettle_minutes = 3\n\
             [[dms.slaves]]\nname = 'b'\nhost = '::1'\n\
             [[dms.backups]]\nname = 'b'\nhost = 'influx'\nuser = 'u'\npassword_file = 'key'\n\
             [[dms.providers]]\nname = 'files'\nkind = 'csv'\ndir = 'bars'\n\
             [[dms.providers]]\nname = 'web'\nkind = 'http'\nformat = 'json'\nurl = 'https://x.example/{code}?i={interval}'\nrows = 'data.items'\n\
             fields = { time = 'ts' }\nintervals = { 1d = 'day' }\nheader_files = { X-Key = 'key' }\n\
             [[dms.tasks]]\nname = 'daily'\ntype = 'incremental'\nprovider = 'files'\nsymbols_file = 'us.txt'\ncron = '0 0 * * 2-6'\ntime_zone = 'America/New_York'\nsync = true\n",
        );
        let settings = settings(&config).unwrap();
        let [slave, backup] = settings.targets.all() else { panic!("{:?}", settings.targets) };
        assert_eq!((settings.settle, slave.address(), backup.address()), (SignedDuration::from_mins(3), ("::1", 11183), ("influx", 8086)));
        let BarsPlace::Backup(BarsBackup { account: Some((user, password)), .. }) = &backup.place else { panic!("{backup:?}") };
        assert_eq!((user.as_str(), password.expose(), slave.name == backup.name), ("u", "k", true));
        assert_eq!(settings.sources["web"].server().unwrap(), Some(("x.example".to_owned(), 443)));
        let tasks = tasks::tasks(&config).unwrap();
        let TaskSpec::Bars(spec) = &tasks[0].spec else { panic!("{tasks:?}") };
        let names: Vec<&str> = spec.symbols.iter().flatten().map(Symbol::as_str).collect();
        assert_eq!((names, spec.sync), (vec!["US.AAPL", "US.IBM", "HK.00700"], true));
    }

    #[test]
    fn every_mistake_of_one_entry_is_told() {
        let config = load(
            "[[dms.slaves]]\nname = 's'\nhost = '-x'\n[[dms.slaves]]\nname = 'off'\nhost = ''\nenabled = false\n\
             [[dms.backups]]\nname = 'b'\nhost = '-x'\nenabled = false\n\
             [[dms.providers]]\nname = 'p'\nkind = 'http'\nformat = 'csv'\nurl = 'http://x/'\nrows = 'a'\ntime_zone = 'Mars'\ndates = 'x'\n\
             attempts = 0\ntimeout_seconds = 0\nintervals = { 2d = 'x' }\nheader_files = { A = 'gone', B = 'gone' }\n\
             [[dms.providers]]\nname = 'q'\nkind = 'csv'\nurl = 'x'\nattempts = 3\npattern = 'all.csv'\ninterval = '2d'\n\
             [[dms.tasks]]\nname = 't'\ntype = 'weekly'\ninterval = '2d'\nsymbols = ['', 'a b']\nstart_date = 'x'\nto = 'y'\n\
             overlap = 0\nextreme_move = 0.0\ndays = 0\ncron = '0 25 * * *'\nprovider = 'r'\n",
        );
        let complaints = judge(&config, None);
        for part in [
            "dms.slaves[0].host: \"-x\" is no host name",
            "dms.slaves[1].host: \"\" is no host name",
            "dms.backups[0].host: \"-x\" is no host name",
            "dms.providers[0].url: \"http://x/\" is the same",
            "dms.providers[0].rows: a provider of the kind http whose format is not json has none",
            "dms.providers[0].time_zone: ",
            "dms.providers[0].dates: ",
            "dms.providers[0].attempts: must be 1 or more",
            "dms.providers[0].timeout_seconds: must be 1 or more",
            "dms.providers[0].intervals: ",
            "dms.providers[0].header_files.A: ",
            "dms.providers[0].header_files.B: ",
            "dms.providers[1].url: a provider of the kind csv has none",
            "dms.providers[1].attempts: a provider of the kind csv has none",
            "dms.providers[1].pattern: ",
            "dms.providers[1].interval: ",
            "dms.providers[1].dir: is missing",
            "dms.tasks[0].type: ",
            "dms.tasks[0].interval: ",
            "dms.tasks[0].symbols[0]: ",
            "dms.tasks[0].symbols[1]: ",
            "dms.tasks[0].from: ",
            "dms.tasks[0].to: ",
            "dms.tasks[0].days: ",
            "dms.tasks[0].overlap: ",
            "dms.tasks[0].extreme_move: ",
            "dms.tasks[0].cron: ",
            "dms.tasks[0].provider: ",
        ] {
            assert_eq!(complaints.iter().filter(|c| c.contains(part)).count(), 1, "{part}: {complaints:#?}");
        }
        assert_eq!(complaints.len(), 28, "{complaints:#?}");
    }

    #[test]
    fn every_complaint_about_the_section_comes_at_once() {
        let config = load(
            "[dms]\nmaster = 'http://m:1'\nholidays_file = '/nowhere/h'\n\
             [[dms.backups]]\nname = 'b'\nhost = 'h'\nuser = 'u'\n\
             [[dms.providers]]\nname = 'p'\nkind = 'csv'\nurl = 'http://x/'\n\
             [[dms.providers]]\nname = 'q'\nkind = 'http'\nformat = 'yahoo'\nurl = 'http://{symbol}.x/'\n\
             [[dms.providers]]\nname = 's'\nkind = 'csv'\npattern = 'all.csv'\n\
             [[dms.tasks]]\nname = 't'\ntype = 'weekly'\n\
             [[dms.providers]]\nname = 'r'\nkind = 'csv'\ndir = 'not-there'\n\
             [[dms.slaves]]\nname = 'good'\nhost = 'h'\n[[dms.slaves]]\nname = 'bad'\nhost = 'a b'\n\
             [[dms.tasks]]\nname = 'u'\ntype = 'repair'\nprovider = 'p'\ncron = '0 25 * * *'\n\
             [[dms.tasks]]\nname = 'v'\ntype = 'repair'\nstart_date = 'x'\n\
             [[dms.tasks]]\nname = 'w'\ntype = 'repair'\nsymbols = ['A', '']\n\
             [[dms.tasks]]\nname = 'x'\ntype = 'repair'\nsymbols_file = 'gone.txt'\n",
        );
        let complaints = judge(&config, None);
        for part in [
            "dms.master: ",
            "dms.holidays_file: ",
            "dms.slaves[1].host: ",
            "dms.backups[0].user: ",
            "dms.providers[0].url: ",
            "dms.providers[1].url: ",
            "dms.providers[2].pattern: \"all.csv\" is the same for all symbols",
            "dms.providers[3].dir: ",
            "dms.tasks[0].type: ",
            "dms.tasks[1].cron: ",
            "dms.tasks[2].from: ",
            "dms.tasks[3].symbols[1]: the symbol is empty",
            "dms.tasks[4].symbols_file: cannot read ",
        ] {
            assert_eq!(complaints.iter().filter(|c| c.contains(part)).count(), 1, "{part}: {complaints:?}");
        }
        for master in ["ftp://m:1", "m:11183", "http://"] {
            let complaints = judge(&load(&format!("[dms]\nrole = 'slave'\nmaster = '{master}'\n")), None);
            assert!(complaints.len() == 1 && complaints[0].starts_with("dms.master: address"), "{master}: {complaints:?}");
        }
        assert!(
            judge(&load("[dms]\nrole = 'slave'\n[[dms.backups]]\nname = 'b'\nhost = 'h'\n"), None)
                .iter()
                .any(|c| c.contains("a slave has none"))
        );
    }
}
