//! What an import does to stored bars, before it does it.
//!
//! Only symbols that are stored already are looked at: what is new meets nothing.

use super::Import;
use super::spool::Gathered;
use crate::bars::compare::compare;
use crate::bars::meeting::Meeting;
use crate::bars::{Error, Result};
use crate::model::bars::{Bar, Symbol};
use std::collections::{BTreeMap, HashSet};

/// Days around the bars in which they meet others.
const AROUND: i64 = 40;
/// Moves that are told, where no task says another.
const EXTREME: f64 = 0.2;
/// Sentences that one error or result has.
const MOST_TOLD: usize = 10;

/// How the bars of each symbol fit.
pub(super) struct Judged(BTreeMap<Symbol, Meeting>);

impl Import {
    pub(super) async fn judge(&self, gathered: &Gathered) -> Result<Judged> {
        let stored = self.store.list(Some(self.wanted.reading.interval)).await?;
        let known: HashSet<Symbol> = stored.into_iter().filter(|s| s.bars > 0).map(|s| s.symbol).collect();
        let mut all = Judged(BTreeMap::new());
        if !self.done.symbols.iter().any(|s| known.contains(s)) {
            return Ok(all);
        }
        let mut pieces = gathered.pieces()?;
        while let Some(batch) = pieces.next().await? {
            let some = batch.iter().filter(|(symbol, _)| known.contains(*symbol));
            let met = futures::future::join_all(some.map(|(symbol, bars)| self.one(symbol, bars.clone()))).await;
            for met in met {
                let (symbol, met) = met?;
                let entry = all.0.entry(symbol).or_default();
                *entry = entry.and(met);
            }
        }
        Ok(all)
    }

    async fn one(&self, symbol: &Symbol, bars: Vec<Bar>) -> Result<(Symbol, Meeting)> {
        let (bars, stored) = self.meet(symbol, bars, AROUND).await?;
        let interval = self.wanted.reading.interval;
        let met = Meeting::of(&compare(&stored, &bars), &stored, &bars, EXTREME, |time| self.seen.has(interval, symbol, time));
        Ok((symbol.clone(), met))
    }
}

impl Judged {
    /// None: there are no bars of it yet.
    pub(super) fn of(&self, symbol: &Symbol) -> Option<&Meeting> {
        self.0.get(symbol)
    }

    pub(super) fn rebased(&self) -> u64 {
        self.0.values().map(|met| met.rebased).sum()
    }

    /// Returns what is to be told; an error: it is not to be written unless somebody says so.
    pub(super) fn verdict(&self, overwrite: bool) -> Result<Vec<String>> {
        let doubts = self.0.iter().filter_map(|(symbol, met)| Some(format!("{symbol}: {}", met.doubt()?)));
        let doubts = some(doubts.collect(), "symbols");
        if !overwrite && !doubts.is_empty() {
            return Err(Error::config("bars_do_not_fit", format!("{}; nothing of it was stored", doubts.join("; "))));
        }
        Ok(some(self.0.iter().filter_map(|(symbol, met)| Some(format!("{symbol}: {}", met.told(EXTREME)?))).collect(), "symbols"))
    }
}

fn some(mut all: Vec<String>, what: &str) -> Vec<String> {
    if all.len() > MOST_TOLD {
        let more = all.len() - MOST_TOLD;
        all.truncate(MOST_TOLD);
        all.push(format!("and {more} more {what}"));
    }
    all
}
