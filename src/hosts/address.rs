//! Addresses as people and machines write them.

use std::net::IpAddr;

/// Reads a list of addresses, one a line: blank lines, `#` and what follows it, CRLF and a BOM are passed over. An error
/// is the number of the line and what stands there.
pub fn read_list(text: &str) -> Result<Vec<IpAddr>, (usize, String)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut all = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split('#').next().unwrap_or_default().trim();
        if !line.is_empty() {
            all.push(read(line).ok_or_else(|| (number, line.to_owned()))?);
        }
    }
    Ok(all)
}

/// Reads one address; an IPv4 address in IPv6 form is the IPv4 address.
pub fn read(text: &str) -> Option<IpAddr> {
    text.trim().parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

/// How an address may stand in a text field. An IPv4 address has one spelling, an IPv6 address is written short, in full
/// and in capitals.
pub(super) fn spellings(ip: IpAddr) -> Vec<String> {
    let short = ip.to_string();
    let IpAddr::V6(v6) = ip else { return vec![short] };
    let full = v6.segments().iter().map(|s| format!("{s:04x}")).collect::<Vec<_>>().join(":");
    let plain = v6.segments().iter().map(|s| format!("{s:x}")).collect::<Vec<_>>().join(":");
    let mut all = vec![short.to_uppercase(), full.to_uppercase(), plain.to_uppercase(), full, plain, short];
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_people_write_them() {
        let text = "\u{feff}# web\r\n10.1.1.1\r\n\r\n  10.1.1.2  # the second\n2001:DB8::1\n::ffff:10.1.1.3";
        let expected: Vec<IpAddr> = ["10.1.1.1", "10.1.1.2", "2001:db8::1", "10.1.1.3"].iter().map(|t| t.parse().unwrap()).collect();
        assert_eq!(read_list(text), Ok(expected));
        assert_eq!(read_list("10.1.1.1\n#\n10.1.1.256"), Err((3, "10.1.1.256".to_owned())));
        assert_eq!(read_list("10.1.1.1,10.1.1.2").unwrap_err().0, 1);
        assert_eq!(read_list(""), Ok(Vec::new()));
    }

    #[test]
    fn an_address_has_several_spellings() {
        for spelled in ["2001:db8::1", "2001:DB8::1", "2001:db8:0:0:0:0:0:1", "2001:0db8:0000:0000:0000:0000:0000:0001"] {
            assert!(spellings("2001:db8::1".parse().unwrap()).contains(&spelled.to_owned()), "{spelled}");
        }
        assert_eq!(spellings("10.0.0.1".parse().unwrap()), ["10.0.0.1"]);
    }
}
