//! Reading the sources and putting them on top of each other. `lists` reads what is no scalar key.

mod lists;

use super::auth::User;
use super::families::Family;
use super::keys::{self, Form, KEYS, Key};
use super::size::Size;
use super::{
    Compat, Config, Dms, DmsLists, DmsRole, DtleErrors, History, HostFields, Hosts, Limits, Listener, Log, LogFormat, Replication,
    Security, Server, Tasks, Token,
};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// What the command line says; None = not given.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    pub listen: Option<String>,
    pub data_dir: Option<PathBuf>,
    pub log_level: Option<String>,
    pub log_format: Option<String>,
}

/// One key as it ended up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub key: String,
    pub value: String,
    /// `default`, `file PATH`, `env NAME` or `flag --name`.
    pub origin: String,
}

/// Everything that is wrong with the settings, one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaints(pub Vec<String>);

impl fmt::Display for Complaints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.0.len() == 1 { "problem" } else { "problems" };
        write!(f, "{} {word} in the configuration", self.0.len())?;
        self.0.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl std::error::Error for Complaints {}

/// Environment names that are the client's, not settings of the daemon.
const CLIENT_NAMES: [&str; 6] =
    ["SYNCLINE_SERVER", "SYNCLINE_TOKEN", "SYNCLINE_TOKEN_FILE", "SYNCLINE_CONTEXT", "SYNCLINE_CONFIG", "SYNCLINE_OUTPUT"];

type Env = BTreeMap<String, String>;

struct Sources {
    entries: BTreeMap<&'static str, Entry>,
    listeners: Vec<Listener>,
    tokens: Vec<Token>,
    dts_users: Vec<User>,
    dms_lists: DmsLists,
    complaints: Vec<String>,
}

impl Config {
    /// Loads the settings. `path` must exist if given; else the usual places are tried in order. `env` is the process
    /// environment, handed in so that this stays a function of its arguments (and the files).
    pub fn load(path: Option<&Path>, env: impl IntoIterator<Item = (String, String)>, flags: &Flags) -> Result<Self, Complaints> {
        let (config, complaints) = Self::read(path, env, flags);
        if complaints.is_empty() { Ok(config) } else { Err(Complaints(complaints)) }
    }

    /// The same with the default in place of each setting that is wrong, and what is wrong with them.
    pub fn read(path: Option<&Path>, env: impl IntoIterator<Item = (String, String)>, flags: &Flags) -> (Self, Vec<String>) {
        let env: Env = env.into_iter().collect();
        let mut sources = Sources {
            entries: defaults(&env),
            listeners: Vec::new(),
            tokens: Vec::new(),
            dts_users: Vec::new(),
            dms_lists: DmsLists::default(),
            complaints: Vec::new(),
        };
        let file = sources.file(path, &env);
        sources.env(&env);
        sources.flags(flags);
        sources.log_level();
        let complaints = std::mem::take(&mut sources.complaints);
        (sources.build(file), complaints)
    }
}

fn defaults(env: &Env) -> BTreeMap<&'static str, Entry> {
    let entry = |k: &Key| {
        let value = if k.name == "server.data_dir" { data_dir(env) } else { k.default.to_owned() };
        Entry { key: k.name.to_owned(), value, origin: "default".to_owned() }
    };
    KEYS.iter().map(|k| (k.name, entry(k))).collect()
}

fn data_dir(env: &Env) -> String {
    let set = |name: &str| env.get(name).filter(|v| !v.is_empty());
    match (set("XDG_STATE_HOME"), set("HOME")) {
        (Some(state), _) => format!("{state}/syncline"),
        (None, Some(home)) => format!("{home}/.local/state/syncline"),
        (None, None) => "/var/lib/syncline".to_owned(),
    }
}

/// Where a file is looked for when none is named.
fn usual_places(env: &Env) -> Vec<PathBuf> {
    let set = |name: &str| env.get(name).filter(|v| !v.is_empty());
    let user = set("XDG_CONFIG_HOME").map(PathBuf::from).or_else(|| set("HOME").map(|h| PathBuf::from(h).join(".config")));
    let mut places = vec![PathBuf::from("syncline.toml")];
    places.extend(user.map(|u| u.join("syncline/syncline.toml")));
    places.push(PathBuf::from("/etc/syncline/syncline.toml"));
    places
}

