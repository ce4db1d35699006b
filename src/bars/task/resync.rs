//! A range again: full sync and repair. Whatever differs is taken from the source and recorded, and damaged blocks are replaced of which
//! the source has all.

use super::{Done, Work, incremental, notes, validate};
use crate::bars::compare::compare;
use crate::bars::meeting::Meeting;
use crate::bars::store::{Damage, IfDamaged, Sound};
use crate::bars::{Error, Result};
use crate::model::bars::{Bar, Range, Symbol, TaskKind};

pub(super) async fn run(work: &Work, symbol: &Symbol) -> Result<Done> {
    let interval = work.spec.interval;
    let range = work.spec.range.unwrap_or(Range { from: work.days_back(symbol), to: work.now(symbol) });
    let got = work.fetch(symbol, range.from, range.to).await?;
    if got.bars.is_empty() && work.spec.kind == TaskKind::FullSync {
        // Unlike an incremental run's "nothing new": what should have all has nothing.
        return Err(Error::permanent("bars_no_data", format!("the source has no bars of {symbol} {interval} in the range")));
    }
    // What lies around the range has to fit to what comes.
    let Sound { bars: stored, damaged } = work.store.read_sound(symbol, interval, Range::ALL).await?;
    let replaced = replaced(damaged, &got.bars)?;
    let mut found = compare(&stored, &got.bars);
    let older = stored.first().zip(got.bars.first()).is_some_and(|(stored, got)| stored.time() < got.time());
    // Part of a history cannot say that all of it was re-based.
    let rebased_part = found.factor.take_if(|_| older);
    if got.bars.is_empty() && got.held_back == 0 && stored.iter().any(|bar| range.contains(bar.time())) {
        return Ok(super::nothing(&got));
    }
    let met = Meeting::of(&found, &stored, &got.bars, work.spec.extreme_move, |_| false);
    if work.spec.kind == TaskKind::Repair {
        let another = met.another().map(|why| format!("{why}: another instrument?"));
        let part = || met.doubt().map(|why| format!("{why}: part of a history that was re-based?"));
        if let Some(why) = another.or_else(part) {
            let message = format!("{why} Nothing was written; a task of type full_sync takes the source's word");
            return Err(Error::permanent("bars_do_not_fit", message));
        }
    }
    let mut done = incremental::write(work, symbol, &found, None, IfDamaged::Replace).await?;
    done.held_back = got.held_back;
    done.doubtful = got.twice > 0 || rebased_part.is_some() || met.has_two_scales();
    if let Some(factor) = rebased_part {
        done.note = format!("these bars were re-based by {factor:.6}, those before them keep their old prices");
    }
    if found.missing > 0 {
        let kept = format!("the source does not have {} of the stored bars; they are kept", found.missing);
        done.note = notes(Some(done.note), &kept);
    }
    done.note = notes(got.note(), &notes(met.told(work.spec.extreme_move), &notes(Some(replaced), &done.note)));
    if work.spec.kind == TaskKind::Repair {
        done.issues = validate::issues(work, symbol, range).await?;
    }
    Ok(done)
}

/// Says which damaged bars these replace; an error: they would be only a part of what stood there.
fn replaced(damaged: Vec<Damage>, bars: &[Bar]) -> Result<String> {
    let [Some(first), Some(last)] = [bars.first(), bars.last()] else { return Ok(String::new()) };
    let touched: Vec<Damage> = damaged.into_iter().filter(|damage| bars.iter().any(|bar| damage.touches(bar.time()))).collect();
    touched.iter().try_for_each(|damage| damage.replaced_by(first.time(), last.time()))?;
    Ok(touched.iter().map(Damage::told_replaced).collect::<Vec<_>>().join("; "))
}
