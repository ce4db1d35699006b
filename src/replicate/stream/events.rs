//! The bodies of single log events, parsed from raw bytes: GTIDs, statements, table maps, row headers.
//!
//! Called by `assemble.rs` only. Each function takes a body without header and checksum and keeps no state.

use super::cursor::{Cursor, Malformed, Parsed};
use crate::model::gtid::{Gtid, Sid};
use crate::replicate::charset::Charset;
use crate::replicate::event::{DdlEvent, ExplicitTimestamps};
use uuid::Uuid;

/// Type bytes of the log's events, of both flavours.
pub(super) mod kind {
    pub(in crate::replicate::stream) const QUERY: u8 = 2;
    pub(in crate::replicate::stream) const STOP: u8 = 3;
    pub(in crate::replicate::stream) const ROTATE: u8 = 4;
    pub(in crate::replicate::stream) const INTVAR: u8 = 5;
    pub(in crate::replicate::stream) const RAND: u8 = 13;
    pub(in crate::replicate::stream) const USER_VAR: u8 = 14;
    pub(in crate::replicate::stream) const FORMAT_DESCRIPTION: u8 = 15;
    pub(in crate::replicate::stream) const XID: u8 = 16;
    pub(in crate::replicate::stream) const TABLE_MAP: u8 = 19;
    pub(in crate::replicate::stream) const WRITE_ROWS_V1: u8 = 23;
    pub(in crate::replicate::stream) const UPDATE_ROWS_V1: u8 = 24;
    pub(in crate::replicate::stream) const DELETE_ROWS_V1: u8 = 25;
    pub(in crate::replicate::stream) const INCIDENT: u8 = 26;
    pub(in crate::replicate::stream) const HEARTBEAT: u8 = 27;
    pub(in crate::replicate::stream) const IGNORABLE: u8 = 28;
    pub(in crate::replicate::stream) const ROWS_QUERY: u8 = 29;
    pub(in crate::replicate::stream) const WRITE_ROWS: u8 = 30;
    pub(in crate::replicate::stream) const UPDATE_ROWS: u8 = 31;
    pub(in crate::replicate::stream) const DELETE_ROWS: u8 = 32;
    pub(in crate::replicate::stream) const GTID: u8 = 33;
    pub(in crate::replicate::stream) const ANONYMOUS_GTID: u8 = 34;
    pub(in crate::replicate::stream) const PREVIOUS_GTIDS: u8 = 35;
    pub(in crate::replicate::stream) const TRANSACTION_CONTEXT: u8 = 36;
    pub(in crate::replicate::stream) const VIEW_CHANGE: u8 = 37;
    pub(in crate::replicate::stream) const XA_PREPARE: u8 = 38;
    pub(in crate::replicate::stream) const PARTIAL_UPDATE_ROWS: u8 = 39;
    pub(in crate::replicate::stream) const TRANSACTION_PAYLOAD: u8 = 40;
    pub(in crate::replicate::stream) const HEARTBEAT_V2: u8 = 41;
    pub(in crate::replicate::stream) const GTID_TAGGED: u8 = 42;
    pub(in crate::replicate::stream) const MARIADB_ANNOTATE_ROWS: u8 = 160;
    pub(in crate::replicate::stream) const MARIADB_BINLOG_CHECKPOINT: u8 = 161;
    pub(in crate::replicate::stream) const MARIADB_GTID: u8 = 162;
    pub(in crate::replicate::stream) const MARIADB_GTID_LIST: u8 = 163;
    pub(in crate::replicate::stream) const MARIADB_QUERY_COMPRESSED: u8 = 165;
    pub(in crate::replicate::stream) const MARIADB_WRITE_ROWS_COMPRESSED: u8 = 166;
    pub(in crate::replicate::stream) const MARIADB_UPDATE_ROWS_COMPRESSED: u8 = 167;
    pub(in crate::replicate::stream) const MARIADB_DELETE_ROWS_COMPRESSED: u8 = 168;
}

