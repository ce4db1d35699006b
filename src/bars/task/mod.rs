//! Tasks: what the scheduler runs over symbols.
//!
//! Called by the scheduler with a [`Run`]. `incremental` what is new, `resync` a range again (full sync and repair),
//! `validate` what is wrong with what is stored, `report` how results are told; `bars/compare.rs` says what differs between stored
//! and fetched bars.
//!
//! Invariants: every symbol of a run gets exactly one result; one symbol's failure (or a panic of its reading) never ends the
//! others; a bar that is not closed is never stored; what is written of a symbol and what is recorded about it are one
//! transaction.

mod incremental;
mod report;
mod resync;
mod validate;

pub use report::Report;

use super::grid;
use super::odd_hours::OddHours;
use super::provider::{Got, Provider, Want};
use super::store::Store;
use super::{Error, Kind, Result};
use crate::model::bars::{
    Bar, BarCounts, BarTime, BarsSpec, Exchange, Exchanges, Gone, Interval, Issue, Range, Symbol, SymbolOutcome, SymbolResult, TaskKind,
    Volume,
};
use futures::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Reads the time; handed in, so that tests choose it.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Everything that a run is handed.
pub struct Run {
    pub spec: BarsSpec,
    pub store: Store,
    /// Not needed by a validation.
    pub provider: Option<Arc<dyn Provider>>,
    pub exchanges: Arc<Exchanges>,
    pub clock: Clock,
    /// How long a source takes after a bar is over.
    pub settle: SignedDuration,
    /// Symbols that are worked on at the same time.
    pub parallel: usize,
    pub report: Report,
    /// Ends the run early: nothing more is asked of a source, what came by then is written and counts, and the other symbols are
    /// stopped.
    pub cancel: CancellationToken,
}

/// How a run ended that could be carried out, whatever its counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    pub counts: BarCounts,
    pub cancelled: bool,
}

/// What is needed for one symbol.
struct Work {
    spec: BarsSpec,
    store: Store,
    provider: Option<Arc<dyn Provider>>,
    exchanges: Arc<Exchanges>,
    clock: Clock,
    settle: SignedDuration,
    /// What the provider's sources looked like when they were last read.
    seen: HashMap<Symbol, String>,
    /// What the provider did not know any more, and since when.
    gone: HashMap<Symbol, Timestamp>,
    cancel: CancellationToken,
}

/// As many bars that say others again are not a source's mistake, where each is said again.
const SHORTER: u64 = 3;

/// The code of what the run's end cut short.
const STOPPED: &str = "cancelled";

/// What one symbol came to, before it is a result.
#[derive(Debug, Default)]
struct Done {
    outcome: Option<SymbolOutcome>,
    added: u64,
    changed: u64,
    rebased: Option<f64>,
    /// Of those that changed.
    rebased_bars: u64,
    held_back: u64,
    /// What is stored then is not to be trusted.
    doubtful: bool,
    issues: Vec<Issue>,
    gone: Option<Gone>,
    note: String,
}

/// What becomes of a symbol that the source has no bar of, in a range where it should.
fn nothing(got: &Fetched) -> Done {
    let note = match got.held_back {
        _ if got.priceless > 0 => "",
        0 if got.incomplete > 0 => "no row of the source has all four prices: are they in fields of other names? What is stored stays",
        0 => "the source has no bars of it: an empty file, or a heading alone? What is stored stays",
        _ => "the source has no bar of it that is over",
    };
    Done { outcome: Some(SymbolOutcome::NoData), held_back: got.held_back, note: notes(got.note(), note), ..Done::default() }
}

