//! Checks of the job's tables at the source, and whether the target can hold them.

use super::privileges::Beside;
use super::report::Findings;
use super::server::Server;
use super::{names, relations, row_filters, source, target, target_tables};
use crate::model::finding::{Check, Severity, Side};
use crate::model::replicate::{ReplicateSpec, SYSTEM_SCHEMAS, TableFilter, TableMatch, TableName};
use crate::model::shadows::Part;
use crate::replicate::connect::Flavor;
use crate::replicate::schema::fidelity::Fate;
use crate::replicate::schema::read::{self, Listing};
use crate::replicate::schema::translate::Change;
use crate::replicate::table::{Generated, Key, Table, TypeClass};
use crate::replicate::{Recorded, Result};
use std::collections::{BTreeMap, BTreeSet};

const SIDE: Side = Side::Src;

/// Returns the schemas of tables that are copied in one snapshot.
pub(super) async fn check(
    spec: &ReplicateSpec,
    source: &mut Server,
    target: Option<&mut Server>,
    recorded: &Recorded,
    found: &mut Findings,
) -> Result<Vec<String>> {
    let filter = &spec.src.filter;
    let listing = read::list(&mut source.conn, filter).await?;
    unknown_names(spec, &listing, recorded, found);
    notes(&listing, found);
    if target.is_some() {
        not_shown(source, filter, &listing, found);
    }
    online_changes(spec, &listing, recorded, found);
    if listing.tables.is_empty() {
        let message = "the job's rules match no table that the account can see";
        let severity = if recorded.started() { Severity::Warning } else { Severity::Error };
        found.add(
            severity,
            SIDE,
            Check::Schema,
            "no_tables",
            source.account.0.clone(),
            message,
            "check the rules, and that the account has SELECT on the tables",
        );
    }
    let to_copy = listing.tables.iter().filter(|t| recorded.copies(&t.name, spec)).map(|t| t.data_bytes).sum();
    source::log_outlives_copy(&source.variables, to_copy, found);
    let names: Vec<_> = listing.tables.iter().map(|t| t.name.clone()).collect();
    let schemas: Vec<_> = names.iter().map(|n| n.schema.as_str()).collect::<BTreeSet<_>>().into_iter().collect();
    source::log_filters(source, filter, &schemas, found).await;
    select_privilege(source, filter, &listing, &names, found);
    // What may not be read cannot be defined; there is a finding about it already.
    let readable: Vec<_> = names.iter().filter(|n| source.grants.table("SELECT", n)).cloned().collect();
    let tables = read::read_tables(&mut source.conn, &source.info, &readable).await?;
    for table in &tables {
        one(table, found);
    }
    row_filters::check(spec, &tables, found);
    let together = relations::check(spec, source, &tables, found);
    row_filters::parents(spec, &tables, found);
    let copied = |table: &TableName| recorded.copies(table, spec);
    let mut keyless = keyless(&tables, copied, source, target.as_deref(), found);
    keyless.extend(together);
    keyless.sort();
    keyless.dedup();
    if let Some(target) = target {
        let theirs: BTreeSet<_> = names.iter().map(|n| filter.target(n).schema).collect();
        target::schemas(target, &theirs.iter().map(String::as_str).collect::<Vec<_>>(), found);
        let names: BTreeSet<_> = names.iter().map(|n| filter.target(n)).collect();
        names::colliding(&names.into_iter().collect::<Vec<_>>(), target, found);
        names::merged(filter, &tables, |name| recorded.holds(name), found);
        if let Err(e) = target_tables::check(spec, source, target, &tables, recorded, found).await {
            super::failed(&e, Side::Dest, "the job's tables", found);
        }
    }
    Ok(keyless)
}

