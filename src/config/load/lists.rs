//! The lists of the file: listeners, and who may call.

use super::super::Listener;
use super::super::auth::{Raw, Token, User};
use super::super::families::Family;
use super::{Env, Sources, check_address};
use std::path::Path;

impl Sources {
    pub(super) fn listeners(&mut self, list: &[toml::Value]) {
        for (number, item) in list.iter().enumerate() {
            let at = format!("listeners[{number}]");
            let Some(table) = item.as_table() else {
                self.complaints.push(format!("{at}: must be a table with address and families"));
                continue;
            };
            let mut listener = Listener { address: String::new(), families: Vec::new() };
            for (name, value) in table {
                match (name.as_str(), value) {
                    ("address", toml::Value::String(address)) => listener.address.clone_from(address),
                    ("families", toml::Value::Array(names)) => {
                        for name in names {
                            match name.as_str().map_or_else(|| Err("must be texts".to_owned()), Family::parse) {
                                Ok(family) => listener.families.push(family),
                                Err(problem) => self.complaints.push(format!("{at}.families: {problem}")),
                            }
                        }
                    }
                    ("address" | "families", _) => self.complaints.push(format!("{at}.{name}: has the wrong type")),
                    _ => self.complaints.push(format!("{at}.{name}: unknown key; there are address and families")),
                }
            }
            if let Err(problem) = check_address(&listener.address) {
                self.complaints.push(format!("{at}.address: {problem}"));
            }
            if !table.contains_key("families") || table.get("families").and_then(toml::Value::as_array).is_some_and(Vec::is_empty) {
                self.complaints.push(format!("{at}.families: name at least one family ({})", Family::names()));
            }
            self.listeners.push(listener);
        }
    }

    pub(super) fn auth(&mut self, auth: &toml::Table, path: &Path) {
        for (name, value) in auth {
            let ("tokens", toml::Value::Array(list)) = (name.as_str(), value) else {
                self.complaints.push(format!("auth.{name}: unknown key or wrong type; there is tokens, a list of tables"));
                continue;
            };
            for (number, item) in list.iter().enumerate() {
                let at = format!("auth.tokens[{number}]");
                let raw = self.raw(&at, "token", item, path, None);
                let Some((name, role, sha256)) = raw.check(&at, &mut self.complaints) else { continue };
                if self.tokens.iter().any(|t| t.name == name) {
                    self.complaints.push(format!("{at}.name: {name:?} is there twice"));
                }
                self.tokens.push(Token { name, role, sha256 });
            }
        }
    }

    pub(super) fn dts(&mut self, dts: &toml::Table, path: &Path, env: &Env) {
        for (name, value) in dts {
            let ("users", toml::Value::Array(list)) = (name.as_str(), value) else {
                self.complaints.push(format!("dts.{name}: unknown key or wrong type; there is users, a list of tables"));
                continue;
            };
            for (number, item) in list.iter().enumerate() {
                let at = format!("dts.users[{number}]");
                let raw = self.raw(&at, "password", item, path, Some(env));
                let Some((name, role, sha256)) = raw.check(&at, &mut self.complaints) else { continue };
                if name.contains(':') || name.chars().any(char::is_control) {
                    self.complaints.push(format!("{at}.name: HTTP Basic has no names with a colon or control characters"));
                }
                if self.dts_users.iter().any(|u| u.name == name) {
                    self.complaints.push(format!("{at}.name: {name:?} is there twice"));
                }
                self.dts_users.push(User { name, role, sha256 });
            }
        }
    }

    pub(super) fn dms(&mut self, dms: &toml::Table, path: &Path, origin: &str) {
        for (name, value) in dms {
            match (name.as_str(), value) {
                ("slaves" | "backups" | "providers" | "tasks", toml::Value::Array(list)) => {
                    self.dms_lists.read(name, list, path, &mut self.complaints);
                }
                ("slaves" | "backups" | "providers" | "tasks", _) => self.complaints.push(format!("dms.{name}: must be a list of tables")),
                _ => self.value(&format!("dms.{name}"), value, origin),
            }
        }
    }

    /// Reads an entry; its secret's name is `noun`. `env` is where a secret may be looked up, if it may.
    fn raw(&mut self, at: &str, noun: &'static str, item: &toml::Value, path: &Path, env: Option<&Env>) -> Raw {
        let mut raw = Raw::new(noun);
        let (file, hash, variable) = (format!("{noun}_file"), format!("{noun}_sha256"), format!("{noun}_env"));
        let ways = if env.is_some() { format!("{file}, {variable}, {hash}") } else { format!("{file}, {hash}") };
        for (name, value) in item.as_table().into_iter().flatten() {
            let text = value.as_str().map(str::to_owned);
            match (name.as_str(), env) {
                ("name", _) => raw.name = text,
                ("role", _) => raw.role = text,
                // Relative to the file that names it.
                (name, _) if name == file => raw.file = text.map(|t| path.parent().unwrap_or(Path::new("")).join(t)),
                (name, _) if name == hash => raw.sha256 = text,
                (name, Some(env)) if name == variable => raw.variable = text.map(|t| (env.get(&t).cloned(), t)),
                (name, _) if name == noun => {
                    self.complaints.push(format!("{at}.{noun}: {noun}s never stand in clear; use {}", ways.replacen(", ", " or ", 1)));
                }
                (name, _) => self.complaints.push(format!("{at}.{name}: unknown key; there are name, role, {ways}")),
            }
        }
        raw
    }
}
