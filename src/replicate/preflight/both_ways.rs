//! Two jobs that bring each other's rows: a row that both ends change at once is seen by neither, where it is found by its key.
//!
//! Which jobs there are is the scheduler's to know: it asks when a job is to be stored, after the preflight.

use super::report::Findings;
use super::tables::some;
use crate::model::finding::{Check, Finding, Side};
use crate::model::job::JobId;
use crate::model::replicate::{ConflictDetection, ReplicateSpec, TableFilter, TableName};
use crate::replicate::schema::read;
use crate::replicate::table::Table;
use crate::replicate::{Result, connect};

/// Warns of tables that jobs in the opposite direction bring `back`: those without a key, and all of them unless both jobs
/// compare whole rows.
pub async fn check(spec: &ReplicateSpec, back: &[(JobId, ReplicateSpec)]) -> Vec<Finding> {
    let mut found = Findings::default();
    if back.is_empty() {
        return found.0;
    }
    // A source that does not answer has its finding already.
    let tables = tables(spec).await.unwrap_or_default();
    for (job, other) in back {
        let both: Vec<_> = tables.iter().filter(|table| returns(&table.name, &spec.src.filter, &other.src.filter)).collect();
        by_key(spec, (job, other), &both, &mut found);
        let keyless: Vec<_> = both.iter().filter(|table| table.row_key().is_none()).map(|table| table.name.to_string()).collect();
        if !keyless.is_empty() {
            let names = some(&keyless);
            let message = format!(
                "{job} brings {names} back, without a key that rows could be found by: equal rows cannot be told apart, and what both ends \
                 change at once may stay twice, or not at all"
            );
            found.warning(
                Side::Dest,
                Check::Other,
                "both_ways_no_key",
                names,
                message,
                "add a primary key, or leave them out of one of the jobs",
            );
        }
    }
    found.0
}

fn by_key(spec: &ReplicateSpec, (job, other): (&JobId, &ReplicateSpec), both: &[&Table], found: &mut Findings) {
    let who = match (by_keys(spec), by_keys(other)) {
        (true, true) => "neither compares".to_owned(),
        (true, false) => "this job does not compare".to_owned(),
        (false, true) => format!("{job} does not compare"),
        (false, false) => return,
    };
    let Some(first) = both.first().map(|table| &table.name) else { return };
    let more = if both.len() == 1 { String::new() } else { format!(" and {} more tables", both.len() - 1) };
    let message = format!(
        "{job} brings {first}{more} back, and {who} whole rows (detect_conflicts = \"key\"): updates of one row at both ends at once \
         may swap its values, and nobody is told"
    );
    let other_too = if by_keys(other) { format!("; `syncline jobs update {job} --detect-conflicts row`") } else { String::new() };
    let this = if by_keys(spec) { "--detect-conflicts row" } else { "" };
    let hint = format!("{this}{other_too}").trim_start_matches("; ").to_owned();
    found.warning(Side::Dest, Check::Other, "both_ways_by_key", &job.0, message, hint);
}

fn by_keys(spec: &ReplicateSpec) -> bool {
    spec.dest.sink.mysql().is_some_and(|sink| sink.detection == ConflictDetection::Key)
}

async fn tables(spec: &ReplicateSpec) -> Result<Vec<Table>> {
    let mut conn = connect::open(&spec.src.endpoint, false).await?;
    let info = connect::inspect(&mut conn, &spec.src.endpoint).await?;
    let names: Vec<_> = read::list(&mut conn, &spec.src.filter).await?.tables.into_iter().map(|t| t.name).collect();
    let tables = read::read_tables(&mut conn, &info, &names).await;
    conn.disconnect().await;
    tables
}

/// Says whether what one job makes of a table the other one brings back to it.
fn returns(table: &TableName, out: &TableFilter, back: &TableFilter) -> bool {
    let there = out.target(table);
    back.includes(&there.schema, &there.table) && back.target(&there) == *table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::replicate::{Mapping, SchemaRule, TableMatch};

    #[test]
    fn a_table_returns_under_the_name_that_it_went_by() {
        let rule = |schema: &str, tables: &[&str], to: Option<&str>| SchemaRule {
            to: Mapping { schema: to.map(str::to_owned), ..Mapping::default() },
            ..SchemaRule::new(schema, tables.iter().map(|t| TableMatch::parse(t).unwrap()))
        };
        let filter = |rule: SchemaRule| TableFilter { include: vec![rule], ignore: vec![], shadows: false };
        let table = TableName::new("shop", "orders");
        for (out, back, expected) in [
            (rule("shop", &[], None), rule("shop", &["/o.*/"], None), true),
            (rule("shop", &["orders"], None), rule("shop", &["items"], None), false),
            (rule("shop", &[], Some("copy")), rule("shop", &[], None), false),
            (rule("shop", &[], Some("copy")), rule("copy", &[], Some("shop")), true),
            (rule("shop", &[], Some("copy")), rule("copy", &[], Some("other")), false),
        ] {
            assert_eq!(returns(&table, &filter(out.clone()), &filter(back.clone())), expected, "{out:?} {back:?}");
        }
        assert!(returns(&table, &TableFilter::default(), &TableFilter::default()), "all of everything");
    }
}
