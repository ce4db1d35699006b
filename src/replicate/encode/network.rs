//! MariaDB's UUID, INET4 and INET6: bytes in the log, text in SQL.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

pub(super) fn inet4(bytes: &[u8]) -> Option<String> {
    Some(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?).to_string())
}

/// As the server prints it: one zero alone is left out too, and `::1.2.3.4` has an IPv4 address, other than RFC 5952.
pub(super) fn inet6(bytes: &[u8]) -> Option<String> {
    let bytes = <[u8; 16]>::try_from(bytes).ok()?;
    let word = |i: usize| u16::from_be_bytes([bytes[2 * i], bytes[2 * i + 1]]);
    let (mut gap, mut length) = (8, 0);
    for start in 0..8 {
        let run = (start..8).take_while(|&i| word(i) == 0).count();
        if run > length {
            (gap, length) = (start, run);
        }
    }
    let mut text = String::with_capacity(40);
    let mut i = 0;
    while i < 8 {
        if i == gap {
            text.push_str("::");
            i += length;
            continue;
        }
        if i == 6 && gap == 0 && (length == 6 || length == 5 && word(5) == 0xffff) {
            text.push_str(if length == 6 { "" } else { ":" });
            let _ = write!(text, "{}", Ipv4Addr::new(bytes[12], bytes[13], bytes[14], bytes[15]));
            return Some(text);
        }
        let colon = if text.is_empty() || text.ends_with(':') { "" } else { ":" };
        let _ = write!(text, "{colon}{:x}", word(i));
        i += 1;
    }
    Some(text)
}

/// Versions 1 to 5 are stored with their groups from last to first, so that they sort by node and time.
pub(super) fn uuid(bytes: &[u8]) -> Option<String> {
    let mut stored = <[u8; 16]>::try_from(bytes).ok()?;
    if stored[6] & 0x80 != 0 && (1..0x60).contains(&stored[8]) {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = stored;
        stored = [m, n, o, p, k, l, i, j, g, h, a, b, c, d, e, f];
    }
    Some(uuid::Uuid::from_bytes(stored).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_of_mariadb() {
        let words = |words: [u16; 8]| inet6(&words.map(u16::to_be_bytes).concat()).unwrap();
        assert_eq!(words([0; 8]), "::");
        assert_eq!(words([0, 0, 0, 0, 0, 0, 0, 1]), "::1");
        assert_eq!(words([1, 0, 2, 3, 4, 5, 6, 7]), "1::2:3:4:5:6:7");
        assert_eq!(words([1, 0, 0, 2, 0, 0, 3, 4]), "1::2:0:0:3:4");
        assert_eq!(words([1, 2, 3, 4, 5, 6, 7, 0]), "1:2:3:4:5:6:7::");
        assert_eq!(words([0, 1, 2, 3, 4, 5, 6, 7]), "::1:2:3:4:5:6:7");
        assert_eq!(words([0, 0, 0, 0, 0, 0, 0x102, 0x304]), "::1.2.3.4");
        assert_eq!(words([0, 0, 0, 0, 0, 0xffff, 0, 0]), "::ffff:0.0.0.0");
        assert_eq!(inet4(&[10, 0, 0, 1]).unwrap(), "10.0.0.1");
        assert_eq!((inet4(&[1]), inet6(&[1]), uuid(&[1])), (None, None, None));
    }
}
