//! The exact GRANT statements that a job needs at each side: what `--print-grants` prints and what findings hint at.

use crate::model::replicate::{TableFilter, TableMatch, quote};
use crate::replicate::connect::{Flavor, ServerInfo};
use std::collections::HashSet;

/// What the source account needs on every table of the job.
pub const SOURCE_TABLE: [&str; 1] = ["SELECT"];

/// What the source account needs on the server: reading the log and its position.
pub const SOURCE_GLOBAL: [&str; 2] = ["REPLICATION SLAVE", "REPLICATION CLIENT"];

/// What a server wants of those whom it shows a schema's triggers and events. No job needs them to run, but one into a database
/// counts what it leaves out, and lists it when it has finished.
const SHOWN: &str = "TRIGGER, EVENT";

/// What the target account needs on the job's schemas. TRIGGER, because triggers on a target table would fire a second
/// time, and servers show them only to those who could change them.
pub const TARGET_SCHEMA: [&str; 10] = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES", "TRIGGER"];

/// What the target account needs on our own schema.
pub const BOOKKEEPING: [&str; 8] = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX"];

/// The schema with a job's bookkeeping at its target.
pub const BOOKKEEPING_SCHEMA: &str = "syncline";

/// An account as GRANT names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account(pub String);

impl Account {
    /// From `CURRENT_USER()`; the host part has no `@` in it, the user part may.
    pub fn of_current_user(text: &str) -> Self {
        let (user, host) = text.rsplit_once('@').unwrap_or((text, "%"));
        Self(format!("{}@{}", text_literal(user), text_literal(host)))
    }
    /// For a server that could not be asked.
    pub fn of_user(user: &str) -> Self {
        Self(format!("{}@'%'", text_literal(user)))
    }
}

fn text_literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// Returns the server's own name of a privilege.
pub fn spelled(privilege: &'static str, flavor: Flavor) -> &'static str {
    if privilege == "REPLICATION CLIENT" && flavor == Flavor::Mariadb { "BINLOG MONITOR" } else { privilege }
}

/// Returns what the source account needs. `lock_schemas` have tables without a key, which MySQL locks for an instant.
pub fn source(info: &ServerInfo, account: &Account, filter: &TableFilter, lock_schemas: &[&str], literal: bool) -> Vec<String> {
    let global = SOURCE_GLOBAL.map(|p| spelled(p, info.flavor)).join(", ");
    let mut out = vec![format!("GRANT {global} ON *.* TO {};", account.0)];
    out.extend(objects(filter, literal).into_iter().map(|object| format!("GRANT SELECT ON {object} TO {};", account.0)));
    if info.flavor == Flavor::Mysql {
        if !info.gtid {
            out.push(format!("GRANT BACKUP_ADMIN ON *.* TO {};", account.0));
            out.push(format!("GRANT SELECT ON performance_schema.log_status TO {};", account.0));
        }
        out.extend(lock_schemas.iter().map(|s| format!("GRANT LOCK TABLES ON {} TO {};", schema(s, literal), account.0)));
    }
    out
}

/// Returns what an account needs besides, at either end, to be shown what a job into a database leaves out.
pub fn shown<'s>(flavor: Flavor, account: &Account, schemas: impl Iterator<Item = &'s str>, literal: bool) -> Vec<String> {
    let schemas = once_or_all(schemas.map(|name| schema(name, literal)));
    let mut out: Vec<_> = schemas.into_iter().map(|object| format!("GRANT {SHOWN} ON {object} TO {};", account.0)).collect();
    // Neither lets anybody run or change a routine.
    out.push(match flavor {
        Flavor::Mysql => format!("GRANT SHOW_ROUTINE ON *.* TO {};", account.0),
        Flavor::Mariadb => format!("GRANT SELECT ON mysql.proc TO {};", account.0),
    });
    out
}

/// Returns what a target's account needs besides to be told where its log stands when a job ends.
pub fn place(flavor: Flavor, account: &Account) -> String {
    format!("GRANT {} ON *.* TO {};", spelled("REPLICATION CLIENT", flavor), account.0)
}

/// Returns what the target account needs.
pub fn target(account: &Account, filter: &TableFilter, literal: bool) -> Vec<String> {
    let privileges = TARGET_SCHEMA.join(", ");
    let objects = once_or_all(target_schemas(filter).map(|name| schema(name, literal)));
    let mut out: Vec<_> = objects.into_iter().map(|object| format!("GRANT {privileges} ON {object} TO {};", account.0)).collect();
    out.push(format!("GRANT ALL PRIVILEGES ON {} TO {};", schema(BOOKKEEPING_SCHEMA, literal), account.0));
    out
}

