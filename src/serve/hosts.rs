//! What host metrics are worked with, out of the configuration: the settings with their files read, and the inventory.

use crate::config::Config;
use crate::hosts::inventory::{MysqlInventory, SqliteInventory};
use crate::hosts::{self, Credentials, Fields, Inventory, Limits, MetricField, Settings, check_index_pattern, parse_endpoint};
use crate::model::endpoint::TlsMode;
use crate::model::hosts::EsStyle;
use crate::secret::Secret;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Reads `[hosts]`; an error is every complaint about it.
pub(super) fn settings(config: &Config) -> Result<Settings, Vec<String>> {
    let section = &config.hosts;
    let mut complaints = Vec::new();
    let given = |text: &String| Some(text.clone()).filter(|t| !t.trim().is_empty());
    let endpoint = given(&section.endpoint);
    let index_pattern = given(&section.index_pattern);
    complaints.extend(endpoint.as_ref().and_then(|e| parse_endpoint(e).err()).map(|e| format!("hosts.endpoint: {e}")));
    complaints.extend(index_pattern.as_ref().and_then(|p| check_index_pattern(p).err()).map(|e| format!("hosts.index_pattern: {e}")));
    let credentials = credentials(config, &mut complaints);
    let ca = section.ca_file.as_ref().and_then(|file| read("hosts.ca_file", file, &mut complaints));
    let f = &section.fields;
    let metric = |max: &String, avg: &String| MetricField { max: max.clone(), avg: given(avg).unwrap_or_else(|| max.clone()) };
    let fields = Fields {
        time: f.time.clone(),
        ip: f.ip.clone(),
        name: f.name.clone(),
        group: f.group.clone(),
        cpu: metric(&f.cpu, &f.cpu_avg),
        memory: metric(&f.memory, &f.memory_avg),
        disk: metric(&f.disk, &f.disk_avg),
    };
    let whole = [
        ("time", &f.time),
        ("ip", &f.ip),
        ("name", &f.name),
        ("group", &f.group),
        ("cpu", &f.cpu),
        ("memory", &f.memory),
        ("disk", &f.disk),
    ];
    complaints.extend(whole.iter().filter(|(_, path)| path.trim().is_empty()).map(|(name, _)| format!("hosts.field_{name}: is empty")));
    let limits = Limits {
        batch: section.batch_hosts as usize,
        in_flight: section.in_flight as usize,
        request: Duration::from_secs(section.request_seconds),
        response_bytes: usize::try_from(section.response_bytes).unwrap_or(usize::MAX),
    };
    if !complaints.is_empty() {
        return Err(complaints);
    }
    let style = EsStyle::parse(&section.style).unwrap_or(EsStyle::Search);
    Ok(Settings { endpoint, style, index_pattern, group: section.group.clone(), fields, credentials, ca, limits })
}

fn credentials(config: &Config, complaints: &mut Vec<String>) -> Credentials {
    let section = &config.hosts;
    let mut secret = |key: &str, file: &Option<PathBuf>| file.as_ref().map(|file| secret(key, file, complaints));
    let password = secret("hosts.password_file", &section.password_file);
    let api_key = secret("hosts.api_key_file", &section.api_key_file);
    let bearer = secret("hosts.bearer_file", &section.bearer_file);
    match (section.user.is_empty(), password, api_key, bearer) {
        (true, None, None, None) => Credentials::None,
        (false, Some(password), None, None) => Credentials::Basic { user: section.user.clone(), password },
        (true, None, Some(key), None) => Credentials::ApiKey(key),
        (true, None, None, Some(token)) => Credentials::Bearer(token),
        (false, None, None, None) => {
            complaints.push("hosts.user: needs password_file".to_owned());
            Credentials::None
        }
        _ => {
            complaints.push("hosts: give one of user with password_file, api_key_file and bearer_file".to_owned());
            Credentials::None
        }
    }
}

fn read(key: &str, file: &Path, complaints: &mut Vec<String>) -> Option<Vec<u8>> {
    match std::fs::read(file) {
        Ok(bytes) => Some(bytes),
        Err(e) => {
            complaints.push(format!("{key}: cannot read {}: {e}", file.display()));
            None
        }
    }
}

