//! An import of CSV: every row is judged before the first one is stored.
//!
//! Called by the API, line by line as the body comes. What is read waits in memory, and beyond a few megabytes in a scratch
//! file beside the database (it has no name, so that nothing of it is left behind whatever happens); only when the last row
//! is known to be good are the bars written. A file of any size needs the memory of one batch and one bit for each bar's time.
//!
//! Invariant: a row that cannot be read, contradicts itself or says a bar for the second time ends the import before anything
//! of it is stored, unless it was told to be lenient; then it is counted. So do bars that look like another paper's than those
//! that are stored (`compare`), unless it was told to overwrite, and bars of a block that is damaged, unless it was told so and has all
//! that stood there. A daemon that dies while it writes has stored a part: importing
//! twice is importing once. So do bars that cannot be of the interval (`grid`), unless it was told to be lenient. Bars that are not
//! over yet are left out and told, unless it was told to be lenient: they would be taken for whole ones.
//!
//! `doubt` what no bar can be, `spool` the scratch file, `seen` which bars there were, `judge` what they do to stored ones.

mod doubt;
mod judge;
mod seen;
mod spool;
#[cfg(test)]
mod tests;

use super::compare::compare;
use super::csv::{Parser, Reading};
use super::grid;
use super::odd_hours::{Hour, TWICE_AGAIN, counted};
use super::store::{IfDamaged, Noted, Sound, Store, Written, in_order, keep_volumes};
use super::{Error, Kind, Result};
use crate::model::bars::{Bar, BarTime, Exchanges, Interval, Range, Symbol};
use doubt::{Doubt, contradiction, remark};
use jiff::{SignedDuration, Timestamp};
use judge::Judged;
use seen::Seen;
use spool::{Batch, Spool};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bars that are held in memory before they go to the scratch file, and that are written at once.
const TOGETHER: usize = 100_000;
/// No bar is longer than a month, and no zone's clock a day away from another's.
const LONGEST: i64 = 33 * 86_400;

#[derive(Debug, Clone)]
pub struct Wanted {
    pub reading: Reading,
    /// Whether somebody said which zone naive times are of.
    pub zone_given: bool,
    /// The symbol of all rows.
    pub alone: Option<Symbol>,
    /// Takes rows that contradict themselves or others, and counts them.
    pub lenient: bool,
    /// Takes bars that do not fit to those that are stored, and tells it.
    pub overwrite: bool,
    /// Only counts what it would do.
    pub dry_run: bool,
}

/// What an import came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Those that it has bars of, in order.
    pub symbols: Vec<Symbol>,
    pub added: u64,
    pub changed: u64,
    /// Of those that changed: by one factor, as after a split or dividend.
    pub rebased: u64,
    pub unchanged: u64,
    /// Rows without a price, which are no bars.
    pub skipped: u64,
    /// Bars that are not over yet and were left out.
    pub held_back: u64,
    /// Lenient: bars that contradict themselves, and second bars of the same time, of which the last stays.
    pub suspect: u64,
    pub duplicates: u64,
    /// What should be looked at, a sentence each; some, where there are many.
    pub warnings: Vec<String>,
}

pub struct Import {
    store: Store,
    exchanges: Arc<Exchanges>,
    now: Timestamp,
    wanted: Wanted,
    parser: Parser,
    held: Batch,
    /// The symbol of the last row and its bars, which are not in `held`: rows of a symbol mostly follow each other.
    open: Option<(Symbol, Vec<Bar>)>,
    count: usize,
    together: usize,
    spool: Spool,
    seen: Seen,
    /// How many bars of each kind were taken that are doubtful, and what is wrong with the first.
    doubts: BTreeMap<Doubt, (u64, String)>,
    /// The bars of the last hour that a clock went forward over, and what was said of each.
    skipped: Vec<(Symbol, BarTime, String)>,
    done: Imported,
}

impl Import {
    pub fn new(store: Store, exchanges: Arc<Exchanges>, wanted: Wanted) -> Self {
        let parser = Parser::new(wanted.reading.clone());
        let (held, seen) = (Batch::new(), Seen::default());
        let done = Imported::default();
        let (spool, doubts, skipped) = (Spool::default(), BTreeMap::new(), Vec::new());
        let now = Timestamp::now();
        Self { store, exchanges, now, wanted, parser, held, open: None, count: 0, together: TOGETHER, spool, seen, doubts, skipped, done }
    }

    /// Reads whole lines. An error: nothing was stored, and nothing will be.
    pub async fn lines(&mut self, text: &str) -> Result<()> {
        for line in text.lines() {
            self.line(line).map_err(|e| {
                // Of a file that somebody sent: theirs to mend.
                Error { kind: Kind::Config, message: format!("{}; nothing of it was stored", e.message), ..e }
            })?;
            if self.count >= self.together {
                self.spill().await?;
            }
        }
        Ok(())
    }