/// The schemas of the rules, as the target names them.
pub fn target_schemas(filter: &TableFilter) -> impl Iterator<Item = &str> {
    filter.include.iter().map(|rule| rule.to.schema.as_ref().unwrap_or(&rule.schema).as_str())
}

/// Each object once; none means all.
fn once_or_all(objects: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut out: Vec<_> = objects.filter(|object| seen.insert(object.clone())).collect();
    if out.is_empty() {
        out.push("*.*".into());
    }
    out
}

/// What the filter includes, as GRANT names it.
fn objects(filter: &TableFilter, literal: bool) -> Vec<String> {
    let mut out = Vec::new();
    for rule in &filter.include {
        // What a pattern may match is not known yet.
        if rule.is_open() {
            out.push(schema(&rule.schema, literal));
        } else {
            out.extend(rule.tables.iter().filter_map(TableMatch::name).map(|t| format!("{}.{}", quote(&rule.schema), quote(t))));
        }
    }
    let mut seen = HashSet::new();
    out.retain(|object| seen.insert(object.clone()));
    if filter.include.is_empty() {
        out.push("*.*".into());
    }
    out
}

/// A schema as GRANT reads it: a pattern, unless `literal` (MySQL with partial_revokes).
pub fn schema(name: &str, literal: bool) -> String {
    let name = if literal { name.to_owned() } else { name.replace('_', "\\_").replace('%', "\\%") };
    format!("{}.*", quote(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::replicate::SchemaRule;

    fn info(flavor: Flavor, gtid: bool) -> ServerInfo {
        ServerInfo {
            flavor,
            version: (9, 7, 4),
            version_text: String::new(),
            server_id: 1,
            uuid: String::new(),
            origin: String::new(),
            gtid,
            logs_cascades: true,
            connection_id: 1,
        }
    }

    #[test]
    fn statements_for_both_sides() {
        let rule = |schema: &str, tables: &[&str]| SchemaRule::new(schema, tables.iter().map(|t| TableMatch::parse(t).unwrap()));
        let filter = TableFilter { include: vec![rule("my_shop", &[]), rule("crm", &["it`s"])], ignore: Vec::new(), shadows: false };
        let account = Account::of_current_user("o'neil@10.%");
        assert_eq!(
            source(&info(Flavor::Mariadb, true), &account, &filter, &["crm"], false),
            [
                "GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO 'o''neil'@'10.%';",
                "GRANT SELECT ON `my\\_shop`.* TO 'o''neil'@'10.%';",
                "GRANT SELECT ON `crm`.`it``s` TO 'o''neil'@'10.%';"
            ]
        );
        assert_eq!(
            shown(Flavor::Mariadb, &account, ["my_shop", "crm", "my_shop"].into_iter(), false),
            [
                "GRANT TRIGGER, EVENT ON `my\\_shop`.* TO 'o''neil'@'10.%';",
                "GRANT TRIGGER, EVENT ON `crm`.* TO 'o''neil'@'10.%';",
                "GRANT SELECT ON mysql.proc TO 'o''neil'@'10.%';"
            ]
        );
        assert_eq!(
            shown(Flavor::Mysql, &Account::of_user("r"), std::iter::empty(), true),
            ["GRANT TRIGGER, EVENT ON *.* TO 'r'@'%';", "GRANT SHOW_ROUTINE ON *.* TO 'r'@'%';"]
        );
        assert_eq!(
            source(&info(Flavor::Mysql, false), &Account::of_user("r"), &TableFilter::default(), &["crm"], true),
            [
                "GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'r'@'%';",
                "GRANT SELECT ON *.* TO 'r'@'%';",
                "GRANT BACKUP_ADMIN ON *.* TO 'r'@'%';",
                "GRANT SELECT ON performance_schema.log_status TO 'r'@'%';",
                "GRANT LOCK TABLES ON `crm`.* TO 'r'@'%';"
            ]
        );
        let patterned = TableFilter { include: vec![rule("a", &["x", "/y/"]), rule("a", &["/z/"])], ignore: Vec::new(), shadows: false };
        assert_eq!(objects(&patterned, false), ["`a`.*"], "what a pattern may match is not known");
        let target = target(&Account::of_user("r"), &filter, false);
        assert!(
            target[0].ends_with("REFERENCES, TRIGGER ON `my\\_shop`.* TO 'r'@'%';")
                && target[2] == "GRANT ALL PRIVILEGES ON `syncline`.* TO 'r'@'%';",
            "{target:?}"
        );
    }
}
