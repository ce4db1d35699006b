//! Starts a table's copy at both ends: decides between resuming and beginning (again), and makes the target table.

use super::engine::{Engine, Target};
use super::key::ChunkKey;
use super::plan;
use super::read::Source;
use super::snapshot::Snapshot;
use crate::model::position::Position;
use crate::model::progress::TablePhase;
use crate::model::replicate::{ExistingTable, TableName};
use crate::replicate::fingerprint::Fingerprint;
use crate::replicate::schema::mapped::mapped;
use crate::replicate::schema::read::SchemaInfo;
use crate::replicate::schema::{definition, translate};
use crate::replicate::sink::{Prepare, TableState};
use crate::replicate::table::Table;
use crate::replicate::{Error, Result};
use std::sync::Arc;

/// A table whose copy may go on.
pub(super) struct Started {
    pub(super) state: TableState,
    pub(super) source: Arc<Source>,
    /// What it is read from where it is read in one piece.
    pub(super) snapshot: Option<Snapshot>,
    /// Its state is new and must be durable before its first chunk.
    pub(super) new: bool,
}

/// What a target table is found as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Absent,
    Empty,
    Rows,
}

/// What to do with the target table before rows come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clear {
    Nothing,
    Truncate,
    Drop,
    /// Rows that are not ours may be in it, and the job may not touch them.
    Refuse,
}

/// Decides by what is there, what the operator said, and whether the table's copy was begun before.
fn clear(found: Found, existing: ExistingTable, skip_create: bool, begun: Option<&Fingerprint>) -> Clear {
    let again = if skip_create { Clear::Truncate } else { Clear::Drop };
    match (found, begun, existing) {
        (Found::Absent, ..) => Clear::Nothing,
        // The definition may have changed since.
        (Found::Empty, Some(_), _) | (Found::Empty, None, ExistingTable::Drop) => again,
        (Found::Empty, None, _) => Clear::Nothing,
        (Found::Rows, Some(begun), _) if begun.ours => again,
        (Found::Rows, _, ExistingTable::Drop) => again,
        (Found::Rows, None, ExistingTable::Upsert) => Clear::Nothing,
        (Found::Rows, ..) => Clear::Refuse,
    }
}

impl Engine<'_> {
    /// Opens a snapshot of tables for as many readers.
    pub(super) async fn snapshot(&mut self, tables: &[TableName], readers: usize) -> Result<Snapshot> {
        let _patient = self.pulse.be_patient();
        Snapshot::open(self.ctx, self.source, &mut self.conn, tables, readers).await
    }

    /// Starts one table: `low` was taken before its definition was read. `group`: the snapshot of the tables that it is to be
    /// copied with; what is kept of another is of no use.
    pub(super) async fn start(
        &mut self,
        table: Table,
        kept: Option<TableState>,
        low: &Position,
        group: Option<&Snapshot>,
    ) -> Result<Started> {
        let table = Arc::new(table);
        // Where rows cannot converge, a table is read in one snapshot: no older image may come after a newer one.
        let key = self.target.as_ref().and_then(|_| ChunkKey::choose(&table));
        let kept = kept.filter(|s| s.start.is_some()).map(|s| (Fingerprint::parse(&s.fingerprint), s));
        if let Some((print, state)) = &kept {
            let same = print.is_of(&table);
            // A snapshot cannot be resumed, unless all of it was read.
            if same && group.is_none() && (key.is_some() || state.chunks.iter().all(|c| c.complete)) {
                let source = Arc::new(Source::new(Arc::clone(&table), key, print.ours));
                return Ok(Started { state: state.clone(), source, snapshot: None, new: false });
            }
        }
        let patient = self.pulse.be_patient();
        let ours = self.make_room(&table, kept.as_ref().map(|(print, _)| print)).await?;
        drop(patient);
        let (start, chunks, snapshot) = match (&key, group) {
            (Some(key), None) => (low.clone(), plan::plan(&mut self.conn, &table, key, self.workers).await?, None),
            (Some(key), Some(group)) => {
                // The largest key of the snapshot may be gone by now.
                let mut conn = group.take().await;
                let chunks = plan::plan(&mut conn, &table, key, self.workers).await?;
                group.put(conn);
                (group.at.clone(), chunks, Some(group.clone()))
            }
            (None, Some(group)) => (group.at.clone(), plan::whole(), Some(group.clone())),
            (None, None) => {
                let snapshot = self.snapshot(std::slice::from_ref(&table.name), 1).await?;
                (snapshot.at.clone(), plan::whole(), Some(snapshot))
            }
        };
        let state = TableState {
            table: table.name.clone(),
            phase: TablePhase::Copying,
            start: Some(start),
            end: None,
            fingerprint: Fingerprint::of(&table, ours, !self.ctx.spec.src.filter.columns(&table.name).is_empty()).text(),
            chunks,
            rows: 0,
        };
        Ok(Started { state, source: Arc::new(Source::new(table, key, ours)), snapshot, new: true })
    }

    /// Makes the target table, or empties it where that may be; says whether all its rows will be ours.
    async fn make_room(&mut self, table: &Table, begun: Option<&Fingerprint>) -> Result<bool> {
        if self.target.is_none() {
            return Ok(true);
        }
        let name = self.ctx.spec.src.filter.target(&table.name);
        let merged = !self.merged_with(&table.name).is_empty();
        if merged {
            match (begun, self.begun(&name)) {
                (Some(_), _) => return Err(changed_shard(&table.name, &name)),
                // Another has made room for all of them.
                (None, Some(ours)) => return Ok(ours),
                (None, None) => {}
            }
        }
        let found = self.find(&name).await?;
        let existing = self.ctx.spec.src.existing_table;
        let clear = clear(found, existing, self.ctx.spec.src.skip_create, begun);
        let ours = found != Found::Rows || clear != Clear::Nothing;
        match clear {
            Clear::Nothing => {}
            Clear::Truncate => self.sink.prepare(&table.name, Prepare::Truncate).await?,
            Clear::Drop => self.sink.prepare(&table.name, Prepare::Drop).await?,
            Clear::Refuse => return Err(refused(&table.name, begun.is_some())),
        }
        if !self.ctx.spec.src.skip_create && (found == Found::Absent || clear == Clear::Drop) {
            self.create(table).await?;
        }
        Ok(ours)
    }

    async fn find(&mut self, name: &TableName) -> Result<Found> {
        let Some(target) = &mut self.target else { return Ok(Found::Absent) };
        let found: std::result::Result<Option<u8>, _> = target.conn.query_first(format!("SELECT 1 FROM {} LIMIT 1", name.quoted())).await;
        match found {
            Ok(Some(_)) => Ok(Found::Rows),
            Ok(None) => Ok(Found::Empty),
            Err(mysql_async::Error::Server(e)) if matches!(e.code, 1146 | 1049) => Ok(Found::Absent),
            Err(e) => Err(Error::mysql(format!("look at table {name} at the target"), e)),
        }
    }

    async fn create(&mut self, table: &Table) -> Result<()> {
        let Some(Target { dialect: to, .. }) = &self.target else { return Ok(()) };
        let mapped = mapped(table, &self.ctx.spec.src.filter)?;
        let mut statements = Vec::new();
        if let Some(schema) = self.schemas.get(&table.name.schema)
            && self.made.insert(mapped.name.schema.clone())
        {
            let schema = SchemaInfo { name: mapped.name.schema.clone(), ..schema.clone() };
            let (create, _) = translate::create_schema(&schema, &self.from, to);
            statements.extend(translate::in_utf8(create));
        }
        let merged = !self.merged_with(&table.name).is_empty();
        for statement in translate::statements(&mapped, &self.from, to)? {
            statements.push(if merged { statement } else { early(statement, &mapped.name) });
        }
        self.sink.prepare(&table.name, Prepare::Run(statements)).await
    }
}

