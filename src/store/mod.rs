//! The daemon's memory: one SQLite file under the data directory, and the key that its secrets are sealed with.
//!
//! Called by the scheduler (all writes) and the API (reads). One thread owns the writing connection and one the reading
//! one; both take closures, so that a change and its audit row are one transaction. A write that has returned is on
//! disk (`synchronous=FULL`).
//!
//! `jobs`, `runs`, `items`, `figures`, `leftovers`, `targets`, `verifications`, `audit` and `sequences` hold the queries, one noun each; `document` the stored JSON
//! forms; `cipher` the sealing of secrets; `lock` keeps a second daemon out; `migrate` brings old files forward; `written` sees that
//! no change is missing.

pub mod audit;
pub mod cipher;
pub mod document;
pub mod figures;
pub mod items;
pub mod jobs;
pub mod kept;
pub mod leftovers;
mod lock;
pub mod memory;
mod migrate;
pub mod runs;
pub mod sequences;
pub mod targets;
mod thread;
pub mod verifications;
mod written;

use crate::secret::file::close_to_others;
use cipher::Cipher;
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use written::Written;

/// What is left to do about a state file that cannot be read.
const WAY_OUT: &str = "restore a backup, or move it away (state.sqlite, -wal and -shm; leave secret.key) and create the jobs again: they \
                       go on where their targets stand";

/// Why the store said no.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0} does not exist")]
    NotFound(String),
    #[error("{0}")]
    Conflict(String),
    /// Its text is for the log and for the terminal of `serve`, never for a reply.
    #[error("{message}")]
    Io {
        message: String,
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// There is no room for it.
    pub fn is_disk_full(&self) -> bool {
        let Self::Io { source: Some(source), .. } = self else { return false };
        source.downcast_ref::<rusqlite::Error>().is_some_and(|e| e.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull))
    }
    pub(crate) fn io(message: impl Into<String>) -> Self {
        Self::Io { message: message.into(), source: None }
    }
    /// Of a file that is no database any more also what is to be done about it.
    fn sqlite(doing: &str, error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        let damaged = matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase));
        let way_out = if damaged { format!("; {WAY_OUT}") } else { String::new() };
        Self::Io { message: format!("{doing}: {error}{way_out}"), source: Some(error.into()) }
    }
    pub(crate) fn because(message: impl Into<String>, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let source = source.into();
        Self::Io { message: format!("{}: {source}", message.into()), source: Some(source) }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::sqlite("state database", error)
    }
}

/// What a query works with: a connection (inside a transaction when writing) and the cipher for secrets.
pub struct Db<'a> {
    pub(in crate::store) conn: &'a Connection,
    pub(in crate::store) cipher: &'a Cipher,
}

/// A handle; clones share the threads.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    writer: thread::Worker,
    reader: thread::Worker,
    written: Arc<Written>,
    cipher: Arc<Cipher>,
    dir: PathBuf,
    node_id: String,
    /// The last write found no room.
    full: AtomicBool,
    _lock: lock::DirLock,
}

impl Store {
    /// Opens the data directory, making it, its key and its tables when they are not there. Blocks.
    pub fn open(dir: &Path) -> Result<Self> {
        make_private_dir(dir)?;
        let lock = lock::DirLock::take(dir)?;
        let file = dir.join("state.sqlite");
        // SQLite takes an empty file for a new database, and all jobs would be gone without a word. Before the first start was
        // over there was no key.
        if std::fs::metadata(&file).is_ok_and(|m| m.len() == 0) && dir.join("secret.key").exists() {
            let what = format!("state database {} is empty: it was truncated", file.display());
            return Err(Error::io(format!("{what}; {WAY_OUT}")));
        }
        let is_new = !file.exists();
        // Not refused: moving the file away is the way out where there is no backup.
        if is_new && dir.join("secret.key").exists() {
            let beside = "the data directory has a secret.key and no state.sqlite: the daemon starts without any job";
            tracing::warn!(
                file = %file.display(),
                "{beside}; if that is not meant, stop it and restore a backup (or look whether --data-dir is right), else create the jobs \
                 again: they go on where their targets stand"
            );
        }
        close_to_others(&file).map_err(|e| Error::because(format!("open state database {}", file.display()), e))?;
        let mut conn = connect(&file, false)?;
        check_integrity(&conn, &file)?;
        migrate::run(&mut conn)?;
        let written = Arc::new(Written::open(&file, &conn, is_new)?);
        let cipher = Arc::new(cipher::open(dir, &conn)?);
        let node_id = node_id(&conn)?;
        let reader = connect(&file, true)?;
        Ok(Self {
            inner: Arc::new(Inner {
                writer: thread::Worker::start("store-write", conn)?,
                reader: thread::Worker::start("store-read", reader)?,
                written,
                cipher,
                dir: dir.to_owned(),
                node_id,
                full: AtomicBool::new(false),
                _lock: lock,
            }),
        })
    }

