//! Keys, constraints, and the options of tables and schemas.

use super::{Reader, Result, Work};
use crate::replicate::schema::options::{PLACES, PORTABLE, partitions};

/// Options of one flavour that say how a table is stored.
const STORAGE: [&str; 17] = [
    "ENCRYPTION",
    "ENCRYPTED",
    "ENCRYPTION_KEY_ID",
    "COMPRESSION",
    "PAGE_COMPRESSED",
    "PAGE_COMPRESSION_LEVEL",
    "PAGE_CHECKSUM",
    "TRANSACTIONAL",
    "PACK_KEYS",
    "DELAY_KEY_WRITE",
    "INSERT_METHOD",
    "AUTOEXTEND_SIZE",
    "ENGINE_ATTRIBUTE",
    "SECONDARY_ENGINE_ATTRIBUTE",
    "STORAGE",
    "TABLE_CHECKSUM",
    "IETF_QUOTES",
];

impl Work<'_> {
    /// A key or a constraint with all its options.
    pub(super) fn key(&mut self, r: &mut Reader) -> Result<String> {
        let mut named = String::new();
        if r.accept(&["CONSTRAINT"]) {
            let unnamed = ["PRIMARY", "UNIQUE", "FOREIGN", "CHECK"].contains(&r.word().as_str());
            named = if unnamed { String::new() } else { format!("CONSTRAINT {} ", r.name()?) };
        }
        if r.accept(&["CHECK"]) {
            // MariaDB counts the names of checks per table, MySQL per schema: the server shall choose.
            let name = if self.to_mysql() { "" } else { named.as_str() };
            let check = self.check(r)?.ok_or_else(|| self.lacks("checks that are not enforced"))?;
            return Ok(format!("{name}{check}"));
        }
        let kind = r.take_word();
        let index = match kind.as_str() {
            "PRIMARY" => {
                r.expect("KEY")?;
                "PRIMARY KEY"
            }
            "FOREIGN" => {
                r.expect("KEY")?;
                return self.foreign_key(r, &named);
            }
            "UNIQUE" | "FULLTEXT" | "SPATIAL" => {
                let _ = r.accept(&["INDEX"]) || r.accept(&["KEY"]);
                match kind.as_str() {
                    "UNIQUE" => "UNIQUE KEY",
                    "FULLTEXT" => "FULLTEXT KEY",
                    _ => "SPATIAL KEY",
                }
            }
            _ => "KEY",
        };
        self.no_guard(r, &["IF", "NOT", "EXISTS"])?;
        let name = if r.is_symbol("(") || r.is(&["USING"]) { String::new() } else { format!(" {}", r.name()?) };
        let using = self.using(r)?;
        let parts = self.key_parts(r)?;
        let options = self.key_options(r)?;
        Ok(format!("{named}{index}{name}{using} {parts}{options}"))
    }

    fn foreign_key(&mut self, r: &mut Reader, named: &str) -> Result<String> {
        self.no_guard(r, &["IF", "NOT", "EXISTS"])?;
        let name = if r.is_symbol("(") { String::new() } else { format!(" {}", r.name()?) };
        let from = r.place();
        r.parens()?;
        r.expect("REFERENCES")?;
        r.table()?;
        r.parens()?;
        if r.accept(&["MATCH"]) {
            r.token()?;
        }
        while r.accept(&["ON", "DELETE"]) || r.accept(&["ON", "UPDATE"]) {
            let known = [&["RESTRICT"] as &[&str], &["CASCADE"], &["SET", "NULL"], &["NO", "ACTION"], &["SET", "DEFAULT"]];
            if !known.iter().any(|words| r.accept(words)) {
                return Err(r.unknown("a foreign key's action"));
            }
        }
        Ok(format!("{named}FOREIGN KEY{name} {}", r.since(from)))
    }

    /// None: it is not enforced, and MariaDB enforces all.
    pub(super) fn check(&mut self, r: &mut Reader) -> Result<Option<String>> {
        let inside = r.parens()?;
        let expression = self.expression(r, &inside)?;
        if r.accept(&["NOT", "ENFORCED"]) {
            self.note("without a check that is not enforced: MariaDB enforces all");
            return Ok(None);
        }
        r.accept(&["ENFORCED"]);
        Ok(Some(format!("CHECK ({expression})")))
    }

    pub(super) fn using(&self, r: &mut Reader) -> Result<String> {
        if r.accept(&["USING"]) { Ok(format!(" USING {}", r.token()?)) } else { Ok(String::new()) }
    }

    pub(super) fn key_parts(&mut self, r: &mut Reader) -> Result<String> {
        let inside = r.parens()?;
        if !self.to_mysql() && r.items(&inside).into_iter().any(|part| r.within(part).is_symbol("(")) {
            return Err(self.lacks("keys over expressions"));
        }
        Ok(format!("({})", r.text(&inside)))
    }

    pub(super) fn key_options(&mut self, r: &mut Reader) -> Result<String> {
        let mut out = String::new();
        loop {
            let from = r.place();
            if r.accept(&["USING"]) || r.accept(&["COMMENT"]) {
                r.token()?;
                out.push_str(&format!(" {}", r.since(from)));
            } else if r.accept(&["KEY_BLOCK_SIZE"]) {
                r.symbol("=");
                r.token()?;
                out.push_str(&format!(" {}", r.since(from)));
            } else if r.accept(&["VISIBLE"]) || r.accept(&["NOT", "IGNORED"]) {
            } else if r.accept(&["INVISIBLE"]) || r.accept(&["IGNORED"]) {
                let known = self.to.version >= (10, 6, 0);
                out.push_str(match (self.to_mysql(), known) {
                    (true, _) => " INVISIBLE",
                    (false, true) => " IGNORED",
                    (false, false) => "",
                });
            } else if r.accept(&["WITH", "PARSER"]) {
                r.token()?;
                self.note(format!("without {}", r.since(from)));
            } else {
                return Ok(out);
            }
        }
    }

    /// Partitions and statements about them go over but for their places and engines.
    pub(super) fn partitions(&mut self, r: &mut Reader) -> Result<String> {
        let tokens = r.tokens();
        let from = r.place();
        r.rest();
        let own = ["SYSTEM_TIME", "AUTO", "IF"];
        if (from..r.place()).any(|at| own.iter().any(|w| tokens.is_word(at, w))) {
            return Err(self.lacks("such partitions"));
        }
        let end = if tokens.is_symbol(r.place() - 1, ";") { r.place() - 1 } else { r.place() };
        Ok(partitions(tokens, from..end))
    }

    /// What stands behind the columns of a CREATE TABLE.
    pub(super) fn table_options(&mut self, r: &mut Reader) -> Result<String> {
        let mut out: Vec<String> = Vec::new();
        let (mut said, mut engine) = (false, false);
        while !r.is_done() {
            if r.symbol(",") {
                continue;
            }
            if r.is(&["PARTITION", "BY"]) {
                let partitions = self.partitions(r)?;
                out.push(partitions);
                continue;
            }
            said |= ["CHARACTER", "CHARSET", "COLLATE"].contains(&r.word().as_str())
                || r.is(&["DEFAULT"]) && ["CHARACTER", "CHARSET", "COLLATE"].contains(&r.word_behind().as_str());
            engine |= r.is(&["ENGINE"]);
            let option = self.table_option(r)?;
            out.extend(option);
        }
        if !engine {
            out.insert(0, "ENGINE=InnoDB".to_owned());
        }
        if !said {
            let collation = self.defaults.schema_collation.clone();
            let strings = self.strings(None, collation)?;
            if !strings.is_empty() {
                out.insert(1.min(out.len()), format!("DEFAULT {strings}"));
            }
        }
        Ok(out.join(" "))
    }

    /// One option of a table; None: it says where or how the table is stored.
    pub(super) fn table_option(&mut self, r: &mut Reader) -> Result<Option<String>> {
        if let Some((charset, collation)) = r.charset()? {
            return Ok(Some(format!("DEFAULT {}", self.strings(charset, collation)?)));
        }
        let from = r.place();
        let mut key = r.take_word();
        if key == "DATA" || key == "INDEX" {
            r.expect("DIRECTORY")?;
            key.push_str(" DIRECTORY");
        }
        if key == "START" && r.accept(&["TRANSACTION"]) {
            return Ok(None);
        }
        if key == "ORDER" && r.accept(&["BY"]) {
            r.rest();
            return Ok(None);
        }
        let known = ["ENGINE", "AUTO_INCREMENT"].contains(&key.as_str());
        if !known && !PORTABLE.contains(&key.as_str()) && !PLACES.contains(&key.as_str()) && !STORAGE.contains(&key.as_str()) {
            return Err(if key.is_empty() { r.unknown("an option") } else { format!("{key} (an option) is not known here") });
        }
        r.symbol("=");
        if r.is_symbol("(") {
            r.parens()?;
            return Err(format!("{key} with a list is not known here"));
        }
        let value = r.token()?;
        if key == "ENGINE" {
            if !value.eq_ignore_ascii_case("InnoDB") {
                self.note(format!("InnoDB instead of {value}: only its tables can be applied exactly once"));
            }
            return Ok(Some("ENGINE=InnoDB".to_owned()));
        }
        let other = key == "ROW_FORMAT"
            && !["DEFAULT", "DYNAMIC", "COMPACT", "REDUNDANT", "COMPRESSED"].iter().any(|f| value.eq_ignore_ascii_case(f));
        if other || !known && !PORTABLE.contains(&key.as_str()) {
            self.note(format!("without {}", r.since(from)));
            return Ok(None);
        }
        Ok(Some(format!("{key}={value}")))
    }

    pub(super) fn schema_options(&mut self, r: &mut Reader, create: bool) -> Result<String> {
        let mut strings = String::new();
        while !r.is_done() {
            if let Some((charset, collation)) = r.charset()? {
                strings = self.strings(charset, collation)?;
                continue;
            }
            let from = r.place();
            r.accept(&["DEFAULT"]);
            if !(r.accept(&["COMMENT"]) || r.accept(&["ENCRYPTION"])) {
                return Err(r.unknown("a schema's option"));
            }
            r.symbol("=");
            r.token()?;
            self.note(format!("without {}", r.since(from)));
        }
        if strings.is_empty() {
            let collation = create.then(|| self.defaults.server_collation.clone());
            strings = self.strings(None, collation)?;
        }
        Ok(strings)
    }
}
