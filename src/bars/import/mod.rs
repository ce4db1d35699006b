//! An import of CSV: every row is judged before the first one is stored.
//!
//! Called by the API, line by line as the body comes. What is read waits in memory, and beyond a few megabytes in a scratch
//! file beside the database (it has no name, so that nothing of it is left behind whatever happens); only when the last row
//! is known to be good are the bars written. A file of any size needs the memory of one batch and one bit for each bar's time.
//!
//! Invariant: a row that cannot be read, contradicts itself or says a bar for the second time ends the import before anything
//! of it is stored, unless it was told to be lenient; then it is counted. So do bars that look like another paper's than those
//! that are stored (`compare`), unless it was told to overwrite. A daemon that dies while it writes has stored a part: importing
//! twice is importing once.
//!
//! `doubt` what no bar can be, `spool` the scratch file, `seen` which bars there were, `judge` what they do to stored ones.

mod doubt;
mod judge;
mod seen;
mod spool;

use super::compare::compare;
use super::csv::{Parser, Reading};
use super::store::{Noted, Store, Written, in_order, keep_volumes};
use super::{Error, Kind, Result};
use crate::model::bars::{Bar, Range, Symbol};
use doubt::{Doubt, contradiction, remark};
use jiff::Timestamp;
use judge::Judged;
use seen::Seen;
use spool::{Batch, Spool};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bars that are held in memory before they go to the scratch file, and that are written at once.
const TOGETHER: usize = 100_000;

#[derive(Debug, Clone)]
pub struct Wanted {
    pub reading: Reading,
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
    /// Lenient: bars that contradict themselves, and second bars of the same time, of which the last stays.
    pub suspect: u64,
    pub duplicates: u64,
    /// What should be looked at, a sentence each; some, where there are many.
    pub warnings: Vec<String>,
}

pub struct Import {
    store: Store,
    wanted: Wanted,
    parser: Parser,
    held: Batch,
    /// The symbol of the last row and its bars, which are not in `held`: rows of a symbol mostly follow each other.
    open: Option<(Symbol, Vec<Bar>)>,
    count: usize,
    together: usize,
    spool: Spool,
    seen: Seen,
    /// The second after which no bar can have begun; a day more than now, whatever the time zone.
    latest: i64,
    /// How many bars of each kind were taken that are doubtful, and what is wrong with the first.
    doubts: BTreeMap<Doubt, (u64, String)>,
    done: Imported,
}

