//! What a task over bars does, and what became of each symbol.

use super::{BarTime, Interval, Range, Symbol};
use crate::model::run::Outcome;
use crate::model::words::counted;
use jiff::Timestamp;
use std::path::PathBuf;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskKind {
    /// What is new, and what changed in the days before.
    Incremental,
    /// Everything of a range again.
    FullSync,
    /// Looks at what is stored; asks no provider.
    Validation,
    /// Fetches a range again and fills gaps and wrong bars.
    Repair,
}

impl TaskKind {
    pub const ALL: [Self; 4] = [Self::Incremental, Self::FullSync, Self::Validation, Self::Repair];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incremental => "incremental",
            Self::FullSync => "full_sync",
            Self::Validation => "validation",
            Self::Repair => "repair",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == text)
    }
    /// How far back it looks if nothing else is said.
    pub fn usual_days(self) -> u32 {
        match self {
            Self::Incremental => 1825,
            Self::FullSync => 3650,
            Self::Validation => 30,
            Self::Repair => 7,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct BarsSpec {
    pub kind: TaskKind,
    /// A provider's name; None: the only one there is (a validation needs none).
    pub provider: Option<String>,
    /// None: all that the store has at this interval.
    pub symbols: Option<Vec<Symbol>>,
    /// Where they are listed, of a task of the configuration file: read again at each run, `symbols` are those of the last start.
    pub symbols_file: Option<PathBuf>,
    pub interval: Interval,
    /// How far back: the first fetch of an incremental task, the range of the others. None: [`TaskKind::usual_days`].
    pub days: Option<u32>,
    /// A fixed range instead; not for incremental tasks.
    pub range: Option<Range>,
    /// Stored bars that an incremental task compares with the source.
    pub overlap: u32,
    /// A close that moves by more than this part is told, e.g. 0.2.
    pub extreme_move: f64,
    /// Whether backups and slaves are brought up to date afterwards.
    pub sync: bool,
}

impl BarsSpec {
    /// Two hundred years.
    pub const MOST_DAYS: u32 = 73_000;
    /// What [`Self::overlap`] is where nobody says it.
    const USUAL_OVERLAP: u32 = 10;

    pub fn new(kind: TaskKind, interval: Interval) -> Self {
        Self {
            kind,
            provider: None,
            symbols: None,
            symbols_file: None,
            interval,
            days: None,
            range: None,
            overlap: Self::USUAL_OVERLAP,
            extreme_move: 0.2,
            sync: false,
        }
    }

    /// Says what makes no sense: one complaint each, which begins with its field.
    pub fn judge(&self) -> Vec<String> {
        let Self { kind, provider: _, symbols, symbols_file: _, interval: _, days, range, overlap, extreme_move, sync: _ } = self;
        let rules = [
            (symbols.as_ref().is_some_and(Vec::is_empty), "symbols: the list is empty; leave it out for all that is stored".to_owned()),
            (days.is_some_and(|d| !(1..=Self::MOST_DAYS).contains(&d)), format!("days: must be 1 to {}", Self::MOST_DAYS)),
            (range.is_some() && *kind == TaskKind::Incremental, "from: an incremental task has no fixed range; full_sync has".to_owned()),
            (range.is_some() && days.is_some() && *kind != TaskKind::Incremental, "days: either days, or a fixed range".to_owned()),
            (!(1..=10_000).contains(overlap), "overlap: must be 1 to 10000".to_owned()),
            (
                (1..=10_000).contains(overlap) && *overlap != Self::USUAL_OVERLAP && *kind != TaskKind::Incremental,
                "overlap: only an incremental task compares stored bars with the source's; the others have all of their range".to_owned(),
            ),
            (!extreme_move.is_finite() || *extreme_move <= 0.0, "extreme_move: must be above 0, e.g. 0.2".to_owned()),
        ];
        rules.into_iter().filter(|(is_broken, _)| *is_broken).map(|(_, why)| why).collect()
    }
}

/// What is wrong with stored bars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Issue {
    NoData,
    /// Bars that are not there, from the first to the last: of an intraday series within one day, and `missing` is as many as other
    /// days have there (in a thin paper fewer than there is room for).
    Gap {
        from: BarTime,
        to: BarTime,
        missing: u64,
    },
    /// Days with a session and without any bar of an intraday series, from the first to the last.
    EmptyDays {
        from: BarTime,
        to: BarTime,
        days: u64,
    },
    /// Bars of days on which the exchange does not trade, from the first to the last.
    NoSession {
        from: BarTime,
        to: BarTime,
        bars: u64,
    },
    /// High is not the highest or low not the lowest.
    InvalidOhlc(BarTime),
    NotPositive(BarTime),
    /// All prices are zero.
    NoPrice(BarTime),
    /// The close against the one before.
    ExtremeMove {
        at: BarTime,
        factor: f64,
    },
    ZeroVolume(BarTime),
}

impl Issue {
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoData => "no_data",
            Self::Gap { .. } | Self::EmptyDays { .. } => "gap",
            Self::NoSession { .. } => "no_session",
            Self::InvalidOhlc(_) => "invalid_ohlc",
            Self::NotPositive(_) => "negative_prices",
            Self::NoPrice(_) => "no_price",
            Self::ExtremeMove { .. } => "extreme_price_change",
            Self::ZeroVolume(_) => "zero_volume",
        }
    }
}

