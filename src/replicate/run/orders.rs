//! Carrying out what a job is ordered to do once (`replicate/orders`), before anything is copied or applied.
//!
//! Another position: what is between the two is repeated or passed over, as the operator was told. A table that can
//! converge does so up to where the job had been, so that repeating changes nothing; one that cannot (it has no key) takes
//! nothing of what it has had. What was committed above the old position is known by its transactions and not repeated.
//! A copy again: the table's state is that of one whose definition has changed (`list::reset`). Merged tables are emptied at once and
//! all of them begin anew.

use super::RunContext;
use super::list::{pending, reset};
use crate::model::finding::Side;
use crate::model::position::Position;
use crate::model::progress::TablePhase;
use crate::model::replicate::{ExistingTable, TableName};
use crate::model::run::RunEventKind;
use crate::replicate::connect::{Conn, ServerInfo};
use crate::replicate::coverage::listing;
use crate::replicate::fingerprint::Fingerprint;
use crate::replicate::orders::Orders;
use crate::replicate::sink::{Item, Prepare, Resume, Sink, TableState};
use crate::replicate::{Result, coordinates, schema};
use std::collections::BTreeSet;

/// Moves the stream to the ordered position; `was` is where it stands.
pub(super) async fn reposition(
    ctx: &RunContext,
    source: &mut Conn,
    info: &ServerInfo,
    sink: &mut dyn Sink,
    resume: &mut Resume,
    was: &Position,
    to: &Position,
) -> Result<()> {
    // Messages are sent again: who reads them knows by their transaction what they have had.
    if ctx.spec.dest.sink.mysql().is_some() {
        converge(ctx, source, info, sink, resume, was).await?;
    }
    sink.submit(Item::Skip { id: None, end: to.clone(), source_time: 0 }).await?;
    sink.drain().await?;
    resume.watermark = Some(to.clone());
    let what = format!("goes on from {to}, as ordered; it was at {was}");
    ctx.report.event(Some(Side::Src), RunEventKind::Note, what);
    Ok(())
}

/// Lets every table take what comes up to a position as something that it may have had.
async fn converge(
    ctx: &RunContext,
    source: &mut Conn,
    info: &ServerInfo,
    sink: &mut dyn Sink,
    resume: &mut Resume,
    was: &Position,
) -> Result<()> {
    let listed = schema::read::list(source, &ctx.spec.src.filter).await?;
    let names: Vec<TableName> = listed.tables.into_iter().map(|t| t.name).collect();
    let tables = if names.is_empty() { Vec::new() } else { schema::read::read_tables(source, info, &names).await? };
    for table in &tables {
        // The log made it: it had no state of its own.
        if !resume.tables.iter().any(|s| s.table == table.name) {
            resume.tables.push(TableState {
                table: table.name.clone(),
                phase: TablePhase::Exact,
                start: None,
                end: None,
                fingerprint: Fingerprint::again(true).text(),
                chunks: Vec::new(),
                rows: 0,
            });
        }
    }
    for state in resume.tables.iter_mut().filter(|s| s.table != listing()) {
        // Of one that is gone from the source nothing is known, and nothing is wanted.
        let converges = tables.iter().find(|t| t.name == state.table).is_some_and(|t| t.row_key().is_some());
        if matches!(state.phase, TablePhase::Converging | TablePhase::Exact) && until(state, was, converges) {
            sink.submit(Item::Table(state.clone())).await?;
        }
    }
    Ok(())
}

/// The same of one table; one that cannot converge takes nothing. False: it does already.
fn until(state: &mut TableState, at: &Position, converges: bool) -> bool {
    let before = state.clone();
    if state.end.as_ref().is_none_or(|end| !end.covers(at) || !at.coordinates_le(end)) {
        state.end = Some(at.clone());
    }
    if !converges {
        state.start.clone_from(&state.end);
    }
    state.phase = TablePhase::Converging;
    *state != before
}

/// Sets the ordered tables back to "not copied".
pub(super) async fn reload(
    ctx: &RunContext,
    source: &mut Conn,
    info: &ServerInfo,
    sink: &mut dyn Sink,
    resume: &mut Resume,
    orders: &Orders,
) -> Result<()> {
    let database = ctx.spec.dest.sink.mysql().is_some();
    // Before its tables are listed a job has copied none.
    if orders.reload.is_empty() || database && !resume.tables.iter().any(|s| s.table == listing()) {
        return Ok(());
    }
    let at = coordinates::low(source, info).await?;
    let note = |text: String| ctx.report.event(Some(Side::Dest), RunEventKind::Note, text);
    let spec = &ctx.spec.src;
    let names: Vec<TableName> = if database && spec.filter.maps() {
        schema::read::list(source, &spec.filter).await?.tables.into_iter().map(|t| t.name).collect()
    } else {
        Vec::new()
    };
    let waits = |s: &TableState| s.start.is_none() && s.phase == TablePhase::Pending;
    let mut done = BTreeSet::new();
    for table in orders.reload.iter().filter(|t| spec.filter.includes(&t.schema, &t.table)) {
        if !done.insert(if database { spec.filter.target(table) } else { table.clone() }) {
            continue;
        }
        // Of merged tables the target does not know whose a row is: it is all of them or none.
        let mut together: Vec<&TableName> = names.iter().filter(|other| spec.filter.merges(table, std::iter::once(*other))).collect();
        let merged = !together.is_empty();
        together.push(table);
        let states: Vec<&TableState> = resume.tables.iter().filter(|s| together.contains(&&s.table)).collect();
        if states.len() == together.len() && states.iter().all(|s| waits(s)) {
            // Its copy is still to begin.
            continue;
        }
        // What the log made holds only our rows; what was there when a job began at a position need not.
        let found = merged && states.is_empty() && spec.start_gtid.is_some();
        let ours = !found && states.iter().all(|s| waits(s) || Fingerprint::parse(&s.fingerprint).ours);
        if database && !ours && spec.existing_table != ExistingTable::Drop {
            note(format!(
                "{table} is not copied again, as ordered: at the target it held rows before the job's (existing_tables = \"drop\" lets it)"
            ));
            continue;
        }
        if merged {
            // Until their states are durable the order stands.
            sink.prepare(table, if spec.skip_create { Prepare::Truncate } else { Prepare::Drop }).await?;
        }
        for table in together {
            let again = TableState { fingerprint: Fingerprint::again(ours).text(), ..reset(table.clone(), &at) };
            let state = if merged { pending(table.clone()) } else { again };
            sink.submit(Item::Table(state.clone())).await?;
            resume.tables.retain(|t| t.table != state.table);
            resume.tables.push(state);
            note(format!("{table} is copied again, as ordered"));
        }
    }
    sink.drain().await?;
    Ok(())
}
