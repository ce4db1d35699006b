//! Bars as CSV: the one reader and writer of the format, for provider files, answers over HTTP, imports and exports.
//!
//! The first line names the columns, in any order and case: a time (`Date`, `Time`, `Datetime`, `Timestamp`, or a first column
//! without a name; of `Date` and `Time` together the one has the day and the other the time of day), `Open`, `High`, `Low`, `Close`,
//! and if they are there `Volume` and `Symbol` (or `Ticker`); others are left alone. Two columns of one meaning are refused.
//! A row that lacks a price is no bar: it is counted and skipped. One that lacks a volume says nothing of it. A row that cannot be
//! read is an error with its line, and so is one that has not the heading's number of cells: `1,234` without quotes moves all that
//! follow, and a file that is still being written ends anywhere.

use super::clocks::Clocks;
use super::dates::{Dates, Seen};
use super::odd_hours::{Odd, OddHours, Order};
use super::provider::Got;
use super::times::{self, Told, has_time_of_day};
use super::{Error, Result};
use crate::model::bars::{Bar, Interval, Symbol, Volume};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::borrow::Cow;
use std::fmt::Write as _;

/// Where the columns stand.
#[derive(Debug, Clone)]
struct Columns {
    /// Their number.
    width: usize,
    time: usize,
    /// The time of day, where the time is but a date.
    clock: Option<usize>,
    prices: [usize; 4],
    volume: Option<usize>,
    symbol: Option<usize>,
    interval: Option<usize>,
}

/// How times are to be read.
#[derive(Debug, Clone)]
pub struct Reading {
    pub interval: Interval,
    /// Of naive intraday times, and the one that an instant becomes a trading date in.
    pub zone: TimeZone,
    pub dates: Dates,
}

/// Takes lines one after the other, the heading first.
#[derive(Debug)]
pub struct Parser {
    reading: Reading,
    columns: Option<Columns>,
    line: u64,
    incomplete: u64,
    /// The last symbol as it was written, and what it was read as: files are mostly sorted by symbol.
    last: Option<(String, Symbol)>,
    dates: Seen,
    /// The last line has a time of day, and bars of its interval have none.
    cut: bool,
    /// An intraday time so far had no zone.
    naive: bool,
    /// The last line's time is one that the zone's clock has twice or not at all.
    odd: Option<Odd>,
    order: Order,
    /// The time that the last line's bar was written with, where it is of a day or more.
    clock: Option<DateTime>,
    /// Intraday bars so far, and whether one of them had a time of day.
    bars: u64,
    has_clock: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub symbol: Option<Symbol>,
    pub bar: Bar,
}

impl Parser {
    pub fn new(reading: Reading) -> Self {
        let (dates, order) = Default::default();
        Self {
            reading,
            columns: None,
            line: 0,
            incomplete: 0,
            last: None,
            dates,
            cut: false,
            naive: false,
            odd: None,
            clock: None,
            order,
            bars: 0,
            has_clock: false,
        }
    }

    /// Rows that were no bars since a price was missing.
    pub fn incomplete(&self) -> u64 {
        self.incomplete
    }

    pub fn has_heading(&self) -> bool {
        self.columns.is_some()
    }

    /// Whether it cannot be told from the dates so far if the month stands first, as they were read.
    pub fn guesses_dates(&self) -> bool {
        self.reading.dates == Dates::Guess && self.dates.is_guess()
    }

    /// Whether the line that was read last has a naive time of day that its bar does not have: it is of a day or more.
    pub fn cuts_time(&self) -> bool {
        self.cut
    }

    /// Whether an intraday time had no zone.
    pub fn has_naive_times(&self) -> bool {
        self.naive
    }

    /// Whether intraday bars (more than one) have days for times, all of them.
    pub fn has_only_days(&self) -> bool {
        self.bars > 1 && !self.has_clock
    }

    /// What is odd about the time of the line that was read last.
    pub(super) fn odd_hour(&mut self) -> Option<Odd> {
        self.odd.take()
    }

    pub fn has_symbols(&self) -> bool {
        self.columns.as_ref().is_some_and(|c| c.symbol.is_some())
    }

