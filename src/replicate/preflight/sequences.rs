//! Sequences that columns take their defaults from. They are not moved, and a table whose default names one that is not at
//! the target cannot be made there: said before, by name, rather than in the middle of a copy.

use super::report::Findings;
use super::server::Server;
use crate::model::finding::{Check, Side};
use crate::model::replicate::TableName;
use crate::replicate::Result;
use crate::replicate::connect::Flavor;
use crate::replicate::schema::read::{ask, text};
use crate::replicate::schema::tokens::Tokens;
use crate::replicate::table::Table;
use std::collections::BTreeSet;

/// `tables` are to be made at the target.
pub(super) async fn check(tables: &[&Table], target: &mut Server, found: &mut Findings) -> Result<()> {
    let needed: Vec<_> = tables.iter().flat_map(|t| named(&t.create, &t.name.schema).into_iter().map(|s| (*t, s))).collect();
    // MySQL has no sequences; that is said of the columns.
    if needed.is_empty() || target.info.flavor == Flavor::Mysql {
        return Ok(());
    }
    let sql = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'SEQUENCE'";
    let there: BTreeSet<_> =
        ask(&mut target.conn, sql, "list the target's sequences").await?.iter().map(|r| (text(r, 0), text(r, 1))).collect();
    for (table, sequence) in needed {
        if there.contains(&(sequence.schema.clone(), sequence.table.clone())) {
            continue;
        }
        let name = table.name.to_string();
        let message = format!("a column of {name} has its default from sequence {sequence}, which is not at the target: it is not moved");
        let hint = format!(
            "make it there first (SHOW CREATE SEQUENCE {} at the source says how); `jobs handover` says where it is to go on",
            sequence.quoted()
        );
        found.error(Side::Dest, Check::Schema, "sequence_missing", name, message, hint);
    }
    Ok(())
}

/// The sequences that a printed definition takes values from.
fn named(create: &str, schema: &str) -> BTreeSet<TableName> {
    let tokens = Tokens::of(create);
    let bare = |at: usize| tokens.str(at).trim_matches('`').replace("``", "`");
    let calls = (0..tokens.list.len()).filter(|&at| tokens.is_word(at, "nextval") && tokens.is_symbol(at + 1, "("));
    let name = |at: usize| match tokens.is_symbol(at + 3, ".") {
        true => TableName::new(bare(at + 2), bare(at + 4)),
        false => TableName::new(schema, bare(at + 2)),
    };
    calls.map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_found_where_columns_call_them() {
        let create = "CREATE TABLE `t` (\n  `id` int(11) NOT NULL DEFAULT nextval(`shop`.`s``1`),\n  `n` int DEFAULT nextval(`o`),\n  \
                      `nextval` int COMMENT 'nextval(`no`)'\n)";
        let found: Vec<_> = named(create, "here").iter().map(ToString::to_string).collect();
        assert_eq!(found, ["here.o", "shop.s`1"]);
    }
}
