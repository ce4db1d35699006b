//! The log's spool on disk: the reader task writes behind the socket, the decoder reads behind the writer.
//!
//! ```text
//!  00000000.spool  00000001.spool  00000002.spool      record = length u32 + header (19) + body
//!  deleted         being read      being written
//! ```
//! A cache, never the truth: deleted as it is consumed and when it is let go of, asked for again from the source when lost.
//! Each opening has a folder of its own, so that what lets go late removes nothing of its successor; what a killed daemon
//! left is wiped at open. In steady state it never leaves the page cache. Invariant: the decoder never reads beyond what was published, and both
//! sides wait on a `watch`, never on a clock.
//!
//! One oversized event at a time (replication.md §9): its bytes carry a permit that comes back when the last slice of them
//! is dropped, that is when the target has them; only then the next is read from disk, and ([`Writer::settled`]) the next
//! received.

use super::events::{HEADER, Header};
use crate::replicate::{Error, Kind, Result};
use bytes::{Buf as _, Bytes, BytesMut};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// A new segment begins behind this many bytes, or earlier where the bound is small: a segment is deleted as a whole, so
/// what is on disk exceeds the bound by up to one.
const SEGMENT_BYTES: u64 = 64 << 20;
/// Read and write size; a larger event gets memory of its own.
const CHUNK: usize = 256 << 10;
/// An event beyond this size goes alone.
pub(super) const OVERSIZED: usize = 8 << 20;

/// The bytes of an oversized event.
struct Alone {
    bytes: BytesMut,
    _permit: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Alone {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// What the writer has put on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Written {
    segment: u64,
    /// In that segment.
    offset: u64,
    total: u64,
}

#[derive(Debug)]
pub(super) struct Writer {
    dir: PathBuf,
    file: File,
    written: Written,
    segment_bytes: u64,
    bound: u64,
    buffer: Vec<u8>,
    published: watch::Sender<Written>,
    consumed: watch::Receiver<u64>,
    alone: Arc<Semaphore>,
}

#[derive(Debug)]
pub(super) struct Reader {
    dir: PathBuf,
    segment: u64,
    file: Option<File>,
    /// In this segment, as read into `buffer`.
    offset: u64,
    total: u64,
    buffer: BytesMut,
    published: watch::Receiver<Written>,
    consumed: watch::Sender<u64>,
    alone: Arc<Semaphore>,
    /// For the oversized event that is being read.
    permit: Option<OwnedSemaphorePermit>,
}

/// What is written, seen from beside the reader: a figure must not wait for one who waits for room.
#[derive(Debug, Clone)]
pub struct Spooled(watch::Receiver<Written>);

/// One event as spooled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) header: Header,
    pub(super) body: Bytes,
}

fn segment_path(dir: &Path, segment: u64) -> PathBuf {
    dir.join(format!("{segment:08}.spool"))
}

/// For this account only: the log holds rows, and statements on accounts with their passwords, as the source wrote them.
async fn create(path: &Path) -> std::io::Result<File> {
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    options.mode(0o600);
    options.open(path).await
}

async fn folder(path: &Path) -> std::io::Result<()> {
    let mut builder = tokio::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(0o700);
    builder.create(path).await
}

fn failed(doing: &str, dir: &Path, error: std::io::Error) -> Error {
    let failed = |code| Error::new(Kind::Transient, code, format!("{doing} the log spool in {}: {error}", dir.display()));
    let failed = match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            failed("disk_full").hint("make room on the disk of the daemon's data directory: the job goes on by itself")
        }
        _ => failed("spool_io"),
    };
    failed.because(error)
}

