//! What is new of a symbol, and what changed in the bars before.
//!
//! The last stored bars are fetched again with the new ones. If the oldest of these differs, older ones may as well, and all
//! that is stored is fetched again: a re-basing that was only half taken in would leave two scales in one series.

use super::{Done, Fetched, Work, notes};
use crate::bars::compare::{Compared, compare};
use crate::bars::meeting::Meeting;
use crate::bars::store::{IfDamaged, Noted};
use crate::bars::{Error, Result};
use crate::model::bars::{Bar, BarTime, Range, Symbol};
use crate::model::words::counted;

pub(super) async fn run(work: &Work, symbol: &Symbol) -> Result<Done> {
    let (interval, provider) = (work.spec.interval, work.provider()?);
    // Taken before the reading: a source that changes meanwhile looks different the next time.
    let mark = provider.mark(symbol, interval).await?;
    if mark.is_some() && mark.as_ref() == work.seen.get(symbol) {
        return Ok(Done::default());
    }
    let known = work.store.tail(symbol, interval, work.spec.overlap.max(1) as usize).await?;
    let first = known.as_ref().and_then(|(info, _)| info.first);
    let tail = known.map(|(_, tail)| tail).unwrap_or_default();
    let to = work.now(symbol);
    let from = match tail.first() {
        _ if provider.gives_all() => BarTime::MIN,
        Some(bar) => bar.time(),
        None => work.days_back(symbol),
    };
    let mut got = work.fetch(symbol, from, to).await?;
    if got.bars.is_empty() && tail.is_empty() {
        return Ok(super::nothing(&got));
    }
    let mut stored = if provider.gives_all() { all(work, symbol).await? } else { tail };
    let mut found = compare(&stored, &got.bars);
    if found.oldest_differs && !provider.gives_all() {
        got = again(work, symbol, first.unwrap_or(from), to).await?;
        stored = all(work, symbol).await?;
        found = compare(&stored, &got.bars);
    }
    if got.bars.is_empty() && got.held_back == 0 {
        return Ok(super::nothing(&got));
    }
    let met = Meeting::of(&found, &stored, &got.bars, work.spec.extreme_move, |_| false);
    if let Some(why) = met.another() {
        // Nothing says that it is the paper that it should be; a full sync takes the source's word all the same.
        let message = format!("{why}: another instrument? Nothing was written; a task of type full_sync takes the source's word");
        return Err(Error::permanent("bars_do_not_fit", message));
    }
    let Fetched { bars: fetched, held_back, .. } = &got;
    let held_back = *held_back;
    // A bar that was held back is still to come: the same file must be read again.
    let mark = mark.filter(|_| held_back == 0);
    let mut done = write(work, symbol, &found, mark, IfDamaged::Refuse).await?;
    done.held_back = held_back;
    done.doubtful = got.twice > 0 || met.has_two_scales();
    let older = stored.iter().take_while(|b| fetched.first().is_some_and(|f| b.time() < f.time())).count();
    if found.factor.is_some() && older > 0 && done.rebased.is_some() {
        done.note = if older == 1 {
            "the source no longer has the oldest bar: it keeps its old price".to_owned()
        } else {
            format!("the source no longer has the {older} oldest bars: they keep their old prices")
        };
        done.doubtful = true;
    } else if found.missing > 0 {
        done.note = {
            let kept = if found.missing == 1 { "it is" } else { "they are" };
            format!("the source no longer has {}; {kept} kept", counted(found.missing, "stored bar"))
        };
    }
    done.note = notes(got.note(), &notes(met.told(work.spec.extreme_move), &done.note));
    Ok(done)
}

async fn all(work: &Work, symbol: &Symbol) -> Result<Vec<Bar>> {
    Ok(work.store.read(symbol, work.spec.interval, Range::ALL).await?.unwrap_or_default())
}

/// Fetches all that is stored once more.
async fn again(work: &Work, symbol: &Symbol, from: BarTime, to: BarTime) -> Result<Fetched> {
    work.fetch(symbol, from, to).await.map_err(|e| {
        let message = format!("history changed at its source, and fetching all of it again failed: {e}");
        Error { kind: e.kind, code: e.code, message, hint: "", source: Some(Box::new(e)) }
    })
}

/// Writes what differs and records what was corrected, in one transaction.
pub(super) async fn write(work: &Work, symbol: &Symbol, found: &Compared, mark: Option<String>, damaged: IfDamaged) -> Result<Done> {
    let source = work.provider()?.name().to_owned();
    let correction = found.correction((work.clock)(), found.factor, &source);
    let rebased = correction.as_ref().and_then(|c| c.factor);
    let noted = Noted { correction, seen: mark.map(|mark| (source, mark)) };
    let written = work.store.upsert_noted(symbol, work.spec.interval, found.writes(), noted, damaged).await?;
    Ok(Done { added: written.added, changed: written.changed, rebased, rebased_bars: found.rebased, ..Done::default() })
}
