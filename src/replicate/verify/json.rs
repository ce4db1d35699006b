//! JSON in one form: keys sorted, strings decoded, numbers by their decimal value whatever their notation. Not through
//! `f64`: digits that got lost on the way must show.

use std::collections::BTreeMap;

/// Nesting that is followed; both servers stop at 100 (MySQL) or far less than this in practice.
const DEEPEST: usize = 200;

/// Returns the canonical text, or None for what is no JSON.
pub(super) fn canonical(text: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader { text, at: 0, out: Vec::with_capacity(text.len()) };
    reader.value(0)?;
    reader.space();
    (reader.at == text.len()).then_some(reader.out)
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    out: Vec<u8>,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Option<()> {
        self.space();
        if depth > DEEPEST {
            return None;
        }
        match self.peek()? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => {
                let text = self.string()?;
                self.out.extend(format!("{text:?}").bytes());
                Some(())
            }
            b'-' | b'0'..=b'9' => self.number(),
            _ => self.word(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        // The last of equal keys wins, as at both servers.
        let mut fields = BTreeMap::new();
        self.at += 1;
        self.space();
        while self.peek()? != b'}' {
            let name = self.string()?;
            self.space();
            self.expect(b':')?;
            let before = std::mem::take(&mut self.out);
            self.value(depth + 1)?;
            fields.insert(name, std::mem::replace(&mut self.out, before));
            self.comma(b'}')?;
        }
        self.at += 1;
        self.out.push(b'{');
        for (name, value) in fields {
            self.out.extend(format!("{name:?}:").bytes());
            self.out.extend(value);
            self.out.push(b',');
        }
        self.out.push(b'}');
        Some(())
    }

    fn array(&mut self, depth: usize) -> Option<()> {
        self.at += 1;
        self.out.push(b'[');
        self.space();
        while self.peek()? != b']' {
            self.value(depth + 1)?;
            self.out.push(b',');
            self.comma(b']')?;
        }
        self.at += 1;
        self.out.push(b']');
        Some(())
    }

    /// Behind an item: a comma and another item, or the end, which stays.
    fn comma(&mut self, end: u8) -> Option<()> {
        self.space();
        if self.peek()? == end {
            return Some(());
        }
        self.expect(b',')?;
        self.space();
        (self.peek()? != end).then_some(())
    }

    fn string(&mut self) -> Option<String> {
        let from = self.at;
        self.expect(b'"')?;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        serde_json::from_slice(&self.text[from..self.at]).ok()
    }

    /// `-12.50e3` becomes `-125e2`: sign, digits without outer zeros, power of ten.
    fn number(&mut self) -> Option<()> {
        let from = self.at;
        while self.peek().is_some_and(|b| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) {
            self.at += 1;
        }
        let text = std::str::from_utf8(&self.text[from..self.at]).ok()?;
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let power = power.parse::<i64>().ok()? - i64::try_from(fraction.len()).ok()?;
        let short = digits.trim_end_matches('0');
        let power = power + i64::try_from(digits.len() - short.len()).ok()?;
        let short = short.trim_start_matches('0');
        if short.is_empty() {
            self.out.push(b'0');
        } else {
            self.out.extend(format!("{}{short}e{power}", if negative { "-" } else { "" }).bytes());
        }
        Some(())
    }

    fn word(&mut self) -> Option<()> {
        let word = [&b"true"[..], b"false", b"null"].into_iter().find(|w| self.text[self.at..].starts_with(w))?;
        self.at += word.len();
        self.out.extend(word);
        Some(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }
    fn expect(&mut self, byte: u8) -> Option<()> {
        let hit = self.peek()? == byte;
        self.at += usize::from(hit);
        hit.then_some(())
    }
    fn space(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    fn same(a: &str, b: &str) -> bool {
        let (a, b) = (canonical(a.as_bytes()), canonical(b.as_bytes()));
        assert!(a.is_some() && b.is_some());
        a == b
    }

    #[test]
    fn what_means_the_same_is_the_same() {
        assert!(same(r#"{"b": 1, "a": [1.0, "é"]}"#, r#"{"a":[1.00,"\u00e9"],"b":1}"#));
        assert!(same("18446744073709551615", " 18446744073709551615 "));
        assert!(same("[1e2, 100, 1.10, -0.0, 0e5, 120]", "[100.0,1E+2,1.1,0,0,1.2e2]"));
        assert!(same(r#"{"a":1,"a":2}"#, r#"{"a":2}"#));
        assert!(same("[ ]", "[]") && same("{ }", "{}"));
    }

    #[test]
    fn one_changed_byte_shows() {
        let pairs = [
            ("18446744073709551615", "18446744073709551614"),
            ("1.00000000000000000001", "1.0"),
            (r#"{"a":1}"#, r#"{"a":2}"#),
            (r#"{"a":1}"#, r#"{"b":1}"#),
            ("1", r#""1""#),
            ("null", "false"),
            ("[1,2]", "[2,1]"),
            ("[1]", "[1,1]"),
            (r#"["a","b"]"#, r#"["a\",\"b"]"#),
            ("1", "-1"),
            ("12", "120"),
            ("[]", "{}"),
        ];
        for (a, b) in pairs {
            assert!(!same(a, b), "{a} {b}");
        }
    }

    #[test]
    fn what_is_no_json_is_none() {
        for text in ["", "[1", "{\"a\"}", "[1,]", "tru", "1 2", "\"a", "{\"a\":1,}", "-", "[1 2]"] {
            assert_eq!(canonical(text.as_bytes()), None, "{text}");
        }
    }
}
