//! The reader task: drains the socket into the spool, so that the server never waits for the target.
//!
//! Checks every event's CRC32, undoes MySQL's compressed transactions while they are written to disk, and takes the
//! silence of three heartbeats for a dead connection. Owned by [`super::Log`]; a panic of the driver ends this task only.

use super::cursor::{Cursor, Malformed, Parsed};
use super::dump::HEARTBEAT;
use super::events::{HEADER, Header, kind};
use super::{Shared, spool};
use crate::model::endpoint::MysqlEndpoint;
use crate::replicate::error::COPY_AGAIN;
use crate::replicate::{Error, Kind, Result};
use crate::replicate::{answer, connect};
use futures::{FutureExt as _, StreamExt as _};
use mysql_async::binlog::{BinlogChecksumAlg, events::Event as RawEvent};
use mysql_async::{BinlogStream, Row};
use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Three heartbeats; the first event may take longer, while the server looks for the position in its files.
const SILENCE: Duration = Duration::from_secs(3 * HEARTBEAT.as_secs());
const FIRST_SILENCE: Duration = Duration::from_secs(60);

/// The source stopped sending and gave its reason in words only.
const ENDED: &str = "source_ended_log";

/// The longest wait behind an oversized event; a target that is not ready by then has the spool to wait in.
const LARGE_PAUSE: Duration = Duration::from_secs(20);

pub(super) struct Task {
    pub(super) stream: BinlogStream,
    pub(super) spool: spool::Writer,
    pub(super) shared: Arc<Shared>,
    pub(super) endpoint: MysqlEndpoint,
    /// What the source knows its reader by.
    pub(super) server_id: u32,
    pub(super) cancel: CancellationToken,
}

impl Task {
    /// Runs until cancelled, or nobody reads the spool any more, or the connection fails.
    pub(super) async fn run(mut self) -> Result<()> {
        let cancel = self.cancel.clone();
        let work = async {
            match self.drain().await {
                Err(error) if matches!(error.code, ENDED | "position_lost") => Err(self.why(error).await),
                other => other,
            }
        };
        let ended = cancel.run_until_cancelled(work).await;
        ended.unwrap_or(Ok(()))
    }

    /// MySQL ends a reader's log with the same code whatever the reason. It forgets the reader before it says so: if its id is
    /// still, or again, among those of its replicas, it is another's.
    async fn why(&self, error: Error) -> Error {
        let ids = tokio::time::timeout(SILENCE, replicas(&self.endpoint)).await;
        match ids {
            Ok(Ok(ids)) if ids.contains(&self.server_id) => {
                in_use(Error { kind: Kind::Transient, code: "server_id_in_use", ..error }, self.server_id)
            }
            // Who cannot be asked leaves the reason open.
            _ => error,
        }
    }

    fn source(&self) -> String {
        self.endpoint.address()
    }

    /// Waits for the next event. MariaDB ends an earlier reader of the same id first and waits for that: on a line that is dead
    /// it may hang with what it sends, for as long as we let it be patient ([`super::dump`]).
    async fn next(&mut self, silence: Duration) -> std::result::Result<Option<mysql_async::Result<RawEvent>>, tokio::time::error::Elapsed> {
        if let Some(rest) = silence.checked_sub(SILENCE).filter(|rest| !rest.is_zero()) {
            if let Ok(next) = tokio::time::timeout(SILENCE, self.stream.next()).await {
                return Ok(next);
            }
            // Who cannot be asked does not answer either: the silence goes on.
            drop(tokio::time::timeout(SILENCE, answer::end_killed(&self.endpoint)).await);
            return tokio::time::timeout(rest, self.stream.next()).await;
        }
        tokio::time::timeout(silence, self.stream.next()).await
    }