/// Runs to the end. An error means that no symbol could be worked on: no provider, or the store fails.
pub async fn run(run: Run) -> Result<Ended> {
    let Run { spec, store, provider, exchanges, clock, settle, parallel, report, cancel } = run;
    if spec.kind != TaskKind::Validation && provider.is_none() {
        return Err(Error::config("bars_provider_missing", format!("a task of type {} needs a provider", spec.kind.as_str())));
    }
    let symbols = match &spec.symbols {
        Some(symbols) => unique(symbols),
        None => store.list(Some(spec.interval)).await?.into_iter().map(|s| s.symbol).collect(),
    };
    report.total(symbols.len());
    let seen = match &provider {
        Some(p) if spec.kind == TaskKind::Incremental => store.all_seen(p.name(), spec.interval).await?,
        _ => HashMap::new(),
    };
    let gone = match &provider {
        Some(p) => store.gone(p.name(), spec.interval).await?,
        None => HashMap::new(),
    };
    let work = Arc::new(Work { spec, store, provider, exchanges, clock, settle, seen, gone, cancel });
    let mut results = futures::stream::iter(symbols).map(|symbol| result(Arc::clone(&work), symbol)).buffer_unordered(parallel.max(1));
    while let Some(result) = results.next().await {
        report.symbol(result).await;
    }
    let counts = report.counts();
    // One that had done all before it heard is whole.
    Ok(Ended { counts, cancelled: counts.left() > 0 })
}

/// Each once, in the order given.
fn unique(symbols: &[Symbol]) -> Vec<Symbol> {
    let mut known = std::collections::HashSet::new();
    symbols.iter().filter(|s| known.insert(*s)).cloned().collect()
}

async fn result(work: Arc<Work>, symbol: Symbol) -> SymbolResult {
    let started = (work.clock)();
    let one = std::panic::AssertUnwindSafe(known(&work, &symbol));
    let done = match futures::FutureExt::catch_unwind(one).await {
        Ok(Ok(done)) => done,
        Ok(Err(e)) if e.code == STOPPED => Done { outcome: Some(SymbolOutcome::Stopped), ..Done::default() },
        Ok(Err(e)) => failed(&e),
        Err(_) => failed(&Error::permanent("bars_panicked", "working on the symbol panicked; this is a bug")),
    };
    let Done { outcome, added, changed, rebased, rebased_bars, held_back, doubtful, issues, gone, note } = done;
    let outcome = outcome.unwrap_or(if added + changed > 0 { SymbolOutcome::Updated } else { SymbolOutcome::Unchanged });
    let ended = (work.clock)();
    SymbolResult {
        symbol,
        interval: work.spec.interval,
        outcome,
        added,
        changed,
        rebased,
        rebased_bars,
        held_back,
        doubtful,
        issues,
        gone,
        note,
        started,
        ended,
    }
}

/// What became of a symbol, whether or not its source knows it.
async fn known(work: &Work, symbol: &Symbol) -> Result<Done> {
    let done = one(work, symbol).await;
    let (Some(provider), interval) = (&work.provider, work.spec.interval) else { return done };
    let since = work.gone.get(symbol).copied();
    match done {
        Err(error) if error.kind == Kind::NotFound => {
            let mut done = Done { outcome: Some(SymbolOutcome::NoData), note: error.to_string(), ..Done::default() };
            let stored = work.store.tail(symbol, interval, 1).await?;
            if stored.is_some_and(|(info, _)| info.bars > 0) {
                let gone = Gone { since: since.unwrap_or_else(|| (work.clock)()), is_news: since.is_none() };
                if gone.is_news {
                    work.store.set_gone(provider.name(), interval, symbol, Some(gone.since)).await?;
                }
                done.note.push_str(&format!("; its bars are kept, and it is not known there since {}", gone.since.strftime("%F")));
                done.gone = Some(gone);
            }
            Ok(done)
        }
        Ok(done) if since.is_some() && work.spec.kind != TaskKind::Validation => {
            work.store.set_gone(provider.name(), interval, symbol, None).await?;
            Ok(done)
        }
        done => done,
    }
}

fn failed(error: &Error) -> Done {
    Done { outcome: Some(SymbolOutcome::Failed { code: error.code, message: error.to_string() }), ..Done::default() }
}

