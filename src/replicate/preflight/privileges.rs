//! What an account may do: SHOW GRANTS, really parsed.
//!
//! Plain `SHOW GRANTS` is asked for at both flavours: it prints what the session has, the privileges of active roles
//! included, and that is what our sessions will have (they set no role). Pure but for that.

use crate::model::replicate::TableName;
use crate::replicate::Result;
use crate::replicate::connect::{Conn, Flavor, ServerInfo};
use crate::replicate::schema::read::{ask, text};
use crate::replicate::schema::tokens::{Kind, Tokens, unquote};
use std::collections::BTreeSet;

/// Privileges on one object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Set {
    all: bool,
    names: BTreeSet<String>,
}

/// Everything that the lines of SHOW GRANTS give.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants {
    global: Set,
    /// Schema pattern with `_`, `%` and `\` escapes.
    schemas: Vec<(String, Set)>,
    tables: Vec<(TableName, Set)>,
    /// MySQL with partial_revokes: what a global privilege leaves out.
    revoked: Vec<(String, Set)>,
    /// Roles that were granted; their privileges count only while they are active.
    pub roles: Vec<String>,
    /// partial_revokes is on: schema names are taken literally.
    literal: bool,
}

/// What a schema holds beside tables, and a server does not show to everybody who may read those.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Beside {
    Trigger,
    Event,
    Routine,
}

impl Beside {
    pub const ALL: [Self; 3] = [Self::Trigger, Self::Event, Self::Routine];

    /// From a kind as `information_schema` names it; None: whoever may read the tables sees it.
    pub fn of(kind: &str) -> Option<Self> {
        match kind {
            "TRIGGER" => Some(Self::Trigger),
            "EVENT" => Some(Self::Event),
            "PROCEDURE" | "FUNCTION" | "PACKAGE" | "PACKAGE BODY" => Some(Self::Routine),
            _ => None,
        }
    }

    pub fn plural(self) -> &'static str {
        match self {
            Self::Trigger => "triggers",
            Self::Event => "events",
            Self::Routine => "routines",
        }
    }
}

impl Grants {
    /// Asks for those of the session.
    pub async fn read(conn: &mut Conn, info: &ServerInfo, partial_revokes: bool) -> Result<Self> {
        let mut lines: Vec<_> = ask(conn, "SHOW GRANTS", "read the account's privileges").await?.iter().map(|r| text(r, 0)).collect();
        if info.flavor == Flavor::Mariadb && info.version >= (10, 11, 0) {
            // Everybody has what is granted to PUBLIC; an error only means that nothing ever was.
            let all = ask(conn, "SHOW GRANTS FOR PUBLIC", "read the privileges of all").await.unwrap_or_default();
            lines.extend(all.iter().map(|r| text(r, 0)));
        }
        Ok(Self::parse(lines.iter().map(String::as_str), partial_revokes))
    }

