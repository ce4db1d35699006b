//! Checks of the names that the job's tables have at the target: those that get one name, and those that the target takes
//! for one.

use super::report::Findings;
use super::server::Server;
use crate::model::finding::{Check, Severity, Side};
use crate::model::replicate::{TableFilter, TableName};
use crate::replicate::schema::mapped::same_columns;
use crate::replicate::table::Table;
use std::collections::BTreeMap;

/// Tables that become one: told apart by their key alone, which must be the only one.
/// Of those that are `held` already a difference may come of a statement that is on its way in the log: the job waits with it.
pub(super) fn merged(filter: &TableFilter, tables: &[Table], held: impl Fn(&TableName) -> bool, found: &mut Findings) {
    for table in tables.iter().filter(|t| filter.merges(&t.name, tables.iter().map(|t| &t.name))) {
        let name = table.name.to_string();
        let target = filter.target(&table.name);
        if table.row_key().is_none() {
            let message = format!("{name} has no key, and its rows would be among those of others in {target}");
            found.error(Side::Src, Check::Schema, "merged_no_key", &name, message, "add a primary key, or give it a table of its own");
        }
        if table.keys.iter().filter(|k| k.unique).count() > 1 {
            let message = format!("{name} has more than one unique key, and its rows are to be among those of others in {target}");
            let hint = "drop the others, or give it a table of its own: that their values are disjoint could not be seen";
            found.error(Side::Src, Check::Schema, "merged_unique_keys", &name, message, hint);
        }
        let first = tables.iter().find(|t| filter.target(&t.name) == target).unwrap_or(table);
        if !same_columns(filter, first, table) {
            let message = format!("{} and {name} are merged into {target} and have not the same columns", first.name);
            let (severity, hint) = if held(&first.name) && held(&table.name) {
                (
                    Severity::Warning,
                    "give both the same: at the statement that changes one the job waits for a decision (`syncline jobs ddl`)",
                )
            } else {
                (Severity::Error, "map the columns that both have, or give each a table of its own")
            };
            found.add(severity, Side::Src, Check::Schema, "merged_columns_differ", &name, message, hint);
        }
    }
}

/// A target that folds names to lower case makes one table of two.
pub(super) fn colliding(names: &[TableName], target: &Server, found: &mut Findings) {
    if target.variables.get("lower_case_table_names").is_none_or(|v| v == "0") {
        return;
    }
    let mut seen: BTreeMap<String, &TableName> = BTreeMap::new();
    for name in names {
        if let Some(other) = seen.insert(name.to_string().to_lowercase(), name) {
            let message = format!("{other} and {name} are one table at the target, which keeps names in lower case");
            found.error(
                Side::Dest,
                Check::Schema,
                "table_names_collide",
                name.to_string(),
                message,
                "rename one, or leave it out of the job",
            );
        }
    }
}
