//! Table options and partitions, translated for the target.

use super::edits::Edits;
use super::fidelity::Special;
use super::tokens::{Kind, Tokens, unquote};
use super::translate::Work;
use std::ops::Range;

/// Options that both flavours know and that are about the table, not about where it lies.
pub(super) const PORTABLE: [&str; 10] = [
    "ROW_FORMAT",
    "KEY_BLOCK_SIZE",
    "STATS_PERSISTENT",
    "STATS_AUTO_RECALC",
    "STATS_SAMPLE_PAGES",
    "MAX_ROWS",
    "MIN_ROWS",
    "AVG_ROW_LENGTH",
    "COMMENT",
    "CHECKSUM",
];

/// Options that name a place, another server or other tables; they never go over.
pub(super) const PLACES: [&str; 6] = ["DATA DIRECTORY", "INDEX DIRECTORY", "TABLESPACE", "CONNECTION", "UNION", "SECONDARY_ENGINE"];

pub(super) fn translate(work: &mut Work, options: &str) -> String {
    let tokens = Tokens::of(options);
    let moved = !work.table.engine.eq_ignore_ascii_case("InnoDB");
    if moved {
        work.note("engine_changed", None, format!("InnoDB instead of {}: only its tables can be applied exactly once", work.table.engine));
    }
    let mut out = vec!["ENGINE=InnoDB".to_owned()];
    if let Some(next) = work.table.auto_increment.filter(|n| *n > 1) {
        out.push(format!("AUTO_INCREMENT={next}"));
    }
    let (mut charset, mut collation, mut rest) = (None, None, Vec::new());
    let mut partition = String::new();
    let mut at = 0;
    while at < tokens.list.len() {
        if tokens.kind(at) == Some(Kind::ExecOpen) {
            let close = (at..tokens.list.len()).rev().find(|&i| tokens.kind(i) == Some(Kind::ExecClose) && is_close_of(&tokens, at, i));
            let end = close.map_or(tokens.list.len(), |c| c + 1);
            if tokens.is_word(at + 1, "PARTITION") {
                partition = partitions(&tokens, at..end);
            } else {
                let inner = &tokens.text[tokens.span(at + 1..end.saturating_sub(1).max(at + 2))];
                let place = PLACES.iter().any(|p| tokens.is_word(at + 1, p));
                if place || work.crosses() || moved {
                    work.note("option_dropped", None, format!("without {inner}"));
                } else {
                    rest.push(tokens.text[tokens.span(at..end)].to_owned());
                }
            }
            at = end;
        } else if tokens.is_word(at, "PARTITION") {
            partition = partitions(&tokens, at..tokens.list.len());
            break;
        } else if tokens.are_words(at, &["WITH", "SYSTEM", "VERSIONING"]) {
            work.special("system_versioned", None, Special::SystemVersioning);
            at += 3;
        } else if tokens.is_word(at, "DEFAULT") || tokens.is_symbol(at, ",") || tokens.kind(at) == Some(Kind::Comment) {
            at += 1;
        } else {
            let (key, value, end) = option(&tokens, at);
            at = end;
            match key.as_str() {
                "ENGINE" | "AUTO_INCREMENT" | "TYPE" => {}
                "CHARSET" | "CHARACTER SET" => charset = Some(value.to_owned()),
                "COLLATE" => collation = Some(value.to_owned()),
                key if PLACES.contains(&key) => work.note("option_dropped", None, format!("without {key}")),
                "ROW_FORMAT" | "CHECKSUM" if moved => {}
                key if PORTABLE.contains(&key) || !(work.crosses() || moved) => rest.push(format!("{key}={value}")),
                key => work.note("option_dropped", None, format!("without {key}={value}")),
            }
        }
    }
    if let Some(charset) = charset {
        let collation = collation.or_else(|| work.from.charsets.get(&charset).cloned()).unwrap_or_else(|| format!("{charset}_general_ci"));
        work.default_collation.clone_from(&collation);
        if let Some((charset, collation)) = work.string_rules(&charset, &collation, None) {
            out.push(format!("DEFAULT CHARSET={charset} COLLATE={collation}"));
        }
    }
    out.extend(rest);
    let mut out = out.join(" ");
    if !partition.is_empty() {
        out.push('\n');
        out.push_str(&partition);
    }
    out
}

/// Executable comments do not nest: the first close after `open` is its own.
fn is_close_of(tokens: &Tokens, open: usize, close: usize) -> bool {
    close > open && (open + 1..close).all(|i| tokens.kind(i) != Some(Kind::ExecClose))
}

