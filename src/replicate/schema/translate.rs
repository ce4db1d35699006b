//! The definition of a source table as a statement for the target.
//!
//! Between servers of one flavour it goes over nearly as printed; across flavours what the other does not know is
//! rewritten, left out with a note, or refused by name. Always: names are qualified, character set and collation of
//! each string column are written out (defaults differ between servers), the engine is InnoDB, paths of the source's
//! disks are left out, the counter comes along. The statement's text is UTF-8: it must run under SET NAMES utf8mb4,
//! which [`statements`] sees to.

use super::definition::{Definition, ItemKind, kind};
use super::dialect::{Dialect, Fit};
use super::edits::Edits;
use super::expressions::{default_expression, generated_is_nullable, lacking, plain_literals};
use super::fidelity::{self, Fate, Special};
use super::options;
use super::read::SchemaInfo;
use super::tokens::{Kind, Tokens, unquote};
use crate::model::replicate::quote;
use crate::replicate::connect::Flavor;
use crate::replicate::table::{Column, Table, TypeClass};
use crate::replicate::{Error, Result};

/// Something that does not go over as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Stable, e.g. `collation_mapped`.
    pub code: &'static str,
    /// The table, or `schema.table.column`.
    pub object: String,
    pub fate: Fate,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translated {
    pub create: String,
    pub changes: Vec<Change>,
}

impl Translated {
    pub fn refused(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|c| matches!(c.fate, Fate::Refused(_)))
    }
}

/// One translation: the two ends and what was noted.
pub(super) struct Work<'a> {
    pub(super) table: &'a Table,
    pub(super) from: &'a Dialect,
    pub(super) to: &'a Dialect,
    pub(super) changes: Vec<Change>,
    /// The table's own collation at the source: columns that have it are not printed with it.
    pub(super) default_collation: String,
}

/// Returns the statements that make the table at the target, for a session of ours; an error names what is refused.
pub fn statements(table: &Table, from: &Dialect, to: &Dialect) -> Result<Vec<String>> {
    let translated = self::table(table, from, to);
    if let Some(Change { code, object, fate }) = translated.refused().next() {
        return Err(Error::config(code, format!("{object} cannot be made at the target: {}", fate.text())));
    }
    Ok(in_utf8(translated.create))
}

/// Wraps a statement whose text is UTF-8 for a session that sends bytes.
pub fn in_utf8(statement: String) -> Vec<String> {
    vec!["SET NAMES utf8mb4".into(), statement, "SET NAMES binary".into()]
}

/// Translates a table's definition.
pub fn table(table: &Table, from: &Dialect, to: &Dialect) -> Translated {
    let mut work = Work { table, from, to, changes: Vec::new(), default_collation: String::new() };
    let Some(mut definition) = Definition::parse(&table.create) else {
        work.refuse("definition_unreadable", None, "SHOW CREATE TABLE was not understood".into());
        return Translated { create: table.create.clone(), changes: work.changes };
    };
    // First, because the columns lean on the table's own collation.
    definition.options = options::translate(&mut work, &definition.options);
    let items = std::mem::take(&mut definition.items);
    definition.items = items.into_iter().filter_map(|item| work.item(item)).collect();
    Translated { create: definition.render(&table.name), changes: work.changes }
}

/// Returns the statement that makes a schema at the target, with what was changed in it.
pub fn create_schema(schema: &SchemaInfo, from: &Dialect, to: &Dialect) -> (String, Vec<Change>) {
    let create = format!("CREATE DATABASE IF NOT EXISTS {}", quote(&schema.name));
    let change = |code, fate| vec![Change { code, object: schema.name.clone(), fate }];
    let Some(charset) = to.charset(&schema.charset) else {
        // Only new tables without a charset of their own would notice; ours name theirs.
        return (
            create,
            change("charset_missing", Fate::Mapped(format!("the target's default, it has no character set {}", schema.charset))),
        );
    };
    let with = |collation: &str| format!("{create} CHARACTER SET {charset} COLLATE {collation}");
    match to.collation(&schema.collation, from) {
        Fit::Same => (with(&schema.collation), Vec::new()),
        Fit::Near(other) | Fit::Coarser(other) => (with(&other), change("collation_mapped", Fate::Mapped(other))),
        Fit::None => {
            let default = to.charsets[charset].clone();
            (with(&default), change("collation_mapped", Fate::Mapped(default)))
        }
    }
}

