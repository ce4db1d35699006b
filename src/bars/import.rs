//! An import of CSV: every row is judged before the first one is stored.
//!
//! Called by the API, line by line as the body comes. What is read waits in memory, and beyond a few megabytes in a scratch
//! file beside the database (it has no name, so that nothing of it is left behind whatever happens); only when the last row
//! is known to be good are the bars written. A file of any size needs the memory of one batch and one bit for each bar's time.
//!
//! Invariant: a row that cannot be read, contradicts itself or says a bar for the second time ends the import before anything
//! of it is stored, unless it was told to be lenient; then it is counted. A daemon that dies while it writes has stored a part:
//! importing twice is importing once.

use super::csv::{Parser, Reading};
use super::store::{Store, Written, keep_volumes};
use super::{Error, Kind, Result};
use crate::model::bars::{Bar, BarTime, Interval, Range, Symbol, Volume};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek as _, Write};
use tokio::task::JoinHandle;

/// Bars that are held in memory before they go to the scratch file, and that are written at once.
const TOGETHER: usize = 100_000;

#[derive(Debug, Clone)]
pub struct Wanted {
    pub reading: Reading,
    /// The symbol of all rows.
    pub alone: Option<Symbol>,
    /// Takes rows that contradict themselves or others, and counts them.
    pub lenient: bool,
    /// Only counts what it would do.
    pub dry_run: bool,
}

/// What an import came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    pub symbols: usize,
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
    /// Rows without a price, which are no bars.
    pub skipped: u64,
    /// Lenient: bars that contradict themselves, and second bars of the same time, of which the last stays.
    pub suspect: u64,
    pub duplicates: u64,
}

type Batch = BTreeMap<Symbol, Vec<Bar>>;

pub struct Import {
    store: Store,
    wanted: Wanted,
    parser: Parser,
    held: Batch,
    /// The symbol of the last row and its bars, which are not in `held`: rows of a symbol mostly follow each other.
    open: Option<(Symbol, Vec<Bar>)>,
    count: usize,
    together: usize,
    /// The writing of the last batch, which goes on while the next one is read.
    spilled: Option<JoinHandle<Result<BufWriter<File>>>>,
    batches: usize,
    seen: Seen,
    /// The second after which no bar can have begun; a day more than now, whatever the time zone.
    latest: i64,
    done: Imported,
}

