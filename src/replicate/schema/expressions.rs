//! Defaults and generated columns: what one flavour prints and the other reads differently.

use super::edits::Edits;
use super::tokens::{Kind, Tokens};
use crate::replicate::connect::Flavor;
use crate::replicate::table::{Column, TypeClass};
use std::ops::Range;

/// Says whether a function is called here that a flavour lacks.
pub(super) fn lacking(tokens: &Tokens, at: usize, to: Flavor) -> bool {
    let functions: &[&str] = match to {
        Flavor::Mariadb => {
            &["uuid_to_bin", "bin_to_uuid", "is_uuid", "regexp_like", "json_storage_size", "member", "st_latitude", "st_longitude"]
        }
        Flavor::Mysql => &[
            "nextval",
            "lastval",
            "setval",
            "sys_guid",
            "uuid_v4",
            "uuid_v7",
            "to_char",
            "json_compact",
            "json_detailed",
            "json_loose",
            "json_query",
            "json_exists",
            "chr",
            "natural_sort_key",
            "sformat",
        ],
    };
    tokens.kind(at) == Some(Kind::Word)
        && (tokens.is_symbol(at + 1, "(") || tokens.is_word(at, "member"))
        && functions.iter().any(|f| tokens.is_word(at, f))
}

/// MariaDB's generated columns cannot say NULL or NOT NULL.
pub(super) fn generated_is_nullable(tokens: &Tokens, edits: &mut Edits) {
    let Some(at) = (1..tokens.list.len()).find(|&at| tokens.are_words(at, &["GENERATED", "ALWAYS", "AS"])) else { return };
    let Some(close) = tokens.closing(at + 3) else { return };
    for at in close..tokens.list.len() {
        if tokens.are_words(at, &["NOT", "NULL"]) {
            edits.replace(tokens.span(at..at + 2), "");
        } else if tokens.is_word(at, "NULL") && !tokens.is_word(at - 1, "NOT") {
            edits.replace(tokens.list[at].at.clone(), "");
        }
    }
}

/// MySQL prints `_utf8mb4'it\\'s'` in expressions; MariaDB forgets the escape when it stores a literal that has an
/// introducer. The statement runs under SET NAMES utf8mb4, so the literal means the same without.
pub(super) fn plain_literals(tokens: &Tokens, range: Range<usize>, edits: &mut Edits) {
    for at in range {
        if tokens.is_word(at, "_utf8mb4") && tokens.kind(at + 1) == Some(Kind::Text) {
            edits.replace(tokens.list[at].at.clone(), "");
        }
    }
}

/// Says whether MySQL wants any default of such a column in parentheses.
pub(super) fn is_large(class: TypeClass) -> bool {
    matches!(class, TypeClass::Text | TypeClass::Blob | TypeClass::Json | TypeClass::Geometry)
}

/// Says whether MySQL takes the time of the row as the default of such a column as it stands.
pub(super) fn takes_now(class: TypeClass) -> bool {
    matches!(class, TypeClass::Datetime | TypeClass::Timestamp)
}

/// MySQL wants a default that is no plain literal in parentheses, and any default of a TEXT, BLOB or JSON column.
pub(super) fn default_expression(tokens: &Tokens, from: usize, column: &Column, edits: &mut Edits) {
    let mut depth = 0usize;
    let Some(at) = (from..tokens.list.len()).find(|&at| {
        depth = depth + usize::from(tokens.is_symbol(at, "(")) - usize::from(tokens.is_symbol(at, ")") && depth > 0);
        depth == 0 && tokens.is_word(at, "DEFAULT")
    }) else {
        return;
    };
    let start = at + 1;
    let mut end = start;
    while end < tokens.list.len() {
        if tokens.is_symbol(end, "(") {
            end = tokens.closing(end).map_or(tokens.list.len(), |close| close + 1);
        } else if end > start
            && tokens.kind(end) == Some(Kind::Word)
            && ["ON", "COMMENT", "CHECK", "INVISIBLE", "REF_SYSTEM_ID"].iter().any(|w| tokens.is_word(end, w))
        {
            break;
        } else {
            end += 1;
        }
    }
    let now = tokens.is_word(start, "current_timestamp") && takes_now(column.class);
    let first = tokens.str(start);
    let literal = end == start + 1 && (tokens.kind(start) == Some(Kind::Text) || first.starts_with(|c: char| c.is_ascii_digit()))
        || end == start + 2 && (tokens.is_symbol(start, "-") || tokens.is_word(start, "b") || tokens.is_word(start, "x"))
        // Decimals and exponents: 1.5 is three tokens.
        || (start..end).all(|i| tokens.is_symbol(i, ".") || tokens.is_symbol(i, "-") || tokens.str(i).starts_with(|c: char| c.is_ascii_digit()));
    let plain = tokens.is_word(start, "NULL") || now || tokens.is_symbol(start, "(") && end == tokens.closing(start).map_or(0, |c| c + 1);
    if plain || literal && !is_large(column.class) || start >= end {
        return;
    }
    let range = tokens.span(start..end);
    edits.replace(range.clone(), &format!("({})", &tokens.text[range]));
}