async fn one(work: &Work, symbol: &Symbol) -> Result<Done> {
    if work.cancel.is_cancelled() {
        return Err(stopped());
    }
    match work.spec.kind {
        TaskKind::Incremental => incremental::run(work, symbol).await,
        TaskKind::FullSync | TaskKind::Repair => resync::run(work, symbol).await,
        TaskKind::Validation => validate::run(work, symbol).await,
    }
}

fn stopped() -> Error {
    Error::transient(STOPPED, "the run was told to stop")
}

impl Work {
    fn provider(&self) -> Result<&Arc<dyn Provider>> {
        self.provider.as_ref().ok_or_else(|| Error::config("bars_provider_missing", "there is no provider"))
    }
    fn exchange(&self, symbol: &Symbol) -> &Exchange {
        self.exchanges.of(symbol)
    }
    /// The name of the bar that is now, at the symbol's exchange.
    fn now(&self, symbol: &Symbol) -> BarTime {
        let now = (self.clock)();
        let name = if self.spec.interval.is_intraday() {
            BarTime::new(now.as_second())
        } else {
            BarTime::of_date(self.exchange(symbol).date_at(now))
        };
        name.unwrap_or(BarTime::MAX)
    }
    /// How far back the task looks.
    fn days_back(&self, symbol: &Symbol) -> BarTime {
        let days = self.spec.days.unwrap_or(self.spec.kind.usual_days());
        self.spec.interval.canonical(self.now(symbol).plus_days(-i64::from(days)))
    }

    /// Fetches a range.
    async fn fetch(&self, symbol: &Symbol, from: BarTime, to: BarTime) -> Result<Fetched> {
        let exchange = self.exchange(symbol);
        let interval = self.spec.interval;
        let want = Want { symbol: symbol.clone(), interval, from, to, zone: exchange.zone().clone() };
        // The clock is read before the source is: a bar that closes while it answers may have been taken before its end.
        let now = (self.clock)();
        // Here alone a run is cut short: a write that is begun is done, whoever waits for it, and has to be told.
        let fetching = self.provider()?.fetch(&want);
        let Got { bars, incomplete, guessed_dates, odd_hours, only_days, assumed_utc, clocks } = tokio::select! {
            biased;
            () = self.cancel.cancelled() => return Err(stopped()),
            got = fetching => got?,
        };
        if guessed_dates {
            let name = self.provider()?.name();
            let message = format!(
                "dates like 3/4/2024 may have the month or the day first, and no date of the source shows which; \
                 dates = \"month-first\" or \"day-first\" of the provider {name} says it"
            );
            return Err(Error::config("bars_dates_ambiguous", message));
        }
        if incomplete > 0 {
            tracing::debug!(%symbol, %interval, incomplete, "rows without a price");
        }
        let is_over = |time: BarTime| exchange.is_closed(interval, interval.canonical(time), now, self.settle);
        let is_closed = |bar: &Bar| is_over(bar.time());
        if let Some(why) = clocks.told(is_over) {
            return Err(Error::permanent(
                "bars_wrong_interval",
                format!("these are not bars of {interval}: {why}; nothing of it was written"),
            ));
        }
        // One that is still open is said anew all the time.
        let twice = contradictions(interval, bars.iter().filter(|b| is_closed(b)));
        let mut bars = super::store::in_order(interval, bars);
        let odd_times = looked(grid::look(interval, bars.iter().map(Bar::time), only_days), twice, bars.len() as u64, interval)?;
        let all = bars.len();
        bars.retain(is_closed);
        let held_back = (all - bars.len()) as u64;
        // Zero is no price, and many sources write it where there was none: it must not take the place of one.
        let first_priceless = bars.iter().find(|bar| bar.has_no_price()).map(Bar::time);
        let closed = bars.len();
        bars.retain(|bar| !bar.has_no_price());
        let priceless = (closed - bars.len()) as u64;
        let unknown = || bars.iter().any(|bar| bar.volume() == Volume::Unknown);
        if let (Some(first), Some(last), true) = (bars.first(), bars.last(), unknown()) {
            let range = Range { from: first.time(), to: last.time() };
            let stored = self.store.read_sound(symbol, interval, range).await?.bars;
            super::store::keep_volumes(&mut bars, &stored);
        }
        let suspect = bars.iter().filter(|bar| !bar.is_consistent() || bar.prices().iter().any(|p| *p <= 0.0)).count() as u64;
        let assumed = assumed_utc.then(|| self.provider().map(|provider| provider.name().to_owned())).transpose()?;
        Ok(Fetched { bars, held_back, incomplete, twice, priceless, first_priceless, suspect, odd_hours, odd_times, assumed })
    }
}

