//! Statements on tables that have other names or other columns at the target: said again in the target's names, or a stop
//! by name where the statement's effect there is not that of the source's.

use super::names::exact;
use super::statement::stop;
use super::{Pump, Replay};
use crate::model::replicate::{TableName, quote};
use crate::replicate::Result;
use crate::replicate::connect;
use crate::replicate::ddl::{self, Ddl, Role, TableAction, TableDdl};
use crate::replicate::event::DdlEvent;
use crate::replicate::fingerprint::Fingerprint;
use crate::replicate::schema::mapped::same_columns;
use crate::replicate::schema::read::{ask, read_tables, text};
use crate::replicate::sink::{Item, TableState};

/// What a statement on mapped tables leads to.
pub(super) enum Mapped {
    /// It runs as this.
    Run(DdlEvent),
    /// What it would make is there already.
    Done,
}

const MERGED: &str = "make the change at the target by hand if it is wanted there and leave this statement out, or give another in its place: syncline jobs ddl";

impl Pump<'_> {
    /// Says whether tables of the job beside this one have its name at the target, or may come to have.
    fn is_merged(&self, table: &TableName) -> bool {
        let filter = &self.ctx.spec.src.filter;
        let Some(rule) = filter.rule(&table.schema, &table.table).map(|at| &filter.include[at]) else { return false };
        let Some(template) = &rule.to.table else { return false };
        let many = rule.tables.len() > 1 || rule.tables.iter().any(|t| t.name().is_none());
        many && !template.contains('$') || filter.merges(table, self.tables.names().chain(&self.shown))
    }

    /// Stops before a statement on a table whose rows are among others' at the target.
    pub(super) fn keeps_merged<'t>(&self, tables: impl IntoIterator<Item = &'t TableName>, event: &DdlEvent) -> Result<()> {
        let Some(merged) = tables.into_iter().find(|t| self.is_merged(t)) else { return Ok(()) };
        let why = format!("it is about one of the tables that are merged into {}", self.ctx.spec.src.filter.target(merged));
        Err(stop(event, "ddl_on_merged_table", &why).hint(MERGED))
    }

    /// Stops before a table that is to join a merged one with other columns than those that are in it: its rows would not fit,
    /// and that would be said only with the first of them. The definitions are those of now, at the source: who has put them
    /// right there lets the statement be tried again.
    pub(super) async fn joins(&mut self, table: &TableDdl, event: &DdlEvent) -> Result<()> {
        let filter = &self.ctx.spec.src.filter;
        let Some(new) = table.changed().next() else { return Ok(()) };
        let target = filter.target(new);
        let other = |t: &&TableName| *t != new && filter.target(t) == target;
        let mut names: Vec<TableName> = self.tables.names().chain(&self.shown).filter(other).cloned().collect();
        names.push(new.clone());
        let source = &self.ctx.spec.src.endpoint;
        let mut conn = connect::faithful(source, false).await?;
        let info = connect::inspect(&mut conn, source).await?;
        let read = read_tables(&mut conn, &info, &names).await?;
        conn.disconnect().await;
        // One that is gone again brings no rows that could be told from what is there.
        let Some(joins) = read.iter().find(|t| t.name == *new) else { return Ok(()) };
        let Some(there) = read.iter().find(|t| t.name != *new && !same_columns(filter, t, joins)) else { return Ok(()) };
        let why = format!("{new} is to join {}, which is merged into {target}, and has not the same columns", there.name);
        Err(stop(event, "merged_columns_differ", &why).hint(
            "give it the same columns at the source before it holds rows, and retry the statement (syncline jobs ddl retry); or leave the table \
             out of the job (syncline jobs update --ignore)",
        ))
    }

    /// Keeps the definitions that rows behind a statement are read by which somebody has decided about: where columns are
    /// mapped, the target's own does not say. The source's is that of now, so it stands only where the log names columns too;
    /// else nobody knows, and the next row says so.
    pub(super) async fn redefine(&mut self, event: &DdlEvent) -> Result<()> {
        let filter = &self.ctx.spec.src.filter;
        let mode = ddl::Mode::from_sql_mode(event.sql_mode.unwrap_or(0));
        let Ok(Ddl::Table(table)) = ddl::classify_in(&event.statement, &event.default_schema, mode) else { return Ok(()) };
        let defines =
            !matches!(table.action, TableAction::Drop | TableAction::Truncate | TableAction::CreateIndex | TableAction::DropIndex);
        let is_mapped = |t: &&TableName| filter.includes(&t.schema, &t.table) && !filter.columns(t).is_empty();
        let names: Vec<TableName> = table.changed().filter(is_mapped).cloned().collect();
        if !defines || table.temporary || names.is_empty() || self.replay == Replay::Tell {
            return Ok(());
        }
        let source = &self.ctx.spec.src.endpoint;
        let mut conn = connect::faithful(source, false).await?;
        let info = connect::inspect(&mut conn, source).await?;
        let read = read_tables(&mut conn, &info, &names).await?;
        let metadata = ask(&mut conn, "SHOW GLOBAL VARIABLES LIKE 'binlog_row_metadata'", "ask how the log names columns").await?;
        let named = metadata.first().is_some_and(|row| text(row, 1).eq_ignore_ascii_case("FULL"));
        conn.disconnect().await;
        for name in names {
            let known = self.tables.take(&name).unwrap_or_else(|| exact(&name));
            let print = Fingerprint::parse(&known.fingerprint);
            let (ours, kept) = (print.ours, print.into_definition());
            let now = read.iter().find(|t| t.name == name);
            if kept.zip(now).is_some_and(|(kept, now)| kept.columns == now.columns) {
                self.tables.put(known, name);
                continue;
            }
            let print = now.filter(|_| named).map_or_else(|| Fingerprint::again(ours), |now| Fingerprint::of(now, ours, true));
            let state = TableState { fingerprint: print.text(), ..known };
            self.sink.submit(Item::Table(self.tables.put(state, name))).await?;
        }
        Ok(())
    }

    pub(super) fn mapped(&self, table: &TableDdl, event: &DdlEvent) -> Result<Mapped> {
        let filter = &self.ctx.spec.src.filter;
        if !filter.maps() {
            return Ok(Mapped::Run(event.clone()));
        }
        if let Some(merged) = table.changed().find(|t| self.is_merged(t)) {
            let known = filter.merges(merged, self.tables.names().chain(&self.shown));
            if matches!(table.action, TableAction::Create | TableAction::CreateLike) && known {
                return Ok(Mapped::Done);
            }
            self.keeps_merged([merged], event)?;
        }
        let columns = |t: &TableName| filter.columns(t);
        let defines = !matches!(table.action, TableAction::Drop | TableAction::Truncate | TableAction::Rename);
        let renames = table.renames().find(|(from, to)| columns(from) != columns(to)).map(|(from, _)| from);
        let leans = table.tables.iter().map(|t| &t.name).find(|t| defines && !columns(t).is_empty()).or(renames);
        if let Some(mapped) = leans {
            let why = format!("the columns of {mapped} are mapped, and what it means for those at the target cannot be said");
            return Err(stop(event, "ddl_on_mapped_columns", &why).hint(MERGED));
        }
        Ok(Mapped::Run(DdlEvent { statement: said_again(table, event, |name| filter.target(name)), ..event.clone() }))
    }
}