    async fn drain(&mut self) -> Result<()> {
        let mut silence = FIRST_SILENCE;
        // Events that the driver unpacks from a compressed transaction and that we have unpacked already.
        let mut twice = 0_u64;
        let mut agreed = false;
        loop {
            if !self.room().await? {
                return Ok(());
            }
            let next = match self.stream.next().now_or_never() {
                Some(next) => next,
                None => {
                    self.spool.flush().await?;
                    self.shared.waiting.store(true, Ordering::Relaxed);
                    let next = self.next(silence).await;
                    self.shared.waiting.store(false, Ordering::Relaxed);
                    next.map_err(|_| {
                        Error::transient("source_silent", format!("{} sent nothing for {} s", self.source(), silence.as_secs()))
                    })?
                }
            };
            silence = SILENCE;
            let event = match next {
                Some(Ok(event)) => event,
                Some(Err(e)) => {
                    // What came before the error is whole and may be used.
                    self.spool.flush().await?;
                    return Err(refused(Error::mysql(format!("read the log of {}", self.source()), e), agreed, self.server_id));
                }
                None => return Err(Error::transient("source_closed_log", format!("{} ended the log", self.source()))),
            };
            let header = header(&event);
            if twice > 0
                && header.end == 0
                && !matches!(header.kind, kind::ROTATE | kind::FORMAT_DESCRIPTION | kind::HEARTBEAT | kind::HEARTBEAT_V2)
            {
                twice -= 1;
                continue;
            }
            twice = 0;
            agreed |= behind_the_position(header.kind);
            let body = self.verified(&event, &header)?;
            if header.kind == kind::TRANSACTION_PAYLOAD {
                let Some(events) = self.unpack(&header, body).await? else { return Ok(()) };
                twice = events;
            } else {
                self.spool.push(&header, body).await?;
            }
            if header.size as usize > spool::OVERSIZED {
                drop(event);
                self.spool.flush().await?;
                // The driver holds such an event twice while it receives it: not beside one that waits for the target.
                // The source's patience (net_write_timeout) is longer than ours.
                let _ = tokio::time::timeout(LARGE_PAUSE, self.spool.settled()).await;
            }
        }
    }

    /// Waits while the spool is at its bound; false if nobody reads it any more.
    async fn room(&mut self) -> Result<bool> {
        if !self.spool.full() {
            return Ok(true);
        }
        self.shared.full.store(true, Ordering::Relaxed);
        let read = self.spool.room().await;
        self.shared.full.store(false, Ordering::Relaxed);
        read
    }

    /// Returns the event's body if its checksum is right.
    fn verified<'e>(&self, event: &'e RawEvent, header: &Header) -> Result<&'e [u8]> {
        let (body, crc32) = (event.data(), Ok(Some(BinlogChecksumAlg::BINLOG_CHECKSUM_ALG_CRC32)));
        if event.footer().get_checksum_alg() != crc32 {
            // The driver does not know yet that there are checksums: the first ROTATE comes before it is told.
            return Ok(if header.kind == kind::ROTATE { without_checksum(header, body) } else { body });
        }
        let stored = event.checksum().map(u32::from_le_bytes);
        if stored.is_some_and(|stored| stored != event.calc_checksum(BinlogChecksumAlg::BINLOG_CHECKSUM_ALG_CRC32)) {
            let message = format!("{} sent an event of type {} ending at {} with a wrong checksum", self.source(), header.kind, header.end);
            return Err(
                Error::transient("log_checksum", message).hint("check the source's disk and network; mysqlbinlog --verify-binlog-checksum")
            );
        }
        Ok(body)
    }

    /// Spools the events inside a compressed transaction, each with the place where the whole ends, and returns how many
    /// they were; None if nobody reads the spool any more.
    async fn unpack(&mut self, outer: &Header, body: &[u8]) -> Result<Option<u64>> {
        let payload = Payload::parse(body).map_err(|e| e.in_event("a compressed transaction"))?;
        let mut source: Box<dyn std::io::Read + Send + '_> = match payload.compressed {
            true => Box::new(zstd::stream::read::Decoder::with_buffer(payload.bytes).map_err(|_| damaged())?),
            false => Box::new(payload.bytes),
        };
        let (mut events, mut size, mut last) = (0, 0_u64, 0);
        loop {
            let mut head = [0; HEADER];
            if source.read(&mut head[..1]).map_err(|_| damaged())? == 0 {
                break;
            }
            source.read_exact(&mut head[1..]).map_err(|_| damaged())?;
            let header = Header::parse(&head).map_err(|e| e.in_event("a compressed transaction"))?;
            let length = (header.size as usize).checked_sub(HEADER).ok_or_else(damaged)?;
            let mut inner = Vec::new();
            source.by_ref().take(length as u64).read_to_end(&mut inner).map_err(|_| damaged())?;
            if inner.len() != length {
                return Err(damaged());
            }
            // Inflated, a transaction may be many times the bound.
            if !self.room().await? {
                return Ok(None);
            }
            self.spool.push(&Header { end: outer.end, ..header }, &inner).await?;
            (events, size, last) = (events + 1, size + u64::from(header.size), header.kind);
        }
        // A transaction ends with XID or with the statement COMMIT.
        if size != payload.size || !matches!(last, kind::XID | kind::QUERY) {
            return Err(damaged());
        }
        Ok(Some(events))
    }
}

