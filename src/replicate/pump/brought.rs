//! Tables that a statement brings into the job by giving them one of its names. The rows that they have by then are in no log that
//! the job reads, so they are copied, as far as nobody's table is in their place at the target.

use crate::model::replicate::{ReplicateSpec, TableFilter, TableName};
use crate::replicate::ddl::TableDdl;
use crate::replicate::{Result, catalog};

/// Tables that a name of the job is given to by this statement and that were not the job's. A name that is taken from one
/// table for another in one statement (as tools for online changes do) holds the same rows before and after.
pub(super) fn renamed_in<'t>(table: &'t TableDdl, filter: &TableFilter) -> impl Iterator<Item = &'t TableName> {
    let ours = |t: &TableName| filter.includes(&t.schema, &t.table);
    let taken = |name: &TableName| table.renames().any(|(from, _)| from == name);
    table.renames().filter(move |(from, to)| ours(to) && !ours(from) && !taken(to)).map(|(_, to)| to)
}

/// Says whether the target has none of these tables.
pub(super) async fn are_absent(spec: &ReplicateSpec, tables: &[TableName]) -> Result<bool> {
    let Some(target) = spec.dest.sink.endpoint() else { return Ok(false) };
    for table in tables {
        if Box::pin(catalog::columns(target, &spec.src.filter.target(table))).await?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}
