//! The tokens of a statement. Comments vanish; the content of executable comments (`/*! … */`, `/*M! … */`) counts, since
//! servers blank out those in the log that they did not execute.

use super::{Mode, ParseError};
use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or a bare identifier.
    Word,
    /// An identifier in backticks, or in double quotes under ANSI_QUOTES.
    Quoted,
    String,
    Number,
    Symbol(u8),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) at: Range<usize>,
}

pub(super) fn tokens(text: &str, mode: Mode) -> Result<Vec<Token>, ParseError> {
    Lexer { bytes: text.as_bytes(), at: 0, executable: None, mode }.run()
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where the executable comment began that we are inside of.
    executable: Option<usize>,
    mode: Mode,
}

impl Lexer<'_> {
    fn run(mut self) -> Result<Vec<Token>, ParseError> {
        let mut out = vec![];
        while let Some(&byte) = self.bytes.get(self.at) {
            let from = self.at;
            let next = self.bytes.get(from + 1).copied();
            let kind = match byte {
                b if b.is_ascii_whitespace() || b == 0x0b || b == 0 => {
                    self.at += 1;
                    continue;
                }
                b'#' => {
                    self.skip_line();
                    continue;
                }
                // `--` is a comment only before white space, a control character or the end: `5--3` is arithmetic.
                b'-' if next == Some(b'-') && self.bytes.get(from + 2).is_none_or(|b| *b <= b' ') => {
                    self.skip_line();
                    continue;
                }
                b'/' if next == Some(b'*') => {
                    self.comment()?;
                    continue;
                }
                b'*' if next == Some(b'/') && self.executable.is_some() => {
                    self.executable = None;
                    self.at += 2;
                    continue;
                }
                b'\'' => self.quoted(byte, !self.mode.no_backslash_escapes, Kind::String)?,
                b'"' if self.mode.ansi_quotes => self.quoted(byte, false, Kind::Quoted)?,
                b'"' => self.quoted(byte, !self.mode.no_backslash_escapes, Kind::String)?,
                b'`' => self.quoted(byte, false, Kind::Quoted)?,
                b if is_word(b) => self.word(),
                b => {
                    self.at += 1;
                    Kind::Symbol(b)
                }
            };
            out.push(Token { kind, at: from..self.at });
        }
        match self.executable {
            Some(at) => Err(ParseError { at, what: "a comment has no end".into() }),
            None => Ok(out),
        }
    }

    fn skip_line(&mut self) {
        self.at = self.bytes[self.at..].iter().position(|b| *b == b'\n').map_or(self.bytes.len(), |n| self.at + n + 1);
    }

    fn comment(&mut self) -> Result<(), ParseError> {
        let from = self.at;
        let rest = &self.bytes[from + 2..];
        let opening = if rest.starts_with(b"!") {
            1
        } else if rest.starts_with(b"M!") {
            2
        } else {
            0
        };
        if opening > 0 && self.executable.is_none() {
            // Five digits for MySQL, five or six for MariaDB and MySQL 8: all that directly follow, at most six.
            let digits = rest[opening..].iter().take(6).take_while(|b| b.is_ascii_digit()).count();
            self.at = from + 2 + opening + if digits >= 5 { digits } else { 0 };
            self.executable = Some(from);
            return Ok(());
        }
        let end = rest.windows(2).position(|w| w == b"*/");
        let end = end.ok_or_else(|| ParseError { at: from, what: "a comment has no end".into() })?;
        self.at = from + 2 + end + 2;
        Ok(())
    }

    fn quoted(&mut self, quote: u8, escapes: bool, kind: Kind) -> Result<Kind, ParseError> {
        let from = self.at;
        self.at += 1;
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            if byte == b'\\' && escapes {
                self.at += 1;
            } else if byte == quote {
                if self.bytes.get(self.at) != Some(&quote) {
                    return Ok(kind);
                }
                self.at += 1;
            }
        }
        Err(ParseError { at: from, what: "a quote has no end".into() })
    }

    fn word(&mut self) -> Kind {
        let from = self.at;
        while self.bytes.get(self.at).is_some_and(|b| is_word(*b)) {
            self.at += 1;
        }
        if self.bytes[from..self.at].iter().all(u8::is_ascii_digit) { Kind::Number } else { Kind::Word }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}
