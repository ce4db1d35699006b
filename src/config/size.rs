//! Sizes as people write them: `67108864`, `64MB`, `8 GiB`. Units are powers of 1024, as in every server's settings.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u64);

const UNITS: [(&str, u32); 4] = [("T", 40), ("G", 30), ("M", 20), ("K", 10)];

impl Size {
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase();
        let text = text.strip_suffix("IB").or_else(|| text.strip_suffix('B')).unwrap_or(&text);
        let (number, shift) =
            UNITS.iter().find_map(|(unit, shift)| text.strip_suffix(unit).map(|number| (number, *shift))).unwrap_or((text, 0));
        let number: u64 = number.trim().parse().ok()?;
        number.checked_mul(1 << shift).map(Self)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match UNITS.iter().find(|(_, shift)| self.0 > 0 && self.0.is_multiple_of(1 << shift)) {
            Some((unit, shift)) => write!(f, "{}{unit}B", self.0 >> shift),
            None => write!(f, "{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_powers_of_1024() {
        for (text, bytes) in [("0", 0), ("100", 100), ("64MB", 64 << 20), ("64 MiB", 64 << 20), ("8g", 8 << 30), ("2kb", 2048)] {
            assert_eq!(Size::parse(text), Some(Size(bytes)), "{text}");
        }
        for text in ["", "MB", "-1", "1.5GB", "99999999TB", "5XB"] {
            assert_eq!(Size::parse(text), None, "{text}");
        }
        assert_eq!(Size(8 << 30).to_string(), "8GB");
        assert_eq!(Size(1000).to_string(), "1000");
    }
}
