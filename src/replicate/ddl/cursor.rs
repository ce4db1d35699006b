//! A place in the tokens, and the small steps that `classify` is made of.

use super::{Named, ParseError, Role};
use crate::model::replicate::TableName;
use crate::replicate::lexer::{Kind, Token};
use std::ops::Range;

pub(super) type Result<T> = std::result::Result<T, ParseError>;

pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
    pub(super) next: usize,
    pub(super) default_schema: &'a str,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, tokens: &'a [Token], default_schema: &'a str) -> Self {
        Self { text, tokens, next: 0, default_schema }
    }

    pub(super) fn names(&mut self) -> Result<Vec<Named>> {
        let mut out = vec![self.name(Role::Main)?];
        while self.accept_symbol(b',') {
            out.push(self.name(Role::Main)?);
        }
        Ok(out)
    }

    /// Reads `table` or `schema.table`.
    pub(super) fn name(&mut self, role: Role) -> Result<Named> {
        let at = self.next;
        let (first, first_at) = self.identifier()?;
        if self.accept_symbol(b'.') {
            let (table, table_at) = self.identifier()?;
            return Ok(Named { name: TableName::new(first, table), role, schema_at: Some(first_at), table_at });
        }
        let schema = self.default_schema(at)?;
        Ok(Named { name: TableName::new(schema, first), role, schema_at: None, table_at: first_at })
    }

    /// Reads the parent of a foreign key: without a schema of its own it is in its child's, whatever the session's is.
    pub(super) fn parent(&mut self, child: &Named) -> Result<Named> {
        let (first, first_at) = self.identifier()?;
        if self.accept_symbol(b'.') {
            let (table, table_at) = self.identifier()?;
            return Ok(Named { name: TableName::new(first, table), role: Role::Referenced, schema_at: Some(first_at), table_at });
        }
        let name = TableName::new(child.name.schema.clone(), first);
        Ok(Named { name, role: Role::Referenced, schema_at: None, table_at: first_at })
    }

    pub(super) fn default_schema(&self, at: usize) -> Result<String> {
        if self.default_schema.is_empty() {
            let at = self.tokens.get(at).map_or(self.text.len(), |t| t.at.start);
            return Err(ParseError { at, what: "a name without schema, and the session had none".into() });
        }
        Ok(self.default_schema.to_owned())
    }

    pub(super) fn identifier(&mut self) -> Result<(String, Range<usize>)> {
        let Some(token) = self.tokens.get(self.next) else { return Err(self.error("a name is missing")) };
        // After a dot a name may even be all digits.
        let text = &self.text[token.at.clone()];
        let name = match token.kind {
            Kind::Word => text.to_owned(),
            Kind::Number if self.after_dot(self.next) => text.to_owned(),
            Kind::Name => {
                let quote = &text[..1];
                text[1..text.len() - 1].replace(&quote.repeat(2), quote)
            }
            _ => return Err(self.error("a name is expected")),
        };
        if name.is_empty() {
            return Err(self.error("an empty name"));
        }
        self.next += 1;
        Ok((name, token.at.clone()))
    }

    pub(super) fn word_at(&self, at: usize) -> Option<String> {
        let token = self.tokens.get(at).filter(|t| t.kind == Kind::Word)?;
        Some(self.text[token.at.clone()].to_ascii_uppercase())
    }
    pub(super) fn after_dot(&self, at: usize) -> bool {
        at > 0 && self.tokens[at - 1].kind == Kind::Symbol(b'.')
    }
    pub(super) fn take_word(&mut self) -> Option<String> {
        let word = self.word_at(self.next);
        self.next += 1;
        word
    }
    pub(super) fn peek_is(&self, word: &str) -> bool {
        self.word_at(self.next).as_deref() == Some(word)
    }
    pub(super) fn peek_symbol(&self, symbol: u8) -> bool {
        self.tokens.get(self.next).is_some_and(|t| t.kind == Kind::Symbol(symbol))
    }
    pub(super) fn accept(&mut self, word: &str) -> bool {
        let hit = self.peek_is(word);
        self.next += usize::from(hit);
        hit
    }
    pub(super) fn accept_symbol(&mut self, symbol: u8) -> bool {
        let hit = self.peek_symbol(symbol);
        self.next += usize::from(hit);
        hit
    }
    pub(super) fn expect(&mut self, word: &str) -> Result<()> {
        if self.accept(word) { Ok(()) } else { Err(self.error(&format!("{word} is expected"))) }
    }
    pub(super) fn symbol(&mut self, symbol: u8) -> Result<()> {
        if self.accept_symbol(symbol) { Ok(()) } else { Err(self.error(&format!("'{}' is expected", char::from(symbol)))) }
    }
    /// Goes behind the next bare `word`.
    pub(super) fn skip_to(&mut self, word: &str) -> Option<()> {
        let found = (self.next..self.tokens.len()).find(|&i| self.word_at(i).as_deref() == Some(word))?;
        self.next = found + 1;
        Some(())
    }
    pub(super) fn if_exists(&mut self) {
        if self.accept("IF") {
            self.accept("NOT");
            self.accept("EXISTS");
        }
    }
    /// MariaDB: WAIT n, NOWAIT.
    pub(super) fn skip_wait(&mut self) {
        if !self.accept("NOWAIT") && self.accept("WAIT") {
            self.next += 1;
        }
    }
    pub(super) fn at_end(&self) -> bool {
        self.next >= self.tokens.len() || self.tokens[self.next..].iter().all(|t| t.kind == Kind::Symbol(b';'))
    }
    pub(super) fn end(&self) -> Result<()> {
        if self.at_end() { Ok(()) } else { Err(self.error("the statement goes on after its end")) }
    }
    pub(super) fn only_end_follows(&self) -> Result<()> {
        if self.at_end() { Ok(()) } else { Err(self.error("a second statement follows")) }
    }
    /// The rest holds no second statement.
    pub(super) fn one_statement(&mut self) -> Result<()> {
        while self.next < self.tokens.len() {
            if self.accept_symbol(b';') {
                self.only_end_follows()?;
            } else {
                self.next += 1;
            }
        }
        Ok(())
    }
    pub(super) fn error(&self, what: &str) -> ParseError {
        ParseError { at: self.tokens.get(self.next).map_or(self.text.len(), |t| t.at.start), what: what.to_owned() }
    }
}