/// The statement with every table under its name at the target, all other bytes kept.
fn said_again(table: &TableDdl, event: &DdlEvent, target: impl Fn(&TableName) -> TableName) -> String {
    let mut names: Vec<_> = table.tables.iter().collect();
    names.sort_by_key(|n| n.table_at.start);
    let (mut out, mut at) = (String::with_capacity(event.statement.len() + 32), 0);
    for named in names {
        let start = named.schema_at.as_ref().unwrap_or(&named.table_at).start;
        let to = target(&named.name);
        // A parent without a schema of its own is in its child's, whose name may be another now.
        if to == named.name && (named.schema_at.is_some() || named.role != Role::Referenced) {
            continue;
        }
        out.push_str(&event.statement[at..start]);
        out.push_str(&format!("{}.{}", quote(&to.schema), quote(&to.table)));
        at = named.table_at.end;
    }
    out.push_str(&event.statement[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replicate::ddl::{Ddl, classify};

    #[test]
    fn statements_are_said_again_in_the_targets_names() {
        let again = |statement: &str| {
            let Ok(Ddl::Table(table)) = classify(statement, "a", false) else { panic!("{statement}") };
            let event = DdlEvent {
                statement: statement.to_owned(),
                default_schema: "a".into(),
                sql_mode: None,
                charset: None,
                time_zone: None,
                foreign_key_checks_off: false,
                unix_time: 0,
                unix_micros: 0,
                increments: None,
                explicit_timestamps: Default::default(),
            };
            said_again(&table, &event, |name| match (name.schema.as_str(), name.table.as_str()) {
                ("a", "t") => TableName::new("b", "u`"),
                ("a", other) if other != "same" => TableName::new("b", other),
                _ => name.clone(),
            })
        };
        for (statement, expected) in [
            ("ALTER TABLE t ADD x INT", "ALTER TABLE `b`.`u``` ADD x INT"),
            ("ALTER TABLE `a` . t COMMENT='t', RENAME x", "ALTER TABLE `b`.`u``` COMMENT='t', RENAME `b`.`x`"),
            ("RENAME TABLE t TO same, a.z TO t", "RENAME TABLE `b`.`u``` TO same, `b`.`z` TO `b`.`u```"),
            (
                "CREATE TABLE same (i INT REFERENCES t (i), j INT REFERENCES same (k))",
                "CREATE TABLE same (i INT REFERENCES `b`.`u``` (i), j INT REFERENCES `a`.`same` (k))",
            ),
            ("DROP TABLE IF EXISTS c.t, t /* t */", "DROP TABLE IF EXISTS c.t, `b`.`u``` /* t */"),
            ("CREATE INDEX t ON t (t)", "CREATE INDEX t ON `b`.`u``` (t)"),
        ] {
            assert_eq!(again(statement), expected);
        }
    }
}