    pub fn parse<'a>(lines: impl IntoIterator<Item = &'a str>, partial_revokes: bool) -> Self {
        let mut grants = Self { literal: partial_revokes, ..Self::default() };
        for line in lines {
            grants.line(line);
        }
        grants
    }

    fn line(&mut self, line: &str) {
        let tokens = Tokens::of(line);
        let revoke = tokens.is_word(0, "REVOKE");
        // SET DEFAULT ROLE and what else a server may print.
        if !revoke && !tokens.is_word(0, "GRANT") {
            return;
        }
        let Some(on) = outer_word(&tokens, "ON") else {
            // GRANT `role`@`%` TO …: no object.
            let to = outer_word(&tokens, "TO").unwrap_or(tokens.list.len());
            self.roles.extend(tokens.items(1, to).into_iter().map(|item| unquote(tokens.str(item.start))));
            return;
        };
        if tokens.is_word(1, "PROXY") {
            return;
        }
        let set = privileges(&tokens, on);
        let at = on + 1;
        if tokens.is_symbol(at, "*") && tokens.is_symbol(at + 2, "*") {
            self.global.add(set);
        } else if tokens.is_symbol(at + 1, ".") && tokens.is_symbol(at + 2, "*") {
            let list = if revoke { &mut self.revoked } else { &mut self.schemas };
            list.push((unquote(tokens.str(at)), set));
        } else if tokens.is_symbol(at + 1, ".") && tokens.kind(at + 2).is_some_and(|k| !matches!(k, Kind::Symbol(_))) {
            self.tables.push((TableName::new(unquote(tokens.str(at)), unquote(tokens.str(at + 2))), set));
        }
        // PROCEDURE, FUNCTION, PACKAGE: nothing that a job needs.
    }

    /// Says whether the privilege holds everywhere.
    pub fn global(&self, privilege: &str) -> bool {
        self.global.has(privilege)
    }
    /// Says whether the privilege holds for all of a schema.
    pub fn schema(&self, privilege: &str, schema: &str) -> bool {
        let revoked = self.revoked.iter().any(|(s, set)| s == schema && set.has(privilege));
        self.global.has(privilege) && !revoked
            || self
                .schemas
                .iter()
                .any(|(pattern, set)| set.has(privilege) && (if self.literal { pattern == schema } else { like(pattern, schema) }))
    }
    /// Says whether the server shows the account all of a schema's objects of a kind.
    pub fn shows(&self, flavor: Flavor, kind: Beside, schema: &str) -> bool {
        let any = |privileges: &[&str]| privileges.iter().any(|p| self.schema(p, schema));
        match (kind, flavor) {
            (Beside::Trigger, _) => any(&["TRIGGER"]),
            (Beside::Event, _) => any(&["EVENT"]),
            (Beside::Routine, _) if any(&["EXECUTE", "CREATE ROUTINE", "ALTER ROUTINE"]) => true,
            (Beside::Routine, Flavor::Mysql) => self.global("SHOW_ROUTINE") || self.global("SELECT"),
            (Beside::Routine, Flavor::Mariadb) => self.table("SELECT", &TableName::new("mysql", "proc")),
        }
    }
    /// Schemas, as the grants name them, in which some of these privileges hold and others do not; with what is lacking.
    pub fn short_of<'p>(&self, needed: &[&'p str]) -> Vec<(&str, Vec<&'p str>)> {
        let mut seen = BTreeSet::new();
        let names = self.schemas.iter().map(|(name, _)| name.as_str()).filter(|name| seen.insert(*name));
        let lacks = |name: &&str| {
            let own = |p: &&str| self.schemas.iter().any(|(n, set)| n == name && set.has(p));
            let lacks = needed.iter().copied().filter(|p| !own(p) && !self.global.has(p)).collect();
            // One of which nothing is granted by itself is none that the account is meant to write to.
            if needed.iter().any(own) { lacks } else { Vec::new() }
        };
        names.map(|name| (name, lacks(&name))).filter(|(_, lacks)| !lacks.is_empty()).collect()
    }
    /// Says whether the privilege holds for a whole table; column privileges do not count.
    pub fn table(&self, privilege: &str, table: &TableName) -> bool {
        self.schema(privilege, &table.schema) || self.tables.iter().any(|(t, set)| t == table && set.has(privilege))
    }
}

impl Set {
    fn has(&self, privilege: &str) -> bool {
        self.all || self.names.contains(privilege)
    }
    fn add(&mut self, other: Self) {
        self.all |= other.all;
        self.names.extend(other.names);
    }
}

/// Returns the token of a word outside parentheses.
fn outer_word(tokens: &Tokens, word: &str) -> Option<usize> {
    let mut depth = 0usize;
    (0..tokens.list.len()).find(|&at| {
        if tokens.is_symbol(at, "(") {
            depth += 1;
        } else if tokens.is_symbol(at, ")") {
            depth = depth.saturating_sub(1);
        }
        depth == 0 && tokens.is_word(at, word)
    })
}