pub(super) const HEADER: usize = 19;
/// Header flag: made for this connection, stands in no file.
pub(super) const FLAG_ARTIFICIAL: u16 = 0x20;
/// Header flag: who does not know the type may pass over it.
pub(super) const FLAG_IGNORABLE: u16 = 0x80;

/// Says whether an event is of what holds transactions, or begins or ends one; any other is of what one holds.
pub(super) fn is_frame(event: u8) -> bool {
    matches!(
        event,
        kind::ROTATE
            | kind::FORMAT_DESCRIPTION
            | kind::HEARTBEAT
            | kind::HEARTBEAT_V2
            | kind::GTID
            | kind::GTID_TAGGED
            | kind::ANONYMOUS_GTID
            | kind::MARIADB_GTID
            | kind::QUERY
            | kind::MARIADB_QUERY_COMPRESSED
            | kind::XID
            | kind::XA_PREPARE
            | kind::INCIDENT
    )
}

/// The common header in front of every event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) time: u32,
    pub(super) kind: u8,
    pub(super) server: u32,
    /// As logged, checksum included.
    pub(super) size: u32,
    /// Where the event ends in its file, modulo 2^32; 0 for artificial ones.
    pub(super) end: u32,
    pub(super) flags: u16,
}

impl Header {
    pub(super) fn parse(bytes: &[u8]) -> Parsed<Self> {
        let mut c = Cursor(bytes);
        Ok(Self { time: c.u32()?, kind: c.u8()?, server: c.u32()?, size: c.u32()?, end: c.u32()?, flags: c.u16()? })
    }
    pub(super) fn bytes(&self) -> [u8; HEADER] {
        let mut out = [0; HEADER];
        out[..4].copy_from_slice(&self.time.to_le_bytes());
        out[4] = self.kind;
        out[5..9].copy_from_slice(&self.server.to_le_bytes());
        out[9..13].copy_from_slice(&self.size.to_le_bytes());
        out[13..17].copy_from_slice(&self.end.to_le_bytes());
        out[17..].copy_from_slice(&self.flags.to_le_bytes());
        out
    }
}

/// ROTATE: where the log goes on.
pub(super) fn rotate(body: &[u8]) -> Parsed<(String, u64)> {
    let mut c = Cursor(body);
    let offset = c.u64()?;
    Ok((String::from_utf8_lossy(c.0).into_owned(), offset))
}

/// MySQL's GTID event.
pub(super) fn mysql_gtid(body: &[u8]) -> Parsed<Gtid> {
    let mut c = Cursor(body);
    c.u8()?;
    let uuid = Uuid::from_bytes(c.array()?);
    Ok(Gtid::Mysql { sid: Sid { uuid, tag: String::new() }, gno: c.u64()? })
}

/// MySQL 8.4's GTID event with a tag: fields with ids, written by its serialisation library.
pub(super) fn mysql_gtid_tagged(body: &[u8]) -> Parsed<Gtid> {
    let mut c = Cursor(body);
    // Version of the format, size of the message, last field that may not be ignored.
    for _ in 0..3 {
        varlen(&mut c)?;
    }
    let (mut uuid, mut tag, mut gno) = (None, String::new(), None);
    while !c.is_empty() && (uuid.is_none() || gno.is_none() || tag.is_empty()) {
        match varlen(&mut c)? {
            0 => {
                varlen(&mut c)?;
            }
            1 => {
                let mut bytes = [0; 16];
                for byte in &mut bytes {
                    *byte = varlen(&mut c)? as u8;
                }
                uuid = Some(Uuid::from_bytes(bytes));
            }
            2 => {
                let raw = varlen(&mut c)?;
                // Signed integers are zigzag coded.
                gno = Some(raw >> 1 ^ (raw & 1).wrapping_neg());
            }
            3 => {
                let length = usize::try_from(varlen(&mut c)?).map_err(|_| Malformed("a tag is too long"))?;
                tag = String::from_utf8_lossy(c.take(length)?).into_owned();
                break;
            }
            _ => break,
        }
    }
    match (uuid, gno) {
        (Some(uuid), Some(gno)) => Ok(Gtid::Mysql { sid: Sid { uuid, tag }, gno }),
        _ => Err(Malformed("a tagged GTID lacks its fields")),
    }
}

