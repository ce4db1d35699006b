//! A clock that a test sets while a process runs: libfaketime in that process. What only goes on (timeouts, pauses) is not set.

use super::servers;
use std::ffi::OsString;
use std::path::PathBuf;

pub(crate) struct Clock {
    library: PathBuf,
    file: tempfile::NamedTempFile,
}

impl Clock {
    /// None, said as a skip, where the library is not installed.
    pub(crate) fn here() -> Option<Self> {
        let folders = std::fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path().join("faketime"));
        let mut found = folders.map(|folder| folder.join("libfaketimeMT.so.1"));
        let Some(library) = found.find(|library| library.exists()) else {
            servers::skip("a clock to set: libfaketime is not installed (scripts/services install faketime)");
            return None;
        };
        let clock = Self { library, file: tempfile::NamedTempFile::new().expect("a temporary file") };
        clock.set(0);
        Some(clock)
    }

    /// It says so many seconds more than the system's from now on.
    pub(crate) fn set(&self, ahead: i64) {
        // In one step: it is read while it is written.
        let next = self.file.path().with_extension("next");
        std::fs::write(&next, format!("{ahead:+}s\n")).expect("the folder is there");
        std::fs::rename(next, self.file.path()).expect("the same folder");
    }

    pub(crate) fn environment(&self) -> Vec<(&'static str, OsString)> {
        vec![
            ("LD_PRELOAD", self.library.clone().into()),
            ("FAKETIME_TIMESTAMP_FILE", self.file.path().into()),
            ("FAKETIME_NO_CACHE", "1".into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
            ("NO_FAKE_STAT", "1".into()),
        ]
    }
}