/// Rules that name what is not there.
fn unknown_names(spec: &ReplicateSpec, listing: &Listing, recorded: &Recorded, found: &mut Findings) {
    let system = |schema: &str| SYSTEM_SCHEMAS.iter().any(|s| s.eq_ignore_ascii_case(schema));
    for rule in spec.src.filter.include.iter().filter(|rule| !system(&rule.schema)) {
        if !listing.schemas.iter().any(|s| s.name == rule.schema) {
            let alike = listing.schemas.iter().find(|s| s.name.eq_ignore_ascii_case(&rule.schema));
            let hint =
                alike.map_or_else(|| "check its name, and that the account may see it".to_owned(), |s| format!("did you mean {}?", s.name));
            // What the job has replicated before was dropped since, or renamed: its log says so.
            let severity = if recorded.holds_schema(&rule.schema) { Severity::Warning } else { Severity::Error };
            let message = format!("the source has no schema {}", rule.schema);
            found.add(severity, SIDE, Check::Schema, "unknown_schema", &rule.schema, message, hint);
            continue;
        }
        for pattern in rule.tables.iter().filter(|t| t.name().is_none()) {
            if !listing.tables.iter().any(|t| t.name.schema == rule.schema && pattern.matches(&t.name.table)) {
                let message = format!("{pattern} matches no table of {} yet", rule.schema);
                let hint = "tables that are created later and match take part; a pattern is matched against the whole name, in its case";
                found.warning(SIDE, Check::Schema, "pattern_matches_nothing", format!("{}.{pattern}", rule.schema), message, hint);
            }
        }
        for table in rule.tables.iter().filter_map(TableMatch::name).filter(|t| spec.src.filter.includes(&rule.schema, t)) {
            let name = TableName::new(rule.schema.clone(), table);
            if listing.tables.iter().any(|t| t.name == name) {
                continue;
            }
            let other = listing
                .notes
                .iter()
                .find(|n| n.schema == rule.schema && n.names.iter().any(|n| n == table) && (n.kind == "view" || n.kind == "sequence"));
            let seen = listing.tables.iter().map(|t| &t.name).chain(&listing.left_out);
            let alike = seen.into_iter().find(|t| t.to_string().eq_ignore_ascii_case(&name.to_string()));
            let (message, hint) = match (other, alike) {
                (Some(note), _) => {
                    (format!("{name} is a {}, and those are not replicated", note.kind), "take it out of the job".to_owned())
                }
                (None, Some(t)) => (format!("the source has no table {name}"), format!("did you mean {t}?")),
                (None, None) => {
                    (format!("the source has no table {name}"), "check its name, and that the account has SELECT on it".to_owned())
                }
            };
            let severity = if recorded.holds(&name) { Severity::Warning } else { Severity::Error };
            found.add(severity, SIDE, Check::Schema, "unknown_table", name.to_string(), message, hint);
        }
    }
}

/// Tables that take part, or do not, for their names alone: told, because they may be something else.
fn online_changes(spec: &ReplicateSpec, listing: &Listing, recorded: &Recorded, found: &mut Findings) {
    let filter = &spec.src.filter;
    for name in listing.tables.iter().map(|t| &t.name).filter(|t| recorded.copies(t, spec)) {
        let Some(beside) = filter.beside(&name.schema, &name.table).filter(|b| b.part == Part::Shadow) else { continue };
        let message = format!(
            "{name} is copied too: it has the name that gh-ost and pt-online-schema-change give to what they make of {}.{}",
            name.schema, beside.base
        );
        let hint = "if it is something else, name it among the tables to ignore";
        found.warning(SIDE, Check::Schema, "online_change_table", name.to_string(), message, hint);
    }
    for name in &listing.left_out {
        let Some(base) = filter.left_out_with(&name.schema, &name.table) else { continue };
        let message =
            format!("{name} is left out with {}.{base}, which is ignored: it has the name of an online change of that table", name.schema);
        found.warning(
            SIDE,
            Check::Schema,
            "online_change_ignored",
            name.to_string(),
            message,
            "if it is something else, name it in a rule of its own",
        );
    }
}

