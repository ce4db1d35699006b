//! How many transactions were written to the state database, kept beside it.
//!
//! SQLite goes on without a word where the end of its log was cut off or the log is gone, and so it does with an older copy of the
//! file: jobs that were told to be created would not be there. So each transaction counts itself, and its number stands in a
//! file of its own once it is on disk. That number is never above the database's, whatever ends the daemon or the machine, since it is
//! written later; where it is, changes are missing. It needs no fsync: an older number only sees less.

use super::{Error, Result};
use rusqlite::{Connection, OptionalExtension as _};
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// Digits that stand in the file.
const DIGITS: usize = 20;

pub(super) struct Written {
    file: File,
}

impl Written {
    fn path(database: &Path) -> PathBuf {
        database.with_extension("written")
    }

    /// Opens the file beside a database. `is_new`: that was made just now, and lacks nothing.
    pub(super) fn open(database: &Path, conn: &Connection, is_new: bool) -> Result<Self> {
        let path = Self::path(database);
        let failed = |e: std::io::Error| Error::because(format!("open {}", path.display()), e);
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = Self { file: options.open(&path).map_err(failed)? };
        let sql = "SELECT last FROM sequences WHERE name = 'write'";
        let has: u64 = conn.query_row(sql, [], |row| row.get::<_, i64>(0)).optional()?.map_or(0, i64::cast_unsigned);
        let had = if is_new { 0 } else { written.read().unwrap_or(0) };
        if had > has {
            return Err(Error::io(format!(
                "state database {} lacks the last {} that were written to it: its log ({}-wal) was cut off or is gone, or this is an \
                 older copy; restore a backup, or remove {} to go on with what is there: jobs that were created meanwhile are missing, \
                 and go on where their targets stand when they are created again",
                database.display(),
                crate::model::words::counted(had - has, "change"),
                database.display(),
                path.display()
            )));
        }
        written.note(has);
        Ok(written)
    }

    /// What cannot be read says nothing.
    fn read(&self) -> Option<u64> {
        let mut text = [0; DIGITS];
        self.file.read_exact_at(&mut text, 0).ok()?;
        std::str::from_utf8(&text).ok()?.parse().ok()
    }

    /// So many are on disk. What cannot be kept sees less at the next start.
    pub(super) fn note(&self, count: u64) {
        if let Err(error) = self.file.write_all_at(format!("{count:0DIGITS$}\n").as_bytes(), 0) {
            tracing::debug!(%error, "how much was written to the state database was not noted");
        }
    }
}
