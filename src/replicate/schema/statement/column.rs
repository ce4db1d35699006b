//! The definition of a column.

use super::{Reader, Result, Work};
use crate::replicate::connect::Flavor;
use crate::replicate::schema::edits::Edits;
use crate::replicate::schema::expressions::{is_large, lacking, plain_literals, takes_now};
use crate::replicate::schema::fidelity::{self, Fate};
use crate::replicate::schema::read;
use crate::replicate::schema::tokens::Kind;
use crate::replicate::table::TypeClass;
use std::ops::Range;

/// What a definition says of a column beside its type.
#[derive(Default)]
struct Words {
    charset: Option<String>,
    collation: Option<String>,
    nulls: Option<&'static str>,
    generated: bool,
    /// It has a default or gets its value by itself.
    filled: bool,
    invisible: bool,
    /// All other attributes, in their order.
    others: Vec<String>,
    /// FIRST or AFTER.
    place: String,
}

impl Work<'_> {
    /// What stands behind a column's name, up to the end.
    pub(super) fn column(&mut self, r: &mut Reader) -> Result<String> {
        let (mut kind, class) = self.column_type(r)?;
        let mut words = Words::default();
        while !r.is_done() {
            self.attribute(r, class, &mut words)?;
        }
        if class == TypeClass::Timestamp && !words.generated {
            self.timestamp(&mut words)?;
        }
        if words.generated && !self.to_mysql() {
            // MariaDB's generated columns cannot say NULL or NOT NULL.
            words.nulls = None;
        }
        if words.invisible {
            let hidden = self.to_mysql() || words.nulls != Some("NOT NULL") || words.filled || words.generated;
            if !hidden {
                return Err("MariaDB hides only columns with a default".to_owned());
            }
            words.others.push("INVISIBLE".to_owned());
        }
        let strings = self.strings(words.charset, words.collation)?;
        if kind.eq_ignore_ascii_case("JSON") && self.to_mysql() {
            // MariaDB's JSON is text, and has a check that says so nowhere in the statement.
            self.note("JSON is LONGTEXT, without the check that it is valid");
            kind = "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin".to_owned();
        }
        // NULL and the default come behind the expression of a generated column.
        let mut all = vec![kind, strings];
        let nulls = words.nulls.unwrap_or_default().to_owned();
        if words.generated {
            all.extend(words.others);
            all.push(nulls);
        } else {
            all.push(nulls);
            all.extend(words.others);
        }
        all.push(words.place);
        all.retain(|text| !text.is_empty());
        Ok(all.join(" "))
    }

    fn column_type(&mut self, r: &mut Reader) -> Result<(String, TypeClass)> {
        let from = r.place();
        let word = r.take_word();
        let name = match word.as_str() {
            "BOOL" | "BOOLEAN" | "SERIAL" => "int",
            "DEC" | "FIXED" => "decimal",
            "CHARACTER" => "char",
            other => &other.to_ascii_lowercase(),
        };
        if word == "DOUBLE" {
            r.accept(&["PRECISION"]);
        }
        if matches!(word.as_str(), "CHAR" | "CHARACTER") {
            r.accept(&["VARYING"]);
        }
        let class = read::class(name);
        if class == TypeClass::Other || class == TypeClass::Vector {
            self.lacks_type = true;
            return Err(format!("the type {word} is not known here, or not the same at {}", self.name()));
        }
        if let Fate::Refused(why) = fidelity::class(class, self.from.flavor, self.to.flavor, self.to.version) {
            self.lacks_type = true;
            return Err(why);
        }
        if r.is_symbol("(") {
            r.parens()?;
        }
        while ["UNSIGNED", "SIGNED", "ZEROFILL"].iter().any(|w| r.accept(&[w])) {}
        let geometry = !self.to_mysql() && word == "GEOMCOLLECTION";
        Ok((if geometry { "GEOMETRYCOLLECTION".to_owned() } else { r.since(from).to_owned() }, class))
    }

    fn attribute(&mut self, r: &mut Reader, class: TypeClass, words: &mut Words) -> Result<()> {
        if r.is(&["DEFAULT"]) {
            let default = self.default_of(r, Some(class))?;
            words.filled = true;
            words.others.push(default);
            return Ok(());
        }
        if let Some((charset, collation)) = r.charset()? {
            words.charset = charset.or(words.charset.take());
            words.collation = collation.or(words.collation.take());
            return Ok(());
        }
        let from = r.place();
        match r.take_word().as_str() {
            "NOT" => {
                r.expect("NULL")?;
                words.nulls = Some("NOT NULL");
            }
            "NULL" => words.nulls = Some("NULL"),
            "AUTO_INCREMENT" => {
                words.filled = true;
                words.others.push("AUTO_INCREMENT".to_owned());
            }
            "UNIQUE" => {
                r.accept(&["KEY"]);
                words.others.push("UNIQUE".to_owned());
            }
            "PRIMARY" => {
                r.accept(&["KEY"]);
                words.others.push("PRIMARY KEY".to_owned());
            }
            "KEY" => words.others.push("PRIMARY KEY".to_owned()),
            "COMMENT" => {
                let text = r.token()?;
                words.others.push(format!("COMMENT {text}"));
            }
            "ON" => {
                r.expect("UPDATE")?;
                words.others.push(format!("ON UPDATE {}", self.now(r)?));
            }
            "GENERATED" => {
                r.expect("ALWAYS")?;
                r.expect("AS")?;
                self.generated(r, words)?;
            }
            "AS" => self.generated(r, words)?,
            "CHECK" => words.others.extend(self.check(r)?),
            "VISIBLE" => {}
            "INVISIBLE" => words.invisible = true,
            "COLUMN_FORMAT" | "STORAGE" => {
                r.token()?;
                self.note(format!("without {}", r.since(from)));
            }
            "SRID" | "REF_SYSTEM_ID" => {
                r.symbol("=");
                r.token()?;
                self.note("a column of any SRID; each value keeps its own");
            }
            "COMPRESSED" => {
                if r.symbol("=") {
                    r.token()?;
                }
                self.note("stored uncompressed, the values are the same");
            }
            "FIRST" => words.place = "FIRST".to_owned(),
            "AFTER" => words.place = format!("AFTER {}", r.name()?),
            "REFERENCES" => return Err("a foreign key beside a column is not the same in both flavours".to_owned()),
            "" => return Err(r.unknown("a column's attribute")),
            word => return Err(format!("{word} (a column's attribute) is not known here")),
        }
        Ok(())
    }

    /// What a TIMESTAMP without a word means depends on a setting.
    fn timestamp(&self, words: &mut Words) -> Result<()> {
        match (words.nulls, words.filled, self.defaults.plain_timestamps) {
            (Some("NULL"), ..) | (_, true, _) | (Some(_), _, true) => Ok(()),
            (None, false, true) => {
                words.nulls = Some("NULL");
                Ok(())
            }
            _ => {
                Err("what a TIMESTAMP without a default means depends on explicit_defaults_for_timestamp, which is off at the source"
                    .into())
            }
        }
    }

    fn generated(&mut self, r: &mut Reader, words: &mut Words) -> Result<()> {
        let inside = r.parens()?;
        let expression = self.expression(r, &inside)?;
        let kept = if r.accept(&["STORED"]) || r.accept(&["PERSISTENT"]) {
            "STORED"
        } else {
            r.accept(&["VIRTUAL"]);
            "VIRTUAL"
        };
        words.generated = true;
        words.others.push(format!("GENERATED ALWAYS AS ({expression}) {kept}"));
        Ok(())
    }

    /// An expression, if the target has all its functions.
    pub(super) fn expression(&self, r: &Reader, range: &Range<usize>) -> Result<String> {
        let tokens = r.tokens();
        if let Some(at) = range.clone().find(|&at| lacking(tokens, at, self.to.flavor)) {
            return Err(format!("{} has no {}()", self.name(), tokens.str(at)));
        }
        if self.to_mysql() {
            return Ok(r.text(range).to_owned());
        }
        let mut edits = Edits::default();
        plain_literals(tokens, range.clone(), &mut edits);
        Ok(edits.apply_within(tokens.text, tokens.span(range.clone())))
    }

    fn now(&self, r: &mut Reader) -> Result<String> {
        let from = r.place();
        if !matches!(r.take_word().as_str(), "CURRENT_TIMESTAMP" | "NOW" | "LOCALTIME" | "LOCALTIMESTAMP") {
            return Err(r.unknown("ON UPDATE"));
        }
        if r.is_symbol("(") {
            r.parens()?;
        }
        Ok(r.since(from).to_owned())
    }

    /// DEFAULT and its value. MySQL wants parentheses around what is no plain literal, and around any of a large column.
    pub(super) fn default_of(&mut self, r: &mut Reader, class: Option<TypeClass>) -> Result<String> {
        r.expect("DEFAULT")?;
        if r.is_symbol("(") {
            let inside = r.parens()?;
            return Ok(format!("DEFAULT ({})", self.expression(r, &inside)?));
        }
        let from = r.place();
        let word = r.word();
        let large = class.is_some_and(is_large);
        let temporal = class.is_none_or(takes_now);
        let wrapped = match word.as_str() {
            "NULL" | "TRUE" | "FALSE" => {
                r.take_word();
                false
            }
            "CURRENT_TIMESTAMP" | "NOW" | "LOCALTIME" | "LOCALTIMESTAMP" => {
                self.now(r)?;
                !temporal
            }
            "DATE" | "TIME" | "TIMESTAMP" if r.word_behind().is_empty() && r.kind() == Some(Kind::Word) => {
                r.take_word();
                r.token()?;
                large
            }
            "CURRENT_DATE" | "CURRENT_TIME" | "CURRENT_USER" => {
                r.take_word();
                if r.is_symbol("(") {
                    r.parens()?;
                }
                true
            }
            "" => {
                self.literal(r)?;
                large
            }
            _ if r.kind_behind() == Some(Kind::Text) && (word.starts_with('_') || matches!(word.as_str(), "B" | "X" | "N")) => {
                r.take_word();
                r.token()?;
                if word == "_UTF8MB4" && !self.to_mysql() {
                    let text = r.since(from);
                    return Ok(format!("DEFAULT {}", &text["_utf8mb4".len()..]));
                }
                large
            }
            _ if word.starts_with(|c: char| c.is_ascii_digit()) => {
                self.literal(r)?;
                large
            }
            _ => {
                r.take_word();
                r.parens().map_err(|_| format!("DEFAULT {word} is not known here"))?;
                let range = from..r.place();
                self.expression(r, &range)?;
                true
            }
        };
        let text = r.since(from);
        Ok(if wrapped && self.to.flavor == Flavor::Mysql { format!("DEFAULT ({text})") } else { format!("DEFAULT {text}") })
    }

    /// A string or a number: 1.5 is three tokens, and 1e5 is a word.
    fn literal(&self, r: &mut Reader) -> Result<()> {
        if r.kind() == Some(Kind::Text) {
            r.token()?;
            return Ok(());
        }
        let _ = r.symbol("-") || r.symbol("+");
        let from = r.place();
        loop {
            let number = r.kind() == Some(Kind::Number) || r.word().starts_with(|c: char| c.is_ascii_digit());
            if number || r.is_symbol(".") {
                r.token()?;
            } else {
                break;
            }
        }
        if r.place() == from { Err(r.unknown("a default")) } else { Ok(()) }
    }
}