impl std::fmt::Display for Issue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoData => f.write_str("there are no bars in the range"),
            Self::Gap { from, to, .. } if from == to => write!(f, "{from}: no bar"),
            Self::Gap { from, to, missing } => write!(f, "{from} to {to}: {missing} bars missing"),
            Self::EmptyDays { from, to, .. } if from == to => write!(f, "{from}: a day without bars"),
            Self::EmptyDays { from, to, days } => write!(f, "{from} to {to}: {days} days without bars"),
            Self::NoSession { from, to, bars: 1 } if from == to => write!(f, "{from}: a bar of a day without trading"),
            Self::NoSession { from, to, bars } => write!(f, "{from} to {to}: {bars} bars of days without trading"),
            Self::InvalidOhlc(at) => write!(f, "{at}: high is not the highest or low not the lowest"),
            Self::NotPositive(at) => write!(f, "{at}: a price is zero or negative"),
            Self::NoPrice(at) => write!(f, "{at}: all prices are zero, which is none"),
            Self::ExtremeMove { at, factor } => {
                write!(f, "{at}: the close moved by {}", moved(*factor))?;
                split(*factor).map_or(Ok(()), |(new, old)| write!(f, " (as after a split {new}:{old})"))
            }
            Self::ZeroVolume(at) => write!(f, "{at}: nothing was traded"),
        }
    }
}

/// A move as people say it.
pub fn moved(factor: f64) -> String {
    format!("{:+.1} %", (factor - 1.0) * 100.0)
}

/// Names the split that a factor looks like.
pub fn split(factor: f64) -> Option<(u32, u32)> {
    const USUAL: [(u32, u32); 14] =
        [(2, 1), (3, 1), (3, 2), (4, 1), (5, 1), (5, 4), (7, 1), (10, 1), (20, 1), (1, 2), (1, 4), (1, 5), (1, 8), (1, 10)];
    USUAL.into_iter().find(|(new, old)| (factor * f64::from(*new) / f64::from(*old) - 1.0).abs() < 0.06)
}

#[derive(Debug, Clone, PartialEq)]
pub enum SymbolOutcome {
    /// Bars were added or changed.
    Updated,
    /// The source says what is stored.
    Unchanged,
    /// The source has nothing.
    NoData,
    /// A validation found nothing wrong.
    Sound,
    /// A validation found something.
    Faulty,
    Failed {
        code: &'static str,
        message: String,
    },
    /// The run was told to stop before it was done; nothing of it was written.
    Stopped,
}

impl SymbolOutcome {
    /// Returns the word that run items are kept with.
    pub fn kind(&self) -> Outcome {
        match self {
            Self::Updated => Outcome::Updated,
            Self::Unchanged => Outcome::Unchanged,
            Self::NoData => Outcome::NoData,
            Self::Sound => Outcome::Equal,
            Self::Faulty => Outcome::Different,
            Self::Failed { .. } | Self::Stopped => Outcome::Failed,
        }
    }
}

/// That a source does not know a symbol any more which it once knew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone {
    /// When a run first found it.
    pub since: Timestamp,
    /// It was this one.
    pub is_news: bool,
}

/// One symbol's result, told as soon as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct SymbolResult {
    pub symbol: Symbol,
    pub interval: Interval,
    pub outcome: SymbolOutcome,
    pub added: u64,
    pub changed: u64,
    /// New price / old price, where history was re-based.
    pub rebased: Option<f64>,
    /// Of the bars that changed: by that factor.
    pub rebased_bars: u64,
    /// Bars that were not closed yet and therefore not stored.
    pub held_back: u64,
    /// What is stored now is not to be trusted: its source contradicts itself, or its prices have two scales. The note says which.
    pub doubtful: bool,
    pub issues: Vec<Issue>,
    /// Where bars of it are stored and its source does not know it any more.
    pub gone: Option<Gone>,
    /// What an operator should know besides. Empty: nothing.
    pub note: String,
    pub started: Timestamp,
    pub ended: Timestamp,
}

