//! Values as SQL text under `SET NAMES binary`.
//!
//! Bytes are never transcoded: a binary literal assigned to a character column is stored as it is. A comparison is
//! another matter: there the literal carries the column's character set, so that the column's collation decides and its
//! index is used; a binary literal would turn the comparison into one of bytes and the index off.

/// Appends bytes as the inside of a quoted literal.
pub(super) fn escape(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|b| matches!(b, 0 | b'\'' | b'\\' | b'\n' | b'\r' | 0x1a)) {
        out.extend_from_slice(&rest[..at]);
        out.push(b'\\');
        out.push(match rest[at] {
            0 => b'0',
            b'\n' => b'n',
            b'\r' => b'r',
            0x1a => b'Z',
            other => other,
        });
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// Appends a quoted literal with an introducer, e.g. `_binary'…'`.
pub(super) fn quoted(out: &mut Vec<u8>, introducer: &str, bytes: &[u8]) {
    out.extend_from_slice(introducer.as_bytes());
    out.push(b'\'');
    escape(out, bytes);
    out.push(b'\'');
}

/// Appends `x'…'`.
pub(super) fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.reserve(bytes.len() * 2 + 3);
    out.extend_from_slice(b"x'");
    for b in bytes {
        out.push(DIGITS[usize::from(b >> 4)]);
        out.push(DIGITS[usize::from(b & 15)]);
    }
    out.push(b'\'');
}

/// Returns `x'…'`.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut out = Vec::new();
    push_hex(&mut out, bytes);
    String::from_utf8(out).expect("hex digits are ASCII")
}

/// Returns text of ours as a literal.
pub(super) fn text(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len() + 12);
    quoted(&mut out, "_utf8mb4", text.as_bytes());
    String::from_utf8(out).expect("escapes of UTF-8 text are UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads an escaped literal as the server does.
    fn unescape(text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut bytes = text.iter().copied();
        while let Some(b) = bytes.next() {
            out.push(match b {
                b'\\' => match bytes.next().unwrap() {
                    b'0' => 0,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b'Z' => 0x1a,
                    other => other,
                },
                b'\'' => panic!("a quote ends the literal early"),
                other => other,
            });
        }
        out
    }

    proptest! {
        #[test]
        fn escaping_is_undone_by_the_server(bytes: Vec<u8>) {
            let mut out = Vec::new();
            escape(&mut out, &bytes);
            prop_assert_eq!(unescape(&out), bytes);
        }
    }

    #[test]
    fn hex_and_text() {
        assert_eq!(hex(&[0, 0xab]), "x'00AB'");
        assert_eq!(text("a'\u{1F600}\n"), "_utf8mb4'a\\'\u{1F600}\\n'");
    }
}