impl Import {
    pub fn new(store: Store, wanted: Wanted) -> Self {
        let parser = Parser::new(wanted.reading.clone());
        let (held, seen) = (Batch::new(), Seen::default());
        let done = Imported::default();
        let latest = jiff::Timestamp::now().as_second() + 86_400;
        let (spool, doubts) = (Spool::default(), BTreeMap::new());
        Self { store, wanted, parser, held, open: None, count: 0, together: TOGETHER, spool, seen, latest, doubts, done }
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
        if let Some((doubt, what)) = contradiction(&bar, self.latest) {
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
        if !self.seen.is_new(self.wanted.reading.interval, &symbol, bar.time()) {
            if !lenient {
                let twice = self.parser.wrong(format_args!("a second bar of {symbol} at {}", bar.time()));
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

    fn close(&mut self) {
        self.held.extend(self.open.take());
    }

    /// Writes what was read, or counts what that would do.
    pub async fn finish(mut self) -> Result<Imported> {
        if !self.parser.has_heading() {
            return Err(Error { kind: Kind::Config, ..self.parser.wrong("there is no heading: the file is empty") });
        }
        if self.parser.guesses_dates() {
            let message = "dates like 3/4/2024 may have the month or the day first, and no date shows which; nothing of it was stored";
            return Err(Error::config("bars_dates_ambiguous", message));
        }
        self.close();
        self.done.skipped = self.parser.incomplete();
        self.done.symbols = self.seen.symbols.keys().cloned().collect();
        self.done.symbols.sort_unstable();
        if !self.spool.is_empty() {
            self.spill().await?;
        }
        let gathered = std::mem::take(&mut self.spool).gathered(std::mem::take(&mut self.held)).await?;
        let judged = self.judge(&gathered).await?;
        let doubts = std::mem::take(&mut self.doubts).into_values();
        let told = |(count, first): (u64, String)| if count == 1 { first } else { format!("{first} (the first of {count} like it)") };
        self.done.warnings = judged.verdict(self.wanted.overwrite)?.into_iter().chain(doubts.map(told)).collect();
        let mut pieces = gathered.into_pieces()?;
        while let Some(batch) = pieces.next().await? {
            self.write(Arc::unwrap_or_clone(batch), &judged).await?;
        }
        Ok(self.done)
    }

    async fn spill(&mut self) -> Result<()> {
        self.close();
        let batch = std::mem::take(&mut self.held);
        self.count = 0;
        self.spool.put(batch, || self.store.scratch()).await
    }

    /// The bars as they would be stored, with those that are stored between their ends and `around` (days) beyond.
    async fn meet(&self, symbol: &Symbol, bars: Vec<Bar>, around: i64) -> Result<(Vec<Bar>, Vec<Bar>)> {
        let interval = self.wanted.reading.interval;
        let mut bars = in_order(interval, bars);
        let [Some(first), Some(last)] = [bars.first(), bars.last()].map(|b| b.map(Bar::time)) else { return Ok((bars, Vec::new())) };
        let range = Range { from: first.plus_days(-around), to: last.plus_days(around) };
        let stored = self.store.read(symbol, interval, range).await?.unwrap_or_default();
        keep_volumes(&mut bars, &stored);
        Ok((bars, stored))
    }

    async fn write(&mut self, batch: Batch, judged: &Judged) -> Result<()> {
        let (store, interval, dry_run) = (&self.store, self.wanted.reading.interval, self.wanted.dry_run);
        let this = &*self;
        let one = async |(symbol, bars): (Symbol, Vec<Bar>)| {
            let (bars, noted) = match judged.of(&symbol) {
                Some(met) => {
                    let (bars, stored) = this.meet(&symbol, bars, 0).await?;
                    let found = compare(&stored, &bars);
                    (bars, Noted { correction: found.correction(Timestamp::now(), met.factor(), "import"), seen: None })
                }
                None => (bars, Noted::default()),
            };
            if dry_run {
                store.would_upsert(&symbol, interval, bars).await
            } else {
                store.upsert_noted(&symbol, interval, bars, noted).await
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bars::dates::Dates;
    use crate::model::bars::{BarTime, Interval, Volume};
    use jiff::tz::TimeZone;

    const HEADING: &str = "Symbol,Date,Open,High,Low,Close,Volume\n";

    fn wanted(lenient: bool) -> Wanted {
        let reading = Reading { interval: Interval::D1, zone: TimeZone::UTC, dates: Dates::Guess };
        Wanted { reading, alone: None, lenient, overwrite: false, dry_run: false }
    }

    /// Imports with batches of three bars.
    async fn import(store: &Store, wanted: Wanted, rows: &str) -> Result<Imported> {
        let mut import = Import { together: 3, ..Import::new(store.clone(), wanted) };
        import.lines(&format!("{HEADING}{rows}")).await?;
        import.finish().await
    }

    fn store() -> (Store, tempfile::TempDir) {
        let dir = tempfile::tempdir().unwrap();
        (Store::open(dir.path()).unwrap(), dir)
    }

    #[tokio::test]
    async fn a_file_without_volumes_leaves_those_that_are_stored() {
        let (store, _dir) = store();
        import(&store, wanted(false), "A,2024-01-02,10,12,9,11,500\nA,2024-01-03,10,12,9,11,600\n").await.unwrap();
        let mut second = Import::new(store.clone(), wanted(false));
        second.lines("Symbol,Date,Open,High,Low,Close\nA,2024-01-03,10,13,9,12\nA,2024-01-04,10,12,9,11\n").await.unwrap();
        let done = second.finish().await.unwrap();
        assert_eq!((done.added, done.changed), (1, 1));
        let bars = store.read(&Symbol::parse("A").unwrap(), Interval::D1, Range::ALL).await.unwrap().unwrap();
        let told: Vec<_> = bars.iter().map(|b| (b.close(), b.volume())).collect();
        assert_eq!(told, [(11.0, Volume::Whole(500)), (12.0, Volume::Whole(600)), (11.0, Volume::Whole(0))]);
    }

    #[tokio::test]
    async fn a_row_without_a_volume_leaves_the_one_that_is_stored() {
        let (store, _dir) = store();
        import(&store, wanted(false), "A,2024-01-02,10,12,9,11,500\nA,2024-01-03,10,12,9,11,600\n").await.unwrap();
        // B is new, and so is a day of A's; the spool is passed as well.
        let rows = "A,2024-01-02,10,12,9,11,\nA,2024-01-03,10,13,9,12,null\nA,2024-01-04,10,12,9,11,\nB,2024-01-02,10,12,9,11,-\n";
        let done = import(&store, wanted(false), rows).await.unwrap();
        assert_eq!((done.added, done.changed, done.unchanged), (2, 1, 1));
        let volumes = async |symbol: &str| -> Vec<Volume> {
            let bars = store.read(&Symbol::parse(symbol).unwrap(), Interval::D1, Range::ALL).await.unwrap().unwrap();
            bars.iter().map(Bar::volume).collect()
        };
        assert_eq!(volumes("A").await, [500, 600, 0].map(Volume::Whole));
        assert_eq!(volumes("B").await, [Volume::Whole(0)]);
    }

    #[tokio::test]
    async fn nothing_is_stored_of_a_file_with_a_wrong_row() {
        let (store, _dir) = store();
        let good: String = (1..=9).map(|day| format!("A{},2024-01-0{day},10,12,9,11,{day}.5\n", day % 2)).collect();
        for (row, why) in [
            ("B,2024-01-10,10,9,12,11,1\n", "CSV line 11: high 9 is not the highest or low 12 not the lowest"),
            ("B,2024-01-10,10,12,-9,11,1\n", "CSV line 11: a price is zero or negative"),
            ("A1,2024-01-03,10,12,9,11,1\n", "CSV line 11: a second bar of A1 at 2024-01-03"),
            ("B,2199-01-10,10,12,9,11,1\n", "CSV line 11: 2199-01-10 has not come yet"),
            ("B,2024-01-10,x,12,9,11,1\n", "CSV line 11: Open: \"x\" is not a number"),
        ] {
            let error = import(&store, wanted(false), &format!("{good}{row}")).await.unwrap_err();
            assert!(error.message.starts_with(why) && error.message.ends_with("nothing of it was stored"), "{error}");
            assert_eq!(error.kind, Kind::Config);
        }
        assert!(store.list(None).await.unwrap().is_empty());
        // Without it all of the file is there, what waited in the scratch file as it was.
        let done = import(&store, wanted(false), &good).await.unwrap();
        assert_eq!((done.symbols.len(), done.added, done.suspect, done.duplicates), (2, 9, 0, 0));
        let symbol = Symbol::parse("A1").unwrap();
        let bars = store.read(&symbol, Interval::D1, crate::model::bars::Range::ALL).await.unwrap().unwrap();
        assert_eq!(bars.iter().map(Bar::volume).collect::<Vec<_>>(), [1.5, 3.5, 5.5, 7.5, 9.5].map(Volume::Part));
        assert_eq!(import(&store, wanted(false), &good).await.unwrap().unchanged, 9);
    }

    #[tokio::test]
    async fn a_symbol_for_all_rows_contradicts_no_column_and_an_empty_file_is_none() {
        let (store, _dir) = store();
        for lenient in [false, true] {
            let alone = Wanted { alone: Some(Symbol::parse("X").unwrap()), ..wanted(lenient) };
            let error = import(&store, alone.clone(), "Y,2024-01-02,1,1,1,1,1\n").await.unwrap_err();
            assert!(error.message.starts_with("CSV line 2: this is a bar of US.Y, and all rows are to be of US.X"), "{error}");
            assert_eq!(import(&store, Wanted { dry_run: true, ..alone }, "X,2024-01-02,1,1,1,1,1\n").await.unwrap().symbols.len(), 1);
        }
        let empty = Import::new(store.clone(), wanted(false)).finish().await.unwrap_err();
        assert!(empty.message.contains("the file is empty") && empty.kind == Kind::Config, "{empty}");
        assert!(store.list(None).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn lenient_takes_what_is_doubtful_and_counts_it() {
        let (store, _dir) = store();
        // Crude oil, as it was; a bar that contradicts itself; one that is there twice, far apart.
        let rows = "CL,2020-04-20,17.73,17.85,-40.32,-37.63,1\nX,2024-01-02,10,9,12,11,1\nX,2024-01-03,1,1,1,1,1\nX,2024-01-04,1,1,1,1,1\nX,2024-01-03,2,2,2,2,2\n";
        assert!(import(&store, wanted(false), rows).await.is_err());
        let done = import(&store, wanted(true), rows).await.unwrap();
        assert_eq!((done.symbols.len(), done.suspect, done.duplicates), (2, 2, 1));
        let bars = store.read(&Symbol::parse("X").unwrap(), Interval::D1, crate::model::bars::Range::ALL).await.unwrap().unwrap();
        assert_eq!(bars.iter().map(Bar::close).collect::<Vec<_>>(), [11.0, 2.0, 1.0], "the last one stays");
        // What is no number stays none.
        assert!(import(&store, wanted(true), "X,2024-01-05,1,1,x,1,1\n").await.is_err());
    }

    /// A year of days from a price on.
    fn rows(symbol: &str, price: f64) -> String {
        let day = |n: i64| BarTime::new(n * 86_400).unwrap();
        (19_000..19_040)
            .map(|n| (n, price + f64::from(i32::try_from(n % 7).unwrap())))
            .fold(String::new(), |text, (n, p)| format!("{text}{symbol},{},{p},{},{},{p},5\n", day(n), p + 1.0, p - 1.0))
    }

    #[tokio::test]
    async fn a_file_of_another_symbol_overwrites_nothing_unless_it_is_told_to() {
        let (store, _dir) = store();
        import(&store, wanted(false), &(rows("A", 100.0) + &rows("B", 30.0))).await.unwrap();
        let before = store.head().await.unwrap();
        // B is as it was, A has the figures of somebody else; batches of three bars see it as well as one that has all.
        let wrong = rows("A", 61.0) + &rows("B", 30.0);
        for dry_run in [true, false] {
            let error = import(&store, Wanted { dry_run, ..wanted(false) }, &wrong).await.unwrap_err();
            assert!(error.message.starts_with("US.A: 40 of the 40 bars that are stored already have quite another close"), "{error}");
            assert!(error.code == "bars_do_not_fit" && error.message.ends_with("nothing of it was stored"), "{error}");
        }
        assert_eq!(store.head().await.unwrap(), before);
        let done = import(&store, Wanted { overwrite: true, ..wanted(false) }, &wrong).await.unwrap();
        assert_eq!((done.changed, done.rebased, done.unchanged), (40, 0, 40));
        assert!(done.warnings[0].starts_with("US.A: 40 of the 40"), "{:?}", done.warnings);
        // What only meets it at its end does not fit either.
        let later = "B,2022-03-01,90,91,89,90,1\n";
        let error = import(&store, wanted(false), later).await.unwrap_err();
        assert!(error.message.contains("US.B: the close moves by +") && error.code == "bars_do_not_fit", "{error}");
    }

    #[tokio::test]
    async fn a_split_is_re_based_and_recorded() {
        let (store, _dir) = store();
        let original = rows("A", 100.0);
        import(&store, wanted(false), &original).await.unwrap();
        let halved: String = original
            .lines()
            .map(|line| {
                let cells: Vec<&str> = line.split(',').collect();
                let half = |n: usize| cells[n].parse::<f64>().unwrap() / 2.0;
                format!("A,{},{},{},{},{},10\n", cells[1], half(2), half(3), half(4), half(5))
            })
            .collect();
        let mut whole = Import::new(store.clone(), wanted(false));
        whole.lines(&format!("{HEADING}{halved}")).await.unwrap();
        let done = whole.finish().await.unwrap();
        assert_eq!((done.added, done.changed, done.rebased), (0, 40, 40));
        assert!(done.warnings[0].contains("40 stored bars were re-based by 0.5"), "{:?}", done.warnings);
        let noted = store.corrections(&Symbol::parse("A").unwrap(), Interval::D1).await.unwrap();
        assert_eq!((noted.len(), noted[0].bars, noted[0].factor, noted[0].source.as_str()), (1, 40, Some(0.5), "import"));
        // Half of it would leave two scales in one series.
        let half: String = original.lines().skip(20).map(|line| format!("{line}\n")).collect();
        assert_eq!(import(&store, wanted(false), &half).await.unwrap_err().code, "bars_do_not_fit");
    }

    #[tokio::test]
    async fn dates_that_may_be_two_are_not_guessed() {
        let (store, _dir) = store();
        let error = import(&store, wanted(false), "A,3/4/2024,1,1,1,1,1\n").await.unwrap_err();
        assert_eq!(error.code, "bars_dates_ambiguous");
        for (dates, first) in [(Dates::MonthFirst, "2024-03-04"), (Dates::DayFirst, "2024-04-03")] {
            let reading = Reading { dates, ..wanted(false).reading };
            import(&store, Wanted { reading, ..wanted(false) }, "A,3/4/2024,1,1,1,1,1\n").await.unwrap();
            let bars = store.read(&Symbol::parse("A").unwrap(), Interval::D1, Range::ALL).await.unwrap().unwrap();
            assert!(bars.iter().any(|b| b.time().to_string() == first), "{bars:?}");
        }
        assert_eq!(import(&store, wanted(false), "B,3/4/2024,1,1,1,1,1\nB,3/14/2024,1,1,1,1,1\n").await.unwrap().added, 2);
    }
}