impl Work<'_> {
    pub(super) fn crosses(&self) -> bool {
        self.from.flavor != self.to.flavor
    }
    fn object(&self, column: Option<&str>) -> String {
        column.map_or_else(|| self.table.name.to_string(), |c| format!("{}.{c}", self.table.name))
    }
    pub(super) fn note(&mut self, code: &'static str, column: Option<&str>, to: String) {
        let object = self.object(column);
        self.changes.push(Change { code, object, fate: Fate::Mapped(to) });
    }
    pub(super) fn refuse(&mut self, code: &'static str, column: Option<&str>, why: String) {
        let object = self.object(column);
        self.changes.push(Change { code, object, fate: Fate::Refused(why) });
    }
    fn apply(&mut self, code: &'static str, column: Option<&str>, fate: Fate) {
        match fate {
            Fate::Identical => {}
            Fate::Mapped(to) => self.note(code, column, to),
            Fate::Refused(why) => self.refuse(code, column, why),
        }
    }
    pub(super) fn special(&mut self, code: &'static str, column: Option<&str>, special: Special) {
        let fate = fidelity::special(special, self.from.flavor, self.to.flavor);
        self.apply(code, column, fate);
    }

    /// Translates a column, key or constraint; None leaves it out.
    fn item(&mut self, item: String) -> Option<String> {
        let tokens = Tokens::of(&item);
        match kind(&tokens) {
            ItemKind::Column => {
                let name = unquote(tokens.str(0));
                match self.table.columns.iter().find(|c| c.name == name).cloned() {
                    Some(column) => Some(self.column(&tokens, &column)),
                    None => {
                        self.refuse("definition_unreadable", Some(&name), "the column is not in information_schema".into());
                        Some(item)
                    }
                }
            }
            ItemKind::Primary | ItemKind::Unique | ItemKind::Index | ItemKind::Fulltext | ItemKind::Spatial => self.key(&tokens),
            ItemKind::Check => self.check(&tokens),
            ItemKind::ForeignKey => Some(item),
            ItemKind::Other => {
                if self.crosses() {
                    self.refuse("definition_not_portable", None, format!("the target's flavour does not know: {}", first_words(&item)));
                }
                Some(item)
            }
        }
    }

    fn column(&mut self, tokens: &Tokens, column: &Column) -> String {
        let name = Some(column.name.as_str());
        let fate = fidelity::class(column.class, self.from.flavor, self.to.flavor, self.to.version);
        self.apply(fidelity::class_code(column.class), name, fate);
        let mut edits = Edits::default();
        let after_type = type_end(tokens);
        let rest = self.charset(tokens, column, after_type, &mut edits);
        if self.to.flavor == Flavor::Mariadb && tokens.is_word(1, "geomcollection") {
            edits.replace(tokens.list[1].at.clone(), "geometrycollection");
        }
        if self.crosses() {
            self.executable_comments(tokens, 1, name, &mut edits);
            self.functions(tokens, rest, column);
            match self.to.flavor {
                Flavor::Mariadb => {
                    generated_is_nullable(tokens, &mut edits);
                    plain_literals(tokens, rest..tokens.list.len(), &mut edits);
                }
                Flavor::Mysql => default_expression(tokens, rest, column, &mut edits),
            }
        }
        edits.apply(tokens.text)
    }

    /// Writes out character set and collation behind the type; returns the token behind them.
    fn charset(&mut self, tokens: &Tokens, column: &Column, after_type: usize, edits: &mut Edits) -> usize {
        let mut at = after_type;
        let start = at;
        loop {
            if tokens.are_words(at, &["CHARACTER", "SET"]) {
                at += 3;
            } else if tokens.is_word(at, "CHARSET") || tokens.is_word(at, "COLLATE") {
                at += 2;
            } else {
                break;
            }
        }
        let stringy = matches!(column.class, TypeClass::Char | TypeClass::Text | TypeClass::Enum | TypeClass::Set);
        let (Some(charset), Some(collation), true) = (&column.charset, &column.collation, stringy) else { return at };
        let Some((charset, collation)) = self.string_rules(charset, collation, Some(column)) else { return at };
        // MySQL prints the table's collation alone where the column has it without having said so.
        let alone = at == start + 2 && tokens.is_word(start, "COLLATE");
        if (at == start || alone) && column.collation.as_ref() == Some(&self.default_collation) {
            if alone {
                edits.replace(tokens.span(start..at), "");
            }
            return at;
        }
        let text = format!(" CHARACTER SET {charset} COLLATE {collation}");
        if at > start {
            edits.replace(tokens.span(start..at), text.trim_start());
        } else {
            let end = tokens.list[after_type - 1].at.end;
            edits.replace(end..end, &text);
        }
        at
    }

    /// Returns charset and collation as the target names them, noting or refusing what differs. `column` None = the table.
    pub(super) fn string_rules(&mut self, charset: &str, collation: &str, column: Option<&Column>) -> Option<(String, String)> {
        let name = column.map(|c| c.name.as_str());
        let Some(to_charset) = self.to.charset(charset) else {
            self.refuse("charset_missing", name, format!("the target has no character set {charset}"));
            return None;
        };
        // What was said of the table need not be repeated for each column.
        let told = column.is_some() && collation == self.default_collation;
        let chosen = match self.to.collation(collation, self.from) {
            Fit::Same => collation.to_owned(),
            Fit::Near(other) => {
                // A mere renaming is nothing to tell.
                if !told && other.replace("utf8mb3_", "utf8_") != collation.replace("utf8mb3_", "utf8_") {
                    self.note("collation_mapped", name, format!("{collation} becomes {other}"));
                }
                other
            }
            Fit::Coarser(other) => {
                if column.is_some_and(|c| self.in_unique_key(c)) {
                    let why = format!(
                        "{other}, the nearest to {collation}, takes some values of this unique key as equal that the source keeps apart"
                    );
                    self.refuse("key_collation_coarser", name, why);
                } else if !told {
                    let to = format!("{collation} becomes {other}, which sorts and compares a little differently");
                    self.note("collation_mapped", name, to);
                }
                other
            }
            Fit::None => {
                self.refuse("collation_missing", name, format!("the target has nothing like the collation {collation}"));
                return None;
            }
        };
        Some((to_charset.to_owned(), chosen))
    }

    fn in_unique_key(&self, column: &Column) -> bool {
        let mut unique = self.table.keys.iter().filter(|k| k.unique);
        unique.any(|k| k.columns.iter().any(|&i| self.table.columns[i].name == column.name))
    }

    /// Rewrites or drops `/*!… */` and `/*M!… */`, which the other flavour reads in its own way.
    pub(super) fn executable_comments(&mut self, tokens: &Tokens, from: usize, column: Option<&str>, edits: &mut Edits) {
        for at in (from..tokens.list.len()).filter(|&at| tokens.kind(at) == Some(Kind::ExecOpen)) {
            let Some(close) = (at..tokens.list.len()).find(|&i| tokens.kind(i) == Some(Kind::ExecClose)) else { continue };
            let whole = tokens.span(at..close + 1);
            if tokens.is_word(at + 1, "INVISIBLE") {
                let with = self.invisible(tokens, column);
                edits.replace(whole, with);
                continue;
            }
            match tokens.str(at + 1).to_ascii_uppercase().as_str() {
                "COMPRESSED" => self.special("compressed_column", column, Special::CompressedColumn),
                "SRID" => self.special("srid_dropped", column, Special::Srid),
                // WITH PARSER, STORAGE, COLUMN_FORMAT, ENGINE_ATTRIBUTE: how it is stored or searched, not what it is.
                _ => self.note("attribute_dropped", column, format!("without {}", &tokens.text[tokens.span(at + 1..close)])),
            }
            edits.replace(whole, "");
        }
    }

    /// What stands for MySQL's `/*!80023 INVISIBLE */` at MariaDB.
    fn invisible(&mut self, tokens: &Tokens, column: Option<&str>) -> &'static str {
        let Some(name) = column else { return if self.to.version >= (10, 6, 0) { "IGNORED" } else { "" } };
        let words = |w: &[&str]| (0..tokens.list.len()).any(|at| tokens.are_words(at, w));
        let fits = !words(&["NOT", "NULL"]) || words(&["DEFAULT"]) || words(&["AUTO_INCREMENT"]) || words(&["GENERATED"]);
        if fits {
            "INVISIBLE"
        } else {
            self.note("column_made_visible", Some(name), "visible: MariaDB hides only columns with a default".into());
            ""
        }
    }

    /// Refuses expressions with functions that the other flavour lacks, rather than fail in the middle of a job.
    fn functions(&mut self, tokens: &Tokens, from: usize, column: &Column) {
        for at in from..tokens.list.len() {
            if lacking(tokens, at, self.to.flavor) {
                self.refuse("expression_not_portable", Some(&column.name), format!("the target's flavour has no {}()", tokens.str(at)));
            }
        }
    }
}

pub(super) fn first_words(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Returns the token behind the type with its length, sign and MariaDB's COMPRESSED.
fn type_end(tokens: &Tokens) -> usize {
    let mut at = 2;
    if tokens.is_symbol(at, "(") {
        at = tokens.closing(at).map_or(at, |close| close + 1);
    }
    while tokens.is_word(at, "UNSIGNED") || tokens.is_word(at, "ZEROFILL") || tokens.kind(at) == Some(Kind::Comment) {
        at += 1;
    }
    if tokens.kind(at) == Some(Kind::ExecOpen) && tokens.is_word(at + 1, "COMPRESSED") {
        at += 3;
    }
    at.min(tokens.list.len())
}