/// Indexes that are not unique are built once, after the last row.
fn early(statement: String, name: &TableName) -> String {
    if statement.starts_with("CREATE TABLE") { definition::without_deferred(&statement, name) } else { statement }
}

fn changed_shard(table: &TableName, target: &TableName) -> Error {
    Error::config(
        "merged_table_changed",
        format!("table {table} is to be copied again, and at the target its rows are among others of {target}"),
    )
    .hint(format!("`syncline jobs tables reload` it: all that are merged into {target} are copied again"))
}

fn refused(table: &TableName, begun: bool) -> Error {
    if begun {
        Error::config("table_changed", format!("table {table} is to be copied again, and at the target it held rows before the job's"))
            .hint("empty or drop the table at the target, or let the job drop existing tables; then resume")
    } else {
        Error::config("target_not_empty", format!("table {table} at the target holds rows"))
            .hint("empty or drop it, or let the job upsert into or drop existing tables")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tables_of_our_own_are_emptied_without_being_told() {
        use ExistingTable::{Drop, Refuse, Upsert};
        let (ours, shared) = (Fingerprint::again(true), Fingerprint::again(false));
        let cases = [
            (Found::Absent, Refuse, None, Clear::Nothing),
            (Found::Empty, Refuse, None, Clear::Nothing),
            (Found::Rows, Refuse, None, Clear::Refuse),
            (Found::Rows, Upsert, None, Clear::Nothing),
            (Found::Rows, Drop, None, Clear::Drop),
            (Found::Rows, Refuse, Some(&ours), Clear::Drop),
            (Found::Rows, Upsert, Some(&ours), Clear::Drop),
            (Found::Rows, Upsert, Some(&shared), Clear::Refuse),
            (Found::Rows, Drop, Some(&shared), Clear::Drop),
            (Found::Empty, Upsert, Some(&shared), Clear::Drop),
        ];
        for (found, existing, begun, expected) in cases {
            assert_eq!(clear(found, existing, false, begun), expected, "{found:?} {existing:?} {begun:?}");
            let kept = if expected == Clear::Drop { Clear::Truncate } else { expected };
            assert_eq!(clear(found, existing, true, begun), kept, "{found:?} {existing:?} {begun:?}, target made by hand");
        }
    }
}
