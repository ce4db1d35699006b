//! Which tables the job has: compared at each start with what is recorded, so that tables which an update of the filter
//! brings in are copied, and those that it takes out are let go.
//!
//! The order is what makes a crash between the steps harmless: first the new tables, as pending; then the filter they
//! were listed under; then what is excluded goes. Until the filter stands, the next start finds the same tables new
//! again; and no state of an excluded table is ever used, because this comes before the copy and the stream.

use super::RunContext;
use crate::model::finding::Side;
use crate::model::position::Position;
use crate::model::progress::{TablePhase, TableProgress};
use crate::model::replicate::{TableFilter, TableName};
use crate::model::run::RunEventKind;
use crate::replicate::connect::{Conn, ServerInfo};
use crate::replicate::coverage::{Coverage, listing};
use crate::replicate::fingerprint::Fingerprint;
use crate::replicate::sink::{Item, Resume, Sink, TableState};
use crate::replicate::{Result, coordinates, schema};
use std::collections::HashMap;

/// Brings `resume.tables` in line with the job's filter. `from` is where the stream stands.
pub(super) async fn list(
    ctx: &RunContext,
    source: &mut Conn,
    info: &ServerInfo,
    sink: &mut dyn Sink,
    resume: &mut Resume,
    from: &Position,
) -> Result<Coverage> {
    let filter = &ctx.spec.src.filter;
    let mark = resume.tables.iter().find(|t| t.table == listing());
    let known = mark.is_some_and(|m| !m.fingerprint.is_empty());
    let recorded = mark.map(|m| Coverage::of(m, filter)).transpose()?;
    let mut estimates = HashMap::new();
    let coverage = match recorded {
        Some(coverage) if known && coverage.filter() == filter => coverage,
        recorded => {
            let at = coordinates::low(source, info).await?;
            let found = schema::read::list(source, filter).await?;
            // A job that begins at a position given to it copies nothing; what joins it later, it does.
            let wanted = |t: &TableName| match &recorded {
                None => ctx.spec.src.start_gtid.is_none(),
                Some(before) => !before.filter().includes(&t.schema, &t.table),
            };
            // Of a table whose row filter changed, the target has other rows than it should, of one that is called otherwise
            // now it has none: it is copied again.
            let mysql = ctx.spec.dest.sink.mysql().is_some();
            let moved = |f: &TableFilter, t: &TableName| f.target(t) != filter.target(t) || f.columns(t) != filter.columns(t);
            let again = |t: &TableName| {
                let before = recorded.as_ref().map(Coverage::filter).filter(|_| mysql);
                let rows = |f: &TableFilter| f.rows(&t.schema, &t.table).map(str::to_owned);
                before.is_some_and(|f| f.includes(&t.schema, &t.table) && (rows(f) != rows(filter) || moved(f, t)))
            };
            for table in found.tables.iter().filter(|t| again(&t.name)) {
                // What came to be by a statement of the log holds only our rows.
                let known = resume.tables.iter().find(|s| s.table == table.name).map(|s| Fingerprint::parse(&s.fingerprint).ours);
                let ours = known.unwrap_or(ctx.spec.src.start_gtid.is_none());
                // What stands under another name is not known; what it was under the old one stays.
                let ours = ours && !recorded.as_ref().is_some_and(|before| moved(before.filter(), &table.name));
                estimates.insert(table.name.clone(), table.rows_estimated);
                let state = TableState { fingerprint: Fingerprint::again(ours).text(), ..reset(table.name.clone(), &at) };
                sink.submit(Item::Table(state.clone())).await?;
                resume.tables.retain(|t| t.table != state.table);
                resume.tables.push(state);
                let what = format!("the row filter or the mapping of {} changed: it is copied again", table.name);
                ctx.report.event(Some(Side::Dest), RunEventKind::Note, what);
            }
            for table in found.tables.into_iter().filter(|t| wanted(&t.name)) {
                if let Some(base) = filter.beside(&table.name.schema, &table.name.table).map(|b| b.base) {
                    let what = format!("{} is copied as a table of an online schema change of {base}: it has the name of one", table.name);
                    ctx.report.event(Some(Side::Src), RunEventKind::Note, what);
                }
                estimates.insert(table.name.clone(), table.rows_estimated);
                let state = pending(table.name);
                sink.submit(Item::Table(state.clone())).await?;
                resume.tables.retain(|t| t.table != state.table);
                resume.tables.push(state);
            }
            let coverage = match recorded {
                None if ctx.spec.src.start_gtid.is_some() => Coverage::new(filter.clone(), from.clone()),
                None => Coverage::new(filter.clone(), at),
                Some(mut coverage) => {
                    coverage.listed(filter.clone(), at, from);
                    coverage
                }
            };
            sink.submit(Item::Table(coverage.state())).await?;
            sink.drain().await?;
            resume.tables.retain(|t| t.table != listing());
            resume.tables.push(coverage.state());
            ctx.report.update(|p| {
                for note in &found.notes {
                    p.note(&format!("{} of {} not copied", note.kind, note.schema), |_| note.names.len() as u64);
                }
            });
            coverage
        }
    };
    let mut coverage = coverage;
    let identity = info.identity();
    if coverage.source() != Some(&identity) {
        coverage.set_source(&identity);
        sink.submit(Item::Table(coverage.state())).await?;
        sink.drain().await?;
    }
    let excluded = |t: &TableState| t.table != listing() && !filter.includes(&t.table.schema, &t.table.table);
    for state in resume.tables.iter().filter(|t| excluded(t)) {
        sink.submit(Item::LetGo(state.table.clone())).await?;
    }
    resume.tables.retain(|t| !excluded(t));
    sink.drain().await?;
    show(ctx, resume, &estimates);
    Ok(coverage)
}