impl Sources {
    /// `level`, or `level,module=level,…`.
    fn log_level(&mut self) {
        if let Some(Err(problem)) = self.entries.get("log.level").map(|entry| check_level(&entry.value)) {
            self.complaints.push(format!("log.level: {problem}"));
        }
    }

    fn file(&mut self, path: Option<&Path>, env: &Env) -> Option<PathBuf> {
        let named = path.map(Path::to_owned).or_else(|| env.get("SYNCLINE_CONFIG").filter(|v| !v.is_empty()).map(PathBuf::from));
        let path = match named {
            Some(path) => path,
            None => usual_places(env).into_iter().find(|p| p.is_file())?,
        };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) => {
                self.complaints.push(format!("cannot read {}: {e}", path.display()));
                return None;
            }
        };
        match text.parse::<toml::Table>() {
            Ok(table) => self.table(&table, &path, env),
            Err(e) => self.complaints.push(format!("{}: {}", path.display(), e.to_string().trim_end())),
        }
        Some(path)
    }

    fn table(&mut self, table: &toml::Table, path: &Path, env: &Env) {
        let origin = format!("file {}", path.display());
        for (section, content) in table {
            match (section.as_str(), content) {
                ("listeners", toml::Value::Array(list)) => self.listeners(list),
                ("auth", toml::Value::Table(auth)) => self.auth(auth, path),
                ("dts", toml::Value::Table(dts)) => self.dts(dts, path, env),
                ("dms", toml::Value::Table(dms)) => self.dms(dms, path, &origin),
                ("listeners" | "auth" | "dts" | "dms", _) => {
                    self.complaints.push(format!("{section}: has the wrong form; see config.example.toml"));
                }
                (_, toml::Value::Table(keys)) if keys::sections().contains(&section.as_str()) => {
                    for (name, value) in keys {
                        self.value(&format!("{section}.{name}"), value, &origin);
                    }
                }
                _ => {
                    self.complaints
                        .push(format!("{section}: unknown section; there are {}, listeners, auth, dts", keys::sections().join(", ")));
                }
            }
        }
    }

    fn value(&mut self, name: &str, value: &toml::Value, origin: &str) {
        let Some(key) = keys::find(name) else {
            self.complaints.push(format!("{name}: unknown key{}", nearest(name)));
            return;
        };
        let text = match (key.form, value) {
            (Form::Text | Form::Path | Form::OneOf(_) | Form::Bytes(..), toml::Value::String(text)) => text.clone(),
            (Form::Int(..) | Form::Bytes(..), toml::Value::Integer(number)) => number.to_string(),
            (Form::Bool, toml::Value::Boolean(yes)) => yes.to_string(),
            (Form::List, toml::Value::Array(list)) if list.iter().all(toml::Value::is_str) => {
                list.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>().join(",")
            }
            _ => {
                self.complaints.push(format!("{name}: must be {}, not {}", wanted(key.form), value.type_str()));
                return;
            }
        };
        self.set(key, text, origin.to_owned());
    }

    fn set(&mut self, key: &'static Key, text: String, origin: String) {
        let listen = key.name == "server.listen" && !text.is_empty();
        if let Err(problem) = check(key.form, &text).and_then(|()| if listen { check_address(&text) } else { Ok(()) }) {
            self.complaints.push(format!("{} ({origin}): {problem}", key.name));
            return;
        }
        self.entries.insert(key.name, Entry { key: key.name.to_owned(), value: text, origin });
    }

    fn env(&mut self, env: &Env) {
        for (name, value) in env {
            if !name.starts_with("SYNCLINE_") || CLIENT_NAMES.contains(&name.as_str()) {
                continue;
            }
            if let Some(key) = KEYS.iter().find(|k| k.env() == *name) {
                self.set(key, value.clone(), format!("env {name}"));
            } else if keys::sections().iter().any(|s| name.starts_with(&format!("SYNCLINE_{}_", s.to_ascii_uppercase()))) {
                self.complaints.push(format!("{name}: unknown setting in the environment"));
            }
        }
    }

    fn flags(&mut self, flags: &Flags) {
        let Flags { listen, data_dir, log_level, log_format } = flags;
        let given = [
            ("server.listen", "--listen", listen.clone()),
            ("server.data_dir", "--data-dir", data_dir.as_ref().map(|d| d.display().to_string())),
            ("log.level", "--log-level", log_level.clone()),
            ("log.format", "--log-format", log_format.clone()),
        ];
        for (name, flag, value) in given {
            if let Some(value) = value {
                let key = keys::find(name).expect("flags name keys of the table");
                self.set(key, value, format!("flag {flag}"));
            }
        }
    }

    fn build(self, file: Option<PathBuf>) -> Config {
        let text = |name: &str| self.entries.get(name).map(|e| e.value.clone()).expect("every key of the table has an entry");
        let int = |name: &str| text(name).parse::<u64>().expect("checked by its form");
        let small = |name: &str| u32::try_from(int(name)).expect("bounded by its form");
        let bytes = |name: &str| Size::parse(&text(name)).expect("checked by its form").0;
        let path = |name: &str| Some(text(name)).filter(|t| !t.is_empty()).map(PathBuf::from);
        let mut listeners = Vec::new();
        if !text("server.listen").is_empty() {
            listeners.push(Listener { address: text("server.listen"), families: Family::ALL.to_vec() });
        }
        listeners.extend(self.listeners);
        Config {
            server: Server {
                data_dir: PathBuf::from(text("server.data_dir")),
                shutdown_seconds: int("server.shutdown_seconds"),
                node_name: text("server.node_name"),
                region: text("server.region"),
                datacenter: text("server.datacenter"),
            },
            listeners,
            tokens: self.tokens,
            dts_users: self.dts_users,
            security: Security {
                allow_anonymous_network: text("security.allow_anonymous_network") == "true",
                allow_endpoints: text("security.allow_endpoints")
                    .split(',')
                    .map(str::trim)
                    .filter(|e| !e.is_empty())
                    .map(str::to_owned)
                    .collect(),
                rsa_private_key_file: path("security.rsa_private_key_file"),
            },
            log: Log {
                level: text("log.level"),
                format: match text("log.format").as_str() {
                    "text" => LogFormat::Text,
                    "json" => LogFormat::Json,
                    _ => LogFormat::Auto,
                },
                memory_bytes: bytes("log.memory_bytes"),
            },
            compat: Compat {
                dtle_errors: if text("compat.dtle_errors") == "always_500" { DtleErrors::Always500 } else { DtleErrors::Http },
            },
            replication: Replication {
                memory_bytes: bytes("replication.memory_bytes"),
                spool_bytes: bytes("replication.spool_bytes"),
                lag_seconds: int("replication.lag_seconds"),
                stall_seconds: int("replication.stall_seconds"),
                copy_workers: small("replication.copy_workers"),
                apply_workers: small("replication.apply_workers"),
            },
            files_dir: path("files.dir"),
            tasks: Tasks {
                time_zone: text("tasks.time_zone"),
                grace_seconds: int("tasks.grace_seconds"),
                deadline_seconds: int("tasks.deadline_seconds"),
                concurrent_runs: small("tasks.concurrent_runs"),
            },
            hosts: Hosts {
                endpoint: text("hosts.endpoint"),
                style: text("hosts.style"),
                index_pattern: text("hosts.index_pattern"),
                group: text("hosts.group"),
                user: text("hosts.user"),
                password_file: path("hosts.password_file"),
                api_key_file: path("hosts.api_key_file"),
                bearer_file: path("hosts.bearer_file"),
                ca_file: path("hosts.ca_file"),
                batch_hosts: small("hosts.batch_hosts"),
                in_flight: small("hosts.in_flight"),
                request_seconds: int("hosts.request_seconds"),
                response_bytes: bytes("hosts.response_bytes"),
                database: text("hosts.database"),
                database_password_file: path("hosts.database_password_file"),
                database_tls: text("hosts.database_tls"),
                database_ca_file: path("hosts.database_ca_file"),
                fields: HostFields {
                    time: text("hosts.field_time"),
                    ip: text("hosts.field_ip"),
                    name: text("hosts.field_name"),
                    group: text("hosts.field_group"),
                    cpu: text("hosts.field_cpu"),
                    cpu_avg: text("hosts.field_cpu_avg"),
                    memory: text("hosts.field_memory"),
                    memory_avg: text("hosts.field_memory_avg"),
                    disk: text("hosts.field_disk"),
                    disk_avg: text("hosts.field_disk_avg"),
                },
            },
            history: History { keep_runs: small("history.keep_runs"), keep_days: small("history.keep_days") },
            dms: Dms {
                enabled: text("dms.enabled") == "true",
                role: if text("dms.role") == "slave" { DmsRole::Slave } else { DmsRole::Master },
                master: Some(text("dms.master")).filter(|t| !t.is_empty()),
                cluster_token_file: path("dms.cluster_token_file"),
                pull_seconds: int("dms.pull_seconds"),
                push_seconds: int("dms.push_seconds"),
                holidays_file: path("dms.holidays_file"),
                settle_minutes: int("dms.settle_minutes"),
                concurrent_symbols: small("dms.concurrent_symbols"),
                lists: self.dms_lists,
            },
            limits: Limits {
                import_bytes: bytes("limits.import_bytes"),
                body_bytes: bytes("limits.body_bytes"),
                request_seconds: int("limits.request_seconds"),
                concurrent_requests: small("limits.concurrent_requests"),
            },
            entries: KEYS.iter().filter_map(|k| self.entries.get(k.name).cloned()).collect(),
            file,
        }
    }
}