/// What the schemas hold and a job does not move.
fn notes(listing: &Listing, found: &mut Findings) {
    let mut kinds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for note in &listing.notes {
        kinds.entry(&note.kind).or_default().extend(note.names.iter().map(|n| format!("{}.{n}", note.schema)));
    }
    for (kind, names) in kinds {
        let message = format!("{} {kind}{} in the job's schemas: not replicated", names.len(), if names.len() == 1 { "" } else { "s" });
        found.info(SIDE, Check::Schema, "objects_not_moved", some(&names), message, "");
    }
}

/// What a job into a database leaves out is counted and handed over, as far as the source shows it to the account.
fn not_shown(source: &Server, filter: &TableFilter, listing: &Listing, found: &mut Findings) {
    for schema in listing.schemas.iter().filter(|s| filter.touches_schema(&s.name)) {
        let kinds = Beside::ALL.into_iter().filter(|kind| !source.grants.shows(source.info.flavor, *kind, &schema.name));
        let kinds: Vec<_> = kinds.map(Beside::plural).collect();
        if kinds.is_empty() {
            continue;
        }
        let account = &source.account.0;
        let message = format!(
            "the source does not show the {} of {} to {account}: they are in no note of what is not replicated",
            kinds.join(", "),
            schema.name
        );
        let hint = "`syncline jobs validate --print-grants=source` prints what the account lacks";
        found.info(SIDE, Check::Privileges, "objects_not_shown", schema.name.clone(), message, hint);
    }
}

/// A server lists only the tables that an account may read, so a rule for a whole schema needs SELECT on all of it:
/// else tables would be left out, and nobody told.
fn select_privilege(source: &Server, filter: &TableFilter, listing: &Listing, names: &[TableName], found: &mut Findings) {
    let mut lacks = |object: String, sql: String, why: &str| {
        let message = format!("{} lacks SELECT on {object} at the source{why}", source.account.0);
        found.error(SIDE, Check::Privileges, "missing_privilege", object, message, source.grant_hint("SELECT", &sql));
    };
    if filter.include.is_empty() && !source.grants.global("SELECT") {
        lacks("*.*".into(), "*.*".into(), ", and the job is about all schemas: some might not be seen");
    }
    for rule in filter.include.iter().filter(|r| r.is_open() && listing.schemas.iter().any(|s| s.name == r.schema)) {
        if !source.grants.schema("SELECT", &rule.schema) {
            let sql = super::grants::schema(&rule.schema, source.literal());
            let what = if rule.tables.is_empty() { "all its tables" } else { "those that match a pattern" };
            lacks(rule.schema.clone(), sql, &format!(", and the job is about {what}: some might not be seen"));
        }
    }
    for name in names.iter().filter(|n| {
        !source.grants.table("SELECT", n)
            && filter.include.iter().any(|r| r.schema == n.schema && r.tables.iter().any(|t| t.name() == Some(&n.table)))
    }) {
        lacks(name.to_string(), name.quoted(), "");
    }
}

fn one(table: &Table, found: &mut Findings) {
    let name = table.name.to_string();
    let transactional = ["innodb", "rocksdb", "tokudb"].iter().any(|e| table.engine.eq_ignore_ascii_case(e));
    if !transactional {
        let message = format!(
            "{name} is {} at the source (InnoDB where the job makes it): its changes belong to no transaction, so a copy may see half a statement",
            table.engine
        );
        found.warning(
            SIDE,
            Check::Schema,
            "source_not_transactional",
            &name,
            message,
            format!("ALTER TABLE {} ENGINE=InnoDB;", table.name.quoted()),
        );
        let counter = table.columns.iter().position(|c| c.auto_increment);
        if counter.is_some_and(|at| table.keys.iter().all(|k| k.columns.first() != Some(&at))) {
            let message = format!("the AUTO_INCREMENT column of {name} is first in no key, which InnoDB at the target wants");
            found.error(SIDE, Check::Schema, "auto_increment_not_first", &name, message, "add a key that begins with it");
        }
    }
    for column in table.columns.iter().filter(|c| matches!(c.class, TypeClass::Enum | TypeClass::Set)) {
        let wide = column.charset.as_deref().is_some_and(|c| matches!(c, "utf8mb4" | "utf16" | "utf16le" | "utf32" | "gb18030"));
        if wide && column.members.iter().any(|m| m.contains(&b'?')) {
            let message = "a member of this ENUM or SET reads as '?': the server does not tell characters beyond the basic plane (emoji)";
            found.warning(
                SIDE,
                Check::Schema,
                "enum_member_unreadable",
                format!("{name}.{}", column.name),
                message,
                "if it is not a question mark, create the table at the target yourself",
            );
        }
    }
}

