//! The file of a job: found, claimed, cut back to what is kept, locked.

use crate::model::messages::FileName;
use crate::replicate::memory::Memory;
use crate::replicate::{Error, Result};
use rustix::fs::OFlags;
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Seek as _, SeekFrom};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// A file in the folder that the daemon may write to.
#[derive(Debug, Clone)]
pub(in crate::replicate::sink) struct Place {
    dir: PathBuf,
    pub(super) name: FileName,
}

/// Version 1 must load for ever.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    v: u32,
    name: String,
    length: u64,
}

const DOCUMENT: &str = "file";

pub(super) fn document(name: &FileName, length: u64) -> (String, Option<String>) {
    let kept = Kept { v: 1, name: name.as_str().to_owned(), length };
    (DOCUMENT.to_owned(), Some(serde_json::to_string(&kept).expect("plain data")))
}

/// Says why no job can write there now; changes nothing.
pub fn check(dir: Option<&Path>) -> Result<()> {
    let dir = dir.ok_or_else(no_folder)?;
    match std::fs::metadata(dir) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(Error::config("files_dir", format!("[files] dir {} is not a folder", dir.display()))),
        Err(e) => Err(Error::config("files_dir", format!("[files] dir {} cannot be used: {e}", dir.display()))
            .hint("make the folder, and let the daemon's account write there")),
    }
}

fn no_folder() -> Error {
    Error::config("files_dir", "this daemon writes no files: [files] dir is not set")
        .hint("set [files] dir in the daemon's configuration (SYNCLINE_FILES_DIR), and restart it")
}

impl Place {
    pub(in crate::replicate::sink) fn new(dir: Option<PathBuf>, name: FileName) -> Result<Self> {
        check(dir.as_deref())?;
        Ok(Self { dir: dir.ok_or_else(no_folder)?, name })
    }

    pub(super) fn path(&self) -> PathBuf {
        self.dir.join(self.name.as_str())
    }

    /// Opens the file for appending behind the length that is kept among the job's documents.
    pub(super) async fn open(&self, documents: &BTreeMap<String, String>, memory: &Memory) -> Result<(File, u64)> {
        let kept: Option<Kept> = documents
            .get(DOCUMENT)
            .map(|text| serde_json::from_str(text))
            .transpose()
            .map_err(|e| Error::permanent("memory_unreadable", format!("read what is kept of the job's file: {e}")))?;
        // Under another name, since the job was changed: it goes on there.
        let length = kept.filter(|k| k.name == self.name.as_str()).map(|k| k.length);
        if length.is_none() {
            let this = self.clone();
            blocking(move || this.absent()).await?;
            // From now on what is under this name is the job's, even if the next step is the last.
            memory.save(vec![document(&self.name, 0)]).await?;
        }
        let this = self.clone();
        blocking(move || this.take(length.unwrap_or(0))).await
    }

    fn absent(&self) -> Result<()> {
        match std::fs::symlink_metadata(self.path()) {
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
            Err(e) => Err(self.failed("look at", &e)),
            Ok(_) => Err(Error::config("file_exists", format!("{} is there already and is not this job's", self.path().display()))
                .hint("move it away, or give the job another file; then retry the job")),
        }
    }

    fn take(&self, length: u64) -> Result<(File, u64)> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o640)
            .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
            .open(self.path())
            .map_err(|e| self.failed("open", &e))?;
        let found = file.metadata().map_err(|e| self.failed("look at", &e))?;
        if !found.is_file() || found.nlink() != 1 {
            let message = format!("{} is not a plain file with one name", self.path().display());
            return Err(Error::config("file_exists", message).hint("move it away; then retry the job"));
        }
        match file.try_lock() {
            Ok(()) => {}
            // An earlier start of the job may still be closing it.
            Err(TryLockError::WouldBlock) => {
                return Err(Error::transient("file_in_use", format!("{} is written by somebody else", self.path().display())));
            }
            Err(TryLockError::Error(e)) => return Err(self.failed("lock", &e)),
        }
        let length = match found.len() {
            // Moved away, and just made again.
            0 => 0,
            there if there < length => {
                let message = format!("{} has {there} bytes, and the job has written {length}", self.path().display());
                return Err(Error::config("file_shorter", message)
                    .hint("put back what was taken out of it, or move the file away to begin a new one; then retry the job"));
            }
            _ => length,
        };
        file.set_len(length).map_err(|e| self.failed("cut", &e))?;
        file.seek(SeekFrom::Start(length)).map_err(|e| self.failed("open", &e))?;
        // Its name must not be lost where its lines are not.
        File::open(&self.dir).and_then(|dir| dir.sync_all()).map_err(|e| self.failed("open", &e))?;
        Ok((file, length))
    }

    pub(super) fn failed(&self, doing: &str, error: &std::io::Error) -> Error {
        let message = format!("{doing} {}: {error}", self.path().display());
        if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) {
            return Error::config("file_exists", format!("{message} (a symbolic link is not followed)"));
        }
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                Error::transient("disk_full", message).hint("make room on the daemon's disk: the job goes on by itself")
            }
            ErrorKind::PermissionDenied | ErrorKind::NotFound | ErrorKind::ReadOnlyFilesystem => {
                Error::config("file_io", message).hint("let the daemon's account write in [files] dir; then retry the job")
            }
            _ => Error::transient("file_io", message),
        }
    }
}

pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| Error::permanent("panic", format!("write the job's file: {e}")))?
}
