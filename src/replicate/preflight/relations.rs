//! Checks of foreign keys: within the job and out of it, and whether what they do to rows can be done again.

use super::report::Findings;
use super::server::Server;
use crate::model::finding::{Check, Side};
use crate::model::replicate::{ReplicateSpec, TableName};
use crate::replicate::schema::definition::{ForeignKey, foreign_keys};
use crate::replicate::table::Table;
use std::collections::BTreeSet;

const SIDE: Side = Side::Src;

/// Returns the schemas of tables that are copied together because of their foreign keys.
pub(super) fn check(spec: &ReplicateSpec, source: &Server, tables: &[Table], found: &mut Findings) -> Vec<String> {
    let database = spec.dest.sink.mysql().is_some();
    let mut together = BTreeSet::new();
    for table in tables {
        for key in foreign_keys(&table.create, &table.name) {
            let object = format!("{}.{}", table.name, key.name);
            let outside = !tables.iter().any(|t| t.name == key.parent);
            if key.cascades() && !source.info.logs_cascades {
                let message = format!(
                    "foreign key {object} has ON DELETE {} ON UPDATE {}: the source does not log what it does to the child's rows",
                    key.on_delete, key.on_update
                );
                match obstacle(spec, tables, table, &key, outside) {
                    _ if !database => found.error(SIDE, Check::Schema, "cascading_foreign_key", object, message, ""),
                    Some((why, hint)) => {
                        found.error(SIDE, Check::Schema, "cascading_foreign_key", object, format!("{message}, and {why}"), hint);
                    }
                    None => {
                        let message = format!(
                            "{message}; the job does it again at the target. Such tables are copied in one snapshot, and a copy that was broken off begins again"
                        );
                        found.info(SIDE, Check::Schema, "cascade_repeated", object, message, "");
                        together.extend([table.name.schema.clone(), key.parent.schema.clone()]);
                    }
                }
            } else if outside {
                let message = format!("foreign key {object} refers to {}, which is not in the job", key.parent);
                let hint = "add the table to the job, or see that the target has its rows";
                found.warning(SIDE, Check::Schema, "foreign_key_outside", object, message, hint);
            }
        }
    }
    together.into_iter().collect()
}

/// Why a key's action cannot be done again, and the way out.
fn obstacle(spec: &ReplicateSpec, tables: &[Table], child: &Table, key: &ForeignKey, outside: bool) -> Option<(String, &'static str)> {
    let filter = &spec.src.filter;
    let (name, parent) = (&child.name, &key.parent);
    if outside {
        return Some((format!("{parent} is not in the job"), "add the parent to the job, or leave the child out"));
    }
    if key.on_delete == "SET DEFAULT" || key.on_update == "SET DEFAULT" {
        return Some(("no engine says what SET DEFAULT did".to_owned(), "make the action another one"));
    }
    if filter.rows(&name.schema, &name.table).is_some() {
        return Some((format!("{name} has a row filter"), "take the filter away, make the action RESTRICT, or leave the child out"));
    }
    let renamed = |t: &TableName| filter.target(t).table != t.table || !filter.columns(t).is_empty();
    if let Some(mapped) = [name, parent].into_iter().find(|t| renamed(t) || filter.merges(t, tables.iter().map(|t| &t.name))) {
        let hint = "let it keep its name and columns, make the action RESTRICT, or leave the child out";
        return Some((format!("{mapped} has another name, other columns or other tables' rows at the target"), hint));
    }
    None
}
