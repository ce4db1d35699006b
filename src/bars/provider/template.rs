//! `https://host/{symbol}?from={from}`: how a URL or a file name is made of what is wanted.

use super::Want;
use crate::model::bars::Interval;
use jiff::civil::Time;
use std::collections::BTreeMap;

/// A text with names in braces, checked when it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
    /// The source's own words for intervals.
    words: BTreeMap<Interval, String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Name(Name),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Symbol,
    Code,
    Market,
    Yahoo,
    Interval,
    From,
    To,
    FromEpoch,
    ToEpoch,
}

const NAMES: [(&str, Name); 9] = [
    ("symbol", Name::Symbol),
    ("code", Name::Code),
    ("market", Name::Market),
    ("yahoo", Name::Yahoo),
    ("interval", Name::Interval),
    ("from", Name::From),
    ("to", Name::To),
    ("from_epoch", Name::FromEpoch),
    ("to_epoch", Name::ToEpoch),
];

impl Template {
    /// An error says which name is not known, or that a brace stays open.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(|| format!("{text:?}: a brace is not closed"))?;
            let known = NAMES.iter().find(|(n, _)| *n == name).map(|(_, n)| *n);
            let names: Vec<&str> = NAMES.iter().map(|(n, _)| *n).collect();
            let name = known.ok_or_else(|| format!("{text:?}: {{{name}}} is not one of {}", names.join(", ")))?;
            parts.extend([Part::Text(before.to_owned()), Part::Name(name)]);
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self { parts, words: BTreeMap::new() })
    }

    pub fn words(mut self, words: BTreeMap<Interval, String>) -> Self {
        self.words = words;
        self
    }

    /// Returns the text before the first name.
    pub fn start(&self) -> &str {
        match self.parts.first() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }

    /// Whether two symbols have two texts.
    pub fn names_symbol(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Name(Name::Symbol | Name::Code | Name::Yahoo)))
    }

    /// Whether no name stands in it.
    pub fn is_fixed(&self) -> bool {
        self.parts.len() == 1
    }

    pub fn names_interval(&self) -> bool {
        self.parts.contains(&Part::Name(Name::Interval))
    }

    /// Fills the names in; each value passes `escape` first.
    pub fn fill(&self, want: &Want, escape: impl Fn(&str) -> String) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(t) => text.push_str(t),
                Part::Name(name) => text.push_str(&escape(&self.value(*name, want))),
            }
        }
        text
    }

    /// How a URL of this spells the symbol: the parts of its path and query that a symbol or a code stands in, whatever is around it.
    pub(super) fn spellings(&self, want: &Want) -> Vec<String> {
        let is_apart = |c: char| "/?&=#".contains(c);
        let (mut spelt, mut word, mut has_symbol) = (Vec::new(), String::new(), false);
        for part in &self.parts {
            let Part::Text(text) = part else {
                let Part::Name(name) = part else { continue };
                has_symbol |= matches!(name, Name::Symbol | Name::Code | Name::Yahoo);
                word.push_str(&self.value(*name, want));
                continue;
            };
            let mut rest = text.as_str();
            while let Some((before, after)) = rest.split_once(is_apart) {
                word.push_str(before);
                spelt.extend(std::mem::take(&mut has_symbol).then(|| word.clone()));
                word.clear();
                rest = after;
            }
            word.push_str(rest);
        }
        spelt.extend(has_symbol.then_some(word));
        spelt
    }

    fn value(&self, name: Name, want: &Want) -> String {
        let time = |t: crate::model::bars::BarTime| if want.interval.is_intraday() { format!("{t}Z") } else { t.date().to_string() };
        match name {
            Name::Symbol => want.symbol.to_string(),
            Name::Code => want.symbol.code().to_owned(),
            Name::Market => want.symbol.market().map_or("", |m| m.as_str()).to_owned(),
            Name::Yahoo => want.symbol.yahoo(),
            Name::Interval => self.words.get(&want.interval).cloned().unwrap_or_else(|| want.interval.to_string()),
            Name::From => time(want.from),
            Name::To => time(want.to),
            Name::FromEpoch => epoch(want, want.from, 0).to_string(),
            Name::ToEpoch => epoch(want, want.to, 1).to_string(),
        }
    }
}

/// The instant that a bar begins, or that the one after `days` more does: an end in seconds is one that is not included.
fn epoch(want: &Want, time: crate::model::bars::BarTime, days: i64) -> i64 {
    if want.interval.is_intraday() {
        return time.seconds() + days;
    }
    let midnight = time.plus_days(days).date().to_datetime(Time::midnight());
    want.zone.to_ambiguous_timestamp(midnight).compatible().map_or(time.seconds(), |t| t.as_second())
}

/// Percent-encodes all but what needs none anywhere in a URL.
pub(super) fn url_escape(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() || b"-._~".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::bars::{BarTime, Symbol};
    use jiff::tz::TimeZone;

    #[test]
    fn names_are_filled_in_and_escaped() {
        let day = |d: &str| BarTime::of_date(d.parse().unwrap()).unwrap();
        let mut want = Want {
            symbol: Symbol::parse("^GSPC").unwrap(),
            interval: Interval::D1,
            from: day("2024-01-22"),
            to: day("2024-01-23"),
            zone: TimeZone::get("America/New_York").unwrap(),
        };
        let template = Template::parse("http://h/{symbol}/{interval}?a={from}&b={to}&c={from_epoch}&d={to_epoch}").unwrap();
        assert_eq!(template.start(), "http://h/");
        assert_eq!(template.fill(&want, url_escape), "http://h/%5EGSPC/1d?a=2024-01-22&b=2024-01-23&c=1705899600&d=1706072400");
        let spelt = |text: &str| Template::parse(text).unwrap().spellings(&want);
        assert_eq!(spelt("http://h/v8/{yahoo}?a={from}&s={market}.{code}.L#x"), ["^GSPC", ".^GSPC.L"]);
        assert_eq!(spelt("http://h/all?a={from}"), [""; 0]);
        want.symbol = Symbol::parse("HK.00700").unwrap();
        want.interval = Interval::H1;
        let template = Template::parse("{market}-{code}-{yahoo}-{interval}-{to}").unwrap().words([(Interval::H1, "60m".to_owned())].into());
        assert_eq!(template.fill(&want, str::to_owned), "HK-00700-0700.HK-60m-2024-01-23Z");
        assert!(Template::parse("{sym}").unwrap_err().contains("{sym} is not one of symbol,"));
        assert!(Template::parse("{symbol").is_err());
        let names = |text: &str| Template::parse(text).unwrap().names_symbol();
        assert!(
            names("{symbol}") && names("a/{code}.csv") && names("x{yahoo}") && !names("all.csv") && !names("{market}/{interval}?a={from}")
        );
    }
}