fn check(form: Form, text: &str) -> Result<(), String> {
    let within = |number: Option<u64>, low: u64, high: u64| match number {
        Some(n) if (low..=high).contains(&n) => Ok(()),
        Some(n) => Err(format!("{n} is not between {low} and {high}")),
        None => Err(format!("{text:?} is not {}", wanted(form))),
    };
    match form {
        Form::Int(low, high) => within(text.parse().ok(), low, high),
        Form::Bytes(low, high) => within(Size::parse(text).map(|s| s.0), low, high),
        Form::Bool if !["true", "false"].contains(&text) => Err(format!("{text:?} is not true or false")),
        Form::OneOf(words) if !words.contains(&text) => Err(format!("{text:?} is not one of {}", words.join(", "))),
        Form::Text | Form::Path | Form::Bool | Form::OneOf(_) | Form::List => Ok(()),
    }
}

/// Says whether a text is a level, or levels per module. Unknown words are refused: tracing would take them for modules.
pub fn check_level(text: &str) -> Result<(), String> {
    let level = |word: &str| ["trace", "debug", "info", "warn", "error", "off"].iter().any(|l| l.eq_ignore_ascii_case(word.trim()));
    let good = text.split(',').all(|part| part.rsplit_once('=').map_or_else(|| level(part), |(_, word)| level(word)));
    if good { Ok(()) } else { Err(format!("{text:?} is no level: trace, debug, info, warn or error")) }
}

fn check_address(address: &str) -> Result<(), String> {
    let port = address.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
    if matches!(port, Some(Ok(_))) { Ok(()) } else { Err(format!("{address:?} is not host:port")) }
}

fn wanted(form: Form) -> &'static str {
    match form {
        Form::Text | Form::Path | Form::OneOf(_) => "a text",
        Form::Bool => "true or false",
        Form::Int(..) => "a whole number",
        Form::Bytes(..) => "a size such as 64MB or a number of bytes",
        Form::List => "a list of texts",
    }
}

/// Names a key that was probably meant: the same name in another section.
fn nearest(name: &str) -> String {
    let last = name.rsplit('.').next().unwrap_or(name);
    KEYS.iter().find(|k| k.name.ends_with(&format!(".{last}"))).map_or_else(String::new, |k| format!("; did you mean {}?", k.name))
}

#[cfg(test)]
mod tests;
