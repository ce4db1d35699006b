//! Reads a log event's bytes front to back; running out of them is an error, never a panic.
//!
//! Used by every decoder of this folder: what a server sends is input like any other.

use crate::replicate::Error;

/// The bytes are not what their type says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) &'static str);

pub(super) type Parsed<T> = Result<T, Malformed>;

impl Malformed {
    /// A damaged event stops the job: reading it again gives the same bytes.
    pub(super) fn in_event(self, what: impl std::fmt::Display) -> Error {
        Error::permanent("log_malformed", format!("read {what} from the source's log: {}", self.0))
            .hint("check the binary log at the source with mysqlbinlog --verify-binlog-checksum; reload the table or the job")
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub(super) fn take(&mut self, n: usize) -> Parsed<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(n).ok_or(Malformed("it ends too early"))?;
        self.0 = tail;
        Ok(head)
    }
    pub(super) fn array<const N: usize>(&mut self) -> Parsed<[u8; N]> {
        let (head, tail) = self.0.split_first_chunk::<N>().ok_or(Malformed("it ends too early"))?;
        self.0 = tail;
        Ok(*head)
    }
    pub(super) fn u8(&mut self) -> Parsed<u8> {
        self.array::<1>().map(|[b]| b)
    }
    pub(super) fn u16(&mut self) -> Parsed<u16> {
        self.array().map(u16::from_le_bytes)
    }
    pub(super) fn u32(&mut self) -> Parsed<u32> {
        self.array().map(u32::from_le_bytes)
    }
    pub(super) fn u64(&mut self) -> Parsed<u64> {
        self.array().map(u64::from_le_bytes)
    }
    /// Little endian of 1–8 bytes.
    pub(super) fn uint(&mut self, bytes: usize) -> Parsed<u64> {
        let raw = self.take(bytes)?;
        if raw.len() > 8 {
            return Err(Malformed("an integer is wider than 8 bytes"));
        }
        Ok(raw.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)))
    }
    /// Big endian of 1–8 bytes.
    pub(super) fn uint_be(&mut self, bytes: usize) -> Parsed<u64> {
        let raw = self.take(bytes)?;
        if raw.len() > 8 {
            return Err(Malformed("an integer is wider than 8 bytes"));
        }
        Ok(raw.iter().fold(0, |n, b| n << 8 | u64::from(*b)))
    }
    /// A length-encoded integer of the protocol.
    pub(super) fn lenenc(&mut self) -> Parsed<u64> {
        match self.u8()? {
            n @ 0..=250 => Ok(u64::from(n)),
            252 => self.uint(2),
            253 => self.uint(3),
            254 => self.u64(),
            _ => Err(Malformed("a length has no valid first byte")),
        }
    }
    pub(super) fn lenenc_usize(&mut self) -> Parsed<usize> {
        usize::try_from(self.lenenc()?).map_err(|_| Malformed("a length is too large"))
    }
    /// Bytes behind a little-endian length of `width` bytes.
    pub(super) fn prefixed(&mut self, width: usize) -> Parsed<&'a [u8]> {
        let length = usize::try_from(self.uint(width)?).map_err(|_| Malformed("a length is too large"))?;
        self.take(length)
    }
}
