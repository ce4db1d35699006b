//! Two jobs that bring each other's rows: a row that both ends change at once is seen by neither, where it is found by its key.
//!
//! Which jobs there are is the scheduler's to know: it asks when a job is to be stored, after the preflight.

use super::report::Findings;
use crate::model::finding::{Check, Finding, Side};
use crate::model::job::JobId;
use crate::model::replicate::{ConflictDetection, ReplicateSpec, TableFilter, TableName};
use crate::replicate::schema::read;
use crate::replicate::{Result, connect};

/// Warns of tables that jobs in the opposite direction bring `back`, unless both compare whole rows.
pub async fn check(spec: &ReplicateSpec, back: &[(JobId, ReplicateSpec)]) -> Vec<Finding> {
    let mut found = Findings::default();
    let swapping: Vec<_> = back.iter().filter(|(_, other)| by_keys(spec) || by_keys(other)).collect();
    if swapping.is_empty() {
        return found.0;
    }
    // A source that does not answer has its finding already.
    let names = names(spec).await.unwrap_or_default();
    for (job, other) in swapping {
        let both: Vec<_> = names.iter().filter(|name| returns(name, &spec.src.filter, &other.src.filter)).collect();
        let Some(first) = both.first() else { continue };
        let more = if both.len() == 1 { String::new() } else { format!(" and {} more tables", both.len() - 1) };
        let who = match (by_keys(spec), by_keys(other)) {
            (true, true) => "neither compares".to_owned(),
            (true, false) => "this job does not compare".to_owned(),
            (false, _) => format!("{job} does not compare"),
        };
        let message = format!(
            "{job} brings {first}{more} back, and {who} whole rows (detect_conflicts = \"key\"): updates of one row at both ends at once \
             may swap its values, and nobody is told"
        );
        let other_too = if by_keys(other) { format!("; `syncline jobs update {job} --detect-conflicts row`") } else { String::new() };
        let this = if by_keys(spec) { "--detect-conflicts row" } else { "" };
        let hint = format!("{this}{other_too}").trim_start_matches("; ").to_owned();
        found.warning(Side::Dest, Check::Other, "both_ways_by_key", &job.0, message, hint);
    }
    found.0
}

fn by_keys(spec: &ReplicateSpec) -> bool {
    spec.dest.sink.mysql().is_some_and(|sink| sink.detection == ConflictDetection::Key)
}

async fn names(spec: &ReplicateSpec) -> Result<Vec<TableName>> {
    let mut conn = connect::open(&spec.src.endpoint, false).await?;
    let listing = read::list(&mut conn, &spec.src.filter).await;
    conn.disconnect().await;
    Ok(listing?.tables.into_iter().map(|t| t.name).collect())
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
