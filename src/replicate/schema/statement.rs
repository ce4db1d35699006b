//! A statement of the log in the words of the other flavour.
//!
//! Called by the pump where source and target are of different flavours. The statement is read clause by clause: what both
//! flavours understand alike goes over as it stands, what the other says differently is rewritten (defaults, JSON, invisible
//! columns, collations, storage), and what it has no words for, or what is not known here, is refused with the reason; the job
//! then waits with the statement. So nothing runs at the target that was not understood as a whole. What the statement leaves to
//! the source's settings ([`Defaults`]) is written out, since the target's may be others.
//!
//! The result is UTF-8 and is to run under SET NAMES utf8mb4 with the statement's own sql_mode: quotes are read the same at
//! both ends.

mod alter;
mod column;
mod parts;
mod reader;

use super::dialect::{Dialect, Fit};
use super::tokens::{Kind, Tokens};
use crate::replicate::connect::Flavor;
use crate::replicate::lexer::Mode;
use reader::Reader;

/// Settings of the source that say what a statement means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defaults {
    /// Of the schema that the statement is about; None: it is not there any more.
    pub schema_collation: Option<String>,
    pub server_collation: String,
    /// A TIMESTAMP without a word is nullable and has no default (`explicit_defaults_for_timestamp`).
    pub plain_timestamps: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub statement: String,
    /// What is not as it was.
    pub notes: Vec<String>,
}

/// Why a statement has no counterpart at the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsaid {
    pub why: String,
    /// It makes a column of a type that the target does not have: no other words bring its rows either.
    pub by_type: bool,
}

type Refused = String;
type Result<T> = std::result::Result<T, Refused>;

/// What all parts of a statement are translated with.
struct Work<'a> {
    from: &'a Dialect,
    to: &'a Dialect,
    defaults: &'a Defaults,
    notes: Vec<String>,
    lacks_type: bool,
}

/// Says a statement on tables or schemas in the words of `to`.
pub fn translate(statement: &str, mode: Mode, from: &Dialect, to: &Dialect, defaults: &Defaults) -> std::result::Result<Said, Unsaid> {
    let plain = without_comments(statement, mode);
    let tokens = Tokens::read(&plain, mode);
    let mut work = Work { from, to, defaults, notes: Vec::new(), lacks_type: false };
    let mut reader = Reader::new(&tokens, 0..tokens.list.len());
    match work.statement(&mut reader) {
        Ok(statement) => Ok(Said { statement, notes: work.notes }),
        Err(why) => Err(Unsaid { why, by_type: work.lacks_type }),
    }
}

/// Comments go, the marks of executable ones too: what is left in them was executed.
fn without_comments(statement: &str, mode: Mode) -> String {
    let tokens = Tokens::read(statement, mode);
    let mut out = String::with_capacity(statement.len());
    let mut at = 0;
    for token in tokens.list.iter().filter(|t| matches!(t.kind, Kind::Comment | Kind::ExecOpen | Kind::ExecClose)) {
        out.push_str(&statement[at..token.at.start]);
        out.push(' ');
        at = token.at.end;
    }
    out.push_str(&statement[at..]);
    out
}