/// Tables without a key: copied in one piece, and MySQL must hold them still for an instant.
fn keyless(
    tables: &[Table],
    copied: impl Fn(&TableName) -> bool,
    source: &Server,
    target: Option<&Server>,
    found: &mut Findings,
) -> Vec<String> {
    let keyless: Vec<_> = tables.iter().filter(|t| t.row_key().is_none()).collect();
    for table in &keyless {
        let name = table.name.to_string();
        let copied = copied(&table.name);
        let what = if copied {
            "it is copied by one snapshot, and a copy that was broken off begins again"
        } else {
            "its rows are found by all their values, which takes longer the more there are"
        };
        let generated = |k: &Key| k.columns.iter().any(|&c| table.columns[c].generated != Generated::No);
        let (lacks, add) = match table.keys.iter().find(|k| k.primary) {
            None => ("has no primary key", "a primary key"),
            Some(key) if generated(key) => {
                ("has a primary key over generated columns, which not all logs carry", "a unique key over other columns")
            }
            Some(_) => ("has a primary key that is no B-tree", "USING BTREE to its primary key, or a unique key with it,"),
        };
        let message = format!("{name} {lacks} and no unique key without NULLs: {what}");
        found.warning(SIDE, Check::Schema, "no_key", &name, message, format!("add {add} to {}", table.name.quoted()));
        if copied && source.info.flavor == Flavor::Mysql && !source.grants.schema("LOCK TABLES", &table.name.schema) {
            let message = format!(
                "{} lacks LOCK TABLES on {}: the snapshot of {name} must wait for a moment without writes",
                source.account.0, table.name.schema
            );
            let object = super::grants::schema(&table.name.schema, source.literal());
            found.warning(SIDE, Check::Privileges, "lock_tables_missing", &name, message, source.grant_hint("LOCK TABLES", &object));
        }
        if target.is_some_and(|t| t.variables.on("sql_require_primary_key")) && table.keys.iter().all(|k| !k.primary) {
            let message = format!("the target wants a primary key on each table (sql_require_primary_key), {name} has none");
            found.error(Side::Dest, Check::Schema, "primary_key_required", &name, message, "SET GLOBAL sql_require_primary_key = OFF;");
        }
    }
    keyless.iter().map(|t| t.name.schema.clone()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Reports what translation changes: refusals one by one, the rest by what becomes of it.
pub(super) fn changes(all: Vec<Change>, found: &mut Findings) {
    let mut mapped: BTreeMap<(&'static str, String), Vec<String>> = BTreeMap::new();
    for Change { code, object, fate } in all {
        match fate {
            Fate::Identical => {}
            Fate::Refused(why) => {
                let message = format!("{object} cannot be replicated to this target: {why}");
                found.error(Side::Dest, Check::Schema, code, object, message, "change it at the source, or leave the table out of the job");
            }
            Fate::Mapped(to) => mapped.entry((code, to)).or_default().push(object),
        }
    }
    for ((code, to), objects) in mapped {
        let severity =
            if matches!(code, "functional_key" | "check_dropped" | "column_made_visible") { Severity::Warning } else { Severity::Info };
        let message = format!("{} at the target: {to}", plural(objects.len()));
        found.add(severity, Side::Dest, Check::Schema, code, some(&objects), message, "");
    }
}

fn plural(n: usize) -> String {
    if n == 1 { "1 object is different".into() } else { format!("{n} objects are different") }
}

/// The first few names.
pub(super) fn some(names: &[String]) -> String {
    let more = names.len().saturating_sub(5);
    let first = names.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
    if more == 0 { first } else { format!("{first} and {more} more") }
}
