//! Which columns of its table an ALTER TABLE changes, renames or takes away: what a row filter or a column map leans on.

use super::{Mode, TableAction, TableDdl};
use crate::replicate::lexer::{Kind, Token, tokens};
use crate::replicate::schema::tokens::unquote;

/// Columns that are not after the statement what they were before it. Added ones, and their defaults, change none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangedColumns {
    pub named: Vec<String>,
    /// Every string column gets another character set.
    pub all_text: bool,
}

/// What DROP can stand before instead of a column.
const NO_COLUMN: [&str; 9] = ["INDEX", "KEY", "PRIMARY", "FOREIGN", "CONSTRAINT", "CHECK", "PARTITION", "SYSTEM", "PERIOD"];

impl ChangedColumns {
    /// `statement` is what was classified as `ddl`.
    pub fn of(ddl: &TableDdl, statement: &str, mode: Mode) -> Self {
        let mut found = Self::default();
        let (TableAction::Alter, Some(table)) = (ddl.action, ddl.tables.first()) else { return found };
        let mut all = tokens(statement, mode).0;
        all.retain(|t| t.at.start >= table.table_at.end && !matches!(t.kind, Kind::Comment | Kind::ExecOpen | Kind::ExecClose));
        let (mut depth, mut begins) = (0usize, true);
        for (at, token) in all.iter().enumerate() {
            let clause = std::mem::replace(&mut begins, false) && depth == 0;
            match token.kind {
                Kind::Symbol(b'(') => depth += 1,
                Kind::Symbol(b')') => depth = depth.saturating_sub(1),
                Kind::Symbol(b',') => begins = true,
                Kind::Word if clause => begins = found.clause(Clause { statement, tokens: &all[at..] }),
                // Of WAIT n.
                Kind::Number => begins = clause,
                _ => {}
            }
        }
        found
    }

    /// Takes in what one clause changes; true if the next token may begin one too (WAIT n, NOWAIT before the first).
    fn clause(&mut self, clause: Clause<'_>) -> bool {
        match clause.word(0).as_str() {
            "CHANGE" | "MODIFY" => self.named.extend(clause.column(1)),
            "DROP" if !NO_COLUMN.contains(&clause.word(1).as_str()) => self.named.extend(clause.column(1)),
            "RENAME" if clause.word(1) == "COLUMN" => self.named.extend(clause.column(1)),
            "CONVERT" if clause.word(1) == "TO" => self.all_text = true,
            "WAIT" | "NOWAIT" => return true,
            _ => {}
        }
        false
    }
}

struct Clause<'a> {
    statement: &'a str,
    tokens: &'a [Token],
}

impl Clause<'_> {
    fn word(&self, at: usize) -> String {
        let token = self.tokens.get(at).filter(|t| t.kind == Kind::Word);
        token.map_or(String::new(), |t| self.statement[t.at.clone()].to_ascii_uppercase())
    }

    /// The name behind `[COLUMN] [IF EXISTS]`.
    fn column(&self, mut at: usize) -> Option<String> {
        at += usize::from(self.word(at) == "COLUMN");
        at += if self.word(at) == "IF" && self.word(at + 1) == "EXISTS" { 2 } else { 0 };
        self.tokens.get(at).map(|t| unquote(&self.statement[t.at.clone()]))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Ddl, classify};
    use super::*;

    fn changed(statement: &str) -> (Vec<String>, bool) {
        let Ok(Ddl::Table(ddl)) = classify(statement, "d", false) else { panic!("{statement}") };
        let ChangedColumns { named, all_text } = ChangedColumns::of(&ddl, statement, Mode::default());
        (named, all_text)
    }

    #[test]
    fn columns_that_a_statement_changes_are_named() {
        for (statement, expected) in [
            ("ALTER TABLE t ADD COLUMN a INT AFTER b, ADD INDEX (c), ADD UNIQUE KEY u (d)", vec![]),
            (
                "ALTER TABLE t DROP COLUMN a, DROP b, DROP INDEX c, DROP PRIMARY KEY, DROP CONSTRAINT d, DROP `index`",
                vec!["a", "b", "index"],
            ),
            ("ALTER ONLINE TABLE IF EXISTS d.`t` MODIFY a ENUM('x,', 'MODIFY b'), CHANGE COLUMN IF EXISTS c `e``f` INT", vec!["a", "c"]),
            ("ALTER TABLE t RENAME COLUMN a TO b, RENAME INDEX c TO e, RENAME TO u", vec!["a"]),
            ("ALTER TABLE t WAIT 5 DROP a", vec!["a"]),
            ("ALTER TABLE t NOWAIT MODIFY a INT", vec!["a"]),
            ("SET STATEMENT max_statement_time=1 FOR ALTER TABLE t /* , */ DROP /*!80000 COLUMN */ a", vec!["a"]),
            ("ALTER TABLE t ALTER a SET DEFAULT 5, ENGINE=InnoDB, COMMENT='DROP b'", vec![]),
            ("ALTER TABLE t PARTITION BY HASH (a) PARTITIONS 4", vec![]),
            ("TRUNCATE t", vec![]),
        ] {
            assert_eq!(changed(statement), (expected.into_iter().map(str::to_owned).collect(), false), "{statement}");
        }
        assert!(changed("ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4").1);
    }
}