/// A table whose copy is still to begin.
pub(super) fn pending(table: TableName) -> TableState {
    TableState { table, phase: TablePhase::Pending, start: None, end: None, fingerprint: String::new(), chunks: Vec::new(), rows: 0 }
}

/// A table that is to be copied again, behind `at`: what the log has of it up to there is in the new copy.
pub(in crate::replicate) fn reset(table: TableName, at: &Position) -> TableState {
    TableState { start: Some(at.clone()), end: Some(at.clone()), ..pending(table) }
}

/// Shows the tables as they are recorded, with what the job has counted of them before.
fn show(ctx: &RunContext, resume: &Resume, estimates: &HashMap<TableName, u64>) {
    let filter = &ctx.spec.src.filter;
    let recorded: HashMap<&TableName, &TableState> = resume.tables.iter().filter(|t| t.table != listing()).map(|t| (&t.table, t)).collect();
    ctx.report.update(|p| {
        p.tables.retain(|t| filter.includes(&t.table.schema, &t.table.table));
        for state in recorded.values() {
            if !p.tables.iter().any(|t| t.table == state.table) {
                p.tables.push(TableProgress::new(state.table.clone(), state.phase));
            }
        }
        for table in &mut p.tables {
            let Some(state) = recorded.get(&table.table) else { continue };
            let rows = state.rows.max(state.chunks.iter().map(|c| c.rows).sum());
            let done = matches!(state.phase, TablePhase::Converging | TablePhase::Exact);
            let estimated = estimates.get(&table.table).copied().unwrap_or(table.rows_estimated);
            (table.phase, table.rows_copied) = (state.phase, rows);
            table.held_rows = Fingerprint::held_rows(&state.fingerprint);
            table.rows_estimated = if done { rows } else { estimated.max(rows) };
        }
        p.tables.sort_by(|a, b| a.table.cmp(&b.table));
        let (rows, estimated) = (p.tables.iter().map(|t| t.rows_copied).sum(), p.tables.iter().map(|t| t.rows_estimated).sum());
        for side in [&mut p.src, &mut p.dest] {
            (side.rows_done, side.rows_estimated) = (rows, estimated);
        }
    });
}