/// Empties the folder of the job's spools and opens both ends of a new one; `bound` is how much the writer may be ahead of
/// the reader.
pub(super) async fn open(parent: &Path, bound: u64) -> Result<(Writer, Reader)> {
    let made = async {
        // A predecessor that has not let go yet loses its folder, not ours; its files stay readable to it.
        match tokio::fs::remove_dir_all(parent).await {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let dir = parent.join(uuid::Uuid::now_v7().to_string());
        folder(&dir).await?;
        let file = create(&segment_path(&dir, 0)).await?;
        Ok((dir, file))
    };
    let (dir, file) = made.await.map_err(|e| failed("open", parent, e))?;
    let (published, published_rx) = watch::channel(Written::default());
    let (consumed, consumed_rx) = watch::channel(0);
    let alone = Arc::new(Semaphore::new(1));
    let writer = Writer {
        dir: dir.clone(),
        file,
        written: Written::default(),
        segment_bytes: (bound / 4).clamp(CHUNK as u64, SEGMENT_BYTES),
        bound: bound.max(1),
        buffer: Vec::new(),
        published,
        consumed: consumed_rx,
        alone: Arc::clone(&alone),
    };
    let reader = Reader {
        dir,
        segment: 0,
        file: None,
        offset: 0,
        total: 0,
        buffer: BytesMut::new(),
        published: published_rx,
        consumed,
        alone,
        permit: None,
    };
    Ok((writer, reader))
}

impl Writer {
    /// Appends an event; it is visible after the next `flush` at the latest.
    pub(super) async fn push(&mut self, header: &Header, body: &[u8]) -> Result<()> {
        self.buffer.extend_from_slice(&((HEADER + body.len()) as u32).to_le_bytes());
        self.buffer.extend_from_slice(&header.bytes());
        if body.len() < CHUNK {
            self.buffer.extend_from_slice(body);
            return if self.buffer.len() < CHUNK { Ok(()) } else { self.flush().await };
        }
        // A large body is not copied once more.
        let write = async {
            self.file.write_all(&self.buffer).await?;
            self.file.write_all(body).await
        };
        write.await.map_err(|e| failed("write", &self.dir, e))?;
        self.written.offset += body.len() as u64;
        self.written.total += body.len() as u64;
        self.count_buffer();
        self.publish().await
    }

    /// Puts everything on disk and tells the reader.
    pub(super) async fn flush(&mut self) -> Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.file.write_all(&self.buffer).await.map_err(|e| failed("write", &self.dir, e))?;
        self.count_buffer();
        self.publish().await
    }

    fn count_buffer(&mut self) {
        self.written.offset += self.buffer.len() as u64;
        self.written.total += self.buffer.len() as u64;
        self.buffer.clear();
    }

    async fn publish(&mut self) -> Result<()> {
        self.file.flush().await.map_err(|e| failed("write", &self.dir, e))?;
        if self.written.offset >= self.segment_bytes {
            let next = self.written.segment + 1;
            self.file = create(&segment_path(&self.dir, next)).await.map_err(|e| failed("extend", &self.dir, e))?;
            self.written = Written { segment: next, offset: 0, ..self.written };
        }
        self.published.send_replace(self.written);
        Ok(())
    }

    /// Says whether the reader is as far behind as it may be.
    pub(super) fn full(&self) -> bool {
        (self.written.total + self.buffer.len() as u64).saturating_sub(*self.consumed.borrow()) >= self.bound
    }

    /// Waits until everything is read and no oversized event is in memory.
    pub(super) async fn settled(&mut self) {
        let total = self.written.total;
        if self.consumed.wait_for(|consumed| total <= *consumed).await.is_ok() {
            // Given back at once: it is the reader's to take.
            let _ = self.alone.acquire().await;
        }
    }

    /// Waits until there is room again; false if nobody reads any more.
    pub(super) async fn room(&mut self) -> Result<bool> {
        self.flush().await?;
        let (total, bound) = (self.written.total, self.bound);
        Ok(self.consumed.wait_for(|consumed| total.saturating_sub(*consumed) < bound).await.is_ok())
    }
}

/// What nobody will read takes no room: a full disk may be waiting for it, and the daemon's own state with it.
impl Drop for Reader {
    fn drop(&mut self) {
        // What cannot be removed now is wiped when the next one is opened.
        let _ = std::fs::remove_dir_all(&self.dir);
        // Where no successor has its own in there.
        let _ = self.dir.parent().map(std::fs::remove_dir);
    }
}

impl Spooled {
    /// Bytes on disk behind the first `given`.
    pub fn behind(&self, given: u64) -> u64 {
        self.0.borrow().total.saturating_sub(given)
    }
}

impl Reader {
    /// Bytes that were given out.
    pub(super) fn given(&self) -> u64 {
        self.total - self.buffer.len() as u64
    }

    pub(super) fn spooled(&self) -> Spooled {
        Spooled(self.published.clone())
    }

    /// Returns the next event, waiting for it; None when the writer is gone and everything is read. Dropping the
    /// future loses nothing.
    pub(super) async fn next(&mut self) -> Result<Option<Record>> {
        loop {
            let need = match self.buffer.first_chunk::<4>() {
                Some(length) => 4 + u32::from_le_bytes(*length) as usize,
                None => 4,
            };
            if need > 4 && self.buffer.len() >= need {
                return self.take(need).map(Some);
            }
            if need > OVERSIZED && self.permit.is_none() {
                self.permit = Arc::clone(&self.alone).acquire_owned().await.ok();
            }
            if !self.fill(need).await? {
                return Ok(None);
            }
        }
    }

    fn take(&mut self, length: usize) -> Result<Record> {
        self.buffer.advance(4);
        let length = length - 4;
        // A large event keeps its own memory; a small one is copied, or it would keep the whole chunk alive.
        let record = if length > CHUNK {
            let bytes = std::mem::take(&mut self.buffer);
            match self.permit.take() {
                Some(permit) => Bytes::from_owner(Alone { bytes, _permit: permit }),
                None => bytes.freeze(),
            }
        } else {
            let copy = Bytes::copy_from_slice(&self.buffer[..length]);
            self.buffer.advance(length);
            copy
        };
        let header = Header::parse(&record).map_err(|e| e.in_event("the spool"))?;
        Ok(Record { header, body: record.slice(HEADER..) })
    }