impl Work<'_> {
    fn to_mysql(&self) -> bool {
        self.to.flavor == Flavor::Mysql
    }

    fn statement(&mut self, r: &mut Reader) -> Result<String> {
        match r.take_word().as_str() {
            "CREATE" => self.create(r),
            "ALTER" => self.alter(r),
            "DROP" => self.drop(r),
            "TRUNCATE" => {
                r.accept(&["TABLE"]);
                let table = r.table()?;
                self.wait(r)?;
                r.ended()?;
                Ok(format!("TRUNCATE TABLE {table}"))
            }
            "RENAME" => self.rename(r),
            verb => Err(format!("{verb} is not translated")),
        }
    }

    fn create(&mut self, r: &mut Reader) -> Result<String> {
        if r.accept(&["OR", "REPLACE"]) {
            return Err(self.lacks("CREATE OR REPLACE"));
        }
        if r.accept(&["TABLE"]) {
            return self.create_table(r);
        }
        if r.accept(&["DATABASE"]) || r.accept(&["SCHEMA"]) {
            let guard = if r.accept(&["IF", "NOT", "EXISTS"]) { "IF NOT EXISTS " } else { "" };
            let schema = r.name()?;
            let options = self.schema_options(r, true)?;
            return Ok(format!("CREATE DATABASE {guard}{schema} {options}"));
        }
        let kind = ["UNIQUE", "FULLTEXT", "SPATIAL"].into_iter().find(|word| r.accept(&[word])).unwrap_or_default();
        if !r.accept(&["INDEX"]) {
            return Err(r.unknown("CREATE"));
        }
        self.no_guard(r, &["IF", "NOT", "EXISTS"])?;
        let name = r.name()?;
        let using = self.using(r)?;
        r.expect("ON")?;
        let table = r.table()?;
        let parts = self.key_parts(r)?;
        let options = self.key_options(r)?;
        while self.how(r)? {}
        self.wait(r)?;
        r.ended()?;
        Ok(format!("CREATE {kind} INDEX {name}{using} ON {table} {parts}{options}"))
    }

    fn create_table(&mut self, r: &mut Reader) -> Result<String> {
        let guard = if r.accept(&["IF", "NOT", "EXISTS"]) { "IF NOT EXISTS " } else { "" };
        let table = r.table()?;
        if r.accept(&["LIKE"]) {
            let like = r.table()?;
            r.ended()?;
            return Ok(format!("CREATE TABLE {guard}{table} LIKE {like}"));
        }
        let body = r.parens()?;
        let mut items = Vec::new();
        for item in r.items(&body) {
            let mut r = r.within(item);
            if r.accept(&["LIKE"]) {
                let like = r.table()?;
                r.ended()?;
                return Ok(format!("CREATE TABLE {guard}{table} LIKE {like}"));
            }
            let text = match r.begins_key() {
                true => self.key(&mut r)?,
                false => {
                    let name = r.name()?;
                    format!("{name} {}", self.column(&mut r)?)
                }
            };
            r.ended()?;
            items.push(text);
        }
        let options = self.table_options(r)?;
        Ok(format!("CREATE TABLE {guard}{table} ({}) {options}", items.join(", ")).trim_end().to_owned())
    }

    fn drop(&mut self, r: &mut Reader) -> Result<String> {
        if r.accept(&["TABLE"]) || r.accept(&["TABLES"]) {
            let guard = if r.accept(&["IF", "EXISTS"]) { "IF EXISTS " } else { "" };
            let mut tables = vec![r.table()?];
            while r.symbol(",") {
                tables.push(r.table()?);
            }
            self.wait(r)?;
            let _ = r.accept(&["RESTRICT"]) || r.accept(&["CASCADE"]);
            r.ended()?;
            return Ok(format!("DROP TABLE {guard}{}", tables.join(", ")));
        }
        if r.accept(&["DATABASE"]) || r.accept(&["SCHEMA"]) {
            let guard = if r.accept(&["IF", "EXISTS"]) { "IF EXISTS " } else { "" };
            let schema = r.name()?;
            r.ended()?;
            return Ok(format!("DROP DATABASE {guard}{schema}"));
        }
        if !r.accept(&["INDEX"]) {
            return Err(r.unknown("DROP"));
        }
        self.no_guard(r, &["IF", "EXISTS"])?;
        let name = r.name()?;
        r.expect("ON")?;
        let table = r.table()?;
        while self.how(r)? {}
        self.wait(r)?;
        r.ended()?;
        Ok(format!("DROP INDEX {name} ON {table}"))
    }

    fn rename(&mut self, r: &mut Reader) -> Result<String> {
        if !r.accept(&["TABLE"]) && !r.accept(&["TABLES"]) {
            return Err(r.unknown("RENAME"));
        }
        self.no_guard(r, &["IF", "EXISTS"])?;
        let mut pairs = Vec::new();
        loop {
            let from = r.table()?;
            self.wait(r)?;
            r.expect("TO")?;
            pairs.push(format!("{from} TO {}", r.table()?));
            if !r.symbol(",") {
                break;
            }
        }
        r.ended()?;
        Ok(format!("RENAME TABLE {}", pairs.join(", ")))
    }

    /// How long to wait for a lock, which is MariaDB's and the source's own affair.
    fn wait(&self, r: &mut Reader) -> Result<()> {
        if r.accept(&["WAIT"]) {
            r.token()?;
        } else {
            r.accept(&["NOWAIT"]);
        }
        Ok(())
    }

    /// How a change is made, not what it is; true where there was one.
    fn how(&self, r: &mut Reader) -> Result<bool> {
        if r.accept(&["ALGORITHM"]) || r.accept(&["LOCK"]) {
            r.symbol("=");
            r.token()?;
            return Ok(true);
        }
        Ok(r.accept(&["WITH", "VALIDATION"]) || r.accept(&["WITHOUT", "VALIDATION"]))
    }

    /// Parts that may be there or not: MariaDB alone has words for that, and what a statement did there is not told by it.
    fn no_guard(&self, r: &mut Reader, words: &[&str]) -> Result<()> {
        match r.accept(words) {
            true => Err(format!("{} in this place is MariaDB's alone", words.join(" "))),
            false => Ok(()),
        }
    }

    fn lacks(&self, what: &str) -> Refused {
        format!("{} has no {what}", self.name())
    }

    fn name(&self) -> &'static str {
        if self.to_mysql() { "MySQL" } else { "MariaDB" }
    }

    fn note(&mut self, what: impl Into<String>) {
        self.notes.push(what.into());
    }

    /// Character set and collation as the target has them. One of the two may be missing: the source's default stands for it.
    fn strings(&mut self, charset: Option<String>, collation: Option<String>) -> Result<String> {
        let (charset, collation) = match (charset, collation) {
            (Some(charset), Some(collation)) if self.from.collations.contains(&collation) => (charset, collation),
            // MariaDB's short names: uca1400_ai_ci of the character set.
            (Some(charset), Some(collation)) => (charset.clone(), format!("{charset}_{collation}")),
            (Some(charset), None) => {
                let name = self.from.charset(&charset).ok_or_else(|| format!("the source has no character set {charset}"))?;
                (charset.clone(), self.from.charsets[name].clone())
            }
            (None, Some(collation)) => (collation.split('_').next().unwrap_or_default().to_owned(), collation),
            (None, None) => return Ok(String::new()),
        };
        let to = self.to.charset(&charset).ok_or_else(|| format!("the target has no character set {charset}"))?;
        let collation = match self.to.collation(&collation, self.from) {
            Fit::Same => collation,
            Fit::Near(other) | Fit::Coarser(other) => {
                self.note(format!("{collation} becomes {other}"));
                other
            }
            Fit::None => return Err(format!("the target has nothing like the collation {collation}")),
        };
        Ok(format!("CHARACTER SET {to} COLLATE {collation}"))
    }
}

#[cfg(test)]
mod tests;
