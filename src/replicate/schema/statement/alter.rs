//! ALTER TABLE and ALTER DATABASE, clause by clause.

use super::{Reader, Result, Work};

impl Work<'_> {
    pub(super) fn alter(&mut self, r: &mut Reader) -> Result<String> {
        if r.accept(&["DATABASE"]) || r.accept(&["SCHEMA"]) {
            let unnamed = ["CHARACTER", "CHARSET", "DEFAULT", "COLLATE"].iter().any(|w| r.is(&[w]));
            let schema = if unnamed { String::new() } else { r.name()? };
            let options = self.schema_options(r, false)?;
            return Ok(format!("ALTER DATABASE {schema} {options}"));
        }
        r.accept(&["ONLINE"]);
        if !r.accept(&["TABLE"]) {
            return Err(r.unknown("ALTER"));
        }
        self.no_guard(r, &["IF", "EXISTS"])?;
        let table = r.table()?;
        self.wait(r)?;
        // Lists of partitions have commas too, and nothing else stands beside them.
        if r.is_then_partition() {
            return Ok(format!("ALTER TABLE {table} {}", self.partitions(r)?));
        }
        let mut clauses = Vec::new();
        for clause in r.rest_items() {
            let mut r = r.within(clause);
            while !r.is_done() {
                let made = self.clause(&mut r)?;
                clauses.extend(made);
            }
        }
        Ok(format!("ALTER TABLE {table} {}", clauses.join(", ")).trim_end().to_owned())
    }

    /// One clause of ALTER TABLE; None: it says how, not what.
    fn clause(&mut self, r: &mut Reader) -> Result<Option<String>> {
        if self.how(r)? {
            return Ok(None);
        }
        if r.is(&["PARTITION", "BY"]) || r.is(&["REMOVE", "PARTITIONING"]) {
            return self.partitions(r).map(Some);
        }
        let verb = r.word();
        let made = match verb.as_str() {
            "ADD" => {
                r.take_word();
                self.add(r)?
            }
            "DROP" => {
                r.take_word();
                self.drop_part(r)?
            }
            "MODIFY" | "CHANGE" => {
                r.take_word();
                r.accept(&["COLUMN"]);
                self.no_guard(r, &["IF", "EXISTS"])?;
                let old = if verb == "CHANGE" { format!("{} ", r.name()?) } else { String::new() };
                let name = r.name()?;
                format!("{verb} COLUMN {old}{name} {}", self.column(r)?)
            }
            "ALTER" => {
                r.take_word();
                self.alter_part(r)?
            }
            "RENAME" => {
                r.take_word();
                if r.accept(&["COLUMN"]) {
                    self.no_guard(r, &["IF", "EXISTS"])?;
                    let (old, _, new) = (r.name()?, r.expect("TO")?, r.name()?);
                    format!("RENAME COLUMN {old} TO {new}")
                } else if r.accept(&["INDEX"]) || r.accept(&["KEY"]) {
                    self.no_guard(r, &["IF", "EXISTS"])?;
                    let (old, _, new) = (r.name()?, r.expect("TO")?, r.name()?);
                    format!("RENAME INDEX {old} TO {new}")
                } else {
                    let _ = r.accept(&["TO"]) || r.accept(&["AS"]) || r.symbol("=");
                    format!("RENAME TO {}", r.table()?)
                }
            }
            "CONVERT" => {
                r.take_word();
                r.expect("TO")?;
                let (charset, collation) = r.charset()?.ok_or_else(|| r.unknown("CONVERT TO"))?;
                format!("CONVERT TO {}", self.strings(charset, collation)?)
            }
            "ENABLE" | "DISABLE" => {
                r.take_word();
                r.expect("KEYS")?;
                format!("{verb} KEYS")
            }
            "FORCE" => r.take_word(),
            _ => return self.table_option(r),
        };
        Ok(Some(made))
    }

    fn add(&mut self, r: &mut Reader) -> Result<String> {
        if r.begins_key() {
            return Ok(format!("ADD {}", self.key(r)?));
        }
        r.accept(&["COLUMN"]);
        self.no_guard(r, &["IF", "NOT", "EXISTS"])?;
        if ["SYSTEM", "PERIOD"].iter().any(|w| r.is(&[w])) {
            return Err(self.lacks("system versioning"));
        }
        if !r.is_symbol("(") {
            let name = r.name()?;
            return Ok(format!("ADD COLUMN {name} {}", self.column(r)?));
        }
        let body = r.parens()?;
        let mut columns = Vec::new();
        for item in r.items(&body) {
            let mut r = r.within(item);
            let name = r.name()?;
            let column = self.column(&mut r)?;
            r.ended()?;
            columns.push(format!("{name} {column}"));
        }
        Ok(format!("ADD COLUMN ({})", columns.join(", ")))
    }

    fn drop_part(&mut self, r: &mut Reader) -> Result<String> {
        if r.accept(&["PRIMARY", "KEY"]) {
            return Ok("DROP PRIMARY KEY".to_owned());
        }
        let what = if r.accept(&["FOREIGN", "KEY"]) {
            "FOREIGN KEY"
        } else if r.accept(&["INDEX"]) || r.accept(&["KEY"]) {
            "INDEX"
        } else if r.accept(&["CONSTRAINT"]) || r.accept(&["CHECK"]) {
            "CONSTRAINT"
        } else {
            r.accept(&["COLUMN"]);
            "COLUMN"
        };
        self.no_guard(r, &["IF", "EXISTS"])?;
        let name = r.name()?;
        let _ = what == "COLUMN" && (r.accept(&["RESTRICT"]) || r.accept(&["CASCADE"]));
        Ok(format!("DROP {what} {name}"))
    }

    /// ALTER COLUMN … DEFAULT, and whether an index is used.
    fn alter_part(&mut self, r: &mut Reader) -> Result<String> {
        if r.accept(&["INDEX"]) || r.accept(&["KEY"]) {
            self.no_guard(r, &["IF", "EXISTS"])?;
            let name = r.name()?;
            let used = r.accept(&["VISIBLE"]) || r.accept(&["NOT", "IGNORED"]);
            if !used && !r.accept(&["INVISIBLE"]) && !r.accept(&["IGNORED"]) {
                return Err(r.unknown("ALTER INDEX"));
            }
            let word = match (self.to_mysql(), used) {
                (true, true) => "VISIBLE",
                (true, false) => "INVISIBLE",
                (false, true) => "NOT IGNORED",
                (false, false) => "IGNORED",
            };
            return Ok(format!("ALTER INDEX {name} {word}"));
        }
        r.accept(&["COLUMN"]);
        self.no_guard(r, &["IF", "EXISTS"])?;
        let name = r.name()?;
        if r.accept(&["DROP", "DEFAULT"]) {
            return Ok(format!("ALTER COLUMN {name} DROP DEFAULT"));
        }
        if r.accept(&["SET"]) && r.is(&["DEFAULT"]) {
            return Ok(format!("ALTER COLUMN {name} SET {}", self.default_of(r, None)?));
        }
        Err(r.unknown("ALTER COLUMN"))
    }
}
