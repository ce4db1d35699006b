//! Which tables the job has: listed once at its first start, recorded as pending with the listing's position.

use super::RunContext;
use crate::model::position::Position;
use crate::model::progress::{TablePhase, TableProgress};
use crate::replicate::connect::ServerInfo;
use crate::replicate::sink::mysql::MysqlSink;
use crate::replicate::sink::{Item, Resume, Sink as _, TableState};
use crate::replicate::{Result, coordinates, pump, schema};

/// Lists the job's tables once, at the first start, and records them as pending together with the listing's position.
pub(super) async fn list(
    ctx: &RunContext,
    source: &mut mysql_async::Conn,
    info: &ServerInfo,
    sink: &mut MysqlSink,
    resume: &mut Resume,
) -> Result<()> {
    let mut estimates = std::collections::HashMap::new();
    if !resume.tables.iter().any(|t| t.table == pump::listing()) {
        let at = coordinates::low(source, info).await?;
        let listing = schema::read::list(source, &ctx.spec.src.filter).await?;
        let blank = |table, phase, at: Option<Position>| TableState {
            table,
            phase,
            start: at.clone(),
            end: at,
            fingerprint: String::new(),
            chunks: Vec::new(),
            rows: 0,
        };
        for table in listing.tables {
            let state = blank(table.name, TablePhase::Pending, None);
            estimates.insert(state.table.clone(), table.rows_estimated);
            sink.submit(Item::Table(state.clone())).await?;
            resume.tables.retain(|t| t.table != state.table);
            resume.tables.push(state);
        }
        let mark = blank(pump::listing(), TablePhase::Converging, Some(at));
        sink.submit(Item::Table(mark.clone())).await?;
        sink.drain().await?;
        resume.tables.push(mark);
        ctx.report.update(|p| {
            p.notes.extend(listing.notes.iter().map(|n| (format!("{} of {} not copied", n.kind, n.schema), n.names.len() as u64)));
        });
    }
    let tables = resume.tables.iter().filter(|t| !t.table.table.is_empty());
    let rows: Vec<TableProgress> = tables
        .map(|t| TableProgress {
            table: t.table.clone(),
            phase: t.phase,
            rows_copied: t.rows.max(t.chunks.iter().map(|c| c.rows).sum()),
            rows_estimated: estimates.get(&t.table).copied().unwrap_or(t.rows),
            bytes_copied: 0,
            inserts: 0,
            updates: 0,
            deletes: 0,
            conflicts: 0,
        })
        .collect();
    ctx.report.update(|p| p.tables = rows);
    Ok(())
}
