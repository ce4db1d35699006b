//! A place in a statement, moved along by what is asked for.

use super::Result;
use crate::replicate::schema::tokens::{Kind, Tokens, unquote};
use std::ops::Range;

pub(super) struct Reader<'a> {
    tokens: &'a Tokens<'a>,
    at: usize,
    end: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(tokens: &'a Tokens<'a>, range: Range<usize>) -> Self {
        Self { tokens, at: range.start, end: range.end }
    }

    pub(super) fn within(&self, range: Range<usize>) -> Self {
        Self::new(self.tokens, range)
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.end || self.tokens.is_symbol(self.at, ";") && self.at + 1 == self.end
    }

    pub(super) fn ended(&self) -> Result<()> {
        if self.is_done() { Ok(()) } else { Err(self.unknown("behind the rest")) }
    }

    pub(super) fn unknown(&self, place: &str) -> String {
        match self.is_done() {
            true => format!("something is missing at the end ({place})"),
            // A word or a symbol; what may be a value is not repeated.
            false if matches!(self.tokens.kind(self.at), Some(Kind::Word | Kind::Symbol(_))) => {
                format!("{} ({place}) is not known here", self.tokens.str(self.at))
            }
            false => format!("something ({place}) is not known here"),
        }
    }

    /// The word here in upper case; "" where there is none.
    pub(super) fn word(&self) -> String {
        let is = !self.is_done() && self.tokens.kind(self.at) == Some(Kind::Word);
        if is { self.tokens.str(self.at).to_ascii_uppercase() } else { String::new() }
    }

    pub(super) fn take_word(&mut self) -> String {
        let word = self.word();
        self.at += usize::from(!word.is_empty());
        word
    }

    pub(super) fn is(&self, words: &[&str]) -> bool {
        self.at + words.len() <= self.end && self.tokens.are_words(self.at, words)
    }

    pub(super) fn accept(&mut self, words: &[&str]) -> bool {
        let is = self.is(words);
        self.at += if is { words.len() } else { 0 };
        is
    }

    pub(super) fn expect(&mut self, word: &str) -> Result<()> {
        if self.accept(&[word]) { Ok(()) } else { Err(format!("{word} is missing")) }
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        self.at < self.end && self.tokens.is_symbol(self.at, symbol)
    }

    pub(super) fn symbol(&mut self, symbol: &str) -> bool {
        let is = self.is_symbol(symbol);
        self.at += usize::from(is);
        is
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        if self.at < self.end { self.tokens.kind(self.at) } else { None }
    }

    /// The kind of the token behind this one, where the two touch.
    pub(super) fn kind_behind(&self) -> Option<Kind> {
        let (this, next) = (self.tokens.list.get(self.at)?, self.tokens.list.get(self.at + 1)?);
        (self.at + 1 < self.end && this.at.end == next.at.start).then_some(next.kind)
    }

    pub(super) fn word_behind(&self) -> String {
        self.within(self.at + 1..self.end).word()
    }

    /// Takes one token, whatever it is.
    pub(super) fn token(&mut self) -> Result<&'a str> {
        if self.is_done() {
            return Err(self.unknown("a value"));
        }
        self.at += 1;
        Ok(self.tokens.str(self.at - 1))
    }

    /// A name, as it is written.
    pub(super) fn name(&mut self) -> Result<String> {
        match self.kind() {
            Some(Kind::Word | Kind::Name) => self.token().map(str::to_owned),
            _ => Err(self.unknown("a name")),
        }
    }

    /// A table's name with its schema where that is written.
    pub(super) fn table(&mut self) -> Result<String> {
        let first = self.name()?;
        if self.symbol(".") { Ok(format!("{first}.{}", self.name()?)) } else { Ok(first) }
    }

    /// A name or a string without its quotes.
    pub(super) fn value(&mut self) -> Result<String> {
        self.token().map(unquote)
    }

    /// What stands in parentheses here.
    pub(super) fn parens(&mut self) -> Result<Range<usize>> {
        let close = self.is_symbol("(").then(|| self.tokens.closing(self.at)).flatten().filter(|close| *close < self.end);
        let close = close.ok_or_else(|| self.unknown("a list in parentheses"))?;
        let inside = self.at + 1..close;
        self.at = close + 1;
        Ok(inside)
    }

    pub(super) fn items(&self, range: &Range<usize>) -> Vec<Range<usize>> {
        self.tokens.items(range.start, range.end)
    }

    /// What is left, cut at its commas.
    pub(super) fn rest_items(&self) -> Vec<Range<usize>> {
        let end = if self.end > self.at && self.tokens.is_symbol(self.end - 1, ";") { self.end - 1 } else { self.end };
        self.tokens.items(self.at, end)
    }

    /// What is left, as it is written; the reader is at its end then.
    pub(super) fn rest(&mut self) -> &'a str {
        let end = if self.end > self.at && self.tokens.is_symbol(self.end - 1, ";") { self.end - 1 } else { self.end };
        let range = self.tokens.span(self.at..end);
        self.at = self.end;
        &self.tokens.text[range]
    }

    pub(super) fn place(&self) -> usize {
        self.at
    }

    /// The text from token `from` up to here.
    pub(super) fn since(&self, from: usize) -> &'a str {
        &self.tokens.text[self.tokens.span(from..self.at)]
    }

    pub(super) fn text(&self, range: &Range<usize>) -> &'a str {
        &self.tokens.text[self.tokens.span(range.clone())]
    }

    pub(super) fn tokens(&self) -> &'a Tokens<'a> {
        self.tokens
    }

    /// Says whether a key or a constraint begins here, and no column.
    pub(super) fn begins_key(&self) -> bool {
        ["CONSTRAINT", "PRIMARY", "UNIQUE", "INDEX", "KEY", "FULLTEXT", "SPATIAL", "FOREIGN", "CHECK"].contains(&self.word().as_str())
    }

    /// `ADD PARTITION`, `DROP PARTITION` and their like.
    pub(super) fn is_then_partition(&self) -> bool {
        const VERBS: [&str; 10] =
            ["ADD", "DROP", "TRUNCATE", "COALESCE", "REORGANIZE", "ANALYZE", "CHECK", "OPTIMIZE", "REBUILD", "REPAIR"];
        VERBS.contains(&self.word().as_str()) && self.word_behind() == "PARTITION"
    }

    /// Character set, collation, or both, in either order.
    #[expect(clippy::type_complexity, reason = "the two parts are what the callers keep")]
    pub(super) fn charset(&mut self) -> Result<Option<(Option<String>, Option<String>)>> {
        let (mut charset, mut collation) = (None, None);
        loop {
            let before = self.at;
            self.accept(&["DEFAULT"]);
            if self.accept(&["CHARACTER", "SET"]) || self.accept(&["CHARSET"]) {
                self.symbol("=");
                charset = Some(self.named("character set")?);
            } else if self.accept(&["COLLATE"]) {
                self.symbol("=");
                collation = Some(self.named("collation")?);
            } else {
                self.at = before;
                break;
            }
        }
        Ok((charset.is_some() || collation.is_some()).then_some((charset, collation)))
    }

    fn named(&mut self, what: &str) -> Result<String> {
        let name = self.value()?.to_ascii_lowercase();
        if name == "default" { Err(format!("the default {what} of the source is not known here")) } else { Ok(name) }
    }
}
