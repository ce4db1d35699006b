//! Market data out of the configuration: the desk with its sources, backups and peers; `tasks` has those that the file has.

mod tasks;

pub(super) use tasks::settle_tasks;

use crate::bars::dates::Dates;
use crate::bars::provider::{Files, Format, HttpSettings, Pace, Shape, Template};
use crate::bars::registry::{self, Registry};
use crate::bars::replica::Peer;
use crate::bars::{Common, Desk, Settings, Source};
use crate::config::{self, Backup, Config, DmsRole, Provider, ProviderKind, Slave};
use crate::model::bars::{BarsBackup, BarsPlace, BarsTarget, Exchanges, Holidays, Interval};
use crate::model::job::Origin;
use crate::scheduler::policy::Policy;
use crate::secret::Secret;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Everything that is wrong with `[dms]`; None: the policy is wrong itself.
pub(super) fn judge(config: &Config, policy: Option<&Policy>) -> Vec<String> {
    let (settings, tasks) = (settings(config), tasks::tasks(config));
    if let (Ok(settings), Ok(tasks), Some(policy)) = (&settings, &tasks, policy) {
        return tasks::refused(tasks, settings, policy);
    }
    [settings.err(), tasks.err()].into_iter().flatten().flatten().collect()
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
            Err(_) if !target.enabled => Ok(target),
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
        match source(provider) {
            Ok(read) => drop(settings.sources.insert(provider.name.clone(), read)),
            Err(e) => keep(Err(at("providers", number, e))),
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

fn source(provider: &Provider) -> Result<Source, String> {
    let zone = |name: &String| TimeZone::get(name).map_err(|_| format!("time_zone: {name:?} is not known"));
    let zone = provider.time_zone.as_ref().map(zone).transpose()?;
    let known = |word: &String| Dates::parse(word).ok_or_else(|| format!("dates: {word:?} is not one of {}", Dates::WORDS.join(", ")));
    let dates = provider.dates.as_ref().map(known).transpose()?.unwrap_or_default();
    let word = |(name, word): (&String, &String)| Ok((interval("intervals", Some(name))?, word.clone()));
    let words = provider.intervals.iter().map(word).collect::<Result<BTreeMap<_, _>, String>>()?;
    let template = |key: &str, text: &str| match Template::parse(text).map(|t| t.words(words.clone())) {
        Ok(template) if template.names_symbol() => Ok(template),
        Ok(_) => Err(format!("{key}: {text:?} is the same for all symbols: it needs {{symbol}}, {{code}} or {{yahoo}}")),
        Err(e) => Err(format!("{key}: {e}")),
    };
    let refuse = |pairs: &[(&str, bool)], kind: &str| match pairs.iter().find(|(_, is_there)| *is_there) {
        Some((name, _)) => Err(format!("{name}: a provider of the kind {kind} has none")),
        None => Ok(()),
    };
    let Provider { name, kind, dir, pattern, interval: plain, url, format, rows, fields, header_files, .. } = provider;
    let Provider { spacing_ms, attempts, backoff_ms, longest_wait_seconds, timeout_seconds, .. } = provider;
    match kind {
        ProviderKind::Csv => {
            let http = [
                ("url", url.is_some()),
                ("format", format.is_some()),
                ("rows", rows.is_some()),
                ("fields", !fields.is_empty()),
                ("header_files", !header_files.is_empty()),
                ("spacing_ms", spacing_ms.is_some()),
                ("attempts", attempts.is_some()),
                ("backoff_ms", backoff_ms.is_some()),
                ("longest_wait_seconds", longest_wait_seconds.is_some()),
                ("timeout_seconds", timeout_seconds.is_some()),
            ];
            refuse(&http, "csv")?;
            let pattern = pattern.as_ref().map(|p| template("pattern", p)).transpose()?;
            let dir = dir.as_ref().ok_or("dir: is missing")?;
            // Else every symbol of every run would say it.
            std::fs::read_dir(dir).map_err(|e| format!("dir: cannot read the directory {}: {e}", dir.display()))?;
            Ok(Source::Files(Files::new(name, dir, pattern, interval("interval", plain.as_ref())?, zone).dates(dates)))
        }
        ProviderKind::Http => {
            refuse(&[("dir", dir.is_some()), ("pattern", pattern.is_some()), ("interval", plain.is_some())], "http")?;
            let format = format.ok_or("format: is missing; there are csv, json and yahoo")?;
            if format != config::Format::Json {
                refuse(&[("rows", rows.is_some()), ("fields", !fields.is_empty())], "http whose format is not json")?;
            }
            let format = match format {
                config::Format::Csv => Format::Csv,
                config::Format::Yahoo => Format::Yahoo,
                config::Format::Json => Format::Json(shape(rows.as_ref(), fields)?),
            };
            let mut settings = HttpSettings::new(name, template("url", url.as_ref().ok_or("url: is missing")?)?, format);
            for (header, file) in header_files {
                settings.headers.push((header.clone(), secret("header_files", file)?));
            }
            settings.zone = zone;
            settings.dates = dates;
            settings.spacing = spacing_ms.map_or(settings.spacing, Duration::from_millis);
            settings.attempts = attempts.unwrap_or(settings.attempts).max(1);
            settings.backoff = backoff_ms.map_or(settings.backoff, Duration::from_millis);
            settings.longest_wait = longest_wait_seconds.map_or(settings.longest_wait, Duration::from_secs);
            settings.timeout = timeout_seconds.map_or(settings.timeout, Duration::from_secs);
            settings.host().map_err(|e| format!("url: {e}"))?;
            let source = Source::Http(Box::new(settings), Pace::default());
            // Headers that are none are said now, and not at the first run.
            source.open(&[]).map_err(|e| format!("header_files: {e}"))?;
            Ok(source)
        }
    }
}

fn shape(rows: Option<&String>, fields: &BTreeMap<String, String>) -> Result<Shape, String> {
    const NAMES: [&str; 6] = ["time", "open", "high", "low", "close", "volume"];
    if let Some(unknown) = fields.keys().find(|name| !NAMES.contains(&name.as_str())) {
        return Err(format!("fields: {unknown:?} is not one of {}", NAMES.join(", ")));
    }
    Ok(Shape {
        rows: rows.map(|path| path.split('.').filter(|p| !p.is_empty()).map(str::to_owned).collect()).unwrap_or_default(),
        fields: NAMES.map(|name| fields.get(name).cloned()),
    })
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
            "dms.tasks[2].start_date: ",
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
