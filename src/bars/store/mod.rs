//! The bars database: one SQLite file of packed blocks beside the daemon's state.
//!
//! Called by every part of this engine. One thread owns the writing connection and commits many waiting writes at once
//! (`writer`); readers have connections and snapshots of their own and are never blocked (WAL). A write that has returned
//! is on disk (`synchronous=FULL`).
//!
//! `block` (over `bits`) a block's bytes, `series` the rows of a series and its blocks, `upsert` how new bars meet stored
//! ones, `whole` whole blocks out and `receive` in, `contents` all of it in one digest, `read` bars for readers, `remove` bars taken out, `notes`
//! corrections and marks, `verify` everything checked against its digests, `damage` blocks that are not what was written, `transfers`
//! what was brought to others, `untold` what came and has no row there yet, `visits` who came by itself.
//!
//! Invariants: a block's digest is that of its bytes, or one that no block has where these are known to be damaged, and a series'
//! digest the sum of its blocks'; each change of a series takes the next number of the file's one version counter, and the
//! blocks that it touched carry that number; a snapshot that sees version n sees all before.

mod bits;
mod block;
mod contents;
mod damage;
mod gone;
mod notes;
mod read;
mod receive;
mod remove;
mod series;
mod transfers;
mod untold;
mod upsert;
mod verify;
mod visits;
mod whole;
mod writer;

pub use contents::Contents;
pub use damage::{Damage, HEAL};
pub use notes::{Correction, CorrectionKind, Mark, Noted};
pub use read::NAMED;
pub use read::{BatchItem, SeriesInfo, Sound, Waiting};
pub use receive::{Besides, Received};
pub use remove::Removed;
pub use transfers::{Transfer, TransferFilter};
pub use upsert::{IfDamaged, Written};
pub(super) use upsert::{in_order, keep_volumes};
pub use verify::Verified;
pub use whole::{BlockData, BlockDigest, Listed, Removal};

use super::{Error, Result};
use crate::secret::file::close_to_others;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;
use writer::{Work, Writer};

/// Connections that read at the same time; more readers wait.
const READERS: usize = 4;
const SCRIPTS: [&str; 9] = [
    include_str!("0001.sql"),
    include_str!("0002.sql"),
    include_str!("0003.sql"),
    include_str!("0004.sql"),
    include_str!("0005.sql"),
    include_str!("0006.sql"),
    include_str!("0007.sql"),
    include_str!("0008.sql"),
    include_str!("0009.sql"),
];

/// A handle; clones share the file.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    writer: Writer,
    file: PathBuf,
    id: String,
    /// Of this opening of the file: a copy of the file has its id, and nobody has this.
    opening: String,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
    /// Bars that were new, and that replaced others, since it was opened.
    added: AtomicU64,
    changed: AtomicU64,
    /// As they were when they were last asked for.
    contents: Mutex<Option<Contents>>,
}

/// A digest of 128 bits; of a series the sum of its blocks', so that one block's change needs one addition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Digest(u128);

