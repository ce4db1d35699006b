//! The contexts file: which daemons this user works with.
//!
//! `$XDG_CONFIG_HOME/syncline/contexts.toml`, readable by its owner only. It names token files and never holds a
//! token. Written whole through a temporary file, so that a crash leaves the old one.

use super::error::Error;
use super::exit::Exit;
use etcetera::BaseStrategy as _;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contexts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    #[serde(default)]
    pub contexts: BTreeMap<String, Context>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Context {
    pub server: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_file: Option<PathBuf>,
}

/// Returns where the contexts live.
pub(super) fn path() -> Result<PathBuf, Error> {
    let base = etcetera::choose_base_strategy().map_err(|e| Error::usage(format!("no home directory: {e}")))?;
    Ok(base.config_dir().join("syncline").join("contexts.toml"))
}

impl Contexts {
    pub(super) fn load() -> Result<Self, Error> {
        // Without a home there are no contexts, which only matters to those who ask for one.
        path().map_or_else(|_| Ok(Self::default()), |path| Self::load_from(&path))
    }

    fn load_from(path: &Path) -> Result<Self, Error> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(e) => return Err(Error::usage(format!("{} cannot be read: {e}", path.display()))),
        };
        toml::from_str(&text).map_err(|e| Error::usage(format!("{}: {}", path.display(), e.to_string().trim_end())))
    }

    pub(super) fn save(&self) -> Result<(), Error> {
        self.save_to(&path()?)
    }

    fn save_to(&self, path: &Path) -> Result<(), Error> {
        let failed = |e: std::io::Error| Error::failed("contexts", format!("{} cannot be written: {e}", path.display()));
        let folder = path.parent().expect("the path has the folder that `path` put there");
        fs::create_dir_all(folder).map_err(failed)?;
        let text = toml::to_string(self).expect("names and paths that came from text or TOML go back to it");
        let new = path.with_extension(format!("new.{}", std::process::id()));
        let written = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)
            .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&new, path));
        written.map_err(failed)
    }

    pub(super) fn get(&self, name: &str) -> Result<&Context, Error> {
        self.contexts.get(name).ok_or_else(|| {
            let known = self.contexts.keys().cloned().collect::<Vec<_>>().join(", ");
            let hint = if known.is_empty() {
                "`syncline context add NAME --server URL` makes one".to_owned()
            } else {
                format!("there are: {known}")
            };
            Error::new(Exit::Usage, "unknown_context", format!("context {name:?} does not exist")).hint(hint)
        })
    }
}

/// Says whether others than the owner may read a file that holds a secret.
pub(super) fn open_to_others(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o077 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saved_contexts_load_again_and_only_the_owner_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("syncline").join("contexts.toml");
        assert_eq!(Contexts::load_from(&path).unwrap(), Contexts::default());
        let one = Context { server: "http://h:1".into(), token_file: Some("/run/token".into()) };
        let contexts = Contexts { current: Some("prod".into()), contexts: [("prod".to_owned(), one)].into() };
        contexts.save_to(&path).unwrap();
        assert_eq!(Contexts::load_from(&path).unwrap(), contexts);
        assert!(!open_to_others(&path));
        fs::write(&path, "current = \"x\"\ntoken = \"no\"\n").unwrap();
        assert!(Contexts::load_from(&path).unwrap_err().message.contains("token"));
    }
}
