//! Rows as LOAD DATA reads them, made piece by piece: the block is never held a second time, so one row of 64 MB costs
//! little more than itself.
//!
//! Fields end with a tab, rows with a newline, `\` escapes NUL, tab, newline, carriage return and itself; NULL is `\N`.

use crate::replicate::sink::RowBlock;
use bytes::Bytes;
use std::sync::Arc;

const PIECE: usize = 256 << 10;

/// The lines of some rows of a block, in pieces of about 256 KB.
#[derive(Debug)]
pub(super) struct Pieces {
    block: Arc<RowBlock>,
    /// Rows to send, rising.
    rows: Arc<[usize]>,
    /// Which of `rows`, which column, and how much of its value is sent.
    row: usize,
    column: usize,
    sent: usize,
}

impl Pieces {
    pub(super) fn new(block: Arc<RowBlock>, rows: Arc<[usize]>) -> Self {
        Self { block, rows, row: 0, column: 0, sent: 0 }
    }

    /// Appends what fits of the value under the cursor; true if it is complete.
    fn value(&mut self, out: &mut Vec<u8>) -> bool {
        let Some(value) = self.block.value(self.rows[self.row], self.column) else {
            out.extend_from_slice(b"\\N");
            return true;
        };
        let rest = &value[self.sent..];
        // At worst every byte is escaped.
        let take = rest.len().min(PIECE.saturating_sub(out.len()).max(2) / 2);
        escape(out, &rest[..take]);
        self.sent += take;
        self.sent == value.len()
    }
}

impl Iterator for Pieces {
    type Item = std::io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.row >= self.rows.len() {
            return None;
        }
        let mut out = Vec::with_capacity(PIECE + 4);
        while self.row < self.rows.len() && out.len() < PIECE {
            if !self.value(&mut out) {
                break;
            }
            self.sent = 0;
            self.column += 1;
            if self.column < self.block.columns {
                out.push(b'\t');
            } else {
                out.push(b'\n');
                self.column = 0;
                self.row += 1;
            }
        }
        Some(Ok(Bytes::from(out)))
    }
}

fn escape(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|b| matches!(b, 0 | b'\t' | b'\n' | b'\r' | b'\\')) {
        out.extend_from_slice(&rest[..at]);
        out.push(b'\\');
        out.push(match rest[at] {
            0 => b'0',
            b'\t' => b't',
            b'\n' => b'n',
            b'\r' => b'r',
            other => other,
        });
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn block(rows: &[Vec<Option<Vec<u8>>>]) -> RowBlock {
        let mut block = RowBlock { columns: rows[0].len(), ..RowBlock::default() };
        for value in rows.iter().flatten() {
            block.push(value.as_deref());
        }
        block
    }

    fn text(block: RowBlock) -> Vec<u8> {
        let rows = (0..block.rows()).collect();
        Pieces::new(Arc::new(block), rows).flat_map(|p| p.unwrap().to_vec()).collect()
    }

    /// Reads lines as the server does.
    fn parse(text: &[u8]) -> Vec<Vec<Option<Vec<u8>>>> {
        let (mut rows, mut row, mut field, mut null) = (Vec::new(), Vec::new(), Vec::new(), false);
        let mut bytes = text.iter().copied();
        while let Some(b) = bytes.next() {
            match b {
                b'\\' => match bytes.next().unwrap() {
                    b'N' => null = true,
                    b'0' => field.push(0),
                    b't' => field.push(b'\t'),
                    b'n' => field.push(b'\n'),
                    b'r' => field.push(b'\r'),
                    other => field.push(other),
                },
                b'\t' | b'\n' => {
                    let value = std::mem::take(&mut field);
                    row.push(if std::mem::take(&mut null) { None } else { Some(value) });
                    if b == b'\n' {
                        rows.push(std::mem::take(&mut row));
                    }
                }
                other => field.push(other),
            }
        }
        rows
    }

    proptest! {
        #[test]
        fn the_server_reads_the_rows_that_were_sent(rows in prop::collection::vec(prop::collection::vec(any::<Option<Vec<u8>>>(), 3), 1..20)) {
            prop_assert_eq!(parse(&text(block(&rows))), rows);
        }
    }

    #[test]
    fn a_large_value_comes_in_small_pieces() {
        let rows = vec![vec![Some(vec![0; 3 << 20]), None], vec![Some(b"a\tb".to_vec()), Some(Vec::new())]];
        let held = Arc::new(block(&rows));
        let sizes: Vec<usize> = Pieces::new(Arc::clone(&held), Arc::new([0, 1])).map(|p| p.unwrap().len()).collect();
        assert!(sizes.iter().all(|&s| s > 0 && s <= PIECE + 4), "{sizes:?}");
        assert_eq!(parse(&text(block(&rows))), rows);
    }
}