    /// Reads one line without its end; None: a heading, an empty line, or no bar.
    pub fn line(&mut self, text: &str) -> Result<Option<Row>> {
        self.line += 1;
        let text = text.trim_end_matches(['\r', '\n']);
        if text.trim().is_empty() {
            return Ok(None);
        }
        let cells = cells(text).ok_or_else(|| self.wrong("a quote is not closed"))?;
        let Some(columns) = &self.columns else {
            self.columns = Some(columns(&cells).map_err(|e| self.wrong(e))?);
            return Ok(None);
        };
        // A comma at the end of each row is a habit of some.
        let found = cells.len() - cells.iter().skip(columns.width).rev().take_while(|cell| cell.trim().is_empty()).count();
        if found != columns.width {
            return Err(self.wrong(format_args!(
                "{found} cells, the heading has {}: is a number with a comma not quoted, or the file not written to its end?",
                columns.width
            )));
        }
        let symbol = match columns.symbol.map(|at| cells.get(at).map_or("", |c| c.trim())) {
            None => None,
            Some(text) => match &self.last {
                Some((written, symbol)) if written == text => Some(symbol.clone()),
                _ => {
                    if text.is_empty() {
                        return Err(self.wrong("column Symbol: the symbol is empty"));
                    }
                    let symbol = Symbol::parse(text).map_err(|e| self.wrong(e))?;
                    self.last = Some((text.to_owned(), symbol.clone()));
                    Some(symbol)
                }
            },
        };
        // An export says what its bars are; others may have words of their own.
        let told = columns.interval.and_then(|at| cells.get(at)).and_then(|cell| Interval::parse(cell.trim()));
        if let Some(other) = told.filter(|told| *told != self.reading.interval) {
            return Err(self.wrong(format_args!("this is a bar of {other}, and bars of {} are read", self.reading.interval)));
        }
        if let Some(date) = cells.get(columns.time).map(|c| c.trim()).filter(|c| c.contains('/')) {
            self.dates.see(date);
        }
        let time = time(columns, &cells, self.reading.dates).map_err(|e| self.wrong(e))?;
        self.cut = !self.reading.interval.is_intraday() && has_time_of_day(&time);
        match bar(&self.reading, columns, &cells, (&time, symbol.as_ref()), &mut self.order) {
            Ok(Some((bar, Told { time: _, is_naive, is_day, odd, clock }))) => {
                self.naive |= is_naive;
                self.clock = clock;
                self.odd = odd;
                self.bars += 1;
                self.has_clock |= !is_day;
                Ok(Some(Row { symbol, bar }))
            }
            Ok(None) => {
                self.incomplete += 1;
                Ok(None)
            }
            Err(e) => Err(self.wrong(e)),
        }
    }

    /// What is wrong with the line that was read last.
    pub(super) fn wrong(&self, what: impl std::fmt::Display) -> Error {
        Error::permanent("bars_csv_unreadable", format!("CSV line {}: {what}", self.line))
    }
}

/// Reads a whole text of one symbol's bars, as if nobody had said the zone.
pub fn read(text: &str, of: &Symbol, reading: Reading) -> Result<Got> {
    let mut parser = Parser::new(reading);
    let (mut bars, mut odd_hours, mut clocks) = (Vec::new(), OddHours::default(), Clocks::default());
    for line in text.trim_start_matches('\u{feff}').lines() {
        if let Some(row) = parser.line(line)? {
            if let Some(other) = row.symbol.filter(|symbol| symbol != of) {
                return Err(parser.wrong(format_args!("this is a bar of {other}, and bars of {of} are read")));
            }
            bars.push(row.bar);
            clocks.see(parser.clock);
            if let Some(odd) = parser.odd_hour() {
                odd_hours.see(odd);
            }
        }
    }
    let (incomplete, guessed_dates) = (parser.incomplete(), parser.guesses_dates());
    let (only_days, assumed_utc) = (parser.has_only_days(), parser.has_naive_times());
    Ok(Got { bars, incomplete, guessed_dates, odd_hours, only_days, assumed_utc, clocks })
}

/// The heading of what [`write()`] writes.
pub const HEADING: &str = "Symbol,Interval,Time,Open,High,Low,Close,Volume\n";

/// Appends a bar as a line.
pub fn write(out: &mut String, symbol: &Symbol, interval: Interval, bar: &Bar) {
    let [open, high, low, close] = bar.prices();
    let _ = write!(out, "{symbol},{interval},{}", bar.time());
    if interval.is_intraday() {
        // A bar at midnight prints as its day alone otherwise.
        out.truncate(out.rfind(',').map_or(out.len(), |at| at + 1));
        bar.time().write(out);
        out.push('Z');
    }
    let _ = write!(out, ",{open},{high},{low},{close},");
    let _ = match bar.volume() {
        Volume::Whole(n) => writeln!(out, "{n}"),
        // With its point, so that it is read as the same kind again.
        Volume::Part(n) => writeln!(out, "{n:?}"),
        Volume::Unknown => writeln!(out),
    };
}

