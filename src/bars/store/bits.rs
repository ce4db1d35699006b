//! Integers packed into as few bits as the largest of each run of 128 needs.
//!
//! A run is one byte (the width, 0 to 64) and its values, lowest bit first. Used by `block` alone.

const RUN: usize = 128;

/// What was read is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damaged;

pub(super) fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)) as u64
}

pub(super) fn unzigzag(n: u64) -> i64 {
    (n >> 1) as i64 ^ -((n & 1) as i64)
}

pub(super) fn put_varint(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

pub(super) fn put_packed(out: &mut Vec<u8>, values: &[u64]) {
    for run in values.chunks(RUN) {
        let width = 64 - run.iter().fold(0, |all, v| all | v).leading_zeros();
        out.push(width as u8);
        let (mut held, mut bits) = (0u128, 0);
        for value in run {
            held |= u128::from(*value) << bits;
            bits += width;
            if bits >= 64 {
                out.extend_from_slice(&(held as u64).to_le_bytes());
                held >>= 64;
                bits -= 64;
            }
        }
        let rest = bits.div_ceil(8) as usize;
        out.extend_from_slice(&(held as u64).to_le_bytes()[..rest]);
    }
}

/// Reads from the front of a slice.
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) fn take(&mut self, n: usize) -> Result<&'a [u8], Damaged> {
        let (head, tail) = self.0.split_at_checked(n).ok_or(Damaged)?;
        self.0 = tail;
        Ok(head)
    }
    pub(super) fn byte(&mut self) -> Result<u8, Damaged> {
        Ok(self.take(1)?[0])
    }
    pub(super) fn varint(&mut self) -> Result<u64, Damaged> {
        let mut n = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            n |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(n);
            }
        }
        Err(Damaged)
    }
    pub(super) fn packed(&mut self, count: usize) -> Result<Vec<u64>, Damaged> {
        // Every run of values costs a byte at least: a count that lies does not make us reserve memory.
        if count.div_ceil(RUN) > self.0.len() {
            return Err(Damaged);
        }
        let mut values = Vec::with_capacity(count);
        while values.len() < count {
            let run = RUN.min(count - values.len());
            let width = usize::from(self.byte()?);
            if width > 64 {
                return Err(Damaged);
            }
            let bytes = self.take((run * width).div_ceil(8))?;
            let mask = if width == 64 { u64::MAX } else { (1 << width) - 1 };
            for n in 0..run {
                values.push(window(bytes, n * width) & mask);
            }
        }
        Ok(values)
    }
}

/// Returns the 64 bits that begin at a bit.
#[inline]
fn window(bytes: &[u8], bit: usize) -> u64 {
    let at = bit / 8;
    let wide = match bytes.get(at..at + 16).and_then(|b| b.try_into().ok()) {
        Some(whole) => u128::from_le_bytes(whole),
        None => {
            let mut padded = [0; 16];
            let tail = bytes.get(at..).unwrap_or(&[]);
            padded[..tail.len()].copy_from_slice(tail);
            u128::from_le_bytes(padded)
        }
    };
    (wide >> (bit % 8)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_packed_comes_back(values in proptest::collection::vec(prop_oneof![0u64..3, 0u64..70_000, any::<u64>()], 0..600)) {
            let mut out = Vec::new();
            put_packed(&mut out, &values);
            put_varint(&mut out, values.len() as u64);
            let mut cursor = Cursor(&out);
            prop_assert_eq!(cursor.packed(values.len()).unwrap(), values.clone());
            prop_assert_eq!(cursor.varint().unwrap(), values.len() as u64);
            prop_assert!(cursor.0.is_empty());
        }
        #[test]
        fn signs_come_back(n in any::<i64>()) {
            prop_assert_eq!(unzigzag(zigzag(n)), n);
        }
        #[test]
        fn noise_is_refused_or_read_but_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), count in 0usize..100_000) {
            let mut cursor = Cursor(&bytes);
            let _ = cursor.packed(count);
            let _ = Cursor(&bytes).varint();
        }
    }
}
