//! Carrying out what a job is ordered to do once (`replicate/orders`), before anything is copied or applied.
//!
//! Another position: what is between the two is repeated or passed over, as the operator was told. A table that can
//! converge does so up to where the job had been, so that repeating changes nothing; one that cannot (it has no key) takes
//! nothing of what it has had. What was committed above the old position is repeated too: older changes come before it.
//! Where the old position is of another log (another server, one that was reset), tables converge up to where this log ends.
//! A copy again: the table's state is that of one whose definition has changed (`list::reset`). Merged tables are emptied at once and
//! all of them begin anew.

use super::list::{pending, reset};
use super::{RunContext, failover};
use crate::model::finding::Side;
use crate::model::gtid::{Gtid, GtidSet};
use crate::model::position::{Position, TxId};
use crate::model::progress::TablePhase;
use crate::model::replicate::{ExistingTable, TableName};
use crate::model::run::RunEventKind;
use crate::replicate::connect::{Conn, ServerInfo};
use crate::replicate::coverage::listing;
use crate::replicate::fingerprint::Fingerprint;
use crate::replicate::orders::Orders;
use crate::replicate::sink::{Above, Item, Prepare, Resume, Sink, TableState};
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
    let reached = reached(was, resume);
    let foreign = failover::is_foreign(ctx, source, info, sink, resume, was).await?;
    let above = match foreign {
        true => Above::Foreign,
        false if to.covers(&reached) => Above::Applied,
        false => Above::Again,
    };
    let ends = match foreign {
        true => {
            failover::copy_again(ctx, source, info, sink, resume).await?;
            Ends { had: to.clone(), may_have: coordinates::low(source, info).await?, foreign }
        }
        false => Ends { had: was.clone(), may_have: reached.clone(), foreign },
    };
    // Messages are sent again: who reads them knows by their transaction what they have had.
    if ctx.spec.dest.sink.mysql().is_some() {
        converge(ctx, source, info, sink, resume, &ends).await?;
    }
    sink.submit(Item::Move { to: to.clone(), above }).await?;
    sink.drain().await?;
    resume.watermark = Some(to.clone());
    if above != Above::Applied {
        let gtids = resume.applied.drain(..).map(|gtid| TxId { gtid: Some(gtid), file: String::new(), start_offset: 0 });
        let offsets = resume.applied_offsets.drain(..).map(|(file, start_offset)| TxId { gtid: None, file, start_offset });
        resume.again.extend(gtids.chain(offsets));
    }
    let mut what = format!("goes on from {to}, as ordered; it was at {reached}");
    if foreign {
        resume.again.clear();
        let job = &ctx.job;
        what += &format!(
            " of another log: what only that one has stays at the destination (`syncline jobs verify {job} --repair` takes it out)"
        );
    }
    ctx.report.event(Some(Side::Src), RunEventKind::Note, what);
    Ok(())
}

/// The last that is committed: the checkpoint, and what is above it.
fn reached(was: &Position, resume: &Resume) -> Position {
    let mut at = was.clone();
    for gtid in &resume.applied {
        let none =
            || if matches!(gtid, Gtid::Mysql { .. }) { GtidSet::Mysql(Default::default()) } else { GtidSet::Mariadb(Default::default()) };
        at.gtid.get_or_insert_with(none).add(gtid);
    }
    for (file, start) in &resume.applied_offsets {
        let behind = Position { gtid: None, file: file.clone(), offset: start + 1 };
        if !behind.coordinates_le(&at) {
            (at.file, at.offset) = (behind.file, behind.offset);
        }
    }
    at
}

/// How far the tables have come.
struct Ends {
    /// Up to here a table has had everything.
    had: Position,
    /// Up to here it may have.
    may_have: Position,
    /// The positions that the tables' states name are of another log.
    foreign: bool,
}

/// Lets every table take what comes up to where it may have been as something that it may have had.
async fn converge(
    ctx: &RunContext,
    source: &mut Conn,
    info: &ServerInfo,
    sink: &mut dyn Sink,
    resume: &mut Resume,
    ends: &Ends,
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
        if matches!(state.phase, TablePhase::Converging | TablePhase::Exact) && until(state, ends, converges) {
            sink.submit(Item::Table(state.clone())).await?;
        }
    }
    Ok(())
}

/// The same of one table; one that cannot converge takes nothing. False: it does already.
fn until(state: &mut TableState, ends: &Ends, converges: bool) -> bool {
    let before = state.clone();
    let at = if converges { &ends.may_have } else { &ends.had };
    if ends.foreign || state.end.as_ref().is_none_or(|end| !end.covers(at) || !at.coordinates_le(end)) {
        state.end = Some(at.clone());
    }
    if !converges {
        state.start.clone_from(&state.end);
    } else if ends.foreign {
        state.start = None;
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
