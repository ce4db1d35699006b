//! What a server's SQL offers: flavour, version, character sets and collations, asked from the server itself; and the
//! collation at a target that stands for one it does not have.

use super::read::{ask, text};
use crate::replicate::Result;
use crate::replicate::connect::{Conn, Flavor, ServerInfo};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    pub flavor: Flavor,
    pub version: (u16, u16, u16),
    /// Character set → its default collation.
    pub charsets: BTreeMap<String, String>,
    pub collations: BTreeSet<String>,
}

/// How a collation of the source stands at the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    Same,
    /// Another name for the same rules, or rules that keep apart what the source keeps apart; where they do not (characters
    /// newer than Unicode 9), the copy notices and stops.
    Near(String),
    /// May take values as equal that the source keeps apart: not good enough for a unique key.
    Coarser(String),
    /// Nothing at the target comes near.
    None,
}

impl Dialect {
    pub async fn read(conn: &mut Conn, info: &ServerInfo) -> Result<Self> {
        let sql = "SELECT CHARACTER_SET_NAME, DEFAULT_COLLATE_NAME FROM information_schema.CHARACTER_SETS";
        let charsets = ask(conn, sql, "list character sets").await?.iter().map(|r| (text(r, 0), text(r, 1))).collect();
        // MariaDB 10.10+ lists the newer collations without their character set except here.
        let name = if info.flavor == Flavor::Mariadb && info.version >= (10, 10, 0) { "FULL_COLLATION_NAME" } else { "COLLATION_NAME" };
        let sql = format!("SELECT {name} FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY");
        let collations = ask(conn, &sql, "list collations").await?.iter().map(|r| text(r, 0)).filter(|n| !n.is_empty()).collect();
        Ok(Self { flavor: info.flavor, version: info.version, charsets, collations })
    }

    /// Returns this server's name of a character set; `utf8` and `utf8mb3` are one.
    pub fn charset(&self, name: &str) -> Option<&str> {
        let also = match name {
            "utf8" => "utf8mb3",
            "utf8mb3" => "utf8",
            other => other,
        };
        self.charsets.get_key_value(name).or_else(|| self.charsets.get_key_value(also)).map(|(name, _)| name.as_str())
    }

    /// Finds what stands for a collation of `from` on this server.
    pub fn collation(&self, name: &str, from: &Self) -> Fit {
        // Before 10.6 and 8.0.30 the three-byte charset went by its old name.
        let renamed = match name.strip_prefix("utf8_") {
            Some(rest) => format!("utf8mb3_{rest}"),
            None => name.replacen("utf8mb3_", "utf8_", 1),
        };
        let croatian = name.ends_with("_croatian_ci") && self.flavor != from.flavor;
        if !croatian {
            if self.collations.contains(name) {
                return Fit::Same;
            }
            if renamed != name && self.collations.contains(&renamed) {
                return Fit::Near(renamed);
            }
        }
        for fit in candidates(name) {
            if let Fit::Near(to) | Fit::Coarser(to) = &fit
                && self.collations.contains(to)
            {
                return fit;
            }
        }
        Fit::None
    }
}

/// Collations that may stand for one that the target lacks, the best first.
fn candidates(name: &str) -> Vec<Fit> {
    let Some((charset, rule)) = name.split_once('_') else { return Vec::new() };
    let mut out = Vec::new();
    if rule == "croatian_ci" {
        // MySQL's rules live on at MariaDB under another name; MySQL lacks MariaDB's.
        out.push(Fit::Near(format!("{charset}_croatian_mysql561_ci")));
        out.push(Fit::Coarser(name.to_owned()));
    } else if rule == "croatian_mysql561_ci" {
        out.push(Fit::Near(format!("{charset}_croatian_ci")));
    } else if rule == "0900_bin" {
        out.push(Fit::Near(format!("{charset}_nopad_bin")));
    } else if let Some((language, strength)) = rule.split_once("0900_") {
        let strength = if strength.starts_with("as_cs") { "as_cs" } else { strength };
        let known = LANGUAGES.iter().find(|(code, _)| *code == language.trim_end_matches('_'));
        match known {
            Some((_, name)) => out.push(Fit::Near(format!("{charset}_uca1400_{name}nopad_{strength}"))),
            None => out.push(Fit::Coarser(format!("{charset}_uca1400_nopad_{strength}"))),
        }
        if language.is_empty() || known.is_none() {
            out.push(Fit::Coarser(format!("{charset}_unicode_520_nopad_ci")));
            out.push(Fit::Coarser(format!("{charset}_unicode_520_ci")));
        }
    } else if let Some(rest) = rule.strip_prefix("uca1400_") {
        uca1400(charset, rest, &mut out);
    } else if rule == "nopad_bin" {
        out.push(Fit::Near(format!("{charset}_0900_bin")));
        out.push(Fit::Coarser(format!("{charset}_bin")));
    } else if rule.contains("nopad_") {
        // PAD SPACE takes 'a' and 'a ' as equal.
        out.push(Fit::Coarser(format!("{charset}_{}", rule.replace("nopad_", ""))));
    }
    out
}

