//! A printed definition (SHOW CREATE TABLE, SHOW GRANTS) with its tokens, so that a change replaces exactly what it means
//! to.

pub use crate::replicate::lexer::{Kind, Token};

use crate::replicate::lexer::{self, Mode};
use std::ops::Range;

/// A statement with its tokens.
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    pub text: &'a str,
    pub list: Vec<Token>,
}

impl<'a> Tokens<'a> {
    pub fn of(text: &'a str) -> Self {
        Self::read(text, Mode::default())
    }
    /// A statement that a client wrote, read as its session did.
    pub fn read(text: &'a str, mode: Mode) -> Self {
        // What has no end goes to the end of the text.
        Self { text, list: lexer::tokens(text, mode).0 }
    }
    /// Returns the text of token `at`, "" past the end.
    pub fn str(&self, at: usize) -> &'a str {
        self.list.get(at).map_or("", |t| &self.text[t.at.clone()])
    }
    pub fn kind(&self, at: usize) -> Option<Kind> {
        self.list.get(at).map(|t| t.kind)
    }
    pub fn is_word(&self, at: usize, word: &str) -> bool {
        self.kind(at) == Some(Kind::Word) && self.str(at).eq_ignore_ascii_case(word)
    }
    pub fn is_symbol(&self, at: usize, symbol: &str) -> bool {
        matches!(self.kind(at), Some(Kind::Symbol(_))) && self.str(at) == symbol
    }
    /// Says whether the words stand at `at` one after the other.
    pub fn are_words(&self, at: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(i, w)| self.is_word(at + i, w))
    }
    /// Returns the index of the `)` that closes the `(` at `open`.
    pub fn closing(&self, open: usize) -> Option<usize> {
        let mut depth = 0usize;
        for at in open..self.list.len() {
            if self.is_symbol(at, "(") {
                depth += 1;
            } else if self.is_symbol(at, ")") {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
        }
        None
    }
    /// Returns (open, close) of the list of columns and keys.
    pub fn body(&self) -> Option<(usize, usize)> {
        let open = (0..self.list.len()).find(|&at| self.is_symbol(at, "("))?;
        Some((open, self.closing(open)?))
    }
    /// Cuts the tokens between `from` and `to` (exclusive) at the commas of the outermost level.
    pub fn items(&self, from: usize, to: usize) -> Vec<Range<usize>> {
        let (mut out, mut start, mut depth) = (Vec::new(), from, 0usize);
        for at in from..to {
            if self.is_symbol(at, "(") {
                depth += 1;
            } else if self.is_symbol(at, ")") {
                depth = depth.saturating_sub(1);
            } else if depth == 0 && self.is_symbol(at, ",") {
                out.push(start..at);
                start = at + 1;
            }
        }
        if start < to {
            out.push(start..to);
        }
        out
    }
    /// Returns the bytes from token `from` up to the end of token `to - 1`.
    pub fn span(&self, tokens: Range<usize>) -> Range<usize> {
        if tokens.is_empty() {
            return 0..0;
        }
        self.list[tokens.start].at.start..self.list[tokens.end - 1].at.end
    }
}

/// Takes the quotes off a name or a string. Backslash escapes are those that servers print.
pub fn unquote(quoted: &str) -> String {
    let Some(quote) = quoted.chars().next().filter(|c| matches!(c, '`' | '\'' | '"')) else { return quoted.to_owned() };
    let inner = quoted[1..].strip_suffix(quote).unwrap_or(&quoted[1..]);
    let (mut out, mut chars) = (String::with_capacity(inner.len()), inner.chars());
    while let Some(c) = chars.next() {
        if c == quote {
            chars.next();
            out.push(quote);
        } else if c == '\\' && quote != '`' {
            match chars.next() {
                Some('0') => out.push('\0'),
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some('b') => out.push('\u{8}'),
                Some('Z') => out.push('\u{1a}'),
                Some(other) => out.push(other),
                None => {}
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        let tokens = Tokens::of(text);
        (0..tokens.list.len()).map(|at| tokens.str(at)).collect()
    }

    #[test]
    fn strings_names_and_executable_comments() {
        assert_eq!(
            words("`a``b` enum('x,','it''s','\\'') /*!80023 INVISIBLE */ COMMENT 'AUTO_INCREMENT=7 /*!'"),
            [
                "`a``b`",
                "enum",
                "(",
                "'x,'",
                ",",
                "'it''s'",
                ",",
                "'\\''",
                ")",
                "/*!80023",
                "INVISIBLE",
                "*/",
                "COMMENT",
                "'AUTO_INCREMENT=7 /*!'"
            ]
        );
        assert_eq!(words("a*/b /* c */ /*M!100301 COMPRESSED*/"), ["a", "*", "/", "b", "/* c */", "/*M!100301", "COMPRESSED", "*/"]);
    }

    #[test]
    fn unquoting() {
        for (quoted, plain) in [("`a``b`", "a`b"), ("'it''s'", "it's"), ("'a\\nb\\\\'", "a\nb\\"), ("word", "word"), ("''", "")] {
            assert_eq!(unquote(quoted), plain, "{quoted}");
        }
    }

    #[test]
    fn items_stop_at_outer_commas() {
        let tokens = Tokens::of("CREATE TABLE `t` (`a` decimal(10,2), KEY `k` (`a`,`b`)) ENGINE=InnoDB");
        let (open, close) = tokens.body().unwrap();
        let items: Vec<_> = tokens.items(open + 1, close).into_iter().map(|r| &tokens.text[tokens.span(r)]).collect();
        assert_eq!(items, ["`a` decimal(10,2)", "KEY `k` (`a`,`b`)"]);
    }

    #[test]
    fn broken_text_does_not_panic() {
        for text in ["'", "`", "/*", "/*!", "'\\", "(((", "*/", "é", "'é"] {
            let tokens = Tokens::of(text);
            let _ = tokens.body();
        }
    }
}
