//! MariaDB's compressed events and columns, and MySQL's compressed transactions.
//!
//! Whatever is inflated must come out at exactly the size that was announced; a short or damaged stream is an error,
//! because half a transaction is worse than none.

use super::cursor::{Cursor, Malformed, Parsed};
use std::borrow::Cow;
use std::io::Read as _;

/// No statement, column or rows event is larger: the servers' own limit of a packet.
const MAX_INFLATED: u64 = 1 << 30;

/// A compressed column's bytes: 0 and the plain value, or 0x80 + bytes of the length (+ 8: without zlib's frame).
pub(super) fn column(bytes: &[u8]) -> Parsed<Cow<'_, [u8]>> {
    let Some((&first, plain)) = bytes.split_first() else { return Ok(Cow::Borrowed(bytes)) };
    match first {
        0 => Ok(Cow::Borrowed(plain)),
        0x80..=0x8f => {
            let mut rest = Cursor(plain);
            let length = rest.uint_be(usize::from(first & 7))?;
            inflate(rest.0, length, first & 8 == 0).map(Cow::Owned)
        }
        _ => Err(Malformed("a compressed column has an unknown method")),
    }
}

/// The body of a compressed event: 0x80 + bytes of the length, the length, zlib.
pub(super) fn event(bytes: &[u8]) -> Parsed<Vec<u8>> {
    let mut rest = Cursor(bytes);
    let first = rest.u8()?;
    if first & 0xf0 != 0x80 || !(1..=4).contains(&(first & 7)) {
        return Err(Malformed("a compressed event has an unknown method"));
    }
    let length = rest.uint_be(usize::from(first & 7))?;
    inflate(rest.0, length, true)
}

fn inflate(bytes: &[u8], length: u64, framed: bool) -> Parsed<Vec<u8>> {
    if length > MAX_INFLATED {
        return Err(Malformed("a compressed value announces more than 1 GiB"));
    }
    // The announced length is not allocated on trust.
    let mut out = Vec::with_capacity(length.min(1 << 20) as usize);
    let read = if framed {
        flate2::read::ZlibDecoder::new(bytes).take(length + 1).read_to_end(&mut out)
    } else {
        flate2::read::DeflateDecoder::new(bytes).take(length + 1).read_to_end(&mut out)
    };
    match read {
        Ok(n) if n as u64 == length => Ok(out),
        _ => Err(Malformed("a compressed value does not inflate to its length")),
    }
}
