//! How symbols are written: `US.AAPL`, `HK.00700`, `SH.600519`, `SZ.000001`; everything else as its source writes it.

use std::fmt;
use std::sync::Arc;

/// Longest symbol, in bytes.
const LONGEST: usize = 64;

/// A symbol in its one spelling. Two spellings of the same paper (`aapl`, `US.AAPL`) are equal once they are read.
/// Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(Arc<str>);

/// Where a paper is traded, as far as its symbol says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Market {
    Us,
    Hk,
    Sh,
    Sz,
}

impl Market {
    pub const ALL: [Self; 4] = [Self::Us, Self::Hk, Self::Sh, Self::Sz];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Us => "US",
            Self::Hk => "HK",
            Self::Sh => "SH",
            Self::Sz => "SZ",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.as_str() == text)
    }
}

impl Symbol {
    /// Reads any spelling; an error says what is wrong with it.
    ///
    /// Letters alone are American; up to five digits are Hong Kong's; six digits are Shanghai's (6…) or Shenzhen's (0…,
    /// 3…); the suffixes `.US`, `.HK`, `.SS` and `.SZ` become prefixes. What has `^`, `=`, `/`, `-` or another dot in it is
    /// left as it is: `BRK.B` may be a share class and `VOD.L` is London, and guessing would merge two papers.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("the symbol is empty".into());
        }
        if text.len() > LONGEST {
            let start: String = text.chars().take(16).collect();
            return Err(format!("symbol {start:?}… is longer than {LONGEST} characters"));
        }
        if let Some(bad) = text.chars().find(|c| !(c.is_ascii_alphanumeric() || ".^=/-_&:+#".contains(*c))) {
            return Err(format!("symbol {text:?} has {bad:?} in it: letters, digits and . ^ = / - _ & : + # only"));
        }
        // `../../etc` is nobody's paper, and somebody's path.
        if text.contains("..") || text.split('/').any(|part| part.trim_matches('.').is_empty()) {
            return Err(format!("symbol {text:?} reads like a path: no two dots in a row, and between slashes more than a dot"));
        }
        Ok(Self(canonical(&text.to_ascii_uppercase()).into()))
    }

    /// Returns one that was stored, as it was written: what was a symbol then is one for ever. None: it never was one.
    pub fn stored(text: &str) -> Option<Self> {
        (!text.is_empty() && text.len() <= LONGEST).then(|| Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
    pub fn market(&self) -> Option<Market> {
        self.0.split_once('.').filter(|(_, code)| !code.is_empty()).and_then(|(prefix, _)| Market::parse(prefix))
    }
    /// Returns the symbol without its market's prefix.
    pub fn code(&self) -> &str {
        match self.market() {
            Some(market) => &self.0[market.as_str().len() + 1..],
            None => self.as_str(),
        }
    }
    /// Returns the spelling of Yahoo's chart API: `AAPL`, `0700.HK`, `600519.SS`, `000001.SZ`.
    pub fn yahoo(&self) -> String {
        let code = self.code();
        match self.market() {
            // Share classes have a dash there.
            Some(Market::Us) => code.replace('.', "-"),
            // Four digits, unless there really are five.
            Some(Market::Hk) => format!("{}.HK", code.strip_prefix('0').filter(|c| c.len() == 4).unwrap_or(code)),
            Some(Market::Sh) => format!("{code}.SS"),
            Some(Market::Sz) => format!("{code}.SZ"),
            None => code.to_owned(),
        }
    }
}

fn canonical(text: &str) -> String {
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let hong_kong = |code: &str| format!("HK.{code:0>5}");
    if let Some((prefix, code)) = text.split_once('.')
        && let Some(market) = Market::parse(prefix)
        && !code.is_empty()
    {
        return if market == Market::Hk && digits(code) { hong_kong(code) } else { text.to_owned() };
    }
    if let Some(code) = text.strip_suffix(".US").filter(|code| code.starts_with(|c: char| c.is_ascii_alphabetic())) {
        return format!("US.{code}");
    }
    if let Some((code, suffix)) = text.rsplit_once('.')
        && digits(code)
    {
        match suffix {
            "HK" if code.len() <= 5 => return hong_kong(code),
            "SS" | "SH" if code.len() == 6 => return format!("SH.{code}"),
            "SZ" if code.len() == 6 => return format!("SZ.{code}"),
            _ => {}
        }
    }
    if text.bytes().all(|b| b.is_ascii_alphabetic()) {
        return format!("US.{text}");
    }
    match text.as_bytes() {
        code if digits(text) && code.len() <= 5 => hong_kong(text),
        [b'6', ..] if digits(text) && text.len() == 6 => format!("SH.{text}"),
        [b'0' | b'3', ..] if digits(text) && text.len() == 6 => format!("SZ.{text}"),
        _ => text.to_owned(),
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_paper_are_one_symbol() {
        for (written, meant, yahoo) in [
            ("aapl", "US.AAPL", "AAPL"),
            (" US.AAPL ", "US.AAPL", "AAPL"),
            ("us.brk.b", "US.BRK.B", "BRK-B"),
            ("aapl.us", "US.AAPL", "AAPL"),
            ("BRK.B.US", "US.BRK.B", "BRK-B"),
            ("700", "HK.00700", "0700.HK"),
            ("0700.HK", "HK.00700", "0700.HK"),
            ("hk.700", "HK.00700", "0700.HK"),
            ("HK.00700", "HK.00700", "0700.HK"),
            ("80737.HK", "HK.80737", "80737.HK"),
            ("600519.SS", "SH.600519", "600519.SS"),
            ("600519", "SH.600519", "600519.SS"),
            ("000001.SZ", "SZ.000001", "000001.SZ"),
            ("300750", "SZ.300750", "300750.SZ"),
            ("BRK.B", "BRK.B", "BRK.B"),
            ("^GSPC", "^GSPC", "^GSPC"),
            ("eurusd=x", "EURUSD=X", "EURUSD=X"),
            ("BTC/USD", "BTC/USD", "BTC/USD"),
            ("BTC-USD", "BTC-USD", "BTC-USD"),
            ("US.", "US.", "US."),
        ] {
            let symbol = Symbol::parse(written).unwrap();
            assert_eq!((symbol.as_str(), symbol.yahoo().as_str()), (meant, yahoo), "{written}");
            assert_eq!(Symbol::parse(symbol.as_str()).unwrap(), symbol, "reading it again changes nothing");
        }
    }

    #[test]
    fn what_could_break_a_query_or_a_path_is_refused() {
        for bad in [
            "",
            "  ",
            "A B",
            "A'B",
            "A\"B",
            "A,B",
            "A\\B",
            "A\nB",
            "A\0",
            "股票",
            "A;B",
            "A%B",
            "../../etc",
            "..",
            ".",
            "A/",
            "/A",
            "A//B",
            "A/./B",
            "A..B",
            &"A".repeat(65),
        ] {
            assert!(Symbol::parse(bad).is_err(), "{bad:?}");
        }
    }
}