/// What a source said of a range, as it can be stored.
struct Fetched {
    /// Closed, by time, each once: of several of one time the last.
    bars: Vec<Bar>,
    held_back: u64,
    /// Rows without one of the prices.
    incomplete: u64,
    /// Rows of a time that a later row has with other figures.
    twice: u64,
    /// Bars that were left out since all their prices are zero, and the first of them.
    priceless: u64,
    first_priceless: Option<BarTime>,
    /// Bars whose high is not the highest, or with a price that is not above zero.
    suspect: u64,
    odd_hours: OddHours,
    /// What is remarkable about when the bars begin.
    odd_times: String,
    /// The provider whose times have no zone, and for which nobody said one.
    assumed: Option<String>,
}

impl Fetched {
    /// A sentence about what is wrong with what the source says.
    fn note(&self) -> Option<String> {
        let twice = match self.twice {
            0 => None,
            1 => Some("the source has one bar twice with different figures; the last is taken".to_owned()),
            n => Some(format!("the source has {n} bars twice with different figures; the last of each is taken")),
        };
        let suspect = match self.suspect {
            0 => String::new(),
            1 => "one bar of the source contradicts itself (high, low or a price below zero); a validation names it".to_owned(),
            n => format!("{n} bars of the source contradict themselves (high, low or a price below zero); a validation names them"),
        };
        let first = self.first_priceless.map(|at| at.to_string()).unwrap_or_default();
        let priceless = match self.priceless {
            0 => String::new(),
            1 => format!("one bar of the source has no price (all four are 0) and is not stored: {first}"),
            n => format!("{n} bars of the source have no price (all four are 0) and are not stored, the first is {first}"),
        };
        let odd = self.odd_hours.told().join("; ");
        let zone = |provider: &String| format!("times without a zone are taken as UTC; time_zone of the provider {provider} names another");
        let zone = self.assumed.as_ref().map(zone).unwrap_or_default();
        let note = [&priceless, &suspect, &odd, &self.odd_times, &zone].into_iter().fold(twice, |all, one| Some(notes(all, one)));
        note.filter(|note| !note.is_empty())
    }
}

/// Refuses what cannot be bars of the interval: nothing of it is written. Else what is to be told.
fn looked(seen: grid::Seen, twice: u64, names: u64, interval: Interval) -> Result<String> {
    let shorter =
        || format!("not bars of {interval}: the source has {twice} more with other figures for the same {names}, as shorter bars");
    match seen.refused.or_else(|| (twice >= SHORTER && twice >= names).then(shorter)) {
        Some(why) => Err(Error::permanent("bars_wrong_interval", format!("these are {why}; nothing of it was written"))),
        None => Ok(seen.told.unwrap_or_default()),
    }
}

fn contradictions<'a>(interval: Interval, bars: impl Iterator<Item = &'a Bar>) -> u64 {
    let mut seen: HashMap<BarTime, &Bar> = HashMap::new();
    bars.filter(|bar| seen.insert(interval.canonical(bar.time()), bar).is_some_and(|before| !before.says_the_same(bar))).count() as u64
}

/// Both, where there are two.
fn notes(first: Option<String>, second: &str) -> String {
    [first.as_deref().unwrap_or_default(), second].into_iter().filter(|n| !n.is_empty()).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
