//! What tables hold, for statements that leave no trace in any definition: a rename that gives names to tables in a circle, and
//! an exchange with a partition. Where those tables are alike, all definitions are afterwards what they were before, and done twice
//! such a statement is undone.
//!
//! So the sums of the rows are noted before it runs (CHECKSUM TABLE: all rows are read). The statement adds and takes no row: behind it
//! each sum has moved to another table, or (of an exchange) to a partition. Sums that are as they were say that it did not run, or that
//! the tables hold the same, so that it does not matter. Any others say that somebody else wrote there meanwhile: nobody can tell then.

use super::session::Session;
use crate::model::replicate::TableName;
use crate::replicate::ddl::{Ddl, Role, TableAction};
use crate::replicate::{Error, Result};
use std::collections::BTreeSet;

/// The sum of the rows of each table.
pub(super) type Contents = Vec<(TableName, u32)>;

/// What became of a statement whose end is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Became {
    Done,
    Nothing,
    /// It cannot be told.
    Unknown,
}

/// The tables whose rows tell whether a statement has run, of those that `exist`; none: their definitions do.
pub(super) fn telling(ddl: &Ddl, exist: impl Fn(&TableName) -> bool) -> Vec<TableName> {
    let Ddl::Table(table) = ddl else { return Vec::new() };
    let names: BTreeSet<&TableName> = table.tables.iter().map(|t| &t.name).collect();
    let moves = match table.action {
        TableAction::Rename => {
            let before: BTreeSet<&TableName> = names.iter().copied().filter(|name| exist(name)).collect();
            let mut after = before.clone();
            for (from, to) in table.renames() {
                after.remove(from);
                after.insert(to);
            }
            before == after
        }
        TableAction::Alter => table.tables.iter().any(|t| t.role == Role::Partner) && names.iter().all(|name| exist(name)),
        _ => false,
    };
    if moves { names.into_iter().filter(|name| exist(name)).cloned().collect() } else { Vec::new() }
}

/// Adds up the rows of tables.
pub(super) async fn read(session: &mut Session, names: Vec<TableName>) -> Result<Contents> {
    let mut all = Contents::new();
    for name in names {
        let sql = format!("CHECKSUM TABLE {}", name.quoted());
        let row: Option<(String, Option<u32>)> =
            session.first(&sql).await.map_err(|e| Error::mysql(format!("add up the rows of {name} at the target"), e))?;
        // One that is not there has none.
        all.push((name, row.and_then(|(_, sum)| sum).unwrap_or(0)));
    }
    Ok(all)
}

/// Compares what was noted with what is there now, in the same order.
pub(super) fn became(before: &Contents, now: &Contents) -> Became {
    // CHECKSUM TABLE adds up what each row comes to, wherever it stands.
    let total = |contents: &Contents| contents.iter().fold(0u32, |total, (_, sum)| total.wrapping_add(*sum));
    if before == now {
        Became::Nothing
    } else if total(before) == total(now) {
        Became::Done
    } else {
        Became::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replicate::ddl::classify;

    fn told(statement: &str, exist: &[&str]) -> Vec<String> {
        let ddl = classify(statement, "s", false).unwrap();
        telling(&ddl, |name| exist.contains(&name.table.as_str())).into_iter().map(|name| name.table).collect()
    }

    #[test]
    fn only_names_that_go_round_and_partitions_need_their_rows() {
        for (statement, exist, tells) in [
            ("RENAME TABLE a TO x, b TO a, x TO b", &["a", "b"][..], &["a", "b"][..]),
            ("RENAME TABLE a TO x, b TO a, c TO b, x TO c", &["a", "b", "c"], &["a", "b", "c"]),
            ("RENAME TABLE a TO x, b TO a", &["a", "b"], &[]),
            ("RENAME TABLE a TO b", &["a"], &[]),
            ("ALTER TABLE p EXCHANGE PARTITION p0 WITH TABLE x", &["p", "x"], &["p", "x"]),
            ("ALTER TABLE p ADD COLUMN c INT", &["p"], &[]),
            ("DROP TABLE a, b", &["a", "b"], &[]),
        ] {
            assert_eq!(told(statement, exist), tells, "{statement}");
        }
    }

    #[test]
    fn sums_that_moved_say_that_it_ran() {
        let contents = |sums: &[u32]| sums.iter().enumerate().map(|(n, sum)| (TableName::new("s", n.to_string()), *sum)).collect();
        for (before, now, is) in [
            (&[1, 2][..], &[1, 2][..], Became::Nothing),
            (&[1, 2], &[2, 1], Became::Done),
            (&[u32::MAX, 5], &[3, 1], Became::Done),
            (&[1, 2], &[2, 7], Became::Unknown),
        ] {
            assert_eq!(became(&contents(before), &contents(now)), is, "{before:?} {now:?}");
        }
    }
}
