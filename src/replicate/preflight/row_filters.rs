//! Checks of the row filters of the job's rules, against the tables whose rows they decide about.

use super::report::Findings;
use crate::model::finding::{Check, Side};
use crate::model::replicate::{ReplicateSpec, TableName};
use crate::replicate::filter::Filter;
use crate::replicate::schema::definition::foreign_keys;
use crate::replicate::table::Table;

const SIDE: Side = Side::Src;

/// Row filters that cannot be read, or do not fit a table whose rows they decide about.
pub(super) fn check(spec: &ReplicateSpec, tables: &[Table], found: &mut Findings) {
    let filter = &spec.src.filter;
    for (at, rule) in filter.include.iter().enumerate() {
        let Some(text) = &rule.filter else { continue };
        let name = format!("the row filter of rule {}", at + 1);
        let read = match Filter::parse(text) {
            Ok(read) => read,
            Err(e) => {
                found.row_filter(at, e.code, name, e.message, e.hint);
                continue;
            }
        };
        if spec.dest.sink.mysql().is_some() && read.chooses_columns() {
            let message = format!("{name} names the columns to take, which a MySQL or MariaDB target does not leave out that way");
            found.row_filter(at, "filter_projection", name, message, "write the condition alone, without SELECT … FROM … WHERE");
            continue;
        }
        for table in tables.iter().filter(|t| filter.rule(&t.name.schema, &t.name.table) == Some(at)) {
            // Of many tables, one name stands for all.
            if matches!(rule.tables.as_slice(), [one] if one.name() == Some(&table.name.table)) && read.names_another(&table.name) {
                let message = format!("{name} is about another table by its FROM, and decides about the rows of {}", table.name);
                let hint = "name that table there, or write the condition alone";
                found.warning(SIDE, Check::Schema, "filter_table", table.name.to_string(), message, hint);
            }
            match read.check(table) {
                Err(e) => {
                    let message = format!("{name} does not fit {}: {}", table.name, e.message);
                    found.row_filter(at, e.code, table.name.to_string(), message, e.hint);
                }
                Ok(condition) => {
                    let Some(column) = condition.leans_on_server(table) else { continue };
                    let object = format!("{}.{}", table.name, column.name);
                    let message = format!(
                        "{name} compares {object} by {}: the job stops at a row with accented letters there that only a server could tell from \
                         what it is compared with",
                        column.collation.as_deref().unwrap_or("its collation")
                    );
                    found.info(SIDE, Check::Schema, "filter_undecided", object, message, "write BINARY before the column to compare bytes");
                }
            }
        }
    }
}

/// Children keep rows whose parents a row filter leaves out, unless their own filter says the same.
pub(super) fn parents(spec: &ReplicateSpec, tables: &[Table], found: &mut Findings) {
    let rows = |t: &TableName| spec.src.filter.rows(&t.schema, &t.table);
    if spec.dest.sink.mysql().is_none() {
        return;
    }
    for table in tables {
        for key in foreign_keys(&table.create, &table.name) {
            if rows(&key.parent).is_some() && rows(&key.parent) != rows(&table.name) {
                let object = format!("{}.{}", table.name, key.name);
                let message = format!("foreign key {object} refers to {}, whose row filter may leave out parents of its rows", key.parent);
                found.warning(
                    SIDE,
                    Check::Schema,
                    "foreign_key_filtered",
                    object,
                    message,
                    "filter the child's rows by the same condition",
                );
            }
        }
    }
}
