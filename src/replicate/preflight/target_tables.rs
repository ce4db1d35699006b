//! Checks of the job's tables against what the target has already, or can be made to have.

use super::report::Findings;
use super::sequences;
use super::server::Server;
use super::tables::{changes, some};
use crate::model::finding::{Check, Severity, Side};
use crate::model::replicate::{ExistingTable, NOW, ReplicateSpec, TableName};
use crate::replicate::connect::Flavor;
use crate::replicate::filter::RowFilters;
use crate::replicate::schema::definition::{ForeignKey, foreign_keys};
use crate::replicate::schema::dialect::{Dialect, Fit};
use crate::replicate::schema::mapped::mapped;
use crate::replicate::schema::read::{ask, literal, read_tables, text};
use crate::replicate::schema::translate;
use crate::replicate::table::{Column, Generated, Key, Table, TypeClass};
use crate::replicate::{Error, Recorded, Result};
use std::collections::{BTreeSet, HashMap};

const SIDE: Side = Side::Dest;

pub(super) async fn check(
    spec: &ReplicateSpec,
    source: &Server,
    target: &mut Server,
    tables: &[Table],
    recorded: &Recorded,
    found: &mut Findings,
) -> Result<()> {
    let filter = &spec.src.filter;
    let mut at_target = Vec::new();
    for table in tables {
        match mapped(table, filter) {
            Ok(there) => at_target.push((table, there)),
            Err(e) => found.error(SIDE, Check::Schema, e.code, table.name.to_string(), e.message, e.hint),
        }
    }
    let names: Vec<_> = at_target.iter().map(|(_, t)| t.name.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    // Names in capitals come back as the target keeps them.
    let there: HashMap<_, _> =
        read_tables(&mut target.conn, &target.info, &names).await?.into_iter().map(|t| (t.name.clone(), t)).collect();
    let mut changed = Vec::new();
    // One that cannot be read is a finding already.
    let filters = RowFilters::new(&spec.src.filter).ok();
    let mut looked = BTreeSet::new();
    let mut made = Vec::new();
    for (table, wanted) in &at_target {
        let name = wanted.name.to_string();
        let existing = there.get(&wanted.name);
        let copies = recorded.copies(&table.name, spec);
        let drop = spec.src.existing_table == ExistingTable::Drop && copies;
        match existing {
            None if !copies && !recorded.holds(&table.name) => absent(spec, &name, found),
            None if spec.src.skip_create => {
                let message = format!("the target has no table {name}, and the job may not create it (skip_create)");
                found.error(SIDE, Check::Schema, "target_table_missing", &name, message, "create it, or let the job do it");
            }
            None => {
                made.push(wanted);
                changed.extend(translate::table(wanted, &source.dialect, &target.dialect).changes);
            }
            Some(_) if drop => {
                made.push(wanted);
                changed.extend(translate::table(wanted, &source.dialect, &target.dialect).changes);
            }
            Some(existing) => {
                // The table is what it is; only what its values become still counts.
                let translated = translate::table(wanted, &source.dialect, &target.dialect);
                changed.extend(translated.changes.into_iter().filter(|c| {
                    matches!(c.code, "type_not_portable" | "vector_not_portable" | "system_versioned" | "period_key" | "json_mapped")
                }));
                if !existing.engine.eq_ignore_ascii_case("InnoDB") {
                    let message = format!("{name} is {} at the target: only InnoDB tables can be applied exactly once", existing.engine);
                    found.error(
                        SIDE,
                        Check::Schema,
                        "target_engine",
                        &name,
                        message,
                        format!("ALTER TABLE {} ENGINE=InnoDB;", wanted.name.quoted()),
                    );
                }
                if !source.info.logs_cascades {
                    actions(wanted, existing, recorded.holds(&table.name), found);
                }
                if !recorded.holds(&table.name) {
                    let columns = filter.columns(&table.name);
                    if let Some(Err(e)) = filters.as_ref().filter(|_| columns.is_empty()).map(|f| f.same(table, existing))
                        && let Some(rule) = filter.rule(&table.name.schema, &table.name.table)
                    {
                        found.row_filter(rule, e.code, &name, e.message, e.hint);
                    }
                    let apart = Apart { mapped: !columns.is_empty(), copied: copies };
                    definition(wanted, existing, &source.dialect, &target.dialect, apart, found);
                }
            }
        }
        // What merged tables have there already is of the job's once one of them is.
        let first =
            looked.insert(wanted.name.clone()) && !tables.iter().any(|t| recorded.holds(&t.name) && filter.target(&t.name) == wanted.name);
        if existing.is_some() && copies && first {
            rows(spec, target, wanted, found).await?;
        }
    }
    sequences::check(&made, target, found).await?;
    let comes = |(table, wanted): &&(&Table, Table)| recorded.holds(&table.name) && !there.contains_key(&wanted.name);
    let ahead: Vec<_> = at_target.iter().filter(comes).map(|(table, wanted)| (table.name.clone(), wanted.name.clone())).collect();
    if !spec.src.skip_create {
        let wanted: Vec<Table> = at_target.into_iter().map(|(_, t)| t).collect();
        parents(&wanted, |name| !there.contains_key(name), found);
    }
    changes(changed, found);
    for (table, wanted) in ahead {
        found.ahead(&[&table, &wanted]);
    }
    triggers(target, &names, found).await
}

async fn rows(spec: &ReplicateSpec, target: &mut Server, table: &Table, found: &mut Findings) -> Result<()> {
    let name = &table.name;
    // Without the privilege there is a finding about that already.
    if !target.grants.table("SELECT", name) {
        return Ok(());
    }
    if ask(&mut target.conn, &format!("SELECT 1 FROM {} LIMIT 1", name.quoted()), "look for rows at the target").await?.is_empty() {
        return Ok(());
    }
    let object = name.to_string();
    match spec.src.existing_table {
        ExistingTable::Refuse => {
            let hint =
                "empty it, or create the job with existing_tables = \"upsert\" (rows are overwritten) or \"drop\" (the table is made anew)";
            found.error(SIDE, Check::Schema, "target_not_empty", &object, format!("{object} has rows at the target"), hint);
        }
        ExistingTable::Upsert if table.row_key().is_none() => {
            let message = format!("{object} has rows at the target and no key to find them by: copying into it would double them");
            let hint = "empty it, or create the job with existing_tables = \"drop\" (the table is made anew)";
            found.error(SIDE, Check::Schema, "target_not_empty", &object, message, hint);
        }
        ExistingTable::Upsert => {
            let message = format!(
                "{object} has rows at the target: those with the same key are overwritten, others stay, also those that the source does not have"
            );
            let hint = "`syncline jobs verify` finds rows that only the target has, `--repair` removes them";
            found.warning(SIDE, Check::Schema, "target_not_empty", &object, message, hint);
        }
        ExistingTable::Drop => {
            let message = format!("{object} has rows at the target and will be dropped");
            found.info(SIDE, Check::Schema, "target_not_empty", &object, message, "");
        }
    }
    Ok(())
}

/// A table of a job that begins at a position given to it, and so makes none: the log behind that may.
fn absent(spec: &ReplicateSpec, name: &str, found: &mut Findings) {
    let (severity, more) = match spec.src.start_gtid.as_deref() {
        Some(NOW) => (Severity::Error, ""),
        _ => (Severity::Warning, ", unless it came to be behind that position"),
    };
    let message = format!("the target has no table {name}, and a job with a start position copies and makes none{more}");
    let hint = "bring the table to the target first, or create the job without a start position";
    found.add(severity, SIDE, Check::Schema, "target_table_missing", name, message, hint);
}

/// How a table at the target may be apart from the source's.
struct Apart {
    /// Its columns are mapped.
    mapped: bool,
    /// The job brings its rows, and could make it.
    copied: bool,
}

/// Compares a table that the target has with the source's: rows are told apart by their columns' places.
fn definition(source: &Table, target: &Table, from: &Dialect, to: &Dialect, apart: Apart, found: &mut Findings) {
    let Apart { mapped, copied } = apart;
    let name = source.name.to_string();
    let mut differences = Vec::new();
    let names = |t: &Table| t.columns.iter().map(|c| c.name.to_lowercase()).collect::<Vec<_>>();
    let (here, there) = (names(source), names(target));
    let missing: Vec<_> = source.columns.iter().filter(|c| !there.contains(&c.name.to_lowercase())).map(|c| c.name.clone()).collect();
    let extra: Vec<_> = target.columns.iter().filter(|c| !here.contains(&c.name.to_lowercase())).map(|c| c.name.clone()).collect();
    if !missing.is_empty() {
        differences.push(format!("missing at the target: {}", some(&missing)));
    }
    // Where columns are mapped, others may be the target's own.
    if !extra.is_empty() && !mapped {
        differences.push(format!("only at the target: {}", some(&extra)));
    }
    if missing.is_empty() && extra.is_empty() && here != there && !mapped {
        differences.push("the columns are in another order".into());
    }
    for column in &source.columns {
        let other = target.columns.iter().find(|c| c.name.eq_ignore_ascii_case(&column.name));
        differences.extend(other.and_then(|other| column_difference(column, other, from, to)));
    }
    if !differences.is_empty() {
        let message = format!("{name} is defined differently at the target: {}", differences.join("; "));
        let hint = match copied {
            true => "make the definitions equal, or let the job make the table (existing_tables = \"drop\")",
            false => "make the definitions equal",
        };
        found.error(SIDE, Check::Schema, "target_columns_differ", &name, message, hint);
    }
    keys(source, target, from, to, found);
}

/// Says why values of `a` may not fit into `b`.
fn column_difference(a: &Column, b: &Column, from: &Dialect, to: &Dialect) -> Option<String> {
    let differs = |what: &str| Some(format!("{} is {} at the source and {} at the target{what}", a.name, a.column_type, b.column_type));
    if (a.generated == Generated::No) != (b.generated == Generated::No) {
        return differs(", and generated at one end only");
    }
    let json = a.class == TypeClass::Json && b.class == TypeClass::Text && to.flavor == Flavor::Mariadb
        || b.class == TypeClass::Json && a.class == TypeClass::Text && from.flavor == Flavor::Mariadb;
    if json {
        return None;
    }
    let kind = |c: &Column| if c.data_type == "geomcollection" { "geometrycollection".to_owned() } else { c.data_type.clone() };
    if a.class != b.class || kind(a) != kind(b) || a.unsigned != b.unsigned || a.members != b.members {
        return differs("");
    }
    if a.length != b.length || a.fraction != b.fraction || precision(a) != precision(b) {
        return differs("");
    }
    if a.nullable && !b.nullable && a.generated == Generated::No {
        return Some(format!("{} may be NULL at the source only", a.name));
    }
    let stored = |c: &Column| c.charset.clone().map(|c| c.replace("utf8mb3", "utf8"));
    if stored(a) != stored(b) {
        return Some(format!(
            "{} has character set {} at the source and {} at the target",
            a.name,
            a.charset.as_deref().unwrap_or("none"),
            b.charset.as_deref().unwrap_or("none")
        ));
    }
    None
}

/// What is in parentheses, for types where it decides what fits; display widths do not.
fn precision(column: &Column) -> Option<&str> {
    if !matches!(column.class, TypeClass::Decimal | TypeClass::Bit | TypeClass::Vector) {
        return None;
    }
    let (_, rest) = column.column_type.split_once('(')?;
    rest.split_once(')').map(|(inside, _)| inside)
}

fn keys(source: &Table, target: &Table, from: &Dialect, to: &Dialect, found: &mut Findings) {
    let name = source.name.to_string();
    let columns = |t: &Table, k: &Key| k.columns.iter().map(|&c| t.columns[c].name.to_lowercase()).collect::<BTreeSet<_>>();
    if let Some(key) = source.row_key() {
        let wanted = columns(source, key);
        if !target.keys.iter().any(|k| k.unique && k.usable && k.prefix.iter().all(Option::is_none) && columns(target, k) == wanted) {
            let list = wanted.iter().cloned().collect::<Vec<_>>().join(", ");
            let message = format!("{name} has no unique key over ({list}) at the target: rows could not be found again");
            found.error(SIDE, Check::Schema, "target_key_missing", &name, message, format!("add a unique key over ({list}) at the target"));
        }
    }
    for key in target.keys.iter().filter(|k| k.unique) {
        let wanted = columns(target, key);
        if !source.keys.iter().any(|k| k.unique && columns(source, k) == wanted) {
            let message = format!("{name} has a unique key {} at the target that the source lacks: rows may collide there", key.name);
            found.warning(SIDE, Check::Schema, "target_unique_extra", &name, message, format!("drop the key {} at the target", key.name));
        }
        for column in key.columns.iter().map(|&c| &target.columns[c]) {
            let Some(origin) = source.columns.iter().find(|c| c.name.eq_ignore_ascii_case(&column.name)) else { continue };
            if let (Some(a), Some(b)) = (&origin.collation, &column.collation)
                && !collations_agree(a, b, from, to)
            {
                let object = format!("{name}.{}", column.name);
                let message = format!(
                    "key column {object} has collation {a} at the source and {b} at the target: they may take different values as equal"
                );
                found.error(
                    SIDE,
                    Check::Schema,
                    "key_collation_differs",
                    object,
                    message,
                    "give the column the source's collation at the target",
                );
            }
        }
    }
}

fn collations_agree(source: &str, target: &str, from: &Dialect, to: &Dialect) -> bool {
    match to.collation(source, from) {
        Fit::Same => source == target,
        Fit::Near(other) => other == target,
        Fit::Coarser(_) | Fit::None => false,
    }
}

/// MySQL refuses a foreign key to columns that are not unique (1822, 6125 with its defaults), and both flavours one to
/// columns without an index, whatever foreign_key_checks says. We build plain indexes last, so such a key cannot be made.
fn parents(tables: &[Table], absent: impl Fn(&TableName) -> bool, found: &mut Findings) {
    for table in tables.iter().filter(|t| absent(&t.name)) {
        for key in foreign_keys(&table.create, &table.name) {
            let Some(parent) = tables.iter().find(|t| t.name == key.parent) else { continue };
            let wanted: Vec<_> = key.parent_columns.iter().map(|c| c.to_lowercase()).collect();
            let is_key = |k: &Key| k.unique && k.columns.iter().map(|&c| parent.columns[c].name.to_lowercase()).eq(wanted.iter().cloned());
            if !parent.keys.iter().any(is_key) {
                let object = format!("{}.{}", table.name, key.name);
                let message = format!("foreign key {object} refers to columns of {} that are no unique key there", key.parent);
                let hint = "make them unique at the source, or create both tables at the target yourself";
                found.error(SIDE, Check::Schema, "foreign_key_not_unique", object, message, hint);
            }
        }
    }
}

/// What a foreign key does to rows is done again by the target's own definition. That of a table whose log is followed (`held`) is as
/// old as what is applied: what the source has more may still be ahead.
fn actions(source: &Table, target: &Table, held: bool, found: &mut Findings) {
    let there = foreign_keys(&target.create, &target.name);
    let lower = |names: &[String]| names.iter().map(|n| n.to_lowercase()).collect::<Vec<_>>();
    let name = |t: &TableName| t.to_string().to_lowercase();
    let same = |a: &ForeignKey, b: &ForeignKey| {
        (lower(&a.columns), name(&a.parent), lower(&a.parent_columns), a.deletes(), a.updates())
            == (lower(&b.columns), name(&b.parent), lower(&b.parent_columns), b.deletes(), b.updates())
    };
    for key in foreign_keys(&source.create, &source.name).iter().filter(|k| k.cascades() && !there.iter().any(|t| same(k, t))) {
        let object = format!("{}.{}", source.name, key.name);
        let message = format!("the target's table has no foreign key like {object}, whose actions are to be done there");
        let (code, hint) = ("cascade_not_at_target", "add the foreign key at the target, with the same actions");
        if held {
            found.warning(SIDE, Check::Schema, code, object, message, format!("{hint}; unless the log is still to bring it"));
        } else {
            found.error(SIDE, Check::Schema, code, object, message, hint);
        }
    }
}

/// A trigger at the target would do again what the source's did.
async fn triggers(target: &mut Server, names: &[TableName], found: &mut Findings) -> Result<()> {
    let schemas: BTreeSet<_> = names.iter().map(|n| n.schema.as_str()).collect();
    for schema in schemas {
        let sql = format!(
            "SELECT EVENT_OBJECT_TABLE, TRIGGER_NAME FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = {}",
            literal(schema)
        );
        let rows = ask(&mut target.conn, &sql, "look for triggers at the target").await.map_err(|e: Error| e.context(schema))?;
        for row in rows {
            let table = TableName::new(schema, text(&row, 0));
            if names.contains(&table) {
                let object = format!("{schema}.{}", text(&row, 1));
                let message = format!(
                    "trigger {object} on {table} at the target would fire for rows that are replicated: what it does would be done twice"
                );
                let hint = format!("DROP TRIGGER {};", TableName::new(schema, text(&row, 1)).quoted());
                found.error(SIDE, Check::Schema, "target_trigger", object, message, hint);
            }
        }
    }
    Ok(())
}