    fn line(&mut self, line: &str) -> Result<()> {
        let Some(row) = self.parser.line(line)? else { return Ok(()) };
        let symbol = match (&self.wanted.alone, row.symbol) {
            (Some(symbol), Some(other)) if *symbol != other => {
                let both = self.parser.wrong(format_args!("this is a bar of {other}, and all rows are to be of {symbol}"));
                return Err(Error { code: "bars_row_of_another", ..both });
            }
            (Some(symbol), _) => symbol.clone(),
            (None, Some(symbol)) => symbol,
            (None, None) => {
                let message = "symbol: the heading has no column Symbol, and none is given for all rows";
                return Err(Error::config("bars_symbol_missing", message));
            }
        };
        let bar = row.bar.at(self.wanted.reading.interval.canonical(row.bar.time()));
        let lenient = self.wanted.lenient;
        let found = contradiction(&bar, self.now);
        let is_future = matches!(found, Some((Doubt::Future, _)));
        if (found.is_none() || lenient && !is_future) && !self.is_over(&symbol, bar.time()) {
            self.open_still(&bar);
            if !lenient {
                return Ok(());
            }
        }
        if let Some((doubt, what)) = found {
            let wrong = self.parser.wrong(what);
            if !lenient {
                return Err(Error { code: "bars_row_contradicts", ..wrong });
            }
            self.done.suspect += 1;
            self.doubts.entry(doubt).or_insert((0, wrong.message)).0 += 1;
        }
        if let Some((doubt, what)) = remark(&symbol, self.wanted.reading.interval, &bar, self.parser.cuts_time()) {
            let first = || (0, self.parser.wrong(what).message);
            self.doubts.entry(doubt).or_insert_with(first).0 += 1;
        }
        let odd = self.parser.odd_hour();
        let is_twice = odd.as_ref().is_some_and(|(hour, _)| *hour == Hour::Twice);
        if let Some((Hour::Skipped, what)) = &odd {
            self.skipped.retain(|(_, time, _)| time.date() == bar.time().date());
            self.skipped.push((symbol.clone(), bar.time(), what.clone()));
        }
        if let Some((hour, what)) = odd {
            let first = || (0, self.parser.wrong(what).message);
            self.doubts.entry(Doubt::OddHour(hour)).or_insert_with(first).0 += 1;
        }
        if !self.seen.is_new(self.wanted.reading.interval, &symbol, bar.time()) {
            if !lenient {
                let again = self.again(is_twice, &symbol, bar.time());
                let zone = if self.wanted.reading.interval.is_intraday() { "Z" } else { "" };
                let twice = self.parser.wrong(format_args!("a second bar of {symbol} at {}{zone}{again}", bar.time()));
                return Err(Error { code: "bars_row_twice", ..twice });
            }
            self.done.duplicates += 1;
        }
        match &mut self.open {
            Some((open, bars)) if *open == symbol => bars.push(bar),
            _ => {
                self.close();
                let mut bars = self.held.remove(&symbol).unwrap_or_default();
                bars.push(bar);
                self.open = Some((symbol, bars));
            }
        }
        self.count += 1;
        Ok(())
    }

    /// Whether a bar's period has ended at its exchange.
    fn is_over(&self, symbol: &Symbol, bar: BarTime) -> bool {
        let interval = self.wanted.reading.interval;
        // Of most rows it is all that is asked.
        bar.seconds() < self.now.as_second() - LONGEST || self.exchanges.of(symbol).is_closed(interval, bar, self.now, SignedDuration::ZERO)
    }

    fn open_still(&mut self, bar: &Bar) {
        let Wanted { lenient, reading, .. } = &self.wanted;
        let what = if *lenient { "is stored as it is" } else { "is left out (--lenient, in the API lenient=true, stores it)" };
        let first =
            || (0, self.parser.wrong(format_args!("the bar of {} {} is not over yet and {what}", bar.time(), reading.interval)).message);
        self.doubts.entry(Doubt::Open).or_insert_with(first).0 += 1;
        self.done.held_back += u64::from(!lenient);
    }

    /// What may make a second bar of what is none.
    fn again(&self, is_twice: bool, symbol: &Symbol, at: BarTime) -> String {
        if let Some((_, _, what)) = self.skipped.iter().find(|(of, time, _)| of == symbol && *time == at) {
            return format!(": {what}");
        }
        match self.wanted.reading.interval {
            _ if is_twice => format!(" ({TWICE_AGAIN})"),
            interval @ Interval::D1 if self.parser.cuts_time() => {
                format!(" (bars of {interval} have no time of day: is this a file of shorter ones? --interval)")
            }
            interval @ (Interval::W1 | Interval::Mo1) => {
                format!(" (bars of {interval} have the name of their first day: is this a file of shorter ones? --interval)")
            }
            _ => String::new(),
        }
    }

    fn close(&mut self) {
        self.held.extend(self.open.take());
    }

