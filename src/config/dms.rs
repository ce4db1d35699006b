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
    /// Of naive intraday times; absent: the exchange's.
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
    pub start_date: Option<String>,
    pub end_date: Option<String>,
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
    /// Takes in a list of the file; each entry that is wrong is one complaint. Files are relative to `path`.
    pub(super) fn read(&mut self, name: &str, list: &[toml::Value], path: &Path, complaints: &mut Vec<String>) {
        let dir = path.parent().unwrap_or(Path::new(""));
        for (number, item) in list.iter().enumerate() {
            let done = match name {
                "slaves" => entry(item).and_then(|slave| add(&mut self.slaves, slave, |s| &s.name)),
                "backups" => entry(item).and_then(|mut backup: Backup| {
                    backup.password_file = backup.password_file.map(|file| dir.join(file));
                    add(&mut self.backups, backup, |b| &b.name)
                }),
                "providers" => entry(item).and_then(|mut provider: Provider| {
                    provider.dir = provider.dir.map(|file| dir.join(file));
                    provider.header_files.values_mut().for_each(|file| *file = dir.join(&*file));
                    add(&mut self.providers, provider, |p| &p.name)
                }),
                _ => entry(item).and_then(|mut task: BarsTask| {
                    task.symbols_file = task.symbols_file.map(|file| dir.join(file));
                    add(&mut self.tasks, task, |t| &t.name)
                }),
            };
            complaints.extend(done.err().map(|problem| format!("dms.{name}[{number}]{problem}")));
        }
    }
}

/// An error goes on where the entry's name ends: `.port: invalid type …`.
fn entry<T: serde::de::DeserializeOwned>(item: &toml::Value) -> Result<T, String> {
    serde_path_to_error::deserialize(item.clone()).map_err(|e| {
        let path = e.path().to_string();
        let dot = if path == "." { String::new() } else { format!(".{path}") };
        format!("{dot}: {}", e.into_inner().message())
    })
}

fn add<T>(list: &mut Vec<T>, item: T, name: impl Fn(&T) -> &String) -> Result<(), String> {
    let own = name(&item);
    if own.trim().is_empty() {
        return Err(".name: is empty".to_owned());
    }
    // Names stand in paths of the API.
    if own.contains('/') || own.contains(char::is_control) || own.trim() != own || matches!(own.as_str(), "." | "..") {
        return Err(format!(".name: {own:?} must be without / and control characters, without blanks at either end, and not . or .."));
    }
    if list.iter().any(|other| name(other) == own) {
        return Err(format!(".name: {own:?} is there twice"));
    }
    list.push(item);
    Ok(())
}
