//! What SHOW CREATE TABLE prints is bytes; this makes text of them.

use crate::replicate::lexer::quoted_end;

/// MariaDB prints the defaults of binary columns as raw bytes; those strings become hexadecimal literals.
pub(super) fn readable(bytes: &[u8]) -> Option<String> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text.to_owned());
    }
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let end = match bytes[at] {
            b'\'' | b'`' => quoted_end(bytes, at, bytes[at] == b'\'').unwrap_or(bytes.len()),
            _ => at + 1,
        };
        let piece = &bytes[at..end];
        if bytes[at] == b'\'' && std::str::from_utf8(piece).is_err() {
            out.extend_from_slice(b"0x");
            out.extend(unescape(&piece[1..piece.len() - 1]).iter().flat_map(|b| format!("{b:02X}").into_bytes()));
        } else {
            out.extend_from_slice(piece);
        }
        at = end;
    }
    String::from_utf8(out).ok()
}

fn unescape(inner: &[u8]) -> Vec<u8> {
    let (mut out, mut bytes) = (Vec::new(), inner.iter());
    while let Some(&b) = bytes.next() {
        match b {
            b'\'' => {
                bytes.next();
                out.push(b'\'');
            }
            b'\\' => out.extend(bytes.next().map(|&b| match b {
                b'0' => 0,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'b' => 8,
                b'Z' => 0x1a,
                other => other,
            })),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_bytes_in_defaults_become_hexadecimal() {
        assert_eq!(readable(b"`a` varbinary(9) DEFAULT '\xff\\0''', `b'` int").unwrap(), "`a` varbinary(9) DEFAULT 0xFF0027, `b'` int");
        assert_eq!(readable("'é'".as_bytes()).unwrap(), "'é'");
    }
}