impl Digest {
    /// Of a block's bytes and its place: the same bytes elsewhere are another block.
    fn of_block(period: i32, data: &[u8]) -> Self {
        use sha2::Digest as _;
        let sum = sha2::Sha256::new().chain_update(period.to_le_bytes()).chain_update(data).finalize();
        Self::half(&sum)
    }
    /// Of a series among others: its name and what its blocks come to.
    fn of_series(symbol: &str, interval: &str, digest: &[u8]) -> Self {
        use sha2::Digest as _;
        let parts = [symbol.as_bytes(), &[0], interval.as_bytes(), &[0], digest];
        let sum = parts.into_iter().fold(sha2::Sha256::new(), |sum, part| sum.chain_update(part)).finalize();
        Self::half(&sum)
    }
    fn half(sum: &[u8]) -> Self {
        Self(u128::from_le_bytes(sum[..16].try_into().expect("half of 32 bytes")))
    }
    /// Of a block whose bytes are not what was written: no block has it.
    fn of_none(period: i32, data: &[u8]) -> Self {
        Self(!Self::of_block(period, data).0)
    }
    fn plus(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }
    fn minus(self, other: Self) -> Self {
        Self(self.0.wrapping_sub(other.0))
    }
    fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }
    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        bytes.try_into().map(|b| Self(u128::from_be_bytes(b))).map_err(|_| damaged("a digest"))
    }
    /// Reads what `Display` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 32).then(|| u128::from_str_radix(text, 16).ok()).flatten().map(Self)
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl Store {
    /// Opens `bars.sqlite` in a directory that is there, making the file when it is not. Blocks; the whole file is read
    /// once for its integrity.
    pub fn open(dir: &Path) -> Result<Self> {
        let file = dir.join("bars.sqlite");
        close_to_others(&file)
            .map_err(|e| Error::permanent("bars_store_failed", format!("open bars database {}: {e}", file.display())).because(e))?;
        let mut conn = connect(&file, false)?;
        check_integrity(&conn, &file)?;
        migrate(&mut conn)?;
        let id = store_id(&conn)?;
        let writer = Writer::start(conn)?;
        let (idle, permits) = (Mutex::new(Vec::new()), Arc::new(Semaphore::new(READERS)));
        let (added, changed, contents) = Default::default();
        let opening = uuid::Uuid::new_v4().to_string();
        Ok(Self { inner: Arc::new(Inner { writer, file, id, opening, idle, permits, added, changed, contents }) })
    }

    /// Names this file for ever; replicas know by it whose versions they hold.
    pub fn id(&self) -> &str {
        &self.inner.id
    }

    /// Names this file as long as it is open: who hears it from somebody else has asked himself.
    pub(in crate::bars) fn opening(&self) -> &str {
        &self.inner.opening
    }

    /// Waits for writes that were accepted, folds the log into the file and ends the thread. Later writes fail.
    pub async fn close(&self) {
        self.inner.writer.stop().await;
        if let Ok(mut idle) = self.inner.idle.lock() {
            idle.clear();
        }
    }

    /// Runs the closure on a reading connection, in one snapshot, on a thread that may block.
    pub(super) async fn reading<T: Send + 'static>(&self, work: impl FnOnce(&Connection) -> Result<T> + Send + 'static) -> Result<T> {
        let permit = Arc::clone(&self.inner.permits).acquire_owned().await.map_err(|_| closed())?;
        let inner = Arc::clone(&self.inner);
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let idle = inner.idle.lock().map_err(|_| closed())?.pop();
            let mut conn = match idle {
                Some(conn) => conn,
                None => connect(&inner.file, true)?,
            };
            let answer = {
                let tx = conn.transaction()?;
                work(&tx)
            };
            inner.idle.lock().map_err(|_| closed())?.push(conn);
            answer
        });
        let answer = task.await.map_err(|_| Error::permanent("bars_store_failed", "a query of the bars database panicked"))?;
        self.noticed(answer).await
    }

    /// Runs the closure on the writing connection; what it returns is on disk when this returns.
    async fn writing<T: Send + 'static>(&self, work: impl FnOnce(&mut Work<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        let answer = self.inner.writer.call(work).await;
        self.noticed(answer).await
    }

    /// Runs it and undoes what it did; returns what it says.
    async fn trying<T: Send + 'static>(&self, work: impl FnOnce(&mut Work<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        let answer = self.inner.writer.trial(work).await;
        self.noticed(answer).await
    }

    /// Makes a file beside the database that has no name: it is gone with its handle, whatever happens.
    pub(super) fn scratch(&self) -> Result<std::fs::File> {
        let path = self.inner.file.with_extension(format!("scratch-{}", uuid::Uuid::new_v4()));
        let failed =
            |e: std::io::Error| Error::permanent("bars_scratch_failed", format!("scratch file {}: {e}", path.display())).because(e);
        let file = std::fs::File::options().read(true).write(true).create_new(true).open(&path).map_err(failed)?;
        std::fs::remove_file(&path).map_err(failed)?;
        Ok(file)
    }

    /// Bars that were stored and were new, and that replaced others, since this was opened.
    pub fn written(&self) -> (u64, u64) {
        (self.inner.added.load(Ordering::Relaxed), self.inner.changed.load(Ordering::Relaxed))
    }

    fn count(&self, written: Written) -> Written {
        self.inner.added.fetch_add(written.added, Ordering::Relaxed);
        self.inner.changed.fetch_add(written.changed, Ordering::Relaxed);
        written
    }

    /// Bytes on disk, the log included.
    pub fn size(&self) -> u64 {
        let wal = self.inner.file.with_extension("sqlite-wal");
        [&self.inner.file, &wal].into_iter().filter_map(|f| std::fs::metadata(f).ok()).map(|m| m.len()).sum()
    }
}

fn closed() -> Error {
    Error::permanent("bars_store_closed", "the bars database is closed")
}

fn damaged(what: impl std::fmt::Display) -> Error {
    let message = format!("{what} in the bars database is damaged; stop the daemon and move the file away or restore a copy of it");
    Error::permanent("bars_store_damaged", message)
}

fn connect(file: &Path, read_only: bool) -> Result<Connection> {
    let flags = if read_only {
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX
    } else {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX
    };
    let conn = Connection::open_with_flags(file, flags)
        .map_err(|e| Error::permanent("bars_store_failed", format!("open bars database {}: {e}", file.display())).because(e))?;
    conn.busy_timeout(Duration::from_secs(10))?;
    conn.set_prepared_statement_cache_capacity(64);
    if !read_only {
        // Blocks are of some kilobytes: a larger page holds one whole. Counts for a new file only.
        conn.pragma_update(None, "page_size", 8192)?;
        conn.pragma_update(None, "journal_mode", "WAL")?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "wal_autocheckpoint", 4000)?;
        conn.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
        conn.pragma_update(None, "cache_size", -32_768)?;
    }
    Ok(conn)
}

fn check_integrity(conn: &Connection, file: &Path) -> Result<()> {
    let verdict = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    let wrong = match verdict {
        Ok(verdict) if verdict == "ok" => return Ok(()),
        Ok(verdict) => verdict,
        Err(e) => e.to_string(),
    };
    let file = file.display();
    Err(Error::permanent("bars_store_damaged", format!("bars database {file} is damaged ({wrong}); move it away or restore a backup")))
}

fn migrate(conn: &mut Connection) -> Result<()> {
    let done: u32 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = u32::try_from(SCRIPTS.len()).expect("a handful of scripts");
    if done > known {
        let message = format!("the bars database is of a newer syncline (form {done}, this build knows {known})");
        return Err(Error::permanent("bars_store_newer", message));
    }
    for (number, script) in (1u32..).zip(SCRIPTS).skip(done as usize) {
        let tx = conn.transaction()?;
        tx.execute_batch(script)?;
        tx.pragma_update(None, "user_version", number)?;
        tx.commit()?;
    }
    Ok(())
}

fn store_id(conn: &Connection) -> Result<String> {
    let known = conn.query_row("SELECT value FROM meta WHERE key = 'store_id'", [], |row| row.get(0)).optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    let id = uuid::Uuid::new_v4().to_string();
    conn.execute("INSERT INTO meta (key, value) VALUES ('store_id', ?1)", [&id])?;
    Ok(id)
}

#[cfg(test)]
mod tests;
