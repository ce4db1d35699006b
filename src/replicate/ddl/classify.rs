//! From tokens to what a statement touches. One function per verb; each reads the names and skips the rest.

use super::cursor::{Reader, Result};
use super::{Ddl, Named, Role, SchemaAction, TableAction, TableDdl, Transaction};
use crate::model::replicate::TableName;
use crate::replicate::lexer::Kind;

impl Reader<'_> {
    pub(super) fn statement(mut self) -> Result<Ddl> {
        if self.tokens.is_empty() {
            return Ok(ignorable("empty statement"));
        }
        let verb = self.take_word().unwrap_or_default();
        let found = match verb.as_str() {
            "CREATE" => self.create()?,
            "ALTER" => self.alter()?,
            "DROP" => self.drop()?,
            "TRUNCATE" => {
                self.accept("TABLE");
                let table = self.name(Role::Main)?;
                self.skip_wait();
                self.end()?;
                table_ddl(TableAction::Truncate, vec![table], false)
            }
            "RENAME" => self.rename()?,
            "BEGIN" if self.at_end() || self.peek_is("WORK") => Ddl::Transaction(Transaction::Begin),
            "START" if self.peek_is("TRANSACTION") => Ddl::Transaction(Transaction::Begin),
            "COMMIT" => Ddl::Transaction(Transaction::Commit),
            "ROLLBACK" => {
                self.accept("WORK");
                Ddl::Transaction(if self.peek_is("TO") { Transaction::Savepoint } else { Transaction::Rollback })
            }
            "SAVEPOINT" | "RELEASE" => Ddl::Transaction(Transaction::Savepoint),
            "XA" => Ddl::Transaction(Transaction::Xa),
            "INSERT" | "REPLACE" | "UPDATE" | "DELETE" | "LOAD" | "WITH" | "CALL" | "DO" | "SELECT" | "VALUES" | "HANDLER" => {
                Ddl::Dml { tables: self.dml_tables(&verb) }
            }
            // MariaDB: SET STATEMENT variable=value, … FOR statement.
            "SET" if self.accept("STATEMENT") => {
                self.skip_to("FOR").ok_or_else(|| self.error("SET STATEMENT without FOR"))?;
                let rest = Reader { tokens: &self.tokens[self.next..], next: 0, ..self };
                return rest.statement();
            }
            _ => match administration(&verb) {
                Some(what) => Ddl::Ignorable { what, objects: self.maintained(what) },
                None => Ddl::Unknown { verb },
            },
        };
        Ok(found)
    }

    fn create(&mut self) -> Result<Ddl> {
        let begun = self.next;
        let temporary = self.modifiers();
        Ok(match self.take_word().unwrap_or_default().as_str() {
            "TABLE" => self.create_table(temporary)?,
            "INDEX" => {
                // CREATE INDEX [IF NOT EXISTS] name [USING type] ON table
                self.skip_to("ON").ok_or_else(|| self.error("CREATE INDEX without ON"))?;
                let table = self.name(Role::Main)?;
                self.one_statement()?;
                table_ddl(TableAction::CreateIndex, vec![table], false)
            }
            "DATABASE" | "SCHEMA" => {
                self.if_exists();
                let (schema, at) = self.identifier()?;
                self.one_statement()?;
                Ddl::Schema { action: SchemaAction::Create, schema, at: Some(at) }
            }
            word => self.other_object(word, begun, "CREATE"),
        })
    }

    fn create_table(&mut self, temporary: bool) -> Result<Ddl> {
        self.if_exists();
        let mut tables = vec![self.name(Role::Main)?];
        let in_parens = self.peek_symbol(b'(') && self.word_at(self.next + 1).as_deref() == Some("LIKE");
        if in_parens {
            self.next += 1;
        }
        if self.accept("LIKE") {
            tables.push(self.name(Role::Like)?);
            if in_parens {
                self.symbol(b')')?;
            }
            self.end()?;
            return Ok(table_ddl(TableAction::CreateLike, tables, temporary));
        }
        let mut action = TableAction::Create;
        let mut start_transaction_at = None;
        let mut depth = 0usize;
        while let Some(token) = self.tokens.get(self.next) {
            let at = self.next;
            self.next += 1;
            match token.kind {
                Kind::Symbol(b'(') => depth += 1,
                Kind::Symbol(b')') => depth = depth.saturating_sub(1),
                Kind::Symbol(b';') => self.only_end_follows()?,
                Kind::Word => match self.word_at(at).as_deref() {
                    // Reserved: bare, it is a query, and what follows names nothing that changes.
                    Some("SELECT") => {
                        action = TableAction::CreateSelect;
                        break;
                    }
                    Some("VALUES" | "TABLE" | "WITH") if depth == 0 && !self.peek_is("SYSTEM") => {
                        action = TableAction::CreateSelect;
                        break;
                    }
                    Some("REFERENCES") if !self.after_dot(at) => tables.push(self.parent(&tables[0])?),
                    Some("UNION") if depth == 0 => self.union_list(&mut tables)?,
                    Some("START") if depth == 0 && self.peek_is("TRANSACTION") => {
                        start_transaction_at = Some(token.at.start..self.tokens[self.next].at.end);
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        Ok(Ddl::Table(TableDdl { action, tables, temporary, start_transaction_at }))
    }

    /// UNION [=] (a, b) of a MERGE table.
    fn union_list(&mut self, tables: &mut Vec<Named>) -> Result<()> {
        self.accept_symbol(b'=');
        self.symbol(b'(')?;
        while !self.accept_symbol(b')') {
            tables.push(self.name(Role::Referenced)?);
            self.accept_symbol(b',');
        }
        Ok(())
    }

    fn alter(&mut self) -> Result<Ddl> {
        let begun = self.next;
        self.modifiers();
        Ok(match self.take_word().unwrap_or_default().as_str() {
            "TABLE" => self.alter_table()?,
            "DATABASE" | "SCHEMA" => {
                const OPTIONS: [&str; 8] = ["CHARACTER", "CHARSET", "DEFAULT", "COLLATE", "ENCRYPTION", "READ", "COMMENT", "UPGRADE"];
                let unnamed = self.word_at(self.next).is_some_and(|w| OPTIONS.contains(&w.as_str()));
                let (schema, at) = if unnamed {
                    (self.default_schema(self.next)?, None)
                } else {
                    let (schema, at) = self.identifier()?;
                    (schema, Some(at))
                };
                self.one_statement()?;
                Ddl::Schema { action: SchemaAction::Alter, schema, at }
            }
            word => self.other_object(word, begun, "ALTER"),
        })
    }

    fn alter_table(&mut self) -> Result<Ddl> {
        self.if_exists();
        let mut tables = vec![self.name(Role::Main)?];
        self.skip_wait();
        let mut depth = 0usize;
        // RENAME and the partition clauses count only where a clause can begin.
        let mut clause = true;
        while let Some(token) = self.tokens.get(self.next) {
            let at = self.next;
            self.next += 1;
            let begins = std::mem::replace(&mut clause, false) && depth == 0;
            match token.kind {
                Kind::Symbol(b'(') => depth += 1,
                Kind::Symbol(b')') => depth = depth.saturating_sub(1),
                Kind::Symbol(b',') => clause = true,
                Kind::Symbol(b';') => self.only_end_follows()?,
                Kind::Word => match self.word_at(at).as_deref() {
                    Some("REFERENCES") if !self.after_dot(at) => tables.push(self.parent(&tables[0])?),
                    Some("RENAME") if begins && !["COLUMN", "INDEX", "KEY"].iter().any(|w| self.peek_is(w)) => {
                        let _ = self.accept("TO") || self.accept("AS") || self.accept_symbol(b'=');
                        tables.push(self.name(Role::To)?);
                    }
                    Some("EXCHANGE") if begins && self.peek_is("PARTITION") => {
                        self.skip_to("WITH").ok_or_else(|| self.error("EXCHANGE PARTITION without WITH"))?;
                        self.expect("TABLE")?;
                        tables.push(self.name(Role::Partner)?);
                    }
                    Some("CONVERT") if begins && self.peek_is("PARTITION") => {
                        self.skip_to("TABLE").ok_or_else(|| self.error("CONVERT PARTITION without TABLE"))?;
                        tables.push(self.name(Role::Partner)?);
                    }
                    Some("CONVERT") if begins && self.accept("TABLE") => tables.push(self.name(Role::Partner)?),
                    Some("UNION") if begins => self.union_list(&mut tables)?,
                    // `ALTER IGNORE TABLE t IGNORE …` does not exist; options before a clause do not end it.
                    _ => {}
                },
                _ => {}
            }
        }
        Ok(table_ddl(TableAction::Alter, tables, false))
    }

    fn drop(&mut self) -> Result<Ddl> {
        let begun = self.next;
        let temporary = self.modifiers();
        Ok(match self.take_word().unwrap_or_default().as_str() {
            "TABLE" | "TABLES" => {
                self.if_exists();
                let tables = self.names()?;
                self.skip_wait();
                let _ = self.accept("RESTRICT") || self.accept("CASCADE");
                self.end()?;
                table_ddl(TableAction::Drop, tables, temporary)
            }
            "INDEX" => {
                self.skip_to("ON").ok_or_else(|| self.error("DROP INDEX without ON"))?;
                let table = self.name(Role::Main)?;
                self.one_statement()?;
                table_ddl(TableAction::DropIndex, vec![table], false)
            }
            "DATABASE" | "SCHEMA" => {
                self.if_exists();
                let (schema, at) = self.identifier()?;
                self.end()?;
                Ddl::Schema { action: SchemaAction::Drop, schema, at: Some(at) }
            }
            word => self.other_object(word, begun, "DROP"),
        })
    }

    fn rename(&mut self) -> Result<Ddl> {
        if self.accept("USER") {
            return Ok(ignorable("account"));
        }
        if !self.accept("TABLE") && !self.accept("TABLES") {
            return Ok(Ddl::Unknown { verb: "RENAME".into() });
        }
        self.if_exists();
        let mut tables = vec![];
        loop {
            tables.push(self.name(Role::From)?);
            self.skip_wait();
            self.expect("TO")?;
            tables.push(self.name(Role::To)?);
            if !self.accept_symbol(b',') {
                break;
            }
        }
        self.end()?;
        Ok(table_ddl(TableAction::Rename, tables, false))
    }

    /// Skips what may stand between the verb and the kind of object; says whether TEMPORARY was there.
    fn modifiers(&mut self) -> bool {
        let mut temporary = false;
        while let Some(word) = self.word_at(self.next) {
            match word.as_str() {
                "TEMPORARY" => temporary = true,
                "OR" | "REPLACE" | "UNIQUE" | "FULLTEXT" | "VECTOR" | "ONLINE" | "OFFLINE" | "IGNORE" | "AGGREGATE" | "UNDO" | "JSON"
                | "RELATIONAL" | "DUALITY" | "MATERIALIZED" => {}
                "SPATIAL" if self.word_at(self.next + 1).as_deref() != Some("REFERENCE") => {}
                "ALGORITHM" => self.next += 2,
                "SQL" => self.next += 2,
                "DEFINER" => {
                    self.next += 2; // and the '='
                    while self.tokens.get(self.next + 1).is_some_and(|t| matches!(t.kind, Kind::Symbol(b'@' | b'(' | b')'))) {
                        self.next += 1;
                        if self.peek_symbol(b'@') {
                            self.next += 1;
                        }
                    }
                }
                _ => break,
            }
            self.next += 1;
        }
        temporary
    }

    /// The objects that are not replicated, by their word after CREATE, ALTER or DROP.
    fn other_object(&mut self, word: &str, begun: usize, verb: &str) -> Ddl {
        let what = match word {
            "VIEW" => "view",
            "TRIGGER" => "trigger",
            "EVENT" => "event",
            "PROCEDURE" | "PACKAGE" | "LIBRARY" => "routine",
            "FUNCTION" => "function",
            "USER" | "ROLE" => "account",
            "SEQUENCE" => "sequence",
            "SERVER" => "server definition",
            "TABLESPACE" | "LOGFILE" => "tablespace",
            "SPATIAL" => "spatial reference system",
            "RESOURCE" => "resource group",
            "INSTANCE" => "instance setting",
            "PREPARE" => "prepared statement",
            _ => {
                let second = self.word_at(begun).unwrap_or_default();
                return Ddl::Unknown { verb: format!("{verb} {second}").trim_end().to_owned() };
            }
        };
        let in_schemas = matches!(what, "view" | "trigger" | "event" | "routine" | "function" | "sequence");
        Ddl::Ignorable { what, objects: if in_schemas { self.objects() } else { Vec::new() } }
    }

    /// The tables that `table maintenance` names.
    fn maintained(&mut self, what: &str) -> Vec<TableName> {
        if what != "table maintenance" {
            return Vec::new();
        }
        while ["NO_WRITE_TO_BINLOG", "LOCAL", "TABLE", "TABLES"].iter().any(|word| self.accept(word)) {}
        self.objects()
    }

    /// The names here, as far as they can be read: what is only counted stops nothing.
    fn objects(&mut self) -> Vec<TableName> {
        self.accept("BODY");
        self.if_exists();
        let mut names = Vec::new();
        while let Ok(named) = self.name(Role::Main) {
            names.push(named.name);
            if !self.accept_symbol(b',') {
                break;
            }
        }
        names
    }

    /// The tables whose rows a statement may change, where it says so. What it only reads is not among them: a checksum of
    /// a table is written to another.
    fn dml_tables(&mut self, verb: &str) -> Vec<Named> {
        match verb {
            "INSERT" | "REPLACE" => {
                while ["LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "IGNORE"].iter().any(|word| self.accept(word)) {}
                self.accept("INTO");
                self.name(Role::Main).into_iter().collect()
            }
            "LOAD" if self.skip_to("INTO").is_some() => {
                self.accept("TABLE");
                self.name(Role::Main).into_iter().collect()
            }
            "UPDATE" => self.tables_before("SET"),
            "DELETE" => self.tables_before("WHERE"),
            // What a function or a common table expression changes cannot be told from here.
            _ => vec![],
        }
    }

    /// Every name that stands where a table can, up to a word: after FROM, JOIN, USING and commas.
    fn tables_before(&mut self, last: &str) -> Vec<Named> {
        let mut tables: Vec<Named> = vec![];
        let mut expects_name = true;
        const NOISE: [&str; 7] = ["LOW_PRIORITY", "QUICK", "IGNORE", "FROM", "JOIN", "USING", "LATERAL"];
        while self.next < self.tokens.len() && !self.peek_is(last) {
            let word = self.word_at(self.next);
            if word.as_deref().is_some_and(|w| NOISE.contains(&w)) {
                expects_name = true;
            } else if self.peek_symbol(b',') || self.peek_symbol(b'(') {
                // A list of tables, or a bracket around one: kept only while names are expected anyway.
                expects_name = expects_name || !tables.is_empty() && self.peek_symbol(b',');
            } else if word.as_deref().is_some_and(|w| matches!(w, "ON" | "SELECT")) {
                expects_name = false;
            } else if expects_name && matches!(self.tokens[self.next].kind, Kind::Word | Kind::Name) {
                let from = self.next;
                match self.name(Role::Main) {
                    Ok(name) => tables.push(name),
                    Err(_) => self.next = from + 1,
                }
                expects_name = false;
                continue;
            }
            self.next += 1;
        }
        tables
    }
}

fn ignorable(what: &'static str) -> Ddl {
    Ddl::Ignorable { what, objects: Vec::new() }
}

fn table_ddl(action: TableAction, tables: Vec<Named>, temporary: bool) -> Ddl {
    Ddl::Table(TableDdl { action, tables, temporary, start_transaction_at: None })
}

/// Statements that change no table and no row of a user's, by their verb.
fn administration(verb: &str) -> Option<&'static str> {
    Some(match verb {
        "GRANT" | "REVOKE" => "grant",
        "SET" => "session setting",
        "ANALYZE" | "OPTIMIZE" | "REPAIR" | "CHECK" | "CHECKSUM" => "table maintenance",
        "FLUSH" | "RESET" | "PURGE" | "CACHE" | "KILL" | "SHUTDOWN" | "RESTART" | "BACKUP" => "administration",
        "CHANGE" | "STOP" => "replication setting",
        "INSTALL" | "UNINSTALL" => "plugin",
        "LOCK" | "UNLOCK" => "table lock",
        "PREPARE" | "EXECUTE" | "DEALLOCATE" => "prepared statement",
        "USE" | "SHOW" | "DESCRIBE" | "DESC" | "EXPLAIN" | "HELP" => "query",
        _ => return None,
    })
}