/// MySQL's variable-length integers: as many trailing ones in the first byte as there are bytes behind it.
fn varlen(c: &mut Cursor<'_>) -> Parsed<u64> {
    let first = c.u8()?;
    let more = first.trailing_ones();
    let rest = c.uint(more as usize)?;
    if more == 8 {
        return Ok(rest);
    }
    let low = u64::from(first) >> (more + 1);
    Ok(if more == 0 { low } else { rest << (7 - more) | low })
}

/// MariaDB's GTID event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MariadbGtid {
    pub(super) seq: u64,
    pub(super) domain: u32,
    /// One statement, no BEGIN and no COMMIT.
    pub(super) standalone: bool,
    pub(super) xa: bool,
    pub(super) two_phase_alter: bool,
}

pub(super) fn mariadb_gtid(body: &[u8]) -> Parsed<MariadbGtid> {
    let mut c = Cursor(body);
    let (seq, domain, flags) = (c.u64()?, c.u32()?, c.u8()?);
    if flags & 0x02 != 0 {
        c.u64()?;
    }
    let xa = flags & 0xc0 != 0;
    let extra = if xa { 0 } else { c.u8().unwrap_or(0) };
    Ok(MariadbGtid { seq, domain, standalone: flags & 0x01 != 0, xa, two_phase_alter: extra & 0x0e != 0 })
}

/// How a statement ends that the server made.
const GENERATED: &[u8] = b"/* generated by server */";
/// utf8mb4 with a collation that both flavours number alike.
const UTF8MB4: u16 = 45;

/// A statement as logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Query<'a> {
    /// Number of the connection that ran it.
    pub(super) session: u32,
    pub(super) schema: &'a [u8],
    pub(super) text: &'a [u8],
    status: &'a [u8],
}

/// QUERY, up to the statement. In the compressed kind the statement is still compressed.
pub(super) fn query(body: &[u8]) -> Parsed<Query<'_>> {
    let mut c = Cursor(body);
    let session = c.u32()?;
    c.take(4)?;
    let schema_length = usize::from(c.u8()?);
    c.take(2)?;
    let status_length = usize::from(c.u16()?);
    let status = c.take(status_length)?;
    let schema = c.take(schema_length)?;
    c.u8()?;
    Ok(Query { session, schema, text: c.0, status })
}

impl Query<'_> {
    /// The statement with the session it ran in, as UTF-8, and so as a client's whose words are UTF-8. Bytes that are no text become
    /// U+FFFD: such a statement is never run.
    pub(super) fn ddl(&self, text: &[u8], time: i64) -> DdlEvent {
        let mut ddl = DdlEvent {
            statement: String::new(),
            default_schema: String::from_utf8_lossy(self.schema).into_owned(),
            sql_mode: None,
            charset: None,
            time_zone: None,
            foreign_key_checks_off: false,
            unix_time: time,
            unix_micros: 0,
            increments: None,
            explicit_timestamps: ExplicitTimestamps::default(),
        };
        // A status variable that is not known ends the list, as it does for the servers: they are in rising order.
        let _ = session(self.status, &mut ddl);
        let foreign = ddl.charset.and_then(|(client, _, _)| Charset::of_client(client)).filter(|_| !text.is_ascii());
        // What a server writes into its log by itself is in its own UTF-8, whoever's session it is.
        let own = text.ends_with(GENERATED) && std::str::from_utf8(text).is_ok();
        ddl.statement = match foreign.filter(|_| !own) {
            Some(charset) => charset.decode(text).into_owned(),
            None => String::from_utf8_lossy(text).into_owned(),
        };
        if !text.is_ascii()
            && let Some((client, _, _)) = &mut ddl.charset
        {
            *client = UTF8MB4;
        }
        ddl
    }
}