/// MariaDB's Unicode 14 collations: MySQL's Unicode 9 ones for four-byte strings, older rules for the others.
fn uca1400(charset: &str, rest: &str, out: &mut Vec<Fit>) {
    let Some((rest, strength)) = ["ai_ci", "ai_cs", "as_ci", "as_cs"].iter().find_map(|s| rest.strip_suffix(s).map(|r| (r, *s))) else {
        return;
    };
    let language = rest.strip_suffix("nopad_").unwrap_or(rest);
    // MySQL has no ai_cs; as_cs keeps more apart.
    let strength = if strength == "ai_cs" { "as_cs" } else { strength };
    if charset == "utf8mb4" {
        match LANGUAGES.iter().find(|(_, name)| *name == language) {
            Some((code, _)) => {
                let code = if code.is_empty() { String::new() } else { format!("{code}_") };
                // The languages come as ai_ci and as_cs only.
                let strength = if !code.is_empty() && strength == "as_ci" { "as_cs" } else { strength };
                out.push(Fit::Near(format!("{charset}_{code}0900_{strength}")));
            }
            None => out.push(Fit::Coarser(format!("{charset}_0900_{strength}"))),
        }
    }
    if strength == "ai_ci" {
        out.push(Fit::Coarser(format!("{charset}_unicode_520_ci")));
    } else if strength == "as_cs" {
        out.push(Fit::Near(format!("{charset}_bin")));
    }
}

/// MySQL's language code → MariaDB's name for the same tailoring, with the `_` behind it.
const LANGUAGES: [(&str, &str); 20] = [
    ("", ""),
    ("cs", "czech_"),
    ("da", "danish_"),
    ("de_pb", "german2_"),
    ("eo", "esperanto_"),
    ("es", "spanish_"),
    ("es_trad", "spanish2_"),
    ("et", "estonian_"),
    ("hr", "croatian_"),
    ("hu", "hungarian_"),
    ("is", "icelandic_"),
    ("la", "roman_"),
    ("lt", "lithuanian_"),
    ("lv", "latvian_"),
    ("pl", "polish_"),
    ("ro", "romanian_"),
    ("sk", "slovak_"),
    ("sl", "slovenian_"),
    ("sv", "swedish_"),
    ("tr", "turkish_"),
];

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The parts of both flavours' catalogues that tests need; names as 10.11 and 9.7 list them.
    pub(crate) fn dialect(flavor: Flavor) -> Dialect {
        let common = [
            "latin1_swedish_ci",
            "gbk_chinese_ci",
            "utf8mb3_general_ci",
            "utf8mb4_general_ci",
            "utf8mb4_bin",
            "utf8mb4_unicode_520_ci",
            "utf8mb4_croatian_ci",
            "binary",
            "ascii_general_ci",
        ];
        let own: &[&str] = match flavor {
            Flavor::Mysql => &[
                "utf8mb4_0900_ai_ci",
                "utf8mb4_0900_as_cs",
                "utf8mb4_0900_bin",
                "utf8mb4_es_0900_ai_ci",
                "utf8mb4_zh_0900_as_cs",
                "gb18030_chinese_ci",
            ],
            Flavor::Mariadb => &[
                "utf8mb4_uca1400_ai_ci",
                "utf8mb4_uca1400_nopad_ai_ci",
                "utf8mb4_uca1400_nopad_as_cs",
                "utf8mb4_uca1400_spanish_nopad_ai_ci",
                "utf8mb4_nopad_bin",
                "utf8mb4_general_nopad_ci",
                "utf8mb4_croatian_mysql561_ci",
            ],
        };
        let utf8mb4 = if flavor == Flavor::Mysql { "utf8mb4_0900_ai_ci" } else { "utf8mb4_general_ci" };
        let mut charsets: BTreeMap<String, String> = [
            ("latin1", "latin1_swedish_ci"),
            ("gbk", "gbk_chinese_ci"),
            ("utf8mb3", "utf8mb3_general_ci"),
            ("utf8mb4", utf8mb4),
            ("ascii", "ascii_general_ci"),
        ]
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .into();
        if flavor == Flavor::Mysql {
            charsets.insert("gb18030".into(), "gb18030_chinese_ci".into());
        }
        Dialect {
            flavor,
            version: if flavor == Flavor::Mysql { (9, 7, 4) } else { (10, 11, 19) },
            charsets,
            collations: common.iter().chain(own).map(|s| (*s).to_owned()).collect(),
        }
    }

    #[test]
    fn collations_across_flavours() {
        let (mysql, mariadb) = (dialect(Flavor::Mysql), dialect(Flavor::Mariadb));
        let near = |s: &str| Fit::Near(s.into());
        let coarser = |s: &str| Fit::Coarser(s.into());
        for (name, fit) in [
            ("utf8mb4_general_ci", Fit::Same),
            ("utf8_general_ci", near("utf8mb3_general_ci")),
            ("utf8mb4_0900_ai_ci", near("utf8mb4_uca1400_nopad_ai_ci")),
            ("utf8mb4_es_0900_ai_ci", near("utf8mb4_uca1400_spanish_nopad_ai_ci")),
            ("utf8mb4_zh_0900_as_cs", coarser("utf8mb4_uca1400_nopad_as_cs")),
            ("utf8mb4_0900_bin", near("utf8mb4_nopad_bin")),
            ("utf8mb4_croatian_ci", near("utf8mb4_croatian_mysql561_ci")),
            ("gb18030_chinese_ci", Fit::None),
        ] {
            assert_eq!(mariadb.collation(name, &mysql), fit, "{name}");
        }
        for (name, fit) in [
            ("utf8mb4_uca1400_ai_ci", near("utf8mb4_0900_ai_ci")),
            ("utf8mb4_uca1400_spanish_nopad_ai_ci", near("utf8mb4_es_0900_ai_ci")),
            ("utf8mb4_nopad_bin", near("utf8mb4_0900_bin")),
            ("utf8mb4_general_nopad_ci", coarser("utf8mb4_general_ci")),
            ("utf8mb4_croatian_ci", coarser("utf8mb4_croatian_ci")),
            ("latin1_swedish_ci", Fit::Same),
        ] {
            assert_eq!(mysql.collation(name, &mariadb), fit, "{name}");
        }
        assert_eq!(mysql.collation("utf8mb4_croatian_ci", &mysql), Fit::Same);
    }
}