    /// This daemon's id, made at first start and kept.
    pub fn node_id(&self) -> &str {
        &self.inner.node_id
    }

    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }

    /// Runs the closure in one transaction; it commits if the closure returns Ok.
    pub async fn write<T: Send + 'static>(&self, work: impl FnOnce(&Db<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        let (cipher, counted) = (Arc::clone(&self.inner.cipher), Arc::clone(&self.inner.written));
        let written = self
            .inner
            .writer
            .call(move |conn| {
                let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
                let db = Db { conn: &tx, cipher: &cipher };
                let value = work(&db)?;
                let count = sequences::next(&db, sequences::Sequence::Write)?;
                tx.commit()?;
                counted.note(count);
                Ok(value)
            })
            .await;
        match &written {
            Ok(_) => self.inner.full.store(false, Ordering::Relaxed),
            Err(e) if e.is_disk_full() => self.inner.full.store(true, Ordering::Relaxed),
            Err(_) => {}
        }
        written
    }

    /// What an operator reads of a write that failed: its code, and what is the matter.
    pub fn refusal(&self, error: &Error) -> (&'static str, String) {
        if error.is_disk_full() {
            let what =
                format!("the disk of the data directory {} is full: make room there, and it goes on by itself", self.dir().display());
            return ("disk_full", what);
        }
        ("state_not_written", "the state database does not take writes".to_owned())
    }

    /// Says whether the last write found no room. Figures of running jobs are written all the time, so it is known soon.
    pub fn is_full(&self) -> bool {
        self.inner.full.load(Ordering::Relaxed)
    }

    /// Runs the closure on the reading connection, in one snapshot.
    pub async fn read<T: Send + 'static>(&self, work: impl FnOnce(&Db<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        let cipher = Arc::clone(&self.inner.cipher);
        self.inner
            .reader
            .call(move |conn| {
                let tx = conn.transaction()?;
                work(&Db { conn: &tx, cipher: &cipher })
            })
            .await
    }

    /// Says whether the store answers.
    pub async fn ping(&self) -> Result<()> {
        self.read(|db| Ok(db.conn.query_row("SELECT 1", [], |_| Ok(()))?)).await
    }

    /// Folds the write-ahead log into the file and ends both threads. Later calls fail.
    pub async fn close(&self) -> Result<()> {
        self.inner.reader.stop().await;
        let folded = self.inner.writer.call(|conn| Ok(conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)).await;
        self.inner.writer.stop().await;
        folded
    }
}

fn connect(file: &Path, read_only: bool) -> Result<Connection> {
    let flags = if read_only {
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX
    } else {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX
    };
    let failed = |e| Error::sqlite(&format!("open state database {}", file.display()), e);
    let conn = Connection::open_with_flags(file, flags).map_err(failed)?;
    conn.busy_timeout(Duration::from_secs(10)).map_err(failed)?;
    if !read_only {
        conn.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        conn.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
        conn.pragma_update(None, "foreign_keys", "ON").map_err(failed)?;
    }
    Ok(conn)
}

fn check_integrity(conn: &Connection, file: &Path) -> Result<()> {
    let verdict: String = conn
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|e| Error::sqlite(&format!("check state database {}", file.display()), e))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(Error::io(format!("state database {} is damaged ({verdict}); {WAY_OUT}", file.display())))
}

fn node_id(conn: &Connection) -> Result<String> {
    let known = conn.query_row("SELECT value FROM meta WHERE key = 'node_id'", [], |row| row.get(0)).optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    let id = uuid::Uuid::new_v4().to_string();
    conn.execute("INSERT INTO meta (key, value) VALUES ('node_id', ?1)", [&id])?;
    Ok(id)
}

/// Makes the directory readable by its owner only; one that exists keeps its mode.
fn make_private_dir(dir: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|e| Error::because(format!("make data directory {}", dir.display()), e))
}

pub(in crate::store) fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

pub(in crate::store) fn time(micros: i64) -> Result<Timestamp> {
    Timestamp::from_microsecond(micros).map_err(|e| Error::because("stored time", e))
}

pub(in crate::store) fn time_opt(micros: Option<i64>) -> Result<Option<Timestamp>> {
    micros.map(time).transpose()
}

/// SQLite's integers are signed; our numbers never reach the sign.
pub(in crate::store) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(in crate::store) fn uint(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_disk_is_told_until_there_is_room() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let fill = |db: &Db<'_>| {
            db.conn.execute("INSERT INTO meta (key, value) VALUES ('large', hex(zeroblob(1 << 20)))", [])?;
            Ok(())
        };
        let room = |pages: u32| move |db: &Db<'_>| Ok(db.conn.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?);
        store.write(room(1)).await.unwrap();
        let error = store.write(fill).await.unwrap_err();
        assert!(error.is_disk_full() && store.is_full(), "{error}");
        let (code, message) = store.refusal(&error);
        assert!(code == "disk_full" && message.contains(&*dir.path().to_string_lossy()), "{message}");
        store.write(room(u32::MAX >> 1)).await.unwrap();
        store.write(fill).await.unwrap();
        assert!(!store.is_full());
        let other = store.write(|db| Ok(db.conn.execute("INSERT INTO nothing VALUES (1)", [])?)).await.unwrap_err();
        assert!(!other.is_disk_full() && store.refusal(&other).0 == "state_not_written", "{other}");
    }
}
