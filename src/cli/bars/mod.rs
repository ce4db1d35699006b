//! `syncline bars`: market data that the daemon keeps.

mod delete;
mod import;
mod plot;

use super::error::Error;
use super::exit::Exit;
use super::human;
use super::output::{self, Cell, Column, Document, Listing, Tone, json, print};
use super::session::Session;
use crate::client::{BarQuery, Client};
use crate::wire::native::bars::{Bar, BarSeries, BarSeriesList, BarsCorrection, BarsVerified};
use jiff::Timestamp;
use std::path::PathBuf;
use std::time::Duration;

/// Corrections that a person is shown.
const CORRECTIONS: usize = 5;
/// Digits of a price, its point and sign included: no number of a double says more.
const MOST_DIGITS: usize = 18;
/// For what reads or writes without bound.
const LONG: Duration = Duration::from_secs(24 * 3600);

/// How symbols are written, wherever one is.
pub(super) const SYMBOLS: &str = "Symbols may be written in any of these ways; the first of each line is how they are kept and shown:
  US.AAPL     aapl, AAPL.US: letters alone are American
  HK.00700    700, 0700.HK: up to five digits
  SH.600519   600519, 600519.SS, 600519.SH: six digits that begin with 6
  SZ.000001   000001, 000001.SZ: six digits that begin with 0 or 3
  BRK.B       and all else (^GSPC, EURUSD=X, BTC/USD, VOD.L) as it is, in capitals; the share class at New York is US.BRK.B
Letters, digits and . ^ = / - _ & : + #, up to 64 of them. One without a market before the dot has no calendar: its days are UTC's.";

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Bars of one symbol
    #[command(after_help = "Examples:
  syncline bars read AAPL --from 2012-01-01 --to 2012-12-31
  syncline bars read HK.00700 --interval 5m --from 2024-01-23 -o csv
  syncline bars read AAPL --from 2012-01-01 --plot")]
    Read(Read),
    /// Read bars from CSV files; what is there already is replaced
    Import(import::Import),
    /// Write bars as CSV
    #[command(after_help = "Examples:
  syncline bars export AAPL IBM --from 2012-01-01 > bars.csv
  syncline bars export --interval 1d --out all.csv")]
    Export(Export),
    /// Symbols that there are bars of
    #[command(after_help = "Examples:
  syncline bars symbols
  syncline bars symbols --interval 1d -q")]
    Symbols(Filter),
    /// What there is of one symbol, and what was corrected in it
    #[command(after_help = "Examples:
  syncline bars info AAPL")]
    Info {
        /// In any spelling: AAPL, US.AAPL, 0700.HK
        symbol: String,
    },
    /// Take bars out, here and at every slave and backup
    Delete(delete::Delete),
    /// Check every stored bar against its digest; exit 3 if something is wrong
    #[command(after_help = "Examples:
  syncline bars verify")]
    Verify,
    /// Digests of what is stored: equal at two daemons means equal bars
    #[command(after_help = "Examples:
  syncline bars digest AAPL
  syncline bars digest --against http://backup1:11183     exit 3 if they differ")]
    Digest(Digest),
}

#[derive(Debug, clap::Args)]
struct Range {
    /// Length of a bar: 1m 5m 15m 30m 1h 1d 1wk 1mo
    #[arg(long, value_name = "INTERVAL", default_value = "1d")]
    interval: String,
    /// First date or time
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Last date or time, included; a date means all of that day
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
}

impl Range {
    fn query(self) -> BarQuery {
        BarQuery { interval: Some(self.interval), from: self.from, to: self.to }
    }
}

#[derive(Debug, clap::Args)]
pub struct Read {
    /// In any spelling: AAPL, US.AAPL, 0700.HK
    symbol: String,
    #[command(flatten)]
    range: Range,
    /// A small chart instead of the table
    #[arg(long)]
    plot: bool,
}