    /// Writes what was read, or counts what that would do.
    pub async fn finish(mut self) -> Result<Imported> {
        if !self.parser.has_heading() {
            return Err(Error::config("bars_no_rows", "the body is empty: there is no heading and no row"));
        }
        if self.parser.guesses_dates() {
            let message = "dates like 3/4/2024 may have the month or the day first, and no date shows which; nothing of it was stored";
            return Err(Error::config("bars_dates_ambiguous", message));
        }
        self.close();
        self.done.skipped = self.parser.incomplete();
        if self.seen.symbols.is_empty() {
            let what = match (self.done.held_back, self.done.skipped) {
                (0, 0) => "there is a heading and no row".to_owned(),
                (0, n) => format!("none of the {n} rows has all four prices"),
                _ => "there is no bar that is over (--lenient, in the API lenient=true, stores others)".to_owned(),
            };
            return Err(Error::config("bars_no_rows", format!("{what}: nothing was stored")));
        }
        let odd_times = self.look()?;
        self.done.symbols = self.seen.symbols.keys().cloned().collect();
        self.done.symbols.sort_unstable();
        if !self.spool.is_empty() {
            self.spill().await?;
        }
        let gathered = std::mem::take(&mut self.spool).gathered(std::mem::take(&mut self.held)).await?;
        let judged = self.judge(&gathered).await?;
        let doubts = std::mem::take(&mut self.doubts).into_values();
        let told = doubts.map(|(count, first)| counted(count, &first));
        let is_assumed = !self.wanted.zone_given && self.parser.has_naive_times();
        let zone = is_assumed.then(|| "times without a zone are taken as UTC; --time-zone (in the API time_zone) names another".to_owned());
        self.done.warnings = zone.into_iter().chain(judged.verdict(self.wanted.overwrite)?).chain(odd_times).chain(told).collect();
        let mut pieces = gathered.into_pieces()?;
        while let Some(batch) = pieces.next().await? {
            self.write(Arc::unwrap_or_clone(batch), &judged).await?;
        }
        Ok(self.done)
    }

    /// Looks at when the bars begin; returns what is to be told of it.
    fn look(&self) -> Result<Vec<String>> {
        let interval = self.wanted.reading.interval;
        if !interval.is_intraday() {
            return Ok(Vec::new());
        }
        let only_days = self.parser.has_only_days();
        let (mut refused, mut told) = (Vec::new(), Vec::new());
        self.seen.each(|symbol, times| {
            let seen = grid::look(interval, times, only_days);
            refused.extend(seen.refused.map(|why| format!("{symbol}: {why}")));
            told.extend(seen.told.map(|what| format!("{symbol}: {what}")));
        });
        for list in [&mut refused, &mut told] {
            list.sort_unstable();
        }
        let refused = judge::some(refused, "symbols");
        if self.wanted.lenient || refused.is_empty() {
            return Ok([refused, judge::some(told, "symbols")].concat());
        }
        Err(Error::config("bars_wrong_interval", format!("{}; nothing of it was stored", refused.join("; "))))
    }

    async fn spill(&mut self) -> Result<()> {
        self.close();
        let batch = std::mem::take(&mut self.held);
        self.count = 0;
        self.spool.put(batch, || self.store.scratch()).await
    }

    /// The bars as they would be stored, with what is stored between their ends and `around` (days) beyond.
    async fn meet(&self, symbol: &Symbol, bars: Vec<Bar>, around: i64) -> Result<(Vec<Bar>, Sound)> {
        let interval = self.wanted.reading.interval;
        let mut bars = in_order(interval, bars);
        let [Some(first), Some(last)] = [bars.first(), bars.last()].map(|b| b.map(Bar::time)) else { return Ok((bars, Sound::default())) };
        let range = Range { from: first.plus_days(-around), to: last.plus_days(around) };
        let stored = self.store.read_sound(symbol, interval, range).await?;
        keep_volumes(&mut bars, &stored.bars);
        Ok((bars, stored))
    }

    async fn write(&mut self, batch: Batch, judged: &Judged) -> Result<()> {
        let (store, interval, dry_run) = (&self.store, self.wanted.reading.interval, self.wanted.dry_run);
        let this = &*self;
        let damaged = if self.wanted.overwrite { IfDamaged::Replace } else { IfDamaged::Refuse };
        let one = async |(symbol, bars): (Symbol, Vec<Bar>)| {
            let (bars, noted) = match judged.of(&symbol) {
                Some(met) => {
                    let (bars, stored) = this.meet(&symbol, bars, 0).await?;
                    let found = compare(&stored.bars, &bars);
                    (bars, Noted { correction: found.correction(Timestamp::now(), met.factor(), "import"), seen: None })
                }
                None => (bars, Noted::default()),
            };
            if dry_run {
                store.would_upsert(&symbol, interval, bars, damaged).await
            } else {
                store.upsert_noted(&symbol, interval, bars, noted, damaged).await
            }
        };
        // All at once: they share a commit.
        let all = futures::future::join_all(batch.into_iter().map(one)).await;
        for written in all {
            let Written { version: _, added, changed, unchanged } = written?;
            self.done.added += added;
            self.done.changed += changed;
            self.done.unchanged += unchanged;
        }
        self.done.rebased = judged.rebased();
        Ok(())
    }
}
