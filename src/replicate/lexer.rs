//! The tokens of a statement and their places in it: of a DDL from the log (`ddl`), and of what a server prints as SHOW
//! CREATE TABLE or SHOW GRANTS (`schema`, `preflight`).
//!
//! Every byte but white space belongs to a token. Plain comments are tokens that readers pass over; the content of
//! executable comments (`/*!80023 … */`, `/*M!100301 … */`) counts, since servers blank out those in the log that they did
//! not execute, and stands between [`Kind::ExecOpen`] and [`Kind::ExecClose`].

use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A keyword or a bare identifier.
    Word,
    /// Digits alone.
    Number,
    /// An identifier in backticks, or in double quotes under ANSI_QUOTES.
    Name,
    /// A string in quotes; a charset introducer before it is a word of its own.
    Text,
    /// One character of punctuation.
    Symbol(u8),
    /// `/*!80023` or `/*M!100301`.
    ExecOpen,
    /// The end of an executable comment.
    ExecClose,
    Comment,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    /// Byte range.
    pub at: Range<usize>,
}

/// How a session reads statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mode {
    pub ansi_quotes: bool,
    pub no_backslash_escapes: bool,
}

impl Mode {
    /// Takes the bits of a query event's sql_mode, the same in both flavours.
    pub fn from_sql_mode(bits: u64) -> Self {
        Self { ansi_quotes: bits & 4 != 0, no_backslash_escapes: bits & (1 << 20) != 0 }
    }
}

/// A comment or a quote that has no end; its token goes to the end of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unclosed {
    pub(super) at: usize,
    pub(super) what: &'static str,
}

/// Cuts a statement into tokens.
pub(super) fn tokens(text: &str, mode: Mode) -> (Vec<Token>, Option<Unclosed>) {
    let mut lexer = Lexer { bytes: text.as_bytes(), at: 0, executable: None, unclosed: None, mode };
    let mut tokens = Vec::new();
    while let Some(&byte) = lexer.bytes.get(lexer.at) {
        if byte.is_ascii_whitespace() || byte == 0x0b || byte == 0 {
            lexer.at += 1;
            continue;
        }
        let from = lexer.at;
        let kind = lexer.token(byte);
        tokens.push(Token { kind, at: from..lexer.at });
    }
    let open = lexer.executable.map(|at| Unclosed { at, what: COMMENT });
    (tokens, lexer.unclosed.or(open))
}

const COMMENT: &str = "a comment has no end";

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where the executable comment began that we are inside of.
    executable: Option<usize>,
    unclosed: Option<Unclosed>,
    mode: Mode,
}

impl Lexer<'_> {
    /// Goes behind the token that begins with `byte`.
    fn token(&mut self, byte: u8) -> Kind {
        let next = self.bytes.get(self.at + 1).copied();
        match byte {
            b'#' => self.line(),
            // `--` is a comment only before white space, a control character or the end: `5--3` is arithmetic.
            b'-' if next == Some(b'-') && self.bytes.get(self.at + 2).is_none_or(|b| *b <= b' ') => self.line(),
            b'/' if next == Some(b'*') => self.comment(),
            b'*' if next == Some(b'/') && self.executable.is_some() => {
                self.executable = None;
                self.at += 2;
                Kind::ExecClose
            }
            b'"' if self.mode.ansi_quotes => self.quoted(false, Kind::Name),
            b'\'' | b'"' => self.quoted(!self.mode.no_backslash_escapes, Kind::Text),
            b'`' => self.quoted(false, Kind::Name),
            b if is_word(b) => self.word(),
            b => {
                self.at += 1;
                Kind::Symbol(b)
            }
        }
    }

    fn line(&mut self) -> Kind {
        self.at = self.bytes[self.at..].iter().position(|b| *b == b'\n').map_or(self.bytes.len(), |n| self.at + n + 1);
        Kind::Comment
    }

    fn comment(&mut self) -> Kind {
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
            return Kind::ExecOpen;
        }
        match rest.windows(2).position(|w| w == b"*/") {
            Some(end) => self.at = from + 2 + end + 2,
            None => self.rest_is_of_it(COMMENT),
        }
        Kind::Comment
    }

    fn quoted(&mut self, escapes: bool, kind: Kind) -> Kind {
        match quoted_end(self.bytes, self.at, escapes) {
            Some(end) => self.at = end,
            None => self.rest_is_of_it("a quote has no end"),
        }
        kind
    }

    fn rest_is_of_it(&mut self, what: &'static str) {
        self.unclosed = Some(Unclosed { at: self.at, what });
        self.at = self.bytes.len();
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

/// Returns the end of the quoted piece that begins at `at`; a doubled quote is part of it.
pub(super) fn quoted_end(bytes: &[u8], at: usize, escapes: bool) -> Option<usize> {
    let quote = bytes[at];
    let mut i = at + 1;
    while let Some(&byte) = bytes.get(i) {
        if escapes && byte == b'\\' {
            i += 2;
        } else if byte != quote {
            i += 1;
        } else if bytes.get(i + 1) == Some(&quote) {
            i += 2;
        } else {
            return Some(i + 1);
        }
    }
    None
}
