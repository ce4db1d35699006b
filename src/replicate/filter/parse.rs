//! Text into a tree, by precedence: OR, AND, NOT, predicates, sums, products, signs.

use super::{Cause, refused};
use crate::replicate::Result;
use crate::replicate::lexer::{Kind, Mode, Token, tokens};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    /// `<=>`
    Same,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Plus,
    Minus,
    Times,
    Divide,
    Modulo,
}

/// A node and where its text begins.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) at: usize,
    pub(super) is: Expression,
}

#[derive(Debug, Clone)]
pub(super) enum Expression {
    Null,
    /// Digits with at most one point; none in front of a sign, where it is 0.
    Number(String),
    Text(String),
    Column {
        name: String,
        binary: bool,
    },
    Arithmetic(Operator, Box<Node>, Box<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    In(Box<Node>, Vec<Node>),
    Between(Box<Node>, Box<Node>, Box<Node>),
    Like(Box<Node>, String),
    IsNull(Box<Node>),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
}

/// What a filter's text says.
#[derive(Debug, Clone, Default)]
pub(super) struct Statement {
    /// None: all.
    pub(super) columns: Option<Vec<(usize, String)>>,
    /// The table behind FROM, with its schema if that is said.
    pub(super) table: Option<(Option<String>, String)>,
    pub(super) condition: Option<Node>,
}

/// Arithmetic operators in a filter, and parentheses, NOTs and signs in each other: these trees are walked by recursion.
const LONGEST: usize = 40;
const DEEPEST: usize = 40;

const RESERVED: &[&str] = &[
    "AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "IS", "NULL", "SELECT", "FROM", "WHERE", "XOR", "DIV", "MOD", "REGEXP", "RLIKE", "CASE",
    "EXISTS", "INTERVAL", "GROUP", "ORDER", "LIMIT", "ESCAPE", "COLLATE", "BINARY", "TRUE", "FALSE",
];

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    next: usize,
    operators: usize,
    depth: usize,
}

pub(super) fn statement(text: &str) -> Result<Statement> {
    let (mut tokens, unclosed) = tokens(text, Mode::default());
    if let Some(unclosed) = unclosed {
        return Err(refused(text, unclosed.at, &Cause::Syntax(unclosed.what.into())));
    }
    tokens.retain(|t| t.kind != Kind::Comment);
    let mut parser = Parser { text, tokens, next: 0, operators: 0, depth: 0 };
    let statement = parser.statement()?;
    match parser.tokens.get(parser.next) {
        None => Ok(statement),
        Some(_) => Err(parser.unexpected("the end or AND, OR")),
    }
}

