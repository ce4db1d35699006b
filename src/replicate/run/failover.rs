//! The source is another server than before: a replica that was promoted, by an update of the job or behind the same address.
//!
//! Transactions keep their GTIDs on every server, files and offsets mean something on one server only. So what is kept of
//! positions loses its files, or gets those of this server, and the stream goes on by GTID without a second copy. The server
//! must have every transaction that is at the target (`coordinates::validate_resume`); else the job stops and says which.
//!
//! A table that was in the middle of its copy holds rows that were read from the old server at places nobody knows:
//! the new one may never have had them, so that copy begins again. One that is copied ends at a known place, which this server must
//! have; from there up to where it stands now its changes converge.
//!
//! A crash in here is harmless: who the positions are of is recorded last (`list`).

use super::RunContext;
use super::list::reset;
use crate::model::finding::Side;
use crate::model::gtid::GtidSet;
use crate::model::position::Position;
use crate::model::progress::TablePhase;
use crate::model::run::RunEventKind;
use crate::replicate::connect::{Conn, ServerInfo};
use crate::replicate::coordinates::{self, Lost};
use crate::replicate::coverage::{Coverage, listing};
use crate::replicate::error::COPY_AGAIN;
use crate::replicate::fingerprint::Fingerprint;
use crate::replicate::sink::{Item, Resume, Sink, TableState};
use crate::replicate::{Error, Result};

/// Which server the job follows now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// A build that did not keep it was here before.
    Unknown,
    Same,
    Another,
}

/// Makes what is recorded of another server fit this one; does nothing where it is the same.
pub(super) async fn adopt(
    ctx: &RunContext,
    source: &mut Conn,
    info: &ServerInfo,
    sink: &mut dyn Sink,
    resume: &mut Resume,
    watermark: &Position,
) -> Result<Source> {
    let before = match recorded(ctx, resume)? {
        None => return Ok(Source::Unknown),
        Some(before) if before == info.identity() => return Ok(Source::Same),
        Some(before) => before,
    };
    let what = format!("the source is another server than before ({} now, {before} then)", info.identity());
    if watermark.gtid.as_ref().is_none_or(GtidSet::is_empty) || !info.gtid {
        return Err(Error::permanent("source_changed", format!("{what}, and without GTIDs a position of one means nothing to the other"))
            .hint(format!(
                "lead the job back to the server it followed, or {COPY_AGAIN}. To go on all the same, pause it, and name a position of \
                 this server: `syncline jobs position set`"
            )));
    }
    coordinates::validate_resume(source, info, watermark).await?;
    let now = coordinates::low(source, info).await?;
    let mut again = Vec::new();
    for state in resume.tables.iter_mut().filter(|t| t.table != listing()) {
        let adopted = match state.phase {
            TablePhase::Pending => continue,
            TablePhase::Copying => {
                again.push(state.table.to_string());
                anew(state, &now)
            }
            TablePhase::Converging | TablePhase::Exact | TablePhase::Followed => {
                if let Some(end) = &state.end {
                    coordinates::validate_resume(source, info, end).await?;
                }
                let converges = state.phase == TablePhase::Converging && state.start != state.end;
                let end = if converges { Some(now.clone()) } else { state.end.as_ref().map(anywhere) };
                TableState { start: state.start.as_ref().map(anywhere), end, ..state.clone() }
            }
        };
        sink.submit(Item::Table(adopted.clone())).await?;
        *state = adopted;
    }
    sink.submit(Item::Skip { id: None, end: anywhere(watermark), source_time: 0 }).await?;
    sink.drain().await?;
    let copies = if again.is_empty() { String::new() } else { format!("; copied again: {}", again.join(", ")) };
    ctx.report.event(Some(Side::Src), RunEventKind::Note, format!("{what}: going on by GTID{copies}"));
    Ok(Source::Another)
}

/// Who the positions are of.
fn recorded(ctx: &RunContext, resume: &Resume) -> Result<Option<String>> {
    let mark = resume.tables.iter().find(|t| t.table == listing());
    let coverage = mark.map(|m| Coverage::of(m, &ctx.spec.src.filter)).transpose()?;
    Ok(coverage.and_then(|coverage| coverage.source().map(ToString::to_string)))
}

/// A copy that was on its way, begun anew.
fn anew(state: &TableState, now: &Position) -> TableState {
    let ours = Fingerprint::parse(&state.fingerprint).ours;
    TableState { fingerprint: Fingerprint::again(ours).text(), ..reset(state.table.clone(), now) }
}

/// For where the operator has said where to go on: says whether the job's old place is of another log than the source's. Where it
/// is of another server whose log this one has, what is recorded is adopted.
pub(super) async fn is_foreign(
    ctx: &RunContext,
    source: &mut Conn,
    info: &ServerInfo,
    sink: &mut dyn Sink,
    resume: &mut Resume,
    was: &Position,
) -> Result<bool> {
    let another = recorded(ctx, resume)?.is_some_and(|before| before != info.identity());
    let lost = coordinates::lost(source, info, was).await?;
    if another {
        if lost.is_some() || was.gtid.as_ref().is_none_or(GtidSet::is_empty) || !info.gtid {
            return Ok(true);
        }
        adopt(ctx, source, info, sink, resume, was).await?;
        return Ok(false);
    }
    Ok(matches!(lost, Some(Lost::NotExecuted(_))) || coordinates::begins_anew(was, &coordinates::high(source, info).await?))
}

/// Begins copies that were on their way anew: what they have read is of another log.
pub(super) async fn copy_again(
    ctx: &RunContext,
    source: &mut Conn,
    info: &ServerInfo,
    sink: &mut dyn Sink,
    resume: &mut Resume,
) -> Result<()> {
    let now = coordinates::low(source, info).await?;
    for state in resume.tables.iter_mut().filter(|t| t.table != listing() && t.phase == TablePhase::Copying) {
        *state = anew(state, &now);
        sink.submit(Item::Table(state.clone())).await?;
        ctx.report.event(Some(Side::Dest), RunEventKind::Note, format!("{} is copied again: its copy was of another log", state.table));
    }
    Ok(())
}

/// The same place on any server.
pub(super) fn anywhere(at: &Position) -> Position {
    Position { gtid: at.gtid.clone(), file: String::new(), offset: 0 }
}
