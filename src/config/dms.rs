//! `[dms]`: market data. Its lists are read as they are written here; what they mean is `serve`'s to say.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone)]
pub struct Dms {
    pub enabled: bool,
    pub role: DmsRole,
    /// A slave's master.
    pub master: Option<String>,
    pub cluster_token_file: Option<PathBuf>,
    /// Zero: only when told to.
    pub pull_seconds: u64,
    pub push_seconds: u64,
    pub holidays_file: Option<PathBuf>,
    pub settle_minutes: u64,
    pub concurrent_symbols: u32,
    pub lists: DmsLists,
}

/// The tables of the file.
#[derive(Debug, Clone, Default)]
pub struct DmsLists {
    pub slaves: Vec<Slave>,
    pub backups: Vec<Backup>,
    pub providers: Vec<Provider>,
    pub tasks: Vec<BarsTask>,
    /// Beginnings of the keys that say nothing of the file, e.g. `dms.tasks[1].`: something stands in there for what is wrong, or it
    /// is told (`dms.tasks[1].name:`).
    pub made_up: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DmsRole {
    Master,
    Slave,
}

impl DmsRole {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Slave => "slave",
        }
    }
}

/// Another dms that gets its bars from this one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slave {
    pub name: String,
    pub host: String,
    /// The one that old clients and the contract know.
    #[serde(default = "dms_port")]
    pub port: u16,
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// An InfluxDB 1.x that bars are written to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    pub name: String,
    pub host: String,
    #[serde(default = "influx_port")]
    pub port: u16,
    #[serde(default)]
    pub tls: bool,
    #[serde(default = "influx_database")]
    pub database: String,
    #[serde(default)]
    pub user: String,
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    #[serde(default = "half_minute")]
    pub timeout_seconds: u64,
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// Where bars come from. `kind` says which of the rest there may be.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    pub name: String,
    pub kind: ProviderKind,
    /// csv: the directory, how its files are called, and the interval of those whose name does not say it.
    pub dir: Option<PathBuf>,
    pub pattern: Option<String>,
    pub interval: Option<String>,
    /// Of naive intraday times; absent: UTC, which is told.
    pub time_zone: Option<String>,
    /// `month-first` or `day-first`: how 3/4/2024 is read. Absent: a source of such dates must have one that shows it.
    pub dates: Option<String>,
    /// http: where to ask.
    pub url: Option<String>,
    pub format: Option<Format>,
    /// json: the way to the rows, e.g. `data.items`.
    pub rows: Option<String>,
    /// json: the source's names of time, open, high, low, close and volume.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// The source's own words for intervals, e.g. `1d = "day"`.
    #[serde(default)]
    pub intervals: BTreeMap<String, String>,
    /// http: headers whose values stand in files, e.g. `Authorization = "token"`.
    #[serde(default)]
    pub header_files: BTreeMap<String, PathBuf>,
    pub spacing_ms: Option<u64>,
    pub attempts: Option<u32>,
    pub backoff_ms: Option<u64>,
    pub longest_wait_seconds: Option<u64>,
    pub timeout_seconds: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProviderKind {
    Csv,
    Http,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Csv,
    Json,
    Yahoo,
}

/// A task that is kept as the file has it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BarsTask {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub provider: Option<String>,
    /// Absent, like `symbols_file`: all that the store has.
    pub symbols: Option<Vec<String>>,
    pub symbols_file: Option<PathBuf>,
    pub interval: Option<String>,
    pub days: Option<u32>,
    /// A fixed range, named as everywhere else; what dms calls it is taken too.
    #[serde(alias = "start_date")]
    pub from: Option<String>,
    #[serde(alias = "end_date")]
    pub to: Option<String>,
    pub overlap: Option<u32>,
    pub extreme_move: Option<f64>,
    #[serde(default)]
    pub sync: bool,
    /// Five or six fields; absent: it runs only when it is told to.
    pub cron: Option<String>,
    pub time_zone: Option<String>,
    #[serde(default)]
    pub description: String,
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn yes() -> bool {
    true
}
fn dms_port() -> u16 {
    11183
}
fn influx_port() -> u16 {
    8086
}
fn influx_database() -> String {
    "dms_data".to_owned()
}
fn half_minute() -> u64 {
    30
}