/// Reads the privileges between GRANT and ON; those with a column list are left out.
fn privileges(tokens: &Tokens, on: usize) -> Set {
    let mut set = Set::default();
    for item in tokens.items(1, on) {
        if item.clone().any(|at| tokens.is_symbol(at, "(")) {
            continue;
        }
        let words: Vec<_> = item.map(|at| tokens.str(at).to_ascii_uppercase()).collect();
        let name = words.join(" ");
        match name.as_str() {
            "ALL PRIVILEGES" | "ALL" => set.all = true,
            // One privilege, two names.
            "BINLOG MONITOR" => {
                set.names.insert("REPLICATION CLIENT".into());
            }
            "REPLICATION REPLICA" => {
                set.names.insert("REPLICATION SLAVE".into());
            }
            _ => {
                set.names.insert(name);
            }
        }
    }
    set
}

/// Matches a schema pattern of GRANT: `%` any text, `_` any character, `\` takes the next one as it is.
fn like(pattern: &str, text: &str) -> bool {
    let (mut pattern_chars, mut text_chars) = (pattern.chars(), text.chars());
    match pattern_chars.next() {
        None => text.is_empty(),
        Some('%') => {
            let rest = pattern_chars.as_str();
            text.char_indices().map(|(i, _)| i).chain([text.len()]).any(|i| like(rest, &text[i..]))
        }
        Some('\\') => match pattern_chars.next() {
            Some(c) => text_chars.next() == Some(c) && like(pattern_chars.as_str(), text_chars.as_str()),
            None => text == "\\",
        },
        Some('_') => text_chars.next().is_some() && like(pattern_chars.as_str(), text_chars.as_str()),
        Some(c) => text_chars.next() == Some(c) && like(pattern_chars.as_str(), text_chars.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As MariaDB 10.11 printed them.
    const MARIADB: &str = "GRANT `r1` TO `u1`@`%`
GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO `u1`@`%` IDENTIFIED BY PASSWORD '*B69027D44F6E5EDC07F1AEAD1477967B16F28227'
GRANT ALL PRIVILEGES ON `syncline`.* TO `u1`@`%`
GRANT ALL PRIVILEGES ON `s%`.* TO `u1`@`%` WITH GRANT OPTION
GRANT SELECT (`a`), UPDATE (`c`, `a`) ON `zoo`.`gen` TO `u1`@`%`
GRANT SELECT, INSERT ON `zoo`.`it``s` TO `u1`@`%`
GRANT EXECUTE ON PROCEDURE `zoo`.`pr` TO `u1`@`%`
GRANT PROXY ON `root`@`localhost` TO `u1`@`%`
GRANT USAGE ON *.* TO `r1`
GRANT SELECT, INSERT ON `my\\_db`.* TO `r1`
SET DEFAULT ROLE `r1` FOR `u1`@`%`";

    /// As MySQL 9.7 printed them.
    const MYSQL: &str = "GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO `u1`@`%`
GRANT BACKUP_ADMIN,SYSTEM_VARIABLES_ADMIN ON *.* TO `u1`@`%`
GRANT ALL PRIVILEGES ON `syncline`.* TO `u1`@`%`
GRANT SELECT, INSERT ON `my\\_db`.* TO `u1`@`%`
GRANT SELECT (`a`), UPDATE (`a`, `c`) ON `zoo`.`gen` TO `u1`@`%`
GRANT `r1`@`%`,`r2`@`%` TO `u1`@`%`";

    #[test]
    fn mariadb_grants() {
        let grants = Grants::parse(MARIADB.lines(), false);
        assert!(grants.global("REPLICATION SLAVE") && grants.global("REPLICATION CLIENT") && !grants.global("SELECT"));
        assert!(grants.schema("DROP", "syncline") && grants.schema("DROP", "shop") && !grants.schema("SELECT", "zoo"));
        assert!(grants.schema("SELECT", "my_db") && !grants.schema("SELECT", "myxdb"));
        assert!(!grants.table("SELECT", &TableName::new("zoo", "gen")), "column privileges are not enough");
        assert!(grants.table("SELECT", &TableName::new("zoo", "it`s")) && !grants.table("DELETE", &TableName::new("zoo", "it`s")));
        assert_eq!(grants.roles, ["r1"]);
    }

    #[test]
    fn mysql_grants() {
        let grants = Grants::parse(MYSQL.lines(), false);
        assert!(grants.global("REPLICATION SLAVE") && grants.global("BACKUP_ADMIN") && grants.global("SYSTEM_VARIABLES_ADMIN"));
        assert!(grants.schema("SELECT", "my_db") && !grants.schema("SELECT", "my-db"));
        assert_eq!(grants.roles, ["r1", "r2"]);
    }

    #[test]
    fn what_a_server_shows_beside_tables() {
        use Beside::{Event, Routine, Trigger};
        for (flavor, line, shown) in [
            (Flavor::Mysql, "GRANT SELECT ON `shop`.* TO `u`@`%`", &[][..]),
            (Flavor::Mysql, "GRANT SELECT ON *.* TO `u`@`%`", &[Routine]),
            (Flavor::Mariadb, "GRANT SELECT ON `shop`.* TO `u`@`%`", &[]),
            (Flavor::Mariadb, "GRANT SELECT ON *.* TO `u`@`%`", &[Routine]),
            (Flavor::Mariadb, "GRANT SELECT ON `mysql`.`proc` TO `u`@`%`", &[Routine]),
            (Flavor::Mysql, "GRANT SHOW_ROUTINE ON *.* TO `u`@`%`", &[Routine]),
            (Flavor::Mysql, "GRANT TRIGGER, EVENT, EXECUTE ON `shop`.* TO `u`@`%`", &Beside::ALL),
            (Flavor::Mariadb, "GRANT TRIGGER, EVENT ON `sh%`.* TO `u`@`%`", &[Trigger, Event]),
            (Flavor::Mariadb, "GRANT TRIGGER, EVENT ON `other`.* TO `u`@`%`", &[]),
        ] {
            let grants = Grants::parse([line], false);
            assert_eq!(
                Beside::ALL.into_iter().filter(|k| grants.shows(flavor, *k, "shop")).collect::<Vec<_>>(),
                shown,
                "{flavor:?} {line}"
            );
        }
    }

    #[test]
    fn partial_revokes_take_a_schema_out() {
        let lines = ["GRANT SELECT ON *.* TO `u2`@`%`", "REVOKE SELECT ON `zoo`.* FROM `u2`@`%`"];
        let grants = Grants::parse(lines, true);
        assert!(grants.schema("SELECT", "shop") && !grants.schema("SELECT", "zoo"));
    }

    #[test]
    fn all_privileges_everywhere() {
        let grants = Grants::parse(
            ["GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION", "GRANT PROXY ON ``@`%` TO `root`@`localhost`"],
            false,
        );
        assert!(grants.global("REPLICATION SLAVE") && grants.table("INSERT", &TableName::new("a", "b")));
    }

    #[test]
    fn patterns() {
        for (pattern, text, hit) in
            [("a%", "abc", true), ("a\\%", "abc", false), ("a\\%", "a%", true), ("_", "é", true), ("%b%", "abc", true), ("", "x", false)]
        {
            assert_eq!(like(pattern, text), hit, "{pattern} {text}");
        }
    }

    #[test]
    fn schemas_that_are_short_of_a_privilege_are_named() {
        let lines = [
            "GRANT RELOAD ON *.* TO `u`@`%`",
            "GRANT ALL PRIVILEGES ON `syncline`.* TO `u`@`%`",
            r"GRANT SELECT, INSERT ON `my\_shop`.* TO `u`@`%`",
            "GRANT CREATE ON `other`.* TO `u`@`%`",
        ];
        let short = |more: &str| {
            let grants = Grants::parse(lines.into_iter().chain([more]), false);
            grants.short_of(&["INSERT", "TRIGGER"]).iter().map(|(name, lacks)| format!("{name}: {}", lacks.join(" "))).collect::<Vec<_>>()
        };
        assert_eq!(short(""), [r"my\_shop: TRIGGER"]);
        assert!(short(r"GRANT TRIGGER ON `my\_shop`.* TO `u`@`%`").is_empty() && short("GRANT TRIGGER ON *.* TO `u`@`%`").is_empty());
    }
}