/// Counts of a run; `total` is the sum of the others but `bars`, `doubtful` and `gone` once it has ended, unless it was ended before it was through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BarCounts {
    pub total: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub no_data: u64,
    pub sound: u64,
    pub faulty: u64,
    pub failed: u64,
    /// Bars added or changed.
    pub bars: u64,
    /// Of the symbols above: those of which what is stored now is not to be trusted.
    pub doubtful: u64,
    /// Of those without data: those that the source does not know any more, as an earlier run has told.
    pub gone: u64,
}

impl BarCounts {
    pub fn add(&mut self, result: &SymbolResult) {
        self.bars += result.added + result.changed;
        self.doubtful += u64::from(result.doubtful);
        self.gone += u64::from(result.gone.is_some_and(|gone| !gone.is_news));
        *match result.outcome {
            SymbolOutcome::Updated => &mut self.updated,
            SymbolOutcome::Unchanged => &mut self.unchanged,
            SymbolOutcome::NoData => &mut self.no_data,
            SymbolOutcome::Sound => &mut self.sound,
            SymbolOutcome::Faulty => &mut self.faulty,
            SymbolOutcome::Failed { .. } => &mut self.failed,
            SymbolOutcome::Stopped => return,
        } += 1;
    }
    /// Symbols without data that somebody has to look at: not those that are known to be gone, unless they are more than half. A
    /// source that has lost so many has lost them, and nobody takes them out of a task.
    pub fn lacking(&self) -> u64 {
        if self.gone * 2 > self.total { self.no_data } else { self.no_data - self.gone }
    }
    /// Symbols that have no result, because the run goes on or was ended.
    pub fn left(&self) -> u64 {
        self.total.saturating_sub(self.done())
    }
    pub fn done(&self) -> u64 {
        self.updated + self.unchanged + self.no_data + self.sound + self.faulty + self.failed
    }
    /// No symbol failed, none was found faulty, and the source did not lack all of them.
    pub fn is_success(&self) -> bool {
        self.failed + self.faulty == 0 && (self.no_data == 0 || self.no_data < self.done())
    }
    /// The sentence that a run is kept with.
    pub fn message(&self, kind: TaskKind) -> String {
        self.sentence(kind, |n| counted(n, "symbol"))
    }
    /// The same in the words of dms' contract, which has many of one too: clients read it by that very form.
    pub fn contract_message(&self, kind: TaskKind) -> String {
        self.sentence(kind, |n| format!("{n} symbols"))
    }
    fn sentence(&self, kind: TaskKind, symbols: impl Fn(u64) -> String) -> String {
        let (did, count) = match kind {
            TaskKind::Incremental => ("Updated", self.updated),
            TaskKind::FullSync => ("Synced", self.updated + self.unchanged),
            TaskKind::Repair => ("Repaired", self.updated),
            TaskKind::Validation => ("Validated", self.sound + self.faulty),
        };
        let mut text = format!("{did} {}", symbols(count));
        for (count, what) in [(self.faulty, "with issues"), (self.doubtful, "doubtful"), (self.failed, "failed"), (self.left(), "not done")]
        {
            if count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_are_recognised() {
        let at = BarTime::new(0).unwrap();
        for (factor, said) in [(0.5044, "(as after a split 2:1)"), (0.34, "3:1"), (0.1, "10:1"), (4.0, "1:4"), (0.141, "7:1")] {
            let text = Issue::ExtremeMove { at, factor }.to_string();
            assert!(text.contains(said), "{text}");
        }
        assert_eq!(Issue::ExtremeMove { at, factor: 1.25 }.to_string(), "1970-01-01: the close moved by +25.0 %");
    }

    #[test]
    fn counts_make_the_contracts_sentences() {
        let counts = BarCounts { total: 7, updated: 5, no_data: 1, failed: 1, ..BarCounts::default() };
        assert_eq!(counts.message(TaskKind::Incremental), "Updated 5 symbols, 1 failed");
        assert_eq!(BarCounts::default().message(TaskKind::Incremental), "Updated 0 symbols");
        assert!(!counts.is_success() && counts.done() == 7);
        let [some, none] = [4, 5].map(|no_data| BarCounts { total: 5, unchanged: 5 - no_data, no_data, ..BarCounts::default() });
        assert!(some.is_success() && !none.is_success() && BarCounts::default().is_success());
        for (total, gone, lacking) in [(9, 0, 1), (9, 1, 0), (2, 1, 0), (1, 1, 1)] {
            assert_eq!(BarCounts { total, gone, no_data: 1, ..BarCounts::default() }.lacking(), lacking, "{gone} of {total}");
        }
        let doubted = BarCounts { doubtful: 2, ..counts };
        assert!(doubted.done() == 7 && doubted.message(TaskKind::Incremental) == "Updated 5 symbols, 2 doubtful, 1 failed");
        let ended = BarCounts { total: 9, ..counts };
        assert_eq!(ended.message(TaskKind::Incremental), "Updated 5 symbols, 1 failed, 2 not done");
    }
}