impl DmsLists {
    /// Takes in a list of the file; each mistake is one complaint, and what is right of an entry is read all the same. Files are
    /// relative to `path`.
    pub(super) fn read(&mut self, name: &str, list: &[toml::Value], path: &Path, complaints: &mut Vec<String>) {
        let dir = path.parent().unwrap_or(Path::new(""));
        for (number, item) in list.iter().enumerate() {
            let mut wrong = Wrong::default();
            let is_read = match name {
                "slaves" => {
                    wrong.entry(item, &[("name", ""), ("host", "")]).map(|slave| add(&mut self.slaves, slave, |s| &s.name, &mut wrong))
                }
                "backups" => wrong.entry(item, &[("name", ""), ("host", "")]).map(|mut backup: Backup| {
                    backup.password_file = backup.password_file.map(|file| dir.join(file));
                    add(&mut self.backups, backup, |b| &b.name, &mut wrong);
                }),
                "providers" => wrong.entry(item, &[("name", ""), ("kind", "csv")]).map(|mut provider: Provider| {
                    provider.dir = provider.dir.map(|file| dir.join(file));
                    provider.header_files.values_mut().for_each(|file| *file = dir.join(&*file));
                    add(&mut self.providers, provider, |p| &p.name, &mut wrong);
                }),
                _ => wrong.entry(item, &[("name", ""), ("type", "")]).map(|mut task: BarsTask| {
                    task.symbols_file = task.symbols_file.map(|file| dir.join(file));
                    add(&mut self.tasks, task, |t| &t.name, &mut wrong);
                }),
            };
            let key = format!("dms.{name}[{number}]");
            self.made_up.extend(wrong.keys().map(|own| format!("{key}.{own}:")));
            complaints.extend(wrong.complaints.iter().map(|problem| format!("{key}{problem}")));
            match is_read {
                Some(()) if wrong.is_made_up => self.made_up.push(format!("{key}.")),
                Some(()) => {}
                // The numbers of those behind it are others than in the file.
                None => self.made_up.push(format!("dms.{name}[")),
            }
        }
    }
}

/// What is wrong with an entry.
#[derive(Default)]
struct Wrong {
    /// They go on where the entry's name ends: `.port: invalid type …`.
    complaints: Vec<String>,
    /// Something stands in for more than its name.
    is_made_up: bool,
}

impl Wrong {
    /// Reads an entry without the keys that are wrong, each of which is a complaint; `needed` are those that it must have, and what
    /// stands in for them. None: nothing can be made of it.
    fn entry<T: serde::de::DeserializeOwned>(&mut self, item: &toml::Value, needed: &[(&str, &str)]) -> Option<T> {
        let mut table = item.as_table().cloned().unwrap_or_default();
        if !item.is_table() {
            self.complaints.push(": must be a table".to_owned());
        }
        for (key, stand_in) in needed {
            if !table.contains_key(*key) {
                self.complaints.push(format!(": missing field `{key}`"));
                self.stand_in(&mut table, key, stand_in);
            }
        }
        loop {
            let error = match serde_path_to_error::deserialize::<_, T>(toml::Value::Table(table.clone())) {
                Ok(read) => return Some(read),
                Err(error) => error,
            };
            let key = match error.path().iter().next() {
                Some(serde_path_to_error::Segment::Map { key }) => key.clone(),
                _ => String::new(),
            };
            let path = error.path().to_string();
            let dot = if path == "." { String::new() } else { format!(".{path}") };
            let inner = error.into_inner();
            // All that are so small here are ports.
            let message = inner.message().replace("expected u16", "expected a port, 1 to 65535");
            self.complaints.push(format!("{dot}: {message}"));
            table.remove(&key)?;
            if let Some((_, stand_in)) = needed.iter().find(|(name, _)| *name == key) {
                self.stand_in(&mut table, &key, stand_in);
            }
        }
    }

    /// The entry's own keys that are told of.
    fn keys(&self) -> impl Iterator<Item = &str> {
        self.complaints.iter().filter_map(|told| match told.strip_prefix('.') {
            Some(told) => told.split_once(':').map(|(key, _)| key),
            None => told.strip_suffix('`').and_then(|told| told.rsplit_once('`')).map(|(_, key)| key),
        })
    }

    fn stand_in(&mut self, table: &mut toml::Table, key: &str, value: &str) {
        self.is_made_up |= key != "name";
        table.insert(key.to_owned(), toml::Value::String(value.to_owned()));
    }
}

fn add<T>(list: &mut Vec<T>, item: T, name: impl Fn(&T) -> &String, wrong: &mut Wrong) {
    let own = name(&item);
    let complaints = &mut wrong.complaints;
    // One that is missing or none at all is told.
    if own.trim().is_empty() {
        if !complaints.iter().any(|told| told.starts_with(".name") || told.ends_with("`name`")) {
            complaints.push(".name: is empty".to_owned());
        }
    } else if own.contains('/') || own.contains(char::is_control) || own.trim() != own || matches!(own.as_str(), "." | "..") {
        // Names stand in paths of the API.
        let rule = "must be without / and control characters, without blanks at either end, and not . or ..";
        complaints.push(format!(".name: {own:?} {rule}"));
    } else if list.iter().any(|other| name(other) == own) {
        complaints.push(format!(".name: {own:?} is there twice"));
    }
    list.push(item);
}