impl Parser<'_> {
    fn statement(&mut self) -> Result<Statement> {
        if self.tokens.is_empty() {
            return Ok(Statement::default());
        }
        if !self.word("SELECT") {
            return Ok(Statement { condition: Some(self.or()?), ..Statement::default() });
        }
        let columns = if self.symbol(b'*') {
            None
        } else {
            let mut columns = vec![self.name()?];
            while self.symbol(b',') {
                columns.push(self.name()?);
            }
            Some(columns)
        };
        if !self.word("FROM") {
            return Err(self.unexpected("FROM"));
        }
        let (_, first) = self.name()?;
        let table = if self.symbol(b'.') { (Some(first), self.name()?.1) } else { (None, first) };
        let condition = if self.word("WHERE") { Some(self.or()?) } else { None };
        Ok(Statement { columns, table: Some(table), condition })
    }

    fn or(&mut self) -> Result<Node> {
        self.chain("OR", b'|', Self::and, Expression::Or)
    }

    fn and(&mut self) -> Result<Node> {
        self.chain("AND", b'&', Self::not, Expression::And)
    }

    fn chain(&mut self, word: &str, symbol: u8, operand: fn(&mut Self) -> Result<Node>, join: fn(Vec<Node>) -> Expression) -> Result<Node> {
        let first = operand(self)?;
        let at = first.at;
        let mut all = vec![first];
        while self.word(word) || self.symbols([symbol, symbol]) {
            all.push(operand(self)?);
        }
        if all.len() > 1 { Ok(Node { at, is: join(all) }) } else { Ok(all.remove(0)) }
    }

    fn not(&mut self) -> Result<Node> {
        let at = self.at();
        if !self.word("NOT") {
            return self.predicate();
        }
        let inner = self.nested(Self::not)?;
        Ok(Node { at, is: Expression::Not(Box::new(inner)) })
    }

    fn predicate(&mut self) -> Result<Node> {
        let left = self.sum()?;
        let at = left.at;
        if self.word("IS") {
            let not = self.word("NOT");
            if !self.word("NULL") {
                return Err(self.unexpected("NULL"));
            }
            return Ok(negated(not, Node { at, is: Expression::IsNull(Box::new(left)) }));
        }
        let not = self.word("NOT");
        let is = if self.word("IN") {
            self.expect(b'(')?;
            let mut list = vec![self.sum()?];
            while self.symbol(b',') {
                list.push(self.sum()?);
            }
            self.expect(b')')?;
            Expression::In(Box::new(left), list)
        } else if self.word("BETWEEN") {
            let low = self.sum()?;
            if !self.word("AND") {
                return Err(self.unexpected("AND"));
            }
            Expression::Between(Box::new(left), Box::new(low), Box::new(self.sum()?))
        } else if self.word("LIKE") {
            match self.sum()? {
                Node { is: Expression::Text(pattern), .. } => Expression::Like(Box::new(left), pattern),
                Node { at, .. } => return Err(self.refuse(at, Cause::Syntax("expected a string after LIKE".into()))),
            }
        } else if not {
            return Err(self.unexpected("IN, BETWEEN or LIKE"));
        } else if let Some(comparison) = self.comparison() {
            Expression::Compare(comparison, Box::new(left), Box::new(self.sum()?))
        } else {
            return Ok(left);
        };
        Ok(negated(not, Node { at, is }))
    }

    fn comparison(&mut self) -> Option<Comparison> {
        use Comparison as C;
        if self.symbols([b'<', b'=', b'>']) {
            return Some(C::Same);
        }
        let two = [([b'<', b'>'], C::Unequal), ([b'!', b'='], C::Unequal), ([b'<', b'='], C::LessEqual), ([b'>', b'='], C::GreaterEqual)];
        if let Some((_, found)) = two.into_iter().find(|(symbols, _)| self.symbols(*symbols)) {
            return Some(found);
        }
        let one = [(b'=', C::Equal), (b'<', C::Less), (b'>', C::Greater)];
        one.into_iter().find(|(symbol, _)| self.symbol(*symbol)).map(|(_, found)| found)
    }

    fn sum(&mut self) -> Result<Node> {
        self.arithmetic(&[(b'+', Operator::Plus), (b'-', Operator::Minus)], Self::product)
    }

    fn product(&mut self) -> Result<Node> {
        self.arithmetic(&[(b'*', Operator::Times), (b'/', Operator::Divide), (b'%', Operator::Modulo)], Self::value)
    }

    fn arithmetic(&mut self, by: &[(u8, Operator)], operand: fn(&mut Self) -> Result<Node>) -> Result<Node> {
        let mut left = operand(self)?;
        while let Some((_, operator)) = by.iter().find(|(symbol, _)| self.symbol(*symbol)) {
            let right = operand(self)?;
            self.operator()?;
            left = Node { at: left.at, is: Expression::Arithmetic(*operator, Box::new(left), Box::new(right)) };
        }
        Ok(left)
    }

    fn value(&mut self) -> Result<Node> {
        let at = self.at();
        if self.symbol(b'(') {
            let inner = self.nested(Self::or)?;
            self.expect(b')')?;
            return Ok(inner);
        }
        if self.symbol(b'-') {
            // Empty: the zero that is not written.
            let zero = Node { at, is: Expression::Number(String::new()) };
            let inner = self.nested(Self::value)?;
            return Ok(Node { at, is: Expression::Arithmetic(Operator::Minus, Box::new(zero), Box::new(inner)) });
        }
        if self.symbol(b'+') {
            return self.nested(Self::value);
        }
        for (word, is) in [("NULL", Expression::Null), ("TRUE", Expression::Number("1".into())), ("FALSE", Expression::Number("0".into()))]
        {
            if self.word(word) {
                return Ok(Node { at, is });
            }
        }
        let binary = self.word("BINARY");
        let is = match self.kind() {
            Some(Kind::Number) if !binary => Expression::Number(self.number()?),
            Some(Kind::Symbol(b'.')) if !binary => Expression::Number(self.number()?),
            Some(Kind::Text) if !binary => Expression::Text(self.string()),
            _ => Expression::Column { name: self.name()?.1, binary },
        };
        Ok(Node { at, is })
    }

    /// `12`, `12.5`, `.5`: tokens without a gap.
    fn number(&mut self) -> Result<String> {
        let from = self.at();
        let mut end = from;
        while let Some(token) = self.tokens.get(self.next)
            && (token.at.start == end)
            && (token.kind == Kind::Number || token.kind == Kind::Symbol(b'.'))
        {
            end = token.at.end;
            self.next += 1;
        }
        let text = &self.text[from..end];
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        if text.bytes().filter(|b| *b == b'.').count() > 1 || digits == 0 || digits > 38 {
            return Err(self.refuse(from, Cause::Syntax(format!("{text} is no number of at most 38 digits"))));
        }
        Ok(text.to_owned())
    }

    fn string(&mut self) -> String {
        let token = self.tokens[self.next].at.clone();
        self.next += 1;
        unquote(&self.text[token])
    }

    /// A column's or table's name.
    fn name(&mut self) -> Result<(usize, String)> {
        let at = self.at();
        let Some(token) = self.tokens.get(self.next).cloned() else { return Err(self.unexpected("a column or a value")) };
        let text = &self.text[token.at];
        match token.kind {
            Kind::Name => {
                self.next += 1;
                Ok((at, text[1..text.len() - 1].replace("``", "`")))
            }
            Kind::Word if RESERVED.iter().any(|r| r.eq_ignore_ascii_case(text)) => Err(self.unexpected("a column or a value")),
            Kind::Word if text.starts_with(|c: char| c.is_ascii_digit()) => {
                Err(self.refuse(at, Cause::Syntax(format!("{text} is no number that a filter knows; write it without an exponent"))))
            }
            Kind::Word => {
                self.next += 1;
                if self.kind() == Some(Kind::Symbol(b'(')) {
                    return Err(self.refuse(at, Cause::Function(text.to_uppercase())));
                }
                let clock = ["CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "LOCALTIME", "LOCALTIMESTAMP", "CURRENT_USER"];
                if clock.iter().any(|c| c.eq_ignore_ascii_case(text)) {
                    return Err(self.refuse(at, Cause::Function(text.to_uppercase())));
                }
                Ok((at, text.to_owned()))
            }
            _ => Err(self.unexpected("a column or a value")),
        }
    }

    fn kind(&self) -> Option<Kind> {
        self.tokens.get(self.next).map(|t| t.kind)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.text.len(), |t| t.at.start)
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.tokens.get(self.next).is_some_and(|t| t.kind == Kind::Word && self.text[t.at.clone()].eq_ignore_ascii_case(word));
        self.next += usize::from(found);
        found
    }

    fn symbol(&mut self, symbol: u8) -> bool {
        self.symbols([symbol])
    }

    /// Symbols that stand together.
    fn symbols<const N: usize>(&mut self, symbols: [u8; N]) -> bool {
        let at = self.at();
        let fits = |(i, symbol): (usize, &u8)| {
            self.tokens.get(self.next + i).is_some_and(|t| t.kind == Kind::Symbol(*symbol) && t.at.start == at + i)
        };
        let found = symbols.iter().enumerate().all(fits);
        self.next += if found { N } else { 0 };
        found
    }

    fn expect(&mut self, symbol: u8) -> Result<()> {
        if self.symbol(symbol) { Ok(()) } else { Err(self.unexpected(&format!("{}", char::from(symbol)))) }
    }

    fn operator(&mut self) -> Result<()> {
        self.operators += 1;
        if self.operators > LONGEST { Err(self.refuse(self.at(), Cause::Syntax("the filter is too long".into()))) } else { Ok(()) }
    }

    fn nested(&mut self, inside: fn(&mut Self) -> Result<Node>) -> Result<Node> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.refuse(self.at(), Cause::Syntax("the filter is nested too deep".into())));
        }
        let node = inside(self)?;
        self.depth -= 1;
        Ok(node)
    }

    fn unexpected(&self, expected: &str) -> crate::replicate::Error {
        let found = self.tokens.get(self.next).map_or("the end", |t| &self.text[t.at.clone()]);
        self.refuse(self.at(), Cause::Syntax(format!("expected {expected}, found {found}")))
    }

    fn refuse(&self, at: usize, cause: Cause) -> crate::replicate::Error {
        refused(self.text, at, &cause)
    }
}

fn negated(not: bool, node: Node) -> Node {
    if not { Node { at: node.at, is: Expression::Not(Box::new(node)) } } else { node }
}

/// The text of a string literal. Backslashes before `%` and `_` stay, for LIKE.
fn unquote(quoted: &str) -> String {
    let quote = quoted.chars().next().unwrap_or('\'');
    let mut out = String::with_capacity(quoted.len());
    let mut chars = quoted[1..quoted.len() - 1].chars();
    while let Some(c) = chars.next() {
        if c == quote {
            chars.next();
            out.push(quote);
        } else if c != '\\' {
            out.push(c);
        } else {
            match chars.next() {
                Some('0') => out.push('\0'),
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some('b') => out.push('\u{8}'),
                Some('Z') => out.push('\u{1a}'),
                Some(wild @ ('%' | '_')) => out.extend(['\\', wild]),
                Some(other) => out.push(other),
                None => {}
            }
        }
    }
    out
}