fn columns(cells: &[Cow<'_, str>]) -> Result<Columns, String> {
    let names: Vec<String> = cells.iter().map(|c| c.trim().to_ascii_lowercase()).collect();
    let find = |wanted: &[&str]| {
        let mut found = (0..names.len()).filter(|&at| wanted.contains(&names[at].as_str()));
        match (found.next(), found.next()) {
            (Some(one), Some(other)) => {
                Err(format!("columns {:?} and {:?} of the heading say the same: take one out", names[one], names[other]))
            }
            (one, _) => Ok(one),
        }
    };
    let need = |wanted: &str| find(&[wanted])?.ok_or_else(|| format!("the heading has no column {wanted:?}"));
    let (time, clock) = match (find(&["date"])?, find(&["time"])?) {
        (Some(date), Some(time)) if find(&["datetime", "timestamp"])?.is_none() => (date, Some(time)),
        _ => {
            let time = find(&["time", "date", "datetime", "timestamp"])?.or_else(|| names.first().filter(|n| n.is_empty()).map(|_| 0));
            (time.ok_or("the heading has no column for the time (Time, Date, Datetime, Timestamp)")?, None)
        }
    };
    Ok(Columns {
        width: names.len() - names.iter().rev().take_while(|name| name.is_empty()).count(),
        time,
        clock,
        prices: [need("open")?, need("high")?, need("low")?, need("close")?],
        volume: find(&["volume", "vol"])?,
        symbol: find(&["symbol", "ticker"])?,
        interval: find(&["interval"])?,
    })
}

/// The time as one text.
fn time<'a>(columns: &Columns, cells: &'a [Cow<'_, str>], dates: Dates) -> Result<Cow<'a, str>, String> {
    let cell = |at: usize| cells.get(at).map_or("", |c| c.trim());
    match columns.clock.map(cell) {
        None | Some("") => Ok(Cow::Borrowed(cell(columns.time))),
        Some(clock) => times::joined(cell(columns.time), clock, dates).map(Cow::Owned),
    }
}

fn bar(
    reading: &Reading,
    columns: &Columns,
    cells: &[Cow<'_, str>],
    (time, of): (&str, Option<&Symbol>),
    order: &mut Order,
) -> Result<Option<(Bar, Told)>, String> {
    let cell = |at: usize| cells.get(at).map_or("", |c| c.trim());
    let mut prices = [0.0; 4];
    for ((price, at), name) in prices.iter_mut().zip(columns.prices).zip(["Open", "High", "Low", "Close"]) {
        match number(name, cell(at))? {
            Some(n) => *price = n,
            None => return Ok(None),
        }
    }
    let volume = match columns.volume {
        Some(at) => volume(cell(at))?,
        None => Volume::Unknown,
    };
    let told = times::read(time, reading, order, of)?;
    let [open, high, low, close] = prices;
    Bar::new(told.time, open, high, low, close, volume).map(|bar| Some((bar, told))).map_err(|e| e.as_str().to_owned())
}

fn is_missing(text: &str) -> bool {
    // Nearly always there is a number.
    !text.as_bytes().first().is_some_and(u8::is_ascii_digit)
        && ["", "null", "nan", "n/a", "na", "none", "-"].iter().any(|m| text.eq_ignore_ascii_case(m))
}

fn number(name: &str, text: &str) -> Result<Option<f64>, String> {
    if is_missing(text) {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| format!("{name}: {text:?} is not a number"))
}

fn volume(text: &str) -> Result<Volume, String> {
    if is_missing(text) {
        return Ok(Volume::Unknown);
    }
    match text.parse() {
        Ok(whole) => Ok(Volume::Whole(whole)),
        Err(_) => text.parse().map(Volume::Part).map_err(|_| format!("Volume: {text:?} is not a number")),
    }
}

/// Splits a line at its commas; quoted cells may hold commas and doubled quotes, not line ends. None: a quote stays open.
pub(super) fn cells(line: &str) -> Option<Vec<Cow<'_, str>>> {
    if !line.contains('"') {
        let mut cells = Vec::with_capacity(8);
        cells.extend(line.split(',').map(Cow::Borrowed));
        return Some(cells);
    }
    let (mut all, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => all.push(Cow::Owned(std::mem::take(&mut cell))),
            c => cell.push(c),
        }
    }
    all.push(Cow::Owned(cell));
    (!quoted).then_some(all)
}

#[cfg(test)]
mod tests;