/// Reads the status variables of a statement.
fn session(status: &[u8], ddl: &mut DdlEvent) -> Parsed<()> {
    let mut c = Cursor(status);
    while !c.is_empty() {
        match c.u8()? {
            0 => {
                let flags = c.u32()?;
                ddl.foreign_key_checks_off = flags & 1 << 26 != 0;
                ddl.explicit_timestamps.mariadb = Some(flags & 1 << 24 != 0);
            }
            1 => ddl.sql_mode = Some(c.u64()?),
            2 => {
                let length = usize::from(c.u8()?);
                c.take(length + 1)?;
            }
            3 => ddl.increments = Some((c.u16()?, c.u16()?)),
            4 => ddl.charset = Some((c.u16()?, c.u16()?, c.u16()?)),
            5 => ddl.time_zone = Some(String::from_utf8_lossy(c.prefixed(1)?).into_owned()),
            6 => drop(c.prefixed(1)?),
            7 | 8 | 18 => drop(c.u16()?),
            9 | 14 | 15 | 17 | 129 => drop(c.u64()?),
            10 => drop(c.u32()?),
            11 => {
                c.prefixed(1)?;
                c.prefixed(1)?;
            }
            12 => {
                let names = c.u8()?;
                for _ in 0..if names >= 254 { 0 } else { names } {
                    let end = c.0.iter().position(|b| *b == 0).ok_or(Malformed("a schema name has no end"))?;
                    c.take(end + 1)?;
                }
            }
            13 | 128 => {
                let bytes = c.take(3)?;
                ddl.unix_micros = bytes.iter().rev().fold(0, |n, b| n << 8 | u32::from(*b));
            }
            16 => ddl.explicit_timestamps.mysql = Some(c.u8()? != 0),
            19 | 20 => drop(c.u8()?),
            130 => drop(c.u16()?),
            _ => return Ok(()),
        }
    }
    Ok(())
}

/// Flag of a rows event: its session had foreign_key_checks off.
const FLAG_NO_FOREIGN_KEYS: u16 = 0x2;

/// The head of a rows event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowsHead {
    pub(super) table_id: u64,
    pub(super) columns: usize,
    /// Every column of every image is there.
    pub(super) full: bool,
    pub(super) foreign_keys_off: bool,
    /// Where the rows begin in the body.
    pub(super) rows_at: usize,
}

pub(super) fn rows_head(body: &[u8], version_2: bool, update: bool) -> Parsed<RowsHead> {
    let mut c = Cursor(body);
    let table_id = c.uint(6)?;
    let flags = c.u16()?;
    if version_2 {
        let extra = usize::from(c.u16()?).checked_sub(2).ok_or(Malformed("a rows event's extra data is shorter than its length"))?;
        c.take(extra)?;
    }
    let columns = c.lenenc_usize()?;
    let mut full = true;
    for _ in 0..if update { 2 } else { 1 } {
        let bitmap = c.take(columns.div_ceil(8))?;
        full &= (0..columns).all(|i| bitmap[i / 8] >> (i % 8) & 1 == 1);
    }
    Ok(RowsHead { table_id, columns, full, foreign_keys_off: flags & FLAG_NO_FOREIGN_KEYS != 0, rows_at: body.len() - c.0.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn variable_length_integers_of_mysql() {
        for (bytes, number) in [
            (vec![0b10], 1),
            (vec![0xfe], 127),
            (vec![0b01, 0x02], 128),
            (vec![0b1111_1101, 0xff], 16383),
            ([vec![0xff], u64::MAX.to_le_bytes().to_vec()].concat(), u64::MAX),
        ] {
            assert_eq!(varlen(&mut Cursor(&bytes)), Ok(number), "{bytes:x?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parsers_panic(body in proptest::collection::vec(any::<u8>(), 0..120)) {
            let _ = (rotate(&body), mysql_gtid(&body), mysql_gtid_tagged(&body), mariadb_gtid(&body));
            let _ = (rows_head(&body, true, true), rows_head(&body, false, false), Header::parse(&body));
            if let Ok(q) = query(&body) {
                let _ = q.ddl(q.text, 0);
            }
        }
    }
}