impl Import {
    pub fn new(store: Store, wanted: Wanted) -> Self {
        let parser = Parser::new(wanted.reading.clone());
        let (held, seen) = (Batch::new(), Seen::default());
        let done = Imported::default();
        let latest = jiff::Timestamp::now().as_second() + 86_400;
        Self { store, wanted, parser, held, open: None, count: 0, together: TOGETHER, spilled: None, batches: 0, seen, latest, done }
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
                return Err(Error { code: "bars_row_contradicts", ..both });
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
        if let Some(what) = contradiction(&bar, self.latest) {
            if !lenient {
                return Err(Error { code: "bars_row_contradicts", ..self.parser.wrong(what) });
            }
            self.done.suspect += 1;
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
        self.close();
        self.done.skipped = self.parser.incomplete();
        self.done.symbols = self.seen.symbols.len();
        if self.spilled.is_some() {
            self.spill().await?;
        }
        let Some(file) = self.spilled.take() else {
            let held = std::mem::take(&mut self.held);
            self.write(held).await?;
            return Ok(self.done);
        };
        let mut file = joined(file).await?.into_inner().map_err(|e| scratch(e.into_error()))?;
        file.rewind().map_err(scratch)?;
        // The next batch is read while one is written.
        let mut next = Some(after(BufReader::new(file)));
        for number in 1..=self.batches {
            let Some(reading) = next.take() else { break };
            let (batch, file) = joined(reading).await?;
            next = (number < self.batches).then(|| after(file));
            self.write(batch).await?;
        }
        Ok(self.done)
    }

    async fn spill(&mut self) -> Result<()> {
        self.close();
        let batch = std::mem::take(&mut self.held);
        self.count = 0;
        self.batches += 1;
        let mut file = match self.spilled.take() {
            Some(before) => joined(before).await?,
            None => BufWriter::with_capacity(256 * 1024, self.store.scratch()?),
        };
        self.spilled = Some(tokio::task::spawn_blocking(move || put(&mut file, &batch).map(|()| file).map_err(scratch)));
        Ok(())
    }

    async fn write(&mut self, batch: Batch) -> Result<()> {
        let (store, interval, dry_run) = (&self.store, self.wanted.reading.interval, self.wanted.dry_run);
        let without_volumes = !self.parser.has_volumes();
        let one = async |(symbol, mut bars): (Symbol, Vec<Bar>)| {
            if without_volumes && let (Some(first), Some(last)) = (bars.iter().map(Bar::time).min(), bars.iter().map(Bar::time).max()) {
                let stored = store.read(&symbol, interval, Range { from: first, to: last }).await?;
                keep_volumes(&mut bars, &stored.unwrap_or_default());
            }
            if dry_run { store.would_upsert(&symbol, interval, bars).await } else { store.upsert(&symbol, interval, bars).await }
        };
        // All at once: they share a commit.
        for written in futures::future::join_all(batch.into_iter().map(one)).await {
            let Written { version: _, added, changed, unchanged } = written?;
            self.done.added += added;
            self.done.changed += changed;
            self.done.unchanged += unchanged;
        }
        Ok(())
    }
}

fn contradiction(bar: &Bar, latest: i64) -> Option<String> {
    if bar.time().seconds() > latest {
        return Some(format!("{} has not come yet", bar.time()));
    }
    let [open, high, low, close] = bar.prices();
    if bar.prices().iter().any(|p| *p <= 0.0) {
        return Some(format!("a price is zero or negative (open {open}, high {high}, low {low}, close {close})"));
    }
    (!bar.is_consistent()).then(|| format!("high {high} is not the highest or low {low} not the lowest (open {open}, close {close})"))
}

/// Whose bars were read: a bit for each minute or day.
#[derive(Default)]
struct Seen {
    symbols: HashMap<Symbol, u32>,
    last: Option<(Symbol, u32)>,
    bits: HashMap<(u32, i64), [u64; 16]>,
    /// Intraday times between two minutes.
    odd: HashSet<(u32, i64)>,
}

impl Seen {
    fn is_new(&mut self, interval: Interval, symbol: &Symbol, time: BarTime) -> bool {
        let number = match &self.last {
            Some((last, number)) if last == symbol => *number,
            _ => {
                let next = u32::try_from(self.symbols.len()).unwrap_or(u32::MAX);
                let number = *self.symbols.entry(symbol.clone()).or_insert(next);
                self.last = Some((symbol.clone(), number));
                number
            }
        };
        let slot = match (interval.is_intraday(), time.seconds().rem_euclid(60)) {
            (false, _) => time.days(),
            (true, 0) => time.seconds().div_euclid(60),
            (true, _) => return self.odd.insert((number, time.seconds())),
        };
        let bits = self.bits.entry((number, slot.div_euclid(1024))).or_default();
        let bit = usize::try_from(slot.rem_euclid(1024)).expect("0 to 1023");
        let before = bits[bit / 64];
        bits[bit / 64] |= 1 << (bit % 64);
        bits[bit / 64] != before
    }
}

async fn joined<T>(work: JoinHandle<Result<T>>) -> Result<T> {
    work.await.map_err(|_| Error::permanent("bars_store_failed", "the scratch file of an import panicked"))?
}

/// Reads the next batch.
fn after(mut file: BufReader<File>) -> JoinHandle<Result<(Batch, BufReader<File>)>> {
    tokio::task::spawn_blocking(move || Ok((read(&mut file).map_err(scratch)?, file)))
}

fn scratch(error: std::io::Error) -> Error {
    Error::permanent("bars_scratch_failed", format!("the scratch file of the import: {error}")).because(error)
}

fn put(out: &mut impl Write, batch: &Batch) -> std::io::Result<()> {
    let length = |n: usize| u32::try_from(n).map(u32::to_le_bytes).map_err(std::io::Error::other);
    out.write_all(&length(batch.len())?)?;
    for (symbol, bars) in batch {
        out.write_all(&length(symbol.as_str().len())?)?;
        out.write_all(symbol.as_str().as_bytes())?;
        out.write_all(&length(bars.len())?)?;
        for bar in bars {
            let mut row = [0u8; ROW];
            row[..8].copy_from_slice(&bar.time().seconds().to_le_bytes());
            for (at, price) in row[8..40].chunks_exact_mut(8).zip(bar.prices()) {
                at.copy_from_slice(&price.to_le_bytes());
            }
            let (kind, volume) = match bar.volume() {
                Volume::Whole(n) => (0, n),
                Volume::Part(n) => (1, n.to_bits()),
            };
            row[40..48].copy_from_slice(&volume.to_le_bytes());
            row[48] = kind;
            out.write_all(&row)?;
        }
    }
    Ok(())
}

/// Bytes of a bar: time, four prices, volume and its kind.
const ROW: usize = 49;

fn read(from: &mut impl Read) -> std::io::Result<Batch> {
    let wrong = || std::io::Error::other("it does not hold what was written to it");
    let mut batch = Batch::new();
    for _ in 0..length(from)? {
        let mut name = vec![0; length(from)?];
        from.read_exact(&mut name)?;
        let symbol = String::from_utf8(name).ok().and_then(|name| Symbol::parse(&name).ok()).ok_or_else(wrong)?;
        let count = length(from)?;
        let mut bars = Vec::with_capacity(count);
        for _ in 0..count {
            let mut row = [0; ROW];
            from.read_exact(&mut row)?;
            bars.push(bar(&row).ok_or_else(wrong)?);
        }
        batch.insert(symbol, bars);
    }
    Ok(batch)
}

fn length(from: &mut impl Read) -> std::io::Result<usize> {
    let mut four = [0; 4];
    from.read_exact(&mut four)?;
    Ok(u32::from_le_bytes(four) as usize)
}

fn bar(row: &[u8; ROW]) -> Option<Bar> {
    let eight = |at: usize| row[at..at + 8].try_into().map(u64::from_le_bytes).ok();
    let price = |at: usize| eight(at).map(f64::from_bits);
    let time = BarTime::new(eight(0)?.cast_signed())?;
    let volume = if row[48] == 0 { Volume::Whole(eight(40)?) } else { Volume::Part(f64::from_bits(eight(40)?)) };
    Bar::new(time, price(8)?, price(16)?, price(24)?, price(32)?, volume).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    const HEADING: &str = "Symbol,Date,Open,High,Low,Close,Volume\n";

    fn wanted(lenient: bool) -> Wanted {
        let reading = Reading { interval: Interval::D1, zone: TimeZone::UTC };
        Wanted { reading, alone: None, lenient, dry_run: false }
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
    async fn nothing_is_stored_of_a_file_with_a_wrong_row() {
        let (store, _dir) = store();
        let good: String = (1..=9).map(|day| format!("A{},2024-01-0{day},10,12,9,11,{day}.5\n", day % 2)).collect();
        for (row, why) in [
            ("B,2024-01-10,10,9,12,11,1\n", "CSV line 11: high 9 is not the highest or low 12 not the lowest"),
            ("B,2024-01-10,10,12,-9,11,1\n", "CSV line 11: a price is zero or negative"),
            ("A1,2024-01-03,10,12,9,11,1\n", "CSV line 11: a second bar of A1 at 2024-01-03"),
            ("B,2199-01-10,10,12,9,11,1\n", "CSV line 11: 2199-01-10 has not come yet"),
            ("B,2024-01-10,x,12,9,11,1\n", "CSV line 11: \"x\" is not a number"),
        ] {
            let error = import(&store, wanted(false), &format!("{good}{row}")).await.unwrap_err();
            assert!(error.message.starts_with(why) && error.message.ends_with("nothing of it was stored"), "{error}");
            assert_eq!(error.kind, Kind::Config);
        }
        assert!(store.list(None).await.unwrap().is_empty());
        // Without it all of the file is there, what waited in the scratch file as it was.
        let done = import(&store, wanted(false), &good).await.unwrap();
        assert_eq!((done.symbols, done.added, done.suspect, done.duplicates), (2, 9, 0, 0));
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
            assert_eq!(import(&store, Wanted { dry_run: true, ..alone }, "X,2024-01-02,1,1,1,1,1\n").await.unwrap().symbols, 1);
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
        assert_eq!((done.symbols, done.suspect, done.duplicates), (2, 2, 1));
        let bars = store.read(&Symbol::parse("X").unwrap(), Interval::D1, crate::model::bars::Range::ALL).await.unwrap().unwrap();
        assert_eq!(bars.iter().map(Bar::close).collect::<Vec<_>>(), [11.0, 2.0, 1.0], "the last one stays");
        // What is no number stays none.
        assert!(import(&store, wanted(true), "X,2024-01-05,1,1,x,1,1\n").await.is_err());
    }

    #[test]
    fn each_time_of_a_symbol_is_new_once() {
        let mut seen = Seen::default();
        let (a, b) = (Symbol::parse("A").unwrap(), Symbol::parse("B").unwrap());
        let at = |seconds| BarTime::new(seconds).unwrap();
        for time in [0, 60, 61, 86_400, -60, -61, 1024 * 60] {
            for symbol in [&a, &b] {
                assert!(seen.is_new(Interval::M1, symbol, at(time)), "{time}");
                assert!(!seen.is_new(Interval::M1, symbol, at(time)), "{time}");
            }
        }
    }
}
