//! What the target already holds of a job, as preflight needs to know it: which tables are the job's own.
//!
//! Read before a run takes the job over, by `jobs create` (a job may go on with progress that was kept) and by the start
//! of each run. It looks and changes nothing.

use super::coverage::{Coverage, listing};
use super::sink::TableState;
use super::sink::mysql::MysqlSink;
use super::{Result, connect};
use crate::model::job::JobId;
use crate::model::position::Position;
use crate::model::progress::TablePhase;
use crate::model::replicate::{ReplicateSpec, SinkSpec, TableName};
use std::collections::HashSet;

/// The tables whose copy is of later than a position: what the log did before their copy they never take. None: the target has no
/// tables.
pub async fn copied_later(job: &JobId, spec: &ReplicateSpec, than: &Position) -> Result<Vec<TableName>> {
    let SinkSpec::Mysql(target) = &spec.dest.sink else { return Ok(Vec::new()) };
    let mut conn = connect::open(&target.endpoint, false).await?;
    let states = MysqlSink::states(&mut conn, job).await?;
    conn.disconnect().await;
    let later = |s: &TableState| s.table != listing() && s.start.as_ref().is_some_and(|start| !than.covers(start));
    Ok(states.unwrap_or_default().into_iter().filter(later).map(|s| s.table).collect())
}

/// The job's tables at its target. The default: nothing is recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recorded {
    started: bool,
    coverage: Option<Coverage>,
    /// Tables whose copy has not begun: what they are at the target is not ours yet.
    waiting: HashSet<TableName>,
    /// The job began without a copy.
    streamed: bool,
}

impl Recorded {
    /// The job has been here before.
    pub fn started(&self) -> bool {
        self.started
    }

    /// Says whether the table's rows at the target are the job's own already.
    pub fn holds(&self, table: &TableName) -> bool {
        match &self.coverage {
            Some(coverage) => coverage.filter().includes(&table.schema, &table.table) && !self.waiting.contains(table),
            None => self.streamed,
        }
    }

    /// Says whether the job covers the schema already.
    pub fn holds_schema(&self, schema: &str) -> bool {
        self.coverage.as_ref().map_or(self.streamed, |coverage| coverage.filter().touches_schema(schema))
    }

    /// Says whether the job will copy the table.
    pub fn copies(&self, table: &TableName, spec: &ReplicateSpec) -> bool {
        !self.holds(table) && (spec.src.start_gtid.is_none() || self.coverage.is_some())
    }
}

/// Reads it. A target that the job never reached has nothing of it; `kept`: the daemon holds what the destination cannot.
pub async fn recorded(job: &JobId, spec: &ReplicateSpec, kept: bool) -> Result<Recorded> {
    // A destination without tables has none that could be the job's own.
    let SinkSpec::Mysql(target) = &spec.dest.sink else { return Ok(Recorded { started: kept, ..Recorded::default() }) };
    let mut conn = connect::open(&target.endpoint, false).await?;
    let states = MysqlSink::states(&mut conn, job).await?;
    conn.disconnect().await;
    let Some(states) = states else { return Ok(Recorded::default()) };
    let coverage = states.iter().find(|s| s.table == listing()).map(|s| Coverage::of(s, &spec.src.filter)).transpose()?;
    let waits = |s: &&TableState| s.phase == TablePhase::Pending && s.start.is_none();
    let waiting = states.iter().filter(waits).map(|s| s.table.clone()).collect();
    let streamed = coverage.is_none() && spec.src.start_gtid.is_some();
    Ok(Recorded { started: true, coverage, waiting, streamed })
}
