//! Keys and checks of a definition, as the target has them. Called by `translate` for each such part of a table.

use super::definition::{self, ItemKind, kind};
use super::edits::Edits;
use super::fidelity::Special;
use super::tokens::{Kind, Tokens};
use super::translate::{Work, first_words};
use crate::replicate::connect::Flavor;
use crate::replicate::table::{Generated, Key, TypeClass};

impl Work<'_> {
    pub(super) fn key(&mut self, tokens: &Tokens) -> Option<String> {
        let name = definition::key_name(tokens);
        if (0..tokens.list.len()).any(|at| tokens.are_words(at, &["WITHOUT", "OVERLAPS"])) {
            let named = if kind(tokens) == ItemKind::Primary { "PRIMARY" } else { &name };
            self.special("period_key", Some(&format!("key {named}")), Special::PeriodKey);
        }
        if !self.crosses() {
            return Some(tokens.text.to_owned());
        }
        if self.to.flavor == Flavor::Mariadb && kind(tokens) == ItemKind::Primary && self.primary_is_generated() {
            self.special("generated_primary_key", None, Special::GeneratedPrimaryKey);
        }
        let functional = (0..tokens.list.len()).any(|at| {
            tokens.is_symbol(at, "(") && (at == 0 || tokens.kind(at - 1) == Some(Kind::Name)) && first_part_is_expression(tokens, at)
        });
        if functional {
            let unique = kind(tokens) == ItemKind::Unique;
            let special = if unique { Special::UniqueFunctionalKey } else { Special::FunctionalKey };
            let object = format!("key {name}");
            self.special("functional_key", Some(&object), special);
            return None;
        }
        let mut edits = Edits::default();
        self.executable_comments(tokens, 0, None, &mut edits);
        for at in 0..tokens.list.len() {
            if tokens.is_word(at, "IGNORED") && self.to.flavor == Flavor::Mysql {
                edits.replace(tokens.list[at].at.clone(), "INVISIBLE");
            }
            if tokens.are_words(at, &["USING", "HASH"]) {
                let long = self.table.keys.iter().find(|k| k.name == name).is_some_and(|k| {
                    k.columns
                        .iter()
                        .zip(&k.prefix)
                        .any(|(&c, p)| p.is_none() && matches!(self.table.columns[c].class, TypeClass::Text | TypeClass::Blob))
                });
                if long {
                    self.special("unique_hash_key", Some(&format!("key {name}")), Special::UniqueHashKey);
                }
                edits.replace(tokens.span(at..at + 2), "");
            }
        }
        Some(edits.apply(tokens.text))
    }

    fn primary_is_generated(&self) -> bool {
        let generated = |k: &Key| k.columns.iter().any(|&c| self.table.columns[c].generated != Generated::No);
        self.table.keys.iter().any(|k| k.primary && generated(k))
    }

    pub(super) fn check(&mut self, tokens: &Tokens) -> Option<String> {
        if !self.crosses() {
            return Some(tokens.text.to_owned());
        }
        if self.to.flavor == Flavor::Mariadb {
            let lax = (0..tokens.list.len()).any(|at| tokens.are_words(at, &["NOT", "ENFORCED"]));
            if lax {
                self.note(
                    "check_dropped",
                    None,
                    format!("without {}, which is not enforced: MariaDB enforces all", first_words(tokens.text)),
                );
                return None;
            }
            return Some(tokens.text.to_owned());
        }
        // MariaDB counts the names of checks per table, MySQL per schema: the server shall choose.
        let at = (0..tokens.list.len()).find(|&at| tokens.is_word(at, "CHECK"))?;
        Some(tokens.text[tokens.list[at].at.start..].to_owned())
    }
}

/// A key part list that begins with, or holds, an expression in parentheses.
fn first_part_is_expression(tokens: &Tokens, open: usize) -> bool {
    let Some(close) = tokens.closing(open) else { return false };
    tokens.items(open + 1, close).iter().any(|part| tokens.is_symbol(part.start, "("))
}