/// Reads one `KEY=value`; returns it with the token behind.
fn option<'a>(tokens: &Tokens<'a>, at: usize) -> (String, &'a str, usize) {
    let mut end = at + 1;
    let mut key = unquote(tokens.str(at)).to_ascii_uppercase();
    if matches!(key.as_str(), "DATA" | "INDEX" | "CHARACTER" | "START") {
        key = format!("{key} {}", tokens.str(end).to_ascii_uppercase());
        end += 1;
        if key == "START TRANSACTION" {
            return (key, "", end);
        }
    }
    if tokens.is_symbol(end, "=") {
        end += 1;
    }
    let start = end;
    end = if tokens.is_symbol(start, "(") {
        tokens.closing(start).map_or(tokens.list.len(), |c| c + 1)
    } else {
        (start + 1).min(tokens.list.len())
    };
    let value = if start < end { &tokens.text[tokens.span(start..end)] } else { "" };
    (key, value, end)
}

/// Partitions go over but for their places and engines.
pub(super) fn partitions(tokens: &Tokens, range: Range<usize>) -> String {
    let mut edits = Edits::default();
    for at in range.clone() {
        let two = tokens.are_words(at, &["DATA", "DIRECTORY"]) || tokens.are_words(at, &["INDEX", "DIRECTORY"]);
        let value = |key_end: usize| if tokens.is_symbol(key_end, "=") { key_end + 2 } else { key_end + 1 };
        if two {
            edits.replace(tokens.span(at..value(at + 2).min(range.end)), "");
        } else if tokens.is_word(at, "TABLESPACE") {
            edits.replace(tokens.span(at..value(at + 1).min(range.end)), "");
        } else if tokens.is_word(at, "ENGINE") {
            edits.replace(tokens.span(at..value(at + 1).min(range.end)), "ENGINE = InnoDB");
        }
    }
    edits.apply_within(tokens.text, tokens.span(range))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::replicate::TableName;
    use crate::replicate::connect::Flavor;
    use crate::replicate::schema::dialect::tests::dialect;
    use crate::replicate::table::Table;

    fn translated(options: &str, engine: &str, from: Flavor, to: Flavor) -> (String, Vec<&'static str>) {
        let table = Table {
            name: TableName::new("s", "t"),
            columns: Vec::new(),
            keys: Vec::new(),
            engine: engine.into(),
            rows_estimated: 0,
            data_bytes: 0,
            auto_increment: Some(7),
            create: String::new(),
        };
        let (from, to) = (dialect(from), dialect(to));
        let mut work = Work { table: &table, from: &from, to: &to, changes: Vec::new(), default_collation: String::new() };
        let text = translate(&mut work, options);
        (text, work.changes.into_iter().map(|c| c.code).collect())
    }

    #[test]
    fn options_per_direction() {
        use Flavor::{Mariadb, Mysql};
        for (options, engine, from, to, want, codes) in [
            (
                "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci COMMENT='ENGINE=x'",
                "InnoDB",
                Mysql,
                Mariadb,
                "ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_nopad_ai_ci COMMENT='ENGINE=x'",
                vec!["collation_mapped"],
            ),
            (
                "ENGINE=Aria DEFAULT CHARSET=latin1 PAGE_CHECKSUM=1 TRANSACTIONAL=1 ROW_FORMAT=PAGE",
                "Aria",
                Mariadb,
                Mariadb,
                "ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci",
                vec!["engine_changed", "option_dropped", "option_dropped"],
            ),
            (
                "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin `PAGE_COMPRESSED`=1 WITH SYSTEM VERSIONING",
                "InnoDB",
                Mariadb,
                Mysql,
                "ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
                vec!["option_dropped", "system_versioned"],
            ),
            (
                "/*!50100 TABLESPACE `x` */ ENGINE=InnoDB DEFAULT CHARSET=latin1 /*!80016 ENCRYPTION='Y' */\n/*!50100 PARTITION BY HASH (`id`)\n\
                 (PARTITION p0 DATA DIRECTORY = '/d' ENGINE = InnoDB) */",
                "InnoDB",
                Mysql,
                Mariadb,
                "ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci\n/*!50100 PARTITION BY HASH (`id`)\n\
                 (PARTITION p0 ENGINE = InnoDB) */",
                vec!["option_dropped", "option_dropped"],
            ),
        ] {
            assert_eq!(translated(options, engine, from, to), (want.to_owned(), codes), "{options}");
        }
    }
}