/// Events that only come once the server has found the position it was asked for: transactions, and heartbeats for want
/// of any.
fn behind_the_position(event: u8) -> bool {
    matches!(
        event,
        kind::HEARTBEAT
            | kind::GTID
            | kind::GTID_TAGGED
            | kind::ANONYMOUS_GTID
            | kind::MARIADB_GTID
            | kind::QUERY
            | kind::MARIADB_QUERY_COMPRESSED
    )
}

/// One error code stands for everything a dump can fail of. Before the first transaction it says that the position cannot
/// be had. Later the position was good, and what happened may pass (another replica with our id, a file purged under the
/// reader): if not, the next run is refused at once and stops for good.
fn refused(error: Error, agreed: bool, server_id: u32) -> Error {
    match error.code {
        "server_id_in_use" => return in_use(error, server_id),
        "position_lost" => {}
        _ => return error,
    }
    if agreed {
        let error = Error { kind: Kind::Transient, code: ENDED, ..error };
        return error
            .hint(format!("the server's message says why; of two replicas with one server_id it keeps the newer; {}", ways(server_id)));
    }
    error.hint(format!("the log before this position was purged, or the source was reset or restored: {COPY_AGAIN}"))
}

fn in_use(error: Error, server_id: u32) -> Error {
    let hint = format!("another replica of this source uses the same server_id, and the source keeps the newer; {}", ways(server_id));
    error.hint(hint)
}

/// Nobody sets a job's id: it is made of the daemon's id, which lies in the data directory, and the job's number. So another that has
/// it is mostly a daemon on a copy of that.
fn ways(server_id: u32) -> String {
    format!(
        "this job's is {server_id}: stop the other daemon if it runs on a copy of this data directory, or give the other replica another \
         server_id (`SHOW REPLICAS` at the source lists them)"
    )
}

/// The ids of the replicas that read the source's log now; MariaDB says itself what this is asked for.
async fn replicas(source: &MysqlEndpoint) -> Result<Vec<u32>> {
    let mut conn = connect::open(source, false).await?;
    let rows = match conn.query::<Row, _>("SHOW REPLICAS").await {
        // Before 8.0.22 the word is not known (1064: syntax).
        Err(mysql_async::Error::Server(e)) if e.code == 1064 => conn.query("SHOW SLAVE HOSTS").await,
        other => other,
    };
    conn.disconnect().await;
    let rows = rows.map_err(|e| Error::mysql("ask the source for its replicas", e))?;
    Ok(rows.iter().filter_map(|row| row.get_opt(0)?.ok()).collect())
}

fn damaged() -> Error {
    Malformed("its payload is damaged").in_event("a compressed transaction")
}

fn header(event: &RawEvent) -> Header {
    let h = event.header();
    let time = match h.timestamp() {
        // A heartbeat has no time of its own: it says that nothing is newer.
        0 => u32::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0),
        time => time,
    };
    Header { time, kind: h.event_type_raw(), server: h.server_id(), size: h.event_size(), end: h.log_pos(), flags: h.flags_raw() }
}

/// Takes off the checksum if the last four bytes are one; a file name cannot be told from it by its looks.
fn without_checksum<'b>(header: &Header, body: &'b [u8]) -> &'b [u8] {
    let Some((rest, checksum)) = body.split_last_chunk::<4>() else { return body };
    let time = [Header { time: 0, ..*header }, *header];
    let fits = time.iter().any(|h| {
        let mut crc = crc32fast::Hasher::new();
        crc.update(&h.bytes());
        crc.update(rest);
        crc.finalize() == u32::from_le_bytes(*checksum)
    });
    if fits { rest } else { body }
}

/// A TRANSACTION_PAYLOAD event.
struct Payload<'a> {
    compressed: bool,
    /// Inflated.
    size: u64,
    bytes: &'a [u8],
}

impl<'a> Payload<'a> {
    fn parse(body: &'a [u8]) -> Parsed<Self> {
        let mut c = Cursor(body);
        let (mut compressed, mut size, mut length) = (None, None, None);
        loop {
            let field = c.lenenc()?;
            if field == 0 {
                break;
            }
            let bytes = c.lenenc_usize()?;
            let mut value = Cursor(c.take(bytes)?);
            match field {
                1 => length = Some(value.lenenc_usize()?),
                2 => {
                    compressed = Some(match value.lenenc()? {
                        0 => true,
                        255 => false,
                        _ => return Err(Malformed("its compression is unknown")),
                    });
                }
                3 => size = Some(value.lenenc()?),
                _ => {}
            }
        }
        let bytes = c.take(length.unwrap_or(c.0.len()))?;
        let compressed = compressed.ok_or(Malformed("its compression is not named"))?;
        Ok(Self { compressed, size: size.unwrap_or(bytes.len() as u64), bytes })
    }
}
