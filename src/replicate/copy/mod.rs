//! The full copy: takes every table of a job from "not there" to "copied", with the positions its events need.
//!
//! ```text
//!  pending ──start──▶ copying ──last chunk──▶ converging   (the stream takes over; exact once it has passed `end`)
//!             start, plan           end
//! ```
//! - [`key`]: the key a table is paged by; [`plan`]: its ranges; [`read`]: a range as blocks of rows.
//! - [`engine`]: which table is next, what is durable, when a table is done. The only owner of the sink. [`work`]: a table there.
//! - [`start`]: a table's first or next start at both ends; [`workers`]: the tasks that move rows.
//! - [`indexes`]: what of a table's indexes is built behind its rows, beside the copy of others.
//! - [`collision`]: when merged tables have keys in common.
//! - [`rows`]: single rows by key, for repairs.
//! - [`group`]: tables that are copied in one [`snapshot`]. [`position`]: where snapshots are; [`budget`]: the bound on memory; [`meter`]: figures;
//!   [`watchdog`]: when nothing moves.
//!
//! Called by `run.rs` once the sink is open and the log is being read, before anything of the stream is applied.
//! Invariants: a table's start position is taken before its definition and its first row are read and is durable before
//! its first chunk; its end position is taken after its last chunk was read; a chunk and its record are one target
//! transaction. So a crash at any point repeats at most what the target does not have.

mod budget;
mod collision;
mod deal;
mod engine;
mod group;
mod indexes;
mod key;
mod meter;
mod plan;
mod position;
mod read;
mod rows;
mod snapshot;
mod start;
mod watchdog;
mod work;
mod workers;

use super::connect::{self, Conn, Flavor, ServerInfo, Stragglers};
use super::run::RunContext;
use super::sink::{Resume, Sink, TableState};
use super::{Error, Result};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::position::Position;
use crate::model::replicate::TableName;
pub(super) use rows::{rows_behind, rows_now};
use snapshot::Snapshot;
use tokio_util::sync::CancellationToken;
use watchdog::Pulse;

/// A snapshot of tables that is open before their copy begins.
#[derive(Debug)]
pub struct Held {
    tables: Vec<TableName>,
    snapshot: Snapshot,
}

impl Held {
    pub(super) fn at(&self) -> &Position {
        &self.snapshot.at
    }
    fn of(&self, table: &TableName) -> Option<&Snapshot> {
        self.tables.contains(table).then_some(&self.snapshot)
    }
}

/// Opens one, for as many readers as the copy has.
pub(super) async fn hold(ctx: &RunContext, source: &ServerInfo, tables: Vec<TableName>) -> Result<Held> {
    let mut other = source_connection(&ctx.spec.src.endpoint, source.flavor, &ctx.stragglers).await?;
    let readers = ctx.limits.copy_workers.clamp(1, 64) as usize;
    let snapshot = Snapshot::open(ctx, source, &mut other, &tables, readers).await?;
    other.disconnect().await;
    Ok(Held { tables, snapshot })
}

/// Copies what is not copied yet and returns the state of all tables of the job; None when `stop` ended it. `stop` is a
/// child of the run's token that the log reader's end cancels too: without the log a copy is worth nothing.
///
/// A table that the target has a state of and the source no longer has is not in the answer: its rows at the target and
/// its state wait for the DROP or RENAME, which is still ahead in the log.
pub async fn copy(
    ctx: &RunContext,
    source: &ServerInfo,
    target: Option<&ServerInfo>,
    sink: &mut dyn Sink,
    resume: &Resume,
    held: Option<&Held>,
    stop: &CancellationToken,
) -> Result<Option<Vec<TableState>>> {
    // Dropping the engine aborts its workers: what is not durable is asked for again.
    let (pulse, durable) = (Pulse::new(sink.standing()), sink.durable());
    let work = async {
        tokio::select! {
            outcome = Box::pin(engine::run(ctx, source, target, sink, resume, held, &pulse)) => outcome,
            error = watchdog::stalled(ctx, &pulse, &durable) => Err(error),
        }
    };
    match stop.run_until_cancelled(work).await {
        // What the sink says of being cancelled itself is no error.
        Some(Err(_)) | None if stop.is_cancelled() => Ok(None),
        Some(outcome) => outcome.map(Some),
        None => Ok(None),
    }
}

/// A server that gives idle connections little time gives those so much: a snapshot waits for its turn, or at a gate.
const WAITS: &str = "wait_timeout=CAST(GREATEST(@@GLOBAL.wait_timeout, 3600) AS UNSIGNED)";

/// Opens a connection that reads rows: each statement sees what is committed when it begins, and takes as long as it takes,
/// also where a throttle lets us read on only now and then. What it holds at the source does not outlive the run, even if the
/// line does not carry our goodbye.
pub(super) async fn source_connection(endpoint: &MysqlEndpoint, flavor: Flavor, stragglers: &Stragglers) -> Result<Conn> {
    let mut conn = connect::faithful(endpoint, false).await?;
    let no_limit = match flavor {
        Flavor::Mysql => "max_execution_time=0",
        Flavor::Mariadb => "max_statement_time=0",
    };
    let limits = format!("sql_select_limit=DEFAULT, net_write_timeout=3600, {WAITS}, {no_limit}");
    let sql = format!("SET SESSION transaction_isolation='READ-COMMITTED', {limits}");
    let older = format!("SET SESSION tx_isolation='READ-COMMITTED', {limits}");
    // Old servers know the variable by its old name only (1193: unknown system variable).
    match conn.query_drop(sql).await {
        Err(mysql_async::Error::Server(e)) if e.code == 1193 => conn.query_drop(older).await,
        other => other,
    }
    .map_err(|e| Error::mysql("set up a reading session at the source", e))?;
    stragglers.list(&mut conn).await?;
    Ok(conn)
}

/// Errors that say "the definition is no longer the one we read" pass with the next start, which reads it again.
fn source_error(table: &TableName, error: mysql_async::Error) -> Error {
    let changed = matches!(&error, mysql_async::Error::Server(e) if matches!(e.code, 1054 | 1072 | 1146 | 1176 | 1191 | 1412));
    let error = Error::mysql(format!("read table {table}"), error);
    if changed { Error { code: "table_changed", kind: super::Kind::Transient, ..error } } else { error }
}
