//! What an import does to stored bars, before it does it.
//!
//! Only symbols that are stored already are looked at: what is new meets nothing.

use super::Import;
use super::spool::Gathered;
use crate::bars::compare::compare;
use crate::bars::meeting::Meeting;
use crate::bars::store::{Damage, Sound};
use crate::bars::{Error, Result};
use crate::model::bars::{Bar, BarTime, Symbol};
use std::collections::{BTreeMap, HashSet};

/// Days around the bars in which they meet others.
const AROUND: i64 = 40;
/// Moves that are told, where no task says another.
const EXTREME: f64 = 0.2;
/// Sentences that one error or result has.
const MOST_TOLD: usize = 10;

/// How the bars of each symbol that is stored fit, and what is damaged where they go.
#[derive(Default)]
pub(super) struct Judged(BTreeMap<Symbol, Judgement>);

#[derive(Default)]
struct Judgement {
    met: Meeting,
    /// The first and last bar that come, of all parts.
    ends: Option<(BarTime, BarTime)>,
    damaged: BTreeMap<BarTime, Damage>,
}

impl Import {
    pub(super) async fn judge(&self, gathered: &Gathered) -> Result<Judged> {
        let stored = self.store.list(Some(self.wanted.reading.interval)).await?;
        let known: HashSet<Symbol> = stored.into_iter().filter(|s| s.bars > 0).map(|s| s.symbol).collect();
        let mut all = Judged::default();
        if !self.done.symbols.iter().any(|s| known.contains(s)) {
            return Ok(all);
        }
        let mut pieces = gathered.pieces()?;
        while let Some(batch) = pieces.next().await? {
            let some = batch.iter().filter(|(symbol, _)| known.contains(*symbol));
            let met = futures::future::join_all(some.map(|(symbol, bars)| self.one(symbol, bars.clone()))).await;
            for met in met {
                let (symbol, Judgement { met, ends, damaged }) = met?;
                let entry = all.0.entry(symbol).or_default();
                entry.met = entry.met.and(met);
                entry.ends = entry.ends.into_iter().chain(ends).reduce(|(from, to), (first, last)| (from.min(first), to.max(last)));
                entry.damaged.extend(damaged);
            }
        }
        Ok(all)
    }

    async fn one(&self, symbol: &Symbol, bars: Vec<Bar>) -> Result<(Symbol, Judgement)> {
        let (bars, Sound { bars: stored, damaged }) = self.meet(symbol, bars, AROUND).await?;
        let interval = self.wanted.reading.interval;
        let met = Meeting::of(&compare(&stored, &bars), &stored, &bars, EXTREME, |time| self.seen.has(interval, symbol, time));
        let ends = bars.first().zip(bars.last()).map(|(first, last)| (first.time(), last.time()));
        let touched = damaged.into_iter().filter(|damage| bars.iter().any(|bar| damage.touches(bar.time())));
        let damaged = touched.map(|damage| (damage.span.from, damage)).collect();
        Ok((symbol.clone(), Judgement { met, ends, damaged }))
    }
}

impl Judged {
    /// None: there are no bars of it yet.
    pub(super) fn of(&self, symbol: &Symbol) -> Option<&Meeting> {
        self.0.get(symbol).map(|judged| &judged.met)
    }

    pub(super) fn rebased(&self) -> u64 {
        self.0.values().map(|judged| judged.met.rebased).sum()
    }

    /// Returns what is to be told; an error: it is not to be written unless somebody says so.
    pub(super) fn verdict(&self, overwrite: bool) -> Result<Vec<String>> {
        for (Judgement { ends, .. }, damage) in self.damaged() {
            match ends {
                Some((first, last)) if overwrite => damage.replaced_by(*first, *last)?,
                _ => return Err(damage.clone().into()),
            }
        }
        let doubts = self.0.iter().filter_map(|(symbol, judged)| Some(format!("{symbol}: {}", judged.met.doubt()?)));
        let doubts = some(doubts.collect(), "symbols");
        if !overwrite && !doubts.is_empty() {
            return Err(Error::config("bars_do_not_fit", format!("{}; nothing of it was stored", doubts.join("; "))));
        }
        let told = self.0.iter().filter_map(|(symbol, judged)| Some(format!("{symbol}: {}", judged.met.told(EXTREME)?)));
        let replaced = self.damaged().map(|(_, damage)| format!("{}: {}", damage.symbol, damage.told_replaced()));
        Ok([some(told.collect(), "symbols"), some(replaced.collect(), "damaged stretches")].concat())
    }

    fn damaged(&self) -> impl Iterator<Item = (&Judgement, &Damage)> {
        self.0.values().flat_map(|judged| judged.damaged.values().map(move |damage| (judged, damage)))
    }
}

pub(super) fn some(mut all: Vec<String>, what: &str) -> Vec<String> {
    if all.len() > MOST_TOLD {
        let more = all.len() - MOST_TOLD;
        all.truncate(MOST_TOLD);
        all.push(format!("and {more} more {what}"));
    }
    all
}