    /// Reads more bytes, at least one; false when there will be none.
    async fn fill(&mut self, need: usize) -> Result<bool> {
        self.consumed.send_replace(self.given());
        // Exactly the rest of a large event, so that it can be given away with its memory.
        let want = if need > CHUNK { need - self.buffer.len() } else { CHUNK };
        loop {
            let (segment, offset) = (self.segment, self.offset);
            let more = |w: &Written| w.segment > segment || (w.segment == segment && w.offset > offset);
            let written = match self.published.wait_for(more).await {
                Ok(written) => *written,
                Err(_) => return Ok(false),
            };
            let io = |dir: &Path, e| failed("read", dir, e);
            let file = match &mut self.file {
                Some(file) => file,
                none => none.insert(File::open(segment_path(&self.dir, self.segment)).await.map_err(|e| io(&self.dir, e))?),
            };
            let behind = written.segment > self.segment;
            let limit = if behind { want as u64 } else { (written.offset - self.offset).min(want as u64) };
            self.buffer.reserve(limit as usize);
            let read = file.take(limit).read_buf(&mut self.buffer).await.map_err(|e| io(&self.dir, e))?;
            if read > 0 {
                self.offset += read as u64;
                self.total += read as u64;
                return Ok(true);
            }
            if !behind {
                let e = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
                return Err(io(&self.dir, e));
            }
            let done = segment_path(&self.dir, self.segment);
            self.file = None;
            self.segment += 1;
            self.offset = 0;
            tokio::fs::remove_file(done).await.map_err(|e| io(&self.dir, e))?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(time: u32) -> Header {
        Header { time, kind: 2, server: 1, size: 19, end: 4, flags: 0 }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_reads_the_spool() {
        use std::os::unix::fs::PermissionsExt as _;
        let root = tempfile::tempdir().unwrap();
        let (mut writer, _reader) = open(&root.path().join("7"), 1 << 20).await.unwrap();
        for _ in 0..3 {
            writer.push(&header(1), &vec![0; CHUNK]).await.unwrap();
        }
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let files: Vec<_> = std::fs::read_dir(&writer.dir).unwrap().map(|f| mode(&f.unwrap().path())).collect();
        assert_eq!((mode(&root.path().join("7")), mode(&writer.dir), files), (0o700, 0o700, vec![0o600; 4]));
    }

    #[tokio::test]
    async fn events_come_out_as_they_went_in_whatever_their_size() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("00000007.spool"), b"left over").unwrap();
        let (mut writer, mut reader) = open(dir.path(), 1 << 30).await.unwrap();
        let ours = reader.dir.clone();
        let sizes = [0, 1, CHUNK - 1, CHUNK, 3 * CHUNK, 10, 40 << 20, 30 << 20, 5, 70 << 20, 0, 7];
        let writing = tokio::spawn(async move {
            for (i, size) in sizes.into_iter().enumerate() {
                writer.push(&header(i as u32), &vec![i as u8; size]).await.unwrap();
            }
            writer.flush().await.unwrap();
        });
        for (i, size) in sizes.into_iter().enumerate() {
            let record = reader.next().await.unwrap().unwrap();
            assert_eq!((record.header, record.body.len()), (header(i as u32), size));
            assert!(record.body.iter().all(|b| *b == i as u8));
        }
        writing.await.unwrap();
        assert_eq!(reader.next().await.unwrap(), None);
        assert_eq!(reader.spooled().behind(reader.given()), 0);
        assert_eq!(std::fs::read_dir(ours).unwrap().count(), 1, "consumed segments are deleted");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "and what was left over");
    }

    #[tokio::test]
    async fn one_that_lets_go_late_leaves_its_successor_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (_, old) = open(dir.path(), 1 << 30).await.unwrap();
        let (mut writer, mut reader) = open(dir.path(), 1 << 30).await.unwrap();
        drop(old);
        writer.push(&header(7), b"later").await.unwrap();
        writer.flush().await.unwrap();
        assert_eq!(reader.next().await.unwrap().unwrap().header, header(7));
    }

    #[tokio::test]
    async fn a_full_spool_waits_for_its_reader() {
        let dir = tempfile::tempdir().unwrap();
        let (mut writer, mut reader) = open(dir.path(), CHUNK as u64).await.unwrap();
        for i in 0..10 {
            writer.push(&header(i), &vec![0; CHUNK]).await.unwrap();
        }
        assert!(writer.full());
        let waiting = tokio::spawn(async move { writer.room().await.unwrap() });
        for _ in 0..10 {
            assert!(!waiting.is_finished());
            reader.next().await.unwrap().unwrap();
        }
        // The last event counts as consumed when the next one is asked for.
        let (room, none) = tokio::join!(waiting, reader.next());
        assert!(room.unwrap() && none.unwrap().is_none());
    }
}