/// Reads a secret; line ends are not part of it.
fn secret(key: &str, file: &Path, complaints: &mut Vec<String>) -> Secret {
    let bytes = read(key, file, complaints).unwrap_or_default();
    let text = String::from_utf8(bytes).unwrap_or_else(|_| {
        complaints.push(format!("{key}: {} is not UTF-8", file.display()));
        String::new()
    });
    Secret::new(text.trim_end_matches(['\r', '\n']))
}

/// Opens the inventory: the CMDB's database if one is named (which is not connected to yet), else the embedded file. Blocks.
pub(super) fn inventory(config: &Config) -> Result<Arc<dyn Inventory>, String> {
    if !config.hosts.database.trim().is_empty() {
        return Ok(Arc::new(database(config)?));
    }
    let file = config.server.data_dir.join("hosts.sqlite");
    let opened: hosts::Result<SqliteInventory> = SqliteInventory::open(&file);
    Ok(Arc::new(opened.map_err(|e| e.to_string())?))
}

/// The CMDB's database, as far as it can be judged without connecting.
pub(super) fn database(config: &Config) -> Result<MysqlInventory, String> {
    let section = &config.hosts;
    let mut complaints = Vec::new();
    let password = section.database_password_file.as_ref().map(|file| secret("hosts.database_password_file", file, &mut complaints));
    if let Some(complaint) = complaints.pop() {
        return Err(complaint);
    }
    let tls = match section.database_tls.as_str() {
        "disabled" => TlsMode::Disabled,
        "required" => TlsMode::Required,
        "verify_identity" => TlsMode::VerifyIdentity,
        _ => TlsMode::Preferred,
    };
    let ca = section.database_ca_file.as_ref().map(|file| file.display().to_string());
    MysqlInventory::from_url(section.database.trim(), password.unwrap_or_else(|| Secret::new("")), tls, ca)
        .map_err(|e| format!("hosts.database: {e}"))
}

/// Everything that is wrong with `[hosts]`.
pub(super) fn judge(config: &Config) -> Vec<String> {
    let database = (!config.hosts.database.trim().is_empty()).then(|| database(config).err()).flatten();
    settings(config).err().unwrap_or_default().into_iter().chain(database).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;

    fn load(text: &str) -> Config {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("c.toml");
        std::fs::write(&file, text).unwrap();
        Config::load(Some(&file), [], &Flags::default()).unwrap()
    }

    #[test]
    fn the_section_becomes_settings() {
        let settings = settings(&load("")).unwrap();
        assert_eq!((settings.fields.clone(), settings.limits, settings.group.as_str()), (Fields::default(), Limits::default(), "DB组"));
        let dir = tempfile::tempdir().unwrap();
        let key = dir.path().join("key");
        std::fs::write(&key, "abc==\n").unwrap();
        let text = format!(
            "[hosts]\nendpoint = 'https://es:9200'\nstyle = 'proxy'\nindex_pattern = 'c*:a'\napi_key_file = '{}'\n\
             field_cpu = 'cpu.value_max'\nfield_cpu_avg = 'cpu.value_avg'\nbatch_hosts = 7\n",
            key.display()
        );
        let read = super::settings(&load(&text)).unwrap();
        assert_eq!((read.style, read.limits.batch, read.credentials), (EsStyle::Proxy, 7, Credentials::ApiKey(Secret::new("abc=="))));
        assert_eq!(read.fields.cpu, MetricField { max: "cpu.value_max".into(), avg: "cpu.value_avg".into() });
        assert_eq!(read.fields.disk, MetricField::number("total_disk_space_all"));
    }

    #[test]
    fn every_complaint_about_the_section_comes_at_once() {
        let text = "[hosts]\nendpoint = 'ftp://x'\nindex_pattern = 'a,,b'\nuser = 'u'\nca_file = '/nowhere/ca'\nfield_ip = ''\ndatabase = 'mysql://u:p@h/d'\n";
        let complaints = judge(&load(text));
        for part in ["hosts.endpoint", "hosts.index_pattern", "hosts.user", "hosts.ca_file", "hosts.field_ip", "hosts.database"] {
            assert!(complaints.iter().any(|c| c.starts_with(part)), "{part}: {complaints:#?}");
        }
    }
}