#[derive(Debug, clap::Args)]
pub struct Export {
    /// Absent: all
    #[arg(value_name = "SYMBOL")]
    symbols: Vec<String>,
    #[command(flatten)]
    range: Range,
    /// File to write; absent: stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct Filter {
    /// Only this length of a bar
    #[arg(long, value_name = "INTERVAL")]
    interval: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct Digest {
    /// Absent: all
    symbol: Option<String>,
    #[command(flatten)]
    filter: Filter,
    /// Another daemon to compare with, asked with the same token
    #[arg(long, value_name = "SERVER")]
    against: Option<String>,
}

pub(super) async fn run(session: &Session, command: Command) -> Result<Exit, Error> {
    match command {
        Command::Read(args) => read(session, args).await,
        Command::Import(args) => import::run(session, args).await,
        Command::Delete(args) => delete::run(session, args).await,
        Command::Export(args) => export(session, args).await,
        Command::Symbols(filter) => {
            let list = session.client()?.bar_series(None, filter.interval.as_deref()).await?;
            session.out.list(&series("no bars yet; syncline bars import brings some in", list))?;
            Ok(Exit::Ok)
        }
        Command::Info { symbol } => {
            let list = session.client()?.bar_series(Some(&symbol), None).await?;
            if list.series.is_empty() {
                return Err(none_of(&symbol));
            }
            let told: Vec<String> = list.corrections.iter().take(CORRECTIONS).map(told).collect();
            session.out.list(&series("", list))?;
            if session.out.for_people() && !told.is_empty() {
                print(&format!("\nNewest corrections:\n{}\n", told.join("\n")))?;
            }
            Ok(Exit::Ok)
        }
        Command::Verify => verify(session).await,
        Command::Digest(args) => digest(session, args).await,
    }
}

/// One thing that a source or an import said otherwise than it had been stored.
fn told(correction: &BarsCorrection) -> String {
    let BarsCorrection { interval, found, kind: _, bars, first, last, factor, source } = correction;
    let what = factor.map_or_else(|| "corrected".to_owned(), |factor| format!("re-based by {factor:.6}"));
    let (bars, first, last) = (human::counted(*bars, "bar"), first.trim_end_matches("T00:00:00"), last.trim_end_matches("T00:00:00"));
    format!("  {found}  {interval}: {bars} {what}, {first} to {last} ({source})")
}

async fn read(session: &Session, args: Read) -> Result<Exit, Error> {
    let Read { symbol, range, plot } = args;
    let list = session.client()?.bars(&symbol, &range.query()).await?;
    if plot && session.out.for_people() && !list.bars.is_empty() {
        // Shells know COLUMNS and export it to nobody.
        let told = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
        let width = told.or_else(|| comfy_table::Table::new().width()).map_or(100, usize::from);
        print(&plot::chart(&list.bars, width))?;
        return Ok(Exit::Ok);
    }
    session.out.list(&Listing {
        reply: json(&list),
        items: list.bars.iter().map(json).collect(),
        noun: "bar",
        ids: list.bars.iter().map(|b| b.time.clone()).collect(),
        columns: vec![
            Column::new("time"),
            Column::figures("open"),
            Column::figures("high"),
            Column::figures("low"),
            Column::figures("close"),
            Column::figures("volume"),
        ],
        rows: list.bars.iter().map(row).collect(),
        empty: format!("no bars in this range; syncline bars info {} says what there is", list.symbol).into(),
    })?;
    Ok(Exit::Ok)
}

fn row(bar: &Bar) -> Vec<Cell> {
    let Bar { time, open, high, low, close, volume } = bar;
    let price = |n: &f64| Cell::new(figure(*n));
    let shown = volume.as_u64().map_or_else(|| volume.to_string(), human::count);
    let day = time.trim_end_matches("T00:00:00");
    vec![Cell::pair(day, day), price(open), price(high), price(low), price(close), Cell::pair(shown, volume)]
}

/// As many digits as it has; where these are more than a figure of this kind holds, as a power of ten.
fn figure(n: f64) -> String {
    let plain = n.to_string();
    if plain.len() > MOST_DIGITS { format!("{n:e}") } else { plain }
}

async fn export(session: &Session, args: Export) -> Result<Exit, Error> {
    let Export { symbols, range, out } = args;
    if !matches!(session.out.format, output::Format::Table | output::Format::Csv) {
        return Err(Error::usage("bars export writes CSV").hint("syncline bars read SYMBOL -o json has one symbol in other forms"));
    }
    let client = session.client_with(session.patience().unwrap_or(LONG))?;
    let symbols = (!symbols.is_empty()).then(|| symbols.join(","));
    let written = match &out {
        Some(file) => {
            // What is there stays until all has arrived; a pipe or a device is written to as it is.
            let is_special = tokio::fs::metadata(file).await.is_ok_and(|m| !m.is_file());
            let part = if is_special { file.clone() } else { file.with_file_name(part_of(file)) };
            let failed = |e| Error::failed("output", format!("{} cannot be written: {e}", file.display()));
            let mut made = tokio::fs::File::create(&part).await.map_err(failed)?;
            let written = client.export_bars(symbols.as_deref(), &range.query(), &mut made).await;
            if !is_special {
                match &written {
                    Ok(Ok(())) => tokio::fs::rename(&part, file).await.map_err(failed)?,
                    // All the rest is there, where there is any.
                    Err(e) if e.is_damage() && made.metadata().await.is_ok_and(|m| m.len() > 0) => {
                        let is_there = tokio::fs::try_exists(file).await.unwrap_or(true);
                        if !is_there {
                            tokio::fs::rename(&part, file).await.map_err(failed)?;
                        }
                        let place = if is_there { &part } else { file };
                        let error = Error::from(e.clone());
                        return Err(Error { message: format!("{}; it is in {}", error.message, place.display()), ..error });
                    }
                    // The error is told in any case.
                    _ => drop(tokio::fs::remove_file(&part).await),
                }
            }
            written?
        }
        None => client.export_bars(symbols.as_deref(), &range.query(), &mut tokio::io::stdout()).await?,
    };
    match written {
        Ok(()) => Ok(Exit::Ok),
        // A reader that went away (`| head`) ends the command in peace.
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(Exit::Ok),
        Err(e) => Err(Error::failed("output", format!("the bars cannot be written: {e}"))),
    }
}

/// The name of a file that is not whole yet.
fn part_of(file: &std::path::Path) -> std::ffi::OsString {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    name
}

fn series(empty: &'static str, list: BarSeriesList) -> Listing {
    let now = Timestamp::now();
    let row = |s: &BarSeries| {
        let BarSeries { symbol, interval, bars, first, last, version, changed, digest } = s;
        let day = |t: &Option<String>| t.as_deref().unwrap_or_default().trim_end_matches("T00:00:00").to_owned();
        vec![
            Cell::new(symbol),
            Cell::new(interval),
            Cell::count(*bars),
            Cell::new(day(first)),
            Cell::new(day(last)),
            last.as_deref().map_or_else(|| Cell::new(""), |last| Cell::pair(human::ago(&instant(last), now), last)),
            Cell::pair(human::ago(changed, now), changed),
            Cell::pair(version.to_string(), version),
            Cell::new(digest),
        ]
    };
    Listing {
        items: list.series.iter().map(json).collect(),
        noun: "symbol",
        ids: list.series.iter().map(|s| s.symbol.clone()).collect(),
        columns: vec![
            Column::new("symbol"),
            Column::new("interval"),
            Column::figures("bars"),
            Column::new("first"),
            Column::new("last"),
            Column::new("age"),
            Column::new("changed"),
            Column::wide("version"),
            Column::wide("digest"),
        ],
        rows: list.series.iter().map(row).collect(),
        empty: empty.into(),
        reply: json(&list),
    }
}

/// A day as the instant that it begins at, in UTC.
fn instant(time: &str) -> String {
    if time.ends_with('Z') { time.to_owned() } else { format!("{time}Z") }
}

async fn verify(session: &Session) -> Result<Exit, Error> {
    session.out.refuse_csv("a verification")?;
    let seen = session.client_with(session.patience().unwrap_or(LONG))?.verify_bars().await?;
    let BarsVerified { series, blocks, bars, bytes, problems, hint } = &seen;
    let per_bar =
        if *bars > 0 { format!("{} ({:.1} a bar)", human::bytes(*bytes), *bytes as f64 / *bars as f64) } else { human::bytes(*bytes) };
    let mut text = output::pairs(&[
        ("series", human::count(*series)),
        ("blocks", human::count(*blocks)),
        ("bars", human::count(*bars)),
        ("packed", per_bar),
        ("problems", if problems.is_empty() { "none".to_owned() } else { problems.len().to_string() }),
    ]);
    for problem in problems {
        text += &format!("  {problem}\n");
    }
    if !hint.is_empty() {
        text += &format!("{hint}\n");
    }
    session.out.document(&Document { reply: json(&seen), name: "bars/verify".to_owned(), text })?;
    Ok(if seen.problems.is_empty() { Exit::Ok } else { Exit::Different })
}

fn none_of(symbol: &str) -> Error {
    Error::new(Exit::NotFound, "not_found", format!("there are no bars of {symbol}")).hint("syncline bars symbols lists what there is")
}

async fn digest(session: &Session, args: Digest) -> Result<Exit, Error> {
    let Digest { symbol, filter, against } = args;
    let ask = async |client: Client| client.bar_series(symbol.as_deref(), filter.interval.as_deref()).await;
    let here = ask(session.client()?).await?;
    let there = match &against {
        Some(server) => Some(ask(session.client_of(server)?).await?),
        None => None,
    };
    let other = |s: &BarSeries| there.as_ref().map(|t| t.series.iter().find(|o| (&o.symbol, &o.interval) == (&s.symbol, &s.interval)));
    let mut differing = 0;
    let mut rows: Vec<(String, Vec<Cell>)> = Vec::new();
    for s in &here.series {
        let (word, tone) = match other(s) {
            None => ("", Tone::Plain),
            Some(Some(o)) if o.digest == s.digest => ("equal", Tone::Good),
            Some(Some(_)) => ("differs", Tone::Bad),
            Some(None) => ("only here", Tone::Bad),
        };
        differing += u64::from(tone == Tone::Bad);
        let cells =
            vec![Cell::new(&s.symbol), Cell::new(&s.interval), Cell::count(s.bars), Cell::new(&s.digest), Cell::new(word).tone(tone)];
        rows.push((s.symbol.clone(), cells));
    }
    for o in there.iter().flat_map(|t| &t.series) {
        if !here.series.iter().any(|s| (&o.symbol, &o.interval) == (&s.symbol, &s.interval)) {
            differing += 1;
            let cells = vec![
                Cell::new(&o.symbol),
                Cell::new(&o.interval),
                Cell::count(o.bars),
                Cell::new(&o.digest),
                Cell::new("only there").tone(Tone::Bad),
            ];
            rows.push((o.symbol.clone(), cells));
        }
    }
    if let Some(symbol) = symbol.as_deref().filter(|_| rows.is_empty()) {
        return Err(none_of(symbol));
    }
    let (ids, rows): (Vec<String>, Vec<Vec<Cell>>) = rows.into_iter().unzip();
    let mut columns = vec![Column::new("symbol"), Column::new("interval"), Column::figures("bars"), Column::new("digest")];
    columns.push(if there.is_some() { Column::new("compared") } else { Column::wide("compared") });
    let items = here.series.iter().map(json).collect();
    session.out.list(&Listing { reply: json(&here), items, noun: "symbol", ids, columns, rows, empty: "no bars".into() })?;
    Ok(if differing > 0 { Exit::Different } else { Exit::Ok })
}

#[cfg(test)]
mod tests {
    use super::figure;

    #[test]
    fn a_price_is_no_wider_than_what_it_says() {
        for (n, said) in
            [(42.05, "42.05"), (0.0, "0"), (1e15, "1000000000000000"), (1e308, "1e308"), (1.5e-300, "1.5e-300"), (-1e300, "-1e300")]
        {
            assert_eq!(figure(n), said);
        }
    }
}
